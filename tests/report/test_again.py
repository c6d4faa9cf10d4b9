"""A report made again from the files of a run is the same bytes, or is refused with a reason."""

from __future__ import annotations

import dataclasses
import doctest
import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from ballast.answer import respond, scenario_hash
from ballast.cli import main
from ballast.economy import book
from ballast.errors import InputError
from ballast.outcomes import Ending
from ballast.report import FILES, again, write
from ballast.response import Band, Estimate, Response
from ballast.scenario import parse
from ballast.text import Text

from . import fake

SEVERAL = """
title = { en = "Several things at once", zh = "多重冲击" }
summary = { en = "Plants, a road, a port and imports.", zh = "工厂、道路、港口与进口。" }
book = "teaching"
start = 2022-01-01
days = 100
decision = 2022-01-19

[[shocks]]
name = "parts"
kind = "staff"
title = { en = "Coast parts plants stop", zh = "沿海零部件厂停产" }
regions = ["C"]
sectors = ["parts"]
path = [[2022-01-11, 10, 0, 20], [2022-02-01, 60]]
shape = "linear"
until = 2022-02-25
note = "An example."

[[shocks]]
name = "road"
kind = "corridor"
title = { en = "Road from West to Coast", zh = "西部至沿海公路" }
from = ["W"]
to = ["C"]
both_ways = false
path = [[2022-01-12, 5]]
until = 2022-03-10
note = "An example."

[[shocks]]
name = "abroad"
kind = "imports"
title = { en = "Imported parts", zh = "进口零部件" }
regions = ["all"]
products = ["parts"]
path = [[2022-01-20, 0]]
note = "An example."

[[shocks]]
name = "harbour"
kind = "port"
title = { en = "The harbour shuts", zh = "港口关闭" }
hinterland = { W = 0.8 }
path = [[2022-01-15, 0]]
until = 2022-02-10
note = "An example."

[[ranges]]
indicator = "industrial_value_added"
region = "all"
period = "2022-Q1"
low = 4.0
high = 6.0
baseline_growth = 5.0
note = "Growth over a year before."

[[ranges]]
indicator = "value_added"
region = "C"
period = "2022"
low = -3.0
note = "Deviation."
"""

CASES: dict[str, dict[str, Any]] = {
    "everything at once": {"scenario": parse(SEVERAL, "several.toml"), "draws": 4, "relief": 3},
    "nobody asked for": {"scenario": "vehicle-parts", "draws": 2, "relief": 0},
    "another model": {"scenario": "vehicle-parts", "draws": 3, "relief": 2, "model": "inoue-todo"},
}


@pytest.fixture(scope="module", params=CASES, ids=str)
def first(request: pytest.FixtureRequest) -> Response:
    return respond(**CASES[request.param])


@pytest.fixture(autouse=True)
def fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1650000000")


def same_bytes(one: Path, other: Path) -> dict[str, bool]:
    return {name: (one / name).read_bytes() == (other / name).read_bytes() for name in FILES}


# ---- the oracle --------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh", "both"])
def test_every_file_is_the_same_bytes(first: Response, tmp_path: Path, lang: Any) -> None:
    write(first, tmp_path / "a", lang)
    write(again.read(tmp_path / "a" / "run.json"), tmp_path / "b", lang)
    assert same_bytes(tmp_path / "a", tmp_path / "b") == dict.fromkeys(FILES, True)


def test_every_field_comes_back(first: Response, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only what a report happens to show: tables with their types, the scenario to its hash."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    write(first, tmp_path)
    got = again.read(tmp_path / "run.json")
    for field in dataclasses.fields(Response):
        one, other = getattr(first, field.name), getattr(got, field.name)
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other)
        elif isinstance(one, Band):
            assert all(np.array_equal(getattr(one, x), getattr(other, x)) for x in ("mid", "low", "high"))
        elif field.name == "economy":
            assert book.book_hash(one) == book.book_hash(other)
        elif field.name == "scenario":
            assert scenario_hash(one) == scenario_hash(other) == got.settings["scenario_hash"]
        elif field.name == "relief":
            assert (one.picks, one.full) == (other.picks, other.full)
            pd.testing.assert_frame_equal(one.curve, other.curve)
        elif field.name == "dates":
            pd.testing.assert_index_equal(one, other)
        else:
            assert one == other, field.name


