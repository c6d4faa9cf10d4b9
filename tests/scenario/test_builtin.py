"""The scenarios that come with Ballast: whole, cited, bilingual, and fitting a book of their codes."""

from __future__ import annotations

import numpy as np
import pytest

from ballast.economy import Economy, book
from ballast.economy.economy import Region, Sector
from ballast.evidence import Grade
from ballast.scenario import builtin_scenarios, check_scenario, compile_scenario, drivers, load, parse
from ballast.text import Text

PROVINCES = [
    *("BJ", "TJ", "HE", "SX", "NM", "LN", "JL", "HL", "SH", "JS", "ZJ", "AH", "FJ", "JX", "SD", "HA"),
    *("HB", "HN", "GD", "GX", "HI", "CQ", "SC", "GZ", "YN", "XZ", "SN", "GS", "QH", "NX", "XJ"),
]


@pytest.fixture(scope="module")
def china() -> Economy:
    """31 x 42 with the codes and flags of the book china-2020, and nothing of its numbers."""
    r, k = 31, 42
    n = r * k
    empty, none = np.zeros(0, np.int32), np.zeros(0)
    lines = r * k * 2
    return Economy(
        name="china-2020",
        title=Text("China", "中国"),
        unit="m",
        currency="CNY",
        year=2020,
        regions=tuple(Region(c, Text(c, c)) for c in PROVINCES),
        sectors=tuple(
            Sector(f"{i:02d}", Text(f"s{i}", f"s{i}"), 2 <= i <= 26, i <= 22, like=f"{i:02d}")
            for i in range(1, k + 1)
        ),
        categories=(
            ("rural", Text("Rural households", "农村居民")),
            ("capital", Text("Capital", "资本形成")),
        ),
        value_added_labels=(("va", Text("va", "va")),),
        node_region=np.repeat(np.arange(r), k),
        node_sector=np.tile(np.arange(k), r),
        output=np.ones(n),
        exports=np.ones(n),
        value_added=np.ones((1, n)),
        slot_product=empty,
        slot_node=empty,
        slot_market=empty,
        slot_domestic=none,
        slot_imports=none,
        final_product=np.tile(np.repeat(np.arange(k), 2), r),
        final_region=np.repeat(np.arange(r), 2 * k),
        final_category=np.tile([0, 1], r * k),
        final_market=np.zeros(lines),
        final_domestic=np.ones(lines),
        final_imports=np.ones(lines),
        market_ptr=np.array([0, 1]),
        market_supplier=np.zeros(1),
        market_share=np.ones(1),
    )


@pytest.mark.parametrize("name", builtin_scenarios())
def test_every_builtin_is_whole(name: str) -> None:
    s = load(name)
    assert s.name == name
    texts = [s.title, s.summary, *(x.title for x in s.shocks)]
    assert all(t.en and t.zh and t.en != t.zh for t in texts)
    used = {k for x in (*s.shocks, *s.ranges) for k in x.sources}
    assert used == {x.key for x in s.sources}
    for x in s.shocks:
        assert x.sources or x.grade is Grade.E  # no source: an assumption, and called one
        inexact = any(not p.level.is_exact for p in x.path) or not x.share.is_exact
        assert inexact or x.grade is not Grade.E or s.book == "teaching"


@pytest.mark.parametrize("name", [n for n in builtin_scenarios() if load(n).book == "china-2020"])
def test_every_builtin_fits_its_codes_at_every_quantile(name: str, china: Economy) -> None:
    s = load(name)
    assert not [f for f in check_scenario(s, china) if f.level != "note"]
    for u in (0.0, 0.5, 1.0):
        f = compile_scenario(s, china, dict.fromkeys(drivers(s), u))
        assert f.days == s.days
        for steps in (f.capacity, f.corridors):
            assert steps.table.min() >= 0
            assert steps.table.max() <= 1
        for steps in (f.demand, f.exports, f.imports):
            assert steps.table.min() >= 0
            assert np.isfinite(steps.table).all()


