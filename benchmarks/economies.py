"""Synthetic economies for benchmarks: the sizes people ask about, balanced, the same for a seed."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

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
        return np.asarray(np.einsum("bkr,bk->rk", share, bought).ravel())

    x = ordered(np.zeros(n))
    while True:
        new = ordered(x)
        if np.abs(new - x).max() <= 1e-13 * new.max():
            break
        x = new
    market = np.arange(regions * k).reshape(regions, k)
    slots = recipe * x[:, None]
    return Economy(
        **labels(regions, k),
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


def linked(regions: int, sectors: int, suppliers: int, seed: int = 0) -> tuple[Economy, Any, Any]:
    """(economy, Z, Y) in which every node has links of its own: `suppliers` of them, all nodes at most.

    Z is scipy CSC [N, N], Y dense [N, regions], annual. Weights are gamma distributed, inputs 30 to 60% of
    output, and x = A x + y by its series.
    """
    rng = np.random.default_rng(seed)
    n = regions * sectors
    row = np.concatenate([np.sort(rng.choice(n, suppliers, replace=False)) for _ in range(n)])
    weight = rng.gamma(0.5, size=len(row)).reshape(n, suppliers)
    weight *= (rng.uniform(0.3, 0.6, n) / weight.sum(axis=1))[:, None]
    z = sparse.csc_array((weight.ravel(), row.astype(np.int32), np.arange(n + 1) * suppliers), shape=(n, n))
    y = rng.uniform(5, 50, (n, regions))
    x = final = y.sum(axis=1)
    while True:
        new = z @ x + final
        if np.abs(new - x).max() <= 1e-13 * new.max():
            break
        x = new
    z.data *= np.repeat(x, suppliers)
    economy = Economy.from_links(
        z,
        final=y,
        final_region=list(range(regions)),
        final_category=[0] * regions,
        node_region=np.repeat(np.arange(regions), sectors).tolist(),
        node_sector=np.tile(np.arange(sectors), regions).tolist(),
        output=x,
        exports=np.zeros(n),
        value_added=(x - np.asarray(z.sum(axis=0)).ravel())[None, :],
        **labels(regions, sectors),
    )
    return economy, z, y


def firms(nodes: int, links: int, regions: int = 31, sectors: int = 40, seed: int = 0) -> dict[str, Any]:
    """A network of firms as `Economy.from_links` takes it: `links` of its arguments, and the others.

    Few firms sell to very many and buy from very many: customers follow a Pareto tail of exponent 1.35,
    suppliers one of 1.8, at least one each, and two thirds of what is bought comes from the buyer's region.
    Weights are lognormal, inputs 30 to 60% of output, final use is in the firm's own region, and output
    solves x = A x + f. A pair that is drawn twice is one link, so a few less come out.
    """
    rng = np.random.default_rng(seed)
    region = np.sort(rng.integers(0, regions, nodes, np.int32))
    sector = rng.integers(0, sectors, nodes, np.int32)
    many = rng.pareto(1.8, nodes) + 0.3
    size = np.maximum(1, (many * (links / many.sum())).astype(np.int64))
    buyer = np.repeat(np.arange(nodes, dtype=np.int32), size)
    seller = _sellers(rng, region, buyer, regions)
    a = sparse.csc_array((rng.lognormal(0.0, 1.5, len(buyer)), (seller, buyer)), shape=(nodes, nodes))
    a.data *= np.repeat(rng.uniform(0.3, 0.6, nodes) / a.sum(axis=0), np.diff(a.indptr))
    final = rng.uniform(0.5, 5.0, nodes)
    by_row, x = a.tocsr(), final
    while True:
        new = by_row @ x + final
        if (np.abs(new - x) <= 1e-12 * new).all():
            break
        x = new
    a.data *= np.repeat(x, np.diff(a.indptr))
    return {
        "links": a,
        "final": sparse.csc_array((final, (np.arange(nodes), region)), shape=(nodes, regions)),
        "final_region": np.arange(regions, dtype=np.int32),
        "final_category": np.zeros(regions, np.int32),
        "node_region": region,
        "node_sector": sector,
        "output": x,
        "exports": np.zeros(nodes),
        "value_added": (x - a.sum(axis=0))[None, :],
    }


def _sellers(rng: np.random.Generator, region: Any, buyer: Any, regions: int) -> Any:
    """A seller for each place of a buyer's list, by how attractive sellers are; two thirds from its region."""
    pull = np.cumsum(rng.pareto(1.35, len(region)) + 1.0)
    begins = np.searchsorted(region, np.arange(regions + 1))
    below = np.concatenate([[0.0], pull])[begins]
    home = rng.random(len(buyer)) < 2 / 3
    low = np.where(home, below[region[buyer]], 0.0)
    high = np.where(home, below[region[buyer] + 1], pull[-1])
    found = np.searchsorted(pull, low + rng.random(len(buyer)) * (high - low), side="right")
    return np.minimum(found, len(region) - 1).astype(np.int32)


def labels(regions: int, sectors: int, nodes: int | None = None) -> dict[str, Any]:
    """The words and names of a synthetic economy; a node for each region and sector, or so many `nodes`."""
    n, group = nodes or regions * sectors, "manufacturing"
    return {
        "name": f"synthetic-{n}",
        "title": Text(f"Synthetic, {n} nodes", f"合成账本，{n}个节点"),
        "unit": "m",
        "currency": "CNY",
        "year": 2020,
        "regions": tuple(Region(f"R{i:03}", Text(f"Region {i}", f"地区{i}")) for i in range(regions)),
        "sectors": tuple(
            Sector(f"S{i:03}", Text(f"Sector {i}", f"部门{i}"), True, True, True, group)
            for i in range(sectors)
        ),
        "categories": (("households", Text("Households", "居民")),),
        "value_added_labels": (("va", Text("Value added", "增加值")),),
    }
