"""The tables. One schema for SQLite and PostgreSQL, made only by the migrations.

A record's fields are columns of the same name; those marked `derived` are computed from them, as
`rows` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from casework.kinds.choices import BASES, PRECISIONS, Outcome, Role, State
from casework.kinds.forms import DAY_KINDS, DAY_STATUSES
from casework.rules.invariants import CHECKED, condition

if TYPE_CHECKING:
    from collections.abc import Iterable

SEQ = BigInteger().with_variant(Integer, "sqlite")
"""The number of an event, from 0; on SQLite an INTEGER, so that it is the row's own number."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

DERIVED = {"derived": True}

KEY = String().with_variant(String(collation="C"), "postgresql")
"""Codes and look-up keys: compared and ordered by code point on both engines."""

KEY_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""The same for long text."""


def _one_of(column: str, values: Iterable[str], name: str) -> CheckConstraint:
    # Of a list in a CHECK, SQLite makes an index anew for every row it is asked of.
    return CheckConstraint(" OR ".join(f"{column} = '{value}'" for value in values), name=name)


def _ref(target: str) -> ForeignKey:
    return ForeignKey(target, ondelete="RESTRICT", onupdate="RESTRICT")


COMMANDED = text("command IS NOT NULL")
"""Of the events of one command only the first names it."""

CLAIMED = text(
    "state = 'under_study' AND outcome IS NOT NULL AND answered_by IS NULL"
    " OR state = 'resolved' AND resolved_by IS NULL"
)
"""Of a case whose source calls it ended and denies it: nobody here answered for the outcome."""

NOTED = text("act = 'note'")
"""Of an event that is a note, which searches read."""

# JSON columns hold short lists that are read and written whole; what must be looked up or guarded
# by a foreign key stands in a derived table beside them.
event = Table(
    "event",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("kind", KEY, nullable=False, info=DERIVED),
    Column("key", KEY, nullable=False, info=DERIVED),
    Column("act", KEY, nullable=False, info=DERIVED),
    Column("actor", KEY, nullable=False, info=DERIVED),
    Column("effective_on", Date, nullable=False, info=DERIVED),
    Column("recorded_at", KEY, nullable=False, info=DERIVED),
    Column("fields", Text, nullable=False, info=DERIVED),
    Column("command", KEY, info=DERIVED),
    Index(None, "kind", "key", "seq"),
    Index(None, "effective_on"),
    Index(
        "ix_event_command",
        *("command", "actor"),
        unique=True,
        sqlite_where=COMMANDED,
        postgresql_where=COMMANDED,
    ),
    Index("ix_event_note", "key", sqlite_where=NOTED, postgresql_where=NOTED),
    comment="The audit log: one row per act, append-only; body is the bytes that were hashed",
)

disclosure = Table(
    "disclosure",
    metadata,
    Column("seq", SEQ, _ref("event.seq"), primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    comment="Salts and values of the commitments in an event's body",
)

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="single"),
    comment="Size, peaks and root of the RFC 6962 tree over the log",
)

register = Table(
    "register",
    metadata,
    Column("name", KEY, primary_key=True),
    Column("origin", KEY, nullable=False),
    Column("zone", KEY, nullable=False),
    Column("notice", Text),
    Column("four_eyes", Date),
    Column("next_working_day", Date),
    Column("signing_key", KEY),
    Column("origins", JSON, nullable=False),
    Column("witnesses", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("name = 'register'", name="single"),
    comment="The register itself: its random origin, the office's time zone, a notice to show",
)

organisation = Table(
    "organisation",
    metadata,
    Column("code", KEY, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_vi", Text),
    Column("org_kind", KEY),
    Column("aliases", JSON, nullable=False),
    Column("parent", KEY, _ref("organisation.code")),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("successor", KEY, _ref("organisation.code")),
    Column("source", Text),
    Column("email", KEY),
    Column("version", Integer, nullable=False),
    comment="Bodies that propose, own and coordinate",
)

person = Table(
    "person",
    metadata,
    Column("code", KEY, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_vi", Text),
    Column("org", KEY, _ref("organisation.code")),
    Column("role", KEY),
    Column("login", KEY, unique=True),
    Column("offices", JSON, nullable=False),
    Column("ended_on", Date),
    Column("email", KEY),
    Column("version", Integer, nullable=False),
    _one_of("role", Role, "role"),
    comment="People: users of the register by role, and those who are only named",
)

conference = Table(
    "conference",
    metadata,
    Column("code", KEY, primary_key=True),
    Column("series", KEY),
    Column("number", Integer),
    Column("name", Text),
    Column("name_vi", Text),
    Column("aliases", JSON, nullable=False),
    Column("date", Date),
    Column("year", Integer),
    Column("certainty", KEY, nullable=False),
    Column("format", KEY),
    Column("place", Text),
    Column("theme", Text),
    Column("previous", KEY, _ref("conference.code")),
    Column("source", Text),
    Column("version", Integer, nullable=False),
    Index(None, "series", "number", unique=True),
    comment="Conferences, by series and number",
)

case = Table(
    "case",
    metadata,
    Column("ref", KEY, primary_key=True),
    Column("title", Text, nullable=False),
    Column("title_vi", Text),
    Column("summary", Text),
    Column("conference", KEY, _ref("conference.code")),
    Column("proposer", KEY, _ref("organisation.code"), nullable=False),
    Column("speaker", KEY, _ref("person.code")),
    Column("addressee", KEY, _ref("organisation.code")),
    Column("owner", KEY, _ref("organisation.code")),
    Column("officer", KEY, _ref("person.code")),
    Column("coordinating", JSON, nullable=False),
    Column("state", KEY, nullable=False),
    Column("state_since", Date, nullable=False),
    Column("due", Date),
    Column("original_due", Date),
    Column("due_words", Text),
    Column("due_basis", KEY),
    Column("due_precision", KEY),
    Column("due_rule", KEY),
    Column("due_from", Date),
    Column("extensions", Integer, nullable=False),
    Column("held_since", Date),
    Column("holds", JSON, nullable=False),
    Column("outcome", KEY),
    Column("answer", Text),
    Column("document", Text),
    Column("answered_by", KEY, _ref("person.code")),
    Column("answered_on", Date),
    Column("proposed_on", Date, nullable=False),
    Column("assigned_on", Date),
    Column("study_on", Date),
    Column("resolved_on", Date),
    Column("resolved_by", KEY, _ref("person.code")),
    Column("reopened", Integer, nullable=False),
    Column("first_outcome", KEY),
    Column("first_answer", Text),
    Column("first_resolved_on", Date),
    Column("theme", JSON, nullable=False),
    Column("instruments", JSON, nullable=False),
    Column("source", Text),
    Column("links", JSON, nullable=False),
    Column("reported", Text),
    Column("version", Integer, nullable=False),
    Column("ref_key", KEY, nullable=False, unique=True, info=DERIVED),
    Column("ref_stem", KEY, nullable=False, info=DERIVED),
    Column("ref_number", Integer, nullable=False, info=DERIVED),
    Column("search", KEY_TEXT, nullable=False, info=DERIVED),
    Column("held_days", Integer, nullable=False, info=DERIVED),
    _one_of("state", State, "state"),
    _one_of("outcome", Outcome, "outcome"),
    _one_of("first_outcome", Outcome, "first_outcome"),
    _one_of("due_basis", BASES, "due_basis"),
    _one_of("due_precision", PRECISIONS, "due_precision"),
    *(CheckConstraint(condition(one), name=name) for name, one in CHECKED.items()),
    Index(None, "ref_stem", "ref_number"),
    Index(
        "ix_case_claimed",
        *("due", "ref_stem", "ref_number"),
        sqlite_where=CLAIMED,
        postgresql_where=CLAIMED,
    ),
    Index("ix_case_tally", "owner", "state", "due", "resolved_on", "conference", "held_since"),
    comment="Recommendations and what became of them; never deleted",
)

holiday = Table(
    "holiday",
    metadata,
    Column("day", KEY, primary_key=True),
    Column("day_kind", KEY, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_vi", Text),
    Column("status", KEY, nullable=False),
    Column("source", Text),
    Column("withdrawn_on", Date),
    Column("version", Integer, nullable=False),
    _one_of("day_kind", DAY_KINDS, "day_kind"),
    _one_of("status", DAY_STATUSES, "status"),
    comment="Holidays, and days worked to make up for them",
)

digest = Table(
    "digest",
    metadata,
    Column("code", KEY, primary_key=True),
    Column("owner", KEY, _ref("organisation.code")),
    Column("sent_on", Date, nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("cases", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    comment="Letters that reminded of cases",
)

reminder = Table(
    "reminder",
    metadata,
    Column("ref", KEY, _ref("case.ref"), primary_key=True),
    Column("level", KEY, primary_key=True),
    Column("due", KEY, primary_key=True),
    Column("digest", KEY, _ref("digest.code"), nullable=False),
    Column("owner", KEY, primary_key=True),
    Index(None, "digest"),
    info=DERIVED,
    comment="What was said of each case: every level once for each due date, empty without one,"
    " and each owner, empty for nobody",
)

intake = Table(
    "intake",
    metadata,
    Column("digest", KEY, primary_key=True),
    Column("name", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("created", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    comment="Files that were imported, by SHA-256",
)

request = Table(
    "request",
    metadata,
    Column("code", KEY, primary_key=True),
    Column("verb", KEY, nullable=False),
    Column("subject_kind", KEY, nullable=False),
    Column("subject", KEY, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("what", Text),
    Column("asked_by", KEY, _ref("person.code"), nullable=False),
    Column("asked_on", Date, nullable=False),
    Column("decided", KEY),
    Column("decided_by", KEY, _ref("person.code")),
    Column("decided_on", Date),
    Column("version", Integer, nullable=False),
    _one_of("decided", ("confirmed", "refused"), "decided"),
    CheckConstraint("(decided IS NULL) = (decided_by IS NULL)", name="decided_by"),
    Index(None, "subject"),
    comment="Acts that wait, or waited, for a second person",
)

name_key = Table(
    "name_key",
    metadata,
    Column("kind", KEY, primary_key=True),
    Column("folded", KEY, primary_key=True),
    Column("code", KEY, primary_key=True),
    info=DERIVED,
    comment="Codes, names and aliases without case or diacritics, for look-up",
)

case_coordinating = Table(
    "case_coordinating",
    metadata,
    Column("ref", KEY, _ref("case.ref"), primary_key=True),
    Column("org", KEY, _ref("organisation.code"), primary_key=True),
    Index(None, "org"),
    info=DERIVED,
    comment="Coordinating organisations of each case",
)

case_link = Table(
    "case_link",
    metadata,
    Column("ref", KEY, _ref("case.ref"), primary_key=True),
    Column("relation", KEY, primary_key=True),
    Column(
        "other",
        KEY,
        ForeignKey(
            "case.ref",
            ondelete="RESTRICT",
            onupdate="RESTRICT",
            deferrable=True,
            initially="DEFERRED",
        ),
        primary_key=True,
    ),
    Index(None, "other"),
    info=DERIVED,
    comment="Links between cases, from the later one to the earlier",
)

TABLES = {
    "register": register,
    "organisation": organisation,
    "person": person,
    "conference": conference,
    "holiday": holiday,
    "case": case,
    "digest": digest,
    "intake": intake,
    "request": request,
}
"""The table of each kind of record."""

APPEND_ONLY = ("event", "disclosure", "intake")
NEVER_DELETED = ("log_head", *(name for name in TABLES if name != "intake"))
TRIGGERS = {f"{table}_no_update" for table in APPEND_ONLY} | {
    f"{table}_no_delete" for table in (*APPEND_ONLY, *NEVER_DELETED)
}
"""The triggers the migrations make: what is written is never changed, nothing is deleted."""

BY_MIGRATION = ("ix_case_odd", "ix_case_open")
"""Indexes on cases that hold what the tables above have no words for, such as more columns."""
