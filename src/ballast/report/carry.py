"""What people wrote into the files of an earlier run is theirs: carried over, and kept beside.

    changed(folder)        which of our files in a folder somebody has changed since they were written
    read(path)             what a desk wrote in a cases.xlsx, case by case
    keep(folder, stage)    such files under names of their own, and what goes into the new cases.xlsx

A file is changed when its checksum is not the one in run.json; without one only the files that are made
to be filled in count, and a run.json that is damaged. Cases are known by their id (supplier, customer,
product) in any width, case and spacing, so they may be sorted, and may have moved up or down the list. Only
the desk's own columns are carried over, those it added included, whatever their heads; everything else
somebody changed is in the earlier file, which stays as it was. It also stays when it holds words about a
case that is no longer in the list.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ballast import machine, placing
from ballast.economy.names.matcher import tight
from ballast.outcomes import Status
from ballast.report.words import Words
from ballast.text import LANGS

DESK = (("owner", 16), ("status", 14), ("deadline", 14), ("note", 32))
WRITABLE = ("cases.xlsx", "report.docx")  # what people fill in or edit
COLUMNS = (
    "rank",
    "supplier",
    "product",
    "customer",
    "short_from",
    "at_stake",
    "shortfall",
    "corridor",
    "reason",
)
MOST = 100_000  # rows of a sheet that are looked at
MOST_HEAD = 15  # rows that may stand above the heads

# what a desk wrote of one case: by a key of DESK, or the number of a column of its own, which may have
# any head, that of another one included
Entry = Mapping[str | int, Any]


@dataclass(frozen=True)
class Earlier:
    """What an earlier cases.xlsx holds: `entries` by case (`tight` of its id), heads of own columns."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    heads: tuple[str, ...] = ()
    loose: int = 0  # rows in which somebody wrote, and which name no case, or one that stands above already
    known: bool = False  # whether a column of ids was found

    def without(self, ids: Sequence[str]) -> list[str]:
        """The cases with entries that are not among `ids`."""
        known = {tight(i) for i in ids}
        return [i for i in self.entries if i not in known]

    def of(self, name: str) -> Entry:
        """What was written of the case with this id."""
        return self.entries.get(tight(name), {})


@dataclass(frozen=True)
class Kept:
    """Files of ours that somebody had changed: name -> the name under which each stays."""

    names: Mapping[str, str] = field(default_factory=dict)
    earlier: Earlier = field(default_factory=Earlier)


def changed(folder: Path, names: Sequence[str]) -> list[str]:
    """Which of the files `names` are there and are not as they were written."""
    run = folder / "run.json"
    mended: tuple[str, ...] = WRITABLE
    try:
        sums = json.loads(run.read_text(encoding="utf-8")).get("checksums")
        known = {str(k): str(v) for k, v in (sums or {}).items()}
    except FileNotFoundError:
        known = {}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):  # somebody's: it stays too
        known, mended = {}, (*WRITABLE, run.name)
    if not known:
        return [n for n in mended if (folder / n).is_file()]
    return [n for n in names if (folder / n).is_file() and known.get(n) != placing.checksum(folder / n)]


def keep(folder: Path, stage: Path, names: Sequence[str], ids: Sequence[str]) -> Kept:
    """Put what somebody changed into `stage` under a free name: cases-kept.xlsx, cases-kept-2.xlsx.

    `ids` are the cases of the new run; words about others keep the earlier workbook too.
    """
    earlier, found = read(folder / "cases.xlsx"), {}
    stay = changed(folder, [n for n in names if n != "run.json"])
    if earlier.without(ids) and "cases.xlsx" not in stay:
        stay.append("cases.xlsx")
    for name in stay:
        old = folder / name
        free = placing.free(old.with_name(f"{old.stem}-kept{old.suffix}"))
        if not machine.link(old, stage / free.name):
            shutil.copy2(old, stage / free.name)
        found[name] = free.name
    return Kept(found, earlier)


