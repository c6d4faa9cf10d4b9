"""The state of reading a desk's file: the book's names, what was found, and where each key was given.

Desk   names looked up (unknown ones with proposals), keys that are given once, units, grades
data   the rows of a sheet that are no totals; totals are held against them
who    the nodes a row is about
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations
from typing import Any, Literal

import numpy as np

from ballast.economy.economy import Economy
from ballast.economy.names.matcher import Names, Proposal, tight
from ballast.economy.names.nodes import NodeNames, told_apart
from ballast.economy.own.sheets import TOTAL_GAP, Found, Row
from ballast.economy.own.words import GROUPS
from ballast.economy.sheets import units as desk_units
from ballast.economy.sheets.cells import plain
from ballast.economy.sheets.said import titles
from ballast.errors import Finding
from ballast.evidence import Grade

Level = Literal["error", "warning", "note"]
_WORDS = (
    "node",
    "region",
    "sector",
    "product",
    "carrier",
    "from",
    "to",
    "mode",
    "fuel",
    "indicator",
    "period",
)
_FINER = (("stock", "product"), ("energy", "carrier"))  # what a kind tells apart beyond region and sector
_BETWEEN = re.compile(r"[.,·、;/\-—|]\s*|\s+")  # what may stand between several names in a cell
_DAYS = re.compile(  # the 天 of days, not that of 天津 and 天然气
    r"天数|[以按]天计|[几少]天|(?<![\u4e00-\u9fff])天(?![\u4e00-\u9fff])|(?<![a-z])days?(?![a-z])",
    re.IGNORECASE,
)
_HOW = "; of tonnes or money write how many days' use they last, or leave the column out"
_APART: tuple[Level, str, str] = ("warning", "", "Look for a missing row")
_ROUNDED: tuple[Level, str, str] = (
    "note", ", as rounding of each may leave it", "Nothing to do if they are rounded",
)  # fmt: skip
_PARTED = ("region", "sector", "carrier", "fuel")  # what a total may still tell apart


@dataclass(eq=False)
class Desk:
    """The state of one reading: names of the book, what was found, and where each key was given."""

    e: Economy
    regions: Names
    sectors: Names
    findings: list[Finding] = field(default_factory=list)
    proposals: list[tuple[str, Proposal]] = field(default_factory=list)
    seen: dict[tuple[Any, ...], _Seen] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)
    looked: dict[tuple[Names, str], int] = field(default_factory=dict)  # names that were looked up

    @cached_property
    def nodes(self) -> NodeNames:
        """The nodes by id, name, or region and sector."""
        return NodeNames(self.e)

    def is_node(self, word: str) -> bool:
        """Whether a word means one node."""
        return self.nodes.find(word) is not None

    def bad(self, where: str, what: str, todo: str) -> None:
        self.findings.append(Finding("error", where, what, todo))

    def name(self, row: Row, role: str, names: Names) -> int | None:
        """The index a cell names; an unknown name becomes a finding with proposals."""
        word = row.text(role)
        if not word:
            self.bad(
                row.place(role), f"has no {names.kind}", f"Write the {names.kind}, or leave the row out"
            )
            return None
        at = names.find(word)
        if at is None:
            todo = self._several(word, names) or self._proposed(row, role, names)
            self.bad(row.place(role), names.unknown(word), todo)
        return at

    def _proposed(self, row: Row, role: str, names: Names) -> str:
        """What to do about an unknown name; what it may stand for is kept for the review sheet."""
        found = names.propose(row.text(role))
        self.proposals += [(row.place(role), p) for p in found]
        hint = " or ".join(f"{p.code} ({p.name})" for p in found)
        return (
            f"Is it {hint}? Confirm it in the review sheet, or correct the cell"
            if hint
            else "Correct the cell"
        )

    def _several(self, word: str, names: Names) -> str:
        """What to do about a cell that names several things, or a group of sectors; "" for any other."""
        kind = names.kind
        if kind == "sector" and word.casefold() in GROUPS:
            return (
                "It is a group of sectors: write a row for each of them, or all where every sector is meant"
            )
        parts = [p for p in _BETWEEN.split(word) if p]
        if len(parts) > 1 and all(names.find(p) is not None for p in parts):
            return f"It names several {kind}s: write a row for each of them"
        other = self.sectors if names is self.regions else self.regions
        if any(other.find(p) is not None for p in parts if len(p) > 1 and not p.isdecimal()):
            return f"It names a {other.kind}: write that under {other.kind}, and the {kind} under {kind}"
        return ""

    def is_name(self, word: str) -> bool:
        """Whether a word is a name of this book."""
        known = self.regions.find(word) is not None or self.sectors.find(word) is not None
        return known or (told_apart(self.e) and self.is_node(word))

    def once(self, row: Row, *key: Any, said: Any = None) -> bool:
        """Whether a key is new; the second time is a finding that names both places. Where a sheet says
        several kinds, rows that differ in what another kind tells apart may say the same again.
        """
        full = (row.found.kind, *key)
        words = ", ".join(row.text(r) for r in _WORDS if row.text(r))
        apart = tuple(row.text(r) for k, r in _FINER if k in row.found.kinds and k != row.found.kind)
        last = self.seen.get(full)
        if last is None:
            self.seen[full] = _Seen(f"{row.place()} ({words})", said, apart, row.found)
            return True
        if last.found is row.found and last.apart != apart and last.said == said:
            what = f"{row.found.kind} of one place stands in several rows and counts once"
            where = row.found.sheet.place(row.found.head)
            self.tell(where, what, "Nothing to do if it is the same figure")
            return False
        what = f"{words} says again what {last.where} said"
        todo = "Keep one of the two rows"
        if (
            last.found is not row.found
            and not {"region"} <= last.found.filled.keys() & row.found.filled.keys()
        ):
            todo += ", or write in a column region whose figures each table holds"
        if last.found is row.found and last.apart != apart:
            what, todo = f"{what}, with another figure of {row.found.kind}", "Correct one of them"
        self.bad(row.place(), what, todo)
        return False

    def is_grouped(self, row: Row, role: str) -> bool:
        """Whether a name is left out below rows that have one, where it may mean the one above or all of
        them: a finding that asks.
        """
        first = row.found.filled.get(role)
        if row.text(role) or first is None or row.at < first:
            return False
        todo = f"Write the {role}, or all where every one is meant"
        self.bad(row.place(role), f"has no {role}, and rows above have: the same again, or all?", todo)
        return True

    def at(self, row: Row, role: str) -> int:
        """The index of what a cell names, in whatever spelling; -1 where it names nothing."""
        names: Names = self.regions if role == "region" else self.nodes if role == "node" else self.sectors
        word = row.text(role)
        if (names, word) not in self.looked:
            found = names.find(word) if word else None
            self.looked[names, word] = -1 if found is None else found
        return self.looked[names, word]

    def place(self, row: Row) -> tuple[int, ...]:
        """What tells places of rows apart: the node, else region and sector."""
        at = self.at(row, "node")
        return (at,) if at >= 0 else (self.at(row, "region"), self.at(row, "sector"))

    def whole(self, row: Row, role: str) -> bool:
        """Whether a cell says all regions, sectors or products, and none is called so."""
        return row.every(role) and self.at(row, role) < 0

    def named(self, row: Row, word: str) -> bool:
        """Whether a word for a total is the name of a region or sector of this book."""
        return any(
            row.text(r) == word and self.at(row, r) >= 0 for r in ("region", "sector", "node", "product")
        )

    def grade(self, row: Row) -> Grade:
        word = row.text("grade").upper()
        if word and word not in {str(g) for g in Grade}:
            self.bad(row.place("grade"), f"grade {word!r}", "Write A, B, C, D or E")
            return Grade.D
        return Grade(word) if word else Grade.D

    def amount(self, row: Row, role: str, units: Mapping[str, float], what: str) -> float | None:
        """A number in the base unit; a unit that is missing or unknown is a finding."""
        value, wrong = self._number(row, role)
        if value is None and not wrong:
            return None
        said = row.units(role, units)
        factors = {u: desk_units.factor(u, units) for u in said}
        if strange := _unit_fault(factors):
            known = ", ".join(units)
            todo = f"Write it in brackets behind the head: {known}"
            self.unit_fault(row, role, f"{what}: {strange}", todo)
            return None
        if value is None:
            return None
        factor = next(iter(factors.values())) or 1.0
        if value < 0:
            self.bad(row.place(role), f"{what} is negative", "Write a positive number")
            return None
        return value * factor

    def _number(self, row: Row, role: str) -> tuple[float | None, bool]:
        """A cell as a number, and whether it holds something that is none, which is a finding."""
        before = len(self.findings)
        value = row.number(role, self.findings)
        return value, any(f.level == "error" for f in self.findings[before:])

    def unit_fault(self, row: Row, role: str, what: str, todo: str) -> None:
        """An error about the unit of a cell: once at the head, unless the row itself says a unit."""
        where = row.place(role) if row.own_unit(role) else row.head_place(role)
        self.tell(where, what, todo, "error")

    def days(self, row: Row, role: str) -> float | None:
        """A number of days, whatever unit of time the head, the format or a line above gives; a unit that
        is none of time, or that is said twice differently, is a finding. A range without a unit has that
        of its days.
        """
        value, bad = self._number(row, role)
        if value is None and not bad:
            return None
        of = role if role == "transit" else "days"
        said = row.units(role, desk_units.DAYS) or row.units(of, desk_units.DAYS)
        known = [(unit, desk_units.factor(unit, desk_units.DAYS)) for unit in said]
        if wrong := _time_fault(row, of, known):
            self.unit_fault(row, role if known else of, *wrong)
            return None
        if value is None:
            return None
        unit, factor = known[0] if known else ("", 1.0)
        if not known and (hint := _other_time(row)):
            what = f"{_word(role)} are read in days, though a title says {hint!r}"
            self.tell(row.head_place(role), what, "Look which is meant")
        if factor != 1:
            months = ", a month as 30 days" if factor == 30 else ""
            what = f"{_word(role)} are read in {unit}{months} and turned into days"
            self.tell(row.head_place(role), what, "Look whether that is meant")
        return value * (factor or 1.0)

    def tell(self, where: str, what: str, todo: str, level: Level = "note") -> None:
        """A finding, once."""
        if (where, what) not in self.told:
            self.told.add((where, what))
            self.findings.append(Finding(level, where, what, todo))


@dataclass(frozen=True, eq=False)
class _Seen:
    """What a key said: where, its figure, and what else the row tells apart."""

    where: str
    said: Any
    apart: tuple[str, ...]
    found: Found


def _word(role: str) -> str:
    return "days on the way" if role == "transit" else role


def _time_fault(row: Row, role: str, known: Sequence[tuple[str, float | None]]) -> tuple[str, str] | None:
    """What is wrong with the units of time of a cell under the head `role`, and what to do; None where they
    are one, or the head says days.
    """
    if bad := [unit for unit, factor in known if factor is None]:
        what = f"is in {bad[0]!r}, which is no unit of time"
        return what, f"Write days: 天, 周, 月 or 小时 in brackets behind the head{_HOW}"
    if len({factor for _, factor in known}) > 1:
        what = "is in two units at once: " + " and ".join(unit for unit, _ in known)
        return what, "Keep one of them, in brackets behind the head"
    head = plain(row.found.sheet.rows[row.found.head][row.found.columns[role].at])
    if known or _DAYS.search(head):
        return None
    if hint := _other_time(row):
        return f"may be days or {hint!r}, as a title says", "Write the unit in brackets behind the head"
    if any(_DAYS.search(text) for _, text in titles(row.found.sheet, row.found.head)):
        return None
    if role == "transit":
        return (
            f"{head!r} says no unit, and may be days or hours",
            "Write 天 or 小时 in brackets behind the head",
        )
    what = f"{head!r} says no unit, and may be days of use, tonnes or yuan"
    return what, f"Write 库存天数 or days (天) if they are days{_HOW}"


def _other_time(row: Row) -> str:
    """A unit of time other than days in the title of a sheet of stocks; "" where there is none."""
    if row.found.kind != "stock":
        return ""
    return next(
        (u for u in row.found.hints if desk_units.factor(u, desk_units.DAYS) not in (None, 1.0)), ""
    )


def _unit_fault(factors: Mapping[str, float | None]) -> str:
    """What is wrong with the units that are said of an amount; "" where they are one."""
    if not factors:
        return "no unit is given"
    if unclear := next((u for u in factors if u in ("MT", "mt")), ""):
        return f"{unclear} may be tonnes or million tonnes (t, Mt)"
    if unknown := next((u for u, factor in factors.items() if factor is None), ""):
        return f"unit {unknown!r} is not known"
    return "it is in two units at once: " + " and ".join(factors) if len(set(factors.values())) > 1 else ""


def data(desk: Desk, found: Found, *sums: str) -> list[Row]:
    """The rows that are no totals. A total is held against the rows that it may be of: those since the one
    before, all above, or those below down to the next.
    """
    out: list[Row] = []
    said: list[Mapping[str, float]] = []  # by each of them
    totals: list[_Total] = []
    parts = _Parts(desk)
    for row in found.rows():
        if faulty := list(row.faults()):
            for role, what in faulty:
                desk.bad(row.place(role), what, "Take the character out, or shorten the text")
            continue
        if note := row.footnote:
            what = f"{note[:40]!r} is a note below the table and left out"
            desk.findings.append(Finding("note", row.place(), what, "Nothing to do"))
            continue
        if units := row.units_line:
            what, todo = f"{units!r} among the rows says another unit", "Give each table a sheet of its own"
            desk.bad(row.place(), what, todo)
            continue
        quiet: list[Finding] = []
        values = {role: value for role in sums if (value := row.number(role, quiet))}
        word = row.total or parts.total(row, values)
        if not word or desk.named(row, word):
            out.append(row)
            said.append(values)
            parts.add(row, values)
            continue
        totals.append(_Total(row, len(out), values if row.total else {}))
        todo = "Nothing to do if it is one"
        desk.findings.append(Finding("note", row.place(), f"{word} is a total and left out", todo))
    _hold(desk, out, said, totals, sums)
    return out


@dataclass(frozen=True)
class _Total:
    """A row that is a total, the number of data rows above it, and what it says."""

    row: Row
    at: int
    values: Mapping[str, float]


def _hold(
    desk: Desk,
    rows: Sequence[Row],
    said: Sequence[Mapping[str, float]],
    totals: Sequence[_Total],
    sums: Sequence[str],
) -> None:
    """A warning for each total that the rows it may be of do not add up to; where their last digits explain
    it, a note.
    """
    up_to = {role: np.cumsum([0.0, *(v.get(role, 0.0) for v in said)]) for role in sums}  # [rows + 1]
    ends = [0, *(t.at for t in totals), len(said)]
    for i, total in enumerate(totals):
        before, after = ends[i], ends[i + 2]
        spans = [(before, total.at), (0, total.at), (total.at, after), (total.at, len(said))]
        for role, value in total.values.items():
            found = [up_to[role][end] - up_to[role][begin] for begin, end in spans]
            if any(abs(x - value) <= TOTAL_GAP * abs(value) for x in found):
                continue
            rounded = next(
                (
                    x
                    for x, (begin, end) in zip(found, spans, strict=True)
                    if end > begin
                    and abs(x - value) <= _rounding(total.row, role, rows[begin:end], said[begin:end])
                ),
                None,
            )
            near = found[0] if total.at > before else found[1] if total.at else found[2]
            sum_ = near if rounded is None else rounded
            level, why, todo = _APART if rounded is None else _ROUNDED
            what = f"the total says {value:,.6g}, the rows add up to {sum_:,.6g}{why}"
            desk.findings.append(Finding(level, total.row.place(role), what, todo, sum_ - value))


def _rounding(total: Row, role: str, rows: Sequence[Row], said: Sequence[Mapping[str, float]]) -> float:
    """How far rounding may bring a total from the sum of its rows: half a last digit of each at most, and
    three standard deviations of as many.
    """
    filled = (row.digit(role) for row, values in zip(rows, said, strict=True) if role in values)
    digits = np.array([total.digit(role), *filled])
    return float(min(digits.sum() / 2, 3 * np.sqrt((digits**2).sum() / 12))) * (1 + 1e-9)


class _Parts:
    """Sums of the rows about one region or one sector, so that a row about all (全国) that says the same
    is known for their total.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sums: dict[tuple[object, ...], dict[str, float]] = {}

    def add(self, row: Row, values: Mapping[str, float]) -> None:
        """Count a row with all that a total of it may still tell apart."""
        if not values:
            return
        for role in ("region", "sector"):
            if not row.text(role) or row.every(role):
                continue
            others = [(r, tight(row.text(r))) for r in _PARTED if r != role and row.text(r)]
            for some in chain.from_iterable(combinations(others, n) for n in range(len(others) + 1)):
                sums = self.sums.setdefault((role, *some), {})
                for name, value in values.items():
                    sums[name] = sums.get(name, 0.0) + value

    def total(self, row: Row, values: Mapping[str, float]) -> str:
        """The word of a row about all when rows about parts above add up to it; else ""."""
        role = next((r for r in ("region", "sector") if row.every(r) and self.desk.at(row, r) < 0), "")
        if not role or not values:
            return ""
        told = [(r, tight(row.text(r))) for r in _PARTED if r != role and row.text(r) and not row.every(r)]
        sums = self.sums.get((role, *told), {})
        same = all(abs(sums.get(n, 0.0) - v) <= TOTAL_GAP * abs(v) for n, v in values.items())
        return row.text(role) if same else ""


