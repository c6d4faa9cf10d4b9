"""ballast respond, ballast predict-table."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ballast import machine, safe, terminal
from ballast.cli.console import Json, Reply, terminal_lang
from ballast.cli.progress import Progress
from ballast.errors import InputError
from ballast.text import Lang, Text

if TYPE_CHECKING:
    from ballast.report import Written
    from ballast.response import Response

_WORDS = {
    "kept": Text(
        "{name} had been changed since it was written: it stays as {path}.",
        "{name} 写出后曾被修改，原文件保留为 {path}。",
    ),
    "carried": Text(
        "What the desk had filled in: carried over for {carried} cases; {left} rows stand only in the "
        "earlier file, as their case is not in the list or has a row already.",
        "协调人员已填内容：{carried} 件已带入新清单；另有 {left} 行因事项不在清单中或重复，"
        "仅见于保留的原文件。",
    ),
    "unknown": Text(
        "What the desk had filled in could not be carried over: cases.xlsx has no column “Case id” any "
        "more.",
        "协调人员已填内容未能带入：cases.xlsx 中已没有“事项编号”一列。",
    ),
}

_ENDINGS = ("", ".csv", ".txt")  # of the table that is written: others promise another format


class ModelName(StrEnum):
    """The default model and the published ones."""

    default = "default"
    ario = "ario"
    pichler = "pichler"
    inoue_todo = "inoue-todo"


class ReportLang(StrEnum):
    """The languages of a report."""

    en = "en"
    zh = "zh"
    both = "both"


def file_path(text: str) -> Path:
    """An option's value that must name a file: what ends in a separator names a folder."""
    if text.endswith(("/", os.sep)) or Path(text).is_dir():
        raise typer.BadParameter(
            f"{text} is a folder. Give the name of a file, such as {Path(text) / 'months.csv'}"
        )
    if Path(text).exists() and not Path(text).is_file():
        raise typer.BadParameter(f"{text} is not an ordinary file. Give the name of a CSV file.")
    return Path(text)


ScenarioArgument = Annotated[
    str,
    typer.Argument(metavar="SCENARIO", help="A built-in scenario (see `ballast scenario list`) or a file."),
]
BookOption = Annotated[
    str | None,
    typer.Option("--book", metavar="BOOK", help="A built-in book or a folder [default: the scenario's]."),
]
Draws = Annotated[int, typer.Option("--draws", metavar="N", help="Runs of the ensemble behind the bands.")]
Seed = Annotated[int, typer.Option("--seed", min=0, metavar="N", help="Seed of the ensemble.")]
ModelOption = Annotated[
    ModelName, typer.Option("--model", help="How the shock travels; what each assumes: docs/models.md.")
]
LangOption = Annotated[
    ReportLang | None, typer.Option("--lang", help="Language of the report [default: both].")
]


def respond(
    scenario: ScenarioArgument,
    book: BookOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for the report [default: ./ballast-SCENARIO]."),
    ] = None,
    lang: LangOption = None,
    draws: Draws = 64,
    relief: Annotated[
        int, typer.Option("--relief", metavar="K", help="How many nodes to put back to work first.")
    ] = 20,
    seed: Seed = 1,
    model: ModelOption = ModelName.default,
    json: Json = False,
) -> Reply:
    """Say what stops and whom to help first.

    Writes report.html, report.docx, cases.xlsx, run.json and paths.parquet.
    """
    folder = out if out is not None else Path(machine.file_name(f"ballast-{Path(scenario).stem}"))
    with ExitStack() as hold, Progress(silent=json) as progress:
        from ballast import placing, report
        from ballast.answer import respond as answer

        refuse_foreign(folder)
        hold.enter_context(placing.alone(folder, patience=0.0))
        placing.check_writable(folder, names=report.FILES)
        response = answer(
            scenario, book=book, draws=draws, relief=relief, seed=seed, model=model.value, progress=progress
        )
        progress("report", 0, 1)
        written = report.write(response, folder, (lang or ReportLang.both).value)
    return answered(response, written, folder, lang)


