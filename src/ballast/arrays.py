"""Arrays as every room writes them: their types, sums by index, ratios, bands, and the days of a year.

Floats, Ints, Flags, Mask   float64, int32, bytes that are 0 or 1, booleans
Reals                       float64, or float32 where a card counts in it
YEAR                        money a year / YEAR is money a day
sums, ratio, band           what is added, divided and ranged in one way everywhere
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Reals = NDArray[Any]  # float32 or float64
Ints = NDArray[np.int32]
Flags = NDArray[np.uint8]
Mask = NDArray[np.bool_]

YEAR = 365.0  # days
BAND = (10.0, 90.0)  # percentiles of every band


def sums(where: NDArray[Any], weights: Floats, length: int) -> Floats:
    """[length] weights added up by index: bincount, which gives float64 whenever weights are given."""
    return np.bincount(where, weights, length).astype(np.float64, copy=False)


def ratio(a: Floats | float, b: Floats, empty: float = 0.0) -> Floats:
    """a / b in the shape that the two have together, and `empty` where b is not above 0."""
    out: Floats = np.full(np.broadcast_shapes(np.shape(a), np.shape(b)), empty)
    return np.divide(a, b, out=out, where=b > 0)


def band(values: Floats, mid: Floats) -> tuple[Floats, Floats]:
    """The 10th and 90th percentile over the draws (axis 0), widened where the central run lies outside."""
    low, high = np.percentile(values, BAND, axis=0)
    return np.asarray(np.minimum(low, mid)), np.asarray(np.maximum(high, mid))
