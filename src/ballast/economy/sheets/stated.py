"""What a long table says of itself in columns of its own: year, unit of money, currency.

head_key      a head in the form in which heads are compared
heads         which of the file's columns say so
unread        a note of columns that say nothing that is understood
unit_in_head  the unit in the head of the amounts; units_within: all of
              them; said_in_head: what stands there in brackets
settle        what they say held against the options: rows of one year alone, one unit, one currency
rows_of_year  the same for the year of a frame
unlike_name   what the rows say held against the file's name
units_stated  the units that a frame says
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast.economy.sane import shown, year_fault
from ballast.economy.sheets.encoded import Lines, encoded, lines_of
from ballast.economy.sheets.files import years_in
from ballast.economy.sheets.labels import cell_label
from ballast.economy.sheets.words import UNIT, VALUE, YEAR
from ballast.errors import BookError, Finding, raise_findings
from ballast.text import counted, listed
from ballast.units import Money, currency_code

_HEADS = {
    "year": YEAR,
    "unit": UNIT,
    "currency": ("currency", "币种", "货币"),
    "unit of measure": ("unit_measure",),  # of SDMX: a currency, or a unit
    "power of ten": ("unit_mult", "unit_multiplier"),  # of SDMX: 6 for millions
    "scale": ("scale",),
    "multiplier": ("multiplier",),
    "power code": ("powercode",),  # of the OECD: Units, Millions
    "code of the power": ("powercode_code",),
}
AGAIN = "year again"  # a second column of years, which must say the same
_SECOND = {"year": ("time",)}  # where no other column says it
_SIMPLIFIED = str.maketrans("來門業產區額數單幣貨計價終點應總", "来门业产区额数单币货计价终点应总")
_SCALES = ("scale", "multiplier", "power code", "code of the power")
_UNSCALED = re.compile(r"(?:[01]|units?|ones?)(?:\.0+)?", re.IGNORECASE)
_METADATA = {  # of SDMX
    *("dataflow", "structure", "structure_id", "structure_name", "action", "freq", "frequency"),
    *(
        "obs_status",
        "obs_flag",
        "obs_comment",
        "conf_status",
        "decimals",
        "last_update",
        "reference_period",
    ),
    *("reference_period", "base_per", "time_format", "collection", "compiling_org", "flags", "flag_codes"),
}
FLOWS = (*VALUE, "obs_value", "flow", "流量")  # heads of the amounts of a long table
_UNIT_HEAD = re.compile(rf"(?:{'|'.join(FLOWS)})(?:_?[(\[](.+)[)\]]|_(.+))")
_PARTS = re.compile(r"[、;()\[\]]|(?<!\d),|,(?!\d)")  # 亿元、当年价 / 亿元)(不含税, but 10,000 CNY
MOST_NAMED = 8


@dataclass(frozen=True)
class Stated:
    """What holds for the whole table; None where neither an option nor a column says it."""

    year: int | None = None
    unit: str | None = None
    currency: str | None = None


def head_key(name: object) -> str:
    """A head in the form in which heads are compared."""
    text = unicodedata.normalize("NFKC", str(name)).translate(_SIMPLIFIED)
    return text.strip().casefold().replace(" ", "_")


def heads(names: Sequence[str], path: Path) -> dict[str, str]:
    """role -> the file's own column name, of the roles that it has; BookError where two have one role, but
    for two columns of years (`AGAIN` is the second).
    """
    found: dict[str, str] = {}
    for role, words in _HEADS.items():
        fits = [n for n in names if head_key(n) in words]
        fits = fits or [n for n in names if head_key(n) in _SECOND.get(role, ())]
        if role == "year" and len({*fits}) == len(fits) == 2:
            found[role], found[AGAIN] = fits
            continue
        if len(fits) > 1:
            raise BookError(
                f"{path}: several columns could be {role} ({', '.join(map(repr, fits))}). Keep one."
            )
        if fits:
            found[role] = fits[0]
    return found


def unread(names: Iterable[str], read: Iterable[str], where: Path | str) -> list[Finding]:
    """A note of the columns that are not read, but for metadata of SDMX."""
    known = {*read}
    left = [n for n in names if n.strip() and n not in known and head_key(n) not in _METADATA]
    if not left:
        return []
    which = listed([shown(n) for n in left], MOST_NAMED)
    what = f"{counted(len(left), 'column is', 'columns are')} not read: {which}"
    return [Finding("note", f"{where}, row 1", what, "Correct its head if it says what the table needs")]


def said_in_head(name: str) -> str | None:
    """What the head of the amounts says in brackets, in the file's own letters; None for other heads."""
    hit = _UNIT_HEAD.fullmatch(head_key(name))
    return _within(name, hit.start(1)) if hit and hit[1] else None


