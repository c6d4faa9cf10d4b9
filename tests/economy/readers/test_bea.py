"""The United States' make and use tables: two industries by hand, and the published ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ballast.economy.readers import read
from ballast.economy.readers.bea import Tables, transformation
from ballast.errors import BookError

from .conftest import DATA, needs_data, whole

# Farms make 90 of crops and 10 of food; plants make 5 of crops and 195 of food: q = 95 and 205, g = 100
# and 200.
INDUSTRIES, COMMODITIES = ["111CA", "311FT"], ["111CA", "311FT"]
MAKE = np.array([[90.0, 10], [5, 195]])
USE = np.array([[20.0, 60], [10, 30]])
IMPORTS = np.array([[2.0, 10], [0, 5]])


def tables(**changes) -> Tables:
    parts = {
        "industries": INDUSTRIES, "commodities": COMMODITIES, "make": MAKE, "use": USE,
        "final": np.zeros((2, 6)), "exports": np.zeros(2), "use_imports": IMPORTS,
        "final_imports": np.zeros((2, 6)), "passed": np.zeros(2), "added": np.zeros((3, 2)),
    }  # fmt: skip
    return Tables(**{**parts, **changes})


def test_model_d_by_hand():
    """Who buys crops buys 90/95 of farms and 5/95 of plants; who buys food, 10/205 and 195/205."""
    t = transformation(tables(), "fixed-product-sales")
    np.testing.assert_allclose(t, [[90 / 95, 10 / 205], [5 / 95, 195 / 205]])
    np.testing.assert_allclose(t.sum(axis=0), 1)


def test_model_c_by_hand():
    """T = g (V')^-1: with V' = [[90, 5], [10, 195]] of determinant 17,500, its inverse is
    [[195, -5], [-10, 90]] / 17500, and T = [[100 x 195, 100 x -5], [200 x -10, 200 x 90]] / 17500."""
    t = transformation(tables(), "fixed-industry-sales")
    np.testing.assert_allclose(t, np.array([[19_500, -500], [-2_000, 18_000]]) / 17_500)
    # either way, selling all that is made gives every industry its output
    for name in ("fixed-product-sales", "fixed-industry-sales"):
        np.testing.assert_allclose(transformation(tables(), name) @ MAKE.sum(axis=0), MAKE.sum(axis=1))


def test_an_industry_without_its_own_commodity_goes_by_market_shares():
    """A third industry makes 20 of food only: it keeps 20/225 of food, the others are solved for the
    rest.
    """
    t = tables(industries=[*INDUSTRIES, "GSLE"], make=np.vstack([MAKE, [0.0, 20]]))
    got = transformation(t, "fixed-industry-sales")
    np.testing.assert_allclose(got[2], [0, 20 / 225])
    np.testing.assert_allclose(got @ t.make.sum(axis=0), t.make.sum(axis=1))


def write(folder, make=MAKE, use=USE):
    """The three files as the package lays them out, with totals to be left out; final: 15 and 165 to
    households.
    """
    m = pd.DataFrame(make, INDUSTRIES, COMMODITIES)
    m["T007"] = m.sum(axis=1)
    u = pd.DataFrame(use, COMMODITIES, INDUSTRIES)
    u["F010"] = make.sum(axis=0) - (use - IMPORTS).sum(axis=1)
    u["F030"], u["F040"], u["F050"] = 0.0, 0.0, -IMPORTS.sum(axis=1)
    added = make.sum(axis=1) - use.sum(axis=0)
    for code, share in (("V001", 0.5), ("V002", 0.1), ("V003", 0.4)):
        u.loc[code] = [*(added * share), 0, 0, 0, 0]
    i = pd.DataFrame(IMPORTS, COMMODITIES, INDUSTRIES)
    for name, frame in (("make", m), ("use", u), ("import", i)):
        frame.to_parquet(folder / f"Summary2022_{name}.parquet")
    return folder


def test_a_small_country(tmp_path):
    e = read("bea", write(tmp_path)).economy
    assert (e.year, e.currency, e.n) == (2022, "USD", 2)
    np.testing.assert_allclose(e.output, [100, 200])
    np.testing.assert_allclose(e.total_value_added, [70, 110])
    t = transformation(tables(), "fixed-product-sales")
    np.testing.assert_allclose(e.links().toarray(), t @ (USE - IMPORTS))
    assert e.slot_imports.sum() == pytest.approx(17)
    assert e.sectors[1].name.zh == "食品饮料烟草"
    assert any("model D" in o.text.en and o.moved == pytest.approx(15 / 300) for o in e.history)
    whole(e)


def test_negatives_of_model_c_are_reported_and_rows_keep_their_totals(tmp_path):
    got = read("bea", write(tmp_path), assumption="fixed-industry-sales")
    e = got.economy
    told = [f for f in got.findings if "negative" in f.what]
    z = transformation(tables(), "fixed-industry-sales") @ (USE - IMPORTS)
    assert (z < 0).sum() == sum(f.what.startswith(f"{(z < 0).sum()} cells") for f in told) * (z < 0).sum()
    np.testing.assert_allclose(e.domestic_sales() + e.exports, e.output)
    np.testing.assert_allclose(e.input_cost() + e.total_value_added, e.output)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"level": "sumary"}, "no level 'sumary'"),
        ({"assumption": "magic"}, "fixed-product-sales, fixed-industry-sales"),
        ({"level": "detail"}, "holds no detail"),
    ],
)
def test_what_is_not_there_is_said(tmp_path, options, says):
    with pytest.raises(BookError, match=says):
        read("bea", write(tmp_path), **options)


def test_tables_of_two_levels_do_not_mix(tmp_path):
    folder = write(tmp_path)
    use = pd.read_parquet(folder / "Summary2022_use.parquet").rename(columns={"311FT": "311000"})
    use.to_parquet(folder / "Summary2022_use.parquet")
    with pytest.raises(BookError, match="industries 311FT missing: the tables do not belong together"):
        read("bea", folder)


def test_tables_of_two_years_do_not_mix(tmp_path):
    folder = write(tmp_path)
    (folder / "Summary2022_use.parquet").rename(folder / "Summary2021_use.parquet")
    with pytest.raises(
        BookError, match=r"different years: Summary2022_make.parquet \(2022\), Summary2021_use"
    ):
        read("bea", folder)


def test_use_in_thousands_beside_make_in_millions(tmp_path):
    """Inputs are 120 of an output of 300; a thousand times that leaves nothing to live on."""
    folder = write(tmp_path)
    for name in ("use", "import"):
        path = folder / f"Summary2022_{name}.parquet"
        (pd.read_parquet(path) * 1000).to_parquet(path)
    with pytest.raises(BookError, match=r"all inputs together cost 400 times all output"):
        read("bea", folder)


# level, output and value added as the bureau prints them (the row and column of totals), million USD
@needs_data
@pytest.mark.parametrize(
    ("level", "file"), [("summary", "Summary2022_use"), ("detail", "Detail2017_BeforeRedef_use")]
)
def test_the_published_tables(level, file):
    got = read("bea", DATA / "us_bea", level=level)
    e = got.economy
    use = pd.read_parquet(DATA / "us_bea" / f"{file}.parquet")
    industries = [c for c in use.columns if e.n and c in {s.code for s in e.sectors}]
    total = use.loc[next(r for r in use.index if str(r) in ("T008", "Total Industry Output")), industries]
    added = use.loc[[r for r in use.index if str(r).startswith("V0")], industries]
    assert e.output.sum() == pytest.approx(total.sum(), rel=1e-5)
    labels = [c for c, _ in e.value_added_labels]
    published = e.value_added[: labels.index("unlike")].sum()
    assert published == pytest.approx(added.to_numpy().sum(), rel=1e-9)
    closed = sum(o.moved for o in e.history if "miss output" in o.text.en)
    assert closed < 2e-4  # rounding of the bureau, and re-exports by industry
    whole(e, but="value added is negative")  # transit of states and cities, as published
