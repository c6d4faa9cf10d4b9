# ruff: noqa: E501  (a table of sentences)
"""ballast book template, add, undo: a desk's own figures in a book."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ballast import clock, machine, safe
from ballast.cli.console import Json, Reply, finding_lines, terminal_lang
from ballast.text import Text

if TYPE_CHECKING:
    from ballast.economy.own.add import Added

BookArgument = Annotated[
    str, typer.Argument(metavar="BOOK", help="A built-in book (see `ballast book list`) or a folder.")
]
_WORDS = {
    "template": Text("{path}: fill it in, then `ballast book add {name} {path}`", (
        "{path}：填好后运行 `ballast "
        "book add {name} {path}`"
    )),
    "added": Text("{name}: added {rows}; `ballast book undo {folder}` takes it back", "{name}：已加入{rows}；`ballast book undo {folder}` 可撤销"),
    "new": Text("{name}: added {rows} in {folder}", "{name}：已加入{rows}，写入{folder}"),
    "refused": Text("Nothing was changed; to correct: {count}.", (
        "未作任何改动：有 {count} "
        "处需要更正。"
    )),
    "review": Text(
        "Names that the book may know under another name: {count}. Write y beside the right ones in {path}, "
        "then add --names {path}",
        "有 {count} 个名称可能对应账本中的其他写法：请在 {path} 中确认（填“是”），再以 --names {path} "
        "重新加入",
    ),
    "undone": Text("{folder}: as it was before the last file was added", "{folder}：已恢复到最近一次加入之前"),
}  # fmt: skip
KEPT = Text(
    "`ballast book undo {folder}` brings back the book that was there",
    "运行 `ballast book undo {folder}` 可恢复原有账本",
)
_KINDS = {
    "stock": Text("days of stock", "库存天数"),
    "staff": Text("staff", "从业人员"),
    "energy": Text("energy use", "能源用量"),
    "corridors": Text("corridors", "通道"),
    "generation": Text("power stations", "发电"),
    "ranges": Text("ranges", "目标区间"),
    "classes": Text("classes", "归类"),
}


def template(
    name: BookArgument,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The workbook to write (.xlsx).")],
    json: Json = False,
) -> Reply:
    """Write a workbook to fill in: stocks, staff, energy, corridors, power stations, ranges, classes."""
    from ballast.economy import book
    from ballast.economy.own import template as sheets

    path = sheets.write(book.load(name), _workbook(out))
    return Reply(
        [_WORDS["template"].format(path=path, name=name)[terminal_lang()]], {"file": path.resolve()}
    )


def _workbook(out: Path) -> Path:
    """The file to write: a workbook is called .xlsx, or a spreadsheet program does not know what it is."""
    from ballast.errors import InputError

    if out.is_dir():
        raise InputError(
            f"--out: {out} is a folder. Give the name of a file, such as {out / 'template.xlsx'}."
        )
    if out.suffix.lower() not in ("", ".xlsx"):
        raise InputError(f"--out: {out} is no name of a workbook. Write {out.with_suffix('.xlsx')}.")
    return out if out.suffix else out.with_suffix(".xlsx")


def add(
    name: BookArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Your workbook or CSV.")],
    names: Annotated[
        Path | None,
        typer.Option("--names", metavar="FILE", help="The review sheet with your y beside names."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write a new book here [default: change BOOK]."),
    ] = None,
    json: Json = False,
) -> Reply:
    """Add a desk's own figures to a book, from the template or from sheets of its own.

    All or nothing: what cannot be read is named with sheet, row and column, and the book stays as it is.
    """
    from contextlib import nullcontext
    from dataclasses import replace

    from ballast import placing
    from ballast.economy import book
    from ballast.economy.book import undo
    from ballast.economy.own import add as additions
    from ballast.economy.own import template as sheets

    if out is not None and book.is_in(name, out):
        out = None  # it is changed, and undo brings it back
    target = _target(name, out)
    confirmed = () if names is None else sheets.read_review(names)
    with nullcontext() if out is not None else placing.alone(target, what="The book"):
        economy = book.load(name)  # under the lock: nobody adds between reading and writing
        added = additions.add(economy, file, confirmed, today=clock.today().isoformat())
        if added.economy is None:
            return _refused(added, file)
        kept = False
        if out is None:
            undo.save(added.economy, target)
        else:
            kept = undo.replace(replace(added.economy, name=safe.name(target.resolve().name)), target)
    lang = terminal_lang()
    rows = ("、" if lang == "zh" else ", ").join(
        f"{_KINDS[k][lang]} {n}" for k, n in added.rows.items() if n
    )
    words = _WORDS["added" if out is None else "new"].format(
        name=economy.name, rows=rows or "0", folder=target
    )
    document = {
        "book": economy.name,
        "folder": target.resolve(),
        "rows": added.rows,
        "findings": added.findings,
        "hash": book.book_hash(added.economy),
    }
    back = [KEPT.format(folder=target)[lang]] if kept else []
    return Reply([*finding_lines(added.findings), words[lang], *back], document)


def _target(name: str, out: Path | None) -> Path:
    """Where the result goes; a built-in book cannot be changed."""
    from ballast.economy import book
    from ballast.errors import BookError

    if out is not None:
        book.check_target(out)
        return out
    if name in book.builtin_books():
        raise BookError(f"book {name} is built in and stays as it is. Write a book of your own: --out DIR.")
    book.load(name)  # what is no book is not made one
    folder = Path(name)
    return folder if folder.is_dir() else folder.parent


def _refused(added: Added, file: Path) -> Reply:
    from ballast.economy.own import template as sheets

    lang = terminal_lang()
    errors = [f for f in added.findings if f.level == "error"]
    lines = [*finding_lines(added.findings), _WORDS["refused"].format(count=len(errors))[lang]]
    review = None
    if added.proposals:
        review = sheets.write_review(
            added.proposals, file.with_name(f"{machine.file_name(file.stem)}-review.xlsx")
        )
        count = len({(p.kind, p.word) for _, p in added.proposals})
        lines.append(_WORDS["review"].format(count=count, path=review)[lang])
    document = {
        "book": None,
        "findings": added.findings,
        "review": review,
        "proposals": [p for _, p in added.proposals],
    }
    return Reply(lines, document, exit_code=2)


def undo(
    name: Annotated[str, typer.Argument(metavar="FOLDER", help="The folder of a book.")], json: Json = False
) -> Reply:
    """Take the last added file out of a book again."""
    from ballast.economy import book
    from ballast.economy.book import undo as versions
    from ballast.errors import BookError

    if name in book.builtin_books():
        raise BookError(f"{name}: is no folder of a book. Give the folder that `ballast book add` changed.")
    folder = book.find(name)
    versions.restore(folder)
    return Reply([_WORDS["undone"].format(folder=folder)[terminal_lang()]], {"folder": folder.resolve()})
