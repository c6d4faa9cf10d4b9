"""`ballast mcp`, driven as a client does: a process, its standard input and its standard output."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ballast import compiled
from ballast.cli import answers, main, rpc, workshop
from ballast.cli.tools import TOOLS
from ballast.evidence import Grade

SOON, LATE = 30.0, 180.0  # seconds: for what is answered at once, and for what may have to compile
posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


class Client:
    """One server, and what it has said."""

    def __init__(self, *options: str, cwd: Path | None = None, **env: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ballast", "mcp", *options],
            cwd=cwd, env={**os.environ, **env}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.said: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.number = 0

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.put(line)

    def write(self, text: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def ask(self, method: str, params: Any = None) -> int:
        """Send a request; its id."""
        self.number += 1
        body = {"jsonrpc": "2.0", "id": self.number, "method": method}
        self.write(json.dumps(body if params is None else {**body, "params": params}).encode() + b"\n")
        return self.number

    def hear(self, patience: float = SOON) -> dict[str, Any]:
        found = json.loads(self.said.get(timeout=patience))
        assert found["jsonrpc"] == "2.0"
        return dict(found)

    def get(self, method: str, params: Any = None, patience: float = SOON) -> dict[str, Any]:
        """The answer to a request, which must be the next thing that is said."""
        key = self.ask(method, params)
        found = self.hear(patience)
        assert found["id"] == key
        return found

    def call(self, tool: str, patience: float = LATE, **given: Any) -> dict[str, Any]:
        found = self.get("tools/call", {"name": tool, "arguments": given}, patience)["result"]
        if not found["isError"]:
            assert json.loads(found["content"][0]["text"]) == found["structuredContent"]
        return dict(found)

    def close(self) -> int:
        """End the input; the exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(timeout=LATE)


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[Client]:
    """In a folder with a book of a desk, in which nobody writes."""
    folder = tmp_path_factory.mktemp("desk")
    found = Client(cwd=folder)
    yield found
    assert found.close() == 0
    assert found.said.empty(), "nothing is said that was not asked"
    assert list(folder.iterdir()) == []


