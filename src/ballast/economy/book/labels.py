"""book.toml, the labels of a book: read, checked and written.

read(path)               UTF-8 or GB18030, as a dictionary
labels(folder, head)     names, units, regions, sectors, sources, history as the fields of an Economy
text(economy)            the file's text
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ballast import safe, toml
from ballast.economy.book.shape import FORMAT
from ballast.economy.economy import COUNTRY, Carrier, Economy, Region, Sector
from ballast.economy.facts import Target
from ballast.economy.sane import label_fault, shown
from ballast.errors import BookError, Finding
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text


def read(path: Path) -> dict[str, Any]:
    return toml.load(path, BookError)


def from_head(folder: Path, head: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {
            "name": head["name"],
            "title": Text(head["title"]["en"], head["title"]["zh"]),
            "unit": head["unit"],
            "currency": head["currency"],
            "year": head["year"],
            "regions": tuple(_region(r) for r in head["regions"]),
            "sectors": tuple(_sector(s) for s in head["sectors"]),
            "categories": tuple((c["code"], Text(c["en"], c["zh"])) for c in head["categories"]),
            "value_added_labels": tuple((v["code"], Text(v["en"], v["zh"])) for v in head["value_added"]),
            "sources": tuple(_source(s) for s in head.get("sources", [])),
            "history": tuple(_operation(o) for o in head.get("history", [])),
            "findings": tuple(_finding(f) for f in head.get("findings", [])),
            **({"scope": Text(**head["scope"])} if "scope" in head else {}),
            "grades": {k: Grade(v) for k, v in head.get("grades", {}).items()},
        }
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise unusable(folder, error) from None


def targets(head: Mapping[str, Any]) -> tuple[Target, ...]:
    """The ranges that indicators should end in."""

    def bound(row: Mapping[str, Any], key: str) -> float:
        return float(row.get(key, math.nan))

    return tuple(
        Target(
            indicator=row["indicator"],
            period=row["period"],
            region=row.get("region", "all"),
            low=bound(row, "low"),
            high=bound(row, "high"),
            growth=bound(row, "baseline_growth"),
            source=row.get("source", ""),
        )
        for row in head.get("targets", [])
    )


def unusable(folder: Path, error: Exception) -> BookError:
    """What is wrong with a label that passed the first look."""
    what = f"a key {error} is missing" if isinstance(error, KeyError) else str(error)
    return BookError(f"{folder / 'book.toml'}: {what}. Grades are A to E; every name needs en and zh.")


def _region(row: Mapping[str, Any]) -> Region:
    tile = row.get("tile")
    return Region(
        row["code"],
        Text(row["en"], row["zh"]),
        None if tile is None else (int(tile[0]), int(tile[1])),
        tuple(row.get("aliases", ())),
    )


def _sector(row: Mapping[str, Any]) -> Sector:
    return Sector(
        row["code"],
        Text(row["en"], row["zh"]),
        bool(row.get("industry", False)),
        bool(row.get("goods", False)),
        bool(row.get("storable", False)),
        row.get("group", ""),
        tuple(row.get("aliases", ())),
        Text(**row["product"]) if "product" in row else None,
        row.get("like", ""),
    )


def _source(row: Mapping[str, Any]) -> Source:
    text = {f: row[f] for f in ("key", "title", "publisher", "date", "address")}
    return Source(
        **text, grade=Grade(row["grade"]), note=row.get("note", ""), licence=row.get("licence", "")
    )


def _operation(row: Mapping[str, Any]) -> Operation:
    moved = row.get("moved")
    return Operation(
        row["table"],
        Text(row["en"], row["zh"]),
        None if moved is None else float(moved),
        tuple(row.get("sources", ())),
    )


def _finding(row: Mapping[str, Any]) -> Finding:
    residual = row.get("residual")
    return Finding(
        row["level"], row["where"], row["what"], row["todo"], None if residual is None else float(residual)
    )


# ---- writing ---------------------------------------------------------------------------------


def _value(value: Any) -> str:
    """A TOML value."""
    if isinstance(value, str):
        return safe.toml_text(str(value))
    if isinstance(value, Text):
        return f"{{ en = {_value(value.en)}, zh = {_value(value.zh)} }}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


_LEFT_OUT_WHEN_EMPTY = ("tile", "aliases", "group", "note", "licence", "like", "moved", "sources")


def _rows(name: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield f"\n[[{name}]]"
        shown = {k: v for k, v in row.items() if v or k not in _LEFT_OUT_WHEN_EMPTY}
        yield from (f"{key} = {_value(value)}" for key, value in shown.items())


def text(e: Economy, *, findings: bool = True) -> str:
    """The file; without `findings`, what the identity of the book (its hash) rests on."""
    if wrong := label_fault(e.name):
        raise BookError(f"the book's name {shown(e.name)} {wrong}. Choose another folder name.")
    lines = [
        f"format = {FORMAT}",
        f"name = {_value(e.name)}",
        f"title = {_value(e.title)}",
        f"unit = {_value(e.unit)}",
        f"currency = {_value(e.currency)}",
        f"year = {int(e.year)}",
        *([f"scope = {_value(e.scope)}"] if e.scope != COUNTRY else []),
        f"markets = {len(e.market_ptr) - 1}",
        "\n[grades]",
        *(f"{_value(k)} = {_value(str(v))}" for k, v in e.grades.items()),
        *_rows("categories", [_named(*c) for c in e.categories]),
        *_rows("value_added", [_named(*v) for v in e.value_added_labels]),
        *_rows("regions", [_region_row(r) for r in e.regions]),
        *_rows("sectors", [_sector_row(s) for s in e.sectors]),
        *_rows("carriers", [_carrier_row(c, e) for c in e.carriers]),
        *_rows("sources", [_source_row(s) for s in e.sources]),
        *_rows("history", [_operation_row(o) for o in e.history]),
        *_rows("targets", [_target_row(t) for t in e.facts.targets]),
        *(_rows("findings", [_finding_row(f) for f in e.findings]) if findings else ()),
    ]
    for empty in ("categories", "value_added", "regions", "sectors"):
        if f"\n[[{empty}]]" not in lines:  # a key after a table would belong to the table
            lines.insert(0, f"{empty} = []")
    return "\n".join(lines) + "\n"


def _named(code: str, name: Text) -> dict[str, Any]:
    return {"code": code, "en": name.en, "zh": name.zh}


def _region_row(r: Region) -> dict[str, Any]:
    return {**_named(r.code, r.name), "tile": r.tile, "aliases": r.aliases}


def _sector_row(s: Sector) -> dict[str, Any]:
    flags = {"industry": s.industry, "goods": s.goods, "storable": s.storable}
    row = {**_named(s.code, s.name), **flags, "group": s.group, "like": s.like, "aliases": s.aliases}
    return row if s.product is None else {**row, "product": s.product}


def _carrier_row(c: Carrier, e: Economy) -> dict[str, Any]:
    rest = {"product": e.sectors[c.product].code, "unit": c.unit, "grade": str(c.grade)}
    return {**_named(c.code, c.name), **rest}


def _source_row(s: Source) -> dict[str, Any]:
    row = {f: getattr(s, f) for f in ("key", "title", "publisher", "date", "address", "licence", "note")}
    return {**row, "grade": str(s.grade)}


def _target_row(t: Target) -> dict[str, Any]:
    row = {"indicator": t.indicator, "period": t.period, "region": t.region, "source": t.source}
    numbers = {"low": t.low, "high": t.high, "baseline_growth": t.growth}
    return row | {k: v for k, v in numbers.items() if math.isfinite(v)}


def _finding_row(f: Finding) -> dict[str, Any]:
    row = {"level": f.level, "where": f.where, "what": f.what, "todo": f.todo}
    finite = f.residual is not None and math.isfinite(f.residual)
    return row | ({"residual": float(f.residual or 0.0)} if finite else {})


def _operation_row(o: Operation) -> dict[str, Any]:
    return {"table": o.table, "en": o.text.en, "zh": o.text.zh, "moved": o.moved, "sources": o.sources}
