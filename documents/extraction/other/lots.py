"""The lots sold or let and their share; the number of lots and the age of a building."""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re

from documents.extraction.amounts import IN_WORDS, number_in_words, whole
from documents.extraction.draft import Draft
from documents.extraction.flow import Flow, Span

_COUNT = r"\d{1,3}(?:[ .']\d{3})+(?!\d)|\d+"
_BASES = {"dix": 10_000, "cent": 100_000}
_SHARE = re.compile(
    rf"(?<![\d,./])(?P<n>{_COUNT})\s?(?:/|sur(?: un total de)?)\s?(?P<t>{_COUNT})\s?(?P<u>(?:e?mes|iemes|e)\b|tantiemes|milliemes|dix|cent|de la|des parties|generaux)?"
    rf"|(?<![\d,./])(?P<m>{_COUNT})\s(?P<b>dix[ -]?|cent[ -]?)?milliemes"
    rf"|(?<![\d,./])(?P<k>{_COUNT})\s(?:tantiemes?|quote-part)[^.;\n()\d]{{0,30}}(?:/|sur(?: un total de)?)\s?(?P<kt>{_COUNT})"
)
_LOTS = re.compile(
    rf"\blots?\b(?: ?\(s\))?(?: (?:vendus?|cedes?|objets? de la (?:vente|mutation|cession)|de copropriete|principal|concernes?|loues?))?[ \t:]*(?:\n(?=n[°o]))?(?:(?:n(?:o|umero|°|os|um)?s?[ .°\n]*)+[ \t:]*|(?:\(s\))?\s*:\s*|(?<=, lot) (?=\d{{1,4}}\s*[,(])|(?<=lot) (?=\d{{1,4}}\s*\((?:appart|studio|local|cave|parking|garage|box|chambre|maison|stationnement))|(?<=(?<![a-z ])lot) (?=\d{{1,4}} - \d))"
    rf"(?:(?:{IN_WORDS})\s*\()?(?P<n>\d{{1,4}})(?![\d/]|[.,]\d|\s?(?:€|eur))(?P<more>(?:\)?(?:\s*\([^)]*\))?\s*(?:,|et|&|-|/|\+)\s*(?:(?:le )?lots? )?(?:n°s?\s*)?\(?\d{{1,4}}(?![\d/]| ?(?:tanti|milli|m2|€)))*)"
)
_MORE = re.compile(r"(?:,|et|&|-|/|\+)\s*(?:(?:le )?lots? )?(?:n°s?\s*)?\(?(\d{1,4})(?!\d)")
_NUMBER_OF_LOTS = (
    (r"nombre (?:total )?(?:de|des) lots[^\d\n]{0,60}?(?P<n>\d{1,4})(?!\d|[.,/]\d)", 5),
    (r"(?P<n>\d{1,4})[ \t]+lots?\s+(?:au total|en tout|de copropriete au total)", 6),
    (r"(?:soit|total(?: de)?|ensemble|au total)[ :]+(?P<n>\d{1,4})\s+lots?\b(?! (?:principaux|secondaires|a usage|d'habitation))", 5),
    (rf"(?:divise|compose|constitue|comprend|comporte|comprenant)e?s?\b[^.]{{0,40}}?(?:(?:{IN_WORDS})\s*\()?(?P<n>\d{{1,4}})\)?\s+lots?\b", 4),
    (rf"divise[^.]{{0,30}}?\b(?P<w>{IN_WORDS})\s+lots\b", 3),
    (r"(?P<n>\d{1,4})[ \t]+lots?\b(?! ?n)", 1),
)  # fmt: skip
_PARTIAL = re.compile(
    r" *(?:lots? )?(?:principaux|secondaires|a usage|d'habitation|de stationnement|annexes|de cave|de parking|vendus?|concernes?)"
)
_YEAR = (
    r"(?:annee|date|epoque)(?: d'achevement)?(?: de(?: la)?)? (?:construction|achevement)[^\d\n]{0,40}?(?P<y>1[5-9]\d\d|20\d\d)\b(?! ?(?:a|-|et) ?(?:1[5-9]|20)\d\d)",
    r"annee d'achevement[^\d\n]{0,40}?(?P<y>1[5-9]\d\d|20\d\d)\b",
    r"(?:construite?s?|edifiee?s?|batie?s?|acheve[es]{0,2}|erige[es]{0,2}|livre[es]{0,2}) (?:en|vers|courant|dans les annees)[^\d\n]{0,12}(?P<y>1[5-9]\d\d|20\d\d)\b",
)


