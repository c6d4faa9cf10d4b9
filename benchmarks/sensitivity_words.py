"""What the sensitivity page and its pictures call things: outputs, parameters, ends of ranges, numbers.

Pure, and the lowest of the page's files: `sensitivity_story` (what to know), `sensitivity_pictures` and
`sensitivity_page` (all tables) use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ballast.economy import Economy
from ballast.propagate.parameters import load_parameters
from ballast.propagate.simulate import SHOCK
from ballast.scenario import Scenario
from ballast.text import Text

OUTPUTS = {
    "industry": Text("national industry", "全国工业"),
    "sector": Text("vehicles", "汽车等运输设备"),
    "lost": Text("lost over the horizon, bn", "全期损失（十亿元）"),
    "recovery": Text("days to recovery", "恢复天数"),
}
SMALL = 0.01  # total index under which a parameter may as well stay at its value


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


def shares(v: dict[str, Any], o: int) -> tuple[float, float]:
    """First-order indices of one output, added up: of the shocks' drivers, and of the model's."""
    pairs = list(zip(v["names"], v["first"][o], strict=True))
    shock = sum(s for n, s in pairs if n.startswith(SHOCK))
    return shock, sum(s for n, s in pairs if not n.startswith(SHOCK))


def least(events: Sequence[dict[str, Any]]) -> list[str]:
    """Model parameters whose total index is surely under `SMALL` for every output of every event."""
    worst: dict[str, float] = {}
    for v in events:
        upper = np.max(v["total_range"][1], axis=0)
        for name, share in zip(v["names"], upper, strict=True):
            worst[name] = max(worst.get(name, 0.0), float(share))
    found = [n for n, share in worst.items() if share < SMALL and not n.startswith(SHOCK)]
    return sorted(found, key=lambda n: worst[n])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(r) + " |" for r in rows)])
