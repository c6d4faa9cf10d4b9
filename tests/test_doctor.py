"""`ballast doctor` answers whatever is broken, and says what is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ballast import compiled, doctor, machine
from ballast.cli import main
from ballast.errors import InputError


def levels(checks: tuple[doctor.Check, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for c in checks:
        found.setdefault(c.name.en, set()).add(c.level)
    return found


@pytest.fixture(scope="module")
def checks() -> tuple[doctor.Check, ...]:
    return doctor.examine()


def test_here_everything_needed_works(checks):
    assert [c for c in checks if c.level == "error"] == []
    said = {c.name.en: c.found.en for c in checks}
    assert "numba" in said["packages"]
    assert "china-2020" in said["books and scenarios"]
    assert re.search(r"differ by \d", said["a small run"])


def test_every_check_is_in_both_languages(checks):
    for c in checks:
        assert all(text.en and text.zh for text in (c.name, c.found))
        assert bool(c.todo.en) == bool(c.todo.zh)
        assert bool(c.todo.en) == (c.level != "ok"), "what is not in order says what to do"


def test_the_command_prints_a_line_each_and_one_document(capsys, monkeypatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    assert main(["doctor"]) == 0
    assert "试算：" in capsys.readouterr().out
    assert main(["doctor", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["works"] is True


def test_a_compiled_step_that_gives_other_numbers_is_an_error(monkeypatch, capsys):
    from ballast.propagate import simulate as module

    real = module.run_arrays

    def off(*args, backend, **more):
        record = real(*args, backend=backend, **more)
        return record._replace(output=record.output * 1.001) if backend == "numba" else record

    monkeypatch.setattr(module, "run_arrays", off)
    assert main(["doctor"]) == 1
    assert "Do not use the results" in capsys.readouterr().out


def test_what_is_missing_is_said_with_what_to_do(monkeypatch):
    real = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda p: None if p in ("scipy", "ray") else real(p))
    monkeypatch.setattr(doctor.shutil, "which", lambda program: None)
    monkeypatch.setattr(doctor.machine, "temporary", lambda: None)
    monkeypatch.setattr(machine, "private", lambda folder: False)
    compiled.place.cache_clear()
    checks = doctor.examine()
    compiled.place.cache_clear()
    found = levels(checks)
    assert found["packages"] == {"error"}
    assert "note" in found["extras"]
    assert found["fonts"] == {"note"}
    assert found["compiled functions"] == {"note"}
    assert "error" in found["folders"]
    todo = " ".join(c.todo.en for c in checks)
    for words in (
        "pip install scipy",
        "ballaststone[cluster]",
        "NUMBA_CACHE_DIR",
        "TMPDIR",
        "fonts-noto-cjk",
    ):
        assert words in todo


def test_a_check_that_fails_by_itself_is_an_error_and_the_others_go_on(monkeypatch):
    def broken(name):
        raise InputError("numba cannot be used. Correct NUMBA_NUM_THREADS.")

    def worse(name):
        raise ZeroDivisionError("oh")

    first, last = doctor._CHECKS[0], doctor._CHECKS[1]
    monkeypatch.setattr(doctor, "_CHECKS", (first, (first[0], broken), (first[0], worse), last))
    found = doctor.examine()
    assert [c.level for c in found] == ["ok", "error", "error", "ok"]
    assert "Correct NUMBA_NUM_THREADS" in found[1].found.en
    assert "ZeroDivisionError" in found[2].found.en


def test_folders_without_room_are_noted(monkeypatch):
    monkeypatch.setattr(doctor, "ROOM", 1e18)
    found = list(doctor._places(doctor.Text("x", "x")))
    assert {c.level for c in found} == {"note"}
    assert str(Path.cwd()) in found[0].found.en


def test_a_file_that_cannot_be_read_is_no_folder_that_is_gone(monkeypatch, tmp_path):
    def denied(name):
        raise PermissionError(13, "Permission denied", "x.toml")

    def lost(name):
        raise FileNotFoundError(2, "No such file or directory", "y.toml")

    monkeypatch.setattr(
        doctor, "_CHECKS", [(doctor.Text("one", "一"), denied), (doctor.Text("two", "二"), lost)]
    )
    assert {c.todo.en for c in doctor.examine()} == {
        "See whether this file is there and may be read, then install again."
    }
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert [c.todo.en.split(",")[0] for c in doctor.examine()] == [
        "See whether this file is there and may be read",
        "Change to another folder",
    ]
