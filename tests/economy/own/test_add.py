"""A desk's own files: what offices send, read whole or refused whole; templates, review sheets, undo."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from ballast.cli import main
from ballast.economy import Economy, book
from ballast.economy.book import undo
from ballast.economy.checks import check
from ballast.economy.facts import mode_share
from ballast.economy.names.matcher import Names
from ballast.economy.own import add as additions
from ballast.economy.own import template
from ballast.economy.own.roles import head
from ballast.errors import BookError
from ballast.propagate.parameters import load_parameters

from .conftest import workbook


def by_code(e: Economy, values: np.ndarray, *codes: str) -> list[float]:
    return [float(values[e.node_codes.index(c)]) for c in codes]


# ---- heads and names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "role", "unit"),
    [
        ("库存天数 days", "days", ""), ("用电量（亿千瓦时）", "electricity", "亿千瓦时"),
        ("用电量 electricity（亿千瓦时）", "electricity", "亿千瓦时"),
        ("Capacity (MW)", "capacity", "MW"), ("省份", "region", ""), ("从业人数(万人)", "staff", "万人"), ((
            " Sector "
            "", "sector", ""
        )),
        ("Stock days", "days", ""), ("运输方式 mode", "mode", ""), ("起点 from", "from", ""),
    ],
)  # fmt: skip
def test_heads(text, role, unit):
    assert head(text) == (role, unit)


@pytest.mark.parametrize("text", ["备用", "x", "2020年", "random words"])
def test_heads_that_say_nothing_known(text):
    assert head(text) is None


@pytest.mark.parametrize("word", ["上海", "上海市", "SH", "sh", "Shanghai", " ＳＨ ", "上 海"])
def test_a_region_by_any_of_its_names(china, word):
    assert china.regions[Names.regions(china).find(word)].code == "SH"


@pytest.mark.parametrize("word", ["内蒙古", "内蒙古自治区", "NM", "Inner Mongolia"])
def test_autonomous_regions(china, word):
    assert china.regions[Names.regions(china).find(word)].code == "NM"


def test_excel_eats_leading_zeros(china):
    names = Names.sectors(china)
    assert china.sectors[names.find(6.0)].code == china.sectors[names.find("06")].code == "06"


def test_what_is_close_is_proposed_and_never_taken(china):
    names = Names.sectors(china)
    assert names.find("汽车制造业（含零部件）") is None
    assert names.propose("汽车制造业（含零部件）")[0].code == "18"
    assert names.propose("完全不同的东西xyz") == []


# ---- a dirty workbook ------------------------------------------------------------------------


def dirty(path: Path) -> Path:
    """Titles, merged cells, full-width digits, text numbers, totals, a unit in the head, spare columns."""
    wb = openpyxl.Workbook()
    sheet = wb.active
    sheet.title = "库存调查表"
    sheet.append(["2022年一季度重点行业原材料库存调查表"])
    sheet.merge_cells("A1:G1")
    sheet.append(["填报单位：某某处", None, None, "单位：天"])
    sheet.append(["序号", "省份", "行业", "产品", "库存天数", "最低", "最高", "备注"])
    sheet.append([1, "上海市", "交通运输设备", "电子设备", "１２", "8", " 20 ", "电话核实"])
    sheet.append([2, None, "化学", None, "25", None, None, None])
    sheet.merge_cells("B4:B5")
    sheet.append([3, "江苏", 18, "14", 30.0, 20, 45, None])
    use = wb.create_sheet("用电")
    use.append(["地区", "部门", "用电量（万千瓦时）"])
    use.append(["上海", "交通运输设备", "123,456.7"])
    use.append(["上海", "化工", "50000"])
    use.append(["合计", None, "173456.7"])
    use.append(["江苏省", "电子设备", "—"])
    wb.create_sheet("说明").append(["随便写的"])
    wb.save(path)
    return path


def test_a_dirty_workbook_is_understood(china, tmp_path):
    added = additions.add(china, dirty(tmp_path / "调查.xlsx"))
    assert [str(f) for f in added.findings if f.level == "error"] == []
    assert added.rows == {"stock": 3, "energy": 2}
    e = added.economy
    codes, products = list(e.node_codes), [s.code for s in e.sectors]

    def days(node: str, product: str) -> tuple[float, float, float]:
        slot = np.flatnonzero(
            (e.slot_node == codes.index(node)) & (e.slot_product == products.index(product))
        )[0]
        return tuple(
            float(a[slot]) for a in (e.facts.slot_days, e.facts.slot_days_low, e.facts.slot_days_high)
        )

    assert days("SH.18", "20") == (12, 8, 20)
    assert days("SH.12", "14") == (25, 25, 25)  # the merged region, all inputs
    assert days("JS.18", "14") == (30, 20, 45)  # codes that Excel made numbers
    assert np.isnan(days("JS.18", "20")[0])
    # 123,456.7 x 10,000 kWh = 1,234.567 GWh
    assert by_code(e, e.facts.use["electricity"], "SH.18", "SH.12") == pytest.approx([1234.567, 500.0])
    notes = [str(f) for f in added.findings]
    assert any("合计 is a total" in n for n in notes)
    assert any(o.table == "facts" and "stock 3" in o.text.en for o in e.history)
    more = [f for f in check(e) if f not in check(china)]  # what was told on adding stays
    assert {(f.level, f.where.split(",")[0]) for f in more} == {("note", "调查.xlsx")}


def test_days_of_stock_reach_the_engine(china, tmp_path):
    e = additions.add(china, dirty(tmp_path / "a.xlsx")).economy
    slot = np.flatnonzero((e.slot_node == list(e.node_codes).index("SH.18")) & (e.slot_product == 19))[0]
    for u, days in ((0.0, 8.0), (0.5, 12.0), (1.0, 20.0)):
        assert load_parameters().resolve(e, {"stock_days": u}).stock_days[slot] == days
    before = load_parameters().resolve(china).stock_days
    after = load_parameters().resolve(e).stock_days
    other = np.flatnonzero(np.isnan(e.facts.slot_days))
    np.testing.assert_array_equal(before[other], after[other])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_any_encoding(china, tmp_path, encoding):
    path = tmp_path / "人员.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(
            [["地区", "行业", "从业人员（万人）"], ["广东", "电子设备", "３２０.５"], ["广东", "", "7000"]]
        )
    added = additions.add(china, path)
    assert [f for f in added.findings if f.level == "error"] == []
    staff = added.economy.facts.staff
    guangdong = china.node_region == [r.code for r in china.regions].index("GD")
    # all of Guangdong has 70 million, of which electronics its own 3.205: the rest is shared by output
    assert np.nansum(staff[guangdong]) == pytest.approx(7000e4)
    assert by_code(added.economy, staff, "GD.20") == pytest.approx([320.5e4])


def test_narrow_rows_that_exceed_the_wide_one_are_refused(china, tmp_path):
    rows = [["region", "sector", "staff（人）"], ["SH", None, 100], ["SH", "18", 150]]
    added = additions.add(china, workbook(tmp_path / "w.xlsx", staff=rows))
    assert added.economy is None
    assert any("says 100 for all, narrower rows say 150" in f.what for f in added.findings)


# ---- refused whole ---------------------------------------------------------------------------


def test_everything_wrong_is_told_at_once_and_nothing_is_taken(china, tmp_path):
    path = workbook(
        tmp_path / "w.xlsx",
        stock=[
            ["region", "sector", "product", "days", "low", "high"],
            ["Atlantis", "18", "20", 5, None, None],
            ["SH", "18", "20", "about ten", None, None],
            ["SH", "18", "20", 5, 9, None],
            ["SH", "18", "14", 5, None, None],
            ["SH", "18", "14", 6, None, None],
        ],
        energy=[["地区", "部门", "用电量"], ["上海", "18", 5]],
        corridors=[["from", "to", "mode", "days"], ["SH", "JS", "teleport", 1]],
        ranges=[["indicator", "period", "low"], ["happiness", "2022", 5], ["gdp", "spring", 5]],
        junk=[["a", "b"], [1, 2]],
    )
    added = additions.add(china, path)
    assert added.economy is None
    text = "\n".join(str(f) for f in added.findings)
    for said in (
        "row 2, column A: no region called 'Atlantis'", "row 3, column D: holds 'about ten'", "low 9",
        "says again what",
        "use of electricity: no unit is given", "mode 'teleport'", "indicator 'happiness'", (
            "period "
            "'spring'"
        ),
        "sheet junk: no known columns; its heads are: a, b",
    ):  # fmt: skip
        assert said in text, said


def test_a_total_that_does_not_add_up_is_a_warning(china, tmp_path):
    rows = [["region", "sector", "staff（人）"], ["SH", "18", 100], ["SH", "20", 50], ["Total", None, 200]]
    added = additions.add(china, workbook(tmp_path / "w.xlsx", staff=rows))
    assert added.economy is not None
    assert any(
        f.level == "warning" and "the total says 200, the rows add up to 150" in f.what
        for f in added.findings
    )


def test_more_energy_than_the_region_uses_is_a_warning(china, tmp_path):
    rows = [["region", "sector", "electricity (TWh)"], ["SH", "18", 900]]
    added = additions.add(china, workbook(tmp_path / "w.xlsx", energy=rows))
    assert any(f.level == "warning" and "region SH" in f.where for f in added.findings)


def test_formulas_without_values_and_errors_are_named(china, tmp_path):
    path = workbook(tmp_path / "w.xlsx", staff=[["region", "sector", "staff（人）"], ["SH", "18", "=1+1"]])
    added = additions.add(china, path)
    assert added.economy is None
    assert any(
        "row 2, column C" in f.where and "formula without a stored value" in f.what for f in added.findings
    )


# ---- names to review -------------------------------------------------------------------------


def test_review_and_confirm(china, tmp_path):
    rows = [["region", "sector", "staff（人）"], ["SH", "汽车制造业（含零部件）", 100]]
    path = workbook(tmp_path / "w.xlsx", staff=rows)
    added = additions.add(china, path)
    assert added.economy is None
    review = template.write_review(added.proposals, tmp_path / "r.xlsx")
    assert template.read_review(review) == ()
    wb = openpyxl.load_workbook(review)
    sheet = wb.active
    right = next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 3).value == "18")
    sheet.cell(right, 6, "是")
    wb.save(review)
    confirmed = template.read_review(review)
    assert confirmed == (("sector", "汽车制造业(含零部件)", "18"),)
    again = additions.add(china, path, confirmed)
    assert by_code(again.economy, again.economy.facts.staff, "SH.18") == [100]


def test_a_name_confirmed_twice_is_refused(china, tmp_path):
    added = additions.add(
        china, workbook(tmp_path / "w.xlsx", staff=[["region", "staff（人）"], ["江", 1]])
    )
    review = template.write_review(added.proposals, tmp_path / "r.xlsx")
    wb = openpyxl.load_workbook(review)
    for r in range(2, wb.active.max_row + 1):
        wb.active.cell(r, 6, "y")
    wb.save(review)
    assert wb.active.max_row > 2
    with pytest.raises(BookError, match="Keep one y"):
        template.read_review(review)


# ---- template, corridors, round trip, undo ---------------------------------------------------


def test_the_template_comes_back_empty_and_can_be_filled(china, tmp_path):
    path = template.write(china, tmp_path / "t.xlsx")
    empty = additions.add(china, path)
    assert empty.economy is None
    assert [f.what for f in empty.findings if f.level == "error"] == ["no rows are filled in"]
    wb = openpyxl.load_workbook(path)
    stock, lines, ranges = wb["stock 库存"], wb["corridors 通道"], wb["ranges 区间"]
    for c, v in enumerate(["上海", "交通运输设备", "电子设备", 12, 8, 20, "调研"], 1):
        stock.cell(3, c, v)
    for r, row in enumerate([["上海", "江苏", "公路", 1, 900], ["上海", "江苏", "rail", 2, 100]], 3):
        for c, v in enumerate(row, 1):
            lines.cell(r, c, v)
    for c, v in enumerate(["工业增加值", "2022-Q2", None, 4, 6, 5.5, "年度目标"], 1):
        ranges.cell(3, c, v)
    wb.save(path)
    added = additions.add(china, path)
    assert [str(f) for f in added.findings if f.level == "error"] == []
    assert added.rows == {
        "stock": 1,
        "corridors": 2,
        "ranges": 1,
        **dict.fromkeys(("staff", "energy", "generation", "classes"), 0),
    }
    share = mode_share(added.economy.facts, "road", china.r)
    codes = [r.code for r in china.regions]
    assert share[codes.index("SH"), codes.index("JS")] == pytest.approx(0.9)
    assert np.isnan(share[codes.index("JS"), codes.index("SH")])


def test_a_book_with_facts_comes_back_bit_for_bit(china, tmp_path):
    e = additions.add(china, dirty(tmp_path / "a.xlsx")).economy
    again = book.load(book.save(e, tmp_path / "b"))
    assert book.book_hash(again) == book.book_hash(e) != book.book_hash(china)
    np.testing.assert_array_equal(again.facts.slot_days, e.facts.slot_days)
    assert again.facts.use.keys() == {"electricity"}
    order = np.random.default_rng(1).permutation(e.n)
    moved = e.permuted(order)
    np.testing.assert_array_equal(moved.facts.use["electricity"], e.facts.use["electricity"][order])


def test_undo_brings_the_last_version_back(teaching, tmp_path):
    folder = book.save(replace(teaching, name="mine"), tmp_path / "mine")
    before = book.book_hash(book.load(folder))
    path = workbook(tmp_path / "w.xlsx", staff=[["region", "sector", "staff（人）"], ["N", "parts", 100]])
    hashes = [before]
    for _ in range(2):
        added = additions.add(book.load(folder), path)
        undo.save(replace(added.economy, title=replace(added.economy.title, en=f"v{len(hashes)}")), folder)
        hashes.append(book.book_hash(book.load(folder)))
    assert undo.restore(folder) == 2
    assert book.book_hash(book.load(folder)) == hashes[1]
    assert undo.restore(folder) == 1
    assert book.book_hash(book.load(folder)) == before
    with pytest.raises(BookError, match="nothing to undo"):
        undo.restore(folder)


def test_coal_makes_a_carrier_of_its_own(china, tmp_path):
    rows = [["地区", "行业", "用煤量（万吨）"], ["山西", "电力热力", 8000], ["山西", "金属冶炼", 2000]]
    e = additions.add(china, workbook(tmp_path / "w.xlsx", 用煤=rows)).economy
    coal = next(c for c in e.carriers if c.code == "coal")
    assert coal.unit == "t"
    assert coal.annual[[r.code for r in e.regions].index("SX")] == pytest.approx(1e8)
    assert e.sectors[coal.product].code == "02"


# ---- what was taken in silence ---------------------------------------------------------------

STOCK = ["region", "sector", "product", "days"]
RANGES = ["indicator", "period", "region", "low", "high", "growth"]


def said(added: additions.Added) -> str:
    return "\n".join(str(f) for f in added.findings)


@pytest.mark.parametrize(
    "rows",
    [
        [["N", "parts", None, 5], ["北方", "零部件", None, 7]],
        [["Ｎ", "parts", None, 5], ["North", "PARTS", None, 5]],
        [["N", "parts", "materials", 5], ["N", "Parts", "材料", 5]],
    ],
)
def test_one_node_in_two_spellings_is_an_error_that_names_both(teaching, tmp_path, rows):
    added = additions.add(teaching, workbook(tmp_path / "a.xlsx", stock=[STOCK, *rows]))
    assert added.economy is None
    assert "row 3" in said(added)
    assert f"row 2 ({rows[0][0].replace('Ｎ', 'N')}, parts" in said(added)


@pytest.mark.parametrize(
    ("heads", "rows"),
    [(["region", "sector", "staff (people)"], [["N", "parts", 5], ["北方", "零部件", 7]]),
     (["region", "sector", "electricity (GWh)"], [["N", "parts", 5], ["北方", "零部件", 7]])],
)  # fmt: skip
def test_other_sheets_know_two_spellings_too(teaching, tmp_path, heads, rows):
    added = additions.add(teaching, workbook(tmp_path / "a.xlsx", a=[heads, *rows]))
    assert "says again what" in said(added)


def ranges(path: Path, *cells: object, formats: dict[str, str] | None = None) -> Path:
    workbook(path, ranges=[RANGES, ["value_added", "2022-04", None, *cells]])
    book_ = openpyxl.load_workbook(path)
    for cell, shown in (formats or {}).items():
        book_["ranges"][cell].number_format = shown
    book_.save(path)
    return path


def test_a_share_where_percent_is_meant_is_asked_about(teaching, tmp_path):
    added = additions.add(teaching, ranges(tmp_path / "a.xlsx", 0.05, 0.06, 0.06))
    assert added.economy is None
    assert "Write 6 if 6% is meant" in said(added)


@pytest.mark.parametrize(
    ("cells", "formats", "low", "high"),
    [
        ((0.05, 0.06), {"D2": "0%", "E2": "0.0%"}, 5.0, 6.0),
        (("0.05%", "5%"), {}, 0.05, 5.0),
        ((0.5, 3), {}, 0.5, 3.0),
        ((-0.05, 6), {"D2": "0.00%"}, -5.0, 6.0),
    ],
)
def test_percent_that_says_so_is_read(teaching, tmp_path, cells, formats, low, high):
    added = additions.add(teaching, ranges(tmp_path / "a.xlsx", *cells, None, formats=formats))
    (target,) = added.economy.facts.targets
    assert (target.low, target.high) == (low, high)


def test_percent_where_days_belong_is_an_error(teaching, tmp_path):
    path = workbook(tmp_path / "a.xlsx", stock=[STOCK, ["N", "parts", None, 0.05]])
    book_ = openpyxl.load_workbook(path)
    book_["stock"]["D2"].number_format = "0%"
    book_.save(path)
    assert "row 2, column D: is shown as 5%" in said(additions.add(teaching, path))


def test_controls_in_a_cell_are_found_before_the_review_sheet(teaching, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "region,sector,product,days,source\nNor\x1b[31mth,parts,,3,\nC,parts,,3,\x07\n", encoding="utf-8"
    )
    added = additions.add(teaching, path)
    assert added.proposals == ()
    assert "row 2, column A: holds a character" in said(added)
    assert "row 3, column E: holds a character" in said(added)
    assert "\x1b" not in said(added)


def test_a_period_that_excel_made_a_date_is_its_month(teaching, tmp_path):
    import datetime as dt

    rows = [["value_added", cell, None, -5, 1] for cell in (dt.datetime(2022, 4, 1), "2022年5月", "2022Q3")]
    added = additions.add(teaching, workbook(tmp_path / "a.xlsx", ranges=[RANGES, *rows]))
    assert [t.period for t in added.economy.facts.targets] == ["2022-04", "2022-05", "2022-Q3"]
    rows = [["value_added", "2022-04", None, -5, 1], ["value_added", "2022年4月", None, -4, 1]]
    assert "says again what" in said(
        additions.add(teaching, workbook(tmp_path / "b.xlsx", ranges=[RANGES, *rows]))
    )


def test_the_template_keeps_periods_and_codes_as_text(teaching, tmp_path):
    sheet = openpyxl.load_workbook(template.write(teaching, tmp_path / "t.xlsx"))["ranges 区间"]
    assert [sheet.column_dimensions[c].number_format for c in "ABCD"] == ["@", "@", "@", "General"]


def test_warnings_stay_in_the_book_once(teaching, tmp_path):
    heads = ["region", "sector", "staff (people)"]
    path = workbook(tmp_path / "a.xlsx", staff=[heads, ["N", "parts", 5], ["合计", None, 9]])
    once = additions.add(teaching, path).economy
    again = additions.add(once, path).economy
    (found,) = [f for f in again.findings if "total says" in f.what]
    assert found.where.startswith("a.xlsx, sheet staff, row 3")
    assert again.findings == once.findings


def test_columns_that_are_not_read_are_told(teaching, tmp_path):
    """A head nobody knows, one of no use here, a second column of days: none is dropped in silence."""
    rows = [
        ["region", "sector", "product", "days", "库存天数", "colour", "grade", "source", "empty"],
        ["C", "vehicles", "parts", 5, 9, "red", "Z", "me", None],
    ]
    added = additions.add(teaching, workbook(tmp_path / "w.xlsx", stock=rows))
    told = {f.what: f.level for f in added.findings if "not read" in f.what}
    assert told == {
        "the column '库存天数' says days once more and is not read": "warning",
        "the column 'colour' is not read in a sheet of stock": "note",
        "the column 'grade' is not read in a sheet of stock": "note",
    }
    assert added.economy.facts.slot_days[added.economy.facts.slot_days > 0].tolist() == [5]


@pytest.mark.parametrize(
    ("sheet", "rows", "words"),
    [
        ("staff", [["region", "sector", "staff（人）"], ["C", "parts", 0.3]], "0.3 people"),
        ("corridors", [["from", "to", "mode", "days"], ["N", "北方", "road", 3]], "ends where it begins"),
    ],
)
def test_figures_that_cannot_be_meant_are_refused(teaching, tmp_path, sheet, rows, words):
    added = additions.add(teaching, workbook(tmp_path / "w.xlsx", **{sheet: rows}))
    assert added.economy is None
    assert words in " ".join(f.what for f in added.findings)


@pytest.mark.parametrize(("name", "words"), [("", "is a folder"), ("t.csv", "no name of a workbook")])
def test_a_template_has_the_name_of_a_workbook(tmp_path, capsys, name, words):
    assert main(["book", "template", "teaching", "--out", str(tmp_path / name)]) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert main(["book", "template", "teaching", "--out", str(tmp_path / "t")]) == 0
    assert [p.name for p in tmp_path.iterdir()] == ["t.xlsx"]