def document(capsys, *args: str) -> Any:
    """What a command prints with --json."""
    assert main([*args, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


# ---- the handshake -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "given"), [*((v, v) for v in rpc.HANDSHAKE), ("1999-01-01", rpc.HANDSHAKE[0])]
)
def test_the_handshake_settles_a_revision(client, asked, given):
    stated = {"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    found = client.get("initialize", stated)["result"]
    assert found["protocolVersion"] == given
    assert found["capabilities"] == {"tools": {}}
    assert found["serverInfo"]["name"] == "ballast"
    for grade in Grade:
        assert f"{grade} {grade.meaning.en}" in found["instructions"]
    client.write(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
    assert client.get("ping")["result"] == {}


def test_tools_are_listed_with_what_they_take(client):
    tools = client.get("tools/list")["result"]["tools"]
    assert [t["name"] for t in tools] == ["list", "show", "why", "respond"]
    for tool in tools:
        schema = tool["inputSchema"]
        assert (schema["type"], schema["additionalProperties"]) == ("object", False)
        assert set(schema["required"]) <= set(schema["properties"])
        assert tool["annotations"]["readOnlyHint"] is True
        assert any("\u4e00" <= c <= "\u9fff" for c in tool["description"])
        for stated in schema["properties"].values():
            assert stated["description"]
            if "minimum" in stated:
                assert stated["minimum"] <= stated["default"] <= stated["maximum"]


@pytest.mark.parametrize("seconds", [7, 600, 100_000])
def test_a_client_is_told_the_time_that_a_call_has(tmp_path, seconds):
    """What the server was started with, also where that is more than a call may ask for elsewhere."""
    found = Client(f"--seconds={seconds}", cwd=tmp_path)
    tools = {tool["name"]: tool for tool in found.get("tools/list")["result"]["tools"]}
    stated = tools["respond"]["inputSchema"]["properties"]["seconds"]
    assert stated["default"] == seconds <= stated["maximum"]
    assert found.close() == 0


def test_what_a_tool_takes_by_default_is_what_the_command_takes(client):
    import inspect

    from ballast.cli import run

    known = inspect.signature(run.respond).parameters
    for name in ("draws", "relief", "seed", "model"):
        assert TOOLS["respond"].properties[name]["default"] == known[name].default
    assert TOOLS["respond"].properties["model"]["enum"] == [m.value for m in run.ModelName]


def test_a_client_without_a_handshake_states_its_revision_in_every_request(client):
    meta = {"_meta": {rpc.VERSION_KEY: "2026-07-28"}}
    found = client.get("server/discover", meta)["result"]
    assert found["supportedVersions"][0] == "2026-07-28"
    assert found["resultType"] == "complete"
    tools = client.get("tools/list", meta)["result"]
    assert (tools["resultType"], tools["cacheScope"]) == ("complete", "public")
    called = client.get("tools/call", {**meta, "name": "show", "arguments": {"scenario": "vehicle-parts"}})
    assert called["result"]["resultType"] == "complete"
    assert called["result"]["structuredContent"]["name"] == "vehicle-parts"
    assert "resultType" not in client.get("tools/list")["result"], "an older client knows no such field"
    wrong = client.get("tools/list", {"_meta": {rpc.VERSION_KEY: "1999-01-01"}})["error"]
    assert wrong["code"] == -32022
    assert wrong["data"] == {"supported": [*rpc.STATELESS, *rpc.HANDSHAKE], "requested": "1999-01-01"}


# ---- the tools -----------------------------------------------------------------------------------


def test_list_is_what_the_two_commands_list(client, capsys):
    found = client.call("list")["structuredContent"]
    assert found.pop("left_out") == {}
    assert found == document(capsys, "book", "list") | document(capsys, "scenario", "list")
    assert {row["grade"] for row in (*found["books"], *found["scenarios"])} <= set(Grade)


def test_show_is_what_the_commands_show_and_says_what_it_left_out(client, capsys):
    whole = document(capsys, "book", "show", "teaching")
    assert client.call("show", book="teaching")["structuredContent"] == {**whole, "left_out": {}}
    found = client.call("show", book="teaching", most=2)["structuredContent"]
    assert found["sectors"] == whole["sectors"][:2]
    assert found["left_out"]["sectors"] == 2, "of four"
    assert found["left_out"]["regions"] == 1, "of three"
    china = client.call("show", book="china-2020", most=2)["structuredContent"]
    assert len(china["sources"]) > 2, "what says how far to trust a figure is not counted as rows"
    assert len(china["history"]) > 2
    assert len(china["regions"]) == 2
    plot = document(capsys, "scenario", "show", "vehicle-parts")
    found = client.call("show", scenario="vehicle-parts")["structuredContent"]
    assert found == {**plot, "left_out": {}}
    assert all(shock["grade"] in set(Grade) for shock in found["shocks"])


def test_why_is_what_the_command_says_and_with_a_scenario_why_it_stops(client, capsys):
    whole = document(capsys, "book", "why", "teaching", "N.vehicles")
    assert whole["provenance"]["node"] == whole["node"] == "N.vehicles"
    assert whole["provenance"]["name"] == {"en": "North, Vehicles", "zh": "北方·整车"}
    found = client.call("why", book="teaching", node="北方.整车")["structuredContent"]
    assert found == {**whole, "grade": "E", "left_out": {}}, "the grade of the book where a node has none"
    found = client.call("why", book="teaching", node="N.vehicles", scenario="vehicle-parts")[
        "structuredContent"
    ]
    assert found["provenance"] == whole["provenance"]
    first = found["held_back_by"][0]
    assert first["id"] == "place C.parts"
    assert [link["node"] for link in first["chain"]] == ["N.vehicles", "C.parts"]
    assert {case["customer"] for case in found["cases"]} == {"N.vehicles"}
    assert found["grade"] == "E"
    assert {row["grade"] for row in found["parameters"]} <= set(Grade)
    assert len(found["parameters"]) >= 20
    struck = client.call("why", book="teaching", node="C.parts", scenario="vehicle-parts")[
        "structuredContent"
    ]
    assert [row["cause"] for row in struck["stops"]] == ["shock"]
    assert "place C.parts" in [row["id"] for row in struck["holds_back"]]


def test_respond_is_the_run_json_of_the_command(client, capsys, tmp_path):
    given = {"draws": 4, "relief": 2, "seed": 3}
    options = [f"--{name}={value}" for name, value in given.items()]
    document(capsys, "respond", "vehicle-parts", *options, f"--out={tmp_path / 'it'}")
    run = json.loads((tmp_path / "it" / "run.json").read_text(encoding="utf-8"))
    whole = {"most": 1000, "characters": 10_000_000}
    found = client.call("respond", scenario="vehicle-parts", **whole, **given)["structuredContent"]
    assert found.pop("left_out") == {}
    order = TOOLS["respond"].parts
    assert [key for key in found if isinstance(found[key], dict | list)] == list(order)
    for key in ("files", "checksums", "relief_curve"):
        del run[key]
    del run["scenario"]["whole"]
    run["seconds"] = found["seconds"]
    # what counts first and of it the worst grade, else as in run.json
    counted = [row for row in run["parameters"] if row["counted"]]
    rest = [row for row in run["parameters"] if not row["counted"]]
    run["parameters"] = [
        row for rows in (counted, rest) for g in "EDCBA" for row in rows if row["grade"] == g
    ]
    assert found == run
    assert all(row["grade"] in set(Grade) for row in found["parameters"])
    made_up = [row["group"] for row in found["parameters"] if row["counted"] and not row["source"]]
    assert made_up == ["Economy tables"], "the teaching book leans on nothing"
    few = client.call("respond", scenario="vehicle-parts", most=1, **given)["structuredContent"]
    for key in ("cases", "parameters"):
        assert few[key] == run[key][:1]
        assert few["left_out"][key] == len(run[key]) - 1
    asked = {"parts": ["parameters"], "skip": 3.0, "most": 2}  # 3.0 is a whole number in JSON
    few = client.call("respond", scenario="vehicle-parts", **given, **asked)["structuredContent"]
    assert few["parameters"] == run["parameters"][3:5]
    assert few["left_out"] == {"parameters": len(run["parameters"]) - 2}
    assert few["grade"] == run["grade"]
    assert "cases" not in few


def test_answers_are_short_enough_for_programs_that_call_tools(client):
    """The largest that is built in: all of it is 160,000 characters of a run and 80,000 of a scenario."""
    found = client.call("respond", scenario="shanghai-2022", draws=2)
    run, text = found["structuredContent"], found["content"][0]["text"]
    assert answers.CHARACTERS * 0.8 < len(text) <= answers.CHARACTERS
    first = [text.index(f'"{key}":[') for key in ("whitelist", "cases", "blockages", "parameters")]
    assert text.index('"headlines":') < first[0] == min(first)
    assert first == sorted(first)
    for key in ("whitelist", "cases", "blockages", "parameters"):
        assert run[key]
        assert run["left_out"][key] > 0
    assert run["landings"]
    assert "landings" not in run["left_out"]
    assert {row["grade"] for row in run["parameters"]} == {"E"}, "the weakest, of which there are many"
    assert all(row["source"] for row in run["parameters"])
    found = client.call("show", scenario="shanghai-2022")
    plot = found["structuredContent"]
    assert len(found["content"][0]["text"]) <= answers.CHARACTERS
    assert plot["left_out"]["shocks"] > 0 < plot["left_out"]["sources"]
    known = {row["key"] for row in plot["sources"]}
    assert {key for row in (*plot["shocks"], *plot["ranges"]) for key in row["sources"]} == known
    for tool, given in (("list", {}), ("show", {"book": "china-2020"}), ("show", {"book": "teaching"})):
        assert len(client.call(tool, **given)["content"][0]["text"]) <= answers.CHARACTERS


def test_a_long_answer_can_be_read_on_to_its_end(client, capsys):
    """Page after page, each from where the last one ended, gives every shock once."""
    whole = document(capsys, "scenario", "show", "shanghai-2022")
    read: list[Any] = []
    while len(read) < len(whole["shocks"]):
        given = {"scenario": "shanghai-2022", "parts": ["shocks"], "skip": len(read)}
        found = client.call("show", **given)
        page = found["structuredContent"]
        assert len(found["content"][0]["text"]) <= answers.CHARACTERS
        assert page["left_out"]["shocks"] == len(whole["shocks"]) - len(page["shocks"])
        assert page["shocks"]
        read += page["shocks"]
    assert read == whole["shocks"]


def test_names_of_folders_may_have_any_space(tmp_path):
    """U+3000, the space of Chinese text, and U+00A0 are no printable characters for Python."""
    place = tmp_path / "我的\u3000账本\u00a01"
    assert main(["book", "build", "teaching", "--out", str(place)]) == 0
    found = Client(cwd=tmp_path)
    assert found.call("show", book=place.name)["structuredContent"]["name"] == "teaching"
    assert found.call("show", book=str(place))["structuredContent"]["name"] == "teaching"
    assert found.close() == 0


def test_names_arrive_whatever_the_encoding_of_the_system(tmp_path):
    found = Client(cwd=tmp_path, PYTHONIOENCODING="ascii", LC_ALL="C")
    node = found.call("why", book="teaching", node="北方.整车")["structuredContent"]
    assert {"en": "Wages", "zh": "工资"} in [label for label, _ in node["provenance"]["value_added"]]
    assert found.close() == 0


# ---- what is wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"hello", -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping"', -32700),
        (b"\xff\xfe", -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', -32600),
        (b'"ping"', -32600),
        (b'{"id": 1, "method": "ping"}', -32600),
        (b'{"jsonrpc": "1.0", "id": 1, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": 7}', -32600),
        (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": true, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": ""}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "initialize"}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"cursor": "x"}}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "resources/list"}', -32601),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "delete"}}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": ["list"]}}', -32602),
        (
            b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", '
            b'"params": {"name": "list", "arguments": 1}}',
            -32602,
        ),
        (b"x" * (rpc.MOST_BYTES + 1), -32600),
        (b"x" * (3 * rpc.MOST_BYTES), -32600),
    ],
    ids=lambda x: str(x)[:60],
)
def test_what_is_no_request_is_told_and_ends_nothing(client, line, code):
    client.write(line + b"\n")
    found = client.hear()
    assert found["error"]["code"] == code
    assert found["error"]["message"]
    assert client.get("ping")["result"] == {}


