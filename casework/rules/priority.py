"""Cases with priority come first in every report."""

from __future__ import annotations

from typing import Protocol, TypeVar

from casework.kinds.choices import YES


class Starred(Protocol):
    """What may have priority."""

    @property
    def priority(self) -> str | None:
        """Whether it has: yes, no, or nobody said."""


S = TypeVar("S", bound=Starred)


def starred_first(found: list[S]) -> list[S]:
    """Return cases with those that have priority before the others, each in the order they had."""
    starred = [one for one in found if one.priority == YES]
    return starred + [one for one in found if one.priority != YES] if starred else found
