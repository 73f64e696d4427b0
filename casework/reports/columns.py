"""Columns of the fields of a case: a report names which it shows, in order; the rows say how."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from casework.kinds.forms import WORDED, form_of
from casework.kinds.records import Case, Cause, Conference, Organisation, Person
from casework.papers.model import Column
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from casework.kinds.field import Field
    from casework.papers.model import Kind, Shown

LACKING = "–"
"""What stands for an organisation that a case has none of."""

_FIELDS = {one.name: one for one in Case.fields}


def of_fields(
    lang: str,
    names: Iterable[str],
    *,
    always: Collection[str] = (),
    sheet: Collection[str] = (),
    data: Collection[str] = (),
) -> list[Column]:
    """Return the columns of fields; a title is the one in the language, where there is one.

    A field that a case may be without is shown where some case has it, but for an organisation, of
    which there is none. Those told apart are shown `always`, in a `sheet`, or in `data` files only.
    """
    told: dict[str, Shown] = {
        **dict.fromkeys(always, "always"),
        **dict.fromkeys(sheet, "sheet"),
        **dict.fromkeys(data, "data"),
    }
    return [_column(name, lang, told.get(name)) for name in names]


def _column(name: str, lang: str, shown: Shown | None) -> Column:
    one = _FIELDS[name]
    kind = _kind(one)
    may_lack = kind != "org" and form_of(one.type).get("null", False)
    shown = shown or ("filled" if may_lack else "always")
    lacking = LACKING if kind == "org" and one.default is None else ""
    return Column(name, word(name, lang), kind, shown, name == "title", lacking)


_NAMED: Mapping[str, Kind] = {
    Organisation.kind: "org",
    Person.kind: "person",
    Conference.kind: "conference",
    Cause.kind: "cause",
}


@cache
def _kind(one: Field) -> Kind:
    """Return what a column of a field holds."""
    if one.refers is not None:
        return _NAMED.get(one.refers, "code")
    if one.holds in WORDED:
        return "word"
    if one.name == Case.key_field:
        return "code"
    kinds: dict[str, Kind] = {"date": "date", "integer": "count"}
    return kinds.get(form_of(one.type)["is"], "text")
