"""A published model on one economy, called as the default model is: start, continue, record.

`build` numbers the network; `initial` is the first morning; `run_days` goes on from any morning and gives
a record as the default's, in the economy's numbering of nodes and the System's of slots. The shocks are the
default's Weather; help gives nodes back what shocks took. These models have no roads, no stock changes, no
finished goods and no passes: `left_out` says what of a scenario they cannot see, `without` takes it away.

    choose     a name or a Model -> Model, None for the default; InputError for anything else
    refuse     what a model cannot do, with the one that can
    facts      the numbers a model uses, with titles; `PAPERS` says where they come from
    note       what a reader must know before its numbers
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Ints, sizes
from ballast.economy import Economy
from ballast.errors import InputError, SimulationError
from ballast.forcing import Forcing, Steps
from ballast.propagate.parameters import Resolved
from ballast.propagate.published import kernels as pooled_kernels
from ballast.propagate.published import system as pooled_system
from ballast.propagate.published.reference import MODELS, Damage, Model
from ballast.propagate.published.system import FILLS, Net, Order, Rebuild
from ballast.propagate.step.interventions import changed
from ballast.propagate.step.record import Record
from ballast.propagate.step.system import System, Weather
from ballast.text import Text

DEFAULT = "default"
NAMES = (DEFAULT, *MODELS)
RATED = ("strong", "half", "weak")  # production functions that ask how essential an input is
PAIRS = 2e7  # clients x suppliers: water-fill serves each pair by itself, some 3 ns a pair and day or more


class Evening(NamedTuple):
    """The state that one day hands to the next."""

    state: pooled_system.State
    rebuild: Rebuild

    def copy(self) -> Evening:
        """One that may be changed."""
        state, rebuild = self
        return Evening(type(state)(*map(_copied, state)), type(rebuild)(*map(_copied, rebuild)))


@dataclass(frozen=True, eq=False)
class Published:
    """What is constant during the runs of a published model on an economy of N nodes, K products."""

    model: Model
    net: Net
    order: Order
    nodes: Ints  # [N] where the network has each node
    slots: Ints  # [N, K] the System's slot of each node and product, -1 where it buys none
    damage: Damage | None
    regions: int
    products: int


def choose(model: str | Model) -> Model | None:
    """The model of that name; None for the default."""
    if isinstance(model, Model):
        return model
    if model not in NAMES:
        raise InputError(f"model {model}: there is no such model. Use one of: {', '.join(NAMES)}.")
    return MODELS.get(model)


def build(
    model: Model, economy: Economy, resolved: Resolved, system: System, slot_order: Ints,
    damage: Damage | None,
) -> Published:  # fmt: skip
    """The network of `economy` at the resolved trade pattern; inputs are essential as the model says.

    Raises SimulationError for what the model cannot do (`refuse`).
    """
    e = economy if resolved.trade == 0.0 else economy.with_trade(resolved.trade)
    refuse(model, e, damage)
    net, order = pooled_system.network(
        model, e, essential=resolved.essential if model.production in RATED else None
    )
    sizes(net, {"N": e.n, "S": len(e.slot_node), "L": len(e.final_market)})
    slots = np.full((e.n, e.k), -1, np.int32)
    slots[system.slot_node, system.slot_product] = np.arange(len(system.need), dtype=np.int32)
    return Published(model, net, order, pooled_system.inverse(order.nodes), slots, damage, e.r, e.k)


def refuse(model: Model, e: Economy, damage: Damage | None = None) -> None:
    """Raise SimulationError for what a model cannot do, naming the one that can."""
    if damage is not None and model.capital == 0.0:
        raise SimulationError(
            f"refused: model {model.key} has no capital, so nothing can be rebuilt. Use model ario, or say "
            "what the damage leaves as a shock to capacity."
        )
    if damage is not None and model.rationing in FILLS:
        raise SimulationError(
            f"refused: rebuilding under {model.rationing} rationing is not defined. Use model ario."
        )
    if model.rationing not in FILLS:
        return
    if model.split == "capacity":
        raise SimulationError(
            f"refused: model {model.key} splits orders by capacity, and {model.rationing} rationing needs "
            "every client's usual share. Use split baseline, or model ario."
        )
    suppliers, buyers = np.diff(e.market_ptr), np.bincount(e.slot_market, minlength=len(e.market_ptr) - 1)
    pairs = float(suppliers @ buyers)
    if pairs > PAIRS:
        raise SimulationError(
            f"refused: model {model.key} serves client by client, and this book has {pairs / 1e6:.0f} "
            f"million pairs of client and supplier ({PAIRS / 1e6:.0f} million at most). Use model ario or "
            "pichler, which ration all clients alike, or a book with fewer nodes."
        )


def initial(p: Published) -> Evening:
    """Stocks at target, orders for baseline use."""
    return Evening(
        pooled_system.initial(p.net, p.model), pooled_system.rebuilding(p.net, p.damage, p.order.nodes)
    )


def run_days(p: Published, w: Weather, evening: Evening, first: int, last: int, *, full: bool) -> Record:
    """The record of days first..last-1; `evening` becomes that before day `last`.

    What final users want on day `first` was settled the evening before, by the weather of that run.
    """
    channels = ((w.capacity, w.capacity_day), (w.demand, w.demand_day),
                (w.exports, w.exports_day), (w.imports, w.imports_day))  # fmt: skip
    sky = pooled_system.sky(channels, p.order)
    rec = pooled_kernels.run_days(p.model, p.net, sky, *evening, first, last, full=full)
    rec = type(rec)(*(array[:, p.nodes] for array in rec))
    days, rows = last - first, len(rec.limit)
    binding = np.where(rec.binding >= 0, p.slots[np.arange(len(p.nodes)), rec.binding], -1)
    return Record(
        output=rec.output,
        injected=np.zeros(days),
        capacity=rec.capacity,
        demand=rec.demand,
        limit=rec.limit,
        rho=rec.rho,
        shipped=rec.output[:rows],  # there are no finished goods: what is made is shipped
        binding=binding.astype(np.int32),
        stock=rec.stock,
        unmet=np.zeros((0, p.regions)),
        ledger=np.zeros((0, p.products, 9)),
    )


def in_ruins(p: Published, w: Weather, damage: Damage) -> NDArray[np.float64]:
    """[T, N] output if nothing of the damage were ever rebuilt, and nothing asked for it."""
    w = changed(w, "capacity", lambda level: level * (1.0 - damage.loss), damage.day)
    whole = replace(p, damage=None)
    days = len(w.capacity_day)
    return run_days(whole, w, initial(whole), 0, days, full=False).output


# ---- what of a scenario these models cannot see ------------------------------------------------


def left_out(forcing: Forcing) -> tuple[str, ...]:
    """The channels of a forcing that do something and are no part of these models: corridors, stocks."""
    roads = ["corridors"] if (forcing.corridors.table < 1.0).any() else []
    stocks = ["stocks"] if len(forcing.stock_day) else []
    return (*roads, *stocks)


def without(forcing: Forcing) -> Forcing:
    """The forcing with roads open and stocks left alone, on whole nodes."""
    roads = Steps.of(np.ones((forcing.days, forcing.corridors.table.shape[1])))
    none = np.zeros(0, np.int32)
    return replace(
        forcing, corridors=roads, stock_day=none, stock_slot=none, stock_change=np.zeros(0), parts=None,
        part_node=none, part_mass=np.zeros(0),
    )  # fmt: skip


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


# ---- words -------------------------------------------------------------------------------------


PAPERS = {
    "ario": (
        Text("ARIO (Hallegatte 2008, 2013)", "ARIO模型（Hallegatte 2008、2013）"),
        "Hallegatte, Risk Analysis 28(3), 2008, and 34(1), 2013; as BoARIO 0.7.2 sets them",
    ),
    "pichler": (
        Text("Pichler et al. (2022)", "Pichler等（2022）模型"),
        "Pichler, Pangallo, del Rio-Chanona, Lafond, Farmer, Journal of Economic Dynamics and Control 144, "
        "2022; as pyIEEM sets them",
    ),
    "inoue-todo": (
        Text("Inoue and Todo (2019)", "Inoue与Todo（2019）模型"),
        "Inoue and Todo, Nature Sustainability 2, 2019",
    ),
}
DAYS = Text("days", "天")
FACTOR = Text("factor", "倍数")
SHARE = Text("share", "比重")
_FACTS = (
    ("stock_days", Text("Input stocks aimed at, days of use", "原材料目标库存（可用天数）"), DAYS),
    ("psi", Text("Part of the stock below which output is held back", "低于目标库存该比重时减产"), SHARE),
    ("restock", Text("Days over which a stock gap is ordered", "补足库存缺口的订货周期"), DAYS),
    ("alpha_max", Text("Overproduction at most", "超产上限"), FACTOR),
    ("alpha_days", Text("Days to reach overproduction", "达到超产所需天数"), DAYS),
    ("capital", Text("Capital over a year's value added", "资本与年增加值之比"), FACTOR),
    ("hire", Text("Days to hire", "招工所需天数"), DAYS),
    ("fire", Text("Days to dismiss", "裁员所需天数"), DAYS),
    ("saved", Text("Part of unspent income that is saved", "未支出收入中用于储蓄的比重"), SHARE),
)
_LEFT = {
    "corridors": Text("closed roads", "道路受阻"),
    "stocks": Text("changes of stocks", "库存变动"),
}
_NOTE = Text(
    "Computed with {model} at its published numbers, not with the default model. Bands hold what the "
    "scenario and the trade pattern leave open, nothing of the model.",
    "本结果采用{model}及其公开参数，而非默认模型；区间只反映情景与贸易格局的不确定性，不含模型本身的。",
)
_LEFT_NOTE = Text(
    "This model cannot see {parts}: the scenario runs without them.",
    "该模型无法反映{parts}：模拟中未计入。",
)


def title(model: Model) -> Text:
    """What a model is called."""
    return PAPERS[model.key][0] if model.key in PAPERS else Text(model.key, model.key)


def facts(model: Model) -> tuple[tuple[Text, float, Text], ...]:
    """(title, value, unit) of every number that the model's rules use."""
    used = {
        "psi": model.production == "psi",
        "alpha_max": model.capacity == "overproduction",
        "alpha_days": model.capacity == "overproduction",
        "capital": model.capital > 0.0,
        "hire": model.capacity == "labour",
        "fire": model.capacity == "labour",
        "saved": model.orders == "signed",
    }
    rows = (row for row in _FACTS if used.get(row[0], True))
    return tuple((words, float(getattr(model, name)), unit) for name, words, unit in rows)


def note(model: Model, forcing: Forcing) -> tuple[Text, ...]:
    """What a reader must know before the numbers: the model, and what of the scenario it left out."""
    notes = [_NOTE.format(model=title(model))]
    if left := [_LEFT[key] for key in left_out(forcing)]:
        parts = Text(" and ".join(x.en for x in left), "和".join(x.zh for x in left))
        notes.append(_LEFT_NOTE.format(parts=parts))
    return tuple(notes)
