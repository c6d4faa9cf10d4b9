"""National tables of the OECD: one by hand in both layouts, what is missing, and the real ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ballast.economy.readers import read
from ballast.errors import BookError

from .conftest import DATA, needs_data, whole

# Farming: 10 + 20 to industries, 60 households, -10 out of stocks, 5 residents abroad, 3 visitors, 12
# exported, 30 imported (5 of them abroad): 10 + 20 + 60 - 10 + 5 + 3 + 12 - 30 = 70. Home users take
# 10 + 20 + 60 = 90, so 25 / 90 of each is imported.
HEADS = [
    "01T02",
    "10T12",
    "HFCE",
    "NPISH",
    "GGFC",
    "GFCF",
    "INVNT",
    "CONS_ABR",
    "CONS_NONRES",
    "EXPO",
    "IMPO",
]
ROWS = {
    "TTL_01T02": [10, 20, 60, 0, 0, 0, -10, 5, 3, 12, -30],
    "TTL_10T12": [15, 25, 50, 0, 10, 0, 0, 0, 0, 0, 0],
    "TXS_IMP_FNL": [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    "TXS_INT_FNL": [4, 5, 9, 0, 0, 0, 0, 0, 0, 0, 0],
    "VALU": [40, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    "OUTPUT": [70, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0],
}


def table(**changes) -> pd.DataFrame:
    rows = {k: v for k, v in {**ROWS, **changes}.items() if v is not None}
    out = pd.DataFrame.from_dict(
        rows, orient="index", columns=[f"TTL_{h}" if "T" in h[2:4] else h for h in HEADS]
    )
    return out.rename_axis("").reset_index()


def write(folder, data: pd.DataFrame | None = None, name: str = "JPN2018ttl.csv"):
    path = folder / name
    (table() if data is None else data).to_csv(path, index=False)
    return path


def test_a_table_by_hand(tmp_path):
    e = read("oecd-iot", write(tmp_path)).economy
    assert (e.year, e.currency, e.scope.zh, e.node_codes) == (
        2018,
        "USD",
        "日本",
        ("JPN.01T02", "JPN.10T12"),
    )
    assert [s.like for s in e.sectors] == ["01", "06"]
    np.testing.assert_allclose(e.output, [70, 100])
    np.testing.assert_allclose(e.value_added[:2], [[40, 50], [5, 5]])
    np.testing.assert_allclose(e.exports, [15, 0])
    home = 1 - 25 / 90
    np.testing.assert_allclose(e.links().toarray(), [[10 * home, 20 * home], [15, 25]])
    kinds = [e.categories[c][0] for c in e.final_category]
    bought = {k: v for k, v, p in zip(kinds, e.final_imports, e.final_product, strict=True) if p == 0}
    assert bought["purchases_abroad"] == pytest.approx(5)
    assert bought["households"] == pytest.approx(60 * 25 / 90)
    whole(e)


def test_years_of_a_country_in_one_file(tmp_path):
    """The flat layout numbers the industries; without a year the last is taken, classes are by name."""
    names = {"TTL_01T02": "01", "TTL_10T12": "02"}
    years = []
    for year in (2017, 2018):
        one = table().rename(columns={"": "Code", **names})
        one["Code"] = [names.get(c, c) for c in one["Code"]]
        one.insert(0, "year", year)
        one.insert(
            2,
            "Description",
            ["Agriculture, hunting, forestry", "Food products, beverages", *one["Code"][2:]],
        )
        years.append(one)
    path = tmp_path / "OECD21ed_JPN_1995to2018.parquet"
    pd.concat(years).to_parquet(path)
    assert read("oecd-iot", path).economy.year == 2018
    e = read("oecd-iot", path, year=2017).economy
    assert (e.year, [s.like for s in e.sectors]) == (2017, ["01", "06"])
    path = tmp_path / "JPN_OECD.csv"  # the same as text, with the year as an office writes it
    pd.concat(years).assign(year=lambda d: d["year"].astype(str) + "年").to_csv(path, index=False)
    e = read("oecd-iot", path, year=2017).economy
    assert (e.year, any("are of the year 2017" in f.what for f in e.findings)) == (2017, True)
    path.write_text(path.read_text(encoding="utf-8").replace("2018年", "recent"), encoding="utf-8")
    with pytest.raises(BookError, match=r"'recent' \(row 8\) is no year"):
        read("oecd-iot", path)
    path = tmp_path / "OECD21ed_JPN_1995to2018.parquet"
    with pytest.raises(BookError, match=r"'2018' \(row 8\), and no row of the year 2011"):
        read("oecd-iot", path, year=2011)


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (table(VALU=None), "JPN2018ttl.csv", "no row VALU"),
        (table(OUTPUT=None), "JPN2018ttl.csv", "row OUTPUT missing"),
        (table().drop(columns="IMPO"), "JPN2018ttl.csv", "column IMPO missing"),
        (table(), "japan2018.csv", "holds no country"),
        (table(), "JPNttl.csv", "holds no year"),
        (
            table(VALU=["many", *ROWS["VALU"][1:]]),
            "JPN2018ttl.csv",
            "row VALU, column TTL_01T02: holds 'many'",
        ),
        (pd.concat([table(), table()]), "JPN2018ttl.csv", "stands twice"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, data, name, says):
    with pytest.raises(BookError, match=says):
        read("oecd-iot", write(tmp_path, data, name))


@needs_data
@pytest.mark.parametrize("country", ["JPN", "CHN"])
@pytest.mark.parametrize("year", [1995, 2011, 2018])
def test_the_published_tables(country, year):
    path = DATA / "china_io_nbs" / f"OECD21ed_{country}_1995to2018.parquet"
    e = read("oecd-iot", path, year=year).economy
    data = pd.read_parquet(path)
    rows = data[data.year == year].set_index("Code")
    industries = [c for c in rows.columns if str(c).isdigit()]
    assert e.output.sum() == pytest.approx(rows.loc["OUTPUT", industries].sum(), rel=1e-12)
    assert e.value_added[0].sum() == pytest.approx(rows.loc["VALU", industries].sum(), rel=1e-12)
    assert all(s.like for s in e.sectors)
    moved = [o.moved for o in e.history if "miss output" in o.text.en]
    assert max(moved, default=0) < 2e-5  # one decimal of a million
    whole(e)
