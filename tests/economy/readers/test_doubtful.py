"""What was taken in silence once: repeats, NA, look-alikes, dates, controls, commas, countries.

The table is small and its numbers are round: two regions, steel and cars, households.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ballast.economy import book
from ballast.economy.checks import check
from ballast.economy.own import add as additions
from ballast.economy.readers import read
from ballast.economy.regions import facts as regional_facts
from ballast.economy.regions import tables as regional
from ballast.economy.regions.distances import distances
from ballast.economy.regroup import concord
from ballast.economy.sheets.cells import filled, matrix
from ballast.economy.sheets.files import Sheet, sheets
from ballast.errors import BookError

HEADS = ["from_region", "from_sector", "to_region", "to_sector", "value"]
ROWS = [
    (a, s, b, t, v)
    for a in ("North", "South")
    for s in ("Steel", "Cars")
    for b in ("North", "South")
    for t, v in (("Steel", 5), ("Cars", 7), ("Households", 30))
]  # 24 rows; every node makes 84
OUTPUT = 4 * 84


def table(
    folder: Path, rows: list, *, sep: str = ",", heads: list[str] = HEADS, name: str = "t_2020.csv"
) -> Path:
    path = folder / name
    lines = [sep.join(heads), *(sep.join(map(str, r)) for r in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def renamed(**names: str) -> list:
    return [tuple(names.get(x, x) if isinstance(x, str) else x for x in r) for r in ROWS]


def valued(write) -> list:
    return [(*r[:4], write(i, r[4])) for i, r in enumerate(ROWS)]


def refused(path: Path, **options) -> str:
    with pytest.raises(BookError) as error:
        read("long", path, **options)
    return str(error.value)


def told(path: Path, word: str, **options):
    (finding,) = [f for f in read("long", path, **options).findings if word in f.what]
    return finding


# ---- repeats ---------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [2, 3])
def test_a_table_pasted_twice_is_a_finding_with_its_money(tmp_path, times):
    found = told(table(tmp_path, ROWS * times), "whole table")
    assert f"stands {times} times" in found.what
    assert "rows 26 (as 2), 27 (as 3)" in found.where
    assert found.residual == (times - 1) * OUTPUT
    assert found.level == "warning"


def test_rows_pasted_again_and_rows_that_differ(tmp_path):
    path = table(tmp_path, [*ROWS, ROWS[3], ROWS[5], (*ROWS[0][:4], 9)])
    assert "rows 26 (as 5), 27 (as 7)" in (same := told(path, "amount and all")).where
    assert same.residual == 35
    assert "rows 28 (as 2)" in (other := told(path, "another amount")).where
    assert other.residual == 9


@pytest.mark.parametrize(
    "row",
    [
        ("North", "Steel", "abroad", "exports", 4),
        ("imports", "Steel", "North", "Cars", 4),
        ("imports", "Cars", "South", "Households", 4),
        ("value_added", "wages", "North", "Steel", 4),
    ],
)
def test_repeats_are_seen_in_every_block(tmp_path, row):
    assert told(table(tmp_path, [*ROWS, row, row]), "amount and all").residual == 4


def test_a_table_without_repeats_says_nothing(tmp_path):
    rows = [*ROWS, ("North", "Steel", "Japan", "exports", 4), ("North", "Steel", "Peru", "exports", 4)]
    assert not [f for f in read("long", table(tmp_path, rows)).findings if "added up" in f.what]


def test_what_import_found_stays_in_the_book_and_is_no_part_of_its_identity(tmp_path):
    twice, once = (read("long", table(tmp_path, r)).economy for r in (ROWS * 2, ROWS))
    folder = book.save(twice, tmp_path / "mine")
    (found,) = [f for f in check(book.load(folder)) if "whole table" in f.what]
    assert found.where.startswith("t_2020.csv, rows 26")  # the file, not where one machine has it
    assert str(tmp_path) not in (folder / "book.toml").read_text(encoding="utf-8")
    assert book.book_hash(twice) == book.book_hash(book.load(folder))
    merged, _ = concord.regroup(twice, None, None)
    assert [f for f in merged.findings if "whole table" in f.what]
    assert not [f for f in check(once) if "whole table" in f.what]


# ---- labels ----------------------------------------------------------------------------------


@pytest.mark.parametrize("column", range(4))
@pytest.mark.parametrize("nothing", ["", "  ", "\u00a0"])
def test_an_empty_code_is_refused_with_its_row(tmp_path, column, nothing):
    rows = [list(r) for r in ROWS]
    rows[6][column] = nothing
    assert f"row 8, column {HEADS[column]}: is empty" in refused(table(tmp_path, rows))


def test_commas_at_the_end(tmp_path):
    path = table(tmp_path, [(*r, "", "") for r in ROWS] + [("",) * 7] * 3, heads=[*HEADS, "", ""])
    got = read("long", path)
    assert got.economy.output.sum() == OUTPUT
    said = " ".join(f.what for f in got.findings)
    assert "2 columns have no head" in said
    assert "3 rows hold nothing and are left out" in said
    assert "as many cells as the head" in refused(table(tmp_path, [(*r, "") for r in ROWS]))


@pytest.mark.parametrize("mark", ["\x0b", "\x07", "\x1b", "\u202e", "\u200b", "\x7f"])
def test_characters_nobody_sees_are_refused_on_reading(tmp_path, mark):
    said = refused(table(tmp_path, renamed(North=f"No{mark}rth")))
    assert "row 2, column from_region" in said
    assert f"U+{ord(mark):04X}" in said
    assert mark not in said


def test_line_ends_in_a_name_are_spaces(tmp_path):
    e = read("long", table(tmp_path, renamed(North='"No\nrth"'))).economy
    assert [r.code for r in e.regions] == ["No rth", "South"]


@pytest.mark.parametrize(
    ("first", "other"),
    [("North", "north"), ("Steel", "STEEL"), ("Steel", "Ｓteel"), ("Households", "households")],
)
def test_names_that_barely_differ_are_asked_about(tmp_path, first, other):
    rows = [tuple(other if x == first and i % 2 else x for x in r) for i, r in enumerate(ROWS)]
    said = refused(table(tmp_path, rows))
    assert repr(first) in said
    assert repr(other) in said


def test_zeros_in_front_are_asked_about(tmp_path):
    rows = [(a, s.replace("Steel", "01"), b, t.replace("Steel", "1"), v) for a, s, b, t, v in ROWS]
    assert "zeros in front" in refused(table(tmp_path, rows))


@pytest.mark.parametrize("date", ["2020-01-02", "2-Jan", "1月2日"])
def test_codes_that_became_dates_are_refused(tmp_path, date):
    assert "is a date" in refused(table(tmp_path, renamed(Steel=date)))


@pytest.mark.parametrize(
    ("code", "words"), [("TRUE", "true or false"), ("FALSE", "true or false"), ("#N/A", "an error")]
)
def test_codes_that_a_spreadsheet_made_are_refused(tmp_path, code, words):
    assert words in refused(table(tmp_path, renamed(Steel=code)))


def test_line_ends_of_an_old_mac_are_line_ends(tmp_path):
    before = read("long", table(tmp_path, ROWS)).economy
    path = tmp_path / "t_2020.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r"))
    assert book.book_hash(read("long", path).economy) == book.book_hash(before)


def test_what_was_read_as_gb18030_is_told_with_a_word_of_it(tmp_path):
    """An office's Chinese file, and one of Western Europe that only looks like it: a person sees which."""
    for encoding, name, seen in (("gb18030", "钢铁", "钢铁"), ("latin-1", "Stähl", "St鋒l")):
        path = table(tmp_path, renamed(Steel=name))
        path.write_bytes(path.read_bytes().decode("utf-8").encode(encoding))
        assert seen in told(path, "GB18030").what


