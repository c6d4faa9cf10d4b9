"""Regions and sectors merged or split by a concordance: one linear map, totals kept.

A concordance says for each old code which new ones it goes to and with what share (shares of one code
sum to 1). Merging is shares of 1, splitting several rows a code; both may stand in one file:

    kind (region or sector), from, to, share, en, zh, like

`kind` may be left out when the file is about one of the two; `share` defaults to 1; names and class of
a new code default to those of the old one that brings most output. With W [N', N] the shares of nodes,
Z' = W Z W', so rows and columns balance as before. What one buyer's suppliers were is averaged with
weights where buyers merge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballast import machine
from ballast.arrays import Floats, inverse
from ballast.economy.checks import may_be_negative
from ballast.economy.economy import Carrier, Economy, Region, Sector
from ballast.economy.names.matcher import Names
from ballast.economy.regroup.facts import regroup_facts, regroup_ids
from ballast.economy.sane import fault, remade
from ballast.economy.sheets.cells import number, plain
from ballast.economy.sheets.files import Sheet, first_with_rows, letters
from ballast.economy.sheets.labels import look_alikes
from ballast.economy.sheets.stated import unread
from ballast.economy.sheets.wide import head_row
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Operation, worst
from ballast.text import Text, listed

_HEADS = {
    "kind": ("kind", "类别", "类型"),
    "from": ("from", "old", "原代码", "原名称", "从"),
    "to": ("to", "new", "新代码", "新名称", "到"),
    "share": ("share", "weight", "份额", "比重"),
    "en": ("en", "name_en", "english", "英文名"),
    "zh": ("zh", "name_zh", "chinese", "中文名"),
    "like": ("like", "同类"),
}
_KINDS = {
    "region": "region",
    "regions": "region",
    "地区": "region",
    "sector": "sector",
    "sectors": "sector",
    "部门": "sector",
}
TRACE = 1e-200  # of money: keeps a place for a flow that only an alternative has
EXACT = 1e-6  # how far shares of one code may be from 1: then they are scaled


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a concordance."""

    kind: str
    old: int
    new: str
    share: float
    en: str
    zh: str
    like: str
    line: int = 0  # of the file; 0 for a code that the file does not name and that stays


@dataclass(frozen=True, eq=False)
class Concordance:
    """New codes of one kind in order of appearance, and the shares W [new, old]."""

    codes: tuple[str, ...]
    share: Floats
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...] = ()  # of the file


# ---- reading ---------------------------------------------------------------------------------


def read(
    path: Path, economy: Economy, *, splitting: bool = True
) -> tuple[Concordance | None, Concordance | None]:
    """The concordance of regions and of sectors in a file (None for a kind the file does not touch).

    Without `splitting`, a code that goes to several is refused: a share forgotten in a merge should not
    pass.
    """
    sheet = first_with_rows(path, titled=True)
    if sheet is None:
        raise BookError(f"{path}: has no rows. A concordance has columns from, to and, for splits, share.")
    rows, findings = _rows(sheet, economy)
    raise_findings([*sheet.findings, *findings], BookError, head=f"{path} cannot be used:")
    found = {
        kind: _concordance([r for r in rows if r.kind == kind], codes)
        for kind, codes in (
            ("region", [r.code for r in economy.regions]),
            ("sector", [s.code for s in economy.sectors]),
        )
        if any(r.kind == kind for r in rows)
    }
    problems = [f for kind, c in found.items() for f in _sums(c, kind, path, economy)]
    problems += [f for kind, c in found.items() for f in look_alikes(kind, str(path), c.codes)]
    if splitting:
        problems += [f for kind, c in found.items() for f in _taken(c, kind, path)]
    else:
        problems += [
            Finding(
                "error",
                str(path),
                f"{kind} {old} goes to {len(new)} codes ({', '.join(new[:4])})",
                "Use `ballast book split`",
            )
            for kind, c in found.items()
            for old, new in _several(c, kind, economy)
        ]
    raise_findings(problems, BookError, head=f"{path} cannot be used:")
    problems = [f for kind, c in found.items() for f in _into(c, kind, path)]
    notes = tuple(f for f in (*sheet.findings, *findings, *problems) if f.level != "error")
    region, sector = found.get("region"), found.get("sector")
    if region is not None:
        return replace(region, findings=notes), sector
    return None, sector and replace(sector, findings=notes)