def read_lots(draft: Draft) -> None:
    """The lots that the deed is about; where many are described, none is the one."""
    flow = draft.flow
    numbers: dict[str, Span] = {}
    for match in flow.finditer(_LOTS):
        before = flow.text[max(match.start() - 60, 0) : match.start()]
        after = flow.text[match.end() : match.end() + 40]
        if re.search(r"procedure|jugement|saisie|creer|entre les|de \d+ a\s*$|numerotes", before) or re.match(
            r"\s*a \d", after
        ):
            continue
        numbers.setdefault(str(int(match["n"])), Span(match.start("n"), match.end("n")))
        listed = re.sub(r"\([^)]{2,}\)", lambda m: " " * len(m[0]), match["more"])
        for more in _MORE.finditer(listed):
            start = match.start("more") + more.start(1)
            numbers.setdefault(str(int(more[1])), Span(start, start + len(more[1])))
    if 0 < len(numbers) <= 6:
        for index, (number, span) in enumerate(numbers.items()):
            draft.put(f"lot_numbers[{index}]", number, span, "other.lots", 0.85)
    if len(numbers) <= 6:
        _share(draft, len(numbers))


_NAMED_GENERAL = 3  # points of a share that is called general


def _share(draft: Draft, lots: int) -> None:
    """General shares: the sum of several lots where it is printed."""
    flow = draft.flow
    shares: list[tuple[float, int, int, Span]] = []
    for order, match in enumerate(flow.finditer(_SHARE)):
        if match["n"]:
            lot, total = whole(match["n"]), whole(match["t"])
        elif match["k"]:
            lot, total = whole(match["k"]), whole(match["kt"])
        else:
            lot, total = whole(match["m"]), _BASES.get((match["b"] or "").strip(" -"), 1000)
        if not lot or not total or lot >= total or total < 100:
            continue
        before = flow.text[max(match.start() - 90, 0) : match.start()]
        after = flow.text[match.end() : match.end() + 70]
        if match["n"] and not match["u"] and not re.search(r"tantieme|millieme|quote|part", before + after):
            continue
        score = -0.1 * order
        if re.search(r"general|du sol|\bsol\b", after[:60]):
            score += _NAMED_GENERAL
        if re.search(r"special|batiment|ascenseur|escalier|chauffage|chauff", after[:60]):
            score -= 3
        if re.search(r"\bsoit\b|total|ensemble", before[-30:]):
            score += 2
        if re.search(r"exemple|pour un lot|majorite|vote", before[-60:]):
            score -= 5
        if total in (1000, 10_000, 100_000):
            score += 0.5
        shares.append((score, lot, total, Span(match.start(), match.end())))
    best = max(shares, key=lambda share: share[0], default=None)
    if best and lots != 1:
        # Each lot has its own share: their sum counts only where it is printed too.
        same = {share[1]: share for share in reversed(shares) if share[2] == best[2] and share[0] > -2}
        summed = [share for lot, share in same.items() if lot == sum(same) - lot]
        if len(same) > 1 and summed:
            best = summed[0]
        elif len(same) > 1 and len(same) >= lots and best[0] < 2 + _NAMED_GENERAL:
            best = None
    if best and best[0] > -2:
        draft.put("tantiemes.lot", best[1], best[3], "other.tantiemes", 0.85)
        draft.put("tantiemes.total", best[2], best[3], "other.tantiemes", 0.85)


def read_building(draft: Draft) -> None:
    flow = draft.flow
    best: tuple[float, int, Span] | None = None
    for pattern, weight in _NUMBER_OF_LOTS:
        for match in flow.finditer(pattern):
            groups = match.groupdict()
            number = whole(groups["n"]) if groups.get("n") else number_in_words(groups["w"] or "")
            name = "n" if groups.get("n") else "w"
            if number is None or not 1 < number < 5000:
                continue
            score = float(weight)
            line = flow.text[max(flow.text.rfind("\n", 0, match.start()), 0) : match.start()]
            if (
                _PARTIAL.match(flow.text, match.end())
                or re.search(r"\bdont\b[^,]{0,60}$", line)
                or _PARTIAL.search(match[0])
            ):
                score -= 5
            if best is None or score > best[0]:
                best = (score, number, Span(match.start(name), match.end(name)))
    if best and best[0] > 0:
        draft.put("number_of_lots", best[1], best[2], "other.number_of_lots", 0.85)
    for pattern in _YEAR:
        found = flow.search_prose(pattern)
        if found and not re.search(r"periode", flow.prose[max(found.start() - 12, 0) : found.end()]):
            draft.put(
                "construction_year",
                int(found["y"]),
                Span(found.start("y"), found.end("y")),
                "other.construction_year",
                0.9,
            )
            return


def heading_of(flow: Flow, offset: int) -> str:
    """Folded text of the last short line before `offset`."""
    for row in reversed(flow.rows[: flow.row_index(offset) + 1]):
        if len(row.text) < 60 and len(row.cells) == 1 and not row.text.endswith((".", ",", ";")):
            return row.text
    return ""
