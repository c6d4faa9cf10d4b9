"""Re-simulation at central parameters: what a plan would save, and many of them at once.

Plans act from the decision day, so every re-simulation starts from the state of that morning; a search
over many plans may stop `TAIL` days after the last shock, when all paths have come home.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats, sums
from ballast.errors import InputError
from ballast.forcing import Steps
from ballast.propagate.ensemble import workers
from ballast.propagate.run import Run, level_of
from ballast.propagate.simulate import begin, go_on
from ballast.propagate.step.interventions import Intervention, Plan, begins, followed, under
from ballast.propagate.step.system import Weather, build_weather, entry_market
from ballast.scenario import Scenario, compile_scenario
from ballast.scenario.places import Places
from ballast.threads import ThreadPoolExecutor

TRACE = 1e-9  # a share that is less than this is rounding
TAIL = 30  # days after the last shock that a search still looks at


@dataclass(frozen=True, eq=False)
class Bench:
    """A do-nothing run, the day from which plans can act, and the scenario; every answer is a new run."""

    run: Run
    day: int
    plot: Scenario
    known: dict[tuple[object, ...], float] = field(default_factory=dict)  # gains simulated so far

    @cached_property
    def weight(self) -> Floats:
        """[N] industrial value added a day."""
        return self.run.economy.daily_industrial_value_added

    @cached_property
    def goods(self) -> NDArray[np.bool_]:
        """[N] whether a node's product is a thing that travels by road: what a pass is for."""
        e = self.run.economy
        found: NDArray[np.bool_] = np.array([s.goods for s in e.sectors])[e.node_sector]
        return found

    @cached_property
    def least(self) -> Floats:
        """[N] the least share of its capacity that each node has from the decision day on."""
        steps = self.run.forcing.capacity
        least: Floats = steps.table[np.unique(steps.index[self.day :])].min(axis=0)
        return least

    @cached_property
    def shut(self) -> Floats:
        """[N] mean share of capacity that the shocks take from the decision day on."""
        steps = self.run.forcing.capacity
        return _seen(1.0 - self._days(steps) @ steps.table)

    @cached_property
    def passage(self) -> Floats:
        """[N] mean share of normal sales that closed corridors hold up from the decision day on."""
        s, steps = self.run.system, self.run.forcing.corridors
        through = self._days(steps) @ np.minimum(1.0, steps.table)
        held = np.where(s.corridor >= 0, 1.0 - through[np.maximum(s.corridor, 0)], 0.0)
        value = s.share * s.purchases[entry_market(s)] * held
        return _seen(sums(s.supplier, value, len(s.x0)) / np.maximum(s.x0, 1e-300))

    def _days(self, steps: Steps) -> Floats:
        """[U] the share of the days from the decision day on that each state of a channel lasts."""
        days = np.bincount(steps.index[self.day :], minlength=len(steps.table))
        return days / max(1, int(days.sum()))

    @cached_property
    def morning(self) -> Any:
        """The state on the decision day, before any plan acts."""
        return begin(self.run, self.day)[1]

    @cached_property
    def home(self) -> int:
        """The day on which a search may stop looking."""
        f = self.run.forcing
        ends = [_last_change(c) for c in (f.capacity, f.demand, f.exports, f.imports, f.corridors)]
        ends.append(int(f.stock_day.max(initial=0)))
        return min(f.days, max(self.day, *ends) + TAIL)

    @cached_property
    def ports(self) -> dict[int, NDArray[np.bool_]]:
        """The port shocks that are not over on the decision day: number in the scenario -> regions [R]."""
        decision, regions = self.run.dates[self.day].date(), Places.of(self.run.economy).regions
        return {
            n: regions.mask([name for name, _ in s.hinterland], lambda what, todo: None)
            for n, s in enumerate(self.plot.shocks)
            if s.kind == "port" and (s.until is None or s.until >= decision)
        }

    def without(self, shocks: Collection[int]) -> Weather:
        """The weather in which trade abroad is from the decision day on as if `shocks` were not there."""
        r = self.run
        others = tuple(s for i, s in enumerate(self.plot.shocks) if i not in shocks)
        forcing = compile_scenario(replace(self.plot, shocks=others), r.economy)
        return followed(r.weather, build_weather(forcing, r.slot_order, r.system), self.day)

    def help(
        self, nodes: Iterable[int] = (), *, share: Floats | None = None, slots: Iterable[int] = ()
    ) -> Plan:
        """From the decision day on: give `nodes` everything back, or every node its `share`; supply `slots`
        in full. Who is given everything also has passes, where its product is what a pass is for.
        """
        part = np.zeros(self.run.economy.n) if share is None else share.astype(float)
        part[list(nodes)] = 1.0
        some, day = np.flatnonzero(part).astype(np.int32), self.day
        return (
            Intervention("node", some, part[some], day),
            Intervention.on("passage", np.flatnonzero((part >= 1) & self.goods), day),
            Intervention.on("supply", slots, day),
        )

    def rerun(self, plan: Plan, last: int, weather: Weather | None = None) -> Any:
        """The record of days day..last-1 under a plan, in this weather or another."""
        run = replace(self.run, weather=under(weather or self.run.weather, plan))
        return go_on(run, self.morning, self.day, last)

    def gains(self, record: Any, last: int) -> Floats:
        """[N] industrial value added that a re-simulation saves at each node against doing nothing."""
        nothing = self.run.record.output[self.day : last]
        more = level_of(record.output, self.run.system.x0) - level_of(nothing, self.run.system.x0)
        saved: Floats = more.sum(axis=0) * self.weight
        return saved

    def gain(self, record: Any, last: int) -> float:
        """Industrial value added that a re-simulation saves against doing nothing, book unit."""
        return float(self.gains(record, last).sum())

    def saved(self, plan: Plan, *, quick: bool = False) -> float:
        """Industrial value added saved by a plan over the horizon, or until `home` when quick."""
        key = (quick, *(x for act in plan for x in _key(act)))
        if key not in self.known:
            if (early := begins(plan, self.run.forcing.days)) < self.day:
                raise InputError(
                    f"the plan acts from day {early}, before the decision day ({self.day}). Give acts a "
                    "first day from then on, or make a bench of an earlier day."
                )
            last = self.home if quick else self.run.forcing.days
            self.known[key] = self.gain(self.rerun(plan, last), last)
        return self.known[key]

    def saved_all(
        self, plans: Sequence[Plan], done: Callable[[int], None], *, quick: bool = False
    ) -> list[float]:
        """`saved` of each, one a thread."""
        _ = self.morning  # worked out once, before the threads ask for it
        with ThreadPoolExecutor(workers()) as pool:
            out = []
            for value in pool.map(lambda plan: self.saved(plan, quick=quick), plans):
                out.append(value)
                done(1)
            return out


def _key(act: Intervention) -> tuple[object, ...]:
    """What tells an act from every other."""
    return act.kind, act.where.tobytes(), act.amount.tobytes(), act.first, act.last


def _seen(share: Floats) -> Floats:
    """A share of what is lost; none where it is rounding, which would name places that nobody has hit."""
    return np.where(share > TRACE, share, 0.0)


def _last_change(path: Steps) -> int:
    """The first day of the state the path ends in: nothing changes after it."""
    final = path.index[-1]
    other = np.flatnonzero(path.index != final)
    return int(other[-1]) + 1 if len(other) else 0
