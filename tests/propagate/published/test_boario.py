"""A fresh random table and event each time, run by BoARIO itself where it is installed, and by us.

BoARIO is GPL: it runs as a program of its own. `BALLAST_BOARIO=PYTHON` names a Python that has
boario 0.7.2; without it the one that runs the tests is asked.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ballast.forcing import Forcing, Steps
from ballast.propagate.published import kernels as pooled_kernels
from ballast.propagate.published import reference as pooled
from ballast.propagate.published.reference import MODELS

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
PYTHON = os.environ.get("BALLAST_BOARIO", sys.executable)


def test_a_fresh_table_and_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if subprocess.run([PYTHON, "-c", "import boario"], capture_output=True, check=False).returncode:
        pytest.skip("boario is not installed (BALLAST_BOARIO names a Python that has it)")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from economies import linked

    seed = int.from_bytes(os.urandom(2), "big")  # another table every time; the number is in the message
    rng = np.random.default_rng(seed)
    economy, z, y = linked(int(rng.integers(2, 6)), int(rng.integers(2, 8)), 4, seed)
    days, loss, tau = 120, rng.uniform(0.05, 0.6), int(rng.integers(20, 90))
    np.savez(
        tmp_path / "in.npz", Z=z.toarray(), Y=y, x=economy.output, days=days, loss=loss, tau=tau,
        region=[economy.regions[i].code for i in economy.node_region],
        sector=[economy.sectors[i].code for i in economy.node_sector],
    )  # fmt: skip
    files = [str(tmp_path / "in.npz"), str(tmp_path / "out.npz")]
    subprocess.run([PYTHON, str(BENCHMARKS / "boario_peer.py"), *files], check=True)
    day = np.arange(days)
    left = np.where(day >= 5, pooled.recovery("linear", tau, day - 5.0 - 10 - 1), 0.0)
    level = 1.0 - loss * left[:, None] * (economy.node_region == 0)
    forcing = replace(Forcing.none(economy, days), capacity=Steps.of(level))
    theirs = np.load(tmp_path / "out.npz")["production"]
    assert theirs.min(axis=0).sum() < 0.99 * theirs[0].sum()
    found = pooled_kernels.run(MODELS["ario"], economy, forcing).output
    model = replace(MODELS["ario"], gates=True, input_threshold=1e-5)
    table = pooled.table(model, economy)
    readable = [d.output for d in pooled.run(model, table, pooled.sky(economy, forcing))]
    np.testing.assert_allclose(readable, theirs, rtol=1e-9, err_msg=f"seed {seed}, its behaviours on")
    np.testing.assert_allclose(found, theirs, rtol=1e-5, err_msg=f"seed {seed}, its behaviours off")
