"""What a run says: labels, deviations, who stopped and why, how it ended."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ballast.economy import load as load_book
from ballast.errors import InputError, ScenarioError, SimulationError
from ballast.forcing import Forcing, Steps
from ballast.propagate.run import Run
from ballast.propagate.simulate import simulate
from ballast.scenario import load

from .cases import START, harsh, stop

C_PARTS, N_VEHICLES = 5, 2


@pytest.fixture(scope="module")
def long_stop(teaching) -> Run:
    """Coast's parts plants closed for 40 days of 60: the vehicle makers run short."""
    return simulate(teaching, stop(teaching, [C_PARTS], 60, last=39))


def test_the_dataset_carries_labels_and_units(teaching, long_stop):
    data = long_stop.to_xarray()
    assert dict(data.sizes) == {"day": 60, "node": 12, "region": 3, "sector": 4}
    assert list(data.node.values[:3]) == ["N.materials", "N.parts", "N.vehicles"]
    assert list(data.region.values) == ["N", "C", "W"]
    assert pd.Timestamp(data.day.values[0]) == pd.Timestamp(START)
    assert data.output.attrs["units"] == "bn CNY a day"
    assert data.attrs == {"book": "teaching", "year": 2020, "unit": "bn CNY", "currency": "CNY"}
    paths = {"level", "output", "capacity", "demand", "limit", "stock", "unmet_use", "limited_by"}
    assert {k for k, v in data.items() if v.dims == ("day", "node")} == paths
    assert data.unmet_final.dims == ("day", "region")
    assert float(data.output.sel(node="C.parts")[0]) == 0
    assert float(data.output.sel(node="N.vehicles")[0]) == pytest.approx(100 / 365)


def test_a_light_run_keeps_output_only(teaching, long_stop):
    light = simulate(teaching, long_stop.forcing, full=False)
    np.testing.assert_array_equal(light.record.output, long_stop.record.output)
    assert set(light.to_xarray()) == {"level", "output"}


def test_a_plant_that_reopens_does_not_dip_the_day_after(china):
    """Shanghai's electronics alone, closed for 10 days: it ordered little, though all could come.

    On its first day 93.5% of normal, limited by orders; on its second 93.9% (54% if judged by what came).
    """
    regions, sectors = [r.code for r in china.regions], [s.code for s in china.sectors]
    at = (china.node_region == regions.index("SH")) & (china.node_sector == sectors.index("20"))
    node = int(np.flatnonzero(at)[0])
    run = simulate(china, stop(china, [node], 12, last=9))
    assert not run.level[:10, node].any()
    first, second = run.level[10:, node]
    assert first > 0.9
    assert second >= 0.9 * first
    assert run.record.limit[11, node] > 0.9


def test_deviation_is_the_weighted_mean_of_levels(teaching, long_stop):
    """Industrial value added: materials 0.6 of output, parts 0.4, vehicles 0.25; services do not count.

    Coast: 24, 36 and 15 of 75. The whole: 90 + 52 + 50 = 192.
    """
    level, va = long_stop.level, np.array([0.6, 0.4, 0.25, 0.74] * 3) * teaching.output
    january = level[:31].mean(axis=0)
    by_region = long_stop.deviation("region").loc["2022-01"]
    coast = 100 * ((january * va)[4:7].sum() / va[4:7].sum() - 1)
    assert by_region["C"] == pytest.approx(coast)
    assert va[4:7].sum() == pytest.approx(75)
    by_sector = long_stop.deviation("sector")
    assert list(by_sector.columns) == ["materials", "parts", "vehicles"]
    parts = [1, 5, 9]
    mean = (january * va)[parts].sum() / va[parts].sum()
    assert by_sector.loc["2022-01", "parts"] == pytest.approx(100 * (mean - 1))
    everything = long_stop.deviation("sector", industry=False)
    assert list(everything.columns) == ["materials", "parts", "vehicles", "services"]
    assert long_stop.deviation("node").shape == (3, 9)


def test_periods_hold_the_days_that_are_in_them(long_stop):
    """60 days from 1 January: two whole months and 1 March. The quarter is the mean of all 60 days."""
    days = long_stop.deviation("all", freq="D")["all"]
    months = long_stop.deviation("all")["all"]
    assert [str(p) for p in months.index] == ["2022-01", "2022-02", "2022-03"]
    for i, part in enumerate((days[:31], days[31:59], days[59:])):
        assert months.iloc[i] == pytest.approx(part.mean())
    quarter, year = (long_stop.deviation("all", freq=f) for f in "QY")
    assert [str(p) for p in quarter.index] == ["2022Q1"]
    assert quarter.iloc[0, 0] == pytest.approx(days.mean())
    assert year.iloc[0, 0] == pytest.approx(days.mean())


