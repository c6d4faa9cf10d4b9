"""Which pictures there are of what; each method gives a `Chart`.

    EconomyPlots    map (who has most of it), chain (where a node's inputs come from)
    RunPlots        path (beside another run, if asked), map of a month, chain (why a node fell)
    ResponsePlots   path, map, chain of a blockage, relief, landing: those of the report

`lang` is "en" or "zh"; without it the terminal's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ballast import terminal, units
from ballast.answer import chains
from ballast.arrays import Floats, sums
from ballast.economy import Economy
from ballast.economy.portrait import find_node
from ballast.errors import InputError, nearest
from ballast.propagate.run import STOPS, Run
from ballast.report import charts, facts, html, tables
from ballast.report.html import Box
from ballast.report.words import Words
from ballast.response import Band, Response
from ballast.show.card import moved, national, worst_month
from ballast.show.chains import chain_chart
from ballast.show.chart import Chart, Panel, identity, row
from ballast.show.words import WORDS, say
from ballast.text import LANGS, Lang, Text
from ballast.units import Money

CHAIN = ("rho", *STOPS)  # arrays of a run that say why a node fell
LONGEST = 5  # boxes above the buyer in the chain of an economy


def of(thing: Any) -> Any:
    """The pictures of a thing."""
    if isinstance(thing, Economy):
        return EconomyPlots(thing)
    return RunPlots(thing) if isinstance(thing, Run) else ResponsePlots(thing)


class _Plots:
    """What all have in common: a picture that this kind does not have is named with where it is."""

    _elsewhere: ClassVar[Mapping[str, str]]

    def __repr__(self) -> str:
        there = self._there()
        listed = Text(", ".join(there), "、".join(there))
        return say("pictures", terminal.language(), list=listed)

    @classmethod
    def _there(cls) -> list[str]:
        """What can be called for a picture; asked of the class, as what is asked of a thing ends below."""
        kinds = ("path", "map", "chain", "relief", "landing")
        return [f".{kind}()" for kind in kinds if hasattr(cls, kind)]

    def __getattr__(self, name: str) -> Any:
        unknown = f"there is no picture called {name!r}. There are: {', '.join(self._there())}."
        raise AttributeError(self._elsewhere.get(name, unknown))


def _spoken(lang: str | None) -> Lang:
    """The language asked for, or the terminal's; InputError for one that nothing is written in."""
    if lang is None:
        return terminal.language()
    if lang not in LANGS:
        raise InputError(
            f'lang: there are no pictures in {lang!r}. Give "en" or "zh", or leave it out for the '
            "terminal's language."
        )
    return "zh" if lang == "zh" else "en"


# ---- economy -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class EconomyPlots(_Plots):
    """Pictures of an economy at rest."""

    economy: Economy
    _elsewhere: ClassVar[Mapping[str, str]] = {
        "path": "an economy has no path: simulate(economy, scenario).plot.path()",
        "relief": "an economy has no relief: respond(scenario).plot.relief()",
        "landing": "an economy has no landing: respond(scenario).plot.landing()",
    }

    def map(self, of: str = "value_added", lang: Lang | None = None) -> Chart:
        """Each region's share of the country's `of`: value_added, industry, gross (output) or exports."""
        e, lang = self.economy, _spoken(lang)
        found = {
            "value_added": e.total_value_added, "industry": e.industrial_value_added, "gross": e.output,
            "exports": e.exports,
        }  # fmt: skip
        if of not in found:
            raise InputError(f"map: there is no {of!r} by region. Use one of: {', '.join(found)}.")
        values = sums(e.node_region, found[of], e.r)
        if not values.sum() > 0:
            raise InputError(f"map: the book {e.name} has no {of}.")
        share = 100.0 * values / values.sum()
        what, most = WORDS[of], int(np.argmax(share))
        by_code = {r.code: float(v) for r, v in zip(e.regions, share, strict=True)}
        named = [f"{r.name[lang]} {units.percent(by_code[r.code])}" for r in e.regions]
        alt = say("map.share_alt", lang, what=what, list=Words(lang).join(named))
        drawing = charts.tile_map(identity("map", alt), e.regions, by_code, lang, alt, signs=False)
        size = units.percent(float(share[most]))
        title = say("map.share", lang, region=e.regions[most].name, what=what, size=size)
        return Chart(title, row([(drawing, "")]), say("map.share_note", lang, what=what))

    def chain(self, node: str | int, lang: Lang | None = None) -> Chart:
        """Where a node's largest input comes from, step by step. `node`: a code, a name or a number."""
        lang = _spoken(lang)
        j = _node(self.economy, node)
        boxes, arrows = _upstream(self.economy, j, lang)
        return _chain_of(
            say("chain.upstream", lang, node=self.economy.node_name(j)), boxes, arrows,
            say("chain.upstream_note", lang), lang,
        )  # fmt: skip


