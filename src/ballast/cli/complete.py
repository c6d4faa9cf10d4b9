"""What may be typed next: the words that can stand in the place of the last word of a command line.

    candidates(tree, words)   -> the words, whole, in the order of the commands and books
    MOST_BYTES                of a book.toml or a scenario that is read for it

`tree` is what typer makes of the application. Only what every version of typer has is used to walk it
(`commands`, `params`, `opts`, `metavar`); the values of an option come from the types of the command's
function. The metavar of an argument says what it names: BOOK, SCENARIO, NODE and the others in `_KINDS`.
For anything else there are no words, and the shell completes files.

What was typed is compared as it is written; only if nothing begins so, width, case and spaces are ignored
(`text.tight`). Nothing heavy is imported, except for the layouts that `import` reads and for a book whose
nodes have ids or names; of any other only book.toml is read, when a place in it is typed.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

from ballast.cli.console import terminal_lang
from ballast.text import BETWEEN, Lang, tight

MOST_BYTES = 2_000_000  # what is longer takes seconds to parse, and nobody waits for Tab

_PACKAGE = Path(__file__).parents[1]
_BUILTIN = _PACKAGE / "economy" / "book" / "builtin"
_SCENARIOS = _PACKAGE / "scenarios"
_BOOKS = ("BOOK", "FOLDER")  # metavars of what names the book that a line is about


@dataclass(frozen=True)
class Spot:
    """Where the next word stands: in which command, after what.

    `given` has the values of each parameter that was named so far, by its name; `awaits` is the option
    whose value comes next; after `--` (`ended`) no word is an option; `filled` counts the arguments.
    """

    command: Any
    given: Mapping[str, Sequence[str]]
    awaits: Any = None
    ended: bool = False
    filled: int = 0


@dataclass(frozen=True)
class Named:
    """A region or a sector by all its names."""

    code: str
    en: str
    zh: str
    aliases: tuple[str, ...]

    def name(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en

    def is_called(self, word: str) -> bool:
        return tight(word) in map(tight, (self.code, self.en, self.zh, *self.aliases))


def candidates(tree: Any, words: Sequence[str]) -> list[str]:
    """The words that may stand in the place of the last of `words`, and begin as it does.

    >>> candidates(tree, ["book", "why", "teaching", "北"])
    ['北方.']

    `words` are those after `ballast`; none at all counts as one that has not begun. Raises InputError and
    whatever else reading a book raises that cannot be read.
    """
    *before, typed = words or ("",)
    spot = _spot(tree, before)
    if spot is None:
        return []
    if spot.awaits is not None:
        found = _values(spot, spot.awaits, typed)
    elif typed.startswith("-") and not spot.ended:
        found = _options(spot, typed)
    elif (commands := _commands(spot.command)) is not None:
        found = [n for n, command in commands.items() if n.startswith(typed) and not command.hidden]
    elif (argument := _argument(spot.command, spot.filled)) is not None:
        found = _values(spot, argument, typed)
    else:
        found = _options(spot, "") if not typed and not spot.ended else []
    return list(dict.fromkeys(found))


# ---- the command line --------------------------------------------------------------------------


def _spot(tree: Any, before: Sequence[str]) -> Spot | None:
    """Where the word after those `before` stands; None where one of them is no command."""
    spot = Spot(tree, {})
    for word in before:
        if spot.awaits is not None:
            spot = _with(spot, spot.awaits, word)
        elif spot.ended or not word.startswith("-") or word == "-":
            inner = _commands(spot.command)
            if inner is not None and word not in inner:
                return None
            if inner is not None:
                spot = Spot(inner[word], {})
            else:
                argument = _argument(spot.command, spot.filled)
                spot = _with(spot, argument, word, filled=spot.filled + 1)
        elif word == "--":
            spot = Spot(spot.command, spot.given, None, True, spot.filled)
        elif (option := _option(spot.command, word)) is not None:
            _, equals, value = word.partition("=")
            takes = not option.is_flag and not equals
            spot = _with(spot, option, value if equals else None, awaits=option if takes else None)
    return spot


def _with(
    spot: Spot, parameter: Any, value: str | None, *, awaits: Any = None, filled: int | None = None
) -> Spot:
    """The spot behind a value of a parameter, or behind the name of an option; one too many is let be."""
    given = dict(spot.given)
    if parameter is not None:
        new = () if value is None else (value,)
        given[parameter.name] = (*given.get(parameter.name, ()), *new)
    return Spot(spot.command, given, awaits, spot.ended, spot.filled if filled is None else filled)


def _commands(command: Any) -> Mapping[str, Any] | None:
    """The commands of a group; None for a command."""
    return getattr(command, "commands", None)


def _kind(command: Any, kind: str) -> list[Any]:
    return [p for p in command.params if p.param_type_name == kind]


def _option(command: Any, word: str) -> Any:
    """The option that a word is, or that it gives a value to (`--book=mine`); None for no option."""
    flag = word.partition("=")[0]
    return next((o for o in _kind(command, "option") if flag in (*o.opts, *o.secondary_opts)), None)


def _argument(command: Any, filled: int) -> Any:
    """The argument that comes after `filled` words; None behind the last."""
    for argument in _kind(command, "argument"):
        if argument.nargs < 0 or filled < argument.nargs:
            return argument
        filled -= argument.nargs
    return None


def _options(spot: Spot, typed: str) -> list[str]:
    """The options that were not given, or for `--book=ch` that option with its values."""
    flag, equals, value = typed.partition("=")
    if equals:
        option = _option(spot.command, flag)
        takes = option is not None and not option.is_flag
        return [f"{flag}={word}" for word in _values(spot, option, value)] if takes else []
    left = [
        o
        for o in _kind(spot.command, "option")
        if not o.hidden and (o.name not in spot.given or o.multiple)
    ]
    names = [*(n for o in left for n in (*o.opts, *o.secondary_opts)), "--help"]
    return [name for name in names if name.startswith(typed)]


# ---- values ------------------------------------------------------------------------------------


def _values(spot: Spot, parameter: Any, typed: str) -> list[str]:
    """What a parameter may be, as far as that is known; nothing for files, numbers and the like."""
    if choices := _choices(spot.command, parameter.name):
        return _begin(choices, typed)
    kind = _KINDS.get((parameter.metavar or "").rstrip("."))
    found = [] if kind is None else kind(spot, typed)
    return [word for word in found if not word.startswith("-")]  # it would be taken for an option


def _choices(command: Any, name: str) -> list[str]:
    """The values of a parameter that is an enum, or a list of one, or may be left out."""
    return _members(get_type_hints(inspect.unwrap(command.callback)).get(name))


def _members(kind: Any) -> list[str]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return [word for part in get_args(kind) for word in _members(part)]


def _begin(words: Iterable[str], typed: str) -> list[str]:
    """Those that begin so as they are written, else those that do in any width and case."""
    known = list(words)
    near = tight(typed)
    return [w for w in known if w.startswith(typed)] or [w for w in known if tight(w).startswith(near)]


def _builtin_books() -> list[str]:
    return sorted(p.parent.name for p in _BUILTIN.glob("*/book.toml"))


def _builtin_scenarios() -> list[str]:
    return sorted(p.stem for p in _SCENARIOS.glob("*.toml"))


def _books(spot: Spot, typed: str) -> list[str]:
    return [*_begin(_builtin_books(), typed), *_own_books(spot, typed)]


def _own_books(spot: Spot, typed: str) -> list[str]:
    """The books among the folders where the word being typed leads."""
    return _paths(typed, lambda path: os.path.isfile(path / "book.toml"))


def _scenarios(spot: Spot, typed: str) -> list[str]:
    def fits(path: Path) -> bool:
        return path.suffix.lower() == ".toml" and path.name != "book.toml" and os.path.isfile(path)

    return [*_begin(_builtin_scenarios(), typed), *_paths(typed, fits)]


def _paths(typed: str, fits: Callable[[Path], bool]) -> list[str]:
    """What fits among the files and folders that begin as typed, and folders on the way to more.

    Folders are shown once something is typed: before that, all of a working folder would hide the rest.
    """
    cut = max(typed.rfind("/"), typed.rfind(os.sep)) + 1
    head, tail = typed[:cut], typed[cut:]
    found = []
    for path in _beside(Path(head), tail):
        if fits(path):
            found.append(f"{head}{path.name}")
        elif typed and os.path.isdir(path):
            found.append(f"{head}{path.name}/")
    return found


def _beside(folder: Path, begin: str) -> list[Path]:
    """What is in a folder under names that begin so; hidden things where the beginning asks for them."""
    with suppress(OSError):
        there = [p for p in folder.iterdir() if p.name.startswith(begin)]
        return sorted(p for p in there if begin.startswith(".") or not p.name.startswith("."))
    return []


def _sources(spot: Spot, typed: str) -> list[str]:
    from ballast.economy import readers

    return _begin(readers.SOURCES, typed)


def _buildable(spot: Spot, typed: str) -> list[str]:
    from ballast.economy import builders

    return _begin(builders.names(), typed)


# ---- places of a book --------------------------------------------------------------------------


def _regions(spot: Spot, typed: str) -> list[str]:
    return _called(_labels(_book(spot), "regions"), typed, terminal_lang())


def _sectors(spot: Spot, typed: str) -> list[str]:
    return _called(_labels(_book(spot), "sectors"), typed, terminal_lang())


def _provinces(spot: Spot, typed: str) -> list[str]:
    """Of a table that has no book yet: its provinces are those of the built-in book."""
    return _called(_labels("china-2020", "regions"), typed, terminal_lang())


def _nodes(spot: Spot, typed: str) -> list[str]:
    """`上海.` while the region is typed; behind the mark, its sectors in the language of the region."""
    book = _book(spot)
    regions = _labels(book, "regions")
    for mark in BETWEEN.finditer(typed):
        region, rest = typed[: mark.start()], typed[mark.end() :].lstrip()
        if any(r.is_called(region) for r in regions):
            head = typed[: len(typed) - len(rest)]
            lang = terminal_lang() if region.isascii() else "zh"
            return [head + name for name in _called(_labels(book, "sectors"), rest, lang)]
    found = [f"{name}." for name in _called(regions, typed, terminal_lang())]
    return [*found, *_begin(_firms(book), typed)] if typed else found


def _firms(book: str) -> list[str]:
    """The ids and names of nodes. A table without them is not read: the names of these columns would stand
    in its footer, which is never packed.
    """
    path = _table(book, "nodes.parquet")
    if book in _builtin_books() or not path.is_file() or path.stat().st_size > MOST_BYTES:
        return []
    kept = path.read_bytes()
    footer = kept[-8 - int.from_bytes(kept[-8:-4], "little") :]
    if b"\x02id" not in footer and b"label_en" not in footer:
        return []
    import pyarrow.parquet as pq

    from ballast import sizes

    with pq.ParquetFile(path) as file:
        if any(sizes.parquet_faults(file, len(kept))):
            return []
        there = [c for c in ("id", "label_en", "label_zh") if c in file.schema_arrow.names]
        table = file.read(there).to_pydict()
    return [word for name in there for word in table[name] if isinstance(word, str) and word]


def _called(things: Sequence[Named], typed: str, lang: Lang) -> list[str]:
    """Names and codes that begin as typed; where nothing is typed yet, one name each, to choose by.

    An alias is shown where the thing has no better name with this beginning. Of what begins so only in
    another width or case, names come before codes: a shell types what all candidates begin with, and "sh"
    is to become Sha, for Shanghai and Shanxi, not S, for SH too.
    """
    if not tight(typed):
        return [t.name(lang) for t in things]
    exact = [word for t in things for word in _ways(t, lambda word: word.startswith(typed))]
    if exact:
        return exact
    near = tight(typed)
    for ways in (lambda t: (t.en, t.zh), lambda t: (t.code,), lambda t: t.aliases):
        if found := [word for t in things for word in ways(t) if tight(word).startswith(near)]:
            return found
    return []


def _ways(thing: Named, begins: Callable[[str], bool]) -> list[str]:
    best = [w for w in (thing.code, thing.en, thing.zh) if begins(w)]
    return best or [w for w in thing.aliases if begins(w)]


def _book(spot: Spot) -> str:
    """The book named earlier on the line, else that of the scenario there; LookupError for neither."""
    for metavars, of in ((_BOOKS, str), (("SCENARIO",), _book_of)):
        for word in _given(spot, metavars):
            return of(word)
    raise LookupError("no book on the line")


def _given(spot: Spot, metavars: Sequence[str]) -> Iterator[str]:
    """What was given for the parameters that name such things."""
    for parameter in spot.command.params:
        if (parameter.metavar or "").rstrip(".") in metavars:
            yield from spot.given.get(parameter.name, ())


def _book_of(scenario: str) -> str:
    """The book that a scenario is written for."""
    from ballast import toml
    from ballast.errors import ScenarioError

    path = _SCENARIOS / f"{scenario}.toml" if scenario in _builtin_scenarios() else Path(scenario)
    return str(toml.load(path, ScenarioError, most=MOST_BYTES)["book"])


def _table(book: str, name: str) -> Path:
    """A file of a book."""
    from ballast import placing

    if book in _builtin_books():
        return _BUILTIN / book / name
    folder = Path(book).parent if Path(book).name == "book.toml" else Path(book)
    return placing.where(folder, name)


def _labels(book: str, key: str) -> list[Named]:
    """The regions or the sectors of a book, of book.toml alone."""
    from ballast import toml
    from ballast.errors import BookError

    rows = toml.load(_table(book, "book.toml"), BookError, most=MOST_BYTES)[key]
    return [Named(row["code"], row["en"], row["zh"], tuple(row.get("aliases", ()))) for row in rows]


_KINDS: Mapping[str, Callable[[Spot, str], list[str]]] = {
    "BOOK": _books,
    "FOLDER": _own_books,
    "SCENARIO": _scenarios,
    "NODE": _nodes,
    "REGION": _regions,
    "SECTOR": _sectors,
    "PROVINCE": _provinces,
    "SOURCE": _sources,
    "NAME": _buildable,
}
