"""Papers beside minutes, diagnostics, taxes and charges → facts of the schema's `other`.

What a sum means depends on the paper: the lot's in a (pré-)état daté or a deed, the building's in a fiche
synthétique. Estimates, tariffs and conditional sums are no obligations.
"""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re
from collections.abc import Sequence

from documents.extraction.amounts import Amount, amounts
from documents.extraction.draft import Draft
from documents.extraction.flow import Flow, Span
from documents.extraction.other.dated_parts import total_of_part, works_of_buyer
from documents.extraction.other.days import read_document_date
from documents.extraction.other.labelled import labelled
from documents.extraction.other.lots import read_building, read_lots
from documents.extraction.page import Page, Reading
from documents.extraction.running_heads import without_running_heads

OF_A_LOT = {"etat_date", "pre_etat_date", "compromis", "reglement_copropriete", "bail", "other"}
OF_A_BUILDING = {
    "fiche_synthetique",
    "carnet_entretien",
    "ppt",
    "dtg",
    "assurance",
    "reglement_copropriete",
    "etat_date",
    "pre_etat_date",
}
_TITLES = {
    "reglement_copropriete": r"reglement de copropriete|etat descriptif",
    "pre_etat_date": r"pre[- ]?etat[- ]?date|informations? financieres?",
    "etat_date": r"etat[- ]date",
    "carnet_entretien": r"carnet d'entretien",
    "fiche_synthetique": r"fiche synthetique",
    "contrat_syndic": r"contrat (?:type )?de syndic|contrat[- ]type",
    "assurance": r"assurance|attestation",
    "compromis": r"compromis|promesse|avant[- ]contrat",
    "ppt": r"plan pluriannuel|\bpp?pt\b",
    "dtg": r"diagnostic technique global|\bdtg\b",
    "bail": r"\bbail\b|contrat de location",
}


def extract(pages: Sequence[Page], kind: str | None = None) -> Reading:
    """Facts of a paper of this `kind`, as the classification or a person says."""
    flow = Flow(without_running_heads(pages))
    draft = Draft("other", flow)
    kind = kind or "other"
    title = flow.search_prose(_TITLES[kind]) if kind in _TITLES else None
    if flow.rows:
        place = Span(title.start(), title.end()) if title else Span(flow.rows[0].start, flow.rows[0].end)
        draft.put("kind", kind, place, "other.kind", 0.9 if title else 0.5)
    read_document_date(draft)
    if kind in OF_A_LOT:
        read_lots(draft)
    if kind in OF_A_BUILDING:
        read_building(draft)
    reader = _READERS.get(kind)
    if reader:
        reader(draft)
    return draft.reading()


def _put(draft: Draft, path: str, amount: Amount | None, confidence: float = 0.85) -> None:
    if amount is not None:
        draft.put(path, amount.value, amount.span, f"other.{path}", confidence)


def _oblige(draft: Draft, text: str, amount: Amount | None, frequency: str) -> None:
    if amount is None or amount.value <= 0:
        return
    number = sum(1 for f in draft.findings if f.path.endswith(".amount") and f.path.startswith("obligations"))
    draft.put(f"obligations[{number}].description", text, amount.span, "other.obligations", 0.8)
    draft.put(f"obligations[{number}].amount", amount.value, amount.span, "other.obligations", 0.85)
    draft.put(f"obligations[{number}].frequency", frequency, amount.span, "other.obligations", 0.8)


def _named(flow: Flow, amount: Amount | None, names: dict[str, str]) -> str:
    """The name whose word stands last before the sum; the one of "" where none does."""
    before = flow.prose[max(amount.span.start - 220, 0) : amount.span.start] if amount else ""
    return (
        max(names.items(), key=lambda item: before.rfind(item[0]) if item[0] else 0)[1]
        if before
        else names[""]
    )


_OTHERS_SUM = r"global|syndicat(?! par le)|ensemble des coproprietaires|immeuble|copropriete (?:au|:)|cotisation|annuelle?\b"


