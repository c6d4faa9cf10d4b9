"""Every writer killed at each of its steps: nothing old is lost, and the next run ends as if undisturbed.

`sweep` does it; WRITERS says which test sweeps which writer, and a walk through the package sees that none
is missing. What is costly before the writing is done once, in the parent; the writing is the real one.
"""

from __future__ import annotations

import ast
import importlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from killing import contents, hidden, killed
from report import fake

import ballast
from ballast import compiled, placing
from ballast.answer.tables import MONTHLY
from ballast.cached import Checked
from ballast.cli import main
from ballast.economy import Economy, book, readers
from ballast.economy.book import undo
from ballast.economy.facts import OWN
from ballast.economy.names.matcher import Proposal
from ballast.economy.own import template
from ballast.errors import Finding
from ballast.evidence import Grade, Source
from ballast.propagate import campaign
from ballast.propagate.campaign.parts import Plan, run_part
from ballast.propagate.campaign.tables import TABLES
from ballast.report import FILES, carry, excel, html, record, word
from ballast.report.facts import gather
from ballast.text import Text

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are forked and killed")

Act = Callable[[Path], Any]
RESPOND = importlib.import_module("ballast.answer")


@pytest.fixture(autouse=True)
def _one_moment(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1650000000")
    monkeypatch.setenv("LANG", "C.UTF-8")


def settled(folder: Path) -> dict[str, bytes]:
    """What the next reader or writer finds: it finishes first what a kill left."""
    with placing.alone(folder):
        return contents(folder)


def sweep(
    act: Act,
    prepare: Act,
    folder: Path,
    *,
    again: Act | None = None,
    look: Act = lambda folder: None,
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Kill the act at each step: `look` at what lies there; it is old or new, and then ends as undisturbed.

    `again` is the next run of the same command where it differs. The old and the new content are returned.
    """
    prepare(folder)
    old = contents(folder)
    act(folder)
    new = contents(folder)
    assert hidden(folder) == []
    assert old != new
    seen = []
    for _ in killed(act, prepare, folder):
        look(folder)
        left = settled(folder)
        assert left in (old, new), sorted(k for k in {*old, *new, *left} if left.get(k) != new.get(k))
        look(folder)
        seen.append(left == new)
        (again or act)(folder)
        assert contents(folder) == new
        assert hidden(folder) == []
    assert seen == sorted(seen)  # there is one moment at which it counts
    assert (seen[0], seen[-1]) == (False, True)
    return old, new


def done(words: Iterable[object]) -> None:
    assert main([str(w) for w in words]) == 0


def nothing(folder: Path) -> None:
    """The folder is not even there."""


# ---- reports -----------------------------------------------------------------------------------


def remembered(write: Callable[..., Any]) -> Callable[..., Any]:
    """A writer of one file that makes it once for each state of the entries, and then writes its bytes."""
    made: dict[str, bytes] = {}

    def again(*args: Any) -> None:
        path = next(a for a in args if isinstance(a, Path))
        key = repr([a for a in args if isinstance(a, carry.Earlier | tuple)])
        if key not in made:
            write(*args)
            made[key] = path.read_bytes()
        path.write_bytes(made[key])

    return again


@pytest.fixture
def answered(monkeypatch) -> None:
    """An answer at once, and pages that are drawn once; placing, carrying over and checksums are real."""
    response = fake.response()
    page = html.render(response, gather(response), "en")
    monkeypatch.setattr(RESPOND, "respond", lambda *args, **options: response)
    monkeypatch.setattr(html, "render", lambda *args: page)
    monkeypatch.setattr("ballast.report.summary", lambda *args: "done")
    for module, name in ((word, "write"), (excel, "write"), (record, "write_paths")):
        monkeypatch.setattr(module, name, remembered(getattr(module, name)))


def respond(folder: Path) -> None:
    done(["respond", "made-up", "--out", folder])


def owners(path: Path) -> list[object]:
    return [entry.get("owner") for entry in carry.read(path).entries.values()]


def test_a_first_report_is_there_or_not(answered, tmp_path):
    _, new = sweep(respond, nothing, tmp_path / "r")
    assert set(new) == set(FILES)


@pytest.mark.slow
def test_a_report_over_one_that_a_desk_has_filled_in(answered, tmp_path):
    """At every kill the desk opens its workbook and finds its words, even before anybody has settled it."""
    respond(tmp_path / "first")
    sheet = openpyxl.load_workbook(tmp_path / "first" / "cases.xlsx")
    heads = {str(c.value).split("\n")[0]: c.column for c in sheet.worksheets[0][1]}
    sheet.worksheets[0].cell(2, heads["Owner"]).value = "王丽"
    sheet.save(tmp_path / "first" / "cases.xlsx")
    earlier = contents(tmp_path / "first") | {"notes.txt": b"mine"}
    whole: set[bytes] = set()

    def filled_in(folder: Path) -> None:
        folder.mkdir()
        for name, data in earlier.items():
            (folder / name).write_bytes(data)

    def look(folder: Path) -> None:
        data = (folder / "cases.xlsx").read_bytes()
        if data not in whole:
            assert owners(folder / "cases.xlsx") == ["王丽"]
            whole.add(data)

    old, new = sweep(respond, filled_in, tmp_path / "r", look=look)
    assert set(new) - set(old) == {"cases-kept.xlsx"}
    assert new["cases-kept.xlsx"] == old["cases.xlsx"]
    assert new["notes.txt"] == b"mine"
    assert whole == {old["cases.xlsx"], new["cases.xlsx"]}


@pytest.mark.parametrize("in_place", [False, True])
def test_what_a_desk_writes_after_the_kill_is_not_replaced_unseen(tmp_path, in_place):
    """The old workbook still lies there: a desk opens and saves it before anybody has finished."""

    def prepare(folder: Path) -> None:
        folder.mkdir()
        for name in ("cases.xlsx", "gone.txt"):
            (folder / name).write_bytes(b"old")

    def act(folder: Path) -> None:
        with placing.Placing(folder, remove=["gone.txt"]) as stage:
            for name in ("cases.xlsx", "cases-kept.xlsx", "run.json"):
                (stage / name).write_bytes(b"new")

    folder, halves = tmp_path / "r", 0
    for _ in killed(act, prepare, folder):
        for name in ("cases.xlsx", "gone.txt"):
            path = folder / name
            if path.exists() and path.read_bytes() == b"old":
                if not in_place:
                    path.unlink()
                path.write_bytes(b"of today")
        before, half = contents(folder), (folder / placing.COMMIT).exists()
        left = settled(folder)
        assert list(left.values()).count(b"of today") == list(before.values()).count(b"of today")
        if half:
            halves += 1
            assert left["cases.xlsx"] == left["cases-kept.xlsx"] == left["run.json"] == b"new"
            assert "gone.txt" not in left
        assert hidden(folder) == []
    assert halves > 5


# ---- single files ------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [False, True])
def test_a_table_of_months(tmp_path, monkeypatch, there):
    columns = dict.fromkeys(MONTHLY, "N") | {"deviation_pct": np.arange(3000.0)}
    table = pd.DataFrame(columns, index=range(3000))
    table.attrs = {"notes": [], "outcome": "completed", "amplifies": {}, "outcomes": {}}
    monkeypatch.setattr(RESPOND, "predict", lambda *args, **options: table)

    def prepare(folder: Path) -> None:
        if there:
            folder.mkdir()
            (folder / "months.csv").write_bytes(f"{','.join(MONTHLY)}\nold\n".encode())

    _, new = sweep(
        lambda f: done(["predict-table", "made-up", "--out", f / "months.csv"]), prepare, tmp_path / "t"
    )
    assert new["months.csv"].count(b"\n") == 3001


def test_a_saved_chart_is_whole_or_absent(tmp_path):
    chart = book.load("teaching").plot.map()
    _, new = sweep(lambda f: chart.save(f / "map.svg"), lambda f: f.mkdir(), tmp_path / "c")
    assert new["map.svg"].startswith(b"<svg")


def test_a_template_is_whole_or_absent_and_never_written_over(tmp_path, capsys):
    def again(folder: Path) -> None:
        """The next run; where the first got to its end it says that the file is there."""
        words = ["book", "template", "teaching", "--out", str(folder / "t.xlsx")]
        if main(words) != 0:
            assert "is there already" in capsys.readouterr().err

    sweep(
        lambda f: done(["book", "template", "teaching", "--out", f / "t.xlsx"]),
        nothing,
        tmp_path / "t",
        again=again,
    )


@pytest.mark.parametrize("theirs", [False, True])
def test_a_review_sheet_keeps_the_y_of_a_desk(tmp_path, theirs):
    """Also where a file of theirs has that name, beside which the sheet goes."""
    asked = [("a.csv, row 2", Proposal(w, "sector", "PRT", "parts", 0.9)) for w in ("Partss", "Prts")]
    yes = (("sector", "Partss", "PRT"),)

    filled = template.write_review(asked[:1], tmp_path / "filled.xlsx")
    sheet = openpyxl.load_workbook(filled)
    sheet.active["F2"] = "y"
    sheet.save(filled)

    def prepare(folder: Path) -> None:
        folder.mkdir()
        (folder / "a-review.xlsx").write_bytes(b"theirs" if theirs else filled.read_bytes())

    def look(folder: Path) -> None:
        path = folder / "a-review.xlsx"
        assert path.read_bytes() == b"theirs" if theirs else template.read_review(path) == yes

    def act(folder: Path) -> None:
        template.write_review(asked, folder / "a-review.xlsx")

    def again(folder: Path) -> None:
        if not (folder / "a-review-2.xlsx").exists():  # else the next free number is taken, and none lost
            act(folder)

    sweep(act, prepare, tmp_path / "d", again=again, look=look)


# ---- books -------------------------------------------------------------------------------------


@pytest.fixture
def imports(monkeypatch, tmp_path) -> Act:
    """`book import` of a table that has been read; the tables of each book are packed once, then copied."""
    real = book.folder._write

    def write(economy: Economy, stage: Path) -> None:
        made = tmp_path / "packed" / economy.title.en
        if not made.exists():
            made.mkdir(parents=True)
            real(economy, made)
        for path in sorted(made.iterdir()):
            shutil.copyfile(path, stage / path.name)

    monkeypatch.setattr(book.folder, "_write", write)
    finding = Finding("warning", "row 3", "moved", "look at it", 0.5)
    read = readers.Imported(replace(book.load("teaching"), title=Text("new", "new")), (finding,))
    monkeypatch.setattr(readers, "read", lambda *args, **options: read)
    return lambda folder: done(["book", "import", "long", "table.csv", "--out", folder])


def test_an_imported_book_comes_with_its_findings(imports, tmp_path):
    _, new = sweep(imports, nothing, tmp_path / "new")
    assert b"row 3" in new["findings.csv"]


def findings(folder: Path, text: str) -> None:
    (folder / "findings.csv").write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_an_import_over_the_work_of_a_desk_can_be_taken_back_after_any_kill(imports, tmp_path):
    """Whenever the kill came, and though the import was run again: the versions lead back to the work."""
    source = Source(f"{OWN}stock", "stock.xlsx", "the desk's own figures", "2022", "", Grade.D)
    work = replace(book.load("teaching"), sources=(source,))

    def worked(folder: Path) -> None:
        book.save(work, folder, beside=lambda stage: findings(stage, "old"))

    folder = tmp_path / "b"
    worked(folder)
    old = contents(folder)
    imports(folder)
    new = contents(folder)
    for _ in killed(imports, worked, folder):
        book.load(folder)  # which settles it
        assert contents(folder) in (old, new)
        imports(folder)
        assert {k: v for k, v in contents(folder).items() if not k.startswith("undo/2")} == new
        assert hidden(folder) == []
        for _ in range(len(list((folder / "undo").iterdir()))):
            undo.restore(folder)
        assert contents(folder) == old


# ---- campaigns ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plan() -> Plan:
    return campaign.plan(["vehicle-parts"], draws=4, size=2)


@pytest.fixture(scope="module")
def spread(plan: Plan) -> campaign.Spread:
    """The parts, run once."""
    made = {
        job: run_part(plan.economy, plan.scenarios[job.scenario], plan.quantiles(job), plan.model)
        for job in plan.jobs
    }
    return lambda plan, jobs, tick: ((job, made[job]) for job in jobs)


def test_a_campaign_goes_on_and_ends_in_the_same_bytes(plan, spread, tmp_path):
    def act(folder: Path) -> None:
        campaign.run(plan, folder, spread=spread)

    act(tmp_path / "whole")
    whole = contents(tmp_path / "whole")
    parts = [f"parts/{job.name}" for job in plan.jobs]
    assert set(whole) == {*TABLES, "campaign.json", "manifest.json", *parts}
    seen = []
    for _ in killed(act, nothing, tmp_path / "c"):
        left = contents(tmp_path / "c")
        assert left.items() <= whole.items()  # every file that is there is whole
        if "campaign.json" in left:  # written last: who sees it has all
            assert left == whole
        seen.append(len(left))
        act(tmp_path / "c")
        assert contents(tmp_path / "c") == whole
        assert hidden(tmp_path / "c") == []
    assert seen == sorted(seen)
    assert set(seen) == set(range(len(whole) + 1))


def test_a_campaign_written_again_is_whole_at_every_kill(plan, spread, tmp_path):
    """A part of it is damaged, the rest is finished."""

    def act(folder: Path) -> None:
        campaign.run(plan, folder, spread=spread)

    act(tmp_path / "whole")
    whole = contents(tmp_path / "whole")
    part = f"parts/{plan.jobs[0].name}"

    def prepare(folder: Path) -> None:
        (folder / "parts").mkdir(parents=True)
        for name, data in whole.items():
            (folder / name).write_bytes(b"damaged" if name == part else data)

    for _ in killed(act, prepare, tmp_path / "c"):
        assert contents(tmp_path / "c") in (whole, whole | {part: b"damaged"})
        act(tmp_path / "c")
        assert contents(tmp_path / "c") == whole
        assert hidden(tmp_path / "c") == []


# ---- compiled functions ------------------------------------------------------------------------


def test_a_compiled_function_is_kept_whole_or_not(tmp_path):
    """Nothing is ever loaded for a key that was kept for another, and no half files pile up."""
    folder = tmp_path / "kernels"

    def kept(stamp: str) -> Any:
        return Checked(str(folder), "f", stamp)

    def prepare(folder: Path) -> None:
        folder.mkdir()
        kept("older").save("float", b"of float")  # of an installation before, in the same place

    def act(folder: Path) -> None:
        kept("now").save("int", b"of int")

    seen = []
    for _ in killed(act, prepare, folder):
        found = kept("now").load("int")
        assert found in (None, b"of int")
        seen.append(found is not None)
        act(folder)
        assert kept("now").load("int") == b"of int"
    assert (seen[0], seen[-1]) == (False, True)


def test_what_a_kill_left_half_compiled_goes_after_a_day(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    compiled.place.cache_clear()
    here = compiled.place()
    assert here is not None
    fresh, old, whole = (here / "ballast" / n for n in ("f.1.nbc.tmp.0a", "f.nbi.tmp.0b", "f.nbi"))
    fresh.parent.mkdir()
    for path in (fresh, old, whole):
        path.touch()
    for path in (old, whole):
        os.utime(path, (1, 1))
    compiled.place.cache_clear()
    compiled.place()
    assert sorted(p.name for p in fresh.parent.iterdir()) == [fresh.name, whole.name]
    compiled.place.cache_clear()


# ---- none is missing ---------------------------------------------------------------------------

SOURCE = Path(ballast.__file__).parent
DOORS = {"Placing", "one", "placed", "_save"}  # of `placing`; of campaigns; of workbooks
HERE, BOOKS = "test_writers_killed.py", "economy/book/test_kills.py"
CAMPAIGN = f"{HERE} test_a_campaign_goes_on_and_ends_in_the_same_bytes"
WRITERS = {
    "report/__init__.py write": f"{HERE} test_a_report_over_one_that_a_desk_has_filled_in",
    "economy/book/folder.py save": f"{BOOKS} test_a_book_that_is_replaced_is_the_old_or_the_new_one",
    "economy/book/undo.py restore": f"{BOOKS} test_adding_and_undoing_killed_at_every_step",
    "economy/own/template.py _save": f"{HERE} test_a_template_is_whole_or_absent_and_never_written_over",
    "economy/own/template.py write": f"{HERE} test_a_template_is_whole_or_absent_and_never_written_over",
    "economy/own/template.py write_review": f"{HERE} test_a_review_sheet_keeps_the_y_of_a_desk",
    "cli/run.py predict_table": f"{HERE} test_a_table_of_months",
    "show/chart.py save": f"{HERE} test_a_saved_chart_is_whole_or_absent",
    "propagate/campaign/folder.py _claim": CAMPAIGN,
    "propagate/campaign/parts.py placed": CAMPAIGN,
    "propagate/campaign/parts.py write_part": CAMPAIGN,
    "propagate/campaign/tables.py write_tables": CAMPAIGN,
    "propagate/campaign/tables.py _write_parquet": CAMPAIGN,
}
# what opens a file for writing or has a library do it: into the stage it is given, or with a reason
INTO_STAGES = {
    "cli/books.py _write_findings",
    "economy/book/folder.py _write",
    "economy/own/template.py _save",
    "packing.py _save",
    "economy/book/undo.py _again",
    "report/carry.py keep",
    "report/excel.py write",
    "report/wordchart.py _workbook",  # in memory
    "propagate/campaign/folder.py _claim",
    "propagate/campaign/parts.py write_part",
    "propagate/campaign/tables.py write_tables",
    "propagate/campaign/tables.py _write_parquet",
    "report/__init__.py write",
    "report/record.py write_json",
    "report/record.py write_paths",
    "safe.py csv_table",
    "show/chart.py save",
    "placing.py _commit",
    "placing.py _spare",  # in the folder itself, under a name that is free
    "placing.py check_writable",
    "economy/builders/china_2020.py main",  # a page of this repository, when the built-in book is made
}
WRITE = {
    "write_text",
    "write_bytes",
    "write_table",
    "to_csv",
    "savez",
    "save_workbook",
    "copy2",
    "copyfile",
}
MODES = {"w", "wb", "a", "ab", "x", "xb", "r+b"}


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Every call in the package: file and function it stands in, and the last part of the name it calls."""
    for path in sorted(SOURCE.rglob("*.py")):
        for top in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(top, ast.FunctionDef):
                for node in ast.walk(top):
                    if isinstance(node, ast.Call):
                        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                        yield f"{path.relative_to(SOURCE).as_posix()} {top.name}", node, name


def opens_for_writing(call: ast.Call, name: str) -> bool:
    """Whether a call is an `open` with a mode that writes."""
    values = [*call.args, *(k.value for k in call.keywords)]
    texts = [n.value for v in values for n in ast.walk(v) if isinstance(n, ast.Constant)]
    return name in ("open", "OSFile") and bool(MODES & set(map(str, texts)))


def test_every_writer_is_killed_in_a_test():
    through = {place for place, _, name in calls() if name in DOORS}
    through -= {"packing.py save_workbook", "packing.py save_document"}  # a `_save` of its own
    assert through == set(WRITERS)
    for place, test in WRITERS.items():
        file, name = test.split()
        tree = ast.parse((Path(__file__).parent / file).read_text(encoding="utf-8"))
        found = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name)
        called = {getattr(n.func, "id", "") for n in ast.walk(found) if isinstance(n, ast.Call)}
        assert called & {"killed", "sweep"}, f"{place}: {test} kills nothing"


def test_nothing_writes_past_the_doors():
    writing = {place for place, node, name in calls() if name in WRITE or opens_for_writing(node, name)}
    assert sorted(writing ^ INTO_STAGES) == []
