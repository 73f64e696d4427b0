"""Rows of texts as files that a spreadsheet opens: CSV, or a workbook (XLSX)."""

from __future__ import annotations

import csv
from io import BytesIO
from itertools import chain
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

WORKBOOK = ".xlsx"
WIDTH = 18
"""The width of a column, in characters."""


def is_workbook(path: Path) -> bool:
    """Return whether a file name is that of a workbook."""
    return path.suffix.casefold() == WORKBOOK


def write_workbook(rows: Iterable[list[str]], file: IO[bytes]) -> None:
    """Write rows into the first sheet of a workbook; the first row has the headings."""
    from xlsxwriter import Workbook

    made = BytesIO()
    with Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for place, row in enumerate(rows):
            for column, words in enumerate(row):
                sheet.write_string(place, column, words, None if place else bold)
            sheet.set_column(0, len(row), WIDTH)
    file.write(made.getvalue())


def write_csv(rows: Iterable[list[str]], file: IO[str], mark: str = ",", *, bom: bool) -> None:
    """Write rows as CSV; with a `bom` where they are not ASCII, so that Excel knows it is UTF-8."""
    rest = iter(rows)
    heads = next(rest, [])
    if bom and not "".join(heads).isascii():
        file.write("\ufeff")
    csv.writer(file, delimiter=mark, lineterminator="\n").writerows(chain([heads], rest))
