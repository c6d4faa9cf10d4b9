"""The answer on the teaching book: every gain simulated again, every landing by hand, every word twice."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ballast.answer import predict, respond, scenario_hash, told
from ballast.answer.causes import Cause, cleared, held_value
from ballast.economy import Economy, book
from ballast.errors import BookError, InputError, ScenarioError
from ballast.propagate.ensemble import design, run_ensemble
from ballast.propagate.parameters import load_parameters
from ballast.propagate.simulate import simulate
from ballast.propagate.step.interventions import Intervention, Plan
from ballast.propagate.step.reference import LEDGER
from ballast.report import brief, summary
from ballast.report.facts import gather
from ballast.report.words import Words
from ballast.response import Response
from ballast.scenario import parse
from ballast.text import Text

from .conftest import DECISION, DRAWS, PLACES, SEVERAL, Asked

CHINESE = re.compile(r"[\u4e00-\u9fff]")
BASELINES = ["nobody", "pro_rata", "largest_loss_first", "biggest_first", "most_upstream"]
MONTHS = ["2022-01", "2022-02", "2022-03", "2022-04"]


def helped(asked: Asked, nodes: list[int], slots: tuple[int, ...] = (), share: float | None = None) -> Plan:
    """From the decision day on, written out here rather than taken from the bench."""
    part = 1.0 if share is None else share
    return (
        Intervention.on("node", nodes, DECISION, amount=part),
        Intervention.on("passage", nodes if part >= 1 else (), DECISION),
        Intervention.on("supply", slots, DECISION),
    )


def saved(asked: Asked, with_: Plan) -> float:
    """Industrial value added of a whole new run, less that of the do-nothing run."""
    better = simulate(asked.economy, asked.scenario, plan=with_)
    va = np.where(asked.economy.is_industry, asked.economy.total_value_added, 0.0) / 365
    return float(((better.level - asked.run.level) @ va).sum())


# ---- relief ------------------------------------------------------------------------------------


def test_every_gain_of_the_plan_is_a_whole_new_run(asked):
    picks = asked.answer.relief.picks
    assert [p.rank for p in picks] == [1, 2, 3]
    before = 0.0
    for n, pick in enumerate(picks, 1):
        total = saved(asked, helped(asked, [p.node for p in picks[:n]]))
        assert pick.cumulative == pytest.approx(total, rel=1e-9)
        assert pick.gain == pytest.approx(total - before, rel=1e-9)
        before = total


def test_the_first_place_is_the_best_single_place_there_is(asked):
    """All twelve nodes tried, one by one."""
    gains = [saved(asked, helped(asked, [j])) for j in range(12)]
    assert asked.answer.relief.picks[0].node == int(np.argmax(gains))
    assert asked.answer.relief.picks[0].gain == pytest.approx(max(gains))


def test_the_curve_stands_beside_its_baselines(asked):
    curve = asked.answer.relief.curve
    assert list(curve.columns) == ["places", "plan", *BASELINES]
    assert list(curve.places) == [0, 1, 2, 3]
    assert (curve.nobody == 0).all()
    assert (curve.iloc[0, 1:] == 0).all()
    assert (np.diff(curve.plan) > 0).all()
    assert (np.diff(np.diff(curve.plan)) <= 1e-9).all()  # each place buys less than the one before
    first = curve.iloc[1]
    assert (first.plan >= first[BASELINES] - 1e-9).all()


def test_baselines_are_simulated_with_the_same_places(asked):
    """Industrial nodes held up: N.materials 24 and N.parts 8 of value added, C.parts 36, W.materials 42.

    West makes materials that cannot travel, so it is held by the road. Biggest first: W.materials, then
    C.parts. Pro rata with one place: a quarter of what each of the four lost.
    """
    curve = asked.answer.relief.curve.set_index("places")
    assert curve.biggest_first[1] == pytest.approx(saved(asked, helped(asked, [8])))
    assert curve.biggest_first[2] == pytest.approx(saved(asked, helped(asked, [8, 5])))
    assert curve.largest_loss_first[1] == pytest.approx(
        saved(asked, helped(asked, [5]))
    )  # only C.parts lost
    assert curve.pro_rata[1] == pytest.approx(saved(asked, helped(asked, [0, 1, 5, 8], share=0.25)))


def test_full_is_what_helping_everyone_buys(asked):
    everyone = saved(asked, helped(asked, [0, 1, 3, 5, 8]))
    assert asked.answer.relief.full == pytest.approx(everyone)


def test_more_places_than_nodes_are_not_given_out(asked):
    answer = respond(asked.scenario, book=asked.economy, draws=2, relief=20)
    nodes = [p.node for p in answer.relief.picks]
    assert sorted(nodes) == [0, 1, 3, 5, 8]


def test_no_places_and_nobody_to_help(asked, teaching_demand):
    """Without places the plan is to do nothing; where only demand falls there is nobody to put back."""
    none = respond(asked.scenario, book=asked.economy, draws=2, relief=0)
    assert none.relief.picks == ()
    np.testing.assert_array_equal(none.path.mid, none.plan_path.mid)
    assert teaching_demand.relief.picks == ()
    np.testing.assert_array_equal(teaching_demand.path.low, teaching_demand.plan_path.low)


@pytest.fixture(scope="module")
def teaching_demand() -> Response:
    head = SEVERAL.split("[[shocks]]")[0]
    shock = """
