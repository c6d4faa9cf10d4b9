"""What run.json holds: pydantic models that are filled, written, read back and documented from one place.

A field is added with a new minor version and removed with a new major one; docs/report.md has each with its
meaning. Nodes, sectors and regions are codes of the book, money is in its unit; null is what is missing or
not finite. `Record.model_json_schema()` is the JSON Schema.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict

from ballast.outcomes import Ending

SCHEMA = "ballast.run"
VERSION = "1.3"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """The same words in both languages."""

    en: str
    zh: str


class Figure(_Part):
    """A number with its 10-90% band; null where there is none."""

    mid: float | None
    low: float | None
    high: float | None


class Book(_Part):
    """The economy the run stands on."""

    name: str
    title: Words
    year: int
    unit: str
    currency: str
    regions: int
    sectors: int
    nodes: int


class Scenario(_Part):
    """What was imposed; `whole` is all that the scenario says, field by field as in `ballast.scenario`."""

    name: str
    title: Words
    start: dt.date
    days: int
    decision: dt.date | None
    shocks: list[str]
    whole: dict[str, Any]


class More(_Part):
    """`ballast.response.Headlines`; `amplifies` is empty where nothing can be said of orders."""

    worst_month: str
    worst_nothing: Figure
    worst_plan: Figure
    lost_nothing: Figure
    lost_plan: Figure
    horizon_nothing: Figure
    horizon_plan: Figure
    draws: int
    outcomes: dict[Ending, int]
    without: dict[str, float | None]
    amplifies: dict[str, Any]


class Headlines(_Part):
    """The numbers that the report quotes. Deviations in percent, money in the book's unit."""

    worst_month: str
    worst_nothing: Figure
    worst_plan: Figure
    lost_nothing: Figure
    lost_plan: Figure
    outside_share: float | None
    places: int
    gain: float | None
    best_baseline: str
    best_baseline_gain: float | None
    full_gain: float | None
    more: More


class Landing(_Part):
    """An indicator against its range, in percent."""

    indicator: str
    region: str
    period: str
    low: float | None
    high: float | None
    baseline_growth: float | None
    nothing: Figure
    plan: Figure
    probability_nothing: float | None
    probability_plan: float | None
    words: Words


class Pick(_Part):
    """One place of the whitelist."""

    rank: int
    node: str
    gain: float | None
    cumulative: float | None
    words: Words


class Link(_Part):
    """One step of a chain, from what stopped back to what is behind it.

    A region is null where the step names none, `product` where nothing was short (a shock).
    """

    node: str
    cause: str
    day: dt.date
    product: str | None
    level: float | None
    region_from: str | None
    region_to: str | None
    words: Words


class Blockage(_Part):
    """One thing to clear, and the customer with most at stake.

    `id` says what is cleared and stays the same from run to run. `product` is null where nobody waits,
    `supplier` abroad; a region is null for every other one; `part_of` is the rank of a blockage that holds
    all of this one.
    """

    id: str
    rank: int
    kind: str
    title: Words
    node: str
    product: str | None
    supplier: str | None
    region_from: str | None
    region_to: str | None
    customers: int
    inside: float | None
    part_of: int | None
    through_corridor: bool
    first_day: dt.date
    days: int
    worst_level: float | None
    saved: float | None
    needs: float | None
    chain: list[Link]
    words: Words


class Case(_Part):
    """A draft case. `supplier` is null abroad; `id` stays the same from run to run."""

    id: str
    rank: int
    supplier: str | None
    customer: str
    product: str
    day: dt.date
    value_at_stake: float | None
    daily_shortfall: float | None
    through_corridor: bool
    reason: Words


class Stop(_Part):
    """Who stopped, when, for want of what; `product` is empty where no input was short."""

    node: str
    first_day: dt.date
    days: int
    worst_level: float | None
    cause: str
    product: str
    lost: float | None


class Parameter(_Part):
    """A parameter or input as used; `counted` is false for a step in the making of the book."""

    group: str
    group_words: Words
    name: Words
    value: str
    low: str
    high: str
    unit: str
    unit_words: Words
    counted: bool
    grade: str
    source: str
    address: str


class Record(_Part):
    """run.json."""

    schema_name: str
    schema_version: str
    ballast_version: str
    outcome: Ending
    notes: list[Words]
    grade: str
    book: Book
    scenario: Scenario
    headlines: Headlines
    landings: list[Landing]
    whitelist: list[Pick]
    relief_curve: list[dict[str, float | None]]
    blockages: list[Blockage]
    cases: list[Case]
    stops: list[Stop]
    parameters: list[Parameter]
    settings: dict[str, Any]
    seconds: dict[str, float | None]
    files: list[str]
    checksums: dict[str, str]