def _statement_of_lot(draft: Draft) -> None:
    """État daté and pré-état daté (CCH L.721-2, décret of 1967 art. 5)."""
    flow = draft.flow
    _put(
        draft,
        "fonds_travaux_balance",
        labelled(
            flow,
            r"(?:quote[- ]?part|part|montant|solde)[^.\n\t]{0,40}fonds (?:de )?(?:travaux|alur)",
            refuse=_OTHERS_SUM,
        )
        or labelled(
            flow,
            r"fonds (?:de )?(?:travaux|alur)[^.\n]{0,60}(?:rattache|attache|acquis|(?:du|au|des|aux) lots?)",
            refuse=_OTHERS_SUM,
        ),
    )
    _put(
        draft,
        "seller_arrears",
        total_of_part(flow)
        or labelled(
            flow,
            r"total (?:des sommes |general )?(?:restant )?du(?:e?s?)?[^.\n\t]{0,40}(?:par le |du )?(?:vendeur|cedant|coproprietaire cedant)",
            refuse=r"acquereur",
        )
        or labelled(
            flow,
            r"(?:sommes?|montants?|total|solde|charges)[^.\n\t]{0,50}(?:dues?|impaye\w*|exigibles?|debiteur)[^.\n\t]{0,40}(?:vendeur|cedant)",
            refuse=r"acquereur|ensemble des|trimestre|a l'egard|envers|syndicat pourrait",
        )
        or labelled(
            flow,
            r"(?:montants?|sommes?) dus? par le (?:vendeur|cedant|coproprietaire)",
            refuse=r"acquereur|prix",
        )
        or labelled(
            flow,
            r"(?:vendeur|cedant)[^.\n\t]{0,60}(?:reste |est )?(?:redevable|debiteur|doit)[^.\n\t]{0,30}",
            refuse=r"acquereur",
        ),
    )
    _put(draft, "works_remaining_calls", _remaining_works(flow) or works_of_buyer(flow))
    _put(draft, "annual_charges", _annual_charges(flow))
    for match in flow.finditer(
        r"reconstitution (?:de l'|des |de la |d'une )?(?:avances?|provisions? speciales?|fonds de roulement)[^.\n\t\d]{0,60}|(?:avance|fonds de roulement|reserve)(?:[^.\n]|\.(?= ?(?:art|\d))){0,80}(?:rembours|a restituer|a reconstituer)[^.\n\t\d]{0,40}"
    ):
        row = flow.row_at(match.start())
        found = labelled(flow, re.escape(match[0]), within=Span(row.start, row.end)) or labelled(
            flow, re.escape(match[0])
        )
        words = " ".join(w.text for w in flow.words(row.cells[0].span))
        _oblige(draft, words[:160], found, "once")


def _remaining_works(flow: Flow) -> Amount | None:
    return (
        labelled(
            flow,
            r"travaux[^.\n\t]{0,40}(?:votes?|decides?)[^.\n\t]{0,30}(?:non (?:encore )?(?:appeles?|exigibles?)|restant a appeler|a appeler)",
            refuse=r"\bneant\b|\baucune?s?\b",
        )
        or labelled(
            flow,
            r"(?:reste|restant|solde|sommes?|montant|provisions?)[^.\n\t]{0,20} a (?:appeler|echoir)\b",
            refuse=r"budget|provisions? (?:sur|de) charges|trimestre|\bneant\b|\baucune?s?\b",
        )
        or labelled(
            flow,
            r"appels? (?:de fonds )?(?:travaux )?(?:a venir|futurs?|restants?)",
            refuse=r"budget|trimestre|\bneant\b|\baucune?s?\b",
        )
    )


def _annual_charges(flow: Flow) -> Amount | None:
    return labelled(
        flow,
        r"(?:montant|total|budget)[^.\n\t]{0,20} annuel(?:les)?[^.\n\t]{0,25} charges|budget previsionnel[^.\n\t]{0,30} annuel[^.\n\t]{0,20} lots?\b|budget previsionnel[^.;\n\d]{0,25} pour (?:le|les|ce|ces) lots?\b(?=[^.;\n\d]{0,20}[\d ,.]+(?:€|euros?|eur) par an)|charges (?:courantes )?annuelles|charges[^.\n\t]{0,40} par an\b",
        refuse=r"travaux|fonds|immeuble|syndicat",
    ) or labelled(
        flow,
        r"(?:montant|quote[- ]?part)[^.\n\t]{0,20} (?:des )?charges (?:courantes|de copropriete|generales)[^.\n\t]{0,50}(?:lot|vendeur|dernier exercice|s'est elev|s'elev|annuel|moyenn)",
        refuse=r"travaux|fonds|hors budget",
    )


