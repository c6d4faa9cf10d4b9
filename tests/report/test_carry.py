"""What a desk wrote into cases.xlsx, and what anybody changed, outlives the next run."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from ballast.cli import main
from ballast.report import FILES, carry, write
from ballast.report.words import Words

from . import fake


@pytest.fixture(scope="module")
def response() -> Any:
    return fake.response()


def sheet_of(path: Path) -> tuple[Any, Any, dict[str, int]]:
    """The workbook, its cases and the columns by the first line of their heads (English comes first)."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    return book, sheet, {str(c.value).split("\n")[0]: c.column for c in sheet[1]}


def fill(path: Path, rows: dict[int, dict[str, Any]]) -> None:
    """Write into rows (2 is the first case) as a desk does; a head that is not there is added."""
    book, sheet, columns = sheet_of(path)
    for row, values in rows.items():
        for head, value in values.items():
            if head not in columns:
                columns[head] = sheet.max_column + 1
                sheet.cell(1, columns[head]).value = head
            sheet.cell(row, columns[head]).value = value
    book.save(path)


def row_of(path: Path, name: str) -> dict[str, Any]:
    _, sheet, columns = sheet_of(path)
    at = columns.get("Case id", columns.get("事项编号"))
    for cells in sheet.iter_rows(min_row=2):
        if cells[at - 1].value == name:
            return {head: cells[i - 1].value for head, i in columns.items()}
    raise AssertionError(f"no case {name}")


def ids(response: Any) -> list[str]:
    return [c.id for c in response.cases]


def test_every_case_has_an_id_of_its_own_that_says_who_is_meant(response):
    assert len(set(ids(response))) == len(response.cases) > 1
    case = response.cases[0]
    assert response.economy.node_codes[case.customer] in ids(response)[0]


def test_what_a_desk_filled_in_is_there_after_the_next_run(response, tmp_path):
    """The list is turned round in the next run, and it is in Chinese alone."""
    write(response, tmp_path)
    entry = {
        "Owner": "王丽",
        "Status": "in hand / 办理中",
        "Deadline": dt.datetime(2022, 4, 9),
        "Note": "called",
        "Telephone": "021-1",
    }
    fill(tmp_path / "cases.xlsx", {2: entry})
    before = (tmp_path / "cases.xlsx").read_bytes()
    turned = tuple(replace(c, rank=n) for n, c in enumerate(reversed(response.cases), 1))
    done = write(replace(response, cases=turned), tmp_path, "zh")
    assert (done.carried, done.left) == (1, 0)
    assert done.kept == {"cases.xlsx": tmp_path / "cases-kept.xlsx"}
    assert (tmp_path / "cases-kept.xlsx").read_bytes() == before
    now = row_of(tmp_path / "cases.xlsx", ids(response)[0])
    assert (now["责任人"], now["状态"], now["备注"], now["Telephone"]) == (
        "王丽",
        "办理中",
        "called",
        "021-1",
    )
    assert now["完成时限"] == dt.datetime(2022, 4, 9)
    assert row_of(tmp_path / "cases.xlsx", ids(response)[1])["责任人"] is None


def test_again_and_again(response, tmp_path):
    """Carried over twice, changed in between: the later word counts, and every version stays."""
    write(response, tmp_path)
    fill(tmp_path / "cases.xlsx", {3: {"Owner": "first"}})
    write(response, tmp_path)
    assert write(response, tmp_path).kept == {}  # nobody has changed anything since
    assert row_of(tmp_path / "cases.xlsx", ids(response)[1])["Owner"] == "first"
    fill(tmp_path / "cases.xlsx", {3: {"Owner": "second", "Status": "closed / 已办结"}})
    done = write(response, tmp_path, "en")
    assert done.kept["cases.xlsx"].name == "cases-kept-2.xlsx"
    now = row_of(tmp_path / "cases.xlsx", ids(response)[1])
    assert (now["Owner"], now["Status"]) == ("second", "closed")


def test_a_case_that_is_gone_is_counted_and_its_words_stay_beside(response, tmp_path):
    write(response, tmp_path)
    fill(
        tmp_path / "cases.xlsx",
        {2: {"Owner": "A"}, 3: {"Owner": "B"}, len(response.cases) + 4: {"Owner": "loose"}},
    )
    done = write(replace(response, cases=response.cases[1:]), tmp_path)
    assert (done.carried, done.left) == (1, 2)
    assert row_of(tmp_path / "cases-kept.xlsx", ids(response)[0])["Owner"] == "A"


def test_words_about_a_case_that_went_after_a_quiet_run_stay(response, tmp_path):
    """Carried over by the second run, which nobody touched; the third has not got that case."""
    write(response, tmp_path)
    fill(tmp_path / "cases.xlsx", {2: {"Owner": "A"}})
    write(response, tmp_path)
    done = write(replace(response, cases=response.cases[1:]), tmp_path)
    assert done.left == 1
    assert row_of(done.kept["cases.xlsx"], ids(response)[0])["Owner"] == "A"


