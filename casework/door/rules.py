"""The rules as the server holds them: the tables of `workflow` and `records` as one JSON value."""

from __future__ import annotations

from dataclasses import MISSING
from typing import Any

from casework.records import KINDS, blank, plain, shape
from casework.workflow import CHANGES, GUARDED, OTHER_ACTS, REGISTERING, TRANSITIONS, Gives, State


def table() -> dict[str, Any]:
    """Return the rules as the server holds them, in `casework_rules()`."""
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
        "guarded": {kind: list(verbs) for kind, verbs in GUARDED.items()},
        "registering": registering,
        "kinds": {kind: _kind(kind) for kind in KINDS},
    }


def _kind(kind: str) -> dict[str, Any]:
    """Return what the server knows of the records of a kind."""
    held = shape(kind)
    return {
        "key": KINDS[kind].key_field,
        "start": dict(held.plain_start),
        "blank": {
            name: plain(value)
            for name, value in blank(kind).items()
            if value is not MISSING and name != "version"
        },
        "withheld": dict(held.withheld),
    }
