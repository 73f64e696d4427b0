"""Rows of CSV as the program writes them, whatever they tell."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import SupportsWrite


def rows_into(file: SupportsWrite[str]) -> Any:
    """Return a CSV writer (RFC 4180, except that lines end with LF)."""
    return csv.writer(_LineFeeds(file), lineterminator="\r\n")


class _LineFeeds:
    """Ends rows with a line feed. The writer quotes a carriage return only if it ends rows."""

    def __init__(self, file: SupportsWrite[str]) -> None:
        self.file = file

    def write(self, row: str) -> Any:
        return self.file.write(row.removesuffix("\r\n") + "\n")
