"""The class on a drawn scale: the letter that is larger than the others, or level with the printed value."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from documents.extraction.flow import Flow, Span
from documents.extraction.page import Box

LETTERS = "abcdefg"
LARGER = 1.2  # times the usual letter of the scale
STEP = 0.09  # share of the page between two letters of a scale, at most
DRIFT = 0.14  # and across it: arrows grow longer
ENOUGH = 5  # letters that make a scale


@dataclass(frozen=True, slots=True)
class Letter:
    name: str
    page: int
    box: Box
    span: Span

    @property
    def x(self) -> float:
        return (self.box[0] + self.box[2]) / 2

    @property
    def y(self) -> float:
        return (self.box[1] + self.box[3]) / 2

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]


def letters(flow: Flow, spans: list[Span]) -> list[Letter]:
    found = []
    for span in spans:
        for match in flow.finditer(r"(?<![^\s])[a-g](?![^\s])", span):
            place = Span(*match.span())
            words = flow.words(place)
            if len(words) == 1 and words[0].text in "ABCDEFG":
                found.append(Letter(match[0], flow.page_of(match.start()), words[0].box, place))
    return found


def scales(found: list[Letter]) -> list[list[Letter]]:
    """Scales from top to bottom (or left to right), the energy one first: it stands left or above."""
    free = list(found)
    made: list[list[Letter]] = []
    for seed in sorted((letter for letter in found if letter.name == "a"), key=lambda s: (s.page, s.x)):
        if seed not in free:
            continue
        for upright in (True, False):
            chain = _chain(seed, free, upright)
            if len(chain) >= ENOUGH:
                made.append(chain)
                free = [letter for letter in free if letter not in chain]
                break
    return sorted(made, key=lambda scale: (scale[0].page, round(scale[0].x + scale[0].y, 2), scale[0].x))


def _chain(seed: Letter, free: list[Letter], upright: bool) -> list[Letter]:
    chain = [seed]
    for name in LETTERS[1:]:
        last = chain[-1]
        following = [
            letter
            for letter in free
            if letter.name == name and letter.page == last.page
            and (
                (0 < letter.y - last.y < STEP and abs(letter.x - last.x) < DRIFT)
                if upright
                else (0 < letter.x - last.x < STEP and abs(letter.y - last.y) < 0.03)
            )
        ]  # fmt: skip
        if following:
            chain.append(min(following, key=lambda c: abs(c.x - last.x) + abs(c.y - last.y)))
        elif len(chain) > 1:
            # A letter may be missing (drawn as a picture): the next is then one step further.
            continue
    return chain


def marked_by_size(scale: list[Letter]) -> Letter | None:
    usual = median(letter.height for letter in scale)
    larger = [letter for letter in scale if letter.height > LARGER * usual]
    return larger[0] if len(larger) == 1 else None


def level_with(scale: list[Letter], value: Box) -> Letter | None:
    """The letter at the height of a value that stands beside an upright scale."""
    if scale[-1].y - scale[0].y < 2 * abs(scale[-1].x - scale[0].x) * 0.3:
        return None
    step = (scale[-1].y - scale[0].y) / (LETTERS.index(scale[-1].name) - LETTERS.index(scale[0].name))
    y = (value[1] + value[3]) / 2
    near = min(scale, key=lambda letter: abs(letter.y - y))
    return near if abs(near.y - y) < 0.5 * step else None
