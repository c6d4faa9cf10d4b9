"""What `respond` returns: the answer to "what happens, who first, and do we end in the range".

    Response
      path, plan_path      Band   daily industrial value added, % of baseline: do nothing, with the plan
      monthly              table  region x sector x month deviation of output, with its band
      by_region, by_sector tables month by month, do nothing and with the plan
      stops                table  who stopped, when, for want of what
      blockages            Blockage, ranked by the output that clearing each would save
      relief               Relief    whom to put back to work first, beside five simple rules
      landings             Landing   each range with and without the plan
      cases                Case      draft point-to-point cases
      evidence             Evidence  parameters and inputs used, with source and grade
      headlines            the few numbers that a reader would quote; sentences and charts read them here

Deviations and growth are in percent; levels, shares and probabilities are shares of one; money is in the
book's unit.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd

from ballast.arrays import Floats
from ballast.economy import Economy
from ballast.evidence import Grade
from ballast.outcomes import Ending
from ballast.scenario import RangeTarget, Scenario
from ballast.shown import Shown
from ballast.text import Text


@dataclass(frozen=True, eq=False)
class Band:
    """A path [T] with the 10-90% band of the ensemble; `mid` is the run at central parameters."""

    mid: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Estimate:
    """One figure with its band (10-90% of the draws); NaN where a run that diverged left none."""

    mid: float
    low: float
    high: float

    @property
    def banded(self) -> bool:
        """Whether the band is there and wider than nothing."""
        return math.isfinite(self.low) and math.isfinite(self.high) and self.high > self.low

    @property
    def agreed(self) -> bool:
        """Whether the draws gave one and the same figure."""
        return math.isfinite(self.low) and self.low == self.high


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One step of a chain: what was short at `node` from `day` on, and why.

    `cause` is one of "shock" (its own capacity was taken), "input" (it waited for the next link),
    "corridor" (goods could not travel from `region_from` to `region_to`), "imports", "port", "demand".
    `product` is the sector index of the slot that bit (-1 for a shock); `level` the share of
    baseline that was left at the worst.
    """

    node: int
    cause: str
    day: dt.date
    product: int
    level: float
    region_from: int
    region_to: int
    words: Text


@dataclass(frozen=True, slots=True)
class Blockage:
    """One thing to clear, told through the customer with most at stake of those whose shortage it is.

    `id` says what is cleared, in codes of the book ("place SH.36", "roads SH > *", "input SH.36: 39"): the
    same in every run that finds it, whatever its draws and seed.

    `kind` is one of "place" (the plant `supplier` back to work, with passes), "roads" (from `region_from`
    to `region_to`, -1 for every other region), "imports" (into `region_to`, -1 for every region), "port"
    (exports and imports of its hinterland) and "input" (one slot supplied in full from elsewhere). `saved`
    is the industrial value added (book unit, over the horizon) that a re-simulation gains when it is
    cleared from the decision day on, `inside` the part of it gained at the plant or in the region named
    (it can be more than all: rivals lose), `part_of` the rank of a blockage that holds all of this one (0:
    none), `needs` the goods it takes (kind "input" only).

    `node` is the customer, `product` what it was short of and `supplier` who did not deliver; `days` and
    `worst_level` say on how many days from `first_day` on this held the customer back, and what it left of
    its capacity. Where no customer waits, `product` is -1, `node` the plant (for a port the node that gains
    most), and days and level are those of what was imposed. `customers` counts those that wait and gain.
    """

    id: str
    rank: int
    kind: str
    title: Text
    node: int
    product: int
    first_day: dt.date
    days: int
    worst_level: float
    supplier: int  # node index, -1 when the supplier is abroad
    supplier_region: int  # -1 abroad
    through_corridor: bool
    region_from: int
    region_to: int
    customers: int
    saved: float
    inside: float
    part_of: int
    needs: float
    chain: tuple[ChainLink, ...]
    words: Text


@dataclass(frozen=True, slots=True)
class Pick:
    """One node of the whitelist and what adding it, after those before it, gained."""

    rank: int
    node: int
    gain: float  # book unit, industrial value added over the horizon
    cumulative: float
    words: Text


@dataclass(frozen=True, eq=False)
class Relief:
    """The whitelist, and the gain of the same number of places given out in other ways.

    `curve` has columns places, plan, nobody, pro_rata, largest_loss_first, biggest_first and
    most_upstream: the simulated gain in book unit. `full` is the gain if everybody held back went to work.
    """

    picks: tuple[Pick, ...]
    curve: pd.DataFrame
    full: float


