"""Cases written to a file, such that importing it and exporting again gives the same bytes."""

from __future__ import annotations

import json
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from casework.exchange.columns import COLUMNS, HISTORY, cells, line
from casework.exchange.history import tell
from casework.papers.csv import rows_into
from casework.queries import events_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.connections import Connection
    from casework.records import Case


def write_csv(cases: Iterable[Case], file: IO[str]) -> int:
    """Write cases as CSV (RFC 4180, but lines end with a line feed); returns how many."""
    writer = rows_into(file)
    writer.writerow([column.name for column in COLUMNS])
    count = 0
    for case in cases:
        writer.writerow(cells(case))
        count += 1
    return count


def write_lines(connection: Connection, cases: Iterable[Case], file: IO[str]) -> int:
    """Write cases as JSON Lines, each with its history; returns how many."""
    count = 0
    for page in _pages(cases):
        told = events_of(connection, [case.ref for case in page])
        for case in page:
            history = [tell(event) for event in told[case.ref]]
            file.write(dump(line(case) | {HISTORY: history}) + "\n")
            count += 1
    return count


def dump(value: Any) -> str:
    """Return JSON in one line, in the order of its members."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _pages(cases: Iterable[Case]) -> Iterator[list[Case]]:
    rest = iter(cases)
    while page := list(islice(rest, 500)):
        yield page
