"""Spreadsheets (xlsx, xlsm, xls, xlsb, ods) as sheets of cells, read whole whatever range they state.

python-calamine reads the cells. What it leaves out is looked up in the XML of an xlsx: cells with an
error, formulas whose value was never stored, cells shown in percent. How far the cells reach is looked
up first, so that one cell in the last row of a sheet costs no memory.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ballast.economy.sheets import reach
from ballast.economy.sheets.files import MOST_CELLS, SCALED, Sheet, blank, letters, too_many_cells, trim
from ballast.economy.sheets.labels import whole
from ballast.errors import BookError, Finding
from ballast.text import counted, listed

_ERRORS = ("#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!")
_CHUNK, _OVERLAP = 1 << 22, 1 << 15  # bytes of a sheet's XML looked at together; a formula has 8,192
_COLUMNS = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})\d""")
_ROWS = re.compile(rb"""\sr\s*=\s*["'][A-Za-z]{0,3}(\d+)["']""")
_QUOTED = rb"""(?:"[^"]*"|'[^']*')"""
_TAG = re.compile(rb"""<(?:\w+:)?(?:c|row)\s[^<>"']*(?:""" + _QUOTED + rb"""[^<>"']*)*>""")
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*>")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s[^>]*\bt\s*=\s*["']e["'][^>]*>""")
_NOWHERE = re.compile(rb"""\sr\s*=\s*["'](?![A-Za-z]{1,3}[1-9]\d{0,6}["']|[1-9]\d{0,6}["'])[^"']*["']""")
_UNSTORED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)\s*(</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</)"
)
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d+)["']""")
_TEXT = re.compile(rb"""\bt\s*=\s*["']str["']""")
_HIDDEN_COLUMN = re.compile(rb"""<(?:\w+:)?col\s[^<>]*\bhidden\s*=\s*["'](?:1|true)["'][^<>]*>""")
_SPAN = re.compile(rb"""\b(min|max)\s*=\s*["'](\d{1,5})["']""")
_HIDDEN = re.compile(rb"""<(?:\w+:)?row\s[^<>]*\bhidden\s*=\s*["'](?:1|true)["'][^<>]*>""")
_ROW = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")
MOST_NAMED, LONGEST = 8, 20  # of hidden rows and columns, and of the text that each is shown by
_MONEY = "\u00a4"  # before the currency that a style shows
_PERCENT = (9, 10)  # the built-in formats 0% and 0.00%


def spreadsheet(path: Path, kind: str) -> list[Sheet]:
    """Every visible sheet; hidden ones are told in the findings of the first."""
    import python_calamine

    try:
        if kind != "xls":
            reach.check_honest(path)
        if kind in ("ods", "xlsb"):
            reach.check(path, kind)
        looks = _looks(path) if kind == "xlsx" else {}
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        metas = [m for m in book.sheets_metadata if str(m.typ).endswith("WorkSheet")]
        out, cells = [], 0
        for m in metas:
            if str(m.visible).endswith("Visible"):
                sheet = book.get_sheet_by_name(m.name)
                cells += sheet.total_height * sheet.total_width
                if cells > MOST_CELLS:
                    raise too_many_cells(path)
                out.append(_sheet(path, kind, m.name, sheet, looks.get(m.name)))
    except BookError:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # calamine raises errors of its own, and panics, for every damage
        raise BookError(
            f"{path}: is not a readable spreadsheet ({type(error).__name__}). Save it again as .xlsx."
        ) from None
    if not out:
        raise BookError(f"{path}: has no visible sheet.")
    hidden = [m.name for m in metas if not str(m.visible).endswith("Visible")]
    return [_with_hidden(out[0], hidden), *out[1:]] if hidden else out


def _with_hidden(sheet: Sheet, names: list[str]) -> Sheet:
    what = f"hidden sheets are left out: {', '.join(names[:8])}" + (" ..." if len(names) > 8 else "")
    note = Finding("note", str(sheet.file), what, "Show a sheet that is to be read")
    return replace(sheet, findings=(*sheet.findings, note))


def _sheet(path: Path, kind: str, name: str, sheet: Any, look: _Look | None) -> Sheet:
    rows = [[blank(whole(v)) for v in row] for row in sheet.to_python(skip_empty_area=False)]
    trim(rows)
    merged = tuple((t, a, b, c) for (t, a), (b, c) in sheet.merged_cell_ranges or ())
    bare = Sheet(path, name, rows)
    findings = list(_bad_cells(bare, look))
    if kind != "xlsx" and rows:
        what = f"in a .{kind} file, cells with an error look empty"
        findings.append(Finding("note", bare.where, what, "Save it as .xlsx if it has formulas"))
    shown = look or _Look()
    findings += _hidden(bare, shown)
    return Sheet(path, name, rows, tuple(findings), merged, shown.percent, shown.units, shown.money)


