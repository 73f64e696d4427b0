"""A paper as CSV: one table with identifiers that are never translated."""

from __future__ import annotations

import codecs
from typing import IO, TYPE_CHECKING, Any

from casework.papers.formatting import log_line, share
from casework.papers.model import Share
from casework.system.csv_rows import rows_into
from casework.system.text import guarded

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    from casework.papers.model import Paper, Section


def write(paper: Paper, file: IO[bytes]) -> None:
    """Write the cases that a paper lists, or the numbers of a paper without cases.

    The first column names the section of a row; the total of a section has ``.total`` after its
    name. The last row describes the log of the paper.
    """
    write_text(paper, codecs.getwriter("utf-8")(file))


def write_text(paper: Paper, file: SupportsWrite[str]) -> None:
    """Write the same as text."""
    # Rows of one kind: a table of cases with sums between them serves no program.
    lists = [section for section in paper.sections if section.columns[0].key == "ref"]
    sections = paper.sections if not lists else _asked(paper, lists)
    names = dict.fromkeys(column.key for section in sections for column in section.columns)
    writer = rows_into(file)
    writer.writerow(["section", *names])
    for section in sections:
        writer.writerows(_cells(section, row, names) for row in section.rows)
        if section.total is not None:
            section_total = (None, *section.total[1:])
            _, *cells = _cells(section, section_total, names)
            writer.writerow([f"{section.key}.total", *cells])
    writer.writerow(["log", log_line(paper), *[""] * (len(names) - 1)])


def _asked(paper: Paper, lists: list[Section]) -> list[Section]:
    return [one for one in paper.sections if one.asked or one in lists]


def _cells(section: Section, row: tuple[Any, ...], names: dict[str, None]) -> list[str]:
    values = {column.key: value for column, value in zip(section.columns, row, strict=True)}
    return [section.key, *(_cell(values.get(name)) for name in names)]


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case Share():
            return share(value, "en")
        case int():
            return str(value)
        case _:
            return guarded(str(value))
