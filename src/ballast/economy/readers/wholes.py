"""Final uses that are the sum of what sectors, or all other final uses, buy: rounded, or nearly.

An exact sum needs three cells, any other so many that it can be no accident (`economy.sums`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ballast.arrays import Floats
from ballast.economy.sums import EXACT, ROUNDED, last_digits, slack_of, sure, uneven, usual

DOUBT, MOSTLY, MISSED = 1e-3, 0.8, 0.1  # what is told: chance, cells that agree, money that does not


def uses(
    words: Sequence[str],
    each: Floats,
    sectors: Floats,
    exports: Floats,
    deep: float = 1.0,
    *,
    near: bool = False,
) -> list[tuple[str, str]]:
    """(final use, what it is the sum of), of final uses that buy of every seller what all sectors buy, or
    all other final uses, or both: `each` [sellers, words], `sectors` and `exports` [sellers]; `near` of
    most sellers, and about as much.
    """
    found, test = [], _nearly if near else _same
    whole = each.sum(axis=1)
    lines = np.vstack([each.T, sectors, exports])
    digits = last_digits(lines)
    slacks = slack_of(np.maximum(usual(digits), digits), deep * len(lines))
    for i, word in enumerate(words):
        ours = each[:, i]
        others = whole - ours
        filled = np.count_nonzero(each.any(axis=0)) - 1
        sums_of = [("what sectors buy", sectors)]
        if filled > 1 or (filled and exports.any()):
            sums_of += [("all other final uses", others), ("all other final uses", others + exports)]
        if filled or exports.any():
            sums_of.append(("all other uses", sectors + others + exports))
        if filled:
            sums_of.append(("all other uses", sectors + others))
        varied = len(np.unique(ours[ours != 0])) > 1
        beside = np.delete(lines, i, axis=0)
        what = next(
            (what for what, other in sums_of if varied and test(ours, other, beside, digits[i], slacks[i])),
            "",
        )
        if what:
            found.append((word, what))
    return found


def _same(ours: Floats, other: Floats, lines: Floats, digit: float, slack: float) -> bool:
    gap = np.abs(ours - other)
    if np.count_nonzero(ours) > 2 and bool((gap <= EXACT * np.maximum(np.abs(ours), np.abs(other))).all()):
        return True
    return sure(ours, other, lines, digit, slack, np.log(5 * len(lines)))


def _nearly(ours: Floats, other: Floats, lines: Floats, digit: float, slack: float) -> bool:
    """Whether most cells of two lines are alike by more than an accident, or all are."""
    gap, size, at = np.abs(ours - other), np.abs(ours), ours != 0
    if gap.sum() > MISSED * size.sum():
        return False
    if (gap <= EXACT * size).all():  # of two cells alone, which may be chance
        return True
    for share in (ROUNDED, 4.0 * ROUNDED):
        allowed = share * size + slack
        alike = at & (gap <= allowed)
        if np.count_nonzero(alike) < max(3.0, MOSTLY * np.count_nonzero(at)):
            continue
        vary = uneven(ours[alike], lines[:, alike], slack, None) * size[alike]
        wide = np.maximum(2.0 * allowed[alike], digit)
        if np.log(wide / (wide + vary)).sum() + np.log(5 * len(lines)) < np.log(DOUBT):
            return True
    return False