def _rows(sheet: Sheet, e: Economy) -> tuple[list[Row], list[Finding]]:
    top = head_row(sheet)
    head = [plain(c).casefold() for c in sheet.rows[top]]
    fits = {role: [i for i, h in enumerate(head) if h in words] for role, words in _HEADS.items()}
    at = {role: columns[0] for role, columns in fits.items() if columns}
    if "from" not in at or "to" not in at:
        raise BookError(f"{sheet.place(top)}: columns from and to are missing. Name them in the first row.")
    known = {"region": Names.regions(e), "sector": Names.sectors(e)}
    rows, findings = list[Row](), [*_differing(sheet, top, fits)]
    left = unread([str(h or "") for h in sheet.rows[top]], _read(sheet, top, fits), sheet.where)
    findings += [replace(f, where=sheet.place(top)) for f in left]
    above = {role: sheet.merged_down(c) for role, c in at.items()}
    for r in range(top + 1, len(sheet.rows)):
        cells = dict.fromkeys(_HEADS, "")
        for role, c in at.items():
            line = sheet.rows[above[role].get(r, r)]  # words merged down hold for each row
            cells[role] = plain(line[c]) if c < len(line) else ""
        if not any(cells.values()):
            continue
        if r in above.get("share", ()):
            what = f"is merged with row {above['share'][r] + 1}: one share of several rows"
            todo = "Write the share of each row"
            findings.append(Finding("error", sheet.place(r, at["share"]), what, todo))
            continue
        row, problem = _row(cells, known, sheet, r)
        if problem:
            findings.append(problem)
        if row:
            rows.append(row)
    if not rows and not any(f.level == "error" for f in findings):
        todo = "Write what goes to what below them"
        findings.append(Finding("error", sheet.where, "has no rows below its heads", todo))
    return rows, findings


def _differing(sheet: Sheet, top: int, fits: dict[str, list[int]]) -> Iterator[Finding]:
    """Errors where two columns are of one role and say different things."""
    for columns in fits.values():
        for row in sheet.rows[top + 1 :] if len(columns) > 1 else ():
            said = {plain(row[c]) if c < len(row) else "" for c in columns}
            if len(said) > 1:
                heads = " and ".join(f"{plain(sheet.rows[top][c])} ({letters(c)})" for c in columns)
                what = f"columns {heads} say different things"
                yield Finding("error", sheet.place(top), what, "Keep one of them")
                break


def _read(sheet: Sheet, top: int, fits: dict[str, list[int]]) -> set[str]:
    """The heads that are read."""
    return {str(sheet.rows[top][c]) for columns in fits.values() for c in columns}


def _row(
    cells: dict[str, str], known: dict[str, Names], sheet: Sheet, r: int
) -> tuple[Row | None, Finding | None]:
    where = sheet.place(r)
    kind = _KINDS.get(cells["kind"].casefold(), "") if cells["kind"] else ""
    if cells["kind"] and not kind:
        return None, Finding("error", where, f"kind {cells['kind']!r}", "Write region or sector")
    if not cells["from"]:
        return None, Finding("error", where, "from is empty", "Name the old code, in every row")
    found = {k: at for k in ([kind] if kind else known) if (at := known[k].find(cells["from"])) is not None}
    if not found:
        like = [p.code for k in ([kind] if kind else known) for p in known[k].propose(cells["from"])]
        several = next(
            (known[k].unknown(cells["from"]) for k in known if known[k].rivals(cells["from"])), ""
        )
        return None, Finding(
            "error", where, several or f"no region or sector {cells['from']!r} in this book",
            f"Did you mean {' or '.join(like)}?" if like else "See `ballast book show`",
        )  # fmt: skip
    if len(found) > 1:
        return None, Finding(
            "error", where, f"{cells['from']!r} is a region and a sector", "Add a column kind"
        )
    if not cells["to"]:
        return None, Finding("error", where, "to is empty", "Name the new code")
    try:
        share = number(cells["share"])
    except ValueError as error:
        return None, Finding("error", where, f"share {error}", "Write a number from 0 to 1")
    share = 1.0 if share is None else share
    names = (cells[w] for w in ("en", "zh") if cells[w] != cells["to"])
    if cells["share"].isdigit() and any(map(str.isdigit, names)):
        todo = 'Is it a comma inside a number? Put it in quotes ("0,5") or write 0.5'
        return None, Finding("error", where, "has half a number where words belong", todo)
    if not 0 <= share <= 1:
        return None, Finding("error", where, f"share is {share:g}", "Write a number from 0 to 1")
    for role in ("to", "en", "zh"):
        if what := fault(cells[role]):
            todo = "Take the character out, or shorten it"
            return None, Finding("error", where, f"{role} {what}", todo)
    if what := remade(cells["to"]):
        todo = "Format the column as text and write the code again"
        return None, Finding("error", where, f"the code {cells['to']!r} {what}", todo)
    ((kind, old),) = found.items()
    return Row(kind, old, cells["to"], share, cells["en"], cells["zh"], cells["like"], r + 1), None


