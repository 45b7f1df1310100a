"""Search of addresses over the distinct streets of the sales (half a million rows, not twenty million sales).

An exact key answers first; then names that begin so (somebody is still typing); then, for typing errors,
names with common trigrams. Where a base of national addresses is configured its answers are joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Avg, Count, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Upper

from dvf import national_addresses
from dvf.addresses import ARRONDISSEMENTS, ParsedAddress, parse_address
from dvf.models import DVFSale, DVFStreet
from dvf.street_names import MAX_LENGTH, fold, street_key, way_type

STATEMENT_TIMEOUT_MS = 2_000
MIN_LETTERS = 3
"""Shorter names match half of France."""
ENOUGH_ALIKE = 0.35
"""Trigram similarity of whole keys under which a street is another one."""
MAX_NUMBERS = 200
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
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [STATEMENT_TIMEOUT_MS])
            streets = _streets(parsed, code, limit)
            found = _with_numbers(streets, parsed)
    elsewhere = national_addresses.search(q[:MAX_LENGTH], postal_code, limit)
    return _joined(found, elsewhere)[:limit]


def _streets(parsed: ParsedAddress, code: str, limit: int) -> list[DVFStreet]:
    """Streets with `score`, the best first."""
    if code:
        streets = _of_postal_code(code)
        here = _ranked(streets, parsed.key, limit)
        if here or not parsed.city:
            return here
    exact = _exact(parsed, limit)
    if len(exact) >= limit:
        return exact
    seen = {street.pk for street in exact}
    for further in (_beginning, _resembling):
        exact += [street for street in further(parsed, limit) if street.pk not in seen][: limit - len(exact)]
        seen |= {street.pk for street in exact}
        if exact:
            break
    return exact


def _of_postal_code(code: str) -> QuerySet[DVFStreet]:
    for first, count in ARRONDISSEMENTS.values():
        if code == f"{first:05d}":  # « 75000 Paris »: any arrondissement
            codes = [f"{first + n:05d}" for n in range(1, count + 1)]
            return DVFStreet.objects.filter(code_postal__in=[*codes, *(["75116"] if first == 75000 else [])])
    return DVFStreet.objects.filter(code_postal=code)


def _ranked(streets: QuerySet[DVFStreet], key: str, limit: int) -> list[DVFStreet]:
    """The streets of one place most like the key: few enough to compare each."""
    alike = streets.annotate(
        score=TrigramSimilarity("street_key", key), part=TrigramWordSimilarity(_name(key), "street_key")
    ).filter(Q(score__gte=ENOUGH_ALIKE) | Q(part__gte=0.7))
    rows: list[DVFStreet] = list(alike.order_by("-score", "-sales_count", "pk")[: limit * 3])
    for row in rows:
        row.score = _score(row, key)  # type: ignore[attr-defined]
    return sorted(rows, key=_rank)[:limit]


def _score(street: DVFStreet, key: str) -> float:
    if street.street_key == key:
        return 1.0
    if street.street_key.startswith(key):
        return 0.95
    similarity: float = getattr(street, "score", 0.0)
    return min(similarity, 0.9)


def _rank(street: DVFStreet) -> tuple[float, int, int]:
    return -street.score, -street.sales_count, street.pk  # type: ignore[attr-defined]


def _name(key: str) -> str:
    """The key without its nature of way, which half of all streets share."""
    kind = way_type(key)
    return key[len(kind) :].strip() or key


def _in_city(streets: QuerySet[DVFStreet], city: str) -> QuerySet[DVFStreet]:
    """Communes whose name begins with this one; accents, hyphens and « Saint » do not matter."""
    plain = " ".join("SAINT" if w == "ST" else "SAINTE" if w == "STE" else w for w in fold(city).split())
    folded = Func(
        Upper(Func(F("nom_commune"), function="unaccent")),
        Value("[^A-Z0-9]+"),
        Value(" "),
        Value("g"),
        function="regexp_replace",
        output_field=TextField(),
    )
    return streets.annotate(folded_city=folded).filter(folded_city__startswith=plain)


def _exact(parsed: ParsedAddress, limit: int) -> list[DVFStreet]:
    """Streets of this very key; its last words may be a city (« rue pasteur toulon »)."""
    words = parsed.key.split()
    found: list[DVFStreet] = []
    streets = DVFStreet.objects.filter(street_key=parsed.key)
    if parsed.city:
        streets = _in_city(streets, parsed.city)
    found += streets.order_by("-sales_count", "pk")[:limit]
    if not parsed.city and not found:
        for cut in range(1, min(4, len(words) - 1)):
            streets = DVFStreet.objects.filter(street_key=" ".join(words[:-cut]))
            found += _in_city(streets, " ".join(words[-cut:])).order_by("-sales_count", "pk")[:limit]
            if found:
                break
    for street in found:
        street.score = 1.0  # type: ignore[attr-defined]
    return found


def _beginning(parsed: ParsedAddress, limit: int) -> list[DVFStreet]:
    streets = DVFStreet.objects.filter(street_key__startswith=parsed.key)
    if parsed.city:
        streets = _in_city(streets, parsed.city)
    rows = list(streets.order_by("-sales_count", "pk")[:limit])
    for street in rows:
        street.score = _score(street, parsed.key)  # type: ignore[attr-defined]
    return rows


def _resembling(parsed: ParsedAddress, limit: int) -> list[DVFStreet]:
    name = _name(parsed.key)
    streets = DVFStreet.objects.filter(street_key__trigram_word_similar=name)
    if parsed.city:
        streets = _in_city(streets, parsed.city)
    alike = streets.annotate(score=TrigramSimilarity("street_key", parsed.key)).filter(
        score__gte=ENOUGH_ALIKE
    )
    rows: list[DVFStreet] = list(alike.order_by("-score", "-sales_count", "pk")[:limit])
    for street in rows:
        street.score = _score(street, parsed.key)  # type: ignore[attr-defined]
    return rows


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
