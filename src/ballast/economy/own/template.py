# ruff: noqa: E501  (tables of units and words; one row a line)
"""The workbook a desk fills in, and the sheet on which it reviews proposed names.

    write(economy, path)             one sheet a kind of fact, heads in both languages, names to choose from
    write_review(proposals, path)    what unknown names may mean; a person writes y in one row of each
    read_review(path)                the names that were confirmed

What a person has filled in is never written over: a template that is there is refused, the y of an older
review sheet are carried over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ballast import machine, placing, safe
from ballast.economy.economy import Economy
from ballast.economy.facts import MODES
from ballast.economy.names.matcher import Proposal
from ballast.economy.names.nodes import NodeNames, told_apart
from ballast.economy.sheets.cells import plain
from ballast.economy.sheets.files import sheets
from ballast.errors import BookError, OutputError
from ballast.packing import save_workbook

FACE = "Microsoft YaHei"  # has both scripts; elsewhere the program falls back
MOST_ROWS = 5000  # nodes listed beforehand; larger books get empty sheets
SPARE = 500  # rows with lists to choose from below those
_NUMBERS = ("days", "low", "high", "staff", "electricity", "coal", "gas", "capacity", "annual", "growth")
_YES = {"y", "yes", "是", "对", "1", "true", "√", "✓"}

# sheet, title in both languages, columns: head, width, list of choices
_SHEETS: tuple[tuple[str, str, tuple[tuple[str, int, str], ...]], ...] = (
    ("stock 库存", "Days of stock that a holder has of its inputs. Leave product empty for all inputs, sector for all sectors; write all under region for every region. "
     "库存可用天数；产品空白表示全部投入品，行业空白表示全部行业；适用于所有地区的，地区栏请填“全国”。",
     (("地区 region", 18, "regions"), ("行业 sector", 30, "sectors"), ("产品 product", 30, "sectors"), ("库存天数 days", 14, ""),
      ("下限 low", 10, ""), ("上限 high", 10, ""), ("来源 source", 30, ""))),
    ("staff 人员", "People at work. 从业人员。",
     (("地区 region", 18, "regions"), ("行业 sector", 30, "sectors"), ("从业人员 staff（人）", 20, ""), ("来源 source", 30, ""))),
    ("energy 能源", "Use in a year. 年用量。",
     (("地区 region", 18, "regions"), ("行业 sector", 30, "sectors"), ("用电量 electricity（亿千瓦时）", 26, ""),
      ("用煤量 coal（万吨）", 20, ""), ("用气量 gas（亿立方米）", 22, ""), ("来源 source", 30, ""))),
    ("corridors 通道", "Ways between regions: road, rail, water, air, pipeline, power. Capacity: tonnes a year; MW for power "
     "lines go to a sheet of their own with the unit in the head. 地区间通道；运力按年吨数，输电能力另列一表并在表头注明单位。",
     (("起点 from", 18, "regions"), ("终点 to", 18, "regions"), ("运输方式 mode", 16, "modes"), ("运输天数 days", 14, ""),
      ("运力 capacity（万吨）", 20, ""), ("等级 grade", 10, ""), ("来源 source", 30, ""))),
    ("generation 发电", "Power stations by region and kind. 分地区分类型装机与发电量。",
     (("地区 region", 18, "regions"), ("电源类型 fuel", 18, ""), ("装机容量 capacity（万千瓦）", 24, ""), ("发电量 annual（亿千瓦时）", 24, ""),
      ("等级 grade", 10, ""), ("来源 source", 30, ""))),
    ("ranges 区间", "Where an indicator should end: percent; with growth, against a year before, else against no shock. "
     "指标目标区间（%）；填写基准增速则为同比，否则为较无冲击情形。",
     (("指标 indicator", 26, "indicators"), ("时期 period", 14, ""), ("地区 region", 18, "regions"), ("下限 low", 10, ""),
      ("上限 high", 10, ""), ("基准增速 growth", 16, ""), ("来源 source", 30, ""))),
    ("classes 归类", "Which of the 42 sectors a sector is like; it takes its parameters. 部门归入42部门中的哪一类（取其参数）。",
     (("行业 sector", 30, "sectors"), ("同类 like", 14, "classes"))),
)  # fmt: skip
_NODE = ("企业 node", 26, "nodes")  # behind the sector, in a book that tells nodes of a sector apart
_OF_NODES = ("stock", "staff", "energy")
_READ_ME = (
    ("This workbook adds what you know to the book {name}: {en}.", "本表把您掌握的情况加入账本 {name}：{zh}。"),
    ("Fill in what you have and leave the rest empty. Rows, columns and sheets may be deleted.", "有什么填什么，其余留空；行、列、表均可删除。"),
    ("Units stand in brackets in the heads: change them there if yours differ.", "单位写在表头括号中，如单位不同请改表头。"),
    ("Then: ballast book add {name} THIS_FILE", "填好后运行：ballast book add {name} 本文件"),
    ("Nothing is guessed: what cannot be read is named with sheet, row and column, and nothing is changed until all is right.",
     "绝不猜测：无法读取的内容会注明表、行、列；全部正确之前不改动账本。"),
    ("Names that are not quite the book's come back in a review sheet for you to confirm. `ballast book undo` takes the last file back.",
     "与账本不完全一致的名称会列入核对表由您确认；`ballast book undo` 可撤销最近一次加入。"),
)  # fmt: skip


def write(economy: Economy, path: Path) -> Path:
    """Write the template for one book, whole or not at all; OutputError when a file is there already."""
    from openpyxl import Workbook

    if path.exists():
        raise OutputError(
            f"{path}: is there already, and somebody may have filled it in. Give another name with --out, or "
            "delete it first."
        )
    book = Workbook()
    read_me = book.active
    read_me.title = "README 说明"
    _read_me(read_me, economy)
    words = _node_words(economy) if told_apart(economy) and economy.n <= MOST_ROWS else None
    lists = _lists(book, economy, words or {})
    for title, says, columns in _SHEETS:
        sheet = book.create_sheet(title)
        kind = title.split()[0]
        if words is not None and kind in _OF_NODES:
            columns = (*columns[:2], _NODE, *columns[2:])
        _fill(sheet, says, columns, economy, kind, words or {})
        _choices(sheet, columns, lists)
    book.move_sheet("codes", len(_SHEETS))
    return _save(book, path, "The template")


def _node_words(e: Economy) -> dict[int, str]:
    """What to write for each node that is more than its region and sector: its name, if that is its alone."""
    names = NodeNames(e)
    words = {}
    for i, code in enumerate(e.node_codes):
        if e.namesakes[i] > 1 or e.has_own_name(i):
            name = e.node_name(i).zh
            words[i] = name if names.find(name) == i else code
    return words


def _read_me(sheet: Any, e: Economy) -> None:
    from openpyxl.styles import Alignment, Font

    for i, (en, zh) in enumerate(_READ_ME, 1):
        for c, text in ((1, zh), (2, en)):
            cell = safe.put(sheet, i, c, text.format(name=e.name, en=e.title.en, zh=e.title.zh))
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(name=FACE, bold=i == 1)
        sheet.row_dimensions[i].height = 34
    sheet.column_dimensions["A"].width = 62
    sheet.column_dimensions["B"].width = 72
    _printed(sheet)


def _printed(sheet: Any) -> None:
    """On paper: sideways, as wide as the page, the heads on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    if sheet.freeze_panes:
        sheet.print_title_rows = f"1:{int(sheet.freeze_panes[1:]) - 1}"


