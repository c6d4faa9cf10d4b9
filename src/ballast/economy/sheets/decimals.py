"""Whether a comma in a file's numbers parts decimals or thousands: decided by the whole file, and told.

"30,125" alone is thirty or thirty thousand. Other numbers of the file decide ("30,5", "1,234.5"); where
none does, the separator of the columns does: a semicolon stands where the comma is taken by decimals.
What cannot be decided is refused. In a sheet each column of numbers is decided by itself where it can be,
so that codes such as 01.1 have no say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

from ballast.economy.sane import NOTHING
from ballast.errors import Finding

_SPACES = " \u00a0\u202f"  # as they are: Arrow's expressions know no \\u
_SIGN, _END = r"^\s*[(+-]?\s*", r"([eE][+-]?\d+)?\s*%?\)?\s*$"


def _shape(thousands: str, decimal: str, *more: str) -> str:
    """A number that only one of the two ways to write can mean."""
    t, d = re.escape(thousands), re.escape(decimal)
    forms = (
        rf"\d{{1,3}}({t}\d{{3}})+{d}\d*",  # 1,234.5
        rf"\d{{1,3}}({t}\d{{3}}){{2,}}",  # 1,234,567
        rf"\d{{1,3}}([{_SPACES}]\d{{3}})+{d}\d+",  # 1 234.5
        rf"\d*{d}(\d{{1,2}}|\d{{4,}})",  # 30.5
        rf"\d{{4,}}{d}\d+",  # 1234.567
        rf"0*{d}\d+",  # 0.125
        rf"\d+{d}\d+[eE][+-]?\d+",
        *more,
    )
    return f"{_SIGN}({'|'.join(forms)}){_END}"


INDIAN = r"\d{1,2}(,\d{2})+,\d{3}(\.\d*)?"  # 13,10,000
POINT, COMMA = _shape(",", ".", INDIAN), _shape(".", ",")
EITHER_COMMA = rf"{_SIGN}[1-9]\d{{0,2}},\d{{3}}\s*%?\)?\s*$"  # 30,125
EITHER_POINT = rf"{_SIGN}[1-9]\d{{0,2}}\.\d{{3}}\s*%?\)?\s*$"  # 30.125
_SHAPED = re.compile(rf"{_SIGN}[\d.,{_SPACES}]*\d[\d.,]*{_END}")
_BETWEEN, _ONES = "\x1f", str.maketrans("23456789", "1" * 8)
_COMPILED = {p: re.compile(p) for p in (POINT, COMMA, EITHER_COMMA, EITHER_POINT)}


@dataclass(frozen=True, slots=True)
class Decision:
    """The mark of decimals of a file, "." or ",", and what is to be told of it."""

    mark: str
    findings: tuple[Finding, ...] = ()


def decide(first: Callable[[str], str], separator: str, where: str) -> Decision:
    """The decision for one file. `first(pattern)` gives the first cell of a shape, "" for none;
    `separator` is that of the columns, "" in a spreadsheet.
    """
    point, comma = first(POINT), first(COMMA)
    if point and comma:
        what = f"numbers are written in two ways: {point.strip()!r} and {comma.strip()!r}"
        return _refused(where, what)
    if point:
        some = "" if "," in point else first(EITHER_COMMA).strip()
        return _thousands(where, some) if some else Decision(".")
    if comma:
        why = f"others, such as {comma.strip()!r}, cannot be anything else"
        return _comma(where, why, first(EITHER_POINT).strip())
    some, others = first(EITHER_COMMA).strip(), first(EITHER_POINT).strip()
    if some and others:
        return _refused(where, f"numbers are written in two ways: {some!r} and {others!r}")
    if some and separator == ";":
        return _comma(where, f"as {some!r}: its columns are separated by semicolons", "")
    if some and separator == "\t":
        return _refused(where, f"{some!r} may be {some.replace(',', '')} or {some.replace(',', '.')}")
    if some:
        return _thousands(where, some)
    if others and separator == ";":
        return _refused(where, f"{others!r} may be {others} or {others.replace('.', '')}")
    return _pointed(where, others) if others else Decision(".")


def only_thousands(texts: Iterable[str]) -> bool:
    """Whether numbers with a point have three digits behind it, each of them: 1.234 may be 1234."""
    shapes = (_COMPILED[EITHER_POINT], _COMPILED[POINT])
    kinds = (next((i for i, shape in enumerate(shapes) if shape.match(text)), -1) for text in texts)
    found = False
    for kind in kinds:
        if kind == 1:
            return False
        found = found or kind == 0
    return found


def point(rows: list[list[Any]], separator: str, where: str) -> tuple[Finding, ...]:
    """Put a point before the decimals in every column of numbers of a sheet just read; what is told of it.

    The columns are decided on together; where two of them are sure of different marks, each by itself.
    """
    start, columns = _numbers(rows)
    firsts = {c: cache(first_of(t.firsts)) for c, t in columns.items()}
    each = {c: decide(first, separator, where) for c, first in firsts.items()}
    sure = {each[c].mark for c, first in firsts.items() if first(POINT) or first(COMMA)}
    if len(sure) < 2:
        every = firsts.values()
        together = decide(lambda p: next((hit for f in every if (hit := f(p))), ""), separator, where)
        each = dict.fromkeys(columns, together)
    told = {f.todo: f for d in reversed(each.values()) for f in d.findings}  # one of a kind
    for c in (c for c, d in each.items() if d.mark == ","):
        written, texts = rows[start:], columns[c].texts
        if len(texts) < len(written):
            written = [row for row in written if c < len(row) and isinstance(row[c], str)]
        for row, text in zip(written, _with_points(texts, columns[c].shapes), strict=True):
            row[c] = text
    return tuple(told.values())


@dataclass(frozen=True, eq=False, slots=True)
class _Column:
    """The texts of a column, their shapes, and the first text of each shape with a comma or a point."""

    texts: list[str]
    shapes: list[str]
    firsts: list[str]


def _numbers(rows: list[list[Any]]) -> tuple[int, dict[int, _Column]]:
    """The first row with a number, and from there the columns in which most cells are numbers."""
    start = next((i for i, row in enumerate(rows) if any(map(_is_number, row))), len(rows))
    below = rows[start:]
    out = {}
    widths = set(map(len, below))
    width = max(widths, default=0)
    flat = list(chain.from_iterable(below)) if len(widths) == 1 else []  # rows are read once, not by column
    for column in range(width):
        cells = flat[column::width] if flat else [row[column] for row in below if column < len(row)]
        kinds = set(map(type, cells))  # most columns hold texts alone
        texts = cells if kinds == {str} else [c for c in cells if isinstance(c, str)]
        joined = _BETWEEN.join(texts)
        if "," not in joined and "." not in joined:
            continue
        shapes = _shapes(joined, texts)
        often = Counter(shapes)
        words = sum(n for shape, n in often.items() if _is_word(shape))
        others = [] if kinds == {str} else [c for c in cells if not (c is None or isinstance(c, str))]
        words += sum(map(_is_word, others))
        if 2 * words < len(texts) + len(others):
            first = dict(zip(reversed(shapes), reversed(texts), strict=True))
            marked = [first[shape] for shape in often if "," in shape or "." in shape]
            out[column] = _Column(texts, shapes, marked)
    return start, out


def _is_word(cell: Any) -> bool:
    return not (_is_number(cell) or str(cell).casefold() in NOTHING)


def _shapes(joined: str, texts: list[str]) -> list[str]:
    """The texts with 1 for every digit but 0: what a text is does not hang on its digits, and 100,000
    numbers have a few hundred shapes.
    """
    shapes = joined.translate(_ONES).split(_BETWEEN)
    return shapes if len(shapes) == len(texts) else texts


def _is_number(cell: Any) -> bool:
    if not isinstance(cell, str):
        return type(cell) in (int, float)
    plain = cell[:1].isdigit() and not cell.strip("0123456789.,")  # the common case, fast
    return plain or _SHAPED.match(cell) is not None


def first_of(cells: list[str]) -> Callable[[str], str]:
    """`first` for `decide` over a list of cells with a comma or a point."""
    marked = {  # the cells that can be of a shape at all: most cells hold one mark, which tells
        POINT: [c for c in cells if "." in c or c.count(",") > 1],
        COMMA: [c for c in cells if "," in c or c.count(".") > 1],
        EITHER_POINT: [c for c in cells if "." in c],
        EITHER_COMMA: [c for c in cells if "," in c],
    }
    return lambda pattern: next((c for c in marked[pattern] if _COMPILED[pattern].match(c)), "")


def _with_points(texts: list[str], shapes: list[str]) -> list[str]:
    """Numbers among texts written with a decimal comma, as ones with a point: 1.234,5 is 1234.5."""
    every = set(shapes)
    numbers = {s for s in every if any(_COMPILED[p].match(s) for p in (COMMA, EITHER_COMMA, EITHER_POINT))}
    if numbers == every and not any(_BETWEEN in s for s in every):  # all of them at once
        return _BETWEEN.join(texts).replace(".", "").replace(",", ".").split(_BETWEEN)
    return [
        t.replace(".", "").replace(",", ".") if s in numbers else t
        for t, s in zip(texts, shapes, strict=True)
    ]


def _comma(where: str, why: str, grouped: str) -> Decision:
    what = f"the comma parts decimals in numbers of this file ({why})"
    todo = "If it parts thousands, take the commas out of the numbers"
    found = [Finding("note", where, what, todo)]
    if grouped:
        what = f"texts such as {grouped!r} are read as {grouped.replace('.', '')}: a point parts thousands"
        found.append(Finding("note", where, what, "If they are codes, format the column as text"))
    return Decision(",", tuple(found))


def _thousands(where: str, some: str) -> Decision:
    what = f"numbers such as {some!r} are read as {some.replace(',', '')}: a comma parts thousands"
    todo = "If it parts decimals, separate the columns by semicolons, or write points"
    return Decision(".", (Finding("note", where, what, todo),))


def _pointed(where: str, some: str) -> Decision:
    what = f"numbers such as {some!r} are read as they stand: the point parts decimals"
    todo = f"If it parts thousands, as in {some.replace('.', '')}, take the points out of the numbers"
    return Decision(".", (Finding("note", where, what, todo),))


def _refused(where: str, what: str) -> Decision:
    todo = "Write all numbers one way: a point for decimals, nothing between thousands"
    return Decision(".", (Finding("error", where, what, todo),))
