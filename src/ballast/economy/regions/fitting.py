"""From a national table and regional facts to an inter-regional table: the general tools.

    ipf            scale a matrix to given row and column totals (iterative proportional fitting, RAS)
    gravity        doubly constrained gravity flows of one product
    recipes        each region's own input columns, adjusted to the national columns
    net_transit    take goods that only pass through out of a region's outflow and inflow
    allocate       share a total by weights under ceilings
    trace          who uses whose power, when flows mix in every knot of a network

Pure functions on arrays. A margin that cannot be met raises BookError and says which; nothing is
returned half fitted. Reference for the methods: Miller and Blair, Input-Output Analysis (2009),
chapters 3 and 7; Bialek (1996) for tracing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ballast.arrays import Floats, ratio
from ballast.errors import BookError

TRUST = (
    0.5  # of a region's own old recipe, against the country's; chosen by the back-test in docs/regional.md
)


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted matrix, the largest relative gap to its margins before and after, and the rounds taken."""

    matrix: Floats
    before: float
    after: float
    rounds: int


def ipf(
    matrix: Floats,
    row_totals: Floats,
    column_totals: Floats,
    *,
    tolerance: float = 1e-12,
    rounds: int = 20_000,
    what: str = "matrix",
) -> Fit:
    """Scale rows and columns of `matrix` [I, J] >= 0 in turn until both totals are met.

    The zeros stay zero. `tolerance` is the largest gap of a row, relative to the row's total, at which
    the fit ends (the columns are exact then). BookError when margins contradict zeros or each other.
    """
    _refuse(matrix, row_totals, column_totals, what)
    fitted = np.array(matrix, np.float64)
    before = _gap(fitted, row_totals, column_totals)
    target = row_totals * (column_totals.sum() / row_totals.sum()) if row_totals.sum() else row_totals
    after, done = before, 0
    for done in range(1, rounds + 1):
        fitted *= ratio(target, fitted.sum(axis=1))[:, None]
        fitted *= ratio(column_totals, fitted.sum(axis=0))
        after = _gap(fitted, target, column_totals)
        if after <= tolerance:
            return Fit(fitted, before, after, done)
    gaps = np.abs(fitted.sum(axis=1) - target)
    worst = int(np.argmax(gaps))
    raise BookError(
        f"{what}: the margins cannot be met with these zeros: row {worst} stays {gaps[worst]:.6g} off its "
        f"total {target[worst]:.6g} after {rounds} rounds. "
        "Put a small number where a flow is possible, or change the total."
    )


def _gap(matrix: Floats, rows: Floats, columns: Floats) -> float:
    """The largest gap to a margin, relative to it."""
    gaps = [np.abs(matrix.sum(axis=1) - rows), np.abs(matrix.sum(axis=0) - columns)]
    sizes = [np.where(m > 0, m, 1.0) for m in (rows, columns)]
    return float(max((g / s).max(initial=0.0) for g, s in zip(gaps, sizes, strict=True)))


def _refuse(matrix: Floats, rows: Floats, columns: Floats, what: str) -> None:
    problems = []
    if matrix.shape != (len(rows), len(columns)):
        problems.append(f"is {matrix.shape}, its totals are {len(rows)} and {len(columns)}")
    for name, values in (("the matrix", matrix), ("row totals", rows), ("column totals", columns)):
        if not np.all(np.isfinite(values)) or np.any(values < 0):
            problems.append(f"{name} must be finite and not negative")
    if not problems:
        gap = rows.sum() - columns.sum()
        if abs(gap) > 1e-9 * max(rows.sum(), columns.sum()):
            problems.append(f"row totals sum to {rows.sum():.9g}, column totals to {columns.sum():.9g}")
        for axis, name, totals in ((1, "row", rows), (0, "column", columns)):
            for i in np.flatnonzero((matrix.sum(axis=axis) == 0) & (totals > 0)):
                problems.append(f"{name} {i} is empty but its total is {totals[i]:.6g}")
    if problems:
        raise BookError(f"{what}: cannot be fitted: " + "; ".join(problems) + ". Correct the margins.")


