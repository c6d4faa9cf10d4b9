"""The nodes of one book by every way to write them: id, name, or region and sector where that is one node.

A pair of region and sector that several nodes share means none of them: only their ids and names do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ballast.economy.economy import Economy
from ballast.economy.names.matcher import Names, by_parts
from ballast.economy.sheets.cells import plain
from ballast.text import Text


@dataclass(frozen=True, slots=True)
class _Node:
    code: str
    name: Text
    aliases: tuple[str, ...] = ()


def told_apart(e: Economy) -> bool:
    """Whether a node of the book is more than its region and sector: ids, names, or several of a pair."""
    return e.node_ids is not None or e.node_labels is not None or bool((e.namesakes > 1).any())


class NodeNames(Names):
    """The nodes of a book, also by 上海.汽车 and "Shanghai, Vehicles"; with #2 where there are no ids."""

    def __init__(self, e: Economy) -> None:
        nodes = [_Node(c, e.node_name(i)) for i, c in enumerate(e.node_codes)]
        super().__init__("node", nodes, e.has_own_name)
        self._e, self._regions, self._sectors = e, Names.regions(e), Names.sectors(e)

    def fits(self, word: object) -> tuple[tuple[int, ...], ...]:
        return self.matcher.fits(word) or self.by_parts(word)

    def by_parts(self, word: object) -> tuple[tuple[int, ...], ...]:
        """The nodes of a region and a sector, each by any of its names, or the one of the number behind."""
        pair, mark, number = plain(word).partition("#")
        ends = by_parts(pair, self._regions.find, self._sectors.find)
        if ends is None:
            return ()
        there = np.flatnonzero((self._e.node_region == ends[0]) & (self._e.node_sector == ends[1])).tolist()
        if mark and there:
            code = self._e.pair_code(there[0]) + (f"#{number}" if number != "1" else "")
            there = [i for i in there if self._e.node_codes[i] == code]
        return tuple((i,) for i in there)
