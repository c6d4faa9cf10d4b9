"""What is told of a scenario though it can be run: periods beyond its days, the same shock twice, more
drawn than there is, staff whose absence costs nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballast.economy import Economy
from ballast.economy.facts import Target
from ballast.errors import ScenarioError
from ballast.scenario import check_scenario, compile_scenario
from ballast.scenario.horizon import held, judged, months

from .conftest import HEAD, scenario, shock

DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2025, 12, 31))
RANGE = '[[ranges]]\nindicator = "value_added"\nperiod = "{}"\nlow = -5\n'


def said(toy: Economy, *shocks: str, head: str = HEAD, level: str = "warning", **more: object) -> list[str]:
    found = check_scenario(scenario(*shocks, head=head), toy, **more)
    return [str(f) for f in found if f.level == level]


def of_days(start: str, days: int) -> str:
    return HEAD.replace("2022-03-01", start).replace("days = 10", f"days = {days}")


# ---- periods and the days simulated ---------------------------------------------------------------


@given(DAYS, st.integers(1, 800), st.sampled_from(["2020", "2022-Q1", "2022-02", "2024-02", "2024-Q4"]))
def test_days_of_a_period_are_counted_one_by_one(first: dt.date, days: int, period: str) -> None:
    last = first + dt.timedelta(days=days - 1)
    whole = held(period, dt.date(1990, 1, 1), dt.date(2050, 1, 1))
    year, part = int(period[:4]), period[5:]
    wanted = range(1, 13)
    if part:
        wanted = range(3 * int(part[1]) - 2, 3 * int(part[1]) + 1) if part[0] == "Q" else [int(part)]
    every = [dt.date(year, 1, 1) + dt.timedelta(days=i) for i in range(366)]
    every = [d for d in every if d.year == year and d.month in wanted]
    h = held(period, first, last)
    assert (h.before, h.after) == (sum(d < first for d in every), sum(d > last for d in every))
    assert (h.of, whole.inside, whole.whole) == (len(every), len(every), True)


@given(DAYS, st.integers(1, 500))
def test_months_hold_all_days_once(first: dt.date, days: int) -> None:
    found = months(first, first + dt.timedelta(days=days - 1))
    assert sum(m.inside for m in found) == days
    assert all(m.inside for m in found)
    half = [m.period for m in found if m.inside >= m.of / 2]
    assert list(judged(found)) == (half or [m.period for m in found])


def test_a_range_that_ends_after_the_days_simulated_is_told_with_how_many_are(toy: Economy) -> None:
    """60 days from 1 January end on 1 March: of the quarter's 90 days 30 are left."""
    head = of_days("2022-01-01", 60)
    (found,) = said(toy, RANGE.format("2022-Q1"), head=head)
    assert "range value_added all 2022-Q1: 30 of the 90 days of the period come after 2022-03-01" in found
    assert "Write days = 90 (or end = 2022-03-31)" in found
    assert not said(toy, RANGE.format("2022-Q1"), head=of_days("2022-01-01", 90))


def test_days_of_a_range_before_the_first_are_a_note(toy: Economy) -> None:
    head = of_days("2022-03-01", 306)
    assert not said(toy, RANGE.format("2022"), head=head)
    (found,) = said(toy, RANGE.format("2022"), head=head, level="note")
    assert "59 of the 365 days of the period come before 2022-03-01" in found


def test_ranges_of_the_book_are_looked_at_too(toy: Economy) -> None:
    target = Target("value_added", "2022-03", "all", -5.0, float("nan"), float("nan"))
    book = replace(toy, facts=replace(toy.facts, targets=(target,)))
    assert "21 of the 31 days of the period come after 2022-03-10" in said(book)[0]


def test_a_month_of_a_few_days_is_told_and_one_of_half_is_not(toy: Economy) -> None:
    (found,) = said(toy, head=of_days("2022-01-01", 60), level="note")
    assert "1 of the 31 days of 2022-03 is simulated" in found
    assert not said(toy, head=of_days("2022-01-01", 59 + 16), level="note")  # 16 of 31 in March
    assert not said(toy, level="note")  # ten days in March are all there are


# ---- the same shock twice -------------------------------------------------------------------------

CARS = {"regions": '["SH"]', "products": '["cars"]'}


