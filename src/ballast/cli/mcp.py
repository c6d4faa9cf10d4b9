"""ballast mcp: a few read-only tools for programs that speak the Model Context Protocol, over stdio.

rpc.py        the messages: who asks what, and what is no message
tools.py      the tools: what each takes, and the commands that answer it
answers.py    what of an answer is sent
workshop.py   where these run, and end in time
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def mcp(
    seconds: Annotated[
        int,
        typer.Option("--seconds", metavar="N", min=1, help="The most seconds that a call may take."),
    ] = 300,
) -> None:
    """Serve list, show, why and respond to a program that speaks MCP.

    It asks on standard input and is answered on standard output, one JSON message a line, until the input
    ends. Nothing is written but in a temporary folder. docs/mcp.md says how a program is told of it.
    """
    from ballast.cli import rpc, workshop

    with workshop.Workshop(seconds) as place:
        rpc.serve(sys.stdin.buffer, place)
