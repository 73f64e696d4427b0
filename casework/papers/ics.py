"""The due dates of a paper as a calendar (iCalendar, RFC 5545): an all-day event for an open case.

An event keeps its UID, and its SEQUENCE is the case's version: importing a later calendar moves
the events whose dates moved and doubles none.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from icalendar import Calendar, Event, vText

from casework.errors import UsageError
from casework.papers.formatting import fact, log_line
from casework.system.text import visible
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.papers.model import Paper

NEEDED = frozenset({"ref", "title", "state", "owner", "due"})
"""The columns of a section whose rows are cases with a due date."""

LAST = date.max - timedelta(days=1)
"""The last day that has a day after it."""


class _Text(vText):
    """A text as it stands: the library takes a backslash before an N for the end of a line."""

    def to_ical(self) -> bytes:
        return b"\\\\".join(vText(part).to_ical() for part in self.split("\\"))


def write(paper: Paper, file: IO[bytes]) -> None:
    """Write the calendar; raises UsageError for a paper that lists no due dates."""
    if not any(_dated(section.columns) for section in paper.sections):
        raise UsageError("ics.no-dates", title=paper.title)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//casework//NONSGML casework//EN")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", _Text(visible(paper.title)))
    for case in _cases(paper).values():
        calendar.add_component(_event(case, paper))
    file.write(calendar.to_ical(sorted=False))


def _cases(paper: Paper) -> dict[str, dict[str, Any]]:
    """Return the open cases with a due date by reference, each once, with the values of its row."""
    found: dict[str, dict[str, Any]] = {}
    for section in paper.sections:
        if _dated(section.columns):
            names = [column.key for column in section.columns]
            rows = (dict(zip(names, row, strict=True)) for row in section.rows)
            awaited = (row for row in rows if row["due"] and row["ref"] in paper.versions)
            found |= {row["ref"]: row for row in awaited if row["ref"] not in found}
    return found


def _dated(columns: Any) -> bool:
    return {column.key for column in columns} >= NEEDED


def _event(case: Mapping[str, Any], paper: Paper) -> Event:
    due, owner = case["due"], case["owner"]
    told = [
        f"{word('state', paper.lang)}: {word(case['state'], paper.lang)}",
        f"{word('owner', paper.lang)}: {paper.name('org', owner) if owner else '–'}",
        ", ".join(fact(one, paper.lang) for one in paper.facts),
        *paper.notices,
        log_line(paper),
    ]
    event = Event()
    event.add("uid", f"{quote(case['ref'], safe='')}@{visible(paper.origin)}")
    event.add("dtstamp", paper.written.replace(microsecond=0))
    event.add("sequence", paper.versions[case["ref"]])
    event.add("dtstart", due)
    event.add("dtend", min(due, LAST) + timedelta(days=1))
    event.add("summary", _Text(visible(f"{case['ref']} {case['title']}")))
    event.add("description", _Text("\n".join(map(visible, told))))
    event.add("transp", "TRANSPARENT")
    return event
