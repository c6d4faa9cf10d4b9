"""Who buys from whom in the book china-2020: what stays in a province, and electricity along its lines.

What stays inside a province is what the provincial tables of 2017 say: output less outflow, and use less
inflow, transit taken out first, the two readings averaged. The same reading of 2012 is nearest to what
stayed in 2017; gravity, or the country's share drawn in, makes it worse (docs/regional.md). Its range is
the error of that back-test. The rest crosses borders by gravity (`interregional.trade`); no flow between
two provinces was ever published, so the exponents are an assumption. Electricity follows the lines that
exist: the cheapest flows from surplus to deficit under line capacity, then traced to their users by
proportional sharing.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from ballast.arrays import Floats, ratio
from ballast.economy.builders.china_read import Facts, Provinces
from ballast.economy.regions.fitting import ipf, net_transit, trace
from ballast.economy.regions.trade import LARGEST_STAY, Split

EXPONENTS = (0.6, 1.0, 1.5)  # low, central, high: grade E
# what stays at home, low to high, as a shift of its log odds: the 10th and 90th percentile, by money, of
# what 2012 says of the provinces' goods in 2017 (docs/regional.md)
STAY_ERROR = (-1.54, 0.0, 0.82)
LINE_USE = (0.35, 0.5, 0.8)  # how far lines may be loaded over a year, low to high: grade E
POWER = 23
LOCAL = (22, 24, 25, 26, 32, 36, 37, 38, 39, 41)  # repair, utilities, building, homes, public services
REPAIR = 22  # the 2017 tables book five times its output as inflow: only the sellers' side is read


def stays(split: Split, provinces: Provinces) -> tuple[tuple[Floats, Floats, Floats], Floats]:
    """[P, K] money that stays in its province, low, central and high, and the transit taken out of 2017.

    Services that travel have half the range of goods; what is used where it is made has none.
    """
    keep_out, keep_in, transit = stays_2017(provinces)
    supply, demand = np.maximum(split.supply, 0), np.maximum(split.demand, 0)
    smaller = np.where((supply > 0) & (demand > 0), np.minimum(supply, demand), 1.0)
    share = np.sqrt(keep_out * supply * keep_in * demand) / smaller
    share = share.clip(1 - LARGEST_STAY, LARGEST_STAY)
    k = share.shape[1]
    part = np.array([0.0 if i in LOCAL else 1.0 if i <= REPAIR else 0.5 for i in range(k)])
    odds = np.log(share / (1 - share))
    low, central, high = (smaller / (1 + np.exp(-(odds + shift * part))) for shift in STAY_ERROR)
    return (low, central, high), transit


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
        left = ratio(middle, total, 1.0)
        gone = ratio(flow * left, base)
        keep.append(1 - gone.clip(0, LARGEST_STAY))
    keep[1][:, REPAIR] = 1.0
    return keep[0], keep[1], transit


# ---- electricity -----------------------------------------------------------------------------


def electricity(split: Split, facts: Facts) -> Floats:
    """[3, P, P] by the lines; money stands for energy at the country's average price."""
    s, d = split.supply[:, POWER], split.demand[:, POWER]
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
