"""Every command at every place where it may not write: the message names what, where and a way out."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ballast import machine
from ballast.cli import main
from ballast.economy import book
from ballast.economy.own import template
from ballast.errors import OutputError

TEACHING = book.BUILTIN / "teaching"
SMALL = ["vehicle-parts", "--draws", "2", "--relief", "2"]
WRITERS = {  # what it writes -> the command
    "The report": ["respond", *SMALL, "--out", "x/r"],
    "The table": ["predict-table", "vehicle-parts", "--draws", "2", "--out", "x/t.csv"],
    "The campaign": ["campaign", "vehicle-parts", "--draws", "4", "--out", "x/c"],
    "The template": ["book", "template", "teaching", "--out", "x/t.xlsx"],
    "The book": ["book", "build", "teaching", "--out", "x/b"],
    "The book (merged)": ["book", "aggregate", "teaching", "c.csv", "--out", "x/b"],
    "The book (regions)": ["book", "regionalise", "teaching", "c.csv", "--out", "x/b"],
    "The book (imported)": ["book", "import", "long", "c.csv", "--out", "x/b"],
    "The book (new)": ["book", "add", "teaching", "c.csv", "--out", "x/b"],
    "The book (changed)": ["book", "add", "mine", "c.csv"],
    "The book (undone)": ["book", "undo", "mine"],
}
REASONS = [
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE,
    errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EIO,
]  # fmt: skip


def refusal(command: list[str], capsys) -> str:
    """What is said, which is one message."""
    assert main(command) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


@pytest.mark.skipif(os.name == "nt", reason="there an open file may be the cause")
@pytest.mark.parametrize("what", WRITERS)
def test_what_the_system_refuses_is_said_in_words_that_fit(what, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(TEACHING, "mine")
    Path("c.csv").write_text("from,to\n", encoding="utf-8")
    for reason in REASONS:

        def refuse(folder, reason=reason):
            raise OSError(reason, os.strerror(reason), str(folder))

        monkeypatch.setattr(machine, "lock", refuse)
        said = refusal(WRITERS[what], capsys)
        assert said.startswith(f"error: {what.split(' (')[0]} cannot be written: "), said
        assert os.strerror(reason) in said
        assert "Excel" not in said  # an open file stands in nobody's way here
        assert "Nothing was changed." in said
        if WRITERS[what][1] == "undo":  # it has no --out
            assert "--out" not in said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.csv", "mine"]


@pytest.mark.parametrize("what", [w for w, c in WRITERS.items() if "--out" in c])
@pytest.mark.parametrize("name", ["file/below", "x" * 300], ids=["through a file", "too long"])
def test_a_path_that_cannot_be_names_the_way_out(what, name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("mine", encoding="utf-8")
    Path("c.csv").write_text("from,to\n", encoding="utf-8")
    command = [word.replace("x/", f"{name}/") if word.startswith("x/") else word for word in WRITERS[what]]
    said = refusal(command, capsys)
    assert "choose another folder with --out" in said or "choose a shorter one" in said
    assert Path("file").read_text(encoding="utf-8") == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.csv", "file"]


def test_a_review_sheet_lies_beside_the_file_wherever_out_is(tmp_path, monkeypatch):
    def refuse(folder):
        raise PermissionError(errno.EACCES, "Permission denied", str(folder))

    monkeypatch.setattr(machine, "lock", refuse)
    with pytest.raises(OutputError, match=r"The review sheet cannot be written.*copy your file") as caught:
        template.write_review([], tmp_path / "r.xlsx")
    assert "--out" not in str(caught.value)


@pytest.mark.parametrize(
    "command", [["book", "template", "teaching", "--out", "t.xlsx"], WRITERS["The book"]]
)
@pytest.mark.parametrize("background", [False, True])
def test_what_a_library_drops_on_a_full_disk_is_no_second_message(command, background, tmp_path):
    """A limit on the size of files stands in for the disk; the archive of a workbook is closed twice. A job
    in the background is one that Ctrl-C does not reach.
    """
    resource = pytest.importorskip("resource")

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
        if background:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    done = subprocess.run(
        [sys.executable, "-m", "ballast", *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        preexec_fn=limited,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: The ")
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_of_four_runs_into_one_folder_one_works_and_three_are_refused(tmp_path):
    """At once, with exit code 2, and what lies there is of the one that worked."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "ballast", "respond", *SMALL, "--seed", str(seed), "--out", "r"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in (1, 2, 3, 4)
    ]
    ended = [(*run.communicate(timeout=240), run.returncode) for run in runs]
    assert sorted(code for *_, code in ended) == [0, 2, 2, 2], ended
    for out, err, code in ended:
        if code == 2:
            assert out == ""
            assert "another process is working in r. Wait for it, or choose another folder." in err
            assert "..." not in err  # before any stage of the work
    winner = next(seed for seed, (*_, code) in enumerate(ended, 1) if code == 0)
    assert (
        json.loads((tmp_path / "r" / "run.json").read_text(encoding="utf-8"))["settings"]["seed"] == winner
    )
    assert sorted(p.name for p in (tmp_path / "r").iterdir()) == [
        "cases.xlsx", "paths.parquet", "report.docx", "report.html", "run.json",
    ]  # fmt: skip
