"""How well an old structure predicts a later year: 2012 provincial tables fitted to the margins of 2017.

The book places industry inside a province by its 2017 structure and 2020 margins. The same step with 2012
and the true 2017 margins can be scored cell by cell, because the 2017 tables exist. The seed of the book
was chosen among the three here by this score; two guesses without an old table stand beside them. No
physical fact enters. Score: sum |guess - true| / sum true. Both years are brought to the 41 sectors
that their lists have in common (`china_read.common`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ballast.arrays import Floats
from ballast.economy.builders.china_read import BLOCKS, COMMON, common, provinces
from ballast.economy.builders.report import Table
from ballast.economy.regions.fitting import ipf
from ballast.text import Text

# the nine blocks in the 41 sectors that both lists have
_BLOCKS = {name: [i for i in sectors if i < COMMON] for name, sectors in BLOCKS.items()}
INDUSTRY = _BLOCKS["va_industry"]


def held_out(folder: Path) -> Table | None:
    """The scores as a table, or None where the 2012 tables are not in `folder`."""
    old_path = folder / "china_provinces/prov_io_2012_42.csv.gz"
    if not old_path.is_file():
        return None
    old = common(provinces(old_path), 2012)
    new = common(provinces(folder / "china_provinces/prov_io_2017_42.csv.gz"), 2017)
    true = _positive(new.value_added.sum(axis=1))
    added, made = _positive(old.value_added.sum(axis=1)), _positive(old.output)
    both = added / added.sum(axis=0) + made / made.sum(axis=0)
    guesses = {
        Text(
            "2012 value added and output averaged, fitted (the book's way)",
            "2012年增加值与总产出平均后拟合（本账做法）",
        ): (_fitted(both, true)),
        Text("2012 value added fitted", "2012年增加值拟合"): _fitted(added, true),
        Text("2012 output fitted", "2012年总产出拟合"): _fitted(made, true),
        Text("national mix within each block", "按全国结构在行业块内分摊"): _within_blocks(true),
        Text("in proportion to the province's total", "按省总量比例分摊"): _by_total(true),
    }
    rows: tuple[tuple[str | Text, ...], ...] = tuple(
        (name, *(f"{v:.3f}" for v in _scores(guess, true))) for name, guess in guesses.items()
    )
    heads = (Text("guess", "推算"), Text("industry", "工业"), Text("all sectors", "全部"))
    title = Text(
        "Held out: weighted error of 2017 value added by province and sector",
        "留出检验：2017年分省分部门增加值的加权误差",
    )
    return Table(title, heads, rows)


def _positive(values: Floats) -> Floats:
    return np.asarray(np.maximum(values, 0))


def _scores(guess: Floats, true: Floats) -> tuple[float, float]:
    gap = np.abs(guess - true)
    return float(gap[:, INDUSTRY].sum() / true[:, INDUSTRY].sum()), float(gap.sum() / true.sum())


def _fitted(old: Floats, true: Floats) -> Floats:
    out = np.zeros_like(true)
    for block, sectors in _BLOCKS.items():
        part, flat = old[:, sectors], _within_blocks(true)[:, sectors]
        seed = part / part.sum(axis=0) + 1e-4 * flat / flat.sum(axis=0)
        margins = true[:, sectors].sum(axis=1), true[:, sectors].sum(axis=0)
        out[:, sectors] = ipf(seed, *margins, tolerance=1e-9, what=f"held-out {block}").matrix
    return out


def _within_blocks(true: Floats) -> Floats:
    out = np.zeros_like(true)
    for sectors in _BLOCKS.values():
        part = true[:, sectors]
        out[:, sectors] = np.outer(part.sum(axis=1), part.sum(axis=0)) / part.sum()
    return out


def _by_total(true: Floats) -> Floats:
    return np.asarray(np.outer(true.sum(axis=1), true.sum(axis=0)) / true.sum())
