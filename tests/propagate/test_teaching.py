"""The teaching book followed by hand, day by day; the page that tells it to readers is checked here too.

Coast's parts plants stop on 11 January. All figures are in bn CNY a year or, for stocks, in days of use.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pytest

from ballast.answer import respond
from ballast.propagate.run import Run
from ballast.propagate.simulate import simulate
from ballast.propagate.step.interventions import Intervention
from ballast.propagate.step.reference import step
from ballast.propagate.step.system import initial_state
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
        state, _ = step(s, state, run.weather, t)
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


def test_the_day_after_it_reopens_the_coast_does_not_dip(two_weeks):
    """Closed plants used nothing and their stock is full: on the 25th they order and get nothing.

    Half a day's use, 0.513 of 25 days of materials, is gone. But a full order would have been filled (f1 =
    q = 1), so c = 1 and the stock does not decide: on the 26th all that can run do. Scarcity on the 25th is
    zeta = 1 - x/aim, so alpha goes on rising by a thirtieth: 51.33 after 51.32.
    """
    t = day_of(two_weeks, dt.date(2022, 1, 26))
    before, level, after = two_weeks.level[t - 1 : t + 2, C_PARTS]
    capacity = two_weeks.record.capacity[t, C_PARTS] / two_weeks.system.x0[C_PARTS]
    assert two_weeks.record.limit[t, C_PARTS] == pytest.approx(1, rel=1e-9)
    assert level == pytest.approx(capacity, rel=1e-9)
    assert level == pytest.approx(0.5133, abs=5e-5)
    assert two_weeks.limited_by[t, C_PARTS] == "capacity"
    assert before < level < after
    materials = slot_of(two_weeks, C_PARTS, 0)
    assert received(two_weeks, t - 1, materials) == pytest.approx(0, abs=1e-9)


def received(run: Run, day: int, slot: int) -> float:
    """Goods that came to a slot on a day: what it holds more in the evening, and what was used."""
    state = initial_state(run.system)
    for t in range(day + 1):
        before = state
        state, _ = step(run.system, state, run.weather, t)
    node = run.system.slot_node[slot]
    used = run.system.need[slot] * run.level[day, node]
    held = [s.stock[slot] + s.waiting[slot] for s in (before, state)]
    return float(held[1] - held[0] + used)


def test_two_weeks_slow_the_vehicle_plants_and_stop_none(two_weeks):
    """Deepest on 25 January, on the stocks of the evening before: North 58.9, Coast 56.8, West 66.0%.

    On the 25th Coast ships from its yard, so every set is complete (q = 1), and the next day all run.
    """
    vehicles = [N_VEHICLES, C_VEHICLES, W_VEHICLES]
    worst, after = (two_weeks.level[day_of(two_weeks, dt.date(2022, 1, d))][vehicles] for d in (25, 26))
    np.testing.assert_allclose(worst, [0.589, 0.568, 0.660], atol=5e-4)
    np.testing.assert_array_equal(worst, two_weeks.level[:, vehicles].min(axis=0))
    assert after.min() > 1
    assert set(two_weeks.limited_by[11:25, N_VEHICLES]) == {"parts"}
    assert set(two_weeks.limited_by[25:, N_VEHICLES]) == {""}
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


def test_the_second_day_at_norths_vehicle_plants(five_weeks):
    """Kits 24.029 of 25, more than q = 6.2%: 96.12% of the plants run.

    Gap 25 - 24.029 - 0.4416 = 0.529, so the order is 1 + 0.529/30 = 1.0176.
    Coast's pull on orders is 1 - 1/40 = 0.975: 21 of 16 + 29.25 + 5 = 50.25 is asked of those who deliver.
    f = 0.1 + 0.9 x 21/50.25 = 0.4761; q = 0.0643; kits 24.029 - 0.9612 + 0.4761 x 0.0643 x 1.0176 = 23.099;
    waiting 0.4416 + 0.4761 x 1.0176 - 0.0312 = 0.895. Third day: 23.099/25 = 92.4%.
    """
    day = day_of(five_weeks, FIRST) + 1
    f1 = 0.1 + 0.9 * 21 / 51
    kits, waiting = 24 + f1 * f1**EXPONENT, f1 - f1 * f1**EXPONENT
    assert five_weeks.level[day, N_VEHICLES] == pytest.approx(kits / 25, rel=1e-9)
    assert five_weeks.level[day, N_VEHICLES] == pytest.approx(0.9612, abs=1e-4)
    order = 1 + (25 - kits - waiting) / 30
    f = 0.1 + 0.9 * 21 / (21 + 30 * 0.975)
    q = f**EXPONENT
    want = [kits - kits / 25 + f * q * order, waiting + f * order - f * q * order, q]
    got = evenings(five_weeks, N_VEHICLES, 1)[day]
    np.testing.assert_allclose(got, want, rtol=1e-6)
    np.testing.assert_allclose(got, [23.099, 0.895, 0.0643], atol=5e-4)
    assert five_weeks.level[day + 1, N_VEHICLES] == pytest.approx(got[0] / 25, abs=2e-4)


def by_hand(days: int) -> np.ndarray:
    """[days, 4] kits, waiting, q and output if North, West and abroad deliver all that is ordered.

    Running: the part of the cover that is left, and of the rest, as far as q is above it, the part c for
    which kits came yesterday, or would have come for a day's need; times the overtime prepared for.
    Ordered: what ran yesterday and a thirtieth of the gap; complete sets are a part of what a full day
    would order. Coast's pull: a fortieth nearer to nothing every evening. What waits is released, a third a
    day, only above (1 - complete) x 25 days, which is never reached.
    """
    kits, waiting, pull, q, overtime, ran, ready, rows = 25.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, []
    for _ in range(days):
        cover, c = min(1.0, kits / 25), min(1.0, ready / (q * overtime))
        runs = min(overtime * (cover + c * max(0.0, q - cover)), kits)
        f = 0.1 + 0.9 * 21 / (21 + 30 * pull)
        q, gap = f**EXPONENT, (25 - kits - waiting) / 30
        came = f * (ran + gap)
        whole = min(came, f * q * (1 + gap))
        ready = max(whole, f * q)
        kits, waiting = kits - runs + whole, waiting + came - whole
        pull, ran = pull - pull / 40, runs
        overtime += ((1.07 - overtime) * (1 - runs) - (overtime - 1) * runs) / 30
        rows.append((kits, waiting, q, runs))
    return np.array(rows)


def test_day_by_day_until_coast_is_back(five_weeks):
    """The hand's recursion is the engine's: to 0.025 days of stock and a twentieth of a % of output.

    (The engine's plants plan for a little less than normal, as services, short of orders, buy fewer
    vehicles.) For 35 days the cover left is above q, so it decides.
    """
    first, hand = day_of(five_weeks, FIRST), by_hand(35)
    got = evenings(five_weeks, N_VEHICLES, 1)[first : first + 35]
    np.testing.assert_allclose(got[:, :2], hand[:, :2], atol=0.025)
    np.testing.assert_allclose(got[:, 2], hand[:, 2], atol=1e-7)
    np.testing.assert_allclose(five_weeks.level[first : first + 35, N_VEHICLES], hand[:, 3], atol=5e-4)
    assert (got[:, 0] / 25 > got[:, 2]).all()


def test_the_day_half_of_them_stand_and_the_day_they_are_back(five_weeks):
    """Evening 19: kits 12.26 of 25 = 49.0% run on day 20, 30 January, at 1.1% of overtime: 49.6%.

    Of an order 0.578 came that day, with Coast's pull down to 0.975^19 = 0.618; were there no stock, f1 q =
    0.578^4.70 = 7.6% would run. Evening 36: Coast ships again, q = 1; on day 37 all run, at 2.8% of
    overtime.
    """
    first = day_of(five_weeks, FIRST)
    kits, _, q = evenings(five_weeks, N_VEHICLES, 1)[first + 18]
    level, capacity = (
        five_weeks.level[first:, N_VEHICLES],
        five_weeks.record.capacity[first:, N_VEHICLES] / five_weeks.system.x0[N_VEHICLES],
    )
    assert level[19] == pytest.approx(capacity[19] * kits / 25, rel=1e-9)
    assert (q, kits / 25, level[19]) == (
        pytest.approx(0.127, abs=5e-4),
        pytest.approx(0.490, abs=5e-4),
        pytest.approx(0.496, abs=5e-4),
    )
    f = 0.1 + 0.9 * 21 / (21 + 30 * 0.975**19)
    evening = evenings(five_weeks, N_VEHICLES, 1)[first + 19]
    assert f == pytest.approx(0.578, abs=5e-4)
    assert evening[2] == pytest.approx(f**EXPONENT, rel=1e-6)
    assert f * evening[2] == pytest.approx(0.076, abs=5e-4)
    assert level[:19].min() > 0.5
    assert (np.diff(level[:36]) < 0).all()
    assert level[36] == pytest.approx(capacity[36])
    assert level[36] == pytest.approx(1.028, abs=5e-4)
    stop = five_weeks.stops().set_index("node").loc[N_VEHICLES]
    assert (stop.first_day, stop.cause, stop["product"]) == (dt.date(2022, 1, 30), "input", "parts")


def test_the_echo_in_late_february(five_weeks):
    """North's parts makers, to whom buyers had moved, have nothing in the yard; Coast's is full."""
    t = day_of(five_weeks, dt.date(2022, 2, 26))
    filled = five_weeks.record.rho[t, [N_PARTS, C_PARTS, W_PARTS]]
    np.testing.assert_allclose(filled, [0.726, 1, 1], atol=1e-3)
    after = five_weeks.level[day_of(five_weeks, dt.date(2022, 2, 20)) :, N_VEHICLES]
    assert after.min() == five_weeks.level[t + 1, N_VEHICLES] == pytest.approx(0.951, abs=5e-4)


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


def test_the_page_says_how_low_materials_fall(two_weeks):
    low = two_weeks.level[:, C_MATERIALS]
    t = int(low.argmin())
    words = f"Coast's materials are at {100 * low[t]:.1f}% on {two_weeks.dates[t].day} January"
    assert words in " ".join(PAGE.read_text(encoding="utf-8").split())


def test_the_page_says_what_it_costs(two_weeks, five_weeks):
    """Losses of industrial value added in bn CNY, and the quarter, as the page quotes them."""
    text = PAGE.read_text(encoding="utf-8")
    for run in (two_weeks, five_weeks):
        quarter = run.deviation("all", freq="Q").iloc[0, 0]
        assert f"{run.lost:.2f} bn CNY" in text
        assert f"{-quarter:.1f}%" in text
    assert f"cost {five_weeks.lost / two_weeks.lost:.1f} times as much" in text


def test_the_page_says_who_lost_it(two_weeks):
    """Of the two weeks' loss: the closed plants, makers of materials, of vehicles, of parts elsewhere."""
    lost = (1 - two_weeks.level).sum(axis=0) * two_weeks.economy.total_value_added / 365
    groups = [C_PARTS], [N_MATERIALS, C_MATERIALS, W_MATERIALS], [N_VEHICLES, C_VEHICLES, W_VEHICLES]
    closed, materials, vehicles = (f"{lost[g].sum():.2f}" for g in groups)
    parts = f"{lost[[N_PARTS, W_PARTS]].sum():.2f}"
    words = (
        f"Coast's parts plants lost {closed} of it, the makers of materials {materials}, "
        f"the vehicle makers {vehicles}, the other makers of parts {parts}."
    )
    assert words in " ".join(PAGE.read_text(encoding="utf-8").split())


