"""Write cases to a file; importing it and exporting again gives the same bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from casework.exchange.columns import COLUMNS, HISTORY, cells, line
from casework.exchange.sources import LINE_LIMIT
from casework.questions.audit_log import events_of
from casework.system.csv_rows import rows_into
from casework.system.spooled import lots

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casework.kinds.records import Case
    from casework.store.connections import Connection

PAGE = 500
"""How many cases are written at a time, each with its history."""


@dataclass(slots=True)
class Written:
    """How many cases were written, and what the file cannot hold."""

    cases: int = 0
    links: int = 0
    resolutions: int = 0
    """How many first resolutions of reopened cases it cannot hold."""
    verdicts: int = 0
    asked: int = 0
    """How many owners ask for time, or say that a case is not theirs, which it cannot hold."""
    long: list[str] = field(default_factory=list)
    """Cases whose lines are longer than an import accepts."""


def write_csv(cases: Iterable[Case], file: IO[str]) -> Written:
    """Write cases as CSV (RFC 4180, except that lines end with LF)."""
    writer = rows_into(file)
    writer.writerow([column.name for column in COLUMNS])
    done = Written()
    for case in cases:
        writer.writerow(cells(case))
        done.cases += 1
        done.links += len(case.links)
        done.resolutions += case.reopened
        done.verdicts += case.verdict is not None
        done.asked += (case.asked_due is not None) + (case.contested_on is not None)
    return done


def write_lines(connection: Connection, cases: Iterable[Case], file: IO[str]) -> Written:
    """Write cases as JSON Lines, each with its history.

    The history of a struck case says so.
    """
    from casework.exchange.history import tell

    done = Written()
    for page in lots(cases, PAGE):
        told = events_of(connection, [case.ref for case in page])
        for case in page:
            history = tell(told[case.ref])
            text = dump(line(case) | {HISTORY: history})
            if len(text) > LINE_LIMIT // 4 and len(text.encode()) >= LINE_LIMIT:
                done.long.append(case.ref)
            file.write(f"{text}\n")
            done.cases += 1
    return done


def dump(value: Any) -> str:
    """Return JSON on one line, in the order of its members."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
