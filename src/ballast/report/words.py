"""Every sentence shown to people, from one file with both languages side by side: `words.toml`.

    words = Words("zh")
    words("label.decision", day="4月5日")  -> the sentence, its {placeholders} filled
    words("table.shown", n=1)             -> takes "table.shown_one" when there is one and n == 1

An unknown key or a missing placeholder raises at once. Tests hold that both languages have every key
with the same placeholders, that every key in code and templates exists, and that no English is left
in the Chinese.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ballast.economy.economy import COUNTRY
from ballast.text import Lang, Text


@cache
def table() -> Mapping[str, Text]:
    """All sentences by dotted key."""
    raw = tomllib.loads(resources.files("ballast.report").joinpath("words.toml").read_text("utf-8"))
    return dict(_flatten(raw, ""))


def _flatten(tree: Mapping[str, Any], prefix: str) -> list[tuple[str, Text]]:
    if set(tree) <= {"en", "zh"}:
        return [(prefix, Text(tree["en"], tree["zh"]))]  # a missing side is a KeyError naming it
    out: list[tuple[str, Text]] = []
    for key, value in tree.items():
        out += _flatten(value, f"{prefix}.{key}" if prefix else key)
    return out


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences in one language."""

    lang: Lang
    scope: Text = COUNTRY  # fills {scope}: what all regions together are called

    def __call__(self, key: str, **values: object) -> str:
        found = table()
        values.setdefault("scope", self.scope)
        if values.get("n") == 1 and f"{key}_one" in found:
            key = f"{key}_one"
        filled = {k: v[self.lang] if isinstance(v, Text) else v for k, v in values.items()}
        return found[key][self.lang].format(**filled)

    def known(self, key: str, otherwise: str) -> str:
        """The words for a code that may come from outside (a cause, an indicator), or the code itself."""
        found = table().get(key)
        return otherwise if found is None else found[self.lang]

    def join(self, items: list[str]) -> str:
        """A list inside a sentence."""
        return ("、" if self.lang == "zh" else ", ").join(items)
