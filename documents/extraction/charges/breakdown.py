"""Which rows are keys, which are their subtotals, which is the total: names first, arithmetic as the proof.

Nothing printed is computed: sums only tell which printed figure is what.
"""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from documents.extraction.charges.table import Item, Money

FUND = re.compile(
    r"fonds?\s+(?:de\s+|des\s+)?travaux|\balur\b|14[- ]2[- ]1|\bart\w*\.?\s*14-2\b|\bfonds\s+(?:de\s+)?(?:reserve|prevoyance)\b"
)
_FUND_CALL = re.compile(r"appels?\s+(?:de\s+)?fonds?\s+(?:de\s+|pour\s+)?travaux(?!.*alur)")
WORKS = re.compile(
    r"\btravaux\b(?!\s+d'entretien)|ravalement|refection|renovation|etancheite|\bhors\s+budget|exceptionnel"
    r"|\bappel\s+(?:n°\s*)?\d+\s*(?:/|sur)\s*\d+|\bag[eo]?\s+d[ue]\s+\d|\bdecision\s+ag|mise\s+aux?\s+normes?|remplacement\s+d[eu]"
)
_ACCOUNT = re.compile(
    r"\bsolde\b|anterieur|precedent|report\b|a\s+reporter|a\s+nouveau|arriere|\bimpayes?\b|reglements?\b|versements?\b|virements?\b|prelevements?\b|cheque"
    r"|^\W*acomptes?\b|acomptes?\s+(?:vers|pay|regl|appel|recu)|paiements?\b|encaissement|relance|mise\s+en\s+demeure"
)
_TOTAL = re.compile(
    r"^\W*(?:total|totaux|montant\s+(?:total|de\s+l'appel|de\s+cet\s+appel|appele|de\s+votre\s+appel)|somme\s+(?:totale|appelee)|net\b|a\s+payer|a\s+regler|ensemble\s+de\s+vos|quote[- ]part\s+totale|montant\s+(?:a\s+payer|a\s+regler|du\b|exigible))"
)
_SUBTOTAL = re.compile(
    r"^\W*(?:sous[- ]?tota\w*|s/?s?[- ]?total|soustotal|total\s+(?:partiel|intermediaire))\W*"
)
_ALL = re.compile(
    r"appel\b|appele|a\s+payer|a\s+regler|general\s*$|trimestre|vos\s+charges|\bexercice|votre\s+quote|quote[- ]part|des\s+charges\s*(?:\W|$)|^\W*total\s+charges\W*$|a\s+votre\s+(?:charge|debit)|a\s+nous|\bdu\s*$|net\b|periode|coproprietaire|depenses\s*$"
    r"|^\W*(?:total|totaux|montant)(?:\s+(?:general|ttc|euros?|€))*\W*$"
)
_BUDGET_PART = re.compile(r"provision|budget|operations?\s+courantes|charges\s+courantes")
_NOT_LOT = re.compile(r"immeuble|copropriete\b|syndicat\b(?!.*reste)|batiment\s+total")
_ASIDE = re.compile(
    r"^\W*dont\b|recuperable|locatives?\b|deductible|^\W*tva\b|pour\s+(?:information|memoire|rappel)|interets?\s+de\s+retard|proposition|budget\s+(?:annuel|vote)"
)
_LOT_HEADING = re.compile(r"\W*lot\s+(?:n°\s*)?(\w+)")
_LOT_NATURE = re.compile(
    r"appart|studio|\bt\d\b|\bf\d\b|parking|garage|\bbox\b|cave|cellier|local|chambre|bureau|grenier|emplacement|stationnement|duplex|maison"
)
_CALLED = re.compile(r"(?:provisions?|acomptes?)\s+(?:appel|vers|pay|regl|de\s+l'ex)|appels?\s+de\s+fonds")
_GENERIC = re.compile(
    r"^\W*(?:budget|provisions?|appel|quote[- ]part|montant|charges?\s*$|depenses?\s*$|votre\b)"
)
_NO_HEADING = re.compile(r"€|\d{4}|[.;,:]$|^.{60}")
_KEY_NUMBER = re.compile(r"cle\s*(?:n°\s*)?[a-z]?\d{1,4}")  # it names nothing: its heading does
_RECAPITULATION = re.compile(r"recapitul|^\W*(?:synthese|cumul|ensemble\s+d[eu]|total\s+d)\w*.{0,20}\blots\b")
NEAR = Decimal("0.03")  # rounding of a column of sums


