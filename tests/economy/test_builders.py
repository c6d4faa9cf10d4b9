"""The built-in books: what they promise, and that they can be built again."""

from pathlib import Path

import numpy as np
import pytest

from ballast.economy.book import book_hash, load
from ballast.economy.builders import BuildReport, build
from ballast.economy.builders.report import Change, Step, fill
from ballast.economy.checks import check
from ballast.economy.economy import Economy
from ballast.errors import BookError
from ballast.evidence import Grade
from ballast.text import Text

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
needs_data = pytest.mark.skipif(
    not (DATA / "china_io_nbs").is_dir(), reason="the source tables are not beside the project"
)


@pytest.fixture(scope="module")
def china() -> Economy:
    return load("china-2020")


@pytest.fixture(scope="module")
def rebuilt() -> tuple[Economy, BuildReport]:
    return build("china-2020", DATA)


def by_region(economy: Economy, sector: str) -> dict[str, float]:
    """Shares of the regions in the output of a sector."""
    mine = np.array([economy.sectors[s].code == sector for s in economy.node_sector])
    total = economy.output[mine].sum()
    regions = economy.node_region[mine]
    return {
        economy.regions[r].code: float(v / total)
        for r, v in zip(regions, economy.output[mine], strict=True)
    }


# ---- teaching --------------------------------------------------------------------------------


def test_teaching_is_what_its_docstring_says() -> None:
    economy, _ = build("teaching", None)
    assert check(economy) == []
    assert economy.total_value_added.sum() == 562.0
    final = economy.final_domestic.sum() + economy.exports.sum() - economy.slot_imports.sum()
    assert final == 562.0
    assert economy.slot_imports.sum() == 10.0
    assert economy.input_cost() + economy.total_value_added == pytest.approx(economy.output, abs=0)


def test_teaching_is_packaged_as_built() -> None:
    assert book_hash(build("teaching")[0]) == book_hash(load("teaching"))


# ---- china-2020 ------------------------------------------------------------------------------


def test_china_balances(china: Economy) -> None:
    assert [f for f in check(china, tolerance=1e-9) if f.level != "note"] == []
    assert (china.r, china.k, china.n) == (31, 42, 1279)
    assert (china.slot_domestic >= 0).all()


def test_china_is_as_large_as_china(china: Economy) -> None:
    # the national table of 2020: value added about 102.5 trillion CNY, in 10,000 CNY
    assert china.total_value_added.sum() / 1e8 == pytest.approx(102.5, abs=1.5)


def test_every_blend_of_trade_balances(china: Economy) -> None:
    for tilt in (-1.0, -0.3, 0.6, 1.0):
        findings = check(china.with_trade(tilt), tolerance=1e-9)
        assert [f for f in findings if f.level != "note"] == []


def test_more_distant_trade_keeps_less_at_home(china: Economy) -> None:
    def home(economy: Economy) -> float:
        links = economy.links("csr").tocoo()
        inside = economy.node_region[links.row] == economy.node_region[links.col]
        return float(links.data[inside].sum() / links.data.sum())

    low, central, high = (home(china.with_trade(t)) for t in (-1.0, 0.0, 1.0))
    assert 0.4 < low < central < high < 0.8


def test_vehicles_are_where_they_are_made(china: Economy) -> None:
    share = by_region(china, "18")
    assert 0.08 < share["SH"] < 0.10
    assert 0.07 < share["JL"] < 0.09
    assert {"GD", "SH", "JL", "HB"} <= set(sorted(share, key=share.__getitem__)[-6:])


def test_electricity_is_brought_to_beijing_and_shanghai(china: Economy) -> None:
    power = next(i for i, s in enumerate(china.sectors) if s.code == "24")
    own_power = {}
    for code in ("BJ", "SH", "YN"):
        region = [r.code for r in china.regions].index(code)
        line = np.flatnonzero((china.final_product == power) & (china.final_region == region))[0]
        market = china.final_market[line]
        entries = slice(china.market_ptr[market], china.market_ptr[market + 1])
        own = china.node_region[china.market_supplier[entries]] == region
        own_power[code] = float(china.market_share[entries][own].sum())
    assert own_power["BJ"] < 0.5
    assert own_power["SH"] < 0.65
    assert own_power["YN"] > 0.95


def test_labels_are_complete_and_the_map_has_no_two_on_a_tile(china: Economy) -> None:
    tiles = [r.tile for r in china.regions]
    assert len(set(tiles)) == 31
    assert all(r.name.zh in r.aliases[0] for r in china.regions)
    assert sum(s.industry for s in china.sectors) == 25
    assert all(s.group for s in china.sectors)
    words = [w.casefold() for r in china.regions for w in (r.code, r.name.en, r.name.zh, *r.aliases)]
    assert len(set(words)) >= 31 * 4


@pytest.mark.parametrize("what", ["regions", "sectors"])
def test_no_name_means_two_things(china: Economy, what: str) -> None:
    seen: dict[str, str] = {}
    for row in getattr(china, what):
        for word in {w.casefold() for w in (row.code, row.name.en, row.name.zh, *row.aliases)}:
            assert seen.setdefault(word, row.code) == row.code, word


def test_weak_cells_carry_their_grade(china: Economy) -> None:
    assert china.node_grade is not None
    grade = dict(zip(china.node_codes, china.node_grade, strict=True))
    assert grade["SX.02"] == Grade.E
    assert grade["SX.27"] == Grade.C
    assert grade["SH.18"] == Grade.D


