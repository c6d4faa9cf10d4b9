"""A scenario's TOML taken apart key by key, with every mistake named by file, line and key.

Issues   everything wrong so far
Reader   one table: keys are taken out with the type they must have; at the end it names the keys
         nobody asked for with the nearest known one
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from ballast.economy.sane import MOST_NAME, MOST_PROSE, fault, year_fault
from ballast.errors import Finding, ScenarioError, nearest, raise_findings
from ballast.scenario import locate
from ballast.scenario.shock import Range
from ballast.text import Text

_PROSE = ("summary", "note", "title", "publisher", "address")  # keys that may have several lines
MOST_ISSUES = 200  # looked for: a file with more is of another kind
MOST_TABLES = 2_000  # of one kind: shocks, sources, ranges
MOST_WORDS = 100_000  # of a list of places; a book's regions, sectors or nodes
_LONG = ("summary", "note")  # and more than 255 characters


@dataclass
class Issues:
    """Everything wrong in one file so far."""

    file: str
    lines: locate.Lines
    found: list[Finding] = field(default_factory=list)

    def add(self, path: locate.Path, what: str, todo: str) -> None:
        """Note one; the first `MOST_ISSUES` are raised at once: looking for more would take for ever."""
        place = f"{self.file}:{self.lines.line(path)}: {_dotted(path)}".rstrip(": ")
        self.found.append(Finding("error", place, what, todo))
        if len(self.found) >= MOST_ISSUES:
            self.stop()

    def stop(self) -> None:
        """Raise what was found, if anything was."""
        raise_findings(self.found, ScenarioError, head=f"{self.file}: the scenario cannot be used.")


def _dotted(path: locate.Path) -> str:
    """("shocks", 2, "path", 0) -> "shocks[3].path[1]", counting as people count."""
    out = ""
    for part in path:
        out += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if out else part
    return out


class Reader:
    """One table of the file, taken apart key by key."""

    def __init__(self, data: Mapping[str, Any], path: locate.Path, issues: Issues) -> None:
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
        for key in [k for k in self.data if k not in self.asked]:
            if elsewhere and key in elsewhere:
                self.bad(key, f'"{key}" is not for this', elsewhere[key])
                continue
            close = closest(key, self.asked)
            hint = f'Did you mean "{close[0]}"? ' if close else ""
            self.bad(key, f'unknown key "{key}"', f"{hint}Known: {', '.join(sorted(self.asked))}")

    def string(self, key: str, *, required: bool = False, default: str = "") -> str:
        value = self.take(key, required=required)
        if value is None:
            return default
        if not isinstance(value, str) or (required and not value.strip()):
            self.bad(key, f"must be text, not {show(value)}", f'Write {key} = "..."')
            return default
        return value if self.sane(key, value) else default

    def sane(self, key: str, text: str) -> bool:
        """Whether a text can be printed and stored anywhere; what is wrong with it is noted."""
        most = MOST_PROSE if key in _LONG else MOST_NAME
        if what := fault(text, prose=key in _PROSE, most=most):
            self.bad(key, what, "Shorten it" if len(text) > most else "Take the character out")
        return what is None

    def choice(self, key: str, options: Sequence[str], default: str, *, required: bool = False) -> Any:
        value = self.take(key, required=required)
        if value is None or value in options:
            return default if value is None else value
        close = closest(value, options) if isinstance(value, str) else []
        hint = f'Did you mean "{close[0]}"? ' if close else ""
        self.bad(key, f"cannot be {show(value)}", f"{hint}Use one of: {', '.join(filter(None, options))}")
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
        if not all(self.sane(key, str(s)) for s in sides):
            return Text("", "")
        return Text(str(sides[0]), str(sides[1]))

    def words(self, key: str) -> tuple[str, ...]:
        value = self.take(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,) if self.sane(key, value) else ()
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            self.bad(key, f"must be a list of names, not {show(value)}", f'Write {key} = ["...", "..."]')
            return ()
        if len(value) > MOST_WORDS:
            self.bad(key, f"names {len(value):,} things, more than {MOST_WORDS:,}", 'Write "all"')
            return ()
        return tuple(v for v in value if self.sane(key, v))

    def date(self, key: str, *, required: bool = False) -> dt.date | None:
        value = self.take(key, required=required)
        if value is None:
            return None
        day = as_date(value)
        if day is None:
            self.bad(key, f"must be a date, not {show(value)}", f"Write {key} = 2022-03-28")
        elif what := year_fault(day.year):
            self.bad(key, what, "Correct the date")
            return None
        return day

    def flag(self, key: str, default: bool) -> bool:
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.bad(key, f"must be true or false, not {show(value)}", f"Write {key} = true")
        return default

    def number(self, key: str, low: float, high: float) -> float | None:
        value = self.take(key)
        if value is None:
            return None
        return self.within(value, key, low, high)

    def percent(self, key: str, low: float, high: float) -> tuple[float | None, bool]:
        """A number of percent, and whether it says so: 0.3 may be meant as 30, "0.3%" may not."""
        value = self.take(key)
        if value is None:
            return None, False
        said = percent_said(value)
        return self.within(value if said is None else said, key, low, high), said is not None

    def range(self, key: str, low: float, high: float, default: Range) -> Range:
        value = self.take(key)
        return default if value is None else self.as_range(value, key, low, high) or default

    def as_range(self, value: Any, key: str, low: float, high: float, *more: int) -> Range | None:
        """0.3 or [0.3, 0.2, 0.4]: a value, or a value with its low and its high."""
        parts = value if isinstance(value, list) else [value]
        if len(parts) not in (1, 3):
            self.bad(
                key, f"must be a number or [value, low, high], not {show(value)}", "Give 1 or 3", *more
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
            self.bad(key, f"must be a number, not {show(value)}", f"Give {low:g} to {high:g}", *more)
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
        if len(value) > MOST_TABLES:
            what = f"{len(value):,} of them, more than {MOST_TABLES:,}"
            self.bad(key, what, "Put places with the same path into one, or make several scenarios")
            return []
        return [Reader(v, (*self.path, key, i), self.issues) for i, v in enumerate(value)]


def closest(word: str, known: Iterable[str]) -> list[str]:
    """The one known word most like `word`, or none."""
    close = nearest(word, sorted(known), most=5)
    return sorted(close, key=lambda k: -SequenceMatcher(None, word, k).ratio())[:1]


def show(value: Any) -> str:
    """A value in a message, short and on one line."""
    shown = _plain(value)
    return shown if len(shown) <= 40 else shown[:37] + "..."


def _plain(value: Any) -> str:
    """As TOML writes it: 2022-01-11, true, ["a", 1]; no spelling of Python's."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date | dt.time):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(_plain(v) for v in value[:20])}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{k} = {_plain(v)}' for k, v in list(value.items())[:20])}}}"
    return repr(value)


def percent_said(value: Any) -> float | None:
    """0.3 for "0.3%"; None for anything that is not text with a percent sign."""
    if not isinstance(value, str) or not re.fullmatch(r"\s*-?\d+(\.\d+)?\s*[%％]\s*", value):
        return None
    return float(value.strip().rstrip("%％"))


def as_date(value: Any) -> dt.date | None:
    """A date, or text that is one; None for anything else."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            return None
    return None
