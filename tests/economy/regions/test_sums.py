"""Sums among regions: found when they hold in every sector, by more than chance, and not otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.economy import book
from ballast.economy.regions import sums as summed


def sums(table, named=()):
    """Row and parts of the sums that one is sure of."""
    return [(s.whole, s.parts) for s in summed.sums(table, named) if s.sure]


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


def test_a_sum_of_few_small_figures_is_only_told():
    """10, 9, 8 is 1, 2, 3 and 9, 7, 5. Figures of one digit of four regions: in the first and third sector
    half of all pairs are 6.5 and 2.5 apart or more, so a sum of two might be in 3.72 times as many places
    (2.507 * 2 ** 0.5 / 0.9539), 24.2 and 9.3: 7.8 bits. In the second the three have the shares of all,
    within half a digit: none. There are four regions with three pairs of others, and pairs count twice: 24
    sets, 4.6 bits. 3.2 are left of six. Of as large as thousands each sector brings ten and more.
    """
    table = np.array([[1.0, 2, 3], [9, 7, 5], [3, 1, 6], [10, 9, 8]])
    assert summed.sums(table) == [(3, (0, 1), False)]
    large = np.array([[1007.0, 2031, 3012], [9021, 7410, 5203], [3990, 1204, 6117]])
    assert summed.sums(np.vstack([large, large[:2].sum(axis=0)])) == [(3, (0, 1), True)]


@pytest.mark.parametrize(
    ("r", "k", "scale"), [(31, 3, 10), (31, 3, 20), (50, 3, 20), (20, 3, 10), (31, 2, 10), (13, 3, 10)]
)
def test_many_regions_of_few_sectors_have_hardly_a_sum_by_chance(r, k, scale):
    """Lognormal output in whole numbers: there are many sets of three of thirty regions, and some agree."""
    draws = (np.random.default_rng(seed).lognormal(0, 1, (r, k)) for seed in range(60))
    found = [summed.sums(np.round(scale * table)) for table in draws]
    assert not any(s.sure for some in found for s in some)
    assert sum(map(bool, found)) <= 5


def test_a_sum_among_many_regions_of_few_sectors_is_seen():
    """Three of 31 regions in three sectors: told in figures of two digits, sure in figures of three."""
    for scale, sure in ((20, False), (500, True)):
        table = np.round(scale * np.random.default_rng(7).lognormal(0, 1, (31, 3)))
        found = summed.sums(np.vstack([table, table[9:12].sum(axis=0)]))
        assert [(s.whole, s.parts) for s in found] == [(31, (9, 10, 11))]
        assert found[0].sure or not sure


def test_a_name_for_a_part_of_a_country_makes_an_exact_sum_sure():
    """Of regions that all bear such names, as a country in four parts has, none is sure by its name."""
    table = np.array([[1.0, 2, 3], [9, 7, 5], [3, 1, 6], [10, 9, 8]])
    assert sums(table, {3}) == [(3, (0, 1))]
    assert sums(table, {0, 1, 2, 3}) == []
    table[3] += 1  # 11, 10, 9 is rounded otherwise, or none
    assert sums(table, {3}) == []


@settings(max_examples=40, deadline=None)
@given(st.integers(4, 9), st.integers(3, 9), st.integers(0, 10_000))
def test_regions_that_are_round_shares_of_every_sector_are_no_sums(r, k, seed):
    """A tenth, a fifth, three tenths of everything: many add up to another in every sector, exactly."""
    rng = np.random.default_rng(seed)
    shares = rng.choice([0.1, 0.2, 0.3, 0.4], r)
    table = np.outer(shares, 10.0 * rng.integers(1, 100_000, k))
    whole = [i for i in range(r) if np.isclose(shares.sum(), 2 * shares[i])]  # a total is one by any name
    assert summed.sums(table) == [(i, tuple(j for j in range(r) if j != i), True) for i in whole]


@pytest.mark.parametrize(
    ("name", "is_part"),
    [
        *(
            (w, True)
            for w in ("东部地区", "西部", "中部", "东北", "华东", "东北地区", "东北地區", "沿海地区")
        ),
        *(
            (w, True)
            for w in ("East", "the South", "Northeast", "North-West", "Western region", "Region North")
        ),
        *(
            (w, False)
            for w in ("北京", "江西", "East Sussex", "South Dakota", "A", "山东", "西安", "Weston")
        ),
    ],
)
def test_names_for_parts_of_a_country(name, is_part):
    assert summed.is_part_of_country(name) == is_part


def test_nothing_to_look_at():
    assert sums(np.zeros((4, 3))) == []
    assert sums(np.ones((2, 3))) == []
