"""A batch on a server is recorded at one moment, however long it or one call of it lasts."""

import re
from datetime import timedelta
from functools import partial

import pgserver
import pytest

from casework.acts import actors, by_name
from casework.acts.together import at_one_moment, tried
from casework.errors import CaseworkError
from casework.kinds.records import Case
from casework.ledger import ledger
from casework.system.clock import now, stamp

LATE = timedelta(seconds=60)

SLOW = """
CREATE TABLE ahead (seconds integer, step integer);
INSERT INTO ahead VALUES (0, 0);
CREATE SEQUENCE looks;
CREATE FUNCTION told_clock_timestamp() RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public AS $$
    SELECT clock_timestamp() + make_interval(secs => seconds + step * nextval('looks')) FROM ahead
$$;
CREATE FUNCTION told_statement_timestamp() RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public AS $$
    SELECT statement_timestamp() + make_interval(secs => seconds) FROM ahead
$$
"""
"""A clock of the server that is so many seconds ahead, and more each time it is looked at."""


class Clock:
    """The server's clock, as the door sees it."""

    def __init__(self, url):
        self.url = url
        pgserver.ask(url, SLOW)
        for name in ("casework_folded", "casework_log", "casework_refused"):
            ((text,),) = pgserver.ask(url, f"SELECT pg_get_functiondef('{name}'::regproc)")
            pgserver.ask(url, re.sub("(statement|clock)_timestamp", r"told_\g<0>", text))

    def goes(self, *, seconds=0, step=0):
        pgserver.ask(self.url, f"UPDATE ahead SET seconds = seconds + {seconds}, step = {step}")


@pytest.fixture
def clock(shared):
    return Clock(shared.url)


def note(desk, ref, words):
    return by_name.at_desk(desk, "note", ref, by_name.read("note", {"words": words}))


def recorded(office, ref):
    return [one for one in office.events() if one["key"] == ref and one["act"] == "note"]


def batch(office, steps):
    """Do steps in one batch of the secretariat; return what was refused."""
    refused = []
    with office.as_("nga").store().writing() as connection:
        desk = actors.desk(connection, None, None)
        with at_one_moment(desk) as begin:
            for place, step in enumerate(steps):
                begin(place)
                left = tried(desk, partial(step, desk))
                refused += [str(left)] if isinstance(left, CaseworkError) else []
        if refused:
            connection.rollback()
    return refused


def test_a_batch_may_last_longer_than_clocks_may_differ(shared, clock):
    ref = shared.case()

    assert batch(shared, [
        lambda desk: note(desk, ref, "one"),
        lambda _: clock.goes(seconds=400),
        lambda desk: note(desk, ref, "two"),
    ]) == []  # fmt: skip

    one, two = recorded(shared, ref)
    assert one["recorded_at"] == two["recorded_at"]


def test_a_batch_that_waited_is_recorded_at_the_moment_its_first_act_was_given(
    shared, clock, monkeypatch
):
    """The server dates what waited after what it waited for: so is all the rest of the batch."""
    ref, other = shared.case(), shared.case()

    assert batch(shared, [
        lambda _: shared.keeper("note", other, "meanwhile"),
        lambda _: monkeypatch.setattr(ledger, "now", lambda: now() - LATE),
        lambda _: clock.goes(seconds=100),
        lambda desk: note(desk, ref, "one"),
        lambda _: clock.goes(seconds=400),
        lambda desk: note(desk, ref, "two"),
    ]) == []  # fmt: skip

    one, two = recorded(shared, ref)
    assert one["recorded_at"] == two["recorded_at"] == recorded(shared, other)[0]["recorded_at"]


def test_what_is_refused_gives_a_batch_no_moment(shared, monkeypatch):
    ref, early = shared.case(), iter([timedelta(seconds=400)])
    monkeypatch.setattr(ledger, "now", lambda: now() - next(early, timedelta()))

    (why,) = batch(shared, [
        lambda desk: note(desk, ref, "one"),
        lambda desk: note(desk, ref, "two"),
    ])  # fmt: skip
    assert "the clock of this computer says" in why


def test_one_call_may_last_longer_than_clocks_may_differ(shared, clock):
    """As of an import: its events are stamped before it is sent."""
    refs = [shared.case() for _ in range(5)]
    acts = [shared.act("nga", "note", [Case, ref], {}, note="A word") for ref in refs]
    clock.goes(step=100)

    assert shared.send("nga", *map(shared.event, acts)) is None

    stale = shared.event(acts[0], recorded_at=stamp(now() - timedelta(seconds=310)), version=4)
    clock.goes()
    assert "the clock of this computer says" in shared.refuses("nga", stale)


def test_what_is_refused_after_a_long_call_is_recorded(shared, clock):
    refs = [shared.case() for _ in range(5)]
    acts = [shared.act("nga", "note", [Case, ref], {}, note="A word") for ref in refs]
    wrong = shared.event(acts[4], actor="lan")
    clock.goes(step=100)

    why = shared.refuses("nga", *map(shared.event, acts[:4]), wrong)
    assert "cannot act as lan" in why