@pytest.mark.parametrize(
    ("kind", "path", "one", "other", "says"),
    [
        ("final_demand", "[[2022-03-03, 50]]", CARS, CARS, "both are counted"),
        ("final_demand", "[[2022-03-03, 50]]", CARS, CARS | {"regions": '["上海市"]'}, "both are counted"),
        ("exports", "[[2022-03-03, 50]]", {"regions": '["SH"]'}, {"not_regions": '["JS", "SC"]'}, "both"),
        ("stock", "[[2022-03-03, 5]]", {"products": '["parts"]', "direction": '"drawn"'},
         {"products": '["parts"]', "direction": '"drawn"', "regions": '["all"]'}, "both are counted"),
        ("capacity", "[[2022-03-03, 50]]", {"regions": '["SH"]', "share": "0.5"},
         {"regions": '["SH"]', "share": "0.5", "shape": '"linear"'}, "both are counted"),
        ("capacity", "[[2022-03-03, 50]]", {"regions": '["SH"]'}, {"regions": '["SH"]'}, "changes nothing"),
        ("power", "[[2022-03-03, 50]]", {"regions": '["SH"]'}, {"regions": '["SH"]'}, "changes nothing"),
        ("corridor", "[[2022-03-03, 40]]", {"from": '["SH"]', "to": '["JS"]'},
         {"from": '["JS"]', "to": '["SH"]'}, "changes nothing"),
        ("port", "[[2022-03-03, 40]]", {"hinterland": "{ SH = 0.5, JS = 0.2 }"},
         {"hinterland": "{ JS = 0.2, SH = 0.5 }"}, "both are counted"),
    ],
)  # fmt: skip
def test_the_same_shock_twice_is_told(
    toy: Economy, kind: str, path: str, one: dict[str, str], other: dict[str, str], says: str
) -> None:
    two = [shock(kind, path, name='"a"', **one), shock(kind, path, name='"b"', note='"n"', **other)]
    (found,) = said(toy, *two)
    assert "b: says what a says" in found
    assert says in found


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("final_demand", CARS, CARS | {"regions": '["JS"]'}),
        ("final_demand", CARS, CARS | {"until": "2022-03-05"}),
        ("final_demand", CARS, CARS | {"share": "0.5"}),
        ("port", {"hinterland": "{ SH = 0.5 }"}, {"hinterland": "{ SH = 0.4 }"}),
        ("port", {"hinterland": "{ SH = 0.5 }"}, {"hinterland": "{ SH = 0.5 }", "trade": '"imports"'}),
        ("staff", {"regions": '["SH"]'}, {"regions": '["SH"]', "remote": "0.5"}),
    ],
)
def test_shocks_that_differ_are_two(
    toy: Economy, kind: str, one: dict[str, str], other: dict[str, str]
) -> None:
    assert not said(toy, shock(kind, **one), shock(kind, **other))
    assert not said(toy, shock(kind, **one), shock(kind, "[[2022-03-03, 41]]", **other))


# ---- what does nothing, and what is not there -----------------------------------------------------


@pytest.mark.parametrize(
    ("level", "more", "told"),
    [
        (50, {"output_per_staff": "2"}, True),  # half of them, twice the work each
        (51, {"output_per_staff": "[2, 1.97, 2]"}, True),  # 0.51 x 1.97 > 1
        (49, {"output_per_staff": "2"}, False),
        (50, {"output_per_staff": "[2, 1.9, 2]"}, False),
        (50, {"output_per_staff": "1.4", "remote": "0.5"}, True),  # 1.4 x (0.5 + 0.5 x 0.5) = 1.05
        (50, {"output_per_staff": "1.3", "remote": "0.5"}, False),  # 0.975
        (0, {"remote": "1"}, True),
    ],
)
def test_staff_whose_absence_costs_nothing_are_told(
    toy: Economy, level: int, more: dict[str, str], told: bool
) -> None:
    made = shock("staff", f"[[2022-03-03, {level}]]", sectors='["cars"]', **more)
    found = said(toy, made)
    assert bool(found) == told
    lowest = compile_scenario(scenario(made), toy, {"output_per_staff": 0.0} if "[" in str(more) else {})
    assert (lowest.capacity.table.min() == 1) == told  # what the engine gets says the same
    assert all("does nothing" in text for text in found)


def test_more_drawn_than_is_held_is_told(toy: Economy) -> None:
    """Ten days in each slot: 9 can be drawn, twice 6 on one day cannot, nor can 200."""
    stock = np.full(len(toy.slot_need), 10.0)
    drawn = {"products": '["parts"]', "direction": '"drawn"'}
    one = shock("stock", "[[2022-03-03, 9]]", **drawn)
    assert not said(toy, one, stock_days=stock)
    (found,) = said(toy, shock("stock", "[[2022-03-03, 200]]", **drawn), stock_days=stock)
    assert "200 days of use of Vehicle parts are drawn where 10 are held" in found
    part = shock("stock", "[[2022-03-03, 6]]", regions='["SH"]', **drawn)
    (found,) = said(toy, shock("stock", "[[2022-03-03, 6]]", **drawn), part, stock_days=stock)
    assert "12 days of use" in found
    added = drawn | {"direction": '"released"'}
    assert not said(toy, shock("stock", "[[2022-03-03, 200]]", **added), stock_days=stock)


