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
    demand     final lines                 added use, share of usual (below 0: use given up)
    stock      slots, as in the System     money released into the stock on the first day, its only one

`Run.nodes` and `Run.slots` find numbers by codes. What is wrong with an act is an InputError, when it is
made or, for numbers that the run does not have, when it meets the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats, Ints
from ballast.errors import InputError, nearest
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
_AS_WIDE = {**_CHANNELS, "node": "passage", "stock": "supply"}  # as there are things to act on
_RANGE = {  # of an amount, where any number from 0 up would not do
    "node": (0.0, 1.0),
    "passage": (1.0, 1.0),
    "supply": (1.0, 1.0),
    "demand": (-1.0, np.inf),
    "stock": (-np.inf, np.inf),
}


@dataclass(frozen=True, eq=False, slots=True)
class Intervention:
    """One kind of act on some things, on days first..last-1 (to the end of the run without `last`)."""

    kind: Kind
    where: Ints  # [W]
    amount: Floats  # [W]
    first: int = 0
    last: int | None = None

    def __post_init__(self) -> None:
        wrong = _wrong(self.kind, np.asarray(self.where), np.asarray(self.amount), self.first, self.last)
        if wrong:
            raise InputError(f"an intervention: {'; '.join(wrong)}.")
        object.__setattr__(self, "where", np.asarray(self.where, np.int32))
        object.__setattr__(self, "amount", np.asarray(self.amount, np.float64))

    @classmethod
    def on(cls, kind: Kind, where: Iterable[int], first: int = 0, last: int | None = None, *,
           amount: float = 1.0) -> Intervention:  # fmt: skip
        """The same amount for all of `where`."""
        found = np.asarray(list(where))
        return cls(kind, found, np.full(len(found), amount, np.float64), first, last)


Plan = tuple[Intervention, ...]


def _wrong(
    kind: object, where: NDArray[Any], amount: NDArray[Any], first: object, last: object
) -> list[str]:
    """What is wrong with an act, all of it."""
    if kind not in get_args(Kind):
        hint = " or ".join(nearest(str(kind), get_args(Kind)) or get_args(Kind))
        return [f"there is no kind {kind!r}; did you mean {hint}?"]
    if where.ndim != 1 or amount.shape != where.shape:
        return [f"{kind}: where has shape {where.shape} and amount {amount.shape}; give one amount a place"]
    out = []
    if where.size and (where.dtype.kind not in "iu" or where.min() < 0):
        out.append(f"{kind}: where has to count from 0, in whole numbers; it is {_some(where)}")
    if where.size and amount.dtype.kind not in "iuf":
        return [*out, f"{kind}: amounts have to be numbers, not {_some(amount)}"]
    low, high = _RANGE.get(str(kind), (0.0, np.inf))
    bad = ~(np.isfinite(amount) & (amount >= low) & (amount <= high)) if where.size else np.zeros(0, bool)
    if bad.any():
        span = f"{low:g}" if low == high else f"from {low:g}" + ("" if np.isinf(high) else f" to {high:g}")
        wanted = "finite" if np.isinf(low) else span
        out.append(f"{kind}: amounts have to be {wanted}, not {_some(amount[bad])}")
    if not _is_day(first):
        out.append(f"{kind}: first is the number of a day from 0, not {first!r}")
    elif last is not None and (kind == "stock" or not _is_day(last) or last < first):  # type: ignore[operator]
        todo = "stock is released on one day, leave last out" if kind == "stock" else "give a later day"
        out.append(f"{kind}: last is {last!r} and first {first}; {todo}")
    return out


def _is_day(day: object) -> bool:
    return isinstance(day, int | np.integer) and not isinstance(day, bool) and int(day) >= 0


def _some(values: NDArray[Any]) -> str:
    shown = ", ".join(str(v) for v in values[:3].tolist())
    return shown + (" ..." if len(values) > 3 else "")


def checked(plan: Iterable[Intervention], weather: Weather) -> Plan:
    """The acts of a plan; InputError where they are none, or act on what the run does not have."""
    acts = tuple(plan) if isinstance(plan, Iterable) else (plan,)
    wrong = []
    for n, act in enumerate(acts):
        if not isinstance(act, Intervention):
            wrong.append(f"number {n} is {type(act).__name__}, not an Intervention")
            continue
        there = getattr(weather, _AS_WIDE[act.kind]).shape[1]
        if len(beyond := act.where[act.where >= there]):
            wrong.append(
                f"number {n} ({act.kind}) acts on {_some(beyond)}; there are {there}, counted from 0"
            )
    if wrong:
        raise InputError(f"the plan does not fit the run: {'; '.join(wrong)}.")
    return acts


def under(weather: Weather, plan: Iterable[Intervention]) -> Weather:
    """The weather in which a plan is carried out, one act after the other."""
    for act in checked(plan, weather):
        if len(act.where):
            weather = _released(weather, act) if act.kind == "stock" else _done(weather, act)
    return weather


def begins(plan: Iterable[Intervention], days: int) -> int:
    """The first day on which a plan does anything; `days` where it does nothing in them."""
    return min([days, *(act.first for act in plan if len(act.where))])


def _done(weather: Weather, act: Intervention) -> Weather:
    if act.kind == "node":
        return _back(weather, act)

    def change(table: Floats) -> Floats:
        table, old = table.copy(), table[:, act.where]
        least, more = (0.0, old) if act.kind == "demand" else (old, 0.0)
        table[:, act.where] = np.maximum(least, more + act.amount)
        return table

    return changed(weather, _CHANNELS[act.kind], change, act.first, act.last)


def _back(weather: Weather, act: Intervention) -> Weather:
    """The weather in which the nodes of an act, all their parts alike, have something back."""
    part = np.full(int(weather.part.max(initial=-1)) + 1, np.nan)
    part[act.where] = act.amount
    given = part[weather.part]
    of = np.flatnonzero(~np.isnan(given))

    def change(table: Floats) -> Floats:
        table, old = table.copy(), table[:, of]
        table[:, of] = old + given[of] * np.maximum(0.0, 1.0 - old)
        return table

    return changed(weather, "capacity", change, act.first, act.last)


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
    """`weather` until `day`, exports and imports of `other` from then on.

    No act: what is left of trade without one of several ports is known to the scenario alone.
    """
    for channel in ("exports", "imports"):
        table, index = getattr(other, channel), getattr(other, f"{channel}_day")
        every = np.concatenate([getattr(weather, channel), table])
        days = getattr(weather, f"{channel}_day").copy()
        days[day:] = index[day:] + len(every) - len(table)
        for array in (every, days):
            array.flags.writeable = False
        weather = weather._replace(**{channel: every, f"{channel}_day": days})
    return weather
