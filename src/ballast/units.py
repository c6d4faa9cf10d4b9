"""Numbers as people write them: money, percent, dates, in English and in Chinese.

number, signed, percent   a minus is a minus sign; thousands are grouped
Money                     a book's unit ("10k CNY", "M.EUR", "亿元") read once; `text` writes a sentence's
                          amount (12.3 bn CNY, 123亿元), `column` picks one unit for a whole table column
day, month, month_short   dates; a month is "2022-04"

A unit that cannot be read is printed as it stands, with the number as it stands: never guessed.
`unit_fault` says what is doubtful about a unit: empty, not read, or another currency than stated.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import statistics
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ballast.text import Lang

_SCALES = {
    "k": 1e3,
    "ths": 1e3,
    "tsd": 1e3,
    "thousand": 1e3,
    "thousands": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mln": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "bln": 1e9,
    "mrd": 1e9,
    "billion": 1e9,
    "billions": 1e9,
    "tn": 1e12,
    "trillion": 1e12,
    "trillions": 1e12,
    "lakh": 1e5,
    "lakhs": 1e5,
    "lac": 1e5,
    "crore": 1e7,
    "crores": 1e7,
    "cr": 1e7,
    "百": 1e2,
    "千": 1e3,
    "万": 1e4,
    "十万": 1e5,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "十亿": 1e9,
    "百亿": 1e10,
    "千亿": 1e11,
    "万亿": 1e12,
}
_CURRENCIES = {
    "CNY": "元",
    "RMB": "元",
    "EUR": "欧元",
    "USD": "美元",
    "GBP": "英镑",
    "JPY": "日元",
    "KRW": "韩元",
    "INR": "印度卢比",
    "CHF": "瑞士法郎",
    "SEK": "瑞典克朗",
    "CAD": "加元",
    "AUD": "澳元",
}
# ISO 4217: three capital letters that are none of these are no currency (MIO, THS ...)
_ISO_4217 = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF
XPF YER ZAR ZMW ZWG BEF DEM ESP FIM FRF GRD HRK IEP ITL LTL LVL NLG PTE SIT SKK ATS EEK ROL RUR TRL
XDR XEU
"""
_ISO = frozenset(_ISO_4217.split())
_SAID = {
    "RMB": "CNY",
    "CNH": "CNY",
    "YUAN": "CNY",
    "EURO": "EUR",
    "EUROS": "EUR",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₩": "KRW",
}
_ENGLISH = ((1e9, "bn"), (1e6, "m"))
_CHINESE = ((1e8, "亿"), (1e4, "万"))
_SAME = {"bn": "十亿", "m": "百万", "亿": "100 m", "万": "10 k"}  # a step in the other language
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS_LONG = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def number(value: float | None, digits: int = 0) -> str:
    """1234.5 -> "1,234.5"; a value that is missing or not finite is a dash."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{abs(value):,.{digits}f}"
    negative = value < 0 and any(c in "123456789" for c in text)  # no "−0.0"
    return f"−{text}" if negative else text


def signed(value: float | None, digits: int = 1) -> str:
    """Like `number`, with a plus sign on what is above zero after rounding."""
    text = number(value, digits)
    positive = value is not None and value > 0 and any(c in "123456789" for c in text)
    return f"+{text}" if positive else text


def percent(value: float | None, digits: int = 1) -> str:
    """A share or a deviation that is already in percent."""
    text = number(value, digits)
    return text if text == "–" else f"{text}%"


def left(level: float | None) -> str:
    """What is left of a whole, in percent without the sign; a little less than all of it is not "100"."""
    if level is None or not math.isfinite(level):
        return "–"
    digits = next((d for d in range(3) if level >= 1 or round(100 * level, d) < 100), 3)
    return number(100.0 * level, digits)


def significant(value: float) -> str:
    """Three figures or so: 1,230 / 123 / 12.3 / 1.23 / 0.12."""
    size = abs(value)
    return number(value, 0 if size >= 100 else 1 if size >= 10 else 2)


@dataclass(frozen=True, slots=True)
class Column:
    """One unit for a whole column: its label, the same step in the other language, factor and decimals."""

    label: str
    other: str
    factor: float
    digits: int

    def text(self, value: float | None) -> str:
        """The number alone; the unit stands in the header."""
        return number(None if value is None else value * self.factor, self.digits)


@dataclass(frozen=True, slots=True)
class Money:
    """A money unit: how many of `currency` one of it is (None when the unit cannot be read)."""

    unit: str
    scale: float | None
    currency: str

    @classmethod
    def read(cls, unit: str, currency: str = "") -> Money:
        """Understand "10k CNY", "10,000 CNY", "USD '000", "bn CNY", "M.EUR", "100 m USD", "亿元".

        What is not understood as a whole (two currencies, a number that is no power of ten, "10.000")
        has no scale: it is printed as it stands.
        """
        scale, found = 1.0, ""
        for word in _words(unit):
            factor, code = _word(word)
            if factor is None or (code and found and code != found):
                return cls(unit, None, currency or unit)
            scale *= factor
            found = code or found
        found = found or currency
        return cls(unit, scale if found and unit.strip() else None, found or unit)

    def name(self, lang: Lang) -> str:
        """The currency as it is written after a number."""
        return _CURRENCIES.get(self.currency, self.currency) if lang == "zh" else self.currency

    def text(self, value: float | None, lang: Lang) -> str:
        """An amount in a sentence: "12.3 bn CNY", "123亿元"."""
        if value is None or not math.isfinite(value):
            return "–"
        if self.scale is None:
            return f"{significant(value)} {self.unit}"
        step, word = self._step(abs(value), lang)
        amount = significant(value * self.scale / step)
        return f"{amount}{word}{self.name(lang)}" if lang == "zh" else f"{amount} {word} {self.name(lang)}"

    def column(
        self, values: Iterable[float | None], lang: Lang, like: Iterable[float | None] | None = None
    ) -> Column:
        """The unit that suits the middle one of `values` (or of `like`), for a header and its cells."""
        sizes = _sizes(values)
        middle, most = statistics.median(sizes), max(sizes)
        if self.scale is None:
            return Column(self.unit, self.unit, 1.0, _digits(middle, most))
        lead = sizes if like is None else _sizes(like)
        step, word = self._step(statistics.median(lead), lang)
        zh, en = f"{word}{self.name('zh')}", f"{word} {self.name('en')}"
        label, other = (
            (en, f"{_SAME[word]}{self.name('zh')}")
            if lang == "en"
            else (zh, f"{_SAME[word]} {self.name('en')}")
        )
        factor = self.scale / step
        beside = _digits(statistics.median(lead) * factor, max(lead) * factor) - 1
        return Column(label, other, factor, max(beside, _digits(middle * factor, most * factor)))

    def _step(self, size: float, lang: Lang) -> tuple[float, str]:
        """Large steps as long as at least a tenth of one is there; zero takes the large step."""
        steps = _CHINESE if lang == "zh" else _ENGLISH
        assert self.scale is not None
        for step, word in steps[:-1]:
            if size == 0 or size * self.scale >= 0.1 * step:
                return step, word
        return steps[-1]


def unit_fault(unit: str, currency: str) -> tuple[bool, str, str] | None:
    """(is it wrong, what, what to do) of a book's unit of money; None when nothing is doubtful."""
    if not unit.strip():
        return False, "the unit of money is empty", 'Say it, such as unit = "m EUR"'
    money = Money.read(unit)
    said = _currency(currency.strip())
    if said and not re.fullmatch("[A-Z]{3}", currency):
        return False, f"the currency {currency!r} is no code of one", f"Write {said}"
    if money.scale is not None and currency.strip() and money.currency != (said or currency.strip()):
        what = f"the unit {unit!r} is money of {money.currency}, the currency is {currency!r}"
        return True, what, "Correct one of the two"
    if Money.read(unit, currency).scale is None:
        what = f"the unit {unit!r} is not understood: amounts are printed in it as they stand"
        return False, what, 'Write a power of ten or a word and a currency: "10k CNY", "m EUR", "亿元"'
    return None


