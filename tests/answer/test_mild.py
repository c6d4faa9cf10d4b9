"""A mild shock is a shock like any other: named, dated and sized, and the larger of two is the cause.

The teaching book by hand: the Coast makes 90 of parts a year (bn CNY) and sells 30 of it to the North and 8
to the West, so a closed road out of the Coast can hold up at most 38 a year and a shut plant 90.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ballast import units
from ballast.answer import respond
from ballast.answer.chains import origin, short, struck
from ballast.answer.relief import passes_only
from ballast.economy import book
from ballast.errors import InputError
from ballast.propagate.bench import Bench
from ballast.propagate.simulate import simulate
from ballast.propagate.step.interventions import Intervention
from ballast.response import Response
from ballast.scenario import Scenario, parse

CASES = Path(__file__).parents[3] / "shared" / "cases"
HEAD = """
title = { en = "Two shocks", zh = "两个冲击" }
summary = { en = "Of different size.", zh = "大小不同。" }
book = "teaching"
start = 2022-01-01
days = 90
decision = 2022-01-14
"""
PARTS = 5  # the node of the Coast's parts


def plant(level: float, region: str = "C", sector: str = "parts", first: str = "11") -> str:
    return f"""
[[shocks]]
kind = "capacity"
title = {{ en = "Plant", zh = "工厂" }}
regions = ["{region}"]
sectors = ["{sector}"]
path = [[2022-01-{first}, {level}]]
until = 2022-01-31
"""


def road(level: float, out: str = "C", into: str = '"N", "W"', product: str = "parts") -> str:
    return f"""
[[shocks]]
kind = "corridor"
title = {{ en = "Road", zh = "道路" }}
from = ["{out}"]
to = [{into}]
both_ways = false
products = ["{product}"]
path = [[2022-01-12, {level}]]
until = 2022-02-05
"""


def scenario(*shocks: str) -> Scenario:
    return parse(HEAD + "".join(shocks), "two.toml")


def answer(*shocks: str) -> Response:
    return respond(scenario(*shocks), draws=2, relief=2)


def bench(*shocks: str) -> Bench:
    plot = scenario(*shocks)
    return Bench(simulate(book.load("teaching"), plot), 13, plot)


# ---- a bench and its dates ------------------------------------------------------------------------


def test_a_bench_tells_acts_by_their_days_and_refuses_earlier_ones():
    """The same help for a day, for the rest of the closure, and after it when nothing is left to help."""
    b = bench(plant(0))
    day, rest, late = (
        b.saved((Intervention.on("node", [PARTS], *days),)) for days in ((13, 14), (13, 31), (60, 90))
    )
    assert 0 < day < rest
    assert late == 0
    assert bench(plant(0)).saved((Intervention.on("node", [PARTS], 13, 31),)) == rest
    with pytest.raises(InputError, match=r"from day 12, before the decision day \(13\)"):
        b.saved((Intervention.on("node", [PARTS], 12),))


# ---- days on which something is short ------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "days"),
    [
        ([1, 1, 1], []),
        ([1, 0.99, 1], [1]),
        ([1, 0.9999, 1], [1]),
        ([0.99, 0.5, 0.97], [1, 2]),  # beside a loss of half, a hundredth is noise
        ([0.992, 0.982, 0.98], [1, 2]),  # of at most 2%, half is 1%
        ([1 - 1e-12, 1, 1.2], []),
    ],
)
def test_days_that_are_short(path, days):
    assert list(np.flatnonzero(short(np.array(path)))) == days


def test_a_mild_spell_keeps_its_days_when_a_worse_one_follows():
    """Mild on days 3 to 6, half on days 9 to 11."""
    path = np.ones(14)
    path[3:7], path[9:12] = 0.99, 0.5
    assert struck(path, 5) == (3, 0.99)
    assert struck(path, 8) == (3, 0.99)  # over, and the last there was
    assert struck(path, 10) == (9, 0.5)
    path[7:9] = (
        0.999  # one spell now: by day 10 its mild beginning does not count, on day 5 that is all there is
    )
    assert struck(path, 10) == (9, 0.5)
    assert struck(path, 5) == (3, 0.99)
    assert struck(path, 1) == (3, 0.99)  # not begun: the next there is
    assert struck(np.ones(4), 2) == (2, 1.0)


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (0.5, "50"),
        (0.99, "99"),
        (0.996, "99.6"),
        (0.9996, "99.96"),
        (0.99999, "99.999"),
        (1.0, "100"),
        (None, "–"),
    ],
)
def test_a_little_less_than_all_is_not_all(level, words):
    assert units.left(level) == words


# ---- whose fault it is ---------------------------------------------------------------------------


@pytest.mark.parametrize("level", [50, 97, 98, 98.5, 99, 99.9, 99.999])
def test_a_shock_of_any_size_is_named_with_its_days_and_level(level):
    """11 to 31 January: 21 days. A road elsewhere is at 40%, another cause whatever the plant's size."""
    got = answer(plant(level), road(40, "N", '"W"', "materials"))
    place = next(b for b in got.blockages if b.kind == "place" and b.node == PARTS)
    root = place.chain[-1]
    assert (root.cause, root.node, root.day) == ("shock", PARTS, dt.date(2022, 1, 11))
    assert root.level == pytest.approx(level / 100)
    assert place.product < 0  # no customer waits: the plant is the story
    assert (place.days, place.first_day) == (21, dt.date(2022, 1, 11))
    assert place.worst_level == pytest.approx(level / 100)
    assert not place.through_corridor
    assert "100%" not in root.words.en