def read(path: Path) -> Earlier:
    """The desk's entries in a cases.xlsx; nothing when there is none, or it cannot be read as one."""
    if not path.is_file():
        return Earlier()
    try:
        for title, rows in _sheets(path, values=True):
            if (head := _head(rows)) is None:
                continue
            formulas = next(r for t, r in _sheets(path, values=False) if t == title)
            pairs = zip(rows, formulas, strict=True)
            filled = [[f if v is None else v for v, f in zip(*two, strict=True)] for two in pairs]
            return _entries(filled[head:])
    except Exception:  # openpyxl raises whatever its parsers raise; a changed file stays anyway
        return Earlier()
    return Earlier()


def _sheets(path: Path, *, values: bool) -> Iterator[tuple[str, list[list[Any]]]]:
    """The rows of each sheet, all of one length: values as they were last computed, or formulas."""
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=values, read_only=True)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a sheet says of its size need not be so
            rows = [list(r) for r in sheet.iter_rows(values_only=True, max_row=MOST)]
            width = max(map(len, rows), default=0)
            yield sheet.title, [[*r, *[None] * (width - len(r))] for r in rows]
    finally:
        book.close()


def _head(rows: Sequence[Sequence[Any]]) -> int | None:
    """The row of heads: the first with a column of ids; an office may have put a title above it."""
    found = (r for r, row in enumerate(rows[:MOST_HEAD]) if _column(_texts(row), "id") is not None)
    return next(found, None)


def _texts(row: Sequence[Any]) -> list[str]:
    return [str(v or "").strip() for v in row]


def _ours(head: str) -> str | None:
    """Which column of the table of cases has this head, whatever its unit: "At stake, m CNY"."""
    bare = re.split(r"[\n,，(（]", head, maxsplit=1)[0].strip()
    return next((key for key in COLUMNS for lang in LANGS if bare == Words(lang)(f"col.{key}")), None)


def _own(rows: Sequence[Sequence[Any]], heads: Sequence[str], known: Collection[int]) -> list[int]:
    """Where the desk's own columns stand: all that is neither known nor ours, and without a head all that
    holds something. Of two columns with one of our heads the second is theirs.
    """
    own, seen = [], set()
    for i, head in enumerate(heads):
        if i in known or (not head and not any(_filled(row[i]) for row in rows[1:])):
            continue
        key = _ours(head)
        if key is None or key in seen:
            own.append(i)
        seen.add(key)
    return own


def _filled(value: Any) -> bool:
    return value not in (None, "")


def _entries(rows: list[list[Any]]) -> Earlier:
    """The entries of one sheet, its heads in its first row."""
    heads = _texts(rows[0])
    ours = {key: _column(heads, key) for key in ("id", *(k for k, _ in DESK))}
    at = ours.pop("id")
    assert at is not None
    columns: dict[str | int, int] = {k: i for k, i in ours.items() if i is not None}
    own = _own(rows, heads, (at, *columns.values()))
    columns |= dict(enumerate(own))
    entries: dict[str, Entry] = {}
    loose = 0
    for row in rows[1:]:
        values = {k: _value(k, row[i]) for k, i in columns.items() if _filled(row[i])}
        name = tight(str(row[at] or ""))
        if name and name not in entries:
            entries[name] = values
        elif values:
            loose += 1
    written = {i: v for i, v in entries.items() if any(k != "status" or v[k] != Status.OPEN for k in v)}
    return Earlier(written, tuple(heads[i] for i in own), loose, known=True)


def _column(heads: Sequence[str], key: str) -> int | None:
    """Where a column stands under its head, in either language or both."""
    words = [Words(lang)(f"col.{key}") for lang in LANGS]
    known = {*words, "\n".join(words), "\n".join(reversed(words))}
    return next((i for i, head in enumerate(heads) if head in known), None)


def _value(key: str | int, value: Any) -> Any:
    """A status in any of the languages becomes its key; a moment without a time becomes its day."""
    if key == "status":
        words = {w.strip().casefold() for w in str(value).split("/")}
        return next((s for s in Status if words & _said(s)), value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date()
    return value


def _said(status: Status) -> set[str]:
    return {Words(lang)(f"status.{status}").casefold() for lang in LANGS}
