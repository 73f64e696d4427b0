"""What the register keeps, as frozen records; a record is one row and the fold of its events.

A field's annotation names what its values may be (`forms`); a server checks every value by it.

A field marked `private` is free text or tells who somebody is: the log holds only a salted
commitment to it. A field without that mark stands in the log in clear.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from casework.forms import form_of
from casework.workflow import Role, State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from casework.forms import (
        Basis,
        Certainty,
        Code,
        ConferenceFormat,
        Day,
        DayKind,
        DayStatus,
        Decided,
        Ending,
        Form,
        Hash,
        Key,
        Links,
        Login,
        Mailbox,
        NewCode,
        NewKey,
        Offices,
        OrganisationKind,
        Origins,
        Precision,
        Reminded,
        Spans,
        Title,
        Verbatim,
    )

COLLECTIVE = "collective"
"""The kind that may coordinate a case but never own one."""

REDACTED = "[redacted]"
"""What stands for an erased text that a record cannot be without."""


def private(default: Any = None) -> Any:
    """Declare a field whose value the log holds only as a commitment."""
    return field(default=default, metadata={"private": True})


@dataclass(frozen=True, kw_only=True)
class Record:
    """A subject of the log. `version` counts its events; `key` names it for ever."""

    kind: ClassVar[str]
    key_field: ClassVar[str] = "code"
    version: int = 0

    @property
    def key(self) -> str:
        """The value that names this record in the log."""
        return str(getattr(self, self.key_field))

    def changed(self, values: Mapping[str, Any]) -> Self:
        """Return the record after one more event with these new values."""
        return self._with(vars(self), values, self.version + 1)

    @classmethod
    def made(cls, key: str, values: Mapping[str, Any]) -> Self:
        """Return a new record after its first event, which gives these values."""
        given = {cls.key_field: key, **values}
        if not _needed(cls.kind) <= given.keys():
            raise TypeError(f"a {cls.kind} needs {', '.join(sorted(_needed(cls.kind)))}")
        return cls._with(blank(cls.kind), given, 1)

    @classmethod
    def stored(cls, values: Mapping[str, Any], version: int) -> Self:
        """Return the record of these values of all its fields."""
        return cls._with(blank(cls.kind), values, version)

    @classmethod
    def _with(cls, kept: Mapping[str, Any], values: Mapping[str, Any], version: int) -> Self:
        # A frozen class sets its fields one by one; a case has forty, and a replay makes millions.
        held = {**kept, **values, "version": version}
        if len(held) > len(kept):
            raise TypeError(f"a {cls.kind} has no {', '.join(values.keys() - kept.keys())}")
        record = object.__new__(cls)
        object.__setattr__(record, "__dict__", held)
        return record


@dataclass(frozen=True, kw_only=True)
class Register(Record):
    """The register itself: one row, the first event of its log.

    `four_eyes` is the day since which decisions need a second person, None where they need none;
    `next_working_day` is the day since which a counted deadline that ends on a day off ends on the
    next working day (Civil Code 2015, article 148, clause 5), None where it ends as it was counted.
    `signing_key` is the public key that the log's checkpoints are signed with, None before the
    first one. `origins` are the logs this one goes on from, the oldest first: why its name was
    changed (loss, trial), its name before, size and root of what was signed under it, size and root
    of what was there, how much of what was signed was found there, and who consented. `witnesses`
    are the public keys of those who countersign it, in the order they became known.
    """

    kind = "register"
    key_field = "name"
    name: Key
    origin: Title
    zone: Title
    notice: str | None = None
    four_eyes: date | None = None
    next_working_day: date | None = None
    signing_key: Title | None = None
    origins: Origins = ()
    witnesses: tuple[Title, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Organisation(Record):
    """A body that may propose, own or coordinate; a collective may not own."""

    kind = "organisation"
    code: NewCode
    name: Title
    name_vi: Title | None = None
    org_kind: OrganisationKind | None = None
    aliases: tuple[Title, ...] = ()
    parent: Code | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successor: Code | None = None
    source: str | None = None
    email: Mailbox | None = None

    def exists(self, first: date | None, last: date | None) -> bool:
        """Tell whether it exists on any day from the first to the last; None is no bound."""
        begun = self.valid_from is None or last is None or self.valid_from <= last
        return begun and (self.valid_to is None or first is None or self.valid_to >= first)


@dataclass(frozen=True, kw_only=True)
class Person(Record):
    """A named person; `role` is None for one who is only named, not a user of the register."""

    kind = "person"
    code: NewCode
    name: Title = private("")
    name_vi: Title | None = private()
    org: Code | None = None
    role: Role | None = None
    login: Login | None = private()
    offices: Offices = private(())
    ended_on: date | None = None
    email: Mailbox | None = private()


@dataclass(frozen=True, kw_only=True)
class Conference(Record):
    """An event at which recommendations are made, keyed by series and number."""

    kind = "conference"
    code: NewCode
    series: Title | None = None
    number: int | None = None
    name: Title | None = None
    name_vi: Title | None = None
    aliases: tuple[Title, ...] = ()
    date: date | None = None
    year: int | None = None
    certainty: Certainty = "unknown"
    format: ConferenceFormat | None = None
    place: Title | None = None
    theme: Title | None = None
    previous: Code | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class Case(Record):
    """A recommendation and what became of it.

    `state_since` is the effective date of its last transition. `original_due` is the first due
    date it ever had and never changes; `extensions` counts later ones. A due date that was counted
    is `due_rule` (such as +30wd) after `due_from`; where >wd stands behind the rule, the count goes
    on to the next working day. `holds` are the spans for which the clock stood, each from its first
    day to the day it ran again; `held_since` begins one that lasts. `reported` labels a history
    told by somebody else (an imported file, a demonstration), until an act made here moves the
    case. Nobody has `answered_by`, or `resolved_by`, an outcome that a source claims and denies.
    The `first_…` fields keep the first resolution of a reopened case.
    """

    kind = "case"
    key_field = "ref"
    ref: NewKey
    title: Title = private("")
    title_vi: Title | None = private()
    summary: str | None = private()
    conference: Code | None = None
    proposer: Code
    speaker: Code | None = None
    addressee: Code | None = None
    owner: Code | None = None
    officer: Code | None = None
    coordinating: tuple[Code, ...] = ()
    state: State = State.PROPOSED
    state_since: date
    due: date | None = None
    original_due: date | None = None
    due_words: str | None = private()
    due_basis: Basis | None = None
    due_precision: Precision | None = None
    due_rule: Title | None = None
    due_from: date | None = None
    extensions: int = 0
    held_since: date | None = None
    holds: Spans = ()
    outcome: Ending | None = None
    answer: str | None = private()
    document: str | None = None
    answered_by: Code | None = None
    answered_on: date | None = None
    proposed_on: date
    assigned_on: date | None = None
    study_on: date | None = None
    resolved_on: date | None = None
    resolved_by: Code | None = None
    reopened: int = 0
    first_outcome: Ending | None = None
    first_answer: str | None = private()
    first_resolved_on: date | None = None
    theme: tuple[Title, ...] = ()
    instruments: tuple[Title, ...] = ()
    source: str | None = private()
    links: Links = ()
    reported: Verbatim | None = None

    @property
    def doubted(self) -> bool:
        """Tell whether a source claims its outcome and denies it, and nobody here has decided."""
        if self.state is State.RESOLVED:
            return self.resolved_by is None
        claimed = self.state is State.UNDER_STUDY and self.outcome is not None
        return claimed and self.answered_by is None

    @property
    def held_days(self) -> int:
        """For how many calendar days the clock has stood, in the holds that are over."""
        return sum(
            (date.fromisoformat(end) - date.fromisoformat(start)).days for start, end in self.holds
        )


@dataclass(frozen=True, kw_only=True)
class Holiday(Record):
    """A day that is not what its weekday says: off, or worked to make up for one that is off.

    `day` is an ISO date. `projected` days are nobody's decision yet. One that was removed is
    withdrawn, for what was once counted must stay explicable.
    """

    kind = "holiday"
    key_field = "day"
    day: Day
    day_kind: DayKind
    name: Title
    name_vi: Title | None = None
    status: DayStatus
    source: Title | None = None
    withdrawn_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Digest(Record):
    """A letter that reminded of cases: an owner's, or those nobody owns.

    `recipients` are codes of people and organisations; `cases` tells of each its reference, how
    urgent it was said to be, and the due date it then had (empty when it had none).
    """

    kind = "digest"
    code: Key
    owner: Code | None = None
    sent_on: date
    recipients: tuple[Code, ...] = ()
    cases: Reminded = ()


@dataclass(frozen=True, kw_only=True)
class Intake(Record):
    """A file that was imported, by its SHA-256, so that importing it again creates nothing."""

    kind = "intake"
    key_field = "digest"
    digest: Hash
    name: Verbatim = private("")
    rows: int = 0
    created: int = 0


@dataclass(frozen=True, kw_only=True)
class Request(Record):
    """An act that waits for a second person, and what became of that.

    `what` is the act as canonical JSON: its changes, effective date, reason, document and what it
    erases. `seen` is the version of its subject that whoever asked had before them; `decided` is
    confirmed or refused.
    """

    kind = "request"
    code: Key
    verb: Code
    subject_kind: Code
    subject: Key
    seen: int
    what: Verbatim | None = private()
    asked_by: Code
    asked_on: date
    decided: Decided | None = None
    decided_by: Code | None = None
    decided_on: date | None = None


KINDS: Mapping[str, type[Record]] = {
    kind.kind: kind
    for kind in (Register, Organisation, Person, Conference, Holiday, Case, Digest, Intake, Request)
}


@cache
def blank(kind: str) -> Mapping[str, Any]:
    """Return what the fields of a kind are without a value; MISSING for those that need one."""
    return {f.name: f.default for f in fields(KINDS[kind])}


@cache
def _needed(kind: str) -> frozenset[str]:
    return frozenset(name for name, start in blank(kind).items() if start is MISSING)


@cache
def names_of(kind: str) -> tuple[str, ...]:
    """Return the names of a kind's fields, `version` among them."""
    return tuple(f.name for f in fields(KINDS[kind]))


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind of record is written down: what its fields start as, which are private.

    `withheld` is what a private field reads once its value is no longer disclosed; `forms` says
    what the values of each field, and the key, may be.
    """

    start: Mapping[str, Any]
    plain_start: Mapping[str, Any]
    private: frozenset[str]
    dates: frozenset[str]
    lists: frozenset[str]
    enums: Mapping[str, type[StrEnum]]
    withheld: Mapping[str, Any]
    forms: Mapping[str, Form]


@cache
def shape(kind: str) -> Shape:
    """Return the shape of a kind of record: its fields but for `version` and the key."""
    record = KINDS[kind]
    own = [f for f in fields(record) if f.name not in {"version", record.key_field}]
    starts = {f.name: _start(f.default) for f in own}
    return Shape(
        start=starts,
        plain_start={name: plain(value) for name, value in starts.items()},
        private=frozenset(f.name for f in own if f.metadata.get("private")),
        dates=frozenset(f.name for f in own if str(f.type).startswith("date")),
        lists=frozenset(name for name, value in starts.items() if value == ()),
        enums={"state": State} if record is Case else {"role": Role} if record is Person else {},
        withheld={f.name: _withheld(f.default) for f in own if f.metadata.get("private")},
        forms={f.name: form_of(str(f.type)) for f in fields(record) if f.name != "version"},
    )


def _start(default: Any) -> Any:
    # A field that must be given, or that starts with a value, still changes from nothing when
    # the record is made: only absence (None, the empty list) and zero go without saying.
    return default if default in ((), 0) else None


def _withheld(default: Any) -> Any:
    return REDACTED if default == "" else plain(default)


iso = lru_cache(maxsize=4096)(date.isoformat)
"""A date in ISO form: an event and the row of its record ask for the same ones."""


def plain(value: Any) -> Any:
    """Return a field's value as JSON has it: ISO dates, lists, strings.

    Raises TypeError for a float, which has more than one spelling.
    """
    if value is None or type(value) is str:
        return value
    if isinstance(value, date):
        return iso(value)
    if isinstance(value, tuple):
        return [item if type(item) is str else plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; no record holds one")
    return value


def typed(kind: str, name: str, value: Any) -> Any:
    """Return a field's value from its JSON form; the opposite of `plain`."""
    form = shape(kind)
    if name in form.lists:
        return tuple(tuple(v) if isinstance(v, list) else v for v in value)
    if value is None:
        return None
    if name in form.dates:
        return date.fromisoformat(value)
    if name in form.enums:
        return form.enums[name](value)
    return value
