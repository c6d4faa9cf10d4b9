"""One screen: never more than 25 lines of 100 columns, whatever the names; nothing of them acts."""

from __future__ import annotations

import hashlib
import re
import string
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report import fake

import ballast.show
from ballast import safe
from ballast.economy import Economy, book
from ballast.errors import Finding
from ballast.evidence import Grade
from ballast.propagate.parameters import load_parameters
from ballast.propagate.run import Run
from ballast.propagate.simulate import prepare, simulate
from ballast.response import Response
from ballast.scenario import load
from ballast.show import card, words
from ballast.terminal import columns_of
from ballast.text import LANGS, Text

NAMES = st.text(max_size=300) | st.sampled_from(
    ["<script>alert(1)</script>", "\x1b[2J", "\u202egnp.exe", "=1+1", "长" * 200, 'a"b', "&amp;", "x\ny"]
)


class Tags(HTMLParser):
    """Which tags and attributes a page has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def one_screen(thing: Any) -> None:
    for lang in LANGS:
        made = card.of(thing, lang)
        for columns in (card.COLUMNS, 80, 45):
            lines = card.text(made, columns).split("\n")
            assert len(lines) <= card.LINES * card.COLUMNS / columns
            assert max(map(columns_of, lines)) <= columns
            assert all(safe.name(line) == line for line in lines)
        page = Tags(card.html(made))
        assert page.tags == {"table", "caption", "tbody", "tr", "th", "td"} | (page.tags & {"br"})
        assert page.attributes == {"style"}


def renamed(e: Economy, name: str) -> Economy:
    both = Text(name, name)
    regions = tuple(replace(r, name=both) for r in e.regions)
    sectors = tuple(replace(s, name=both) for s in e.sectors)
    finding = Finding("warning", name, name, name)
    return replace(
        e, name=name, title=both, unit=name, currency=name, regions=regions, sectors=sectors, scope=both,
        grades={f"{name}{i}": Grade("ABCDE"[i % 5]) for i in range(40)}, findings=(finding,) * 9,
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(NAMES)
def test_an_economy_with_any_names_is_one_safe_screen(name: str) -> None:
    one_screen(renamed(book.load("teaching"), name))


@settings(max_examples=30, deadline=None)
@given(NAMES)
def test_a_run_and_a_response_with_any_names_are_one_safe_screen(run: Run, name: str) -> None:
    one_screen(replace(run, economy=renamed(run.economy, name)))
    made = fake.response()
    long = Text(name * 3, name * 3)
    scenario = replace(made.scenario, name=name, title=long)
    one_screen(replace(made, economy=renamed(made.economy, name), scenario=scenario, notes=(long,) * 5))
    shocks = tuple(replace(s, title=long) for s in scenario.shocks) * 5
    ranges = tuple(replace(r, region=name, period=name) for r in scenario.ranges) * 5
    one_screen(replace(scenario, book=name, summary=long, shocks=shocks, ranges=ranges))


@pytest.mark.parametrize("large", [False, True])
def test_the_largest_answers_are_one_screen(large: bool) -> None:
    note = Text("A long note that must be known before the numbers. " * 30, "须知。" * 200)
    made = fake.response(large, notes=(note, note))
    one_screen(replace(made, landings=made.landings * 5))
    one_screen(book.load("china-2020"))


def test_an_economy_says_its_size_money_and_grades(economy: Economy) -> None:
    """560 of value added: 168 + 260 + 134 = 562; industry 90 + 52 + 50 = 192, which is 34.2%."""
    said = repr(economy)
    assert said.startswith("Economy teaching: Teaching book")
    for part in ("12 nodes; 3 regions × 4 sectors; 33 inputs", "year 2020", "562 bn CNY (34.2% industry)"):
        assert part in said
    assert "Coast 46.3%" in said  # 260 / 562
    assert re.search(r"grades +E: all", said)


def test_a_run_says_what_is_on_the_teaching_page(run: Run) -> None:
    """4.23 bn CNY; Coast's parts are the only ones to stop, on 11 January."""
    said = repr(run)
    assert "1 Jan 2022 to 31 Mar 2022, 90 days" in said
    assert "4.23 bn CNY" in said
    assert "Coast, Parts (shock, 11 Jan)" in said
    low = 100 * float((run.level @ run.economy.industrial_value_added).min()) / 192
    assert f"worst day 24 Jan 2022: {low:.1f}% of baseline" in said
    january = float(run.deviation("all").loc["2022-01", "all"])
    assert f"January 2022: industrial value added falls {-january:.1f}%" in said


def test_a_run_that_rose_lost_nothing(economy: Economy) -> None:
    quiet = simulate(economy, load("vehicle-parts"))
    more = quiet.record._replace(output=quiet.record.output[0] * np.full((90, 1), 1.01))
    assert "lost         nothing: " in repr(replace(quiet, record=more))


def test_a_run_that_diverged_or_was_not_run_says_so(run: Run) -> None:
    output = run.record.output.copy()
    output[12:, 6] = np.nan
    said = repr(replace(run, record=run.record._replace(output=output)))
    assert "diverged on 2022-01-13" in said
    assert "nan" not in said
    blank = prepare(run.economy, load("vehicle-parts"), load_parameters(), {})
    assert "not run yet" in repr(blank)
    assert "<img" not in blank._repr_html_()


def test_a_light_run_says_that_it_kept_output_only(run: Run) -> None:
    light = simulate(run.economy, load("vehicle-parts"), full=False)
    assert "only output was kept" in repr(light)


