"""What each act may change, to which values, and from which day on.

Verbs, files, corrections, verification and the server's rules all read these tables.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from casework.kinds.choices import STEPS, State
from casework.kinds.records import Case, Conference, Organisation
from casework.rules.workflow import BACK, OTHER_ACTS, TRANSITIONS

if TYPE_CHECKING:
    from collections.abc import Mapping


class Gives(StrEnum):
    """What an act may set a field of its case to."""

    ANY = "any"
    NOTHING = "nothing"
    DAY = "day"
    """The day the act takes effect."""
    ACTOR = "actor"
    TARGET = "target"
    """The target state of its transition."""


def _any(*names: str) -> dict[str, Gives]:
    return dict.fromkeys(names, Gives.ANY)


def _nothing(*names: str) -> dict[str, Gives]:
    return dict.fromkeys(names, Gives.NOTHING)


_MOVED = {"state": Gives.TARGET, "state_since": Gives.DAY}
_SAID = tuple(one.name for one in Case.describing)
_PRIVATE = tuple(one.name for one in Case.fields if one.private)
_DEADLINE = (
    "due", "original_due", "due_words", "due_basis", "due_precision", "due_rule", "due_from",
    "extensions",
)  # fmt: skip
_ANSWER = ("outcome", "answer", "document")
_ANSWERED = ("answered_by", "answered_on")
_WHY_LATE = "late_cause"
_RESOLVED = {"resolved_on": Gives.DAY, "resolved_by": Gives.ACTOR}
_VERDICT = ("verdict", "verdict_on")
_FIRST = ("first_outcome", "first_answer", "first_resolved_on")

_ASKED = ("asked_due", "reply_by")
_WAITING = (*_ASKED, "contested_on")

ENDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("extend", "refuse-time", "withdraw-time"), _ASKED),
    "uphold": ("contested_on",),
    **dict.fromkeys(("reassign", "resolve", "close"), _WAITING),
}
"""Which requests of an owner an act ends: for more time, or that the case is not its own."""

CLEARS: Mapping[tuple[str, State], tuple[str, ...]] = {
    **{
        (rule.verb, rule.target): ENDS[rule.verb]
        for rule in (*TRANSITIONS, *OTHER_ACTS)
        if rule.verb in ENDS
    },
    # The due date stays: returning a case does not undo what was promised.
    ("return", State.PROPOSED): ("owner", "officer", "assigned_on", *_WAITING),
    ("return", State.ASSIGNED): ("study_on", *_ANSWER, *_ANSWERED),
    ("reopen", State.UNDER_STUDY): (
        *(*_ANSWER, *_ANSWERED, *_VERDICT),
        *("resolved_on", "resolved_by"),
    ),
    **{(verb, state): _VERDICT for state, verb in BACK.items()},
}
"""The fields that an act clears, by the state that it leads to."""

CHANGES: Mapping[str, Mapping[str, Gives]] = {
    "propose": {
        **_any(*_SAID, *_DEADLINE, "coordinating", "holds", "links"),
        **_MOVED,
        "proposed_on": Gives.DAY,
    },
    "assign": {
        **_any(*_DEADLINE, "owner", "officer", "coordinating", _WHY_LATE),
        **_MOVED,
        "assigned_on": Gives.DAY,
    },
    "study": {**_MOVED, "study_on": Gives.DAY},
    **dict.fromkeys(
        ("resolve", "close"),
        _any(*_ANSWER, _WHY_LATE) | _nothing(*_WAITING) | _MOVED | _RESOLVED,
    ),
    "return": {
        **_nothing("owner", "officer", "assigned_on", "study_on", *_ANSWER, *_ANSWERED),
        **_nothing(*_WAITING),
        **_MOVED,
    },
    "confirm": {**_any(*_ANSWER, _WHY_LATE), "resolved_by": Gives.ACTOR},
    "reopen": {
        **_any("owner", "assigned_on", "coordinating", "reopened", *_FIRST),
        **_nothing("resolved_on", "resolved_by", *_ANSWER, *_ANSWERED, *_VERDICT),
        **_MOVED,
        "study_on": Gives.DAY,
    },
    **dict.fromkeys(
        BACK.values(),
        _any("reopened", *_FIRST, *_ANSWER, _WHY_LATE)
        | _nothing("resolved_on", "resolved_by", *_VERDICT)
        | _MOVED,
    ),
    "edit": _any(*_SAID),
    "reassign": _any("owner", "officer", "coordinating") | _nothing(*_WAITING),
    "extend": _any(*_DEADLINE, _WHY_LATE) | _nothing(*_ASKED),
    "ask-time": _any(*_ASKED),
    **dict.fromkeys(("refuse-time", "withdraw-time"), _nothing(*_ASKED)),
    "contest": {"contested_on": Gives.DAY},
    "uphold": _nothing("contested_on"),
    "hold": {"held_since": Gives.DAY},
    "resume": {**_any("holds", "due"), **_nothing("held_since")},
    "recompute": _any("due"),
    "answer": {**_any(*_ANSWER), "answered_by": Gives.ACTOR, "answered_on": Gives.DAY},
    "verdict": {**_any("verdict"), "verdict_on": Gives.DAY},
    "coordinate": _any("coordinating"),
    "link": _any("links"),
    "correct": {
        **_any(*_SAID, *_DEADLINE, *_ANSWER, *STEPS, "owner", "officer", "coordinating"),
        **_any("state_since", _WHY_LATE),
        **_nothing(*_ANSWERED),
        "resolved_by": Gives.ACTOR,
    },
    "redact": _any(*_PRIVATE),
    "note": {},
}
"""The fields of a case that an act may change, and to which values.

A reported act may set any value. An act done here that moves a case removes the label of the
source.
"""

_ON_MOVES = ("state_since", "holds")

NOT_BEFORE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            *(rule.verb for rule in TRANSITIONS),
            *("answer", "confirm", "reassign", "extend", "ask-time", "contest", "verdict"),
        ),
        _ON_MOVES,
    ),
    "hold": (*_ON_MOVES, "due_from"),
    "resume": (*_ON_MOVES, "held_since"),
    "uphold": (*_ON_MOVES, "contested_on"),
    **dict.fromkeys(("refuse-time", "withdraw-time"), _ON_MOVES),
    **dict.fromkeys(("edit", "coordinate", "link", "note"), ("proposed_on",)),
}
"""The days of a case before which an act cannot take effect: its last move, or its first.

For holds, that is the day on which the last one ended.
"""

BY_EFFECT = (Case.kind, Conference.kind, Organisation.kind)
"""Kinds of records whose acts are ordered by day of effect.

For others, such as people, the act recorded last wins: a person deactivated today, with effect from
last year, loses a login that was given yesterday.
"""

OF_REGISTER: Mapping[str, tuple[str, ...]] = {
    "policy": ("four_eyes", "next_working_day", "reply_days"),
    "redact": (),
    "key": ("signing_key",),
    "renew-key": ("signing_key",),
    "loss": ("origin", "origins", "signing_key"),
    "trial": ("origin", "origins", "signing_key", "notice"),
    "witness": ("witnesses",),
    "rules": ("rules",),
}
"""What an act on the register itself may change."""
