"""Verification with processes beside its own on a server: of one state, by whoever may read all."""

import pytest

from casework.errors import CaseworkError
from casework.proof import inspection, passing
from casework.store import served
from casework.system import processes


@pytest.fixture(autouse=True)
def begun(monkeypatch):
    """How many processes were begun for a log, however short; each case is given to one alone."""
    started, workers = [], processes.workers

    def noted(count):
        started.append(count)
        return workers(count)

    monkeypatch.setattr(inspection, "LONG", 0)
    monkeypatch.setattr(passing, "EVENTS", 1)
    monkeypatch.setattr(processes, "workers", noted)
    return started


@pytest.fixture
def own(monkeypatch):
    """The spans that this process looked at itself."""
    looked, passed = [], inspection.passed

    def noted(connection, kind, past, span=None):
        if span is not None:
            looked.append(span)
        return passed(connection, kind, past, span)

    monkeypatch.setattr(inspection, "passed", noted)
    return looked


def outcome(url, number):
    """Return what verification with so many processors comes to, or its error."""
    try:
        with url.store().reading() as connection:
            return inspection.verify(connection, processors=number)
    except CaseworkError as error:
        return type(error), error.message, error.hint


def test_others_look_at_a_part_and_find_what_one_finds(shared, begun, own):
    refs = [shared.case("resolved") for _ in range(6)]
    inspector = shared.as_("thanh")
    alone = outcome(inspector, 1)
    assert begun == []
    whole = [*own]
    assert len(whole) >= len(refs)
    own.clear()

    assert outcome(inspector, 2) == alone
    assert begun == [1]
    assert alone.records > len(refs)
    assert 0 < len(own) < len(whole)
    behind = "U&'\\+10ffff'"
    # Each is told before those that were made before it.
    for forgery, said in (
        (f"INSERT INTO case_coordinating VALUES (repeat({behind}, 400), 'x')", "case_coordinating"),
        (f"""UPDATE "case" SET title = 'else' WHERE ref = '{refs[0]}'""", "column title"),
        ("DELETE FROM disclosure WHERE seq > 40", "its disclosures are missing"),
    ):
        shared.keeper.sql(forgery)
        found = outcome(shared.keeper, 2)
        assert said in str(found[1])
        assert outcome(shared.keeper, 1) == found


def test_all_see_the_moment_that_the_first_sees(shared, begun):
    ref = shared.case("resolved")
    with shared.as_("thanh").store().reading() as connection:
        size, root = shared.head()[:2]
        shared.keeper("note", ref, "recorded meanwhile")
        shared.case("resolved")
        found = inspection.verify(connection, processors=2)

    assert begun == [1]
    assert (found.size, found.root) == (size, root)
    assert shared.head()[0] > size


def test_a_login_that_may_have_one_session_verifies_alone(shared, begun, own):
    for _ in range(3):
        shared.case("resolved")
    login = shared.login("thanh")
    shared.sql(None, f"ALTER ROLE {login} CONNECTION LIMIT 1")
    try:
        found = outcome(shared.as_("thanh"), 2)
    finally:
        shared.sql(None, f"ALTER ROLE {login} CONNECTION LIMIT 10")

    assert begun == [1]
    assert found.size == shared.head()[0]
    assert len(own) >= 3


def test_what_may_write_is_shared_with_nobody(shared):
    with shared.keeper.store().writing() as connection:
        assert served.shared(connection) is None
    with shared.keeper.store().reading() as connection:
        assert served.shared(connection) is not None
