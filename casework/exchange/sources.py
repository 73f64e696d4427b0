"""Examine a file before it is read: its kind by its first bytes, its digest, its encoding."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from casework.errors import UnavailableError, UsageError
from casework.system.files import open_regular
from casework.words import Text, Written, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator

BLOCK = 1 << 20
SIZE_LIMIT = 4 << 30
"""The greatest size of a file, in bytes."""

COPY_LIMIT = 1 << 30
"""The greatest size of standard input, in bytes; it is copied to disk before it is read."""

LINE_LIMIT = 8 << 20
"""The greatest length of a line, in bytes; nothing longer is held in memory."""

WHOLE_LIMIT = 64 << 20
"""The greatest size, in bytes, of a file that is read as a whole."""

Form = Literal["text", "utf-16", "workbook"]
"""The form of a file: UTF-8 text, UTF-16 text with a byte order mark, or a workbook (XLSX)."""

TABLES: tuple[Form, ...] = ("text", "utf-16", "workbook")
"""The forms of tables from spreadsheets."""

_WIDE = (b"\xff\xfe", b"\xfe\xff")
_WIDER = b"\xff\xfe\0\0"

STANDARD_INPUT = "standard input"
AS_CSV = "hint.save-as-csv"

_WORKBOOKS = (
    (b"xl/", "file.kind.xlsx", AS_CSV),
    (b"opendocument.spreadsheet", "file.kind.ods", AS_CSV),
    (b"word/", "file.kind.word", "hint.table-as-csv"),
    (b"opendocument", "file.kind.odf", "hint.table-as-csv"),
)
_UNPACK = "hint.unpack"
_TABLE = "hint.ask-for-table"
_OF_THE_WEB = ("file.kind.web", "hint.open-as-csv")
_MARKS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.kind.old", AS_CSV),
    (b"%PDF-", "file.kind.pdf", _TABLE),
    (b"SQLite format 3\0", "file.kind.sqlite", "hint.open-register"),
    (b"\x1f\x8b", "file.kind.gzip", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "file.kind.7z", _UNPACK),
    (b"Rar!", "file.kind.rar", _UNPACK),
    (b"\x89PNG", "file.kind.picture", _TABLE),
    (b"\xff\xd8\xff", "file.kind.picture", _TABLE),
    (b"{\\rtf", "file.kind.rtf", _TABLE),
    (b"\xff\xfe\0\0", "file.kind.utf32", "hint.save-utf8"),
    (b"\0\0\xfe\xff", "file.kind.utf32", "hint.save-utf8"),
    (b"\xff\xfe", "file.kind.utf16", "hint.save-utf8"),
    (b"\xfe\xff", "file.kind.utf16", "hint.save-utf8"),
    (b"<?xml", *_OF_THE_WEB),
    (b"<html", *_OF_THE_WEB),
    (b"<!doctype", *_OF_THE_WEB),
    (b"<table", *_OF_THE_WEB),
)
"""The first bytes of files that are often given by mistake, what they are, and the hint."""

SNIFFED = 4096
_ZEROS = 4
"""One zero in this many bytes shows wide characters, which UTF-8 does not have."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: its name, the SHA-256 of its bytes, and the open file."""

    name: str
    digest: str
    file: IO[bytes]
    form: Form = "text"
    sheets: list[str] = field(default_factory=list)
    """The sheets of a workbook that were read."""

    @property
    def called(self) -> Text:
        """The name of the file in messages."""
        return Written(self.name)

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return self.file.seek(0, os.SEEK_END)

    @contextmanager
    def text(self) -> Generator[IO[str]]:
        """Open the file's text from the beginning, with line ends unchanged.

        The file may be read a second time meanwhile. Raises UsageError, with the position, if it is
        not UTF-8.
        """
        place = self.file.tell()
        self.file.seek(0)
        wide = self.form == "utf-16"
        encoding = "utf-16" if wide else "utf-8-sig"
        text = io.TextIOWrapper(self.file, encoding=encoding, newline="")
        try:
            yield text
        except UnicodeError:
            raise _undecodable_wide(self.called) if wide else self._undecodable() from None
        except OSError as error:
            raise UnavailableError(
                "file.cannot-open", "hint.check-file", name=self.called, strerror=quoted(error)
            ) from None
        finally:
            text.detach()
            self.file.seek(place)

    def _undecodable(self) -> UsageError:
        self.file.seek(0)
        for number, line in enumerate(self.file, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return UsageError(
                    "file.not-utf8-line",
                    "hint.save-utf8",
                    name=self.called,
                    number=number,
                    place=error.start + 1,
                    byte=line[error.start],
                )
        return UsageError("file.not-utf8-text", "hint.save-utf8", name=self.called)


def _undecodable_wide(name: Text) -> UsageError:
    return UsageError("file.not-utf16", "hint.save-utf8", name=name)


@contextmanager
def opened(name: str, *, forms: Collection[Form] = TABLES[:1]) -> Iterator[Source]:
    """Open a file by its path, or standard input as ``-``; it may be of the `forms` named.

    Raises UsageError if it is not text or has lines longer than any record, and the errors of
    `files.open_regular`.
    """
    if name == "-":
        if sys.stdin is None:
            raise UsageError("stdin.none-there", standard_input=Written(STANDARD_INPUT))
        with tempfile.TemporaryFile() as copy:
            read = _looked_through(sys.stdin.buffer, Written(STANDARD_INPUT), forms, copy)
            yield Source(STANDARD_INPUT, read[0], copy, read[1])
        return
    path = Path(name)
    with open_regular(path) as file:
        # A name of other bytes than UTF-8 is a file's good right, but no text of the register.
        shown = os.fsencode(path.name).decode(errors="replace")
        digest, form = _looked_through(file, shown, forms)
        yield Source(shown, digest, file, form)


def _looked_through(
    source: IO[bytes],
    name: str | Text,
    forms: Collection[Form],
    target: IO[bytes] | None = None,
) -> tuple[str, Form]:
    """Copy a file into `target`; return its digest and form. Refuse files that cannot be read."""
    digest, size, line = sha256(), 0, 0
    form: Form = "text"
    limit = SIZE_LIMIT if target is None else COPY_LIMIT
    try:
        while block := source.read(BLOCK):
            if not size:
                form = _form(block, name, forms)
                limit = limit if form == "text" else WHOLE_LIMIT
            size += len(block)
            line = _unended(block, line) if form == "text" else 0
            if line > LINE_LIMIT or size > limit:
                raise _too_long(name, line, limit)
            digest.update(block)
            if target is not None:
                target.write(block)
    except OSError as error:
        raise UnavailableError(
            "file.cannot-open", "hint.check-file", name=name, strerror=quoted(error)
        ) from None
    return digest.hexdigest(), form


def _unended(block: bytes, before: int) -> int:
    """Return the length of the unfinished line at the end of a block; `before` is its earlier part.

    A line that ends within the block is at most as long as the block and `before`.
    """
    end = max(block.rfind(b"\n"), block.rfind(b"\r"))
    return len(block) + before if end < 0 else len(block) - end - 1


def _too_long(name: str | Text, line: int, limit: int) -> UsageError:
    if line > LINE_LIMIT:
        return UsageError("file.long-line", name=name, limit=LINE_LIMIT >> 20)
    if limit == WHOLE_LIMIT:
        return UsageError("file.too-large-whole", name=name, limit=limit >> 20)
    return UsageError("file.too-large", name=name, limit=limit >> 30)


def _form(block: bytes, name: str | Text, forms: Collection[Form]) -> Form:
    """Return the form of a file by its first bytes; raises UsageError for unknown forms."""
    if "utf-16" in forms and block.startswith(_WIDE) and not block.startswith(_WIDER):
        return "utf-16"
    packed = block.startswith((b"PK\x03\x04", b"PK\x05\x06"))
    if "workbook" in forms and packed and b"xl/" in block:
        return "workbook"
    begun = block[:SNIFFED].lstrip().lower()
    for mark, kind, hint in _MARKS:
        if block.startswith(mark) or begun.startswith(mark):
            raise UsageError("file.is-a", hint, name=name, kind=Text(kind))
    if packed:
        archive = (b"", "file.kind.zip", _UNPACK)
        _, kind, hint = next((one for one in _WORKBOOKS if one[0] in block), archive)
        raise UsageError("file.is-a", hint, name=name, kind=Text(kind))
    head = block[:SNIFFED]
    if head.count(0) * _ZEROS > len(head):
        raise UsageError("file.utf16", "hint.save-utf8", name=name)
    return "text"
