"""The blockages: slots that stop their nodes, ranked by what clearing each would save.

Candidates are the slots that bound most industrial value added in the do-nothing run; each is then
supplied in full from the decision day on in a re-simulation, and the gain is the rank. `cases` turns the
blockages into point-to-point cases: the suppliers behind the slot, each with its part of the stake.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ballast.propagate.ensemble import workers
from ballast.propagate.phases import sums
from ballast.propagate.run import Run, at_limit
from ballast.respond.bench import Bench
from ballast.respond.chains import Shortfall, chain, date_words, first_short, shortfalls
from ballast.response import Blockage, Case
from ballast.text import Text

Floats = NDArray[np.float64]
Money = Callable[[float], Text]
Done = Callable[[int], None]

CANDIDATES = 40
LEAST = 0.01  # of the largest case: what is worth less is not worth a telephone call
BITES = 0.98  # a slot bites on days when it leaves less than this of capacity

WORDS = {
    "blockage": Text(
        "{node} is short of {product} from {day}, for {days} days, down to {level}%; behind it: "
        "{supplier}. Clearing it saves {saved}.",
        "{node}自{day}起缺{product}，共{days}天，最低降至{level}%；源头：{supplier}。疏通后可挽回{saved}。",
    ),
    "case": Text(
        "{product} from {supplier} to {customer}: {shortfall} a day short from {day}; {why}",
        "{supplier}供{customer}的{product}：自{day}起每天短缺{shortfall}；{why}",
    ),
    "abroad": Text("suppliers abroad", "境外供应商"),
    "corridor": Text("goods cannot get through", "货运不通"),
    "supplier": Text("the supplier delivers {filled}% of its orders", "供应商仅能交付{filled}%的订单"),
    "imports": Text("imports are short", "进口不足"),
}


def held_value(run: Run, slots: int) -> Floats:
    """[S] industrial value added that each slot held back by being its node's tightest."""
    e, r, s = run.economy, run.record, run.system
    va = np.where(e.is_industry, e.total_value_added, 0.0) / 365.0
    loss = np.maximum(0.0, np.minimum(r.capacity, s.x0) - r.output) / np.maximum(s.x0, 1e-300)
    bound = (r.binding >= 0) & at_limit(r)
    return sums(r.binding[bound], (loss * va)[bound], slots)


def find(
    bench: Bench, most: int, money: Money, done: Done
) -> tuple[tuple[Blockage, ...], tuple[Case, ...]]:
    """The `most` worst blockages by simulated gain, and the cases drafted from them."""
    run = bench.run
    value = held_value(run, len(run.system.need))
    slots = [int(i) for i in np.argsort(-value, kind="stable")[:CANDIDATES] if value[i] > 0]
    gains = _clear(bench, slots, done)
    ranked = sorted(zip(slots, gains, strict=True), key=lambda x: (-x[1][0], x[0]))[:most]
    found = [_blockage(run, slot, saved, needs, money) for slot, (saved, needs) in ranked]
    pairs = [pair for pair in found if pair is not None and pair[0].saved > 0]
    blockages = tuple(replace(b, rank=n) for n, (b, _) in enumerate(pairs, 1))
    cases = [c for _, drafted in pairs for c in drafted]
    floor = LEAST * max((c.value_at_stake for c in cases), default=0.0)
    kept = [c for c in cases if c.value_at_stake >= floor]
    kept.sort(key=lambda c: (-c.value_at_stake, c.customer, c.supplier))
    return blockages, tuple(replace(c, rank=n) for n, c in enumerate(kept, 1))


def _clear(bench: Bench, slots: list[int], done: Done) -> list[tuple[float, float]]:
    """(saved, goods it takes) of clearing each slot alone."""

    last = bench.run.forcing.days

    def one(slot: int) -> tuple[float, float]:
        record = bench.rerun(bench.help(slots=[slot]), last)
        done(1)
        return bench.gain(record, last), float(record.injected.sum())

    with ThreadPoolExecutor(workers()) as pool:
        return list(pool.map(one, slots))


def _blockage(
    run: Run, slot: int, saved: float, needs: float, money: Money
) -> tuple[Blockage, list[Case]] | None:
    """The blockage at `slot` and its cases; None where no supplier is short (a stock is being refilled)."""
    e, r, s = run.economy, run.record, run.system
    j, k = int(s.slot_node[slot]), int(s.slot_product[slot])
    biting = (r.binding[:, j] == slot) & (r.limit[:, j] < BITES)
    days = np.flatnonzero(biting) if biting.any() else np.flatnonzero(r.binding[:, j] == slot)
    first, level = int(days[0]), float(r.limit[days, j].min())
    behind = shortfalls(run, slot, first - 1, int(days[-1]) - 1)  # today's kits came yesterday
    if not behind:
        return None
    bite = shortfalls(run, slot, first - 1, first) or behind
    top = bite[0]
    date = run.dates[first].date()
    words = WORDS["blockage"].format(
        node=e.node_name(j), product=e.sectors[k].name, day=date_words(date), days=len(days),
        level=f"{100 * level:.0f}", supplier=_name(run, top.supplier), saved=money(saved),
    )  # fmt: skip
    blockage = Blockage(
        rank=0, node=j, product=k, first_day=date, days=len(days), worst_level=level, supplier=top.supplier,
        supplier_region=_region(run, top.supplier),
        through_corridor=_by_corridor(top), saved=saved, needs=needs, chain=chain(run, slot, first, bite),
        words=words,
    )  # fmt: skip
    called = sorted(behind, key=lambda x: x.supplier != top.supplier)[:3]
    return blockage, [_case(run, slot, first, x, saved, behind, money) for x in called]


def _case(
    run: Run, slot: int, first: int, x: Shortfall, saved: float, behind: list[Shortfall], money: Money
) -> Case:
    e, s = run.economy, run.system
    j, k = int(s.slot_node[slot]), int(s.slot_product[slot])
    total = sum(b.value for b in behind)
    if x.supplier < 0:
        why = WORDS["imports"]
    elif _by_corridor(x):
        why = WORDS["corridor"]
    else:
        why = WORDS["supplier"].format(filled=f"{100 * x.filled:.0f}")
    date = run.dates[max(first, first_short(run, slot, x.supplier, first))].date()
    reason = WORDS["case"].format(
        product=e.sectors[k].name, supplier=_from(run, x.supplier), customer=e.node_name(j),
        shortfall=money(x.value), day=date_words(date), why=why,
    )  # fmt: skip
    return Case(
        rank=0, supplier=x.supplier, supplier_region=_region(run, x.supplier),
        customer=j, product=k, day=date, value_at_stake=saved * x.value / total, daily_shortfall=x.value,
        through_corridor=_by_corridor(x), reason=reason,
    )  # fmt: skip


def _by_corridor(x: Shortfall) -> bool:
    return 1 - x.through > 1 - x.filled


def _from(run: Run, supplier: int) -> Text:
    """Where the product comes from: its maker is named by the product already."""
    return run.economy.regions[_region(run, supplier)].name if supplier >= 0 else WORDS["abroad"]


def _region(run: Run, supplier: int) -> int:
    return int(run.economy.node_region[supplier]) if supplier >= 0 else -1


def _name(run: Run, supplier: int) -> Text:
    return run.economy.node_name(supplier) if supplier >= 0 else WORDS["abroad"]
