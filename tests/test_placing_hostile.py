"""Leftovers that a stranger made up, another machine's work, disks without locks, links, pipes."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from killing import contents, hidden, killed, run_until
from test_placing import NEW, OLD, before, replace, settled

from ballast import machine, placing
from ballast.errors import InputError, OutputError

posix = pytest.mark.skipif(os.name == "nt", reason="links, pipes and forks of POSIX")


def left_behind(folder: Path, name: str = placing.COMMIT, **plan: Any) -> Path:
    """A commit as an archive from a stranger may hold it."""
    here = folder / name
    here.mkdir(parents=True)
    whole = {"put": [], "new": [], "remove": []} | plan
    (here / ".plan").write_text(json.dumps(whole), encoding="utf-8")
    return here


# ---- plans of strangers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../victim.txt",
        "a/../../victim.txt",
        "/victim.txt",
        "C:/victim.txt",
        "..\\victim.txt",
        "",
        ".",
        ".ballast-commit/.plan",
        ".plan",
        7,
        "a\0b",
    ],
)
def test_a_plan_reaches_nothing_outside_its_folder(tmp_path, name):
    """Whoever opens a book from a stranger must not have his own files moved about."""
    (tmp_path / "victim.txt").write_bytes(b"mine")
    for number, key in enumerate(("put", "new", "remove") * 2):
        folder = tmp_path / str(number)
        before(folder)
        (folder / "victim.txt").write_bytes(b"of the stranger")
        left_behind(folder, placing.COMMIT if number < 3 else placing.BACK, **{key: [name]})
        was = contents(tmp_path)
        with pytest.raises(OutputError, match="plan cannot be read"):
            replace(folder)
        assert contents(tmp_path) == was


@posix
@pytest.mark.parametrize("at", ["sub", ".ballast-commit/.old", ".ballast-commit/sub", ".ballast-commit"])
def test_a_plan_goes_through_no_link(tmp_path, at):
    """A folder of the stranger's book that is a link leads to a folder of ours."""
    folder, ours = tmp_path / "f", tmp_path / "ours"
    before(ours)
    folder.mkdir()
    if at == ".ballast-commit":
        left_behind(ours, "c", put=["a.txt"])
        (folder / at).symlink_to(ours / "c")
    else:
        left_behind(folder, put=["sub/a.txt"], remove=["b.txt"])
        (folder / "b.txt").write_bytes(b"of the stranger")
        (folder / at).symlink_to(ours)
    was = contents(ours)
    with pytest.raises(OutputError, match="plan cannot be read"):
        replace(folder)
    assert contents(ours) == was


@posix
def test_a_plan_that_is_a_pipe_or_has_no_end_is_named(tmp_path):
    for number, make in enumerate((os.mkfifo, lambda p: p.write_text("[" * 100_000))):
        folder = tmp_path / str(number)
        (folder / placing.COMMIT).mkdir(parents=True)
        make(folder / placing.COMMIT / ".plan")
        with pytest.raises(OutputError, match="plan cannot be read"):
            replace(folder)


@posix
def test_a_folder_in_the_way_that_is_a_link_is_named(tmp_path):
    """Files go together in one folder; a part of it on another disk could not be renamed into."""
    folder = tmp_path / "f"
    before(folder)
    (folder / "sub").rename(tmp_path / "elsewhere")
    (folder / "sub").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match=r"sub: is a link.*Nothing was changed"):
        replace(folder)
    assert (folder / "a.txt").read_bytes() == OLD["a.txt"]
    assert contents(tmp_path / "elsewhere") == {"c.txt": b"old c"}
    assert hidden(folder) == []


@posix
def test_a_pipe_instead_of_a_folder_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError), placing.one(tmp_path / "pipe" / "t.csv", "The table"):
        pass


# ---- other machines, disks without locks ---------------------------------------------------------


@posix
@pytest.mark.parametrize("locks", [True, False])
def test_what_another_machine_is_moving_is_left_alone_until_it_rests(tmp_path, monkeypatch, locks):
    """A shared disk: its locks are of one machine, so a commit of another one may be at work."""
    monkeypatch.setattr(placing, "PATIENCE", 0.1)
    if not locks:
        monkeypatch.setattr(machine, "lock", lambda folder: None)
    halves = 0
    for _ in killed(replace, before, tmp_path / "f"):
        folder = tmp_path / "f"
        if not (folder / placing.COMMIT).exists():
            continue
        halves += 1
        here = machine.code()
        if locks:
            monkeypatch.setattr(machine, "code", lambda: "00000000")
        was = contents(folder)
        with pytest.raises(InputError, match="another process"), placing.alone(folder, patience=0.1):
            pass
        assert contents(folder) == was
        old = time.time() - 2 * placing.REST
        os.utime(folder / placing.COMMIT, (old, old))
        assert settled(folder) == NEW
        monkeypatch.setattr(machine, "code", lambda here=here: here)
    assert halves > 5


