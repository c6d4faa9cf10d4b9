"""Arrays as every room writes them: their types, sums by index, ratios, bands, and the days of a year.

Floats, Ints, Flags, Mask   float64, int32, bytes that are 0 or 1, booleans
Reals                       float64, or float32 where a card counts in it
Kind                        which of the two Reals are made of
YEAR                        money a year / YEAR is money a day
sums, ratio, band           what is added, divided and ranged in one way everywhere
pointers, inverse           where each group of a sorted list begins; the order that undoes an order
ranges, matches             runs of numbers one behind the other; all places where something stands
standing, above             who is larger, where rounding decides nothing
last_digit                  how finely figures are given, which says what their sums may be off by
sizes                       the arrays of a tuple held against the shapes that its fields state

A field of a NamedTuple states its shape so: `share: Annotated[Floats, "E"]`. "N+1" is one more than N,
"R*K" a product, "B?" one (or none) where it is not B, "*" any size, a number itself.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Reals = NDArray[Any]  # float32 or float64
Ints = NDArray[np.int32]
Flags = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Kind = type[np.float64] | type[np.float32]

YEAR = 365.0  # days
BAND = (10.0, 90.0)  # percentiles of every band
DIGITS = 6  # after the point that are told apart
_EXACT = 1e-9
_SAME = 1e-9  # of the larger of two: what differs by less differs by rounding


def sums(where: NDArray[Any], weights: Floats, length: int) -> Floats:
    """[length] weights added up by index: bincount, which gives float64 whenever weights are given."""
    return np.bincount(where, weights, length).astype(np.float64, copy=False)


def pointers(sizes: NDArray[Any]) -> NDArray[np.int64]:
    """[G+1] where each of G groups of these sizes begins, and the end of the last."""
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def inverse(order: NDArray[Any]) -> NDArray[np.int64]:
    """Where each item stands in an order: order[inverse(order)[i]] is i."""
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return back


def ranges(first: NDArray[Any], size: NDArray[Any]) -> NDArray[np.int64]:
    """`size[i]` numbers from `first[i]` on, for one i after the other."""
    begins = pointers(size)
    return np.arange(begins[-1]) + np.repeat(np.asarray(first) - begins[:-1], size)


def matches(values: NDArray[Any], asked: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(i, place): all pairs with values[place] == asked[i], for one i after the other."""
    order = np.argsort(values, kind="stable")
    first, last = (np.searchsorted(values[order], asked, side) for side in ("left", "right"))
    return np.repeat(np.arange(len(asked)), last - first), order[ranges(first, last - first)]


def ratio(a: Floats | float, b: Floats, empty: float = 0.0) -> Floats:
    """a / b in the shape that the two have together, and `empty` where b is not above 0."""
    out: Floats = np.full(np.broadcast_shapes(np.shape(a), np.shape(b)), empty)
    return np.divide(a, b, out=out, where=b > 0)


def band(values: Floats, mid: Floats) -> tuple[Floats, Floats]:
    """The 10th and 90th percentile over the draws (axis 0), widened where the central run lies outside."""
    low, high = np.percentile(values, BAND, axis=0)
    return np.asarray(np.minimum(low, mid)), np.asarray(np.maximum(high, mid))


def standing(values: Any) -> NDArray[np.int64]:
    """[N] the place of each value, 0 for the largest: those that differ only by rounding stand alike.

    The order in which a sum is made up leaves its last digits to chance. The largest value says what
    rounding is: differences of large sums lose digits of their own.

    >>> standing([0.1 + 0.2, 7.0, 0.3, 0.0]).tolist()
    [1, 0, 1, 2]
    """
    found = np.asarray(values, np.float64)
    order = np.argsort(-found, kind="stable")
    step = _SAME * np.abs(found[np.isfinite(found)]).max(initial=0.0)
    near = -np.diff(found[order]) <= step if len(found) else np.zeros(0, bool)
    out = np.empty(len(found), np.int64)
    out[order] = np.append(0, np.cumsum(~near))[: len(found)]
    return out


def above(one: float, other: float) -> bool:
    """Whether one number is larger than another by more than rounding."""
    return one - other > _SAME * max(abs(one), abs(other))


def last_digit(values: Floats, written: int = 0) -> float:
    """What one in the last digit of figures is: 1 for whole numbers, 0.01 for two decimals; no less fine
    than the decimals that are `written` (10.50).
    """
    for digits in range(written, DIGITS):
        if (np.abs(np.round(values, digits) - values) <= _EXACT * np.maximum(np.abs(values), 1.0)).all():
            return float(10.0**-digits)
    return float(10.0**-DIGITS)


def sizes(group: Any, known: Mapping[str, int] | None = None) -> dict[str, int]:
    """The size of every dimension that the fields of a NamedTuple name, and of those `known` before.

    ValueError names the first array that has another shape than its field states.
    """
    found, kind = dict(known or {}), type(group)
    fields = [(n, getattr(group, n).shape, stated) for n, stated in _stated(cast(Hashable, kind)).items()]
    for _, shape, stated in fields:
        for size, dimension in zip(shape, stated, strict=False):
            if dimension.isalpha():
                found.setdefault(dimension, size)
    for name, shape, stated in fields:
        if len(shape) != len(stated) or not all(map(_fits, shape, stated, [found] * len(shape))):
            where = ", ".join(f"{k} {v}" for k, v in found.items())
            raise ValueError(f"{kind.__name__}.{name} is {list(shape)}, not [{', '.join(stated)}]: {where}")
    return found


@lru_cache
def _stated(kind: Any) -> dict[str, tuple[str, ...]]:
    """Field -> the dimensions that it states."""
    hints = get_type_hints(kind, include_extras=True)
    texts = {n: get_args(hint)[1] for n, hint in hints.items() if get_origin(hint) is Annotated}
    return {name: tuple(part.strip() for part in text.split(",")) for name, text in texts.items()}


def _fits(size: int, dimension: str, found: Mapping[str, int]) -> bool:
    if dimension == "*":
        return True
    if dimension.endswith("?"):
        return size in (0, 1, found.get(dimension[:-1], size))
    names = dimension.removesuffix("+1").split("*")
    if not all(n.isdigit() or n in found for n in names):
        return True  # a product of sizes that nothing tells
    return size == math.prod(int(n) if n.isdigit() else found[n] for n in names) + dimension.endswith("+1")
