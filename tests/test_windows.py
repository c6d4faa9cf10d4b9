"""What writes files, under the rules of Windows as far as they can be imitated here.

    windows    `machine.WINDOWS`, a folder cannot be opened, a file that is open is neither replaced nor
               removed, locks lie on files, only what is open for writing is flushed, calls of POSIX are
               gone; with second names for files (NTFS) and without (exFAT and many network disks)

Tests of placing, books, campaigns and reports run once more under them. Not imitated: names that differ
only in case, rights (ACL), long paths, virus scanners, the console itself.
"""

from __future__ import annotations

import errno
import fcntl
import inspect
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

import pytest
import test_placing
from economy.book import test_kills as books
from killing import contents, hidden
from report import fake

from ballast import machine, placing
from ballast.economy import book
from ballast.errors import InputError, OutputError
from ballast.propagate import campaign
from ballast.propagate.campaign.tables import TABLES
from ballast.report import FILES, write

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="open files are looked up in /proc"
)

GONE = ("geteuid", "getuid", "getgid", "sched_getaffinity", "mkfifo", "O_DIRECTORY", "fchmod", "chown")


def open_below(place: str) -> bool:
    """Whether we have the file open, or one in the folder; of a lock whether any process has."""
    processes = "[0-9]*" if place.endswith(machine.LOCK) else "self"
    for link in Path("/proc").glob(f"{processes}/fd/*"):
        try:
            there = os.readlink(link)
        except OSError:
            continue
        if there == place or there.startswith(f"{place}/"):
            return True
    return False


def same_open(path: str) -> bool:
    """Whether we have the file open under another of its names."""
    if not os.path.isfile(path) or os.stat(path).st_nlink == 1:
        return False
    here = os.stat(path)
    for number in os.listdir("/proc/self/fd"):
        try:
            there = os.fstat(int(number))
        except OSError:
            continue
        if os.path.samestat(here, there):
            return True
    return False


def refuse(*paths: Any) -> None:
    for path in map(os.fspath, paths):
        if open_below(os.path.realpath(path)) or same_open(path):
            both = [os.fspath(p) for p in paths]
            raise PermissionError(errno.EACCES, "Permission denied", both[0], None, both[-1])


def locking(handle: int, mode: int, count: int) -> None:
    """As msvcrt's: refused to every other handle, in this process too, with EACCES."""
    assert (mode, count) == (2, 1)
    assert stat.S_ISREG(os.fstat(handle).st_mode)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied") from None