def _node(e: Economy, node: str | int) -> int:
    """The number of a node by its code, its name, or its number."""
    if isinstance(node, str):
        return find_node(e, node)
    if not 0 <= node < e.n:
        raise InputError(f"node {node}: the book {e.name} has nodes 0 to {e.n - 1}.")
    return int(node)


def _chain_of(title: str, boxes: list[Box], arrows: list[str], note: str, lang: Lang) -> Chart:
    listed = Words(lang).join([f"{b.role}: {b.name}" for b in boxes])
    alt = say("chain.alt", lang, list=listed)
    drawing = chain_chart(identity("chain", title, alt), boxes, arrows, alt)
    return Chart(title, row([(drawing, "")]), note)


def _upstream(e: Economy, j: int, lang: Lang) -> tuple[list[Box], list[str]]:
    """Boxes from the farthest seller down to node j, and what flows between them."""
    money, words = Money.read(e.unit, e.currency), Words(lang)
    boxes, arrows, seen = [_maker(e, j, money, lang, "end")], [], {j}
    while len(boxes) <= LONGEST:
        mine = np.flatnonzero(e.slot_node == j)
        if not len(mine) or not e.slot_need[mine].max() > 0:
            break
        slot = int(mine[np.argmax(e.slot_need[mine])])
        value, seller = _largest_seller(e, slot)
        share = units.percent(100.0 * value / float(e.slot_need[mine].sum()))
        product = e.sectors[e.slot_product[slot]].makes
        flow = {"product": product, "money": money.text(value, lang), "share": share}
        if seller in seen:  # a circle: the next box would be one of these again
            break
        arrows.append(say("chain.flow", lang, **flow))
        if seller < 0:
            boxes.append(Box(words("role.world"), product[lang], (), "root"))
            break
        boxes.append(_maker(e, seller, money, lang))
        seen.add(seller)
        j = seller
    return boxes[::-1], arrows[::-1]


def _maker(e: Economy, j: int, money: Money, lang: Lang, kind: str = "") -> Box:
    makes = say("chain.makes", lang, money=money.text(float(e.output[j]), lang))
    return Box(e.sectors[e.node_sector[j]].makes[lang], e.node_name(j)[lang], (makes,), kind)


def _largest_seller(e: Economy, slot: int) -> tuple[float, int]:
    """What the largest seller to a slot sells to it in a year, and who it is (-1 abroad)."""
    begin, end = e.market_ptr[e.slot_market[slot]], e.market_ptr[e.slot_market[slot] + 1]
    sold = e.slot_domestic[slot] * e.market_share[begin:end]
    imported = float(e.slot_imports[slot])
    if not len(sold) or imported >= sold.max():
        return imported, -1
    return float(sold.max()), int(e.market_supplier[begin + int(np.argmax(sold))])


