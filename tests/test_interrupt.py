"""Ctrl-C at every moment of a command: exit code 0 or 130, no traceback, all files or none, true words."""

import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from ballast import machine
from ballast.cli import console, interrupt, main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a single process")

FILES = {"report.html", "report.docx", "cases.xlsx", "run.json", "paths.parquet"}
RESPOND = ["respond", "vehicle-parts", "--draws", "2", "--relief", "2", "--out", "r"]

# The command as its script starts it; a dot is written as soon as Ctrl-C is in its hands: what comes before
# is Python's own start.
START = """
import os, signal
real = signal.signal
def told(*args):
    before = real(*args)
    signal.signal = real
    os.write(1, b".")
    return before
signal.signal = told
from ballast.__main__ import command
command()
"""


def pressed(delay: float | None, folder: Path, *args: str, at: str = "") -> tuple[int, str, str, float]:
    """Exit code, output, errors and seconds of a command to which Ctrl-C comes after `delay` seconds.

    With `at`, seconds count from the line of standard error that begins so.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", START, *args],
        cwd=folder,
        bufsize=0,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # a suite started in the background inherits a SIGINT that is ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with process:
        assert process.stdout is not None
        assert os.read(process.stdout.fileno(), 1) == b"."
        assert process.stderr is not None
        while at and (line := process.stderr.readline()):
            if line.decode().startswith(at):
                break
        begun = time.perf_counter()
        if delay is not None:
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    return process.returncode, out.decode(), err.decode(), time.perf_counter() - begun


def sweep(moments: int, root: Path, *args: str, at: str = "") -> list[tuple[int, str, str, set[str]]]:
    """The command interrupted at so many moments from first to last, each in its own folder."""
    root.mkdir()
    pressed(None, root, *args)  # compiled functions are there
    whole = pressed(None, root, *args, at=at)[3]
    found = []
    for i in range(moments):
        folder = root / str(i)
        folder.mkdir()
        past = 3.0 if i == moments - 1 else 0.0  # the last is over also where the machine is busy
        code, out, err, _ = pressed(past + 1.1 * whole * i / (moments - 1), folder, *args, at=at)
        left = {str(p.relative_to(folder)) for p in folder.rglob("*")}
        assert code in (0, 130), (i, err)
        assert "Traceback" not in err, (i, err)
        assert "Exception" not in err, (i, err)
        if code == 130:
            assert (out, left) == ("", set()), (i, err)
        found.append((code, out, err, left))
    return found


def test_ctrl_c_at_any_moment_of_a_short_command(tmp_path):
    """From the first instruction on, through all imports, to Python's own end."""
    codes = [(code, out) for code, out, _, _ in sweep(30, tmp_path / "x", "--version")]
    assert codes[0] == (130, "")
    assert codes[-1][0] == 0
    assert all(out.startswith("ballast ") for code, out in codes if code == 0)


@pytest.mark.slow
def test_ctrl_c_at_any_moment_of_the_main_job(tmp_path):
    """From its first instruction on, and more closely where the files come."""
    found = sweep(12, tmp_path / "x", *RESPOND)
    found += sweep(12, tmp_path / "y", *RESPOND, at="The report")
    assert {code for code, *_ in found} == {0, 130}
    for code, out, err, left in found:
        if code == 0:
            assert left == {"r", *(f"r/{f}" for f in FILES)}
            assert "The report:" in out
        else:
            assert err in {"", "\n"} or err.endswith("Interrupted: nothing was written.\n")


@pytest.fixture
def heard():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def after(function):
    """`function`, and Ctrl-C at its last instruction."""

    def wrapped(*args, **more):
        out = function(*args, **more)
        signal.raise_signal(signal.SIGINT)
        return out

    return wrapped


def before(function):
    def wrapped(*args, **more):
        signal.raise_signal(signal.SIGINT)
        return function(*args, **more)

    return wrapped


WRITERS = {
    "predict-table": ["predict-table", "vehicle-parts", "--draws", "2", "--out", "r/t.csv"],
    "template": ["book", "template", "teaching", "--out", "r/t.xlsx"],
    "build": ["book", "build", "teaching", "--out", "r"],
}


@pytest.mark.parametrize("args", WRITERS.values(), ids=WRITERS)
def test_ctrl_c_once_the_files_stand_changes_nothing(args, tmp_path, monkeypatch, capsys, heard):
    """While they are moved, when they have been, and when the answer is about to be said."""
    monkeypatch.chdir(tmp_path)
    moved = []
    real = os.replace
    monkeypatch.setattr(machine, "move", after(lambda a, b: moved.append(real(a, b))))
    monkeypatch.setattr(console, "show", before(after(console.show)))
    assert main(args) == 0
    printed = capsys.readouterr()
    assert moved
    assert printed.out
    assert "Interrupted" not in printed.err
    assert any(p.is_file() for p in tmp_path.rglob("*"))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("args", WRITERS.values(), ids=WRITERS)
def test_ctrl_c_just_before_the_files_stand_leaves_none(args, tmp_path, monkeypatch, capsys, heard):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(machine, "flush", before(machine.flush))
    with monkeypatch.context() as patch:
        patch.setattr(machine, "quiet", before(machine.quiet))
        assert main(args) == 130
    assert capsys.readouterr().err.endswith("Interrupted: nothing was written.\n")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_an_error_is_said_leaves_the_error(monkeypatch, capsys, heard):
    monkeypatch.setattr(console, "fail", before(after(console.fail)))
    assert main(["scenario", "show", "nowhere"]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_dropped_ctrl_c_ends_a_command_that_never_looks(monkeypatch, capsys, heard):
    """A reading command has no steps at which it looks: what was dropped counts at the end."""

    def lists():
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            return []

    monkeypatch.setattr("ballast.scenario.builtin_scenarios", lists)
    assert main(["scenario", "list"]) == 130
    assert capsys.readouterr().out == ""


def test_two_signals_at_once_are_one_ctrl_c(heard):
    with interrupt.hearing() as ear:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)  # a shell and `timeout` both send it
        time.sleep(interrupt.SAME)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        ear.settle()
        signal.raise_signal(signal.SIGINT)


def test_a_job_in_the_background_keeps_ctrl_c_switched_off(heard):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interrupt.hearing(last=True):
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_the_script_and_the_module_start_the_same_way():
    scripts = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"][
        "scripts"
    ]
    assert scripts == {"ballast": "ballast.__main__:command"}
    code = (
        "import sys; import ballast.__main__; "
        "print(sorted({'typing', 'typer', 'ballast.cli', 'ballast.errors'} & set(sys.modules)))"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(machine.__file__).parents[1])}
    python = [sys.executable, "-S", "-c", code]
    done = subprocess.run(python, capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == "[]"
