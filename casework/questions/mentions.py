"""Find the events whose private texts name a person."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casework.kinds.records import REDACTED, Person, shape
from casework.log.event import PRIVATE_WORDS
from casework.questions import audit_log, lookup, reading
from casework.system.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.log.reading import Event
    from casework.store.connections import Connection, Unseen

EXCERPT = 60
"""How many characters of a text are shown on either side of a name."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A private text that names a person: a field of an event on a record."""

    event: int
    subject: str
    kind: str
    act: str
    field: str
    text: str
    """The words around the name."""


@dataclass(frozen=True, slots=True)
class _Names:
    """The present and former names of a person."""

    logins: frozenset[str]
    written: re.Pattern[str]
    """Names of one word and mail addresses, matched exactly."""
    folded: re.Pattern[str]
    """Names of several words, matched without case or diacritics."""

    def place(self, text: str) -> int | None:
        """Return the position of a name in a text; None if there is none."""
        if match := self.written.search(text):
            return match.start()
        match = self.folded.search(fold(text))
        # Folding keeps words apart, and of Vietnamese and English as many letters as there were.
        return None if match is None else match.start()


def mentions(connection: Connection, words: str, hides: Unseen) -> list[Mention]:
    """Return the events that name a person in a private text, oldest first.

    Former names count too. A name of one word must match exactly; a name of several words is also
    found without case or diacritics. Left out are the private fields of the person's own record,
    which `redact_person` erases, values that are already erased, and texts that `hides` withholds.
    """
    person = lookup.find(connection, Person, words)
    names = _names(connection, person)
    found: list[Mention] = []
    with closing(audit_log.every_event(connection)) as events:
        for event in events:
            found += _of_event(reading.event(hides, event), person, names)
    return found


def _names(connection: Connection, person: Person) -> _Names:
    held: dict[str, set[str]] = {}
    for event in audit_log.history(connection, person.code, Person):
        for name in ("name", "name_vi", "email", "login"):
            values = {value for value in event.changes.get(name, ()) if value}
            held.setdefault(name, set()).update(values - {REDACTED})
    called = held.get("name", set()) | held.get("name_vi", set())
    long = {fold(one) for one in called if " " in one.strip()}
    short = {one for one in called if " " not in one.strip()} | held.get("email", set())
    return _Names(frozenset(held.get("login", ())), _any_of(short), _any_of(long))


def _any_of(names: set[str]) -> re.Pattern[str]:
    """Return a pattern for any of these as whole words; without any it matches nothing."""
    if not names:
        return re.compile(r"(?!)")
    listed = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)")


def _of_event(event: Event, person: Person, names: _Names) -> Iterator[Mention]:
    for field, text in _texts(event, person):
        place = names.place(text)
        if place is None and not (field == "login" and text in names.logins):
            continue
        start = max(0, (place or 0) - EXCERPT)
        shown = " ".join(text[start : (place or 0) + 2 * EXCERPT].split())
        yield Mention(event.seq, event.key, event.kind, event.act, field, shown)


def _texts(event: Event, person: Person) -> Iterator[tuple[str, str]]:
    """Yield the private texts of an event, each with the name of its field."""
    for word in PRIVATE_WORDS:
        if (text := getattr(event, word)) is not None:
            yield word, text
    if (event.kind, event.key) == (Person.kind, person.code):
        return
    private = shape(event.kind).private
    for name, (_, new) in event.changes.items():
        if name in private and isinstance(new, str):
            yield name, new
