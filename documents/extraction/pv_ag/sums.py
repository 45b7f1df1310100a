"""The sum put to the vote in a resolution, tax included: not last year's, not a rival quote, not a part of it."""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re
from collections.abc import Callable

from documents.extraction.amounts import Amount, amounts
from documents.extraction.flow import Flow, Span
from documents.extraction.pv_ag.blocks import Block

# What is said just before a sum that the meeting does not decide on.
_NOT_DECIDED = re.compile(
    r"pour memoire|(?:de|par) preference a|adoptee? le \d|\becart\b|difference|excedent|depassement|insuffisance|rappel\b|precedent|initialement|votee? (?:le \d|l'an)|l'an (?:passe|dernier)|l'annee (?:derniere|passee)|dernier exercice|anterieur|"
    r"au lieu de|contre\s*$|s'elevai(?:t|ent)|etai(?:t|ent)\b|concurrent|autres? (?:offre|devis|proposition)|capital|hausse|"
    r"augmentation|economie|aides?\b|subvention|prime\b.{0,20}(?:renov|cee)|solde\b|tresorerie|creances?|dettes?|dont\b(?! (?:les? |la )?(?:depenses|charges|montant|total|cout|prix))|"
    r"une? part\b|franchise|garantie|plafonne|penalite|par (?:lot|tantieme|mois de retard)|charge annuelle de|"
    r"previsionnel des|provisoire|mise en demeure|vacation|heure|a titre (?:indicatif|d'exemple)|budget (?:vote\b(?! ?:)|precedent)|"
    r"impayes?|debiteurs?|arrieres?|(?<!de )condamn|\bpoursuivre\b(?:\bm\.|[^.;]){0,80}\bsomme de\s*$"
)
_GUESSED = re.compile(r"estime|evalue")
_RAISED = re.compile(
    r"\b(?:porte|passe|ramene|actualise|revise|ajuste|modifie|reevalue)\w*\b[^.;\n]{0,120} de\s*$"
)  # `porté de 201 000 € à 226 500 €`
# The firm or quote finally chosen, named apart from its sum: `L'offre LIFTELSASS est retenue`.
_CHOSEN = re.compile(
    r"(?:\b(?:retient|choisi(?:t|ssent)|retenir|opte pour|se porte sur|en faveur de|au profit de)\s+(?P<a>[^.;\n]{3,60})"
    r"|\bconfi(?:er|e) (?:l[ea]s? |ces? |l')[^.;\n]{3,40}? a (?P<c>[^.;\n]{3,60})"
    r"|(?:^|[.;\n] ?)(?P<b>[^.;\n]{3,60}?) (?:est|sont|a ete|ont ete) (?:retenue?s?|choisie?s?|elue?s?|designee?s?|nommee?s?))"
)
_PLAIN = {
    "offre", "devis", "entreprise", "societe", "proposition", "assemblee", "generale", "montant", "pour", "avec", "celle",
    "celui", "projet", "les", "des", "par", "sur", "ttc", "resolution", "son", "choix", "ainsi", "donc", "decide", "solution",
}  # fmt: skip
# A sum from which a fee is reckoned: `3 % du montant HT des travaux (52 100 €)`.
_PAYMENT = re.compile(
    r"financement|modalites? (?:de |d')?(?:paiement|financement|appels?|reglement)|echeancier|appels? de fonds"
)
_AID = re.compile(
    r"(?:[^:]{0,40}\b)?(?:demandes? )?(?:d'aides?|subventions?|maprimerenov)\b(?!.*\btravaux\b)"
)
_LOAN = re.compile(r"\bemprunt|\bpret\b|\bptz\b")
_REST = re.compile(
    r"preference a [^.;]{0,50}\(\s*$|(?:surplus|reste|reliquat|complement|solde)[^.;]{0,25}\bsoit\s*$"
)
_BASIS = re.compile(
    r"montant (?:h\.?t\.?|hors taxes?|ttc)?[^.\n]{0,20}(?:des|du) (?:travaux|marche|lot)[^.\n]{0,30}\(\s*$"
)
# Words right before the new sum, whatever old sum stands in the sentence.
_NOW = re.compile(
    r"(?:a la somme de|(?:est|etre|etant) (?:porte|fixe|ramene|arrete|modifie|revise|reevalue|ajuste|actualise)e? a|desormais[^.\n]{0,12})\s*$"
)
_DECIDED = (
    (r"(?:porte(?:r|e)?|fixe(?:r|ee?|es)?|arrete(?:r|ee?|es)?|etabli(?:t|r|e)?|ramene(?:r|e)?|maintenu|confirme|adopte|vote|approuve)\b[^.\n]{0,70}$", 4),
    (r"\ba la somme (?:de|annuelle de|totale de|globale de|maximale de)\s*$", 4),
    (r"\ba hauteur de\s*$|pour un (?:montant|total|cout|prix)[^.\n]{0,40}$|d'un montant[^.\n]{0,60}$|moyennant[^.\n]{0,60}$|au prix[^.\n]{0,40}$", 4),
    (r"(?:retient|retenue?|choisi[te]?|accepte|confie)[^.\n]{0,90}$", 3),
    (r"total (?:general |net )?(?:de|des) (?:depenses|charges)[^.\n]{0,25}$", 2),
    (r"\bsoit(?: un (?:total|montant)[^.\n]{0,20})?\s*$|representant\s*$", 2),
    (r"(?:devis|facture|proposition|offre|montant|budget|cotisation|cout|honoraires|forfait|remuneration|somme)\b[^.\n]{0,60}$", 2),
    (r"s'elev(?:e|ent|ant) a[^.\n]{0,20}$|:\s*$", 1),
)  # fmt: skip
_DECISIONS = [(re.compile(pattern), weight) for pattern, weight in _DECIDED]
_VOTE_ROW = re.compile(
    r"(?:\n|^)[^\n]{0,20}\b(?:votes? )?(?:pour|contre|abstentions?)\b\s*[:\t]|(?:^|\n)(?:premier|1er) (?:vote|tour)|(?:^|\n)resultats? du vote"
)
_CALLS = re.compile(r"echeances?|exigib|appel|versement|echelonn|\ble \d|date")


