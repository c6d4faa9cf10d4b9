"""World tables through pymrio: its test table, and the same figures in the layouts of three releases."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ballast.economy.readers import read
from ballast.economy.readers.known import thin_utilities
from ballast.economy.readers.mrio import _sectors
from ballast.errors import BookError

from .conftest import whole

pymrio = pytest.importorskip("pymrio")


@pytest.fixture(scope="module")
def table():
    io = pymrio.load_test()
    return io.Z, io.Y


def test_the_test_table(table):
    z, y = table
    got = read("pymrio-test", Path("."), year=2010)
    e = got.economy
    np.testing.assert_allclose(e.output, z.to_numpy().sum(axis=1) + y.to_numpy().sum(axis=1))
    np.testing.assert_allclose(e.links().toarray(), z.to_numpy())
    assert {c for c, _ in e.categories} >= {"households", "government", "inventories"}
    whole(e)


def test_exiobase3(table, tmp_path):
    """A.txt, Y.txt and unit.txt with their file_parameters.json, as the release is packed since 3.0."""
    z, y = table
    x = z.sum(axis=1) + y.sum(axis=1)
    (z / x.to_numpy()).to_csv(tmp_path / "A.txt", sep="\t")
    y.to_csv(tmp_path / "Y.txt", sep="\t")
    units = pd.DataFrame({"unit": ["M.EUR"] * len(x)}, index=x.index)
    units.index.names = ["region", "sector"]
    units.to_csv(tmp_path / "unit.txt", sep="\t")
    files = {n: {"name": f"{n}.txt", "nr_index_col": "2", "nr_header": "2"} for n in ("A", "Y")}
    files["unit"] = {"name": "unit.txt", "nr_index_col": "2", "nr_header": "1"}
    (tmp_path / "file_parameters.json").write_text(json.dumps({"files": files, "systemtype": "IOSystem"}))
    e = read("exiobase3", tmp_path, year=2019).economy
    assert (e.unit, e.currency) == ("m EUR", "EUR")
    np.testing.assert_allclose(e.output, x.to_numpy(), rtol=1e-9)
    np.testing.assert_allclose(e.links().toarray(), z.to_numpy(), rtol=1e-8, atol=1e-6)


def test_oecd(tmp_path):
    """One CSV a year: rows and columns COUNTRY_INDUSTRY, final use COUNTRY_CATEGORY, taxes and value
    added below.
    """
    rng = np.random.default_rng(5)
    countries, industries, finals = (
        ["AUS", "CHN"],
        ["01T03", "05T06", "29"],
        ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "P33"],
    )
    nodes = [f"{c}_{i}" for c in countries for i in industries]
    columns = [*nodes, *(f"{c}_{f}" for c in countries for f in finals)]
    values = rng.uniform(1, 9, (len(nodes), len(columns))).round(1)
    values[:, len(nodes) :] += 20
    data = pd.DataFrame(values, nodes, columns)
    data["TOTAL"] = values.sum(axis=1)
    for country in countries:
        data.loc[f"{country}_TAXSUB"] = 0.0
    data.loc["VALU"] = [*(values.sum(axis=1) - values[:, :6].sum(axis=0)), *np.zeros(12), 0]
    data.loc["OUTPUT"] = [*values.sum(axis=1), *np.zeros(12), 0]
    with zipfile.ZipFile(tmp_path / "ICIO2018_2010.zip", "w") as archive:
        archive.writestr("ICIO2018_2010.CSV", data.to_csv())
    e = read("oecd-icio", tmp_path / "ICIO2018_2010.zip").economy
    assert e.year == 2010
    np.testing.assert_allclose(e.output, values.sum(axis=1))
    assert [s.like for s in e.sectors] == ["01", "03", "18"]
    assert e.regions[1].name.zh == "中国"


def test_eora26(table, tmp_path):
    """Label files beside tables without heads, tab-separated, the last row and column a statistical
    discrepancy.
    """
    z, y = table
    regions = list(dict.fromkeys(z.index.get_level_values(0)))

    def labels(name, index, kind):
        rows = [f"Region {regions.index(r) + 1}\t{r}\t{kind}\t{s}\t" for r, s in index]
        (tmp_path / f"labels_{name}.txt").write_text(
            "\n".join([*rows, f"Statistical Discrepancies\tROW\t{kind}\tTOTAL\t"])
        )

    labels("T", z.index, "Industries")
    labels("FD", y.columns, "Final demand")
    (tmp_path / "labels_VA.txt").write_text("Primary Inputs\tAll\t\n")
    (tmp_path / "labels_Q.txt").write_text("Energy\tAll\t\n")
    n, f = len(z), y.shape[1]
    square = np.zeros((n + 1, n + 1))
    square[:n, :n] = z
    final = np.zeros((n + 1, f + 1))
    final[:n, :f] = y
    added = np.append(z.to_numpy().sum(axis=1) + y.to_numpy().sum(axis=1) - z.to_numpy().sum(axis=0), 0)
    for name, values in (
        ("T", square),
        ("FD", final),
        ("VA", added[None]),
        ("Q", added[None]),
        ("QY", final[:1]),
    ):
        np.savetxt(tmp_path / f"Eora26_2010_bp_{name}.txt", values, delimiter="\t")
    e = read("eora26", tmp_path, year=2010).economy
    assert e.unit == "k USD"
    np.testing.assert_allclose(e.output, z.to_numpy().sum(axis=1) + y.to_numpy().sum(axis=1), rtol=1e-9)


def test_known_faults_of_exiobase_are_found(table, tmp_path):
    """Households of one region pay a thousandth of the usual electricity bill: reported for 3.8.1 as
    issue 95.
    """
    from ballast.economy.readers import mrio

    got = mrio.read(Path("exiobase 3.8.1 2010"), source="pymrio-test", year=2010)
    found = thin_utilities(got)
    assert found
    assert all("electricity" in f.what or "gas" in f.what for f in found)
    assert all(f.level == "warning" for f in found)


def test_sectors_of_exiobase_agree_with_its_own_isic_letters():
    """pymrio carries EXIOBASE's 163 industries with their ISIC letter: ours must not contradict it."""
    rows = pymrio.get_classification("exio3_ixi").sectors
    sectors, _ = _sectors(list(rows["ExioName"]), "exiobase3", "")
    by_group = {
        "ISIC_A": {"01"}, "ISIC_B": {"01"}, "ISIC_C": {"02", "03", "04", "05"}, 
        "ISIC_F": {"27", "13"}, "ISIC_G": {"28", "30"},
        "ISIC_I": {"29", "31"}, "ISIC_E": {"24", "25", "26"}, "ISIC_L": {"42"},
        "ISIC_D": {f"{i:02d}" for i in range(6, 23)},
    }  # fmt: skip
    wrong = []
    for isic, s in zip(rows["ISICCode"], sectors, strict=True):
        key = str(isic)[:6]
        if key in by_group and s.like not in by_group[key]:
            wrong.append((s.name.en, key, s.like))
    assert wrong == []
    assert all(s.like for s in sectors)


