"""Works put to the vote, how they are paid for and when the money is called.

Physical works only: neither studies, fees, insurance, contracts nor permissions given to one co-owner.
"""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

from documents.extraction.amounts import Amount, amounts, percents
from documents.extraction.dates import dates
from documents.extraction.flow import Flow, Span, fold
from documents.extraction.pv_ag.blocks import Block
from documents.extraction.pv_ag.sums import text_span

WORKS = re.compile(
    r"\btravaux\b|ravalement|refection|remplacement|renovation|reparation|rehabilitation|\bpose\b|installation|peinture|isolation|calorifugeage|"
    r"etancheite|toiture|couverture|facades?|modernisation|mise (?:aux normes|en conformite|en securite|en place|en peinture)|"
    r"creation d|construction|elagage|abattage|remise en etat|reprise|changement d(?:e|u|es) |amenagement|embellissement|"
    r"\bdeplacement\b|desamiantage|raccordement|equipement|digicode|interphone|visiophone|video ?(?:surveillance|protection)|cameras?|"
    r"sous-oeuvre|curage|maconnerie|menuiseries?|ventilation|chaufferie|chaudiere|colonnes?|portail|porte (?:d|de|cochere)|"
    r"bornes? de recharge|drainage|demoussage|\bdepose\b|zingueries?|goudronnage|enrobes?\b|demolition|consolidation|traitement (?:des|du|de la) (?:charpente|facade|humidite)|fermeture|securisation|"
    r"plantations?|eclairage|ascenseurs?|canalisations?|garde-corps|cloture|descentes? d|\bmarquage|vegetalisation|gouttieres?|cheneaux|local (?:a )?(?:velos?|poubelles?)|lot \d+ ?-"
)
_NOT_WORKS = re.compile(
    r"honoraires|maitrise d'oeuvre|maitre d'oeuvre|architecte|\betudes?\b|diagnosti|\baudits?\b|\bdpe\b|\bdtg\b|\bpp?pt\b|plan pluriannuel|"
    r"assurance|dommages?[- ]ouvrage|fonds (?:de )?travaux|fonds alur|financement|\bemprunt|\bpret\b|mandat|delegation|autoris|habilitation|"
    r"compte[- ]rendu|\bpoint\b|information|\bbudget|comptes\b|contrat|\bseuil|mise en concurrence|reglement|echeancier|modalites?|"
    r"\bprime\b|\bsuivi\b|souscription|location|cession|vente|convention|questions? diverses|coordonn|\bsps\b|designation|election|"
    r"\bquitus|repartition|procedure|renouvellement d|principe|assignation|nomination|demandes? d'aide|subvention|\bcee\b|"
    r"calendrier|exigibilite|scenario|\bde (?:m\.|mme|mlle|monsieur|madame|m et mme|la sci)|destination|\busage\b|statuts|lot privatif|(?:changement|remplacement) (?:de |d'|du |de l')?(?:assureur|fournisseur|prestataire|syndic|gardien|banque|concierge)|\bsyndic\b|appels? de fonds|provisions?|\bplacement|compte bancaire|archives|visite|rapport|scrutin|dispense|consultation"
)
_OPENING = re.compile(
    r"(?:la |le |les )?(?:travaux|refection|remplacement|renovation|reparation|modernisation|pose|installation|plantation|ravalement|peinture|isolation|elagage)\b"
)
_STRONG = re.compile(r"^(?:travaux|realisation (?:de|des) travaux|vote (?:de|des) travaux)\b")
_VARIANT_TAIL = re.compile(
    r"[\s,;:(–—-]*(?:entreprise|societe|devis|choix de|proposition|- ?entreprise)\b.*$|\s*\((?:ratification|urgence|normalisees?)\)$",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:decision|vote|approbation|realisation|execution|projet|presentation)[^:]{0,30}?(?:des? |d'|: ?))?(?:travaux ?: ?)?",
    re.IGNORECASE,
)
_FUND = re.compile(
    r"appel au fonds (?:de )?(?:travaux|alur)|(?:preleve|regle|payee?|paiement|impute|finance|utilis|pris|affect|debloqu|impact|debit|mobilis|recour)[^.;\n]{0,90}(?:\n[^.;\n]{0,40})?fonds (?:de )?(?:travaux|alur|loi alur)"
    r"|fonds (?:de )?travaux[^.;\n]{0,60}(?:a hauteur|preleve|utilise|pour financer)|par le fonds (?:de )?travaux"
)
_LOAN = re.compile(r"\b(?:emprunt|(?:eco-?)?(?:pret|ptz))\b")
_CALLED = re.compile(r"\bappel(?:ee?s?|er|es?|s)?\b(?! d'offres| au fonds)|exigib|echeancier|echeances?")
_PAYMENT = re.compile(
    r"financement|modalites? (?:de )?(?:paiement|financement|appel|reglement)|echeancier|appels? de fonds|calendrier|exigibilite|emprunt|pret\b|non participants"
)
_ONCE = re.compile(r"(?:en une (?:seule )?fois|appel unique|en un (?:seul )?(?:appel|versement)|en totalite)")
_EACH = re.compile(r"chacune?\b")
_EVEN = re.compile(
    r"(?:egales?|egaux)\b[^.\d]{0,15}\bde\s*$"
    r"|\b(?:deux|trois|quatre|cinq|six|huit|dix|douze|\d)\s(?:appels?|versements?|echeances?|fractions?)[^.\d]{0,20}\bde\s*$"
)  # not `10 000 € en deux appels égaux`


