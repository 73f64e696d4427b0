"""A paper as a workbook: one sheet for each section with rows, typed cells, native charts."""

from __future__ import annotations

from io import BytesIO
from math import ceil
from tempfile import TemporaryDirectory
from textwrap import shorten, wrap
from typing import IO, TYPE_CHECKING, Any

from casework.errors import UsageError
from casework.papers import codes
from casework.papers.covers import TITLE, cover, sheets
from casework.papers.form import numbered
from casework.papers.formatting import fraction, log_line
from casework.papers.model import BASIS, NAMED
from casework.papers.svg import COLOURS
from casework.system.progress import steps
from casework.system.spooled import lots
from casework.words import short_date, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.papers.model import Chart, Column, Paper, Section, Share

WIDTHS = {
    "date": 12,
    "count": 11,
    "days": 11,
    "share": 28,
    "code": 14,
    "word": 18,
    "org": 30,
    "conference": 30,
}
WIDE, TEXT, COVER = 60, 24, 88
"""Widths of columns in characters; other columns grow with their cells up to `WIDE`."""

PRINTED = 165
"""The most characters in the width of a sheet, so that 12-point type prints at 9 points or more."""

NARROW = {"word": 12, "org": 16, "conference": 16, "text": 14}
NARROW_WIDE = 34
"""The widths, in characters, to which columns are narrowed if a sheet is too wide; text wraps."""

FOOTER = 240
"""The most characters in a footer or a header."""

MARGINS = {"left": 1.2, "right": 0.6, "top": 0.8, "bottom": 0.8}
"""Margins in inches: those of Decree 30/2020/NĐ-CP, appendix I (30, 15, 20 and 20 mm)."""

LINE = 16
"""The height of a line, in points."""

TALL = 2_000
"""The most rows that get a computed height; Excel computes it for the others."""

ROWS = 1_048_576 - 2
"""The most rows of a sheet, without its headings and its total."""

SHEET_NAME = 31
FIRST_YEAR = 1901
"""The first year all spreadsheets agree on; an earlier day is written as text."""

COUNT = {"num_format": "#,##0", "align": "right", "indent": 1}
"""The form of a number."""

BESIDE = 3
"""How many codes stand in one line: they are no wider than the sheet's column."""

POINTS, PIXELS = 72 / 25.4, 96 / 25.4
"""How many points and pixels a millimetre has."""

CHART = {"width": 760, "height": 120}
BAR = 30
"""The height of a chart without bars and of each bar, in pixels."""


def write(paper: Paper, file: IO[bytes]) -> None:
    """Write the paper; its first sheet describes it.

    Rows are written to disk at once, and only the compressed result is in memory: some thirty bytes
    a row. Raises UsageError if there are too many rows for a sheet, and OSError.
    """
    longest = max((len(section.rows) for section in paper.sections), default=0)
    if longest > ROWS:
        raise UsageError("xlsx.rows", rows=ROWS, longest=longest)
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    # Not into the file itself: what XlsxWriter leaves open when that fails speaks up at exit.
    made = _Open()
    # What it keeps on the disk meanwhile, it does not take away when that fails.
    with TemporaryDirectory(prefix="casework-") as scratch:
        book = Workbook(made, {"constant_memory": True, "tmpdir": scratch})
        book.set_properties({"title": paper.title, "created": paper.written.replace(tzinfo=None)})
        writer = _Writer(book, paper)
        writer.cover()
        for section in sheets(paper):
            writer.section(section)
        writer.charts([chart for section in paper.sections for chart in section.charts])
        try:
            book.close()
        except FileCreateError as error:
            raise OSError(*getattr(error.args[0], "args", error.args)) from None
    file.write(made.getbuffer())


class _Open(BytesIO):
    """A memory buffer that ignores `close`.

    When XlsxWriter fails, the interpreter closes its archive at any time, perhaps after the buffer.
    """

    def close(self) -> None:
        """Stay open."""


