"""The default model's parameters: each has a value, a range, a unit, a grade and a source.

`parameters.toml` holds them; `load_parameters` reads them; `Parameters.resolve` turns them into
arrays for one economy, at the central values or at the quantiles of one draw. A quantile u maps to
low (0), value (0.5) and high (1), linearly on either side; the sectors of a table share one u, so a
draw has long or short stocks everywhere, which widens the bands rather than averaging them away.

`single_sourced_parts` turns an elasticity into the number of parts that each client firm buys from
one supplier only: the quantity the step works with.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from numbers import Real
from typing import Any

import numpy as np

from ballast.arrays import Floats
from ballast.economy import Economy, Sector
from ballast.errors import InputError, nearest
from ballast.evidence import Grade
from ballast.text import Text

Triple = tuple[float, float, float]

_NETWORKS = ("energy", "utilities")  # what comes by wire or pipe

_OF_A_SCENARIO = " What is uncertain in a scenario is called shock.NAME."

PROBE_LOSS = 0.9  # the elasticity is matched where the probed supplier delivers a tenth


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: a scalar (`central`), a table with defaults by class of sector, or families."""

    key: str
    title: Text
    unit: Text
    grade: Grade
    source: str
    address: str
    central: Triple | None
    goods: Triple | None
    services: Triple | None
    table: Mapping[str, Triple]
    families: tuple[frozenset[str], ...] = ()  # sectors that need one another's finished goods
    products: frozenset[str] = frozenset()  # finished goods nobody outside the family needs
    builders: frozenset[str] = frozenset()  # who builds equipment into what they make
    equipment: frozenset[str] = frozenset()  # products that stop no service, no utility

    def scalar(self, u: float) -> float:
        """The value at quantile u."""
        assert self.central is not None
        return at_quantile(self.central, u)

    def by_sector(self, sectors: tuple[Sector, ...], u: float) -> Floats:
        """[K] the value of every sector at quantile u."""
        return np.array([at_quantile(self.row(s), u) for s in sectors])

    def row(self, sector: Sector) -> Triple:
        """(value, low, high) for one sector."""
        if sector.like in self.table:
            return self.table[sector.like]
        default = self.goods if sector.goods else self.services
        assert default is not None
        return default


@dataclass(frozen=True, slots=True)
class Resolved:
    """Parameters as arrays for one economy. Shapes: [K] by product or buyer sector, [S] by slot."""

    parts: Floats  # [K] single-sourced parts per client firm, >= 1
    stock_days: Floats  # [S] target days of cover
    finished_days: Floats  # [K] finished goods held by the maker
    essential: Floats  # [S] 0 = not needed, 0.5 = important, 1 = critical
    adaptation_days: Floats  # [K]
    return_days: float
    overproduction: float
    overproduction_days: float
    order_days: float
    order_ceiling: float
    demand_memory: float
    release_days: float
    trade: float


@dataclass(frozen=True, slots=True)
class Parameters:
    """All parameters of the default model."""

    items: Mapping[str, Parameter]

    def __getitem__(self, key: str) -> Parameter:
        return self.items[key]

    def resolve(self, economy: Economy, quantiles: Mapping[str, float] | None = None) -> Resolved:
        """Arrays for `economy` at the given quantiles (0.5, the central value, where none is given).

        InputError names every quantile that is of no parameter or outside 0 to 1.
        """
        q = quantiles or {}
        refuse_quantiles(q, list(self.items))

        def u(key: str) -> float:
            return q.get(key, 0.5)

        def scalar(key: str) -> float:
            return self[key].scalar(u(key))

        specific = self["specific_share"].by_sector(economy.sectors, u("specific_share"))
        # a high quantile means easier substitution in `elasticity`, more specific goods in the other
        most = single_sourced_parts(scalar("elasticity"), scalar("probe_share"))
        return Resolved(
            parts=1.0 + specific * (most - 1.0),
            stock_days=_stock_days(
                economy,
                self["stock_days"].by_sector(economy.sectors, u("stock_days")),
                scalar("flow_days"),
                u("stock_days"),
            ),
            finished_days=scalar("finished_days") * np.array([float(s.storable) for s in economy.sectors]),
            essential=essentialness(
                economy,
                scalar("critical_cost_share"),
                scalar("critical_cost_share_services"),
                self["built_in"],
            ),
            adaptation_days=self["adaptation_days"].by_sector(economy.sectors, u("adaptation_days")),
            trade=scalar("trade"),
            **{
                key: scalar(key)
                for key in (
                    "return_days",
                    "overproduction",
                    "overproduction_days",
                    "order_days",
                    "order_ceiling",
                    "demand_memory",
                    "release_days",
                )
            },
        )


