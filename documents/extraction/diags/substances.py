"""Asbestos (listes A and B of annexe 13-9 CSP), lead (CREP, arrêté of 19 August 2011), termites (NF P 03-201)."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re

from documents.extraction.diags import ticks
from documents.extraction.diags.conclusions import conclude, decide, statements
from documents.extraction.diags.parts import Part
from documents.extraction.flow import Row, Span

_SEEN = r"(?:repere|constate|releve|identifie|decele|observe|mis\s+en\s+evidence|detecte)\w*"
_NOT_SEEN = rf"(?:n'a\s+(?:pas\s+)?ete\s+(?:pas\s+)?{_SEEN}|n'ont\s+pas\s+ete\s+{_SEEN}|n'avons\s+pas\s+{_SEEN}|n'a\s+pas\s+permis\s+de\s+{_SEEN})"
_NONE_OF = r"(?:aucune?s?|absence\s+d(?:e|es)?|pas\s+d(?:e)?)"

ASBESTOS = (
    (rf"{_NOT_SEEN}[^.;\t]{{0,110}}amiante", "clear"),
    (rf"\b{_NONE_OF}\s*(?:materiau\w*|produit\w*|composant\w*)[^.;\t]{{0,90}}amiante", "clear"),
    (r"\bne\s+contien\w+\s+pas\s+d'amiante|\bne\s+contenant\s+pas\s+d'amiante", "clear"),
    (
        rf"\b(?:il\s+)?(?:a\s+ete|ont\s+ete|avons)\s+{_SEEN}(?:(?!ne\s+conten)[^.;\t]){{0,160}}(?:contenant|contenaient|presence)\s+(?:de\s+l'|d')amiante",
        "issues",
    ),
    (r"\bcontien\w+\s+de\s+l'amiante", "issues"),
    (
        rf"(?<!aucun\s)(?:materiaux?|produits?)\s+(?:(?!aucun|pas\b)[^.;\t]){{0,40}}contenant\s+de\s+l'amiante\s+(?:ont\s+ete|a\s+ete)\s+{_SEEN}",
        "issues",
    ),
)
_ASBESTOS_CELLS = (
    (
        r"\bpresence\s+(?:averee\s+)?(?:d'amiante|de\s+materiaux|\()|(?<=\t)presence\b|:\s*presence\b",
        "issues",
    ),
    (r"(?<!ou\s)(?<!ou\sl')\babsence\s+d'amiante|(?<=\t)absence\b|:\s*absence\b", "clear"),
)
_ASBESTOS_SUSPECTED = r"a\s+ete\s+repere\w*[^.;\t]{0,80}susceptibles?\s+de\s+contenir\s+de\s+l'amiante"


def read_asbestos(part: Part) -> None:
    chosen = conclude(part, ASBESTOS) or conclude(part, _ASBESTOS_CELLS)
    if chosen:
        part.put("presence", chosen.outcome == "issues", chosen.span, "presence", 0.9)
        return
    suspected = part.search(_ASBESTOS_SUSPECTED)
    if suspected:
        part.put("outcome", "issues", Span(*suspected.span()), "suspected", 0.7)


_TERMITES = r"(?:de\s+|d'|des\s+)?termites?"
_TERMITES_FOUND = (
    (rf"{_NOT_SEEN}[^.;\t]{{0,90}}{_TERMITES}", "clear"),
    (
        rf"\b(?:absence|aucune?s?|pas)\b(?!\s+visit)(?:(?!presence\s+d'indices)[^.;\t]){{0,60}}{_TERMITES}",
        "clear",
    ),
    (rf"n'est\s+pas\s+infeste[^.;\t]{{0,30}}{_TERMITES}", "clear"),
    (
        rf"(?<!relatif\sa\sla\s)(?<!recherche\sde\s)(?<!recherche\sde\sla\s)(?<!ou\sla\s)(?<!concernant\sla\s)(?<!de\sla\s)(?<!sur\sla\s)(?<!absence\sou\s)"
        rf"\bpresence\s+(?:d'indices?\s+(?:d'infestation\s+)?|de\s+traces?\s+(?:d'infestation\s+)?|d'infestation\s+)?"
        rf"(?:(?!insectes|xylophages|ou\s+l'absence|ou\s+d'absence)[^.;\t]){{0,25}}{_TERMITES}",
        "issues",
    ),
    (
        rf"\b(?:il\s+)?(?:a|ont)\s+ete\s+{_SEEN}(?:(?!insectes|xylophages)[^.;\t]){{0,60}}{_TERMITES}",
        "issues",
    ),
    (rf"(?<=\t)indices?\s+d'infestation\s+{_TERMITES}", "issues"),
    (rf"\btraces?\s+(?:visibles?\s+)?{_TERMITES}\s+(?:{_SEEN}|visibles?)", "issues"),
    (rf"\binfeste\w*\s+par\s+(?:les\s+|des\s+)?{_TERMITES}", "issues"),
)


def read_termites(part: Part) -> None:
    found = statements(part, _TERMITES_FOUND)
    chosen = decide(found)
    if chosen is None:
        chosen = decide(
            statements(part, ((r"(?<=\t)absence\b|:\s*absence\b", "clear"), (r"(?<=\t)presence\b", "issues")))
        )
    if chosen:
        part.put("outcome", chosen.outcome, chosen.span, "outcome", 0.9)
        part.put("presence", chosen.outcome == "issues", chosen.span, "presence", 0.9)


_LEAD = (
    (
        r"n'a\s+(?:pas\s+)?(?:revele|mis\s+en\s+evidence)[^.;\t]{0,60}(?:presence|revetement)[^.;\t]{0,60}plomb",
        "clear",
    ),
    (rf"\b{_NONE_OF}\s*(?:revetements?|unites?\s+de\s+diagnostic)\s+contenant\s+du\s+plomb", "clear"),
    (
        r"\babsence\s+de\s+(?:revetements?\s+contenant\s+du\s+)?plomb|\bne\s+contien\w+\s+pas\s+de\s+plomb",
        "clear",
    ),
    (rf"{_NOT_SEEN}[^.;\t]{{0,60}}plomb", "clear"),
    (
        r"\b(?:a\s+revele|revele|fait\s+apparaitre|met\s+en\s+evidence|a\s+mis\s+en\s+evidence|fait\s+etat\s+de)\s+la\s+presence"
        r"[^.;\t]{0,80}plomb|(?<!absence\sou\s)\bpresence\s+de\s+(?:revetements?\s+[^.;\t]{0,30}\s)?plomb"
        r"|\brevetements?\s+(?:degrades?\s+)?contenant\s+du\s+plomb\s+(?:ont|a)\s+ete",
        "issues",
    ),
)
_LEAD_RISK = re.compile(
    r"(?<!aucune\s)(?:met\s+en\s+evidence|fait\s+etat|a\s+mis\s+en\s+evidence|revele|presence|fait\s+apparaitre|presente)\s+"
    r"(?:d'|de\s+)?(?:au\s+moins\s+)?(?:une|des|de)?\s*situations?\s+de\s+(?:risque\s+de\s+saturnisme|degradation|risque)"
)
# The five situations of the order, each answered by yes or no.
_SITUATION = re.compile(
    r"situations?\s+de\s+(?:risque|degradation)|au\s+moins\s+(?:50|20)\s*%|menacant\s+de\s+s'effondrer|traces\s+importantes"
    r"|recouvertes\s+de\s+moisissures"
)
_CLASS_HEADS = tuple(re.compile(rf"classes?\s+{n}\b") for n in (1, 2, 3))


def read_lead(part: Part) -> None:
    _lead_classes(part)
    risk = _lead_risk(part)
    chosen = decide(statements(part, _LEAD))
    counts = [part.value(f"lead_class_{n}") for n in (1, 2, 3)]
    known = [count for count in counts if isinstance(count, int)]
    if known and (len(known) == 3 or any(known)):
        number = next((n for n in (3, 2, 1) if part.value(f"lead_class_{n}")), 1)
        place = part.facts[f"lead_class_{number}"][1]
        part.put("presence", any(known), place, "presence_classes", 0.9)
    elif chosen:
        part.put("presence", chosen.outcome == "issues", chosen.span, "presence", 0.85)
    presence = part.value("presence")
    if risk:
        part.put("outcome", "danger", risk, "risk", 0.9)
    elif presence is not None:
        place = (
            (chosen.span,)
            if chosen and (chosen.outcome == "issues") == presence
            else part.facts["presence"][1]
        )
        part.put("outcome", "issues" if presence else "clear", place, "outcome", 0.9)


def _lead_classes(part: Part) -> None:
    rows = list(part.rows())
    for index, row in enumerate(rows):
        heads = {
            n: cell
            for n, pattern in enumerate(_CLASS_HEADS, 1)
            for cell in row.cells
            if pattern.match(cell.text)
        }
        if len(heads) == 3:
            # `Nombre d'unités` under the heads; the row of percentages is another.
            for below in rows[index + 1 : index + 4]:
                values = [
                    cell for cell in below.cells if re.fullmatch(r"\d{1,4}(?:\s*ud)?", cell.text.strip())
                ]
                if len(values) < 3:
                    continue
                for n, head in heads.items():
                    nearest = min(values, key=lambda cell: abs(cell.centre - head.centre))
                    if abs(nearest.centre - head.centre) < 0.06:
                        number = int(re.match(r"\d+", nearest.text.strip())[0])  # type: ignore[index]
                        part.put(f"lead_class_{n}", number, nearest.span, "lead_classes_table", 0.95)
                break
    words = "aucune|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix"
    for n in (1, 2, 3):
        for pattern in (
            rf"\b(\d{{1,4}}|{words}) (?:unites?(?:\s+de\s+diagnostic)?|ud)\s+(?:sont\s+)?(?:de|en)\s+classe\s+{n}\b",
            rf"unites?\s+de\s+diagnostic\b[^.;\t]{{0,110}}?(?<![\d,.])(\d{{1,4}}|{words})\s+(?:sont\s+)?(?:de|en)\s+classe\s+{n}\b",
            rf"\bclasse\s+{n}\s*(?::|=|\t)\s*(\d{{1,4}})\b(?!\s*(?:%|,\d|mg))",
            rf"\bclasse\s+{n}\s*\((?:[^)\d]{{0,20}})?(\d{{1,4}})\s*(?:ud|unites?)",
        ):
            found = part.search(pattern)
            if found:
                value = (
                    int(found[1])
                    if found[1].isdigit()
                    else ("aucune " + words.replace("|", " ")).split().index(found[1]) - 1
                )
                part.put(f"lead_class_{n}", max(value, 0), Span(*found.span()), "lead_classes_text", 0.85)
                break
        else:
            none = part.search(
                rf"(?:pas\s+d'|aucune\s+)(?:unites?(?:\s+de\s+diagnostic)?|ud)\s+de\s+classe\s+{n}\b"
            )
            if none:
                part.put(f"lead_class_{n}", 0, Span(*none.span()), "lead_classes_text", 0.85)


def _lead_risk(part: Part) -> Span | None:
    for found in part.finditer(_LEAD_RISK):
        if not re.search(r"\b(?:ne|n'|aucune?|pas)\W?[^.;]{0,25}$", part.before(found.start(), 30)):
            return Span(*found.span())
    columns: dict[str, float] = {}
    for row in part.rows():
        for cell in row.cells:
            if cell.text.strip() in ("oui", "non") and len(row.cells) > 2:
                columns[cell.text.strip()] = cell.centre
        situation = _SITUATION.search(row.text)
        if situation and _answered_yes(row, columns, situation.start()):
            return Span(row.start, row.end)
    return None


def _answered_yes(row: Row, columns: dict[str, float], start: int) -> bool:
    if (
        len(columns) == 2
        and len(row.cells) > 1
        and re.fullmatch(rf"\W*(?:x|{ticks.TICKED})\W*", row.cells[-1].text)
    ):
        mark = row.cells[-1].centre
        return abs(mark - columns["oui"]) < abs(mark - columns["non"])
    first = re.search(r":\s*(oui|non)\b|\t\W*(oui|non)\W*(?:\t|$)", row.text[start:])
    if first:
        return "oui" in (first[1], first[2])
    return ticks.yes_or_no(row.text[start:]) is True and bool(re.search(ticks.TICKED, row.text))
