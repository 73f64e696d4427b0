"""Audit events: their canonical bytes, and the commitments that replace private values.

The body of an event is one line of restricted JSON (ASCII keys, sorted, no floats, NFC text, no
white space), for which RFC 8785 gives the same bytes. A private value is replaced by a commitment:
SHA-256 over a tag, a random salt and the value. Salt and value, the *disclosure*, are stored
separately, so that they can be erased later and the log still verifies.
"""

from __future__ import annotations

import hmac
import os
import re
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from casework.kinds import forms
from casework.kinds.records import KINDS, Case, iso, plain, shape
from casework.system.text import TITLE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from casework.kinds.forms import Form
    from casework.kinds.records import Record

FORMAT = 2
"""The format of new events; their old values are those of the event's own day."""
FORMATS = (1, 2)
"""The formats that can be read; in format 1 the old values are those at the time of recording."""

SALT_BYTES = 16
SALTS_AT_ONCE = 32
COMMITMENT_TAG = b"casework/field/1\x00"
PRIVATE_WORDS = ("login", "note", "reason")
"""Members of an event, besides the private fields of its record, that are free text."""

SECRET_WORDS = ("document",)
"""Members of an event that are private too if it is on a secret case."""

WORDS = (*PRIVATE_WORDS, *SECRET_WORDS)
"""The members of an event that may stand in it as commitments."""

SOURCE = {"source": forms.VERBATIM}
MEMBERS: Mapping[str, Form] = {
    "amends": forms.whole(),
    "act": forms.text(forms.CODE_LIMIT),
    "actor": forms.FORMS["Code"],
    "changes": {"is": "map"},
    "deputy_of": forms.FORMS["Code"],
    "command": forms.members(
        {"key": forms.text(200), "what": forms.text(TITLE_LIMIT)}, ("key", "what")
    ),
    "document": forms.FORMS["str"],
    "document_date": forms.DATE,
    "effective_on": forms.DATE,
    "key": forms.text(forms.KEY_LIMIT),
    "kind": forms.one_of(KINDS),
    "login": forms.text(forms.CODE_LIMIT),
    "note": forms.FORMS["str"],
    "prev": forms.whole(least=-1),
    "reason": forms.FORMS["str"],
    "recorded_at": forms.STAMP,
    "redacts": forms.list_of(forms.tuple_of(forms.whole(), forms.text(forms.CODE_LIMIT))),
    "reported": forms.members(
        SOURCE
        | {
            "told": forms.members(
                SOURCE | dict.fromkeys(("actor", "deputy_of", "recorded_at"), forms.FORMS["str"]),
                ("actor", "recorded_at"),
            )
        },
        ("source",),
    ),
    "seq": forms.whole(),
    "strikes": forms.whole(),
    "tool": forms.text(100),
    "v": forms.whole(FORMATS[0], FORMATS[-1]),
    "version": forms.whole(1, forms.COLUMN),
}
"""The members of an event and their types; a private member has its type once it is opened.

The types of changes follow from the fields of the record.
"""

SAID = ("document", "note", "reason", "reported")
"""The members of an event that hold what people wrote about an act."""

OPTIONAL = (
    *("amends", "command", "deputy_of", "document", "document_date", "note", "reason", "redacts"),
    *("reported", "strikes"),
)
"""The optional members of an event."""

PLACE = ("prev", "seq")
"""The members that give the place of an event in its log."""

Written = tuple[bytes, bytes]
"""An event as the log stores it: the hashed bytes, and the disclosures of its commitments."""


canonical: Callable[[Any], bytes] = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)
"""Return the canonical bytes of a JSON value; raises TypeError for values that JSON lacks."""

parsed: Callable[[bytes], Any] = orjson.loads
"""Return the JSON value of canonical bytes; raises ValueError if they are not canonical."""


def commitment(salt: str, value: Any) -> str:
    """Return the commitment to a value; both it and `salt` are hexadecimal."""
    return _commitment(bytes.fromhex(salt), value)


def _commitment(salt: bytes, value: Any) -> str:
    return sha256(COMMITMENT_TAG + salt + canonical(value)).hexdigest()