@pytest.mark.parametrize("word", ["Total", "合计"])
@pytest.mark.parametrize("column", range(4))
def test_totals_among_the_data_are_refused(tmp_path, word, column):
    total = list(ROWS[0])
    total[column] = word
    assert f"row 26: {'sector' if column % 2 else 'region'} {word!r} is a total" in refused(
        table(tmp_path, [*ROWS, total])
    )


def test_a_country_as_a_whole_is_a_region(tmp_path):
    rows = [("全国", s, "全国", t, v) for a, s, b, t, v in ROWS if a == b == "North"]
    assert read("long", table(tmp_path, rows)).economy.regions[0].code == "全国"


def test_two_columns_for_one_thing_are_refused(tmp_path):
    said = refused(table(tmp_path, [(*r, 1) for r in ROWS], heads=[*HEADS, "amount"]))
    assert "'value', 'amount'" in said


# ---- amounts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["1e308", "-1e308", "1e22", "inf"])
def test_impossible_amounts_are_refused(tmp_path, amount):
    said = refused(table(tmp_path, valued(lambda i, v: amount if i == 3 else v)))
    assert "row 5, column value" in said


@pytest.mark.parametrize("word", ["NA", "n/a", "NULL", "#N/A", "nan", ":", ""])
def test_missing_numbers_are_told(tmp_path, word):
    found = told(table(tmp_path, valued(lambda i, v: word if i in (2, 9) else v)), "counts as nothing")
    assert "rows 4, 11" in found.where
    assert found.level == "warning"


