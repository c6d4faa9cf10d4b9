"""The command line: parse, call the library, print. No computing here.

    ballast respond SCENARIO           the main job: what stops, whom to help first, where it ends
    ballast predict-table SCENARIO     the monthly deviation of every region and sector, as CSV
    ballast report RUN.json            the report of an earlier run again, from its files
    ballast campaign SCENARIO...       thousands of draws, summaries only; continues after any stop
    ballast book list|show|check|import ...
    ballast scenario list|show|check
    ballast mcp                        list, show, why, respond for programs that speak MCP, over stdio
    ballast doctor                     what is installed and whether it works here
    ballast completion [SHELL]         a script by which a shell completes commands, books and places

    run.py       respond, predict-table
    report.py    report
    campaign.py  campaign
    books.py     book ...
    scenarios.py scenario ...
    mcp.py       mcp; rpc.py has its messages, tools.py its tools, workshop.py runs them
    doctor.py    doctor
    completion.py  completion, and `ballast complete`, which its scripts (shells/) call on Tab
    complete.py    what may be typed next
    console.py   Reply (what a command returns), how it is printed, and what an error becomes
    progress.py  the bar on standard error
    interrupt.py Ctrl-C

A command returns a `Reply`; `main` alone prints. With --json that is one document on standard output
and nothing else, errors included. Exit codes: 0 done, 1 failure, 2 usage or input, 130 Ctrl-C.
Heavy modules are imported inside the commands, so that `ballast --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from ballast import __version__, clock, machine, terminal
from ballast.cli import books, campaign, completion, console, doctor, interrupt, mcp, report, run, scenarios

# Plain help: it survives every terminal and encoding, and needs no drawing library.
_PLAIN = {"rich_markup_mode": None, "pretty_exceptions_enable": False, "add_completion": False}

app = typer.Typer(help="Keep an industrial economy steady when something stops.", **_PLAIN)  # type: ignore[arg-type]
app.command("respond")(run.respond)
app.command("predict-table")(run.predict_table)
app.command("report")(report.report)
app.command("campaign")(campaign.campaign)
app.command("mcp")(mcp.mcp)
app.command("doctor")(doctor.doctor)
app.command("completion")(completion.completion)
app.add_typer(books.app, name="book")
app.add_typer(scenarios.app, name="scenario")


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    json: console.Json = False,
) -> console.Reply | None:
    """Keep an industrial economy steady when something stops."""
    clock.fixed()  # a SOURCE_DATE_EPOCH that is no time is said before any work, not after it
    if version:
        return console.Reply([f"ballast {__version__}"], {"version": __version__})
    if context.invoked_subcommand is None:
        return console.Reply(context.get_help().split("\n"), {"help": context.get_help()}, exit_code=2)
    return None


def main(argv: Sequence[str] | None = None, *, last: bool = False) -> int:
    """Run one command line and return its exit code; after the `last` one Ctrl-C stays switched off.

    Ctrl-C ends a command until its files stand or, where it writes none, until its reply is there. From
    then on it changes neither the exit code nor the words.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    if args[:1] == [completion.CALL]:
        return completion.answer(args[1:], lambda: typer.main.get_command(app))
    with interrupt.hearing(last=last) as ear, machine.last_step(ear.settle):
        try:
            return _run(args, ear)
        except BaseException as error:
            meant = ear.meant(error)
            ear.settle()
            return console.fail(meant, "--json" in args)


def _run(args: list[str], ear: interrupt.Hearing) -> int:
    as_json = console.prepare(args)
    console.refuse_blank(args)
    reply = app(args, prog_name="ballast", standalone_mode=False)
    if reply == 130:  # what some versions of typer make of Ctrl-C
        raise KeyboardInterrupt
    ear.check()
    ear.settle()
    if not isinstance(reply, console.Reply):  # --help has printed already
        return int(reply or 0)
    with suppress(BrokenPipeError):  # the reader (head, less) has read enough: what was done stands
        console.show(reply, as_json)
    return reply.exit_code


def command() -> NoReturn:
    """What the `ballast` script runs: `main`, then out, with Ctrl-C switched off.

    After Ctrl-C at once, without Python's own ending: it waits for worker threads, and was seen once, in
    the middle of compiling kernels, to die of the signal instead of exiting with 130.
    """
    code = main(last=True)
    terminal.settle()
    if code == 130:
        os._exit(code)
    sys.exit(code)
