"""A national economy in regions: one table for the country and what is known of its regions become a book.

    facts      sheets of a desk: output by region and sector (needed), exports, final use, distances
    recipes    each region's own input mix where one is known, else the country's; fitted to the
               national cells
    trade      what a region covers itself by Flegg's quotients (`quotients`), the rest by gravity with
               both margins and a stated exponent

`regionalise` meets every national total exactly: output, exports, value added, each cell of home and of
imported use, final use by category. Margins that cannot be met are an error that names them. The book
carries trade under three sets of assumptions (deltas and exponents), and the ensemble samples between.
docs/regional.md holds the steps against real tables: gravity alone leaves far too little at home, which is
why quotients decide that part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ballast.economy import quotients
from ballast.economy.economy import Economy, Floats, Region
from ballast.economy.regionalise import Fit, ipf, recipes
from ballast.errors import BookError
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text

EXPONENTS = (0.6, 1.0, 1.5)  # how fast trade falls with distance, low to high: grade E
# delta of Flegg's quotients, so that little, middling or much stays at home. The literature's 0.3 is the
# low end: on the
# tables of China and Finland that can be checked, 0.1 is nearest (docs/regional.md); 0 is no allowance for
# size.
DELTAS = (0.3, 0.1, 0.0)
LARGEST_STAY = 0.985  # of the smaller margin: somebody always buys elsewhere
TRUST = 0.5  # of a region's own recipe, against the country's; chosen by the back-test in docs/regional.md
NEGLIGIBLE = 1e-5  # of both margins: smaller flows are left out


@dataclass(frozen=True, eq=False)
class RegionalFacts:
    """What is known of R regions: `output` [R, K] >= 0 in any unit (shares count), the rest optional.

    `exports` [R, K] and `final` [R, C] are shares too; `recipes` [R, K, S] any scale; `distance` [R, R] km.
    """

    regions: tuple[Region, ...]
    output: Floats
    distance: Floats
    exports: Floats | None = None
    final: Floats | None = None
    recipes: Floats | None = None
    source: Source | None = None


@dataclass(frozen=True, eq=False)
class Regional:
    """The book, and the largest relative gap to a margin in each step, before and after."""

    economy: Economy
    gaps: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, eq=False)
class _Country:
    """One region's arrays: use [K, S] home and foreign, final [K, C] home and foreign, totals [K]."""

    use: Floats
    use_imports: Floats
    final: Floats
    final_imports: Floats
    exports: Floats
    output: Floats
    added: Floats  # [V, K]


def regionalise(
    national: Economy,
    facts: RegionalFacts,
    *,
    exponents: tuple[float, float, float] = EXPONENTS,
    deltas: tuple[float, float, float] = DELTAS,
    trust: float = TRUST,
) -> Regional:
    """The regional book of a national one. BookError when the national book has several regions or
    margins clash.
    """
    c = _country(national)
    _refuse(national, facts, c)
    share = facts.output / facts.output.sum(axis=0)
    output = share * c.output
    exports = _spread(c.exports, share if facts.exports is None else facts.exports, output, "exports")
    use, moved = _recipes(c, facts, output, trust)
    total = c.use + c.use_imports
    home = np.divide(c.use, total, out=np.zeros_like(total), where=total > 0)
    weight = output.sum(axis=1) if facts.final is None else None
    final = _final(c.final, facts, weight, output - exports)
    final_imports = _final(c.final_imports, facts, weight, None)
    demand = (use * home).sum(axis=2) + final.sum(axis=2)
    supply = output - exports
    stays = [_stays(output, use * home, final, delta) for delta in deltas]
    flows, fits = _trade(supply, demand, facts.distance, exponents, stays)
    gaps = (("recipes", moved, _gap((use.sum(axis=0) - total), total)), *fits)
    return Regional(
        _assemble(
            national, facts, c, output, exports, use, home, final, final_imports, flows, exponents, moved
        ),
        gaps,
    )


def refuse_regions(e: Economy) -> None:
    """BookError when the book is not national."""
    if e.r != 1:
        raise BookError(
            f"book {e.name}: has {e.r} regions. Give a national book (one region) to regionalise."
        )


def _country(e: Economy) -> _Country:
    """The one region of a national economy as dense arrays by product."""
    refuse_regions(e)
    order = np.argsort(e.node_sector, kind="stable")
    if len(set(e.node_sector.tolist())) != e.n:
        raise BookError(f"book {e.name}: some sector has several nodes. Aggregate the firms first.")
    k = e.k
    at = e.node_sector

    def square(values: Floats) -> Floats:
        out = sparse.csr_array((values, (e.slot_product, at[e.slot_node])), shape=(k, k))
        return np.asarray(out.toarray())

    def users(values: Floats) -> Floats:
        out = sparse.csr_array((values, (e.final_product, e.final_category)), shape=(k, len(e.categories)))
        return np.asarray(out.toarray())

    def by_sector(values: Floats) -> Floats:
        out = np.zeros((*values.shape[:-1], k))
        out[..., at[order]] = values[..., order]
        return out

    return _Country(
        square(e.slot_domestic), square(e.slot_imports), users(e.final_domestic), users(e.final_imports),
        by_sector(e.exports), by_sector(e.output), by_sector(e.value_added),
    )  # fmt: skip


