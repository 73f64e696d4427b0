"""Lists and counts of cases."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.kinds.choices import State
from casework.kinds.listed import Followed
from casework.questions import reading
from casework.questions.audit_log import ENDLESS
from casework.rules.priority import starred_first
from casework.store import compiled
from casework.store.connections import DESCENDING, PAGE
from casework.store.filters import SORTS
from casework.store.record_rows import ref_parts
from casework.system.spooled import kept
from casework.system.text import sort_key
from casework.words import in_language

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from datetime import date

    from casework.kinds.records import Case
    from casework.store.connections import Alternative, Connection, Statement
    from casework.store.filters import Filter
    from casework.system.spooled import Rows


class Titles(NamedTuple):
    """The sort order of titles, which no engine can compute, and the orders around it."""

    ref: str
    title: str
    title_vi: str | None
    values: tuple[Any, ...]


def cases(connection: Connection, wanted: Filter, day: date) -> Generator[Case]:
    """Yield the cases of a filter, in pages."""
    if any(name == "title" for name, _ in wanted.orders):
        yield from _by_title(connection, wanted, day)
        return
    asked, values = _listing(wanted, reading.conditions(connection, wanted, day))
    limit = ENDLESS if wanted.limit is None else wanted.limit
    with closing(connection.stream(asked, limit=limit, **values)) as rows:
        yield from reading.cases(connection, rows)


def _listing(
    wanted: Filter, conditions: Sequence[Sequence[Alternative]]
) -> tuple[Statement, dict[str, Any]]:
    """Return the statement of a list, and the values it is asked with beside its limit."""
    if wanted.sort != "ref":
        return compiled.ordered(compiled.narrowed(compiled.LIST, conditions), _orders(wanted)), {}
    for place, alternatives in enumerate(conditions):
        if len(alternatives) == 1 and alternatives[0][0] == "theme":
            # An index has the cases of a theme in order, so that they are read to the limit.
            others = [*conditions[:place], *conditions[place + 1 :]]
            asked = compiled.narrowed(compiled.LIST_OF_THEME, others)
            return asked, {"theme": alternatives[0][1]}
    return compiled.narrowed(compiled.LIST, conditions), {}


def _by_title(connection: Connection, wanted: Filter, day: date) -> Generator[Case]:
    """Yield cases sorted by title as in a Vietnamese dictionary.

    No engine knows that order: all titles are sorted here, and the cases are fetched in pages.
    """
    asked = compiled.narrowed(compiled.TITLES, reading.conditions(connection, wanted, day))
    rows = [Titles(row[0], row[1], row[2], row[3:]) for row in connection.rows(asked)]
    found = sorted(reading.listed(connection, rows), key=lambda row: (*ref_parts(row.ref), row.ref))
    for name, falling in reversed(wanted.orders):
        key = _key(name, wanted.lang)
        having = [row for row in found if key(row) is not None]
        having.sort(key=key, reverse=falling)
        found = having + [row for row in found if key(row) is None]
    yield from in_order(connection, [row.ref for row in found[: wanted.limit]])


def _key(name: str, lang: str) -> Callable[[Titles], Any]:
    """Return the sort key of rows, equal to the order of the engines; no value is None."""
    place = SORTS.index(name)
    if name == "title":
        return lambda row: sort_key(in_language(row.title, row.title_vi, lang))
    if name == "ref":
        return lambda row: (*ref_parts(row.ref), row.ref)
    if name == "state":
        return lambda row: [*State].index(row.values[place])
    return lambda row: row.values[place]


def _orders(wanted: Filter) -> list[str]:
    """Return the names of the sort orders of a list."""
    named = [name + DESCENDING if falling else name for name, falling in wanted.orders]
    return ["dated" if wanted.dated and name == "due" else name for name in named]


def in_order(connection: Connection, refs: Sequence[str]) -> Generator[Case]:
    """Yield the cases of these references in this order, in pages."""
    for start in range(0, len(refs), PAGE):
        page = refs[start : start + PAGE]
        found = connection.rows(compiled.OF_REFS, refs=json.dumps(page))
        known = {case.ref: case for case in reading.cases(connection, found)}
        yield from (known[ref] for ref in page)


def counted(
    connection: Connection, by: str, wanted: Filter, day: date
) -> list[tuple[str | None, int]]:
    """Return the number of cases of a filter for each value of a column.

    `by` is the column; the greatest numbers come first.
    """
    conditions = reading.conditions(connection, wanted, day)
    if by == "owner" and conditions == [[("overdue", day)]]:
        found = connection.rows(compiled.OVERDUE_BY_OWNER, day=day, owner=None)
    else:
        found = connection.rows(compiled.narrowed(compiled.COUNTS[by], conditions))
    return sorted(
        ((key, cases) for key, cases in found if cases),
        key=lambda one: (-one[1], one[0] is None, one[0]),
    )


def counted_in_working_days(connection: Connection) -> list[Case]:
    """Return the unresolved cases whose due date was counted in working days."""
    from casework.rules.dates import WORKING

    rows = connection.rows(compiled.COUNTED_IN_WORKING_DAYS, unit=WORKING)
    return list(reading.cases(connection, rows))


def with_words(connection: Connection) -> list[Case]:
    """Return the unresolved cases whose due date is given in words."""
    return list(reading.cases(connection, connection.rows(compiled.WITH_WORDS)))


def recommended(connection: Connection, conference: str) -> Rows[Followed]:
    """Return the cases of a conference, in the order of their references."""
    return starred_first(kept(_followed(connection, "recommended", conference=conference)))


def still_open(connection: Connection) -> Iterator[Followed]:
    """Yield the cases that are not resolved."""
    return _followed(connection, "open")


def repeated(connection: Connection) -> dict[str, Followed]:
    """Return the cases that repeat an earlier one, or are repeated, by reference."""
    return {one.ref: one for one in _followed(connection, "repeated")}


def _followed(connection: Connection, which: str, **values: Any) -> Iterator[Followed]:
    with closing(connection.pages(compiled.FOLLOWED[which], **values)) as pages:
        for page in pages:
            yield from reading.listed(connection, [Followed._make(row) for row in page])


def repeats(connection: Connection) -> dict[str, list[str]]:
    """Return, for each case that asks again what was asked before, the cases it repeats."""
    found: dict[str, list[str]] = {}
    for ref, earlier in connection.rows(compiled.REPEATS):
        found.setdefault(ref, []).append(earlier)
    return found
