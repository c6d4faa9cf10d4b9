"""A scenario on an economy: names become indices, percent become the daily factors the engine reads.

Two steps. `bind` looks every name up once, raises what does not fit the book, and is remembered for the
pair. `forcing` then does arithmetic alone: an ensemble compiles one scenario dozens of times.

Rules for shocks that overlap
-----------------------------
1. Within one kind of capacity (staff, capacity, power, fuel):
   a shock with share 1 covers the whole node; of several, the lowest level counts (call it f);
   shocks with share < 1 are different parts of the node, each at the lower of its own level and f,
   and their losses add: level = f - sum share_i x max(f - level_i, 0).
   Parts that together exceed the whole are cut off at the whole, beginning with the worst part.
2. Across kinds of capacity the scarcest wins: a plant needs its people, its machines and its power. It
   wins in each part of a node, and what is left of the whole is left of every part; where parts of two
   kinds meet in a node nothing says which firms are in both, and the scarcest wins on average (`levels`).
3. Corridors: the lowest wins.
4. Final demand, exports and imports multiply; a port multiplies both exports and imports.
5. Stock changes of the same slot on the same day add.
A shock of share s at level v stands for 1 - s (1 - v) under rules 3 to 5 and in the sums of rule 1.

Staff: capacity = output_per_staff x (staff + (1 - staff) x remote), at most 1. `remote` is 0 for
whoever makes things and the table in remote.toml for services.

Missing energy: rationed over the listed nodes in proportion to what they use, so that all of them
stand at 1 - missing / use, where use = (purchases of the carrier by the listed nodes / purchases of
it in their region, final users included) x the region's annual use / 365.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources

import numpy as np

from ballast import machine
from ballast.arrays import YEAR, Floats, Ints, Mask
from ballast.economy import Economy
from ballast.economy.economy import Carrier
from ballast.economy.facts import mode_share
from ballast.errors import Finding, ScenarioError, nearest, raise_findings
from ballast.forcing import Forcing, Steps
from ballast.scenario.idle import concerns, dry, idle, imports, manned, stock_doubt
from ballast.scenario.levels import Hit, Parts, capacity
from ballast.scenario.places import Places, teller
from ballast.scenario.shock import CAPACITY, POWER, RangeTarget, Scenario, Shock, drivers, period_dates

MOST_FOUND = 200  # what does not fit, looked for
NOTHING = "Write what it should change, or take it out"
FEW = 3  # names that do not fit, shown where the whole scenario was written for another book
Tell = Callable[[str, str], None]
Draw = Callable[[str], float]


def compile_scenario(
    scenario: Scenario, economy: Economy, quantiles: Mapping[str, float] | None = None
) -> Forcing:
    """What `scenario` imposes on `economy`, with each driver at its quantile (0.5 where not given).

    Raises ScenarioError naming every region, sector, node or user the book lacks.
    """
    return bind(scenario, economy).forcing(_draw(scenario, quantiles or {}))


def _draw(scenario: Scenario, quantiles: Mapping[str, float]) -> Draw:
    known = drivers(scenario)
    found: list[Finding] = []
    for name, u in quantiles.items():
        if name not in known:
            hint = " or ".join(nearest(name, known) or known) or "none: nothing in it has a range"
            found.append(
                Finding("error", f"driver {name}", "the scenario has no such driver", f"It has: {hint}")
            )
        elif not 0.0 <= u <= 1.0:  # also refuses NaN
            found.append(Finding("error", f"driver {name}", f"quantile {u}", "Give a number from 0 to 1"))
    raise_findings(found, ScenarioError, head=f"scenario {scenario.name}: the quantiles do not fit.")
    return lambda name: quantiles.get(name, 0.5)


# ---- one shock on one economy ---------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Bound:
    """A shock with its indices: `where` are nodes, final lines, R*K imports, R*R pairs or slots."""

    shock: Shock
    days: int
    start: Ints  # day of each point
    stop: int  # first day after the shock
    where: Ints
    low: Floats  # values of the path at quantiles 0, 0.5 and 1, as factors (or in the shock's unit)
    mid: Floats
    high: Floats
    weight: Floats | None = None  # remote share of each node (staff), share of a mode (corridors)
    use: float = 0.0  # what the listed nodes use in a day, in the unit of the path (missing energy)
    products: Mask | None = None  # [K] corridors and ports
    hinterland: tuple[Ints, ...] = ()  # per region of a port: where in exports, then where in imports
    need: float = 0.0  # money a day of the slots listed (stocks)

    def values(self, draw: Draw) -> Floats:
        """The path's points at the quantile of its driver."""
        u = draw(self.shock.driver)
        if u <= 0.5:
            return self.low + (self.mid - self.low) * (2 * u)
        return self.mid + (self.high - self.mid) * (2 * u - 1)

    def level(self, draw: Draw) -> Floats:
        """[T] the factor of every day: 1 where nothing is imposed."""
        values = self.values(draw)
        if self.use:
            values = np.maximum(1.0 - values / self.use, 0.0)
        day = np.arange(self.days)
        if self.shock.shape == "linear":
            out = np.interp(day, self.start, values)
        else:
            out = values[np.maximum(np.searchsorted(self.start, day, side="right") - 1, 0)]
        out[: max(self.start[0], 0)] = 1.0
        out[self.stop :] = 1.0
        return out

    @property
    def on(self) -> Mask:
        """[T] the days on which the shock lasts: from its first point to `until`."""
        out = np.zeros(self.days, bool)
        out[max(self.start[0], 0) : self.stop] = True
        return out