def _refuse(e: Economy, f: RegionalFacts, c: _Country) -> None:
    problems = []
    r, k = f.output.shape
    if k != e.k or r != len(f.regions):
        problems.append(f"output is {f.output.shape}, expected {(len(f.regions), e.k)}")
    else:
        lost = [e.sectors[i].code for i in np.flatnonzero((f.output.sum(axis=0) <= 0) & (c.output > 0))]
        if lost:
            problems.append(f"no region makes {', '.join(lost[:8])}, which the country does")
    if f.distance.shape != (r, r) or not (f.distance > 0).all():
        problems.append("distances must be positive for every pair of regions, and within each")
    if (f.output < 0).any() or not np.isfinite(f.output).all():
        problems.append("output must be finite and not negative")
    if problems:
        raise BookError(f"book {e.name} cannot be regionalised: " + "; ".join(problems) + ".")


def _spread(total: Floats, weights: Floats, ceiling: Floats, what: str) -> Floats:
    """A national total by product over regions by weights, nowhere above nine tenths of the ceiling
    where it fits.
    """
    from ballast.economy.regionalise import allocate

    out = np.zeros_like(ceiling)
    for k in range(ceiling.shape[1]):
        w = np.where(ceiling[:, k] > 0, weights[:, k], 0.0)
        if total[k] <= 0:
            continue
        if w.sum() <= 0:
            w = ceiling[:, k]
        limit = max(0.9, total[k] / max(ceiling[:, k].sum(), 1e-300)) * ceiling[:, k] * (1 + 1e-12)
        out[:, k] = allocate(total[k], w, limit, what=f"{what} of product {k + 1}")
    return out


def _recipes(c: _Country, f: RegionalFacts, output: Floats, trust: float) -> tuple[Floats, float]:
    """[R, K, S] use of goods from anywhere, and the share of inputs the fit moved."""
    total = c.use + c.use_imports
    ratio = np.divide(total.sum(axis=0), c.output, out=np.zeros_like(c.output), where=c.output > 0)
    inputs = output * ratio  # [R, S]
    use = np.zeros((output.shape[0], *total.shape))
    moved = 0.0
    for s in range(total.shape[1]):
        if total[:, s].sum() <= 0:
            continue
        own = (
            np.repeat(total[:, s, None], output.shape[0], axis=1)
            if f.recipes is None
            else f.recipes[:, :, s].T
        )
        fitted, shift = recipes(
            own, total[:, s], inputs[:, s], trust=trust, what=f"recipes of sector {s + 1}"
        )
        use[:, :, s] = fitted.T
        moved += shift
    return use, moved / max(total.sum(), 1e-300)


def _final(total: Floats, f: RegionalFacts, weight: Floats | None, supply: Floats | None) -> Floats:
    """[R, K, C]: users by their region's share; what may be negative (inventories) follows the makers."""
    r = len(f.regions)
    out = np.zeros((r, *total.shape))
    for k in range(total.shape[0]):
        for c in range(total.shape[1]):
            value = total[k, c]
            if value == 0:
                continue
            share = f.final[:, c] if f.final is not None else weight
            if value < 0 and supply is not None:
                share = np.maximum(supply[:, k], 0.0)
            assert share is not None
            whole = share.sum()
            out[:, k, c] = value * (share / whole if whole > 0 else np.full(r, 1 / r))
    return out


def _stays(output: Floats, use: Floats, final: Floats, delta: float) -> Floats:
    """[R, K] money that a region spends on its own makers: users by Flegg's quotients, final users by
    simple ones.
    """
    inside = (use * quotients.own_share(quotients.flq(output, delta))).sum(axis=2)
    wanted = np.maximum(final.sum(axis=2), 0.0)
    return np.asarray(inside + wanted * quotients.own_share(quotients.slq(output)))


def _trade(
    supply: Floats, demand: Floats, km: Floats, exponents: tuple[float, float, float], stays: list[Floats]
) -> tuple[Floats, tuple[tuple[str, float, float], ...]]:
    """Flows [3, K, from, to] under low, central and high assumptions, all with the same margins."""
    r, k = supply.shape
    out = np.zeros((3, k, r, r))
    gaps = []
    for product in range(k):
        s, d = supply[:, product], demand[:, product]
        if d.sum() <= 0:
            continue
        # more drawn from stocks than others buy: the region's makers sell no less than nothing
        s, d = np.maximum(s, 0.0), np.maximum(d, 0.0)
        s = s * (d.sum() / s.sum()) if s.sum() > 0 else s
        what = f"trade in product {product + 1}"
        fits = [
            _flows(s, d, km, b, kept[:, product], what) for b, kept in zip(exponents, stays, strict=True)
        ]
        floor = NEGLIGIBLE * np.maximum(s[:, None], d[None, :])
        keep = np.any([f.matrix >= floor for f in fits], axis=0)
        for i, fit in enumerate(fits):
            out[i, product] = ipf(np.where(keep, fit.matrix, 0.0), s, d, what=what).matrix
        gaps.append(
            (f"trade in product {product + 1}", max(f.before for f in fits), max(f.after for f in fits))
        )
    return out, tuple(gaps)


