"""Predicted against published, Shanghai and Jilin in spring 2022: `python benchmarks/validation.py`.

Writes benchmarks/results/validation.json, docs/validation.md and docs/img/validation-*.svg. `--data DIR` is
the folder with the published figures (events/, china_monthly/, china_io_nbs/); `--page` writes the page and
its pictures again from the numbers that are there.

    targets     what was published, as growth over a year earlier, and what it would have been without the
                shock by each of `RULES` -> Target: a deviation to be predicted
    predicted   every model and baseline -> the deviation of each target, with a band where it has one
    scores      mean absolute error, sign, rank, coverage; sign tests of the default against each other one

No parameter was moved towards these figures; docs/model.md says what was known when the model was built.
`validation_page` turns the numbers into words and pictures.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import validation_page
from numpy.typing import NDArray
from scipy.stats import binomtest, spearmanr

from ballast.arrays import band
from ballast.economy import Economy, book
from ballast.propagate import static
from ballast.propagate.ensemble import design, run_ensemble
from ballast.propagate.published import DEFAULT
from ballast.propagate.published.reference import MODELS
from ballast.propagate.simulate import simulate
from ballast.scenario import Scenario, compile_scenario, load

Floats = NDArray[np.float64]

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "validation.json"
DATA = ROOT.parent / "shared" / "data"
SCENARIO = "shanghai-2022"
DRAWS, SEED = 64, 1  # as `ballast respond` runs it
MONTHS = ("2022-04", "2022-05", "2022-06", "2022-07")
QUARTER = "2022-Q2"
NOTHING = 0.5  # percent: a smaller published deviation has no sign to agree with

# What growth over a year earlier would have been: the mean over these months of the series itself. January and
# February are published as one figure, filed under 02, and count as two months.
RULES: Mapping[str, tuple[str, ...]] = {
    "half year": ("2021-10", "2021-11", "2021-12", "2022-02", "2022-02"),
    "January-February": ("2022-02",),
    "last quarter": ("2021-10", "2021-11", "2021-12"),
}
MAIN = "half year"

# Published series of value added by industry -> sector of the book. Only series that go on over the months of
# the rules and of the event; series in tons and pieces are left out, with one exception, said at `vehicles`.
SECTORS = {
    "Textiles": "07",
    "Chemicals": "12",
    "Non-metal minerals": "13",
    "Ferrous metals": "14",
    "General equipment": "16",
    "Machinery": "19",
    "Communication": "20",
}
VEHICLES = "18"
AUTOMOBILES, OTHERS = ("079", "080"), ("081", "082", "083")  # of the 153-sector table of 2020
PLACES = {
    "China": (),
    "Shanghai": ("SH",),
    "Yangtze delta": ("SH", "JS", "ZJ", "AH"),
    "North-east": ("LN", "JL", "HL"),
    "Jilin": ("JL",),
}


@dataclass(frozen=True)
class Target:
    """One published figure as a deviation from the path without the shock, in percent."""

    place: str
    sector: str  # code of the book, "" for all industry
    period: str  # month or quarter
    published: float  # growth over a year earlier, %
    without: dict[str, float]  # what it would have been, by rule, %
    basis: str  # whose growth that is
    source: str

    @property
    def name(self) -> str:
        return f"{self.place} {self.sector} {self.period}"

    def deviation(self, rule: str = MAIN) -> float:
        """(1 + g) / (1 + g without) - 1, in percent."""
        return 100.0 * ((1 + self.published / 100) / (1 + self.without[rule] / 100) - 1)


# ---- what was published ------------------------------------------------------------------------


def targets(data: Path) -> list[Target]:
    """Every usable figure, places first."""
    national, series, events = _national(data), _series(data), _events(data)
    own = {rule: _mean(national, months) for rule, months in RULES.items()}
    found = [
        Target("China", "", m, national[m][0], own, "the series itself", national[m][1]) for m in MONTHS
    ]
    shanghai = shanghai_growth(events)
    for key, (value, source) in events.items():
        place, period, metric = key
        if metric == "industrial value added yoy" or key == ("Shanghai", "2022-04", GROSS):
            if place not in PLACES or period not in (*MONTHS, QUARTER):
                continue
            without = dict.fromkeys(RULES, shanghai) if place == "Shanghai" else own
            basis = "Shanghai, January to March" if place == "Shanghai" else "national industry"
            found.append(Target(place, "", period, value, without, basis, source))
    return [*found, *_vehicles(data, series, events, shanghai), *_sectors(series)]


GROSS = "industrial gross output yoy"


def shanghai_growth(events: Mapping[tuple[str, str, str], tuple[float, str]]) -> float:
    """Growth of Shanghai's industry in January to March 2022, from three published figures, %.

    April 2022 is 1,286.17 at -61.5%, so April 2021 was 3,340.7. With the four months of 2021 alike, January to
    April fell by 12.5% to 0.875 x 13,362.9 = 11,692.5, of which 10,406.3 before April: 3.8% above 10,022.1.
    """
    level = events["Shanghai", "2022-04", "industrial gross output above-scale"][0]
    april = level / (1 + events["Shanghai", "2022-04", GROSS][0] / 100)
    so_far = (1 + events["Shanghai", "2022-01..04", f"{GROSS} ytd"][0] / 100) * 4 * april
    return 100.0 * ((so_far - level) / (3 * april) - 1)


def _vehicles(data: Path, series: Any, events: Any, shanghai: float) -> list[Target]:
    """Vehicles: national as a mean of cars and of rail, ships and aircraft, by value added; two provinces.

    The car industry's value added is published from April on only; what it would have been comes from the
    number of vehicles made, the one series in pieces used here. Shanghai's is that of its whole industry.
    """
    cars, others = series["Automobile manufacturing"], series["Transport equipment"]
    share = automobile_share(data)
    made = {rule: _mean(series["Motor vehicles"], months) for rule, months in RULES.items()}
    rest = {rule: _mean(others, months) for rule, months in RULES.items()}
    without = {rule: share * made[rule] + (1 - share) * rest[rule] for rule in RULES}
    found = []
    for m in MONTHS:
        if m in cars and m in others:
            value = share * cars[m][0] + (1 - share) * others[m][0]
            basis = "vehicles made, and rail, ships and aircraft"
            found.append(Target("China", VEHICLES, m, value, without, basis, cars[m][1]))
    value, source = events["Shanghai", "2022-04", "automobile manufacturing gross output yoy"]
    found.append(
        Target(
            "Shanghai", VEHICLES, "2022-04", value, dict.fromkeys(RULES, shanghai),
            "Shanghai, January to March", source,
        )
    )  # fmt: skip
    for m in MONTHS:
        if ("Jilin", m, "automobile value added yoy") in events:
            value, source = events["Jilin", m, "automobile value added yoy"]
            found.append(Target("Jilin", VEHICLES, m, value, made, "vehicles made in China", source))
    return found


def automobile_share(data: Path) -> float:
    """Cars' share of the value added of what the book calls vehicles, 2020."""
    path = data / "china_io_nbs" / "china_2020_153.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    value = dict(zip(rows[0], next(r for r in rows if r[0] == "TVA"), strict=True))
    cars, others = (sum(float(value[c]) for c in codes) for codes in (AUTOMOBILES, OTHERS))
    return cars / (cars + others)


