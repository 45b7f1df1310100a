"""DPE: arrêtés of 15 September 2006 (two scales) and of 31 March 2021 (one scale, 3CL-2021).

Values after works, of final energy, of means and of thresholds stand beside those of the dwelling: the words
before a value tell them apart.
"""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from documents.extraction.amounts import CENTS, EUROS, NUMBER, decimal
from documents.extraction.diags import scale
from documents.extraction.diags.parts import Part
from documents.extraction.flow import Flow, Row, Span
from documents.extraction.page import Box

_MONEY = rf"(?:{NUMBER}\s?{EUROS}|{CENTS})"
_PER_M2 = r"\s*/\s*\(?\s*m[2?]\s*[./]?\s*/?\s*an\b\)?"
KWH = rf"k{{1,2}}wh\s*[._]?\s*\(?(?:e\.?p\.?|d'energie\s+primaire|energie\s+primaire)?\)?{_PER_M2}"
CO2 = rf"kg\s*(?:d')?\s*(?:eq\w*\.?\s*)?(?:\(?\s*(?:de\s+)?c[o0][2;:?,]?\s*\)?)?\s*(?:eq\w*\.?)?{_PER_M2}"
_ELSEWHERE = re.compile(
    r"apres|avec\b|scenario|etapes?\b|pack|finale|\bef\b|seuil|moyenne|objectif|projet|futur|atteindr|passe\w*\s+a"
    r"|rendement|gain|compris|limite|maxim|inferieur|superieur|travaux\s+(?:essentiels|a\s+envisager)"
)
FULL_LINE = 60  # characters from which on a line of prose goes on below
_ADEME = r"(?<![a-z0-9])\d{4}\s?[a-z]\s?\d{7}\s?[a-z](?![a-z0-9])"
_CLASS_NAME = r"(?:classe\w*|etiquette|lettre|note|categorie)"
BARE_CLASS = rf"{_CLASS_NAME}\s*:?\s*\"?([a-g])\b(?!')"
ENERGY_CLASS = (
    rf"{_CLASS_NAME}\s+(?:de\s+(?:la\s+)?)?(?:energ\w+|dpe|consommation\w*|performance\s+energetique|logement)\b\s*(?:\(\s*dpe\s*\))?\s*(?:est\s*)?[:=-]?\s*\"?([a-g])\b(?!')",
    r"\bdpe\s*(?::|=|\t|classe|-)?\s*(?:classe\s*)?([a-g])\b(?!['.])",
    r"\(\s*energie\s*:?\s*([a-g])\b(?=\s*[,;/-])",
    BARE_CLASS,
)
GES_CLASS = (
    rf"{_CLASS_NAME}\s+(?:(?:d'|des?\s+)?(?:climat\w*|ges|emissions?)(?:\s+de\s+(?:ges|gaz\s+a\s+effet\s+de\s+serre))?)\s*(?:\(\s*ges\s*\))?\s*(?:est\s*)?[:=-]?\s*\"?([a-g])\b(?!')",
    rf"{_CLASS_NAME}\s+\"?([a-g])\b\"?\s+(?:pour|au\s+titre|concernant|en\s+matiere)[^.;,\d]{{0,24}}(?:emissions?|climat|ges\b|gaz)",
    r"\b(?:ges|climat)\s*(?::|=|\t|-)?\s*(?:classe\s*)?([a-g])\b(?!['.])",
)


def read(part: Part) -> None:
    found = part.search(_ADEME)
    if found:
        span = Span(*found.span())
        printed = "".join(word.text for word in part.flow.words(span))
        exact = re.search(r"\d{4}[A-Za-z]\d{7}[A-Za-z]", printed)
        if exact:
            part.put("ademe_number", exact[0].upper(), span, confidence=0.95)
    read_performance(part)
    _costs(part)
    read_surface(part)


def read_audit(part: Part) -> None:
    """The state before works of an energy audit (arrêté of 4 May 2022)."""
    read_performance(part)
    read_surface(part)


