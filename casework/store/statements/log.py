"""Statements on the log."""

from __future__ import annotations

from sqlalchemy import (
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union,
    union_all,
)

from casework.store import record_rows, schema
from casework.store.statements.pieces import EVENT, EVENT_AGAIN, TOLD, among, bound_day, bound_text

keyed = select(EVENT.key, EVENT.body, TOLD.body).join(schema.disclosure, TOLD.seq == EVENT.seq)
disclosed = select(EVENT.body, TOLD.body).join(schema.disclosure, TOLD.seq == EVENT.seq)
known_by = EVENT.seq <= bindparam("until", type_=schema.SEQ)

LOG_HEAD = select(schema.log_head.c.size, schema.log_head.c.root, schema.log_head.c.peaks)
HEAD = select(
    schema.log_head.c.size,
    schema.log_head.c.root,
    EVENT.recorded_at,
    schema.TABLES["register"].c.origin,
).select_from(
    schema.log_head.outerjoin(
        schema.TABLES["register"], schema.TABLES["register"].c.name == literal_column("'register'")
    ).outerjoin(schema.event, EVENT.seq == schema.log_head.c.size - 1)
)
RULES = select(schema.TABLES["register"].c.rules)
"""The digest of the rules by which acts are judged."""
LENGTH = select(func.max(EVENT.seq) + 1)
"""The number of events, by the highest number."""
FIRST = select(func.min(EVENT.seq))

LAST_EVENT = select(func.max(EVENT.seq)).where(
    EVENT.kind == bound_text("kind"), EVENT.key == bound_text("key")
)
FIRST_EVENT = select(func.min(EVENT.seq)).where(
    EVENT.kind == bound_text("kind"), EVENT.key == bound_text("key")
)
MOVED = schema.moved_day.c
effect = case((MOVED.seq.is_(None), EVENT.effective_on), else_=MOVED.day)
"""The day of effect of an event after all corrections; NULL if it was struck out."""

placed = schema.event.outerjoin(schema.moved_day, MOVED.seq == EVENT.seq)
LAST_DAY = (
    select(func.max(effect))
    .select_from(placed)
    .where(EVENT.kind == bound_text("kind"), EVENT.key == bound_text("key"))
)
"""The last day on which an act on a record takes effect."""

MOVED_DAYS = select(MOVED.seq, MOVED.day).order_by(MOVED.seq)
LAST_OF_KIND = select(func.max(EVENT.seq)).where(
    EVENT.kind == bound_text("kind"), EVENT.seq < bindparam("before", type_=schema.SEQ)
)
EVENTS_OF_RECORD = disclosed.where(
    EVENT.kind == bound_text("kind"), EVENT.key == bound_text("key")
).order_by(EVENT.seq)
EVENTS_OF_KIND = disclosed.where(EVENT.kind == bound_text("kind")).order_by(EVENT.key, EVENT.seq)
EVENTS_OF_KEYS = disclosed.where(
    EVENT.kind == bound_text("kind"), among(EVENT.key, bound_text("keys"))
).order_by(EVENT.key, EVENT.seq)
_later = bindparam("until", type_=schema.SEQ)
CHANGED_AFTER = union(
    select(EVENT.kind, EVENT.key).where(EVENT.effective_on > bound_day("day")),
    select(EVENT.kind, EVENT.key).where(_later < EVENT.seq),
    select(EVENT.kind, EVENT.key).where(
        EVENT.seq.in_(select(MOVED.seq).where(MOVED.day > bound_day("day")))
    ),
)
"""The records with an act that takes effect after a day, or was recorded after an event."""

LINKED_AFTER = (
    select(EVENT.key)
    .distinct()
    .where(
        # Written out, not bound, for the index of links; nothing but cases is linked.
        EVENT.act == literal_column("'link'"),
        or_(EVENT.effective_on > bound_day("day"), _later < EVENT.seq),
    )
)
"""The cases whose links changed after a day or an event."""

OF_COMMAND = (
    select(
        EVENT.body,
        TOLD.body,
        # Its last event comes before the first one of the next command.
        func.coalesce(
            select(EVENT_AGAIN.seq)
            .where(EVENT_AGAIN.command.is_not(None), EVENT_AGAIN.seq > EVENT.seq)
            .order_by(EVENT_AGAIN.seq)
            .limit(1)
            .scalar_subquery(),
            select(schema.log_head.c.size).scalar_subquery(),
        )
        - 1,
    )
    .join(schema.disclosure, TOLD.seq == EVENT.seq)
    .where(EVENT.command == bound_text("command"), EVENT.actor == bound_text("actor"))
)
LAST_BY = (
    select(EVENT.seq).where(EVENT.actor == bound_text("actor")).order_by(EVENT.seq.desc()).limit(1)
)
"""The last event of a person."""

COMMAND_OF = (
    select(EVENT.seq, EVENT.command, EVENT.actor)
    .where(EVENT.command.is_not(None), known_by)
    .order_by(EVENT.seq.desc())
    .limit(1)
)
"""The first event of the command that an event belongs to, and its key."""

