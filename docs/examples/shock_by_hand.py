"""Write a shock by hand and follow it day by day: the first two weeks of docs/teaching.md."""

from pathlib import Path

import ballast

SHOCK = """
title = { en = "Parts plants on the Coast stop for two weeks", zh = "沿海零部件厂停产两周" }
summary = { en = "Stopped on 11 January, at half from the 25th.", zh = "1月11日停产，25日起半负荷。" }
book = "teaching"
start = 2022-01-01
days = 90

[[shocks]]
name = "coast-parts"
kind = "capacity"
title = { en = "Coast parts plants stop", zh = "沿海零部件厂停产" }
regions = ["C"]
sectors = ["parts"]
path = [[2022-01-11, 0], [2022-01-25, 50]]
until = 2022-01-31
"""

Path("coast.toml").write_text(SHOCK, encoding="utf-8")
run = ballast.simulate(ballast.load_book("teaching"), ballast.load_scenario("coast.toml"))
print(run)

level = run.to_xarray().level  # day x node, share of baseline
days = level.sel(day=["2022-01-11", "2022-01-12", "2022-01-24", "2022-01-26"])
print((100 * days.sel(node=["C.parts", "C.materials", "N.vehicles"])).to_pandas().round(1).to_string())

held = run.to_pandas("limited_by")["N"]  # what held the nodes of the north back, day by day
print((held == "parts").sum().droplevel("sector").rename("days short of parts").to_string())

run.plot.chain("N.vehicles").save("why.svg")
