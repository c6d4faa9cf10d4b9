"""One shock in every model: how far they are apart, and why one must say which was used."""

import pandas as pd

import ballast
from ballast.propagate.published import NAMES

economy, scenario = ballast.load_book("teaching"), ballast.load_scenario("vehicle-parts")
runs = {name: ballast.simulate(economy, scenario, model=name) for name in NAMES}

rows = {
    name: {
        "outcome": str(run.outcome.kind),
        "lost": round(run.lost, 2),
        "January": round(float(run.deviation("all").loc["2022-01", "all"]), 1),
    }
    for name, run in runs.items()
}
print(pd.DataFrame(rows).T.to_string())

chart = runs["default"].plot.path(beside=runs["ario"], names=("default", "ario"))
chart.save("models.svg")
