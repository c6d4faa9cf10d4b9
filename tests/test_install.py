"""What was built installs and runs for somebody else: another user, no HOME, one writable folder.

Wheel and source archive are built by the backend that pyproject names and installed without any index into
a fresh environment that borrows the packages of this one, so that it takes seconds.
"""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
NOBODY = 65534
FILES = {"report.html", "report.docx", "cases.xlsx", "run.json", "paths.parquet"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="users and rights are POSIX's here"),
]

IS_ROOT = os.name != "nt" and not os.getuid()
AS_OTHER = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if IS_ROOT else {}


def other(*words: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run as nobody (as this user, where that is not root) with no HOME and next to no environment."""
    return subprocess.run(
        [str(w) for w in words],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **env},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=300,
        **AS_OTHER,
    )


def python_for_others(cwd: Path) -> str:
    """A Python of this minor version that the other user may run: one in a private folder is not."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys._base_executable, *(f"{d}/{name}" for d in ("/usr/bin", "/usr/local/bin"))):
        try:
            done = other(candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])", cwd=cwd)
        except OSError:
            continue
        if done.returncode == 0 and f"python{done.stdout.strip()}" == name:
            return candidate
    pytest.skip(f"no {name} on this machine that another user may run")


def packages_for_others(home: Path) -> Path:
    """The site-packages of this environment, or the same files once more where they are private."""
    here = Path(pytest.__file__).parents[1]
    if other("/bin/ls", here / "numpy" / "__init__.py", cwd=home).returncode == 0:
        return here
    there = home / "packages"
    try:
        shutil.copytree(here, there, copy_function=os.link)
    except (OSError, shutil.Error):  # another disk
        shutil.rmtree(there)
        shutil.copytree(here, there)
    return there


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder that others may enter; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="ballast-install-"))
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture(scope="module", params=["wheel", "sdist"])
def installed(request, home) -> Path:
    """A fresh environment with what was built in it, owned by this user and read-only."""
    build = {"wheel": (WheelBuilder, ["standard"]), "sdist": (SdistBuilder, ["standard"])}[request.param]
    made = next(iter(build[0](str(ROOT)).build(directory=str(home / "dist"), versions=build[1])))
    place = home / request.param
    subprocess.run([python_for_others(home), "-m", "venv", "--without-pip", place], check=True, cwd=home)
    site = next(place.glob("lib/python3*/site-packages"))
    (site / "borrowed.pth").write_text(f"{packages_for_others(home)}\n", encoding="utf-8")
    pip = [
        place / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-index",
        "--ignore-installed",
    ]
    done = subprocess.run(
        [*pip, "--no-build-isolation", "--no-cache-dir", made], cwd=home, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for path in [*place.rglob("*"), place]:
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
    return place


@pytest.fixture
def desk(home) -> Iterator[Path]:
    """The one folder that the other user may write in."""
    folder = Path(tempfile.mkdtemp(prefix="desk-", dir=home))
    if AS_OTHER:
        os.chown(folder, NOBODY, NOBODY)
    return folder


def state(place: Path) -> dict[str, str]:
    return {
        str(p.relative_to(place)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(place.rglob("*"))
        if p.is_file() and not p.is_symlink()
    }


def test_it_is_the_one_that_was_installed(installed, desk):
    done = other(installed / "bin" / "python", "-c", "import ballast; print(ballast.__file__)", cwd=desk)
    assert Path(done.stdout.strip()).is_relative_to(installed), done.stderr
    said = other(installed / "bin" / "ballast", "--version", cwd=desk)
    assert (said.returncode, said.stderr) == (0, "")


def test_it_is_whole(installed):
    """Every file of the package arrives by either way."""
    source, package = ROOT / "src" / "ballast", next(installed.glob("lib/python3*/site-packages/ballast"))
    files = [p for p in source.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    places = [(p, package / p.relative_to(source)) for p in files]
    assert [p for p, there in places if not there.is_file() or there.read_bytes() != p.read_bytes()] == []


def test_what_needs_no_kernel_runs(installed, desk):
    for words in (
        ["book", "list"],
        ["scenario", "list"],
        ["book", "check", "china-2020"],
        ["book", "template", "teaching", "--out", "t.xlsx"],
    ):
        done = other(installed / "bin" / "ballast", *words, cwd=desk)
        assert done.returncode == 0, (words, done.stderr)
    assert [p.name for p in desk.iterdir()] == ["t.xlsx"]


@pytest.mark.parametrize("cache", ["named", "nowhere"])
def test_the_main_job_runs_and_writes_nowhere_else(installed, desk, cache):
    if cache == "named" and installed.name == "sdist":
        pytest.skip("the same files as the wheel's; compiling them twice takes half a minute")
    before = state(installed)
    env = {"NUMBA_CACHE_DIR": str(desk / "kernels")} if cache == "named" else {}
    words = ("respond", "vehicle-parts", "--draws", "8", "--out", "parts")
    done = other(installed / "bin" / "ballast", *words, cwd=desk, **env)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in (desk / "parts").iterdir()} == FILES
    assert {p.name for p in desk.iterdir()} - {"kernels"} == {"parts"}
    assert state(installed) == before
