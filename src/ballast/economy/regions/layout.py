"""Where a sheet of output by region and sector has what: three columns, or a square either way round.

cells      the amounts with the names beside them; share_or_number: what one holds
no_region  whether a head says what was measured, or when, and cannot be a region

Only shares within a sector count, so value added, people and sales may stand for output; that is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ballast.economy.names.matcher import Names, by_parts
from ballast.economy.sane import NOTHING
from ballast.economy.sheets.cells import number, plain
from ballast.economy.sheets.files import Sheet
from ballast.economy.sheets.labels import simplified
from ballast.economy.sheets.said import BRACKETS, words_above
from ballast.economy.sheets.stated import unread
from ballast.economy.sheets.wide import head_row
from ballast.economy.sheets.words import REGION, SECTOR, UNIT, VALUE, YEAR
from ballast.errors import Finding
from ballast.text import listed

_REGION = (*REGION, "state", "city", "城市")
AMOUNTS: Mapping[str, tuple[str, ...]] = {
    "output": ("output", "production", "产出", "产值"),
    "value added": ("value added", "gva", "gdp", "domestic product", "增加值", "生产总值"),
    "people": (
        *("employment", "employees", "employed", "workers", "staff", "jobs", "headcount", "persons"),
        *("从业", "就业", "职工", "用工", "人数"),
    ),
    "sales": (
        *("sales", "turnover", "revenue", "shipments"),
        *("营业收入", "业务收入", "销售收入", "销售额", "销售产值"),
    ),
    "": VALUE,
}
_NO_AMOUNT = re.compile(
    r"^(?:其中|of which)|占比|比重|份额|增速|增长|排名|位次|[人亩地户]均|%|"
    r"\b(?:share|rank|ranking|cagr|growth|per)\b"
)
_CODE = re.compile(r"code|代码|编码|编号|\b(?:id|no|number)\b")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)年?")
MOST_NAMED = 8


class Cell(NamedTuple):
    """An amount with the names beside it, as written, and where they stand."""

    row: int
    region: object
    sector: object
    value: object
    sector_place: tuple[int, int]
    value_at: int


@dataclass(frozen=True, slots=True)
class _Heads:
    """The columns of a long sheet that are known, -1 for none."""

    region: int
    sector: int
    amounts: tuple[int, ...]
    kinds: tuple[str, ...]  # of the amounts


def cells(sheet: Sheet, sectors: Names, findings: list[Finding], *, abroad: bool = False) -> list[Cell]:
    """The cells of a sheet in either form, below its titles; what is doubtful is added to `findings`. With
    `abroad` they are exports.
    """
    top = head_row(sheet)
    heads = _heads(sheet, top, sectors, abroad=abroad)
    if min(heads.region, heads.sector) >= 0 and heads.amounts:
        return _long(sheet, top, heads, findings)
    if (lacking := _lacking(sheet, top, heads, sectors)) is not None:
        findings.append(lacking)
        return []
    return _square(sheet, top, sectors, findings)


def _folded(cell: object) -> str:
    """A head as heads are compared."""
    return simplified(plain(cell)).casefold()


def share_or_number(cell: object) -> tuple[float | None, bool]:
    """The number of a cell, None for a blank, and whether it is written as a share: 0.24 of 24%; ValueError
    for anything else.
    """
    text = plain(cell) if isinstance(cell, str) else ""
    if not text.endswith("%"):
        return number(cell), False
    share = number(text[:-1])
    return (None, False) if share is None else (share / 100, True)


def number_or_none(cell: object) -> float | None:
    """The number of a cell; None for anything else."""
    try:
        return share_or_number(cell)[0]
    except ValueError:
        return None


def _kind(text: str) -> str | None:
    """What a head says its amounts are, by its longest word for one ("" for any); None for no amounts."""
    whole = _folded(text)
    bare = _YEAR.sub(" ", BRACKETS.sub(" ", whole).replace("_", " "))
    if _NO_AMOUNT.search(whole.replace("_", " ")):
        return None
    found = {
        len(w): kind
        for kind, words in AMOUNTS.items()
        for w in words
        if (re.search(rf"\b{w}s?\b", bare) if w.isascii() else w in bare)
    }
    return found[max(found)] if found else None


def no_region(name: str) -> bool:
    """Whether a name is none of a region: a share, a rank, a year, a unit, output itself."""
    text = BRACKETS.sub("", _folded(name)).strip()
    words = (*YEAR, *UNIT, *(w for words in AMOUNTS.values() for w in words))
    return text in words or _NO_AMOUNT.search(_folded(name)) is not None


def _heads(sheet: Sheet, top: int, sectors: Names, *, abroad: bool) -> _Heads:
    """The columns that are known; exports are amounts too in a sheet of them. Of several that may be one,
    the one that holds words, and the book's sectors (a code may stand beside a name).
    """
    head = [_folded(c) for c in sheet.rows[top]]
    kinds = {i: kind for i, h in enumerate(head) if (kind := _kind(h)) is not None}
    if abroad:
        kinds = {i: "output" for i, h in enumerate(head) if i in kinds or "export" in h or "出口" in h}
    may = [
        [i for i, h in enumerate(head) if i not in kinds and _names(sheet, top, i, h, words)]
        for words in (_REGION, SECTOR)
    ]
    region = max(may[0], key=lambda i: (_is_text(_column(sheet, top, i)), -len(head[i])), default=-1)
    sector = max(may[1], key=lambda i: _known(_column(sheet, top, i), sectors), default=-1)
    if region == sector:  # the corner of a square: sector/region
        region = sector = -1
    return _Heads(region, sector, tuple(kinds), tuple(kinds.values()))


def _names(sheet: Sheet, top: int, column: int, head: str, words: tuple[str, ...]) -> bool:
    """Whether a head begins or ends with one of the words (NAICS industry), over words; or is one, over
    numbers that are codes. Of a square whose regions are called Region 1 and Region 2 neither holds.
    """
    bare = BRACKETS.sub("", head).replace("_", " ").strip()
    begins = head.startswith(words)
    if not begins and not bare.endswith(tuple(w for w in words if len(w) > 1)):
        return False
    coded = begins and (bare in words or _CODE.search(bare) is not None)
    return coded or _is_text(_column(sheet, top, column))


def _column(sheet: Sheet, top: int, column: int) -> list[object]:
    """The filled cells of a column below its head."""
    cells = (row[column] for row in sheet.rows[top + 1 :] if len(row) > column)
    return [c for c in cells if c is not None]


def _is_text(column: Sequence[object]) -> bool:
    """Whether a column holds words and no numbers; what stands for nothing (-) is neither."""
    filled = [v for v in column if plain(v).casefold() not in NOTHING]
    return bool(filled) and all(isinstance(v, str) and number_or_none(v) is None for v in filled)


def _known(column: Sequence[object], sectors: Names) -> int:
    """How many cells of a column name sectors of the book."""
    return sum(sectors.find(cell) is not None for cell in column)


# ---- three columns ---------------------------------------------------------------------------


def _long(sheet: Sheet, top: int, heads: _Heads, findings: list[Finding]) -> list[Cell]:
    """Rows of region, sector and amount; names that are merged down hold for each row."""
    at, kind = _amounts(heads)
    head = [plain(c) for c in sheet.rows[top]]
    findings += _unclear(sheet, top, head, heads, at)
    columns = (heads.region, heads.sector, at)
    known = {head[i] for i, h in enumerate(head) if i in columns or _is_unit(h)}
    findings += [replace(f, where=sheet.place(top)) for f in unread(head, known, sheet.where)]
    if kind not in ("", "output"):
        findings.append(_stand_in(kind, head[at], sheet.place(top, at)))
    elif not kind:
        first = next((row for row in sheet.rows[top + 1 :] if any(c is not None for c in row)), [])
        findings += _titled(sheet, top, *(plain(c) for i, c in enumerate(first) if i not in columns))
    names = []
    for column in (heads.region, heads.sector):
        above = sheet.merged_down(column)
        names.append({r: sheet.rows[first][column] for r, first in above.items() if first > top})
    return [
        Cell(
            r,
            names[0].get(r, row[heads.region]),
            names[1].get(r, row[heads.sector]),
            row[at],
            (r, heads.sector),
            at,
        )
        for r, row in enumerate(sheet.rows)
        if r > top and len(row) > max(heads.region, heads.sector, at)
    ]


def _amounts(heads: _Heads) -> tuple[int, str]:
    """The column that is read, output where there is one, and its kind."""
    pairs = list(zip(heads.amounts, heads.kinds, strict=True))
    return next((p for p in pairs if p[1] == "output"), pairs[0])


def _stand_in(kind: str, head: str, place: str) -> Finding:
    what = f"the amounts are {kind} ({head!r}): each sector's output follows the regions' shares of it"
    return Finding("note", place, what, "Give output by region where it is known")


def _titled(sheet: Sheet, top: int, *more: str) -> list[Finding]:
    """The same where the words above the heads, or `more`, say that the amounts are something else."""
    said = [*more, *(c for cells in words_above(sheet, top) for c in cells)]
    kinds = ((_kind(text), text) for text in said)
    found = [_stand_in(kind, text, sheet.place(top)) for kind, text in kinds if kind]
    return [] if any(_kind(text) == "output" for text in said) else found[:1]


def _is_unit(head: str) -> bool:
    return head.casefold() in UNIT


def _unclear(sheet: Sheet, top: int, head: list[str], heads: _Heads, at: int) -> Iterator[Finding]:
    """Several columns that may be the amounts, or amounts in several units."""
    outputs = [i for i, kind in zip(heads.amounts, heads.kinds, strict=True) if kind == "output"]
    rivals = outputs or list(heads.amounts)
    if len(rivals) > 1:
        what = f"several columns may be the amounts: {', '.join(head[i] for i in rivals)}"
        yield Finding("error", sheet.place(top), what, "Keep the one that is meant")
    for column in [i for i, h in enumerate(head) if _is_unit(h)]:
        units = list(
            dict.fromkeys(
                plain(row[column]) for row in sheet.rows[top + 1 :] if len(row) > column and row[column]
            )
        )
        if len(units) > 1:
            what = f"the amounts are in several units: {', '.join(units[:4])}"
            yield Finding("error", sheet.place(top, column), what, "Write all of them in one unit")


def _lacking(sheet: Sheet, top: int, heads: _Heads, sectors: Names) -> Finding | None:
    """An error for three columns of which one is not known by its head; None for what may be a square."""
    head = [plain(c) for c in sheet.rows[top]]
    used = {heads.region, heads.sector, *heads.amounts}
    rest = [i for i, h in enumerate(head) if i not in used and h]
    others = listed([head[i] for i in rest], MOST_NAMED) or "none"
    if min(heads.region, heads.sector) >= 0:
        said = _column(sheet, top, heads.sector)
        if not _is_text(_column(sheet, top, heads.region)) or 2 * _known(said, sectors) < len(said):
            return None
        what = f"no column of output beside region and sector; the others are: {others}"
        todo = "Keep one and call it output (产出), or value added, employment, sales if it is that"
        regions = {plain(c) for c in _column(sheet, top, heads.region)}
        if across := [head[i] for i in rest if head[i] in regions]:
            what += (
                f"; {listed(across, MOST_NAMED)} are regions: the table seems a pivot, with buyers across"
            )
            todo = "Give one column of output, what each region makes in all"
        return Finding("error", sheet.place(top), what, todo)
    if max(heads.region, heads.sector) < 0 or len(heads.amounts) != 1:
        return None
    if not all(_is_text(_column(sheet, top, i)) for i in rest):  # of a square whose last column is a total
        return None
    role, word = ("region", "地区") if heads.region < 0 else ("sector", "行业")
    what = f"no column {role}; the others are: {others}"
    return Finding("error", sheet.place(top), what, f"Call the one that it is {role} ({word})")


# ---- squares ---------------------------------------------------------------------------------


def _square(sheet: Sheet, top: int, sectors: Names, findings: list[Finding]) -> list[Cell]:
    """Sectors down and regions across, or the other way: by which of the two name the book's sectors."""
    heads = sheet.rows[top]
    body = [r for r in range(top + 1, len(sheet.rows)) if sheet.rows[r]]
    coded = len(heads) > 2 and _is_text(_column(sheet, top, 1))
    names = [0, 1] if coded else [0]  # a code stands before the name
    down, left = max((_known(_column(sheet, top, c), sectors), c) for c in names)
    across = _known([h for h in heads[1:] if h is not None], sectors)
    if not down and not across and (pivot := _pivot(sheet, top, sectors)):
        findings.append(pivot)
        return []
    if not down and not across and body:
        first, columns = (
            listed([plain(c) for c in cells if plain(c)], 3)
            for cells in (_column(sheet, top, names[-1]), heads[1:])
        )
        what = f"neither the rows ({first}) nor the heads ({columns}) name sectors of the book"
        todo = "Give columns region, sector and output, or a square; see `ballast book show --codes`"
        findings.append(Finding("error", sheet.place(top), what, todo))
        return []
    said = [sectors.find(c) for c in _column(sheet, top, 1)] if left else []
    if down > len({*said} - {None}) and left and not across:
        what = "is a list, and its heads are not known: the sectors of column B come again and again"
        findings.append(
            Finding("error", sheet.place(top), what, "Call its columns region, sector and output")
        )
        return []
    turned = across > down or (across == down and _folded(heads[0]).startswith(_REGION))
    left = names[-1] if turned else left
    if strange := list(_no_names(sheet, top, left, turned=turned)):
        findings += strange
        return []
    findings += _titled(sheet, top, plain(heads[0]))
    findings += [replace(f, where=sheet.place(top)) for f in unread(map(plain, heads[:left]), (), "")]
    pairs = [(r, c) for r in body for c in range(left + 1, min(len(sheet.rows[r]), len(heads)))]
    if turned:
        return [Cell(r, sheet.rows[r][left], heads[c], sheet.rows[r][c], (top, c), c) for r, c in pairs]
    remarks = {r for r in body if sum(c is not None for c in sheet.rows[r]) < 2}
    return [
        Cell(r, heads[c], sheet.rows[r][left], sheet.rows[r][c], (r, left), c)
        for r, c in pairs
        if r not in remarks or sectors.find(sheet.rows[r][left]) is not None
    ]


