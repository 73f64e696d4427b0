"""Cases with priority come first in every report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from casework.kinds.choices import YES
from casework.system.spooled import chosen, joined

if TYPE_CHECKING:
    from casework.system.spooled import Rows


class Starred(Protocol):
    """A case that may have priority."""

    @property
    def priority(self) -> str | None:
        """Yes, no, or None if it is not known."""


S = TypeVar("S", bound=Starred)


def starred_first(found: Rows[S]) -> Rows[S]:
    """Return cases with priority first; within both groups the order is kept."""
    starred = chosen(found, lambda one: one.priority == YES)
    return joined(starred, chosen(found, lambda one: one.priority != YES)) if starred else found