# ---- run ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class RunPlots(_Plots):
    """Pictures of one path."""

    run: Run
    _elsewhere: ClassVar[Mapping[str, str]] = {
        "relief": "a run has no relief curve: respond(scenario).plot.relief() tries who to put back first",
        "landing": "a run has no landing: respond(scenario).plot.landing() has the ranges",
    }

    def path(
        self, beside: Run | None = None, names: tuple[str, str] | None = None, lang: Lang | None = None
    ) -> Chart:
        """Industrial value added a day, % of baseline. `beside` is another run over the same days, `names`
        what the two are called. A run that diverged is drawn up to the day before.
        """
        run, lang = self.run, _spoken(lang)
        days = min(_days(r) for r in (run, beside or run))
        if beside is not None and (beside.forcing.start, beside.forcing.days) != (
            run.forcing.start,
            run.forcing.days,
        ):
            raise InputError("path: the other run has other days. Simulate both over the same horizon.")
        first, second = names or (say("this", lang), say("other", lang))
        other = None if beside is None else _alone(national(beside)[:days])
        month, deviation = worst_month(run) if days == run.forcing.days else ("", np.nan)
        words = Words(lang, run.economy.scope)
        title = run.outcome.words[lang]
        if month:
            title = say(
                "path.title", lang, scope=run.economy.scope, move=moved(deviation, lang),
                month=units.month(month, lang),
            )  # fmt: skip
        dates = [d.date() for d in run.dates[:days]]
        alt = say(
            "path.alt", lang, first=units.day(dates[0], lang), last=units.day(dates[-1], lang), title=title
        )
        path = national(run)[:days]
        drawing = charts.path_chart(
            identity("path", alt, path.tobytes()), charts.WIDE, dates, _alone(path), other, None, (), words,
            alt, (first, second),
        )  # fmt: skip
        return Chart(title[:1].upper() + title[1:], row([(drawing, "")]))

    def map(self, month: str | None = None, lang: Lang | None = None) -> Chart:
        """Each region in a month ("2022-04"; without one the worst): industrial value added, % off."""
        run, lang = self.run, _spoken(lang)
        if _days(run) < run.forcing.days:
            raise InputError(f"map: {run.outcome.words.en}")
        table = run.deviation("region")
        table.index = pd.Index([str(m) for m in table.index])
        month = _month(month or worst_month(run)[0], list(table.index))
        values = {str(k): float(v) for k, v in table.loc[month].items()}
        return _tiles(run.economy, month, [(values, "")], lang)

    def chain(self, node: str | int | None = None, lang: Lang | None = None) -> Chart:
        """Why a node fell, back to the cause; without a node the one that lost most for want of an input.

        Raises InputError for a run that did not keep `CHAIN`, and for a node that nothing held back.
        """
        run, lang = self.run, _spoken(lang)
        if _days(run) < run.forcing.days:
            raise InputError(f"chain: {run.outcome.words.en}")
        if missing := [name for name in CHAIN if not run.kept(name)]:
            raise InputError(
                f"chain: this run did not keep {', '.join(missing)} by node. Simulate with "
                f"keep={[*CHAIN]}, or with full=True."
            )
        j = _worst_of(run) if node is None else _node(run.economy, node)
        t = int(np.argmin(run.level[:, j]))
        boxes, arrows = _behind(run, j, t, lang)
        level = f"{units.left(float(run.level[t, j]))}%"
        title = say("chain.title", lang, node=run.economy.node_name(j), level=level)
        return _chain_of(title, boxes, arrows, say("chain.note", lang), lang)


def _days(run: Run) -> int:
    """How many days of the run have figures; InputError where none has."""
    if run.record is None:
        raise InputError("This run was prepared and not run: there are no figures. Use ballast.simulate.")
    bad = ~np.isfinite(run.total)
    days = int(np.argmax(bad)) if bad.any() else run.forcing.days
    if days == 0:
        raise InputError(f"There is no day to draw. {run.outcome.words.en}")
    return days


def _alone(path: Floats) -> Band:
    """A path without a band."""
    return Band(path, path, path)


def _month(month: str, there: list[str]) -> str:
    if month not in there:
        meant = " or ".join(nearest(month, there) or [there[0]])
        raise InputError(f"map: there is no month {month!r} in these days. Write one as {meant}.")
    return month


def _tiles(e: Economy, month: str, maps: Sequence[tuple[Mapping[str, float], str]], lang: Lang) -> Chart:
    """Tile maps of one month side by side under one title."""
    words, caption = Words(lang, e.scope), units.month(month, lang)
    panels = []
    for values, over in maps:
        named = [f"{r.name[lang]} {units.signed(values.get(r.code))}" for r in e.regions]
        alt = words("map.alt", month=" ".join([caption, over]).strip(), list=words.join(named))
        drawing = charts.tile_map(identity("map", alt), e.regions, dict(values), lang, alt)
        panels.append(Panel(drawing, over))
    first = {k: v for k, v in maps[0][0].items() if v == v}
    worst = min(first, key=lambda code: first[code], default="")
    if worst and first[worst] <= -0.05:
        size, region = units.percent(abs(first[worst])), tables.region_by_code(e, worst)
        title = say("map.title", lang, region=region, month=caption, size=size)
    else:
        title = say("map.title_none", lang, month=caption)
    return Chart(title, tuple(panels), words("map.note"))


