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
# and do not import each other, except where a line says "in this order".
ORDER = [
    ["safe"],
    ["terminal", "errors"],
    ["clock"],
    ["packing"],
    ["machine"],
    ["sizes"],
    ["compiled", "toml"],
    ["placing"],
    ["text"],
    ["units"],
    ["evidence"],
    ["economy"],
    ["forcing"],
    ["scenario"],
    ["propagate"],
    ["stress", "plan", "measures", "watch"],
    ["response"],
    ["respond"],
    ["report", "doctor"],
    ["desk"],
    ["cli"],
    ["__main__"],
]
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}


def room_of(path: Path) -> str:
    """The first name below the package: `economy/book.py` and `economy/__init__.py` are in economy."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """Rooms that a file imports anywhere, also inside functions; not what only type checkers read."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write the full name"
            names = (
                [node.module or ""]
                if node.module != "ballast"
                else [f"ballast.{a.name}" for a in node.names]
            )
        found |= {n.split(".")[1] for n in names if n.startswith("ballast.")}
    return {room for room in found if room != "__version__"}


def test_every_room_has_its_place_in_the_order():
    rooms = {room_of(p) for p in FILES} - {"__init__"}
    assert rooms - set(LEVEL) == set()


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_point_up_and_never_sideways(path):
    room = room_of(path)
    if room == "__init__":  # the front door leads to every room, lazily
        return
    wrong = {other for other in imported_rooms(path) if other != room and LEVEL[other] >= LEVEL[room]}
    assert wrong == set(), (
        f"{path.relative_to(ROOT)} imports {sorted(wrong)}, which stand below or beside it"
    )


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
    assert sum(p.stat().st_size for p in (SOURCE / "economy" / "builtin").rglob("*") if p.is_file()) < 5e6


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
    "dumps": {"safe.py", "propagate/campaign_parts.py"},  # there it is hashed, not written
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


@pytest.mark.parametrize("name", ["report/excel.py", "report/wordchart.py", "economy/template.py"])
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
    assert made == {"report/excel.py", "report/wordchart.py", "economy/template.py"}


def test_words_enter_the_document_through_say_alone():
    calls = _calls(SOURCE / "report" / "word.py")
    assert [n for name, n in calls if name == "add_paragraph" and n.args] == []
    assert len([n for name, n in calls if name == "add_run"]) == 1
