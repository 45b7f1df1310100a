"""What a co-owner is asked or charged: calls for funds, yearly statements, calls for works."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from documents.extraction.amounts import EUROS, NUMBER, decimal
from documents.extraction.charges import header
from documents.extraction.charges.breakdown import NEAR, Key, Statement, best_total, sort_rows
from documents.extraction.charges.table import Item, items
from documents.extraction.draft import Draft
from documents.extraction.flow import Flow, Span
from documents.extraction.page import Page, Reading

_EARLIER = re.compile(
    r"(?:solde|situation|report)\s+(?:\w+\s+)?(?:anterieur|precedent|debiteur|crediteur|de\s+votre\s+compte|a\s+nouveau|au\s+\d)|arriere|impaye|solde\s+compris|anterieur"
)
_PROVISIONS = re.compile(
    r"^\W*(?:a\s+deduire\s*:?\s*|moins\s*:?\s*|total\s+(?:des?\s+)?|vos\s+|montant\s+des\s+)*(?:provisions?|appels?\s+(?:de\s+)?(?:fonds|provisions?|charges)|appels?\s+provisionnels?|acomptes?|avances?\s+sur\s+charges)\b(?!\s+pour\s+travaux)"
)
_BALANCE = re.compile(
    r"^\W*(?:votre\s+)?(?:solde|reste|trop[- ]percu|complement|regularisation|excedent|insuffisance|montant\s+(?:a\s+(?:payer|rembourser|regler)|du\b)|a\s+(?:payer|rembourser|regler)|somme\s+(?:due|a)|difference|net\s+a|resultat)"
)
_NOT_THIS_YEAR = re.compile(
    r"anterieur|precedent|a\s+nouveau|apres|nouveau\s+solde|de\s+votre\s+compte|compte\s+au|general\s+du\s+compte"
)
_CREDIT = re.compile(
    r"en\s+votre\s+faveur|crediteur|trop[- ]percu|rembourse|excedent|\bavoir\b|a\s+votre\s+credit|\bcredit\b|restitu"
)
_DEBIT = re.compile(
    r"debiteur|en\s+notre\s+faveur|faveur\s+du\s+syndic|reste|complement|insuffisance|a\s+votre\s+(?:charge|debit)|a\s+(?:payer|regler)|\bdu\b|\bdebit\b"
)


def extract(pages: Sequence[Page]) -> Reading:
    flow = Flow(pages)
    draft = Draft("charges", flow)
    kind = header.kind(draft)
    rows = items(flow)
    made = sort_rows(rows, kind)
    earlier = bool(_EARLIER.search(flow.text))
    header.period(draft, kind)
    if kind != "decompte_annuel":
        header.due_date(draft)
    lots = header.lots(draft, rows)
    header.tantiemes(draft, made.keys, rows, len(lots))
    _amounts(draft, made, rows, kind, earlier)
    if kind == "decompte_annuel":
        _settlement(draft, rows)
    return draft.reading()


def _amounts(draft: Draft, made: Statement, rows: Sequence[Item], kind: str | None, earlier: bool) -> None:
    if kind == "appel_travaux" and _instalment(draft, made):
        return
    total = best_total(made, rows, earlier)
    if total:
        money, item = total
        spans = [*item.label_spans, money.cell.span]
        draft.put("total_amount", money.value, spans, "charges.total_amount", 0.9)
        if kind == "appel_travaux":
            draft.put("works_calls", money.value, spans, "charges.works_calls", 0.9)
    else:
        _total_in_prose(draft, made, kind)
    for path, pool in (("fonds_travaux", made.fund), ("works_calls", made.works)):
        if len(pool) == 1 and pool[0].money:
            item = pool[0]
            if item.money:
                draft.put(
                    path, item.money.value, [*item.label_spans, item.money.cell.span], f"charges.{path}", 0.9
                )
    labels = Counter(key.name for key in made.keys)
    for index, key in enumerate(made.keys):
        if key.item.money is None:
            continue
        named = key.named.label_spans or (key.item.money.cell.span,)
        category = _printed(draft.flow, key)
        if key.lot and labels[key.name] > 1:
            category += f" (lot {key.lot})"
        draft.put(f"breakdown[{index}].category", category, named, "charges.breakdown", 0.85)
        amount = [*key.item.label_spans, key.item.money.cell.span]
        draft.put(f"breakdown[{index}].amount", key.value, amount, "charges.breakdown", 0.85)


_THIS_CALL = re.compile(
    rf"\bmontant\s+(?:de\s+cet|du\s+present|de\s+ce)\s+appel\s*:?\s*(?P<sum>{NUMBER}\s?{EUROS})"
)


def _instalment(draft: Draft, made: Statement) -> bool:
    """`Montant de cet appel : 528,16 €` under a timetable of all instalments, whose sums are not called now."""
    found = draft.flow.search(_THIS_CALL)
    value = decimal(found["sum"]) if found else None
    if found is None or value is None or abs(made.sum() - value) <= NEAR * max(len(made.keys), 1):
        return False
    for path in ("total_amount", "works_calls"):
        draft.put(path, value, Span(*found.span()), "charges.this_call", 0.9)
    return True


def _printed(flow: Flow, key: Key) -> str:
    """The label as printed, without the word subtotal and without the number of the key."""
    text = " ".join(word.text for span in key.named.label_spans for word in flow.words(span))
    text = re.sub(
        r"(?i)^\W*(?:sous[- ]?tota\w*|s/?s?[- ]?total|totaux|total)\s+(?:d[eu]s?\s+|de la\s+|de l['’])?",
        "",
        text,
    )
    # A calculation or a meter's readings in brackets are no part of the name.
    text = re.sub(r"(?i)\s*\((?=[^)]*(?:€|m3|m³|\bindex|\d\s?[x×*/]\s?\d))[^)]*\)$", "", text)
    text = re.sub(r"^\d{1,4}\s*[-–.:]?\s+(?=\D)", "", text).strip(" .:-–|")
    return text or key.name


def _total_in_prose(draft: Draft, made: Statement, kind: str | None) -> None:
    """`Montant de l'appel : 910,97 €` in a sentence; proved by the rows where there are any."""
    wanted = made.sum()
    labels = (
        r"(?:montant|total)\s+(?:total\s+)?(?:de\s+(?:l'|cet\s+|votre\s+|la\s+|ce\s+)|d[ue]\s+)?(?:present\s+)?(?:appel|quote[- ]part|provision|vos\s+charges|charges)\w*",
        r"(?:somme|montant|total)\s+(?:a\s+(?:payer|regler|verser)|exigible|due?|appele\w*)",
        r"net\s+a\s+payer|a\s+payer|a\s+regler",
    )
    for label in labels:
        for match in draft.flow.finditer(rf"\b(?:{label})[^€\n]{{0,70}}?(?<![\d/.])({NUMBER})\s?{EUROS}"):
            value = decimal(match[1])
            if value is None or (wanted and abs(value - wanted) > NEAR * max(len(made.keys), 1)):
                continue
            span = Span(*match.span())
            draft.put("total_amount", value, span, "charges.total_in_prose", 0.75)
            if kind == "appel_travaux":
                draft.put("works_calls", value, span, "charges.total_in_prose", 0.75)
            return


def _settlement(draft: Draft, rows: Sequence[Item]) -> None:
    """Provisions already called, and the balance with its sign: by its word, its side, or the difference."""
    total = draft.value("total_amount")
    provisions = [item for item in rows if item.money and _PROVISIONS.match(item.label)]
    for item in provisions:
        if (
            item.money
            and item.money.value
            and not re.search(r"prochain|futur|nouveau|\b20\d\d\s*-?\s*a\s+venir", item.label)
        ):
            spans = [*item.label_spans, item.money.cell.span]
            draft.put("provisions", abs(item.money.value), spans, "charges.provisions", 0.9)
            break
    called = draft.value("provisions")
    for item in rows:
        if item.money is None or not _BALANCE.match(item.label) or _NOT_THIS_YEAR.search(item.label):
            continue
        amount = abs(item.money.value)
        difference = total - called if isinstance(total, Decimal) and isinstance(called, Decimal) else None
        if difference is not None and abs(abs(difference) - amount) <= NEAR:
            sign = -1 if difference < 0 else 1
        elif item.money.value < 0 or item.credit or item.money.side == "c" or _CREDIT.search(item.label):
            sign = -1
        elif item.money.side == "d" or _DEBIT.search(item.label):
            sign = 1
        else:
            continue
        spans = [*item.label_spans, item.money.cell.span]
        draft.put("balance", sign * amount, spans, "charges.balance", 0.9)
        return
