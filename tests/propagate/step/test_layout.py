"""The arrays of the compiled step hold what the system does, each thing once."""

from __future__ import annotations

import numpy as np
import pytest

from ballast.propagate.parameters import load_parameters
from ballast.propagate.step import layout
from ballast.propagate.step.system import build_system, entry_market, stocked

from ..cases import harsh, random_economy


def system(seed):
    economy = random_economy(seed, regions=4)
    forcing = harsh(economy, seed)
    resolved = load_parameters().resolve(economy, {})
    return build_system(economy, resolved, forcing.corridor_group, forcing.stock_slot)[0]


def entries(y):
    """(market, supplier, share, corridor) of every cell that has a supplier and every entry."""
    rows = len(y.cell_ptr) - 1
    row = np.repeat(np.arange(rows), np.diff(y.cell_ptr).astype(int))
    group = np.repeat(np.arange(len(y.row_ptr) - 1), np.diff(y.row_ptr).astype(int))[row]
    at = np.arange(len(row)) - y.cell_ptr.astype(int)[row]
    maker = y.maker[y.list_ptr.astype(int)[group] + at]
    loose = rows + np.repeat(np.arange(len(y.entry_ptr) - 1), np.diff(y.entry_ptr).astype(int))
    market = np.concatenate([row, loose])
    all_of = np.concatenate([maker, y.supplier]), np.concatenate([y.share, y.entry_share])
    corridor = np.concatenate([y.corridor, y.entry_corridor])
    keep = all_of[1] > 0
    return sorted(zip(market[keep], all_of[0][keep], all_of[1][keep], corridor[keep], strict=True))


@pytest.mark.parametrize("fill", [0.0, 1 / 3, 2.0], ids=["rows", "both", "loose"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_market_entry_stands_in_a_row_or_alone(seed, fill, monkeypatch):
    monkeypatch.setattr(layout, "FILL", fill)
    s = system(seed)
    y = layout.lay_out(s)
    there = s.share > 0
    market = y.place[entry_market(s)[there]]
    assert entries(y) == sorted(
        zip(market, s.supplier[there], s.share[there], s.corridor[there], strict=True)
    )
    assert (len(y.entry_ptr) == 1) == (fill == 0.0 and (np.diff(s.market_ptr) > 1).all())
    assert (len(y.cell_ptr) == 1) == (fill == 2.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_a_node_buys_is_on_its_shelves_or_in_its_strips(seed):
    s = system(seed)
    y = layout.lay_out(s)
    held = stocked(s)
    np.testing.assert_array_equal(y.slot, np.flatnonzero(held))
    buyer = np.empty(len(y.place), int)
    buyer[y.bid] = np.arange(len(y.place))  # market of a number in the order of buyers
    found = np.zeros((len(s.x0), len(y.place)))
    for j in range(len(s.x0)):
        for k in range(int(y.strip_ptr[j]), int(y.strip_ptr[j + 1])):
            need = y.strip_need[int(y.strip_cell[k]) : int(y.strip_cell[k + 1])]
            at = int(y.strip_first[k])
            found[j, buyer[at : at + len(need)]] += need
    expected = np.zeros_like(found)
    np.add.at(expected, (s.slot_node[~held], y.place[s.slot_market[~held]]), s.home_need[~held])
    np.testing.assert_array_equal(found, expected)
