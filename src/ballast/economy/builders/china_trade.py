"""Who buys from whom in the book china-2020: flows between provinces, product by product.

For each product the margins are the book's own: `supply` (output less exports) and `demand` (all purchases
of home goods). What stays inside a province is the weighted geometric mean of two readings:

    the 2017 provincial tables   output less outflow, and use less inflow, transit taken out first,
                                 each province's share drawn half way to the country's
    gravity                      doubly constrained, distance ** -exponent

The rest crosses borders by gravity with the remaining margins. No flow between two provinces was ever
published, so the exponent is an assumption: three of them give share_low, market_share and share_high,
all with the same margins. Electricity follows the lines that exist: the cheapest flows from surplus to
deficit under line capacity, then traced to their users by proportional sharing.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from ballast.economy.builders.china_read import Facts, Provinces
from ballast.economy.economy import Floats
from ballast.economy.regionalise import gravity, ipf, net_transit, trace

EXPONENTS = (0.6, 1.0, 1.5)  # low, central, high: grade E
POOL = 0.5  # of the country's share in a province's 2017 share: some tables book headquarters' trade
SAY = (0.5, 0.25, 0.0)  # weight of gravity in what stays at home, low to high: grade E
LINE_USE = (0.35, 0.5, 0.8)  # how far lines may be loaded over a year, low to high: grade E
POWER = 23
LOCAL = (22, 24, 25, 26, 32, 36, 37, 38, 39, 41)  # repair, utilities, building, homes, public services
REPAIR = 22  # the 2017 tables book five times its output as inflow: only the sellers' side is read
LARGEST_STAY = 0.985  # of the smaller margin; somebody always buys elsewhere
NEGLIGIBLE = 1e-5  # of supply and of demand; smaller flows are left out and the rest refitted


def gravity_say(k: int) -> tuple[float, float, float]:
    """The weight of gravity against the 2017 tables in what stays at home, low to high.

    Gravity knows no border, so on its own it keeps far too little at home. It has half that say in
    services, and none in what is used where it is made.
    """
    if k in LOCAL:
        return (0.0, 0.0, 0.0)
    part = 1.0 if k < 23 else 0.5
    return (SAY[0] * part, SAY[1] * part, SAY[2] * part)


def stays_2017(provinces: Provinces) -> tuple[Floats, Floats, Floats]:
    """[P, K] shares of supply and of demand that stayed at home in 2017, and the transit taken out."""
    supply = np.maximum(provinces.output - provinces.exports, 0)
    use = np.maximum(supply - provinces.outflow + provinces.inflow, 0)
    outflow, inflow, transit = net_transit(
        supply, use, np.maximum(provinces.outflow, 0), np.maximum(provinces.inflow, 0)
    )
    # one province's outflow is another's inflow: both totals of a product go to their geometric mean
    totals = [f.sum(axis=0) for f in (outflow, inflow)]
    middle = np.sqrt(totals[0] * totals[1])
    middle[REPAIR] = totals[0][REPAIR]
    keep = []
    for flow, total, base in zip((outflow, inflow), totals, (supply, use), strict=True):
        left = np.divide(middle, total, out=np.ones_like(total), where=total > 0)
        gone = np.divide(flow * left, base, out=np.zeros_like(flow), where=base > 0).clip(0, LARGEST_STAY)
        country = (gone * base).sum(axis=0) / base.sum(axis=0)
        keep.append(1 - (1 - POOL) * gone - POOL * country)
    keep[1][:, REPAIR] = 1.0
    return keep[0], keep[1], transit


def trade(supply: Floats, demand: Floats, stays: tuple[Floats, Floats], facts: Facts) -> Floats:
    """Flows [3, K, P, P] (low, central, high; product; from; to) with margins `supply`, `demand` [P, K]."""
    k = supply.shape[1]
    flows = np.zeros((3, k, len(supply), len(supply)))
    for product in range(k):
        s, d = supply[:, product], demand[:, product]
        if product == POWER:
            flows[:, product] = _power(s, d, facts)
            continue
        kept = np.sqrt(stays[0][:, product] * s * stays[1][:, product] * d)
        readings = zip(EXPONENTS, gravity_say(product), strict=True)
        every = [_flows(s, d, kept, facts.distance, b, say, product) for b, say in readings]
        flows[:, product] = _thin(np.array(every), s, d, product)
    return flows


def _flows(
    s: Floats, d: Floats, kept: Floats, distance: Floats, exponent: float, say: float, product: int
) -> Floats:
    """One product under one exponent: the diagonal first, then the rest."""
    what = f"trade in product {product + 1:02d}"
    pull = np.diag(gravity(s, d, distance, exponent, what=what).matrix)
    floor = np.minimum(s, d) * (1 - LARGEST_STAY)
    home = np.maximum(kept, floor) ** (1 - say) * np.maximum(pull, floor) ** say
    # a province so large that the others cannot take or give the rest must keep it
    least = s + d - d.sum() + 0.01 * np.minimum(s, d)
    home = np.minimum(np.maximum(home, least), LARGEST_STAY * np.minimum(s, d))
    apart = 1.0 - np.eye(len(s))
    rest = gravity(s - home, d - home, distance, exponent, weight=apart, what=what)
    return rest.matrix + np.diag(home)


def _thin(flows: Floats, s: Floats, d: Floats, product: int) -> Floats:
    """Leave out what is negligible for both sides under every exponent, and refit."""
    floor = NEGLIGIBLE * np.maximum(s[:, None], d[None, :])
    kept = np.where((flows >= floor).any(axis=0), flows, 0.0)
    return np.array([ipf(f, s, d, what=f"trade in product {product + 1:02d}").matrix for f in kept])


# ---- electricity -----------------------------------------------------------------------------


def _power(s: Floats, d: Floats, facts: Facts) -> Floats:
    """[3, P, P] by the lines; money stands for energy at the country's average price."""
    per_gwh = d.sum() / facts.consumption.sum()
    capacity = facts.lines * 8.76 * per_gwh  # MW all year -> GWh -> money
    return np.array([_fit_power(s, d, capacity * use, facts.distance) for use in reversed(LINE_USE)])[::-1]


def _fit_power(s: Floats, d: Floats, capacity: Floats, distance: Floats) -> Floats:
    used = trace(s, line_flows(s, d, capacity, distance)[0])
    return ipf(used, s, d, what="electricity along the lines").matrix


def line_flows(s: Floats, d: Floats, capacity: Floats, distance: Floats) -> tuple[Floats, float]:
    """Cheapest flows [P, P] on the lines that cover every deficit, and the share beyond capacity.

    Cost is distance; a line may carry more than `capacity` at twenty times the cost, because the list of
    lines is not complete.
    """
    a, b = np.nonzero(capacity)
    count, places = len(a), len(s)
    balance = np.zeros((places, 2 * count))
    for shift in (0, count):
        balance[a, shift + np.arange(count)] += 1
        balance[b, shift + np.arange(count)] -= 1
    scale = s.sum()
    cost = distance[a, b] / distance.max()
    limits = [(0.0, c / scale) for c in capacity[a, b]] + [(0.0, None)] * count
    solved = linprog(
        np.concatenate([cost, 20 * cost]), A_eq=balance, b_eq=(s - d) / scale, bounds=limits, method="highs"
    )
    carried = (solved.x[:count] + solved.x[count:]) * scale
    flows = np.zeros_like(capacity)
    flows[a, b] = carried
    return flows, float(solved.x[count:].sum() / max(solved.x.sum(), 1e-300))
