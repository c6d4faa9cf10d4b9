"""All files of a folder or none: killed at every step, refused at every step, several writers at once."""

from __future__ import annotations

import contextlib
import errno
import faulthandler
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import killing
import pytest
from killing import contents, hidden, killed, run_until

from ballast import machine, placing
from ballast.errors import InputError, OutputError

posix = pytest.mark.skipif(os.name == "nt", reason="processes are forked and killed")

OLD = {
    "a.txt": b"old a",
    "b.txt": b"old b",
    "gone.txt": b"old gone",
    "mine.txt": b"mine",
    "sub/c.txt": b"old c",
}
NEW = {
    "a.txt": b"new a",
    "b.txt": b"new b",
    "mine.txt": b"mine",
    "sub/c.txt": b"new c",
    "sub/deep/d.txt": b"d",
}


def before(folder: Path) -> None:
    for name, data in OLD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def replace(folder: Path) -> None:
    with placing.Placing(folder, remove=["gone.txt", "never.txt"]) as stage:
        for name, data in NEW.items():
            if name != "mine.txt":
                (stage / name).parent.mkdir(parents=True, exist_ok=True)
                (stage / name).write_bytes(data)


def settled(folder: Path) -> dict[str, bytes]:
    with placing.alone(folder):
        return contents(folder)


