"""What one login may keep from the others: locks, the log, the server's folders."""

import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pgserver
import pytest
from processes import LONG, until
from shared import TODAY, psycopg

from casework.kinds.records import Case, Person
from casework.store import logins
from casework.store.door import rules
from casework.system.clock import stamp

pytestmark = pytest.mark.usefixtures("same_day")

SLEEP = f"SELECT pg_sleep({2 * LONG})"
"""Goes on until it is ended."""


def holding(office, code, statement, *values):
    """Return a session that has run a statement and keeps its transaction open, doing something."""
    connection = office.raw(code)
    connection.autocommit = False
    connection.execute(statement, values)

    def sleep():
        try:
            connection.execute(SLEEP)
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
            "SELECT why FROM casework_record(%s::text[], %s::text[])",
            ([sent.body.decode()], [sent.disclosures.decode()]),
        ),
        "case": ("SELECT casework_lock(ARRAY['case'], ARRAY[%s])", (ref,)),
    }[what]
    connection, thread = holding(shared, "lan", statement, *values)
    time.sleep(1.2)

    shared.as_("nga")("note", ref, "A word")

    thread.join(LONG)
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
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE query = '{SLEEP}' AND pid <> pg_backend_pid()",
    )
    thread.join(LONG)
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


class Waiting:
    """An event that somebody sends while another transaction keeps the head of the log."""

    def __init__(self, office, code, *sent):
        self.office, self.said, self.state = office, None, None
        self.connection = office.raw(code)
        self.pid = self.connection.info.backend_pid
        self.thread = threading.Thread(target=self._send, args=sent)
        self.thread.start()
        asked = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
        until(lambda: office.sql(None, asked, self.pid) == [(True,)])

    def _send(self, *sent):
        try:
            ((self.said,),) = self.connection.execute(RECORD, given(*sent)).fetchall()
        except psycopg.Error as error:
            self.state = error.sqlstate

    def written(self):
        """Return which tables it has written to that others read."""
        asked = (
            "SELECT relation::regclass::text FROM pg_locks"
            " WHERE pid = %s AND granted AND mode = 'RowExclusiveLock' AND relation::regclass"
            " IN ('\"case\"'::regclass, 'event'::regclass)"
        )
        return self.office.sql(None, asked, self.pid)

    def ended(self):
        self.thread.join(20)
        assert not self.thread.is_alive()
        self.connection.close()
        return self.said, self.state


RECORD = "SELECT why FROM casework_record(%s::text[], %s::text[])"


def given(*sent):
    return [one.body.decode() for one in sent], [one.disclosures.decode() for one in sent]


@contextmanager
def recording(office, *sent):
    """Give a block in which the keeper has recorded events and not committed them."""
    with office.raw(None) as connection:
        connection.autocommit = False
        assert connection.execute(RECORD, given(*sent)).fetchall() == [(None,)]
        yield
        connection.commit()


def test_who_loses_a_right_while_an_act_waits_does_not_do_it(shared):
    """It was judged before the head of the log was waited for, and is judged again."""
    ref = shared.case("assigned")
    note = shared.event(shared.act("lan", "note", [Case, ref], {}, note="x"))
    ends = shared.event(shared.act("chi", "deactivate", [Person, "lan"], {"ended_on": TODAY}))
    before = shared.head().size

    with recording(shared, ends):
        waiting = Waiting(shared, "lan", note)
        assert waiting.written() == [('"case"',)]

    why, _ = waiting.ended()
    assert "nobody in this register has the login" in why
    assert shared.head().size == before + 1
    assert shared.keeper.json("show", ref)["version"] == 2


def test_an_act_that_waited_for_one_on_another_case_is_next(shared):
    ref, other = shared.case("assigned"), shared.case("assigned")
    mine = shared.event(shared.act("lan", "note", [Case, ref], {}, note="mine"))
    theirs = shared.event(shared.act("nga", "note", [Case, other], {}, note="theirs"))

    with recording(shared, theirs):
        waiting = Waiting(shared, "lan", mine)

    assert waiting.ended() == (None, None)
    first, second = shared.events()[-2:]
    assert (first["note"], second["note"]) == ("theirs", "mine")
    # It was stamped before it waited.
    assert first["recorded_at"] == second["recorded_at"]
    shared.keeper("audit", "verify")


def test_of_two_new_cases_of_one_reference_the_second_is_refused(shared):
    changes = {"title": "T", "proposer": "mofa", "state": "proposed"}
    changes |= dict.fromkeys(("state_since", "proposed_on"), TODAY)
    made = shared.act("nga", "propose", ("case", "X.1"), changes)
    before = shared.head().size

    with recording(shared, shared.event(made)):
        waiting = Waiting(shared, "nga", shared.event(made))

    assert waiting.ended() == ("propose case X.1 is not possible as it stands", None)
    assert [one["act"] for one in shared.events()[before:]] == ["propose", "refused"]
    shared.keeper("audit", "verify")


def test_a_stamp_that_lies_long_before_the_last_one_is_kept(shared):
    """As the clock of a computer says it that goes slow: that is for the findings to tell."""
    ref = shared.case("assigned")
    early = stamp(datetime.now(UTC) - timedelta(seconds=100))
    sent = shared.event(shared.act("lan", "note", [Case, ref], {}, note="x"), recorded_at=early)

    assert shared.send("lan", sent) is None
    assert shared.events()[-1]["recorded_at"] == early


def test_an_event_brings_no_number(shared):
    ref = shared.case("assigned")
    act = shared.act("lan", "note", [Case, ref], {}, note="x")

    for place in ({"seq": shared.head().size}, {"prev": 0}):
        assert shared.refuses("lan", shared.event(act, **place))