@pytest.mark.parametrize("word", ["0x5", "1_000", "5f", "1e", "true"])
def test_what_only_a_program_takes_for_a_number_is_refused(tmp_path, word):
    said = refused(table(tmp_path, valued(lambda i, v: word if i == 3 else v)))
    assert f"row 5, column value: holds {word!r}, not a number" in said


def test_missing_numbers_are_told_in_matrices_and_frames():
    sheet = Sheet(Path("a.csv"), "", [["", "x"], [1.0, "NA"], [None, "-"]])
    values, (found,) = matrix(sheet, [1, 2], [0, 1])
    np.testing.assert_array_equal(values, [[1, 0], [0, 0]])
    assert "1 cell says that a number is missing (the first: row 2, column B, 'NA')" in found.what
    values, (found,) = filled(pd.DataFrame({"x": [1.0, np.nan]}), "a.parquet")
    np.testing.assert_array_equal(values, [[1], [0]])
    assert "the first: row 3, column x" in found.what


@pytest.mark.parametrize(
    ("write", "sep", "first"),
    [
        (lambda i, v: f"{v},125", ";", 5.125),  # a semicolon stands where the comma is taken
        (lambda i, v: f"{v},125" if i % 2 else v, ";", 5),
        (lambda i, v: f"1.20{v % 10},5", ";", 1205.5),
        (lambda i, v: f"1 20{v % 10},5", ";", 1205.5),
        (lambda i, v: f"{v},5", "\t", 5.5),
        (lambda i, v: f'"{v},125"', ",", 5125),
        (lambda i, v: f'"{v},5"', ",", 5.5),
        (lambda i, v: '"1,234.5"' if i else '"5,125"', ",", 5125),
        (lambda i, v: "1234.5" if i else "5.125", ";", 5.125),
    ],
)
def test_what_a_comma_means_is_decided_by_the_file(tmp_path, write, sep, first):
    path = table(tmp_path, valued(write), sep=sep)
    got = read("long", path)
    assert got.economy.links().toarray()[0, 0] == first
    # the same decision where the file is read as a sheet
    cell = sheets(path)[0].rows[1][4]
    assert float(cell.replace(",", "").replace(" ", "")) == first


def test_the_decision_is_told(tmp_path):
    assert (
        "'5,125'" in told(table(tmp_path, valued(lambda i, v: f"{v},125"), sep=";"), "parts decimals").what
    )
    mixed = table(tmp_path, valued(lambda i, v: '"3,125"' if i % 2 else "30.5"))
    assert "3125" in told(mixed, "parts thousands").what
    assert "5125" in told(table(tmp_path, valued(lambda i, v: f'"{v},125"')), "parts thousands").what