def _hidden(sheet: Sheet, look: _Look) -> Iterator[Finding]:
    """A warning of rows and columns that a person who looks at the sheet does not see."""
    rows = sorted(
        r for r in look.hidden if r < len(sheet.rows) and any(v is not None for v in sheet.rows[r])
    )
    said = [(str(r + 1), sheet.rows[r]) for r in rows]
    if rows:
        count = counted(len(rows), "hidden or filtered row is", "hidden or filtered rows are")
        yield _unseen(sheet.place(rows[0]), count, said)
    width = max(map(len, sheet.rows), default=0)
    inside = {c for first, last in look.hidden_columns for c in range(first - 1, min(last, width))}
    columns = {c: [row[c] for row in sheet.rows if c < len(row)] for c in sorted(inside)}
    said = [(letters(c), cells) for c, cells in columns.items() if any(v is not None for v in cells)]
    if said:
        count = counted(len(said), "hidden column is", "hidden columns are")
        yield _unseen(sheet.where, count, said)


def _unseen(where: str, count: str, said: Sequence[tuple[str, Sequence[Any]]]) -> Finding:
    """The warning, with the number or letter of each and the first text in it."""
    texts = [next((str(v)[:LONGEST] for v in cells if isinstance(v, str)), "") for _, cells in said]
    named = [f"{at} ({text})" if text else at for (at, _), text in zip(said, texts, strict=True)]
    what = f"{count} read too: {listed(named, MOST_NAMED)}"
    return Finding("warning", where, what, "Delete what does not count, show what does")


def _bad_cells(sheet: Sheet, look: _Look | None) -> Iterator[Finding]:
    for r, row in enumerate(sheet.rows):
        for c, value in enumerate(row):
            if isinstance(value, str) and value in _ERRORS:
                row[c] = None
                yield _error(sheet, r, c, value)
    for (r, c), value in sorted(look.errors.items()) if look else ():
        yield _error(sheet, r, c, value)
    for r, c in sorted(look.unstored) if look else ():
        todo = "Open the file in Excel and save it, or paste the value"
        yield Finding("error", sheet.place(r, c), "holds a formula without a stored value", todo)


def _error(sheet: Sheet, r: int, c: int, value: str) -> Finding:
    return Finding("error", sheet.place(r, c), f"holds {value}", "Correct the formula")


# ---- the XML of a sheet ----------------------------------------------------------------------


class _Look:
    """What the XML of one sheet says of its cells, as (row, column) counted from 0."""

    def __init__(self) -> None:
        self.errors: dict[tuple[int, int], str] = {}
        self.unstored: set[tuple[int, int]] = set()
        self.percent: frozenset[tuple[int, int]] = frozenset()
        self.units: dict[tuple[int, int], str] = {}
        self.money: dict[tuple[int, int], str] = {}
        self.hidden: set[int] = set()  # rows
        self.hidden_columns: list[tuple[int, int]] = []  # first and last, counted from 1