def unit_in_head(name: str) -> str | None:
    """The unit in the head of the amounts: Mio EUR of "value (Mio EUR)", mEUR of "value_mEUR", 亿元 of
    "金额（亿元，当年价）"; "" where what stands in brackets is none, or several; None for other heads.
    """
    hit = _UNIT_HEAD.fullmatch(head_key(name))
    if not hit:
        return None
    text = _within(name, hit.start(1) if hit[1] else hit.start(2))
    if not hit[1]:
        return _spelt(text) or None
    units = [u for part in _PARTS.split(text) if (u := _spelt(part.strip()))]
    if len(units) > 1:  # "m EUR, M.EUR" is no product of the two
        return units[0] if len(units_within(name)) == 1 else ""
    return _spelt(text) or "".join(units)


def units_within(name: str) -> list[str]:
    """The units of money that parts of the brackets in the head of the amounts say, each once."""
    units = [unit for part in _PARTS.split(said_in_head(name) or "") if (unit := _spelt(part.strip()))]
    return list({_unit(u, ""): u for u in reversed(units)}.values())[::-1]


def _within(name: str, start: int) -> str:
    return unicodedata.normalize("NFKC", name).strip()[start:].rstrip(")]").replace("_", " ").strip()


def _spelt(text: str) -> str:
    """A text that is a unit of money, or is one in capitals (EUR of eur); else ""."""
    return next((unit for unit in (text, text.upper()) if Money.read(unit).scale is not None), "")


def settle(
    table: Any, columns: dict[str, str], path: Path, options: Stated, lines: Lines
) -> tuple[Any, Stated, list[Finding], Lines]:
    """The rows that count, what holds for them, notes, and which rows of the file they are; BookError
    names all that contradicts.
    """
    said: dict[str, dict[str, int]] = {}
    found: list[Finding] = []
    years: tuple[list[str], NDArray[np.int32]] | None = None
    again: tuple[list[str], NDArray[np.int32]] | None = None
    for role, name in columns.items():
        words, codes, _ = encoded(table.column(name), path, name, lines)
        first, lacking = _firsts(role, words, codes, str(path), name, lines)
        found += lacking
        if not first:
            continue
        if role in _SCALES:
            found += _scaled(first, f"{path}, column {name}")
            continue
        if role == AGAIN:
            again = words, codes
            continue
        if role == "year":
            years = words, codes
        said[role] = first
    if again is not None:
        found += _unlike(years, again, columns, str(path), lines)
    found += _of_sdmx(said, columns, path)
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


def _unlike(
    years: tuple[Sequence[str], NDArray[Any]] | None,
    again: tuple[Sequence[str], NDArray[Any]],
    columns: dict[str, str],
    where: str,
    lines: Lines,
) -> list[Finding]:
    """An error where a second column of years says another than the first."""
    one, other = (
        np.array([_year_of(w) or 0 for w in words] or [0])[codes]
        for words, codes in (years or ([""], np.zeros(len(again[1]), np.int32)), again)
    )
    differ = np.flatnonzero(one != other)
    if not len(differ):
        return []
    row = differ[0]
    names = f"{columns['year']} and {columns[AGAIN]}"
    what = f"columns {names} say two years: {one[row] or 'none'} and {other[row] or 'none'}"
    return [Finding("error", f"{where}, row {lines(row)}", what, "Keep the column that holds")]


