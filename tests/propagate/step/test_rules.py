"""The arithmetic of one item says what the step on whole arrays says, and keeps what it shares out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballast.propagate.card import columns
from ballast.propagate.step import reference, rules

share = st.sampled_from([0.0, 1.0]) | st.floats(1e-9, 1)
amount = st.just(0.0) | st.floats(1e-6, 1e6)
positive = st.floats(1e-3, 1e6)


@given(ship=amount, ordered=amount, rest=amount)
def test_rationing_is_the_reference_and_hands_out_no_more_than_there_is(ship, ordered, rest):
    one = np.array([ordered]), np.array([ordered + rest])
    flow = reference.Flow(*[np.zeros(1)] * 5, one[0], one[0], one[1])  # type: ignore[arg-type]
    rho, rho_final = rules.ration(ship, ordered, ordered + rest)
    found = reference.ration(flow, np.array([ship]))
    assert (rho, rho_final) == (found[0][0], found[1][0])
    assert rho * ordered + rho_final * rest <= max(ship, 0) * (1 + 1e-9)


@given(one=share, spread=share, power=st.just(0.0) | st.floats(0.1, 30))
def test_complete_kits_are_those_of_the_reference(one, spread, power):
    two = one * one + spread * one * (1 - one)  # a mean square lies between the square and the mean
    expected = float(reference.matched(np.array(one), np.array(two), np.array(power)))
    assert rules.complete(one, two, power) == pytest.approx(expected, rel=1e-12)


@given(
    gap=st.just(0.0) | st.floats(1e-16, 0.999),
    two=st.floats(1e-6, 1),
    power=st.just(0.0) | st.floats(0.1, 30),
)
def test_the_series_is_the_power_where_it_is_used(gap, two, power):
    square = two * (1 - gap)
    if not rules.is_near(square, two, power):  # far from 1, or a great power
        assert gap * max(power, 4) > 0.399
        return
    assert rules.near(square / two, power) == pytest.approx((square / two) ** power, rel=3e-15)


@given(stock=amount, waiting=amount, receipts=amount, kits=share, want=amount, need=positive, days=share,
       rate=share, release=share)  # fmt: skip
def test_what_is_put_away_is_conserved(stock, waiting, receipts, kits, want, need, days, rate, release):
    after, later, ready, used = rules.shelved(
        stock, waiting, receipts, kits, want, need, days * need, rate, release
    )
    assert after + later + used == pytest.approx(stock + waiting + receipts, rel=1e-9, abs=1e-9)
    assert after >= -1e-9 * (stock + 1)
    assert later >= -1e-9 * (waiting + receipts + 1)
    assert used <= stock
    assert ready >= kits * need


@given(through=share, part=share, purchases=amount, load=amount)
def test_a_corridor_lets_no_more_through_than_its_share_of_what_usually_passes(
    through, part, purchases, load
):
    free = rules.opened(through, part, purchases, load)
    assert 0 <= free <= 1
    if through < 1:
        assert free * load <= through * part * purchases * (1 + 1e-12) or free == 1
        assert free == 1 or load > through * part * purchases


def test_other_meanings_of_a_name_change_that_copy_alone():
    assert rules.bound(columns.evening, {"pull": 1}).__globals__["pull"] == 1
    assert columns.evening.__globals__["pull"] is rules.pull
