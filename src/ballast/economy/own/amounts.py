"""Amounts of several nodes shared between them: the narrower rows first, what is left to the others.

shared_out   amounts written into an array of nodes
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ballast.arrays import Floats
from ballast.economy.own.rows import Desk
from ballast.economy.own.sheets import TOTAL_GAP, Row
from ballast.economy.sheets.cells import number
from ballast.errors import Finding
from ballast.text import counted

ROUNDED_LEFT = 0.25  # the same where the last digits of the rows explain what is left
NOTHING_LEFT = 0.05  # of what the others would have by their size: less is what rounding leaves


@dataclass(frozen=True, eq=False)
class Amount:
    """A figure about the nodes of a row, to be shared by `weight` [N]."""

    row: Row
    role: str
    nodes: Any
    value: float
    weight: Floats

    @property
    def digit(self) -> float:
        """What one in the last digit of the figure is, in the unit of its value."""
        shown = number(self.row.values[self.role])
        return self.value / shown * self.row.digit(self.role) if shown else 0.0


def shared_out(desk: Desk, amounts: list[Amount], out: Floats) -> None:
    """Narrow rows first; a wider row about the same place gives what is left to its other nodes. Where
    nothing is left it is the total of the narrower rows and says nothing of the others.
    """
    given = np.zeros(len(out))
    mine = np.zeros(len(out), bool)
    digits = np.zeros(len(out))  # of the rows so far, each spread over its nodes
    for a in sorted(amounts, key=lambda a: int(a.nodes.sum())):
        inside, others = a.nodes & mine, a.nodes & ~mine
        rest = a.value - given[inside].sum()
        rounding = a.digit + float(digits[a.nodes].sum()) if inside.any() else 0.0
        gap = max(TOTAL_GAP * a.value, 0.5 * rounding, 1e-300)
        digits[a.nodes] += a.digit / np.count_nonzero(a.nodes)
        if rest < -gap or (not others.any() and abs(rest) > gap):
            what = f"says {a.value:,.6g} for all, narrower rows say {given[inside].sum():,.6g}"
            desk.bad(a.row.place(a.role), what, "Correct one of them")
        elif others.any() and inside.any() and _is_total(a, rest, others, 0.5 * rounding):
            left = counted(int(others.sum()), "other node")
            what = f"says what the narrower rows add up to: a total, which says nothing of its {left}"
            todo = "Write 0 for them in rows of their own if that is meant"
            desk.findings.append(Finding("note", a.row.place(a.role), what, todo))
        elif others.any():
            given[others] = max(rest, 0.0) * _shares(a.weight, others)
            out[others] = given[others]
            mine |= others


def _is_total(a: Amount, rest: float, others: Any, rounding: float) -> bool:
    """Whether what is left to the other nodes is what rounding leaves, though by their size they have more.
    Nodes of no size have nothing.
    """
    theirs = a.value * a.weight[others].sum() / max(a.weight[a.nodes].sum(), 1e-300)
    exact = rest <= TOTAL_GAP * a.value and rest < NOTHING_LEFT * theirs
    return bool(theirs > 0 and (exact or rest <= min(rounding, ROUNDED_LEFT * theirs)))


def _shares(size: Floats, nodes: Any) -> Floats:
    """A figure about several nodes is shared by their size, evenly where none has any."""
    mine = size[nodes]
    return np.asarray(mine / mine.sum() if mine.sum() > 0 else np.full(len(mine), 1 / len(mine)))
