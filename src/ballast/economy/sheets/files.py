"""Files as people have them, read without trusting them.

    sheets    a spreadsheet or text file as sheets of cells (text, number, date or None), with findings
    frame     a table with one header row as columns of cells as they are, from CSV, Excel or Parquet
    locate    the file meant by a path: itself, or the one in a folder that fits a pattern
    year_in   the year in a file's name

What a file is, is read off its first bytes, not its name. CSV may be UTF-8, UTF-16 or GB18030, with comma,
semicolon or tab, and packed with gzip; Excel may be xlsx, xlsm, xls, xlsb or ods. Refused before
anything large is read: archives that swell beyond `MOST_BYTES` or `SWELL` times, files that are
something else (pictures, PDF, programs), text with NUL bytes. Macros are never run. A formula without a
stored value and a cell with an error become findings with their place (`excel` has how), and what a
comma in numbers means is decided for the file (`decimals`).
"""

from __future__ import annotations

import codecs
import csv
import gc
import gzip
import io
import itertools
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from ballast import machine, sizes
from ballast.economy.sheets import decimals
from ballast.economy.sheets.encoded import as_text
from ballast.economy.sheets.labels import once
from ballast.errors import BookError, Finding, raise_findings
from ballast.text import counted

MOST_BYTES = 1 << 30  # of an Excel file, or of what it unpacks to
MOST_TEXT = 1 << 28  # of a text that is read at once; long tables are read in blocks
MOST_CELLS = 10_000_000  # the largest published sheet, WIOD 2016, has 6.6 million
MOST_LINES = 50  # of one cell of a text; a remark has a few
SWELL = 150  # a large archive that grows more than this is no office file (real ones stay below 50)
LARGE = 50_000_000  # bytes: smaller ones may swell as they like

