"""Shocks that change nothing: what is written for them is normal, or there is nothing that could change.
And stocks that nobody has.

idle(shock)            what a shock says: every level at 100, a share of 0
manned(shock, remote)  staff that stay away, whose work is all done by others or from home
dry(shock, economy)    what the book has: exports of a plant that exports nothing
stock_doubt            stocks of more than a year of use, or of what cannot be stored
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ballast.arrays import Floats, Ints, sums
from ballast.economy import Economy
from ballast.scenario.shock import CAPACITY, Shock

MOST_STOCK = 366.0  # days of use: stocks of more than a year are asked about
_TRADE = ("exports", "imports")


def idle(s: Shock) -> str:
    """Why a shock changes nothing at any of its levels and shares; "" where it may."""
    if s.share.high == 0:
        return "its share is 0"
    if s.hinterland and all(part.high == 0 for _, part in s.hinterland):
        return "no region sends or gets anything through it"
    normal = 100.0 if s.unit == "percent" else 0.0
    if s.slack or any(v != normal for p in s.path for v in (p.level.low, p.level.value, p.level.high)):
        return ""
    return "every level of its path is 100" if normal else "every amount of its path is 0"


def manned(s: Shock, remote: Floats | None) -> str:
    """Why staff that stay away leave nothing undone; `remote` [n] is what each place does from home.

    Output is that of the engine, min(1, output_per_staff x (level + (1 - level) x remote)), at its least:
    50% of the staff who do twice the work each do all of it.
    """
    if s.kind != "staff" or remote is None or s.slack:
        return ""
    level, home = min(p.level.low for p in s.path) / 100.0, float(remote.min(initial=1.0))
    able = level + (1.0 - level) * home
    if s.output_per_staff.low * able < 1.0 - 1e-9:
        return ""
    if able >= 1.0:
        return "all of the work can be done from home (remote = 1)"
    return f"those at work do all of it (output_per_staff = {s.output_per_staff.low:g})"


def dry(
    s: Shock, e: Economy, where: Ints, hinterland: Sequence[Ints], imported: Callable[[], Floats]
) -> str:
    """Why the book has nothing that a shock could change; "" where it has.

    `where` are the places bound (nodes, final lines, slots, R*K imports), `imported` gives `imports(e)`.
    Of corridors nothing is said: what goes from where to where is known only once a network is built.
    """
    if s.kind == "port":
        return _dry_port(s, e, hinterland, imported)
    if s.kind == "exports":
        return "" if e.exports[where].any() else "nothing is exported there"
    if s.kind == "imports":
        return "" if imported()[where].any() else "nothing is imported there"
    if s.kind == "final_demand":
        bought = e.final_domestic[where].any() or e.final_imports[where].any()
        return "" if bought else "nothing is bought there"
    if s.kind == "stock":
        return "" if e.slot_need[where].any() else "nobody listed uses this product"
    if s.kind in CAPACITY:
        return "" if e.output[where].any() else "nothing is made there"
    return ""


def _dry_port(s: Shock, e: Economy, hinterland: Sequence[Ints], imported: Callable[[], Floats]) -> str:
    flows = (lambda: e.exports, imported)
    sides = [side for side in (0, 1) if concerns(s, side)]
    if any(flows[side]()[np.concatenate(hinterland[side::2])].any() for side in sides):
        return ""
    return f"the hinterland has no {' or '.join(_TRADE[side] for side in sides)} of these products"


def stock_doubt(s: Shock, e: Economy, where: Ints, days: float) -> tuple[str, str] | None:
    """What is doubtful about a stock of which at most `days` of use change, and what to do about it."""
    if days > MOST_STOCK:
        what = f"{days:,.4g} days of use are {s.direction}, more than anybody holds for a year"
        return what, "Check the number and the unit"
    if not any(e.sectors[p].storable for p in set(e.slot_product[where].tolist())):
        what = "none of these products is one that can be stored, so hardly any of it is held"
        return what, "Check the products, or mark them storable in the book"
    return None


def concerns(shock: Shock, side: int) -> bool:
    """Whether a port shock holds up exports (side 0) or imports (1)."""
    return shock.trade in ("both", _TRADE[side])


def imports(e: Economy) -> Floats:
    """[R*K] what each region imports of each product."""
    used = sums(e.node_region[e.slot_node] * e.k + e.slot_product, e.slot_imports, e.r * e.k)
    return used + sums(e.final_region * e.k + e.final_product, e.final_imports, e.r * e.k)
