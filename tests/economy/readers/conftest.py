"""What every reader promises of every table: published totals, no errors, and rest at rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ballast import simulate
from ballast.economy import Economy
from ballast.economy.checks import check
from ballast.forcing import Forcing

DATA = Path(__file__).parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the source tables are not beside the project")


def whole(economy: Economy, *, days: int = 20, but: str = "nothing") -> None:
    """No errors or warnings in the checks (`but` for one), and a month without a shock changes nothing."""
    bare = replace(economy, findings=())  # what its table brought is another matter
    assert [str(f) for f in check(bare) if f.level != "note" and but not in f.what] == []
    run = simulate(economy, Forcing.none(economy, days))
    assert float(np.abs(run.deviation("all").to_numpy()).max()) < 1e-11
    assert all(o.text.en and o.text.zh for o in economy.history)
    assert economy.sources
