"""What a comma in numbers means: the fast ways say what the patterns say."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ballast.economy.sheets import decimals

SHAPES = (decimals.POINT, decimals.COMMA, decimals.EITHER_POINT, decimals.EITHER_COMMA)
marked = st.text("0123456789.,-( )%e\u00a0３", max_size=9).filter(lambda t: "," in t or "." in t)


@pytest.mark.parametrize("shape", SHAPES)
@given(cells=st.lists(marked, max_size=6))
@example(cells=["1 234.5", "13,10,000", "1.234.567", "(30,125)", ".5", ",5"])
def test_the_first_cell_of_a_shape_is_the_first_its_pattern_fits(shape, cells):
    assert decimals.first_of(cells)(shape) == next((c for c in cells if re.match(shape, c)), "")


@given(cells=st.lists(st.one_of(marked, st.sampled_from(["7", "x 2", "-", None, True, 2.5])), max_size=9))
@example(cells=["1,234\x1f5", "1,5", "30,125"])  # what stands between texts may stand in one
def test_digits_do_not_tell_what_a_text_is(cells):
    def read():
        rows = [["n"], *([c] for c in cells)]
        return decimals.point(rows, "", "x.csv"), rows

    as_one = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decimals, "_shapes", lambda joined, texts: texts)
        assert read() == as_one


@given(cell=marked)
@example(cell="012,345")  # a code
@example(cell="0,345")
@example(cell="1000,345")
def test_a_cell_is_written_with_a_point_where_its_pattern_says_it_is_a_number(cell):
    sure = [["name", "amount"], ["a", "30,5"], ["b", "1,5"], ["c", "2,5"], ["d", cell]]
    rows, told = sure, decimals.point(sure, ";", "x.csv")
    written = any(re.match(p, cell) for p in SHAPES[1:])
    if [f for f in told if f.level == "error"]:
        assert re.match(decimals.POINT, cell)  # written in two ways
    else:
        assert rows[4][1] == (cell.replace(".", "").replace(",", ".") if written else cell)
        assert [row[1] for row in rows[1:4]] == ["30.5", "1.5", "2.5"]


def test_a_number_that_holds_what_stands_between_texts_is_one_cell():
    rows = [["amount"], ["1,5"], ["(\x1f2,5"], ["30,25"]]
    decimals.point(rows, ";", "x.csv")
    assert rows == [["amount"], ["1.5"], ["(\x1f2.5"], ["30.25"]]


def test_columns_that_short_rows_lack_are_decided_on_too():
    rows = [["a", "b", "c"], ["1,5", None, "2,25"], ["3,5"], ["4,5", "x", "5,75"], ["6", 7, "8,5"]]
    decimals.point(rows, ";", "x.csv")
    assert rows == [["a", "b", "c"], ["1.5", None, "2.25"], ["3.5"], ["4.5", "x", "5.75"], ["6", 7, "8.5"]]
