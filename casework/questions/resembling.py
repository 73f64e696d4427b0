"""Find cases with similar titles, which may have been recommended before."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING

from casework.questions import listing, reading
from casework.store import compiled
from casework.store.connections import within
from casework.store.record_rows import TITLES
from casework.system.text import fold

if TYPE_CHECKING:
    from casework.kinds.records import Case
    from casework.store.connections import Condition, Connection

ALIKE = 0.6
"""The share of words that two similar titles have in common."""

SOUGHT = 3
"""How many of the longest words of a title are searched; one of them must occur."""

MOST = 5
"""The most cases returned."""


def resembling(connection: Connection, title: str) -> list[Case]:
    """Return the cases with similar titles, the most similar first.

    Titles are compared by words, without case or diacritics, in either language. Cases whose texts
    are withheld are never returned.
    """
    words = _words(fold(title))
    sought = sorted(words, key=lambda one: (-len(one), one))[:SOUGHT]
    ways: list[Condition] = [("says", within(one)) for one in sought]
    if not ways:
        return []
    unseen = reading.unseen(connection).cases
    with closing(connection.stream(compiled.narrowed(compiled.MATCHES, [ways]))) as rows:
        found = [
            (-alike, row[1], row[2], row[0])
            for row in rows
            if row[0] not in unseen and (alike := _alike(words, row[3])) >= ALIKE
        ]
    return list(listing.in_order(connection, [one[-1] for one in sorted(found)[:MOST]]))


def _alike(words: frozenset[str], search: str) -> float:
    """Return the share of common words with the more similar title of a case: 0 to 1."""
    titles = (_words(line) for line in search.split("\n")[:TITLES])
    return max(len(words & one) / len(words | one) for one in titles)


def _words(folded: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", folded))
