"""The phases one by one, on numbers small enough to follow; the arithmetic stands beside each case."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace as Some
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.forcing import Forcing, Steps
from ballast.propagate.parameters import single_sourced_parts
from ballast.propagate.step import reference as phases
from ballast.propagate.step.reference import Delivery, matched
from ballast.propagate.step.system import build_weather, initial_state

from ..cases import system_of


def array(*values: float) -> np.ndarray:
    return np.array(values, float)


def one_node(**more: Any) -> Some:
    """A node that makes 10 a day of one stocked input (4 a day, 25 days) and one flow (2 a day)."""
    system = {
        "x0": array(10), "need": array(4, 2), "days": array(25, 2), "slot_node": np.array([0, 0]),
        "slot_mid": np.array([1]), "essential": array(1, 0), "order_days": 30.0, "refill": array(30, 1),
        "order_ceiling": 1.5, "release_days": 3.0, "whole": np.array([0]), "mass": array(1), "n_nodes": 1,
    }  # fmt: skip
    return Some(**{**system, **more})


# ---- matched: many firms, each with n parts of one supplier each ------------------------------


@pytest.mark.parametrize("share", [0.05, 0.2, 0.6])
@pytest.mark.parametrize("parts", [1, 2, 5, 10])
def test_a_supplier_that_delivers_nothing_leaves_the_firms_that_do_not_need_it(share, parts):
    """f = 0 with weight w and 1 elsewhere: f1 = f2 = 1-w, so f1 q = (1-w) ((1-w)^2 / (1-w))^(n-1).

    That is (1-w)^n: the chance that none of n independent draws meets the missing supplier.
    """
    f1 = f2 = 1 - share
    whole = f1 * matched(array(f1), array(f2), array(parts - 1))[0]
    assert whole == pytest.approx((1 - share) ** parts, rel=1e-12)


def least_of_draws(weight: np.ndarray, f: np.ndarray, n: int) -> float:
    """E[min of n independent draws] = sum over the steps of f of (step height) x P(draw >= step)^n."""
    order = np.argsort(f)
    reach = 1 - np.concatenate([[0.0], np.cumsum(weight[order])[:-1]])
    return float((np.diff(f[order], prepend=0.0) * reach**n).sum())


PARTIAL = st.lists(st.tuples(st.floats(0.01, 1), st.floats(0, 1)), min_size=2, max_size=6)


@settings(max_examples=300, deadline=None)
@given(PARTIAL, st.integers(1, 7))
def test_partial_deliveries_stay_near_the_least_of_n_draws(suppliers, parts):
    """Two moments cannot give the minimum exactly, but f1^n <= f1 q <= f1.

    f2 <= f1 as f <= 1, so q = (f1^2/f2)^(n-1) >= f1^(n-1); f2 >= f1^2 (variance), so q <= 1.
    Against the exact minimum of n draws it is at most 0.11 too high. Where every supplier delivers
    something it can be far too low (0.25 at n = 7): the exact minimum never falls below the worst of them.
    """
    weight, f = (np.array(x) for x in zip(*suppliers, strict=True))
    weight = weight / weight.sum()
    f1, f2 = float(weight @ f), float(weight @ (f * f))
    whole = f1 * float(matched(array(f1), array(f2), array(parts - 1))[0])
    assert f1**parts - 1e-12 <= whole <= f1 + 1e-12
    assert -0.35 <= whole - least_of_draws(weight, f, parts) <= 0.12
    if parts == 1:
        assert whole == pytest.approx(least_of_draws(weight, f, 1))


def test_suppliers_that_ration_alike_leave_complete_kits():
    """All at 40%: f1 = 0.4, f2 = 0.16, f1^2/f2 = 1. Nothing arrives at all: nothing is incomplete."""
    np.testing.assert_allclose(matched(array(0.4, 0), array(0.16, 0), array(6, 6)), 1.0)


@pytest.mark.parametrize("sigma", [0.2, 0.45, 0.55, 0.76, 1.0, 1.5])
@pytest.mark.parametrize("share", [0.03, 0.05, 0.1, 0.4])
def test_single_sourced_parts_lose_what_the_elasticity_says(sigma, share):
    """The supplier delivers 0.1. CES: (w 0.1^p + 1-w)^(1/p), p = (sigma-1)/sigma; 0.1^w at sigma = 1."""
    n = single_sourced_parts(sigma, share)
    f1, f2 = share * 0.1 + 1 - share, share * 0.01 + 1 - share
    p = (sigma - 1) / sigma
    ces = 0.1**share if sigma == 1 else (share * 0.1**p + 1 - share) ** (1 / p)
    assert f1 * matched(array(f1), array(f2), array(n - 1))[0] == pytest.approx(ces, rel=1e-9)


def test_single_sourced_parts_by_hand_and_at_the_ends():
    """sigma 0.55, w 0.05: p = -0.8182, F = (0.05 x 6.579 + 0.95)^-1.2222 = 0.7403, f1 = 0.955, f2 = 0.9505,

    n = 1 + ln(0.7403 / 0.955) / ln(0.912025 / 0.9505) = 1 + 0.2547 / 0.04132 = 7.16.
    """
    assert single_sourced_parts(0.55, 0.05) == pytest.approx(7.16, abs=0.01)
    assert single_sourced_parts(1e9, 0.05) == pytest.approx(1.0, abs=1e-6)  # perfect substitutes: pooled
    by_sigma = [single_sourced_parts(s, 0.05) for s in (0.2, 0.5, 0.9, 1.0, 1.1, 3, 50)]
    assert all(a > b for a, b in pairwise(by_sigma))  # easier to replace, fewer parts
    assert single_sourced_parts(1 - 1e-7, 0.05) == pytest.approx(single_sourced_parts(1.0, 0.05), abs=1e-5)


# ---- the input limit -------------------------------------------------------------------------


def limit_of(
    stock: float, q: float, arrived: float, capacity: float = 10, **more: Any
) -> tuple[float, int]:
    """The limit of one_node and the slot that binds; kits that came are in units, as the stock is."""
    node = one_node(**more)
    limit, slot = phases.input_limit(node, array(stock, 0), array(capacity), array(q, 1), array(arrived, 2))
    return float(limit[0]), int(slot[0])


def test_firms_with_all_parts_run_and_of_the_others_those_whose_stock_is_left():
    """q = 0.3, need 4, cover 25 days: the target is 100. Covers differ, so the part left is the part run.

    Kits for 0.3 of a day, 1.2, came yesterday: c = 1, those with all parts run in full. Stock 100 or more:
    all run. 70: 70/100 = 0.7. 32: 0.32. From 30 down those with all parts: 0.3.
    They too need stock: 0.8 is 0.8/4 = 0.2 of a day. Nothing: nothing. More arrivals change nothing.
    """
    cases = (130, 1.0), (100, 1.0), (70, 0.7), (32, 0.32), (30, 0.3), (10, 0.3), (0.8, 0.2), (0, 0.0)
    for stock, want in cases:
        for arrived in (1.2, 4, 6):
            limit, slot = limit_of(stock, 0.3, arrived)
            assert limit == pytest.approx(want), (stock, arrived)
            assert slot == (-1 if want == 1 else 0)


@pytest.mark.parametrize(
    ("stock", "q", "arrived", "want"),
    [
        (50, 1, 1.6, 0.7),  # all at 40%: c = 1.6/4 = 0.4; half have stock, of the rest 0.4: 0.5 + 0.4 x 0.5
        (10, 1, 1.6, 0.46),  # 0.1 + 0.4 x 0.9
        (10, 0.3, 0.6, 0.2),  # c = 0.6 / (0.3 x 4) = 0.5: 0.1 + 0.5 x (0.3 - 0.1)
        (30, 0.3, 0.6, 0.3),  # nobody with all parts is without stock
        (2, 0.5, 1, 0.26),  # c = 1 / (0.5 x 4) = 0.5: 0.02 + 0.5 x 0.48; stock for half a day
        (0.8, 0.5, 1, 0.2),  # 0.008 + 0.5 x 0.492 = 0.254 would run; stock for 0.2 of a day
    ],
)
def test_firms_that_get_a_part_of_all_parts_run_in_part_once_their_stock_is_gone(stock, q, arrived, want):
    assert limit_of(stock, q, arrived)[0] == pytest.approx(want)


@pytest.mark.parametrize("q", [0, 0.3, 1])
@pytest.mark.parametrize("stock", [0, 3, 40, 99, 120])
def test_where_nothing_came_the_stock_decides(stock, q):
    """U = 0: 40 of 100 left: 0.4 run, whatever q says of what did not come. No jump at q = 1 or 0."""
    assert limit_of(stock, q, 0)[0] == pytest.approx(min(1, stock / 100))


def test_an_important_input_counts_half():
    """Essential 0.5: 1 - 0.5 x (1 - 0.3) = 0.65. Not needed: 1, whatever the stock."""
    limit, slot = limit_of(30, 0.3, 1.2, essential=array(0.5, 0))
    assert (limit, slot) == (pytest.approx(0.65), 0)
    assert limit_of(0, 0, 0, essential=array(0, 0)) == (1, -1)


@pytest.mark.parametrize(
    ("stock", "q", "arrived", "want"),
    [(1, 1, 2, 0.5), (1, 0, 0, 0.01), (50, 0, 0, 0.5), (1.5, 0.9, 1.8, 0.75), (50, 1, 1, 0.75)],
)
def test_a_plant_at_half_capacity_needs_half(stock, q, arrived, want):
    """Capacity 5: 2 a day. All get all parts: a stock of 1 is half a day, 0.5 of that capacity.

    Nobody does: 1 of 100 is left, so 0.01 run; 50 of 100: 0.5, which is a quarter of baseline. With q = 0.9
    a stock of 1.5 is 0.75 of a day, less than 0.9. Half a day came, to all alike: 0.5 + 0.5 x 0.5 = 0.75.
    """
    assert limit_of(stock, q, arrived, capacity=5)[0] == pytest.approx(want)


SHARE, STOCK, CAME = st.floats(0, 1), st.floats(0, 150), st.floats(0, 8)
ROUND = 1e-12


@settings(max_examples=300, deadline=None)
@given(STOCK, SHARE, CAME)
def test_the_limit_lies_between_the_stock_left_and_all(stock, q, came):
    """At least sigma, as 25 days cover more than a day; at most sigma + U/use, max(q, sigma) and S/use.

    c (q - sigma) <= U/use as c q <= U/use; and c <= 1. The ends: q = 1 gives sigma + c (1 - sigma), c = 1
    gives max(q, sigma).
    """
    sigma, day = min(1, stock / 100), stock / 4
    limit = limit_of(stock, q, came)[0]
    assert sigma - ROUND <= limit <= 1
    assert limit <= min(sigma + came / 4, max(q, sigma), day) + ROUND
    alike = sigma + min(1, came / 4) * (1 - sigma)
    assert limit_of(stock, 1, came)[0] == pytest.approx(min(1, alike, day), abs=ROUND)
    assert limit_of(stock, q, 4)[0] == pytest.approx(min(1, max(q, sigma), day), abs=ROUND)


@settings(max_examples=300, deadline=None)
@given(STOCK, STOCK, SHARE, SHARE, CAME, CAME)
def test_fewer_deliveries_or_less_stock_never_mean_more_output(one, other, q_one, q_other, came, went):
    """The limit rises with stock, with q and with arrivals, and never by more than they do: no jump.

    A change of q moves it by at most as much (U sigma / (use q^2) <= 1 where q > sigma and c < 1), a change
    of stock or of arrivals by at most a day's need: 1/4 a unit.
    """
    low, high = sorted((one, other))
    few, many = sorted((q_one, q_other))
    little, much = sorted((came, went))
    least, kits, arrivals, most = (
        limit_of(*v)[0]
        for v in ((low, few, little), (low, many, little), (low, many, much), (high, many, much))
    )
    assert least <= kits + ROUND
    assert kits <= arrivals + ROUND
    assert arrivals <= most + ROUND
    assert kits - least <= many - few + ROUND
    assert arrivals - kits <= (much - little) / 4 + ROUND
    assert most - arrivals <= (high - low) / 4 + ROUND


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
@pytest.mark.parametrize("parts", [1, 2, 5])
def test_in_the_long_run_those_run_whose_parts_all_come(share, parts):
    """A supplier of share w closed for good: kits settle where U = f1 q of a day's need runs: (1-w)^n.

    Day by day: stock less what runs, plus the kits of a full order. What runs only falls, at (1-c)/25 a day
    with c = 1-w, and never below: at w = 0.05 e^-6 of the way is left after 3,000 days.
    """
    q = float(matched(array(1 - share), array(1 - share), array(parts - 1))[0])
    came, stock, runs = 4 * (1 - share) * q, 100.0, []
    for _ in range(3000):
        runs.append(limit_of(stock, q, came)[0])
        stock += came - 4 * runs[-1]
    assert (np.diff(runs) <= ROUND).all()
    assert runs[-1] == pytest.approx((1 - share) ** parts, abs=1e-3)
    assert runs[-1] >= (1 - share) ** parts - ROUND


# ---- orders, shelves -------------------------------------------------------------------------


def test_a_slot_orders_what_it_uses_and_a_thirtieth_of_its_gap():
    """Target 100, stock 60, waiting 10: gap 30 / 30 days = 1. Plan 9 of 10: 3.6. Ran at 5: 2.0.

    want = 3.6 + 1 = 4.6; use = 2.0 + 1 = 3.0. The flow has no gap: 2 x 0.9 = 1.8 and 2 x 0.5 = 1.
    """
    state = Some(waiting=array(10, 0), output=array(5))
    want, use = phases.orders(one_node(), state, array(60, 0), array(9))
    np.testing.assert_allclose(want, [4.6, 1.8])
    np.testing.assert_allclose(use, [3.0, 1.0])


def test_orders_have_a_ceiling_and_a_floor():
    """Empty: gap 100 / 30 = 3.33, 4 + 3.33 is cut at 1.5 x 4 = 6. Stock 300: 4 - 6.67 is cut at 0."""
    state = Some(waiting=array(0, 0), output=array(10))
    assert phases.orders(one_node(), state, array(0, 0), array(10))[0][0] == pytest.approx(6)
    assert phases.orders(one_node(), state, array(300, 0), array(10))[0][0] == 0


def test_what_cannot_be_stored_is_refilled_in_a_day():
    """Two days of electricity: target 8, stock 6, gap 2 / 1 day. Plan 9: 3.6 + 2 = 5.6; ran at 5: 2 + 2."""
    state, power = (
        Some(waiting=array(0, 0), output=array(5)),
        one_node(days=array(2, 2), refill=array(1, 1)),
    )
    want, use = phases.orders(power, state, array(6, 0), array(9))
    assert (want[0], use[0]) == (pytest.approx(5.6), pytest.approx(4))
    assert phases.orders(power, state, array(0, 0), array(9))[0][0] == pytest.approx(6)  # the ceiling


def delivery(home: float, mean: float, kits: float) -> Delivery:
    zero = array(0, 0)
    return Delivery(array(home, 2), zero, zero, array(mean, 1), array(kits, 1), array(0))


def test_goods_without_their_complements_wait():
    """Ordered 4, 40% came = 1.6, q = 0.25: complete 0.4 x 0.25 = 0.1 of the order = 0.4; 1.2 waits.

    Stock 50 - 3 used + 0.4 = 47.4; waiting 20 + 1.2 = 21.2: below (1 - 0.1) x 100 = 90, none released.
    Kits that came: 0.4. The flow of 2 waits for nothing.
    """
    state = Some(waiting=array(20, 0))
    kept, waiting, arrived = phases.shelve(
        one_node(), state, array(50, 0), delivery(1.6, 0.4, 0.25), array(4, 2), array(3, 2)
    )
    np.testing.assert_allclose(kept, [47.4, 0])
    np.testing.assert_allclose(waiting, [21.2, 0])
    np.testing.assert_allclose(arrived, [0.4, 2])


def test_waiting_goods_are_released_when_the_missing_part_comes():
    """All came, complete = 1: nothing needs to wait, so a third of the 20 a day becomes kits: 6.667.

    With the 4 delivered, 10.667 complete kits came that day.
    """
    state = Some(waiting=array(20, 0))
    kept, waiting, arrived = phases.shelve(
        one_node(), state, array(50, 0), delivery(4, 1, 1), array(4, 2), array(4, 2)
    )
    assert kept[0] == pytest.approx(50 + 20 / 3)
    assert waiting[0] == pytest.approx(40 / 3)
    assert arrived[0] == pytest.approx(4 + 20 / 3)


def test_who_ordered_little_is_not_short_of_kits():
    """Ordered 0.5 of a need of 4; 80% came, q = 0.9: 0.72 of an order, 0.36 here, 2.88 for a full one.

    The stock takes the 0.36 that came, 0.04 waits; the kits to be had a day are those of a full order.
    """
    state, got = Some(waiting=array(0, 0)), delivery(0.4, 0.8, 0.9)
    kept, waiting, ready = phases.shelve(one_node(), state, array(50, 0), got, array(0.5, 2), array(0, 2))
    assert kept[0] == pytest.approx(50.36)
    assert waiting[0] == pytest.approx(0.04)
    assert ready[0] == pytest.approx(2.88)


@settings(max_examples=100, deadline=None)
@given(*[st.floats(0, 1)] * 3, *[st.floats(0, 200)] * 2)
def test_shelves_lose_nothing(fulfilled, kits, running, stock, waiting_before):
    """stock + waiting changes by receipts less use, stock by kits that came less use; none is negative."""
    used, receipts = min(stock, 4 * running), 4 * fulfilled
    kept, waiting, arrived = phases.shelve(
        one_node(), Some(waiting=array(waiting_before, 0)), array(stock, 0),
        delivery(receipts, fulfilled, kits), array(4, 2), array(used, 2),
    )  # fmt: skip
    assert kept[0] + waiting[0] == pytest.approx(stock + waiting_before + receipts - used, abs=1e-9)
    assert kept[0] == pytest.approx(stock + arrived[0] - used, abs=1e-9)
    assert min(kept[0], waiting[0], arrived[0]) >= -1e-9


# ---- what a maker plans, ships and shares out ------------------------------------------------


def test_producers_are_served_before_final_users():
    """Producers order 6, users and exports 4. Ship 10: all; 8: 6 and half of 4; 3: half and none."""
    for ship, want in ((12, (1, 1)), (10, (1, 1)), (8, (1, 0.5)), (6, (1, 0)), (3, (0.5, 0)), (0, (0, 0))):
        got = phases.ration(Some(ordered=array(6), demand=array(10)), array(ship))
        np.testing.assert_allclose(np.concatenate(got), want, err_msg=str(ship))
    nobody = phases.ration(Some(ordered=array(0), demand=array(0)), array(0))
    np.testing.assert_allclose(np.concatenate(nobody), 1)  # nobody asked: nobody was refused


def test_makers_of_storable_goods_plan_on_orders_and_the_yard():
    """Expected 10, yard 120 of 168: 10 + 48/30 = 11.6. Yard 498: 10 - 11 is nothing. A service: demand."""
    system = one_node(finished=array(168))
    for goods, want in ((120, 11.6), (168, 10), (498, 0)):
        state = Some(expected=array(10), goods=array(goods))
        assert phases.planned_output(system, state, array(7))[0] == pytest.approx(want)
    state = Some(expected=array(10), goods=array(0))
    assert phases.planned_output(one_node(finished=array(0)), state, array(7))[0] == 7


@pytest.mark.parametrize(
    ("level", "goods", "made", "ships"),
    [
        (1.0, 100, 2, 15),  # 1.5 x 10 can be loaded a day, from 102
        (0.4, 100, 2, 6),  # 40% of the hands load 6
        (0.0, 100, 0, 0),  # a closed plant ships nothing, though its yard is full
        (1.0, 3, 2, 5),  # no more than there is
    ],
)
def test_what_leaves_is_bounded_by_hands_and_yard(level, goods, made, ships):
    weather = Some(capacity=np.full((1, 1), level), capacity_day=[0])
    system = one_node(finished=array(168))
    got = phases.shippable(system, Some(goods=array(goods)), weather, 0, array(made))
    assert got[0] == pytest.approx(ships)


def adapting(**more: float) -> tuple[float, float, float]:
    """One supplier a day on: alpha 1.04, pull 0.8, expected 10, unless said otherwise."""
    v = {"booked": 10.0, "aim": 10.0, "x": 10.0, "seen": 0.8, "alpha": 1.04, "attract": 0.8, **more}
    system = one_node(
        overproduction=1.07,
        overproduction_days=30.0,
        leave_days=array(40),
        return_days=21.0,
        demand_memory=14.0,
    )
    state = Some(alpha=array(v["alpha"]), attract=array(v["attract"]), expected=array(10))
    out = phases.adapt(system, state, array(v["booked"]), array(v["aim"]), array(v["x"]), array(v["seen"]))
    return tuple(float(a[0]) for a in out)  # type: ignore[return-value]


def test_overproduction_rises_with_scarcity_and_fades_without():
    """Made 6 of 10: scarcity 0.4: (0.03 x 0.4 - 0.04 x 0.6) / 30 = -0.0004. None made: +0.03/30 = 0.001."""
    assert adapting(x=6)[0] == pytest.approx(1.04 - 0.0004)
    assert adapting(x=0)[0] == pytest.approx(1.041)
    assert adapting()[0] == pytest.approx(1.04 - 0.04 / 30)
    assert adapting(aim=0, x=0)[0] == pytest.approx(1.04 - 0.04 / 30)


def test_buyers_leave_in_40_days_return_in_21_and_never_forget():
    """Delivers 0.2: 0.8 - 0.6/40 = 0.785. Delivers all: 0.8 + 0.2/21. The pull stays above 0.001."""
    assert adapting(seen=0.2)[1] == pytest.approx(0.785)
    assert adapting(seen=1.0)[1] == pytest.approx(0.8 + 0.2 / 21)
    assert adapting(seen=0, attract=0.001)[1] == pytest.approx(0.001)


def test_expected_demand_follows_bookings_over_two_weeks():
    """Booked 24: 10 + 14/14 = 11."""
    assert adapting(booked=24)[2] == pytest.approx(11)


# ---- corridors -------------------------------------------------------------------------------


def test_a_corridor_at_30_percent_passes_30_percent_of_the_baseline_flow(teaching):
    """West to North for parts at 30%, all else open: 1.5 of the 5 a year that West sells there come.

    North's parts market is all producers' (51 a year from N, C, W = 16, 30, 5), so W's demand falls by
    3.5 / 365 on the first day and its booked orders do not.
    """
    state = np.ones((1, 9))
    state[0, 2 * 3 + 0] = 0.3  # from West (2) to North (0)
    forcing = replace(
        Forcing.none(teaching, 2), corridors=Steps.of(np.repeat(state, 2, axis=0)),
        corridor_group=np.array([-1, 0, -1, -1], np.int32),
    )  # fmt: skip
    s = system_of(teaching, forcing)
    weather = build_weather(forcing, np.arange(33, dtype=np.int32), s)
    start = initial_state(s)
    want, use = phases.orders(s, start, start.stock, s.x0)
    flow = phases.demand(s, start, weather, 0, want, use, np.zeros(33, bool))
    west = 9
    assert (s.x0 - flow.demand)[west] * 365 == pytest.approx(3.5)
    assert (s.x0 - flow.booked)[west] == pytest.approx(0, abs=1e-12)
    assert np.delete(s.x0 - flow.demand, west) == pytest.approx(0, abs=1e-12)
