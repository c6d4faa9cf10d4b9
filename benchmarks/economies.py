"""Synthetic economies for benchmarks: the sizes people ask about, balanced, the same for a seed."""

from __future__ import annotations

import numpy as np

from ballast.economy import Economy
from ballast.economy.economy import Region, Sector
from ballast.text import Text


def regional(regions: int, sectors: int, seed: int = 0) -> Economy:
    """A table in which the buyers of a region share their suppliers: regions x sectors nodes.

    Recipes are random with inputs of 30 to 60% of output; each region buys each product from every region.
    Output solves x = A x + f by its series, so every row adds up.
    """
    rng = np.random.default_rng(seed)
    n, k = regions * sectors, sectors
    node_region, node_sector = np.divmod(np.arange(n), k)
    recipe = rng.dirichlet(np.full(k, 0.5), n) * rng.uniform(0.3, 0.6, n)[:, None]  # [buyer, product]
    share = rng.gamma(0.7, size=(regions, k, regions)) + 1e-3  # [buying region, product, supplying region]
    share /= share.sum(axis=2, keepdims=True)
    final = rng.uniform(5, 50, (regions, k))

    def ordered(x: np.ndarray) -> np.ndarray:
        bought = (recipe * x[:, None]).reshape(regions, k, k).sum(axis=1) + final
        return np.einsum("bkr,bk->rk", share, bought).ravel()

    x = ordered(np.zeros(n))
    while True:
        new = ordered(x)
        if np.abs(new - x).max() <= 1e-13 * new.max():
            break
        x = new
    market = np.arange(regions * k).reshape(regions, k)
    slots = recipe * x[:, None]
    group = "manufacturing"
    return Economy(
        name=f"synthetic-{n}",
        title=Text(f"Synthetic, {n} nodes", f"合成账本，{n}个节点"),
        unit="m",
        currency="CNY",
        year=2020,
        regions=tuple(Region(f"R{i}", Text(f"Region {i}", f"地区{i}")) for i in range(regions)),
        sectors=tuple(
            Sector(f"S{i}", Text(f"Sector {i}", f"部门{i}"), True, True, True, group) for i in range(k)
        ),
        categories=(("households", Text("Households", "居民")),),
        value_added_labels=(("va", Text("Value added", "增加值")),),
        node_region=node_region.astype(np.int32),
        node_sector=node_sector.astype(np.int32),
        output=x,
        exports=np.zeros(n),
        value_added=(x - slots.sum(axis=1))[None, :],
        slot_product=np.tile(np.arange(k), n).astype(np.int32),
        slot_node=np.repeat(np.arange(n), k).astype(np.int32),
        slot_market=market[node_region].ravel().astype(np.int32),
        slot_domestic=slots.ravel(),
        slot_imports=np.zeros(n * k),
        final_product=np.tile(np.arange(k), regions).astype(np.int32),
        final_region=np.repeat(np.arange(regions), k).astype(np.int32),
        final_category=np.zeros(regions * k, np.int32),
        final_market=market.ravel().astype(np.int32),
        final_domestic=final.ravel(),
        final_imports=np.zeros(regions * k),
        market_ptr=np.arange(regions * k + 1, dtype=np.int64) * regions,
        market_supplier=(np.arange(regions)[None, :] * k + np.tile(np.arange(k), regions)[:, None])
        .ravel()
        .astype(np.int32),
        market_share=share.ravel(),
    )
