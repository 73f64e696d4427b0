"""Decide how an act is taken back, from the timeline of its case alone.

An act of today is struck out, as if it had not been done; so is every act that no other act
reverses. An earlier act is reversed from today on by another act, if that restores the case:
reports of the days between stay right, and counts are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import RefusedError
from casework.kinds.case import Case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casework.rules.amending import Told
    from casework.rules.timeline import Step, Timeline

STRIKE = "correct"


class TakenBack(NamedTuple):
    """How an act is taken back: by an act with these fields, as in `acts.by_name`."""

    act: str
    given: Mapping[str, Any]

    @property
    def strikes(self) -> bool:
        """Whether the act is struck out."""
        return "strike" in self.given


class Way(NamedTuple):
    """An act that reverses another: its input, and everything the other may have changed."""

    act: str
    given: Callable[[Case, Case], dict[str, Any]]
    changes: frozenset[str]


def _nothing(_: Case, __: Case) -> dict[str, Any]:
    return {}


def _former_owner(before: Case, _: Case) -> dict[str, Any]:
    officer = {} if before.officer is None else {"officer": before.officer}
    return {"owner": before.owner, **officer}


def _former_bodies(before: Case, after: Case) -> dict[str, Any]:
    lost = tuple(one for one in before.coordinating if one not in after.coordinating)
    new = tuple(one for one in after.coordinating if one not in before.coordinating)
    return {name: listed for name, listed in (("add", lost), ("remove", new)) if listed}


def _former_link(before: Case, after: Case) -> dict[str, Any]:
    removed = len(after.links) < len(before.links)
    ((relation, other),) = {*before.links} ^ {*after.links}
    return {"other": other, "relation": relation} | ({} if removed else {"remove": True})


_MOVE = ("state", "state_since")
_DECISION = ("outcome", "answer", "document", "late_cause", "resolved_on", "resolved_by")

# fmt: off
WAYS: Mapping[str, Way] = {
    #                 leads back     given           where nothing but this was changed
    "assign":     Way("return",      _nothing,       frozenset({*_MOVE, "owner", "officer", "assigned_on"})),  # noqa: E501
    "study":      Way("return",      _nothing,       frozenset({*_MOVE, "study_on"})),
    "resolve":    Way("put-back",    _nothing,       frozenset({*_MOVE, *_DECISION})),
    "close":      Way("put-back",    _nothing,       frozenset({*_MOVE, *_DECISION})),
    "hold":       Way("resume",      _nothing,       frozenset({"held_since"})),
    "ask-time":   Way("withdraw-time", _nothing,     frozenset({"asked_due", "reply_by"})),
    "reassign":   Way("reassign",    _former_owner,  frozenset({"owner", "officer"})),
    "coordinate": Way("coordinate",  _former_bodies, frozenset({"coordinating"})),
    "link":       Way("link",        _former_link,   frozenset({"links"})),
}
# fmt: on
"""How acts on a case are reversed, by verb; all others are struck out."""


def taken_back(timeline: Timeline, event: Told, *, of_today: bool) -> TakenBack:
    """Return how the last remaining act on a case is taken back.

    With `of_today` it is struck out if that is possible. Raises RefusedError if the act cannot be
    taken back.
    """
    if event.act == "redact":
        raise RefusedError("undo.erased", ref=event.key, seq=event.seq)
    way = WAYS.get(event.act)
    last = timeline.steps[-1] if timeline.steps and not of_today else None
    if last is None or way is None or last.seq != event.seq:
        return TakenBack(STRIKE, {"event": event.seq, "strike": True})
    if _leads_back(way, last):
        before, after = last.before, last.after
        assert isinstance(before, Case)  # noqa: S101 - for the type checker
        assert isinstance(after, Case)  # noqa: S101 - for the type checker
        return TakenBack(way.act, way.given(before, after))
    return TakenBack(STRIKE, {"event": event.seq, "strike": True})


def _leads_back(way: Way, step: Step) -> bool:
    return isinstance(step.before, Case) and way.changes.issuperset(step.changes())