def _flows(s: Floats, d: Floats, km: Floats, exponent: float, kept: Floats, what: str) -> Fit:
    """One product: what stays at home and a gravity pattern between different regions, fitted to both
    margins.
    """
    smaller = np.minimum(s, d)
    home = np.clip(kept, (1 - LARGEST_STAY) * smaller, LARGEST_STAY * smaller)
    apart = np.outer(s - home, d - home) * (km / np.median(km)) ** -exponent * (1.0 - np.eye(len(s)))
    rest = max(float(d.sum() - home.sum()), 0.0)
    between = apart * (rest / apart.sum()) if apart.sum() > 0 else apart
    return ipf(np.diag(home) + between, s, d, what=what)


def _gap(gap: Floats, size: Floats) -> float:
    return float((np.abs(gap) / np.where(size > 0, size, np.inf)).max(initial=0.0))


def _assemble(
    e: Economy, f: RegionalFacts, c: _Country, output: Floats, exports: Floats, use: Floats, home: Floats,
    final: Floats, final_imports: Floats, flows: Floats, exponents: tuple[float, float, float],
    moved: float,
) -> Economy:  # fmt: skip
    """One market a product and region; nodes that make nothing are left out."""
    r, k = output.shape
    region, sector = (i.astype(np.int32) for i in np.nonzero(output > 0))
    number = np.full((r, k), -1)
    number[region, sector] = np.arange(len(region))
    slots = np.nonzero((use.transpose(0, 2, 1) > 0) & (output > 0)[:, :, None])
    place, buyer, product = (i.astype(np.int32) for i in slots)
    users = tuple(i.astype(np.int32) for i in np.nonzero((final != 0) | (final_imports != 0)))
    total = flows.sum(axis=2, keepdims=True)
    share = np.divide(flows, total, out=np.zeros_like(flows), where=total > 0).transpose(0, 1, 3, 2)
    mp, mr, mo = np.nonzero((share > 0).any(axis=0))
    counts = np.bincount(mp * r + mr, minlength=k * r)
    added = (
        np.divide(c.added, c.output, out=np.zeros_like(c.added), where=c.output > 0)[:, None, :] * output
    )
    # inputs follow output, so value added of a region is its part of the country's, component by component
    source = () if f.source is None else (f.source,)
    return Economy(
        **{
            name: getattr(e, name)
            for name in (
                "name",
                "title",
                "unit",
                "currency",
                "year",
                "sectors",
                "categories",
                "value_added_labels",
                "scope",
            )
        },
        regions=f.regions,
        node_region=region,
        node_sector=sector,
        output=output[region, sector],
        exports=exports[region, sector],
        value_added=added[:, region, sector],
        slot_product=product,
        slot_node=number[place, buyer],
        slot_market=product * r + place,
        slot_domestic=(use * home)[place, product, buyer],
        slot_imports=(use * (1 - home))[place, product, buyer],
        final_product=users[1],
        final_region=users[0],
        final_category=users[2],
        final_market=users[1] * r + users[0],
        final_domestic=final[users],
        final_imports=final_imports[users],
        market_ptr=np.concatenate([[0], np.cumsum(counts)]),
        market_supplier=number[mo, mp],
        market_share=share[1][mp, mr, mo],
        share_low=share[0][mp, mr, mo],
        share_high=share[2][mp, mr, mo],
        grades={**e.grades, "output by region": Grade.D, "trade between regions": Grade.E},
        sources=(*e.sources, *source),
        history=(*e.history, *_history(moved, exponents, tuple(s.key for s in source))),
    )


def _history(
    moved: float, exponents: tuple[float, float, float], keys: tuple[str, ...]
) -> tuple[Operation, ...]:
    b = ", ".join(f"{x:g}" for x in exponents)
    return (
        _step(
            "nodes",
            "output of regions: their shares of the national output",
            "分地区产出：按地区份额分配全国产出",
            keys,
        ),
        _step(
            "slots",
            "recipes of regions fitted to the national cells",
            "分地区投入结构拟合到全国各单元",
            keys,
            moved,
        ),
        _step(
            "markets",
            f"trade between regions: Flegg's quotients for what stays, gravity for the rest, exponents {b}",
            f"地区间贸易：留在本地的部分用Flegg区位商，其余用引力模型，指数{b}",
            keys,
        ),
    )


def _step(table: str, en: str, zh: str, sources: tuple[str, ...], moved: float | None = None) -> Operation:
    return Operation(table, Text(en, zh), moved, sources)