def _concordance(rows: list[Row], codes: Sequence[str]) -> Concordance:
    """Codes that the file does not name stay as they are."""
    named = {r.old for r in rows}
    rest = [Row(rows[0].kind, i, code, 1.0, "", "", "") for i, code in enumerate(codes) if i not in named]
    every = sorted([*rows, *rest], key=lambda r: r.old)
    new = tuple(dict.fromkeys(r.new for r in every))
    _room(len(new), len(codes))
    share, place = np.zeros((len(new), len(codes))), {code: i for i, code in enumerate(new)}
    for r in every:
        share[place[r.new], r.old] += r.share
    return Concordance(new, share, tuple(every))


def _room(new: int, old: int) -> None:
    """Shares of every old code in every new one are held as a square, with two copies."""
    what, todo = f"a concordance from {old:,} codes to {new:,}", "Merge in several steps"
    machine.room_for(3.0 * 8 * new * old, what, todo, BookError)


def _several(c: Concordance, kind: str, e: Economy) -> list[tuple[str, list[str]]]:
    names = e.regions if kind == "region" else e.sectors
    parts = [
        (names[i].code, [c.codes[n] for n in np.flatnonzero(c.share[:, i])])
        for i in range(c.share.shape[1])
    ]
    return [(old, new) for old, new in parts if len(new) > 1]


def _taken(c: Concordance, kind: str, path: Path) -> list[Finding]:
    """Parts of a split that bear the code of another whole, of which the file says nothing."""
    parts = {r.new for r in c.rows if r.line and r.share < 1}
    todo = "Give the part another code; if both are to be one, add a row from {0} to {0}"
    return [
        Finding("error", f"{path}, {kind} {r.new}", "the book has this code already", todo.format(r.new))
        for r in c.rows
        if not r.line and r.new in parts
    ]


def _into(c: Concordance, kind: str, path: Path) -> list[Finding]:
    """A note of codes that take others in though the file does not name them as its own."""
    kept, parts = {r.new for r in c.rows if not r.line}, dict[str, list[str]]()
    for r in c.rows:
        if r.line and r.new in kept:
            parts.setdefault(r.new, []).append(f"row {r.line}")
    what = "the book has this code already, and the file puts others into it ({})"
    todo = "Give the merged one another code if it is to be told from the old one"
    return [
        Finding("note", f"{path}, {kind} {new}", what.format(listed(rows, 8)), todo)
        for new, rows in parts.items()
    ]


def _sums(c: Concordance, kind: str, path: Path, e: Economy) -> list[Finding]:
    total = c.share.sum(axis=0)
    names = e.regions if kind == "region" else e.sectors
    todo = "Make the shares of each code sum to 1"
    return [
        Finding("error", f"{path}, {kind} {names[i].code}", f"shares sum to {total[i]:.9g}", todo)
        for i in np.flatnonzero(np.abs(total - 1) > EXACT)
    ]


# ---- the map ---------------------------------------------------------------------------------


