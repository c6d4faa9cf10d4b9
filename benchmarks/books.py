"""What reading a table takes: `python benchmarks/books.py`.

Each table is read, saved and loaded in a process of its own, `--runs` times; beside it, in the same round, a process that only
opens the same file with pandas (the floor: bytes into memory). Writes benchmarks/results/books.json and the table between
the marks in docs/books.md. `--data DIR` holds the public tables; the long table of 10,000 nodes and 30 million links is made here.
So are the files of the second table, a desk's own: texts, five measures of every node of China, a long table of 2,500 regions; `--intake`
measures them alone and leaves the other figures as they were. `--intake --beside SRC` measures them, two more and a smaller table beside
the version whose `src` is SRC (`git worktree add OLD COMMIT`): in turn with it, each in a process of its own, after one that is not counted
(it compiles). Writes benchmarks/results/books-beside.json and its part of docs/books.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS, PAGE = ROOT / "benchmarks/results/books.json", ROOT / "docs/books.md"
MARKS = ("<!-- measured: benchmarks/books.py writes this -->", "<!-- end -->")
BESIDE = ROOT / "benchmarks/results/books-beside.json"
BESIDE_MARKS = (
    "<!-- measured: benchmarks/books.py --intake --beside writes this -->",
    "<!-- end of beside -->",
)

OURS = """
import json, resource, sys, time
from pathlib import Path
t = time.perf_counter()
from ballast.economy import book
from ballast.economy.readers import read
start = time.perf_counter()
e = read(sys.argv[1], Path(sys.argv[2]), **json.loads(sys.argv[4])).economy
took = time.perf_counter() - start
book.save(e, sys.argv[3])
print(json.dumps({"s": took, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                  "nodes": e.n, "links": int(len(e.market_share)), "slots": int(len(e.slot_node))}))
"""
LOAD = """
import json, resource, sys, time
from ballast.economy import book
start = time.perf_counter()
book.load(sys.argv[1])
print(json.dumps({"s": time.perf_counter() - start, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""
INTAKE = """
import json, sys, time
from pathlib import Path
from ballast.economy import book
from ballast.economy.readers import read
try:
    from ballast.economy.own.add import add
    from ballast.economy.sheets.files import sheets
except ImportError:  # where an older version has them
    from ballast.economy.additions import add
    from ballast.economy.readers.files import sheets
kind, path = sys.argv[1], Path(sys.argv[2])
china = book.load("china-2020") if kind == "own" else None
start = time.process_time()
if kind == "texts":
    got = sum(c is not None for s in sheets(path) for row in s.rows for c in row)
elif kind == "own":
    added = add(china, path)
    assert added.economy is not None, added.findings
    got = sum(added.rows.values())
else:
    got = len(read("long", path).economy.regions)
cpu = time.process_time() - start
peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])  # of this program: ru_maxrss is its parent's too
print(json.dumps({"cpu": cpu, "mb": peak / 1024, "got": got}))
"""
FLOOR = """
import json, resource, sys, time
from pathlib import Path
import pandas as pd
path = Path(sys.argv[1])
start, cpu = time.perf_counter(), time.process_time()
for f in sorted(path.iterdir()) if path.is_dir() else [path]:
    if f.suffix == ".parquet":
        pd.read_parquet(f)
    elif f.suffix in (".csv", ".gz"):
        pd.read_csv(f)
    elif f.suffix == ".xlsx":
        pd.read_excel(f)
print(json.dumps({"s": time.perf_counter() - start, "cpu": time.process_time() - cpu, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def measured(code: str, *args: str, source: Path | None = None) -> dict[str, Any]:
    """What a process prints that runs `code`, with the version of Ballast in `source` or the usual one."""
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    if source is not None:
        env["PYTHONPATH"] = str(source)
    out = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, check=True, env=env
    )
    found: dict[str, Any] = json.loads(out.stdout)
    return found


def one(source: str, path: Path, options: dict[str, Any], runs: int, folder: Path) -> dict[str, Any]:
    rounds = []
    for _ in range(runs):
        ours = measured(OURS, source, str(path), str(folder / "book"), json.dumps(options))
        rounds.append((ours, measured(LOAD, str(folder / "book")), measured(FLOOR, str(path))))

    def middle(i: int, what: str) -> float:
        return float(statistics.median(r[i][what] for r in rounds))

    size = sum(f.stat().st_size for f in (folder / "book").iterdir())
    return {
        "source": source,
        "table": path.name,
        **{k: rounds[0][0][k] for k in ("nodes", "links", "slots")},
        "read_s": middle(0, "s"),
        "read_mb": middle(0, "mb"),
        "load_s": middle(1, "s"),
        "load_mb": middle(1, "mb"),
        "floor_s": middle(2, "s"),
        "floor_mb": middle(2, "mb"),
        "book_mb": size / 1e6,
    }


def large(path: Path, nodes: int = 10_000, links: int = 3_000) -> Path:
    """A long table: every node buys of `links` random others; Parquet with dictionaries, 300 MB."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(1)
    side = int(nodes**0.5)
    regions, sectors = [f"R{i:03d}" for i in range(side)], [f"S{i:03d}" for i in range(side)]

    def coded(codes: Any, labels: list[str]) -> Any:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(labels))

    writer = None
    for block in np.array_split(np.arange(nodes), 20):
        buyer = np.repeat(block, links)
        seller = np.concatenate([rng.integers(0, nodes, len(buyer)), block])
        to_sector = np.concatenate([buyer % side, np.full(len(block), side)])
        value = np.concatenate([rng.exponential(1.0, len(buyer)), np.full(len(block), float(links))])
        table = pa.table(
            {
                "from_region": coded(seller // side, regions),
                "from_sector": coded(seller % side, sectors),
                "to_region": coded(np.concatenate([buyer, block]) // side, regions),
                "to_sector": coded(to_sector, [*sectors, "households"]),
                "value": value,
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()
    return path


def texts(path: Path, rows: int = 300_000) -> Path:
    """Three columns of words and of numbers written with commas: 900,000 cells, and their heads."""
    lines = (f'region {i % 997},产品{i % 89},"{1000 + i:,}.5"' for i in range(rows))
    path.write_text("\n".join(["region,product,output", *lines]), "utf-8")
    return path


def with_semicolons(path: Path, rows: int = 300_000) -> Path:
    """The same words and numbers as a program writes them where the comma parts decimals."""
    swapped = str.maketrans(",.", ".,")
    lines = (f"region {i % 997};产品{i % 89};{f'{1000 + i:,}.5'.translate(swapped)}" for i in range(rows))
    path.write_text("\n".join(["region;product;output", *lines]), "utf-8")
    return path


def own(path: Path) -> Path:
    """A desk's sheet: staff, electricity, coal, gas and oil products of every node of China."""
    import openpyxl

    from ballast.economy import book

    e = book.load("china-2020")
    wb = openpyxl.Workbook(write_only=True)
    sheet = wb.create_sheet("用工和能源")
    sheet.append(
        [
            "地区",
            "行业",
            "从业人员（万人）",
            "用电量（亿千瓦时）",
            "煤炭（万吨）",
            "天然气（亿立方米）",
            "成品油（万吨）",
        ]
    )
    for i in range(e.n):
        names = e.regions[e.node_region[i]].name.zh, e.sectors[e.node_sector[i]].name.zh
        size = float(e.output[i] / e.output.sum())
        sheet.append(
            [*names, *(round(size * whole, 3) for whole in (70_000, 70_000, 400_000, 3_000, 60_000))]
        )
    wb.save(path)
    return path


def many(path: Path, regions: int = 2_500, sectors: int = 20, rows: int = 1_000_000) -> Path:
    """A long table of random flows: every sector of every region sells to twenty others, or households."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    seller = np.repeat(np.arange(regions * sectors), rows // (regions * sectors))
    buyer = rng.integers(0, regions * (sectors + 1), len(seller))
    uses = np.array([*(f"S{i:02d}" for i in range(sectors)), "households"])
    names = np.array([f"R{i:04d}" for i in range(regions)])
    columns = {
        "from_region": names[seller // sectors],
        "from_sector": uses[seller % sectors],
        "to_region": names[buyer // (sectors + 1)],
        "to_sector": uses[buyer % (sectors + 1)],
        "value": rng.lognormal(4, 1, len(seller)).round(1),
    }
    pd.DataFrame(columns).to_parquet(path)
    return path


def intake(folder: Path, runs: int) -> list[dict[str, Any]]:
    """Processor seconds and memory for each of a desk's own files, beside those of pandas."""
    found = []
    for kind, what, path in (
        ("texts", "a CSV of {got:,} texts as a sheet", texts(folder / "texts.csv")),
        (
            "own",
            "a desk's sheet, five measures for every node of China: {got:,} figures into the book",
            own(folder / "own.xlsx"),
        ),
        (
            "long",
            "a long table of {got:,} regions and 1,000,000 rows, its sums looked for",
            many(folder / "many_2020.parquet"),
        ),
    ):
        rounds = [(measured(INTAKE, kind, str(path)), measured(FLOOR, str(path))) for _ in range(runs)]
        middle = [
            {k: float(statistics.median(r[i][k] for r in rounds)) for k in ("cpu", "mb")} for i in (0, 1)
        ]
        found.append(
            {
                "what": what.format(got=rounds[0][0]["got"]),
                **{f"read_{k}": v for k, v in middle[0].items()},
                **{f"floor_{k}": v for k, v in middle[1].items()},
            }
        )
    return found


def beside(folder: Path, source: Path, runs: int) -> list[dict[str, Any]]:
    """Processor seconds for a desk's own files, of this version and of the one in `source`."""
    found = []
    for kind, what, of, path in (
        (
            "own",
            "a desk's sheet, five measures for every node of China",
            "figures",
            own(folder / "own.xlsx"),
        ),
        (
            "long",
            "a long table of 500,000 rows",
            "regions",
            many(folder / "few_2020.parquet", 31, 42, 500_000),
        ),
        ("long", "a long table of 1,000,000 rows", "regions", many(folder / "many_2020.parquet")),
        ("texts", "a CSV", "texts", texts(folder / "texts.csv")),
        (
            "texts",
            "the same with semicolons and decimal commas",
            "texts",
            with_semicolons(folder / "semicolons.csv"),
        ),
    ):
        versions = (ROOT / "src", source)
        for version in versions:
            measured(INTAKE, kind, str(path), source=version)
        pairs = [[measured(INTAKE, kind, str(path), source=v) for v in versions] for _ in range(runs)]
        found.append(
            {
                "what": what,
                "of": of,
                "ratio": float(statistics.median(ours["cpu"] / theirs["cpu"] for ours, theirs in pairs)),
                "cpu": float(statistics.median(ours["cpu"] for ours, _ in pairs)),
                "got": pairs[0][0]["got"],
                "their_got": pairs[0][1]["got"],
                "their_cpu": float(statistics.median(theirs["cpu"] for _, theirs in pairs)),
            }
        )
    return found


def beside_page(n: dict[str, Any]) -> str:
    words = (
        f"Processor time beside {n['commit']}, which took more in silence: in turn with it, one process a figure, medians of {n['runs']} pairs, "
        f"{n['machine']}; `python benchmarks/books.py --intake --beside SRC` measures it."
    )
    rows = [
        "| a file made here | times as long | processor s | then | read | then |",
        "|---|---|---|---|---|---|",
    ]
    for t in n["files"]:
        rows.append(
            f"| {t['what']} | {t['ratio']:.2f} | {t['cpu']:.2g} | {t['their_cpu']:.2g} | {t['got']:,} {t['of']} | {t['their_got']:,} |"
        )
    return "\n".join([words, "", *rows])


def commit_of(source: Path) -> str:
    """The commit that is checked out where `source` lies."""
    words = ["git", "-C", str(source), "rev-parse", "--short=8", "HEAD"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def page(n: dict[str, Any]) -> str:
    rows = [
        "| table | nodes | shares kept | read, s | peak, GB | times pandas alone | saved, MB | load, s | peak, GB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for t in n["tables"]:
        rows.append(
            f"| {t['source']} {t['table']} | {t['nodes']:,} | {t['links']:,} | {t['read_s']:.2g} | {t['read_mb'] / 1024:.2g} | "
            f"{t['read_s'] / t['floor_s']:.2g} | {t['book_mb']:.2g} | {t['load_s']:.2g} | {t['load_mb'] / 1024:.2g} |"
        )
    big = n["tables"][-1]
    words = (
        f"Reading 10,000 nodes and 30 million links takes {big['read_s'] / big['floor_s']:.1f} times as long as pandas takes to open the file, and {big['read_mb'] / 1024:.1f} GB "
        f"(6 asked for); loading the saved book {big['load_s']:.1f} s and {big['load_mb'] / 1024:.1f} GB. Medians of {n['runs']}, one process a figure, {n['machine']}. "
        "Half a second of every first read is the loading of the compiler. Shares kept: pairs of market and supplier, after buyers that buy alike are put together."
    )
    own = ["| a file made here | read, processor s | peak, GB | times pandas alone |", "|---|---|---|---|"]
    for t in n["intake"]["files"]:
        own.append(
            f"| {t['what']} | {t['read_cpu']:.2g} | {t['read_mb'] / 1024:.2g} | {t['read_cpu'] / t['floor_cpu']:.2g} |"
        )
    made = f"Files of a desk's own, medians of {n['intake']['runs']}, {n['intake']['machine']}:"
    return "\n".join([words, "", *rows, "", made, "", *own])


def written(marks: tuple[str, str], body: str) -> None:
    """Put `body` between the marks of the page, and print it."""
    text = PAGE.read_text("utf-8")
    before, after = text.split(marks[0])[0], text.split(marks[1])[1]
    PAGE.write_text(f"{before}{marks[0]}\n\n{body}\n\n{marks[1]}{after}", encoding="utf-8")
    print(body)


def this_machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((x.split(":")[1].strip() for x in lines if "model name" in x), platform.machine())
    return f"{os.cpu_count()} processors, {cpu}"


def beside_main(source: Path, runs: int) -> None:
    """`--intake --beside SRC`: measure, keep and write what reading takes beside another version."""
    with tempfile.TemporaryDirectory() as temp:
        files = beside(Path(temp), source, runs)
    numbers = {"commit": commit_of(source), "machine": this_machine(), "runs": runs, "files": files}
    BESIDE.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    written(BESIDE_MARKS, beside_page(numbers))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--runs", type=int, help="3, or 5 with --beside")
    parser.add_argument(
        "--page", action="store_true", help="write the page from the numbers that are there"
    )
    parser.add_argument("--intake", action="store_true", help="measure the files of a desk's own alone")
    parser.add_argument("--beside", type=Path, metavar="SRC", help="with --intake: beside another version")
    given = parser.parse_args()
    if given.beside and not given.intake:
        parser.error("--beside goes with --intake")
    if given.beside:
        beside_main(given.beside.resolve(), given.runs or 5)
        return
    given.runs = given.runs or 3
    numbers: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else {}
    if not given.page:
        machine = {"machine": this_machine(), "runs": given.runs}
        with tempfile.TemporaryDirectory() as temp:
            numbers["intake"] = {**machine, "files": intake(Path(temp), given.runs)}
    if not given.page and not given.intake:
        d = given.data
        with tempfile.TemporaryDirectory() as temp:
            folder = Path(temp)
            tables = [
                ("nbs", d / "china_io_nbs/china_2020_153.csv.gz", {}),
                ("nbs-province", d / "china_provinces/prov_io_2017_42.csv.gz", {}),
                ("bea", d / "us_bea", {"level": "detail"}),
                ("finland", d / "finland_regional", {}),
                ("wiod-2013", d / "wiod2013/wiot_2011.parquet", {}),
                ("long", large(folder / "made_2020.parquet"), {}),
            ]
            found = [one(source, path, options, given.runs, folder) for source, path, options in tables]
        numbers |= {**machine, "tables": found}
    if not given.page:
        RESULTS.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    written(MARKS, page(json.loads(RESULTS.read_text("utf-8"))))
    if given.page:
        written(BESIDE_MARKS, beside_page(json.loads(BESIDE.read_text("utf-8"))))


if __name__ == "__main__":
    main()
