"""A typed address, taken apart: number, suffix, street, residence, postal code, city.

`parse_address` never fails: what it cannot read stays empty, and what is not an address has an empty `key`.
Nothing is looked up here (no list of towns): a city is known by what stands before it (a postal code, a
comma), or is Paris, Lyon or Marseille. No Django here.
"""

import re
import unicodedata
from dataclasses import dataclass

from dvf.street_names import (
    FULL_TYPES,
    MAX_LENGTH,
    MONTHS,
    WAY_TYPES,
    fold,
    is_way_type,
    same_street,
    street_key,
)

__all__ = ["ParsedAddress", "parse_address", "same_street", "street_key"]

# The cadastre's letters for the words (article A 57 of its instruction: B bis, T ter, Q quater, C quinquies).
SUFFIX_WORDS = {"BIS": "B", "TER": "T", "QUATER": "Q", "QUATRO": "Q", "QUINQUIES": "C"}
# First postal code of the arrondissements and how many there are.
ARRONDISSEMENTS = {"PARIS": (75000, 20), "LYON": (69000, 9), "MARSEILLE": (13000, 16)}
MAX_RANGE = 100  # numbers between the two ends of « 12-14 »; a wider one is a typing error

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`′＇", "'") | dict.fromkeys("‐‑‒–—−", "-"))
_POSTAL_CODE = re.compile(r"(?<![\w])(?:F-?)?((?:0[1-9]|[1-8]\d|9[0-578])\s?\d{3})(?![\w])", re.I)
_NUMBER = re.compile(
    r"^(?:n\s*[°ºo]\s*|num[ée]ro\s+)?0*(\d{1,4})(?!\d)"
    r"(?:\s*(bis|ter|quater|quatro|quinquies)\b\.?|\s*([a-z])\b\.?(?!'))?"
    r"(?:(?:\s*(?:-|/|&|,|à|a\b|et\b)\s*\d{1,4}(?=\s*(?:-|/|&|,|à\b|et\b)\s*\d))*"
    r"\s*(?:-|/|&|à|a\b|et\b)\s*0*(\d{1,4})(?!\d)(?:\s*(?:bis|ter|quater|quinquies)\b|[a-z]\b(?!'))?)?"
    r"\s*,?\s*",
    re.I,
)
_COMPLEMENT = re.compile(
    r"^(?:bat(?:iment)?|apt|appt|appartement|esc(?:alier)?|etg|etage|porte|lot|bp|cs|tsa|cedex|france|hall|"
    r"\d+ ?(?:er|e|eme) etage|rdc|rez de chaussee|entree|interphone|digicode|c o|chez)(?: \S{1,4}| .*etage)?$"
)
_INLINE_COMPLEMENT = re.compile(
    r"[\s,;-]+(?:b[âa]t(?:iment)?|appt|apt|appartement|esc(?:alier)?)\b\.?\s*[\w]{1,4}(?=$|[\s,;-]).*$", re.I
)
_RESIDENCE = re.compile(
    r"^(?:residence|resid|res|immeuble|imm|bat|batiment|lotissement|lot|domaine|dom|clos|parc|villa|ensemble|hlm|cite|"
    r"ehpad|copropriete|copro|tour|le|la|les|appt|apt|appartement)\b"
)
_BIG_CITY = re.compile(
    r"(?:^|[\s,]+)(paris|lyon|marseille)(?:\s*-?\s*0?(\d{1,2})\s*(?:er|ere|[eè]me|[eè]|nd)?)?"
    r"(?:\s*(?:arr?t?|arrondissement)\.?)?$",
    re.I,
)


@dataclass(frozen=True)
class ParsedAddress:
    """What a typed address says; empty strings and None where it says nothing.

    `number` and `number_end` are the ends of a range (`number_end` is None for one number); `suffix` is the
    letter that the sales carry (B for bis, T, Q, A, C…); `street` is the street as typed and `key` its
    `street_key`.
    """

    number: int | None = None
    number_end: int | None = None
    suffix: str = ""
    street: str = ""
    key: str = ""
    residence: str = ""
    postal_code: str = ""
    city: str = ""
    arrondissement: int | None = None

    @property
    def begun(self) -> str:
        """The key of a street whose last word somebody is still typing; mostly the same as `key`."""
        return street_key(self.street, unfinished=True)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Every number that the address covers: 12-16 is one side of the street (12, 14, 16), 12-15 both."""
        if self.number is None:
            return ()
        if self.number_end is None:
            return (self.number,)
        step = 2 if (self.number_end - self.number) % 2 == 0 else 1
        return tuple(range(self.number, self.number_end + 1, step))


def parse_address(text: str) -> ParsedAddress:
    """Take a typed address apart; looks at the first 300 characters."""
    text = unicodedata.normalize("NFC", text[:MAX_LENGTH]).translate(_APOSTROPHES)
    text = re.sub(r"\s*[\r\n;|]+\s*", ", ", text.strip())
    text = re.sub(r"[\x00-\x1f\x7f\s]+", " ", text).strip(" ,-")
    text, postal_code, city = _split_postal_code(text)
    text = _INLINE_COMPLEMENT.sub("", text) if not _RESIDENCE.match(fold(text).lower()) else text
    line, residence, tail = _street_line(_segments(text))
    city = city or tail
    city = re.sub(r"\s*\bcedex\b.*$|\s*\bfrance$", "", city, flags=re.I)
    line, big_city, arrondissement = _split_big_city(line)
    if not city and big_city:
        city = big_city
    elif city:
        match = _BIG_CITY.fullmatch(city)
        if match and match[2]:
            city, arrondissement = match[1], int(match[2])
    known = ARRONDISSEMENTS.get(fold(city))
    if known and arrondissement is None and postal_code:
        arrondissement = _arrondissement_of(postal_code, known)
    if known and arrondissement and not 1 <= arrondissement <= known[1]:
        arrondissement = None
    if known and arrondissement and not postal_code:
        postal_code = f"{known[0] + arrondissement:05d}"
    number, end, suffix, street = _split_number(line)
    key = street_key(street)
    if number is None and not any(c.isalpha() for c in key):
        street = key = ""
    return ParsedAddress(
        number, end, suffix, street, key, residence, postal_code, _city_name(city), arrondissement
    )


def _split_postal_code(text: str) -> tuple[str, str, str]:
    """The address without its postal code and city, the code, the city after (or before the street) it."""
    matches = list(_POSTAL_CODE.finditer(text))
    for match in reversed(matches):
        before, after = text[: match.start()].strip(" ,-("), text[match.end() :].strip(" ,-)")
        first_word = fold(after).split(" ", 1)[0] if after else ""
        if not before and (is_way_type(first_word) or "'" in after[:2]) and "," not in after:
            continue  # « 12345 rue … »: a number that is too long, not a code
        code = match[1].replace(" ", "")
        if before:
            city, _, rest = after.partition(",")
            return before, code, city.strip()
        city, _, rest = after.partition(",")
        if not rest:  # « 75011 Paris 12 rue X »
            rest, city = _split_residence(city) if _split_residence(city)[1] else ("", city)
        return rest.strip(), code, city.strip()
    return text, "", ""


def _segments(text: str) -> list[str]:
    # « 12, rue X »: the comma after a number does not separate.
    text = re.sub(r"\s*[()]\s*", ", ", text)
    text = re.sub(
        r"(?P<before>^|,\s*)(?P<number>\d{1,4}\s*(?:bis|ter|quater|[a-z])?)\s*,\s*(?P<next>[^\W\d]+)",
        lambda m: (
            f"{m['before']}{m['number']} {m['next']}"
            if not m["before"] or is_way_type(fold(m["next"]))
            else m[0]
        ),
        text,
        flags=re.I,
    )
    text = re.sub(r"^(\d{1,4})\s*,\s*(?=\d{1,4}\s)", r"\1-", text)  # « 12, 14 rue X »
    parts = [part.strip(" -") for part in re.split(r"\s*,\s*|\s+-\s+", text)]
    return [part for part in parts if part]


def _street_line(parts: list[str]) -> tuple[str, str, str]:
    """The part with the street, the residence written before it, and the city written after it."""
    if not parts:
        return "", "", ""
    scores = [_street_score(part) for part in parts]
    best = max(range(len(parts)), key=lambda i: (scores[i], -i))
    line = parts[best]
    residence = ", ".join(p for p in parts[:best] if not _COMPLEMENT.match(fold(p).lower()))
    tail = ""
    for part in parts[best + 1 :]:
        folded = fold(part).lower()
        if re.fullmatch(r"(?:n\s*[°ºo]\s*)?\d{1,4}\s*(?:bis|ter|quater|[a-z])?", part, re.I):
            line = f"{part} {line}" if not line[:1].isdigit() else line  # « rue Oberkampf, 12 »
        elif not _COMPLEMENT.match(folded) and not tail and not any(c.isdigit() for c in part.split(" ")[0]):
            tail = part
    if best == 0 and not residence and _RESIDENCE.match(fold(line).lower()):
        line, residence = _split_residence(line)
    return line, residence, tail


def _street_score(part: str) -> int:
    """How much a part looks like « number and street »."""
    words = fold(part).split()
    if _COMPLEMENT.match(" ".join(words).lower()):
        return -1
    number = _split_number(part)
    rest = fold(number[3]).split()
    typed = bool(rest) and is_way_type(rest[0]) and len(rest) > 1
    if typed and rest[0] in {"RESIDENCE", "RES", "RESID", "LOT", "LOTISSEMENT", "IMM", "IMMEUBLE", "DOM"}:
        return 1
    return (2 if typed else 0) + (1 if number[0] is not None and rest else 0)


def _split_residence(line: str) -> tuple[str, str]:
    """« Résidence Les Pins 3 rue X » → the street line and the residence."""
    for match in re.finditer(r"(?<=\s)\d{1,4}\b", line):
        rest = line[match.start() :]
        _, _, _, street = _split_number(rest)
        words = fold(street).split()
        if len(words) > 1 and is_way_type(words[0]):
            return rest, line[: match.start()].strip(" ,-")
    return line, ""


def _split_number(line: str) -> tuple[int | None, int | None, str, str]:
    """Number, end of the range, suffix letter, and the street that follows."""
    match = _NUMBER.match(line)
    if not match:
        trailing = re.search(r"\s+n\s*[°º]\s*(\d{1,4})\s*(bis|ter|quater|[a-z])?$", line, re.I)
        if not trailing:
            return None, None, "", line
        line = f"{trailing[1]} {trailing[2] or ''} {line[: trailing.start()]}"
        match = _NUMBER.match(line)
        if not match:
            return None, None, "", line
    number, street = int(match[1]), line[match.end() :].strip(" .,-")
    suffix = SUFFIX_WORDS.get((match[2] or "").upper(), "")
    letter = (match[3] or "").upper()
    words = fold(street).split()
    if letter and not match[4]:
        glued = line[match.start(3) - 1].isdigit()
        followed = bool(words) and is_way_type(words[0])
        if glued and letter == "E" and not followed:
            return None, None, "", line  # « 2e division blindée »
        if followed or (letter in "BTQ" and words) or (glued and words):
            suffix = letter
        else:  # « 12 r. St Honoré », « 12 L'Orée »
            street = line[match.start(3) :].strip()
            words = fold(street).split()
    elif letter:
        suffix = letter
    if not suffix and (not words or words[0] in MONTHS or re.match(r"\d+(er|ere|[eè]me|nde?)\b", line, re.I)):
        # « 8 mai 1945 », « 1er mai »: the number belongs to the name; a number alone stays a number.
        return (number, None, "", "") if not words else (None, None, "", line)
    end = int(match[4]) if match[4] else None
    if end is not None and not number < end <= number + MAX_RANGE:
        end = None
    return number, end, suffix, street


def _split_big_city(line: str) -> tuple[str, str, int | None]:
    """« rue Oberkampf Paris 11e » → street, city, arrondissement; « rue de Paris » stays whole."""
    match = _BIG_CITY.search(line)
    if not match:
        return line, "", None
    before = line[: match.start()].strip(" ,-")
    words = fold(before).split()
    arrondissement = int(match[2]) if match[2] else None
    if not words:
        return "", match[1], arrondissement
    lone_type = len(words) == 1 and (words[0] in WAY_TYPES or words[0] in FULL_TYPES)
    if lone_type or words[-1] in {"DE", "DU", "DES", "D", "LA", "LE", "A", "ET", "GARE", "SUR", "PORTE"}:
        return line, "", None
    return before, match[1], arrondissement


def _arrondissement_of(postal_code: str, known: tuple[int, int]) -> int | None:
    if postal_code == "75116":  # the 16th has two postal codes
        return 16
    number = int(postal_code) - known[0]
    return number if 1 <= number <= known[1] else None


def _city_name(city: str) -> str:
    """The city without its arrondissement."""
    match = _BIG_CITY.fullmatch(city.strip(" ,-()"))
    return match[1] if match else city.strip(" ,-()")