@pytest.mark.parametrize(
    ("write", "sep"),
    [
        (lambda i, v: f"{v},125", "\t"),
        (lambda i, v: f"{v}.125", ";"),
        (lambda i, v: f"{v},5" if i % 2 else f"{v}.5", ";"),
        (lambda i, v: '"1,000,000"' if i % 2 else '"30,5"', ","),
    ],
)
def test_what_cannot_be_decided_is_refused(tmp_path, write, sep):
    path = table(tmp_path, valued(write), sep=sep)
    assert "Write all numbers one way" in refused(path)
    assert [f for f in sheets(path)[0].findings if f.level == "error"]


# ---- places ----------------------------------------------------------------------------------


@pytest.mark.parametrize("codes", [("AL", "GA"), ("SH", "GD"), ("WA", "OR"), ("NC", "XQ")])
def test_two_letters_are_no_countries_unless_said(tmp_path, codes):
    path = table(tmp_path, renamed(North=codes[0], South=codes[1]))
    got = read("long", path)
    assert [(r.code, r.name.en) for r in got.economy.regions] == [(c, c) for c in codes]
    assert codes[0] in told(path, "also codes of countries").what


def test_countries_are_told(tmp_path):
    path = table(tmp_path, renamed(North="DE", South="FR"))
    assert [r.name.en for r in read("long", path, countries=True).economy.regions] == ["Germany", "France"]
    path = table(tmp_path, renamed(North="CHN", South="USA"))
    assert "CHN China" in told(path, "read as countries").what
    assert read("long", path, countries=False).economy.regions[0].name.en == "CHN"


def test_va_is_a_state_or_a_question(tmp_path):
    e = read("long", table(tmp_path, renamed(North="VA"))).economy
    assert [r.code for r in e.regions] == ["VA", "South"]
    said = refused(table(tmp_path, [*ROWS, ("VA", "wages", "North", "Steel", 3)]))
    assert "row 26: 'VA' sells and buys nothing: a region, or value added?" in said


def test_states_with_the_codes_of_provinces_stay_states(tmp_path):
    one = [
        ("Nat", s, "Nat", t, v)
        for s in ("Steel", "Cars")
        for t, v in (("Steel", 5), ("Cars", 7), ("Households", 30))
    ]
    national = read("long", table(tmp_path, one), unit="m USD", currency="USD").economy
    facts = tmp_path / "f.csv"
    facts.write_text(
        "region,sector,output\nSC,Steel,5\nSD,Steel,6\nSC,Cars,3\nSD,Cars,3\n", encoding="utf-8"
    )
    known = regional_facts.read(facts, national, None)
    assert [r.name.en for r in known.regions] == ["SC", "SD"]
    facts.write_text(
        "region;sector;output\nSC;Steel;5,250\nSD;Steel;6,125\nSC;Cars;3,125\n", encoding="utf-8"
    )
    made = regional.regionalise(national, regional_facts.read(facts, national, None), exponents=(0, 0, 0))
    assert [f for f in made.findings if "parts decimals" in f.what]
    facts.write_text("region,sector,output\nSC,Steel,NA\n,Cars,3\nSD,Steel,1\n", encoding="utf-8")
    with pytest.raises(BookError, match=r"says 'NA'[\s\S]*has an amount and no region"):
        regional_facts.read(facts, national, None)


def test_distances_that_contradict_each_other(tmp_path):
    regions = read("long", table(tmp_path, ROWS)).economy.regions
    km = tmp_path / "km.csv"
    km.write_text("from,to,km\nNorth,South,100\nNorth,South,200\nSouth,North,-5\n", encoding="utf-8")
    with pytest.raises(
        BookError, match=r"row 3, column C: North to South is 200 km here[\s\S]*row 4.*negative"
    ):
        distances(km, regions)


# ---- other sources ---------------------------------------------------------------------------