def read_performance(part: Part) -> None:
    """Consumption, emissions and both classes; also those of the first state in an energy audit."""
    energy = _value(part, KWH)
    climate = _value(part, CO2) or _starred(part)
    if energy:
        part.put("energy_kwh_m2", energy[0], energy[1])
    if climate:
        part.put("ges_kg_m2", climate[0], climate[1])
    _stated_classes(part)
    _classes_in_rows(part)
    _classes_in_ranges(part)
    _drawn_classes(part)


def _starred(part: Part) -> tuple[Decimal, Span | list[Span], Box] | None:
    """`94*` (OCR: `94\"`) in the frame beside the scale of 2021, with the legend `* dont émissions de gaz à effet de serre`."""
    legend = part.search(r"\*\s?dont\s+emissions", summary=False)
    if legend is None:
        return None
    page = part.flow.page_of(legend.start())
    for match in part.finditer(rf'(?<![\d,.])({NUMBER})[*"]', summary=False):
        value = decimal(match[1])
        if value is not None and part.flow.page_of(match.start()) == page:
            place = Span(*match.span())
            return value, [place, Span(*legend.span())], part.flow.box(place)
    return None


def _clause_before(part: Part, offset: int) -> str:
    """What the clause says before a place; full lines of prose above belong to it."""
    rows = part.flow.rows
    index = part.flow.row_index(offset)
    cell = max((c for c in rows[index].cells if c.start <= offset), key=lambda c: c.start)
    before = part.flow.text[cell.start : offset]
    if len(rows[index].cells) == 1 and ":" not in before:
        for above in reversed(rows[max(0, index - 2) : index]):
            if above.page != rows[index].page or len(above.cells) > 1 or len(above.text) < FULL_LINE:
                break
            # Final energy is said of the value beside it, not of the next line's.
            before = above.text.replace("finale", "") + "\n" + before
    return re.split(r";|\.\s", before)[-1]


def _elsewhere(part: Part, offset: int) -> bool:
    before = _clause_before(part, offset)
    row = part.flow.row_at(offset)
    if len(row.cells) > 1 and offset > row.cells[0].end and _ELSEWHERE.search(row.cells[0].text):
        return True  # the head of the row: `Après étape 1 | 201 kWh/m²/an`
    if re.fullmatch(r"[\s\d,.*]*(?:kwh\S*\s*)?", before) and _under_heading_of_works(part, offset):
        return True
    first_state = re.search(r"avant\s+travaux|etat\s+initial|actuel", before)
    other = list(_ELSEWHERE.finditer(before))
    return bool(other) and not (first_state and first_state.start() > other[-1].start())


def _under_heading_of_works(part: Part, offset: int) -> bool:
    """`Avec travaux 1 + 2` on a short line right above a value that opens its own line."""
    rows = part.flow.rows
    index = part.flow.row_index(offset)
    for above in reversed(rows[max(0, index - 3) : index]):
        if above.page != rows[index].page or len(above.cells) > 1 or len(above.text) >= FULL_LINE:
            return False
        if re.search(r"avant\s+travaux|actuel|initial", above.text):
            return False
        if re.search(r"(?:apres|avec)\s+(?:les\s+)?travaux|scenario|etapes?\s+\d", above.text):
            return True
    return False


def _value(part: Part, unit: str) -> tuple[Decimal, Span | list[Span], Box] | None:
    """The first value with this unit: before it on the line, or above it in the drawing."""
    candidates = list(_candidates(part, unit))
    named = [
        c for c in candidates if re.search(r"convention|energie primaire\W*$|estimation|emissions?\b", c[3])
    ]
    for value, place, box, _ in [*candidates[:1], *named, *candidates]:
        return value, place, box
    return None


