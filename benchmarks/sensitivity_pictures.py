"""The pictures of the sensitivity page: numbers -> SVG, the same drawings each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sensitivity_words import ends, number, output_name, swing

from ballast.economy import Economy
from ballast.propagate.parameters import load_parameters
from ballast.propagate.simulate import SHOCK
from ballast.report import colours, svg
from ballast.scenario import Scenario

TOP = 12  # bars of a picture
FONT = "Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
ROW, LEFT, PANEL, GAP = 22.0, 250.0, 330.0, 40.0
DEEP, MILD = "#" + colours.LOSS[3], "#" + colours.GAIN[4]  # dark enough apart for grey print


def tornado(v: dict[str, Any], e: Economy, plot: Scenario, outputs: Sequence[int]) -> str:
    """Bars around the central value, each parameter at its two ends; a panel an output, `TOP` rows."""
    first = outputs[0]
    rows = sorted(range(len(v["names"])), key=lambda i: -swing(v, i, first))[:TOP]
    width = LEFT + len(outputs) * (PANEL + GAP)
    height = 74 + ROW * len(rows) + 34
    body = [svg.rect(0, 0, width, height, "#ffffff")]
    body.append(svg.label(8, 20, f"{plot.title.en}, {v['month']}", size=14, weight=700))
    body.append(svg.label(8, 38, f"{plot.title.zh}", size=12, fill=colours.SOFT))
    for r, i in enumerate(rows):
        y = 74 + ROW * r
        name = v["names"][i].removeprefix(SHOCK)
        kind = "shock" if v["names"][i].startswith(SHOCK) else ""
        body.append(svg.label(LEFT - 62, y + 15, name, size=12, anchor="end"))
        body.append(svg.label(LEFT - 56, y + 15, kind, size=10, fill=colours.SOFT))
    for place, o in enumerate(outputs):
        body += _panel(v, e, rows, o, LEFT + place * (PANEL + GAP))
    note = "each bar: one parameter at the low or the high end of its range, all others central"
    body.append(svg.label(8, height - 8, note, size=11, fill=colours.SOFT))
    described = f"{', '.join(output_name(v['outputs'][o], e).en for o in outputs)} in {v['month']}, percent"
    text = svg.document(
        "s", width, height, f"What moves {described}", "The same numbers stand in the table below.",
        [svg.tag("g", "".join(body), font_family=FONT)],
    )  # fmt: skip
    return text + "\n"


def _panel(v: dict[str, Any], e: Economy, rows: Sequence[int], o: int, left: float) -> list[str]:
    """One output: its name and central value above, a bar and two labels a row."""
    centre = v["centre"][o]
    values = [x[i][o] for i in rows for x in (v["low"], v["high"])] + [centre]
    low, high = min(values), max(values)
    pad = 0.22 * (high - low or 1.0)
    axis = svg.Axis(low - pad, high + pad, left, left + PANEL)
    name = output_name(v["outputs"][o], e)
    title = f"{name.en} {name.zh}, %: {number(centre, centre)} at the centre"
    body = [svg.label(axis(centre), 62, title, size=12, anchor="middle", weight=600)]
    bottom = 74 + ROW * len(rows)
    for r, i in enumerate(rows):
        y = 74 + ROW * r
        for value, end in zip((v["low"][i][o], v["high"][i][o]), ends(v["names"][i]), strict=True):
            x0, x1 = sorted((axis(centre), axis(value)))
            body.append(svg.rect(x0, y + 3, x1 - x0, ROW - 6, DEEP if value < centre else MILD))
            if abs(value - centre) > 0.02 * (high - low):
                side = "end" if value < centre else "start"
                x = axis(value) + (-4 if value < centre else 4)
                words = f"{number(value, centre)} ({end})"
                body.append(svg.label(x, y + 15, words, size=10, anchor=side))
    body.append(svg.line(axis(centre), 70, axis(centre), bottom, colours.INK, stroke_width=1))
    return body


def ladder_picture(v: dict[str, Any], e: Economy, plot: Scenario, outputs: Sequence[int]) -> str:
    """The outputs from perfect substitution to nearly none, the sourced range shaded."""
    rows = v["ladder"][:-1]
    low, high = (load_parameters()["elasticity"].central or (0.0, 0.0, 0.0))[1:]
    width, height, left, right, top, bottom = 820.0, 320.0, 60.0, 620.0, 60.0, 270.0
    across = svg.Axis(0, len(rows) - 1, left, right)
    values = [r["outputs"][o] for r in rows for o in outputs]
    marks = svg.ticks(min(values), 0.0)
    down = svg.Axis(marks[0], 0.0, bottom, top)
    inside = [k for k, r in enumerate(rows) if r["label"] != "pooled" and low <= float(r["label"]) <= high]
    body = [svg.rect(0, 0, width, height, "#ffffff")]
    body.append(
        svg.label(
            8, 20, "From perfect substitution to nearly none 从完全替代到几乎不能替代", size=14, weight=700
        )
    )
    body.append(
        svg.label(8, 38, f"{plot.title.en}: {v['month']}, % from baseline", size=12, fill=colours.SOFT)
    )
    body.append(
        svg.rect(
            across(inside[0]), top, across(inside[-1]) - across(inside[0]), bottom - top, colours.RANGE
        )
    )
    body.append(
        svg.label(
            across(inside[0]) + 4, bottom - 6, "sourced range 有来源的区间", size=11, fill=colours.SOFT
        )
    )
    for mark in marks:
        body.append(svg.line(left, down(mark), right, down(mark)))
        body.append(svg.label(left - 6, down(mark) + 4, number(mark, 100), size=11, anchor="end"))
    for o, colour, dash in zip(outputs, (MILD, DEEP), (None, "7 4"), strict=True):
        points = [(across(k), down(r["outputs"][o])) for k, r in enumerate(rows)]
        body.append(svg.polyline(points, colour, 2.5, dash))
        name, end = output_name(v["outputs"][o], e), rows[-1]["outputs"][o]
        for x, y, r in ((*points[0], rows[0]), (*points[-1], rows[-1])):
            value = number(r["outputs"][o], 10)
            label = value if x == points[0][0] else f"{value} {name.en} {name.zh}"
            body.append(svg.label(x + 6, y - 6 if end else y, label, size=11, halo=True))
    for k, r in enumerate(rows):
        word = "perfect" if r["label"] == "pooled" else r["label"]
        body.append(svg.label(across(k), bottom + 18, word, size=11, anchor="middle"))
    note = "elasticity between suppliers of a specific part 替代弹性"
    middle = (left + right) / 2
    body.append(svg.label(middle, bottom + 38, note, size=11, anchor="middle", fill=colours.SOFT))
    return svg.document(
        "l", width, height, "Output by elasticity", "The same numbers stand in the table beside it.",
        [svg.tag("g", "".join(body), font_family=FONT)],
    ) + "\n"  # fmt: skip