def refuse_quantiles(quantiles: Mapping[str, Any], known: Sequence[str]) -> None:
    """InputError that names every quantile of none of the `known`, and every one outside 0 to 1."""
    wrong = []
    for name, u in quantiles.items():
        if name not in known:
            meant = nearest(str(name), known)
            hint = f"Did you mean {' or '.join(meant)}?" if meant else f"There are: {', '.join(known)}."
            wrong.append(f"{name}: there is no such parameter. {hint}")
        elif not (isinstance(u, Real) and 0.0 <= float(u) <= 1.0):  # also refuses NaN
            wrong.append(f"{name}: {u!r} is no quantile. Give a number from 0 (low) to 1 (high).")
    if wrong:
        more = "" if all(name in known for name in quantiles) else _OF_A_SCENARIO
        raise InputError("quantiles: they do not fit." + more + "\n" + "\n".join(wrong))


def at_quantile(triple: Triple, u: float) -> float:
    """low at u = 0, value at 0.5, high at 1; linear on either side."""
    value, low, high = triple
    return low + (value - low) * 2 * u if u < 0.5 else value + (high - value) * (2 * u - 1)


def at_quantiles(value: Floats, low: Floats, high: Floats, u: float) -> Floats:
    """`at_quantile` of arrays."""
    return np.asarray(low + (value - low) * 2 * u if u < 0.5 else value + (high - value) * (2 * u - 1))


def single_sourced_parts(sigma: float, share: float, loss: float = PROBE_LOSS) -> float:
    """Parts n bought from one supplier only that lose as much as a CES of elasticity `sigma` would.

    A supplier with `share` of a slot loses `loss` of its output. CES with exponent p = (sigma-1)/sigma
    leaves F = (share (1-loss)^p + 1 - share)^(1/p). The step leaves f1 (f1^2/f2)^(n-1), with f1 and f2
    the share-weighted mean of the suppliers' fulfilment and of its square. Equal at

        n = 1 + ln(F / f1) / ln(f1^2 / f2).

    sigma >= 1 up to perfect substitution lets n go to 1 (pooled) and never below.
    """
    left = 1.0 - loss
    f1 = share * left + 1 - share
    f2 = share * left * left + 1 - share
    if abs(sigma - 1.0) < 1e-9:
        kept = left**share
    else:
        p = (sigma - 1.0) / sigma
        kept = (share * left**p + 1 - share) ** (1.0 / p)
    return max(1.0, 1.0 + math.log(kept / f1) / math.log(f1 * f1 / f2))