@dataclass(frozen=True, eq=False)
class Plan:
    """A scenario bound to an economy: every name looked up, ready for arithmetic."""

    scenario: Scenario
    economy: Economy
    bound: dict[str, list[_Bound]]
    doubts: tuple[Finding, ...] = field(default=())

    def forcing(self, draw: Draw) -> Forcing:
        """The daily factors at the quantiles that `draw` gives."""
        e, days = self.economy, self.scenario.days
        self._room()
        group, n_groups, of_shock = _groups(self._of("corridor"), e.k)
        stock = self._stock(draw)
        mean, parts = self._capacity(draw)
        return Forcing(
            start=self.scenario.start,
            days=days,
            capacity=mean,
            part_node=parts.node,
            part_mass=parts.mass,
            parts=Steps(mean.index, parts.level),
            demand=self._product(draw, len(e.final_product), self._of("final_demand")),
            exports=self._product(draw, e.n, self._of("exports"), 0),
            imports=self._product(draw, e.r * e.k, self._of("imports"), 1),
            corridors=self._corridors(draw, n_groups, of_shock),
            corridor_group=group,
            stock_day=stock[0],
            stock_slot=stock[1],
            stock_change=stock[2],
        )

    def _room(self) -> None:
        """Refuse what would not fit into memory: days on which something changes x nodes, pairs, lines."""
        e, width = self.economy, 0
        for kinds, each in (
            (CAPACITY, 5 * e.n),
            (("final_demand",), len(e.final_product)),
            (("exports", "port"), e.n),
            (("imports", "port"), e.r * e.k),
            (("corridor",), e.r**2),
        ):
            width += each * min(self.scenario.days, 1 + sum(_changes(b) for b in self._of(*kinds)))
        what = (
            f"scenario {self.scenario.name} on {e.r:,} regions and {e.n:,} nodes over "
            f"{self.scenario.days:,} days"
        )
        todo = "Use a book of fewer regions (`ballast book aggregate`), fewer days or points"
        machine.room_for(8.0 * width, what, todo, ScenarioError)

    def _of(self, *kinds: str) -> list[_Bound]:
        return [b for kind in kinds for b in self.bound.get(kind, [])]

    def _states(self, draw: Draw, shocks: Sequence[_Bound], more: Sequence[Mask] = ()) -> Steps:
        """Days on which all of `shocks`, and of `more`, stand still share a row of the table [U, P]."""
        return Steps.of(np.stack([*(b.level(draw) for b in shocks), *more], axis=1))

    def _capacity(self, draw: Draw) -> tuple[Steps, Parts]:
        """Capacity by node, and the parts of nodes that make it up, in the same states."""
        shocks = self._of(*CAPACITY)
        if not shocks:
            none = Parts(np.zeros(0, np.int32), np.zeros(0), np.zeros((1, 0)))
            return Steps.constant(self.scenario.days, self.economy.n), none
        slack = [i for i, b in enumerate(shocks) if b.shock.slack]
        states = self._states(draw, shocks, [shocks[i].on for i in slack])
        on = {i: states.table[:, column] > 0 for column, i in enumerate(slack, start=len(shocks))}
        hits = []
        for i, b in enumerate(shocks):
            level = _node_levels(b, states.table[:, i], draw, on.get(i))
            hits.append(Hit(b.shock.kind, b.where, level, b.shock.share.at(draw(b.shock.share_driver))))
        mean, parts = capacity(hits, len(states.table), self.economy.n)
        return Steps(states.index, mean), parts

    def _product(self, draw: Draw, width: int, shocks: list[_Bound], side: int | None = None) -> Steps:
        """Rule 4 on demand [L], exports [N] (side 0) or imports [R*K] (side 1); ports count for both."""
        ports = [] if side is None else [p for p in self._of("port") if concerns(p.shock, side)]
        if not shocks and not ports:
            return Steps.constant(self.scenario.days, width)
        states = self._states(draw, [*shocks, *ports])
        out = np.ones((len(states.table), width))
        for i, b in enumerate(shocks):
            factor = 1.0 - b.shock.share.at(draw(b.shock.share_driver)) * (1.0 - states.table[:, i])
            out[:, b.where] *= factor[:, None]
        for i, port in enumerate(ports, start=len(shocks)):
            u, share = draw(port.shock.share_driver), port.shock.share
            for j, (_, part) in enumerate(port.shock.hinterland):
                assert side is not None
                loss = share.at(u) * part.at(u) * (1.0 - states.table[:, i])
                out[:, port.hinterland[2 * j + side]] *= 1.0 - loss[:, None]
        return Steps(states.index, out)

    def _corridors(self, draw: Draw, n_groups: int, of_shock: Sequence[Ints]) -> Steps:
        shocks, pairs = self._of("corridor"), self.economy.r**2
        if not shocks:
            return Steps.constant(self.scenario.days, pairs)
        states = self._states(draw, shocks)
        out = np.ones((len(states.table), n_groups * pairs))
        for i, b in enumerate(shocks):
            part = 1.0 if b.weight is None else b.weight  # of the pair's freight that goes this way
            level = 1.0 - part * b.shock.share.at(draw(b.shock.share_driver)) * (
                1.0 - states.table[:, i, None]
            )
            for g in of_shock[i]:
                where = b.where + g * pairs
                out[:, where] = np.minimum(out[:, where], level)
        return Steps(states.index, out)

    def _stock(self, draw: Draw) -> tuple[Ints, Ints, Floats]:
        """Day, slot and change in days of use, one row a (day, slot)."""
        width = max(len(self.economy.slot_product), 1)
        keys, changes = [np.zeros(0, np.int64)], [np.zeros(0)]
        for b in self._of("stock"):
            values = b.values(draw) * b.shock.share.at(draw(b.shock.share_driver))
            values = values / b.need if b.shock.unit == "money" else values
            sign = 1.0 if b.shock.direction == "released" else -1.0
            keys.append((b.start[:, None].astype(np.int64) * width + b.where).ravel())
            changes.append(np.repeat(sign * values, len(b.where)))
        key, place = np.unique(np.concatenate(keys), return_inverse=True)
        change = np.bincount(place, np.concatenate(changes), len(key)).astype(np.float64)
        return (key // width).astype(np.int32), (key % width).astype(np.int32), change


def _changes(b: _Bound) -> int:
    """On how many days a shock can change."""
    return b.days if b.shock.shape == "linear" else len(b.start) + 1


def _node_levels(b: _Bound, level: Floats, draw: Draw, on: Mask | None = None) -> Floats:
    """[U, n] capacity of the nodes of one shock: the level itself, or what its staff can do.

    `on` tells the states in which the shock lasts, where its staff do less even if all are there.
    """
    if b.weight is None:
        return np.broadcast_to(level[:, None], (len(level), len(b.where)))
    output = b.shock.output_per_staff.at(draw("output_per_staff"))
    at_home = (1.0 - level)[:, None] * b.weight
    able = np.minimum(output * (level[:, None] + at_home), 1.0)
    return able if on is None else np.where(on[:, None], able, 1.0)


def _groups(corridors: Sequence[_Bound], k: int) -> tuple[Ints, int, list[Ints]]:
    """Products held up by the same corridor shocks share a group: group [K], how many, those of a shock."""
    if not corridors:
        return np.full(k, -1, np.int32), 1, []
    held = np.stack([b.products for b in corridors if b.products is not None])  # [P, K]
    kinds, which = np.unique(held[:, held.any(axis=0)], axis=1, return_inverse=True)
    group = np.full(k, -1, np.int32)
    group[held.any(axis=0)] = which.ravel()
    of_shock = [np.flatnonzero(kinds[p]).astype(np.int32) for p in range(len(corridors))]
    return group, max(kinds.shape[1], 1), of_shock


# ---- binding --------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def bind(scenario: Scenario, economy: Economy) -> Plan:
    """Look up every name of `scenario` in `economy`; raise all that do not fit at once."""
    binder = _Binder(scenario, economy)
    for shock in scenario.shocks:
        binder.add(shock)
        if len(binder.found) > MOST_FOUND:  # names that a book lacks take long to look for
            break
    binder.check_ranges()
    head = f"{scenario.file or scenario.name}: the scenario does not fit the book {economy.name}"
    found = binder.found
    if scenario.book != economy.name:
        head += f" (it was written for {scenario.book})"
        wrong = [f for f in found if f.level == "error"]
        if len(wrong) > FEW:
            rest = len(wrong) - FEW
            head += f". Use that book, or name what {economy.name} has; {rest} more do not fit. The first"
            found = wrong[:FEW]
    raise_findings(found, ScenarioError, head=head + ".")
    return Plan(scenario, economy, binder.bound, tuple(binder.found))


class _Binder:
    """Turns shocks into `_Bound`, collecting what does not fit."""

    def __init__(self, scenario: Scenario, economy: Economy) -> None:
        self.scenario, self.e, self.places = scenario, economy, Places.of(economy)
        self.found: list[Finding] = []
        self.bound: dict[str, list[_Bound]] = {}
        if scenario.book != economy.name:
            self._doubt(
                "book", f"written for {scenario.book}, used on {economy.name}", "Check that the codes agree"
            )

    def add(self, s: Shock) -> None:
        line = f":{s.line}" if s.line else ""
        place = f"{self.scenario.file or self.scenario.name}{line}: {s.name}"
        tell = teller(self.found, place)
        before = len(self.found)
        made = self._make(s, tell, place)
        if made is None or any(f.level == "error" for f in self.found[before:]):
            return
        empty = dry(s, self.e, made.where, made.hinterland, lambda: self._imports)
        if why := idle(s) or manned(s, made.weight) or empty:
            self._doubt(place, f"does nothing: {why}", NOTHING)
        self.bound.setdefault(s.kind, []).append(made)

    def check_ranges(self) -> None:
        said: dict[tuple[object, ...], RangeTarget] = {}
        for r in self.scenario.ranges:
            where = f"{self.scenario.file or self.scenario.name}: range {r.indicator} {r.period}"
            before = len(self.found)
            mask = self.places.regions.mask([r.region], teller(self.found, where))
            key = (r.indicator, period_dates(r.period), mask.tobytes())
            other = said.setdefault(key, r)
            if other is not r and len(self.found) == before:
                what = f"{r.region} and {other.region} are the same region, and each has a range"
                teller(self.found, where)(what, "Keep one of the two ranges")

    def _doubt(self, where: str, what: str, todo: str, residual: float | None = None) -> None:
        self.found.append(Finding("warning", where, what, todo, residual))

    def _make(self, s: Shock, tell: Tell, place: str) -> _Bound | None:
        if s.kind == "corridor":
            return self._corridor(s, tell, place)
        if s.kind == "port":
            return self._port(s, tell)
        if s.kind == "stock":
            return self._stock(s, tell, place)
        if s.kind == "final_demand":
            lines = (
                self._regions(s, tell)[self.e.final_region] & self._products(s, tell)[self.e.final_product]
            )
            users = self.places.categories.mask(s.categories or ("all",), tell)
            return self._bind(s, lines & users[self.e.final_category], tell)
        if s.kind == "imports":
            pairs = self._regions(s, tell)[:, None] & self._products(s, tell)[None, :]
            return self._bind(s, pairs.ravel(), tell)
        return self._capacity(s, tell, place)

    def _capacity(self, s: Shock, tell: Tell, place: str) -> _Bound | None:
        nodes = self._nodes(s, tell)
        if s.kind == "power" or (s.kind == "fuel" and s.carrier):
            return self._energy(s, nodes, tell, place)
        if s.kind == "fuel" and self.e.carriers:
            known = " or ".join(c.code for c in self.e.carriers)
            what = "does not say which fuel is short: all that is listed is cut, whatever it uses"
            self._doubt(place, what, f"Add carrier = {known}, if only its users are meant")
        bound = self._bind(s, nodes, tell)
        if s.kind != "staff" or bound is None:
            return bound
        remote = self._remote()[self.e.node_sector[bound.where]]
        return _with(bound, weight=remote if s.remote is None else np.full(len(bound.where), s.remote))

    def _energy(self, s: Shock, nodes: Mask, tell: Tell, place: str) -> _Bound | None:
        """Nodes that buy the carrier; the amount missing is set against what they use."""
        e, carrier = self.e, self._carrier(s, tell)
        if carrier is None:
            return self._bind(s, nodes, tell)
        bought = e.slot_product == carrier.product
        by_node = np.bincount(e.slot_node[bought], e.slot_need[bought], e.n)
        final = e.final_product == carrier.product
        in_region = np.bincount(e.node_region, by_node, e.r) + np.bincount(
            e.final_region[final], (e.final_domestic + e.final_imports)[final], e.r
        )
        each = by_node * (carrier.annual / np.where(in_region > 0, in_region, np.inf))[e.node_region]
        counted = e.facts.use.get(carrier.code)
        if counted is not None:  # what a desk has counted goes before what purchases suggest
            each = np.where(np.isfinite(counted), counted, each)
        nodes = nodes & (each > 0)
        bound = self._bind(s, nodes, tell)
        if s.unit == "percent" or bound is None:
            return bound
        daily = float(each[bound.where].sum()) / YEAR
        unit = 1.0
        if s.unit != "units/day missing":
            unit = _GWH.get(carrier.unit, 0.0)
            if not unit:
                tell(f"carrier {carrier.code} is in {carrier.unit}, not in GWh", 'Use "units/day missing"')
                return None
        # path in MW: x MW over h hours a day is x h / 1000 GWh
        use = daily * unit * (1000.0 / s.hours if s.unit == "MW missing" and s.hours else 1.0)
        most = max(p.level.high for p in s.path)
        if most > use:
            what = f"{most:g} {s.unit} is more than the {use:.4g} the listed nodes use; they stop at 0"
            self._doubt(place, what, "List more users or check the unit", most - use)
        return _with(bound, use=use)

    def _carrier(self, s: Shock, tell: Tell) -> Carrier | None:
        """What is short; None where the book does not say who uses it. Percent of power need no carrier."""
        word = s.carrier or POWER
        if not s.carrier and s.unit == "percent" and not self.places.carriers.fits(POWER):
            return None
        if not self.e.carriers:
            todo = "Add what they use (`ballast book add`), or leave carrier out and give percent left"
            tell(f'the book has no carriers, so it does not say who uses "{word}"', todo)
            return None
        found = np.flatnonzero(self.places.carriers.mask([word], tell))
        if len(found) > 1:
            tell(f'"{word}" is more than one carrier', "Write a shock for each")
        return self.e.carriers[found[0]] if len(found) == 1 else None

    def _corridor(self, s: Shock, tell: Tell, place: str) -> _Bound | None:
        origin = self.places.regions.mask(s.origins or ("all",), tell)
        destination = self.places.regions.mask(s.destinations or ("all",), tell)
        pairs = origin[:, None] & destination[None, :]
        if s.both_ways:
            pairs = pairs | pairs.T
        if not s.within:
            np.fill_diagonal(pairs, False)
        bound = self._bind(s, pairs.ravel(), tell)
        products = self._products(s, tell, "goods")
        if not products.any():
            tell("no product of this book travels this way", "Give products = [...]")
        if bound is None or not s.mode:
            return bound and _with(bound, products=products)
        share = mode_share(self.e.facts, s.mode, self.e.r).ravel()[bound.where]
        if np.isnan(share).all():
            tell(
                f"the book knows no corridor by {s.mode} here",
                "Give `share` instead, or add corridors to the book",
            )
        elif not np.nan_to_num(share).any():
            self._doubt(place, f"does nothing: nothing goes by {s.mode} here", NOTHING)
        return _with(bound, products=products, weight=np.nan_to_num(share))

    def _port(self, s: Shock, tell: Tell) -> _Bound | None:
        e = self.e
        products = self._products(s, tell, "goods")
        where: list[Ints] = []
        for mask in self._hinterland(s, tell):
            out = np.flatnonzero(mask[e.node_region] & products[e.node_sector])
            into = np.flatnonzero((mask[:, None] & products[None, :]).ravel())
            where += [out.astype(np.int32), into.astype(np.int32)]
        bound = self._bind(s, np.ones(1, bool), tell)
        return bound and _with(bound, hinterland=tuple(where))

    def _hinterland(self, s: Shock, tell: Tell) -> list[Mask]:
        """The regions of each share; a region has one, by whatever names it is called."""
        regions = self.places.regions
        masks = [regions.mask([word], lambda what, todo: None) for word, _ in s.hinterland]
        before = len(self.found)
        regions.mask([word for word, _ in s.hinterland], tell)
        twice = np.sum(masks, axis=0) > 1
        if len(self.found) == before and twice.any():
            codes = ", ".join(self.e.regions[r].code for r in np.flatnonzero(twice)[:FEW])
            tell(f"the hinterland gives more than one share to {codes}", "Give each region one share")
        return masks

    def _stock(self, s: Shock, tell: Tell, place: str) -> _Bound | None:
        e = self.e
        slots = self._nodes(s, tell)[e.slot_node] & self._products(s, tell)[e.slot_product]
        bound = self._bind(s, slots, tell)
        if bound is None:
            return None
        need = float(e.slot_need[bound.where].sum()) / YEAR
        if s.unit == "money" and need <= 0:
            tell("nobody listed uses this product", "Check products and regions")
        most = max(p.level.high for p in s.path) / (need if s.unit == "money" and need > 0 else 1.0)
        if doubt := stock_doubt(s, e, bound.where, most):
            self._doubt(place, *doubt)
        return _with(bound, need=need)

    def _regions(self, s: Shock, tell: Tell) -> Mask:
        found = self.places.regions.mask(s.regions or ("all",), tell)
        return found & ~self.places.regions.mask(s.not_regions, tell)

    def _products(self, s: Shock, tell: Tell, default: str = "all") -> Mask:
        found = self.places.sectors.mask(s.products or (default,), tell)
        return found & ~self.places.sectors.mask(s.not_products, tell)

    def _nodes(self, s: Shock, tell: Tell) -> Mask:
        """Nodes in the regions AND of the sectors, or named; less those excluded."""
        e, regions, sectors = self.e, self.places.regions, self.places.sectors
        found = np.zeros(e.n, bool) if s.nodes else np.ones(e.n, bool)
        if s.regions or s.sectors:
            found = regions.mask(s.regions or ("all",), tell)[e.node_region]
            found &= sectors.mask(s.sectors or ("all",), tell)[e.node_sector]
        if s.nodes:
            found |= self.places.nodes.mask(s.nodes, tell)
        found &= ~regions.mask(s.not_regions, tell)[e.node_region]
        return found & ~sectors.mask(s.not_sectors, tell)[e.node_sector]

    @cached_property
    def _imports(self) -> Floats:
        return imports(self.e)

    def _remote(self) -> Floats:
        """[K] what goes on from home, 0 for whoever makes things."""
        table = _remote_table()
        return np.array([0.0 if s.goods or s.industry else table.get(s.like, 0.0) for s in self.e.sectors])

    def _bind(self, s: Shock, mask: Mask, tell: Tell) -> _Bound | None:
        where = np.flatnonzero(mask).astype(np.int32)
        if not len(where):
            tell("touches nothing in this book", "Check the regions, sectors and products together")
            return None
        start = self.scenario.start
        scale = 0.01 if s.unit == "percent" else 1.0
        low, mid, high = (
            np.array([getattr(p.level, side) for p in s.path]) * scale for side in ("low", "value", "high")
        )
        return _Bound(
            shock=s,
            days=self.scenario.days,
            start=np.array([(p.date - start).days for p in s.path], np.int32),
            stop=self.scenario.days if s.until is None else (s.until - start).days + 1,
            where=where,
            low=low,
            mid=mid,
            high=high,
        )


def _with(bound: _Bound, **changes: object) -> _Bound:
    return _Bound(**{**vars(bound), **changes})


_GWH = {
    "GWh": 1.0, "TWh": 1e3, "MWh": 1e-3, "kWh": 1e-6, "100 million kWh": 100.0, "亿千瓦时": 100.0,
}  # fmt: skip


@lru_cache(maxsize=1)
def _remote_table() -> dict[str, float]:
    """remote.toml: all 42 codes, 0 where the file says nothing."""
    text = (resources.files("ballast.scenario") / "remote.toml").read_text(encoding="utf-8")
    said = tomllib.loads(text)["remote"]
    return {f"{i:02d}": float(said.get(f"{i:02d}", 0.0)) for i in range(1, 43)}
