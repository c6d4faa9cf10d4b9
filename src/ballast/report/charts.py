"""The report's pictures, each a function of numbers and words that returns SVG.

    path_chart      daily output, do nothing and plan, with bands and the shocks under the axis
    tile_map        one month's deviation on the tile grid, the value in every tile
    relief_chart    what n places save, the plan against the baselines
    landing_chart   where each indicator ends against its range

Each takes a width: the page draws a wide one for paper and desks and a narrow one for phones, with the
same type size, since shrinking a wide chart leaves letters nobody can read.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ballast import units
from ballast.report import colours, svg
from ballast.report.svg import Axis, label, line, rect
from ballast.report.words import Words
from ballast.text import Lang

if TYPE_CHECKING:
    from ballast.economy import Region
    from ballast.response import Band

WIDE, NARROW = 860, 360
_SMALL = 11.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A row of shocks under the path: what they are, and from when to when each of them holds."""

    words: str
    spans: tuple[tuple[dt.date, dt.date], ...]


# ---- path --------------------------------------------------------------------------------------


def path_chart(
    identity: str,
    width: int,
    dates: Sequence[dt.date],
    nothing: Band,
    plan: Band | None,
    decision: dt.date | None,
    marks: Sequence[Mark],
    words: Words,
    alt: str,
    names: Sequence[str] = (),
) -> str:
    """Daily output in percent of baseline; the y axis does not start at zero and says so by its labels.

    `names` are what the two paths are called where they are not "do nothing" and "with the plan".
    """
    names = names or [words(k) for k in ("label.nothing", "label.plan")]
    right = max(svg.text_width(name, 12) for name in names) + 12
    height = 300 if width >= 600 else 250
    x = Axis(0, max(len(dates) - 1, 1), 44, width - right)
    bands = [nothing] if plan is None else [nothing, plan]
    low = min(float(np.min(b.low)) for b in bands)
    high = max(100.0, *(float(np.max(b.high)) for b in bands))
    marks_y = svg.ticks(low, high, 5 if width >= 600 else 4)
    y = Axis(marks_y[0], marks_y[-1], height - 28, 44, marks_y)
    body = [*_grid(x, y, words), *_month_axis(x, dates, height, words.lang)]
    body += _band(x, y, nothing, colours.NOTHING, colours.NOTHING_FILL, None)
    if plan is not None:
        body += _band(x, y, plan, colours.PLAN, colours.PLAN_FILL, "7 3")
    body += _end_labels(x, y, bands, names)
    body += _decision(x, y, dates, decision, words)
    body += _gantt(x, dates, marks, height + 14)
    return svg.document(identity, width, height + (12 if marks else 0) + 30 * len(marks), alt, alt, body)


def _grid(x: Axis, y: Axis, words: Words) -> list[str]:
    out = []
    for value in y.marks:
        strong = abs(value - 100) < 1e-9
        out.append(line(x.start, y(value), x.end, y(value), colours.SOFT if strong else "#e6e8ea"))
        out.append(
            label(x.start - 6, y(value) + 4, f"{value:g}", size=_SMALL, fill=colours.SOFT, anchor="end")
        )
    out.append(label(4, 12, words("axis.baseline"), size=_SMALL, fill=colours.SOFT))
    return out


def _month_axis(x: Axis, dates: Sequence[dt.date], height: float, lang: Lang) -> list[str]:
    """A tick on the first of each month, its name in the middle."""
    out = []
    firsts = [0] + [i for i, d in enumerate(dates) if i and d.day == 1] + [len(dates) - 1]
    names = [units.month_short(f"{dates[a]:%Y-%m}", lang) for a in firsts[:-1]]
    width = max(svg.text_width(name, _SMALL) for name in names) + 4
    step = 1 if width <= x(30) - x(0) else 2
    for i, (a, b) in enumerate(itertools.pairwise(firsts)):
        if a:
            out.append(line(x(a), height - 28, x(a), height - 22, colours.SOFT))
        if i % step == 0 and step * (x(b) - x(a)) > width:
            middle = (x(a) + x(b)) / 2
            out.append(
                label(middle, height - 12, names[i], size=_SMALL, fill=colours.SOFT, anchor="middle")
            )
    return out


