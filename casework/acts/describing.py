"""The fields that describe a record, from what somebody gives for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.acts.actors import names
from casework.errors import UsageError
from casework.kinds.forms import form_of
from casework.kinds.records import KINDS
from casework.questions import lookup
from casework.system.text import clean, spelt
from casework.words import Choice, Text, Word

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from casework.kinds.field import Field
    from casework.kinds.record import Record
    from casework.ledger.ledger import Desk


def described(desk: Desk, kind: type[Record], said: Mapping[str, Any], day: date) -> dict[str, Any]:
    """Return the values of what is said, by the fields it is said of; None is not said.

    `said` has it by the names that options have, and names records as people name them on a day.
    Raises TypeError for a name that no such field has.
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
    """Refuse a new record without what every one of its kind has; raises UsageError."""
    lacking = [one.short for one in kind.describing if one.wanted and one.name not in fields]
    if lacking:
        raise UsageError("acts.lacks", act=act, field=lacking)


def _value(desk: Desk, one: Field, words: Any, day: date) -> Any:
    """Return the value of a field that somebody has said in words."""
    what = Text("name.field", field=Word(one.name))
    if one.many:
        return names(words, what)
    if one.refers is not None:
        return lookup.find(desk.connection, KINDS[one.refers], words, day).key
    form = form_of(one.type)
    if "among" in form:
        return _choice(one, form["among"], words)
    return clean(words, what, form["most"])


def _choice(one: Field, among: list[str], words: str) -> str:
    """Return the word of a list that somebody has said; raises UsageError for another."""
    said = spelt(words)
    if said not in among:
        raise UsageError("acts.no-value", field=one.short, value=repr(words), takes=Choice(among))
    return said
