"""Which cases are asked for, and in which order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casework.kinds.case import Case

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cases, in which order. Text is looked for without case or diacritics.

    A case has any of the values that stand `among` those of a field. Titles are in the order of
    those of `lang`, where there are any.
    """

    among: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    overdue: bool = False
    due_before: date | None = None
    theme: str | None = None
    text: Sequence[Sought] = ()
    sort: str = "ref"
    lang: str = "en"
    limit: int | None = None

    @property
    def simple(self) -> bool:
        """Whether it asks for all cases, or all that are overdue."""
        return not any((self.among, self.due_before, self.theme, self.text))