@pytest.mark.parametrize("source", ["exiobase3", "oecd-icio", "eora26"])
def test_an_empty_folder_is_one_message(tmp_path, source):
    with pytest.raises(BookError, match="Give the release as it was downloaded"):
        read(source, tmp_path, year=2010)


def gloria(
    folder: Path, regions=("CHN", "JPN"), sectors=("Growing wheat", "Motor vehicles"), mark="059"
) -> np.ndarray:
    """A small GLORIA as downloaded: supply and use in one matrix, labels in a workbook; its flows."""
    rng = np.random.default_rng(8)
    finals, factors = (
        ["Household final consumption P.3h", "Changes in inventories P.52"],
        ["Compensation of employees D.1", "Net operating surplus B.2n"],
    )
    n, r, s = len(regions) * len(sectors), len(regions), len(sectors)
    use, final = rng.uniform(1, 9, (n, n)).round(1), rng.uniform(40, 60, (n, r * len(finals))).round(1)
    output = use.sum(axis=1) + final.sum(axis=1)
    industry = np.add.outer(
        2 * s * np.arange(r), np.arange(s)
    ).ravel()  # rows: region, industry, then product
    square, bought = np.zeros((2 * n, 2 * n)), np.zeros((2 * n, final.shape[1]))
    square[np.ix_(industry + s, industry)], square[industry, industry + s] = use, output
    bought[industry + s] = final
    added = np.zeros((r * len(factors), 2 * n))
    added[:, industry] = np.repeat((output - use.sum(axis=0))[None] / 2, 2, axis=0).repeat(r, axis=0) / r
    data, sats = folder / "GLORIA_MRIOs_59_2022", folder / "GLORIA_SatelliteAccounts_059_2022"
    data.mkdir()
    sats.mkdir()
    for where, letter, values in (
        (data, "T", square), (data, "Y", bought), (data, "V", added),
        (sats, "TQ", np.ones((1, 2 * n))), (sats, "YQ", np.ones((1, final.shape[1]))),
    ):  # fmt: skip
        name = f"x_120secMother_AllCountries_002_{letter}-Results_2022_059_Markup001(full).csv"
        np.savetxt(where / name, values, delimiter=",")
    with pd.ExcelWriter(folder / f"GLORIA_ReadMe_{mark}.xlsx") as book:
        pd.DataFrame({"Region_acronyms": regions}).to_excel(book, sheet_name="Regions")
        pd.DataFrame({"Sector_names": sectors}).to_excel(book, sheet_name="Sectors")
        names = pd.DataFrame({"Final_demand_names": finals, "Value_added_names": factors})
        names.to_excel(book, sheet_name="Value added and final demand")
        one = {"Sat_indicator": ["CO2"], "Sat_head_indicator": ["Emissions"], "Sat_unit": ["kt"]}
        pd.DataFrame(one).to_excel(book, sheet_name="Satellites")
    return use


@pytest.mark.parametrize("mark", ["059", "059a"])
def test_gloria(tmp_path, mark):
    use = gloria(tmp_path, mark=mark)
    e = read("gloria", tmp_path, year=2022).economy
    assert (e.year, e.unit, e.n) == (2022, "k USD", 4)
    np.testing.assert_allclose(e.links().toarray(), use, rtol=1e-9)
    assert [s.like for s in e.sectors] == ["01", "18"]
    assert {c for c, _ in e.categories} == {"households", "inventories"}
    assert [t.en for _, t in e.value_added_labels] == [
        "Compensation of employees D.1",
        "Net operating surplus B.2n",
    ]
    np.testing.assert_allclose(e.total_value_added, e.output - use.sum(axis=0))
    whole(e)


def test_gloria_asks_for_the_year(tmp_path):
    with pytest.raises(BookError, match="--year 2022"):
        read("gloria", tmp_path)
