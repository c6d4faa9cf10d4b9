"""What may be a name, a title, a year: one rule for books, scenarios, tables and own sheets."""

from __future__ import annotations

import datetime as dt

import pytest

from ballast.economy import sane
from ballast.economy.own.periods import period_of


@pytest.mark.parametrize(
    "text",
    [
        "a\x00b",
        "a\x07b",
        "a\x0bb",
        "\x1b[31mred",
        "a\x7f",
        "a\x85b",
        "a\u200bb",
        "a\u202eb",
        "a\u2066b",
        "a\u200fb",
        "a\ufeffb",
        "a\u2028b",
        "a\uffffb",
        "a\ud800b",
        "a\tb",
        "a\nb",
        "x" * 256,
    ],
)
def test_what_is_no_name(text: str) -> None:
    assert sane.fault(text)


@pytest.mark.parametrize(
    "text", ["North", "零部件", "Côte d'Ivoire", "=1+1", "a b", "x" * 255, "می‌خواهم", "🏭"]
)
def test_what_is_a_name(text: str) -> None:
    assert sane.fault(text) is None


def test_texts_of_several_lines_and_empty_codes() -> None:
    assert sane.fault("a\n\tb" * 200, prose=True) is None
    assert sane.fault("a\x1bb", prose=True)
    assert sane.fault("T" * 256, prose=True, most=255)
    assert sane.label_fault(" \u00a0") == "is empty"


def test_a_name_in_a_message_shows_what_nobody_sees() -> None:
    assert sane.shown("a\x07b") == "'a\\u0007b'"
    assert "\x1b" not in sane.shown("\x1b[31m" * 50)
    assert len(sane.shown("n" * 1000)) <= 42


@pytest.mark.parametrize(
    ("first", "other"), [("AA", "aa"), ("Ａ1", "A1"), ("Food products", "Food  products"), ("01", "1")]
)
def test_look_alikes(first: str, other: str) -> None:
    assert sane.alike([first, "else", other, first]) == [(first, other)]


def test_names_that_are_not_alike() -> None:
    assert sane.alike(["AA", "AB", "10", "100", "01", "A01", "A1"]) == []


@pytest.mark.parametrize(
    "code", ["2020-01-02", "2020-01-02 00:00:00", "2-Jan", "Jan-02", "1月2日", "2020/1/2"]
)
def test_codes_that_a_spreadsheet_made_a_date(code: str) -> None:
    assert sane.date_like(code)


@pytest.mark.parametrize("code", ["10-12", "C10T12", "2020", "01", "A01-03", "May", "3.1", "13t15", "MAR1"])
def test_codes_that_only_look_odd(code: str) -> None:
    assert not sane.date_like(code)


@pytest.mark.parametrize(
    ("cell", "period"),
    [
        ("2022", "2022"),
        (2022, "2022"),
        (2022.0, "2022"),
        ("2022年", "2022"),
        ("2022-04", "2022-04"),
        ("2022-4", "2022-04"),
        ("2022/04", "2022-04"),
        ("2022.04", "2022-04"),
        (202204, "2022-04"),
        ("2022年4月", "2022-04"),
        ("2022年12月份", "2022-12"),
        ("２０２２－０４", "2022-04"),
        ("Apr 2022", "2022-04"),
        ("September 2022", "2022-09"),
        (dt.date(2022, 4, 1), "2022-04"),
        (dt.datetime(2022, 4, 1), "2022-04"),
        ("2022-04-01 00:00:00", "2022-04"),
        ("2022-Q3", "2022-Q3"),
        ("2022Q3", "2022-Q3"),
        ("2022 q3", "2022-Q3"),
        ("Q3 2022", "2022-Q3"),
        ("2022年第三季度", "2022-Q3"),
        ("2022年3季度", "2022-Q3"),
        ("2022年Q3", "2022-Q3"),
        ("2022-13", None),
        ("2022-00", None),
        ("2022Q5", None),
        (2022.1, None),
        (dt.date(2022, 4, 15), None),
        ("Apr-22", None),
        ("2022年上半年", None),
        ("", None),
        (None, None),
        ("9999-01", None),
        ("0000", None),
        (dt.time(3), None),
        ("Foo 2022", None),
    ],
)
def test_periods_as_people_write_them(cell: object, period: str | None) -> None:
    assert period_of(cell) == period


@pytest.mark.parametrize(("code", "made", "may"), [
    ("1E+05", True, False), ("1.00E+05", True, False), ("1-Mar", True, False), ("TRUE", True, False),
    ("1E5", False, True), ("MAR1", False, True), ("12may", False, True), ("C10", False, False),
])  # fmt: skip
def test_codes_that_a_spreadsheet_made_and_those_that_it_would_change(
    code: str, made: bool, may: bool
) -> None:
    assert (sane.remade(code) is not None, sane.doubtful(code) is not None) == (made, may)
