"""cases.xlsx: the tables as a coordination desk works with them.

One row a case, with columns for owner, status, deadline and note that the desk fills in. Raw numbers
with number formats, so that sums and filters work; money in one unit, named in the header.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ballast import safe
from ballast.outcomes import Status
from ballast.packing import save_workbook
from ballast.report import brief, colours, html, tables
from ballast.report.carry import DESK, Earlier
from ballast.report.facts import Facts
from ballast.report.words import Words
from ballast.text import Lang, Text

if TYPE_CHECKING:
    from ballast.response import Response

_FORMATS = {
    "int": "#,##0",
    "money": "#,##0.00",
    "rate": "#,##0.00",
    "pct": "0",
    "dev": "+0.0;-0.0;0.0",
    "date": "yyyy-mm-dd",
}
_HEAD = PatternFill("solid", fgColor="E9ECEF")
_DESK_FILL = PatternFill("solid", fgColor="FFF8E6")
_THIN = Border(bottom=Side("thin", color="D5D8DC"))
_FONT = "Microsoft YaHei"


def write(
    response: Response, facts: Facts, langs: Sequence[Lang], path: Path, earlier: Earlier | None = None
) -> None:
    """Cases first, since that is what a desk opens the file for; with what it wrote in an earlier one."""
    book = Workbook()
    book.remove(book.active)
    _cases(book, response, facts, langs, earlier or Earlier())
    for table in (
        tables.whitelist(response),
        tables.blockages(response),
        tables.stops(response, None),
        tables.landings(response),
    ):
        _table(book, table, facts, langs)
    _months(book, response, langs)
    _table(book, tables.evidence(response), facts, langs)
    _readme(book, response, facts, langs)
    book.properties.title = safe.line(response.scenario.title[langs[0]], 240)
    book.properties.creator = "Ballast"
    save_workbook(book, path)


def sheet_name(key: str, langs: Sequence[Lang]) -> str:
    return Words(langs[0])(f"sheet.{key}")


def _both(parts: Sequence[str], glue: str = "\n") -> str:
    """The languages' texts in one cell, once when they agree."""
    return glue.join(dict.fromkeys(p for p in parts if p))


def _cell(value: Any, langs: Sequence[Lang]) -> Any:
    if isinstance(value, tables.Link):
        return value.words
    if isinstance(value, Text):
        return _both([value[lang] for lang in langs])
    if isinstance(value, bool):
        return _both([Words(lang)("flag.yes" if value else "flag.no") for lang in langs], " / ")
    return value


# ---- sheets ------------------------------------------------------------------------------------


def _table(book: Workbook, table: tables.Table, facts: Facts, langs: Sequence[Lang]) -> Worksheet:
    """One table on one sheet: header, rows, formats, filter."""
    sheet = book.create_sheet(sheet_name(table.key, langs))
    heads = [table.headers(facts, lang, langs[0]) for lang in langs]
    factors = [
        table.money_column(i, facts, langs[0]).factor if c.kind in tables.MONEY else None
        for i, c in enumerate(table.columns)
    ]
    safe.put_row(sheet, 1, [_both(column) for column in zip(*heads, strict=True)])
    for at, row in enumerate(table.rows, 2):
        for i, (value, factor) in enumerate(zip(row, factors, strict=True), 1):
            shown = _cell(value, langs) if factor is None or value is None else value * factor
            cell = safe.put(sheet, at, i, shown)
            if isinstance(value, tables.Link) and value.href:
                cell.hyperlink = value.href
    for i, column in enumerate(table.columns, 1):
        _column(sheet, i, column.kind, column.width)
    _finish(sheet, len(table.columns), len(langs))
    return sheet


def _column(sheet: Worksheet, index: int, kind: str, width: int) -> None:
    sheet.column_dimensions[get_column_letter(index)].width = width + 2
    wrap = kind in ("long", "name", "link", "text")
    for (cell,) in sheet.iter_rows(min_row=2, min_col=index, max_col=index):
        cell.number_format = _FORMATS.get(kind, "General")
        side = "left" if wrap else "center" if kind == "flag" else "right"
        cell.alignment = Alignment(wrap_text=wrap, vertical="top", horizontal=side, indent=int(wrap))
        cell.font, cell.border = Font(name=_FONT, size=10), _THIN


def _heights(sheet: Worksheet) -> None:
    """Rows as high as their wrapped text; not every program works that out when it opens a file."""
    widths = [sheet.column_dimensions[get_column_letter(i)].width for i in range(1, sheet.max_column + 1)]
    for cells in sheet.iter_rows(min_row=2):
        lines = max(_lines(c.value, w) for c, w in zip(cells, widths, strict=True))
        sheet.row_dimensions[cells[0].row].height = 4 + 13.5 * lines


def _lines(value: Any, width: float) -> int:
    """Lines of a cell; a Chinese character is about two digits wide."""
    if not isinstance(value, str):
        return 1
    sizes = [sum(2.1 if ord(c) > 0x2E80 else 1.05 for c in line) for line in value.split("\n")]
    return sum(max(1, math.ceil(size / max(width - 1, 1))) for size in sizes)


