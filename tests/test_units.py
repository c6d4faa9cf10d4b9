"""Money, numbers and dates as people write them."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from ballast import units
from ballast.units import Money


@pytest.mark.parametrize(
    ("unit", "scale", "currency"),
    [
        ("10k CNY", 1e4, "CNY"), ("bn CNY", 1e9, "CNY"), ("M.EUR", 1e6, "EUR"), ("100 m USD", 1e8, "USD"),
        ("亿元", 1e8, "CNY"), ("万元", 1e4, "CNY"), ("百万美元", 1e6, "USD"), ("EUR", 1.0, "EUR"),
        ("index points", None, "index points"),
    ],
)  # fmt: skip
def test_units_are_read(unit: str, scale: float | None, currency: str) -> None:
    money = Money.read(unit)
    assert (money.scale, money.currency) == (scale, currency)


def test_the_book_unit_becomes_bn_and_yi() -> None:
    """123,456 x 10,000 CNY = 1.23456e9 CNY = 1.23 bn = 12.3 亿."""
    money = Money.read("10k CNY")
    assert money.text(123_456, "en") == "1.23 bn CNY"
    assert money.text(123_456, "zh") == "12.3亿元"
    assert money.text(-300, "en") == "−3.00 m CNY"
    assert money.text(300, "zh") == "300万元"
    assert money.text(math.nan, "en") == "–"


def test_a_column_has_one_unit() -> None:
    column = Money.read("10k CNY").column([12_345_678, 5, None], "zh")
    assert (column.label, column.text(12_345_678), column.text(None)) == ("亿元", "1,235", "–")


def test_an_unknown_unit_is_printed_as_it_stands() -> None:
    money = Money.read("kt CO2e")
    assert money.text(1234.0, "zh") == "1,234 kt CO2e"
    assert money.column([3.0], "en").label == "kt CO2e"


@pytest.mark.parametrize(
    ("value", "digits", "plain", "signed"),
    [(-0.04, 1, "0.0", "0.0"), (0.04, 1, "0.0", "0.0"), (-12.34, 1, "−12.3", "−12.3"), (7.0, 0, "7", "+7"),
     (1234.5, 1, "1,234.5", "+1,234.5"), (None, 1, "–", "–"), (math.inf, 0, "–", "–")],
)  # fmt: skip
def test_numbers(value: float | None, digits: int, plain: str, signed: str) -> None:
    assert units.number(value, digits) == plain
    assert units.signed(value, digits) == signed


def test_dates() -> None:
    day = dt.date(2022, 4, 5)
    assert units.day(day, "en") == "5 Apr 2022"
    assert units.day(day, "zh", year=False) == "4月5日"
    assert units.month("2022-04", "en") == "April 2022"
    assert units.month_short("2022-04", "zh") == "4月"


@pytest.mark.parametrize(
    ("unit", "scale", "currency"),
    [
        ("10,000 CNY", 1e4, "CNY"),
        ("10 000 CNY", 1e4, "CNY"),
        ("10\u00a0000 CNY", 1e4, "CNY"),
        ("1,000 USD", 1e3, "USD"),
        ("USD '000", 1e3, "USD"),
        ("’000 USD", 1e3, "USD"),
        ("USD 000s", 1e3, "USD"),
        ("'000,000 EUR", 1e6, "EUR"),
        ("10^6 USD", 1e6, "USD"),
        ("1e6 USD", 1e6, "USD"),
        ("MIO EUR", 1e6, "EUR"),
        ("MEUR", 1e6, "EUR"),
        ("k€", 1e3, "EUR"),
        ("US$ million", 1e6, "USD"),
        ("thousand million EUR", 1e9, "EUR"),
        ("billions of USD", 1e9, "USD"),
        ("万元人民币", 1e4, "CNY"),
        ("人民币亿元", 1e8, "CNY"),
        ("１0亿元", 1e9, "CNY"),
        ("千万美元", 1e7, "USD"),
        ("億日元", 1e8, "JPY"),
    ],
)
def test_units_with_separators_and_words(unit: str, scale: float, currency: str) -> None:
    money = Money.read(unit)
    assert (money.scale, money.currency) == (scale, currency)


@pytest.mark.parametrize(
    "unit",
    [
        "10.000 EUR",
        "0 CNY",
        "0.001 CNY",
        "m EUR 2015",
        "million USD (2015 prices)",
        "USD EUR",
        "m USD/EUR",
        "1,00 EUR",
        "10,00,000 INR",
        "7 CNY",
        "two sacks",
        "1e400 USD",
        "$'000",
        "",
    ],
)
def test_what_is_not_understood_as_a_whole_has_no_scale(unit: str) -> None:
    assert Money.read(unit).scale is None


@pytest.mark.parametrize(
    ("unit", "currency", "wrong", "says"),
    [
        ("", "CNY", False, "empty"),
        ("m EUR", "CNY", True, "money of EUR"),
        ("sacks", "", False, "not understood"),
        ("10.000 EUR", "EUR", False, "not understood"),
    ],
)
def test_doubtful_units(unit: str, currency: str, wrong: bool, says: str) -> None:
    found = units.unit_fault(unit, currency)
    assert found is not None
    assert found[0] == wrong
    assert says in found[1]


@pytest.mark.parametrize(
    ("unit", "currency"),
    [("10,000 CNY", "CNY"), ("10k CNY", "RMB"), ("亿元", "CNY"), ("m", "EUR"), ("m EUR", "")],
)
def test_units_without_a_doubt(unit: str, currency: str) -> None:
    assert units.unit_fault(unit, currency) is None


@pytest.mark.parametrize("unit", ["-1 EUR", "-1 CNY", "−1 EUR", "EUR -1000"])
def test_a_unit_below_nothing_is_not_understood(unit: str) -> None:
    assert units.Money.read(unit).scale is None
    fault = units.unit_fault(unit, "")
    assert fault is not None
    assert "is not understood" in fault[1]


def test_a_currency_in_words_is_told() -> None:
    assert units.unit_fault("m EUR", "Euros") == (
        False,
        "the currency 'Euros' is no code of one",
        "Write EUR",
    )
    assert [units.currency_code(w) for w in ("Euros", "元", "人民币", "USD", "shells")] == [
        "EUR", "CNY", "CNY", "USD", "shells",
    ]  # fmt: skip
