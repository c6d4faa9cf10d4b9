"""The engine's speed, peers in the same run: `python benchmarks/engine.py [--boario PYTHON]`.

Writes benchmarks/results/NAME.json and the tables of docs/speed.md between its two marks. Medians of
`REPEATS`; the first figure of each line is a ratio measured side by side. PYTHON is one that has boario
0.7.2 (GPL: it runs as a program of its own); without it the page goes without that comparison.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import logging
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import economies
import numpy as np

import ballast
from ballast.economy import Economy, book
from ballast.forcing import Forcing, Steps
from ballast.propagate import ensemble
from ballast.propagate.card import batch
from ballast.propagate.parameters import load_parameters
from ballast.propagate.published import kernels as pooled_kernels
from ballast.propagate.published import reference as pooled
from ballast.propagate.published import system as pooled_system
from ballast.propagate.simulate import prepare, simulate
from ballast.scenario import load

HERE = Path(__file__).parent
REPEATS = 3
YEAR = 365


def median(job: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Median seconds of a job, run once before."""
    job()
    taken = []
    for _ in range(repeats):
        begun = time.perf_counter()
        job()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def struck(e: Economy, days: int, loss: float = 0.2, tau: int = 90) -> Forcing:
    """The first region loses capacity on day 5 for ten days, then recovers over tau days, linearly."""
    day = np.arange(days)
    left = np.where(day >= 5, pooled.recovery("linear", tau, day - np.float64(5.0 + 10 + 1)), 0.0)
    level = 1.0 - loss * left[:, None] * (e.node_region == 0)
    return replace(Forcing.none(e, days), capacity=Steps.of(level))


def ario(e: Economy, forcing: Forcing, kind: Any = np.float64, threads: bool = True) -> Callable[[], Any]:
    """A job: one year of ARIO from arrays to arrays, the network made beforehand."""
    model = pooled.MODELS["ario"]
    n, order = pooled_system.network(model, e, kind=kind)
    w, b = pooled_system.weather(forcing, order, kind), pooled_system.rebuilding(n, None, order.nodes)

    def job() -> Any:
        state = pooled_system.initial(n, model)
        return pooled_kernels.run_days(model, n, w, state, b, 0, forcing.days, threads=threads).output

    return job


def peak() -> float:
    """GB this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def bandwidth() -> float:
    """GB/s that a plain sum of 512 MB reaches: what reading shares costs at least."""
    array = np.ones(1 << 26)
    return array.nbytes / median(array.sum) / 1e9


def dense(python: str | None = None) -> dict[str, Any]:
    """2,000 nodes that all trade with all, one year, beside BoARIO on the same table and event."""
    e, z, y = economies.linked(40, 50, 2000)
    forcing = struck(e, YEAR)
    job = ario(e, forcing)
    out: dict[str, Any] = {
        "nodes": e.n,
        "links": len(e.market_share) - e.n,
        "seconds": median(job),
        "seconds_one_thread": median(ario(e, forcing, threads=False)),
        "seconds_float32": median(ario(e, forcing, np.float32)),
        "floor_seconds": YEAR * e.market_share.nbytes / 1e9 / bandwidth(),
    }
    if python is not None:
        out["boario"] = _boario(
            python, e, z, y, pooled_kernels.run(pooled.MODELS["ario"], e, forcing).output
        )
    return out


def _boario(python: str, e: Economy, z: Any, y: Any, mine: np.ndarray) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/in.npz", f"{folder}/out.npz"]
        np.savez(
            files[0], Z=z.toarray(), Y=y, x=e.output, days=YEAR, loss=0.2, tau=90,
            region=[e.regions[i].code for i in e.node_region],
            sector=[e.sectors[i].code for i in e.node_sector],
        )  # fmt: skip
        own = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}  # all it can use
        subprocess.run([python, str(HERE / "boario_peer.py"), *files], check=True, env=own)
        found = np.load(files[1])
        return {
            "seconds": float(found["seconds"]),
            "processor_seconds": float(found["processor"]),
            "gigabytes": float(found["peak"]) / 1e9,
            "largest_relative_difference": float(np.abs(mine / found["production"] - 1).max()),
        }


def large() -> dict[str, Any]:
    """10,000 nodes with 3,000 suppliers each, one year of ARIO; memory of the whole process."""
    e, z, _ = economies.linked(100, 100, 3000)
    links = z.nnz
    del z
    job = ario(e, struck(e, YEAR))
    begun = time.perf_counter()
    job()
    seconds = time.perf_counter() - begun
    floor = YEAR * (e.market_share.nbytes + e.market_supplier.nbytes) / 1e9 / bandwidth()
    return {"nodes": e.n, "links": links, "seconds": seconds, "gigabytes": peak(), "floor_seconds": floor}


def scenarios() -> dict[str, Any]:
    """256 draws of `shanghai-2022`, 180 days of china-2020: one a thread, and side by side in a batch."""
    e, plot = book.load("china-2020"), load("shanghai-2022")
    plot = replace(plot, days=180, ranges=())
    draws = ensemble.design(plot, 256, 1)
    begun = time.perf_counter()
    found = ensemble.run_ensemble(e, plot, draws)
    seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    runs = [prepare(e, plot, load_parameters(), q) for q in draws]
    columns = [batch.Column.of(r) for r in runs]
    month = runs[0].dates.to_period("M")
    months = (month - month[0]).map(lambda d: d.n).to_numpy()
    beside = batch.run_batch(e, columns, months)
    return {
        "scenarios": len(draws),
        "nodes": e.n,
        "days": len(months),
        "seconds": seconds,
        "batch_seconds": time.perf_counter() - begun,
        "largest_difference": float(np.abs(beside.monthly - found.monthly).max()),
        "gigabytes": peak(),
    }


def step() -> dict[str, Any]:
    """A year of the default model on china-2020, compiled against its readable form."""
    e, plot = book.load("china-2020"), load("shanghai-2022")
    none = Forcing.none(e, YEAR)
    return {
        "seconds": median(lambda: simulate(e, plot, full=False)),
        "readable_seconds": median(lambda: simulate(e, plot, full=False, backend="numpy"), 1),
        "year_seconds": median(lambda: simulate(e, none, full=False)),
    }


def respond() -> dict[str, Any]:
    """The main job as a user starts it, kernels already compiled; its second run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "ballast", "respond", "shanghai-2022", "--out", folder]
        subprocess.run(command, check=True, capture_output=True)
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9
        return {"seconds": time.perf_counter() - begun, "gigabytes": held}