@pytest.mark.parametrize("key", [rb'"\ud800"', rb'"a\udfffb"'])
def test_an_id_that_cannot_be_sent_back_is_refused(client, key):
    client.write(b'{"jsonrpc": "2.0", "id": %s, "method": "ping"}\n' % key)
    found = client.hear()
    assert (found["id"], found["error"]["code"]) == (None, -32600)
    client.write(rb'{"jsonrpc": "2.0", "id": "\ud83d\ude00\u202e", "method": "ping"}' + b"\n")
    assert client.hear() == {"jsonrpc": "2.0", "id": "\U0001f600\u202e", "result": {}}, "whole characters"


def test_null_is_nothing_stated(client):
    for method in ("ping", "tools/list"):
        client.write(b'{"jsonrpc": "2.0", "id": 0, "method": "%s", "params": null}\n' % method.encode())
        found = client.hear()
        assert found["id"] == 0
        assert "result" in found
    found = client.get("tools/call", {"name": "list", "arguments": None}, LATE)["result"]
    assert found["isError"] is False


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"   ",
        b'{"jsonrpc": "2.0", "method": "notifications/made-up"}',
        b'{"jsonrpc": "2.0", "method": "ping"}',
        b'{"jsonrpc": "2.0", "method": "notifications/cancelled"}',
        b'{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 999}}',
        b'{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": []}}',
        b'{"jsonrpc": "2.0", "id": 5, "result": {}}',
    ],
)
def test_what_asks_for_no_answer_gets_none(client, line):
    client.write(line + b"\n")
    assert client.get("ping")["result"] == {}


