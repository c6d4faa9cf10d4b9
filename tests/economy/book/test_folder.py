"""A book comes back bit for bit, is whole or absent, and says what is wrong with it and where."""

import shutil
import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ballast.economy import book
from ballast.economy.book import book_hash, builtin_books, load, save
from ballast.economy.economy import Carrier, Economy
from ballast.economy.facts import tables
from ballast.errors import BookError, OutputError
from ballast.evidence import Grade, Source
from ballast.text import Text


def same(a: Economy, b: Economy) -> None:
    for f in fields(Economy):
        left, right = getattr(a, f.name), getattr(b, f.name)
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype, f.name
            assert left.tobytes() == right.tobytes(), f.name
        elif f.name not in ("carriers", "facts"):
            assert left == right, f.name
    for table, columns in tables(a.facts).items():
        for column, values in columns.items():
            np.testing.assert_array_equal(
                values, tables(b.facts)[table][column]
            )  # NaN is unknown on both sides
    for x, y in zip(a.carriers, b.carriers, strict=True):
        assert (x.code, x.name, x.product, x.unit, x.grade) == (y.code, y.name, y.product, y.unit, y.grade)
        assert x.annual.tobytes() == y.annual.tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save(load("teaching"), tmp_path / "mine")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def rewrite(path: Path, **columns: object) -> None:
    table = {c: v for c, v in pq.read_table(path).to_pydict().items() if columns.get(c, "") is not None}
    pq.write_table(pa.table({**table, **{c: v for c, v in columns.items() if v is not None}}), path)


@pytest.mark.parametrize("name", builtin_books())
def test_round_trip_is_exact(name: str, tmp_path: Path) -> None:
    first = load(name)
    second = load(save(first, tmp_path / "copy"))
    same(first, second)
    assert book_hash(first) == book_hash(second)


def test_labels_grades_sources_and_carriers_survive(tmp_path: Path) -> None:
    base = load("teaching")
    rich = replace(
        base,
        title=Text('A "quoted" \\ title\twith\nlines', "标题“引号”"),
        node_labels=tuple(Text(f"node {i}", f"企业{i}") for i in range(base.n)),
        node_grade=(Grade.C,) * base.n,
        sources=(Source("k", "T", "P", "2020", "", Grade.B),),
        carriers=(Carrier("el", Text("Power", "电"), 3, "GWh", np.array([0.1, 0.2, 0.3]), Grade.B),),
    )
    same(rich, load(save(rich, tmp_path / "rich")))
    assert book_hash(rich) != book_hash(base)


@pytest.mark.parametrize("seed", range(5))
def test_any_floats_and_empty_markets_come_back(seed: int, tmp_path: Path) -> None:
    base = load("teaching")
    random = np.random.default_rng(seed)
    strange = np.array([0.0, -0.0, 5e-324, 1e308, 0.1 + 0.2, np.nextafter(1, 2)])
    drawn = replace(
        base,
        output=random.choice(strange, base.n),
        slot_imports=random.choice(strange, len(base.slot_imports)),
        market_ptr=np.concatenate([[0, 0], base.market_ptr[1:], [base.market_ptr[-1]] * 2]),  # three empty
    )
    same(drawn, load(save(drawn, tmp_path / "drawn")))


def test_an_economy_without_flows_comes_back(tmp_path: Path) -> None:
    base = load("teaching")
    none, nothing = np.zeros(0, np.int32), np.zeros(0)
    slots = dict.fromkeys(("slot_product", "slot_node", "slot_market"), none)
    finals = dict.fromkeys(("final_product", "final_region", "final_category", "final_market"), none)
    money = dict.fromkeys(("slot_domestic", "slot_imports", "final_domestic", "final_imports"), nothing)
    shares = dict.fromkeys(("market_share", "share_low", "share_high"), nothing)
    markets = {"market_ptr": np.zeros(1), "market_supplier": none}
    bare = replace(base, **slots, **finals, **money, **shares, **markets)
    same(bare, load(save(bare, tmp_path / "bare")))


def test_the_hash_sees_one_bit() -> None:
    base = load("teaching")
    nudged = np.nextafter(base.output, np.inf)
    assert book_hash(base) != book_hash(replace(base, output=nudged))


def test_built_in_books_load_fast() -> None:
    load("china-2020")  # the first call also pays for imports
    start = time.perf_counter()
    load("china-2020")
    assert time.perf_counter() - start < 0.3


def test_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(BookError, match="Did you mean china-2020"):
        load("china-2002")


def test_a_folder_that_is_no_book_names_the_books_inside(folder: Path) -> None:
    with pytest.raises(BookError, match=r"no book.toml.*mine"):
        load(folder.parent)


def test_missing_tables_are_named_together(folder: Path) -> None:
    (folder / "slots.parquet").unlink()
    (folder / "final.parquet").unlink()
    with pytest.raises(BookError, match=r"(?s)slots\.parquet.*missing.*final\.parquet.*missing"):
        load(folder)


