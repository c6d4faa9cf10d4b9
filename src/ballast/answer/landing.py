"""Where indicators end against the ranges a scenario states, with and without the plan."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballast.arrays import Floats, band, sums
from ballast.economy import Economy
from ballast.economy.economy import COUNTRY
from ballast.propagate.ensemble import Ensemble
from ballast.response import Estimate, Landing
from ballast.scenario import RangeTarget, Scenario, horizon
from ballast.text import Text

INDICATORS = {
    "industrial_value_added": Text("industrial value added", "工业增加值"),
    "value_added": Text("value added", "增加值"),
}
WORDS = {
    "inside": Text(
        "{place} {indicator} in {period}: {nothing}% if nothing is done, {plan}% with the plan; the "
        "range is {range}. {chance}% of the draws end inside with the plan, {chance0}% without.",
        "{place}{indicator}，{period}：不采取措施{nothing}%，按方案{plan}%；区间为{range}。"
        "按方案有{chance}%的情形落在区间内，不采取措施为{chance0}%。",
    ),
    "partial": Text(
        " Simulated are {inside} of the {of} days of that period; the others count as the path without the "
        "shock.",
        "该时期{of}天中模拟了{inside}天，其余天数按无冲击情形计。",
    ),
    "all": Text("National", "全国"),
    "between": Text("{low} to {high}%", "{low}%至{high}%"),
    "above": Text("{low}% or more", "{low}%及以上"),
    "below": Text("{high}% or less", "{high}%及以下"),
}


def land(
    economy: Economy, scenario: Scenario, dates: pd.DatetimeIndex, mids: tuple[Ensemble, Ensemble],
    draws: tuple[Ensemble, Ensemble],
) -> tuple[Landing, ...]:  # fmt: skip
    """One Landing a range. `mids` and `draws` are (nothing, plan); mids hold the one central run."""
    return tuple(_one(economy, dates, target, mids, draws) for target in scenario.ranges)


def _one(
    economy: Economy,
    dates: pd.DatetimeIndex,
    target: RangeTarget,
    mids: tuple[Ensemble, Ensemble],
    draws: tuple[Ensemble, Ensemble],
) -> Landing:
    mid = [float(_growth(economy, dates, target, m)[0]) for m in mids]
    spread = [_growth(economy, dates, target, d) for d in draws]
    estimates = [Estimate(m, *map(float, band(v, np.asarray(m)))) for m, v in zip(mid, spread, strict=True)]
    chance = [float(np.mean(_inside(v, target))) for v in spread]
    words = WORDS["inside"].format(
        place=_place(economy, target.region), indicator=INDICATORS[target.indicator], period=target.period,
        nothing=f"{mid[0]:+.1f}", plan=f"{mid[1]:+.1f}", range=range_words(target),
        chance0=f"{100 * chance[0]:.0f}", chance=f"{100 * chance[1]:.0f}",
    )  # fmt: skip
    held = horizon.held(target.period, dates[0].date(), dates[-1].date())
    partial = Text("", "") if held.whole else WORDS["partial"].format(inside=held.inside, of=held.of)
    words = Text(words.en + partial.en, words.zh + partial.zh)
    return Landing(target, estimates[0], estimates[1], chance[0], chance[1], words)


def _growth(economy: Economy, dates: pd.DatetimeIndex, target: RangeTarget, e: Ensemble) -> Floats:
    """[D] growth over a year before in %, or the deviation when the target states no baseline growth.

    Days of the period outside the horizon count as baseline: the shock had not begun, or is over.
    """
    if target.indicator == "industrial_value_added":
        paths, added = e.industry, economy.industrial_value_added
    else:
        paths, added = e.everything, economy.total_value_added
    weight = sums(economy.node_region, added, economy.r)
    if target.region != "all":
        chosen = np.array([r.code == target.region for r in economy.regions])
        weight = np.where(chosen, weight, 0.0)
    first, last = target.dates()
    inside = (dates >= pd.Timestamp(first)) & (dates <= pd.Timestamp(last))
    length = (last - first).days + 1
    loss = ((1.0 - paths[:, inside].astype(np.float64)) @ (weight / weight.sum())).sum(axis=1) / length
    return _with_growth(-loss, target)


def _with_growth(deviation: Floats, target: RangeTarget) -> Floats:
    base = 0.0 if target.baseline_growth is None else target.baseline_growth / 100.0
    return 100.0 * ((1.0 + base) * (1.0 + deviation) - 1.0)


def _inside(growth: Floats, target: RangeTarget) -> NDArray[np.bool_]:
    low = -np.inf if target.low is None else target.low
    high = np.inf if target.high is None else target.high
    return (growth >= low) & (growth <= high)


def range_words(target: RangeTarget) -> Text:
    """The range in words: 5 to 6%, 5% or more."""
    if target.low is None:
        return WORDS["below"].format(high=f"{target.high:g}")
    if target.high is None:
        return WORDS["above"].format(low=f"{target.low:g}")
    return WORDS["between"].format(low=f"{target.low:g}", high=f"{target.high:g}")


def _place(economy: Economy, region: str) -> Text:
    if region == "all":
        name = economy.scope.en.removeprefix("the ")
        return (
            WORDS["all"]
            if economy.scope == COUNTRY
            else Text(name[:1].upper() + name[1:], economy.scope.zh)
        )
    return next(r.name for r in economy.regions if r.code == region)
