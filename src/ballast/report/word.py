"""report.docx: the short report as a document that people edit and sign off.

Real Word styles (headings, captions, a table style), header rows that repeat, East Asian fonts named
(仿宋 for text, 黑体 for headings), page numbers. With both languages the second starts on a new page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

import ballast
from ballast import safe, units
from ballast.evidence import Grade
from ballast.packing import save_document
from ballast.report import brief, colours, tables, wordchart
from ballast.report.facts import Facts
from ballast.report.words import Words
from ballast.text import Lang

if TYPE_CHECKING:
    from ballast.response import Response

_BODY, _HEAD = ("Times New Roman", "仿宋"), ("Arial", "黑体")
_WIDTH = 17.0  # cm between the margins of A4
_TITLE = 240  # characters; the file's properties hold 255, with the count of what is cut off
_MOST_CASES, _MOST_PICKS, _MOST_BLOCKAGES = 15, 20, 10


def write(response: Response, facts: Facts, langs: Sequence[Lang], path: Path) -> None:
    """One part a language."""
    document: Any = Document()
    _styles(document)
    for i, lang in enumerate(langs):
        section = document.add_section() if i else document.sections[0]
        _page(section, response.scenario.title[lang])
        Part(document, response, facts, lang).write()
    document.core_properties.title = safe.line(response.scenario.title[langs[0]], _TITLE)
    document.core_properties.author = "Ballast"
    document.core_properties.comments = ""
    save_document(document, path)


def say(paragraph: Any, words: str) -> Any:
    """Add text to a paragraph and return the run: the one way words get into the document."""
    return paragraph.add_run(safe.words(words))


# ---- styles ------------------------------------------------------------------------------------


def _styles(document: Any) -> None:
    normal = document.styles["Normal"]
    _font(normal, _BODY, 11)
    normal.paragraph_format.space_after = Pt(5)
    normal.paragraph_format.line_spacing = 1.2
    sizes = (("Title", 22), ("Heading 1", 15), ("Heading 2", 12.5), ("Caption", 9.5))
    for name, size in sizes:
        style = document.styles[name]
        _font(style, _HEAD, size)
        style.font.bold, style.font.italic = name != "Caption", False
        style.paragraph_format.space_before = Pt(4 if name in ("Title", "Caption") else 13)
        style.paragraph_format.space_after = Pt(4)
        style.paragraph_format.keep_with_next = True
    borders = document.styles["Title"].element.find(".//" + qn("w:pBdr"))
    if borders is not None:
        borders.getparent().remove(borders)
    for name in ("List Number", "List Bullet"):
        _font(document.styles[name], _BODY, 11)


def _font(style: Any, names: tuple[str, str], size: float) -> None:
    """Western and East Asian font; theme fonts would win over names, so they go."""
    style.font.name, style.font.size = names[0], Pt(size)
    style.font.color.rgb = RGBColor(0x1A, 0x1C, 0x1F)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{key}"), None)
    fonts.set(qn("w:eastAsia"), names[1])
    fonts.set(qn("w:hAnsi"), names[0])


def _page(section: Any, title: str) -> None:
    """A4 with the title and the page number at its foot, in the section's language."""
    section.footer.is_linked_to_previous = False
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.0)
    section.top_margin = section.bottom_margin = Cm(2.0)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    say(footer, f"{title}  ")
    _field(footer, "PAGE")


