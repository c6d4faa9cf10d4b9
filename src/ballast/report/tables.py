"""The report's tables once, for HTML, Word and Excel: columns with a kind, rows of raw values.

    cases, whitelist, blockages, stops, landings, regions, sectors, evidence

A cell is a Text (names and sentences), a number, a date, a bool, a string or None. `formatted` gives
what HTML and Word print; Excel takes the raw values with a number format.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from ballast import safe, units
from ballast.report.facts import Facts
from ballast.report.words import Words, table
from ballast.text import Lang, Text

if TYPE_CHECKING:
    from ballast.economy import Economy
    from ballast.response import Blockage, Response

Kind = Literal["text", "long", "name", "int", "money", "rate", "pct", "dev", "band", "date", "flag", "link"]
Cell = Any  # Text | Link | str | float | int | dt.date | bool | None
MONEY = ("money", "rate")
NUMERIC = ("int", *MONEY, "pct", "dev")
MOST = 50  # rows of stops and of cases on a page; the workbook has all


@dataclass(frozen=True, slots=True)
class Link:
    """A source: its words and, where it has one, its address."""

    words: str
    address: str

    @property
    def href(self) -> str:
        """The address if it is one that a browser may open, or nothing."""
        return safe.address(self.address)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `col.<key>` in words.toml is its header."""

    key: str
    kind: Kind
    width: int = 12


@dataclass(frozen=True, eq=False)
class Table:
    """Rows to show; `rest` counts those left out."""

    key: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    rest: int = 0

    def only(self, keys: Sequence[str]) -> Table:
        """The same table with these columns."""
        keep = [i for i, c in enumerate(self.columns) if c.key in keys]
        rows = tuple(tuple(row[i] for i in keep) for row in self.rows)
        return Table(self.key, tuple(self.columns[i] for i in keep), rows, self.rest)

    def money_column(self, index: int, facts: Facts, lang: Lang) -> units.Column:
        """The money unit of one column: all of a table share that of the first; money a day has its own."""
        if self.columns[index].kind == "rate":
            return facts.money.column([row[index] for row in self.rows], lang)
        first = next(i for i, c in enumerate(self.columns) if c.kind == "money")
        own, lead = ([row[i] for row in self.rows] for i in (index, first))
        return facts.money.column(own, lang, like=lead)

    def headers(self, facts: Facts, lang: Lang, values: Lang | None = None) -> list[str]:
        """Header texts, with the unit where the column has one; `values` is the language of the numbers."""
        words = Words(lang)
        out = []
        for i, column in enumerate(self.columns):
            text = words(f"col.{column.key}")
            if column.kind in MONEY:
                unit = self.money_column(i, facts, values or lang)
                label = unit.label if values in (None, lang) else unit.other
                text = words("col.with_unit", name=text, unit=label)
            elif column.kind in ("pct", "dev", "band"):
                text = words("col.with_unit", name=text, unit="%")
            out.append(text)
        return out

    def formatted(self, facts: Facts, lang: Lang) -> list[list[str]]:
        """Cells as printed."""
        money = {
            i: self.money_column(i, facts, lang) for i, c in enumerate(self.columns) if c.kind in MONEY
        }
        return [
            [
                money[i].text(cell) if i in money else printed(cell, self.columns[i].kind, lang)
                for i, cell in enumerate(row)
            ]
            for row in self.rows
        ]


def printed(cell: Cell, kind: Kind, lang: Lang) -> str:
    """One cell as text."""
    if cell is None or (isinstance(cell, float) and cell != cell):
        return "–"
    if isinstance(cell, Text):
        return cell[lang]
    if isinstance(cell, Link):
        return cell.words
    if kind == "date":
        return units.day(cell, lang)
    if kind == "flag":
        return Words(lang)("flag.yes" if cell else "flag.no")
    if kind == "int":
        return units.number(cell)
    if kind == "pct":
        return units.number(cell)
    if kind == "dev":
        return units.signed(cell)
    return str(cell)


# ---- names -------------------------------------------------------------------------------------


def node_name(e: Economy, node: int) -> Text:
    """The name of a node; -1 is abroad."""
    return table()["place.abroad"] if node < 0 else e.node_name(node)


def supplier_name(e: Economy, node: int, product: int) -> Text:
    """A supplier beside the name of its product."""
    return node_name(e, node) if node < 0 or e.node_sector[node] != product else e.seller_name(node)


def region_name(e: Economy, region: int) -> Text:
    return table()["place.abroad"] if region < 0 else e.regions[region].name


def product_name(e: Economy, product: int) -> Text:
    return Text("–", "–") if product < 0 else e.sectors[product].makes


