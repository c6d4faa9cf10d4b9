"""ballast scenario list, show, check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from ballast.cli.console import Json, Reply, finding_lines, terminal_lang
from ballast.cli.run import BookOption, ScenarioArgument
from ballast.text import Lang, Text, counted

if TYPE_CHECKING:
    from ballast.scenario import Scenario

app = typer.Typer(help="Scenarios: what happens to an economy.")

_WORDS = {
    "book": Text("written for book", "所属账本"),
    "days": Text(
        "from {start} to {end}, help can act from {decision}", "{start} 至 {end}，{decision} 起可施救"
    ),
    "shocks": Text("what happens", "冲击"),
    "ranges": Text("where it should end", "目标区间"),
    "sources": Text("sources", "来源"),
}


@app.command("list")
def list_(json: Json = False) -> Reply:
    """List the built-in scenarios."""
    from ballast.evidence import worst
    from ballast.scenario import builtin_scenarios, load

    found = [load(name) for name in builtin_scenarios()]
    width = max((len(s.name) for s in found), default=0)
    lang = terminal_lang()
    words = [f"{s.name:<{width}}  {s.title[lang]}" for s in found]
    scenarios = [
        {"name": s.name, "title": s.title, "book": s.book, "grade": worst(k.grade for k in s.shocks)}
        for s in found
    ]
    return Reply(words, {"scenarios": scenarios})


@app.command()
def show(name: ScenarioArgument, json: Json = False) -> Reply:
    """Say what a scenario holds, and its sources."""
    from ballast.scenario import load

    scenario = load(name)
    return Reply(_describe(scenario, terminal_lang()), scenario)


def _describe(s: Scenario, lang: Lang) -> list[str]:
    dates = _WORDS["days"].format(start=s.start, end=s.end, decision=s.decision)
    lines = [s.title[lang], "", *s.summary[lang].strip().split("\n"), ""]
    lines += [f"{_WORDS['book'][lang]} {s.book}", dates[lang], "", f"{_WORDS['shocks'][lang]}:"]
    lines += [f"  {k.felt(s.end)[0]}  {k.kind:<12}  {k.title[lang]}  [{k.grade}]" for k in s.shocks]
    if s.ranges:
        lines += ["", f"{_WORDS['ranges'][lang]}:"]
        lines += [f"  {r.indicator} {r.region} {r.period}: {_interval(r.low, r.high)}" for r in s.ranges]
    if s.sources:
        lines += ["", f"{_WORDS['sources'][lang]}:"]
        lines += [f"  {x.title} ({x.publisher}, {x.date})" for x in s.sources]
    return lines


def _interval(low: float | None, high: float | None) -> str:
    """An interval in percent, either side of which may be open."""
    return f"{'..' if low is None else f'{low:+g}%'} - {'..' if high is None else f'{high:+g}%'}"


@app.command()
def check(
    file: ScenarioArgument,
    book: BookOption = None,
    json: Json = False,
) -> Reply:
    """Check a scenario against its book.

    Every mistake is named at once, with its file, line and key.
    """
    from ballast.economy import book as books
    from ballast.propagate.parameters import load_parameters
    from ballast.scenario import check_scenario, load

    scenario = load(file)
    economy = books.load(book or scenario.book)
    findings = list(check_scenario(scenario, economy, load_parameters().resolve(economy).stock_days))
    bad = any(f.level == "error" for f in findings)
    closing = (
        f"{file}: {counted(len(scenario.shocks), 'shock')} on book {economy.name}; "
        f"{'it cannot be used' if bad else 'it can be used'}, findings: {len(findings)}"
    )
    document = {"scenario": scenario.name, "book": economy.name, "usable": not bad, "findings": findings}
    return Reply([*finding_lines(findings), closing], document, exit_code=2 if bad else 0)
