"""Whom to put back to work first: nodes chosen on simulated gain, beside five simple rules.

A *place* is one node put back to work from the decision day on: all its staff and power, and passes for
its goods and supplies. The plan is greedy: each next place is the node that saves most industrial value
added beside those already chosen. The search re-simulates from the decision day until 30 days after the
last shock, over the 2K + 10 nodes that a cheap index puts first; gains mostly shrink as the list grows,
so a node's last known gain is taken as a bound and only the top of the queue is simulated again (lazy
greedy, Minoux 1978), `REFRESH` at a time. Where two places complete each other the bound fails, so the
list is then mended: it starts again from a simple rule's list where that saves more, and places are
exchanged as long as that helps (`_exchange`). It is a good plan, never behind a rule that names whole
places, and not a proven best one. Every gain that is printed is a re-simulation to the end of the horizon.

Baselines, re-simulated with the same number of places and given to industrial nodes only, as that is what
is counted: nobody; pro rata (every shocked node gets the same part of what it lost, the parts adding to
the number of places); largest loss first (value added that the shock itself takes); biggest first (by
value added); most upstream (Antras et al. 2012: mean number of steps to final use).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from ballast import units
from ballast.arrays import Floats, above, standing
from ballast.propagate.bench import Bench
from ballast.propagate.step.interventions import Plan
from ballast.propagate.step.system import entry_market
from ballast.response import Pick, Relief
from ballast.text import Text

Done = Callable[[int], None]

POOL = 2  # candidates simulated in the first round, per place
REFRESH = 4  # bounds simulated again at a time: a constant, so that the list does not depend on the machine
SWAPS = 10  # places that may be exchanged at the end, and half as many again that may come in
WORKING = 0.9  # above this a node needs passes rather than staff
BASELINES = ("nobody", "pro_rata", "largest_loss_first", "biggest_first", "most_upstream")

WORDS = {
    "place": Text(
        "{node}: from the decision day on at the worst {level}% of capacity; back to work",
        "{node}：决策日起产能最低仅{level}%，复工复产",
    ),
    "both": Text(
        "{node}: from the decision day on at the worst {level}% of capacity; back to work, with passes",
        "{node}：决策日起产能最低仅{level}%，复工并发放通行证",
    ),
    "pass_alone": Text(
        "{node}: open, held up on the road; passes for goods and supplies",
        "{node}：正常开工，受阻在运输，为其货物和原料发放通行证",
    ),
    "pass": Text(
        "{node}: hardly shut (never below {level}% of capacity), held up on the road; passes for goods and "
        "supplies",
        "{node}：产能基本未受限（不低于{level}%），受阻在运输，为其货物和原料发放通行证",
    ),
}


def choose(bench: Bench, places: int, done: Done) -> tuple[Relief, Plan, dict[int, float]]:
    """The plan with its baselines and curve; the help that it is; what single places save (quick)."""
    held = bench.shut + np.where(bench.goods, bench.passage, 0.0)  # passes are for goods
    nodes = [int(j) for j in np.flatnonzero(held > 0)]
    if not nodes or places == 0:
        empty = pd.DataFrame(columns=["places", "plan", *BASELINES])
        return Relief((), empty, 0.0), bench.help(), {}
    places = min(places, len(nodes))
    promise = _promise(bench, held)
    pool = _largest(bench, nodes, promise[nodes])[: POOL * places + 10]
    alone = dict(zip(pool, bench.saved_all([bench.help([j]) for j in pool], done, quick=True), strict=True))
    orders = rules(bench, nodes)
    picks = _mended(bench, *greedy(bench, alone, places, done), orders, done)
    gains = bench.saved_all([bench.help(picks[: n + 1]) for n in range(len(picks))], done)
    picks, gains = _upwards(bench, picks, gains, done)
    curve = _curve(bench, orders, gains, done)
    full = bench.saved(bench.help(nodes))
    return _describe(bench, picks, gains, curve, full), bench.help(picks), alone


def passes_only(bench: Bench, node: int) -> bool:
    """Whether a place's staff are mostly at work and its roads hold up more: what it needs are passes."""
    road = bench.passage[node] > bench.shut[node]
    return bool(bench.goods[node] and bench.least[node] >= WORKING and road)