def amount_of(flow: Flow, block: Block) -> Amount | None:
    """The best candidate, or None where no sum is decided on."""
    title = flow.text[block.title.start : block.title.end]
    if _PAYMENT.search(title) and not _LOAN.search(flow.text, block.title.start, block.body.end):
        return None  # parts and instalments of a sum voted elsewhere
    if _AID.match(title):
        return None  # hoped for, not voted
    ranked = ranked_amounts(flow, block)
    return ranked[0][1] if ranked else None


def ranked_amounts(flow: Flow, block: Block) -> list[tuple[float, Amount]]:
    """Candidates, best first: `soit … TTC` beats the sum before tax, decisions beat mentions."""
    span = text_span(flow, block)
    title = flow.text[block.title.start : block.title.end]
    found: list[tuple[float, Amount]] = []
    chosen = _chosen(flow, span)
    end = span.start
    for order, amount in enumerate(amounts(flow, span)):
        own, end = flow.prose[end : amount.span.start], amount.span.end
        if amount.value <= 0:
            continue
        row = flow.row_at(amount.span.start)
        sentence = _sentence_start(flow, amount.span.start, span.start)
        before = flow.prose[sentence : amount.span.start]
        after = flow.prose[amount.span.end : amount.span.end + 60]
        score = 0.0
        in_table = len(row.cells) >= 3 and not block.cells
        if in_table:
            score -= 5
            if re.match(r"(?:montant )?total|ensemble|cout (?:global|total)", row.text):
                score += 4
        if not amount.marked:
            score -= 1
        clause = re.split(r"[;(]|,? soit |\brepresentant\b", before)[-1]
        rival = _NOT_DECIDED.search(clause[-90:]) or _BASIS.search(before) or _REST.search(before)
        now = _NOW.search(before) is not None
        score += 2.0 if now else -7.0 if rival else 0.0
        if "comptes" in title and re.search(r"budget|provisions?|appel", clause[-60:]):
            score -= 4
        if _GUESSED.search(clause[-60:]):
            score -= 1
        if _RAISED.search(before) and re.match(r"\s*(?:ttc )?a (?:la somme de )?\d", after):
            score -= 7
        if chosen and amount.span.start < chosen[0] and chosen[1](own[-120:]):
            score += 5
        if re.match(
            r"[^.\n(]{0,15}\b(?:prec|l'an(?:nee)? (?:passe|der)|avant (?:prime|aide|deduction|subvention))",
            after,
        ):
            score -= 5
        if re.match(
            r"\s?(?:€|euros?)?\s?(?:ttc )?(?:par an et )?par (?:lot|coproprietaire|heure|jour)|\s?/\s?(?:h|lot|jour|mois)\b",
            after,
        ):
            score -= 4
        if amount.tax == "ht":
            score -= 3
        elif amount.tax == "ttc":
            score += 2.5
        score += max((weight for pattern, weight in _DECISIONS if pattern.search(before)), default=0)
        if _is_call(flow, amount, before, after):
            score -= 6
        score -= 0.3 * order
        found.append((score, amount))
    found = [item for item in found if item[0] > -2.0]
    return sorted(found, key=lambda item: -item[0])


