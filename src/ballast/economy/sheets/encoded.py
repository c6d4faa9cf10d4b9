"""Columns of Arrow as words: what a Parquet file, a CSV or a sheet holds, without Python's own spelling.

as_text   a column as text; bytes that are no text, and cells of another kind, are named
encoded   the labels of a column, the code of each row, and what is wrong with the labels
Lines     which row of the file each row is, where some were left out
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast.economy.sheets.labels import faults, one_line
from ballast.errors import BookError, Finding


@dataclass(frozen=True, eq=False)
class Lines:
    """The rows of the file, whose head is row 1, by those that were kept of it (None for all)."""

    kept: NDArray[np.intp] | None = None

    def __call__(self, row: Any) -> Any:
        """The row of the file, or an array of them."""
        return (row if self.kept is None else self.kept[row]) + 2

    def keep(self, mask: NDArray[np.bool_]) -> Lines:
        """Those that a mask takes of these."""
        at = np.flatnonzero(mask)
        return Lines(at if self.kept is None else self.kept[at])


EVERY = Lines()


def lines_of(frame: Any) -> Lines:
    """The rows of the file in a frame, whose index counts them unless it holds labels."""
    index = frame.index
    counts = index.dtype.kind == "i" and index.is_unique and index.is_monotonic_increasing
    return Lines(index.to_numpy()) if counts else EVERY


def as_text(column: Any, path: Path, name: str, lines: Lines = EVERY) -> Any:
    """The column as text, in a dictionary where it came in one; BookError where it is none."""
    import pyarrow as pa

    kind = column.type
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_string(plain) or pa.types.is_large_string(plain):
        return column
    to = pa.dictionary(kind.index_type, pa.string()) if pa.types.is_dictionary(kind) else pa.string()
    try:
        return column.cast(to)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeError):
        raise BookError(_no_text(column, plain, path, name, lines)) from None


def _no_text(column: Any, plain: Any, path: Path, name: str, lines: Lines) -> str:
    """What a column holds that is no text, with the first row where it can be told."""
    import pyarrow as pa

    if not (pa.types.is_binary(plain) or pa.types.is_large_binary(plain)):
        return f"{path}, column {name}: holds {plain}, not text or numbers. Save it as text."
    row = next((i for i, cell in enumerate(column.to_pylist()) if not _is_utf8(cell)), 0)
    return f"{path}, row {lines(row)}, column {name}: holds bytes that are no UTF-8 text. Save it as text."


def _is_utf8(cell: bytes | None) -> bool:
    try:
        (cell or b"").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def encoded(
    column: Any, path: Path, name: str, lines: Lines = EVERY
) -> tuple[list[str], NDArray[np.int32], list[Finding]]:
    """Labels, the code of each row, and what is wrong with the labels."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = as_text(column, path, name, lines)
    if column.null_count:
        column = pc.fill_null(pc.cast(column, pa.string()), "")
    column = column.combine_chunks()
    column = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
        column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    raw = [one_line(str(v)) for v in column.dictionary.to_pylist()]
    at = np.asarray(column.indices.to_numpy(zero_copy_only=False), np.int64)
    used = np.bincount(at, minlength=len(raw)) > 0
    where = {v: i for i, v in enumerate(dict.fromkeys(v for v, u in zip(raw, used, strict=True) if u))}
    codes = np.array([where.get(v, -1) for v in raw], np.int32)[at]
    empty = np.count_nonzero(codes == where[""]) if "" in where else 0
    todo = "Fill it, or delete the row" + (f" ({empty:,} rows are so)" if empty > 1 else "")

    def place(i: int) -> str:
        return f"{path}, row {lines(int(np.argmax(codes == i)))}, column {name}"

    found = faults(list(where), place, empty=todo)
    return list(where), codes, found
