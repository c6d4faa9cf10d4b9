"""A whole answer on a book with firms: the same files, names and ids, in whatever order the nodes stand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from firms import parted

from ballast import report
from ballast.answer import respond
from ballast.economy import book
from ballast.errors import InputError
from ballast.propagate import campaign
from ballast.report import again
from ballast.scenario import parse
from ballast.text import Text

from .conftest import SEVERAL

LABELS = {"acme": Text("Acme", "阿克米"), "bolt": Text("Bolt Works", "博尔特厂")}
FIRMS = parted(book.load("teaching"), "C.parts", {"acme": 0.5, "bolt": 0.3, "c-rest": 0.2}, LABELS)
ONE = SEVERAL.replace('regions = ["C"]\nsectors = ["parts"]', 'nodes = ["阿克米", "Coast, other Parts"]')
ORDER = np.random.default_rng(3).permutation(FIRMS.n)


@pytest.fixture(scope="module")
def answers():
    """Of the book, and of the book with its nodes in another order."""
    scenario = parse(ONE, "firms.toml")
    return tuple(respond(scenario, book=e, draws=2, relief=3) for e in (FIRMS, FIRMS.permuted(ORDER)))


def test_the_shock_is_about_the_firms_it_names(answers):
    placed = {b.id for b in answers[0].blockages}
    assert {"place acme", "place c-rest"} <= placed
    assert "place bolt" not in placed


def test_ids_and_words_are_the_same_in_any_order(answers):
    one, other = answers
    assert {c.id for c in one.cases} == {c.id for c in other.cases}
    assert any(c.id.startswith("acme > ") for c in one.cases)
    assert {c.reason for c in one.cases} == {c.reason for c in other.cases}
    assert {b.id for b in one.blockages} == {b.id for b in other.blockages}
    assert [p.words for p in one.relief.picks] == [p.words for p in other.relief.picks]


def test_the_files_say_who_is_meant(answers, tmp_path):
    one, other = answers
    for answer, name in ((one, "one"), (other, "other")):
        report.write(answer, tmp_path / name)
    said = json.loads((tmp_path / "one" / "run.json").read_text(encoding="utf-8"))
    moved = json.loads((tmp_path / "other" / "run.json").read_text(encoding="utf-8"))
    assert [p["node"] for p in said["whitelist"]] == [p["node"] for p in moved["whitelist"]]
    assert {s["node"] for s in said["stops"]} == {s["node"] for s in moved["stops"]}
    assert {"acme", "c-rest"} & {s["node"] for s in said["stops"]}
    sheet = openpyxl.load_workbook(tmp_path / "one" / "cases.xlsx")
    cells = {str(c.value) for s in sheet for row in s.iter_rows() for c in row}
    assert any("acme" in c for c in cells)
    assert any("Acme" in c for c in cells)
    assert any("阿克米" in c for c in cells)
    page = (tmp_path / "one" / "report.html").read_text(encoding="utf-8")
    for name in ("Acme", "阿克米", "Coast, other Parts", "沿海·其他零部件"):
        assert name in page


def test_a_run_is_read_back_with_the_book_in_which_the_firms_are(answers, tmp_path):
    folder = book.save(FIRMS, tmp_path / "mine")
    report.write(answers[0], tmp_path / "run")
    back = again.read(tmp_path / "run" / "run.json", folder)
    assert [c.id for c in back.cases] == [c.id for c in answers[0].cases]
    assert [p.node for p in back.relief.picks] == [p.node for p in answers[0].relief.picks]
    with pytest.raises(InputError, match="is another or has changed since"):
        again.read(tmp_path / "run" / "run.json", replace(FIRMS, node_ids=None))


def test_tables_of_a_campaign_have_ids(tmp_path):
    plan = campaign.plan([parse(ONE, "firms.toml")], book=FIRMS, draws=2)
    campaign.run(plan, tmp_path / "c")
    nodes = pd.read_parquet(tmp_path / "c" / "nodes.parquet")
    assert set(nodes.node) == set(FIRMS.node_ids)
    worst = nodes[nodes.month == "2022-01"].set_index("node")["mean_pct"]
    assert worst["acme"] < worst["bolt"]
