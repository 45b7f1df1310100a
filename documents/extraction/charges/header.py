"""What stands around the table: the kind of paper, its period and day, the lots and their share."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from documents.extraction.amounts import EUROS, NUMBER, whole
from documents.extraction.charges.breakdown import Key
from documents.extraction.charges.table import Item, money
from documents.extraction.dates import DATE, day, periods
from documents.extraction.draft import Draft
from documents.extraction.flow import Cell, Flow, Span

TITLE_ROWS = 45
A_ROW_OF_SUMS = 15  # points that a row with a sum loses as a title: `Appels provisionnels | 800,00`
TITLE_LENGTH = 120  # characters of a line in which its title stands
_STATEMENT = re.compile(
    r"(?:decompte|releve|arrete|repartition|regularisation|compte\s+(?:rendu|individuel))\s+(?:\w+\s+){0,3}?(?:d[eu]s?\s+|sur\s+|de\s+vos\s+|l')?(?:regularisation\s+)?(?:d[eu]s?\s+)?(?:vos\s+)?(?:charges|depenses|comptes?|exercice)"
    r"|\bdecompte\s+(?:individuel|annuel|definitif)|\bregularisation\s+(?:annuelle|de\s+charges|des\s+charges)|\bsolde\s+de\s+charges|\breleve\s+(?:individuel|annuel|general)"
)
_CALL = re.compile(
    r"\bappels?\s+(?:\w+\s+)?(?:de\s+|d'|sur\s+|des\s+)?(?:fonds|provisions?|charges|cotisations?|trimestriel\w*|travaux|exceptionnel\w*|provisionnel\w*|n°)"
    r"|\bavis\s+d'(?:appel|echeance)|\bappel\s+du\s+\d|\bprovisions?\s+(?:sur|pour)\s+(?:les\s+)?charges|\bappel\s*(?:-|n°)"
)
_WORKS = re.compile(
    r"\btravaux\b|ravalement|exceptionnel|refection|renovation|toiture|etancheite|hors\s+budget|isolation|remplacement"
)
# `Appel de fonds travaux` calls for works; `fonds travaux` alone is the fund of article 14-2-1.
_FUND = re.compile(
    r"(?:(?<!appel de )(?<!appels de )fonds\s+(?:de\s+|des\s+)?travaux|fonds\s+(?:de\s+)?travaux.{0,15})\s*\(?(?:loi\s+)?alur\b"
    r"|(?<!appel de )(?<!appels de )fonds\s+(?:de\s+|des\s+)?travaux|\balur\b"
)
_DUE = (
    r"\bexigib\w*|\bexigee?\b",
    r"\becheance\b|\bdate\s+limite(?:\s+de\s+(?:paiement|reglement))?|\bau\s+plus\s+tard\b|\bpayable\b",
    r"\ba\s+(?:payer|regler|verser)\s+(?:avant|pour|au|le)\b|\bavant\s+le\b|\ba\s+regler\b",
    rf"\ba\s+(?:payer|regler|verser)\s*:\s*{NUMBER}\s?{EUROS}(?=\s+(?:au|le|avant|pour)\b)",
)
_PAST = re.compile(
    r"precedent|\brappels?\b|dernier|ancien|deja|relance|mise\s+en\s+demeure|prochain|prevu|virement\s+du"
)


def kind(draft: Draft) -> str | None:
    """The first title decides; a call for works names works in its title, not only a works fund."""
    flow = draft.flow
    best: tuple[int, str, Span] | None = None
    for index, row in enumerate(flow.rows[:TITLE_ROWS]):
        for cell in row.cells:
            text = cell.text[:TITLE_LENGTH]
            statement, call = _STATEMENT.search(text), _CALL.search(text)
            if not (statement or call) and len(row.cells) == 1 and index + 1 < len(flow.rows):
                text = f"{text} {flow.rows[index + 1].cells[0].text}"  # a title over two lines
                statement, call = (
                    m if m and m.start() < len(cell.text) else None
                    for m in (_STATEMENT.search(text), _CALL.search(text))
                )
            found = statement or call
            if not found:
                continue
            large = cell.box[3] - cell.box[1]
            shouted = _shouted(flow, cell.span)
            early = found.start() < 25
            score = round(2000 * large) + 12 * shouted + 8 * early - index // 4 - len(cell.text) // 25
            if any(money(other) for other in row.cells):
                score -= A_ROW_OF_SUMS
            name = "decompte_annuel"
            if not statement or (call and call.start() < statement.start()):
                following = [r.text for r in flow.rows[index + 1 : index + 2] if r.page == row.page]
                title = _FUND.sub("", cell.text)
                below = _FUND.sub("", following[0]) if following else ""
                works = _WORKS.search(title) or (
                    _WORKS.search(below) and len(below) < 90 and re.search(r"\bappel\b|n°|/|travaux", below)
                )
                ordinary = re.search(r"trimestre|provision|budget|charges\s+courantes", cell.text)
                name = "appel_travaux" if works and not ordinary else "appel_de_fonds"
            if best is None or score > best[0]:
                best = (score, name, Span(cell.start, cell.end))
    if best is None:
        return None
    draft.put("kind", best[1], best[2], "charges.kind", 0.9)
    return best[1]


def _shouted(flow: Flow, span: Span) -> bool:
    letters = [c for word in flow.words(span) for c in word.text if c.isalpha()]
    return bool(letters) and sum(c.isupper() for c in letters) > 0.7 * len(letters)


def period(draft: Draft, what: str | None) -> None:
    """`du … au …`, first where it is called the period or the year. A named quarter states no day."""
    flow = draft.flow
    found = [p for p in periods(flow) if 25 <= (p.end - p.start).days <= 800]
    named = [
        p for p in found
        if re.search(r"periode|trimestre|exercice|semestre|appel|charges|annee", flow.text[max(0, p.span.start - 60) : p.span.start])
    ]  # fmt: skip
    chosen = next(iter(named or found), None)
    if chosen and what == "appel_de_fonds":
        # `Exercice du … au …`, then the quarter that is called within it.
        inner = [
            p
            for p in named
            if chosen.start <= p.start and p.end <= chosen.end and p.end - p.start < chosen.end - chosen.start
        ]
        chosen = next((p for p in inner if (chosen.end - chosen.start).days > 300), chosen)
    if chosen and (what != "appel_travaux" or named):
        draft.put("period_start", chosen.start, chosen.span, "charges.period", 0.95)
        draft.put("period_end", chosen.end, chosen.span, "charges.period", 0.95)


def due_date(draft: Draft) -> None:
    flow = draft.flow
    for pattern in _DUE:
        for label in flow.finditer(pattern):
            before = flow.text[max(0, label.start() - 60) : label.start()].rsplit("\n", 1)[-1]
            if _PAST.search(before):
                continue
            reach = Span(label.end(), min(len(flow.text), label.end() + 60))
            found = flow.search(DATE, reach)
            if found is None or not re.fullmatch(
                r"[\W\s]*(?:(?:le|au|du|avant|date|d'|de|paiement|reglement|est|fixee?|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|trimestre|plus|tard|pour|la|somme)[\W\s]+)*",
                flow.text[label.end() : found.start()],
            ):
                value, place = _below(flow, label)
            else:
                value, place = day(found[0]), Span(*found.span())
            if value and place:
                draft.put("due_date", value, [Span(*label.span()), place], "charges.due_date", 0.9)
                return


def _below(flow: Flow, label: re.Match[str]) -> tuple[date | None, Span | None]:
    """The day under its head in a small table."""
    box = flow.box(Span(*label.span()))
    row = flow.row_at(label.start())
    under: list[tuple[date | None, Span]] = []
    for other in flow.rows[flow.row_index(label.start()) + 1 :][:2]:
        if other.page != row.page or other.top - box[3] > 0.035 * (len(under) + 1):
            break
        for cell in other.cells:
            match = re.fullmatch(rf"\W*({DATE})\W*", cell.text)
            if match and cell.box[0] < box[2] + 0.02 and cell.box[2] > box[0] - 0.02:
                place = Span(cell.start + match.start(1), cell.start + match.end(1))
                under.append((day(match[1]), place))
    # Several days under one head are a timetable: the head does not tell which is this paper's.
    return under[0] if len(under) == 1 else (None, None)


_LOT = r"(?<![a-z\d])(?:(?!et|au|de|du|no|ou|n\b|a\b)[a-z]{1,2}[ -]?)?\d{1,5}[a-z]?(?! \d{3}\b)(?![\d,.]*\s*(?:€|eur|/|%|m2|er\b|e\b|eme))(?! ?(?:tanti|milli))"
_LOTS = re.compile(
    rf"\blots?\b(?:\s*\(s\))?\s*(?:n[°os]{{0,2}}\.?\s*|numeros?\s*|concernes?\s*|de\s+copropriete\s*|principal\w*\s*|principaux\s*|:\s*|\t)*(?:(?P<pair>(?<![\d/])\d{{1,4}}/\d{{1,4}}(?![\d./]|,\d|\s*(?:eme|tant|mill)))|(?P<list>{_LOT}\b(?:\s*\([^)\n]{{1,60}}\)|\s-\s[a-z][a-z. ]{{2,25}}(?=,|\n))?"
    rf"(?:\s*(?:,|;|et|&|/|\+|-|\n(?!\s*\d+\s+[a-z]))\s*(?:et\s+)?(?:lots?\s+)?(?:n°\s*)?{_LOT}\b(?:\s*\([^)\n]{{1,60}}\)|\s-\s[a-z][a-z. ]{{2,25}}(?=,|\n))?)*))"
)


def lots(draft: Draft, rows: Sequence[Item]) -> list[str]:
    """Numbers after the word, down to the table; below it only where they stand nowhere above."""
    flow = draft.flow
    end = max((item.row.end for item in rows if item.money), default=len(flow.text))
    found = _named_lots(flow, Span(0, end))
    for number, span in _lot_column(flow).items():
        found.setdefault(number, span)
    found = found or _named_lots(flow, Span(end, len(flow.text)))
    for index, (number, span) in enumerate(found.items()):
        draft.put(f"lot_numbers[{index}]", number, span, "charges.lot_numbers", 0.85)
    return list(found)


def _named_lots(flow: Flow, within: Span) -> dict[str, Span]:
    found: dict[str, Span] = {}
    for match in flow.finditer(_LOTS, within):
        before = flow.text[max(0, match.start() - 14) : match.start()]
        if re.search(r"(?:\d|marche|technique|entreprise) *\Z", before):
            continue
        if match["pair"]:
            pair = match["pair"].split("/")
            if int(pair[0]) < int(pair[1]) < int(pair[0]) + 50:  # two lots, not a share
                for number in pair:
                    found.setdefault(number, Span(*match.span("pair")))
            continue
        inner = re.sub(r"\([^)]*\)", lambda m: " " * len(m[0]), match["list"])
        for one in re.finditer(_LOT, inner):
            start = match.start("list") + one.start()
            number = re.sub(r"[ -]", "", one[0]).upper()
            number = re.sub(r"^0+(?=\d)", "", number)
            found.setdefault(number, Span(start, start + len(one[0])))
    return found


def _lot_column(flow: Flow) -> dict[str, Span]:
    found: dict[str, Span] = {}
    head = None
    for row in flow.rows:
        for cell in row.cells:
            if (
                re.fullmatch(r"(?:n°\s*(?:de\s+|du\s+)?)?lots?(?:\s*n°)?", cell.text.strip())
                and len(row.cells) > 1
            ):
                head = cell
        if head is None or row.start <= head.start:
            continue
        first = row.cells[0]
        if (
            min(first.box[2], head.box[2] + 0.03) - max(first.box[0], head.box[0] - 0.03) > 0
            and len(row.cells) > 1
        ):
            for one in (
                re.finditer(rf"(?<![\w,.]){_LOT}(?![\w,.])", first.text)
                if len(first.text) < 20 and not re.search(r"\d/\d|\bau \d|\bdu \d", first.text)
                else ()
            ):
                number = re.sub(r"^0+(?=\d)", "", one[0].upper().replace(" ", ""))
                found.setdefault(number, Span(first.start + one.start(), first.start + one.end()))
    return found


_N = r"\d{1,3}(?:[ .]\d{3})+|\d+"
_ONE_LOT = re.compile(r"\blot\b\s*(?:n°\s*)?[a-z]?\d")
_SHARE = re.compile(
    rf"(?<![\d,./-])(?P<lot>{_N})\s*(?:tantiemes|milliemes|emes?)?\s*(?:/|sur(?:\s+un\s+total\s+de)?)\s*(?P<total>{_N})(?![\d/]|,\d|-\d)(?:\s?(?:emes?|e)\b)?"
)


def tantiemes(draft: Draft, rows: Sequence[Key], items: Sequence[Item], lot_count: int) -> None:
    """The share in the general charges: named as such, else in the row of the general key."""
    flow = draft.flow
    candidates: list[tuple[int, int, int, Span]] = []
    common = {key.detail.row.start for key in rows if re.search(r"general|communes?\b", key.name)}
    for match in flow.finditer(_SHARE):
        part, total = whole(match["lot"]), whole(match["total"])
        if part is None or total is None or not 0 < part < total or total < 100:
            continue
        line = flow.row_at(match.start())
        around = flow.text[max(line.start, match.start() - 60) : match.end() + 30]
        general = line.start in common or bool(re.search(r"general|quote|tanti|milli|\blots?\b", around))
        special = bool(
            re.search(r"ascenseur|chauffage|eau\b|parking|garage|batiment|escalier|special", around)
        )
        if general or total % 100 == 0:
            candidates.append((general - special, part, total, Span(*match.span())))
    if not candidates:
        _from_columns(draft, rows, items, lot_count)
        return
    best = max(rank for rank, *_ in candidates)
    pool = [c for c in candidates if c[0] == best]
    first = pool[0]
    same = list(dict.fromkeys(c[1] for c in pool if c[2] == first[2]))
    chosen = next((c for c in pool if len(same) > 2 and c[1] == sum(same) - c[1] and c[2] == first[2]), first)
    own_lines = {
        c[1] for c in candidates if c[2] == first[2] and _ONE_LOT.search(flow.row_at(c[3].start).text)
    }
    if chosen is first and lot_count > 1 and (len(own_lines) > 1 or (len(same) == lot_count and best < 1)):
        return  # each lot's own share, and their sum is not printed
    draft.put("tantiemes.lot", chosen[1], chosen[3], "charges.tantiemes", 0.9)
    draft.put("tantiemes.total", chosen[2], chosen[3], "charges.tantiemes", 0.9)


def _from_columns(draft: Draft, rows: Sequence[Key], items: Sequence[Item], lot_count: int) -> None:
    """`10 000 | 253` in the row of the general charges, or `Vos tantièmes : 253 – Total : 10 000`."""
    flow = draft.flow
    named = re.search(
        rf"(?:tantiemes|milliemes)[^\d\n]{{0,30}}({_N})(?!\s?(?:€|,\d))[^\d\n]{{0,40}}(?:total|base|sur)[^\d\n]{{0,25}}({_N})(?!\s?(?:€|,\d))",
        flow.text,
    )
    if named:
        part, total = whole(named[1]), whole(named[2])
        if part and total and part < total:
            draft.put("tantiemes.lot", part, Span(*named.span(1)), "charges.tantiemes_named", 0.8)
            draft.put("tantiemes.total", total, Span(*named.span(2)), "charges.tantiemes_named", 0.8)
            return
    shares: list[tuple[int, int, Cell, Cell]] = []
    for key in rows:
        if re.search(r"general|communes?\b|charges\s+courantes|ensemble", f"{key.name} {key.detail.label}"):
            share = _row_share(key.detail)
            if share and share[1] >= 100:
                shares.append(share)
    if not shares and len(rows) == 1 and (only := _row_share(rows[0].detail)) and only[1] >= 1000:
        shares.append(only)  # a call of one line, for works spread over all
    if not shares:
        return
    chosen = shares[0]
    blocks = {key.lot for key in rows if key.lot}
    if len(blocks) > len({share[0] for share in shares}):
        return  # one block shows no share: the sum cannot be told
    if lot_count > 1 and len({share[0] for share in shares if share[1] == chosen[1]}) > 1:
        # Each lot has its own row: their sum counts only where it is printed too.
        added = sum(share[0] for share in shares if share[1] == chosen[1])
        printed = [s for item in items if (s := _row_share(item)) and s[:2] == (added, chosen[1])]
        if not printed:
            return
        chosen = printed[0]
    draft.put("tantiemes.lot", chosen[0], chosen[2].span, "charges.tantiemes_row", 0.8)
    draft.put("tantiemes.total", chosen[1], chosen[3].span, "charges.tantiemes_row", 0.8)


def _row_share(item: Item) -> tuple[int, int, Cell, Cell] | None:
    """The lot's share and the base in two cells of a row."""
    numbers = [
        (value, cell)
        for cell in item.row.cells
        if re.fullmatch(_N, cell.text.strip()) and (value := whole(cell.text)) is not None
    ]
    if len(numbers) < 2:
        return None
    (low, own), (high, base) = sorted(numbers[-2:], key=lambda pair: pair[0])
    return (low, high, own, base) if 0 < low < high else None
