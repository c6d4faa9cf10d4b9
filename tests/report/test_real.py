"""The report of a real answer on the teaching book: shapes and units are those that `respond` gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ballast.answer import respond
from ballast.report import FILES, brief, tables, write
from ballast.report.facts import gather
from ballast.report.words import Words


@pytest.fixture(scope="module")
def response() -> Any:
    return respond("vehicle-parts", draws=4, relief=2)


def test_all_files_are_written(response: Any, tmp_path: Path) -> None:
    assert [p.name for p in write(response, tmp_path).files] == list(FILES)


def test_shares_become_percent(response: Any) -> None:
    """Levels and chances are shares of one in a response and percent on the page."""
    for landing in response.landings:
        assert 0 <= landing.probability_plan <= 1
    levels = [row[5] for row in tables.stops(response).rows]
    assert all(0 <= level <= 100 for level in levels)
    assert levels == [
        100 * level for level in response.stops.sort_values("lost", ascending=False).worst_level
    ]


def test_quoted_numbers_are_the_headlines(response: Any, tmp_path: Path) -> None:
    facts = gather(response)
    worst = response.headlines.worst_nothing
    assert f"{abs(worst.mid):.1f}%" in brief.path_title(facts, Words("en"))
    write(response, tmp_path, "zh")
    record = json.loads((tmp_path / "run.json").read_text("utf-8"))
    assert record["headlines"]["worst_nothing"]["mid"] == pytest.approx(worst.mid)
    assert record["headlines"]["gain"] == pytest.approx(response.relief.curve["plan"].iloc[-1])


def test_what_the_plan_saves_is_what_the_loss_shrinks_by(response: Any) -> None:
    """Two ways to the same number: the relief curve, and the loss without and with the plan."""
    facts = gather(response)
    assert facts.gain == pytest.approx(facts.lost_nothing.mid - facts.lost_plan.mid, rel=0.02)
