"""A paper as PDF, set by typst in the form of Decree 30/2020/NĐ-CP, with vector charts.

The PDF conforms to PDF/A-2a for archiving and to PDF/UA-1 for screen readers.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from casework.errors import UnavailableError
from casework.papers import codes, svg
from casework.papers.form import (
    ANNEX_RULE,
    BODY,
    HEAD,
    UPRIGHT,
    around,
    arranged,
    attached,
    rule,
    source,
)
from casework.papers.formatting import NUMBERS, log_lines, noted, refuse_long, table, totals
from casework.papers.layout import PADDING, broken
from casework.papers.model import Fact
from casework.system.extras import how_to_install
from casework.system.progress import under_way
from casework.system.spooled import mapped
from casework.system.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casework.papers.form import Part
    from casework.papers.layout import Layout
    from casework.papers.model import Paper, Section

LONG = 1_000
"""The number of rows above which typesetting takes more than a second."""

LAYOUT = Path(__file__).with_name("paper.typ")
FONTS = LAYOUT.with_name("fonts")
ASKED, OURS = "Times New Roman", "Liberation Serif"
"""The font that the decree requires, and the one with the same widths that comes with casework."""

STANDARDS: list[Any] = ["a-2a", "ua-1"]
"""ISO 19005-2, conformance level A, and ISO 14289-1."""

SMALL, NOTE = 10.0, 9.0
"""Type sizes of notes under tables, and of the line about the log."""

TALL = 1_500
"""The number of characters above which a cell may be split between pages."""


def write(paper: Paper, file: IO[bytes]) -> None:
    """Write the paper.

    Raises UnavailableError if typst is not installed, UsageError if the paper has too many rows.
    The contents are passed to typst as data, so that nothing in them is taken for markup.
    """
    refuse_long(paper)
    try:
        import typst
    except ModuleNotFoundError:
        hint = how_to_install("pdf", "typst")
        raise UnavailableError("pdf.no-typst", hint) from None
    data = json.dumps(_data(paper), ensure_ascii=False)
    moment = int(paper.written.timestamp())
    with under_way("setting") as tell:
        rows = sum(len(section.rows) for section in paper.sections)
        if rows > LONG:
            tell(0, rows)
        try:
            made = _set(data, moment)
        except typst.TypstError:
            missing = _missing({letter for letter in data if letter > LAST_KNOWN})
            if not missing:
                raise
            spelt = {ord(one): f"<U+{ord(one):04X}>" for one in missing}
            made = _set(json.dumps(_data(_spelt(paper, spelt)), ensure_ascii=False), moment)
    file.write(made)


def _spelt(paper: Paper, letters: Mapping[int, str]) -> Paper:
    """Return a paper with letters replaced as given."""

    def put(value: Any) -> Any:
        if isinstance(value, str):
            return visible(value).translate(letters)
        if type(value) in {tuple, list}:
            return type(value)(map(put, value))
        return {key: put(one) for key, one in value.items()} if isinstance(value, dict) else value

    def section(one: Section) -> Section:
        charts = tuple(
            replace(chart, bars=[(put(label), values) for label, values in chart.bars])
            for chart in one.charts
        )
        rows = mapped(one.rows, lambda row: tuple(map(put, row)))
        return replace(one, rows=rows, charts=charts)

    texts = ("title", "subject", "lead", "notices", "remarks")
    return replace(
        paper,
        **{name: put(getattr(paper, name)) for name in texts},
        facts=tuple(Fact(*map(put, one)) for one in paper.facts),
        names=put(dict(paper.names)),
        office=put(dict(paper.office)),
        sections=tuple(map(section, paper.sections)),
    )


LAST_KNOWN = "\u1eff"
"""The last letter of the alphabets of Vietnamese and similar scripts."""


def _set(data: str, moment: int) -> bytes:
    import typst

    made: bytes = typst.compile(
        str(LAYOUT),
        root=str(LAYOUT.parent),
        font_paths=_fonts()[1],
        sys_inputs={"paper": data},
        timestamp=moment,
        pdf_standards=STANDARDS,
    )
    return made


def _missing(letters: set[str]) -> set[str]:
    """Return the letters that no font of this machine has, or that PDF/A does not allow."""
    import typst

    if not letters:
        return letters
    text = json.dumps("".join(sorted(letters)), ensure_ascii=False)
    try:
        tried = f"#set document(title: [t])\n#set text(font: {json.dumps(font())})\n#{text}"
        typst.Compiler(tried.encode(), font_paths=_fonts()[1]).compile(pdf_standards=STANDARDS)
    except typst.TypstError:
        if len(letters) == 1:
            return letters
        half = sorted(letters)[::2]
        return _missing({*half}) | _missing(letters.difference(half))
    return set()


def font() -> str:
    """Return the font of papers: the required one if this machine has it."""
    return _fonts()[0]


@cache
def _fonts() -> tuple[str, Any]:
    """Return the font of papers and the fonts for typst, those of casework first.

    A machine may have an older font of the same name, without the letters of Vietnamese.
    """
    import typst

    theirs = typst.Fonts(include_embedded_fonts=False)
    folders = sorted({str(Path(one.path).parent) for one in theirs.fonts() if one.path})
    found = typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS), *folders])
    return ASKED if ASKED in theirs.families() else OURS, found


def _data(paper: Paper) -> dict[str, Any]:
    form, places = arranged(paper), around(paper)
    seal = [broken(line, UPRIGHT, NOTE) for line in log_lines(paper)]
    annexes = [_part(one, paper) for one in form.annexes]
    return {
        "lang": paper.lang,
        "font": font(),
        "title": paper.title,
        "words": {
            name: [broken(line, UPRIGHT, HEAD) for line in lines] for name, lines in places.items()
        },
        "rules": _rules(places),
        "paragraphs": [broken(one, UPRIGHT, BODY) for one in form.paragraphs],
        "notices": [broken(one, UPRIGHT, BODY) for one in form.notices],
        "parts": [_part(one, paper) for one in form.parts],
        "end": broken(form.end, UPRIGHT, BODY),
        "attached": broken(attached(paper), UPRIGHT, BODY),
        "annexes": annexes or [_source(paper)],
        "seal": seal,
        "codes": [
            {"svg": codes.picture(code), "wide": wide, "told": told}
            for code, wide, told in codes.drawn(paper)
        ],
        "apart": codes.APART,
        "covers": broken(codes.said(paper), UPRIGHT, NOTE),
    }


def _rules(places: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Return the lengths of the lines in the head, and of the one in the head of an annex."""
    side = UPRIGHT * 2 / 5
    return {
        "office": rule(places["office"], 12.0, side),
        "motto": rule(places["motto"], 13.0, UPRIGHT - side, 1.0),
        "subject": rule(places["subject"], HEAD, UPRIGHT),
        "annex": ANNEX_RULE,
    }


