"""The offline bundle: nothing is missing on the other machine, one command installs, misfits are said.

The wheels are made here and hold a line of code each, so no index is asked.
"""

import ast
import csv
import hashlib
import importlib.machinery
import importlib.util
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INSTALLER = ROOT / "tools" / "bundle-install.py"
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def script(path: Path):
    loader = importlib.machinery.SourceFileLoader(path.name.replace("-", "_"), str(path))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


bundle = script(ROOT / "tools" / "bundle")

PROGRAM = """
import pathlib, sys
import helper
def main():
    pathlib.Path(sys.argv[sys.argv.index("--out") + 1]).mkdir()
"""


def wheel(
    folder: Path, name: str, version: str = "1.0", *, needs: tuple[str, ...] = (), licence: str = "MIT",
    extras: tuple[str, ...] = (), code: str = "", script: str = "",
) -> Path:  # fmt: skip
    """A small whole wheel."""
    info = f"{name}-{version}.dist-info"
    said = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
    said += [f"License-Expression: {licence}"] if licence else []
    said += [f"Provides-Extra: {e}" for e in extras] + [f"Requires-Dist: {n}" for n in needs]
    files = {
        f"{name}.py": code,
        f"{info}/METADATA": "\n".join(said) + "\n\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/licenses/LICENSE": "words\n",
    }
    if script:
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{script} = {name}:main\n"
    files[f"{info}/RECORD"] = "".join(f"{n},,\n" for n in [*files, f"{info}/RECORD"])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for place, text in files.items():
            archive.writestr(place, text)
    return path


def on(platform: str, python: str = "3.12") -> bundle.Target:
    return bundle.target(platform, python)


def names(wheels) -> list[str]:
    return [w.key for w in wheels]


# ---- what is needed --------------------------------------------------------------------------


def test_the_other_machines_conditions_decide(tmp_path):
    needs = (
        'winonly; sys_platform == "win32"',
        'old; python_version < "3.12"',
        'arm; platform_machine == "aarch64"',
        'posix; os_name == "posix"',
        "always>=1",
        'never; extra == "more"',
    )
    wheel(tmp_path, "ballaststone", needs=needs, extras=("more",))
    for n in ("winonly", "old", "arm", "posix", "always", "never"):
        wheel(tmp_path, n, needs=("ballaststone",))  # circles end
    have = [bundle.Wheel.read(p) for p in tmp_path.glob("*.whl")]

    def reached(platform: str, python: str, root: str = "ballaststone") -> set[str]:
        found, missing = bundle.closure(have, [root], on(platform, python).environment())
        assert missing == []
        return set(names(found)) - {"ballaststone"}

    assert reached("windows-x86_64", "3.12") == {"winonly", "always"}
    assert reached("linux-x86_64", "3.11") == {"old", "posix", "always"}
    assert reached("linux-aarch64", "3.14") == {"arm", "posix", "always"}
    assert reached("windows-x86_64", "3.12", "ballaststone[more]") == {"winonly", "always", "never"}


def test_what_is_missing_or_too_old_is_named(tmp_path):
    wheel(tmp_path, "ballaststone", needs=("gone", "stale>=2", "extra_of[x]"))
    wheel(tmp_path, "stale", "1.9")
    wheel(tmp_path, "extra_of", needs=('deep; extra == "x"',), extras=("x",))
    have = [bundle.Wheel.read(p) for p in tmp_path.glob("*.whl")]
    found, missing = bundle.closure(have, ["ballaststone"], on("linux-x86_64").environment())
    assert missing == ["deep", "gone", "stale>=2"]
    assert names(found) == ["ballaststone", "extra-of"]


def test_pip_is_asked_again_for_what_only_the_other_machine_needs(tmp_path, monkeypatch):
    """pip, on Linux, brings what Linux needs; colorama comes on the second turn, and linuxonly goes."""
    index, asked = tmp_path / "index", []
    wheel(index, "colorama"), wheel(index, "pip"), wheel(index, "linuxonly")
    needs = ('colorama>=0.4; sys_platform == "win32"', 'linuxonly; sys_platform == "linux"')
    ours = wheel(tmp_path, "ballaststone", needs=needs)

    def pip(words, what):
        into = Path(next(w for w in words if w.startswith("--dest=")).removeprefix("--dest="))
        into.mkdir(parents=True)
        asked.append([w for w in words if w.startswith("colorama")])
        for path in (ours, index / "pip-1.0-py3-none-any.whl", index / "linuxonly-1.0-py3-none-any.whl"):
            os.link(path, into / path.name)
        if asked[-1]:
            os.link(index / "colorama-1.0-py3-none-any.whl", into / "colorama-1.0-py3-none-any.whl")

    monkeypatch.setattr(bundle, "run_pip", pip)
    found = bundle.gather(ours, [], on("windows-x86_64"), tmp_path / "downloads")
    assert names(found) == ["ballaststone", "colorama", "pip"]
    assert asked == [[], ["colorama>=0.4"]]


