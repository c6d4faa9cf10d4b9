"""What the heads of a desk's sheets mean: the roles of columns, what each kind of sheet needs and uses.

head   the role and unit of a head
kinds  the kinds of sheet that columns suffice for

A column of nodes counts only in books that tell nodes of a pair apart; elsewhere 企业 is a remark.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from ballast.economy.own.words import CARRIERS
from ballast.economy.sheets.cells import plain
from ballast.economy.sheets.labels import simplified
from ballast.economy.sheets.said import BRACKETS
from ballast.economy.sheets.units import is_unit
from ballast.economy.sheets.words import REGION, SECTOR, UNIT

FIRM = (
    "node",
    "firm",
    "company",
    "enterprise",
    "plant",
    "node id",
    "firm id",
    "company name",
    "节点",
    "节点代码",
    "企业",
    "企业名称",
    "企业代码",
    "公司",
    "公司名称",
    "工厂",
)
ANY_ID = ("id", "代码")  # of a node, or of anything else
ROLES = {
    "region": (*REGION, "省区市", "省（区、市）", "country"),
    "sector": SECTOR,
    "node": (*FIRM, *ANY_ID),
    "product": ("product", "input", "产品", "原材料", "物资", "投入品"),
    "days": (
        "days",
        "stock days",
        "库存天数",
        "可用天数",
        "库存可用天数",
        "可支撑天数",
        "库存可支撑天数",
        "保障天数",
        "可保障天数",
        "周转天数",
        "库存周转天数",
        "库存",
        "天数",
        "days of cover",
        "inventory days",
        "days of stock",
        "days of supply",
        "days supply",
        "days on hand",
        "stock",
        "inventory",
    ),
    "transit": ("运输天数", "在途天数", "运输时间", "在途时间", "transit days", "transit time"),
    "low": ("low", "low days", "下限", "低", "最低"),
    "high": ("high", "high days", "上限", "高", "最高"),
    "staff": (
        "staff",
        "employees",
        "employment",
        "从业人员",
        "从业人数",
        "职工人数",
        "人数",
        "用工人数",
        "平均用工人数",
        "从业人员期末人数",
        "从业人员数",
        "从业人员平均人数",
        "就业人员",
        "就业人数",
        "就业人员数",
        "员工人数",
        "员工数",
        "headcount",
        "fte",
        "ftes",
        "full time equivalents",
        "persons employed",
    ),
    "carrier": ("carrier", "energy", "能源品种", "能源", "品种"),
    "use": ("use", "consumption", "amount", "用量", "消费量", "使用量"),
    "electricity": ("electricity", "electricity use", "用电量", "电力消费量", "全社会用电量", "电力"),
    "coal": ("coal", "coal use", "用煤量", "耗煤量", "煤炭消费量", "煤炭"),
    "gas": ("gas", "gas use", "natural gas", "用气量", "天然气消费量", "天然气"),
    "oil": ("oil", "oil products", "成品油", "用油量", "油品消费量"),
    "from": ("from", "origin", "起点", "发出地", "起运地", "始发地", "始发"),
    "to": ("to", "destination", "终点", "到达地", "目的地", "到达"),
    "mode": ("mode", "运输方式", "方式"),
    "capacity": ("capacity", "运力", "能力", "容量", "输电能力", "装机容量", "装机"),
    "unit": UNIT,
    "fuel": ("fuel", "燃料", "电源类型", "发电类型", "类型"),
    "annual": ("annual", "generation", "发电量", "年发电量"),
    "indicator": ("indicator", "指标"),
    "period": ("period", "时期", "期间", "月份"),
    "growth": ("growth", "baseline growth", "基准增速", "预期增速"),
    "like": ("like", "class", "同类", "同类部门", "归类"),
    "grade": ("grade", "等级"),
    "source": ("source", "来源", "出处"),
    "note": ("note", "备注", "说明"),
}
NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {  # of each group one column at least
    "corridors": (("from",), ("to",), ("days", "transit", "capacity")),
    "ranges": (("indicator",), ("period",), ("low", "high")),
    "generation": (("region",), ("fuel",), ("capacity", "annual")),
    "classes": (("sector",), ("like",)),
    "energy": (("region", "sector", "node"), ("use", "electricity", "coal", "gas", "oil")),
    "staff": (("region", "sector", "node"), ("staff",)),
    "stock": (("region", "sector", "product", "node"), ("days",)),
}
USES: dict[str, tuple[str, ...]] = {  # what is read of a sheet; of any, also source and note
    "corridors": ("from", "to", "mode", "days", "transit", "capacity", "unit", "grade"),
    "ranges": ("indicator", "period", "region", "low", "high", "growth"),
    "generation": ("region", "fuel", "capacity", "annual", "unit", "grade"),
    "classes": ("sector", "like"),
    "energy": ("region", "sector", "node", "carrier", "use", "unit", "electricity", "coal", "gas", "oil"),
    "staff": ("region", "sector", "node", "staff", "unit"),
    "stock": ("region", "sector", "node", "product", "days", "low", "high", "unit"),
}
SIDE_BY_SIDE = ("energy", "staff", "stock")  # that one sheet may say, each in columns of its own
NAMES = ("region", "sector", "node", "product", "mode", "carrier", "unit")  # left out, a row would say more
_UNIT_WORD = re.compile(r"^(?:计量|数量)?单位\s*:?\s*|^units?\s*:\s*", re.IGNORECASE)
_AS_OF = re.compile(  # of when, which is no unit: 2019年末, 期末; a month is part of a year and stays
    r"(?:截至|end of )?(?:(?:19|20)\d\d年?)?(?:12月(?:31日|[末底]))?(?:年?[末底]|期末|年均|年平均|平均)?",
    re.IGNORECASE,
)

_AVERAGE = re.compile("均|average")  # of people and stock; of a flow it may be a day's or a month's
_WHEN = re.compile(  # of when a head is: 年末从业人员, 2020年用电量, year-end staff; a part of a year stays
    r"^(?:(?:year[- ]end|average|annual) |(?:(?:19|20)\d\d ?年?)?(?:全年|年?[末底均]|期末|年?平均|年)?)"
)


def kinds(columns: Container[str]) -> list[str]:
    """The kinds of sheet that say all they need in columns of these roles."""
    out = [k for k, groups in NEEDS.items() if all(any(r in columns for r in group) for group in groups)]
    if len(out) > 1 and out[0] == "energy" and not any(c in columns for c in ("carrier", *CARRIERS)):
        out.remove("energy")  # an amount of what, it does not say
    side = [k for k in out if k in SIDE_BY_SIDE]
    return side if out[:1] == side[:1] else out[:1]


def head(cell: str) -> tuple[str, str] | None:
    """The role and unit of a head: "库存天数 days" -> days; "用电量（亿千瓦时）" and 用电量/亿千瓦时 ->
    electricity, 亿千瓦时.
    """
    text = simplified(plain(cell))
    brackets = BRACKETS.findall(text)
    bare = BRACKETS.sub(" ", text).strip()
    if role := _role(bare):
        return role, _unit(brackets)
    for before, mark, behind in () if brackets else _cuts(bare):
        if (mark == "," or is_unit(behind)) and (role := _role(before)):
            return role, behind
    return None


def head_beside_nodes(cell: str) -> tuple[str, str] | None:
    """As `head`, for a book whose nodes are called by region and sector alone: no column says nodes."""
    got = head(cell)
    return None if got is None or got[0] == "node" else got


def is_any_id(cell: str) -> bool:
    """Whether a head of nodes may as well be that of codes of sectors: 代码, ID."""
    return all(w in ANY_ID for w in re.findall(r"[a-z]+|[\u4e00-\u9fff]+", plain(cell).casefold()))


def _cuts(text: str) -> Iterator[tuple[str, str, str]]:
    """A head before and behind what may stand between a name and its unit."""
    for mark in (",", "/", ":", " "):
        before, found, behind = text.partition(mark) if mark != " " else text.rpartition(mark)
        if found:
            yield before.strip(), mark, behind.strip()


def _role(text: str) -> str:
    """The role of a head without its unit; "" where none is known."""
    folded = text.casefold()
    chinese = "".join(re.findall(r"[\u4e00-\u9fff]+", folded))
    english = " ".join(re.findall(r"[a-z]+", folded))
    for role, words in ROLES.items():
        if (
            folded in words
            or (chinese and chinese in words)
            or (english and not chinese and english in words)
        ):
            return role
    # a bilingual head whose Chinese half we do not know
    if known := next((role for role, words in ROLES.items() if english and english in words), ""):
        return known
    when = _WHEN.match(folded)
    bare = folded[when.end() :].strip() if when else folded
    role = _role(bare) if bare != folded else ""
    return "" if when and _AVERAGE.search(when[0]) and role not in ("staff", "days") else role


def _unit(brackets: list[str]) -> str:
    """The unit that brackets behind a head say: 万人 of （单位：万人） and （万人，2019年末）."""
    for said in reversed(brackets):
        text = _UNIT_WORD.sub("", said.strip(), count=1)
        parts = [text] if is_unit(text) else [p.strip() for p in re.split(r"[、;]|,(?!\d{3}(?!\d))", text)]
        if unit := ",".join(p for p in parts if not _AS_OF.fullmatch(p)):
            return unit
    return ""
