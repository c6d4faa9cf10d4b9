"""The arithmetic of one item says what the step on whole arrays says, and keeps what it shares out."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ballast.propagate.card import columns
from ballast.propagate.step import reference, rules
from ballast.propagate.step.powers import LEAST, Twice, powers

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


@given(ratio=st.floats(rules.NEAR, 1), power=st.floats(0, rules.MOST_POWER))
def test_the_series_is_the_power_where_it_is_used(ratio, power):
    assert rules.near(ratio, power) == pytest.approx(ratio**power, rel=1e-14)


@given(st.lists(st.tuples(st.floats(LEAST, 1), st.floats(0, 30)), min_size=1, max_size=9))
@example([(1.0, 6.16), (0.5, 0.0), (0.7071067811865476, 1.0), (LEAST, 1.0), (0.25, 0.5)])
def test_powers_made_at_a_time_are_powers(pairs):
    """What is below the least of ordinary numbers may be a little more than nothing."""
    ratio, out = Twice.of(9), np.array([power for _, power in pairs])
    ratio.raw[: len(pairs)] = [r for r, _ in pairs]
    powers(out, ratio, Twice.of(9), len(pairs))
    np.testing.assert_allclose(out, [r**p for r, p in pairs], rtol=1e-12, atol=1e-290)


@given(need=positive, able=share, days=positive, stock=amount, kits=share, usable=amount, half=share)
def test_what_a_slot_allows_is_what_the_reference_allows(need, able, days, stock, kits, usable, half):
    one = SimpleNamespace(
        need=np.array([need]), x0=np.ones(1), slot_node=np.zeros(1, int), days=np.array([days]),
        essential=np.array([half]),
    )  # fmt: skip
    given_ = np.array([stock]), np.array([able]), np.array([kits]), np.array([usable])
    expected = reference.input_limit(one, *given_)[0][0]  # type: ignore[arg-type]
    if need * able > 0 and half > 0:
        got = rules.allowed(half, 1 / (need * able), 1 / (days * need), stock, kits, usable)
        assert got == pytest.approx(expected, rel=1e-9, abs=1e-12)


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