def test_a_large_response_and_one_that_diverged_come_back(tmp_path: Path) -> None:
    """NaN is null in JSON, and NaN again."""
    nan, full = Estimate(math.nan, math.nan, math.nan), fake.response(large=True)
    heads = dataclasses.replace(full.headlines, worst_plan=nan, lost_plan=nan, amplifies=None)
    notes = (Text("The run diverged.", "模拟发散。"),)
    settings = {**full.settings, "book_hash": book.book_hash(full.economy)}
    first = dataclasses.replace(
        full, headlines=heads, outcome=Ending.DIVERGED, notes=notes, settings=settings,
        blockages=(dataclasses.replace(full.blockages[0], saved=math.nan), *full.blockages[1:]),
    )  # fmt: skip
    write(first, tmp_path / "a")
    got = again.read(tmp_path / "a" / "run.json", full.economy)
    write(got, tmp_path / "b")
    assert math.isnan(got.headlines.worst_plan.mid)
    assert got.outcome is Ending.DIVERGED
    assert same_bytes(tmp_path / "a", tmp_path / "b") == dict.fromkeys(FILES, True)


def test_durations_that_were_left_out_are_not_printed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(respond("vehicle-parts", draws=2, relief=1), tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    write(again.read(tmp_path / "run.json"), tmp_path / "b")
    assert "seconds." not in (tmp_path / "b" / "report.html").read_text("utf-8")
    assert set(json.loads((tmp_path / "b" / "run.json").read_text("utf-8"))["seconds"].values()) == {None}


def test_its_examples_run() -> None:
    done = doctest.testmod(again)
    assert done.failed == 0
    assert done.attempted > 0


# ---- what is refused ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    write(respond("vehicle-parts", draws=2, relief=1), folder)
    return folder


def edited(run: Path, to: Path, **changes: Any) -> Path:
    """A copy of the run whose run.json says something else at the top."""
    shutil.copytree(run, to)
    said = json.loads((to / "run.json").read_text("utf-8")) | changes
    (to / "run.json").write_text(json.dumps(said), "utf-8")
    return to / "run.json"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema_name": "another"}, "not the run.json of a run.*schema_name"),
        ({"schema_version": "1.2"}, "earlier version.*schema 1.2.*ballast respond"),
        ({"schema_version": "1.10"}, "later version.*schema 1.10"),
        ({"schema_version": "x"}, "not the run.json of a run.*schema_version"),
        ({"cases": 3}, "not the run.json of a run.*cases.*array"),
        ({"outcome": "exploded"}, "outcome.*completed"),
        ({"checksums": {}}, "paths.parquet: is not the one"),
        ({"extra": 1}, "extra"),
        ({"settings": {"book": "mine"}}, "'mine'.*not a built-in one.*--book FOLDER"),
        ({"settings": {"book": "teaching", "book_hash": "0" * 64}}, "began with 000000000000.*--book"),
    ],
)
def test_what_is_not_a_run_is_refused(run: Path, tmp_path: Path, changes: Any, words: str) -> None:
    file = edited(run, tmp_path / "copy", **changes)
    with pytest.raises(InputError, match=f"(?s){words}"):
        again.read(file)


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (("grade",), "Z", "(grade is 'Z': a grade is one of A, B, C, D, E)"),
        (("parameters", 1, "grade"), "Z", "(parameters.1.grade is 'Z': a grade is one of A, B, C, D, E)"),
        (
            ("scenario", "whole", "shocks", 0, "grade"), "Z",
            "(scenario.whole.shocks.0.grade is 'Z': Input should be 'A', 'B', 'C', 'D' or 'E')",
        ),
        (("scenario", "whole", "days"), "many", "(scenario.whole.days is 'many': Input should be"),
        (("blockages", 0, "rank"), "first", "(blockages.0.rank is 'first': Input should be"),
    ],
)  # fmt: skip
def test_a_field_changed_by_hand_is_named_with_what_may_stand_there(
    run: Path, tmp_path: Path, at: Any, value: str, words: str
) -> None:
    said = json.loads((run / "run.json").read_text("utf-8"))
    part = said
    for key in at[:-1]:
        part = part[key]
    part[at[-1]] = value
    with pytest.raises(InputError) as refused:
        again.read(edited(run, tmp_path / "copy", **{at[0]: said[at[0]]}))
    assert words in str(refused.value)
    assert "http" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_place_that_the_book_lacks_is_refused(run: Path, tmp_path: Path) -> None:
    said = json.loads((run / "run.json").read_text("utf-8"))
    stops = [{**said["stops"][0], "node": "Q.parts"}]
    with pytest.raises(InputError, match=r"hold together.*Q\.parts"):
        again.read(edited(run, tmp_path / "copy", stops=stops))


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b"[" * 99_999, b'{"x": ' + b"9" * 9_999 + b"}"])
def test_bytes_that_are_no_record_are_refused(run: Path, tmp_path: Path, raw: bytes) -> None:
    shutil.copytree(run, tmp_path / "copy")
    (tmp_path / "copy" / "run.json").write_bytes(raw)
    with pytest.raises(InputError, match=r"not the run\.json of a run"):
        again.read(tmp_path / "copy" / "run.json")


