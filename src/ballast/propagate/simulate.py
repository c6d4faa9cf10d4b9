"""Run one scenario: `simulate(economy, scenario) -> Run`, in numba or in NumPy (the reference).

    prepare   everything of a run but its record, for the default or a published model
    whole     the record of a run from beginning to end
    begin     the first days, and the state of the morning after them
    go_on     the days after such a morning, in the same weather or another

A model is a name (`published.NAMES`) or a `pooled.Model`: the three functions above are the same for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from ballast import machine
from ballast.arrays import sizes
from ballast.economy import Economy
from ballast.economy.redraw import redraw
from ballast.errors import SimulationError
from ballast.forcing import Forcing
from ballast.propagate import published
from ballast.propagate.parameters import Parameters, load_parameters
from ballast.propagate.published.reference import Damage, Model
from ballast.propagate.run import Run
from ballast.propagate.step.interventions import Intervention, begins, under
from ballast.propagate.step.system import (
    State,
    System,
    Weather,
    build_system,
    build_weather,
    initial_state,
)
from ballast.scenario import Scenario, compile_scenario

Backend = Literal["numba", "numpy"]


def simulate(
    economy: Economy,
    scenario: Scenario | Forcing,
    *,
    parameters: Parameters | None = None,
    quantiles: Mapping[str, float] | None = None,
    plan: Sequence[Intervention] = (),
    model: str | Model = published.DEFAULT,
    damage: Damage | None = None,
    backend: Backend = "numba",
    full: bool = True,
) -> Run:
    """One path of the economy under a scenario.

    `quantiles` places parameters, and the scenario's uncertain inputs as "shock.NAME", inside their
    ranges (0 low, 0.5 central, 1 high); what is not named is central. "book" numbers a draw of the book's
    weak cells (`economy.redraw`); without it the book is as it stands. `model` is the default or a
    published one at its own numbers, for which roads and stock changes are left out and quantiles place
    the shocks, the trade pattern and the book only; `damage` is capital to be rebuilt (model ario).
    `full` records every node and day; without it only output is kept. Raises InputError (ScenarioError)
    when the scenario does not fit the economy, SimulationError for what the model cannot do.

    >>> import ballast
    >>> economy, scenario = ballast.load_book("teaching"), ballast.load_scenario("vehicle-parts")
    >>> {m: round(ballast.simulate(economy, scenario, model=m).lost, 2) for m in ("default", "ario")}
    {'default': 4.23, 'ario': 3.17}
    """
    if backend != "numba" and published.choose(model) is not None:
        raise SimulationError(
            "refused: the readable form of a published model is "
            "`ballast.propagate.published.reference.run`. Leave out backend."
        )
    blank = prepare(
        economy, scenario, parameters or load_parameters(), quantiles or {}, model=model, damage=damage
    )
    blank = replace(blank, weather=under(blank.weather, plan))
    return replace(blank, record=whole(blank, backend=backend, full=full))


def simulate_each(
    economy: Economy,
    scenario: Scenario | Forcing,
    quantiles: Mapping[str, float],
    plans: Sequence[Sequence[Intervention]],
    model: str | Model = published.DEFAULT,
) -> Iterator[Run]:
    """The same path under each of several plans, output only; the days before any of them run once."""
    blank = prepare(economy, scenario, load_parameters(), quantiles, model=model)
    end = blank.forcing.days
    first = min([end, *(begins(plan, end) for plan in plans)])
    before, morning = begin(blank, first)
    for plan in plans:
        run = replace(blank, weather=under(blank.weather, plan))
        after = go_on(run, morning, first, end)
        output = np.concatenate([before.output, after.output])
        yield replace(run, record=after._replace(output=output))


def prepare(
    economy: Economy,
    scenario: Scenario | Forcing,
    parameters: Parameters,
    quantiles: Mapping[str, float],
    *,
    model: str | Model = published.DEFAULT,
    damage: Damage | None = None,
) -> Run:
    """Everything of a run but its record."""
    chosen = published.choose(model)
    _room(economy, scenario.days, pooled=chosen is not None)
    own, shocks = split_quantiles(quantiles)
    if chosen is None and damage is not None:
        raise SimulationError(
            "refused: the default model has no capital, so nothing can be rebuilt. Use model ario, or say "
            "what the damage leaves as a shock to capacity."
        )
    drawn = own.pop(BOOK, None)
    if chosen is not None and (unknown := sorted(set(own) - {"trade"})):
        raise SimulationError(
            f"refused: model {chosen.key} has no parameter {', '.join(unknown)} with a range. Place trade "
            "and the shocks, or use the default model."
        )
    forcing = scenario if isinstance(scenario, Forcing) else compile_scenario(scenario, economy, shocks)
    if chosen is not None:
        forcing = published.without(forcing)
    resolved = parameters.resolve(economy, own)
    if drawn is not None:
        economy = redraw(economy, drawn, resolved.trade)
    system, order = build_system(economy, resolved, forcing.corridor_group, forcing.stock_slot)
    weather = build_weather(forcing, order, system)
    sizes(weather, {**sizes(system), "T": forcing.days, "R": economy.r, "K": economy.k})
    other = None if chosen is None else published.build(chosen, economy, resolved, system, order, damage)
    return Run(economy, forcing, resolved, system, order, weather, None, other)


def _room(e: Economy, days: int, *, pooled: bool) -> None:
    """Refuse a path whose record, or what a published model reads each day, would not fit into memory."""
    each = RECORDED * e.n + (2 * e.n * e.k if pooled else 0)
    what = f"a path of {days:,} days on {e.n:,} nodes"
    machine.room_for(8.0 * each * days, what, "Use fewer days, or merge regions or sectors")


def whole(run: Run, *, backend: Backend = "numba", full: bool) -> Any:
    """The record of a prepared run, a kernels.Record."""
    if run.published is None:
        return run_arrays(run.system, run.weather, backend=backend, full=full)
    evening, days = published.initial(run.published), run.forcing.days
    return published.run_days(run.published, run.weather, evening, 0, days, full=full)


def run_arrays(system: System, weather: Weather, *, backend: Backend, full: bool) -> Any:
    """The default model on bare arrays; returns a kernels.Record."""
    from ballast.propagate.step import kernels

    if backend == "numba":
        return kernels.run_numba(system, initial_state(system), weather, full=full)
    return _run_numpy(system, weather, full=full)


def begin(run: Run, last: int) -> tuple[Any, Any]:
    """The record (output only) of days 0..last-1, and the state of the morning after."""
    from ballast.propagate.step import kernels

    if run.published is not None:
        evening = published.initial(run.published)
        record = published.run_days(run.published, run.weather, evening, 0, last, full=False)
        return record, evening
    state = initial_state(run.system)
    return kernels.run_numba(run.system, state, run.weather, full=False, last=last), state


def go_on(run: Run, morning: Any, first: int, last: int) -> Any:
    """The record of days first..last-1 from `morning` (of `begin`), which is left as it is; output only."""
    from ballast.propagate.step import kernels

    if run.published is not None:
        return published.run_days(run.published, run.weather, morning.copy(), first, last, full=False)
    copy = State(*(a.copy() for a in morning))
    return kernels.run_numba(run.system, copy, run.weather, full=False, first=first, last=last)


def _run_numpy(system: System, weather: Weather, *, full: bool) -> Any:
    from ballast.propagate.step import kernels, reference

    state = initial_state(system)
    days = len(weather.capacity_day)
    rec = kernels.new_record(system, days, full=full)
    for t in range(days):
        state, day = reference.step(system, state, weather, t)
        rec.output[t], rec.injected[t] = day.output, day.injected
        if full:
            rec.capacity[t], rec.demand[t], rec.limit[t] = day.capacity, day.demand, day.limit
            rec.rho[t], rec.shipped[t], rec.binding[t] = day.rho, day.shipped, day.binding
            rec.unmet[t], rec.ledger[t] = day.unmet, day.ledger
            rec.stock[t] = np.bincount(system.slot_node, state.stock + state.waiting, len(system.x0))
    return rec


RECORDED = 8  # numbers kept of a node and day
SHOCK = "shock."
BOOK = "book"


def split_quantiles(quantiles: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Quantiles of the model's parameters, and those of the scenario's drivers without their prefix."""
    own = {k: v for k, v in quantiles.items() if not k.startswith(SHOCK)}
    return own, {k.removeprefix(SHOCK): v for k, v in quantiles.items() if k.startswith(SHOCK)}
