"""The compiled step gives what the readable one gives, with everything switched on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from ballast.economy import Economy
from ballast.forcing import Forcing, Steps
from ballast.propagate.run import Run
from ballast.propagate.simulate import simulate
from ballast.propagate.step import layout
from ballast.propagate.step.interventions import Intervention, Plan
from ballast.propagate.step.system import stocked
from ballast.scenario import compile_scenario, load

from ..cases import harsh, random_economy, some_plan

TIGHT = {"rtol": 1e-9, "atol": 1e-9}


def both(economy: Economy, forcing: Forcing, plan: Plan) -> None:
    """Run both and compare every record; money is in days of the mean node."""
    fast = simulate(economy, forcing, plan=plan)
    slow = simulate(economy, forcing, plan=plan, backend="numpy")
    unit = float(fast.system.x0.mean())
    assert np.isfinite(fast.record.output).all()
    for name in ("output", "injected", "capacity", "demand", "shipped", "stock", "unmet", "ledger"):
        got, want = getattr(fast.record, name) / unit, getattr(slow.record, name) / unit
        np.testing.assert_allclose(got, want, **TIGHT, err_msg=name)
    for name in ("limit", "rho"):
        got, want = getattr(fast.record, name), getattr(slow.record, name)
        np.testing.assert_allclose(got, want, **TIGHT, err_msg=name)
    same_slot(fast, slow)


def same_slot(fast: Run, slow: Run) -> None:
    """Where an input really holds a node, both name the slot; two equally tight ones may swap."""
    held = fast.record.limit < 1 - 1e-9
    other = held & (fast.record.binding != slow.record.binding)
    assert (fast.record.binding[held] >= 0).all()
    assert other.sum() <= 0.01 * held.sum()


@pytest.mark.parametrize("helping", [False, True], ids=["alone", "helped"])
@pytest.mark.parametrize("seed", [1, 2])
def test_both_backends_agree_on_the_teaching_book(teaching, seed, helping):
    forcing = harsh(teaching, seed)
    both(teaching, forcing, some_plan(teaching, forcing, seed) if helping else ())


@pytest.mark.parametrize("helping", [False, True], ids=["alone", "helped"])
@pytest.mark.parametrize("seed", [3, 4, 5])
def test_both_backends_agree_on_a_random_table(seed, helping):
    economy = random_economy(seed, regions=4)
    forcing = harsh(economy, seed)
    both(economy, forcing, some_plan(economy, forcing, seed) if helping else ())


@pytest.mark.parametrize("fill", [0.0, 2.0], ids=["rows", "loose"])
def test_both_backends_agree_whichever_way_markets_are_read(fill, monkeypatch):
    monkeypatch.setattr(layout, "FILL", fill)
    economy = random_economy(6, regions=4)
    forcing = harsh(economy, 6)
    both(economy, forcing, some_plan(economy, forcing, 6))


def test_what_a_plan_puts_into_a_slot_without_stock_changes_nothing(teaching):
    """Compiled code asks for no bounds: the neighbour's shelf stands where that slot's would."""
    forcing = Forcing.none(teaching, 10, dt.date(2022, 1, 1))
    system = simulate(teaching, forcing).system
    flows = np.flatnonzero(~stocked(system))
    assert len(flows)
    plan = [Intervention.on("stock", flows, day, amount=-50.0) for day in (0, 9)]
    both(teaching, forcing, plan)
    plain = simulate(teaching, forcing).record
    for name in ("output", "stock", "ledger"):
        got = getattr(simulate(teaching, forcing, plan=plan).record, name)
        np.testing.assert_array_equal(got, getattr(plain, name), err_msg=name)


def test_a_plant_that_is_shut_lacks_nothing_even_where_a_plan_supplies_it(teaching):
    """Its stock is gone and supplied from outside; without capacity it uses nothing: nothing is short."""
    forcing = Forcing.none(teaching, 4, dt.date(2022, 1, 1))
    system = simulate(teaching, forcing).system
    slot = int(np.flatnonzero(stocked(system))[0])
    node = int(system.slot_node[slot])
    level = forcing.capacity.table.copy()
    level[:, node] = 0.0
    shut = replace(
        forcing, capacity=Steps(forcing.capacity.index, level), stock_day=np.array([1], np.int32),
        stock_slot=simulate(teaching, forcing).slot_order[[slot]], stock_change=np.array([-1e3]),
    )  # fmt: skip
    plan = [Intervention.on("supply", [slot], 0)]
    both(teaching, shut, plan)
    record = simulate(teaching, shut, plan=plan).record
    assert (record.limit[:, node] == 1.0).all()
    assert (record.binding[:, node] == -1).all()


@pytest.mark.slow
def test_both_backends_agree_on_china(china):
    """40 days of shanghai-2022 with stocks, demand, imports and corridors shaken on top."""
    forcing = first_days(compile_scenario(load("shanghai-2022"), china), 40)
    shaken = harsh(china, 7, 40)
    forcing = replace(
        forcing, demand=shaken.demand, exports=shaken.exports, imports=shaken.imports,
        stock_day=shaken.stock_day, stock_slot=shaken.stock_slot, stock_change=shaken.stock_change,
    )  # fmt: skip
    both(china, forcing, some_plan(china, forcing, 7, day=20))


@pytest.mark.slow
def test_both_backends_agree_on_unmet_use_where_inventories_fall(china):
    """88 markets of china-2020 have negative final use (inventories run down): nothing is unmet there."""
    forcing = first_days(compile_scenario(load("shanghai-2022"), china), 40)
    fast, slow = (simulate(china, forcing, backend=b).record.unmet for b in ("numba", "numpy"))
    np.testing.assert_allclose(fast, slow, rtol=1e-9, atol=1e-6)
    assert fast.min() >= 0


def test_both_backends_count_a_reserve_released_into_a_flow(teaching):
    """North's parts makers get 10 days of services on day 3: a product that stops nobody."""
    none = Forcing.none(teaching, 6)
    at = int(np.flatnonzero((teaching.slot_node == 1) & (teaching.slot_product == 3))[0])
    event = {"stock_day": np.array([3], np.int32), "stock_slot": np.array([at], np.int32)}
    forcing = replace(none, **event, stock_change=np.array([10.0]))
    fast, slow = (simulate(teaching, forcing, backend=b).record for b in ("numba", "numpy"))
    np.testing.assert_allclose(fast.ledger, slow.ledger, **TIGHT)
    np.testing.assert_allclose(fast.stock, slow.stock, **TIGHT)


def first_days(forcing: Forcing, days: int) -> Forcing:
    """The same weather, cut short."""
    cut = {}
    for name in ("capacity", "demand", "exports", "imports", "corridors", "parts"):
        steps = getattr(forcing, name)
        cut[name] = replace(steps, index=steps.index[:days])
    return replace(forcing, days=days, **cut)
