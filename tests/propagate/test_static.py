"""The static baselines: by hand on two nodes, against dense linear algebra, and where they must agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ballast.economy import Economy
from ballast.economy.economy import Region, Sector
from ballast.errors import SimulationError
from ballast.forcing import Forcing, Steps
from ballast.propagate import static
from ballast.propagate.static import State, direct, ghosh, leontief
from ballast.text import Text

from .cases import random_economy

SEEDS = range(4)


def calm(economy) -> State:
    return State.mean(Forcing.none(economy, 3), np.ones(3, bool))


def struck(economy, seed: int = 0) -> State:
    rng = np.random.default_rng(seed)
    still = calm(economy)
    return State(
        np.where(rng.random(economy.n) < 0.3, rng.uniform(0, 1, economy.n), 1.0),
        rng.uniform(0.5, 1.2, len(still.demand)),
        rng.uniform(0.5, 1.2, economy.n),
        rng.uniform(0.0, 1.0, len(still.imports)),
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("model", [direct, leontief, ghosh])
def test_nothing_happens_without_a_shock(model, seed: int) -> None:
    economy = random_economy(seed)
    np.testing.assert_allclose(model(economy, calm(economy)), 1.0, atol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_series_is_the_inverse(seed: int) -> None:
    """x = (I - A)^-1 f and x' = v' (I - B)^-1 by dense algebra, before the cap."""
    economy = random_economy(seed)
    state, x = struck(economy, seed), economy.output
    state = replace(state, demand=np.minimum(1.0, state.demand), exports=np.minimum(1.0, state.exports))
    z = economy.links().toarray()
    per = np.divide(1.0, x, out=np.zeros_like(x), where=x > 0)
    made = x > 0
    final = x - z.sum(axis=1) - economy.exports
    # with every line of a market cut alike, sales to final users are cut alike
    same = replace(state, demand=np.full_like(state.demand, 0.8))
    f = state.capacity * (0.8 * final + economy.exports * state.exports)
    dense = np.linalg.solve(np.eye(economy.n) - z * per[None, :], f)
    np.testing.assert_allclose(
        leontief(economy, same)[made], np.minimum(state.capacity, dense * per)[made], rtol=1e-9
    )
    abroad = np.bincount(economy.slot_node, economy.slot_imports, economy.n)
    v = state.capacity * (x - z.sum(axis=0) - abroad) + 0.5 * abroad
    half = replace(state, imports=np.full_like(state.imports, 0.5))
    dense = np.linalg.solve(np.eye(economy.n) - (z * per[:, None]).T, v)
    np.testing.assert_allclose(
        ghosh(economy, half)[made], np.minimum(state.capacity, dense * per)[made], rtol=1e-9
    )


def test_two_nodes_by_hand() -> None:
    """parts (120) sells 40 to cars and 80 to users; cars (100) sells all to users; parts at half.

    Leontief: final f = (0.5 x 80, 100); cars 100, parts 40 + 40 = 80 of 120, which is above the half that
    the shock leaves: 1/2 and 1. Ghosh: value added v = (0.5 x 120, 100 - 40) = (60, 60); parts 60, cars
    60 + 40/120 x 60 = 80 of 100: 1/2 and 0.8.
    """
    economy = pair()
    state = replace(calm(economy), capacity=np.array([0.5, 1.0]))
    np.testing.assert_allclose(direct(economy, state), [0.5, 1.0])
    np.testing.assert_allclose(leontief(economy, state), [0.5, 1.0])
    np.testing.assert_allclose(ghosh(economy, state), [0.5, 0.8])
    # cars at half instead: f = (80, 50), parts 80 + 40/100 x 50 = 100 of 120; Ghosh leaves parts alone
    state = replace(calm(economy), capacity=np.array([1.0, 0.5]))
    np.testing.assert_allclose(leontief(economy, state), [100 / 120, 0.5])
    np.testing.assert_allclose(ghosh(economy, state), [1.0, 0.5])


def pair() -> Economy:
    factory = {"industry": True, "goods": True, "storable": True, "group": "manufacturing"}
    return Economy.from_links(
        np.array([[0.0, 40.0], [0.0, 0.0]]),
        final=np.array([[80.0], [100.0]]),
        final_region=[0],
        final_category=[0],
        imports=np.zeros((2, 2)),
        node_region=[0, 0],
        node_sector=[0, 1],
        name="pair",
        title=Text("Pair", "两节点"),
        unit="m",
        currency="CNY",
        year=2020,
        regions=(Region("A", Text("A", "甲")),),
        sectors=tuple(Sector(c, Text(c, c), **factory) for c in ("parts", "cars")),
        categories=(("households", Text("Households", "居民")),),
        value_added_labels=(("va", Text("Value added", "增加值")),),
        output=np.array([120.0, 100.0]),
        exports=np.zeros(2),
        value_added=np.array([[120.0, 60.0]]),
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("model", [leontief, ghosh])
def test_never_above_the_direct_loss_and_worse_with_a_larger_shock(model, seed: int) -> None:
    economy = random_economy(seed)
    state = struck(economy, seed)
    state = replace(state, demand=np.minimum(1.0, state.demand), exports=np.minimum(1.0, state.exports))
    found = model(economy, state)
    assert (found <= direct(economy, state) + 1e-12).all()
    worse = replace(state, capacity=0.7 * state.capacity)
    assert (model(economy, worse) <= found + 1e-12).all()


def test_the_mean_of_days_is_the_mean() -> None:
    economy = random_economy(1)
    path = np.linspace(0, 1, 5)[:, None] * np.ones(economy.n)
    forcing = replace(Forcing.none(economy, 5), capacity=Steps.of(path))
    days = np.array([False, True, True, False, True])
    np.testing.assert_allclose(State.mean(forcing, days).capacity, (0.25 + 0.5 + 1.0) / 3)


def test_multipliers_that_do_not_end_are_refused() -> None:
    with pytest.raises(SimulationError, match="do not converge"):
        static._series(np.ones(2), lambda v: v, np.ones(2))
