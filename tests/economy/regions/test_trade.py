"""Trade between the regions of a split country: margins always, and what stays where there is room."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.economy.regions.trade import LARGEST_STAY, Split, trade


def split(supply: np.ndarray, demand: np.ndarray) -> Split:
    """One product of R regions, all of it for final users: output = `supply`, final use = `demand`."""
    nothing = np.zeros((len(supply), 1, 1))
    return Split(
        output=supply[:, None],
        exports=np.zeros((len(supply), 1)),
        value_added=nothing,
        use=nothing,
        use_imports=nothing,
        final=demand[:, None, None],
        final_imports=nothing,
    )


def flows(supply, demand, kept, km=None, exponent=1.0) -> np.ndarray:
    s, d = np.array(supply, float), np.array(demand, float)
    km = np.ones((len(s),) * 2) if km is None else km
    found, _ = trade(split(s, d), km, [exponent], [np.array(kept, float)[:, None]])
    return found[0, 0]


def test_three_regions_by_hand():
    """10 made and used everywhere, 4 kept: 6 of each left for two equal others, 3 each."""
    found = flows([10, 10, 10], [10, 10, 10], [4, 4, 4])
    np.testing.assert_allclose(found, [[4, 3, 3], [3, 4, 3], [3, 3, 4]])


def test_a_region_too_large_for_the_others_keeps_more():
    """The first makes 90 of 100 and uses 80, the others make 5 and use 10 each and keep 1. They can take 18
    of the 90, so 72 must stay; a hundredth of what travels is left free: with x staying, 90 + 80 - 2x =
    0.99 (100 - x - 2), so x = (170 - 97.02) / 1.01.
    """
    found = flows([90, 5, 5], [80, 10, 10], [10, 1, 1])
    assert found[0, 0] == pytest.approx((170 - 97.02) / 1.01)
    np.testing.assert_allclose(found[[1, 2], [1, 2]], 1)
    np.testing.assert_allclose(found.sum(axis=1), [90, 5, 5])


def test_two_regions_have_no_choice():
    """What leaves one must arrive in the other: 4 and 5 kept of 10 and 10 meet in between."""
    found = flows([10, 10], [10, 10], [4, 5])
    np.testing.assert_allclose(found.sum(axis=1), [10, 10])
    np.testing.assert_allclose(found.sum(axis=0), [10, 10])
    assert 4 < found[0, 0] < 5


def test_known_flows_are_taken_as_they_are():
    known = np.array([[[7.0, 3], [3, 7]]])
    s = split(np.array([10.0, 10]), np.array([10.0, 10]))
    found, gaps = trade(s, np.ones((2, 2)), [1.0], [np.ones((2, 1))], {0: known})
    np.testing.assert_array_equal(found[:, 0], known)
    assert gaps == ()


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 8), st.integers(0, 10_000), st.floats(0, 1.2))
def test_margins_are_met_whatever_stays(r, seed, share):
    rng = np.random.default_rng(seed)
    s, d = rng.lognormal(0, 1.5, r), rng.lognormal(0, 1.5, r)
    d *= s.sum() / d.sum()
    km = rng.uniform(10, 500, (r, r))
    found = flows(s, d, share * np.minimum(s, d), (km + km.T) / 2)
    np.testing.assert_allclose(found.sum(axis=1), s)
    np.testing.assert_allclose(found.sum(axis=0), d)
    assert (found >= 0).all()
    small = (s + d < 0.5 * (1 - share) * s.sum()).all()  # then the others can always take what is not kept
    if small and share < LARGEST_STAY:
        kept = np.maximum(share, 1 - LARGEST_STAY) * np.minimum(s, d)
        np.testing.assert_allclose(np.diag(found), kept, rtol=1e-3)
