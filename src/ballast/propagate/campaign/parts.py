"""What a campaign is made of: parts, each some draws of one scenario, and their files.

    plan        scenarios, draws, seed -> Plan: what is to run, cut into parts, with its manifest
    run_part    some draws of one scenario -> Part: a pure function, the same on whatever machine
    write_part  Part -> a file with a checksum, whole or absent; `is_whole` reads it back
    placed      any file, whole or absent

Nothing in a part grows with days x nodes, and nothing depends on what else runs.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import math
import platform
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

import ballast
from ballast import machine, placing, safe
from ballast.arrays import YEAR, Floats
from ballast.compiled import versions
from ballast.economy import Economy, book, check
from ballast.errors import InputError
from ballast.outcomes import Ending
from ballast.propagate.ensemble import design, monthly_level
from ballast.propagate.published.models import DEFAULT, NAMES, choose, refuse
from ballast.propagate.run import judge
from ballast.propagate.simulate import simulate
from ballast.scenario import Scenario, compile_scenario
from ballast.scenario import load as load_scenario

KEPT = "Parts that were finished are kept: when the trouble is over, the same command goes on."
_LONGEST_KEY = 4 * 200  # bytes: four a character
PROCESSOR = "processor"
PART = 32  # draws a part: seconds of work, so that little is lost with one
MOST_DRAWS = 100_000  # of one scenario: the design of a Latin hypercube is made as a whole
OUTCOMES = tuple(Ending)  # parts hold places in it: an ending is added at the end, none is moved


class Job(NamedTuple):
    """A part to run: draws `first` to `last` - 1 of scenario number `scenario`."""

    number: int
    scenario: int
    first: int
    last: int

    @property
    def name(self) -> str:
        """The name of the part's file."""
        return f"part-{self.number:05d}.npz"


class Part(NamedTuple):
    """Summaries of d draws: P months, G groups (see `Groups`), N nodes.

    Node figures leave out diverged draws.
    """

    outcome: NDArray[np.uint8]  # [d] place in OUTCOMES
    level: NDArray[np.float32]  # [d, P, G] mean industrial value added of a month, share of baseline
    lost: Floats  # [d, G] industrial value added lost over the horizon, book unit
    node_sum: Floats  # [P, N] sum over the draws of a node's mean output level
    node_low: NDArray[np.float32]  # [P, N]
    node_high: NDArray[np.float32]  # [P, N]


@dataclass(frozen=True, eq=False)
class Groups:
    """The country, the regions and the sectors that have industry: kind, code, weights of the nodes."""

    by: tuple[str, ...]
    code: tuple[str, ...]
    share: Any  # sparse [G, N], rows sum to 1
    value: Floats  # [G] industrial value added a year, book unit

    @classmethod
    def of(cls, e: Economy) -> Groups:
        weight = e.industrial_value_added
        kinds: list[tuple[str, list[str], Any]] = [
            ("country", ["all"], np.zeros(e.n, np.intp)),
            ("region", [r.code for r in e.regions], e.node_region),
            ("sector", [s.code for s in e.sectors], e.node_sector),
        ]
        rows = [sparse.csr_array((weight, (g, np.arange(e.n))), shape=(len(c), e.n)) for _, c, g in kinds]
        member = sparse.csr_array(sparse.vstack(rows))
        value = np.concatenate([np.bincount(g, weight, len(c)) for _, c, g in kinds])
        keep = np.flatnonzero(value > 0)
        names = [(kind, code) for kind, codes, _ in kinds for code in codes]
        share = sparse.diags_array(1.0 / value[keep]) @ member[keep]
        return cls(
            tuple(names[g][0] for g in keep), tuple(names[g][1] for g in keep), share.tocsr(), value[keep]
        )


