"""The page on books: its table is what was measured, its examples are scenarios that parse."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ballast.scenario import drivers, load

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
import books  # noqa: E402


def test_the_table_is_what_was_measured():
    numbers = json.loads(books.RESULTS.read_text("utf-8"))
    assert books.page(numbers) in books.PAGE.read_text("utf-8")
    big = numbers["tables"][-1]
    assert big["nodes"] == 10_000
    assert big["read_mb"] < 6 * 1024  # asked for


def test_the_table_beside_the_version_before_is_what_was_measured():
    numbers = json.loads(books.BESIDE.read_text("utf-8"))
    assert books.beside_page(numbers) in books.PAGE.read_text("utf-8")
    for file in numbers["files"]:  # no figure is lost by being careful
        assert file["got"] >= file["their_got"] > 0, file["what"]


@pytest.mark.parametrize("path", sorted((ROOT / "docs/examples").glob("*.toml")), ids=lambda p: p.stem)
def test_examples_parse_and_say_that_they_are_assumptions(path):
    scenario = load(str(path))
    assert all(s.grade == "E" and "assumption" in s.note for s in scenario.shocks)
    assert drivers(scenario)
    assert path.name in books.PAGE.read_text("utf-8")
