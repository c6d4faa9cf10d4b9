"""TOML as people write it, for books and scenarios alike: read within bounds, every mistake with its place.

load    a file -> its text and its tables
parse   a text -> its tables
decode  bytes -> text: UTF-8 with or without a byte-order mark, GB18030 where UTF-8 is impossible
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

from ballast import sizes
from ballast.errors import InputError

MOST_BYTES = 1 << 24  # of a book.toml: one of 50,000 regions has 7 million
_MEANT = dict(
    zip("“”„‟‘’‚【】〔〕〖〗、。−–—", '""""\'\'\'[][][],.---', strict=True)
)  # Unicode has no other form
_WIDTH = 100  # of a line shown in a message: a file of another kind may be one line of megabytes


def load(path: Path, kind: type[InputError], *, most: int = MOST_BYTES) -> dict[str, Any]:
    """The tables of a file of at most `most` bytes; `kind` is raised for whatever is wrong with it."""
    try:
        raw = sizes.read_bytes(path, most, kind)
    except OSError as error:
        raise kind(f"{path}: cannot be read ({error.strerror}). Check the file's rights.") from None
    return parse(decode(raw, str(path), kind), str(path), kind)


def decode(raw: bytes, file: str, kind: type[InputError]) -> str:
    """The text; `kind` where it is none."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise kind(f"{file}: the text is neither UTF-8 nor GB18030. Save it as UTF-8.")


def parse(text: str, file: str, kind: type[InputError]) -> dict[str, Any]:
    """The tables of a text; `file` is how messages call it."""
    if len(text) > MOST_BYTES:
        raise kind(f"{file}: has {len(text):,} characters, more than {MOST_BYTES:,}. Shorten it.")
    if wrong := list(sizes.toml_faults(text)):
        raise kind(f"{file}: {'; '.join(wrong)}. Use the documented tables.")
    text = text.replace("\r\n", "\n")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise kind(_syntax(error, text, file)) from None
    except RecursionError:  # the depth is bounded, but what called us may have used the stack up
        raise kind(f"{file}: is nested too deeply. Use the documented tables.") from None
    except ValueError as error:  # a date or number that only Python refuses
        raise kind(f"{file}: not valid TOML: {error}. Correct that entry.") from None


def _syntax(error: tomllib.TOMLDecodeError, text: str, file: str) -> str:
    """tomllib's message with the place in front and the line beneath."""
    message = str(error)
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    line = int(place[1]) if place else text.count("\n") + 1
    column = int(place[2]) if place else 1
    lines = text.split("\n")
    found = lines[line - 1] if line <= len(lines) else ""
    what = message[: place.start()] if place else message.removesuffix(" (at end of document)")
    shown = "".join(c if c.isprintable() else "?" for c in found.strip()[:_WIDTH])
    shown += "..." * (len(found.strip()) > _WIDTH)
    todo = _wide(found) or "Correct this line."
    return f"{file}:{line}:{column}: not valid TOML: {what}.\n    {shown}\n{todo}"


def _wide(line: str) -> str:
    """What to write for a Chinese keyboard's characters (，【＝“２) outside quotes; "" where none is there.

    A quote that one of them was to close stays open, so what follows the last straight quote counts.
    """
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', "", line).partition("#")[0]
    meant = {c: other for c in dict.fromkeys(bare) if not c.isascii() and (other := _ascii(c))}
    if not meant:
        return ""
    said = dict.fromkeys(c if c.isprintable() else "a wide space" for c in meant)
    pairs = dict.fromkeys(f"{v} for {c}" if v != " " else "an ordinary space" for c, v in meant.items())
    return f"Outside quotes TOML does not read {' '.join(said)}. Write {', '.join(pairs)}."


def _ascii(c: str) -> str:
    """The character of a plain keyboard that stands for this one; "" where there is none."""
    plain = _MEANT.get(c) or unicodedata.normalize("NFKC", c)
    return plain if len(plain) == 1 and plain.isascii() else ""