def test_an_answer_says_headlines_places_blockages_and_landing(answer: Response) -> None:
    said = repr(answer)
    worst = answer.by_month.nothing.min()
    assert f"falls {-worst:.1f}%" in said
    assert "who first    1. Coast, Parts: saves" in said
    assert "blockages    1. Coast, Parts: back to work: saves" in said
    assert f"and {len(answer.blockages) - 3} more" in said
    assert f"−{-answer.landings[0].nothing.mid:.1f}% →" in said
    alone = repr(replace(answer, relief=replace(answer.relief, picks=())))
    assert "with the plan" not in alone
    assert "→" not in alone


def test_a_chinese_terminal_is_answered_in_chinese(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "沿海·零部件（直接冲击，1月11日）" in repr(run)
    assert "沿海" in run._repr_html_()


def test_a_chinese_terminal_is_told_units_and_grades_in_chinese(
    economy: Economy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bn CNY is 10亿元; the one grade of the teaching book is that of all of it."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "bn CNY（10亿元），2020年" in repr(economy)
    assert "E：全部" in repr(economy)
    assert "计价  亿元，2020年" in re.sub(" +", "  ", repr(replace(economy, unit="亿元")))
    said = re.sub("[（；：）]|[ABCDE]：", "", "".join(card.of(book.load("china-2020"), "zh").rows[5][1]))
    assert re.findall("[A-Za-z]+", said) == ["GWh"]


def test_what_is_too_wide_for_a_terminal_is_folded_not_lost(
    answer: Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = card.of(answer, "en")
    assert any(columns_of(line) > 70 for line in card.text(made).split("\n"))
    monkeypatch.setenv("COLUMNS", "70")
    folded = repr(answer)
    assert max(map(columns_of, folded.split("\n"))) <= 70
    assert folded.split() == card.text(made).split()


def test_a_scenario_says_what_happens_and_has_all_of_it_beside() -> None:
    """Digests of runs and campaigns are made of `exact`: they are what they were when it was the repr."""
    scenario = load("shanghai-2022")
    said = str(scenario)
    assert said.startswith("Scenario shanghai-2022: Shanghai and Jilin closed, spring 2022\n")
    assert "Shanghai east of the river closed (28 Mar to 31 Mar, grade E)" in said
    assert f"and {len(scenario.shocks) - 3} more" in said
    assert "Industrial value added, whole country, 2022, growth over a year before, %: 5.0 to 6.1" in said
    assert "against the path without the shock, %:" in str(load("vehicle-parts"))
    assert "28 Mar to 31 Mar" in scenario._repr_html_()
    assert repr(scenario) == said
    assert scenario.exact.startswith("Scenario(name='shanghai-2022', title=Text(en=")
    assert scenario.exact.endswith(", file='')")
    assert replace(scenario, file="elsewhere.toml").exact == scenario.exact
    assert replace(scenario, days=30).exact != scenario.exact
    digest = hashlib.sha256(load("vehicle-parts").exact.encode()).hexdigest()
    assert digest.startswith("62b70cccab2fe9d8")


class Printer:
    """What IPython hands to `_repr_pretty_`; a break goes on in the same column."""

    def __init__(self) -> None:
        self.said = ""

    def text(self, words: str) -> None:
        assert "\n" not in words
        self.said += words

    def break_(self) -> None:
        self.said += "\n"


def test_ipython_finds_the_screen_before_the_repr(run: Run) -> None:
    """It asks the classes from the nearest on, and takes the first that has either."""
    for thing in (load("vehicle-parts"), run):
        printer = Printer()
        thing._repr_pretty_(printer, False)
        assert printer.said == str(thing)
        near = next(c for c in type(thing).__mro__ if {"_repr_pretty_", "__repr__"} & set(vars(c)))
        assert "_repr_pretty_" in vars(near) or repr(thing) == str(thing)


def test_a_notebook_gets_the_same_words_and_the_path(run: Run, answer: Response, economy: Economy) -> None:
    for thing, drawn in ((run, True), (answer, True), (economy, False)):
        page = thing._repr_html_()
        shown = re.sub(r"<[^>]+>", " ", page[: page.index("</table>")])
        for line in repr(thing).splitlines():
            words_ = [w for w in line.split() if w.isalnum()]
            assert all(w in shown for w in words_), line
        assert ("<img" in page) == drawn


# ---- words -------------------------------------------------------------------------------------


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize(("key", "text"), words.WORDS.items())
def test_both_languages_say_it_with_placeholders_they_share(key: str, text: Text) -> None:
    """A count has a noun in English and only the number in Chinese."""
    own = {"n", "nodes"}
    assert _fields(text.en) - own == _fields(text.zh) - own
    assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text.en)
    left = re.sub(r"\{\w+\}|\.findings|full=False", "", text.zh)
    assert not re.search("[A-Za-z]", left)
    if re.search("[A-Za-z]", re.sub(r"\{\w+\}", "", text.en)):
        assert re.search(r"[\u4e00-\u9fff]", text.zh)


def test_no_word_is_left_over() -> None:
    folder = Path(ballast.show.__file__).parent
    code = "".join(p.read_text("utf-8") for p in folder.glob("*.py") if p.name != "words.py")
    used = set(re.findall(r"""["']([a-z_]+(?:\.[a-z_]+)?)["']""", code))
    said_of = {"error", "warning", "note", "completed", "collapsed", "diverged"}
    facts = {k for k in words.WORDS if k.startswith("facts.") and k.removeprefix("facts.") in used}
    assert set(words.WORDS) - used - said_of - facts == set()
