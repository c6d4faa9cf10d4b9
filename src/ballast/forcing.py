"""What the engine reads of a scenario: daily paths on the nodes, lines and corridors of one economy.

`ballast.scenario` makes a `Forcing` out of a `Scenario` and an `Economy`; the engine knows nothing of
dates, names or units. A channel that changes on few days keeps one row a distinct state (`Steps`).

    capacity   [T] -> [N]      share of baseline capacity left, in [0, 1]
    parts      [T] -> [Q]      the same of parts of nodes that a shock hits by themselves: `part_node` says
                               whose, `part_mass` how large a part; `capacity` is the mean of the node
    demand     [T] -> [L]      final use of each final line, as a factor of baseline, >= 0
    exports    [T] -> [N]      foreign demand for each node, as a factor, >= 0
    imports    [T] -> [R*K]    foreign supply of product k into region r, as a factor, >= 0
    corridors  [T] -> [G*R*R]  share of the baseline flow from region o to region d that can pass, for
                               the products of corridor group g; 1 and above is open
    stock_*    [n]             on the morning of stock_day the slot's stock changes by stock_change
                               (annual money / 365 = one baseline day of use counts as 1.0 "day")
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from ballast.arrays import Floats, Ints, ratio, sums
from ballast.errors import SimulationError

ROUNDING = 1e-12  # what is left of a node beside its parts, where that is nothing


@dataclass(frozen=True, eq=False)
class Steps:
    """A path over T days that takes few distinct states: day t is `table[index[t]]`."""

    index: Ints  # [T]
    table: Floats  # [U, n]

    def __post_init__(self) -> None:
        for name, kind in (("index", np.int32), ("table", np.float64)):
            array = np.array(getattr(self, name), kind, order="C")
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def constant(cls, days: int, width: int, value: float = 1.0) -> Steps:
        """The same `value` everywhere on every day."""
        return cls(np.zeros(days, np.int32), np.full((1, width), value))

    @classmethod
    def of(cls, path: Floats) -> Steps:
        """Compress a full [T, n] path: consecutive equal days share a row."""
        new = np.ones(len(path), bool)
        new[1:] = np.any(path[1:] != path[:-1], axis=1)
        return cls(np.cumsum(new, dtype=np.int32) - 1, path[new])

    def full(self) -> Floats:
        """The whole path [T, n]."""
        return self.table[self.index]


def beside(node: Ints, mass: Floats, nodes: int) -> Floats:
    """[N] what is left of each node beside its parts; nothing where that is rounding."""
    left = 1.0 - sums(node, mass, nodes)
    return np.where(left > ROUNDING, left, 0.0)


@dataclass(frozen=True, eq=False)
class Forcing:
    """Everything imposed from outside on one run of `days` days starting on `start`."""

    start: dt.date
    days: int
    capacity: Steps
    demand: Steps
    exports: Steps
    imports: Steps
    corridors: Steps
    corridor_group: Ints  # [K] group of each product, -1 = never held up by a corridor
    stock_day: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    stock_slot: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    stock_change: Floats = field(default_factory=lambda: np.zeros(0))
    part_node: Ints = field(default_factory=lambda: np.zeros(0, np.int32))  # [Q]
    part_mass: Floats = field(default_factory=lambda: np.zeros(0))  # [Q]
    parts: Steps | None = None  # None: no part is hit by itself

    def __post_init__(self) -> None:
        for name in ("capacity", "demand", "exports", "imports", "corridors"):
            table = getattr(self, name).table
            if not np.all(np.isfinite(table)) or table.min(initial=0.0) < 0:
                raise SimulationError(
                    f"refused: the forcing's {name} holds a number that is missing, infinite or negative. "
                    "Every channel takes shares or factors from 0 up."
                )
        self._check_parts()
        if not np.all(np.isfinite(self.stock_change)):
            raise SimulationError("refused: a stock change is missing or infinite. Give days of use.")

    def _check_parts(self) -> None:
        """Refuse parts that are more than their node, or that fit neither each other nor the days."""
        many, nodes = len(self.part_node), self.capacity.table.shape[1]
        parts = self.parts or Steps.constant(self.days, 0)
        fit = (len(self.part_mass), parts.table.shape[1], len(parts.index)) == (many, many, self.days)
        fit = fit and all((self.part_node >= 0) & (self.part_node < nodes) & (self.part_mass >= 0))
        fit = fit and bool((sums(self.part_node, self.part_mass, nodes) <= 1 + 1e-9).all())
        if not fit or not (np.isfinite(parts.table) & (parts.table >= 0)).all():
            raise SimulationError(
                "refused: the parts of nodes do not fit. Give each its node, its mass (those of a node at "
                "most 1 together) and its capacity on every day of the forcing."
            )

    def by_part(self) -> Steps:
        """[T] -> [N + Q] capacity of what is left of each node beside its parts, then of the parts.

        Of a node that is nothing but its parts none is left; nobody reads its own column.
        """
        if self.parts is None or not len(self.part_node):
            return self.capacity
        both = Steps.of(np.stack([self.capacity.index, self.parts.index], axis=1).astype(float))
        mean, hit = (
            s.table[both.table[:, i].astype(np.int64)] for i, s in enumerate((self.capacity, self.parts))
        )
        nodes = mean.shape[1]
        cells = (self.part_mass, (np.arange(len(self.part_node)), self.part_node))
        taken = hit @ sparse.csr_array(cells, shape=(len(self.part_node), nodes))
        left = beside(self.part_node, self.part_mass, nodes)
        return Steps(both.index, np.hstack([np.maximum(ratio(mean - taken, left), 0.0), hit]))

    @classmethod
    def none(cls, economy: object, days: int, start: dt.date = dt.date(2000, 1, 1)) -> Forcing:
        """Nothing happens for `days` days."""
        from ballast.economy import Economy

        assert isinstance(economy, Economy)
        n, r, k = economy.n, economy.r, economy.k
        return cls(
            start=start,
            days=days,
            capacity=Steps.constant(days, n),
            demand=Steps.constant(days, len(economy.final_product)),
            exports=Steps.constant(days, n),
            imports=Steps.constant(days, r * k),
            corridors=Steps.constant(days, r * r),
            corridor_group=np.full(k, -1, np.int32),
        )
