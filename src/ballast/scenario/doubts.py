"""What is doubtful about a scenario on an economy though it can be run.

check_scenario   all of it: what each shock says (from binding), and what follows
twice            the same shock written twice: it may be counted twice
overdrawn        more drawn from stocks than they hold
horizon.beyond   periods that reach beyond the days simulated
"""

from __future__ import annotations

from collections.abc import Mapping
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
    return (*plan.doubts, *_twice(plan), *_overdrawn(plan, stock_days), *beyond(whole))


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


def _overdrawn(plan: Plan, held: Floats | None) -> list[Finding]:
    e, where = plan.economy, f"{plan.scenario.file or plan.scenario.name}: stocks"
    held = e.facts.slot_days if held is None else held
    if held is None or not any(s.kind == "stock" for s in plan.scenario.shocks):
        return []
    short: Mapping[int, tuple[float, float]] = overdrawn(compile_scenario(plan.scenario, e), e, held)
    return [
        Finding(
            "warning", where,
            f"{drawn:,.4g} days of use of {e.sectors[p].name.en} are drawn where {there:,.4g} are held; "
            "what is not there is not drawn",
            "Check the number, or add the days of stock that are held (`ballast book add`)",
        )
        for p, (drawn, there) in sorted(short.items())
    ]  # fmt: skip