def test_lost_is_the_sum_of_what_is_missing(teaching, long_stop):
    """-deviation x 192 a year x 60 days of 365."""
    mean = long_stop.deviation("all", freq="Y").iloc[0, 0]
    assert long_stop.lost == pytest.approx(-mean / 100 * 192 * 60 / 365)
    assert long_stop.value_added().sum() == pytest.approx(192 * 60 / 365 - long_stop.lost)
    assert long_stop.value_added(industry=False)[0] < 562 / 365


def test_stops_say_who_when_and_for_want_of_what(teaching, long_stop):
    """Day 20 of a stop of Coast's parts, as on the page: 20 January here. The closed plant is first."""
    stops = long_stop.stops().set_index("node")
    closed, vehicles = stops.loc[C_PARTS], stops.loc[N_VEHICLES]
    assert (closed.first_day, closed.days, closed.cause, closed["product"]) == (START, 40, "shock", "")
    assert (closed.region, closed.sector, closed.worst_level) == ("C", "parts", 0)
    assert (vehicles.first_day, vehicles.cause, vehicles["product"]) == (
        dt.date(2022, 1, 20),
        "input",
        "parts",
    )
    assert vehicles.lost == pytest.approx(((1 - long_stop.level[:, N_VEHICLES]) * 25 / 365).sum())
    assert (np.diff(long_stop.stops().lost) <= 0).all()
    assert len(long_stop.stops(threshold=0.0)) == 0
    assert long_stop.stops(0.9)["node"].isin(range(12)).all()


def test_orders_that_fall_away_are_named_demand(teaching):
    """Nobody wants services on the Coast, at home or abroad, but its own makers and visitors: demand."""
    none = Forcing.none(teaching, 10, START)
    lines = (teaching.final_product == 3) & (teaching.final_region == 1)
    table = np.where(lines, 0.0, 1.0)[None]
    run = simulate(teaching, replace(none, demand=Steps(np.zeros(10, np.int32), table)))
    coast = run.stops().set_index("node").loc[7]
    assert (coast.cause, coast["product"]) == ("demand", "")


def test_limited_by_names_the_product_that_was_short(long_stop):
    """Days 2 to 41: capacity x the parts slot is what the vehicle makers make, day 42 is above normal."""
    named = long_stop.limited_by
    assert named.shape == (60, 12)
    assert named[0, N_VEHICLES] == named[41, N_VEHICLES] == ""
    assert set(named[1:41, N_VEHICLES]) == {"parts"}
    assert set(named[:40, C_PARTS]) == {"capacity"}


def test_limited_by_names_no_product_where_no_input_is_short(teaching):
    run = simulate(teaching, load("vehicle-parts"))
    free = run.record.limit > 1 - 1e-9
    assert set(run.limited_by[free]) <= {"", "capacity"}


def test_limited_by_names_nothing_where_a_plant_made_what_it_planned(teaching):
    """Coast's materials fall to 62% as orders fall and the yard is full: neither capacity nor an input."""
    run = simulate(teaching, load("vehicle-parts"))
    r = run.record
    planned = r.output < r.capacity * r.limit * (1 - 1e-6)
    assert set(run.limited_by[planned]) == {""}


def test_unmet_use_is_what_was_not_delivered(teaching):
    """All orders of materials are filled (rho = 1, nothing final is missing), though less is made."""
    run = simulate(teaching, load("vehicle-parts"))
    materials = [0, 4, 8]
    assert (run.record.rho[:, materials] == 1).all()
    assert float(run.to_xarray().unmet_use[:, materials].max()) == pytest.approx(0, abs=1e-9)


# ---- how it ended ------------------------------------------------------------------------------


def test_a_run_that_ends_well_is_completed_in_both_languages(long_stop):
    outcome = long_stop.outcome
    assert (outcome.kind, outcome.day, outcome.node) == ("completed", None, None)
    assert (outcome.words.en, outcome.words.zh) == ("The run completed.", "模拟完成。")


