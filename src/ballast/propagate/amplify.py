"""Do orders amplify? A verdict on one run: did cut orders, or what became of shortages, outgrow the shock.

Where target stocks follow output, or stocks are short and everybody waits for everybody, each tier adds its
part and a small shock ends as a large one. Two signs show it, each measured against what the shocks
themselves take, so that neither money nor the numbering of nodes matters:

    orders  buyers cut orders below what they use, by more than the shocks ever took and by a good part
            of all that is lost. By product k, with D_k what its makers are asked for, U_k what buyers use
            and final users want, and H_k what closed roads keep back,
            missing = sum_k max(0, U_k - H_k - D_k); amplifies above the largest impact of the shocks so
            far, if that is also above a fifth of the largest loss of output so far
    loss    the shocks are over and the loss does not fade: its mean over the last third of the days that
            are left is no smaller than over the first, and matters beside the shock

U is taken at the output of the day (or of the day before, where that is less: orders are a day old), so
orders that fall because a buyer stands still are not missing; and by product, so moving to another
supplier is no cut. Orders above use are no sign: stocks that were used up are filled again. Nor is a loss
for want of parts, however large: it goes when the parts come. Where a shock never ends only the first sign
can show. Without a shock there is nothing to amplify: the verdict is "none", also for a rule that leaves
rest by rounding alone (Inoue and Todo's with long covers does).

    amplification   the verdict from arrays, for any model
    of_run          of a run with a full record
    of_record       of a published model's bare record (`pooled_kernels.run(..., full=True)`)
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy import sparse

from ballast.arrays import YEAR, Floats, ratio, sums
from ballast.economy import Economy
from ballast.errors import SimulationError
from ballast.forcing import Forcing, Steps
from ballast.propagate.run import Run
from ballast.propagate.step.system import entry_market
from ballast.text import Text

LIMIT = 1.0  # orders missing over the largest impact of the shocks so far
PART = 0.2  # and over the largest loss of output so far: what is in the house too much is a small part
OVER = 0.05  # the shocks are over once they take less than this of their largest impact
WINDOW = 28  # days after the shocks without which nothing is said of a loss that stays
FADED = 0.99  # of the loss after the shocks: less than this at the end, and it fades
MATTERS = 0.1  # of the largest impact: a smaller loss at the end is not spoken of
NOTHING = 1e-9  # of baseline output: less than this imposed is no shock
LEADERS = 3  # products named


@dataclass(frozen=True, slots=True)
class Amplification:
    """The verdict. `sign` says what showed it; `day`, `date` and `products` are empty when nothing did.

    The paths must be finite: a run that diverged has no verdict.
    """

    kind: Literal["none", "amplifies"]
    sign: Literal["", "orders", "loss"]
    ratio: float  # the most that was missing over the largest impact of the shocks until then
    growth: float | None  # loss late after the shocks over loss early; None: too few days to say
    day: int | None
    date: dt.date | None
    products: tuple[int, ...]  # that lead, largest first
    words: Text


@dataclass(frozen=True, eq=False)
class Traffic:
    """What the verdict is made of, in money a day."""

    output: Floats  # [T, K] by product
    orders: Floats  # [T, K] what makers of each product are asked for, final use included
    use: Floats  # [T, K] what buyers use at the output of the day, and final users want
    held: Floats  # [T, K] the most that closed roads keep from reaching the makers
    imposed: Floats  # [T] what the shocks take by themselves
    base: Floats  # [K] baseline output


def amplification(t: Traffic, start: dt.date, names: tuple[Text, ...]) -> Amplification:
    """Whether orders amplify on this path from `start` on; `names` [K] are the products' words."""
    worst = np.maximum.accumulate(t.imposed)
    if worst[-1] <= NOTHING * t.base.sum():
        return Amplification("none", "", 0.0, None, None, None, (), _NONE)
    before = np.concatenate([t.use[:1], t.use[:-1]])
    by_product = np.maximum(0.0, np.minimum(t.use, before) - t.held - t.orders)
    missing = by_product.sum(axis=1)
    lost = np.maximum.accumulate(np.maximum(0.0, t.base - t.output).sum(axis=1))
    struck = worst > NOTHING * t.base.sum()
    over = np.divide(missing, worst, out=np.zeros(len(worst)), where=struck)
    cut = (over > LIMIT) & (missing > PART * lost)
    ratio, (growth, turn) = float(over.max()), _growth(t)
    if cut.any():
        by = by_product[over.argmax()]
        return _found("orders", ratio, growth, int(cut.argmax()), start, by, names)
    if turn is not None:
        return _found("loss", ratio, growth, turn, start, t.base - t.output[-1], names)
    return Amplification("none", "", ratio, growth, None, None, (), _NONE)


def _found(
    sign: Literal["orders", "loss"], ratio: float, growth: float | None, day: int, start: dt.date,
    by: Floats, names: tuple[Text, ...],
) -> Amplification:  # fmt: skip
    """The verdict in words; `by` [K] says which products lead."""
    leaders = tuple(int(k) for k in np.argsort(-by, kind="stable")[:LEADERS] if by[k] > 0)
    listed = [names[k] for k in leaders]
    date = start + dt.timedelta(days=day)
    products = Text(", ".join(x.en for x in listed), "、".join(x.zh for x in listed))
    words = _WORDS[sign].format(day=date, ratio=f"{ratio:.1f}", products=products)
    return Amplification("amplifies", sign, ratio, growth, day, date, leaders, words)


