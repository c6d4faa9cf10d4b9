"""The numbers that sentences and charts quote, read once from a response.

What `response.headlines` holds is taken from there, so that a number never stands in the report in two
versions; the rest is worked out here from the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ballast.evidence import Grade
from ballast.units import Money

if TYPE_CHECKING:
    from ballast.response import Estimate, Response

SIX = ("nothing", "nothing_low", "nothing_high", "plan", "plan_low", "plan_high")
RIVALS = ("largest_loss_first", "biggest_first", "pro_rata", "most_upstream")
_VISIBLE = 2.0  # percent: a month in which no region moves by more is not worth a map,
_WORTH = 0.25  # unless the whole event is small: then by less than this share of the largest move


@dataclass(frozen=True, eq=False)
class Facts:
    """What the sentences quote."""

    money: Money
    months: tuple[str, ...]  # all months of the horizon with any data
    shown: tuple[str, ...]  # those in which something is visible: the small multiples
    national: pd.DataFrame  # by month, the six columns
    worst_month: str
    worst_nothing: Estimate
    worst_plan: Estimate
    lost_nothing: Estimate
    lost_plan: Estimate
    outside_share: float | None  # percent of the worst month's loss outside the regions that were shocked
    without: Mapping[str, float]  # by kind of shock, how much less is lost when it is left out; book unit
    places: int
    gain: float
    rival: str  # the best of the baselines
    rival_gain: float
    draws: int
    weakest: int  # inputs that carry the result's grade
    inputs: int

    @property
    def planned(self) -> bool:
        """Whether there is a plan: without places or without anybody to put back there is none."""
        return self.places > 0


def gather(response: Response) -> Facts:
    """Read everything once."""
    heads = response.headlines
    national = response.by_month.set_index("month")[list(SIX)]
    curve = response.relief.curve
    rivals = {name: float(curve[name].iloc[-1]) for name in RIVALS if name in curve and len(curve)}
    best = max(rivals, key=lambda name: rivals[name], default="")
    grade = Grade(response.grade)
    return Facts(
        money=Money.read(response.economy.unit, response.economy.currency),
        months=tuple(national.index),
        shown=_shown(response.by_region, tuple(national.index)),
        national=national,
        worst_month=heads.worst_month,
        worst_nothing=heads.worst_nothing,
        worst_plan=heads.worst_plan,
        lost_nothing=heads.lost_nothing,
        lost_plan=heads.lost_plan,
        outside_share=_outside(response, heads.worst_month),
        without=heads.without,
        places=len(response.relief.picks),
        gain=float(curve["plan"].iloc[-1]) if len(curve) else 0.0,
        rival=best,
        rival_gain=rivals.get(best, 0.0),
        draws=heads.draws,
        weakest=sum(Grade(e.grade) == grade for e in response.inputs),
        inputs=len(response.inputs),
    )


def shocked_regions(response: Response) -> set[str]:
    """Codes of the regions in which some node was stopped by the shock itself."""
    stops = response.stops
    return set(stops.region[stops.cause == "shock"]) if len(stops) else set()


def _outside(response: Response, month: str) -> float | None:
    """Share of the month's industrial loss that falls outside the shocked regions."""
    e, shocked = response.economy, shocked_regions(response)
    if not shocked or len(shocked) == e.r:
        return None
    value = e.industrial_value_added
    weight = {r.code: float(value[e.node_region == i].sum()) for i, r in enumerate(e.regions)}
    rows = response.by_region[response.by_region.month == month]
    loss = -rows.nothing.to_numpy() * rows.region.map(weight).to_numpy()
    total = float(loss.sum())
    outside = float(loss[~rows.region.isin(shocked).to_numpy()].sum())
    return 100.0 * outside / total if total > 0 and outside >= 0 else None


def _shown(by_region: pd.DataFrame, months: tuple[str, ...], most: int = 9) -> tuple[str, ...]:
    """Months in which some region visibly leaves its baseline; the worst ones if they are many."""
    size = by_region[["nothing", "plan"]].abs().max(axis=1).groupby(by_region.month).max()
    least = min(_VISIBLE, _WORTH * float(size.max()))
    seen = [m for m in months if float(size.get(m, 0.0)) >= max(least, 0.05)]
    if len(seen) > most:
        keep = set(size.loc[seen].nlargest(most).index)
        seen = [m for m in seen if m in keep]
    return tuple(seen) or months[:1]
