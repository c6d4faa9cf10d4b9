"""Whether the arrays of an economy fit one another, and hold what can be an amount.

    faults        shapes, places, labels: an `Economy` that has one cannot be built
    unfit         amounts that no run can start from: no number, without end, below 0 where none can be
    amount_faults the same of some arrays

`checks` finds every unlikely amount with its place, in a book that is not right yet: so an economy may be
built with one. It may not be simulated. All of it is a look at the lowest and the highest of each array.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ballast.economy import identity
from ballast.errors import BookError
from ballast.evidence import Grade
from ballast.text import Text

if TYPE_CHECKING:
    from ballast.economy.economy import Economy

MOST_TOLD = 20  # of the same fault
_COLUMNS = {
    "slot": ("product", "node", "market", "domestic", "imports"),
    "final": ("product", "region", "category", "market", "domestic", "imports"),
}
_NONE_BELOW_0 = (
    "output", "exports", "slot_domestic", "slot_imports", "market_share", "share_low", "share_high"
)  # fmt: skip
_ANY_SIGN = ("value_added", "final_domestic", "final_imports")  # subsidies, and stocks that are run down


def raise_faults(name: str, problems: Sequence[str]) -> None:
    """BookError with all of them, if there are any."""
    if problems:
        raise BookError(f"book {name}: the economy is not whole.\n" + "\n".join(problems))


# ---- amounts -----------------------------------------------------------------------------------


def unfit(e: Economy) -> tuple[str, ...]:
    """What keeps an economy from being simulated: in each array the first amount that is none."""
    signed = amount_faults({name: getattr(e, name) for name in _ANY_SIGN}, least=-np.inf)
    shares = {"share_low", "share_high"} if e.share_low is e.share_high is e.market_share else set()
    others = {name: getattr(e, name) for name in _NONE_BELOW_0 if name not in shares}
    return (*amount_faults(others), *signed)


def amount_faults(arrays: Mapping[str, NDArray[Any]], least: float = 0.0) -> Iterator[str]:
    """The first amount in each array that is no number, without end, or below `least`."""
    for name, values in arrays.items():
        if not values.size or (least <= (low := values.min()) and low > -np.inf and values.max() < np.inf):
            continue  # no number at all is what `min` gives wherever one is among them
        wrong = ~(np.isfinite(values) & (values >= least))
        *row, i = np.unravel_index(int(np.argmax(wrong)), values.shape)
        where = f"{name}, " + (f"row {row[0]}, column {i}" if row else f"row {i}")
        limit = "a finite number, 0 or more" if least == 0.0 else "a finite number"
        more = f" (so in {int(wrong.sum()):,} places)" if wrong.sum() > 1 else ""
        yield f"{where}: {values[(*row, i)]}{more}. Give {limit}."


# ---- shapes, places, labels --------------------------------------------------------------------


def faults(e: Economy) -> list[str]:
    """Shapes and index ranges: a violation is a bug of the caller, so it raises at once."""
    problems = [*_lengths(e), *_places(e), *_labels(e)]
    if e.node_ids is not None and not problems:
        problems += _id_problems(e, e.node_ids)
    problems += e.facts.check(len(e.output), len(e.slot_node), e.r)
    for what, codes in (("region", [r.code for r in e.regions]), ("sector", [s.code for s in e.sectors])):
        twice = sorted(c for c, times in Counter(codes).items() if times > 1)
        if twice:
            problems.append(f"{what} named twice: {', '.join(twice)}")
    return problems


def _lengths(e: Economy) -> Iterator[str]:
    n, entries = len(e.output), len(e.market_supplier)
    for name in ("node_region", "node_sector", "exports"):
        if len(getattr(e, name)) != n:
            yield f"{name} has {len(getattr(e, name))} rows, output has {n}"
    if e.value_added.shape != (len(e.value_added_labels), n):
        yield f"value_added is {e.value_added.shape}, expected {(len(e.value_added_labels), n)}"
    for prefix, columns in _COLUMNS.items():
        lengths = {f"{prefix}_{c}": len(getattr(e, f"{prefix}_{c}")) for c in columns}
        if len(set(lengths.values())) > 1:
            yield f"columns of unequal length: {lengths}"
    for name in ("market_share", "share_low", "share_high"):
        if len(getattr(e, name)) != entries:
            yield f"{name} has {len(getattr(e, name))} rows, market_supplier has {entries}"
    if e.market_ptr[0] != 0 or e.market_ptr[-1] != entries:
        yield f"market_ptr must run from 0 to {entries}"
    for name in ("node_labels", "node_grade"):
        if (rows := getattr(e, name)) is not None and len(rows) != n:
            yield f"{name} has {len(rows)} rows, output has {n}"
    for carrier in e.carriers:
        if len(carrier.annual) != e.r:
            yield f"carrier {carrier.code}: annual has {len(carrier.annual)} rows, there are {e.r} regions"


def _places(e: Economy) -> Iterator[str]:
    n, m = len(e.output), len(e.market_ptr) - 1
    limits = {
        "node_region": e.r, "node_sector": e.k, "slot_product": e.k, "slot_node": n, "slot_market": m,
        "final_product": e.k, "final_region": e.r, "final_category": len(e.categories),
        "final_market": m, "market_supplier": n,
    }  # fmt: skip
    for name, limit in limits.items():
        values = getattr(e, name)
        if len(values) and (values.min() < 0 or values.max() >= limit):
            yield f"{name} has an index outside 0..{limit - 1}"


def _labels(e: Economy) -> Iterator[str]:
    """Names and grades of nodes that are something else: they would fail where somebody looks at them."""
    wanted: dict[str, tuple[tuple[type, ...], str]] = {
        "node_labels": ((Text, type(None)), "Give Text(English, Chinese), or None"),
        "node_grade": ((Grade,), "Give a Grade, such as Grade.C"),
    }
    for name, (kinds, todo) in wanted.items():
        rows = getattr(e, name) or ()
        if not set(map(type, rows)) <= set(kinds):
            i = next(i for i, row in enumerate(rows) if type(row) not in kinds)
            yield f"{name}, row {i}: {rows[i]!r} is of type {type(rows[i]).__name__}. {todo}."


def _id_problems(e: Economy, ids: tuple[str, ...]) -> list[str]:
    """What is wrong with the ids of nodes; one that names another region and sector would mislead."""
    if len(ids) != e.n:
        return [f"node_ids has {len(ids)} rows, output has {e.n}"]
    if found := identity.faults(ids):
        return [f"id of node {row} {what}" for row, what in found[:MOST_TOLD]]
    rows, region, sector = identity.said(
        ids, tuple(r.code for r in e.regions), tuple(s.code for s in e.sectors)
    )
    own = (e.node_region[rows] == region) & (e.node_sector[rows] == sector)
    what = "a code of another region and sector than its own"
    return [
        f"id of node {row} is {ids[row]!r}, {what}, {e.pair_code(row)}: give it another"
        for row in np.setdiff1d(rows[~own], rows[own])[:MOST_TOLD]
    ]
