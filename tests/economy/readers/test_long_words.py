"""Words of long tables: the ways offices write imports and exports, totals, parts, and slips of the pen.

Two regions, steel and cars: output is 100 + 40 + 90, exports 20, imports 10, value added 143.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ballast.economy.readers import read
from ballast.economy.readers.meant import MOST_WORDS, meant, slips
from ballast.economy.sheets.labels import is_total
from ballast.errors import BookError

HEADS = ["from_region", "from_sector", "to_region", "to_sector", "value"]
HOME = [
    ("north", "steel", "north", "steel", 20),
    ("north", "steel", "south", "cars", 50),
    ("north", "steel", "north", "cars", 10),
    ("north", "cars", "north", "households", 30),
    ("north", "cars", "south", "households", 10),
    ("south", "cars", "south", "households", 95),
    ("south", "cars", "south", "change in inventories", -5),
]
ADDED = [
    ("wages", "north", "steel", 80),
    ("wages", "north", "cars", 30),
    ("wages", "south", "cars", 33),
]


def table(folder, *more, exports="exports", imports="imports", added="value_added", home=HOME):
    rows = [
        *home,
        ("north", "steel", "abroad", exports, 20),
        (imports, "steel", "south", "cars", 7),
        (imports, "cars", "south", "households", 3),
        *((added, *row) for row in ADDED),
        *more,
    ]
    path = folder / "t_2019.csv"
    pd.DataFrame(rows, columns=HEADS).to_csv(path, index=False)
    return path


def facts(e):
    return (
        e.output.sum(),
        e.exports.sum(),
        e.slot_imports.sum() + e.final_imports.sum(),
        e.value_added.sum(),
        len(e.regions),
    )


@pytest.mark.parametrize(
    ("role", "word"),
    [
        *(
            ("exports", w)
            for w in (
                "exports fob",
                "EXP",
                "Exports of goods and services",
                "出口合計",
                "出口总额",
                "Total exports",
            )
        ),
        *(
            ("imports", w)
            for w in (
                "imports (cif)",
                "IMP",
                "M",
                "進口",
                "国外",
                "进口品",
                "Imports of goods",
                "Total imports",
            )
        ),
        *(("added", w) for w in ("GVA", "Value added (basic prices)", "增加值合计", "Gross value added")),
    ],
)
def test_usual_spellings_are_known_and_told(tmp_path, role, word):
    got = read("long", table(tmp_path, **{role: word}))
    assert facts(got.economy) == (230, 20, 10, 143, 2)
    (note,) = [f for f in got.findings if "is taken for" in f.what]
    assert repr(word) in note.what
    assert note.level == "note"


def test_plain_words_are_not_told(tmp_path):
    got = read("long", table(tmp_path))
    assert facts(got.economy) == (230, 20, 10, 143, 2)
    assert [f for f in got.findings if "taken for" in f.what or "nearly" in f.what] == []


def test_a_region_that_buys_is_a_region_whatever_its_name():
    labels = {"from_region": ["M", "imports"], "from_sector": ["exp", "a"], "to_region": ["M"]}
    at = {"to_region": np.array([0, 0]), "to_sector": np.array([0, 1])}
    words = meant({**labels, "to_sector": ["exp", "exports"]}, at)
    assert (words.imports, words.exports) == ({"imports"}, {"exports"})


def test_abroad_may_sell_imports_and_take_exports(tmp_path):
    path = table(tmp_path, exports="出口", imports="国外")
    path.write_text(path.read_text(encoding="utf-8").replace("abroad", "国外"), encoding="utf-8")
    assert facts(read("long", path).economy) == (230, 20, 10, 143, 2)


def test_a_region_that_takes_exports_alone_buys_nothing(tmp_path):
    path = table(tmp_path, ("ROW", "cars", "south", "households", 3))
    path.write_text(path.read_text(encoding="utf-8").replace("abroad", "ROW"), encoding="utf-8")
    assert any("region 'ROW' sells and buys nothing" in f.what for f in read("long", path).findings)


def test_a_total_beside_its_parts_is_refused(tmp_path):
    row = ("north", "steel", "abroad", "Total exports", 20)
    with pytest.raises(BookError, match="'Total exports' is a total among the data"):
        read("long", table(tmp_path, row))


def test_regions_that_only_sell_and_uses_that_sound_like_trade_are_told(tmp_path):
    path = table(
        tmp_path, ("taxes", "net taxes", "north", "steel", 4), ("north", "cars", "north", "Exports 2018", 2)
    )
    found = {f.what: f for f in read("long", path).findings}
    assert found["region 'taxes' sells and buys nothing; it may be imports, or value added"].where.endswith(
        "15"
    )
    assert any("'Exports 2018' is taken for a final use at home" in what for what in found)


@pytest.mark.parametrize("word", ["of which: special steel", "其中：特钢", "davon Spezialstahl"])
def test_parts_of_a_row_would_count_twice(tmp_path, word):
    with pytest.raises(BookError, match=r"row 15: sector '.*' is a part of another row"):
        read("long", table(tmp_path, ("north", word, "south", "cars", 30)))


@pytest.mark.parametrize(
    "word",
    ["All industries", "Output", "OUT", "合計", "總產出", "Final demand", "Final uses (fob)", "最终使用"],
)
def test_words_for_all_of_a_kind_are_totals_beside_others(tmp_path, word):
    with pytest.raises(BookError, match=r"row 15: .* is a total among the data"):
        read("long", table(tmp_path, ("north", "cars", "north", word, 40)))


def test_the_only_final_use_may_be_all_of_it(tmp_path):
    home = [(a, s, b, "Final demand" if t == "households" else t, v) for a, s, b, t, v in HOME[:-1]]
    path = table(tmp_path, home=home)
    path.write_text(
        path.read_text(encoding="utf-8").replace("households", "Final demand"), encoding="utf-8"
    )
    assert len(read("long", path).economy.categories) == 1
    assert is_total("中間使用合計")


def test_a_region_and_a_sector_that_are_the_sum_of_all_others(tmp_path):
    sold = [
        ("steel", "households", 100),
        ("cars", "households", 130),
    ]
    path = table(tmp_path, *(("EU27", s, "EU27", t, v) for s, t, v in sold))
    with pytest.raises(BookError, match=r"row 15: region 'EU27' is the sum of all others"):
        read("long", path)
    # steel sells 30 to steel and 50 to cars, cars 30 and 110: both together are a sector of their own
    rows = [("A", s, "A", t, v) for s, t, v in (("steel", "x", 30), ("steel", "y", 50), ("cars", "x", 30))]
    rows += [("A", "cars", "A", "y", 110), ("A", "manufacturing", "A", "x", 60)]
    rows.append(("A", "manufacturing", "A", "y", 160))
    path = tmp_path / "t_2020.csv"
    pd.DataFrame(rows, columns=HEADS).to_csv(path, index=False)
    with pytest.raises(BookError, match=r"row 6: sector 'manufacturing' is the sum of all others"):
        read("long", path)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("north", "steel", "south", "car", 5), "final use 'car' stands in 1 row, and is nearly 'cars'"),
        (("north", "cars", "north", "houshold", 5), "final use 'houshold' stands in 1 row"),
        (("n0rth", "cars", "n0rth", "cars", 5), "region 'n0rth' stands in 1 row, and is nearly 'north'"),
    ],
)
def test_slips_are_told_with_their_row(tmp_path, row, says):
    (found,) = [f for f in read("long", table(tmp_path, row)).findings if "nearly" in f.what]
    assert says in found.what
    assert (found.level, found.where.rpartition(" ")[2]) == ("warning", "15")


def test_names_that_differ_by_numbers_or_stand_often_are_no_slips():
    assert list(slips({"R10": 1, "R11": 9, "rural": 8, "rurals": 9})) == []
    assert list(slips({"north": 9, "n0rth": 1})) == [("n0rth", "north")]
    assert list(slips({f"w{chr(97 + i % 26)}{i}": 1 + i for i in range(MOST_WORDS + 1)})) == []


def test_long_words_cost_no_time():
    """Texts that make a slow pattern slow, and words of 255 letters in every order."""
    assert not is_total("(" * 100_000)
    assert not is_total(" " * 100_000 + "x")
    words = {"ab" * 127 + str(i): 1 + 9 * (i % 2) for i in range(400)}
    assert list(slips(words)) == []
