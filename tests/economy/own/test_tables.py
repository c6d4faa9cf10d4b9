"""Several tables on one sheet, below and beside each other: each is read by itself, or asked about."""

from __future__ import annotations

import csv
import itertools
import time
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from ballast.economy import Economy, book
from ballast.economy.own import add as additions

from .conftest import told

STOCK = [["地区", "行业", "产品", "库存天数"], ["北方", "整车", "零部件", 12]]
STAFF = [["地区", "行业", "从业人员（万人）"], ["北方", "材料", 10], ["沿海", "材料", 20]]
CLASSES = [["行业", "同类"], ["服务", "31"]]
RANGES = [["指标", "时期", "地区", "下限", "上限"], ["工业增加值", "2022Q1", "西部", -3, -1]]
WAYS = [["起点", "终点", "运输方式", "运输天数"], ["北方", "沿海", "公路", 2]]
POWER = [["地区", "电源类型", "装机容量（万千瓦）"], ["西部", "风电", 7]]
KINDS = {
    "stock": STOCK,
    "staff": STAFF,
    "classes": CLASSES,
    "ranges": RANGES,
    "corridors": WAYS,
    "generation": POWER,
}


def file(path: Path, rows: list[list[object]]) -> Path:
    """A CSV or a workbook of these rows."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(rows)
        return path
    wb = openpyxl.Workbook()
    for row in rows:
        wb.active.append(row)
    wb.save(path)
    return path


def beside(*parts: list[list[object]], gap: int = 1) -> list[list[object]]:
    """Tables side by side, with `gap` empty columns between."""
    out: list[list[object]] = [[] for _ in range(max(map(len, parts)))]
    for part in parts:
        width = len(part[0])
        for i, row in enumerate(out):
            cells = part[i] if i < len(part) else []
            row += [*cells, *[None] * (width - len(cells) + gap)]
    return out


def alike(one: Economy, other: Economy) -> bool:
    """Whether two books have the same facts and classes."""
    a, b = one.facts, other.facts
    arrays = [(a.slot_days, b.slot_days), (a.staff, b.staff)]
    return (
        all(
            (x is None and y is None) or np.array_equal(x, y, equal_nan=True)  # type: ignore[arg-type]
            for x, y in arrays
        )
        and str((a.corridors, a.generation, a.targets)) == str((b.corridors, b.generation, b.targets))
        and [s.like for s in one.sectors] == [s.like for s in other.sectors]
    )


@pytest.fixture(scope="module")
def by_itself(teaching, tmp_path_factory) -> dict[tuple[str, str], Economy]:
    """The book with two kinds of figures added from a file each: what one file of both must give."""
    folder = tmp_path_factory.mktemp("each")
    out = {}
    for kind, rows in KINDS.items():
        file(folder / f"{kind}.csv", rows)
    for pair in itertools.combinations(KINDS, 2):
        e = teaching
        for kind in pair:
            e = additions.add(e, folder / f"{kind}.csv").economy
        out[pair] = e
    return out


@pytest.mark.parametrize("way", ["below", "blank", "title", "beside", "touching"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_two_tables_on_a_sheet_give_what_two_files_give(teaching, tmp_path, by_itself, way, suffix):
    for pair in itertools.permutations(KINDS, 2):
        one, other = KINDS[pair[0]], KINDS[pair[1]]
        rows = {
            "below": [*one, *other],
            "blank": [*one, [], *other],
            "title": [["表1"], *one, [], ["表2（续前）情况"], *other],
            "beside": beside(one, other),
            "touching": beside(one, other, gap=0),
        }[way]
        added = additions.add(teaching, file(tmp_path / f"t{suffix}", rows))
        if way == "touching" and added.economy is None:  # 行业 behind staff by region: whose is it?
            assert "a second table may begin" in told(added)
            continue
        assert added.economy is not None, (pair, told(added))
        assert "another table begins here" in told(added, "note")
        assert alike(added.economy, by_itself[tuple(sorted(pair, key=list(KINDS).index))]), pair


def test_tables_side_by_side_may_begin_in_different_rows(teaching, tmp_path, by_itself):
    staff = [["表2", None, None], *STAFF]
    for rows, pair in (
        (beside([*STOCK, [], []], staff), ("stock", "staff")),
        (beside(staff, [*WAYS, [], []]), ("staff", "corridors")),
    ):
        added = additions.add(teaching, file(tmp_path / "a.xlsx", rows))
        assert alike(added.economy, by_itself[pair]), told(added)


def test_three_tables_and_titles_with_units_keep_their_own(teaching, tmp_path):
    """People above, ten thousands below; the second table without any unit is asked about."""
    rows = [["单位：人"], *[["地区", "行业", "从业人员"], ["北方", "材料", 5]], [], ["单位：万人"]]
    rows += [["地区", "行业", "从业人员"], ["沿海", "材料", 2], ["注：略"], *STOCK]
    added = additions.add(teaching, file(tmp_path / "a.xlsx", rows))
    assert dict(added.rows) == {"stock": 1, "staff": 2}
    assert np.nansum(added.economy.facts.staff) == 20_005
    rows = [*STAFF, [], ["表2"], ["地区", "行业", "从业人员"], ["西部", "材料", 2]]
    said = told(additions.add(teaching, file(tmp_path / "b.xlsx", rows)))
    assert "row 6, column C: staff: no unit is given" in said


@pytest.mark.parametrize("between", [[], [[]], [["续表"]], [["（续）"], []]])
def test_heads_that_are_repeated_are_no_second_table(teaching, tmp_path, between):
    rows = [*STAFF, *between, STAFF[0], ["西部", "材料", 5], ["合计", "", 35]]
    added = additions.add(teaching, file(tmp_path / "a.xlsx", rows))
    assert np.nansum(added.economy.facts.staff) == pytest.approx(350_000)
    assert "repeats the heads" in told(added, "note")
    assert told(added, "warning") == ""  # the total is one of both pages


def test_heads_in_two_languages_are_one(teaching, tmp_path):
    for heads in (
        [STAFF[0], ["region", "sector", "staff"]],
        [["地区", "行业", "从业人员"], ["region", "sector", "staff (10k persons)"]],
    ):
        added = additions.add(teaching, file(tmp_path / "a.xlsx", [*heads, *STAFF[1:]]))
        assert np.nansum(added.economy.facts.staff) == pytest.approx(300_000)


@pytest.mark.parametrize("heads", [["地区", "行业", "职工合计"], ["地区", "职工"], ["行业", "地区", "x"]])
def test_a_second_table_without_known_heads_is_refused(teaching, tmp_path, heads):
    added = additions.add(teaching, file(tmp_path / "a.csv", [*STOCK, heads, ["沿海", "整车", 3]]))
    assert added.economy is None
    known = [h for h in heads if h in ("地区", "行业")]
    strange = [h for h in heads if h not in known]
    says = f"heads that are not understood: {', '.join(strange)}; {', '.join(known)} alone say too little"
    assert f"row 3: {says}" in told(added)


@pytest.mark.parametrize(
    "rows",
    [
        [["地区", "行业", "从业人员（万人）", "行业", "库存天数"], ["北方", "材料", 10, "整车", 5]],
        [["地区", "从业人员（万人）", None, "行业", "库存天数"], ["北方", 10, None, "整车", 5]],
        [["地区", "行业", "从业人员（万人）", "地区", "x"], ["北方", "材料", 10, "沿海", 5]],
    ],
)
def test_columns_that_may_be_one_table_or_two_are_asked_about(teaching, tmp_path, rows):
    added = additions.add(teaching, file(tmp_path / "a.csv", rows))
    assert added.economy is None
    assert "a second table may begin" in told(added)


@pytest.mark.parametrize(
    "rows",
    [
        [["地区", "行业", None, "从业人员（万人）"], ["北方", "材料", None, 10]],
        [
            ["地区", "region", "行业", "sector", "从业人员（万人）"],
            ["北方", "North", "材料", "Materials", 10],
        ],
        [[*STAFF[0], None, "地区", "行业"], ["北方", "材料", 10, None, "西部", "服务"]],  # names to choose
        [["填报地区", "北方", None, "行业", "整车"], STAFF[0], ["北方", "材料", 10]],
        [["地区", "全国", None, "行业", "全部"], STAFF[0], ["北方", "材料", 10]],
    ],
)
def test_what_is_one_table_stays_one(teaching, tmp_path, rows):
    added = additions.add(teaching, file(tmp_path / "a.xlsx", rows))
    assert np.nansum(added.economy.facts.staff) == pytest.approx(100_000)
    assert "another table" not in told(added, "note")


def test_names_of_the_book_are_no_heads(tmp_path):
    """电力 and 煤炭 are heads of energy and sectors of china-2020; rows without days stay rows."""
    rows = [STOCK[0], ["北京", "电力", "煤炭", None], ["上海", "电力", "煤炭", 5]]
    added = additions.add(book.load("china-2020"), file(tmp_path / "a.csv", rows))
    assert dict(added.rows) == {"stock": 1}
    assert added.findings == ()


@pytest.mark.parametrize(
    "rows",
    [
        [["地区", "库存天数"], ["北方", 3], ["地区", "从业人员（人）"], ["北方", 3]] * 3000,
        [["地区", "库存天数"] * 3000, ["北方", 3] * 3000],
    ],
)
def test_thousands_of_tables_are_refused_at_once(teaching, tmp_path, rows):
    start = time.perf_counter()
    added = additions.add(teaching, file(tmp_path / "a.csv", rows))
    assert added.economy is None
    assert "more than 50 tables" in told(added)
    assert time.perf_counter() - start < 10
