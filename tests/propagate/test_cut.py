"""The same answer however the table is cut: a share of a region is hit, or a region that is that share.

The books are split by the code of `ballast book split`. What was asked for is a month's deviation of the
whole within a tenth of itself and that of each neighbour within a fifth. The two are the same to rounding,
as no road is narrowed (a road into a node is one for all its parts, and one each for two regions).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ballast.economy import Economy, book
from ballast.economy.regroup import concord
from ballast.propagate.simulate import simulate
from ballast.scenario import parse

SHARES = (0.01, 0.1, 0.5, 0.9)


def shut(e: Economy, region: str, share: float) -> pd.DataFrame:
    """Monthly deviation, %, of industry by region: industry at 5% from 5 March to 5 April."""
    words = f"""
title = {{ en = "Shut", zh = "停产" }}
summary = {{ en = "A part of a region.", zh = "一地部分企业停产。" }}
book = "{e.name}"
start = 2022-03-01
end = 2022-05-31
decision = 2022-03-15
[[shocks]]
kind = "capacity"
title = {{ en = "Shut", zh = "停产" }}
regions = ["{region}"]
sectors = ["industry"]
share = {share}
path = [[2022-03-05, 5]]
until = 2022-04-05
"""
    run = simulate(e, parse(words, "shut.toml"), full=False)
    both = [run.deviation("all"), run.deviation("region")]
    return pd.concat(both, axis=1)


def split(e: Economy, region: str, share: float, folder: Path) -> Economy:
    """The book with a region in two, of which the first has the share."""
    file = folder / "cut.csv"
    file.write_text(f"from,to,share\n{region},{region}-hit,{share}\n{region},{region}-rest,{1 - share}\n")
    regions, sectors = concord.read(file, e, splitting=True)
    return concord.regroup(e, regions, sectors)[0]


def together(e: Economy, found: pd.DataFrame, region: str, share: float) -> pd.Series:
    """The deviation of a region that was split: the mean of its parts, which are alike but in size."""
    return share * found[f"{region}-hit"] + (1 - share) * found[f"{region}-rest"]


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("where", ["teaching C", "china-2020 JS", "china-2020 SH"])
def test_a_share_of_a_region_is_a_region_of_its_own(where, share, tmp_path):
    name, region = where.split()
    e = book.load(name)
    one = shut(e, region, share)
    two = shut(split(e, region, share, tmp_path), f"{region}-hit", 1.0)
    worst = one["all"].abs().max()
    assert worst > 0.1 * share
    np.testing.assert_allclose(two["all"], one["all"], atol=1e-6 * worst)
    np.testing.assert_allclose(together(e, two, region, share), one[region], atol=1e-6 * worst)
    for other in set(one) & set(two) - {"all"}:
        np.testing.assert_allclose(two[other], one[other], atol=1e-6 * worst)


def test_what_the_pages_say_of_a_tenth_of_jiangsu():
    """docs/model.md and docs/decisions.md: 4.0% in March, 3.2% in April."""
    assert shut(book.load("china-2020"), "JS", 0.1)["all"][:2].round(1).tolist() == [-4.0, -3.2]
