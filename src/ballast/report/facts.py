"""The numbers that sentences and charts quote, read once from a response.

A key of `response.headlines` wins over what is worked out here from the tables, so that a number
never stands in the report in two versions. Keys read: worst_month, without, worst_nothing, worst_plan
(Estimates, %), lost_nothing, lost_plan (Estimates or numbers, book unit), outside_share (%), draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ballast.arrays import YEAR
from ballast.evidence import Grade
from ballast.units import Money

if TYPE_CHECKING:
    from ballast.response import Band, Response

SIX = ("nothing", "nothing_low", "nothing_high", "plan", "plan_low", "plan_high")
RIVALS = ("largest_loss_first", "biggest_first", "pro_rata", "most_upstream")
_VISIBLE = 2.0  # percent: a month in which no region moves by more is not worth a map,
_WORTH = 0.25  # unless the whole event is small: then by less than this share of the largest move


@dataclass(frozen=True, slots=True)
class Span:
    """A figure with its band; the report's own, so that headlines may give any of three forms."""

    mid: float
    low: float
    high: float

    @classmethod
    def of(cls, value: Any) -> Span:
        """An Estimate, (mid, low, high), {"mid": ...} or a bare number."""
        if isinstance(value, dict):
            return cls(float(value["mid"]), float(value["low"]), float(value["high"]))
        if isinstance(value, tuple | list):
            return cls(*(float(v) for v in value))
        if hasattr(value, "mid"):
            return cls(float(value.mid), float(value.low), float(value.high))
        return cls(float(value), math.nan, math.nan)

    @property
    def banded(self) -> bool:
        """Whether the band is there and wider than nothing."""
        return math.isfinite(self.low) and math.isfinite(self.high) and self.high > self.low

    @property
    def agreed(self) -> bool:
        """Whether a band was computed and has no width."""
        return math.isfinite(self.low) and self.low == self.high


@dataclass(frozen=True, eq=False)
class Facts:
    """What the sentences quote."""

    money: Money
    months: tuple[str, ...]  # all months of the horizon with any data
    shown: tuple[str, ...]  # those in which something is visible: the small multiples
    national: pd.DataFrame  # by month, the six columns
    worst_month: str
    worst_nothing: Span
    worst_plan: Span
    lost_nothing: Span
    lost_plan: Span
    outside_share: float | None  # percent of the worst month's loss outside the regions that were shocked
    without: dict[str, float]  # by kind of shock, how much less is lost when it is left out; book unit
    places: int
    gain: float
    rival: str  # the best of the baselines
    rival_gain: float
    draws: int | None
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
    worst = str(heads.get("worst_month") or national.nothing.idxmin())
    row = national.loc[worst]
    curve = response.relief.curve
    rivals = {name: float(curve[name].iloc[-1]) for name in RIVALS if name in curve and len(curve)}
    best = max(rivals, key=lambda name: rivals[name], default="")
    grade = Grade(response.grade)
    draws = heads.get("draws", response.settings.get("draws"))
    return Facts(
        money=Money.read(response.economy.unit, response.economy.currency),
        months=tuple(national.index),
        shown=_shown(response.by_region, tuple(national.index)),
        national=national,
        worst_month=worst,
        worst_nothing=Span.of(heads.get("worst_nothing", tuple(row[list(SIX[:3])]))),
        worst_plan=Span.of(heads.get("worst_plan", tuple(row[list(SIX[3:])]))),
        lost_nothing=Span.of(heads.get("lost_nothing", _lost(response, response.path))),
        lost_plan=Span.of(heads.get("lost_plan", _lost(response, response.plan_path))),
        outside_share=heads.get("outside_share", _outside(response, worst)),
        without=dict(heads.get("without", {})),
        places=len(response.relief.picks),
        gain=float(curve["plan"].iloc[-1]) if len(curve) else 0.0,
        rival=best,
        rival_gain=rivals.get(best, 0.0),
        draws=None if draws is None else int(draws),
        weakest=sum(Grade(e.grade) == grade for e in response.inputs),
        inputs=len(response.inputs),
    )


def _lost(response: Response, band: Band) -> Span:
    """Industrial value added below baseline, summed over the days, in book unit."""
    e = response.economy
    daily = float(e.industrial_value_added.sum()) / YEAR

    def total(path: Any) -> float:
        return float(np.sum(100.0 - np.asarray(path)) / 100.0 * daily)

    return Span(total(band.mid), total(band.high), total(band.low))


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
