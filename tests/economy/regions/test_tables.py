"""A country in regions: totals met exactly, quotients by hand, files read or refused, the page true to
its numbers.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast import simulate
from ballast.economy import Economy, book
from ballast.economy.builders.china_trade import STAY_ERROR
from ballast.economy.checks import check
from ballast.economy.economy import Carrier, Region
from ballast.economy.facts import Facts, Generation
from ballast.economy.readers import read as read_table
from ballast.economy.redraw import ERROR
from ballast.economy.regions import quotients
from ballast.economy.regions.facts import read
from ballast.economy.regions.tables import RegionalFacts, regionalise
from ballast.economy.regroup.concord import Concordance, regroup
from ballast.errors import BookError
from ballast.forcing import Forcing
from ballast.text import Text

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "benchmarks"))
import regional as page_of  # noqa: E402

AB = (Region("A", Text("A", "甲")), Region("B", Text("B", "乙")))
KM = np.array([[20.0, 100], [100, 30]])


@pytest.fixture(scope="module")
def country() -> Economy:
    """The teaching book as one country: 4 sectors."""
    e = book.load("teaching")
    one, _ = regroup(e, Concordance(("ALL",), np.ones((1, 3)), ()), None)
    return one


# ---- quotients -------------------------------------------------------------------------------


def test_quotients_by_hand():
    """Output 30 and 10 in the first region, 30 and 50 in the second: 60 of each, 120 in all; the first
    has a third.

    SLQ of the first: (30/40) / (60/120) = 1.5 and (10/40) / (60/120) = 0.5. CILQ of seller 1 to buyer 2
    there: (30/60) / (10/60) = 3. FLQ at delta 0.5: diagonal SLQ and off-diagonal CILQ times log2(4/3)
    ** 0.5.
    """
    x = np.array([[30.0, 10], [30, 50]])
    np.testing.assert_allclose(quotients.slq(x), [[1.5, 0.5], [0.75, 1.25]])
    np.testing.assert_allclose(quotients.cilq(x)[0], [[1, 3], [1 / 3, 1]])
    size = np.log2(4 / 3) ** 0.5
    np.testing.assert_allclose(quotients.flq(x, 0.5)[0], np.array([[1.5, 3], [1 / 3, 0.5]]) * size)
    with pytest.raises(ValueError, match="delta"):
        quotients.flq(x, 1.0)


# ---- the book --------------------------------------------------------------------------------


def test_national_totals_are_exact(country):
    output = np.array([[3.0, 1, 2, 4], [1, 1, 2, 6]])
    made = regionalise(country, RegionalFacts(AB, output, KM)).economy
    assert (made.r, made.n) == (2, 8)
    np.testing.assert_allclose(np.bincount(made.node_sector, made.output), country.output)
    np.testing.assert_allclose(made.output[:4], [0.75, 0.5, 0.5, 0.4] * country.output)
    z = made.links().toarray().reshape(2, 4, 2, 4).sum(axis=(0, 2))
    np.testing.assert_allclose(z, country.links().toarray())
    for name in ("exports", "slot_imports", "final_domestic", "final_imports"):
        assert getattr(made, name).sum() == pytest.approx(getattr(country, name).sum())
    np.testing.assert_allclose(made.value_added.sum(axis=1), country.value_added.sum(axis=1))
    assert [str(f) for f in check(made) if f.level != "note"] == []
    run = simulate(made, Forcing.none(made, 20))
    assert np.abs(run.deviation("all").to_numpy()).max() < 1e-10
    assert made.grades["trade between regions"] == "E"


def test_what_a_desk_knows_of_the_country_goes_along(country):
    """40 GWh by what regions buy; days everywhere; 30 heads in vehicles by output, a third and two."""
    e = country
    vehicles = [s.code for s in e.sectors].index("vehicles")
    days = np.where(e.slot_node == int(np.flatnonzero(e.node_sector == vehicles)[0]), 9.0, np.nan)
    staff = np.where(e.node_sector == vehicles, 30.0, np.nan)
    station = Generation(0, "coal", 100.0, 500.0)
    facts = Facts(
        slot_days=days, slot_days_low=days - 3, slot_days_high=days + 3, staff=staff, generation=(station,)
    )
    power = Carrier("power", Text("Power", "电"), 0, "GWh", np.array([40.0]))
    e = replace(e, facts=facts, carriers=(power,))
    output = np.array([[3.0, 1, 1, 4], [1, 1, 2, 6]])
    got = regionalise(e, RegionalFacts(AB, output, KM))
    new = got.economy
    cars = new.node_sector == vehicles
    np.testing.assert_allclose(new.facts.staff[cars], [10, 20])
    assert np.isnan(new.facts.staff[~cars]).all()
    mine = cars[new.slot_node]
    np.testing.assert_allclose(new.facts.slot_days[mine], 9)
    assert np.isnan(new.facts.slot_days[~mine]).all()
    assert new.carriers[0].annual.sum() == pytest.approx(40)
    assert ["ways of the country (1)" in f.what for f in got.findings] == [True]


def test_a_sector_that_makes_nothing_stays_out(tmp_path):
    """Ore is only imported, so cars are the second maker of the third sector: 20 and 30 of output, 7 and 9
    heads by output.
    """
    rows = [
        ["from_region", "from_sector", "to_region", "to_sector", "value"],
        ["N", "steel", "N", "cars", 5],
        ["N", "steel", "N", "households", 15],
        ["imports", "ore", "N", "steel", 3],
        ["N", "cars", "N", "households", 30],
    ]
    e = read_table("long", write(tmp_path / "n.csv", rows), year=2020).economy
    assert [s.code for s in e.sectors] == ["steel", "ore", "cars"]
    e = replace(e, facts=Facts(staff=np.array([7.0, 9])))
    got = regionalise(e, RegionalFacts(AB, np.array([[3.0, 0, 1], [1, 0, 2]]), KM)).economy
    np.testing.assert_allclose(np.bincount(got.node_sector, got.output, 3), [20, 0, 30])
    np.testing.assert_allclose(got.facts.staff, [7 * 0.75, 3, 7 * 0.25, 6])


def test_more_stays_at_home_from_low_to_high(country):
    output = np.array([[3.0, 1, 2, 4], [1, 1, 2, 6]])
    e = regionalise(country, RegionalFacts(AB, output, KM)).economy

    def at_home(tilt: float) -> float:
        z = e.with_trade(tilt).links().toarray().reshape(2, 4, 2, 4)
        return float(np.einsum("risj,rs->", z, np.eye(2)))

    low, central, high = (at_home(t) for t in (-1.0, 0.0, 1.0))
    assert low < central <= high


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 4), st.integers(0, 1000))
def test_any_regions_meet_the_country(r, seed):
    e = book.load("teaching")
    one, _ = regroup(e, Concordance(("ALL",), np.ones((1, 3)), ()), None)
    rng = np.random.default_rng(seed)
    km = rng.uniform(50, 500, (r, r))
    km = (km + km.T) / 2
    regions = tuple(Region(f"R{i}", Text(f"R{i}", f"R{i}")) for i in range(r))
    output = rng.uniform(0.2, 1, (r, 4))
    made = regionalise(one, RegionalFacts(regions, output, km)).economy
    np.testing.assert_allclose(np.bincount(made.node_sector, made.output), one.output)
    assert [str(f) for f in check(made) if f.level == "error"] == []


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (RegionalFacts(AB, np.array([[1.0, 1, 0, 1], [1, 1, 0, 1]]), KM), "no region makes vehicles"),
        (RegionalFacts(AB, -np.ones((2, 4)), KM), "not negative"),
        (RegionalFacts(AB, np.ones((2, 4)), np.zeros((2, 2))), "distances must be positive"),
        (RegionalFacts(AB, np.ones((2, 3)), KM), r"output is \(2, 3\), expected \(2, 4\)"),
    ],
)
def test_facts_that_cannot_be_used(country, facts, says):
    with pytest.raises(BookError, match=says):
        regionalise(country, facts)


def test_a_regional_book_is_not_national():
    with pytest.raises(BookError, match="has 3 regions"):
        regionalise(book.load("teaching"), RegionalFacts(AB, np.ones((2, 4)), KM))


# ---- files -----------------------------------------------------------------------------------


def write(path: Path, rows: list[list[object]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


LONG = [
    ["地区", "行业", "增加值"],
    *(["上海市", s, v] for s, v in (("材料", "1,000"), ("零部件", 2), ("整车", 3), ("服务", 4))),
    *(["江苏", s, v] for s, v in (("材料", 5), ("零部件", 6), ("整车", 7), ("服务", 8))),
    ["合计", "材料", 1005],
]


def test_long_and_square_files_say_the_same(country, tmp_path):
    long = read(write(tmp_path / "a.csv", LONG, "gb18030"), country, None)
    square = [
        ["行业", "上海", "江苏省", "合计"],
        ["材料", 1000, 5, 1005],
        ["零部件", 2, 6, 8],
        ["整车", 3, 7, 10],
        ["服务", 4, 8, 12],
    ]
    other = read(write(tmp_path / "b.csv", square), country, None)
    np.testing.assert_allclose(long.output, [[1000, 2, 3, 4], [5, 6, 7, 8]])
    np.testing.assert_allclose(other.output, long.output)
    assert [r.code for r in long.regions] == ["SH", "JS"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (["江苏", "钢铁行业", 1], r"no sector called '钢铁行业'"),
        (["江苏", "材料", "许多"], "holds '许多', not a number"),
        (["江苏", "材料", -5], "is negative"),
        (["江苏", "材料", 5], "says again what"),
        (["其中：江苏", "材料", 5], "does not look like a region"),
    ],
)
def test_files_that_are_wrong(country, tmp_path, row, says):
    with pytest.raises(BookError, match=says):
        read(write(tmp_path / "a.csv", [*LONG, row]), country, None)


SQUARE = [["行业", "甲", "乙"], ["材料", 4, 5], ["零部件", 2, 6], ["整车", 3, 7], ["服务", 4, 8]]


@pytest.mark.parametrize(
    "word", ["Insgesamt", "全国合计", "全国总计", "U.S. Total", "Total, all regions", "ALL", "合計"]
)
def test_totals_of_any_name_are_left_out(country, tmp_path, word):
    """`ALL` is the code of the country's only region."""
    square = [[*SQUARE[0], word], *([*row, row[1] + row[2]] for row in SQUARE[1:])]
    made = read(write(tmp_path / "a.csv", square), country, None)
    assert [r.code for r in made.regions] == ["甲", "乙"]
    assert any("is taken for a total" in f.what for f in made.findings)


