"""Cases with priority come first in every report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from casework.kinds.choices import YES
from casework.system.spooled import chosen, joined

if TYPE_CHECKING:
    from casework.system.spooled import Rows


class Starred(Protocol):
    """What may have priority."""

    @property
    def priority(self) -> str | None:
        """Whether it has: yes, no, or nobody said."""


S = TypeVar("S", bound=Starred)


def starred_first(found: Rows[S]) -> Rows[S]:
    """Return cases with those that have priority before the others, each in the order they had."""
    starred = chosen(found, lambda one: one.priority == YES)
    return joined(starred, chosen(found, lambda one: one.priority != YES)) if starred else found