def test_the_page_tells_the_answer_as_respond_gives_it(two_weeks):
    """The plan's one line, the blockages with what clearing each saves, and the cases."""
    answer = respond("vehicle-parts", draws=2, relief=3)
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    (pick,) = answer.relief.picks
    assert pick.node == C_PARTS
    assert f"saves {pick.gain:.2f} of the {answer.headlines.lost_nothing.mid:.2f}" in text
    e = answer.economy
    rows = [
        [
            b.kind,
            e.regions[e.node_region[b.node]].name.en + ", " + e.sectors[e.node_sector[b.node]].code,
            e.sectors[b.product].name.en.lower(),
            f"{b.first_day.day} {b.first_day:%B}",
            str(b.days),
            f"{100 * b.worst_level:.1f}",
            f"{b.saved:.2f}",
        ]
        for b in answer.blockages
    ]
    assert table("## The answer") == rows
    assert {b.supplier for b in answer.blockages} == {C_PARTS}
    inputs = [b for b in answer.blockages if b.kind == "input"]
    assert {(c.supplier, c.customer) for c in answer.cases} == {(C_PARTS, b.node) for b in inputs}
    together = clear_all(two_weeks, [(b.node, b.product) for b in inputs])
    assert together < sum(b.saved for b in inputs)
    assert f"All five cleared together save {together:.2f}" in text


def clear_all(run: Run, slots: list[tuple[int, int]]) -> float:
    """Industrial value added saved when all these slots are supplied in full from 14 January on."""
    some = [slot_of(run, node, product) for node, product in slots]
    plan = [Intervention.on("supply", some, day_of(run, dt.date(2022, 1, 14)))]
    return run.lost - simulate(run.economy, run.forcing, plan=plan).lost
