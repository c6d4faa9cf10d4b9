"""How far the cells of a spreadsheet reach and how large it really is, looked up before it is read.

    check_honest   no part of the archive unpacks to more than it says
    check          an ods or xlsb: cells up to the last that holds something

The library that reads sheets makes room for every cell up to the last one, and for every repetition of one:
a kilobyte of `number-rows-repeated` would take all memory there is. (`excel` looks into xlsx itself; a
sheet of the old xls ends after 65,536 rows of 256.)
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from ballast.economy.sheets.files import MOST_CELLS, too_many_cells
from ballast.errors import BookError

_CHUNK = 1 << 20
_PLAIN = 400_000  # packed bytes: even if every one became a thousand, there would be memory for them
_ROW, _CELLS = 0, range(1, 12)  # records of an xlsb: the head of a row, its cells


def check_honest(path: Path) -> None:
    """BookError where a part unpacks to more than the archive's list says of it, or is packed strangely."""
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for entry in archive.infolist():
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise BookError(f"{path}: {entry.filename} is packed in no way that offices use.")
            if entry.compress_type == zipfile.ZIP_DEFLATED and entry.compress_size > _PLAIN:
                _check_size(path, file, entry)


def _check_size(path: Path, file: Any, entry: zipfile.ZipInfo) -> None:
    file.seek(entry.header_offset)
    head = file.read(30)
    name, extra = struct.unpack("<HH", head[26:30])
    file.seek(entry.header_offset + 30 + name + extra)
    unpacker, left, packed = zlib.decompressobj(-15), entry.file_size, entry.compress_size
    while packed > 0 and not unpacker.eof:
        data = file.read(min(_CHUNK, packed))
        if not data:
            return  # cut off: the reader will say so
        packed -= len(data)
        while data and not unpacker.eof:
            left -= len(unpacker.decompress(data, _CHUNK))
            data = unpacker.unconsumed_tail
            if left < 0:
                raise BookError(
                    f"{path}: {entry.filename} unpacks to more than the archive says. No office program "
                    "writes such a file; check where it came from."
                )


def check(path: Path, kind: str) -> None:
    """BookError where the sheets of an ods or xlsb reach further than a table does."""
    with zipfile.ZipFile(path) as archive:
        if kind == "ods":
            _Ods(path).read(archive)
            return
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/") and n.endswith(".bin")]
        cells = 0
        for name in sheets:
            rows, columns = _xlsb(archive, name)
            cells += rows * columns
            if cells > MOST_CELLS:
                raise too_many_cells(path)


class _Ods:
    """Counts the cells of content.xml as the reader will make them.

    Empty rows and cells count when something follows them; repetitions count as often as they say.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.cells = path, 0
        self.width = self.rows = self.empty_rows = 0  # of the sheet
        self.row_width = self.empty = self.repeated = 0  # of the row
        self.depth = 0  # tables within tables

    def read(self, archive: zipfile.ZipFile) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = self._entity
        with archive.open("content.xml") as file:
            try:
                while chunk := file.read(_CHUNK):
                    parser.Parse(chunk, False)
                parser.Parse(b"", True)
            except expat.ExpatError:
                raise BookError(f"{self.path}: its XML is damaged. Save it again as .xlsx.") from None

    def _entity(self, *_: Any) -> None:
        raise BookError(f"{self.path}: declares entities in its XML. Save it again as .xlsx.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "table":
            self.width = self.rows = self.empty_rows = 0
        elif tag == "table-row":
            self.row_width = self.empty = 0
            self.repeated = _number(attributes, "number-rows-repeated")
        elif tag in ("table-cell", "covered-table-cell"):
            times = _number(attributes, "number-columns-repeated")
            if any(k.rpartition(":")[2] in ("value-type", "formula") for k in attributes):
                self.row_width += self.empty + times
                self.empty = 0
            else:
                self.empty += times
        elif tag == "p" and self.empty:  # text in a cell that states no type
            self.row_width, self.empty = self.row_width + self.empty, 0

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == "table-row":
            if not self.row_width:
                self.empty_rows += self.repeated
                return
            self.rows += self.empty_rows + self.repeated
            self.empty_rows = 0
            self.width = max(self.width, self.row_width)
            if self.cells + self.rows * self.width > MOST_CELLS:
                raise too_many_cells(self.path)
        elif tag == "table":
            self.cells += self.rows * self.width


def _number(attributes: dict[str, str], name: str) -> int:
    """How often a cell or row is repeated; 1 where it does not say."""
    said = next((v for k, v in attributes.items() if k.rpartition(":")[2] == name), "1")
    return min(int(said), 1 << 32) if said.isascii() and said.isdecimal() and len(said) < 12 else 1 << 32


def _xlsb(archive: zipfile.ZipFile, name: str) -> tuple[int, int]:
    """Rows and columns up to the last cell of a binary sheet."""
    rows = columns = row = 0
    for kind, data in _records(archive.read(name)):
        if kind == _ROW and len(data) >= 4:
            row = int.from_bytes(data[:4], "little") + 1
        elif kind in _CELLS and len(data) >= 4:
            rows = max(rows, row)
            columns = max(columns, int.from_bytes(data[:4], "little") + 1)
    return rows, columns


def _records(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, data) of a binary part: kind in one or two bytes, length in one to four of seven bits."""
    at, end = 0, len(raw)
    while at < end:
        kind = raw[at]
        at += 1
        if kind & 0x80 and at < end:
            kind |= raw[at] << 8
            at += 1
        length = shift = 0
        while at < end and shift < 28:
            byte = raw[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, raw[at : at + length]
        at += length
