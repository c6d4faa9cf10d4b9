"""One run of BoARIO as a black box: `PYTHON boario_peer.py IN.npz OUT.npz`; PYTHON must have boario 0.7.2.

IN holds Z, Y, x (annual), region and sector (labels of the nodes, in alphabetical order), days, the share
`loss` of capital that the first region loses on day 5 for ten days, and `tau`, over which it recovers. OUT
holds the daily production, the seconds of the steps, processor seconds and the peak of memory in bytes.
"""

from __future__ import annotations

import logging
import resource
import sys
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pymrio


def table(given: Any) -> Any:
    """The table as BoARIO takes it."""
    nodes = pd.MultiIndex.from_arrays([given["region"], given["sector"]], names=["region", "sector"])
    users = pd.MultiIndex.from_product(
        [np.unique(given["region"]), ["Final demand"]], names=["region", "category"]
    )
    system = pymrio.IOSystem()
    system.Z = pd.DataFrame(given["Z"], nodes, nodes)
    system.Y = pd.DataFrame(given["Y"], nodes, users)
    system.x = pd.DataFrame({"indout": given["x"]}, nodes)
    return system.calc_all()


def main(source: str, target: str) -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    from boario import event
    from boario.extended_models import ARIOPsiModel
    from boario.simulation import Simulation

    given = np.load(source, allow_pickle=False)
    days = int(given["days"])
    model = ARIOPsiModel(table(given))
    simulation = Simulation(model, n_temporal_units_to_sim=days)
    capital = pd.Series(np.asarray(model.productive_capital).ravel(), index=model.industries)
    shock = capital.loc[[str(np.unique(given["region"])[0])]] * float(given["loss"])
    simulation.add_event(
        event.from_series(
            shock, event_type="recovery", occurrence=5, duration=10, recovery_tau=int(given["tau"]),
            recovery_function="linear", event_monetary_factor=model.monetary_factor,
        )
    )  # fmt: skip
    production = np.empty((days, len(given["x"])))
    wall, processor = time.perf_counter(), time.process_time()
    for day in range(days):
        simulation.next_step()
        production[day] = np.asarray(model.production)
    seconds = time.perf_counter() - wall, time.process_time() - processor
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    np.savez(target, production=production, seconds=seconds[0], processor=seconds[1], peak=peak)


if __name__ == "__main__":
    main(*sys.argv[1:])
