"""Read the cells of a file as values of a case: parse, check and look them up."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from casework.acts.actors import code, mailbox
from casework.errors import CaseworkError, UsageError
from casework.exchange.columns import COLUMNS, LISTS, NO, OWN, YES, Column
from casework.exchange.standings import outcome, standing
from casework.kinds.choices import Outcome, State
from casework.kinds.forms import CODE_LIMIT, FORMS, by_spelling
from casework.kinds.records import Conference, Organisation, plain
from casework.rules.dates import BY, ON, Typed, length, parse, parse_date
from casework.rules.dates.forms import conference_number
from casework.rules.dates.meaning import ISO
from casework.system.text import TITLE_LIMIT, as_json, clean, fold, shortened, spelt
from casework.words import Kind, Text, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from casework.rules.dates import Day, Use

REMEMBERED = 4096
"""How many values of each column are cached, so that repeated values are read once."""

COUNT_LIMIT = 10_000

_COMMA = re.compile(r"([,\n])")


class BadCell(Exception):  # noqa: N818 - never leaves this package
    """An invalid cell: its column, its content, and what is wrong with it."""

    def __init__(self, column: str | Text, value: Any, fault: str | Text, /, **values: Any) -> None:
        super().__init__(fault)
        self.column = column
        self.value = value
        self.fault = fault if isinstance(fault, Text) else Text(fault, **values)
        self.others: list[BadCell] = []

    def shown(self, row: Mapping[str, Any]) -> Any:
        """Return what a row has in the cell; of a list or an object, the wrong text in it."""
        cell = row.get(str(self.column), self.value)
        return self.value if isinstance(cell, list | dict) and isinstance(self.value, str) else cell

    def told(self, row: Mapping[str, Any]) -> Text:
        """Return everything that is wrong with a row, in the words of its cells."""
        first, *rest = (
            fault(one.column, one.shown(row), one.fault) for one in (self, *self.others)
        )
        for one in rest:
            first = Text("list.then", first=first, then=one)
        return first


def fault(column: str | Text, given: Any, what: Text) -> Text:
    """Return what is wrong with a cell, for a message."""
    return Text("cell.fault", column=column, given=_shown(given), what=what)


def _shown(value: Any) -> str | Text:
    """Return a value for a message, as in the file, shortened if it is long."""
    if isinstance(value, Text):
        return value
    if isinstance(value, str):
        return repr(shortened(value))
    return as_json(plain(value))


class Cells:
    """Reads cells. `known` maps folded names to codes by kind; `settle` determines days of dates.

    If several organisations share a name, it means the one that exists on the row's day `on`, by
    `bodies`. Dates lie in the past, unless `use` says otherwise.
    """

    def __init__(
        self,
        known: Mapping[str, Mapping[str, list[str]]],
        settle: Callable[[Typed, date, Use], Day],
        today: date,
        bodies: Mapping[str, Organisation],
        columns: Iterable[Column] = COLUMNS,
        use: Use = ON,
    ) -> None:
        self.known = known
        self.on = today
        self._bodies = bodies
        self._settle = settle
        self._today = today
        self._use = use
        self.readers = {column.name: self._reader(column) for column in columns}
        """The reader of the cells of each column; it returns the value for the case."""

    def _reader(self, column: Column) -> Callable[[Any], Any]:
        name, parse_cell = column.name, self._parser(column)

        def read(given: Any) -> Any:
            try:
                return parse_cell(given, name)
            except CaseworkError as error:
                hint = error.next_step if column.holds in DATES else None
                what = (
                    error.what if hint is None else Text("list.then", first=error.what, then=hint)
                )
                raise BadCell(name, given, what) from None

        if column.holds in OWN:
            return read
        # Codes, dates and states say the same again and again; names of organisations on a day.
        several = any(len(codes) > 1 for codes in self.known[Organisation.kind].values())
        dated = several and column.names == Organisation.kind
        listed = column.holds in LISTS
        if not dated and not listed:
            return lru_cache(maxsize=REMEMBERED)(read)
        kept = lru_cache(maxsize=REMEMBERED)(lambda given, _: read(given))
        return lambda given: kept(tuple(given) if listed else given, self.on if dated else None)

    def _parser(self, column: Column) -> Callable[[Any, str], Any]:
        """Return the function that checks and looks up cells of a column."""
        kind = column.names
        if column.holds == "list":
            return partial(self._listed, kind)
        if kind is not None:
            return lambda given, _: self._look_up(kind, given)
        if column.holds == "date":
            return lambda given, _: self._day(given)
        return _PARSERS.get(column.holds) or partial(_choice, FORMS[column.holds]["among"])

    def _day(self, given: str) -> date:
        """Return the day in the past that a cell gives."""
        typed = _date(given)
        if isinstance(typed, date):
            return typed
        return self._settle(typed, self._today, self._use).day

    def values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a row; raises BadCell, which has all invalid cells."""
        found: dict[str, Any] = {}
        wrong: list[BadCell] = []
        for name, given in row.items():
            if (read := self.readers.get(name)) is not None:
                try:
                    found[name] = read(given)
                except BadCell as bad:
                    wrong.append(bad)
        if wrong:
            wrong[0].others = wrong[1:]
            raise wrong[0]
        return found

    def due(self, name: str, typed: Typed, start: date) -> Day:
        """Return the day of a due date; lengths of time count from `start`. Raises BadCell."""
        try:
            return self._settle(typed, start, BY)
        except CaseworkError as error:
            raise BadCell(name, typed.words, error.what) from None

    def _listed(self, kind: str | None, given: Iterable[str], name: str) -> tuple[str, ...]:
        """Return the texts of a list without repeats, as codes if they name records."""
        items = [clean(item, name, TITLE_LIMIT) for item in given]
        if kind is not None:
            items = [self._look_up(kind, one) for item in items for one in self._parts(kind, item)]
        return tuple(dict.fromkeys(items))

    def _parts(self, kind: str, words: str) -> list[str]:
        """Return the names separated by commas and line breaks, each as long as possible."""
        # A name may have commas itself: Bộ Văn hóa, Thể thao và Du lịch.
        known, rest, found = self.known[kind], _COMMA.split(words), []
        while rest:
            several = range(len(rest), 1, -2)
            size = next((n for n in several if known.get(fold("".join(rest[:n])))), 1)
            found.append("".join(rest[:size]))
            rest = rest[size + 1 :]
        return [name for name in found if name.strip()]

    def _look_up(self, kind: str, words: str) -> str:
        codes = self.known[kind].get(fold(words), [])
        if not codes and kind == Conference.kind:
            number = conference_number(fold(words), bare=True)
            codes = self.known[kind].get(str(number), []) if number is not None else []
        if len(codes) > 1 and kind == Organisation.kind:
            there = [one for one in codes if self._bodies[one].exists(self.on, self.on)]
            codes = there or codes
        if len(codes) == 1:
            return codes[0]
        if codes:
            raise UsageError("cell.ambiguous", codes=", ".join(codes))
        from difflib import get_close_matches

        near = get_close_matches(fold(words), self.known[kind], n=1)
        if near:
            closest = self.known[kind][near[0]][0]
            raise UsageError("cell.no-such-near", kind=Kind(kind), near=closest)
        raise UsageError("cell.no-such", kind=Kind(kind))