[[shocks]]
kind = "final_demand"
title = { en = "Fewer vehicles", zh = "购车减少" }
regions = ["all"]
products = ["vehicles"]
path = [[2022-01-11, 50]]
note = "An example."
"""
    return respond(parse(head + shock, "demand.toml"), draws=2, relief=3)


# ---- blockages and cases -----------------------------------------------------------------------


def slot_of(asked: Asked, node: int, product: int) -> int:
    s = asked.run.system
    return int(np.flatnonzero((s.slot_node == node) & (s.slot_product == product))[0])


ROAD, PARTS_ABROAD = "until = 2022-03-10", "until = 2022-03-15"  # how the two shocks end in SEVERAL


def in_time(asked: Asked, until: str) -> float:
    """Industrial value added saved when the shock that ends so had ended on the eve of the decision."""
    text = SEVERAL.replace(until, "until = 2022-01-18" if until == ROAD else "until = 2022-01-20")
    if until == PARTS_ABROAD:  # that shock begins after the decision: all of it is cleared
        text = SEVERAL.replace("path = [[2022-01-20, 0]]", "path = [[2022-01-20, 100]]")
    better = simulate(asked.economy, parse(text, "sooner.toml"))
    va = np.where(asked.economy.is_industry, asked.economy.total_value_added, 0.0) / 365
    return float(((better.level - asked.run.level) @ va).sum())


def test_every_blockage_is_cleared_in_a_whole_new_run(asked):
    """A plant put back, a slot supplied in full; a road and imports as if their shock had ended."""
    kinds = {b.kind for b in asked.answer.blockages}
    assert kinds == {"place", "roads", "imports", "input"}
    for b in asked.answer.blockages:
        if b.kind == "place":
            expected = saved(asked, helped(asked, [b.supplier]))
        elif b.kind == "input":
            with_ = helped(asked, [], (slot_of(asked, b.node, b.product),))
            expected = saved(asked, with_)
            run = simulate(asked.economy, asked.scenario, plan=with_)
            assert b.needs == pytest.approx(
                run.record.ledger[:, :, LEDGER.index("injected")].sum(), rel=1e-9
            )
        else:
            assert (b.region_from, b.region_to) == ((2, 1) if b.kind == "roads" else (-1, 2))
            expected = in_time(asked, ROAD if b.kind == "roads" else PARTS_ABROAD)
        assert b.saved == pytest.approx(expected, rel=1e-9)


def test_blockages_are_ranked_by_what_clearing_them_saves(asked):
    blockages = asked.answer.blockages
    assert [b.rank for b in blockages] == list(range(1, len(blockages) + 1))
    assert (np.diff([b.saved for b in blockages]) <= 0).all()
    assert all(b.saved > 0 and b.days > 0 and (b.needs > 0) == (b.kind == "input") for b in blockages)


def test_a_blockage_is_told_as_the_run_has_it(asked):
    """Through a customer's slot: the first day, days and worst level while the supplier was behind with it.

    Where nobody waits, what was imposed: days from the first on which its capacity or road was short.
    """
    run, s = asked.run, asked.run.system
    told = 0
    for b in asked.answer.blockages:
        if b.product < 0:
            assert (b.kind, b.customers, b.node) == ("place", 0, b.supplier)
            path = run.forcing.capacity.full()[:, b.node]
            if b.chain[0].cause == "shock":
                since = (b.first_day - run.forcing.start).days
                assert path[since] < 0.98 <= path[since - 1]
                assert b.days == (path[since:] < 0.98).sum()
                assert b.worst_level == pytest.approx(path.min())
                told += 1
            continue
        t = (b.first_day - run.forcing.start).days
        slot = slot_of(asked, b.node, b.product)
        assert run.record.binding[t, b.node] == slot
        assert run.record.limit[t, b.node] < 0.98
        biting = (run.record.binding[:, b.node] == slot) & (run.record.limit[:, b.node] < 0.98)
        biting[:t] = False
        if b.kind != "input":
            given = delivered(asked, slot, b.supplier) < 0.98
            biting &= given | np.concatenate([[False], given[:-1]])
        assert b.days == biting.sum()
        assert b.worst_level == pytest.approx(run.record.limit[biting, b.node].min())
        assert b.supplier_region == (asked.economy.node_region[b.supplier] if b.supplier >= 0 else -1)
        assert s.slot_product[slot] == b.product


def delivered(asked: Asked, slot: int, supplier: int) -> np.ndarray:
    """[T] the share of its normal deliveries that a supplier (-1 abroad) made to a slot."""
    run, w, s = asked.run, asked.run.weather, asked.run.system
    if supplier < 0:
        return w.imports[w.imports_day, s.slot_foreign[slot]]
    m = s.slot_market[slot]
    (entry,) = [e for e in range(s.market_ptr[m], s.market_ptr[m + 1]) if s.supplier[e] == supplier]
    road = s.corridor[entry]
    through = 1.0 if road < 0 else np.minimum(1.0, w.corridors[w.corridors_day, road])
    return run.record.rho[:, supplier] * through


def test_what_is_gained_there_is_what_the_plant_gains(asked):
    for b in asked.answer.blockages:
        if b.kind == "place":
            better = simulate(asked.economy, asked.scenario, plan=helped(asked, [b.supplier]))
            va = asked.economy.total_value_added[b.supplier] * asked.economy.is_industry[b.supplier] / 365
            own = float((better.level - asked.run.level)[:, b.supplier].sum() * va)
            assert b.inside == pytest.approx(own, rel=1e-9, abs=1e-9)


def test_chains_end_at_something_imposed_and_run_back_in_time(asked):
    for b in asked.answer.blockages:
        assert b.chain[-1].cause in {"shock", "corridor", "imports", "demand"}
        assert all(link.cause == "input" for link in b.chain[:-1])
        days = [link.day for link in b.chain]
        assert days == sorted(days, reverse=True)
        if b.product >= 0:
            assert (b.chain[0].cause, b.chain[0].day) == ("input", b.first_day)
            assert (b.chain[0].node, b.chain[0].product) == (b.node, b.product)
            assert b.chain[0].level == pytest.approx(b.worst_level)


def test_the_shock_and_the_road_are_found_where_they_were_put(asked):
    """Parts lead back to Coast's plants (10% from 11 January), materials to the road (5% from the 12th)."""
    for b in asked.answer.blockages:
        end = b.chain[-1]
        if b.product == 1 and b.supplier == 5:
            assert (end.cause, end.node, end.day) == ("shock", 5, dt.date(2022, 1, 11))
            assert end.level == pytest.approx(0.1)
        if b.product == 0:
            assert end.cause == "corridor"
            assert (end.day, end.level) == (dt.date(2022, 1, 12), pytest.approx(0.05))
            assert (end.region_from, end.region_to) == (2, 1)
            assert b.through_corridor
    assert {b.chain[-1].cause for b in asked.answer.blockages} == {"shock", "corridor", "imports"}