def _candidates(part: Part, unit: str) -> Iterator[tuple[Decimal, Span | list[Span], Box, str]]:
    flow = part.flow
    for match in part.finditer(unit):
        place = Span(*match.span())
        unit_box = flow.box(Span(place.start, place.start + 3))
        above = _above(part, place, unit_box)
        if above:
            value, span = above
            if not _elsewhere(part, span.start):
                yield value, [span, place], flow.box(span), ""
            continue
        before = re.search(rf"({NUMBER})\s*(?:\(?e\.?p\.?\)?)?\s*$", part.before(place.start, 24))
        if before is None:
            continue
        start = place.start - len(before.string) + before.start(1)
        span = Span(start, start + len(before[1]))
        value_or_none = decimal(before[1])
        if value_or_none is not None and not _elsewhere(part, span.start):
            sentence = _clause_before(part, span.start)
            yield value_or_none, Span(span.start, place.end), flow.box(span), sentence


def _above(part: Part, unit: Span, unit_box: Box) -> tuple[Decimal, Span] | None:
    """A number alone over its unit, as in the box beside the scale."""
    flow = part.flow
    page = flow.page_of(unit.start)
    height = unit_box[3] - unit_box[1]
    index = flow.row_index(unit.start)
    for row in flow.rows[max(0, index - 6) : index + 1]:
        if row.page != page:
            continue
        broken = _broken_line(row, unit, flow)
        if broken:
            return broken
        for match in flow.finditer(NUMBER, Span(row.start, min(row.end, unit.start))):
            span = Span(*match.span())
            if not re.fullmatch(r"[\d ,.]+[a-g]?", flow.text[span.start : span.end]):
                continue
            box = flow.box(span)
            over = min(box[2], unit_box[2]) - max(box[0], unit_box[0])
            middle = (box[1] + box[3]) / 2
            if over > 0 and middle < unit_box[1] and unit_box[1] - box[3] < 2.5 * height:
                alone = re.fullmatch(r"(?:[\d ,.\t*°\x22']|\b[a-z]{1,2}\b)+(?:kwh.*|kg.*)?", row.text)
                value = decimal(match[0])
                if alone and value is not None:
                    return value, span
    return None


def _broken_line(row: Row, unit: Span, flow: Flow) -> tuple[Decimal, Span] | None:
    """`Consommation conventionnelle : 233` at the end of a cell, and its unit first in the cell below."""
    own = next((cell for cell in flow.row_at(unit.start).cells if cell.start == unit.start), None)
    for cell in row.cells if own else ():
        found = re.search(rf":\s*({NUMBER})$", cell.text)
        value = decimal(found[1]) if found else None
        high = cell.box[3] - cell.box[1]
        if (
            own
            and found
            and value is not None
            and abs(cell.box[0] - own.box[0]) < 0.01
            and 0 < own.box[1] - cell.box[1] < 2 * high
        ):
            return value, Span(cell.start + found.start(1), cell.start + found.end(1))
    return None


def _stated_classes(part: Part) -> None:
    for name, patterns in (("energy_class", ENERGY_CLASS), ("ges_class", GES_CLASS)):
        for pattern in patterns:
            for match in part.finditer(pattern):
                before = part.before(match.start(), 70)
                if _elsewhere(part, match.start(1)) or re.search(
                    r"interdit|si\s+la\s+$|logements?\s+classes?", before
                ):
                    continue
                named = name
                after = part.flow.text[match.end() : match.end() + 16]
                if pattern is BARE_CLASS and re.search(r"kwh[^()]{0,14}\(\s*$", before):
                    named = "energy_class"  # `298 kWh/m²/an (classe E), 61 kg …`: the brackets grade what stands before
                elif pattern is BARE_CLASS and (
                    re.match(r"\W{1,4}\d+ ?kg", after) or _grades_emissions(before)
                ):
                    named = "ges_class"
                part.put(named, match[1].upper(), Span(*match.span()), f"{named}_stated", 0.9)


def _grades_emissions(before: str) -> bool:
    """`12 kg CO2/m²/an (classe C)`: the unit right before a bare class is what it grades."""
    climate = max((m.end() for m in re.finditer(r"kg|co2|emission|\bges\b|climat", before)), default=-1)
    energy = max((m.end() for m in re.finditer(r"kwh|energ", before)), default=-1)
    return climate > energy and len(before) - climate < 24 and "\n" not in before[climate:]


