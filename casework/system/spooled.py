"""Rows that may be too many for memory: beyond some thousands they are kept in a file.

The file has no name if the system allows that, is private, and is deleted with the rows. A report
reads one moment of a store and is written later, in two passes if column widths are needed, so its
rows are kept and not read again.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain, islice
from operator import eq, itemgetter
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from weakref import finalize

from casework.errors import UnavailableError
from casework.words import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

T = TypeVar("T")
U = TypeVar("U")
T_co = TypeVar("T_co", covariant=True)

KEPT = 8192
"""How many rows are kept in memory; if there are more, all are in the file."""

LOT = 1024
"""How many rows are processed at a time."""

TOGETHER = 128
"""How many rows are written and read at a time."""


class Rows(Protocol[T_co]):
    """Rows with a known number that can be iterated repeatedly: a list or a `View`."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[T_co]: ...


class View(Generic[T]):
    """Rows that are produced again at each iteration."""

    def __init__(self, count: int, again: Callable[[], Iterator[T]]) -> None:
        """Take their number and the function that yields them."""
        self._count, self._again = count, again

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return self._again()


class _Stored(View[T]):
    """Rows in a file; each lot is found by the number of its first row."""

    def __init__(self, count: int, file: _Scratch, places: Sequence[tuple[int, int]]) -> None:
        """Take the number of rows, and the first row of each lot with its position."""
        super().__init__(count, lambda: file.rows(place for _, place in places))
        self._file, self._places = file, places

    def part(self, first: int, end: int) -> Iterator[T]:
        """Yield the rows from one number up to, but not including, another."""
        lot = bisect_right(self._places, first, key=itemgetter(0)) - 1
        rows = self._file.rows(place for _, place in self._places[lot:])
        skipped = self._places[lot][0]
        return islice(rows, first - skipped, end - skipped)


def part(rows: Rows[T], first: int, end: int) -> Rows[T]:
    """Return the `kept` rows from one number up to, but not including, another."""
    if isinstance(rows, list):
        return rows[first:end]
    if not isinstance(rows, _Stored):
        raise TypeError
    return View(end - first, lambda: rows.part(first, end))


class _Scratch:
    """A file of rows in lots; each lot is found by its position."""

    def __init__(self) -> None:
        from tempfile import TemporaryFile

        try:
            self._file = TemporaryFile(prefix="casework-")  # noqa: SIM115 - it lasts as long as the rows
        except OSError as error:
            raise _no_room(error) from None
        finalize(self, self._file.close)

    def put(self, rows: Sequence[Any]) -> list[int]:
        """Append rows; return the positions of their lots."""
        import pickle

        places = []
        try:
            self._file.seek(0, 2)
            for start in range(0, len(rows), TOGETHER):
                places.append(self._file.tell())
                pickle.dump(rows[start : start + TOGETHER], self._file, pickle.HIGHEST_PROTOCOL)
        except OSError as error:
            raise _no_room(error) from None
        return places

    def rows(self, places: Iterable[int]) -> Iterator[Any]:
        """Yield the rows of some lots."""
        import pickle

        for place in places:
            try:
                self._file.seek(place)
                rows = pickle.load(self._file)  # noqa: S301 - nobody else writes to it
            except OSError as error:
                raise _no_room(error) from None
            yield from rows


def _no_room(error: OSError) -> UnavailableError:
    return UnavailableError("rows.no-room", why=quoted(error))


def kept(rows: Iterable[T]) -> Rows[T]:
    """Return rows that can be iterated repeatedly: a list if few, otherwise a view of a file.

    Raises UnavailableError if that file cannot be written.
    """
    found = iter(rows)
    page = list(islice(found, KEPT))
    more = list(islice(found, 1))
    if not more:
        return page
    file, count = _Scratch(), 0
    places: list[tuple[int, int]] = []
    while page:
        lots_at = file.put(page)
        places += zip(range(count, count + len(page), TOGETHER), lots_at, strict=True)
        count += len(page)
        # What has been written is let go of before more is read.
        page.clear()
        page = more + list(islice(found, LOT))
        more = []
    return _Stored(count, file, places)


def ordered(rows: Iterable[T], key: Callable[[T], Any]) -> Rows[T]:
    """Return rows sorted by a key; the order of equal rows is kept."""
    found = iter(rows)
    page = sorted(islice(found, KEPT), key=key)
    more = list(islice(found, 1))
    if not more:
        return page
    from heapq import merge

    file, runs = _Scratch(), []
    while page:
        runs.append(file.put(page))
        page.clear()
        page = sorted(chain(more, islice(found, KEPT)), key=key)
        more = []
    return kept(merge(*map(file.rows, runs), key=key))


def mapped(rows: Rows[T], made: Callable[[T], U]) -> Rows[U]:
    """Return the mapped rows: a list for a list, otherwise a view."""
    if isinstance(rows, list):
        return [made(one) for one in rows]
    return View(len(rows), lambda: map(made, rows))


def joined(*parts: Rows[T]) -> Rows[T]:
    """Return several groups of rows as one, in this order."""
    if all(isinstance(one, list) for one in parts):
        return [one for part in parts for one in part]
    return View(sum(map(len, parts)), lambda: chain.from_iterable(parts))


def chosen(rows: Rows[T], test: Callable[[T], Any]) -> Rows[T]:
    """Return the rows that pass a test: a list for a list, otherwise a view."""
    if isinstance(rows, list):
        return [one for one in rows if test(one)]
    # It is counted now, for what lists them says first how many there are.
    count = sum(1 for one in rows if test(one))
    return View(count, lambda: filter(test, rows))


def same(one: Rows[T], other: Rows[T]) -> bool:
    """Return whether two groups of rows are equal, in the same order."""
    return len(one) == len(other) and all(map(eq, one, other))


def lots(rows: Iterable[T], size: int = LOT) -> Iterator[list[T]]:
    """Yield rows in lots."""
    found = iter(rows)
    while lot := list(islice(found, size)):
        yield lot
