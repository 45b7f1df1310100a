"""Where each diagnostic stands in the pages: a report under its title, or a line of the bundle's summary."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from documents.extraction.flow import Cell, Flow, Row, Span
from documents.extraction.page import Value

_REPORT = r"(?:etat|diagnostic|constat|rapport|certificat|attestation|controle|mission|reperage|dossier|avis|mesurage)"
# Titles of reports, by the words that their orders (arrêtés) or the trade give them.
TITLES = {
    "audit_energetique": r"(?:rapport\s+d')?audit\s+energetique",
    "dpe": r"diagnostics?\s+de\s+performances?\s+energetiques?|dpe\b(?=\W*(?:\(|logement|n°|diagnostic|$))",
    "plomb": r"constat\s+d[eu]s?\s+risques?\s+d'exposition\s+au\s+plomb|crep\b"
    r"|(?:diagnostic|constat|etat)\s+(?:des?\s+|du\s+)?(?:risques?\s+)?(?:d'accessibilite\s+au\s+)?plomb",
    "amiante": rf"{_REPORT}[^:.]{{0,80}}\s?[^:.]{{0,40}}\bamiante\b",
    "electricite": rf"installation\s+(?:interieure\s+)?(?:d'electricite|electrique)\b|{_REPORT}[^:.]{{0,80}}\belectri(?:cite|ques?)\b",
    "gaz": rf"installation\s+interieure\s+de\s+gaz\b|{_REPORT}[^:.]{{0,80}}\bgaz\b(?!\s+a\s+effet)",
    "termites": rf"{_REPORT}[^:.]{{0,80}}\b(?:termites?|parasitaire)\b",
    "bruit": r"(?:etat\s+des\s+|information\s+sur\s+les\s+|diagnostic\s+(?:des\s+)?)?nuisances\s+sonores"
    r"|ensa\b|plan\s+d'exposition\s+au\s+bruit|bruit\b|diagnostic\s+bruit",
    "erp": r"etats?\s+des\s+(?:risques|servitudes)|(?:erp|ernmt|ernt|esris|errial)\b",
    "boutin": rf"{_REPORT}[^:.]{{0,60}}(?:surfaces?\s+habitables?|loi\s+boutin)|surface\s+habitable\s*\(loi",
    "carrez": rf"(?:{_REPORT}|calcul|metrage)[^:.]{{0,60}}(?:superficies?|surfaces?|carrez)\b",
    "assainissement": rf"{_REPORT}[^:.]{{0,70}}(?:assainissement|raccordement)\b|assainissement\b(?=\s*(?:-|:|$|\n|non\s+collectif|collectif))",
}
# Names in the first cell of a summary. The order matters: "surface habitable" before "surface".
NAMES = {
    "audit_energetique": r"audit",
    "dpe": r"\bdpe\b|performances?\s+energetiques?",
    "plomb": r"plomb|\bcrep\b",
    "amiante": r"amiante|\bdapp\b",
    "electricite": r"electri",
    "gaz": r"\bgaz\b(?!\s+a\s+effet)",
    "termites": r"termite|parasitaire",
    "assainissement": r"assainissement|raccordement|\bspanc\b",
    "bruit": r"\bbruit|nuisances?\s+sonores?|\bensa\b|\bpeb\b",
    "erp": r"risques|\berp\b|\bernmt\b|\besris\b|\berrial\b|\bernt\b",
    "boutin": r"boutin|(?:attestation|mesurage|certificat).{0,20}habitable",
    "carrez": r"carrez|superficie|metrage|mesurage|surfaces?\s+privative",
}
_PREFIX = r"(?:[\W\d]|\b[a-z]\b|rapport\s+d[eu]\s|rapport\b|l'|de\s|du\s|d\s?pe\b)*"
_SUMMARY = re.compile(
    r"[\W\d]*(?:note|tableau|page|fiche|rapport)?\s*(?:d[eu]s?\s+|de\s+la\s+)?"
    r"(?:synthese|recapitulati\w+|resume|conclusions?\s+(?:du|des)\s+(?:dossier|diagnostics?|rapports?))\b"
)
_APPENDIX = re.compile(
    r"(?:attestation|certificat)s?\s+(?:de\s+competences?|de\s+certification|d'assurance|sur\s+l'honneur)"
)
_SENTENCE = re.compile(
    r"\b(?:est|a ete|n'est|sera|doit|permet|comporte|fait|realise\w*|oui|non|absence|presence)\b|:\s*\S"
)
_ANSWER = re.compile(r"\W*(?:oui|non|neant|sans|absence|presence|concerne|expose|\d+[,.]\d+|zone|conforme)\b")
_DPE_FORM = re.compile(r"ce document vous permet de savoir si votre logement est econome en energie")
_NOT_REPORT = re.compile(r"certification|competence|assurance")
_NO_TITLE = re.compile(r"arrete\b.{0,30}\bdu\b|gaz\s+a\s+effet|\bselon\b|cout\b")
_NUMBERED = re.compile(r"(?:\d{1,2}|[ivx]{1,4}|[a-h])\W{0,2}")
_LISTED = re.compile(r"\.{4,}|\bp(?:age|\.)\s?\d{1,3}$")  # a line of a table of contents
TITLE_ROWS = 3  # a title is spread over at most so many lines
MAX_TITLE = 170
COVER = "cover"


@dataclass(slots=True)
class Part:
    """One diagnostic: where it is written, and what is read there (field → value, places, rule, confidence)."""

    type: str
    flow: Flow
    own: list[Span] = field(default_factory=list)
    summary: list[Span] = field(default_factory=list)
    facts: dict[str, tuple[Value, tuple[Span, ...], str, float]] = field(default_factory=dict)

    def put(
        self, name: str, value: Value, spans: Span | Sequence[Span], rule: str = "", confidence: float = 0.9
    ) -> None:
        if name not in self.facts:
            places = (spans,) if isinstance(spans, Span) else tuple(spans)
            self.facts[name] = (value, places, f"diags.{self.type}.{rule or name}", confidence)

    def value(self, name: str) -> Value | None:
        return self.facts[name][0] if name in self.facts else None

    def finditer(self, pattern: str | re.Pattern[str], summary: bool = True) -> Iterator[re.Match[str]]:
        """Matches in the report first, then in the summary."""
        for span in (*self.own, *(self.summary if summary else ())):
            yield from self.flow.finditer(pattern, span)

    def search(self, pattern: str | re.Pattern[str], summary: bool = True) -> re.Match[str] | None:
        return next(self.finditer(pattern, summary), None)

    def rows(self, summary: bool = False) -> Iterator[Row]:
        for span in (*self.own, *(self.summary if summary else ())):
            first = self.flow.row_index(span.start)
            for row in self.flow.rows[first:]:
                if row.start >= span.end:
                    break
                yield row

    def before(self, offset: int, length: int) -> str:
        return self.flow.text[max(0, offset - length) : offset]


@dataclass(slots=True)
class Bundle:
    flow: Flow
    parts: dict[str, Part]
    cover: list[Span]


def split(flow: Flow) -> Bundle:
    """Cut the pages at the titles of reports; read the names in the lines of covers and summaries."""
    titles = _titles(flow) or _opening(flow)
    parts: dict[str, Part] = {}
    cover: list[Span] = []
    cuts = [(0, COVER), *titles]
    for (start, kind), following in zip(cuts, [*[cut[0] for cut in titles], len(flow.text)], strict=True):
        if following <= start:
            continue
        span = Span(start, following)
        if kind == COVER:
            cover.append(span)
        elif kind:
            parts.setdefault(kind, Part(kind, flow)).own.append(span)
    for span in cover:
        for kind, entry in _entries(flow, span):
            parts.setdefault(kind, Part(kind, flow)).summary.append(entry)
    # One certificate often states both areas.
    for one, other in (("carrez", "boutin"), ("boutin", "carrez")):
        if one in parts and other not in parts and parts[one].own:
            parts[other] = Part(other, flow)
        if one in parts and other in parts:
            parts[other].own += [span for span in parts[one].own if span not in parts[other].own]
    return Bundle(flow, parts, cover)


def _titles(flow: Flow) -> list[tuple[int, str]]:
    """Offsets where a report, a summary (COVER) or an appendix ("") begins."""
    if not flow.rows:
        return []
    usual = median(cell.box[3] - cell.box[1] for row in flow.rows for cell in row.cells if len(cell.text) > 20) \
        if any(len(cell.text) > 20 for row in flow.rows for cell in row.cells) else 0.0  # fmt: skip
    found: list[tuple[int, int, str]] = []
    for index, row in enumerate(flow.rows):
        if len(row.cells) > 2 or len(row.cells[0].text) > MAX_TITLE:
            continue
        text = row.cells[0].text
        if _LISTED.search(row.text):
            continue
        big = _is_big(row, usual)
        named = re.search(r"dossier|expertise|diagnostic|rapports|conclusions", text)
        if _SUMMARY.match(text) and (big or len(text) < 60) and (named or not found):
            found.append((index, row.start, COVER))
            continue
        if _APPENDIX.match(text):
            found.append((index, row.start, ""))
            continue
        kind = _title_of(flow, index, big)
        if not kind and _DPE_FORM.match(text):
            # OCR may lose the great white letters of the form's title: its first sentence stands on page 1.
            first = next(i for i, other in enumerate(flow.rows) if other.page == row.page)
            if not any(found_at >= first for found_at, _, _ in found):
                found.append((first, flow.rows[first].start, "dpe"))
            continue
        if kind:
            found.append((index, row.start, kind))
    return [(start, kind) for start, kind in _without_lists(found)]


def _opening(flow: Flow) -> list[tuple[int, str]]:
    """A paper without a title that stands out: the first lines still name the report."""
    for row in flow.rows[:12]:
        for kind, pattern in TITLES.items():
            # OCR may put a few signs before the title.
            if re.match(rf"(?:{_PREFIX}|[^:]{{0,12}}\b)(?:{pattern})", row.text) and not _NOT_REPORT.search(
                row.text
            ):
                return [(row.start, kind)]
    return []


def _is_big(row: Row, usual: float) -> bool:
    high = max(cell.box[3] - cell.box[1] for cell in row.cells)
    return bool(usual) and high > 1.2 * usual and len(row.text) < 130


def _title_of(flow: Flow, index: int, big: bool) -> str | None:
    row = flow.rows[index]
    if len(row.cells) == 2 and _NUMBERED.fullmatch(row.cells[0].text):
        row = Row(row.page, row.cells[1:], row.cells[1].text)  # `2.` stands apart from the title
    first = row.cells[0]
    if len(row.cells) == 2 and (len(row.cells[1].text) > 45 or _ANSWER.match(row.cells[1].text)):
        return None
    if len(row.cells) == 2 and not (big or _shouted(flow, first.span)):
        return None  # a label and its answer
    if len(row.cells) == 2 and big:
        # OCR may lose a word of a title: what is left stands apart.
        first = Cell(row.start, row.end, first.box, row.text.replace("\t", " "))
    # Continue over the next lines: long titles are broken.
    following = [
        r.text for r in flow.rows[index + 1 : index + TITLE_ROWS] if r.page == row.page and len(r.cells) == 1
    ]
    text = "\n".join([first.text, *following])
    shouted = _shouted(flow, first.span)
    matches = [
        (found.end(), order, kind)
        for order, (kind, pattern) in enumerate(TITLES.items())
        if (found := re.match(rf"{_PREFIX}(?:{pattern})", text))
    ]
    # The title that is complete first: the lines below may hold the next one.
    for end, _, kind in sorted(matches):
        if _NO_TITLE.search(text[:end]) or _NOT_REPORT.search(first.text):
            continue
        if text.startswith("l'") and not big:
            continue  # "L'installation intérieure d'électricité …": a sentence
        if end > len(first.text) and not (big or shouted):
            continue
        if _SENTENCE.search(first.text[end:]) and not big:
            continue
        if big or shouted or end >= 0.5 * len(first.text):
            return kind
    return None


def _shouted(flow: Flow, span: Span) -> bool:
    letters = [c for word in flow.words(span) for c in word.text if c.isalpha()]
    return bool(letters) and sum(c.isupper() for c in letters) > 0.7 * len(letters)


def _without_lists(found: list[tuple[int, int, str]]) -> list[tuple[int, str]]:
    """Three titles or more on lines that follow each other are a table of contents: they open nothing."""
    kept: list[tuple[int, str]] = []
    run: list[tuple[int, int, str]] = []

    def close() -> None:
        kinds = {kind for _, _, kind in run if kind not in (COVER, "")}
        if len(kinds) >= 3:
            kept.append((run[0][1], COVER))
        else:
            kept.extend((start, kind) for _, start, kind in run)
        run.clear()

    for item in found:
        if run and item[0] - run[-1][0] > 1:
            close()
        run.append(item)
    close()
    return kept


def _entries(flow: Flow, span: Span) -> Iterator[tuple[str, Span]]:
    """Lines of a summary: the name of a diagnostic, then what it found."""
    begun: tuple[str, Row] | None = None
    end = span.start
    lines = 0
    first = flow.row_index(span.start)
    for row in flow.rows[first:]:
        if row.start >= span.end:
            break
        kind = _entry_of(row)
        if kind or lines >= 5 or _LABEL.match(row.text):
            if begun:
                yield begun[0], Span(begun[1].start, end)
            begun, lines = ((kind, row), 0) if kind else (None, 0)
        end = row.end
        lines += 1
    if begun:
        yield begun[0], Span(begun[1].start, end)


_LABEL = re.compile(
    r"(?:date|proprietaire|vendeur|operateur|diagnostiqueur|donneur|adresse|dossier|fait a|\d+\s*/\s*\d+|page|cabinet)\b"
)


def _entry_of(row: Row) -> str | None:
    text = row.cells[0].text
    if len(row.cells) == 1:
        head = re.match(r"([^:\n]{2,60}?)\s*(?::|\s-\s|\s=\s)\s*\S", text)
        if not head:
            return None
        text = head[1]
    if len(text) > 90 or re.match(
        r"(?:diagnostics?|prestations?|nature|objet|type|rapports?|date|n°)\s*$", text
    ):
        return None
    if re.match(r"(?:date|proprietaire|vendeur|operateur|assurance|certification)", text):
        return None
    return next((kind for kind, pattern in NAMES.items() if re.search(pattern, text)), None)
