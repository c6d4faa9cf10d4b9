"""Small files that state, repeat or unpack to far more than they hold: refused in little memory and time.

Every input is made here, and read in one child process whose memory is watched; a fault, a hang or a
swollen process fails. The page docs/robustness.md lists the bounds.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ballast import machine, sizes, toml
from ballast.cli.console import MOST_LINES, finding_lines
from ballast.economy import book
from ballast.errors import BookError, Finding, InputError, nearest
from ballast.propagate.campaign.parts import is_whole
from ballast.scenario import load
from ballast.scenario.locate import Lines

MOST_MB, MOST_SECONDS = 500, 20.0  # above the idle process; for one input, on a busy machine
HEADS = "from_region,from_sector,to_region,to_sector,value\n"

# Runs each command line of a JSON list and prints code, message, seconds, and the peak above the start.
_CHILD = """
import contextlib, io, json, resource, sys, time
from ballast.cli import main
import ballast.economy.book, ballast.economy.readers.long, ballast.scenario, pandas, python_calamine
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
idle = peak()
for args in json.load(sys.stdin):
    said, begun = io.StringIO(), time.monotonic()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        code = main(args)
    print(json.dumps([code, said.getvalue(), time.monotonic() - begun, peak() - idle]), flush=True)
"""


def run(*lines: list[str]) -> list[tuple[int, str]]:
    """Code and message of each command line; fails where one took too much memory or time."""
    child = subprocess.run(
        [sys.executable, "-c", _CHILD],
        input=json.dumps(lines),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = [json.loads(line) for line in child.stdout.splitlines()]
    assert len(found) == len(lines), f"ended in {lines[len(found)]}: {child.stderr[-500:]}"
    for line, (_, _, seconds, peak) in zip(lines, found, strict=True):
        assert seconds < MOST_SECONDS, line
        assert peak < MOST_MB, f"{line}: {peak} MB"
    return [(code, said) for code, said, _, _ in found]


# ---- books ---------------------------------------------------------------------------------------


def _toml(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "book.toml"
        text, count = re.subn(old, new, path.read_text(encoding="utf-8"), count=1)
        assert count == 1
        path.write_text(text, encoding="utf-8")

    return change


def _table(name: str, made: Callable[[pa.Table], pa.Table]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / f"{name}.parquet"
        pq.write_table(made(pq.read_table(path)), path)

    return change


def _last_market(table: pa.Table) -> pa.Table:
    numbers = table.column("market").to_numpy().copy()
    numbers[-1] = 2**31 - 2
    return table.set_column(table.schema.get_field_index("market"), "market", pa.array(numbers))


def _equal_rows(folder: Path) -> None:
    """A hundred million equal rows, of which the file keeps one."""
    path = folder / "slots.parquet"
    schema = pq.read_table(path).schema
    part = pa.table({f.name: pa.array(np.zeros(5_000_000, f.type.to_pandas_dtype())) for f in schema})
    with pq.ParquetWriter(path, part.schema, compression="zstd") as writer:
        for _ in range(20):
            writer.write_table(part, row_group_size=5_000_000)


def _long_label(table: pa.Table) -> pa.Table:
    text = pa.array(["x" * 3_000_000] * table.num_rows)
    return table.append_column("label_en", text).append_column("label_zh", text)


def _lists(table: pa.Table) -> pa.Table:
    cells = [[0] * 1_000_000, *[[]] * (table.num_rows - 1)]
    return table.append_column("more", pa.array(cells, pa.list_(pa.int64())))


def _pipe(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)

    return change


DOTTED = ".".join(["a"] * 20_000)
BOOKS = {
    "markets": (_toml(r"markets = \d+", "markets = 1000000000"), "the tables have .* rows for them"),
    "market": (_table("markets", _last_market), "a number lies outside"),
    "equal": (_equal_rows, r"unpacks to 4,000 MB \(100,000,000 rows\)"),
    "label": (_table("nodes", _long_label), "a name has 3,000,000 bytes"),
    "lists": (_table("nodes", _lists), "lists or tables within cells"),
    "dotted": (_toml("format", f"{DOTTED} = 1\nformat"), "a key of more than 32 parts, line"),
    "deep": (_toml("format", f"x = {'[' * 5000}{']' * 5000}\nformat"), "nested too deeply"),
    "digits": (_toml("markets = ", f"x = {'9' * 5000}\nmarkets = "), "more than 20 digits"),
    "entries": (_toml("format", f"x = [{'[],' * 1_100_000}]\nformat"), "entries, more than"),
    "tile": (_toml(r"tile = \[\d+", "tile = [1000000000"), "lies outside 0 to 200"),
}
PIPES = {"head": (_pipe("book.toml"), "is a pipe"), "table": (_pipe("nodes.parquet"), "is a pipe")}


@pytest.mark.skipif(machine.WINDOWS, reason="there is no such measure of memory, and there are no pipes")
def test_books_that_state_more_than_they_hold(tmp_path):
    made = BOOKS | PIPES
    for name, (change, _) in made.items():
        shutil.copytree(book.BUILTIN / "teaching", tmp_path / name)
        change(tmp_path / name)
    for (name, (_, says)), (code, said) in zip(
        made.items(), run(*(["book", "check", str(tmp_path / n)] for n in made)), strict=True
    ):
        assert code == 2, name
        assert re.search(says, said), f"{name}: {said}"
        assert len(said) < 1000


def test_a_market_that_nobody_supplies_is_legal_as_long_as_a_row_could_buy_in_it(tmp_path):
    folder = shutil.copytree(book.BUILTIN / "teaching", tmp_path / "mine")
    rows = sum(pq.read_metadata(folder / f"{t}.parquet").num_rows for t in ("markets", "slots", "final"))
    _toml(r"markets = \d+", f"markets = {rows}")(folder)
    assert len(book.load(folder).market_ptr) == rows + 1
    _toml(r"markets = \d+", f"markets = {rows + 1}")(folder)
    with pytest.raises(BookError, match="rows for them"):
        book.load(folder)


# ---- tables and sheets ---------------------------------------------------------------------------


def _long_parquet(path: Path) -> None:
    rows = 5_000_000
    words = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array(["A"]))
    part = pa.table({**dict.fromkeys(HEADS.strip().split(",")[:4], words), "value": np.ones(rows)})
    with pq.ParquetWriter(path, part.schema) as writer:
        for _ in range(20):
            writer.write_table(part, row_group_size=rows)


def _hollow(path: Path) -> None:
    path.write_text(HEADS + "".join(f"R{i},S{i},R{i},S{i},5\n" for i in range(20_000)), encoding="utf-8")


def _packed(path: Path) -> None:
    with gzip.open(path, "wb") as file:
        file.write(HEADS.encode())
        for _ in range(40):
            file.write(b"AA,S1,AA,S1,1" + b"0" * 1_000_000 + b"\n")


def _ods(body: str) -> Callable[[Path], None]:
    spaces = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text")
    )

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            kind = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
            archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{kind}"/>')
            archive.writestr(
                "content.xml",
                f"<office:document-content {spaces}><office:body><office:spreadsheet>"
                f'<table:table table:name="a">{body}</table:table>'
                "</office:spreadsheet></office:body></office:document-content>",
            )

    return make


_ONE = (
    '<table:table-cell {} office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
)
_REPEATED = (
    '<table:table-row table:number-rows-repeated="1048576">'
    + _ONE.format('table:number-columns-repeated="16384"')
    + "</table:table-row>"
)
_FAR = (
    '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
    '<table:table-row><table:table-cell table:number-columns-repeated="16000"/>'
    + _ONE.format("")
    + "</table:table-row>"
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _xlsx(sheets: list[str], shared: str = "") -> Callable[[Path], None]:
    def make(path: Path) -> None:
        named = "".join(f'<sheet name="s{i}" sheetId="{i + 1}" r:id="r{i}"/>' for i in range(len(sheets)))
        parts = [(f"r{i}", "worksheet", f"worksheets/s{i}.xml") for i in range(len(sheets))]
        parts += [("rs", "sharedStrings", "sharedStrings.xml")] if shared else []
        links = "".join(f'<Relationship Id="{i}" Type="{_LINKS}/{k}" Target="{t}"/>' for i, k, t in parts)
        package = "http://schemas.openxmlformats.org/package/2006"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
            archive.writestr(
                "xl/workbook.xml",
                f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{named}</sheets></workbook>',
            )
            archive.writestr(
                "xl/_rels/workbook.xml.rels",
                f'<Relationships xmlns="{package}/relationships">{links}</Relationships>',
            )
            for i, rows in enumerate(sheets):
                text = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
                archive.writestr(f"xl/worksheets/s{i}.xml", text)
            if shared:
                archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}">{shared}</sst>')

    return make


_CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'


def _corners(path: Path) -> None:
    """Twenty sheets of nine million cells, of which two hold something."""
    from openpyxl import Workbook

    made = Workbook()
    for number in range(20):
        sheet = made.create_sheet(f"s{number}")
        sheet["A1"], sheet["J900000"] = 1, 2
    made.save(path)


def _lying(path: Path) -> None:
    """An archive whose list says a thousandth of what a part unpacks to."""
    text = "".join(f"<si><t>{i}</t></si>" for i in range(200_000))
    _xlsx([_CELL], text * 5)(path)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("xl/sharedStrings.xml")
    assert entry.compress_size > 400_000
    said = struct.pack("<I", entry.file_size)
    path.write_bytes(bytes(data).replace(said, struct.pack("<I", 10_000)))


def _xlsb(path: Path) -> None:
    def cell(row: int, column: int) -> bytes:
        return b"\x00\x11" + struct.pack("<I", row) + bytes(13) + b"\x05\x10" + struct.pack(
            "<IId", column, 0, 1.0
        )  # fmt: skip

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")
        archive.writestr("xl/worksheets/sheet1.bin", cell(0, 0) + cell(1_048_575, 16_383))


TABLES = {
    "equal_2020.parquet": (_long_parquet, "unpacks to 4,000 MB"),
    "hollow_2020.csv": (_hollow, "20,000 regions x 20,000 sectors"),
    "packed_2020.csv.gz": (_packed, "unpacks to more than|is not a CSV"),
    "repeated.ods": (_ods(_REPEATED), "more than 10,000,000 cells"),
    "far.ods": (_ods(_FAR), "more than 10,000,000 cells"),
    "far.xlsb": (_xlsb, "more than 10,000,000 cells"),
    "corner.xlsx": (_xlsx(['<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>']), "10,000,000 cells"),
    "sheets.xlsx": (_corners, "10,000,000 cells"),
    "spaces.xlsx": (_xlsx([_CELL + " " * 200_000_000]), "no office file does"),
    "lying.xlsx": (_lying, "more than the archive says"),
}


@pytest.mark.slow
@pytest.mark.skipif(machine.WINDOWS, reason="there is no such measure of memory")
def test_tables_that_reach_further_than_they_hold(tmp_path):
    for name, (make, _) in TABLES.items():
        make(tmp_path / name)
    lines = [["book", "import", "long", str(tmp_path / n), "--out", str(tmp_path / "o"), "--year", "2020"]
             for n in TABLES]  # fmt: skip
    for (name, (_, says)), (code, said) in zip(TABLES.items(), run(*lines), strict=True):
        assert code == 2, name
        assert re.search(says, said), f"{name}: {said}"
    assert not (tmp_path / "o").exists()


def test_a_sheet_that_ends_in_a_million_empty_rows_is_read(tmp_path):
    from ballast.economy.sheets.files import sheets

    empty = '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'
    wide = '<table:table-cell table:number-columns-repeated="16383"/>'
    _ods(f"<table:table-row>{_ONE.format('')}{wide}</table:table-row>{empty}")(tmp_path / "fine.ods")
    assert sheets(tmp_path / "fine.ods")[0].rows == [[1]]


def test_a_packed_table_that_people_made_is_read(tmp_path):
    from ballast.economy.readers import read

    path = tmp_path / "mine_2020.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(HEADS + "A,s,A,s,5\nA,s,A,t,3\nA,t,A,s,2\nA,t,A,f,9\nA,s,A,f,4\n")
    assert read("long", path).economy.n == 2
    assert not sizes.swells(path)


# ---- scenarios -----------------------------------------------------------------------------------

HEAD = (
    'book = "teaching"\nstart = 2022-01-01\ndays = 30\n'
    'title = { en = "a", zh = "b" }\nsummary = { en = "a", zh = "b" }\n'
)
SHOCK = '[[shocks]]\nkind="capacity"\ntitle={{en="a",zh="b"}}\nregions=[{}]\npath=[{}]\n'
NAMES = ",".join(f'"z{i}"' for i in range(80_000))
SCENARIOS = {
    "shocks": (HEAD + SHOCK.format('"N"', "[2022-01-02,40]") * 8_000, "8,000 of them, more than 2,000"),
    "points": (HEAD + SHOCK.format('"N"', "[2022-01-02,40]," * 90_000), "does not come after"),
    "unknown": (HEAD + "".join(f"k{i}=1\n" for i in range(100_000)), "unknown key"),
    "names": (HEAD + SHOCK.format(NAMES, "[2022-01-02,40]"), "no region"),
    "dotted": (HEAD + f"{DOTTED} = 1\n", "a key of more than 32 parts"),
    "spaces": (HEAD + f"[ranges{' ' * 1_000_000}]\n", "must be a list of tables"),
    "large": (HEAD + "#" * 3_000_000, "has more than 2 MB"),
    "million": (HEAD + f"x = 1{'0' * 400}\n", "more than 20 digits"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(machine.WINDOWS, reason="there is no such measure of memory")
def test_scenarios_of_another_size(tmp_path):
    for name, (text, _) in SCENARIOS.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    lines = [["scenario", "check", str(tmp_path / f"{n}.toml")] for n in SCENARIOS]
    for (name, (_, says)), (code, said) in zip(SCENARIOS.items(), run(*lines), strict=True):
        assert code == 2, name
        assert re.search(says, said), f"{name}: {said[:500]}"
        assert len(said) < 10_000


def test_blank_lines_do_not_take_the_square_of_their_number():
    text = "\n" * 300_000 + "a = 1\n" + " " * 300_000 + "\n[b]\nc = 2\n"
    lines = Lines(text)
    assert (lines.line(("a",)), lines.line(("b", "c"))) == (300_001, 300_004)


@pytest.mark.parametrize(
    "text",
    [
        '"a.b" = "' + "x." * 500 + '"',
        "a = '''\n" + "[[[[" * 100 + "\n'''",
        "# " + "a." * 500 + "[" * 500,
        'a = """\\"""' + "[" * 100 + '"""',
        "h = '" + "0" * 64 + "'",
        "0123456789abcdef0123456789abcdef = 1",
        "a = 0." + "1" * 60,
    ],
)
def test_what_stands_in_texts_and_comments_is_no_size(text):
    toml.parse(text, "f.toml", InputError)


