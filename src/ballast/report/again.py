"""The way back: a response from run.json, the paths.parquet beside it, and the book.

    read(run, book)   the Response that the files were written of

All of it comes back as it was, so that a report of it is the same bytes. Not finite (a figure of a run that
diverged, a duration that SOURCE_DATE_EPOCH left out) comes back as NaN. The three belong together: a book
or a table that is not the one of the run is refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from ballast import placing, response, sizes
from ballast import scenario as scenarios
from ballast.answer.relief import BASELINES
from ballast.answer.tables import MONTHLY
from ballast.economy import Economy, book
from ballast.economy.sane import shown
from ballast.errors import InputError
from ballast.evidence import Grade
from ballast.report import schema
from ballast.report.facts import SIX
from ballast.text import Text

PATHS = "paths.parquet"
MOST = 500_000_000  # bytes of run.json, and of the texts of paths.parquet
_ENDS = ("mid", "low", "high")


def read(run: Path, book_: Economy | str | Path | None = None) -> response.Response:
    """The response of the run whose run.json is `run`.

    `book_` is its book, or the name or folder of it; without it a built-in one of the name in run.json.
    InputError for a file that is not there, not of this schema or not of this run, and for another book.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from ballast.report import write
    >>> from ballast.answer import respond
    >>> with TemporaryDirectory() as folder:
    ...     first = respond("vehicle-parts", draws=2, relief=1)
    ...     _ = write(first, Path(folder))
    ...     read(Path(folder) / "run.json").cases == first.cases
    True
    """
    record, paths = placing.steady(run.parent, lambda: _files(run))
    economy = _economy(run, record, book_)
    try:
        return _response(record, economy, paths)
    except (KeyError, IndexError, ValueError, TypeError) as error:
        what = str(error) if isinstance(error, _Changed) else f"{type(error).__name__}: {error}"
        raise InputError(
            f"{run}: does not hold together ({what}). Somebody has changed it "
            "since it was written: take the file as it was, or run `ballast respond` again."
        ) from error


# ---- files -------------------------------------------------------------------------------------


class _Head(BaseModel):
    """What says whether the rest can be read."""

    schema_name: Literal["ballast.run"]
    schema_version: str = Field(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}$")


def _files(run: Path) -> tuple[schema.Record, pd.DataFrame]:
    """run.json and the tables beside it, checked against its checksum."""
    here, paths = placing.where(run.parent, run.name), placing.where(run.parent, PATHS)
    if not here.exists():
        raise InputError(f"{run}: there is no such file. Name the run.json of a run.")
    record = _record(run, sizes.read_bytes(here, MOST))
    if not paths.is_file():
        raise InputError(
            f"{run.parent / PATHS}: is not there. A report needs the {PATHS} that was written with "
            f"{run.name}: put both into one folder."
        )
    if record.checksums.get(PATHS) != placing.checksum(paths):
        raise InputError(
            f"{run.parent / PATHS}: is not the one that was written with {run.name}. Take the files of one "
            "run, or run `ballast respond` again."
        )
    table = sizes.spelt(sizes.parquet_table(paths, InputError), MOST, InputError(f"{paths}: is too large."))
    return record, table.to_pandas()


def _record(run: Path, raw: bytes) -> schema.Record:
    try:
        head = _Head.model_validate_json(raw)
        _check_version(run, head.schema_version)
        return schema.Record.model_validate_json(raw)
    except ValidationError as error:
        raise InputError(
            f"{run}: is not the run.json of a run ({_first(error)}). Name one that `ballast respond` wrote."
        ) from error


class _Changed(ValueError):
    """A field that holds what it cannot; the message says all: which, what, and what is allowed."""


def _first(error: ValidationError, within: str = "") -> str:
    """The first field that does not fit: its place, what stands there, and what should."""
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, (*([within] if within else []), *first["loc"]))) or "the file"
    value = first["input"]
    said = f" is {shown(str(value))}" if isinstance(value, str | int | float) and first["loc"] else ""
    return f"{where}{said}: {first['msg']}"


def _valid(kind: Any, value: Any, where: str) -> Any:
    """A part of the file as `kind`."""
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise _Changed(_first(error, where)) from error


def _grade(value: str, where: str) -> Grade:
    if value not in [*Grade]:
        raise _Changed(f"{where} is {shown(value)}: a grade is one of {', '.join(Grade)}")
    return Grade(value)


def _check_version(run: Path, said: str) -> None:
    """A file of a later version may hold what is not known here; one of an earlier lacks what is needed."""
    theirs, ours = (tuple(int(part) for part in v.split(".")) for v in (said, schema.VERSION))
    if theirs > ours:
        raise InputError(
            f"{run}: was written by a later version of Ballast (schema {said}; this one reads "
            f"{schema.VERSION}). Use that version."
        )
    if theirs < ours:
        raise InputError(
            f"{run}: was written by an earlier version of Ballast (schema {said}), which left out what a "
            "report needs. Run `ballast respond` again."
        )


def _economy(run: Path, record: schema.Record, book_: Economy | str | Path | None) -> Economy:
    """The book of the run, by its hash."""
    name, known = str(record.settings.get("book", record.book.name)), record.settings.get("book_hash")
    if book_ is None and name not in book.builtin_books():
        raise InputError(
            f"{run}: was made on the book {name!r}, which is not a built-in one. Give its folder: "
            "--book FOLDER."
        )
    economy = book_ if isinstance(book_, Economy) else book.load(book_ or name)
    if book.book_hash(economy) != known:
        given = economy.name if book_ is None or isinstance(book_, Economy) else book_
        raise InputError(
            f"{run}: was made on the book {name!r} as it was then (its hash began with {str(known)[:12]}); "
            f"{given} is another or has changed since. Give that book: --book FOLDER "
            "(`ballast book undo` goes back to an earlier version), or run `ballast respond` again."
        )
    return economy


# ---- the response ------------------------------------------------------------------------------


class _Codes:
    """Places of codes in the arrays of an economy; a code that it lacks is a KeyError. Null is -1."""

    def __init__(self, e: Economy) -> None:
        self._nodes = {c: i for i, c in enumerate(e.node_codes)}
        self._sectors = {s.code: i for i, s in enumerate(e.sectors)}
        self._regions = {r.code: i for i, r in enumerate(e.regions)}

    def node(self, code: str | None) -> int:
        return -1 if code is None else self._nodes[code]

    def sector(self, code: str | None) -> int:
        return -1 if code is None else self._sectors[code]

    def region(self, code: str | None) -> int:
        return -1 if code is None else self._regions[code]


def _response(record: schema.Record, e: Economy, paths: pd.DataFrame) -> response.Response:
    codes = _Codes(e)
    plot: scenarios.Scenario = _valid(scenarios.Scenario, record.scenario.whole, "scenario.whole")
    tables = dict(iter(paths.groupby("table", sort=False)))
    dates = pd.date_range(plot.start, periods=plot.days)
    days = {name: rows for name, rows in tables["national"].groupby("path") if len(rows) == len(dates)}
    return response.Response(
        economy=e,
        scenario=plot,
        dates=dates,
        path=_band(days["nothing"]),
        plan_path=_band(days["plan"]),
        monthly=_monthly(tables["monthly"]),
        by_month=_six(tables["by_month"], ()),
        by_region=_six(tables["by_region"], ("region",)),
        by_sector=_six(tables["by_sector"], ("sector",)),
        stops=_stops(record, e, codes),
        blockages=tuple(_blockage(b, e, codes) for b in record.blockages),
        relief=_relief(record, codes),
        landings=tuple(_landing(x, plot) for x in record.landings),
        cases=tuple(_case(c, e, codes) for c in record.cases),
        evidence=tuple(_evidence(x, i) for i, x in enumerate(record.parameters)),
        headlines=_headlines(record.headlines.more),
        outcome=record.outcome,
        notes=tuple(_text(note) for note in record.notes),
        grade=_grade(record.grade, "grade"),
        settings=record.settings,
        seconds={k: _number(v) for k, v in record.seconds.items()},
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _text(words: schema.Words) -> Text:
    return Text(words.en, words.zh)


def _estimate(figure: schema.Figure) -> response.Estimate:
    return response.Estimate(*(_number(getattr(figure, end)) for end in _ENDS))


def _band(rows: pd.DataFrame) -> response.Band:
    return response.Band(*(rows[end].to_numpy(np.float64) for end in _ENDS))


def _words_of(column: pd.Series) -> NDArray[np.str_]:
    return np.array(column.tolist(), dtype=np.str_)


def _monthly(rows: pd.DataFrame) -> pd.DataFrame:
    labels = [_words_of(rows[name]) for name in MONTHLY[:3]]
    figures = [rows[end].to_numpy(np.float64) for end in _ENDS]
    return pd.DataFrame(dict(zip(MONTHLY, [*labels, *figures], strict=True)))


def _six(rows: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    """The two paths of a table side by side again; they were written one below the other."""
    both = [rows[rows.path == name] for name in ("nothing", "plan")]
    labels = {key: _words_of(both[0][key]) for key in (*keys, "month")}
    figures = [half[end].to_numpy(np.float64) for half in both for end in _ENDS]
    return pd.DataFrame({**labels, **dict(zip(SIX, figures, strict=True))})


def _stops(record: schema.Record, e: Economy, codes: _Codes) -> pd.DataFrame:
    columns = ["node", "region", "sector", "first_day", "days", "worst_level", "cause", "product", "lost"]
    rows = []
    for x in record.stops:
        j = codes.node(x.node)
        region, sector = e.regions[e.node_region[j]].code, e.sectors[e.node_sector[j]].code
        rows.append((j, region, sector, x.first_day, x.days, _number(x.worst_level), x.cause, x.product,
                     _number(x.lost)))  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _home(e: Economy, supplier: int) -> int:
    """The region of a supplier, -1 abroad."""
    return int(e.node_region[supplier]) if supplier >= 0 else -1


def _blockage(b: schema.Blockage, e: Economy, codes: _Codes) -> response.Blockage:
    supplier = codes.node(b.supplier)
    return response.Blockage(
        id=b.id,
        rank=b.rank,
        kind=b.kind,
        title=_text(b.title),
        node=codes.node(b.node),
        product=codes.sector(b.product),
        first_day=b.first_day,
        days=b.days,
        worst_level=_number(b.worst_level),
        supplier=supplier,
        supplier_region=_home(e, supplier),
        through_corridor=b.through_corridor,
        region_from=codes.region(b.region_from),
        region_to=codes.region(b.region_to),
        customers=b.customers,
        saved=_number(b.saved),
        inside=_number(b.inside),
        part_of=b.part_of or 0,
        needs=_number(b.needs),
        chain=tuple(_link(x, codes) for x in b.chain),
        words=_text(b.words),
    )


def _link(x: schema.Link, codes: _Codes) -> response.ChainLink:
    return response.ChainLink(
        node=codes.node(x.node),
        cause=x.cause,
        day=x.day,
        product=codes.sector(x.product),
        level=_number(x.level),
        region_from=codes.region(x.region_from),
        region_to=codes.region(x.region_to),
        words=_text(x.words),
    )


def _case(c: schema.Case, e: Economy, codes: _Codes) -> response.Case:
    supplier = codes.node(c.supplier)
    return response.Case(
        id=c.id,
        rank=c.rank,
        supplier=supplier,
        supplier_region=_home(e, supplier),
        customer=codes.node(c.customer),
        product=codes.sector(c.product),
        day=c.day,
        value_at_stake=_number(c.value_at_stake),
        daily_shortfall=_number(c.daily_shortfall),
        through_corridor=c.through_corridor,
        reason=_text(c.reason),
    )


def _relief(record: schema.Record, codes: _Codes) -> response.Relief:
    picks = tuple(
        response.Pick(p.rank, codes.node(p.node), _number(p.gain), _number(p.cumulative), _text(p.words))
        for p in record.whitelist
    )
    columns = ["places", "plan", *BASELINES]
    rows = [[_number(row[name]) for name in columns] for row in record.relief_curve]
    curve = pd.DataFrame(rows, columns=columns)
    return response.Relief(
        picks, curve.astype({"places": int}) if rows else curve, _number(record.headlines.full_gain)
    )


def _landing(x: schema.Landing, plot: scenarios.Scenario) -> response.Landing:
    """A landing; its target is the scenario's own, with source and note, where it has it."""
    target = scenarios.RangeTarget(
        cast(Any, x.indicator), x.region, x.period, x.low, x.high, x.baseline_growth
    )
    told = (target.indicator, target.region, target.period, target.low, target.high, target.baseline_growth)
    same = (
        r
        for r in plot.ranges
        if (r.indicator, r.region, r.period, r.low, r.high, r.baseline_growth) == told
    )
    return response.Landing(
        next(same, target),
        _estimate(x.nothing),
        _estimate(x.plan),
        _number(x.probability_nothing),
        _number(x.probability_plan),
        _text(x.words),
    )


def _evidence(x: schema.Parameter, row: int) -> response.Evidence:
    return response.Evidence(
        _text(x.group_words), _text(x.name), x.value, x.low, x.high, _text(x.unit_words),
        _grade(x.grade, f"parameters.{row}.grade"), x.source, x.address, x.counted,
    )  # fmt: skip


def _headlines(more: schema.More) -> response.Headlines:
    figures = {
        f"{what}_{path}": _estimate(getattr(more, f"{what}_{path}"))
        for what in ("worst", "lost", "horizon")
        for path in ("nothing", "plan")
    }
    return response.Headlines(
        worst_month=more.worst_month,
        draws=more.draws,
        outcomes=more.outcomes,
        without={k: _number(v) for k, v in more.without.items()},
        amplifies=_orders(more.amplifies),
        **figures,
    )


def _orders(said: Mapping[str, Any]) -> response.Orders | None:
    if not said:
        return None
    orders: response.Orders = _valid(response.Orders, said, "headlines.more.amplifies")
    return orders
