r"""What may go into anything that Ballast writes: names come from files of others and are not trusted.

    words         text as it may be shown anywhere: no control, escape, direction mark or half character
    whole         for files of tables that only programs read, such as Parquet
    line          the same on one line, and not endless: for a terminal
    cell, put     a cell of a workbook: text stays text, never a formula, an error value or a number
    field, csv_text, csv_table   CSV: a field that a spreadsheet would run begins with an apostrophe
    json_text     JSON in which nothing can reach a terminal or break a reader; toml_text likewise
    address       an address that may be opened, or nothing

A character that is not shown as itself is shown as what programmers write for it: \x1b, \u202e, \n. It is
never dropped, so two different names stay different, and the reader sees that something is there.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

LONGEST_LINE = 2_000  # characters of one line on a terminal: a name of a book may have any length
LONGEST_CELL = 32_767  # UTF-16 units that a cell of a workbook holds
LONGEST_ADDRESS = 2_000  # characters; Excel refuses a longer link and then the whole file

# Between letters of Arabic and Indic scripts and between emoji a joiner is spelling; elsewhere it hides.
_JOINED = "\u0600-\u0eff\u1000-\u109f\u1780-\u18af\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_SPELT = (
    f"(?<=[{_JOINED}])[\u200c\u200d](?=[{_JOINED}])"
    "|\U0001f3f4[\U000e0061-\U000e007a]+\U000e007f"  # the flags of Scotland and others
)
_HIDDEN = (
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_PARTS = re.compile(f"({_SPELT})|({_HIDDEN})")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_STARTS = "=+-@\uff1d\uff0b\uff0d\uff20"  # what opens a formula; in East Asia full-width ones do too
_FORMULA = re.compile(rf"['\s]*[{re.escape(_STARTS)}]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?%?|[-+]+")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # _x001B_ in a workbook is the character itself


def shown(char: str) -> str:
    r"""A character as programmers write it: \n, \x1b, \u202e."""
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _replaced(match: re.Match[str]) -> str:
    return match[1] or shown(match[2])


def _lined(match: re.Match[str]) -> str:
    return "\n" if match[2] == "\n" else _replaced(match)


def words(text: str) -> str:
    """Text of one or more lines as it may be shown anywhere; only line breaks are left of the controls."""
    return text if text.isprintable() else _PARTS.sub(_lined, text.replace("\r\n", "\n"))


def name(text: str) -> str:
    """A name, or what stands where a name is: one line, of any length."""
    return text if text.isprintable() else _PARTS.sub(_replaced, text)


def whole(text: str) -> str:
    """Text for a file that programs read, which keeps every character but halves, which no encoding has."""
    return text if text.isascii() else re.sub("[\ud800-\udfff]", lambda m: shown(m[0]), text)


def line(text: str, most: int = LONGEST_LINE) -> str:
    """One line for a terminal. What is cut off is counted: `…(+38000)`."""
    cut = text if len(text) <= most else f"{text[:most]}…(+{len(text) - most})"
    return name(cut)


def address(text: str) -> str:
    """A web address as it is, or nothing when a browser or an office program had better not open it."""
    fit = text.startswith(("https://", "http://")) and len(text) <= LONGEST_ADDRESS
    return text if fit and text.isprintable() and not re.search(r'[\s"<>\\]', text) else ""


def starts_formula(text: str) -> bool:
    """Whether a spreadsheet might run the text; a number with its sign is not a formula."""
    return bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)


# ---- workbooks ---------------------------------------------------------------------------------


def cell(text: str) -> str:
    """Text for one cell of a workbook: what fits, and how much did not."""
    fit = _ESCAPED.sub("_x005F_", words(text))
    if _units(fit) <= LONGEST_CELL:
        return fit
    left = fit.encode("utf-16-le")[: 2 * (LONGEST_CELL - 20)].decode("utf-16-le", "ignore")
    return f"{left}…(+{len(fit) - len(left)})"


def _units(text: str) -> int:
    """Characters as a workbook counts them: one beyond the first 65,536 is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def put(sheet: Any, row: int, column: int, value: Any) -> Any:
    """Write one cell of an openpyxl sheet and return it. Text is typed as text, whatever it looks like.

    A number that is not finite leaves the cell empty: a workbook that holds one does not open.
    """
    made = sheet.cell(row, column)
    if isinstance(value, str):
        made.value = cell(value)
        made.data_type = "s"  # openpyxl has taken =1+1 for a formula and #REF! for an error
        if starts_formula(value):
            made.quotePrefix = True  # so it stays text when a person edits the cell
    elif not isinstance(value, float) or math.isfinite(value):
        made.value = value
    return made


def put_row(sheet: Any, row: int, values: Iterable[Any]) -> None:
    """Write one row, from its first column."""
    for column, value in enumerate(values, 1):
        put(sheet, row, column, value)


# ---- CSV ---------------------------------------------------------------------------------------


def field(value: Any) -> Any:
    """A CSV field. Text that a spreadsheet would run begins with an apostrophe; numbers stay numbers.

    So does what follows a semicolon, at which the spreadsheets of half the world split.
    """
    if not isinstance(value, str):
        return value
    return ";".join(f"'{part}" if starts_formula(part) else part for part in name(value).split(";"))


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([field(v) for v in row] for row in rows)
    return out.getvalue()


def csv_table(table: Any, target: Any, *, header: bool = True, digits: str = "%.8g") -> None:
    """A data frame as CSV into a path or an open file."""
    changed = {}
    for column in table.select_dtypes(exclude="number"):
        texts = table[column].tolist()
        known = {v: field(v) for v in set(texts)}  # few texts, many rows
        if any(known[v] is not v for v in known):
            changed[column] = [known[v] for v in texts]
    table.assign(**changed).rename(columns=field).to_csv(
        target, index=False, header=header, encoding="utf-8", lineterminator="\n", float_format=digits
    )


# ---- JSON --------------------------------------------------------------------------------------


def json_text(document: Any, *, indent: int | None = None, ascii_only: bool = False, **more: Any) -> str:
    """JSON whose text reads back as it was, with every hidden character escaped; NaN is a ValueError.

    Half a character (from a file name that is no text) has no form in JSON that all readers take: it reads
    back as the six characters of its name.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent, **more)
    text = _PARTS.sub(lambda m: m[0] if m[0] == "\n" else _in_json(m[0]), text)
    return re.sub(r"[^\x00-\x7f]", lambda m: _in_json(m[0]), text) if ascii_only else text


def toml_text(text: str) -> str:
    """A TOML string. A JSON string is one, but for DEL and half characters."""
    return re.sub(
        "[\x7f\ud800-\udfff]",
        lambda m: r"\u007f" if m[0] == "\x7f" else "\\" + shown(m[0]),
        json.dumps(text, ensure_ascii=False),
    )


def _in_json(text: str) -> str:
    """Characters as JSON escapes."""
    if "\ud800" <= text <= "\udfff":
        return rf"\\u{ord(text):04x}"
    raw = text.encode("utf-16-be")
    return "".join(rf"\u{raw[i] << 8 | raw[i + 1]:04x}" for i in range(0, len(raw), 2))
