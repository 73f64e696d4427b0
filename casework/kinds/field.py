"""One row of a kind's table: what a field is, and everything else that is said of it.

What follows from a row is derived where it is needed, and written nowhere else: the record's class,
the column of its table, what an event may hold, a server's rules, the columns of files, options,
filters, orders, what can be corrected, what is shown, and the documents.
"""

from __future__ import annotations

from typing import Any

Words = tuple[str, str]
"""A text in English and in Vietnamese."""

NEEDED: Any = object()
"""The default of a field that has none: every record must be given it."""

FIRST, THEN = 1, 2
"""Where a field stands when its record is shown: among the first, or in its order after them."""


class Field:
    """One field of a kind of record; `row` says what each member means."""

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
        """What files and options call it."""
        return self.called or self.name

    @property
    def holds(self) -> str:
        """The name of its type; of a list of one type, ``list``."""
        name = self.type.removesuffix(" | None")
        return "list" if name.startswith("tuple[") else name

    @property
    def may_lack(self) -> bool:
        """Whether a record may be without a value of it."""
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

    `en` and `vi` are what people read for it. A record that is not given it has the `default`.
    It `refers` to a record of that kind by its key. Of a `private` value the log holds only a
    salted commitment. No two records have the same value of a `unique` field.

    A field with an `option` is set by that option of the verbs that describe a record, `wanted`
    says that a new one must have it, and `each` is the option's name where one value of a list is
    given. What is said `once`, of a new record, no edit changes. Files and options have a field
    under its own name unless it is `called` otherwise. `file` is the meaning of its column in
    files, whose heading is its name, what people read for it, or one of `headings`; one that is
    `told` is left out where a history stands beside it. A field that is `correct` is one that a
    correction can amend.

    `filter` is the help of the option that asks for records by it; `sort` and `counted` say that
    lists may be ordered, and records counted, by it. `search` is its place among the texts a record
    is searched by. A field is `naming` if the record is looked up by it, and `shown` where it is
    one of the members of a record that is shown.
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
