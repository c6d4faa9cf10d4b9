"""What happens: shocks with dates, in the units people have, and what they mean on one economy.

    load(name or file)  ->  Scenario  ->  compile_scenario(scenario, economy, quantiles)  ->  Forcing

    shock.py    Scenario, Shock, Point, Range, RangeTarget; drivers(scenario)
    parse.py    TOML -> Scenario, with every mistake named by file, line and key at once
    locate.py   the line of a key
    places.py   words for regions, sectors, nodes and final users -> indices of an economy
    compile.py  Scenario + Economy -> Forcing, and the rules for shocks that overlap
    idle.py     shocks that change nothing
    horizon.py  months and ranges that reach beyond the days simulated
    doubts.py   check_scenario: all that is doubtful though it can be run
    remote.toml the share of each service that goes on from home

The built-in scenarios are in `ballast/scenarios/*.toml`; `docs/scenarios.md` is the format.
"""

from ballast.scenario.compile import compile_scenario
from ballast.scenario.doubts import check_scenario
from ballast.scenario.parse import builtin_scenarios, load, parse
from ballast.scenario.shock import (
    KINDS,
    MAX_DAYS,
    Kind,
    Point,
    Range,
    RangeTarget,
    Scenario,
    Shock,
    drivers,
    with_targets,
)

__all__ = [
    "KINDS",
    "MAX_DAYS",
    "Kind",
    "Point",
    "Range",
    "RangeTarget",
    "Scenario",
    "Shock",
    "builtin_scenarios",
    "check_scenario",
    "compile_scenario",
    "drivers",
    "load",
    "parse",
    "with_targets",
]
