"""ballast campaign: thousands of draws, summaries only; it continues after any stop."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ballast import machine, terminal
from ballast.cli.console import Json, Reply, terminal_lang
from ballast.cli.progress import Progress
from ballast.cli.run import BookOption, ModelName, ModelOption
from ballast.errors import InputError, Interrupted
from ballast.text import Lang, Text, counted
from ballast.units import month, percent

if TYPE_CHECKING:
    from ballast.economy import Economy
    from ballast.propagate.campaign import Campaign
    from ballast.scenario import Scenario
    from ballast.units import Money

_WORDS = {
    "worst": Text(
        "Industrial value added of {scope}, {month} (the worst month): {q50} at the median, "
        "{q10} to {q90} in eight draws of ten.",
        "{scope}工业增加值最差月份{month}：中位数{q50}，十次抽样中八次落在{q10}至{q90}之间。",
    ),
    "lost": Text(
        "Lost over the horizon: {q50} at the median; one draw in ten loses more than {q90}, one in "
        "twenty more than {q95}.",
        "全期损失：中位数{q50}；十分之一的抽样超过{q90}，二十分之一超过{q95}。",
    ),
    "outcomes": Text("{draws} draws: {list}.", "抽样{draws}次：{list}。"),
    "completed": Text("{n} completed", "{n}次完成"),
    "collapsed": Text("{n} collapsed", "{n}次崩溃"),
    "diverged": Text("{n} diverged (left out)", "{n}次发散（未计入）"),
    "nothing": Text("Every draw diverged: there are no figures.", "全部抽样发散，没有结果。"),
    "kept": Text("{parts} there already, {ran} were run.", "已有{kept}个部分，本次运行{ran}个。"),
    "damaged": Text("Not whole, and run again: {names}.", "以下部分文件不完整，已重新运行：{names}。"),
    "files": Text("The tables: {folder}", "结果表：{folder}"),
}


class DeviceName(StrEnum):
    """Where draws run."""

    processor = "processor"
    cuda = "cuda"


Scenarios = Annotated[
    list[str],
    typer.Argument(
        metavar="SCENARIO...", help="Built-in scenarios (see `ballast scenario list`) or files."
    ),
]


def campaign(
    scenarios: Scenarios,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="The campaign's folder: a new one, or one to continue."),
    ],
    book: BookOption = None,
    draws: Annotated[int, typer.Option("--draws", metavar="N", help="Draws of each scenario.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the draws.")] = 1,
    model: ModelOption = ModelName.default,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            metavar="ADDRESS",
            help="Spread the draws over a Ray cluster: its address, `auto`, or `local` for this machine.",
        ),
    ] = None,
    device: Annotated[
        DeviceName, typer.Option("--device", help="Where the draws run: `cuda` is an NVIDIA card.")
    ] = DeviceName.processor,
    json: Json = False,
) -> Reply:
    """Run thousands of draws and keep their summaries.

    It can be stopped at any moment: the same command continues and gives the same bytes.
    """
    with Progress(silent=json) as progress:
        from ballast.propagate import campaign as campaigns

        if device is DeviceName.cuda and cluster is not None:
            raise InputError("--device, --cluster: draws run on a card or on a cluster. Leave one out.")
        plan = campaigns.plan(
            scenarios, book=book, draws=draws, seed=seed, model=model.value, device=device.value
        )
        spread = None
        if device is DeviceName.cuda:
            from ballast.propagate.campaign.card import on_card

            spread = on_card()
        if cluster is not None:
            from ballast.propagate.campaign.cluster import on_cluster

            spread = on_cluster(cluster)
        try:
            with machine.last_step(lambda: None):  # many files: none of them is all that was asked for
                found = campaigns.run(plan, out, spread=spread, progress=progress)
            progress.settle()
        except KeyboardInterrupt:
            done = len(list((out / "parts").glob("part-*.npz")))
            raise Interrupted(
                f"Interrupted: {done} of {len(plan.jobs)} parts are finished and kept in {out}. The same "
                "command goes on."
            ) from None
    document = {
        "folder": out.resolve(),
        "kept": found.kept,
        "ran": found.ran,
        "damaged": list(found.damaged),
        "campaign": found.document,
    }
    plots = {plot.name: plot for plot in plan.scenarios}
    return Reply(_words(found, plots, plan.economy, terminal_lang()), document)


def _words(found: Campaign, plots: Mapping[str, Scenario], e: Economy, lang: Lang) -> list[str]:
    """The headlines, what this call had to do, and where the tables are."""
    from ballast.report.terminal import folded
    from ballast.units import Money

    money = Money.read(e.unit, e.currency)
    columns = terminal.width(sys.stdout) or 100
    lines = []
    for result in found.document["results"]:
        plot = plots[result["scenario"]]
        lines += [plot.title[lang], ""]
        said = _result(result, plot, money, e.scope, lang)
        lines += [row for text in said for row in folded(text, columns)]
        lines.append("")
    lines.append(
        _WORDS["kept"].format(
            kept=found.kept, parts=counted(found.kept, "part was", "parts were"), ran=found.ran
        )[lang]
    )
    if found.damaged:
        lines.append(_WORDS["damaged"].format(names=", ".join(found.damaged))[lang])
    return [*lines, _WORDS["files"].format(folder=found.folder.resolve())[lang]]


def _result(result: Mapping[str, Any], plot: Scenario, money: Money, scope: Text, lang: Lang) -> list[str]:
    """One scenario in a few lines."""
    from ballast.answer.told import part_months
    from ballast.scenario import horizon

    counts = {k: n for k, n in result["outcomes"].items() if n}
    listed = [_WORDS[k].format(n=n)[lang] for k, n in counts.items()]
    join = "，" if lang == "zh" else ", "
    lines = [_WORDS["outcomes"].format(draws=sum(counts.values()), list=join.join(listed))[lang]]
    months = {m: v for m, v in result["months"].items() if v["q50"] is not None}
    if not months:
        return [*lines, _WORDS["nothing"][lang]]
    judged = horizon.judged(horizon.months(plot.start, plot.end))
    worst = min([m for m in months if m in judged] or months, key=lambda m: months[m]["q50"])
    shares = {q: percent(months[worst][q]) for q in ("q10", "q50", "q90")}
    lost = {q: money.text(result["lost"][q], lang) for q in ("q50", "q90", "q95")}
    return [
        *lines,
        _WORDS["worst"].format(scope=scope[lang], month=month(worst, lang), **shares)[lang],
        _WORDS["lost"].format(**lost)[lang],
        *(note[lang] for note in part_months(plot.start, plot.end)),
    ]
