"""Three hundred broken files: each one clear message or findings, no traceback, nothing
half-written.
"""

from __future__ import annotations

import gzip
import resource
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ballast.cli import main
from ballast.economy import book
from ballast.economy.checks import check
from ballast.economy.own import add as additions
from ballast.economy.own import template
from ballast.economy.readers import SOURCES, read
from ballast.errors import InputError

from .fuzz import broken
from .test_long import frame
from .test_nbs import write_csv
from .test_wiod import flat, official

COUNT = 50  # broken files a good one


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> dict[str, tuple[str, Path]]:
    """Good files by name: the source, and the file."""
    folder = tmp_path_factory.mktemp("good")
    long_csv, long_parquet, nbs_book = (
        folder / "long_2019.csv",
        folder / "long_2019.parquet",
        folder / "nbs_2012.xlsx",
    )
    frame().to_csv(long_csv, index=False)
    frame().to_parquet(long_parquet)
    pd.read_csv(write_csv(folder / "nbs_2012.csv"), dtype=object).to_excel(nbs_book, index=False)
    packed = folder / "nbs_2012.csv.gz"
    packed.write_bytes(gzip.compress((folder / "nbs_2012.csv").read_bytes()))
    desk = template.write(book.load("teaching"), folder / "desk.xlsx")
    import openpyxl

    wb = openpyxl.load_workbook(desk)
    for c, v in enumerate(["北方", "零部件", "材料", 5, 3, 9], 1):
        wb["stock 库存"].cell(3, c, v)
    wb.save(desk)
    return {
        "nbs-csv": ("nbs", folder / "nbs_2012.csv"),
        "nbs-xlsx": ("nbs", nbs_book),
        "nbs-gz": ("nbs", packed),
        "long-csv": ("long", long_csv),
        "long-parquet": ("long", long_parquet),
        "wiod-parquet": ("wiod-2013", flat(folder / "wiot_2011.parquet")),
        "wiod-xlsx": ("wiod-2013", official(folder / "wiot2011.xlsx")),
        "desk": ("", desk),
    }


NAMES = ("nbs-csv", "nbs-gz", "nbs-xlsx", "long-csv", "long-parquet", "desk")


@pytest.mark.parametrize("name", NAMES)
def test_broken_files_are_refused_in_words_or_read_with_findings(good, name, tmp_path):
    source, path = good[name]
    refused, told = 0, 0
    for seed in range(COUNT):
        folder = tmp_path / str(seed)
        folder.mkdir()
        file, way = broken(path, folder, seed)
        try:
            if source:
                got = read(source, file, year=2012)
                assert np.isfinite(got.economy.output).all(), (seed, way)
                assert [
                    f for f in check(got.economy) if f.level == "error" and "not a number" in f.what
                ] == []
            else:
                added = additions.add(book.load("teaching"), file)
                assert added.economy is not None or any(f.level == "error" for f in added.findings), (
                    seed,
                    way,
                )
        except InputError as error:
            refused += 1
            text = str(error)
            assert str(file) in text or file.name in text, (seed, way, text)
            assert len(text) < 8000, (seed, way)
        else:
            told += 1
        assert [p.name for p in folder.iterdir()] == [file.name], (seed, way)  # nothing left lying about
    assert refused > COUNT // 4  # most ways of breaking a file are no table any more


@pytest.mark.parametrize("name", ["wiod-parquet", "wiod-xlsx"])
def test_broken_world_tables(good, name, tmp_path):
    source, path = good[name]
    for seed in range(12 if name == "wiod-parquet" else 9):
        file, way = broken(path, tmp_path, seed)
        said = file.name
        try:
            read(source, file, year=2011)
        except InputError as error:
            said = str(error)
        assert file.name in said, (seed, way)


def test_the_command_line_says_one_thing_and_writes_nothing(good, tmp_path, capsys):
    source, path = good["nbs-csv"]
    for seed in range(26):
        file, way = broken(path, tmp_path, seed)
        out = tmp_path / f"book-{seed}"
        code = main(["book", "import", source, str(file), "--year", "2012", "--out", str(out)])
        words = capsys.readouterr()
        assert code in (0, 2), (seed, way, words.err)
        assert "fault in Ballast" not in words.err, (seed, way, words.err)
        assert out.exists() == (code == 0), (seed, way)
        assert [p for p in tmp_path.iterdir() if p.name.startswith(".")] == []  # no half-written folder


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"pymrio-test"}))
def test_an_empty_folder_and_a_missing_one_are_one_message(source, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "missing"):
        code = main(["book", "import", source, str(tmp_path / folder), "--out", str(tmp_path / "out")])
        words = capsys.readouterr().err
        assert code == 2, words
        assert folder in words
        assert "fault in Ballast" not in words
        assert not (tmp_path / "out").exists()


def test_a_large_file_of_the_wrong_kind_is_refused_at_once(tmp_path):
    """Two gigabytes that are no table (sparse on disk): refused by the first bytes, in little memory."""
    path = tmp_path / "dump_2019.csv"
    with path.open("wb") as file:
        file.write(b"SQLite format 3\x00")
        file.truncate(2 << 30)
    plain = tmp_path / "zeros_2019.csv"
    with plain.open("wb") as file:
        file.write(b"from_region,from_sector,to_region,to_sector,value\n")
        file.truncate(2 << 30)
    tracemalloc.start()
    for source in ("nbs", "long", "wiod-2013"):
        for file in (path, plain):
            with pytest.raises(InputError):
                read(source, file, year=2019)
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()


def test_an_archive_that_swells_is_refused_before_it_is_unpacked(good, tmp_path):
    from .fuzz import a_swelling_workbook, swelling_gzip

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for way, suffix in ((a_swelling_workbook, "xlsx"), (swelling_gzip, "csv.gz")):
        path = tmp_path / f"t_2019.{suffix}"
        path.write_bytes(way(b"", None))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match="no office file does"):
        read("nbs", tmp_path / "t_2019.xlsx", year=2019)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - max(before, grown) < 50_000  # kB