def test_the_larger_of_a_plant_and_its_roads_is_the_cause():
    """A plant at 95% loses 0.05 x 90 = 4.5 a year, its roads at 30% hold up 0.7 x 38 = 26.6: passes.

    At 50% it loses 45, and roads at 99% hold up 0.38: back to work.
    """
    roads = bench(plant(95), road(30))
    link, path = origin(roads.run, PARTS, 13)
    assert (link.cause, link.level) == ("corridor", pytest.approx(0.3))
    assert path[13] == pytest.approx(0.3)
    assert passes_only(roads, PARTS)
    shut = bench(plant(50), road(99))
    link, path = origin(shut.run, PARTS, 13)
    assert (link.cause, link.level) == ("shock", pytest.approx(0.5))
    assert path[13] == pytest.approx(0.5)
    assert not passes_only(shut, PARTS)


def test_of_a_mild_plant_and_a_milder_road_the_plant_is_the_cause():
    """At 97% the plant loses 2.7 a year, roads at 99% hold up 0.38: hardly shut, yet that is the matter."""
    both = bench(plant(97), road(99))
    assert origin(both.run, PARTS, 13)[0].cause == "shock"
    assert not passes_only(both, PARTS)


def test_of_two_roads_the_one_that_holds_up_more_is_named():
    """To the North 0.2 x 30 = 6 a year are held up, to the West 0.5 x 8 = 4."""
    both = bench(road(80, into='"N"'), road(50, into='"W"'))
    link, _ = origin(both.run, PARTS, 13)
    assert (link.region_from, link.region_to, link.level) == (1, 0, pytest.approx(0.8))
    assert link.day == dt.date(2022, 1, 12)


def test_a_closed_road_for_what_a_plant_buys_is_a_cause_too():
    """West sells the Coast much of its materials; of what leaves the Coast a thousandth waits."""
    both = bench(road(0, "W", '"C"', "materials"), road(99.9, "C", '"W"', "materials"))
    link, path = origin(both.run, 4, 13)
    assert (link.cause, link.region_from, link.region_to, link.level) == ("corridor", 2, 1, 0.0)
    assert path[13] == 0.0


def test_each_of_two_plants_has_its_own_blockage():
    got = answer(plant(50), plant(99.5, "N", "materials", "09"))
    ends = {b.node: b.chain[-1] for b in got.blockages if b.kind == "place" and b.product < 0}
    assert ends[0].day == dt.date(2022, 1, 9)
    assert ends[0].level == pytest.approx(0.995)
    assert {b.title.en for b in got.blockages if b.kind == "place"} >= {"North, Materials: back to work"}


def test_a_place_that_nothing_was_imposed_on_is_none():
    """Roads out of the Coast are closed: the North's own plants and sales are untouched, to the digit."""
    both = bench(road(98.5, into='"N", "W"'), plant(97))
    assert sorted(np.flatnonzero(both.shut)) == [PARTS]
    assert sorted(np.flatnonzero(both.passage)) == [PARTS]
    # 4, 51 and 29 days of 84 in three states: as shares they add up to one but for the last digit
    steps = plant(99.9, "N", "materials", "05").replace("99.9]]", "99.9], [2022-02-25, 50]]")
    plot = replace(scenario(steps.replace("until = 2022-01-31", "")), days=84)
    untouched = Bench(simulate(book.load("teaching"), plot), 0, plot)
    assert sorted(np.flatnonzero(untouched.shut)) == [0]


def test_imports_and_ports_that_slow_a_little_are_answered():
    mild = """
[[shocks]]
kind = "imports"
title = { en = "Imported parts", zh = "进口零部件" }
regions = ["all"]
products = ["all"]
path = [[2022-01-11, 98.5]]
[[shocks]]
kind = "port"
title = { en = "Port", zh = "港口" }
hinterland = { C = 0.9 }
path = [[2022-01-11, 99]]
"""
    got = answer(mild).blockages
    assert got
    assert all(b.days > 0 and b.worst_level < 1 for b in got)


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")
@pytest.mark.parametrize("name", ["mild99", "two", "mildchina"])
def test_the_given_mild_cases_are_answered(name):
    got = respond(CASES / f"{name}.toml", draws=2, relief=2)
    assert got.blockages
    assert all(b.days > 0 and b.worst_level < 1 and b.saved > 0 for b in got.blockages)
