"""Draft point-to-point cases: one supplier, one customer, one product, one day.

The day is the first on which the customer was held back in the spell of trouble, of the supplier or on the
road, that is on when help can begin; the daily amount is the mean from then on.

Every cleared cause says what each customer gains by each supplier that did not deliver to it; a case is
such a pair, and its value is the most that any one cause gives it. A customer's gain is split over its
shortages by the value added that each held back, and none is worth more than it held back: so the cases
never add up to more than all shortages together did. Where the customer's input was also cleared by itself,
a case is worth no more than its part of that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ballast.answer.blockages import Cleared, bites
from ballast.answer.causes import Piece
from ballast.answer.chains import date_words, given, late, short, spell, through
from ballast.arrays import standing
from ballast.economy import Economy
from ballast.propagate.bench import Bench
from ballast.response import Case
from ballast.text import Text

Money = Callable[[float], Text]

LEAST = 0.02  # of the largest case: what is worth less is not worth a telephone call
ALSO = 0.1  # the road, or the supplier, is not mentioned where it is less than this part of what is amiss

WORDS = {
    "case": Text(
        "{product} from {supplier} to {customer}: {shortfall} a day short from {day}; {why}",
        "{supplier}供给{customer}的{product}：自{day}起每天短缺{shortfall}；{why}",
    ),
    "since": Text(
        "{product} from {supplier} to {customer}: short since {day}, {shortfall} a day from {decision} on; "
        "{why}",
        "{supplier}供给{customer}的{product}：自{day}起短缺，{decision}起平均每天缺{shortfall}；{why}",
    ),
    "abroad": Text("suppliers abroad", "境外供应商"),
    "corridor": Text("{through}% of the goods get through", "货物仅{through}%能通行"),
    "supplier": Text("the supplier can make {able}% of normal", "供应商仅能供应正常水平的{able}%"),
    "both": Text(
        "the supplier can make {able}% of normal, and {through}% of the goods get through",
        "供应商仅能供应正常水平的{able}%，货物仅{through}%能通行",
    ),
    "nothing": Text("the supplier delivers nothing", "供应商完全停供"),
    "shut": Text("nothing gets through", "道路完全不通"),
    "imports": Text("imports are short", "进口不足"),
}


def draft(bench: Bench, found: list[Cleared], money: Money) -> tuple[Case, ...]:
    """The cases behind the cleared causes, most value at stake first."""
    node = bench.run.system.slot_node
    stakes: dict[tuple[int, int], tuple[Piece, float]] = {}
    alone = {
        c.suspect.cause.slot: float(c.gains[node[c.suspect.cause.slot]])
        for c in found
        if c.suspect.cause.kind == "input"
    }
    for cleared in found:
        for piece, value in cleared.stakes(bench):
            key = (piece.slot, piece.short.supplier)
            if piece.short.supplier < 0 and cleared.suspect.cause.kind == "input":
                continue  # goods from nowhere: whether imports help, only opening imports can say
            if piece.short.supplier != node[piece.slot] and value > stakes.get(key, (piece, 0.0))[1]:
                stakes[key] = (piece, value)
    for (slot, supplier), (piece, value) in stakes.items():
        if slot in alone:
            stakes[slot, supplier] = (piece, min(value, alone[slot] * piece.part))
    floor = LEAST * max((value for _, value in stakes.values()), default=0.0)
    kept = [_case(bench, piece, value, money) for piece, value in stakes.values() if value >= floor]
    return tuple(replace(c, rank=n) for n, c in enumerate(_ranked(bench.run.economy, kept), 1))


def _ranked(e: Economy, cases: list[Case]) -> list[Case]:
    """Most at stake first; equal ones by the codes of customer and supplier, from abroad first."""
    place = standing([c.value_at_stake for c in cases]).tolist()
    rank = [*e.node_rank.tolist(), -1]  # supplier -1
    return [
        c
        for _, c in sorted(
            zip(place, cases, strict=True),
            key=lambda x: (x[0], rank[x[1].customer], rank[x[1].supplier], x[1].product),
        )
    ]


def _case(bench: Bench, piece: Piece, value: float, money: Money) -> Case:
    run, x = bench.run, piece.short
    e, s = run.economy, run.system
    j, k, i = int(s.slot_node[piece.slot]), int(s.slot_product[piece.slot]), x.supplier
    key = "corridor" if piece.road > 1 - ALSO else "supplier" if piece.road < ALSO else "both"
    key = "imports" if i < 0 else key
    day = onset(bench, piece, key)
    date = run.dates[day].date()
    if key == "supplier" and x.able < 0.005:
        key = "nothing"
    if key == "corridor" and x.through < 0.005:
        key = "shut"
    why = WORDS[key].format(able=f"{100 * x.able:.0f}", through=f"{100 * x.through:.0f}")
    region = int(e.node_region[i]) if i >= 0 else -1
    reason = WORDS["since" if day < bench.day else "case"].format(
        product=e.sectors[k].makes, supplier=e.seller_name(i) if i >= 0 else WORDS["abroad"],
        customer=e.node_name(j), shortfall=money(x.value), day=date_words(date), why=why,
        decision=date_words(run.dates[bench.day].date()),
    )  # fmt: skip
    return Case(
        id=identity(e, i, j, k), rank=0, supplier=i, supplier_region=region, customer=j, product=k,
        day=date, value_at_stake=value, daily_shortfall=x.value,
        through_corridor=i >= 0 and x.by_road, reason=reason,
    )  # fmt: skip


def identity(e: Economy, supplier: int, customer: int, product: int) -> str:
    """The id of a case, the same in every run that has it: supplier > customer: product."""
    seller = e.node_codes[supplier] if supplier >= 0 else "abroad"
    return f"{seller} > {e.node_codes[customer]}: {e.sectors[product].code}"


def onset(bench: Bench, piece: Piece, key: str) -> int:
    """The day a case is dated (see the module); `key` is what is amiss, as in WORDS."""
    run, slot, i = bench.run, piece.slot, piece.short.supplier
    part = given(run, slot, i)
    if key == "corridor":
        part = through(run, slot, i)
    elif key == "supplier":
        part = run.record.rho[:, i]
    missing = late(short(part))
    first, _, _ = bites(run, slot, bench.day, missing)
    begun, _ = spell(missing, first)
    return bites(run, slot, begun, missing)[0]
