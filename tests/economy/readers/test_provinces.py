"""China's provincial tables: joined, and one alone; every province keeps its own totals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ballast.economy.names.china import SOURCE_NAMES
from ballast.economy.readers import provinces, read
from ballast.errors import BookError

from .conftest import DATA, needs_data, whole

FOLDER = DATA / "china_provinces"


@needs_data
@pytest.mark.parametrize("year", [2012, 2017])
def test_all_provinces_keep_their_published_totals(year):
    got = read("nbs-province", FOLDER / f"prov_io_{year}_42.csv.gz")
    e = got.economy
    p = provinces._cubes(FOLDER / f"prov_io_{year}_42.csv.gz")
    kept = p.output > 0
    np.testing.assert_allclose(e.output, p.output[kept])
    added = e.total_value_added - (e.value_added[4] if len(e.value_added) > 4 else 0)
    np.testing.assert_allclose(added, p.added.sum(axis=1)[kept], rtol=1e-9, atol=1e-6)
    # uses of goods from anywhere: own, other provinces', foreign, and what came out of stocks
    used = np.zeros(p.use.shape[0] * p.use.shape[2])
    np.add.at(used, np.flatnonzero(kept.ravel()), e.input_cost())
    np.testing.assert_allclose(used, p.use.sum(axis=1).ravel() * kept.ravel(), rtol=1e-6, atol=1.0)
    assert [f for f in got.findings if f.level == "error"] == []
    assert len(e.regions) == len(SOURCE_NAMES) == 31


@needs_data
def test_distance_keeps_trade_near():
    far = read("nbs-province", FOLDER / "prov_io_2017_42.csv.gz").economy
    near = read(
        "nbs-province", FOLDER / "prov_io_2017_42.csv.gz", distance=FOLDER / "e_distance_adjacency.csv"
    ).economy

    def to(e, buyer):
        """Share of Shanghai's sales to other provinces that goes to `buyer`."""
        codes = [r.code for r in e.regions]
        z = e.links().tocsc()
        mine = np.flatnonzero(e.node_region == codes.index("SH"))
        others = np.flatnonzero(e.node_region != codes.index("SH"))
        theirs = np.flatnonzero(e.node_region == codes.index(buyer))
        return z[mine][:, theirs].sum() / z[mine][:, others].sum()

    assert to(near, "JS") > 1.5 * to(far, "JS")
    assert to(near, "XJ") < to(far, "XJ")


@needs_data
def test_one_province_trades_with_the_rest_as_abroad():
    e = read("nbs-province", FOLDER / "prov_io_2017_42.csv.gz", region="江苏").economy
    p = provinces._cubes(FOLDER / "prov_io_2017_42.csv.gz")
    at = SOURCE_NAMES.index("Jiangsu")
    assert (e.r, e.n) == (1, 42)
    assert e.output.sum() == pytest.approx(p.output[at].sum())
    # what is sent on at once leaves both sides
    assert 0.5 < e.exports.sum() / (p.exports[at] + p.sent[at]).sum() <= 1
    whole(e)


@needs_data
def test_an_unknown_province_is_met_with_the_nearest():
    with pytest.raises(BookError, match=r"no province 'Jiangsi'.*Did you mean"):
        read("nbs-province", FOLDER / "prov_io_2017_42.csv.gz", region="Jiangsi")


def test_margins_that_flows_between_places_can_meet():
    """The first sends 100 and takes 100 of 102: with nobody else to trade with, 1 + 1 on the other
    sides bounds it.
    """
    sent, taken = provinces._apart(np.array([100.0, 1, 1]), np.array([100.0, 1, 1]))
    assert sent.sum() == pytest.approx(taken.sum())
    assert sent[0] <= taken[1:].sum() * (1 + 1e-9)
    assert taken[0] <= sent[1:].sum() * (1 + 1e-9)
    sent, taken = provinces._apart(np.array([3.0, 2, 1]), np.array([1.0, 2, 3]))
    np.testing.assert_allclose(sent, [3, 2, 1])
    np.testing.assert_allclose(taken, [1, 2, 3])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("year,province,row,col\n2017,Beijing,01,01\n", "column value is missing"),
        ("province,row,col,value\nPeking,01,01,1\n", "no such province: Peking"),
        ("province,row,col,value\nBeijing,01,01,1\n", "no output"),
        ("province,row,col,value\nBeijing,01,01,5\nBeijing,01,02,a\n", "row 3, column value: holds 'a'"),
        ("province,row,col,value\nBeijing,01,01,1,200\n", r"row 2: has more cells \(5\) than heads \(4\)"),
        ("year,province,row,col,value\n2012,Beijing,1,GO,5\n2017,Beijing,1,GO,5\n", "which with --year"),
        ("year,province,row,col,value\n2012,Beijing,1,GO,5\nlate,Beijing,1,GO,5\n", "'late' .* is no year"),
    ],
)
def test_broken_files(tmp_path, text, says):
    path = tmp_path / "prov_2017.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BookError, match=says):
        read("nbs-province", path)


@needs_data
@pytest.mark.parametrize(("year", "electricity"), [(2012, "25"), (2017, "24")])
def test_the_list_of_sectors_follows_the_year(year, electricity):
    e = read("nbs-province", FOLDER / f"prov_io_{year}_42.csv.gz", region="Beijing").economy
    assert [s.code for s in e.sectors if s.like == "24"] == [electricity]
    by_code = dict(zip(e.node_sector.tolist(), e.output.tolist(), strict=True))
    # construction is the larger, waste and repair are small: a shifted list would say otherwise
    building = next(i for i, s in enumerate(e.sectors) if s.like == "27")
    assert by_code[building] > 10 * by_code[next(i for i, s in enumerate(e.sectors) if s.like == "23")]


def test_one_of_two_years_in_a_file(tmp_path):
    """Output 100 in 2012 and 300 in 2017, twice for the first sector: rows keep the numbers of the file."""
    path = tmp_path / "prov_2017.csv"
    rows = [f"{y},Beijing,{c},GO,{v}" for y, v in ((2012, 100), (2017, 300)) for c in provinces._CODES]
    path.write_text("\n".join(["year,province,row,col,value", *rows, rows[42]]) + "\n", encoding="utf-8")
    early, late = (provinces._cubes(path, year) for year in (2012, 2017))
    assert (early.year, early.output.tolist()) == (2012, [[100.0] * 42])
    assert (late.year, late.output.tolist()) == (2017, [[600.0] + [300.0] * 41])
    assert [f.where.rpartition(f"{path}, ")[2] for f in late.findings] == ["column year", "rows 86 (as 44)"]


def test_rows_of_a_parquet_file_with_an_index_of_labels(tmp_path):
    data = {"province": ["Beijing"] * 2, "row": ["01", "01"], "col": ["GO", "GO"], "value": ["5", "many"]}
    pd.DataFrame(data, ["a", "b"]).to_parquet(tmp_path / "prov_2017.parquet")
    with pytest.raises(BookError, match="row b, column value: holds 'many'"):
        read("nbs-province", tmp_path / "prov_2017.parquet")
    pd.DataFrame(data | {"value": [5.0, 6.0]}, ["a", "b"]).to_parquet(tmp_path / "prov_2017.parquet")
    (found,) = provinces._cubes(tmp_path / "prov_2017.parquet").findings
    assert found.where.endswith("rows 3 (as 2)")
