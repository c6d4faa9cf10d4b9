"""Sums among regions: found when they hold in every sector, by more than chance, and not otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.economy import book
from ballast.economy.regions.sums import sums

ABC = [[10.0, 20, 30], [30, 20, 10], [5, 5, 5]]


def test_sums_by_hand():
    """40, 40, 40 is the first two rows; 45, 45, 45 is all three."""
    assert sums(np.array([*ABC, [40.0, 40, 40]])) == [(3, (0, 1))]
    assert sums(np.array([[45.0, 45, 45], *ABC])) == [(0, (1, 2, 3))]
    assert sums(np.array([[40.0, 40, 40], *ABC, [45, 45, 45]])) == [(0, (1, 2)), (4, (1, 2, 3))]
    assert sums(np.array(ABC)) == []


def test_rounded_totals_are_seen():
    """40.8, 40.6 and 40 in whole numbers, which is 1% off: half a digit of the total and of each part."""
    assert sums(np.array([[10.4, 20.3, 30], [30.4, 20.3, 10], [41, 41, 40]])) == [(2, (0, 1))]


@pytest.mark.parametrize(
    "rows",
    [
        [[1.0, 1, 1, 1], [1, 1, 1, 1], [2, 2, 2, 2], [7, 7, 7, 7]],  # the same number in every sector
        [[2.0, 4, 6, 8], [3, 6, 9, 12], [5, 10, 15, 20], [9, 18, 27, 36]],  # people times a sector's size
        [[1.0, 2, 0, 3], [2, 1, 3, 0], [3, 3, 3, 3], [4, 1, 2, 2]],  # one digit: 3 = 1 + 2 happens
        [[7.0, 9, 8, 6], [7, 9, 8, 6], [3, 4, 1, 2]],  # the same row twice is no sum
    ],
)
def test_figures_that_agree_by_chance_are_none(rows):
    assert sums(np.array(rows)) == []


@settings(max_examples=40, deadline=None)
@given(st.integers(4, 40), st.integers(6, 20), st.integers(0, 10_000))
def test_regions_summed_are_found_and_nothing_else_is(r, k, seed):
    """Oracle: lognormal output in tenths, and a row that adds up some of them in whole numbers: any two or
    three of few regions, three neighbours of many.
    """
    rng = np.random.default_rng(seed)
    table = np.round(rng.lognormal(4, 1, (r, k)), 1)
    assert sums(table) == []
    few = r <= 12
    parts = (
        rng.choice(r, rng.integers(2, 4), replace=False) if few else rng.integers(0, r - 2) + np.arange(3)
    )
    whole = np.round(table[parts].sum(axis=0))
    assert sums(np.vstack([table, whole])) == [(r, tuple(sorted(parts.tolist())))]


def test_the_provinces_of_china_and_a_part_of_them():
    e = book.load("china-2020")
    output = np.zeros((e.r, e.k))
    np.add.at(output, (e.node_region, e.node_sector), e.output)
    assert sums(np.round(output)) == []
    some = (0, 3, 4, 11, 18, 26)
    east = output[list(some)].sum(axis=0)
    assert sums(np.round(np.vstack([output, east]))) == [(31, some)]


def test_nothing_to_look_at():
    assert sums(np.zeros((4, 3))) == []
    assert sums(np.ones((2, 3))) == []