def test_missing_column_suggests_the_misspelt_one(folder: Path) -> None:
    path = folder / "slots.parquet"
    values = pq.read_table(path).column("domestic").to_pylist()
    rewrite(path, domestic=None, domestc=values)
    with pytest.raises(
        BookError, match=r"slots\.parquet, column domestic: the column is missing.*'domestc'"
    ):
        load(folder)


def test_nan_is_placed_by_row(folder: Path) -> None:
    path = folder / "nodes.parquet"
    values = pq.read_table(path).column("output").to_pylist()
    values[4] = float("nan")
    rewrite(path, output=values)
    with pytest.raises(BookError, match=r"nodes\.parquet, column output, row 4: is not a finite number"):
        load(folder)


def test_an_empty_cell_is_placed_by_row(folder: Path) -> None:
    path = folder / "nodes.parquet"
    values = pq.read_table(path).column("exports").to_pylist()
    values[2] = None
    rewrite(path, exports=values)
    with pytest.raises(BookError, match="column exports, row 2: is empty"):
        load(folder)


def test_text_where_numbers_belong(folder: Path) -> None:
    path = folder / "nodes.parquet"
    values = [f"{v} 亿元" for v in pq.read_table(path).column("output").to_pylist()]
    rewrite(path, output=values)
    with pytest.raises(BookError, match="column output: holds string"):
        load(folder)


def test_not_parquet(folder: Path) -> None:
    (folder / "final.parquet").write_text("hello")
    with pytest.raises(BookError, match=r"final\.parquet: not a Parquet file"):
        load(folder)


def test_market_numbers_in_range(folder: Path) -> None:
    edit(folder / "book.toml", "markets = 12", "markets = 3")
    with pytest.raises(BookError, match=r"outside 0\.\.2"):
        load(folder)


def test_a_region_named_twice(folder: Path) -> None:
    edit(folder / "book.toml", 'code = "C"', 'code = "N"')
    with pytest.raises(BookError, match=r"\[\[regions\]\] number 2: code 'N' is named twice"):
        load(folder)


def test_toml_typo_gives_the_line(folder: Path) -> None:
    edit(folder / "book.toml", 'unit = "bn CNY"', 'unit = "bn CNY')
    with pytest.raises(BookError, match=r"book\.toml:4:15: not valid TOML"):
        load(folder)


def test_misspelt_key(folder: Path) -> None:
    edit(folder / "book.toml", "currency =", "curency =")
    with pytest.raises(BookError, match=r"'currency' is missing.*'curency', misspelt"):
        load(folder)


def test_wrong_type(folder: Path) -> None:
    edit(folder / "book.toml", "year = 2020", 'year = "2020"')
    with pytest.raises(BookError, match=r"year is a text \('2020'\)\. Write a whole number"):
        load(folder)


def test_a_carrier_of_an_unknown_product_or_region(folder: Path) -> None:
    rich = replace(
        load("teaching"), carriers=(Carrier("el", Text("Power", "电"), 3, "GWh", np.ones(3), Grade.B),)
    )
    save(rich, folder)
    rewrite(folder / "carriers.parquet", region=[0, 1, 7])
    with pytest.raises(BookError, match="out of bounds"):
        load(folder)
    save(rich, folder)
    edit(folder / "book.toml", 'product = "services"', 'product = "servces"')
    with pytest.raises(BookError, match="unknown product 'servces'"):
        load(folder)


def test_unknown_grade(folder: Path) -> None:
    edit(folder / "book.toml", '"all" = "E"', '"all" = "F"')
    with pytest.raises(BookError, match="Grades are A to E"):
        load(folder)


def test_every_missing_key_at_once(folder: Path) -> None:
    (folder / "book.toml").write_text('name = "x"\n')
    with pytest.raises(BookError, match=r"(?s)'title'.*'unit'.*'regions'.*'value_added'"):
        load(folder)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_of_chinese_offices(folder: Path, encoding: str) -> None:
    text = (folder / "book.toml").read_text(encoding="utf-8")
    (folder / "book.toml").write_bytes(text.encode(encoding))
    assert load(folder).regions[0].name.zh == "北方"


def test_saving_over_a_book_keeps_other_files(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    save(load("teaching").scaled(2.0), folder)
    assert (folder / "notes.txt").read_text() == "mine"
    assert load(folder).output[0] == 80.0
    assert [p.name for p in folder.parent.iterdir()] == ["mine"]


def test_saving_refuses_what_is_no_book(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(OutputError, match=r"no book.toml"):
        save(load("teaching"), tmp_path)
    with pytest.raises(OutputError, match="is a file"):
        save(load("teaching"), tmp_path / "letter.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_failed_save_leaves_the_old_book(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = book_hash(load(folder))

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(book.folder.pq, "write_table", fail)
    with pytest.raises(OutputError, match=r"No space left.*Nothing was changed"):
        save(load("teaching").scaled(3.0), folder)
    assert book_hash(load(folder)) == before
    assert [p.name for p in folder.parent.iterdir()] == ["mine"]


def test_a_copied_built_in_book_is_small(tmp_path: Path) -> None:
    target = shutil.copytree(book.BUILTIN / "china-2020", tmp_path / "copy")
    assert sum(p.stat().st_size for p in target.iterdir()) < 2_000_000