def _worst_of(run: Run) -> int:
    """The node that lost most of those that waited for an input; where none did, of all that stopped."""
    lost = (1.0 - run.level).sum(axis=0) * run.economy.total_value_added
    lowest = run.level.argmin(axis=0)
    order = np.argsort(-lost, kind="stable")
    waited = (j for j in order[:50] if run.cause(int(j), int(lowest[j]))[0] == "input")
    return int(next(waited, order[0]))


def _behind(run: Run, j: int, t: int, lang: Lang) -> tuple[list[Box], list[str]]:
    """Boxes from the cause to node j on day t, and what should have come between them."""
    e, words = run.economy, Words(lang, run.economy.scope)
    level = f"{units.left(float(run.level[t, j]))}%"
    when = units.day(run.dates[t].date(), lang, year=False)
    down = (say("chain.down", lang, level=level, day=when),)
    cause, slot = run.cause(j, t)
    if cause == "":
        raise InputError(f"chain: nothing held {e.node_codes[j]} back.")
    name = e.node_name(j)[lang]
    if cause != "input":
        return [Box(words(f"role.{cause}"), name, down, "root")], []
    links = chains.chain(run, slot, t, chains.shortfalls(run, slot, max(0, t - 1), t))
    boxes, arrows = html.stations(e, links[1:], words)
    return (
        [*boxes, Box(say("chain.fell", lang), name, down, "end")],
        [*arrows, tables.product_name(e, links[0].product)[lang]] if boxes else [],
    )


# ---- response ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class ResponsePlots(_Plots):
    """The pictures of the report."""

    response: Response
    _elsewhere: ClassVar[Mapping[str, str]] = {}

    def _words(self, lang: Lang | None) -> Words:
        return Words(_spoken(lang), self.response.economy.scope)

    def _place(self, kind: str) -> str:
        """What the parts of a picture are called: other answers on the same page have other names."""
        r = self.response
        return identity(
            kind, r.scenario.name, r.economy.name, r.path.mid.tobytes(), r.plan_path.mid.tobytes()
        )

    def path(self, lang: Lang | None = None) -> Chart:
        """Do nothing and plan, day by day, with their bands and the shocks under them."""
        words = self._words(lang)
        made = html.path_picture(self.response, facts.gather(self.response), words, self._place("path"))
        return _chart(made)

    def map(self, month: str | None = None, lang: Lang | None = None) -> Chart:
        """A month ("2022-04"; the worst one without) by region: do nothing, and with the plan beside it."""
        r, words = self.response, self._words(lang)
        f = facts.gather(r)
        month = _month(month or f.worst_month, list(f.months))
        maps = [
            (html.month_values(r, month, column), words(f"map.{column}"))
            for column in (("nothing", "plan") if f.planned else ("nothing",))
        ]
        return _tiles(r.economy, month, maps, words.lang)

    def chain(self, rank: int = 1, lang: Lang | None = None) -> Chart:
        """How the blockage of that rank came about. Raises InputError where there is none."""
        r, words = self.response, self._words(lang)
        found = next((b for b in r.blockages if b.rank == rank), None)
        if found is None:
            raise InputError(f"chain: there is no blockage {rank}; there are {len(r.blockages)}.")
        made = html.chain_of(r, facts.gather(r), found, words)
        return _chain_of(
            made.title, list(made.boxes), list(made.arrows), say("chain.note", words.lang), words.lang
        )

    def relief(self, lang: Lang | None = None) -> Chart:
        """What n places save, beside simple rules. Raises InputError where no place was given out."""
        words = self._words(lang)
        made = html.relief_picture(self.response, facts.gather(self.response), words, self._place("relief"))
        if made is None:
            raise InputError("relief: no place was given out. Ask for some: respond(scenario, relief=20).")
        return _chart(made)

    def landing(self, lang: Lang | None = None) -> Chart:
        """Where each indicator ends against its range. Raises InputError where there is no range."""
        words, place = self._words(lang), self._place("landing")
        f = facts.gather(self.response)
        made = html.landing_picture(self.response, f, words, place, charts.WIDE)
        if made is None:
            raise InputError("landing: the scenario has no range. Write one under [[ranges]].")
        return _chart(made)


def _chart(made: html.Picture) -> Chart:
    return Chart(made.title, row([(str(made.wide), "")]), made.note)
