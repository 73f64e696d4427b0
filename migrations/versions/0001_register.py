"""The register, its log, and the triggers that keep the log append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")

KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
OUTCOMES = (
    *("implemented", "partly-implemented", "explained", "not-accepted"),
    *("superseded", "duplicate", "transferred", "withdrawn"),
)
SEQ = sa.BigInteger().with_variant(sa.Integer, "sqlite")

APPEND_ONLY = ("event", "intake")
NEVER_DELETED = (
    "disclosure",
    "log_head",
    "register",
    "organisation",
    "person",
    "conference",
    "case",
)

OPEN_CASES = {
    "sqlite": """
        CREATE INDEX ix_case_open ON "case" (
            due, ref_stem, ref_number, ref, owner, officer, conference, proposer, state,
            original_due, extensions, reported, title, title_vi
        ) WHERE state <> 'resolved'
    """,
    # An index entry of PostgreSQL ends at 2,704 bytes and a title does not.
    "postgresql": """
        CREATE INDEX ix_case_open ON "case" (due, ref_stem, ref_number)
        INCLUDE (ref, owner, officer, conference, proposer, state, original_due)
        WHERE state <> 'resolved'
    """,
}


def one_of(column, *values):
    """Return what a column may hold; of a list SQLite would make an index for every row."""
    return " OR ".join(f"{column} = '{value}'" for value in values)


def upgrade():
    op.create_table(
        "conference",
        sa.Column("code", KEY, nullable=False),
        sa.Column("series", KEY, nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_vi", sa.Text(), nullable=True),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("certainty", KEY, nullable=False),
        sa.Column("format", KEY, nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("theme", sa.Text(), nullable=True),
        sa.Column("previous", KEY, nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["previous"],
            ["conference.code"],
            name="fk_conference_previous",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("code", name="pk_conference"),
        comment="Conferences, by series and number",
    )
    op.create_index("ix_conference_series_number", "conference", ["series", "number"], unique=True)
    op.create_table(
        "event",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("act", KEY, nullable=False),
        sa.Column("actor", KEY, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", KEY, nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_event"),
        comment="The audit log: one row per act, append-only; body is the bytes that were hashed",
    )
    op.create_index("ix_event_effective_on", "event", ["effective_on"], unique=False)
    op.create_index("ix_event_kind_key_seq", "event", ["kind", "key", "seq"], unique=False)
    op.create_table(
        "intake",
        sa.Column("digest", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_intake"),
        comment="Files that were imported, by SHA-256",
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_head_single")),
        sa.PrimaryKeyConstraint("id", name="pk_log_head"),
        comment="Size, peaks and root of the RFC 6962 tree over the log",
    )
    op.create_table(
        "name_key",
        sa.Column("kind", KEY, nullable=False),
        sa.Column("folded", KEY, nullable=False),
        sa.Column("code", KEY, nullable=False),
        sa.PrimaryKeyConstraint("kind", "folded", "code", name="pk_name_key"),
        comment="Codes, names and aliases without case or diacritics, for look-up",
        info={"derived": True},
    )
    op.create_table(
        "organisation",
        sa.Column("code", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=True),
        sa.Column("org_kind", KEY, nullable=True),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("parent", KEY, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor", KEY, nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent"],
            ["organisation.code"],
            name="fk_organisation_parent",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["successor"],
            ["organisation.code"],
            name="fk_organisation_successor",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("code", name="pk_organisation"),
        comment="Bodies that propose, own and coordinate",
    )
    op.create_table(
        "register",
        sa.Column("name", KEY, nullable=False),
        sa.Column("origin", KEY, nullable=False),
        sa.Column("zone", KEY, nullable=False),
        sa.Column("notice", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("name = 'register'", name=op.f("ck_register_single")),
        sa.PrimaryKeyConstraint("name", name="pk_register"),
        comment="The register itself: its random origin, the office's time zone, a notice to show",
    )
    op.create_table(
        "disclosure",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["event.seq"],
            name="fk_disclosure_seq",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_disclosure"),
        comment="Salts and values of the commitments in an event's body",
    )
    op.create_table(
        "person",
        sa.Column("code", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=True),
        sa.Column("org", KEY, nullable=True),
        sa.Column("role", KEY, nullable=True),
        sa.Column("login", KEY, nullable=True),
        sa.Column("offices", sa.JSON(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            one_of("role", "secretariat", "desk", "inspector", "admin"),
            name=op.f("ck_person_role"),
        ),
        sa.ForeignKeyConstraint(
            ["org"],
            ["organisation.code"],
            name="fk_person_org",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("code", name="pk_person"),
        sa.UniqueConstraint("login", name="uq_person_login"),
        comment="People: users of the register by role, and those who are only named",
    )
    op.create_table(
        "case",
        sa.Column("ref", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_vi", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("conference", KEY, nullable=True),
        sa.Column("proposer", KEY, nullable=False),
        sa.Column("speaker", KEY, nullable=True),
        sa.Column("addressee", KEY, nullable=True),
        sa.Column("owner", KEY, nullable=True),
        sa.Column("officer", KEY, nullable=True),
        sa.Column("coordinating", sa.JSON(), nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("state_since", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("original_due", sa.Date(), nullable=True),
        sa.Column("due_words", sa.Text(), nullable=True),
        sa.Column("due_basis", KEY, nullable=True),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("outcome", KEY, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("answered_by", KEY, nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("assigned_on", sa.Date(), nullable=True),
        sa.Column("study_on", sa.Date(), nullable=True),
        sa.Column("resolved_on", sa.Date(), nullable=True),
        sa.Column("resolved_by", KEY, nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("first_outcome", KEY, nullable=True),
        sa.Column("first_answer", sa.Text(), nullable=True),
        sa.Column("first_resolved_on", sa.Date(), nullable=True),
        sa.Column("theme", sa.JSON(), nullable=False),
        sa.Column("instruments", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("reported", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref_key", KEY, nullable=False),
        sa.Column("ref_stem", KEY, nullable=False),
        sa.Column("ref_number", sa.Integer(), nullable=False),
        sa.Column("search", KEY_TEXT, nullable=False),
        sa.CheckConstraint(
            "(state = 'resolved') = (resolved_on IS NOT NULL)", name=op.f("ck_case_resolved")
        ),
        sa.CheckConstraint(
            one_of("due_basis", "stated", "derived", "set"), name=op.f("ck_case_due_basis")
        ),
        sa.CheckConstraint(one_of("first_outcome", *OUTCOMES), name=op.f("ck_case_first_outcome")),
        sa.CheckConstraint(one_of("outcome", *OUTCOMES), name=op.f("ck_case_outcome")),
        sa.CheckConstraint(
            one_of("state", "proposed", "assigned", "under_study", "resolved"),
            name=op.f("ck_case_state"),
        ),
        sa.CheckConstraint(
            "(due IS NULL) = (original_due IS NULL)", name=op.f("ck_case_original_due")
        ),
        sa.ForeignKeyConstraint(
            ["addressee"],
            ["organisation.code"],
            name="fk_case_addressee",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["person.code"],
            name="fk_case_answered_by",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["conference"],
            ["conference.code"],
            name="fk_case_conference",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["officer"],
            ["person.code"],
            name="fk_case_officer",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["owner"],
            ["organisation.code"],
            name="fk_case_owner",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["proposer"],
            ["organisation.code"],
            name="fk_case_proposer",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by"],
            ["person.code"],
            name="fk_case_resolved_by",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["speaker"],
            ["person.code"],
            name="fk_case_speaker",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("ref", name="pk_case"),
        sa.UniqueConstraint("ref_key", name="uq_case_ref_key"),
        comment="Recommendations and what became of them; never deleted",
    )
    op.create_index("ix_case_ref_stem_ref_number", "case", ["ref_stem", "ref_number"], unique=False)
    op.create_index(
        "ix_case_tally",
        "case",
        ["owner", "state", "due", "resolved_on", "conference"],
        unique=False,
    )
    op.create_table(
        "case_coordinating",
        sa.Column("ref", KEY, nullable=False),
        sa.Column("org", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["org"],
            ["organisation.code"],
            name="fk_case_coordinating_org",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["ref"],
            ["case.ref"],
            name="fk_case_coordinating_ref",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("ref", "org", name="pk_case_coordinating"),
        comment="Coordinating organisations of each case",
        info={"derived": True},
    )
    op.create_index("ix_case_coordinating_org", "case_coordinating", ["org"], unique=False)
    op.create_table(
        "case_link",
        sa.Column("ref", KEY, nullable=False),
        sa.Column("relation", KEY, nullable=False),
        sa.Column("other", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["other"],
            ["case.ref"],
            name="fk_case_link_other",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["ref"], ["case.ref"], name="fk_case_link_ref", onupdate="RESTRICT", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("ref", "relation", "other", name="pk_case_link"),
        comment="Links between cases, from the later one to the earlier",
        info={"derived": True},
    )
    op.create_index("ix_case_link_other", "case_link", ["other"], unique=False)
    engine = op.get_bind().dialect.name
    op.execute(OPEN_CASES[engine])
    if engine == "postgresql":
        op.execute(
            """
            CREATE FUNCTION casework_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '% is kept: % is refused', TG_TABLE_NAME, TG_OP;
            END $$
            """
        )
    for table in APPEND_ONLY:
        guard(engine, table, "update")
    guard_disclosures(engine)
    for table in APPEND_ONLY + NEVER_DELETED:
        guard(engine, table, "delete")


def guard_disclosures(engine):
    # A redaction takes values out of a disclosure; nothing may be added to it or put in place.
    grows = "NEW.seq <> OLD.seq OR length(NEW.body) >= length(OLD.body)"
    if engine == "sqlite":
        op.execute(
            f"""
            CREATE TRIGGER disclosure_no_update BEFORE UPDATE ON disclosure WHEN {grows}
            BEGIN SELECT RAISE(ABORT, 'disclosure is kept: update is refused'); END
            """
        )
        return
    op.execute(
        f"""
        CREATE TRIGGER disclosure_no_update BEFORE UPDATE ON disclosure
        FOR EACH ROW WHEN ({grows}) EXECUTE FUNCTION casework_refuse()
        """
    )


def guard(engine, table, operation):
    name = f"{table}_no_{operation}"
    if engine == "sqlite":
        op.execute(
            f"""
            CREATE TRIGGER {name} BEFORE {operation} ON "{table}"
            BEGIN SELECT RAISE(ABORT, '{table} is kept: {operation} is refused'); END
            """
        )
        return
    events = f"{operation} OR truncate" if operation == "delete" else operation
    op.execute(
        f"""
        CREATE TRIGGER {name} BEFORE {events} ON "{table}"
        FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()
        """
    )
