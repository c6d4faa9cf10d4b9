"""`ballast completion`, and its scripts in the shells themselves: Tab is pressed, and the line is run.

Each shell runs behind a pseudo-terminal. The `ballast` that it finds answers `complete` as ours does, and
else prints the words it was given, so what is compared is what the shell makes of the line.
"""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ballast import cli
from ballast.cli import main

SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
PATIENCE = 60.0  # seconds for a line: the machine may be busy


def script(shell: str) -> str:
    name = "powershell.ps1" if shell == "powershell" else f"{shell}.sh"
    return (Path(cli.__file__).parent / "shells" / name).read_text(encoding="utf-8")


def test_the_script_is_whole_on_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    assert main(["completion", "bash"]) == 0
    assert capsys.readouterr().out == script("bash")


def test_the_script_is_printed_as_it_is(capsys):
    for shell in (*SHELLS, "powershell"):
        assert main(["completion", shell]) == 0
        assert capsys.readouterr().out == script(shell)
        assert main(["completion", shell, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"shell": shell, "script": script(shell)}


@pytest.mark.parametrize(
    ("said", "shell"),
    [("/bin/bash", "bash"), ("/usr/local/bin/zsh", "zsh"), ("fish", "fish"),
     (r"C:\Git\bin\BASH.exe", "bash"), ("/opt/microsoft/pwsh", "powershell"),
     (r"C:\powershell.exe", "powershell")],
)  # fmt: skip
def test_without_a_name_it_is_the_shell_that_the_environment_says(said, shell, monkeypatch, capsys):
    monkeypatch.setenv("SHELL", said)
    assert main(["completion"]) == 0
    assert capsys.readouterr().out == script(shell)


@pytest.mark.parametrize("said", ["/bin/tcsh", "", None, "/bin/bash5", "bash --posix"])
def test_a_shell_that_there_is_no_script_for_is_refused_with_those_that_have_one(said, monkeypatch, capsys):
    if said is None:
        monkeypatch.delenv("SHELL", raising=False)
    else:
        monkeypatch.setenv("SHELL", said)
    code, told = main(["completion"]), capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert (repr(said) if said else "says no shell") in told.err
    assert "`ballast completion fish`" in told.err
    assert main(["completion", "tcsh"]) == 2


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_one_that_its_shell_can_read(shell, tmp_path):
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    (tmp_path / "script").write_text(script(shell), encoding="utf-8")
    done = subprocess.run([shell, "-n", str(tmp_path / "script")], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# ---- Tab ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder to work in, beside one with `ballast` and the scripts."""
    place = tmp_path_factory.mktemp("desk")
    (place / "bin").mkdir()
    program = place / "bin" / "ballast"
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = complete ]; then exec "{sys.executable}" -m ballast "$@"; fi\n'
        "printf 'RAN'; for word in \"$@\"; do printf '<%s>' \"$word\"; done; printf 'END\\n'\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    for shell in SHELLS:
        (place / f"{shell}.script").write_text(script(shell), encoding="utf-8")
    work = place / "work"
    for name in ("my book", "a:b", "it's", "way/inner", "h$(touch made)`touch made`"):
        (work / name).mkdir(parents=True)
        (work / name / "book.toml").touch()
    (work / "notes.txt").touch()
    return place


def ran(desk, shell: str, typed: str) -> str:
    """What `ballast` was run with after these keys and Enter, as <word><word>."""
    pty = pytest.importorskip("pty", reason="pseudo-terminals are of Unix")
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "BASH_ENV", "ENV")}
    env |= {"PATH": f"{desk / 'bin'}{os.pathsep}{env['PATH']}", "HOME": str(desk), "TERM": "xterm"}
    env |= {"LC_ALL": "C.UTF-8"}
    child, keyboard = pty.fork()
    if child == 0:
        os.chdir(desk / "work")
        os.execvpe(shell, SHELLS[shell], env)
    try:
        _press(keyboard, f"source '{desk}/{shell}.script'; printf 'REA''DY\\n'", b"READY")
        shown = _press(keyboard, f"ballast {typed}", b"END")
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(keyboard)
    return shown.rpartition(b"RAN")[2].partition(b"END")[0].decode()


def _press(keyboard: int, keys: str, until: bytes) -> bytes:
    """Type a line; what is shown until it says that it is done."""
    os.write(keyboard, keys.encode() + b"\n")
    shown, end = b"", time.monotonic() + PATIENCE
    while until not in shown:
        assert time.monotonic() < end, shown.decode(errors="replace")
        if select.select([keyboard], [], [], 0.2)[0]:
            shown += os.read(keyboard, 65536)
    return shown


