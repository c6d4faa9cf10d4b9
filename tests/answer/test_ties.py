"""Equal firms: what is equal is told in the order of ids, wherever the nodes stand in the table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from firms import parted

from ballast.answer import respond
from ballast.arrays import above, standing
from ballast.economy import Economy, book
from ballast.scenario import parse

from .conftest import SEVERAL

PARTED = {
    "C.parts": {"A2": 0.5, "A1": 0.5},
    "N.vehicles": {"V10": 1 / 3, "V2": 1 / 3, "V1": 1 / 3},
    "W.materials": {"M1": 0.25, "M3": 0.25, "M2": 0.25, "M4": 0.25},
}


def _equal() -> Economy:
    e = book.load("teaching")
    for code, parts in PARTED.items():
        e = parted(e, code, parts)
    return replace(e, node_grade=None)


EQUAL = _equal()
SCENARIO = parse(SEVERAL, "equal.toml")


def _said(e: Economy) -> dict[str, list[object]]:
    """All that an answer ranks or picks, in its order."""
    answer = respond(SCENARIO, book=e, draws=2, relief=8)
    codes = e.node_codes
    return {
        "stops": [codes[j] for j in answer.stops.node],
        "list": [(codes[p.node], p.words) for p in answer.relief.picks],
        "blockages": [(b.id, b.words, [x.words for x in b.chain]) for b in answer.blockages],
        "cases": [(c.id, c.reason) for c in answer.cases],
    }


@pytest.fixture(scope="module")
def said():
    return _said(EQUAL)


@pytest.mark.parametrize("seed", range(6))
def test_equal_firms_are_told_in_one_order_wherever_they_stand(said, seed):
    moved = _said(EQUAL.permuted(np.random.default_rng(seed).permutation(EQUAL.n)))
    for what, rows in said.items():
        assert moved[what] == rows, what


def test_that_order_is_the_order_of_ids(said):
    rank = dict(zip(EQUAL.node_codes, EQUAL.node_rank.tolist(), strict=True))
    assert rank["V1"] < rank["V2"] < rank["V10"], "numbers as people count"
    firms = [node for node, _ in said["list"] if node in ("A1", "A2")]
    assert firms == ["A1", "A2"]
    stopped = [node for node in said["stops"] if node.startswith("V")]
    assert stopped == ["V1", "V2", "V10"]
    assert len({c for c, _ in said["cases"] if " > V1:" in c}) > 0


def test_rounding_decides_nothing():
    assert standing([0.3, 0.1 + 0.2, 1.0, -1.0]).tolist() == [1, 1, 0, 2]
    assert standing([]).tolist() == []
    assert standing([0.0, 0.0]).tolist() == [0, 0]
    assert standing([np.nan, 1.0, 2.0]).tolist() == [2, 1, 0]
    assert not above(0.1 + 0.2, 0.3)
    assert above(0.31, 0.3)
    assert not above(np.nan, 0.3)
