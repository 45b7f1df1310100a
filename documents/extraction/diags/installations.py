"""Electricity (NF C 16-600, XP C 16-600) and gas (NF P 45-500): anomalies and what they demand."""

# one rule, one line: patterns are read across
from __future__ import annotations

import re

from documents.extraction.diags.conclusions import Conclusion, decide, stated_count, statements
from documents.extraction.diags.parts import Part
from documents.extraction.flow import Row, Span

_NONE = (
    r"(?:ne\s+comporte|ne\s+presente|ne\s+revele|ne\s+fait\s+apparaitre|n'a\s+revele)\s+(?:pas\s+d'|aucune\s+)anomalies?"
    r"|\baucune\s+anomalie\b|\babsence\s+d'anomalies?\b|\bsans\s+anomalie\b(?!\s*\n[^\n]*anomalies?\s+identifiees)"
)
_SOME = (
    r"(?:comporte|presente|revele|fait\s+apparaitre)\s+(?:au\s+moins\s+)?(?:une\s+ou\s+(?:des|plusieurs)|des|plusieurs|\d+|une|deux|trois|quatre|cinq|six)\s+anomalies?"
    r"|\b(?:\d+|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix)\s+anomalies?\s+(?:relevees?|constatees?|identifiees?|detectees?)"
    r"|presence\s+d(?:e\s+\d+\s+|'|e\s+plusieurs\s+)anomalies?"
)
_ELECTRICAL_CODE = re.compile(r"\(?b\s?\.?\s?(?P<domain>\d{1,2})(?:\.\d+)+(?:\s?[a-z]\d{0,2})?\b")
_CODE_AT_END = re.compile(r"\(b\s?\.?\s?(?P<domain>\d{1,2})(?:\.\d+)+(?:\s?[a-z]\d{0,2})?\)\W*$")
_INFORMATION = re.compile(r"[\W\w]{0,4}informations?\s+complementaires?|[\W\w]{0,4}g\d?\b.{0,10}informations")
_GAS_KIND = re.compile(r"^\W*(a ?[1l]|a ?2|dgi|32 ?c)\W*$")
_GAS_POINT = re.compile(r"^\W*(?:c\s?[.,]?\s?\d{1,2}\b|\d{1,2}\s?[a-z]\d?\b|\d{1,2}\.\d\b)")
INFORMATION_DOMAIN = "11"  # B.11: information, no anomaly


def read_electricity(part: Part) -> None:
    count = _count_rows(part, _electrical_rows(part))
    found = statements(part, ((_NONE, "clear"), (_SOME, "issues")))
    if {one.outcome for one in found if not one.ticked} == {"clear", "issues"} and not any(
        o.ticked for o in found
    ):
        # Both statements of the form without boxes that can be read: the table decides.
        found = [one for one in found if one.outcome == ("issues" if count else "clear")]
    _conclude(part, decide(found), count)


def _conclude(part: Part, chosen: Conclusion | None, count: tuple[int, list[Span]] | None) -> None:
    if chosen:
        part.put("outcome", chosen.outcome, chosen.span, "outcome", 0.95 if chosen.ticked else 0.9)
    elif count:
        part.put("outcome", "issues", count[1][0], "outcome_rows", 0.7)
    if part.value("outcome") in (None, "clear"):
        return
    stated = stated_count(part, "anomalie")
    if stated and stated[0] > 0:
        part.put("anomalies_count", stated[0], stated[1], "anomalies_stated", 0.9)
    elif count:
        part.put("anomalies_count", count[0], count[1], "anomalies_rows", 0.8)


def _electrical_rows(part: Part) -> list[Span]:
    found: list[Span] = []
    information = False
    for row in part.rows():
        text = row.text
        if _INFORMATION.match(text):
            information = True
        elif re.search(
            r"anomalies?\s+(?:identifiees|constatees|averees)|libelle\s+(?:et\s+localisation\s+)?(?:\(\*\)\s+)?des\s+anomalies",
            text,
        ):
            information = False
        code = next(
            (
                (cell, match)
                for cell in row.cells[:3]
                if (match := _ELECTRICAL_CODE.match(cell.text.strip(" -•")))
            ),
            None,
        )
        if code is None:
            ending = ((cell, match) for cell in row.cells if (match := _CODE_AT_END.search(cell.text)))
            code = next(ending, None)
        if code and not information and code[1]["domain"] != INFORMATION_DOMAIN:
            start = code[0].start + code[1].start()
            found.append(Span(start, start + len(code[1][0].rstrip(" )"))))
    return found


def _count_rows(part: Part, found: list[Span]) -> tuple[int, list[Span]] | None:
    return (len(found), found) if found else None


_GAS = (
    (_NONE, "clear"),
    (r"anomalies?\s+(?:de\s+type\s+)?(?:a\s?[12l]\b|a1\s*/\s*a2)", "issues"),
    (r"(?:comporte|presente)\s+(?:une|des)\s+anomalies?\s+32\s?c", "issues"),
    (_SOME + r"(?!\s+de\s+type|\s+32)(?!\s+suffisamment)", "issues"),
    (
        r"(?<!pas\sd')(?<!absence\sd')(?<!aucune\s)(?:anomalies?\s+de\s+type\s+dgi|anomalies?\s+dgi\b(?!\s*(?:n'a|\(s\))))|presence\s+d'(?:une\s+)?(?:anomalies?\s+)?dgi"
        r"|presente\s+un\s+danger\s+grave\s+et\s+immediat",
        "danger",
    ),
    (r"(?<=\s)de\s+type\s+a\s?[12]\b", "issues"),
    (r"(?<=\s)de\s+type\s+dgi", "danger"),
)


def read_gas(part: Part) -> None:
    found = statements(part, _GAS)
    rows = list(_gas_rows(part))
    kinds = {kind for kind, _ in rows}
    said = {one.outcome for one in found}
    if "clear" in said and len(said) > 1 and not any(one.ticked for one in found):
        wanted = "danger" if "dgi" in kinds else "issues" if kinds else "clear"
        found = [one for one in found if one.outcome == wanted]
    chosen = decide(found)
    if chosen is None and "dgi" in kinds:
        chosen = Conclusion("danger", next(span for kind, span in rows if kind == "dgi"), False)
    _conclude(part, chosen, (len(rows), [span for _, span in rows]) if rows else None)


def _gas_rows(part: Part) -> list[tuple[str, Span]]:
    """Rows of the table of anomalies: a control point and its kind in cells of their own."""
    found: list[tuple[str, Span]] = []
    table = False
    for row in part.rows():
        if re.search(r"a1\W+a2\W+dgi|anomalies\s+identifiees|libelle\s+des\s+anomalies", row.text):
            table = True
        elif re.match(r"[\W\d]{0,5}(?:conclusion|constatations|\(\d\)|legende)", row.text):
            table = False
        kind = _gas_kind(row, table)
        if kind and len(row.cells) > 2:
            table = True  # a head that names no kinds: its rows still follow each other
        if kind:
            found.append(kind)
    return found


def _gas_kind(row: Row, table: bool) -> tuple[str, Span] | None:
    if not table and not any(_GAS_POINT.match(cell.text) for cell in row.cells[:3]):
        return None
    for cell in row.cells:
        match = _GAS_KIND.match(cell.text)
        if match:
            return match[1].replace(" ", "").replace("l", "1"), cell.span
    inline = re.match(r".{2,20}?\s(a\s?[12]|dgi|32\s?c)\s", row.text)
    if inline and _GAS_POINT.match(row.text):
        return inline[1].replace(" ", ""), Span(row.start + inline.start(1), row.start + inline.end(1))
    return None
