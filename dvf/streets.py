"""Search of addresses over the distinct streets of the sales (half a million rows, not twenty million sales).

An exact key answers first; then names that begin so (somebody is still typing); then, for typing errors,
names with common trigrams. Where a base of national addresses is configured its answers are joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypedDict

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db import connection
from django.db.models import Avg, Count, Q, QuerySet

from dvf import national_addresses
from dvf.addresses import ARRONDISSEMENTS, ParsedAddress, parse_address
from dvf.models import DVFImport, DVFSale, DVFStreet
from dvf.sales_search import statement_timeout
from dvf.street_names import MAX_LENGTH, fold, one_letter_off, street_key, way_type

STATEMENT_TIMEOUT_MS = 2_000
MIN_LETTERS = 3
"""Shorter names match half of France."""
ENOUGH_ALIKE = 0.35
"""Trigram similarity of whole keys under which a street is another one."""
ENOUGH_OF_A_NAME = 0.7
"""The same for a part of a name (« hugo » in RUE VICTOR HUGO)."""
ALIKE_NAMES = (0.62, 0.5)
"""Share of the name's trigrams that another must hold; the second, slower, when the first finds nothing."""
MOST_LETTERS_OFF = 30
"""Longest name whose neighbours by one letter are tried."""
ONE_LETTER_OFF = 0.9
"""Score of a street found so."""
MAX_NUMBERS = 200
MOST_COMMUNES = 50
STREETS_WITH_NUMBERS = 3
"""Streets of an answer in which the typed number is looked for."""


class FoundAddress(TypedDict):
    """A street, or a number of it. `score` is 1 for the street asked for, less for one that resembles it;
    `sales_count` its sales; `numbers` those with a sale (of the best street); `source` dvf or ban."""

    label: str
    kind: str
    number: str
    suffix: str
    street: str
    postal_code: str
    code_commune: str
    city: str
    longitude: float | None
    latitude: float | None
    sales_count: int
    numbers: list[str]
    score: float
    source: str


def search_addresses(q: str, postal_code: str = "", limit: int = 10) -> list[FoundAddress]:
    """Addresses that resemble a typed one, the most alike first, then those with the most sales."""
    parsed = parse_address(q)
    code = postal_code or parsed.postal_code
    found: list[FoundAddress] = []
    if len(parsed.key.replace(" ", "")) >= MIN_LETTERS:
        with statement_timeout(STATEMENT_TIMEOUT_MS):
            found = _with_numbers(_streets(parsed, code, limit), parsed)
    elsewhere = national_addresses.search(q[:MAX_LENGTH], postal_code, limit)
    return _joined(found, elsewhere)[:limit]


def find_streets(parsed: ParsedAddress, code: str, limit: int) -> list[DVFStreet]:
    """The streets of an address, those of the very name only where there are some; `code` may be empty."""
    if len(parsed.key.replace(" ", "")) < MIN_LETTERS:
        return []
    with statement_timeout(STATEMENT_TIMEOUT_MS):
        return _streets(parsed, code, limit)


def _streets(parsed: ParsedAddress, code: str, limit: int) -> list[DVFStreet]:
    """Streets with `score`, the best first."""
    place = _of_postal_code(code) if code else None
    if place is None and parsed.city:
        place = _of_city(parsed.city)
    if place is not None:
        return _here(place, parsed.key, limit, parsed.begun)
    return (
        _scored(DVFStreet.objects.filter(street_key=parsed.key), parsed.key, limit)
        or _before_a_city(parsed.key, limit)
        or _beginning(parsed.key, limit, parsed.begun)
        or _one_letter_off(parsed.key, limit)
        or _resembling(parsed.key, limit)
    )


def _scored(streets: QuerySet[DVFStreet], key: str, limit: int, begun: str = "") -> list[DVFStreet]:
    """Those of the most sales, with their score."""
    rows: list[DVFStreet] = list(streets.order_by("-sales_count", "-pk")[:limit])
    for row in rows:
        row.score = _score(row, key, begun)  # type: ignore[attr-defined]
    return rows


def _score(street: DVFStreet, key: str, begun: str = "") -> float:
    if street.street_key == key:
        return 1.0
    if street.street_key.startswith((key, begun or key)):
        return 0.95
    similarity: float = getattr(street, "score", 0.0)
    return min(similarity, 0.9)


def _of_postal_code(code: str) -> Q:
    for first, count in ARRONDISSEMENTS.values():
        if code == f"{first:05d}":  # « 75000 Paris »: any arrondissement
            codes = [f"{first + n:05d}" for n in range(1, count + 1)]
            return Q(code_postal__in=[*codes, *(["75116"] if first == 75000 else [])])
    return Q(code_postal=code)


