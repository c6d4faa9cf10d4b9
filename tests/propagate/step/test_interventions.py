"""Plans compiled into weather: dated, in the right place, and what they add up to."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballast.economy import Economy
from ballast.errors import InputError, SimulationError
from ballast.forcing import Forcing
from ballast.propagate.parameters import load_parameters
from ballast.propagate.run import Run
from ballast.propagate.simulate import prepare, simulate
from ballast.propagate.step.interventions import Intervention, begins, changed, followed, under
from ballast.propagate.step.system import Weather

from ..cases import harsh, some_plan, stop

DAYS = 40


def blank(economy: Economy, forcing: Forcing | None = None) -> Run:
    return prepare(economy, forcing or stop(economy, [5], DAYS, level=0.4), load_parameters(), {})


def channel(weather: Weather, name: str) -> np.ndarray:
    """[T, n] a channel day by day."""
    return getattr(weather, name)[getattr(weather, f"{name}_day")]


def test_a_part_is_given_back_from_the_first_day_to_the_last(teaching):
    """Level 0.4 with half given back: 0.4 + 0.5 x 0.6 = 0.7, on days 10 to 19 alone, of node 5 alone."""
    run = blank(teaching)
    w = under(run.weather, [Intervention.on("node", [5, 6], 10, 20, amount=0.5)])
    level = channel(w, "capacity")
    np.testing.assert_allclose(
        level[:, 5], np.where((np.arange(DAYS) >= 10) & (np.arange(DAYS) < 20), 0.7, 0.4)
    )
    np.testing.assert_array_equal(np.delete(level, 5, axis=1), 1.0)


@pytest.mark.parametrize(
    ("kind", "where", "amount", "first", "last", "said"),
    [
        ("nodes", [5], [1.0], 0, None, "no kind 'nodes'; did you mean node"),
        ("node", [5, 6], [1.0], 0, None, "one amount a place"),
        ("node", [5.5], [1.0], 0, None, "whole numbers; it is 5.5"),
        ("node", [-7], [1.0], 0, None, "count from 0"),
        ("node", [5], [np.nan], 0, None, "from 0 to 1, not nan"),
        ("node", [5], [3.0], 0, None, "from 0 to 1, not 3.0"),
        ("node", [5], ["all"], 0, None, "have to be numbers, not all"),
        ("passage", [5], [0.5], 0, None, "have to be 1, not 0.5"),
        ("import", [5], [np.inf], 0, None, "from 0, not inf"),
        ("demand", [5], [-3.0], 0, None, "from -1, not -3.0"),
        ("stock", [5], [np.nan], 0, None, "finite, not nan"),
        ("stock", [5], [1.0], 3, 9, "stock is released on one day"),
        ("node", [5], [1.0], -2, None, "number of a day from 0, not -2"),
        ("node", [5], [1.0], 12.5, None, "not 12.5"),
        ("node", [5], [1.0], 9, 8, "give a later day"),
    ],
)
def test_what_is_no_act_is_refused(kind, where, amount, first, last, said):
    with pytest.raises(InputError, match=re.escape(said)):
        Intervention(kind, where, amount, first, last)


def test_every_fault_of_an_act_is_told_at_once():
    with pytest.raises(InputError) as caught:
        Intervention.on("node", [-1], -2, amount=7)
    assert str(caught.value).count("node: ") == 3


@pytest.mark.parametrize("kind", ["node", "supply", "corridor", "import", "demand", "stock"])
def test_what_the_run_does_not_have_is_refused(teaching, kind):
    """By both backends in one way: compiled code would write beside the array."""
    acts = [Intervention.on("node", [5]), Intervention.on(kind, [1, 9999, 10000], 3)]
    with pytest.raises(InputError, match=rf"number 1 \({kind}\) acts on 9999, 10000; there are \d+"):
        under(blank(teaching).weather, acts)
    with pytest.raises(InputError, match="number 0 is str, not an Intervention"):
        under(blank(teaching).weather, ["C.parts"])


def test_a_published_model_refuses_what_it_cannot_see(teaching):
    plan = [Intervention.on("stock", [0], 12, amount=10.0), Intervention.on("supply", [0], 12)]
    with pytest.raises(SimulationError, match=r"ario .* kind stock, supply would do nothing"):
        simulate(teaching, stop(teaching, [5], DAYS), plan=plan, model="ario")
    passes = [Intervention.on("node", [5], 12), Intervention.on("passage", [5], 12)]
    assert simulate(teaching, stop(teaching, [5], DAYS), plan=passes, model="ario").lost > 0


def test_acts_are_found_by_codes(teaching):
    run = blank(teaching)
    assert run.nodes("C.parts", "N.vehicles").tolist() == [5, 2]
    parts = run.slots("parts", "N.vehicles")
    assert [(run.system.slot_node[i], run.system.slot_product[i]) for i in parts] == [(2, 1)]
    assert set(parts) < set(run.slots("parts"))
    with pytest.raises(InputError, match=r"node 'N.vehicle'.*N.vehicles"):
        run.nodes("N.vehicle")


def test_acts_on_the_same_place_follow_each_other(teaching):
    """Half of what is missing, then half of what is still missing: 0.4, 0.7, 0.85."""
    acts = [Intervention.on("node", [5], 3, amount=0.5), Intervention.on("node", [5], 6, 8, amount=0.5)]
    level = channel(under(blank(teaching).weather, acts), "capacity")[:, 5]
    np.testing.assert_allclose(level[[2, 3, 5, 6, 7, 8, 39]], [0.4, 0.7, 0.7, 0.85, 0.85, 0.7, 0.7])


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [("import", "imports", 1.0), ("export", "exports", 1.0), ("corridor", "corridors", 1.0),
     ("passage", "passage", 1), ("supply", "supply", 1), ("demand", "demand", 1.5)],
)  # fmt: skip
def test_each_kind_changes_its_own_channel_on_its_days(teaching, kind, name, expected):
    run = blank(teaching, harsh(teaching, 3, DAYS))
    amount = 0.5 if kind == "demand" else 1.0
    base = channel(run.weather, name)
    w = under(run.weather, [Intervention.on(kind, [1], 5, 9, amount=amount)])
    found = channel(w, name)
    want = base.astype(float).copy()
    want[5:9, 1] = base[5:9, 1] + 0.5 if kind == "demand" else np.maximum(base[5:9, 1], 1.0)
    np.testing.assert_array_equal(found, want)
    others = [f for f in Weather._fields if not f.startswith(name)]
    assert all(getattr(w, f) is getattr(run.weather, f) for f in others)


def test_what_is_released_into_a_stock_is_there_that_morning(teaching):
    """Three days of use released on day 7: the stock of the slot is higher by that, goods are conserved."""
    run = blank(teaching)
    slot = int(run.system.slot_ptr[2])
    money = 3.0 * run.system.need[slot]
    plan = [Intervention("stock", np.array([slot], np.int32), np.array([money]), 7)]
    nothing, released = (
        simulate(teaching, run.forcing, plan=acts, backend=backend)
        for acts, backend in (((), "numba"), (plan, "numba"))
    )
    ledger = released.record.ledger[:, :, 5].sum(axis=1) - nothing.record.ledger[:, :, 5].sum(axis=1)
    np.testing.assert_allclose(ledger, np.where(np.arange(DAYS) == 7, money, 0.0), atol=1e-9)
    slow = simulate(teaching, run.forcing, plan=plan, backend="numpy")
    np.testing.assert_allclose(slow.record.output, released.record.output, rtol=1e-9)


def test_releases_come_behind_the_days_own_changes_and_stay_in_order(teaching):
    w = blank(teaching).weather._replace(
        stock_day=np.array([2, 7, 9], np.int32),
        stock_slot=np.array([0, 1, 2], np.int32),
        stock_change=np.ones(3),
    )
    w = under(w, [Intervention.on("stock", [4, 5], 7, amount=2.0)])
    assert w.stock_day.tolist() == [2, 7, 7, 7, 9]
    assert w.stock_slot.tolist() == [0, 1, 4, 5, 2]
    assert w.stock_change.tolist() == [1, 1, 2, 2, 1]


@given(first=st.integers(0, DAYS + 5), length=st.integers(0, DAYS))
def test_days_that_are_not_meant_stay_as_they_are(first, length):
    table, index = np.array([[1.0], [0.5], [0.2]]), np.arange(DAYS, dtype=np.int32) % 3
    w = Weather(*[None] * len(Weather._fields))._replace(capacity=table, capacity_day=index)  # type: ignore[arg-type]
    found = changed(w, "capacity", lambda states: states * 0.5, first, first + length)
    want = table[index].copy()
    want[first : first + length] *= 0.5
    np.testing.assert_array_equal(channel(found, "capacity"), want)
    assert len(found.capacity) <= 2 * len(table)


def test_a_plan_that_ends_is_between_none_and_one_that_lasts(teaching):
    forcing = stop(teaching, [5], 120, level=0.0)
    lost = [
        simulate(teaching, forcing, plan=[Intervention.on("node", [5], 10, last)]).lost
        for last in (10, 30, None)
    ]
    assert lost[0] == simulate(teaching, forcing).lost
    assert lost[0] > lost[1] > lost[2] > 0


def test_the_first_day_on_which_a_plan_does_anything():
    assert begins([], 50) == begins([Intervention.on("node", [], 3)], 50) == 50
    assert begins([Intervention.on("node", [1], 9), Intervention.on("supply", [1], 4)], 50) == 4


def test_trade_of_another_weather_is_followed_from_a_day_on(teaching):
    one, other = (blank(teaching, harsh(teaching, seed, DAYS)).weather for seed in (1, 2))
    w = followed(one, other, 15)
    for name in ("exports", "imports"):
        np.testing.assert_array_equal(channel(w, name)[:15], channel(one, name)[:15])
        np.testing.assert_array_equal(channel(w, name)[15:], channel(other, name)[15:])
    assert w.capacity is one.capacity


def test_a_plan_with_days_is_the_same_compiled_and_readable(teaching):
    forcing = harsh(teaching, 5, 60)
    plan = [replace(act, last=45) for act in some_plan(teaching, forcing, 5, day=20)]
    fast, slow = (simulate(teaching, forcing, plan=plan, backend=b) for b in ("numba", "numpy"))
    np.testing.assert_allclose(fast.record.output, slow.record.output, rtol=1e-9, atol=1e-12)
