"""One thing on one screen: a title and rows of a label and a few lines, as text and as a table of HTML.

    of(thing, lang) -> Card     an Economy, a Scenario, a Run or a Response
    text(card), html(card)      names in it come from files of others: both make them safe

At most `LINES` lines of `COLUMNS` columns, fewer on a narrow terminal: a list is cut to `FEW` entries and
sentences to `LONG` lines. A line that is too wide is folded; where that takes too many lines, each is cut.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from ballast import safe, terminal, units
from ballast.answer.evidence import TABLES
from ballast.arrays import Floats, sums
from ballast.economy import Economy
from ballast.evidence import Grade
from ballast.outcomes import Ending
from ballast.propagate.run import STOPS, Run
from ballast.report import brief, facts, tables
from ballast.report.words import Words
from ballast.response import Estimate, Response
from ballast.scenario import RangeTarget, Scenario, Shock, horizon
from ballast.show.words import known, say
from ballast.text import Lang, Text, counted
from ballast.units import Money

COLUMNS, LINES = 100, 25
FEW, LONG = 3, 7  # entries of a list; lines of sentences
Row = tuple[str, tuple[str, ...]]  # a label and its lines


@dataclass(frozen=True, slots=True)
class Card:
    """A title and what stands under it."""

    title: str
    rows: tuple[Row, ...]


def of(thing: Any, lang: Lang) -> Card:
    """The card of a thing."""
    if isinstance(thing, Economy):
        return of_economy(thing, lang)
    if isinstance(thing, Scenario):
        return of_scenario(thing, lang)
    return of_run(thing, lang) if isinstance(thing, Run) else of_response(thing, lang)


def text(card: Card, columns: int = COLUMNS) -> str:
    """Lines for a terminal that is so wide."""
    folded, most = _laid(card, columns, _fold), LINES * COLUMNS // columns
    return "\n".join(folded if len(folded) <= most else _laid(card, columns, lambda x, n: [_cut(x, n)]))


def _laid(card: Card, columns: int, fit: Callable[[str, int], list[str]]) -> list[str]:
    """The title, and under it labels with their lines beside them, each fitted into its room."""
    wide = max(terminal.columns_of(label) for label, _ in card.rows) + 4
    out = fit(card.title, columns)
    for label, lines in card.rows:
        fitted = [part for line in lines for part in fit(line, max(columns - wide, terminal.LEAST))]
        for i, line in enumerate(fitted):
            head = f"  {label}" if i == 0 else ""
            out.append(head + " " * (wide - terminal.columns_of(head)) + line)
    return out


def _fold(line: str, columns: int) -> list[str]:
    """As many lines as it takes; only what has no place to fold is cut."""
    return [_cut(part, columns) for part in terminal.wrap(safe.line(line), columns)]


def _cut(line: str, columns: int) -> str:
    """One safe line of at most so many columns; what is left away is marked."""
    line = safe.line(line)
    if terminal.columns_of(line) <= columns:
        return line
    kept, used = [], 1
    for char in line:
        used += terminal.columns_of(char)
        if used > columns:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def html(card: Card) -> str:
    """A table that a notebook shows; it brings no style but its own."""
    left = "text-align:left;vertical-align:top"
    rows = "".join(
        f'<tr><th style="{left};white-space:nowrap">{_escaped(label)}</th>'
        f'<td style="{left}">{"<br>".join(map(_escaped, lines))}</td></tr>'
        for label, lines in card.rows
    )
    caption = f'<caption style="{left};font-weight:bold;caption-side:top">{_escaped(card.title)}</caption>'
    return f"<table>{caption}<tbody>{rows}</tbody></table>"


def _escaped(words: str) -> str:
    return escape(safe.line(words), quote=True)


# ---- economy -----------------------------------------------------------------------------------


def of_economy(e: Economy, lang: Lang) -> Card:
    """Name, title, size, money, year, who is large, grades, what was doubtful."""
    money = Money.read(e.unit, e.currency)
    added = float(e.total_value_added.sum())
    industry = 100.0 * float(e.industrial_value_added.sum()) / added if added else None
    size = say(
        "economy.size", lang, n=f"{e.n:,}", r=e.r, k=e.k, slots=f"{len(e.slot_node):,}",
        markets=f"{len(e.market_ptr) - 1:,}",
    )  # fmt: skip
    output = say(
        "economy.output", lang, output=money.text(float(e.output.sum()), lang),
        added=money.text(added, lang), industry=units.percent(industry),
        exports=money.text(float(e.exports.sum()), lang),
    )  # fmt: skip
    by_region, by_sector = (
        sums(e.node_region, e.total_value_added, e.r),
        sums(e.node_sector, e.total_value_added, e.k),
    )
    rows = [
        ("size", (size,)),
        ("money", (say("economy.money", lang, unit=_unit(e, money, lang), year=e.year),)),
        ("output", (output,)),
        ("regions", (_largest([r.name for r in e.regions], by_region, lang),)),
        ("sectors", (_largest([s.name for s in e.sectors], by_sector, lang),)),
        ("grades", _grades(e, lang)),
        ("facts", _facts(e, lang)),
        ("findings", _findings(e, lang)),
    ]
    title = say("economy", lang, name=e.name, title=e.title)
    return Card(title, tuple((say(key, lang), lines) for key, lines in rows if lines))


def _unit(e: Economy, money: Money, lang: Lang) -> str:
    """The book's unit as it writes it; a Chinese reader is told what it is where it has Latin letters."""
    if lang == "en" or money.scale is None or not e.unit.isascii():
        return e.unit
    one = re.sub(r"\.0+(?=\D)", "", money.text(1.0, lang))  # 1万元, not 1.00
    return f"{e.unit}（{one}）"