@dataclass(frozen=True, slots=True)
class Call:
    due: date | None
    due_span: Span | None
    share: tuple[Decimal, Span] | None = None
    amount: tuple[Decimal, Span] | None = None


@dataclass(slots=True)
class Payment:
    funding: str | None = None
    funding_spans: list[Span] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)


def is_works(title: str) -> bool:
    """Whether a title names physical works on the building. `title` as printed or folded."""
    folded = fold(title)
    refused = _NOT_WORKS.search(folded)
    if refused and refused[0] == "scenario" and WORKS.search(folded, 0, refused.start()):
        return True  # `Rénovation énergétique : choix du scénario`
    if (
        refused
        and not (refused[0] == "principe" and re.search(r"entreprise|devis", folded))
        and not (
            _STRONG.match(folded) and refused[0] in ("renouvellement d", "reglement", "point", "rapport")
        )
    ):
        return False
    return WORKS.search(folded) is not None


def opens_with_works(title: str, text: str) -> bool:
    """Whether a title of one to three words that tells nothing (`Portillon`) stands above works with a price.

    `title` as printed or folded, `text` folded: what stands below it.
    """
    folded = fold(title)
    first = re.split(r"\.(?=\s|$)", text.strip(" \n\t:.-"), maxsplit=1)[0][:160]
    return (
        len(folded.split()) <= 3
        and not _NOT_WORKS.search(folded)
        and not _NOT_WORKS.search(first)
        and _OPENING.match(first) is not None
        and re.search(r"\d ?(?:€|eur)|devis|entreprise", first) is not None
    )


def is_private(text: str) -> bool:
    """Whether the folded text of a resolution opens with what one co-owner asks for."""
    return (
        re.match(
            r"\W*demande de (?:la |l')?(?:m\.|mm\.|mme|mlle|monsieur|madame|sci|sarl|societe|indivision)",
            text,
        )
        is not None
    )


def description(title: str) -> str:
    """The title without `Travaux :` and the chosen firm."""
    text = _VARIANT_TAIL.sub("", title.strip(" .:–-"))
    lead = _LEAD.match(text)
    rest = text[lead.end() :] if lead and len(text) - lead.end() > 12 and ":" in text[: lead.end()] else text
    if rest.count("(") > rest.count(")"):
        rest += ")"
    return rest.strip(" .:–-") or title.strip()


def related(blocks: list[Block], titles: list[str], adopted: list[bool], place: int) -> list[int]:
    """Later resolutions on how these works are paid for: same chapter or same words, before other works."""
    own = _words(titles[place])
    chapter = _split(blocks[place].number)[0]
    found = []
    for other in range(place + 1, min(place + 7, len(blocks))):
        folded = fold(titles[other])
        same_chapter = _split(blocks[other].number)[0] == chapter
        divided = len(_split(blocks[other].number)) > 1
        if _PAYMENT.search(folded) and not re.search(r"honoraires|quitus|budget", folded):
            shared = own & _words(titles[other])
            rivals = [i for i in range(place + 1, other) if adopted[i] and is_works(titles[i])]
            if (same_chapter and divided) or shared or not rivals:
                found.append(other)
    return found


