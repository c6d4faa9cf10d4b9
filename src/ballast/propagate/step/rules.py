"""The arithmetic of the step, one item at a time, written once: the compiled step (`kernels`, `rows`,
`slots`), a batch and a card compile it.

Each function takes the numbers of one node, slot or supplier and gives numbers; names and signs are those
of `reference`, which says the same on whole arrays and is held against them by the tests.

    ALL     every rule
    bound   a function in which some names stand for something else: the rules compiled for a processor in
            one place, for a card in another
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

TINY = 1e-300
NOISE = 1e-9  # a slot that takes less than this of capacity is rounding, not a shortage
LEAST_PULL = 1e-3  # a supplier is never forgotten, or it could not come back


def order(need: float, gap: float, rate: float, run: float, ceiling: float) -> tuple[float, float]:
    """What a slot orders at the planned pace, and at yesterday's: use, and a part of its stock gap."""
    top = ceiling * need
    want = min(max(need * rate + gap, 0.0), top)
    return want, min(want, min(max(need * run + gap, 0.0), top))


def opened(through: float, share: float, purchases: float, load: float) -> float:
    """The part of a load that a corridor lets through: `through` of what usually passes, at most."""
    if through >= 1.0:
        return 1.0
    room = through * share * purchases
    return room / max(load, TINY) if load > room else 1.0


def allowed(
    essential: float, per_use: float, per_target: float, stock: float, kits: float, usable: float
) -> float:
    """The share of capacity that a slot allows: firms with a stock, and firms that get all their parts.
    `per_use` and `per_target` are one over what capacity uses a day, and over the stock that is wanted.
    """
    cover = min(1.0, stock * per_target)
    kept_up = min(kits, usable * per_use)  # c q
    share = min(cover + kept_up * max(0.0, 1.0 - cover / max(kits, TINY)), stock * per_use)
    return 1.0 - essential * (1.0 - share)


def planned(finished: float, goods: float, expected: float, order_days: float, demand: float) -> float:
    """What a node sets out to make: today's demand, or for storable goods its order book."""
    if finished > 0:
        return max(0.0, expected + (finished - goods) / order_days)
    return demand


def shippable(finished: float, goods: float, x: float, hands: float) -> float:
    """What can leave today: output and finished goods, as far as there are hands to load them."""
    if finished > 0:
        return min(goods + x, max(x, hands))
    return x


def ration(ship: float, ordered: float, demand: float) -> tuple[float, float]:
    """The share of producers' orders, and of final use and exports, that a supplier fills."""
    rest = demand - ordered
    rho = min(1.0, ship / max(ordered, TINY)) if ordered > 0 else 1.0
    rho_final = min(1.0, max(0.0, ship - ordered) / max(rest, TINY)) if rest > 0 else 1.0
    return rho, rho_final


def with_abroad(share: float, one: float, two: float, level: float) -> tuple[float, float]:
    """Mean and mean square of fulfilment over a slot's suppliers at home and the one abroad."""
    short = min(1.0, level)
    return (1 - share) * one + share * short, (1 - share) * two + share * short * short


def complete(one: float, two: float, power: float) -> float:
    """q: of what arrives, the share that makes complete kits, from mean and mean square of fulfilment."""
    if power == 0.0 or two <= 0.0:
        return 1.0
    ratio = one * one / two
    return 1.0 if ratio >= 1.0 else math.exp(power * math.log(ratio))


NEAR = 0.6  # ratio from which on `near` is right
MOST_POWER = 12.0


def near(ratio: float, power: float) -> float:
    """ratio ** power without a call, so that several are made at a time: right to 1e-14 from NEAR on.

    The logarithm as 2 atanh((r - 1) / (r + 1)), the exponential of a 64th of it, squared six times.
    """
    s = (ratio - 1.0) / (ratio + 1.0)
    q = s * s
    tail = q * (1 / 15 + q * (1 / 17 + q * (1 / 19 + q * (1 / 21 + q * (1 / 23 + q * (1 / 25))))))
    tail = q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q * (1 / 13 + tail))))))
    v = power * s * (1.0 + tail) * (1 / 32)
    e = 1 / 120 + v * (1 / 720 + v * (1 / 5040 + v * (1 / 40320 + v * (1 / 362880 + v * (1 / 3628800)))))
    e = 1.0 + v * (1.0 + v * (1 / 2 + v * (1 / 6 + v * (1 / 24 + v * e))))
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    return e * e


def imported(level: float, want: float, use: float, share: float, need: float) -> float:
    """What arrives from abroad when `level` of the usual is to be had there."""
    short = min(1.0, level)
    got = share * ((1.0 - short) * want + short * use)
    return min(got, level * share * need) if level < 1.0 else got


def shelved(
    stock: float, waiting: float, receipts: float, kits: float, want: float, need: float, target: float,
    rate: float, release: float,
) -> tuple[float, float, float, float]:  # fmt: skip
    """Tonight's stock of complete kits, goods that wait for what is missing, the kits to be had a day, and
    what was used. Of a full order `kits` is complete; `release` of what no longer has to wait goes on the
    shelf.
    """
    usable = min(receipts, kits * want)
    freed = max(0.0, waiting - (1.0 - kits) * target) * release
    used = min(stock, need * rate)
    ready = max(usable + freed, kits * need)
    return stock + (usable + freed - used), waiting + ((receipts - usable) - freed), ready, used


def overtime(alpha: float, aim: float, x: float, ceiling: float, days: float) -> float:
    """Tomorrow's overproduction: it rises with scarcity and falls back without."""
    scarcity = max(0.0, aim - x) / max(aim, TINY) if aim > 0 else 0.0
    rise = (ceiling - alpha) * scarcity - (alpha - 1.0) * (1.0 - scarcity)
    return alpha + rise / days


def seen(rho: float, ordered: float, wanted: float) -> float:
    """What buyers see filled of what they wanted, closed roads included."""
    return rho * (ordered / max(wanted, TINY) if wanted > 0 else 1.0)


def pull(attract: float, filled: float, leave_days: float, return_days: float) -> float:
    """Tomorrow's pull of a supplier on orders: buyers leave it, and come back more slowly."""
    days = leave_days if filled < attract else return_days
    return max(LEAST_PULL, attract + (filled - attract) / days)


ALL: tuple[Callable[..., Any], ...] = (
    order,
    opened,
    allowed,
    planned,
    shippable,
    ration,
    with_abroad,
    complete,
    near,
    imported,
    shelved,
    overtime,
    seen,
    pull,
)


def bound(function: Callable[..., Any], meanings: Mapping[str, Any]) -> Callable[..., Any]:
    """`function` with other meanings of some names of its module."""
    assert isinstance(function, FunctionType)
    names = {**function.__globals__, **meanings}
    return FunctionType(function.__code__, names, function.__name__, function.__defaults__)
