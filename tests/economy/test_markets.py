"""Markets of a table: those that a look at every line finds, in a time that grows with the links."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from ballast.economy.markets import markets_of_table


def found(z: np.ndarray, regions: np.ndarray, sectors: np.ndarray, tolerance: float) -> dict:
    n = len(z)
    return markets_of_table(
        sparse.csc_array(z),
        sparse.csc_array((n, 0)),
        None,
        None,
        node_region=regions.astype(np.int32),
        node_sector=sectors.astype(np.int32),
        final_region=np.zeros(0, np.int32),
        final_category=np.zeros(0, np.int32),
        n_sectors=int(sectors.max()) + 1,
        tolerance=tolerance,
    )


def looked_at(z: np.ndarray, regions: np.ndarray, sectors: np.ndarray, tolerance: float) -> list[int]:
    """The market of each (buyer, product) in turn: the first of its region and product with its mix."""
    markets: list[tuple[int, int, np.ndarray]] = []
    out = []
    for buyer in range(len(z)):
        for product in np.unique(sectors[z[:, buyer] != 0]):
            bought = np.where(sectors == product, z[:, buyer], 0.0)
            mix = bought / bought.sum()
            for m, (region, of, other) in enumerate(markets):
                same = (mix != 0) == (other != 0)
                near = (np.abs(mix - other) <= tolerance).all()
                if (region, of) == (regions[buyer], product) and same.all() and near:
                    out.append(m)
                    break
            else:
                out.append(len(markets))
                markets.append((regions[buyer], product, mix))
    return out


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.parametrize("tolerance", [1e-12, 1e-3, 0.3])
def test_every_line_takes_the_first_market_like_it(tolerance, data):
    n = data.draw(st.integers(1, 12))
    regions = np.array(data.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    sectors = np.array(data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
    amounts = st.sampled_from([0.0, 0.0, 1.0, 2.0, 3.0, 1.0 + 1e-13, 1.0 + 1e-4])
    z = np.array(data.draw(st.lists(amounts, min_size=n * n, max_size=n * n))).reshape(n, n)
    got = found(z, regions, sectors, tolerance)
    assert got["slot_market"].tolist() == looked_at(z, regions, sectors, tolerance)
    shares = np.add.reduceat(got["market_share"], got["market_ptr"][:-1]) if z.any() else np.ones(0)
    np.testing.assert_allclose(shares, 1.0)


def test_buyers_that_all_differ_are_compared_with_few_others():
    """200,000 buyers in one place, no two alike: 20 billion pairs, of which none has to be looked at."""
    found(np.ones((2, 2)), np.zeros(2), np.zeros(2, int), 1e-12)  # compiled before the clock starts
    rng = np.random.default_rng(0)
    n = 200_000
    rows = np.stack([np.zeros(n, int), np.ones(n, int)])
    z = sparse.csc_array((rng.random(2 * n), (rows.ravel(), np.tile(np.arange(n), 2))), shape=(n, n))
    start = time.perf_counter()
    got = markets_of_table(
        z,
        sparse.csc_array((n, 0)),
        None,
        None,
        node_region=np.zeros(n, np.int32),
        node_sector=np.zeros(n, np.int32),
        final_region=np.zeros(0, np.int32),
        final_category=np.zeros(0, np.int32),
        n_sectors=1,
        tolerance=1e-12,
    )
    assert len(got["market_ptr"]) - 1 == n
    assert time.perf_counter() - start < 5
