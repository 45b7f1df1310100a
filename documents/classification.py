"""Which kind of document is it? Told by what is printed, never by the file's name.

Every page is weighed with marks: titles (short lines, counted more at the head of a page) and turns of phrase.
A bundle has the kind of its weightiest part, minutes before anything else: the papers sent along with minutes
serve them. Pure: pages in, `Classification` out.
"""

# ruff: noqa: E501  # one mark, one line: the table is read across
from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from documents.extraction.flow import Flow, Row
from documents.extraction.page import Page

TITLE_LENGTH = 110  # characters of a line that can be a title
PAIR_LENGTH = 150  # and of two lines that are one title
HEAD_SHARE = 0.45  # of the page height in which titles of a document stand
PAGE_MOST = 30.0  # no page weighs more, however often it says the same
LEAST = 6.0  # total weight below which the kind is not known


@dataclass(frozen=True, slots=True)
class Mark:
    kind: str  # document_type, or `other:<kind>`
    pattern: str
    weight: float
    title: bool = False  # only in a short line; weighs less in small print and below the head of a page


@dataclass(frozen=True, slots=True)
class Classification:
    """`document_type` and, for `other`, the kind within; `page_kinds` tells the parts of a bundle."""

    document_type: str
    kind: str | None
    confidence: float
    reason: str
    page_kinds: tuple[str, ...] = ()


