"""The seven answers in about twenty lines of plain text."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from ballast.report import brief
from ballast.report.facts import gather
from ballast.report.words import Words
from ballast.text import Lang

if TYPE_CHECKING:
    from ballast.response import Response

_WIDTH = 100
_ITEMS = 3
_LONG = ("happens", "sure", "tomorrow")  # answers that keep their second sentence


def summary(response: Response, lang: Lang = "en") -> str:
    """The answers of the report's first page; lists are cut to three."""
    words = Words(lang, response.economy.scope)
    lines = [response.scenario.title[lang], ""]
    for answer in brief.answers(response, gather(response), lang, _ITEMS):
        lines += _answer(answer, lang)
    return "\n".join([*lines, "", words("terminal.more")])


def _answer(answer: brief.Answer, lang: Lang) -> list[str]:
    """Question and lead on one line as far as they fit, then the items.

    Ranges have no items here: the lead counts them, or says it all when there is one.
    """
    gap = "" if lang == "zh" else " "
    mark = "：" if lang == "zh" else ": "
    more = answer.more[:1] if answer.key in _LONG else ()
    out = wrap(answer.question + mark + gap.join((answer.lead, *more)))
    for note in answer.notes:
        out += wrap(f"  * {note}")
    shown = () if answer.key == "lands" else answer.items
    for number, item in enumerate(shown, 1):
        out.append(f"  {number}. {item.what}  {item.number}")
    return out


def wrap(text: str) -> list[str]:
    """Lines of at most a hundred columns; a Chinese character takes two and may end a line."""
    if not any(map(_wide, text)):
        return textwrap.wrap(text, _WIDTH, subsequent_indent="  ")
    lines, used = [""], 0
    for piece in re.findall(r"[\u2e80-\uffff][，。；：、）]?|[^\u2e80-\uffff]+[，。；：、）]?", text):
        size = sum(1 + _wide(c) for c in piece)
        if used + size > _WIDTH:
            lines.append("  ")
            used = 2
        lines[-1] += piece
        used += size
    return lines


def _wide(char: str) -> bool:
    return ord(char) > 0x2E80