def _deed(draft: Draft) -> None:
    """Compromis or promise of sale: what buyer and seller bind themselves to."""
    flow = draft.flow
    price = labelled(
        flow,
        r"prix (?:principal|net vendeur|de vente|convenu)?[^.\n]{0,50}?(?:de\b|:|s'eleve a|fixe a|est de)(?! ?mobilier)",
        refuse=r"clause penale|metre|pret|meubles?|mobilier|supplement|reduction|diminution|hors (?:frais|honoraires) de \d",
    )
    _oblige(draft, "Prix principal de la vente", price, "once")
    fee = (
        labelled(
            flow,
            r"(?:commission|honoraires|remuneration|frais)\b[^.;]{0,60}?(?:agence|negociat|mandataire|intermediaire|immobili)",
            refuse=r"notaire|etat date|indemnite|syndic",
            taxed=True,
        )
        or labelled(
            flow,
            r"(?:verser|regler|payer|charge de l'acquereur)[^.;]{0,30}(?:une )?commission|commission (?:de|d'un montant|s'eleve)",
            taxed=True,
        )
        or labelled(
            flow,
            r"(?:remuneration|honoraires),? (?:de|d'un montant|s'el\w+)[^.;]{0,100}?(?=\d)",
            refuse=r"notaire|etat date|syndic|redact|sequestre",
            taxed=True,
        )
    )
    _oblige(
        draft,
        _named(
            flow,
            fee,
            {
                "honoraires": "Honoraires de l'agence",
                "remuneration": "Rémunération de l'agence",
                "": "Commission de l'agence",
            },
        ),
        fee,
        "once",
    )
    deposit = labelled(
        flow,
        r"depot de garantie[^.;]{0,40}?(?:la somme|d'un montant|de\b|:|fixe a|s'eleve)|depot de garantie\W{1,4}l[ae'] ?(?:acquereu\w+|beneficiaire)[^.;\d]{0,30}verse|titre d(?:e depot de garantie|'acompte|'indemnite d'immobilisation|e sequestre)|indemnite d'immobilisation[^.;]{0,40}(?:fixee?|somme|de\b)",
    )
    deposit = deposit or _before(
        flow, r"titre d(?:e depot de garantie|'acompte|'indemnite d'immobilisation|e sequestre)"
    )
    _oblige(
        draft,
        _named(flow, deposit, {"immobilisation": "Indemnité d'immobilisation", "": "Dépôt de garantie"}),
        deposit,
        "once",
    )
    _oblige(draft, "Provision sur frais", labelled(flow, r"provision (?:sur|pour) (?:les )?frais"), "once")
    balance = labelled(
        flow,
        r"fonds (?:de )?(?:travaux|alur)[^.;]{0,80}(?:s'eleve|est de|de\b|:|represente|evalue)",
        refuse=r"cotisation|annuelle?\b",
    ) or labelled(
        flow,
        r"(?:part|quote-part)[^.;\d]{0,30}(?:rattachee?|attachee?)[^.;\d]{0,40}lots?",
        refuse=r"charges|parties communes",
    )
    _put(draft, "fonds_travaux_balance", balance)
    if balance:
        after = flow.prose[balance.span.end : balance.span.end + 160]
        refund = re.search(r"rembours|en sus du prix|acquereur (?:versera|reglera|paiera)", after)
        if refund and not re.search(
            r"(?:pas|aucun|non)[^.]{0,25}rembours|rembours[^.]{0,20}(?:pas|aucun)|sans rembours", after
        ):
            _oblige(draft, "Remboursement au vendeur de la quote-part du fonds de travaux", balance, "once")
    _put(
        draft,
        "seller_arrears",
        labelled(
            flow,
            r"arriere[^.;]{0,30}?(?:de\b|:)|(?:debiteur|redevable|doit)[^.;]{0,60}?(?:somme de|de\b)|impayes?[^.;]{0,40}(?:vendeur|s'eleve|de\b)",
            refuse=r"ensemble des coproprietaires|globa|acquereur (?:est|sera|doit)|beneficiaire|agence|honoraires|commission",
        ),
    )
    _put(draft, "works_remaining_calls", _remaining_works(flow))
    _put(
        draft,
        "annual_charges",
        _annual_charges(flow)
        or labelled(
            flow,
            r"charges (?:courantes|de copropriete|annuelles)[^.;]{0,90}(?:s'elev\w+|eleve) a|charges[^.;\d]{0,40}annuel\w*",
            refuse=r"trimestr|travaux|impay",
        ),
    )
    _advance(draft)