def _split(number: str) -> list[str]:
    return re.findall(r"\d+|[A-Za-z]+", number)


def _words(title: str) -> set[str]:
    stop = {
        "travaux",
        "des",
        "les",
        "pour",
        "sur",
        "dans",
        "par",
        "non",
        "choix",
        "mode",
        "une",
        "aux",
        "coproprietaires",
        "immeuble",
        "entreprise",
    }
    return set(re.findall(r"[a-z]{3,}", fold(title))) - stop


def payment_of(flow: Flow, spans: list[Span], total: Amount | None) -> Payment:
    """Funding and calls stated in these stretches of text."""
    payment = Payment()
    fund = loan = called = None
    for index, span in enumerate(spans):
        fund = fund or flow.search_prose(_FUND, span)
        loan = loan or flow.search_prose(_LOAN, span)
        called = called or flow.search_prose(_CALLED, span)
        if not payment.calls:
            payment.calls = _calls(flow, span, total, index > 0)
    ways = []
    if fund:
        ways.append(("fonds_travaux", Span(fund.start(), fund.end())))
    if loan:
        ways.append(("loan", Span(loan.start(), loan.end())))
    if payment.calls or (called and not fund and not loan):
        first = payment.calls[0] if payment.calls else None
        place = (
            first.due_span
            if first and first.due_span
            else (Span(called.start(), called.end()) if called else None)
        )
        if place:
            ways.append(("calls", place))
    if ways:
        payment.funding = ways[0][0] if len(ways) == 1 else "mixed"
        payment.funding_spans = [span for _, span in ways]
    return payment


def _calls(flow: Flow, span: Span, total: Amount | None, titled: bool) -> list[Call]:
    """`titled`: the resolution is about nothing but the payment."""
    return _rows_of_calls(flow, span) or _prose_calls(flow, span, total, titled)


def _rows_of_calls(flow: Flow, span: Span) -> list[Call]:
    """A table or list: each row a date with its share, its sum or both."""
    calls: list[Call] = []
    index = flow.row_index(span.start)
    while index < len(flow.rows) and flow.rows[index].start < span.end:
        row = flow.rows[index]
        index += 1
        inside = Span(max(row.start, span.start), min(row.end, span.end))
        days = list(dates(flow, inside))
        if len(days) != 1 or inside.end <= inside.start:
            continue
        shares = list(percents(flow, inside))
        sums = list(amounts(flow, inside))
        rest = re.sub(
            r"[\d\s.,%€/|:()\-]+|eur(?:os)?|ttc|exigible|appel|n°|le\b|au\b|soit|1er|er\b", "", row.text
        )
        if not (shares or sums) or len(shares) > 1 or len(sums) > 1:
            continue
        listed = len(row.cells) >= 2 or len(rest) < 30
        if listed:
            calls.append(
                Call(
                    days[0][0],
                    days[0][1],
                    shares[0] if shares else None,
                    (sums[0].value, sums[0].span) if sums else None,
                )
            )
    return calls if len(calls) >= 2 else []


