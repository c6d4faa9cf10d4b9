"""Every sentence exists in both languages, says the same things, and is used."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from ballast.report import words
from ballast.text import Text

FOLDER = Path(words.__file__).parent
PACKAGE = [*FOLDER.glob("*.py"), *FOLDER.joinpath("templates").glob("*.j2")]
# Latin letters that a Chinese sentence may hold: names of files, of this program, of international units.
LATIN = {
    "A",
    "Ballast",
    "cases",
    "xlsx",
    "report",
    "html",
    "docx",
    "run",
    "json",
    "paths",
    "parquet",
}


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_there_are_words() -> None:
    assert len(words.table()) > 150


@pytest.mark.parametrize(("key", "text"), words.table().items())
def test_both_languages_say_it_with_the_same_placeholders(key: str, text: Text) -> None:
    assert text.en.strip()
    assert text.zh.strip()
    assert _fields(text.en) == _fields(text.zh)


@pytest.mark.parametrize(("key", "text"), words.table().items())
def test_chinese_is_chinese(key: str, text: Text) -> None:
    latin = set(re.findall(r"[A-Za-z]+", re.sub(r"\{\w+\}", "", text.zh)))
    symbols = {word for word in latin if len(word) == 1} if key.startswith("method.") else set()
    assert latin - symbols <= LATIN  # a step of the method names the symbols of its equation
    if re.search("[A-Za-z]{3}", re.sub(r"\{\w+\}", "", text.en)):
        assert re.search(r"[\u4e00-\u9fff]", text.zh)


@pytest.mark.parametrize(("key", "text"), words.table().items())
def test_english_has_no_chinese(key: str, text: Text) -> None:
    assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text.en)


def test_a_missing_side_is_an_error() -> None:
    with pytest.raises(KeyError, match="zh"):
        words._flatten({"a": {"b": {"en": "only"}}}, "")


def test_one_of_something_has_its_own_words() -> None:
    say = words.Words("en")
    assert say("table.shown", n=1) == "1 row"
    assert say("table.shown", n=2) == "2 rows"


def _used() -> tuple[set[str], set[str]]:
    """Keys written out in code and templates, and the prefixes of those put together there."""
    keys, prefixes = set(), set()
    for path in PACKAGE:
        source = path.read_text("utf-8")
        keys |= set(re.findall(r"""["']([a-z_]+\.[a-z_]+)["']""", source))
        prefixes |= set(re.findall(r"""f["']([a-z_]+\.)\{""", source))
    return keys, prefixes


def test_code_and_templates_use_only_known_keys() -> None:
    keys, _ = _used()
    sections = {k.split(".")[0] for k in words.table()}
    meant = {
        k
        for k in keys
        if k.split(".")[0] in sections and not k.endswith((".html", ".json", ".css", ".js", ".xlsx"))
    }
    assert meant - set(words.table()) == set()


def test_no_sentence_is_left_over() -> None:
    keys, prefixes = _used()
    tables = {
        f"{t}.{k}"
        for t in ("cases", "whitelist", "blockages", "stops", "evidence", "landing")
        for k in ("heading", "note", "rest")
    }
    open_sets = ("cause.", "indicator.", "shock.", *prefixes)
    left = {
        k
        for k in words.table()
        if k.removesuffix("_one") not in keys | tables and not k.startswith(open_sets)
    }
    assert left == set()
