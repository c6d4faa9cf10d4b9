"""What the economy is.

economy    Economy: frozen arrays and labels (nodes, slots, final lines, markets)
facts      what a desk added: stocks, staff, energy, corridors, power stations, ranges
markets    links into markets: buyers with the same mix of suppliers share one
sums       lines of a table that are sums of others
sane       what a name, an amount, a year can be at most
whole      whether the arrays of an economy fit one another
checks     what is wrong or doubtful in an economy, as findings
classes    the classes of sectors whose parameters a sector takes
redraw     another draw of the flows, within their grades
portrait   an economy, a region, a sector or a node in a few figures
sheets/    files and their cells, read without trusting them
names/     what things are called, and what a word may mean
book/      an economy on disk, the built-in ones, and the way back
own/       a desk's own figures into a book
regroup/   sectors and regions joined and split
regions/   from a national table to its regions
readers/   published tables: one file a source
builders/  the built-in books: how their tables are derived from public sources
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