def who(desk: Desk, row: Row) -> Any:
    """[N] the nodes a row is about: its region, its sector, or both, or the node it names; None when a name
    is not known.
    """
    e = desk.e
    if row.text("node"):
        return _one(desk, row)
    if "node" in row.found.filled and not row.text("region"):
        todo = "Write the node, or the region and sector of which all nodes are meant"
        desk.bad(row.place("node"), "has neither a node nor a region, and other rows name nodes", todo)
        return None
    if not any(row.text(r) for r in ("region", "sector", "product") if r not in row.found.about):
        desk.bad(
            row.place(),
            "has a figure and no name of a region or sector",
            "Fill the names in; write all under region if every one is meant",
        )
        return None
    named = any(row.text(r) for r in ("region", "sector") if r not in row.found.about)
    if row.found.kind == "stock" and not named and row.found.filled.keys() & {"region", "sector"}:
        todo = "Write them, or all under region where every one is meant"
        desk.bad(row.place(), "has a product and neither region nor sector", todo)
        return None
    if row.found.kind == "stock" and desk.is_grouped(row, "region"):
        return None
    if (
        row.found.kind == "stock"
        and not row.text("sector")
        and row.found.filled.get("sector", row.at) < row.at
    ):
        todo = "Write the sector where the one above is meant"
        desk.tell(
            row.head_place("sector"), "rows without a sector are about every sector of their region", todo
        )
    if row.found.kind in ("staff", "energy") and not row.text("region") and "region" in row.found.filled:
        # as above, or all of them: people are not poured over the country on a guess
        todo = "Write the region, or all where the figure is that of all of them"
        desk.bad(row.place("region"), "has no region, and other rows have", todo)
        return None
    mask = np.ones(e.n, bool)
    for role, names, of in (
        ("region", desk.regions, e.node_region),
        ("sector", desk.sectors, e.node_sector),
    ):
        if row.text(role) and not desk.whole(row, role):
            at = desk.name(row, role, names)
            if at is None:
                return None
            mask &= of == at
    if not mask.any():
        desk.bad(
            row.place(),
            "the book has no node of this region and sector",
            "Correct the row, or leave it out",
        )
        return None
    return mask


def _one(desk: Desk, row: Row) -> Any:
    """[N] the one node that a row names; a region or sector beside must be its own."""
    e, at = desk.e, desk.name(row, "node", desk.nodes)
    if at is None:
        return None
    for role, names, own in (
        ("region", desk.regions, e.node_region[at]),
        ("sector", desk.sectors, e.node_sector[at]),
    ):
        if not row.text(role) or desk.whole(row, role):
            continue
        other = desk.name(row, role, names)
        if other is None:
            return None
        if other != own:
            node, mine = e.node_codes[at], names.things[own].code
            what = f"{row.text(role)!r} is not the {role} of {row.text('node')!r}: {node} is of {mine}"
            desk.bad(row.place(role), what, "Correct one of the two")
            return None
    return np.arange(e.n) == at
