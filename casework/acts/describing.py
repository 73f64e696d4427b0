"""Read the fields that describe a record from what the user gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.acts.actors import names
from casework.errors import UsageError
from casework.kinds.forms import by_spelling, form_of
from casework.kinds.records import KINDS
from casework.questions import lookup
from casework.system.text import clean, fold, spelt
from casework.words import Choice, Text, Word

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from casework.kinds.field import Field
    from casework.kinds.record import Record
    from casework.ledger.ledger import Desk


def described(desk: Desk, kind: type[Record], said: Mapping[str, Any], day: date) -> dict[str, Any]:
    """Return the values of the fields that are given; None means that a field is not given.

    `said` uses the names of the options, and refers to records by the codes or names they have on a
    day. Raises TypeError if no field has such a name.
    """
    fields = {one.short: one for one in kind.describing}
    if unknown := said.keys() - fields:
        raise TypeError(f"nothing of a {kind.kind} is called {', '.join(sorted(unknown))}")
    return {
        fields[name].name: _value(desk, fields[name], words, day)
        for name, words in said.items()
        if words is not None and words != ()
    }


def refuse_lacking(kind: type[Record], act: str, fields: Mapping[str, Any]) -> None:
    """Raise UsageError if a new record lacks a required field of its kind."""
    lacking = [one.short for one in kind.describing if one.wanted and one.name not in fields]
    if lacking:
        raise UsageError("acts.lacks", act=act, field=lacking)


def _value(desk: Desk, one: Field, words: Any, day: date) -> Any:
    """Return the value of a field that was given as text."""
    what = Text("name.field", field=Word(one.name))
    if one.many:
        return names(words, what)
    if one.refers is not None:
        return lookup.find(desk.connection, KINDS[one.refers], words, day).key
    form = form_of(one.type)
    if "among" in form:
        return choice_of(one, words)
    return clean(words, what, form["most"])


def choice_of(one: Field, words: str) -> str:
    """Return a choice of a field that has a list of them; raises UsageError for any other text."""
    among = form_of(one.type)["among"]
    found = by_spelling(among).get(spelt(fold(words)))
    if found is None:
        takes = Choice(map(Word, among))
        raise UsageError("acts.no-value", field=one.short, value=repr(words), takes=takes)
    return found
