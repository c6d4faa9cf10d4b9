"""One answer on the teaching book, with several plants, a road and imports hit at once; made once."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ballast.answer import respond
from ballast.economy import Economy, book
from ballast.propagate.bench import Bench
from ballast.propagate.run import Run
from ballast.propagate.simulate import simulate
from ballast.response import Response
from ballast.scenario import Scenario, parse

DRAWS, PLACES = 6, 3
DECISION = 18  # days after the start

SEVERAL = """
title = { en = "Several things at once", zh = "多重冲击" }
summary = { en = "Plants, a road and imports.", zh = "工厂、道路与进口。" }
book = "teaching"
start = 2022-01-01
days = 120
decision = 2022-01-19

[[shocks]]
name = "parts"
kind = "capacity"
title = { en = "Coast parts plants stop", zh = "沿海零部件厂停产" }
regions = ["C"]
sectors = ["parts"]
path = [[2022-01-11, 10, 0, 20]]
until = 2022-02-25
note = "An example."

[[shocks]]
name = "north"
kind = "capacity"
title = { en = "North slows", zh = "北方减产" }
regions = ["N"]
sectors = ["materials", "services", "parts"]
path = [[2022-01-15, 60]]
until = 2022-02-28
note = "An example."

[[shocks]]
name = "road"
kind = "corridor"
title = { en = "Road from West to Coast", zh = "西部至沿海公路" }
from = ["W"]
to = ["C"]
both_ways = false
products = ["materials"]
path = [[2022-01-12, 5]]
until = 2022-03-10
note = "An example."

[[shocks]]
name = "abroad"
kind = "imports"
title = { en = "Imported parts", zh = "进口零部件" }
regions = ["W"]
products = ["parts"]
path = [[2022-01-20, 0]]
until = 2022-03-15
note = "An example."

[[ranges]]
indicator = "industrial_value_added"
region = "all"
period = "2022-Q1"
low = 4.0
high = 6.0
baseline_growth = 5.0
note = "Growth over a year before."

[[ranges]]
indicator = "value_added"
region = "C"
period = "2022"
low = -3.0
note = "Deviation; 245 of 365 days lie outside the horizon."
"""


@dataclass(frozen=True, eq=False)
class Asked:
    """A scenario, its do-nothing run, the bench, the answer, and the progress calls on the way."""

    scenario: Scenario
    economy: Economy
    run: Run
    answer: Response
    calls: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def bench(self) -> Bench:
        return Bench(self.run, DECISION, self.scenario)


@pytest.fixture(scope="session")
def asked() -> Asked:
    scenario, economy = parse(SEVERAL, "several.toml"), book.load("teaching")
    calls: list[tuple[str, int, int]] = []
    answer = respond(
        scenario, book=economy, draws=DRAWS, relief=PLACES, progress=lambda *x: calls.append(x)
    )
    return Asked(scenario, economy, simulate(economy, scenario), answer, calls)
