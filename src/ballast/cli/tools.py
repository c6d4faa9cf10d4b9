"""The tools that `ballast mcp` offers: what each takes, and the commands that answer it.

    TOOLS          by name; `document` is what a client is told, `taken` the arguments as they are meant
    INSTRUCTIONS   what a client is told of all of them

A tool is one or two commands of ours with --json: what it gives is what the command gives, as much of it
as answers.py sends.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ballast import safe
from ballast.cli.answers import CHARACTERS, MOST_ROWS
from ballast.errors import InputError
from ballast.evidence import Grade, worst
from ballast.text import Text

LONGEST = 4096  # characters of a name or path

Given = Mapping[str, Any]
Ask = Callable[..., dict[str, Any]]  # the words of a command -> its document

_GRADES = "; ".join(f"{g} {g.meaning.en}（{g.meaning.zh}）" for g in Grade)
INSTRUCTIONS = (
    "Ballast simulates what stops when something breaks in an economy, whom to help first, and where it "
    "ends. Figures are results of a model, not statistics. Say each with its band, its grade and its "
    f"source: {_GRADES}. A result inherits the worst grade it leans on. Begin with list. "
    "Answers are cut: ask for what left_out counts with parts and skip.\n"
    "压舱石推演产业链冲击：哪里会停、先保谁、落在何处。所有数字均为模型结果而非统计数据，"
    "引用时请注明区间、证据等级和来源。可先调用 list。"
    "回答有长度上限，left_out 列明未发送的行数，可用 parts、skip 继续读取。"
)


@dataclass(frozen=True)
class Tool:
    """What a client is told of a tool, and how it is answered: `work(given, ask, folder)`."""

    name: str
    title: Text
    words: Text
    properties: Mapping[str, Mapping[str, Any]]
    required: tuple[str, ...]
    work: Callable[[Given, Ask, Path], dict[str, Any]]

    @property
    def parts(self) -> tuple[str, ...]:
        """What an answer may consist of, in the order in which it is sent."""
        return tuple(self.properties["parts"]["items"]["enum"])

    def document(self, seconds: int) -> dict[str, Any]:
        """As a client is told of it by a server that lets a call take `seconds`."""
        stated = {name: dict(words) for name, words in self.properties.items()}
        if "seconds" in stated:
            bound = {"default": seconds, "maximum": max(seconds, stated["seconds"]["maximum"])}
            stated["seconds"] |= bound
        return {
            "name": self.name,
            "title": f"{self.title.en} {self.title.zh}",
            "description": f"{self.words.en}\n{self.words.zh}",
            "inputSchema": {
                "type": "object",
                "properties": stated,
                "required": list(self.required),
                "additionalProperties": False,
            },
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }

    def taken(self, given: Given) -> Given:
        """The arguments, whole numbers as such; InputError for what the tool does not take, all at once."""
        given = {name: _whole(value) for name, value in given.items()}
        wrong = [f"{name}: is missing" for name in self.required if name not in given]
        for name, value in given.items():
            if name not in self.properties:
                known = ", ".join(self.properties) or "no arguments"
                wrong.append(f"{name}: is not taken. {self.name} takes {known}")
            elif what := _unfit(value, self.properties[name]):
                wrong.append(f"{name}: {what}")
        if "skip" in given and "parts" not in given:
            wrong.append("skip: say in parts which list is to be read on")
        if wrong:
            raise InputError("\n".join(f"{w}." for w in wrong))
        return given


def _whole(value: Any) -> Any:
    """2.0 is a whole number in JSON, and some programs write all numbers so."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unfit(value: Any, stated: Mapping[str, Any]) -> str:
    """What is wrong with a value, by the part of JSON Schema that the tools use; empty for nothing."""
    if stated["type"] == "string":
        text = value if isinstance(value, str) and safe.name(value) == value else ""
        if not text.strip() or len(text) > LONGEST:
            return f"give a name or a path, as printable text of at most {LONGEST} characters"
        if "enum" in stated and value not in stated["enum"]:
            return f"give one of {', '.join(stated['enum'])}"
        return ""
    if stated["type"] == "array":
        known = stated["items"]["enum"]
        fits = isinstance(value, list) and value and all(item in known for item in value)
        return "" if fits else f"give a list of some of {', '.join(known)}"
    if isinstance(value, bool) or not isinstance(value, int):
        return "give a whole number"
    low, high = stated["minimum"], stated["maximum"]
    return "" if low <= value <= high else f"give a whole number from {low} to {high}"


