"""What a shock does to one economy, by hand for each kind and each overlap, and what always holds."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.economy import Economy
from ballast.economy.economy import Region, Sector
from ballast.errors import ScenarioError
from ballast.scenario import check_scenario, compile_scenario
from ballast.scenario.compile import _remote_table
from ballast.scenario.places import Places
from ballast.text import Text

from .conftest import HEAD, build, scenario, shock

SH, JS, SC = 0, 1, 2
PARTS, CARS, POWER, SERVICES = 0, 1, 2, 3


def node(region: int, sector: int) -> int:
    return region * 4 + sector


def capacity(toy: Economy, *shocks: str, day: int = 5, **quantiles: float) -> np.ndarray:
    return compile_scenario(scenario(*shocks), toy, quantiles).capacity.full()[day]


def test_nothing_happens_without_shocks(toy: Economy) -> None:
    f = compile_scenario(scenario(), toy)
    for steps in (f.capacity, f.demand, f.exports, f.imports, f.corridors):
        assert (steps.full() == 1).all()
    assert (f.corridor_group == -1).all()
    assert f.days == 10
    assert len(f.stock_day) == 0


def test_staff_in_steps_and_back_to_normal(toy: Economy) -> None:
    s = shock("staff", "[[2022-03-03, 40], [2022-03-05, 70]]", until="2022-03-08", nodes='["SH.cars"]')
    f = compile_scenario(scenario(s), toy)
    path = f.capacity.full()[:, node(SH, CARS)]
    assert path.tolist() == pytest.approx([1, 1, 0.4, 0.4, 0.7, 0.7, 0.7, 0.7, 1, 1])
    assert (np.delete(f.capacity.full(), node(SH, CARS), axis=1) == 1).all()


@pytest.mark.parametrize(("share", "left"), [("1", 0.5 * 0.6), ("0.4", 1 - 0.4 * (1 - 0.5 * 0.6))])
def test_staff_that_do_less_do_so_on_the_days_of_the_shock_alone(toy: Economy, share: str, left: float):
    s = shock("staff", "[[2022-03-03, 60]]", until="2022-03-05", nodes='["SH.cars"]', share=share,
              output_per_staff="0.5")  # fmt: skip
    path = compile_scenario(scenario(s), toy).capacity.full()[:, node(SH, CARS)]
    assert path.tolist() == pytest.approx([1, 1, left, left, left, 1, 1, 1, 1, 1])


def test_all_staff_at_work_who_do_less_are_felt_from_the_first_point_to_the_last_day(toy: Economy):
    s = scenario(shock("staff", "[[2022-03-03, 100]]", nodes='["SH.cars"]', output_per_staff="0.5"))
    path = compile_scenario(s, toy).capacity.full()[:, node(SH, CARS)]
    assert path.tolist() == pytest.approx([1, 1] + [0.5] * 8)
    assert s.shocks[0].felt(s.end) == (dt.date(2022, 3, 3), dt.date(2022, 3, 10))


@pytest.mark.parametrize(
    "hinterland", ["SH = 0.5, Shanghai = 0.5", "SH = 1.0, '上海市' = 0.5", "all = 0.5, SH = 0.5"]
)
def test_a_region_has_one_share_in_a_hinterland(toy: Economy, hinterland: str) -> None:
    with pytest.raises(ScenarioError, match=r"named twice|more than one share to SH"):
        compile_scenario(scenario(shock("port", hinterland=f"{{ {hinterland} }}")), toy)


def test_what_is_taken_away_is_taken_from_named_nodes_too(toy: Economy) -> None:
    named = '["SH.cars", "JS.cars", "SH.parts"]'
    left = capacity(toy, shock("capacity", nodes=named, not_regions='["JS"]', not_sectors='["parts"]'))
    assert np.flatnonzero(left < 1).tolist() == [node(SH, CARS)]


@pytest.mark.parametrize(
    "word", ["上海.汽车", "Shanghai.cars", "ＳＨ．ｖｅｈｉｃｌｅｓ", "上海市·汽车", "SH, Vehicles"]
)
def test_a_node_is_known_by_any_names_of_its_region_and_sector(toy: Economy, word: str) -> None:
    left = capacity(toy, shock("capacity", nodes=f'["{word}"]'))
    assert np.flatnonzero(left < 1).tolist() == [node(SH, CARS)]


def test_a_node_that_is_nearly_known_is_hinted_at(toy: Economy) -> None:
    with pytest.raises(ScenarioError, match=r"Did you mean cars \(Vehicles, 汽车\)") as caught:
        capacity(toy, shock("capacity", nodes='["上海.汽车制造"]'))
    assert 'no node "上海.汽车制造"' in str(caught.value)


@pytest.mark.parametrize("word", ["electricity", "Electricity", "ＥＬＥＣＴＲＩＣＩＴＹ", "电力", "power"])
def test_a_carrier_is_known_by_any_name_and_by_that_of_its_product(toy: Economy, word: str) -> None:
    left = capacity(toy, shock("fuel", carrier=f'"{word}"', regions='["SC"]'))
    assert np.flatnonzero(left < 1).tolist() == [node(SC, s) for s in (PARTS, CARS, SERVICES)]


def test_a_carrier_that_nobody_knows_is_refused_in_percent_too(toy: Economy) -> None:
    with pytest.raises(ScenarioError, match="Did you mean electricity"):
        capacity(toy, shock("power", carrier='"electrcity"', regions='["SC"]'))


def test_a_book_without_carriers_says_so(toy: Economy) -> None:
    """Power in percent needs none: all that is listed has that much left."""
    bare = replace(toy, carriers=())
    with pytest.raises(ScenarioError, match="the book has no carriers"):
        capacity(bare, shock("power", carrier='"parts"', regions='["SC"]'))
    left = capacity(bare, shock("power", regions='["SC"]'))
    assert left[node(SC, PARTS) :].tolist() == pytest.approx([0.4] * 4)


def test_linear_paths(toy: Economy) -> None:
    s = shock("capacity", "[[2022-03-03, 40], [2022-03-05, 80]]", shape='"linear"', regions='["SH"]')
    path = compile_scenario(scenario(s), toy).capacity.full()[:, 0]
    assert path.tolist() == pytest.approx([1, 1, 0.4, 0.6] + [0.8] * 6)


def test_quantiles_move_the_driver(toy: Economy) -> None:
    s = shock("capacity", "[[2022-03-03, 40, 20, 50]]", regions='["SH"]', driver='"d"')
    assert capacity(toy, s)[0] == pytest.approx(0.4)
    assert capacity(toy, s, d=0.0)[0] == pytest.approx(0.2)
    assert capacity(toy, s, d=0.25)[0] == pytest.approx(0.3)
    assert capacity(toy, s, d=1.0)[0] == pytest.approx(0.5)
    with pytest.raises(ScenarioError, match="no such driver"):
        capacity(toy, s, e=0.5)
    for bad in (1.5, -0.1, float("nan")):
        with pytest.raises(ScenarioError, match="0 to 1"):
            capacity(toy, s, d=bad)


def test_parts_of_a_node_add(toy: Economy) -> None:
    # 30% of the node at 0 and 50% at 60%: 1 - 0.3 - 0.5 x 0.4 = 0.5
    a = shock("staff", "[[2022-03-03, 0]]", share="0.3", regions='["SH"]', sectors='["goods"]')
    b = shock("staff", "[[2022-03-03, 60]]", share="0.5", regions='["SH"]', sectors='["goods"]')
    assert capacity(toy, a, b)[0] == pytest.approx(0.5)


def test_parts_beyond_the_whole_are_cut_worst_first(toy: Economy) -> None:
    # 70% at 20% is counted first, then only 30% of the 60% that stand at 50%: 0.14 + 0.15
    a = shock("staff", "[[2022-03-03, 20]]", share="0.7", regions='["SH"]', sectors='["goods"]')
    b = shock("staff", "[[2022-03-03, 50]]", share="0.6", regions='["SH"]', sectors='["goods"]')
    assert capacity(toy, a, b)[0] == pytest.approx(0.29)


def test_whole_shocks_take_the_lowest_and_hold_their_parts(toy: Economy) -> None:
    whole = [shock("staff", f"[[2022-03-03, {v}]]", regions='["SH"]') for v in (80, 60)]
    part = shock("staff", "[[2022-03-03, 10]]", share="0.5", regions='["SH"]')
    better = shock("staff", "[[2022-03-03, 90]]", share="0.5", regions='["SH"]')
    assert capacity(toy, *whole)[0] == pytest.approx(0.6)
    assert capacity(toy, *whole, part)[0] == pytest.approx(0.35)  # half at 0.1, half at 0.6
    assert capacity(toy, *whole, better)[0] == pytest.approx(0.6)


def test_the_scarcest_kind_wins(toy: Economy) -> None:
    kinds = [("staff", 70), ("capacity", 50), ("power", 60), ("fuel", 90)]
    shocks = [shock(k, f"[[2022-03-03, {v}]]", regions='["SH"]', sectors='["goods"]') for k, v in kinds]
    assert capacity(toy, *shocks)[0] == pytest.approx(0.5)


def test_services_go_on_from_home(toy: Economy) -> None:
    # 20% at work, 60% of the rest can be done at home: 0.2 + 0.8 x 0.6 = 0.68
    s = shock("staff", "[[2022-03-03, 20]]", regions='["SH"]', remote="0.6")
    assert capacity(toy, s)[SERVICES] == pytest.approx(0.68)
    # two thirds of staff on site run the plant at 90%: 0.66 x 1.36 = 0.8976
    s = shock("staff", "[[2022-03-03, 66]]", nodes='["SH.cars"]', output_per_staff="1.36")
    assert capacity(toy, s)[CARS] == pytest.approx(0.8976)


def test_the_remote_table_is_for_the_chinese_codes_only(toy: Economy) -> None:
    s = shock("staff", "[[2022-03-03, 20]]", regions='["SH"]')
    assert capacity(toy, s)[SERVICES] == pytest.approx(0.2)
    table = _remote_table()
    assert len(table) == 42
    assert table["18"] == 0
    assert table["32"] == pytest.approx(0.7133)


def test_energy_missing_is_rationed(toy: Economy) -> None:
    # Sichuan uses 73,000 GWh a year = 200 a day, one a day for each of the 200 of money bought.
    # Parts buy 20 and cars 60, so the two use 80 a day; 20 missing leaves 75%.
    s = shock(
        "power", "[[2022-03-03, 20]]", unit='"GWh/day missing"', regions='["四川"]', sectors='["goods"]'
    )
    got = capacity(toy, s)
    assert got[[node(SC, PARTS), node(SC, CARS)]].tolist() == pytest.approx([0.75, 0.75])
    assert got[node(SC, SERVICES)] == 1
    # 2,500 MW for 8 hours is the same 20 GWh
    s = shock(
        "power",
        "[[2022-03-03, 2500]]",
        unit='"MW missing"',
        hours="8",
        regions='["SC"]',
        sectors='["goods"]',
    )
    assert capacity(toy, s)[node(SC, CARS)] == pytest.approx(0.75)


def test_more_missing_than_used_stops_at_zero_and_says_so(toy: Economy) -> None:
    s = scenario(
        shock(
            "power", "[[2022-03-03, 100]]", unit='"GWh/day missing"', regions='["SC"]', sectors='["goods"]'
        )
    )
    assert compile_scenario(s, toy).capacity.full()[5, node(SC, CARS)] == 0
    doubts = check_scenario(s, toy)
    assert [d.level for d in doubts] == ["warning"]
    assert doubts[0].residual == pytest.approx(20)


def test_carriers_the_book_lacks(toy: Economy) -> None:
    with pytest.raises(ScenarioError, match="electricity"):
        capacity(toy, shock("fuel", unit='"units/day missing"', carrier='"gas"', regions='["SC"]'))


def test_corridors_take_the_lowest_and_group_products(toy: Economy) -> None:
    a = shock("corridor", "[[2022-03-03, 40]]", **{"from": '["SH"]'})
    b = shock(
        "corridor",
        "[[2022-03-03, 20]]",
        share="0.5",
        products='["parts"]',
        both_ways="false",
        **{"from": '["JS"]', "to": '["SH", "SC"]'},
    )
    f = compile_scenario(scenario(a, b), toy)
    assert f.corridor_group[[POWER, SERVICES]].tolist() == [-1, -1]
    parts, cars = f.corridor_group[PARTS], f.corridor_group[CARS]
    assert {parts, cars} == {0, 1}
    level = f.corridors.full()[5].reshape(2, 3, 3)
    # half of the parts at 20%: 0.6; from Jiangsu to Shanghai the lower of 0.4 and 0.6
    assert level[parts].tolist() == pytest.approx(np.array([[1, 0.4, 0.4], [0.4, 1, 0.6], [0.4, 1, 1]]))
    assert level[cars].tolist() == pytest.approx(np.array([[1, 0.4, 0.4], [0.4, 1, 1], [0.4, 1, 1]]))


def test_inside_a_region_only_when_said(toy: Economy) -> None:
    a = shock("corridor", **{"from": '["SH"]', "to": '["SH"]', "within": "true"})
    level = compile_scenario(scenario(a), toy).corridors.full()[5].reshape(3, 3)
    assert level[0, 0] == pytest.approx(0.4)
    assert (level.ravel()[1:] == 1).all()
    with pytest.raises(ScenarioError, match="touches nothing"):
        compile_scenario(scenario(a.replace("true", "false")), toy)


def test_demand_exports_imports_and_ports_multiply(toy: Economy) -> None:
    half = "[[2022-03-03, 50]]"
    f = compile_scenario(
        scenario(
            shock(
                "final_demand", half, products='["cars"]', categories='["居民消费"]', regions='["江苏省"]'
            ),
            shock("final_demand", "[[2022-03-03, 120]]", products='["cars"]'),
            shock("exports", half, share="0.4", regions='["SH"]', sectors='["cars"]'),
            shock("imports", half, products='["parts"]', regions='["SH"]'),
            shock("port", half, hinterland="{ SH = 0.8, JS = 0.5 }"),
        ),
        toy,
    )
    demand = f.demand.full()[5]
    cars = toy.final_product == CARS
    there = cars & (toy.final_region == JS)
    assert demand[there] == pytest.approx(0.6)  # 0.5 x 1.2
    assert demand[cars & ~there] == pytest.approx(1.2)
    assert (demand[~cars] == 1).all()
    exports = f.exports.full()[5]
    # 1 - 0.4 x 0.5 = 0.8 by the buyers, 1 - 0.8 x 0.5 = 0.6 by the port
    assert exports[node(SH, CARS)] == pytest.approx(0.48)
    assert exports[node(SH, SERVICES)] == 1
    imports = f.imports.full()[5].reshape(3, 4)
    assert imports[SH, PARTS] == pytest.approx(0.3)  # 0.5 x 0.6
    assert imports[JS, CARS] == pytest.approx(0.75)
    assert imports[SC].tolist() == [1, 1, 1, 1]


def test_a_port_for_one_side_of_trade(toy: Economy) -> None:
    f = compile_scenario(scenario(shock("port", trade='"exports"', hinterland="{ SH = 1 }")), toy)
    assert f.exports.full()[5, 0] == pytest.approx(0.4)
    assert (f.imports.full() == 1).all()


def test_stocks_in_days_and_in_money(toy: Economy) -> None:
    drawn = shock("stock", "[[2022-03-02, 3]]", products='["parts"]', regions='["SH"]', direction='"drawn"')
    given_back = shock(
        "stock",
        "[[2022-03-02, 1], [2022-03-04, 2]]",
        products='["parts"]',
        regions='["SH"]',
        direction='"released"',
    )
    f = compile_scenario(scenario(drawn, given_back), toy)
    slots = np.flatnonzero((toy.slot_product == PARTS) & (toy.node_region[toy.slot_node] == SH))
    first = f.stock_day == 1
    assert f.stock_slot[first].tolist() == slots.tolist()
    assert f.stock_change[first] == pytest.approx(-2)  # 3 drawn, 1 given back
    assert f.stock_change[f.stock_day == 3] == pytest.approx(2)
    # the four slots use 4 x 15 = 60 a year; 60 / 365 of money is one day of each
    money = shock(
        "stock",
        f"[[2022-03-02, {60 / 365}]]",
        unit='"money"',
        products='["parts"]',
        regions='["SH"]',
        direction='"drawn"',
    )
    assert compile_scenario(scenario(money), toy).stock_change == pytest.approx(-1)


def test_every_unknown_name_at_once_in_either_language(toy: Economy) -> None:
    bad = scenario(
        shock("staff", regions='["上海港", "Jiangsoo"]', sectors='["carss"]'),
        shock("final_demand", categories='["householdz"]'),
        shock("staff", nodes='["SH.boats"]'),
        '[[ranges]]\nindicator = "value_added"\nregion = "Atlantis"\nperiod = "2022"\nlow = 1\n',
    )
    with pytest.raises(ScenarioError) as error:
        compile_scenario(bad, toy)
    said = str(error.value)
    for word in (
        "上海港",
        "SH (Shanghai, 上海)",
        "Jiangsoo",
        "JS (Jiangsu, 江苏)",
        "carss",
        "cars (Vehicles, 汽车)",
        "householdz",
        "SH.boats",
        "Atlantis",
        "test.toml:7: staff-1",
    ):
        assert word in said


@pytest.mark.parametrize("names", ['["SH", "SH"]', '["SH", "Shanghai"]', '["上海", "SC", "上海市"]'])
def test_a_region_named_twice(toy: Economy, names: str) -> None:
    with pytest.raises(ScenarioError, match="is named twice"):
        capacity(toy, shock("staff", regions=names))
    assert capacity(toy, shock("staff", regions='["all", "SH"]'))[0] < 1  # a word for many may overlap


def test_a_scenario_for_another_book(toy: Economy) -> None:
    other = scenario(shock("staff", regions='["Tokyo"]'), head=HEAD.replace('"toy"', '"japan"'))
    with pytest.raises(ScenarioError, match="written for japan"):
        compile_scenario(other, toy)
    fits = scenario(shock("staff", regions='["SH"]'), head=HEAD.replace('"toy"', '"japan"'))
    assert "written for japan" in str(check_scenario(fits, toy)[0])


def test_words(toy: Economy) -> None:
    places = Places.of(toy)
    heard: list[str] = []
    tell = lambda what, todo: heard.append(what)  # noqa: E731
    assert places.sectors.mask(["parts..power"], tell).tolist() == [True, True, True, False]
    assert places.sectors.mask(["services"], tell).tolist() == [False, False, False, True]
    assert places.sectors.mask(["making"], tell).tolist() == [True, True, False, False]
    assert places.sectors.mask(["manufacturing"], tell).tolist() == [True, True, False, False]
    assert places.sectors.mask(["INDUSTRY"], tell).tolist() == [True, True, True, False]
    for word in ("sh", "Shanghai", "上海", "上海市", " SH "):
        assert places.regions.mask([word], tell).tolist() == [True, False, False]
    assert places.regions.mask(["四川", "苏"], tell).tolist() == [False, True, True]
    assert heard == []
    places.sectors.mask(["power..parts"], tell)
    assert len(heard) == 1


def test_exclusions(toy: Economy) -> None:
    s = shock("staff", sectors='["all"]', not_sectors='["services"]', not_regions='["SH", "SC"]')
    got = capacity(toy, s)
    assert got[node(JS, CARS)] == pytest.approx(0.4)
    assert got[node(JS, SERVICES)] == got[node(SH, CARS)] == 1


# ---- what always holds ----------------------------------------------------------------------

TOY = build()
LEVEL = st.integers(0, 100)
SHARE = st.sampled_from(["0.0", "0.2", "0.5", "0.7", "1.0"])
KIND = st.sampled_from(["staff", "capacity", "power", "fuel"])
WHERE = st.sampled_from(['["SH"]', '["JS"]', '["all"]'])
WHAT = st.sampled_from(['["goods"]', '["services"]', '["all"]'])
SHOCK = st.tuples(KIND, LEVEL, SHARE, WHERE, WHAT)


def text(kind: str, level: int, share: str, where: str, what: str) -> str:
    return shock(kind, f'[[2022-03-03, "{level}%"]]', share=share, regions=where, sectors=what)


def compiled(shocks: list[tuple[str, int, str, str, str]]) -> np.ndarray:
    return compile_scenario(scenario(*(text(*s) for s in shocks)), TOY).capacity.full()


@settings(max_examples=60, deadline=None)
@given(st.lists(SHOCK, min_size=1, max_size=5))
def test_levels_lie_between_nothing_and_all(shocks: list[tuple[str, int, str, str, str]]) -> None:
    got = compiled(shocks)
    assert got.min() >= 0
    assert got.max() <= 1


@settings(max_examples=60, deadline=None)
@given(st.lists(SHOCK, min_size=1, max_size=5), st.integers(0, 60), st.data())
def test_a_bigger_shock_never_leaves_more(
    shocks: list[tuple[str, int, str, str, str]], less: int, data: st.DataObject
) -> None:
    i = data.draw(st.integers(0, len(shocks) - 1))
    kind, level, share, where, what = shocks[i]
    deeper = [*shocks[:i], (kind, max(level - less, 0), share, where, what), *shocks[i + 1 :]]
    assert (compiled(deeper) <= compiled(shocks) + 1e-12).all()
    wider = [*shocks[:i], (kind, level, "1.0", where, what), *shocks[i + 1 :]]
    assert (compiled(wider) <= compiled(shocks) + 1e-12).all()
    assert (compiled([*shocks, (kind, less, share, where, what)]) <= compiled(shocks) + 1e-12).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(SHOCK, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_shocks_does_not_matter(
    shocks: list[tuple[str, int, str, str, str]], random: object
) -> None:
    mixed = list(shocks)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    np.testing.assert_allclose(compiled(mixed), compiled(shocks), atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_quantile_never_leaves_less(u: float, v: float) -> None:
    s = scenario(shock("staff", "[[2022-03-03, 40, 20, 50]]", regions='["SH"]', driver='"d"'))
    low, high = sorted((u, v))
    a, b = (compile_scenario(s, TOY, {"d": q}).capacity.full() for q in (low, high))
    assert (a <= b + 1e-12).all()


def test_compiling_a_country_is_fast() -> None:
    """1,302 nodes, a year, twenty ramps and a crowd of parts: well under the 30 ms an ensemble needs."""
    head = HEAD.replace("days = 10", "days = 365")
    ramp = "[[2022-03-01, 10], [2022-12-31, 90]]"
    many = [
        shock("staff", ramp, shape='"linear"', share="0.3", regions=f'["r{i}", "r{i + 1}"]')
        for i in range(20)
    ]
    many += [shock("corridor", ramp, shape='"linear"', **{"from": f'["r{i}"]'}) for i in range(6)]
    country = _country()
    s = scenario(*many, head=head)
    compile_scenario(s, country)
    best = min(_timed(s, country) for _ in range(5))
    assert best < 0.15  # 0.01 on a quiet machine


def _timed(s: object, e: Economy) -> float:
    start = time.perf_counter()
    compile_scenario(s, e)  # type: ignore[arg-type]
    return time.perf_counter() - start


def _country() -> Economy:
    r, k = 31, 42
    n = r * k
    none = np.zeros(0)
    empty = np.zeros(0, np.int32)
    return Economy(
        name="toy",
        title=Text("c", "c"),
        unit="m",
        currency="CNY",
        year=2020,
        regions=tuple(Region(f"r{i}", Text(f"Region {i}", f"地区{i}")) for i in range(r)),
        sectors=tuple(
            Sector(f"{i + 1:02d}", Text(f"Sector {i}", f"行业{i}"), goods=i < 22) for i in range(k)
        ),
        categories=(("h", Text("Households", "居民")),),
        value_added_labels=(("va", Text("va", "va")),),
        node_region=np.repeat(np.arange(r), k),
        node_sector=np.tile(np.arange(k), r),
        output=np.ones(n),
        exports=np.zeros(n),
        value_added=np.ones((1, n)),
        slot_product=empty,
        slot_node=empty,
        slot_market=empty,
        slot_domestic=none,
        slot_imports=none,
        final_product=empty,
        final_region=empty,
        final_category=empty,
        final_market=empty,
        final_domestic=none,
        final_imports=none,
        market_ptr=np.zeros(1, np.int64),
        market_supplier=empty,
        market_share=none,
    )


@pytest.mark.parametrize(
    ("kind", "path", "more", "says"),
    [
        ("capacity", "[[2022-03-03, 40]]", {"regions": '["SH"]', "share": "0"}, "its share is 0"),
        ("capacity", "[[2022-03-03, 100], [2022-03-05, 100]]", {"regions": '["SH"]'}, "is 100"),
        ("staff", "[[2022-03-03, 100]]", {"regions": '["SH"]'}, "is 100"),
        ("final_demand", "[[2022-03-03, 100]]", {}, "is 100"),
        ("corridor", "[[2022-03-03, 40]]", {"from": '["SH"]', "share": "[0, 0, 0]"}, "its share is 0"),
        ("port", "[[2022-03-03, 40]]", {"hinterland": "{ SH = 0 }"}, "no region"),
        ("stock", "[[2022-03-03, 0]]",
         {"products": '["parts"]', "direction": '"drawn"'}, "every amount of its path is 0"),
        ("imports", "[[2022-03-03, 40]]", {"products": '["services"]'}, "nothing is imported there"),
        ("port", "[[2022-03-03, 40]]",
         {"hinterland": "{ SH = 1 }", "products": '["cars"]', "trade": '"imports"'}, "has no imports"),
    ],
)  # fmt: skip
def test_a_shock_that_does_nothing_is_told(
    toy: Economy, kind: str, path: str, more: dict[str, str], says: str
) -> None:
    (doubt,) = check_scenario(scenario(shock(kind, path, **more)), toy)
    assert doubt.level == "warning"
    assert "does nothing" in doubt.what
    assert says in doubt.what


@pytest.mark.parametrize(
    ("flows", "made", "says"),
    [
        ("exports", shock("exports", nodes='["SH.cars"]'), "nothing is exported there"),
        ("exports", shock("port", hinterland="{ SH = 1 }", trade='"exports"'), "has no exports"),
        ("output", shock("capacity", regions='["SH"]'), "nothing is made there"),
        ("final_domestic", shock("final_demand", regions='["SH"]'), "nothing is bought there"),
        (
            "slot_domestic slot_imports",
            shock("stock", products='["parts"]', direction='"drawn"'),
            "nobody listed uses",
        ),
    ],
)
def test_a_shock_on_nothing_is_told(toy: Economy, flows: str, made: str, says: str) -> None:
    bare = replace(toy, **{flow: np.zeros_like(getattr(toy, flow)) for flow in flows.split()})
    (doubt,) = check_scenario(scenario(made), bare)
    assert doubt.level == "warning"
    assert "does nothing" in doubt.what
    assert says in doubt.what
    assert not check_scenario(scenario(made), toy)


def test_a_stock_of_what_cannot_be_stored_is_asked_about(toy: Economy) -> None:
    s = shock("stock", products='["power"]', direction='"drawn"')
    (doubt,) = check_scenario(scenario(s), toy)
    assert (doubt.level, "can be stored" in doubt.what) == ("warning", True)
    both = shock("stock", products='["power", "parts"]', direction='"drawn"')
    assert not check_scenario(scenario(both), toy)


@pytest.mark.parametrize(
    ("more", "days", "doubts"),
    [
        ({}, 366, 0),
        ({}, 367, 1),
        ({"unit": '"money"'}, 30 * 366 / 365, 0),  # Shanghai uses 40 of parts from home, 20 from abroad
        ({"unit": '"money"'}, 1e12, 1),
    ],
)
def test_a_stock_of_more_than_a_year_is_asked_about(toy, more, days, doubts) -> None:
    s = shock("stock", f"[[2022-03-03, {days}]]", products='["parts"]', direction='"released"',
              regions='["SH"]', **more)  # fmt: skip
    found = check_scenario(scenario(s), toy)
    assert [f.level for f in found] == ["warning"] * doubts
    assert all("days of use are released" in f.what for f in found)


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("[[2022-03-03, 100, 90, 100]]", {}),
        ("[[2022-03-03, 100]]", {"output_per_staff": "0.9"}),
        ("[[2022-03-03, 40]]", {"share": "[0, 0, 0.5]"}),
        ("[[2022-03-03, 40]]", {"remote": "0.9"}),
    ],
)
def test_a_shock_that_may_do_something_is_not(toy: Economy, path: str, more: dict[str, str]) -> None:
    assert not check_scenario(scenario(shock("staff", path, regions='["SH"]', **more)), toy)


def test_work_that_is_all_done_from_home_and_a_fuel_without_a_name_are_asked_about(toy: Economy) -> None:
    (found,) = check_scenario(
        scenario(shock("staff", "[[2022-03-03, 0]]", regions='["SH"]', remote="1")), toy
    )
    assert "can be done from home" in found.what
    (found,) = check_scenario(scenario(shock("fuel", "[[2022-03-03, 50]]", regions='["SH"]')), toy)
    assert "does not say which fuel is short" in found.what


def test_one_region_by_two_names_has_one_range(toy: Economy) -> None:
    text = '[[ranges]]\nindicator = "value_added"\nperiod = "2022-03"\nregion = "{}"\nlow = 1\n'
    two = scenario(text.format("SH"), text.format("Shanghai"))
    with pytest.raises(ScenarioError, match="Shanghai and SH are the same region"):
        check_scenario(two, toy)