def test_a_collapse_names_the_day_the_node_and_what_was_missing(teaching):
    """Coast's parts closed for ever: stocks of parts end, then of vehicles, which services here need.

    The shock itself takes 90 of the 960 of output. The day is the first with less than a quarter made.
    """
    run = simulate(teaching, stop(teaching, [C_PARTS], 120))
    share = run.record.output.sum(axis=1) / run.system.x0.sum()
    t = int(np.argmax(share < 0.25))
    outcome = run.outcome
    assert (outcome.kind, outcome.day) == ("collapsed", START + dt.timedelta(days=t))
    assert outcome.node == int(np.argmax((1 - run.level[t]) * teaching.total_value_added))
    name = teaching.node_name(outcome.node)
    missing = teaching.sectors[run.system.slot_product[run.record.binding[t, outcome.node]]].name
    for lang in ("en", "zh"):
        assert name[lang] in outcome.words[lang]
        assert missing[lang] in outcome.words[lang]
    assert str(outcome.day) in outcome.words.en
    assert "崩溃" in outcome.words.zh


def test_a_shock_that_closes_everything_is_no_collapse(teaching):
    """Output is far below a quarter, but so is what the shock leaves."""
    run = simulate(teaching, stop(teaching, list(range(12)), 20, level=0.1))
    assert run.record.output.sum(axis=1).max() < 0.25 * run.system.x0.sum()
    assert run.outcome.kind == "completed"


def test_a_number_that_stops_being_one_is_diverged(teaching, long_stop):
    output = long_stop.record.output.copy()
    output[12:, 6] = np.nan
    output[30:, 1] = np.inf
    outcome = replace(long_stop, record=long_stop.record._replace(output=output)).outcome
    assert (outcome.kind, outcome.day, outcome.node) == ("diverged", dt.date(2022, 1, 13), 6)
    assert "Coast, Vehicles" in outcome.words.en
    assert "2022-01-13" in outcome.words.en
    assert "沿海·整车" in outcome.words.zh
    assert "发散" in outcome.words.zh


@pytest.mark.parametrize("channel", ["capacity", "demand", "exports", "imports", "corridors"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.01])
def test_a_forcing_that_holds_no_share_is_refused(teaching, channel, value):
    """Compiled code would take a NaN for full output; so no forcing with one can be made."""
    forcing = Forcing.none(teaching, 10)
    steps = getattr(forcing, channel)
    table = steps.table.copy()
    table[-1, -1] = value
    with pytest.raises(SimulationError, match=f"^refused: .*{channel}"):
        replace(forcing, **{channel: Steps(steps.index, table)})


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_change_of_stock_that_is_no_number_is_refused(teaching, value):
    event = {"stock_day": np.array([3], np.int32), "stock_slot": np.array([0], np.int32)}
    with pytest.raises(SimulationError, match=r"^refused: a stock change"):
        replace(Forcing.none(teaching, 10), **event, stock_change=np.array([value]))


def test_a_path_cannot_be_changed_once_it_is_checked():
    """Steps keep a copy of their own and let nobody write to it."""
    table = np.ones((1, 3))
    steps = Steps(np.zeros(4, np.int32), table)
    table[0, 0] = np.nan
    assert (steps.table == 1).all()
    for array in (steps.table, steps.index):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.slow
def test_a_year_of_china_takes_less_than_a_second(china):
    """1,279 nodes, 365 days, the best of three; every channel moves."""
    forcing = harsh(china, 5, 365)
    simulate(china, forcing, full=False)  # compiled and read from disk before the clock starts
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        simulate(china, forcing, full=False)
        took.append(time.perf_counter() - begun)
    assert min(took) < 1.0


def test_a_book_and_a_scenario_may_be_named():
    want = simulate(load_book("teaching"), load("vehicle-parts"))
    assert simulate("teaching", "vehicle-parts").lost == want.lost
    with pytest.raises(ScenarioError, match="Did you mean vehicle-parts"):
        simulate("teaching", "vehicle-part")
    with pytest.raises(InputError, match="Did you mean teaching"):
        simulate("teach", "vehicle-parts")


@pytest.mark.parametrize("keep", [None, []])
def test_a_deviation_is_by_something_that_there_is(keep):
    run = simulate("teaching", "vehicle-parts", keep=keep)
    with pytest.raises(InputError, match=r"none by 'regions'. Did you mean region.* node, all"):
        run.deviation("regions")
