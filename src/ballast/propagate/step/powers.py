"""ratio ** power of many at a time, without a call: `powers`.

A processor makes four or eight at once where a logarithm and an exponential would be called one by one.
Numbers are taken apart into exponent and mantissa, and put together again, through a second view of the
same memory as whole numbers; both functions are series. Ratios from LEAST to 1; right to 4e-15, and to
1e-13 where what comes out is next to nothing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats
from ballast.compiled import compiled

Bits = NDArray[np.uint64]

_SHIFT = np.uint64(52)
_ONE = np.uint64(0x3FF0000000000000)  # the bits of 1.0
_HALFWAY = np.uint64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)  # mantissas from 0.707 to 1.414
_WHOLE, _WHOLE_BITS = (
    4503599627370496.0,
    np.uint64(0x4330000000000000),
)  # 2 ** 52: + n has n as its last bits
_LN2_HIGH, _LN2_LOW, _PER_LN2 = 6.93147180369123816490e-01, 1.90821492927058770002e-10, 1.4426950408889634
_LOWEST = -690.0  # of the logarithm of what comes out
LEAST = 1e-290  # ratio


class Twice(NamedTuple):
    """Numbers and their bits: one memory."""

    raw: Floats
    bits: Bits

    @classmethod
    def of(cls, size: int) -> Twice:
        """Memory for `size` of them."""
        raw = np.zeros(size)
        return cls(raw, raw.view(np.uint64))


@compiled
def powers(out: Floats, ratio: Twice, exponent: Twice, size: int) -> None:
    """out[i] = ratio[i] ** out[i] for the first `size`; both memories are used up."""
    _apart(ratio.bits, exponent.bits, size)
    _series(out, ratio.raw, exponent.raw, size)
    _together(out, exponent.raw, exponent.bits, size)


@compiled
def _apart(bits: Bits, exponent: Bits, size: int) -> None:
    """Mantissas from 0.707 to 1.414 in place of the numbers, and exponents as the last bits of numbers."""
    for i in range(size):
        k = (bits[i] + _HALFWAY) >> _SHIFT
        bits[i] = bits[i] + _ONE - (k << _SHIFT)
        exponent[i] = k + _WHOLE_BITS


@compiled
def _series(out: Floats, mantissa: Floats, exponent: Floats, size: int) -> None:
    """The exponential of out times the logarithm, but for a power of two, which is left in `exponent`."""
    for i in range(size):
        k, z = exponent[i] - (_WHOLE + 1023.0), mantissa[i]
        s = (z - 1.0) / (z + 1.0)
        q = s * s
        tail = q * (1 / 13 + q * (1 / 15 + q * (1 / 17 + q * (1 / 19 + q * (1 / 21 + q * (1 / 23))))))
        tail = q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + tail)))))
        y = max(out[i] * (k * _LN2_HIGH + (k * _LN2_LOW + 2.0 * (s + s * tail))), _LOWEST)
        n = math.floor(y * _PER_LN2 + 0.5)
        f = (y - n * _LN2_HIGH) - n * _LN2_LOW
        e = 1 / 362880 + f * (1 / 3628800 + f * (1 / 39916800 + f * (1 / 479001600 + f * (1 / 6227020800))))
        e = 1 / 24 + f * (1 / 120 + f * (1 / 720 + f * (1 / 5040 + f * (1 / 40320 + f * e))))
        out[i] = 1.0 + f * (1.0 + f * (1 / 2 + f * (1 / 6 + f * e)))
        exponent[i] = n + (_WHOLE + 1023.0)


@compiled
def _together(out: Floats, exponent: Floats, bits: Bits, size: int) -> None:
    for i in range(size):
        bits[i] = bits[i] << _SHIFT
    for i in range(size):
        out[i] *= exponent[i]
