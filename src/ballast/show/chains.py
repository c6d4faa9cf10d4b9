"""The picture of a chain: boxes below each other from the cause to what stopped, and on the arrows what
should have come. The boxes are the report's (`report.html.Box`), drawn for a notebook and a file.
"""

from __future__ import annotations

from collections.abc import Sequence

from ballast.report import colours, svg
from ballast.report.html import Box

WIDE, _PAD, _ARROW = 520, 12, 40


def chain_chart(identity: str, boxes: Sequence[Box], arrows: Sequence[str], alt: str) -> str:
    """`arrows[i]` stands between box i and the next."""
    body: list[str] = []
    y = 1.0
    for i, box in enumerate(boxes):
        made, high = _box(box, y)
        body += made
        y += high
        if i + 1 < len(boxes):
            body += _arrow(arrows[i], y)
            y += _ARROW
    return svg.document(identity, WIDE, y + 1, alt, alt, body)


def _box(box: Box, y: float) -> tuple[list[str], float]:
    """A box from y down, and how high it is."""
    room = WIDE - 2 * _PAD
    lines: list[tuple[str, float, str, int | None]]
    lines = [(text, 11.0, colours.SOFT, None) for text in svg.wrapped(box.role, 11, room, 1)]
    lines += [(text, 13.0, colours.INK, 600) for text in svg.wrapped(box.name, 13, room, 2)]
    lines += [
        (text, 11.0, colours.SOFT, None) for line in box.lines for text in svg.wrapped(line, 11, room, 2)
    ]
    high = 12.0 + 17.0 * len(lines)
    kinds = set(box.kind.split())
    end, road = "end" in kinds, "road" in kinds
    out = [
        svg.rect(
            1, y, WIDE - 2, high, "#f5f6f5" if road else "#ffffff",
            stroke=colours.INK if end else "#9aa1a8", stroke_width=2.0 if end else 1.0,
            stroke_dasharray="5 3" if road else None,
        )
    ]  # fmt: skip
    if "root" in kinds:
        out.append(svg.rect(1, y, 5, high, colours.NOTHING))
    for i, (text, size, fill, weight) in enumerate(lines):
        out.append(svg.label(_PAD + 4, y + 18 + 17 * i, text, size=size, fill=fill, weight=weight))
    return out, high


def _arrow(words: str, y: float) -> list[str]:
    """Down from y, with its words beside it."""
    x, tip = 34.0, y + _ARROW - 5
    text = svg.wrapped(words, 11.5, WIDE - 70, 1)[0]
    return [
        svg.line(x, y + 4, x, tip, colours.INK, stroke_width=1.6),
        svg.polyline([(x - 5, tip - 7), (x, tip), (x + 5, tip - 7)], colours.INK, 1.6),
        svg.label(x + 16, y + _ARROW / 2 + 4, text, size=11.5, fill=colours.SOFT),
    ]
