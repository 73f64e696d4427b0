"""Which parties may do an act on a record, and the tables of acts as JSON."""

from __future__ import annotations

from typing import Any

from casework.kinds.choices import State
from casework.rules.changes import CHANGES, OF_REGISTER, Gives
from casework.rules.workflow import OTHER_ACTS, REGISTERING, RULES, TRANSITIONS, Party


def who_may(verb: str, kind: str, state: State | None) -> tuple[Party, ...] | None:
    """Return the parties that may do an act on a record; None if the tables have no such act.

    `state` is the state of an existing case.
    """
    if state is None:
        return REGISTERING[kind].get(verb)
    rule = RULES.get((verb, state))
    return None if rule is None else rule.who


def table() -> dict[str, Any]:
    """Return the tables as JSON values."""
    acts: dict[str, dict[str, Any]] = {}
    for rule in TRANSITIONS + OTHER_ACTS:
        acts.setdefault(rule.verb, {})[rule.source] = {
            "target": rule.target,
            "who": list(rule.who),
            "needs": list(rule.needs),
        }
    registering: dict[str, dict[str, Any]] = {
        kind: {verb: {"who": list(who)} for verb, who in verbs.items()}
        for kind, verbs in REGISTERING.items()
    }
    registering["case"]["propose"] |= {"target": State.PROPOSED, "needs": []}
    # An act that is told carries the teller's label; one made here can only take it away.
    changes = {verb: {"reported": Gives.NOTHING, **given} for verb, given in CHANGES.items()}
    return {
        "acts": acts,
        "changes": changes,
        "of_register": {verb: list(names) for verb, names in OF_REGISTER.items()},
        "registering": registering,
    }