@dataclass(slots=True, eq=False)
class Act:
    """A change by somebody: who, on which record, from what to what, why and when.

    `before` is the record the act was decided on, as it stood on the day of effect, None if the act
    creates it; `changes` has the new values of the changed fields. `note` is text that changes
    nothing. `reported` names the source of an act that was not done here. `redacts` lists the
    disclosures that the act erases: number of the event, and path. An act that `amends` an event
    replaces what that event said; one that `strikes` an event removes it from the timeline.
    `document_date` is the date on the document. `deputy_of` is the person away for whom the actor
    is the deputy. `row` is the record in the register, if that is not `before`, and `moves` has the
    events whose day of effect the act changes. `was_out` and `is_out` say whether the case's
    proposal is struck out before and after the act.
    """

    verb: str
    kind: str
    key: str
    before: Record | None
    changes: Mapping[str, Any]
    actor: str
    login: str
    effective_on: date
    reason: str | None = None
    document: str | None = None
    note: str | None = None
    reported: Mapping[str, Any] | None = None
    redacts: tuple[tuple[int, str], ...] = ()
    amends: int | None = None
    strikes: int | None = None
    document_date: date | None = None
    deputy_of: str | None = None
    row: Record | None = field(default=None, init=False, repr=False)
    moves: Mapping[int, str | None] = field(default_factory=dict, init=False, repr=False)
    was_out: bool = field(default=False, init=False, repr=False)
    is_out: bool = field(default=False, init=False, repr=False)
    _left: Record | None = field(default=None, init=False, repr=False)

    @property
    def version(self) -> int:
        """The version of the record the act was decided on; 0 if it creates the record."""
        stood = self.stood
        return stood.version if stood else 0

    def after(self) -> Record:
        """Return the record after the act; it is computed once."""
        if self._left is None:
            self._left = self._make()
        return self._left

    def place(self, row: Record, left: Record, moves: Mapping[int, str | None]) -> None:
        """Set the effect of the act on the row, if it takes effect before the last act."""
        self.row, self._left, self.moves = row, left, moves

    @property
    def is_placed(self) -> bool:
        """Whether the effect of the act on the row has been set."""
        return self.row is not None

    @property
    def stood(self) -> Record | None:
        """The record in the register; None if the act creates it."""
        return self.row or self.before

    def _make(self) -> Record:
        if self.before is not None:
            return self.before.changed(self.changes)
        return KINDS[self.kind].made(self.key, self.changes)

    def made(self) -> Mapping[str, Any]:
        """Return the changes of the row in the register, and those the act itself makes."""
        if self.row is None:
            return self.changes
        stood, left = vars(self.row), vars(self.after())
        differs = {k: v for k, v in left.items() if v != stood[k] and k != "version"}
        return {**self.changes, **differs}

    def pairs(self) -> dict[str, tuple[Any, Any]]:
        """Return the old and the new value of every changed field, as JSON."""
        if self.before is None:
            start = shape(self.kind).plain_start
            return {
                k: (start[k], v if type(v) is str else plain(v)) for k, v in self.changes.items()
            }
        old = vars(self.before)
        # What a redaction erases must not come back as the old value of its own event.
        if self.redacts:
            old = {**old, **shape(self.kind).withheld}
        return {k: (plain(old[k]), plain(v)) for k, v in self.changes.items()}

    @property
    def secret(self) -> bool:
        """Whether it is on a case that is secret before or after it."""
        return any(isinstance(one, Case) and one.secret for one in (self.before, self.after()))

    def told(self) -> dict[str, Any]:
        """Return the event in plain values, without its place in a log.

        If it is `secret`, everything that people wrote in it is replaced by commitments.
        """
        told: dict[str, Any] = {
            "act": self.verb,
            "actor": self.actor,
            "changes": self.pairs(),
            "effective_on": iso(self.effective_on),
            "key": self.key,
            "kind": self.kind,
            "login": self.login,
            "version": self.version + 1,
        }
        if self.reason:
            told["reason"] = self.reason
        if self.note:
            told["note"] = self.note
        if self.document:
            told["document"] = self.document
        if self.document_date:
            told["document_date"] = iso(self.document_date)
        if self.reported:
            told["reported"] = dict(self.reported)
        if self.redacts:
            told["redacts"] = [list(place) for place in self.redacts]
        for name in ("amends", "deputy_of", "strikes"):
            if (value := getattr(self, name)) is not None:
                told[name] = value
        if self.secret:
            told["secret"] = True
        return told


