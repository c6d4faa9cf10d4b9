"""The sensitivity page: numbers of `sensitivity.py` -> docs/sensitivity.md and its pictures.

Pure: the same numbers give the same page, which a test compares. Nothing here is computed by the engine;
parameters, names and titles come from the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ballast.economy import Economy, book
from ballast.propagate.parameters import Parameter, load_parameters, single_sourced_parts
from ballast.propagate.simulate import SHOCK
from ballast.report import colours, svg
from ballast.scenario import Scenario, load
from ballast.text import Lang, Text

# ---- words -------------------------------------------------------------------------------------

OUTPUTS = {
    "industry": Text("national industry", "全国工业"),
    "sector": Text("vehicles", "汽车等运输设备"),
    "lost": Text("lost over the horizon, bn", "全期损失（十亿元）"),
    "recovery": Text("days to recovery", "恢复天数"),
}
SMALL = 0.01  # total index under which a parameter may as well stay at its value
TOP = 12  # bars of a picture


def output_name(key: str, e: Economy) -> Text:
    regions = {r.code: r.name for r in e.regions}
    return OUTPUTS.get(key) or regions[key]


def what(name: str, plot: Scenario) -> Text:
    """A parameter's or driver's title: a driver is told by the shocks that it moves."""
    if not name.startswith(SHOCK):
        return load_parameters()[name].title
    driver = name.removeprefix(SHOCK)
    path = [s.title for s in plot.shocks if s.driver == driver]
    share = [s.title for s in plot.shocks if s.share_driver == driver]
    if path:
        return _listed(Text("how strong: ", "冲击强度："), path)
    if share:
        return _listed(Text("how much of the place: ", "所覆盖部分："), share)
    return Text("output for a head at work, where staff is short", "缺员时每名在岗人员的产出")


def _listed(head: Text, titles: Sequence[Text]) -> Text:
    more = len(titles) - 1
    en = f"{head.en}{titles[0].en}" + (f", and {more} more" if more else "")
    return Text(en, f"{head.zh}{titles[0].zh}" + (f"等{more + 1}项" if more else ""))


def ends(name: str) -> tuple[str, str]:
    """What the low and the high end of a range are called on a bar."""
    if name.startswith(SHOCK) or load_parameters()[name].central is None:
        return "low", "high"
    _, low, high = load_parameters()[name].central or (0.0, 0.0, 0.0)
    return f"{low:g}".replace("-", "−"), f"{high:g}".replace("-", "−")


def number(value: float, size: float, plus: bool = False) -> str:
    """As many decimals as the output needs; a proper minus sign."""
    digits = 2 if abs(size) < 5 else 1 if abs(size) < 40 else 0
    text = f"{value:+.{digits}f}" if plus else f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else f"{0:.{digits}f}"


def order(v: dict[str, Any], output: int) -> list[int]:
    """Parameters by their total index on one output, largest first."""
    return sorted(range(len(v["names"])), key=lambda i: -v["total"][output][i])


def swing(v: dict[str, Any], i: int, output: int) -> float:
    found = (v["low"][i][output], v["high"][i][output], v["centre"][output])
    return float(max(found) - min(found))


def percent(share: float) -> str:
    text = f"{100 * share:.0f}%" if abs(share) >= 0.0995 else f"{100 * share:.1f}%"
    return text.replace("-", "−").replace("−0.0%", "0.0%")


# ---- texts -------------------------------------------------------------------------------------

_ONE = """\
Each row sets one parameter to the low and then to the high end of its range; all others stay central.
Cells read *low … high*; the number in the head is the central run. Industry, vehicles (sector 18) and
provinces are deviations of value added from baseline in {month}, percent. The provinces were not closed
themselves, or only in part; in brackets what the shocks to capacity take there directly, before any
knock-on: {places}. Days to recovery run from the first day of the scenario until national industry stays
within 1% of baseline. Low and high are the ends of a range of numbers, not mild and severe: low
`shock.staff` is few people at work."""

_OTHER = """\
Another kind of event, so that the page does not speak from one. Values in {month}; taken directly:
{places}."""

_ALL = """\
One at a time misses what parameters do together. Sobol's indices split the variance of an output when all
parameters move at once, each uniform over its quantile (half the draws lie below the central value).
*Total* is the share in which a parameter has a part, alone or with others; *alone* (first order) is the
share that would go if it were known. In brackets {level}% intervals, from resampling the sample. *Rank*
is by total index; a span such as 3–5 says that the sample does not tell these ranks apart. Indices near
nothing can come out slightly negative. *Interactions* is one minus the sum of all first-order indices and
known no better than its interval. The last columns are total indices."""

_BOOK = """\
How large the nodes of grade D and E are (where a province's industries are only estimated) is drawn anew in
every draw of an ensemble ([the model](model.md#7-the-ensemble)). Such a draw has no low and high end, so it is
no row of the tables above, which hold the book as it stands. Alone, with everything else central, {draws} draws
put these outputs between their 10th and 90th percentile; beside it the same of all parameters together."""

_LADDER = """\
Everything else at its central value, only the elasticity between suppliers of a specific part changes.
The first row pools all suppliers of a product, as ARIO and Pichler et al. do; the last is nearly rigid,
with every good wholly specific to its maker. Neither end is a forecast: they show how much of the answer
hangs on this one number. Finished goods, fixed stock targets and adaptation work at both ends, so the
rigid end does not stop the whole country."""

_PARTS = """\
The model turns the elasticity into the number of parts that each client firm buys from one supplier only
([the model](model.md#3-complete-kits-where-q-comes-from)): n = 1 pools all suppliers; with n parts, a
supplier of a twentieth of the market that stops takes complete kits from 1 − 0.95ⁿ of the firms. The
range of parts sets the share and the elasticity to their ends together. Services and what comes by wire
or pipe have n = 1. The grade of each row stands in [the model](model.md#9-parameters)."""

_RULES = """\
An order rule amplifies when buyers cut orders below what they use by more than the shocks take, or when
the shocks are over and the loss does not fade (`ballast.propagate.amplify` states both signs exactly).
*Orders missing* is the most that was missing over the largest impact of the shocks until then. The
published models run on the same book and shock by their own rules (every input critical, no roads, no
stock changes), with their own cover and with others. Where the verdict is yes, the size of the loss is the
rule's, not the shock's. The last column is the same rule with no shock at all: where it is not zero, the
rounding of the computer alone is a shock large enough. The default keeps stock targets fixed, bounds
orders and serves producers first; it does not amplify in any built-in scenario, which tests hold. A shock
that never ends is judged by its orders alone."""

_HOW = """\
`python benchmarks/sensitivity.py` computes and writes everything here (`--draws 64` for a quick look,
`--page` for the words alone). {runs}: N (d + 2) for the indices (Saltelli's design on a scrambled Sobol
sequence, scipy's `sobol_indices`), and one run each for low and high. Intervals: {level}%, from
{resamples} resamples of the rows with all parameters together. Figures are in
[`benchmarks/results/sensitivity.json`](../benchmarks/results/sensitivity.json).

What it cannot say: the equations, the recipes of the book and `built_in` are the same in
every run; parameters are taken as independent and uniform over their quantiles, and the sectors of a
table move together (one quantile makes all stocks long or short), so a sector's own uncertainty is not
seen. Ranges are those of the sources, of different quality: a wide range of grade E can outrank a narrow
one of grade B because nobody measured it, which is a reason to measure it and not a finding about the
economy. None was fitted to the events."""

# ---- the page ----------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(r) + " |" for r in rows)])


def one_table(v: dict[str, Any], e: Economy, outputs: Sequence[int]) -> str:
    """Each parameter at its low and high end; by its swing of the first output, largest first."""
    centre = v["centre"]
    head = ["parameter"]
    head += [f"{output_name(v['outputs'][o], e).en} ({number(centre[o], centre[o])})" for o in outputs]
    rows = []
    for i in sorted(range(len(v["names"])), key=lambda i: -swing(v, i, outputs[0])):
        pair = [
            f"{number(v['low'][i][o], centre[o])} … {number(v['high'][i][o], centre[o])}" for o in outputs
        ]
        rows.append([f"`{v['names'][i]}`", *pair])
    return table(head, rows)


def index_table(v: dict[str, Any], e: Economy, outputs: Sequence[int]) -> str:
    """Total indices with intervals and open ranks for two outputs, and total indices of the others."""
    first, second, *others = outputs
    head = ["parameter"]
    for o in (first, second):
        head += [f"{output_name(v['outputs'][o], e).en}: total", "alone", "rank"]
    head += [output_name(v["outputs"][o], e).en for o in others]
    rows = []
    for i in order(v, first):
        cells = [f"`{v['names'][i]}`"]
        for o in (first, second):
            low, high = (v["total_range"][k][o][i] for k in (0, 1))
            best, worst = (int(v["rank_range"][k][o][i]) for k in (0, 1))
            cells.append(f"{percent(v['total'][o][i])} [{percent(low)}–{percent(high)}]")
            cells.append(percent(v["first"][o][i]))
            cells.append(str(best) if best == worst else f"{best}–{worst}")
        rows.append([*cells, *(percent(v["total"][o][i]) for o in others)])
    together = ["interactions"]
    for o in (first, second):
        low, high = (v["interaction_range"][k][o] for k in (0, 1))
        together += [f"{percent(v['interaction'][o])} [{percent(low)}–{percent(high)}]", "", ""]
    rows.append([*together, *(percent(v["interaction"][o]) for o in others)])
    return table(head, rows)


def book_table(v: dict[str, Any], e: Economy) -> str:
    """What drawing the book alone moves, beside what all parameters move."""
    head, rows = ["output", "central", "the book alone", "all parameters"], []
    for o, key in enumerate(v["outputs"]):
        c = v["centre"][o]
        spans = [(v["book"]["low"][o], v["book"]["high"][o]), (v["band"][0][o], v["band"][1][o])]
        cells = [" … ".join(number(x, c) for x in span) for span in spans]
        rows.append([output_name(key, e).en, number(c, c), *cells])
    return table(head, rows)


def meaning_table(events: Sequence[dict[str, Any]], plots: Sequence[Scenario]) -> str:
    """What each parameter and driver is, in one line."""
    rows, seen = [], set()
    for v, plot in zip(events, plots, strict=True):
        for name in v["names"]:
            if name in seen:
                continue
            seen.add(name)
            title, (low, high) = what(name, plot), ends(name)
            p = None if name.startswith(SHOCK) else load_parameters()[name]
            spread = "" if p is None else "by sector" if p.central is None else f"{low}–{high}"
            unit, grade = (p.unit.en.replace("-1", "−1"), str(p.grade.value)) if p else (plot.name, "")
            rows.append([f"`{name}`", f"{title.en} {title.zh}", spread, unit, grade])
    return table(["parameter", "what it is", "range", "unit, or scenario", "grade"], rows)


def parts_table(e: Economy) -> str:
    """Elasticities by product: the specific share, and the single-sourced parts that follow from it."""
    p = load_parameters()
    share, buyer, leave = (p[k] for k in ("specific_share", "stock_days", "adaptation_days"))
    value, low, high = p["elasticity"].central or (0.0, 0.0, 0.0)
    probe = p["probe_share"].scalar(0.5)
    most = [single_sourced_parts(s, probe) for s in (high, value, low)]
    rows = []
    for sector in e.sectors:
        if sector.code not in share.table:
            continue
        v, lo, hi = share.row(sector)
        parts = [1 + s * (n - 1) for s, n in zip((lo, v, hi), most, strict=True)]
        rows.append([
            sector.code, f"{sector.name.en} {sector.name.zh}", _span(share.row(sector)),
            f"{parts[1]:.1f} [{parts[0]:.1f}–{parts[2]:.1f}]", _span(leave.row(sector)),
            _span(buyer.row(sector)),
        ])  # fmt: skip
    head = [
        "code",
        "product",
        "specific share",
        "single-sourced parts",
        "days to move away",
        "stock as buyer, days",
    ]
    return table(head, rows)


def _span(row: tuple[float, float, float]) -> str:
    value, low, high = row
    return f"{value:g}" if low == high else f"{value:g} [{low:g}–{high:g}]"


def source(p: Parameter) -> str:
    return f"- `{p.key}`, grade {p.grade.value}: {p.source}" + (f" <{p.address}>." if p.address else ".")


def ladder_table(v: dict[str, Any], e: Economy) -> str:
    labels = {"pooled": "perfect: all parts from anybody"}
    last = v["ladder"][-1]["label"]
    labels[last] = f"{last.removeprefix('all ')}, and every good specific to its maker"
    head = [
        "elasticity",
        "parts of a fully specific product",
        *(output_name(o, e).en for o in v["outputs"]),
    ]
    rows = [
        [labels.get(r["label"], r["label"]), f"{r['parts']:.1f}",
         *(number(x, c) for x, c in zip(r["outputs"], v["centre"], strict=True))]
        for r in v["ladder"]
    ]  # fmt: skip
    return table(head, rows)


SIGNS = {"": "no", "orders": "yes: orders", "loss": "yes: the loss stays"}


def rules_table(v: dict[str, Any]) -> str:
    period = pd.Period(v["month"])
    head = [
        "rule and cover",
        str(period),
        str(period + 1),
        "worst day",
        "amplifies",
        "since",
        "orders missing",
        "worst day without a shock",
    ]
    size = v["centre"][0]
    rows = []
    for r in v["rules"]:
        first, second, worst, rest = (number(x, size) for x in (*r["months"], r["worst"], r["rest"]))
        verdict = [SIGNS[r["sign"]], r["day"] or "", f"{r['ratio']:.2f}"]
        rows.append([r["label"], first, second, worst, *verdict, rest])
    return table(head, rows)


def least(events: Sequence[dict[str, Any]]) -> list[str]:
    """Model parameters whose total index is surely under `SMALL` for every output of every event."""
    worst: dict[str, float] = {}
    for v in events:
        upper = np.max(v["total_range"][1], axis=0)
        for name, share in zip(v["names"], upper, strict=True):
            worst[name] = max(worst.get(name, 0.0), float(share))
    found = [n for n, share in worst.items() if share < SMALL and not n.startswith(SHOCK)]
    return sorted(found, key=lambda n: worst[n])


# ---- pictures ----------------------------------------------------------------------------------

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


# ---- the whole page ----------------------------------------------------------------------------


def write(numbers: dict[str, Any], docs: Path) -> None:
    """docs/sensitivity.md and the pictures it shows."""
    for name, content in render(numbers).items():
        (docs / name).write_text(content, encoding="utf-8")


def render(numbers: dict[str, Any]) -> dict[str, str]:
    """File name under docs -> content."""
    events = numbers["events"]
    plots = [load(v["scenario"]) for v in events]
    e = book.load(plots[0].book)
    files = {"sensitivity.md": page(numbers, events, plots, e)}
    for v, plot in zip(events, plots, strict=True):
        files[f"img/sensitivity-{plot.name}.svg"] = tornado(v, e, plot, (0, 1))
    files["img/sensitivity-elasticity.svg"] = ladder_picture(events[0], e, plots[0], (0, 1))
    return files


def page(
    numbers: dict[str, Any], events: Sequence[dict[str, Any]], plots: Sequence[Scenario], e: Economy
) -> str:
    """The whole page."""
    main, plot = events[0], plots[0]
    parts = [
        "# What moves the answer",
        "<!-- benchmarks/sensitivity.py writes this page: change it there -->",
        *(story(v, e, p, "en") for v, p in zip(events, plots, strict=True)),
        substitution(main, "en"),
        *(story(v, e, p, "zh") for v, p in zip(events, plots, strict=True)),
        substitution(main, "zh"),
        "## One parameter at a time",
        _ONE.format(month=main["month"], places=_names(main, e)),
        f"![Bars around the central value]({_picture(plot)})",
        one_table(main, e, range(len(main["outputs"]))),
    ]
    for v, p in zip(events[1:], plots[1:], strict=True):
        parts += [f"### The same for `{p.name}`", _OTHER.format(month=v["month"], places=_names(v, e))]
        parts += [f"![Bars around the central value]({_picture(p)})"]
        parts += [one_table(v, e, range(len(v["outputs"])))]
    parts += ["## All parameters together", _ALL.format(level=f"{numbers['level']:g}")]
    for v, p in zip(events, plots, strict=True):
        parts += [f"### `{p.name}`", index_table(v, e, range(len(v["outputs"])))]
    parts += ["## The weak cells of the book", _BOOK.format(draws=main["book"]["draws"])]
    for v in events:
        parts += [f"`{v['scenario']}`, {v['month']}:", book_table(v, e)]
    parts += [
        "## From perfect substitution to nearly none", _LADDER,
        "![Output by elasticity](img/sensitivity-elasticity.svg)",
        *(x for v in events for x in (f"`{v['scenario']}`:", ladder_table(v, e))),
        "## Elasticities by product", _PARTS, parts_table(e),
        "\n".join(source(load_parameters()[k]) for k in SOURCED),
        "## Order rules: who amplifies", _RULES,
        *(x for v in events for x in (f"`{v['scenario']}`, industry, %:", rules_table(v))),
        "## What moves least", _least_words(events),
        "## What each of them is", meaning_table(events, plots),
        "## How this was computed", _how(numbers, events),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


SOURCED = ("elasticity", "probe_share", "specific_share", "adaptation_days", "stock_days")


def _picture(plot: Scenario) -> str:
    return f"img/sensitivity-{plot.name}.svg"


def _names(v: dict[str, Any], e: Economy) -> str:
    """The provinces looked at, with what shocks to capacity alone take there."""
    found = []
    for o, key in enumerate(v["outputs"]):
        if key not in OUTPUTS:
            found.append(f"{output_name(key, e).en} ({number(v['imposed'][o], v['imposed'][o])}%)")
    return ", ".join(found)


def shares(v: dict[str, Any], o: int) -> tuple[float, float]:
    """First-order indices of one output, added up: of the shocks' drivers, and of the model's."""
    pairs = list(zip(v["names"], v["first"][o], strict=True))
    shock = sum(s for n, s in pairs if n.startswith(SHOCK))
    return shock, sum(s for n, s in pairs if not n.startswith(SHOCK))


def leaders(v: dict[str, Any], o: int, plot: Scenario, lang: Lang, most: int) -> str:
    """The parameters with the largest total index; told in words where there is room for three."""
    found = []
    for i in order(v, o)[:most]:
        name, share = f"`{v['names'][i]}`", percent(v["total"][o][i])
        words = f"{what(v['names'][i], plot)[lang]}{'; ' if lang == 'en' else '；'}" if most > 2 else ""
        found.append(f"{name} ({words}{share})" if lang == "en" else f"{name}（{words}{share}）")
    return (", " if lang == "en" else "、").join(found)


_STORY = Text(
    "- {name} in {month}: {centre}% at the centre, {low} to {high} in eight draws of ten. Of that spread "
    "the largest parts are {most}. What is assumed about the shocks makes {shock} of it alone, the model's "
    "parameters {own}.",
    "- {month}{name}偏离基准：中值{centre}%，十次抽样中八次落在{low}%至{high}%之间；"
    "影响依次最大的是{most}。"
    "单独来看，冲击假设解释离散程度的{shock}，模型参数解释{own}。",
)
_ELSEWHERE = Text("- Elsewhere (two largest): {others}.", "- 其余（前两位）：{others}。")


def story(v: dict[str, Any], e: Economy, plot: Scenario, lang: Lang) -> str:
    """The answer for one event in a few sentences."""
    lines, others = [f"**{plot.title[lang]}** (`{plot.name}`)", ""], []
    for o, key in enumerate(v["outputs"]):
        name, c = output_name(key, e), v["centre"][o]
        if key not in ("industry", "sector"):
            others.append(f"{name[lang]}: {leaders(v, o, plot, lang, 2)}")
            continue
        shock, own = map(percent, shares(v, o))
        low, high = (number(v["band"][k][o], c) for k in (0, 1))
        most = leaders(v, o, plot, lang, 3)
        lines.append(
            _STORY[lang].format(
                name=name[lang][0].upper() + name[lang][1:], month=v["month"],
                centre=number(c, c), low=low, high=high, most=most, shock=shock, own=own,
            )
        )  # fmt: skip
    joined = ("; " if lang == "en" else "；").join(others)
    return "\n".join([*lines, _ELSEWHERE[lang].format(others=joined)])


def _steps(v: dict[str, Any], o: int) -> dict[str, str]:
    """One output at the ends of the ladder and of the sourced range of the elasticity."""
    at = {r["label"]: number(r["outputs"][o], v["centre"][o]) for r in v["ladder"]}
    _, low, high = load_parameters()["elasticity"].central or (0.0, 0.0, 0.0)
    return {
        "pooled": at["pooled"], "high": at[f"{high:g}"], "low": at[f"{low:g}"],
        "rigid": number(v["ladder"][-1]["outputs"][o], v["centre"][o]),
    }  # fmt: skip


_SUBSTITUTION = Text(
    "**Substitution.** From perfect substitution to nearly none in every good, industry in {month} goes "
    "from {a[pooled]}% to {a[rigid]}% and vehicles from {b[pooled]}% to {b[rigid]}%. Inside the range that "
    "has a source the elasticity moves industry from {a[high]}% to {a[low]}% and vehicles from {b[high]}% "
    "to {b[low]}%.",
    "**替代弹性。** 从完全可替代到所有货物几乎不可替代，{month}全国工业由{a[pooled]}%降到{a[rigid]}%，"
    "汽车等运输设备由{b[pooled]}%降到{b[rigid]}%；在有来源的弹性区间内，工业由{a[high]}%到{a[low]}%，"
    "汽车等运输设备由{b[high]}%到{b[low]}%。",
)


def substitution(v: dict[str, Any], lang: Lang) -> str:
    return _SUBSTITUTION[lang].format(month=v["month"], a=_steps(v, 0), b=_steps(v, 1))


def _least_words(events: Sequence[dict[str, Any]]) -> str:
    found = least(events)
    if not found:
        return f"No parameter of the model stays under {percent(SMALL)} of the spread of every output here."
    return (
        f"The total index of these is under {percent(SMALL)} at the upper end of its interval, for every "
        f"output of every event on this page: {', '.join(f'`{n}`' for n in found)}. They may as well stay "
        "at their values: each holds less than a hundredth of the variance of these outputs. Another kind "
        "of event (a fall of demand, weeks without power) can wake them."
    )


def _how(numbers: dict[str, Any], events: Sequence[dict[str, Any]]) -> str:
    runs = "; ".join(
        f"`{v['scenario']}`: {len(v['names'])} parameters and drivers, N = {v['draws']}, seed {v['seed']}, "
        f"{v['runs']:,} runs"
        for v in events
    )
    return _HOW.format(runs=runs, level=f"{numbers['level']:g}", resamples=f"{numbers['resamples']:,}")