def test_every_source_is_looked_at_for_thin_bills_of_power(tmp_path):
    names = [f"R{i}" for i in range(5)]
    sectors = ("Electricity supply", "Food products")
    rows = [
        (a, s, a, t, 1e-6 if (a, s, t) == ("R0", "Electricity supply", "Households") else 10)
        for a in names
        for s in sectors
        for t in (*sectors, "Households")
    ]
    found = told(table(tmp_path, rows), "electricity and heat")
    assert "households of R0" in found.where


def test_parquet_keeps_its_kinds(tmp_path):
    columns = {h: [r[i] for r in ROWS] for i, h in enumerate(HEADS)}
    path = tmp_path / "t_2020.parquet"
    for values, says in ((pa.array([2**62] * 24), None), (pa.array([True] * 24), "holds true and false")):
        pq.write_table(pa.table({**columns, "value": values}), path)
        if says:
            assert says in refused(path)
        else:
            assert read("long", path).economy.output.sum() == pytest.approx(24 * 2.0**62)
    pd.DataFrame({**columns, "value": [None, *[r[4] for r in ROWS[1:]]]}).to_parquet(path)
    assert "rows 2" in told(path, "counts as nothing").where


@pytest.mark.parametrize(
    ("unit", "says"),
    [("m EUR", "money of EUR"), ("m\x1b CNY", "U+001B"), ("m" * 300 + " CNY", "304 characters")],
)
def test_units_that_cannot_be_are_refused(tmp_path, unit, says):
    assert says in refused(table(tmp_path, ROWS), unit=unit, currency="CNY")


def test_names_of_files_and_folders_that_no_book_could_hold(tmp_path):
    assert "Rename the file" in refused(table(tmp_path, ROWS, name="t\x1b_2020.csv"))
    e = read("long", table(tmp_path, ROWS)).economy
    with pytest.raises(BookError, match="Choose another folder name"):
        book.save(replace(e, name="a\x07b"), tmp_path / "out")
    own = tmp_path / "s\x1b.csv"
    own.write_text("region,sector,product,days\nNorth,Steel,,3\n", encoding="utf-8")
    assert "Rename the file" in str(additions.add(e, own).findings[0])


@pytest.mark.parametrize("year", [0, -5, 9999])
def test_years_that_cannot_be_are_refused(tmp_path, year):
    assert "--year is the year" in refused(table(tmp_path, ROWS), year=year)


def cells(folder, text: str) -> tuple[list[list[object]], list[str]]:
    path = folder / "own.csv"
    path.write_text(text, encoding="utf-8")
    (sheet,) = sheets(path)
    return sheet.rows[1:], [f.what for f in sheet.findings]


@pytest.mark.parametrize("codes", [("01.1", "01.2"), ("2022.04", "Table 1"), ("01.1", "")])
def test_codes_and_sources_have_no_say_in_what_a_comma_means(tmp_path, codes):
    rows, (told,) = cells(tmp_path, f"days;source\n30,5;{codes[0]}\n4,5;{codes[1]}\n")
    assert [row[0] for row in rows] == ["30.5", "4.5"]
    assert [row[1] or "" for row in rows] == list(codes)
    assert "parts decimals" in told


def test_a_point_that_is_taken_for_one_of_thousands_is_told(tmp_path):
    """Beside 30,5 a 10.123 is ten thousand; a word among words keeps its point."""
    rows, told = cells(tmp_path, "days;staff;note\n30,5;10.123;see\n4,5;800;page\n1,5;900;10.123\n")
    assert rows[0][:2] == ["30.5", "10123"]
    assert rows[2][2] == "10.123"
    assert any("'10.123' are read as 10123" in what for what in told)


def test_two_columns_that_are_sure_are_each_by_themselves(tmp_path):
    """In the third 1,125 may be either, and the semicolon says which."""
    rows, _ = cells(tmp_path, "days;staff;area\n30,5;4.25;1,125\n4,5;5.5;2,125\n")
    assert rows == [["30.5", "4.25", "1.125"], ["4.5", "5.5", "2.125"]]