def _of_city(name: str) -> Q | None:
    """The communes of this name, or that begin so; None when no commune of the sales does."""
    codes = communes_named(name)
    return Q(code_commune__in=codes) if codes else None


def _here(place: Q, key: str, limit: int, begun: str = "") -> list[DVFStreet]:
    """In one place: the street of this key, else those that begin so (or as `begun` does), else those most
    like it, few enough to compare each.
    """
    streets = DVFStreet.objects.filter(place)
    exact = _scored(streets.filter(street_key=key), key, limit)
    if exact:
        return exact
    beginning = Q(street_key__startswith=key) | Q(street_key__startswith=begun or key)
    if len(_name(key)) >= 2 and (typing := _scored(streets.filter(beginning), key, limit, begun)):
        return typing
    for similarity, least in (
        (TrigramSimilarity("street_key", key), ENOUGH_ALIKE),
        (TrigramWordSimilarity(_name(key), "street_key"), ENOUGH_OF_A_NAME),
    ):
        alike = streets.annotate(score=similarity).filter(score__gte=least)
        rows: list[DVFStreet] = list(alike.order_by("-score", "-sales_count", "pk")[:limit])
        if rows:
            return _sorted(rows, key)
    return []


def _sorted(rows: list[DVFStreet], key: str) -> list[DVFStreet]:
    for row in rows:
        row.score = _score(row, key)  # type: ignore[attr-defined]
    return sorted(rows, key=lambda row: (-row.score, -row.sales_count, row.pk))  # type: ignore[attr-defined]


def _before_a_city(key: str, limit: int) -> list[DVFStreet]:
    """« rue pasteur toulon »: the last words of the key are the city."""
    words = key.split()
    known = _known_communes() if len(words) > 2 else {}
    for cut in range(1, min(4, len(words) - 1)):
        codes = known.get(_city_words(" ".join(words[-cut:])), [])[:MOST_COMMUNES]
        if codes and (found := _here(Q(code_commune__in=codes), " ".join(words[:-cut]), limit)):
            return found
    return []


def _name(key: str) -> str:
    """The key without its nature of way, which half of all streets share."""
    kind = way_type(key)
    return key[len(kind) :].strip() or key


def _beginning(key: str, limit: int, begun: str) -> list[DVFStreet]:
    """Somebody is still typing. Only the index is read, whatever number of streets begin so."""
    if len(_name(key)) < 2 or _name(key) == way_type(key):
        return []
    found: list[int] = []
    for start in {key, begun}:
        names = DVFStreet.objects.filter(street_key__startswith=start).order_by("-sales_count", "-pk")
        found += names.values_list("pk", flat=True)[:limit]
    return _scored(DVFStreet.objects.filter(pk__in=found), key, limit, begun)


def _resembling(key: str, limit: int) -> list[DVFStreet]:
    """Names with common trigrams, each name looked at once; then the streets of the best names."""
    if len(_name(key)) <= MIN_LETTERS:
        return []
    names = (
        DVFStreet.objects.filter(is_main=True, street_key__trigram_word_similar=_name(key))
        .annotate(score=TrigramSimilarity("street_key", key))
        .filter(score__gte=ENOUGH_ALIKE)
        .order_by("-score", "-sales_count", "pk")
    )
    scores: dict[str, float] = {}
    for threshold in ALIKE_NAMES:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = %s", [threshold])
        scores = dict(names.values_list("street_key", "score")[:limit])
        if scores:
            break
    rows = _of_names(list(scores), limit)
    for row in rows:
        row.score = min(scores[row.street_key], 0.9)  # type: ignore[attr-defined]
    return sorted(rows, key=lambda row: -row.score)  # type: ignore[attr-defined]


def _one_letter_off(key: str, limit: int) -> list[DVFStreet]:
    """The streets whose name is one typing error away: a thousand spellings at most, each sought by the index
    of names, in a millisecond.
    """
    kind = way_type(key)
    head = f"{kind} " if key.startswith(f"{kind} ") else ""
    name = key[len(head) :]
    if not MIN_LETTERS < len(name) <= MOST_LETTERS_OFF:
        return []
    rows = _of_names([head + other for other in one_letter_off(name)], limit)
    for row in rows:
        row.score = ONE_LETTER_OFF  # type: ignore[attr-defined]
    return rows


def _of_names(keys: Sequence[str], limit: int) -> list[DVFStreet]:
    """Streets of any of these keys, those of the most sales first.

    Joined to the names one by one: the planner would weigh each of a long `IN` against its statistics.
    """
    return list(
        DVFStreet.objects.raw(
            "SELECT street.* FROM unnest(%s::varchar[]) AS wanted (name), LATERAL"
            " (SELECT * FROM dvf_streets WHERE street_key = wanted.name"
            " ORDER BY sales_count DESC, id DESC LIMIT %s) AS street"
            " ORDER BY sales_count DESC, id DESC LIMIT %s",
            [list(keys), limit, limit],
        )
    )