def test_a_wider_cause_that_a_narrower_one_nearly_equals_is_left_out():
    """Imports of all products into West would be as wide as those of parts, which are all that is short."""
    parts = Cause("imports", destination=2, product=1)
    assert Cause("imports", destination=2).holds(parts)
    assert not parts.holds(Cause("imports", destination=2))
    assert not parts.holds(parts)
    assert not Cause("roads", destination=2).holds(parts)
    assert Cause("roads", destination=2).holds(Cause("roads", origin=1, destination=2))
    assert not Cause("roads", destination=2).holds(
        Cause("roads", origin=2, destination=2)
    )  # it opens no road within
    assert Cause("port").holds(Cause("port", shock=2))


def test_roads_out_of_a_region_hold_what_its_single_roads_save(asked):
    """Only West to Coast is closed: opening every road out of West, or into Coast, saves just as much."""
    last = asked.run.forcing.days
    for cause in (Cause("roads", origin=2), Cause("roads", destination=1), Cause("roads", 2, 2, 2, 1)):
        with_, weather = cleared(asked.bench, cause)
        gain = asked.bench.gain(asked.bench.rerun(with_, last, weather), last)
        assert gain == pytest.approx(in_time(asked, ROAD), rel=1e-9)
    with_, weather = cleared(asked.bench, Cause("roads", origin=1))
    assert asked.bench.gain(asked.bench.rerun(with_, last, weather), last) == 0.0