def rivals(flow: Flow, block: Block) -> bool:
    """Whether several quotes, tax included, stand side by side."""
    return len({a.value for score, a in ranked_amounts(flow, block) if score > 0 and a.tax == "ttc"}) > 1


def _chosen(flow: Flow, span: Span) -> tuple[int, Callable[[str], bool]] | None:
    """Where a choice is told, and whether words before an earlier sum name the firm (or the quote's letter) chosen."""
    match = next(_CHOSEN.finditer(flow.prose, span.start, span.end), None)
    if match is None:
        return None
    said = match["a"] or match["b"] or match["c"]
    label = re.search(r"\b(?:offre|devis|variante|proposition|solution|option)\s+(?:n° ?)?([a-e]|\d)\b", said)
    if label:
        wanted = re.compile(
            rf"\b(?:offre|devis|variante|proposition|solution|option)\s+(?:n° ?)?{label[1]}\b"
        )
        return match.end(), lambda own: wanted.search(own) is not None
    words = set(re.findall(r"[a-z]{3,}", said)) - _PLAIN
    return (match.end(), lambda own: words <= set(re.findall(r"[a-z]{3,}", own))) if words else None


def text_span(flow: Flow, block: Block) -> Span:
    """Title and text of a resolution before its votes."""
    if block.cells is not None:
        return Span(block.title.start, block.body.end)
    vote = _VOTE_ROW.search(flow.text, block.title.end, block.body.end)
    return Span(block.title.start, vote.start() + 1 if vote else block.body.end)


def _sentence_start(flow: Flow, offset: int, floor: int) -> int:
    text = flow.text
    stop = text.rfind(". ", floor, offset)
    while stop > floor and re.search(r"\bmm?$", text[max(stop - 3, floor) : stop]):  # `M. ALBIN`
        stop = text.rfind(". ", floor, stop)
    start = max(
        stop + 1,
        text.rfind(".\n", floor, offset) + 1,
        text.rfind("\t", floor, offset) + 1,
    )
    return max(start, floor, offset - 220)


def _is_call(flow: Flow, amount: Amount, before: str, after: str) -> bool:
    """One instalment: `deux appels de 7 315,00 €`, `1er juillet 2024 : 20 %, 36 528,00 €`."""
    if re.search(r"provision (?:de|pour)|appeler (?:une|la) ", before):
        return False
    said = re.search(
        r"\b(?:appels?|versements?(?! annuel)|echeances?|mensualites?|fois|provisions? trimestrielles?)\b[^.\n]{0,40}$",
        before,
    )
    due = re.match(
        r"\s*(?:€|euros?)?\s*(?:ttc\s*)?(?:chacune?|exigible|le 1er|le \d|au \d|a echeance|par trimestre)",
        after,
    )
    return bool(said or due)
