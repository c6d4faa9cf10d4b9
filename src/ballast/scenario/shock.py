"""The nouns of a scenario: what happens, where, when, how sure, and where the economy should end.

    Range          value, low and high of one number; `at(u)` reads it at a quantile
    Point          a date and the Range that holds from that date (or is reached on it)
    Shock          one change imposed from outside, in the unit people have
    RangeTarget    the interval an indicator should end in
    Scenario       dated shocks over a horizon, written for one book

Nothing here knows an economy: names of regions and sectors are still words. `compile.py` turns them
into indices and the values into the daily factors the engine reads.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Literal, cast, get_args

from ballast.economy.facts import Target
from ballast.evidence import Grade, Source, worst
from ballast.shown import Printed
from ballast.text import Text

Kind = Literal[
    "staff", "capacity", "power", "fuel", "final_demand", "exports", "imports", "corridor", "port", "stock"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
Unit = Literal["percent", "GWh/day missing", "MW missing", "units/day missing", "days", "money"]
Shape = Literal["step", "linear"]
Trade = Literal["both", "exports", "imports"]
Direction = Literal["drawn", "released"]
Indicator = Literal["industrial_value_added", "value_added"]

MAX_DAYS = 3660
CAPACITY: tuple[Kind, ...] = ("staff", "capacity", "power", "fuel")  # kinds that leave plants less
POWER = "electricity"  # the carrier of a shock of kind power that names none


@dataclass(frozen=True, slots=True)
class Range:
    """One number and the interval it may lie in."""

    value: float
    low: float
    high: float

    @classmethod
    def exact(cls, value: float) -> Range:
        """A number nobody doubts."""
        return cls(value, value, value)

    @property
    def is_exact(self) -> bool:
        return self.low == self.value == self.high

    def at(self, u: float) -> float:
        """The number at quantile u: low at 0, value at 0.5, high at 1, straight lines between."""
        if u <= 0.5:
            return self.low + (self.value - self.low) * (2 * u)
        return self.value + (self.high - self.value) * (2 * u - 1)


ONE = Range.exact(1.0)


@dataclass(frozen=True, slots=True)
class Point:
    """From this date (step) or by this date (linear) the shock stands at `level`."""

    date: dt.date
    level: Range


@dataclass(frozen=True, slots=True)
class Shock:
    """One change imposed from outside.

    `path` is in `unit` (percent of normal unless the unit says otherwise). Before its first date and
    after `until` (the last day, inclusive) everything is normal; without `until` the last value holds
    to the end of the horizon. `share` is the part of the place covered, in [0, 1]. `driver` names the
    uncertainty this path shares with others; `share_driver` that of `share` and `hinterland`.
    """

    name: str
    kind: Kind
    title: Text
    path: tuple[Point, ...]
    until: dt.date | None = None
    shape: Shape = "step"
    unit: Unit = "percent"
    regions: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    not_regions: tuple[str, ...] = ()
    not_sectors: tuple[str, ...] = ()
    not_products: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    both_ways: bool = True
    within: bool = False
    mode: str = ""  # corridors: only what goes this way, by the book's corridors
    hinterland: tuple[tuple[str, Range], ...] = ()
    trade: Trade = "both"
    share: Range = ONE
    output_per_staff: Range = ONE
    remote: float | None = None
    carrier: str = ""
    hours: float = 24.0
    direction: Direction = "drawn"
    driver: str = ""
    share_driver: str = "share"
    sources: tuple[str, ...] = ()
    note: str = ""
    grade: Grade = Grade.E
    line: int = 0

    @property
    def slack(self) -> bool:
        """Whether something is lost even where the level is 100: all staff are there and do less."""
        return self.output_per_staff.low < 1

    def felt(self, last: dt.date) -> tuple[dt.date, dt.date]:
        """The first and the last day, up to `last`, on which the central path is not at normal."""
        normal = 100.0 if self.unit == "percent" else 0.0
        one = dt.timedelta(days=1)
        less = self.output_per_staff.value < 1
        off = [n for n, p in enumerate(self.path) if less or p.level.value != normal]
        if not off:
            return self.path[0].date, self.path[0].date
        first, end = self.path[off[0]].date, min(self.until or last, last)
        if self.shape == "linear" and off[0] > 0:
            first = self.path[off[0] - 1].date + one
        if off[-1] + 1 < len(self.path):
            end = min(end, self.path[off[-1] + 1].date - one)
        return first, max(first, end)

    def __post_init__(self) -> None:
        if not self.driver:
            object.__setattr__(self, "driver", self.name)


@dataclass(frozen=True, slots=True)
class RangeTarget:
    """The interval an indicator should end in, in percent.

    With `baseline_growth` (the growth over a year before that a year without the shock would have
    shown) `low` and `high` are growth over a year before; without it they are deviations from the
    path without the shock. An open side is None.
    """

    indicator: Indicator
    region: str
    period: str
    low: float | None
    high: float | None
    baseline_growth: float | None = None
    sources: tuple[str, ...] = ()
    note: str = ""

    def deviation(self) -> tuple[float | None, float | None]:
        """Low and high as percent away from the path without the shock.

        5.0 growth against 7.5 without the shock: 1.05 / 1.075 - 1 = -2.33%.
        """
        if self.baseline_growth is None:
            return self.low, self.high
        base = 1 + self.baseline_growth / 100
        low, high = (None if v is None else ((1 + v / 100) / base - 1) * 100 for v in (self.low, self.high))
        return low, high

    def dates(self) -> tuple[dt.date, dt.date]:
        """First and last day of the period."""
        return period_dates(self.period)


@dataclass(frozen=True, eq=False, repr=False)
class Scenario(Printed):
    """Dated shocks over `days` days from `start`, written for the book named `book`.

    `decision` is the first day on which help can act. Compared by identity: a scenario is read once
    and then compiled many times, and the compiled form is kept beside it.

    >>> import ballast
    >>> scenario = ballast.load_scenario("vehicle-parts")
    >>> scenario.book, scenario.end.isoformat(), [s.kind for s in scenario.shocks]
    ('teaching', '2022-03-31', ['capacity'])
    >>> scenario
    Scenario vehicle-parts: Parts plants on the Coast stop for two weeks
      summary  All parts plants on the Coast stop on 11 January, run at half for a week from the 25th,
                 and are back on 1 February.
      book     teaching
      horizon  1 Jan 2022 to 31 Mar 2022, 90 days
               help can act from 14 Jan 2022
      shocks   Coast parts plants stop (11 Jan to 31 Jan, grade E)
      range    Industrial value added, whole country, Q1 2022, against the path without the shock, %:
                 −2.0 to 1.0
    """

    name: str
    title: Text
    summary: Text
    book: str
    start: dt.date
    days: int
    decision: dt.date
    shocks: tuple[Shock, ...] = ()
    ranges: tuple[RangeTarget, ...] = ()
    sources: tuple[Source, ...] = ()
    file: str = ""

    @property
    def exact(self) -> str:
        """All that it says, field by field, wherever its file lies: digests of runs and campaigns are made
        of this.
        """
        said = (f"{f.name}={getattr(self, f.name) if f.name != 'file' else ''!r}" for f in fields(self))
        return f"Scenario({', '.join(said)})"

    @property
    def end(self) -> dt.date:
        """The last day of the horizon."""
        return self.start + dt.timedelta(days=self.days - 1)

    @property
    def grade(self) -> Grade:
        """The grade a result inherits from this scenario."""
        return worst(s.grade for s in self.shocks)


def with_targets(scenario: Scenario, targets: Iterable[Target]) -> Scenario:
    """The scenario with a book's targets for its ranges, where it has none of its own and they fall
    into its days.
    """
    if scenario.ranges:
        return scenario

    def number(value: float) -> float | None:
        return None if math.isnan(value) else value

    found = tuple(
        RangeTarget(
            cast(Indicator, t.indicator),
            t.region,
            t.period,
            number(t.low),
            number(t.high),
            number(t.growth),
            note=t.source,
        )
        for t in targets
        if period_dates(t.period)[0] <= scenario.end and period_dates(t.period)[1] >= scenario.start
    )
    return replace(scenario, ranges=found) if found else scenario


def period_dates(period: str) -> tuple[dt.date, dt.date]:
    """First and last day of "2022", "2022-Q2" or "2022-04". ValueError for anything else."""
    year, _, rest = period.partition("-")
    if len(year) != 4 or not year.isdigit():
        raise ValueError(period)
    y = int(year)
    if not rest and "-" not in period:
        return dt.date(y, 1, 1), dt.date(y, 12, 31)
    if len(rest) == 2 and rest[0] in "Qq" and rest[1] in "1234":
        last = 3 * int(rest[1])
        first = last - 2
    elif len(rest) == 2 and rest.isdigit() and 1 <= int(rest) <= 12:
        first = last = int(rest)
    else:
        raise ValueError(period)
    return dt.date(y, first, 1), dt.date(y, last, calendar.monthrange(y, last)[1])


def drivers(scenario: Scenario) -> tuple[str, ...]:
    """The names of the uncertainties of a scenario, in order of first appearance.

    A driver that moves nothing (all its ranges are points) is left out.
    """
    found: dict[str, None] = {}
    for s in scenario.shocks:
        if any(not p.level.is_exact for p in s.path):
            found[s.driver] = None
        if not s.share.is_exact or any(not r.is_exact for _, r in s.hinterland):
            found[s.share_driver] = None
        if not s.output_per_staff.is_exact:
            found["output_per_staff"] = None
    return tuple(found)