EVENTS_BETWEEN = disclosed.where(
    EVENT.seq >= bindparam("first", type_=schema.SEQ),
    EVENT.seq <= bindparam("last", type_=schema.SEQ),
).order_by(EVENT.seq)
RECORDED_BY = select(func.max(EVENT.seq)).where(EVENT.recorded_at <= bound_text("instant"))
CHANGED_BETWEEN = (
    select(EVENT.key)
    .distinct()
    .where(
        EVENT.kind == literal_column("'case'"),
        EVENT.seq > bindparam("after", type_=schema.SEQ),
        known_by,
    )
)
EVENTS = disclosed.where(known_by).order_by(EVENT.seq)
# Nothing but cases has such acts: to ask for the kind leads SQLite to another index.
NOTES = keyed.where(schema.NOTED, EVENT.effective_on <= bound_day("day"), known_by)
PAPERS = keyed.where(schema.PAPERED, EVENT.effective_on <= bound_day("day"), known_by)
MOVED_WITHIN = union_all(
    select(EVENT.key).where(
        EVENT.kind == literal_column("'case'"),
        EVENT.effective_on >= bound_day("start"),
        EVENT.effective_on <= bound_day("end"),
    ),
    select(EVENT.key)
    .join(schema.moved_day, schema.moved_day.c.seq == EVENT.seq)
    .where(EVENT.kind == literal_column("'case'")),
)
"""The cases on which anything took effect between two days; a case may occur several times.

Cases with a moved act are included, because the act may once have been within those days.
"""

BEFORE_RUN = (
    select(EVENT.seq, EVENT.actor, EVENT.command)
    .where(
        EVENT.seq < bindparam("before", type_=schema.SEQ),
        or_(EVENT.actor != bound_text("actor"), EVENT.command.is_not(None)),
    )
    .order_by(EVENT.seq.desc())
    .limit(1)
)
"""The last event before a given one that is by another actor, or begins a command."""
# By the index of kinds: what is unequal is sought in the whole table.
OTHERS = disclosed.where(
    EVENT.seq.in_(
        union_all(
            select(EVENT_AGAIN.seq).where(EVENT_AGAIN.kind < literal_column("'case'")),
            select(EVENT_AGAIN.seq).where(EVENT_AGAIN.kind > literal_column("'case'")),
        )
    )
).order_by(EVENT.seq)
"""All events except those of cases."""
OTHERS_KNOWN = OTHERS.where(known_by)
STAMP = select(EVENT.recorded_at).where(EVENT.seq == bindparam("seq", type_=schema.SEQ))
STAMPS = select(EVENT.seq, EVENT.recorded_at).where(known_by).order_by(EVENT.seq)
ANY_ACT = select(EVENT.seq).where(EVENT.act == bound_text("act")).limit(1)
LEAVES = select(EVENT.leaf).order_by(EVENT.seq)
LEAVES_FROM = LEAVES.where(EVENT.seq >= bindparam("first", type_=schema.SEQ))
BODIES = (
    select(EVENT.body)
    .where(
        EVENT.seq >= bindparam("first", type_=schema.SEQ),
        EVENT.seq <= bindparam("last", type_=schema.SEQ),
    )
    .order_by(EVENT.seq)
)
STORED = (
    select(
        EVENT.seq,
        EVENT.body,
        EVENT.leaf,
        TOLD.body,
        *(EVENT[name] for name in record_rows.OF_EVENT),
    )
    .outerjoin(schema.disclosure, TOLD.seq == EVENT.seq)
    .order_by(EVENT.seq)
)
STORED_OF = STORED.where(EVENT.kind == bound_text("kind")).order_by(None)
STORED_SINCE = STORED_OF.where(EVENT.key >= bound_text("since")).order_by(EVENT.key, EVENT.seq)
STORED_WITHIN = STORED_SINCE.where(EVENT.key < bound_text("until"))
"""The stored events of the records of a kind within a range of keys, by key."""
STORED_OF = STORED_OF.order_by(EVENT.key, EVENT.seq)
KEY_BEHIND = (
    select(EVENT.key)
    .where(EVENT.kind == bound_text("kind"), EVENT.key > bound_text("since"))
    .order_by(EVENT.key)
    .limit(1)
    .offset(bindparam("events", type_=schema.SEQ))
)
"""The key that is a number of events of a kind after another one."""
DISCLOSED = select(func.count()).select_from(schema.disclosure)
"""How many events have disclosures."""
STRAY = (
    select(TOLD.seq)
    .outerjoin(schema.event, EVENT.seq == TOLD.seq)
    .where(EVENT.seq.is_(None))
    .order_by(TOLD.seq)
    .limit(1)
)
DISCLOSURES = select(TOLD.seq, TOLD.body).where(among(TOLD.seq, bound_text("seqs")))
EVENTS_OF_CASES = keyed.where(EVENT.kind == "case", among(EVENT.key, bound_text("refs"))).order_by(
    EVENT.seq
)
EVIDENCE = (
    select(EVENT.seq, EVENT.key, EVENT.body, TOLD.body)
    .outerjoin(schema.disclosure, TOLD.seq == EVENT.seq)
    .order_by(EVENT.seq)
)
EVIDENCE_OF_CASES = EVIDENCE.where(EVENT.kind == "case", among(EVENT.key, bound_text("refs")))
