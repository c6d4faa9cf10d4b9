"""Long tables that contradict themselves or their options: refused, with the rows that say so."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ballast.economy import book
from ballast.economy.checks import is_stock, may_be_negative
from ballast.economy.readers import long, read
from ballast.economy.readers.table import label_findings
from ballast.economy.sheets import files
from ballast.economy.sheets.labels import is_total
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


@pytest.mark.parametrize(
    ("heads", "words", "options", "unit"),
    [
        (["UNIT_MULT", "UNIT_MEASURE"], (6, "EUR"), {}, "10^6 EUR"),
        (["UNIT_MULT", "UNIT_MEASURE"], (6, "EUR"), {"unit": "m EUR"}, "m EUR"),
        (["UNIT_MULT"], (6,), {"unit": "m EUR"}, "m EUR"),
        (["UNIT_MULT", "UNIT_MEASURE"], (0, "EUR"), {}, "EUR"),
        (["UNIT_MULT", "UNIT_MEASURE", "unit"], (3, "EUR", "k EUR"), {}, "k EUR"),
        (["UNIT_MULT", "UNIT_MEASURE"], (3, "EUR"), {"unit": "m EUR"}, ""),
        (["UNIT_MULT", "UNIT_MEASURE", "unit"], (6, "EUR", "k EUR"), {}, ""),
        (["UNIT_MULT"], ("many",), {}, ""),
    ],
)
def test_the_unit_of_sdmx(tmp_path, heads, words, options, unit):
    path = write(tmp_path, [(*row, *words) for row in ROWS], [*HEADS, *heads])
    if unit:
        assert read("long", path, **options).economy.unit == unit
    else:
        refused(path, **options)


def test_two_powers_or_measures_of_sdmx_are_refused(tmp_path):
    for column, words in (("UNIT_MULT", (6, 3)), ("UNIT_MEASURE", ("EUR", "USD"))):
        said = refused(write(tmp_path, *stated(column, *words)))
        assert (
            f"holds more than one {'power of ten' if column == 'UNIT_MULT' else 'unit of measure'}" in said
        )


@pytest.mark.parametrize("kind", [pa.duration("ns"), pa.timestamp("ms"), pa.date32(), pa.bool_()])
def test_what_is_no_amount_is_refused_by_its_type(tmp_path, kind):
    columns = {h: [row[i] for row in ROWS] for i, h in enumerate(HEADS[:4])}
    value = pa.array([1] * len(ROWS)).cast(pa.int32() if kind == pa.date32() else pa.int64()).cast(kind)
    path = tmp_path / "mine_2019.parquet"
    pq.write_table(pa.table({**columns, "value": value}), path)
    assert "no amounts" in refused(path)


def test_columns_that_agree_are_taken(tmp_path):
    rows = [(*row, 2017, "M.EUR", "EUR") for row in ROWS]
    path = write(tmp_path, rows, [*HEADS, "year", "unit", "currency"])
    got = read("long", path)
    e = got.economy
    assert (e.year, e.unit, e.currency) == (2017, "M.EUR", "EUR")
    assert any("the rows are of 2017, the file's name says 2019" in f.what for f in got.findings)
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
    assert "row 12: sector '合计' is a total" in said  # as the file counts them, five of 2018 before


@pytest.mark.parametrize("drawn", [-500.0, -370.0])
def test_more_taken_out_of_stocks_than_is_sold(tmp_path, drawn):
    said = refused(write(tmp_path, [*ROWS, ("A", "Food", "A", "inventories", drawn)]))
    assert "node A.Food: sells 370" in said
    assert f"{-drawn:g} below zero" in said
    fewer = write(tmp_path, [*ROWS, ("A", "Food", "A", "inventories", -90.0)])
    assert read("long", fewer).economy.n == 2


@pytest.mark.parametrize("word", ["#REF!", "nan", "NaN", "TRUE", "1E+05", "1.00E+05", "2-Jan"])
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


@pytest.mark.parametrize("word", ["MAR1", "DEC10", "12MAY", "1E5"])
def test_codes_as_they_were_written_are_only_told(tmp_path, word):
    path = write(tmp_path, [tuple(word if v == "Food" else v for v in row) for row in ROWS])
    got = read("long", path)
    assert word in [s.code for s in got.economy.sectors]
    assert [f.level for f in got.findings if "spreadsheets make" in f.what] == ["warning"] * 2


@pytest.mark.parametrize("pair", [("Inventories", "Stock building"), ("gov spend", "gov_spend")])
def test_final_uses_that_would_share_a_code_are_two(tmp_path, pair):
    """5 of each beside 370 and 210: a book that says so opens again."""
    got = read("long", write(tmp_path, [*ROWS, *(("A", "Food", "A", w, 5.0) for w in pair)]))
    e = book.load(book.save(got.economy, tmp_path / "mine"))
    assert [n.en for _, n in e.categories] == ["households", *pair]
    assert len({c for c, _ in e.categories}) == 3
    assert e.output.tolist() == [380, 210]


def test_rows_of_value_added_that_would_share_a_code_are_two(tmp_path):
    taxes = [("value_added", w, "A", "Food", 7.0) for w in ("net taxes", "net_taxes")]
    e = book.load(book.save(read("long", write(tmp_path, [*ROWS, *taxes])).economy, tmp_path / "mine"))
    assert [c for c, _ in e.value_added_labels][:2] == ["net_taxes", "net_taxes_2"]
    assert e.value_added[:2].tolist() == [[7, 0], [7, 0]]


@pytest.mark.parametrize("word", ["Livestock purchases", "rolling stock"])
def test_what_only_sounds_like_stocks_is_none(tmp_path, word):
    e = read("long", write(tmp_path, [*ROWS, ("A", "Food", "A", word, 5.0)])).economy
    assert not may_be_negative(e, [n.en for _, n in e.categories].index(word))
    assert is_stock("Stock building")


@pytest.mark.parametrize("blank", ["", ",,,,", " , ,,,"])
@pytest.mark.parametrize("name", ["mine_2019.csv", "mine_2019.xlsx"])
def test_rows_without_anything_are_left_out_and_the_others_keep_their_numbers(tmp_path, blank, name):
    """Rows 4 and 8 of the file are empty, row 7 is wrong: five rows, one before the third."""
    path = write(tmp_path, [*ROWS[:2], (None,) * 5, *ROWS[2:], (None,) * 5], name=name)
    if name.endswith("csv"):
        path.write_text(
            path.read_text(encoding="utf-8").replace("\n,,,,\n", f"\n{blank}\n"), encoding="utf-8"
        )
    made = read("long", path)
    (note,) = [f for f in made.findings if "left out" in f.what]
    rows = "1 row holds nothing and is" if name.endswith("xlsx") else "2 rows hold nothing and are"
    assert (note.where, note.what) == (f"{path}, row 4", f"{rows} left out")
    assert made.economy.output.tolist() == [370, 210]
    rows = [*ROWS[:2], (None,) * 5, *ROWS[2:], ("A", "Food", "A", "households", "many")]
    assert "row 8, column value: holds 'many'" in refused(write(tmp_path, rows, name=name))


def test_a_part_that_stands_twice_is_not_the_whole_table(tmp_path):
    """Value added is pasted twice: 30 is what the second copy adds, rows 8 and 9."""
    added = [("value_added", "wages", "A", s, v) for s, v in (("Food", 10.0), ("Steel", 20.0))]
    (found,) = [f for f in read("long", write(tmp_path, [*ROWS, *added * 2])).findings if "again" in f.what]
    assert (found.what.split(",")[0], found.residual) == ("2 rows say again what an earlier row says", 30)
    (found,) = [
        f for f in read("long", write(tmp_path, [*ROWS, *added] * 2)).findings if "whole table" in f.what
    ]
    assert found.residual == 610  # 580 of flows and 30


def test_a_table_with_equal_codes_is_refused(tmp_path):
    table = long.read(write(tmp_path, [*ROWS, ("A", "Food", "A", "Government", 5.0)]))
    same = tuple(("x", name) for _, name in table.categories)
    assert "final use: 2 have the code 'x'" in str(label_findings(replace(table, categories=same))[0])
