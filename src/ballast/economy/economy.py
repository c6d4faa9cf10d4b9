"""The economy: who makes what, from which inputs, bought from whom. Frozen arrays and labels.

Vocabulary and shapes (N nodes, K sectors = products, R regions, S slots, L final lines, M markets):

    node     (region, sector) or a named firm       x        [N]  output
    slot     one product one node needs             slot_*   [S]  product, node, market, domestic, imports
    final    one product one final user needs       final_*  [L]  product, region, category, market, ...
    market   a mix of suppliers, shared by every    market_ptr [M+1], market_supplier [E], market_share [E]
             slot and final line that buys alike    (CSR: the suppliers of market m and their shares, sum 1)

Money is annual, at producer prices, in `unit`. The flow i -> j (Z_ij) is
sum over the slots of j with product s(i) of domestic value x share of i in the slot's market.
Most tables are compiled by giving every buyer in a region the same mix of origins for a product;
then 1.7 million links of a 31 x 42 table are 40 thousand shares, and everything downstream is
forty times cheaper. Where every slot has its own mix, each has its own market and nothing is lost.
`Economy.from_links` finds the markets of any table, `Economy.from_slots` takes those that are known;
`links` gives the flows back as CSR or CSC.

Imports stay with the slot (the non-competitive form): a slot's need is domestic + imports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballast.arrays import YEAR, Floats, Ints, inverse, sums
from ballast.economy import identity
from ballast.economy.facts import NO_FACTS, Facts
from ballast.economy.whole import faults, raise_faults, unfit
from ballast.errors import Finding
from ballast.evidence import Grade, Operation, Source
from ballast.shown import Shown
from ballast.text import Text

_Array = TypeVar("_Array", bound="np.ndarray[Any, Any]")

COUNTRY = Text("the whole country", "全国")
_ARRAYS: dict[str, type] = {
    "node_region": np.int32,
    "node_sector": np.int32,
    "output": np.float64,
    "exports": np.float64,
    "slot_product": np.int32,
    "slot_node": np.int32,
    "slot_market": np.int32,
    "slot_domestic": np.float64,
    "slot_imports": np.float64,
    "final_product": np.int32,
    "final_region": np.int32,
    "final_category": np.int32,
    "final_market": np.int32,
    "final_domestic": np.float64,
    "final_imports": np.float64,
    "market_ptr": np.int64,
    "market_supplier": np.int32,
    "market_share": np.float64,
}


@dataclass(frozen=True, slots=True)
class Region:
    """A region: a stable code, its names, and where it sits on a tile map (column, row)."""

    code: str
    name: Text
    tile: tuple[int, int] | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector and the one product it makes.

    `industry`: counted in industrial value added. `goods`: a thing that travels by road, rail or
    ship (a closed corridor stops it). `storable`: can be held in stock. `group` gathers sectors
    for charts and for scenarios ("manufacturing", "energy", ...). `product` is what the product is
    called where that is not the name of the sector: refineries make oil products. `like` is the class
    whose parameters the sector takes: a code of the 42 sectors in `classes`, or nothing.
    """

    code: str
    name: Text
    industry: bool = False
    goods: bool = False
    storable: bool = False
    group: str = ""
    aliases: tuple[str, ...] = ()
    product: Text | None = None
    like: str = ""

    @property
    def makes(self) -> Text:
        """The name of the product."""
        return self.product or self.name


@dataclass(frozen=True, slots=True)
class Carrier:
    """An energy carrier the book knows in physical units: what a shortage in GWh or tonnes means.

    `product` is the index of the product that delivers it; `annual` [R] is what each region uses in
    a year, in `unit`. A node's share of its region's use is its share of the purchases of `product`.
    """

    code: str
    name: Text
    product: int
    unit: str
    annual: Floats
    grade: Grade = Grade.D


