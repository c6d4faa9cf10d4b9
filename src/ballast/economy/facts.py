"""What a desk knows beyond the table: stocks, staff, energy, corridors, power stations, targets.

Everything is optional; an economy without any has `Facts()`. What is given takes the place of a
parameter or an assumption, node by node: days of stock replace the sector's (with their own range), use
of a carrier replaces the share of purchases, corridors say which part of a flow goes by road, rail,
water or wire.

    slot_days, slot_days_low, slot_days_high [S]   days of stock, NaN where unknown
    staff [N]                                      people at work, NaN where unknown
    use {carrier: [N]}                             use a year in the carrier's unit, NaN where unknown
    corridors, generation, targets                 rows

A book keeps them in Parquet tables of their own (`facts_stock`, `facts_nodes`, `corridors`,
`generation`), targets in book.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ballast.arrays import Floats, Ints
from ballast.evidence import Grade

OWN = "desk-"  # how the keys of the sources begin that a desk has added
MODES = ("road", "rail", "water", "air", "pipeline", "power")
FREIGHT = (
    "road",
    "rail",
    "water",
    "air",
    "pipeline",
)  # between them goods are shared; power lines carry only power


@dataclass(frozen=True, slots=True)
class Corridor:
    """A way between two regions: `days` it takes, `capacity` a year in `unit` (tonnes, MW ...), NaN
    where unknown.
    """

    origin: int
    destination: int
    mode: str
    days: float
    capacity: float
    unit: str
    grade: Grade = Grade.D


@dataclass(frozen=True, slots=True)
class Generation:
    """Power stations of one kind in one region: capacity in MW, generation a year in GWh, NaN where
    unknown.
    """

    region: int
    fuel: str
    capacity: float
    annual: float
    grade: Grade = Grade.D


@dataclass(frozen=True, slots=True)
class Target:
    """A range an indicator should end in: percent, against a year before if `growth` is given, else
    against no shock.
    """

    indicator: str
    period: str
    region: str  # a code, or "all"
    low: float  # NaN: open
    high: float
    growth: float  # NaN: the range is a deviation
    source: str = ""


@dataclass(frozen=True, eq=False)
class Facts:
    """All of them; see the module."""

    slot_days: Floats | None = None
    slot_days_low: Floats | None = None
    slot_days_high: Floats | None = None
    staff: Floats | None = None
    use: Mapping[str, Floats] = field(default_factory=dict)
    corridors: tuple[Corridor, ...] = ()
    generation: tuple[Generation, ...] = ()
    targets: tuple[Target, ...] = ()

    def __post_init__(self) -> None:
        for array in (
            self.slot_days,
            self.slot_days_low,
            self.slot_days_high,
            self.staff,
            *self.use.values(),
        ):
            if array is not None:
                array.flags.writeable = False

    def __bool__(self) -> bool:
        return (
            self.slot_days is not None
            or self.staff is not None
            or any((self.use, self.corridors, self.generation, self.targets))
        )

    def permuted(self, order: Ints) -> Facts:
        """With nodes relabelled: new node p is old node order[p]; slots keep their numbers."""
        return replace(
            self,
            staff=None if self.staff is None else self.staff[order],
            use={code: values[order] for code, values in self.use.items()},
        )

    def check(self, nodes: int, slots: int, regions: int) -> list[str]:
        """What is wrong with the shapes and indices."""
        found = []
        for name, array, size in (
            ("slot_days", self.slot_days, slots),
            ("slot_days_low", self.slot_days_low, slots),
            ("slot_days_high", self.slot_days_high, slots),
            ("staff", self.staff, nodes),
            *((f"use of {code}", values, nodes) for code, values in self.use.items()),
        ):
            if array is not None and len(array) != size:
                found.append(f"{name} has {len(array)} rows, expected {size}")
        ends = [e for c in self.corridors for e in (c.origin, c.destination)] + [
            g.region for g in self.generation
        ]
        if ends and (min(ends) < 0 or max(ends) >= regions):
            found.append(f"a corridor or power station lies in a region outside 0..{regions - 1}")
        return found


NO_FACTS = Facts()


# ---- as tables -------------------------------------------------------------------------------


def tables(facts: Facts) -> dict[str, dict[str, Any]]:
    """Parquet tables by name, only those with something in them."""
    out: dict[str, dict[str, Any]] = {}
    if facts.slot_days is not None:
        out["facts_stock"] = {
            "days": facts.slot_days, "days_low": facts.slot_days_low, "days_high": facts.slot_days_high
        }  # fmt: skip
    nodes = {} if facts.staff is None else {"staff": facts.staff}
    nodes |= {f"{USE}{code}": values for code, values in facts.use.items()}
    if nodes:
        out["facts_nodes"] = nodes
    for name, rows in (("corridors", facts.corridors), ("generation", facts.generation)):
        if rows:
            fields = list(rows[0].__dataclass_fields__)
            out[name] = {f: _array([getattr(r, f) for r in rows]) for f in fields}
    return out


def _array(values: list[Any]) -> Any:
    if isinstance(values[0], float):
        return np.array(values, np.float64)
    if isinstance(values[0], int):
        return np.array(values, np.int32)
    return [str(v) for v in values]


NAMES = ("facts_stock", "facts_nodes", "corridors", "generation")
USE = "use."  # before a carrier's code: what each node uses of it
COLUMNS = {
    "facts_stock": ("days", "days_low", "days_high"),
    "facts_nodes": ("staff",),
}  # and use of carriers


def from_tables(found: Mapping[str, Mapping[str, Any]], targets: tuple[Target, ...]) -> Facts:
    """The facts in tables read from Parquet (columns as lists or arrays); ValueError or KeyError when
    they are not whole.
    """
    stock, nodes = found.get("facts_stock", {}), found.get("facts_nodes", {})

    def floats(table: Mapping[str, Any], column: str) -> Floats | None:
        return None if column not in table else np.array(table[column], np.float64)

    out = Facts(
        slot_days=floats(stock, "days"),
        slot_days_low=floats(stock, "days_low"),
        slot_days_high=floats(stock, "days_high"),
        staff=floats(nodes, "staff"),
        use={c.removeprefix(USE): np.array(nodes[c], np.float64) for c in nodes if c.startswith(USE)},
        corridors=tuple(
            Corridor(**{**r, "grade": Grade(r["grade"])}) for r in _rows(found.get("corridors", {}))
        ),
        generation=tuple(
            Generation(**{**r, "grade": Grade(r["grade"])}) for r in _rows(found.get("generation", {}))
        ),
        targets=targets,
    )
    return out or NO_FACTS


def _rows(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    columns = {name: list(values) for name, values in table.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def mode_share(facts: Facts, mode: str, regions: int) -> Floats:
    """[R, R] the part of the freight from row to column that goes by `mode`: its capacity over that of
    all modes.

    NaN where no corridor with a capacity is known between the two.
    """
    mine, every = np.zeros((regions, regions)), np.zeros((regions, regions))
    for c in facts.corridors:
        if c.mode in FREIGHT and np.isfinite(c.capacity):
            every[c.origin, c.destination] += c.capacity
            if c.mode == mode:
                mine[c.origin, c.destination] += c.capacity
    return np.divide(mine, every, out=np.full_like(mine, np.nan), where=every > 0)
