"""A national economy in regions: one table for the country and what is known of its regions become a book.

    facts      sheets of a desk: output by region and sector (needed), exports, final use, distances
    recipes    each region's own input mix where one is known, else the country's; fitted to the
               national cells
    trade      what a region covers itself by Flegg's quotients (`quotients`), the rest by gravity with
               both margins and a stated exponent (`interregional`)

`regionalise` meets every national total exactly: output, exports, value added, each cell of home and of
imported use, final use by category. Margins that cannot be met are an error that names them. The book
carries trade under three sets of assumptions (deltas and exponents), and the ensemble samples between.
docs/regional.md holds the steps against real tables: gravity alone leaves far too little at home, which is
why quotients decide that part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from ballast.arrays import Floats, ratio
from ballast.economy.economy import Carrier, Economy, Region
from ballast.economy.facts import Facts
from ballast.economy.regions import quotients
from ballast.economy.regions.fitting import TRUST, allocate, recipes
from ballast.economy.regions.trade import Split, assemble, trade
from ballast.economy.regroup.facts import regroup_facts
from ballast.errors import BookError, Finding
from ballast.evidence import Grade, Operation, Source, worst
from ballast.text import Text

EXPONENTS = (0.6, 1.0, 1.5)  # how fast trade falls with distance, low to high: grade E
# delta of Flegg's quotients, so that little, middling or much stays at home. The literature's 0.3 is the
# low end: on the
# tables of China and Finland that can be checked, 0.1 is nearest (docs/regional.md); 0 is no allowance for
# size.
DELTAS = (0.3, 0.1, 0.0)


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
    findings: tuple[Finding, ...] = ()  # what was doubtful about them


@dataclass(frozen=True, eq=False)
class Regional:
    """The book, the largest relative gap to a margin in each step before and after, what was left out."""

    economy: Economy
    gaps: tuple[tuple[str, float, float], ...]
    findings: tuple[Finding, ...] = ()


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
    split, moved = _split(c, facts, trust)
    total = split.use + split.use_imports
    stays = [_stays(split, delta) for delta in deltas]
    flows, fits = trade(split, facts.distance, exponents, stays)
    country = c.use + c.use_imports
    gaps = (("recipes", moved, _gap(total.sum(axis=0) - country, country)), *fits)
    source = () if facts.source is None else (facts.source,)
    same = (
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
    economy = assemble(
        split,
        flows,
        facts.regions,
        grades={**national.grades, "output by region": Grade.D, "trade between regions": Grade.E},
        sources=(*national.sources, *source),
        history=(*national.history, *_history(moved, exponents, tuple(s.key for s in source))),
        **{name: getattr(national, name) for name in same},
    )
    economy = replace(economy, carriers=tuple(_carrier(x, split) for x in national.carriers))
    known, findings = _facts(national, economy)
    kept = (*national.findings, *facts.findings)
    return Regional(replace(economy, facts=known, findings=kept), gaps, (*facts.findings, *findings))


def _carrier(c: Carrier, split: Split) -> Carrier:
    """What the country uses of a carrier by what each region buys of its product."""
    used = split.use[:, c.product] + split.use_imports[:, c.product]
    final = np.maximum(split.final[:, c.product] + split.final_imports[:, c.product], 0.0)
    bought = used.sum(axis=1) + final.sum(axis=1)
    share = bought / bought.sum() if bought.sum() > 0 else np.full(len(bought), 1 / len(bought))
    return replace(c, annual=c.annual.sum() * share, grade=worst((c.grade, Grade.D)))


def _facts(e: Economy, out: Economy) -> tuple[Facts, tuple[Finding, ...]]:
    """A desk's facts of the country: days of stock for every region, staff and use by output."""
    lost = len(e.facts.generation) + len(e.facts.corridors)
    maker = np.zeros(e.k, np.intp)
    maker[e.node_sector] = np.arange(e.n)
    old = maker[out.node_sector]
    share = out.output / e.output[old]
    weights = sparse.csr_array((share, (np.arange(out.n), old)), shape=(out.n, e.n))
    kept, findings = regroup_facts(
        replace(e, facts=replace(e.facts, generation=(), corridors=())),
        out, weights, np.ones((out.r, 1)), sparse.eye_array(e.k),
    )  # fmt: skip
    if not lost:
        return kept, findings
    what = f"power stations and ways of the country ({lost}) have no place in a region and are left out"
    return kept, (
        *findings,
        Finding("warning", e.name, what, "Give those of the regions (`ballast book add`)"),
    )


def _split(c: _Country, f: RegionalFacts, trust: float) -> tuple[Split, float]:
    """The country's table by region, and the share of inputs that fitting the recipes moved."""
    made = f.output.sum(axis=0)
    share = ratio(f.output, made)
    output = share * c.output
    exports = _spread(c.exports, share if f.exports is None else f.exports, output, "exports")
    use, moved = _recipes(c, f, output, trust)
    total = c.use + c.use_imports
    home = ratio(c.use, total)
    weight = output.sum(axis=1) if f.final is None else None
    # inputs follow output, so value added of a region is its part of the country's, component by component
    rate = ratio(c.added, c.output)
    split = Split(
        output=output,
        exports=exports,
        value_added=rate[None] * output[:, None, :],
        use=use * home,
        use_imports=use * (1 - home),
        final=_final(c.final, f, weight, output - exports),
        final_imports=_final(c.final_imports, f, weight, None),
    )
    return split, moved


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
    inputs = output * ratio(total.sum(axis=0), c.output)  # [R, S]
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


def _stays(split: Split, delta: float) -> Floats:
    """[R, K] money that a region spends on its own makers: users by Flegg's quotients, final users by
    simple ones.
    """
    cover = quotients.own_share(quotients.flq(split.output, delta))
    wanted = np.maximum(split.final.sum(axis=2), 0.0)
    return np.asarray(
        (split.use * cover).sum(axis=2) + wanted * quotients.own_share(quotients.slq(split.output))
    )


def _gap(gap: Floats, size: Floats) -> float:
    return float((np.abs(gap) / np.where(size > 0, size, np.inf)).max(initial=0.0))


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
