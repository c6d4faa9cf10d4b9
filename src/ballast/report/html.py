"""report.html: one self-contained page, the whole report once in each language.

The switch is two radio buttons and a style rule, so it works without script and from the keyboard;
script only adds sorting, filtering, copying and the page's language attribute. `section_*` functions
turn the response into what `templates/report.html.j2` prints; nothing is computed in the template.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup, escape

import ballast
from ballast import clock, safe, units
from ballast.evidence import Grade
from ballast.report import brief, charts, colours, tables
from ballast.report.facts import RIVALS, Facts
from ballast.report.words import Words
from ballast.text import LANGS, Lang

if TYPE_CHECKING:
    from ballast.economy import Economy
    from ballast.response import Blockage, ChainLink, Response
    from ballast.scenario import Shock


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart in its wide and its narrow drawing, with what stands over and under it."""

    title: str
    note: str
    wide: Markup
    narrow: Markup


@dataclass(frozen=True, slots=True)
class Panel:
    """One tile map of the small multiples."""

    caption: str
    svg: Markup


@dataclass(frozen=True, slots=True)
class Box:
    """One station of a chain."""

    role: str
    name: str
    lines: tuple[str, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """A blockage from its root to what stopped; `arrows[i]` is what should have come from box i."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as the page prints it: cells of (text, sort value, address)."""

    key: str
    title: str
    note: str
    headers: list[str]
    kinds: list[str]
    rows: list[list[tuple[str, str, str]]]
    rest: str = ""
    tools: bool = True


@dataclass(frozen=True, slots=True)
class Heat:
    """A matrix of deviations: header, then rows of (name, [(text, class of its colour)])."""

    title: str
    corner: str
    months: list[str]
    rows: list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True, eq=False)
class Page:
    """Everything one language's half of the page shows."""

    lang: Lang
    say: Words
    title: str
    summary: str
    period: str
    answers: tuple[brief.Answer, ...]
    landing_first: Picture | None
    landing: Picture | None
    path: Picture
    map_title: str
    panels: list[tuple[str, list[Panel]]]
    legend: list[tuple[str, str]]
    gains: bool
    heat: Heat | None
    heat_regions: Heat | None
    chains_title: str
    chains: list[Chain]
    relief: Picture | None
    tables: dict[str, Shown]
    source: str
    grades: list[tuple[str, str]]
    settings: list[tuple[str, str]]
    version: str = field(default=ballast.__version__)