def region_by_code(e: Economy, code: str) -> Text:
    """The name of a region code; "all" is all of them together."""
    found = {r.code: r.name for r in e.regions}
    return whole(e.scope) if code in ("", "all") else found.get(code, Text(code, code))


def whole(scope: Text) -> Text:
    """What all regions together are called, as the name of a region."""
    return Text(scope.en.removeprefix("the "), scope.zh)


def known_text(key: str, code: str) -> Text:
    """Words for a code that comes from outside; the code itself when there are none."""
    return table().get(f"{key}.{code}", Text(code, code)) if code else Text("–", "–")


def share(value: float) -> float:
    """Levels and chances come as shares of one; people read percent."""
    return 100.0 * float(value)


# ---- tables ------------------------------------------------------------------------------------


def cases(response: Response, most: int | None = MOST) -> Table:
    e = response.economy
    columns = (
        Column("rank", "int", 6),
        Column("supplier", "name", 18),
        Column("product", "name", 20),
        Column("customer", "name", 26),
        Column("short_from", "date", 19),
        Column("at_stake", "money", 14),
        Column("shortfall", "rate", 14),
        Column("corridor", "flag", 10),
        Column("reason", "long", 48),
    )
    rows = tuple(
        (
            c.rank,
            supplier_name(e, c.supplier, c.product),
            product_name(e, c.product),
            node_name(e, c.customer),
            as_date(c.day),
            c.value_at_stake,
            c.daily_shortfall,
            bool(c.through_corridor),
            c.reason,
        )
        for c in response.cases
    )
    shown = rows if most is None else rows[:most]
    return Table("cases", columns, shown, len(rows) - len(shown))


def whitelist(response: Response) -> Table:
    e = response.economy
    columns = (
        Column("rank", "int", 6),
        Column("put_back", "name", 32),
        Column("gain", "money", 14),
        Column("cumulative", "money", 16),
        Column("why", "long", 52),
    )
    rows = tuple(
        (p.rank, node_name(e, p.node), p.gain, p.cumulative, p.words) for p in response.relief.picks
    )
    return Table("whitelist", columns, rows)


def blockages(response: Response) -> Table:
    e = response.economy
    columns = (
        Column("rank", "int", 6),
        Column("clear", "name", 40),
        Column("saved", "money", 14),
        Column("there", "money", 14),
        Column("part_of", "int", 8),
        Column("customers", "int", 11),
        Column("at_stake_most", "name", 26),
        Column("missing", "name", 20),
        Column("short_since", "date", 19),
        Column("days_short", "int", 9),
        Column("left_worst", "pct", 12),
        Column("needs", "money", 14),
    )
    rows = tuple(
        (
            b.rank,
            b.title,
            b.saved,
            b.inside,
            b.part_of or None,
            *_customer(e, b),
            b.needs if b.kind == "input" else None,
        )
        for b in response.blockages
    )
    keep = [
        c.key for c in columns if c.key != "needs" or any(b.kind == "input" for b in response.blockages)
    ]
    return Table("blockages", columns, rows).only(keep)


def _customer(e: Economy, b: Blockage) -> tuple[Cell, ...]:
    """How many wait; of the customer through which a blockage is told, name, product, day, days, level."""
    if b.product < 0:
        return (None, Text("–", "–"), Text("–", "–"), None, None, None)
    day, level = as_date(b.first_day), share(b.worst_level)
    return (b.customers, node_name(e, b.node), product_name(e, b.product), day, b.days, level)


def stops(response: Response, most: int | None = MOST) -> Table:
    e = response.economy
    columns = (
        Column("stopped", "name", 30),
        Column("cause", "name", 16),
        Column("missing", "name", 22),
        Column("first_day", "date", 19),
        Column("days", "int", 7),
        Column("level", "pct", 10),
        Column("lost", "money", 14),
    )
    products = {s.code: s.name for s in e.sectors}
    rows = tuple(
        (
            node_name(e, int(r.node)),
            known_text("cause", str(r.cause)),
            products.get(str(r.product), Text("–", "–")),
            as_date(r.first_day),
            int(r.days),
            share(r.worst_level),
            float(r.lost),
        )
        for r in response.stops.itertuples()
    )
    shown = rows if most is None else rows[:most]
    return Table("stops", columns, shown, len(rows) - len(shown))


