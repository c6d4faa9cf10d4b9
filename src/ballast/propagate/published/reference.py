"""The published models in NumPy on dense tables: the reference, one named phase after another.

ARIO (Hallegatte 2008, 2013), Pichler et al. (2022) and Inoue and Todo (2019) are one daily step with other
rules: what a node lacks of a product it lacks as a whole, whichever supplier failed (pooled). A `Model` is
data: a rule for each phase and the numbers they use. One day:

    1 capacity   `overproduction` alpha level x0; `labour` (l / l0) x0; `plain` level x0
    2 demand     orders of yesterday's evening, final use, exports, rebuilding
    3 produce    `psi` x* min S/(psi n A x*); `leontief`, `strong`, `half`, `weak`, `linear`: min(cap,
                 what stocks allow, D)
    4 ration     `proportional`; `households_last`; `water_fill` (the least served client first); `both`
    5 store      S + receipts - A x, never below zero
    6 order      `gap` A x + max(0, n A x* - S) / tau; `signed` A D + (n Z - S) / tau; `forecast`
                 max(0, A x + (n A x - S) / tau); split by baseline trade or by the suppliers' capacity

Shapes: N nodes, K products, F columns of final use (region x category, then exports where there are any).
A_kj = need of product k a unit of output j; S_kj stock, O_kj order; W_ij share of supplier i in the slot
(s(i), j). Money is a day's (annual x 1/365). Sums run in the order that BoARIO 0.7.2 uses: it asks
whether a scarcity is exactly zero, so the last bit decides days later (`docs/decisions.md`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats, ratio
from ballast.economy import Economy
from ballast.errors import SimulationError
from ballast.forcing import Forcing
from ballast.scenario.places import Places

STEP = 1 / 365
INFINITE = np.inf


@dataclass(frozen=True)
class Model:
    """One published model: a rule for each phase, and its numbers (days unless said)."""

    key: str
    capacity: Literal["overproduction", "labour", "plain"]
    production: Literal["psi", "leontief", "strong", "half", "weak", "linear"]
    rationing: Literal["proportional", "households_last", "water_fill", "both"]
    orders: Literal["gap", "signed", "forecast"]
    split: Literal["baseline", "capacity"] = "baseline"
    stock_days: float = 90.0  # n
    psi: float = 1.0  # share of the target stock below which output is held back
    restock: float = 1.0  # tau of the orders
    alpha_max: float = 1.25
    alpha_days: float = 365.0
    hire: float = 7.0  # gamma_H
    fire: float = 7.0  # gamma_F
    saved: float = 0.75  # share of what households do not spend that they save (Delta s)
    capital: float = 0.0  # productive capital over annual value added; 0: none, nothing to rebuild
    gates: bool = False  # BoARIO: skip an update of stocks or orders that is all but nothing
    input_threshold: float = (
        0.0  # BoARIO 1e-5: an input is what is bought in a year for more than this x daily output
    )


MODELS = {
    "ario": Model(
        "ario",
        "overproduction",
        "psi",
        "proportional",
        "gap",
        "capacity",
        psi=0.8,
        restock=60.0,
        capital=4.0,
    ),
    "pichler": Model("pichler", "labour", "half", "proportional", "signed", stock_days=14.0, restock=14.0),
    "inoue-todo": Model(
        "inoue-todo", "plain", "leontief", "water_fill", "forecast", stock_days=15.0, restock=6.0
    ),
}


@dataclass(frozen=True, eq=False)
class Damage:
    """Productive capital destroyed on one day and rebuilt by demand on others (ARIO).

    `loss` [N] share of each node's capital; `sectors` who rebuilds, product -> share of the demand; the
    demand of a day is what is left over `days`. Rebuilding starts `duration` days after `day`.
    """

    day: int
    duration: int
    days: float
    loss: Floats
    sectors: dict[int, float]
    factor: float = 1.0


class Table(NamedTuple):
    """An economy as dense arrays."""

    x0: Floats  # [N]
    product: NDArray[np.int32]  # [N]
    region: NDArray[np.int32]  # [N]
    flow: Floats  # [N, N] Z
    need: Floats  # [K, N] A, home and foreign
    foreign: Floats  # [K, N] share of the need that is imported
    final: Floats  # [N, F]
    capital: Floats  # [N] value added a year, floored at zero
    days: Floats  # [K, N] n, target cover; infinite: never short
    essential: Floats  # [K, N] 1 critical, 0.5 important, 0 neither (Pichler's V and U)
    households: NDArray[np.bool_]  # [F] columns that are households'


class State(NamedTuple):
    """What one day hands to the next."""

    stock: Floats  # [K, N]
    order: Floats  # [K, N] placed with suppliers at home
    abroad: Floats  # [K, N] placed abroad
    share: Floats  # [N, N] how the orders at home were split
    alpha: Floats  # [N] overproduction, or labour l / l0
    output: Floats  # [N]
    demand: Floats  # [N]
    rebuild: Floats  # [N, N] still to be rebuilt, by supplier and damaged node


class Day(NamedTuple):
    """What one day shows."""

    output: Floats
    capacity: Floats
    demand: Floats
    limit: Floats  # [N] share of wanted output that inputs allow
    binding: NDArray[np.int32]  # [N] product that binds, or -1
    rho: Floats  # [N]
    met: Floats  # [N, F] final use met


@dataclass(frozen=True, eq=False)
class Sky:
    """What is imposed on every day."""

    level: Floats  # [T, N] capacity left
    demand: Floats  # [T, K, F] factor of final use
    imports: Floats  # [T, K, N] factor of foreign supply
    damage: Damage | None = None


def table(model: Model, e: Economy, essential: Floats | None = None, days: Floats | None = None) -> Table:
    """The dense table of an economy, of some thousand nodes at most.

    `essential` [K, N] is needed by Pichler's production functions (all critical without it); `days` [K, N]
    replaces the model's cover. ARIO takes cover of a day or less as two days, as BoARIO does.
    """
    product = np.asarray(e.node_sector, np.int32)
    flow = e.links().toarray() * STEP
    slot = np.zeros((2, e.k, e.n))
    slot[0, e.slot_product, e.slot_node] = e.slot_need
    slot[1, e.slot_product, e.slot_node] = e.slot_imports
    per = ratio(1.0, e.output)
    foreign = ratio(slot[1], slot[0])
    needs = np.ones((e.k, e.n)) if essential is None else essential
    given = np.full((e.k, e.n), model.stock_days) if days is None else days
    final = _final(e)
    buys = np.zeros(final.shape[1], bool)
    buys[: e.r * len(e.categories)] = np.tile(households(e), e.r)
    return Table(
        e.output * STEP, product, np.asarray(e.node_region, np.int32), flow, slot[0] * per, foreign,
        final, np.maximum(e.total_value_added, 0.0), cover(model, given), needs, buys,
    )  # fmt: skip


def cover(model: Model, days: Floats) -> Floats:
    """Days of cover as the model takes them: with ARIO a day or less is two, as in BoARIO."""
    return np.where(days <= 1.0, 2.0, days) if model.orders == "gap" else days


def households(e: Economy) -> NDArray[np.bool_]:
    """[categories] which final users are households: those a scenario means by that word."""
    users = Places.of(e).categories
    found = np.zeros(len(e.categories), bool)
    for at in users.fits("households"):
        found[list(at)] = True
    return found


def _final(e: Economy) -> Floats:
    """[N, F] final use a day by region and category, and exports where there are any."""
    columns = e.r * len(e.categories)
    out = np.zeros((e.n, columns + (e.exports.max(initial=0.0) > 0)))
    column = e.final_region * len(e.categories) + e.final_category
    for line in range(len(e.final_market)):
        entries = slice(e.market_ptr[e.final_market[line]], e.market_ptr[e.final_market[line] + 1])
        out[e.market_supplier[entries], column[line]] += e.final_domestic[line] * e.market_share[entries]
    if out.shape[1] > columns:
        out[:, columns] = e.exports
    return out * STEP


def sky(e: Economy, forcing: Forcing, damage: Damage | None = None) -> Sky:
    """The forcing by product and column of final use. Corridors and stocks are not part of these models."""
    days, columns = forcing.days, e.r * len(e.categories)
    exports = e.exports.max(initial=0.0) > 0
    demand = np.ones((days, e.k, columns + exports))
    column = e.final_region * len(e.categories) + e.final_category
    demand[:, e.final_product, column] = forcing.demand.full()
    if exports:  # by product: the mean of its makers
        weight = np.zeros((e.n, e.k))
        weight[np.arange(e.n), e.node_sector] = e.exports
        total = weight.sum(axis=0)
        mean = forcing.exports.full() @ weight
        demand[:, :, columns] = ratio(mean, total, 1.0)
    imports = forcing.imports.full().reshape(days, e.r, e.k)[:, e.node_region, :].transpose(0, 2, 1)
    return Sky(forcing.capacity.full(), demand, imports, damage)


def initial(model: Model, t: Table) -> State:
    """Baseline: stocks at target, orders for baseline use."""
    use = t.need * t.x0
    rebuild = np.zeros_like(t.flow)
    return State(
        stock=np.where(np.isfinite(t.days), _finite(t.days) * use, INFINITE),
        order=use * (1 - t.foreign),
        abroad=use * t.foreign,
        share=_by_trade(t),
        alpha=np.ones(len(t.x0)),
        output=t.x0.copy(),
        demand=t.x0.copy(),
        rebuild=rebuild,
    )


def _by_trade(t: Table) -> Floats:
    """[N, N] share of each supplier in what a node buys of its product."""
    whole = _sums(t, t.flow)[t.product]
    return ratio(t.flow, whole)


def _finite(days: Floats) -> Floats:
    return np.where(np.isfinite(days), days, 0.0)


def _sums(t: Table, by_supplier: Floats) -> Floats:
    """[K, N] sums over the suppliers of each product."""
    member = np.zeros((len(t.need), len(t.x0)))
    member[t.product, np.arange(len(t.x0))] = 1.0
    return member @ by_supplier


def step(model: Model, t: Table, w: Sky, st: State, day: int) -> tuple[State, Day]:
    """One day."""
    st, lost = _destroy(model, t, w, st, day)
    orders = st.share * st.order[t.product]
    final = _final_use(model, t, w, day)
    rebuild = _rebuilding(w, st, day)
    total = _row_sums(orders, final, rebuild)
    alpha = (
        _overproduction(model, st, total) if model.capacity == "overproduction" and day > 1 else st.alpha
    )
    level = w.level[day] * (1 - lost)
    cap = alpha * t.x0 if model.capacity == "labour" else alpha * level * t.x0
    output, limit, binding, inputs = _produce(model, t, st, total, cap)
    receipts, rho, met, rebuilt = _ration(model, t, orders, final, rebuild, total, output)
    received = receipts + _imported(t, w, st, day)
    stock = _store(model, t, st.stock, received, output)
    left = _row_sums(orders, final, rebuild - rebuilt) if rebuild.any() else total
    order = _order(model, t, stock, output, total, np.minimum(left, cap))
    home = order * (1 - t.foreign)
    share = _split(t, cap) if model.split == "capacity" else st.share
    if model.capacity == "labour":
        alpha = _labour(model, t, alpha, inputs, total, cap, level)
    new = State(stock, home, order * t.foreign, share, alpha, output, total, st.rebuild - rebuilt)
    return new, Day(output, cap, total, limit, binding, rho, met)


def _row_sums(orders: Floats, final: Floats, rebuild: Floats) -> Floats:
    parts = [orders, final, rebuild] if rebuild.any() else [orders, final]
    total: Floats = np.einsum("ij->i", np.concatenate(parts, axis=1))
    return total


# ---- 1 capacity --------------------------------------------------------------------------------


def _destroy(model: Model, t: Table, w: Sky, st: State, day: int) -> tuple[State, Floats]:
    """Damage of the day becomes something to rebuild; the share of capital still lost [N]."""
    d, rebuild = w.damage, st.rebuild
    if d is None:
        return st, np.zeros(len(t.x0))
    capital = model.capital * t.capital
    if d.day == day:
        share = np.array([d.sectors.get(int(k), 0.0) for k in t.product])
        rebuild = _by_trade(t) * share[:, None] * (d.loss * capital * d.factor)[None, :]
    lost = ratio(rebuild.sum(axis=0) / d.factor, capital)
    if (lost > 1 + 1e-9).any():
        j = int(lost.argmax())
        raise SimulationError(f"refused: node {j} loses {lost[j]:.2f} of its capital. Give 1 at most.")
    return st._replace(rebuild=rebuild), np.minimum(lost, 1.0)


def _overproduction(model: Model, st: State, total: Floats) -> Floats:
    """alpha after a day's scarcity (D - x) / D; back to one where there was none at all."""
    scarcity = np.divide(total - st.output, total, out=np.zeros_like(total), where=total != 0)
    change = (model.alpha_max - st.alpha) * scarcity + (1.0 - st.alpha) * (scarcity == 0)
    alpha: Floats = np.maximum(1.0, st.alpha + change / model.alpha_days)
    return alpha


