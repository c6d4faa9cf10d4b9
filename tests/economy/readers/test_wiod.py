"""WIOD: the flat and the official layout of the same small world, and the real tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from ballast.economy.readers import read
from ballast.errors import BookError

from .conftest import DATA, needs_data, whole

COUNTRIES = ("CHN", "RoW")


def world(seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Z [70, 70], Y [70, 10] and output of two countries, balanced by rows; stocks fall in places."""
    rng = np.random.default_rng(seed)
    z = rng.uniform(0, 2, (70, 70)).round(2)
    y = rng.uniform(5, 9, (70, 10)).round(2)
    y[:, [4, 9]] = rng.uniform(-1, 1, (70, 2)).round(2)
    output = z.sum(axis=1) + y.sum(axis=1) + 40
    y[:, 0] += 40
    return z, y, output


def flat(path: Path) -> Path:
    z, y, output = world()
    rows = [f"{c}.c{i}" for c in COUNTRIES for i in range(1, 36)]
    finals = [f"{c}.f{i}" for c in COUNTRIES for i in range(1, 6)]
    data = pd.DataFrame(np.hstack([z, y, output[:, None]]), columns=[*rows, *finals, "GO"])
    data.insert(0, "row", rows)
    data.to_parquet(path)
    return path


def official(path: Path) -> Path:
    """As the release lays it out: codes, names, countries, c-numbers in rows 3 to 6, labels in columns
    A to D.
    """
    z, y, output = world()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "WIOT_2011"
    columns = [(c, f"c{i}") for c in COUNTRIES for i in range(1, 36)]
    columns += [(c, f"c{i}") for c in COUNTRIES for i in (37, 38, 39, 41, 42)]
    sheet.append(["Intercountry Input-Output Table"])
    sheet.append(["(millions of US$)"])
    sheet.append([None] * 4 + ["code"] * len(columns) + [None])
    sheet.append([None] * 4 + ["name"] * len(columns) + ["Total output"])
    sheet.append([None] * 4 + [c for c, _ in columns] + ["TOT"])
    sheet.append([None] * 4 + [n for _, n in columns] + ["c43"])
    values = np.hstack([z, y, output[:, None]])
    for i, (c, n) in enumerate(columns[:70]):
        sheet.append(["AtB", "name", c, n.replace("c", "r"), *values[i].tolist()])
    inputs = z.sum(axis=0)
    sheet.append([None, "Taxes less subsidies on products", "TOT", "r61", *np.ones(70)])
    sheet.append([None, "Value added at basic prices", "TOT", "r64", *(output - inputs - 1.5).tolist()])
    sheet.append([None, "International Transport Margins", "TOT", "r65", *np.full(70, 0.5)])
    book.save(path)
    return path


def test_both_layouts_are_one_world(tmp_path):
    a = read("wiod-2013", flat(tmp_path / "wiot_2011.parquet")).economy
    b = read("wiod-2013", official(tmp_path / "wiot11.xlsx"), year=2011).economy
    assert a.node_codes == b.node_codes
    for name in ("output", "slot_domestic", "final_domestic", "market_share"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-12)
    np.testing.assert_allclose(a.total_value_added, b.total_value_added)
    assert [c for c, _ in b.value_added_labels] == ["value_added", "taxes_and_margins"]
    np.testing.assert_allclose(b.value_added[1], 1.5)
    whole(a)
    whole(b)


