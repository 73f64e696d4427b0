"""The due dates of a paper as a calendar (iCalendar, RFC 5545): an all-day event for an open case.

An event keeps its UID, and its SEQUENCE is the case's version: importing a later calendar moves
the events whose dates moved and doubles none.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from casework.errors import UsageError
from casework.papers.show import fact, log_line
from casework.text import visible
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casework.papers.model import Paper

LINE = 75
"""The most octets of a line, without its end."""

NEEDED = frozenset({"ref", "title", "state", "owner", "due"})
"""The columns of a section whose rows are cases with a due date."""

LAST = date.max - timedelta(days=1)
"""The last day that has a day after it."""

_ESCAPED = re.compile(r"[\\;,]")


def write(paper: Paper, file: IO[bytes]) -> None:
    """Write the calendar; raises UsageError for a paper that lists no due dates."""
    if not any(_dated(section.columns) for section in paper.sections):
        raise UsageError(
            f"'{paper.title}' lists no due dates for a calendar",
            "casework report overdue --output FILE.ics does",
        )
    for line in _calendar(paper):
        file.write(_folded(line))


def _calendar(paper: Paper) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//casework//NONSGML casework//EN")
    yield "CALSCALE:GREGORIAN"
    yield f"X-WR-CALNAME:{_text(paper.title)}"
    for case in _cases(paper).values():
        yield from _event(case, paper)
    yield "END:VCALENDAR"


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


def _event(case: Mapping[str, Any], paper: Paper) -> Iterator[str]:
    due, owner = case["due"], case["owner"]
    told = [
        f"{word('state', paper.lang)}: {word(case['state'], paper.lang)}",
        f"{word('owner', paper.lang)}: {paper.names.get(owner, owner) if owner else '–'}",
        ", ".join(fact(one, paper.lang) for one in paper.facts),
        *paper.notices,
        log_line(paper),
    ]
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(quote(case['ref'], safe=''))}@{_text(paper.origin)}"
    yield f"DTSTAMP:{paper.written:%Y%m%dT%H%M%SZ}"
    yield f"SEQUENCE:{paper.versions[case['ref']]}"
    yield f"DTSTART;VALUE=DATE:{_day(due)}"
    yield f"DTEND;VALUE=DATE:{_day(min(due, LAST) + timedelta(days=1))}"
    yield f"SUMMARY:{_text(case['ref'] + ' ' + case['title'])}"
    yield "DESCRIPTION:" + "\\n".join(_text(line) for line in told)
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _day(day: date) -> str:
    return day.isoformat().replace("-", "")


def _text(words: str) -> str:
    """Return text as a value: what means something to a calendar follows a backslash."""
    return _ESCAPED.sub(r"\\\g<0>", visible(words))


def _folded(line: str) -> bytes:
    """Return a line cut where it has too many octets, never inside a character."""
    octets = line.encode()
    parts = []
    room = LINE
    while len(octets) > room:
        cut = room
        while octets[cut] & 0xC0 == 0x80:  # noqa: PLR2004 - an octet inside a character (UTF-8)
            cut -= 1
        parts.append(octets[:cut])
        octets, room = octets[cut:], LINE - 1
    return b"\r\n ".join([*parts, octets]) + b"\r\n"