IMPORTS = """
[[shocks]]
kind = "imports"
title = { en = "Imported parts", zh = "进口零部件" }
regions = ["all"]
products = ["parts"]
path = [[2022-01-20, 0]]
note = "An example."
"""


@pytest.fixture(scope="module")
def abroad() -> Response:
    """Only imported parts stop, on 20 January: a tenth of what vehicle makers use."""
    return respond(parse(SEVERAL.split("[[shocks]]")[0] + IMPORTS, "abroad.toml"), draws=2, relief=2)


def test_missing_imports_are_the_end_of_a_chain(abroad):
    ends = {b.chain[-1].cause for b in abroad.blockages}
    assert ends == {"imports"}
    assert all((b.supplier, b.supplier_region) == (-1, -1) for b in abroad.blockages)
    assert all("imports" in c.reason.en and "进口" in c.reason.zh for c in abroad.cases)


def test_missing_imports_are_dated_when_they_went_missing(abroad):
    assert {(b.chain[-1].day, b.chain[-1].level) for b in abroad.blockages} == {(dt.date(2022, 1, 20), 0.0)}


def test_a_case_is_worth_what_its_customer_gains_and_no_more_than_was_held(asked):
    """Coast's parts for North's vehicles: the customer's own gain when Coast's plants are put back, at
    most the value that the slot held back from the decision day on, Coast's part of it."""
    run, e = asked.run, asked.economy
    case = asked.answer.cases[0]
    assert (case.supplier, case.customer, case.product) == (5, 2, 1)
    better = simulate(e, asked.scenario, plan=helped(asked, [5]))
    gain = float((better.level - run.level)[:, 2].sum() * e.total_value_added[2] / 365)
    slot = slot_of(asked, 2, 1)
    held = (run.record.binding[:, 2] == slot) & (run.record.output[:, 2] < run.system.x0[2])
    held[:DECISION] = False
    lost = float((1 - run.level)[held, 2].sum() * e.total_value_added[2] / 365)
    assert 0 < case.value_at_stake <= min(gain, lost)


def test_all_cases_together_never_exceed_what_shortages_held_back(asked):
    cases = asked.answer.cases
    held = held_value(asked.run, len(asked.run.system.need), DECISION).sum()
    assert 0 < sum(c.value_at_stake for c in cases) <= held * (1 + 1e-9)
    assert len({(c.supplier, c.customer, c.product) for c in cases}) == len(cases)
    assert all(c.supplier != c.customer for c in cases)


def test_a_case_is_dated_when_its_own_supplier_fails(asked):
    """On its day, or the evening before, the supplier was behind; and the customer was held back by it."""
    cases = asked.answer.cases
    assert [c.rank for c in cases] == list(range(1, len(cases) + 1))
    assert (np.diff([c.value_at_stake for c in cases]) <= 0).all()
    r = asked.run.record
    for c in cases:
        slot = slot_of(asked, c.customer, c.product)
        t = (c.day - asked.run.forcing.start).days
        assert delivered(asked, slot, c.supplier)[t - 1 : t + 1].min() < 0.98
        assert r.binding[t, c.customer] == slot
        assert r.limit[t, c.customer] < 0.98
        assert c.daily_shortfall > 0


PORT = """
[[shocks]]
kind = "port"
title = { en = "The harbour shuts", zh = "港口关闭" }
hinterland = { W = 0.8 }
path = [[2022-01-15, 0]]
until = 2022-02-10
note = "An example."
"""


def test_a_port_is_a_blockage_with_all_that_it_held_up():
    """Nothing else is wrong: as if the port had never shut after the decision day, exports and imports."""
    head = SEVERAL.split("[[shocks]]")[0]
    economy, scenario = book.load("teaching"), parse(head + PORT, "port.toml")
    answer = respond(scenario, draws=2, relief=2)
    (port,) = [b for b in answer.blockages if b.kind == "port"]
    over = parse(head + PORT.replace("until = 2022-02-10", "until = 2022-01-18"), "over.toml")
    va = np.where(economy.is_industry, economy.total_value_added, 0.0) / 365
    better, nothing = simulate(economy, over), simulate(economy, scenario)
    assert port.saved == pytest.approx(float(((better.level - nothing.level) @ va).sum()), rel=1e-9)
    assert answer.relief.picks == ()
    assert port.chain[-1].cause in {"port", "imports"}