def regroup(
    economy: Economy, regions: Concordance | None, sectors: Concordance | None
) -> tuple[Economy, tuple[Finding, ...]]:
    """The economy in new regions and sectors."""
    e = economy
    for concordance, codes in ((regions, e.r), (sectors, e.k)):
        _room(codes if concordance is None else len(concordance.codes), codes)
    place = np.eye(e.r) if regions is None else regions.share / regions.share.sum(axis=0)
    trade = np.eye(e.k) if sectors is None else sectors.share / sectors.share.sum(axis=0)
    weights, new_region, new_sector, keys = _nodes(e, place, trade)
    product = sparse.csr_array(trade)
    users, user_region, user_category = _users(e, place)
    _, final_imports = _final(e, e.market_share)
    made, findings = _sectors(e, sectors)
    imports = sparse.csr_array((e.slot_imports, (e.slot_product, e.slot_node)), shape=(e.k, e.n))
    flows = _traced(e, lambda share: weights @ _links(e, share) @ weights.T)
    bought = _traced(e, lambda share: weights @ _final(e, share)[0] @ users)
    foreign = product @ final_imports @ users
    out = Economy.from_links(
        flows,
        final=bought,
        final_region=user_region,
        final_category=user_category,
        imports=product @ imports @ weights.T,
        final_imports=foreign,
        node_region=new_region,
        node_sector=new_sector,
        name=e.name,
        title=e.title,
        unit=e.unit,
        scope=e.scope,
        currency=e.currency,
        year=e.year,
        regions=_regions(e, regions),
        sectors=made,
        categories=e.categories,
        value_added_labels=e.value_added_labels,
        output=weights @ e.output,
        exports=weights @ e.exports,
        value_added=(weights @ e.value_added.T).T,
        grades=e.grades,
        sources=e.sources,
        node_labels=_labels(e, keys),
        node_grade=_grades(e, weights),
        carriers=tuple(_carrier(c, place, trade) for c in e.carriers),
        history=(*e.history, Operation("nodes", _told(e, regions, sectors))),
        findings=e.findings,
    )
    facts, more = regroup_facts(e, out, weights, place, product)
    out = replace(out, facts=facts, node_ids=regroup_ids(e, out, weights))
    done = _with_alternatives(e, out, weights, users, _line_user(bought, foreign, out))
    told = [f for c in (regions, sectors) if c is not None for f in c.findings]
    return done, (*told, *findings, *more)


def _nodes(
    e: Economy, place: Floats, trade: Floats
) -> tuple[Any, NDArray[np.int32], NDArray[np.int32], list[tuple[int, int, int]]]:
    """W [N', N], region and sector of the new nodes, and their keys (region, sector, firm or -1)."""
    rows, columns, values = [], [], []
    keys: dict[tuple[int, int, int], int] = {}
    for i in range(e.n):
        firm = i if e.node_labels is not None and e.node_labels[i] is not None else -1
        for r in np.flatnonzero(place[:, e.node_region[i]]):
            for s in np.flatnonzero(trade[:, e.node_sector[i]]):
                key = (int(r), int(s), firm)
                rows.append(keys.setdefault(key, len(keys)))
                columns.append(i)
                values.append(place[r, e.node_region[i]] * trade[s, e.node_sector[i]])
    order = sorted(range(len(keys)), key=list(keys).__getitem__)
    back = inverse(np.array(order, np.intp))
    found = [list(keys)[i] for i in order]
    w = sparse.csr_array((values, (back[rows], columns)), shape=(len(keys), e.n))
    region, sector = (np.array([k[axis] for k in found], np.int32) for axis in (0, 1))
    return w, region, sector, found


def _users(e: Economy, place: Floats) -> tuple[Any, NDArray[np.int32], NDArray[np.int32]]:
    """Who buys for final use: the map [L, U] from old lines to new users, their region and category.

    Lines of one region and category become one user, but those that may be negative (inventories) stay
    apart: a line that draws down one maker's goods and stocks another's has no shares of suppliers.
    """
    c = len(e.categories)
    apart = np.array([may_be_negative(e, i) for i in range(c)], bool)[e.final_category]
    rows, columns, values = [], [], []
    region, category, count = [], [], len(place) * c
    region += np.repeat(np.arange(len(place)), c).tolist()
    category += np.tile(np.arange(c), len(place)).tolist()
    for line in range(len(e.final_region)):
        for r in np.flatnonzero(place[:, e.final_region[line]]):
            if apart[line]:
                user, count = count, count + 1
                region.append(int(r))
                category.append(int(e.final_category[line]))
            else:
                user = int(r) * c + int(e.final_category[line])
            rows.append(line)
            columns.append(user)
            values.append(place[r, e.final_region[line]])
    users = sparse.csr_array((values, (rows, columns)), shape=(len(e.final_region), count))
    return users, np.array(region, np.int32), np.array(category, np.int32)


