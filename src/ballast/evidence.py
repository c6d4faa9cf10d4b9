"""Where a number comes from and how far to trust it.

`Source` is title, publisher, date, address, licence; `Operation` a step from sources to a table;
`Grade` runs from A (official, seen in the original) to E (assumption with a range). A result inherits
the worst grade it leans on: `worst`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ballast.text import Text


class Grade(StrEnum):
    """How far a figure can be trusted."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"

    @property
    def meaning(self) -> Text:
        return _MEANINGS[self]


_MEANINGS = {
    Grade.A: Text("official statistic or law, seen in the original", "官方统计或法规，见原件"),
    Grade.B: Text("official figure, seen in a reprint", "官方数字，见转载"),
    Grade.C: Text("published estimate", "公开发表的估计"),
    Grade.D: Text("our estimate, with its method", "本项目估算，附方法"),
    Grade.E: Text("assumption, with a range", "假设，附取值区间"),
}


def worst(grades: Iterable[Grade]) -> Grade:
    """The grade a result inherits from everything it leans on (A when it leans on nothing)."""
    return max(grades, default=Grade.A)


@dataclass(frozen=True, slots=True)
class Source:
    """One document a figure was read in."""

    key: str
    title: str
    publisher: str
    date: str
    address: str
    grade: Grade
    note: str = ""
    licence: str = ""  # as stated where it was read


@dataclass(frozen=True, slots=True)
class Operation:
    """One step between the sources and a table of a book, in the order they were taken.

    `table` is what it made or changed ("nodes", "slots", "final", "markets", "carriers", ...), `moved`
    the money it moved as a share of all output (None when nothing moved), `sources` the keys of what it
    leaned on.
    """

    table: str
    text: Text
    moved: float | None = None
    sources: tuple[str, ...] = ()
