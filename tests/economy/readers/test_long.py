"""The long form: CSV, Excel and Parquet of one table by hand, imports, value added, what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ballast.economy.readers import read
from ballast.errors import BookError

from .conftest import whole

# North: steel 100 = 20 to itself + 50 to cars in the south + 10 to cars at home + 20 abroad
# North: cars 40 = 30 to households north + 10 households south; South: cars 90 = 90 households south
ROWS = [
    ("north", "steel", "north", "steel", 20),
    ("north", "steel", "south", "cars", 50),
    ("north", "steel", "north", "cars", 10),
    ("north", "steel", "abroad", "exports", 20),
    ("north", "cars", "north", "households", 30),
    ("north", "cars", "south", "households", 10),
    ("south", "cars", "south", "households", 95),
    ("south", "cars", "south", "change in inventories", -5),
    ("imports", "steel", "south", "cars", 7),
    ("imports", "cars", "south", "households", 3),
    ("value_added", "wages", "north", "steel", 60),
    ("value_added", "wages", "north", "cars", 25),
    ("value_added", "wages", "south", "cars", 30),
    ("value_added", "profit", "north", "steel", 20),
    ("value_added", "profit", "north", "cars", 5),
    ("value_added", "profit", "south", "cars", 3),
]
HEADS = ["from_region", "from_sector", "to_region", "to_sector", "value"]


def frame(rows=ROWS, heads=HEADS) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=heads)


def write(folder, kind: str, data: pd.DataFrame | None = None):
    data = frame() if data is None else data
    path = folder / f"mine_2019.{'csv' if kind == 'gb' else kind}"
    if kind == "parquet":
        data.to_parquet(path)
    elif kind == "xlsx":
        data.to_excel(path, index=False)
    else:
        data.to_csv(path, index=False, encoding="gb18030" if kind == "gb" else "utf-8")
    return path


@pytest.mark.parametrize("kind", ["csv", "gb", "csv.gz", "parquet", "xlsx"])
def test_a_table_by_hand_in_every_form(tmp_path, kind):
    e = read("long", write(tmp_path, kind), unit="m EUR", currency="EUR").economy
    assert (e.year, e.unit) == (2019, "m EUR")
    assert e.node_codes == ("north.steel", "north.cars", "south.cars")  # the south makes no steel
    np.testing.assert_allclose(e.output, [100, 40, 90])
    np.testing.assert_allclose(e.links().toarray(), [[20, 10, 50], [0, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(e.exports, [20, 0, 0])
    np.testing.assert_allclose(e.value_added[:2], [[60, 25, 30], [20, 5, 3]])
    assert e.slot_imports.sum() == 7
    assert e.final_imports.sum() == 3
    assert [s.like for s in e.sectors] == ["14", "18"]
    whole(e)


def test_chinese_heads_and_words(tmp_path):
    names = {
        "north": "北方",
        "south": "南方",
        "imports": "进口",
        "value_added": "增加值",
        "exports": "出口",
    }
    data = frame(heads=["来源地区", "来源部门", "去向地区", "去向部门", "金额"]).replace(names)
    e = read("long", write(tmp_path, "gb", data), unit="亿元").economy
    assert [r.code for r in e.regions] == ["北方", "南方"]
    np.testing.assert_allclose(e.output, [100, 40, 90])


def test_value_added_is_the_rest_where_none_is_given(tmp_path):
    e = read("long", write(tmp_path, "csv", frame(ROWS[:10]))).economy
    np.testing.assert_allclose(e.total_value_added, [80, 30, 90 - 57])
    assert any("output less all inputs" in o.text.en for o in e.history)


def test_numbers_as_offices_write_them(tmp_path):
    rows = [(*r[:4], f"{r[4]:,}.0 ") for r in ROWS]
    e = read("long", write(tmp_path, "xlsx", frame(rows))).economy
    np.testing.assert_allclose(e.output, [100, 40, 90])


def test_codes_that_look_like_numbers_stay_text(tmp_path):
    rows = [
        (a, {"steel": "01", "cars": "02"}.get(b, b), c, {"steel": "01", "cars": "02"}.get(d, d), v)
        for a, b, c, d, v in ROWS
    ]
    e = read("long", write(tmp_path, "csv", frame(rows))).economy
    assert [s.code for s in e.sectors] == ["01", "02"]
    # two codes of the 42 are not the 42: these are read as ISIC, where 02 is forestry and not coal
    assert [s.like for s in e.sectors] == ["01", "01"]


def test_negative_imports_of_final_users_are_named(tmp_path):
    rows = [*ROWS, ("imports", "steel", "north", "households", -4)]
    got = read("long", write(tmp_path, "csv", frame(rows)))
    (finding,) = [f for f in got.findings if "negative" in f.what]
    assert "imports of steel by households in north (-4)" in finding.where
    assert finding.residual == -4
    whole(got.economy)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (frame().rename(columns={"value": "valu"}), r"value \(is it 'valu'\?\) is missing"),
        (
            frame([*ROWS, ("value_added", "wages", "north", "households", 1)]),
            "row 18: value added goes to 'households', which is no sector",
        ),
        (frame([*ROWS, ("north", "steel", "nowhere", "cars", 1)]), "buyer region 'nowhere' sells nothing"),
        (frame([*ROWS, ("north", "steel", "north", "cars", "many")]), "row 18, column value: holds 'many'"),
        (frame([*ROWS, ("north", None, "north", "cars", 1)]), "row 18, column from_sector: is empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, data, says):
    with pytest.raises(BookError, match=says):
        read("long", write(tmp_path, "xlsx", data))


def test_what_passes_through_is_said_and_left_out(tmp_path):
    got = read("long", write(tmp_path, "csv", frame([*ROWS, ("imports", "steel", "abroad", "exports", 6)])))
    assert [f.residual for f in got.findings if "sent on abroad" in f.what] == [6]
    np.testing.assert_allclose(got.economy.exports, [20, 0, 0])
    whole(got.economy)


def test_infinite_flows_are_refused(tmp_path):
    rows = [*ROWS[:-1], (*ROWS[-1][:4], np.inf)]
    with pytest.raises(BookError, match="row 17, column value: is inf"):
        read("long", write(tmp_path, "parquet", frame(rows)))
