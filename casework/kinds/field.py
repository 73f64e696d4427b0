"""The declaration of a field: one row of a kind's table.

Everything about a field is derived from its row and written nowhere else: the record's class, the
column of its table, what an event may hold, the server's rules, columns of files, options, filters,
sort orders, what can be corrected, what is shown, and the documentation.
"""

from __future__ import annotations

from typing import Any

Words = tuple[str, str]
"""A text in English and in Vietnamese."""

NEEDED: Any = object()
"""Marks a field without a default: every record must be given a value."""

FIRST, THEN = 1, 2
"""The place of a field when its record is shown: among the first, or in order after them."""


class Field:
    """One field of a kind of record; `row` explains the members."""

    __slots__ = (
        *(
            "name",
            "type",
            "label",
            "default",
            "refers",
            "private",
            "unique",
            "wanted",
            "option",
            "each",
            "once",
        ),
        *("called", "file", "headings", "told", "correct", "filter", "sort", "counted", "search"),
        *("naming", "shown"),
    )
    name: str
    type: str
    label: Words
    default: Any
    refers: str | None
    private: bool
    unique: bool
    wanted: bool
    option: Words | None
    each: str | None
    once: bool
    called: str | None
    file: str | None
    headings: tuple[str, ...]
    told: bool
    correct: bool
    filter: Words | None
    sort: bool
    counted: bool
    search: int | None
    naming: bool
    shown: int | None

    @property
    def short(self) -> str:
        """The name of the field in files and options."""
        return self.called or self.name

    @property
    def holds(self) -> str:
        """The name of its type; of a list of one type, ``list``."""
        name = self.type.removesuffix(" | None")
        return "list" if name.startswith("tuple[") else name

    @property
    def may_lack(self) -> bool:
        """Whether a record may have no value for it."""
        return self.default is None or self.many

    @property
    def many(self) -> bool:
        """Whether it is a list."""
        return bool(self.default == ())


def row(
    en: str,
    vi: str,
    *,
    default: Any = NEEDED,
    refers: str | None = None,
    private: bool = False,
    unique: bool = False,
    wanted: bool = False,
    option: Words | None = None,
    each: str | None = None,
    once: bool = False,
    called: str | None = None,
    file: str | None = None,
    headings: tuple[str, ...] = (),
    told: bool = False,
    correct: bool = False,
    filter: Words | None = None,  # noqa: A002 - what the table calls it
    sort: bool = False,
    counted: bool = False,
    search: int | None = None,
    naming: bool = False,
    shown: int | None = None,
) -> Any:
    """Declare a field; its annotation names its type, which `forms` defines.

    `en` and `vi` are its names for people. `default` is the value of a record that is given none. A
    field that `refers` holds the key of a record of that kind. Of a `private` value the log holds
    only a salted commitment. No two records may have the same value of a `unique` field.

    `option` is the option that sets the field in commands that describe a record; `wanted` makes it
    required for a new record; `each` names the option that gives one value of a list. A field that
    is given `once` cannot be edited. `called` is the name of the field in files and options, if not
    its own. `file` explains its column in files, which may be headed by its name, its names for
    people, or one of `headings`; a `told` column is left out if the file also holds the history. A
    field with `correct` can be corrected.

    `filter` is the help of the option that filters by the field; `sort` and `counted` allow lists
    to be sorted, and records counted, by it. `search` is its place among the texts that are
    searched. Records are looked up by their `naming` fields. `shown` is the place of the field when
    a record is shown.
    """
    one = Field()
    one.label = (en, vi)
    one.default = default
    one.refers = refers
    one.private = private
    one.unique = unique
    one.wanted = wanted
    one.option = option
    one.each = each
    one.once = once
    one.called = called
    one.file = file
    one.headings = headings
    one.told = told
    one.correct = correct
    one.filter = filter
    one.sort = sort
    one.counted = counted
    one.search = search
    one.naming = naming
    one.shown = shown
    return one
