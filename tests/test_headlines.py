"""The headlines: typed in Python, and in files the plain names and values that programs read."""

from __future__ import annotations

import doctest
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from ballast import response
from ballast.answer import respond
from ballast.response import Estimate, Headlines

FILED = {
    "worst_month", "worst_nothing", "worst_plan", "lost_nothing", "lost_plan", "horizon_nothing",
    "horizon_plan", "draws", "outcomes", "without", "amplifies",
}  # fmt: skip


@pytest.fixture(scope="module")
def heads() -> Headlines:
    return respond("vehicle-parts", draws=3, relief=1).headlines


def test_the_document_has_the_names_that_programs_read(heads):
    assert {f.name for f in fields(heads)} == set(heads.document()) == FILED


def test_the_document_holds_plain_values(heads):
    """{"mid": ...} for a figure, a word for an ending, {} where nothing can be said of orders."""
    filed = heads.document()
    assert filed["worst_nothing"] == {
        "mid": heads.worst_nothing.mid, "low": heads.worst_nothing.low, "high": heads.worst_nothing.high,
    }  # fmt: skip
    assert filed["outcomes"] == {"completed": 3}
    assert set(filed["amplifies"]) == {"kind", "sign", "ratio", "day"}
    assert replace(heads, amplifies=None).document()["amplifies"] == {}


def test_a_headline_cannot_be_changed_or_misspelt(heads):
    with pytest.raises(FrozenInstanceError):
        heads.draws = 4
    with pytest.raises(AttributeError):
        heads.worst_mouth  # noqa: B018


@pytest.mark.parametrize(
    ("figure", "banded", "agreed"),
    [
        (Estimate(1.0, 0.5, 2.0), True, False),
        (Estimate(1.0, 1.0, 1.0), False, True),
        (Estimate(1.0, float("nan"), float("nan")), False, False),
    ],
)
def test_a_band_is_wide_or_agreed_or_none(figure, banded, agreed):
    assert (figure.banded, figure.agreed) == (banded, agreed)


def test_its_examples_run():
    done = doctest.testmod(response)
    assert done.failed == 0
    assert done.attempted > 0
