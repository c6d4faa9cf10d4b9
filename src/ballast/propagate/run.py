"""What one run gives: paths per node and day, value added, who stopped and for want of what.

Outcomes are a closed set (`outcomes.Ending`): completed; collapsed (with the day, the node and what was
missing); diverged (a number stopped being one). What is refused is raised before the run, as an error.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballast.arrays import YEAR, Floats, Ints, ratio, standing
from ballast.economy import Economy
from ballast.errors import InputError, nearest
from ballast.forcing import Forcing
from ballast.outcomes import Ending
from ballast.propagate.kept import Sums
from ballast.propagate.parameters import Resolved
from ballast.propagate.published.models import Published, in_ruins
from ballast.propagate.step.layout import Layout
from ballast.propagate.step.system import System, Weather
from ballast.shown import Shown
from ballast.text import Text

COLLAPSE = 0.25  # of baseline output, while the shocks leave at least twice that capacity
STARVED = 0.1  # of baseline output: rebuilding that costs more than leaving the ruins is no result
LIMITS = ("output", "capacity", "limit", "binding")  # arrays that say what held output back
STOPS = (*LIMITS, "demand")  # and who stopped, and why
BY = ("region", "sector", "node", "all")  # what deviations are of
STOPPED = 0.5  # a node counts as stopped while inputs or shocks leave it less than this


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, in words; when and where it went wrong; and what to try."""

    kind: Ending
    words: Text
    day: dt.date | None = None
    node: int | None = None
    instead: Text | None = None  # of the kind's own remedy, where the reason has a better one

    @property
    def remedy(self) -> Text:
        """What to try next."""
        return self.instead or self.kind.remedy


