"""What shocks leave of the capacity of nodes, and of the parts of nodes that they hit: rules 1 and 2.

    Hit        a shock on some nodes, or on a part of each
    capacity   hits -> mean capacity of every node, and the parts that are hit with the capacity of each

A part is run by itself (`propagate.step.system.in_parts`): its customers miss what it makes, whoever else
makes the same in the same region. So the answer is that of a book in which the part is a node of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ballast.arrays import Floats, Ints, Mask

WHOLE = 1.0 - 1e-12  # a larger share is the whole node


class Hit(NamedTuple):
    """A shock of one kind: what it leaves of the nodes `where`, or of a `share` of each, by state."""

    kind: str
    where: Ints  # [n]
    level: Floats  # [U, n]
    share: float


class Parts(NamedTuple):
    """Parts of nodes that are hit by themselves."""

    node: Ints  # [Q]
    mass: Floats  # [Q] of its node
    level: Floats  # [U, Q]


def capacity(hits: Sequence[Hit], states: int, nodes: int) -> tuple[Floats, Parts]:
    """[U, N] the capacity of each node in each state, and the parts of nodes that make it up.

    Where parts of a node are hit by several kinds of shock, or exceed the whole, nothing says which firms
    are in which: the node has one part then, as large as the largest kind's, at what is left on average.
    """
    whole = np.ones((states, nodes))
    for h in hits:
        if h.share >= WHOLE:
            whole[:, h.where] = np.minimum(whole[:, h.where], h.level)
    mean, covered, kinds = whole.copy(), np.zeros(nodes), np.zeros(nodes, np.int64)
    crowded = np.zeros(nodes, bool)
    for kind in dict.fromkeys(h.kind for h in hits):
        left, share = _one_kind([h for h in hits if h.kind == kind and h.share < WHOLE], whole)
        np.minimum(mean, left, out=mean)
        kinds += share > 0
        crowded |= share > 1.0 + 1e-9
        covered = np.maximum(covered, np.minimum(share, 1.0))
    plain = (kinds == 1) & ~crowded
    found = [_parts(h, whole, plain) for h in hits if h.share < WHOLE]
    mean[:, plain] = whole[:, plain]
    for p in found:
        mean[:, p.node] -= p.mass * (whole[:, p.node] - p.level)  # a shock hits a node once
    found.append(_blurred(mean, whole, covered, (kinds > 0) & ~plain))
    node, mass, level = (np.concatenate(x, axis=-1) for x in zip(*found, strict=True))
    hit = (level < whole[:, node]).any(axis=0)
    return np.clip(mean, 0.0, 1.0), Parts(node[hit].astype(np.int32), mass[hit], level[:, hit])


def _parts(h: Hit, whole: Floats, plain: Mask) -> Parts:
    """The parts of plain nodes that one shock hits, each at the lower of its own level and the node's."""
    mine = plain[h.where]
    node = h.where[mine]
    return Parts(node, np.full(len(node), h.share), np.minimum(h.level[:, mine], whole[:, node]))


def _blurred(mean: Floats, whole: Floats, covered: Floats, which: Mask) -> Parts:
    """One part for each node of `which`: all that is lost there is lost in it."""
    node = np.flatnonzero(which).astype(np.int32)
    mass = covered[node]
    level = whole[:, node] - (whole[:, node] - mean[:, node]) / mass
    return Parts(node, mass, np.clip(level, 0.0, 1.0))


def _one_kind(parts: Sequence[Hit], whole: Floats) -> tuple[Floats, Floats]:
    """Rule 1: what shocks of one kind on parts leave on average [U, N] of what those on whole nodes, of any
    kind, leave; and the share of each node [N] that is hit in part.
    """
    nodes = whole.shape[1]
    covered, touched = np.zeros(nodes), np.zeros((len(parts), nodes), bool)
    left = whole.copy()
    for row, h in enumerate(parts):
        covered[h.where] += h.share
        touched[row, h.where] = True
        left[:, h.where] -= h.share * np.maximum(whole[:, h.where] - h.level, 0.0)
    for some in _alike(touched, covered > 1.0 + 1e-9):
        mine = [parts[int(row)] for row in np.flatnonzero(touched[:, some[0]])]
        found = [h.level[:, np.searchsorted(h.where, some)] for h in mine]
        left[:, some] = _worst_first(whole[:, some], found, [h.share for h in mine])
    return np.clip(left, 0.0, 1.0), covered


def _alike(touched: Mask, crowded: Mask) -> list[Ints]:
    """The crowded nodes, gathered by which parts touch them."""
    nodes = np.flatnonzero(crowded).astype(np.int32)
    if not len(nodes):
        return []
    _, which = np.unique(touched[:, nodes], axis=1, return_inverse=True)
    which = which.ravel()
    return [nodes[which == g] for g in range(which.max() + 1)]


def _worst_first(whole: Floats, levels: Sequence[Floats], shares: Sequence[float]) -> Floats:
    """[U, n] capacity when parts claim more than the whole: the worst part is counted first."""
    level = np.minimum(np.stack(levels), whole)
    order = np.argsort(level, axis=0, kind="stable")
    share = np.asarray(shares)[order]
    taken = np.minimum(np.cumsum(share, axis=0), 1.0)
    part = np.diff(taken, axis=0, prepend=0.0)
    spent: Floats = (part * np.take_along_axis(level, order, axis=0)).sum(axis=0) + (
        1.0 - taken[-1]
    ) * whole
    return spent