@dataclass(slots=True)
class Key:
    """One key of the breakdown: the row that holds its sum, and the row that names it."""

    item: Item
    named: Item  # a heading, or `item` itself
    detail: Item  # the first row of the key, with its tantièmes
    heading: Item | None = None
    lot: str = ""  # where every lot has its own block

    @property
    def name(self) -> str:
        return self.named.label

    @property
    def value(self) -> Decimal:
        return self.item.money.value if self.item.money else Decimal(0)


@dataclass(slots=True)
class Statement:
    keys: list[Key] = field(default_factory=list)
    fund: list[Item] = field(default_factory=list)
    works: list[Item] = field(default_factory=list)
    totals: list[Item] = field(default_factory=list)

    def sum(self) -> Decimal:
        return _sum(self.keys) + sum(
            (item.money.value for item in self.fund + self.works if item.money), Decimal(0)
        )


def _sum(keys: Sequence[Key]) -> Decimal:
    return sum((key.value for key in keys), Decimal(0))


def is_fund(label: str) -> bool:
    return bool(FUND.search(label)) and not _FUND_CALL.search(label)


def is_total(label: str) -> bool:
    return bool(_TOTAL.match(label)) and not _SUBTOTAL.match(label) and bool(_ALL.search(label))


def sort_rows(rows: Sequence[Item], kind: str | None) -> Statement:
    """Walk the rows: details wait until a subtotal covers them, else they are keys themselves."""
    made = Statement()
    heading: Item | None = None
    works_section = False
    lot = ""
    headings = [found for item in rows if (found := item.lot or _lot_of(item))]
    by_lot = len(set(headings)) > 1
    pending: list[Key] = []
    # Some offices print the call as movements of the account: the debits are then its rows.
    ledger = not any(item.money and item.table and not item.account for item in rows)
    main = 0 if ledger else _main_table(rows)
    done = False
    for index, item in enumerate(plain := _without_details(rows)):
        label = item.label
        if item.money is None:
            if _RECAPITULATION.search(label) and _says_again(plain, index):
                # Each lot's own rows came before; here they are printed together.
                made, pending, heading, lot, by_lot = Statement(), [], None, "", False
                continue
            named = _lot_of(item) or (item.opens and not _NO_HEADING.search(label))
            if label and not item.all_money and item.table and named:
                heading = item
                works_section = bool(WORKS.search(label)) and not is_fund(label)
                lot = (_lot_of(item) or lot) if by_lot else ""
            continue
        if heading is not None and heading.table != item.table:
            heading = None
        if not label and _sums_up(pending, item):
            _close(made, pending, item, heading, works_section)
            continue
        if (item.account and not ledger) or item.credit or (item.table != main and item.table and done):
            continue
        if (
            _ASIDE.search(label)
            or (_TOTAL.match(label) and _NOT_LOT.search(label))
            or not re.search(r"[a-z]{2}", label)
        ):
            continue
        if kind == "decompte_annuel" and _TOTAL.match(label) and _CALLED.search(label):
            continue
        if _SUBTOTAL.match(label) or (_TOTAL.match(label) and not is_total(label)):
            _close(made, pending, item, heading, works_section)
            heading = None
        elif _repeats(made, pending, item):
            continue
        elif _bare_subtotal(pending, rows, item, heading):
            _close(made, pending, item, heading, works_section)
            heading = None
        elif is_total(label):
            if not (re.search(r"\blot\b", label) and pending):
                made.totals.append(item)
                made.keys += pending
                pending = []
                done = True
        elif done and not (is_fund(label) or _more_keys(made, rows, item)):
            continue
        elif is_fund(label):
            made.fund.append(item)
        elif _ACCOUNT.search(label) or (kind == "decompte_annuel" and _CALLED.search(label)):
            continue
        elif kind not in ("appel_travaux", "decompte_annuel") and (WORKS.search(label) or works_section):
            made.works.append(item)
        elif main in (0, item.table) or item.table == 0:
            lot = item.lot if item.lot and by_lot else lot
            pending.append(Key(item, item, item, heading, lot))
    made.keys += pending
    _name_by_headings(made.keys)
    return made


