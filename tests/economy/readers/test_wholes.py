"""Sums among the lines of a table: found whatever they are called and however they are rounded, and never
where lines only keep one proportion. The oracle puts a sum in, or draws tables in which there is none.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.economy.readers import read
from ballast.economy.readers.long_sums import THIN
from ballast.economy.readers.meant import wholes
from ballast.economy.readers.wholes import uses
from ballast.economy.sums import Grid, all_others, last_digits, parts
from ballast.errors import BookError

HEADS = ["from_region", "from_sector", "to_region", "to_sector", "value"]
SECTORS = ("steel", "cars", "trade", "farms")
REGIONS = ("north", "coast", "west")
KEYS = HEADS[:4]


def grid(each):
    return Grid.of([(each, np.full(len(each), -1))], 0)


def flows(digits=2, seed=0):
    """Three regions, four sectors, households and exports."""
    draw = np.random.default_rng(seed)
    rows = [
        (r, s, to, b, round(float(draw.lognormal(4, 1)), digits))
        for r in REGIONS
        for s in SECTORS
        for to in REGIONS
        for b in (*SECTORS, "households", "government")
    ]
    rows += [
        (r, s, "exports", "exports", round(float(draw.lognormal(4, 1)), digits))
        for r in REGIONS
        for s in SECTORS
    ]
    rows += [
        ("imports", s, r, b, round(float(draw.lognormal(2, 1)), digits))
        for s in SECTORS
        for r in REGIONS
        for b in SECTORS
    ]
    return pd.DataFrame(rows, columns=HEADS)


def with_sum(data, kind, name, members, digits=None, ends=("from", "to")):
    """The table with rows for a sum of members, as it sells and as it buys."""
    out = data
    for end in ends:
        some = out[out[f"{end}_{kind}"].isin(members)].assign(**{f"{end}_{kind}": name})
        some = some.groupby(KEYS, as_index=False).value.sum()
        out = pd.concat([out, some if digits is None else some.round(digits)])
    return out


def imported(folder, data):
    path = folder / "t_2019.csv"
    data.to_csv(path, index=False)
    return read("long", path)


@pytest.mark.parametrize("digits", [None, 1, 0])
@pytest.mark.parametrize(
    ("kind", "members", "says"),
    [
        ("sector", ("steel", "cars"), "'steel' and 'cars'"),
        ("sector", ("steel", "farms"), "'steel' and 'farms'"),
        ("sector", SECTORS, "all others"),
        ("region", ("north", "west"), "'north' and 'west'"),
        ("region", REGIONS, "all others"),
    ],
)
def test_sums_of_some_members_are_refused(tmp_path, kind, members, says, digits):
    data = with_sum(flows(), kind, "Zed", members, digits)
    with pytest.raises(BookError, match=f"{kind} 'Zed' is the sum of {says}"):
        imported(tmp_path, data)


def test_a_region_that_only_sells_what_others_sell_is_refused(tmp_path):
    with pytest.raises(BookError, match="region 'Inland' is the sum of 'north' and 'west'"):
        imported(tmp_path, with_sum(flows(), "region", "Inland", ("north", "west"), 0, ("from",)))


def test_one_cell_that_differs_makes_it_no_sum(tmp_path):
    data = with_sum(flows(), "sector", "Zed", ("steel", "cars")).reset_index(drop=True)
    at = data.index[(data.from_sector == "Zed") & (data.to_sector == "farms")][0]
    data.loc[at, "value"] *= 1.5
    assert imported(tmp_path, data).economy.n == 15


@pytest.mark.parametrize("word", ["Σ", "GO", "P1", "T0TAL"])
def test_totals_that_are_a_little_off_are_refused(tmp_path, word):
    """Each total is moved by 3 in about 3,000."""
    data = flows()
    total = data[data.from_region != "imports"].groupby(KEYS[:2], as_index=False).value.sum()
    total["value"] += np.where(np.arange(len(total)) % 2, 3.0, -3.0)
    more = total.assign(to_region=total.from_region, to_sector=word)
    with pytest.raises(BookError, match=f"final use '{word}' is the sum of all other uses"):
        imported(tmp_path, pd.concat([data, more]))


@pytest.mark.parametrize("off", [{0: 0.1}, dict.fromkeys(range(12), 0.015)])
def test_totals_that_are_off_by_more_are_told(tmp_path, off):
    """One total of twelve is wrong by a tenth, or all of them by 1.5%."""
    data = flows()
    total = data[data.from_region != "imports"].groupby(KEYS[:2], as_index=False).value.sum()
    total["value"] *= [1 + off.get(i, 0) for i in range(12)]
    more = total.assign(to_region=total.from_region, to_sector="all")
    got = imported(tmp_path, pd.concat([data, more]))
    told = [f.what for f in got.findings if "nearly" in f.what]
    assert told == ["final use 'all' is nearly the sum of all other uses"]
    assert not any("nearly" in f.what for f in imported(tmp_path, data).findings)


def test_products_bought_abroad_that_are_a_sum_are_refused(tmp_path):
    data = flows(0)
    total = data[data.from_region == "imports"].groupby(KEYS[2:], as_index=False).value.sum()
    more = total.assign(from_region="imports", from_sector="IMPTOT")
    with pytest.raises(BookError, match="sector 'IMPTOT' is the sum of all others"):
        imported(tmp_path, pd.concat([data, more]))


def test_exports_of_two_kinds_and_both_are_refused(tmp_path):
    data = flows()
    out = data[data.to_sector == "exports"]
    kinds = [
        out.assign(to_sector=w, value=out.value * f)
        for w, f in (("goods exports", 0.7), ("services exports", 0.3))
    ]
    with pytest.raises(BookError, match="sector 'exports' is the sum of all other exports"):
        imported(tmp_path, pd.concat([data, *kinds]))
    got = imported(tmp_path, pd.concat([data[data.to_sector != "exports"], *kinds]))
    assert got.economy.exports.sum() == pytest.approx(out.value.sum())


def test_value_added_and_its_parts_are_refused(tmp_path):
    pays = [
        ("value_added", w, r, s, v)
        for r in REGIONS
        for s in SECTORS
        for w, v in (("pay", 9), ("rest", 4), ("B1G", 13))
    ]
    with pytest.raises(BookError, match="'B1G' is the sum of all other rows of value added"):
        imported(tmp_path, pd.concat([flows(), pd.DataFrame(pays, columns=HEADS)]))


@pytest.mark.parametrize(
    ("whole", "of"),
    [
        ("最终消费支出", ("居民消费支出", "政府消费支出")),
        ("资本形成总额", ("固定资本形成总额", "存货增加")),
        ("居民消费支出", ("农村居民消费", "城镇居民消费")),
        ("Gross capital formation", ("GFCF", "Changes in inventories")),
        ("Final consumption expenditure", ("households", "Government")),
    ],
)
def test_wholes_of_national_accounts(tmp_path, whole, of):
    """By itself each is a final use; beside its parts it is their sum, or asked about."""
    assert wholes([whole, "exports"]) == {}
    assert wholes([*of, whole]) == {whole: list(of)}
    data = flows()
    data["to_sector"] = data.to_sector.replace("households", "transfers")
    home = data[data.to_sector == "government"]
    rest = data[data.to_sector != "government"]
    parts_of = [home.assign(to_sector=w, value=home.value * 2) for w in of]
    assert imported(tmp_path, pd.concat([rest, home.assign(to_sector=whole)])).economy.n == 12
    with pytest.raises(BookError, match=f"final use '{whole}' is the sum of '{of[0]}' and '{of[1]}'"):
        imported(tmp_path, pd.concat([rest, *parts_of, home.assign(to_sector=whole, value=home.value * 4)]))
    got = imported(
        tmp_path, pd.concat([rest, *parts_of, home.assign(to_sector=whole, value=home.value * 7)])
    )
    assert any("may be the whole of" in f.what for f in got.findings if f.level == "warning")
    more = pd.concat([rest, *parts_of, home.assign(to_sector=whole, value=home.value * 7)])
    small = imported(tmp_path, more.assign(value=more.value * 1e-6))  # a table in a large unit is the same
    assert any("may be the whole of" in f.what for f in small.findings if f.level == "warning")


@settings(max_examples=60, deadline=None)
@given(
    lines=st.integers(4, 40),
    columns=st.integers(60, 90),
    seed=st.integers(0, 10**6),
    digits=st.sampled_from([0, 1, 6]),
)
def test_the_parts_of_a_sum_are_found(lines, columns, seed, digits):
    """Columns of their own make the parts certain: more of them than lines."""
    draw = np.random.default_rng(seed)
    each = draw.lognormal(5, 1.5, (lines, columns)).round(2)
    some = np.sort(draw.choice(lines, draw.integers(2, lines), replace=False))
    whole = each[some].sum(axis=0).round(digits)
    found = parts(grid(np.vstack([each, whole])))
    assert list(found) == [lines]
    big = {*some.tolist()} - {int(i) for i in found[lines]}
    assert each[sorted(big)].sum() < 0.01 * whole.sum() if big else True


@settings(max_examples=60, deadline=None)
@given(
    lines=st.integers(3, 30),
    columns=st.integers(2, 40),
    seed=st.integers(0, 10**6),
    digits=st.integers(0, 3),
)
def test_lines_of_one_proportion_are_no_sums(lines, columns, seed, digits):
    """Parts split by shares of tenths: many are sums of others, in every cell, and say nothing by it."""
    draw = np.random.default_rng(seed)
    shares = draw.choice([0.1, 0.2, 0.3, 0.4, 0.5, 1.0], lines)
    each = np.outer(shares, draw.lognormal(4, 1, columns)).round(digits)
    assert parts(grid(each)) == {}


@settings(max_examples=60, deadline=None)
@given(
    lines=st.integers(3, 9), columns=st.integers(2, 9), seed=st.integers(0, 10**6), most=st.integers(1, 200)
)
def test_small_whole_numbers_are_no_sums(lines, columns, seed, most):
    draw = np.random.default_rng(seed)
    assert parts(grid(draw.integers(0, most + 1, (lines, columns)).astype(float))) == {}


def test_sums_within_sums_name_their_smallest_parts():
    draw = np.random.default_rng(3)
    each = draw.lognormal(5, 1, (6, 40)).round(1)
    goods = each[:3].sum(axis=0)
    found = parts(grid(np.vstack([goods + each[3:].sum(axis=0), each, goods])))
    assert {i: of.tolist() for i, of in found.items()} == {7: [1, 2, 3], 0: [1, 2, 3, 4, 5, 6]}


def test_parts_that_are_negative():
    """Inventories are part of capital formation, and fall in some cells."""
    draw = np.random.default_rng(4)
    each = draw.lognormal(5, 1, (14, 40)).round(1)
    each[5] = draw.normal(0, 50, 40).round(1)
    found = parts(grid(np.vstack([each, each[4] + each[5] + each[6]])))
    assert found[14].tolist() == [4, 5, 6]


def test_last_digits():
    each = np.array([[0, 12.5, 3], [100, 2000, 0], [1 / 3, 1, 2], [0, 0, 0], [3, 0, 20]])
    assert last_digits(each).tolist() == [0.1, 100.0, 0.0, 0.0, 1.0]


def test_rounded_sums_of_all_others_and_of_uses():
    draw = np.random.default_rng(5)
    each = draw.lognormal(5, 1, (5, 8)).round(2)
    lines = np.vstack([each, each.sum(axis=0).round(0)])
    nowhere = np.full(6, -1, np.int32)
    assert all_others(list("abcdef"), lines, nowhere, np.ones(8, bool)) == ["f"]
    sectors, exports = draw.lognormal(6, 1, 8), draw.lognormal(5, 1, 8)
    whole = (lines[:3].sum(axis=0) + sectors + exports) * (1 + 0.004 * np.where(np.arange(8) % 2, 1, -1))
    final = np.vstack([lines[:3], whole]).T
    assert uses(list("abcd"), final, sectors, exports) == [("d", "all other uses")]
    assert uses(list("abc"), final[:, :3], sectors, exports) == []


def test_many_lines_take_seconds():
    """2,500 lines of 2,500 columns, with one sum of a run of them."""
    draw = np.random.default_rng(6)
    each = draw.lognormal(3, 2, (2500, 2500)).round(1)
    each[1000] = each[1001:1040].sum(axis=0)
    assert {i: len(of) for i, of in parts(grid(each)).items()} == {1000: 39}


def test_a_small_part_beside_a_large_one():
    """Of 120 to 330 and 1 to 9, in 27 cells: the small part is told from rounding, a fixed third is not."""
    draw = np.random.default_rng(5)
    large, small = draw.integers(120, 331, 27).astype(float), draw.integers(1, 10, 27).astype(float)
    assert parts(grid(np.vstack([large, small, large + small])), chance=THIN)[2].tolist() == [0, 1]
    third = (large / 3).round()
    assert parts(grid(np.vstack([large, third, large + third])), chance=THIN) == {}


@settings(max_examples=60, deadline=None)
@given(lines=st.integers(3, 12), columns=st.integers(12, 40), seed=st.integers(0, 10**6))
def test_lines_of_one_proportion_are_not_told(lines, columns, seed):
    draw = np.random.default_rng(seed)
    each = np.outer(draw.choice([0.1, 0.2, 0.3, 0.5, 1.0], lines), draw.lognormal(5, 1, columns)).round()
    assert parts(grid(each), {0, 1}, THIN) == {}