def _pivot(sheet: Sheet, top: int, sectors: Names) -> Finding | None:
    """An error for heads that name region and sector at once: A.cars, or A above cars."""

    def named(word: str) -> int | None:
        return 0 if word.strip() else None

    heads = [plain(h) for h in sheet.rows[top][1:] if h is not None]
    ways = ((named, sectors.find), (sectors.find, named))
    both = [h for h in heads if any(by_parts(h, *way) for way in ways)]
    below = [c for c in (sheet.rows[top + 1] if top + 1 < len(sheet.rows) else [])[1:] if c is not None]
    if heads and 2 * len(both) > len(heads):
        what = f"each head names a region and a sector ({listed(both, 3)})"
    elif 2 * _known(below, sectors) > len(below):
        what = (
            f"the heads stand in two rows, {listed(heads, 3)} above {listed([plain(c) for c in below], 3)}"
        )
    else:
        return None
    todo = "Put them down into columns region, sector and output, one amount a row"
    return Finding("error", sheet.place(top), f"the table seems a pivot: {what}", todo)


def _no_names(sheet: Sheet, top: int, left: int, *, turned: bool) -> Iterator[Finding]:
    """Errors for a square in whose regions' place stand the things that were measured, the same regions in
    several years, or words below.
    """
    heads = {c: plain(h) for c, h in enumerate(sheet.rows[top]) if c > left and h is not None}
    regions = [plain(c) for c in _column(sheet, top, left)] if turned else list(heads.values())
    kinds = [_kind(name) for name in regions]
    if kinds and None not in kinds and (len(kinds) == 1 or len({*kinds}) > 1):
        what = f"where regions should stand, the table has what was measured: {listed(regions, MOST_NAMED)}"
        yield Finding("error", sheet.place(top), what, "Give a column or a row for each region")
        return
    bare = {_YEAR.sub("", name).strip() for name in regions}
    if "" not in bare and len(bare) < len(regions) and all(map(_YEAR.search, regions)):
        what = f"regions stand there in several years: {listed(regions, MOST_NAMED)}"
        yield Finding("error", sheet.place(top), what, "Give the output of one year")
        return
    for column in [] if turned else [c for c in heads if _is_text(_column(sheet, top, c))]:
        others = listed([h for c, h in heads.items() if c != column], MOST_NAMED)
        words = [*dict.fromkeys(plain(c) for c in _column(sheet, top, column))]
        what = f"column {heads[column]!r} holds words ({listed(words, 3)})"
        what, todo = f"{what} beside regions as columns ({others})", "Take the column out"
        if len(words) > 1:
            what, todo = f"the table seems a pivot: {what}", f"Keep the rows of one, the output. {todo}"
        yield Finding("error", sheet.place(top, column), what, todo)