def test_the_release_of_2016(tmp_path):
    """56 industries by ISIC code, final use in c57 to c61, value added among the rows below."""
    rng = np.random.default_rng(4)
    codes = ["A01", "B", "C10-C12", "C29", "D35", "F", "K64", "O84", *(f"S{i}" for i in range(48))]
    z, y = rng.uniform(0, 2, (112, 112)).round(2), rng.uniform(5, 9, (112, 10)).round(2)
    y[:, 0] += 60
    output = z.sum(axis=1) + y.sum(axis=1)
    columns = [(c, f"c{i}") for c in COUNTRIES for i in range(1, 57)]
    columns += [(c, f"c{i}") for c in COUNTRIES for i in range(57, 62)]
    heads = [codes[int(n[1:]) - 1] if int(n[1:]) <= 56 else "FD" for _, n in columns]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("2014")
    sheet.append(["WIOT 2014, release November 2016"])
    sheet.append([])
    sheet.append([None, None, None, None, *heads, "GO"])
    sheet.append([None, None, None, None, *(f"Industry {h}" for h in heads), "Total output"])
    sheet.append([None, None, None, None, *(c for c, _ in columns), "TOT"])
    sheet.append([None, None, None, None, *(n for _, n in columns), "c62"])
    for i, (c, n) in enumerate(columns[:112]):
        sheet.append([heads[i], f"Industry {heads[i]}", c, n.replace("c", "r"), *z[i], *y[i], output[i]])
    sheet.append(["II_fob", "Total intermediate consumption", "TOT", "r65", *z.sum(axis=0)])
    sheet.append(["TXSP", "taxes less subsidies on products", "TOT", "r66", *np.ones(112)])
    sheet.append(["VA", "Value added at basic prices", "TOT", "r70", *(output - z.sum(axis=0) - 1.5)])
    sheet.append(["IntTTM", "International Transport Margins", "TOT", "r71", *np.full(112, 0.5)])
    book.save(tmp_path / "WIOT2014_Nov16_ROW.xlsx")
    e = read("wiod-2016", tmp_path / "WIOT2014_Nov16_ROW.xlsx").economy
    assert (e.year, e.n) == (2014, 112)
    assert [s.like for s in e.sectors[:8]] == ["01", "03", "06", "18", "24", "27", "32", "42"]
    np.testing.assert_allclose(e.output, output)
    np.testing.assert_allclose(e.value_added[1], 1.5)
    np.testing.assert_allclose(e.links().toarray(), z)
    whole(e)


def test_inventories_sit_with_their_makers_and_rows_keep_their_sums(tmp_path):
    z, y, output = world()
    e = read("wiod-2013", flat(tmp_path / "wiot_2011.parquet")).economy
    kinds = [c for c, _ in e.categories]
    mine = e.final_category == kinds.index("inventories")
    # one line a node, and it holds what both countries' columns of inventories held of that node's goods
    assert mine.sum() == 70
    at = e.final_region[mine] * 35 + e.final_product[mine]
    stocks = y[:, [4, 9]].sum(axis=1)
    np.testing.assert_allclose(e.final_domestic[mine], stocks[at])
    np.testing.assert_allclose(e.domestic_sales(), output)
    np.testing.assert_allclose(e.links().toarray(), z)


@pytest.mark.parametrize(
    ("cell", "value", "says"),
    [
        (None, None, r"no column of row numbers \(r1, r2 \.\.\.\) in B to H"),
        ("CG5", "SUM", r"missing \(the column TOT \(output\)\)"),
        ("F9", "#REF!", r"row 9, column F: holds #REF!"),
    ],
)
def test_an_official_sheet_that_is_damaged(tmp_path, cell, value, says):
    path = official(tmp_path / "wiot11.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book.active
    if cell is None:
        sheet.delete_cols(4)
        sheet.insert_cols(4)
    else:
        sheet[cell] = value
    book.save(path)
    with pytest.raises(BookError, match=says):
        read("wiod-2013", path)


def test_a_table_of_another_size_is_refused(tmp_path):
    path = flat(tmp_path / "wiot_2011.parquet")
    with pytest.raises(BookError, match=r"do not fit 2 countries of 56 industries"):
        read("wiod-2016", path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.drop(index=1), "missing rows: [A-Z]{3}.c2. Give"),
        (lambda d: pd.concat([d, d.iloc[:1]]), "rows that stand twice: [A-Z]{3}.c1. Give"),
        (lambda d: d.drop(columns=d.columns[-2]), "missing columns: RoW.f5. Give"),
    ],
)
def test_rows_and_columns_that_are_missing_or_twice_are_named(tmp_path, change, says):
    path = flat(tmp_path / "wiot_2011.parquet")
    change(pd.read_parquet(path)).to_parquet(path)
    with pytest.raises(BookError, match=says):
        read("wiod-2013", path)


@needs_data
@pytest.mark.parametrize("year", [2007, 2008, 2010, 2011])
def test_the_published_tables(year):
    got = read("wiod-2013", DATA / "wiod2013", year=year)
    e = got.economy
    checks = pd.read_csv(DATA / "wiod2013" / "balance_checks.csv").set_index("year").loc[year]
    assert e.output.sum() / 1e6 == pytest.approx(checks.world_GO_tnUSD, rel=1e-7)
    china = e.node_region == [r.code for r in e.regions].index("CHN")
    assert e.output[china].sum() / 1e6 == pytest.approx(checks.CHN_GO_tnUSD, rel=1e-6)
    closed = next(o.moved for o in e.history if o.text.en.startswith("rows that miss"))
    assert closed == pytest.approx(checks["sum|err|/GO"], rel=1e-3)  # rows of empty nodes have gone
    assert any("rounded" in f.what for f in got.findings)
    whole(e)