def test_an_edited_report_stays_beside_the_new_one(response, tmp_path):
    write(response, tmp_path)
    document = docx.Document(str(tmp_path / "report.docx"))
    document.add_paragraph("signed, Wang")
    document.save(str(tmp_path / "report.docx"))
    (tmp_path / "report.html").write_text("mine")
    done = write(response, tmp_path)
    assert set(done.kept) == {"report.docx", "report.html"}
    assert (tmp_path / "report-kept.html").read_text() == "mine"
    assert docx.Document(str(tmp_path / "report-kept.docx")).paragraphs[-1].text == "signed, Wang"
    assert "signed" not in " ".join(p.text for p in docx.Document(str(tmp_path / "report.docx")).paragraphs)


@pytest.mark.parametrize("damage", ["absent", "older"])
def test_without_checksums_what_people_fill_in_is_kept(response, tmp_path, damage):
    write(response, tmp_path)
    if damage == "absent":
        (tmp_path / "run.json").unlink()
    else:
        (tmp_path / "run.json").write_text("{}")
    assert set(write(response, tmp_path).kept) == {"cases.xlsx", "report.docx"}


@pytest.mark.parametrize("text", ["{", "[" * 200_000, "[1]", '{"checksums": [1]}', "\x00", "null"])
def test_a_damaged_run_json_stays_too(tmp_path, text):
    for name in ("cases.xlsx", "report.docx", "report.html"):
        (tmp_path / name).write_bytes(b"written")
    (tmp_path / "run.json").write_text(text)
    (stage := tmp_path / "stage").mkdir()
    kept = carry.keep(tmp_path, stage, FILES, ()).names
    assert set(kept) == {"cases.xlsx", "report.docx", "run.json"}
    assert (stage / kept["run.json"]).read_text() == text


@pytest.mark.parametrize("content", [b"no workbook", b""])
def test_a_workbook_that_cannot_be_read_is_kept_all_the_same(response, tmp_path, content):
    write(response, tmp_path)
    (tmp_path / "cases.xlsx").write_bytes(content)
    done = write(response, tmp_path)
    assert (done.carried, done.left) == (0, 0)
    assert (tmp_path / "cases-kept.xlsx").read_bytes() == content


def test_an_office_may_put_a_title_above_and_rename_heads(response, tmp_path):
    """The heads are looked for; a column under another name is the desk's own, and stays with its words."""
    write(response, tmp_path)
    fill(tmp_path / "cases.xlsx", {2: {"Owner": "Wang", "Note": "called"}})
    book, sheet, columns = sheet_of(tmp_path / "cases.xlsx")
    sheet.cell(1, columns["Owner"]).value = "Responsible"
    sheet.insert_rows(1, 2)
    sheet.cell(1, 1).value = "Cases of the city, April"
    book.save(tmp_path / "cases.xlsx")
    done = write(response, tmp_path)
    assert (done.carried, done.left, done.unknown) == (1, 0, False)
    now = row_of(tmp_path / "cases.xlsx", ids(response)[0])
    assert (now["Responsible"], now["Note"], now["Owner"]) == ("Wang", "called", None)


def test_a_formula_that_was_never_computed_stays_as_its_text(response, tmp_path):
    write(response, tmp_path)
    fill(tmp_path / "cases.xlsx", {2: {"Owner": '=CONCATENATE("W","ang")'}})
    assert write(response, tmp_path).carried == 1
    assert row_of(tmp_path / "cases.xlsx", ids(response)[0])["Owner"] == '=CONCATENATE("W","ang")'


def test_a_row_that_was_doubled_is_counted_and_kept(response, tmp_path):
    write(response, tmp_path)
    name = ids(response)[0]
    fill(
        tmp_path / "cases.xlsx",
        {2: {"Owner": "A"}, len(response.cases) + 2: {"Case id": name, "Owner": "B"}},
    )
    done = write(response, tmp_path)
    assert (done.carried, done.left) == (1, 1)
    assert row_of(tmp_path / "cases.xlsx", name)["Owner"] == "A"


def test_without_ids_the_terminal_says_that_nothing_could_be_carried(response, tmp_path):
    write(response, tmp_path)
    fill(tmp_path / "cases.xlsx", {2: {"Owner": "A"}})
    book, sheet, columns = sheet_of(tmp_path / "cases.xlsx")
    sheet.delete_cols(columns["Case id"])
    book.save(tmp_path / "cases.xlsx")
    done = write(response, tmp_path)
    assert (done.carried, done.left, done.unknown) == (0, 0, True)
    assert set(done.kept) == {"cases.xlsx"}