def answered(response: Response, written: Written, folder: Path, lang: ReportLang | None) -> Reply:
    """The summary of a response, where its report is, and what became of what stood there."""
    from ballast import report

    words: Lang = "en" if lang == ReportLang.en else "zh" if lang == ReportLang.zh else terminal_lang()
    page = (folder / "report.html").resolve()
    document = {
        "scenario": response.scenario.name,
        "book": response.economy.name,
        "outcome": response.outcome,
        "notes": [note[words] for note in response.notes],
        "grade": response.grade,
        "headlines": response.headlines.document(),
        "settings": response.settings,
        "seconds": response.seconds,
        "folder": folder.resolve(),
        "files": sorted(p.name for p in written.files),
        "kept": written.kept,
    }
    closing = [*_kept(written, words), {"en": f"The report: {page}", "zh": f"报告：{page}"}[words]]
    told = report.summary(response, words, terminal.width(sys.stdout) or 100)
    return Reply([*told.rstrip().split("\n"), "", *closing], document)


def refuse_foreign(folder: Path) -> None:
    """A report does not go over a file, nor among the files of a book or a campaign."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out: {folder} is a file. Give --out the name of a folder.")
    kinds = {"book.toml": "a book", "manifest.json": "a campaign"}
    for name, kind in kinds.items():
        if (folder / name).exists():
            raise InputError(
                f"--out: {folder} is the folder of {kind} (it holds {name}). Give the report a folder of "
                "its own."
            )


def _refuse_other(file: Path) -> None:
    """A table is written over an earlier one and nothing else: not a scenario, not a part of a book."""
    from ballast.answer.tables import MONTHLY

    real = file.resolve()
    for folder in dict.fromkeys((*file.parents, *real.parents)):
        if (folder / "book.toml").is_file():
            raise InputError(f"--out: {folder} is the folder of a book. Give the table another place.")
    if file.suffix.casefold() not in _ENDINGS:
        named = file.with_suffix(".csv").name
        raise InputError(f"--out: {file}: the table is written as CSV. Give it that ending: {named}.")
    head = (",".join(MONTHLY) + "\n").encode()
    with ExitStack() as hold:
        there = hold.enter_context(file.open("rb")).read(len(head)) if file.exists() else b""
    if there not in (b"", head):
        raise InputError(
            f"--out: {file} is there, and is no table that predict-table wrote. Give another name, or "
            "take that file away."
        )


def _kept(written: Written, lang: Lang) -> list[str]:
    """What became of what people had written into the files of an earlier run."""
    lines = [_WORDS["kept"].format(name=n, path=p)[lang] for n, p in written.kept.items()]
    if written.carried or written.left:
        lines.append(_WORDS["carried"].format(carried=written.carried, left=written.left)[lang])
    if written.unknown:
        lines.append(_WORDS["unknown"][lang])
    return lines


def predict_table(
    scenario: ScenarioArgument,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE.csv", help="The CSV file to write.", parser=file_path),
    ],
    book: BookOption = None,
    draws: Draws = 64,
    seed: Seed = 1,
    model: ModelOption = ModelName.default,
    json: Json = False,
) -> Reply:
    """Write monthly deviations as CSV.

    One row a region, sector and month: deviation from baseline in percent, with its 10-90% band. What must
    be known before the numbers is said as by `respond`.
    """
    with Progress(silent=json) as progress:
        from ballast import placing
        from ballast.answer import predict

        _refuse_other(out)
        placing.check_writable(out.parent, "The table")
        table = predict(scenario, book=book, draws=draws, seed=seed, model=model.value, progress=progress)
        progress("tables", 0, 1)
        with placing.one(out, "The table") as file:
            safe.csv_table(table, file, digits="%.4f")
    words = terminal_lang()
    notes = [note[words] for note in table.attrs["notes"]]
    document = {"file": out.resolve(), "rows": len(table), "columns": list(table.columns)}
    document |= {k: table.attrs[k] for k in ("outcome", "amplifies", "outcomes")} | {"notes": notes}
    closing = {"en": f"{len(table)} rows: {out.resolve()}", "zh": f"{len(table)}行：{out.resolve()}"}[words]
    return Reply([*(f"* {note}" for note in notes), closing], document)