def test_what_never_comes_ends_in_a_message(tmp_path, monkeypatch):
    ours = wheel(tmp_path, "ballaststone", needs=("gone",))

    def pip(words, what):
        into = Path(next(w for w in words if w.startswith("--dest=")).removeprefix("--dest="))
        into.mkdir(parents=True)
        os.link(ours, into / ours.name)
        wheel(into, "pip")

    monkeypatch.setattr(bundle, "run_pip", pip)
    with pytest.raises(bundle.BundleError, match=r"linux-aarch64 and Python 3\.13.*gone"):
        bundle.gather(ours, [], on("linux-aarch64", "3.13"), tmp_path / "downloads")


def test_pips_refusal_comes_with_ours(tmp_path):
    with pytest.raises(bundle.BundleError) as caught:
        bundle.run_pip(
            ["download", "--no-index", f"--find-links={tmp_path}", f"--dest={tmp_path}", "nosuchthing"],
            "Not everything is to be had:",
        )
    assert str(caught.value).startswith("Not everything is to be had:\n  ERROR")
    assert "nosuchthing" in str(caught.value)


def test_a_cut_off_wheel_is_named(tmp_path):
    path = wheel(tmp_path, "short")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(bundle.BundleError, match=r"short-1\.0-py3-none-any\.whl: is no whole wheel"):
        bundle.Wheel.read(path)


@pytest.mark.parametrize("wrong", ["3.10", "2.7", "4.0", "3", "3.x", "3.12.1", ""])
def test_a_python_that_ballast_does_not_run_on_is_refused(wrong, capsys):
    with pytest.raises(SystemExit) as caught:
        bundle.main(["--python", wrong])
    assert caught.value.code == 2
    assert "3.11 or newer" in capsys.readouterr().err


# ---- the archive -----------------------------------------------------------------------------


