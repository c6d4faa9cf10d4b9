"""A desk's sheets applied to a book: every row understood or named, nothing guessed, nothing lost.

    add(economy, file, names)   the economy with the file's facts, or findings and proposals to review

Rows that cannot be used are findings; unknown names come with proposals. With any error nothing is
applied: `Added` then has no economy, and the caller shows all of it at once. What is applied replaces
what the book said for the same key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ballast import safe
from ballast.arrays import Floats
from ballast.economy import classes
from ballast.economy.economy import Carrier, Economy
from ballast.economy.facts import MODES, OWN, Corridor, Facts, Generation, Target
from ballast.economy.names.matcher import Names, Proposal
from ballast.economy.names.nodes import told_apart
from ballast.economy.own import words as desk_words
from ballast.economy.own import years
from ballast.economy.own.about import located
from ballast.economy.own.amounts import Amount, shared_out
from ballast.economy.own.periods import period_of
from ballast.economy.own.rows import Desk, data, who
from ballast.economy.own.sheets import Found, Row, recognise
from ballast.economy.sane import file_fault, shown
from ballast.economy.sheets import units as desk_units
from ballast.economy.sheets.cells import plain
from ballast.economy.sheets.files import sheets
from ballast.errors import Finding, nearest
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text, counted

FEW_DAYS, MANY_DAYS = 0.0, 730.0
MOST_PEOPLE = 1e10
HOURS = 8784  # of a leap year
MOST_GROWTH = 50.0  # percent a year; beyond it a range is likelier an index of 105 or money
SHARE = 0.2  # a growth below it, beside a range in whole percent, may be a share of one: 0.06 for 6%
_THERMAL = ("coal", "gas", "oil")
_EMPTY = "no rows are filled in"


@dataclass(frozen=True)
class Added:
    """The economy with the facts (None when something is wrong), findings, proposals, and rows used by
    kind.
    """

    economy: Economy | None
    findings: tuple[Finding, ...]
    proposals: tuple[tuple[str, Proposal], ...]  # place in the file, and what the name there may mean
    rows: Mapping[str, int]


def add(
    economy: Economy, path: Path, confirmed: tuple[tuple[str, str, str], ...] = (), *, today: str = ""
) -> Added:
    """The economy with the facts in a desk's file. `confirmed` are (kind, name as written, code) from a
    review sheet.
    """
    if wrong := file_fault(path.name):
        finding = Finding("error", shown(path.name), wrong, "Rename the file")
        return Added(None, (finding,), (), {})
    desk = Desk(economy, Names.regions(economy), Names.sectors(economy))
    desk.regions.learn((word, code) for kind, word, code in confirmed if kind == "region")
    desk.sectors.learn((word, code) for kind, word, code in confirmed if kind == "sector")
    if told := [(word, code) for kind, word, code in confirmed if kind == "node"]:
        desk.nodes.learn(told)
    reading = recognise(sheets(path), desk.is_name, desk.is_node if told_apart(economy) else None)
    desk.findings += (*reading.findings, *years.doubts(reading.sheets))
    if not reading.sheets and not any(f.level == "error" for f in desk.findings):
        desk.bad(str(path), "holds no sheet with rows", "Fill in the template (`ballast book template`)")
    facts, carriers, sectors = economy.facts, economy.carriers, economy.sectors
    rows: dict[str, int] = {}
    for found in sorted(located(desk, reading.sheets), key=lambda f: list(_APPLY).index(f.kind)):
        before = len(desk.findings)
        change = _APPLY[found.kind](
            desk, found, replace(economy, facts=facts, carriers=carriers, sectors=sectors)
        )
        facts, carriers, sectors = change.facts, change.carriers, change.sectors
        rows[found.kind] = rows.get(found.kind, 0) + change.rows
        if not change.rows and len(desk.findings) == before:
            desk.findings.append(
                Finding("note", str(found.sheet.place(found.head)), _EMPTY, "Nothing to do")
            )
    if not any(rows.values()) and not any(f.level == "error" for f in desk.findings):
        desk.bad(str(path), _EMPTY, "Fill in at least one sheet of it")
    if any(f.level == "error" for f in desk.findings):
        return Added(None, _without_idle(desk.findings), tuple(dict.fromkeys(desk.proposals)), rows)
    key, file = f"{OWN}{safe.name(path.stem)}", safe.name(path.name)
    source = Source(
        key,
        file,
        "the desk's own figures",
        today or "not stated",
        "",
        Grade.D,
        "rows: " + _listed(rows),
    )
    text = Text(
        f"the desk's own figures from {file}: {_listed(rows)}",
        f"采用本单位数据{file}：{_listed(rows)}",
    )
    new = replace(
        economy,
        facts=facts,
        carriers=carriers,
        sectors=sectors,
        sources=(*(s for s in economy.sources if s.key != key), source),
        history=(*economy.history, Operation("facts", text, None, (key,))),
        findings=tuple(
            dict.fromkeys((*economy.findings, *(_kept(f, path) for f in desk.findings if f.what != _EMPTY)))
        ),
    )
    return Added(new, tuple(dict.fromkeys(desk.findings)), (), rows)


def _without_idle(findings: list[Finding]) -> tuple[Finding, ...]:
    """Without notes that say "Nothing to do" about a row of which an error says otherwise."""
    wrong = {f.where.split(", column ")[0] for f in findings if f.level == "error"}
    return tuple(
        f
        for f in dict.fromkeys(findings)
        if f.level == "error" or "Nothing to do" not in f.todo or f.where.split(", column ")[0] not in wrong
    )


def _kept(finding: Finding, path: Path) -> Finding:
    """A finding as the book keeps it, with the file's name."""
    return replace(finding, where=finding.where.replace(str(path), path.name))


