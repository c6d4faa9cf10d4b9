"""The documents tell the truth: commands shown run, commands that exist are shown, targets named exist.

A fenced block marked `console` holds commands behind `$ `; each `ballast` command runs in a folder of
its own, one folder a document, in order, all in this process: how a process starts is tested in
`test_install`. A block after the line `<!-- slow -->` holds the main job, half a minute long, which
`answer/test_speed` runs; one after `<!-- not run: why -->` is only checked for commands and options that
do not exist.
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from ballast.cli import app, main

ROOT = Path(__file__).parents[1]
DOCS = [p for p in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if p.is_file()]
BLOCK = re.compile(r"(?:<!-- *(?P<mark>slow|not run: [^>]+?) *-->\s*)?```console\n(?P<body>.*?)```", re.S)


@dataclass(frozen=True)
class Command:
    document: Path
    mark: str
    words: tuple[str, ...]


def commands(document: Path) -> list[Command]:
    """Every `$ ballast ...` line of a document; a backslash at the end goes on in the next line."""
    found = []
    for block in BLOCK.finditer(document.read_text(encoding="utf-8")):
        for line in block["body"].replace("\\\n", " ").splitlines():
            if line.startswith("$ ballast"):
                words = shlex.split(line[2:], comments=True)
                found.append(Command(document, (block["mark"] or "").split(":")[0], tuple(words[1:])))
    return found


def leaves(group: typer.core.TyperGroup, prefix: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    """Every command with its full name, such as ("book", "check")."""
    found: dict[tuple[str, ...], object] = {}
    for name, command in group.commands.items():
        nested = hasattr(command, "commands")
        found |= leaves(command, (*prefix, name)) if nested else {(*prefix, name): command}
    return found


LEAVES = leaves(typer.main.get_command(app))


def name_of(words: tuple[str, ...]) -> tuple[str, ...]:
    return next((words[:n] for n in (1, 2) if words[:n] in LEAVES), ())


@pytest.mark.parametrize("document", DOCS, ids=lambda p: p.name)
def test_commands_in_the_documents_run(document, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for command in commands(document):
        if not command.mark:
            code, said = main(list(command.words)), capsys.readouterr()
            assert code == 0, f"$ ballast {shlex.join(command.words)}\n{said.err}"


def test_slow_commands_in_the_documents_are_the_main_job():
    slow = [c for d in DOCS for c in commands(d) if c.mark == "slow"]
    assert ROOT / "README.md" in [c.document for c in slow]
    assert {c.words[:2] for c in slow} == {("respond", "shanghai-2022")}
    assert {w for c in slow for w in c.words if w.startswith("--")} <= {"--out"}


@pytest.mark.parametrize("document", DOCS, ids=lambda p: p.name)
def test_commands_in_the_documents_exist_with_their_options(document):
    for command in commands(document):
        options = {w.split("=")[0] for w in command.words if w.startswith("--")}
        name = name_of(command.words)
        if not name:
            assert options <= {"--help", "--version", "--json"}, command
            continue
        known = {o for p in LEAVES[name].params for o in p.opts} | {"--help"}
        assert options <= known, f"{document.name}: {shlex.join(command.words)}"


def test_every_command_is_documented():
    shown = {name_of(c.words) for d in DOCS for c in commands(d)}
    assert set(LEAVES) - shown == set()


def test_every_option_is_documented():
    text = "\n".join(d.read_text(encoding="utf-8") for d in DOCS)
    options = {o for c in LEAVES.values() for p in c.params for o in p.opts if o.startswith("--")}
    assert {o for o in options if not re.search(rf"{o}\b", text)} == set()


def test_make_targets_in_the_documents_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    pages = [*DOCS, ROOT / "CONTRIBUTING.md"]
    named = {
        t for d in pages for t in re.findall(r"(?:`|\$ )make ([a-z-]+)", d.read_text(encoding="utf-8"))
    }
    assert {"respond", "test"} <= named <= targets


def test_links_between_documents_lead_somewhere():
    broken = [
        f"{d.name}: {target}"
        for d in [*DOCS, ROOT / "CONTRIBUTING.md"]
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", d.read_text(encoding="utf-8"))
        if not (d.parent / target).exists()
    ]
    assert broken == []


def anchors(text: str) -> set[str]:
    """What links to the headings of a page end in: small letters, hyphens for spaces, no other signs."""
    outside = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    heads = re.findall(r"^#{1,4} (.*)$", outside, re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


def test_links_to_headings_lead_to_a_heading():
    broken = [
        f"{d.name}: {page}#{anchor}"
        for d in [*DOCS, ROOT / "CONTRIBUTING.md"]
        for page, anchor in re.findall(
            r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", d.read_text(encoding="utf-8")
        )
        if anchor not in anchors((d.parent / page if page else d).read_text(encoding="utf-8"))
    ]
    assert broken == []
    assert anchors("# A `b`, c: d\n```\n# no\n```\n#### 要点\n") == {"a-b-c-d", "要点"}