def _largest(names: Sequence[Text], values: Floats, lang: Lang) -> str:
    """The largest few with their shares of the whole."""
    whole = float(values.sum())
    order = np.argsort(-values, kind="stable")[:FEW]
    found = [
        f"{names[i][lang]} {units.percent(100.0 * float(values[i]) / whole if whole else None)}"
        for i in order
    ]
    if len(values) > len(order):
        found.append(say("more", lang, n=len(values) - len(order)))
    return say("economy.largest", lang, list=_join(found, lang))


def _join(found: Sequence[str], lang: Lang, between: str = ", ") -> str:
    """A list in a line; `between` is English, for entries that may hold commas."""
    return between.join(found) if lang == "en" else ("；" if between == "; " else "、").join(found)


def _grades(e: Economy, lang: Lang) -> tuple[str, ...]:
    """A line a grade, best first: what of the book has it."""
    by: dict[Grade, list[str]] = {}
    for what, grade in e.grades.items():
        by.setdefault(Grade(grade), []).append(TABLES.get(what, Text(what, what))[lang])
    return tuple(
        say("economy.grade", lang, grade=str(g), list=_join(by[g], lang, "; ")) for g in Grade if g in by
    )


def _facts(e: Economy, lang: Lang) -> tuple[str, ...]:
    """How much a desk has added."""
    f = e.facts
    counts = {
        "days": 0 if f.slot_days is None else int(np.isfinite(f.slot_days).sum()),
        "staff": 0 if f.staff is None else int(np.isfinite(f.staff).sum()),
        "use": len(f.use),
        "corridors": len(f.corridors),
        "generation": len(f.generation),
        "targets": len(f.targets),
    }
    said = [say(f"facts.{key}", lang, n=f"{n:,}") for key, n in counts.items() if n]
    return (_join(said, lang),) if said else ()


def _findings(e: Economy, lang: Lang) -> tuple[str, ...]:
    levels = [f.level for f in e.findings]
    return tuple(
        say("economy.finding", lang, n=levels.count(level), level=known(level, lang))
        for level in dict.fromkeys(levels)
    )


# ---- scenario ----------------------------------------------------------------------------------