def _band(x: Axis, y: Axis, band: Band, stroke: str, fill: str, dash: str | None) -> list[str]:
    days = range(len(band.mid))
    upper = [(x(i), y(float(band.high[i]))) for i in days]
    lower = [(x(i), y(float(band.low[i]))) for i in days]
    middle = [(x(i), y(float(band.mid[i]))) for i in days]
    return [svg.area(upper, lower, fill), svg.polyline(middle, stroke, 2.4, dash)]


def _end_labels(x: Axis, y: Axis, bands: Sequence[Band], names: Sequence[str]) -> list[str]:
    """Direct labels at the right end, pushed apart when the lines end together."""
    ends = [y(float(band.mid[-1])) + 4 for band in bands]
    named = zip(names, (colours.NOTHING, colours.PLAN), strict=False)
    return [
        label(x.end + 6, place, name, fill=colour, weight=600)
        for place, (name, colour) in zip(svg.spread(ends, 15, y.end, y.start), named, strict=False)
    ]


def _decision(
    x: Axis, y: Axis, dates: Sequence[dt.date], decision: dt.date | None, words: Words
) -> list[str]:
    if decision is None or not dates[0] <= decision <= dates[-1]:
        return []
    at = x((decision - dates[0]).days)
    text = words("label.decision", day=units.day(decision, words.lang, year=False))
    room = x.end - at > svg.text_width(text, _SMALL) + 8
    return [
        line(at, y.end - 4, at, y.start, colours.INK, stroke_dasharray="2 3"),
        label(at + (5 if room else -5), y.end - 6, text, size=_SMALL, anchor=None if room else "end"),
    ]


def _gantt(x: Axis, dates: Sequence[dt.date], marks: Sequence[Mark], top: float) -> list[str]:
    """One row a mark, its words above its bars; where several shocks hold at once it is darker."""
    out: list[str] = []
    last = len(dates) - 1
    for i, mark in enumerate(marks):
        y = top + 30 * i
        days = [[min(max((d - dates[0]).days, 0), last) for d in span] for span in mark.spans]
        dark = max(0.12, 0.85 / len(days) ** 0.6)
        for a, b in days:
            out.append(rect(x(a), y + 5, max(x(b) - x(a), 3), 7, colours.SOFT, fill_opacity=f"{dark:.2f}"))
        text = svg.wrapped(mark.words, _SMALL, x.end - x.start + 60, 1)[0]
        at = min(x(min(a for a, _ in days)), max(4.0, x.end + 70 - svg.text_width(text, _SMALL)))
        out.append(label(at, y, text, size=_SMALL))
    return out


_SIDE = 44  # of a tile and the gap beside it


# ---- tiles -------------------------------------------------------------------------------------


def tile_map(
    identity: str,
    regions: Sequence[Region],
    values: dict[str, float],
    lang: Lang,
    alt: str,
    *,
    signs: bool = True,
) -> str:
    """Tiles at the regions' grid places; regions without a place are laid out in rows of six.

    Deviations are printed with their sign, shares (`signs=False`) without.
    """
    places = tile_places(regions)
    column0, row0 = min(p[0] for p in places), min(p[1] for p in places)
    across = max(p[0] for p in places) - column0 + 1
    down = max(p[1] for p in places) - row0 + 1
    side = _SIDE
    body = []
    for region, (column, row) in zip(regions, places, strict=True):
        body += _tile((column - column0) * side, (row - row0) * side, side - 2, region, values, lang, signs)
    return svg.document(identity, across * side, down * side, alt, alt, body, kind="tiles")


def tiles_css(regions: Sequence[Region]) -> str:
    """The rule that keeps a small map from filling the page."""
    columns = [column for column, _ in tile_places(regions)]
    return f".tiles{{max-width:{1.25 * _SIDE * (max(columns) - min(columns) + 1):.0f}px}}\n"