@pytest.mark.slow
def test_the_plan_is_never_behind_a_rule_that_names_whole_places():
    answer = respond("sichuan-2022", draws=2, relief=20)
    curve = answer.relief.curve
    for rule in ("largest_loss_first", "biggest_first", "most_upstream"):
        assert (curve.plan >= curve[rule] * (1 - 1e-9)).all(), rule


def test_several_firms_of_one_sector_have_names_of_their_own(asked):
    """Every node of the teaching book in two parts: cases and whitelist tell them apart."""
    e = asked.economy
    halves = dataclasses.replace(
        e,
        node_region=np.repeat(e.node_region, 2),
        node_sector=np.repeat(e.node_sector, 2),
        output=np.repeat(e.output / 2, 2),
        exports=np.repeat(e.exports / 2, 2),
        value_added=np.repeat(e.value_added / 2, 2, axis=1),
        slot_product=np.tile(e.slot_product, 2),
        slot_node=np.concatenate([2 * e.slot_node, 2 * e.slot_node + 1]),
        slot_market=np.tile(e.slot_market, 2),
        slot_domestic=np.tile(e.slot_domestic / 2, 2),
        slot_imports=np.tile(e.slot_imports / 2, 2),
        market_ptr=2 * e.market_ptr,
        market_supplier=np.repeat(2 * e.market_supplier, 2) + np.tile([0, 1], len(e.market_supplier)),
        market_share=np.repeat(e.market_share / 2, 2),
        share_low=None,
        share_high=None,
    )
    answer = respond(asked.scenario, book=halves, draws=2, relief=4)
    assert len({p.words.en for p in answer.relief.picks}) == len(answer.relief.picks)
    assert len({c.reason.en for c in answer.cases}) == len(answer.cases)
    assert any("#2" in c.reason.zh for c in answer.cases)
    assert halves.node_name(1).en == "North, Materials #2"
    assert halves.seller_name(0).en == "North, Materials"
    assert e.seller_name(0).en == "North"


# ---- landings ------------------------------------------------------------------------------------


def test_landing_with_growth_by_hand(asked):
    """The quarter is 90 of the 120 days. Without the shock it would have grown 5%:

    growth = 1.05 x (1 + deviation) - 1, the deviation being the mean of the 90 daily ones.
    """
    landing = asked.answer.landings[0]
    quarter = asked.run.deviation("all", freq="Q").iloc[0, 0] / 100
    assert landing.nothing.mid == pytest.approx(100 * (1.05 * (1 + quarter) - 1), abs=1e-4)
    plan = simulate(
        asked.economy,
        asked.scenario,
        plan=helped(asked, [p.node for p in asked.answer.relief.picks]),
    )
    better = plan.deviation("all", freq="Q").iloc[0, 0] / 100
    assert landing.plan.mid == pytest.approx(100 * (1.05 * (1 + better) - 1), abs=1e-4)


def test_landing_of_a_year_counts_days_outside_the_horizon_as_normal(asked):
    """Coast, all value added (24, 36, 15 and 185): the loss of 120 days is spread over 365."""
    landing = asked.answer.landings[1]
    va = np.array([24, 36, 15, 185]) / 260
    lost = ((1 - asked.run.level[:, 4:8]) @ va).sum()
    assert landing.nothing.mid == pytest.approx(-100 * lost / 365, abs=1e-4)
    assert "Simulated are 120 of the 365 days of that period" in landing.words.en
    assert "该时期365天中模拟了120天" in landing.words.zh
    assert "Simulated are" not in asked.answer.landings[0].words.en


def test_a_month_of_one_day_is_not_the_worst_and_all_is_told():
    """Sixty days from 1 January end on 1 March, with plants shut from 11 January on: every month is worse
    than the one before, and March is its first day alone. Of the first quarter 60 of 90 days are simulated.
    """
    text = SEVERAL.replace("days = 120", "days = 60").replace('period = "2022"', 'period = "2022-02"')
    text = re.sub(r"until = .*", "", text)
    answer = respond(parse(text), draws=2, relief=0)
    low = answer.by_month.set_index("month").nothing
    assert low.idxmin() == "2022-03"
    assert answer.headlines.worst_month == low.drop("2022-03").idxmin() == "2022-02"
    assert answer.headlines.worst_nothing.mid == low["2022-02"]
    (note,) = answer.notes
    assert "1 of the 31 days of March 2022" in note.en
    assert "2022年3月31天中的1天" in note.zh
    assert "is not called the worst" in note.en
    for lang, said in (("en", "60 of the 90 days of Q1 2022."), ("zh", "2022年一季度90天中的60天；")):
        page = summary(answer, lang, 1000).replace("\n", "")
        assert re.sub(r"\s+", " ", said) in re.sub(r"\s+", " ", page)
        assert note[lang][:20] in page
    assert told.part_months(dt.date(2022, 1, 1), dt.date(2022, 4, 30)) == ()
    (few,) = told.part_months(dt.date(2022, 3, 30), dt.date(2022, 4, 6))
    assert "2 of the 31 days of March 2022, 6 of the 30 days of April 2022" in few.en
    assert "not called" not in few.en


