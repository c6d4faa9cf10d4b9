"""What a command returns, how it is printed, and what an error becomes.

    Reply           lines for people and a document for programs; `show` prints one of them
    fail            any exception -> one message, one exit code, never a traceback
    terminal_lang   the language of the terminal's words, from the locale
    plain           anything of ours -> what JSON can carry (NaN becomes null)

An unexpected exception prints one line asking to report it; BALLAST_DEBUG=1 adds the traceback.
"""

from __future__ import annotations

import codecs
import dataclasses
import datetime as dt
import math
import os
import re
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ballast import machine, safe, terminal
from ballast.errors import BallastError, Finding, InputError, Interrupted
from ballast.text import Lang, Text

# what the reader of options says in words of programs, and the same in plain words
_IN_WORDS = (
    (r"Input should be a valid integer\b[^.\n]*", "write a whole number in digits, such as 1000"),
    (r"Input should be a valid number\b[^.\n]*", "write a number in digits, such as 0.5"),
)

# click's UsageError, wherever this version of typer keeps it
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

# what stands in for a character that the terminal's encoding lacks: a lost minus would change a number
_PLAIN = {
    "\u2212": "-",
    "\u2013": "-",
    "\u2192": "->",
    "\u201c": '"',
    "\u201d": '"',
    "\u2019": "'",
    "\u00b7": ".",
}


def _substitute(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(c, "?") for c in error.object[error.start : error.end]), error.end


codecs.register_error("ballast", _substitute)

# options that take no value; a test holds them against the commands
FLAGS = {"--json", "--version", "--help", "--codes", "--countries", "--no-countries", "--keep-sums"}

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


MOST_LINES = 100  # findings printed for people; --json carries all
_GRAVEST: tuple[Literal["error", "warning", "note"], ...] = ("error", "warning", "note")
_MORE = Text(
    "... and {n} more (errors: {error}, warnings: {warning}, notes: {note}); --json lists all of them.",
    "……另有{n}条（错误{error}，警告{warning}，提示{note}）；--json 列出全部。",
)


@dataclass(frozen=True)
class Reply:
    """What a command has to say: `lines` for people, one line each, `document` for --json.

    Lines that a program reads are not `folded` to the width of the terminal.
    """

    lines: Sequence[str]
    document: Any
    exit_code: int = 0
    folded: bool = True


def prepare(args: Sequence[str]) -> bool:
    """Never fail on a stream that is closed or a character that it lacks. Says whether JSON is wanted.

    That is read off the arguments before they are parsed, so that errors in parsing obey it too.
    """
    terminal.whole()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="ballast")
    if os.environ.get("BALLAST_DEBUG") != "1":  # for us to act on, not for the user
        warnings.filterwarnings("ignore", category=FutureWarning)
    return "--json" in args


def refuse_blank(args: Sequence[str]) -> None:
    """InputError for words that are empty or only blanks, and for files to write to standard output.

    A variable of a shell that is not set makes such a word. No command has a use for one, and as a path it
    would be the current folder, so it is refused here for all of them.
    """
    wrong = []
    for before, word in zip(["", *args], args, strict=False):
        option, has_value, value = word.partition("=") if word.startswith("--") else ("", "", word)
        takes = before.startswith("--") and "=" not in before and before not in {*FLAGS, "--"}
        where = option or (before if takes else "an argument")
        if (has_value or not option) and not value.strip():
            wrong.append(f"{where}: is empty. Give it a value, or leave {where} out.")
        if value == "-" and where in ("--out", "--names"):
            wrong.append(f"{where}: takes a file or folder, not a stream. For one that is named so: ./-")
    if wrong:
        raise InputError("\n".join(wrong))


def show(reply: Reply, as_json: bool) -> None:
    """Print the reply on standard output."""
    if not as_json:
        terminal.say(reply.lines, fold=reply.folded)
        return
    # "replace" would turn Chinese into question marks, and JSON has a way to say it in ASCII
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    terminal.say_json(safe.json_text(plain(reply.document), indent=2, ascii_only=encoding != "utf8"))


