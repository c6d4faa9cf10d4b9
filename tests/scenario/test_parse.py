"""What people write: good text becomes a Scenario, bad text names file, line and key, all at once."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from ballast.errors import ScenarioError
from ballast.evidence import Grade
from ballast.scenario import RangeTarget, drivers, load, parse
from ballast.scenario.locate import Lines
from ballast.scenario.shock import Range, period_dates

from .conftest import HEAD, scenario, shock


def fails(text: str) -> str:
    with pytest.raises(ScenarioError) as error:
        parse(text, "f.toml")
    return str(error.value)


def test_a_whole_scenario() -> None:
    s = scenario(
        shock(
            "staff",
            "[[2022-03-02, 40, 30, 60], [2022-03-05, 80]]",
            regions='["SH"]',
            share="[0.5, 0.4, 0.6]",
            driver='"people"',
            until="2022-03-08",
            name='"closed"',
            sources='["a"]',
        ),
        '[[sources]]\nkey = "a"\ntitle = "T"\npublisher = "P"\ndate = 2022-03-01\n'
        'address = "x"\ngrade = "B"\n',
    )
    assert (s.start, s.end, s.decision) == (dt.date(2022, 3, 1), dt.date(2022, 3, 10), dt.date(2022, 3, 1))
    closed = s.shocks[0]
    assert closed.path[0].level == Range(40, 30, 60)
    assert closed.path[1].level == Range.exact(80)
    assert closed.share == Range(0.5, 0.4, 0.6)
    assert closed.grade is Grade.B  # its source's, since it names none
    assert s.grade is Grade.B
    assert drivers(s) == ("people", "share")
    assert s.sources[0].date == "2022-03-01"


def test_no_shocks_is_a_baseline() -> None:
    assert parse(HEAD).shocks == ()
    assert parse("shocks = []\n" + HEAD).shocks == ()


def test_end_instead_of_days() -> None:
    assert parse(HEAD.replace("days = 10", "end = 2022-03-31")).days == 31


@pytest.mark.parametrize(
    ("u", "value"), [(0.0, 30.0), (0.25, 35.0), (0.5, 40.0), (0.75, 50.0), (1.0, 60.0)]
)
def test_quantiles_run_straight_between_low_value_and_high(u: float, value: float) -> None:
    assert Range(40, 30, 60).at(u) == pytest.approx(value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (shock("staff", "[[2022-03-03, nan]]", regions='["SH"]'), ["f.toml:10", "must be a number", "nan"]),
        (shock("staff", "[[2022-03-03, 120]]", regions='["SH"]'), ["120 is outside 0 to 100"]),
        (shock("staff", "[[2022-03-03, -1]]", regions='["SH"]'), ["-1 is outside 0 to 100"]),
        (shock("staff", "[[2022-03-03, true]]", regions='["SH"]'), ["must be a number, not true"]),
        (shock("staff", "[[2022-03-03, 40, 50, 60]]", regions='["SH"]'), ["out of order"]),
        (shock("staff", "[[2022-03-03, 40, 50]]", regions='["SH"]'), ["is not a point"]),
        (shock("staff", "[]", regions='["SH"]'), ["list of points"]),
        (shock("staff", "40", regions='["SH"]'), ["list of points"]),
        (shock("staff", "[[2022-04-03, 40]]", regions='["SH"]'), ["2022-04-03 is outside the horizon"]),
        (shock("staff", "[[2022-03-05, 4], [2022-03-04, 5]]", regions='["SH"]'), ["does not come after"]),
        (shock("staff", until="2022-03-02", regions='["SH"]'), ["before the last point"]),
        (shock("staff", until="2023-03-02", regions='["SH"]'), ["outside the horizon"]),
        (shock("staff", share="1.2", regions='["SH"]'), ["share", "1.2 is outside 0 to 1"]),
        (shock("staff", region='["SH"]', regions='["SH"]'), ['unknown key "region"', '"regions"']),
        (shock("staff", products='["cars"]', regions='["SH"]'), ["not for this", "kind staff takes"]),
        (shock("staff"), ["says nowhere"]),
        (shock("corridor"), ["from where to where"]),
        (shock("stock", direction='"drawn"'), ["what is in the stock"]),
        (shock("stock", "[[2022-03-03, -4]]", products='["cars"]', direction='"drawn"'), ["negative"]),
        (shock("stock", products='["cars"]'), ['"direction" is missing']),
        (shock("stock", products='["cars"]', direction='"drawn"', until="2022-03-08"),
         ['"until" is not for this', "a point a day"]),
        (shock("stock", products='["cars"]', direction='"drawn"', shape='"linear"'),
         ['"shape" is not for this', "a point a day"]),
        (shock("port"), ['"hinterland" is missing']),
        (shock("port", hinterland="{ SH = 1.4 }"), ["1.4 is outside 0 to 1"]),
        (shock("staf", regions='["SH"]'), ["cannot be 'staf'", '"staff"']),
        (shock("staff", shape='"linar"', regions='["SH"]'), ['"linear"']),
        (shock("fuel", unit='"units/day missing"', regions='["SH"]'), ["which carrier"]),
        (shock("power", unit='"MW missing"', share="0.5", regions='["SH"]'), ["missing has no share"]),
        (shock("staff", sources='["nobody"]', regions='["SH"]'), ['no source with key "nobody"']),
        (shock("staff", regions="[1]"), ["must be a list of names"]),
        (shock("staff", regions='["SH"]').replace('en = "Shock", ', ""), ["English and Chinese"]),
        (shock("staff", regions='["SH"]', name='"a"') * 2, ['"a" is used twice']),
        ('[[ranges]]\nindicator = "gdp"\nperiod = "2022"\nlow = 1\n', ["gdp", "value_added"]),
        ('[[ranges]]\nindicator = "value_added"\nperiod = "2022-13"\nlow = 1\n', ["is not a period"]),
        ('[[ranges]]\nindicator = "value_added"\nperiod = "2021"\nlow = 1\n', ["outside the horizon"]),
        ('[[ranges]]\nindicator = "value_added"\nperiod = "2022"\n', ["neither low nor high"]),
        ('[[ranges]]\nindicator = "value_added"\nperiod = "2022"\nlow = 2\nhigh = 1\n', ["above high"]),
        ("shocks = 3\n", ["list of tables"]),
    ],
)  # fmt: skip
def test_every_mistake_is_named(body: str, words: list[str]) -> None:
    said = fails(HEAD + body)
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("days = 10", "days = 0", ["f.toml:6", "horizon of 0 days", "3660"]),
        ("days = 10", "days = 10000", ["horizon of 10000 days", "1 to 3660"]),
        ("days = 10", "days = 1.5", ["whole number"]),
        ("days = 10", "end = 2022-02-01", ["before the start"]),
        ("days = 10", "", ["either days or end"]),
        ("days = 10", "days = 10\nend = 2022-03-10", ["days and end are both given. Keep one of the two"]),
        ("days = 10", "days = 10\ndecision = 2023-01-01", ["outside the horizon"]),
        ("start = 2022-03-01", 'start = "yesterday"', ["must be a date"]),
        ('book = "toy"', "", ['"book" is missing']),
        ('zh = "测试"', 'zh = ""', ["English and Chinese"]),
    ],
)
def test_the_head_is_checked(old: str, new: str, words: list[str]) -> None:
    said = fails(HEAD.replace(old, new))
    for word in words:
        assert word in said


def test_true_is_no_level_and_nothing_else_is_said_of_it() -> None:
    assert "none is above" not in fails(HEAD + shock("staff", "[[2022-03-03, true]]", regions='["SH"]'))


def test_several_mistakes_come_together_with_their_lines() -> None:
    said = fails(HEAD + shock("staff", "[[2022-03-03, 120]]", regions='["SH"]', shar="1") + shock("road"))
    assert "f.toml:10: shocks[1].path[1]: 120" in said
    assert 'f.toml:12: shocks[1].shar: unknown key "shar". Did you mean "share"?' in said
    assert "f.toml:14: shocks[2].kind: cannot be 'road'" in said


def test_a_syntax_error_has_line_and_column() -> None:
    said = fails(HEAD + "[[shocks]\n")
    assert re.match(r"f\.toml:7:\d+: not valid TOML", said)
    assert "[[shocks]" in said
    assert "f.toml:" in fails('title = "no end')


def test_files_in_utf8_bom_and_gb18030(tmp_path: Path) -> None:
    for name, encoding in (("a", "utf-8"), ("b", "utf-8-sig"), ("c", "gb18030")):
        file = tmp_path / f"{name}.toml"
        file.write_bytes(HEAD.replace("\n", "\r\n").encode(encoding))
        read = load(file)
        assert read.title.zh == "测试"
        assert read.name == name
    (tmp_path / "d.toml").write_bytes(b"\xff\xfe\x00\x01\xff")
    with pytest.raises(ScenarioError, match="Save it as UTF-8"):
        load(tmp_path / "d.toml")


def test_missing_files_and_misspelt_names(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="shanghai-2022"):
        load("shanghai2022")
    with pytest.raises(ScenarioError, match="cannot be read"):
        load(str(tmp_path / "none.toml"))
    with pytest.raises(ScenarioError, match=r"a folder\. Give a TOML file"):
        load(tmp_path)
    with pytest.raises(ScenarioError, match="nested too deeply"):
        parse("a = " + "[" * 5000 + "]" * 5000)
    with pytest.raises(ScenarioError, match="not valid TOML") as caught:
        parse("\0" * 100_000)
    assert len(str(caught.value)) < 400
    assert "\0" not in str(caught.value)


def test_growth_aims_become_deviations() -> None:
    # 5.0 growth where 7.5 was expected: 1.05 / 1.075 = 0.97674
    low, high = RangeTarget("value_added", "all", "2022", 5.0, None, 7.5).deviation()
    assert low == pytest.approx(-2.3256, abs=1e-4)
    assert high is None
    assert RangeTarget("value_added", "all", "2022", -2.0, 1.0).deviation() == (-2.0, 1.0)


def test_periods() -> None:
    assert period_dates("2024-02") == (dt.date(2024, 2, 1), dt.date(2024, 2, 29))
    assert period_dates("2022-Q2") == (dt.date(2022, 4, 1), dt.date(2022, 6, 30))
    assert period_dates("2022") == (dt.date(2022, 1, 1), dt.date(2022, 12, 31))
    for bad in ("22", "2022-", "2022-Q5", "2022-00", "spring"):
        with pytest.raises(ValueError, match=bad):
            period_dates(bad)


def test_lines_of_keys() -> None:
    lines = Lines(
        'a = 1\n# b = 2\nt = """\nx = 1\n"""\n[[s]]\n'
        "path = [\n  [1, 2], # ]\n  [3, 4],\n]\n"
        '\n[s.q]\nk = { z = "}" }\n[[s]]\npath = 1\n'
    )
    assert lines.line(("a",)) == 1
    assert lines.line(("t",)) == 3
    assert lines.line(("s", 0, "path")) == 7
    assert lines.line(("s", 0, "path", 1)) == 9
    assert lines.line(("s", 0, "q", "k", "z")) == 13
    assert lines.line(("s", 1)) == 14
    assert lines.line(("s", 1, "path", 3)) == 15
    assert lines.line(("x",)) == 1


# ---- what was taken in silence ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("[[2022-03-03, 0.3]]", "Write 30 if 30% is meant"),
        ("[[2022-03-03, 0.005]]", 'Write "0.5%" if 0.5% is meant, "0.005%" if 0.005% is'),
        ("[[2022-03-03, 0.5, 0.4, 0.6]]", "Write 60 if 60% is meant"),
        ("[[2022-03-03, 0.5], [2022-03-05, 1]]", "none is above 1"),
        ("[[2022-03-03, 0.3], [2022-03-05, 100]]", "0.3 stands beside 100. Write 30 if 30% is meant"),
        ("[[2022-03-03, 0.5, 0.3, 80]]", "0.3 stands beside 80"),
        ("[[2022-03-03, 40], [2022-03-05, 0.999]]", "0.999 stands beside 40"),
    ],
)
def test_shares_where_percent_is_meant_are_asked_about(path: str, says: str) -> None:
    assert says in fails(HEAD + shock("staff", path, regions='["SH"]'))


@pytest.mark.parametrize(
    ("path", "level"),
    [
        ('[[2022-03-03, "0.3%"]]', 0.3),
        ('[[2022-03-03, "0.5%"], [2022-03-05, 100]]', 0.5),
        ("[[2022-03-03, 1], [2022-03-05, 100]]", 1.0),
        ("[[2022-03-03, 0]]", 0.0),
    ],
)
def test_small_percents_that_say_so_are_taken(path: str, level: float) -> None:
    (got,) = scenario(shock("staff", path, regions='["SH"]')).shocks
    assert got.path[0].level.value == level


def test_ranges_in_shares_are_asked_about() -> None:
    head = HEAD + '[[ranges]]\nindicator = "value_added"\nperiod = "2022-03"\n'
    assert "Write 5 if 5% is meant" in fails(head + "low = -0.05\nhigh = 0.01\n")
    assert parse(head + 'low = "-0.05%"\nhigh = 1\n').ranges[0].low == -0.05


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ("low = 5\nhigh = 6\nbaseline_growth = 0.06", "0.06 stands beside 5. Write 6 if 6% is meant"),
        ("low = 5\nhigh = 6.1\nbaseline_growth = 0.061", 'Write 6.1 if 6.1% is meant, "0.061%" if 0.061%'),
        ("low = 0.05\nhigh = 0.06\nbaseline_growth = 7.5", "0.06 stands beside 7.5"),
        ("low = 5\nhigh = 0.06", "0.06 stands beside 5"),
        ("low = 20\nhigh = 30\nbaseline_growth = 0.25", "Write 25 if 25% is meant"),
        ("low = -0.05\nhigh = 3", "-0.05 stands beside 3. Write -5 if -5% is meant"),
        ("low = 105\nhigh = 106\nbaseline_growth = 106.1", "106.1% a year: is an index meant"),
        ("low = 5\nhigh = 6\nbaseline_growth = 61", "61% a year: is an index meant"),
    ],
)
def test_a_share_beside_percents_in_a_range_is_asked_about(numbers: str, says: str) -> None:
    said = fails(HEAD + f'[[ranges]]\nindicator = "value_added"\nperiod = "2022-03"\n{numbers}\n')
    assert says in said
    assert "Swap them" not in said


@pytest.mark.parametrize(
    "numbers",
    [
        "low = 5\nhigh = 6\nbaseline_growth = 6.1",
        "low = 0.5\nhigh = 2\nbaseline_growth = 1.5",
        "low = -5\nhigh = 0.4\nbaseline_growth = 0.4",  # China grew 0.4% in the spring of 2022
        "low = 0\nhigh = 2",
        "low = -0.5\nhigh = 1.2",
        "low = 0.4\nhigh = 5.5",
        'low = 5\nhigh = 6\nbaseline_growth = "0.06%"',
        "low = -3\nhigh = 1\nbaseline_growth = 0.8",
    ],
)
def test_small_growth_beside_percents_is_taken(numbers: str) -> None:
    assert parse(HEAD + f'[[ranges]]\nindicator = "value_added"\nperiod = "2022-03"\n{numbers}\n').ranges


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('title = { en = "', 'title = { en = "\\u001b[31m', "U+001B"),
        ('title = { en = "', f'title = {{ en = "{"T" * 256}', "more than 255"),
        ('summary = { en = "', 'summary = { en = "\\u0007', "U+0007"),
        ('book = "', 'name = "a\\u0000b"\nbook = "', "name: holds a character"),
        ('book = "', 'name = " "\nbook = "', "name: is empty"),
        ("start = 2022-", "start = 9999-", "start: is the year 9999"),
        ("start = 2022-", "start = 0001-", "start: is the year 1"),
    ],
)
def test_names_titles_and_years_that_cannot_be(old: str, new: str, says: str) -> None:
    assert old in HEAD
    assert says in fails(HEAD.replace(old, new, 1))


def test_names_of_places_are_looked_at_too() -> None:
    assert "U+001B" in fails(HEAD + shock("staff", regions='["SH\\u001b"]'))


RANGE = '[[ranges]]\nindicator = "value_added"\nperiod = "{}"\nregion = "{}"\nlow = {}\n'


def test_two_ranges_for_one_thing_name_both() -> None:
    text = HEAD + RANGE.format("2022-03", "SH", 1) + RANGE.format("2022-03", "SH", -9)
    assert "ranges[2]: says again what ranges[1] on line 7 said (value_added, SH, 2022-03)" in fails(text)
    assert (
        len(parse(HEAD + RANGE.format("2022-03", "SH", 1) + RANGE.format("2022-03", "JS", 1)).ranges) == 2
    )


@pytest.mark.parametrize("value", ["2022-01-11T00:00:00", "[2022-01-11, 2022-01-12]", "2022-01-11"])
def test_messages_show_dates_as_people_write_them(value: str) -> None:
    said = fails(HEAD.replace('book = "toy"', f"book = {value}"))
    assert "2022-01-11" in said
    assert "datetime" not in said