def test_a_region_that_is_the_sum_of_the_others_is_refused(country, tmp_path):
    square = [[*SQUARE[0], "Royaume"], *([*row, row[1] + row[2]] for row in SQUARE[1:])]
    with pytest.raises(BookError, match="'Royaume' is the sum of all others"):
        read(write(tmp_path / "a.csv", square), country, None)


@pytest.mark.parametrize("word", ["share of 甲 (%)", "CAGR", "rank", "占比", "其中：丙"])
def test_columns_beside_the_regions_are_none(country, tmp_path, word):
    square = [[*SQUARE[0], word], *([*row, 1] for row in SQUARE[1:])]
    with pytest.raises(BookError, match="does not look like a region"):
        read(write(tmp_path / "a.csv", square), country, None)


def test_amounts_that_are_not_one_column_in_one_unit_are_refused(country, tmp_path):
    two = [["region", "sector", "output_2018", "output_2019"], ["甲", "材料", 1, 2]]
    with pytest.raises(BookError, match="several columns may be the amounts: output_2018, output_2019"):
        read(write(tmp_path / "a.csv", two), country, None)
    units = [["region", "sector", "output", "unit"], ["甲", "材料", 1, "万元"], ["乙", "材料", 1, "亿元"]]
    with pytest.raises(BookError, match="in several units: 万元, 亿元"):
        read(write(tmp_path / "b.csv", units), country, None)


