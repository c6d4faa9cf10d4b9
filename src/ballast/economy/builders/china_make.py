"""Who makes how much in the book china-2020: value added, its components, output and exports.

Industry keeps its 2017 structure inside the provinces' and the country's 2020 margins; sectors with a
physical output that says more than money follow it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ballast.arrays import Floats
from ballast.economy.builders.china_read import BLOCKS, CODES, Facts, National, Provinces
from ballast.economy.builders.china_trade import POWER
from ballast.economy.builders.report import Change, Step
from ballast.economy.names import china as names
from ballast.economy.regions.fitting import allocate, ipf
from ballast.text import Text

COAL, CEMENT, METALS, VEHICLES = 1, 12, 13, 17
WEAK = (1, 2, 10)  # coal, oil and gas, refining: no fact supports their place
OFFICIAL = (0, 26, 27, 28, 29, 31, 32)  # value added by province is itself published
VEHICLES_2020 = 24_625_000.0  # national output of motor vehicles, units; eight provinces are not listed
EXPORT_CEILING = 0.9  # of a node's output
FACT_CEILING = 0.6  # of a province's industrial value added, for the sectors placed by physical output
INPUT_RANGE = (0.5, 2.0)  # inputs per value added of a province, relative to the country
SMALLEST = 1e-6  # of a national sector; a smaller node is left out


@dataclass(frozen=True, eq=False)
class Structure:
    """[P, S] value added and output, with the steps and changes that led there."""

    value_added: Floats
    output: Floats
    steps: tuple[Step, ...]
    changes: tuple[Change, ...]


def structure(national: National, provinces: Provinces, facts: Facts) -> Structure:
    """Value added [P, S]: 2017 structure fitted to national sectors and province blocks; then output."""
    seed = seed_shares(national, provinces)
    va_sector = national.value_added.sum(axis=0)
    inputs_per_va = _inputs_per_va(national, provinces)
    fixed = {k: share * national.output[k] for k, share in fact_shares(national, provinces, facts).items()}
    added, steps, changes = np.zeros_like(seed), [], []
    for b, (block, sectors) in enumerate(BLOCKS.items()):
        total = facts.blocks[:, b] * (va_sector[sectors].sum() / facts.blocks[:, b].sum())
        known = {
            k: _value_added_of_output(fixed[k], inputs_per_va[:, k], va_sector[k])
            for k in fixed
            if k in sectors
        }
        if known:
            known = _under_ceiling(known, total)
        rest = [k for k in sectors if k not in known]
        left = total - sum(known.values(), start=np.zeros_like(total))
        fit = ipf(seed[:, rest].T, va_sector[rest], left, what=f"value added, {block}")
        added[:, rest] = fit.matrix.T
        for k, values in known.items():
            added[:, k] = values
        steps.append(
            _block_step(block, fit.before, fit.after, facts.blocks[:, b].sum(), va_sector[sectors].sum())
        )
    output = _output(national, added, inputs_per_va)
    for k in range(len(CODES)):
        changes += _moves(
            Text("value added", "增加值"), k, seed[:, k] * va_sector[k] / seed[:, k].sum(), added[:, k]
        )
    return Structure(added, output, tuple(steps), tuple(changes))


def seed_shares(national: National, provinces: Provinces) -> Floats:
    """[P, S] where value added was made in 2017: the mean of a province's shares in value added and output.

    Two noisy readings of one thing; together they predicted 2017 from 2012 better than either alone.
    Scaled to the country's value added of 2020.
    """
    readings = [np.maximum(a, 0) for a in (provinces.value_added.sum(axis=1), provinces.output)]
    seed = np.mean([r / r.sum(axis=0) for r in readings], axis=0)
    return np.asarray(np.where(seed > SMALLEST, seed, 0.0) * national.value_added.sum(axis=0))


def _inputs_per_va(national: National, provinces: Provinces) -> Floats:
    """[P, S] intermediate inputs per unit of value added in 2017, kept near the country's."""
    added = provinces.value_added.sum(axis=1)
    inputs = provinces.output - added
    country = inputs.sum(axis=0) / added.sum(axis=0)
    own = np.divide(inputs, added, out=np.tile(country, (len(added), 1)), where=added > 0)
    return np.asarray(country * np.clip(own / country, *INPUT_RANGE))


def share_of(values: Floats) -> Floats:
    return np.asarray(values / values.sum())


def fact_shares(national: National, provinces: Provinces, facts: Facts) -> dict[int, Floats]:
    """[P] shares of the provinces in output, by sector, where physical output says more than 2017 money."""
    old = {k: share_of(seed_shares(national, provinces)[:, k]) for k in (CEMENT, METALS, VEHICLES)}
    q = facts.products
    cars = car_shares(old[VEHICLES], q["motor_vehicles"])
    parts = (cars + old[VEHICLES]) / 2
    sheet = (share_of(q["aluminium_products"]) + share_of(q["copper_products"])) / 2
    by_detail = {
        CEMENT: [share_of(q["cement"])] * 2 + [old[CEMENT], share_of(q["flat_glass"]), *[old[CEMENT]] * 3],
        METALS: [share_of(q[n]) for n in ("crude_steel", "steel_products", "pig_iron", "nonferrous10")]
        + [sheet],
        VEHICLES: [cars, parts, old[VEHICLES], old[VEHICLES], old[VEHICLES]],
    }
    shares = {k: _mixed(national, k, parts_) for k, parts_ in by_detail.items()}
    return {**shares, POWER: share_of(facts.generation)}