def wheels_of(folder: Path, **more: object) -> list[bundle.Wheel]:
    """Ballast, something it needs, and a real pip."""
    ensurepip = pytest.importorskip("ensurepip")
    pip = next(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"), None)
    if pip is None:
        pytest.skip("this Python brings no pip of its own")
    made = [
        wheel(folder, "ballaststone", needs=("helper",), code=PROGRAM, script="ballast"),
        wheel(folder, "helper", licence="", **more),
        folder / pip.name,
    ]
    made[2].write_bytes(pip.read_bytes())
    return [bundle.Wheel.read(p) for p in made]


def packed(folder: Path, target: bundle.Target, wheels: list[bundle.Wheel] | None = None) -> Path:
    wheels = wheels or wheels_of(folder / "wheels")
    return bundle.pack(wheels, wheels[0], [], target, folder / "dist")


@pytest.mark.parametrize("platform", [*bundle.PLATFORMS])
def test_the_archive_holds_all_with_sums_and_licences(tmp_path, platform):
    archive = packed(tmp_path, on(platform))
    top = f"ballast-1.0-{platform}-py312/"
    assert archive.name == f"{top[:-1]}.zip"
    said = archive.with_name(archive.name + ".sha256").read_text(encoding="utf-8").split()
    assert said == [hashlib.sha256(archive.read_bytes()).hexdigest(), archive.name]
    with zipfile.ZipFile(archive) as zipped:
        inside = {n.removeprefix(top): zipped.read(n) for n in zipped.namelist()}
    sums = dict(reversed(line.split("  ")) for line in inside["SHA256SUMS"].decode().splitlines())
    assert sums == {n: hashlib.sha256(d).hexdigest() for n, d in inside.items() if n != "SHA256SUMS"}
    assert ("install.bat" in inside) == (platform == "windows-x86_64")
    assert inside["install.py"] == INSTALLER.read_bytes()
    readme = inside["README.txt"].decode()
    assert "install.py" in readme
    assert "安装" in readme
    rows = list(csv.DictReader(io.StringIO(inside["LICENCES.csv"].decode("utf-8-sig"))))
    assert [(r["package"], r["licence"]) for r in rows[:2]] == [("ballaststone", "MIT"), ("helper", "")]
    assert rows[1]["text of the licence in the wheel"] == "helper-1.0.dist-info/licenses/LICENSE"
    assert len(rows) == 3


def test_the_archive_is_the_same_bytes_at_another_time(tmp_path, monkeypatch):
    found = []
    for i, epoch in enumerate(("1650000000", "1650000000", "1660000000")):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        wheels = wheels_of(tmp_path / "wheels")
        found.append(packed(tmp_path / str(i), on("linux-x86_64"), wheels).read_bytes())
    assert found[0] == found[1] != found[2]


def test_our_own_wheel_is_the_same_bytes_at_another_time(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1650000000")
    one, two = (bundle.build_ours(tmp_path / n).read_bytes() for n in "ab")
    assert one == two


# ---- installing ------------------------------------------------------------------------------


def unpacked(folder: Path, target: bundle.Target, wheels: list[bundle.Wheel] | None = None) -> Path:
    with zipfile.ZipFile(packed(folder, target, wheels)) as archive:
        archive.extractall(folder)
    return next(p.parent for p in folder.glob("ballast-*/install.py"))


def this_machine() -> bundle.Target:
    platform = bundle.here()
    if platform is None:
        pytest.skip("bundles are not made for this kind of machine")
    return on(platform, HERE)


def install(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the one command, with every variable that could lead to an index pointing nowhere."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "PIP_INDEX_URL"), "http://127.0.0.1:9")
    return subprocess.run(
        [sys.executable, str(folder / "install.py"), *words],
        env={**os.environ, **nowhere, "PIP_REQUIRE_VIRTUALENV": "1", "PYTHONIOENCODING": "utf-8", **env},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
    )


def test_one_command_installs_and_a_second_one_replaces(tmp_path):
    folder, home = unpacked(tmp_path / "a", this_machine()), tmp_path / "my 家"
    home.mkdir()
    done = install(folder, HOME=str(home), USERPROFILE=str(home))
    assert (done.returncode, done.stderr) == (0, "")
    assert "安装完成" in done.stdout
    mine = home / "ballast" / ("Lib" if os.name == "nt" else f"lib/python{HERE}") / "site-packages"
    program = home / "ballast" / ("Scripts/ballast.exe" if os.name == "nt" else "bin/ballast")
    assert f"{program} respond vehicle-parts" in done.stdout
    subprocess.run([program, "--out", home / "run"], check=True)
    (home / "run").rmdir()
    assert (mine / "helper.py").read_text() == ""
    newer = unpacked(tmp_path / "b", this_machine(), wheels_of(tmp_path / "new", code="NEW = 1\n"))
    done = install(newer, HOME=str(home), USERPROFILE=str(home))
    assert (done.returncode, done.stderr) == (0, "")
    assert (mine / "helper.py").read_text() == "NEW = 1\n"
    assert [p.name for p in home.iterdir()] == ["ballast"]


@pytest.mark.slow
def test_a_failed_installation_leaves_what_was_there(tmp_path):
    folder, into = unpacked(tmp_path / "a", this_machine()), tmp_path / "mine"
    assert install(folder, "--into", str(into), "--no-check").returncode == 0
    before = sorted(into.rglob("*"))
    lacking = [w for w in wheels_of(tmp_path / "w") if w.key != "helper"]
    broken = unpacked(tmp_path / "b", this_machine(), lacking)
    for place, left in ((into, before), (tmp_path / "new", [])):
        done = install(broken, "--into", str(place))
        assert done.returncode == 1
        assert "Installing the packages failed" in done.stderr
        assert "helper" in done.stderr
        assert "Nothing was installed" in done.stderr
        assert sorted(place.rglob("*")) == left
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "mine.old").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "killed", ["while the first was made", "while it was replaced", "while the old one went"]
)
def test_it_goes_on_after_a_kill(tmp_path, killed):
    folder, into = unpacked(tmp_path, this_machine()), tmp_path / "mine"
    if killed != "while the first was made":
        assert install(folder, "--into", str(into), "--no-check").returncode == 0
        (into / "mark").write_text("old")
        into.rename(tmp_path / "mine.old")
    if killed == "while the old one went":
        assert install(folder, "--into", str(tmp_path / "fresh"), "--no-check").returncode == 0
        (tmp_path / "fresh").rename(into)
    else:
        (into / "bin").mkdir(parents=True)
        (into / "ballast-unfinished").touch()
    done = install(folder, "--into", str(into), "--no-check")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (into / "ballast-unfinished").exists()
    assert not (into / "mark").exists()
    assert not (tmp_path / "mine.old").exists()


def test_a_job_that_fails_there_is_told(tmp_path):
    wheels = wheels_of(tmp_path / "w", code="raise OSError('no such library')\n")
    done = install(unpacked(tmp_path, this_machine(), wheels), "--into", str(tmp_path / "mine"))
    assert done.returncode == 1
    assert "installed, but does not work here" in done.stderr
    assert "no such library" in done.stderr


def test_what_does_not_fit_is_said_all_at_once(tmp_path):
    """Another machine, another Python, a file missing, one damaged, a folder in use: five sentences."""
    other = "windows-x86_64" if os.name != "nt" else "linux-aarch64"
    folder, into = unpacked(tmp_path, on(other, "3.99")), tmp_path / "full"
    (folder / "README.txt").unlink()
    with next(folder.glob("wheels/helper*")).open("ab") as file:
        file.write(b"x")
    into.mkdir()
    (into / "mine.txt").touch()
    done = install(folder, "--into", str(into))
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 5
    for words in (
        f"is for {other}; this machine is",
        f"is for Python 3.99; this is Python {HERE}",
        "README.txt is missing",
        "wheels/helper-1.0-py3-none-any.whl is damaged",
        "holds other files",
    ):
        assert sum(words in line for line in lines) == 1, words
    assert [p.name for p in into.iterdir()] == ["mine.txt"]


def test_the_right_python_is_found_where_the_wrong_one_was_called(tmp_path):
    if os.name == "nt":
        pytest.skip("py finds it there")
    folder, tools = unpacked(tmp_path, on(this_machine().name, "3.99")), tmp_path / "tools"
    tools.mkdir()
    (tools / "python3.99").write_text('#!/bin/sh\n[ "$1" = -c ] || echo "3.99 was asked: $*"\n')
    (tools / "python3.99").chmod(0o755)
    done = install(folder, "--into", "x y", PATH=f"{tools}{os.pathsep}{os.environ['PATH']}")
    assert done.returncode == 0
    assert f"This is Python {HERE}; going on with python3.99" in done.stdout
    assert f"3.99 was asked: {folder / 'install.py'} --into x y" in done.stdout


@pytest.fixture
def asked():
    return script(INSTALLER)


@pytest.mark.parametrize(
    ("libc", "words"),
    [
        (("glibc", "2.28"), ""),
        (("glibc", "3.0"), ""),
        (("glibc", "2.17"), "glibc 2.17"),
        (("", ""), "not glibc"),
    ],
)
def test_a_system_whose_library_is_too_old_is_told(asked, monkeypatch, libc, words):
    monkeypatch.setattr(asked.platform, "system", lambda: "Linux")
    monkeypatch.setattr(asked.platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(asked.platform, "libc_ver", lambda: libc)
    plan = {"platform": "linux-aarch64", "system": "Linux", "machines": ["aarch64"], "glibc": [2, 28]}
    found = asked.wrong_machine(plan)
    assert (found == []) == (words == "")
    assert all(words in f and "2.28" in f for f in found)


@pytest.mark.parametrize(
    ("module", "name", "value", "words"),
    [
        ("platform", "python_implementation", lambda: "PyPy", "PyPy"),
        ("struct", "calcsize", lambda code: 4, "32-bit"),
        ("sysconfig", "get_config_var", lambda name: 1, "free-threaded"),
    ],
)
def test_a_python_that_cannot_take_the_wheels_is_told(asked, monkeypatch, module, name, value, words):
    monkeypatch.setattr(getattr(asked, module), name, value)
    found = asked.wrong_python({"python": HERE})
    assert len(found) == 1
    assert words in found[0]


def test_an_old_python_can_read_the_installer():
    """It must start on a Python of long ago, to say that it is too old."""
    tree = ast.parse(INSTALLER.read_text(encoding="utf-8"))
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Nonlocal)
    assert [n for n in ast.walk(tree) if isinstance(n, newer)] == []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert [a for a in node.args.args if a.annotation] + node.args.kwonlyargs == []
        if isinstance(node, ast.Import):
            allowed = sys.stdlib_module_names
            assert {a.name for a in node.names} <= allowed, "the standard library alone"
    assert INSTALLER.read_text(encoding="utf-8").splitlines()[1] == "# -*- coding: utf-8 -*-"


def test_the_plan_says_what_the_installer_asks(tmp_path, asked):
    wheels = wheels_of(tmp_path)
    plan = json.loads(bundle.contents(wheels, wheels[0], [], on("linux-x86_64"))["bundle.json"])
    assert plan["install"] == "ballaststone==1.0"
    assert plan["glibc"] == [2, 28]
    assert plan["packages"]["helper"] == "1.0"
    assert (tmp_path / plan["pip"]).is_file()
