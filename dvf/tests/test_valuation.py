"""The valuation on an invented town, where the truth is known."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dvf.tests.town import ELASTICITY, GROWTH, START, Town, town
from dvf.valuation import controls
from dvf.valuation.explain import Valuation, position, refusal, value
from dvf.valuation.hedonic import Design, folds_of
from dvf.valuation.index import indices
from dvf.valuation.metrics import accuracy, coverage, price_related_differential
from dvf.valuation.model import AreaModel, TooFewSales
from dvf.valuation.pool import Pool
from dvf.valuation.sales import Floats, Sales, codes, from_rows, located
from dvf.valuation.stretch import Stretch
from dvf.valuation.uncertainty import Uncertainty

KIND = "Appartement"
CUT = 560


def changed(sales: Sales, **columns: Any) -> Sales:
    return Sales(**{f.name: columns.get(f.name, getattr(sales, f.name)) for f in fields(sales)})


@pytest.fixture(scope="module")
def place() -> Town:
    return town()


@pytest.fixture(scope="module")
def past(place: Town) -> Sales:
    return place.sales.take(slice(0, CUT))


@pytest.fixture(scope="module")
def model(past: Sales) -> AreaModel:
    return AreaModel.fit(past, KIND)


@pytest.fixture(scope="module")
def pool(model: AreaModel, past: Sales) -> Pool:
    return model.pool(past)


def around(pool: Pool, target: Sales) -> Sales:
    rows = pool.candidates(target)[0]
    return pool.sales.take(rows[rows >= 0])


# What is read ---
@pytest.mark.parametrize(
    ("surface", "carrez", "living"),
    [(50, None, 50), (50, 48, 48), (50, 50.4, 50.4), (50, 30, 50), (50, 90, 50), (50, 0, 50)],
)
def test_the_carrez_surface_is_used_where_it_agrees(
    surface: float, carrez: float | None, living: float
) -> None:
    assert from_rows([{"surface": surface, "carrez": carrez}]).living_surface[0] == living


@pytest.mark.parametrize(
    ("price", "surface", "kept"),
    [
        (150_000, 50, True), (4_999, 9, False), (150_000, 7.9, False), (150_000, 301, False),
        (24_000, 50, False), (1_300_000, 50, False), (25_000, 50, True), (1_250_000, 50, True),
    ],
)  # fmt: skip
def test_implausible_sales_teach_nothing(price: float, surface: float, kept: bool) -> None:
    assert bool(from_rows([{"price": price, "surface": surface}]).plausible(KIND)[0]) is kept


def test_what_is_unknown_equals_nothing() -> None:
    a, b = codes(np.array(["x", "", ""]), np.array(["x", ""]))
    assert a[0] == b[0] and len({*a[1:].tolist(), int(b[1])}) == 3


def test_a_sale_without_coordinates_takes_those_of_its_building(past: Sales) -> None:
    lost = changed(past, lon=np.r_[np.nan, past.lon[1:]], lat=np.r_[np.nan, past.lat[1:]])
    mates = past.building == past.building[0]
    assert mates.sum() > 1
    assert located(lost).lon[0] == pytest.approx(past.lon[0])


# The trend ---
def test_a_building_keeps_its_fold_whatever_the_others() -> None:
    assert folds_of(np.array(["a", "b", "c"]))[1] == folds_of(np.array(["b"]))[0]


def test_the_trend_finds_surface_and_time_again(model: AreaModel, place: Town) -> None:
    one = place.sales.take(np.array([300]))
    small, large = (
        changed(one, surface=np.array([30.0]), rooms=np.array([1.0])),
        changed(one, surface=np.array([60.0])),
    )
    small, large = (changed(s, carrez=s.surface, rooms=np.round(s.surface / 22)) for s in (small, large))
    slope = (model.hedonic.trend(large) - model.hedonic.trend(small))[0] / np.log(2)
    assert slope == pytest.approx(ELASTICITY, abs=0.12)
    two_years = model.hedonic.time_effect(np.array([START + 60.0, START + 60 + 2 * 365.25]))
    assert two_years[1] - two_years[0] == pytest.approx(2 * GROWTH, abs=0.04)


def test_a_column_of_noise_moves_no_estimate_by_more_than_3_percent(
    model: AreaModel, pool: Pool, past: Sales, place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = Design.columns

    def noisy(design: Design, sales: Sales) -> tuple[Floats, Floats]:
        x, penalties = columns(design, sales)
        noise = [np.random.default_rng(int(key.removeprefix("sale-"))).normal() for key in sales.key]
        return np.hstack([np.array(noise)[:, None], x]), np.r_[2.0, penalties]

    targets = place.sales.take(slice(CUT, None))
    plain = model.foresee(targets, pool).log_price
    monkeypatch.setattr(Design, "columns", noisy)
    again = AreaModel.fit(past, KIND)
    moved = again.foresee(targets, again.pool(past)).log_price - plain
    assert 0 < np.abs(np.expm1(moved)).max() < 0.03


# The value ---
def test_it_is_nearer_the_truth_than_the_plain_methods(
    model: AreaModel, pool: Pool, place: Town, past: Sales
) -> None:
    targets = place.sales.take(slice(CUT, None))
    guess = model.foresee(targets, pool).log_price
    own = np.median(np.abs(guess - place.truth[CUT:]))
    for plain in (controls.reference, controls.neighbours, controls.area_mean):
        assert own < 0.8 * np.median(np.abs(np.log(plain(past, targets)) - place.truth[CUT:]))


def test_shuffled_prices_teach_nothing_and_a_leak_shows(model: AreaModel, past: Sales, place: Town) -> None:
    targets = place.sales.take(slice(CUT, None))
    errors = {
        name: accuracy(control(model, past, targets), targets.price)["mdape"]
        for name, control in (("shuffled", controls.shuffled), ("leaked", controls.leaked))
    }
    own = accuracy(np.exp(model.foresee(targets, model.pool(past)).log_price), targets.price)["mdape"]
    assert errors["leaked"] < 0.7 * own < own < 0.8 * errors["shuffled"]  # type: ignore[operator]


def test_the_price_of_the_sale_valued_is_not_seen(model: AreaModel, past: Sales) -> None:
    target = past.take(np.array([400]))
    told = changed(past, price=np.where(past.key == target.key[0], past.price * 1.4, past.price))
    before = model.foresee(target, model.pool(past)).log_price[0]
    assert model.foresee(target, model.pool(told)).log_price[0] == pytest.approx(before, abs=1e-9)


def test_removing_a_comparable_moves_the_estimate_as_it_says(
    model: AreaModel, pool: Pool, place: Town
) -> None:
    target = place.sales.take(np.array([CUT + 7]))
    candidates = around(pool, target)
    whole = value(model, target, candidates)
    assert whole.point is not None and len(whole.comparables) == 40
    for part in whole.comparables[::5]:
        left = value(model, target, candidates.take(np.arange(len(candidates)) != part.row))
        assert left.point == pytest.approx(part.estimate_without_it, abs=0.5)
        assert whole.point - part.estimate_without_it == pytest.approx(part.contribution)


def test_the_order_of_the_candidates_does_not_matter(model: AreaModel, pool: Pool, place: Town) -> None:
    target = place.sales.take(np.array([CUT + 3]))
    candidates = around(pool, target)
    shuffled = candidates.take(np.random.default_rng(1).permutation(len(candidates)))
    assert value(model, target, shuffled).point == pytest.approx(
        value(model, target, candidates).point, rel=1e-9
    )


def test_one_absurd_sale_in_the_building_weighs_little(model: AreaModel, pool: Pool, place: Town) -> None:
    crowded = next(
        j for j in range(CUT, CUT + 140) if (pool.sales.building == place.sales.building[j]).sum() >= 4
    )
    target = place.sales.take(np.array([crowded]))
    candidates = around(pool, target)
    row = int(np.flatnonzero(candidates.building == target.building[0])[0])
    wild = changed(
        candidates, price=np.where(np.arange(len(candidates)) == row, candidates.price * 4, candidates.price)
    )
    before, after = value(model, target, candidates).point, value(model, target, wild).point
    assert before and after and abs(after / before - 1) < 0.06


def test_it_is_deterministic_and_survives_storage(
    model: AreaModel, past: Sales, pool: Pool, place: Town
) -> None:
    again = AreaModel.fit(past.take(np.random.default_rng(0).permutation(len(past))), KIND)
    assert again.to_json() == model.to_json()
    stored = AreaModel.from_json(json.loads(json.dumps(model.to_json())))
    target = place.sales.take(np.array([CUT]))
    a, b = (value(m, target, around(pool, target)) for m in (model, stored))
    assert a.point == pytest.approx(b.point, rel=1e-4) and a.confidence == b.confidence


@pytest.mark.parametrize(
    ("surface", "reason"),
    [(None, "no_surface"), (0, "no_surface"), (5, "absurd_surface"), (400, "absurd_surface"), (50, None)],
)  # fmt: skip
def test_absurd_surfaces_get_a_code_and_no_number(
    model: AreaModel, surface: float | None, reason: str | None
) -> None:
    target = from_rows([{"surface": surface, "lon": 5.93, "lat": 43.12, "day": START}])
    assert refusal(target, KIND) == reason
    if reason:
        assert value(model, target, from_rows([])) == Valuation(reason)


def test_too_few_comparables_near_give_no_number(model: AreaModel, pool: Pool, place: Town) -> None:
    target = place.sales.take(np.array([CUT]))
    assert value(model, target, around(pool, target).take(slice(0, 4))).reason == "insufficient_data"
    far = changed(target, lon=target.lon + 1)
    found = value(model, far, around(pool, far))
    assert (found.reason, found.estimate) == ("insufficient_data", None)


def test_too_few_sales_give_no_model(past: Sales) -> None:
    with pytest.raises(TooFewSales):
        AreaModel.fit(past.take(slice(0, 40)), KIND)


# Its intervals ---
def test_intervals_cover_what_they_claim(model: AreaModel, pool: Pool, place: Town) -> None:
    targets = place.sales.take(slice(CUT, None))  # what came after
    found = model.foresee(targets, pool)
    bounds = {level: model.intervals(found, level) for level in (50, 80, 95)}
    rates = coverage(targets.price, bounds)
    for level in (50, 80, 95):
        assert rates[f"coverage_{level}"] == pytest.approx(level, abs=9)
    assert rates["width_50"] < rates["width_80"] < rates["width_95"]
    assert not model.abstains(found, bounds[80]).any()


def test_where_prices_scatter_the_range_is_given_alone(past: Sales, place: Town) -> None:
    noise = np.exp(np.random.default_rng(4).normal(0, 0.6, len(past)))
    wild = changed(past, price=past.price * noise)
    model = AreaModel.fit(wild, KIND)
    target = place.sales.take(np.array([CUT]))
    found = value(model, target, around(model.pool(wild), target))
    assert (found.reason, found.estimate, found.confidence) == ("interval_too_wide", None, "low")
    low, high = found.intervals[80]
    assert found.point and low < found.point < high and high > 3 * low


# Stretch ---
def test_estimates_are_spread_until_dear_and_cheap_are_valued_alike() -> None:
    rng = np.random.default_rng(6)
    guess = rng.normal(12, 0.5, 6_000)
    truth = guess + rng.normal(0, 0.2, 6_000)
    before = price_related_differential(np.exp(guess), np.exp(truth))
    found = Stretch.fit(guess, np.ones(6_000), truth)
    shift = found.shift(guess, np.ones(6_000))
    after = price_related_differential(np.exp(guess + shift), np.exp(truth))
    assert before and after and before > 1.03 and after == pytest.approx(1.02, abs=0.002)
    assert np.corrcoef(shift, guess)[0, 1] > 0.9 and np.abs(shift).max() <= 0.25
    unsure = found.shift(guess, np.full(6_000, 2.0))
    assert np.abs(unsure).mean() > 2 * np.abs(shift).mean()
    assert Stretch(**found.to_json()) == found


def test_where_the_scatter_is_too_wide_nothing_is_spread() -> None:
    rng = np.random.default_rng(7)
    guess = rng.normal(12, 0.3, 3_000)
    truth = guess + rng.normal(0, 0.35, 3_000)
    assert Stretch.fit(guess, np.ones(3_000), truth).strength == 0


def test_conformal_quantiles_are_those_of_the_errors() -> None:
    rng = np.random.default_rng(3)
    features, stratum = rng.normal(size=(4_000, 2)), np.repeat([0, 1], 2_000)
    errors = rng.standard_t(4, 4_000) * 0.1 * np.exp(0.4 * features[:, 0]) * np.where(stratum, 2.0, 1.0)
    postal = np.full(4_000, "83000")
    model = Uncertainty.fit(features, postal, errors)
    model.calibrate(model.scale(features, postal), stratum, errors)
    fresh = rng.standard_t(4, 4_000) * 0.1 * np.exp(0.4 * features[:, 0]) * np.where(stratum, 2.0, 1.0)
    scale = model.scale(features, postal)
    for s in (0, 1):
        low, high = model.bounds(s, 80)
        own = stratum == s
        share = ((fresh >= low * scale) & (fresh <= high * scale))[own].mean()
        assert share == pytest.approx(0.80, abs=0.03)
    assert np.corrcoef(np.log(scale), features[:, 0])[0, 1] > 0.95


def test_the_share_below_grows_with_the_price(model: AreaModel, pool: Pool, place: Town) -> None:
    target = place.sales.take(np.array([CUT + 1]))
    found = value(model, target, around(pool, target))
    assert found.point
    shares = [found.share_below(found.point * f) for f in (0.5, 0.8, 1.0, 1.2, 2.0)]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1  # type: ignore[type-var]
    assert found.share_below(0) is None
    low, high = found.intervals[80]
    assert found.share_below(low) == pytest.approx(0.10, abs=0.02)
    assert found.share_below(high) == pytest.approx(0.90, abs=0.02)


@pytest.mark.parametrize(
    ("share", "code"),
    [
        (0.0, "far_below"),
        (0.1, "below"),
        (0.25, "in_line"),
        (0.74, "in_line"),
        (0.75, "above"),
        (0.95, "far_above"),
    ],
)
def test_position(share: float, code: str) -> None:
    assert position(share) == code


# Time ---
def test_the_index_finds_the_growth_again_within_its_band(past: Sales, model: AreaModel) -> None:
    found = indices(past, model.hedonic)
    rows = found["code_departement", ""].series()
    assert [(r["year"], r["quarter"]) for r in rows][:2] == [(2021, 1), (2021, 2)]
    assert rows[0]["index"] == 100 and sum(r["count"] for r in rows) == len(past)
    years = (len(rows) - 1) / 4
    assert np.log(rows[-1]["index"] / 100) == pytest.approx(GROWTH * years, abs=0.05)
    trend = found["code_postal", "83000"].trend()
    assert trend["usable"] and trend["annual_80"][0] < np.expm1(GROWTH) < trend["annual_80"][1]
    low, high = trend["projection_12m_80"]
    assert low < trend["projection_12m"] < high


def test_a_quarter_only_begun_is_marked_and_moves_little(place: Town, model: AreaModel) -> None:
    first = date(2023, 10, 1).toordinal()
    kept = place.sales.take(place.sales.day < first + 5)
    late = kept.day >= first
    assert 0 < late.sum() < 12
    crash = changed(kept, price=np.where(late, kept.price * 0.5, kept.price))
    rows = indices(crash, model.hedonic)["code_departement", ""].series()
    assert rows[-1]["partial"] and not rows[-2]["partial"]
    assert rows[-1]["index"] > 0.9 * rows[-2]["index"]


def test_a_short_series_has_no_usable_trend(past: Sales, model: AreaModel) -> None:
    recent = past.take(past.day > past.day.max() - 200)
    trend = indices(recent, model.hedonic)["code_departement", ""].trend()
    assert not trend["usable"] and trend["annual"] is None and trend["projection_12m"] is None


# Measures ---
def test_accuracy_of_known_ratios() -> None:
    price = np.full(10, 100.0)
    estimate = np.array([80, 90, 95, 100, 100, 100, 105, 110, 120, 300.0])
    found = accuracy(estimate, price)
    assert found["n"] == 10 and found["median_ratio"] == 1.0
    assert found["mdape"] == pytest.approx(7.5) and found["ppe10"] == 70 and found["ppe20"] == 90
    assert found["cod"] == pytest.approx(100 * np.abs(estimate / 100 - 1).mean())
    assert found["prd"] is None  # nine ratios are left between 0.5 and 2


@given(st.lists(st.tuples(st.floats(1e3, 1e6), st.floats(1e3, 1e6)), min_size=1, max_size=60), st.randoms())
def test_measures_depend_neither_on_order_nor_on_currency(pairs: list[tuple[float, float]], rng: Any) -> None:
    estimate, price = (np.array(side) for side in zip(*pairs, strict=True))
    order = list(range(len(pairs)))
    rng.shuffle(order)
    a, b = accuracy(estimate, price), accuracy(estimate[order] * 7, price[order] * 7)
    for name, figure in a.items():
        assert b[name] == (None if figure is None else pytest.approx(figure, rel=1e-6, abs=1e-6))


def test_controls_on_a_table_of_four() -> None:
    rows = [
        {"price": 100_000, "surface": 50, "postal_code": "1", "address": "a", "lon": 0, "lat": 0},
        {"price": 200_000, "surface": 50, "postal_code": "1", "address": "b", "lon": 0, "lat": 0.001},
        {"price": 90_000, "surface": 30, "postal_code": "2", "address": "", "lon": 0, "lat": 0.002},
    ]
    past = from_rows(rows)
    targets = from_rows(
        [
            {"surface": 10, "postal_code": "1", "address": "b", "lon": 0, "lat": 0},
            {"surface": 10, "postal_code": "2", "address": "", "lon": 0, "lat": 0},
            {"surface": 10, "postal_code": "9", "address": "z", "lon": 0, "lat": 0},
        ]
    )
    assert controls.reference(past, targets).tolist() == [40_000, 30_000, 30_000]
    assert controls.area_mean(past, targets).tolist() == [30_000, 30_000, 30_000]
    assert controls.weighted_median(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 5.0])) == 2.0
