"""Standard streams that are closed, full or left early: the work is done, and what can be said is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ballast import terminal

SMALL = ["vehicle-parts", "--draws", "2"]
posix = pytest.mark.skipif(os.name != "posix", reason="streams are closed as a shell does it")
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")


def closing(*numbers: int) -> Callable[[], None]:
    def close() -> None:
        for number in numbers:
            os.close(number)

    return close


def ballast(*args: str, **more) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "ballast", *args], check=False, **more)


@posix
@pytest.mark.parametrize("numbers", [(2,), (1,), (0, 1, 2)])
def test_a_table_is_written_whatever_is_closed(tmp_path, numbers):
    out = tmp_path / "x.csv"
    done = ballast("predict-table", *SMALL, "--out", str(out), preexec_fn=closing(*numbers))
    assert done.returncode == 0
    lines = out.read_text("utf-8").splitlines()
    assert lines[0] == "region,sector,month,deviation_pct,low,high"
    assert {line.count(",") for line in lines} == {5}  # nothing that a library prints lands in it


@posix
@pytest.mark.parametrize("numbers", [(2,), (0, 1, 2)])
def test_a_report_is_written_without_standard_error(tmp_path, numbers):
    out = tmp_path / "r"
    assert ballast("respond", *SMALL, "--out", str(out), preexec_fn=closing(*numbers)).returncode == 0
    assert json.loads((out / "run.json").read_text("utf-8"))["outcome"]


@posix
def test_an_error_keeps_its_exit_code_where_nobody_can_hear_it():
    assert ballast("respond", "nope", preexec_fn=closing(1, 2)).returncode == 2


@full
def test_an_error_that_standard_output_cannot_take_is_said_beside():
    with open("/dev/full", "wb") as sink:
        done = ballast("respond", "nope", "--json", stdout=sink, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: scenario nope: no such file")
    assert b"Traceback" not in done.stderr


@full
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_reply_that_nothing_takes_has_failed(more):
    with open("/dev/full", "wb") as sink:
        done = ballast("scenario", "list", *more, stdout=sink, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: No space left on device")
    assert b"Traceback" not in done.stderr


@full
def test_a_standard_error_that_takes_nothing_stops_no_work(tmp_path):
    with open("/dev/full", "wb") as sink:
        done = ballast("predict-table", *SMALL, "--out", str(tmp_path / "x.csv"), stderr=sink)
    assert done.returncode == 0
    assert (tmp_path / "x.csv").exists()


@pytest.mark.parametrize(
    ("args", "code"), [(("scenario", "show", "shanghai-2022"), 0), (("respond", "nope", "--json"), 2)]
)
def test_a_reader_that_leaves_early_changes_no_exit_code(args, code):
    with subprocess.Popen(
        [sys.executable, "-m", "ballast", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == code
    assert b"Traceback" not in err
    assert b"Exception" not in err


def test_a_closed_stream_is_looked_at_by_nobody(tmp_path):
    with (tmp_path / "x").open("w", encoding="utf-8") as stream:
        pass
    assert not terminal.interactive(stream)
