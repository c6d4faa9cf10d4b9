"""run.json and paths.parquet: the result for other programs, in a shape that stays.

`schema.Record` is what run.json holds; here it is filled from a response and written. Numbers that are not
finite are written as null. `again` is the way back.

paths.parquet holds long tables under one set of columns, told apart by `table`:
    national    date, path (nothing, plan)          percent of the no-shock path, every day
    by_month    month, path                         deviation in percent, industrial value added
    by_region   month, region, path                 deviation in percent, industrial value added
    by_sector   month, sector, path                 deviation in percent, value added
    monthly     month, region, sector, path         deviation in percent, do nothing only
each with mid, low, high.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import ballast
from ballast import clock, placing, safe
from ballast.report import tables
from ballast.report.facts import Facts
from ballast.report.schema import (
    SCHEMA,
    VERSION,
    Blockage,
    Book,
    Case,
    Figure,
    Headlines,
    Landing,
    Link,
    More,
    Parameter,
    Pick,
    Record,
    Scenario,
    Stop,
    Words,
)

if TYPE_CHECKING:
    from ballast.economy import Economy
    from ballast.response import ChainLink, Estimate, Response
    from ballast.text import Text

# ---- filling -----------------------------------------------------------------------------------


def record(
    response: Response, facts: Facts, files: Sequence[str], checksums: Mapping[str, str] | None = None
) -> Record:
    """The response as the schema has it; `checksums` (SHA-256) are of the other files of the run."""
    return Record(
        schema_name=SCHEMA,
        schema_version=VERSION,
        ballast_version=ballast.__version__,
        outcome=response.outcome,
        notes=[_words(note) for note in response.notes],
        grade=str(response.grade),
        book=_book(response),
        scenario=_scenario(response),
        headlines=_headlines(response, facts),
        landings=_landings(response),
        whitelist=_whitelist(response),
        relief_curve=_curve(response),
        blockages=_blockages(response),
        cases=_cases(response),
        stops=_stops(response),
        parameters=_parameters(response),
        settings=plain(dict(response.settings)),
        seconds=_seconds(response),
        files=list(files),
        checksums=dict(checksums or {}),
    )


def _book(response: Response) -> Book:
    e = response.economy
    return Book(
        name=e.name,
        title=_words(e.title),
        year=e.year,
        unit=e.unit,
        currency=e.currency,
        regions=e.r,
        sectors=e.k,
        nodes=e.n,
    )


def _scenario(response: Response) -> Scenario:
    s = response.scenario
    return Scenario(
        name=s.name,
        title=_words(s.title),
        start=s.start,
        days=s.days,
        decision=s.decision,
        shocks=[x.name for x in s.shocks],
        whole=plain(asdict(replace(s, file=""))),  # where its file lay is no part of the answer
    )


def _headlines(response: Response, f: Facts) -> Headlines:
    return Headlines(
        worst_month=f.worst_month,
        worst_nothing=_figure(f.worst_nothing),
        worst_plan=_figure(f.worst_plan),
        lost_nothing=_figure(f.lost_nothing),
        lost_plan=_figure(f.lost_plan),
        outside_share=finite(f.outside_share),
        places=f.places,
        gain=finite(f.gain),
        best_baseline=f.rival,
        best_baseline_gain=finite(f.rival_gain),
        full_gain=finite(response.relief.full),
        more=More.model_validate(plain(response.headlines.document())),
    )


def _landings(response: Response) -> list[Landing]:
    return [
        Landing(
            indicator=x.target.indicator,
            region=x.target.region or "",
            period=x.target.period,
            low=finite(x.target.low),
            high=finite(x.target.high),
            baseline_growth=finite(x.target.baseline_growth),
            nothing=_figure(x.nothing),
            plan=_figure(x.plan),
            probability_nothing=finite(x.probability_nothing),
            probability_plan=finite(x.probability_plan),
            words=_words(x.words),
        )
        for x in response.landings
    ]


def _whitelist(response: Response) -> list[Pick]:
    codes = response.economy.node_codes
    return [
        Pick(
            rank=p.rank,
            node=codes[p.node],
            gain=finite(p.gain),
            cumulative=finite(p.cumulative),
            words=_words(p.words),
        )
        for p in response.relief.picks
    ]


def _curve(response: Response) -> list[dict[str, float | None]]:
    return [{str(k): finite(v) for k, v in row.items()} for row in response.relief.curve.to_dict("records")]


def _blockages(response: Response) -> list[Blockage]:
    e = response.economy
    return [
        Blockage(
            id=b.id,
            rank=b.rank,
            kind=b.kind,
            title=_words(b.title),
            node=e.node_codes[b.node],
            product=e.sectors[b.product].code if b.product >= 0 else None,
            supplier=e.node_codes[b.supplier] if b.supplier >= 0 else None,
            region_from=e.regions[b.region_from].code if b.region_from >= 0 else None,
            region_to=e.regions[b.region_to].code if b.region_to >= 0 else None,
            customers=b.customers,
            inside=finite(b.inside),
            part_of=b.part_of or None,
            through_corridor=b.through_corridor,
            first_day=tables.as_date(b.first_day),
            days=b.days,
            worst_level=finite(b.worst_level),
            saved=finite(b.saved),
            needs=finite(b.needs),
            chain=[_link(e, x) for x in b.chain],
            words=_words(b.words),
        )
        for b in response.blockages
    ]


def _link(e: Economy, link: ChainLink) -> Link:
    return Link(
        node=e.node_codes[link.node],
        cause=link.cause,
        day=tables.as_date(link.day),
        product=e.sectors[link.product].code if link.product >= 0 else None,
        level=finite(link.level),
        region_from=e.regions[link.region_from].code if link.region_from >= 0 else None,
        region_to=e.regions[link.region_to].code if link.region_to >= 0 else None,
        words=_words(link.words),
    )


def _cases(response: Response) -> list[Case]:
    e = response.economy
    return [
        Case(
            id=c.id,
            rank=c.rank,
            supplier=e.node_codes[c.supplier] if c.supplier >= 0 else None,
            customer=e.node_codes[c.customer],
            product=e.sectors[c.product].code,
            day=tables.as_date(c.day),
            value_at_stake=finite(c.value_at_stake),
            daily_shortfall=finite(c.daily_shortfall),
            through_corridor=c.through_corridor,
            reason=_words(c.reason),
        )
        for c in response.cases
    ]


def _stops(response: Response) -> list[Stop]:
    codes = response.economy.node_codes
    return [
        Stop(
            node=codes[int(r.node)],
            first_day=tables.as_date(r.first_day),
            days=int(r.days),
            worst_level=finite(r.worst_level),
            cause=str(r.cause),
            product=str(r.product),
            lost=finite(r.lost),
        )
        for r in response.stops.itertuples()
    ]


def _parameters(response: Response) -> list[Parameter]:
    return [
        Parameter(
            group=x.group.en,
            group_words=_words(x.group),
            name=_words(x.name),
            value=x.value,
            low=x.low,
            high=x.high,
            unit=x.unit.en,
            unit_words=_words(x.unit),
            counted=x.counted,
            grade=str(x.grade),
            source=x.source,
            address=x.address,
        )
        for x in response.evidence
    ]


def _words(text: Text) -> Words:
    return Words(en=text.en, zh=text.zh)


def _figure(value: Estimate) -> Figure:
    return Figure(mid=finite(value.mid), low=finite(value.low), high=finite(value.high))


def finite(value: Any) -> float | None:
    """A float, or None for what is missing or not finite."""
    return None if value is None or not math.isfinite(float(value)) else float(value)


def plain(value: Any) -> Any:
    """Settings and headlines as JSON can hold them, whatever they are made of."""
    if value is None or isinstance(value, str | bool | np.bool_):
        return bool(value) if isinstance(value, np.bool_) else value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return finite(value)
    if isinstance(value, dict):
        return {safe.whole(str(k)): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | np.ndarray):
        return [plain(v) for v in value]
    if hasattr(value, "mid"):
        return {k: finite(getattr(value, k)) for k in ("mid", "low", "high")}
    if hasattr(value, "en"):
        return {"en": value.en, "zh": value.zh}
    return str(value)


# ---- writing -----------------------------------------------------------------------------------


def _seconds(response: Response) -> dict[str, float | None]:
    """How long each stage took; null where SOURCE_DATE_EPOCH asks for the same bytes every time."""
    held = clock.fixed() is not None
    return {k: None if held else finite(v) for k, v in response.seconds.items()}


def write_json(response: Response, facts: Facts, files: Sequence[str], path: Path) -> None:
    """Sorted keys, UTF-8, no NaN; with the checksums of the `files` that stand beside it already."""
    others = [path.with_name(name) for name in files if name != path.name]
    sums = {p.name: placing.checksum(p) for p in others if p.exists()}
    data = record(response, facts, files, sums).model_dump(mode="json")
    text = safe.json_text(data, sort_keys=True, indent=1)
    path.write_text(text + "\n", "utf-8", newline="\n")


def write_paths(response: Response, path: Path) -> None:
    """All long tables in one file."""
    parts = [
        _national(response),
        *(_six(response, k) for k in ("month", "region", "sector")),
        _monthly(response),
    ]
    columns = ["table", "date", "month", "region", "sector", "path", "mid", "low", "high"]
    whole = pd.concat([p.reindex(columns=columns) for p in parts], ignore_index=True)
    for name in ("month", "region", "sector"):
        whole[name] = whole[name].astype("string")
    whole["date"] = pd.to_datetime(whole["date"])
    with path.open("wb") as file:  # Arrow takes a path as text, and a file name need not be text
        whole.to_parquet(file, index=False)


def _national(response: Response) -> pd.DataFrame:
    bands = {"nothing": response.path, "plan": response.plan_path}
    return pd.concat(
        pd.DataFrame(
            {
                "table": "national",
                "date": response.dates,
                "path": name,
                "mid": band.mid,
                "low": band.low,
                "high": band.high,
            }
        )
        for name, band in bands.items()
    )


def _six(response: Response, key: str) -> pd.DataFrame:
    data: pd.DataFrame = getattr(response, f"by_{key}")
    parts = []
    for name in ("nothing", "plan"):
        names = {name: "mid", f"{name}_low": "low", f"{name}_high": "high"}
        parts.append(
            data[[*dict.fromkeys((key, "month")), *names]]
            .rename(columns=names)
            .assign(table=f"by_{key}", path=name)
        )
    return pd.concat(parts)


def _monthly(response: Response) -> pd.DataFrame:
    return response.monthly.rename(columns={"deviation_pct": "mid"}).assign(table="monthly", path="nothing")
