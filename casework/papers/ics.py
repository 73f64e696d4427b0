"""The due dates of a paper as a calendar (iCalendar, RFC 5545): an all-day event for an open case.

An event keeps its UID, and its SEQUENCE is the case's version, so importing a later calendar moves
events and duplicates none.
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
    from collections.abc import Iterator, Mapping

    from casework.papers.model import Paper

NEEDED = frozenset({"ref", "title", "state", "owner", "due"})
"""The columns of a section whose rows are cases with a due date."""

END = b"END:VCALENDAR\r\n"
"""The last line of a calendar."""

LAST = date.max - timedelta(days=1)
"""The last day that can have a following day."""


class _Text(vText):
    """Text that is written literally: the library would read a backslash before N as a line end."""

    def to_ical(self) -> bytes:
        return b"\\\\".join(vText(part).to_ical() for part in self.split("\\"))


def write(paper: Paper, file: IO[bytes]) -> None:
    """Write the calendar; raises UsageError if the paper lists no due dates."""
    if not any(_dated(section.columns) for section in paper.sections):
        raise UsageError("ics.no-dates", title=paper.title)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//casework//NONSGML casework//EN")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", _Text(visible(paper.title)))
    # One event after the other: the library's own calendar holds them all.
    file.write(calendar.to_ical(sorted=False).removesuffix(END))
    for case in _cases(paper):
        file.write(_event(case, paper).to_ical(sorted=False))
    file.write(END)


def _cases(paper: Paper) -> Iterator[dict[str, Any]]:
    """Yield the open cases with a due date, each once, with the values of its first row."""
    told = set[str]()
    for section in paper.sections:
        if _dated(section.columns):
            names = [column.key for column in section.columns]
            for row in section.rows:
                case = dict(zip(names, row, strict=True))
                ref = case["ref"]
                if case["due"] and ref in paper.versions and ref not in told:
                    told.add(ref)
                    yield case


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