@dataclass(frozen=True, eq=False, repr=False)
class Run(Shown):
    """One simulated path. Node order is the economy's; slots are in the system's order.

    What was not kept (`simulate(..., keep=...)`) has no rows in `record`. Without output by node there are
    `sums` over them, which give `value_added`, `deviation` by region, sector or all, `lost` and `outcome`.

    >>> import ballast
    >>> run = ballast.simulate(ballast.load_book("teaching"), ballast.load_scenario("vehicle-parts"))
    >>> round(run.lost, 2)
    4.23
    >>> level = run.to_xarray().level
    >>> round(level.sel(node="N.vehicles", day="2022-01-24").item(), 2)
    0.61
    >>> run.stops()[["region", "sector", "cause", "days"]].values.tolist()
    [['C', 'parts', 'shock', 14]]
    >>> run.plot.map("2022-01").title
    'Coast loses most in January 2022: 35.0%'
    """

    economy: Economy
    forcing: Forcing
    parameters: Resolved
    system: System
    slot_order: Ints
    weather: Weather  # the plan's interventions in it
    record: Any  # a step.record.Record
    published: Published | None = None  # the model, where it is not the default
    layout: Layout | None = None  # what the compiled step reads, of the default model
    sums: Sums | None = None  # where output by node was not kept
    inner: System | None = None  # of the parts of nodes that shocks hit, where there are some

    @property
    def stepped(self) -> System:
        """The System that the step runs: of nodes, or of their parts."""
        return self.system if self.inner is None else self.inner

    @cached_property
    def months(self) -> Ints:
        """[T] the calendar month of each day, counted from that of the first."""
        dates = self.dates
        number = 12 * (dates.year - dates[0].year) + dates.month - dates[0].month
        return np.asarray(number, np.int32)

    @cached_property
    def dates(self) -> pd.DatetimeIndex:
        """[T] calendar days."""
        return pd.date_range(self.forcing.start, periods=self.forcing.days)

    @cached_property
    def total(self) -> Floats:
        """[T] output of all nodes."""
        found: Floats = self.record.output.sum(axis=1) if self.sums is None else self.sums.output
        return found

    @cached_property
    def level(self) -> Floats:
        """[T, N] output as a share of baseline; 1 where baseline is zero."""
        self._ask("level", "output")
        return level_of(self.record.output, self.system.x0)

    @cached_property
    def limited_by(self) -> NDArray[np.str_]:
        """[T, N] what held output: "capacity", the code of the product that was short, "" for orders."""
        self._ask("limited_by", *LIMITS)
        r, codes = self.record, np.array([*(s.code for s in self.economy.sectors), ""])
        out = np.full(r.output.shape, "", dtype=object)
        held = at_limit(r) & (r.output < self.system.x0 * (1 - 1e-9))
        by_input = held & (r.binding >= 0)
        out[held] = "capacity"
        out[by_input] = codes[self.system.slot_product[r.binding[by_input]]]
        return out.astype(str)

    def nodes(self, *codes: str) -> Ints:
        """Numbers of the nodes of these codes ("N.vehicles"), as an Intervention on nodes takes them."""
        known = {code: j for j, code in enumerate(self.economy.node_codes)}
        return np.array([_numbered(code, known, "node") for code in codes], np.int32)

    def slots(self, product: str, *nodes: str) -> Ints:
        """Numbers of the slots in which these nodes (all where none is named) hold a product, by codes."""
        s, known = self.system, {x.code: k for k, x in enumerate(self.economy.sectors)}
        buys = s.slot_product == _numbered(product, known, "product")
        if nodes:
            buys &= np.isin(s.slot_node, self.nodes(*nodes))
        found: Ints = np.flatnonzero(buys).astype(np.int32)
        return found

    def value_added(self, *, industry: bool = True) -> Floats:
        """[T] value added a day (book unit), of industry or of everything."""
        if self.sums is not None:
            value: Floats = self.sums.added @ counted(self.economy, industry)
            return value
        return self.level @ self._weights(industry)

    def deviation(self, by: str, *, industry: bool = True, freq: str = "M") -> pd.DataFrame:
        """Deviation of value added from baseline, %, by "region", "sector", "node" or "all" and period.

        `freq` is a pandas period: "D", "M", "Q", "Y".
        """
        if by not in BY:
            meant = nearest(str(by), BY)
            hint = f"Did you mean {' or '.join(meant)}? " if meant else ""
            raise InputError(f"deviation: there is none by {by!r}. {hint}Give one of: {', '.join(BY)}.")
        if self.sums is not None and by != "node":
            base, value = _grouped(self.economy, self.sums, by, industry)
            return _against(base, value, group_labels(self.economy, by), self.dates, freq)
        return deviation(self.economy, self.level, self.dates, by, industry=industry, freq=freq)

    def _weights(self, industry: bool) -> Floats:
        return _added(self.economy, industry) / YEAR

    @cached_property
    def lost(self) -> float:
        """Industrial value added lost over the horizon, book unit (negative when output rose)."""
        if self.sums is not None:
            return float(((self.sums.base - self.sums.added) @ counted(self.economy, True)).sum())
        return float(((1.0 - self.level) @ self._weights(True)).sum())

    def kept(self, *names: str) -> bool:
        """Whether each of these arrays of the record was kept."""
        return self.record is not None and all(len(getattr(self.record, name)) for name in names)

    def _ask(self, what: str, *names: str) -> None:
        """InputError where one of the arrays that `what` is made of was not kept."""
        missing = [name for name in names if not self.kept(name)]
        if missing and self.record is not None:
            raise InputError(
                f"{what}: this run did not keep {', '.join(missing)} by node. Simulate with "
                f"keep={[*names]}, or with full=True."
            )

    def stops(self, threshold: float = STOPPED) -> pd.DataFrame:
        """Who stopped: nodes whose output fell below `threshold` of baseline for want of something.

        Columns node, region, sector, first_day, days, worst_level, cause, product, lost. `cause` is
        "shock" when the imposed capacity alone explains the first stop, "input" when a slot did (then
        `product` names it), "demand" when orders fell away. Sorted by lost value added.
        """
        self._ask("stops", *STOPS)
        low = self.level < threshold
        nodes = np.flatnonzero(low.any(axis=0) & (self.system.x0 > 0))
        first = low[:, nodes].argmax(axis=0)
        codes = [s.code for s in self.economy.sectors]
        rows = [self._stop(int(j), int(t), low, codes) for j, t in zip(nodes, first, strict=True)]
        columns = [
            "node",
            "region",
            "sector",
            "first_day",
            "days",
            "worst_level",
            "cause",
            "product",
            "lost",
        ]
        table = pd.DataFrame(rows, columns=columns)
        order = np.lexsort((self.economy.node_rank[table.node.to_numpy(int)], standing(table.lost)))
        return table.iloc[order].reset_index(drop=True)

    def _stop(self, j: int, t: int, low: NDArray[np.bool_], codes: list[str]) -> tuple[Any, ...]:
        e, r = self.economy, self.record
        cause, slot = self.cause(j, t)
        product = codes[self.system.slot_product[slot]] if slot >= 0 else ""
        lost = float((1 - self.level[:, j]).sum() * e.total_value_added[j] / YEAR)
        return (
            j,
            e.regions[e.node_region[j]].code,
            codes[e.node_sector[j]],
            self.dates[t].date(),
            int(low[:, j].sum()),
            float(r.output[:, j].min() / self.system.x0[j]),
            cause,
            product,
            lost,
        )

    def cause(self, j: int, t: int) -> tuple[str, int]:
        """What holds node j below baseline on day t: ("shock" | "input" | "demand" | "", slot or -1)."""
        self._ask("cause", *STOPS)
        r, x0 = self.record, self.system.x0[j]
        losses = {
            "shock": 1.0 - min(1.0, r.capacity[t, j] / x0),
            "input": min(1.0, r.capacity[t, j] / x0) * (1.0 - r.limit[t, j]),
        }
        kind = max(losses, key=lambda k: losses[k])
        if r.demand[t, j] < 0.999 * r.capacity[t, j] * r.limit[t, j] or losses[kind] < 1e-6:
            return ("demand", -1) if r.demand[t, j] < 0.999 * x0 else ("", -1)
        return kind, int(r.binding[t, j]) if kind == "input" else -1

    @cached_property
    def outcome(self) -> Outcome:
        """completed, collapsed or diverged, in words."""
        return judge(self)


