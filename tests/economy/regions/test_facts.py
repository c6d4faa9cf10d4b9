"""A desk's file of output by region: which column and which way round, what is missing, what is a total."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from ballast.economy import Economy, book
from ballast.economy.regions.facts import read
from ballast.economy.regroup.concord import Concordance, regroup
from ballast.errors import BookError

CODES = ("materials", "parts", "vehicles", "services")
OUTPUT = {"A": (1, 2, 3, 4), "B": (9, 7, 5, 8)}
ROWS = [(r, s, v) for r, shares in OUTPUT.items() for s, v in zip(CODES, shares, strict=True)]


@pytest.fixture(scope="module")
def country() -> Economy:
    """The teaching book as one country: 4 sectors."""
    one, _ = regroup(book.load("teaching"), Concordance(("ALL",), np.ones((1, 3)), ()), None)
    return one


def write(path: Path, *rows: tuple[object, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def told(facts, level: str = "") -> str:
    return "\n".join(str(f) for f in facts.findings if not level or f.level == level)


@pytest.mark.parametrize(
    "head",
    ["output", "产值（亿元）", "工业总产值", "2019年总产出", "Production", "gross_output_2019", "value"],
)
def test_words_for_output_are_read_without_a_word(country, tmp_path, head):
    got = read(write(tmp_path / "a.csv", ("region", "sector", head), *ROWS), country, None)
    np.testing.assert_allclose(got.output, [[1, 2, 3, 4], [9, 7, 5, 8]])
    assert told(got) == ""


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("增加值（亿元）", "value added"),
        ("地区生产总值", "value added"),
        ("Gross value added", "value added"),
        ("从业人员（万人）", "people"),
        ("平均用工人数", "people"),
        ("jobs", "people"),
        ("主营业务收入", "sales"),
        ("工业销售产值", "sales"),
    ],
)
def test_what_only_stands_for_output_is_told(country, tmp_path, head, kind):
    got = read(write(tmp_path / "a.csv", ("地区", "行业", head), *ROWS), country, None)
    assert f"row 1, column C: the amounts are {kind}" in told(got, "note")


def test_titles_and_corners_say_what_the_amounts_are(country, tmp_path):
    long = [("各地区从业人员",), ("region", "sector", "value"), *ROWS]
    assert "the amounts are people ('各地区从业人员')" in told(
        read(write(tmp_path / "a.csv", *long), country, None)
    )
    other = [("region", "sector", "指标", "value"), *((r, s, "从业人员", v) for r, s, v in ROWS)]
    assert "the amounts are people" in told(read(write(tmp_path / "c.csv", *other), country, None))
    square = [("增加值", "A", "B"), *((s, 1, 2) for s in CODES)]
    assert "the amounts are value added" in told(read(write(tmp_path / "b.csv", *square), country, None))


def test_heads_in_traditional_characters_are_read(country, tmp_path):
    got = read(write(tmp_path / "a.csv", ("地區", "行業", "總產值"), *ROWS), country, None)
    np.testing.assert_allclose(got.output, [[1, 2, 3, 4], [9, 7, 5, 8]])


def test_output_wins_over_what_stands_for_it(country, tmp_path):
    rows = [("region", "sector", "employment", "output"), *((r, s, 50, v) for r, s, v in ROWS)]
    got = read(write(tmp_path / "a.csv", *rows), country, None)
    np.testing.assert_allclose(got.output, [[1, 2, 3, 4], [9, 7, 5, 8]])
    assert "1 column is not read: 'employment'" in told(got)


@pytest.mark.parametrize(
    ("heads", "says"),
    [
        (("region", "sector", "share (%)"), "no column of output beside .*; the others are: share"),
        (("region", "sector", "产值占比"), "no column of output"),
        (("region", "sector", "人均产值"), "no column of output"),
        (("county", "sector", "output"), "no column region; the others are: county"),
        (("region", "branch", "output"), "no column sector; the others are: branch"),
    ],
)  # fmt: skip
def test_heads_that_are_not_known_are_asked_about(country, tmp_path, heads, says):
    with pytest.raises(BookError, match=says) as refused:
        read(write(tmp_path / "a.csv", heads, *ROWS), country, None)
    assert "Did you mean" not in str(refused.value)


@pytest.mark.parametrize("corner", ["", "地区", "region", "sector/region"])
def test_a_square_is_read_either_way_round(country, tmp_path, corner):
    down = [(corner, *CODES), ("A", 1, 2, 3, 4), ("B", 9, 7, 5, 8)]
    got = read(write(tmp_path / "a.csv", *down), country, None)
    np.testing.assert_allclose(got.output, [[1, 2, 3, 4], [9, 7, 5, 8]])
    turned = list(zip(*down, strict=True))
    np.testing.assert_allclose(read(write(tmp_path / "b.csv", *turned), country, None).output, got.output)


def test_a_square_with_a_sector_that_the_book_has_not(country, tmp_path):
    square = [("地区", *CODES[:3], "servcies"), ("A", 1, 2, 3, 4), ("B", 9, 7, 5, 8)]
    with pytest.raises(
        BookError, match=r"row 1, column E: no sector called 'servcies'.*Did you mean services"
    ):
        read(write(tmp_path / "a.csv", *square), country, None)
    with pytest.raises(BookError, match=r"neither the rows \(x, y\) nor the heads \(A, B\) name"):
        read(write(tmp_path / "b.csv", ("", "A", "B"), ("x", 1, 2), ("y", 2, 3)), country, None)


def test_a_code_beside_a_name_and_a_remark_below_are_no_part_of_it(country, tmp_path):
    down = [
        ("代码", "行业", "A", "B"),
        *((i, s, 1, 2) for i, s in enumerate(CODES)),
        ("注：初步数", "", "", ""),
    ]
    got = read(write(tmp_path / "a.csv", *down), country, None)
    np.testing.assert_allclose(got.output, [[1] * 4, [2] * 4])
    assert "1 column is not read: '代码'" in told(got)
    across = [("代码", "地区", *CODES), (1, "A", 1, 1, 1, 1), (2, "B", 2, 2, 2, 2)]
    np.testing.assert_allclose(read(write(tmp_path / "b.csv", *across), country, None).output, got.output)
    heads = ("地区代码", "地区", "行业代码", "所属行业", "产值")
    long = [heads, *((f"1{r}", r, CODES.index(s), s, v) for r, s, v in ROWS)]
    got = read(write(tmp_path / "c.csv", *long), country, None)
    assert [r.code for r in got.regions] == ["A", "B"]
    assert "2 columns are not read: '地区代码', '行业代码'" in told(got)


def test_a_square_whose_first_sector_is_made_nowhere(country, tmp_path):
    """A column of - is no column of names."""
    square = [("", *CODES), ("A", "-", 2, 3, 4), ("B", "-", 7, 5, 8)]
    got = read(write(tmp_path / "a.csv", *square), country, None)
    np.testing.assert_allclose(got.output, [[0, 2, 3, 4], [0, 7, 5, 8]])
    assert "A.materials, B.materials" in told(got)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            [("measure", "A.materials", "A.parts", "B.materials", "B.parts"), ("output", 1, 2, 3, 4)],
            r"the table seems a pivot: each head names a region and a sector \(A.materials, A.parts",
        ),
        (
            [("", "A", "A", "B", "B"), ("", *CODES[:2] * 2), ("output", 1, 2, 3, 4)],
            "the heads stand in two rows, A, A, B and 1 more above materials, parts, materials and 1 more",
        ),
        (
            [("sector", "measure", "A", "B"), *((s, m, 1, 2) for s in CODES for m in ("output", "staff"))],
            r"column 'measure' holds words \(output, staff\) beside regions as columns \(A, B\)",
        ),
        (
            [("region", "sector", "A", "B"), *((r, s, 1, 2) for r in "AB" for s in CODES)],
            "the others are: A, B; A, B are regions: the table seems a pivot, with buyers across",
        ),
        (
            [("sector", "output", "employment"), *((s, 1, 2) for s in CODES)],
            "where regions should stand, the table has what was measured: output, employment",
        ),
        (
            [("measure", *CODES), ("output", 1, 2, 3, 4), ("从业人员", 1, 2, 3, 4)],
            "where regions should stand, the table has what was measured: output, 从业人员",
        ),
        (
            [("sector", "单位", "A", "B"), *((s, "亿元", 1, 2) for s in CODES)],
            r"column '单位' holds words \(亿元\) beside regions as columns \(A, B\)\. Take the column out",
        ),
        (
            [("sector", "A2019", "A2020", "B2019"), *((s, 1, 2, 3) for s in CODES)],
            "regions stand there in several years: A2019, A2020, B2019",
        ),
        (
            [("region", *CODES), ("A 2019年", 1, 2, 3, 4), ("A 2020年", 9, 8, 7, 6)],
            "regions stand there in several years: A 2019年, A 2020年",
        ),
        ([("sector", "year", "A"), *((s, 2020, 2) for s in CODES)], "'year' does not look like a region"),
        (
            [("sector", "A", "B", "employment"), *((s, 1, 2, 3) for s in CODES)],
            "'employment' does not look like a region",
        ),
    ],
)
def test_pivots_are_named_with_their_heads(country, tmp_path, rows, says):
    with pytest.raises(BookError, match=says):
        read(write(tmp_path / "a.csv", *rows), country, None)


def test_a_list_without_heads_and_years_across_are_no_squares(country, tmp_path):
    with pytest.raises(BookError, match="is a list, and its heads are not known"):
        read(write(tmp_path / "a.csv", ("GeoName", "Description", "2022"), *ROWS), country, None)
    with pytest.raises(BookError, match="the regions would be the years 2019, 2020"):
        read(write(tmp_path / "b.csv", ("sector", 2019, 2020), *((s, 1, 2) for s in CODES)), country, None)
    rows = [("region", "sector", 2019, 2020), *((*row, 1) for row in ROWS)]
    with pytest.raises(BookError, match=r"the others are: 2019, 2020\. Keep one"):
        read(write(tmp_path / "c.csv", *rows), country, None)


def test_regions_that_are_called_regions_and_a_total_across(country, tmp_path):
    square = [("sector", "Region 1", "Region 2", "Total output"), *((s, 1, 2, 3) for s in CODES)]
    got = read(write(tmp_path / "a.csv", *square), country, None)
    assert [r.code for r in got.regions] == ["Region 1", "Region 2"]
    coded = [("region_id", "sector", "output"), *((100 + ord(r), s, v) for r, s, v in ROWS)]
    got = read(write(tmp_path / "b.csv", *coded), country, None)
    assert [r.code for r in got.regions] == ["165", "166"]


def test_a_title_with_its_unit_beside_it_is_read_over(country, tmp_path):
    rows = [("各地区分行业情况", "", "单位：亿元"), ("地区", "行业", "产值"), *ROWS]
    np.testing.assert_allclose(
        read(write(tmp_path / "a.csv", *rows), country, None).output[0], [1, 2, 3, 4]
    )


def test_names_that_are_merged_down_hold_for_each_row(country, tmp_path):
    wb = openpyxl.Workbook()
    for row in [("region", "sector", "output"), *ROWS]:
        wb.active.append(row)
    wb.active.merge_cells("A2:A5")
    wb.active.merge_cells("A6:A9")
    wb.save(tmp_path / "a.xlsx")
    np.testing.assert_allclose(
        read(tmp_path / "a.xlsx", country, None).output, [[1, 2, 3, 4], [9, 7, 5, 8]]
    )


# ---- shares ----------------------------------------------------------------------------------

SHARES = {"A": ("24%", "30 %", "9.5％", "50%"), "B": ("76%", "70%", "90.5%", "50%")}
TWO_THIRDS = {"A": ("24%",) * 4, "B": ("40%",) * 4}  # 64% each


def table_of(regions, form):
    """The same amounts as a list, as a square with regions or sectors across, and with codes beside it."""
    down = [(s, *(v[i] for v in regions.values())) for i, s in enumerate(CODES)]
    rows = [(r, s, v) for r, vs in regions.items() for s, v in zip(CODES, vs, strict=True)]
    forms = {
        "list": [("region", "sector", "output"), *rows],
        "across": [("sector", *regions), *down],
        "down": [("region", *CODES), *((r, *v) for r, v in regions.items())],
        "codes": [("代码", "行业", *regions), *((i, *row) for i, row in enumerate(down))],
    }
    return forms[form]


@pytest.mark.parametrize("form", ["list", "across", "down", "codes"])
def test_shares_written_in_percent_are_read(country, tmp_path, form):
    got = read(write(tmp_path / "a.csv", *table_of(SHARES, form)), country, None)
    np.testing.assert_allclose(got.output, [[0.24, 0.3, 0.095, 0.5], [0.76, 0.7, 0.905, 0.5]])
    assert "the amounts are shares of each sector: its output follows them" in told(got, "note")
    part = read(write(tmp_path / "b.csv", *table_of(TWO_THIRDS, form)), country, None)
    says = "shares of a sector do not add up to 100%: materials 64%, parts 64%, vehicles 64%, services 64%"
    assert says in told(part, "warning")


def test_shares_may_be_off_by_their_rounding(country, tmp_path):
    """33% three times is 99%: three figures rounded to 1% are off by 1.5% at most. 33.0% says more."""
    thirds = dict.fromkeys("ABC", ("33%",) * 4)
    got = read(write(tmp_path / "a.csv", *table_of(thirds, "across")), country, None)
    assert "its output follows them" in told(got, "note")
    assert told(got, "warning") == ""
    exact = {**thirds, "A": ("33.1%",) * 4}
    got = read(write(tmp_path / "b.csv", *table_of(exact, "across")), country, None)
    assert "materials 99.1%" in told(got, "warning")


def test_cells_that_a_workbook_shows_in_percent_are_shares(country, tmp_path):
    """A cell of 0.24 shown as 24% beside a text of 76% is one kind, beside a 76 two."""
    for name, other in (("a.xlsx", "76%"), ("b.xlsx", 76)):
        wb = openpyxl.Workbook()
        wb.active.append(("sector", "A", "B"))
        for s in CODES:
            wb.active.append((s, 0.24, other))
        for row in range(2, 6):
            wb.active.cell(row, 2).number_format = "0%"
        wb.save(tmp_path / name)
    np.testing.assert_allclose(read(tmp_path / "a.xlsx", country, None).output[:, 0], [0.24, 0.76])
    with pytest.raises(BookError, match=r"row 2, column C: materials has amounts here, and shares in .*B"):
        read(tmp_path / "b.xlsx", country, None)


@pytest.mark.parametrize("form", ["list", "across", "down"])
@pytest.mark.parametrize(("to", "sign"), [(100, ""), (100, "%"), (1, "")])
def test_shares_of_a_regions_sectors_are_refused(country, tmp_path, form, to, sign):
    """10 + 20 + 30 + 40 and 25 + 25 + 40 + 10 are 100 each: A and B would be equally large."""
    each = {"A": (10, 20, 30, 40), "B": (25, 25, 40, 10)}
    given = {r: [f"{v * to / 100:g}{sign}" for v in row] for r, row in each.items()}
    with pytest.raises(BookError, match=r"the amounts of each region add up to 1(00)?: they are shares of"):
        read(write(tmp_path / "a.csv", *table_of(given, form)), country, None)
    both = {"A": (50, 50, "", ""), "B": (50, 50, "", "")}  # shares of sectors too
    assert len(read(write(tmp_path / "b.csv", *table_of(both, form)), country, None).regions) == 2


# ---- what is missing, what is a total --------------------------------------------------------


@pytest.mark.parametrize("last", [[], [("B", "services", "")], [("B", "services", "-")]])
def test_a_place_without_an_amount_is_told(country, tmp_path, last):
    """All of services goes to the only region that has some; a 0 says so itself."""
    got = read(write(tmp_path / "a.csv", ("region", "sector", "output"), *ROWS[:-1], *last), country, None)
    says = "has no amount, which counts as nothing made: B.services; so all of services goes to A"
    assert says in told(got, "warning")
    more = [("C", s, 2) for s in CODES]
    got = read(write(tmp_path / "b.csv", ("region", "sector", "output"), *ROWS[:-1], *more), country, None)
    assert "1 place of region and sector has no amount" in told(got, "note")
    zero = [*ROWS[:-1], ("B", "services", 0)]
    assert told(read(write(tmp_path / "c.csv", ("region", "sector", "output"), *zero), country, None)) == ""


def test_a_region_without_any_amount_is_told(country, tmp_path):
    square = [("sector", "A", "B", "C"), *((s, 1, 2, "") for s in CODES)]
    got = read(write(tmp_path / "a.csv", *square), country, None)
    assert [r.code for r in got.regions] == ["A", "B"]
    assert "row 2, column D: 'C' has no amount in any sector and is left out" in told(got, "warning")


@pytest.mark.parametrize("name", ["East", "东部地区", "A+B"])
def test_a_region_that_is_the_sum_of_some_is_refused(country, tmp_path, name):
    """10 + 36, 21 + 17, 31 + 45, 44 + 18 of A and B; C is apart."""
    square = [
        ("sector", "A", "B", name, "C"),
        *zip(CODES, (10, 21, 31, 44), (36, 17, 45, 18), (46, 38, 76, 62), (9, 8, 3, 25), strict=True),
    ]
    with pytest.raises(
        BookError, match=rf"'{name.replace('+', '.')}' is the sum of A, B\. Take it out, or"
    ):
        read(write(tmp_path / "a.csv", *square), country, None)


@pytest.mark.parametrize(
    ("name", "level", "says"),
    [
        ("东部地区", "", "'东部地区' is the sum of A, B. Take it out, or the regions that it adds up"),
        ("ZZ", "warning", "'ZZ' is the sum of A, B: it adds up, which may be chance"),
    ],
)
def test_a_sum_in_few_small_figures_is_refused_by_its_name_or_told(country, tmp_path, name, level, says):
    """1 + 4, 2 + 3, 3 + 2, 1 + 5 of A and B."""
    rows = zip(CODES, (1, 2, 3, 1), (4, 3, 2, 5), (5, 5, 5, 6), (3, 1, 5, 2), strict=True)
    path = write(tmp_path / "a.csv", ("sector", *OUTPUT, name, "C"), *rows)
    if level:
        assert f"row 2, column D: {says}" in told(read(path, country, None), level)
    else:
        with pytest.raises(BookError, match=f"row 2, column D: {says}"):
            read(path, country, None)


def test_a_total_rounded_otherwise_than_its_parts_is_refused(country, tmp_path):
    square = [
        ("sector", "A", "B", "ZZ"),
        *zip(CODES, (10.4, 20.3, 31.4, 4.4), (30.4, 20.3, 10.3, 8.4), (41, 41, 42, 13), strict=True),
    ]
    with pytest.raises(BookError, match="'ZZ' is the sum of all others"):
        read(write(tmp_path / "a.csv", *square), country, None)


def test_exports_of_a_second_sheet_under_a_head_of_their_own(country, tmp_path):
    wb = openpyxl.Workbook()
    wb.active.title = "output"
    abroad = wb.create_sheet("出口")
    for row in [("region", "sector", "output"), *ROWS]:
        wb.active.append(row)
    for row in [("region", "sector", "出口"), ("A", "parts", 3), ("B", "parts", 1)]:
        abroad.append(row)
    wb.save(tmp_path / "a.xlsx")
    got = read(tmp_path / "a.xlsx", country, None)
    np.testing.assert_allclose(got.exports[:, 1], [3, 1])
    assert told(got) == ""