@dataclass(frozen=True, eq=False)
class Plan:
    """What a campaign is: everything its numbers depend on. `manifest` says the same in hashes."""

    economy: Economy
    scenarios: tuple[Scenario, ...]
    draws: int
    seed: int
    size: int  # draws a part
    model: str
    manifest: Mapping[str, Any]

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All parts, scenario by scenario."""
        cuts = [(a, min(a + self.size, self.draws)) for a in range(0, self.draws, self.size)]
        pairs = ((s, cut) for s in range(len(self.scenarios)) for cut in cuts)
        return tuple(Job(number, s, *cut) for number, (s, cut) in enumerate(pairs))

    def quantiles(self, job: Job) -> list[dict[str, float]]:
        """The draws of a part: the same as those of `design` for the whole scenario."""
        names, points = points_of(self.scenarios[job.scenario], self.draws, self.seed, self.model)
        return [dict(zip(names, map(float, p), strict=True)) for p in points[job.first : job.last]]

    def key(self, job: Job) -> str:
        """What a part's file must be signed with."""
        return f"{self.digest}:{job.number}"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the manifest."""
        return hashlib.sha256(json.dumps(self.manifest, sort_keys=True).encode()).hexdigest()


def plan(
    scenarios: Sequence[Scenario | str | Path],
    *,
    book: Economy | str | Path | None = None,
    draws: int,
    seed: int = 1,
    size: int = PART,
    model: str = DEFAULT,
    device: str = PROCESSOR,
) -> Plan:
    """A campaign of `draws` draws of each scenario, on one book (that of the scenarios without `book`).
    What a card computes differs in the last digits, so a `device` other than the processor is part of what
    the campaign is.

    Raises InputError (BookError, ScenarioError) for what does not fit, before anything runs.
    """
    _check_numbers(draws, seed, size, model)
    plots = tuple(s if isinstance(s, Scenario) else load_scenario(s) for s in scenarios)
    economy = _economy(plots, book)
    for plot in plots:
        compile_scenario(plot, economy)
    if (chosen := choose(model)) is not None:
        refuse(chosen, economy)
        if device != PROCESSOR:
            raise InputError(
                f"--device {device}: runs the default model, not {model}. Leave one of them out."
            )
    manifest = _manifest(economy, plots, draws, seed, size, model)
    manifest |= {} if device == PROCESSOR else {"device": device}
    return Plan(economy, plots, draws, seed, size, model, manifest)


# ---- what to run -------------------------------------------------------------------------------


def _check_numbers(draws: int, seed: int, size: int, model: str) -> None:
    wrong = []
    if not 2 <= draws <= MOST_DRAWS:
        wrong.append(f"draws: from 2 to {MOST_DRAWS} of each scenario, got {draws}. Use --draws 5000")
    if seed < 0:
        wrong.append(f"seed: a whole number from 0, got {seed}. Use --seed 1")
    if size < 1:
        wrong.append(f"part: at least one draw a part, got {size}. Use --part {PART}")
    if model not in NAMES:
        wrong.append(f"model {model}: there is no such model. Use one of: {', '.join(NAMES)}")
    if wrong:
        raise InputError(".\n".join(wrong) + ".")


def _economy(plots: Sequence[Scenario], book_: Economy | str | Path | None) -> Economy:
    names = [p.name for p in plots]
    if not names:
        raise InputError("a campaign needs at least one scenario.")
    if twice := sorted(n for n, times in Counter(names).items() if times > 1):
        raise InputError(f"scenarios of the same name: {', '.join(twice)}. Give each a name of its own.")
    books = sorted({p.book for p in plots})
    if book_ is None and len(books) > 1:
        raise InputError(
            f"the scenarios are written for different books: {', '.join(books)}. "
            "Run one campaign a book, or name one with --book."
        )
    economy = book_ if isinstance(book_, Economy) else book.load(book_ or books[0])
    check(economy, strict=True)
    return economy


def _manifest(
    economy: Economy, plots: Sequence[Scenario], draws: int, seed: int, size: int, model: str
) -> dict[str, Any]:
    said = [(p.name, hashlib.sha256(p.exact.encode()).hexdigest()) for p in plots]
    return {
        "format": 1,
        "book": {"name": safe.whole(economy.name), "hash": book.book_hash(economy)},
        "scenarios": [{"name": safe.whole(name), "hash": digest} for name, digest in said],
        "draws": draws,
        "seed": seed,
        "part": size,
        "model": model,
        "ballast": ballast.__version__,
        "code": code_hash(),
        "machine": platform.machine(),
        "versions": versions("numpy", "scipy"),
    }


@lru_cache(maxsize=1)
def code_hash() -> str:
    """SHA-256 over the modules and parameters that make the numbers; a worker must have the same."""
    home = Path(ballast.__file__).parent
    files = [home / "arrays.py", home / "forcing.py"]
    files += [p for room in ("economy", "scenario", "propagate") for p in (home / room).rglob("*.*")]
    digest = hashlib.sha256()
    for file in sorted(p for p in files if p.suffix in (".py", ".toml") and "builtin" not in p.parts):
        text = file.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{file.relative_to(home).as_posix()} {len(text)}\n".encode() + text)
    return digest.hexdigest()


@lru_cache(maxsize=2)
def points_of(scenario: Scenario, draws: int, seed: int, model: str) -> tuple[tuple[str, ...], Floats]:
    """What is drawn, and where each draw lies [draws, what], of a whole scenario."""
    found = design(scenario, draws, seed, model)
    return tuple(found[0]), np.array([list(q.values()) for q in found])


# ---- running -----------------------------------------------------------------------------------


def run_part(
    economy: Economy,
    scenario: Scenario,
    quantiles: Sequence[Mapping[str, float]],
    model: str = DEFAULT,
    stopped: Callable[[], bool] = lambda: False,
) -> Part:
    """Run the draws one after the other. InterruptedError when `stopped` says so between two of them."""

    def paths() -> Iterator[Draw]:
        for q in quantiles:
            if stopped():
                raise InterruptedError
            path = simulate(economy, scenario, quantiles=q, model=model, full=False)
            yield Draw(judge(path).kind, path.economy, monthly_level(path), path.level.sum(axis=0))

    return part_of(economy, scenario.days, paths())


class Draw(NamedTuple):
    """What a part keeps of one draw."""

    kind: Ending
    economy: Economy  # the book as it was drawn
    month: Floats  # [P, N] mean output level of each month
    total: Floats  # [N] output level summed over the days


def part_of(economy: Economy, days: int, draws: Iterable[Draw]) -> Part:
    """The summary of some draws of one scenario on one book."""
    groups = Groups.of(economy)
    kinds, levels, losses = [], [], []
    total: Any = 0.0
    low: Any = np.inf
    high: Any = -np.inf
    for draw in draws:
        kinds.append(OUTCOMES.index(draw.kind))
        # a draw of the book weighs its nodes in its own way
        own = groups if draw.economy is economy else Groups.of(draw.economy)
        levels.append((own.share @ draw.month.T).T)
        losses.append(own.value / YEAR * (days - own.share @ draw.total))
        sick = draw.kind is Ending.DIVERGED
        total = total + (np.zeros_like(draw.month) if sick else draw.month)
        low = np.minimum(low, np.full_like(draw.month, np.inf) if sick else draw.month)
        high = np.maximum(high, np.full_like(draw.month, -np.inf) if sick else draw.month)
    return Part(
        np.array(kinds, np.uint8),
        np.stack(levels).astype(np.float32),
        np.stack(losses),
        total,
        low.astype(np.float32),
        high.astype(np.float32),
    )


# ---- files ---------------------------------------------------------------------------------------


def placed(path: Path) -> AbstractContextManager[Path]:
    """A file of a campaign, whole or absent."""
    return placing.one(path, "The campaign", KEPT)


def _checksum(key: str, part: Part) -> str:
    digest = hashlib.sha256(key.encode())
    for name, array in part._asdict().items():
        digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def write_part(path: Path, key: str, part: Part) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, key=np.array(key), sha256=np.array(_checksum(key, part)), **part._asdict())
    with placed(path) as temporary:
        temporary.write_bytes(buffer.getvalue())


def is_whole(path: Path, key: str, shapes: Mapping[str, tuple[int, ...]] | None = None) -> bool:
    """Whether the file holds the part of that key, of these shapes (see `shapes_of`); whatever else lies
    there, it is looked at from outside first, and takes no memory.
    """
    try:
        if machine.kind_of(path) or not _fits(path, shapes):
            return False
        with np.load(path, allow_pickle=False) as file:
            part = Part(*(file[name] for name in Part._fields))
            return str(file["key"]) == key and str(file["sha256"]) == _checksum(key, part)
    except Exception:  # whatever a damaged file makes its reader raise, it means the same
        return False


def shapes_of(plan: Plan, job: Job, groups: int) -> dict[str, tuple[int, ...]]:
    """The shape of every array of a part; `groups` is the number of `Groups.of` the plan's economy."""
    plot, draws, nodes = plan.scenarios[job.scenario], job.last - job.first, plan.economy.n
    first, last = plot.start, plot.start + dt.timedelta(days=plot.days - 1)
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    node = (months, nodes)
    return {
        "outcome": (draws,),
        "level": (draws, months, groups),
        "lost": (draws, groups),
        **dict.fromkeys(("node_sum", "node_low", "node_high"), node),
    }


