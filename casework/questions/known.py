"""Look up the records of a kind by name, in the store or in memory.

Both classes have the same interface. For a single act, queries are best; an import of thousands
reads the kind once and notes the result of each act.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from casework.kinds.records import Record
from casework.store import compiled
from casework.store.loading import load, lock_head
from casework.store.record_rows import derived_rows, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.store.connections import Connection

R = TypeVar("R", bound=Record)


class Asked(Generic[R]):
    """The records of a kind, with one query for each look-up."""

    def __init__(self, connection: Connection, kind: type[R]) -> None:
        self.connection = connection
        self.kind = kind

    def called(self, key: str) -> list[str]:
        """Return the codes of the records with a folded code, name or alias."""
        return self.connection.column(compiled.CODES, kind=self.kind.kind, folded=key)

    def load(self, code: str) -> R | None:
        """Return the record of a code, None where there is none."""
        return load(self.connection, self.kind, code)

    def names(self) -> dict[str, str]:
        """Return every folded name with the code of one that has it."""
        return dict(self.connection.rows(compiled.NAMES_OF_KIND, kind=self.kind.kind))

    def every(self) -> Mapping[str, R]:
        """Return all of them by code."""
        rows = self.connection.rows(compiled.EVERY[self.kind.kind])
        return {one.key: one for one in (read(self.kind, row) for row in rows)}

    def keep_still(self) -> None:
        """Wait until anybody who is registering a name at this moment is done."""
        lock_head(self.connection)


class Held(Generic[R]):
    """All records of a kind in memory, updated by the acts that are noted."""

    def __init__(self, connection: Connection, kind: type[R]) -> None:
        self.connection = connection
        self.kind = kind
        asked = Asked(connection, kind)
        asked.keep_still()
        self._records: dict[str, R] = {}
        self._called: dict[str, dict[str, None]] = defaultdict(dict)
        for record in asked.every().values():
            self.note(record)

    def note(self, record: R) -> None:
        """Store a record as an act has left it."""
        before = self._records.get(record.key)
        for key in _keys(before) if before is not None else ():
            self._called[key].pop(record.key, None)
        self._records[record.key] = record
        for key in _keys(record):
            self._called[key][record.key] = None

    def called(self, key: str) -> list[str]:
        """Return the codes of the records with a folded code, name or alias."""
        return sorted(self._called.get(key, ()))

    def load(self, code: str) -> R | None:
        """Return the record of a code, None where there is none."""
        return self._records.get(code)

    def names(self) -> dict[str, str]:
        """Return every folded name with the code of one that has it."""
        return {key: next(iter(codes)) for key, codes in self._called.items() if codes}

    def every(self) -> Mapping[str, R]:
        """Return all of them by code."""
        return self._records

    def keep_still(self) -> None:
        """Do nothing, because names cannot have changed since they were read."""


Known: TypeAlias = Asked[R] | Held[R]


def _keys(record: Record) -> list[str]:
    return [key for _, key, _ in derived_rows(record)["name_key"]]
