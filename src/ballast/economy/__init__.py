"""What the economy is.

economy     Economy: frozen arrays and labels (nodes, slots, final lines, markets)
checks      what is wrong or doubtful in one, as findings
book        an economy on disk: book.toml and Parquet tables; the built-in ones
regionalise national table + regional facts -> inter-regional table
builders/   one file a built-in book: how its tables are derived from public sources
"""

from ballast.economy.book import book_hash, builtin_books, load, save
from ballast.economy.checks import check
from ballast.economy.economy import Carrier, Economy, Region, Sector

__all__ = [
    "Carrier",
    "Economy",
    "Region",
    "Sector",
    "book_hash",
    "builtin_books",
    "check",
    "load",
    "save",
]
