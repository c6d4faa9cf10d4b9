"""The main job on the built-in book: its shape, and what no honest answer could miss.

Nothing here compares with published outcomes: the scenario is never fitted to them, nor are the tests.
"""

from __future__ import annotations

import numpy as np
import pytest

from ballast.answer import respond
from ballast.economy import book
from ballast.response import Response
from ballast.scenario import load

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def answer() -> Response:
    return respond("shanghai-2022", draws=4, relief=4)


def test_the_run_completes_in_every_draw(answer):
    assert answer.outcome == "completed"
    assert answer.headlines.outcomes == {"completed": 4}


def test_shapes_are_those_of_the_book_and_the_horizon(answer):
    economy, scenario = book.load("china-2020"), load("shanghai-2022")
    months = answer.by_region.month.nunique()
    assert len(answer.dates) == scenario.days == len(answer.path.mid)
    assert len(answer.monthly) == int((economy.output > 0).sum()) * months
    assert set(answer.by_region.region) == {r.code for r in economy.regions}
    assert len(answer.landings) == len(scenario.ranges)
    assert len(answer.relief.picks) == 4
    assert 1 <= len(answer.blockages) <= 20
    assert len(answer.evidence) > 20


def test_shanghai_falls_deepest_of_all_regions_in_april(answer):
    april = answer.by_region[answer.by_region.month == "2022-04"].set_index("region").nothing
    assert april.idxmin() == "SH"
    assert april["SH"] < -30
    assert april.drop(["SH", "JL"]).min() > april["SH"] / 2


def test_vehicles_fall_more_than_industry_in_april(answer):
    april = answer.by_sector[answer.by_sector.month == "2022-04"].set_index("sector").nothing
    everything = answer.path.mid[answer.dates.strftime("%Y-%m") == "2022-04"].mean() - 100
    assert april["18"] < everything < 0
    assert april["18"] <= april.nsmallest(5).iloc[-1]


def test_industry_is_near_normal_again_at_the_end_of_the_year(answer):
    assert abs(answer.path.mid[-1] - 100) < 3
    assert answer.headlines.worst_month in {"2022-04", "2022-05"}


def test_the_plan_saves_more_than_every_simple_rule(answer):
    last = answer.relief.curve.iloc[-1]
    rules = last[["nobody", "pro_rata", "largest_loss_first", "biggest_first", "most_upstream"]]
    assert (last.plan >= rules).all()
    assert last.plan <= answer.relief.full * 1.001


def test_chains_lead_back_to_something_imposed(answer):
    ends = [b.chain[-1].cause for b in answer.blockages]
    assert np.mean([e in {"shock", "corridor", "imports", "demand"} for e in ends]) > 0.9
    for b in answer.blockages:
        assert all(link.day <= b.first_day for link in b.chain)
        assert b.saved > 0