_AG = r"(?:assemblee(?:s)? generale(?:s)?|(?:l')?a\.?g\.?(?:o|e|m|s)?\b|reunion|seance)"
MARKS: tuple[Mark, ...] = (
    # Minutes
    Mark("pv_ag", rf"proces[- ]{{0,2}}verbal.{{0,40}}{_AG}|^p\.?v\.? (?:de l'|d'|de la )?{_AG}", 12, True),
    Mark(
        "pv_ag",
        rf"^{_AG}.{{0,70}}proces[- ]{{0,2}}verbal|compte[- ]rendu.{{0,25}}assemblee generale",
        10,
        True,
    ),
    Mark("pv_ag", r"^proces[- ]?verbal\b.{0,3}$", 6, True),
    Mark(
        "pv_ag",
        r"^(?:proces[- ]?verbal des )?(?:resolutions|deliberations) (?:adoptees|prises|votees)",
        6,
        True,
    ),
    Mark(
        "pv_ag",
        r"(?:resolution|question|decision|point)[^\n]{0,160}\b(?:adoptee?|rejetee?|approuvee?|acceptee?|refusee?)\b",
        2,
    ),
    Mark("pv_ag", r"\bpour\b[^\n]{0,80}\bcontre\b[^\n]{0,120}\babstentions?", 2),
    Mark("pv_ag", r"\n(?:votes? )?pour\b[^\n]*\n(?:(?!pour)[^\n]*\n){0,3}?(?:votes? )?contre\b", 2),
    Mark("pv_ag", r"\b(?:votent|ont vote|a vote) (?:pour|contre)\b[^\n]{0,3}\s*:", 3),
    Mark("pv_ag", r"la seance est (?:levee|ouverte)|seance levee|levee de (?:la )?seance", 4),
    Mark("pv_ag", r"feuille de presence", 3),
    Mark("pv_ag", r"president(?:e)? de (?:la )?seance|secretaire de seance|scrutateur", 1),
    Mark("pv_ag", r"absents? (?:et|ou) non representes?", 2),
    # Technical diagnostics
    Mark(
        "diags",
        r"diagnostic de performance energetique|^d\.?p\.?e\.?\b.{0,40}(?:logement|energetique|$)",
        10,
        True,
    ),
    Mark("diags", r"constat de risque d'exposition au plomb|^crep\b", 10, True),
    Mark(
        "diags",
        r"etat de l'installation interieure (?:d'electricite|de gaz|electrique)|diagnostic (?:electricite|gaz|de l'installation)",
        10,
        True,
    ),
    Mark(
        "diags",
        r"(?:reperage|presence ou (?:d'|l')?absence|constat|diagnostic|etat)\b.{0,60}\bamiante",
        10,
        True,
    ),
    Mark(
        "diags", r"(?:etat|diagnostic|rapport|constat).{0,60}\b(?:termites|parasitaire|xylophages)", 10, True
    ),
    Mark(
        "diags",
        r"etat des (?:risques|servitudes)|\berp(?:s)?\b.{0,30}risques|\bernmt\b|\bernt\b|\besris\b",
        10,
        True,
    ),
    Mark(
        "diags",
        r"(?:certificat|attestation|constat|mesurage|rapport|superficie|surface)\b.{0,60}\b(?:carrez|boutin|surface habitable|partie privative|superficie)",
        10,
        True,
    ),
    Mark("diags", r"^(?:recapitulatif|synthese|resume|tableau) (?:des|de vos) diagnostics", 10, True),
    Mark(
        "diags", r"dossier (?:de |des )?diagnostics? (?:techniques?|immobiliers?)|^d\.?d\.?t\.?\b", 10, True
    ),
    # The rows of a summary: `Plomb (CREP) | présence | 22/07/2025`.
    Mark(
        "diags",
        r"(?m)^(?:dpe|electricite|gaz|plomb|amiante|termites|crep|(?:loi )?carrez|risques|etat des risques)(?: ?\([^)\n]*\))?\t[^\n]*\t",
        2,
    ),
    Mark("diags", r"audit energetique", 8, True),
    Mark("diags", r"assainissement (?:non )?collectif|raccordement (?:au reseau|a l'egout)", 6, True),
    Mark("diags", r"plan d'exposition au bruit|nuisances sonores aeriennes|\bensa\b", 6, True),
    Mark(
        "diags",
        r"diagnostiqueur|operateur de (?:reperage|diagnostic)|certification de (?:competence|personnes)",
        3,
    ),
    Mark("diags", r"\bcofrac\b|norme nf (?:c|p|x|en) ?\d\d|kwh ?(?:ep)?\s?/ ?m", 1.5),
    # Tax notices
    Mark("taxe_fonciere", r"^taxes? foncieres?\b(?!.{0,40}(?:vendeur|prorata|charge))", 8, True),
    Mark(
        "taxe_fonciere",
        r"avis d'impots?\b.{0,20}\d{4}|avis (?:de|d'imposition).{0,30}taxes? foncieres?",
        8,
        True,
    ),
    Mark("taxe_fonciere", r"finances publiques|date de mise en recouvrement|role general|numero fiscal", 3),
    Mark("taxe_fonciere", r"montant de votre impot|taxe gemapi|(?m:^)gemapi\t", 3),
    Mark(
        "taxe_fonciere",
        r"frais de gestion de la fiscalite|detail du calcul des cotisations|proprietes? baties?",
        4,
    ),
    # Calls for funds and statements
    Mark(
        "charges",
        r"appels? (?:mensuels? |trimestriels? |semestriels? )?(?:de |des |d')?(?:fonds|provisions?|charges?|cotisations?|travaux|trimestriel)",
        9,
        True,
    ),
    Mark(
        "charges",
        r"avis d'(?:echeance|appel)|appel du \d|provisions? (?:du|sur charges).{0,20}trimestre|\btrimestre (?:de )?20\d\d\b.{0,60}\bprovisions?\b",
        7,
        True,
    ),
    Mark(
        "charges",
        r"(?:decompte|releve|compte|etat|regularisation|reddition|arrete|repartition)\b.{0,40}\b(?:individuel|annuel|charges|copropriete|depenses|coproprietaire)",
        7,
        True,
    ),
    Mark(
        "charges",
        r"(?:quote[- ]?part|tantiemes?|milliemes?)\b[^\n]{0,60}\b(?:montant|part|a repartir|total)",
        2,
    ),
    Mark(
        "charges",
        r"(?:net|total|montant|solde|somme|reste)\s+(?:a|du|restant)\s*(?:payer|regler|verser|du|devoir|appele)?\b",
        1.5,
    ),
    Mark("charges", r"\btip\b|virement|talon|cheque a l'ordre", 1),
    Mark("charges", r"cl(?:e|efs?)s? de repartition|total a repartir|base de repartition", 2),
    # Others
    Mark("other:reglement_copropriete", r"reglement de copropriete|etat descriptif de division", 9, True),
    Mark(
        "other:reglement_copropriete",
        r"\bparties communes\b[^\n]{0,60}\bparties privatives|destination de l'immeuble|etat descriptif de division",
        2,
    ),
    Mark(
        "other:reglement_copropriete",
        r"par[- ]devant (?:nous|maitre|me)|a comparu|il a ete (?:etabli|dresse) (?:le present|ainsi)",
        1.5,
    ),
    Mark("other:pre_etat_date", r"pre[- ]?etat[- ]?date", 14, True),
    Mark("other:pre_etat_date", r"l\.? ?721-2|informations? financieres? (?:prevues|relatives)", 3),
    Mark("other:etat_date", r"(?<!pre-)(?<!pre )(?<!pre)etat[- ]date\b(?! sera)", 12, True),
    Mark("other:etat_date", r"article 5 du decret|questionnaire (?:du )?notaire", 3),
    Mark("other:carnet_entretien", r"carnet d'entretien", 12, True),
    Mark("other:carnet_entretien", r"^carnet\W{0,3}$", 9, True),  # OCR may lose the rest
    Mark("other:fiche_synthetique", r"fiche synthetique", 12, True),
    Mark("other:fiche_synthetique", r"article 8-2 de la loi", 3),
    Mark("other:contrat_syndic", r"contrat (?:type )?de syndic|contrat[- ]type", 13, True),
    Mark("other:contrat_syndic", r"remuneration forfaitaire|prestations? particulieres?", 2),
    Mark(
        "other:assurance",
        r"attestation d'assurance|assurance multirisque|multirisques? (?:immeuble|habitation)|conditions particulieres|avis d'echeance.{0,30}assurance",
        10,
        True,
    ),
    Mark(
        "other:assurance",
        r"nous soussignes[^\n]{0,60}attestons|\bfranchises?\b|\bsinistres?\b|\bsocietaire\b",
        2,
    ),
    Mark(
        "other:compromis",
        r"compromis de vente|promesse (?:unilaterale |synallagmatique |de )+(?:vente|achat)?|avant[- ]contrat",
        13,
        True,
    ),
    Mark("other:compromis", r"conditions? suspensives?|depot de garantie|acte authentique|sequestre", 2),
    Mark("other:ppt", r"plan pluriannuel de travaux|\bpppt\b|^ppt\b", 12, True),
    Mark("other:dtg", r"diagnostic technique global|^dtg\b", 14, True),
    Mark(
        "other:bail",
        r"contrat de (?:location|bail)|^bail (?:d'habitation|commercial|meuble|professionnel|de )|bail d'habitation|location (?:nue|meublee)",
        12,
        True,
    ),
    Mark("other:bail", r"\ble (?:bailleur|locataire|preneur)\b|loyer mensuel", 2),
    # Papers that resemble minutes or calls without being either
    Mark(
        "other:other",
        r"^convocation|projets? de resolutions?|formulaire de vote par correspondance|^pouvoir\b",
        12,
        True,
    ),
)
_COMPILED = [(mark, re.compile(mark.pattern)) for mark in MARKS]