_MAGIC = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"<html", "a web page"),
    (b"<!DOCTYPE", "a web page"),
    (b"<?xml", "an XML file"),
)
_EDITION = re.compile(  # a classification and its year
    r"(?<![A-Za-z])(?:NACE|NAICS|ISIC|CPA|COICOP|CPC|SIC|GB/?T|GB/?T?[ _.-]*4754|NUTS)[ _.-]*"
    r"(?:r(?:ev)?[ _.-]?\d[ _.-]*)?(?:19|20)\d\d(?!\d)",
    re.IGNORECASE,
)
_STANDARD = re.compile(r"(?<![A-Za-z])GB[ _.-]*(?:19|20)\d\d(?!\d)", re.IGNORECASE)  # or Great Britain
INVISIBLE = "\ufeff\u200b"  # what some programs put around the text of a cell
SCALED = ","  # in `Sheet.units`: shown divided by a thousand or a million
Cell = Any  # str, int, float, bool, datetime, or None


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet: `rows` of cells, ragged ends filled with None; row 0 is line 1 of the file."""

    file: Path
    name: str
    rows: list[list[Cell]]
    findings: tuple[Finding, ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()  # top, left, bottom, right, all inclusive
    percent: frozenset[tuple[int, int]] = frozenset()  # (row, column) of cells shown in percent
    units: Mapping[tuple[int, int], str] = field(default_factory=dict)  # words that a format shows behind
    money: Mapping[tuple[int, int], str] = field(default_factory=dict)  # currencies that a format shows

    def is_merged(self, row: int, column: int) -> bool:
        """Whether a cell lies in a merged range, below or beside its first cell."""
        return any(
            top <= row <= bottom and left <= column <= right and (row, column) != (top, left)
            for top, left, bottom, right in self.merged
        )

    def merged_down(self, column: int) -> dict[int, int]:
        """Row -> the row that holds its value, for the rows of a column that are merged with one above."""
        last = len(self.rows) - 1
        ranges = (m for m in self.merged if m[1] == column)
        return {r: top for top, _, bottom, _ in ranges for r in range(top + 1, min(bottom, last) + 1)}

    @property
    def where(self) -> str:
        """The file, and the sheet where it has a name."""
        return f"{self.file}" + (f", sheet {self.name}" if self.name else "")

    def place(self, row: int, column: int | None = None) -> str:
        """Where a cell is, the way Excel says it."""
        where = f"{self.where}, row {row + 1}"
        return where if column is None else f"{where}, column {letters(column)}"


def letters(column: int) -> str:
    """0 -> A, 26 -> AA."""
    out, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        out = chr(65 + digit) + out
    return out


def kind_of(path: Path) -> str:
    """What a file is: parquet, xlsx, xls, xlsb, ods, csv.gz, csv; BookError for anything else."""
    if not path.exists():
        raise BookError(f"{path}: there is no such file. Check the name and the folder.")
    machine.ordinary(path, BookError)
    if not path.stat().st_size:  # also what the system makes up (/proc), some of which never ends
        raise BookError(f"{path}: the file is empty. Save it again from the program it came from.")
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError as error:
        raise BookError(f"{path}: cannot be read ({error.strerror}).") from None
    found = next(
        (kind for magic, kind in _MAGIC if head.lstrip()[: len(magic)].lower() == magic.lower()), ""
    )
    if found == "zip":
        return _zip_kind(path)
    if found == "gzip":
        return "csv.gz"
    if found in ("parquet", "xls"):
        return found
    if found:
        raise BookError(f"{path}: is {found}, not a table. Give a CSV, Excel or Parquet file.")
    if head.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise BookError(f"{path}: is text in UTF-32, which few programs read. Save it as CSV UTF-8.")
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BookError(f"{path}: holds bytes that are no text. Give a CSV, Excel or Parquet file.")
    return "csv"


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except Exception:  # a turned byte makes zipfile raise nearly anything
        raise BookError(f"{path}: the archive is damaged. Save or download it again.") from None
    whole, packed = sum(e.file_size for e in entries), max(path.stat().st_size, 1)
    if whole > MOST_BYTES or whole > max(SWELL * packed, LARGE):
        raise BookError(
            f"{path}: unpacks to {whole / 1e6:,.0f} MB from {packed / 1e6:,.1f} MB; no office file does. "
            "Check where it came from, and give the table itself."
        )
    if any(e.flag_bits & 1 for e in entries):
        raise BookError(f"{path}: is protected by a password. Save it without one.")
    names = {e.filename for e in entries}
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "content.xml" in names:
        return "ods"
    inside = ", ".join(sorted(names)[:3])
    raise BookError(f"{path}: is an archive ({inside} ...). Unpack it and give the table inside.")


def check_release(path: Path) -> None:
    """Refuse what a release of tables never is: a pipe or device, an archive that swells without end."""
    if path.is_dir():
        return
    machine.ordinary(path, BookError)
    if not path.is_file() or not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        whole = sum(e.file_size for e in archive.infolist())
    if whole > max(SWELL * path.stat().st_size, LARGE):
        raise BookError(f"{path}: unpacks to {whole / 1e6:,.0f} MB; no release does. Download it again.")
    machine.room_for(whole, f"{path}: the tables", "Take a smaller release", BookError)


# ---- sheets ----------------------------------------------------------------------------------


def sheets(path: Path) -> list[Sheet]:
    """Every visible sheet of a file; a text file is one sheet without a name."""
    kind = kind_of(path)
    _not_too_large(path)
    if kind in ("xlsx", "xls", "xlsb", "ods"):
        from ballast.economy.sheets.excel import spreadsheet

        return [_decided(sheet, "") for sheet in spreadsheet(path, kind)]
    if kind == "parquet":
        return [_parquet_sheet(path)]
    rows, comma, told = _text_rows(path, packed=kind == "csv.gz")
    return [_decided(Sheet(path, "", rows, told), comma)]


def _decided(sheet: Sheet, separator: str) -> Sheet:
    """Numbers that are text with their decimals after a point; what was decided is told."""

    def texts(mark: str) -> Iterator[str]:
        return (v for row in sheet.rows for v in row if isinstance(v, str) and mark in v)

    comma = separator == ";" or any(v[-1] in "0123456789)%," for v in texts(","))
    if not comma and not decimals.only_thousands(texts(".")):
        return sheet  # there is nothing to decide
    return replace(sheet, findings=(*sheet.findings, *decimals.point(sheet.rows, separator, sheet.where)))


def _not_too_large(path: Path) -> None:
    if (size := path.stat().st_size) > MOST_BYTES:
        raise BookError(
            f"{path}: has {size / 1e9:.1f} GB, more than a table of this kind can hold. "
            "Give a long table (source `long`) as Parquet."
        )


def swollen(path: Path) -> BookError:
    """The refusal of a packed text that unpacks to far more than any table does."""
    return BookError(
        f"{path}: unpacks to more than {sizes.unpacked(path) / 1e6:,.0f} MB; no table does. Check where it "
        "came from, and give the table itself."
    )


def too_many_cells(path: Path) -> BookError:
    """The refusal of a sheet that reaches further than a table does."""
    return BookError(f"{path}: has more than {MOST_CELLS:,} cells. Give a long table instead.")


def _parquet_sheet(path: Path) -> Sheet:
    table = _parquet(path, MOST_CELLS)
    columns = [table.column(name).to_pylist() for name in table.column_names]
    rows = [list(table.column_names), *map(list, zip(*columns, strict=True))]
    return Sheet(path, "", rows)


def _parquet(path: Path, most: int | None = None) -> Any:
    """A Parquet file as an Arrow table of at most `most` cells."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    swollen = BookError(f"{path}: its texts unpack to more than any table says. Write it again.")
    try:
        if most is not None:
            with pa.OSFile(os.fsencode(path)) as file:
                stated = pq.ParquetFile(file).metadata
            if stated.num_rows * max(stated.num_columns, 1) > most:
                raise too_many_cells(path)
        table = sizes.parquet_table(path, BookError)
        for at, field in enumerate(table.schema):  # bytes are text, or nothing that can be read
            if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
                table = table.set_column(at, field.name, as_text(table.column(at), path, field.name))
        return sizes.spelt(table, max(sizes.SMALL, SWELL * path.stat().st_size), swollen)
    except (pa.ArrowException, OSError):
        raise BookError(f"{path}: the Parquet file is damaged. Write it again.") from None


