"""Fitting and trade on examples small enough to check by hand."""

import numpy as np
import pytest

from ballast.economy.regions.fitting import allocate, gravity, ipf, net_transit, recipes, trace
from ballast.errors import BookError


def test_ipf_of_ones_is_the_product_of_margins() -> None:
    # with a flat seed the fit is row x column / total: 30*40/100 = 12, 30*60/100 = 18, 28, 42
    fit = ipf(np.ones((2, 2)), np.array([30.0, 70.0]), np.array([40.0, 60.0]))
    np.testing.assert_allclose(fit.matrix, [[12, 18], [28, 42]], rtol=1e-12)
    assert fit.before == pytest.approx(68 / 70)  # the second row holds 2 of 70
    assert fit.after <= 1e-12


def test_ipf_keeps_cross_ratios_and_zeros() -> None:
    seed = np.array([[1.0, 2.0, 0.0], [3.0, 1.0, 5.0], [1.0, 1.0, 1.0]])
    fit = ipf(seed, np.array([4.0, 8.0, 6.0]), np.array([6.0, 6.0, 6.0])).matrix
    np.testing.assert_allclose(fit.sum(axis=1), [4, 8, 6], rtol=1e-11)
    np.testing.assert_allclose(fit.sum(axis=0), [6, 6, 6], rtol=1e-11)
    assert fit[0, 2] == 0
    ratio = fit[1, 0] * fit[2, 1] / (fit[1, 1] * fit[2, 0])
    assert ratio == pytest.approx(3.0)  # 3*1/(1*1) in the seed


@pytest.mark.parametrize(
    ("matrix", "rows", "columns", "words"),
    [
        ([[1.0, 1.0]], [2.0], [1.0, 2.0], "row totals sum to 2, column totals to 3"),
        ([[0.0, 0.0], [1.0, 1.0]], [1.0, 1.0], [1.0, 1.0], "row 0 is empty but its total is 1"),
        ([[1.0, -1.0]], [1.0], [1.0, 0.0], "not negative"),
        ([[1.0, 1.0]], [1.0, 1.0], [1.0, 1.0], "its totals are 2 and 2"),
    ],
)
def test_ipf_refuses_contradictions(matrix: list, rows: list, columns: list, words: str) -> None:
    with pytest.raises(BookError, match=words):
        ipf(np.array(matrix), np.array(rows), np.array(columns))


def test_ipf_says_when_zeros_forbid_the_margins() -> None:
    # column 0 can only come from row 0, which makes 1, but column 0 wants 2
    with pytest.raises(BookError, match="cannot be met with these zeros"):
        ipf(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([1.0, 2.0]), np.array([2.0, 1.0]), rounds=50)


def test_gravity_meets_margins_and_prefers_the_near() -> None:
    supply = demand = np.array([10.0, 10.0, 10.0])
    distance = np.array([[1.0, 2.0, 8.0], [2.0, 1.0, 8.0], [8.0, 8.0, 1.0]])
    flows = gravity(supply, demand, distance, 1.0).matrix
    np.testing.assert_allclose(flows.sum(axis=0), demand, rtol=1e-12)
    assert flows[0, 0] > flows[0, 1] > flows[0, 2]
    # exponent 0: distance says nothing, everybody takes a third from everybody
    np.testing.assert_allclose(gravity(supply, demand, distance, 0.0).matrix, np.full((3, 3), 10 / 3))


def test_gravity_with_two_symmetric_places() -> None:
    # seed 1 : 1/4 at exponent 2, so four fifths stay at home
    flows = gravity(np.ones(2), np.ones(2), np.array([[1.0, 2.0], [2.0, 1.0]]), 2.0).matrix
    np.testing.assert_allclose(flows, [[0.8, 0.2], [0.2, 0.8]])


def test_recipes_meet_the_nation_and_keep_the_regions_apart() -> None:
    own = np.array([[8.0, 2.0], [2.0, 8.0]])  # region 0 uses product 0, region 1 product 1
    fitted, moved = recipes(own, np.array([60.0, 40.0]), np.array([50.0, 50.0]), trust=1.0)
    np.testing.assert_allclose(fitted.sum(axis=1), [60, 40])
    np.testing.assert_allclose(fitted.sum(axis=0), [50, 50])
    # cross ratio 16 is kept: a(a-10) = 16 (50-a)(60-a), a = 43.96..
    a = fitted[0, 0]
    assert a * (a - 10) == pytest.approx(16 * (50 - a) * (60 - a))
    assert moved == pytest.approx(np.abs(fitted - [[40, 10], [10, 40]]).sum() / 2)


def test_recipes_open_what_the_old_table_had_closed() -> None:
    fitted, _ = recipes(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([6.0, 4.0]), np.array([5.0, 5.0]))
    assert (fitted > 0).all()


def test_transit_is_netted_and_the_rest_capped() -> None:
    # sells 10 at home, ships 40, takes in 45, so uses 15: 40 - 9 = 31 of outflow passes through;
    # inflow less 31 is 14, above 0.9 * 15 = 13.5, so a little more (45 - 13.5 = 31.5) is transit
    out, into, transit = net_transit(*(np.array([v]) for v in (10.0, 15.0, 40.0, 45.0)), ceiling=0.9)
    assert transit[0] == pytest.approx(31.5)
    assert out[0] == pytest.approx(8.5)
    assert into[0] == pytest.approx(13.5)


def test_plain_flows_are_left_alone() -> None:
    out, into, transit = net_transit(*(np.array([v]) for v in (10.0, 8.0, 4.0, 2.0)))
    assert (out[0], into[0], transit[0]) == (4.0, 2.0, 0.0)


def test_allocate_passes_on_what_does_not_fit() -> None:
    # 100 by 6:3:1 would be 60, 30, 10; the first holds 40, so 60 goes 3:1
    np.testing.assert_allclose(
        allocate(100.0, np.array([6.0, 3.0, 1.0]), np.array([40.0, 90.0, 90.0])), [40, 45, 15]
    )
    with pytest.raises(BookError, match="does not fit"):
        allocate(100.0, np.array([1.0, 1.0]), np.array([10.0, 20.0]))


def test_tracing_mixes_in_the_knot() -> None:
    # A makes 10 and sends 6 to B; B makes 6, passes 4 on to C. B's mix is half A, half B.
    supply = np.array([10.0, 6.0, 0.0])
    flows = np.array([[0.0, 6.0, 0.0], [0.0, 0.0, 4.0], [0.0, 0.0, 0.0]])
    used = trace(supply, flows)
    np.testing.assert_allclose(used, [[4, 4, 2], [0, 4, 2], [0, 0, 0]], atol=1e-12)