def test_tables_of_another_run_are_refused(run: Path, tmp_path: Path) -> None:
    write(respond("vehicle-parts", draws=3, relief=1), tmp_path)
    shutil.copy(run / "run.json", tmp_path / "run.json")
    with pytest.raises(InputError, match="is not the one that was written with"):
        again.read(tmp_path / "run.json")
    (tmp_path / "paths.parquet").unlink()
    with pytest.raises(InputError, match="put both into one folder"):
        again.read(tmp_path / "run.json")
    (tmp_path / "run.json").unlink()
    with pytest.raises(InputError, match="no such file"):
        again.read(tmp_path / "run.json")


# ---- the command -------------------------------------------------------------------------------


def test_the_command_gives_the_files_again_and_says_what_respond_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["respond", "vehicle-parts", "--draws", "3", "--relief", "2", "--out", "a"]) == 0
    first = capsys.readouterr().out
    assert main(["report", "a/run.json", "--out", "b"]) == 0
    assert capsys.readouterr().out.replace(f"{tmp_path / 'b'}", f"{tmp_path / 'a'}") == first
    assert same_bytes(Path("a"), Path("b")) == dict.fromkeys(FILES, True)
    assert main(["report", "b/run.json", "--lang", "zh", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["folder"], said["outcome"]) == (str(tmp_path / "b"), "completed")
    assert openpyxl.load_workbook("b/cases.xlsx").sheetnames[0] == "协调清单"


def test_what_a_desk_wrote_stays_when_a_report_is_made_again(run: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(run, tmp_path / "copy")
    sheet = (filled := openpyxl.load_workbook(folder / "cases.xlsx")).worksheets[0]
    owner = next(c.column for c in sheet[1] if str(c.value).startswith("Owner"))
    sheet.cell(2, owner).value = "王丽"
    filled.save(folder / "cases.xlsx")
    assert main(["report", str(folder / "run.json")]) == 0
    assert openpyxl.load_workbook(folder / "cases.xlsx").worksheets[0].cell(2, owner).value == "王丽"
    assert (folder / "cases-kept.xlsx").is_file()


def test_a_book_of_ones_own_is_named_and_must_be_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = dataclasses.replace(book.load("teaching"), name="mine")
    book.save(mine, Path("mine"))
    text = SEVERAL.replace('book = "teaching"', 'book = "mine"')
    Path("several.toml").write_text(text, encoding="utf-8")
    ask = ["respond", "several.toml", "--book", "mine", "--draws", "2", "--relief", "1", "--out", "a"]
    assert main(ask) == 0
    capsys.readouterr()
    assert main(["report", "a/run.json", "--out", "b"]) == 2
    assert "Give its folder: --book FOLDER" in capsys.readouterr().err
    assert not Path("b").exists()
    assert main(["report", "a/run.json", "--book", "mine", "--out", "b"]) == 0
    assert same_bytes(Path("a"), Path("b")) == dict.fromkeys(FILES, True)
    book.save(dataclasses.replace(mine, output=mine.output * 1.01), Path("mine"))
    assert main(["report", "a/run.json", "--book", "mine", "--out", "c"]) == 2
    assert "has changed since" in capsys.readouterr().err


def test_a_report_does_not_go_into_a_book(run: Path, tmp_path: Path) -> None:
    book.save(book.load("teaching"), tmp_path / "mine")
    assert main(["report", str(run / "run.json"), "--out", str(tmp_path / "mine")]) == 2
    (tmp_path / "file").write_text("x")
    assert main(["report", str(run / "run.json"), "--out", str(tmp_path / "file")]) == 2
