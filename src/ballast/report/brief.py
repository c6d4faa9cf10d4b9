"""The answers, as sentences: what a minister reads in a minute, and the title over each chart.

    answers(response, facts, lang) -> Answer, in this order: what happens, how sure, who first, what it
    buys, where it lands, what to do tomorrow, how we know

HTML, Word and the terminal all print these, so they cannot disagree.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ballast import units
from ballast.evidence import Grade
from ballast.report import tables
from ballast.report.facts import Facts
from ballast.report.words import Words
from ballast.scenario import horizon
from ballast.text import Lang

if TYPE_CHECKING:
    from ballast.response import Case, Estimate, Landing, Response

TOP = 5
FEW = 3  # blockages in a sentence
FEW_DRAWS = 20  # with fewer, two of which lie outside, a band of eight in ten says little


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a short list: what, and the number that belongs to it."""

    what: str
    number: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, the sentence that answers it, what stands under it, and a few items."""

    key: str
    question: str
    lead: str
    more: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    notes: tuple[str, ...] = ()  # what must be known before the rest


def answers(response: Response, facts: Facts, lang: Lang, top: int = TOP) -> tuple[Answer, ...]:
    """All seven, in the order they are read; lists hold `top` items."""
    words = Words(lang, response.economy.scope)
    makers = (_happens, _sure, _first, _buys, _lands, _tomorrow, _know)
    return tuple(make(response, facts, words, top) for make in makers)


# ---- the seven ---------------------------------------------------------------------------------


def _happens(response: Response, facts: Facts, words: Words, top: int) -> Answer:
    lang = words.lang
    key = "happens.lead" if facts.worst_nothing.mid <= -0.05 else "happens.lead_up"
    lead = words(key, month=units.month(facts.worst_month, lang), move=move(facts.worst_nothing, words))
    more = []
    if facts.outside_share is not None:
        more.append(words("happens.outside", share=units.percent(facts.outside_share, 0)))
    lost = facts.lost_nothing.mid
    more.append(
        words(
            "happens.lost" if lost >= 0 else "happens.gained",
            money=facts.money.text(abs(lost), lang),
            first=units.month(facts.months[0], lang),
            last=units.month(facts.months[-1], lang),
        )
    )
    parts = _without(facts, words)
    if parts:
        more.append(words("happens.without", list=words("list.and").join(parts)))
    notes = tuple(note[lang] for note in response.notes)
    return Answer("happens", words("ask.happens"), lead, tuple(more), notes=notes)


def _without(facts: Facts, words: Words) -> list[str]:
    """What the loss owes to each kind of shock, largest first; what is under a hundredth goes unnamed."""
    if facts.lost_nothing.mid <= 0:
        return []
    shares = [(100.0 * less / facts.lost_nothing.mid, kind) for kind, less in facts.without.items()]
    return [
        words("happens.part", kind=words(f"shock.{kind}"), share=units.percent(share, 0))
        for share, kind in sorted(shares, reverse=True)
        if share >= 1.0
    ]


def _sure(response: Response, facts: Facts, words: Words, top: int) -> Answer:
    grade = Grade(response.grade)
    more: tuple[str, ...] = (
        words("sure.grade", grade=str(grade), meaning=grade.meaning, count=facts.weakest, all=facts.inputs),
    )
    if facts.worst_nothing.agreed:
        lead = words("sure.agreed", draws=units.number(facts.draws))
        return Answer("sure", words("ask.sure"), lead, more)
    if not facts.worst_nothing.banded:
        return Answer("sure", words("ask.sure"), words("sure.unbanded"), more)
    low, high = facts.worst_nothing.low, facts.worst_nothing.high
    lead = words(
        "sure.lead", low=units.percent(low), high=units.percent(high), draws=units.number(facts.draws)
    )
    if facts.draws < FEW_DRAWS:
        more = (words("sure.few", draws=units.number(facts.draws)), *more)
    return Answer("sure", words("ask.sure"), lead, more)


def _first(response: Response, facts: Facts, words: Words, top: int) -> Answer:
    picks = response.relief.picks
    if not picks:
        return Answer(
            "first", words("ask.first"), words("first.none" if _asked(response) else "first.none_asked")
        )
    items = tuple(
        Item(
            tables.node_name(response.economy, p.node)[words.lang],
            words("first.gain", money=facts.money.text(p.gain, words.lang)),
            p.words[words.lang],
        )
        for p in picks[:top]
    )
    key = "first.lead" if len(picks) > top else "first.lead_few"
    rationed = any(s.kind in ("power", "fuel") for s in response.scenario.shocks)
    more = (words("first.power"),) if rationed else ()
    default = response.settings.get("model", "default") == "default"  # no other model knows of passes
    lead = words(key, n=len(picks), shown=top, how=words("first.how" if default else "first.how_work"))
    return Answer("first", words("ask.first"), lead, more, items)


def _asked(response: Response) -> bool:
    """Whether places were asked for."""
    return int(response.settings.get("relief", 1)) > 0


def _buys(response: Response, facts: Facts, words: Words, top: int) -> Answer:
    lang = words.lang
    if not response.relief.picks or facts.gain <= 0:
        key = "none_asked" if not _asked(response) else "none_gain" if response.relief.picks else "none"
        return Answer("buys", words("ask.buys"), words(f"buys.{key}"))
    lead = relief_title(response, facts, words)
    month = units.month(facts.worst_month, lang)
    more = [
        words(
            "buys.path",
            month=month,
            move=move(facts.worst_plan, words, band=True),
            size=units.percent(abs(facts.worst_nothing.mid)),
        )
    ]
    if response.relief.full > 0:
        share = 100 * facts.gain / response.relief.full
        more.append(
            words(
                "buys.full",
                full=facts.money.text(response.relief.full, lang),
                share=units.percent(share, 0),
            )
        )
    return Answer("buys", words("ask.buys"), lead, tuple(more))


def _lands(response: Response, facts: Facts, words: Words, top: int) -> Answer:
    if not response.landings:
        return Answer("lands", words("ask.lands"), words("lands.none"))
    items = tuple(_landing_item(response, x, words) for x in response.landings)
    title, notes = landing_title(response, facts, words), _partial(response, words)
    return Answer("lands", words("ask.lands"), title, (), items, notes)


def _partial(response: Response, words: Words) -> tuple[str, ...]:
    """The periods of ranges of which some days are not simulated, and how many are."""
    periods = dict.fromkeys(x.target.period for x in response.landings)
    part = [h for p in periods if not (h := horizon.held(p, *_ends(response))).whole]
    each = [
        words("lands.held", period=tables.period_name(h.period), inside=h.inside, of=h.of) for h in part
    ]
    return (words("lands.partial", list=words("list.and").join(each)),) if each else ()


def _landing_item(response: Response, landing: Landing, words: Words) -> Item:
    chances = words(
        "lands.chances",
        before=f"{units.signed(landing.nothing.mid)}%",
        after=f"{units.signed(landing.plan.mid)}%",
        range=tables.range_text(landing.target.low, landing.target.high),
        nothing=units.percent(tables.share(landing.probability_nothing), 0),
        plan=units.percent(tables.share(landing.probability_plan), 0),
    )
    return Item(landing_name(response, landing, words), chances, landing.words[words.lang])


def _tomorrow(response: Response, facts: Facts, words: Words, top: int) -> Answer:
    more = _worst_blockages(response, facts, words)
    if not response.cases:
        return Answer("tomorrow", words("ask.tomorrow"), words("tomorrow.none"), more)
    items = tuple(_case_item(response, c, facts, words) for c in response.cases[:top])
    key = "tomorrow.lead" if len(response.cases) > len(items) else "tomorrow.lead_few"
    stake = sum(c.value_at_stake for c in response.cases)
    share = 100.0 * stake / facts.lost_nothing.mid if facts.lost_nothing.mid > 0 else 0.0
    lead = words(
        key,
        n=len(response.cases),
        shown=len(items),
        money=facts.money.text(stake, words.lang),
        share=units.percent(share),
    )
    return Answer("tomorrow", words("ask.tomorrow"), lead, more, items)


def _worst_blockages(response: Response, facts: Facts, words: Words) -> tuple[str, ...]:
    """What saves most when cleared as a whole; places are in the whitelist, parts in what holds them."""
    found = [b for b in response.blockages if b.kind != "place" and not b.part_of][:FEW]
    if not found:
        return ()
    each = [
        words("tomorrow.blockage", title=b.title, money=facts.money.text(b.saved, words.lang))
        for b in found
    ]
    return (words("tomorrow.clear", list=words("list.and").join(each)),)


def _case_item(response: Response, case: Case, facts: Facts, words: Words) -> Item:
    e, lang = response.economy, words.lang
    key = "tomorrow.case_corridor" if case.through_corridor else "tomorrow.case"
    what = words(
        key,
        supplier=tables.supplier_name(e, case.supplier, case.product),
        customer=tables.node_name(e, case.customer),
        product=tables.product_name(e, case.product),
    )
    number = words(
        "tomorrow.stake",
        money=facts.money.text(case.value_at_stake, lang),
        day=units.day(tables.as_date(case.day), lang, year=False),
    )
    return Item(what, number)


def _know(response: Response, facts: Facts, words: Words, top: int) -> Answer:
    book = response.economy
    lead = words("know.lead", book=book.title, year=book.year, n=book.r, sectors=book.k)
    more = (words("know.more"),)
    return Answer("know", words("ask.know"), lead, more)


# ---- sentences that also stand over charts -----------------------------------------------------


def move(span: Estimate, words: Words, *, band: bool = True) -> str:
    """falls 9.1% [7.0–12.3%] / rises ... / stays at its baseline."""
    if abs(span.mid) < 0.05:
        return words("move.flat")
    key = "move.down" if span.mid < 0 else "move.up"
    text = words(key, size=units.percent(abs(span.mid)))
    return f"{text} {band_words(span)}" if band and span.banded else text


def band_words(span: Estimate) -> str:
    """[7.0–12.3%]: sizes when both ends have the sign of the middle, signed numbers otherwise."""
    if span.low * span.high > 0 and span.low * span.mid > 0:
        small, large = sorted((abs(span.low), abs(span.high)))
        return f"[{units.number(small, 1)}–{units.percent(large)}]"
    ends = [f"{units.signed(v)}%" for v in (span.low, span.high)]
    return f"[{ends[0]} … {ends[1]}]"


def path_title(facts: Facts, words: Words) -> str:
    """The worst month, without the plan and with it where there is one."""
    month, nothing = units.month(facts.worst_month, words.lang), move(facts.worst_nothing, words)
    if not facts.planned:
        return words("path.title_alone", month=month, move=nothing)
    return words("path.title", month=month, move=nothing, plan=move(facts.worst_plan, words))


def _ends(response: Response) -> tuple[dt.date, dt.date]:
    """The first and the last day simulated."""
    return tables.as_date(response.dates[0]), tables.as_date(response.dates[-1])


def _judged(response: Response) -> tuple[str, ...]:
    """The months that may be called the worst."""
    return horizon.judged(horizon.months(*_ends(response)))


def map_title(response: Response, facts: Facts, words: Words) -> str:
    """Which region loses most, when, and how many lose visibly in some month."""
    rows = response.by_region[response.by_region.month.isin(_judged(response))]
    worst = rows.loc[rows.nothing.idxmin()]
    least = rows.groupby("region").nothing.min()
    n = int((least <= -5).sum())
    return words(
        "map.title_none" if n == 0 else "map.title_all" if n == len(least) else "map.title",
        month=units.month(str(worst.month), words.lang),
        n=n,
        all=len(least),
        region=tables.region_by_code(response.economy, str(worst.region)),
        size=units.percent(abs(float(worst.nothing))),
    )


def heat_title(response: Response, facts: Facts, words: Words) -> str:
    """The sector hit hardest, and its month."""
    matrix = tables.sector_months(response, facts)
    if not matrix.codes:
        return words("heat.none")
    kept = [m for m in matrix.months if m in _judged(response)]
    values = matrix.values[kept or list(matrix.months)]
    row = values.loc[values.min(axis=1).idxmin()]
    return words(
        "heat.title",
        sector=matrix.names[matrix.codes.index(str(row.name))],
        month=units.month(str(row.idxmin()), words.lang),
        size=units.percent(abs(float(row.min()))),
    )


def chains_title(response: Response, facts: Facts, words: Words) -> str:
    if not response.blockages:
        return words("chains.none")
    first = response.blockages[0]
    return words(
        "chains.title",
        title=first.title,
        money=facts.money.text(first.saved, words.lang),
    )


def relief_title(response: Response, facts: Facts, words: Words) -> str:
    gain = facts.money.text(facts.gain, words.lang)
    if facts.rival and facts.rival_gain > 0:
        times = facts.gain / facts.rival_gain
        key = "buys.lead" if times >= 1.05 else "buys.lead_even" if times >= 0.995 else "buys.lead_less"
        return words(
            key,
            n=facts.places,
            money=gain,
            times=units.number(times, 1 if times >= 1.05 else 2),
            other=facts.money.text(facts.rival_gain, words.lang),
            rival=words(f"relief.{facts.rival}"),
        )
    return words("buys.lead_alone", n=facts.places, money=gain)


def landing_title(response: Response, facts: Facts, words: Words) -> str:
    """How many targets are more likely in than out, without and with the plan."""
    inside = [
        sum(p >= 0.5 for p in chances)
        for chances in (
            [x.probability_nothing for x in response.landings],
            [x.probability_plan for x in response.landings],
        )
    ]
    if not facts.planned and len(response.landings) == 1:
        state = words("lands.likely" if inside[0] else "lands.unlikely")
        return words("lands.lead_alone_one", state=state)
    if not facts.planned:
        return words("lands.lead_alone", all=len(response.landings), nothing=inside[0])
    if len(response.landings) == 1:
        only = response.landings[0]
        return words(
            "lands.single",
            name=landing_name(response, only, words),
            range=tables.range_text(only.target.low, only.target.high),
            nothing=units.percent(tables.share(only.probability_nothing), 0),
            plan=units.percent(tables.share(only.probability_plan), 0),
        )
    count = len(response.landings)
    if inside == [0, 0]:
        closer = _gap(response, "plan") < 0.95 * _gap(response, "nothing")
        key = "lands.lead_closer" if closer else "lands.lead_none"
    else:
        key = "lands.lead_all" if inside[1] == count else "lands.lead"
    return words(key, all=count, nothing=inside[0], plan=inside[1])


def _gap(response: Response, path: str) -> float:
    """How far the central runs end outside their ranges, summed over the ranges."""
    total = 0.0
    for landing in response.landings:
        mid = getattr(landing, path).mid
        low, high = landing.target.low, landing.target.high
        total += max(
            0.0, (low - mid) if low is not None else 0.0, (mid - high) if high is not None else 0.0
        )
    return total


def landing_name(response: Response, landing: Landing, words: Words) -> str:
    """Industrial value added, Shanghai, Q2 2022."""
    target = landing.target
    return words(
        "lands.name",
        indicator=tables.indicator_name(target.indicator, target.region or ""),
        region=tables.region_by_code(response.economy, target.region or ""),
        period=tables.period_name(target.period),
    )


def landing_axis(name: str, landing: Landing, words: Words) -> str:
    """The name with what the percentages are of: growth over a year before, or off the no-shock path."""
    growth = landing.target.baseline_growth is not None
    return words("lands.growth" if growth else "lands.deviation", name=name)