def _lists(book: Any, e: Economy, nodes: Mapping[int, str]) -> dict[str, str]:
    """A sheet of names to choose from; list name -> its range."""
    from ballast.economy.classes import CLASSES

    sheet = book.create_sheet("codes")
    columns = {
        "regions": [r.name.zh if r.name.zh != r.code else r.code for r in e.regions],
        "sectors": [s.name.zh if s.name.zh != s.code else s.code for s in e.sectors],
        "modes": list(MODES),
        "indicators": ["industrial_value_added", "value_added"],
        "classes": list(CLASSES),
        "nodes": list(nodes.values()),
    }
    shown = {
        "regions": [f"{r.code} {r.name.en}" for r in e.regions],
        "sectors": [f"{s.code} {s.name.en}" for s in e.sectors],
        "classes": [f"{t.en} {t.zh}" for t, _ in CLASSES.values()],
        "nodes": [f"{e.node_codes[i]} {e.node_name(i).en}" for i in nodes],
    }
    if not nodes:
        del columns["nodes"]
    out, at = {}, 1
    for name, values in columns.items():
        safe.put(sheet, 1, at, name)
        for i, value in enumerate(values, 2):
            safe.put(sheet, i, at, value)
            if name in shown:
                safe.put(sheet, i, at + 1, shown[name][i - 2])
        letter = sheet.cell(1, at).column_letter
        out[name] = f"codes!${letter}$2:${letter}${max(len(values) + 1, 2)}"
        for c in (at, at + 1):
            sheet.column_dimensions[sheet.cell(1, c).column_letter].width = 26
        at += 2 if name in shown else 1
    sheet.freeze_panes = "A2"
    _printed(sheet)
    return out


