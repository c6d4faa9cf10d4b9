"""A part of a node that a shock hits by itself is run as if it were a node of its own: the answer does not
depend on how the table is cut.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from firms import parted

from ballast.economy import Economy
from ballast.errors import SimulationError
from ballast.forcing import Forcing, Steps
from ballast.propagate.parameters import load_parameters
from ballast.propagate.run import Run
from ballast.propagate.simulate import prepare, simulate
from ballast.propagate.step.interventions import Intervention
from ballast.propagate.step.system import in_parts, stocked

from ..cases import START, random_economy

DAYS = 60
SHARES = (0.01, 0.1, 0.5, 0.9)


def shut(e: Economy, levels: dict[str, float], last: int = 25) -> Forcing:
    """Nodes at a level on days 5 to `last`."""
    path = np.ones((DAYS, e.n))
    for code, level in levels.items():
        path[5 : last + 1, e.node_codes.index(code)] = level
    return replace(Forcing.none(e, DAYS, START), capacity=Steps.of(path))


def in_part(e: Economy, node: int, share: float, level: float, last: int = 25) -> Forcing:
    """A share of one node at a level on those days."""
    path = np.ones((DAYS, 1))
    path[5 : last + 1] = level
    mean = np.ones((DAYS, e.n))
    mean[:, node] = 1.0 - share * (1.0 - path[:, 0])
    return replace(
        Forcing.none(e, DAYS, START),
        capacity=Steps.of(mean),
        part_node=np.array([node], np.int32),
        part_mass=np.array([share]),
        parts=Steps.of(path),
    )


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("share", SHARES)
def test_a_part_is_a_node_of_its_own(teaching, share, backend):
    """The Coast's parts (node 5), some shut: once as a share, once as a firm beside the others."""
    one = simulate(teaching, in_part(teaching, 5, share, 0.05), backend=backend)
    cut = parted(teaching, "C.parts", {"C.parts": 1 - share, "hit": share})
    two = simulate(cut, shut(cut, {"hit": 0.05}), backend=backend)
    assert one.lost == pytest.approx(two.lost, rel=1e-9)
    output = two.record.output[:, : teaching.n].copy()
    output[:, 5] += two.record.output[:, teaching.n]
    np.testing.assert_allclose(one.record.output, output, rtol=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_so_it_is_on_random_books(seed):
    e = random_economy(seed)
    node = int(np.flatnonzero(e.output > 0)[seed])
    code = e.node_codes[node]
    cut = parted(e, code, {code: 0.7, "hit": 0.3})
    one = simulate(e, in_part(e, node, 0.3, 0.0), full=False)
    two = simulate(cut, shut(cut, {"hit": 0.0}), full=False)
    np.testing.assert_allclose(one.record.output.sum(axis=1), two.record.output.sum(axis=1), rtol=1e-9)


def test_parts_that_are_alike_are_the_whole(teaching):
    """Four tenths at half and six at half: as if all of it were at half."""
    whole = simulate(teaching, shut(teaching, {"C.parts": 0.5}))
    forcing = in_part(teaching, 5, 0.4, 0.5)
    forcing = replace(forcing, capacity=whole.forcing.capacity)
    alike = simulate(teaching, forcing)
    np.testing.assert_allclose(alike.record.output, whole.record.output, rtol=1e-12)
    np.testing.assert_allclose(alike.record.limit, whole.record.limit, rtol=1e-9)


def test_customers_miss_what_is_shut_though_their_region_makes_it(teaching):
    """A tenth of a node shut costs more than a tenth less of all of it: its customers lack a part each."""
    shut_tenth = simulate(teaching, in_part(teaching, 5, 0.1, 0.0)).lost
    all_at_nine = simulate(teaching, shut(teaching, {"C.parts": 0.9})).lost
    assert shut_tenth > 1.5 * all_at_nine


def test_parts_have_what_their_node_has(teaching):
    """By hand: two parts of 0.2 and 0.3 leave 0.5. Stocks are shared out, flows stay with the node."""
    s = prepare(teaching, Forcing.none(teaching, 1, START), load_parameters(), {}).system
    p = in_parts(s, np.array([5, 5], np.int32), np.array([0.2, 0.3]))
    assert p.x0[[5, 12, 13]] == pytest.approx(s.x0[5] * np.array([0.5, 0.2, 0.3]))
    assert p.whole.tolist() == [*range(12), 5, 5]
    held = stocked(p)
    total = np.bincount(p.slot_base[held], p.need[held], len(s.need))
    np.testing.assert_allclose(total[stocked(s)], s.need[stocked(s)])
    np.testing.assert_array_equal(p.need[: len(s.need)][~stocked(s)], s.need[~stocked(s)])
    assert held[p.slot_node >= 12].all()


def test_a_plan_on_a_node_helps_all_its_parts(teaching):
    """Half of what shocks take is given back to every part: 0.05 becomes 0.525."""
    plan = [Intervention.on("node", [5], 10, amount=0.5)]
    run = simulate(teaching, in_part(teaching, 5, 0.4, 0.05), plan=plan)
    days = run.weather.capacity[run.weather.capacity_day]
    assert days[9, [5, 12]].tolist() == [1.0, 0.05]
    assert days[10, [5, 12]] == pytest.approx([1.0, 0.525])


def test_stock_released_goes_to_all_parts(teaching):
    """As much as into the node as a whole: 3 days of use, more is in the house the same evening."""

    def held(run: Run) -> float:
        return float(run.record.stock[0, 2])

    nothing = Forcing.none(teaching, 2, START)
    parts = replace(
        nothing,
        part_node=np.array([2], np.int32),
        part_mass=np.array([0.4]),
        parts=Steps.constant(2, 1),
    )
    for backend in ("numba", "numpy"):
        s = prepare(teaching, nothing, load_parameters(), {}).system
        slot = int(s.slot_ptr[2])
        plan = [Intervention.on("stock", [slot], 0, amount=3 * float(s.need[slot]))]
        more = [
            held(simulate(teaching, f, plan=plan, backend=backend))
            - held(simulate(teaching, f, backend=backend))
            for f in (nothing, parts)
        ]
        assert more[1] == pytest.approx(more[0])
        assert more[0] > 0


@pytest.mark.parametrize(
    "change",
    [
        {"part_mass": np.array([1.2])},
        {"part_mass": np.array([np.nan])},
        {"part_mass": np.array([0.1, 0.2])},
        {"part_node": np.array([12], np.int32)},
        {"parts": Steps.constant(DAYS - 1, 1)},
        {"parts": Steps.constant(DAYS, 2)},
        {"parts": None},
    ],
)
def test_parts_that_do_not_fit_are_refused(teaching, change):
    with pytest.raises(SimulationError, match="the parts of nodes do not fit"):
        replace(in_part(teaching, 5, 0.4, 0.05), **change)
