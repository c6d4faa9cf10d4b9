"""A plan with dates: some plants half back to work, parts flown in to one customer, then both at once."""

import numpy as np

import ballast
from ballast.propagate.step.interventions import Intervention

economy, scenario = ballast.load_book("teaching"), ballast.load_scenario("vehicle-parts")
nothing = ballast.simulate(economy, scenario)

node = {code: i for i, code in enumerate(economy.node_codes)}
parts = [s.code for s in economy.sectors].index("parts")
system = nothing.system  # plans speak of its slots
slots = np.flatnonzero((system.slot_node == node["N.vehicles"]) & (system.slot_product == parts))

first, last = 16, 31  # 17 to 31 January: days are counted from 0, the last is left out
half = Intervention.on("node", [node["C.parts"]], first, last, amount=0.5)
flown = Intervention.on("supply", slots, first, last)

plans = {"nothing": (), "half back": (half,), "flown in": (flown,), "both": (half, flown)}
runs = {name: ballast.simulate(economy, scenario, plan=plan) for name, plan in plans.items()}
for name, run in runs.items():
    print(f"{name:10} lost {run.lost:5.2f}, saved {nothing.lost - run.lost:5.2f} {economy.unit}")

nothing.plot.path(beside=runs["both"], names=("nothing", "both")).save("plan.svg")
