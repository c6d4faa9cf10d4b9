"""The house rules: imports point one way, files and functions stay short, everything is packaged."""

import ast
import re
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "ballast"
FILES = sorted(SOURCE.rglob("*.py"))

# Top to bottom, as in the design: a room may import what stands above it. Rooms on one line are siblings
# and do not import each other. Rooms that are full have an order of their own.
ORDER = {
    "": [
        ["safe"],
        ["terminal", "errors"],
        ["clock"],
        ["packing"],
        ["machine"],
        ["sizes", "threads"],
        ["cached", "toml"],
        ["compiled"],
        ["placing"],
        ["text", "shown"],
        ["units"],
        ["evidence", "outcomes"],
        ["arrays"],
        ["economy"],
        ["forcing"],
        ["scenario"],
        ["propagate"],
        ["stress", "plan", "measures", "watch"],
        ["response"],
        ["answer"],
        ["report", "doctor"],
        ["show"],
        ["desk"],
        ["cli"],
        ["__main__"],
    ],
    "economy": [
        ["sane", "markets", "sums"],
        ["facts", "identity"],
        ["whole"],
        ["economy"],
        ["checks", "classes", "redraw", "sheets", "book"],
        ["names"],
        ["portrait", "regroup"],
        ["regions"],
        ["own", "readers", "builders"],
    ],
    "propagate": [
        ["parameters", "static"],
        ["step"],
        ["published", "kept"],
        ["run"],
        ["simulate", "amplify"],
        ["ensemble"],
        ["bench", "card"],
        ["campaign"],
    ],
}
LEVEL = {
    package: {room: level for level, rooms in enumerate(order) for room in rooms}
    for package, order in ORDER.items()
}


def room_of(path: Path, package: str) -> str:
    """The first name below a package ("" is ballast): `economy/book/folder.py` is in economy, and there in
    book.
    """
    return path.relative_to(SOURCE / package).parts[0].removesuffix(".py")


def imported_rooms(path: Path, package: str) -> set[str]:
    """Rooms of a package that a file imports anywhere, also inside functions; not what only type checkers
    read.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    whole = f"ballast.{package}".rstrip(".")
    found = set()
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write the full name"
            module = node.module or ""
            names = [module] if module != whole else [f"{module}.{a.name}" for a in node.names]
        found |= {n.removeprefix(f"{whole}.").split(".")[0] for n in names if n.startswith(f"{whole}.")}
    return {room for room in found if room != "__version__"}


ROOMS = [
    (package, p)
    for package in ORDER
    for p in FILES
    if p.is_relative_to(SOURCE / package) and p != SOURCE / package / "__init__.py"  # the front door
]


def test_the_page_on_the_house_names_files_that_are_there():
    """Every file and function it shows, in the room it says."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    sources = {p.relative_to(SOURCE).as_posix() for p in SOURCE.rglob("*") if p.is_file()}
    named = set(re.findall(r"`([a-z_/]+\.(?:py|toml))`", page))
    lost = {
        n for n in named if not (ROOT / n).is_file() and not any(f"/{s}".endswith(f"/{n}") for s in sources)
    }
    assert lost == set()
    assert len(named) > 30


@pytest.mark.parametrize("package", ORDER)
def test_every_room_has_its_place_in_the_order(package):
    assert {room_of(path, package) for of, path in ROOMS if of == package} - set(LEVEL[package]) == set()


@pytest.mark.parametrize(
    ("package", "path"), ROOMS, ids=[f"{package}:{p.relative_to(SOURCE)}" for package, p in ROOMS]
)
def test_imports_point_up_and_never_sideways(package, path):
    room, level = room_of(path, package), LEVEL[package]
    wrong = {
        other
        for other in imported_rooms(path, package)
        if other != room and level.get(other, len(level)) >= level[room]
    }
    assert wrong == set(), (
        f"{path.relative_to(ROOT)} imports {sorted(wrong)}, which stand below or beside it"
    )


def test_rooms_are_looked_up_by_name_at_three_doors_only():
    """What imports by name goes around the order of rooms."""
    doors = {
        p.relative_to(SOURCE).as_posix()
        for p in FILES
        if any(name in ("import_module", "__import__") for name, _ in _calls(p))
    }
    assert doors == {"__init__.py", "shown.py", "economy/readers/__init__.py"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_files_and_functions_stay_short_and_say_what_they_are(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= 600
    assert not text.strip() or ast.get_docstring(tree), "no module docstring"
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > 80] == []


def test_no_machine_path_in_the_package():
    pattern = re.compile(r"(^|[^A-Za-z0-9_.])/(work|home|root|tmp|Users)/|\.\./shared")
    texts = [
        p for p in SOURCE.rglob("*") if p.suffix in {".py", ".toml", ".html", ".css", ".js", ".md", ".csv"}
    ]
    found = [str(p.relative_to(ROOT)) for p in texts if pattern.search(p.read_text(encoding="utf-8"))]
    assert found == []


def test_the_wheel_holds_every_file_of_the_package(tmp_path):
    """Built the way pip builds it; a book, template or scenario left out would fail only at a user's."""
    wheel = next(iter(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])))
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    ours = {
        p.relative_to(SOURCE.parent).as_posix()
        for p in SOURCE.rglob("*")
        if p.is_file() and "__pycache__" not in p.parts and p.suffix != ".pyc"
    }
    assert ours - packed == set()
    assert any(name.endswith("licenses/LICENSE") for name in packed)
    assert (
        sum(p.stat().st_size for p in (SOURCE / "economy" / "book" / "builtin").rglob("*") if p.is_file())
        < 5e6
    )


