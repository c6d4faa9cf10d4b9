"""What is doubtful about a scenario on an economy though it can be run.

check_scenario   all of it: what each shock says (from binding), and what follows
twice            the same shock written twice: it may be counted twice
overdrawn        more drawn from stocks on one day than they hold
drained          the same on several days together
crowded          parts of one place that together are more than the whole
horizon.beyond   periods that reach beyond the days simulated
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ballast.arrays import Floats
from ballast.economy import Economy
from ballast.errors import Finding
from ballast.forcing import Forcing
from ballast.scenario.compile import Plan, bind, compile_scenario
from ballast.scenario.horizon import beyond
from ballast.scenario.shock import CAPACITY, Scenario, Shock, with_targets

# What of a shock does not change what it does: its words, and which others it is uncertain with.
_UNFELT = ("name", "title", "note", "sources", "grade", "line", "driver", "share_driver", "path", "until")
_PLACE = (
    "regions", "sectors", "nodes", "products", "categories", "not_regions", "not_sectors", "not_products",
    "origins", "destinations", "both_ways", "within", "hinterland",
)  # fmt: skip
_BOUND = ("start", "stop", "where", "low", "mid", "high", "weight", "use", "products", "need")


def check_scenario(
    scenario: Scenario, economy: Economy, stock_days: Floats | None = None
) -> tuple[Finding, ...]:
    """What is doubtful about running `scenario` on `economy` though it can be run.

    The ranges of a scenario without any are those of the book. `stock_days` [S] are the days of use that
    the slots hold; without them stocks are held against what a desk has counted.
    """
    whole = with_targets(scenario, economy.facts.targets)
    plan = bind(whole, economy)
    return (*plan.doubts, *_twice(plan), *_crowded(plan), *_overdrawn(plan, stock_days), *beyond(whole))


# ---- the same shock twice -----------------------------------------------------------------------


def _twice(plan: Plan) -> list[Finding]:
    """Shocks that say again what an earlier one said; other words for a place are the same place."""
    found = []
    for bound in plan.bound.values():
        first: dict[tuple[Any, ...], Shock] = {}
        for b in bound:
            before = first.setdefault(_felt(b), b.shock)
            if before is not b.shock:
                found.append(_again(plan.scenario, b.shock, before))
    return found


def _felt(b: Any) -> tuple[Any, ...]:
    """All of a bound shock that makes a difference, to be compared."""
    s: Shock = replace(b.shock, shape="step") if len(b.shock.path) == 1 else b.shock
    left = (getattr(s, name) for name in Shock.__dataclass_fields__ if name not in (*_UNFELT, *_PLACE))
    places = (getattr(b, name) for name in _BOUND)
    ports = zip(s.hinterland, b.hinterland[::2], b.hinterland[1::2], strict=True) if s.hinterland else ()
    shares = frozenset((out.tobytes(), into.tobytes(), part) for (_, part), out, into in ports)
    return (*left, *(v.tobytes() if isinstance(v, np.ndarray) else v for v in places), shares)


def _again(scenario: Scenario, s: Shock, before: Shock) -> Finding:
    line = f":{s.line}" if s.line else ""
    lowest = s.kind == "corridor" or (s.kind in CAPACITY and s.share.low >= 1)
    counts = "the lowest counts, so the second changes nothing" if lowest else "both are counted"
    what = f"says what {before.name} says: the same place, days and size; {counts}"
    todo = "Keep one of the two" if lowest else "Keep one of the two, unless it happened twice"
    return Finding("warning", f"{scenario.file or scenario.name}{line}: {s.name}", what, todo)


# ---- more than there is -------------------------------------------------------------------------


def overdrawn(forcing: Forcing, e: Economy, held: Floats) -> dict[int, tuple[float, float]]:
    """Days of use drawn and held, by product, where more is drawn in a day than a slot holds.

    `held` [S] in days of use, NaN where nobody knows. Of several slots the one that lacks most.
    """
    drawn, there = -forcing.stock_change, held[forcing.stock_slot]
    found: dict[int, tuple[float, float]] = {}
    order = np.argsort(there - drawn, kind="stable")  # who lacks most comes first
    for i in order[(drawn > there * (1 + 1e-9))[order]]:
        found.setdefault(int(e.slot_product[forcing.stock_slot[i]]), (float(drawn[i]), float(there[i])))
    return found


def drained(forcing: Forcing, e: Economy, held: Floats) -> dict[int, tuple[float, float, int, int]]:
    """Days of use drawn up to a day, less those given back, and held, with the first and the last day, by
    product, where they are more together than a slot holds. Of several slots the one that lacks most.
    """
    level, lowest = np.zeros(len(e.slot_node)), np.zeros(len(e.slot_node))
    first, last = np.full(len(e.slot_node), -1), np.full(len(e.slot_node), -1)
    days, begins = np.unique(forcing.stock_day, return_index=True)  # rows are in the order of days
    for day, begin, end in zip(days, begins, [*begins[1:], len(forcing.stock_day)], strict=True):
        slots, change = forcing.stock_slot[begin:end], forcing.stock_change[begin:end]
        level[slots] += change
        drawn = slots[change < 0]
        first[drawn[first[drawn] < 0]] = day
        deeper = slots[level[slots] < lowest[slots]]
        lowest[deeper], last[deeper] = level[deeper], day
    found: dict[int, tuple[float, float, int, int]] = {}
    lacking = np.flatnonzero((-lowest > held * (1 + 1e-9)) & (last > first))
    for s in lacking[np.argsort((held + lowest)[lacking], kind="stable")]:
        found.setdefault(
            int(e.slot_product[s]), (float(-lowest[s]), float(held[s]), int(first[s]), int(last[s]))
        )
    return found


def _overdrawn(plan: Plan, held: Floats | None) -> list[Finding]:
    e, where = plan.economy, f"{plan.scenario.file or plan.scenario.name}: stocks"
    held = e.facts.slot_days if held is None else held
    if held is None or not any(s.kind == "stock" for s in plan.scenario.shocks):
        return []
    forcing = compile_scenario(plan.scenario, e)
    todo = "Check the number, or add the days of stock that are held (`ballast book add`)"
    said = {
        p: f"{drawn:,.4g} days of use of {e.sectors[p].name.en} are drawn where {there:,.4g} are held; "
        "what is not there is not drawn"
        for p, (drawn, there) in overdrawn(forcing, e, held).items()
    }
    for p, (drawn, there, first, last) in drained(forcing, e, held).items():
        begin, end = (plan.scenario.start + dt.timedelta(days=d) for d in (first, last))
        said.setdefault(
            p,
            f"{drawn:,.4g} days of use of {e.sectors[p].name.en} are drawn together from {begin} to {end} "
            f"where {there:,.4g} are held; what has not come in again by then is not drawn",
        )
    return [Finding("warning", where, what, todo) for _, what in sorted(said.items())]


# ---- parts that are more than the whole ----------------------------------------------------------

_CUT = "they are cut at the whole, the worst counted first"
_TIMES = "what each leaves is multiplied, as if they overlapped by chance"


def _crowded(plan: Plan) -> list[Finding]:
    """Shocks of one kind that say parts of one place which are more than the whole on the same days."""
    found = []
    for kind in (*CAPACITY, "final_demand", "exports", "imports"):
        parts = [b for b in plan.bound.get(kind, []) if b.shock.share.value < 1]
        worst, which = _most_crowded(parts)
        if worst <= 1 + 1e-9:
            continue
        s = which[-1].shock
        line = f":{s.line}" if s.line else ""
        shares = " and ".join(f"{b.shock.share.value:g} ({b.shock.name})" for b in which)
        becomes = _CUT if kind in CAPACITY else _TIMES
        what = f"{kind} of one place on the same days: shares {shares} are {worst:g} of it; {becomes}"
        todo = "Write shares that add up to 1 at most where other parts are meant, 1 where the whole is"
        found.append(
            Finding("warning", f"{plan.scenario.file or plan.scenario.name}{line}: {s.name}", what, todo)
        )
    return found


def _most_crowded(parts: Sequence[Any]) -> tuple[float, list[Any]]:
    """The largest sum of shares of one place on one day on which they are not at normal, and the shocks it
    is of.
    """
    worst: tuple[float, list[Any]] = (0.0, [])
    if len(parts) < 2:
        return worst
    width = max(int(b.where.max()) + 1 for b in parts)
    felt = np.stack([b.on & ((b.level(lambda _: 0.5) != 1) | b.shock.slack) for b in parts])  # [parts, T]
    for state in np.unique(felt, axis=1).T:
        there = [b for b, felt_ in zip(parts, state, strict=True) if felt_]
        covered = np.zeros(width)
        for b in there:
            covered[b.where] += b.shock.share.value
        if covered.max() > worst[0]:
            at = int(covered.argmax())
            worst = float(covered[at]), [b for b in there if at in b.where]
    return worst