def _field(paragraph: Any, code: str, shown: str = "1") -> None:
    """A Word field such as a page or a caption number."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = shown
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


# ---- one language ------------------------------------------------------------------------------


class Part:
    """The report in one language, written top to bottom."""

    def __init__(self, document: Any, response: Response, facts: Facts, lang: Lang) -> None:
        self.document, self.response, self.facts, self.lang = document, response, facts, lang
        self.words = Words(lang, response.economy.scope)
        self.counts: dict[str, int] = {}

    def write(self) -> None:
        self.front()
        self.landings()
        self.key_months()
        self.whitelist()
        self.cases()
        self.sectors()
        self.blockages()
        self.method()
        self.evidence()

    def front(self) -> None:
        """Title and the seven answers."""
        s, words = self.response.scenario, self.words
        say(self.document.add_paragraph(style="Title"), s.title[self.lang])
        self.text(s.summary[self.lang])
        last = s.start + dt.timedelta(days=s.days - 1)
        self.text(
            words(
                "page.period",
                first=units.day(s.start, self.lang),
                last=units.day(last, self.lang),
                days=s.days,
                decision=units.day(s.decision, self.lang),
            )
        )
        for answer in brief.answers(self.response, self.facts, self.lang):
            say(self.document.add_paragraph(style="Heading 2"), answer.question)
            paragraph = self.text("")
            say(paragraph, answer.lead).bold = True
            gap = "" if self.lang == "zh" else " "
            more = (self.words("know.more_word"),) if answer.key == "know" else answer.more
            for note in answer.notes:
                say(paragraph, gap + note).bold = True
            say(paragraph, "".join(gap + text for text in more))
            for number, item in enumerate(answer.items, 1):
                line = self.text(f"{number}. {item.what}{'，' if self.lang == 'zh' else ', '}{item.number}")
                line.paragraph_format.left_indent, line.paragraph_format.space_after = Cm(0.6), Pt(1)

    def landings(self) -> None:
        if self.response.landings:
            self.heading("landing.heading")
            self.table(
                tables.landings(self.response), brief.landing_title(self.response, self.facts, self.words)
            )

    def key_months(self) -> None:
        """Month by month, the whole country: the path chart as numbers."""
        words, national = self.words, self.facts.national
        self.heading("path.heading")
        self.path_chart()
        keys = ("month", "nothing", "nothing_band", "plan", "plan_band")
        heads = [
            words("col.with_unit", name=words(f"col.{k}"), unit="%") if i else words(f"col.{k}")
            for i, k in enumerate(keys)
        ]
        rows = []
        for month in self.facts.months:
            row = national.loc[month]
            rows.append(
                [
                    units.month(month, self.lang),
                    units.signed(row.nothing),
                    tables.band_text(row.nothing_low, row.nothing_high)[self.lang],
                    units.signed(row.plan),
                    tables.band_text(row.plan_low, row.plan_high)[self.lang],
                ]
            )
        self.grid(heads, rows, [3, 3, 4, 3, 4], "lrrrr", words("doc.months"))

    def path_chart(self) -> None:
        """The path as a chart that Word draws, its title above."""
        words, r = self.words, self.response
        lines = []
        for key, band, colour in (
            ("nothing", r.path, colours.NOTHING), ("plan", r.plan_path, colours.PLAN)
        ):  # fmt: skip
            if key == "plan" and not self.facts.planned:
                break
            name = words(f"label.{key}")
            lines.append(wordchart.Series(name, band.mid.tolist(), colour, dashed=key == "plan"))
            for edge, values in (("low", band.low), ("high", band.high)):
                title = words("doc.edge", name=name, edge=words(f"col.band_{edge}"))
                lines.append(wordchart.Series(title, values.tolist(), colour, edge=True))
        title = brief.path_title(self.facts, words)
        self.caption("doc.figure", "Figure", title)
        paragraph = self.text("", keep=True)
        dates = [tables.as_date(d) for d in r.dates]
        wordchart.add(paragraph, dates, lines, title, _WIDTH)
        stop = "。" if self.lang == "zh" else ". "
        self.text(f"{words('axis.baseline')}{stop}{words('doc.dotted')}", small=True)

    def whitelist(self) -> None:
        table = tables.whitelist(self.response)
        if table.rows:
            self.heading("relief.heading")
            self.text(brief.relief_title(self.response, self.facts, self.words), keep=True)
            self.table(table, self.words("whitelist.note"), _MOST_PICKS)

    def cases(self) -> None:
        table = tables.cases(self.response, None)
        if table.rows:
            self.heading("cases.heading")
            shown = min(len(table.rows), _MOST_CASES)
            if shown < len(table.rows):
                self.text(self.words("doc.more_cases", shown=shown, n=len(table.rows)), keep=True)
            # the reason repeats what the columns say; it is in cases.xlsx
            keep = ("rank", "supplier", "product", "customer", "short_from", "at_stake", "corridor")
            self.table(table.only(keep), self.words("cases.note"), shown)

    def sectors(self) -> None:
        """Industrial sectors by month, shaded with the scale of the charts."""
        matrix = tables.sector_months(self.response, self.facts)
        if not matrix.codes:
            return
        self.heading("heat.heading")
        heads = [self.words("col.sector"), *(units.month(m, self.lang) for m in matrix.months)]
        rows = [
            [name[self.lang], *(units.signed(v) for v in matrix.values.loc[code])]
            for name, code in zip(matrix.names, matrix.codes, strict=True)
        ]
        each = min(2.4, 10.5 / max(len(matrix.months), 1))
        widths = [_WIDTH - each * len(matrix.months), *[each] * len(matrix.months)]
        title = brief.heat_title(self.response, self.facts, self.words)
        grid = self.grid(heads, rows, widths, "l" + "r" * len(matrix.months), title)
        for i, code in enumerate(matrix.codes, 1):
            for j, value in enumerate(matrix.values.loc[code], 1):
                _shade(grid.cell(i, j), value)
        self.text(self.words("heat.note"), small=True)

    def blockages(self) -> None:
        table = tables.blockages(self.response)
        if table.rows:
            self.heading("blockages.heading")
            self.text(self.words("blockages.note"), keep=True)
            title = brief.chains_title(self.response, self.facts, self.words)
            keep = ("rank", "clear", "saved", "there", "at_stake_most", "missing", "short_since")
            self.table(table.only(keep), title, _MOST_BLOCKAGES)

    def method(self) -> None:
        self.heading("method.heading")
        for key in ("method.lead", "method.relief", "method.limits"):
            self.text(self.words(key))

    def evidence(self) -> None:
        """How many inputs of each grade, and the model's own parameters; sources are in the other files."""
        self.heading("evidence.heading")
        self.text(self.words("doc.sources"), keep=True)
        groups = list(dict.fromkeys(x.group[self.lang] for x in self.response.evidence))
        heads = [self.words("col.group"), *(f"{self.words('col.grade')} {g}" for g in Grade)]
        rows = [[group, *(units.number(self._graded(group, g)) for g in Grade)] for group in groups]
        self.grid(heads, rows, [5.0, *[2.4] * len(Grade)], "l" + "r" * len(Grade), self.words("doc.graded"))
        table = tables.evidence(self.response).only(("parameter", "value", "span", "unit", "grade"))
        first = sum(x.group[self.lang] == groups[0] for x in self.response.evidence) if groups else 0
        if first:
            self.table(table, groups[0], first)
        self.text(self.words("page.made", version=ballast.__version__), small=True)

    def _graded(self, group: str, grade: Grade) -> int:
        return sum(x.group[self.lang] == group and x.grade == grade for x in self.response.evidence)

    # ---- pieces --------------------------------------------------------------------------------

    def heading(self, key: str) -> None:
        say(self.document.add_paragraph(style="Heading 1"), self.words(key))

    def text(self, words: str, *, small: bool = False, keep: bool = False) -> Any:
        """A paragraph; `keep` holds it on the page of what follows."""
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = keep
        run = say(paragraph, words)
        if small:
            run.font.size = Pt(9)
        return paragraph

    def caption(self, key: str, series: str, words: str) -> None:
        """A numbered caption that Word keeps counting when tables are added or removed."""
        self.counts[series] = self.counts.get(series, 0) + 1
        title = self.document.add_paragraph(style="Caption")
        say(title, f"{self.words(key)} ")
        _field(title, f"SEQ {series}", str(self.counts[series]))
        say(title, f"  {words}")

    def table(self, table: tables.Table, caption: str, most: int | None = None) -> Any:
        """One of the report's tables, its widths in proportion, none too narrow for a word or a date."""
        rows = table.formatted(self.facts, self.lang)[:most]
        least = {"date": 22, "money": 15}
        wide = [
            max(min(c.width, 60 if c.kind == "long" else 34), least.get(c.kind, 11)) for c in table.columns
        ]
        widths = [_WIDTH * w / sum(wide) for w in wide]
        align = "".join("r" if c.kind in tables.NUMERIC else "l" for c in table.columns)
        return self.grid(table.headers(self.facts, self.lang), rows, widths, align, caption)

    def grid(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        align: str,
        caption: str,
    ) -> Any:
        """A captioned table with a header row that repeats on every page."""
        self.caption("doc.table", "Table", caption)
        grid = self.document.add_table(rows=1 + len(rows), cols=len(heads))
        grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(grid.columns, widths, strict=True):
            column.width = Cm(width)
        for row, texts in zip(grid.rows, (heads, *rows), strict=True):
            for cell, text, width, side in zip(row.cells, texts, widths, align, strict=True):
                _fill(cell, text, width, side)
        held = grid.rows[:-1] if len(rows) <= 6 else grid.rows[:4]
        for row in held:  # a header alone at the foot of a page helps nobody
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
        _rules(grid)
        self.document.add_paragraph().paragraph_format.space_after = Pt(2)
        return grid


