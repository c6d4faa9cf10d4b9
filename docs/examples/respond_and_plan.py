"""The main job in Python: what happens, whom to help first, what that buys; then the figures behind it."""

from pathlib import Path

import ballast
from ballast.report import write

answer = ballast.respond("vehicle-parts", draws=8, relief=3)
print(answer)

blockages = answer.to_pandas("blockages")
print(blockages[["rank", "kind", "node", "saved", "inside"]].head(3).round(2).to_string(index=False))

months = answer.to_xarray().by_region.sel(region="N", estimate="mid")  # month x path, %
print(months.to_pandas().round(1).to_string())

answer.plot.path().save("path.svg")
answer.plot.chain(1).save("worst-blockage.svg")
write(answer, Path("report"), "en")  # the files of `ballast respond`