_TOKEN = re.compile(
    r"['’`]?0{3}(?:[, ]?0{3})*s?(?![\d.])"  # '000, 000s, '000,000
    r"|10\s?(?:\^|\*\*)\s?\d{1,2}|1e\+?\d{1,2}(?!\w)"  # 10^6, 1e6
    r"|\d{1,3}(?:[, '\u2009\u202f]\d{3})+(?![\d.,])|\d+(?:\.\d+)?"  # 10,000 / 10 000 / 100
    r"|US\$|[A-Za-z]+|[\u4e00-\u9fff]+|[€£₹₩]|\S",
    re.IGNORECASE,
)
_BETWEEN = set(".,/()[]×x*-")  # what may stand between the words of a unit


def _words(unit: str) -> list[str]:
    """The words of a unit: numbers with their separators, letters, Chinese; what joins them is left out."""
    text = unicodedata.normalize("NFKC", unit.replace("\u00a0", " ")).strip()
    found = [w for w in _TOKEN.findall(text) if w not in _BETWEEN and w.casefold() != "of"]
    below = re.search(r"(^|\s)[-−–]\s?\d", text)  # a minus is no sign that joins words
    return ["?", *found] if below or sum(_is_number(w) for w in found) > 1 else found


def _is_number(word: str) -> bool:
    return word[0].isdigit() or word[0] in "'’`"


