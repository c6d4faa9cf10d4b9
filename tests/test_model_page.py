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
from types import SimpleNamespace

import numpy as np
import pytest

from ballast.economy import book
from ballast.propagate.step.reference import input_limit, matched

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
    text = (ROOT / "src/ballast/propagate/step/reference.py").read_text("utf-8")
    step = text[text.index("def step(") : text.index("def capacity(")]
    phases = set(re.findall(r"\b([a-z_]+)\(s, ", step)) - {"_ledger"}
    page = PAGE.read_text("utf-8")
    assert {p for p in phases if f"`{p}`" not in page} == set()


def complete_kits(f: np.ndarray, w: np.ndarray, n: int) -> tuple[float, float]:
    """(the rule's share of complete kits, the exact one: the mean of the least of n draws of f)."""
    f1, f2 = w @ f, w @ f**2
    order = np.argsort(f)
    above = np.append(np.cumsum(w[order][::-1])[::-1], 0.0)
    return float(f1 * matched(f1, f2, n - 1)), float(f[order] @ (above[:-1] ** n - above[1:] ** n))


def test_the_page_says_how_far_the_rule_for_kits_is_off():
    rng = np.random.default_rng(1)
    sizes = rng.integers(2, 10, 5000)
    pairs = np.array([complete_kits(rng.random(k), rng.dirichlet(np.ones(k)), 7) for k in sizes])
    error = pairs[:, 0] - pairs[:, 1]
    assert -0.25 <= error.min() < -0.22
    assert 0.08 < error.max() < 0.11
    page = PAGE.read_text("utf-8")
    assert "from 0.10 of\nthe kits too high" in page
    assert "to 0.25 too low" in page


def test_the_rule_for_kits_is_exact_at_its_ends():
    w = np.array([0.2, 0.5, 0.3])
    for f in (np.array([0.0, 1.0, 1.0]), np.full(3, 0.4)):
        rule, exact = complete_kits(f, w, 7)
        assert rule == pytest.approx(exact)


def running(sigma: float, f1: float, q: float, days: float = 25.0) -> float:
    """The input limit of a node with one critical slot whose orders equal its use of 1 a day."""
    one, first = np.ones(1), np.zeros(1, int)
    node = SimpleNamespace(x0=one, need=one, days=days * one, essential=one, slot_node=first)
    return float(input_limit(node, sigma * days * one, one, q * one, f1 * q * one)[0][0])


def test_the_limit_is_what_the_table_of_the_page_says():
    n, most = 7.16, 0.0
    for w in np.linspace(0.01, 0.99, 99):
        f1, q = 1 - w, (1 - w) ** (n - 1)
        for sigma in np.linspace(0.1, 1, 19):
            assert running(sigma, 0.0, 1.0) == pytest.approx(sigma)  # nothing arrives
            assert running(sigma, f1, 1.0) == pytest.approx(sigma + f1 * (1 - sigma))  # all ration alike
            rule, exact = running(sigma, f1, q), max(f1 * q, sigma)
            assert rule == pytest.approx(sigma if sigma >= q else f1 * q + (1 - f1) * sigma)
            most = max(most, rule - exact)
        assert running(f1 * q / 25, f1, q) == pytest.approx(f1 * q)  # only today's kits are left
    assert 0.04 < most <= 0.05
    assert "0.05 of the firms at n = 7.16" in PAGE.read_text("utf-8")


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
