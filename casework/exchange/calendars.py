"""Holidays read from a file: CSV, or iCalendar (RFC 5545)."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

from casework.acts.holidays import Entry
from casework.errors import CaseworkError, UsageError
from casework.exchange.days import Choice, Read
from casework.exchange.events import days_of
from casework.exchange.tables import Column, table
from casework.rules.dates import parse
from casework.rules.dates.meaning import ON
from casework.system.text import trimmed, unguarded
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.exchange.sources import Source

SIZE_LIMIT = 1 << 20
COLUMNS = ("day", "kind", "name", "name_vi", "status", "source")
LISTED = [Column(name, name) for name in COLUMNS]
EVERYTHING = Choice()


def read_calendar(source: Source, choice: Choice = EVERYTHING) -> Read:
    """Return the days of a file; raises UsageError, which names the fault, if it has any."""
    source.file.seek(0)
    data = source.file.read(SIZE_LIMIT + 1)
    if len(data) > SIZE_LIMIT:
        raise UsageError("calendar.too-large", name=source.called, limit=SIZE_LIMIT >> 20)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = error.start + 1
        raise UsageError("calendar.not-utf8", name=source.called, place=place) from None
    if text.lstrip()[:15].upper() == "BEGIN:VCALENDAR":
        return days_of(text, source.called, choice)
    found = list(_table(text, source.called, choice))
    if not found:
        raise UsageError("calendar.none", name=source.called, columns=", ".join(COLUMNS))
    return Read(found, [], events=False)


def _table(text: str, name: str | Text, choice: Choice) -> Iterator[Entry]:
    lines = io.StringIO(text, newline="")
    found = table(lines, name, dict(zip(COLUMNS, COLUMNS, strict=True)), LISTED)
    if not {"day", "name"} <= set(found.columns):
        raise UsageError(
            "calendar.not-one",
            name=name,
            listed=", ".join(filter(None, found.columns)),
            columns=", ".join(COLUMNS),
        )
    for number, cells in found.rows:
        if len(cells) > len(found.columns):
            raise fault(
                name, number, Text("table.wide", cells=len(cells), columns=len(found.columns))
            )
        given = {
            column: words
            for column, cell in zip(found.columns, cells, strict=False)
            if column is not None and (words := trimmed(unguarded(cell)))
        }
        if given and (entry := _entry(given, name, number, choice)) is not None:
            yield entry


def _entry(given: dict[str, str], name: str | Text, row: int, choice: Choice) -> Entry | None:
    if "day" not in given or "name" not in given:
        raise fault(name, row, Text("calendar.row-needs"))
    try:
        day = parse(given.pop("day")).fixed(ON)
    except CaseworkError as error:
        raise fault(name, row, error.what) from None
    if day is None:
        raise fault(name, row, Text("calendar.row-year"))
    for column in ("kind", "status"):
        if column in given:
            given[column] = given[column].casefold()
    entry = Entry(day=day, **given)
    if not choice.wants(entry.name) or (choice.years and day.year not in choice.years):
        return None
    said = choice.said(entry.name)
    return entry if said is None else replace(entry, kind=said)


def fault(name: str | Text, row: int, what: Text) -> UsageError:
    """Return the error for a row of a file."""
    return UsageError("calendar.row", name=name, row=row, what=what)
