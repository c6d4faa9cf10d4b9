"""docs/scenarios.md: its examples parse, and its tables are what the built-in files say.

Run this file as a program to print the tables afresh.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ballast.scenario import KINDS, MAX_DAYS, Range, Scenario, Shock, builtin_scenarios, load, parse

DOCUMENT = Path(__file__).parents[2] / "docs" / "scenarios.md"
TEXT = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""


def number(r: Range) -> str:
    return f"{r.value:g}" if r.is_exact else f"{r.value:g} [{r.low:g}, {r.high:g}]"


def place(s: Shock) -> str:
    where = ", ".join(s.regions or s.nodes or s.origins or [r for r, _ in s.hinterland] or ["all"])
    if s.not_regions:
        where += " but " + ", ".join(s.not_regions)
    what = ", ".join(s.sectors or s.products)
    if s.not_products or s.not_sectors:
        what = "goods but " + ", ".join(s.not_products or s.not_sectors)
    return f"{where}: {what}" if what else where


def row(s: Shock) -> str:
    path = "; ".join(f"{p.date:%m-%d} {number(p.level)}" for p in s.path)
    path += f"; to {s.until:%m-%d}" if s.until else ""
    part = "" if s.share.is_exact and s.share.value == 1 else f" of {number(s.share)}"
    sources = ", ".join(s.sources) or "assumed"
    return f"| {s.title.en} | {s.kind}{part} | {place(s)} | {path} | {sources} | {s.grade} |"


def table(s: Scenario) -> list[str]:
    head = "| what | kind | where | percent of normal, value [low, high] | source keys | grade |"
    return [head, "|---|---|---|---|---|---|", *(row(x) for x in s.shocks)]


@pytest.mark.parametrize("name", builtin_scenarios())
def test_the_tables_are_the_files(name: str) -> None:
    for line in table(load(name)):
        assert line in TEXT, f"run {Path(__file__).name} and paste the table of {name}"


def test_the_examples_parse() -> None:
    examples = re.findall(r"```toml\n(.*?)```", TEXT, re.S)
    assert examples
    for example in examples:
        assert parse(example, "example.toml").shocks


def test_every_kind_and_the_limit_are_explained() -> None:
    for kind in KINDS:
        assert f"`{kind}`" in TEXT
    assert str(MAX_DAYS) in TEXT


if __name__ == "__main__":
    for each in builtin_scenarios():
        print(f"\n## {each}\n")
        print("\n".join(table(load(each))))
