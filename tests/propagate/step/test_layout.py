"""The arrays of the compiled step hold what the system does, each thing once."""

from __future__ import annotations

import numpy as np
import pytest

from ballast.propagate import simulate as doors
from ballast.propagate.bench import Bench
from ballast.propagate.parameters import load_parameters
from ballast.propagate.step import layout
from ballast.propagate.step.interventions import Intervention
from ballast.propagate.step.system import build_system, entry_market, stocked
from ballast.scenario import load

from ..cases import harsh, random_economy


def system(seed):
    economy = random_economy(seed, regions=4)
    forcing = harsh(economy, seed)
    resolved = load_parameters().resolve(economy, {})
    return build_system(economy, resolved, forcing.corridor_group, forcing.stock_slot)[0]


def entries(y):
    """(market, supplier, share, corridor) of every cell that has a supplier and every entry."""
    r, loose = y.rows, y.loose
    rows = len(r.cell_ptr) - 1
    row = np.repeat(np.arange(rows), np.diff(r.cell_ptr).astype(int))
    group = np.repeat(np.arange(len(r.row_ptr) - 1), np.diff(r.row_ptr).astype(int))[row]
    at = np.arange(len(row)) - r.cell_ptr.astype(int)[row]
    maker = r.maker[r.list_ptr.astype(int)[group] + at]
    other = rows + np.repeat(np.arange(len(loose.entry_ptr) - 1), np.diff(loose.entry_ptr).astype(int))
    market = np.concatenate([row, other])
    all_of = np.concatenate([maker, loose.supplier]), np.concatenate([r.share, loose.share])
    corridor = np.concatenate([r.corridor, loose.corridor])
    keep = all_of[1] > 0
    return sorted(zip(market[keep], all_of[0][keep], all_of[1][keep], corridor[keep], strict=True))


@pytest.mark.parametrize("fill", [0.0, 1 / 3, 2.0], ids=["rows", "both", "loose"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_market_entry_stands_in_a_row_or_alone(seed, fill, monkeypatch):
    monkeypatch.setattr(layout, "FILL", fill)
    s = system(seed)
    y = layout.lay_out(s)
    there = s.share > 0
    market = y.markets.place[entry_market(s)[there]]
    assert entries(y) == sorted(
        zip(market, s.supplier[there], s.share[there], s.corridor[there], strict=True)
    )
    assert (len(y.loose.entry_ptr) == 1) == (fill == 0.0 and (np.diff(s.market_ptr) > 1).all())
    assert (len(y.rows.cell_ptr) == 1) == (fill == 2.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_a_node_buys_is_on_its_shelves_or_in_its_strips(seed):
    s = system(seed)
    y = layout.lay_out(s)
    held = stocked(s)
    np.testing.assert_array_equal(y.slots.slot, np.flatnonzero(held))
    buyer = np.empty(len(y.markets.place), int)
    buyer[y.markets.bid] = np.arange(len(y.markets.place))  # market of a number in the order of buyers
    found = np.zeros((len(s.x0), len(y.markets.place)))
    for j in range(len(s.x0)):
        for k in range(int(y.strips.ptr[j]), int(y.strips.ptr[j + 1])):
            need = y.strips.need[int(y.strips.cell[k]) : int(y.strips.cell[k + 1])]
            at = int(y.strips.first[k])
            found[j, buyer[at : at + len(need)]] += need
    expected = np.zeros_like(found)
    np.add.at(expected, (s.slot_node[~held], y.markets.place[s.slot_market[~held]]), s.home_need[~held])
    np.testing.assert_array_equal(found, expected)


def test_a_system_is_laid_out_once_for_all_that_is_run_of_it_and_not_for_a_batch(monkeypatch, teaching):
    made = []
    monkeypatch.setattr(doors, "lay_out", lambda s: made.append(1) or layout.lay_out(s))
    scenario, parameters = load("vehicle-parts"), load_parameters()
    assert doors.prepare(teaching, scenario, parameters, {}).layout is None
    assert not made
    run = doors.simulate(teaching, scenario)
    bench = Bench(run, 10, scenario)
    for node in range(3):
        bench.saved(bench.help([node]), quick=True)
    assert len(made) == 1
    plans = [
        (),
        [Intervention.on("node", [0], 5, amount=1.0)],
        [Intervention.on("node", [1], 7, amount=1.0)],
    ]
    assert len(list(doors.simulate_each(teaching, scenario, {}, plans))) == 3
    assert len(made) == 2
