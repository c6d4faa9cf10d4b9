"""How large what others wrote may be, looked up before it is read: a small file can state a great deal.

    toml_faults     what a TOML text would cost to parse: entries, depth, parts of a key, digits
    parquet_faults  what a Parquet file would unpack to: rows, columns, bytes, lists within cells
    parquet_table   a Parquet file that passed, its texts as dictionaries; `spelt` writes them out
    unpacked        how much may come out of a packed text; `swells` looks whether more does
    read_bytes      a whole file, no longer than it may be

Each gives words for what is too large, none when nothing is; docs/robustness.md has every bound.
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Any

from ballast import machine
from ballast.errors import InputError

MOST_ENTRIES = 2_000_000  # of a TOML text, as `_entries` counts them: some 250 bytes each once parsed
MOST_DEPTH = 64  # brackets within brackets
MOST_PARTS = 32  # of a dotted key; the parser's work grows with their square
MOST_DIGITS = 20  # of a whole number: 64 bits have 19

SMALL = 64_000_000  # bytes: what takes no more than this is never called swollen
SWELL = 300  # times its size that a Parquet file may unpack to: equal cells are packed very well
MOST_COLUMNS = 10_000  # of a Parquet file

_BLOCK = 1 << 20
_TEXT = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+(?:"""|\\?\Z)'
    r"|'''(?:[^']++|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n]++|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+",
    re.DOTALL,
)
_HEADER = re.compile(r"^[ \t]*+\[", re.MULTILINE)
_KEY = re.compile(rf'(?<![\w"-])[\w"-]++(?:[ \t]*+\.[ \t]*+[\w"-]++){{{MOST_PARTS}}}')
_LONG_NUMBER = re.compile(rf"(?<![\w.-])[0-9][0-9A-Za-z_]{{{MOST_DIGITS},}}+(?![ \t]*+[=.])")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


def read_bytes(path: Path, most: int, kind: type[InputError] = InputError) -> bytes:
    """A whole file of at most `most` bytes; `kind` for a longer one, and for what is no ordinary file.

    OSError when the system refuses. A file that says it is empty is not opened: those that the system makes
    up (/proc) say so, and some of them wait for ever.
    """
    machine.ordinary(path, kind)
    if not path.stat().st_size:
        return b""
    with path.open("rb") as file:
        raw = file.read(most + 1)
    if len(raw) > most:
        raise kind(f"{path}: has more than {most / 1e6:,.0f} MB, too much for a file of this kind. "
                   "Check that it is the right one.")  # fmt: skip
    return raw


# ---- TOML --------------------------------------------------------------------------------------


def toml_faults(text: str) -> Iterator[str]:
    """What makes a TOML text too costly to parse, in words that follow the file's name."""
    bare = _TEXT.sub(lambda m: '""' + "\n" * m[0].count("\n"), text)
    if (count := _entries(bare)) > MOST_ENTRIES:
        yield f"holds {count:,} entries, more than {MOST_ENTRIES:,}"
    brackets = re.sub(r"[^\[\]{}]++", "", bare)
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MOST_DEPTH:
        yield f"is nested too deeply, more than {MOST_DEPTH} brackets in each other"
    if found := _KEY.search(bare):
        yield f"has a key of more than {MOST_PARTS} parts, {_line(bare, found.start())}"
    if found := _LONG_NUMBER.search(bare):
        yield f"has a number of more than {MOST_DIGITS} digits, {_line(bare, found.start())}"


def _entries(bare: str) -> int:
    """What a text without its strings will cost: tables and dotted keys cost six times a value."""
    dear = bare.count(".") + bare.count("{") + sum(1 for _ in _HEADER.finditer(bare))
    return bare.count(",") + bare.count("=") + bare.count("[") + 6 * dear


def _line(bare: str, at: int) -> str:
    return f"line {bare.count(chr(10), 0, at) + 1}"


# ---- Parquet -----------------------------------------------------------------------------------


