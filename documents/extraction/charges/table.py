"""The rows of a statement or a call: a label, and the lot's amount in its own column.

The building's budget, the base, the tantièmes and the recoverable part stand in columns beside: the head of a
column says whose amounts it holds.
"""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from documents.extraction.amounts import EUROS, NUMBER, decimal
from documents.extraction.flow import Cell, Flow, Row, Span

_MONEY = re.compile(
    rf"^\W{{0,3}}?(?P<sign>[-+]\s?)?(?P<number>{NUMBER})\s*(?P<mark>{EUROS})?\s*\(?(?P<side>d|c|db|cr|deb|cred)?\)?[.*']?$"
)
_HEAD_WORDS = re.compile(
    r"quote|montant|tanti|\btant\b|milli|base|budget|total|\bcle\b|designation|libelle|nature|repartition|appel|debit|credit"
    r"|\bpart\b|dont|recuper|locati|deductible|tva|poste|rubrique|charges|provision|depense|lot\b|operation|date|categorie|somme"
    r"|intitule|objet|detail|periode|\bcoef"
)
_OWN = re.compile(
    r"\b(?:vos|votre)\b|quotes?[- ]?parts?|\bcopro\w*|part\s+(?:du\s+)?lot|montants?\s+(?:appele|du\b|a\s+payer|a\s+regler|lot|individuel)"
    r"|a\s+(?:payer|regler)|charges?\s+(?:du\s+lot|individuel\w*|lot)|(?:somme|provision|part)s?\s+(?:appelee|due|individuelle|lot)|\bpart\s+(?:appelee|a\s+payer)|appel(?:e|ee)s?\b"
)
_PLAIN = re.compile(
    r"^\W*(?:montants?|appel|provisions?|totaux?|total|sommes?|debit|du|part|charges|cotisation)\b(?:\W*(?:en\s+)?(?:€|euros?|eur|ttc|t\.t\.c\.?|du|de|(?:bi|tri|se)?mestre|mensuel\w*|(?:tri|se)mestriel\w*|la\s+periode|l'appel|appele\w*))*\W*$"
)
_OTHERS = re.compile(
    r"global|budget|a\s+repartir|reparti\b|immeuble|copropriete|depenses?|recuper|locati|deductible|\btva\b|\bbase\b|tanti|\btant\b|milli|annuel|solde"
    r"|credit|dont\b|appel\s+(?:du\s+)?(?:trimestre|global)|total\s+(?:cle|general)|\bcle\b|\bht\b"
)
SAME_LINE = 1.3  # line heights between a label and its amount on a slanting scan


@dataclass(frozen=True, slots=True)
class Money:
    value: Decimal
    cell: Cell
    side: str  # "d", "c" or ""


@dataclass(frozen=True, slots=True)
class Item:
    """One row: its label, the lot's amount where it has one, and what else it holds."""

    row: Row
    label: str
    label_spans: tuple[Span, ...]
    money: Money | None
    all_money: tuple[Money, ...]
    table: int  # which header it stands under
    account: bool  # a row of movements (date, debit, credit)
    credit: bool = False  # the amount stands in a credit column
    lot: str = ""  # its number, where the first column names the lot of each row
    opens: bool = True  # printed with a capital or a figure first: not the rest of a broken label


@dataclass(slots=True)
class _Head:
    cells: list[Cell]
    own: Cell | None
    account: bool
    page: int
    number: int = 0
    credit: Cell | None = None
    widths: list[tuple[float, float]] = field(default_factory=list)


def money(cell: Cell) -> Money | None:
    """A cell that holds a sum and nothing else: with cents or a currency."""
    found = _MONEY.match(cell.text.strip())
    if found is None or not (found["mark"] or re.search(r"[,.] ?\d{2}$", found["number"])):
        return None
    value = decimal(found["number"])
    if value is None:
        return None
    sign = -1 if (found["sign"] or "").strip() == "-" else 1
    return Money(sign * value, cell, (found["side"] or "")[:1])