def _listed(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{kind} {n}" for kind, n in rows.items() if n)


@dataclass(frozen=True)
class _Change:
    facts: Facts
    carriers: tuple[Carrier, ...]
    sectors: tuple[Any, ...]
    rows: int


def _changed(e: Economy, rows: int, **facts: Any) -> _Change:
    return _Change(replace(e.facts, **facts), e.carriers, e.sectors, rows)


# ---- kinds -----------------------------------------------------------------------------------


def _stock(desk: Desk, found: Found, e: Economy) -> _Change:
    """Days of stock by holder and product; a row with fewer names is the wider rule, and narrower ones
    win.
    """
    f = e.facts
    days = [
        np.full(len(e.slot_node), np.nan) if a is None else np.array(a)
        for a in (f.slot_days, f.slot_days_low, f.slot_days_high)
    ]
    used: list[_Days] = []
    for row in data(desk, found):
        before = len(desk.findings)
        value, low, high = (desk.days(row, r) if r in row.values else None for r in ("days", "low", "high"))
        if any(f.level == "error" for f in desk.findings[before:]):
            continue
        if value is None:
            if low is not None or high is not None:
                todo = "Write the days, or take the range out"
                desk.bad(row.place("days"), "has a range and no days", todo)
            continue
        nodes = who(desk, row)
        one = row.text("product") and not desk.whole(row, "product")
        product = desk.name(row, "product", desk.sectors) if one else -1
        if nodes is None or product is None:
            continue
        span = (value, value if low is None else low, value if high is None else high)
        if not (FEW_DAYS <= span[1] <= value <= span[2] <= MANY_DAYS):
            desk.bad(
                row.place("days"),
                f"days are {value:g}, low {span[1]:g}, high {span[2]:g}",
                "Write 0 ≤ low ≤ days ≤ high ≤ 730",
            )
            continue
        if not desk.once(row, *desk.place(row), desk.at(row, "product"), said=span):
            continue
        slots = nodes[e.slot_node] & ((e.slot_product == product) if product >= 0 else True)
        if not slots.any():
            desk.bad(
                row.place(),
                "the holder does not use this product in the book",
                "Correct the row, or leave it out",
            )
            continue
        place = desk.place(row)
        narrow = (3 if len(place) == 1 else sum(i >= 0 for i in place)) + (desk.at(row, "product") >= 0)
        used.append(_Days(row, narrow, slots, span))
    used.sort(key=lambda u: u.narrow)
    _crossing(desk, used, len(e.slot_node))
    for u in used:
        for array, value in zip(days, u.span, strict=True):
            array[u.slots] = value
    if not used:
        return _changed(e, 0)
    return _changed(e, len(used), slot_days=days[0], slot_days_low=days[1], slot_days_high=days[2])


@dataclass(frozen=True, eq=False)
class _Days:
    """Days of stock of the slots of a row: `span` is days, low, high; `narrow` the number of its names."""

    row: Row
    narrow: int
    slots: Any
    span: tuple[float, float, float]


def _crossing(desk: Desk, used: list[_Days], slots: int) -> None:
    """Rows that say different days of one slot, and neither is the narrower rule: the lower one counts."""
    last = np.full(slots, -1)
    for at, u in enumerate(used):
        for other in map(int, np.unique(last[u.slots])):
            if other < 0 or used[other].narrow != u.narrow or used[other].span == u.span:
                continue
            both = int(np.count_nonzero(last[u.slots] == other))
            inputs = counted(both, "input")
            ours, theirs = f"{u.span[0]:g} days", f"{used[other].span[0]:g}"
            what = f"says {ours}, {used[other].row.place()} says {theirs} of {inputs}"
            todo = "This row counts for them; name holder and product in one row if it should not"
            desk.findings.append(Finding("warning", u.row.place("days"), what, todo))
        last[u.slots] = at


def _staff(desk: Desk, found: Found, e: Economy) -> _Change:
    staff = np.full(e.n, np.nan) if e.facts.staff is None else np.array(e.facts.staff)
    amounts = []
    for row in data(desk, found, "staff"):
        people = desk.amount(row, "staff", desk_units.COUNT, "staff")
        nodes = None if people is None else who(desk, row)
        if people is None or nodes is None or not desk.once(row, *desk.place(row), said=people):
            continue
        if wrong := _people_fault(row, people):
            desk.bad(row.place("staff"), *wrong)
            continue
        amounts.append(Amount(row, "staff", nodes, people, e.output))
    shared_out(desk, amounts, staff)
    return _changed(e, len(amounts), staff=staff) if amounts else _changed(e, 0)


def _people_fault(row: Row, people: float) -> tuple[str, str] | None:
    """What is wrong with a number of people, and what to do; "1.200" may be a thousand or one."""
    written = row.values["staff"]
    if 0 < people < 1:
        return f"{people:g} people", "Write people, or say 万人 in the head's brackets"
    if people > MOST_PEOPLE:
        return f"{people:,.6g} people, more than live on earth", "Check the number and its unit"
    grouped = isinstance(written, str) and re.fullmatch(r"\d{1,3}(\.\d{3})+", plain(written)) is not None
    alone = row.number("staff", []) == people
    part = isinstance(written, str) and abs(people - round(people)) > 1e-6 * people
    if (grouped and alone) or part:
        what = f"says {plain(written)!r}, no whole number of people"
        return what, "Is the point between thousands? Write it without one"
    return None


def _energy(desk: Desk, found: Found, e: Economy) -> _Change:
    use = {code: np.array(v) for code, v in e.facts.use.items()}
    columns = [c for c in desk_words.CARRIERS if c in found.columns]
    bought = {code: _bought(e, code) for code in desk_words.CARRIERS}
    amounts: dict[str, list[Amount]] = {}
    for row in data(desk, found, *columns, *(["use"] if "use" in found.columns else [])):
        for code, role in _given(desk, row, columns):
            amount = desk.amount(row, role, desk_words.CARRIERS[code][3], f"use of {code}")
            nodes = None if amount is None else who(desk, row)
            if amount is None or nodes is None or not desk.once(row, code, *desk.place(row), said=amount):
                continue
            amounts.setdefault(code, []).append(Amount(row, role, nodes, amount, bought[code]))
    for code, listed in amounts.items():
        shared_out(desk, listed, use.setdefault(code, np.full(e.n, np.nan)))
    if not amounts:
        return _changed(e, 0)
    carriers = _carriers(desk, e, use, found)
    return _Change(replace(e.facts, use=use), carriers, e.sectors, sum(map(len, amounts.values())))


def _given(desk: Desk, row: Row, columns: list[str]) -> list[tuple[str, str]]:
    """(carrier, column) of a row: one column a carrier, or a column that names it."""
    out = [(c, c) for c in columns]
    if "use" in row.found.columns:
        word = row.text("carrier").casefold()
        if word in desk_words.CARRIER_WORDS:
            out.append((desk_words.CARRIER_WORDS[word], "use"))
        else:
            place = row.place("carrier" if "carrier" in row.found.columns else None)
            desk.bad(place, f"carrier {word!r} is not known", "Write " + ", ".join(desk_words.CARRIERS))
    return out


def _bought(e: Economy, carrier: str) -> Floats:
    """[N] what each node buys of the product that delivers a carrier, money a day."""
    need = np.where(e.slot_product == _product(e, carrier), e.slot_need, 0.0)
    return np.asarray(np.bincount(e.slot_node, need, e.n), np.float64)


def _product(e: Economy, carrier: str) -> int:
    """The product that delivers a carrier, by its class; -1 when the book has none."""
    like = desk_words.CARRIERS[carrier][1]
    return next((i for i, s in enumerate(e.sectors) if s.like == like), -1)


def _carriers(desk: Desk, e: Economy, use: Mapping[str, Floats], found: Found) -> tuple[Carrier, ...]:
    """Carriers the book lacked; a region whose nodes use more than it is said to use is a warning."""
    known = {c.code: c for c in e.carriers}
    for code, values in use.items():
        by_region = np.bincount(e.node_region, np.nan_to_num(values), e.r)
        if code in known and known[code].unit != desk_words.CARRIERS[code][2]:
            what = (
                f"{code} was known in {known[code].unit} and is now counted in "
                f"{desk_words.CARRIERS[code][2]}"
            )
            todo = "Regions without rows count as using none"
            desk.findings.append(Finding("note", str(found.sheet.file), what, todo))
            del known[code]
        if code in known:
            for r in np.flatnonzero(by_region > known[code].annual * 1.001):
                what = (
                    f"nodes use {by_region[r]:,.6g} {known[code].unit} of {code}, the region "
                    f"{known[code].annual[r]:,.6g}"
                )
                where = f"{found.sheet.file}, region {e.regions[r].code}"
                desk.findings.append(
                    Finding(
                        "warning",
                        where,
                        what,
                        "Check the unit",
                        float(by_region[r] - known[code].annual[r]),
                    )
                )
            continue
        product = _product(e, code)
        if product < 0:
            desk.bad(
                str(found.sheet.file),
                f"no sector of this book delivers {code}",
                "Give one the class in sheet classes",
            )
            continue
        name, _, unit, _ = desk_words.CARRIERS[code]
        by_region.flags.writeable = False
        known[code] = Carrier(code, name, product, unit, by_region.astype(np.float64), Grade.D)
    return tuple(known.values())


def _corridors(desk: Desk, found: Found, e: Economy) -> _Change:
    kept = {(c.origin, c.destination, c.mode): c for c in e.facts.corridors}
    count = 0
    for row in data(desk, found):
        ends = [desk.name(row, role, desk.regions) for role in ("from", "to")]
        word = row.text("mode").casefold()
        mode = desk_words.MODE_WORDS.get(word, word) or "road"
        if not word and "mode" in found.filled:
            desk.bad(row.place("mode"), "has no mode, and other rows have", "Write " + ", ".join(MODES))
            continue
        if mode not in MODES:
            desk.bad(row.place("mode"), f"mode {row.text('mode')!r}", "Write " + ", ".join(MODES))
            continue
        days = next((desk.days(row, r) for r in ("transit", "days") if row.text(r)), None)
        capacity, unit = _capacity(desk, row, mode)
        if ends[0] is None or ends[1] is None or not desk.once(row, *ends, mode):
            continue
        if ends[0] == ends[1]:
            desk.bad(row.place("to"), "the way ends where it begins", "Write two regions")
            continue
        if days is not None and not 0 <= days <= 365:
            place = row.place("transit" if row.text("transit") else "days")
            desk.bad(place, f"takes {days:g} days", "Write days from 0 to 365")
            continue
        corridor = Corridor(
            ends[0], ends[1], mode, _or_nan(days), _or_nan(capacity),
            unit, desk.grade(row),
        )  # fmt: skip
        kept[ends[0], ends[1], mode] = corridor
        count += 1
    return _changed(e, count, corridors=tuple(kept.values()))


def _capacity(desk: Desk, row: Row, mode: str) -> tuple[float | None, str]:
    if "capacity" not in row.values or row.values["capacity"] is None:
        return None, ""
    if mode == "power":
        return desk.amount(row, "capacity", desk_units.MW, "capacity"), "MW"
    return desk.amount(row, "capacity", desk_units.TONNES, "capacity"), "t"


def _generation(desk: Desk, found: Found, e: Economy) -> _Change:
    kept = {(g.region, g.fuel): g for g in e.facts.generation}
    count = 0
    for row in data(desk, found, *(c for c in ("capacity", "annual") if c in found.columns)):
        region = desk.name(row, "region", desk.regions)
        fuel = _fuel(desk, row)
        capacity = (
            desk.amount(row, "capacity", desk_units.MW, "capacity") if "capacity" in row.values else None
        )
        annual = (
            desk.amount(row, "annual", desk_units.GWH, "generation") if "annual" in row.values else None
        )
        if capacity is None and annual is None:
            continue
        if not row.text("fuel"):
            desk.bad(row.place("fuel"), "has figures and no fuel", "Write " + ", ".join(desk_words.FUELS))
        if region is None or not fuel or not desk.once(row, region, fuel):
            continue
        if capacity and annual and annual > capacity * HOURS / 1000:
            what = f"{annual:,.6g} GWh are more than {capacity:,.6g} MW give in a year of {HOURS:,} hours"
            desk.bad(row.place("annual"), what, "Check the two units")
            continue
        kept[region, fuel] = Generation(region, fuel, _or_nan(capacity), _or_nan(annual), desk.grade(row))
        count += 1
    for region in dict.fromkeys(r for r, fuel in kept if fuel == "thermal"):
        if parts := [f for f in _THERMAL if (region, f) in kept]:
            what = f"{e.regions[region].code} has thermal power and {' and '.join(parts)}, part of it"
            todo = "Look whether they are counted twice"
            desk.findings.append(Finding("warning", found.sheet.where, what, todo))
    return _changed(e, count, generation=tuple(kept.values()))


def _fuel(desk: Desk, row: Row) -> str:
    """The kind of power station a row names; "" where it names none that is known."""
    word = row.text("fuel").casefold()
    known = desk_words.FUELS
    found = next((f for f, words in known.items() if word == f or word in words), "")
    if word and not found:
        like = nearest(word, [*known, *(w for words in known.values() for w in words)])
        hint = f"Is it {' or '.join(like)}? " if like else ""
        desk.bad(row.place("fuel"), f"fuel {word!r} is not known", f"{hint}Write " + ", ".join(known))
    return found


def _ranges(desk: Desk, found: Found, e: Economy) -> _Change:
    kept = {(t.indicator, t.period, t.region): t for t in e.facts.targets}
    count = 0
    for row in data(desk, found):
        word = row.text("indicator").casefold()
        indicator = desk_words.INDICATORS.get(word, word)
        region = "all"
        if desk.is_grouped(row, "region"):
            continue
        if row.text("region") and not desk.whole(row, "region"):
            at = desk.name(row, "region", desk.regions)
            if at is None:
                continue
            region = e.regions[at].code
        if indicator not in desk_words.INDICATORS.values():
            desk.bad(
                row.place("indicator"),
                f"indicator {row.text('indicator')!r}",
                "Write industrial_value_added or value_added",
            )
            continue
        period = period_of(row.values["period"])
        if period is None:
            desk.bad(
                row.place("period"), f"period {row.text('period')!r}", "Write 2022-04, 2022-Q2 or 2022"
            )
            continue
        if strange := [r for r in ("low", "high", "growth") if not _in_percent(row, r)]:
            what = f"is in {row.found.columns[strange[0]].unit!r}, and a range is in percent"
            desk.unit_fault(row, strange[0], what, "Write percent")
            continue
        asked = [row.percent(r, desk.findings) for r in ("low", "high", "growth")]
        low, high, growth = (v for v, _ in asked)
        if (most := _most(*(v for v, said in asked if not said))) and most < 1:
            what = f"the range is in percent, and no number of it is above {most:g}"
            todo = f'Write {100 * most:g} if {100 * most:g}% is meant, "{most:g}%" if {most:g}% is'
            desk.bad(row.place(), what, todo)
            continue
        share, said = asked[2]
        if share and not said and abs(share) < SHARE and _most(low, high) >= 1:
            what = f"growth {share:g} beside {_most(low, high):g}, and both are in percent"
            todo = f'Write {100 * share:g} if {100 * share:g}% is meant, "{share:g}%" if {share:g}% is'
            desk.bad(row.place("growth"), what, todo)
            continue
        if low is None and high is None:
            desk.bad(row.place(), "neither low nor high is given", "Write at least one, in percent")
            continue
        if low is not None and high is not None and low > high:
            desk.bad(row.place("low"), f"low {low:g} is above high {high:g}", "Exchange them")
            continue
        if (most := _most(low, high, growth)) > MOST_GROWTH:
            what = f"a growth of {most:g}% a year: is an index meant (105 for 5%)?"
            desk.bad(row.place(), what, "Write growth over the year before in percent")
            continue
        if not desk.once(row, indicator, period, region):
            continue
        kept[indicator, period, region] = Target(
            indicator, period, region, _or_nan(low), _or_nan(high), _or_nan(growth), row.text("source")
        )
        count += 1
    return _changed(e, count, targets=tuple(kept.values()))


def _in_percent(row: Row, role: str) -> bool:
    """Whether the head of a range says percent, or no unit."""
    column = row.found.columns.get(role)
    return column is None or column.unit.casefold().strip() in desk_units.PERCENT


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _most(*values: float | None) -> float:
    """The largest size of what is given; 0 when nothing is."""
    return max((abs(v) for v in values if v is not None), default=0.0)


def _classes(desk: Desk, found: Found, e: Economy) -> _Change:
    sectors = list(e.sectors)
    count = 0
    for row in data(desk, found):
        like = row.text("like")
        if not like:
            continue
        at = desk.name(row, "sector", desk.sectors)
        code = re.sub(r"\.0+$", "", like)  # what a spreadsheet writes into a CSV for 14
        like = code.zfill(2) if code.isdigit() else classes.of_name(like)
        if like not in classes.CLASSES:
            desk.bad(
                row.place("like"), f"class {row.text('like')!r}", "Write a code from 01 to 42, or its name"
            )
            continue
        if at is None or not desk.once(row, at) or sectors[at].like == like:
            continue
        old = sectors[at]
        sectors[at] = replace(classes.sector(old.code, old.name, like, old.aliases), product=old.product)
        count += 1
    return _Change(e.facts, e.carriers, tuple(sectors), count)


# classes first: they decide which sector delivers a carrier
_APPLY: Mapping[str, Callable[[Desk, Found, Economy], _Change]] = {
    "classes": _classes,
    "stock": _stock,
    "staff": _staff,
    "energy": _energy,
    "corridors": _corridors,
    "generation": _generation,
    "ranges": _ranges,
}
