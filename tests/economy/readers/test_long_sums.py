"""Long tables: heads that say a unit or nothing, columns that multiply, sums among buyers and sellers."""

from __future__ import annotations

import pandas as pd
import pytest

from ballast.economy.readers import read
from ballast.economy.sheets.cells import number
from ballast.economy.sheets.stated import head_key, unit_in_head
from ballast.errors import BookError

HEADS = ["from_region", "from_sector", "to_region", "to_sector", "value"]
USES = {
    "steel": (20, 50, 11, 30, 5),
    "cars": (7, 13, 4, 90, 8),
    "food": (3, 9, 2, 60, 21),
}
BUYERS = ("steel", "cars", "food", "households", "government")


def rows(**more):
    """One region: what each sector sells to three sectors and two final uses, and columns of `more`."""
    out = [("N", s, "N", b, v) for s, each in USES.items() for b, v in zip(BUYERS, each, strict=True)]
    return out + [("N", s, "N", b, f(USES[s])) for b, f in more.items() for s in USES]


def table(folder, data, name="t_2019.csv", **columns):
    path = folder / name
    frame = pd.DataFrame(data, columns=HEADS).assign(**columns)
    (frame.to_excel if name.endswith("xlsx") else frame.to_csv)(path, index=False)
    return path


def whats(got, level="note"):
    return [f.what for f in got.findings if f.level == level]


@pytest.mark.parametrize("name", ["t_2019.csv", "t_2019.xlsx", "t_2019.parquet"])
def test_columns_that_are_not_read_are_named(tmp_path, name):
    path = tmp_path / name
    frame = pd.DataFrame(rows(), columns=HEADS).assign(FREQ="A", scenario="base", table="use", remark="x")
    if name.endswith("parquet"):
        frame.to_parquet(path)
    else:
        (frame.to_excel if name.endswith("xlsx") else frame.to_csv)(path, index=False)
    assert "3 columns are not read: 'scenario', 'table', 'remark'" in whats(read("long", path))


@pytest.mark.parametrize(
    ("head", "says"),
    [("scale", ["Millions"]), ("multiplier", [1, 1000]), ("POWERCODE", [6]), ("unit_mult", [3, 6])],
)
def test_columns_that_multiply_are_refused(tmp_path, head, says):
    data = rows()
    with pytest.raises(BookError, match=f"column {head}"):
        read("long", table(tmp_path, data, **{head: (says * len(data))[: len(data)]}))


@pytest.mark.parametrize("word", ["1", "0", "Units"])
def test_columns_that_multiply_by_one_are_read(tmp_path, word):
    assert read("long", table(tmp_path, rows(), scale=word)).economy.n == 3


@pytest.mark.parametrize("head", ["Jahr", "TIME", "año", "annee", "ano", "time"])
def test_years_in_other_languages(tmp_path, head):
    path = table(tmp_path, rows(), "t.csv", **{head: 2015})
    assert read("long", path).economy.year == 2015


def test_a_second_column_of_time_is_told(tmp_path):
    got = read("long", table(tmp_path, rows(), "t.csv", year=2015, time="noon"))
    assert got.economy.year == 2015
    assert "1 column is not read: 'time'" in whats(got)


@pytest.mark.parametrize("twice", ["value", "from_region"])
def test_a_head_that_stands_twice_is_refused(tmp_path, twice):
    path = tmp_path / "t_2019.csv"
    lines = [",".join(map(str, (*r, r[HEADS.index(twice)]))) for r in rows()]
    path.write_text("\n".join([",".join([*HEADS, twice]), *lines]), encoding="utf-8")
    with pytest.raises(BookError, match=f"several columns could be {twice}"):
        read("long", path)


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("OBS_VALUE", None),
        ("value (Mio EUR)", "Mio EUR"),
        ("value_meur", "meur"),
        ("金额（万元）", "万元"),
        ("value (current prices)", ""),
        ("value_of_goods", None),
    ],
)
def test_heads_of_amounts(tmp_path, head, unit):
    assert unit_in_head(head) == unit
    if head == "value_of_goods":
        return
    path = tmp_path / "t_2019.csv"
    pd.DataFrame(rows(), columns=[*HEADS[:4], head]).to_csv(path, index=False)
    assert read("long", path).economy.unit == (unit or "units")
    if unit:
        with pytest.raises(BookError, match="the head says"):
            read("long", path, unit="k USD")
        pd.read_csv(path).assign(unit="k USD").to_csv(path, index=False)
        with pytest.raises(BookError, match="another column says 'k USD'"):
            read("long", path)


def test_heads_are_compared_in_one_form():
    assert head_key("an\u0303o") == "a\u00f1o"


@pytest.mark.parametrize(
    ("name", "of", "says"),
    [
        ("Zwischensumme", lambda u: sum(u[:3]), "what sectors buy"),
        ("中间使用", lambda u: sum(u[:3]), "what sectors buy"),
        ("Endnachfrage", lambda u: sum(u[3:]), "all other final uses"),
        ("Verwendung", sum, "all other uses"),
    ],
)
def test_final_uses_that_are_sums_are_refused(tmp_path, name, of, says):
    with pytest.raises(BookError, match=f"final use '{name}' is the sum of {says}"):
        read("long", table(tmp_path, rows(**{name: of})))


@pytest.mark.parametrize("columns", [3, 5])
def test_sellers_that_are_sums_are_refused(tmp_path, columns):
    total = [
        ("N", "Razem", "N", b, sum(each))
        for b, each in list(zip(BUYERS, zip(*USES.values(), strict=True), strict=True))[:columns]
    ]
    with pytest.raises(BookError, match="sector 'Razem' is the sum of all others"):
        read("long", table(tmp_path, [*rows(), *total]))


