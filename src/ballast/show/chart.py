"""Pictures of the report under a title of their own: they show themselves in a notebook and can be saved.

Chart    title, panels, note; `svg` is one self-contained picture
Panel    one drawing of `report.charts`, with what stands over it
drawn    a drawing with room around it, laid into another
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

from ballast import placing, safe
from ballast.errors import InputError
from ballast.report import colours, svg

FONTS = (
    "'Noto Sans','Helvetica Neue',Arial,'Noto Sans SC','Source Han Sans SC','PingFang SC',"
    "'Microsoft YaHei','Noto Sans CJK SC',sans-serif"
)
LEAST = 420  # pixels: a title needs room
GAP = 28  # between panels
_EDGE = 10
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_STATED = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')
_DESCRIBED = re.compile(r"<desc[^>]*>([^<]*)</desc>")
_LEGIBLE = 0.7  # of its own width: narrower, its small print cannot be read, and the page scrolls instead
# Dark pages of JupyterLab (and of what it exports) and of VS Code. Paper turns as dark as such a page, ink
# light; half a turn of the hues brings orange and blue back to what they mean.
_DARK = (
    '<style>body[data-jp-theme-light="false"] .ballast-chart img,body.vscode-dark .ballast-chart img'
    "{filter:invert(0.93) hue-rotate(180deg)}</style>"
)


def identity(kind: str, *what: object) -> str:
    """A name for the parts of a picture that no other picture on the page has, the same every time."""
    return f"{kind}-{hashlib.sha256(repr(what).encode('utf-8', 'replace')).hexdigest()[:10]}"


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing, and what stands over it."""

    svg: str
    caption: str = ""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in pixels."""
        found = _SIZE.search(self.svg)
        assert found, "drawings of report.svg state their size"
        return float(found[1]), float(found[2])


@dataclass(frozen=True, eq=False, repr=False)
class Chart:
    """A picture with its sentence as title. A notebook shows it; `save` writes it.

    >>> import ballast
    >>> chart = ballast.load_book("teaching").plot.map()
    >>> chart
    <Chart: Coast has most of value added: 46.3%>
    """

    title: str
    panels: tuple[Panel, ...]
    note: str = ""

    @property
    def svg(self) -> str:
        """The whole picture as one SVG document, with its fonts named and its size stated."""
        width = max(LEAST, sum(p.size[0] for p in self.panels) + GAP * (len(self.panels) - 1))
        body, y = _lines(self.title, 15, width, 22.0, weight=600)
        captions = 20.0 if any(p.caption for p in self.panels) else 0.0
        x = 0.0
        for panel in self.panels:
            if panel.caption:
                body.append(svg.label(x, y + 14, panel.caption, size=12, fill=colours.SOFT))
            body.append(drawn(panel, x, y + captions))
            x += panel.size[0] + GAP
        y += captions + max(p.size[1] for p in self.panels) + 8
        note, y = _lines(self.note, 11, width, y + 12, fill=colours.SOFT)
        wide, high = width + 2 * _EDGE, y + 2 * _EDGE
        back = svg.rect(-_EDGE, -_EDGE, wide, high, "#ffffff")
        return safe.words(
            svg.tag(
                "svg", back + "".join(body + note), xmlns="http://www.w3.org/2000/svg",
                viewBox=f"{-_EDGE} {-_EDGE} {wide:g} {high:g}", width=float(wide), height=float(high),
                font_family=FONTS,
            )
        )  # fmt: skip

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture as .svg, or as a page (.html) that needs no network; the whole file or none.

        Raises InputError for another ending, OutputError when it cannot be written.
        """
        target = Path(path)
        kinds = {".svg": self.svg, ".html": self.page}
        if target.suffix.lower() not in kinds:
            ending = f"ends in {target.suffix!r}" if target.suffix else "has no ending"
            what = f"{safe.name(str(target))} {ending}" if target.name else "no file is named"
            raise InputError(
                f"save: {what}. A chart is saved as .svg (for documents and slides) or .html (a page)."
            )
        with placing.one(target, "The chart") as stage:
            stage.write_text(kinds[target.suffix.lower()] + "\n", "utf-8", newline="\n")
        return target

    @property
    def page(self) -> str:
        """The picture alone on a page that may load and run nothing."""
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        return (
            '<!doctype html>\n<html><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
            f"<title>{escape(safe.line(self.title))}</title></head><body>{self._figure()}</body></html>"
        )

    def __repr__(self) -> str:
        return f"<Chart: {safe.line(self.title)}>"

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        """An image that holds all it needs, with its words for a screen reader.

        No SVG in the page itself: a notebook that somebody else has run is shown without it, and of the
        picture only its words were left, in a heap.
        """
        svg = self.svg
        data, stated = base64.b64encode(svg.encode("utf-8")).decode("ascii"), _STATED.match(svg)
        assert stated, "a picture states its size"
        return (
            f'{_DARK}<figure class="ballast-chart" style="margin:0;overflow-x:auto">'
            f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(self._words, quote=True)}" '
            f'width="{stated[1]}" height="{stated[2]}" '
            f'style="max-width:100%;min-width:{_LEGIBLE * float(stated[1]):.0f}px;height:auto"></figure>'
        )

    @property
    def _words(self) -> str:
        """What the picture says, once: its drawings describe themselves, some with its title in it."""
        said = [unescape(x) for panel in self.panels for x in _DESCRIBED.findall(panel.svg)]
        title = "" if any(self.title in x for x in said) else self.title
        return safe.line(" – ".join(x for x in (title, *said, self.note) if x))

    def _figure(self) -> str:
        """For a page of its own, which allows nothing but what stands in it."""
        picture = self.svg.replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)
        return f'<figure style="margin:0;background:#fff;color:{colours.INK}">{picture}</figure>'


def _lines(
    words: str, size: float, width: float, y: float, *, fill: str = colours.INK, weight: int | None = None
) -> tuple[list[str], float]:
    """Words in as many lines as they need, the first at y, and where the last of them ends."""
    if not words:
        return [], y - 12
    lines = svg.wrapped(words, size, width, 4)
    gap = size + 5
    made = [
        svg.label(0, y - 5 + gap * i, text, size=size, fill=fill, weight=weight)
        for i, text in enumerate(lines)
    ]
    return made, y + gap * (len(lines) - 1) + 6


def drawn(panel: Panel, x: float, y: float) -> str:
    """A drawing at its place in another."""
    wide, high = panel.size
    return panel.svg.replace("<svg ", f'<svg x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" ', 1)


def row(drawings: Sequence[tuple[str, str]]) -> tuple[Panel, ...]:
    """Panels side by side, of (drawing, caption)."""
    return tuple(Panel(*each) for each in drawings)