def items(flow: Flow) -> list[Item]:
    made: list[Item] = []
    head: _Head | None = None
    heads = 0
    rows = list(flow.rows)
    index = 0
    while index < len(rows):
        row = rows[index]
        found = _head(rows, index)
        if found:
            head, used = found
            heads += 1
            head.number = heads
            index += used
            continue
        item = _item(row, head, heads, flow)
        following = rows[index + 1] if index + 1 < len(rows) else None
        if (
            item.money is None
            and item.label
            and not item.all_money
            and following
            and _continues(row, following)
        ):
            below = _item(following, head, heads, flow)
            if below.money and not below.label:
                item = Item(
                    row, item.label, item.label_spans, below.money, below.all_money, heads, item.account
                )
                index += 1
        made.append(item)
        index += 1
    return made


def _continues(row: Row, following: Row) -> bool:
    height = min(row.height, following.height)
    return row.page == following.page and 0 <= following.top - row.top < SAME_LINE * height


def _head(rows: Sequence[Row], index: int) -> tuple[_Head, int] | None:
    """A row of column heads; in tables without rulings, spread over up to three lines."""
    row = rows[index]
    if not _is_head(row):
        return None
    cells = list(row.cells)
    used = 1
    for below in rows[index + 1 : index + 3]:
        near = below.page == row.page and below.top - row.top < 2.6 * row.height * used
        if (
            not near
            or any(money(cell) for cell in below.cells)
            or not all(_short(cell) for cell in below.cells)
        ):
            break
        over = [_above(cells, cell) for cell in below.cells]
        if any(place is None for place in over) or (len(below.cells) == 1 and over[0] == 0):
            break
        for place, cell in zip(over, below.cells, strict=True):
            if place is not None:
                cells[place] = _joined(cells[place], cell)
        used += 1
    own = [cell for cell in cells[1:] or cells if _OWN.search(cell.text) and not _only_others(cell.text)]
    plain = [cell for cell in cells[1:] if _PLAIN.match(cell.text)]
    texts = " ".join(cell.text for cell in cells)
    account = bool(re.search(r"\bcredit", texts) and re.search(r"\bdebit", texts))
    debit = [cell for cell in cells if re.search(r"\bdebit", cell.text)]
    credit = next((cell for cell in cells if re.search(r"\bcredit", cell.text)), None)
    chosen = next(iter(own or [*plain, *debit][-1:]), None)
    if len(own) > 1:
        # `Appel global` … `Votre quote-part`: the last that speaks to the owner.
        named = [
            cell
            for cell in own
            if re.search(r"\b(?:vos|votre)\b|quote|copropri|a\s+(?:payer|regler)|du\b", cell.text)
        ]
        chosen = (named or own)[-1]
    if chosen and re.search(r"annuel", chosen.text):
        # `Quote-part annuelle | Appel du trimestre`: the part of the year is not what is asked now.
        right = [
            c
            for c in cells
            if c.box[0] > chosen.box[0] and re.search(r"appel|trimestr|provision|semestr|mensuel", c.text)
        ]
        chosen = next((c for c in right if not re.search(r"annuel|tanti|milli", c.text)), chosen)
    return _Head(cells, chosen, account, row.page, credit=credit), used


def _only_others(text: str) -> bool:
    if re.search(r"(?:vos|votre)\s*(?:tant|milli|quotite|\w+emes)|recuper|deductible|locati|tva", text):
        return True
    own = re.search(r"\b(?:vos|votre)\b(?!\s*(?:tant|milli))|quote|copropriet\w*re|a\s+payer", text)
    return bool(_OTHERS.search(text)) and not own


def _short(cell: Cell) -> bool:
    return len(cell.text) < 32 and not re.search(r"\d{2,}", cell.text)


def _is_head(row: Row) -> bool:
    if len(row.cells) < 2 or any(money(cell) for cell in row.cells):
        return False
    named = sum(bool(_HEAD_WORDS.search(cell.text)) for cell in row.cells)
    long = any(len(cell.text) > 60 or re.search(r"\d{3,}|\d/\d|:\s*\S", cell.text) for cell in row.cells)
    return named >= 2 and named * 2 >= len(row.cells) and not long


