"""Run one scenario: `simulate(economy, scenario) -> Run`, in numba or in NumPy (the reference).

    prepare   everything of a run but its record, for the default or a published model
    laid      that with the arrays in the order of the compiled step
    kept_of   the same run with its record, or with those of its arrays that are asked for
    whole     the record of a run from beginning to end
    begin     the first days, and the state of the morning after them
    go_on     the days after such a morning, in the same weather or another
    best      the backend that is used where none is named: numba, or NumPy where numba is not to be had

A model is a name (`published.NAMES`) or a `Model`: `whole`, `begin` and `go_on` are the same for all.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from ballast import compiled, machine, terminal
from ballast.arrays import sizes
from ballast.economy import Economy
from ballast.economy import load as load_book
from ballast.economy.redraw import redraw
from ballast.economy.whole import raise_faults
from ballast.errors import InputError, SimulationError
from ballast.forcing import Forcing
from ballast.propagate import kept, published
from ballast.propagate.parameters import Parameters, load_parameters, refuse_quantiles
from ballast.propagate.published.reference import Damage, Model
from ballast.propagate.run import Run
from ballast.propagate.step.interventions import Intervention, begins, under
from ballast.propagate.step.layout import Layout, lay_out
from ballast.propagate.step.record import Record, new_record
from ballast.propagate.step.system import (
    State,
    System,
    Weather,
    build_system,
    build_weather,
    in_parts,
    initial_state,
    spread,
)
from ballast.scenario import Scenario, compile_scenario
from ballast.scenario import load as load_scenario
from ballast.text import Text

Backend = Literal["numba", "numpy"]
UNSEEN = frozenset({"stock", "supply", "corridor"})  # by the published models; passes are of no use there

_SLOW = Text(
    "numba cannot be loaded here ({why}), so the days are worked out in NumPy: the same figures, slowly. "
    "For full speed install it: pip install numba.",
    "此处无法加载 numba（{why}），逐日推演改由 NumPy 完成：结果相同，但速度较慢。"
    "如需全速运行，请安装：pip install numba。",
)
_told = threading.Lock()  # taken by whoever says it, and not given back


def simulate(
    economy: Economy | str | Path,
    scenario: Scenario | Forcing | str | Path,
    *,
    parameters: Parameters | None = None,
    quantiles: Mapping[str, float] | None = None,
    plan: Sequence[Intervention] = (),
    model: str | Model = published.DEFAULT,
    damage: Damage | None = None,
    backend: Backend | None = None,
    full: bool = True,
    keep: Collection[str] | None = None,
) -> Run:
    """One path of the economy under a scenario: the objects, names of built-in ones, or paths.

    `quantiles` places parameters, and the scenario's uncertain inputs as "shock.NAME", inside their
    ranges (0 low, 0.5 central, 1 high); what is not named is central. "book" numbers a draw of the book's
    weak cells (`economy.redraw`); without it the book is as it stands. `plan` is what is done about it, as
    dated interventions (`propagate.step.interventions`). `model` is the default or a
    published one at its own numbers, for which roads and stock changes are left out and quantiles place
    the shocks, the trade pattern and the book only; `damage` is capital to be rebuilt (model ario).
    `backend` is "numba" (compiled) or "numpy" (the readable step), by default the first that is there.
    `full` records every node and day; without it only output is kept. `keep` names what is (of
    `kept.RECORDED`) and nothing else is held: keep=[] leaves sums over the nodes, from which a Run has
    value added, losses, deviations by region and sector, and the outcome. Raises InputError (ScenarioError)
    when the scenario does not fit the economy, SimulationError for what the model cannot do.

    >>> import ballast
    >>> economy, scenario = ballast.load_book("teaching"), ballast.load_scenario("vehicle-parts")
    >>> {m: round(ballast.simulate(economy, scenario, model=m).lost, 2) for m in ("default", "ario")}
    {'default': 4.23, 'ario': 3.17}
    """
    pooled = published.choose(model) is not None
    _usable(backend, pooled=pooled)
    _seen_by(model, [plan])
    if backend == "numpy" and pooled:
        raise SimulationError(
            "refused: the readable form of a published model is "
            "`ballast.propagate.published.reference.run`. Leave out backend."
        )
    names = kept.asked(keep, full=full)
    if isinstance(scenario, str | Path):
        scenario = load_scenario(scenario)
    if isinstance(economy, str | Path):
        economy = load_book(economy)
    blank = prepare(
        economy, scenario, parameters or load_parameters(), quantiles or {}, model=model, damage=damage,
        keep=names,
    )  # fmt: skip
    return kept_of(replace(blank, weather=under(blank.weather, plan)), names, backend=backend)


def _usable(backend: object, *, pooled: bool) -> None:
    """Refuse a backend that is none, and numba where the default model runs without."""
    if backend not in (None, *get_args(Backend)):
        named = " or ".join(f'"{name}"' for name in get_args(Backend))
        raise InputError(
            f"backend: {backend!r} is none. Give {named}, or leave it out for the first there."
        )
    if backend == "numba" and not pooled and not compiled.AVAILABLE:
        raise SimulationError(
            f"refused: backend numba cannot be loaded here ({compiled.MISSING}). Leave out backend, which "
            "gives the same figures, slowly; or install numba (pip install numba)."
        )


def _seen_by(model: str | Model, plans: Iterable[Sequence[Intervention]]) -> None:
    """Refuse acts on what a published model does not have: it would leave them out without a word."""
    chosen = published.choose(model)
    acts = [] if chosen is None else [a for p in plans for a in p if len(a.where)]
    if chosen is not None and (blind := sorted({a.kind for a in acts} & UNSEEN)):
        raise SimulationError(
            f"refused: model {chosen.key} is run without roads and without what comes into single stocks, "
            f"so acts of kind {', '.join(blind)} would do nothing. Plan on nodes, imports, exports and "
            "demand, or use the default model."
        )


def simulate_each(
    economy: Economy,
    scenario: Scenario | Forcing,
    quantiles: Mapping[str, float],
    plans: Sequence[Sequence[Intervention]],
    model: str | Model = published.DEFAULT,
) -> Iterator[Run]:
    """The same path under each of several plans, output only; the days before any of them run once."""
    _seen_by(model, plans)
    blank = laid(prepare(economy, scenario, load_parameters(), quantiles, model=model))
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
    keep: kept.Names = kept.RECORDED,
) -> Run:
    """Everything of a run but its record; InputError where `keep` of it would not fit into memory."""
    chosen = published.choose(model)
    raise_faults(economy.name, economy.unfit)
    _room(economy, scenario.days, keep, pooled=chosen is not None)
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
    book = {} if drawn is None else {BOOK: drawn}
    refuse_quantiles({**own, **book}, [*parameters.items, BOOK])
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
    inner = in_parts(system, forcing.part_node, forcing.part_mass) if len(forcing.part_node) else None
    return Run(economy, forcing, resolved, system, order, weather, None, other, inner=inner)


def _room(e: Economy, days: int, keep: kept.Names, *, pooled: bool) -> None:
    """Refuse a path whose record, or what a published model reads each day, would not fit into memory."""
    read = 16.0 * e.n * e.k * days if pooled else 0.0
    what = f"a path of {days:,} days on {e.n:,} nodes"
    todo = "Use fewer days, merge regions or sectors, or in Python keep less of it (keep=[])"
    machine.room_for(kept.size(e.n, days, keep) + read, what, todo)


def laid(run: Run) -> Run:
    """A prepared run with what the compiled step reads, made once for all days that are run of it.

    Not part of `prepare`: a batch, for which hundreds are prepared at a time, reads systems as they are.
    """
    if run.published is not None or run.layout is not None or not compiled.AVAILABLE:
        return run
    return replace(run, layout=lay_out(run.stepped))


def kept_of(run: Run, keep: kept.Names, *, backend: Backend | None = None) -> Run:
    """A prepared run with its record: of everything, or only of the arrays that `keep` names."""
    run = run if backend == "numpy" else laid(run)
    if kept.at_once(keep):
        return replace(run, record=whole(run, backend=backend, full=keep == kept.RECORDED))
    days, length = run.forcing.days, kept.piece(run.economy.n, keep)
    ends = [(first, min(first + length, days)) for first in range(0, days, length)]
    state, full = _morning(run), not keep <= kept.LIGHT
    pieces = (_days(run, state, first, last, full=full, backend=backend) for first, last in ends)
    record, sums = kept.gathered(pieces, days, keep, run.economy, run.system.x0)
    return replace(run, record=record, sums=sums)


def best() -> Backend:
    """The backend for the default model where none is named; that it is the slow one is said once."""
    if compiled.AVAILABLE:
        return "numba"
    if _told.acquire(blocking=False):
        terminal.tell([_SLOW.format(why=compiled.MISSING)[terminal.language()]])
    return "numpy"


def whole(run: Run, *, backend: Backend | None = None, full: bool) -> Any:
    """The record of a prepared run, a Record."""
    if run.published is None:
        return run_arrays(run.stepped, run.weather, backend=backend or best(), full=full, layout=run.layout)
    return _days(run, _morning(run), 0, run.forcing.days, full=full)


def run_arrays(
    system: System, weather: Weather, *, backend: Backend, full: bool, layout: Layout | None = None
) -> Record:
    """The default model on bare arrays; `layout` is that of the system."""
    days = len(weather.capacity_day)
    return _step(system, layout, initial_state(system), weather, 0, days, full=full, backend=backend)


def begin(run: Run, last: int) -> tuple[Any, Any]:
    """The record (output only) of days 0..last-1, and the state of the morning after."""
    state = _morning(run)
    return _days(run, state, 0, last, full=False), state


def go_on(run: Run, morning: Any, first: int, last: int) -> Any:
    """The record of days first..last-1 from `morning` (of `begin`), which is left as it is; output only."""
    copy = State(*(a.copy() for a in morning)) if run.published is None else morning.copy()
    return _days(run, copy, first, last, full=False)


def _morning(run: Run) -> Any:
    """The state on the first day."""
    return initial_state(run.stepped) if run.published is None else published.initial(run.published)


def _days(
    run: Run, state: Any, first: int, last: int, *, full: bool, backend: Backend | None = None
) -> Record:
    """The record of days first..last-1; `state` becomes that of the morning after."""
    if run.published is not None:
        return published.run_days(run.published, run.weather, state, first, last, full=full)
    backend = backend or best()
    return _step(run.stepped, run.layout, state, run.weather, first, last, full=full, backend=backend)


def _step(
    system: System, layout: Layout | None, state: State, weather: Weather, first: int, last: int, *,
    full: bool, backend: Backend,
) -> Record:  # fmt: skip
    """The same of the default model."""
    rec, now, weather = new_record(system, last - first, full=full), state, spread(system, weather)
    if backend == "numba":
        from ballast.propagate.step import kernels

        y = layout or lay_out(system)
        return kernels.run_numba(y, state, weather, rec, first=first, last=last)
    from ballast.propagate.step import reference

    for t in range(last - first):
        now, day = reference.step(system, now, weather, first + t)
        day = reference.of_nodes(system, day)
        rec.output[t], rec.injected[t] = day.output, day.injected
        if full:
            rec.capacity[t], rec.demand[t], rec.limit[t] = day.capacity, day.demand, day.limit
            rec.rho[t], rec.shipped[t], rec.binding[t] = day.rho, day.shipped, day.binding
            rec.unmet[t], rec.ledger[t] = day.unmet, day.ledger
            held = now.stock + now.waiting
            rec.stock[t] = np.bincount(system.whole[system.slot_node], held, system.n_nodes)
    for old, new in zip(state, now, strict=True):
        old[:] = new
    return rec


SHOCK = "shock."
BOOK = "book"


def split_quantiles(quantiles: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Quantiles of the model's parameters, and those of the scenario's drivers without their prefix."""
    own = {k: v for k, v in quantiles.items() if not k.startswith(SHOCK)}
    return own, {k.removeprefix(SHOCK): v for k, v in quantiles.items() if k.startswith(SHOCK)}