def _labour(
    model: Model, t: Table, labour: Floats, inputs: Floats, total: Floats, cap: Floats, level: Floats
) -> Floats:
    """Hire towards what inputs and demand would allow, fire what is idle; no more at work than may be."""
    wanted = ratio(np.minimum(inputs, total) - cap, t.x0)
    moved = labour + np.where(wanted > 0, wanted / model.hire, wanted / model.fire)
    found: Floats = np.minimum(moved, level)
    return found


# ---- 2 demand ----------------------------------------------------------------------------------


def _final_use(model: Model, t: Table, w: Sky, day: int) -> Floats:
    """[N, F] final use wanted. Pichler's households move part of what they do not buy to other products."""
    factor = w.demand[day][t.product]
    wanted: Floats = t.final * factor
    return wanted * _kept_spending(model, t, factor) if model.orders == "signed" else wanted


def _kept_spending(model: Model, t: Table, factor: Floats) -> Floats:
    """[F] what a column spends over what its shocks leave: what is not saved goes to other products."""
    total = t.final.sum(axis=0)
    factor = np.where(t.households, factor, 1.0)
    left = ratio((t.final * factor).sum(axis=0), total, 1.0)
    spent = 1.0 - model.saved * (1.0 - left)
    found: Floats = ratio(spent, left, 1.0)
    return found


