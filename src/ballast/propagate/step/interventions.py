"""Interventions: what a plan does, to what, from which day to which, and how much.

A plan is any number of them: places put back to work for two weeks, an input flown in, a road opened, a
reserve released, use subsidised. `under` compiles a plan into the weather of a run, once; the step knows
nothing of plans.

    kind       `where` counts              `amount`
    node       nodes                       part of what the shocks take that is given back
    passage    nodes                       1: goods and supplies are held up by no corridor
    supply     slots, as in the System     1: what is ordered comes in full, from outside
    corridor   columns of "corridors"      the least that gets through, share of usual
    import     columns of "imports"        the least that is to be had abroad, share of usual
    export     nodes                       the least that is sold abroad, share of usual
    demand     final lines                 added use, share of usual
    stock      slots, as in the System     money released into the stock on the first day
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ballast.arrays import Floats, Ints
from ballast.propagate.step.system import Weather

Kind = Literal["node", "passage", "supply", "corridor", "import", "export", "demand", "stock"]
_CHANNELS = {
    "node": "capacity",
    "passage": "passage",
    "supply": "supply",
    "corridor": "corridors",
    "import": "imports",
    "export": "exports",
    "demand": "demand",
}


@dataclass(frozen=True, eq=False, slots=True)
class Intervention:
    """One kind of act on some things, on days first..last-1 (to the end of the run without `last`)."""

    kind: Kind
    where: Ints  # [W]
    amount: Floats  # [W]
    first: int = 0
    last: int | None = None

    @classmethod
    def on(cls, kind: Kind, where: Iterable[int], first: int = 0, last: int | None = None, *,
           amount: float = 1.0) -> Intervention:  # fmt: skip
        """The same amount for all of `where`."""
        found = np.fromiter(where, np.int32)
        return cls(kind, found, np.full(len(found), amount), first, last)


Plan = tuple[Intervention, ...]


def under(weather: Weather, plan: Iterable[Intervention]) -> Weather:
    """The weather in which a plan is carried out, one act after the other."""
    for act in plan:
        if len(act.where):
            weather = _released(weather, act) if act.kind == "stock" else _done(weather, act)
    return weather


def begins(plan: Iterable[Intervention], days: int) -> int:
    """The first day on which a plan does anything; `days` where it does nothing in them."""
    return min([days, *(act.first for act in plan if len(act.where))])


def _done(weather: Weather, act: Intervention) -> Weather:
    def change(table: Floats) -> Floats:
        table, old = table.copy(), table[:, act.where]
        if act.kind == "node":
            new = old + act.amount * np.maximum(0.0, 1.0 - old)
        elif act.kind == "demand":
            new = old + act.amount
        else:
            new = np.maximum(old, act.amount)
        table[:, act.where] = new
        return table

    return changed(weather, _CHANNELS[act.kind], change, act.first, act.last)


def changed(
    weather: Weather, channel: str, change: Callable[[Floats], Floats], first: int, last: int | None = None
) -> Weather:
    """A channel whose states are changed on days first..last-1, of the states that these days have."""
    table, index = getattr(weather, channel), getattr(weather, f"{channel}_day")
    rows, place = np.unique(index[first:last], return_inverse=True)
    if not len(rows):
        return weather
    both = np.concatenate([table, change(table[rows])])
    days = index.copy()
    days[first:last] = place + len(table)
    for array in (both, days):  # as in any weather: kernels are compiled for arrays that stay as they are
        array.flags.writeable = False
    return weather._replace(**{channel: both, f"{channel}_day": days})


def _released(weather: Weather, act: Intervention) -> Weather:
    """The weather with what goes into stocks on the first day of the act, behind that day's own changes.

    Nothing goes into a slot that holds no stock: what is delivered there is used the same day.
    """
    at = int(np.searchsorted(weather.stock_day, act.first, side="right"))
    day = np.full(len(act.where), act.first, weather.stock_day.dtype)
    return weather._replace(
        stock_day=np.insert(weather.stock_day, at, day),
        stock_slot=np.insert(weather.stock_slot, at, act.where),
        stock_change=np.insert(weather.stock_change, at, act.amount),
    )


def followed(weather: Weather, other: Weather, day: int) -> Weather:
    """`weather` until `day`, exports and imports of `other` from then on."""
    for channel in ("exports", "imports"):
        table, index = getattr(other, channel), getattr(other, f"{channel}_day")
        every = np.concatenate([getattr(weather, channel), table])
        days = getattr(weather, f"{channel}_day").copy()
        days[day:] = index[day:] + len(every) - len(table)
        for array in (every, days):
            array.flags.writeable = False
        weather = weather._replace(**{channel: every, f"{channel}_day": days})
    return weather