def _sectors(series: Any) -> list[Target]:
    found = []
    for name, code in SECTORS.items():
        own = {rule: _mean(series[name], months) for rule, months in RULES.items()}
        found += [
            Target("China", code, m, series[name][m][0], own, "the series itself", series[name][m][1])
            for m in MONTHS
            if m in series[name]
        ]
    return found


def _mean(series: Mapping[str, tuple[float, str]], months: Sequence[str]) -> float:
    return statistics.fmean(series[m][0] for m in months)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        sys.exit(f"{path} is not there. Give the folder of published figures with --data DIR.")
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _series(data: Path) -> dict[str, dict[str, tuple[float, str]]]:
    found: dict[str, dict[str, tuple[float, str]]] = {}
    for row in _rows(data / "china_monthly" / "industry_yoy.csv"):
        found.setdefault(row["series"], {})[row["month"]] = (float(row["yoy_pct"]), row["url"])
    return found


def _national(data: Path) -> dict[str, tuple[float, str]]:
    """National industrial value added; the bureau's own series, first prints where that has none."""
    printed = _series(data)["Overall output"]
    own = _rows(data / "china_monthly" / "nbs_macro.csv")
    return printed | {
        r["month"]: (float(r["iva_yoy"]), printed.get(r["month"], (0.0, ""))[1])
        for r in own
        if r["iva_yoy"]
    }


