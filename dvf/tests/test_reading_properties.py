"""What must hold of any lines: the engine agrees with the rules written plainly, and order and copies
change nothing.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dvf.importing.reading import whole_lines
from dvf.tests.dvf_files import FLAT, HOUSE, LAND, OUTBUILDING, SHOP, Line, land, line, normalise, write

# Each example starts an engine, some seconds together: few examples, of many mutations.
few = settings(max_examples=6)

WHATS = [FLAT, HOUSE, OUTBUILDING, SHOP, LAND, FLAT | {"surface_reelle_bati": "30"}]
GROUNDS = [{}, land("S", 300), land("J", 200), land("S", 120)]


@st.composite
def lines_of_a_file(draw: st.DrawFn) -> list[Line]:
    """Lines with so few different values that repetitions, twins and combinations are common."""
    lines = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        nature = draw(st.sampled_from(["Vente", "Vente", "Echange"]))
        prices = [draw(st.sampled_from(["150000", "1", "", "99999.99"])) for _ in range(2)]
        for _ in range(draw(st.integers(1, 8))):
            disposition = draw(st.integers(1, 2))
            lines.append(
                line(
                    draw(st.sampled_from(WHATS)) | draw(st.sampled_from(GROUNDS)),
                    id_mutation=f"2024-{number}",
                    nature_mutation=nature,
                    numero_disposition=f"{disposition:06d}",
                    valeur_fonciere=prices[disposition - 1],
                    id_parcelle=draw(st.sampled_from(["83137000AB0001", "83137000AC0002"])),
                    lot1_numero=draw(st.sampled_from(["", "7"])),
                    lot2_numero=draw(st.sampled_from(["", "", "8"])),
                )
            )
    return lines


def plainly(lines: list[Line]) -> dict[str, dict[str, Any]]:
    """The rules of the notice, one mutation at a time, written for reading and not for speed."""
    by_mutation: dict[str, list[Line]] = defaultdict(list)
    for one in lines:
        by_mutation[one["id_mutation"]].append(one)
    sales = {}
    for number, of_it in by_mutation.items():
        groups: dict[tuple[str, ...], Counter[tuple[str, ...]]] = defaultdict(Counter)
        ground, prices = set(), {}
        for one in of_it:
            get = defaultdict(str, one)
            culture = (get["code_nature_culture"], get["surface_terrain"])
            if one.get("type_local"):
                lots = (get["lot1_numero"], get["lot2_numero"])
                key: tuple[str, ...] = (
                    get["numero_disposition"],
                    get["id_parcelle"],
                    *lots,
                    get["type_local"],
                    get["surface_reelle_bati"],
                )
                groups[key][culture] += 1
            if culture[0]:
                ground.add((get["id_parcelle"], *culture))
            prices[one["numero_disposition"]] = one["valeur_fonciere"]
        count: Counter[str] = Counter()
        surface = 0
        for described, cultures in groups.items():
            times = min(cultures.values())
            count[described[4]] += times
            if described[4] in ("Appartement", "Maison"):
                surface += times * int(described[5])
        dwellings = count["Appartement"] + count["Maison"]
        if not dwellings:
            continue
        paid = [Decimal(price) for price in prices.values() if price]
        price = sum(paid) if paid else None
        commerce = count["Local industriel. commercial ou assimilé"]
        reasons = [
            reason
            for reason, holds in (
                ("nature", of_it[0]["nature_mutation"] != "Vente"),
                ("several_dwellings", dwellings > 1),
                ("mixed", commerce > 0),
                ("several_dispositions", len(prices) > 1),
                ("symbolic_price", (price or 0) <= 1),
            )
            if holds
        ]
        sales[number] = {
            "n_appartements": count["Appartement"],
            "n_maisons": count["Maison"],
            "n_dependances": count["Dépendance"],
            "n_commerces": commerce,
            "surface_bati": surface,
            "surface_terrain": sum(int(one[2]) for one in ground) or None,
            "n_parcelles_terrain": len({one[0] for one in ground}),
            "prix": price,
            "n_dispositions": len(prices),
            "exclusion_reasons": "{" + ",".join(reasons) + "}",
        }
    return sales


def result(*files: list[Line], delimiter: str = ",") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    folder = Path(tempfile.mkdtemp())
    try:
        return normalise(folder, *(write(folder / f"{n}.csv", lines) for n, lines in enumerate(files)))
    finally:
        shutil.rmtree(folder)


@few
@given(lines_of_a_file())
def test_the_engine_agrees_with_the_rules_written_plainly(lines):
    expected = plainly(lines)
    sales, _lots = result(lines)
    found = {
        sale["id_mutation"]: {name: sale[name] for name in next(iter(expected.values()))} for sale in sales
    }
    assert found == expected


@few
@given(lines_of_a_file(), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_nothing(lines, randomness: random.Random):
    shuffled = randomness.sample(lines, len(lines))
    assert result(shuffled) == result(lines)


@few
@given(lines_of_a_file(), st.integers(0, 8))
def test_a_copy_or_a_split_changes_nothing(lines, cut):
    alone = result(lines)
    assert result(lines, lines) == alone
    assert result(lines, lines[:cut] or lines) == alone, "a part given again"
    edges = [n for n in range(1, len(lines)) if lines[n]["id_mutation"] != lines[n - 1]["id_mutation"]]
    if edges:
        middle = edges[cut % len(edges)]
        assert result(lines[:middle], lines[middle:]) == alone


@given(st.lists(st.sampled_from([b"a,b\n", b'"x\ny",z\n', b'"",""\n', b"\n", b"c"])), st.integers(1, 7))
def test_pieces_are_whole_lines_however_the_file_is_cut(parts, size):
    """A line break between quotes is none: each piece can be parsed by itself."""
    text = b"".join(parts)
    pieces = list(whole_lines(iter([text[n : n + size] for n in range(0, len(text), size)])))
    assert b"".join(pieces) == text
    assert all(piece.endswith(b"\n") and piece.count(b'"') % 2 == 0 for piece in pieces[:-1])
