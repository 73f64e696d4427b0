"""Rows for programs: JSON, JSON Lines and CSV."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from casework.cli.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

INDENT = 2
"""The indentation of JSON, in blanks."""


def texts(form: str, rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    """Yield the text of rows in a format for programs; `columns` are the header of an empty CSV."""
    made: dict[str, Iterator[str]] = {
        "json": _array(rows),
        "ndjson": _lines(rows),
        "csv": _csv(rows, columns),
    }
    return made[form]


def _array(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    first = True
    for row in rows:
        yield "[\n" if first else ",\n"
        yield " " * INDENT + json_text(row, INDENT, 1)
        first = False
    yield "[]\n" if first else "\n]\n"


def _lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def _csv(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    from casework.exchange.columns import cell
    from casework.system.csv_rows import rows_into

    buffer = io.StringIO()
    writer = rows_into(buffer)
    header: list[str] = []
    for row in rows:
        if not header:
            header = list(row)
            writer.writerow(header)
        writer.writerow([cell(_flat(value)) for value in row.values()])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    if not header:
        yield ",".join(columns) + "\n"


def _flat(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict) or (
        isinstance(value, list) and not all(isinstance(item, str) for item in value)
    ):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value