def classify(pages: Sequence[Page]) -> Classification:
    """The kind of a document with confidence and a reason in French. Without any mark: `other`, unsure."""
    scores: dict[str, float] = defaultdict(float)
    reasons: dict[str, tuple[float, str]] = {}
    page_kinds: list[str] = []
    for order, page in enumerate(pages):
        found = _weigh(page)
        weight = 1.5 if order == 0 else 1.0
        for kind, (score, top, quote) in found.items():
            scores[kind] += min(score, PAGE_MOST) * weight
            if top > reasons.get(kind, (0.0, ""))[0]:
                reasons[kind] = (top, f"« {quote} », page {page.number}")
        titled = {kind: score for kind, (score, top, _) in found.items() if score >= LEAST and top >= 3}
        page_kinds.append(
            max(titled, key=lambda k: titled[k]) if titled else (page_kinds[-1] if page_kinds else "")
        )
    if not scores:
        return Classification("other", "other", 0.1, "aucun signe d’un genre connu", tuple(page_kinds))
    minutes = scores.get("pv_ag", 0.0)
    ranked = sorted(scores, key=lambda k: scores[k], reverse=True)
    best = ranked[0]
    if best != "pv_ag" and minutes >= 18 and "pv_ag" in page_kinds and minutes > 0.35 * scores[best]:
        best = "pv_ag"
    others = [scores[kind] for kind in ranked if kind != best]
    rival = others[0] if others else 0.0
    confidence = scores[best] / (scores[best] + 0.6 * rival + 3.0)
    if scores[best] < LEAST:
        return Classification(
            "other", "other", 0.2, f"trop peu de signes : {reasons[best][1]}", tuple(page_kinds)
        )
    document_type, _, kind = best.partition(":")
    return Classification(
        document_type, kind or None, round(min(confidence, 0.99), 2), reasons[best][1], tuple(page_kinds)
    )


