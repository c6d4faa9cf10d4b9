"""The sensitivity page: numbers of `sensitivity.py` -> docs/sensitivity.md and its pictures.

Part one, what to know, is `sensitivity_story`; part two, all tables, is here; `sensitivity_pictures` draws, and
`sensitivity_words` has what they share. Pure: the same numbers give the same page, which a test compares. Nothing
here is computed by the engine; parameters, names and titles come from the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from sensitivity_pictures import ladder_picture, tornado
from sensitivity_story import part_one
from sensitivity_words import OUTPUTS, ends, number, order, output_name, percent, swing, table, what

from ballast.economy import Economy, book
from ballast.propagate.parameters import Parameter, load_parameters, single_sourced_parts
from ballast.propagate.simulate import SHOCK
from ballast.scenario import Scenario, load

# ---- texts -------------------------------------------------------------------------------------

_TABLES = """\
Below, a parameter of the model stands under its name in [the parameter table](model.md#9-parameters), and an
uncertainty of the scenario (a *driver*, which moves one or several shocks) as `shock.` and its name:"""

_ONE = """\
Each row sets one parameter to the low and then to the high end of its range; all others stay central.
Cells read *low … high*; the number in the head is the central run. Industry, vehicles (sector 18) and
provinces are deviations of value added from baseline in {month}, percent. The provinces were not closed
themselves, or only in part; the brackets say what the shocks to capacity take there directly, before any
knock-on effect: {places}. Days to recovery are counted from the first day of the scenario until national
industry stays within 1% of baseline. Low and high are the ends of a range of numbers, not mild and severe:
low `shock.staff` means few people at work."""

_OTHER = """\
Another kind of event, so that the page does not rest on one alone. Values are those of {month}. What the shocks
take directly: {places}."""

_ALL = """\
Moving one parameter at a time misses what parameters do together. Here all move at once, each uniform over its
quantile (half the draws lie below the central value), and Sobol's indices split the variance of an output among
them. *Total* is the share of the variance in which a parameter has a part, alone or together with others. *Alone*
(first order) is the share that would disappear if the parameter were known. The brackets are {level}% intervals, from
drawing the rows of the sample again. *Rank* is by the total index; a span such as 3–5 says that the sample cannot tell
these ranks apart. Indices near zero can come out slightly negative. *Interactions* is one minus the sum of all
first-order indices and is known no better than its interval. The last columns are total indices."""

_BOOK = """\
How large the nodes of grade D and E are (where a province's industries are only estimated) is drawn anew in
every draw of an ensemble ([the model](model.md#7-the-ensemble)). Such a draw has no low and high end, so it has
no row in the tables above, which take the book as it stands. The column *the book alone* is the 10th and the 90th
percentile of {draws} draws of the book, with everything else central; beside it stands the same for all parameters
together."""

_LADDER = """\
Only the elasticity between suppliers of a specific part changes; everything else stays at its central value. The first row pools all suppliers of a product, as ARIO and Pichler et al. do; the last is nearly rigid,
with every good wholly specific to its maker. Neither end is a forecast: they show how much of the answer
depends on this one number. Finished goods, fixed stock targets and adaptation work at both ends, so the
rigid end does not stop the whole country."""

_PARTS = """\
The model turns the elasticity into the number of parts that each client firm buys from one supplier only
([the model](model.md#3-complete-kits-where-q-comes-from)): n = 1 pools all suppliers; with n parts, a
supplier of a twentieth of the market that stops takes complete kits from 1 − 0.95ⁿ of the firms. For the
range of parts, the share and the elasticity are set to their ends together. Services, and what comes by wire or
pipe, have n = 1. [The model](model.md#9-parameters) gives the grade of each row."""

_RULES = """\
An order rule amplifies a shock in one of two ways: buyers cut their orders below what they use by more than the
shocks take, or the loss does not fade although the shocks are over (`ballast.propagate.amplify` states both
exactly). *Orders missing* is the largest amount of orders that was missing, divided by the largest impact of the
shocks up to that day. The published models run on the same book and shock by their own rules (every input critical,
no roads, no stock changes), with the cover of stocks that their authors took and with others. Where the verdict is
yes, the size of the loss comes from the rule and not from the shock. The last column is the same rule with no shock at all: where it is
not zero, the rounding of the computer alone is enough to set it off. The default keeps stock targets fixed, bounds
orders and serves producers first; it does not amplify in any built-in scenario (tests check this). A shock
that never ends is judged by its orders alone."""

_HOW = """\
`python benchmarks/sensitivity.py` computes and writes everything here (`--draws 64` for a quick look,
`--page` to write the page again from the stored numbers). {runs}: N (d + 2) for the indices of d parameters
(Saltelli's design on a scrambled Sobol sequence, scipy's `sobol_indices`), and one run each for low and high.
Intervals: {level}%, from {resamples} resamples of the rows, for all parameters together. The numbers are in
[`benchmarks/results/sensitivity.json`](../benchmarks/results/sensitivity.json).

What it cannot say: the equations, the recipes of the book and `built_in` are the same in
every run. Parameters are taken as independent and uniform over their quantiles. The sectors of a
table move together (one quantile makes all stocks long or short), so the uncertainty of a single sector is not
seen. Ranges are those of the sources, which differ in quality: a wide range of grade E can rank above a narrow
one of grade B only because nobody has measured it. None was fitted to the events."""

# ---- the page ----------------------------------------------------------------------------------


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
    """The whole page: what to know, then all tables."""
    parts = [
        "# What moves the answer",
        "<!-- benchmarks/sensitivity.py writes this page: change it there -->",
        *part_one(events, plots, e),
        *part_two(numbers, events, plots, e),
    ]
    return "\n\n".join(parts) + "\n"


def part_two(
    numbers: dict[str, Any], events: Sequence[dict[str, Any]], plots: Sequence[Scenario], e: Economy
) -> list[str]:
    """Every table, with how to read it."""
    main, plot = events[0], plots[0]
    parts = [
        "## All tables",
        _TABLES,
        meaning_table(events, plots),
        "### One parameter at a time",
        _ONE.format(month=main["month"], places=_names(main, e)),
        f"![Bars around the central value]({_picture(plot)})",
        one_table(main, e, range(len(main["outputs"]))),
    ]
    for v, p in zip(events[1:], plots[1:], strict=True):
        parts += [f"#### The same for `{p.name}`", _OTHER.format(month=v["month"], places=_names(v, e))]
        parts += [f"![Bars around the central value]({_picture(p)})"]
        parts += [one_table(v, e, range(len(v["outputs"])))]
    parts += ["### All parameters together", _ALL.format(level=f"{numbers['level']:g}")]
    for v, p in zip(events, plots, strict=True):
        parts += [f"#### `{p.name}`", index_table(v, e, range(len(v["outputs"])))]
    parts += ["### The weak cells of the book", _BOOK.format(draws=main["book"]["draws"])]
    for v in events:
        parts += [f"`{v['scenario']}`, {v['month']}:", book_table(v, e)]
    return [
        *parts,
        "### From perfect substitution to nearly none", _LADDER,
        "![Output by elasticity](img/sensitivity-elasticity.svg)",
        *(x for v in events for x in (f"`{v['scenario']}`:", ladder_table(v, e))),
        "### Elasticities by product", _PARTS, parts_table(e),
        "\n".join(source(load_parameters()[k]) for k in SOURCED),
        "### Order rules: who amplifies", _RULES,
        *(x for v in events for x in (f"`{v['scenario']}`, industry, %:", rules_table(v))),
        "### How this was computed", _how(numbers, events),
    ]  # fmt: skip


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


def _how(numbers: dict[str, Any], events: Sequence[dict[str, Any]]) -> str:
    runs = "; ".join(
        f"`{v['scenario']}`: {len(v['names'])} parameters and drivers, N = {v['draws']}, seed {v['seed']}, "
        f"{v['runs']:,} runs"
        for v in events
    )
    return _HOW.format(runs=runs, level=f"{numbers['level']:g}", resamples=f"{numbers['resamples']:,}")
