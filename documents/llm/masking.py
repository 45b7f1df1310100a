"""Names of people, and what leads to them, taken out of a text before it leaves, and put back into answers.

What stands after a title (M., Mme, Maître…), beside a first name or behind `SCI`, and every other place where
such a surname stands; e-mail addresses, telephone numbers, bank accounts, tax numbers. Rather too much than
too little: a word masked in excess costs the model little, and comes back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_UPPER, _LOWER = "A-ZÀ-ÖØ-ÞŒ", "a-zà-öø-ÿœ"
_WORD = (
    rf"(?:[{_UPPER}]\.|(?:[dDlL][’'])?[{_UPPER}][{_UPPER}{_LOWER}’']*"
    rf"(?:-\n?[{_UPPER}{_LOWER}][{_UPPER}{_LOWER}’']*)*)"
)
# `Hermine` may end its line, the surname in capitals begin the next.
_BLANK = rf"(?:[ \u00a0\u202f]|(?<=[{_LOWER}])\n(?=[{_UPPER}]{{3}}))"
_LINK = r"(?:de|du|des|la|le|les|van|von|der|den|di|da|dos|el|ben|née?|veuve|épouse)"
_NAME = rf"{_WORD}(?:{_BLANK}(?:{_LINK} ){{0,2}}{_WORD}){{0,4}}"
_TITLE = (
    r"(?:M\.|MM\.|Mr\.?|Mme\.?|Mmes|Mlle|Mlles|Me|Dr\.?|Pr\.?|Monsieur|Messieurs|Madame|Mesdames|Mademoiselle"
    r"|Maître|Maitre|Docteur|MONSIEUR|MESSIEURS|MADAME|MADEMOISELLE|MAÎTRE|MAITRE|MME|MLLE|MR|"
    r"Consorts|CONSORTS|Indivision|INDIVISION|Succession|SUCCESSION|Époux|Epoux|ÉPOUX|EPOUX)"
)
_TITLED = re.compile(rf"\b{_TITLE}(?:\s*(?:et|ou|&|/)\s*{_TITLE})?\s+(?:{_LINK}\s){{0,2}}(?P<name>{_NAME})")
_COMPANY = re.compile(rf"\bSCI\s+(?:(?:des?|du|la|les?)\s)?(?P<name>{_WORD}(?: (?:{_LINK} )?{_WORD}){{0,3}})")
_FIRST = re.compile(rf"(?<!\w)[{_UPPER}][{_UPPER}{_LOWER}]+(?:-[{_UPPER}][{_UPPER}{_LOWER}]+)?(?!\w)")
_BEFORE = re.compile(rf"(?<!\w)(?!{_TITLE}\s)(?:[{_UPPER}][{_UPPER}’'-]{{2,}} )+$")
_AFTER = re.compile(rf"(?:{_BLANK}(?:{_LINK} ){{0,2}}{_WORD}){{1,4}}")
_FIXED = (
    ("COURRIEL", re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")),
    ("IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0.]?[A-Z0-9]{2,4}){3,8}\b")),
    (
        "TELEPHONE",
        re.compile(
            r"(?<![\d,])(?:(?:\+|00)33[ .\u00a0]?(?:\(0\))?[ .\u00a0]?|0)[1-9](?:[ .\u00a0-]?\d\d){4}(?!\d)"
        ),
    ),
    # Of taxpayers (13 digits, also in groups) and of social security.
    (
        "NUMERO",
        re.compile(
            r"(?<![\d,.])(?:[0-3]\d[ .]?\d\d[ .]?\d{3}[ .]?\d{3}[ .]?\d{3}|[12]\d{12}(?:\d\d)?)(?!\d)"
        ),
    ),
)
_TRADE = frozenset(
    """copropriété copropriétaire copropriétaires syndic syndicat assemblée générale président présidente
    secrétaire scrutateur scrutatrice résolution article total montant charges travaux lot lots immeuble
    résidence bâtiment propriétaire vendeur acquéreur notaire rue avenue place boulevard sas sarl
    sci""".split()  # noqa: SIM905 a list of words reads better as words
)
"""Words that a title may stand before and that are nobody's name."""


MOST_NAMES = 3000
"""A document with more is no co-ownership's; it is not sent (`is_bounded`)."""


def _first_names() -> frozenset[str]:
    text = (Path(__file__).parent / "first_names.txt").read_text(encoding="utf-8")
    return frozenset(
        line.strip().casefold() for line in text.splitlines() if line and not line.startswith("#")
    )


_FIRST_NAMES = _first_names()


class Mask:
    """One document's names and their stand-ins: `[PERSONNE_3]`, `[COURRIEL_1]`… each spelling has its own."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._stands: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        whole = "\n".join(texts)
        for kind, pattern in _FIXED:
            for match in pattern.finditer(whole):
                self._add(match[0], kind)
        surnames: set[str] = set()
        for name in _names(whole):
            self._add(name, "PERSONNE")
            surnames |= set(_surnames(name))
        for surname in sorted(surnames):
            self._add(surname, "PERSONNE")
        # The longest first: `Jean DUPONT` before `DUPONT`. Inside words nothing is a name.
        ordered = sorted(self._stands, key=len, reverse=True)
        any_of = "|".join(re.escape(text) for text in ordered[:MOST_NAMES])
        self._pattern = re.compile(rf"(?<!\w)(?:{any_of or '(?!)'})(?!\w)")
        self._back = {stand: text for text, stand in self._stands.items()}

    def _add(self, text: str, kind: str) -> None:
        if text not in self._stands:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._stands[text] = f"[{kind}_{self._counts[kind]}]"

    @property
    def count(self) -> int:
        """How many names and numbers were taken out."""
        return len(self._stands)

    @property
    def is_bounded(self) -> bool:
        """Whether every name found is taken out: a text that names too many must not leave."""
        return len(self._stands) <= MOST_NAMES

    def hide(self, text: str) -> str:
        return self._pattern.sub(lambda match: self._stands[match[0]], text)

    def show(self, text: str) -> str:
        """The text with the names where their stand-ins are; a stand-in that was never given stays."""
        return re.sub(r"\[[A-Z]+_\d+\]", lambda match: self._back.get(match[0], match[0]), text)


def _names(text: str) -> Iterable[str]:
    for pattern in (_TITLED, _COMPANY):
        for match in pattern.finditer(text):
            if match["name"].casefold().rstrip(".") not in _TRADE:
                yield match["name"]
    for match in _FIRST.finditer(text):
        if not all(part in _FIRST_NAMES for part in match[0].casefold().split("-")):
            continue
        before = _BEFORE.search(text[max(0, match.start() - 40) : match.start()])
        after = _AFTER.match(text, match.end())
        if before or after:  # alone it may be a month, a stone or a street
            yield (before[0] if before else "") + match[0] + (after[0] if after else "")


def _surnames(name: str) -> Iterable[str]:
    """The words of a name that name the family wherever else they stand, in capitals and as a word."""
    words = re.sub(r"-\n", "", name).split()
    capitals = [word for word in words if len(word) >= 3 and word.isupper()] or words[-1:]
    for word in capitals:
        bare = word.strip(".’'")
        if len(bare) >= 3 and bare.casefold() not in _TRADE:
            yield bare
            if bare.isupper():
                yield bare.title()
            else:
                yield bare.upper()
