"""The numbers of issued papers: without a gap within a year; withdrawn papers keep theirs.

Only the first paper of a year in the register may have any number, because earlier ones may have
been issued without it. Decree 30/2020/NĐ-CP requires an office to number its papers by year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from casework.kinds.records import Paper

ISSUE, WITHDRAW = "issue", "withdraw"
WITHDRAWN = ("recalled_on",)
"""The only fields that withdrawing a paper changes."""


def table() -> dict[str, Any]:
    """Return what a server is told."""
    return {"issue": ISSUE, "withdraw": WITHDRAW, "withdrawn": list(WITHDRAWN)}


def following(taken: Collection[int]) -> int:
    """Return the number of the next paper of a year, given those that are taken."""
    return max(taken, default=0) + 1


def in_turn(number: int, taken: Collection[int]) -> bool:
    """Return whether a paper may have a number, given those that are taken in that year."""
    return number == following(taken) if taken else number > 0


def code_of(year: int, number: int) -> str:
    """Return the code of the paper that has a number in a year."""
    return f"{year:04d}-{number:04d}"


def is_said(
    verb: str,
    before: Paper | None,
    left: Paper,
    changes: Collection[str],
    day: date,
    taken: Mapping[int, Collection[int]],
) -> bool:
    """Return whether an act gives a paper a number it may have, or leaves its number alone.

    `left` is the paper after the act; `taken` has the numbers of earlier papers by year.
    """
    if verb == ISSUE:
        year, number = left.issued_on.year, left.paper_number
        whole = before is None and left.recalled_on is None and left.issued_on == day
        return whole and left.code == code_of(year, number) and in_turn(number, taken.get(year, ()))
    if verb == WITHDRAW:
        kept = before is not None and before.recalled_on is None
        return kept and left.recalled_on is not None and {*changes} == {*WITHDRAWN}
    return True
