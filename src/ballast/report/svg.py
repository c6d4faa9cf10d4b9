"""The few pieces of SVG that the charts are made of.

Drawn by hand, so that a chart weighs a few kilobytes, prints sharp, speaks both languages and needs no
script. Text width is estimated (a Chinese character is one em, a Latin letter about half), which is
enough to keep labels apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from ballast.report import colours


def tag(name: str, content: str = "", **attributes: object) -> str:
    """<name a-b="..."> with underscores in attribute names turned into hyphens."""
    text = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{text}>{content}</{name}>" if content else f"<{name}{text}/>"


def _value(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else escape(str(value), quote=True)


def label(
    x: float,
    y: float,
    words: str,
    *,
    size: float = 12,
    fill: str = colours.INK,
    anchor: str | None = None,
    weight: int | None = None,
    halo: bool = False,
) -> str:
    """A line of text. `anchor` is start (the default), middle or end; `halo` keeps it clear of lines."""
    white: dict[str, Any] = (
        {"stroke": "#fff", "stroke_width": 3.5, "stroke_linejoin": "round"} if halo else {}
    )
    return tag(
        "text",
        escape(words),
        x=float(x),
        y=float(y),
        font_size=float(size),
        fill=fill,
        text_anchor=anchor,
        font_weight=weight,
        paint_order="stroke" if halo else None,
        **white,
    )


def hinted(shape: str, words: str) -> str:
    """A shape with a tooltip."""
    return tag("g", tag("title", escape(words)) + shape)


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = colours.RULE, **more: Any) -> str:
    return tag("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), stroke=stroke, **more)


def rect(x: float, y: float, width: float, height: float, fill: str, **more: Any) -> str:
    return tag(
        "rect", x=float(x), y=float(y), width=float(max(width, 0)), height=float(height), fill=fill, **more
    )


def polyline(
    points: Iterable[tuple[float, float]], stroke: str, width: float = 2, dash: str | None = None
) -> str:
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return tag(
        "path",
        d=path,
        fill="none",
        stroke=stroke,
        stroke_width=float(width),
        stroke_dasharray=dash,
        stroke_linejoin="round",
    )


def area(upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]], fill: str) -> str:
    points = [*upper, *reversed(lower)]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"
    return tag("path", d=path, fill=fill, fill_opacity=0.45)


def document(
    identity: str, width: float, height: float, title: str, description: str, body: Iterable[str],
    kind: str | None = None,
) -> str:  # fmt: skip
    """A whole picture with its alternative text; `kind` is its class on the page."""
    head = tag("title", escape(title), id=f"{identity}-t") + tag(
        "desc", escape(description), id=f"{identity}-d"
    )
    return tag(
        "svg",
        head + "".join(body),
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_labelledby=f"{identity}-t {identity}-d",
        xmlns="http://www.w3.org/2000/svg",
        class_=kind,
    )


def text_width(words: str, size: float) -> float:
    """About how wide a line of text is."""
    return size * sum(1.0 if ord(c) > 0x2E80 else 0.3 if c in " .,:;'|il−-()" else 0.56 for c in words)


def wrapped(words: str, size: float, width: float, most: int = 3) -> list[str]:
    """Break a text into at most `most` lines; the last is cut with an ellipsis if it must be."""
    pieces = list(words) if any(ord(c) > 0x2E80 for c in words) else [w + " " for w in words.split(" ")]
    lines = [""]
    for piece in pieces:
        if lines[-1] and text_width(lines[-1] + piece.rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece
    lines = [x.rstrip() for x in lines]
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][:-1] + "…"]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Label positions as near as can be to those wanted, at least `gap` apart, inside [low, high]."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    floor = low
    for i in order:
        placed[i] = max(wanted[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers that span [low, high]."""
    span = (high - low) or 1.0
    raw = span / about
    power = 10.0 ** math.floor(math.log10(raw))
    unit = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first, last = math.floor(low / unit + 1e-9), math.ceil(high / unit - 1e-9)
    return [i * unit for i in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear scale from values to pixels."""

    low: float
    high: float
    start: float
    end: float
    marks: list[float] = field(default_factory=list)

    def __call__(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.start + share * (self.end - self.start)
