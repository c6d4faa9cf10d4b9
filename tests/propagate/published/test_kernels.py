"""The compiled published models give what the readable ones give, on any number of threads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ballast.economy import Economy
from ballast.forcing import Forcing, Steps
from ballast.propagate.published import kernels as pooled_kernels
from ballast.propagate.published import reference as pooled
from ballast.propagate.published import system as pooled_system
from ballast.propagate.published.reference import MODELS, Damage, Model

from ..cases import harsh, random_economy

CHOICES = (
    ("ario", {}),
    ("ario", {"split": "baseline", "psi": 1.0, "restock": 1.0}),
    *(("pichler", {"production": p}) for p in ("leontief", "strong", "half", "weak", "linear")),
    *(("inoue-todo", {"rationing": r}) for r in ("proportional", "households_last", "water_fill", "both")),
)


def alike(economy: Economy, forcing: Forcing) -> Forcing:
    """Foreign demand the same for all makers of a product, as the dense table has one column for it."""
    path = forcing.exports.full().copy()
    for k in range(economy.k):
        makers = economy.node_sector == k
        total = economy.exports[makers].sum()
        if total > 0:
            path[:, makers] = ((path[:, makers] @ economy.exports[makers]) / total)[:, None]
    return replace(forcing, exports=Steps.of(path))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("key", "change"), CHOICES, ids=[f"{k}-{'-'.join(map(str, c.values()))}" for k, c in CHOICES]
)
def test_compiled_is_readable(
    key: str, change: dict[str, str], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    economy = random_economy(seed, regions=3)
    forcing = alike(economy, harsh(economy, seed, 60))
    model: Model = replace(MODELS[key], **change)
    slots = np.random.default_rng(seed).choice([0.0, 0.5, 1.0], len(economy.slot_node))
    dense = np.ones((economy.k, economy.n))
    dense[economy.slot_product, economy.slot_node] = slots
    table = pooled.table(model, economy, essential=dense)
    slow = np.array([d.output for d in pooled.run(model, table, pooled.sky(economy, forcing))])
    fast = pooled_kernels.run(model, economy, forcing, essential=slots)
    np.testing.assert_allclose(fast.output, slow, rtol=1e-10, atol=1e-10 * slow.max())
    monkeypatch.setattr(pooled_system, "BLOCK", 40)
    fast = pooled_kernels.run(model, economy, forcing, essential=slots)
    np.testing.assert_allclose(fast.output, slow, rtol=1e-10, atol=1e-10 * slow.max())
    net, _ = pooled_system.network(model, economy)
    assert len(net.block) > 3, "several blocks, or threads have nothing to share"
    threads = pooled_kernels.run(model, economy, forcing, essential=slots, threads=True)
    np.testing.assert_array_equal(threads.output, fast.output)


def test_rebuilding_compiled_is_readable() -> None:
    economy = random_economy(4, regions=3)
    forcing = Forcing.none(economy, 90)
    loss = np.where(economy.node_region == 0, 0.2, 0.0)
    damage = Damage(5, 10, 60, loss, {0: 0.7, 1: 0.3})
    table = pooled.table(MODELS["ario"], economy)
    sky = pooled.sky(economy, forcing, damage)
    slow = np.array([d.output for d in pooled.run(MODELS["ario"], table, sky)])
    fast = pooled_kernels.run(MODELS["ario"], economy, forcing, damage=damage).output
    np.testing.assert_allclose(fast, slow, rtol=1e-10, atol=1e-10 * slow.max())
    assert slow[20:].min(axis=0).sum() < slow[0].sum()
