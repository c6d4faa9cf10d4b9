"""A country's table split over its regions, and the way from there to an economy.

    Split      who makes, uses and exports what in each region; every sum over regions is the country's
    trade      flows of every product between regions under low, central and high assumptions
    assemble   the economy: one market a (product, region), nodes that make nothing left out

`regional.regionalise` makes a Split for any country; the builder of china-2020 makes its own, of which
more is known. Axes: R regions, K products, S buying sectors (K = S), C categories of final use, V rows of
value added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast import machine
from ballast.arrays import Floats, Ints, pointers, ratio
from ballast.economy.economy import Economy, Region
from ballast.economy.regions.fitting import Fit, gravity, ipf

LARGEST_STAY = 0.985  # of the smaller margin: somebody always buys elsewhere
NEGLIGIBLE = 1e-5  # of supply and of demand; smaller flows are left out and the rest refitted
ROOM = 0.01  # of what is left for other regions, kept free: at the edge a fit does not end


@dataclass(frozen=True, eq=False)
class Split:
    """A country's table by region, in its money."""

    output: Floats  # [R, K]
    exports: Floats  # [R, K]
    value_added: Floats  # [R, V, S]
    use: Floats  # [R, K, S] of home goods
    use_imports: Floats  # [R, K, S]
    final: Floats  # [R, K, C] of home goods
    final_imports: Floats  # [R, K, C]

    @property
    def supply(self) -> Floats:
        """[R, K] what is made for the country."""
        return np.asarray(self.output - self.exports)

    @property
    def demand(self) -> Floats:
        """[R, K] all purchases of home goods."""
        return np.asarray(self.use.sum(axis=2) + self.final.sum(axis=2))


# ---- trade -------------------------------------------------------------------------------------


def trade(
    split: Split,
    km: Floats,
    exponents: Sequence[float],
    stays: Sequence[Floats],
    known: Mapping[int, Floats] | None = None,
) -> tuple[Floats, tuple[tuple[str, float, float], ...]]:
    """Flows [A, K, from, to] under A assumptions, all with the margins of `split`; gaps by product.

    Each assumption is an exponent of distance and the money [R, K] that stays in its region. What stays
    is kept as it is where the other regions can take and give the rest, which follows gravity over `km`
    [R, R]; flows of products in `known` [A, R, R] are taken as they are. A gap is (product, before, after)
    the fit, relative to the margin.
    """
    r, k = split.output.shape
    what, todo = f"trade in {k:,} products between {r:,} regions", "Merge regions or sectors first"
    machine.room_for(2.0 * 8 * len(stays) * k * r * r, what, todo)
    out = np.zeros((len(stays), k, r, r))
    gaps = []
    for product in range(k):
        what = f"trade in product {product + 1}"
        if known is not None and product in known:
            out[:, product] = known[product]
            continue
        # more drawn from stocks than others buy: the region's makers sell no less than nothing
        s, d = (np.maximum(margin[:, product], 0.0) for margin in (split.supply, split.demand))
        if d.sum() <= 0:
            continue
        s = s * (d.sum() / s.sum()) if s.sum() > 0 else s
        pairs = zip(exponents, stays, strict=True)
        fits = [_flows(s, d, km, exponent, kept[:, product], what) for exponent, kept in pairs]
        floor = NEGLIGIBLE * np.maximum(s[:, None], d[None, :])
        keep = np.any([f.matrix >= floor for f in fits], axis=0)
        for i, fit in enumerate(fits):
            out[i, product] = ipf(np.where(keep, fit.matrix, 0.0), s, d, what=what).matrix
        gaps.append((what, max(f.before for f in fits), max(f.after for f in fits)))
    return out, tuple(gaps)


def _flows(s: Floats, d: Floats, km: Floats, exponent: float, kept: Floats, what: str) -> Fit:
    """One product: what stays at home, and gravity between different regions."""
    most = LARGEST_STAY * np.minimum(s, d)
    home = np.clip(kept, (1 - LARGEST_STAY) * np.minimum(s, d), most)
    apart = 1.0 - np.eye(len(s))
    # at most one region is so large that the others cannot take or give what it does not keep
    over = s + d - 2 * home - (1 - ROOM) * (s - home).sum()
    raised = np.minimum(home + np.maximum(over, 0.0) / (1 + ROOM), most)
    if np.all(s + d - 2 * raised <= (1 - ROOM / 2) * (s - raised).sum()):
        rest = gravity(s - raised, d - raised, km, exponent, weight=apart, what=what)
        return Fit(rest.matrix + np.diag(raised), rest.before, rest.after, rest.rounds)
    pull = np.outer(s - home, d - home) * (km / np.median(km)) ** -exponent * apart
    pull *= (s - home).sum() / pull.sum() if pull.sum() > 0 else 0.0
    return ipf(np.diag(home) + pull, s, d, what=what)


# ---- the economy -------------------------------------------------------------------------------


def assemble(split: Split, flows: Floats, regions: tuple[Region, ...], **rest: Any) -> Economy:
    """The economy of a split and its `flows` [3, K, from, to]; `rest` are the other fields of Economy.

    Nodes go region by region, slots node by node, markets product by product. Markets carry the shares of
    the middle flows, with those of the first and last as their range.
    """
    r, k = split.output.shape
    region, sector = _where(split.output > 0)
    number = np.full((r, k), -1)
    number[region, sector] = np.arange(len(region))
    wanted = (split.use + split.use_imports).transpose(0, 2, 1) > 0
    place, buyer, product = _where(wanted & (split.output > 0)[:, :, None])
    where, bought, category = _where((split.final != 0) | (split.final_imports != 0))
    return Economy(
        regions=regions,
        node_region=region,
        node_sector=sector,
        output=split.output[region, sector],
        exports=split.exports[region, sector],
        value_added=split.value_added[region, :, sector].T,
        slot_product=product,
        slot_node=number[place, buyer],
        slot_market=product * r + place,
        slot_domestic=split.use[place, product, buyer],
        slot_imports=split.use_imports[place, product, buyer],
        final_product=bought,
        final_region=where,
        final_category=category,
        final_market=bought * r + where,
        final_domestic=split.final[where, bought, category],
        final_imports=split.final_imports[where, bought, category],
        **_markets(flows, number),
        **rest,
    )


def _where(mask: NDArray[np.bool_]) -> tuple[Ints, ...]:
    return tuple(i.astype(np.int32) for i in np.nonzero(mask))


def _markets(flows: Floats, number: Any) -> dict[str, Any]:
    """Market product * R + region; suppliers are the nodes that deliver under any assumption."""
    r, k = number.shape
    total = flows.sum(axis=2, keepdims=True)
    share = ratio(flows, total)
    low, central, high = share.transpose(0, 1, 3, 2)  # [product, to, from]
    product, to, origin = np.nonzero((low > 0) | (central > 0) | (high > 0))
    counts = np.bincount(product * r + to, minlength=k * r)
    return {
        "market_ptr": pointers(counts),
        "market_supplier": number[origin, product],
        "market_share": central[product, to, origin],
        "share_low": low[product, to, origin],
        "share_high": high[product, to, origin],
    }
