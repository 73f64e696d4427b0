"""The rules for the server: the tables of `workflow` and `records` as one JSON value."""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

from casework.kinds import forms
from casework.kinds.records import KINDS, NEEDED, blank, plain, shape
from casework.log.event import (
    FORMAT,
    MEMBERS,
    OPTIONAL,
    PLACE,
    PRIVATE_WORDS,
    SECRET_WORDS,
    sealable,
)
from casework.rules import deputies, guards, lawful, numbering, rights, timeline
from casework.rules.workflow import acts_on
from casework.store.record_rows import NAMED, SEARCHED
from casework.system.text import ALIKE, fold_code

COMMITMENT = forms.members({"commitment": forms.FORMS["Hash"]}, ("commitment",))
PATIENCE = {"desk": 20, "inspector": 20, "secretariat": 1_800, "admin": 1_800}
"""How many seconds a login may keep others waiting for a lock, by role.

An act takes moments; an import, which only the secretariat does, takes minutes.
"""

REFUSALS = 20
"""How many refused attempts of one login become events of the log in a minute."""

NEAR = 0x250
"""The first letter for which the long table of letters is used."""


def table() -> dict[str, Any]:
    """Return the rules for `casework_rules()` on the server."""
    # Its place in the log an event is given by the server.
    given = {name: form for name, form in MEMBERS.items() if name not in PLACE}
    return {
        **rights.table(),
        "deputies": deputies.table(),
        "guards": guards.table(),
        "lawful": {**lawful.table(), "says": lawful.says()},
        "numbering": numbering.table(),
        "timeline": timeline.table(),
        "kinds": {kind: _kind(kind) for kind in KINDS},
        "event": forms.members(
            {
                **given,
                **dict.fromkeys(PRIVATE_WORDS, COMMITMENT),
                "v": forms.whole(FORMAT, FORMAT),
            },
            [name for name in given if name not in OPTIONAL],
        ),
        "words": {name: MEMBERS[name] for name in (*PRIVATE_WORDS, *SECRET_WORDS)},
        "asked": _asked(),
        "limit": forms.EVENT_LIMIT,
        "patience": PATIENCE,
        "refusals": REFUSALS,
        "searched": list(SEARCHED),
        "folding": _folding(),
    }


def _asked() -> forms.Form:
    """Return the type of a requested act."""
    none = forms.optional(forms.FORMS["str"])
    given = {
        "changes": {"is": "map"},
        "effective_on": forms.DATE,
        "reason": none,
        "document": none,
        "redacts": MEMBERS["redacts"],
    }
    return forms.members(
        {name: MEMBERS[name] for name in ("amends", "document_date", "strikes")} | given, given
    )


def _folding() -> dict[str, Any]:
    """Return how `text.fold_code` maps each letter that NFKD does not change.

    Only letters in Unicode 3.2 are included, because all versions agree on them. `alike` maps marks
    that `text.fold` replaces by others; those without a replacement are removed.
    """
    alike = sorted(ALIKE, key=lambda mark: not ALIKE[mark])
    near, far, longer = {}, {}, {}
    for letter in map(chr, range(0x80, sys.maxunicode + 1)):
        known = unicodedata.ucd_3_2_0.category(letter) not in {"Cn", "Cs", "Co"}
        if not known or unicodedata.normalize("NFKD", letter) != letter:
            continue
        folded = " " if letter.isspace() else fold_code(letter)
        if folded == letter or not folded:
            continue
        if len(folded) > 1:
            longer[letter] = folded
        elif ord(letter) < NEAR:
            near[letter] = folded
        else:
            far[letter] = folded
    return {
        "near": "".join(near),
        "near_to": "".join(near.values()),
        "far": "".join(far),
        "far_to": "".join(far.values()),
        "longer": longer,
        "alike": "".join(alike),
        "alike_to": "".join(ALIKE[mark] for mark in alike),
    }


def _kind(kind: str) -> dict[str, Any]:
    """Return what the server needs to know about a kind of record."""
    held = shape(kind)
    return {
        "key": KINDS[kind].key_field,
        "start": dict(held.plain_start),
        "blank": {
            name: plain(value)
            for name, value in blank(kind).items()
            if value is not NEEDED and name != "version"
        },
        "withheld": dict(held.withheld),
        "sealed": sorted(sealable(kind)),
        "needs": [
            name
            for name, value in blank(kind).items()
            if value is NEEDED and name != KINDS[kind].key_field
        ],
        "forms": dict(held.forms),
        "lists": sorted(held.lists),
        "acts": sorted(acts_on(kind)),
        "named": list(NAMED.get(kind, ())),
    }
