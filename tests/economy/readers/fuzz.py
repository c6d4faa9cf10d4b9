"""Broken files made from good ones: what offices, mail servers and disks do to tables. Seeded, so a
failure can be made again.

    broken(good, folder, rng)  -> a file that is wrong in one way, and the name of that way

Ways that work on any file (cut, bytes turned, wrong kind, empty, renamed), on text (columns swapped,
rows cut, doubled or shuffled, units mixed, encodings mixed, words for numbers, separators), and on
workbooks (errors, formulas, hidden sheets, merged heads, passwords, macros, swelling archives).
"""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
from openpyxl.cell import MergedCell

Way = Callable[[bytes, random.Random], bytes]


# ---- any file --------------------------------------------------------------------------------


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(1, max(2, len(data)))]


def turned_bytes(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randrange(1, 40)):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def zeros_in_the_middle(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + b"\x00" * 600 + data[at + 600 :]


def empty(data: bytes, rng: random.Random) -> bytes:
    return b"" if rng.random() < 0.5 else b"\n \n\n"


def a_picture(data: bytes, rng: random.Random) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(rng.randrange(256) for _ in range(500))


def a_pdf(data: bytes, rng: random.Random) -> bytes:
    return b"%PDF-1.7\n" + data[:400]


def a_web_page(data: bytes, rng: random.Random) -> bytes:
    return b"<!DOCTYPE html><html><body>Please log in" + data[:300]


def random_bytes(data: bytes, rng: random.Random) -> bytes:
    return bytes(rng.randrange(256) for _ in range(3000))


def an_old_office_header(data: bytes, rng: random.Random) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + data[8:2000]


@cache
def _swelling_gzip() -> bytes:
    return gzip.compress(b"0," * 40_000_000, 1)


def swelling_gzip(data: bytes, rng: random.Random | None) -> bytes:
    return _swelling_gzip()


def an_archive_of_something(data: bytes, rng: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("holiday.txt", "sea")
    return out.getvalue()


def a_swelling_workbook(data: bytes, rng: random.Random | None) -> bytes:
    """xl/workbook.xml beside a sheet that unpacks to 200 MB from 200 kB."""
    return _swelling_workbook()


@cache
def _swelling_workbook() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 200_000_000)
    return out.getvalue()


ANY: tuple[Way, ...] = (
    cut, turned_bytes, zeros_in_the_middle, empty, a_picture, a_pdf, a_web_page, random_bytes,
    an_old_office_header,
    swelling_gzip, an_archive_of_something, a_swelling_workbook,
)  # fmt: skip


# ---- text ------------------------------------------------------------------------------------


def _rows(data: bytes) -> list[list[str]]:
    return [line.split(",") for line in data.decode("utf-8").splitlines()]


def _bytes(rows: list[list[str]], encoding: str = "utf-8") -> bytes:
    return "\n".join(",".join(r) for r in rows).encode(encoding, "replace")


def columns_swapped(data: bytes, rng: random.Random) -> bytes:
    rows = _rows(data)
    a, b = rng.sample(range(len(rows[0])), 2)
    for row in rows[1:]:
        if max(a, b) < len(row):
            row[a], row[b] = row[b], row[a]
    return _bytes(rows)


def rows_cut(data: bytes, rng: random.Random) -> bytes:
    rows = _rows(data)
    return _bytes([row[: rng.randrange(1, len(row) + 1)] if rng.random() < 0.2 else row for row in rows])


def rows_lost(data: bytes, rng: random.Random) -> bytes:
    rows = _rows(data)
    return _bytes([rows[0], *(r for r in rows[1:] if rng.random() < 0.7)])


def rows_doubled(data: bytes, rng: random.Random) -> bytes:
    rows = _rows(data)
    return _bytes(
        [rows[0], *(r for row in rows[1:] for r in ([row, row] if rng.random() < 0.2 else [row]))]
    )


def head_lost(data: bytes, rng: random.Random) -> bytes:
    return _bytes(_rows(data)[1:])


def head_misspelt(data: bytes, rng: random.Random) -> bytes:
    rows = _rows(data)
    at = rng.randrange(len(rows[0]))
    rows[0][at] = rows[0][at][::-1] + "x"
    return _bytes(rows)


_WORDS = ["about 5", "见附表", "#REF!", "inf", "1e999", "--", "nan", "12.3.4", "'", "=A1"]


def words_for_numbers(data: bytes, rng: random.Random) -> bytes:
    rows = _rows(data)
    for _ in range(rng.randrange(1, 6)):
        row = rng.choice(rows[1:])
        row[rng.randrange(len(row))] = rng.choice(
            ["about 5", "见附表", "#REF!", "inf", "1e999", "--", "nan", "12.3.4", "'", "=A1"]
        )
    return _bytes(rows)


def units_mixed(data: bytes, rng: random.Random) -> bytes:
    rows = _rows(data)
    for row in rows[1:]:
        if rng.random() < 0.3:
            row[-1] = row[-1] + rng.choice(["万元", " 亿元", "%", "k"])
    return _bytes(rows)


def encodings_mixed(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at] = "上海，其中：汽车".encode("gb18030") + b"," + lines[at]
    lines[rng.randrange(len(lines))] += "—説明".encode("utf-16-le")
    return b"\n".join(lines)


def semicolons_in_places(data: bytes, rng: random.Random) -> bytes:
    return b"\n".join(
        line.replace(b",", b";") if rng.random() < 0.5 else line for line in data.split(b"\n")
    )


def an_open_quote(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + b'"' + data[at:]


def negative_everything(data: bytes, rng: random.Random) -> bytes:
    rows = _rows(data)
    for row in rows[1:]:
        row[-1] = "-" + row[-1]
    return _bytes(rows)


def huge_numbers(data: bytes, rng: random.Random) -> bytes:
    rows = _rows(data)
    rng.choice(rows[1:])[-1] = "9" * rng.randrange(20, 400)
    return _bytes(rows)


def shuffled(data: bytes, rng: random.Random) -> bytes:
    rows = _rows(data)
    body = rows[1:]
    rng.shuffle(body)
    return _bytes([*body[: len(body) // 2], rows[0], *body[len(body) // 2 :]])


TEXT: tuple[Way, ...] = (
    columns_swapped, rows_cut, rows_lost, rows_doubled, head_lost, head_misspelt, words_for_numbers,
    units_mixed,
    encodings_mixed, semicolons_in_places, an_open_quote, negative_everything, huge_numbers, shuffled,
)  # fmt: skip


# ---- workbooks -------------------------------------------------------------------------------


def _workbook(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def _saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _some_cells(book: openpyxl.Workbook, rng: random.Random, value: object) -> bytes:
    sheet = rng.choice(book.worksheets)
    for _ in range(rng.randrange(1, 8)):
        cell = sheet.cell(
            rng.randrange(1, max(2, sheet.max_row + 1)), rng.randrange(1, max(2, sheet.max_column + 1))
        )
        if not isinstance(cell, MergedCell):
            cell.value = value
    return _saved(book)


def errors_in_cells(data: bytes, rng: random.Random) -> bytes:
    return _some_cells(_workbook(data), rng, rng.choice(["#REF!", "#DIV/0!", "#N/A"]))


def formulas_without_values(data: bytes, rng: random.Random) -> bytes:
    return _some_cells(_workbook(data), rng, "=SUM(A1:A2)")


def words_in_cells(data: bytes, rng: random.Random) -> bytes:
    return _some_cells(_workbook(data), rng, rng.choice(["若干", True, "—", "1,2,3", "\u200b", "9" * 400]))


def hidden_sheets(data: bytes, rng: random.Random) -> bytes:
    book = _workbook(data)
    book.create_sheet("x").append([1])
    for sheet in book.worksheets[:-1]:
        sheet.sheet_state = rng.choice(["hidden", "veryHidden"])
    book.active = len(book.worksheets) - 1
    return _saved(book)


def columns_inserted(data: bytes, rng: random.Random) -> bytes:
    book = _workbook(data)
    for sheet in book.worksheets:
        sheet.insert_cols(rng.randrange(1, 4))
    return _saved(book)


def merged_over_the_heads(data: bytes, rng: random.Random) -> bytes:
    book = _workbook(data)
    for sheet in book.worksheets:
        sheet.merge_cells(start_row=1, start_column=1, end_row=2, end_column=max(2, sheet.max_column))
    return _saved(book)


def macros(data: bytes, rng: random.Random) -> bytes:
    """A VBA project in the archive: never run, the cells are read."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", bytes(rng.randrange(256) for _ in range(2000)))
    return out.getvalue()


def a_sheet_cut_inside(data: bytes, rng: random.Random) -> bytes:
    source, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            body = source.read(name)
            archive.writestr(name, body[: len(body) // 2] if "sheet1" in name else body)
    return out.getvalue()


def an_xml_that_calls_itself(data: bytes, rng: random.Random) -> bytes:
    """A billion laughs in the shared strings."""
    laughs = (
        '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
        + "]><sst><si><t>&j;</t></si></sst>"
    )
    source, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, laughs if name.endswith("sharedStrings.xml") else source.read(name))
    return out.getvalue()


BOOK: tuple[Way, ...] = (
    errors_in_cells, formulas_without_values, words_in_cells, hidden_sheets, columns_inserted,
    merged_over_the_heads, macros,
    a_sheet_cut_inside, an_xml_that_calls_itself,
)  # fmt: skip


def broken(good: Path, folder: Path, seed: int) -> tuple[Path, str]:
    """A broken copy of `good` in `folder`, and how it was broken."""
    rng = random.Random(seed)
    ways = ANY + (BOOK if good.suffix == ".xlsx" else TEXT if good.suffix == ".csv" else ())
    way = ways[seed % len(ways)]
    path = folder / good.name
    path.write_bytes(way(good.read_bytes(), rng))
    return path, way.__name__
