"""ballast completion, and what the scripts that it prints call: ballast complete.

    ballast completion [SHELL]             the script that a shell evaluates, of a file in shells/
    ballast complete -- WORDS...           what may stand in the place of the last word, one a line
    ballast complete --next -- WORDS...    of a word that has not begun, which some shells cannot pass
    ballast complete --bash LINE BREAKS    of a line up to the cursor (COMP_LINE), and as bash writes it

`complete` is answered before the command line is parsed: an empty word, `--json` and what is half written
are to be completed there, not refused. It never fails and never complains: a person who presses Tab has
asked for no command yet.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import PurePath
from typing import Annotated, Any

import typer

from ballast import safe, terminal
from ballast.cli.complete import candidates
from ballast.cli.console import Json, Reply
from ballast.errors import InputError

CALL = "complete"  # the word by which the scripts call back


class Shell(StrEnum):
    """The shells that there is a script for."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"
    powershell = "powershell"


_FILES = {Shell.powershell: "powershell.ps1"}  # of the others SHELL.sh
_ALSO = {"pwsh": Shell.powershell}


def completion(
    shell: Annotated[
        Shell | None, typer.Argument(metavar="SHELL", help="Which shell [default: that of $SHELL].")
    ] = None,
    json: Json = False,
) -> Reply:
    """Print a script by which a shell completes what is typed after `ballast`.

    In bash: eval "$(ballast completion bash)".
    """
    meant = shell or _own_shell(os.environ.get("SHELL", ""))
    file = resources.files("ballast.cli").joinpath("shells", _FILES.get(meant, f"{meant}.sh"))
    script = file.read_text(encoding="utf-8")
    return Reply(script.rstrip("\n").split("\n"), {"shell": meant, "script": script}, folded=False)


def _own_shell(path: str) -> Shell:
    """The shell that a path such as /usr/bin/zsh names; InputError for one that there is no script for."""
    name = PurePath(path.replace("\\", "/")).name.lower().removesuffix(".exe")
    with suppress(ValueError):
        return _ALSO.get(name) or Shell(name)
    known = " or ".join(f"`ballast completion {shell}`" for shell in Shell)
    what = f"$SHELL names {path!r}, and for that there is no script" if path else "$SHELL says no shell"
    raise InputError(f"{what}. Write which one: {known}.")


# ---- ballast complete --------------------------------------------------------------------------


def answer(args: Sequence[str], tree: Callable[[], Any]) -> int:
    """Print the candidates that `args` (those after `complete`) ask for; always exit code 0.

    What a shell could not be told on one line, or the stream's encoding lacks, is left out: another word in
    its place would be none of ours.
    """
    with suppress(Exception):
        terminal.whole()
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        found = [w for w in _asked(args, tree) if safe.name(w) == w and _has(encoding, w)]
        if found:
            terminal.say(found, fold=False)
    return 0


def _has(encoding: str, word: str) -> bool:
    try:
        word.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _asked(args: Sequence[str], tree: Callable[[], Any]) -> list[str]:
    match list(args):
        case ["--", *words]:
            return candidates(tree(), words)
        case ["--next", "--", *words]:
            return candidates(tree(), [*words, ""])
        case ["--bash", text, breaks]:
            line = bash_line(text, breaks)
            return [] if line is None else line.replies(candidates(tree(), line.words[1:]))
    return []


# ---- bash --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BashLine:
    """A line up to the cursor: its words, and how the last one is written.

    bash replaces only what stands behind `kept`, the part of the last word up to a quote that is open or to
    the last of its break characters.
    """

    words: tuple[str, ...]
    kept: str = ""
    quote: str = ""

    def replies(self, found: Sequence[str]) -> list[str]:
        """Words as bash is to write them in the place of the last one."""
        return [self._written(w.removeprefix(self.kept)) for w in found if w.startswith(self.kept)]

    def _written(self, word: str) -> str:
        if self.quote == "'":
            return word.replace("'", r"'\''")
        if self.quote:
            return re.sub(r'["$`\\]', r"\\\g<0>", word)
        return re.sub(r"^~|(?![\w@%+=:,./~-])[\x00-\x7f]", r"\\\g<0>", word)


def bash_line(text: str, breaks: str) -> BashLine | None:
    """A line up to the cursor as bash reads it; nothing in it is run or spelt out.

    None where the last word is no word of ours: behind a redirection, or with a quote that has closed, of
    which bash replaces a part that is not worth guessing.
    """
    words: list[str] = []
    word, kept, quote, closed = "", 0, "", False
    begun = False
    for char, escaped in _unescaped(text):
        if quote and char == quote and not escaped:
            quote, closed = "", True
        elif quote or escaped:
            word += char
        elif char in "'\"":
            quote, kept, begun = char, len(word), True
        elif char in "<>":
            return None
        elif not char.isspace():
            word += char
            kept = len(word) if char in breaks else kept
        elif word or begun:
            words.append(word)
            word, kept, closed, begun = "", 0, False, False
    return None if closed else BashLine((*words, word), word[:kept], quote)


def _unescaped(text: str) -> Iterator[tuple[str, bool]]:
    """Each character, and whether a backslash takes its meaning away; within single quotes none does."""
    quote, rest = "", iter(text)
    for char in rest:
        if char == "\\" and quote != "'":
            following = next(rest, "")
            if quote and following not in tuple('"$`\\'):
                yield char, True
            yield following, True
            continue
        if char in "'\"" and quote in ("", char):
            quote = "" if quote else char
        yield char, False
