"""Tax notices (avis de taxes foncières, forms of 2015 to 2025): what is due, to whom, on which base.

The table of contributions stands with one tax a column (the form since the 1990s) or one tax a row. There is no
département column since 2021 (loi 2019-1479, art. 16). Last year's figures stand beside this year's: only the
rows or columns of the notice's own year are read.
"""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from documents.extraction.amounts import EUROS, NUMBER, decimal
from documents.extraction.dates import DATE, day
from documents.extraction.diags.address import WAYS
from documents.extraction.draft import Draft
from documents.extraction.flow import Cell, Flow, Row, Span
from documents.extraction.page import Page, Reading
from documents.extraction.taxe_columns import TAXES, by_column, value_of, values

READ = ("commune", "intercommunalite", "taxes_speciales", "ordures_menageres", "gemapi")
BELOW_REACH = 0.08  # share of the page below a label within which its value may stand


def extract(pages: Sequence[Page]) -> Reading:
    flow = Flow(pages)
    draft = Draft("taxe_fonciere", flow)
    year = _tax_year(draft)
    rows = _built_rows(flow)
    for tax, cell in by_column(rows, flow, year) or _by_row(rows, year) or _by_sentence(rows, flow):
        path = "base_nette" if tax == "base" else tax
        if path in (*READ, "base_nette"):
            value = value_of(cell)
            if value is not None:
                draft.put(path, value, cell.span, f"taxe_fonciere.{path}", 0.9)
    _fees(draft)
    _total(draft)
    _due_date(draft)
    _address(draft)
    return draft.reading()


def _tax_year(draft: Draft) -> int | None:
    for pattern in (
        r"avis d'imp\w*s?\s+(?:pour\s+)?(20\d\d)(?!\d)",
        r"taxes?\s+foncieres?[^\d\n]{0,60}(20\d\d)\b",
        r"\b(20\d\d)\W+(?:avis|taxes?\s+foncieres?)\b",
    ):
        found = draft.flow.search(pattern)
        if found:
            year = int(found[1])
            draft.put("tax_year", year, Span(*found.span()), "taxe_fonciere.tax_year", 0.95)
            return year
    return None


def _built_rows(flow: Flow) -> list[Row]:
    """Rows from the detail of the contributions on, without the table of unbuilt land."""
    detail = flow.search(r"detail\s+du\s+calcul|proprietes\s+baties")
    start = flow.row_index(detail.start()) if detail else 0
    kept: list[Row] = []
    for row in flow.rows[start:]:
        if re.match(r"(?:taxe\s+fonciere\s+sur\s+les\s+)?proprietes\s+non\s+baties\b", row.text) and kept:
            break
        kept.append(row)
    return kept


def _by_row(rows: Sequence[Row], year: int | None) -> list[tuple[str, Cell]]:
    """One tax a row under the heads `Base`, `Cotisation 2023`, `Cotisation 2024`."""
    for index, head in enumerate(rows):
        contributions = [cell for cell in head.cells if re.match(r"cotisations?|montant\b", cell.text)]
        if not contributions or len(head.cells) < 2:
            continue
        own = [cell for cell in contributions if year and re.search(rf"\b{year}\b", cell.text)]
        if not own and len(contributions) > 1:
            return []
        target = (own or contributions)[0]
        base = next((cell for cell in head.cells if re.match(r"bases?\b", cell.text)), None)
        given: list[tuple[str, Cell]] = []
        for row in rows[index + 1 :]:
            tax = _tax_of(row.cells[0].text)
            if tax is None:
                continue
            for cell in values(row):
                column = min(head.cells, key=lambda h: abs(h.centre - cell.centre))
                if column is target:
                    given.append((tax, cell))
                elif column is base and tax == "commune":
                    given.append(("base", cell))
        return given
    return []


def _tax_of(label: str) -> str | None:
    if re.search(r"\((?:intercommunalite|metropole|epci)|\bmetropole\b|\bcommunaute\s", label):
        return "intercommunalite"
    for tax, pattern in TAXES.items():
        if re.match(rf"(?:\W|taxe\s|cotisation\s|part\s|de\s|la\s|l'|d')*(?:{pattern})", label):
            return tax
    return None


