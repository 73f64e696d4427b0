"""A paper as a document a secretariat can edit, number and sign.

It is made from a template: `paper.docx`, in the form of Decree 30/2020/NĐ-CP, or an office's own
document. Names in double braces are filled in (`PLACES`); the letterhead, the styles and everything
else in the template stay as they are. The parts of the archive have the time of the paper, so that
the same paper has the same bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from casework.errors import UsageError
from casework.papers import elsewhere
from casework.papers.document import Writer
from casework.papers.form import BELOW, HEAD, UPRIGHT, around, arranged, attached, rule, source
from casework.papers.formatting import log_lines, refuse_long
from casework.papers.places import CONTENTS, TABLE, fill, found, is_alone
from casework.system.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from docx.document import Document as Whole

    from casework.papers.form import Form
    from casework.papers.model import Paper
    from casework.papers.places import Found

OURS = Path(__file__).with_name("paper.docx")

PLACES = (
    *("superior", "office", "state", "motto", "number", "date", "kind", "subject", "title", "to"),
    *(CONTENTS, "sent_to", "recipients", "signer", "signatory", "log", TABLE),
)
"""The places in a template, by name: docs/templates.md says what is filled in."""

RULES = {
    "RuleOffice": (12.0, 181.4, BELOW),
    "RuleMotto": (13.0, 272.1, 1.0),
    "RuleSubject": (HEAD, UPRIGHT, BELOW),
}
"""The lines of our template by style: type size above, available width, and the part of it."""

LANGUAGES = {"en": "en-GB", "vi": "vi-VN"}
LONGEST = 255
"""The most characters in a document property."""

OLDEST = datetime(1980, 1, 1, tzinfo=UTC)
"""The earliest possible time of a part."""


def write(paper: Paper, file: IO[bytes], template: Path | None = None) -> None:
    """Write the paper, into an office's own template if one is given.

    Raises UsageError if the paper has too many rows, and the errors of `template.opened`,
    `places.found` and `elsewhere.described`.
    """
    refuse_long(paper)
    if template is None:
        document = Document(str(OURS))
    else:
        from casework.papers.template import opened

        document = opened(template)
    _write(document, paper)
    _describe(document, paper)
    _save(document, max(paper.written, OLDEST), file)


def _write(document: Whole, paper: Paper) -> None:
    there = found(document, PLACES)
    others = elsewhere.described(document, there, PLACES)
    contents = _contents(document, there)
    writer = Writer(document, paper, contents.paragraph)
    form = arranged(paper, writer.upright, writer.turned)
    for one in there:
        if is_alone(one, TABLE):
            writer.take_look(one.paragraph)
    said = {
        **around(paper),
        "title": (visible(paper.title),),
        "log": log_lines(paper),
        TABLE: (),
    }
    _rule_off(document, said)
    for one in there:
        if one is not contents:
            fill(one, said)
    for other in others:
        elsewhere.fill(other, said)
    _put(writer, form, contents)
    shown = any(place[1] == "log" for one in there for place in one.places)
    _attach(writer, form, paper, [] if shown else log_lines(paper))


def _rule_off(document: Whole, said: Mapping[str, Sequence[str]]) -> None:
    """Give the lines of our template the length that the decree requires."""
    for name, (size, room, part) in RULES.items():
        for paragraph in document.element.body.xpath(f".//w:p[w:pPr/w:pStyle/@w:val='{name}']"):
            form = Paragraph(paragraph, document._body).paragraph_format
            place = name.removeprefix("Rule").lower()
            beside = (room - rule(said[place], size, room, part)) / 2
            form.left_indent = form.right_indent = Pt(beside)


def _contents(document: Whole, there: Sequence[Found]) -> Found:
    """Return the place of the contents: a paragraph of the body."""
    (place,) = (one for one in there if CONTENTS in [name[1] for name in one.places])
    if not is_alone(place, CONTENTS) or place.paragraph.getparent() is not document.element.body:
        raise UsageError("template.contents", place=CONTENTS)
    return place


def _put(writer: Writer, form: Form, place: Found) -> None:
    """Write the contents into their place; the end is kept with the signature."""
    writer.begin(place.paragraph)
    for text in form.paragraphs:
        writer.say(text)
    for text in form.notices:
        writer.say(text, italic=True)
    for number, part in enumerate(form.parts, start=1):
        writer.part(part, together=number == len(form.parts))
    writer.say(form.end, together=True)
    writer.end()


def _attach(writer: Writer, form: Form, paper: Paper, log: Sequence[str]) -> None:
    """Add the annexes, and under the last one the line that ties the paper to the log."""
    belongs = attached(paper)
    for part in form.annexes:
        writer.annex(
            part.annex, part.title, belongs, turned=part.laid is not None and part.laid.turned
        )
        writer.table(part, over=bool(log) and part is form.annexes[-1])
    if (log or paper.proof) and not form.annexes:
        writer.annex(*source(paper.lang), belongs, turned=False)
    if log:
        writer.seal(log)
    if paper.proof:
        writer.codes()


def _describe(document: Whole, paper: Paper) -> None:
    about = document.core_properties
    about.title = visible(paper.title)[:LONGEST]
    about.language = paper.lang
    about.created = about.modified = paper.written
    for language in document.styles.element.xpath("w:docDefaults//w:lang"):
        language.set(qn("w:val"), LANGUAGES[paper.lang])


def _save(document: Whole, moment: datetime, file: IO[bytes]) -> None:
    """Save a document whose bytes do not depend on when or where it was written."""
    made = BytesIO()
    document.save(made)
    with ZipFile(made) as parts, ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name in parts.namelist():
            part = ZipInfo(name, moment.timetuple()[:6])
            part.compress_type, part.create_system = ZIP_DEFLATED, 0
            package.writestr(part, parts.read(name))
