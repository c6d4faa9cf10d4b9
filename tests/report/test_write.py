"""The files: all there, self-contained, in both languages, with the right numbers, or nothing at all."""

from __future__ import annotations

import errno
import io
import json
import math
import os
import re
import stat
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import openpyxl
import pandas as pd
import pytest

from ballast import placing
from ballast.errors import OutputError
from ballast.outcomes import Status
from ballast.report import FILES, excel, record, summary, tables, word, write
from ballast.report.facts import gather

from . import fake


@pytest.fixture(scope="module")
def response() -> Any:
    return fake.response()


@pytest.fixture(scope="module")
def out(response: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write(response, folder)
    return folder


class Page(HTMLParser):
    """Open tags balanced, attributes and texts by language collected."""

    VOID = ("meta", "input", "br", "link", "img")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.links: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.texts: dict[str, list[str]] = {"en": [], "zh": []}
        self.svgs: list[dict[str, str | None]] = []
        self.lang = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "main":
            self.lang = str(found["id"])
        if tag == "svg":
            self.svgs.append(found)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        self.links += [(tag, k, str(v)) for k, v in attrs if k in ("src", "href", "action", "data")]
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.lang and data.strip() and self.stack[-1] not in ("style", "script"):
            self.texts[self.lang].append(data.strip())


@pytest.fixture(scope="module")
def page(out: Path) -> Page:
    return Page((out / "report.html").read_text("utf-8"))


# ---- the page ----------------------------------------------------------------------------------


def test_all_files_and_no_others(out: Path) -> None:
    assert sorted(p.name for p in out.iterdir()) == sorted(FILES)


def test_page_is_whole_and_loads_nothing(out: Path, page: Page) -> None:
    assert page.stack == []
    assert len(page.ids) == len(set(page.ids))
    for tag, name, value in page.links:
        assert value.startswith("#") or (tag == "a" and name == "href")
    style = (out / "report.html").read_text("utf-8")
    assert "@import" not in style
    assert "url(" not in style
    assert (out / "report.html").stat().st_size < 2_000_000


def test_anchors_lead_somewhere(page: Page) -> None:
    assert {v[1:] for _, _, v in page.links if v.startswith("#")} <= set(page.ids)


def test_every_picture_has_alternative_text(out: Path, page: Page) -> None:
    text = (out / "report.html").read_text("utf-8")
    assert page.svgs
    for svg in page.svgs:
        assert svg["role"] == "img"
        for identity in str(svg["aria-labelledby"]).split():
            assert re.search(rf'id="{identity}">[^<]+<', text)


def test_both_languages_are_there_in_full(page: Page) -> None:
    assert len(page.texts["en"]) == pytest.approx(len(page.texts["zh"]), rel=0.12)


def test_chinese_half_has_no_english_left(page: Page) -> None:
    """Codes, settings, sources, units and formulas may be Latin; sentences and names may not."""
    allowed = {"Ballast", "cases.xlsx", "A Paper (2022), Journal 1:1"}
    for text in page.texts["zh"]:
        for known in allowed:
            text = text.replace(known, "")
        assert not re.search(r"[A-Za-z]{4,} [A-Za-z]{2,}", text), text


def test_minus_signs_are_minus_signs(page: Page) -> None:
    assert not [t for half in page.texts.values() for t in half if re.fullmatch(r"-\d.*", t)]


def test_language_decides_what_opens(response: Any, tmp_path: Path) -> None:
    write(response, tmp_path, "zh")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert '<html lang="zh-Hans">' in text
    assert re.search(r'id="lang-zh"[^>]* checked', text)
    assert text.index('id="zh"') < text.index('id="en"')


def test_names_are_escaped(tmp_path: Path) -> None:
    from dataclasses import replace

    from ballast.text import Text

    bad = fake.response()
    scenario = replace(bad.scenario, title=Text("<script>alert(1)</script>", "<b>粗</b>"))
    write(replace(bad, scenario=scenario), tmp_path)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "<script>alert" not in text
    assert "<b>粗" not in text


# ---- numbers -----------------------------------------------------------------------------------


def test_page_sheet_and_record_say_the_same_gain(response: Any, out: Path, page: Page) -> None:
    facts = gather(response)
    gain = facts.money.text(facts.gain, "en")
    assert any(gain in t for t in page.texts["en"])
    assert json.loads((out / "run.json").read_text("utf-8"))["headlines"]["gain"] == pytest.approx(
        facts.gain
    )


def test_headlines_are_quoted_as_they_are(response: Any) -> None:
    """Nothing that they hold is worked out again: what is changed there is changed in every sentence."""
    from dataclasses import replace

    from ballast.response import Estimate

    heads = replace(response.headlines, worst_nothing=Estimate(-9.0, -12.0, -7.0), draws=50)
    text = summary(replace(response, headlines=heads), "en")
    assert "falls 9.0% [7.0–12.0%]" in text
    assert "50 runs" in text


def test_workbook_reopens_with_the_right_cells(response: Any, out: Path) -> None:
    book = openpyxl.load_workbook(out / "cases.xlsx")
    assert len(book.sheetnames) == 8
    sheet = book[excel.sheet_name("cases", ("en", "zh"))]
    assert sheet.max_row == len(response.cases) + 1
    first = response.cases[0]
    money = tables.cases(response).money_column(5, gather(response), "en")
    assert sheet["F2"].value == pytest.approx(first.value_at_stake * money.factor)
    assert sheet["E2"].value.date() == first.day
    assert "bn CNY" in sheet["F1"].value
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref.startswith("A1:N")
    assert {v.type for v in sheet.data_validations.dataValidation} == {"list", "date"}


def test_the_workbook_explains_every_status(tmp_path):
    response = fake.response()
    excel.write(response, gather(response), ("en", "zh"), tmp_path / "cases.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "cases.xlsx")["readme"]
    said = "\n".join(str(row[1]) for row in sheet.iter_rows(values_only=True))
    for status in Status:
        for lang in ("en", "zh"):
            assert status.meaning[lang] in said
            assert status.remedy[lang] in said


def test_no_cell_is_a_formula(out: Path) -> None:
    book = openpyxl.load_workbook(out / "cases.xlsx")
    assert not [c for s in book for row in s.iter_rows() for c in row if c.data_type in ("f", "e")]


def test_document_has_styles_headers_and_east_asian_fonts(out: Path) -> None:
    document = docx.Document(str(out / "report.docx"))
    styles = {p.style.name for p in document.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "Caption", "Normal"} <= styles
    assert 'w:eastAsia="仿宋"' in document.styles["Normal"].element.xml
    assert 'w:eastAsia="黑体"' in document.styles["Heading 1"].element.xml
    assert all("w:tblHeader" in t.rows[0]._tr.xml for t in document.tables)


def test_document_carries_a_chart_with_its_data(response: Any, out: Path) -> None:
    with zipfile.ZipFile(out / "report.docx") as archive:
        names = archive.namelist()
        charts = sorted(n for n in names if n.startswith("word/charts/chart"))
        assert len(charts) == 2  # one a language
        tree = ElementTree.fromstring(archive.read(charts[0]))
        data = openpyxl.load_workbook(io.BytesIO(archive.read("word/embeddings/data1.xlsx"))).active
    assert data is not None
    assert data.max_row == len(response.dates) + 1
    assert data["B2"].value == pytest.approx(response.path.mid[0])
    points = tree.findall(".//{*}ser[1]/{*}val//{*}v")
    assert [float(p.text or "") for p in points] == pytest.approx(response.path.mid, abs=1e-3)


def test_one_language_document_has_only_that(response: Any, tmp_path: Path) -> None:
    word.write(response, gather(response), ("en",), tmp_path / "en.docx")
    document = docx.Document(str(tmp_path / "en.docx"))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    texts = [p.text for p in document.paragraphs] + cells
    assert not [t for t in texts if re.search(r"[\u4e00-\u9fff]", t)]


def test_record_is_what_its_schema_says(out: Path) -> None:
    text = (out / "run.json").read_text("utf-8")
    data = json.loads(text, parse_constant=lambda x: pytest.fail(f"{x} in run.json"))
    again = record.Record.model_validate_json(text)
    assert (again.schema_name, again.schema_version) == ("ballast.run", "1.3")
    assert list(data) == sorted(data)
    assert set(data["files"]) == set(FILES)


def test_record_writes_null_for_what_is_not_finite(response: Any, tmp_path: Path) -> None:
    from dataclasses import replace

    bad = replace(response, seconds={"run": math.nan}, settings={"x": math.inf, "y": {1: (1, 2)}})
    record.write_json(bad, gather(bad), FILES, tmp_path / "run.json")
    data = json.loads((tmp_path / "run.json").read_text("utf-8"))
    assert data["seconds"] == {"run": None}
    assert data["settings"] == {"x": None, "y": {"1": [1, 2]}}


def test_paths_hold_all_tables(response: Any, out: Path) -> None:
    data = pd.read_parquet(out / "paths.parquet")
    counts = data.table.value_counts().to_dict()
    assert counts == {
        "national": 2 * len(response.dates), "by_month": 2 * len(response.by_month),
        "by_region": 2 * len(response.by_region),
        "by_sector": 2 * len(response.by_sector), "monthly": len(response.monthly),
    }  # fmt: skip
    national = data[(data.table == "national") & (data.path == "nothing")]
    assert national.mid.to_numpy() == pytest.approx(response.path.mid)


def test_large_response_is_small_and_quick(tmp_path: Path) -> None:
    write(fake.response(large=True), tmp_path)
    assert (tmp_path / "report.html").stat().st_size < 1_500_000


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_summary_is_about_twenty_lines(response: Any, lang: Any) -> None:
    text = summary(response, lang)
    assert 12 <= len(text.splitlines()) <= 27
    assert bool(re.search(r"[\u4e00-\u9fff]", text)) == (lang == "zh")


# ---- nothing there -----------------------------------------------------------------------------


def test_an_empty_answer_still_makes_a_report(tmp_path: Path) -> None:
    from dataclasses import replace

    full = fake.response()
    relief = replace(full.relief, picks=(), curve=full.relief.curve[:0], full=0.0)
    bare = replace(
        full, stops=full.stops[:0], blockages=(), relief=relief, landings=(), cases=(), evidence=()
    )
    write(bare, tmp_path)
    assert len(list(tmp_path.iterdir())) == len(FILES)
    assert summary(bare, "zh")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "With the plan</text>" not in page  # no places, no plan: nothing is drawn for it
    assert "map-en-plan" not in page


# ---- all or none -------------------------------------------------------------------------------


def _state(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_ours_are_replaced_and_others_left(response: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "run.json").write_text("{}")
    write(response, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "run.json").read_text("utf-8").startswith("{")
    assert len(list(tmp_path.iterdir())) == len(FILES) + 1


@pytest.mark.parametrize("trouble", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("where", ["excel.write", "record.write_json"])
def test_trouble_while_writing_leaves_nothing(
    response: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException, where: str
) -> None:
    out = tmp_path / "deep" / "out"

    def fail(*_: Any) -> None:
        raise trouble

    module, name = where.split(".")
    monkeypatch.setattr({"excel": excel, "record": record}[module], name, fail)
    expected = OutputError if isinstance(trouble, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        write(response, out)
    assert list(tmp_path.iterdir()) == []
    if expected is OutputError:
        assert "disk is full" in str(caught.value)


def test_a_read_only_folder_is_an_output_error(response: Any, tmp_path: Path) -> None:
    out = tmp_path / "closed"
    out.mkdir()
    out.chmod(stat.S_IRUSR | stat.S_IXUSR)
    if os.access(out, os.W_OK):
        pytest.skip("this user may write anywhere")
    with pytest.raises(OutputError, match="may not write"):
        write(response, out)


def test_a_refused_folder_is_an_output_error(
    response: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> str:
        raise OSError(errno.EROFS, "Read-only file system", str(tmp_path))

    monkeypatch.setattr(placing.tempfile, "mkdtemp", refuse)
    with pytest.raises(OutputError, match="read-only: choose another folder"):
        write(response, tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_an_output_error(response: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"part of that path is a file|in the way"):
        write(response, tmp_path / "file" / "out")
    with pytest.raises(OutputError):
        write(response, tmp_path / "file")
    (tmp_path / "out" / "run.json").mkdir(parents=True)
    with pytest.raises(OutputError, match="A folder of that name"):
        write(response, tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["run.json"]
