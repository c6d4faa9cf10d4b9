"""The pages keep their numbers: docs/model.md equals parameters.toml and the code, docs/tutorial.md runs.

The parameter tables of the page stand between two marks and are written by

    python tests/test_model_page.py

The Python of the tutorial runs from top to bottom in one folder, beside the files its commands write.
"""

import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ballast.economy import book

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "model.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"
RAW = tomllib.loads((ROOT / "src/ballast/propagate/parameters.toml").read_text("utf-8"))
FIRST, LAST = "<!-- parameters: python tests/test_model_page.py -->\n", "<!-- end of parameters -->"
BLOCK = re.compile(re.escape(FIRST) + "(.*?)" + re.escape(LAST), re.S)
CODE = re.compile(r"^\| `(ballast\.[\w.]+)\.([A-Z_]+)` \| ([^|]+) \|", re.M)


def number(value: float) -> str:
    return f"{value:g}"


def span(row: list) -> str:
    """25 [10–40], or 25 where the range is a point, with the row's grade where it has one."""
    value, low, high = map(number, row[:3])
    words = value if low == high else f"{value} [{low}–{high}]"
    return f"{words} {row[3]}" if len(row) > 3 else words


def scalars() -> list[str]:
    lines = ["| key | parameter | value | low | high | unit | grade |", "|---|---|---|---|---|---|---|"]
    for key, p in RAW.items():
        if "value" in p:
            numbers = [number(p[x]) for x in ("value", "low", "high")]
        elif "table" in p:
            numbers = ["by sector", "", ""]
        else:
            numbers = ["; ".join("+".join(f) for f in p["families"]), "", ""]
        cells = [
            f"`{key}`",
            f"{p['title']['en']} {p['title']['zh']}",
            *numbers,
            p["unit"]["en"],
            p["grade"],
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def by_sector() -> list[str]:
    tables = {key: p for key, p in RAW.items() if "table" in p}
    lines = ["| code | sector | " + " | ".join(f"`{k}`" for k in tables) + " |"]
    lines.append("|---|---|" + "---|" * len(tables))
    for kind in ("goods", "services"):
        cells = [f"other {kind}", "", *(span(p[kind]) for p in tables.values())]
        lines.append("| " + " | ".join(cells) + " |")
    for sector in book.load("china-2020").sectors:
        rows = [p["table"].get(sector.code) for p in tables.values()]
        cells = [sector.code, f"{sector.name.en} {sector.name.zh}", *(span(r) if r else "" for r in rows)]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def sources() -> list[str]:
    return [
        f"- `{key}`: {p['source']}" + (f" <{p['address']}>" if "address" in p else "") + "."
        for key, p in RAW.items()
    ]


def rendered() -> str:
    return "\n\n".join("\n".join(part) for part in (["", *scalars()], by_sector(), [*sources(), ""])) + "\n"


def test_every_parameter_of_the_page_equals_the_file():
    found = BLOCK.search(PAGE.read_text("utf-8"))
    assert found, "the marks are gone"
    assert found[1] == rendered(), "run: python tests/test_model_page.py"


def test_sector_tables_hold_no_code_that_the_page_leaves_out():
    codes = {s.code for s in book.load("china-2020").sectors}
    assert {c for p in RAW.values() for c in p.get("table", {})} <= codes


def test_every_constant_of_the_page_equals_the_code():
    found = CODE.findall(PAGE.read_text("utf-8"))
    assert len(found) >= 8
    for module, name, value in found:
        assert getattr(importlib.import_module(module), name) == pytest.approx(float(value)), name


def test_every_phase_is_on_the_page():
    text = (ROOT / "src/ballast/propagate/phases.py").read_text("utf-8")
    step = text[text.index("def step(") : text.index("def capacity(")]
    phases = set(re.findall(r"\b([a-z_]+)\(s, ", step)) - {"_ledger"}
    page = PAGE.read_text("utf-8")
    assert {p for p in phases if f"`{p}`" not in page} == set()


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TUTORIAL.read_text("utf-8"), re.S)


def waiting() -> list[list[str]]:
    """The commands of the tutorial that need a file made by its Python."""
    blocks = re.findall(r"<!-- not run: [^>]*-->\n```console\n(.*?)```", TUTORIAL.read_text("utf-8"), re.S)
    return [line.removeprefix("$ ").split() for line in "".join(blocks).splitlines()]


def test_the_tutorial_runs_from_top_to_bottom(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for code in snippets("python"):
        exec(compile(code, "tutorial", "exec"), names)
    shown = capsys.readouterr().out
    for line in re.findall(r"^# prints: (.*)$", "\n".join(snippets("python")), re.M):
        assert line in shown, line
    for command in waiting():
        done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stderr}"


if __name__ == "__main__":
    page = PAGE.read_text("utf-8")
    PAGE.write_text(BLOCK.sub(lambda m: FIRST + rendered() + LAST, page), "utf-8")
