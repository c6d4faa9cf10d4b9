"""Run one scenario: `simulate(economy, scenario) -> Run`, in numba or in NumPy (the reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from ballast.economy import Economy
from ballast.forcing import Forcing
from ballast.propagate.parameters import Parameters, load_parameters
from ballast.propagate.run import Run
from ballast.propagate.system import (
    Help,
    State,
    System,
    Weather,
    build_system,
    build_weather,
    initial_state,
    no_help,
)
from ballast.scenario import Scenario, compile_scenario

Backend = Literal["numba", "numpy"]


def simulate(
    economy: Economy,
    scenario: Scenario | Forcing,
    *,
    parameters: Parameters | None = None,
    quantiles: Mapping[str, float] | None = None,
    helped: Help | None = None,
    backend: Backend = "numba",
    full: bool = True,
) -> Run:
    """One path of the economy under a scenario.

    `quantiles` places parameters, and the scenario's uncertain inputs as "shock.NAME", inside their
    ranges (0 low, 0.5 central, 1 high); what is not named is central. `full` records every node and day;
    without it only output is kept. Raises ScenarioError when the scenario does not fit the economy.
    """
    blank = prepare(economy, scenario, parameters or load_parameters(), quantiles or {})
    help_ = helped or blank.helped
    record = run_arrays(blank.system, blank.weather, help_, backend=backend, full=full)
    return replace(blank, helped=help_, record=record)


def simulate_each(
    economy: Economy,
    scenario: Scenario | Forcing,
    quantiles: Mapping[str, float],
    helps: Sequence[Help | None],
) -> Iterator[Run]:
    """The same path under each of several helps, output only; the days before any help run once."""
    blank = prepare(economy, scenario, load_parameters(), quantiles)
    end = blank.forcing.days
    first = min([end, *(h.day for h in helps if h is not None)])
    state = initial_state(blank.system)
    before = run_first(blank.system, blank.weather, state, first)
    for helped in helps:
        help_ = helped or blank.helped
        after = continue_run(blank.system, blank.weather, help_, state, first, end)
        output = np.concatenate([before.output, after.output])
        yield replace(blank, helped=help_, record=after._replace(output=output))


def prepare(
    economy: Economy, scenario: Scenario | Forcing, parameters: Parameters, quantiles: Mapping[str, float]
) -> Run:
    """Everything of a run but its record."""
    own, shocks = split_quantiles(quantiles)
    forcing = scenario if isinstance(scenario, Forcing) else compile_scenario(scenario, economy, shocks)
    resolved = parameters.resolve(economy, own)
    system, order = build_system(economy, resolved, forcing.corridor_group, forcing.stock_slot)
    weather = build_weather(forcing, order, system)
    return Run(economy, forcing, resolved, system, order, weather, no_help(system), None)


def run_arrays(system: System, weather: Weather, helped: Help, *, backend: Backend, full: bool) -> Any:
    """The bare run on arrays; returns a kernels.Record."""
    from ballast.propagate import kernels

    if backend == "numba":
        return kernels.run_numba(system, initial_state(system), weather, helped, full=full)
    return _run_numpy(system, weather, helped, full=full)


def run_first(system: System, weather: Weather, state: State, last: int) -> Any:
    """The record of days 0..last-1 with nobody helped; `state` becomes that of the morning of `last`."""
    from ballast.propagate import kernels

    return kernels.run_numba(system, state, weather, no_help(system), full=False, last=last)


def continue_run(
    system: System, weather: Weather, helped: Help, state: State, first: int, last: int
) -> Any:
    """The record of days first..last-1 from `state`, which is left as it is."""
    from ballast.propagate import kernels

    copy = State(*(a.copy() for a in state))
    return kernels.run_numba(system, copy, weather, helped, full=False, first=first, last=last)


def _run_numpy(system: System, weather: Weather, helped: Help, *, full: bool) -> Any:
    from ballast.propagate import kernels, phases

    state = initial_state(system)
    days = len(weather.capacity_day)
    rec = kernels.new_record(system, days, full=full)
    for t in range(days):
        state, day = phases.step(system, state, weather, helped, t)
        rec.output[t], rec.injected[t] = day.output, day.injected
        if full:
            rec.capacity[t], rec.demand[t], rec.limit[t] = day.capacity, day.demand, day.limit
            rec.rho[t], rec.shipped[t], rec.binding[t] = day.rho, day.shipped, day.binding
            rec.unmet[t], rec.ledger[t] = day.unmet, day.ledger
            rec.stock[t] = np.bincount(system.slot_node, state.stock + state.waiting, len(system.x0))
    return rec


SHOCK = "shock."


def split_quantiles(quantiles: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Quantiles of the model's parameters, and those of the scenario's drivers without their prefix."""
    own = {k: v for k, v in quantiles.items() if not k.startswith(SHOCK)}
    return own, {k.removeprefix(SHOCK): v for k, v in quantiles.items() if k.startswith(SHOCK)}