class _Writer:
    """A workbook being written, with its cell formats; rows are written from top to bottom."""

    def __init__(self, book: Any, paper: Paper) -> None:
        self.book, self.paper = book, paper
        self.day_form = "dd/mm/yyyy" if paper.lang == "vi" else "yyyy-mm-dd"
        base = {"font_name": "Times New Roman", "font_size": 12, "valign": "top"}
        self.form = {
            "plain": book.add_format(base),
            "wrapped": book.add_format(base | {"text_wrap": True}),
            "title": book.add_format(base | {"bold": True, "font_size": 16}),
            "head": book.add_format(
                base | {"bold": True, "bg_color": "#E8EEF5", "border": 1, "text_wrap": True}
            ),
            "date": book.add_format(base | {"num_format": self.day_form, "align": "left"}),
            # Indented, so that no number touches the text of the next column.
            "count": book.add_format(base | COUNT),
            "total": book.add_format(base | {"bold": True, "top": 1}),
            "sum": book.add_format(base | COUNT | {"bold": True, "top": 1}),
        }
        self.base = base

    def cover(self) -> None:
        """Write the cover sheet: what the paper is, what it was made from, and its codes."""
        sheet = self._sheet(self.paper.title)
        sheet.set_column(0, 0, COVER)
        told = [*cover(self.paper)]
        for row, (text, form) in enumerate(told):
            sheet.set_row(row, LINE * _lines(text, COVER) + (8 if form == TITLE else 0))
            sheet.write_string(row, 0, text, self.form[form])
        if self.paper.proof is not None:
            self._codes(sheet, len(told))

    def _codes(self, sheet: Any, row: int) -> None:
        """Write the codes that prove the paper from a row on; none of them is cut by a page."""
        across, scale = codes.ACROSS + codes.APART, codes.MODULE * PIXELS / codes.DOTS
        for beside in lots([*codes.drawn(self.paper)], BESIDE):
            sheet.set_row(row, across * POINTS)
            # A row without a cell loses its height.
            sheet.write_blank(row, 0, None, self.form["plain"])
            for place, (code, _, told) in enumerate(beside):
                shape = {
                    "image_data": BytesIO(codes.dots(code)),
                    "x_offset": place * across * PIXELS,
                    "y_offset": codes.APART * PIXELS / 2,
                    "x_scale": scale,
                    "y_scale": scale,
                    "description": told,
                }
                sheet.insert_image(row, 0, "code.png", shape)
            row += 1
        said = codes.said(self.paper)
        sheet.set_row(row, LINE * _lines(said, COVER))
        sheet.write_string(row, 0, said, self.form["wrapped"])

    def section(self, section: Section) -> None:
        """Write a section: frozen headings, a filter over the rows, and the total under them."""
        used = section.used("sheet")
        sheet = self._sheet(section.heading)
        columns = [section.columns[i] for i in used]
        widths = self._widths(section, used)
        headings = [column.heading for column in columns]
        sheet.set_row(0, LINE * max(2, *map(_lines, headings, widths)))
        for place, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, heading, self.form["head"])
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        last = 0
        written = steps(section.rows, "writing", len(section.rows))
        for last, row in enumerate(written, start=1):
            if len(section.rows) <= TALL:
                cells = [row[i] for i in used]
                sheet.set_row(last, LINE * self._height(cells, columns, widths))
            for place, (i, column) in enumerate(zip(used, columns, strict=True)):
                self._cell(sheet, last, place, column, row[i])
        sheet.autofilter(0, 0, last, len(used) - 1)
        if section.total is not None:
            values = [section.total[i] for i in used]
            sheet.write_string(last + 1, 0, values[0], self.form["total"])
            for place, value in enumerate(values[1:], start=1):
                self._cell(sheet, last + 1, place, columns[place], value, "sum")

    def _widths(self, section: Section, used: Sequence[int]) -> list[int]:
        """Return the widths of a section's columns, in characters: most cells fit in one line."""
        columns = [section.columns[i] for i in used]
        widths = [WIDE if one.wide else WIDTHS.get(one.kind, TEXT) for one in columns]
        grow = [place for place, one in enumerate(columns) if one.kind in {"text", "code"}]
        for row in section.rows:
            for place in grow:
                if len(row[used[place]] or "") >= widths[place]:
                    widths[place] = min(len(row[used[place]]) + 1, WIDE)
        return _narrowed(widths, columns)

    def _height(
        self, values: Sequence[Any], columns: Sequence[Column], widths: Sequence[int]
    ) -> int:
        """Return the estimated number of lines of a row."""
        named = self.paper.name
        return max(
            (
                _lines(named(column.kind, value) if column.kind in NAMED else value, width)
                for value, column, width in zip(values, columns, widths, strict=True)
                if isinstance(value, str)
            ),
            default=1,
        )

    def _cell(
        self, sheet: Any, row: int, place: int, column: Column, value: Any, form: str = ""
    ) -> None:
        if value is None:
            if column.lacking:
                sheet.write_string(row, place, column.lacking, self.form["plain"])
            return
        # Each kind has its own writer: `write` would take text for a formula or an address.
        match column.kind:
            case "date" if value.year < FIRST_YEAR:
                text = short_date(value, self.paper.lang)
                sheet.write_string(row, place, text, self.form["plain"])
            case "date":
                sheet.write_datetime(row, place, value, self.form["date"])
            case "count" | "days":
                sheet.write_number(row, place, value, self.form[form or "count"])
            case "share":
                self._share(sheet, row, place, value)
            case "word":
                sheet.write_string(row, place, word(value, self.paper.lang), self.form["wrapped"])
            case "org" | "person" | "conference" | "cause":
                name = self.paper.name(column.kind, value)
                sheet.write_string(row, place, name, self.form["wrapped"])
            case _:
                sheet.write_string(row, place, value, self.form["wrapped"])

    def _share(self, sheet: Any, row: int, place: int, value: Share) -> None:
        """Write a rate as a number whose format shows numerator and denominator."""
        told = fraction(value, self.paper.lang)
        if value.hundredths is None:
            said = f"{told} = {word('no_rate', self.paper.lang)}"
            sheet.write_string(row, place, said, self.form["plain"])
            return
        shape = self.book.add_format(self.base | COUNT | {"num_format": f'"{told} = "0.00 %'})
        sheet.write_number(row, place, value.hundredths / BASIS, shape)

    def charts(self, charts: list[Chart]) -> None:
        """Write the charts on a separate sheet, with their numbers."""
        if not charts:
            return
        sheet = self._sheet(word("chart", self.paper.lang))
        sheet.set_column(0, 0, 50)
        sheet.set_column(1, 2, 22)
        row = 0
        for chart in charts:
            sheet.write_string(row, 0, chart.title, self.form["head"])
            for place, series in enumerate(chart.series, start=1):
                sheet.write_string(row, place, series, self.form["head"])
            first = row + 1
            for row, (label, values) in enumerate(chart.bars, start=first):
                sheet.write_string(row, 0, label, self.form["wrapped"])
                for place, value in enumerate(values, start=1):
                    sheet.write_number(row, place, value, self.form["count"])
            drawn = self._drawn(chart, sheet.name, first, row)
            sheet.insert_chart(first - 1, len(chart.series) + 2, drawn)
            row = max(row + 2, first + 8 + 2 * len(chart.bars))

    def _drawn(self, chart: Chart, sheet: str, first: int, last: int) -> Any:
        drawn = self.book.add_chart({"type": "bar", "subtype": "stacked"})
        for place, colour in zip(range(1, len(chart.series) + 1), COLOURS, strict=False):
            drawn.add_series(
                {
                    "name": [sheet, first - 1, place],
                    "categories": [sheet, first, 0, last, 0],
                    "values": [sheet, first, place, last, place],
                    "fill": {"color": colour},
                    "data_labels": {
                        "value": True,
                        "num_format": "#,##0;;",
                        "font": {"color": "white"},
                    },
                    "gap": 60,
                }
            )
        drawn.set_title({"name": chart.title, "name_font": {"size": 14}})
        drawn.set_y_axis({"reverse": True})
        drawn.set_legend({"position": "bottom"})
        drawn.set_size(
            {"width": CHART["width"], "height": CHART["height"] + BAR * (last - first + 1)}
        )
        return drawn

    def _sheet(self, name: str) -> Any:
        sheet = self.book.add_worksheet(self._name(name))
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(**MARGINS)
        number = ", ".join(numbered(self.paper)).replace("&", "&&")
        # Every page has the name of its sheet: nothing else on it says what it lists.
        sheet.set_header(f"{f'&L{number[:FOOTER]}' if number else ''}&C&P&R&A")
        # A number beside it would stand on it where it takes two lines.
        sheet.set_footer(f"&L&9 {log_line(self.paper)[:FOOTER]}")
        return sheet

    def _name(self, wanted: str) -> str:
        """Return a valid and unique name for a sheet."""
        taken = {sheet.name.casefold() for sheet in self.book.worksheets()}
        whole = "".join(" " if c in "[]:*?/\\'" else c for c in wanted).strip()
        kept = shorten(whole, SHEET_NAME, placeholder="") or whole[:SHEET_NAME]
        name, number = kept, 1
        while name.casefold() in taken:
            number += 1
            name = f"{kept[: SHEET_NAME - 4]} {number}"
        return name


def _narrowed(widths: list[int], columns: Sequence[Column]) -> list[int]:
    """Return widths that fit a printed page, as far as text can wrap."""
    least = [
        min(width, NARROW_WIDE if one.wide else NARROW.get(one.kind, width))
        for width, one in zip(widths, columns, strict=True)
    ]
    spare, over = sum(widths) - sum(least), sum(widths) - PRINTED
    if over <= 0 or spare == 0:
        return widths
    part = min(over / spare, 1)
    return [
        width - ceil((width - narrow) * part) for width, narrow in zip(widths, least, strict=True)
    ]


def _lines(text: str, wide: int) -> int:
    """Return the number of lines of a text in a cell `wide` characters wide."""
    if len(text) <= wide and "\n" not in text:
        return 1
    return sum(len(wrap(line, wide)) or 1 for line in text.splitlines()) or 1
