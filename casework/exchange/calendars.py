"""Holidays read from a file: CSV, or iCalendar (RFC 5545) with all-day events."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from casework.dates import parse_date
from casework.errors import CaseworkError, UsageError
from casework.holidays import Entry
from casework.text import unguarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.exchange.sources import Source

SIZE_LIMIT = 1 << 20
SPAN_LIMIT = 31
"""How many days one event may last; a longer one is no holiday."""

COLUMNS = ("day", "kind", "name", "name_vi", "status", "source")

_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_ESCAPED = re.compile(r"\\([\\;,nN])")
REPEATING = {"RRULE", "RDATE", "EXDATE"}


def read_calendar(source: Source) -> list[Entry]:
    """Return the days of a file; raises UsageError for a file with any fault, naming it."""
    source.file.seek(0)
    data = source.file.read(SIZE_LIMIT + 1)
    if len(data) > SIZE_LIMIT:
        raise UsageError(
            f"{source.name} is larger than {SIZE_LIMIT >> 20} MiB", "a calendar of days is not"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{source.name} is not UTF-8 text: {error.reason}", "save the file as UTF-8"
        ) from None
    lines = text.splitlines()
    begun = next((line for line in lines if line.strip()), "")
    icalendar = begun.strip().upper() == "BEGIN:VCALENDAR"
    found = list((_events if icalendar else _table)(lines, source.name))
    if not found:
        raise UsageError(f"{source.name} holds no days", f"a CSV has {', '.join(COLUMNS)}")
    return found


def _table(lines: list[str], name: str) -> Iterator[Entry]:
    reader = csv.reader(lines, strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        unknown = [column for column in header if column not in COLUMNS]
        if unknown or not {"day", "name"} <= set(header) or len(set(header)) < len(header):
            raise UsageError(
                f"{name} is no calendar: its first row is {', '.join(header) or 'empty'}",
                f"a CSV has the columns day and name, and may have {', '.join(COLUMNS)}",
            )
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise _fault(name, reader.line_num, f"{len(cells)} cells, {len(header)} columns")
            given = {
                column: words
                for column, cell in zip(header, cells, strict=True)
                if (words := unguarded(cell).strip())
            }
            yield _entry(given, name, reader.line_num)
    except csv.Error as error:
        raise _fault(name, reader.line_num, str(error)) from None


def _entry(given: dict[str, str], name: str, line: int) -> Entry:
    if "day" not in given or "name" not in given:
        raise _fault(name, line, "a day has a date and a name")
    try:
        return Entry(day=parse_date(given.pop("day")), **given)
    except CaseworkError as error:
        raise _fault(name, line, error.message) from None


def _fault(name: str, line: int, fault: str) -> UsageError:
    return UsageError(f"{name}, line {line}: {fault}", "correct the file; nothing was imported")


# --- iCalendar -------------------------------------------------------------------------------


def _events(lines: list[str], name: str) -> Iterator[Entry]:
    event: dict[str, str] | None = None
    inner = ""
    ended = False
    for number, line in _unfolded(lines):
        left, colon, value = line.partition(":")
        field = left.partition(";")[0].upper()
        if not colon or ended:
            raise _fault(name, number, f"'{line[:60]}' is no line of a calendar")
        if event is None:
            if (field, value.upper()) == ("BEGIN", "VEVENT"):
                event = {}
            ended = (field, value.upper()) == ("END", "VCALENDAR")
        elif inner or field == "BEGIN":
            # An alarm within an event speaks of itself.
            inner = value if not inner else "" if (field, value) == ("END", inner) else inner
        elif (field, value.upper()) == ("END", "VEVENT"):
            yield from _days(event, name, number)
            event = None
        elif field in REPEATING:
            raise _fault(name, number, "an event that repeats; list its days one by one")
        elif field in event:
            raise _fault(name, number, f"{field} stands twice in one event")
        else:
            event[field] = value
    if not ended:
        raise _fault(name, len(lines), "the calendar has no end")


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield whole lines with their numbers: a line that begins with a space continues one."""
    whole, start = "", 0
    for number, line in enumerate(lines, 1):
        if line[:1] in {" ", "\t"} and whole:
            whole += line[1:]
            continue
        if whole.strip():
            yield start, whole
        whole, start = line, number
    if whole.strip():
        yield start, whole


def _days(event: dict[str, str], name: str, line: int) -> Iterator[Entry]:
    if event.get("STATUS", "").upper() == "CANCELLED":
        return
    summary = _ESCAPED.sub(lambda m: " " if m[1] in "nN" else m[1], event.get("SUMMARY", ""))
    if "DTSTART" not in event:
        raise _fault(name, line, "an event without DTSTART")
    first = _day(event["DTSTART"], name, line)
    end = _day(event["DTEND"], name, line) if "DTEND" in event else first + timedelta(1)
    if not summary.strip():
        raise _fault(name, line, "an event without SUMMARY")
    if not 1 <= (end - first).days <= SPAN_LIMIT:
        raise _fault(name, line, f"an event from {first} to {end}, its end not included")
    for number in range((end - first).days):
        yield Entry(day=first + timedelta(number), name=summary)


def _day(value: str, name: str, line: int) -> date:
    match = _DAY.fullmatch(value)
    try:
        return date(*map(int, match.groups() if match else ()))
    except (TypeError, ValueError):
        raise _fault(name, line, f"'{value}' is no whole day (VALUE=DATE)") from None
