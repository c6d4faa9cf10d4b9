"""What book.toml must look like: every key, every row, and names that can be such, all faults at once.

`findings(folder, head)` checks what `labels.read` gave; `labels.from_head` then builds from it. What
nothing reads is an error where it is a known key misspelt (`misspelt`), and else told by `unread`.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from ballast.economy.sane import fault, label_fault, shown, year_fault
from ballast.errors import Finding, nearest
from ballast.evidence import Grade

FORMAT = 1
MOST_ROWS = 1_000_000  # of corridors, of power stations: each becomes an object
MOST_TILE = 200  # columns and rows of the grid that provinces are drawn on
NEAR = 0.75  # likeness from which an unknown key is taken for a known one misspelt
MOST_FINDINGS = 50  # a damaged file has thousands of the same
_LEVELS = ("error", "warning", "note")

_KEYS: dict[str, tuple[type, ...]] = {
    "format": (int,),
    "name": (str,),
    "title": (dict,),
    "unit": (str,),
    "currency": (str,),
    "year": (int,),
    "markets": (int,),
    "regions": (list,),
    "sectors": (list,),
    "categories": (list,),
    "value_added": (list,),
    "carriers": (list,),
    "sources": (list,),
    "history": (list,),
    "scope": (dict,),
    "targets": (list,),
    "grades": (dict,),
    "findings": (list,),
}
_WORDS: dict[type, str] = {
    int: "a whole number",
    float: "a number with a point",
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}
_OPTIONAL = ("format", "carriers", "sources", "history", "scope", "targets", "grades", "findings")

_Check = Callable[[Any], str | None]  # what is wrong with a value, None when nothing is


def _text(value: Any) -> str | None:
    return fault(value) if isinstance(value, str) else "is not text"


def _name(value: Any) -> str | None:
    return label_fault(value) if isinstance(value, str) else "is not text"


def _prose(value: Any) -> str | None:
    return fault(value, prose=True) if isinstance(value, str) else "is not text"


def _date(value: Any) -> str | None:
    return None if isinstance(value, dt.date) else _text(value)


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "is not true or false"


def _number(value: Any) -> str | None:
    right = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return None if right else "is not a number"


def _texts(value: Any) -> str | None:
    if not isinstance(value, list):
        return "is not a list of texts"
    return next((what for v in value if (what := _text(v))), None)


def _tile(value: Any) -> str | None:
    right = isinstance(value, list) and len(value) == 2 and all(type(v) is int for v in value)
    if not right:
        return "is not [column, row]"
    return None if all(0 <= v <= MOST_TILE for v in value) else f"lies outside 0 to {MOST_TILE}"


def _pair(value: Any) -> str | None:
    if not isinstance(value, dict) or set(value) != {"en", "zh"}:
        return 'is not { en = "...", zh = "..." }'
    return _text(value["en"]) or _text(value["zh"])


def _title(value: Any) -> str | None:
    """A title may have line ends; Word takes 255 characters of it."""
    if not isinstance(value, dict) or not {"en", "zh"} <= set(value):
        return 'is not { en = "...", zh = "..." }'
    sides = (value["en"], value["zh"])
    if not all(isinstance(v, str) for v in sides):
        return "is not text in both languages"
    return next((what for v in sides if (what := fault(v, prose=True, most=255))), None)


def _grade(value: Any) -> str | None:
    right = isinstance(value, str) and value in {str(g) for g in Grade}
    return None if right else "is no grade"


def _level(value: Any) -> str | None:
    return None if value in _LEVELS else f"is none of {', '.join(_LEVELS)}"


_NAMED: dict[str, _Check] = {"code": _name, "en": _name, "zh": _name}
# table -> its keys, those that must be there first; of others `unread` tells
_ROWS: dict[str, tuple[dict[str, _Check], dict[str, _Check]]] = {
    "categories": (_NAMED, {}),
    "value_added": (_NAMED, {}),
    "regions": (_NAMED, {"tile": _tile, "aliases": _texts}),
    "sectors": (
        _NAMED,
        {"industry": _flag, "goods": _flag, "storable": _flag, "group": _text, "like": _text,
         "aliases": _texts, "product": _pair},
    ),
    "carriers": ({**_NAMED, "product": _name, "unit": _text}, {"grade": _grade}),
    "sources": (
        {"key": _name, "title": _prose, "publisher": _prose, "date": _date, "address": _prose,
         "grade": _grade},
        {"note": _prose, "licence": _prose},
    ),
    "history": ({"table": _name, "en": _prose, "zh": _prose}, {"moved": _number, "sources": _texts}),
    "targets": (
        {"indicator": _name, "period": _name},
        {"region": _text, "source": _text, "low": _number, "high": _number, "baseline_growth": _number},
    ),
    "findings": (
        {"level": _level, "where": _prose, "what": _prose, "todo": _prose},
        {"residual": _number},
    ),
}  # fmt: skip
_ALONE: dict[str, _Check] = {
    "name": _name,
    "unit": _text,
    "currency": _text,
    "title": _title,
    "scope": _pair,
}


def findings(folder: Path, head: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything that is missing, misspelt, of the wrong kind, named twice or no name."""
    where = str(folder / "book.toml")
    for key in _KEYS:
        if key not in head and key not in _OPTIONAL:
            like = nearest(key, [k for k in head if k not in _KEYS], most=1)
            hint = f"Is it the key {like[0]!r}, misspelt?" if like else f"Add a line {key} = ..."
            yield Finding("error", where, f"the key {key!r} is missing", hint)
        elif key in head and (not isinstance(head[key], _KEYS[key]) or isinstance(head[key], bool)):
            wrong = f"{key} is {_WORDS.get(type(head[key]), 'another thing')} ({_shown(head[key])})"
            yield Finding("error", where, wrong, f"Write {_WORDS[_KEYS[key][0]]}")
        elif key in head and key in _ALONE and (what := _ALONE[key](head[key])):
            yield Finding("error", where, f"{key} {what}", "Correct it")
    yield from misspelt(where, "key", head, _KEYS, _OPTIONAL)
    yield from _number_findings(where, head)
    if head.get("format", FORMAT) != FORMAT:
        shown_ = _shown(head["format"])
        yield Finding("error", where, f"format is {shown_}", f"This version reads format {FORMAT}")
    for key in _ROWS:
        count = 0
        for finding in _list_findings(where, key, head.get(key)):
            yield finding
            if (count := count + 1) >= MOST_FINDINGS:
                break


