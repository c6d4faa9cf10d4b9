"""Arrays that do not fit one another build no economy; amounts that are none are not simulated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from firms import parted
from scipy import sparse

from ballast import load_book, load_scenario, simulate
from ballast.economy import Economy
from ballast.errors import BookError
from ballast.evidence import Grade
from ballast.text import Text
from economy.test_from_slots import names, two


def changed(array: np.ndarray, where: Any, value: float) -> np.ndarray:
    out = np.array(array, float)
    out[where] = value
    return out


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("node_grade", (Grade.A,), "node_grade has 1 rows, output has 12"),
        ("node_grade", ("Z",) * 12, "node_grade, row 0: 'Z' is of type str. Give a Grade"),
        ("node_labels", (Text("Firm", "厂"),), "node_labels has 1 rows, output has 12"),
        (
            "node_labels",
            (None, "Firm", *[None] * 10),
            "node_labels, row 1: 'Firm' is of type str. Give Text",
        ),
    ],
)
def test_names_and_grades_that_fit_no_node_are_refused(name, value, said):
    with pytest.raises(BookError, match=said):
        replace(load_book("teaching"), **{name: value})


def test_a_carrier_has_a_use_for_every_region():
    e = load_book("china-2020")
    first = e.carriers[0]
    with pytest.raises(
        BookError, match=f"carrier {first.code}: annual has 2 rows, there are {e.r} regions"
    ):
        replace(e, carriers=(replace(first, annual=first.annual[:2]),))


@pytest.mark.parametrize(
    ("name", "where", "value", "said"),
    [
        ("output", 3, np.nan, "output, row 3: nan. Give a finite number, 0 or more"),
        ("output", 3, -1.0, "output, row 3: -1.0"),
        ("exports", 0, np.inf, "exports, row 0: inf"),
        ("exports", 0, -3.0, "exports, row 0: -3.0"),
        ("value_added", (1, 2), np.nan, "value_added, row 1, column 2: nan. Give a finite number"),
        ("slot_domestic", 5, -1.0, "slot_domestic, row 5: -1.0"),
        ("slot_imports", 5, np.nan, "slot_imports, row 5: nan"),
        ("final_domestic", 0, -np.inf, "final_domestic, row 0: -inf"),
        ("share_low", slice(1, 3), np.nan, r"share_low, row 1: nan \(so in 2 places\)"),
    ],
)
def test_amounts_that_are_none_are_not_simulated(name, where, value, said):
    """The economy may be built, so that `check` can name them all with their places."""
    e = load_book("teaching")
    broken = replace(e, **{name: changed(getattr(e, name), where, value)})
    with pytest.raises(BookError, match=said):
        simulate(broken, load_scenario("vehicle-parts"))


def test_stocks_may_run_down_and_subsidies_exceed_taxes():
    e = load_book("teaching")
    below = {name: changed(getattr(e, name), 0, -1.0) for name in ("final_domestic", "final_imports")}
    assert replace(e, **below, value_added=changed(e.value_added, (0, 0), -1.0)).unfit == ()
    assert load_book("china-2020").unfit == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"output": [np.nan, 1.0]}, "book small: .*\noutput, row 0: nan"),
        ({"exports": [0.0, -1.0]}, "exports, row 1: -1.0"),
        ({"value_added": [[np.inf, 1.0]]}, "value_added, row 0, column 0: inf"),
        ({"slot_domestic": [-6.0], "amount": [-2.0, 5.0]}, "slot_domestic, row 0: -6.0"),
        (
            {"market": [0, 0, 1], "supplier": [0, 2, 1], "amount": [12.0, -2.0, 5.0]},
            "market 0: its supplier 2 sells -2, which is not what the others do",
        ),
    ],
)
def test_slots_take_no_amount_that_is_none(change, said):
    three = {"node_region": [0, 0, 0], "node_sector": [0, 1, 0]} if "supplier" in change else {}
    rest = names(3, 2, 2) if three else {}
    given = two() | three | rest | {k: np.array(v) for k, v in change.items()}
    with pytest.raises(BookError, match=said):
        Economy.from_slots(**given)


def test_a_market_of_stocks_that_run_down_sells_less_than_nothing():
    given = two() | {"amount": np.array([10.0, -5.0]), "final_domestic": np.array([4.0, -5.0])}
    e = Economy.from_slots(**given)
    assert e.market_share.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"links": [[0.0, np.nan], [5.0, 0.0]]},
            "links, row 0, column 1: nan. Give what is bought in a year",
        ),
        ({"links": sparse.csr_array([[0.0, 4.0], [-5.0, 0.0]])}, "links, row 1, column 0: -5.0"),
        ({"links": np.ones((3, 3))}, r"links is \(3, 3\), expected \(2, 2\)"),
        ({"links": np.array([["a", "b"], ["c", "d"]])}, "links is no table of amounts"),
        ({"final": [[6.0], [np.inf]]}, "final, row 1, column 0: inf"),
        ({"imports": [[0.0, 0.0], [0.0, -1.0]]}, "imports, row 1, column 1: -1.0"),
        ({"imports": np.ones((3, 2))}, r"imports is \(3, 2\), expected \(2, 2\): a row a product"),
        ({"final_imports": [[np.nan], [0.0]]}, "final_imports, row 0, column 0: nan"),
        ({"node_sector": [0, -1]}, "node_sector, row 1: -1 is outside 0..1"),
    ],
)
def test_a_table_takes_no_amount_that_is_none(change, said):
    given = {
        "links": np.array([[0.0, 4.0], [5.0, 0.0]]), "final": [[6.0], [-1.0]], "final_region": [0],
        "final_category": [0], "node_region": [0, 0], "node_sector": [0, 1], **names(2, 1, 2),
    }  # fmt: skip
    assert Economy.from_links(**given).links().toarray().tolist() == [[0.0, 4.0], [5.0, 0.0]]
    with pytest.raises(BookError, match=said):
        Economy.from_links(**(given | change))


def test_a_node_in_parts_keeps_its_grade_in_each():
    e = load_book("china-2020")
    code = e.node_codes[5]
    more = parted(e, code, {"one": 0.5, "two": 0.5}, ids=True)
    assert more.node_grade is not None
    assert e.node_grade is not None
    assert (len(more.node_grade), more.node_grade[-1]) == (more.n, e.node_grade[5])