def _by_sentence(rows: Sequence[Row], flow: Flow) -> list[tuple[str, Cell]]:
    """Lines such as `Commune : base 1 837, taux 52,63 %, cotisation 967 €`."""
    given: list[tuple[str, Cell]] = []
    for row in rows:
        tax = _tax_of(row.text)
        if tax is None:
            continue
        for name, word in ((tax, "cotisations?"), ("base", "bases?")):
            found = re.search(rf"\b{word}\s*(?:nette\s*)?(?:20\d\d\s*)?[:=]?\s*({NUMBER})(?!\s*%)", row.text)
            if found and (name != "base" or tax == "commune"):
                span = Span(row.start + found.start(1), row.start + found.end(1))
                given.append((name, Cell(span.start, span.end, flow.box(span), found[1])))
    return given


def _after(flow: Flow, label: re.Match[str], value: str) -> Iterator[Span]:
    """Places of `value` to the right of a label in its row, else under it."""
    index = flow.row_index(label.end() - 1)
    row = flow.rows[index]
    for found in flow.finditer(value, Span(label.end(), row.end)):
        yield Span(*found.span())
    label_box = flow.box(Span(*label.span()))
    # The value under its label; other blocks of the page may come between in reading order.
    below = [
        cell
        for other in flow.rows
        if other.page == row.page
        for cell in other.cells
        if label_box[1] < cell.box[1] < label_box[3] + BELOW_REACH
        and cell.box[0] < label_box[2] + 0.05
        and cell.box[2] > label_box[0] - 0.05
        and cell.start != row.start
    ]
    for cell in sorted(below, key=lambda cell: cell.box[1]):
        found_below = re.match(rf"[:\s]*({value})\s*$", cell.text)
        if found_below:
            yield Span(cell.start + found_below.start(1), cell.start + found_below.end(1))


def _fees(draft: Draft) -> None:
    for label in draft.flow.finditer(r"frais\s+de\s+gestion(?:\s+de\s+la\s+fiscalite\s+directe\s+locale)?"):
        row = draft.flow.row_at(label.start())
        for cell in reversed(row.cells):
            value = value_of(cell)
            if value is not None and cell.start > label.start():
                draft.put("frais_gestion", value, cell.span, "taxe_fonciere.frais_gestion")
                return
        for span in _after(draft.flow, label, rf"{NUMBER}(?!\s*%|\d)"):
            stated = decimal(draft.flow.text[span.start : span.end])
            if stated is not None:
                draft.put("frais_gestion", stated, span, "taxe_fonciere.frais_gestion", 0.8)
                return


def _total(draft: Draft) -> None:
    money = rf"{NUMBER}\s?{EUROS}"
    labels = (
        r"montant\s+(?:total\s+)?de\s+votre\s+imp\w+",
        r"(?:montant|somme)\s+(?:totale?\s+)?a\s+payer",
        r"(?:montant|total)\s+(?:de\s+l'|d')imp\w+",
        r"total\s+a\s+payer|net\s+a\s+payer|(?:vous\s+devez|reste\s+a)\s+payer",
    )
    for value in (money, rf"(?<![\d/]){NUMBER}(?![\d/%])"):
        for pattern in labels:
            for label in draft.flow.finditer(pattern):
                for span in _after(draft.flow, label, value):
                    text = draft.flow.text[span.start : span.end]
                    before = draft.flow.text[max(0, span.start - 4) : span.start]
                    stated = decimal(text)
                    if (
                        stated is not None
                        and not re.search(r"[\dx/] *\Z", before)
                        and not _is_date(draft.flow, span)
                    ):
                        draft.put("total_amount", stated, span, "taxe_fonciere.total_amount", 0.95)
                        return


def _is_date(flow: Flow, span: Span) -> bool:
    return any(
        found.start() <= span.start < found.end()
        for found in flow.finditer(DATE, Span(max(0, span.start - 20), min(len(flow.text), span.end + 20)))
    )


def _due_date(draft: Draft) -> None:
    """The day to pay by; not the later one of payments on line, nor that to choose instalments by."""
    for label in draft.flow.finditer(
        r"au\s+plus\s+tard\s+le|(?m:^)avant\s+le\s*:|a\s+(?:payer|regler)\s+pour\s+le|date\s+limite\s+de\s+(?:paiement|reglement)|(?:payer|regler|acquitter)\b[^\n\d]{0,20}(?:[\d ,.]{1,12}€)?\s*avant\s+le"
    ):
        before = draft.flow.text[max(0, label.start() - 70) : label.start()].rsplit("\n", 1)[-1]
        if re.search(r"en ligne|adher|mensualis|reclam|contest|declar", before):
            continue
        for span in _after(draft.flow, label, DATE):
            value = day(draft.flow.text[span.start : span.end])
            if value is not None:
                draft.put("due_date", value, [Span(*label.span()), span], "taxe_fonciere.due_date")
                return


