"""Campaigns: many draws of one or more scenarios, in parts on disk, with summaries only.

    campaign_parts   what is to run: a Plan, its parts, run_part and the files of parts
    campaign_tables  what comes out: tables and headlines
    run              Plan, folder -> Campaign: runs the parts that are missing, then writes the tables
    on_threads       runs parts on this machine; `cluster.on_cluster` on a Ray cluster

    FOLDER/manifest.json    what was asked, with hashes of book, scenarios and code; written first
    FOLDER/parts/part-00012.npz   one finished part with its checksum
    FOLDER/summary.csv      quantiles by month of the country, regions and sectors, and of the loss
    FOLDER/exceedance.csv   the loss that a share of the draws exceeds
    FOLDER/draws.parquet    every draw: its coordinates, outcome, loss and months
    FOLDER/nodes.parquet    every node and month: mean, lowest and highest of the draws
    FOLDER/campaign.json    the headlines, and checksums of the tables; written last

A part holds a fixed number of draws whatever runs it, and everything is added up in the order of draws and
parts: the numbers depend neither on threads, workers and their order nor on having been interrupted.
In a folder with the same manifest the campaign continues; one with another manifest is refused.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ballast import placing, safe, sizes
from ballast.errors import InputError
from ballast.propagate.campaign.parts import (
    Groups,
    Job,
    Part,
    Plan,
    is_whole,
    placed,
    plan,
    run_part,
    shapes_of,
    write_part,
)
from ballast.propagate.campaign.tables import write_tables
from ballast.propagate.ensemble import workers
from ballast.threads import ThreadPoolExecutor

__all__ = ["Campaign", "Job", "Part", "Plan", "Spread", "on_threads", "plan", "run", "run_part"]

MOST_MANIFEST = 1 << 24  # bytes: of ten thousand scenarios it has two million
Tick = Callable[[], None]  # called at least once a second
Parts = Generator[tuple[Job, Part], None, None]
Spread = Callable[[Plan, Sequence[Job], Tick], Parts]  # runs parts, in any order


@dataclass(frozen=True, eq=False)
class Campaign:
    """A finished campaign: its folder and headlines, and what this call had to do for it."""

    folder: Path
    document: Mapping[str, Any]  # campaign.json
    kept: int  # parts that were there
    ran: int  # parts run now
    damaged: tuple[str, ...]  # of these, parts that were there but not whole


def run(
    plan: Plan,
    folder: Path,
    *,
    spread: Spread | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Campaign:
    """Run what is missing of `plan` in `folder` and write its tables.

    Stopped at any moment, by whatever means, the same call goes on from the finished parts and ends in the
    same bytes. Raises InputError when the folder holds something else or another campaign, OutputError
    when it cannot be written.
    """
    tell = progress or (lambda stage, done, total: None)
    total = plan.draws * len(plan.scenarios)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out: {folder} is a file. Give --out the name of a folder.")
    with placing.alone(folder, patience=0.0, what="The campaign"):
        _claim(folder, plan.manifest)
        kept, damaged = _found(plan, folder)
        todo = [job for job in plan.jobs if job not in kept]
        done = sum(job.last - job.first for job in kept)
        tell("draws", done, total)
        with closing((spread or on_threads())(plan, todo, lambda: tell("draws", done, total))) as pieces:
            for job, part in pieces:
                write_part(folder / "parts" / job.name, plan.key(job), part)
                done += job.last - job.first
                tell("draws", done, total)
        document = write_tables(plan, folder, tell)
    return Campaign(folder, document, len(kept), len(todo), damaged)


def on_threads(threads: int | None = None) -> Spread:
    """Parts on this machine, one a thread (as many as there are processors)."""

    def spread(plan: Plan, jobs: Sequence[Job], tick: Tick) -> Parts:
        stop = threading.Event()
        width = threads or workers()
        pool = ThreadPoolExecutor(width)
        waiting: dict[Future[Part], Job] = {}
        queue = iter(jobs)
        try:
            while True:
                for job in queue:
                    plot, points = plan.scenarios[job.scenario], plan.quantiles(job)
                    waiting[pool.submit(run_part, plan.economy, plot, points, plan.model, stop.is_set)] = (
                        job
                    )
                    if len(waiting) > width:
                        break
                if not waiting:
                    return
                done, _ = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
                tick()
                for future in done:
                    yield waiting.pop(future), future.result()
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)

    return spread


# ---- the folder --------------------------------------------------------------------------------


def _claim(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Make the folder this campaign's, or see that it is."""
    file = folder / "manifest.json"
    if not file.exists():
        if strange := placing.strangers(folder):
            shown = ", ".join(strange[:3]) + (", ..." if strange[3:] else "")
            raise InputError(
                f"--out: {folder} holds something else ({shown}). Give a new folder, an empty one, or "
                "that of the same campaign."
            )
        with placed(file) as temporary:
            text = safe.json_text(manifest, indent=2, ascii_only=True)
            temporary.write_text(text + "\n", encoding="utf-8", newline="\n")
    try:
        there = json.loads(sizes.read_bytes(file, MOST_MANIFEST))
        old = _flat(there)
    except (OSError, ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        ours = isinstance(error, OSError | ValueError)
        what = error if ours else "it holds no settings of a campaign"  # else words of Python
        raise InputError(
            f"--out: {file} cannot be read ({what}). Give another folder, or delete this one to start "
            "again."
        ) from error
    new = _flat(manifest)
    if differ := [k for k in dict.fromkeys([*old, *new]) if old.get(k) != new.get(k)]:
        lines = [f"  {k}: {_differing(old.get(k), new.get(k))}" for k in differ]
        raise InputError(
            "\n".join([f"--out: {folder} holds another campaign. What differs:", *lines])
            + "\nGive another folder, go back to what is there, or delete the folder to start again."
        )


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings as dotted keys; the scenarios by name."""
    out: dict[str, Any] = {}
    for key, value in values.items():
        if key == "scenarios":
            value = {row["name"]: row["hash"] for row in value}
            out["scenarios in order"] = ", ".join(value)
        if isinstance(value, Mapping):
            out |= _flat(value, f"{prefix}{key}.")
        else:
            out[prefix + key] = value
    return out


def _differing(old: Any, new: Any) -> str:
    """Both values; as JSON has them where they look alike: "1" and 1."""
    there, now = _short(old), _short(new)
    if there == now:
        there, now = safe.json_text(old), safe.json_text(new)
    return f"{there} there, {now} now"


def _short(value: Any) -> str:
    text = "absent" if value is None else str(value)
    return f"{text[:12]}..." if len(text) == 64 else text  # a hash


def _found(plan: Plan, folder: Path) -> tuple[set[Job], tuple[str, ...]]:
    """The parts that are there and whole, and the names of those that are not whole."""
    there = [job for job in plan.jobs if (folder / "parts" / job.name).exists()]
    groups = len(Groups.of(plan.economy).code) if there else 0
    kept = {
        job
        for job in there
        if is_whole(folder / "parts" / job.name, plan.key(job), shapes_of(plan, job, groups))
    }
    return kept, tuple(job.name for job in there if job not in kept)
