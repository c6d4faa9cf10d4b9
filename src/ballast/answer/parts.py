"""What each kind of shock does: the same path without it, one kind left out at a time."""

from __future__ import annotations

from dataclasses import replace

from ballast.economy import Economy
from ballast.propagate.ensemble import workers
from ballast.propagate.simulate import simulate
from ballast.scenario import Scenario
from ballast.threads import ThreadPoolExecutor


def without(economy: Economy, scenario: Scenario, lost: float, model: str) -> dict[str, float]:
    """By kind of shock, how much less than `lost` (book unit) is lost when that kind is left out.

    Central parameters, nothing done. Shocks work together, so the parts need not add up to the whole.
    Empty when all shocks are of one kind.
    """
    kinds = list(dict.fromkeys(s.kind for s in scenario.shocks))
    if len(kinds) < 2:
        return {}

    def one(kind: str) -> float:
        others = tuple(s for s in scenario.shocks if s.kind != kind)
        return lost - simulate(economy, replace(scenario, shocks=others), model=model, full=False).lost

    with ThreadPoolExecutor(workers()) as pool:
        return dict(zip(kinds, pool.map(one, kinds), strict=True))