def communes_named(name: str, *, whole: bool = False) -> list[str]:
    """Codes of the communes of the sales with this name, written in any way.

    Arrondissements answer to the name of their city. Unless `whole`, the beginning of a name will do.
    """
    wanted, known = _city_words(name), _known_communes()
    found = known.get(wanted, [])
    if not found and not whole and len(wanted) >= MIN_LETTERS:
        found = [code for other, codes in known.items() if other.startswith(wanted) for code in codes]
    return found[:MOST_COMMUNES]


def _known_communes() -> dict[str, list[str]]:
    served = DVFImport.objects.served().values_list("pk", flat=True).first()
    return _communes(served) if served else _communes.__wrapped__(0)


@lru_cache(maxsize=1)
def _communes(release: int) -> dict[str, list[str]]:
    """Folded name → codes, read once for each release and process (35,000 names, a quarter of a second)."""
    known: dict[str, list[str]] = {}
    rows = DVFStreet.objects.values_list("code_commune", "nom_commune").distinct().order_by("code_commune")
    for code, name in rows:
        words = _city_words(name)
        known.setdefault(words, []).append(code)
        if " ARRONDISSEMENT " in words:
            known.setdefault(words.split()[0], []).append(code)
    return known


def _city_words(name: str) -> str:
    """`Saint-Mandé` and `ST MANDE` alike; `Paris 11e Arrondissement` → `PARIS ARRONDISSEMENT 11`."""
    words = ["SAINT" if w == "ST" else "SAINTE" if w == "STE" else w for w in fold(name).split()]
    if len(words) == 3 and words[2] == "ARRONDISSEMENT":
        return f"{words[0]} ARRONDISSEMENT {words[1].rstrip('ER')}"
    return " ".join(words)


def _with_numbers(streets: Sequence[DVFStreet], parsed: ParsedAddress) -> list[FoundAddress]:
    """The typed number first where a sale has it, then its street."""
    numbered = streets[: STREETS_WITH_NUMBERS if parsed.numbers else 1]
    condition = Q(pk=None)
    for street in numbered:
        condition |= Q(
            code_commune=street.code_commune, code_voie=street.code_voie, adresse_nom_voie=street.nom_voie
        )
    sales = DVFSale.objects.filter(condition).exclude(adresse_numero="")
    if parsed.numbers:
        sales = sales.filter(adresse_numero__in=[str(number) for number in parsed.numbers])
        if parsed.suffix:
            sales = sales.filter(adresse_suffixe=parsed.suffix)
    known = list(
        sales.values_list("code_commune", "adresse_nom_voie", "adresse_numero", "adresse_suffixe")
        .annotate(n=Count("pk"), x=Avg("longitude"), y=Avg("latitude"))
        .order_by("adresse_numero", "adresse_suffixe")[:MAX_NUMBERS]
        if numbered
        else ()
    )
    known.sort(key=lambda row: (int(row[2]) if row[2].isdigit() else 10**9, row[3]))
    found: list[FoundAddress] = []
    for street in streets:
        mine = [row for row in known if row[:2] == (street.code_commune, street.nom_voie)]
        if parsed.numbers:
            for _commune, _name, number, suffix, count, x, y in mine:
                found.append(_found(street, number, suffix, x, y, count, []))
        numbers = [] if parsed.numbers else [" ".join(filter(None, row[2:4])) for row in mine]
        found.append(_found(street, "", "", street.longitude, street.latitude, street.sales_count, numbers))
    return found


def _found(
    street: DVFStreet,
    number: str,
    suffix: str,
    x: float | None,
    y: float | None,
    count: int,
    numbers: list[str],
) -> FoundAddress:
    line = " ".join(filter(None, (number, suffix, street.nom_voie)))
    return {
        "label": f"{line}, {street.code_postal} {street.nom_commune}".strip(),
        "kind": "number" if number else "street",
        "number": number,
        "suffix": suffix,
        "street": street.nom_voie,
        "postal_code": street.code_postal,
        "code_commune": street.code_commune,
        "city": street.nom_commune,
        "longitude": x,
        "latitude": y,
        "sales_count": count,
        "numbers": numbers,
        "score": round(street.score, 3),  # type: ignore[attr-defined]
        "source": "dvf",
    }


def _joined(ours: list[FoundAddress], theirs: list[FoundAddress]) -> list[FoundAddress]:
    """Ours, and theirs that we do not have, the most alike first."""

    def identity(address: FoundAddress) -> tuple[str, str, str, str]:
        return street_key(address["street"]), address["code_commune"], address["number"], address["suffix"]

    have = {identity(address) for address in ours}
    return sorted([*ours, *(a for a in theirs if identity(a) not in have)], key=lambda a: -a["score"])
