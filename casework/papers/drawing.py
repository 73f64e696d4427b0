"""Charts of a Word document, drawn by Word itself from the numbers in them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.parser import parse_xml

from casework.papers.svg import COLOURS, described
from casework.system.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document
    from docx.text.paragraph import Paragraph

    from casework.papers.model import Chart

CONTENT = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chart"
NAMES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
POINT = 12_700
"""The drawing units in a point."""

AROUND, BAR = 60, 26
"""The height of a chart without bars, and of each bar, in points."""


def draw(chart: Chart, paragraph: Paragraph, document: Document, width: float, lang: str) -> None:
    """Draw a chart in a paragraph, `width` points wide, with alternative text."""
    package = document.part.package
    number = 1 + sum("/word/charts/" in one.partname for one in package.iter_parts())
    name = PackURI(f"/word/charts/chart{number}.xml")
    part = Part(name, CONTENT, _chart(chart).encode(), package)
    told = escape(described(chart, lang))
    size = f'cx="{int(width * POINT)}" cy="{(AROUND + BAR * len(chart.bars)) * POINT}"'
    drawn: Any = parse_xml(
        '<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
        f' {NAMES}><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f'<wp:docPr id="{1_000 + number}" name="Chart {number}" descr="{told}"/>'
        "<wp:cNvGraphicFramePr/><a:graphic><a:graphicData"
        ' uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        f'<c:chart r:id="{document.part.relate_to(part, RELATION)}"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    paragraph.add_run()._r.append(drawn)


def _chart(chart: Chart) -> str:
    labels = [visible(label) for label, _ in chart.bars]
    drawn = "".join(
        _series(place, name, labels, [values[place] for _, values in chart.bars])
        for place, name in enumerate(chart.series)
    )
    axis = '<c:scaling><c:orientation val="{}"/></c:scaling><c:delete val="{}"/>'
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><c:chartSpace {NAMES}>'
        '<c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>'
        '<c:barChart><c:barDir val="bar"/><c:grouping val="stacked"/><c:varyColors val="0"/>'
        f'{drawn}<c:gapWidth val="60"/><c:overlap val="100"/><c:axId val="1"/><c:axId val="2"/>'
        f'</c:barChart><c:catAx><c:axId val="1"/>{axis.format("maxMin", 0)}<c:axPos val="l"/>'
        '<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/>'
        '<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/><c:crossAx val="2"/></c:catAx>'
        f'<c:valAx><c:axId val="2"/>{axis.format("minMax", 1)}<c:axPos val="b"/>'
        '<c:numFmt formatCode="#,##0" sourceLinked="0"/><c:majorTickMark val="none"/>'
        '<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/><c:crossAx val="1"/></c:valAx>'
        '</c:plotArea><c:legend><c:legendPos val="t"/><c:overlay val="0"/></c:legend>'
        '<c:plotVisOnly val="1"/></c:chart><c:spPr><a:ln><a:noFill/></a:ln></c:spPr><c:txPr>'
        f"<a:bodyPr/><a:p><a:pPr>{_letters('000000')}</a:pPr><a:endParaRPr/></a:p></c:txPr>"
        "</c:chartSpace>"
    )


def _series(place: int, name: str, labels: Sequence[str], values: Sequence[int]) -> str:
    told = "".join(
        f'<c:pt idx="{at}"><c:v>{escape(label)}</c:v></c:pt>' for at, label in enumerate(labels)
    )
    numbers = "".join(
        f'<c:pt idx="{at}"><c:v>{value}</c:v></c:pt>' for at, value in enumerate(values)
    )
    count = f'<c:ptCount val="{len(labels)}"/>'
    shown = "".join(
        f'<c:{what} val="{int(what == "showVal")}"/>'
        for what in ("showLegendKey", "showVal", "showCatName", "showSerName", "showPercent")
    )
    return (
        f'<c:ser><c:idx val="{place}"/><c:order val="{place}"/><c:tx><c:v>{escape(visible(name))}'
        f'</c:v></c:tx><c:spPr><a:solidFill><a:srgbClr val="{COLOURS[place][1:]}"/></a:solidFill>'
        '</c:spPr><c:invertIfNegative val="0"/><c:dLbls><c:numFmt formatCode="#,##0;;"'
        ' sourceLinked="0"/><c:spPr><a:noFill/></c:spPr><c:txPr><a:bodyPr/><a:p><a:pPr>'
        f"{_letters('FFFFFF')}</a:pPr><a:endParaRPr/></a:p></c:txPr>{shown}"
        '<c:showBubbleSize val="0"/></c:dLbls>'
        f"<c:cat><c:strLit>{count}{told}</c:strLit></c:cat>"
        f"<c:val><c:numLit><c:formatCode>General</c:formatCode>{count}{numbers}</c:numLit></c:val>"
        "</c:ser>"
    )


def _letters(colour: str) -> str:
    return (
        f'<a:defRPr sz="1100"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
        '<a:latin typeface="Times New Roman"/><a:cs typeface="Times New Roman"/></a:defRPr>'
    )
