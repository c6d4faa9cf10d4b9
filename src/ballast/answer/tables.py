"""Tables by month from the ensembles, with bands: region x sector, region, sector, the whole country."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from ballast.arrays import Floats, band
from ballast.economy import Economy
from ballast.propagate.ensemble import Ensemble
from ballast.scenario import horizon


def months_of(dates: pd.DatetimeIndex) -> list[str]:
    """The calendar months of the horizon: "2022-04"."""
    return list(dict.fromkeys(dates.strftime("%Y-%m")))


def worst(rows: pd.DataFrame, dates: pd.DatetimeIndex) -> pd.Series:
    """The row that falls lowest if nothing is done, of months of which half the days are simulated.

    A month of a few days in the middle of a shock would be lower than any whole one. Of all months where
    none has so many.
    """
    held = horizon.months(dates[0].date(), dates[-1].date())
    found = rows[rows.month.isin(horizon.judged(held))]
    return found.loc[found.nothing.idxmin()]


MONTHLY = ("region", "sector", "month", "deviation_pct", "low", "high")  # the columns of `monthly`


def monthly(economy: Economy, dates: pd.DatetimeIndex, mid: Ensemble, draws: Ensemble) -> pd.DataFrame:
    """Deviation of output from baseline, %, for every region x sector x month with its band.

    Pairs that the book has no output for are left out; several firms of one pair are summed.
    """
    keys, share = _pairs(economy)
    central = 100.0 * (mid.monthly[0] @ share - 1.0)
    low, high = band(100.0 * (draws.monthly @ share - 1.0), central)
    months = months_of(dates)
    pairs = np.repeat(np.arange(len(keys)), len(months))
    regions = np.array([economy.regions[k // economy.k].code for k in keys])
    sectors = np.array([economy.sectors[k % economy.k].code for k in keys])
    values = (
        regions[pairs],
        sectors[pairs],
        np.tile(months, len(keys)),
        central.T.ravel(),
        low.T.ravel(),
        high.T.ravel(),
    )
    return pd.DataFrame(dict(zip(MONTHLY, values, strict=True)))


def _pairs(economy: Economy) -> tuple[NDArray[np.intp], Any]:
    """The (region, sector) pairs with output, and each node's share of its pair's output [N, pairs]."""
    key = economy.node_region.astype(np.intp) * economy.k + economy.node_sector
    total = np.bincount(key, economy.output, economy.r * economy.k)
    keys = np.flatnonzero(total > 0)
    used = np.flatnonzero(economy.output > 0)
    place = np.searchsorted(keys, key[used])
    share = economy.output[used] / total[key[used]]
    return keys, sparse.csr_array((share, (used, place)), shape=(economy.n, len(keys))).toarray()


def by_group(
    economy: Economy, dates: pd.DatetimeIndex, by: str, mids: tuple[Ensemble, Ensemble],
    draws: tuple[Ensemble, Ensemble],
) -> pd.DataFrame:  # fmt: skip
    """Industrial value added by month and region, sector or country: do nothing, the plan, bands, in %.

    A band is that of the months of the draws: the mean of a daily band would be wider.
    """
    kinds: dict[str, tuple[NDArray[Any], list[str]]] = {
        "region": (economy.node_region, [x.code for x in economy.regions]),
        "sector": (economy.node_sector, [x.code for x in economy.sectors]),
        "country": (np.zeros(economy.n, np.intp), ["all"]),
    }
    group, labels = kinds[by]
    weight = economy.industrial_value_added
    keep = np.flatnonzero(np.bincount(group, weight, len(labels)) > 0)
    member = np.zeros((economy.n, len(labels)))
    member[np.arange(economy.n), group] = economy.is_industry
    months = months_of(dates)
    out = pd.DataFrame(
        {by: np.repeat([labels[g] for g in keep], len(months)), "month": np.tile(months, len(keep))}
    )
    for name, mid, spread in zip(("nothing", "plan"), mids, draws, strict=True):
        central = _deviation(mid, member[:, keep])[0]
        low, high = band(_deviation(spread, member[:, keep]), central)
        for column, table in ((name, central), (f"{name}_low", low), (f"{name}_high", high)):
            out[column] = table.T.ravel()
    return out


def _deviation(e: Ensemble, member: Floats) -> Floats:
    """[D, P, groups] deviation of value added from baseline in %; `member` [N, groups] is 0 or 1."""
    weight = e.value_added.astype(np.float64)
    value = (e.monthly * weight[:, None, :]) @ member
    return np.asarray(100.0 * (value / (weight @ member)[:, None, :] - 1.0))
