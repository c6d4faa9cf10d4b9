"""SOURCE_DATE_EPOCH: the same job gives the same bytes, whenever, wherever and on however many threads."""

import datetime as dt
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest

from ballast import clock, packing
from ballast.cli import main
from ballast.errors import InputError

MOMENT = dt.datetime(2022, 4, 15, 5, 20, tzinfo=dt.UTC)
EPOCH = str(int(MOMENT.timestamp()))

# Everything that writes files, in one process; a name in close.csv is near one of the book: reviewed.
JOBS = """
import sys
from pathlib import Path
from ballast.cli import main
Path("days.csv").write_text("地区 region,行业 sector,库存天数 days\\nNorth,Parts,9\\n", encoding="utf-8")
Path("close.csv").write_text("地区 region,行业 sector,库存天数 days\\nNorth,Partss,9\\n", encoding="utf-8")
for words, code in (
    ("respond vehicle-parts --draws 2 --out run", 0),
    ("predict-table vehicle-parts --draws 2 --out table.csv", 0),
    ("campaign vehicle-parts --draws 4 --out campaign", 0),
    ("book template teaching --out template.xlsx", 0),
    ("book build teaching --out book", 0),
    ("book add book days.csv", 0),
    ("book add book close.csv", 2),
):
    assert main(words.split()) == code, words
"""


def test_now_is_the_moment_that_was_named(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    assert clock.fixed() == clock.now() == MOMENT
    assert clock.today() == MOMENT.date()
    assert clock.member() == (2022, 4, 15, 5, 20, 0)
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert clock.fixed() is None
    assert abs(clock.now() - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)
    assert clock.today() in {dt.date.today(), dt.date.today() - dt.timedelta(days=1)}


@pytest.mark.parametrize(
    ("epoch", "member"), [("0", (1980, 1, 1, 0, 0, 0)), ("253402300799", (2107, 12, 31, 23, 59, 58))]
)
def test_a_member_stays_inside_what_an_archive_can_say(monkeypatch, epoch, member):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert clock.member() == member
    zipfile.ZipInfo("x", clock.member())


@pytest.mark.parametrize(
    "wrong", ["", " ", "soon", "-1", "1.5", "1e9", "１６５", "1\n2", "253402300800", "9" * 5000]
)
def test_what_is_no_time_is_one_clear_error_before_any_work(monkeypatch, capsys, tmp_path, wrong):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
    with pytest.raises(InputError, match="SOURCE_DATE_EPOCH"):
        clock.now()
    assert main(["respond", "vehicle-parts", "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("error: SOURCE_DATE_EPOCH=") == 1
    assert len(said.err.splitlines()) == 1
    assert len(said.err) < 300
    assert "unset it" in said.err
    assert list(tmp_path.iterdir()) == []


def saved(kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "xlsx":
        book = openpyxl.Workbook()
        book.active.append(["=1+1", "压舱石", dt.date(2022, 4, 1)])
        packing.save_workbook(book, out)
    else:
        document = docx.Document()
        document.add_paragraph("压舱石")
        packing.save_document(document, out)
    return out.getvalue()


def core(data: bytes) -> tuple[dt.datetime, dt.datetime]:
    """When a file of either kind says it was made and changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        said = archive.read("docProps/core.xml").decode("utf-8")
    found = [re.search(rf"<dcterms:{word}[^>]*>([^<]+)<", said) for word in ("created", "modified")]
    assert all(found)
    made, changed = (dt.datetime.fromisoformat(m[1].replace("Z", "+00:00")) for m in found if m)
    return made, changed


@pytest.mark.parametrize("kind", ["xlsx", "docx"])
def test_an_office_file_says_the_moment_and_nothing_is_lost(monkeypatch, kind):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    free = saved(kind)
    assert all(abs(t - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1) for t in core(free))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    held = saved(kind)
    assert held == packing.steady(free), "what was made at another moment comes to the same bytes"
    assert core(held) == (MOMENT, MOMENT)
    with zipfile.ZipFile(io.BytesIO(free)) as old, zipfile.ZipFile(io.BytesIO(held)) as new:
        assert old.namelist() == new.namelist()
        assert {i.date_time for i in new.infolist()} == {clock.member()}
        changed = [n for n in old.namelist() if old.read(n) != new.read(n)]
    assert changed == ["docProps/core.xml"]


def test_no_file_is_saved_and_no_time_asked_past_these_two():
    """A workbook saved, or a clock read, in another way would escape SOURCE_DATE_EPOCH."""
    asks = (
        "datetime.now(",
        "date.today(",
        "utcnow(",
        "time.time(",
        "time.strftime(",
        "localtime(",
        "gmtime(",
    )
    for path in Path(clock.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name != "clock.py":
            assert [a for a in asks if a in text] == [], path
        if "Workbook()" in text or "Document()" in text:
            assert "packing import save_" in text, path


def hashes(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def everything(folder: Path, **env: str) -> dict[str, str]:
    """Run all jobs in a folder of their own; every file with its hash."""
    folder.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-c", JOBS],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return hashes(folder)


def test_every_file_is_the_same_bytes_in_another_folder_at_another_time(tmp_path):
    one = everything(
        tmp_path / "a", SOURCE_DATE_EPOCH=EPOCH, PYTHONHASHSEED="1", NUMBA_NUM_THREADS="1", TZ="UTC"
    )
    two = everything(  # the first took seconds, so the clock of every archive has moved
        tmp_path / "b" / "deeper",
        SOURCE_DATE_EPOCH=EPOCH,
        PYTHONHASHSEED="77",
        NUMBA_NUM_THREADS="2",
        TZ="Asia/Shanghai",
    )
    assert {n for n in one if one[n] != two.get(n)} | (set(two) - set(one)) == set()
    # rounded durations may agree by chance: they must not be there
    page = (tmp_path / "a" / "run" / "report.html").read_text(encoding="utf-8")
    assert "seconds." not in page
    measured = json.loads((tmp_path / "a" / "run" / "run.json").read_text(encoding="utf-8"))["seconds"]
    assert set(measured.values()) == {None}
    kinds = {Path(n).suffix for n in one}
    assert {".html", ".docx", ".xlsx", ".json", ".parquet", ".csv", ".npz", ".toml"} <= kinds
    assert "close-review.xlsx" in {Path(n).name for n in one}
