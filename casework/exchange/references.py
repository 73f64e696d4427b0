"""Read a list of references: plain words, or what `casework list` prints in any of its formats."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

from casework.errors import UsageError, quoted
from casework.system.text import SHOWN, unguarded
from casework.words import LANGUAGES, word

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 1 << 26
"""The greatest size of a list, in bytes."""

REF = "ref"
"""The column, or the member, that holds a reference."""

_DELIMITERS = ",;\t"
_GAP = re.compile(r"\s{2,}")
_BLANK = re.compile(r"[\s,]*")


def listed(text: str) -> list[str]:
    """Return the references in a list, in order.

    They are words separated by white space, the members `ref` of JSON or JSON Lines, the column
    `ref` of CSV, or the first column of a printed table. Raises UsageError for unreadable JSON and
    CSV.
    """
    text = text.strip().lstrip("\ufeff")
    if text.startswith(("[", "{")):
        return list(_of_json(text))
    head = text.partition("\n")[0].strip()
    headings = {REF, *(word(REF, lang) for lang in LANGUAGES)}
    for delimiter in _DELIMITERS:
        columns = [one.strip().strip('"') for one in head.split(delimiter)]
        place = next((at for at, one in enumerate(columns) if one in headings), None)
        if place is not None:
            return list(_of_csv(text, delimiter, place))
    if _GAP.split(head)[0] in headings:
        return [line.split()[0] for line in text.splitlines()[1:] if line.strip()]
    return text.split()


def _of_csv(text: str, delimiter: str, place: int) -> Iterator[str]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        next(rows)
        for row in rows:
            if len(row) > place and (ref := unguarded(row[place].strip())):
                yield ref
    except csv.Error as error:
        raise UsageError("references.unreadable", why=quoted(error)) from None


def _of_json(text: str) -> Iterator[str]:
    decoder, place = json.JSONDecoder(), 0
    while place < len(text):
        try:
            value, place = decoder.raw_decode(text, place)
        except (RecursionError, ValueError) as error:
            raise UsageError("references.unreadable", why=quoted(error)) from None
        for one in value if isinstance(value, list) else [value]:
            yield _ref_of(one)
        if (blank := _BLANK.match(text, place)) is not None:
            place = blank.end()


def _ref_of(value: Any) -> str:
    found = value.get(REF) if isinstance(value, dict) else value
    if not isinstance(found, str):
        raise UsageError("references.no-ref", shown=json.dumps(value, ensure_ascii=False)[:SHOWN])
    return found