def _rebuilding(w: Sky, st: State, day: int) -> Floats:
    """[N, N] what is asked for rebuilding today."""
    d = w.damage
    if d is None or day < d.day + d.duration:
        return np.zeros_like(st.rebuild)
    return st.rebuild / d.days


# ---- 3 produce ---------------------------------------------------------------------------------


def _produce(
    model: Model, t: Table, st: State, total: Floats, cap: Floats
) -> tuple[Floats, Floats, NDArray[np.int32], Floats]:
    """(output, share of it that inputs allow, product that binds, output that inputs alone allow)."""
    wanted = np.minimum(total, cap)
    used = t.need > 0
    if model.production == "psi":
        bought = _sums(t, t.flow) / STEP
        used = used & (bought > model.input_threshold * t.x0) if model.input_threshold else used
        used = used & np.isfinite(t.days)
        target = _finite(t.days) * (t.need * wanted) * model.psi
        cover = np.divide(st.stock, target, out=np.ones_like(target), where=used & (target > 0))
        cover = np.minimum(1.0, cover)
        limit = cover.min(axis=0)
        return wanted * limit, limit, _binding(cover, limit), wanted
    allowed = _allowed(model, t, st.stock)
    inputs = allowed.min(axis=0)
    output = np.minimum(np.minimum(cap, inputs), total)
    limit = np.minimum(1.0, ratio(inputs, wanted, 1.0))
    return output, limit, _binding(allowed, np.where(inputs < wanted, inputs, -1.0)), inputs


