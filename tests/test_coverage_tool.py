"""What `.ci/run` says of coverage: sums by package over the steps, without what numba compiles."""

import importlib.util
import re
from importlib.machinery import SourceFileLoader
from pathlib import Path

from ballast.compiled import SOURCES

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "ballast"
loader = SourceFileLoader("coverage_tool", str(ROOT / "tools" / "coverage"))
spec = importlib.util.spec_from_loader("coverage_tool", loader)
assert spec is not None
tool = importlib.util.module_from_spec(spec)
loader.exec_module(tool)


def report(**files: tuple[list[int], list[int]]) -> dict[str, object]:
    names = {"text": "src/ballast/text.py", "rows": "src/ballast/economy/own/rows.py"}
    found = {
        names[k]: {"executed_lines": ran, "missing_lines": not_run} for k, (ran, not_run) in files.items()
    }
    return {"files": found}


def test_two_steps_are_added_up_by_package():
    """text.py: lines 1, 2 in one step, 2, 3 in the other, 4 in none: 3 of 4. rows.py in one: 1 of 2."""
    quick = report(text=([1, 2], [3, 4]), rows=([7], [8]))
    slow = report(text=([2, 3], [1, 4]))
    assert tool.by_package([quick, slow]) == {"ballast": (3, 4), "economy.own": (1, 2), "total": (4, 6)}
    assert list(tool.by_package([quick, slow]))[-1] == "total"


def test_files_that_numba_compiles_are_left_out_and_no_others():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = re.search(r"^COMPILED := ((?:.*\\\n)*.*)$", makefile, re.M)
    assert listed is not None
    left_out = set(listed[1].replace("\\\n", " ").split())
    compiles = {
        p.relative_to(SOURCE).as_posix()
        for p in SOURCE.rglob("*.py")
        if re.search(r"^from ballast\.compiled import .*\bcompiled\b", p.read_text(encoding="utf-8"), re.M)
    }
    assert compiles <= left_out <= set(SOURCES)
