"""Which cases are wanted, and in which order."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casework.kinds.records import Case, shape

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from casework.store.connections import Condition


SORTS = tuple(one.name for one in Case.fields if one.sort)
"""What a list may be ordered by."""

COUNTED = tuple(one.name for one in Case.fields if one.counted)
"""What cases may be counted by."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A word or phrase that is looked for, folded, and what has it beside the texts of cases.

    `bodies` are the organisations whose name has it as whole words, `noted` the cases a note of
    which does.
    """

    words: str
    bodies: frozenset[str] = frozenset()
    noted: frozenset[str] = frozenset()

    def conditions(self) -> Iterator[Condition]:
        """Yield the ways in which a case may have it."""
        yield "says", within(self.words)
        if self.noted:
            yield "noted", _listed(self.noted)
        if self.bodies:
            for name in BODIES:
                yield f"{name} among", _listed(self.bodies)


BODIES = ("owner", "proposer", "addressee", "coordinating")
"""The fields that name organisations whose names are searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cases, in which order. Text is looked for without case or diacritics.

    A case has any of the values that stand `among` those of a field; a list has it among others.
    Titles are in the order of those of `lang`, where there are any.
    """

    among: Mapping[str, Sequence[str]] = field(default_factory=dict)
    overdue: bool = False
    due_before: date | None = None
    text: Sequence[Sought] = ()
    sort: str = "ref"
    lang: str = "en"
    limit: int | None = None

    def conditions(self, day: date, unseen: Collection[str]) -> list[list[Condition]]:
        """Return what a case must meet on a day: one of the alternatives of each condition.

        The cases of the references `unseen` are found by no text of theirs.
        """
        found: list[list[Condition]] = [
            [(name, value) for value in values] for name, values in self.among.items() if values
        ]
        if unseen:
            found += self._told_otherwise(_listed(unseen))
        if self.overdue:
            found.append([("overdue", day)])
        if self.due_before is not None:
            found.append([("due_before", self.due_before)])
        return found + [list(one.conditions()) for one in self.text]

    def _told_otherwise(self, unseen: str) -> Iterator[list[Condition]]:
        """Yield what keeps cases out that only their texts would find."""
        for one in self.text:
            by_body = [way for way in one.conditions() if way[0] not in {"says", "noted"}]
            yield [("seen", unseen), ("called", within(one.words)), *by_body]
        if not shape(Case.kind).texts.isdisjoint(self.among):
            yield [("seen", unseen)]

    @property
    def dated(self) -> bool:
        """Whether every case it names has a due date."""
        return self.overdue or self.due_before is not None


def within(words: str) -> str:
    """Return the pattern of LIKE that a text meets that has some words, taken literally."""
    for mark in "/%_":
        words = words.replace(mark, f"/{mark}")
    return f"%{words}%"


def _listed(values: Iterable[str]) -> str:
    return json.dumps(sorted(values))
