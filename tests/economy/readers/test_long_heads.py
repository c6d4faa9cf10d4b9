"""Long tables: heads in Chinese, units in heads, years in columns, sheets and heads, words of one meaning.

One region, three sectors that sell to themselves, two final uses and abroad: output is 363.
"""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from ballast.economy.readers import read
from ballast.economy.sheets.stated import unit_in_head
from ballast.errors import BookError

HEADS = ["from_region", "from_sector", "to_region", "to_sector", "value"]
USES = {
    "steel": (20, 50, 11, 30, 5, 10),
    "cars": (7, 13, 4, 90, 8, 11),
    "food": (3, 9, 2, 60, 21, 9),
}
BUYERS = ("steel", "cars", "food", "households", "government", "exports")
ROWS = [("N", s, "N", b, v) for s, each in USES.items() for b, v in zip(BUYERS, each, strict=True)]


def table(folder, data=None, heads=HEADS, name="t_2019.csv", **columns):
    path = folder / name
    pd.DataFrame(data or ROWS, columns=heads).assign(**columns).to_csv(path, index=False)
    return path


def workbook(folder, **sheets):
    path = folder / "flows.xlsx"
    with pd.ExcelWriter(path) as out:
        for name, factor in sheets.items():
            frame = pd.DataFrame([(*r[:4], r[4] * factor) for r in ROWS], columns=HEADS)
            frame.to_excel(out, sheet_name=name.strip("_"), index=False)
    return path


def whats(got, level):
    return [f.what for f in got.findings if f.level == level]


@pytest.mark.parametrize(
    "heads",
    [
        "流出地区,流出部门,流入地区,流入部门,金额",
        "来源地区,来源行业,目的地区,目的行业,流量",
        "來源地區,來源部門,去向地區,去向部門,金額",
        "调出省份,调出产业,调入省份,调入产业,数值",
    ],
)
def test_heads_in_chinese(tmp_path, heads):
    assert read("long", table(tmp_path, heads=heads.split(","))).economy.output.sum() == 363


@pytest.mark.parametrize(
    ("heads", "says"),
    [
        (
            (*HEADS[:2], "to_sector", "north", "coast"),
            r"seems a pivot, with to_region across \(north, coast\): put each of its amounts into a row",
        ),
        ((*HEADS[:3], "steel", "cars"), r"seems a pivot, with to_sector across \(steel, cars\)"),
        ((*HEADS[:2], "n.a", "n.b"), r"with to_region and to_sector across \(n.a, n.b\)"),
        (("行业", "steel", "cars"), "If it is a square, with buyers across, put each of its amounts"),
        (("", "steel", "cars"), "If it is a square, with buyers across, put each of its amounts"),
        (("x1", "x2", "x3"), "Put the heads into the first row"),
    ],
)
def test_pivots_are_named_with_their_heads(tmp_path, heads, says):
    with pytest.raises(BookError, match=says):
        read("long", table(tmp_path, [("a",) * len(heads)], heads))


def test_heads_that_are_missing_are_named_in_both_languages(tmp_path):
    with pytest.raises(
        BookError, match=r"column to_sector \(去向部门\) is missing.*from_region \(来源地区\)"
    ):
        read("long", table(tmp_path, heads=[*HEADS[:3], "客户", "value"]))


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("金额（亿元、当年价）", "亿元"),
        ("金额（当年价，万元）", "万元"),
        ("金额（亿元）（不含税）", "亿元"),
        ("value (10,000 CNY, current prices)", "10,000 CNY"),
        ("value (lakh INR)", "lakh INR"),
        ("value (₹ crore)", "₹ crore"),
        ("value (EUR m, USD m)", ""),
        ("value (m EUR, M.EUR)", "m EUR"),
    ],
)
def test_units_beside_other_words(head, unit):
    assert unit_in_head(head) == unit


@pytest.mark.parametrize("said", ["1000 t", "%", "万吨", "万人", "GWh", "10^3 tonnes"])
def test_heads_that_say_no_money_are_refused(tmp_path, said):
    with pytest.raises(BookError, match="no unit of money"):
        read("long", table(tmp_path, heads=[*HEADS[:4], f"value ({said})"]))


def test_two_units_in_a_head_are_refused_beside_a_bad_number(tmp_path):
    rows = [(*r[:4], "12k" if i == 3 else r[4]) for i, r in enumerate(ROWS)]
    with pytest.raises(BookError, match=r"several units: EUR m and USD m(.|\n)*'12k', not a number"):
        read("long", table(tmp_path, rows, [*HEADS[:4], "value (EUR m, USD m)"]))
    with pytest.raises(BookError, match=r"says 'bn EUR'(.|\n)*'12k', not a number"):
        read("long", table(tmp_path, rows, [*HEADS[:4], "value (m EUR)"], unit="bn EUR"))


