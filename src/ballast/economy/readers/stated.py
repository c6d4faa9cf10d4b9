"""What a long table says of itself in columns of its own: year, unit of money, currency.

head_key      a head in the form in which heads are compared
heads         which of the file's columns say so
settle        what they say held against the options: rows of one year alone, one unit, one currency
rows_of_year  the same for the year of a frame
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast.economy.readers.encoded import Lines, encoded, lines_of
from ballast.economy.readers.labels import cell_label
from ballast.economy.sane import year_fault
from ballast.errors import BookError, Finding, raise_findings
from ballast.text import counted, listed
from ballast.units import Money, currency_code

_HEADS = {
    "year": ("year", "time_period", "年份", "年度", "年"),
    "unit": ("unit", "units", "单位", "计量单位"),
    "currency": ("currency", "币种", "货币"),
}
MOST_NAMED = 8


@dataclass(frozen=True)
class Stated:
    """What holds for the whole table; None where neither an option nor a column says it."""

    year: int | None = None
    unit: str | None = None
    currency: str | None = None


def head_key(name: object) -> str:
    """A head in the form in which heads are compared."""
    return str(name).strip().casefold().replace(" ", "_")


def heads(names: Sequence[str], path: Path) -> dict[str, str]:
    """role -> the file's own column name, of the roles that it has; BookError where two have one role."""
    found: dict[str, str] = {}
    for role, words in _HEADS.items():
        fits = [n for n in names if head_key(n) in words]
        if len(fits) > 1:
            raise BookError(
                f"{path}: several columns could be {role} ({', '.join(map(repr, fits))}). Keep one."
            )
        if fits:
            found[role] = fits[0]
    return found


def settle(
    table: Any, columns: dict[str, str], path: Path, options: Stated, lines: Lines
) -> tuple[Any, Stated, list[Finding], Lines]:
    """The rows that count, what holds for them, notes, and which rows of the file they are; BookError
    names all that contradicts.
    """
    said: dict[str, dict[str, int]] = {}
    found: list[Finding] = []
    years: tuple[list[str], NDArray[np.int32]] | None = None
    for role, name in columns.items():
        words, codes, _ = encoded(table.column(name), path, name, lines)
        first, lacking = _firsts(role, words, codes, str(path), name, lines)
        found += lacking
        if not first:
            continue
        if role == "year":
            years = words, codes
        said[role] = first
    currency, more = _one("currency", said, columns, path, options.currency, currency_code)
    found += more
    beside = currency or (Money.read(options.unit).currency if options.unit else "")
    unit, more = _one("unit", said, columns, path, options.unit, lambda u: _unit(u, beside))
    found += more
    year, more = _year(said.get("year", {}), columns.get("year", ""), path, options.year)
    raise_findings([*found, *more], BookError, head=f"{path} cannot be used:")
    found += more
    if years is None or len(said["year"]) == 1:
        return table, Stated(year, unit, currency), found, lines
    keep, note = _picked(*years, year, f"{path}, column {columns['year']}")
    return table.filter(keep), Stated(year, unit, currency), [*found, note], lines.keep(keep)


def rows_of_year(
    data: Any, path: Path, option: int | None, *, last: bool = False
) -> tuple[Any, int | None, list[Finding]]:
    """The rows of a frame that are of one year (`last`: the last, where no option says which), that year,
    and a note; all rows, and the option, where no column says years.
    """
    import pandas as pd

    if (name := heads(list(data.columns), path).get("year")) is None:
        return data, option, []
    codes, words = pd.factorize(data[name].map(cell_label))
    first, found = _firsts("year", list(words), codes, str(path), name, lines_of(data))
    if last and option is None:
        option = max((y for w in first if (y := _year_of(w))), default=None)
    year, more = _year(first, name, path, option)
    raise_findings([*found, *more], BookError, head=f"{path} cannot be used:")
    if len(first) < 2:
        return data, year, []
    keep, note = _picked(list(words), codes, year, f"{path}, column {name}")
    return data[keep], year, [note]


def _firsts(
    role: str, words: Sequence[str], codes: NDArray[Any], where: str, name: str, lines: Lines
) -> tuple[dict[str, int], list[Finding]]:
    """word -> the row where it stands first; an error where some rows say nothing and others do."""
    first = {w: int(lines(np.argmax(codes == i))) for i, w in enumerate(words)}
    empty = first.pop("", 0)
    if not empty or not first:
        return first, []
    what = f"the {role} is empty, and other rows have one"
    return first, [Finding("error", f"{where}, row {empty}, column {name}", what, "Fill it")]


def _picked(
    words: Sequence[str], codes: NDArray[Any], year: int | None, where: str
) -> tuple[NDArray[np.bool_], Finding]:
    """Which rows are of the year, and a note of how many."""
    keep = np.array([_year_of(w) == year for w in words])[codes]
    rows, ours = counted(len(keep), "row"), counted(int(np.count_nonzero(keep)), "is", "are")
    picked = f"of {rows} {ours} of the year {year}; the rest is left out"
    return keep, Finding("note", where, picked, "Nothing to do")


def _unit(unit: str, currency: str) -> object:
    """Units that mean the same are the same: "m EUR" and "M.EUR"."""
    money = Money.read(unit, currency)
    return unit.casefold().strip() if money.scale is None else (money.scale, currency_code(money.currency))


def _one(
    role: str,
    said: dict[str, dict[str, int]],
    columns: dict[str, str],
    path: Path,
    option: str | None,
    key: Any,
) -> tuple[str | None, list[Finding]]:
    """The one unit or currency of the table, and what contradicts it."""
    first = said.get(role)
    if not first:
        return option, []
    where = f"{path}, column {columns[role]}"
    different = list({key(w): w for w in reversed(first)}.values())[::-1]
    if len(different) > 1:
        what = f"holds more than one {role}: {_listed(different, first)}"
        return option, [Finding("error", where, what, f"Write all amounts in one {role}")]
    word = next(iter(first))
    if option is None:
        return word, [
            Finding("note", where, f"the {role} is {word!r}, as the column says", "Nothing to do")
        ]
    if key(word) != key(option):
        what = f"says {word!r} (row {first[word]}), the option --{role} says {option!r}"
        return option, [Finding("error", where, what, "Correct one of the two")]
    return option, []


def _year(
    first: dict[str, int], name: str, path: Path, option: int | None
) -> tuple[int | None, list[Finding]]:
    """The year whose rows count, and what speaks against it."""
    where = f"{path}, column {name}"
    wrong = [w for w in first if _year_of(w) is None]
    if wrong:
        return option, [Finding("error", where, f"{_listed(wrong, first)} is no year", "Write it as 2019")]
    every = {_year_of(w): w for w in reversed(first)}
    if not every or (option is not None and option in every):
        return option, []
    listed = _listed(sorted(every.values()), first)
    if option is not None:
        what = f"holds {listed}, and no row of the year {option}"
        return option, [Finding("error", where, what, "Give --year one that it holds")]
    if len(every) > 1:
        what = f"holds {len(every)} years: {listed}"
        return None, [Finding("error", where, what, "Say which with --year")]
    return next(iter(every)), []


def _year_of(word: str) -> int | None:
    """2019 of "2019", "2019.0" or "2019年"."""
    hit = re.fullmatch(r"(\d{4})(\.0+)?年?", word)
    return int(hit[1]) if hit and not year_fault(int(hit[1])) else None


def _listed(words: Sequence[str], first: dict[str, int]) -> str:
    return listed([f"{w!r} (row {first[w]})" for w in words], MOST_NAMED)