@pytest.fixture(params=["ntfs", "exfat"])
def windows(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    real_replace, real_unlink, real_open, real_fsync = os.replace, os.unlink, os.open, os.fsync

    def replace(source: Any, target: Any, **more: Any) -> None:
        refuse(source, target)
        if os.path.isdir(target):
            raise PermissionError(errno.EACCES, "Permission denied", str(source), None, str(target))
        if os.path.exists(target) and not os.stat(target).st_mode & stat.S_IWRITE:
            raise PermissionError(errno.EACCES, "Permission denied", str(source), None, str(target))
        real_replace(source, target, **more)

    def unlink(path: Any, **more: Any) -> None:
        refuse(path)
        if not os.lstat(path).st_mode & stat.S_IWRITE:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        real_unlink(path, **more)

    def open_(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real_open(path, flags, mode, **more)

    def fsync(handle: int) -> None:
        if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "Bad file descriptor")
        real_fsync(handle)

    def link(*args: Any, **more: Any) -> None:
        raise OSError(errno.EINVAL, "Incorrect function")

    monkeypatch.setattr(machine, "WINDOWS", True)
    monkeypatch.setattr(machine, "PATIENCE", 0.1)
    monkeypatch.setattr(shutil, "_use_fd_functions", False)
    for name, imitated in {"replace": replace, "unlink": unlink, "open": open_, "fsync": fsync}.items():
        monkeypatch.setattr(os, name, imitated)
    monkeypatch.setattr(os, "remove", unlink)
    monkeypatch.setattr(os, "rename", lambda *args: pytest.fail("fails over a file that is there"))
    monkeypatch.setitem(sys.modules, "msvcrt", types.SimpleNamespace(LK_NBLCK=2, locking=locking))
    for name in ("fcntl", "resource", "pwd"):
        monkeypatch.setitem(sys.modules, name, None)
    if request.param == "exfat":
        monkeypatch.setattr(os, "link", link)
    for name in GONE:
        monkeypatch.delattr(os, name, raising=False)
    return str(request.param)


# ---- once more -------------------------------------------------------------------------------------

AGAIN = [
    test_placing.test_files_come_and_go_together,
    test_placing.test_killed_at_every_step_the_folder_is_old_or_new,
    test_placing.test_trouble_while_writing_leaves_no_folder_behind,
    test_placing.test_checking_a_folder_leaves_no_trace,
    test_placing.test_a_plan_that_cannot_be_read_is_named_and_nothing_is_lost,
    test_placing.test_a_single_file_killed_at_every_step,
    test_placing.test_a_free_name_has_a_number,
    test_placing.test_a_killed_holder_holds_nothing,
    test_placing.test_a_folder_made_for_nothing_goes_again,
    test_placing.test_a_reader_sees_files_of_one_moment,
    test_placing.test_ctrl_c_while_moving_waits_until_all_is_there,
    books.test_a_new_book_is_there_or_not,
    books.test_a_version_that_is_not_whole_is_passed_over_and_kept,
    books.test_a_folder_with_other_files_is_refused_and_one_with_our_leftovers_is_not,
    books.test_what_else_lies_among_the_versions_stays,
    books.test_nothing_writes_into_a_file_of_an_earlier_version,
    books.test_a_new_book_in_the_place_of_the_one_read_can_be_undone,
]


@pytest.mark.parametrize("test", AGAIN, ids=lambda t: t.__name__)
def test_again_under_the_rules_of_windows(windows, test, request):
    if "killed" in inspect.getsource(test) and windows == "ntfs":
        pytest.skip("files with second names are killed elsewhere; this takes long")
    test(**{name: request.getfixturevalue(name) for name in inspect.signature(test).parameters})


@pytest.mark.parametrize("links", [True, False])
def test_refused_at_any_move_everything_goes_back(windows, links, tmp_path, monkeypatch):
    error = PermissionError(errno.EACCES, "Permission denied")
    monkeypatch.setattr(machine, "PATIENCE", 0.0)
    test_placing.test_refused_at_any_move_everything_goes_back(tmp_path, monkeypatch, error, links)


def test_a_campaign_and_a_report(windows, tmp_path):
    """Written, gone on with, and written over what is there."""
    plan = campaign.plan(["vehicle-parts"], draws=4, size=2)
    found = campaign.run(plan, tmp_path / "c", spread=campaign.on_threads(1))
    os.remove(tmp_path / "c" / "parts" / "part-00001.npz")
    again = campaign.run(plan, tmp_path / "c", spread=campaign.on_threads(1))
    assert (found.ran, again.kept, again.ran) == (2, 1, 1)
    assert {*TABLES, "campaign.json", "manifest.json", "parts"} == set(os.listdir(tmp_path / "c"))
    for _ in range(2):
        write(fake.response(), tmp_path / "r")
        assert set(os.listdir(tmp_path / "r")) == set(FILES)


# ---- what Windows alone has ----------------------------------------------------------------------


def test_a_file_open_in_excel_is_named_and_the_report_stays(windows, tmp_path):
    """Not the hidden place it was to come from, and all the others as they were."""
    test_placing.before(tmp_path)
    with (
        (tmp_path / "b.txt").open("rb"),
        pytest.raises(
            OutputError, match=r"/b\.txt: Permission denied\. If the file is open in Word or Excel"
        ),
    ):
        test_placing.replace(tmp_path)
    assert contents(tmp_path) == test_placing.OLD
    # on NTFS a second name of the open file could not go either; the next writer sweeps it away
    assert [h for h in hidden(tmp_path) if not h.startswith(placing.STAGE)] == []
    assert test_placing.settled(tmp_path) == test_placing.OLD
    assert hidden(tmp_path) == []


def test_what_stays_open_while_going_back_is_said_and_put_back_by_the_next(windows, tmp_path, monkeypatch):
    """Somebody opens a file that was replaced already: old and new are mixed for now."""
    test_placing.before(tmp_path)
    real, held = os.replace, []

    def replace(source: Any, target: Any) -> None:
        if str(target).endswith("d.txt"):
            held.append((tmp_path / "a.txt").open("rb"))
            raise PermissionError(errno.EACCES, "Permission denied", str(source), None, str(target))
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        with pytest.raises(
            OutputError, match=r"a\.txt: Permission denied\. If the file.*Old and new"
        ) as error:
            test_placing.replace(tmp_path)
    assert "Nothing was changed" not in str(error.value)
    for file in held:
        file.close()
    assert test_placing.settled(tmp_path) == test_placing.OLD
    assert hidden(tmp_path) == []


def test_a_file_that_is_open_for_a_moment_is_waited_for(windows, tmp_path, monkeypatch):
    """Virus scanners open what is new."""
    test_placing.before(tmp_path)
    monkeypatch.setattr(machine, "PATIENCE", 30.0)
    scanner = (tmp_path / "b.txt").open("rb")
    naps = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        scanner.close()

    monkeypatch.setattr(machine.time, "sleep", sleep)
    test_placing.replace(tmp_path)
    assert len(naps) == 1
    assert contents(tmp_path) == test_placing.NEW


def test_a_protected_file_is_not_said_to_be_open(windows, tmp_path):
    (tmp_path / "t.csv").write_bytes(b"old")
    (tmp_path / "t.csv").chmod(0o444)
    with pytest.raises(OutputError, match="write-protected"), placing.Placing(tmp_path) as stage:
        (stage / "t.csv").write_bytes(b"new")
    assert (tmp_path / "t.csv").read_bytes() == b"old"
    assert hidden(tmp_path) == []


def test_the_lock_is_a_file_that_goes_again(windows, tmp_path):
    with placing.alone(tmp_path):
        assert os.listdir(tmp_path) == [machine.LOCK]
        with pytest.raises(BlockingIOError):
            machine.lock(tmp_path)
        assert placing.strangers(tmp_path) == []
    assert os.listdir(tmp_path) == []
    (tmp_path / machine.LOCK).touch()  # of a process that was killed
    with placing.alone(tmp_path, patience=0):
        pass
    assert os.listdir(tmp_path) == []


def test_another_process_is_waited_for(windows, tmp_path):
    """It holds the lock file as the imitated locking would."""
    code = f"""
import fcntl, os, sys
handle = os.open({str(tmp_path / machine.LOCK)!r}, os.O_RDWR | os.O_CREAT)
fcntl.flock(handle, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.readline()
"""
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(InputError, match="another process"), placing.alone(tmp_path, patience=0.2):
        pass
    assert (tmp_path / machine.LOCK).exists()
    holder.communicate("\n")
    with placing.alone(tmp_path, patience=0):
        pass


NAMES = {
    "CON": "_CON",
    "nul.txt": "_nul.txt",
    "Lpt1": "_Lpt1",
    "com¹.x": "_com¹.x",
    "console": "console",
    'a<b>c:d"e/f\\g|h?i*j': "a_b_c_d_e_f_g_h_i_j",
    "ends. .": "ends",
    "..": "ballast",
    "": "ballast",
    "C:\\Users\\x": "C_Users_x",
    "上海 2022": "上海 2022",
    "tab\tnul\0": "tab_nul_",
    "\udcff": "_",
    ".hidden": "hidden",
    "my_name_": "my_name_",
}


def test_a_name_that_we_make_is_one_on_every_system():
    assert {word: machine.file_name(word) for word in NAMES} == NAMES


def test_long_names_are_cut_and_stay_apart():
    made = [machine.file_name("长" * 250 + end) for end in "ab"]
    assert made[0] != made[1]
    assert all(len(f"ballast-{name}-review.xlsx".encode()) < 255 for name in made)


def test_no_two_files_of_ours_differ_only_in_case():
    tables = ["book.toml", *(f"{t}.parquet" for t in book.folder._COLUMNS), "undo", "findings.csv"]
    for names in (FILES, [*TABLES, "campaign.json", "manifest.json", "parts"], tables):
        assert len({name.casefold() for name in names}) == len(names)


def test_the_folder_of_a_run_is_named_for_every_system(tmp_path, monkeypatch, capsys):
    """The scenario of a colleague with another system, or with a very long name."""
    from ballast.cli import main

    monkeypatch.chdir(tmp_path)
    seen = []
    real = placing.alone

    def alone(folder: Path, **more: Any) -> Any:
        seen.append(folder.name)
        return real(folder, **more)

    monkeypatch.setattr(placing, "alone", alone)
    for name in ("what: now?.toml", "长" * 80 + ".toml", "ends..toml"):
        main(["respond", name])
    assert seen[0] == "ballast-what_ now_"
    assert len(seen[2].encode()) < 255
    assert "ballast-ends" in seen
    capsys.readouterr()


def test_backslashes_and_drives_come_back_from_a_book(windows, tmp_path):
    from dataclasses import replace

    from ballast.text import Text

    title = Text("C:\\new\\u0041 \\\\server\\share", "D:\\数据\\表.xlsx")
    e = replace(book.load("teaching"), title=title)
    assert book.load(book.save(e, tmp_path / "b")).title == title


def test_folders_of_the_user(windows, tmp_path, monkeypatch):
    """LOCALAPPDATA, a temporary folder only within the user's own; nothing that POSIX alone has."""
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERNAME", "Wang: Li")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "home" / "Temp"))
    assert list(machine.cache_folders()) == [
        tmp_path / "Local" / "ballast",
        tmp_path / "home" / "Temp" / "ballast-Wang_ Li",
    ]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "for-all"))
    assert list(machine.cache_folders()) == [tmp_path / "Local" / "ballast"]
    assert machine.processors() >= 1
    machine.check_memory()
    assert list(machine.kernel_folders())


GBK = """
import sys, warnings
warnings.filterwarnings("error", category=EncodingWarning, module="ballast")
from ballast.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "command", [["scenario", "show", "vehicle-parts"], ["book", "show", "teaching"], ["doctor"]]
)
def test_a_console_of_gbk_and_files_that_are_not(tmp_path, command):
    """Chinese words on a cp936 console; no file of ours is opened with what the system prefers."""
    done = subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-c", GBK, *command],
        env=os.environ | {"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0", "LC_ALL": "zh_CN.GBK"},
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    said = done.stdout.decode("gbk") + done.stderr.decode("gbk")
    assert done.returncode == 0, said
    assert any("\u4e00" <= c <= "\u9fff" for c in said)