def of_scenario(s: Scenario, lang: Lang) -> Card:
    """What happens, on which book and when, and where it should end."""
    days = say("run.horizon", lang, **_horizon(s.start, s.end, s.days, lang))
    acts = say("scenario.decision", lang, day=units.day(s.decision, lang))
    rows = [
        ("summary", _short(s.summary[lang].strip().split("\n"), LONG)),
        ("book", (s.book,)),
        ("horizon", (days, acts)),
        ("shocks", _more([_shock(k, s, lang) for k in s.shocks], lang)),
        ("range", _more([_range(r, lang) for r in s.ranges], lang)),
    ]
    title = say("scenario", lang, name=s.name, title=s.title)
    return Card(title, tuple((say(key, lang), lines) for key, lines in rows if any(lines)))


def _horizon(first: dt.date, last: dt.date, days: int, lang: Lang) -> dict[str, object]:
    return {"first": units.day(first, lang), "last": units.day(last, lang), "days": days}


def _shock(shock: Shock, s: Scenario, lang: Lang) -> str:
    first, last = (units.day(day, lang, year=day.year != s.start.year) for day in shock.felt(s.end))
    return say("scenario.shock", lang, title=shock.title, first=first, last=last, grade=str(shock.grade))


def _range(r: RangeTarget, lang: Lang) -> str:
    words = Words(lang)
    region = tables.whole(Economy.scope) if r.region in ("", "all") else Text(r.region, r.region)
    name = words(
        "lands.name", indicator=tables.indicator_name(r.indicator, r.region), region=region,
        period=tables.period_name(r.period),
    )  # fmt: skip
    kind = "lands.deviation" if r.baseline_growth is None else "lands.growth"
    return say("scenario.range", lang, name=words(kind, name=name), range=tables.band_text(r.low, r.high))


# ---- run ---------------------------------------------------------------------------------------


def of_run(run: Run, lang: Lang) -> Card:
    """Model, horizon, outcome, what is lost, the worst month, who stopped."""
    e, first, last = run.economy, run.dates[0].date(), run.dates[-1].date()
    days = _horizon(first, last, run.forcing.days, lang)
    rows: list[Row] = [("horizon", (say("run.horizon", lang, **days),))]
    if run.record is None:
        rows.append(("outcome", (say("run.none", lang),)))
    else:
        rows += _ran(run, lang)
    model = "default" if run.published is None else run.published.model.key
    title = say("run", lang, book=e.name, model=model)
    return Card(title, tuple((say(key, lang), lines) for key, lines in rows))


def _ran(run: Run, lang: Lang) -> list[Row]:
    outcome = _short([run.outcome.words[lang]], LONG)
    if run.outcome.kind is Ending.DIVERGED:
        return [("outcome", outcome)]
    money = Money.read(run.economy.unit, run.economy.currency)
    lost = say("run.lost" if run.lost >= 0 else "run.gained", lang, money=money.text(abs(run.lost), lang))
    path, (month, deviation) = national(run), worst_month(run)
    low = int(np.argmin(path))
    worst = (
        say("run.worst", lang, month=units.month(month, lang), move=moved(deviation, lang)),
        say(
            "run.low",
            lang,
            day=units.day(run.dates[low].date(), lang),
            level=units.percent(float(path[low])),
        ),
    )
    return [
        ("outcome", outcome), ("lost", (lost,)), ("worst", worst), ("stopped", _stopped(run, lang)),
    ]  # fmt: skip


def national(run: Run) -> Floats:
    """[T] industrial value added of the whole country, % of baseline."""
    base = float(run.economy.daily_industrial_value_added.sum()) or 1.0
    path: Floats = 100.0 * run.value_added() / base
    return path


def worst_month(run: Run) -> tuple[str, float]:
    """The month with the largest deviation down, and that deviation in percent."""
    first, last = run.dates[0].date(), run.dates[-1].date()
    judged = horizon.judged(horizon.months(first, last))
    path, months = national(run), run.dates.strftime("%Y-%m")
    means = {m: float(path[months == m].mean()) - 100.0 for m in judged}
    worst = min(means, key=lambda m: means[m])
    return worst, means[worst]


def moved(deviation: float, lang: Lang) -> str:
    """falls 9.1% / rises 2.0% / stays at its baseline."""
    return brief.move(Estimate(deviation, np.nan, np.nan), Words(lang), band=False)