class Command(NamedTuple):
    """One run of the program: its idempotency key, and which command it is.

    `given` has the canonical bytes of its other arguments, `others` the disclosures of its other
    events.
    """

    key: str
    what: str
    given: bytes = b""
    others: tuple[bytes, ...] = ()

    def told(self, disclosures: bytes) -> dict[str, str]:
        """Return what the first event of the command, with these disclosures, records about it."""
        known = (disclosures, *self.others)
        what = f"{self.what} #{len(known)}.{seal(self.given, known)}"
        return {"key": self.key, "what": what.strip()}


SEALED = re.compile(r"(.*) #(\d+)\.([0-9a-f]{32})", re.DOTALL)
"""Which command it was, the number of events in the seal of its arguments, and the seal."""


def seal(given: bytes, disclosures: Iterable[bytes]) -> str:
    """Return a seal that shows whether a command had the same arguments, but not what they were.

    It is keyed by the salts of the events: once a value of them is erased, nobody can find the
    arguments by trial.
    """
    opened = (pair for one in disclosures for _, pair in sorted(parsed(one).items()))
    salts = b"".join(bytes.fromhex(salt) for salt, _ in opened)
    return hmac.new(salts, given, sha256).hexdigest()[:32]


def fresh_salts() -> Iterator[bytes]:
    """Yield random salts without end, for one process that writes one series of events."""
    while True:
        # The system is asked for many at once: a call takes longer than the salts of one event.
        block = os.urandom(SALT_BYTES * SALTS_AT_ONCE)
        for start in range(0, len(block), SALT_BYTES):
            yield block[start : start + SALT_BYTES]


def write(
    told: Mapping[str, Any],
    *,
    salts: Iterator[bytes],
    recorded_at: str,
    tool: str,
    seq: int | None = None,
    prev: int = -1,
    command: Command | None = None,
) -> Written:
    """Return the canonical form of the result of `Act.told`, as event number `seq` of the log.

    `prev` is the number of the previous event on the same record, -1 for the first; with it the
    history of one record can be proved complete without showing any other. Without `seq`, both
    numbers are left out, and a server adds them. `command` is given for the first event of a
    command. Each of the `salts` is used once.
    """
    changes, secret = told["changes"].copy(), "secret" in told
    disclosed: dict[str, tuple[str, Any]] = {}

    def commit(path: str, value: Any) -> Any:
        if value is None or value == []:
            return value
        salt = next(salts)
        disclosed[path] = salt.hex(), value
        return {"commitment": _commitment(salt, value)}

    for name, before, after in _private(told["kind"], tuple(changes), secret=secret):
        old, new = changes[name]
        changes[name] = old if old is None else commit(before, old), commit(after, new)
    body: dict[str, Any] = {
        **told,
        "changes": changes,
        "prev": prev,
        "recorded_at": recorded_at,
        "seq": seq,
        "tool": tool,
        "v": FORMAT,
    }
    body.pop("secret", None)
    if seq is None:
        for name in PLACE:
            del body[name]
    for word in (*PRIVATE_WORDS, *(SECRET_WORDS if secret else ())):
        if word in told:
            body[word] = commit(word, told[word])
    said = canonical(disclosed)
    if command:
        body["command"] = command.told(said)
    return canonical(body), said


@lru_cache(maxsize=256)
def _private(kind: str, changed: tuple[str, ...], *, secret: bool) -> list[tuple[str, str, str]]:
    """Return the private fields among the changed ones, with the paths of their old and new values.

    In a secret case all texts are private.
    """
    private = sealable(kind) if secret else shape(kind).private
    return [(name, f"{name}.0", f"{name}.1") for name in changed if name in private]


def without(disclosures: bytes, paths: Sequence[str]) -> bytes:
    """Return the canonical bytes of an event's disclosures, without some of them."""
    opened = parsed(disclosures)
    return canonical({path: pair for path, pair in opened.items() if path not in paths})


def in_clear(body: Mapping[str, Any]) -> list[str]:
    """Return the members of an event's body that hold texts of people in clear."""
    texts = shape(body["kind"]).texts
    changed = [
        name for name, pair in body["changes"].items() if name in texts and any(map(_clear, pair))
    ]
    return [*changed, *(name for name in SAID if _clear(body.get(name)))]


def _clear(held: Any) -> bool:
    return bool(held) and not (isinstance(held, dict) and "commitment" in held)


@cache
def sealable(kind: str) -> frozenset[str]:
    """Return the fields of a kind whose values may be commitments in an event."""
    return shape(kind).private | (shape(kind).texts if kind == Case.kind else frozenset())
