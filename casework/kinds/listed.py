"""The fields of a case that reports need when they do not need all of it, in order.

The statements take their columns from here. The annotations are those of the fields, except that
values of a fixed list stay plain text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from casework.kinds.forms import Code, Due, NewKey, Title, Verbatim, Verdict, YesNo


class Listed(NamedTuple):
    """An open case as a report lists it; the fields are the index of open cases."""

    ref: NewKey
    title: Title
    title_vi: Title | None
    state: str
    conference: Code | None
    proposer: Code
    owner: Code | None
    officer: Code | None
    due: Due | None
    original_due: Due | None
    extensions: int
    held_since: date | None
    reported: Verbatim | None
    priority: YesNo | None


class Followed(NamedTuple):
    """A case as a review follows it, resolved or not."""

    ref: NewKey
    title: Title
    title_vi: Title | None
    conference: Code | None
    owner: Code | None
    state: str
    due: Due | None
    outcome: str | None
    answer: str | None
    verdict: Verdict | None
    document: str | None
    proposed_on: date
    resolved_on: date | None
    reopened: int
    priority: YesNo | None