def _text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": words, **more}


def _number(words: str, default: int, low: int, high: int) -> dict[str, Any]:
    return {"type": "integer", "description": words, "default": default, "minimum": low, "maximum": high}


def _sent(*parts: str) -> dict[str, Mapping[str, Any]]:
    """The arguments by which a client says how much of the answer, of these `parts`, it wants."""
    return {
        "parts": {
            "type": "array",
            "description": "Only these parts, with names, grade and sources. Default: all that fits.",
            "items": {"type": "string", "enum": list(parts)},
            "minItems": 1,
        },
        "most": _number("Rows of each list; what is left out is counted.", MOST_ROWS, 1, 1000),
        "skip": _number("Rows to pass over in the lists named in parts, to read on.", 0, 0, 1_000_000),
        "characters": _number(
            "The most that an answer may have: long lists end earlier, and what is left out is counted.",
            CHARACTERS, 2000, 10_000_000,
        ),
    }  # fmt: skip


# ---- the tools -----------------------------------------------------------------------------------


def _list(given: Given, ask: Ask, folder: Path) -> dict[str, Any]:
    return ask("book", "list") | ask("scenario", "list")


def _show(given: Given, ask: Ask, folder: Path) -> dict[str, Any]:
    if len(given.keys() & {"book", "scenario"}) != 1:
        raise InputError("book, scenario: give one of the two.")
    kind = "book" if "book" in given else "scenario"
    return ask(kind, "show", of=[given[kind]])


def _why(given: Given, ask: Ask, folder: Path) -> dict[str, Any]:
    found = ask("book", "why", of=[given["book"], given["node"]])
    place = found["provenance"]
    found["grade"] = place["grade"] or worst(Grade(grade) for _, grade in place["grades"])
    if "scenario" not in given:
        return found
    # the path is the central one, whatever the number of draws: two are the fewest that are taken
    run = _run({"draws": 2, "relief": 0, **given}, ask, folder)
    node = found["node"]
    found["stops"] = [row for row in run["stops"] if row["node"] == node]
    found["held_back_by"] = [row for row in run["blockages"] if _concerns(row, node, "node")]
    found["holds_back"] = [row for row in run["blockages"] if row["supplier"] == node]
    found["cases"] = [row for row in run["cases"] if _concerns(row, node, "customer", "supplier")]
    return found | {key: run[key] for key in ("scenario", "outcome", "notes", "grade", "parameters")}


def _concerns(row: Given, node: str, *keys: str) -> bool:
    return any(row[key] == node for key in keys) or any(x["node"] == node for x in row.get("chain", ()))


def _respond(given: Given, ask: Ask, folder: Path) -> dict[str, Any]:
    return _run(given, ask, folder)


def _run(given: Given, ask: Ask, folder: Path) -> dict[str, Any]:
    """The run.json of `ballast respond`, without what is of use only beside its files."""
    taken = ("book", "draws", "relief", "seed", "model")
    options = [f"--{name}={given[name]}" for name in taken if name in given]
    ask("respond", f"--out={folder}", *options, of=[given["scenario"]])
    run: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for key in ("files", "checksums", "relief_curve"):
        del run[key]
    # what counts and is known worst first: of a list that is cut it matters most
    run["parameters"].sort(key=lambda row: (row["counted"], row["grade"]), reverse=True)
    del run["scenario"]["whole"]  # `show` has it
    return run