def _prose_calls(flow: Flow, span: Span, total: Amount | None, titled: bool) -> list[Call]:
    """`40 % le 5 septembre 2023, 30 % le …`, `deux appels de 7 315 € exigibles le … et le …`, `en une fois le …`."""
    for clause in _clauses(flow, span):
        text = flow.prose[clause.start : clause.end]
        days = [
            (day, place)
            for day, place in dates(flow, clause)
            if not re.search(
                r"\b(?:loi|decret|arrete)\b[^.]{0,25}$", flow.prose[place.start - 40 : place.start]
            )
        ]
        if not days or not (
            titled or _CALLED.search(text) or re.search(r"\bpay(?:a|er\b)|paiement|verse|regl", text)
        ):
            continue
        if re.search(
            r"debut des travaux|demarrage|executes?|livraison|echeance du contrat|valable|du devis", text
        ) and not _CALLED.search(text):
            continue
        shares = [
            (value, place)
            for value, place in percents(flow, clause)
            if not re.search(r"t\.?v\.?a\.?[^.\d]{0,8}$", flow.text[max(place.start - 14, 0) : place.start])
        ]
        sums = [a for a in amounts(flow, clause) if total is None or a.span != total.span]
        if len(shares) == len(days):
            beside = len(sums) == len(days) and _in_turn(days, sums)
            stated = [(a.value, a.span) for a in sums] if beside else [None] * len(days)
            return [
                Call(day, place, share, own)
                for (day, place), share, own in zip(days, shares, stated, strict=True)
            ]
        listed = _respectively(flow, days, sums)
        if listed:
            return [
                Call(day, place, None, (a.value, a.span))
                for (day, place), a in zip(days, listed, strict=True)
            ]
        each = [
            a
            for a in sums
            if _EACH.search(flow.text[a.span.end : a.span.end + 25])
            or _EVEN.search(flow.text[max(a.span.start - 40, 0) : a.span.start])
        ]
        if each and len(days) >= 2:
            return [Call(day, place, None, (each[0].value, each[0].span)) for day, place in days]
        if (
            len(shares) == 1
            and len(days) >= 2
            and re.search(r"chacune?|egal|par quart|par tiers|par moitie", text)
        ):
            return [Call(day, place, shares[0]) for day, place in days]
        if len(days) == 1 and (
            _ONCE.search(text)
            or re.search(r"appel[^.\n]{0,60}\b(?:le|au|exigible)|\bappel du \d|\bpayables? (?:le|au) ", text)
        ):
            near = [
                a for a in sums if re.match(r"[^.\d]{0,12}\bpar (?:un )?appel", flow.prose[a.span.end :][:40])
            ]
            own = near[0] if near else sums[0] if len(sums) == 1 else total
            return [Call(days[0][0], days[0][1], None, (own.value, own.span) if own else None)]
        if len(days) >= 2 and len(shares) == 1 and shares[0][0] * len(days) == 100:
            return [Call(day, place, shares[0]) for day, place in days]
        if len(days) >= 2 and titled:
            return [Call(day, place) for day, place in days]
        if len(days) >= 2 and re.search(r"appels?|echeances?|fois|versements?|quart|tiers|moitie", text):
            return [Call(day, place) for day, place in days]
    return []


def _respectively(flow: Flow, days: list[tuple[date, Span]], sums: list[Amount]) -> list[Amount]:
    """A sum for each of several days: `a le …, b le …` behind other sums (a rival's), or `a, b et c les …, … et …`."""
    own = sums[-len(days) :]
    if len(days) < 2 or len(own) < len(days):
        return []
    between = [flow.prose[a.span.end : b.span.start] for a, b in pairwise(own)]
    listed = own[-1].span.end < days[0][1].start and all(
        re.fullmatch(r"[ ,;]*(?:ttc)?[ ,;]*(?:et|puis)? ?(?:de )?", text) for text in between
    )
    return own if listed or _in_turn(days, own) else []


def _in_turn(days: list[tuple[date, Span]], sums: list[Amount]) -> bool:
    """Whether each day stands beside a sum of its own: day, sum, day, sum … or sum, day, sum, day."""
    marks = sorted([(span.start, 0) for _, span in days] + [(a.span.start, 1) for a in sums])
    return all(a[1] != b[1] for a, b in pairwise(marks))


def _clauses(flow: Flow, span: Span) -> list[Span]:
    """Sentences; a line break inside one does not end it."""
    found = []
    start = span.start
    for match in re.finditer(r"[.](?=\s)(?<!art\.)(?<!n°\.)", flow.text[span.start : span.end]):
        end = span.start + match.end()
        found.append(Span(start, end))
        start = end
    found.append(Span(start, span.end))
    return [s for s in found if s.end - s.start > 8]


def payment_spans(flow: Flow, blocks: list[Block], places: list[int]) -> list[Span]:
    return [Span(text_span(flow, blocks[i]).start, text_span(flow, blocks[i]).end) for i in places]
