"""Long tables that contradict themselves or their options: refused, with the rows that say so."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ballast.economy.readers import files, read
from ballast.economy.readers.labels import is_total
from ballast.errors import BookError

HEADS = ["from_region", "from_sector", "to_region", "to_sector", "value"]
ROWS = [
    ("A", "Food", "A", "Food", 20.0),
    ("A", "Food", "A", "Steel", 50.0),
    ("A", "Food", "A", "households", 300.0),
    ("A", "Steel", "A", "Food", 10.0),
    ("A", "Steel", "A", "households", 200.0),
]


def write(folder, rows, heads=HEADS, name="mine_2019.csv"):
    path = folder / name
    frame = pd.DataFrame(rows, columns=heads)
    frame.to_csv(path, index=False) if name.endswith("csv") else frame.to_excel(path, index=False)
    return path


def refused(path, **options) -> str:
    with pytest.raises(BookError) as error:
        read("long", path, **options)
    return str(error.value)


TOTALS = [
    "总产出", "Total output", "中间使用合计", "Total intermediate use", "Gross output", "Total input",
    "合　计", "合计（万元）", "total_use", "Sub-total", "TOTAL",
]  # fmt: skip


@pytest.mark.parametrize("word", TOTALS)
@pytest.mark.parametrize("place", [1, 3])
def test_totals_among_sectors_and_final_uses(tmp_path, word, place):
    row = ["A", "Food", "A", "households", 5.0]
    row[place] = word
    assert "row 7" in (said := refused(write(tmp_path, [*ROWS, tuple(row)])))
    assert "is a total among the data" in said


def test_a_total_beside_one_label_alone(tmp_path):
    rows = [("A", "Food", "A", "Food", 20.0), ("A", "Food", "A", "总产出", 90.0)]
    assert "'总产出' is a total" in refused(write(tmp_path, rows))


@pytest.mark.parametrize("word", ["综合计算机服务", "Totalizator", "微小计量仪器", "Gross rent"])
def test_words_that_only_hold_the_letters(word):
    assert not is_total(word)


@pytest.mark.parametrize("word", ["World", "全国", "Total", "all"])
def test_the_whole_is_a_region_alone_and_a_total_beside_others(tmp_path, word):
    alone = [(word, s, word, b, v) for _, s, _, b, v in ROWS]
    assert read("long", write(tmp_path, alone)).economy.output.sum() == 580
    assert f"region {word!r} is a total" in refused(write(tmp_path, [*ROWS, *alone]))


def test_exports_may_go_to_the_world(tmp_path):
    rows = [*ROWS, ("A", "Food", "World", "exports", 7.0)]
    assert read("long", write(tmp_path, rows)).economy.exports.sum() == 7


def stated(column: str, *words: object):
    return [(*row, words[min(i, len(words) - 1)]) for i, row in enumerate(ROWS)], [*HEADS, column]


@pytest.mark.parametrize("name", ["mine_2019.csv", "mine_2019.xlsx"])
@pytest.mark.parametrize(
    ("column", "words", "options", "says"),
    [
        ("unit", ("m EUR", "k EUR"), {}, "more than one unit: 'm EUR' (row 2), 'k EUR' (row 3)"),
        ("单位", ("亿元", "万元"), {}, "more than one unit"),
        ("unit", ("m EUR",), {"unit": "k EUR"}, "says 'm EUR' (row 2), the option --unit says 'k EUR'"),
        ("currency", ("EUR", "USD"), {}, "more than one currency"),
        ("Currency", ("EUR",), {"currency": "USD"}, "the option --currency says 'USD'"),
        ("year", (2018, 2019), {}, "holds 2 years: '2018' (row 2), '2019' (row 3). Say which with --year"),
        ("year", (2018,), {"year": 2019}, "no row of the year 2019"),
        ("year", ("soon",), {}, "'soon' (row 2) is no year"),
        ("year", (None, 2019), {}, "row 2, column year: the year is empty"),
    ],
)
def test_columns_that_contradict(tmp_path, name, column, words, options, says):
    rows, heads = stated(column, *words)
    assert says in refused(write(tmp_path, rows, heads, name), **options)


def test_columns_that_agree_are_taken(tmp_path):
    rows = [(*row, 2017, "M.EUR", "EUR") for row in ROWS]
    path = write(tmp_path, rows, [*HEADS, "year", "unit", "currency"])
    e = read("long", path).economy
    assert (e.year, e.unit, e.currency) == (2017, "M.EUR", "EUR")
    assert read("long", path, year=2017, unit="m EUR", currency="Euros").economy.year == 2017


def test_a_year_takes_its_rows_and_is_told(tmp_path):
    rows = [*[(*row, 2018) for row in ROWS], *[(*row[:4], 2 * row[4], 2019) for row in ROWS]]
    path = write(tmp_path, rows, [*HEADS, "year"])
    made = read("long", path, year=2018)
    assert (made.economy.year, made.economy.output.sum()) == (2018, 580)
    assert any("of 10 rows 5 are of the year 2018" in f.what for f in made.findings)
    assert read("long", path, year=2019).economy.output.sum() == 1160
    rows.append(("A", "合计", "A", "households", 5.0, 2019))
    said = refused(write(tmp_path, rows, [*HEADS, "year"]), year=2019)
    assert "row 7" in said
    assert "Rows are counted without those left out" in said


@pytest.mark.parametrize("drawn", [-500.0, -370.0])
def test_more_taken_out_of_stocks_than_is_sold(tmp_path, drawn):
    said = refused(write(tmp_path, [*ROWS, ("A", "Food", "A", "inventories", drawn)]))
    assert "node A.Food: sells 370" in said
    assert f"{-drawn:g} below zero" in said
    fewer = write(tmp_path, [*ROWS, ("A", "Food", "A", "inventories", -90.0)])
    assert read("long", fewer).economy.n == 2


@pytest.mark.parametrize("word", ["#REF!", "nan", "NaN", "TRUE", "1E5", "1.00E+05", "2-Jan"])
@pytest.mark.parametrize("place", [(0, 2), (1,)])
@pytest.mark.parametrize("name", ["mine_2019.csv", "mine_2019.xlsx"])
def test_codes_that_a_program_made(tmp_path, word, place, name):
    row = ["B", "Food", "B", "households", 5.0]
    for at in place:
        row[at] = word
    said = refused(write(tmp_path, [*ROWS, tuple(row)], name=name))
    assert "row 7" in said
    assert word in said


@pytest.mark.parametrize("column", range(5))
def test_bytes_that_are_no_text(tmp_path, column):
    columns = {h: [row[i] for row in ROWS] for i, h in enumerate(HEADS)}
    good = {h: [str(v).encode() for v in values] for h, values in columns.items()}
    path = tmp_path / "mine_2019.parquet"
    pq.write_table(pa.table(good), path)
    assert read("long", path).economy.output.sum() == 580
    good[HEADS[column]][1] = b"\xff\xfe\x80"
    pq.write_table(pa.table(good), path)
    said = refused(path)
    assert f"row 3, column {HEADS[column]}: holds bytes that are no UTF-8 text" in said
    assert "b'" not in said


def test_bytes_in_other_readers_are_text_or_named(tmp_path):
    path = tmp_path / "sheet.parquet"
    pq.write_table(pa.table({"code": ["钢".encode(), b"b"]}), path)
    assert files.sheets(path)[0].rows == [["code"], ["钢"], ["b"]]
    pq.write_table(pa.table({"code": [b"a", b"\xff\x80"]}), path)
    for reading in (files.sheets, files.frame):
        with pytest.raises(BookError, match="row 3, column code: holds bytes that are no UTF-8 text"):
            reading(path)
