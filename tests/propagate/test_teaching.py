"""The teaching book followed by hand, day by day; the page that tells it to readers is checked here too.

Coast's parts plants stop on 11 January. All figures are in bn CNY a year or, for stocks, in days of use.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pytest

from ballast.propagate.phases import step
from ballast.propagate.run import Run
from ballast.propagate.simulate import simulate
from ballast.propagate.system import initial_state
from ballast.scenario import load, parse

PAGE = Path(__file__).parents[2] / "docs" / "teaching.md"
N_MATERIALS, N_PARTS, N_VEHICLES, N_SERVICES, C_MATERIALS, C_PARTS, C_VEHICLES, C_SERVICES = range(8)
W_MATERIALS, W_PARTS, W_VEHICLES, W_SERVICES = range(8, 12)
FIRST = dt.date(2022, 1, 11)
EXPONENT = 0.6 * 6.163652  # specific share x (single-sourced parts of elasticity 0.55 less one)


@pytest.fixture(scope="module")
def two_weeks(teaching) -> Run:
    return simulate(teaching, load("vehicle-parts"))


@pytest.fixture(scope="module")
def five_weeks(teaching) -> Run:
    """The scenario on the page: the same stop, but until 14 February."""
    text = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert text
    return simulate(teaching, parse(text[1], "teaching.md"))


def slot_of(run: Run, node: int, product: int) -> int:
    return int(np.flatnonzero((run.system.slot_node == node) & (run.system.slot_product == product))[0])


def evenings(run: Run, node: int, product: int) -> np.ndarray:
    """[T, 3] every evening of one slot: complete kits, goods waiting (days of use), and q."""
    s, state, i = run.system, initial_state(run.system), slot_of(run, node, product)
    rows = []
    for t in range(run.forcing.days):
        state, _ = step(s, state, run.weather, run.helped, t)
        rows.append((state.stock[i] / s.need[i], state.waiting[i] / s.need[i], state.kits[i]))
    return np.array(rows)


def day_of(run: Run, date: dt.date) -> int:
    return (date - run.forcing.start).days


# ---- two weeks: who feels it first are those who sell to the closed plants ----------------------


def test_nothing_happens_before_the_shock(two_weeks):
    np.testing.assert_allclose(two_weeks.level[:10], 1.0, atol=1e-12)


def test_on_the_first_day_only_services_feel_it(two_weeks):
    """Coast's parts plants no longer use 9 of services; 216 of the 222 bought on the Coast are its own.

    9 x 216/222 = 8.757 of 250: 96.50%. The 4 and 2 that North and West sell there: 9 x 4/222 of 150, 9 x
    2/222 of 100. Whoever holds finished goods makes what was planned on yesterday's orders: 100%.
    """
    level = two_weeks.level[day_of(two_weeks, FIRST)]
    want = np.ones(12)
    want[C_PARTS] = 0.0
    want[C_SERVICES] = 1 - 9 * 216 / 222 / 250
    want[N_SERVICES] = 1 - 9 * 4 / 222 / 150
    want[W_SERVICES] = 1 - 9 * 2 / 222 / 100
    np.testing.assert_allclose(level, want, atol=1e-12)


@pytest.mark.parametrize(
    ("maker", "sells", "makes"), [(C_MATERIALS, 28, 40), (W_MATERIALS, 30, 70), (N_MATERIALS, 8, 40)]
)
def test_on_the_second_day_the_makers_of_materials_cut_back(two_weeks, maker, sells, makes):
    """Coast's parts plants bought 36 of the 66 of materials sold on the Coast, from C, W, N 28, 30, 8.

    Orders lost on 11 January: C 28 x 36/66 = 15.27 of 40. The plan for the 12th is expected orders, which
    learn a fourteenth of that, less a thirtieth of what now stands in the yard:
    40 - 15.27/14 - 15.27/30 = 38.40: 96.0%. West 70 - 16.36/14 - 16.36/30: 97.55%. North: 98.86%.
    """
    lost = sells * 36 / 66
    plan = makes - lost / 14 - lost / 30
    assert two_weeks.level[11, maker] == pytest.approx(plan / makes, abs=1e-9)


def test_after_two_weeks_the_coast_can_make_more_than_before(two_weeks):
    """Scarcity is whole for 14 days: 1.07 - 0.07 (29/30)^14 = 1.0265 of it; half runs."""
    alpha = 1.07 - 0.07 * (29 / 30) ** 14
    assert two_weeks.level[day_of(two_weeks, dt.date(2022, 1, 25)), C_PARTS] == pytest.approx(alpha / 2)


def test_two_weeks_stop_no_vehicle_plant(two_weeks):
    """25 days of parts against 14 without Coast and 7 with half of it: nobody runs short."""
    vehicles = two_weeks.level[:, [N_VEHICLES, C_VEHICLES, W_VEHICLES]]
    assert vehicles.min() > 0.99
    stops = two_weeks.stops()
    assert list(stops.node) == [C_PARTS]
    assert stops.cause[0] == "shock"
    assert stops.days[0] == 14


# ---- the stop goes on: parts at North's vehicle plants ----------------------------------------


def test_the_first_evening_at_norths_vehicle_plants(five_weeks):
    """North buys 51 of parts: 16 from North, 30 from Coast, 5 from West; the makers import a tenth.

    Delivered: 0.1 + 0.9 x 21/51 = 0.4706 of an order. n = 1 + 0.6 x 6.164 = 4.70 parts from one supplier
    each, so q = 0.4706^3.698 = 0.0616 (deliveries are all or nothing: f1^2/f2 = f1).
    Kits: 25 - 1 + 0.4706 x 0.0616 = 24.029. Waiting: 0.4706 - 0.0290 = 0.4416.
    """
    f = 0.1 + 0.9 * 21 / 51
    q = f**EXPONENT
    got = evenings(five_weeks, N_VEHICLES, 1)[day_of(five_weeks, FIRST)]
    np.testing.assert_allclose(got, [24 + f * q, f - f * q, q], rtol=1e-6)
    np.testing.assert_allclose(got, [24.029, 0.4416, 0.0616], atol=1e-4)


def test_the_second_evening_at_norths_vehicle_plants(five_weeks):
    """Gap 25 - 24.029 - 0.4416 = 0.529, so the order is 1 + 0.529/30 = 1.0176.

    Coast's pull on orders is 1 - 1/40 = 0.975: 21 of 16 + 29.25 + 5 = 50.25 is asked of those who deliver.
    f = 0.1 + 0.9 x 21/50.25 = 0.4761; q = 0.0643; kits 24.029 - 1 + 0.4761 x 0.0643 x 1.0176 = 23.060;
    waiting 0.4416 + 0.4761 x 1.0176 - 0.0312 = 0.895.
    """
    f1 = 0.1 + 0.9 * 21 / 51
    kits, waiting = 24 + f1 * f1**EXPONENT, f1 - f1 * f1**EXPONENT
    order = 1 + (25 - kits - waiting) / 30
    f = 0.1 + 0.9 * 21 / (21 + 30 * 0.975)
    q = f**EXPONENT
    want = [kits - 1 + f * q * order, waiting + f * order - f * q * order, q]
    got = evenings(five_weeks, N_VEHICLES, 1)[day_of(five_weeks, FIRST) + 1]
    np.testing.assert_allclose(got, want, rtol=1e-6)
    np.testing.assert_allclose(got, [23.060, 0.895, 0.0643], atol=1e-3)


def by_hand(days: int) -> np.ndarray:
    """[days, 3] kits, waiting, q if the plants run in full and North, West and abroad deliver all.

    Coast's pull: a fortieth nearer to nothing every evening. What waits is released, a third a day, only
    above (1 - complete) x 25 days, which is never reached.
    """
    kits, waiting, pull, rows = 25.0, 0.0, 1.0, []
    for _ in range(days):
        f = 0.1 + 0.9 * 21 / (21 + 30 * pull)
        q = f**EXPONENT
        order = 1 + (25 - kits - waiting) / 30
        kits, waiting = kits - 1 + f * q * order, waiting + (f - f * q) * order
        pull -= pull / 40
        rows.append((kits, waiting, q))
    return np.array(rows)


def test_day_by_day_until_the_plants_run_short(five_weeks):
    """The hand's recursion is the engine's to a twentieth of a day as long as the plants run in full.

    (They run at 99.7 to 100%: a little less, as services, short of orders, buy fewer vehicles.)
    """
    first, hand = day_of(five_weeks, FIRST), by_hand(22)
    got = evenings(five_weeks, N_VEHICLES, 1)[first : first + 22]
    np.testing.assert_allclose(got[:, :2], hand[:, :2], atol=0.06)
    np.testing.assert_allclose(got[:, 2], hand[:, 2], atol=1e-4)


def test_the_day_they_run_short_and_what_is_left(five_weeks):
    """Firms with all parts (q) hold q x 25 days; the others live off the rest, 1 - q a day.

    Evening 22: kits 4.39, q = 0.141: 4.39 - 3.54 = 0.86, just what 1 - 0.141 use. Day 23 runs in full.
    Evening 23: kits 3.51, q = 0.147: 3.51 - 3.66 < 0: nothing is left. Day 24, 3 February: 14.7%.
    """
    first = day_of(five_weeks, FIRST)
    kits, _, q = evenings(five_weeks, N_VEHICLES, 1)[first + 22]
    assert kits - 25 * q < 0
    level = five_weeks.level[first:, N_VEHICLES]
    assert level[:22].min() > 0.997
    assert level[22] == pytest.approx(0.997, abs=1e-3)
    assert level[23] == pytest.approx(q, rel=1e-5)
    assert level[23] == pytest.approx(0.1465, abs=1e-4)
    stop = five_weeks.stops().set_index("node").loc[N_VEHICLES]
    assert (stop.first_day, stop.cause, stop["product"]) == (dt.date(2022, 2, 3), "input", "parts")


# ---- the page ----------------------------------------------------------------------------------


def table(title: str) -> list[list[str]]:
    """The rows below the header of the table that follows `title` on the page."""
    text = PAGE.read_text(encoding="utf-8").split(title)[1]
    lines = re.search(r"((?:^\|.*\|\n)+)", text, re.M)
    assert lines
    rows = [[c.strip() for c in line.strip("|").split("|")] for line in lines[1].splitlines()]
    return rows[2:]


def date_of(words: str) -> dt.date:
    return dt.datetime.strptime(f"{words} 2022", "%d %B %Y").date()


def test_the_page_tells_the_two_weeks_as_the_engine_does(two_weeks):
    rows = table("## Two weeks")
    assert len(rows) >= 8
    kits = evenings(two_weeks, N_VEHICLES, 1)[:, 0]
    columns = [C_PARTS, C_MATERIALS, W_MATERIALS, N_MATERIALS, N_VEHICLES]
    for date, *levels, stock in rows:
        t = day_of(two_weeks, date_of(date))
        want = [f"{100 * v:.1f}" for v in two_weeks.level[t, columns]]
        assert (levels, stock) == (want, f"{kits[t]:.1f}"), date


def test_the_page_tells_the_five_weeks_as_the_engine_does(five_weeks):
    rows = table("## Five weeks")
    assert len(rows) >= 8
    slot = evenings(five_weeks, N_VEHICLES, 1)
    for day, date, kits, waiting, q, output in rows:
        t = day_of(five_weeks, date_of(date))
        assert int(day) == (date_of(date) - FIRST).days + 1
        want = [f"{slot[t, 0]:.2f}", f"{slot[t, 1]:.2f}", f"{100 * slot[t, 2]:.1f}"]
        assert [kits, waiting, q] == want, date
        assert output == f"{100 * five_weeks.level[t, N_VEHICLES]:.1f}", date


def test_the_page_says_what_it_costs(two_weeks, five_weeks):
    """Losses of industrial value added in bn CNY, and the quarter, as the page quotes them."""
    text = PAGE.read_text(encoding="utf-8")
    for run in (two_weeks, five_weeks):
        quarter = run.deviation("all", freq="Q").iloc[0, 0]
        assert f"{run.lost:.2f} bn CNY" in text
        assert f"{-quarter:.1f}%" in text
    assert round(five_weeks.lost / two_weeks.lost) == 3
