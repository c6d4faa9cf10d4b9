"""What a title or a sheet's name says of its figures where no column does: of which region or sector.

located     tables with the region and sector that their titles name; what is spread over all is told
mentioned   the regions or sectors that a text names
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ballast.economy.names.matcher import SUFFIXES, Names, key, tight
from ballast.economy.own.heads import WRITTEN_ON
from ballast.economy.own.roles import ROLES
from ballast.economy.own.rows import Desk
from ballast.economy.own.sheets import Found
from ballast.economy.own.tables import FOOTNOTE
from ballast.economy.own.words import CARRIER_WORDS
from ballast.economy.sheets.cells import plain
from ballast.economy.sheets.labels import simplified
from ballast.economy.sheets.said import OFFICE, titles

_ABOUT = {  # what a title may say for all rows of a kind of sheet
    "stock": ("region", "sector"),
    "staff": ("region", "sector"),
    "energy": ("region", "sector"),
    "ranges": ("region",),
}
_LONGEST = 200  # of a title; beyond it is a text about the table
_HEADS = {w for words in ROLES.values() for w in words} | {*CARRIER_WORDS}  # 煤炭 in a title is no sector


@dataclass(frozen=True)
class _Said:
    """What one text says: where it stands, the things it names, and whether it is about who wrote it."""

    where: str
    text: str
    named: tuple[int, ...]
    author: bool


def located(desk: Desk, sheets: Sequence[Found]) -> list[Found]:
    """The tables, each with the region and sector that its title or sheet names where no column does. Two
    that are named, and one that may only be that of an office, are asked about.
    """
    out = []
    before: dict[tuple[str, str], tuple[object, _Said]] = {}  # of a sheet: the first table with a title
    for found in sheets:
        about = {}
        for role in _ABOUT.get(found.kind, ()):
            names = desk.regions if role == "region" else desk.sectors
            if role in found.filled or len(names.things) < 2:
                continue
            said = list(_said(found, names))
            at, told = _one(desk, found, role, said, names)
            first = before.setdefault((found.sheet.where, role), (found.sheet, told)) if told else None
            if at is not None:
                about[role] = names.things[at].code
            elif told is None and "node" not in found.filled:
                first = before.get((found.sheet.where, role))
                _everywhere(desk, found, role, names, None if first is None else first[1])
        out.append(replace(found, about=about) if about else found)
    return out


def _one(
    desk: Desk, found: Found, role: str, said: Sequence[_Said], names: Names
) -> tuple[int | None, _Said | None]:
    """The one thing that titles name, and the text that does; what is doubtful is an error, without."""
    plainly = [s for s in said if not s.author]
    doubtful = [s for s in said if s.author and role == "region"]
    named = list(dict.fromkeys(i for s in plainly for i in s.named))
    if not named and not doubtful:
        return None, None
    first = (plainly or doubtful)[0]
    codes = [names.things[i].code for i in named or first.named]
    where = found.sheet.place(found.head)
    todo = f"Write a column {role} with the name in each row, or all where every one is meant"
    both = role == "sector" and found.kind == "stock" and "product" not in found.columns
    if len(codes) > 1:
        places = " and ".join(dict.fromkeys(s.text[:40] for s in plainly or doubtful))
        what = f"no column {role}, and titles name several ({', '.join(codes)}): {places}"
        desk.tell(where, what, todo, "error")
        return None, first
    if not named or both:
        whose = "the holder or the product" if both else f"{codes[0]} or all"
        what = f"no column {role}, and {first.text[:40]!r} names {codes[0]}: are the figures of {whose}?"
        desk.tell(where, what, todo, "error")
        return None, first
    what = f"no column {role}: all rows are read as {codes[0]}, as {first.text[:40]!r} says"
    desk.tell(where, what, f"Write a column {role} if they are not")
    return named[0], first


def _everywhere(desk: Desk, found: Found, role: str, names: Names, first: _Said | None) -> None:
    """Tell that figures are of all regions or sectors; ask where another table of the sheet has a title."""
    where, count = found.sheet.place(found.head), len(names.things)
    if first is not None:
        what = f"no column {role}, and a table before it is about {first.text[:40]!r}: is this one too?"
        todo = f"Write a column {role} with the name in each row, or all where every one is meant"
        desk.tell(where, what, todo, "error")
    elif found.kind != "ranges":
        how = "hold for" if found.kind == "stock" else "are spread over"
        what = f"no column {role}: the figures of {found.kind} {how} all {count} {role}s"
        desk.tell(where, what, f"Write a column {role} if they are those of one")


def _said(found: Found, names: Names) -> Iterator[_Said]:
    """What the titles of a table and the name of its sheet name."""
    for where, text in titles(found.sheet, found.head):
        if not text or len(text) > _LONGEST or FOOTNOTE.match(text):
            continue
        at, rest = mentioned(names, text)
        if at:
            author = bool(WRITTEN_ON.search(rest) or OFFICE.search(rest))
            yield _Said(where, text, at, author)


def mentioned(names: Names, text: str) -> tuple[tuple[int, ...], str]:
    """The regions or sectors that a text names, each once, and the text without them. Longer names go
    before shorter ones; 吉林市 is not 吉林省; a code says nothing within a text.
    """
    whole = names.find(text)
    if whole is not None and (len(text) > 2 or not text.isascii() or (len(text) == 2 and text.isalpha())):
        return (whole,), ""
    rest = simplified(plain(text)).casefold()
    found: dict[int, int] = {}  # thing -> where it stands
    for word, at, endings in _forms(names):
        if word.isascii():
            pattern = rf"(?<![a-z\d]){re.escape(word)}(?![a-z\d])"
        else:
            pattern = re.escape(word) + _ending(endings)
        while got := re.search(pattern, rest):
            found.setdefault(at, got.start())
            rest = rest[: got.start()] + "\0" * len(got[0]) + rest[got.end() :]
    return tuple(sorted(found, key=found.__getitem__)), rest.replace("\0", "").strip()


def _ending(endings: tuple[str, ...]) -> str:
    """What may follow a name without its ending: its own, and none of another's kind."""
    own = "|".join(map(re.escape, endings))
    return (f"(?:{own})?" if own else "") + ("(?!省|市(?!场)|自治区)" if own else "")


def _forms(names: Names) -> list[tuple[str, int, tuple[str, ...]]]:
    """(word, thing, endings of its kind) for all that may stand in a title, the longest first."""
    out: dict[str, set[int]] = {}
    ends: dict[int, set[str]] = {}
    for i, thing in enumerate(names.things):
        for name in (thing.name.en, thing.name.zh, *thing.aliases):
            word = plain(name).casefold() if name.isascii() else simplified(tight(name))
            if (
                len(word) < (3 if word.isascii() else 2)
                or not re.search(r"[^\W\d]", word)
                or word in _HEADS
            ):
                continue
            if names.kind == "region" and not word.isascii():
                ends.setdefault(i, set()).update(s for s in SUFFIXES if word.endswith(s) and word != s)
                word = key(word)
            out.setdefault(word, set()).add(i)
    sure = [(w, next(iter(at))) for w, at in out.items() if len(at) == 1]
    return [(w, at, tuple(sorted(ends.get(at, ())))) for w, at in sorted(sure, key=lambda f: -len(f[0]))]
