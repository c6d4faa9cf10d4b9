"""Economies, weather and plans for the engine's tests: random, harsh, and the same for a seed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np

from ballast.arrays import sums
from ballast.economy import Economy
from ballast.economy.economy import Region, Sector
from ballast.evidence import Grade
from ballast.forcing import Forcing, Steps, beside
from ballast.propagate.parameters import load_parameters
from ballast.propagate.step.interventions import Intervention, Plan
from ballast.propagate.step.system import System, build_system, stocked
from ballast.text import Text

START = dt.date(2022, 1, 1)
_FACTORY: dict[str, Any] = {"industry": True, "goods": True, "storable": True, "group": "manufacturing"}
SECTORS = (
    Sector("ore", Text("Ore", "矿石"), **_FACTORY),
    Sector("parts", Text("Parts", "零件"), **_FACTORY),
    Sector("cars", Text("Cars", "汽车"), **_FACTORY),
    Sector("power", Text("Power", "电力"), industry=True, group="energy"),
    Sector("services", Text("Services", "服务"), group="services"),
)


def random_economy(seed: int, regions: int = 3) -> Economy:
    """A balanced table with random recipes, trade, imports and exports; one node makes nothing.

    Output solves x = A x + f, so that every row adds up; each buyer has trade shares of its own.
    """
    rng = np.random.default_rng(seed)
    k, n = len(SECTORS), regions * len(SECTORS)
    region, sector = np.divmod(np.arange(n), k)
    recipe = rng.dirichlet(np.ones(k), n).T * rng.uniform(0.2, 0.6, n)  # [product, buyer]
    recipe[rng.random(recipe.shape) < 0.2] = 0.0
    abroad = recipe * np.where(rng.random(recipe.shape) < 0.5, rng.uniform(0, 0.4, recipe.shape), 0.0)
    idle = int(rng.integers(n))
    split = _trade(rng, regions, n, idle % k, idle // k)
    a = np.stack([split[i // k, i % k] * (recipe - abroad)[i % k] for i in range(n)])
    a[:, idle] = 0.0
    final = rng.uniform(5, 50, (n, 2 * regions))
    final[:, ::2][rng.random((n, regions)) < 0.3] = 0.0
    exports = np.where(rng.random(n) < 0.5, rng.uniform(0, 20, n), 0.0)
    final[idle], exports[idle] = 0.0, 0.0
    x = np.linalg.solve(np.eye(n) - a, final.sum(axis=1) + exports)
    x[idle] = 0.0
    imports = abroad * x
    links = a * x
    return Economy.from_links(
        links,
        final=final,
        final_region=np.repeat(np.arange(regions), 2).tolist(),
        final_category=[0, 1] * regions,
        imports=imports,
        node_region=region.tolist(),
        node_sector=sector.tolist(),
        name="random",
        title=Text("Random", "随机"),
        unit="m",
        currency="CNY",
        year=2020,
        regions=tuple(Region(f"R{r}", Text(f"Region {r}", f"地区{r}")) for r in range(regions)),
        sectors=SECTORS,
        categories=(("households", Text("Households", "居民")), ("government", Text("Government", "政府"))),
        value_added_labels=(("va", Text("Value added", "增加值")),),
        output=x,
        exports=exports,
        value_added=(x - links.sum(axis=0) - imports.sum(axis=0))[None, :],
        node_grade=tuple(Grade("CDDE"[i % 4]) for i in range(n)),
    )


def _trade(rng: np.random.Generator, regions: int, n: int, idle_k: int, idle_r: int) -> np.ndarray:
    """[region of supplier, product, buyer] shares that sum to one; the idle node sells nothing."""
    weight = rng.gamma(0.7, size=(regions, len(SECTORS), n)) + 1e-3
    weight[idle_r, idle_k] = 0.0
    return weight / weight.sum(axis=0)


def _path(
    rng: np.random.Generator, days: int, width: int, low: float, high: float, hit: float, none: float = 0.0
) -> Steps:
    """A path that changes on random days; on each stretch a part `hit` of the entries leaves 1.

    Of all entries, those on the first stretch included, a part `none` is 0.
    """
    changes = np.sort(rng.choice(np.arange(1, days), size=min(6, days - 1), replace=False))
    index = np.searchsorted(changes, np.arange(days), side="right")
    table = np.where(
        rng.random((len(changes) + 1, width)) < hit, rng.uniform(low, high, (len(changes) + 1, width)), 1.0
    )
    table[0] = 1.0
    if none:
        table[rng.random(table.shape) < none] = 0.0
    return Steps(index.astype(np.int32), table)


def harsh(economy: Economy, seed: int, days: int = 120) -> Forcing:
    """Everything at once: capacity, demand, exports, imports, corridors, stocks lost and released."""
    rng = np.random.default_rng(seed)
    e, groups = economy, 2
    group = np.where([s.goods for s in e.sectors], rng.integers(0, groups, e.k), -1)
    capacity = _path(rng, days, e.n, 0.0, 1.0, 0.5, none=0.1)
    held, events = stocked_slots(economy), 25
    return in_parts(economy, seed, Forcing(
        start=START,
        days=days,
        capacity=capacity,
        demand=_path(rng, days, len(e.final_product), 0.0, 1.6, 0.4),
        exports=_path(rng, days, e.n, 0.0, 2.0, 0.4),
        imports=_path(rng, days, e.r * e.k, 0.0, 1.2, 0.4),
        corridors=_path(rng, days, groups * e.r * e.r, 0.0, 1.0, 0.3),
        corridor_group=group.astype(np.int32),
        stock_day=rng.integers(0, days, events).astype(np.int32),
        stock_slot=rng.choice(held, events).astype(np.int32),
        stock_change=rng.uniform(-10, 10, events),
    ))  # fmt: skip


def in_parts(economy: Economy, seed: int, forcing: Forcing) -> Forcing:
    """Some nodes, of which one or two parts are hit by themselves (now and then that is all of the node),
    beside what the forcing says of the rest.
    """
    rng = np.random.default_rng(10_000 + seed)
    node = np.sort(rng.choice(economy.n, max(2, economy.n // 2))).astype(np.int32)
    mass = rng.uniform(0.05, 1.0, len(node))
    most = sums(node, mass, economy.n)[node]
    mass = np.where((most > 1) | (rng.random(len(node)) < 0.1), mass / most, mass)
    level = _path(rng, forcing.days, len(node), 0.0, 1.0, 0.6, none=0.2).full()
    mean = forcing.capacity.full() * beside(node, mass, economy.n)
    np.add.at(mean.T, node, (mass * level).T)
    return replace(forcing, capacity=Steps.of(mean), part_node=node, part_mass=mass, parts=Steps.of(level))


def system_of(economy: Economy, forcing: Forcing) -> System:
    """The System at central parameters."""
    return build_system(economy, load_parameters().resolve(economy), forcing.corridor_group)[0]


def stocked_slots(economy: Economy) -> np.ndarray:
    """The slots, in the economy's numbering, whose product stops their node and so is kept in stock."""
    none = np.full(economy.k, -1, np.int32)
    system, order = build_system(economy, load_parameters().resolve(economy), none)
    return order[stocked(system)]


