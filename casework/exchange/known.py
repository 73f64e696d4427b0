"""Find the existing cases that the rows of a file may mean."""

from __future__ import annotations

from collections import defaultdict
from string import digits
from typing import TYPE_CHECKING, NamedTuple

from casework.system.text import fold, fold_code

if TYPE_CHECKING:
    from collections.abc import Iterable


class Registered(NamedTuple):
    """An existing case with a reference from a row."""

    ref: str
    title: str
    proposer: str
    conference: str | None
    first_event: int


class Known:
    """The existing cases, by reference and by identity.

    `unseen` cases are known only by reference.
    """

    def __init__(
        self, cases: Iterable[tuple[str, str, str, str, str | None]], unseen: frozenset[str]
    ) -> None:
        self._cases = list(cases)
        self._unseen = unseen
        self.refs = {key: ref for key, ref, *_ in self._cases}
        self._numbers = {_bare(ref): ref for ref in self.refs.values()}
        self._alike: dict[tuple[str, str, str | None], list[str]] | None = None
        self._rows: dict[tuple[str, str, str | None], int] = {}

    def alike(self, title: str, proposer: str, conference: str | None) -> list[str]:
        """Return the references of the cases with this title, proposer and conference."""
        if self._alike is None:
            self._alike = defaultdict(list)
            told = (one[1:] for one in self._cases if one[1] not in self._unseen)
            for ref, title_, proposer_, conference_ in told:
                self._alike[_identity(title_, proposer_, conference_)].append(ref)
        return self._alike.get(_identity(title, proposer, conference), [])

    def earlier_row(self, number: int, title: str, proposer: str, conference: str | None) -> int:
        """Note the identity of a row without a reference; return the first row that had it."""
        return self._rows.setdefault(_identity(title, proposer, conference), number)

    def misspelt(self, ref: str) -> str | None:
        """Return a reference that differs from this one only in leading zeros."""
        there = self._numbers.setdefault(_bare(ref), ref)
        return None if there == ref or fold_code(there) == fold_code(ref) else there


def _bare(ref: str) -> str:
    """Return a reference folded and without leading zeros of its number."""
    stem = ref.rstrip(digits)
    return stem.casefold() + (ref[len(stem) :].lstrip("0") or "0" if stem != ref else "")


def _identity(title: str, proposer: str, conference: str | None) -> tuple[str, str, str | None]:
    return fold(title), proposer, conference