def _before(flow: Flow, pattern: str) -> Amount | None:
    """`verse une somme de 9 850 € à titre de dépôt de garantie`: the last sum of the sentence before the label."""
    for match in re.finditer(pattern, flow.prose):
        begin = max(flow.prose.rfind(". ", 0, match.start()), match.start() - 200, 0)
        found = list(amounts(flow, Span(begin, match.start())))
        if found:
            return found[-1]
    return None


def _advance(draft: Draft) -> None:
    found = labelled(
        draft.flow,
        r"(?:avance|fonds de roulement)[^.;\n]{0,60}(?:rembours|restitu)[^.;\n\d]{0,60}?(?:de|:|soit)\b",
    )
    _oblige(draft, "Avance de trésorerie à rembourser au vendeur", found, "once")


def _sheet(draft: Draft) -> None:
    """Fiche synthétique (law of 1965, art. 8-2): sums of the whole building."""
    flow = draft.flow
    _put(
        draft,
        "fonds_travaux_balance",
        labelled(
            flow,
            r"(?:montant|solde)[^.\n\t]{0,40}fonds (?:de )?travaux|fonds (?:de )?travaux\W*(?:montant|solde)",
            refuse=r"presence|cotisation",
        ),
    )
    _put(
        draft,
        "annual_charges",
        labelled(
            flow,
            r"charges (?:pour|des|d')?\s?operations courantes|charges courantes|montant des charges(?! pour travaux)",
            refuse=r"travaux et|exceptionnel|impay|dette",
        ),
    )


def _contract(draft: Draft) -> None:
    found = labelled(
        draft.flow,
        r"remuneration forfaitaire annuelle(?=\t)|remuneration forfaitaire annuelle[^.\n]{0,90}?(?:s'eleve|somme|fixee?|de\b|:)|forfait annuel|honoraires (?:annuels|de gestion courante)",
        refuse=r"precedent",
        taxed=True,
    )
    _oblige(draft, "Rémunération forfaitaire annuelle du syndic", found, "yearly")


def _insurance(draft: Draft) -> None:
    found = labelled(
        draft.flow,
        r"(?:cotisation|prime)(?: annuelle| totale| ttc| nette| globale)*[^.\n]{0,40}?(?:s'eleve|:|de\b|est de|fixee?|\t)|(?:cotisation|prime) annuelle",
        refuse=r"franchise|plafond|precedent",
        taxed=True,
    )
    name = _named(draft.flow, found, {"prime": "Prime annuelle", "": "Cotisation annuelle"})
    _oblige(draft, f"{name} de l'assurance multirisque immeuble", found, "yearly")


def _lease(draft: Draft) -> None:
    flow = draft.flow
    rent = labelled(
        flow,
        r"(?:montant du )?loyer(?: mensuel| initial| principal| de base| hors charges)*[^.\n]{0,40}?(?:fixe|de\b|:|s'eleve|est de|\t)",
        refuse=r"revision|reference|majore|dernier loyer|precedent|annuel\b|encadrement",
    )
    _oblige(draft, "Loyer mensuel hors charges", rent, "monthly")
    costs = labelled(
        flow,
        r"(?:provisions?|forfait)(?: mensuell?e?s?)?[^.\n\d]{0,30}charges|charges (?:mensuelles|recuperables)|charges[^.\n\d]{0,40}forfait(?: mensuel)?",
        refuse=r"annuel\b|regularisation",
    )
    _oblige(draft, "Provision mensuelle sur charges", costs, "monthly")
    _oblige(draft, "Dépôt de garantie", labelled(flow, r"depot de garantie"), "once")


_READERS = {
    "pre_etat_date": _statement_of_lot,
    "etat_date": _statement_of_lot,
    "compromis": _deed,
    "fiche_synthetique": _sheet,
    "contrat_syndic": _contract,
    "assurance": _insurance,
    "bail": _lease,
}
