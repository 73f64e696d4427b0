"""How other registers and lists call where a case stands, and what that is here."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from casework.errors import UsageError
from casework.kinds.choices import Outcome, State
from casework.system.text import fold
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

STANDINGS: Mapping[State | Outcome, tuple[str, ...]] = {
    State.ASSIGNED: (
        *("open", "open unresolved", "not started"),
        *("chưa thực hiện", "chưa triển khai", "chưa giải quyết", "chưa hoàn thành"),
    ),
    State.UNDER_STUDY: (
        *("open resolved", "under implementation", "in progress", "closure requested"),
        *("ongoing", "on track"),
        *("đang thực hiện", "đang triển khai", "đang giải quyết", "đang xử lý", "đang làm"),
    ),
    Outcome.IMPLEMENTED: (
        *("closed implemented", "complete", "completed", "done"),
        *("hoàn thành", "đã hoàn thành", "hoàn thành quá hạn", "xong", "đã xong"),
    ),
    Outcome.PARTLY_IMPLEMENTED: (
        *("hoàn thành một phần", "đã hoàn thành một phần", "đã thực hiện một phần"),
    ),
    Outcome.EXPLAINED: ("đã giải trình, cung cấp thông tin", "đã trả lời, giải thích"),
    Outcome.NOT_ACCEPTED: ("closed unimplemented",),
    Outcome.SUPERSEDED: ("closed overtaken by events",),
    Outcome.TRANSFERRED: ("đã chuyển cơ quan có thẩm quyền",),
}
"""Other words for a state, or for the outcome of a case that is resolved.

"Open Resolved" and "Closed" are a United States inspector general's words, "under implementation"
and "closure requested" those of the United Nations' Board of Auditors, for whom a request for
closure is a claim until the Board confirms it; the Vietnamese ones stand in lists of ministries.
"""


def plainly(words: str) -> str:
    """Return words as they are compared: without case, diacritics and marks between them."""
    return " ".join(re.split(r"[\s_-]+", fold(words)))


@cache
def words_of(kind: type[StrEnum]) -> dict[str, StrEnum]:
    """Return the values of a kind by what they are called in either language, folded."""
    known: dict[str, StrEnum] = {plainly(value): value for value in kind}
    for value in kind:
        for lang in ("en", "vi"):
            known.setdefault(plainly(word(value, lang)), value)
    return known


@cache
def _standings() -> dict[str, State | Outcome]:
    named = {plainly(one): what for what, words in STANDINGS.items() for one in words}
    outcomes = {words: Outcome(value) for words, value in words_of(Outcome).items()}
    states = {words: State(value) for words, value in words_of(State).items()}
    return outcomes | named | states


def standing(words: str) -> State | Outcome:
    """Return the state a cell says, or the outcome of a case that it says is resolved.

    Raises UsageError for words of no state.
    """
    found = _standings().get(plainly(words))
    if found is None:
        raise UsageError("cell.kind-needed", kind=", ".join(State))
    return found


def outcome(words: str) -> Outcome:
    """Return the outcome a cell says; raises UsageError for words of none."""
    known = words_of(Outcome)
    key = plainly(words)
    if key in known:
        return Outcome(known[key])
    found = _standings().get(key)
    if not isinstance(found, Outcome):
        raise UsageError("cell.kind-needed", kind=", ".join(Outcome))
    return found
