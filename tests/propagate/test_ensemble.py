"""Draws: inside their ranges, the same for a seed, whatever the threads."""

from __future__ import annotations

import numpy as np
import pytest

from ballast.arrays import band
from ballast.errors import InputError
from ballast.propagate.ensemble import (
    by_region,
    design,
    hypercube,
    monthly_level,
    run_ensemble,
    run_pair,
)
from ballast.propagate.parameters import load_parameters
from ballast.propagate.simulate import BOOK, simulate, simulate_each
from ballast.scenario import drivers, load

from .cases import acting

NAMES = ("monthly", "value_added", "industry", "everything")


@pytest.fixture(scope="module")
def plot():
    return load("vehicle-parts")


def test_a_design_places_everything_that_has_a_range(plot):
    points = design(plot, 8, 1)
    parameters = {k for k, p in load_parameters().items.items() if not p.families}
    assert len(points) == 8
    assert all(set(p) == {BOOK} | parameters | {f"shock.{d}" for d in drivers(plot)} for p in points)
    assert design(plot, 8, 1) == points
    assert design(plot, 8, 2) != points


@pytest.mark.parametrize(("draws", "names", "seed"), [(1, 1, 0), (64, 20, 1), (500, 3, 7)])
def test_a_hypercube_has_the_points_of_scipy(draws, names, seed):
    from scipy.stats import qmc

    expected = qmc.LatinHypercube(d=names, rng=np.random.default_rng(seed)).random(draws)
    np.testing.assert_array_equal(hypercube(draws, names, np.random.default_rng(seed)), expected)


def test_a_design_is_a_latin_hypercube():
    """Of 16 draws one lies in each sixteenth of every range; shocks with a range are drawn too."""
    shanghai = load("shanghai-2022")
    points = design(shanghai, 16, 3)
    assert {k for k in points[0] if k.startswith("shock.")} == {f"shock.{d}" for d in drivers(shanghai)}
    for name in set(points[0]) - {BOOK}:
        assert sorted(int(p[name] * 16) for p in points) == list(range(16)), name


def test_draws_stay_inside_the_ranges(teaching, plot):
    """Resolved values at 64 draws against the lowest and highest of the file."""
    p = load_parameters()
    central = p.resolve(teaching)
    scalars = [k for k, v in p.items.items() if v.central and np.isscalar(getattr(central, k, None))]
    assert {"order_days", "overproduction", "demand_memory", "trade"} <= set(scalars)
    for point in design(plot, 64, 5):
        assert all(0 <= u <= 1 for u in point.values())
        resolved = p.resolve(teaching, {k: u for k, u in point.items() if k != BOOK})
        for key in scalars:
            _, low, high = p[key].central or (0, 0, 0)
            assert low <= getattr(resolved, key) <= high, key
        assert 10 <= resolved.stock_days.max() <= 40  # goods [25, 10, 40]


def test_draws_are_the_same_whatever_the_threads(teaching, plot):
    points = design(plot, 6, 1)
    one, many = (run_ensemble(teaching, plot, points, threads=n) for n in (1, 4))
    for name in NAMES:
        np.testing.assert_array_equal(getattr(one, name), getattr(many, name))
    alone = run_ensemble(teaching, plot, points[3:4])
    np.testing.assert_array_equal(alone.monthly[0], one.monthly[3])
    assert one.outcomes == many.outcomes


def test_the_middle_of_every_range_is_the_central_run(teaching, plot):
    middle = dict.fromkeys(design(plot, 2, 1)[0], 0.5)
    ensemble = run_ensemble(teaching, plot, [middle, {}])
    for name in NAMES:
        values = getattr(ensemble, name)
        np.testing.assert_array_equal(values[0], values[1])


def test_summaries_are_means_of_the_run(teaching, plot):
    """January has 31 days, February 28, March 31. Coast's industry weighs 24, 36, 15."""
    run = simulate(teaching, plot)
    months = monthly_level(run)
    assert months.shape == (3, 12)
    np.testing.assert_allclose(months[1], run.level[31:59].mean(axis=0))
    industry, everything = by_region(run)
    np.testing.assert_allclose(industry[:, 1], run.level[:, 4:7] @ np.array([24, 36, 15]) / 75)
    coast = np.array([24, 36, 15, 185])
    np.testing.assert_allclose(everything[:, 1], run.level[:, 4:8] @ coast / coast.sum())


def test_progress_reaches_the_end_and_help_changes_the_draws(teaching, plot):
    points, seen = design(plot, 4, 1), []
    nothing = run_ensemble(teaching, plot, points, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(n, 4) for n in range(1, 5)]
    node = np.zeros(12)
    node[5] = 1
    better = run_ensemble(teaching, plot, points, plan=acting(13, node))
    assert (better.monthly[:, 0, 5] > nothing.monthly[:, 0, 5]).all()


def test_a_pair_is_two_ensembles(teaching, plot):
    """Without and with help, each to the bit what it is when it runs from the first day on its own."""
    points, seen, days = design(plot, 5, 2), [], simulate(teaching, plot).forcing.days
    for day in (0, 13, 200):  # help from the start, in the middle, after the end
        node = np.array([0, 0.5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0.25])
        acts = acting(day, node)
        pair = run_pair(teaching, plot, points, acts, progress=lambda *x: seen.append(x))
        alone = run_ensemble(teaching, plot, points), run_ensemble(teaching, plot, points, plan=acts)
        for got, want in zip(pair, alone, strict=True):
            for name in NAMES:
                np.testing.assert_array_equal(getattr(got, name), getattr(want, name))
            assert (got.quantiles, got.outcomes) == (want.quantiles, want.outcomes)
        assert (pair[1].monthly != pair[0].monthly).any() == (day < days)
    assert seen == [(n, 5) for n in range(1, 6)] * 3


def test_each_help_gives_the_run_it_gives_alone(teaching, plot):
    """Days before the first help run once; slots are supplied too, and no run disturbs the next."""
    whole = simulate(teaching, plot)
    plans = [
        (),
        acting(20, np.zeros(12), (whole.record.binding[12, 2],)),
        acting(13, np.eye(12)[5]),
        (),
    ]
    runs = list(simulate_each(teaching, plot, {}, plans))
    for got, plan in zip(runs, plans, strict=True):
        want = simulate(teaching, plot, plan=plan)
        np.testing.assert_array_equal(got.record.output, want.record.output)
        assert got.outcome == want.outcome


def test_a_failing_draw_is_raised_not_lost(teaching, plot):
    with pytest.raises(InputError, match="no such parameter"):
        run_ensemble(teaching, plot, [{}, {"nonsense": 0.5}])


def test_the_band_holds_the_middle_eight_of_ten_and_the_central_run():
    """11 evenly spaced values: the 10th and 90th percentile are the second and the tenth.

    A central run at 0.5 of the first column lies below 1: the band reaches down to it.
    """
    low, high = band(np.arange(11.0)[:, None] * [1, 10], np.array([0.5, 50]))
    np.testing.assert_allclose(low, [0.5, 10])
    np.testing.assert_allclose(high, [9, 90])