def _numbered(code: str, known: Mapping[str, int], what: str) -> int:
    """The number of a code; InputError with the nearest ones for one that is none."""
    if code not in known:
        near = (
            " or ".join(nearest(code, list(known)))
            or f"{what}s are named by their codes, as in `book show`"
        )
        raise InputError(f"{what} {code!r}: the book has none of that code. Did you mean: {near}?")
    return known[code]


def at_limit(record: Any) -> NDArray[np.bool_]:
    """[T, N] days on which a node made all that its capacity and inputs allowed."""
    allowed: NDArray[np.bool_] = record.output >= record.capacity * record.limit * (1 - 1e-9)
    return allowed


def level_of(output: Floats, x0: Floats) -> Floats:
    """Output [.., N] as a share of baseline [N]; 1 where baseline is zero."""
    return ratio(output, x0, 1.0)


def deviation(
    economy: Economy,
    level: Floats,
    dates: pd.DatetimeIndex,
    by: str,
    *,
    industry: bool = True,
    freq: str = "M",
) -> pd.DataFrame:
    """Deviation of value added from baseline in %: index period, columns the groups of `by`."""
    weight = _added(economy, industry)
    groups = group_matrix(economy, by)
    labels = group_labels(economy, by)
    return _against(weight @ groups, (level * weight) @ groups, labels, dates, freq)


def _grouped(e: Economy, sums: Sums, by: str, industry: bool) -> tuple[Floats, Floats]:
    """(baseline [groups], path [T, groups]) of value added by "region", "sector" or "all"."""
    axis = {"region": (2,), "sector": (1,), "all": (1, 2)}[by]
    cells = np.vstack([sums.base, sums.added]) * counted(e, industry)
    value = cells.reshape(-1, e.r, e.k).sum(axis=axis).reshape(len(cells), -1)
    return value[0], value[1:]


def counted(economy: Economy, industry: bool) -> Floats:
    """[R * K] 1 for the cells of region and sector that count, 0 for the others."""
    flags = np.array([s.industry or not industry for s in economy.sectors], float)
    return np.tile(flags, economy.r)


def _against(
    base: Floats, value: Floats, labels: list[str], dates: pd.DatetimeIndex, freq: str
) -> pd.DataFrame:
    """Value [T, groups] by period, in % above base [groups]; without the groups that have none."""
    table = pd.DataFrame(value, index=dates.to_period(freq)).groupby(level=0).mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        out = 100.0 * (table / base - 1.0)
    out.columns = pd.Index(labels)
    return out.loc[:, base > 0]


def _added(economy: Economy, industry: bool) -> Floats:
    """[N] value added a year, of industry alone or of all."""
    return economy.industrial_value_added if industry else economy.total_value_added


def group_matrix(economy: Economy, by: str) -> Floats:
    """[N, groups] 0/1 membership of nodes in regions, sectors, themselves or the whole."""
    if by == "all":
        return np.ones((economy.n, 1))
    if by == "node":
        return np.eye(economy.n)
    which = {"region": economy.node_region, "sector": economy.node_sector}[by]
    size = economy.r if by == "region" else economy.k
    out = np.zeros((economy.n, size))
    out[np.arange(economy.n), which] = 1.0
    return out


def group_labels(economy: Economy, by: str) -> list[str]:
    """Codes in the order of `group_matrix`."""
    if by == "all":
        return ["all"]
    if by == "node":
        return list(economy.node_codes)
    return [x.code for x in (economy.regions if by == "region" else economy.sectors)]