def _weigh(page: Page) -> dict[str, tuple[float, float, str]]:
    """For each kind: weight on this page, weight of its best mark, words of that mark."""
    flow = Flow([page])
    found: dict[str, tuple[float, float, str]] = {}
    usual = median(row.cells[0].box[3] - row.cells[0].box[1] for row in flow.rows) if flow.rows else 0.0
    titles = [(row, _prominence(row, usual)) for row in flow.rows if len(row.text) <= TITLE_LENGTH]
    # A title may run over two lines.
    pairs = [
        (f"{a.text} {b.text}", share)
        for (a, share), (b, _) in pairwise(titles)
        if len(a.text) + len(b.text) < PAIR_LENGTH
    ]
    lines = [(row.text, share) for row, share in titles]
    # A letterhead on the left, the title on the right.
    lines += [
        (row.cells[1].text, share)
        for row, share in titles
        if len(row.cells) == 2
        and row.top < HEAD_SHARE / 2
        and len(row.cells[1].text) > 8
        and all(word.text.isupper() for word in flow.words(row.cells[1].span) if word.text.isalpha())
    ]
    for mark, pattern in _COMPILED:
        if mark.title:
            hits = [(m, share) for text, share in lines if (m := pattern.search(text))]
            hits = hits or [(m, share) for text, share in pairs if (m := pattern.search(text))][:1]
            if not hits:
                continue
            weight = max(mark.weight * share for _, share in hits)
            quote = hits[0][0].string
        else:
            matches = list(pattern.finditer(flow.text))[:6]
            if not matches:
                continue
            weight = mark.weight * len(matches) if mark.weight <= 3 else mark.weight
            quote = matches[0][0]
        score, best, words = found.get(mark.kind, (0.0, 0.0, ""))
        if weight > best:
            best, words = weight, " ".join(quote.split())[:80]
        found[mark.kind] = (score + weight, best, words)
    return found


def _prominence(row: Row, usual: float) -> float:
    """How much a line looks like a title: large print, or the head of the page."""
    first = row.cells[0].box
    large = usual > 0 and (first[3] - first[1]) > 1.2 * usual and len(row.cells) <= 2
    answered = 0.5 if len(row.cells) > 1 and not large else 1.0  # a label with its answer names another paper
    if row.top < HEAD_SHARE:
        return answered * (1.0 if large or row.top < HEAD_SHARE / 2 else 0.5)
    return 0.6 if large else 0.25 * answered