def _says_again(rows: Sequence[Item], place: int) -> bool:
    """Whether the rows under a recapitulation bear the names of the rows before it."""
    before = {item.label for item in rows[:place] if item.money}
    after = [item.label for item in rows[place + 1 :] if item.money and not _TOTAL.match(item.label)]
    return len(after) > 1 and 2 * sum(label in before for label in after) > len(after)


def _lot_of(item: Item) -> str:
    """The lot whose block a row without sums opens: `LOT 22 – appartement`, `0087 | APPARTEMENT 3P`."""
    if item.all_money or not item.row.cells:
        return ""
    named = _LOT_HEADING.match(item.label)
    if named:
        return named[1]
    number = re.fullmatch(r"0*(\d{1,5}[a-z]?)", item.row.cells[0].text.strip())
    return number[1] if number and len(item.row.cells) > 1 and _LOT_NATURE.match(item.label) else ""


def _sums_up(pending: Sequence[Key], item: Item) -> bool:
    """A sum without a name under the rows that it adds up."""
    return len(pending) > 1 and item.money is not None and abs(_sum(pending) - item.money.value) <= NEAR


def _name_by_headings(keys: Sequence[Key]) -> None:
    """`Budget prévisionnel` under each key's heading: the heading tells the keys apart."""
    labels = Counter(key.item.label for key in keys if key.named is key.item)
    for key in keys:
        alone = sum(1 for other in keys if other.heading is key.heading) == 1
        generic = labels[key.item.label] > 1 or (alone and _GENERIC.match(key.item.label))
        told = key.heading is not None and not _GENERIC.match(key.heading.label)
        if key.named is key.item and key.heading is not None and generic and told and not key.lot:
            key.named = key.heading


def _without_details(rows: Sequence[Item]) -> list[Item]:
    """Where a key is printed with its sum first and its details after it, only the key is kept."""
    kept: list[Item] = []
    skip = 0
    for index, item in enumerate(rows):
        if skip:
            skip -= 1
            continue
        kept.append(item)
        if item.money is None or item.money.value <= 0 or item.account or _TOTAL.match(item.label):
            continue
        added = Decimal(0)
        for count, below in enumerate(rows[index + 1 : index + 41], start=1):
            if (
                below.money is None
                or below.table != item.table
                or _TOTAL.match(below.label)
                or _SUBTOTAL.match(below.label)
            ):
                break
            added += below.money.value
            if count > 1 and abs(added - item.money.value) <= Decimal("0.01"):
                skip = count
                break
            # A refund among the details may bring the sum down again.
            if added > 3 * item.money.value:
                break
    return kept


def _repeats(made: Statement, pending: list[Key], item: Item) -> bool:
    """A row that only repeats what the keys before it make together, such as `Provisions sur budget`."""
    before = [*made.keys, *pending]
    if len(before) < 2 or item.money is None or not _BUDGET_PART.match(item.label) or is_fund(item.label):
        return False
    return abs(_sum(before) - item.money.value) <= NEAR * len(before)


def _bare_subtotal(pending: Sequence[Key], rows: Sequence[Item], item: Item, heading: Item | None) -> bool:
    """`TOTAL` under a heading and its details, where a later total covers more."""
    if item.money is None or heading is None or not re.fullmatch(r"\W*(?:total|totaux)\W*", item.label):
        return False
    own = [key for key in pending if key.heading is heading]
    if not own or abs(_sum(own) - item.money.value) > NEAR * len(own):
        return False
    return any(
        later.money and is_total(later.label) and later.money.value > item.money.value
        for later in rows
        if later.row.start > item.row.start and later.table == item.table
    )


