"""Every writer with every hostile name: names come from files of others, and a report goes to many.

What was written is opened again as its reader would: no formula, no control, well-formed, and the name is
still to be recognised. The names reach the writers past the readers, which refuse some of them.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import sys
import tomllib
import unicodedata
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import docx
import openpyxl
import pandas as pd
import pytest
from report import fake

import ballast.answer  # noqa: F401  (replaced in tests)
from ballast import report, safe, terminal
from ballast.cli import main
from ballast.cli.progress import Progress
from ballast.economy import Economy, book, sane
from ballast.economy.names.matcher import Proposal
from ballast.economy.own import template
from ballast.errors import Finding, InputError, raise_findings
from ballast.propagate import campaign
from ballast.report import again
from ballast.scenario import Scenario
from ballast.scenario import load as load_scenario
from ballast.text import Text

FAMILY, SCOTLAND = "👩\u200d👩\u200d👧", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
HOSTILE = {
    "command": "=cmd|' /C calc'!A0",
    "link": '=HYPERLINK("http://evil.example","click")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tab": "\t=1+1",
    "space": " =1+1",
    "break": "North\r=1+1\nerror: forged\u2028=2\u2029=3",
    "escape": "Nor\x1b[31mth\x1b]0;title\x07\x9b31m",
    "controls": "a\x00b\x0bc\x0cd\x7fe\x85f\ufffeg\uffffh",
    "direction": "\u202egnp.exe\u2066x\u2069\u200f\u061c\u200b\ufeff\xad",
    "markup": "]]></script><script>alert(1)</script><!-- <b onclick='x'>&amp; {{7*7}} [red]x[/red] {0} %s",
    "long": "N" * 40_000,
    "halves": "half \udcff and \ud800",
    "path": "../../x",
    "device": "CON",
    "letters": f"{FAMILY} 上海 مرحبا می\u200cخواهم {SCOTLAND} ❤️ é",
    "full width": "＝1+1",
    "apostrophe": "'=1+1",
    "error": "#REF!",
    "float": "1e5",
    "zeros": "001",
    "date": "2020-01-01",
    "split": "a;=1+1",
    "escaped": "_x001b_[31m",
}
UNCHANGED = ("letters", "path", "device", "error", "float", "zeros", "date", "command", "full width")
names = pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
# to a terminal a formula is a text like any other: these are the ones that it could act on
INERT = ("link", "plus", "minus", "at", "space", "apostrophe", "split", *UNCHANGED[1:])
SEEN = [k for k in HOSTILE if k not in INERT]
acting = pytest.mark.parametrize("name", [HOSTILE[k] for k in SEEN], ids=SEEN)
KEYS = list(HOSTILE)
groups = pytest.mark.parametrize("group", [[HOSTILE[k] for k in KEYS[i::5]] for i in range(5)])


@pytest.fixture
def past_reading(monkeypatch):
    """Reading refuses some of these names; the writers have to hold all the same."""
    monkeypatch.setattr(sane, "_BAD", re.compile("(?!)"))
    monkeypatch.setattr(sane, "_BAD_IN_PROSE", re.compile("(?!)"))
    monkeypatch.setattr(sane, "MOST_NAME", 10**9)


def hidden(text: str, *, breaks: str = "\n") -> list[str]:
    """Characters that do something instead of being read; joiners inside words and emoji are spelling."""
    for spelt in (FAMILY, SCOTLAND, "می\u200cخواهم"):
        text = text.replace(spelt, "")
    kinds = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return [f"U+{ord(c):04X}" for c in text if unicodedata.category(c) in kinds and c not in breaks]


def seen(name: str) -> str:
    """The beginning of a name as a person finds it again."""
    return safe.name(name)[:100]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def as_text(name: str) -> Text:
    return Text(name, name)


# ---- the report --------------------------------------------------------------------------------


def hostile_response(group: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The made-up response with the names wherever a user's file can put one."""
    every, e = cycle(group), fake.economy()
    regions = [replace(r, name=as_text(next(every))) for r in e.regions]
    free = next(i for i, r in enumerate(regions) if r.code == "GD")
    regions[free] = replace(regions[free], code=safe.whole(group[0]))
    sectors = [replace(s, name=as_text(next(every))) for s in e.sectors]
    sectors[1] = replace(sectors[1], code=safe.whole(group[1]))
    e = replace(e, name=group[0], title=as_text(group[1]), regions=tuple(regions), sectors=tuple(sectors))
    e = replace(e, scope=as_text(group[2]), currency=group[3])
    ids = cycle(name for name in group if sane.label_fault(name) is None)  # no economy takes the others
    e = replace(e, node_ids=tuple(f"{next(ids)} {i}" for i in range(e.n)))
    monkeypatch.setattr(fake, "economy", lambda large=False: e)
    made = fake.response()
    shocks = [replace(s, name=next(every), title=as_text(next(every))) for s in made.scenario.shocks]
    names = {"name": group[2], "title": as_text(group[0]), "summary": as_text(group[1])}
    rows = [
        replace(x, name=as_text(n), source=n, value=n, low=n, unit=as_text(n), address=f"https://a/{n}")
        for x, n in zip(made.evidence, every, strict=False)
    ]
    rows[0] = replace(rows[0], group=as_text(group[3]), address=group[3])
    return replace(
        made,
        scenario=replace(made.scenario, **names, shocks=tuple(shocks)),
        evidence=tuple(rows),
        notes=tuple(map(as_text, group)),
        settings={**made.settings, **dict(zip(group, group, strict=True))},
    )


