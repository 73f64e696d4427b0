"""The tables: one schema for SQLite and PostgreSQL, created only by the migrations.

The fields of a record are columns of the same names; `derived` columns are computed by
`record_rows`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

from casework.kinds.forms import FREE, form_of
from casework.kinds.records import KINDS
from casework.rules.invariants import CHECKED, condition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.sql.schema import SchemaItem

    from casework.kinds.field import Field

SEQ = BigInteger().with_variant(Integer, "sqlite")
"""The number of an event, from 0; an INTEGER on SQLite, so that it is the rowid."""

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


_OPEN = {"OrganisationKind", "Certainty", "ConferenceFormat"}
"""The list types without a CHECK constraint; columns of all others have one."""

_COLUMNS: Mapping[str, Any] = {"date": Date, "integer": Integer, "list": JSON}


def _columns(kind: str) -> Iterator[Column[Any] | CheckConstraint]:
    """Yield the columns of the fields of a kind, with their constraints."""
    record = KINDS[kind]
    for one in (*record.fields[1:], record.fields[0]):
        form, is_key = form_of(one.type), one.name == record.key_field
        yield Column(
            one.name,
            KEY if is_key else _COLUMNS.get(form["is"], Text if one.holds in FREE else KEY),
            *_references(one),
            primary_key=is_key,
            nullable="null" in form,
            unique=one.unique or None,
        )
        if "among" in form and one.holds not in _OPEN:
            yield _one_of(one.name, form["among"], one.name)


def _references(one: Field) -> Iterator[ForeignKey]:
    """Yield the foreign keys of columns; lists have them in separate tables."""
    if one.refers is not None and not one.many:
        yield _ref(f"{one.refers}.{KINDS[one.refers].key_field}")


def _ref(target: str) -> ForeignKey:
    return ForeignKey(target, ondelete="RESTRICT", onupdate="RESTRICT")


COMMANDED = text("command IS NOT NULL")
"""True of the first event of a command, the only one that names it."""

CLAIMED = text(
    "state = 'under_study' AND outcome IS NOT NULL AND answered_by IS NULL"
    " OR state = 'resolved' AND resolved_by IS NULL"
)
"""True of a case that its source calls ended but denies, and nobody here has confirmed."""

SECRET = text("secrecy <> 'none'")
"""True of a secret case, whose texts are withheld."""

WAITS = text("asked_due IS NOT NULL OR contested_on IS NOT NULL")
"""True of a case whose owner waits for a decision: on more time, or on whose case it is."""

NOTED = text("act = 'note'")
"""True of an event that is a note, for searches."""

LINKED = text("act = 'link'")
"""True of an event that links a case to another one, or removes a link."""

PAPERED = text(
    "act IN"
    " ('extend', 'hold', 'reassign', 'return', 'reopen', 'coordinate', 'recompute', 'correct',"
    " 'ask-time', 'refuse-time', 'withdraw-time', 'contest', 'uphold')"
)
"""True of an event that may name a document that its case does not hold, for searches."""

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
    Index("ix_event_note", "effective_on", sqlite_where=NOTED, postgresql_where=NOTED),
    Index("ix_event_paper", "effective_on", sqlite_where=PAPERED, postgresql_where=PAPERED),
    Index("ix_event_link", "key", sqlite_where=LINKED, postgresql_where=LINKED),
    comment="The audit log: one row per act, append-only; body is the bytes that were hashed",
)

disclosure = Table(
    "disclosure",
    metadata,
    Column("seq", SEQ, _ref("event.seq"), primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    comment="Salts and values of the commitments in an event's body",
)

moved_day = Table(
    "moved_day",
    metadata,
    Column("seq", SEQ, _ref("event.seq"), primary_key=True, autoincrement=False),
    Column("day", Date),
    info=DERIVED,
    comment="Events that a later one gave another day of effect; without a day, took out",
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

_MORE: Mapping[str, tuple[SchemaItem, ...]] = {
    "register": (CheckConstraint("name = 'register'", name="single"),),
    "conference": (Index(None, "series", "number", unique=True),),
    "case": (
        Column("ref_key", KEY, nullable=False, unique=True, info=DERIVED),
        Column("ref_stem", KEY, nullable=False, info=DERIVED),
        Column("ref_number", Integer, nullable=False, info=DERIVED),
        Column("search", KEY_TEXT, nullable=False, info=DERIVED),
        Column("held_days", Integer, nullable=False, info=DERIVED),
        *(CheckConstraint(condition(one), name=name) for name, one in CHECKED.items()),
        Index(None, "ref_stem", "ref_number"),
        Index(
            "ix_case_claimed",
            *("due", "ref_stem", "ref_number"),
            sqlite_where=CLAIMED,
            postgresql_where=CLAIMED,
        ),
        Index(
            "ix_case_secret",
            *("ref", "secrecy", "owner"),
            sqlite_where=SECRET,
            postgresql_where=SECRET,
        ),
        Index(
            "ix_case_waits",
            *("ref_stem", "ref_number"),
            sqlite_where=WAITS,
            postgresql_where=WAITS,
        ),
        Index("ix_case_owner", "owner", "ref_stem", "ref_number", "ref"),
        Index("ix_case_tally", "owner", "state", "due", "resolved_on", "conference", "held_since"),
    ),
    "request": (
        CheckConstraint("(decided IS NULL) = (decided_by IS NULL)", name="decided_by"),
        Index(None, "subject"),
    ),
}
"""The other columns and constraints in the tables of records."""

TABLES = {
    kind: Table(kind, metadata, *_columns(kind), *_MORE.get(kind, ()), comment=record.about)
    for kind, record in KINDS.items()
}
"""The table of each kind of record."""

struck_case = Table(
    "struck_case",
    metadata,
    Column("ref", KEY, primary_key=True),
    Column("ref_key", KEY, nullable=False, unique=True),
    Column("ref_stem", KEY, nullable=False),
    Column("ref_number", Integer, nullable=False),
    Column("search", KEY_TEXT, nullable=False),
    Column("secrecy", KEY),
    Column("proposer", KEY, nullable=False),
    Column("seq", SEQ, nullable=False),
    Index(None, "ref_stem", "ref_number"),
    info=DERIVED,
    comment="Cases whose proposal was taken out, by the event of that number",
)

reminder = Table(
    "reminder",
    metadata,
    # Of a case that was taken out as well.
    Column("ref", KEY, primary_key=True),
    Column("level", KEY, primary_key=True),
    Column("due", KEY, primary_key=True),
    Column("digest", KEY, _ref("digest.code"), nullable=False),
    Column("owner", KEY, primary_key=True),
    Index(None, "digest"),
    info=DERIVED,
    comment="What was said of each case: every level once for each due date, empty without one,"
    " and each owner, empty for nobody",
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

case_theme = Table(
    "case_theme",
    metadata,
    Column("ref", KEY, _ref("case.ref"), primary_key=True),
    Column("theme", KEY, primary_key=True),
    Column("ref_stem", KEY, nullable=False),
    Column("ref_number", Integer, nullable=False),
    Index("ix_case_theme_listed", "theme", "ref_stem", "ref_number", "ref"),
    info=DERIVED,
    comment="Themes of each case, in the order of references",
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

APPEND_ONLY = ("event", "disclosure", "intake")
NEVER_DELETED = ("log_head", *(name for name in TABLES if name != "intake"))
_GROWS = " WHEN NEW.seq <> OLD.seq OR length(NEW.body) >= length(OLD.body)"
"""Values may be removed from a disclosure; nothing else may change."""
_ERASES = (
    " WHEN NEW.digest IS NOT OLD.digest OR NEW.rows IS NOT OLD.rows"
    " OR NEW.created IS NOT OLD.created OR NEW.name NOT IN (OLD.name, '[redacted]')"
)
"""The name of an imported file may be erased; before schema 0013 nothing could."""
_TAKEN_OUT = " WHEN NOT EXISTS (SELECT 1 FROM struck_case WHERE ref = OLD.ref)"
"""Only cases whose proposal was struck out leave the table; before schema 0034 none could."""
_WHEN: Mapping[str, tuple[str, ...]] = {
    "case_no_delete": (_TAKEN_OUT, ""),
    "disclosure_no_update": (_GROWS,),
    "intake_no_update": (_ERASES, ""),
}


def _guards(table: str, act: str) -> tuple[str, ...]:
    """Return the possible texts of a trigger in SQLite, as the migrations wrote it."""
    return tuple(
        f"CREATE TRIGGER {table}_no_{act} BEFORE {verb} ON {of}{when}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is kept: {act} is refused'); END"
        for verb in (act, act.upper())
        for of in (table, f'"{table}"')
        for when in _WHEN.get(f"{table}_no_{act}", ("",))
    )


TRIGGERS = {f"{table}_no_update": _guards(table, "update") for table in APPEND_ONLY} | {
    f"{table}_no_delete": _guards(table, "delete") for table in (*APPEND_ONLY, *NEVER_DELETED)
}
"""The triggers of the migrations: what is written is never changed or deleted.

Each has its possible texts in SQLite, with single blanks.
"""

BY_MIGRATION = ("ix_case_odd", "ix_case_open")
"""Indexes on cases that cannot be declared in the tables above."""

WITH_COLUMN = (
    *("fk_case_late_cause", "fk_person_deputy", "fk_request_asked_for"),
    "fk_digest_officer",
)
"""Foreign keys that a migration added together with their column."""
