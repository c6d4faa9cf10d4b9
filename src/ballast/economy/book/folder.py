"""An economy on disk: a folder with `book.toml` and Parquet tables.

    book.toml        name, title, unit, currency, year, regions, sectors, categories, value-added labels,
                     carriers, sources, grades, history, and the number of markets
    nodes.parquet    region, sector, output, exports, value_added.<code>; optional id, label_en, label_zh,
                     grade
    slots.parquet    product, node, market, domestic, imports
    final.parquet    product, region, category, market, domestic, imports
    markets.parquet  market, supplier, share; share_low, share_high where they differ
    carriers.parquet region, one column a carrier (only when the book has carriers)
    facts_*.parquet, corridors.parquet, generation.parquet   what a desk added (see `facts`)

Numbers in `region`, `sector`, `product`, `category` count from 0 in the order of book.toml; `node` and
`supplier` count the rows of nodes.parquet. Money is float64, so a book comes back bit for bit.

`save` places all files together (see `ballast.placing`): a book is whole or absent, even after a kill.
`load` takes a built-in name ("china-2020") or a folder, and names everything that is wrong at once;
`inspect` tells as well what stands in the files and is not read.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ballast import machine, placing, sizes
from ballast.arrays import pointers
from ballast.economy import facts, identity
from ballast.economy.book import labels, shape
from ballast.economy.economy import Carrier, Economy
from ballast.economy.sane import MOST_NAME
from ballast.errors import BookError, Finding, OutputError, nearest, raise_findings
from ballast.evidence import Grade
from ballast.text import LANGS, Text

BUILTIN = Path(__file__).parent / "builtin"
FINDINGS = "findings.csv"  # what was doubtful about the table a book was imported from

_INT, _FLOAT = np.int32, np.float64
_COLUMNS: dict[str, dict[str, type]] = {
    "nodes": {"region": _INT, "sector": _INT, "output": _FLOAT, "exports": _FLOAT},
    "slots": {"product": _INT, "node": _INT, "market": _INT, "domestic": _FLOAT, "imports": _FLOAT},
    "final": {
        "product": _INT,
        "region": _INT,
        "category": _INT,
        "market": _INT,
        "domestic": _FLOAT,
        "imports": _FLOAT,
    },
    "markets": {"market": _INT, "supplier": _INT, "share": _FLOAT},
}
_ALTERNATIVES = {"share_low": _FLOAT, "share_high": _FLOAT}  # of markets, only where they differ from share
_ADDED = "value_added."  # before the code of a part of value added
_ID = "id"  # of nodes: what their owner calls them
_LABELS = ("label_en", "label_zh")  # names of nodes: both, or none is read; empty for nodes without one
# columns that may be there
_MAY: dict[str, tuple[str, ...]] = {
    "nodes": (_ID, *_LABELS, "grade"),
    "markets": tuple(_ALTERNATIVES),
    **facts.COLUMNS,
}
LARGE = 5_000_000  # rows: from here on tables are packed for speed, not for size
Tables = dict[str, dict[str, Any]]
T = TypeVar("T")


def builtin_books() -> list[str]:
    """The names of the books that come with the package."""
    return sorted(p.parent.name for p in BUILTIN.glob("*/book.toml"))


# ---- load ------------------------------------------------------------------------------------


def load(name_or_folder: str | os.PathLike[str]) -> Economy:
    """The economy of a built-in book or of a folder; BookError says all that is wrong with it.

    >>> import ballast
    >>> ballast.load_book("china-2020").r
    31
    """
    return _steady(name_or_folder, lambda folder: _assemble(folder, *_read(folder)))


def inspect(name_or_folder: str | os.PathLike[str]) -> tuple[Economy, tuple[Finding, ...]]:
    """As `load`, with what stands in the book's files and is not read."""

    def read(folder: Path) -> tuple[Economy, tuple[Finding, ...]]:
        head, tables = _read(folder)
        economy = _assemble(folder, head, tables)
        return economy, (*shape.unread(folder, head), *_unread_columns(folder, tables, head))

    return _steady(name_or_folder, read)


