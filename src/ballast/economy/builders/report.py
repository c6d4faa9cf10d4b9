"""What a builder did: residuals before and after each step, what moved most, what is only estimated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ballast.text import Lang, Text

_NONE = Text("", "")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a build: the largest relative gap to its margins before and after it."""

    name: Text
    before: float
    after: float
    note: Text = _NONE


@dataclass(frozen=True, slots=True)
class Change:
    """One cell a step moved: from what the source says to what the book holds, in the book's unit."""

    step: Text
    cell: str
    source: float
    book: float

    @property
    def factor(self) -> float:
        return self.book / self.source if self.source else float("inf")


@dataclass(frozen=True, slots=True)
class Table:
    """A small table for the page: a title, column heads and rows already formatted."""

    title: Text
    heads: tuple[Text, ...]
    rows: tuple[tuple[str | Text, ...], ...]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The account a builder gives of its book; `str` is English, `markdown` either language."""

    book: str
    steps: tuple[Step, ...] = ()
    changes: tuple[Change, ...] = ()
    tables: tuple[Table, ...] = ()
    estimated: tuple[Text, ...] = ()

    def __str__(self) -> str:
        return self.markdown("en")

    def markdown(self, lang: Lang = "en") -> str:
        """The report as a Markdown section, every number as computed by the build."""
        parts = [_block(*_steps(self.steps), lang)]
        if self.changes:
            parts.append(_block(*_changes(self.changes), lang))
        parts += [_block(t.title, t.heads, t.rows, lang) for t in self.tables]
        if self.estimated:
            title = Text("What is estimated, and how", "哪些是估算，如何估算")
            parts.append(f"### {title[lang]}\n\n" + "\n".join(f"- {t[lang]}" for t in self.estimated))
        return "\n\n".join(parts) + "\n"


def fill(page: str, report: BuildReport, lang: Lang = "en") -> str:
    """`page` with the report between its two marks; the numbers of a page are never typed by hand."""
    first, last = f"<!-- built: {report.book} -->", "<!-- end -->"
    head, _, rest = page.partition(first)
    _, _, tail = rest.partition(last)
    return f"{head}{first}\n\n{report.markdown(lang)}\n{last}{tail}"


_Rows = Iterable[Sequence[str | Text]]


def _steps(steps: Sequence[Step]) -> tuple[Text, tuple[Text, ...], _Rows]:
    title = Text("Largest relative gap to the margins, step by step", "各步与边际合计的最大相对差")
    heads = (Text("step", "步骤"), Text("before", "之前"), Text("after", "之后"), Text("note", "说明"))
    return title, heads, [(s.name, f"{s.before:.3g}", f"{s.after:.2g}", s.note) for s in steps]


def _changes(changes: Sequence[Change]) -> tuple[Text, tuple[Text, ...], _Rows]:
    title = Text("Cells moved most, in the unit of the book", "改动最大的单元（本账单位）")
    heads = (
        Text("step", "步骤"),
        Text("cell", "单元"),
        Text("source", "来源"),
        Text("book", "本账"),
        Text("factor", "倍数"),
    )
    rows = [(c.step, c.cell, f"{c.source:,.0f}", f"{c.book:,.0f}", f"{c.factor:.2f}") for c in changes]
    return title, heads, rows


def _block(title: Text, heads: Sequence[Text], rows: _Rows, lang: Lang) -> str:
    def line(cells: Iterable[str | Text]) -> str:
        return "| " + " | ".join(c[lang] if isinstance(c, Text) else c for c in cells) + " |"

    return "\n".join([f"### {title[lang]}\n", line(heads), "|" + "---|" * len(heads), *map(line, rows)])
