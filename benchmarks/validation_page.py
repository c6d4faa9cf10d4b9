"""The validation page: numbers of `validation.py` -> docs/validation.md and its pictures.

Pure: the same numbers give the same page, which a test compares. What wins and what loses is written by the
numbers; nothing here knows who should.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ballast.report import colours, svg
from ballast.text import Lang, Text

DEFAULT = "default"
MINUS = "\u2212"
WORDS = {
    "China": Text("China", "全国"),
    "Shanghai": Text("Shanghai", "上海"),
    "Yangtze delta": Text("Yangtze delta", "长三角"),
    "North-east": Text("North-east", "东北"),
    "Jilin": Text("Jilin", "吉林"),
    "all": Text("all", "全部"),
    "April": Text("April", "4月"),
    "May to July": Text("May to July", "5—7月"),
    "places": Text("places", "各地工业"),
    "vehicles": Text("vehicles", "汽车等运输设备"),
    "sectors": Text("national, by sector", "全国分行业"),
    "sectors, April": Text("national, by sector, April", "全国分行业，4月"),
    "": Text("industry", "工业"),
    DEFAULT: Text("the default model", "默认模型"),
    "ario": Text("ARIO", "ARIO"),
    "pichler": Text("Pichler et al.", "Pichler等"),
    "inoue-todo": Text("Inoue and Todo", "Inoue与Todo"),
    "default, roads open": Text("the default with roads open", "默认模型（道路畅通）"),
    "no change": Text("no change", "不变"),
    "direct loss": Text("direct loss", "直接损失"),
    "Leontief": Text("static Leontief", "静态Leontief"),
    "Ghosh": Text("static Ghosh", "静态Ghosh"),
}
RULES = {
    "half year": Text("half year", "半年均值"),
    "January-February": Text("January-February", "1—2月"),
    "last quarter": Text("last quarter", "上年四季度"),
}
CALIBRATED = 70.0  # percent of the figures: fewer in an 80% band is too few
SURE = 0.05  # a chance below this is called more than chance


def number(value: float, digits: int = 1, signed: bool = False) -> str:
    """A number with a true minus sign."""
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    text = text.replace("-", MINUS)
    return text.removeprefix(MINUS) if float(f"{value:.{digits}f}") == 0 and not signed else text


def label(numbers: dict[str, Any], t: dict[str, Any], lang: Lang, month: bool = True) -> str:
    """Place, sector and period of a target."""
    names = numbers["names"]
    sector = names[t["sector"]][lang] if t["sector"] else WORDS[""][lang]
    place = WORDS[t["place"]][lang]
    if lang == "en":
        return f"{place}, {sector.lower()}" + (f", {t['period']}" if month else "")
    return f"{place}{sector}" + (f"{t['period']}" if month else "")


def rivals(numbers: dict[str, Any]) -> list[str]:
    """Everything that competes: the diagnosis was made afterwards and does not."""
    return [n for n in numbers["predicted"] if n != numbers["diagnosis"]]


def best(numbers: dict[str, Any], group: str, rule: str | None = None) -> str:
    """Who has the smallest mean absolute error of a group."""
    scores = numbers["scores"][rule or numbers["rule"]][group]
    return min(rivals(numbers), key=lambda n: scores[n]["error"])


# ---- the summary -------------------------------------------------------------------------------


def summary(numbers: dict[str, Any], lang: Lang) -> str:
    """What a reader takes away, losses first."""
    scores = numbers["scores"][numbers["rule"]]
    lines = [
        _verdict(numbers, "all", lang),
        _verdict(numbers, "April", lang),
        _verdict(numbers, "May to July", lang),
        _vehicles(numbers, lang),
        _nearest(numbers, lang),
        _coverage(scores["all"], lang),
        _required(numbers, lang),
        _roads(numbers, lang),
    ]
    return "\n".join(f"- {line}" for line in lines)


def _verdict(numbers: dict[str, Any], group: str, lang: Lang) -> str:
    """Who is nearest in a group of figures, and by how much the default is not."""
    scores, count = numbers["scores"][numbers["rule"]][group], len(numbers["groups"][group])
    mine, bias = scores[DEFAULT]["error"], scores[DEFAULT]["bias"]
    others = sorted((n for n in rivals(numbers) if n != DEFAULT), key=lambda n: scores[n]["error"])
    nearer = [n for n in others if scores[n]["error"] < mine]
    sure = [n for n in nearer if numbers["against"][group][n]["chance"] < SURE]
    figures = {n: f"{WORDS[n][lang]} {number(scores[n]['error'])}" for n in others}
    if lang == "en":
        way = f"{number(abs(bias))} too {'low' if bias < 0 else 'high'}"
        title = WORDS[group].en[0].upper() + WORDS[group].en[1:]
        head = f"**{title}, {count} figures.** The default is {number(mine)} points off, "
        if not nearer:
            return f"{head}nearer than all others ({figures[others[0]]})."
        gap = (
            f"the gap to {_and([WORDS[n].en for n in sure])} is larger than chance explains"
            if sure
            else ("no gap is larger than chance explains")
        )
        return f"{head}on average {way}. **It loses** to {', '.join(figures[n] for n in nearer)}; {gap}."
    way = f"平均偏{'低' if bias < 0 else '高'}{number(abs(bias))}"
    head = f"**{WORDS[group].zh}，{count}个数字。**默认模型平均相差{number(mine)}个百分点，"
    if not nearer:
        return f"{head}优于其他全部（{figures[others[0]]}）。"
    gap = f"与{'、'.join(WORDS[n].zh for n in sure)}的差距超出偶然" if sure else "差距均不足以排除偶然"
    return f"{head}{way}。**落后于**{'、'.join(figures[n] for n in nearer)}；{gap}。"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _vehicles(numbers: dict[str, Any], lang: Lang) -> str:
    i = next(
        n
        for n, t in enumerate(numbers["targets"])
        if (t["place"], t["sector"], t["period"]) == ("China", "18", "2022-04")
    )
    truth = numbers["targets"][i]["deviation"][numbers["rule"]]
    mine = numbers["predicted"][DEFAULT]["mid"][i]
    others = [n for n in rivals(numbers) if n != DEFAULT]
    near = min(others, key=lambda n: abs(numbers["predicted"][n]["mid"][i] - truth))
    value = numbers["predicted"][near]["mid"][i]
    wins = abs(mine - truth) < abs(value - truth)
    if lang == "en":
        tail = "the default is nearest" if wins else f"{WORDS[near].en} is nearer"
        return f"**Vehicles in April**, for which it was built: published {number(truth)}%, the default {number(mine)}%, the best of the others " \
               f"({WORDS[near].en}) {number(value)}%: {tail}."  # fmt: skip
    tail = "默认模型最接近" if wins else f"{WORDS[near].zh}更接近"
    return f"**4月汽车等运输设备**（该模型的设计目标）：公布{number(truth)}%，默认模型{number(mine)}%，其余最好的{WORDS[near].zh}{number(value)}%：{tail}。"


def _nearest(numbers: dict[str, Any], lang: Lang) -> str:
    """On which figures nobody is nearer than the default."""
    won = []
    for i, t in enumerate(numbers["targets"]):
        truth = t["deviation"][numbers["rule"]]
        errors = {n: abs(numbers["predicted"][n]["mid"][i] - truth) for n in rivals(numbers)}
        if min(errors, key=lambda n: errors[n]) == DEFAULT:
            won.append(t)
    count = len(numbers["targets"])
    listed = [label(numbers, t, lang) for t in won]
    if lang == "en":
        return f"**It comes nearest of all on {len(won)} of {count} figures**: {'; '.join(listed)}."
    return f"**{count}个数字中最接近的有{len(won)}个**：{'；'.join(listed)}。"


def _coverage(scores: dict[str, Any], lang: Lang) -> str:
    share = 100 * scores[DEFAULT]["inside"]
    good = share >= CALIBRATED
    if lang == "en":
        tail = (
            "as it should be"
            if good
            else (
                "they are too narrow, and too low. Read a band as what the stated ranges imply, not as what will happen"
            )
        )
        return f"**Bands.** {share:.0f}% of the figures lie in the default's 80% bands: {tail}."
    tail = "与名义水平相符" if good else "区间过窄且偏低，只能理解为所给参数区间的后果，不能当作预测区间"
    return f"**区间。**默认模型的80%区间覆盖了{share:.0f}%的公布数字：{tail}。"


def _required(numbers: dict[str, Any], lang: Lang) -> str:
    """The three figures of April that the default was asked to hold in its band."""
    parts, made = [], numbers["predicted"][DEFAULT]
    for row in numbers["required"]["rows"]:
        i, t = row["target"], numbers["targets"][row["target"]]
        low, high = made["low"][i], made["high"][i]
        text = f"{label(numbers, t, lang, month=False)} {number(t['deviation'][numbers['rule']])}% " \
               f"[{number(low)}, {number(high)}] "  # fmt: skip
        inside = [r for r in numbers["rules"] if low <= t["deviation"][r] <= high]
        if row["inside"]:
            text += {"en": "inside", "zh": "在内"}[lang]
        elif inside:
            also = [f"{RULES[r][lang]} {number(t['deviation'][r])}%" for r in inside]
            text += {"en": f"**outside** (inside by the rule {', '.join(also)})",
                     "zh": f"**在外**（按{'、'.join(also)}则在内）"}[lang]  # fmt: skip
        else:
            text += {"en": "**outside**", "zh": "**在外**"}[lang]
        parts.append(text)
    worst = number(abs(numbers["required"]["lowest_elsewhere"]))
    if lang == "en":
        return f"**What was required for April**: these figures inside its 80% band, without stopping the whole country: " \
               f"{'; '.join(parts)}. No province that was not closed loses more than {worst}% of its industry " \
               "in any month."  # fmt: skip
    return f"**4月的硬性要求**（落入80%区间且不使全国停摆）：{'；'.join(parts)}。未封控省份任一月份工业损失不超过{worst}%。"


def _roads(numbers: dict[str, Any], lang: Lang) -> str:
    """Where most of the error comes from, by leaving it out."""
    which, scores = numbers["diagnosis"], numbers["scores"][numbers["rule"]]["all"]
    i = numbers["required"]["rows"][0]["target"]
    truth = number(numbers["targets"][i]["deviation"][numbers["rule"]])
    shut, free = (number(numbers["predicted"][n]["mid"][i]) for n in (DEFAULT, which))
    before, after = number(scores[DEFAULT]["error"]), number(scores[which]["error"])
    later = [r for r in numbers["roads"]["rows"] if r["day"] >= "2022-04-20" and r["day"] < "2022-06-01"]
    counted = 100 * sum(r["counted"] for r in later) / len(later)
    assumed = 100 * sum(r["assumed"] for r in later) / len(later)
    if lang == "en":
        return f"**Where the error comes from.** With the scenario's closed roads left out, national industry in April is {free}% instead " \
               f"of {shut}% (published {truth}%), and the mean error is {after} points instead of {before}. From 20 April to the end of May trucks on " \
               f"expressways were back at {counted:.0f}% of the usual number, while the scenario, which follows an index of full trucks, lets " \
               f"{assumed:.0f}% of goods pass ([below](#roads-assumed-and-counted)). This was found after the figures were seen: it is a diagnosis, it does not " \
               "compete, and nothing was changed because of it."  # fmt: skip
    return f"**误差来源。**若不计情景中的道路受阻，4月全国工业为{free}%而非{shut}%（公布{truth}%），平均误差由{before}降至{after}个百分点。" \
           f"4月20日至5月底高速公路货车已恢复至正常的{counted:.0f}%，而情景依据整车指数，只让{assumed:.0f}%的货物通行（见[下表](#roads-assumed-and-counted)）。" \
           "此为看到结果后的诊断，不参与比较，也未据此改动任何参数。"  # fmt: skip


# ---- tables ------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(r) + " |" for r in rows)])


def score_table(numbers: dict[str, Any], key: str, digits: int, largest: bool) -> str:
    """One measure: a row a model, a column a group, the best of each in bold."""
    scores, groups = numbers["scores"][numbers["rule"]], numbers["groups"]
    head = ["", *(f"{WORDS[g].en} ({len(groups[g])})" for g in groups)]
    rows = []
    for name in numbers["predicted"]:
        row = [f"*{WORDS[name].en}*" if name == numbers["diagnosis"] else WORDS[name].en]
        for g in groups:
            value = scores[g][name][key]
            known = [scores[g][n][key] for n in rivals(numbers) if scores[g][n][key] is not None]
            text = "" if value is None else number(value, digits)
            top = (
                known
                and value is not None
                and name in rivals(numbers)
                and value == (max(known) if largest else min(known))
            )
            row.append(f"**{text}**" if top else text)
        rows.append(row)
    return table(head, rows)


def against_table(numbers: dict[str, Any]) -> str:
    """The default against each other one: on how many figures it is nearer."""
    groups = numbers["groups"]
    head = ["", *(WORDS[g].en for g in groups)]
    rows = []
    for name in numbers["predicted"]:
        if name == DEFAULT:
            continue
        row = [f"*{WORDS[name].en}*" if name == numbers["diagnosis"] else WORDS[name].en]
        for g in groups:
            x = numbers["against"][g][name]
            sign = "*" if x["chance"] < SURE else ""
            row.append(f"{x['nearer']} of {x['nearer'] + x['further']}{sign}")
        rows.append(row)
    return table(head, rows)


def rule_table(numbers: dict[str, Any]) -> str:
    """Mean absolute error of all figures by what growth would have been."""
    rules = numbers["rules"]
    head = ["mean absolute error, all figures", *rules]
    rows = []
    for name in numbers["predicted"]:
        row = [f"*{WORDS[name].en}*" if name == numbers["diagnosis"] else WORDS[name].en]
        for rule in rules:
            text = number(numbers["scores"][rule]["all"][name]["error"])
            row.append(f"**{text}**" if name == best(numbers, "all", rule) else text)
        rows.append(row)
    return table(head, rows)


def target_table(numbers: dict[str, Any]) -> str:
    """Every figure: published, without the shock, deviation; what each model said."""
    names = list(numbers["predicted"])
    head = ["figure", "published, y/y", "without, y/y", "**deviation**", "default [80%]"]
    head += [WORDS[n].en for n in names if n != DEFAULT]
    rows, sources = [], source_list(numbers)
    for i, t in enumerate(numbers["targets"]):
        made = numbers["predicted"]
        d = made[DEFAULT]
        row = [
            f"{label(numbers, t, 'en')} [{sources.index(t['source']) + 1}]",
            number(t["published"]), number(t["without"][numbers["rule"]]),
            f"**{number(t['deviation'][numbers['rule']])}**",
            f"{number(d['mid'][i])} [{number(d['low'][i])}, {number(d['high'][i])}]",
        ]  # fmt: skip
        rows.append([*row, *(number(made[n]["mid"][i]) for n in names if n != DEFAULT)])
    return table(head, rows)


def road_table(numbers: dict[str, Any]) -> str:
    """Trucks counted, the index the scenario follows, and what it lets pass."""
    head = ["day", "trucks on expressways, % of usual", "goods that pass in the scenario, %", "source"]
    rows = [
        [r["day"], number(100 * r["counted"], 0), number(100 * r["assumed"], 0), f"<{r['source']}>"]
        for r in numbers["roads"]["rows"]
    ]
    index = [
        [f"week of {r['day']}", f"full-truck index {number(r['yoy'])}% y/y", "", f"<{r['source']}>"]
        for r in numbers["roads"]["index"]
    ]
    return table(head, [*rows, *index])


def source_list(numbers: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(t["source"] for t in numbers["targets"]))


def basis_table(numbers: dict[str, Any]) -> str:
    """What growth would have been, by rule, once a series."""
    rules = numbers["rules"]
    head = ["series", "whose growth", *rules]
    seen: dict[tuple[str, str], list[str]] = {}
    for t in numbers["targets"]:
        key = (label(numbers, t, "en", month=False), t["basis"])
        seen.setdefault(key, [number(t["without"][r]) for r in rules])
    return table(head, [[*key, *values] for key, values in seen.items()])


# ---- pictures ----------------------------------------------------------------------------------

FONT = "Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
ROW, LEFT, WIDTH, TOP = 22.0, 330.0, 860.0, 92.0
MARKS = (("ario", "#14599c"), ("Leontief", "#5b6168"), ("direct loss", "#9aa1a8"))


def picture(numbers: dict[str, Any], which: Sequence[int], title: Text) -> str:
    """A row a figure: published (black bar), the default with its band, three others as small marks."""
    rule, made = numbers["rule"], numbers["predicted"]
    rows = sorted(which, key=lambda i: numbers["targets"][i]["deviation"][rule])
    d = made[DEFAULT]
    every = [v for i in rows for v in (numbers["targets"][i]["deviation"][rule], d["low"][i], d["high"][i],
                                       *(made[n]["mid"][i] for n, _ in MARKS))]  # fmt: skip
    axis = svg.Axis(min(every) - 3, max(max(every), 0) + 3, LEFT, WIDTH - 20)
    height = TOP + ROW * len(rows) + 30
    bottom = TOP + ROW * len(rows)
    body = [svg.rect(0, 0, WIDTH, height, "#ffffff")]
    body.append(svg.label(8, 20, title.en, size=14, weight=700))
    body.append(svg.label(8, 38, title.zh, size=12, fill=colours.SOFT))
    body += _legend()
    low, high = min(every) - 3, max(max(every), 0) + 3
    for mark in (m for m in svg.ticks(min(every), max(max(every), 0)) if low <= m <= high - 2):
        body.append(svg.line(axis(mark), TOP - 4, axis(mark), bottom))
        body.append(svg.label(axis(mark), bottom + 16, f"{number(mark, 0)}%", size=11, anchor="middle"))
    for r, i in enumerate(rows):
        t, y = numbers["targets"][i], TOP + ROW * r + ROW / 2
        name = f"{label(numbers, t, 'en', month=False)} {label(numbers, t, 'zh', month=False)}"
        body.append(svg.label(LEFT - 62, y + 4, name, size=11, anchor="end"))
        body.append(svg.label(LEFT - 8, y + 4, t["period"][2:], size=10, anchor="end", fill=colours.SOFT))
        body.append(
            svg.rect(
                axis(d["low"][i]), y - 5, axis(d["high"][i]) - axis(d["low"][i]), 10, colours.NOTHING_FILL
            )
        )
        body.append(svg.rect(axis(d["mid"][i]) - 1.5, y - 7, 3, 14, colours.NOTHING))
        for n, colour in MARKS:
            x = axis(made[n]["mid"][i])
            body.append(svg.tag("circle", cx=x, cy=y, r=3.2, fill=colour))
        x = axis(t["deviation"][rule])
        points = f"{x:.1f},{y - 7:.1f} {x + 6:.1f},{y:.1f} {x:.1f},{y + 7:.1f} {x - 6:.1f},{y:.1f}"
        body.append(svg.tag("polygon", points=points, fill=colours.INK))
    text = svg.document(
        "v", WIDTH, height, title.en, "The same numbers stand in the table.",
        [svg.tag("g", "".join(body), font_family=FONT)],
    )  # fmt: skip
    return text + "\n"


def _legend() -> list[str]:
    body, x, y = [], 8.0, 62.0
    entries = [
        ("polygon", colours.INK, "published 公布"),
        ("bar", colours.NOTHING, "default and its 80% band 默认模型及80%区间"),
    ]
    entries += [
        ("dot", colour, f"{WORDS[n].en} {WORDS[n].zh}" if WORDS[n].en != WORDS[n].zh else WORDS[n].en)
        for n, colour in MARKS
    ]
    for kind, colour, words in entries:
        if kind == "polygon":
            body.append(
                svg.tag(
                    "polygon",
                    points=f"{x + 6},{y - 11} {x + 12},{y - 4} {x + 6},{y + 3} {x},{y - 4}",
                    fill=colour,
                )
            )
        elif kind == "bar":
            body.append(svg.rect(x, y - 9, 14, 10, colours.NOTHING_FILL))
            body.append(svg.rect(x + 6, y - 11, 3, 14, colour))
        else:
            body.append(svg.tag("circle", cx=x + 6, cy=y - 4, r=3.2, fill=colour))
        body.append(svg.label(x + 18, y, words, size=11))
        x += 34 + svg.text_width(words, 11)
    return body


# ---- the whole page ----------------------------------------------------------------------------


def render(numbers: dict[str, Any]) -> dict[str, str]:
    """File name under docs -> content."""
    groups = numbers["groups"]
    return {
        "validation.md": page(numbers),
        "img/validation-april.svg": picture(
            numbers,
            groups["April"],
            Text(
                "April 2022, deviation from the path without the shock", "2022年4月，相对无冲击路径的偏离"
            ),
        ),
        "img/validation-later.svg": picture(
            numbers,
            groups["May to July"],
            Text(
                "May to July 2022, deviation from the path without the shock",
                "2022年5—7月，相对无冲击路径的偏离",
            ),
        ),
    }


def page(numbers: dict[str, Any]) -> str:
    sources = source_list(numbers)
    parts = [
        "# Predicted and published: Shanghai and Jilin, spring 2022",
        "<!-- benchmarks/validation.py writes this page: change it there -->",
        _HEAD.format(count=len(numbers["targets"]), draws=numbers["draws"], seed=numbers["seed"]),
        summary(numbers, "en"),
        _HEAD_ZH.format(count=len(numbers["targets"])),
        summary(numbers, "zh"),
        "![April](img/validation-april.svg)",
        "![May to July](img/validation-later.svg)",
        "## Scores",
        _SCORES,
        "**Mean absolute error**, percentage points:", score_table(numbers, "error", 1, False),
        "**Mean error** (negative: predicted too low):", score_table(numbers, "bias", 1, True).replace("**", ""),
        "**Sign agreement**, share of figures of half a point and more:", score_table(numbers, "sign", 2, True),
        "**Rank agreement** (Spearman):", score_table(numbers, "rank", 2, True),
        "**Share of figures inside the 80% band:**", score_table(numbers, "inside", 2, True).replace("**", ""),
        "**On how many figures the default is nearer than** (with * where chance alone would do so less than once in twenty):",
        against_table(numbers),
        "## What would have been without the shock", _WITHOUT.format(share=f"{100 * numbers['automobile_share']:.0f}"),
        basis_table(numbers), _ROBUST, rule_table(numbers),
        "## Every figure", _EVERY, target_table(numbers),
        "\n".join(f"{n}. <{s}>" if s else f"{n}. the bureau's monthly series" for n, s in enumerate(sources, 1)),
        "## Roads: assumed and counted", _ROADS, road_table(numbers),
        "## How it was done", how(numbers),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


_HEAD = """`python benchmarks/validation.py` writes this page. It compares {count} published figures for April to July 2022, each as a deviation from what would
have been without the shock, with the default model ({draws} draws, seed {seed}, scenario `shanghai-2022`, book `china-2020`), the three
published models at their published numbers, and four baselines without time or feedback. No parameter was moved towards these figures, but they were
known when the model was built ([what we knew](model.md#12-what-we-knew-when-we-built-it)). Where the default loses is said first."""
_HEAD_ZH = """**中文。** 以2022年4—7月{count}个公布数字（相对无冲击路径的偏离）检验默认模型、三个已发表模型和四个静态基准。没有任何参数据此调整；
建模时已知这些数字，见[模型说明](model.md#12-what-we-knew-when-we-built-it)。先说落后之处。"""
_SCORES = """The number of figures is in brackets, the best of each column in bold. The row in italics is a diagnosis made after the figures were seen and
does not compete. The figures are few and depend on each other (months of one series, provinces within the country): differences of a few tenths mean nothing. Chance is
judged by a sign test that treats the figures as independent, which makes every difference look more certain than it is."""
_WITHOUT = """A deviation is (1 + growth published) / (1 + growth without) - 1, both over a year earlier. Growth without the shock is the mean of the series
itself over *half year* (October 2021 to February 2022, the rule used above), *January-February* 2022, or the *last quarter* of 2021;
January and February are one published figure and count as two months. The rules were set before any score was computed. Where a place has no
series of its own, that of another place is taken (grade E): the delta, the north-east and Jilin take the country's. Shanghai's 3.8% follows from three
published figures: April 1,286.17 (100 m CNY) at -61.5% gives 3,340.7 for April 2021; January to April at -12.5% of four such months
is 11,692.5, so January to March made 10,406.3, compared with 10,022.1 a year before. Vehicles are cars ({share}% by value added of 2020) together with rail, ships and aircraft (the rest);
the car industry's value added is published only from April on, so its growth without the shock comes from the number of vehicles made
(grade D). Steel and cement fell in the last quarter of 2021 under production curbs, which makes their deviations of 2022 look high. This base
effect is left in."""
_ROADS = """The table shows the national daily counts of trucks by the logistics office, divided by that of mid-August, when nothing was closed; what the scenario
lets pass (the median over pairs of provinces); and the index of full trucks that the scenario follows. This index was still far down in
July, when industry was back. Counts of trucks say nothing about single cities: Shanghai's roads were shut."""
_ROBUST = "The error by each of the three:"
_EVERY = "Percent. *Published* and *without* are growth over a year earlier; the rest are deviations. Numbers in brackets are sources, below."
_HOW = """**Models.** The default and the published models run `shanghai-2022` day by day; monthly deviations are value-added weighted means. The published
models cannot see closed roads ([which model for what](models.md)). At its published cover, Inoue and Todo's rule amplifies the shock on a table of provinces; its
numbers are shown unchanged.

**Baselines.** *No change*: zero. *Direct loss*: what the shocks themselves take from each node's capacity, weighted by value added. *Static Leontief*: each month's mean
state; final deliveries of closed nodes fall with their capacity, final use and exports as the scenario has them, and
demand follows upstream through the table. *Static Ghosh*: value added falls with capacity, imported inputs as the scenario has them,
and supply follows downstream. No node makes more than the shocks leave (`ballast.propagate.static`).

**What no model here contains**: overtime and weekend work in June and July to catch up, the halved purchase tax on cars from June, hospitals and
construction sites that stayed open, and the growth of electric cars. June and July are scored nevertheless.

**What remains unknown.** The scenario is ours: the shares of cities closed, staff at work and trucks on the road are taken from reports
([scenarios](scenarios.md)), many at grade E. In May the direct loss alone is {shanghai_direct}% in Shanghai and {jilin_direct}% in Jilin, where {shanghai}% and
{jilin}% were published: this part of every model's error comes from the scenario. And one event is only one event: other places and other shocks are not
tested here."""


def how(numbers: dict[str, Any]) -> str:
    """What was done, with the scenario's own part of May's error."""
    figures = {}
    for i, t in enumerate(numbers["targets"]):
        if t["period"] == "2022-05" and not t["sector"] and t["place"] in ("Shanghai", "Jilin"):
            key = t["place"].lower()
            figures[key] = number(t["deviation"][numbers["rule"]])
            figures[f"{key}_direct"] = number(numbers["predicted"]["direct loss"]["mid"][i])
    return _HOW.format(**figures)
