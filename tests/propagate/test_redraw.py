"""A book whose weak cells are drawn anew: what is published stays, everything balances, nothing drifts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast import simulate
from ballast.economy import Economy, book
from ballast.economy.checks import check
from ballast.economy.redraw import ERROR, errors, redraw, sizes
from ballast.evidence import Grade
from ballast.forcing import Forcing
from ballast.propagate.ensemble import by_region, design, monthly_level, run_ensemble
from ballast.scenario import load

from .cases import random_economy


def groups(e: Economy, value: np.ndarray) -> np.ndarray:
    block = np.bincount(2 * e.node_region + e.is_industry, value, 2 * e.r)
    return np.concatenate([block, np.bincount(e.node_sector, value, e.k)])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.999))
def test_published_totals_stay_and_everything_balances(seed, u):
    e = random_economy(seed)
    new = redraw(e, u)
    np.testing.assert_allclose(
        groups(new, new.total_value_added), groups(e, e.total_value_added), rtol=1e-8
    )
    assert [str(f) for f in check(new) if f.level == "error"] == []
    known = errors(e) == 0
    np.testing.assert_allclose(new.output[known], e.output[known])
    np.testing.assert_allclose(new.total_value_added * e.output, e.total_value_added * new.output)
    assert (new.slot_imports >= 0).all()
    assert (new.exports >= 0).all()


def test_a_draw_is_a_calm_economy_of_its_own():
    e = random_economy(3)
    one, again, other = redraw(e, 0.3), redraw(e, 0.3), redraw(e, 0.30001)
    np.testing.assert_array_equal(one.market_share, again.market_share)
    assert np.abs(one.output / np.maximum(other.output, 1e-9) - 1).max() > 0.01
    calm = simulate(e, Forcing.none(e, 30), quantiles={"book": 0.3})
    np.testing.assert_array_equal(calm.economy.output, one.output)
    assert np.abs(calm.level - 1).max() < 1e-9


def test_two_regions_by_hand():
    """Sizes of a 2 x 2 table with margins 10, 10 and 10, 10: one degree of freedom, so x, 10 - x, 10 - x,
    x. A node of x = 6 drawn at factors f stays at the odds ratio (6 x 6) / (4 x 4) times that of f.
    """
    e = random_economy(1, regions=2)
    pick = np.flatnonzero(np.isin(e.node_sector, [0, 1]))
    va = np.zeros(e.n)
    va[pick] = [6, 4, 4, 6]
    grades = tuple(Grade.D if i in pick else Grade.C for i in range(e.n))
    e = replace(e, value_added=va[None], node_grade=grades)
    f = np.exp(ERROR[Grade.D] * np.random.default_rng(int(0.7 * 2**53)).standard_normal(e.n))[pick]
    got = va[pick] * sizes(e, 0.7)[pick]
    odds = 36 / 16 * f[0] * f[3] / (f[1] * f[2])  # x^2 / (10 - x)^2, so x = 10 / (1 + odds^-1/2)
    x = 10 / (1 + odds**-0.5)
    np.testing.assert_allclose(got, [x, 10 - x, 10 - x, x], rtol=1e-9)


def test_a_book_that_nobody_graded_is_not_drawn():
    e = replace(random_economy(1), node_grade=None)
    assert redraw(e, 0.5) is e


def test_the_spread_is_the_error_of_the_grade():
    e = book.load("china-2020")
    found = np.array([np.log(sizes(e, u)) for u in np.linspace(0.01, 0.99, 60)])
    weight = e.total_value_added
    for grade, sigma in ERROR.items():
        mine = np.array([g is grade for g in e.node_grade or ()]) & (errors(e) > 0)
        spread = np.sqrt(np.average((found[:, mine] ** 2).mean(axis=0), weights=weight[mine]))
        assert spread == pytest.approx(sigma, rel=0.2)  # the margins take a little, or add it


def test_little_of_a_draw_goes_through_trade_abroad():
    e = book.load("china-2020")
    for u in (0.1, 0.5, 0.9):
        new = redraw(e, u)
        for name in ("slot_imports", "final_imports", "exports"):
            assert getattr(new, name).sum() == pytest.approx(getattr(e, name).sum(), rel=0.1)


def test_every_draw_of_an_ensemble_has_a_book_of_its_own():
    plot = load("vehicle-parts")
    e = book.load("teaching")
    e = replace(e, node_grade=tuple(Grade.D for _ in range(e.n)))
    points = design(plot, 3, 1)
    assert len({q["book"] for q in points}) == 3
    found = run_ensemble(e, plot, points)
    for d, q in enumerate(points):
        alone = simulate(e, plot, quantiles=q)
        np.testing.assert_array_equal(found.monthly[d], monthly_level(alone).astype(np.float32))
        np.testing.assert_allclose(found.value_added[d], redraw(e, q["book"]).total_value_added, rtol=1e-6)
        np.testing.assert_array_equal(found.industry[d], by_region(alone)[0].astype(np.float32))
    assert np.ptp(found.value_added, axis=0).max() > 0


def test_a_published_model_takes_a_draw_of_the_book():
    e = random_economy(4)
    run = simulate(e, Forcing.none(e, 10), quantiles={"book": 0.4}, model="ario")
    np.testing.assert_array_equal(run.economy.output, redraw(e, 0.4).output)
    assert np.abs(run.level - 1).max() < 1e-9