def blank(value: Cell) -> Cell:
    """Spaces, and nothing at all, are no value."""
    if isinstance(value, str):
        value = value.strip().strip(INVISIBLE)
        return value or None
    return value


def trim(rows: list[list[Cell]]) -> None:
    """Without the empty rows at the end (offices format ten thousand of them)."""
    while rows and all(v is None for v in rows[-1]):
        rows.pop()


# ---- text ------------------------------------------------------------------------------------


def text_of(path: Path, *, packed: bool = False) -> tuple[str, str]:
    """All of a text file, and its encoding."""
    most = min(MOST_TEXT, sizes.unpacked(path)) if packed else MOST_TEXT
    raw = _bytes(path, packed, most + 1)
    if len(raw) > MOST_TEXT:
        raise BookError(f"{path}: holds more than {MOST_TEXT / 1e6:,.0f} MB. Give a long Parquet table.")
    if len(raw) > most:
        raise swollen(path)
    return _decoded(path, raw, _encodings(raw), whole=True)


def _bytes(path: Path, packed: bool, most: int) -> bytes:
    """The first `most` bytes of a text, unpacked."""
    try:
        with (gzip.open if packed else open)(path, "rb") as file:
            return bytes(file.read(most))
    except (OSError, EOFError, zlib.error) as error:
        raise BookError(f"{path}: cannot be read ({error}). Save or download it again.") from None