def test_files_come_and_go_together(tmp_path):
    before(tmp_path)
    place = placing.Placing(tmp_path)
    with place as stage:
        (stage / "a.txt").write_bytes(b"new a")
        place.remove = ["gone.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"new a"
    assert not (tmp_path / "gone.txt").exists()
    assert (tmp_path / "b.txt").read_bytes() == b"old b"
    assert hidden(tmp_path) == []


@posix
def test_killed_at_every_step_the_folder_is_old_or_new(tmp_path):
    folder = tmp_path / "f"
    seen = []
    for _ in killed(replace, before, folder):
        left = settled(folder)
        assert left in (OLD, NEW)
        seen.append(left == NEW)
        assert hidden(folder) == []
        replace(folder)  # and the next one finds nothing in its way
        assert contents(folder) == NEW
        assert hidden(folder) == []
    assert seen[0] is False
    assert seen[-1] is True
    assert seen == sorted(seen)  # there is one moment at which it counts


@posix
def test_killed_while_finishing_what_a_kill_left(tmp_path):
    """A second kill, at every step of the recovery from the first."""
    folder, halves = tmp_path / "f", []
    for step in killed(replace, before, tmp_path / "first"):
        if (tmp_path / "first" / placing.COMMIT).exists():
            halves.append(step)
    assert len(halves) > 5
    for half in (halves[0], halves[len(halves) // 2], halves[-1]):

        def killed_once(folder: Path, half: int = half) -> None:
            before(folder)
            run_until(replace, folder, half)

        for _ in killed(settled, killed_once, folder):
            assert settled(folder) == NEW
            assert hidden(folder) == []


@posix
def test_killed_while_going_back(tmp_path, monkeypatch):
    """The last move is refused, and the way back is killed at every step: the next one carries on."""
    real = os.replace

    def refused(folder: Path) -> None:
        def move(source: Any, target: Any) -> None:
            if str(target).endswith("d.txt"):
                raise PermissionError(errno.EACCES, "Permission denied")
            real(source, target)

        monkeypatch.setattr(machine.os, "replace", move)
        with pytest.raises(OutputError):
            replace(folder)

    backs = 0
    for _ in killed(refused, before, tmp_path / "f"):
        backs += (tmp_path / "f" / placing.BACK).exists()
        assert settled(tmp_path / "f") in (OLD, NEW)
        assert hidden(tmp_path / "f") == []
    assert backs > 5


@posix
def test_a_reader_finds_the_new_files_before_they_are_moved(tmp_path, monkeypatch):
    """Somebody who may not write here reads what a killed writer had committed."""

    def refused(*args: Any, **kwargs: Any) -> Any:
        raise OutputError("you may not write there")

    folder = tmp_path / "f"
    monkeypatch.setattr(placing, "alone", refused)
    names = sorted({*OLD, *NEW})

    def read() -> dict[str, bytes]:
        places = {n: placing.where(folder, n) for n in names}
        return {n: p.read_bytes() for n, p in places.items() if p.exists()}

    for _ in killed(unpatched(replace, monkeypatch), before, folder):
        found = placing.steady(folder, read)
        found.pop("gone.txt", None)  # what was to go may still be there
        assert found in ({n: v for n, v in OLD.items() if n != "gone.txt"}, NEW)


def unpatched(act: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    def free(folder: Path) -> None:
        monkeypatch.undo()
        act(folder)

    return free


@pytest.mark.parametrize(
    "error", [PermissionError(errno.EACCES, "Permission denied"), OSError(errno.EIO, "I/O error")]
)
@pytest.mark.parametrize("links", [True, False])
def test_refused_at_any_move_everything_goes_back(tmp_path, monkeypatch, error, links):
    """Every renaming but those of the way back is refused once; on disks with and without second names."""
    real, number = os.replace, 0
    if not links:
        monkeypatch.setattr(machine, "link", lambda source, target: False)
    while True:
        number += 1
        folder, calls = tmp_path / str(links) / str(number), [0]
        before(folder)

        def move(source: Any, target: Any, number: int = number, calls: list[int] = calls) -> None:
            calls[0] += 1
            if calls[0] == number:
                raise error
            real(source, target)

        monkeypatch.setattr(machine.os, "replace", move)
        try:
            replace(folder)
        except OutputError as refused:
            message = str(refused)
            assert_old(folder, message)
        else:  # done, or only the sweeping at the end was refused: all is in place
            assert contents(folder) == NEW
            assert hidden(folder) == []
            if calls[0] < number:
                break
    assert number > 5


def assert_old(folder: Path, message: str) -> None:
    assert "Nothing was changed" in message
    assert contents(folder) == OLD
    assert hidden(folder) == []


@posix
def test_a_child_that_hangs_is_ended_and_another_is_killed_at_the_same_step(tmp_path, monkeypatch):
    """`killing` itself: three files are opened, in two steps each, and the seventh child gets through."""
    monkeypatch.setattr(killing, "PATIENCE", 1)
    hung = tmp_path / "hung"

    def act(folder):
        for name in "abc":
            (folder / name).write_text("x", encoding="utf-8")
            if name == "b" and not hung.exists():
                hung.touch()
                faulthandler.disable()  # where it hangs is known
                time.sleep(60)

    steps = list(killed(act, Path.mkdir, tmp_path / "work"))
    assert (steps, hung.exists()) == ([1, 2, 3, 4, 5, 6, 7], True)


def test_ctrl_c_while_moving_waits_until_all_is_there(tmp_path, monkeypatch):
    real = os.replace

    def move(source: Any, target: Any) -> None:
        import signal

        signal.raise_signal(signal.SIGINT)
        real(source, target)

    before(tmp_path)
    monkeypatch.setattr(machine.os, "replace", move)
    with pytest.raises(KeyboardInterrupt):  # it is kept for afterwards, not lost
        replace(tmp_path)
    assert contents(tmp_path) == NEW
    assert hidden(tmp_path) == []
    stood: list[int] = []
    with machine.last_step(lambda: stood.append(1)), contextlib.suppress(KeyboardInterrupt):
        replace(tmp_path)
    assert stood == [1]  # said once, before the Ctrl-C that waited was heard


def test_trouble_while_writing_leaves_no_folder_behind(tmp_path):
    def give_up() -> None:
        with placing.Placing(tmp_path / "x" / "y") as stage:
            (stage / "a.txt").write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert list(tmp_path.iterdir()) == []


def test_checking_a_folder_leaves_no_trace(tmp_path):
    placing.check_writable(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_cannot_be_read_is_named_and_nothing_is_lost(tmp_path):
    before(tmp_path)
    (tmp_path / placing.COMMIT).mkdir()
    (tmp_path / placing.COMMIT / "a.txt").write_bytes(b"new a")
    with pytest.raises(OutputError, match=r"interrupted writing.*delete it"):
        replace(tmp_path)
    assert contents(tmp_path) == OLD
    assert (tmp_path / placing.COMMIT / "a.txt").exists()


@posix
def test_a_link_to_a_folder_stays_a_link(tmp_path):
    before(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    replace(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert contents(tmp_path / "real") == NEW


@posix
def test_the_folder_itself_stays_what_it_is(tmp_path):
    """Somebody stands in it, its number and rights stay, and what is not ours keeps its file."""
    folder = tmp_path / "f"
    before(folder)
    folder.chmod(0o750)
    was, mine = folder.stat(), (folder / "mine.txt").stat()
    replace(folder)
    now = folder.stat()
    assert (was.st_ino, stat.S_IMODE(now.st_mode)) == (now.st_ino, 0o750)
    assert (folder / "mine.txt").stat().st_ino == mine.st_ino


def test_a_single_file_is_whole_or_absent(tmp_path):
    path = tmp_path / "deep" / "table.csv"

    def give_up() -> None:
        with placing.one(path, "The table") as file:
            file.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert list(tmp_path.iterdir()) == []
    with placing.one(path, "The table") as file:
        file.write_bytes(b"whole")
    assert path.read_bytes() == b"whole"
    assert hidden(tmp_path) == []
    path.chmod(0o600)
    with placing.one(path, "The table") as file:
        file.write_bytes(b"again")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with (
        pytest.raises(OutputError, match="folder of that name"),
        placing.one(tmp_path / "deep", "The table"),
    ):
        pass


@posix
def test_a_single_file_killed_at_every_step(tmp_path):
    def write(folder: Path) -> None:
        with placing.one(folder / "t.csv", "The table") as file:
            file.write_bytes(b"new")

    def prepare(folder: Path) -> None:
        folder.mkdir()
        (folder / "t.csv").write_bytes(b"old")

    for _ in killed(write, prepare, tmp_path / "f"):
        assert (tmp_path / "f" / "t.csv").read_bytes() in (b"old", b"new")
        write(tmp_path / "f")
        assert hidden(tmp_path / "f") == []


def test_a_free_name_has_a_number(tmp_path):
    path = tmp_path / "cases.xlsx"
    assert placing.free(path) == path
    path.touch()
    (tmp_path / "cases-2.xlsx").touch()
    assert placing.free(path).name == "cases-3.xlsx"


# ---- one at a time -------------------------------------------------------------------------------


def test_another_process_is_waited_for_and_then_named(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", f"""
import sys, time
from pathlib import Path
from ballast import placing
with placing.alone(Path({str(tmp_path)!r})):
    print("held", flush=True)
    time.sleep(float(sys.stdin.readline()))
"""],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    begun = time.monotonic()
    with (
        pytest.raises(InputError, match="another process is working in"),
        placing.alone(tmp_path, patience=0.2),
    ):
        pass
    assert time.monotonic() - begun < 5
    holder.stdin.write("0.5\n")
    holder.stdin.flush()
    with placing.alone(tmp_path, patience=30):
        pass
    holder.communicate()


@posix
def test_a_killed_holder_holds_nothing(tmp_path):
    def hold(folder: Path) -> None:
        with placing.alone(folder):
            (folder / "x").touch()

    assert not run_until(hold, tmp_path, 2)
    with placing.alone(tmp_path, patience=0):
        pass


def test_two_threads_take_turns_and_one_may_hold_twice(tmp_path):
    inside, most = [0], [0]

    def work() -> None:
        for _ in range(5):
            with placing.alone(tmp_path, patience=60), placing.alone(tmp_path):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.002)
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert most == [1]


def test_a_folder_made_for_nothing_goes_again(tmp_path):
    with placing.alone(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b").is_dir()
    assert list(tmp_path.iterdir()) == []


def test_what_dead_writers_left_is_swept_and_what_is_not_ours_is_not(tmp_path):
    (tmp_path / f"{placing.STAGE}dead").mkdir()
    (tmp_path / f"{placing.STAGE}dead" / "x").touch()
    (tmp_path / f"{placing.STAGE}file.csv").touch()
    (tmp_path / ".hidden").touch()
    with placing.alone(tmp_path):
        assert [p.name for p in tmp_path.iterdir()] == [".hidden"]
    assert placing.strangers(tmp_path) == [".hidden"]


def test_a_reader_sees_files_of_one_moment(tmp_path):
    """A writer replaces both files between the reader's two looks; the reader looks again."""
    before(tmp_path)
    looks = []

    def read() -> tuple[bytes, bytes]:
        a = (tmp_path / "a.txt").read_bytes()
        if not looks:
            replace(tmp_path)
        looks.append(a)
        return a, (tmp_path / "b.txt").read_bytes()

    assert placing.steady(tmp_path, read) == (b"new a", b"new b")
    assert len(looks) == 2