def _growth(t: Traffic) -> tuple[float | None, int | None]:
    """(late loss over early loss once the shocks are over, the day since which it has not fallen)."""
    peak = float(t.imposed.max())
    after = int(np.flatnonzero(t.imposed > OVER * peak)[-1]) + 1
    left = len(t.imposed) - after
    if left < WINDOW:
        return None, None
    loss = np.maximum(0.0, t.base.sum() - t.output.sum(axis=1))
    early, late = loss[after : after + left // 3].mean(), loss[-(left // 3) :].mean()
    growth = float(late / early) if early > 0 else None if late > 0 else 0.0
    if late < MATTERS * peak or late < FADED * early:
        return growth, None
    worst = int(t.imposed.argmax())
    return growth, worst + int(loss[worst:].argmin())


_NONE = Text("Orders do not amplify the shock.", "订货没有放大冲击。")
_WORDS: dict[Literal["orders", "loss"], Text] = {
    "orders": Text(
        "Orders amplify the shock: from {day} on buyers order less than they use, by more than the shock "
        "itself takes ({ratio} times as much at the worst); most is missing for: {products}. The size of "
        "the loss is the order rule's more than the shock's.",
        "订货放大了冲击：自{day}起，买方订货低于实际用量，缺口超过冲击本身（最多为其{ratio}倍）；"
        "缺口最大的产品：{products}。损失大小更多来自订货规则，而非冲击。",
    ),
    "loss": Text(
        "The shocks are over and the loss does not fade: it has not been below that of {day} since. "
        "Furthest down: {products}. Shortages feed on themselves; the loss says little of the shock.",
        "冲击已结束而损失没有消退：{day}以来未再低于当日水平；跌幅最大的产品：{products}。"
        "短缺自我加剧，损失大小不能反映冲击本身。",
    ),
}


# ---- from what a run recorded ------------------------------------------------------------------


def of_run(run: Run) -> Amplification:
    """The verdict on a run of any model. Raises SimulationError when it kept its output only."""
    record = run.record
    if run.published is not None:
        return of_record(run.economy, run.forcing, record)
    if not (len(record.demand) and len(record.output)):
        raise SimulationError(
            "refused: no orders were recorded. Run with full=True to ask if they amplify."
        )
    roads = _held_by_roads(run)
    stocks = np.bincount(run.weather.stock_day, np.abs(run.weather.stock_change), run.forcing.days)
    imposed = _imposed(run.economy, run.forcing) + stocks + roads.sum(axis=1)
    traffic = _traffic(run.economy, run.forcing, record, imposed)
    traffic = replace(traffic, held=run.system.order_ceiling * roads)
    return amplification(traffic, run.forcing.start, _makes(run.economy))


def of_record(e: Economy, forcing: Forcing, record: Any) -> Amplification:
    """The verdict on a published model's full record; roads and stock events are no part of these."""
    if not (len(record.demand) and len(record.output)):
        raise SimulationError(
            "refused: no orders were recorded. Run with full=True to ask if they amplify."
        )
    return amplification(_traffic(e, forcing, record, _imposed(e, forcing)), forcing.start, _makes(e))


def _makes(e: Economy) -> tuple[Text, ...]:
    return tuple(s.makes for s in e.sectors)


def _traffic(e: Economy, forcing: Forcing, record: Any, imposed: Floats) -> Traffic:
    x0 = e.output / YEAR
    level = ratio(record.output, x0, 1.0)
    home, lines, nodes = (e.slot_need - e.slot_imports) / YEAR, len(e.final_product), np.arange(e.n)
    use = level @ _matrix(e.slot_node, e.slot_product, home, (e.n, e.k))
    final = _matrix(np.arange(lines), e.final_product, e.final_domestic / YEAR, (lines, e.k))
    use += _through(forcing.demand, final)
    use += _through(forcing.exports, _matrix(nodes, e.node_sector, e.exports / YEAR, (e.n, e.k)))
    makers = _matrix(nodes, e.node_sector, np.ones(e.n), (e.n, e.k))
    return Traffic(
        record.output @ makers, record.demand @ makers, use, np.zeros_like(use), imposed, x0 @ makers
    )


def _imposed(e: Economy, forcing: Forcing) -> Floats:
    """[T] what the shocks take, or add, by themselves: capacity, final use, exports, foreign supply."""
    abroad = np.bincount(e.node_region[e.slot_node] * e.k + e.slot_product, e.slot_imports, e.r * e.k)
    parts = (
        (forcing.capacity, e.output, np.minimum(1.0, forcing.capacity.table)),
        (forcing.demand, e.final_domestic, forcing.demand.table),
        (forcing.exports, e.exports, forcing.exports.table),
        (forcing.imports, abroad, np.minimum(1.0, forcing.imports.table)),
    )
    total = np.zeros(forcing.days)
    for steps, base, factor in parts:
        total += (np.abs(1.0 - factor) @ base)[steps.index] / YEAR
    return total


def _held_by_roads(run: Run) -> Floats:
    """[T, K] baseline flow that closed roads hold back, by product."""
    s, w = run.system, run.weather
    entries = np.flatnonzero(s.corridor >= 0)
    flow = (s.share * s.purchases[entry_market(s)])[entries]
    product = s.product[s.supplier[entries]]
    shut = np.maximum(0.0, 1.0 - w.corridors)[:, s.corridor[entries]]
    held = np.array([sums(product, flow * row, s.n_products) for row in shut])
    found: Floats = held[w.corridors_day]
    return found


def _through(steps: Steps, matrix: Any) -> Floats:
    """[T, K] a path [T, n] times a matrix [n, K], each distinct state once."""
    found: Floats = (steps.table @ matrix)[steps.index]
    return found


def _matrix(rows: Any, columns: Any, values: Floats, shape: tuple[int, int]) -> Any:
    return sparse.csr_array((values, (rows, columns)), shape=shape)
