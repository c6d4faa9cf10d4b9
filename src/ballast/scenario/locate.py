"""The line of every key in a TOML text, which tomllib does not tell.

A small scanner, not a second parser: it runs only on text tomllib has already accepted, and knows
just enough (strings, comments, brackets) to see where a header, a key or an element of an array
starts. What it cannot see (a key inside an inline table) is answered with the line of what holds it.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

# All possessive: a pattern that goes back would take the square of a long line or of many empty ones.
_BLANK = re.compile(r"\s*+")
_PART = r"""(?:"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|[A-Za-z0-9_-]++)"""
_DOTTED = rf"{_PART}(?:[ \t]*+\.[ \t]*+{_PART})*+"
_HEADER = re.compile(rf"(\[\[?)[ \t]*+({_DOTTED})[ \t]*+\]\]?")
_KEY = re.compile(rf"({_DOTTED})[ \t]*+=")
_SKIP = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*+"|\'[^\'\n]*+\'|\#[^\n]*+', re.DOTALL
)


class Lines:
    """Line numbers (from 1) of the tables, keys and array elements of one TOML text."""

    def __init__(self, text: str) -> None:
        self._at: dict[Path, int] = {(): 1}
        self._scan(text)

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it that has one."""
        while path not in self._at:
            path = path[:-1]
        return self._at[path]

    def _scan(self, text: str) -> None:
        seen: dict[Path, int] = {}
        base: Path = ()
        pos, line = 0, 1
        while pos < len(text):
            blank = _BLANK.match(text, pos)
            start, pos = pos, blank.end() if blank else pos
            line += text.count("\n", start, pos)
            if header := _HEADER.match(text, pos):
                base = self._header(header, seen, line)
                end = text.find("\n", header.end())
            elif key := _KEY.match(text, pos):
                path = base + _parts(key[1])
                self._at.setdefault(path, line)
                end = self._value(text, key.end(), path, line)
            else:  # a comment
                end = text.find("\n", pos)
            end = len(text) if end < 0 else end + 1
            line += text.count("\n", pos, end)
            pos = end

    def _header(self, match: re.Match[str], seen: dict[Path, int], line: int) -> Path:
        path: Path = _parts(match[2])
        if match[1] == "[[":
            seen[path] = seen.get(path, -1) + 1
            self._at.setdefault(path, line)
            path = (*path, seen[path])
        elif len(path) > 1 and path[:1] in seen:  # [shocks.title] belongs to the last [[shocks]]
            path = (path[0], seen[path[:1]], *path[1:])
        self._at[path] = line
        return path

    def _value(self, text: str, pos: int, path: Path, line: int) -> int:
        """Walk one value; note where the arrays directly inside it start; return its end of line."""
        depth = element = 0
        while pos < len(text):
            if skip := _SKIP.match(text, pos):
                line += skip[0].count("\n")
                pos = skip.end()
                continue
            c = text[pos]
            if c in "[{":
                if depth == 1:
                    self._at[(*path, element)] = line
                    element += 1
                depth += 1
            elif c in "]}":
                depth -= 1
            elif c == "\n":
                if depth == 0:
                    return pos
                line += 1
            pos += 1
        return -1


def _parts(dotted: str) -> Path:
    return tuple(p.strip().strip("\"'") for p in re.findall(r"\"[^\"]*\"|'[^']*'|[^.\s]+", dotted))
