"""The pieces of the pictures: colours that survive grey print, labels that stay apart, bars that end."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from ballast.economy import Region
from ballast.outcomes import Ending
from ballast.report import brief, charts, colours, html, svg
from ballast.report.facts import gather
from ballast.report.words import Words
from ballast.response import Estimate
from ballast.scenario import Point, Range, Shock
from ballast.text import Text

from . import fake


def _luminance(hexa: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(hexa[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _contrast(a: str, b: str) -> float:
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ramp", [colours.LOSS, colours.GAIN])
def test_each_side_gets_steadily_darker(ramp: tuple[str, ...]) -> None:
    light = [_luminance(c) for c in (colours.NEUTRAL, *ramp)]
    assert all(a > b * 1.05 for a, b in pairwise(light))


@pytest.mark.parametrize("value", [-90, -25, -12, -7, -3, -1, 0, 1, 3, 7, 12, 25, 90])
def test_numbers_can_be_read_on_their_colour(value: float) -> None:
    assert _contrast(colours.ink(value), colours.fill(value)) >= 4.5


@pytest.mark.parametrize("colour", [colours.NOTHING, colours.PLAN, colours.SOFT, colours.INK])
def test_labels_can_be_read_on_white(colour: str) -> None:
    assert _contrast(colour.lstrip("#"), "ffffff") >= 4.5


def test_steps_end_at_the_limits() -> None:
    assert [colours.step(v) for v in (-40, -39.9, -0.5, -0.49, 0.0, 0.5, math.nan)] == [
        -6,
        -5,
        -1,
        0,
        0,
        1,
        0,
    ]
    assert [html.legend_words(v) for v in (-50.0, -12.0, 0.0, 3.0)] == ["> 40", "10–20", "< 0.5", "2–5"]


def test_labels_are_spread_without_leaving_the_axis() -> None:
    assert svg.spread([50, 51, 90], 10, 0, 100) == [50, 60, 90]
    assert svg.spread([99, 99], 10, 0, 100) == [90, 100]


def test_ticks_are_round_and_span() -> None:
    assert svg.ticks(87.2, 100.4, 5) == [85, 90, 95, 100, 105]
    assert svg.ticks(0, 0, 5)[0] == 0


def test_long_names_are_broken_or_cut() -> None:
    assert svg.wrapped("communication equipment and computers", 12, 170, 2)[-1].endswith("computers")
    assert svg.wrapped("通信设备计算机和其他电子设备", 12, 60, 2)[-1].endswith("…")


def test_regions_without_places_get_a_plain_grid() -> None:
    regions = [Region(str(i), Text(str(i), str(i))) for i in range(8)]
    places = charts.tile_places(regions)
    assert len(set(places)) == 8
    assert max(x for x, _ in places) == 5


def test_two_regions_on_one_tile_get_a_plain_grid() -> None:
    regions = [Region(str(i), Text(str(i), str(i)), (3, 3)) for i in range(2)]
    assert charts.tile_places(regions) == [(0, 0), (1, 0)]


def test_a_missing_region_is_a_dash_not_a_zero() -> None:
    drawn = charts.tile_map("m", [Region("A", Text("Alpha", "甲"), (0, 0))], {}, "en", "alt")
    texts = [t.text for t in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert "–" in texts


def _shock(*points: tuple[str, float], until: dt.date | None = None, unit: Any = "percent") -> Shock:
    path = tuple(Point(dt.date.fromisoformat(d), Range.exact(v)) for d, v in points)
    return Shock("x", "staff", Text("x", "x"), path, until=until, unit=unit)


def test_a_shock_is_felt_while_its_path_is_not_at_normal() -> None:
    """A step back to 100 on 1 June ends on 31 May; a line from 100 on 28 February is felt from 1 March."""
    day, last = dt.date, dt.date(2022, 12, 31)
    back = _shock(("2022-03-01", 10), ("2022-05-01", 60), ("2022-06-01", 100))
    assert back.felt(last) == (day(2022, 3, 1), day(2022, 5, 31))
    assert _shock(("2022-03-01", 10)).felt(last) == (day(2022, 3, 1), last)
    until = _shock(("2022-03-01", 10), until=day(2022, 4, 1))
    assert until.felt(last) == (day(2022, 3, 1), day(2022, 4, 1))
    missing = _shock(("2022-03-01", 5), ("2022-04-01", 0), unit="GWh/day missing")
    assert missing.felt(last) == (day(2022, 3, 1), day(2022, 3, 31))
    anchored = [("2022-02-28", 100), ("2022-03-15", 80), ("2022-04-01", 100)]
    line = dataclasses.replace(_shock(*anchored), shape="linear")
    assert line.felt(last) == (day(2022, 3, 1), day(2022, 3, 31))
    assert _shock(*anchored).felt(last) == (day(2022, 3, 15), day(2022, 3, 31))


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (Estimate(-9.1, -12.3, -7.0), "falls 9.1% [7.0–12.3%]"),
        (Estimate(2.0, 1.0, 3.5), "rises 2.0% [1.0–3.5%]"),
        (Estimate(-1.0, -2.0, 0.5), "falls 1.0% [−2.0% … +0.5%]"),
        (Estimate(-4.0, math.nan, math.nan), "falls 4.0%"),
        (Estimate(0.01, -0.1, 0.1), "stays at its baseline"),
    ],
)
def test_a_move_in_words(span: Estimate, words: str) -> None:
    assert brief.move(span, Words("en")) == words


def test_the_answers_come_in_the_order_of_the_page() -> None:
    response = fake.response()
    keys = [a.key for a in brief.answers(response, gather(response), "zh")]
    assert keys == ["happens", "sure", "first", "buys", "lands", "tomorrow", "know"]


def test_what_is_not_completed_is_said_first() -> None:
    words = Text("The run collapsed on 3 May.", "模拟于5月3日崩溃。")
    response = fake.response(outcome=Ending.COLLAPSED, notes=(words,))
    assert brief.answers(response, gather(response), "en")[0].notes == (words.en,)


def test_the_gap_is_said_to_close_only_when_it_does() -> None:
    from dataclasses import replace

    full = fake.response()
    one = replace(full.landings[0], probability_nothing=0.0, probability_plan=0.0)
    for plan, end in ((full.landings[0].plan, "closes part of the gap."), (one.nothing, "or without.")):
        response = replace(full, landings=(replace(one, plan=plan), replace(one, plan=plan)))
        title = brief.landing_title(response, gather(response), Words("en"))
        assert title.endswith(end)
