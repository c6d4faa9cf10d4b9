"""What the answer leans on: every parameter, every shock and every table of the book, graded."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from ballast.arrays import BAND
from ballast.economy import Economy
from ballast.economy.redraw import ERROR, errors
from ballast.evidence import Grade, worst
from ballast.propagate.parameters import Parameter, load_parameters
from ballast.propagate.published import PAPERS, RATED, facts
from ballast.propagate.published.reference import Model
from ballast.response import Evidence
from ballast.scenario import Scenario, Shock
from ballast.text import Text

GROUPS = {
    "model": Text("Model parameters", "模型参数"),
    "scenario": Text("Scenario inputs", "情景输入"),
    "book": Text("Economy tables", "经济数据表"),
    "steps": Text("How the book was made", "账本的形成"),
}
PERCENT = Text("%", "%")
OUTPUT = Text("% of output moved", "%（移动金额占总产出）")
TIMES = Text("times the book's", "×账本值")
TENTH = NormalDist().inv_cdf(BAND[1] / 100)  # standard deviations from the middle to the end of a band
HELD_OUT = "2017 as estimated from the tables of 2012 under the margins of 2017 (docs/regional.md)"
NONE = Text("", "")
ESSENTIAL = ("critical_cost_share", "critical_cost_share_services", "built_in")  # what rates inputs
# a book names its tables in one language; these are the names ours use
TABLES = {
    en: Text(en, zh)
    for en, zh in (
        ("all", "全部"),
        ("national totals", "全国总量"),
        ("value added by province and block", "分省分行业大类增加值"),
        ("output by node", "各节点产出"),
        ("recipes", "投入结构"),
        ("final use", "最终使用"),
        ("exports", "出口"),
        ("trade between provinces", "省际贸易"),
        ("coal, oil and gas, refining by province", "分省煤炭、油气与炼油"),
        ("electricity in GWh", "用电量（GWh）"),
        ("coal, oil and gas by node, in money", "分节点煤炭、油品、燃气（金额）"),
        ("corridors between provinces", "省际通道"),
        ("all published figures", "全部公布数"),
        ("world table", "世界表"),
        ("make and use", "供给与使用"),
        ("industry by industry", "行业×行业"),
        ("imports by user", "分用户进口"),
        ("use by region", "分地区使用"),
        ("origins of goods from other regions", "外地货物来源"),
        ("tables of the provinces", "分省表"),
        ("the whole table", "全表"),
    )
}


def gather(economy: Economy, scenario: Scenario, model: Model | None = None) -> tuple[Evidence, ...]:
    """Everything used, in the order model, scenario, book; `model` is a published one, or the default."""
    rows = [_parameter(p) for p in load_parameters().items.values()] if model is None else _facts(model)
    sources = {s.key: s for s in scenario.sources}
    for shock in scenario.shocks:
        found = [sources[k] for k in shock.sources if k in sources]
        source = "; ".join(f"{s.title}, {s.publisher}, {s.date}" for s in found) or shock.note
        rows.append(_shock(shock, source, found[0].address if found else ""))
    listed = "; ".join(s.title for s in economy.sources)
    for table, grade in economy.grades.items():
        name = TABLES.get(table, Text(table, table))
        rows.append(Evidence(GROUPS["book"], name, "", "", "", NONE, grade, listed, ""))
    return (*rows, *_sizes(economy), *_steps(economy))


def _sizes(e: Economy) -> list[Evidence]:
    """How far the draws of an ensemble move the nodes whose size is an estimate, by grade."""
    drawn = errors(e) > 0
    rows = []
    for grade, error in ERROR.items():
        if any(d and g is grade for d, g in zip(drawn, e.node_grade or (), strict=False)):
            what = Text(f"size of nodes of grade {grade}", f"{grade}级节点的规模")
            low, high = (f"{np.exp(z * error):.2f}" for z in (-TENTH, TENTH))
            rows.append(Evidence(GROUPS["book"], what, "1", low, high, TIMES, grade, HELD_OUT, ""))
    return rows


def _steps(e: Economy) -> list[Evidence]:
    """The chain of operations behind the book: what each moved, and the sources it leaned on."""
    known = {s.key: s for s in e.sources}
    rows = []
    for o in e.history:
        found = [known[k] for k in o.sources if k in known]
        moved = "" if o.moved is None else f"{100 * o.moved:.3g}"
        source = "; ".join(f"{s.title}, {s.publisher}, {s.date}" for s in found)
        unit = NONE if o.moved is None else OUTPUT
        grade = worst(s.grade for s in found)
        address = found[0].address if found else ""
        rows.append(
            Evidence(GROUPS["steps"], o.text, moved, "", "", unit, grade, source, address, counted=False)
        )
    return rows


def _facts(model: Model) -> list[Evidence]:
    """The numbers of a published model, as its paper and the code that runs it set them."""
    source = PAPERS[model.key][1] if model.key in PAPERS else model.key
    rows = [
        Evidence(GROUPS["model"], words, f"{value:g}", "", "", unit, Grade.C, source, "")
        for words, value, unit in facts(model)
    ]
    ours = ("trade", *(ESSENTIAL if model.production in RATED else ()))
    return [*rows, *(_parameter(load_parameters().items[key]) for key in ours)]


def _parameter(p: Parameter) -> Evidence:
    if p.families:
        value, low, high = "; ".join("+".join(sorted(f)) for f in p.families), "", ""
    elif p.central is not None:
        value, low, high = (f"{v:g}" for v in p.central)
    else:
        rows = list(p.table.values()) or [p.goods or (0.0, 0.0, 0.0)]
        value = f"{min(r[0] for r in rows):g}–{max(r[0] for r in rows):g}"
        low, high = f"{min(r[1] for r in rows):g}", f"{max(r[2] for r in rows):g}"
    return Evidence(GROUPS["model"], p.title, value, low, high, p.unit, p.grade, p.source, p.address)


def _shock(shock: Shock, source: str, address: str) -> Evidence:
    worst = min(shock.path, key=lambda p: p.level.value).level if shock.path else None
    value, low, high = (f"{worst.value:g}", f"{worst.low:g}", f"{worst.high:g}") if worst else ("", "", "")
    unit = PERCENT if shock.unit == "percent" else Text(shock.unit, shock.unit)
    return Evidence(GROUPS["scenario"], shock.title, value, low, high, unit, shock.grade, source, address)