def _scaled(first: dict[str, int], where: str) -> list[Finding]:
    """Refuse what multiplies amounts: nobody knows whether they were multiplied already."""
    every = list(first)
    if len({w.casefold() for w in every}) < 2 and _UNSCALED.fullmatch(every[0]):
        return []
    what = f"says {_listed(every, first)}, which may multiply the amounts"
    todo = 'Write all amounts in one unit, say it with --unit ("m EUR"), and take the column out'
    return [Finding("error", where, what, todo)]


def _of_sdmx(said: dict[str, dict[str, int]], columns: dict[str, str], path: Path) -> list[Finding]:
    """What UNIT_MULT and UNIT_MEASURE say becomes the unit in `said`; several of one are errors."""
    words, found = [], []
    for role in ("power of ten", "unit of measure"):
        word, more = _one(role, said, columns, path, None, str.casefold)
        found += [f for f in more if f.level == "error"]
        if word is None:
            continue
        hit = re.fullmatch(r"(\d{1,2})(\.0+)?", word)
        if role == "power of ten" and not hit:
            where = f"{path}, column {columns[role]}"
            found.append(
                Finding("error", where, f"{word!r} is no power of ten", "Write it as 6, for millions")
            )
        words.append(f"10^{hit[1]}" if hit and role == "power of ten" else word)
    if found or not words:
        return found
    unit, role = (
        " ".join(w for w in words if w != "10^0"),
        "unit of measure" if "unit of measure" in said else "power of ten",
    )
    where = f"{path}, column {columns[role]}"
    if "unit" not in said:
        said["unit"], columns["unit"] = {unit: min(said[role].values())}, columns[role]
    elif any(_unit(unit, "") != _unit(w, "") for w in said["unit"]):
        what = f"says {unit!r}, column {columns['unit']} says {next(iter(said['unit']))!r}"
        found.append(Finding("error", where, what, "Correct one of the two"))
    return found


def rows_of_year(
    data: Any, path: Path, option: int | None, *, last: bool = False
) -> tuple[Any, int | None, list[Finding]]:
    """The rows of a frame that are of one year (`last`: the last, where no option says which), that year,
    and a note; all rows, and the option, where no column says years.
    """
    import pandas as pd

    columns = heads(list(data.columns), path)
    if (name := columns.get("year")) is None:
        return data, option, []
    codes, words = pd.factorize(data[name].map(cell_label))
    first, found = _firsts("year", list(words), codes, str(path), name, lines_of(data))
    if AGAIN in columns:
        more_codes, more_words = pd.factorize(data[columns[AGAIN]].map(cell_label))
        again = list(more_words), more_codes
        found += _unlike((list(words), codes), again, columns, str(path), lines_of(data))
    if last and option is None:
        option = max((y for w in first if (y := _year_of(w))), default=None)
    year, more = _year(first, name, path, option)
    raise_findings([*found, *more], BookError, head=f"{path} cannot be used:")
    if len(first) < 2:
        return data, year, []
    keep, note = _picked(list(words), codes, year, f"{path}, column {name}")
    return data[keep], year, [note]


def unlike_name(path: Path, year: int | None, option: int | None) -> list[Finding]:
    """An error where the rows say a year that the file's name does not, and no option says which."""
    named = years_in(path.name)
    if year is None or option is not None or not named or year in named:
        return []
    what = f"the rows are of {year}, the file's name says {listed(named, MOST_NAMED)}"
    return [Finding("error", str(path), what, f"Say --year {year}, or correct the name or the column")]


def units_stated(data: Any, path: Path) -> list[str]:
    """The units that a column of a frame says, each once."""
    name = heads(list(data.columns), path).get("unit")
    return [] if name is None else [w for w in dict.fromkeys(data[name].map(cell_label)) if w]


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


def same_unit(one: str, other: str, currency: str) -> bool:
    """Whether two units mean the same."""
    return _unit(one, currency) == _unit(other, currency)


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
