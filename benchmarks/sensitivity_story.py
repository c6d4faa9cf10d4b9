"""Part one of the sensitivity page: what to know, in plain words, in both languages.

Every figure comes from the numbers that `sensitivity_page` puts into its tables; here they become
sentences. `PLAIN` has the everyday names of the parameters and drivers that the sentences speak of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sensitivity_words import SMALL, least, number, order, output_name, percent, shares, table, what

from ballast.economy import Economy
from ballast.propagate.parameters import load_parameters
from ballast.scenario import Scenario
from ballast.text import Lang, Text

MOST = 3  # assumptions named for each output
NATIONAL = ("industry", "sector", "lost", "recovery")  # outputs told one by one; places share a line

PLAIN = {
    "shock.freight": Text("how many trucks still ran", "公路货车通行量"),
    "shock.road-share": Text("how much of the goods goes by road", "公路承担的货运比重"),
    "shock.city-staff": Text("how many people were at work in the other closed cities", "其他封控城市的到岗人数"),
    "shock.jilin-staff": Text("how many people were at work in Jilin", "吉林的到岗人数"),
    "adaptation_days": Text("how long buyers take to move to other suppliers", "买方改换供应商所需的时间"),
    "shock.power": Text("how much power industry still got", "工业仍可用的电量"),
    "shock.chongqing-share": Text("how much of Chongqing's industry had to stop", "重庆停产企业的比重"),
    "elasticity": Text(
        "how easily a buyer of a specific part changes its supplier within a quarter",
        "一个季度内更换专用零部件供应商的难易",
    ),
    "stock_days": Text("how many days of inputs firms hold", "企业原材料库存天数"),
    "specific_share": Text("how much of a product fits one supplier's customers only", "产品中供应商专用部分的比重"),
    "demand_memory": Text("how many days a producer takes to notice that orders have changed", "生产者察觉订单变化所需天数"),
    "order_days": Text("over how many days a gap in stocks is made up", "补足库存缺口所用天数"),
    "order_ceiling": Text("how much a plant may order in one day", "每日订货上限"),
    "overproduction": Text("how far a plant can go above its normal output", "产能可高出平时多少"),
    "trade": Text("whether regions buy near or far", "各地区就近还是跨区采购"),
    "flow_days": Text("the cover of what cannot be stored", "不可储存产品的保障天数"),
    "finished_days": Text("the stock of finished goods", "产成品库存天数"),
    "release_days": Text("the days until goods that waited for a missing part are used", "待配套货物恢复使用的天数"),
    "return_days": Text("the days until buyers come back to a supplier", "客户回流天数"),
    "critical_cost_share_services": Text(
        "above which share of its costs an input can stop a service", "服务业关键投入的比重界线"
    ),
}  # fmt: skip

_LEAD = Text(
    "Every result rests on assumptions that have ranges: the parameters of the model, and how strong each shock "
    "was. This page says which of them move the answer, on two events. [What to know](#what-to-know) is a page "
    "to read; [all tables](#all-tables) is to look things up. 中文要点见[下文](#要点)。",
    "每个结果都依赖带区间的假设：模型参数和冲击强度。以下以两个事件说明哪些假设影响最大；全部表格见[All tables](#all-tables)。",
)

_READING = Text(
    "Industry and vehicles are given as deviations from the path without the shock. *Its part in the spread* is the share of the "
    "variance in which an assumption is involved, alone or together with others, so the parts can add up to more than 100%.",
    "工业和汽车等为相对无冲击路径的偏离。“所占份额”指一项假设单独或与其他假设共同参与的方差比重，各项之和可超过100%。",
)
_HEADS = Text(
    "result|at central values|eight draws of ten|what matters most (its part in the spread)",
    "结果|中值|十次抽样中的八次|影响最大的假设（在离散程度中所占份额）",
)
_SPLIT = Text(
    "Of the spread of {a}, what is assumed about the shocks makes {s0} by itself and the model's parameters {m0}; of "
    "the spread of {b} it is {s1} and {m1}. The rest comes from both together. In single provinces the first places go to: {places}.",
    "{a}的离散程度，冲击假设单独解释{s0}，模型参数单独解释{m0}；{b}分别为{s1}和{m1}，其余为共同作用。各省居首的假设：{places}。",
)
_ALONE = Text(
    "One at a time, from the low to the high end of its range (low is the smaller number, such as fewer trucks), with "
    "all others central:",
    "单独变动一项，由区间低端（较小的数，如较少的货车）到高端，其余取中值：",
)
_EACH = Text(
    "- **{name}** (`{key}`): {a} {a0}% to {a1}%, {b} {b0}% to {b1}%",
    "- **{name}**（`{key}`）：{a}由{a0}%到{a1}%，{b}由{b0}%到{b1}%",
)
_LEAST = Text(
    "**What does not matter here.** Each of these has a part of less than {small} in the spread of every result of both events, "
    "even at the upper end of its interval: {names}. They may as well stay at their central values. Another kind of event (a "
    "fall of demand, weeks without power) can make them matter. Of the spread of national industry, {counts} have a part of less than {small} each.",
    "**影响可忽略的假设。** 以下各项在两个事件全部结果的离散程度中所占份额（取区间上限）均不足{small}：{names}，保持中值即可；"
    "换一类事件（如需求下降、长期停电）则未必。就全国工业而言，{counts}所占份额均不足{small}。",
)
_NO_LEAST = Text(
    "**What does not matter here.** No parameter of the model stays under {small} of the spread of every result.",
    "**影响可忽略的假设。** 没有一项模型参数在全部结果中所占份额均低于{small}。",
)
_COUNT = Text("{few} of the {all} assumptions of `{name}`", "`{name}`的{all}项假设中有{few}项")
_SUBSTITUTION = Text(
    "**Changing suppliers.** If any supplier of a product could replace any other at once, industry in {month} would be "
    "at {a[pooled]}% and vehicles at {b[pooled]}%. If hardly any good could be had from another supplier, industry would be at "
    "{a[rigid]}% and vehicles at {b[rigid]}%. Neither is a forecast. Within the range that has a source, industry goes from "
    "{a[high]}% to {a[low]}% and vehicles from {b[high]}% to {b[low]}%.",
    "**替代弹性。** 若同一产品的供应商可立即完全互相替代，{month}全国工业偏离基准{a[pooled]}%，汽车等运输设备{b[pooled]}%；"
    "若所有货物几乎不可替代，则为{a[rigid]}%和{b[rigid]}%，两端均非预测。在有来源的区间内，工业为{a[high]}%至{a[low]}%，"
    "汽车等运输设备为{b[high]}%至{b[low]}%。",
)
_BOOK = Text(
    "**The book.** How large the weakly known sectors of provinces are is drawn anew in every draw of an ensemble. Alone "
    "this moves national industry in `{name}` by {book} points, where all other assumptions together move it by {all}.",
    "**账本。** 省内部门规模属估计值的，每次抽样重新抽取。仅此一项使`{name}`的全国工业变动{book}个百分点，其余假设合计为{all}个百分点。",
)
_RULES = Text(
    "**Order rules.** Some rules of ordering make a shock grow by themselves: customers cut orders by more than they lack. The "
    "default's rule {default} in these two events. Of {all} pairs of a published rule and a cover of stocks, {counts}. There the size of the loss is the "
    "rule's and not the shock's.",
    "**订货规则。** 有的订货规则会自行放大冲击：客户削减的订单多于实际短缺。默认规则在这两个事件中{default}；"
    "在{all}种已发表规则与库存天数的组合中，{counts}，此时损失大小取决于规则而非冲击。",
)
_DEFAULT = (
    Text("does not do so", "没有放大"),
    Text("does so too", "也有放大"),
)
_LIMITS = Text(
    "**What this page cannot say.** Whether the equations are right: they are the same in every run. And a wide range of grade E can come "
    "first only because nobody has measured it. That is a reason to measure it, not a finding about the economy.",
    "**本页不能说明的。** 方程是否正确：各次模拟所用方程相同。区间宽的E级假设可能只因无人测量而居前，这说明应去测量，并非对经济的结论。",
)


def part_one(events: Sequence[dict[str, Any]], plots: Sequence[Scenario], e: Economy) -> list[str]:
    """The paragraphs of part one: English, then Chinese."""
    found = [_LEAD.en]
    parts: tuple[tuple[Lang, str], ...] = (("en", "## What to know"), ("zh", "## 要点"))
    for lang, title in parts:
        found += [title, _READING.en] if lang == "en" else [title, _LEAD.zh, _READING.zh]
        for v, plot in zip(events, plots, strict=True):
            found += event_story(v, e, plot, lang)
        found += [least_story(events, plots, lang), substitution(events[0], lang)]
        found += [book_story(events[0], lang), rules_story(events, lang), _LIMITS[lang]]
    return found


def plain(name: str, plot: Scenario) -> Text:
    return PLAIN.get(name) or what(name, plot)


def event_story(v: dict[str, Any], e: Economy, plot: Scenario, lang: Lang) -> list[str]:
    """One event: its results with what matters most in each, and what the leading assumptions do alone."""
    rows = [_result_row(v, o, e, plot, lang) for o, key in enumerate(v["outputs"]) if key in NATIONAL]
    return [
        f"### {plot.title[lang]}",
        table(_HEADS[lang].split("|"), rows),
        _split(v, e, plot, lang),
        _ALONE[lang],
        "\n".join(_alone(v, e, plot, lang)),
    ]


def _result_row(v: dict[str, Any], o: int, e: Economy, plot: Scenario, lang: Lang) -> list[str]:
    key, c = v["outputs"][o], v["centre"][o]
    unit, when = ("%", f", {v['month']}") if key in ("industry", "sector") else ("", "")
    low, high = (number(v["band"][k][o], c) for k in (0, 1))
    name = output_name(key, e)[lang] + (when if lang == "en" else when.replace(", ", "，"))
    most = [f"{plain(v['names'][i], plot)[lang]} {percent(v['total'][o][i])}" for i in order(v, o)[:MOST]]
    between = " … "
    return [
        name,
        f"{number(c, c)}{unit}",
        f"{low}{between}{high}{unit}",
        ("; " if lang == "en" else "；").join(most),
    ]


def _split(v: dict[str, Any], e: Economy, plot: Scenario, lang: Lang) -> str:
    """Shocks against model, and what leads in the provinces."""
    (s0, m0), (s1, m1) = (map(percent, shares(v, o)) for o in (0, 1))
    a, b = (output_name(v["outputs"][o], e)[lang] for o in (0, 1))
    first = [
        f"{output_name(key, e)[lang]} `{v['names'][order(v, o)[0]]}`"
        for o, key in enumerate(v["outputs"])
        if key not in NATIONAL
    ]
    places = (", " if lang == "en" else "、").join(first)
    return _SPLIT[lang].format(a=a, b=b, s0=s0, m0=m0, s1=s1, m1=m1, places=places)


def leading(v: dict[str, Any]) -> list[int]:
    """The assumptions that matter most for industry or for the sector, each once, in that order."""
    return list(dict.fromkeys(i for o in (0, 1) for i in order(v, o)[:MOST]))


def _alone(v: dict[str, Any], e: Economy, plot: Scenario, lang: Lang) -> Iterator[str]:
    a, b = (output_name(v["outputs"][o], e)[lang] for o in (0, 1))
    for i in leading(v):
        key = v["names"][i]
        name = plain(key, plot)[lang]
        (a0, b0), (a1, b1) = (
            [number(v[end][i][o], v["centre"][o]) for o in (0, 1)] for end in ("low", "high")
        )
        yield _EACH[lang].format(
            name=name[0].upper() + name[1:], key=key, a=a, b=b, a0=a0, a1=a1, b0=b0, b1=b1
        )


def least_story(events: Sequence[dict[str, Any]], plots: Sequence[Scenario], lang: Lang) -> str:
    found, small = least(events), percent(SMALL)
    if not found:
        return _NO_LEAST[lang].format(small=small)
    listed = [f"{plain(n, plots[0])[lang]} (`{n}`)" for n in found]
    counts = [
        _COUNT[lang].format(
            name=v["scenario"], all=len(v["names"]), few=sum(t < SMALL for t in v["total"][0])
        )
        for v in events
    ]
    joined = (" and " if lang == "en" else "、").join(counts)
    return _LEAST[lang].format(
        small=small, names=("; " if lang == "en" else "；").join(listed), counts=joined
    )


def _steps(v: dict[str, Any], o: int) -> dict[str, str]:
    """One output at the ends of the ladder and of the sourced range of the elasticity."""
    at = {r["label"]: number(r["outputs"][o], v["centre"][o]) for r in v["ladder"]}
    _, low, high = load_parameters()["elasticity"].central or (0.0, 0.0, 0.0)
    return {
        "pooled": at["pooled"], "high": at[f"{high:g}"], "low": at[f"{low:g}"],
        "rigid": number(v["ladder"][-1]["outputs"][o], v["centre"][o]),
    }  # fmt: skip


def substitution(v: dict[str, Any], lang: Lang) -> str:
    return _SUBSTITUTION[lang].format(month=v["month"], a=_steps(v, 0), b=_steps(v, 1))


def book_story(v: dict[str, Any], lang: Lang) -> str:
    """How far the book's draws alone move national industry, beside everything else."""
    alone = v["book"]["high"][0] - v["book"]["low"][0]
    everything = v["band"][1][0] - v["band"][0][0]
    return _BOOK[lang].format(name=v["scenario"], book=f"{alone:.1f}", all=f"{everything:.1f}")


def rules_story(events: Sequence[dict[str, Any]], lang: Lang) -> str:
    default = any(r["sign"] for v in events for r in v["rules"] if r["label"].startswith("default"))
    published = [[r for r in v["rules"] if not r["label"].startswith("default")] for v in events]
    words = Text("{n} do in `{name}`", "`{name}`有{n}种放大")[lang]
    counts = [
        words.format(n=sum(bool(r["sign"]) for r in rows), name=v["scenario"])
        for v, rows in zip(events, published, strict=True)
    ]
    return _RULES[lang].format(
        default=_DEFAULT[default][lang],
        all=len(published[0]),
        counts=(" and " if lang == "en" else "、").join(counts),
    )