def _mix(e: Economy, share: Floats) -> Any:
    """[M, N] shares of suppliers."""
    return sparse.csr_array((share, e.market_supplier, e.market_ptr), shape=(len(e.market_ptr) - 1, e.n))


def _links(e: Economy, share: Floats) -> Any:
    """Z [N, N] under one set of shares."""
    mix = _mix(e, share)
    return mix.T @ sparse.csr_array(
        (e.slot_domestic, (e.slot_market, e.slot_node)), shape=(mix.shape[0], e.n)
    )


def _traced(e: Economy, flows: Callable[[Floats], Any]) -> Any:
    """Flows under the central shares, with a trace of those that only the alternatives have."""
    assert e.share_low is not None
    assert e.share_high is not None
    central = flows(np.asarray(e.market_share))
    if np.array_equal(e.share_low, e.market_share) and np.array_equal(e.share_high, e.market_share):
        return central
    for share in (e.share_low, e.share_high):
        other = flows(share)
        missing = other - other.multiply(central != 0)
        missing.data = np.where(missing.data != 0, TRACE, 0.0)
        central = central + missing
    return central


def _final(e: Economy, share: Floats) -> tuple[Any, Any]:
    """Y [N, L] of home goods and [K, L] of imports, a column a final line."""
    lines = np.arange(len(e.final_region))
    mix = _mix(e, share)
    home = sparse.csr_array((e.final_domestic, (e.final_market, lines)), shape=(mix.shape[0], len(lines)))
    abroad = sparse.csr_array((e.final_imports, (e.final_product, lines)), shape=(e.k, len(lines)))
    return mix.T @ home, abroad


def _line_user(bought: Any, foreign: Any, out: Economy) -> NDArray[np.int64]:
    """The user of each final line of `out`: lines run user by user, product by product, as `from_links`
    makes them.
    """
    home, abroad = bought.tocoo(), foreign.tocoo()
    keys = [
        coo.col[coo.data != 0].astype(np.int64) * out.k + product[coo.data != 0]
        for coo, product in ((home, out.node_sector[home.row]), (abroad, abroad.row))
    ]
    user: NDArray[np.int64] = np.unique(np.concatenate(keys)) // out.k
    return user


def _with_alternatives(
    e: Economy, out: Economy, weights: Any, users: Any, line_user: NDArray[np.int64]
) -> Economy:
    """share_low and share_high of the new markets: what their buyers bought under each, together."""
    assert e.share_low is not None
    assert e.share_high is not None
    if np.array_equal(e.share_low, e.market_share) and np.array_equal(e.share_high, e.market_share):
        return out
    markets, entry, supplier = len(out.market_ptr) - 1, out.entry_market, out.market_supplier
    shares = []
    for share in (e.share_low, e.share_high):
        z = weights @ _links(e, share) @ weights.T
        y = weights @ _final(e, share)[0] @ users
        bought = _by_market(z, out, out.slot_node.astype(np.int64), out.slot_product, out.slot_market)
        bought = bought + _by_market(y, out, line_user, out.final_product, out.final_market)
        value = np.asarray(bought[supplier, entry]).ravel()
        total = np.bincount(entry, value, markets)
        shares.append(
            np.divide(value, total[entry], out=np.array(out.market_share), where=total[entry] != 0)
        )
    return replace(out, share_low=shares[0], share_high=shares[1])


def _by_market(flows: Any, out: Economy, buyer: NDArray[np.int64], product: Any, market: Any) -> Any:
    """[N', M]: what each market's buyers bought of each supplier; a buyer has one market a product."""
    key = buyer * out.k + product
    order = np.argsort(key, kind="stable")
    coo = flows.tocoo()
    wanted = coo.col.astype(np.int64) * out.k + out.node_sector[coo.row]
    at = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    found = key[order][at] == wanted
    to = market[order][at[found]]
    return sparse.csr_array((coo.data[found], (coo.row[found], to)), shape=(out.n, len(out.market_ptr) - 1))