def _looks(path: Path) -> dict[str, _Look]:
    """Sheet name -> what its XML says; BookError when the cells reach further than a table does."""
    with zipfile.ZipFile(path) as archive:
        styles, there = _styles(archive), set(archive.namelist())
        return {
            name: _look(path, archive, part, styles)
            for name, part in _parts(archive).items()
            if part in there
        }


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> the file of it in the archive."""
    book = _tree(archive, "xl/workbook.xml")
    links = _tree(archive, "xl/_rels/workbook.xml.rels")
    if book is None or links is None:
        return {}
    target = {link.get("Id"): str(link.get("Target")) for link in links}
    out = {}
    for sheet in (e for e in book.iter() if e.tag.rpartition("}")[2] == "sheet"):
        key = next((v for k, v in sheet.attrib.items() if k.rpartition("}")[2] == "id"), "")
        part = target.get(key, "")
        out[str(sheet.get("name"))] = part.lstrip("/") if part.startswith("/") else f"xl/{part}"
    return out


def _tree(archive: zipfile.ZipFile, part: str) -> Any:
    """A small part as a tree; None when it is not there, too large, or declares entities."""
    if part not in archive.namelist() or archive.getinfo(part).file_size > 1 << 25:
        return None
    text = archive.read(part)
    return None if b"<!" in text.replace(b"<!--", b"") else ElementTree.fromstring(text)


def _styles(archive: zipfile.ZipFile) -> dict[bytes, str]:
    """The numbers of the cell styles that show a unit behind the number: "%" or a word such as 周."""
    tree = _tree(archive, "xl/styles.xml")
    if tree is None:
        return {}
    named = {
        int(f.get("numFmtId", -1)): str(f.get("formatCode"))
        for f in tree.iter()
        if f.tag.rpartition("}")[2] == "numFmt"
    }
    shown = dict.fromkeys(_PERCENT, "%") | {i: unit for i, code in named.items() if (unit := _unit(code))}
    cells = next((e for e in tree.iter() if e.tag.rpartition("}")[2] == "cellXfs"), ())
    ids = {i: int(style.get("numFmtId", 0)) for i, style in enumerate(cells)}
    return {str(i).encode(): shown[of] for i, of in ids.items() if of in shown}


def _unit(code: str) -> str:
    """What a format shows behind a number: "%", or the words in quotes ('0.0"周"' -> 周); `SCALED` where it
    shows thousandths; behind `_MONEY` the currency that it shows elsewhere ([$€-407] #,##0).
    """
    bare = re.sub(r'"[^"]*"|\\.', "", code)
    if "%" in bare:
        return "%"
    if re.search(r"[0#?],+(?![0#?,])", bare.split(";")[0]):
        return SCALED
    quoted = re.sub(r"\\(.)", r'"\1"', code.split(";")[0]).replace('""', "")
    behind = re.search(r'(?:[0#?]|General|G/通用格式)[ _]*"([^"]*)"', quoted)
    if behind and behind[1].strip("% "):
        return behind[1].strip("% ")
    money = re.search(r'\[\$([^\]-]+)(?:-[^\]]*)?\]|"?([$€£¥￥₹₩])"?', code.split(";")[0])
    return f"{_MONEY}{(money[1] or money[2]).strip()}" if money else ""


def _look(
    path: Path, archive: zipfile.ZipFile, part: str, styles: dict[bytes, str], *, exact: bool = False
) -> _Look:
    """What a sheet's XML says. A text in it may read like a place (r = "max"): what would be refused is
    looked at again, `exact` within the tags of rows and cells alone.
    """
    look, units = _Look(), dict[tuple[int, int], str]()
    columns: set[bytes] = set()
    last = 0
    shown = re.compile(rb"""<(?:\w+:)?c\s[^>]*\bs\s*=\s*["'](""" + b"|".join(styles) + rb""")["'][^>]*>""")
    for chunk in _chunks(archive, part):
        places = b"".join(_TAG.findall(chunk)) if exact else chunk
        columns |= set(_COLUMNS.findall(places))
        last = max(last, max(map(int, set(_ROWS.findall(places))), default=0))
        nowhere = _NOWHERE.search(places) is not None
        if nowhere or last * max(map(_column, columns), default=0) > MOST_CELLS:
            if not exact:
                return _look(path, archive, part, styles, exact=True)
            if nowhere:
                raise BookError(f"{path}: a cell says no place such as D7. Save it again in Excel.")
            raise too_many_cells(path)
        if b'"e"' in chunk or b"'e'" in chunk:
            look.errors.update(_errors(chunk))
        if b"f>" in chunk or b"/>" in chunk:
            look.unstored |= set(_unstored(chunk))
        if b"hidden" in chunk:
            rows = (_ROW.search(row[0]) for row in _HIDDEN.finditer(chunk))
            look.hidden |= {int(row[1]) - 1 for row in rows if row}
            columns_ = (dict(_SPAN.findall(col[0])) for col in _HIDDEN_COLUMN.finditer(chunk))
            look.hidden_columns += [(int(c[b"min"]), int(c[b"max"])) for c in columns_ if len(c) == 2]
        if styles:
            units |= {at: styles[m[1]] for m in shown.finditer(chunk) if (at := _at(m[0]))}
    look.percent = frozenset(at for at, unit in units.items() if unit == "%")
    look.money = {at: unit[1:] for at, unit in units.items() if unit[0] == _MONEY}
    look.units = {at: unit for at, unit in units.items() if unit != "%" and unit[0] != _MONEY}
    return look


def _chunks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The XML in pieces that overlap, so that every cell lies whole in one of them."""
    with archive.open(part) as file:
        kept = b""
        while more := file.read(_CHUNK):
            yield kept + more
            kept = (kept + more)[-_OVERLAP:]


def _errors(chunk: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    """Cells with an error, and which."""
    for found in _ERROR.finditer(chunk):
        value = re.search(rb">(#[^<]{1,12})<", chunk[found.end() - 1 : found.end() + _OVERLAP])
        if value and (at := _at(found[0])):
            yield at, value[1].decode("ascii", "replace")


def _unstored(chunk: bytes) -> Iterator[tuple[int, int]]:
    """Formulas that no value follows; an empty text is a value."""
    for found in _UNSTORED.finditer(chunk):
        before = chunk[max(0, found.start() - _OVERLAP) : found.start()]
        start = max(before.rfind(b"<c "), before.rfind(b":c "))
        cell = _CELL.match(before, max(0, before.rfind(b"<", 0, start + 1))) if start >= 0 else None
        if cell and not (b"v" in found[1] and _TEXT.search(cell[0])) and (at := _at(cell[0])):
            yield at


def _at(cell: bytes) -> tuple[int, int] | None:
    found = _REFERENCE.search(cell)
    return None if found is None else (int(found[2]) - 1, _column(found[1]) - 1)


def _column(name: bytes) -> int:
    """A -> 1, AA -> 27."""
    out = 0
    for letter in name.upper():
        out = out * 26 + letter - 64
    return out
