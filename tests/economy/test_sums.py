"""The search for sums: what rules lines out all at once rules out none that is a sum."""

from __future__ import annotations

import numpy as np
import pytest

from ballast.economy import sums


def lines(seed: int, n: int, m: int, filled: float) -> sums.Grid:
    """Random lines that trade in some columns, some of them not in the first block; the last three are sums
    of two, of four, and of three that were rounded.
    """
    rng = np.random.default_rng(seed)
    each = np.where(rng.random((n, m)) < filled, rng.lognormal(4.0, 1.0, (n, m)), 0.0).round(1)
    each[:, : m // 3] *= rng.random((n, 1)) < 0.9
    each[-3], each[-2] = each[:2].sum(axis=0), each[5:9].sum(axis=0)
    each[-1] = each[20:23].round(0).sum(axis=0)
    own = np.where(np.arange(n) < m // 3, np.arange(n), -1)
    return sums.Grid.of([(each[:, : m // 3], own), (each[:, m // 3 :], np.full(n, -1))], 0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("filled", [0.1, 0.5])
def test_ruling_lines_out_at_once_changes_nothing_that_is_found(seed, filled, monkeypatch):
    grid = lines(seed, 60, 400, filled)
    slow = sums.parts(grid)  # so few lines are each looked at
    monkeypatch.setattr(sums, "CROWD", 0)
    may = sums._hold_others(grid, 0.1, np.zeros(400))
    few = lines(seed, 60, 400, 0.3)
    assert not sums._hold_others(few, 0.1, np.zeros(400)).all(), "it rules lines out, or shows nothing"
    assert may[[57, 58, 59]].all()
    monkeypatch.undo()
    monkeypatch.setattr(sums, "_hold_others", lambda *_: may)
    fast = sums.parts(grid)
    assert {57, 58} <= slow.keys() == fast.keys()
    assert all(slow[i].tolist() == fast[i].tolist() for i in slow)


def test_a_sum_among_hundreds_of_lines_is_found_with_its_parts():
    found = sums.parts(lines(7, sums.CROWD + 50, 400, 0.15))
    last = sums.CROWD + 50 - 3
    assert found[last].tolist() == [0, 1]
    assert found[last + 1].tolist() == [5, 6, 7, 8]


def test_a_total_is_found_whatever_columns_are_glimpsed():
    """A line that is all others, but for its own column, and one that is so in every column but one."""
    rng = np.random.default_rng(3)
    each = rng.lognormal(4.0, 1.0, (9, 500)).round(1)
    each[8] = each[:8].sum(axis=0)
    own = np.arange(9, dtype=np.int32)
    each[8, 8] = 1.0
    must = np.ones(500, bool)
    assert sums.all_others("abcdefghi", each, own, must) == ["i"]
    each[8, 300] *= 1.1
    assert sums.all_others("abcdefghi", each, own, must) == []