def _more_keys(made: Statement, rows: Sequence[Item], item: Item) -> bool:
    """A call may go on after the total of its provisions: works, fund, then the true total."""
    later = [row for row in rows if row.row.start > item.row.start and row.money and is_total(row.label)]
    return bool(later) and not _ACCOUNT.search(item.label) and bool(WORKS.search(item.label))


def _close(
    made: Statement, pending: list[Key], item: Item, heading: Item | None, works_section: bool
) -> None:
    """A subtotal: of the details before it (it stands for them), or of the keys so far (it adds nothing)."""
    if item.money is None:
        return
    value = item.money.value
    name = subtotal_name(item.label)
    if heading is not None and _KEY_NUMBER.fullmatch(name):
        name = ""
    if is_fund(name):
        return
    if made.works and (re.search(r"travaux|hors\s+budget|exceptionnel", name) or works_section):
        made.works = [item]
        return
    so_far = [*made.keys, *pending]
    repeats = bool(made.keys) and abs(_sum(so_far) - value) <= NEAR * len(so_far)
    if _BUDGET_PART.match(name) or repeats or re.match(r"lot\b", name):
        made.keys += pending
        pending.clear()
        return
    # Rows before that belong to no subtotal stay; the last ones that add up are what it sums.
    first = next(
        (n for n in range(len(pending)) if abs(_sum(pending[n:]) - value) <= NEAR * (len(pending) - n + 1)),
        None,
    )
    titled = heading is not None and (not name or _alike(name, heading.label))
    if first is None and titled:
        first = 0
    if first is None or (len(pending) - first > 1 and not name and not titled):
        made.keys += pending
    elif pending:
        named = item
        if heading is not None and (not name or (titled and len(heading.label) > len(name))):
            named = heading
        made.keys += pending[:first]
        made.keys.append(Key(item, named, pending[first].item))
    pending.clear()


def subtotal_name(label: str) -> str:
    bare = _SUBTOTAL.sub("", re.sub(r"^\W*tota(?:l|ux)(?:\s+|\W*$)", "", label))
    return re.sub(r"^(?:d[eu]s?\s+|de\s+la\s+|de\s+l')", "", bare).strip(" .:-")


def _alike(name: str, heading: str) -> bool:
    a, b = set(re.findall(r"\w{2,}", name)), set(re.findall(r"\w{2,}", heading))
    return bool(a & b)


def _main_table(rows: Sequence[Item]) -> int:
    """The table with most sums; a table going on over pages repeats its head and gets another number."""
    count: dict[int, int] = {}
    for item in rows:
        if item.money and not item.account:
            count[item.table] = count.get(item.table, 0) + 1
    return 0 if len(count) > 1 and _one_table(rows) else max(count, key=lambda k: count[k], default=0)


def _one_table(rows: Sequence[Item]) -> bool:
    """No total before the last table: they are parts of one."""
    tables = [item.table for item in rows if item.money and not item.account]
    totals = [item.table for item in rows if item.money and is_total(item.label)]
    return not totals or min(totals) >= max(t for t in tables if t <= max(totals))


def best_total(made: Statement, rows: Sequence[Item], has_earlier_balance: bool) -> tuple[Money, Item] | None:
    """The printed total that the rows add up to; else the first that is called so."""
    named = [item for item in made.totals if item.money]
    later = [
        item for item in rows
        if item.money and item not in named and re.search(r"total|montant|a\s+payer|a\s+regler|net\b|somme", item.label)
        and not _ACCOUNT.search(item.label) and not _SUBTOTAL.match(item.label)
    ]  # fmt: skip
    wanted = made.sum()
    slack = NEAR * max(len(made.keys), 1)
    # What one office calls subtotal (before the earlier balance) is the whole call where it adds all up.
    bare = [item for item in rows if item.money and re.fullmatch(r"\W*sous[- ]?total\W*", item.label)]
    for item in [*named, *later, *bare]:
        if item.money and abs(item.money.value - wanted) <= slack and wanted:
            return item.money, item
    for item in named:
        if item.money and not (has_earlier_balance and re.search(r"net\b|a\s+payer|a\s+regler", item.label)):
            return item.money, item
    return None