def test_electricity_in_gwh(china: Economy) -> None:
    carrier, *others = china.carriers
    assert [(c.code, c.unit) for c in others] == [(c, "10k CNY") for c in ("coal", "oil", "gas")]
    assert china.sectors[carrier.product].code == "24"
    assert carrier.annual.sum() == pytest.approx(7.511e6)


def test_energy_and_ways_are_in_the_book(china: Economy) -> None:
    f = china.facts
    codes = [r.code for r in china.regions]
    made = {(codes[g.region], g.fuel): g for g in f.generation}
    assert made["SC", "hydro"].annual == 334_910  # GWh of 2020, as published
    assert made["SC", "hydro"].grade == "B"
    total = sum(g.annual for g in f.generation if np.isfinite(g.annual))
    assert 7.2e6 < total < 7.8e6  # GWh: the country made 7.5 PWh
    lines = {(codes[c.origin], codes[c.destination]): c.capacity for c in f.corridors if c.mode == "power"}
    assert lines["GD", "HB"] == lines["HB", "GD"] == 3000  # from the Three Gorges; the list says Hebei
    ways = [c for c in f.corridors if c.mode in ("road", "rail")]
    assert len(ways) == 2 * 136
    assert all(np.isnan(c.capacity) and c.days > 0.5 and c.grade == "E" for c in ways)
    assert [(codes[c.origin], codes[c.destination]) for c in f.corridors if c.mode == "water"] == [
        ("GD", "HI"),
        ("HI", "GD"),
    ]
    coal = next(c for c in china.carriers if c.code == "coal")
    assert coal.annual.sum() == pytest.approx(
        china.slot_need[china.slot_product == 1].sum()
        + np.maximum(china.final_domestic + china.final_imports, 0)[china.final_product == 1].sum(),
        rel=1e-6,
    )


# ---- rebuilding ------------------------------------------------------------------------------


@needs_data
def test_the_packaged_book_is_the_rebuilt_one(china: Economy, rebuilt: tuple[Economy, BuildReport]) -> None:
    again = rebuilt[0]
    if book_hash(again) == book_hash(china):
        return
    for name in ("output", "exports", "value_added", "slot_domestic", "final_domestic", "market_share"):
        np.testing.assert_allclose(getattr(again, name), getattr(china, name), rtol=1e-9, err_msg=name)


@needs_data
def test_national_tables_are_met_cell_by_cell(china: Economy) -> None:
    from ballast.economy.builders.china_read import read

    national = read(DATA)[0]
    sector = china.node_sector[china.slot_node]
    for field, want in (("slot_domestic", national.use), ("slot_imports", national.use_imports)):
        got = np.zeros((42, 42))
        np.add.at(got, (china.slot_product, sector), getattr(china, field))
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-3, err_msg=field)
    for field, want in (("final_domestic", national.final), ("final_imports", national.final_imports)):
        got = np.zeros((42, 5))
        np.add.at(got, (china.final_product, china.final_category), getattr(china, field))
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-3, err_msg=field)
    np.testing.assert_allclose(np.bincount(china.node_sector, china.output), national.output, rtol=1e-9)
    np.testing.assert_allclose(
        np.bincount(china.node_sector, china.exports, 42), national.exports, rtol=1e-9
    )


@needs_data
def test_province_gdp_shares_are_the_published_ones(china: Economy) -> None:
    from ballast.economy.builders.china_read import read

    blocks = read(DATA)[2].blocks.sum(axis=1)
    share = np.bincount(china.node_region, china.total_value_added) / china.total_value_added.sum()
    # blocks are scaled to the national table, which moves a province by at most 1%
    np.testing.assert_allclose(share, blocks / blocks.sum(), rtol=0.01)


@needs_data
def test_the_page_shows_what_the_build_reports(rebuilt: tuple[Economy, BuildReport]) -> None:
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    for block in rebuilt[1].markdown("en").split("### ")[2:]:  # the first holds rounding of this machine
        assert block.strip() in page


@needs_data
def test_the_report_speaks_both_languages(rebuilt: tuple[Economy, BuildReport]) -> None:
    chinese = rebuilt[1].markdown("zh")
    for words in ("各步与边际合计的最大相对差", "改动最大的单元", "本省内采购占比", "哪些是估算"):
        assert words in chinese
    assert max(s.after for s in rebuilt[1].steps) < 1e-9


def test_missing_sources_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"(?s)china_2020_42\.csv\.gz.*prov_io_2017.*edges_current"):
        build("china-2020", tmp_path)


def test_a_builder_needs_a_known_name_and_a_folder() -> None:
    with pytest.raises(BookError, match="Name their folder"):
        build("china-2020")
    with pytest.raises(BookError, match="Did you mean china-2020"):
        build("china-2021")


def test_a_page_is_filled_between_its_marks() -> None:
    report = BuildReport(
        "b",
        (Step(Text("fit", "拟合"), 0.5, 1e-12),),
        (Change(Text("fit", "拟合"), "SH.18", 10.0, 15.0),),
    )
    page = "before\n<!-- built: b -->\nold\n<!-- end -->\nafter\n"
    filled = fill(page, report)
    assert filled.startswith("before\n<!-- built: b -->")
    assert filled.endswith("<!-- end -->\nafter\n")
    assert "| fit | SH.18 | 10 | 15 | 1.50 |" in filled
    assert "old" not in filled
    assert fill(filled, report) == filled
