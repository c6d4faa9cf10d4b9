"""Which node is which: the ids that the owner of the data gives, or else codes made of region and sector.

    pair      "region.sector"
    derived   "region.sector" of every node, with "#2" and so on for further nodes of a pair
    faults    what is wrong with ids, row by row
    said      the ids that read like a derived code, and of which region and sector
    carried   the ids of nodes made from other nodes

What only looks at ids is kept for the last ones: an economy of many firms is made anew for each draw, and
its ids stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product

import numpy as np

from ballast.arrays import Ints
from ballast.economy.sane import BARELY, folded, label_fault, shown
from ballast.text import tight

_NUMBERED = re.compile(r"#\d+$")


def pair(region: str, sector: str) -> str:
    """The code of a region and a sector."""
    return f"{region}.{sector}"


def derived(pairs: Iterable[str]) -> tuple[str, ...]:
    """A code for each node of these pairs: the pair itself, "#n" behind it for further nodes."""
    seen: dict[str, int] = {}
    out = []
    for pair in pairs:
        seen[pair] = seen.get(pair, 0) + 1
        out.append(pair if seen[pair] == 1 else f"{pair}#{seen[pair]}")
    return tuple(out)


@lru_cache(maxsize=2)
def faults(ids: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """(row, what is wrong with its id): one that is no name, or another's in some way to write it."""
    found = []
    first: dict[str, int] = {}
    for row, name in enumerate(ids):
        if what := label_fault(name) if isinstance(name, str) else "is empty":
            found.append((row, what))
            continue
        at = first.setdefault(folded(name), row)
        if at != row:
            same = f"is {shown(name)}, as that of row {at} is"
            near = f"{shown(name)} and {shown(ids[at])} of row {at} {BARELY}"
            found.append((row, same if name == ids[at] else near))
    return tuple(found)


@lru_cache(maxsize=2)
def said(ids: tuple[str, ...], regions: tuple[str, ...], sectors: tuple[str, ...]) -> tuple[Ints, ...]:
    """(row, region, sector) of ids that are "region.sector", numbered or not, in every way to read them."""
    places: tuple[dict[str, list[int]], ...] = {}, {}
    for known, codes in zip(places, (regions, sectors), strict=True):
        for i, code in enumerate(codes):
            known.setdefault(tight(code), []).append(i)
    found: list[tuple[int, int, int]] = []
    for row, name in enumerate(ids):
        parts = tight(_NUMBERED.sub("", name)).split(".")
        for cut in range(1, len(parts)):
            regions_, sectors_ = (".".join(part) for part in (parts[:cut], parts[cut:]))
            both = product(places[0].get(regions_, []), places[1].get(sectors_, []))
            found += ((row, r, s) for r, s in both)
    return tuple(np.array(found, np.int32).reshape(-1, 3).T)


def carried(
    ids: tuple[str, ...] | None,
    sources: Sequence[int],
    pairs: Sequence[str],
    codes: tuple[Sequence[str], Sequence[str]],
) -> tuple[str, ...] | None:
    """The ids of nodes made from others: `sources` has the one old node that a new one is wholly, or -1.

    Nodes that were merged or split get codes of their `pairs`; so does one whose id would read like such a
    code among the new region and sector `codes`. None where no id is left.
    """
    if ids is None:
        return None
    old = [ids[i] if i >= 0 else "" for i in sources]
    regions, sectors = map(tuple, codes)
    for row in said(tuple(old), regions, sectors)[0]:
        old[row] = ""
    if not any(old):
        return None
    made = iter(derived(pair for pair, name in zip(pairs, old, strict=True) if not name))
    return tuple(name or next(made) for name in old)
