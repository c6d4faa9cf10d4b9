"""What a reader must know before the numbers: how the run ended, and what of the scenario it does not hold.

notes         all of it, for the first page, the terminal and `predict`
part_months   months of which only some days are simulated
short         stocks from which more is drawn than they hold
"""

from __future__ import annotations

import datetime as dt

from ballast import units
from ballast.economy import Economy
from ballast.outcomes import Ending
from ballast.propagate.amplify import Amplification
from ballast.propagate.published import note
from ballast.propagate.run import Outcome, Run
from ballast.scenario import Scenario, compile_scenario
from ballast.scenario.doubts import overdrawn
from ballast.scenario.horizon import judged, months
from ballast.text import Text

_WORDS = {
    "months": Text(
        "Months simulated only in part: {list}. Their figures are those of these days.",
        "只模拟了部分天数的月份：{list}；当月数字为这些天的平均。",
    ),
    "month": Text("{inside} of the {of} days of {month}", "{month}{of}天中的{inside}天"),
    "passed": Text(
        " A month with fewer than half its days is not called the worst.",
        "模拟天数不足一半的月份不作为影响最重的月份。",
    ),
    "stocks": Text(
        "More is drawn from stocks than they hold: {list}. What is not there is not drawn.",
        "动用的库存超过实有库存：{list}；超出部分不计。",
    ),
    "stock": Text(
        "{drawn} days of use of {product}, where {held} are held",
        "{product}动用{drawn}天用量，实有{held}天",
    ),
    "and": Text(", ", "、"),
}


def notes(economy: Economy, plot: Scenario, run: Run, verdict: Amplification | None) -> tuple[Text, ...]:
    """What a reader must know before the numbers."""
    found = [] if run.outcome.kind is Ending.COMPLETED else [_ended(run.outcome)]
    if verdict is not None and verdict.kind == "amplifies":
        found.append(verdict.words)
    if run.published is not None:
        found += note(run.published.model, compile_scenario(plot, economy))
    return (*found, *short(run), *part_months(plot.start, plot.end))


def _ended(outcome: Outcome) -> Text:
    """How a run ended, and what to try."""
    words, remedy = outcome.words, outcome.remedy
    return Text(f"{words.en} {remedy.en}", f"{words.zh}{remedy.zh}")


def part_months(first: dt.date, last: dt.date) -> tuple[Text, ...]:
    """The months from `first` to `last` of which some days lie outside, and whether one is passed over."""
    held = months(first, last)
    part = [m for m in held if not m.whole]
    if not part:
        return ()
    each = [
        _WORDS["month"].format(
            inside=m.inside, of=m.of, month=Text(units.month(m.period, "en"), units.month(m.period, "zh"))
        )
        for m in part
    ]
    said = _WORDS["months"].format(list=_listed(each))
    passed = _WORDS["passed"] if len(judged(held)) < len(held) else Text("", "")
    return (Text(said.en + passed.en, said.zh + passed.zh),)


def short(run: Run) -> tuple[Text, ...]:
    """Stocks of which a day's path draws more than they hold when nothing has happened yet."""
    found = overdrawn(run.forcing, run.economy, run.parameters.stock_days)
    if not found:
        return ()
    each = [
        _WORDS["stock"].format(
            product=run.economy.sectors[p].name, drawn=f"{drawn:,.4g}", held=f"{held:,.4g}"
        )
        for p, (drawn, held) in sorted(found.items())
    ]
    return (_WORDS["stocks"].format(list=_listed(each)),)


def _listed(each: list[Text]) -> Text:
    return Text(_WORDS["and"].en.join(t.en for t in each), _WORDS["and"].zh.join(t.zh for t in each))