def _number(word: str) -> float | None:
    """The power of ten that a number of a unit is; None for any other number, which is no unit."""
    text = word.casefold().replace(" ", "")
    if m := re.fullmatch(r"(?:10(?:\^|\*\*)|1e\+?)(\d{1,2})", text):
        return 10.0 ** int(m[1])
    digits = re.sub(r"[,'’`\u2009\u202f]", "", text).removesuffix("s")
    if re.fullmatch(r"(000)+", digits):
        return 10.0 ** len(digits)
    return float(digits) if re.fullmatch(r"10*", digits) else None


def _word(word: str) -> tuple[float | None, str]:
    """(factor, currency) of one word of a unit; (None, "") when it is not understood."""
    if _is_number(word):
        return _number(word), ""
    if word.casefold() in _SCALES:
        return _SCALES[word.casefold()], ""
    if code := _currency(word):
        return 1.0, code
    if len(word) > 3 and (code := _currency(word[-3:])) and word[:-3].casefold() in _SCALES:
        return _SCALES[word[:-3].casefold()], code  # MEUR, kUSD
    text = word.replace("萬", "万").replace("億", "亿").replace("圆", "元").replace("人民币", "")
    if not text:
        return 1.0, "CNY"
    for code, name in sorted(_CURRENCIES.items(), key=lambda item: -len(item[1])):
        if text.endswith(name) and (text == name or text[: -len(name)] in _SCALES):
            return _SCALES.get(text[: -len(name)], 1.0), code
    if text != word and text in _SCALES:  # 亿人民币
        return _SCALES[text], "CNY"
    return None, ""


def _currency(word: str) -> str:
    """The ISO code of a currency; "" for other words. Small letters only of the common ones."""
    upper = word.upper()
    if upper in _SAID:
        return _SAID[upper]
    return upper if upper in _CURRENCIES or (word in _ISO) else ""


def currency_code(word: str) -> str:
    """The ISO code that a word for a currency means; the word itself where it is not known."""
    text = word.strip()
    named = next((code for code, name in _CURRENCIES.items() if text in (name, f"人民{name}")), "")
    return _currency(text) or ("CNY" if text == "人民币" else named) or text


def _sizes(values: Iterable[float | None]) -> list[float]:
    """The sizes of the values that are there and not zero; one zero when there are none."""
    return [abs(v) for v in values if v is not None and math.isfinite(v) and v != 0] or [0.0]


def _digits(middle: float, most: float) -> int:
    """Decimals that keep about three figures of the middle value, fewer where the largest is long."""
    digits = 0 if middle >= 100 else 1 if middle >= 10 else 2
    return min(digits, 1) if most >= 1000 else digits


def day(value: dt.date, lang: Lang, *, year: bool = True) -> str:
    """5 Apr 2022 / 2022年4月5日; without the year 5 Apr / 4月5日."""
    if lang == "zh":
        return f"{f'{value.year}年' if year else ''}{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]}{f' {value.year}' if year else ''}"


def month(value: str, lang: Lang) -> str:
    """`2022-04` -> April 2022 / 2022年4月."""
    year, number_ = value.split("-")
    return f"{year}年{int(number_)}月" if lang == "zh" else f"{_MONTHS_LONG[int(number_) - 1]} {year}"


def month_short(value: str, lang: Lang) -> str:
    """`2022-04` -> Apr / 4月."""
    index = int(value.split("-")[1])
    return f"{index}月" if lang == "zh" else _MONTHS[index - 1]
