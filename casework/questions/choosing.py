"""Choose cases by references, ranges of references, or a filter."""

from __future__ import annotations

import json
from itertools import pairwise
from string import digits
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import CaseworkError, NotFoundError, UsageError
from casework.questions import listing, lookup
from casework.store import compiled
from casework.store.record_rows import ref_parts
from casework.system.text import TITLE_LIMIT, clean, fold, fold_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from casework.store.connections import Connection

BETWEEN = "-"
"""The sign between the first and the last case of a range."""


class Chosen(NamedTuple):
    """The chosen cases, each once, in the order in which they were given.

    `holes` has the references inside ranges that no case has, consecutive ones as a range; `faults`
    has the words that name no case, each with its error.
    """

    refs: tuple[str, ...]
    holes: tuple[str, ...] = ()
    faults: tuple[tuple[str, CaseworkError], ...] = ()


def named(connection: Connection, words: Sequence[str]) -> Chosen:
    """Return the cases of references and ranges such as ``NFAC-22.001-020``.

    A word that is the reference of a case means that case. Otherwise a range means every registered
    case from the first to the last, which must both exist. Raises NotFoundError without words.
    """
    if not words:
        raise NotFoundError("choosing.none")
    known = _known(connection, words)
    refs: list[str] = []
    holes: list[str] = []
    faults: list[tuple[str, CaseworkError]] = []
    for one in dict.fromkeys(words):
        try:
            if (ref := next((known[key] for key in _keys(one) if key in known), None)) is not None:
                refs.append(ref)
            else:
                found = _between(connection, one)
                refs += found.refs
                holes += found.holes
        except CaseworkError as error:
            faults.append((one, error))
    return Chosen(tuple(dict.fromkeys(refs)), tuple(dict.fromkeys(holes)), tuple(faults))


def wanted(connection: Connection, asked: dict[str, Any]) -> Chosen:
    """Return the cases of a filter, as read by `casework.questions.wanted`, by reference.

    Raises NotFoundError if there are none, and the errors of the filter.
    """
    from casework.questions.wanted import filter_of

    day = lookup.office_day(connection)
    cases = listing.cases(connection, filter_of(connection, connection, asked, day), day)
    refs = tuple(case.ref for case in cases)
    if not refs:
        raise NotFoundError("choosing.none")
    return Chosen(refs)


def _known(connection: Connection, words: Iterable[str]) -> dict[str, str]:
    """Return the references that words may mean, by look-up key."""
    keys = [key for one in words for key in _keys(one)]
    return dict(connection.rows(compiled.REFS, ref_keys=json.dumps(keys)))


def _keys(words: str) -> tuple[str, ...]:
    try:
        written = clean(words, "name.reference", TITLE_LIMIT)
    except UsageError:
        # What is wrong with it is told when it is looked for.
        return ()
    return (fold_code(written), fold(written))


def _ends(connection: Connection, words: str) -> Iterator[tuple[str, str | None, str]]:
    """Yield the ways to read words as a range: first case, last case, and what follows the sign.

    The last one is given whole or as a number: ``A.001-020``, ``A.001-A.020``.
    """
    for place in reversed([place for place, one in enumerate(words) if one == BETWEEN]):
        begin, end = words[:place].strip(), words[place + 1 :].strip()
        first = lookup.case_ref(connection, begin) if begin and end else None
        if first is None:
            continue
        stem = first.rstrip(digits)
        tried = [end]
        if end.isascii() and end.isdigit():
            tried = [stem + end, stem + end.zfill(len(first) - len(stem))]
        last = next(filter(None, (lookup.case_ref(connection, one) for one in tried)), None)
        if last is not None or tried[0] != end:
            yield first, last, tried[0]


def _between(connection: Connection, words: str) -> Chosen:
    """Return the cases of a range; raises NotFoundError if it is malformed or has no last case."""
    ends = next(_ends(connection, words), None)
    if ends is None:
        raise lookup.no_case(connection, words)
    first, last, written = ends
    if last is None:
        error = lookup.no_case(connection, written)
        raise NotFoundError("choosing.no-end", error.way_out, words=words, ref=written)
    (stem, start), (other, stop) = ref_parts(first), ref_parts(last)
    if stem != other:
        raise UsageError("choosing.two-rows", words=words, first=first, last=last)
    if start > stop:
        raise UsageError("choosing.backwards", words=words, first=first, last=last)
    rows = connection.rows(compiled.REFS_BETWEEN, stem=stem, first=start, last=stop)
    return Chosen(
        tuple(ref for ref, _ in rows), tuple(_holes(first, [number for _, number in rows]))
    )


def _holes(first: str, numbers: Sequence[int]) -> Iterator[str]:
    """Yield the missing references between numbers, written like the first one."""
    stem = first.rstrip(digits)
    wide = len(first) - len(stem)
    for before, after in pairwise(numbers):
        if after - before > 1:
            begin, end = (f"{number:0{wide}}" for number in (before + 1, after - 1))
            yield f"{stem}{begin}" + (f"{BETWEEN}{end}" if begin != end else "")