def _steady(name_or_folder: str | os.PathLike[str], read: Callable[[Path], T]) -> T:
    given = Path(os.fspath(name_or_folder))
    place = given.parent if given.name == "book.toml" else given
    return placing.steady(place, lambda: read(find(name_or_folder)))


def _read(folder: Path) -> tuple[dict[str, Any], Tables]:
    """book.toml and the tables; BookError where they cannot be those of a book."""
    head = labels.read(placing.where(folder, "book.toml"))
    raise_findings(shape.findings(folder, head), BookError, head=f"{folder / 'book.toml'} cannot be used:")
    tables = _read_tables(folder, head)
    raise_findings(_table_findings(folder, tables, head), BookError, head=f"{folder} is not a whole book:")
    return head, tables


def find(name_or_folder: str | os.PathLike[str]) -> Path:
    """The folder of a book, by its name, its folder or its book.toml; BookError where there is none."""
    text = os.fspath(name_or_folder)
    if isinstance(name_or_folder, str) and text in builtin_books():
        return BUILTIN / text
    folder = Path(text)
    if (what := machine.kind_of(folder)) and what != "a folder":
        raise BookError(f"book {text!r}: is {what}. A book is a folder with a book.toml; name that folder.")
    machine.ordinary(placing.where(folder, "book.toml"), BookError, todo="Save the book again")
    if placing.where(folder, "book.toml").is_file():
        return folder
    if folder.name == "book.toml" and folder.is_file():
        return folder.parent
    if lost := _left_by_earlier_versions(folder):
        raise BookError(
            f"book {text!r}: the folder is gone, but its data are there: an earlier version of Ballast was "
            "stopped while it replaced the book. What lies beside, the last first: "
            f"{', '.join(map(str, lost))}. Rename the one you want to {folder}."
        )
    known = builtin_books()
    like = nearest(text, known)
    hint = f"Did you mean {' or '.join(like)}?" if like else f"Built-in books: {', '.join(known)}."
    if folder.is_dir():
        what = "the folder has no book.toml, so it is not a book"
        inner = sorted(p.parent.name for p in folder.glob("*/book.toml"))
        hint = f"Give one of the books inside it: {', '.join(inner)}." if inner else hint
    else:
        what = "there is no such book, neither built in nor as a folder"
    raise BookError(f"book {text!r}: {what}. {hint}")


def _left_by_earlier_versions(folder: Path) -> list[Path]:
    """Books that a kill between two renames left hidden beside: the old one put away, the new one written.

    Which of them is wanted a person has to say; each is whole, and in nobody's way.
    """
    if os.path.lexists(folder) or not folder.name or not folder.parent.is_dir():
        return []
    pattern = re.compile(rf"\.{re.escape(folder.name)}\.[a-z0-9_]{{8}}\.(old|tmp)")
    beside = [p for p in folder.parent.iterdir() if pattern.fullmatch(p.name)]
    books = [p / "book" if p.suffix == ".old" else p for p in beside]
    whole = [p for p in books if (p / "book.toml").is_file()]
    return sorted(whole, key=lambda p: -(p / "book.toml").stat().st_mtime)


def _read_tables(folder: Path, head: Mapping[str, Any]) -> Tables:
    """Every table that exists, as columns; what is absent is left for `_table_findings` to name.

    Sizes are compared before a table is read: with its bytes, with book.toml, with the other tables.
    """
    files: dict[str, Any] = {}
    with ExitStack() as stack:
        for name in (*_COLUMNS, "carriers", *facts.NAMES):
            path = placing.where(folder, f"{name}.parquet")
            machine.ordinary(path, BookError, todo="Save the book again")
            if path.is_file():
                files[name] = path, stack.enter_context(_opened(path))
        rows = {name: file.metadata.num_rows for name, (_, file) in files.items()}
        raise_findings(
            [*_swollen(files), *shape.row_findings(folder, head, rows)],
            BookError,
            head=f"{folder} is no book:",
        )
        return {name: _columns_of(path, file) for name, (path, file) in files.items()}


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A Parquet file of which nothing but its metadata is read."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(pa.OSFile(os.fsencode(path)))
            opened = pq.ParquetFile(file)
            texts = [f.name for f in opened.schema_arrow if pa.types.is_string(f.type)]
            made = pq.ParquetFile(file, read_dictionary=texts) if texts else opened
        except (OSError, pa.ArrowException) as error:
            raise _damaged(path, error) from None
        yield made


