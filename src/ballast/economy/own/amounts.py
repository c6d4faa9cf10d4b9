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
from ballast.errors import Finding
from ballast.text import counted

NOTHING_LEFT = 0.05  # of what the others would have by their size: less is what rounding leaves


@dataclass(frozen=True, eq=False)
class Amount:
    """A figure about the nodes of a row, to be shared by `weight` [N]."""

    row: Row
    role: str
    nodes: Any
    value: float
    weight: Floats


def shared_out(desk: Desk, amounts: list[Amount], out: Floats) -> None:
    """Narrow rows first; a wider row about the same place gives what is left to its other nodes. Where
    nothing is left it is the total of the narrower rows and says nothing of the others.
    """
    given = np.zeros(len(out))
    mine = np.zeros(len(out), bool)
    for a in sorted(amounts, key=lambda a: int(a.nodes.sum())):
        inside, others = a.nodes & mine, a.nodes & ~mine
        rest = a.value - given[inside].sum()
        if rest < -TOTAL_GAP * a.value or (
            not others.any() and abs(rest) > TOTAL_GAP * max(a.value, 1e-300)
        ):
            what = f"says {a.value:,.6g} for all, narrower rows say {given[inside].sum():,.6g}"
            desk.bad(a.row.place(a.role), what, "Correct one of them")
        elif others.any() and inside.any() and _is_total(a, rest, others):
            left = counted(int(others.sum()), "other node")
            what = f"says what the narrower rows add up to: a total, which says nothing of its {left}"
            todo = "Write 0 for them in rows of their own if that is meant"
            desk.findings.append(Finding("note", a.row.place(a.role), what, todo))
        elif others.any():
            given[others] = max(rest, 0.0) * _shares(a.weight, others)
            out[others] = given[others]
            mine |= others


def _is_total(a: Amount, rest: float, others: Any) -> bool:
    """Whether what is left to the other nodes is what rounding leaves, though by their size they have more.
    Nodes of no size have nothing.
    """
    theirs = a.weight[others].sum() / max(a.weight[a.nodes].sum(), 1e-300)
    return bool(rest <= TOTAL_GAP * a.value and rest < NOTHING_LEFT * theirs * a.value) and theirs > 0


def _shares(size: Floats, nodes: Any) -> Floats:
    """A figure about several nodes is shared by their size, evenly where none has any."""
    mine = size[nodes]
    return np.asarray(mine / mine.sum() if mine.sum() > 0 else np.full(len(mine), 1 / len(mine)))
