"""Classes of sectors: the rules against published concordances."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ballast.economy import classes
from ballast.economy.names.china import SECTORS

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the source tables are not beside the project")


def test_the_42_are_their_own_classes():
    for s in SECTORS:
        assert s.like == s.code
        assert classes.sector(s.code, s.name, s.code).industry == s.industry


@pytest.mark.parametrize(
    ("code", "like"),
    [("A01_02", "01"), ("B05_06", "03"), ("C10T12", "06"), ("C13T15", "07"), ("C29", "18"), ("D35", "24"),
     ("10_12 Elintarvike", "06"), ("05_09 Kaivos", "03"), ("S", "38"), ("O84", "42"), 
     ("R_S", "41"), ("nonsense", "")],
)  # fmt: skip
def test_isic_codes(code, like):
    assert classes.of_isic(code) == like


@pytest.mark.parametrize(
    ("code", "like"),
    [("3361MV", "18"), ("221100", "24"), ("221200", "25"), ("S00202", "24"), ("GSLE", "42"), ("4A0", "28"),
     ("334510", "21"), ("333111", "17"), ("HS", "33"), ("Used", "")],
)  # fmt: skip
def test_naics_codes_by_their_longest_prefix(code, like):
    assert classes.of_naics(code) == like


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("Other non-metallic mineral products", "13"),
        ("Mining of non-metallic minerals", "05"),
        ("Mining and quarrying, energy producing products", "03"),
        ("Mining and quarrying, non-energy producing products", "05"),
        ("其他非金属矿物制品", "13"),
        ("Minerals nec", "05"),
    ],
)
def test_what_is_dug_and_what_is_made_of_it(name, like):
    assert classes.of_name(name) == like


@needs_data
@pytest.mark.parametrize(("year", "count"), [(2017, 149), (2018, 153), (2020, 153)])
def test_names_of_the_detailed_tables_fall_into_the_sector_the_bureau_adds_them_to(year, count):
    """The detailed and the 42-sector table run in one order, so output says which sectors make up which."""
    from ballast.economy.builders.china_read import CODES, _concordance, _numbers

    folder = DATA / "china_io_nbs"
    detail = pd.read_csv(folder / f"china_{year}_{count}.csv.gz", dtype={"Code": str}).set_index("Code")
    short = pd.read_csv(folder / f"china_{year}_42.csv.gz", dtype={"Code": str})
    short = short[short["Origin"] == "Domestic"].set_index("Code")
    groups = _concordance(detail, _numbers(short.loc[CODES, "GO"]))
    wrong = [
        detail.loc[code, "Description"]
        for k, codes in groups.items()
        for code in codes
        if classes.of_name(detail.loc[code, "Description"]) != CODES[k]
    ]
    # one row of the 2017 file carries the name of its neighbour: 零售 (retail) as "Railway transport"
    assert wrong == (["Railway transport"] if year == 2017 else [])


def test_what_is_proposed_is_told_once():
    made = [
        classes.sector(c, s.name, classes.of_name(s.name.en))
        for c, s in zip("ABC", SECTORS[:3], strict=True)
    ]
    unknown = classes.sector("D", SECTORS[0].name, "")
    found = classes.findings([*made, unknown], "t.csv")
    assert [f.level for f in found] == ["note", "warning"]
    assert "A Agriculture like 01 Agriculture" in found[0].where
    assert not unknown.goods
    assert not unknown.storable
