"""What is known to be wrong with published tables, and how the table at hand shows it.

Each fault was reported by users of the table; where the table's figures show it, the finding is a
warning with the place and the size, else nothing is said. `thin_utilities` needs no report: it is asked
of every table of five regions or more, from whichever source, and finds regions whose households buy
next to no energy while others' do.
"""

from __future__ import annotations

import re

import numpy as np

from ballast.arrays import ratio, sums
from ballast.economy.readers.table import Table
from ballast.errors import Finding

THIN = 0.02  # of the median share of household spending: below it, a bill for energy is not believable
ENERGY = ("24", "25")
FEW = 5  # regions: with fewer, the median says nothing
_HOUSEHOLDS = re.compile(r"(?i)^(urban|rural|hfce)\b|household|private consumption|居民|住户")
REPORTED = "github.com/IndEcol/pymrio/issues/95"


def faulty_release(table: Table, source: str, version: str) -> tuple[Finding, ...]:
    """The findings for one release of one source."""
    if source == "exiobase3" and any(v in version for v in ("3.8.1", "3.8.2", "3_8_1", "3_8_2")):
        what = (
            "this release is reported to have wrong final demand of utilities (China, Netherlands, Ireland)"
        )
        todo = f"Take release 3.8 or one after 3.8.2 ({REPORTED})"
        return (Finding("warning", f"{table.name}, households' electricity and gas", what, todo),)
    return ()


def thin_utilities(t: Table) -> list[Finding]:
    """Regions whose households spend less than `THIN` of the usual share on electricity, or on gas."""
    households = np.array([_HOUSEHOLDS.search(f"{c} {n.en} {n.zh}") is not None for c, n in t.categories])
    mine = households[t.final_category] if len(households) else np.zeros(0, bool)
    if not mine.any() or len(t.regions) < FEW:
        return []
    buyer = t.final_region[mine]
    spent = t.final[:, np.flatnonzero(mine)]
    every = sums(buyer, np.asarray(spent.sum(axis=0)).ravel(), len(t.regions))
    found = []
    for like in ENERGY:
        sold = np.array([s.like == like for s in t.sectors])[t.node_sector]
        if not sold.any():
            continue
        bill = sums(
            buyer, np.asarray(spent.tocsr()[np.flatnonzero(sold)].sum(axis=0)).ravel(), len(t.regions)
        )
        share = ratio(bill, every)
        usual = float(np.median(share[every > 0])) if (every > 0).any() else 0.0
        for r in np.flatnonzero((share < THIN * usual) & (every > 0)):
            what = "electricity and heat" if like == "24" else "gas"
            found.append(
                Finding(
                    "warning",
                    f"{t.name}, households of {t.regions[r].code} ({t.regions[r].name.en})",
                    f"spend {share[r]:.2g} of their money on {what}, the median region {usual:.2g}",
                    f"Compare with another source or release (EXIOBASE 3.8.1 is known for it: {REPORTED})",
                    float(bill[r]),
                )
            )
    return found