def _damaged(path: Path, error: Exception) -> BookError:
    first = (str(error).splitlines() or [""])[0]
    return BookError(f"{path}: not a Parquet file ({first}). Save the book again.")


def _swollen(files: Mapping[str, tuple[Path, Any]]) -> Iterator[Finding]:
    for path, file in files.values():
        for what in sizes.parquet_faults(file, path.stat().st_size):
            yield Finding("error", str(path), what, "Save the book again from the table it came from")


def _columns_of(path: Path, file: Any) -> dict[str, Any]:
    try:
        table = file.read(use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise _damaged(path, error) from None
    out = {}
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_dictionary(column.type):  # one long text may stand in every row
            column = _plain_texts(f"{path}, column {name}", column)
        out[name] = column
    return out


def _plain_texts(where: str, column: Any) -> Any:
    import pyarrow.compute as pc  # not at start-up: only who reads a book's texts needs it

    for chunk in column.chunks:
        longest = pc.max(pc.binary_length(chunk.dictionary)).as_py() or 0
        if longest > 4 * MOST_NAME:  # bytes
            raise BookError(
                f"{where}: a name has {longest:,} bytes, more than {4 * MOST_NAME}. Shorten it."
            )
    return column.cast(pa.string())


def _numpy(column: Any) -> Any:
    """A numeric Parquet column as an array (Arrow's own conversion imports pandas, 0.3 s)."""
    kind = np.dtype(column.type.to_pandas_dtype())
    parts = [
        np.frombuffer(chunk.buffers()[1], kind, len(chunk), chunk.offset * kind.itemsize)
        for chunk in column.chunks
        if len(chunk)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, kind)


def _expected(name: str, head: Mapping[str, Any]) -> dict[str, type]:
    if name == "carriers":
        return {"region": _INT, **{c["code"]: _FLOAT for c in head.get("carriers", [])}}
    extra = [f"{_ADDED}{v['code']}" for v in head["value_added"]] if name == "nodes" else []
    return {**_COLUMNS[name], **dict.fromkeys(extra, _FLOAT)}


def _table_findings(folder: Path, tables: Tables, head: Mapping[str, Any]) -> Iterator[Finding]:
    names = [*_COLUMNS, *(["carriers"] if head.get("carriers") else [])]
    for name in names:
        where = str(folder / f"{name}.parquet")
        if name not in tables:
            todo = "Put it back, or save the book again from the table it came from"
            yield Finding("error", where, "the table is missing", todo)
            continue
        more = {c: k for c, k in _ALTERNATIVES.items() if name == "markets" and c in tables[name]}
        expected = _expected(name, head)
        spare = [c for c in tables[name] if c not in expected]
        for column, kind in {**expected, **more}.items():
            yield from _column_findings(f"{where}, column {column}", column, kind, tables[name], spare)
    yield from _name_findings(str(folder / "nodes.parquet"), tables.get("nodes", {}))
    for name, may in _MAY.items():
        known = {*may, *(_expected(name, head) if name in _COLUMNS else ())}
        where = str(folder / f"{name}.parquet")
        yield from shape.misspelt(where, "column", tables.get(name, {}), known, may)


def _name_findings(where: str, nodes: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with the ids and the names of nodes."""
    texts = {c: v for c in (_ID, *_LABELS) if (v := nodes.get(c)) is not None}
    for column, values in texts.items():
        if not (pa.types.is_string(values.type) or pa.types.is_null(values.type)):
            what = f"holds {values.type}, not text"
            yield Finding("error", f"{where}, column {column}", what, "Write its values as text")
            return
    for row, what in identity.faults(_ids(nodes) or ())[: shape.MOST_FINDINGS]:
        todo = "Give each node an id of its own, or leave the column out"
        yield Finding("error", f"{where}, column {_ID}, row {row}", what, todo)
    if {*_LABELS} <= texts.keys():
        en, zh = (np.array([not (v or "").strip() for v in texts[c].to_pylist()], bool) for c in _LABELS)
        for row in np.flatnonzero(en != zh)[: shape.MOST_FINDINGS]:
            column = _LABELS[0] if en[row] else _LABELS[1]
            todo = "Name the node in both languages, or in none"
            yield Finding("error", f"{where}, column {column}, row {row}", "is empty", todo)


def _unread_columns(folder: Path, tables: Tables, head: Mapping[str, Any]) -> Iterator[Finding]:
    """Tables and columns that mean nothing here. Those of corridors and power stations are all read, or
    refused.
    """
    ours = {f"{name}.parquet" for name in (*_COLUMNS, "carriers", *facts.NAMES)}
    for path in sorted(folder.glob("*.parquet")):
        if path.name not in ours:
            todo = "Take it out, or give it the name of a table"
            yield Finding("warning", str(path), "is no table of a book and is not read", todo)
    for name in (*_COLUMNS, "carriers", *_MAY):
        known = {*_MAY.get(name, ()), *(_expected(name, head) if name in (*_COLUMNS, "carriers") else ())}
        there = tables.get(name, {})
        if not {*_LABELS} <= there.keys():  # names of nodes in one language alone
            known -= {*_LABELS}
        for column in there:
            if column not in known and not (name == "facts_nodes" and column.startswith(facts.USE)):
                where = f"{folder / f'{name}.parquet'}, column {column}"
                todo = "Take it out"
                if column.startswith(_ADDED):
                    todo = "Name it under [[value_added]] in book.toml, or take it out"
                yield Finding("warning", where, "is not read", todo)


def _column_findings(
    where: str, column: str, kind: type, table: Mapping[str, Any], spare: Sequence[str]
) -> Iterator[Finding]:
    """What is wrong with a column; `spare` are those of the table that nobody expects."""
    if column not in table:
        like = nearest(column, spare, most=1)
        hint = f"Rename {like[0]!r} to {column!r}?" if like else "Add it"
        yield Finding("error", where, "the column is missing", hint)
        return
    values = table[column]
    right = pa.types.is_integer(values.type) or (kind is _FLOAT and pa.types.is_floating(values.type))
    if not right:
        todo = "Write whole numbers" if kind is _INT else "Write numbers, without units or separators"
        yield Finding("error", where, f"holds {values.type}, not numbers of the right kind", todo)
        return
    if values.null_count:
        row = values.is_null().index(True).as_py()
        yield Finding("error", f"{where}, row {row}", "is empty", "Fill it, or delete the row")
    elif kind is _FLOAT:
        bad = np.flatnonzero(~np.isfinite(_numpy(values)))
        for row in bad[:5]:
            yield Finding("error", f"{where}, row {row}", "is not a finite number", "Fill it with a number")
    elif len(values) and ((low := _numpy(values)).min() < 0 or low.max() > np.iinfo(np.int32).max):
        what = f"holds numbers from {low.min()} to {low.max()}: they count from 0, in 32 bits"
        yield Finding("error", where, what, "Write the positions in book.toml or nodes.parquet")
    elif len(values) and column == "market" and np.any(np.diff(_numpy(values)) < 0) and "share" in table:
        yield Finding("error", where, "the markets are not in order", "Sort the table by market")


def _assemble(folder: Path, head: Mapping[str, Any], tables: Tables) -> Economy:
    def column(table: str, name: str) -> Any:
        return _numpy(tables[table][name]).astype(_expected(table, head)[name], copy=False)

    def prefixed(prefix: str, table: str) -> dict[str, Any]:
        return {f"{prefix}_{c}": column(table, c) for c in _COLUMNS[table]}

    shares = prefixed("market", "markets")
    numbers, markets = shares["market_market"], head["markets"]
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < markets:  # before it is counted up to
        raise BookError(
            f"{folder / 'markets.parquet'}, column market: a number lies outside 0..{head['markets'] - 1}. "
            "Correct it, or the count `markets` in book.toml."
        )
    counts: Any = np.bincount(numbers, minlength=markets)
    return Economy(
        **labels.from_head(folder, head),
        facts=_facts(folder, head, tables),
        **_node_names(folder, head, tables),
        node_region=column("nodes", "region"),
        node_sector=column("nodes", "sector"),
        output=column("nodes", "output"),
        exports=column("nodes", "exports"),
        value_added=np.array([column("nodes", f"{_ADDED}{v['code']}") for v in head["value_added"]]),
        **prefixed("slot", "slots"),
        **prefixed("final", "final"),
        market_ptr=pointers(counts),
        market_supplier=shares["market_supplier"],
        market_share=shares["market_share"],
        **{c: _numpy(tables["markets"][c]) for c in _ALTERNATIVES if c in tables["markets"]},
    )


def _facts(folder: Path, head: Mapping[str, Any], tables: Tables) -> facts.Facts:
    plain = {
        name: {c: v.to_pylist() for c, v in tables[name].items()} for name in facts.NAMES if name in tables
    }
    try:
        return facts.from_tables(plain, labels.targets(head))
    except (KeyError, TypeError, ValueError) as error:
        raise labels.unusable(folder, error) from None


def _node_names(folder: Path, head: Mapping[str, Any], tables: Tables) -> dict[str, Any]:
    """Carriers, names and grades of nodes: what stands half in book.toml and half in the tables."""
    nodes = tables["nodes"]
    try:
        return {
            "carriers": tuple(_carrier(c, head, tables) for c in head.get("carriers", [])),
            "node_ids": _ids(nodes),
            "node_labels": _node_labels(nodes),
            "node_grade": tuple(map(Grade, nodes["grade"].to_pylist())) if "grade" in nodes else None,
        }
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise labels.unusable(folder, error) from None


def _carrier(row: Mapping[str, Any], head: Mapping[str, Any], tables: Tables) -> Carrier:
    codes = [s["code"] for s in head["sectors"]]
    if row["product"] not in codes:
        raise ValueError(f"carrier {row['code']} is delivered by unknown product {row['product']!r}")
    annual = np.zeros(len(head["regions"]))
    annual[_numpy(tables["carriers"]["region"])] = _numpy(tables["carriers"][row["code"]])
    annual.flags.writeable = False
    return Carrier(
        row["code"],
        Text(row["en"], row["zh"]),
        codes.index(row["product"]),
        row["unit"],
        annual,
        Grade(row.get("grade", "D")),
    )


def _ids(nodes: Mapping[str, Any]) -> tuple[str, ...] | None:
    return tuple(nodes[_ID].to_pylist()) if _ID in nodes else None


def _node_labels(nodes: Mapping[str, Any]) -> tuple[Text | None, ...] | None:
    if not {*_LABELS} <= nodes.keys():
        return None
    both = zip(*(nodes[c].to_pylist() for c in _LABELS), strict=True)
    return tuple(Text(en, zh) if (en or "").strip() else None for en, zh in both)


# ---- save ------------------------------------------------------------------------------------


def save(
    economy: Economy,
    folder: str | os.PathLike[str],
    *,
    beside: Callable[[Path], None] = lambda stage: None,
) -> Path:
    """Write the book, whole or not at all; an older book in `folder` is replaced, other files stay.

    `beside` writes what comes and goes with the book into the folder it is given. Raises OutputError when
    the book cannot be written.

    >>> import ballast
    >>> half = ballast.load_book("teaching").scaled(0.5)
    >>> folder = ballast.save_book(half, "half")
    >>> float(ballast.load_book(folder).output[5])
    45.0
    """
    target = Path(folder)
    _refuse_file(target)
    place = placing.Placing(target, what="The book")
    with place as stage:
        _refuse_strange(target)
        beside(stage)
        _write(economy, stage)
        place.remove = [p.name for p in tables_in(target) if not (stage / p.name).exists()]
    return target


def is_in(name: str, folder: Path) -> bool:
    """Whether the book called `name` is the one in `folder`."""
    return name not in builtin_books() and folder.is_dir() and find(name).resolve() == folder.resolve()


def check_target(folder: Path) -> None:
    """Raise now what `save` would raise later; leave no trace."""
    _refuse_file(folder)
    placing.check_writable(folder, "The book")
    if folder.is_dir():
        _refuse_strange(folder)


def _refuse_file(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target}: is a file. A book is a folder; choose another name.")


def _refuse_strange(target: Path) -> None:
    if placing.strangers(target) and not (target / "book.toml").is_file():
        raise OutputError(f"{target}: holds files but no book.toml. Choose an empty or a new folder.")


def tables_in(folder: Path) -> list[Path]:
    """The files that are the book: book.toml, the tables it has, and the findings of its import."""
    names = ["book.toml", *(f"{t}.parquet" for t in (*_COLUMNS, "carriers", *facts.NAMES)), FINDINGS]
    return [folder / name for name in names if (folder / name).is_file()]


def _write(e: Economy, folder: Path) -> None:
    for name, table in _tables(e).items():
        floats = [c for c, v in table.items() if getattr(v, "dtype", None) == np.float64]
        others = [c for c in table if c not in floats]
        # Arrow takes a path as text, and a file name need not be text: it gets the bytes
        with pa.OSFile(os.fsencode(folder / f"{name}.parquet"), "wb") as file:
            pq.write_table(
                pa.table(table),
                file,
                compression="zstd",
                compression_level=19 if len(next(iter(table.values()))) < LARGE else 3,
                use_dictionary=others or False,
                use_byte_stream_split=floats or False,
                write_statistics=False,
            )
    (folder / "book.toml").write_text(labels.text(e), encoding="utf-8", newline="\n")


def _tables(e: Economy) -> Tables:
    out: Tables = {
        "nodes": _nodes_table(e),
        "slots": {c: getattr(e, f"slot_{c}") for c in _COLUMNS["slots"]},
        "final": {c: getattr(e, f"final_{c}") for c in _COLUMNS["final"]},
        "markets": {
            "market": e.entry_market,
            "supplier": e.market_supplier,
            "share": e.market_share,
        },
    }
    others = {"share_low": e.share_low, "share_high": e.share_high}
    if not all(np.array_equal(np.asarray(v), e.market_share) for v in others.values()):
        out["markets"] |= others
    out |= facts.tables(e.facts)
    if e.carriers:
        out["carriers"] = {"region": np.arange(e.r, dtype=np.int32)}
        out["carriers"] |= {c.code: np.asarray(c.annual, np.float64) for c in e.carriers}
    return out


def _nodes_table(e: Economy) -> dict[str, Any]:
    table: dict[str, Any] = {
        "region": e.node_region,
        "sector": e.node_sector,
        "output": e.output,
        "exports": e.exports,
    }
    for (code, _), row in zip(e.value_added_labels, e.value_added, strict=True):
        table[f"{_ADDED}{code}"] = row
    if e.node_ids is not None:
        table[_ID] = list(e.node_ids)
    if (names := e.node_labels) is not None:
        for column, lang in zip(_LABELS, LANGS, strict=True):
            table[column] = [None if t is None else t[lang] for t in names]
    if e.node_grade is not None:
        table["grade"] = [str(g) for g in e.node_grade]
    return table


# ---- hash ------------------------------------------------------------------------------------

_HASHED = (
    "node_region",
    "node_sector",
    "output",
    "exports",
    "value_added",
    "slot_product",
    "slot_node",
    "slot_market",
    "slot_domestic",
    "slot_imports",
    "final_product",
    "final_region",
    "final_category",
    "final_market",
    "final_domestic",
    "final_imports",
    "market_ptr",
    "market_supplier",
    "market_share",
    "share_low",
    "share_high",
)


def book_hash(economy: Economy) -> str:
    """SHA-256 over arrays (little-endian) and labels: the same economy has it on every machine."""
    digest = hashlib.sha256(labels.text(economy, findings=False).encode())
    for name in _HASHED:
        array: Any = getattr(economy, name)
        digest.update(f"\n{name} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes())
    for carrier in economy.carriers:
        digest.update(np.ascontiguousarray(carrier.annual).astype("<f8").tobytes())
    for table, columns in facts.tables(economy.facts).items():
        for column, values in columns.items():
            digest.update(f"\n{table}.{column}".encode())
            digest.update(values.tobytes() if hasattr(values, "tobytes") else "\t".join(values).encode())
    for text in economy.node_labels or ():
        digest.update(b"\n" if text is None else f"\n{text.en}\t{text.zh}".encode())
    for name in economy.node_ids or ():
        digest.update(f"\nid {name}".encode())
    digest.update("".join(economy.node_grade or ()).encode())
    return digest.hexdigest()
