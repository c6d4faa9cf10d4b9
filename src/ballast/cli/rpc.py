"""The Model Context Protocol over stdio: JSON-RPC 2.0, one message a line, as far as tools need it.

    serve(asked, workshop)   read until the end of `asked`, answer each request on standard output

Both kinds of client are served: those that begin with `initialize` (revisions up to 2025-11-25), and those
that state their revision in every request (2026-07-28). A call of a tool runs in a thread of its own, so
that `ping` is answered and a call can be cancelled meanwhile; the last ones are finished after the input
has ended. What is no message is answered with an error that says why, and never ends the server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, BinaryIO

import ballast
from ballast import machine, safe, terminal
from ballast.cli.tools import INSTRUCTIONS, TOOLS
from ballast.cli.workshop import Call, Workshop
from ballast.threads import ThreadPoolExecutor

HANDSHAKE = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")  # newest first
STATELESS = ("2026-07-28",)
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
SERVER_KEY = "io.modelcontextprotocol/serverInfo"

MOST_BYTES = 1 << 20  # of a message; the longest that means anything has some thousand
AT_ONCE = 2  # calls that run beside each other
FRESH = 3_600_000  # milliseconds for which a client may keep the list of tools

PARSE, REQUEST, METHOD, PARAMS, INSIDE, REVISION = -32700, -32600, -32601, -32602, -32603, -32022

Params = Mapping[str, Any]


class Refused(Exception):
    """What a request is answered with instead of a result."""

    def __init__(self, code: int, message: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, **({} if data is None else {"data": data})}


@dataclass
class Line:
    """The way back to the client, and the calls that are running."""

    workshop: Workshop
    pool: ThreadPoolExecutor
    running: dict[str | int, Call] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def send(self, message: Mapping[str, Any]) -> None:
        # in ASCII: messages are in UTF-8, and standard output is in whatever the system has
        text = safe.json_text({"jsonrpc": "2.0", **message}, ascii_only=True)
        with self.lock:
            terminal.say_json(text)


def serve(asked: BinaryIO, workshop: Workshop) -> None:
    """Answer what is asked until the input ends or nobody reads the answers any more."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        line = Line(workshop, pool)
        try:
            with machine.told_to_end():
                while text := asked.readline(MOST_BYTES + 1):
                    _hear(line, _whole(asked, text))
                pool.shutdown(wait=True)
        except BrokenPipeError:  # the client has gone
            pass
        finally:
            workshop.stop()


def _whole(asked: BinaryIO, text: bytes) -> bytes | None:
    """The line; None for one that is too long, of which the rest is passed over."""
    if len(text) <= MOST_BYTES or text.endswith(b"\n"):
        return text
    while (rest := asked.readline(MOST_BYTES)) and not rest.endswith(b"\n"):
        pass
    return None


def _hear(line: Line, text: bytes | None) -> None:
    """One line: answered at once, unless it is a call, which answers when it is done."""
    if text is not None and not text.strip():
        return
    key = None
    try:
        message = _message(text)
        key = message.get("id")
        if "method" not in message:  # an answer; we ask for nothing
            return
        if "id" not in message:
            _notified(line, message)
            return
        result = _answer(line, key, message["method"], _params(message))
    except Refused as refused:
        line.send({"id": key, "error": refused.error})
        return
    except Exception as error:  # a fault of ours must not end the server
        line.send({"id": key, "error": _inside(error)})
        return
    if result is not None:
        line.send({"id": key, "result": result})


def _inside(error: Exception) -> dict[str, Any]:
    told = f"{type(error).__name__}: {error} (a fault in Ballast: please report it)"
    return {"code": INSIDE, "message": told}


def _message(text: bytes | None) -> dict[str, Any]:
    """The message of a line; Refused for what is none."""
    if text is None:
        raise Refused(REQUEST, f"the message is longer than {MOST_BYTES} bytes")
    try:
        found = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused(PARSE, f"the line is no JSON in UTF-8: {error}") from None
    if isinstance(found, list):
        raise Refused(REQUEST, "send one message a line: batches are not taken")
    if not isinstance(found, dict) or found.get("jsonrpc") != "2.0":
        raise Refused(REQUEST, 'a message is an object with "jsonrpc": "2.0"')
    key = found.get("id", 0)
    if isinstance(key, bool) or not isinstance(key, int | str):
        raise Refused(REQUEST, "id is a string or a whole number")
    if isinstance(key, str) and safe.whole(key) != key:  # it could not be sent back as it came
        raise Refused(REQUEST, "id has half a character (a surrogate without the other), which no text has")
    if "method" in found and not isinstance(found["method"], str):
        raise Refused(REQUEST, "method is a string")
    return found