def _fill(
    sheet: Any,
    says: str,
    columns: Sequence[tuple[str, int, str]],
    e: Economy,
    kind: str,
    nodes: Mapping[int, str],
) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    top = safe.put(sheet, 1, 1, says)
    top.alignment, top.font = Alignment(wrap_text=True, vertical="top"), Font(name=FACE, italic=True)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(columns))
    sheet.row_dimensions[1].height = 48
    for c, (title, width, _) in enumerate(columns, 1):
        cell = safe.put(sheet, 2, c, title)
        cell.font = Font(name=FACE, bold=True)
        cell.fill = PatternFill("solid", fgColor="DCE6F1")
        cell.alignment = Alignment(wrap_text=True)
        sheet.column_dimensions[cell.column_letter].width = width
        if not any(word in title for word in _NUMBERS):
            sheet.column_dimensions[cell.column_letter].number_format = "@"  # 2022-04 stays what it is
    sheet.freeze_panes = "A3"
    _printed(sheet)
    if kind in ("staff", "energy") and e.n <= MOST_ROWS:
        for i in range(e.n):
            safe.put(sheet, 3 + i, 1, e.regions[e.node_region[i]].name.zh)
            safe.put(sheet, 3 + i, 2, e.sectors[e.node_sector[i]].name.zh)
            if i in nodes:
                safe.put(sheet, 3 + i, 3, nodes[i])
    if kind == "classes":
        for i, s in enumerate(e.sectors):
            safe.put(sheet, 3 + i, 1, s.name.zh)
            safe.put(sheet, 3 + i, 2, s.like or None)


def _choices(sheet: Any, columns: Sequence[tuple[str, int, str]], lists: dict[str, str]) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    last = max(sheet.max_row, 2) + SPARE
    for c, (_, _, choice) in enumerate(columns, 1):
        if choice:
            rule = DataValidation("list", formula1=lists[choice], allow_blank=True, showErrorMessage=False)
            sheet.add_data_validation(rule)
            letter = sheet.cell(2, c).column_letter
            rule.add(f"{letter}3:{letter}{last}")


# ---- review ----------------------------------------------------------------------------------

_BESIDE = "copy your file to a folder where you may write, and add it from there"
_REVIEW = (
    "kind 类别",
    "as written 原名",
    "code 代码",
    "name 名称",
    "likeness 相似度",
    "yes? 确认",
    "where 位置",
)


def write_review(proposals: Sequence[tuple[str, Proposal]], path: Path) -> Path:
    """What unknown names may mean, one row a proposal; a person writes y (or 是) beside the right one.

    Marks of an older sheet at `path` are kept, with their rows. Where another file lies there, this one gets
    a number; the path is returned.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill

    marked = _marked(path) if path.exists() else {}
    if marked is None:
        path, marked = placing.free(path), {}
    book = Workbook()
    sheet = book.active
    sheet.title = "review 核对"
    safe.put_row(sheet, 1, _REVIEW)
    for cell in sheet[1]:
        cell.font = Font(name=FACE, bold=True)
        cell.fill = PatternFill("solid", fgColor="DCE6F1")
    first: dict[tuple[str, str, str], tuple[str, Proposal]] = {}
    for where, p in proposals:
        first.setdefault((p.kind, p.word, p.code), (where, p))
    rows = []
    for key, (where, p) in first.items():
        mark = marked.pop(key, [None] * 7)[5]
        rows.append([p.kind, p.word, p.code, p.name, round(p.likeness, 2), mark, where])
    for at, row in enumerate([*rows, *marked.values()], 2):
        safe.put_row(sheet, at, row)
    for letter, width in zip("ABCDEFG", (10, 30, 12, 40, 14, 12, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    _printed(sheet)
    return _save(book, path, "The review sheet", _BESIDE)


def _marked(path: Path) -> dict[tuple[str, str, str], list[Any]] | None:
    """The rows of a review sheet in which somebody has written; None when it is not one."""
    try:
        rows = [[*row, *[None] * 7][:7] for sheet in sheets(path) for row in sheet.rows]
    except BookError:
        return None
    if not rows or [plain(c) for c in rows[0]] != list(_REVIEW):
        return None
    return {(plain(r[0]), plain(r[1]), plain(r[2])): r for r in rows[1:] if r[5] is not None}


def read_review(path: Path) -> tuple[tuple[str, str, str], ...]:
    """(kind, name as written, code) of the confirmed rows; BookError when a name is confirmed twice."""
    out: dict[tuple[str, str], str] = {}
    for sheet in sheets(path):
        for r, row in enumerate(sheet.rows):
            if r == 0 or len(row) < 6 or plain(row[5]).casefold() not in _YES:
                continue
            key = (plain(row[0]), plain(row[1]))
            code = plain(row[2])
            if out.get(key, code) != code:
                raise BookError(
                    f"{sheet.place(r)}: {key[1]!r} is confirmed as {out[key]} and as {code}. Keep one y."
                )
            out[key] = code
    return tuple((kind, word, code) for (kind, word), code in out.items())


def _save(book: Any, path: Path, what: str, other: str = machine.OTHER) -> Path:
    with placing.one(path, what, other=other) as file:
        save_workbook(book, file)
    return path