def _classes_in_rows(part: Part) -> None:
    """A table gives value, unit and class side by side."""
    for row in part.rows():
        letters = [cell for cell in row.cells if re.fullmatch(r"[a-g]", cell.text.strip())]
        units = [unit for unit in (KWH, CO2) if re.search(unit, row.text)]
        if len(letters) != 1 or len(units) != 1 or _ELSEWHERE.search(row.cells[0].text):
            continue
        if not re.search(rf"\t{NUMBER}\t?\s*k[wg]", row.text):
            continue
        for name, unit in (("energy_class", KWH), ("ges_class", CO2)):
            found = re.search(unit, row.text)
            if found and row.start + found.start() < letters[0].start:
                part.put(name, letters[0].text.strip().upper(), letters[0].span, f"{name}_row", 0.85)


# Scales of dwellings before July 2021 (arrêté of 15 September 2006, annexe 4): lowest and highest value of a class.
_RANGES = {
    "energy_class": {"a": (0, 50), "b": (51, 90), "c": (91, 150), "d": (151, 230), "e": (231, 330), "f": (331, 450), "g": (450, 99999)},
    "ges_class": {"a": (0, 5), "b": (6, 10), "c": (11, 20), "d": (21, 35), "e": (36, 55), "f": (56, 80), "g": (80, 99999)},
}  # fmt: skip


def _classes_in_ranges(part: Part) -> None:
    """`231 à 330 E` of the old scale, where the range that is printed holds the value."""
    for name, value_name in (("energy_class", "energy_kwh_m2"), ("ges_class", "ges_kg_m2")):
        value = part.value(value_name)
        if not isinstance(value, Decimal):
            continue
        rounded = int(value.quantize(Decimal(1), ROUND_HALF_UP))
        for letter, (low, high) in _RANGES[name].items():
            if not low <= rounded <= high or (letter == "g" and rounded == low):
                continue
            bounds = (
                rf"(?:<|≤|<=|≤=)\s*{high}"
                if letter == "a"
                else rf">\s*{low}"
                if letter == "g"
                else rf"{low}\s*(?:a|-)\s*{high}"
            )
            found = part.search(rf"(?<!\d){bounds}\s*(?:kwh\S*\s*|kg\S*\s*)?\t?({letter})\b", summary=False)
            if found:
                spans = [Span(*found.span()), *part.facts[value_name][1]]
                part.put(name, letter.upper(), spans, f"{name}_range", 0.85)


def _drawn_classes(part: Part) -> None:
    if part.value("energy_class") and part.value("ges_class"):
        return
    found = scale.scales(scale.letters(part.flow, part.own))
    found = [one for one in found if one[0].page == found[0][0].page][:2]
    names = [("energy_class", "energy_kwh_m2"), ("ges_class", "ges_kg_m2")]
    if len(found) == 1 and min(letter.x for letter in found[0]) > 0.5:
        names.reverse()  # the scale on the right alone: that of the emissions
    for letters, (name, value_name) in zip(found, names, strict=False):
        value = part.value(value_name)
        drawn = scale.marked_by_size(letters)
        if drawn is None and isinstance(value, Decimal):
            drawn = _level_with(part, letters, value)
        if drawn:
            part.put(name, drawn.name.upper(), drawn.span, f"{name}_drawn", 0.75)


def _level_with(part: Part, letters: list[scale.Letter], value: Decimal) -> scale.Letter | None:
    """The value is printed several times, rounded beside the scale: the place nearest to the scale counts."""
    flow = part.flow
    wanted = (value, value.quantize(Decimal(1)), value.quantize(Decimal(1), ROUND_HALF_UP))
    places: list[Box] = []
    for match in part.finditer(rf"(?<![\d,.]){NUMBER}(?![\d,.])", summary=False):
        if flow.page_of(match.start()) == letters[0].page and decimal(match[0]) in wanted:
            places.append(flow.box(Span(*match.span())))
    middle = sum(letter.x for letter in letters) / len(letters)
    level = [(abs((box[0] + box[2]) / 2 - middle), box) for box in places if scale.level_with(letters, box)]
    return scale.level_with(letters, min(level)[1]) if level else None