def acting(day: int, part: np.ndarray, slots: np.ndarray | tuple[int, ...] = ()) -> Plan:
    """From `day` on: each node its part [N] of what shocks took, passes with all of it, and some slots."""
    every = np.arange(len(part), dtype=np.int32)
    return (
        Intervention("node", every, np.asarray(part, float), day),
        Intervention.on("passage", np.flatnonzero(part >= 1), day),
        Intervention.on("supply", slots, day),
    )


def some_plan(economy: Economy, forcing: Forcing, seed: int, day: int = 30, *, slots: bool = True) -> Plan:
    """A third of the nodes back with passes, a third in part, and some slots supplied in full."""
    rng = np.random.default_rng(seed)
    s = system_of(economy, forcing)
    part = rng.choice([0.0, 0.5, 1.0], economy.n)
    supplied = np.flatnonzero(rng.random(len(s.need)) < 0.1)
    return acting(day, part, supplied if slots else ())


def stop(
    economy: Economy, nodes: list[int], days: int, *, level: float = 0.0, last: int | None = None
) -> Forcing:
    """`nodes` stand at `level` of capacity from the first day on, until `last` (inclusive)."""
    path = np.ones((days, economy.n))
    path[: None if last is None else last + 1, nodes] = level
    return replace(Forcing.none(economy, days, START), capacity=Steps.of(path))