def test_shanghai_by_hand(china: Economy) -> None:
    f = compile_scenario(load("shanghai-2022"), china)
    capacity = f.capacity.full().reshape(f.days, 31, 42)
    april_10, may_13 = 40, 73  # 1 March + 40 days, + 73 days
    sh = PROVINCES.index("SH")
    # makers in general stand between 15 (1 April) and 16 (16 April): 15.6
    assert capacity[april_10, sh, 15] == pytest.approx(0.156)
    assert capacity[may_13, sh, 15] == pytest.approx(0.42)
    # steel by order
    assert capacity[april_10, sh, 13] == pytest.approx(0.95)
    # chips 0.2 at 0.66 x 1.36, assembly 0.8 on its way from 30 (1 April) to 12 (12 April): 9/11 of the way
    chips, rest = 0.66 * 1.36, 0.30 - 0.18 * 9 / 11
    assert capacity[april_10, sh, 19] == pytest.approx(0.2 * chips + 0.8 * rest)
    # finance: 10% at work, 71% of the rest from home
    assert capacity[april_10, sh, 31] == pytest.approx(0.1 + 0.9 * 0.7133)
    # power and hospitals run
    assert (capacity[:, sh, [23, 39]] == 1).all()
    assert (capacity[-1] == 1).all()
    road = f.corridors.full()[46].reshape(-1, 31, 31)[f.corridor_group[17], sh, PROVINCES.index("GS")]
    assert 0.4 < road < 0.5  # three quarters by road at 27-29%
    assert f.corridor_group[1] == -1  # coal goes by rail


@pytest.mark.parametrize("name", builtin_scenarios())
def test_every_builtin_fits_its_book(name: str) -> None:
    s = load(name)
    assert not [f for f in check_scenario(s, book.load(s.book)) if f.level != "note"]


def test_the_port_of_shanghai_carries_what_it_should() -> None:
    """Hinterland shares over the book's goods trade: 23% of the country's, officially 26%."""
    e = book.load("china-2020")
    goods = np.array([s.goods for s in e.sectors])
    trade = np.bincount(e.node_region, e.exports * goods[e.node_sector], e.r)
    trade += np.bincount(e.node_region[e.slot_node], e.slot_imports * goods[e.slot_product], e.r)
    trade += np.bincount(e.final_region, e.final_imports * goods[e.final_product], e.r)
    port = next(x for x in load("shanghai-2022").shocks if x.name == "port-shanghai")
    codes = [r.code for r in e.regions]
    through = sum(trade[codes.index(region)] * part.value for region, part in port.hinterland)
    assert 0.20 < through / trade.sum() < 0.28


def test_power_left_in_sichuan_in_gwh() -> None:
    """The book gives Sichuan industry 559 GWh a day; the year 2021 had 554."""
    e = book.load("china-2020")
    base = "[[2022-08-22, {v}]]"
    head = 'title = {en="a", zh="b"}\nsummary = {en="a", zh="b"}\nbook = "china-2020"\n'
    head += "start = 2022-08-01\ndays = 60\n"
    text = head + '[[shocks]]\nkind = "power"\ntitle = {en="a", zh="b"}\nregions = ["四川"]\n'
    text += 'sectors = ["industry"]\nunit = "GWh/day missing"\npath = ' + base.format(v=280)
    level = compile_scenario(parse(text), e).capacity.full()[30]
    sichuan = next(i for i, r in enumerate(e.regions) if r.code == "SC")
    used = np.isin(e.node_region, [sichuan]) & e.is_industry
    assert level[used].min() == pytest.approx(1 - 280 / 559, abs=0.01)
    assert (level[~used] == 1).all()


def test_teaching_by_hand() -> None:
    economy = book.load("teaching")
    f = compile_scenario(load("vehicle-parts"), economy)
    lost = (1 - f.capacity.full()).sum(axis=0)
    codes = list(economy.node_codes)
    assert lost[codes.index("C.parts")] == pytest.approx(14 + 7 * 0.5)
    assert lost.sum() == pytest.approx(17.5)