def render(response: Response, facts: Facts, first: Lang) -> str:
    """The whole file as text; `first` opens first."""
    order = (first, *(lang for lang in LANGS if lang != first))
    pages = [page(response, facts, lang) for lang in order]
    env = jinja2.Environment(
        loader=jinja2.PackageLoader("ballast.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    env.filters["keep"] = keep
    style = _asset("style.css") + Markup(colours.css() + charts.tiles_css(response.economy.regions))
    script = _asset("script.js")
    text = env.get_template("report.html.j2").render(
        pages=pages, style=style, script=script, first=first, policy=policy(style, script)
    )
    return safe.words(text)


def policy(style: str, script: str) -> str:
    """What a browser may do for the page: this one style, this one script, and nothing else.

    A name from a file that got past the escaping could neither run, load, send nor restyle anything.
    """
    parts = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
    for kind, text in (("style-src", style), ("script-src", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        parts[kind] = f"'sha256-{digest}'"
    return "; ".join(f"{kind} {allowed}" for kind, allowed in parts.items())


def keep(words: str) -> Markup:
    """Text whose bands in square brackets do not break over a line."""
    return Markup(re.sub(r"\[[^\]]{1,40}\]", r'<span class="nb">\g<0></span>', str(escape(words))))


def _asset(name: str) -> Markup:
    folder = resources.files("ballast.report").joinpath("templates")
    return Markup(folder.joinpath(name).read_text("utf-8"))  # our own file, not user input


def page(response: Response, facts: Facts, lang: Lang) -> Page:
    """One language's half."""
    words = Words(lang, response.economy.scope)
    scenario = response.scenario
    return Page(
        lang=lang,
        say=words,
        title=scenario.title[lang],
        summary=scenario.summary[lang],
        period=_period(response, words),
        answers=brief.answers(response, facts, lang),
        landing_first=landing_picture(response, facts, words, "first", 700),
        landing=landing_picture(response, facts, words, "landing", charts.WIDE),
        path=path_picture(response, facts, words),
        map_title=brief.map_title(response, facts, words),
        panels=_panels(response, facts, words),
        legend=_legend(response, facts),
        gains=_legend(response, facts)[-1][0] in colours.GAIN,
        heat=_heat(response, facts, words, "sector"),
        heat_regions=_heat(response, facts, words, "region"),
        chains_title=brief.chains_title(response, facts, words),
        chains=[chain_of(response, facts, b, words) for b in response.blockages[: brief.TOP]],
        relief=relief_picture(response, facts, words),
        tables=_tables(response, facts, words),
        source=_source(response, words),
        grades=[(str(g), g.meaning[lang]) for g in Grade],
        settings=settings(response),
    )


def _period(response: Response, words: Words) -> str:
    s = response.scenario
    last = s.start + dt.timedelta(days=s.days - 1)
    days = {"first": units.day(s.start, words.lang), "last": units.day(last, words.lang)}
    if s.decision is None:
        return words("page.period_undecided", days=s.days, **days)
    return words("page.period", days=s.days, decision=units.day(s.decision, words.lang), **days)


def _source(response: Response, words: Words) -> str:
    e, grade = response.economy, Grade(response.grade)
    return words("page.source", book=e.title, year=e.year, grade=str(grade), meaning=grade.meaning)


def settings(response: Response) -> list[tuple[str, str]]:
    """Settings flattened to name and value; nested ones with a dot."""
    out: list[tuple[str, str]] = []

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in sorted(value.items()):
                walk(f"{prefix}.{key}" if prefix else str(key), inner)
        else:
            out.append((prefix, f"{value:.4g}" if isinstance(value, float) else str(value)))

    walk("", dict(response.settings))
    if clock.fixed() is None:  # else the same bytes every time are asked for
        walk("seconds", {k: round(v, 1) for k, v in response.seconds.items() if math.isfinite(v)})
    return out


# ---- pictures ----------------------------------------------------------------------------------


def path_picture(response: Response, facts: Facts, words: Words, place: str = "path") -> Picture:
    """Daily output with bands and shocks; `place` begins the names of its parts."""
    dates = [tables.as_date(d) for d in response.dates]
    lang, low = words.lang, int(response.path.mid.argmin())
    title = brief.path_title(facts, words)
    alt = words(
        "path.alt",
        first=units.day(dates[0], lang),
        last=units.day(dates[-1], lang),
        title=title,
        low=units.percent(float(response.path.mid[low])),
        day=units.day(dates[low], lang),
    )
    marks = shock_marks(response, lang)
    drawn = [
        Markup(
            charts.path_chart(
                f"{place}-{lang}-{size}",
                size,
                dates,
                response.path,
                response.plan_path if facts.planned else None,
                response.scenario.decision,
                marks,
                words,
                alt,
            )
        )
        for size in (charts.WIDE, charts.NARROW)
    ]
    return Picture(title, words("path.note", band=words("label.band")), drawn[0], drawn[1])


MOST_SHOCKS = 5


def shock_marks(response: Response, lang: Lang) -> list[charts.Mark]:
    """A row for each shock, or for each kind of shock when they are many, in order of their start."""
    words, last = Words(lang, response.economy.scope), tables.as_date(response.dates[-1])
    groups: dict[str, list[Shock]] = {}
    shocks = sorted(response.scenario.shocks, key=lambda s: s.felt(last)[0])
    for shock in shocks:
        groups.setdefault(shock.kind if len(shocks) > MOST_SHOCKS else shock.title[lang], []).append(shock)
    marks = []
    for group in groups.values():
        spans = tuple(s.felt(last) for s in group)
        first, end = min(a for a, _ in spans), max(b for _, b in spans)
        days = {"first": units.day(first, lang, year=False), "last": units.day(end, lang, year=False)}
        if len({s.title[lang] for s in group}) == 1:
            text = words("path.shock", title=group[0].title, **days)
        else:
            text = words(
                "path.shocks", kind=tables.known_text("shock", group[0].kind), n=len(group), **days
            )
        marks.append(charts.Mark(text, spans))
    return marks


def _panels(response: Response, facts: Facts, words: Words) -> list[tuple[str, list[Panel]]]:
    """Two rows of small multiples: do nothing, and with the plan."""
    out = []
    for column in ("nothing", "plan") if facts.planned else ("nothing",):
        row = []
        for month in facts.shown:
            values = month_values(response, month, column)
            caption = units.month(month, words.lang)
            named = [
                f"{r.name[words.lang]} {units.signed(values.get(r.code))}" for r in response.economy.regions
            ]
            alt = words("map.alt", month=caption, list=words.join(named))
            identity = f"map-{words.lang}-{column}-{month}"
            svg = charts.tile_map(identity, response.economy.regions, values, words.lang, alt)
            row.append(Panel(caption, Markup(svg)))
        out.append((words(f"map.{column}"), row))
    return out


def month_values(response: Response, month: str, column: str) -> dict[str, float]:
    """Deviation of each region in a month, %."""
    rows = response.by_region[response.by_region.month == month]
    return dict(zip(rows.region, rows[column].astype(float), strict=True))


def _legend(response: Response, facts: Facts) -> list[tuple[str, str]]:
    """(hex, words) for the steps that occur in maps and heat maps."""
    seen = response.by_region[response.by_region.month.isin(facts.shown)]
    sectors = response.by_sector[response.by_sector.month.isin(facts.shown)]
    steps = colours.legend([*seen.nothing, *seen.plan, *sectors.nothing])
    return [(fill, legend_words(inside)) for fill, inside in steps]


def legend_words(value: float) -> str:
    """5–10, over 40, under 0.5: the interval of the colour step that holds `value`, as a size."""
    place = abs(colours.step(value))
    if place == 0:
        return f"< {colours.LIMITS[0]:g}"
    low = colours.LIMITS[place - 1]
    return f"> {low:g}" if place == len(colours.LIMITS) else f"{low:g}–{colours.LIMITS[place]:g}"


def _heat(response: Response, facts: Facts, words: Words, key: str) -> Heat | None:
    make = tables.sector_months if key == "sector" else tables.region_months
    matrix = make(response, facts)
    if not matrix.codes:
        return None
    rows = []
    for name, code in zip(matrix.names, matrix.codes, strict=True):
        cells = [(units.signed(v), colours.css_class(v)) for v in matrix.values.loc[code]]
        rows.append((name[words.lang], cells))
    title = brief.heat_title(response, facts, words) if key == "sector" else ""
    return Heat(title, words(f"col.{key}"), [units.month(m, words.lang) for m in matrix.months], rows)


def relief_picture(response: Response, facts: Facts, words: Words, place: str = "relief") -> Picture | None:
    """What n places save; None where none were given out."""
    curve = response.relief.curve
    if len(curve) < 2:
        return None
    money = facts.money.column([*curve["plan"], response.relief.full], words.lang)
    lines = [charts.Curve(words("relief.plan"), list(curve["plan"] * money.factor), strong=True)]
    dashes = {
        "largest_loss_first": "12 3",
        "biggest_first": "8 3",
        "pro_rata": None,
        "most_upstream": "3 3",
    }
    lines += [
        charts.Curve(words(f"relief.{k}"), list(curve[k] * money.factor), dash=dashes[k])
        for k in RIVALS
        if k in curve
    ]
    last = [
        words(
            "relief.entry", name=c.words, money=f" {money.text(c.values[-1] / money.factor)} {money.label}"
        )
        for c in lines
    ]
    alt = words("relief.alt", places=int(curve.places.iloc[-1]), list=words.join(last))
    drawn = [
        Markup(
            charts.relief_chart(
                f"{place}-{words.lang}-{size}",
                size,
                list(curve.places.astype(float)),
                lines,
                response.relief.full * money.factor,
                money.label,
                words,
                alt,
            )
        )
        for size in (charts.WIDE, charts.NARROW)
    ]
    return Picture(brief.relief_title(response, facts, words), words("relief.note"), drawn[0], drawn[1])


def landing_picture(
    response: Response, facts: Facts, words: Words, place: str, wide: int
) -> Picture | None:
    """Each indicator against its range; None where there is no range."""
    if not response.landings:
        return None
    strips, entries = [], []
    for x in response.landings:
        name = brief.landing_name(response, x, words)
        strips.append(
            charts.Strip(
                brief.landing_axis(name, x, words),
                x.target.low,
                x.target.high,
                (x.nothing.mid, x.nothing.low, x.nothing.high),
                (x.plan.mid, x.plan.low, x.plan.high) if facts.planned else None,
                tables.range_text(x.target.low, x.target.high)[words.lang],
            )
        )
        span = tables.range_text(x.target.low, x.target.high)
        entries.append(
            words(
                "landing.entry",
                name=name,
                range=span,
                nothing=f"{units.signed(x.nothing.mid)}%",
                plan=f"{units.signed(x.plan.mid)}%",
            )
        )
    alt = words("landing.alt", list="; ".join(entries))
    drawn = [
        Markup(charts.landing_chart(f"{place}-{words.lang}-{size}", size, strips, words, alt))
        for size in (wide, charts.NARROW)
    ]
    return Picture(brief.landing_title(response, facts, words), words("landing.note"), drawn[0], drawn[1])


# ---- chains ------------------------------------------------------------------------------------


def chain_of(response: Response, facts: Facts, blockage: Blockage, words: Words) -> Chain:
    """Boxes from the root to what stopped. The response tells a chain backwards, from what stopped."""
    e, lang = response.economy, words.lang
    waits = blockage.product >= 0  # or there is nothing but the plant itself
    boxes, arrows = stations(e, blockage.chain[1:] if waits else blockage.chain, words)
    if waits:
        arrows.append(tables.product_name(e, blockage.product)[lang])
        boxes.append(_stopped(e, blockage, words))
    title = words(
        "chains.rank",
        rank=blockage.rank,
        title=blockage.title,
        money=facts.money.text(blockage.saved, lang),
    )
    if blockage.kind != "input" and abs(blockage.saved - blockage.inside) > 0.05 * abs(blockage.saved):
        parts = (blockage.inside, blockage.saved - blockage.inside)
        inside, outside = (facts.money.text(v, lang) for v in parts)
        title += words("chains.brackets", text=words("chains.where", inside=inside, outside=outside))
    return Chain(title, tuple(boxes), tuple(arrows))


def stations(e: Economy, links: Sequence[ChainLink], words: Words) -> tuple[list[Box], list[str]]:
    """Boxes from the last link to the first, and on the arrows between them what should have come."""
    boxes: list[Box] = []
    arrows: list[str] = []
    for link in reversed(links):
        product = tables.product_name(e, link.product)[words.lang]
        made = _stations(e, link, words)
        arrows += [product] * (len(made) - 1 if not boxes else len(made))
        boxes += made
    return boxes, arrows


def _stations(e: Economy, link: ChainLink, words: Words) -> list[Box]:
    """The box or boxes of one link: a closed road has its sender before it, imports have no node."""
    lang = words.lang
    since = words("chains.since", day=units.day(tables.as_date(link.day), lang, year=False))
    role = words(f"role.{link.cause}")
    if link.cause == "port":
        name = tables.region_name(e, link.region_to)[lang]
        return [Box(role, name, (since, *_passes(link, words)), "root")]
    if link.cause == "imports":
        name = tables.product_name(e, link.product)[lang]
        return [Box(role, name, (words("role.world"), since, *_passes(link, words)), "root")]
    if link.cause == "corridor":
        origin, destination = (tables.region_name(e, r) for r in (link.region_from, link.region_to))
        product = tables.product_name(e, link.product)
        sender = words("chains.sender", region=origin, product=product)
        road = words("chains.corridor", origin=origin, destination=destination)
        return [
            Box(words("role.supplier"), sender, ()),
            Box(role, road, (since, *_passes(link, words)), "root road"),
        ]
    key = "chains.left" if link.cause == "demand" else "chains.left_capacity"
    left = words(key, level=f"{units.left(link.level)}%")
    kind = "" if link.cause == "input" else "root"
    return [Box(role, tables.node_name(e, link.node)[lang], (since, left), kind)]


def _passes(link: ChainLink, words: Words) -> tuple[str, ...]:
    return (words("chains.passes", level=f"{units.left(link.level)}%"),)


def _stopped(e: Economy, blockage: Blockage, words: Words) -> Box:
    since = words("chains.since", day=units.day(tables.as_date(blockage.first_day), words.lang, year=False))
    days = words("chains.days", n=blockage.days)
    left = words("chains.allows", level=f"{units.left(blockage.worst_level)}%")
    lines = [since, days, left]
    if blockage.customers > 1:
        lines.append(words("chains.others", n=blockage.customers - 1))
    name = tables.node_name(e, blockage.node)[words.lang]
    return Box(words("role.stopped"), name, tuple(lines), "end")


# ---- tables ------------------------------------------------------------------------------------


def _tables(response: Response, facts: Facts, words: Words) -> dict[str, Shown]:
    made = (
        tables.cases(response),
        tables.whitelist(response),
        tables.blockages(response),
        tables.stops(response),
        tables.landings(response),
        tables.evidence(response),
    )
    return {t.key: _shown(t, facts, words, response) for t in made}


def _shown(table: tables.Table, facts: Facts, words: Words, response: Response) -> Shown:
    texts = table.formatted(facts, words.lang)
    rows = [
        [
            (text, _sort_key(cell), cell.href if isinstance(cell, tables.Link) else "")
            for text, cell in zip(printed, raw, strict=True)
        ]
        for printed, raw in zip(texts, table.rows, strict=True)
    ]
    rest = words("table.rest", n=table.rest) if table.rest else ""
    headings = "landing" if table.key == "landings" else table.key
    return Shown(
        table.key,
        words(f"{headings}.heading"),
        words(f"{headings}.note") if headings != "landing" else "",
        table.headers(facts, words.lang),
        [c.kind for c in table.columns],
        rows,
        rest,
        tools=len(rows) > 3,
    )


def _sort_key(cell: Any) -> str:
    """What the script sorts by: numbers and dates as such, everything else by its text."""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, int | float):
        return f"{cell:.6g}"
    return cell.isoformat() if isinstance(cell, dt.date) else ""