def _stopped(run: Run, lang: Lang) -> tuple[str, ...]:
    if not run.kept(*STOPS):
        return (say("run.light" if run.kept("output") else "run.few", lang),)
    stops = run.stops()
    if not len(stops):
        return (say("run.stopped_none", lang),)
    found = [
        say(
            "run.stop", lang, node=run.economy.node_name(int(s.node)),
            cause=tables.known_text("cause", str(s.cause)), day=units.day(s.first_day, lang, year=False),
        )
        for s in stops.head(FEW).itertuples()
    ]  # fmt: skip
    head = say("run.stopped", lang, n=len(stops), nodes=counted(len(stops), "node"))
    return (head, *_more(found, lang, of=len(stops)))


# ---- response ----------------------------------------------------------------------------------


def of_response(response: Response, lang: Lang) -> Card:
    """The headlines, the first places and blockages, where it lands, and what must be known before."""
    f, e, plot = facts.gather(response), response.economy, response.scenario
    draws = units.number(f.draws)
    outcome = say(
        "response.outcome", lang, kind=known(response.outcome, lang), draws=draws,
        model=str(response.settings.get("model", "default")), grade=str(response.grade),
    )  # fmt: skip
    rows = [
        ("outcome", (outcome,)),
        ("notes", _short([n[lang] for n in response.notes], LONG)),
        ("worst", _worst(f, lang)),
        ("lost", (_lost(f, lang),)),
        ("first", _few([(p.rank, e.node_name(p.node), p.gain) for p in response.relief.picks], f, lang)),
        ("blockages", _few([(b.rank, b.title, b.saved) for b in response.blockages], f, lang)),
        ("lands", _lands(response, lang)),
    ]
    title = say("response", lang, name=plot.name, book=e.name, title=plot.title)
    return Card(title, tuple((say(key, lang), lines) for key, lines in rows if lines))


def _worst(f: facts.Facts, lang: Lang) -> tuple[str, ...]:
    words, month = Words(lang), units.month(f.worst_month, lang)
    nothing = say("response.worst", lang, month=month, nothing=brief.move(f.worst_nothing, words))
    plan = say("response.planned", lang, plan=brief.move(f.worst_plan, words))
    return (nothing, plan) if f.planned else (nothing,)


def _lost(f: facts.Facts, lang: Lang) -> str:
    ends = {"nothing": f.money.text(f.lost_nothing.mid, lang), "plan": f.money.text(f.lost_plan.mid, lang)}
    return say("response.lost" if f.planned else "response.lost_alone", lang, **ends)


def _few(ranked: Sequence[tuple[int, Text, float]], f: facts.Facts, lang: Lang) -> tuple[str, ...]:
    said = [
        say("response.saves", lang, rank=rank, name=name, money=f.money.text(saved, lang))
        for rank, name, saved in ranked
    ]
    return _more(said, lang) or (say("response.none", lang),)


def _lands(response: Response, lang: Lang) -> tuple[str, ...]:
    words = Words(lang, response.economy.scope)
    key = "response.lands" if response.relief.picks else "response.lands_alone"
    said = [
        say(
            key, lang, name=brief.landing_name(response, x, words),
            nothing=f"{units.signed(x.nothing.mid)}%", plan=f"{units.signed(x.plan.mid)}%",
            range=words("label.range", range=tables.range_text(x.target.low, x.target.high)),
        )
        for x in response.landings
    ]  # fmt: skip
    return _more(said, lang)


def _short(sentences: Sequence[str], most: int) -> tuple[str, ...]:
    """As many sentences as go into about so many lines, the last of them cut where it must be."""
    left, kept = most * (COLUMNS - 18), []
    for sentence in sentences:
        if left > terminal.LEAST:
            kept.append(_cut(sentence, left))
            left -= terminal.columns_of(kept[-1])
    return tuple(kept)


def _more(said: Sequence[str], lang: Lang, *, of: int = 0) -> tuple[str, ...]:
    """The first few lines, and how many more there are (of `of`, where `said` are not all)."""
    rest = max(of, len(said)) - FEW
    return (*said[:FEW], *([say("more", lang, n=f"{rest:,}")] if rest > 0 else []))
