"""A scenario from TOML. Every mistake is named at once by file, line and key; nothing is guessed.

`load` takes the name of a built-in scenario or a file (UTF-8, UTF-8 with BOM, or GB18030).
`Reader` is a table being read: it takes keys out one by one with the type they must have, notes
what is wrong, and at the end names the keys nobody asked for with the nearest known one.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from ballast import safe
from ballast.economy.facts import FREIGHT
from ballast.errors import Finding, ScenarioError, nearest, raise_findings
from ballast.evidence import Grade, Source, worst
from ballast.scenario import locate
from ballast.scenario.shock import (
    KINDS,
    MAX_DAYS,
    ONE,
    Direction,
    Indicator,
    Point,
    Range,
    RangeTarget,
    Scenario,
    Shape,
    Shock,
    Trade,
    Unit,
    period_dates,
)
from ballast.text import Text

# What each kind may say beside the keys every shock has. The first unit is the default.
_NODES = ("regions", "sectors", "nodes", "not_regions", "not_sectors")
_KEYS: dict[str, tuple[str, ...]] = {
    "staff": (*_NODES, "output_per_staff", "remote"),
    "capacity": _NODES,
    "power": (*_NODES, "carrier", "hours"),
    "fuel": (*_NODES, "carrier"),
    "final_demand": ("regions", "products", "categories", "not_regions", "not_products"),
    "exports": _NODES,
    "imports": ("regions", "products", "not_regions", "not_products"),
    "corridor": ("from", "to", "both_ways", "within", "mode", "products", "not_products"),
    "port": ("hinterland", "products", "not_products", "trade"),
    "stock": (*_NODES, "products", "not_products", "direction"),
}
_COMMON = (
    "name", "kind", "title", "path", "until", "shape", "unit", "share", "driver", "share_driver",
    "sources", "note", "grade",
)  # fmt: skip
_UNITS: dict[str, tuple[Unit, ...]] = {
    "power": ("percent", "GWh/day missing", "MW missing"),
    "fuel": ("percent", "units/day missing"),
    "stock": ("days", "money"),
}
# Percent of normal: a plant, a road or a port cannot do more than all it can; demand can grow.
_MOST = {"final_demand": 1000.0, "exports": 1000.0, "imports": 1000.0}


def builtin_scenarios() -> tuple[str, ...]:
    """The names of the scenarios that come with Ballast."""
    folder = resources.files("ballast") / "scenarios"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def _meant(name: str) -> str:
    close = nearest(name, builtin_scenarios())
    return f"Did you mean {' or '.join(close)}? " if close else ""


def load(name_or_path: str | Path) -> Scenario:
    """A built-in scenario by name, or a scenario from a TOML file."""
    name = str(name_or_path)
    if isinstance(name_or_path, str) and name in builtin_scenarios():
        return parse(
            _decode((resources.files("ballast") / "scenarios" / f"{name}.toml").read_bytes(), name), name
        )
    path = Path(name_or_path)
    if not path.suffix and not path.exists():
        raise ScenarioError(
            f"scenario {name}: no such file and no built-in scenario of that name. "
            f"{_meant(name)}Built in: {', '.join(builtin_scenarios())}."
        )
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "not an ordinary file"
        built = ", ".join(builtin_scenarios())
        raise ScenarioError(f"{name}: {what}. Give a TOML file or a built-in scenario: {built}.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ScenarioError(
            f"{name}: cannot be read ({error.strerror}). Give a TOML file or one of: "
            f"{', '.join(builtin_scenarios())}."
        ) from error
    return parse(_decode(data, name), name)


def parse(text: str, file: str = "scenario") -> Scenario:
    """A scenario from TOML text; `file` is how messages call it."""
    text = text.replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(_syntax(error, text, file)) from error
    except RecursionError as error:
        raise ScenarioError(
            f"{file}: nested too deeply to be a scenario. Use the documented tables."
        ) from error
    issues = _Issues(file, locate.Lines(text))
    scenario = _scenario(Reader(data, (), issues), safe.name(Path(file).stem), file)
    raise_findings(issues.found, ScenarioError, head=f"{file}: the scenario cannot be used.")
    assert scenario is not None
    return scenario


def _decode(data: bytes, file: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ScenarioError(f"{file}: neither UTF-8 nor GB18030 text. Save it as UTF-8.")


_WIDTH = 100  # of a line shown in a message: a file of another kind may be one line of megabytes


def _syntax(error: tomllib.TOMLDecodeError, text: str, file: str) -> str:
    """tomllib's message with the place in front and the line beneath."""
    message = str(error)
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    line = int(place[1]) if place else text.count("\n") + 1
    column = int(place[2]) if place else 1
    said = text.split("\n")[line - 1].strip() if line <= text.count("\n") + 1 else ""
    what = message[: place.start()] if place else message.removesuffix(" (at end of document)")
    shown = "".join(c if c.isprintable() else "?" for c in said[:_WIDTH]) + "..." * (len(said) > _WIDTH)
    return f"{file}:{line}:{column}: not valid TOML: {what}.\n    {shown}\nCorrect this line."