def _source(paper: Paper) -> dict[str, Any]:
    """Return the annex about the origin of the figures, for a paper without other annexes."""
    name, title = source(paper.lang)
    return {"annex": name, "title": title, "said": "", "turned": False, "charts": [], "columns": []}


def _part(part: Part, paper: Paper) -> dict[str, Any]:
    section, laid = part.section, part.laid
    told = {
        "annex": part.annex,
        "title": broken(part.title, UPRIGHT, HEAD),
        "said": broken(part.said, UPRIGHT, BODY),
        "turned": laid is not None and laid.turned,
        "columns": [],
        "charts": [
            {
                "title": chart.title,
                "told": svg.described(chart, paper.lang),
                "svg": svg.picture(chart, paper.lang),
            }
            for chart in (section.charts if part.charts else ())
        ],
    }
    return told if laid is None else told | _table(part, laid, paper)


def _table(part: Part, laid: Layout, paper: Paper) -> dict[str, Any]:
    section = part.section
    columns, rows = table(section, paper)
    last = [] if section.total is None else [totals(section, paper)]
    room = [width - PADDING for width in laid.widths]
    cells = [_parted(row, room, laid) if laid.breaks else row for row in rows]
    return {
        "size": laid.size,
        "columns": [
            {
                "heading": _parted([one.heading], [wide], laid)[0],
                "width": width,
                "right": one.kind in NUMBERS,
            }
            for one, width, wide in zip(columns, laid.widths, room, strict=True)
        ],
        "rows": [{"cells": row, "whole": max(map(len, row)) <= TALL} for row in cells],
        "total": [cell for row in last for cell in _parted(row, room, laid)],
        "note": broken(noted(section), UPRIGHT, SMALL),
    }


def _parted(cells: Sequence[str], room: Sequence[float], laid: Layout) -> list[str]:
    return [broken(cell, wide, laid.size) for cell, wide in zip(cells, room, strict=True)]