_BOOK = _text("A built-in book (see list), or a folder with a book.")
_SCENARIO = _text("A built-in scenario (see list), or a TOML file.")

# what answers consist of, what matters first
_SHOWN = (
    "title",
    "summary",
    "grades",
    "portrait",
    "sectors",
    "regions",
    "shocks",
    "ranges",
    "history",
    "sources",
)
_REASONS = ("stops", "held_back_by", "holds_back", "cases", "provenance", "parameters", "scenario", "notes")
_RUN = (
    "headlines", "whitelist", "cases", "landings", "blockages", "stops", "parameters", "notes", "scenario",
    "book", "settings", "seconds",
)  # fmt: skip

TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "list",
            Text("Books and scenarios", "账本与情景"),
            Text(
                "The built-in books (economies) and scenarios (dated shocks), each with the worst grade of "
                "its figures.",
                "列出内置账本（经济体）和情景（带日期的冲击），附证据等级。",
            ),
            _sent("books", "scenarios"),
            (),
            _list,
        ),
        Tool(
            "show",
            Text("A book or a scenario", "查看账本或情景"),
            Text(
                "What a book holds (size, largest links, concentration, grades, sources, how it was made), "
                "or what a scenario says (each shock with its grade, and sources). Give one of book and "
                "scenario.",
                "查看一个账本（规模、主要联系、集中度、证据等级、来源、形成过程）或一个情景"
                "（各项冲击及其等级、来源）。book 与 scenario 二选一。",
            ),
            {"book": _BOOK, "scenario": _SCENARIO, **_sent(*_SHOWN)},
            (),
            _show,
        ),
        Tool(
            "why",
            Text("Why a place stops", "某处为何停产"),
            Text(
                "Of one place (a sector of a region): its figures, what it buys from whom, and where they "
                "come from, with grades and sources. With a scenario also on which day it stops, for want "
                "of what, the chain behind it, whom it holds back itself, and the cases it is part of.",
                "某一地区某一部门：基本数字、上下游，以及每个数字的来源和等级；"
                "给出情景时，另附何时停产、缺什么、背后的传导链条、影响了谁，以及相关的点对点事项。",
            ),
            {
                "book": _BOOK,
                "node": _text("REGION.SECTOR in codes or names, or the place's name: SH.36, 上海.汽车."),
                "scenario": _SCENARIO,
                **_sent(*_REASONS),
            },
            ("book", "node"),
            _why,
        ),
        Tool(
            "respond",
            Text("What stops, and whom to help first", "冲击应对"),
            Text(
                "Simulate a scenario: what happens if nothing is done, what blocks whom, whom to put back "
                "to work first and what that saves, where it lands against its range, draft cases. Each "
                "figure with its band; parameters and inputs with grade and source. Takes seconds on the "
                "teaching book, half a minute or more on china-2020.",
                "推演一个情景：不采取措施的走势、堵点、优先复工名单及可挽回的损失、指标落点、点对点事项。"
                "数字附区间，参数和输入附等级和来源。教学账本需数秒，china-2020 需半分钟以上。",
            ),
            {
                "scenario": _SCENARIO,
                "book": _text("A built-in book, or a folder with one. Default: the scenario's."),
                "draws": _number("Runs of the ensemble behind the bands.", 64, 2, 10_000),
                "relief": _number("How many places to put back to work first.", 20, 0, 1000),
                "seed": _number("Seed of the ensemble.", 1, 0, 2**31 - 1),
                "model": _text(
                    "How the shock travels.",
                    enum=["default", "ario", "pichler", "inoue-todo"],
                    default="default",
                ),
                **_sent(*_RUN),
                "seconds": _number(
                    "The most that it may take; more than the default is not given.", 300, 1, 86_400
                ),
            },
            ("scenario",),
            _respond,
        ),
    )
}