def test_a_hostile_entry_is_text_again(response, tmp_path):
    write(response, tmp_path)
    fill(tmp_path / "cases.xlsx", {2: {"Note": "x"}})
    book, sheet, columns = sheet_of(tmp_path / "cases.xlsx")
    sheet.cell(2, columns["Note"]).value, sheet.cell(2, columns["Note"]).data_type = "=1+1", "s"
    book.save(tmp_path / "cases.xlsx")
    write(response, tmp_path)
    _, sheet, columns = sheet_of(tmp_path / "cases.xlsx")
    assert sheet.cell(2, columns["Note"]).data_type == "s"
    assert sheet.cell(2, columns["Note"]).value == "=1+1"


def test_a_status_in_any_language_is_the_same_status():
    for key in carry.Status:
        both = [Words(lang)(f"status.{key}") for lang in ("en", "zh")]
        for said in (*both, " / ".join(both), both[0].upper()):
            assert carry._value("status", said) == key
    assert carry._value("status", "asked the minister") == "asked the minister"


def test_the_terminal_says_what_became_of_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    argv = ["respond", "vehicle-parts", "--draws", "2", "--relief", "1", "--out", str(tmp_path / "r")]
    assert main(argv) == 0
    assert "had been changed" not in capsys.readouterr().out
    fill(tmp_path / "r" / "cases.xlsx", {2: {"Owner": "Li"}})
    assert main(argv) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "cases.xlsx had been changed since it was written: it stays as" in said
    assert "carried over for 1 case" in said


@pytest.mark.parametrize("name", ["book.toml", "manifest.json"])
def test_a_report_does_not_go_among_the_files_of_a_book_or_a_campaign(tmp_path, capsys, name):
    (tmp_path / name).write_text("x", encoding="utf-8")
    assert main(["respond", "vehicle-parts", "--draws", "2", "--out", str(tmp_path)]) == 2
    assert f"it holds {name}" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == [name]


def heads_of(path: Path) -> list[str | None]:
    return [c.value for c in openpyxl.load_workbook(path).worksheets[0][1]]


def test_own_columns_may_be_called_as_ours_are_inside(response, tmp_path):
    own = ("note", "owner", "status", "deadline", "id", "rank")
    write(response, tmp_path, "en")
    entry = {"Note": "ours", "Status": "in hand", **dict.fromkeys(own, "open")}
    fill(tmp_path / "cases.xlsx", {2: entry})
    write(response, tmp_path, "en")
    now = row_of(tmp_path / "cases.xlsx", ids(response)[0])
    assert {head: now[head] for head in entry} == entry
    assert now["Owner"] is None


def test_own_columns_of_one_head_and_of_none_are_all_carried_over_again_and_again(response, tmp_path):
    write(response, tmp_path, "en")
    book, sheet, columns = sheet_of(tmp_path / "cases.xlsx")
    width = sheet.max_column
    mine = ("Telephone", "Telephone", None, "Supplier", None)
    for n, head in enumerate(mine, 1):
        sheet.cell(1, width + n).value = head
        sheet.cell(2, width + n).value = f"mine {n}" if n < 5 else None
    book.save(tmp_path / "cases.xlsx")
    for _ in range(2):
        done = write(response, tmp_path, "en")
        assert (done.carried, done.left) == (1, 0)
        sheet = openpyxl.load_workbook(tmp_path / "cases.xlsx").worksheets[0]
        own = [(sheet.cell(1, width + n).value, sheet.cell(2, width + n).value) for n in range(1, 6)]
        assert own == [(head, f"mine {n}") for n, head in enumerate(mine[:4], 1)] + [(None, None)]
    assert heads_of(tmp_path / "cases.xlsx")[:width] == list(columns)


def test_a_case_is_known_in_any_width_case_and_spacing(response, tmp_path):
    write(response, tmp_path)
    forms = (
        lambda name: name.replace(" > ", "  > "),
        lambda name: name.replace(" > ", "\u00a0>\u00a0"),
        lambda name: name.replace(">", "＞").replace(":", "："),
        str.lower,
    )
    mine = dict(zip(ids(response), forms, strict=False))
    assert len(mine) == len(forms)
    entries = {
        row: {"Owner": f"A{row}", "Case id": form(n)} for row, (n, form) in enumerate(mine.items(), 2)
    }
    assert not {e["Case id"] for e in entries.values()} & set(mine)
    fill(tmp_path / "cases.xlsx", entries)
    done = write(response, tmp_path)
    assert (done.carried, done.left) == (len(forms), 0)
    for row, name in enumerate(mine, 2):
        assert row_of(tmp_path / "cases.xlsx", name)["Owner"] == f"A{row}"
