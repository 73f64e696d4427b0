"""The names of what a query may ask for: fields and conditions, in both languages."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.kinds.case import Case
from casework.kinds.forms import form_of
from casework.system.text import fold, spelt
from casework.words import LANGUAGES, Text, said, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.kinds.field import Field

LACKING = ("no-", "chua-co-", "khong-co-")
"""The beginnings of a condition that is true if a case has no value for a field, folded."""


class Flag(NamedTuple):
    """A yes-or-no condition: one of FLAGS, or a field without a value."""

    name: str
    lacks: Field | None
    column: int


FLAGS = ("open", "resolved", "overdue", "on_hold", "asks_time", "contested")
"""Conditions that are not fields, by name."""

FIELDS = tuple(
    one
    for one in Case.fields
    if one.filter is not None or (one.sort and form_of(one.type)["is"] in {"date", "integer"})
) + tuple(one for one in Case.fields if one.name == Case.key_field)
"""The fields allowed in a query: those that lists filter by, and dates and numbers."""


DUE: Field = next(one for one in Case.fields if one.name == "due")

TEXTS = tuple(one for one in Case.fields if one.search and one not in FIELDS)
"""The texts of a case; a term is true if the text contains the words."""


@cache
def names() -> Mapping[str, Field]:
    """Return the fields by every name they have: the option's, or their words in both languages."""
    every = (*TEXTS, *FIELDS)
    found = {spelt(one.short): one for one in every}
    return {spelt(fold(word)): one for one in every for word in one.label} | found


@cache
def flags() -> Mapping[str, Flag]:
    """Return the flags by their names in both languages."""
    found = {
        start + name: Flag(f"no {one.short}", one, 0)
        for name, one in names().items()
        for start in LACKING
        if one.may_lack and one in FIELDS
    }
    for name in FLAGS:
        for called in (name, *(word(name, lang) for lang in LANGUAGES)):
            found[spelt(fold(called))] = Flag(name, None, 0)
    return found


class Called(Text):
    """The name of a field or of a condition, as it is typed in the reader's language."""

    __slots__ = ()

    @classmethod
    def of(cls, one: Flag | Field) -> Called:
        """Return the name of a flag or of a field."""
        return cls(one.name if isinstance(one, Flag) else one.short)

    def said(self, lang: str = "en") -> str:
        """Return the name, with hyphens for blanks."""
        if self.key.startswith("no "):
            field = Called(self.key.removeprefix("no "))
            return said("query.lacking", lang, field=field)
        if lang == LANGUAGES[0]:
            return spelt(self.key)
        fields = {one.short: one.label for one in (*FIELDS, *TEXTS)}
        label = fields.get(self.key)
        typed = spelt(label[LANGUAGES.index(lang)] if label else word(self.key, lang))
        # A name with a bracket in it cannot be typed.
        return spelt(self.key) if "(" in typed else typed


def near(name: str, known: Mapping[str, Any]) -> Text:
    """Return the hint with the nearest names, or else with all names."""
    from difflib import get_close_matches

    close = get_close_matches(spelt(fold(name)), known, n=3, cutoff=0.6)
    if found := [*dict.fromkeys(Called.of(known[one]) for one in close)]:
        return Text("query.near", near=found)
    fields = [Called.of(one) for one in (*FIELDS, *TEXTS)]
    return Text("query.fields", fields=fields, flags=[Called(one) for one in FLAGS])
