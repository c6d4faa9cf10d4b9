"""The main job beside another version of Ballast: `python benchmarks/beside.py SRC [SCENARIO] [--book BOOK]`.

SRC is the `src` of that version (`git worktree add OLD COMMIT`). Both run `respond` as a whole process, in turn, after
a run each that is not counted (it compiles), and one path of it (`simulate`, output only) in a process of its own.
Prints medians of seconds by the clock and of the processors, and their ratios, pair by pair.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OURS = Path(__file__).parents[1] / "src"
PATH = """
import sys, time, ballast
scenario = ballast.load_scenario(sys.argv[1])
economy = ballast.load_book(sys.argv[2] or scenario.book)
taken = []
for _ in range(8):
    begun = time.process_time()
    ballast.simulate(economy, scenario, full=False)
    taken.append(time.process_time() - begun)
print(sorted(taken[1:])[3])
"""


def whole(source: Path, words: list[str]) -> tuple[float, float]:
    """Seconds by the clock and of the processors that a command takes with this version."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(source)}
    subprocess.run(
        [sys.executable, "-m", "ballast", *words], env=environment, check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - begun, used


def path(source: Path, scenario: str, book: str) -> float:
    """Processor seconds of one path, the median of seven."""
    environment = {**os.environ, "PYTHONPATH": str(source)}
    words = [sys.executable, "-c", PATH, scenario, book]
    done = subprocess.run(words, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout)


def said(what: str, theirs: list[float], ours: list[float]) -> str:
    ratio = statistics.median(a / b for a, b in zip(theirs, ours, strict=True))
    there, here = statistics.median(theirs), statistics.median(ours)
    return f"{what}: {ratio:.2f} times faster ({here:.3g} s against {there:.3g} s)"


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("src", type=Path)
    given.add_argument("scenario", nargs="?", default="shanghai-2022")
    given.add_argument("--book", default="")
    given.add_argument("--draws", default="64")
    given.add_argument("--runs", type=int, default=3)
    asked = given.parse_args()
    versions = (asked.src.resolve(), OURS)
    with tempfile.TemporaryDirectory() as folder:
        words = ["respond", asked.scenario, "--draws", asked.draws, "--out", f"{folder}/out"]
        words += ["--book", asked.book] if asked.book else []
        for source in versions:
            whole(source, words)
        pairs = [[whole(source, words) for source in versions] for _ in range(asked.runs)]
    for n, what in enumerate(("respond, by the clock", "respond, processors")):
        print(said(what, [p[0][n] for p in pairs], [p[1][n] for p in pairs]))
    one = [[path(source, asked.scenario, asked.book)] for source in versions]
    print(said("one path, processors", *one))


if __name__ == "__main__":
    main()