def _events(data: Path) -> dict[tuple[str, str, str], tuple[float, str]]:
    found: dict[tuple[str, str, str], tuple[float, str]] = {}
    for row in _rows(data / "events" / "events.csv"):
        try:
            value = float(row["value"])
        except ValueError:
            continue
        found[row["region"], row["period"], row["metric"]] = (value, row["source"])
    return found


# ---- what is predicted -------------------------------------------------------------------------


class Levels(NamedTuple):
    """Mean output of a month as a share of baseline [D, P, N], and value added of the nodes [D, N]."""

    monthly: Floats
    value_added: Floats


def _run(e: Economy, plot: Scenario, points: Sequence[Mapping[str, float]], model: str = DEFAULT) -> Levels:
    found = run_ensemble(e, plot, points, model=model)
    return Levels(found.monthly.astype(float), found.value_added.astype(float))


def levels(e: Economy, plot: Scenario, draws: int = DRAWS) -> dict[str, tuple[Levels, Levels | None]]:
    """By model: the central run [1, P, N], and its draws where it has any."""
    forcing = compile_scenario(plot, e)
    month = pd.date_range(forcing.start, periods=forcing.days).to_period("M")
    states = [static.State.mean(forcing, np.asarray(month == m)) for m in month.unique()]
    found: dict[str, tuple[Levels, Levels | None]] = {}
    for name in (DEFAULT, *MODELS):
        found[name] = (_run(e, plot, ({},), name), _run(e, plot, design(plot, draws, SEED, name), name))
        print(name, flush=True)
    open_roads = replace(plot, shocks=tuple(s for s in plot.shocks if s.kind != "corridor"))
    found[DIAGNOSIS] = (_run(e, open_roads, ({},)), _run(e, open_roads, design(open_roads, draws, SEED)))
    for name, model in BASELINES.items():
        months = np.array([[model(e, s) for s in states]])
        found[name] = (Levels(months, e.total_value_added[None]), None)
    return found


DIAGNOSIS = "default, roads open"  # made after the figures were seen, to find what the roads do

BASELINES: dict[str, Callable[[Economy, static.State], Floats]] = {
    "no change": lambda e, s: np.ones(e.n),
    "direct loss": static.direct,
    "Leontief": static.leontief,
    "Ghosh": static.ghosh,
}


def deviations(e: Economy, plot: Scenario, level: Levels, wanted: Sequence[Target]) -> Floats:
    """[D, targets] deviation of value added from baseline, in percent."""
    months = [str(m) for m in pd.date_range(plot.start, plot.end).to_period("M").unique()]
    regions, sectors = [r.code for r in e.regions], [s.code for s in e.sectors]
    out = np.zeros((len(level.monthly), len(wanted)))
    for i, t in enumerate(wanted):
        picked = np.ones(e.n, bool)
        if codes := PLACES[t.place]:
            picked &= np.isin(e.node_region, [regions.index(c) for c in codes])
        picked &= e.is_industry if not t.sector else e.node_sector == sectors.index(t.sector)
        weight = np.where(picked, level.value_added, 0.0)
        covered = [m for m in months if m == t.period or (t.period == QUARTER and m in QUARTER_MONTHS)]
        days = np.array([pd.Period(m).days_in_month for m in covered], float)
        change = level.monthly[:, [months.index(m) for m in covered]] - 1.0  # nothing stays exactly nothing
        share = (change @ weight[:, :, None])[:, :, 0] / weight.sum(axis=1)[:, None]
        out[:, i] = 100.0 * (share @ (days / days.sum()))
    return out


