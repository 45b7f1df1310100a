"""Ticked and empty boxes of forms, as signs, brackets or symbol fonts print them."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re

TICKED = r"(?:[☑☒✓✔✗✘■▣✅⊠🗹]|[\[(] ?[x✓✔✗✘] ?[\])]|[\uf0fe\uf0fd\uf078\uf052\uf053\uf0fc\uf06e])"
EMPTY = r"(?:[☐□▢❑❏◻⬜○]|[\[(] {0,2}[\])]|[\uf0a8\uf06f\uf071\uf070])"
_BEFORE = re.compile(rf"(?:(?P<on>{TICKED})|(?P<off>{EMPTY}))[\s:.·•-]*$")
_AFTER = re.compile(rf"[\s:.]*(?:(?P<on>{TICKED})|(?P<off>{EMPTY}))")
_ANY = re.compile(rf"(?P<on>{TICKED})|(?P<off>{EMPTY})")
_YES = r"\boui\b"
_NO = r"\bnon\b"


def before(text: str, offset: int) -> bool | None:
    """State of the box right before `offset`; None where there is no box."""
    found = _BEFORE.search(text[max(0, offset - 12) : offset])
    return None if found is None else found["on"] is not None


def last(text: str) -> bool | None:
    """State of the last box in `text`."""
    found = list(_ANY.finditer(text))
    return None if not found else found[-1]["on"] is not None


def after(text: str, offset: int) -> bool | None:
    found = _AFTER.match(text[offset : offset + 8])
    return None if found is None else found["on"] is not None


def yes_or_no(text: str) -> bool | None:
    """The answer in `☑ oui ☐ non`, `oui [x] non [ ]`, `OUI – approuvé le …` or `non`; None where it is open."""
    yes = re.search(_YES, text)
    no = re.search(_NO, text)
    if yes and no:
        for state in (before, after):
            where_yes, where_no = (yes.start(), no.start()) if state is before else (yes.end(), no.end())
            on_yes, on_no = state(text, where_yes), state(text, where_no)
            if on_yes is not None and on_no is not None and on_yes != on_no:
                return on_yes
        return None
    if yes:
        return True
    if no:
        return False
    return None