def place_key(bench: Bench, node: int) -> str:
    """What a node needs: "place" back to work, "pass" for its goods, or "both"."""
    if passes_only(bench, node):
        return "pass"
    return "both" if bench.goods[node] and bench.passage[node] > 0 else "place"


def _promise(bench: Bench, held: Floats) -> Floats:
    """[N] a cheap order of candidates: own loss, and that of the buyers who need its parts."""
    s = bench.run.system
    va = bench.weight
    stake = s.essential * va[s.slot_node] * (1.0 + s.power) * (1.0 - s.import_share)
    market = np.bincount(s.slot_market, stake, len(s.purchases))
    market_of = entry_market(s)
    onward = np.bincount(s.supplier, s.share * market[market_of], len(s.x0))
    return held * (va + onward)


def _largest(bench: Bench, nodes: Sequence[int], values: Floats | Sequence[float]) -> list[int]:
    """Nodes by their values, largest first; equal ones in the order of their codes."""
    order = np.lexsort((bench.run.economy.node_rank[list(nodes)], standing(values)))
    return [nodes[i] for i in order]


def greedy(
    bench: Bench, alone: Mapping[int, float], places: int, done: Done
) -> tuple[list[int], dict[int, float]]:
    """Lazy greedy over nodes and what each saves alone: the chosen in order, and the bounds of the rest."""
    bound = dict(alone)
    chosen: list[int] = []
    so_far = 0.0
    while len(chosen) < places and bound:
        best = _best(bench, bound, chosen, so_far, done)
        so_far += bound.pop(best)
        chosen.append(best)
    return chosen, bound


def _best(bench: Bench, bound: dict[int, float], chosen: list[int], so_far: float, done: Done) -> int:
    """The node that adds most to `chosen`; bounds are refreshed until the top of the queue is fresh."""
    fresh: set[int] = set() if chosen else set(bound)
    while True:
        queue = _largest(bench, list(bound), list(bound.values()))
        if queue[0] in fresh:
            return queue[0]
        stale = [j for j in queue if j not in fresh][:REFRESH]
        totals = bench.saved_all([bench.help([*chosen, j]) for j in stale], done, quick=True)
        bound.update({j: total - so_far for j, total in zip(stale, totals, strict=True)})
        fresh.update(stale)