def _costs(part: Part) -> None:
    """`entre 860 € et 1 210 € par an`; before 2021 one sum, of which the row of the total is read."""
    bounds = rf"({NUMBER})\s?{EUROS}?\s*(?:et|a|-)\s*({NUMBER})\s?{EUROS}"
    heads = (
        rf"\b(?:entre|de)\s+{bounds}\s*(?:/|par\s+)an\b",
        rf"(?:couts?|depenses?|frais|factures?|estimation|budget\s+energ\w+)[^€]{{0,120}}?(?:entre\s+|de\s+)?{bounds}",
        rf"(?:total\w*|usages\s+recenses)[^€]{{0,60}}?(?:entre\s+|de\s+)?{bounds}",
    )
    for pattern in heads:
        for match in part.finditer(pattern):
            if _elsewhere(part, match.start()) or re.search(r"apres\s+travaux|scenario|pack", match[0]):
                continue
            low, high = decimal(match[1]), decimal(match[2])
            if low is None or high is None or not 20 <= low <= high:
                continue
            place = Span(match.start(1), match.end())
            part.put("energy_cost_min", low, place, "energy_cost", 0.9)
            part.put("energy_cost_max", high, place, "energy_cost", 0.9)
            return
    beside = (
        rf"entre\s+({NUMBER})\s?{EUROS}?\s*et(?:\n[^\n\t€]{{0,90}}\t)({NUMBER})\s?{EUROS}\s*(?:/|par\s+)an\b"
    )
    for match in part.finditer(beside):  # broken over two lines of a column on the right
        low, high = decimal(match[1]), decimal(match[2])
        if low is not None and high is not None and 20 <= low <= high and not _elsewhere(part, match.start()):
            part.put("energy_cost_min", low, Span(*match.span(1)), "energy_cost", 0.85)
            part.put("energy_cost_max", high, Span(*match.span(2)), "energy_cost", 0.85)
            return
    for pattern in (
        rf"frais\s+annuels(?:\s+d'energie)?[^€]*?(?:€[^€]*?){{1,8}}?\n(?:total|montant\s+total)\b[^\n€]{{0,80}}?\t({_MONEY})",
        rf"usages\s+recenses[^€]{{0,110}}?(?<![\d,])({_MONEY})",
        rf"(?:estimation\s+des\s+)?(?:couts?|frais|depenses?)\s+annuels?\s+(?:d'energie|totaux|total)[^€\n]{{0,40}}?({_MONEY})",
    ):
        for match in part.finditer(pattern):
            value = decimal(match[1])
            if value is not None and value >= 20 and "abonnement" not in match[0].rsplit("\n", 1)[-1]:
                place = Span(match.start(1), match.end(1))
                part.put("energy_cost_min", value, place, "energy_cost_single", 0.85)
                part.put("energy_cost_max", value, place, "energy_cost_single", 0.85)
                return


def read_surface(part: Part) -> None:
    square = rf"({NUMBER})\s*(?:m2|metres?\s+carres?)\b"
    for pattern in (
        rf"surfaces?\s+(?:de\s+reference|habitables?|thermique\w*|utile|chauffee)[^\d\n]{{0,45}}{square}",
        rf"surfaces?\s+(?:de\s+reference|habitables?|thermique\w*)[^\d]{{0,45}}{square}",
        rf"\bsurface\s*:\s*{square}",
        rf"\bs(?:ref|h|hab)\s*[:=]\s*{square}",
    ):
        match = part.search(pattern)
        value = decimal(match[1]) if match else None
        if match and value is not None and value > 0:
            part.put("surface_m2", value, Span(*match.span()))
            return