_TYPES = ("u1", "f4", "f8", "f8", "f4", "f4")  # of the fields of a Part


def _fits(path: Path, shapes: Mapping[str, tuple[int, ...]] | None) -> bool:
    """Whether the archive lists what a part has, unpacked, each array as large as its head says."""
    kinds = dict(zip(Part._fields, map(np.dtype, _TYPES), strict=True))
    size = path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if sorted(e.filename for e in entries) != sorted(f"{n}.npy" for n in (*kinds, "key", "sha256")):
            return False
        if sum(e.file_size for e in entries) > size:
            return False
        for entry in entries:
            if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
                return False
            name = entry.filename.removesuffix(".npy")
            with archive.open(entry) as file:
                shape, kind = _head(file)
                if file.tell() + math.prod(shape) * kind.itemsize != entry.file_size:
                    return False
            wanted = kinds.get(name)
            if wanted is None and (shape != () or kind.kind != "U" or kind.itemsize > _LONGEST_KEY):
                return False
            if wanted is not None and (kind != wanted or (shapes and shape != shapes[name])):
                return False
    return True


def _head(file: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and kind of an array in a file, of its first bytes; ValueError for what is none of ours."""
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("another version of the format")
    shape, _, kind = np.lib.format.read_array_header_1_0(file)
    return shape, kind