def test_the_environment_check_imports_every_dependency():
    """tools/env decides by imports whether .venv is whole: it must try all that pyproject names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    script = (ROOT / "tools" / "env").read_text(encoding="utf-8")
    names = [re.split(r"[<>=\[ ]", line)[0] for line in project["dependencies"]]
    missing = [n for n in names if not re.search(rf"(\b|_){n.removeprefix('python-')}\b", script)]
    assert missing == []


# What goes into a cell, a document, a CSV, a JSON or a terminal goes through one module that makes it safe;
# a call by one of these names elsewhere goes around it. The value says where it may stand.
WRITERS = {
    "print": {"terminal.py"},
    "write": {"packing.py"},  # of a stream: with one argument; there a packed archive
    "writelines": set(),
    "print_exception": set(),
    "echo": set(),
    "secho": set(),
    "to_csv": {"safe.py"},
    "to_excel": set(),
    "to_json": set(),
    "writer": {"safe.py"},  # csv.writer
    "DictWriter": set(),
    "dump": set(),
    "dumps": {"safe.py", "propagate/campaign/parts.py"},  # there it is hashed, not written
    "model_dump_json": set(),
    "add_run": {"report/word.py"},  # with words; inside `say`
    "add_heading": set(),
    "add_picture": set(),
}


def _calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Every call with the last part of the name it calls."""
    nodes = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
    return [(getattr(n.func, "attr", getattr(n.func, "id", "")), n) for n in nodes]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_nothing_is_written_past_the_one_place_that_makes_it_safe(path):
    here = path.relative_to(SOURCE).as_posix()
    around = [
        f"{name} in line {node.lineno}"
        for name, node in _calls(path)
        if here not in WRITERS.get(name, {here})
        and not (name == "write" and len(node.args) != 1)  # report.write(response, folder) is ours
        and not (name == "add_run" and not node.args)
    ]
    assert around == [], f"{here}: use ballast.safe or ballast.terminal instead"


