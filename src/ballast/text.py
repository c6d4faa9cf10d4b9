"""A sentence or a name in the two languages every result must have.

`Text(en, zh)` is the only carrier of words for people outside the command line's own help. Both
sides are required, so a missing translation is a type error or a test failure, never a blank.
`counted` puts an English noun beside its number, `listed` the first words of a list beside how many follow.
`tight` is a name without what people write in one way or another; `BETWEEN` parts a region from a sector.
`barred` reads a small table as source files have them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")

BETWEEN = re.compile(r"[.,，·]")  # what may stand between the names of a region and of a sector


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in English and in Chinese."""

    en: str
    zh: str

    def __getitem__(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en

    def format(self, **values: object) -> Text:
        """Fill both templates. A value that is itself a Text gives each side its own words."""
        return Text(
            *(
                self[lang].format(**{k: v[lang] if isinstance(v, Text) else v for k, v in values.items()})
                for lang in LANGS
            )
        )


def counted(n: int, one: str, several: str = "") -> str:
    """A number with its noun, or its noun and verb, in English: "1 row is", "1,204 rows are"."""
    return f"{n:,} {one if n == 1 else several or one + 's'}"


def listed(words: Sequence[object], most: int, *, of: int | None = None, between: str = ", ") -> str:
    """The first `most` words, and how many more there are (of `of` in all, where `words` are not all)."""
    more = (len(words) if of is None else of) - most
    said = between.join(map(str, words[:most]))
    return said + (f" and {more:,} more" if more > 0 else "")


def barred(table: str) -> list[list[str]]:
    """The rows of a small table as source files have them: a line each, cells between bars.

    >>> barred("N|North\\nC|Coast")
    [['N', 'North'], ['C', 'Coast']]
    """
    return [line.split("|") for line in table.strip().splitlines()]


def tight(name: str) -> str:
    """A name without width, case and spaces, with one kind of minus.

    >>> tight("Ｉnner Mongolia")
    'innermongolia'
    """
    if name.isascii() and name.isprintable():
        return name.replace(" ", "").casefold()
    plain = unicodedata.normalize("NFKC", name).replace("\u2212", "-").replace("\u2014", "-")
    return re.sub(r"\s+", "", plain).casefold()