def test_the_map_and_the_sectors_pass_over_a_month_of_a_few_days_too():
    text = re.sub(r"until = .*", "", SEVERAL.replace("days = 120", "days = 60"))
    text = text[: text.index("[[ranges]]")]
    answer = respond(parse(text), draws=2, relief=0)
    words, facts = Words("en"), gather(answer)
    assert answer.by_region.loc[answer.by_region.nothing.idxmin()].month == "2022-03"
    for title in (brief.map_title(answer, facts, words), brief.heat_title(answer, facts, words)):
        assert "February 2022" in title


def test_more_drawn_than_is_held_is_told_with_the_numbers():
    """Makers of the teaching book hold 25 days of parts."""
    text = SEVERAL[: SEVERAL.index("[[shocks]]")] + (
        '[[shocks]]\nkind = "stock"\ntitle = { en = "Sold", zh = "售出" }\nproducts = ["parts"]\n'
        'direction = "drawn"\npath = [[2022-01-11, 200]]\n'
    )
    found = predict(parse(text), draws=2).attrs["notes"]
    assert "200 days of use of Parts, where 25 are held" in found[0]["en"]
    assert "零部件动用200天用量，实有25天" in found[0]["zh"]
    few = predict(parse(text.replace("200]]", "20]]")), draws=2).attrs["notes"]
    assert not [n for n in few if "drawn from stocks" in n["en"]]


def test_chances_are_shares_of_draws(asked):
    """Coast's value added in 2022 against -3% or more, draw by draw."""
    draws = run_ensemble(asked.economy, asked.scenario, design(asked.scenario, DRAWS, 1))
    growth = -100 * (1 - draws.everything[:, :, 1].astype(float)).sum(axis=1) / 365
    landing = asked.answer.landings[1]
    assert landing.probability_nothing == pytest.approx((growth >= -3).mean())
    low, high = np.percentile(growth, [10, 90])
    assert landing.nothing.low == pytest.approx(min(low, landing.nothing.mid))
    assert landing.nothing.high == pytest.approx(max(high, landing.nothing.mid))
    for one in asked.answer.landings:
        for chance in (one.probability_nothing, one.probability_plan):
            assert chance * DRAWS == pytest.approx(round(chance * DRAWS))


# ---- tables, path, headlines ---------------------------------------------------------------------


def test_tables_have_their_columns_and_months(asked):
    six = ["nothing", "nothing_low", "nothing_high", "plan", "plan_low", "plan_high"]
    a = asked.answer
    assert list(a.by_region.columns) == ["region", "month", *six]
    assert list(a.by_sector.columns) == ["sector", "month", *six]
    assert list(a.monthly.columns) == ["region", "sector", "month", "deviation_pct", "low", "high"]
    assert list(a.by_region.month) == MONTHS * 3
    assert list(a.by_sector.sector.unique()) == ["materials", "parts", "vehicles"]
    assert len(a.monthly) == 12 * 4
    for table in (a.by_region, a.by_sector, a.monthly):
        assert not table.isna().any().any()
    for name in ("nothing", "plan"):
        assert (a.by_region[f"{name}_low"] <= a.by_region[f"{name}_high"]).all()
    assert (a.monthly.low <= a.monthly.high).all()


def test_tables_say_what_the_run_says(asked):
    wide = asked.answer.by_region.pivot(index="month", columns="region", values="nothing")
    want = asked.run.deviation("region")
    np.testing.assert_allclose(wide[["N", "C", "W"]], want[["N", "C", "W"]], atol=1e-4)
    wide = asked.answer.by_sector.pivot(index="month", columns="sector", values="nothing")
    want = asked.run.deviation("sector")
    np.testing.assert_allclose(wide[list(want.columns)], want, atol=1e-4)
    row = asked.answer.monthly.set_index(["region", "sector", "month"]).loc[("N", "vehicles", "2022-02")]
    assert row.deviation_pct == pytest.approx(100 * (asked.run.level[31:59, 2].mean() - 1), abs=1e-4)


