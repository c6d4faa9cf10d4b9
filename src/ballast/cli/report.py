"""ballast report: the report of an earlier run, made again from its files."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from ballast.cli.console import Json, Reply
from ballast.cli.progress import Progress
from ballast.cli.run import LangOption, ReportLang, answered, refuse_foreign


def report(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN.json", help="The run.json of a run, with its paths.parquet beside it."),
    ],
    book: Annotated[
        str | None,
        typer.Option("--book", metavar="BOOK", help="The book of the run [default: the built-in one]."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for the report [default: that of RUN.json]."),
    ] = None,
    lang: LangOption = None,
    json: Json = False,
) -> Reply:
    """Make the report of a run again from its files.

    Nothing is simulated. The book must be the one of the run: a built-in one is found by its name,
    another is given with --book.
    """
    folder = run.parent if out is None else out
    with ExitStack() as hold, Progress(silent=json) as progress:
        from ballast import placing
        from ballast import report as reports
        from ballast.report import again

        refuse_foreign(folder)
        progress("report", 0, 1)
        response = again.read(run, book)
        hold.enter_context(placing.alone(folder, patience=0.0))
        written = reports.write(response, folder, (lang or ReportLang.both).value)
    return answered(response, written, folder, lang)
