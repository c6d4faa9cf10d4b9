"""Firms for tests: one node of an economy parted into several that buy and sell as it did."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ballast.economy import Economy
from ballast.text import Text


def parted(
    e: Economy, code: str, parts: dict[str, float], labels: dict[str, Text] | None = None, ids: bool = True
) -> Economy:
    """The economy with node `code` in parts, {id: share}: the first in its place, the others behind all.

    Each part has its share of what the node makes, buys and sells, in every market, so the economy
    balances as before. Without `ids` the names of `parts` only say which label is whose.
    """
    at, shares = e.node_codes.index(code), np.array(list(parts.values()))
    more = len(parts) - 1
    old = np.concatenate([np.arange(e.n), np.full(more, at)])  # of each new node, the one it comes from
    part = np.ones(e.n + more)
    part[at], part[e.n :] = shares[0], shares[1:]
    new = np.concatenate([[at], np.arange(e.n, e.n + more)])
    mine = e.slot_node == at
    slots = np.concatenate([np.arange(len(mine)), np.tile(np.flatnonzero(mine), more)])
    holder = np.concatenate([e.slot_node, np.repeat(new[1:], mine.sum())])
    times = np.where(e.market_supplier == at, len(parts), 1)
    entry = np.repeat(np.arange(len(times)), times)
    seller = e.market_supplier[entry].copy()
    seller[seller == at] = np.tile(new, np.count_nonzero(times > 1))
    of = np.where(old[seller] == at, part[seller], 1.0)
    sizes = np.bincount(e.entry_market[entry], minlength=len(e.market_ptr) - 1)
    names = [*e.node_codes[:at], next(iter(parts)), *e.node_codes[at + 1 :], *list(parts)[1:]]
    money: dict[str, Any] = {f: getattr(e, f)[old] * part for f in ("output", "exports")}
    bought = {f: getattr(e, f)[slots] * part[holder] for f in ("slot_domestic", "slot_imports")}
    shared = {f: getattr(e, f)[entry] * of for f in ("market_share", "share_low", "share_high")}
    return replace(
        e,
        node_region=e.node_region[old],
        node_sector=e.node_sector[old],
        value_added=e.value_added[:, old] * part,
        slot_product=e.slot_product[slots],
        slot_node=holder,
        slot_market=e.slot_market[slots],
        market_ptr=np.concatenate([[0], np.cumsum(sizes)]),
        market_supplier=seller,
        node_ids=tuple(names) if ids else None,
        node_labels=tuple((labels or {}).get(name) for name in names),
        node_grade=None if e.node_grade is None else tuple(e.node_grade[i] for i in old.tolist()),
        **money,
        **bought,
        **shared,
    )
