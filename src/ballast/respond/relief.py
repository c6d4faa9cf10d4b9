"""Whom to put back to work first: nodes chosen on simulated gain, beside five simple rules.

A *place* is one node put back to work from the decision day on: all its staff and power, and passes for
its goods and supplies. The plan is greedy: each next place is the node that saves most industrial value
added beside those already chosen. The search re-simulates from the decision day until 45 days after the
last shock, over the 2K + 10 nodes that a cheap index puts first; gains mostly shrink as the list grows,
so a node's last known gain is taken as a bound and only the top of the queue is simulated again (lazy
greedy, Minoux 1978), `REFRESH` at a time. Where two places complete each other the bound fails and the
list can miss the pair: it is a good plan, not a proven best one. Every gain that is printed is a
re-simulation to the end of the horizon.

Baselines, re-simulated with the same number of places and given to industrial nodes only, as that is what
is counted: nobody; pro rata (every shocked node gets the same part of what it lost, the parts adding to
the number of places); largest loss first (value added that the shock itself takes); biggest first (by
value added); most upstream (Antras et al. 2012: mean number of steps to final use).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballast.propagate.system import Help, entry_market
from ballast.respond.bench import Bench
from ballast.response import Pick, Relief
from ballast.text import Text

Floats = NDArray[np.float64]
Done = Callable[[int], None]

POOL = 2  # candidates simulated in the first round, per place
REFRESH = 4  # bounds simulated again at a time: a constant, so that the list does not depend on the machine
WORKING = 0.9  # above this a node needs passes rather than staff
BASELINES = ("nobody", "pro_rata", "largest_loss_first", "biggest_first", "most_upstream")

WORDS = {
    "pick": Text(
        "{node}: from the decision day on at the worst {level}% of capacity; back to work, with passes",
        "{node}：决策日起产能最低仅{level}%，复工并发放通行证",
    ),
    "pass": Text(
        "{node}: never below {level}% of capacity from the decision day on; passes for goods and supplies",
        "{node}：决策日起产能不低于{level}%，为其货物和原料发放通行证",
    ),
    "relief_one": Text(
        "one place chosen on simulated gain saves {gain}; the best simple rule ({rule}) saves {other}",
        "按模拟效益选出的1个名额挽回{gain}；最好的简单规则（{rule}）挽回{other}",
    ),
    "relief": Text(
        "{places} places chosen on simulated gain save {gain}; the best simple rule ({rule}) saves {other}",
        "按模拟效益选出的{places}个名额挽回{gain}；最好的简单规则（{rule}）挽回{other}",
    ),
    "none": Text(
        "After the decision day no shock takes a node's capacity or closes its road: there is nobody to "
        "put back and no pass to give.",
        "决策日之后没有企业因冲击停工或运输受阻，无须安排复工或发放通行证。",
    ),
    "nobody": Text("nobody", "不安排"),
    "pro_rata": Text("pro rata", "按比例分配"),
    "largest_loss_first": Text("largest loss first", "先救损失最大者"),
    "biggest_first": Text("biggest first", "先大后小"),
    "most_upstream": Text("most upstream first", "先上游"),
}


def choose(
    bench: Bench, places: int, money: Callable[[float], Text], done: Done
) -> tuple[Relief, Help, dict[int, float]]:
    """The plan with its baselines and curve; the help that it is; what single places save (quick)."""
    held = bench.shut + bench.passage
    nodes = [int(j) for j in np.flatnonzero(held > 1e-9)]
    if not nodes or places == 0:
        empty = pd.DataFrame(columns=["places", "plan", *BASELINES])
        return Relief((), empty, 0.0, WORDS["none"]), bench.help(), {}
    places = min(places, len(nodes))
    promise = _promise(bench, held)
    ranked = sorted(nodes, key=lambda j: (-promise[j], j))
    pool = ranked[: POOL * places + 10]
    alone = dict(zip(pool, bench.saved_all([bench.help([j]) for j in pool], done, quick=True), strict=True))
    picks = greedy(bench, alone, places, done)
    gains = bench.saved_all([bench.help(picks[: n + 1]) for n in range(len(picks))], done)
    curve = _curve(bench, nodes, gains, done)
    full = bench.saved(bench.help(nodes))
    return _describe(bench, picks, gains, curve, full, money), bench.help(picks), alone


def passes_only(bench: Bench, node: int) -> bool:
    """Whether a place's staff are at work: what it needs are passes."""
    return bool(bench.least[node] >= WORKING and bench.passage[node] > 0)


