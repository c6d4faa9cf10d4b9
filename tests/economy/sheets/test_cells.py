"""Cells as numbers: every form of one, and what only looks like one."""

from __future__ import annotations

import pandas as pd
import pytest

from ballast.economy.sheets.cells import filled, number


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1 234", 1234),
        ("1\u202f234\u00a0567.5", 1234567.5),  # the spaces of typography
        ("1'500", 1500),
        ("1’500", 1500),
        ("１，２００", 1200),
        ("- 5", -5),
        ("−5", -5),
        ("( 1,200 )", -1200),
        (" 7\n", 7),
        ("1e3", 1000),
    ],
)
def test_forms_of_a_number(cell, value):
    assert number(cell) == value


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("7 14", "not a number"),  # was 714
        ("1 2345", "not a number"),
        ("1 234,567", "not a number"),
        ("1'5", "not a number"),
        ("7\n14", "several lines"),
        ("7\n143", "several lines"),
        ("125¹", "take the mark of a footnote off"),
        ("10²", "take the mark of a footnote off"),
        ("①", "take the mark of a footnote off"),
        ("½", "not a number"),
        ("(-5)", "a sign inside brackets"),
        ("(+5)", "a sign inside brackets"),
        (True, "true or false"),
    ],
)
def test_what_only_looks_like_a_number(cell, says):
    with pytest.raises(ValueError, match=says):
        number(cell)


def test_a_frame_names_row_and_column():
    """Row 3 of the file holds no number and row 4 nothing; in a frame of labels the label says the row."""
    cells = {"x": ["1,200", "7 14", None], "y": [1.5, True, 2]}
    values, found = filled(pd.DataFrame(cells), "a.csv")
    assert values.tolist() == [[1200, 1.5], [0, 0], [0, 2]]
    bad = [f.where for f in found if f.level == "error"]
    assert bad == ["a.csv, row 3, column x", "a.csv, row 3, column y"]
    assert [f.what for f in found if f.level == "warning"] == [
        "1 cell says that a number is missing (the first: row 4, column x), which counts as nothing"
    ]
    (found,) = filled(pd.DataFrame({"x": [1.0, 1e30]}, ["A", "B"]), "a.parquet")[1]
    assert (found.level, found.where) == ("error", "a.parquet, row B, column x")