def gravity(
    supply: Floats,
    demand: Floats,
    distance: Floats,
    exponent: float,
    *,
    weight: Floats | None = None,
    what: str = "gravity",
) -> Fit:
    """Flows [P, Q] with row sums `supply`, column sums `demand`, falling with distance ** -exponent.

    `distance` [P, Q] > 0 in any unit; `weight` [P, Q] multiplies the attraction (0 forbids a flow).
    """
    attraction = np.outer(supply, demand) * (distance / np.median(distance)) ** -exponent
    if weight is not None:
        attraction = attraction * weight
    total = attraction.sum()
    return ipf(attraction / total if total else attraction, supply, demand, what=what)


def recipes(
    own: Floats, national: Floats, inputs: Floats, *, trust: float = TRUST, what: str = "recipes"
) -> tuple[Floats, float]:
    """Input columns [K, R] of one sector: each region's `own` mix adjusted to the `national` column.

    `own` [K, R] any scale; `national` [K] the use of each product by the sector in the country;
    `inputs` [R] total inputs of the sector in each region. A region's seed is `trust` of its own mix and
    the rest the national mix, so that a zero in an old regional table is not for ever. Returns the matrix
    with row sums `national`, column sums `inputs`, and the money the fit moved between cells.
    """
    mix = ratio(np.ones(len(inputs)), own.sum(axis=0)) * own
    blend = np.where(own.sum(axis=0) > 0, trust, 0.0)
    seed = (blend * mix + (1 - blend) * (national / national.sum())[:, None]) * inputs
    seed[national <= 0] = 0
    fit = ipf(seed, national, inputs, what=what)
    return fit.matrix, float(np.abs(fit.matrix - seed).sum() / 2)


def net_transit(
    output_at_home: Floats, use_at_home: Floats, outflow: Floats, inflow: Floats, *, ceiling: float = 0.98
) -> tuple[Floats, Floats, Floats]:
    """Outflow and inflow without goods that only pass through, and the transit taken out.

    What flows out beyond `ceiling` of the output sold in the country, or in beyond `ceiling` of the use,
    must have come through: it is taken from both sides, and what is still too much is cut.
    All arrays have one shape; `output_at_home` = output - exports.
    """
    transit = np.maximum(outflow - ceiling * output_at_home, inflow - ceiling * use_at_home)
    transit = np.clip(transit, 0, np.minimum(outflow, inflow))
    return (
        np.clip(outflow - transit, 0, ceiling * np.maximum(output_at_home, 0)),
        np.clip(inflow - transit, 0, ceiling * np.maximum(use_at_home, 0)),
        transit,
    )


def allocate(total: float, weights: Floats, ceilings: Floats, *, what: str = "total") -> Floats:
    """Share `total` by `weights` without passing `ceilings`; what is above goes to the others by weight."""
    if total > ceilings[weights > 0].sum() * (1 + 1e-12):
        raise BookError(
            f"{what}: {total:.6g} does not fit under ceilings of {ceilings[weights > 0].sum():.6g}."
        )
    share = np.zeros_like(weights)
    free = weights > 0
    while total > 0 and free.any():
        left = total - share[~free].sum()
        share[free] = left * weights[free] / weights[free].sum()
        over = free & (share > ceilings)
        if not over.any():
            break
        share[over] = ceilings[over]
        free = free & ~over
    return share


def trace(supply: Floats, flows: Floats) -> Floats:
    """Who uses whose product when `flows` [P, P] (from row to column) mix in every knot of a network.

    Of all that passes a knot, every way out takes the same mix (Bialek's proportional sharing). With
    throughput g = supply + flows in, the mix solves  mix_q g_q = supply_q e_q + sum_p flows_pq mix_p.
    Returns [P, P]: made in row, used in column; rows sum to supply, columns to supply + in - out.
    """
    through = supply + flows.sum(axis=0)
    safe = np.where(through > 0, through, 1.0)
    mix = np.linalg.solve(np.diag(safe) - flows.T, np.diag(supply))  # [knot, origin]
    used = through - flows.sum(axis=1)
    return np.asarray(np.maximum(mix, 0).T * used)
