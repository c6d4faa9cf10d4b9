"""book.toml and its tables: what is nested, negative, of the wrong kind or no name is one clear message."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

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
