"""What a run keeps: arrays of a Record by name, or sums over the nodes only.

A full record has nine numbers a node and day: 26 GB for a year of a million nodes. Where other arrays are
asked for than everything or output alone, the days are simulated `PIECE` bytes at a time, and what is kept
is copied out of each piece.

    RECORDED   the names that can be kept; "injected", a number a day, always is
    asked      names as somebody wrote them -> names; InputError for one that is none
    size       bytes that a run will hold
    gathered   pieces of a run -> the record of what is kept, and the sums where output is not
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import YEAR, Floats, Ints, ratio, sums
from ballast.economy import Economy
from ballast.errors import InputError, nearest
from ballast.propagate.step.record import Record

RECORDED = frozenset(Record._fields)
LIGHT = frozenset({"output", "injected"})  # what the step writes down without being asked for more
NOT_BY_NODE = frozenset({"injected", "unmet", "ledger"})
PIECE = 1 << 27  # bytes

Names = frozenset[str]


class Sums(NamedTuple):
    """Of every day, over the nodes. C is region x sector: cell r * K + k."""

    output: Annotated[Floats, "T"]
    added: Annotated[Floats, "T, C"]  # value added a day
    base: Annotated[Floats, "C"]  # value added a day without any shock
    worst: Annotated[Ints, "T"]  # who loses most value added, or the first whose output is no number


def asked(keep: Collection[str] | None, *, full: bool) -> Names:
    """The names to keep; where none are given everything, or output unless `full`."""
    if keep is None:
        return RECORDED if full else LIGHT
    listed = isinstance(keep, Iterable) and not isinstance(keep, str)
    words: list[Any] = list(keep) if listed else [keep]
    if others := [word for word in words if not listed or word not in Record._fields]:
        raise InputError(
            f"keep: {_no_name(others[0], listed=listed)} Give a list of some of "
            f"{', '.join(Record._fields)}; an empty one keeps sums over the nodes."
        )
    return frozenset(words) | {"injected"}


def _no_name(word: object, *, listed: bool) -> str:
    """What is wrong with a word of `keep`, or with what stands there in place of a list."""
    if not listed:
        hint = f" Write keep=[{word!r}]." if word in Record._fields else ""
        return f"{word!r} is no list.{hint}"
    near = nearest(word, sorted(RECORDED)) if isinstance(word, str) else []
    hint = f" Did you mean {', '.join(near)}?" if near else ""
    return f"{word!r} is nothing that a run records.{hint}"


def at_once(keep: Names) -> bool:
    """Whether the step can write straight into what is kept."""
    return keep in (RECORDED, LIGHT)


def piece(nodes: int, keep: Names) -> int:
    """Days that are simulated at a time where that cannot be."""
    return max(1, PIECE // max(1, _day(nodes, LIGHT if keep <= LIGHT else RECORDED)))


def size(nodes: int, days: int, keep: Names) -> float:
    """Bytes of the arrays by node and day that a run will hold, its level and one made of that included."""
    held = days * (_day(nodes, keep) + 2 * _day(nodes, keep & {"output"}))
    passing = 0 if at_once(keep) else min(days, piece(nodes, keep)) * _day(nodes, RECORDED)
    return float(held + passing)


def _day(nodes: int, keep: Names) -> int:
    return 8 * nodes * len(keep - NOT_BY_NODE)


def gathered(
    pieces: Iterable[Record], days: int, keep: Names, economy: Economy, x0: Floats
) -> tuple[Record, Sums | None]:
    """The record of what is kept of the pieces, which follow each other, and their sums.

    Arrays that are not kept, and those that the model has none of, have no rows.
    """
    kept: dict[str, NDArray[Any]] = {}
    groups, first = _Groups.of(economy), 0
    found: list[tuple[Floats, Floats, Ints]] = []
    for rec in pieces:
        last = first + len(rec.output)
        for name, rows in rec._asdict().items():
            if name not in kept:
                some = days if name in keep and len(rows) else 0
                kept[name] = np.zeros((some, *rows.shape[1:]), rows.dtype)
            if len(kept[name]):
                kept[name][first:last] = rows
        if "output" not in keep:
            found.append(_sums(rec.output, x0, groups))
        first = last
    if not found:
        return Record(**kept), None
    output, added, worst = (np.concatenate(part) for part in zip(*found, strict=True))
    return Record(**kept), Sums(output, added, sums(groups.cell, groups.added, groups.cells), worst)


class _Groups(NamedTuple):
    cell: NDArray[np.int64]  # [N]
    added: Floats  # [N] value added a day
    cells: int

    @classmethod
    def of(cls, e: Economy) -> _Groups:
        cell = e.node_region.astype(np.int64) * e.k + e.node_sector
        return cls(cell, e.total_value_added / YEAR, e.r * e.k)


def _sums(output: Floats, x0: Floats, g: _Groups) -> tuple[Floats, Floats, Ints]:
    """(output, added, worst) day by day, so that nothing of the size of the piece is made beside it."""
    added, worst = np.empty((len(output), g.cells)), np.empty(len(output), np.int32)
    for t, made in enumerate(output):
        level = ratio(made, x0, 1.0)
        added[t] = sums(g.cell, level * g.added, g.cells)
        broken = ~np.isfinite(made)
        worst[t] = np.argmax(broken) if broken.any() else np.argmax((1 - level) * g.added)
    return output.sum(axis=1), added, worst
