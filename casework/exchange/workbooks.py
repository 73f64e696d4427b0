"""Read the first sheet of a workbook (XLSX) row by row, as its cells are shown, within limits."""

from __future__ import annotations

import re
import warnings
from contextlib import closing, contextmanager
from datetime import datetime, time
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from zipfile import BadZipFile, ZipFile

from casework.errors import UsageError
from casework.exchange.tables import CELL_LIMIT

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from casework.exchange.tables import Numbered
    from casework.words import Text

UNPACKED = 512 << 20
"""The greatest size of a workbook's unpacked parts, in bytes."""

HELD = 64 << 20
"""The greatest size, in bytes, of all parts that are held in memory: everything but the sheets."""

PARTS = 10_000
"""The most parts."""

ROWS_LIMIT = 1 << 20
"""The most rows of a sheet."""

CELLS_LIMIT = 1000
"""The most cells of a row that are read."""

_SHEETS = "xl/worksheets/"
_READ = (".xml", ".rels")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]+\d+:[A-Z]+\d+)[\"']")
_BLOCK, _OVERLAP = 1 << 20, 200


class Sheet(NamedTuple):
    """A sheet: its name, and its rows that are not empty, with their numbers."""

    title: str
    rows: Iterator[Numbered]


@contextmanager
def first_sheet(file: IO[bytes], name: Text) -> Generator[Sheet]:
    """Open the first sheet that is not hidden.

    Raises UsageError if it is not a workbook, exceeds a limit, or has a formula without a stored
    result, as some programs write them.
    """
    _refuse_large(file, name)
    computed = _opened(file, name, values=True)
    with closing(computed):
        sheet = _first(computed, name)
        formulas = None
        if _has_formulas(file, sheet, name):
            formulas = _opened(file, name, values=False)
        try:
            written = None if formulas is None else _first(formulas, name)
            yield Sheet(sheet.title, _rows(sheet, written, name))
        finally:
            if formulas is not None:
                formulas.close()


def _refuse_large(file: IO[bytes], name: Text) -> None:
    try:
        with ZipFile(file) as packed:
            parts = packed.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        raise _broken(name) from None
    held = sum(
        one.file_size
        for one in parts
        if one.filename.endswith(_READ) and not one.filename.startswith(_SHEETS)
    )
    if (
        len(parts) > PARTS
        or held > HELD
        or sum(one.file_size for one in parts) > UNPACKED
        or len({one.filename for one in parts}) < len(parts)
    ):
        raise UsageError("workbook.too-large", name=name, limit=UNPACKED >> 20)


def _opened(file: IO[bytes], name: Text, *, values: bool) -> Any:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            # What it says of parts that it does not read, such as lists of choices.
            warnings.simplefilter("ignore")
            return load_workbook(file, read_only=True, data_only=values, keep_links=False)
    except Exception:  # noqa: BLE001 - a broken part comes as any of them
        raise _broken(name) from None


def _first(book: Any, name: Text) -> Any:
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not shown:
        raise UsageError("workbook.no-sheet", name=name)
    sheet = shown[0]
    # What a workbook says of its own size may be wrong, or the whole sheet.
    sheet.reset_dimensions()
    return sheet


def _has_formulas(file: IO[bytes], sheet: Any, name: Text) -> bool:
    """Return whether a sheet has formulas; raises UsageError if it has merged cells."""
    found, before = False, b""
    with ZipFile(file) as packed, packed.open(sheet._worksheet_path) as part:  # noqa: SLF001
        while block := part.read(_BLOCK):
            text = before + block
            found = found or _FORMULA.search(text) is not None
            if merged := _MERGED.search(text):
                # The others of them are empty, whatever the sheet shows.
                raise UsageError("workbook.merged", name=name, cells=merged[1].decode())
            before = block[-_OVERLAP:]
    return found


def _rows(sheet: Any, written: Any, name: Text) -> Iterator[Numbered]:
    """Yield the rows of a sheet; `written` is the same sheet with its formulas."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            typed = iter(()) if written is None else written.iter_rows()
            for number, cells in enumerate(sheet.iter_rows(), 1):
                _refuse_far(number, name)
                row = [_said(cell) for cell in cells]
                _refuse_unread(row, cells, next(typed, ()), f"{number}", name)
                if any(row):
                    yield number, _bounded(row, number, name)
    except UsageError:
        raise
    except Exception:  # noqa: BLE001 - a broken part comes as any of them
        raise _broken(name) from None


def _refuse_far(number: int, name: Text) -> None:
    if number > ROWS_LIMIT:
        raise UsageError("workbook.too-large", name=name, limit=UNPACKED >> 20)


def _bounded(row: list[str], number: int, name: Text) -> list[str]:
    while row and not row[-1]:
        row.pop()
    if len(row) > CELLS_LIMIT or any(len(cell) > CELL_LIMIT for cell in row):
        raise UsageError("workbook.long-row", name=name, row=number, limit=CELLS_LIMIT)
    return row


def _refuse_unread(row: list[str], cells: Any, typed: Any, number: str, name: Text) -> None:
    """Refuse a cell without a readable value: an error, or a formula without a result."""
    for cell in cells:
        if cell.data_type == "e":
            where = f"{cell.column_letter}{number}"
            raise UsageError("workbook.error", name=name, cell=where, value=cell.value)
    for said, cell in zip(row, typed, strict=False):
        if not said and cell.data_type == "f":
            raise UsageError("workbook.formula", name=name, cell=f"{cell.column_letter}{number}")


def _said(cell: Any) -> str:
    """Return the content of a cell as text: a day in ISO form, a whole number without a point."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        whole = value.time() == time()
        return value.date().isoformat() if whole else value.isoformat(" ", "minutes")
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _broken(name: Text) -> UsageError:
    return UsageError("workbook.broken", name=name)
