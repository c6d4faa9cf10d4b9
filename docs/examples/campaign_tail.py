"""The tail of a shock: a campaign of draws, the loss that few of them exceed, and what makes them bad."""

from pathlib import Path

import pandas as pd

from ballast.propagate import campaign

plan = campaign.plan(["vehicle-parts"], draws=64, seed=1)
done = campaign.run(plan, Path("campaign"))  # called again it goes on where it was stopped

tail = pd.read_csv(done.folder / "exceedance.csv").query("by == 'country'")
print(tail[["exceeded_with", "draws_above", "lost"]].round(2).to_string(index=False))

draws = pd.read_parquet(done.folder / "draws.parquet")
places = draws.filter(like="quantile.").drop(columns="quantile.book")
together = places.corrwith(draws.lost).sort_values(key=abs, ascending=False)
print(together.head(3).round(2).to_string())
