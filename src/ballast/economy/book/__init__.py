"""An economy on disk, and the way back to what it was.

folder   a book as a folder: `load`, `save`, `inspect`, `book_hash`, the built-in ones
labels   book.toml: names, sources, history, ranges
shape    what book.toml and the tables must look like, as findings
undo     the versions of a book before each change, and back to one
"""

from ballast.economy.book.folder import (
    BUILTIN,
    FINDINGS,
    book_hash,
    builtin_books,
    check_target,
    find,
    inspect,
    is_in,
    load,
    save,
    tables_in,
)

__all__ = [
    "BUILTIN",
    "FINDINGS",
    "book_hash",
    "builtin_books",
    "check_target",
    "find",
    "inspect",
    "is_in",
    "load",
    "save",
    "tables_in",
]
