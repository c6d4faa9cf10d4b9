"""What a desk added, carried over when regions or sectors are merged or split.

Amounts (staff, use of energy, capacity, generation) follow the shares of the concordance; days of stock
are means weighted by need, kept where the desk's own days cover at least half of it; ways inside a
merged region go. What cannot be carried is a finding, never dropped in silence.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

from ballast.arrays import Floats
from ballast.economy import identity
from ballast.economy.economy import Economy
from ballast.economy.facts import NO_FACTS, Corridor, Facts, Generation, Target
from ballast.errors import Finding
from ballast.evidence import worst

COVERED = 0.5  # of a slot's need that days must be known for


def regroup_facts(
    e: Economy, out: Economy, weights: Any, place: Floats, product: Any
) -> tuple[Facts, tuple[Finding, ...]]:
    """The facts of `e` in the nodes and regions of `out`. `weights` [N', N], `place` [R', R], `product`
    [K', K].
    """
    f = e.facts
    if not f:
        return NO_FACTS, ()
    targets, findings = _targets(f, out)
    days, low, high = _days(e, out, weights, product)
    facts = Facts(
        slot_days=days,
        slot_days_low=low,
        slot_days_high=high,
        staff=None if f.staff is None else _amounts(weights, f.staff),
        use={code: _amounts(weights, values) for code, values in f.use.items()},
        corridors=_corridors(f, place),
        generation=_generation(f, place),
        targets=targets,
    )
    return facts or NO_FACTS, findings


def regroup_ids(e: Economy, out: Economy, weights: Any) -> tuple[str, ...] | None:
    """The ids of the nodes of `out`: a node that is one of the old ones, whole, keeps its own."""
    parts = np.bincount(weights.indices, minlength=e.n)  # how many new nodes each old one goes to
    ends = weights.indptr
    sources = [
        int(weights.indices[a]) if b - a == 1 and parts[weights.indices[a]] == 1 else -1
        for a, b in pairwise(ends)
    ]
    codes = [r.code for r in out.regions], [s.code for s in out.sectors]
    return identity.carried(e.node_ids, sources, [out.pair_code(i) for i in range(out.n)], codes)


def _amounts(weights: Any, values: Floats) -> Floats:
    """Sums of what is known; unknown where nothing is."""
    known = np.isfinite(values)
    total = np.asarray(weights @ np.where(known, values, 0.0))
    return np.where(np.asarray(weights @ known.astype(np.float64)) > 0, total, np.nan)


def _days(
    e: Economy, out: Economy, weights: Any, product: Any
) -> tuple[Floats | None, Floats | None, Floats | None]:
    """Days by the slots of `out`: means of the old slots' days, weighted by what they need."""
    f = e.facts
    if f.slot_days is None or f.slot_days_low is None or f.slot_days_high is None:
        return None, None, None
    known = np.isfinite(f.slot_days)

    def gathered(values: Floats) -> Floats:
        old = sparse.csr_array((values, (e.slot_product, e.slot_node)), shape=(e.k, e.n))
        new = (product @ old @ weights.T).tocsr()
        return np.asarray(new[out.slot_product, out.slot_node]).ravel()

    need, covered = gathered(e.slot_need), gathered(np.where(known, e.slot_need, 0.0))
    keep = covered >= COVERED * np.maximum(need, 1e-300)
    found = []
    for days in (f.slot_days, f.slot_days_low, f.slot_days_high):
        total = gathered(np.where(known, days * e.slot_need, 0.0))
        mean = np.divide(total, covered, out=np.full_like(total, np.nan), where=keep & (covered > 0))
        found.append(mean)
    return found[0], found[1], found[2]


def _corridors(f: Facts, place: Floats) -> tuple[Corridor, ...]:
    """Ways between different new regions: capacities add up, the quickest way counts."""
    found: dict[tuple[int, int, str], Corridor] = {}
    for c in f.corridors:
        for a in np.flatnonzero(place[:, c.origin]):
            for b in np.flatnonzero(place[:, c.destination]):
                if a == b:
                    continue
                part = c.capacity * place[a, c.origin] * place[b, c.destination]
                new = replace(c, origin=int(a), destination=int(b), capacity=float(part))
                key = (int(a), int(b), c.mode)
                found[key] = new if key not in found else _together(found[key], new)
    return tuple(found[k] for k in sorted(found))


def _together(a: Corridor, b: Corridor) -> Corridor:
    capacity = (
        np.nansum([a.capacity, b.capacity]) if np.isfinite([a.capacity, b.capacity]).any() else np.nan
    )
    days = [d for d in (a.days, b.days) if np.isfinite(d)]
    return replace(
        a, capacity=float(capacity), days=min(days, default=float("nan")), grade=worst((a.grade, b.grade))
    )


def _generation(f: Facts, place: Floats) -> tuple[Generation, ...]:
    found: dict[tuple[int, str], Generation] = {}
    for g in f.generation:
        for r in np.flatnonzero(place[:, g.region]):
            part = place[r, g.region]
            new = replace(
                g, region=int(r), capacity=float(g.capacity * part), annual=float(g.annual * part)
            )
            key = (int(r), g.fuel)
            if key in found:
                old = found[key]
                both = [np.nansum([x, y]) if np.isfinite([x, y]).any() else np.nan
                        for x, y in ((old.capacity, new.capacity), (old.annual, new.annual))]  # fmt: skip
                new = replace(
                    new, capacity=float(both[0]), annual=float(both[1]), grade=worst((old.grade, new.grade))
                )
            found[key] = new
    return tuple(found[k] for k in sorted(found))


def _targets(f: Facts, out: Economy) -> tuple[tuple[Target, ...], tuple[Finding, ...]]:
    """Targets of regions that are still there; the others are named."""
    codes = {"all", *(r.code for r in out.regions)}
    kept = tuple(t for t in f.targets if t.region in codes)
    lost = sorted({t.region for t in f.targets} - codes)
    if not lost:
        return kept, ()
    what = f"targets of {', '.join(lost)} have no region of that code any more and are left out"
    return kept, (
        Finding("warning", "targets", what, "Give targets for the new regions (`ballast book add`)"),
    )