def _finish(sheet: Worksheet, columns: int, lines: int, *, wrapped: bool = True) -> None:
    """Header style, frozen header, filter, and a page that prints."""
    for cell in sheet[1]:
        cell.font, cell.fill, cell.border = Font(name=_FONT, size=10, bold=True), _HEAD, _THIN
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    if wrapped:
        _heights(sheet)
    sheet.row_dimensions[1].height = 20 + 16 * lines
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{max(sheet.max_row, 1)}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def _cases(
    book: Workbook, response: Response, facts: Facts, langs: Sequence[Lang], earlier: Earlier
) -> None:
    """The cases with the desk's own columns, a list for the status and dates for the deadline; their ids.

    To the right of the ids stand columns that the desk had added itself.
    """
    table = tables.cases(response, None)
    sheet = _table(book, table, facts, langs)
    first, rows = len(table.columns) + 1, len(table.rows) + 1
    labels = {s: _both([Words(lang)(f"status.{s}") for lang in langs], " / ") for s in Status}
    ids = [c.id for c in response.cases]
    columns: list[tuple[str | int, int]] = [
        *DESK,
        ("id", 30),
        *((n, 20) for n in range(len(earlier.heads))),
    ]
    for i, (key, width) in enumerate(columns, first):
        own = earlier.heads[key] if isinstance(key, int) else None
        safe.put(
            sheet,
            1,
            i,
            _both([Words(lang)(f"col.{key}") for lang in langs]) if own is None else own or None,
        )
        for row, name in enumerate(ids, 2):
            entry: dict[str | int, Any] = {"status": Status.OPEN} | dict(earlier.of(name)) | {"id": name}
            value = entry.get(key)
            safe.put(sheet, row, i, _label(labels, value) if key == "status" else value)
            if key != "id":
                sheet.cell(row, i).fill = _DESK_FILL
        _column(sheet, i, "date" if key == "deadline" else "long", width)
    if ids:
        status, deadline = (get_column_letter(first + n) for n in (1, 2))
        _validate(sheet, f"{status}2:{status}{rows}", list(labels.values()))
        dates = DataValidation(type="date", operator="greaterThan", formula1="36526", allow_blank=True)
        sheet.add_data_validation(dates)
        dates.add(f"{deadline}2:{deadline}{rows}")
    _finish(sheet, first + len(columns) - 1, len(langs))
    sheet.freeze_panes = "C2"


def _label(labels: dict[Status, str], value: Any) -> Any:
    """A status in the languages of the workbook; what a desk wrote instead of one stays as it is."""
    return labels[value] if isinstance(value, Status) else value


def _validate(sheet: Worksheet, cells: str, choices: Sequence[str]) -> None:
    rule = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
    sheet.add_data_validation(rule)
    rule.add(cells)


def _months(book: Workbook, response: Response, langs: Sequence[Lang]) -> None:
    """Region x sector x month as one long table, shaded."""
    e = response.economy
    sheet = book.create_sheet(sheet_name("months", langs))
    keys = ("region", "sector", "month", "nothing", "band_low", "band_high")
    percent = keys[3:]
    names = [{k: Words(lang)(f"col.{k}") for k in keys} for lang in langs]
    for words, lang in zip(names, langs, strict=True):
        words.update({k: Words(lang)("col.with_unit", name=words[k], unit="%") for k in percent})
    safe.put_row(sheet, 1, [_both([words[k] for words in names]) for k in keys])
    regions = {r.code: _both([r.name[lang] for lang in langs], " / ") for r in e.regions}
    sectors = {s.code: _both([s.name[lang] for lang in langs], " / ") for s in e.sectors}
    for at, row in enumerate(response.monthly.itertuples(index=False), 2):
        labels = (regions.get(row.region, row.region), sectors.get(row.sector, row.sector), row.month)
        safe.put_row(sheet, at, (*labels, *(float(v) for v in (row.deviation_pct, row.low, row.high))))
    for i, width in enumerate((24, 48, 11, 14, 14, 14), 1):
        sheet.column_dimensions[get_column_letter(i)].width = width
    _shade(sheet)
    _finish(sheet, len(keys), len(langs), wrapped=False)


def _shade(sheet: Worksheet) -> None:
    """Colour the months' deviations. A style is made once a colour and copied: there are 13,000 cells."""
    styles: dict[tuple[str, str], Any] = {}
    plain: Any = None
    for first, *others in sheet.iter_rows(min_row=2, min_col=4, max_col=6):
        key = (colours.fill(first.value), colours.ink(first.value))
        if key not in styles:
            first.number_format = _FORMATS["dev"]
            first.fill = PatternFill("solid", fgColor=key[0].upper())
            first.font = Font(color=key[1].upper())
            styles[key] = first._style
        first._style = copy(styles[key])
        for cell in others:
            if plain is None:
                cell.number_format = _FORMATS["dev"]
                plain = cell._style
            cell._style = copy(plain)


def _readme(book: Workbook, response: Response, facts: Facts, langs: Sequence[Lang]) -> None:
    """What the sheets are, the scenario, the book, the settings."""
    sheet = book.create_sheet(sheet_name("readme", langs))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 26, 110
    lines: list[tuple[str | None, ...]] = []
    for lang in langs:
        words = Words(lang)
        lines.append((response.scenario.title[lang], response.scenario.summary[lang]))
        lines += [(None, brief.path_title(facts, words)), (None, words("readme.money"))]
        for key in ("cases", "whitelist", "blockages", "stops", "landings", "months", "evidence"):
            lines.append((Words(langs[0])(f"sheet.{key}"), words(f"readme.{key}")))
        lines += [
            (words(f"status.{s}"), words("readme.status", meaning=s.meaning, next=s.remedy)) for s in Status
        ]
        lines.append(())
    for at, line in enumerate([*lines, *html.settings(response)], 1):
        safe.put_row(sheet, at, line)
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(name=_FONT, size=10, bold=cell.column == 1)
    _heights(sheet)