@pytest.mark.parametrize("name", ["report/excel.py", "report/wordchart.py", "economy/own/template.py"])
def test_cells_are_filled_by_put_alone(name):
    tree = ast.parse((SOURCE / name).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            filled = len(node.args) > 2 or any(k.arg == "value" for k in node.keywords)
            assert not (node.func.attr == "cell" and filled), f"line {node.lineno}: use safe.put"
            sheet = isinstance(node.func.value, ast.Name) and "sheet" in node.func.value.id
            assert not (node.func.attr == "append" and sheet), f"line {node.lineno}: use safe.put_row"
        for target in getattr(node, "targets", []):
            assert not (isinstance(target, ast.Attribute) and target.attr == "value"), (
                f"line {node.lineno}: safe.put"
            )
            assert not (isinstance(target, ast.Subscript) and getattr(target.value, "id", "") == "sheet")


def test_every_file_that_makes_a_workbook_is_in_the_test_above():
    made = {
        p.relative_to(SOURCE).as_posix() for p in FILES if "Workbook()" in p.read_text(encoding="utf-8")
    }
    assert made == {"report/excel.py", "report/wordchart.py", "economy/own/template.py"}


def test_words_enter_the_document_through_say_alone():
    calls = _calls(SOURCE / "report" / "word.py")
    assert [n for name, n in calls if name == "add_paragraph" and n.args] == []
    assert len([n for name, n in calls if name == "add_run"]) == 1


# What differs between systems goes through machine.py, where it can be read, and imitated in tests.
DIFFERS = {
    "os": {
        "chmod", "chown", "cpu_count", "fork", "fsync", "geteuid", "getuid", "getlogin", "kill", "lchown",
        "link", "lockf", "mkfifo", "name", "nice", "rename", "renames", "replace", "sched_getaffinity",
        "setsid", "startfile", "symlink", "sync", "sysconf", "umask", "uname",
    },
    "os.path": {"expanduser", "samefile"},
    "sys": {"platform", "getwindowsversion", "getfilesystemencoding"},
    "tempfile": {"gettempdir", "gettempdirb"},
}  # fmt: skip
ONLY_SOMEWHERE = {
    "ctypes",
    "fcntl",
    "grp",
    "msvcrt",
    "pwd",
    "resource",
    "signal",
    "termios",
    "winreg",
    "winsound",
}
OF_PATHS = {"expanduser", "group", "hardlink_to", "home", "owner", "rename", "replace", "symlink_to"}


def _differs(node: ast.AST) -> str:
    """What in this node is one thing on one system and another on the next; empty when nothing is."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [a.name for a in node.names]
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
        taken = {f"{m}.{n}" for m in modules for n in names if n in DIFFERS.get(m, ())}
        renamed = {a.name for a in node.names if a.asname and a.name in DIFFERS}
        return " ".join(sorted(ONLY_SOMEWHERE.intersection(modules) | taken | renamed))
    if isinstance(node, ast.Attribute) and node.attr in DIFFERS.get(ast.unparse(node.value), ()):
        return ast.unparse(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        name, keywords = node.func.attr, {k.arg for k in node.keywords}
        of_path = (
            len(node.args) == 1
            if name in ("rename", "replace")
            else "path" in ast.unparse(node.func).lower()
        )
        if name in OF_PATHS and of_path and not keywords:
            return ast.unparse(node.func)
    return ""


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_what_differs_between_systems_is_asked_of_machine(path):
    if path.name in ("machine.py", "__main__.py"):  # the latter hears Ctrl-C before it can import anything
        return
    found = [
        f"{said} in line {getattr(node, 'lineno', '?')}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (said := _differs(node))
    ]
    assert found == [], f"{path.relative_to(SOURCE)}: use ballast.machine instead"


@pytest.mark.parametrize(
    "line",
    [
        "import fcntl", "import signal", "from os import replace", "import os as system", "x = os.name",
        "from tempfile import gettempdir", "os.replace(a, b)", "if sys.platform == 'win32': pass",
        "os.path.expanduser('~')", "temporary.replace(target)",
        "old.rename(new)", "Path.home()", "f = os.link",
    ],
)  # fmt: skip
def test_the_test_above_finds_what_differs(line):
    assert any(_differs(node) for node in ast.walk(ast.parse(line))), line


@pytest.mark.parametrize(
    "line",
    ["text.replace('a', 'b')", "table.rename(columns={})", "replace(plot, file='')", "day.replace(day=1)"],
)
def test_the_test_above_finds_nothing_else(line):
    assert not any(_differs(node) for node in ast.walk(ast.parse(line))), line


def _unnamed(name: str, node: ast.Call) -> str:
    """What a call leaves to the system: the encoding, where it writes also the line ends."""
    keywords = {k.arg for k in node.keywords}
    if name in ("read_text", "write_text"):
        place = 1 if name == "write_text" else 0
        encoded = "encoding" in keywords or len(node.args) > place
    elif name in ("open", "fdopen", "TextIOWrapper", "NamedTemporaryFile", "TemporaryFile"):
        said = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        said = [word for word in said if re.fullmatch("[rwaxbt+]+", word)]  # a mode, not a name
        mode = "".join(said) + "".join(ast.unparse(k.value) for k in node.keywords if k.arg == "mode")
        # os.open gives a number, an archive's and gzip's give bytes, temporary files too
        of_bytes = (
            re.match(r"(os|archive|zipfile|gzip|tempfile)\.", ast.unparse(node.func)) and "t" not in mode
        )
        if "b" in mode or of_bytes:
            return ""
        encoded = "encoding" in keywords
    elif name in ("run", "Popen", "check_output") and {"text", "universal_newlines"} & keywords:
        return "" if "encoding" in keywords else "encoding"
    else:
        return ""
    writes = name == "write_text" or (name == "open" and any("w" in ast.unparse(a) for a in node.args[-1:]))
    missing = ([] if encoded else ["encoding"]) + (
        ["newline"] if writes and "newline" not in keywords else []
    )
    return " and ".join(missing)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_text_is_read_or_written_as_the_system_has_it(path):
    """A Chinese Windows reads and writes GBK with CRLF where nothing is said."""
    found = [f"{name} in line {n.lineno}: {gap}" for name, n in _calls(path) if (gap := _unnamed(name, n))]
    assert found == []


@pytest.mark.parametrize(
    ("line", "gap"),
    [
        ("path.read_text()", "encoding"),
        ("path.read_text('utf-8')", ""),
        ("path.write_text(text, 'utf-8')", "newline"),
        ("open(path)", "encoding"),
        ("path.open('w', encoding='utf-8')", "newline"),
        ("path.open('rb')", ""),
        ("run(command, text=True)", "encoding"),
    ],
)
def test_the_test_above_finds_what_is_left_unsaid(line, gap):
    call = ast.parse(line).body[0].value
    assert _unnamed(getattr(call.func, "attr", getattr(call.func, "id", "")), call) == gap
