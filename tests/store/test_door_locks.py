"""What one login may keep from the others: locks, the log, the server's folders."""

import threading
import time

import pgserver
import pytest
from shared import psycopg

from casework.kinds.records import Case
from casework.store import logins
from casework.store.door import rules


def holding(office, code, statement, *values):
    """Return a session that has run a statement and keeps its transaction open, doing something."""
    connection = office.raw(code)
    connection.autocommit = False
    connection.execute(statement, values)

    def sleep():
        try:
            connection.execute("SELECT pg_sleep(60)")
        except psycopg.Error:
            return

    thread = threading.Thread(target=sleep, daemon=True)
    thread.start()
    return connection, thread


@pytest.mark.parametrize("what", ["head", "record", "case"])
def test_nobody_keeps_the_others_waiting_without_end(shared, what):
    ref = shared.case("assigned")
    shared.rule("patience", desk=1)
    sent = shared.event(shared.act("lan", "note", [Case, ref], {}, note="x"))
    statement, values = {
        "head": ("SELECT casework_head()", ()),
        "record": (
            "SELECT casework_record(%s::text[], %s::text[])",
            ([sent.body.decode()], [sent.disclosures.decode()]),
        ),
        "case": ("SELECT casework_lock(ARRAY['case'], ARRAY[%s])", (ref,)),
    }[what]
    connection, thread = holding(shared, "lan", statement, *values)
    time.sleep(1.2)

    shared.as_("nga")("note", ref, "A word")

    thread.join(10)
    assert not thread.is_alive()
    assert connection.closed
    assert shared.events()[-1]["note"] == "A word"


def test_who_may_take_long_is_waited_for(shared):
    ref = shared.case("assigned")
    shared.rule("patience", desk=1)
    connection, thread = holding(shared, "nga", "SELECT casework_head()")
    time.sleep(1.2)
    with shared.raw("lan") as waiter:
        waiter.execute("SET lock_timeout = '2s'")
        waiter.execute("SELECT casework_lock(ARRAY['case'], ARRAY[%s])", (ref,))
        with pytest.raises(psycopg.errors.LockNotAvailable):
            waiter.execute("SELECT casework_head()")
        assert waiter.execute("SHOW lock_timeout").fetchall() == [("2s",)]
    assert not connection.closed
    pgserver.ask(
        shared.url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%'"
        " AND pid <> pg_backend_pid()",
    )
    thread.join(10)
    assert not thread.is_alive()


def test_who_records_nothing_locks_nothing(shared):
    ref = shared.case("assigned")
    lock = "SELECT casework_lock(ARRAY[%s], ARRAY[%s])"

    assert shared.denied("thanh", "SELECT casework_head()") == "CW403"
    assert shared.denied("thanh", lock, "case", ref) == "CW403"
    for kind, key in (("register", "register"), ("organisation", "mofa"), ("person", "nga")):
        assert shared.denied("lan", lock, kind, key) == "CW403"
    shared.sql("lan", lock, "case", ref)
    many = (
        "SELECT casework_lock(array_fill('case'::text, ARRAY[10001]),"
        " array_fill(%s::text, ARRAY[10001]))"
    )
    assert shared.denied("lan", many, ref) == "CW403"


def test_refused_attempts_are_recorded_so_many_a_minute(shared):
    before = shared.head().size
    shared.sql("lan", "SELECT count(casework_refused('again' || n)) FROM generate_series(1, 60) n")

    assert shared.head().size == before + rules.REFUSALS
    shared.keeper("audit", "verify")


@pytest.mark.parametrize("words", ["", "  ", " x ", "a\u0301" * 600, "\u3000", "x" * 100_000, None])
def test_whatever_words_are_refused_the_attempt_is_recorded(shared, words):
    before = shared.head().size
    shared.sql("lan", "SELECT casework_refused(%s)", words)

    assert shared.head().size == before + 1
    note = shared.events()[-1]["note"]
    assert note == note.strip() != ""
    assert len(note) <= 500
    shared.keeper("audit", "verify")


def test_an_event_that_names_odd_members_is_refused_and_recorded(shared):
    ref = shared.case("assigned")
    sent = shared.event(shared.act("lan", "note", [Case, ref], {}, note="x"))
    odd = sent.body.decode().replace('"kind"', '"a\u0301 \u202e":1,"kind"')

    assert shared.refuses("lan", sent._replace(body=odd.encode()))


def test_a_login_leaves_nothing_beside_the_register(shared):
    # A copy of a database has not what was granted on it.
    shared.keeper("db", "grant", "lan", "--login", shared.login("lan"))
    for statement in (
        "CREATE TEMP TABLE mine (n int)",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_creat(-1)",
    ):
        assert shared.denied("lan", statement) == "42501", statement


def test_a_login_has_few_sessions(shared):
    login = shared.login("lan")
    found = pgserver.ask(shared.url, f"SELECT rolconnlimit FROM pg_roles WHERE rolname = '{login}'")

    assert found == [(logins.SESSIONS,)]