def call_by_number(
    names: dict[str, list[str]], conferences: Iterable[tuple[str, int | None]]
) -> None:
    """Let conferences be called by their numbers too, except where one has that name."""
    taken = {key for key, codes in names.items() if codes}
    for one, number in conferences:
        if number is not None and (key := str(number)) not in taken:
            names[key].append(one)


DUE, DUE_WORDS = "due", "words"
"""The column of the due date, and that of its words."""


class Vague(str):
    """The words of a deadline without a day, such as "in the coming time"."""

    __slots__ = ()


DATES = {"date", "Due"}
"""The kinds of cells that accept any typed date."""


def _date(given: str) -> date | Typed:
    """Return the day of a cell, or its text if it is not an ISO date."""
    words = given.strip()
    return parse_date(words) if ISO.fullmatch(words) else parse(words)


def _due(given: str) -> date | Typed | Vague:
    """Return the due date of a cell, or its words if they name no day and have no number."""
    try:
        return _date(given)
    except UsageError:
        if not any(map(str.isalpha, given)) or any(map(str.isnumeric, given)):
            raise
        return Vague(clean(given, DUE))


def spell_out(values: dict[str, Any]) -> list[str]:
    """Move a value that shares a cell with another to its own column: an outcome, deadline words.

    Returns the columns that got a value in this way.
    """
    told: dict[str, Any] = {}
    if isinstance(state := values.get("state"), Outcome):
        told["outcome"] = state
        values["state"] = State.RESOLVED
    if isinstance(due := values.get(DUE), Vague):
        told[DUE_WORDS] = str(due)
        del values[DUE]
    for name, value in told.items():
        values.setdefault(name, value)
    return [*told]


def _span(words: str) -> tuple[str, str]:
    start, mark, end = words.partition("/")
    if not mark or parse_date(end) < parse_date(start):
        raise UsageError("cell.hold")
    return start, end


def _rule(words: str) -> str:
    length(words)
    return words


def _count(words: str) -> int:
    if words.isascii() and words.isdigit() and len(words) <= len(str(COUNT_LIMIT)):
        return int(words)
    raise UsageError("cell.number-needed")


def _choice(among: list[str], given: str, _: str) -> str:
    """Return the value of a fixed list that a cell gives, in either language."""
    found = by_spelling(among).get(spelt(fold(given)))
    if found is None:
        raise UsageError("cell.one-needed", allowed=[Word(one) for one in among])
    return found


def _doubt(given: str, _: str) -> str:
    words = given.strip().casefold()
    if words not in {YES, NO}:
        raise UsageError("cell.one-needed", allowed=[YES, NO])
    return words


_PARSERS: Mapping[str, Callable[[Any, str], Any]] = {
    "str": clean,
    "Term": lambda given, name: clean(given, name, TITLE_LIMIT),
    "Login": lambda given, name: clean(given, name, CODE_LIMIT),
    "Mailbox": lambda given, _: mailbox(given),
    "NewCode": code,
    "Title": lambda given, name: clean(given, name, TITLE_LIMIT),
    "NewKey": code,
    "Due": lambda given, name: _due(given) if name == DUE else _date(given),
    "State": lambda given, _: standing(given),
    "Ending": lambda given, _: outcome(given),
    "doubt": _doubt,
    "CountRule": lambda given, _: _rule(given.strip()),
    "int": lambda given, _: _count(given.strip()),
    "Spans": lambda given, _: tuple(_span(item) for item in given),
}