def campaigns() -> dict[str, Any]:
    """128 draws of `shanghai-2022` as a campaign: on threads, and on as many workers of a local Ray."""
    from ballast.propagate import campaign
    from ballast.propagate.campaign.cluster import on_cluster

    plan = campaign.plan(["shanghai-2022"], draws=128, size=8)

    def job(spread: Any) -> Callable[[], Any]:
        def run() -> None:
            with tempfile.TemporaryDirectory() as folder:
                campaign.run(plan, Path(folder), spread=spread)

        return run

    threads = median(job(campaign.on_threads()))
    held = peak()
    import ray

    ray.init("local", include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    cluster = median(job(on_cluster("local")))
    ray.shutdown()
    return {"draws": plan.draws, "seconds": threads, "cluster_seconds": cluster, "gigabytes": held}


PARTS: tuple[Callable[[], dict[str, Any]], ...] = (dense, large, scenarios, step, campaigns, respond)


def machine() -> str:
    """What the figures were taken on."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        name = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "?")
    return f"{len(os.sched_getaffinity(0))} processors ({name}), Python {platform.python_version()}"


def table(found: dict[str, Any]) -> str:
    """The lines of docs/speed.md for one machine; parts that were not run there have none."""
    made = {part.__name__: LINES[part.__name__] for part in PARTS if part.__name__ in found}
    return "\n".join(
        [
            f"On {found['date']}, {found['machine']}, load {found['load']:.1f} at the start; medians of "
            f"{REPEATS}, single runs for BoARIO, the large table, the scenarios and the main job.",
            "",
            "| what | ratio | figures |",
            "|---|---|---|",
            *("| " + " | ".join(row) + " |" for name, rows in made.items() for row in rows(found[name])),
            "",
        ]
    )


Row = tuple[str, str, str]


def _dense(d: dict[str, Any]) -> list[Row]:
    peer = d.get("boario")
    rows: list[Row] = []
    if peer is not None:
        ratio, differ = peer["seconds"] / d["seconds"], peer["largest_relative_difference"]
        rows.append(
            (
                f"`ario`, {d['nodes']:,} nodes all trading with all, {YEAR} days, float64, beside BoARIO "
                "0.7.2 free to use all processors",
                f"**{ratio:.0f} times faster**",
                f"{d['seconds']:.2f} s against {peer['seconds']:.1f} s; daily output differs by "
                f"{differ:.0e} "
                f"at most; BoARIO held {peer['gigabytes']:.2f} GB",
            )
        )
        rows.append(
            (
                "the same on one thread, beside that same run of BoARIO",
                f"{peer['seconds'] / d['seconds_one_thread']:.0f} times faster",
                f"{d['seconds_one_thread']:.2f} s; BoARIO took {peer['processor_seconds']:.0f} processor "
                "seconds",
            )
        )
    faster, floor = d["seconds"] / d["seconds_float32"], d["seconds"] / d["floor_seconds"]
    rows.append(
        (
            "the same in float32, against float64",
            f"{faster:.1f} times faster",
            f"{d['seconds_float32']:.2f} s",
        )
    )
    rows.append(
        (
            f"the same, to the floor: {d['links'] / 1e6:.0f} million shares read from memory once a day by "
            "one thread",
            f"{floor:.1f} times the floor",
            f"{d['floor_seconds']:.2f} s; less than 1 where caches hold the shares or several threads read",
        )
    )
    return rows


def _large(d: dict[str, Any]) -> list[Row]:
    floor = d["seconds"] / d["floor_seconds"]
    what = f"`ario`, {d['nodes']:,} nodes, {d['links'] / 1e6:.0f} million links, {YEAR} days"
    return [(what, f"{floor:.1f} times the floor", f"{d['seconds']:.0f} s, {d['gigabytes']:.1f} GB in all")]


def _scenarios(d: dict[str, Any]) -> list[Row]:
    return [
        (
            f"default model, {d['scenarios']} draws of `shanghai-2022`, {d['nodes']:,} nodes, {d['days']} "
            "days, one a thread, against side by side in a batch",
            f"{d['batch_seconds'] / d['seconds']:.1f} times faster",
            f"{d['seconds']:.1f} s against {d['batch_seconds']:.1f} s; monthly levels differ by "
            f"{d['largest_difference']:.0e} at most",
        )
    ]


def _step(d: dict[str, Any]) -> list[Row]:
    return [
        (
            "default model compiled, against its readable form, `shanghai-2022`",
            f"{d['readable_seconds'] / d['seconds']:.1f} times faster",
            f"{d['seconds']:.3f} s against {d['readable_seconds']:.2f} s; {YEAR} days "
            f"{d['year_seconds']:.3f} s",
        )
    ]


def _respond(d: dict[str, Any]) -> list[Row]:
    what = "`ballast respond shanghai-2022`, 64 draws, 20 places, all files, warm"
    return [(what, "", f"{d['seconds']:.0f} s, {d['gigabytes']:.2f} GB")]


def _campaigns(d: dict[str, Any]) -> list[Row]:
    what = f"`ballast campaign shanghai-2022`, {d['draws']} draws and tables, threads against Ray workers"
    figures = f"{d['seconds']:.1f} s ({d['draws'] / d['seconds']:.1f} draws a second) against "
    figures += f"{d['cluster_seconds']:.1f} s, the cluster already up; {d['gigabytes']:.2f} GB on threads"
    return [(what, f"{d['cluster_seconds'] / d['seconds']:.2f} times the threads", figures)]


LINES: dict[str, Callable[[dict[str, Any]], list[Row]]] = {
    "dense": _dense, "large": _large, "scenarios": _scenarios, "step": _step, "campaigns": _campaigns,
    "respond": _respond,
}  # fmt: skip


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--boario", metavar="PYTHON", help="a Python that has boario 0.7.2")
    given.add_argument("--part", choices=[part.__name__ for part in PARTS], help="one part, as JSON")
    given.add_argument("--name", default="engine", help="the file in results/, one a machine")
    given.add_argument("--only", choices=[part.__name__ for part in PARTS], help="measure this part again")
    given.add_argument("--page", action="store_true", help="write the page from the files that are there")
    options = given.parse_args()
    if options.part:
        part = next(p for p in PARTS if p.__name__ == options.part)
        print(json.dumps(dense(options.boario) if part is dense else part()))
        return
    if not options.page:
        measure(HERE / "results" / f"{options.name}.json", options.boario, options.only)
    write_page()


def measure(target: Path, boario: str | None, only: str | None) -> None:
    """Run all parts, each in a process of its own, so that its peak of memory is its own."""
    found: dict[str, Any] = {
        "date": dt.date.today().isoformat(), "machine": machine(), "load": os.getloadavg()[0],
        "ballast": ballast.__version__,
    }  # fmt: skip
    if only is not None:
        found = json.loads(target.read_text("utf-8"))
    peer = ["--boario", boario] if boario else []
    for part in (p for p in PARTS if only in (None, p.__name__)):
        command = [sys.executable, __file__, "--part", part.__name__, *peer]
        found[part.__name__] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        print(part.__name__, found[part.__name__], flush=True)
    target.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


def write_page() -> None:
    """The tables of all machines between the two marks of docs/speed.md."""
    files = sorted((HERE / "results").glob("engine*.json"), key=lambda f: len(f.name))
    tables = "\n".join(table(json.loads(f.read_text("utf-8"))) for f in files)
    write_between(BEGIN, END, tables)


def write_between(begin: str, end: str, text: str) -> None:
    """Put `text` between two marks of docs/speed.md."""
    page = HERE.parent / "docs" / "speed.md"
    head, _, rest = page.read_text("utf-8").partition(begin)
    page.write_text(head + begin + "\n" + text + end + rest.partition(end)[2], "utf-8")


BEGIN, END = "<!-- benchmarks/engine.py writes from here -->", "<!-- to here -->"

if __name__ == "__main__":
    main()
