"""What Ballast raises, and what it reports without raising.

    BallastError                 every error of ours; the command line prints it and exits
      InputError       exit 2    something the user gave is wrong: file, key, value, argument
        BookError                a book or an economy cannot be read or is not whole
        ScenarioError            a scenario does not parse, or names what the book lacks
      OutputError      exit 1    a result cannot be written where it was asked for
      SimulationError  exit 1    a run cannot give an honest answer
      Interrupted      exit 130  Ctrl-C in a job that keeps what it has finished

A `Finding` is the same four things (where, what, how much, what to do) for input that is doubtful
but usable. Several findings are raised together by `raise_findings`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ballast import safe

LONGEST_WORD, MOST_KNOWN = 255, 20_000  # beyond them nobody waits for "did you mean"


class BallastError(Exception):
    """An error with a message for people: what, where, and what to do.

    >>> import ballast
    >>> try:
    ...     ballast.load_scenario("port-closing")
    ... except ballast.BallastError as error:
    ...     print(error)
    scenario port-closing: no such file and no built-in scenario of that name. Did you mean port-closure?
    Built in: chip-shortage, port-closure, shanghai-2022, sichuan-2022, vehicle-parts.
    """

    exit_code = 1


class InputError(BallastError):
    """The user's input is wrong; nothing was computed or written.

    >>> import ballast
    >>> ballast.respond("vehicle-parts", draws=1)
    Traceback (most recent call last):
    ballast.errors.InputError: draws: a band needs at least 2 draws, got 1. Use --draws 64.
    """

    exit_code = 2


class BookError(InputError):
    """A book is missing, unreadable or contradicts itself."""


class ScenarioError(InputError):
    """A scenario does not parse or does not fit the book."""


class Interrupted(BallastError):
    """Ctrl-C in a job that keeps what it has finished; the message says what that is."""

    exit_code = 130


class OutputError(BallastError):
    """A file could not be written."""


class SimulationError(BallastError):
    """The engine cannot continue honestly."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or doubtful in the input, never silently repaired.

    `where` names the place (file, table, row, node), `what` says what is wrong, `residual` how far
    off it is in the unit of the table (None when it is not a number), `todo` what the user can do.
    """

    level: Literal["error", "warning", "note"]
    where: str
    what: str
    todo: str
    residual: float | None = None

    def __str__(self) -> str:
        size = "" if self.residual is None else f" ({self.residual:+.6g})"
        return safe.line(f"{self.where}: {self.what}{size}. {self.todo}")


def raise_findings(
    findings: Iterable[Finding], kind: type[InputError] = InputError, *, head: str = "", most: int = 20
) -> None:
    """Raise `kind` naming every finding of level "error" at once; return when there is none."""
    bad = [f for f in findings if f.level == "error"]
    if not bad:
        return
    lines = [head] if head else []
    lines += [str(f) for f in bad[:most]]
    if len(bad) > most:
        lines.append(f"... and {len(bad) - most} more of the same kinds")
    raise kind("\n".join(lines))


def nearest(word: str, known: Sequence[str], *, most: int = 3) -> list[str]:
    """The entries of `known` closest to `word`, for "did you mean"; works for Chinese and English."""
    lowered = {k.casefold(): k for k in reversed(known)}
    key = word.strip().casefold()
    hits = [k for k in lowered if key and (key in k or k in key)]
    if len(key) <= LONGEST_WORD and len(lowered) <= MOST_KNOWN:
        hits += difflib.get_close_matches(key, list(lowered), n=most, cutoff=0.5)
    if not hits:  # one shared character is a lot in a two-character Chinese name
        hits = [k for k in lowered if any(ord(c) > 0x2E80 and c in k for c in key)]
    return [lowered[k] for k in dict.fromkeys(hits)][:most]
