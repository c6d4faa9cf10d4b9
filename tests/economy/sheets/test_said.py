"""What the words around a table say: its unit, and the years in names of files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from ballast.economy.readers import read
from ballast.economy.readers.nbs import PUBLISHED_IN
from ballast.economy.sheets import files
from ballast.economy.sheets.said import money_of
from ballast.errors import BookError

from ..readers.test_nbs import HEAD, ROWS


def table(path: Path, *above: list[object]) -> Path:
    book = openpyxl.Workbook()
    for row in (*above, HEAD, *ROWS):
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("above", "unit", "currency"),
    [
        (["单位：万元"], "10k CNY", "CNY"),
        (["单位：10,000 yuan, producer prices"], "10k CNY", "CNY"),
        (["编制单位：国家统计局"], "10k CNY", "CNY"),
        (["单位：亿元"], "亿元", "CNY"),
        (["单位：千元（当年价）"], "千元", "CNY"),
        (["计量单位", "元"], "元", "CNY"),
        (["2012年投入产出表（亿元）"], "亿元", "CNY"),
        (["单位：当年价，亿元"], "亿元", "CNY"),
        (["Table of 2012, in million yuan (42 sectors)"], "million yuan", "CNY"),
        (["Input-output table in producer prices (2012)"], "10k CNY", "CNY"),
        (["Unit: million USD"], "million USD", "USD"),
        (["单  位：亿元"], "亿元", "CNY"),
        (["單位：億元"], "亿元", "CNY"),
        (["单位︰亿元"], "亿元", "CNY"),
        (["单位 亿元"], "亿元", "CNY"),
        (["〔单位：亿元〕"], "亿元", "CNY"),
        (["单 位", "亿元"], "亿元", "CNY"),
        (["亿元"], "亿元", "CNY"),
        (["本表金额以亿元计"], "亿元", "CNY"),
        (["主管单位：国家统计局"], "10k CNY", "CNY"),
        (["责任单位：核算司  单位：亿元"], "亿元", "CNY"),
        (["部门数量单位：个"], "10k CNY", "CNY"),
    ],
)
def test_a_national_table_is_in_the_unit_that_it_says(tmp_path, above, unit, currency):
    """Output is 92 and 108 whatever the unit; the book says which."""
    got = read("nbs", table(tmp_path / "t_2012.xlsx", above))
    assert (got.economy.unit, got.economy.currency) == (unit, currency)
    np.testing.assert_allclose(got.economy.output, [92, 108])
    assert any("as the table says" in f.what for f in got.findings) == (unit != "10k CNY")


@pytest.mark.parametrize(
    ("above", "says"),
    [
        ([["单位：亿元"], ["Unit: 10k CNY"]], "says several units: '亿元', '10k CNY'"),
        ([["单位：箱"]], "the unit '箱' is not understood"),
        ([["单位：约10,000元"]], "the unit '约10,000元' is not understood"),
    ],
)
def test_units_that_contradict_or_are_none(tmp_path, above, says):
    with pytest.raises(BookError, match=says):
        read("nbs", table(tmp_path / "t_2012.xlsx", *above))


@pytest.mark.parametrize(
    ("head", "words", "unit", "currency"),
    [
        ("value", [], "10k CNY", "CNY"),
        ("value_10k_cny", [], "10k CNY", "CNY"),
        ("value_2017", [], "10k CNY", "CNY"),
        ("value_100m_cny", [], "100m cny", "CNY"),
        ("value_usd", [], "usd", "USD"),
        ("value（亿元）", [], "亿元", "CNY"),
        ("value", ["亿元"], "亿元", "CNY"),
        ("value_10k_cny", ["亿元"], "", ""),
        ("value", ["亿元", "万元"], "", ""),
    ],
)
def test_a_provincial_table_is_in_the_unit_of_its_head_or_column(head, words, unit, currency):
    said, found = money_of(head, words, PUBLISHED_IN, "x")
    if unit:
        assert (said.unit, said.currency) == (unit, currency)
    else:
        assert "says several units" in found[0].what


def test_the_unit_of_a_province_is_that_of_its_book(tmp_path):
    cells = [(r, c) for r in ("01", "02") for c in ("01", "02", "FU102", "GO")]
    rows = [("Shanghai", r, c, 40.0 if c == "GO" else 10.0) for r, c in cells]
    rows += [("Shanghai", "VA001", c, 20.0) for c in ("01", "02")]
    path = tmp_path / "prov_2017.csv"
    pd.DataFrame(rows, columns=["province", "row", "col", "value_100m_cny"]).to_csv(path, index=False)
    e = read("nbs-province", path, region="Shanghai").economy
    assert (e.unit, e.currency, e.output.sum()) == ("100m cny", "CNY", 80)


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("io_2012.csv", 2012),
        ("NACE2008_2019.csv", 2019),
        ("NACE1987_table_2012.csv", 2012),
        ("ISIC-rev4-2008 io 2015.xlsx", 2015),
        ("GB2017_2020年.csv", 2020),
        ("NAICS_2017_2022.csv", 2022),
        ("table_2012_v2012.csv", 2012),
        ("io_2012_20170301.csv", 2012),
        ("GB_2015_io.csv", 2015),
        ("basic2015.csv", 2015),
    ],
)
def test_the_year_of_a_name_is_not_that_of_a_classification(name, year):
    assert files.year_in(Path(name)) == year


@pytest.mark.parametrize("name", ["NACE2008_io.csv", "ISIC1990_io.csv"])
def test_a_classification_alone_says_no_year(name):
    with pytest.raises(BookError, match=rf"is that of a classification \({name[:8]}\).*--year"):
        files.year_in(Path(name))


@pytest.mark.parametrize("name", ["io_2012_2015.csv", "2012-2015.csv", "flows 2019 (published 2021).xlsx"])
def test_several_years_in_a_name_are_asked_about(name):
    with pytest.raises(
        BookError, match=r"the name holds several years \(20\d\d, 20\d\d\). Say which: --year"
    ):
        files.year_in(Path(name))


def test_a_provincial_file_that_is_named_after_another_year(tmp_path):
    rows = [
        (2012, "Shanghai", r, c, 40.0 if c == "GO" else 10.0) for r in ("01", "02") for c in ("01", "GO")
    ]
    path = tmp_path / "prov_2017.csv"
    pd.DataFrame(rows, columns=["year", "province", "row", "col", "value"]).to_csv(path, index=False)
    with pytest.raises(
        BookError, match=r"the rows are of 2012, the file's name says 2017. Say --year 2012"
    ):
        read("nbs-province", path, region="Shanghai")
    assert read("nbs-province", path, region="Shanghai", year=2012).economy.year == 2012


def test_a_long_cell_is_no_unit():
    said, found = money_of("value", ["," * 100_000], PUBLISHED_IN, "x")
    assert said == PUBLISHED_IN
    assert "is not understood" in found[0].what
    assert len(found[0].what) < 300
