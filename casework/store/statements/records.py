"""Statements on records: one, all of a kind, look-ups and links."""

from __future__ import annotations

from sqlalchemy import (
    Integer,
    String,
    bindparam,
    column,
    func,
    literal_column,
    select,
    table,
    union_all,
)

from casework.kinds.records import KINDS, Case, Conference
from casework.store import record_rows, schema
from casework.store.statements.pieces import (
    CASE,
    CONFERENCE,
    EVENT,
    IS_SECRET,
    LINK,
    NAME,
    ORGANISATION,
    STRUCK,
    among,
    bound_day,
    bound_text,
    record_of,
)

_CAUSE = schema.TABLES["cause"].c
LOAD = {
    kind: record_of(kind).where(schema.TABLES[kind].c[form.key_field] == bound_text("key"))
    for kind, form in KINDS.items()
}
EVERY = {
    kind: record_of(kind).order_by(
        *(
            (func.coalesce(CONFERENCE.year, 9999), CONFERENCE.date, CONFERENCE.code)
            if form is Conference
            else (schema.TABLES[kind].c[form.key_field],)
        )
    )
    for kind, form in KINDS.items()
    if form.common
}
RECORDS = {kind: record_of(kind) for kind in KINDS}
"""The records of a kind, in any order."""

COUNT = {kind: select(func.count()).select_from(schema.TABLES[kind]) for kind in KINDS}
ROWS = {
    kind: select(schema.TABLES[kind]).order_by(schema.TABLES[kind].c[form.key_field])
    for kind, form in KINDS.items()
}
"""The rows of a kind of record with their derived columns, by key."""

ROWS_SINCE = {Case.kind: ROWS[Case.kind].where(CASE.ref >= bound_text("since"))}
ROWS_WITHIN = {Case.kind: ROWS_SINCE[Case.kind].where(CASE.ref < bound_text("until"))}
"""The same for the records within a range of keys."""

DERIVED_ROWS = {
    name: select(schema.metadata.tables[name]).order_by(schema.metadata.tables[name].c[one.owner])
    for name, one in record_rows.DERIVED.items()
    if name != "name_key"
}
DERIVED_SINCE = {
    name: DERIVED_ROWS[name].where(
        schema.metadata.tables[name].c[one.owner] >= bound_text("since"),
    )
    for name, one in record_rows.DERIVED.items()
    if one.kinds == (Case.kind,)
}
DERIVED_WITHIN = {
    name: made.where(
        schema.metadata.tables[name].c[record_rows.DERIVED[name].owner] < bound_text("until")
    )
    for name, made in DERIVED_SINCE.items()
}
WHOLE = {made.name: select(made) for made in schema.metadata.sorted_tables}
FOUND_BY = record_of("case").add_columns(*(CASE[name] for name in record_rows.LOOKED_UP))
"""Every case with the columns that only serve look-ups."""

NAME_KEYS = select(schema.name_key).where(NAME.kind == bound_text("kind")).order_by(NAME.code)
NAMED_KINDS = select(NAME.kind).distinct()
REVISION = select(table("alembic_version", column("version_num", String)).c.version_num)


CODES = (
    select(NAME.code)
    .where(NAME.kind == bound_text("kind"), NAME.folded == bound_text("folded"))
    .order_by(NAME.code)
)
_BEGUN = (CASE.ref_key >= bound_text("first"), CASE.ref_key < bound_text("beyond"))
BEGUN_REFS = (
    select(CASE.ref, CASE.title, CASE.title_vi)
    .where(*_BEGUN)
    .order_by(CASE.ref_key)
    .limit(bindparam("limit", type_=Integer))
)
LAST_BEGUN_REF = (
    select(CASE.ref, CASE.title, CASE.title_vi)
    .where(*_BEGUN)
    .order_by(CASE.ref_key.desc())
    .limit(1)
)
BEGUN_NAMES = (
    select(NAME.folded, NAME.code)
    .where(
        NAME.kind == bound_text("kind"),
        NAME.folded >= bound_text("first"),
        NAME.folded < bound_text("beyond"),
    )
    .order_by(NAME.folded, NAME.code)
    .limit(bindparam("limit", type_=Integer))
)
NAMES_OF_KIND = select(NAME.folded, NAME.code).where(NAME.kind == bound_text("kind"))
ALL_NAMES = select(NAME.kind, NAME.folded, NAME.code)
CASE_REF = select(CASE.ref).where(CASE.ref_key == bound_text("ref_key"))
REFS = select(CASE.ref_key, CASE.ref).where(among(CASE.ref_key, bound_text("ref_keys")))
IDENTITIES = select(
    *(CASE[name] for name in ("ref_key", "ref", "title", "proposer", "conference")),
)
REGISTERED = select(
    CASE.ref_key,
    CASE.ref,
    CASE.title,
    CASE.proposer,
    CASE.conference,
    # Not a join: SQLite, which knows no sizes, would begin it with the whole log.
    select(func.min(EVENT.seq))
    .where(EVENT.kind == "case", EVENT.key == CASE.ref)
    .scalar_subquery(),
).where(among(CASE.ref_key, bound_text("ref_keys")))
OF_REFS = record_of("case").where(among(CASE.ref, bound_text("refs")))
NEAR_REFS = (
    select(CASE.ref)
    .where(CASE.ref_stem == bound_text("stem"))
    .order_by(func.abs(CASE.ref_number - bindparam("number", type_=Integer)), CASE.ref)
    .limit(3)
)
REFS_BETWEEN = (
    select(CASE.ref, CASE.ref_number)
    .where(
        CASE.ref_stem == bound_text("stem"),
        CASE.ref_number.between(
            bindparam("first", type_=Integer), bindparam("last", type_=Integer)
        ),
    )
    .order_by(CASE.ref_number, CASE.ref)
)
_numbers = union_all(
    *(
        select(func.max(one.ref_number).label("number")).where(one.ref_stem == bound_text("stem"))
        for one in (CASE, STRUCK)
    )
).subquery()
HIGHEST_NUMBER = select(func.max(_numbers.c.number))
"""The highest number of a stem; numbers of struck cases are not used again."""

