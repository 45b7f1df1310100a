"""Risks (état des risques, arrêté of 13 July 2018 and its forms), aircraft noise (CU L.112-11), sewage."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re

from documents.extraction.diags import ticks
from documents.extraction.diags.conclusions import conclude
from documents.extraction.diags.parts import Part
from documents.extraction.flow import Span

SEISMIC_NAMES = {
    "tres faible": 1,
    "faible": 2,
    "moderee": 3,
    "modere": 3,
    "moyenne": 4,
    "forte": 5,
}  # CE R.563-4
_NAMES = "|".join(SEISMIC_NAMES)
_RISK = re.compile(r"perimetre|\bppr\w*|plan\s+de\s+prevention|\bsis\b|secteur\s+d'information|recul\s+du\s+trait|"
                   r"debroussaillement|inondation|mouvement|submersion|pollution|argile|cavite")  # fmt: skip
_NO_RISK = (
    r"n'est\s+(?:pas\s+)?(?:situe|concerne|expose|soumis)\w*\s+(?:dans|par|a)\s+aucun\w*"
    r"|\baucun\s+risque|n'est\s+pas\s+(?:situe\s+dans\s+(?:le|un)|concerne\s+par\s+(?:un|le))\s+(?:perimetre|plan|ppr)"
)
_SOME_RISK = (
    r"\baffecte(?:nt)?\s+votre\s+(?:bien|parcelle|adresse)|(?<!n')\best\s+(?:situe|concerne|expose|soumis)\w*\s+(?:dans|par|a)\s+(?:le\s+|un\s+|des\s+|les\s+|au\s+moins\s+un\s+)?"
    r"(?:perimetre|plan|ppr\w*|risque|zone|alea)"
)
NEAR = 160


def read_risks(part: Part) -> None:
    _zone(part, "seismic_zone", r"s[ei]{1,2}smi\w+|seismes?\b", 5)
    _zone(part, "radon_zone", r"radon", 3)
    risk = _stated_risk(part)
    if risk:
        part.put("outcome", "issues", risk, "outcome_risk", 0.9)
        return
    for name, least in (("seismic_zone", 2), ("radon_zone", 3)):
        zone = part.value(name)
        if isinstance(zone, int) and zone >= least:
            part.put("outcome", "issues", part.facts[name][1], "outcome_zone", 0.75)
            return
    none = part.search(_NO_RISK)
    answers = [row for row in part.rows() if _RISK.search(row.text) and ticks.yes_or_no(row.text) is False]
    if none:
        part.put("outcome", "clear", Span(*none.span()), "outcome_none", 0.85)
    elif answers:
        part.put("outcome", "clear", Span(answers[0].start, answers[0].end), "outcome_none", 0.7)


def _stated_risk(part: Part) -> Span | None:
    for row in part.rows():
        if not _RISK.search(row.text) or re.search(r"travaux|indemni|sinistre", row.text):
            continue
        answer = ticks.yes_or_no(row.text)
        if (
            answer is None
            and re.search(rf"{ticks.TICKED}", row.text)
            and not re.search(ticks.EMPTY, row.text)
        ):
            answer = not re.search(r"\bnon\b", row.text)
        if answer is None and len(row.cells) > 1:
            last = row.cells[-1].text
            if re.match(r"(?:approuve|prescrit|anticipe|concerne\b|expose\b|present\b)", last):
                answer = True
        if answer:
            return Span(row.start, row.end)
    for found in part.finditer(_SOME_RISK):
        ticked = ticks.yes_or_no(part.flow.text[found.start() : found.end() + 90].split("\n\n")[0])
        line = part.flow.row_at(found.start())
        if ticked is None and not re.search(r"\boui\b|\bnon\b", line.text):
            return Span(*found.span())
    return None


def _zone(part: Part, name: str, word: str, highest: int) -> None:
    """`zone 3`, `Zone 2 (faible) ☑`, `☒ zone 1`, or the legal name of the zone."""
    if _zone_under_heads(part, name, highest):
        return
    for found in part.finditer(word):
        end = min(len(part.flow.text), found.end() + NEAR)
        place = Span(found.start(), end)
        other = re.search(
            r"radon" if name == "seismic_zone" else r"s[ei]{1,2}smi|seisme", part.flow.text[found.end() : end]
        )
        if other:
            place = Span(found.start(), found.end() + other.start())
        text = part.flow.text
        # ERRIAL, the State's own form: `SISMICITÉ : 3/5`, `RADON : 1/3`.
        graded = re.match(rf"\W{{1,4}}([1-{highest}])\s?/\s?{highest}\b", text[found.end() : place.end])
        if graded:
            end = found.end() + graded.end()
            part.put(name, int(graded[1]), Span(found.start(), end), f"{name}_graded", 0.95)
            return
        zones = [
            match
            for match in part.flow.finditer(rf"zones?\s*(?:n°|:)?\s*([1-{highest}])(?!\d)", place)
            if not re.match(r"\s*(?:a|et|,)\s*\d", text[match.end() : match.end() + 6])
        ]
        ticked = _ticked_zone(text, zones)
        if ticked is not None:
            part.put(name, int(ticked[1]), Span(*ticked.span()), f"{name}_ticked", 0.95)
            return
        if len({zone[1] for zone in zones}) == 1:
            part.put(name, int(zones[0][1]), Span(found.start(), zones[0].end()), name, 0.9)
            return
        if zones:
            continue
        tail = Span(found.end(), place.end)
        level = part.flow.search(
            rf"[^\n]{{0,40}}?(?:[:\t(=-]\s*(?:niveau\s+|categorie\s+|potentiel\s+)?|\bniveau\s+)(?<!\()([1-{highest}])(?!\s?%|[/.,]?\d)",
            tail,
        )
        asked = level and ticks.yes_or_no(part.flow.row_at(level.end(1) - 1).text)
        if level and "\n" not in level[0] and asked is not False and not _unanswered(part, level, asked):
            part.put(name, int(level[1]), Span(found.start(), level.end()), name, 0.85)
            return
        if name == "seismic_zone":
            named = part.flow.search(rf"[^\n.]{{0,40}}?\b({_NAMES})\b", tail)
            if named:
                part.put(
                    name, SEISMIC_NAMES[named[1]], Span(found.start(), named.end()), f"{name}_named", 0.8
                )
                return
        elif (
            named := part.flow.search(r"[^\n.]{0,40}?\bsignificatif\b", tail)
        ) is not None and ticks.yes_or_no(part.flow.row_at(named.end() - 1).text) is not False:
            part.put(name, 3, Span(found.start(), named.end()), f"{name}_named", 0.8)
            return


def _unanswered(part: Part, level: re.Match[str], answer: bool | None) -> bool:
    """`niveau 3 : oui non` with boxes that were not read: a question, no level."""
    words = set(re.findall(r"\b(?:oui|non)\b", part.flow.row_at(level.end(1) - 1).text))
    return answer is None and words == {"oui", "non"}


def _zone_under_heads(part: Part, name: str, highest: int) -> bool:
    """A row of all zones as heads, and under it a row of boxes of which one is ticked."""
    rows = list(part.rows())
    for index, row in enumerate(rows[:-1]):
        heads = [
            (found[1], cell) for cell in row.cells if (found := re.match(r"zone\s*([1-5])\b", cell.text))
        ]
        if [number for number, _ in heads] != [str(n) for n in range(1, highest + 1)]:
            continue
        for below in rows[index + 1 : index + 3]:
            ticked = [cell for cell in below.cells if re.fullmatch(rf"\W*(?:x|{ticks.TICKED})\W*", cell.text)]
            if len(ticked) == 1:
                number, head = min(heads, key=lambda pair: abs(pair[1].centre - ticked[0].centre))
                part.put(name, int(number), [head.span, ticked[0].span], f"{name}_ticked", 0.9)
                return True
    return False


def _ticked_zone(text: str, zones: list[re.Match[str]]) -> re.Match[str] | None:
    """Boxes stand before all zones or after all; the first zone tells which."""
    if not zones:
        return None
    if ticks.before(text, zones[0].start()) is not None:
        ticked = [zone for zone in zones if ticks.before(text, zone.start())]
    else:
        ticked = []
        for zone in zones:
            end = zone.end()
            name = re.match(r"\s*[-–]?\s*(?:\([^)]{0,30}\)|[a-z ]{0,14})", text[end : end + 40])
            end += name.end() if name else 0
            if ticks.after(text, end):
                ticked.append(zone)
    return ticked[0] if len(ticked) == 1 else None


def read_noise(part: Part) -> None:
    for row in part.rows():
        if re.search(r"exposition\s+au\s+bruit|\bpeb\b|nuisances\s+sonores|zone\s+de\s+bruit", row.text):
            answer = ticks.yes_or_no(row.text)
            if answer is not None and not re.search(r"revision|anticip|consult", row.text):
                if answer and re.search(r"\bn'est\b|\bpas\b", row.text):
                    continue
                part.put(
                    "outcome",
                    "issues" if answer else "clear",
                    Span(row.start, row.end),
                    "outcome_answer",
                    0.9,
                )
                return
    conclude(
        part,
        (
            (
                r"n'est\s+(?:pas\s+)?(?:situe|expose|concerne|soumis|compris)\w*[^.;\t]{0,70}?(?:aucun\w*|zone|perimetre|plan|bruit|nuisance)"
                r"|\bhors\s+(?:zone|peb|perimetre|plan)|\bnon\s+(?:expose|concerne|situe)\w*|\baucune\s+(?:zone|nuisance)",
                "clear",
            ),
            (
                r"(?<!n')\best\s+(?:situe|expose|concerne|compris)\w*[^.;\t]{0,70}?(?:zone|perimetre|plan|bruit|nuisance)"
                r"|\bzone\s+[abcd]\b(?!\s*(?:,|et|ou)\s)",
                "issues",
            ),
        ),
    )


def read_sewage(part: Part) -> None:
    conclude(
        part,
        (
            (
                r"\bnon[ -]?conforme\w*|\bn'est\s+pas\s+(?:\w+\s+)?conforme|\bnon[ -]?raccorde|\bn'est\s+pas\s+raccorde"
                r"|(?<!aucune\s)(?<!de\s)(?<!sans\s)\bnon[ -]?conformites?\b|\bpresente\s+(?:un|des)\s+(?:danger|defaut|risque)\w*"
                r"|\bdefauts?\s+(?:de\s+securite|d'entretien|de\s+structure|constates?)|\babsence\s+d'installation",
                "issues",
            ),
            (
                r"(?<!non\s)(?<!non-)(?<!pas\s)(?<!mise\sen\s)\bconforme\b(?!\s*(?:\?|ou\s+non))"
                r"|\b(?:aucune|sans|absence\s+de)\s+(?:non[ -]?conformite|defaut)|\bne\s+presente\s+(?:pas|aucun)",
                "clear",
            ),
        ),
    )