def _promise(bench: Bench, held: Floats) -> Floats:
    """[N] a cheap order of candidates: own loss, and that of the buyers who need its parts."""
    s = bench.run.system
    va = bench.weight
    stake = s.essential * va[s.slot_node] * (1.0 + s.power) * (1.0 - s.import_share)
    market = np.bincount(s.slot_market, stake, len(s.purchases))
    market_of = entry_market(s)
    onward = np.bincount(s.supplier, s.share * market[market_of], len(s.x0))
    return held * (va + onward)


def greedy(bench: Bench, alone: Mapping[int, float], places: int, done: Done) -> list[int]:
    """Lazy greedy over nodes and what each saves alone: the chosen nodes in the order of choice."""
    bound = dict(alone)
    chosen: list[int] = []
    so_far = 0.0
    while len(chosen) < places and bound:
        best = _best(bench, bound, chosen, so_far, done)
        so_far += bound.pop(best)
        chosen.append(best)
    return chosen


def _best(bench: Bench, bound: dict[int, float], chosen: list[int], so_far: float, done: Done) -> int:
    """The node that adds most to `chosen`; bounds are refreshed until the top of the queue is fresh."""
    fresh: set[int] = set() if chosen else set(bound)
    while True:
        queue = sorted(bound, key=lambda j: (-bound[j], j))
        if queue[0] in fresh:
            return queue[0]
        stale = [j for j in queue if j not in fresh][:REFRESH]
        totals = bench.saved_all([bench.help([*chosen, j]) for j in stale], done, quick=True)
        bound.update({j: total - so_far for j, total in zip(stale, totals, strict=True)})
        fresh.update(stale)


def _curve(bench: Bench, nodes: list[int], gains: list[float], done: Done) -> pd.DataFrame:
    """Gain by number of places: the plan beside the baselines."""
    va = bench.weight
    nodes = [j for j in nodes if va[j] > 0] or nodes  # what is counted is industrial value added
    counts = sorted({1, 2, 5, 10, 15, 20, 30, 50, len(gains)} & set(range(1, len(gains) + 1)))
    orders = [
        sorted(nodes, key=lambda j, index=index: (-index[j], j))  # type: ignore[misc]
        for index in (va * bench.shut, va, upstreamness(bench))
    ]
    helps: list[Help] = []
    for c in counts:
        share = np.zeros(len(va))
        share[nodes] = min(c / len(nodes), 1.0)
        helps += [bench.help(share=share), *(bench.help(order[:c]) for order in orders)]
    values = np.array(bench.saved_all(helps, done)).reshape(len(counts), 4)
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
    money: Callable[[float], Text],
) -> Relief:
    e, level = bench.run.economy, bench.least
    out = []
    for rank, (j, total) in enumerate(zip(picks, gains, strict=True), 1):
        gain = total - (gains[rank - 2] if rank > 1 else 0.0)
        key = "pass" if passes_only(bench, j) else "pick"
        words = WORDS[key].format(node=e.node_name(j), level=f"{100 * level[j]:.0f}")
        out.append(Pick(rank, j, gain, total, words))
    last = curve.iloc[-1]
    rule = max(BASELINES, key=lambda name: float(last[name]))
    words = WORDS["relief" if len(picks) > 1 else "relief_one"].format(
        places=len(picks), gain=money(gains[-1]), rule=WORDS[rule], other=money(float(last[rule]))
    )
    return Relief(tuple(out), curve, full, words)