SECRET_REFS = union_all(
    select(CASE.ref).where(IS_SECRET),
    select(STRUCK.ref).where(STRUCK.secrecy != literal_column("'none'")),
)
STRUCK_SECRET = select(STRUCK.ref, STRUCK.secrecy).where(STRUCK.secrecy != literal_column("'none'"))
STRUCK_CASE = select(STRUCK.ref, STRUCK.seq).where(STRUCK.ref_key == bound_text("ref_key"))
STRUCK_AMONG = select(STRUCK.ref_key, STRUCK.ref).where(
    among(STRUCK.ref_key, bound_text("ref_keys"))
)
STRUCK_CASES = select(STRUCK.ref).order_by(STRUCK.ref_stem, STRUCK.ref_number, STRUCK.ref)
STRUCK_TEXTS = select(STRUCK.ref, STRUCK.search).order_by(
    STRUCK.ref_stem, STRUCK.ref_number, STRUCK.ref
)
STRUCK_ROWS = select(schema.struck_case).order_by(STRUCK.ref)
STRUCK_SINCE = STRUCK_ROWS.where(STRUCK.ref >= bound_text("since"))
STRUCK_WITHIN = STRUCK_SINCE.where(STRUCK.ref < bound_text("until"))
"""Cases whose proposal was struck out."""

SECRET = record_of("case").where(IS_SECRET)
"""The secret cases."""

REQUESTS_ON = select(schema.TABLES["request"].c.code).where(
    schema.TABLES["request"].c.subject_kind == literal_column("'case'"),
    among(schema.TABLES["request"].c.subject, bound_text("refs")),
)
PERSON_OF_LOGIN = record_of("person").where(schema.TABLES["person"].c.login == bound_text("login"))
REQUESTS_OF = (
    record_of("request")
    .where(
        schema.TABLES["request"].c.subject_kind == bound_text("kind"),
        schema.TABLES["request"].c.subject == bound_text("key"),
    )
    .order_by(schema.TABLES["request"].c.asked_on, schema.TABLES["request"].c.code)
)
WAITING = (
    record_of("request")
    .where(schema.TABLES["request"].c.decided.is_(None))
    .order_by(schema.TABLES["request"].c.asked_on, schema.TABLES["request"].c.code)
)
NUMBERED = record_of("conference").where(
    CONFERENCE.series == bound_text("series"),
    CONFERENCE.number == bindparam("number", type_=Integer),
)
SUCCESSORS = record_of("conference").where(CONFERENCE.previous == bound_text("code"))
NEXT_CONFERENCE = (
    record_of("conference")
    .where(CONFERENCE.date > bound_day("day"))
    .order_by(CONFERENCE.number.is_(None), CONFERENCE.date, CONFERENCE.code)
    .limit(1)
)
ORGANISATION_NAMES = select(ORGANISATION.code, ORGANISATION.name, ORGANISATION.name_vi)
OTHER_NAMES = union_all(
    *(
        select(literal_column(f"'{kind}'"), one.code, one.name, one.name_vi)
        for kind in ("person", "conference", "cause")
        for one in [schema.TABLES[kind].c]
    )
)
HEIRS = select(ORGANISATION.code, ORGANISATION.successor).where(ORGANISATION.successor.is_not(None))
CAUSES_IN_USE = select(_CAUSE.code).where(_CAUSE.retired_on.is_(None)).order_by(_CAUSE.code)
ENDED = select(ORGANISATION.code).where(ORGANISATION.valid_to < bound_day("day"))


LINKING_HERE = (
    select(LINK.relation, LINK.ref).where(LINK.other == bound_text("ref")).order_by(LINK.ref)
)
REPEATS = select(LINK.ref, LINK.other).where(LINK.relation == "repeats")
_reached = (
    select(LINK.other)
    .where(LINK.ref == bound_text("start"), LINK.relation == bound_text("relation"))
    .cte("reached", recursive=True)
)
_reached = _reached.union(
    select(LINK.other)
    .join(_reached, LINK.ref == _reached.c.other)
    .where(LINK.relation == bound_text("relation"))
)
LEADS_TO = select(_reached.c.other).where(_reached.c.other == bound_text("goal")).limit(1)
LOST_LINK = (
    select(LINK.ref, LINK.other)
    .outerjoin(schema.TABLES["case"], LINK.other == CASE.ref)
    .where(CASE.ref.is_(None))
    .limit(1)
)
