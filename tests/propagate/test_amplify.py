"""Who amplifies and who does not: the toy by hand, published models with short stocks, the default."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.errors import SimulationError
from ballast.forcing import Forcing, Steps
from ballast.propagate.amplify import (
    LEADERS,
    WINDOW,
    Amplification,
    Traffic,
    amplification,
    of_record,
    of_run,
)
from ballast.propagate.ensemble import design
from ballast.propagate.published import kernels as pooled_kernels
from ballast.propagate.published import reference as pooled
from ballast.propagate.published.reference import MODELS
from ballast.propagate.simulate import simulate
from ballast.scenario import builtin_scenarios, compile_scenario, load
from ballast.text import Text

from .cases import harsh, random_economy, stop
from .published.test_parity import pair, weather

FEW = settings(max_examples=15, deadline=None)
SEED = st.integers(0, 10_000)
START = dt.date(2022, 3, 1)


def published(key: str, e, forcing: Forcing, days: float | None = None) -> Amplification:
    model = replace(MODELS[key], stock_days=days or MODELS[key].stock_days)
    return of_record(e, forcing, pooled_kernels.run(model, e, forcing, full=True))


def path(orders: np.ndarray, output: np.ndarray, imposed: np.ndarray) -> Amplification:
    """One product of 100 a day whose use stays where it was."""
    use = np.full((len(orders), 1), 100.0)
    traffic = Traffic(output[:, None], orders[:, None], use, np.zeros_like(use), imposed, np.array([100.0]))
    return amplification(traffic, START, (Text("Steel", "钢材"),))


# ---- by hand -----------------------------------------------------------------------------------


def test_the_two_firms_of_inoue_and_todo_amplify_on_the_second_day() -> None:
    """Firm 1 makes 180 of 200, uses 90 and has 1510 in stock: it orders 90 + (15 x 90 - 1510) / 6 = 63.3.

    90 + 100 are used and wanted of product 2, 163.3 are ordered: 26.7 are missing where the shock took 20.
    """
    table, level = pair(), np.ones((7, 2))
    level[:, 0] = 0.9
    days = pooled.run(MODELS["inoue-todo"], table, weather(table, level))
    output = np.array([d.output for d in days])
    use = output @ table.need.T + table.final.sum(axis=1)
    orders = np.array([d.demand for d in days])
    traffic = Traffic(output, orders, use, np.zeros_like(use), np.full(7, 20.0), table.x0)
    names = (Text("one", "一"), Text("two", "二"))
    first = amplification(traffic, START, names)
    assert (first.kind, first.sign, first.day) == ("amplifies", "orders", 1)
    assert first.date == dt.date(2022, 3, 2)
    missing = use[0, 1] - orders[1, 1]
    assert missing == pytest.approx(190 - 163.3333, abs=1e-4)
    assert first.ratio > missing / 20
    assert set(first.products) == {0, 1}  # in the end both order nothing
    assert "2022-03-02" in first.words.en
    assert "2022-03-02" in first.words.zh


def test_swings_that_grow_are_told_from_swings_that_die_out() -> None:
    """Orders around 100 a day after a loss of 10 on day 0."""
    day, imposed = np.arange(120), np.zeros(120)
    imposed[0] = 10.0
    wave = np.sin(2 * np.pi * day / 20)
    calm, wild = 100 - 5 * 0.97**day * wave, 100 - 5 * 1.03**day * wave
    flat = np.full(120, 100.0)
    assert path(calm, flat, imposed).kind == "none"
    found = path(wild, flat, imposed)
    assert (found.kind, found.sign, found.products) == ("amplifies", "orders", (0,))
    assert found.day == int((wild < 90).argmax())
    assert path(200 - wild.clip(100), flat, imposed).kind == "amplifies"
    assert path(wild.clip(100), flat, imposed).kind == "none"  # stocks are filled again


def test_a_loss_that_stays_when_the_shocks_are_over() -> None:
    day, imposed = np.arange(100), np.zeros(100)
    imposed[:30] = 10.0
    orders = np.full(100, 100.0)
    for left in (np.full(100, 12.0), 5 + 0.1 * day):
        found = path(orders, 100 - left, imposed)
        assert (found.kind, found.sign) == ("amplifies", "loss")
        assert found.growth is not None
        assert found.growth >= 1.0
    fading = path(orders, 100 - 12 * 0.96**day, imposed)
    assert fading.kind == "none"
    assert fading.growth is not None
    assert fading.growth < 0.5
    assert path(orders, np.full(100, 99.9), imposed).kind == "none"  # too small to speak of
    short = path(orders[: 29 + WINDOW], np.full(29 + WINDOW, 88.0), imposed[: 29 + WINDOW])
    assert (short.kind, short.growth) == ("none", None)


# ---- the models --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", builtin_scenarios())
def test_the_default_model_does_not_amplify(name, teaching, china) -> None:
    """At the centre, at every corner draw of a small sample, and with the shortest stocks of the ranges."""
    plot = load(name)
    e = teaching if plot.book == "teaching" else china
    for point in ({}, {"stock_days": 0.0, "order_days": 0.0}, *design(plot, 2, 3)):
        found = of_run(simulate(e, plot, quantiles=point))
        assert (found.kind, found.sign, found.day, found.products) == ("none", "", None, ()), point
        assert found.ratio < 0.5


@pytest.mark.parametrize(("key", "days"), [("ario", 6), ("inoue-todo", 6), ("inoue-todo", 15)])
def test_published_order_rules_with_short_stocks_amplify(key, days, china) -> None:
    forcing = compile_scenario(load("shanghai-2022"), china)
    found = published(key, china, forcing, days)
    assert found.kind == "amplifies"
    assert found.sign == ("loss" if key == "ario" else "orders")
    assert 0 < len(found.products) <= LEADERS
    assert found.words.en.endswith(".")
    assert found.words.zh.endswith("。")


@pytest.mark.parametrize(("key", "days"), [("ario", 90), ("pichler", 14), ("pichler", 6)])
def test_published_order_rules_that_do_not(key, days, china) -> None:
    forcing = compile_scenario(load("shanghai-2022"), china)
    assert published(key, china, forcing, days).kind == "none"


def test_roads_alone_do_not_look_like_cut_orders(china) -> None:
    """Every road shut for a month: orders that cannot travel are not orders that were not given."""
    e, days = china, 90
    shut = np.ones((days, e.r * e.r))
    shut[5:35] = 0.2
    group = np.where([s.goods for s in e.sectors], 0, -1).astype(np.int32)
    forcing = replace(Forcing.none(e, days), corridors=Steps.of(shut), corridor_group=group)
    found = of_run(simulate(e, forcing))
    assert found.kind == "none"
    assert found.ratio < 0.5


def test_a_run_without_orders_is_refused(teaching) -> None:
    with pytest.raises(SimulationError, match="full=True"):
        of_run(simulate(teaching, load("vehicle-parts"), full=False))


# ---- whatever the economy ----------------------------------------------------------------------


@FEW
@given(SEED)
def test_no_shock_never_amplifies(seed) -> None:
    e = random_economy(seed)
    forcing = Forcing.none(e, 90)
    assert of_run(simulate(e, forcing)).kind == "none"
    for key in MODELS:
        for days in (3.0, 15.0):
            assert published(key, e, forcing, days).kind == "none"


@FEW
@given(SEED)
def test_the_default_model_under_harsh_shocks_does_not_amplify(seed) -> None:
    e = random_economy(seed)
    assert of_run(simulate(e, harsh(e, seed))).kind == "none"


@FEW
@given(SEED, st.randoms(use_true_random=False), st.floats(1e-3, 1e6))
def test_neither_the_numbering_nor_the_money_changes_a_verdict(seed, random, factor) -> None:
    e = random_economy(seed)
    order = list(range(e.n))
    random.shuffle(order)
    forcing = stop(e, [seed % e.n, (seed + 4) % e.n], 90, level=0.4, last=40)
    moved = replace(forcing, capacity=Steps(forcing.capacity.index, forcing.capacity.table[:, order]))
    other = e.permuted(order).scaled(factor)
    for find in (lambda e, f: of_run(simulate(e, f)), lambda e, f: published("inoue-todo", e, f, 10.0)):
        one, two = find(e, forcing), find(other, moved)
        assert (one.kind, one.sign, one.day, one.products) == (two.kind, two.sign, two.day, two.products)
        assert two.ratio == pytest.approx(one.ratio, rel=1e-6, abs=1e-9)