def _allowed(model: Model, t: Table, stock: Floats) -> Floats:
    """[K, N] output that the stock of each product allows (Pichler et al., eq. 13 to 17)."""
    if model.production == "linear":
        whole = np.divide(
            stock.sum(axis=0),
            t.need.sum(axis=0),
            out=np.full(len(t.x0), INFINITE),
            where=t.need.sum(axis=0) > 0,
        )
        return np.broadcast_to(whole, stock.shape)
    each = np.divide(stock, t.need, out=np.full_like(stock, INFINITE), where=t.need > 0)
    critical, important = t.essential >= 1.0, t.essential == 0.5
    if model.production == "leontief":
        return each
    if model.production == "strong":
        return np.where(critical | important, each, INFINITE)
    half = 0.5 * (each + t.x0) if model.production == "half" else np.full_like(each, INFINITE)
    return np.where(critical, each, np.where(important, half, INFINITE))


def _binding(values: Floats, least: Floats) -> NDArray[np.int32]:
    """[N] the product whose value is the least, -1 where that is no limit."""
    found = np.where((values == least) & (least < 1.0) | (values == least) & (least > 1.0), 1, 0)
    return np.where(found.any(axis=0), found.argmax(axis=0), -1).astype(np.int32)


# ---- 4 ration ----------------------------------------------------------------------------------


