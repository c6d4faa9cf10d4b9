"""The seven answers in about twenty lines of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ballast import safe
from ballast.report import brief
from ballast.report.facts import gather
from ballast.report.words import Words
from ballast.terminal import wrap
from ballast.text import Lang

if TYPE_CHECKING:
    from ballast.response import Response

_WIDTH = 100
_ITEMS = 3
_LONG = ("happens", "sure", "tomorrow")  # answers that keep their second sentence


def summary(response: Response, lang: Lang = "en", columns: int = _WIDTH) -> str:
    """The answers of the report's first page in lines of at most `columns`; lists are cut to three."""
    words = Words(lang, response.economy.scope)
    lines = [*folded(response.scenario.title[lang], columns), ""]
    for answer in brief.answers(response, gather(response), lang, _ITEMS):
        lines += _answer(answer, lang, columns)
    return "\n".join([*lines, "", words("terminal.more")])


def _answer(answer: brief.Answer, lang: Lang, columns: int) -> list[str]:
    """Question and lead on one line as far as they fit, then the items.

    Ranges have no items here: the lead counts them, or says it all when there is one.
    """
    gap = "" if lang == "zh" else " "
    mark = "：" if lang == "zh" else ": "
    more = answer.more[:1] if answer.key in _LONG else ()
    out = folded(answer.question + mark + gap.join((answer.lead, *more)), columns)
    for note in answer.notes:
        out += folded(f"  * {note}", columns)
    shown = () if answer.key == "lands" else answer.items
    for number, item in enumerate(shown, 1):
        out.append(safe.line(f"  {number}. {item.what}  {item.number}"))
    return out


def folded(text: str, columns: int = _WIDTH) -> list[str]:
    """Lines of at most `columns`, and of at most a hundred; names in them come from files of others."""
    return wrap(safe.line(text), min(columns, _WIDTH))