def landings(response: Response) -> Table:
    e = response.economy
    columns = (
        Column("indicator", "name", 21),
        Column("region", "name", 14),
        Column("period", "text", 12),
        Column("range", "band", 15),
        Column("nothing", "dev", 14),
        Column("nothing_band", "band", 17),
        Column("plan", "dev", 12),
        Column("plan_band", "band", 17),
        Column("inside_nothing", "pct", 14),
        Column("inside_plan", "pct", 14),
    )
    rows = tuple(
        (
            indicator_name(x.target.indicator, x.target.region or ""),
            region_by_code(e, x.target.region or ""),
            period_name(x.target.period),
            band_text(x.target.low, x.target.high),
            x.nothing.mid,
            band_text(x.nothing.low, x.nothing.high),
            x.plan.mid,
            band_text(x.plan.low, x.plan.high),
            share(x.probability_nothing),
            share(x.probability_plan),
        )
        for x in response.landings
    )
    return Table("landings", columns, rows)


def evidence(response: Response) -> Table:
    columns = (
        Column("group", "name", 18),
        Column("parameter", "name", 34),
        Column("value", "text", 12),
        Column("span", "text", 16),
        Column("unit", "name", 10),
        Column("grade", "text", 8),
        Column("source", "link", 52),
    )
    rows = tuple(
        (
            x.group,
            x.name,
            x.value,
            table()["range.both"].format(low=x.low, high=x.high) if x.low or x.high else "",
            x.unit,
            str(x.grade),
            Link(x.source, x.address),
        )
        for x in response.evidence
    )
    return Table("evidence", columns, rows)


# ---- matrices ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Matrix:
    """Rows x months of deviations, do nothing; the worst row first."""

    names: tuple[Text, ...]
    codes: tuple[str, ...]
    months: tuple[str, ...]
    values: pd.DataFrame  # index codes, columns months


def sector_months(response: Response, facts: Facts) -> Matrix:
    """Industrial sectors by month, sorted by their worst month."""
    names = {s.code: s.name for s in response.economy.sectors if s.industry}
    return _matrix(response.by_sector, "sector", names, facts.shown)


def region_months(response: Response, facts: Facts) -> Matrix:
    """Regions by month, sorted by their worst month."""
    names = {r.code: r.name for r in response.economy.regions}
    return _matrix(response.by_region, "region", names, facts.shown)


def _matrix(data: pd.DataFrame, key: str, names: dict[str, Text], months: tuple[str, ...]) -> Matrix:
    wide = data[data[key].isin(names)].pivot(index=key, columns="month", values="nothing")
    wide = wide.reindex(columns=list(months))
    wide = wide.loc[wide.min(axis=1).sort_values(kind="stable").index]
    codes = tuple(str(c) for c in wide.index)
    return Matrix(tuple(names[c] for c in codes), codes, months, wide)


# ---- small texts -------------------------------------------------------------------------------


def as_date(value: Any) -> dt.date:
    """A date from whatever a table holds."""
    return value if type(value) is dt.date else pd.Timestamp(value).date()


def indicator_name(code: str, region: str = "all") -> Text:
    """The name of an indicator; of the whole country it may have another."""
    nation = f"indicator.{code}_nation"
    return (
        table()[nation]
        if region in ("", "all") and nation in table()
        else known_text("indicator", str(code))
    )


def period_name(period: Any) -> Text:
    """2022-Q2 -> Q2 2022 / 2022年二季度; a month or a year likewise; anything else as it is."""
    text = str(period).upper()
    if len(text) == 7 and text[5] == "Q" and text[6] in "1234":
        return Text(f"Q{text[6]} {text[:4]}", f"{text[:4]}年{'一二三四'[int(text[6]) - 1]}季度")
    if len(text) == 7 and text[4] == "-":
        return Text(units.month(text, "en"), units.month(text, "zh"))
    if len(text) == 4 and text.isdigit():
        return Text(text, f"{text}年")
    return Text(text, text)


def range_text(low: float | None, high: float | None) -> Text:
    """The interval an indicator should end in; one side may be open."""
    if low is None or high is None:
        side, value = ("above", low) if high is None else ("below", high)
        return table()[f"range.{side}"].format(value=units.percent(value))
    return _each(lambda lang: Words(lang)("range.both", low=units.percent(low), high=units.percent(high)))


def band_text(low: float | None, high: float | None) -> Text:
    """Two ends in percent, for a column whose header says so; an open end is left open."""
    if low is None or high is None:
        side, value = ("above", low) if high is None else ("below", high)
        return table()[f"range.{side}"].format(value=units.number(value, 1))
    return _each(
        lambda lang: Words(lang)("range.both", low=units.number(low, 1), high=units.number(high, 1))
    )


def _each(make: Callable[[Lang], str]) -> Text:
    return Text(make("en"), make("zh"))


def every(response: Response) -> Iterable[Table]:
    """All tables, for Excel and for tests."""
    return (
        cases(response, None),
        whitelist(response),
        blockages(response),
        stops(response, None),
        landings(response),
        evidence(response),
    )