def _params(message: Mapping[str, Any]) -> Params:
    found = _entries(message, "params")
    if not isinstance(found, dict):
        raise Refused(PARAMS, "params is an object")
    return found


def _entries(stated: Mapping[str, Any], name: str) -> Any:
    """What is stated; null, as some programs write what they leave out, is no entries."""
    found = stated.get(name)
    return {} if found is None else found


# ---- what is asked -------------------------------------------------------------------------------


def _answer(line: Line, key: Any, method: str, params: Params) -> dict[str, Any] | None:
    """The result of a request; None for one that is answered later."""
    stateless = _stateless(params)
    if method == "tools/call":
        _call(line, key, params, stateless=stateless)
        return None
    asks: dict[str, Callable[[Params], dict[str, Any]]] = {
        "initialize": _initialize,
        "server/discover": _discover,
        "ping": lambda params: {},
        "tools/list": partial(_list, line.workshop.seconds),
    }
    if method not in asks:
        raise Refused(METHOD, f"no method {method}. There are: {', '.join([*asks, 'tools/call'])}")
    found = asks[method](params)
    kept = {"ttlMs": FRESH, "cacheScope": "public"} if method in ("server/discover", "tools/list") else {}
    return _complete({**found, **kept}) if stateless else found


def _complete(result: dict[str, Any]) -> dict[str, Any]:
    """A result as the stateless revision has it."""
    return {"resultType": "complete", **result, "_meta": {SERVER_KEY: _self()}}


def _stateless(params: Params) -> bool:
    """Whether a request states its revision; Refused for one that we do not speak."""
    meta = params.get("_meta")
    asked = meta.get(VERSION_KEY) if isinstance(meta, dict) else None
    if asked is None:
        return False
    if asked not in STATELESS:
        known = {"supported": [*STATELESS, *HANDSHAKE], "requested": asked}
        raise Refused(REVISION, "Unsupported protocol version", known)
    return True


def _self() -> dict[str, str]:
    return {"name": "ballast", "title": "Ballast 压舱石", "version": ballast.__version__}


def _about() -> dict[str, Any]:
    return {"capabilities": {"tools": {}}, "serverInfo": _self(), "instructions": INSTRUCTIONS}


def _initialize(params: Params) -> dict[str, Any]:
    """The client's revision where we speak it, else our newest with a handshake: it may then leave."""
    asked = params.get("protocolVersion")
    if not isinstance(asked, str):
        raise Refused(PARAMS, "initialize needs protocolVersion, a string")
    return {"protocolVersion": asked if asked in HANDSHAKE else HANDSHAKE[0], **_about()}


def _discover(params: Params) -> dict[str, Any]:
    return {"supportedVersions": [*STATELESS, *HANDSHAKE], **_about()}


def _list(seconds: int, params: Params) -> dict[str, Any]:
    if params.get("cursor") is not None:
        raise Refused(PARAMS, "cursor: all tools are on the first page")
    return {"tools": [tool.document(seconds) for tool in TOOLS.values()]}


# ---- calls ---------------------------------------------------------------------------------------


def _call(line: Line, key: Any, params: Params, *, stateless: bool) -> None:
    """Begin a call; its answer is sent when there is one."""
    name, given = params.get("name"), _entries(params, "arguments")
    if not isinstance(name, str) or name not in TOOLS:
        raise Refused(PARAMS, f"Unknown tool: {name}. There are: {', '.join(TOOLS)}")
    if not isinstance(given, dict):
        raise Refused(PARAMS, "arguments is an object")
    with line.lock:
        if key in line.running:
            raise Refused(REQUEST, f"id {key} is that of a call that is still running")
        call = line.running[key] = Call(TOOLS[name], given)
    line.pool.submit(_run, line, key, call, stateless)


def _run(line: Line, key: str | int, call: Call, stateless: bool) -> None:
    try:
        answer: dict[str, Any] = {"result": line.workshop.answer(call)}
        if stateless:
            answer = {"result": _complete(answer["result"])}
    except Exception as error:  # a fault of ours must reach whoever waits
        answer = {"error": _inside(error)}
    with line.lock:
        line.running.pop(key, None)
    if not call.cancelled:  # who has cancelled expects no answer
        try:
            line.send({"id": key, **answer})
        except (OSError, ValueError):  # the client has gone
            line.workshop.stop()


def _notified(line: Line, message: Mapping[str, Any]) -> None:
    """Of all that a client may tell, only that it does not want an answer any more asks for something."""
    params = message.get("params")
    if message["method"] != "notifications/cancelled" or not isinstance(params, dict):
        return
    with line.lock:
        key = params.get("requestId")
        call = line.running.get(key) if isinstance(key, str | int) else None
    if call is not None:
        call.cancel()
