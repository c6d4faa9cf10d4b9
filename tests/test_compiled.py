"""Compiled functions run anywhere: with a damaged cache, a full or a foreign one, and with none."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ballast import cached, compiled, machine
from ballast.cli import console
from ballast.errors import SimulationError

SOURCE = Path(compiled.__file__).parent
posix = pytest.mark.skipif(os.name == "nt", reason="owners and rights of POSIX")

SCRIPT = """
import json
from ballast.compiled import compiled, place

@compiled
def double(x):
    return 2.0 * x

value = double(21.0)
hits = sum(double._cache is not None and n for n in double.stats.cache_hits.values())
print(json.dumps([value, hits, str(place())]))
"""


@pytest.fixture
def fresh() -> Iterator[None]:
    """`place` is asked again, before and after."""
    compiled.place.cache_clear()
    yield
    compiled.place.cache_clear()


def run(script: Path, **environment: str) -> tuple[float, int, str]:
    """(value, functions found compiled, place) of the script in a process of its own."""
    kept = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    got = subprocess.run(
        [sys.executable, str(script)], env=kept | environment, capture_output=True, text=True, check=True
    )
    value, hits, place = json.loads(got.stdout)
    return value, hits, place


DAMAGE = {
    "cut off": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "one bit": lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:],
    "something else": lambda data: b"\x80\x05garbage" * 50,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_is_made_anew(tmp_path, damage):
    """Index and code damaged alike; the run after that finds everything whole again."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    assert run(script, **cache)[:2] == (42.0, 0)
    assert run(script, **cache)[:2] == (42.0, 1)
    files = [p for p in (tmp_path / "cache").rglob("*.nb?") if "double" in p.name]
    assert sorted(p.suffix for p in files) == [".nbc", ".nbi"]
    for file in files:
        file.write_bytes(DAMAGE[damage](file.read_bytes()))
    assert run(script, **cache)[:2] == (42.0, 0)
    assert run(script, **cache)[:2] == (42.0, 1)


def test_without_any_place_it_compiles_each_time(tmp_path, monkeypatch, fresh):
    monkeypatch.setattr(machine, "private", lambda folder: False)
    assert compiled.place() is None

    @compiled.compiled
    def double(x: float) -> float:
        return 2.0 * x

    assert double(21.0) == 42.0


def test_a_disk_that_fills_up_stops_nothing(tmp_path, monkeypatch, fresh):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cached.Checked, "_save_index", full)

    @compiled.compiled
    def double(x: float) -> float:
        return 2.0 * x

    assert double(21.0) == 42.0
    assert not list(tmp_path.rglob("*.nbc"))


def test_places_are_tried_in_order(tmp_path, monkeypatch, fresh):
    user, other = tmp_path / "user", tmp_path / "other"
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(machine, "cache_folders", lambda: iter([user, other]))
    found = compiled.place()
    assert found is not None
    assert found.parent == user
    compiled.place.cache_clear()
    real = machine.private
    monkeypatch.setattr(machine, "private", lambda folder: user not in folder.parents and real(folder))
    found = compiled.place()
    assert found is not None
    assert found.parent == other
    compiled.place.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "named"))
    found = compiled.place()
    assert found is not None
    assert found.parent == tmp_path / "named"


@posix
def test_no_code_is_loaded_from_a_folder_that_others_may_write(tmp_path):
    assert machine.private(tmp_path / "mine" / "kernels")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    assert not machine.private(tmp_path / "open" / "kernels")
    (tmp_path / "mine" / "link").symlink_to(tmp_path / "open")
    assert not machine.private(tmp_path / "mine" / "link")
    everybodys = tmp_path / "everybodys"
    (everybodys / "mine").mkdir(parents=True, mode=0o700)
    everybodys.chmod(0o777)
    assert not machine.private(everybodys / "mine" / "kernels")  # to be renamed, and another put there
    everybodys.chmod(0o1777)  # as temporary folders are: only owners rename
    assert machine.private(everybodys / "mine" / "kernels")
    (tmp_path / "mine" / "file").touch()
    assert not machine.private(tmp_path / "mine" / "file")


@posix
def test_no_home_and_a_home_that_cannot_be_written(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/")
    folders = list(machine.cache_folders())
    assert [f.name for f in folders] == [f"ballast-{os.geteuid()}"]
    assert not machine.private(Path("/proc/nowhere/ballast/kernels"))


def test_a_place_named_from_here_stays_when_we_go_elsewhere(tmp_path, monkeypatch, fresh):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "cache")
    found = compiled.place()
    assert found is not None
    assert found.parent == tmp_path / "cache"


def test_old_versions_are_swept(tmp_path, monkeypatch, fresh):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    for i in range(9):
        (tmp_path / f"kernels-{i:016x}").mkdir()
        os.utime(tmp_path / f"kernels-{i:016x}", (i, i))
    others = ["kernels-6.1", "kernels-of-mine", "other"]
    for name in others:
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1, 1))
    found = compiled.place()
    assert found is not None
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [found.name, *(f"kernels-{i:016x}" for i in (6, 7, 8)), *others]
    )


def test_the_hash_covers_all_that_is_compiled():
    """Every file that compiles, and every file of ours that such a file takes constants or layouts from."""
    compiling = {p for p in SOURCE.rglob("*.py") if "ballast.compiled.compiled" in _imports(p)}
    assert compiling
    named = {SOURCE / name for name in compiled.SOURCES}
    assert compiling - named == set()
    taken = {n for p in compiling for n in _imports(p) if n.startswith("ballast.propagate.")}
    arithmetic = {n for n in taken if n.rsplit(".", 1)[1] not in ("ensemble", "run", "cuda")}
    files = {SOURCE.parent / (n.replace(".", "/") + ".py") for n in arithmetic}
    assert {f for f in files if f.is_file()} - named == set()


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
    return found


def test_another_version_of_the_code_has_another_place(monkeypatch):
    before = compiled._digest()
    monkeypatch.setattr(compiled, "SOURCES", (*compiled.SOURCES, "errors.py"))
    assert compiled._digest() != before


# ---- limits of the shell -------------------------------------------------------------------------


@posix
def test_a_shell_with_too_little_memory_is_told(monkeypatch):
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda which: (500_000_000, 500_000_000))
    with pytest.raises(SimulationError, match=r"500 MB of memory.*ulimit -v"):
        machine.check_memory()
    monkeypatch.setattr(resource, "getrlimit", lambda which: (resource.RLIM_INFINITY,) * 2)
    machine.check_memory()


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(12, "Cannot allocate memory"),
        ImportError("x.so: failed to map segment from shared object"),
        RuntimeError("can't start new thread"),
        SystemError("error return without exception set"),
    ],
)
def test_memory_that_ran_out_is_said_in_a_sentence(error, capsys):
    assert console.fail(error, False) == 1
    said = capsys.readouterr().err
    assert "too little free memory" in said
    assert "fault in Ballast" not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NUMBA_NUM_THREADS", "0"),
        ("NUMBA_NUM_THREADS", "-1"),
        ("NUMBA_NUM_THREADS", "abc"),
        ("NUMBA_OPT", "9"),
    ],
)
def test_a_setting_of_numba_that_cannot_be_is_named(name, value, tmp_path):
    got = subprocess.run(
        [sys.executable, "-m", "ballast", "respond", "vehicle-parts", "--draws", "2"],
        env=os.environ | {name: value}, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert got.returncode == 2
    assert "NUMBA_" in got.stderr
    assert got.stderr.count("\n") == 1
    assert "Traceback" not in got.stderr