@pytest.mark.parametrize(
    ("released", "told"),
    [
        (
            "",
            "12 days of use of Vehicle parts are drawn together from 2022-03-03 to 2022-03-07 where 10 are",
        ),
        ("[[2022-03-06, 1]]", "11 days of use"),  # 4 + 4 - 1 + 4
        ("[[2022-03-06, 2]]", ""),
        ("[[2022-03-08, 2]]", "12 days of use"),  # too late
    ],
)
def test_more_drawn_on_several_days_than_is_held_is_told(toy: Economy, released: str, told: str) -> None:
    """Ten days in each slot: 4 on each of three days are 12, though each day alone is within them."""
    stock = np.full(len(toy.slot_need), 10.0)
    parts = {"products": '["parts"]'}
    path = "[[2022-03-03, 4], [2022-03-05, 4], [2022-03-07, 4]]"
    shocks = [shock("stock", path, direction='"drawn"', **parts)]
    if released:
        shocks.append(shock("stock", released, direction='"released"', name='"back"', **parts))
    found = said(toy, *shocks, stock_days=stock)
    assert [told in text and "what has not come in again" in text for text in found] == [True] * bool(told)
    assert not said(toy, shock("stock", path, direction='"drawn"', share="0.8", **parts), stock_days=stock)


# ---- parts of one place ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "one", "other", "told"),
    [
        ("staff", {"share": "0.7"}, {"share": "0.7"}, "are 1.4 of it; they are cut at the whole"),
        ("staff", {"share": "0.7"}, {"share": "0.3"}, ""),
        ("staff", {"share": "0.7"}, {}, ""),  # a part, and the whole: no part stands above it
        ("staff", {"share": "0.7", "regions": '["JS"]'}, {"share": "0.7", "regions": '["SH"]'}, ""),
        ("staff", {"share": "0.7", "until": "2022-03-04"}, {"share": "0.7", "until": "2022-03-04"}, "1.4"),
        ("capacity", {"share": "[0.6, 0.5, 0.7]"}, {"share": "0.5"}, "0.6 (a) and 0.5 (b) are 1.1 of it"),
        (
            "final_demand",
            CARS | {"share": "0.7"},
            CARS | {"share": "0.6"},
            "what each leaves is multiplied",
        ),
        ("corridor", {"share": "0.7"}, {"share": "0.7", "both_ways": "false"}, ""),  # the lowest counts
    ],
)
def test_parts_that_are_more_than_the_whole_are_told(
    toy: Economy, kind: str, one: dict[str, str], other: dict[str, str], told: str
) -> None:
    place = {} if "products" in one else {"from": '["SH"]'} if kind == "corridor" else {"regions": '["SH"]'}
    first = shock(kind, "[[2022-03-03, 20]]", **{"name": '"a"'} | place | one)
    found = said(toy, first, shock(kind, "[[2022-03-03, 40]]", **{"name": '"b"'} | place | other))
    assert [told in text for text in found] == [True] * bool(told)


def test_parts_that_follow_each_other_are_no_crowd(toy: Economy) -> None:
    """One is back at 100 on the day on which the other begins."""
    one = shock("staff", "[[2022-03-02, 20], [2022-03-05, 100]]", name='"a"', share="0.7", regions='["SH"]')
    other = shock("staff", "[[2022-03-{}, 20]]", name='"b"', share="0.7", regions='["SH"]')
    assert not said(toy, one, other.replace("{}", "05"))
    (found,) = said(toy, one, other.replace("{}", "04"))
    assert "shares 0.7 (a) and 0.7 (b) are 1.4 of it" in found


def test_stocks_are_held_against_what_a_desk_counted_where_nothing_else_is_known(toy: Economy) -> None:
    days = np.where(toy.slot_product == 0, 25.0, np.nan)
    book = replace(
        toy,
        facts=replace(toy.facts, slot_days=days, slot_days_low=days * 0.9, slot_days_high=days * 1.1),
    )
    made = shock("stock", "[[2022-03-03, 200]]", products='["parts"]', direction='"drawn"')
    assert "where 25 are held" in said(book, made)[0]
    assert not said(toy, made)


def test_a_carrier_that_is_said_needs_a_book_that_has_it(toy: Economy) -> None:
    bare = replace(toy, carriers=())
    with pytest.raises(ScenarioError, match='does not say who uses "electricity"'):
        check_scenario(scenario(shock("power", regions='["SC"]', carrier='"electricity"')), bare)
    assert not said(bare, shock("power", regions='["SC"]'))
    with pytest.raises(ScenarioError, match='does not say who uses "electricity"'):
        check_scenario(scenario(shock("power", regions='["SC"]', unit='"GWh/day missing"')), bare)
