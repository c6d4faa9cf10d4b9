"""What a desk added reaches the shocks: counted energy, corridors by mode, targets as ranges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ballast.economy import Economy
from ballast.economy.facts import Corridor, Facts, Target
from ballast.errors import ScenarioError
from ballast.scenario import compile_scenario, with_targets

from .conftest import scenario, shock

SH, JS, SC = 0, 1, 2


def test_counted_energy_goes_before_purchases(toy: Economy) -> None:
    """Shanghai's cars buy 60 of its 200 of electricity: of 730 GWh a year, 0.6 a day. Counted, they use
    2 a day.
    """
    s = shock("power", "[[2022-03-03, 0.3]]", nodes='["SH.cars"]', unit='"GWh/day missing"')
    by_money = compile_scenario(scenario(s), toy).capacity.full()[5, 1]
    use = np.full(toy.n, np.nan)
    use[1] = 730.0
    counted = replace(toy, facts=Facts(use={"electricity": use}))
    by_count = compile_scenario(scenario(s), counted).capacity.full()[5, 1]
    annual = toy.carriers[0].annual[SH]
    assert by_money == pytest.approx(1 - 0.3 / (60 / 200 * annual / 365))
    assert by_count == pytest.approx(1 - 0.3 / 2.0)


def corridors(*rows: tuple[int, int, str, float]) -> Facts:
    return Facts(corridors=tuple(Corridor(a, b, mode, 1.0, capacity, "t") for a, b, mode, capacity in rows))


def test_a_closed_road_holds_up_the_roads_part(toy: Economy) -> None:
    """Three quarters of the freight from Shanghai to Jiangsu goes by road: the road at 20% leaves 1 -
    0.75 x 0.8 = 40%.
    """
    e = replace(
        toy, facts=corridors((SH, JS, "road", 75.0), (SH, JS, "rail", 25.0), (SH, SC, "water", 5.0))
    )
    s = shock(
        "corridor",
        "[[2022-03-03, 20]]",
        **{"from": '["SH"]', "to": '["JS", "SC"]', "mode": '"road"', "both_ways": "false"},
    )
    day = compile_scenario(scenario(s), e).corridors.full()[5].reshape(3, 3)
    assert day[SH, JS] == pytest.approx(0.4)
    assert day[SH, SC] == pytest.approx(1.0)  # all by water
    assert (np.delete(day.ravel(), [SH * 3 + JS]) == 1).all()


def test_a_mode_without_corridors_is_said(toy: Economy) -> None:
    s = shock("corridor", "[[2022-03-03, 20]]", **{"from": '["SH"]', "to": '["JS"]', "mode": '"road"'})
    with pytest.raises(ScenarioError, match="knows no corridor by road here"):
        compile_scenario(scenario(s), toy)


def test_a_mode_is_one_of_a_few(toy: Economy) -> None:
    s = shock("corridor", "[[2022-03-03, 20]]", **{"from": '["SH"]', "to": '["JS"]', "mode": '"rode"'})
    with pytest.raises(ScenarioError, match="mode"):
        scenario(s)


def test_targets_of_the_book_become_ranges_of_a_scenario_without_any() -> None:
    plot = scenario()
    inside = Target("value_added", "2022-03", "all", -1.0, float("nan"), float("nan"), "plan")
    later = Target("value_added", "2023", "all", 4.0, 6.0, 5.0)
    got = with_targets(plot, (inside, later))
    assert [(r.period, r.low, r.high, r.note) for r in got.ranges] == [("2022-03", -1.0, None, "plan")]
    assert with_targets(got, (later,)) is got
    assert with_targets(plot, (later,)) is plot
