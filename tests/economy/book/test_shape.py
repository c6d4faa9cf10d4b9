"""book.toml and its tables: what is nested, negative, of the wrong kind or no name is one clear message."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ballast.cli import main
from ballast.economy import book
from ballast.economy.checks import check
from ballast.errors import BookError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return book.save(book.load("teaching"), tmp_path / "mine")


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "book.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("markets = 12", "markets = -1", "markets is -1, less than none"),
        ("markets = 12", "markets = 12.5", "markets is a number with a point"),
        ("markets = 12", f"markets = 12\nx = {'[' * 3000}{']' * 3000}", "nested too deeply"),
        ("year = 2020", "year = 9999", "year is the year 9999"),
        ("year = 2020", "year = -4", "year is the year -4"),
        ('name = "teaching"', 'name = "te\\u0000aching"', "name holds a character"),
        ('name = "teaching"', 'name = " "', "name is empty"),
        ('en = "Teaching book', f'en = "{"T" * 256}', "more than 255"),
        ('unit = "bn CNY"', 'unit = "bn \\u001b[31mCNY"', "unit holds a character"),
        ('code = "C"\n', 'code = ""\n', "[[regions]] number 2: code '' is empty"),
        ('code = "C"\n', 'code = "C\\u0007"\n', "U+0007"),
        ('en = "Coast"', 'en = "Co\\u202east"', "U+202E"),
        ('en = "Coast"', "en = 7", "[[regions]] number 2: 'en' is missing or not text"),
        ("industry = true", 'industry = "no"', "industry 'no' is not true or false"),
        ("tile = [1, 0]", 'tile = ["a", 0]', "is not [column, row]"),
        ("tile = [1, 0]", "aliases = [1, 2]", "aliases a list of 2 is not text"),
        ("industry = true", "product = [1]\nindustry = true", "product a list of 1 is not"),
        ('"all" = "E"', '"all" = ["E"]', "[grades] 'all': is no grade"),
        (
            "[grades]",
            '[[history]]\ntable = "nodes"\nen = "a"\nzh = "b"\nmoved = "x"\n[grades]',
            "moved 'x' is not a number",
        ),
        (
            "[grades]",
            "[[targets]]\nindicator = 1\n[grades]",
            "[[targets]] number 1: 'indicator' is missing or not text",
        ),
        (
            "[grades]",
            '[[findings]]\nlevel = "loud"\nwhere = "a"\nwhat = "b"\ntodo = "c"\n[grades]',
            "level 'loud' is none of",
        ),
        (
            "[grades]",
            "[[sources]]\nkey = [[[1]]]\n[grades]",
            "[[sources]] number 1: 'key' is missing or not text",
        ),
    ],
)
def test_what_book_toml_may_not_say(folder: Path, old: str, new: str, says: str) -> None:
    edit(folder, old, new)
    with pytest.raises(BookError) as error:
        book.load(folder)
    assert says in str(error.value)
    assert "\x1b" not in str(error.value)


def test_thousands_of_the_same_fault_are_a_short_message(folder: Path) -> None:
    with (folder / "book.toml").open("a", encoding="utf-8") as file:
        file.write("\n[[targets]]\n" * 5000)
    with pytest.raises(BookError) as error:
        book.load(folder)
    assert len(str(error.value).splitlines()) < 30


@pytest.mark.parametrize(
    ("table", "column", "value", "kind"),
    [
        ("nodes", "region", 2**32, np.int64),
        ("nodes", "sector", -1, np.int64),
        ("slots", "node", 2**31, np.int64),
        ("slots", "product", 2**63, np.uint64),
        ("final", "category", 2**32, np.int64),
        ("final", "region", 2**40 + 1, np.int64),
        ("markets", "supplier", 2**32 + 1, np.int64),
        ("markets", "market", 2**33, np.int64),
    ],
)
def test_positions_of_64_bits_do_not_wrap(
    folder: Path, table: str, column: str, value: int, kind: type
) -> None:
    path = folder / f"{table}.parquet"
    columns = {c: np.array(v) for c, v in pq.read_table(path).to_pydict().items()}
    columns[column] = columns[column].astype(kind)
    columns[column][-1] = value
    pq.write_table(pa.table(columns), path)
    with pytest.raises(BookError, match=f"column {column}: holds numbers from"):
        book.load(folder)


@pytest.mark.parametrize(
    ("old", "new", "level", "says"),
    [
        ('unit = "bn CNY"', 'unit = ""', "warning", "unit of money is empty"),
        ('unit = "bn CNY"', 'unit = "bn EUR"', "error", "money of EUR"),
        ('unit = "bn CNY"', 'unit = "sacks"', "warning", "not understood"),
        ('code = "C"\n', 'code = "n"\n', "error", "'N' and 'n' differ"),
    ],
)
def test_doubtful_labels_are_found_by_check(
    folder: Path, old: str, new: str, level: str, says: str
) -> None:
    edit(folder, old, new)
    assert [f.level for f in check(book.load(folder)) if says in f.what] == [level]


def test_a_unit_with_separators_is_read(folder: Path) -> None:
    edit(folder, 'unit = "bn CNY"', 'unit = "10,000 CNY"')
    assert check(book.load(folder)) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("storable = ", "storablex = ", "[[sectors]] number 1: the key 'storablex' is nearly storable"),
        ("goods = ", "Goods = ", "the key 'Goods' is nearly goods"),
        ("[[regions]]", '[[regions]]\nalias = ["A"]', "the key 'alias' is nearly aliases"),
        ("[[sectors]]", "[[source]]\n[[sectors]]", "book.toml: the key 'source' is nearly sources"),
    ],
)
def test_a_key_that_is_nearly_known_is_refused(folder: Path, old: str, new: str, says: str):
    edit(folder, old, new)
    with pytest.raises(BookError, match=re.escape(says)):
        book.load(folder)


def test_a_key_that_means_nothing_is_told_once(folder: Path):
    edit(folder, "year = ", "foo = 2\nyear = ")
    path = folder / "book.toml"
    path.write_text(path.read_text("utf-8").replace("[[regions]]", "[[regions]]\nmayor = 1"), "utf-8")
    economy, unread = book.inspect(folder)
    assert book.book_hash(economy) == book.book_hash(book.load("teaching"))
    assert [(f.level, f.where.removeprefix(str(folder)), f.what) for f in unread] == [
        ("warning", "/book.toml", "the key 'foo' is not read"),
        (
            "warning",
            "/book.toml, [[regions]] number 1",
            "the key 'mayor' is not read, nor in 2 more of these",
        ),
    ]


@pytest.mark.parametrize("name", book.builtin_books())
def test_all_that_stands_in_our_own_books_is_read(name: str):
    assert book.inspect(name)[1] == ()


def add_columns(folder: Path, table: str, **columns: object) -> None:
    path = folder / f"{table}.parquet"
    found = pq.read_table(path)
    for name, value in columns.items():
        found = found.append_column(name, pa.array([value] * len(found)))
    pq.write_table(found, path)


def test_a_column_that_means_nothing_is_told(folder: Path):
    add_columns(folder, "nodes", **{"value_added.tax": 1.0, "label_en": "x", "mood": "good"})
    add_columns(folder, "slots", price=1.0)
    found = {f.where.rpartition(" ")[2]: f.todo for f in book.inspect(folder)[1]}
    assert sorted(found) == ["label_en", "mood", "price", "value_added.tax"]
    assert "[[value_added]]" in found["value_added.tax"]


def test_a_table_that_is_none_of_a_book_and_names_that_two_share_are_told(folder: Path):
    (folder / "slots.parquet").rename(folder / "slotz.parquet")
    (folder / "slots.parquet").write_bytes((folder / "slotz.parquet").read_bytes())
    text = (folder / "book.toml").read_text("utf-8")
    (folder / "book.toml").write_text(text.replace('en = "North"', 'en = "Coast"'), "utf-8")
    economy, unread = book.inspect(folder)
    assert [f.where for f in unread] == [str(folder / "slotz.parquet")]
    assert "regions N, C are all called 'Coast'" in "".join(f.what for f in check(economy))


@pytest.mark.parametrize(
    ("table", "column", "meant"), [("nodes", "grades", "grade"), ("markets", "share_lo", "share_low")]
)
def test_a_column_that_is_nearly_known_is_refused(folder: Path, table: str, column: str, meant: str):
    add_columns(folder, table, **{column: 1.0})
    with pytest.raises(BookError, match=f"the column '{column}' is nearly {meant}"):
        book.load(folder)


def test_a_missing_column_is_not_taken_from_one_that_has_its_own_meaning(folder: Path):
    path = folder / "nodes.parquet"
    table = pq.read_table(path)
    first, *rest = [c for c in table.column_names if c.startswith("value_added.")]
    assert rest
    pq.write_table(table.drop_columns([first]), path)
    with pytest.raises(BookError, match=f"column {first}: the column is missing. Add it"):
        book.load(folder)


def test_check_finds_what_respond_would_refuse(folder: Path, capsys):
    text = (folder / "book.toml").read_text("utf-8")
    (folder / "book.toml").write_text(text.replace("industry = true", "industry = false"), "utf-8")
    words = "no sector with value added is marked as industry"
    assert main(["book", "check", str(folder)]) == 2
    assert words in capsys.readouterr().out
    for command in ("respond", "predict-table", "campaign"):
        out = str(folder.parent / (f"{command}.csv" if command == "predict-table" else command))
        assert main([command, "vehicle-parts", "--book", str(folder), "--draws", "2", "--out", out]) == 2
        assert words in capsys.readouterr().err
