"""Who uses how much in the book china-2020: recipes and final use, of home and of imported goods.

Each province's own 2017 columns are fitted to the national cells of 2020; purchases of electricity are
brought to the electricity each province used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ballast.arrays import Floats, ratio
from ballast.economy.builders.china_make import (
    COAL,
    Structure,
    share_of,
)
from ballast.economy.builders.china_read import CODES, Facts, National, Provinces
from ballast.economy.builders.china_trade import POWER
from ballast.economy.builders.report import Step
from ballast.economy.regions.fitting import ipf, recipes
from ballast.text import Text

LOCAL_FINAL = (25, 26, 32, 36, 37, 38, 39, 41)  # used where made: final use follows what is left at home
POWER_ROUNDS = 200  # at most, until purchases of electricity are this near to its use:
POWER_GAP = 1e-10


@dataclass(frozen=True, eq=False)
class Demand:
    """Use of home and imported goods: `use` [P, K, S], `final` [P, K, 5], and the same from abroad."""

    use: Floats
    use_imports: Floats
    final: Floats
    final_imports: Floats
    steps: tuple[Step, ...]


def demand(
    national: National, provinces: Provinces, facts: Facts, made: Structure, sold_abroad: Floats
) -> Demand:
    """Recipes and final use; electricity is brought to each province's consumption in GWh."""
    total = national.use + national.use_imports
    home = ratio(national.use, total)
    own = _own_recipes(provinces, facts)
    between = _between_grids(national, facts)
    use, moved = _recipes(own, total, made, between)
    final, final_abroad = final_use(national, provinces, facts, made, sold_abroad, use * home)
    target = share_of(facts.consumption)
    first = gap = _power_gap(use * home, final, target)
    for _ in range(POWER_ROUNDS):
        if gap < POWER_GAP:
            break
        factor = target / share_of((use * home)[:, POWER].sum(axis=1) + final[:, POWER].sum(axis=1))
        own[:, POWER] *= factor[:, None]
        final[:, POWER] = _refit_final(final[:, POWER] * factor[:, None], national.final[POWER])
        use, _ = _recipes(own, total, made, between)
        gap = _power_gap(use * home, final, target)
    steps = (
        Step(
            Text("recipes", "投入结构"),
            moved,
            _recipe_gap(use, total, made),
            Text("before: share of inputs the fit moved", "之前：拟合移动的投入占比"),
        ),
        Step(
            Text("electricity use by province", "分省用电量"),
            first,
            gap,
            Text("purchases of 24 against GWh used", "第24部门购买额与用电量之比"),
        ),
    )
    return Demand(use * home, use * (1 - home), final, final_abroad, steps)


def _own_recipes(provinces: Provinces, facts: Facts) -> Floats:
    """[P, K, S] 2017 input columns; the coal that power stations burn follows thermal generation."""
    own = np.maximum(provinces.use, 0)
    column = own[:, :, POWER].sum(axis=1)
    coal = own[:, COAL, POWER].sum() / column.sum()
    own[:, COAL, POWER] = (
        coal * column * facts.thermal_share / np.average(facts.thermal_share, weights=column)
    )
    return np.asarray(own)


def _power_recipes(own: Floats, total: Floats, inputs: Floats, between: Floats) -> tuple[Floats, float]:
    """[P, K] inputs of electricity: `between` [P] is what grids buy of power stations, the rest fitted."""
    rest = np.where(np.arange(len(total)) == POWER, 0.0, total)
    fitted, moved = recipes(own.T, rest, inputs - between, what="recipes of electricity")
    fitted[POWER] = between
    return np.asarray(fitted.T), moved


def _between_grids(national: National, facts: Facts) -> Floats:
    """[P] electricity bought by electricity: half way between where it is made and where it is used.

    The national table books power stations' sales to the grid here, a third of all; placed by output alone
    it would eat most of what provinces that send power away use themselves.
    """
    middle = share_of(np.sqrt(share_of(facts.generation) * share_of(facts.consumption)))
    return np.asarray(middle * (national.use + national.use_imports)[POWER, POWER])


def _recipes(own: Floats, total: Floats, made: Structure, between: Floats) -> tuple[Floats, float]:
    """[P, K, S] fitted to the national cells and each node's inputs; the share of inputs moved."""
    use, moved = np.zeros_like(own), 0.0
    for s in range(own.shape[2]):
        inputs = made.output[:, s] - made.value_added[:, s]
        if s == POWER:
            use[:, :, s], shifted = _power_recipes(own[:, :, s], total[:, s], inputs, between)
            moved += shifted
            continue
        fitted, shifted = recipes(own[:, :, s].T, total[:, s], inputs, what=f"recipes of {CODES[s]}")
        use[:, :, s], moved = fitted.T, moved + shifted
    return use, moved / total.sum()


def _recipe_gap(use: Floats, total: Floats, made: Structure) -> float:
    inputs = made.output - made.value_added
    safe = np.where(inputs > 0, inputs, 1.0)
    cells = np.where(total > 0, total, 1.0)
    return float(
        max(
            (np.abs(use.sum(axis=1) - inputs) / safe).max(),
            (np.abs(use.sum(axis=0) - total) / cells).max(),
        )
    )


def _power_gap(use: Floats, final: Floats, target: Floats) -> float:
    return float(
        np.abs(share_of(use[:, POWER].sum(axis=1) + final[:, POWER].sum(axis=1)) / target - 1).max()
    )


def _refit_final(lines: Floats, national: Floats) -> Floats:
    """[P, 5] rescaled so that each category sums to the country's."""
    sums = lines.sum(axis=0)
    return np.asarray(lines * np.divide(national, sums, out=np.zeros_like(sums), where=sums != 0))


def final_use(
    national: National,
    provinces: Provinces,
    facts: Facts,
    made: Structure,
    sold_abroad: Floats,
    use_home: Floats,
) -> tuple[Floats, Floats]:
    """[P, K, 5] final use of home and of imported goods.

    2017 shares of the provinces grown with nominal GDP; products used where they are made follow what is
    left at home after intermediate use; the change in inventories follows output.
    """
    final, abroad = np.zeros_like(provinces.final), np.zeros_like(provinces.final)
    gdp = share_of(facts.blocks.sum(axis=1))
    for k in range(final.shape[1]):
        weights = np.maximum(provinces.final[:, k, :4], 0) * facts.growth[:, None]
        weights = np.where(weights.sum(axis=0) > 0, weights, gdp[:, None])
        shares = weights / weights.sum(axis=0)
        shares = 0.98 * shares + 0.02 * gdp[:, None]
        lines = shares * national.final[k, :4]
        if k in LOCAL_FINAL:
            left = made.output[:, k] - sold_abroad[:, k] - use_home[:, k].sum(axis=1)
            lines = _local(lines, left)
        final[:, k, :4] = lines
        final[:, k, 4] = share_of(made.output[:, k]) * national.final[k, 4]
        abroad[:, k, :4] = shares * national.final_imports[k, :4]
        abroad[:, k, 4] = gdp * national.final_imports[k, 4]
    return final, abroad


def _local(lines: Floats, left: Floats) -> Floats:
    """Final lines [P, 4] moved to where the product is left over, each category's sum kept."""
    if lines.sum() <= 0:
        return lines
    now = lines.sum(axis=1)
    target = np.maximum(left, 0.25 * now)
    target *= lines.sum() / target.sum()
    seed = lines + 1e-6 * target[:, None] * (lines.sum(axis=0) > 0)
    return ipf(seed, target, lines.sum(axis=0), what="final use of local products").matrix
