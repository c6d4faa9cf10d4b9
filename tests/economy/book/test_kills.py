"""Books killed at every step of being saved, added to and undone; two adding at once; links; old faults."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from killing import hidden, killed

from ballast.economy import Economy, book
from ballast.economy.book import undo
from ballast.economy.facts import OWN
from ballast.errors import BookError, OutputError
from ballast.evidence import Grade, Source
from ballast.text import Text

posix = pytest.mark.skipif(os.name == "nt", reason="processes are forked and killed")


def named(title: str) -> Economy:
    """The teaching book under a title, and unless it is called bare with a table of staff."""
    teaching = book.load("teaching")
    facts = teaching.facts if title == "bare" else replace(teaching.facts, staff=np.full(teaching.n, 50.0))
    return replace(teaching, title=Text(title, title), facts=facts)


HASH = {title: book.book_hash(named(title)) for title in ("one", "two", "three", "bare")}


def which(folder: Path) -> str:
    """The title of the book that is there, whole."""
    found = book.load(folder)
    assert book.book_hash(found) == HASH[found.title.en]
    return found.title.en


@posix
def test_a_new_book_is_there_or_not(tmp_path):
    folder = tmp_path / "b"
    seen = []
    for _ in killed(lambda f: book.save(named("one"), f), lambda f: None, folder):
        try:
            seen.append(which(folder))
        except BookError:
            seen.append("")
        book.save(named("two"), folder)  # what was left is in nobody's way
        assert which(folder) == "two"
        assert hidden(folder) == []
    assert seen == sorted(seen)
    assert {"", "one"} == set(seen)


@posix
def test_a_book_that_is_replaced_is_the_old_or_the_new_one(tmp_path):
    """The new one has a table less: it must not stay behind."""
    folder = tmp_path / "b"

    def prepare(folder: Path) -> None:
        book.save(named("one"), folder)
        (folder / "notes.txt").write_text("mine")

    for _ in killed(lambda f: book.save(named("bare"), f), prepare, folder):
        left = which(folder)
        assert left in ("one", "bare")
        assert any(folder.glob("facts_*.parquet")) == (left == "one")
        assert (folder / "notes.txt").read_text() == "mine"
        assert [h for h in hidden(folder) if "stage" not in h] == []  # the reader has settled it
        book.save(named("two"), folder)
        assert hidden(folder) == []


@pytest.mark.slow
@posix
def test_adding_and_undoing_killed_at_every_step(tmp_path):
    """After a kill in either, undo brings back what was there, version by version."""
    folder = tmp_path / "b"

    def two_versions(folder: Path) -> None:
        book.save(named("one"), folder)
        undo.save(named("two"), folder)

    for _ in killed(lambda f: undo.save(named("three"), f), two_versions, folder):
        back = {"two": ["one"], "three": ["two", "one"]}[which(folder)]
        for title in back:
            undo.restore(folder)
            assert which(folder) == title
        with pytest.raises(BookError, match="nothing to undo"):
            undo.restore(folder)
        assert not (folder / "undo").exists()

    for _ in killed(undo.restore, two_versions, folder):
        if which(folder) == "two":
            undo.restore(folder)
        assert which(folder) == "one"
        with pytest.raises(BookError, match="nothing to undo"):
            undo.restore(folder)
        assert hidden(folder) == []


@posix
def test_two_who_add_at_once_both_come_in(tmp_path):
    """Two processes add different facts to one book at the same time; neither is lost."""
    folder = tmp_path / "b"
    book.save(named("bare"), folder)
    rows = {
        "staff.csv": "region,sector,staff（人）\nN,parts,100\n",
        "stock.csv": "region,sector,product,days\nN,parts,materials,9\n",
        "more.csv": "region,sector,staff（人）\nC,parts,300\n",
        "days.csv": "region,sector,product,days\nC,vehicles,parts,4\n",
    }
    jobs = []
    for name, text in rows.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "ballast", "book", "add", str(folder), str(tmp_path / name)]
        jobs.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    for job in jobs:
        out, err = job.communicate()
        assert job.returncode == 0, out + err
    f = book.load(folder).facts
    assert f.staff is not None
    assert sorted(f.staff[f.staff > 0]) == [100, 300]
    assert f.slot_days is not None
    assert sorted(f.slot_days[f.slot_days > 0]) == [4, 9]
    assert sorted(p.name for p in (folder / "undo").iterdir()) == ["1", "2", "3", "4"]


@posix
def test_a_linked_book_stays_linked(tmp_path):
    real = book.save(named("one"), tmp_path / "real")
    (tmp_path / "link").symlink_to(real)
    undo.save(named("two"), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert which(real) == "two"
    undo.restore(tmp_path / "link")
    assert which(real) == "one"


def test_a_new_table_over_somebodys_work_can_be_undone(tmp_path):
    """`book import --out` over a book that a desk has added to; one that nobody touched is replaced."""
    plain = book.save(named("bare"), tmp_path / "plain")
    assert undo.replace(named("two"), plain) is False
    assert not (plain / "undo").exists()
    source = Source(f"{OWN}stock", "stock.xlsx", "the desk's own figures", "2022", "", Grade.D)
    theirs = replace(named("one"), sources=(source,))
    worked = book.save(theirs, tmp_path / "worked")
    assert undo.replace(named("two"), worked) is True
    assert which(worked) == "two"
    undo.restore(worked)
    assert book.book_hash(book.load(worked)) == book.book_hash(theirs)
    undo.save(named("three"), plain)  # a version to go back to is work too
    assert undo.replace(named("one"), plain) is True
    (plain / "book.toml").write_text("broken", encoding="utf-8")
    assert undo.replace(named("two"), plain) is True  # nobody can tell what is in it
    assert undo.replace(named("two"), tmp_path / "new") is False


def test_a_book_made_of_itself_can_be_undone(tmp_path):
    """`book split B parts.csv --out B`; of a book made of another one nothing is kept."""
    folder = book.save(named("one"), tmp_path / "b")
    assert undo.replace(named("two"), folder, of="teaching") is False
    assert undo.replace(named("three"), folder, of=str(tmp_path / "b" / ".." / "b")) is True
    undo.restore(folder)
    assert which(folder) == "two"


def test_a_version_that_is_not_whole_is_passed_over_and_kept(tmp_path):
    """What earlier releases could leave when they were killed: a version without its book.toml."""
    folder = book.save(named("one"), tmp_path / "b")
    undo.save(named("two"), folder)
    half = folder / "undo" / "2"
    half.mkdir()
    (half / "nodes.parquet").write_bytes(b"half")
    undo.save(named("three"), folder)
    assert sorted(p.name for p in (folder / "undo").iterdir()) == ["1", "2", "3"]
    undo.restore(folder)
    assert which(folder) == "two"
    undo.restore(folder)
    assert which(folder) == "one"
    assert (half / "nodes.parquet").read_bytes() == b"half"


def test_a_folder_with_other_files_is_refused_and_one_with_our_leftovers_is_not(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").touch()
    with pytest.raises(OutputError, match="no book"):
        book.save(named("one"), tmp_path / "full")
    assert os.listdir(tmp_path / "full") == ["letter.txt"]
    (tmp_path / "left" / ".ballast-stage-x").mkdir(parents=True)
    book.save(named("one"), tmp_path / "left")
    assert which(tmp_path / "left") == "one"


@pytest.mark.parametrize("other", ["", "old", "tmp", "old tmp"])
def test_a_book_that_an_earlier_version_left_hidden_is_found(tmp_path, other):
    """Up to 0.1 a book was replaced by two renames; killed between them it lies beside, hidden."""
    places = {"old": tmp_path / ".b.k3_x9a2q.old" / "book", "tmp": tmp_path / ".b.p0aa_1bc.tmp"}
    left = [places[kind] for kind in other.split()]
    for place in left:
        book.save(named("one"), place)
    (tmp_path / ".b.backup.old" / "book").mkdir(parents=True)  # no book, and not so called by us
    (tmp_path / ".bb.k3_x9a2q.tmp").mkdir()
    with pytest.raises(BookError) as error:
        book.load(tmp_path / "b")
    said = str(error.value)
    assert all(str(place) in said for place in left)
    assert (f"Rename the one you want to {tmp_path / 'b'}" in said) == bool(left)
    for place in left[:1]:
        os.rename(place, tmp_path / "b")
        assert which(tmp_path / "b") == "one"


@posix
def test_a_table_that_is_a_link_is_kept_by_what_it_leads_to(tmp_path):
    """Somebody keeps a large table elsewhere; undo brings back its figures, not the link."""
    folder = book.save(named("one"), tmp_path / "b")
    os.rename(folder / "nodes.parquet", tmp_path / "elsewhere.parquet")
    (folder / "nodes.parquet").symlink_to("../elsewhere.parquet")
    assert which(folder) == "one"
    undo.save(named("two"), folder)
    undo.restore(folder)
    assert which(folder) == "one"


def test_what_else_lies_among_the_versions_stays(tmp_path):
    folder = book.save(named("one"), tmp_path / "b")
    for name in ("²", "007", "2022-03"):
        (folder / "undo" / name).mkdir(parents=True)
    (folder / "undo" / "notes.txt").write_text("mine", encoding="utf-8")
    undo.save(named("two"), folder)
    undo.restore(folder)
    assert which(folder) == "one"
    assert sorted(p.name for p in (folder / "undo").iterdir()) == ["007", "2022-03", "notes.txt", "²"]


def test_nothing_writes_into_a_file_of_an_earlier_version(tmp_path):
    """Versions share files by second names: each must still be what it was after all that can be done."""
    folder = book.save(named("one"), tmp_path / "b")
    undo.save(named("two"), folder)
    undo.save(named("three"), folder)
    kept = {p: p.read_bytes() for p in (folder / "undo").rglob("*") if p.is_file()}
    book.save(named("bare"), folder)
    undo.save(named("one"), folder)
    undo.restore(folder)
    assert {p: p.read_bytes() for p in kept} == kept
    toml = folder / "book.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + "\n# by hand\n", encoding="utf-8")
    assert {p: p.read_bytes() for p in kept} == kept


def test_a_new_book_in_the_place_of_the_one_read_can_be_undone(tmp_path, capsys):
    """`--out` names the book itself: two who add must not lose one, and undo must bring it back."""
    from ballast.cli import main

    folder = book.save(named("bare"), tmp_path / "b")
    file = tmp_path / "staff.csv"
    file.write_text("region,sector,staff（人）\nN,parts,100\n", encoding="utf-8")
    assert main(["book", "add", str(folder), str(file), "--out", f"{folder}/../b"]) == 0
    assert book.load(folder).facts.staff is not None
    assert main(["book", "undo", str(folder / "book.toml")]) == 0
    assert which(folder) == "bare"
    capsys.readouterr()


def test_the_findings_of_an_import_come_and_go_with_its_book(tmp_path):
    """They stay when a file is added, go when another book takes the place, and come back with theirs."""
    folder = tmp_path / "b"

    def imported(text: str) -> None:
        undo.replace(named("one"), folder, beside=lambda stage: (stage / "findings.csv").write_text(text))

    def findings() -> str | None:
        there = folder / "findings.csv"
        return there.read_text() if there.exists() else None

    imported("first")
    undo.save(named("two"), folder)  # a file is added
    assert findings() == "first"
    imported("second")
    undo.replace(named("three"), folder)  # split, regionalise
    assert findings() is None
    seen = []
    for _ in range(3):
        undo.restore(folder)
        seen.append((which(folder), findings()))
    assert seen == [("one", "second"), ("two", "first"), ("one", "first")]