@pytest.fixture
def english(monkeypatch):
    for key in ("LC_ALL", "LC_MESSAGES", "COLUMNS", "BALLAST_DEBUG"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@groups
def test_every_file_of_the_report(group, tmp_path, monkeypatch, capsys, english):
    response, out = hostile_response(group, monkeypatch), tmp_path / "out"
    monkeypatch.setattr(sys.modules["ballast.answer"], "respond", lambda *a, **k: response)
    assert main(["respond", "x", "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert hidden(said.out + said.err) == []
    assert sorted(p.name for p in out.iterdir()) == sorted(report.FILES)
    found = {
        "terminal": said.out,
        "workbook": "\n".join(safe.name(c.value) for c in _workbook(out / "cases.xlsx")),
        "document": _document(out / "report.docx"),
        "page": _page(out / "report.html"),
    }
    for place, text in found.items():
        for name in group if place != "terminal" else group[:1]:
            assert squeezed(seen(name)).strip() in squeezed(text), place
    _record(out / "run.json", group)
    paths = pd.read_parquet(out / "paths.parquet")
    assert {safe.whole(n) for n in group[:2]} <= {*paths.region.dropna(), *paths.sector.dropna()}


@groups
def test_a_report_made_again_shows_the_names_as_the_first_did(group, tmp_path, monkeypatch):
    """What people see is the same bytes; in run.json half a character has become the six of its name."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1650000000")
    response = hostile_response(group, monkeypatch)
    monkeypatch.setattr("ballast.economy.book.book_hash", lambda e: response.settings["book_hash"])
    report.write(response, tmp_path / "a")
    report.write(again.read(tmp_path / "a" / "run.json", response.economy), tmp_path / "b")
    for name in ("report.html", "report.docx", "cases.xlsx", "paths.parquet"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    _record(tmp_path / "b" / "run.json", group)


def _workbook(path: Path | io.BytesIO) -> list[Any]:
    """The cells with text: none is a formula, an error value or longer than a cell may be."""
    _well_formed(path)
    cells = [
        c for s in openpyxl.load_workbook(path) for row in s.iter_rows() for c in row if c.value is not None
    ]
    assert [c.coordinate for c in cells if c.data_type in ("f", "e")] == []
    texts = [c for c in cells if isinstance(c.value, str)]
    assert [c.coordinate for c in texts if hidden(c.value)] == []
    assert [c.coordinate for c in texts if c.data_type != "s" or len(c.value) > safe.LONGEST_CELL] == []
    assert [c.coordinate for c in texts if safe.starts_formula(c.value) and not c.quotePrefix] == []
    return texts


def _well_formed(path: Path | io.BytesIO) -> None:
    """Every XML part parses, and no sheet has a formula whatever a library makes of it."""
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if part.endswith((".xml", ".rels")):
                tree = ElementTree.fromstring(archive.read(part))
                kinds = {node.tag.rsplit("}", 1)[-1] for node in tree.iter()}
                assert "f" not in kinds or "worksheets" not in part


def _document(path: Path) -> str:
    """All text of the document, one line a paragraph or cell."""
    _well_formed(path)
    document = docx.Document(str(path))
    texts = [p.text for p in document.paragraphs]
    texts += [c.text for t in document.tables for row in t.rows for c in row.cells]
    texts += [p.text for s in document.sections for p in s.footer.paragraphs]
    texts += [document.core_properties.title, document.core_properties.author]
    assert [hidden(t) for t in texts if hidden(t)] == []
    with zipfile.ZipFile(path) as archive:
        data = [part for part in archive.namelist() if part.endswith(".xlsx")]
        assert len(data) == 2  # the chart of each language
        for part in data:
            _workbook(io.BytesIO(archive.read(part)))
    return "\n".join(safe.name(t) for t in texts)


class Page(HTMLParser):
    """Tags balanced; scripts, styles, their hashes and the policy collected."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.own: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br"):
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_comment(self, data):
        raise AssertionError("a comment")

    def handle_data(self, data):
        self.own.get(self.stack[-1] if self.stack else "", self.texts).append(data)


def _page(path: Path) -> str:
    """The words of the page, which is balanced, has one style and one script and allows no others."""
    text = path.read_text("utf-8")
    assert hidden(text) == []
    page = Page(text)
    assert page.stack == []
    assert [a for _, a in page.tags if {k for k in a if k.startswith("on") or k == "style"}] == []
    assert {t for t, _ in page.tags} & {"b", "img", "iframe", "base", "link", "object"} <= {"b"}
    links = [a["href"] or "" for t, a in page.tags if t == "a"]
    assert [x for x in links if not re.fullmatch(r"#[a-z-]+|https?://[^\s\"<>]+", x)] == []
    policy = next(a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.split(" ", 1) for rule in str(policy).split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for kind in ("script", "style"):
        assert len(page.own[kind]) == 1  # one block: nothing was added, and the policy knows it
        digest = base64.b64encode(hashlib.sha256(page.own[kind][0].encode()).digest()).decode()
        assert rules[f"{kind}-src"] == f"'sha256-{digest}'"
    assert "unsafe" not in str(policy)
    return "\n".join(safe.name(t) for t in page.texts)


def _record(path: Path, group: list[str]) -> None:
    text = path.read_text("utf-8")
    assert hidden(text) == []
    data = json.loads(text, parse_constant=lambda c: pytest.fail(c))
    assert data["scenario"]["title"]["en"] == data["book"]["name"] == safe.whole(group[0])
    assert all(data["settings"][safe.whole(n)] == safe.whole(n) for n in group)
    json.dumps(data, ensure_ascii=False).encode()  # no half character came back


# ---- workbooks, CSV and books ------------------------------------------------------------------


def hostile_book(name: str) -> Economy:
    """The teaching book with the name as name, title and source, and as name and code of its places."""
    e = book.load("teaching")
    regions = [replace(r, name=as_text(name), aliases=()) for r in e.regions]
    regions[0] = replace(regions[0], code=safe.whole(name))
    sectors = [replace(s, name=as_text(name), aliases=(), product=as_text(name)) for s in e.sectors]
    sectors[0] = replace(sectors[0], code=safe.whole(name))
    sources = tuple(replace(s, title=name, publisher=name, address=name, licence=name) for s in e.sources)
    history = tuple(replace(o, text=as_text(name)) for o in e.history)
    return replace(
        e,
        name=name,
        title=as_text(name),
        scope=as_text(name),
        regions=tuple(regions),
        sectors=tuple(sectors),
        sources=sources,
        history=history,
        grades={**e.grades, name: next(iter(e.grades.values()))},
    )


@names
def test_the_template_and_the_review_sheet(name, tmp_path):
    texts = _workbook(template.write(hostile_book(name), tmp_path / "t.xlsx"))
    assert safe.cell(name) in {c.value for c in texts}
    found = Proposal(name, "region", "C", name, 0.8)
    review = template.write_review([(name, found), (name, found)], tmp_path / "r.xlsx")
    texts = _workbook(review)
    assert [c.value for c in texts if c.column == 2][1:] == [safe.cell(name)]


def test_a_confirmed_name_is_read_back_as_it_was_written(tmp_path):
    """An apostrophe put before a name would be part of it, and the confirmation would be lost."""
    found = Proposal("=A1", "region", "C", "Coast", 0.8)
    path = template.write_review([("here", found)], tmp_path / "r.xlsx")
    workbook = openpyxl.load_workbook(path)
    workbook.active["F2"] = "y"
    workbook.save(path)
    assert template.read_review(path) == (("region", "=A1", "C"),)


@names
def test_a_saved_book_holds_the_name_to_the_letter(name, tmp_path, past_reading):
    book.save(hostile_book(name), tmp_path / "b")
    head = tomllib.loads((tmp_path / "b" / "book.toml").read_text("utf-8"))
    assert head["regions"][0]["code"] == head["title"]["zh"] == safe.whole(name)


@names
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_has_no_field_that_a_spreadsheet_runs(name, delimiter, tmp_path):
    """Read as offices of other countries read it too: at semicolons, at tabs."""
    rows = [("code", "value"), (name, -1.5)]
    frame = pd.DataFrame({"low": [-1.5, 2.0]})
    frame.insert(0, "region", pd.Series([name, "-5"], dtype=object))
    safe.csv_table(frame, tmp_path / "t.csv")
    for text in (safe.csv_text(rows), (tmp_path / "t.csv").read_text("utf-8")):
        assert hidden(text) == []
        fields = [f for row in csv.reader(io.StringIO(text), delimiter=delimiter) for f in row]
        fields = [f for f in fields if not re.fullmatch(r"[-0-9.,]+", f)]  # numbers of a comma country
        assert [f for f in fields if safe.starts_formula(f) and not f.startswith("'")] == []
    read = list(csv.reader(io.StringIO((tmp_path / "t.csv").read_text("utf-8"))))
    assert read[1][0].replace("'", "")[:50] == safe.name(name).replace("'", "")[:50]
    assert [row[1] for row in read] == ["low", "-1.5", "2"]
    assert read[2][0] == "-5"


def test_an_ordinary_table_is_written_as_ever():
    frame = pd.DataFrame({"region": ["SH", "上海"], "low": [-1.25, 2.0]})
    out = io.StringIO()
    safe.csv_table(frame, out, digits="%.4f")
    assert out.getvalue() == "region,low\nSH,-1.2500\n上海,2.0000\n"


# ---- the terminal ------------------------------------------------------------------------------

LIGHT = (
    ["book", "show", "B"],
    ["book", "show", "B", "--codes"],
    ["book", "why", "B", "W.parts"],
    ["book", "check", "B"],
    ["book", "list"],
    ["book", "template", "B", "--out", "t.xlsx"],
    ["scenario", "show", "S"],
    ["scenario", "list"],
    ["scenario", "check", "S"],
)


def hostile_scenario(name: str) -> Scenario:
    s = load_scenario("vehicle-parts")
    shocks = tuple(replace(k, title=as_text(name)) for k in s.shocks)
    return replace(s, name=name, title=as_text(name), summary=as_text(name), shocks=shocks)


@pytest.fixture
def given(monkeypatch, tmp_path, english):
    """Commands load the hostile book and scenario whatever they are asked for."""

    def use(name: str) -> None:
        e, s = hostile_book(name), hostile_scenario(name)
        monkeypatch.chdir(tmp_path)
        found = (Finding("warning", name, name, name),)
        monkeypatch.setattr(book, "load", lambda *a: e)
        monkeypatch.setattr(book, "inspect", lambda *a: (e, found))
        monkeypatch.setattr("ballast.scenario.load", lambda *a: s)
        monkeypatch.setattr("ballast.economy.checks.check", lambda *a, **k: found)
        monkeypatch.setattr("ballast.scenario.check_scenario", lambda *a, **k: found)

    return use


@acting
@pytest.mark.parametrize("lang", ["C.UTF-8", "zh_CN.UTF-8"])
def test_what_commands_print_can_only_be_read(name, lang, given, capsys, monkeypatch, past_reading):
    given(name)
    monkeypatch.setenv("LANG", lang)
    for argv in LIGHT:
        assert main(argv) == 0, argv
        said = capsys.readouterr()
        assert hidden(said.out + said.err) == [], argv
        if argv[1] != "template":  # which names the file
            assert squeezed(seen(name)).strip() in squeezed(said.out), argv
        if argv[:2] != ["scenario", "show"]:  # whose summary may have lines of its own
            assert not re.search("^error: forged", said.out, re.MULTILINE), argv


@acting
def test_json_is_whole_and_harmless(name, given, capsys, past_reading):
    given(name)
    for argv in LIGHT:
        assert main([*argv, "--json"]) == 0, argv
        said = capsys.readouterr()
        assert hidden(said.out + said.err) == []
        data = json.loads(said.out, parse_constant=lambda c: pytest.fail(c))
        if argv[:2] == ["book", "show"]:
            assert data["title"]["en"] == safe.whole(name)


@acting
def test_errors_progress_and_findings_can_only_be_read(name, tmp_path, capsys, monkeypatch, english):
    monkeypatch.chdir(tmp_path)
    whole = name
    name = name.replace("\0", "").replace("\ud800", "")  # which no command line can hold
    for argv in (
        ["book", "show", name],
        ["book", "why", "teaching", name],
        ["scenario", "check", name],
        ["respond", name],
        ["respond", "vehicle-parts", "--book", name],
        ["respond", "vehicle-parts", "--model", name],
        ["predict-table", name, "--out", "x.csv"],
        ["campaign", name, "--out", "c"],
        ["book", "import", name, name, "--out", "b"],
        ["book", "import", "long", name, "--out", "b"],
        ["book", "aggregate", "teaching", name, "--out", "b"],
        ["book", "add", "teaching", name, "--out", "b"],
        ["book", "undo", name],
        ["book", "build", name],
        [name],
        ["book", "show", f"--{name}"],
    ):
        code = main(argv)
        said = capsys.readouterr()
        assert code in (1, 2), argv
        assert hidden(said.out + said.err) == [], argv
        assert "Traceback" not in said.err
        assert "fault in Ballast" not in said.err, argv
    assert main(["book", "show", name, "--json"]) in (1, 2)
    assert hidden(capsys.readouterr().out) == []
    with Progress(silent=False) as progress:
        progress(whole, 0, 1)
    assert hidden(capsys.readouterr().err) == []
    monkeypatch.setenv("BALLAST_DEBUG", "1")
    monkeypatch.setattr(
        "ballast.economy.book.builtin_books", lambda: (_ for _ in ()).throw(InputError(whole))
    )
    assert main(["book", "list"]) == 2
    assert hidden(capsys.readouterr().err) == []


def test_a_name_cannot_add_a_line_to_the_findings_that_stop_a_job():
    with pytest.raises(InputError) as raised:
        raise_findings([Finding("error", "file", HOSTILE["break"], "Correct it")], head="The file:")
    assert len(str(raised.value).split("\n")) == 2


@names
def test_predicted_tables(name, tmp_path, capsys, monkeypatch, english):
    frame = pd.DataFrame({"region": [name], "sector": [name], "month": ["2022-01"]}, dtype=object)
    frame["low"] = -1.0
    frame.attrs = {
        "notes": ({"en": name, "zh": name},),
        "outcome": "completed",
        "amplifies": {},
        "outcomes": {},
    }
    monkeypatch.setattr(sys.modules["ballast.answer"], "predict", lambda *a, **k: frame)
    assert main(["predict-table", "x", "--out", str(tmp_path / "t.csv")]) == 0
    assert hidden(capsys.readouterr().out) == []
    text = (tmp_path / "t.csv").read_text("utf-8")
    assert hidden(text) == []
    assert text.splitlines()[1].endswith(",-1.0000")


@pytest.mark.parametrize("key", ["command", "escape", "halves", "split", "direction"])
def test_the_tables_of_a_campaign(key, tmp_path, capsys, monkeypatch, english, past_reading):
    name, whole = HOSTILE[key], campaign.plan
    e, s = hostile_book(name), hostile_scenario(name)
    monkeypatch.setattr("ballast.propagate.campaign.plan", lambda *a, **k: whole([s], **{**k, "book": e}))
    folder = tmp_path / "c"
    assert main(["campaign", "x", "--draws", "2", "--out", str(folder)]) == 0
    assert hidden(capsys.readouterr().out) == []
    for file in ("summary.csv", "exceedance.csv"):
        text = (folder / file).read_text("utf-8")
        assert hidden(text) == []
        fields = [f for row in csv.reader(io.StringIO(text)) for f in row]
        assert [f for f in fields if safe.starts_formula(f) and not f.startswith("'")] == []
        assert {safe.field(name)} <= set(fields)
    for file in ("draws.parquet", "nodes.parquet"):
        assert set(pd.read_parquet(folder / file).scenario) == {safe.whole(name)}
    for file in ("campaign.json", "manifest.json"):
        data = json.loads((folder / file).read_text("ascii"))
        assert data["book"]["name"] == safe.whole(name)


@pytest.mark.parametrize("key", [k for k in HOSTILE if k not in ("long", "controls", "path", "break")])
def test_files_and_folders_may_have_such_names(key, tmp_path, capsys, monkeypatch, english):
    """As far as the system allows them: a name that is no text in any encoding too."""
    monkeypatch.chdir(tmp_path)
    name = HOSTILE[key].replace("/", "_").strip("-+\t ")
    if "\ud800" in name:
        name = name.replace("\ud800", "\udce9")
    rows = "from_region,from_sector,to_region,to_sector,value\nA,x,A,x,5\nA,x,A,households,10\nB,x,A,x,4\n"
    Path(f"{name}.csv").write_text(rows)
    argv = ["book", "import", "long", f"./{name}.csv", "--year", "2020", "--out", f"./{name}"]
    if sane.file_fault(f"{name}.csv"):
        assert main(argv) == 2
        said = capsys.readouterr()
        assert "file's name" in said.err
        assert hidden(said.out + said.err) == []
        return
    assert main(argv) == 0
    assert main(["book", "show", f"./{name}"]) == 0
    Path(f"{name}-desk.csv").write_text("region,sector,product,days\nA,x,x,5\n")
    assert main(["book", "add", f"./{name}", f"./{name}-desk.csv"]) == 0
    assert main(["book", "show", f"./{name}", "--json"]) == 0
    assert main(["book", "undo", f"./{name}"]) == 0
    said = capsys.readouterr()
    assert hidden(said.out + said.err) == []
    assert book.load(Path(name)).name == safe.name(name)
    text = (Path(name) / "findings.csv").read_text("utf-8-sig")
    assert hidden(text) == []
    built_in = resources.files("ballast") / "scenarios" / "vehicle-parts.toml"
    Path(f"{name}.toml").write_text(built_in.read_text("utf-8"), "utf-8")
    assert main(["scenario", "show", f"./{name}.toml"]) == 0
    assert hidden(capsys.readouterr().out) == []


# ---- forty columns -----------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["C.UTF-8", "zh_CN.UTF-8"])
def test_forty_columns_are_enough(lang, tmp_path, capsys, monkeypatch, english):
    """Nothing stands out but what has no space to break at, such as a path or an address."""
    monkeypatch.setenv("LANG", lang)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.modules["ballast.answer"], "respond", lambda *a, **k: fake.response())
    for argv in (
        ["respond", "x", "--out", str(tmp_path / "r")],
        ["book", "show", "teaching"],
        ["book", "show", "china-2020"],
        ["book", "show", "china-2020", "--codes"],
        ["book", "why", "teaching", "C.parts"],
        ["book", "list"],
        ["book", "check", "china-2020"],
        ["book", "sources"],
        ["scenario", "list"],
        ["scenario", "show", "shanghai-2022"],
        ["scenario", "check", "shanghai-2022"],
        ["book", "show", "nosuchbook"],
    ):
        main(argv)
        said = capsys.readouterr()
        long = [x for x in (said.out + said.err).split("\n") if terminal.columns_of(x) > 40]
        assert [x for x in long if len(x.split()) > 1] == [], argv


def test_a_pipe_is_not_folded(capsys, english):
    terminal.say(["word " * 100])
    assert len(capsys.readouterr().out) > 400


@pytest.mark.parametrize("columns", [20, 40, 100])
@pytest.mark.parametrize(
    "text",
    [
        "a plain sentence " * 12,
        "  12%  Coast · Parts  30 bn " * 5,
        "中文句子，没有空格。" * 20,
        "中文 mixed 与 words，" * 12,
    ],
)
def test_wrapping_keeps_every_word_and_the_width(text, columns):
    lines = terminal.wrap(text, columns)
    assert max(map(terminal.columns_of, lines)) <= columns
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(not line.lstrip().startswith(tuple("，。；：、）")) for line in lines)


def test_a_path_is_not_broken():
    path = "/a/very/long/path/that/somebody/will/copy/report.html"
    assert path in terminal.wrap(f"The report: {path}", 30)[-1]


# ---- the pieces --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", UNCHANGED)
def test_what_does_no_harm_is_left_as_it_is(key):
    assert safe.words(HOSTILE[key]) == safe.name(HOSTILE[key]) == safe.cell(HOSTILE[key]) == HOSTILE[key]


def test_a_hidden_character_is_shown_and_not_dropped():
    assert safe.name("a\x1b\u202e\U000e0001\n\udcff") == r"a\x1b\u202e\U000e0001\n\udcff"
    assert safe.words("a\r\nb\rc") == "a\nb\\rc"
    assert safe.name("上\u200d海") == r"上\u200d海"  # a joiner that joins nothing hides a difference


def test_a_text_that_does_not_fit_says_how_much_is_missing():
    assert safe.line("N" * 2_100).endswith("N…(+100)")
    cut = safe.cell("😀" * 20_000)
    assert len(cut.encode("utf-16-le")) // 2 <= safe.LONGEST_CELL
    shown, missing = re.fullmatch(r"(😀+)…\(\+(\d+)\)", cut).groups()
    assert len(shown) + int(missing) == 20_000


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_a_number_that_no_workbook_can_hold_leaves_the_cell_empty(value):
    sheet = openpyxl.Workbook().active
    assert safe.put(sheet, 1, 1, value).value is None


def test_json_escapes_read_back_as_they_were():
    text = "a\u202e\x7f\x9b\U000e0001 上海\n"
    made = safe.json_text({"k": text}, indent=2)
    assert hidden(made) == []
    assert json.loads(made) == json.loads(safe.json_text({"k": text}, ascii_only=True)) == {"k": text}
    assert safe.json_text({"k": text}, ascii_only=True).isascii()
    with pytest.raises(ValueError, match="Out of range"):
        safe.json_text(float("nan"))


@pytest.mark.parametrize(
    "bad",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://a/ b",
        'https://a/"x',
        "https://a/\u202ex",
        "https://" + "a" * 3000,
    ],
)
def test_only_a_web_address_becomes_a_link(bad):
    assert safe.address(bad) == ""
    assert safe.address("https://example.org/纸?a=1") == "https://example.org/纸?a=1"


def test_the_width_is_that_of_the_terminal_or_as_told(monkeypatch, english):
    here = SimpleNamespace(fileno=lambda: 1)
    monkeypatch.setattr(os, "get_terminal_size", lambda fd: os.terminal_size((120, 30)))
    assert terminal.width(here) == 120
    monkeypatch.setenv("COLUMNS", "80")
    assert terminal.width(here) == 80


def test_a_pipe_has_a_width_only_when_told(monkeypatch, english):
    for stream in (SimpleNamespace(fileno=lambda: 99999), SimpleNamespace()):
        for told, columns in ("0", None), ("80", None), ("no", None), ("40", 40), ("5", terminal.LEAST):
            monkeypatch.setenv("COLUMNS", told)
            assert terminal.width(stream) == columns


# ---- what was brought to us --------------------------------------------------------------------

CASES = Path(__file__).parents[2] / "shared" / "cases"


@pytest.mark.skipif(not (CASES / "book_hyper").is_dir(), reason="the cases are not here")
def test_the_book_and_the_scenario_of_formulas(tmp_path, capsys, monkeypatch, english):
    monkeypatch.chdir(tmp_path)
    given = [str(CASES / "hyper.toml"), "--book", str(CASES / "book_hyper"), "--draws", "2"]
    assert main(["respond", *given, "--out", "r"]) == 0
    assert any(c.value.startswith("=HYPERLINK") for c in _workbook(Path("r/cases.xlsx")))
    _document(Path("r/report.docx"))
    _page(Path("r/report.html"))
    assert main(["book", "template", str(CASES / "book_hyper"), "--out", "t.xlsx"]) == 0
    assert any(c.value.startswith("=HYPERLINK") for c in _workbook(Path("t.xlsx")))
    capsys.readouterr()


@pytest.mark.skipif(not (CASES / "days_ansi.csv").is_file(), reason="the cases are not here")
def test_an_escape_code_in_a_cell_reaches_nobody(tmp_path, capsys, monkeypatch, english):
    monkeypatch.chdir(tmp_path)
    Path("days.csv").write_bytes((CASES / "days_ansi.csv").read_bytes())
    assert main(["book", "add", "teaching", "days.csv", "--out", "b"]) == 2
    said = capsys.readouterr()
    assert hidden(said.out + said.err) == []
    if Path("days-review.xlsx").exists():  # a reader may refuse the cell before it is looked up
        assert r"Nor\x1b[31mth" in {c.value for c in _workbook(Path("days-review.xlsx"))}
