"""Find cases and records whose names begin with what somebody has typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from casework.kinds.records import KINDS
from casework.questions import reading
from casework.store import compiled
from casework.store.loading import load
from casework.system.text import fold, fold_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casework.kinds.records import Record
    from casework.store.connections import Connection

MOST = 100
"""The most results; if there are more, they are the first ones and the very last."""

BEYOND = "\U0010ffff"
"""A character that sorts after all others."""


class Begun(NamedTuple):
    """A case that was found, with its titles as the reader may see them."""

    ref: str
    title: str | None
    title_vi: str | None


def cases(connection: Connection, typed: str) -> list[Begun]:
    """Return the cases whose reference begins with what was typed, ignoring case.

    If there are more than MOST, the last one is at the end, because the common beginning of the
    first and the last is that of all.
    """
    key = fold_code(typed)
    within = {"first": key, "beyond": key + BEYOND}
    found = connection.rows(compiled.BEGUN_REFS, limit=MOST, **within)
    if len(found) == MOST:
        found[-1:] = connection.rows(compiled.LAST_BEGUN_REF, **within)
    return reading.listed(connection, [Begun(*row) for row in found])


def records(connection: Connection, kind: str, typed: str) -> list[Record]:
    """Return the records of a kind whose code, or else whose name, begins with what was typed."""
    key = fold(typed)
    rows = connection.rows(
        compiled.BEGUN_NAMES, kind=kind, first=key, beyond=key + BEYOND, limit=10 * MOST
    )
    codes = sorted({code for name, code in rows if name == fold(code)})
    codes = codes or sorted({code for _, code in rows})
    if len(codes) > MOST:
        codes[MOST - 1 :] = codes[-1:]
    return [*_loaded(connection, kind, codes)]


def _loaded(connection: Connection, kind: str, codes: Iterable[str]) -> Iterable[Record]:
    found = (load(connection, KINDS[kind], code) for code in codes)
    return (one for one in found if one is not None)