def misspelt(
    where: str, what: str, there: Collection[str], known: Collection[str], may: Collection[str]
) -> Iterator[Finding]:
    """What is `there` and not known but nearly one of those that `may` be there and is not."""
    absent = [k for k in may if k not in there]
    for word in [k for k in there if k not in known]:
        for meant in difflib.get_close_matches(word, absent, n=1, cutoff=NEAR):
            todo = f"Write {meant}, or take it out"
            yield Finding("error", where, f"the {what} {shown(word)} is nearly {meant}", todo)


def unread(folder: Path, head: Mapping[str, Any]) -> Iterator[Finding]:
    """Keys that mean nothing here, each once for a kind of row."""
    where = str(folder / "book.toml")
    for key in [k for k in head if k not in _KEYS]:
        yield _unread(where, key, 1)
    for key in [k for k in head["title"] if k not in ("en", "zh")]:
        yield _unread(f"{where}, title", key, 1)
    for name, (needed, optional) in _ROWS.items():
        more: dict[str, list[int]] = {}
        for i, row in enumerate(head.get(name, [])):
            for key in row.keys() - needed.keys() - optional.keys():
                more.setdefault(key, []).append(i)
        for key, rows in sorted(more.items()):
            yield _unread(f"{where}, [[{name}]] number {rows[0] + 1}", key, len(rows))


def _unread(place: str, key: str, count: int) -> Finding:
    rest = f", nor in {count - 1:,} more of these" if count > 1 else ""
    return Finding("warning", place, f"the key {shown(key)} is not read{rest}", "Take it out")