def judge(run: Run) -> Outcome:
    """How the run ended. A collapse is output far below what the shocks themselves leave."""
    if not np.all(np.isfinite(run.total)):
        t = int(np.argmax(~np.isfinite(run.total)))
        j = _first_broken(run, t)
        name, day = run.economy.node_name(j), run.dates[t].date()
        words = Text(
            "The run diverged on {day}: the output of {node} is not a number.",
            "模拟在{day}发散：{node}的产出不再是有效数字。",
        )
        return Outcome(Ending.DIVERGED, words.format(day=day, node=name), day, j)
    share = run.total / run.system.x0.sum()
    fell = fallen(run, share)
    if run.published is not None and run.published.damage is not None:
        ruined = in_ruins(run.published, run.weather, run.published.damage)
        ruins = ruined.sum(axis=1) / run.system.x0.sum()
        starved = share < ruins - STARVED
        if starved.any():
            return _starved(run, int(starved.argmax()), share, ruins)
    if not fell.any():
        return Outcome(Ending.COMPLETED, Text("The run completed.", "模拟完成。"))
    return _collapse(run, int(fell.argmax()))


def fallen(run: Run, share: Floats) -> NDArray[np.bool_]:
    """[T] days on which output, as a share of baseline [T], is far below what the shocks leave."""
    x0, steps = run.system.x0, run.forcing.capacity
    left = (np.minimum(1.0, steps.table) @ x0 / x0.sum())[steps.index]
    return np.asarray((share < COLLAPSE) & (left > 2 * COLLAPSE))


def _starved(run: Run, t: int, share: Floats, ruins: Floats) -> Outcome:
    """The known pathology of damage that is rebuilt by demand under proportional rationing."""
    day, worst = run.dates[t].date(), int(np.argmin(share - ruins))
    words = Text(
        "Rebuilding starves production from {day} on: orders for rebuilding get the same part of what is "
        "made as orders for inputs, so inputs fall short, less is made, and less is rebuilt. Output falls "
        "to {share}% of baseline, where leaving everything in ruins would have left {ruins}%. That is what "
        "proportional rationing does with so much to rebuild, not a forecast.",
        "自{day}起重建挤占生产：重建订单与原材料订单按同一比例满足，原材料因此短缺，产出减少，重建也随之放慢。"
        "产出降至基准的{share}%，而完全不重建时尚有{ruins}%。这是按比例分配规则在重建需求过大时的表现，并非预测。",
    )
    figures = {"share": share[worst], "ruins": ruins[worst]}
    words = words.format(day=day, **{k: f"{100 * v:.0f}" for k, v in figures.items()})
    remedy = Text(
        "Give it more days to rebuild, or other sectors to do it.",
        "可延长重建时间，或改由其他部门承担重建。",
    )
    return Outcome(Ending.COLLAPSED, words, day, _worst_node(run, worst), remedy)


def _first_broken(run: Run, t: int) -> int:
    """The first node whose output on day t is not a number."""
    if run.sums is not None:
        return int(run.sums.worst[t])
    return int(np.argmax(~np.isfinite(run.record.output[t])))


def _worst_node(run: Run, t: int) -> int:
    if run.sums is not None:
        return int(run.sums.worst[t])
    lost = standing((1 - run.level[t]) * run.economy.total_value_added)
    return int(np.lexsort((run.economy.node_rank, lost))[0])


def _collapse(run: Run, t: int) -> Outcome:
    j = _worst_node(run, t)
    day, name = run.dates[t].date(), run.economy.node_name(j)
    words = Text(
        "The economy collapsed on {day}: output is below a quarter of baseline although the shocks leave "
        "more than half of capacity. The largest loss is {node}{want}.",
        "经济在{day}崩溃：产出不足基准的四分之一，而冲击本身仍留有一半以上产能。损失最大的是{node}{want}。",
    )
    words = words.format(day=day, node=name, want=_want(run, t, j))
    return Outcome(Ending.COLLAPSED, words, day, j)


def _want(run: Run, t: int, j: int) -> Text:
    """For want of what node j makes so little on day t; nothing where the run did not keep it."""
    if not run.kept("binding"):
        return Text("", "")
    slot = int(run.record.binding[t, j])
    missing = (
        run.economy.sectors[run.system.slot_product[slot]].makes if slot >= 0 else Text("orders", "订单")
    )
    return Text(", for want of {missing}", "，缺{missing}").format(missing=missing)