def test_the_path_is_normal_until_the_shock_and_better_with_the_plan(asked):
    a = asked.answer
    assert len(a.dates) == len(a.path.mid) == 120
    for band in (a.path, a.plan_path):
        np.testing.assert_allclose(band.mid[:10], 100, atol=1e-5)
        assert (band.low <= band.mid).all()
        assert (band.mid <= band.high).all()
    np.testing.assert_array_equal(a.path.mid[:DECISION], a.plan_path.mid[:DECISION])
    assert a.plan_path.mid.sum() > a.path.mid.sum()
    np.testing.assert_allclose(
        a.path.mid, 100 + asked.run.deviation("all", freq="D")["all"].to_numpy(), atol=1e-4
    )


def test_headlines_agree_with_the_tables(asked):
    """lost = sum over days of (100 - path)% of 192 / 365 a day; the difference is what the plan gains."""
    h, a = asked.answer.headlines, asked.answer
    assert h.worst_month == min(MONTHS, key=lambda m: a.path.mid[a.dates.strftime("%Y-%m") == m].mean())
    assert h.lost_nothing.mid == pytest.approx((100 - a.path.mid).sum() / 100 * 192 / 365)
    gain = h.lost_nothing.mid - h.lost_plan.mid
    assert gain == pytest.approx(a.relief.picks[-1].cumulative, rel=1e-4)
    assert h.outcomes == {"completed": DRAWS}
    assert h.draws == DRAWS
    assert a.outcome == "completed"
    pd.testing.assert_frame_equal(a.stops, asked.run.stops())


def test_predict_is_the_same_table(asked):
    calls: list[tuple[str, int, int]] = []
    table = predict(asked.scenario, book=asked.economy, draws=DRAWS, progress=lambda *x: calls.append(x))
    assert list(table.columns) == ["region", "sector", "month", "deviation_pct", "low", "high"]
    pd.testing.assert_frame_equal(table, asked.answer.monthly)
    assert calls[-1] == ("draws", DRAWS, DRAWS)


# ---- words and evidence ----------------------------------------------------------------------------


def texts(value: Any, path: str = "answer") -> Iterator[tuple[str, Text]]:
    """Every Text anywhere in an answer, but for the economy's own labels."""
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, Economy):
        return
    elif dataclasses.is_dataclass(value):
        for f in dataclasses.fields(value):
            yield from texts(getattr(value, f.name), f"{path}.{f.name}")
    elif isinstance(value, (tuple, list)):
        for n, x in enumerate(value):
            yield from texts(x, f"{path}[{n}]")


@pytest.mark.parametrize("which", ["asked", "abroad", "teaching_demand"])
def test_every_text_is_in_both_languages(which, request):
    value = request.getfixturevalue(which)
    answer = value.answer if isinstance(value, Asked) else value
    found = list(texts(answer))
    assert len(found) > 40
    for path, text in found:
        assert bool(text.en.strip()) == bool(text.zh.strip()), path
        assert "{" not in text.en + text.zh, path
        if path.endswith(("words", "reason", "title", "summary", "group")):
            assert text.en.strip(), path
            assert CHINESE.search(text.zh), path
            assert not CHINESE.search(text.en), path
            assert "  " not in text.en, path


def test_evidence_has_a_row_for_everything_used(asked):
    rows = asked.answer.evidence
    parameters = load_parameters().items.values()
    assert len(rows) == len(parameters) + len(asked.scenario.shocks) + len(asked.economy.grades)
    assert [r.name for r in rows[: len(parameters)]] == [p.title for p in parameters]
    for row, p in zip(rows, parameters, strict=False):
        assert (row.grade, row.source, row.address) == (p.grade, p.source, p.address)
        if p.central:
            assert float(row.low) <= float(row.value) <= float(row.high)
    shocks = rows[len(parameters) : len(parameters) + 4]
    assert [r.value for r in shocks] == ["10", "60", "5", "0"]
    assert all(r.source and r.name.zh for r in shocks)
    assert asked.answer.grade == max(r.grade for r in rows)


# ---- settings, progress, bad arguments ---------------------------------------------------------------


def test_progress_reaches_the_total_of_every_stage(asked):
    stages = list(dict.fromkeys(stage for stage, _, _ in asked.calls))
    assert stages == ["path", "relief", "draws", "blockages", "tables"]
    for stage in stages:
        mine = [(done, total) for name, done, total in asked.calls if name == stage]
        assert len({total for _, total in mine}) == 1
        assert mine[0][0] == 0
        assert mine[-1][0] == mine[-1][1]
        assert [d for d, _ in mine] == sorted(d for d, _ in mine)
    assert set(asked.answer.seconds) == set(stages)