# ---- table drawing -----------------------------------------------------------------------------


def _fill(cell: Any, text: str, width: float, side: str) -> None:
    cell.width = Cm(width)
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after, paragraph.paragraph_format.line_spacing = Pt(0), 1.0
    if side == "r":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    say(paragraph, text).font.size = Pt(8)


def _rules(grid: Any) -> None:
    """Three lines as statistical yearbooks have them, thin ones between rows, a bold repeating header."""
    header = grid.rows[0]
    mark = OxmlElement("w:tblHeader")
    header._tr.get_or_add_trPr().append(mark)
    for cell in header.cells:
        for run in cell.paragraphs[0].runs:
            run.font.bold = True
    for row in grid.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    properties = grid._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for edge, size, colour in (("top", 12, "1A1C1F"), ("bottom", 12, "1A1C1F"), ("insideH", 4, "D5D8DC")):
        line = OxmlElement(f"w:{edge}")
        for key, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", colour)):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    properties.append(borders)


def _shade(cell: Any, value: float) -> None:
    shade = OxmlElement("w:shd")
    for key, text in (("val", "clear"), ("color", "auto"), ("fill", colours.fill(value).upper())):
        shade.set(qn(f"w:{key}"), text)
    cell._tc.get_or_add_tcPr().append(shade)
    for run in cell.paragraphs[0].runs:
        run.font.color.rgb = RGBColor.from_string(colours.ink(value).upper())