@dataclass(frozen=True, slots=True)
class Landing:
    """Where an indicator ends against its range, y/y in percent, with and without the plan."""

    target: RangeTarget
    nothing: Estimate
    plan: Estimate
    probability_nothing: float  # share of draws that end inside
    probability_plan: float
    words: Text


@dataclass(frozen=True, slots=True)
class Case:
    """A draft point-to-point case: one supplier, one customer, one product, one day.

    `value_at_stake` is what the customer's own value added gains when the cause of the shortage is cleared,
    this supplier's part of it (book unit, over the horizon). `id` is supplier > customer: product, in codes
    of the book, and the same in every run that has the case.
    """

    id: str
    rank: int
    supplier: int
    supplier_region: int
    customer: int
    product: int
    day: dt.date
    value_at_stake: float
    daily_shortfall: float  # book unit a day, mean while short
    through_corridor: bool
    reason: Text


@dataclass(frozen=True, slots=True)
class Evidence:
    """One parameter or input as used: value, range, grade, source."""

    group: Text
    name: Text
    value: str
    low: str
    high: str
    unit: Text
    grade: Grade
    source: str
    address: str
    counted: bool = True  # an input of the answer; a step in the making of the book is listed, not counted


@dataclass(frozen=True, slots=True)
class Orders:
    """Whether orders amplify the shock: `propagate.amplify` has the rule, and what `sign` and `ratio` are.

    `day` is the first on which it shows, None where it does not.
    """

    kind: Literal["none", "amplifies"]
    sign: Literal["", "orders", "loss"]
    ratio: float
    day: dt.date | None


@dataclass(frozen=True, slots=True)
class Headlines:
    """The numbers that a reader would quote, do nothing and with the plan.

    `worst_*` is the deviation of industrial value added in `worst_month` and `horizon_*` its mean over all
    days (both %), `lost_*` what is lost of it over the horizon (book unit, a loss is positive). `without`
    is how much less is lost when all shocks of a kind are left out; empty where all are of one kind.

    >>> from ballast.answer import respond
    >>> heads = respond("vehicle-parts", draws=2, relief=0).headlines
    >>> heads.worst_month, heads.draws, heads.lost_nothing.mid > 0
    ('2022-01', 2, True)
    """

    worst_month: str  # "2022-04"
    worst_nothing: Estimate
    worst_plan: Estimate
    lost_nothing: Estimate
    lost_plan: Estimate
    horizon_nothing: Estimate
    horizon_plan: Estimate
    draws: int
    outcomes: Mapping[Ending, int]  # of the draws of the path if nothing is done
    without: Mapping[str, float]
    amplifies: Orders | None  # None: nothing can be said of a run that diverged

    def document(self) -> dict[str, Any]:
        """As run.json and --json have it: the same names, plain values; `amplifies` empty for None."""
        return {**asdict(self), "amplifies": asdict(self.amplifies) if self.amplifies else {}}


@dataclass(frozen=True, eq=False, repr=False)
class Response(Shown):
    """Everything one `respond` computed. The report and the files read only this.

    >>> import ballast
    >>> answer = ballast.respond("vehicle-parts", draws=4, relief=1)
    >>> answer.blockages[0].title.en
    'Coast, Parts: back to work'
    >>> answer.to_pandas("relief").node.tolist()
    ['C.parts']
    >>> list(answer.to_xarray().by_region.dims)
    ['region', 'month', 'path', 'estimate']
    """

    economy: Economy
    scenario: Scenario
    dates: pd.DatetimeIndex  # [T]
    path: Band
    plan_path: Band
    monthly: pd.DataFrame  # region, sector (codes), month "2022-04", deviation_pct, low, high
    by_month: pd.DataFrame  # month, and the six columns of by_region, whole country
    by_region: pd.DataFrame  # region, month, nothing, nothing_low, nothing_high, plan, plan_low, plan_high
    by_sector: pd.DataFrame  # sector, month, the same six columns (industrial value added deviation, %)
    stops: pd.DataFrame  # node, region, sector, first_day, days, worst_level, cause, product, lost
    blockages: tuple[Blockage, ...]
    relief: Relief
    landings: tuple[Landing, ...]
    cases: tuple[Case, ...]
    evidence: tuple[Evidence, ...]
    headlines: Headlines
    outcome: Ending
    notes: tuple[Text, ...]  # what a reader must know before the numbers; mostly none
    grade: Grade
    settings: Mapping[str, Any]  # draws, relief, seed, model, backend, book hash, scenario hash, versions
    seconds: Mapping[str, float]

    @property
    def inputs(self) -> tuple[Evidence, ...]:
        """The evidence that counts as an input."""
        return tuple(e for e in self.evidence if e.counted)