# ---- labels ----------------------------------------------------------------------------------


def _largest(e: Economy, c: Concordance, axis: str) -> list[int]:
    """For each new code, the old one that brings most output."""
    old = e.node_region if axis == "region" else e.node_sector
    size = np.bincount(old, e.output, c.share.shape[1])
    return [int(i) for i in np.argmax(c.share * (size + 1e-300), axis=1)]


def _named(c: Concordance, code: str, fallback: Text, alone: bool) -> Text:
    en = next((r.en for r in c.rows if r.new == code and r.en), "")
    zh = next((r.zh for r in c.rows if r.new == code and r.zh), "")
    if en or zh:
        return Text(en or zh, zh or en)
    return fallback if alone else Text(code, code)


def _regions(e: Economy, c: Concordance | None) -> tuple[Region, ...]:
    if c is None:
        return e.regions
    out = []
    for code, big in zip(c.codes, _largest(e, c, "region"), strict=True):
        old = e.regions[big]
        same = code in (old.code, old.name.en, old.name.zh)
        out.append(
            replace(
                old,
                code=code if not same else old.code,
                name=_named(c, code, old.name, same),
                aliases=old.aliases if same else (),
            )
        )
    return tuple(out)


def _sectors(e: Economy, c: Concordance | None) -> tuple[tuple[Sector, ...], tuple[Finding, ...]]:
    if c is None:
        return e.sectors, ()
    from ballast.economy import classes

    out, found = [], []
    for at, (code, big) in enumerate(zip(c.codes, _largest(e, c, "sector"), strict=True)):
        old = e.sectors[big]
        members = [e.sectors[i] for i in np.flatnonzero(c.share[at])]
        like = next((r.like for r in c.rows if r.new == code and r.like), "")
        same = code in (old.code, old.name.en, old.name.zh)
        name = _named(c, code, old.name, same)
        if like:
            if like not in classes.CLASSES:
                raise BookError(
                    f"sector {code}: no class {like!r}; classes are 01 to 42 (`ballast book show "
                    f"china-2020`)."
                )
            out.append(classes.sector(code, name, like))
            continue
        kinds = {(s.industry, s.goods, s.storable) for s in members}
        if len(kinds) > 1:
            what = (
                f"joins sectors of different kinds ({', '.join(s.code for s in members[:6])}): it "
                f"counts as {old.name.en}"
            )
            found.append(
                Finding(
                    "warning",
                    f"sector {code}",
                    what,
                    "Give `like` in the concordance if another class fits",
                )
            )
        product = old.product if same or len(members) == 1 else None
        out.append(replace(old, code=code, name=name, aliases=old.aliases if same else (), product=product))
    return tuple(out), tuple(found)


def _labels(e: Economy, keys: list[tuple[int, int, int]]) -> tuple[Text | None, ...] | None:
    if e.node_labels is None:
        return None
    return tuple(None if firm < 0 else e.node_labels[firm] for _, _, firm in keys)


def _grades(e: Economy, weights: Any) -> tuple[Grade, ...] | None:
    if e.node_grade is None:
        return None
    w = weights.tocsr()
    return tuple(
        worst(e.node_grade[i] for i in w.indices[w.indptr[n] : w.indptr[n + 1]]) for n in range(w.shape[0])
    )


def _carrier(c: Carrier, place: Floats, trade: Floats) -> Carrier:
    return replace(c, product=int(np.argmax(trade[:, c.product])), annual=np.asarray(place @ c.annual))


def _told(e: Economy, regions: Concordance | None, sectors: Concordance | None) -> Text:
    parts = [
        (len(old), len(c.codes), en, zh)
        for c, old, en, zh in (
            (regions, e.regions, "regions", "地区"),
            (sectors, e.sectors, "sectors", "部门"),
        )
        if c is not None
    ]
    en = " and ".join(f"{a} {name} to {b}" for a, b, name, _ in parts)
    zh = "，".join(f"{a} 个{name}变为 {b} 个" for a, b, _, name in parts)
    return Text(f"regrouped by a concordance: {en}", f"按对照表重新分组：{zh}")
