"""Search for words in cases, with a rank for each.

A case is found by its texts, its reference and numbers, the names of its organisations, its notes,
and the documents that its acts name. The best match comes first; the word that matches worst
decides the rank.
"""

from __future__ import annotations

import re
from contextlib import closing
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from casework.kinds.records import Organisation
from casework.log import reading as audit
from casework.questions import audit_log, listing, reading
from casework.store import compiled
from casework.store.connections import within
from casework.store.filters import Sought
from casework.store.record_rows import TITLES
from casework.system.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence
    from datetime import date, datetime

    from casework.kinds.records import Case
    from casework.store.connections import Connection
    from casework.store.filters import Filter


class Fit(IntEnum):
    """How well a case matches a word or phrase; higher is better."""

    PART = 1
    """As a part of a word."""
    BESIDE = 2
    """As whole words in the name of an organisation, a note, or a document that an act names."""
    TEXT = 3
    """As whole words in any of its texts."""
    TITLE = 4
    """As whole words in a title, or as the reference itself."""


def sought(
    connection: Connection,
    then: Connection,
    texts: Sequence[str],
    day: date,
    known_at: datetime | None = None,
) -> tuple[Sought, ...]:
    """Return the words to search, with the organisations and notes that contain them.

    Organisations are those of `then`, the register as it stood; notes are read from the log up to a
    day, as known at an instant. Raises UsageError for empty text.
    """
    folded = [fold(clean(words, "name.text-to-look-for")) for words in texts]
    if not folded:
        return ()
    bodies = then.rows(compiled.NAMES_OF_KIND, kind=Organisation.kind)
    notes = list(_notes(connection, day, known_at))
    return tuple(Sought(words, _having(words, bodies), _having(words, notes)) for words in folded)


def saying(then: Connection, field: str, words: str) -> Generator[str]:
    """Yield the cases that have words in one of their texts; titles in either language.

    Raises UsageError for an empty text.
    """
    folded = fold(clean(words, "name.text-to-look-for"))
    having = compiled.narrowed(compiled.MATCHES, [[("says", within(folded))]])
    hides = reading.unseen(then).cases
    with closing(then.stream(having)) as rows:
        refs = [row[0] for row in rows if row[0] not in hides]
    names = ("title", "title_vi") if field == "title" else (field,)
    for case in listing.in_order(then, refs):
        told = (getattr(case, name) for name in names)
        texts = (text for one in told for text in ((one,) if isinstance(one, str) else one or ()))
        if any(folded in fold(text) for text in texts):
            yield case.ref


def best(connection: Connection, wanted: Filter, day: date) -> Generator[Case]:
    """Yield the cases that match everything, the best first, equals by reference."""
    asked = compiled.narrowed(compiled.MATCHES, reading.conditions(connection, wanted, day))
    unseen = reading.unseen(connection).cases
    with closing(connection.stream(asked)) as rows:
        seen = (_without_texts(*row) if row[0] in unseen else row for row in rows)
        ranked = sorted((_rank(wanted.text, *row), row[0]) for row in seen)
    yield from listing.in_order(connection, [ref for _, ref in ranked[: wanted.limit]])


def _without_texts(ref: str, stem: str, number: int, search: str, *bodies: Any) -> tuple[Any, ...]:
    """Return a row in which only the reference can be searched."""
    return (ref, stem, number, "\n" * TITLES + search.rpartition("\n")[2], *bodies)


def _notes(
    connection: Connection, day: date, known_at: datetime | None
) -> Generator[tuple[str, str]]:
    """Yield each note, and each document that only an act names, folded, with its case."""
    until = audit_log.known_until(connection, known_at)
    with closing(connection.stream(compiled.NOTES, day=day, until=until)) as rows:
        for ref, body, disclosures in rows:
            if words := audit.read(body, disclosures).note:
                yield fold(words), ref
    with closing(connection.stream(compiled.PAPERS, day=day, until=until)) as rows:
        for ref, body, disclosures in rows:
            if words := audit.read(body, disclosures).document:
                yield fold(words), ref


def _having(words: str, texts: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the owners of texts that contain words as whole words; parts would match too much."""
    if not any(map(str.isalnum, words)):
        return frozenset()
    return frozenset(key for text, key in texts if _whole(words, text))


def _rank(
    texts: Sequence[Sought],
    ref: str,
    stem: str,
    number: int,
    search: str,
    *bodies: Any,
) -> tuple[Any, ...]:
    owner, proposer, addressee, coordinating = bodies
    beside = frozenset((owner, proposer, addressee, *coordinating))
    fits = [_fit(one, ref, search, beside) for one in texts]
    return (-min(fits, default=0), -sum(fits), stem, number, ref)


def _fit(one: Sought, ref: str, search: str, bodies: frozenset[Any]) -> Fit:
    lines = search.split("\n")
    if one.words == lines[-1] or any(_whole(one.words, line) for line in lines[:TITLES]):
        return Fit.TITLE
    if any(_whole(one.words, line) for line in lines[TITLES:]):
        return Fit.TEXT
    if ref in one.noted or not one.bodies.isdisjoint(bodies):
        return Fit.BESIDE
    return Fit.PART


def _whole(words: str, text: str) -> bool:
    """Return whether words occur in a text as whole words."""
    return words in text and _pattern(words).search(text) is not None


@cache
def _pattern(words: str) -> re.Pattern[str]:
    # Where the words begin or end with a mark there is nothing to be cut off there.
    before = r"(?<!\w)" if words[:1].isalnum() else ""
    after = r"(?!\w)" if words[-1:].isalnum() else ""
    return re.compile(before + re.escape(words) + after)