def test_settings_say_what_was_run(asked):
    s = asked.answer.settings
    assert (s["draws"], s["relief"], s["seed"], s["book"]) == (DRAWS, PLACES, 1, "teaching")
    assert s["book_hash"] == book.book_hash(asked.economy)
    assert s["scenario_hash"] == scenario_hash(asked.scenario)
    assert {"numpy", "scipy", "pandas", "numba"} <= set(s["versions"])


def test_the_hash_of_a_scenario_is_of_what_it_says(asked):
    same, moved = parse(SEVERAL, "elsewhere.toml"), parse(SEVERAL.replace("01-15, 60", "01-15, 61"), "x")
    assert re.fullmatch("[0-9a-f]{64}", scenario_hash(same))
    assert scenario_hash(dataclasses.replace(same, name=asked.scenario.name)) == scenario_hash(
        asked.scenario
    )
    assert scenario_hash(moved) != scenario_hash(dataclasses.replace(same, name=moved.name))


def test_the_same_seed_gives_the_same_answer(asked):
    again, other = (
        respond(asked.scenario, book=asked.economy, draws=DRAWS, relief=PLACES, seed=s) for s in (1, 2)
    )
    pd.testing.assert_frame_equal(again.monthly, asked.answer.monthly)
    assert again.headlines == asked.answer.headlines
    assert again.cases == asked.answer.cases
    assert other.headlines.lost_nothing.mid == again.headlines.lost_nothing.mid
    assert other.headlines.lost_nothing.low != again.headlines.lost_nothing.low


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"draws": 0}, InputError, r"draws.*2.*got 0"),
        ({"draws": 1}, InputError, r"draws.*got 1"),
        ({"relief": -1}, InputError, r"relief.*-1"),
        ({"book": "teachin"}, BookError, "teaching"),
    ],
)
def test_arguments_that_cannot_be_are_refused_with_what_to_do(asked, arguments, kind, words):
    with pytest.raises(kind, match=words):
        respond(asked.scenario, **{"book": asked.economy, **arguments})


def test_a_scenario_that_is_not_there_or_does_not_fit_is_refused():
    with pytest.raises(ScenarioError, match="vehicle-parts"):
        respond("vehicle-part")
    with pytest.raises(ScenarioError, match="teaching"):
        respond("shanghai-2022", book="teaching", draws=2)
    with pytest.raises(InputError, match="draws"):
        predict("vehicle-parts", draws=1)


def test_a_book_without_industry_is_refused(asked):
    """Every answer is in industrial value added."""
    e = asked.economy
    none = dataclasses.replace(e, sectors=tuple(dataclasses.replace(s, industry=False) for s in e.sectors))
    with pytest.raises(InputError, match="industry"):
        respond(asked.scenario, book=none, draws=2)


def test_vehicle_parts_has_one_place_and_five_customers():
    """As docs/teaching.md tells: all who build in parts run short; Coast's parts plants are the plan."""
    answer = respond("vehicle-parts", draws=2, relief=3)
    assert [p.node for p in answer.relief.picks] == [5]
    first, *others = answer.blockages
    assert (first.kind, first.supplier, first.customers) == ("place", 5, 5)
    assert first.saved == pytest.approx(answer.relief.picks[0].gain)
    assert {(b.kind, b.node, b.product) for b in others} == {("input", j, 1) for j in (1, 2, 6, 9, 10)}
    for b in answer.blockages:
        assert (b.supplier, b.first_day, b.days) == (5, dt.date(2022, 1, 12), 14)
        assert [(x.node, x.cause, x.day) for x in b.chain] == [
            (b.node, "input", dt.date(2022, 1, 12)),
            (5, "shock", dt.date(2022, 1, 11)),
        ]
    assert {c.customer for c in answer.cases} == {b.node for b in others}
    assert answer.outcome == "completed"


def test_cases_worth_less_than_a_fiftieth_of_the_largest_are_dropped(asked):
    cases = asked.answer.cases
    assert min(c.value_at_stake for c in cases) >= 0.02 * cases[0].value_at_stake


def test_a_book_that_does_not_balance_is_refused():
    teaching = book.load("teaching")
    output = teaching.output.copy()
    output[0] *= 10
    broken = dataclasses.replace(teaching, output=output)
    for job in (respond, predict):
        with pytest.raises(BookError, match=r"N\.materials"):
            job("vehicle-parts", book=broken, draws=2)


def test_draws_have_a_ceiling():
    with pytest.raises(InputError, match="at most"):
        respond("vehicle-parts", draws=10**8)
