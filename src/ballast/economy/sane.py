"""What may be a name, a title, a year or an amount: one rule for books, scenarios, tables and own sheets.

    fault        what is wrong with a name or a text, None when nothing is
    label_fault  the same for a code: it must not be empty
    file_fault   the same for the name of a file
    alike        names that differ by case, width, spaces or zeros in front alone; `folded` without these
    date_like    whether a code is what a spreadsheet makes of "1-2"; `remade` whether of others too,
                 `doubtful` whether it may be

Word refuses control characters and titles of more than 255, a terminal obeys them, marks of direction
turn a line around, invisible ones make two names look like one: all of that is found on reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ballast.text import tight

MOST_NAME = 255  # characters: what the properties of a Word document hold
MOST_PROSE = 20_000
FIRST_YEAR, LAST_YEAR = 1900, 2199
MOST_MONEY = 1e21  # of any unit, in one cell: a thousand times the world's output in the smallest coin

UNKNOWN = {"n/a", "#n/a", "na", "nan", "none", "null", "x", ":", ".."}  # a number that is not known
NOTHING = {"", "-", "--", "—", "——", "–", "…", "...", "无", "/", *UNKNOWN}  # where a number could stand

BARELY = "differ by case, width, spaces or zeros in front alone"

_CONTROLS = (
    "\x00-\x1f\x7f-\x9f"  # controls
    "\xad\u200b\u2060\ufeff"  # invisible
    "\u200e\u200f\u2028-\u202e\u2066-\u2069"  # directions and line ends
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # no characters at all
)
_BAD = re.compile(f"[{_CONTROLS}]")
_BAD_IN_PROSE = re.compile(f"(?![\t\n])[{_CONTROLS}]")
_ERROR = re.compile(r"#(REF!|DIV/0!|VALUE!|NAME\?|N/A|NUM!|NULL!)")
_POWER = re.compile(r"\d+([.,]\d+)?[eE][+-]\d+|\d+[.,]\d+[eE]\d+")
_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}( \d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?|\d{1,2}月\d{1,2}日|"
    rf"\d{{1,2}}[-/ ]{_MONTH}([-/ ]\d{{2,4}})?|{_MONTH}[-/ ]\d{{1,4}}",
    re.IGNORECASE,
)
_SHORT = re.compile(rf"\d{{1,2}}{_MONTH}|{_MONTH}\d{{1,4}}|\d+e\d+", re.IGNORECASE)


def fault(text: str, *, prose: bool = False, most: int | None = None) -> str | None:
    """What is wrong with a name (one line), or with `prose` (line ends allowed, and longer)."""
    found = (_BAD_IN_PROSE if prose else _BAD).search(text)
    if found:
        code = f"U+{ord(found[0]):04X}, at character {found.start() + 1}"
        return f"holds a character that nobody sees ({code})"
    limit = most or (MOST_PROSE if prose else MOST_NAME)
    return f"has {len(text)} characters, more than {limit}" if len(text) > limit else None


def label_fault(text: str) -> str | None:
    """What is wrong with a code or a name that must be there."""
    return fault(text) if text.strip() else "is empty"


def shown(text: str, most: int = 40) -> str:
    """A name in a message: what nobody sees written out, what is long cut."""
    visible = _BAD.sub(lambda m: f"\\u{ord(m[0]):04x}", text[: 2 * most])
    return repr(visible if len(visible) <= most else visible[: most - 3] + "...").replace("\\\\u", "\\u")


def file_fault(name: str) -> str | None:
    """What is wrong with the name of a file: it becomes a title, a source and part of sentences."""
    what = fault(name)
    return None if what is None else f"the file's name {shown(name)} {what}"


def year_fault(year: int) -> str | None:
    """What is wrong with a year."""
    return (
        None if FIRST_YEAR <= year <= LAST_YEAR else f"is the year {year}, not {FIRST_YEAR} to {LAST_YEAR}"
    )


def alike(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of names that only case, width, spaces or zeros in front keep apart."""
    seen: dict[str, str] = {}
    pairs = []
    for name in dict.fromkeys(names):
        first = seen.setdefault(folded(name), name)
        if first != name:
            pairs.append((first, name))
    return pairs


def folded(name: str) -> str:
    """A name without what cannot tell two apart: width, case, spaces, zeros in front of a number."""
    text = tight(name)
    return text.lstrip("0") or "0" if text.isdigit() else text


def remade(code: str) -> str | None:
    """What a spreadsheet has made of a code; None when it looks untouched."""
    if date_like(code):
        return "is a date: a spreadsheet made it of a code such as 1-2"
    if code in ("TRUE", "FALSE", "True", "False"):
        return "is true or false: a spreadsheet made it of a word"
    if _ERROR.fullmatch(code):
        return "is an error of a spreadsheet"
    if code.casefold() == "nan":
        return "says that it is no number: a program wrote it where nothing stood"
    if _POWER.fullmatch(code):
        return "is a number with a power of ten: a spreadsheet made it of a code such as 1E5"
    return None


def doubtful(code: str) -> str | None:
    """What a spreadsheet would make of a code that is still as it was written: MAR1, 12MAY, 1E5."""
    return "is a code that spreadsheets make a date or a number of" if _SHORT.fullmatch(code) else None


def date_like(code: str) -> bool:
    """Whether a code reads like a date: "2020-01-02 00:00:00", "2-Jan", "1月2日"."""
    return _DATE.fullmatch(code.strip()) is not None