QUARTER_MONTHS = ("2022-04", "2022-05", "2022-06")


def roads(data: Path, e: Economy, plot: Scenario) -> dict[str, Any]:
    """Trucks counted on expressways against their number in August 2022, and what the scenario lets pass.

    What passes is the median over pairs of provinces: most have no closure of their own.
    """
    forcing = compile_scenario(plot, e)
    passing = np.minimum(1.0, forcing.corridors.table)
    counted, index = {}, {}
    for row in _rows(data / "scenario_facts" / "facts.csv"):
        if row["region"] != "China":
            continue
        if row["sector_or_scope"] == "expressway trucks" and row["unit"] == "10k vehicles/day":
            counted[row["date_from"]] = (float(row["value"]), row["source"])
        if row["sector_or_scope"].endswith("(G7)") and row["variable"] == "flow yoy":
            index[row["date_from"]] = (float(row["value"]), row["source"])
    normal = counted[NORMAL][0]
    rows = []
    for day, (value, source) in sorted(counted.items()):
        t = (pd.Timestamp(day) - pd.Timestamp(plot.start)).days
        if day < NORMAL and 0 <= t < forcing.days and day not in DERIVED:
            lets = float(np.median(passing[forcing.corridors.index[t]]))
            rows.append({"day": day, "counted": value / normal, "assumed": lets, "source": source})
    return {
        "normal": NORMAL,
        "rows": rows,
        "index": [{"day": d, "yoy": v, "source": s} for d, (v, s) in sorted(index.items())],
    }


NORMAL = "2022-08-16"  # no closures: what is usual
DERIVED = ("2022-04-10",)  # a Sunday, worked back from a growth rate


# ---- how good it is ----------------------------------------------------------------------------


def score(predicted: Floats, truth: Floats, low: Floats | None, high: Floats | None) -> dict[str, Any]:
    """Errors of one model on some targets; sign and rank where they mean something, else None."""
    clear = np.abs(truth) >= NOTHING
    constant = np.ptp(predicted) == 0 or np.ptp(truth) == 0
    inside = None if low is None or high is None else float(np.mean((low <= truth) & (truth <= high)))
    return {
        "error": float(np.abs(predicted - truth).mean()),
        "bias": float((predicted - truth).mean()),
        "sign": float(np.mean(np.sign(predicted[clear]) == np.sign(truth[clear]))) if clear.any() else None,
        "rank": None if constant or len(truth) < 3 else float(spearmanr(predicted, truth).statistic),
        "inside": inside,
    }


def against(mine: Floats, other: Floats, truth: Floats) -> dict[str, Any]:
    """On how many targets the first is nearer than the second, and how likely that is by chance alone."""
    gap = np.abs(other - truth) - np.abs(mine - truth)
    nearer, further = int((gap > 0).sum()), int((gap < 0).sum())
    chance = binomtest(nearer, nearer + further).pvalue if nearer + further else 1.0
    return {"nearer": nearer, "further": further, "chance": float(chance)}


def groups(wanted: Sequence[Target]) -> dict[str, list[int]]:
    """Which targets are scored together. Months overlap with the quarter, which stands with the places."""
    april: list[int] = []
    later: list[int] = []
    for i, t in enumerate(wanted):
        (april if t.period == "2022-04" else later).append(i)
    places = [i for i, t in enumerate(wanted) if not t.sector]
    vehicles = [i for i, t in enumerate(wanted) if t.sector == VEHICLES]
    sectors = [i for i, t in enumerate(wanted) if t.place == "China" and t.sector]
    everything = list(range(len(wanted)))
    return {
        "all": everything, "April": april, "May to July": later, "places": places, "vehicles": vehicles,
        "sectors": sectors, "sectors, April": [i for i in sectors if i in april],
    }  # fmt: skip