def fail(error: BaseException, as_json: bool) -> int:
    """Say what went wrong, in one message; return the exit code."""
    if isinstance(error, BrokenPipeError):  # the reader (head, less) has gone: nothing to tell anyone
        return 1
    kind, message, code = _judge(error)
    if os.environ.get("BALLAST_DEBUG") == "1" and not isinstance(error, _UsageError):
        terminal.tell("".join(traceback.format_exception(error)).split("\n"))
    if as_json:
        try:
            show(Reply((), {"error": {"kind": kind, "message": message, "exit_code": code}}), True)
            return code
        except (OSError, ValueError):  # standard output takes nothing: it is said beside
            pass
    if message:
        terminal.tell((message if kind == "interrupted" else f"error: {message}").split("\n"))
    return code


def _judge(error: BaseException) -> tuple[str, str, int]:
    """Kind, message and exit code of any exception."""
    if machine.nowhere(error):
        todo = "Change to another folder, then give the command again."
        code = error.exit_code if isinstance(error, BallastError) else 1
        what = "The folder that this command runs in is no more: it was deleted or moved."
        return type(error).__name__, f"{what} {todo}", code
    if isinstance(error, Interrupted):
        return "interrupted", str(error), error.exit_code
    if isinstance(error, BallastError):
        return type(error).__name__, str(error), error.exit_code
    if isinstance(error, _UsageError):
        return "usage", _usage(error), 2
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return "interrupted", "Interrupted: nothing was written.", 130
    if isinstance(error, SystemExit):
        return "exit", "", error.code if isinstance(error.code, int) else 1
    if machine.out_of_memory(error):
        todo = "Close other programs, lift limits (ulimit), or lower --draws."
        return "MemoryError", f"This machine has too little free memory for the job. {todo}", 1
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        todo = machine.remedy(error, "choose another place")
        said = ". ".join(part for part in (str(error.strerror or error), todo) if part)
        return type(error).__name__, f"{where}{said}.", 1
    first = (str(error).splitlines() or [""])[0]
    todo = "This is a fault in Ballast: please report it, with what BALLAST_DEBUG=1 adds to this message."
    return "unexpected", f"{type(error).__name__}: {first} ({todo})", 1


def _usage(error: Any) -> str:
    """What is wrong with the command line, and where its help is."""
    message = str(error.format_message()).strip().replace("Value error, ", "")
    for theirs, ours in _IN_WORDS:
        message = re.sub(theirs, ours, message)
    if error.ctx is None:
        return message
    path = error.ctx.command_path
    return f"{message}\n{error.ctx.get_usage()}\nTry '{path} --help' for help."


def terminal_lang() -> Lang:
    """Chinese for a Chinese locale, English otherwise."""
    return terminal.language()


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """One line a finding, the level first; of more than `MOST_LINES`, the gravest, and how many more."""
    if len(findings) <= MOST_LINES:
        return [f"{f.level}: {f}" for f in findings]
    ordered = sorted(findings, key=lambda f: _GRAVEST.index(f.level))
    rest = Counter(f.level for f in ordered[MOST_LINES:])
    more = {level: rest[level] for level in _GRAVEST}
    words = _MORE[terminal_lang()].format(n=f"{rest.total():,}", **more)
    return [*(f"{f.level}: {f}" for f in ordered[:MOST_LINES]), words]


def plain(value: Any) -> Any:
    """What JSON can carry of any value of ours: names for fields, ISO dates, null for NaN."""
    if isinstance(value, Text):
        return {"en": value.en, "zh": value.zh}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool | int | None):
        return value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):  # a NumPy scalar or array
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Sequence | set | frozenset):
        return [plain(v) for v in value]
    return str(value)