def _ration(
    model: Model, t: Table, orders: Floats, final: Floats, rebuild: Floats, total: Floats, output: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """(receipts [K, N], share of producers' orders filled [N], final use met [N, F], rebuilt [N, N])."""
    if model.rationing == "proportional":
        rho = ratio(output, total)
        return _sums(t, orders * rho[:, None]), rho, final * rho[:, None], rebuild * rho[:, None]
    asked, users = orders.sum(axis=1), final.sum(axis=1) + rebuild.sum(axis=1)
    if model.rationing == "households_last":
        rho = np.minimum(1.0, ratio(output, asked, 1.0))
        sent = orders * rho[:, None]
    else:
        shared = model.rationing == "water_fill"
        sent = _water_fill(t, orders, users if shared else np.zeros_like(users), output)
        rho = ratio(sent.sum(axis=1), asked, 1.0)
    rest = np.maximum(0.0, output - sent.sum(axis=1))
    last = np.minimum(1.0, ratio(rest, users, 1.0))
    return _sums(t, sent), rho, final * last[:, None], rebuild * last[:, None]


def _water_fill(t: Table, orders: Floats, users: Floats, output: Floats) -> Floats:
    """[N, N] what each supplier sends to each client (Inoue and Todo 2019, methods).

    With r = order / initial order, final users at r = 1: theta solves sum initial min(r, theta) = output,
    so that clients who ask least of what they used to ask are served first and all others alike.
    """
    sent = orders.copy()
    for i in np.flatnonzero(orders.sum(axis=1) + users > output):
        initial = np.append(t.flow[i], users[i])
        ratio = np.divide(
            np.append(orders[i], users[i]), initial, out=np.zeros_like(initial), where=initial > 0
        )
        theta = _level(ratio, initial, float(output[i]))
        sent[i] = np.minimum(orders[i], theta * t.flow[i])
    return sent


def _level(ratio: Floats, initial: Floats, output: float) -> float:
    """theta with sum initial min(ratio, theta) = output: a sort and one pass."""
    order = np.argsort(ratio, kind="stable")
    r, width = ratio[order], initial[order]
    below = np.concatenate([[0.0], np.cumsum(r * width)])  # filled in full so far
    above = np.concatenate([[width.sum()], width.sum() - np.cumsum(width)])
    for c in range(len(r)):
        if below[c] + above[c] * r[c] >= output:
            return (output - below[c]) / above[c] if above[c] > 0 else float(r[c])
    return float(r[-1]) if len(r) else 1.0


def _imported(t: Table, w: Sky, st: State, day: int) -> Floats:
    """[K, N] what comes from abroad: all that is ordered, or the level of what used to come."""
    level, base = w.imports[day], t.need * t.foreign * t.x0
    return np.where(level < 1.0, np.minimum(st.abroad, level * base), st.abroad)


# ---- 5 store, 6 order --------------------------------------------------------------------------


def _store(model: Model, t: Table, stock: Floats, received: Floats, output: Floats) -> Floats:
    used = t.need * output
    if model.gates and np.allclose(received, used):
        return stock
    new = stock - used + received
    return new if model.orders == "gap" else np.maximum(0.0, new)


def _order(model: Model, t: Table, stock: Floats, output: Floats, total: Floats, wanted: Floats) -> Floats:
    """[K, N] tomorrow's orders, home and abroad."""
    days, stock = _finite(t.days), np.where(np.isfinite(t.days), stock, 0.0)
    if model.orders == "gap":
        goal = days * (t.need * wanted)
        gap = (
            np.zeros_like(goal) if model.gates and np.allclose(goal, stock) else np.maximum(0, goal - stock)
        )
        return gap / model.restock + t.need * output if model.restock != 1.0 else gap + t.need * output
    if model.orders == "signed":
        return t.need * total + (days * (t.need * t.x0) - stock) / model.restock
    ahead = t.need * output
    return np.maximum(0.0, ahead + (days * ahead - stock) / model.restock)


def _split(t: Table, cap: Floats) -> Floats:
    """[N, N] baseline trade weighted by what suppliers can make of their baseline."""
    weighted = t.flow * ratio(cap, t.x0)[:, None]
    whole = _sums(t, weighted)[t.product]
    return ratio(weighted, whole)


# ---- a whole run -------------------------------------------------------------------------------


def run(model: Model, t: Table, w: Sky) -> list[Day]:
    """Every day of the weather."""
    st = initial(model, t)
    days = []
    for day in range(len(w.level)):
        st, shown = step(model, t, w, st, day)
        days.append(shown)
    return days


# ---- recovery ----------------------------------------------------------------------------------


def recovery(curve: str, tau: float, since: NDArray[np.float64]) -> Floats:
    """Share of a loss that is left `since` days into its recovery: linear, convex or S-shaped (ARIO)."""
    if curve == "linear":
        left = 1.0 - since / tau
    elif curve == "convex":
        left = (1.0 - 1.0 / tau) ** since
    elif curve == "s-shape":
        power = (np.log(tau) - np.log(1e-6)) / (np.log(tau) - np.log(2.0))
        left = tau / (tau + 1e-6 * since**power)
    else:
        raise SimulationError(f'refused: no recovery curve "{curve}". Choose linear, convex or s-shape.')
    return np.where(since <= 0, 1.0, np.clip(left, 0.0, 1.0))
