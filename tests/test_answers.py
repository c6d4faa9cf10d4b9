"""What of a document a tool sends: rows that fit, with their grades and sources."""

from __future__ import annotations

import pytest

from ballast.cli import answers


def test_lists_are_cut_at_every_depth_and_counted():
    """Three rows, two kept: one left. In each of these a list of four, two kept: two and two left."""
    rows = [{"days": [1, 2, 3, 4], "sources": ["a", "b", "c"]}] * 3
    found = answers.sent({"it": {"rows": rows, "name": "x"}}, ("it",), {"most": 2})
    assert found == {
        "left_out": {"it.rows": 1, "it.rows[].days": 4},
        "it": {"rows": [{"days": [1, 2], "sources": ["a", "b", "c"]}] * 2, "name": "x"},
    }


def test_what_is_asked_for_begins_where_it_should():
    document = {"grade": "D", "rows": list(range(10)), "other": list(range(10))}
    found = answers.sent(document, ("rows", "other"), {"parts": ["rows"], "skip": 7, "most": 2})
    assert found == {"grade": "D", "left_out": {"rows": 8}, "rows": [7, 8]}
    found = answers.sent(document, ("rows", "other"), {"parts": ["rows"], "skip": 9, "most": 2})
    assert found == {"grade": "D", "left_out": {"rows": 9}, "rows": [9]}
    found = answers.sent(document, ("rows", "other"), {"parts": ["rows"], "skip": 99})
    assert found == {"grade": "D", "left_out": {"rows": 10}, "rows": []}


def test_the_long_lists_are_cut_and_the_short_ones_stay():
    """Rows of 20 characters and their quotes. `short` has 5 of them; of `long` what is left of 2000."""
    row = "x" * 20
    document = {"short": [row] * 5, "long": [row] * 1000}
    found = answers.sent(document, ("long", "short"), {"most": 1000, "characters": 2000})
    assert list(found) == ["left_out", "long", "short"], "in the order that was said"
    assert found["short"] == document["short"]
    assert found["left_out"] == {"long": 1000 - len(found["long"])}
    assert 2000 - len(row) - 3 < len(answers.text(found)) <= 2000, "another row would not fit"


def test_whom_to_help_has_twice_the_room():
    row = "x" * 97  # 99 with its quotes
    document = {"whitelist": [row] * 1000, "stops": [row] * 1000}
    found = answers.sent(document, ("whitelist", "stops"), {"most": 1000, "characters": 10_000})
    helped, stopped = len(found["whitelist"]), len(found["stops"])
    assert abs(helped - 2 * stopped) <= 1
    assert 9_800 < len(answers.text(found)) <= 10_000


@pytest.mark.parametrize("most", [2000, 3000, 5000, 100_000])
def test_the_sources_of_what_is_sent_are_sent_and_no_others(most):
    """Row i cites source i and i + 1, nobody cites the last: it describes the whole and stays."""
    rows = [{"n": i, "grade": "C", "sources": [f"s{i}", f"s{i + 1}"]} for i in range(100)]
    described = [{"key": f"s{i}", "title": "t" * 40} for i in range(101)] + [{"key": "all", "title": "t"}]
    document = {"rows": rows, "more": {"sources": described}, "sources": described}
    found = answers.sent(document, ("rows", "more", "sources"), {"most": 1000, "characters": most})
    count = len(found["rows"])
    assert 0 < count < 100 or most == 100_000
    cited = [*described[: count + 1], described[-1]]
    assert found["sources"] == found["more"]["sources"] == cited
    assert found["rows"] == rows[:count]
    assert found["left_out"].get("sources", 0) == len(described) - len(cited)
    assert len(answers.text(found)) <= most


def test_sources_can_be_asked_for_by_themselves():
    rows = [{"sources": ["s3"]}]
    described = [{"key": f"s{i}", "title": "t" * 90} for i in range(100)]
    document = {"rows": rows, "sources": described}
    found = answers.sent(document, ("rows", "sources"), {"parts": ["sources"], "characters": 2000})
    assert found["sources"] == described[: len(found["sources"])]
    assert len(found["sources"]) > 10
    both = {"parts": ["rows", "sources"], "most": 1, "skip": 98}
    document["rows"] = rows * 99
    found = answers.sent(document, ("rows", "sources"), both)
    assert [row["key"] for row in found["sources"]] == ["s3", "s98", "s99"], (
        "and that of the row that is sent"
    )


def test_grades_are_never_cut():
    document = {"grade": "E", "rows": ["x" * 50] * 100, "grades": [["table", "E"]] * 200}
    found = answers.sent(document, ("rows", "grades"), {"characters": 4000})
    assert found["grades"] == document["grades"]
    assert found["left_out"]["rows"] > 0
