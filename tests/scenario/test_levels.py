"""Capacity of nodes and of their parts, by hand, and that the parts make up the node."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballast.scenario.levels import Hit, Parts, capacity

NODES = 3


def hit(kind: str, node: int, level: float, share: float = 1.0) -> Hit:
    return Hit(kind, np.array([node], np.int32), np.array([[level]]), share)


def of(parts: Parts) -> list[tuple[int, float, float]]:
    """(node, mass, level) of each part."""
    return [
        (int(n), round(float(m), 9), round(float(x), 9))
        for n, m, x in zip(parts.node, parts.mass, parts.level[0], strict=True)
    ]


def rest(mean: np.ndarray, parts: Parts, node: int) -> float:
    """What is left of what no part has."""
    mine = parts.node == node
    taken = (parts.mass[mine] * parts.level[0, mine]).sum()
    return float((mean[0, node] - taken) / (1 - parts.mass[mine].sum()))


def test_a_shock_on_all_of_a_node_makes_no_part():
    mean, parts = capacity([hit("staff", 1, 0.4)], 1, NODES)
    assert mean.tolist() == [[1.0, 0.4, 1.0]]
    assert of(parts) == []


def test_a_shock_on_a_share_is_a_part():
    """0.3 at 0.1, the rest untouched: 0.03 + 0.7 = 0.73."""
    mean, parts = capacity([hit("staff", 1, 0.1, 0.3)], 1, NODES)
    assert mean[0, 1] == pytest.approx(0.73)
    assert of(parts) == [(1, 0.3, 0.1)]


def test_two_shocks_of_a_kind_hit_two_parts():
    """0.3 at 0 and 0.5 at 0.6, 0.2 untouched: 0.3 + 0.2 = 0.5."""
    mean, parts = capacity([hit("staff", 1, 0.0, 0.3), hit("staff", 1, 0.6, 0.5)], 1, NODES)
    assert mean[0, 1] == pytest.approx(0.5)
    assert of(parts) == [(1, 0.3, 0.0), (1, 0.5, 0.6)]
    assert rest(mean, parts, 1) == pytest.approx(1.0)


def test_no_part_is_above_what_is_left_of_the_whole():
    """0.3 at 0.9 of a node at 0.5: no part, as it is no different."""
    mean, parts = capacity([hit("staff", 1, 0.9, 0.3), hit("staff", 1, 0.5)], 1, NODES)
    assert mean[0, 1] == pytest.approx(0.5)
    assert of(parts) == []


def test_the_scarcest_kind_counts_in_each_part():
    """0.3 closed, and all at 0.8 for want of power: 0.7 x 0.8 = 0.56 is left, in the open part."""
    mean, parts = capacity([hit("staff", 1, 0.0, 0.3), hit("power", 1, 0.8)], 1, NODES)
    assert mean[0, 1] == pytest.approx(0.56)
    assert of(parts) == [(1, 0.3, 0.0)]
    assert rest(mean, parts, 1) == pytest.approx(0.8)


def test_where_parts_of_two_kinds_meet_the_node_has_one_as_large_as_the_larger():
    """Staff leave 0.7, power 1 - 0.4 x 0.5 = 0.8: 0.7 is left, as a part of 0.4 is at 0.1 / 0.4 = 0.25."""
    mean, parts = capacity([hit("staff", 1, 0.0, 0.3), hit("power", 1, 0.5, 0.4)], 1, NODES)
    assert mean[0, 1] == pytest.approx(0.7)
    assert of(parts) == [(1, 0.4, 0.25)]
    assert rest(mean, parts, 1) == pytest.approx(1.0)


def test_parts_that_exceed_the_whole_are_one():
    """0.7 at 0 and 0.7 at 0.5: the worst first, 0.7 x 0 + 0.3 x 0.5 = 0.15 is left, and no rest."""
    mean, parts = capacity([hit("staff", 1, 0.0, 0.7), hit("staff", 1, 0.5, 0.7)], 1, NODES)
    assert mean[0, 1] == pytest.approx(0.15)
    assert of(parts) == [(1, 1.0, 0.15)]


def test_what_is_left_of_the_whole_is_left_of_every_part():
    """The same, 0.5 at 0.02, and power for 0.01 of all: 0.7 x 0 + 0.3 x 0.01 = 0.003."""
    staff = [hit("staff", 1, 0.0, 0.7), hit("staff", 1, 0.02, 0.7)]
    mean, parts = capacity([*staff, hit("power", 1, 0.01)], 1, NODES)
    assert mean[0, 1] == pytest.approx(0.003)
    assert of(parts) == [(1, 1.0, 0.003)]


hits = st.builds(
    hit,
    st.sampled_from(["staff", "power"]),
    st.integers(0, NODES - 1),
    st.floats(0, 1),
    st.sampled_from([0.0, 0.1, 0.3, 0.6, 1.0]),
)


@given(st.lists(hits, max_size=8))
def test_parts_and_the_rest_make_up_the_node(found):
    """Masses are at most the whole, and levels within 0 and 1, that of what is beside the parts too."""
    mean, parts = capacity(found, 1, NODES)
    assert ((mean >= 0) & (mean <= 1)).all()
    assert ((parts.level >= 0) & (parts.level <= 1)).all()
    for node in range(NODES):
        mass = parts.mass[parts.node == node].sum()
        assert mass <= 1 + 1e-9
        if mass < 1 - 1e-9:
            assert -1e-9 <= rest(mean, parts, node) <= 1 + 1e-9