def _above(cells: Sequence[Cell], below: Cell) -> int | None:
    overlaps = [min(c.box[2], below.box[2]) - max(c.box[0], below.box[0]) for c in cells]
    best = max(range(len(cells)), key=lambda i: overlaps[i])
    return best if overlaps[best] > 0 else None


def _joined(cell: Cell, below: Cell) -> Cell:
    box = (min(cell.box[0], below.box[0]), cell.box[1], max(cell.box[2], below.box[2]), below.box[3])
    return Cell(cell.start, cell.end, box, f"{cell.text} {below.text}")


def _item(row: Row, head: _Head | None, table: int, flow: Flow) -> Item:
    sums = [found for cell in row.cells if (found := money(cell))]
    labels: list[Cell] = []
    lot = _lot_cell(row, head)
    for cell in row.cells[bool(lot) :]:
        if money(cell) or re.fullmatch(r"[\d\s./%-]+(?:emes?)?", cell.text):
            if labels:
                break
            continue
        labels.append(cell)
    label = " ".join(cell.text for cell in labels).strip(" .:-_")
    spans = tuple(cell.span for cell in labels)
    if not sums and len(row.cells) == 1:
        inline = re.match(
            rf"(?P<label>.{{3,90}}?)\s*:\s*(?P<money>-?\s?{NUMBER}\s*{EUROS})\W*(?P<side>d|c)?\W*$", row.text
        )
        if inline:
            start = row.start + inline.start("money")
            span = Span(start, row.start + inline.end("money"))
            cell = Cell(span.start, span.end, flow.box(span), inline["money"])
            single = money(cell)
            if single:
                place = (Span(row.start, row.start + inline.end("label")),)
                return Item(row, inline["label"], place, single, (single,), table, False)
    own: Money | None = None
    credit = False
    if sums:
        own, credit = _own(sums, head, len(row.cells))
    first = next((word.text for span in spans for word in flow.words(span)), "")
    opens = not first[:1].islower()
    return Item(row, label, spans, own, tuple(sums), table, bool(head and head.account), credit, lot, opens)


def _lot_cell(row: Row, head: _Head | None) -> str:
    """`0008 – Appartement` under the head `Lot`, with a label of its own in the next cell."""
    if (
        head is None
        or len(row.cells) < 3
        or not re.fullmatch(r"(?:n°\s*(?:de\s+)?)?lots?(?:\s*n°)?", head.cells[0].text.strip())
    ):
        return ""
    first, second = row.cells[:2]
    found = re.match(r"(?:lot\s*)?(?:n°\s*)?0*(\d{1,5}[a-z]?)\b(?!\s*[/,.]\s*\d)", first.text)
    beside = re.search(r"[a-z]{3}", second.text) and first.box[0] < head.cells[0].box[2] + 0.02
    return found[1] if found and beside and not money(second) else ""


def _own(sums: list[Money], head: _Head | None, cells: int) -> tuple[Money | None, bool]:
    if head is None:
        return sums[-1], False
    columns = {id(one): min(head.cells, key=lambda cell: _distance(cell, one.cell)) for one in sums}
    if head.credit is not None:
        for one in sums:
            if columns[id(one)] is head.credit:
                return one, True
    if head.own is None:
        mine = [one for one in sums if not _only_others(columns[id(one)].text)]
        return (mine[-1] if mine else None), False
    mine = [one for one in sums if columns[id(one)] is head.own]
    if mine:
        return mine[-1], False
    # A row of totals may leave the columns: its only sum is then the lot's.
    right = max(sums, key=lambda one: one.cell.box[2])
    alone = len(sums) == 1 and right.cell.box[2] >= head.own.box[0] - 0.02
    if alone and (cells == 2 or not _only_others(columns[id(right)].text)):
        return right, False
    return None, False


def _distance(head: Cell, cell: Cell) -> float:
    overlap = min(head.box[2], cell.box[2]) - max(head.box[0], cell.box[0])
    if overlap > 0:
        return -overlap
    # Sums are set to the right edge of their column, heads often in its middle.
    return min(abs(head.box[2] - cell.box[2]), abs(head.centre - cell.centre), abs(head.box[0] - cell.box[0]))
