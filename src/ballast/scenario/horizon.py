"""What of a period lies in the days that are simulated: months and ranges may reach beyond them.

held(period, first, last)   a month, quarter or year against the days from `first` to `last`
months(first, last)         every month that has a day among them
judged(found)               the months that may be called the worst
beyond(scenario)            what is doubtful about that, as findings
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ballast.errors import Finding
from ballast.scenario.shock import MAX_DAYS, RangeTarget, Scenario, period_dates
from ballast.text import counted


@dataclass(frozen=True, slots=True)
class Held:
    """How many days of a period come before the days simulated, are among them, come after them."""

    period: str
    before: int
    inside: int
    after: int

    @property
    def of(self) -> int:
        """The days of the period."""
        return self.before + self.inside + self.after

    @property
    def whole(self) -> bool:
        """Whether every day of it is simulated."""
        return self.inside == self.of

    @property
    def half(self) -> bool:
        """Whether at least half of its days are."""
        return 2 * self.inside >= self.of


def held(period: str, first: dt.date, last: dt.date) -> Held:
    """A period ("2022", "2022-Q2", "2022-04") against the days from `first` to `last`."""
    begin, end = period_dates(period)
    days = (end - begin).days + 1
    before = min(max((first - begin).days, 0), days)
    after = min(max((end - last).days, 0), days)
    return Held(period, before, days - before - after, after)


def months(first: dt.date, last: dt.date) -> tuple[Held, ...]:
    """The months that have a day from `first` to `last`."""
    found = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    return tuple(held(f"{m // 12}-{m % 12 + 1:02d}", first, last) for m in found)


def judged(found: Sequence[Held]) -> tuple[str, ...]:
    """The months of which at least half the days are simulated; all where none is so."""
    return tuple(m.period for m in found if m.half) or tuple(m.period for m in found)


def beyond(scenario: Scenario) -> tuple[Finding, ...]:
    """Ranges whose periods, and months that by more than half, lie outside the days of a scenario."""
    found = [f for r in scenario.ranges for f in _range(scenario, r)]
    all_months = months(scenario.start, scenario.end)
    kept = judged(all_months)
    for m in all_months:
        if m.period not in kept:
            what = f"{_of(m.inside, m.of)} of {m.period} {'is' if m.inside == 1 else 'are'} simulated"
            what += ": its figures are those of these days, and it is not called the worst month"
            todo = "Start on the first day of a month and end on the last of one to have whole months"
            found.append(Finding("note", f"{scenario.file or scenario.name}: horizon", what, todo))
    return tuple(found)


def _range(s: Scenario, r: RangeTarget) -> list[Finding]:
    h, where = (
        held(r.period, s.start, s.end),
        f"{s.file or s.name}: range {r.indicator} {r.region} {r.period}",
    )
    found = []
    if h.after:
        days = (r.dates()[1] - s.start).days + 1
        what = (
            f"{_of(h.after, h.of)} of the period come after {s.end}, the last day simulated; they count as "
            "the path without the shock, whatever still holds then"
        )
        longer = f"Write days = {days} (or end = {r.dates()[1]}) to simulate the whole period"
        found.append(
            Finding("warning", where, what, longer if days <= MAX_DAYS else "Take a shorter period")
        )
    if h.before:
        what = (
            f"{_of(h.before, h.of)} of the period come before {s.start}, the first day simulated; they "
            "count as the path without the shock"
        )
        found.append(Finding("note", where, what, "Start earlier if something had happened by then"))
    return found


def _of(n: int, of: int) -> str:
    return f"{n:,} of the {counted(of, 'day')}"
