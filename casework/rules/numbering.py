"""The numbers of issued papers: without a gap within a year, and kept by those that are withdrawn.

The first paper of a year may have any number: those before it were issued without the register.
Decree 30/2020/NĐ-CP has an office number what it issues year by year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from casework.kinds.records import Paper

ISSUE, WITHDRAW = "issue", "withdraw"
WITHDRAWN = ("recalled_on",)
"""What withdrawing a paper changes of it, and nothing else."""


def table() -> dict[str, Any]:
    """Return what a server is told."""
    return {"issue": ISSUE, "withdraw": WITHDRAW, "withdrawn": list(WITHDRAWN)}


def following(taken: Collection[int]) -> int:
    """Return the number of the next paper of a year, of which these are taken."""
    return max(taken, default=0) + 1


def in_turn(number: int, taken: Collection[int]) -> bool:
    """Tell whether a paper may have a number in a year of which these are taken."""
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
    """Tell whether an act on a paper gives it the number it may have, or leaves it the one it has.

    `left` is the paper as the act leaves it, `taken` has the numbers of the papers before it, by
    their years.
    """
    if verb == ISSUE:
        year, number = left.issued_on.year, left.paper_number
        whole = before is None and left.recalled_on is None and left.issued_on == day
        return whole and left.code == code_of(year, number) and in_turn(number, taken.get(year, ()))
    if verb == WITHDRAW:
        kept = before is not None and before.recalled_on is None
        return kept and left.recalled_on is not None and {*changes} == {*WITHDRAWN}
    return True