# ---- what is no file -----------------------------------------------------------------------------


@pytest.mark.skipif(machine.WINDOWS, reason="there are no pipes")
@pytest.mark.parametrize("place", ["pipe", "socket", "/dev/zero", "/proc/kmsg"])
def test_only_ordinary_files_are_opened(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if place == "pipe":
        os.mkfifo(place)
    elif place == "socket":
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(place)
    elif not Path(place).exists():
        pytest.skip(f"there is no {place}")
    shutil.copytree(book.BUILTIN / "teaching", "mine")
    lines = [
        ["book", "import", "long", place, "--out", "o", "--year", "2020"],
        *(["book", "import", s, place, "--out", "o"] for s in ("nbs", "bea", "wiod-2013", "finland")),
        ["book", "add", "mine", place],
        ["book", "aggregate", "mine", place, "--out", "o"],
        ["scenario", "check", place],
        ["book", "check", place],
        ["respond", "vehicle-parts", "--book", place, "--out", "o"],
        ["campaign", place, "--out", "o"],
    ]
    for line, (code, said) in zip(lines, run(*lines), strict=True):
        assert code == 2, line
        assert len(said.splitlines()) <= 8, said
        assert "Traceback" not in said


@pytest.mark.skipif(machine.WINDOWS, reason="there are no pipes")
def test_a_pipe_is_not_replaced_by_a_file(tmp_path):
    from ballast import placing
    from ballast.errors import OutputError

    os.mkfifo(tmp_path / "report.html")
    says = "a pipe of that name is there"
    with pytest.raises(OutputError, match=says), placing.Placing(tmp_path) as stage:
        (stage / "report.html").write_text("x")
    with pytest.raises(OutputError, match=says), placing.one(tmp_path / "report.html", "The table") as file:
        file.write_text("x")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


# ---- campaigns -----------------------------------------------------------------------------------


@pytest.mark.parametrize("forged", ["packed", "shape", "more", "pickle"])
def test_forged_parts_are_not_read(forged, tmp_path, monkeypatch):
    path = tmp_path / "part-00000.npz"
    fields = {"outcome": np.zeros(2, "u1"), "level": np.zeros((2, 1, 1), "f4"), "lost": np.zeros((2, 1))}
    fields |= {
        "node_sum": np.zeros((1, 3)),
        **{f"node_{n}": np.zeros((1, 3), "f4") for n in ("low", "high")},
    }
    fields |= {"key": np.array("k"), "sha256": np.array("0" * 64)}
    if forged == "packed":
        np.savez_compressed(path, **fields)
    elif forged == "more":
        np.savez(path, **fields, more=np.zeros(3))
    elif forged == "pickle":
        np.savez(path, **{**fields, "lost": np.array([[object()], [None]])})
    else:
        np.savez(path, **fields)
        head, wrong = b"'shape': (1, 3), }        ", b"'shape': (99999, 99999), }"
        data = path.read_bytes()
        assert head in data
        path.write_bytes(data.replace(head, wrong))
    monkeypatch.setattr(np, "load", lambda *a, **k: pytest.fail("it was read"))
    assert not is_whole(path, "k")


def test_a_part_of_another_plan_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "part-00000.npz"
    fields = {"outcome": np.zeros(2, "u1"), "level": np.zeros((2, 1, 1), "f4"), "lost": np.zeros((2, 1))}
    fields |= {
        "node_sum": np.zeros((1, 3)),
        **{f"node_{n}": np.zeros((1, 3), "f4") for n in ("low", "high")},
    }
    np.savez(path, key=np.array("k"), sha256=np.array("0" * 64), **fields)
    shapes = {name: np.shape(v) for name, v in fields.items()}
    read: list[int] = []
    monkeypatch.setattr(np, "load", lambda *a, **k: read.append(1))
    assert not is_whole(path, "k", {**shapes, "node_sum": (1, 4)})
    assert read == []
    assert not is_whole(path, "k", shapes)
    assert read == [1]


# ---- memory, words -------------------------------------------------------------------------------


def test_what_does_not_fit_is_said_before_it_is_made():
    with pytest.raises(
        InputError, match=r"a square would take 1,000,000\.0 GB of memory; there are .*Less"
    ):
        machine.room_for(1e15, "a square", "Less")
    machine.room_for(1e6, "a square", "Less")
    assert 1e8 < machine.memory() < 1e15


def test_a_long_path_on_a_large_book_is_refused(monkeypatch):
    from ballast import simulate

    economy = book.load("teaching")
    monkeypatch.setattr(machine, "memory", lambda: 1_000)
    with pytest.raises(InputError, match="would take"):
        simulate(economy, load("vehicle-parts"))


def test_of_many_findings_the_gravest_are_printed():
    notes = [Finding("note", f"n{i}", "w", "t") for i in range(250)]
    every = [*notes, Finding("error", "e", "w", "t")]
    lines = finding_lines(every)
    assert len(lines) == MOST_LINES + 1
    assert lines[0].startswith("error: e")
    assert "151" in lines[-1]
    assert len(finding_lines(notes[:MOST_LINES])) == MOST_LINES


def test_nobody_waits_for_a_nearest_name():
    assert nearest("Q17", [f"R{i}" for i in range(100_000)]) == []
    assert nearest("norht", ["north", "south"]) == ["north"]


def test_a_scenario_of_ordinary_size_is_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + SHOCK.format('"N"', "[2022-01-02,40]"), encoding="utf-8")
    assert load(path).days == 30
