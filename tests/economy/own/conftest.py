"""What the tests of a desk's own sheets share: two books, workbooks of rows, and what was told."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from ballast.economy import Economy, book
from ballast.economy.own import add as additions


@pytest.fixture(scope="module")
def teaching() -> Economy:
    return book.load("teaching")


@pytest.fixture(scope="module")
def china() -> Economy:
    return book.load("china-2020")


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    wb = openpyxl.Workbook()
    wb.remove(wb.active)
    for name, rows in sheets.items():
        sheet = wb.create_sheet(name)
        for row in rows:
            sheet.append(row)
    wb.save(path)
    return path


def added(e: Economy, folder: Path, **sheets: list[list[object]]) -> additions.Added:
    """What a workbook of these sheets gives."""
    return additions.add(e, workbook(folder / "own.xlsx", **sheets))


def told(got: additions.Added, level: str = "error") -> str:
    return "\n".join(str(f) for f in got.findings if f.level == level)