def tile_places(regions: Sequence[Region]) -> list[tuple[int, int]]:
    """Grid places, all of them distinct, or a plain grid when the book has none."""
    given = [r.tile for r in regions if r.tile is not None]
    if len(given) == len(regions) == len(set(given)):
        return given
    return [(i % 6, i // 6) for i in range(len(regions))]


def _tile(
    x: float, y: float, side: float, region: Region, values: dict[str, float], lang: Lang, signs: bool
) -> list[str]:
    value = values.get(region.code)
    ink = "#" + colours.ink(value)
    name = region.name.zh if lang == "zh" else region.code
    size = (
        10.5
        if svg.text_width(name, 10.5) <= side - 3
        else 9
        if svg.text_width(name, 9) <= side - 2
        else 7.5
    )
    name = svg.wrapped(name, size, side - 1, 1)[0]
    number = (units.signed if signs else units.number)(
        value, 0 if value is not None and abs(value) >= 9.95 else 1
    )
    return [
        svg.hinted(rect(x, y, side, side, "#" + colours.fill(value), rx=2), region.name[lang]),
        label(x + side / 2, y + 16, name, size=size, fill=ink, anchor="middle"),
        label(x + side / 2, y + 33, number, size=12.5, fill=ink, anchor="middle", weight=600),
    ]


# ---- relief ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of the relief chart."""

    words: str
    values: Sequence[float]
    strong: bool = False
    dash: str | None = None


def relief_chart(
    identity: str,
    width: int,
    places: Sequence[float],
    curves: Sequence[Curve],
    full: float,
    unit: str,
    words: Words,
    alt: str,
) -> str:
    """Gain against the number of places, with everyone back as the ceiling."""
    names = [c.words for c in curves]
    right = min(max(svg.text_width(n, 12) for n in names) + 12, width * 0.36)
    height = 300 if width >= 600 else 270
    x = Axis(float(places[0]), float(places[-1]), 52, width - right)
    top = max(full, *(max(c.values) for c in curves))
    marks = [v for v in svg.ticks(0, top, 4) if v <= 1.02 * top]
    y = Axis(marks[0], max(1.02 * top, marks[-1]), height - 40, 34, marks)
    body = [*_relief_grid(x, y, height, unit, words)]
    body += [
        line(x.start, y(full), x.end, y(full), colours.INK, stroke_dasharray="2 3"),
        label(x.start + 4, y(full) + 14, words("relief.full"), size=_SMALL, halo=True),
    ]
    for curve in curves:
        points = [(x(float(p)), y(float(v))) for p, v in zip(places, curve.values, strict=True)]
        colour = colours.PLAN if curve.strong else colours.SOFT
        body.append(svg.polyline(points, colour, 3 if curve.strong else 1.6, curve.dash))
    body += _curve_labels(x, y, curves, right)
    return svg.document(identity, width, height, alt, alt, body)


def _relief_grid(x: Axis, y: Axis, height: float, unit: str, words: Words) -> list[str]:
    out = [label(4, 14, words("axis.saved", unit=unit), size=_SMALL, fill=colours.SOFT)]
    for value in y.marks:
        out.append(line(x.start, y(value), x.end, y(value), "#e6e8ea" if value else colours.SOFT))
        out.append(
            label(x.start - 6, y(value) + 4, f"{value:,g}", size=_SMALL, fill=colours.SOFT, anchor="end")
        )
    for value in svg.ticks(x.low, x.high, 5):
        if x.low <= value <= x.high and value == int(value):
            out.append(
                label(x(value), height - 22, f"{value:g}", size=_SMALL, fill=colours.SOFT, anchor="middle")
            )
    middle = (x.start + x.end) / 2
    out.append(
        label(middle, height - 5, words("axis.places"), size=_SMALL, fill=colours.SOFT, anchor="middle")
    )
    return out


def _curve_labels(x: Axis, y: Axis, curves: Sequence[Curve], room: float) -> list[str]:
    """Direct labels at the right end; a long one takes two lines."""
    texts = [svg.wrapped(c.words, 12, room - 8, 2) for c in curves]
    gap = 15.0 if all(len(t) == 1 for t in texts) else 28.0
    places = svg.spread([y(float(c.values[-1])) + 4 for c in curves], gap, y.end, y.start + 8)
    out = []
    for curve, lines, place in zip(curves, texts, places, strict=True):
        colour = colours.PLAN if curve.strong else colours.SOFT
        weight = 600 if curve.strong else None
        out += [
            label(x.end + 6, place + 13 * i, text, fill=colour, weight=weight)
            for i, text in enumerate(lines)
        ]
    return out


# ---- landing -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Strip:
    """One indicator: its range and where it ends without and with the plan (mid, low, high)."""

    words: str
    low: float | None
    high: float | None
    nothing: tuple[float, float, float]
    plan: tuple[float, float, float] | None
    range: str = ""


def landing_chart(identity: str, width: int, strips: Sequence[Strip], words: Words, alt: str) -> str:
    """One row an indicator: the range as a block, two dots with their bands, numbers beside them."""
    values = [
        v for s in strips for v in (*s.nothing, *(s.plan or ()), s.low, s.high) if v is not None and v == v
    ]
    marks = svg.ticks(min([*values, 0.0]), max([*values, 0.0]), 6 if width >= 600 else 4)
    x = Axis(marks[0], marks[-1], 14, width - 14, marks)
    names = [svg.wrapped(s.words, 12, x.end - x.start, 2) for s in strips]
    row, top = 54 + 14 * max(map(len, names)), 6
    body: list[str] = []
    for i, strip in enumerate(strips):
        y = top + row * i
        first = y + 18 + 14 * (len(names[i]) - 1)  # the grid leaves the names alone
        for value in marks:
            colour = colours.SOFT if value == 0 else "#eceef0"
            body.append(line(x(value), first, x(value), first + 42, colour))
        body += _strip(x, y, names[i], strip, words)
    bottom = top + row * len(strips)
    for value in marks:
        text = units.signed(value, 0 if value == int(value) else 1)
        body.append(label(x(value), bottom + 14, text, size=_SMALL, fill=colours.SOFT, anchor="middle"))
    return svg.document(identity, width, bottom + 22, alt, alt, body)


def _strip(x: Axis, y: float, names: list[str], strip: Strip, words: Words) -> list[str]:
    low = x.start if strip.low is None else x(strip.low)
    high = x.end if strip.high is None else x(strip.high)
    out = [label(x.start, y + 12 + 14 * i, name, size=12, halo=True) for i, name in enumerate(names)]
    y += 14 * (len(names) - 1)
    out += [
        rect(low, y + 18, high - low, 42, colours.RANGE),
        line(low, y + 18, low, y + 60, colours.SOFT),
        line(high, y + 18, high, y + 60, colours.SOFT),
    ]
    text, middle = words("label.range", range=strip.range), (low + high) / 2
    free = x.start + svg.text_width(names[-1], 12) + 12
    anchor = "end" if middle + svg.text_width(text, _SMALL) / 2 > x.end else "middle"
    place = high if anchor == "end" else middle
    if place - svg.text_width(text, _SMALL) * (1 if anchor == "end" else 0.5) > free:
        out.append(label(place, y + 13, text, size=_SMALL, fill=colours.SOFT, anchor=anchor, halo=True))
    rows = (
        (29, strip.nothing, colours.NOTHING, "label.nothing", "#fff"),
        (50, strip.plan, colours.PLAN, "label.plan", colours.PLAN),
    )
    for down, values, colour, key, inside in rows:
        if values is not None:
            name = f"{words(key)} {units.signed(values[0])}%"
            out += _whisker(x, y + down, values, colour, inside)
            out.append(_beside(x, y + down + 4, values, name, colour, (low, high)))
    return out


def _whisker(x: Axis, y: float, values: tuple[float, float, float], colour: str, inside: str) -> list[str]:
    """A dot with its band."""
    left, right = _ends(x, values)
    return [
        line(left, y, right, y, colour, stroke_width=3, stroke_linecap="round"),
        svg.tag(
            "circle", cx=x(values[0]), cy=float(y), r=5.0, fill=inside, stroke=colour, stroke_width=2.4
        ),
    ]


def _beside(
    x: Axis,
    y: float,
    values: tuple[float, float, float],
    name: str,
    colour: str,
    block: tuple[float, float],
) -> str:
    """Name and number right of the dot, or left of it where the right is short of room or lies over the
    range or the line at zero; beyond that line where both sides are taken.
    """
    left, right = _ends(x, values)
    room = svg.text_width(name, 12) + 12

    def clear(start: float, end: float) -> bool:
        return not (end > block[0] and start < block[1]) and not start < x(0.0) < end

    fits = x.end - right >= room
    beyond = max(right, x(0.0))
    if fits and clear(right, right + room):
        return label(right + 8, y, name, fill=colour, weight=600, halo=True)
    if left - x.start >= room and clear(left - room, left):
        return label(left - 8, y, name, fill=colour, weight=600, anchor="end", halo=True)
    if beyond - right < room < x.end - beyond and clear(beyond, beyond + room):
        return label(beyond + 8, y, name, fill=colour, weight=600, halo=True)
    if fits:
        return label(right + 8, y, name, fill=colour, weight=600, halo=True)
    return label(left - 8, y, name, fill=colour, weight=600, anchor="end", halo=True)


def _ends(x: Axis, values: tuple[float, float, float]) -> tuple[float, float]:
    """Pixels of the band, or of the dot where there is no band."""
    seen = [x(v) for v in values if v == v]
    return min(seen), max(seen)
