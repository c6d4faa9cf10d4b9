"""A line chart that Word draws itself, so that people can restyle it and open its data.

The office libraries at hand write tables but no charts; a chart is one XML part beside the document and one
small workbook with its data. Bands are thin dotted lines in the colour of their path: Word has no band.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from ballast import safe
from ballast.packing import save_workbook
from ballast.report.svg import ticks

_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EPOCH = dt.date(1899, 12, 30)
_EMU = 360_000  # a centimetre
_SPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name, values, colour, and whether it is an edge of a band."""

    name: str
    values: Sequence[float]
    colour: str
    edge: bool = False
    dashed: bool = False


def add(paragraph: Any, dates: Sequence[dt.date], lines: Sequence[Series], alt: str, width: float) -> None:
    """Put the chart into an empty paragraph, `width` cm wide."""
    part = paragraph.part
    number = 1 + sum(p.content_type == _CHART for p in part.package.iter_parts())
    data = Part(
        PackURI(f"/word/embeddings/data{number}.xlsx"), _SHEET, _workbook(dates, lines), part.package
    )
    chart = Part(PackURI(f"/word/charts/chart{number}.xml"), _CHART, b"", part.package)
    link = chart.relate_to(data, RELATIONSHIP_TYPE.PACKAGE)
    chart._blob = _chart(dates, lines, link).encode()
    paragraph.add_run()._r.append(
        _drawing(part.relate_to(chart, RELATIONSHIP_TYPE.CHART), number, alt, width)
    )


def _workbook(dates: Sequence[dt.date], lines: Sequence[Series]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    safe.put_row(sheet, 1, [None, *(s.name for s in lines)])
    for i, day in enumerate(dates):
        safe.put_row(sheet, i + 2, [day, *(float(s.values[i]) for s in lines)])
    out = io.BytesIO()
    save_workbook(book, out)
    return out.getvalue()


def _text(words: str) -> str:
    return escape(safe.name(words))


def _alt(words: str) -> str:
    return quoteattr(safe.name(words))


def _drawing(link: str, number: int, alt: str, width: float) -> Any:
    wide, high = int(width * _EMU), int(width * 0.46 * _EMU)
    return parse_xml(
        '<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
        f'{_SPACES}><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{high}"/>'
        f'<wp:docPr id="{900 + number}" name="chart {number}" descr={_alt(alt)}/><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        f'<c:chart r:id="{link}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )


def _chart(dates: Sequence[dt.date], lines: Sequence[Series], link: str) -> str:
    """Lines over a date axis; the legend leaves the edges of the bands out."""
    series = "".join(_series(i, s, dates) for i, s in enumerate(lines))
    hidden = "".join(
        f'<c:legendEntry><c:idx val="{i}"/><c:delete val="1"/></c:legendEntry>'
        for i, s in enumerate(lines) if s.edge
    )  # fmt: skip
    text = (
        '<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz="900"/></a:pPr>'
        '<a:endParaRPr lang="en-US"/></a:p></c:txPr>'
    )
    grey = '<c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="D5D8DC"/></a:solidFill></a:ln></c:spPr>'
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><c:chartSpace {_SPACES}><c:chart>'
        '<c:autoTitleDeleted val="1"/><c:plotArea><c:layout/><c:lineChart>'
        '<c:grouping val="standard"/>'
        f'<c:varyColors val="0"/>{series}<c:marker val="1"/><c:axId val="1"/>'
        '<c:axId val="2"/></c:lineChart>'
        '<c:dateAx><c:axId val="1"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/>'
        '<c:axPos val="b"/><c:numFmt formatCode="yyyy\\-mm" sourceLinked="0"/><c:majorTickMark val="out"/>'
        f'<c:minorTickMark val="none"/><c:tickLblPos val="low"/>{grey}{text}<c:crossAx val="2"/>'
        '<c:crosses val="autoZero"/><c:auto val="0"/><c:baseTimeUnit val="days"/><c:majorUnit val="1"/>'
        '<c:majorTimeUnit val="months"/></c:dateAx>'
        f'<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/>{_limits(lines)}</c:scaling>'
        f'<c:delete val="0"/><c:axPos val="l"/><c:majorGridlines>{grey}</c:majorGridlines>'
        '<c:numFmt formatCode="0" sourceLinked="0"/><c:majorTickMark val="none"/>'
        '<c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="low"/><c:spPr><a:ln><a:noFill/></a:ln></c:spPr>{text}<c:crossAx val="1"/>'
        '<c:crosses val="min"/><c:crossBetween val="midCat"/>'
        f'<c:majorUnit val="{_unit(lines):g}"/></c:valAx></c:plotArea>'
        f'<c:legend><c:legendPos val="b"/>{hidden}<c:overlay val="0"/>{text}</c:legend>'
        '<c:plotVisOnly val="1"/></c:chart><c:spPr><a:ln><a:noFill/></a:ln></c:spPr>'
        f'<c:externalData r:id="{link}"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    )


def _limits(lines: Sequence[Series]) -> str:
    """Round ends for the value axis, which need not start at zero."""
    values, unit = [float(v) for s in lines for v in s.values], _unit(lines)
    low, high = min(values) // unit * unit, -(-max(*values, 100.0) // unit) * unit
    low = low if low < high else high - unit
    return f'<c:max val="{high:g}"/><c:min val="{low:g}"/>'


def _unit(lines: Sequence[Series]) -> float:
    """The step of the value axis."""
    values = [float(v) for s in lines for v in s.values]
    if max(*values, 100.0) - min(values) < 1e-9:
        return 1.0  # a path that never moves
    first, second, *_ = ticks(min(values), max(*values, 100.0), 5)
    return second - first


def _series(index: int, s: Series, dates: Sequence[dt.date]) -> str:
    column, rows = get_column_letter(index + 2), len(dates) + 1
    dash = "sysDot" if s.edge else "dash" if s.dashed else "solid"
    days = "".join(f'<c:pt idx="{i}"><c:v>{(d - _EPOCH).days}</c:v></c:pt>' for i, d in enumerate(dates))
    points = "".join(f'<c:pt idx="{i}"><c:v>{float(v):.3f}</c:v></c:pt>' for i, v in enumerate(s.values))
    count = f'<c:ptCount val="{len(dates)}"/>'
    return (
        f'<c:ser><c:idx val="{index}"/><c:order val="{index}"/><c:tx><c:strRef><c:f>Sheet!${column}$1</c:f>'
        f'<c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>{_text(s.name)}</c:v></c:pt></c:strCache>'
        f'</c:strRef></c:tx><c:spPr><a:ln w="{9525 if s.edge else 25400}"><a:solidFill>'
        f'<a:srgbClr val="{s.colour.lstrip("#").upper()}"/></a:solidFill><a:prstDash val="{dash}"/></a:ln>'
        f'</c:spPr><c:marker><c:symbol val="none"/></c:marker><c:cat><c:numRef>'
        f"<c:f>Sheet!$A$2:$A${rows}</c:f><c:numCache>"
        f"<c:formatCode>yyyy\\-mm\\-dd</c:formatCode>{count}{days}</c:numCache></c:numRef></c:cat><c:val><c:numRef>"
        f"<c:f>Sheet!${column}$2:${column}${rows}</c:f><c:numCache><c:formatCode>0.0</c:formatCode>{count}{points}"
        '</c:numCache></c:numRef></c:val><c:smooth val="0"/></c:ser>'
    )
