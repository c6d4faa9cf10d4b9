"""Endings and statuses: closed sets that files can hold, with words for every member in both languages."""

from __future__ import annotations

import doctest
import json
import re
from dataclasses import replace

import pytest

from ballast import outcomes
from ballast.answer import told
from ballast.outcomes import Ending, Status
from ballast.propagate.campaign.parts import OUTCOMES
from ballast.propagate.run import Outcome
from ballast.report import carry
from ballast.report.words import table
from ballast.text import Text

MEMBERS = [*Ending, *Status]


def test_the_sets_are_these_and_files_hold_these_words():
    assert [*Ending] == ["completed", "collapsed", "diverged"]
    assert [*Status] == ["open", "working", "waiting", "closed"]
    assert json.dumps({m: m for m in MEMBERS}) == json.dumps({str(m): str(m) for m in MEMBERS})


def test_finished_campaigns_hold_places_in_this_order():
    """A part says 0, 1 or 2: another order would read old campaigns wrongly."""
    assert OUTCOMES == ("completed", "collapsed", "diverged")


@pytest.mark.parametrize("member", MEMBERS)
def test_every_member_says_what_it_means_and_what_to_do(member):
    for text in (member.meaning, member.remedy):
        assert re.fullmatch(r"[A-Z].+\.", text.en)
        assert re.search(r"[\u4e00-\u9fff].*。$", text.zh)
    assert member.meaning != member.remedy


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_label_that_is_read_back(status):
    label = table()[f"status.{status}"]
    assert carry._value("status", f"{label.en} / {label.zh}") is status


def test_commands_that_a_remedy_names_exist():
    from typer.main import get_command

    from ballast.cli import app

    found = {c for m in MEMBERS for c in re.findall(r"ballast ([a-z]+) ([a-z]+)", m.remedy.en)}
    assert found >= {("book", "why"), ("book", "check")}
    for group, name in found:
        assert name in get_command(app).commands[group].commands


def test_a_note_on_a_run_ends_with_what_to_try():
    words = Text("It fell.", "已崩溃。")
    plain = Outcome(Ending.COLLAPSED, words)
    own = replace(plain, instead=Text("Rebuild slower.", "放慢重建。"))
    assert told._ended(plain).en == f"It fell. {Ending.COLLAPSED.remedy.en}"
    assert told._ended(own) == Text("It fell. Rebuild slower.", "已崩溃。放慢重建。")


def test_its_examples_run():
    assert doctest.testmod(outcomes).failed == 0
