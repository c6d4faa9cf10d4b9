"""The words of `ballast book show` and `ballast book why`: one page of an economy, and one node's
origins.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ballast.text import Lang, Text, counted

if TYPE_CHECKING:
    from ballast.economy import Economy
    from ballast.economy.portrait import Portrait, Provenance, Ranked
    from ballast.evidence import Operation
    from ballast.units import Money

_WORDS = {
    "size": Text(
        "{regions} × {sectors}, {nodes}, {links:,} links, {year}",
        "{r} 个地区 × {k} 个部门，{n:,} 个节点，{links:,} 条供应关系，{year} 年",
    ),
    "output": Text("output {money}", "总产出{money}"),
    "added": Text("value added {money}", "增加值{money}"),
    "exports": Text("exports {money}", "出口{money}"),
    "imports": Text("imports {money}", "进口{money}"),
    "industry": Text("industry {share} of value added", "工业占增加值{share}"),
    "unit": Text("unit {unit}, grade {grade}, hash {hash}", "单位 {unit}，等级 {grade}，校验值 {hash}"),
    "regions": Text("Largest regions (share of value added)", "最大的地区（占增加值）"),
    "sectors": Text("Largest sectors (share of value added)", "最大的部门（占增加值）"),
    "links": Text(
        "Largest links (share of what the buyer needs of the product)", "最大的供应关系（占购方该产品需求）"
    ),
    "concentration": Text("Concentration", "集中度"),
    "alike": Text("as concentrated as {count} regions of equal size", "相当于 {count} 个同等规模的地区"),
    "single": Text(
        "{share} of what nodes buy at home has a single source (one supplier above {limit})",
        "节点的国内采购中有{share}为单一来源（一个供应方超过{limit}）",
    ),
    "makers": Text("one node makes most of a product", "某产品主要由一个节点生产"),
    "suppliers": Text(
        "single source of most (share of all home purchases)", "作为单一来源最多的节点（占全部国内采购）"
    ),
    "imported": Text("Imports (share of home use)", "进口（占国内使用）"),
    "weak": Text("What is weak", "薄弱之处"),
    "own": Text("bought in the own region: {central}{span}", "在本地区采购：{central}{span}"),
    "span": Text(" ({low} to {high} under other trade assumptions)", "（其他贸易假设下为{low}至{high}）"),
    "graded": Text("output by grade: {grades}", "按等级的产出：{grades}"),
    "grade": Text("{what}: grade {grade}", "{what}：等级{grade}"),
    "discrepancy": Text(
        "booked only to balance the table: {share} of output", "仅为平衡而记的金额：占总产出{share}"
    ),
    "unclassed": Text(
        "sectors without a class (no stocks, no parameters of their own): {codes}",
        "未归类的部门（无库存和专用参数）：{codes}",
    ),
    "sources": Text("Sources", "来源"),
    "history": Text("How it was made (share of all output moved)", "如何形成（移动金额占总产出）"),
    "moved": Text("{percent} of output", "占总产出{percent}"),
    "codes": Text(
        "Codes: `ballast book show {name} --codes`; one node: `ballast book why {name} NODE`",
        "代码：`ballast book show {name} --codes`；单个节点：`ballast book why {name} 节点`",
    ),
    "node.output": Text("output {output}, exports {exports}", "总产出{output}，出口{exports}"),
    "node.added": Text("Value added", "增加值"),
    "node.inputs": Text("Inputs (share of output)", "投入（占总产出）"),
    "node.suppliers": Text("Largest suppliers (share of home purchases)", "最大的供应方（占国内采购）"),
    "node.buyers": Text("Largest buyers (share of output)", "最大的购买方（占总产出）"),
    "node.grade": Text("grade of the node: {grade} ({meaning})", "节点等级：{grade}（{meaning}）"),
    "steps": Text("From the sources to the tables", "从来源到各表"),
    "licence": Text("licence: {licence}", "许可：{licence}"),
}
_TABLES = {
    "nodes": Text("nodes", "节点"),
    "slots": Text("inputs", "投入"),
    "final": Text("final use", "最终使用"),
    "markets": Text("trade", "供应来源"),
    "carriers": Text("energy", "能源"),
    "generation": Text("power", "发电"),
    "corridors": Text("corridors", "通道"),
    "facts": Text("own figures", "自有数据"),
}


def _percent(value: float) -> str:
    return f"{100 * value:.0f}%" if value >= 0.0995 else f"{100 * value:.2g}%"


def _list(rows: Iterable[Ranked], money: Money, lang: Lang) -> list[str]:
    return [f"  {_percent(r.share):>6}  {r.name[lang]}  {money.text(r.value, lang)}" for r in rows]


def page(e: Economy, p: Portrait, grade: str, digest: str, lang: Lang) -> list[str]:
    """`book show`: about fifty lines."""
    from ballast.units import Money

    money = Money.read(e.unit, e.currency)
    w = {k: v[lang] for k, v in _WORDS.items()}
    lines = [f"{e.name}: {e.title[lang]}"]
    lines.append(
        w["size"].format(
            regions=counted(e.r, "region"),
            sectors=counted(e.k, "sector"),
            nodes=counted(e.n, "node"),
            r=e.r,
            k=e.k,
            n=e.n,
            links=p.links,
            year=e.year,
        )
    )
    amounts = {"output": p.output, "added": p.value_added, "exports": p.exports, "imports": p.imports}
    told = [w[k].format(money=money.text(v, lang)) for k, v in amounts.items() if v > 0]
    told.append(w["industry"].format(share=_percent(p.industry_share)))
    lines.append(("，" if lang == "zh" else ", ").join(told))
    for key, rows in (
        ("regions", p.regions if e.r > 1 else ()),
        ("sectors", p.sectors),
        ("links", p.top_links),
    ):
        lines += ["", w[key], *_list(rows, money, lang)] if rows else []
    lines += ["", w["concentration"]]
    if e.r > 1:
        lines.append("  " + w["alike"].format(count=f"{p.regions_alike:.3g}"))
    lines.append("  " + w["single"].format(share=_percent(p.single_sourced), limit="80%"))
    for key, rows in (("makers", p.makers), ("suppliers", p.suppliers[:5])):
        lines += [f"  {w[key]}:", *(f"  {x}" for x in _list(rows, money, lang))] if rows else []
    lines += ["", w["imported"], *_list(p.imported, money, lang)] if p.imported else []
    lines += ["", w["weak"], *_weak(e, p, lang), "", w["sources"]]
    lines += [f"  [{s.grade}] {s.title} ({s.publisher}, {s.date})" for s in e.sources]
    lines += [
        "",
        w["unit"].format(unit=e.unit, grade=grade, hash=digest[:12]),
        w["codes"].format(name=e.name),
    ]
    return lines


def _weak(e: Economy, p: Portrait, lang: Lang) -> list[str]:
    w = {k: v[lang] for k, v in _WORDS.items()}
    lines = []
    if e.r > 1:
        low, central, high = p.own_region
        span = w["span"].format(low=_percent(low), high=_percent(high)) if high - low > 5e-4 else ""
        lines.append(w["own"].format(central=_percent(central), span=span))
    if p.grades:
        lines.append(w["graded"].format(grades=", ".join(f"{g} {_percent(s)}" for g, s in p.grades)))
    lines += [w["grade"].format(what=what, grade=g) for what, g in e.grades.items() if str(g) in "DE"]
    if p.discrepancy > 5e-7:
        lines.append(w["discrepancy"].format(share=_percent(p.discrepancy)))
    if p.unclassed:
        more = f" (+{len(p.unclassed) - 12})" if len(p.unclassed) > 12 else ""
        lines.append(w["unclassed"].format(codes=", ".join(p.unclassed[:12]) + more))
    return [f"  {line}" for line in lines]


def steps(history: Iterable[Operation], lang: Lang) -> list[str]:
    """The chain of operations, table by table."""
    out = []
    for o in history:
        moved = "" if o.moved is None else f" ({_WORDS['moved'][lang].format(percent=_percent(o.moved))})"
        keys = f" [{', '.join(o.sources)}]" if o.sources else ""
        table = _TABLES[o.table][lang] if o.table in _TABLES else o.table
        out.append(f"  [{table}] {o.text[lang]}{moved}{keys}")
    return out


def why(e: Economy, p: Provenance, lang: Lang) -> list[str]:
    """`book why NODE`."""
    from ballast.units import Money

    money = Money.read(e.unit, e.currency)
    w = {k: v[lang] for k, v in _WORDS.items()}
    lines = [f"{p.node}: {p.name[lang]} ({e.name}, {e.year})"]
    lines.append(
        w["node.output"].format(output=money.text(p.output, lang), exports=money.text(p.exports, lang))
    )
    if p.grade is not None:
        lines.append(w["node.grade"].format(grade=p.grade, meaning=p.grade.meaning[lang]))
    lines += ["", w["node.added"], *(f"  {t[lang]}  {money.text(v, lang)}" for t, v in p.value_added)]
    for key, rows in (
        ("node.inputs", p.inputs),
        ("node.suppliers", p.suppliers),
        ("node.buyers", p.buyers),
    ):
        lines += ["", w[key], *_list(rows, money, lang)] if rows else []
    lines += ["", w["steps"], *steps(p.steps, lang)]
    lines += [f"  {w['grade'].format(what=what, grade=g)}" for what, g in p.grades]
    lines += ["", w["sources"]]
    for s in p.sources:
        licence = f"; {w['licence'].format(licence=s.licence)}" if s.licence else ""
        lines += [
            f"  [{s.grade}] {s.key}: {s.title} ({s.publisher}, {s.date}{licence})",
            f"      {s.address}",
        ]
    return lines
