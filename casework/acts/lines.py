"""Parse the lines of a batch: words as on the command line, or an act as a JSON object.

Empty lines and lines that begin with ``#`` are skipped. ``#`` before a word begins a comment.
"""

from __future__ import annotations

import io
import json
import shlex
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import normalize

from casework.acts.by_name import ACTS, named
from casework.errors import CaseworkError, UsageError, quoted
from casework.words import Choice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

COMMENT = "#"
OBJECT = "{"

AS_OPTIONS = {"text": "words", "with": "coordinating"}
"""What options of the command line are called otherwise than the fields of acts."""


class Act(NamedTuple):
    """An act given as a JSON object: its name, its case, its fields and the key of the line."""

    name: str
    ref: str | None
    given: Mapping[str, Any]
    key: str | None


class Line(NamedTuple):
    """A line that is not empty or a comment: its number, counted from 1, and its content.

    The content is a list of words, an act, or the error in the line.
    """

    number: int
    said: tuple[str, ...] | Act | CaseworkError


def lines(text: Iterable[str]) -> Iterator[Line]:
    """Yield the lines of a text that are not empty or comments, each normalised to NFC."""
    for number, raw in enumerate(text, 1):
        line = normalize("NFC", raw).strip()
        if not line or line.startswith(COMMENT):
            continue
        try:
            said = act_of(line) if line.startswith(OBJECT) else tuple(words_of(line))
        except CaseworkError as error:
            yield Line(number, error)
        else:
            yield Line(number, said)


def words_of(line: str) -> Iterator[str]:
    """Yield the words of a line as a shell splits them; raises UsageError for an open quote."""
    stream = io.StringIO(line)
    reader = shlex.shlex(stream, posix=True)
    reader.whitespace_split, reader.commenters = True, ""
    try:
        while not line[stream.tell() :].lstrip().startswith(COMMENT):
            word = reader.get_token()
            if word is None:
                return
            yield word
    except ValueError:
        raise UsageError("lines.quotes") from None


def act_of(line: str) -> Act:
    """Return the act of a JSON object; raises UsageError, or NotFoundError for an unknown act."""
    try:
        told = json.loads(line, object_pairs_hook=_once)
    except (RecursionError, ValueError) as error:
        raise UsageError("lines.no-json", why=quoted(error)) from None
    name, ref, key = (_text(told, member) for member in ("act", "ref", "key"))
    if name is None:
        raise UsageError("lines.no-act", acts=Choice(ACTS))
    told = _by_fields(name, told)
    if named(name).on_case:
        return Act(name, ref, told, key)
    # An act that makes a case takes its reference as one of its fields.
    return Act(name, None, told if ref is None else {**told, "ref": ref}, key)


def _by_fields(name: str, told: dict[str, Any]) -> dict[str, Any]:
    """Return the members of a line under the names of the act's fields."""
    fields = {one.name for one in named(name).fields}
    known = {
        option: field
        for option, field in AS_OPTIONS.items()
        if option not in fields and field in fields
    }
    return _once([(known.get(member, member), value) for member, value in told.items()])


def _text(told: dict[str, Any], member: str) -> str | None:
    found = told.pop(member, None)
    if found is not None and not isinstance(found, str):
        raise UsageError("lines.no-text", member=member)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError("lines.twice", member=twice)
    return told
