"""Ratios, sums and bands of the house, and arrays held against the shapes that their fields state."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballast.arrays import (
    Floats,
    Ints,
    band,
    inverse,
    last_digit,
    matches,
    pointers,
    ranges,
    ratio,
    sizes,
    sums,
)
from ballast.economy import Economy, book
from ballast.propagate import simulate as doors
from ballast.propagate.parameters import load_parameters
from ballast.propagate.step import record, scratch
from ballast.propagate.step.system import initial_state
from ballast.scenario import load


class Group(NamedTuple):
    pointer: Annotated[Ints, "N+1"]
    value: Annotated[Floats, "N"]
    table: Annotated[Floats, "*, N*K"]
    column: Annotated[Floats, "N, B?"]
    pair: Annotated[Floats, "N, 2"]
    number: float = 1.0


def group(**other: tuple[int, ...]) -> Group:
    shapes = {"pointer": (4,), "value": (3,), "table": (7, 6), "column": (3, 1), "pair": (3, 2)} | other
    return Group(**{name: np.zeros(shape) for name, shape in shapes.items()})  # type: ignore[arg-type]


def test_the_sizes_of_a_tuple_are_those_that_its_arrays_have():
    assert sizes(group(), {"K": 2}) == {"K": 2, "N": 3}
    assert sizes(group(column=(3, 5)), {"K": 2, "B": 5})["B"] == 5


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"pointer": (3,)}, r"Group.pointer is \[3\], not \[N\+1\]: K 2, B 5, N 3"),
        ({"table": (7, 5)}, r"Group.table is \[7, 5\], not \[\*, N\*K\]"),
        ({"column": (3, 2)}, r"Group.column is \[3, 2\], not \[N, B\?\]"),
        ({"pair": (3, 3)}, r"Group.pair is \[3, 3\], not \[N, 2\]"),
        ({"pair": (3,)}, r"Group.pair is \[3\]"),
    ],
)
def test_an_array_of_another_shape_is_named(other, says):
    with pytest.raises(ValueError, match=says):
        sizes(group(**other), {"K": 2, "B": 5})


def test_everything_a_run_reads_and_writes_has_the_shape_it_states():
    economy: Economy = book.load("teaching")
    run = doors.laid(doors.prepare(economy, load("vehicle-parts"), load_parameters(), {}))
    assert run.layout is not None
    known = {**sizes(run.system), "T": run.forcing.days, "R": economy.r, "K": economy.k}
    known |= {"P": len(run.layout.slots.slot), "Q": len(run.layout.flows.slot)}
    for group in run.layout:
        known |= sizes(group, known)
    for part in (
        run.weather,
        initial_state(run.system),
        *run.layout,
        *scratch.new_scratch(run.layout),
        record.new_record(run.system, run.forcing.days, full=True),
        record.new_record(run.system, run.forcing.days, full=False),
    ):
        assert {**known, **sizes(part, known)} == {**sizes(part, known)}


@given(st.lists(st.just(0.0) | st.floats(1e-6, 1e6), min_size=1, max_size=9), st.floats(-1, 1))
def test_a_ratio_is_what_was_asked_for_where_nothing_divides(values, empty):
    b = np.array(values)
    found = ratio(np.ones((2, len(b))), b, empty)
    assert (found[:, b <= 0] == empty).all()
    np.testing.assert_array_equal(found[0, b > 0], 1.0 / b[b > 0])
    np.testing.assert_array_equal(ratio(1.0, b, empty), found[0])


def test_a_band_holds_the_central_run():
    low, high = band(np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]]), np.array([-1.0, 9.0]))
    assert (low[0], high[1]) == (-1.0, 9.0)
    np.testing.assert_allclose((high[0], low[1]), (1.8, 1.2))  # of 0, 1, 2: 0.1 and 0.9 of the way


@given(st.permutations(range(6)))
def test_the_inverse_of_an_order_undoes_it(order):
    np.testing.assert_array_equal(np.array(order)[inverse(np.array(order))], np.arange(6))


def test_groups_of_a_sorted_list_begin_where_those_before_them_end():
    np.testing.assert_array_equal(pointers(np.array([2, 0, 3])), [0, 2, 2, 5])
    np.testing.assert_array_equal(pointers(np.array([], int)), [0])


def test_sums_by_index():
    np.testing.assert_array_equal(sums(np.array([2, 0, 2]), np.array([1.0, 5.0, 2.0]), 4), [5, 0, 3, 0])


@pytest.mark.parametrize(
    ("values", "written", "digit"),
    [
        ([15.0, 3.0], 0, 1.0), ([15.0, 3.25], 0, 0.01), ([0.1 + 0.2], 0, 0.1), ([10.5], 2, 0.01),
        ([1 / 3], 0, 1e-6), ([1e9 + 0.5], 0, 1.0), ([2.5], 9, 1e-6),
    ],
)  # fmt: skip
def test_the_last_digit_of_figures(values, written, digit):
    """Half of a thousand million is within what a float of that size tells apart, by one part in 1e9."""
    assert last_digit(np.array(values), written) == pytest.approx(digit)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=8))
def test_ranges_are_runs_one_behind_the_other(runs):
    first, size = np.array([a for a, _ in runs], int), np.array([n for _, n in runs], int)
    assert ranges(first, size).tolist() == [a + i for a, n in runs for i in range(n)]


@given(st.lists(st.integers(0, 4), max_size=8), st.lists(st.integers(0, 6), max_size=8))
def test_matches_are_all_places_of_each(values, asked):
    found = matches(np.array(values, int), np.array(asked, int))
    expected = [(i, p) for i, a in enumerate(asked) for p, v in enumerate(values) if v == a]
    assert list(zip(*(x.tolist() for x in found), strict=True)) == expected