def test_a_sum_of_goods_from_home_and_abroad_is_refused(tmp_path):
    abroad = [("imports", "steel", "N", b, 2) for b in BUYERS]
    total = [
        ("N", "Totale", "N", b, sum(u[i] for u in USES.values()) + 2) for i, b in enumerate(BUYERS[:3])
    ]
    with pytest.raises(BookError, match="sector 'Totale' is the sum of all others"):
        read("long", table(tmp_path, [*rows(), *abroad, *total]))


def test_the_only_final_use_is_what_it_says(tmp_path):
    data = [r for r in rows(**{"Total final demand": lambda u: u[3] + u[4]}) if r[3] not in BUYERS[3:]]
    got = read("long", table(tmp_path, data))
    assert got.economy.output.sum() == 333
    assert any("'Total final demand' is the only final use" in w for w in whats(got))
    with pytest.raises(BookError, match="is a total among the data"):
        read(
            "long", table(tmp_path, [(*r[:3], r[3].replace("final demand", "output"), r[4]) for r in data])
        )


def test_codes_that_sound_like_all(tmp_path):
    sectors = {"steel": "OUT", "cars": "MIN", "food": "AGR"}
    data = [
        (a, sectors[s], b, sectors.get(t, t), v * w)
        for a, b, w in (("ALL", "AUT", 1), ("AUT", "BEL", 2.3), ("BEL", "ALL", 1.7), ("ALL", "ALL", 4))
        for _, s, _, t, v in rows()
    ]
    got = read("long", table(tmp_path, data))
    assert len(got.economy.regions) == 3
    assert [w[:16] for w in whats(got) if "is taken for a code" in w] == [
        "region 'ALL' is ",
        "sector 'OUT' is ",
    ]
    parts = [r for r in data if "ALL" not in r]
    parts += [("BEL", s, "AUT", t, 3 * v) for _, s, _, t, v in parts]
    every = [("ALL", *r[1:]) for r in parts] + [(*r[:2], "ALL", *r[3:]) for r in parts]
    with pytest.raises(BookError, match="region 'ALL' is the sum of all others"):
        read("long", table(tmp_path, [*parts, *every]))


def test_numbers_as_in_india(tmp_path):
    assert number("13,10,000") == 1_310_000
    assert number("-1,00,00,000.5") == -10_000_000.5
    for wrong in ("13,10,00", "1310,000,00", "13,1,000", "13.10.000"):
        with pytest.raises(ValueError, match="not a number"):
            number(wrong)
    data = [(*r[:4], f"{r[4]},10,000") for r in rows()]
    assert (
        read("long", table(tmp_path, data)).economy.output.sum()
        == sum(map(sum, USES.values())) * 100_000 + 150_000
    )


@pytest.mark.parametrize(
    ("name", "pair", "says"),
    [("Industry", (0, 1), "'A' and 'B'"), ("X", (3, 4), "'households' and 'NPISH'")],
)
def test_a_use_that_buys_what_two_others_buy_is_told(tmp_path, name, pair, says):
    """Three cells are thin evidence for two buyers of five: a warning that names them."""
    each = {"A": (10, 42, 7, 60, 5, 4), "B": (3, 15, 21, 310, 4, 31), "C": (8, 19, 33, 170, 9, 88)}
    ends = (*each, "households", "NPISH", "government")
    data = [("N", s, "N", b, v) for s, u in each.items() for b, v in zip(ends, u, strict=True)]
    assert not any("adds up" in w for w in whats(read("long", table(tmp_path, data)), "warning"))
    data += [("N", s, "N", name, u[pair[0]] + u[pair[1]]) for s, u in each.items()]
    told = whats(read("long", table(tmp_path, data)), "warning")
    assert f"final use '{name}' may be the sum of {says}: it adds up" in told


@pytest.mark.parametrize("word", ["Private consumption", "居民消费支出合计额", "P31_S14_S15"])
def test_private_consumption_beside_households_and_npish(tmp_path, word):
    small = dict(zip(USES, (5, 4, 9), strict=True))
    data = [*rows(), *(("N", s, "N", "NPISH", n) for s, n in small.items())]
    whole = [("N", s, "N", word, USES[s][3] + n) for s, n in small.items()]
    with pytest.raises(BookError, match=f"'{word}' is the sum of 'households' and 'NPISH'"):
        read("long", table(tmp_path, [*data, *whole]))
    alone = [r for r in [*data, *whole] if r[3] != "households"]
    assert not any("whole of" in w for w in whats(read("long", table(tmp_path, alone)), "warning"))


def test_two_cells_that_add_up_are_told(tmp_path):
    """Households 70, 80 are exports 30, 30 and government 40, 50, which may be chance."""
    each = {"A": (10, 20, 70, 40, 30), "B": (15, 5, 80, 50, 30)}
    ends = ("A", "B", "households", "government", "exports")
    data = [("N", s, "N", b, v) for s, u in each.items() for b, v in zip(ends, u, strict=True)]
    got = read("long", table(tmp_path, data))
    assert "final use 'households' is in its two cells the sum of all other final uses" in whats(
        got, "warning"
    )


def test_sums_that_are_none_can_be_kept(tmp_path):
    path = table(tmp_path, rows(Verwendung=sum))
    with pytest.raises(BookError, match="if it is no total, --keep-sums reads it"):
        read("long", path)
    got = read("long", path, keep_sums=True)
    assert "final use 'Verwendung' is the sum of all other uses" in whats(got)
    assert got.economy.output.sum() == 2 * sum(map(sum, USES.values()))
