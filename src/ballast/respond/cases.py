"""Draft point-to-point cases: one supplier, one customer, one product, one day.

Every cleared cause says what each customer gains by each supplier that did not deliver to it; a case is
such a pair, and its value is the most that any one cause gives it. A customer's gain is split over its
shortages by the value added that each held back, and none is worth more than it held back: so the cases
never add up to more than all shortages together did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ballast.propagate.run import Run
from ballast.respond.bench import Bench
from ballast.respond.blockages import Cleared, bites
from ballast.respond.causes import Piece
from ballast.respond.chains import date_words, first_short
from ballast.response import Case
from ballast.text import Text

Money = Callable[[float], Text]

LEAST = 0.02  # of the largest case: what is worth less is not worth a telephone call
ALSO = 0.1  # the road, or the supplier, is not mentioned where it is less than this part of what is amiss

WORDS = {
    "case": Text(
        "{product} from {supplier} to {customer}: {shortfall} a day short from {day}; {why}",
        "{supplier}供{customer}的{product}：自{day}起每天短缺{shortfall}；{why}",
    ),
    "abroad": Text("suppliers abroad", "境外供应商"),
    "corridor": Text("{through}% of the goods get through", "货物仅{through}%能通行"),
    "supplier": Text("the supplier can make {able}% of normal", "供应商仅能供应正常水平的{able}%"),
    "both": Text(
        "the supplier can make {able}% of normal, and {through}% of the goods get through",
        "供应商仅能供应正常水平的{able}%，货物仅{through}%能通行",
    ),
    "imports": Text("imports are short", "进口不足"),
}


def draft(bench: Bench, found: list[Cleared], money: Money) -> tuple[Case, ...]:
    """The cases behind the cleared causes, most value at stake first."""
    node = bench.run.system.slot_node
    stakes: dict[tuple[int, int], tuple[Piece, float]] = {}
    for cleared in found:
        for piece, value in cleared.stakes(bench):
            key = (piece.slot, piece.short.supplier)
            if piece.short.supplier != node[piece.slot] and value > stakes.get(key, (piece, 0.0))[1]:
                stakes[key] = (piece, value)
    floor = LEAST * max((value for _, value in stakes.values()), default=0.0)
    kept = [_case(bench.run, piece, value, money) for piece, value in stakes.values() if value >= floor]
    kept.sort(key=lambda c: (-c.value_at_stake, c.customer, c.supplier, c.product))
    return tuple(replace(c, rank=n) for n, c in enumerate(kept, 1))


def _case(run: Run, piece: Piece, value: float, money: Money) -> Case:
    e, s, x = run.economy, run.system, piece.short
    j, k, i = int(s.slot_node[piece.slot]), int(s.slot_product[piece.slot]), x.supplier
    first = bites(run, piece.slot)[0]
    date = run.dates[max(first, first_short(run, piece.slot, i, first))].date()
    key = "corridor" if piece.road > 1 - ALSO else "supplier" if piece.road < ALSO else "both"
    key = "imports" if i < 0 else key
    why = WORDS[key].format(able=f"{100 * x.able:.0f}", through=f"{100 * x.through:.0f}")
    region = int(e.node_region[i]) if i >= 0 else -1
    reason = WORDS["case"].format(
        product=e.sectors[k].name, supplier=e.regions[region].name if i >= 0 else WORDS["abroad"],
        customer=e.node_name(j), shortfall=money(x.value), day=date_words(date), why=why,
    )  # fmt: skip
    return Case(
        rank=0, supplier=i, supplier_region=region, customer=j, product=k, day=date, value_at_stake=value,
        daily_shortfall=x.value, through_corridor=i >= 0 and x.by_road, reason=reason,
    )  # fmt: skip