def car_shares(old: Floats, units: Floats) -> Floats:
    """Shares in whole vehicles: units say where, 2017 says what a unit is worth; geometric mean.

    The eight provinces that do not report share the rest of the national number by their 2017 share.
    """
    silent = units <= 0
    units = np.where(silent, (VEHICLES_2020 - units.sum()) * old / old[silent].sum(), units)
    return share_of(np.sqrt(share_of(units) * old))


def _mixed(national: National, k: int, parts: list[Floats]) -> Floats:
    weights = np.array([national.detail_va[c] for c in national.detail_of[k]])
    return np.asarray(share_of(weights) @ np.array(parts))


def _value_added_of_output(output: Floats, inputs_per_va: Floats, total: float) -> Floats:
    """Value added output / (1 + c m) with one c for the country, so that the sum is `total`."""
    low, high = 1e-6, 1e6
    for _ in range(200):
        c = np.sqrt(low * high)
        low, high = (c, high) if (output / (1 + c * inputs_per_va)).sum() > total else (low, c)
    return np.asarray(
        output / (1 + low * inputs_per_va) * (total / (output / (1 + low * inputs_per_va)).sum())
    )


def _under_ceiling(known: dict[int, Floats], block: Floats) -> dict[int, Floats]:
    """No province gets more than FACT_CEILING of its industry from the sectors placed by fact."""
    over = np.maximum(sum(known.values(), start=np.zeros_like(block)) / (FACT_CEILING * block), 1.0)
    return {k: allocate(v.sum(), v, np.where(over > 1, v / over, np.inf)) for k, v in known.items()}


def _output(national: National, added: Floats, inputs_per_va: Floats) -> Floats:
    """Output = value added x (1 + c m) with one c a sector, so that the country's output is met."""
    raw = added * inputs_per_va
    inputs = national.output - national.value_added.sum(axis=0)
    return np.asarray(added + raw * (inputs / raw.sum(axis=0)))


def _block_step(block: str, before: float, after: float, provinces: float, country: float) -> Step:
    zh = {"va_industry": "工业", "va_other": "其他服务业"}.get(block, block.removeprefix("va_"))
    name = Text(f"value added, {block.removeprefix('va_').replace('_', ' ')}", f"增加值：{zh}")
    gap = f"{100 * (provinces / country - 1):+.1f}%"
    return Step(name, before, after, Text(f"provinces {gap} of national", f"各省合计较全国 {gap}"))


def _moves(step: Text, k: int, source: Floats, book: Floats) -> list[Change]:
    """The cells of one sector that moved, in money, largest first (compared at the national total)."""
    order = np.argsort(-np.abs(book - source), kind="stable")[:3]
    return [
        Change(step, f"{names.REGIONS[p].code}.{CODES[k]}", float(source[p]), float(book[p])) for p in order
    ]


def components(national: National, provinces: Provinces, added: Floats) -> Floats:
    """[P, 4, S] labour, net taxes, depreciation, surplus.

    Net taxes at the national rate, because the law is national (and negative for farming); the other
    three from 2017 shares of the province, fitted to national sums and the province's value added.
    """
    out = np.zeros((len(added), 4, added.shape[1]))
    for s in range(added.shape[1]):
        rate = national.value_added[:, s] / national.value_added[:, s].sum()
        out[:, 1, s] = rate[1] * added[:, s]
        rest = [0, 2, 3]
        old = np.maximum(provinces.value_added[:, rest, s], 0)
        mix = np.divide(old, old.sum(axis=1, keepdims=True), out=np.zeros_like(old), where=old > 0)
        seed = (0.9 * mix + 0.1 * rate[rest]) * added[:, [s]]
        left = added[:, s] - out[:, 1, s]
        fit = ipf(seed.T, national.value_added[rest, s], left, what=f"value added components, {CODES[s]}")
        out[:, rest, s] = fit.matrix.T
    return out


def exports(national: National, provinces: Provinces, output: Floats) -> Floats:
    """[P, K] exports: 2017 shares of the provinces, at most EXPORT_CEILING of output."""
    out = np.zeros_like(output)
    for k in range(output.shape[1]):
        weights = np.maximum(provinces.exports[:, k], 0)
        weights = share_of(weights + 1e-3 * weights.sum() * share_of(output[:, k]) + 1e-9 * output[:, k])
        weights = np.where(output[:, k] > 0, weights, 0.0)
        out[:, k] = allocate(
            national.exports[k], weights, EXPORT_CEILING * output[:, k], what=f"exports {CODES[k]}"
        )
    return out