_STREET = re.compile(r"\d+\s*(?:bis|ter|quater|[a-d]\b)?[\s,]+[a-z].{3,60}")
_TOWN = re.compile(r"\b(\d{5})\s+([a-z][a-z' -]{1,40})")


def _address(draft: Draft) -> None:
    """Where the property is; the owner's own address counts only as far as it is the same."""
    flow = draft.flow
    label = next(
        (
            found
            for found in flow.finditer(
                r"(?:adresse(?:\s+du\s+(?:bien|local|lot))?(?:\s+impose)?|(?:bien|local)\s+impose|votre\s+bien)(?:\s*:\s*|\t|\s(?=\d))"
            )
            if _STREET.match(flow.text, found.end(), flow.row_at(found.start()).end)
        ),
        None,
    )
    if label is None:
        _unlabelled_address(draft)
        return
    end = flow.text.find("\n", label.end())
    stop = re.search(r"\s-\s|\t", flow.text[label.end() : end])
    span = Span(label.end(), label.end() + stop.start() if stop else end)
    if stop is None:
        span = Span(span.start, _wrapped(flow, label.start(), end))
    street = flow.text[span.start : span.end].strip()
    rule = "taxe_fonciere.property_address"
    if not _TOWN.search(street):
        # The same street above a postal code and a town: the owner lives in the property.
        for index, row in enumerate(flow.rows):
            for cell in row.cells:
                if cell.text.strip() != street or cell.start == span.start:
                    continue
                for below in flow.rows[index : index + 4]:
                    for town in below.cells:
                        if (
                            town.start > cell.start
                            and _TOWN.match(town.text)
                            and abs(town.box[0] - cell.box[0]) < 0.05
                        ):
                            words = flow.words(cell.span) + flow.words(town.span)
                            value = f"{_join(words[: len(flow.words(cell.span))])}, {_join(flow.words(town.span))}"
                            draft.put("property_address", value, [cell.span, town.span], rule)
                            return
        commune = flow.search(
            r"commune\s*:\s*(?:\d{3}\s*-?\s*)?([a-z][a-z' -]{1,40}?)(?=\s*(?:[\t\n(\d]|$|-\s|taxes?\b|adresse\b))"
        )
        if commune:
            town_span = Span(commune.start(1), commune.end(1))
            value = f"{_join(flow.words(span))}, {_join(flow.words(town_span))}"
            draft.put("property_address", value, [span, town_span], rule, 0.8)
            return
    draft.put("property_address", _join(flow.words(span)), span, rule)


def _unlabelled_address(draft: Draft) -> None:
    """A street alone in its row between the rates and the base, where OCR lost the word `Adresse`."""
    flow = draft.flow
    for above, row in pairwise(flow.rows):
        if not re.match(r"(?:total\s+)?bases?\b", row.text) or above.page != row.page:
            continue
        for cell in above.cells[:2]:
            street = re.search(
                rf"(?<!\d)\d{{1,4}}\s?(?:bis|ter|quater)?\s+(?:{WAYS})\s+[a-z][^\d\t]{{2,60}}$", cell.text
            )
            if street and len(above.cells) < 4:
                span = Span(cell.start + street.start(), cell.end)
                words = _join(flow.words(span))
                draft.put("property_address", words, span, "taxe_fonciere.property_address", 0.7)
                return


def _wrapped(flow: Flow, start: int, end: int) -> int:
    """Where an address ends that a narrow first column breaks over up to three lines."""
    index = flow.row_index(start)
    above = flow.rows[index].cells[0]
    for row in flow.rows[index + 1 : index + 3]:
        cell = row.cells[0]
        near = row.page == flow.rows[index].page and cell.box[1] - above.box[3] < 1.1 * (
            above.box[3] - above.box[1]
        )
        label = re.match(
            r"(?:taux|base|cotisation|adresse|total|bien|local|lot)\b|[\d\s,.%€]*$|.*:", cell.text
        )
        if len(row.cells) > 1 or not near or abs(cell.box[0] - above.box[0]) > 0.01 or label:
            break
        above, end = cell, row.end
    return end


def _join(words: Sequence[object]) -> str:
    return " ".join(getattr(word, "text", "") for word in words)