def test_titles_above_and_other_words_for_heads_are_read(country, tmp_path):
    made = read(write(tmp_path / "a.csv", [["各地区产出（2022年）"], *SQUARE]), country, None)
    assert [r.code for r in made.regions] == ["甲", "乙"]
    long = [["Province", "Industry", "Gross output (m EUR)"], ["甲", "材料", 1], ["乙", "材料", 3]]
    made = read(write(tmp_path / "b.csv", long), country, None)
    np.testing.assert_allclose(made.output[:, 0], [1, 3])


def test_sheets_that_are_read_together_are_named_and_merged_amounts_refused(country, tmp_path):
    wb = openpyxl.Workbook()
    wb.active.title = "north"
    other = wb.create_sheet("south")
    for row in SQUARE:
        wb.active.append(row[:2])
        other.append([row[0], row[2]])
    wb.save(tmp_path / "a.xlsx")
    made = read(tmp_path / "a.xlsx", country, None)
    assert any("the sheets north, south are read together" in f.what for f in made.findings)
    wb.active.merge_cells("B2:B3")
    wb.save(tmp_path / "a.xlsx")
    with pytest.raises(BookError, match="row 3, column B: is merged with row 2"):
        read(tmp_path / "a.xlsx", country, None)


# ---- the page --------------------------------------------------------------------------------


def test_the_page_says_what_the_numbers_say():
    numbers = json.loads(page_of.RESULTS.read_text("utf-8"))
    assert page_of.PAGE.read_text("utf-8") == page_of.page(numbers)


def test_the_constants_of_the_book_are_the_back_test_s():
    china = json.loads(page_of.RESULTS.read_text("utf-8"))["china"]
    low, central, high = STAY_ERROR
    assert [low, high] == pytest.approx(china["stays"]["error"], abs=0.005)
    assert central == 0
    assert {g.value: s for g, s in ERROR.items()} == pytest.approx(china["sizes"], abs=0.005)
    scores = {name: v["wape"] for name, v in china["stays"]["scores"].items()}
    assert min(scores, key=lambda name: scores[name]) == page_of.BOOK  # the reading that the book takes


@pytest.mark.skipif(
    not (ROOT.parent / "shared/data/finland_regional").is_dir(), reason="the tables are not here"
)
def test_the_finnish_numbers_come_out_again():
    numbers = json.loads(page_of.RESULTS.read_text("utf-8"))["finland"]
    again = page_of.finland_regions(ROOT.parent / "shared/data")
    assert again["true_share"] == pytest.approx(numbers["true_share"])
    for name, scores in again["scores"].items():
        assert scores == pytest.approx(numbers["scores"][name])


def test_kilometres_are_right():
    """Helsinki to Turku is 150 km as the crow flies, Helsinki to Rovaniemi 700."""
    km = page_of.kilometres()
    assert km[0, 1] == pytest.approx(150, abs=5)
    assert km[0, 17] == pytest.approx(705, abs=10)
