"""Amounts in a column of Arrow as numbers: what marks decimals, what is missing, what is no amount.

Numbers that came as text are decided on as a whole (`decimals`). Cells that are empty or say NA count as
nothing, and how many is told. Amounts beyond `MOST_MONEY` are no money and are refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ballast.arrays import Floats
from ballast.economy.sane import MOST_MONEY
from ballast.economy.sheets import decimals
from ballast.economy.sheets.cells import number
from ballast.economy.sheets.encoded import EVERY, Lines, as_text
from ballast.economy.sheets.labels import MOST_FINDINGS
from ballast.errors import Finding
from ballast.text import counted, listed

MOST_ROWS = 8  # rows named in a finding; the rest are counted


def values_of(
    column: Any, path: Path, name: str, separator: str, lines: Lines = EVERY
) -> tuple[Floats, list[Finding]]:
    """[rows] the amounts, and findings with their rows. `separator` is that of the file's columns."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        missing = np.asarray(pc.is_null(column).to_numpy(), bool)
        value = np.asarray(
            pc.fill_null(pc.cast(column, pa.float64(), safe=False), 0.0).to_numpy(), np.float64
        )
        return value, [*_impossible(value, path, name, lines), *_missing(missing, path, name, lines)]
    if pa.types.is_null(kind):
        what = "holds nothing"
        return np.zeros(len(column)), [
            Finding("error", f"{path}, column {name}", what, "Write the amounts")
        ]
    if pa.types.is_temporal(kind) or pa.types.is_boolean(kind):
        what = "holds true and false" if pa.types.is_boolean(kind) else "holds dates or spans of time"
        where = f"{path}, column {name}"
        return np.zeros(len(column)), [Finding("error", where, f"{what}, no amounts", "Write the amounts")]
    column = pc.cast(as_text(column, path, name, lines), pa.string())
    decision = decimals.decide(_first_of(column), separator, f"{path}, column {name}")
    if any(f.level == "error" for f in decision.findings):
        return np.zeros(len(column)), list(decision.findings)
    if decision.mark == ",":
        column = pc.replace_substring(pc.replace_substring(column, ".", ""), ",", ".")
    value, missing, bad = _parsed(column, path, name, lines)
    if bad:
        return value, bad
    found = [*_impossible(value, path, name, lines), *_missing(missing, path, name, lines)]
    return value, [*decision.findings, *found]


def _first_of(column: Any) -> Any:
    """`first` for `decimals.decide`: the first cell of a shape in an Arrow column of text."""
    import pyarrow.compute as pc

    def first(pattern: str) -> str:
        for chunk in column.chunks:  # a match is mostly in the first of them
            hit = pc.fill_null(pc.match_substring_regex(chunk, pattern), False)
            if (at := pc.index(hit, True).as_py()) >= 0:
                return str(chunk[at].as_py())
        return ""

    return first


def _parsed(column: Any, path: Path, name: str, lines: Lines) -> tuple[Floats, Any, list[Finding]]:
    """Text as numbers: at once where all are plain, else cell by cell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        value = np.array(pc.cast(column, pa.float64()).to_numpy(), np.float64)
        missing = np.isnan(value)
        value[missing] = 0.0
        return value, missing, []
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        pass
    value, missing, bad = np.zeros(len(column)), np.zeros(len(column), bool), []
    for i, cell in enumerate(column.to_pylist()):
        try:
            amount = number(cell)
        except ValueError as error:
            where = f"{path}, row {lines(i)}, column {name}"
            bad.append(Finding("error", where, str(error), "Write a number"))
            if len(bad) >= MOST_FINDINGS:
                break
            continue
        value[i], missing[i] = amount or 0.0, amount is None
    return value, missing, bad


def _impossible(value: Floats, path: Path, name: str, lines: Lines) -> list[Finding]:
    """Amounts that are infinite, no number, or larger than any amount of money."""
    out = []
    for i in np.flatnonzero(~(np.abs(value) <= MOST_MONEY))[:MOST_FINDINGS]:
        what = f"is {value[i]:g}" + (", more than any amount of money" if np.isfinite(value[i]) else "")
        out.append(Finding("error", f"{path}, row {lines(i)}, column {name}", what, "Write a number"))
    return out


def _missing(missing: Any, path: Path, name: str, lines: Lines) -> list[Finding]:
    rows = np.flatnonzero(missing)
    if not len(rows):
        return []
    named = listed(lines(rows[:MOST_ROWS]), MOST_ROWS, of=len(rows))
    what = (
        f"{counted(len(rows), 'cell is', 'cells are')} empty or without a number, which counts as nothing"
    )
    todo = "Fill in what is known, or write 0 where nothing flows"
    return [Finding("warning", f"{path}, column {name}, rows {named}", what, todo)]