def test_the_stage_of_another_machine_is_swept_after_a_day(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "code", lambda: "00000000")
    theirs = tmp_path / f"{placing._stage()}x"
    monkeypatch.undo()
    ours = tmp_path / f"{placing._stage()}x"
    for place in (theirs, ours):
        place.mkdir()
    with placing.alone(tmp_path):
        assert list(tmp_path.glob(".*stage*")) == [theirs]
    os.utime(theirs, (1, 1))
    with placing.alone(tmp_path):
        assert list(tmp_path.glob(".*stage*")) == []


def test_a_leftover_that_may_not_be_removed_is_in_nobodys_way(tmp_path, monkeypatch):
    """In a folder for all, such as a temporary one, it is another user's."""
    left = tmp_path / f"{placing.STAGE}x"
    left.write_bytes(b"theirs")
    real = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path == left:
            raise PermissionError(1, "Operation not permitted")
        real(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    with placing.one(tmp_path / "t.csv", "The table") as file:
        file.write_bytes(b"ours")
    assert (tmp_path / "t.csv").read_bytes() == b"ours"


@posix
def test_a_child_does_not_inherit_the_folder(tmp_path):
    """A process forked while the folder is held has to wait like everybody."""

    def child(folder: Path) -> None:
        with placing.alone(folder, patience=0.1):
            pass

    with placing.alone(tmp_path), pytest.raises(AssertionError, match="failed by itself"):
        run_until(child, tmp_path, -1)


# ---- readers -----------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("back", [False, True])
def test_a_reader_who_may_not_write_sees_all_old_or_all_new(tmp_path, monkeypatch, back):
    """Also of what is still to go, or has come and is still to go back: a book's optional tables."""
    folder = tmp_path / "f"
    real = os.replace

    def act(folder: Path) -> None:
        monkeypatch.undo()

        def move(source: Any, target: Any) -> None:
            if str(target).endswith("gone.txt"):  # the last step of all
                raise PermissionError(13, "Permission denied")
            real(source, target)

        if back:
            monkeypatch.setattr(machine.os, "replace", move)
        try:
            replace(folder)
        except OutputError:
            assert back

    def refused(*args: Any, **kwargs: Any) -> Any:
        raise OutputError("you may not write there")

    names = sorted({*OLD, *NEW})

    def read() -> dict[str, bytes]:
        places = {n: placing.where(folder, n) for n in names}
        return {n: p.read_bytes() for n, p in places.items() if p.exists()}

    seen = set()
    for _ in killed(act, before, folder):
        with monkeypatch.context() as patch:
            patch.setattr(placing, "alone", refused)
            found = placing.steady(folder, read)
        assert found in (OLD, NEW)
        seen |= {n for n in (placing.COMMIT, placing.BACK) if (folder / n).exists()}
    assert (placing.BACK in seen) == back
    assert placing.COMMIT in seen


def test_a_reader_notices_files_that_went_and_came_back(tmp_path):
    """Undo brings the same file back under its name, of the same time and number."""
    before(tmp_path)
    os.link(tmp_path / "a.txt", tmp_path / "kept")
    was = placing._state(tmp_path)
    os.replace(tmp_path / "kept", tmp_path / "other")
    os.replace(tmp_path / "other", tmp_path / "kept")
    assert placing._state(tmp_path) != was


@posix
def test_ctrl_c_while_a_leftover_is_settled_comes_after_it(tmp_path, monkeypatch):
    """A reader that is stopped must not send back what had been committed."""
    for _ in killed(replace, before, tmp_path / "f"):
        if (tmp_path / "f" / placing.COMMIT / "sub").exists():
            break
    real = os.replace

    def move(source: Any, target: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        real(source, target)

    monkeypatch.setattr(machine.os, "replace", move)
    with pytest.raises(KeyboardInterrupt), placing.alone(tmp_path / "f"):
        pass
    assert contents(tmp_path / "f") == NEW
    assert hidden(tmp_path / "f") == []
