"""A scenario from TOML. Every mistake is named at once by file, line and key; nothing is guessed.

`load` takes the name of a built-in scenario or a file (UTF-8, UTF-8 with BOM, or GB18030).
`reader.Reader` takes the tables apart; this file says what each of them holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from ballast import machine, safe, sizes, toml
from ballast.economy.facts import FREIGHT
from ballast.errors import ScenarioError, nearest
from ballast.evidence import Grade, Source, worst
from ballast.scenario import locate
from ballast.scenario.reader import Issues, Reader, as_date, closest, percent_said, show
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
_DAYS_ALONE = ("stock",)  # kinds that happen on the days of their points and last no time
_SPAN = ("until", "shape")  # what says how long a shock lasts
_UNITS: dict[str, tuple[Unit, ...]] = {
    "power": ("percent", "GWh/day missing", "MW missing"),
    "fuel": ("percent", "units/day missing"),
    "stock": ("days", "money"),
}
# Percent of normal: a plant, a road or a port cannot do more than all it can; demand can grow.
MOST_BYTES = 1 << 21  # of a file: those that people write have some thousands
_MOST = {"final_demand": 1000.0, "exports": 1000.0, "imports": 1000.0}
MOST_GROWTH = 50.0  # percent a year; beyond it a range is likelier an index of 105
_LEAST = 0.1  # percent: growth is published in tenths


def builtin_scenarios() -> tuple[str, ...]:
    """The names of the scenarios that come with Ballast."""
    folder = resources.files("ballast") / "scenarios"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def _meant(name: str) -> str:
    close = nearest(name, builtin_scenarios())
    return f"Did you mean {' or '.join(close)}? " if close else ""


def load(name_or_path: str | Path) -> Scenario:
    """A built-in scenario by name, or one from a TOML file. ScenarioError says all that is wrong with it.

    >>> import ballast
    >>> ballast.load_scenario("vehicle-parts").title.zh
    '沿海零部件厂停产两周'
    """
    name = str(name_or_path)
    if isinstance(name_or_path, str) and name in builtin_scenarios():
        text = (resources.files("ballast") / "scenarios" / f"{name}.toml").read_text(encoding="utf-8")
        return parse(text, name)
    path = Path(name_or_path)
    if not path.suffix and not path.exists():
        raise ScenarioError(
            f"scenario {name}: no such file and no built-in scenario of that name. "
            f"{_meant(name)}Built in: {', '.join(builtin_scenarios())}."
        )
    if what := machine.kind_of(path):
        built = ", ".join(builtin_scenarios())
        said = what if what == "a folder" else f"is {what}, not an ordinary file"
        raise ScenarioError(f"{name}: {said}. Give a TOML file or a built-in scenario: {built}.")
    try:
        data = sizes.read_bytes(path, MOST_BYTES, ScenarioError)
    except OSError as error:
        raise ScenarioError(
            f"{name}: cannot be read ({error.strerror}). Give a TOML file or one of: "
            f"{', '.join(builtin_scenarios())}."
        ) from error
    return parse(toml.decode(data, name, ScenarioError), name)


def parse(text: str, file: str = "scenario") -> Scenario:
    """A scenario from TOML text; `file` is how messages call it."""
    text = text.replace("\r\n", "\n")
    data = toml.parse(text, file, ScenarioError)
    issues = Issues(file, locate.Lines(text))
    scenario = _scenario(Reader(data, (), issues), safe.name(Path(file).stem), file)
    issues.stop()
    assert scenario is not None
    return scenario


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
        name=_name(top, stem),
        title=top.both("title"),
        summary=top.both("summary"),
        book=top.string("book", required=True),
        start=start or dt.date.min,
        days=days or 1,
        decision=decision or dt.date.min,
        shocks=shocks,
        ranges=_targets(top, keys, window),
        sources=sources,
        file=file,
    )
    top.done()
    return scenario


def _name(top: Reader, stem: str) -> str:
    """What the scenario says, else the name of its file."""
    name = top.string("name", default=stem)
    if not name.strip():
        top.bad("name", "is empty", 'Write name = "..."')
    elif "name" not in top.data:
        top.sane("name", name)
    return name


def _horizon(top: Reader, start: dt.date | None) -> int | None:
    """The number of days, from `days` or from `end`."""
    end, days = top.date("end"), top.take("days")
    if end is not None and days is not None:
        top.bad("days", "days and end are both given", "Keep one of the two")
        return None
    if end is None and days is None:
        if "end" not in top.data:  # else that is wrong, and said already
            top.bad(None, "needs either days or end", "Add days = 120")
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
        top.bad(key, f"must be a whole number of days, not {show(days)}", "Write days = 120")
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
                date=_dated(t, date),
                address=t.string("address"),
                grade=Grade(grade),
                note=t.string("note"),
            )
        )
        t.done()
    _unique(top, "sources", [s.key for s in out])
    return tuple(out)


def _dated(t: Reader, date: Any) -> str:
    """The date of a source: a date, a year, or words such as "April 2022"."""
    if isinstance(date, dt.date):
        return date.isoformat()
    if date is not None and (isinstance(date, bool) or not isinstance(date, str | int)):
        t.bad("date", f"must be a date or text, not {show(date)}", 'Write date = "2022-04-18"')
    return str(date) if t.sane("date", str(date)) else ""


def _unique(top: Reader, key: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name and name in seen:
            top.bad(key, f'"{name}" is used twice', "Give each its own name", i)
        seen.add(name)


def _cited(t: Reader, keys: Mapping[str, Source]) -> tuple[str, ...]:
    cited = t.words("sources")
    for word in cited:
        if word not in keys:
            close = closest(word, keys)
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
    until = None if kind in _DAYS_ALONE else t.date("until")
    cited = _cited(t, keys)
    grade = t.choice("grade", [g.value for g in Grade], "")
    known = [keys[k].grade for k in cited if k in keys]
    shock = Shock(
        name=name,
        kind=kind,
        title=t.both("title"),
        path=_path(t, kind, unit, until, window),
        until=until,
        shape="step" if kind in _DAYS_ALONE else t.choice("shape", get_args(Shape), "step"),
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
        out["carrier"] = t.string("carrier")
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
        if not s.carrier and s.kind != "power":
            t.bad(None, "does not say which carrier is missing", 'Add carrier = "..."')
        if not s.share.is_exact or s.share.value != 1.0:
            t.bad("share", "an amount missing has no share", "List the regions and sectors that go short")


def _belongs(kind: str, data: Iterable[str]) -> dict[str, str]:
    """For keys other kinds have: say what this kind has in their place."""
    others = {k for keys in _KEYS.values() for k in keys} - set(_KEYS[kind])
    use = ", ".join(_KEYS[kind])
    found = {k: f"A shock of kind {kind} takes: {use}" for k in data if k in others}
    if kind in _DAYS_ALONE:
        found |= dict.fromkeys(_SPAN, "It changes on the days of its path alone: write a point a day")
    return found


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
    if unit == "percent":
        _ask_about_shares(t, value)
    _in_order(t, points, until, window)
    return tuple(points)


def _point(t: Reader, p: list[Any], j: int, kind: str, most: float) -> Point | None:
    day = as_date(p[0]) if p else None
    if day is None or len(p) not in (2, 4):
        t.bad("path", f"{show(p)} is not a point", "Write [date, value] or [date, value, low, high]", j)
        return None
    if kind == "stock" and any(isinstance(v, int | float) and v < 0 for v in p[1:]):
        t.bad("path", "a stock cannot change by a negative amount", "Say direction = drawn or released", j)
        return None
    said = [percent_said(v) for v in p[1:]]
    numbers = [v if s is None else s for v, s in zip(p[1:], said, strict=True)]
    level = t.as_range(numbers, "path", 0.0, most, j)
    return None if level is None else Point(day, level)


def _ask_about_shares(t: Reader, value: Sequence[Sequence[Any]]) -> None:
    """A level above 0 and below 1 may be a share: 0.3 for 30%, unless it says "0.3%"; so may a path of
    0 and 1 alone.
    """
    bare = [
        v for point in value for v in point[1:] if isinstance(v, int | float) and not isinstance(v, bool)
    ]
    most = max(bare, default=0.0)
    doubtful = [v for v in bare if 0 < v < 1]
    if most > 1 and doubtful:
        least = min(doubtful)
        t.bad("path", f"levels are percent of normal, and {least:g} stands beside {most:g}", _either(least))
    if 0 < most <= 1:
        t.bad("path", f"levels are percent of normal, and none is above {most:g}", _either(most))


def _ask_about_growth(t: Reader, bare: Sequence[float], every: Sequence[float]) -> bool:
    """Numbers of a range: an index; without a sign none above 1, or one below 1 beside percents that may be
    a share; whether there are such.

    Growth is published to a tenth of a percent, so 0.06 beside 5 and 6 is more likely 6% than 0.06%; 0.5
    beside 2 is half a percent, as 50% is farther from 2%.
    """
    most = max(map(abs, bare), default=0.0)
    if (highest := max(map(abs, every), default=0.0)) > MOST_GROWTH:
        what = f"a growth of {highest:g}% a year: is an index meant (105 for 5%)?"
        t.bad(None, what, "Write growth over the year before in percent")
        return True
    if 0 < most < 1:
        t.bad(None, f"a range in percent, and no number of it is above {most:g}", _either(most))
        return True
    before = len(t.issues.found)
    for v in bare:
        beside = [m for m in every if abs(m) > 1 and abs(v) < 1]
        if v and beside and (abs(v) < _LEAST or any(abs(100 * v - m) < abs(v - m) for m in beside)):
            t.bad(None, f"a range in percent, and {v:g} stands beside {beside[0]:g}", _either(v))
    return len(t.issues.found) > before


def _either(level: float) -> str:
    """What to write for a number below 1 that may be a share or a percentage; where a hundred times it
    would be asked about as well, with the sign.
    """
    share = f"{100 * level:g}" if abs(100 * level) > 1 else f'"{100 * level:g}%"'
    return f'Write {share} if {100 * level:g}% is meant, "{level:g}%" if {level:g}% is'


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


def _targets(
    top: Reader, keys: Mapping[str, Source], window: tuple[dt.date, dt.date] | None
) -> tuple[RangeTarget, ...]:
    """The ranges; two for the same indicator, region and period are refused, whatever they say."""
    first: dict[tuple[Any, ...], Reader] = {}
    out = []
    for t in top.tables("ranges"):
        target = _target(t, keys, window)
        if target is None:
            continue
        key = (target.indicator, target.region, period_dates(target.period))
        before = first.setdefault(key, t)
        if before is not t:
            said = f"{target.indicator}, {target.region}, {target.period}"
            line, n = t.issues.lines.line(before.path), int(before.path[-1]) + 1
            t.bad(None, f"says again what ranges[{n}] on line {line} said ({said})", "Keep one of the two")
        out.append(target)
    return tuple(out)


def _target(
    t: Reader, keys: Mapping[str, Source], window: tuple[dt.date, dt.date] | None
) -> RangeTarget | None:
    indicator = t.choice("indicator", get_args(Indicator), "value_added", required=True)
    region = t.string("region", default="all")
    period = t.string("period", required=True)
    asked = [
        t.percent(key, least, 1000.0)
        for key, least in (("low", -100.0), ("high", -100.0), ("baseline_growth", -99.0))
    ]
    low, high, growth = (v for v, _ in asked)
    target = RangeTarget(
        indicator, region, period, low, high,
        baseline_growth=growth,
        sources=_cited(t, keys), note=t.string("note"),
    )  # fmt: skip
    t.done()
    bare = [v for v, said in asked if v is not None and not said]
    doubtful = _ask_about_growth(t, bare, [v for v, _ in asked if v is not None])
    if low is None and high is None:
        t.bad(None, "a range with neither low nor high", "Add low = ... or high = ...")
    if not doubtful and low is not None and high is not None and low > high:
        t.bad("low", f"low {low:g} is above high {high:g}", "Swap them")
    try:
        first, last = period_dates(period)
    except ValueError:
        if not period:  # missing, or no text: that is said already
            return None
        t.bad("period", f"{show(period)} is not a period", 'Write "2022", "2022-Q2" or "2022-04"')
        return None
    if window and (last < window[0] or first > window[1]):
        t.bad("period", f"{period} is outside the horizon", f"Use {window[0]} to {window[1]}")
    return target
