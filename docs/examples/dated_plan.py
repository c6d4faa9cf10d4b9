"""A plan with dates: some plants half back to work, parts flown in to one customer, then both at once."""

import ballast
from ballast.propagate.step.interventions import Intervention

economy, scenario = ballast.load_book("teaching"), ballast.load_scenario("vehicle-parts")
nothing = ballast.simulate(economy, scenario)

first, last = 16, 31  # 17 to 31 January: days are counted from 0, the last is left out
half = Intervention.on("node", nothing.nodes("C.parts"), first, last, amount=0.5)
flown = Intervention.on("supply", nothing.slots("parts", "N.vehicles"), first, last)

plans = {"nothing": (), "half back": (half,), "flown in": (flown,), "both": (half, flown)}
runs = {name: ballast.simulate(economy, scenario, plan=plan) for name, plan in plans.items()}
for name, run in runs.items():
    print(f"{name:10} lost {run.lost:5.2f}, saved {nothing.lost - run.lost:5.2f} {economy.unit}")

nothing.plot.path(beside=runs["both"], names=("nothing", "both")).save("plan.svg")
