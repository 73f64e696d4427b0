"""Words of other registers and lists for states and outcomes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from casework.errors import UsageError
from casework.kinds.choices import Outcome, State
from casework.kinds.forms import by_spelling
from casework.system.text import fold, spelt
from casework.words import Word

if TYPE_CHECKING:
    from collections.abc import Mapping

STANDINGS: Mapping[State | Outcome, tuple[str, ...]] = {
    State.PROPOSED: (
        *("new", "unassigned"),
        *("đề xuất", "được đề xuất", "mới đề xuất", "kiến nghị", "chưa giao", "chưa phân công"),
    ),
    State.ASSIGNED: (
        *("open", "open unresolved", "not started"),
        *("đã phân công", "mới giao"),
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
"""Other words for a state, or for the outcome of a resolved case.

"Open Resolved" and "Closed" are used by United States inspectors general; "under implementation"
and "closure requested" by the United Nations Board of Auditors, for whom a request for closure is a
claim until the Board confirms it; the Vietnamese ones are used in lists of ministries.
"""


@cache
def _standings() -> dict[str, State | Outcome]:
    named = {spelt(fold(one)): what for what, words in STANDINGS.items() for one in words}
    outcomes = {words: Outcome(value) for words, value in by_spelling(Outcome).items()}
    states = {words: State(value) for words, value in by_spelling(State).items()}
    return outcomes | named | states


def standing(words: str) -> State | Outcome:
    """Return the state in a cell, or the outcome if it says that the case is resolved.

    Raises UsageError for unknown words.
    """
    found = _standings().get(spelt(fold(words)))
    if found is None:
        raise UsageError("cell.kind-needed", kind=[Word(one) for one in State])
    return found


def outcome(words: str) -> Outcome:
    """Return the outcome in a cell; raises UsageError for unknown words."""
    known = by_spelling(Outcome)
    key = spelt(fold(words))
    if key in known:
        return Outcome(known[key])
    found = _standings().get(key)
    if not isinstance(found, Outcome):
        raise UsageError("cell.kind-needed", kind=[Word(one) for one in Outcome])
    return found
