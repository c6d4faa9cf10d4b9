"""What of a document a tool sends: the parts that were asked for, those that matter first, and what fits.

    sent(document, order, given)   the answer; `order` the parts as they are sent, `given` the arguments
    text(document)                 as it is counted and written

Programs that call tools take answers of some tens of thousands of characters; a run has several hundred
thousand. Rows are left out whole and counted, so a figure that is sent has its grade and its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ballast import safe
from ballast.errors import InputError

MOST_ROWS = 20  # of a list, unless more are asked for
CHARACTERS = 20_000  # of an answer, unless more are asked for

# whom to help, who must act, where it ends and what blocks: twice the room of other lists
LEADING = ("whitelist", "cases", "landings", "blockages")
STEPS = ("steps", "history")  # how a book was made: as many as fit, however many rows are asked for
TRUST = ("sources", "grades")  # what says how far to trust the rest: not counted as rows


@dataclass(frozen=True)
class _Room:
    """What a list may have: `rows`, `characters` (None: any). Those `asked` for begin after `skip` rows."""

    rows: int
    asked: tuple[str, ...]
    skip: int
    characters: int | None = None


def text(document: Any) -> str:
    return safe.json_text(document, separators=(",", ":"))


def sent(document: Mapping[str, Any], order: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The answer, within the characters that were asked for as far as cutting lists can do it."""
    asked = tuple(given.get("parts", ()))
    if absent := [part for part in asked if part not in document]:
        there = ", ".join(part for part in order if part in document)
        raise InputError(f"parts: this answer has no {', '.join(absent)}. It has {there}.")
    rows, skip = given.get("most", MOST_ROWS), given.get("skip", 0)
    most = given.get("characters", CHARACTERS)
    found = _answer(document, order, _Room(rows, asked, skip))
    if len(text(found)) <= most:
        return found
    # the most that lists may have: the long ones are cut to one length, the short ones stay whole
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if len(text(_answer(document, order, _Room(rows, asked, skip, middle)))) <= most:
            low = middle
        else:
            high = middle - 1
    return _answer(document, order, _Room(rows, asked, skip, low))


def _answer(document: Mapping[str, Any], order: Sequence[str], room: _Room) -> dict[str, Any]:
    """Names, grade and the like, what was left out, then the parts."""
    short = [key for key, value in document.items() if not isinstance(value, dict | list)]
    rest = [key for key in document if key not in short and key not in order]
    parts = [key for key in (*order, *rest) if key in document and key not in short]
    wanted = [key for key in parts if not room.asked or key in room.asked or key == "sources"]
    left: dict[str, int] = {}
    found = {key: _cut(document[key], key, room, left) for key in wanted}
    found = _sourced(document, found, room.asked, left)
    return {**{key: document[key] for key in short}, "left_out": left, **found}


def _cut(value: Any, where: str, room: _Room, left: dict[str, int], *, inside: bool = False) -> Any:
    """A value whose lists have the rows there is room for; `left` gets how many more, by their path."""
    if isinstance(value, dict):
        return {
            key: _cut(inner, f"{where}.{key}", room, left, inside=inside) for key, inner in value.items()
        }
    if not isinstance(value, list):
        return value
    kept = list(_rows(value, where, room, left, inside=inside))
    if len(kept) < len(value):
        left[where] = left.get(where, 0) + len(value) - len(kept)
    return kept


def _rows(
    value: Sequence[Any], where: str, room: _Room, left: dict[str, int], *, inside: bool
) -> Iterator[Any]:
    """The rows of a list that are sent. Of a list `inside` the rows of another no characters count."""
    name, asked = where.rpartition(".")[2], where in room.asked
    rows = value[room.skip :] if asked else value
    rows = rows if name in STEPS or name in TRUST else rows[: room.rows]
    fit = None if inside or (name in TRUST and not asked) else room.characters
    used = 0
    for row in rows:
        within: dict[str, int] = {}
        row = _cut(row, f"{where}[]", room, within, inside=True)
        if fit is not None:
            used += len(text(row))
            if used > (2 * fit if name in LEADING else fit):
                return
        for path, count in within.items():
            left[path] = left.get(path, 0) + count
        yield row


def _sourced(
    whole: Mapping[str, Any], found: Mapping[str, Any], asked: Sequence[str], left: dict[str, int]
) -> dict[str, Any]:
    """`found` with the sources of what is in it: those of rows that were left out go, and are counted."""
    cited, known = set(_cited(found)), set(_cited(whole))

    def listed(whole: Mapping[str, Any], part: Mapping[str, Any], where: str) -> dict[str, Any]:
        return {key: used(whole[key], inner, key, where + key) for key, inner in part.items()}

    def used(whole: Any, part: Any, key: str, where: str) -> Any:
        if isinstance(part, dict):
            return listed(whole, part, where + ".")
        if key != "sources":
            return part
        for_itself = [row for row in part if where in asked or row["key"] not in known]
        kept = [row for row in whole if row["key"] in cited or row in for_itself]
        left.pop(where, None)
        if len(kept) < len(whole):
            left[where] = len(whole) - len(kept)
        return kept

    return listed(whole, found, "")


def _cited(value: Any) -> Iterator[str]:
    """The keys of the sources that a document names, without the list in which they are described."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "sources":
                yield from (name for name in inner if isinstance(name, str))
            else:
                yield from _cited(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _cited(inner)