def _number_findings(where: str, head: Mapping[str, Any]) -> Iterator[Finding]:
    year, markets, grades = head.get("year"), head.get("markets"), head.get("grades")
    if type(year) is int and (what := year_fault(year)):
        yield Finding("error", where, f"year {what}", "Write the year of the table")
    if type(markets) is int and markets < 0:
        todo = "Write how many markets markets.parquet has"
        yield Finding("error", where, f"markets is {markets}, less than none", todo)
    if isinstance(grades, dict):
        for key, value in grades.items():
            if what := _grade(value):
                yield Finding("error", f"{where}, [grades] {shown(str(key))}", what, "Grades are A to E")


def row_findings(folder: Path, head: Mapping[str, Any], rows: Mapping[str, int]) -> Iterator[Finding]:
    """Sizes that book.toml and the tables state of each other; `rows` are those of each table.

    A market that nobody supplies and nobody buys in has no row anywhere, so there are at most as many
    markets as rows of shares, slots and final uses together.
    """
    most = sum(rows.get(name, 0) for name in ("markets", "slots", "final"))
    if head["markets"] > most:
        where, what = str(folder / "book.toml"), f"markets is {head['markets']:,}"
        todo = "Write the count of the table's markets"
        yield Finding("error", where, f"{what}, and the tables have {most:,} rows for them", todo)
    regions = len(head["regions"])
    for name, limit, of in (
        ("nodes", 2**31 - 1, "that can be numbered"),
        ("carriers", regions, "of regions"),
        ("corridors", MOST_ROWS, "that can be looked at"),
        ("generation", MOST_ROWS, "that can be looked at"),
    ):
        if rows.get(name, 0) > limit:
            what = f"has {rows[name]:,} rows, more than the {limit:,} {of}"
            yield Finding("error", str(folder / f"{name}.parquet"), what, "Save the book again")
    for name, other in (("facts_stock", "slots"), ("facts_nodes", "nodes")):
        if name in rows and other in rows and rows[name] != rows[other]:
            what = f"has {rows[name]:,} rows, {other}.parquet {rows[other]:,}"
            yield Finding("error", str(folder / f"{name}.parquet"), what, "Add these figures again")


def _list_findings(where: str, key: str, rows: Any) -> Iterator[Finding]:
    if not isinstance(rows, list):
        return
    needed, optional = _ROWS[key]
    known = needed.keys() | optional.keys()
    seen: dict[str, int] = {}
    for i, row in enumerate(rows):
        place = f"{where}, [[{key}]] number {i + 1}"
        if not isinstance(row, dict):
            what = f"is {_shown(row)}, not a table"
            yield Finding("error", place, what, f"Write [[{key}]] and its keys below")
            continue
        yield from _row_findings(place, row, needed, optional)
        if not row.keys() <= known:
            yield from misspelt(place, "key", row, known, known)
        code = str(row.get("code"))
        if "code" in needed and code in seen:
            what = f"code {shown(code)} is named twice (first as number {seen[code] + 1})"
            yield Finding("error", place, what, "Give each its own code")
        seen.setdefault(code, i)


def _row_findings(
    place: str, row: Mapping[str, Any], needed: Mapping[str, _Check], optional: Mapping[str, _Check]
) -> Iterator[Finding]:
    for field, check in needed.items():
        if field not in row or (check is _name and not isinstance(row[field], str)):
            yield Finding("error", place, f"{field!r} is missing or not text", f'Add {field} = "..."')
        elif what := check(row[field]):
            yield Finding("error", place, f"{field} {_shown(row[field])} {what}", "Correct it")
    for field, check in optional.items():
        if field in row and (what := check(row[field])):
            yield Finding(
                "error", place, f"{field} {_shown(row[field])} {what}", "Correct it, or leave it out"
            )


def _shown(value: Any) -> str:
    """A value in a message: short, on one line, however deep or long it is."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list | dict):
        return f"a {'list' if isinstance(value, list) else 'table'} of {len(value)}"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