@pytest.mark.parametrize(
    ("tool", "given", "words"),
    [
        ("show", {}, "give one of the two"),
        ("show", {"book": "teaching", "scenario": "vehicle-parts"}, "give one of the two"),
        ("show", {"book": 3}, "book: give a name or a path"),
        ("show", {"book": " "}, "book: give a name or a path"),
        ("show", {"book": "teaching\n"}, "book: give a name or a path"),
        ("show", {"book": "x" * 5000}, "book: give a name or a path"),
        ("show", {"book": "teaching\u0000"}, "book: give a name or a path"),
        ("show", {"book": "\ud800"}, "book: give a name or a path"),
        ("show", {"book": "--codes"}, "--codes"),
        ("show", {"book": "nowhere"}, "teaching"),
        ("show", {"scenario": "vehicle-part"}, "Did you mean vehicle-parts?"),
        ("why", {"book": "teaching"}, "node: is missing"),
        ("why", {"book": "teaching", "node": "N.vehicle"}, "N.vehicles"),
        ("respond", {}, "scenario: is missing"),
        ("respond", {"scenario": "vehicle-parts", "out": "here"}, "out: is not taken"),
        (
            "respond",
            {"scenario": "vehicle-parts", "draws": 1},
            "draws: give a whole number from 2 to 10000",
        ),
        ("respond", {"scenario": "vehicle-parts", "draws": "8"}, "draws: give a whole number"),
        ("respond", {"scenario": "vehicle-parts", "draws": True}, "draws: give a whole number"),
        ("respond", {"scenario": "vehicle-parts", "model": "mine"}, "model: give one of default, ario"),
        ("respond", {"scenario": "vehicle-parts", "book": "china-2020", "draws": 2}, "parts"),
        ("respond", {"scenario": "vehicle-parts", "draws": 2.5}, "draws: give a whole number"),
        ("respond", {"scenario": "vehicle-parts", "draws": 1e400}, "draws: give a whole number"),
        ("list", {"most": 0, "more": 1}, "more: is not taken"),
        ("list", {"skip": 3}, "skip: say in parts"),
        ("list", {"parts": []}, "parts: give a list of some of books, scenarios"),
        ("list", {"parts": "books"}, "parts: give a list"),
        ("list", {"parts": [["books"]]}, "parts: give a list"),
        ("show", {"book": "teaching", "parts": ["shocks", "sectors"]}, "no shocks. It has title, grades"),
    ],
)
def test_arguments_that_do_not_fit_are_a_result_that_says_what_to_do(client, tool, given, words):
    found = client.call(tool, **given)
    assert found["isError"] is True
    assert words in found["content"][0]["text"]
    assert found["structuredContent"]["error"]["kind"].endswith("Error")