# ---- reading a table ------------------------------------------------------------------------


@dataclass
class _Issues:
    """Everything wrong so far."""

    file: str
    lines: locate.Lines
    found: list[Finding] = field(default_factory=list)

    def add(self, path: locate.Path, what: str, todo: str) -> None:
        place = f"{self.file}:{self.lines.line(path)}: {_dotted(path)}".rstrip(": ")
        self.found.append(Finding("error", place, what, todo))


def _dotted(path: locate.Path) -> str:
    """("shocks", 2, "path", 0) -> "shocks[3].path[1]", counting as people count."""
    out = ""
    for part in path:
        out += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if out else part
    return out


class Reader:
    """One table of the file, taken apart key by key."""

    def __init__(self, data: Mapping[str, Any], path: locate.Path, issues: _Issues) -> None:
        self.data, self.path, self.issues = dict(data), path, issues
        self.asked: set[str] = set()

    def bad(self, key: str | None, what: str, todo: str, *more: int) -> None:
        self.issues.add((*self.path, *(() if key is None else (key,)), *more), what, todo)

    def take(self, key: str, *, required: bool = False) -> Any:
        self.asked.add(key)
        if required and key not in self.data:
            self.bad(None, f'"{key}" is missing', f"Add {key} = ...")
        return self.data.get(key)

    def done(self, elsewhere: Mapping[str, str] | None = None) -> None:
        """Report the keys nobody asked for. `elsewhere` explains keys that belong to something else."""
        for key in self.data.keys() - self.asked:
            if elsewhere and key in elsewhere:
                self.bad(key, f'"{key}" is not for this', elsewhere[key])
                continue
            close = _closest(key, self.asked)
            hint = f'Did you mean "{close[0]}"? ' if close else ""
            self.bad(key, f'unknown key "{key}"', f"{hint}Known: {', '.join(sorted(self.asked))}")

    def string(self, key: str, *, required: bool = False, default: str = "") -> str:
        value = self.take(key, required=required)
        if value is None:
            return default
        if not isinstance(value, str) or (required and not value.strip()):
            self.bad(key, f"must be text, not {_show(value)}", f'Write {key} = "..."')
            return default
        return value

    def choice(self, key: str, options: Sequence[str], default: str, *, required: bool = False) -> Any:
        value = self.take(key, required=required)
        if value is None or value in options:
            return default if value is None else value
        close = _closest(value, options) if isinstance(value, str) else []
        hint = f'Did you mean "{close[0]}"? ' if close else ""
        self.bad(key, f"cannot be {_show(value)}", f"{hint}Use one of: {', '.join(options)}")
        return default

    def both(self, key: str) -> Text:
        """The same words in the two languages."""
        value = self.take(key, required=True)
        if value is None:
            return Text("", "")
        sides = [value.get(lang) if isinstance(value, dict) else None for lang in ("en", "zh")]
        if not all(isinstance(s, str) and s.strip() for s in sides) or len(value) != 2:
            self.bad(key, "needs English and Chinese", f'Write {key} = {{ en = "...", zh = "..." }}')
            return Text("", "")
        return Text(str(sides[0]), str(sides[1]))

    def words(self, key: str) -> tuple[str, ...]:
        value = self.take(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            self.bad(key, f"must be a list of names, not {_show(value)}", f'Write {key} = ["...", "..."]')
            return ()
        return tuple(value)

    def date(self, key: str, *, required: bool = False) -> dt.date | None:
        value = self.take(key, required=required)
        if value is None:
            return None
        day = _as_date(value)
        if day is None:
            self.bad(key, f"must be a date, not {_show(value)}", f"Write {key} = 2022-03-28")
        return day

    def flag(self, key: str, default: bool) -> bool:
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.bad(key, f"must be true or false, not {_show(value)}", f"Write {key} = true")
        return default

    def number(self, key: str, low: float, high: float) -> float | None:
        value = self.take(key)
        if value is None:
            return None
        return self.within(value, key, low, high)

    def range(self, key: str, low: float, high: float, default: Range) -> Range:
        value = self.take(key)
        return default if value is None else self.as_range(value, key, low, high) or default

    def as_range(self, value: Any, key: str, low: float, high: float, *more: int) -> Range | None:
        """0.3 or [0.3, 0.2, 0.4]: a value, or a value with its low and its high."""
        parts = value if isinstance(value, list) else [value]
        if len(parts) not in (1, 3):
            self.bad(
                key, f"must be a number or [value, low, high], not {_show(value)}", "Give 1 or 3", *more
            )
            return None
        numbers = [self.within(p, key, low, high, *more) for p in parts]
        if any(n is None for n in numbers):
            return None
        found = Range.exact(numbers[0] or 0.0) if len(numbers) == 1 else Range(*(n or 0.0 for n in numbers))
        if not found.low <= found.value <= found.high:
            self.bad(
                key, f"low {found.low:g}, value {found.value:g}, high {found.high:g} are out of order",
                "Write value, low, high with low <= value <= high", *more,
            )  # fmt: skip
            return None
        return found

    def within(self, value: Any, key: str, low: float, high: float, *more: int) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.bad(key, f"must be a number, not {_show(value)}", f"Give {low:g} to {high:g}", *more)
            return None
        if not low <= value <= high:
            self.bad(
                key, f"{value:g} is outside {low:g} to {high:g}", "Correct the value or the unit", *more
            )
            return None
        return float(value)

    def tables(self, key: str) -> list[Reader]:
        value = self.take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            self.bad(key, "must be a list of tables", f"Write [[{key}]] above each one")
            return []
        return [Reader(v, (*self.path, key, i), self.issues) for i, v in enumerate(value)]


def _closest(word: str, known: Iterable[str]) -> list[str]:
    """The one known word most like `word`, or none."""
    close = nearest(word, sorted(known), most=5)
    return sorted(close, key=lambda k: -SequenceMatcher(None, word, k).ratio())[:1]


def _show(value: Any) -> str:
    shown = "true" if value is True else "false" if value is False else repr(value)
    return shown if len(shown) <= 40 else shown[:37] + "..."


def _as_date(value: Any) -> dt.date | None:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            return None
    return None


# ---- the scenario ---------------------------------------------------------------------------


def _scenario(top: Reader, stem: str, file: str) -> Scenario | None:
    start = top.date("start", required=True)
    days = _horizon(top, start)
    decision = top.date("decision") or start
    sources = _sources(top)
    keys = {s.key: s for s in sources}
    window = None if start is None or days is None else (start, start + dt.timedelta(days=days - 1))
    if window and decision and not window[0] <= decision <= window[1]:
        top.bad("decision", f"{decision} is outside the horizon", f"Use {window[0]} to {window[1]}")
    shocks = tuple(
        s for i, t in enumerate(top.tables("shocks")) if (s := _shock(t, i, keys, window)) is not None
    )
    _unique(top, "shocks", [s.name for s in shocks])
    scenario = Scenario(
        name=top.string("name", default=stem),
        title=top.both("title"),
        summary=top.both("summary"),
        book=top.string("book", required=True),
        start=start or dt.date.min,
        days=days or 1,
        decision=decision or dt.date.min,
        shocks=shocks,
        ranges=tuple(r for t in top.tables("ranges") if (r := _target(t, keys, window)) is not None),
        sources=sources,
        file=file,
    )
    top.done()
    return scenario


def _horizon(top: Reader, start: dt.date | None) -> int | None:
    """The number of days, from `days` or from `end`."""
    end, days = top.date("end"), top.take("days")
    if (end is None) == (days is None):
        top.bad("days" if days is not None else None, "needs either days or end", "Add days = 120")
        return None
    key = "days"
    if end is not None:
        key = "end"
        if start is None:
            return None
        days = (end - start).days + 1
        if days < 1:
            top.bad("end", f"{end} is before the start {start}", "Put the end after the start")
            return None
    if isinstance(days, bool) or not isinstance(days, int):
        top.bad(key, f"must be a whole number of days, not {_show(days)}", "Write days = 120")
        return None
    if not 1 <= days <= MAX_DAYS:
        top.bad(key, f"a horizon of {days} days", f"Use 1 to {MAX_DAYS} days (the limit is ten years)")
        return None
    return days


def _sources(top: Reader) -> tuple[Source, ...]:
    out = []
    for t in top.tables("sources"):
        grade = t.choice("grade", [g.value for g in Grade], "E", required=True)
        date = t.take("date", required=True)
        out.append(
            Source(
                key=t.string("key", required=True),
                title=t.string("title", required=True),
                publisher=t.string("publisher", required=True),
                date=date.isoformat() if isinstance(date, dt.date) else str(date),
                address=t.string("address"),
                grade=Grade(grade),
                note=t.string("note"),
            )
        )
        t.done()
    _unique(top, "sources", [s.key for s in out])
    return tuple(out)


def _unique(top: Reader, key: str, names: Sequence[str]) -> None:
    for i, name in enumerate(names):
        if name and name in names[:i]:
            top.bad(key, f'"{name}" is used twice', "Give each its own name", i)


def _cited(t: Reader, keys: Mapping[str, Source]) -> tuple[str, ...]:
    cited = t.words("sources")
    for word in cited:
        if word not in keys:
            close = _closest(word, keys)
            hint = f'Did you mean "{close[0]}"? ' if close else ""
            t.bad("sources", f'no source with key "{word}"', f"{hint}Add it under [[sources]]")
    return cited


def _shock(
    t: Reader, i: int, keys: Mapping[str, Source], window: tuple[dt.date, dt.date] | None
) -> Shock | None:
    kind = t.choice("kind", KINDS, "", required=True)
    if not kind:
        t.asked.update(_COMMON, *_KEYS.values())
        t.done()
        return None
    name = t.string("name", default=f"{kind}-{i + 1}")
    unit = t.choice("unit", _UNITS.get(kind, ("percent",)), _UNITS.get(kind, ("percent",))[0])
    until = t.date("until")
    cited = _cited(t, keys)
    grade = t.choice("grade", [g.value for g in Grade], "")
    known = [keys[k].grade for k in cited if k in keys]
    shock = Shock(
        name=name,
        kind=kind,
        title=t.both("title"),
        path=_path(t, kind, unit, until, window),
        until=until,
        shape=t.choice("shape", get_args(Shape), "step"),
        unit=unit,
        share=t.range("share", 0.0, 1.0, ONE),
        driver=t.string("driver", default=name),
        share_driver=t.string("share_driver", default="share"),
        sources=cited,
        note=t.string("note"),
        grade=Grade(grade) if grade else worst(known) if known else Grade.E,
        line=t.issues.lines.line(t.path),
        **_place(t, kind),
    )
    _needs_a_place(t, shock)
    t.done(_belongs(kind, t.data))
    return shock


def _place(t: Reader, kind: str) -> dict[str, Any]:
    """The keys only some kinds have."""
    allowed = _KEYS[kind]
    out: dict[str, Any] = {}
    for key in ("regions", "sectors", "nodes", "products", "categories", "not_regions", "not_sectors",
                "not_products"):  # fmt: skip
        if key in allowed:
            out[key] = t.words(key)
    if kind == "corridor":
        out |= {"origins": t.words("from"), "destinations": t.words("to")}
        out |= {"both_ways": t.flag("both_ways", True), "within": t.flag("within", False)}
        out["mode"] = t.choice("mode", ("", *FREIGHT), "")
    if kind == "port":
        out |= {"hinterland": _hinterland(t), "trade": t.choice("trade", get_args(Trade), "both")}
    if kind == "staff":
        out |= {"output_per_staff": t.range("output_per_staff", 0.0, 2.0, ONE)}
        out |= {"remote": t.number("remote", 0.0, 1.0)}
    if "carrier" in allowed:
        out["carrier"] = t.string("carrier", default="electricity" if kind == "power" else "")
    if "hours" in allowed:
        hours = t.number("hours", 0.1, 24.0)
        out["hours"] = 24.0 if hours is None else hours
    if kind == "stock":
        out["direction"] = t.choice("direction", get_args(Direction), "drawn", required=True)
    return out


def _hinterland(t: Reader) -> tuple[tuple[str, Range], ...]:
    value = t.take("hinterland", required=True)
    if value is None:
        return ()
    if not isinstance(value, dict) or not value:
        t.bad("hinterland", "must give each region the share of its trade using the port",
              "Write hinterland = { SH = 0.9, JS = [0.5, 0.4, 0.6] }")  # fmt: skip
        return ()
    pairs = ((region, t.as_range(v, "hinterland", 0.0, 1.0)) for region, v in value.items())
    return tuple((region, found) for region, found in pairs if found is not None)


def _needs_a_place(t: Reader, s: Shock) -> None:
    if s.kind in ("staff", "capacity", "power", "fuel") and not (s.regions or s.sectors or s.nodes):
        t.bad(
            None, "says nowhere", 'Add regions = [...], sectors = [...] or nodes = [...]; "all" is a word'
        )
    if s.kind == "corridor" and not (s.origins or s.destinations):
        t.bad(None, "says from where to where", 'Add from = [...] or to = [...]; "all" is a word')
    if s.kind == "stock" and not s.products:
        t.bad(None, "does not say what is in the stock", 'Add products = ["..."]')
    if s.unit in ("GWh/day missing", "MW missing", "units/day missing"):
        if not s.carrier:
            t.bad(None, "does not say which carrier is missing", 'Add carrier = "..."')
        if not s.share.is_exact or s.share.value != 1.0:
            t.bad("share", "an amount missing has no share", "List the regions and sectors that go short")


def _belongs(kind: str, data: Iterable[str]) -> dict[str, str]:
    """For keys other kinds have: say what this kind has in their place."""
    others = {k for keys in _KEYS.values() for k in keys} - set(_KEYS[kind])
    use = ", ".join(_KEYS[kind])
    return {k: f"A shock of kind {kind} takes: {use}" for k in data if k in others}


def _path(
    t: Reader, kind: str, unit: str, until: dt.date | None, window: tuple[dt.date, dt.date] | None
) -> tuple[Point, ...]:
    value = t.take("path", required=True)
    if value is None:
        return ()
    if not isinstance(value, list) or not value or not all(isinstance(p, list) for p in value):
        t.bad("path", "must be a list of points", "Write path = [[2022-03-28, 40], [2022-06-01, 100]]")
        return ()
    most = _MOST.get(kind, 100.0) if unit == "percent" else 1e15
    points = [q for j, p in enumerate(value) if (q := _point(t, p, j, kind, most)) is not None]
    _in_order(t, points, until, window)
    return tuple(points)


def _point(t: Reader, p: list[Any], j: int, kind: str, most: float) -> Point | None:
    day = _as_date(p[0]) if p else None
    if day is None or len(p) not in (2, 4):
        t.bad("path", f"{_show(p)} is not a point", "Write [date, value] or [date, value, low, high]", j)
        return None
    if kind == "stock" and any(isinstance(v, int | float) and v < 0 for v in p[1:]):
        t.bad("path", "a stock cannot change by a negative amount", "Say direction = drawn or released", j)
        return None
    level = t.as_range(list(p[1:]), "path", 0.0, most, j)
    return None if level is None else Point(day, level)


def _in_order(
    t: Reader, points: Sequence[Point], until: dt.date | None, window: tuple[dt.date, dt.date] | None
) -> None:
    days = [p.date for p in points]
    for before, after in pairwise(days):
        if after <= before:
            t.bad("path", f"{after} does not come after {before}", "Put the points in order of date")
    if window is not None:
        for what, day in [*(("path", d) for d in days), *([("until", until)] if until else [])]:
            if not window[0] <= day <= window[1]:
                t.bad(what, f"{day} is outside the horizon", f"Use {window[0]} to {window[1]}")
    if until and days and until < days[-1]:
        t.bad("until", f"{until} is before the last point {days[-1]}", "End after the last point")


def _target(
    t: Reader, keys: Mapping[str, Source], window: tuple[dt.date, dt.date] | None
) -> RangeTarget | None:
    indicator = t.choice("indicator", get_args(Indicator), "value_added", required=True)
    region = t.string("region", default="all")
    period = t.string("period", required=True)
    low, high = t.number("low", -100.0, 1000.0), t.number("high", -100.0, 1000.0)
    target = RangeTarget(
        indicator, region, period, low, high,
        baseline_growth=t.number("baseline_growth", -99.0, 1000.0),
        sources=_cited(t, keys), note=t.string("note"),
    )  # fmt: skip
    t.done()
    if low is None and high is None:
        t.bad(None, "a range with neither low nor high", "Add low = ... or high = ...")
    if low is not None and high is not None and low > high:
        t.bad("low", f"low {low:g} is above high {high:g}", "Swap them")
    try:
        first, last = period_dates(period)
    except ValueError:
        t.bad("period", f"{_show(period)} is not a period", 'Write "2022", "2022-Q2" or "2022-04"')
        return None
    if window and (last < window[0] or first > window[1]):
        t.bad("period", f"{period} is outside the horizon", f"Use {window[0]} to {window[1]}")
    return target
