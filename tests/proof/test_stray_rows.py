"""A row that no event tells of is found by who reads all of a server, as by its owner."""

import pgserver
import pytest

STRAY = {
    "case_coordinating": "(ref, org) VALUES ('{ref}', 'vufo')",
    "case_theme": "(ref, theme, ref_stem, ref_number) VALUES ('{ref}', 'stray', 'X.', 1)",
    "case_link": "(ref, relation, other) VALUES ('{ref}', 'follows', 'CASE.001')",
    "struck_case": "VALUES ('{ref}', 'stray', 'x.', 1, 'stray', NULL, 'vufo', 2)",
    "reminder": "(ref, level, due, digest, owner) VALUES ('{ref}', 'overdue', '', 'none', '')",
    "name_key": "(kind, folded, code) VALUES ('organisation', 'stray', '{ref}')",
    "moved_day": "(seq, day) VALUES ({seq}, '2026-01-01')",
    "disclosure": "(seq, body) VALUES ({seq}, '{{}}')",
}
"""What somebody with every right may put into a table that follows from the events."""


CASES = [(table, known) for table in STRAY for known in (True, False)]
CASES.remove(("disclosure", True))  # every event has one


@pytest.mark.parametrize(("table", "known"), CASES)
def test_an_inspector_finds_the_row_the_owner_finds(shared, table, known):
    refs = [shared.case() for _ in range(2)]
    row = STRAY[table].format(ref=refs[1] if known else "NONE", seq=2 if known else 9_999)
    pgserver.ask(shared.url, f"SET session_replication_role = replica; INSERT INTO {table} {row}")

    owners, inspectors = (
        one.refused(7, "audit", "verify") for one in (shared.keeper, shared.as_("thanh"))
    )

    assert owners == inspectors