def parquet_faults(file: Any, size: int, columns: list[str] | None = None) -> Iterator[str]:
    """What makes a `pyarrow.parquet.ParquetFile` of `size` bytes too large, of its metadata alone.

    `columns` are those that will be read (default: all). A row costs 8 bytes a column, or what the file
    says of the column's bytes if that is more.
    """
    stated = file.metadata
    if stated.num_columns > MOST_COLUMNS:
        yield f"has {stated.num_columns:,} columns, more than {MOST_COLUMNS:,}"
        return
    wanted = [
        i
        for i in range(stated.num_columns)
        if columns is None or {(path := stated.schema.column(i).path), path.split(".")[0]} & set(columns)
    ]
    if lists := [stated.schema.column(i).path for i in wanted if _is_nested(stated.schema.column(i))]:
        yield f"holds lists or tables within cells (column {lists[0].split('.')[0]})"
        return
    rows = [stated.row_group(g).num_rows for g in range(stated.num_row_groups)]
    if sum(rows) != stated.num_rows or min(rows, default=0) < 0:
        yield f"states {stated.num_rows:,} rows, but its parts {sum(rows):,}"
        return
    need = 0
    for g, count in enumerate(rows):
        group = stated.row_group(g)
        need += sum(max(8 * count, group.column(i).total_uncompressed_size) for i in wanted)
    most = max(SMALL, SWELL * size)
    if need > most:
        yield (
            f"unpacks to {need / 1e6:,.0f} MB ({stated.num_rows:,} rows) from {size / 1e6:,.2f} MB, "
            f"more than {SWELL} times"
        )
    elif need > 0.9 * machine.memory():
        yield f"unpacks to {need / 1e9:,.1f} GB, and there are {machine.memory() / 1e9:,.1f} of memory"


def parquet_table(path: Path, kind: type[InputError], columns: list[str] | None = None) -> Any:
    """A Parquet file as an Arrow table, its texts as dictionaries; `kind` where it is too large.

    A dictionary keeps a text once however many rows say it: `spelt` writes them out. Arrow's own errors
    come through.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pa.OSFile(os.fsencode(path)) as file:  # a file name need not be text
        kinds = pq.ParquetFile(file).schema_arrow
        texts = [f.name for f in kinds if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
        opened = pq.ParquetFile(file, read_dictionary=texts)
        if wrong := list(parquet_faults(opened, os.stat(path).st_size, columns)):
            raise kind(f"{path}: {'; '.join(wrong)}. Check where it came from, and write it again.")
        return opened.read(columns=columns)


def spelt(table: Any, most: int, error: InputError) -> Any:
    """An Arrow table without dictionaries; `error` where its texts would take more than `most` bytes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    total = 0
    for place, field in enumerate(table.schema):
        if not pa.types.is_dictionary(field.type):
            continue
        column = table.column(place)
        for chunk in column.chunks:
            lengths = pc.binary_length(chunk.dictionary)
            total += pc.sum(pc.cast(pc.take(lengths, chunk.indices), pa.int64())).as_py() or 0
        if total > most:
            raise error
        table = table.set_column(place, field.name, column.cast(field.type.value_type))
    return table


def _is_nested(column: Any) -> bool:
    return column.max_repetition_level > 0 or ("." in column.path and column.max_definition_level > 1)


# ---- packed text -------------------------------------------------------------------------------


def unpacked(path: Path) -> int:
    """Bytes that a packed text of this size may give: none that people made swelled more."""
    return max(SMALL // 2, 200 * os.stat(path).st_size)


def swells(path: Path) -> bool:
    """Whether a gzip file gives more than `unpacked` says; it is unpacked to see, and nothing is kept."""
    most = unpacked(path)
    if 1_100 * os.stat(path).st_size < most:  # no byte becomes more than 1,032
        return False
    # what is damaged is for the reader to say
    with suppress(OSError, EOFError, zlib.error), gzip.open(path) as file:
        while most >= 0 and (data := file.read(_BLOCK)):
            most -= len(data)
    return most < 0
