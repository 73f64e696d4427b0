"""Filters: which cases are wanted, and in which order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casework.kinds.records import Case, shape
from casework.rules.query import AND, NOT, OR, Joined
from casework.store.connections import NEGATED, Group, listed, within

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date

    from casework.store.connections import Alternative, Condition


SORTS = tuple(one.name for one in Case.fields if one.sort)
"""The fields by which a list may be sorted."""

MINUS = "-"

COUNTED = tuple(one.name for one in Case.fields if one.counted)
"""The fields by which cases may be counted."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A folded word or phrase to search for, and where else it occurs besides the texts of cases.

    `bodies` has the organisations whose name contains it as whole words, `noted` the cases with a
    note that does.
    """

    words: str
    bodies: frozenset[str] = frozenset()
    noted: frozenset[str] = frozenset()

    def conditions(self) -> Iterator[Condition]:
        """Yield the conditions under which a case matches."""
        yield "says", within(self.words)
        if self.noted:
            yield "noted", listed(self.noted)
        if self.bodies:
            for name in BODIES:
                yield f"{name} among", listed(self.bodies)

    def beside(self) -> Iterator[Condition]:
        """Yield the conditions under which a case whose texts are withheld matches."""
        yield "called", within(self.words)
        yield from (way for way in self.conditions() if way[0] not in {"says", "noted"})


BODIES = ("owner", "proposer", "addressee", "coordinating")
"""The fields whose organisations' names are searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cases, in which order. Text is searched without regard to case or diacritics.

    `among` has, for each field, values of which the case must have one; a list must contain it.
    Titles are sorted as in `lang`, if there are any. `where` is a query in which each term is a
    condition or `Sought`. `sort` has names of SORTS separated by commas, with a hyphen for
    descending order. `meant` has the days that were not typed as ISO 8601, and the options they
    were typed for.
    """

    among: Mapping[str, Sequence[str]] = field(default_factory=dict)
    overdue: bool = False
    due_before: date | None = None
    text: Sequence[Sought] = ()
    where: Term | None = None
    sort: str = "ref"
    lang: str = "en"
    limit: int | None = None
    meant: Sequence[tuple[str, date]] = ()

    def conditions(self, day: date, unseen: Collection[str]) -> list[list[Alternative]]:
        """Return what a case must meet on a day: one alternative of each condition.

        The cases with references in `unseen` are not found by their texts.
        """
        found: list[list[Alternative]] = [
            [(name, value) for value in values] for name, values in self.among.items() if values
        ]
        if unseen:
            found += self._told_otherwise(listed(unseen))
        if self.overdue:
            found.append([("overdue", day)])
        if self.due_before is not None:
            found.append([("due <", self.due_before)])
        if self.where is not None:
            found.append([_term(self.where, listed(unseen) if unseen else None)])
        return found + [list(one.conditions()) for one in self.text]

    def _told_otherwise(self, unseen: str) -> Iterator[list[Alternative]]:
        """Yield conditions that exclude cases that only their withheld texts would match."""
        for one in self.text:
            yield [("seen", unseen), *one.beside()]
        if not shape(Case.kind).texts.isdisjoint(self.among):
            yield [("seen", unseen)]

    @property
    def orders(self) -> list[tuple[str, bool]]:
        """The fields of the order, and whether each is descending."""
        names = self.sort.split(",")
        return [(one.removeprefix(MINUS), one.startswith(MINUS)) for one in names]

    @property
    def dated(self) -> bool:
        """Whether every case it finds has a due date."""
        return self.overdue or self.due_before is not None


Term = Joined | Sought | tuple[str, Any]
"""A query or a part of it, whose terms are conditions or searched words."""


def _term(part: Term, unseen: str | None, *, met: bool = True) -> Alternative:
    """Return the conditions of a part of a query that must be `met`, or must not.

    Texts of the cases in `unseen`, a JSON list of references, do not count.
    """
    if isinstance(part, Joined):
        if part.word == NOT:
            return _term(part.parts[0], unseen, met=not met)
        word = part.word if met else {AND: OR, OR: AND}[part.word]
        return Group(word, tuple(_term(one, unseen, met=met) for one in part.parts))
    if isinstance(part, Sought):
        ways = Joined(OR, tuple(part.conditions()))
        if unseen is not None:
            ways = Joined(OR, (Joined(AND, (("seen", unseen), ways)), *part.beside()))
        return _term(ways, None, met=met)
    name, value = part
    if unseen is not None and name in shape(Case.kind).texts:
        return _term(Joined(AND, (("seen", unseen), part)), None, met=met)
    return (name, value) if met else (NEGATED + name, value)