def _mended(
    bench: Bench, picks: list[int], rest: Mapping[int, float], orders: list[list[int]], done: Done
) -> list[int]:
    """The greedy list, or a rule's where that saves more, after exchanges."""
    lists = [picks, *(order[: len(picks)] for order in orders)]
    totals = bench.saved_all([bench.help(nodes) for nodes in lists], done)
    best = int(np.argmin(standing(totals)))  # the first of those that save most
    rest_ = _largest(bench, list(rest), list(rest.values()))
    queue = [*(j for j in picks if j not in lists[best]), *rest_]
    outside = [j for j in dict.fromkeys(queue) if j not in lists[best]]
    other = _exchange(bench, lists[best], outside[: SWAPS + SWAPS // 2], done)
    better = set(other) != set(lists[best]) and above(bench.saved(bench.help(other)), totals[best])
    chosen = other if better else lists[best]
    if chosen == picks:
        return picks
    inside = [j for j in picks if j in chosen]  # who was chosen first keeps that order
    return inside + _ordered(bench, inside, [j for j in chosen if j not in inside], done)


def _ordered(bench: Bench, before: list[int], rest: list[int], done: Done) -> list[int]:
    """`rest` in the order in which each adds most to those before it; all of them tried at every step."""
    out: list[int] = []
    while len(rest) > 1:
        totals = bench.saved_all([bench.help([*before, *out, j]) for j in rest], done, quick=True)
        out.append(rest[int(np.argmin(standing(totals)))])
        rest = [j for j in rest if j != out[-1]]
    return out + rest


def _exchange(bench: Bench, picks: list[int], outside: list[int], done: Done) -> list[int]:
    """Give the places that the list misses least to the nodes that would add most, while that saves more.

    One round of quick simulations says what the last places are worth to the whole list, and each node
    outside beside it; then the pairs are tried one after the other, each against the list as it stands.
    """
    last = picks[-SWAPS:]
    total = bench.saved(bench.help(picks), quick=True)
    rest = bench.saved_all([bench.help([k for k in picks if k != j]) for j in last], done, quick=True)
    more = bench.saved_all([bench.help([*picks, j]) for j in outside], done, quick=True)
    leave = [last[i] for i in np.argsort(standing(rest), kind="stable")]
    enter = [outside[i] for i in np.argsort(standing(more), kind="stable")]
    gain = dict(zip(outside, more, strict=True))
    loss = dict(zip(last, rest, strict=True))
    for out, into in zip(leave, enter, strict=False):
        if not above(gain[into] + loss[out], 2 * total):
            break
        trial = [into if j == out else j for j in picks]
        value = bench.saved(bench.help(trial), quick=True)
        done(1)
        if above(value, total):
            picks, total = trial, value
    return picks


def _upwards(
    bench: Bench, picks: list[int], totals: list[float], done: Done
) -> tuple[list[int], list[float]]:
    """Move a place up as long as the list is worth more with it there: its bound was stale when it waited.

    `totals` are the gains of every beginning of the list; exchanging two neighbours changes one of them.
    """
    picks, totals = list(picks), list(totals)
    for last in range(1, len(picks)):
        n = last
        while n > 0:
            before = totals[n - 2] if n > 1 else 0.0
            if not above(totals[n] + before, 2 * totals[n - 1]):
                break
            value = bench.saved(bench.help([*picks[: n - 1], picks[n]]))
            done(1)
            if not above(value, totals[n - 1]):
                break
            picks[n - 1], picks[n], totals[n - 1] = picks[n], picks[n - 1], value
            n -= 1
    return picks, totals


def rules(bench: Bench, nodes: list[int]) -> list[list[int]]:
    """The nodes in the order of the rules that name whole places: largest loss, biggest, most upstream."""
    va = bench.weight
    nodes = [j for j in nodes if va[j] > 0] or nodes  # what is counted is industrial value added
    return [_largest(bench, nodes, index[nodes]) for index in (va * bench.shut, va, upstreamness(bench))]


def _curve(bench: Bench, orders: list[list[int]], gains: list[float], done: Done) -> pd.DataFrame:
    """Gain by number of places: the plan beside the baselines."""
    nodes = orders[0]
    counts = sorted({1, 2, 5, 10, 15, 20, 30, 50, len(gains)} & set(range(1, len(gains) + 1)))
    plans: list[Plan] = []
    for c in counts:
        share = np.zeros(bench.run.economy.n)
        share[nodes] = min(c / len(nodes), 1.0)
        plans += [bench.help(share=share), *(bench.help(order[:c]) for order in orders)]
    values = np.array(bench.saved_all(plans, done)).reshape(len(counts), 4)
    rows = [[0] + [0.0] * 6]
    rows += [[c, gains[c - 1], 0.0, *map(float, v)] for c, v in zip(counts, values, strict=True)]
    return pd.DataFrame(rows, columns=["places", "plan", *BASELINES]).astype({"places": int})


def upstreamness(bench: Bench, rounds: int = 60) -> Floats:
    """[N] mean number of steps to final use (Antras et al. 2012): u_i = 1 + sum_j (Z_ij / x_i) u_j."""
    s = bench.run.system
    market_of = entry_market(s)
    x0 = np.maximum(s.x0, 1e-300)
    home = s.need * (1 - s.import_share)
    u = np.ones(len(s.x0))
    for _ in range(rounds):
        bought = np.bincount(s.slot_market, home * u[s.slot_node], len(s.purchases))
        u = 1.0 + np.bincount(s.supplier, s.share * bought[market_of], len(s.x0)) / x0
    return u


def _describe(
    bench: Bench,
    picks: list[int],
    gains: list[float],
    curve: pd.DataFrame,
    full: float,
) -> Relief:
    e, level = bench.run.economy, bench.least
    out = []
    for rank, (j, total) in enumerate(zip(picks, gains, strict=True), 1):
        gain = total - (gains[rank - 2] if rank > 1 else 0.0)
        key = place_key(bench, j)
        key = "pass_alone" if key == "pass" and level[j] > 0.995 else key
        words = WORDS[key].format(node=e.node_name(j), level=units.left(float(level[j])))
        out.append(Pick(rank, j, gain, total, words))
    return Relief(tuple(out), curve, full)
