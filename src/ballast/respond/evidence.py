"""What the answer leans on: every parameter, every shock and every table of the book, graded."""

from __future__ import annotations

from ballast.economy import Economy
from ballast.propagate.parameters import Parameter, load_parameters
from ballast.response import Evidence
from ballast.scenario import Scenario, Shock
from ballast.text import Text

GROUPS = {
    "model": Text("Model parameters", "模型参数"),
    "scenario": Text("Scenario inputs", "情景输入"),
    "book": Text("Economy tables", "经济数据表"),
}
PERCENT = Text("%", "%")
NONE = Text("", "")
TABLE = Text("by sector, see the model page", "分行业，见模型说明")


def gather(economy: Economy, scenario: Scenario) -> tuple[Evidence, ...]:
    """Everything used, in the order model, scenario, book."""
    rows = [_parameter(p) for p in load_parameters().items.values()]
    sources = {s.key: s for s in scenario.sources}
    for shock in scenario.shocks:
        found = [sources[k] for k in shock.sources if k in sources]
        source = "; ".join(f"{s.title}, {s.publisher}, {s.date}" for s in found) or shock.note
        rows.append(_shock(shock, source, found[0].address if found else ""))
    for table, grade in economy.grades.items():
        listed = "; ".join(s.title for s in economy.sources)
        rows.append(Evidence(GROUPS["book"], Text(table, table), "", "", "", NONE, grade, listed, ""))
    return tuple(rows)


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