@pytest.mark.parametrize(
    "heads", [("2019", "2020"), ("value 2019", "value 2020"), ("2019年金额", "2020年金额")]
)
def test_years_as_columns(tmp_path, heads):
    rows = [(*r, r[4] + 1) for r in ROWS]
    with pytest.raises(
        BookError, match=r"columns of several years .*Keep that of the year, and call it value"
    ):
        read("long", table(tmp_path, rows, [*HEADS[:4], *heads]), year=2020)


def test_two_columns_of_years(tmp_path):
    """They agree, or the row where they do not is named."""
    path = table(tmp_path, name="t.csv", year=2018, 年份="2018年")
    assert read("long", path).economy.year == 2018
    pd.read_csv(path).assign(年份=[2018] * 4 + [2017] * 14).to_csv(path, index=False)
    with pytest.raises(BookError, match="row 6: columns year and 年份 say two years: 2018 and 2017"):
        read("long", path)


def test_sheets_of_years(tmp_path):
    path = workbook(tmp_path, _2019=1, _2020=2, notes=3)
    got = read("long", path, year=2020)
    assert got.economy.output.sum() == 726
    assert any("only sheet 2020 is read" in w for w in whats(got, "note"))
    with pytest.raises(BookError, match=r"several years: 2019, 2020\. Say which with --year"):
        read("long", path)
    with pytest.raises(BookError, match=r"several years \(2019, 2020\), and none of 2018"):
        read("long", path, year=2018)
    one = read("long", workbook(tmp_path, _2019=1), year=2020)
    assert whats(one, "warning") == ["the sheet's name says 2019, and the table is read as of 2020"]
    assert read("long", workbook(tmp_path, notes=1, y2020=2), year=2020).economy.output.sum() == 726
    path.rename(tmp_path / "flows_2019.xlsx")


def test_a_sector_that_sells_in_other_years_alone_is_refused(tmp_path):
    years = [2018 if r[1] == "cars" else 2019 for r in ROWS]
    with pytest.raises(BookError, match="'cars' sells in other years, and in 2019 it only buys"):
        read("long", table(tmp_path, year=years), year=2019)
    years = [2018 if "cars" in r else 2019 for r in ROWS]
    assert len(read("long", table(tmp_path, year=years), year=2019).economy.sectors) == 2


def test_imports_in_two_words(tmp_path):
    """The same rows in another word double imports; kinds of imports with amounts of their own do not."""
    abroad = [("imports", s, "N", b, v) for (_, s, _, b, v) in ROWS if b in USES]
    again = [("进口", *r[1:]) for r in abroad]
    got = read("long", table(tmp_path, [*ROWS, *abroad, *again]))
    said = [w for w in whats(got, "warning") if "another word" in w]
    assert [w[:88] for w in said] == [
        "9 rows say again what earlier rows say in another word ('imports', '进口'), amount and all"
    ]
    other = [(*r[:4], 1) for r in again]
    got = read("long", table(tmp_path, [*ROWS, *abroad, *other]))
    assert not [w for w in whats(got, "warning") if "another word" in w]


def test_one_row_names_a_flow_again(tmp_path):
    got = read("long", table(tmp_path, [*ROWS, ("N", "cars", "N", "steel", 1)]))
    assert "1 row names a flow that an earlier row names, with another amount; they are added up" in whats(
        got, "warning"
    )


@pytest.mark.parametrize(
    ("form", "other", "head", "says"),
    [
        ("[$€-407] #,##0.00", "", "value (m USD)", ["is shown in €, and the head says 'm USD'"]),
        ('#,##0 "€"', "", "value (m USD)", ["is shown in €, and the head says 'm USD'"]),
        ("[$€-407] #,##0.00", "", "value (m EUR)", []),
        ("[$€-407] #,##0.00", "", "value", []),
        ('"¥"#,##0', "", "金额（万元）", []),
        ("[$$-409]#,##0", "", "value (m CAD)", []),
        ("[$-409]#,##0", "", "value (m CAD)", []),
        ("[$EUR] #,##0", "[$USD] #,##0", "value", None),
    ],
)
def test_currencies_that_formats_show(tmp_path, form, other, head, says):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [[*HEADS[:4], head], *ROWS]:
        sheet.append(row)
    for i in range(2, 20):
        sheet.cell(i, 5).number_format = other if other and i > 9 else form
    book.save(path := tmp_path / "t_2019.xlsx")
    if says is None:
        with pytest.raises(BookError, match="row 2, column E: amounts are shown in EUR and USD"):
            read("long", path)
    else:
        assert whats(read("long", path), "warning") == says
