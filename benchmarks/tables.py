"""Large tables, from links to a year: `python benchmarks/tables.py [--old SRC] [--only SIZE]`.

Networks of firms (`economies.firms`), each built in a process of its own: processor seconds (all of this runs
on one thread, so that is what an idle machine takes), peak of memory, and the distance to a floor, the bytes
that must be read and written once over what a plain sum reaches. SRC is the
`src` of an earlier version (`git worktree add OLD c55fd1e8`), which is timed on the same small tables; beyond
them its chains of markets take minutes. Writes benchmarks/results/tables.json and its part of docs/speed.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import economies
import numpy as np
from engine import HERE, YEAR, machine, write_between
from links_peer import build, held

from ballast.economy import Economy
from ballast.forcing import Forcing, Steps
from ballast.propagate.parameters import load_parameters
from ballast.propagate.simulate import begin, go_on, laid, prepare, simulate
from ballast.propagate.step.system import build_system

DRAWN = 1.09  # links that are drawn for one that comes out: pairs drawn twice are one
SIZES = {"50k": (50_000, 500_000), "100k": (100_000, 1_000_000), "200k": (200_000, 2_000_000),
         "1m": (1_000_000, 10_000_000)}  # fmt: skip
SMALL = "50k"  # the size at which the earlier version is timed, also with one region only
BEGIN, END = "<!-- benchmarks/tables.py writes from here -->", "<!-- end of large tables -->"


def network(size: str, regions: int = 31) -> dict[str, Any]:
    """The network of firms of a size."""
    nodes, links = SIZES[size]
    return economies.firms(nodes, int(DRAWN * links), regions)


def peer(file: Path, source: str | None) -> dict[str, Any]:
    """`links_peer` on a file, with the Ballast of this folder or of another."""
    own = dict(os.environ) | ({"PYTHONPATH": source} if source else {})
    command = [sys.executable, str(HERE / "links_peer.py"), str(file)]
    done = subprocess.run(command, check=True, capture_output=True, env=own)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def links(size: str, old: str | None) -> dict[str, Any]:
    """`Economy.from_links` of a size in a process of its own; at `SMALL` beside an earlier version."""
    given = network(size)
    out: dict[str, Any] = {"nodes": SIZES[size][0], "links": given["links"].nnz}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.pickle"
        file.write_bytes(pickle.dumps(given))
        out["found"] = peer(file, None)
        if old is not None and size == SMALL:
            out["old"] = peer(file, old)
            file.write_bytes(pickle.dumps(network(size, regions=1)))
            out["one_region"], out["old_one_region"] = peer(file, None), peer(file, old)
    return out


def ways(size: str) -> dict[str, Any]:
    """The same economy by slots, its system, its days; a year of it with sums only."""
    given = network(size)
    build(economies.firms(60, 300))  # compiled
    e = build(given)
    floor = given["links"].data.nbytes + given["links"].indices.nbytes + _bytes(e)
    del given
    out = {"bytes": floor, "from_slots_seconds": _by_slots(e), "slots": len(e.slot_node), **_days(e)}
    before = held()
    begun = time.perf_counter()
    out["year_seconds"], year = _timed(lambda: simulate(e, _struck(e), keep=[]))
    out |= {"year_by_the_clock": time.perf_counter() - begun, "lost": year.lost}
    return out | {"gigabytes_before_year": before, "gigabytes": held()}


def _struck(e: Economy) -> Forcing:
    """The first region loses a fifth of its capacity on day 5 for ten days, then a tenth until day 60."""
    loss = np.array([0.0, 0.2, 0.1])[:, None] * (e.node_region == 0)
    state = (np.digitize(np.arange(YEAR), [5, 15, 60]) % 3).astype(np.int32)
    return replace(Forcing.none(e, YEAR), capacity=Steps(state, 1.0 - loss))


def _days(e: Economy) -> dict[str, float]:
    """The system of an economy, and its second and third day."""
    none, resolved = Forcing.none(e, 3), load_parameters().resolve(e, {})
    system, _ = _timed(lambda: build_system(e, resolved, none.corridor_group))
    run = laid(prepare(e, none, load_parameters(), {}, keep=frozenset()))
    _, morning = begin(run, 1)
    days, _ = _timed(lambda: go_on(run, morning, 1, 3))
    return {"system_seconds": system, "day_seconds": days / 2, "day_bytes": _touched(run)}


def _by_slots(e: Economy) -> float:
    """Seconds in which the economy is made from its own sales by market."""
    sales = e.market_purchases[e.entry_market] * e.market_share
    taken = ("node_region", "node_sector", "output", "exports", "value_added", "slot_product", "slot_node",
             "slot_market", "slot_domestic", "slot_imports", "final_product", "final_region",
             "final_category", "final_market", "final_domestic", "final_imports")  # fmt: skip
    words = economies.labels(e.r, e.k, e.n)
    rest = {name: getattr(e, name) for name in taken} | words
    seconds, again = _timed(lambda: Economy.from_slots(e.entry_market, e.market_supplier, sales, **rest))
    assert np.allclose(again.market_share, e.market_share)
    return seconds


def _timed(job: Any) -> tuple[float, Any]:
    begun = time.process_time()
    found = job()
    return time.process_time() - begun, found


def _bytes(group: Any) -> int:
    """What the arrays of an object take."""
    return sum(a.nbytes for a in vars(group).values() if isinstance(a, np.ndarray))


def _touched(run: Any) -> int:
    """Bytes of a day: every array of the system read once, the state read and written."""
    state = begin(run, 0)[1]
    system = [a.nbytes for a in run.system if isinstance(a, np.ndarray)]
    return sum(system) + 2 * sum(int(a.nbytes) for a in state)


def _sum_speed() -> float:
    """GB a processor second that a plain sum of 512 MB reaches, the best of five."""
    array = np.ones(1 << 26)
    return array.nbytes / min(_timed(array.sum)[0] for _ in range(5)) / 1e9


def table(found: dict[str, Any]) -> str:
    """The lines of docs/speed.md."""
    rows = ["| nodes | links | from links | memory | the floor | markets |", "|---|---|---|---|---|---|"]
    for size in (s for s in SIZES if s in found):
        one, peer_ = found[size], found[size]["found"]
        floor = one["ways"]["bytes"] / 1e9 / found["bandwidth"] if "ways" in one else None
        said = "" if floor is None else f"{peer_['seconds'] / floor:.0f} times {floor:.2f} s"
        rows.append(
            f"| {one['nodes']:,} | {one['links']:,} | {peer_['seconds']:.2f} s | {peer_['gigabytes']:.2f} GB "
            f"| {said} | {peer_['markets']:,} |"
        )
    small = found[SMALL]
    if "old" in small:
        pairs = [
            f"**{small[was]['seconds'] / small[now]['seconds']:.0f} times faster** {where} "
            f"({small[now]['seconds']:.2f} s against {small[was]['seconds']:.1f} s)"
            for now, was, where in (
                ("found", "old", "in 31 regions"), ("one_region", "old_one_region", "in one region"),
            )
        ]  # fmt: skip
        rows += [
            "",
            f"Beside the chains of markets of c55fd1e8, {small['nodes']:,} nodes: {', '.join(pairs)}.",
        ]
    for size in (s for s in SIZES if "ways" in found.get(s, {})):
        rows += ["", _end_to_end(found[size], found["bandwidth"])]
    head = f"On {found['date']}, {found['machine']}, load {found['load']:.1f} at the start; single runs, processor "
    head += "seconds."
    return "\n".join([head, "", *rows, ""])


def _end_to_end(one: dict[str, Any], speed: float) -> str:
    w = one["ways"]
    floor = w["day_bytes"] / 1e9 / speed
    return (
        f"End to end, {one['nodes']:,} nodes and {one['links']:,} links: by slots {w['from_slots_seconds']:.1f} s, "
        f"the system {w['system_seconds']:.1f} s, a day {w['day_seconds']:.2f} s ({w['slots'] / 1e6:.1f} million "
        f"slots; {w['day_seconds'] / floor:.0f} times the {floor:.2f} s that reading system and state once "
        f"takes), {YEAR} days with `keep=[]` {w['year_seconds'] / 60:.1f} minutes "
        f"({w['year_by_the_clock'] / 60:.1f} by the clock beside other work). The process held "
        f"{w['gigabytes_before_year']:.2f} GB at most before the year and {w['gigabytes']:.2f} after it."
    )


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--old", metavar="SRC", help="the src folder of an earlier version")
    given.add_argument("--ways", choices=SIZES, help="one size through all doors, as JSON")
    given.add_argument("--only", choices=SIZES, help="measure this size again")
    given.add_argument("--page", action="store_true", help="write the page from the file that is there")
    options = given.parse_args()
    if options.ways:
        print(json.dumps(ways(options.ways)))
        return
    target = HERE / "results" / "tables.json"
    if not options.page:
        measure(target, options.old, options.only)
    write_between(BEGIN, END, table(json.loads(target.read_text("utf-8"))))


def measure(target: Path, old: str | None, only: str | None) -> None:
    """Every size, the largest through all doors, each in a process of its own."""
    found: dict[str, Any] = {
        "date": dt.date.today().isoformat(), "machine": machine(), "load": os.getloadavg()[0],
        "bandwidth": _sum_speed(),
    }  # fmt: skip
    if only is not None:
        found = json.loads(target.read_text("utf-8"))
    for size in (s for s in SIZES if only in (None, s)):
        found[size] = links(size, old)
        command = [sys.executable, __file__, "--ways", size]
        if size == max(SIZES, key=lambda s: SIZES[s]):
            done = subprocess.run(command, check=True, capture_output=True)
            found[size]["ways"] = json.loads(done.stdout)
        print(size, found[size], flush=True)
    target.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