def _encodings(raw: bytes) -> tuple[str, ...]:
    """What a text may be in, likeliest first: what its mark says; without one UTF-8, else GB18030."""
    marks = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\xef\xbb\xbf": "utf-8"}
    marked = next((e for mark, e in marks.items() if raw.startswith(mark)), "")
    return (marked,) if marked else ("utf-8", "gb18030")


def _decoded(path: Path, raw: bytes, encodings: tuple[str, ...], *, whole: bool) -> tuple[str, str]:
    """A text without its mark, and the first encoding in which it is one; the last character may be cut
    where it is not whole.
    """
    for encoding in encodings:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(raw, whole)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.lstrip("\ufeff"), encoding
    raise BookError(f"{path}: the text is neither UTF-8 nor GB18030. Save it as CSV UTF-8.")


class FirstLine(NamedTuple):
    """The encodings a text may have, likeliest first, what separates its columns, the heads of its first
    line, and how many lines stand above them (`sep=;`).
    """

    encodings: tuple[str, ...]
    separator: str
    heads: list[str]
    above: int


def first_line(path: Path, *, packed: bool = False) -> FirstLine:
    """What the first line of a text says of it."""
    raw = _bytes(path, packed, 1 << 20)
    if raw.startswith(2 * codecs.BOM_UTF8):
        raise BookError(f"{path}: begins with two marks of its encoding. Save it again as CSV UTF-8.")
    encodings = _encodings(raw)
    text, encoding = _decoded(path, raw, encodings, whole=False)
    comma = _comma(text)
    above = int(any(map(sep_line, text[:99].splitlines()[:1])))
    csv.field_size_limit(1 << 20)
    try:
        lines = csv.reader(io.StringIO(text, newline=None), delimiter=comma)
        head = next(itertools.islice(lines, above, None), [])
    except csv.Error as error:
        raise BookError(f"{path}: is not a CSV file ({error}). Save it again as CSV UTF-8.") from None
    return FirstLine(encodings[encodings.index(encoding) :], comma, head, above)


def gb_note(path: Path, sample: str) -> tuple[Finding, ...]:
    """A note that a text was read as GB18030, with a word of `sample` by which a person sees if it is.

    What is no UTF-8 nearly always reads as GB18030 somehow, a text of Western Europe too.
    """
    word = re.search(r"[^\s,;\t\"]*[^\x00-\x7f][^\s,;\t\"]*", sample)
    shown = f", such as {word[0][:20]!r}" if word else ""
    what = f"the text is no UTF-8; it was read as GB18030{shown}"
    return (Finding("note", str(path), what, "If its names look wrong, save it as CSV UTF-8"),)


def _text_rows(path: Path, *, packed: bool) -> tuple[list[list[Cell]], str, tuple[Finding, ...]]:
    """The rows of a text, what separates its columns, and what is to be told of its encoding."""
    text, encoding = text_of(path, packed=packed)
    told = gb_note(path, text) if encoding == "gb18030" else ()
    comma = _comma(text)
    if text.count(comma) + text.count("\n") > MOST_CELLS:
        raise BookError(f"{path}: has more than {MOST_CELLS:,} cells. Give a long table as Parquet.")
    with _uncollected():
        rows = _split(path, text, comma)
    if len(rows) > 1 and any(map(sep_line, text[:99].splitlines()[:1])):
        rows[:2] = [rows[1], []]  # heads first; what stands below them keeps its number
    trim(rows)
    return rows, comma, told