# ---- time, and nothing left ----------------------------------------------------------------------


def test_a_call_that_takes_too_long_ends_and_others_are_answered_meanwhile(tmp_path):
    """Nothing of it is left: neither the process nor what it had begun to write."""
    found = Client("--seconds", "2", cwd=tmp_path, TMPDIR=str(tmp_path), TEMP=str(tmp_path))
    begun = time.monotonic()
    late = found.ask("tools/call", {"name": "respond", "arguments": {"scenario": "shanghai-2022"}})
    assert found.get("ping")["result"] == {}, "while the other is running"
    answer = found.hear()
    assert time.monotonic() - begun < 2 + 10
    assert answer["id"] == late
    assert answer["result"]["isError"] is True
    assert answer["result"]["structuredContent"]["error"]["kind"] == "Timeout"
    text = answer["result"]["content"][0]["text"]
    assert "longer than the 2 seconds" in text
    assert "--seconds" in text
    short = found.call("respond", scenario="shanghai-2022", seconds=1)["content"][0]["text"]
    assert "longer than the 1 seconds" in short, "a call may have less than the server allows"
    assert not list(tmp_path.glob("ballast-mcp-*/call-*"))
    assert found.close() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_call_that_is_cancelled_is_not_answered(tmp_path):
    found = Client(cwd=tmp_path, TMPDIR=str(tmp_path), TEMP=str(tmp_path))
    params = {"name": "respond", "arguments": {"scenario": "shanghai-2022"}}
    key, begun = found.ask("tools/call", params), time.monotonic()
    again = found.get("ping")["result"]
    assert again == {}
    found.number = key - 1
    assert found.ask("tools/call", {"name": "list"}) == key
    assert "still running" in found.hear()["error"]["message"]
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": key}}
    found.write(json.dumps(cancel).encode() + b"\n")
    assert found.close() == 0
    assert time.monotonic() - begun < 15, "it was not waited for"
    assert found.said.empty()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_but_in_the_temporary_folder(tmp_path):
    """A home, a working folder with a desk's book, and what others compiled: all as they were."""
    kernels = compiled.place()
    assert kernels is not None
    home, desk, room = (tmp_path / name for name in ("home", "desk", "room"))
    for folder in (home, desk, room):
        folder.mkdir()
    assert main(["book", "build", "teaching", "--out", str(desk / "mine")]) == 0
    before = {p: (p.stat().st_mtime_ns, p.is_file() and p.read_bytes()) for p in desk.rglob("*")}
    env = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "LOCALAPPDATA": str(home)}
    env |= {"TMPDIR": str(room), "TEMP": str(room), "NUMBA_CACHE_DIR": str(kernels.parent)}
    found = Client(cwd=desk, **env)
    for tool, given in (
        ("list", {}),
        ("show", {"book": "mine"}),
        ("why", {"book": "mine", "node": "N.vehicles"}),
        ("respond", {"scenario": "vehicle-parts", "book": "mine", "draws": 2, "relief": 0}),
    ):
        assert found.call(tool, **given)["isError"] is False
    assert found.close() == 0
    assert {p: (p.stat().st_mtime_ns, p.is_file() and p.read_bytes()) for p in desk.rglob("*")} == before
    assert list(home.rglob("*")) == []
    assert list(room.iterdir()) == []


@posix
def test_being_told_to_end_closes_what_is_open(tmp_path):
    found = Client(cwd=tmp_path, TMPDIR=str(tmp_path))
    found.ask("tools/call", {"name": "respond", "arguments": {"scenario": "shanghai-2022"}})
    assert found.get("ping")["result"] == {}
    found.process.send_signal(signal.SIGTERM)
    assert found.process.wait(timeout=SOON) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def test_a_client_that_has_gone_ends_the_server(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "ballast", "mcp"],
        cwd=tmp_path, env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.close()
    process.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
    process.stdin.flush()
    assert process.wait(timeout=SOON) == 0
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    assert list(tmp_path.iterdir()) == []


def test_a_workshop_that_is_stopped_takes_no_more():
    with workshop.Workshop(5) as place:
        place.stop()
        found = place.answer(workshop.Call(TOOLS["list"], {}))
    assert found["isError"] is True
    assert found["structuredContent"]["error"]["kind"] == "Cancelled"