def essentialness(
    economy: Economy, goods_share: float, services_share: float, built_in: Parameter | None = None
) -> Floats:
    """[S] whether a slot's product stops its node: 1 critical, 0.5 important, 0 neither.

    Physical inputs (goods, and what comes by wire or pipe) are critical to goods producers, utilities
    and construction above `goods_share` of intermediate inputs, important above a fifth of it; to
    services above `services_share`. Services stop nobody within a quarter (Diem et al. 2022). What cannot
    be stored does not stop its own maker (a grid's own use): it would wait for itself for ever. Finished
    goods listed in `built_in` stop only makers of their own family, its equipment no service
    and no utility, and other makers by half at most (they need spares of it, not the thing itself).
    """
    physical = np.array([_is_physical(s) for s in economy.sectors])
    makes_things = np.array([_makes_things(s) for s in economy.sectors])
    share = economy.slot_need / np.maximum(economy.input_cost()[economy.slot_node], 1e-300)
    threshold = np.where(makes_things[economy.node_sector[economy.slot_node]], goods_share, services_share)
    level = np.where(share >= threshold, 1.0, np.where(share >= threshold / 5, 0.5, 0.0))
    own = economy.slot_product == economy.node_sector[economy.slot_node]
    storable = np.array([s.storable for s in economy.sectors])
    level = np.where(own & ~storable[economy.slot_product], 0.0, level)
    if built_in is not None:
        needs = _family_needs(economy.sectors, built_in)
        level = np.minimum(level, needs[economy.slot_product, economy.node_sector[economy.slot_node]])
    return np.where(physical[economy.slot_product], level, 0.0)


def _family_needs(sectors: tuple[Sector, ...], built_in: Parameter) -> Floats:
    """[K, K] how much buyers of the column's sector can need the row's product: 0, half or 1."""
    codes = [s.like for s in sectors]
    makers = np.array([_makes_things(s) and s.group not in _NETWORKS for s in sectors])
    builds_in = np.array([c in built_in.builders for c in codes])
    needs = np.ones((len(codes), len(codes)))
    for i, product in enumerate(codes):
        if product in built_in.equipment:
            needs[i] = np.where(builds_in, 1.0, np.where(makers, 0.5, 0.0))
        if product in built_in.products:
            family = next(f for f in built_in.families if product in f)
            needs[i] = [float(buyer in family) for buyer in codes]
    return needs


def _makes_things(sector: Sector) -> bool:
    return _is_physical(sector) or sector.group == "construction"


def _is_physical(sector: Sector) -> bool:
    return sector.goods or sector.group in _NETWORKS


def _stock_days(economy: Economy, by_buyer: Floats, flow_days: float, u: float) -> Floats:
    """[S] days by the buyer's sector; a desk's own days, with their own range, where the book has them."""
    storable = np.array([s.storable for s in economy.sectors])
    buyer = economy.node_sector[economy.slot_node]
    days = np.where(storable[economy.slot_product], by_buyer[buyer], flow_days)
    f = economy.facts
    if f.slot_days is not None and f.slot_days_low is not None and f.slot_days_high is not None:
        own = at_quantiles(f.slot_days, f.slot_days_low, f.slot_days_high, u)
        days = np.where(np.isfinite(own) & storable[economy.slot_product], own, days)
    return np.maximum(days, 1.5)  # an order is a day old when it is filled: less cover ratchets down


@lru_cache(maxsize=1)
def load_parameters() -> Parameters:
    """The packaged parameters of the default model."""
    raw = tomllib.loads(files("ballast.propagate").joinpath("parameters.toml").read_text("utf-8"))
    return Parameters({key: _parameter(key, entry) for key, entry in raw.items()})


def _parameter(key: str, raw: Mapping[str, Any]) -> Parameter:
    central = (float(raw["value"]), float(raw["low"]), float(raw["high"])) if "value" in raw else None
    return Parameter(
        key=key,
        title=Text(**raw["title"]),
        unit=Text(**raw["unit"]),
        grade=Grade(raw["grade"]),
        source=raw["source"],
        address=raw.get("address", ""),
        central=central,
        goods=_triple(raw["goods"]) if "goods" in raw else None,
        services=_triple(raw["services"]) if "services" in raw else None,
        table={code: _triple(row) for code, row in raw.get("table", {}).items()},
        families=tuple(frozenset(f) for f in raw.get("families", ())),
        products=frozenset(raw.get("products", ())),
        equipment=frozenset(raw.get("equipment", ())),
        builders=frozenset(raw.get("builders", ())),
    )


def _triple(row: Any) -> Triple:
    return float(row[0]), float(row[1]), float(row[2])