@contextmanager
def _uncollected() -> Iterator[None]:
    """Python does not look for cycles meanwhile: among a million new cells it does over and over, and texts
    make none.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _split(path: Path, text: str, comma: str) -> list[list[Cell]]:
    """The rows of a text; BookError names the line in which a quote begins that swallows others."""
    csv.field_size_limit(1 << 20)
    rows: list[list[Cell]] = []
    invisible = any(mark in text for mark in INVISIBLE)
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=comma)
    begins, start = 1, 1  # the lines in which a row begins and the next one does
    try:
        for row in reader:
            begins, start = start, reader.line_num + 1
            if start - begins > 1 and any(_swallows(c, comma, len(rows[0]) if rows else 0) for c in row):
                raise _unclosed(path, begins)
            rows.append([blank(v) for v in row] if invisible else [v.strip() or None for v in row])
        if rows and _is_open(last := _from_line(text, begins), comma):
            raise _unclosed(path, start - last.count("\n") - (not last.endswith("\n")))
    except csv.Error as error:
        raise BookError(f"{path}: is not a CSV file ({error}). Save it again as CSV UTF-8.") from None
    return rows


def _from_line(text: str, line: int) -> str:
    """The text from a line on, counted from 1."""
    return "".join(itertools.islice(io.StringIO(text, newline=None), line - 1, None))


def _swallows(cell: str, comma: str, width: int) -> bool:
    """Whether a cell of several lines holds whole rows: a quote before them was not meant as one."""
    inside = cell.split("\n")[1:]
    whole = sum(line.count(comma) >= max(width - 1, 1) for line in inside)
    return len(inside) > MOST_LINES or whole >= (1 if width > 2 else 2)


def _is_open(lines: str, comma: str) -> bool:
    """Whether the last quoted cell of a row does not close."""
    try:
        list(csv.reader(io.StringIO(lines, newline=None), delimiter=comma, strict=True))
    except csv.Error as error:
        return "end of data" in str(error)
    return False


def _unclosed(path: Path, line: int) -> BookError:
    return BookError(
        f"{path}, line {line}: a quote begins a cell that takes in the lines below it. Close the quote, or "
        "take it out."
    )


def _comma(text: str) -> str:
    """The separator that the first lines agree on: comma, semicolon or tab, or what `sep=` says; a bar
    where it stands in every line, and none of these does.
    """
    lines = text[:20_000].splitlines()[:20]
    if said := sep_line(lines[0] if lines else ""):
        return said
    count = {mark: sum(mark in line for line in lines) for mark in ",;\t|"}
    best = max(",;\t", key=lambda mark: count[mark] * 1000 + sum(line.count(mark) for line in lines))
    return "|" if count[best] < len(lines) == count["|"] else best


def sep_line(line: str) -> str:
    """The separator that a first line such as `sep=;` states for Excel; "" for any other line."""
    hit = re.fullmatch(r'"?sep=([,;\t|])"?\s*', line, re.IGNORECASE)
    return hit[1] if hit else ""


def first_with_rows(
    path: Path, *, square: bool = False, titled: bool = False, years: Sequence[int] | None = None
) -> Sheet | None:
    """The first sheet with rows, held against its heads in row 1, or below titles where those are read
    over (`wide`); others that have some are told in its findings. In a square the first column needs no
    head. Of sheets named by years the one of `years` is read (none: they must not differ).
    """
    from ballast.economy.sheets.wide import head_row, wider

    filled = [s for s in sheets(path) if s.rows]
    if not filled:
        return None
    at = 0 if years is None else _of_year(path, filled, years)
    top = head_row(filled[at]) if titled else 0
    first = replace(filled[at], findings=(*filled[at].findings, *wider(filled[at], top, square=square)))
    others = [s.name for i, s in enumerate(filled) if i != at]
    if not others:
        return first
    names = ", ".join(others[:8]) + (" ..." if len(others) > 8 else "")
    what = f"only sheet {first.name} is read; these have rows too: {names}"
    note = Finding("note", str(path), what, "Put the table's sheet first if it is another")
    return replace(first, findings=(*first.findings, note))


def _of_year(path: Path, filled: Sequence[Sheet], years: Sequence[int]) -> int:
    """Which of the sheets is read, where their names say years."""
    named = {i: said for i, s in enumerate(filled) if (said := years_in(s.name))}
    every = sorted({year for said in named.values() for year in said})
    fits = [i for i, said in named.items() if set(said) & {*years}]
    if len(fits) == 1:
        return fits[0]
    if len(every) < 2 or (not fits and 0 not in named):
        return 0
    sheet_names = ", ".join(filled[i].name for i in list(fits or named)[:8])
    if fits:
        raise BookError(f"{path}: several sheets are of that year: {sheet_names}. Keep the table's sheet.")
    if not years:
        raise BookError(f"{path}: sheets are of several years: {sheet_names}. Say which with --year.")
    raise BookError(
        f"{path}: sheets are of several years ({sheet_names}), and none of {years[0]}. "
        f"Say --year {every[0]}, or put the table into a sheet of its own."
    )


def frame(path: Path) -> Any:
    """The first sheet with rows as a pandas frame of its header row; cells as they are, rows numbered from
    0 below the head, what was found of no level "error" in `attrs["findings"]`.
    """
    import pandas as pd

    if kind_of(path) == "parquet":
        return _parquet(path).to_pandas()
    sheet = first_with_rows(path, square=True)
    if sheet is None or len(sheet.rows) < 2:
        raise BookError(f"{path}: has no rows below a header. Check the sheet.")
    raise_findings(sheet.findings, BookError, head=f"{path} cannot be used:")
    head, *rows = sheet.rows
    width = len(head)
    once((str(h), i, sheet.place(0, i)) for i, h in enumerate(head) if h is not None)
    kept = [i for i, row in enumerate(rows) if any(v is not None for v in row)]
    out = pd.DataFrame(
        [rows[i][:width] + [None] * (width - len(rows[i])) for i in kept],
        index=kept,
        columns=[str(h) for h in head],
    )
    empty = sorted({*range(len(rows))} - {*kept})
    out.attrs["findings"] = (*sheet.findings, *empty_rows(sheet.where, empty))
    return out


def empty_rows(where: str, empty: Sequence[int]) -> list[Finding]:
    """A note that rows without anything were left out; their numbers count from 0 below the head."""
    if not len(empty):
        return []
    what = f"{counted(len(empty), 'row holds nothing and is', 'rows hold nothing and are')} left out"
    return [Finding("note", f"{where}, row {empty[0] + 2}", what, "Nothing to do")]


def years_in(text: str) -> list[int]:
    """The years from 1950 to 2049 that a text names, in their order, but those of classifications
    (NACE2008).
    """
    year, text = re.compile(r"(?<!\d)(19[5-9]\d|20[0-4]\d)(?!\d)"), _EDITION.sub(" ", text)
    years = year.findall(text)
    if len(years) > 1:
        years = year.findall(_STANDARD.sub(" ", text)) or years
    return [int(y) for y in years]


def year_in(file: Path) -> int:
    """The year in a file's name; BookError when it has none, or several."""
    found: list[int] = list(dict.fromkeys(years_in(file.name)))
    if not found and (edition := _EDITION.search(file.name)):
        raise BookError(
            f"{file}: the only year in the name is that of a classification ({edition[0]}). Say the "
            "table's: --year 2020."
        )
    if not found:
        raise BookError(f"{file}: the name holds no year. Say it: --year 2020.")
    if len(found) > 1:
        years = ", ".join(map(str, found))
        raise BookError(f"{file}: the name holds several years ({years}). Say which: --year {max(found)}.")
    return found[0]


def locate(path: Path, *patterns: str, what: str) -> Path:
    """`path` if it is a file; the one file in the folder that fits a pattern; BookError otherwise."""
    if path.is_file():
        return path
    if not path.is_dir():
        machine.ordinary(path, BookError)
        raise BookError(f"{path}: there is no such file or folder. Give {what}.")
    patterns = tuple(re.sub(r"\*+", "*", p) for p in patterns)
    found = sorted({f for p in patterns for f in path.glob(p) if f.is_file()})
    if not found:
        raise BookError(f"{path}: holds no {' or '.join(patterns)}. Give {what}.")
    if len(found) > 1:
        names = ", ".join(f.name for f in found[:12])
        raise BookError(
            f"{path}: holds {len(found)} tables ({names}). Name the file you want, or say --year."
        )
    return found[0]