TYPED = {  # \t is Tab
    "book sho\t": "<book><show>",
    "resp\tvehicle\t--lan\tb\t": "<respond><vehicle-parts><--lang><both>",
    "respond x --book=tea\t": "<respond><x><--book=teaching>",
    "respond x --book \tchi\t": "<respond><x><--book><china-2020>",
    "book why china-2020 上\t汽车\t": "<book><why><china-2020><上海.汽车>",
    'book why china-2020 "Inner Mo\tCoal\t': "<book><why><china-2020><Inner Mongolia.Coal>",
    "book why china-2020 'Inner Mo\tCoal\t": "<book><why><china-2020><Inner Mongolia.Coal>",
    "book why china-2020 Inner\\ Mo\tCoal\t": "<book><why><china-2020><Inner Mongolia.Coal>",
    "book why china-2020 sh\tngh\t": "<book><why><china-2020><Shanghai.>",
    "book show my\t": "<book><show><my book>",
    "book show a\t": "<book><show><a:b>",
    "book show a:\t": "<book><show><a:b>",
    'book show "a:\t': "<book><show><a:b>",
    "book show it\t": "<book><show><it's>",
    "book show wa\tin\t": "<book><show><way/inner>",
    "book show h\t": "<book><show><h$(touch made)`touch made`>",
    'book show "h\t': "<book><show><h$(touch made)`touch made`>",
    "book show 'h\t": "<book><show><h$(touch made)`touch made`>",
    "book add teaching no\t": "<book><add><teaching><notes.txt>",  # a file, by the shell
}
LOOSE = {  # fish looks itself whether a candidate begins as the word does, and knows no widths
    "book why china-2020 innerm\tcoal\t": "<book><why><china-2020><Inner Mongolia.Coal>",
    "book why china-2020 ｉｎｎｅｒ\tcoal\t": "<book><why><china-2020><Inner Mongolia.Coal>",
}


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("shell", SHELLS)
def test_tab(shell, typed, desk):
    assert ran(desk, shell, typed) == TYPED[typed]
    assert not (desk / "work" / "made").exists()


@pytest.mark.parametrize("typed", LOOSE)
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_tab_in_another_width_and_without_spaces(shell, typed, desk):
    assert ran(desk, shell, typed) == LOOSE[typed]


BASH = """
source "$1"
COMP_LINE=$2 COMP_POINT=${3:-${#2}}
_ballast_complete
printf '%s\\0' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
@pytest.mark.parametrize(
    ("line", "point", "expected"),
    [
        ("ballast respond --lang ", None, ["en", "zh", "both"]),
        ("ballast book sho teaching", 16, ["show"]),  # the cursor within the line
        ("ballast book show m", None, ["my\\ book"]),
        ('ballast book show "m', None, ["my book"]),
        ("ballast book show a:", None, ["b"]),  # what stands before the colon stays
        ("ballast book show 'it", None, [r"it'\''s"]),
        (
            "ballast book why teaching 北方，",
            None,
            ["北方，材料", "北方，零部件", "北方，整车", "北方，服务"],
        ),
        ("ballast book show $(touch made)", None, [""]),
        ("ballast book add teaching ", None, [""]),
    ],
)
def test_what_bash_is_told(line, point, expected, desk):
    env = {**os.environ, "PATH": f"{desk / 'bin'}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    more = [] if point is None else [str(point)]
    argv = ["bash", "-c", BASH, "bash", str(desk / "bash.script"), line, *more]
    done = subprocess.run(argv, env=env, cwd=desk / "work", capture_output=True, check=True)
    assert done.stderr == b""
    assert done.stdout.decode().split("\0")[:-1] == expected
    assert not (desk / "work" / "made").exists()


@pytest.mark.skipif(not shutil.which("pwsh"), reason="no PowerShell here")
@pytest.mark.parametrize(
    ("line", "expected"),
    [("ballast book sho", ["show"]), ("ballast respond x --lang ", ["en", "zh", "both"]),
     ("ballast book show my", ["'my book'"]), ("ballast book why teaching 北", ["北方."])],
)  # fmt: skip
def test_what_powershell_is_told(line, expected, desk):
    env = {**os.environ, "PATH": f"{desk / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    (desk / "script.ps1").write_text(script("powershell"), encoding="utf-8-sig")
    ask = (
        f". '{desk}/script.ps1'; [Console]::OutputEncoding = [Text.Encoding]::UTF8; "
        f"(TabExpansion2 '{line}' {len(line)}).CompletionMatches.CompletionText"
    )
    done = subprocess.run(["pwsh", "-NoProfile", "-Command", ask], env=env, cwd=desk / "work",
                          capture_output=True, check=True)  # fmt: skip
    assert done.stdout.decode().split() == " ".join(expected).split()