def study(data: Path, draws: int = DRAWS) -> dict[str, Any]:
    """Everything the page needs."""
    e, plot = book.load("china-2020"), load(SCENARIO)
    wanted = targets(data)
    truth = {rule: np.array([t.deviation(rule) for t in wanted]) for rule in RULES}
    made: dict[str, dict[str, Any]] = {}
    lowest: dict[str, float] = {}
    for name, (central, spread) in levels(e, plot, draws).items():
        mid = deviations(e, plot, central, wanted)[0]
        low, high = (None, None) if spread is None else band(deviations(e, plot, spread, wanted), mid)
        made[name] = {"mid": mid, "low": low, "high": high}
        lowest[name] = _least(e, plot, central)
    scored = {
        rule: {
            group: {n: score(*(_pick(m, i) for m in (v["mid"], truth[rule], v["low"], v["high"])))
                    for n, v in made.items()}
            for group, i in groups(wanted).items()
        }
        for rule in RULES
    }  # fmt: skip
    rivals = {
        group: {n: against(made[DEFAULT]["mid"][i], v["mid"][i], truth[MAIN][i])
                for n, v in made.items() if n != DEFAULT}
        for group, i in groups(wanted).items()
    }  # fmt: skip
    return {
        "scenario": SCENARIO, "book": e.name, "draws": draws, "seed": SEED, "rule": MAIN, "rules": RULES,
        "automobile_share": automobile_share(data), "diagnosis": DIAGNOSIS,
        "names": {s.code: {"en": s.name.en, "zh": s.name.zh} for s in e.sectors},
        "targets": [asdict(t) | {"deviation": {r: t.deviation(r) for r in RULES}} for t in wanted],
        "groups": groups(wanted), "predicted": made, "scores": scored, "against": rivals,
        "required": required(e, plot, wanted, truth[MAIN], made[DEFAULT], lowest[DEFAULT]),
        "roads": roads(data, e, plot),
        "outcome": simulate(e, plot, full=False).outcome.kind,
    }  # fmt: skip


def _pick(values: Floats | None, which: list[int]) -> Any:
    return None if values is None else values[which]


def _least(e: Economy, plot: Scenario, level: Levels) -> float:
    """The worst month of any province that was not closed itself (Shanghai, Jilin), % of its industry."""
    weight = np.where(e.is_industry, e.total_value_added, 0.0)
    by = np.stack([np.bincount(e.node_region, weight * month, e.r) for month in level.monthly[0]])
    share = by / np.bincount(e.node_region, weight, e.r)
    open_ = [i for i, r in enumerate(e.regions) if r.code not in ("SH", "JL")]
    return float(100.0 * (share[:, open_].min() - 1.0))


def required(
    e: Economy, plot: Scenario, wanted: Sequence[Target], truth: Floats, made: Any, lowest: float
) -> dict[str, Any]:
    """Whether the default holds the three April figures in its band without stopping the country."""
    asked = (("China", ""), ("China", VEHICLES), ("Yangtze delta", ""))
    rows = []
    for place, sector in asked:
        i = next(
            n for n, t in enumerate(wanted)
            if (t.place, t.sector, t.period) == (place, sector, "2022-04")
        )  # fmt: skip
        low, high = float(made["low"][i]), float(made["high"][i])
        rows.append({"target": i, "inside": bool(low <= truth[i] <= high)})
    return {"rows": rows, "lowest_elsewhere": lowest}


def plain(value: Any) -> Any:
    """Arrays as lists, numbers to five digits after the point."""
    if isinstance(value, Mapping):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(v) for v in value]
    return round(float(value), 5) if isinstance(value, float | np.floating) else value


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="the published figures")
    parser.add_argument(
        "--page", action="store_true", help="write the page from the numbers that are there"
    )
    parser.add_argument("--draws", type=int, default=DRAWS, metavar="N")
    options = parser.parse_args(arguments)
    if not options.page:
        found = plain(study(options.data, options.draws))
        RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for name, text in validation_page.render(json.loads(RESULTS.read_text("utf-8"))).items():
        (ROOT / "docs" / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
