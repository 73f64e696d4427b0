"""Reading a file of cases row by row, whatever its size."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from casework.errors import UnavailableError, UsageError
from casework.exchange.columns import BY_NAME, HISTORY, LISTS, split
from casework.files import open_regular
from casework.text import unguarded

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

BLOCK = 1 << 20
CELL_LIMIT = 1 << 20


class Row(NamedTuple):
    """One row as the file has it. `number` counts as a spreadsheet does: a CSV header is row 1.

    `fault` tells why the row cannot be read at all: the column, the value, and what is wrong.
    """

    number: int
    values: dict[str, Any]
    fault: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A file of cases: what it is called, the SHA-256 of its bytes, and its text."""

    name: str
    digest: str
    file: IO[bytes]

    @property
    def size(self) -> int:
        """How many bytes the file has."""
        return self.file.seek(0, os.SEEK_END)

    def rows(self) -> Generator[Row]:
        """Yield the file's rows; raises UsageError where it is no such file at all.

        The file may be read once more while it is being read.
        """
        place = self.file.tell()
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, encoding="utf-8-sig", newline="")
        try:
            start = text.read(1)
            while start and start.isspace():
                start = text.read(1)
            text.seek(0)
            yield from (_lines(text) if start == "{" else _table(text, self.name))
        except UnicodeDecodeError as error:
            raise UsageError(
                f"{self.name} is not UTF-8 text: {error.reason}", "save the file as UTF-8"
            ) from None
        except OSError as error:
            raise UnavailableError(f"{self.name}: {error.strerror}", "check the file") from None
        finally:
            text.detach()
            self.file.seek(place)


@contextmanager
def opened(name: str) -> Iterator[Source]:
    """Open a file by its path, or standard input as ``-``; raises NotFoundError."""
    if name == "-":
        with tempfile.TemporaryFile() as copy:
            yield Source("standard input", _copy(sys.stdin.buffer, copy), copy)
        return
    path = Path(name)
    with open_regular(path) as file:
        # A name of other bytes than UTF-8 is a file's good right, but no text of the register.
        name = os.fsencode(path.name).decode(errors="replace")
        yield Source(name, _copy(file, None), file)


def _copy(source: IO[bytes], target: IO[bytes] | None) -> str:
    digest = sha256()
    while block := source.read(BLOCK):
        digest.update(block)
        if target is not None:
            target.write(block)
    return digest.hexdigest()


def _table(text: IO[str], name: str) -> Iterator[Row]:
    csv.field_size_limit(CELL_LIMIT)
    first = text.readline()
    text.seek(0)
    mark = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(text, delimiter=mark, strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if not header:
            raise UsageError(f"{name} is empty", f"its first row must name columns: {_known()}")
        _check_header(header, name)
        columns = [(column, BY_NAME[column].holds in LISTS) for column in header]
        number = 1
        for cells in reader:
            number += 1
            if not any(cells):
                continue
            if len(cells) != len(header):
                fault = (
                    header[min(len(cells), len(header) - 1)],
                    f"{len(cells)} cells",
                    f"the header has {len(header)}",
                )
                yield Row(number, {}, fault)
                continue
            yield Row(number, _values(columns, cells))
    except csv.Error as error:
        raise UsageError(f"{name}, line {reader.line_num}: {error}", "check its quotes") from None


def _values(columns: list[tuple[str, bool]], cells: list[str]) -> dict[str, Any]:
    return {
        name: split(words) if listed else words
        for (name, listed), written in zip(columns, cells, strict=True)
        if written and not (words := unguarded(written) if written[0] == "'" else written).isspace()
    }


def _check_header(header: list[str], name: str) -> None:
    unknown = [column for column in header if column not in BY_NAME]
    if unknown:
        listed = ", ".join(repr(column) for column in unknown)
        raise UsageError(f"{name} has columns that are not known: {listed}", f"known: {_known()}")
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise UsageError(f"{name} has columns twice: {', '.join(twice)}", "keep one of each")


def _known() -> str:
    return ", ".join(BY_NAME)


def _lines(text: IO[str]) -> Iterator[Row]:
    for number, line in enumerate(text, start=1):
        if not line.isspace():
            yield _line(number, line)


def _line(number: int, line: str) -> Row:
    shown = line.strip()[:60]
    try:
        values = json.loads(line, object_pairs_hook=_members, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return Row(number, {}, ("line", shown, str(error) or "nested too deeply"))
    if not isinstance(values, dict):
        return Row(number, {}, ("line", shown, "it is not a JSON object"))
    known = {*BY_NAME, HISTORY}
    for name, value in values.items():
        if name not in known:
            return Row(number, {}, (name, str(value)[:60], f"unknown column; known: {_known()}"))
        listed = name != HISTORY and BY_NAME[name].holds in LISTS
        form = list if listed or name == HISTORY else str
        if value is not None and not isinstance(value, form):
            wanted = "a list" if form is list else "text"
            return Row(number, {}, (name, json.dumps(value)[:60], f"{wanted} is needed"))
        if listed and not all(isinstance(one, str) for one in value or ()):
            return Row(number, {}, (name, json.dumps(value)[:60], "a list of texts is needed"))
    return Row(number, {name: value for name, value in values.items() if value not in (None, "")})


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a value")
