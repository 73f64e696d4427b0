"""Columns for fields of a case, derived from the rows of the fields."""

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
"""Shown for a missing organisation."""

_FIELDS = {one.name: one for one in Case.fields}


def of_fields(
    lang: str,
    names: Iterable[str],
    *,
    always: Collection[str] = (),
    sheet: Collection[str] = (),
    data: Collection[str] = (),
) -> list[Column]:
    """Return the columns of fields; titles are in the language if possible.

    An optional field is shown if some case has it; organisations are always shown. `always`,
    `sheet` and `data` name fields that are shown always, only in spreadsheets, or only in data
    files.
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
    """Return the kind of a field's column."""
    if one.refers is not None:
        return _NAMED.get(one.refers, "code")
    if one.holds in WORDED:
        return "word"
    if one.name == Case.key_field:
        return "code"
    kinds: dict[str, Kind] = {"date": "date", "integer": "count"}
    return kinds.get(form_of(one.type)["is"], "text")