@dataclass(frozen=True, eq=False, repr=False)
class Economy(Shown):
    """An immutable economy. Every operation returns a new one; arrays are read-only.

    >>> import ballast
    >>> economy = ballast.load_book("teaching")
    >>> economy.n, economy.node_name(5).en, float(economy.output[5])
    (12, 'Coast, Parts', 90.0)
    >>> economy.to_pandas("regions").output.to_dict()
    {'N': 310.0, 'C': 440.0, 'W': 230.0}
    >>> economy.plot.chain("N.vehicles").title
    'Where North, Vehicles gets what it buys most of'

    `share_low` and `share_high` are market shares [E] under other trade assumptions (nearer or
    farther, say) with the same margins, so that any mixture with `market_share` still
    balances; the ensemble samples between them. They default to `market_share`.
    """

    name: str
    title: Text
    unit: str
    currency: str
    year: int
    regions: tuple[Region, ...]
    sectors: tuple[Sector, ...]
    categories: tuple[tuple[str, Text], ...]
    value_added_labels: tuple[tuple[str, Text], ...]

    node_region: Ints
    node_sector: Ints
    output: Floats
    exports: Floats
    value_added: Floats  # [V, N]

    slot_product: Ints
    slot_node: Ints
    slot_market: Ints
    slot_domestic: Floats
    slot_imports: Floats

    final_product: Ints
    final_region: Ints
    final_category: Ints
    final_market: Ints
    final_domestic: Floats
    final_imports: Floats

    market_ptr: NDArray[np.int64]
    market_supplier: Ints
    market_share: Floats

    node_ids: tuple[str, ...] | None = None  # [N] what their owner calls the nodes, for good
    node_labels: tuple[Text | None, ...] | None = None  # [N] names of firms; None for the rest of a sector
    share_low: Floats | None = None
    share_high: Floats | None = None
    grades: Mapping[str, Grade] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    node_grade: tuple[Grade, ...] | None = None
    carriers: tuple[Carrier, ...] = ()
    history: tuple[Operation, ...] = ()
    facts: Facts = NO_FACTS  # what a desk knows beyond the table
    scope: Text = COUNTRY  # what all regions together are called in a sentence
    findings: tuple[Finding, ...] = ()  # what was doubtful when its table was read

    def __post_init__(self) -> None:
        for name, kind in _ARRAYS.items():
            _freeze(self, name, kind)
        _freeze(self, "value_added", np.float64)
        for name in ("share_low", "share_high"):
            if getattr(self, name) is None:
                object.__setattr__(self, name, self.market_share)
            _freeze(self, name, np.float64)
        if self.node_ids is not None:
            object.__setattr__(self, "node_ids", tuple(self.node_ids))
        if self.node_labels is not None and not any(self.node_labels):  # as good as none
            object.__setattr__(self, "node_labels", None)
        raise_faults(self.name, faults(self))

    # ---- sizes -----------------------------------------------------------------------------

    @property
    def n(self) -> int:
        """Number of nodes N."""
        return len(self.output)

    @property
    def k(self) -> int:
        """Number of sectors, which is the number of products K."""
        return len(self.sectors)

    @property
    def r(self) -> int:
        """Number of regions R."""
        return len(self.regions)

    # ---- labels ----------------------------------------------------------------------------

    @cached_property
    def node_codes(self) -> tuple[str, ...]:
        """One code a node: its id, else "region.sector", with "#n" for further nodes of the same pair."""
        if self.node_ids is not None:
            return self.node_ids
        return identity.derived(map(self.pair_code, range(self.n)))

    @cached_property
    def node_rank(self) -> NDArray[np.int64]:
        """[N] the place of each node in the order of codes: what settles a tie, as positions must not."""
        codes = self.node_codes
        order = sorted(range(self.n), key=lambda i: (len(codes[i]), codes[i]))
        return _readonly(inverse(np.array(order, np.int64)))

    def pair_code(self, i: int) -> str:
        """Region and sector of node i, which several nodes may share."""
        return identity.pair(self.regions[self.node_region[i]].code, self.sectors[self.node_sector[i]].code)

    def node_name(self, i: int) -> Text:
        """The name of node i in both languages; beside nodes with a name of their own it is the others of
        its region and sector. Further ones without a name are numbered.
        """
        if (label := self._label(i)) is not None:
            return label
        region = self.regions[self.node_region[i]].name
        sector = self.sectors[self.node_sector[i]].name
        number, beside = self._unnamed
        mark = f" #{number[i]}" if number[i] > 1 else ""
        other = Text("other ", "其他") if beside[i] else Text("", "")
        return Text(f"{region.en}, {other.en}{sector.en}{mark}", f"{region.zh}·{other.zh}{sector.zh}{mark}")

    def has_own_name(self, i: int) -> bool:
        """Whether node i is called otherwise than by its region and sector alone."""
        number, beside = self._unnamed
        return self._label(i) is not None or beside[i] or number[i] > 1

    def seller_name(self, i: int) -> Text:
        """The name of node i beside that of its product: the region says it, unless there are several."""
        if self._label(i) is not None or self.namesakes[i] > 1:
            return self.node_name(i)
        region: Region = self.regions[self.node_region[i]]
        return region.name

    def _label(self, i: int) -> Text | None:
        return None if self.node_labels is None else self.node_labels[i]

    @cached_property
    def namesakes(self) -> NDArray[np.intp]:
        """[N] nodes of the same region and sector, itself included."""
        return _readonly(np.bincount(self._pair)[self._pair])

    @cached_property
    def _pair(self) -> NDArray[np.intp]:
        """[N] one number for each pair of region and sector."""
        return _readonly(self.node_region.astype(np.intp) * self.k + self.node_sector)

    @cached_property
    def _unnamed(self) -> tuple[list[int], list[bool]]:
        """[N] the number of each node among those of its pair that have no label, and whether others there
        have one. Counted in the order of ids, so that a name stays.
        """
        named = np.array([self._label(i) is not None for i in range(self.n)], bool)
        number, pair = [1] * self.n, self._pair.tolist()
        if not (self.namesakes > 1).any():
            return number, [False] * self.n
        order: Any = range(self.n)
        if (ids := self.node_ids) is not None:
            order = sorted(order, key=lambda i: (len(ids[i]), ids[i]))
        seen: Counter[int] = Counter()
        for i in order:
            if not named[i]:
                seen[pair[i]] += 1
                number[i] = seen[pair[i]]
        return number, (~named & (np.bincount(self._pair, named)[self._pair] > 0)).tolist()

    @cached_property
    def unfit(self) -> tuple[str, ...]:
        """Why no run can start from it: amounts that are none. `economy.check` finds more, by name."""
        return unfit(self)

    # ---- derived flows ---------------------------------------------------------------------

    @cached_property
    def total_value_added(self) -> Floats:
        """[N] value added, all components."""
        return _readonly(self.value_added.sum(axis=0))

    @cached_property
    def is_industry(self) -> NDArray[np.bool_]:
        """[N] whether a node counts in industrial value added."""
        flags = np.array([s.industry for s in self.sectors])
        return _readonly(flags[self.node_sector])

    @cached_property
    def industrial_value_added(self) -> Floats:
        """[N] value added a year of the nodes that count as industry, 0 of the others."""
        return _readonly(np.where(self.is_industry, self.total_value_added, 0.0))

    @cached_property
    def daily_industrial_value_added(self) -> Floats:
        """[N] value added a day of the nodes that count as industry, 0 of the others."""
        return _readonly(self.industrial_value_added / YEAR)

    @cached_property
    def slot_need(self) -> Floats:
        """[S] what the slot uses in a year, domestic and imported."""
        return _readonly(self.slot_domestic + self.slot_imports)

    @cached_property
    def market_purchases(self) -> Floats:
        """[M] annual domestic purchases through each market, intermediate and final."""
        m = len(self.market_ptr) - 1
        return _readonly(
            sums(self.slot_market, self.slot_domestic, m) + sums(self.final_market, self.final_domestic, m)
        )

    @cached_property
    def entry_market(self) -> Ints:
        """[E] the market of each (market, supplier) entry."""
        counts = np.diff(self.market_ptr)
        return _readonly(np.repeat(np.arange(len(counts), dtype=np.int32), counts))

    def links(self, form: str = "csr") -> Any:
        """Z [N, N] in scipy CSR or CSC, float64: flow from row i to column j."""
        shares = sparse.csr_array(
            (self.market_share, self.market_supplier, self.market_ptr),
            shape=(len(self.market_ptr) - 1, self.n),
        )
        to_node = sparse.csr_array(
            (self.slot_domestic, (self.slot_market, self.slot_node)),
            shape=(shares.shape[0], self.n),
        )
        z = shares.T @ to_node
        return z.tocsc() if form == "csc" else z.tocsr()

    def domestic_sales(self) -> Floats:
        """[N] what each node sells to nodes and to final users at home."""
        value = self.market_purchases[self.entry_market] * self.market_share
        return sums(self.market_supplier, value, self.n)

    def input_cost(self) -> Floats:
        """[N] intermediate inputs of each node, domestic and imported."""
        return sums(self.slot_node, self.slot_need, self.n)

    # ---- operations ------------------------------------------------------------------------

    def scaled(self, factor: float) -> Economy:
        """The same economy with all money multiplied by `factor`."""
        money = (
            "output",
            "exports",
            "value_added",
            "slot_domestic",
            "slot_imports",
            "final_domestic",
            "final_imports",
        )
        return replace(self, **{name: getattr(self, name) * factor for name in money})

    def permuted(self, order: Sequence[int] | Ints) -> Economy:
        """The same economy with nodes relabelled: new node p is old node order[p]. Each keeps its code:
        those of nodes that share a pair go by their order, and become ids.
        """
        order_ = np.asarray(order, dtype=np.int32)
        new_of_old = inverse(order_).astype(np.int32)
        ids = self.node_codes if self.node_ids is not None or (self.namesakes > 1).any() else None
        return replace(
            self,
            node_region=self.node_region[order_],
            node_sector=self.node_sector[order_],
            output=self.output[order_],
            exports=self.exports[order_],
            value_added=self.value_added[:, order_],
            slot_node=new_of_old[self.slot_node],
            market_supplier=new_of_old[self.market_supplier],
            node_ids=None if ids is None else tuple(ids[i] for i in order_),
            node_labels=None if self.node_labels is None else tuple(self.node_labels[i] for i in order_),
            node_grade=None if self.node_grade is None else tuple(self.node_grade[i] for i in order_),
            facts=self.facts.permuted(order_),
        )

    def with_trade(self, tilt: float) -> Economy:
        """The same margins with trade moved from `share_low` (tilt -1) over 0 to `share_high` (+1)."""
        if not -1.0 <= tilt <= 1.0:
            raise ValueError(f"tilt must lie in [-1, 1], got {tilt}")
        assert self.share_low is not None
        assert self.share_high is not None
        other = self.share_high if tilt > 0 else self.share_low
        share = (1 - abs(tilt)) * self.market_share + abs(tilt) * other
        return replace(self, market_share=share, share_low=share, share_high=share)

    @classmethod
    def from_links(
        cls,
        links: Any,
        *,
        final: Any,
        final_region: Sequence[int] | Ints,
        final_category: Sequence[int] | Ints,
        imports: Any = None,
        final_imports: Any = None,
        node_region: Sequence[int] | Ints,
        node_sector: Sequence[int] | Ints,
        tolerance: float = 1e-12,
        **rest: Any,
    ) -> Economy:
        """An economy from an ordinary table.

        `links` Z [N, N] and `final` Y [N, F] (scipy sparse or dense), `final_region` and
        `final_category` [F], `imports` [K, N], `final_imports` [K, F]; `rest` are the other fields.
        BookError for an amount that is no number, and for one below 0 that a node buys.
        Buyers of one product in one region whose supplier shares agree within `tolerance` share a
        market.
        """
        from ballast.economy.markets import markets_of_table

        return cls(
            node_region=np.asarray(node_region),
            node_sector=np.asarray(node_sector),
            **markets_of_table(
                links,
                final,
                imports,
                final_imports,
                node_region=np.asarray(node_region, np.int32),
                node_sector=np.asarray(node_sector, np.int32),
                final_region=np.asarray(final_region, np.int32),
                final_category=np.asarray(final_category, np.int32),
                n_sectors=len(rest["sectors"]),
                tolerance=tolerance,
            ),
            **rest,
        )

    @classmethod
    def from_slots(
        cls,
        market: Sequence[int] | Ints,
        supplier: Sequence[int] | Ints,
        amount: Sequence[float] | Floats,
        *,
        slot_product: Sequence[int] | Ints,
        slot_node: Sequence[int] | Ints,
        final_product: Sequence[int] | Ints,
        final_region: Sequence[int] | Ints,
        final_category: Sequence[int] | Ints,
        node_region: Sequence[int] | Ints,
        node_sector: Sequence[int] | Ints,
        slot_market: Sequence[int] | Ints | None = None,
        slot_domestic: Sequence[float] | Floats | None = None,
        final_market: Sequence[int] | Ints | None = None,
        final_domestic: Sequence[float] | Floats | None = None,
        slot_imports: Sequence[float] | Floats | None = None,
        final_imports: Sequence[float] | Floats | None = None,
        **rest: Any,
    ) -> Economy:
        """An economy whose slots and markets are known beforehand; nothing is searched for.

        A row of `market`, `supplier` and `amount` says what a node sells in a market in a year; rows come
        in any order, those of one supplier in one market add up, and 0 is no sale. `rest` are the other
        fields.

        Without `slot_market` and `final_market` every line has a market of its own: slot s buys in market
        s, final line l in market S + l, so `market` is the slot of each link, and a line buys at home what
        is sold to it. With them `slot_domestic` and `final_domestic` say who buys how much. BookError names
        the first rows that do not fit: a market is one product bought in one region, and its suppliers sell
        what its buyers buy. Only what final users buy may be below 0, as stocks that are run down, and then
        all that is sold in their market is.
        """
        from ballast.economy.markets import imports_of, lines_of, markets_of_lines, places

        region, sector = places("node_region", node_region), places("node_sector", node_sector)
        lines = lines_of(
            (slot_product, slot_node, slot_market, slot_domestic),
            (final_product, final_region, final_market, final_domestic),
            region,
        )
        domestic, markets = markets_of_lines(market, supplier, amount, lines, sector)
        slots, finals = np.size(slot_node), np.size(final_product)
        made = cls(
            node_region=region,
            node_sector=sector,
            slot_product=lines.product[:slots],
            slot_node=places("slot_node", slot_node),
            slot_market=lines.market[:slots],
            slot_domestic=domestic[:slots],
            slot_imports=imports_of("slot_imports", slot_imports, slots, least=0.0),
            final_product=lines.product[slots:],
            final_region=lines.region[slots:],
            final_category=places("final_category", final_category),
            final_market=lines.market[slots:],
            final_domestic=domestic[slots:],
            final_imports=imports_of("final_imports", final_imports, finals, least=-np.inf),
            **markets,
            **rest,
        )
        raise_faults(made.name, made.unfit)
        return made


def _readonly(array: _Array) -> _Array:
    array.flags.writeable = False
    return array


def _freeze(economy: Economy, name: str, kind: type) -> None:
    value: NDArray[Any] = np.ascontiguousarray(getattr(economy, name), dtype=kind)
    if value.flags.writeable:
        value = value.copy() if value is getattr(economy, name) else value
        value.flags.writeable = False
    object.__setattr__(economy, name, value)
