"""A register on PostgreSQL whose people have logins of their own, and what a client may send."""

import json
from datetime import UTC, datetime
from typing import NamedTuple

import pgserver
import pytest
from offices import Shell, furnished

from casework.kinds.records import Person
from casework.ledger.ledger import Desk
from casework.log import event as audit
from casework.questions import audit_log
from casework.store.door import edition
from casework.store.loading import load
from casework.system.clock import DEFAULT_ZONE, stamp, today

psycopg = pytest.importorskip("psycopg")

PEOPLE = ("lan", "minh", "thanh", "chi", "nga", "hoa")
TODAY = today(DEFAULT_ZONE)


class Somebody(Shell):
    """The command line of somebody whose refused attempts are recorded."""

    def refused_(self, code, *words):
        """Return the error of a command that must fail with this code."""
        result = self.run(*words, "--json")
        assert result.exit_code == code, result.stderr + result.stdout
        assert "Traceback" not in result.stderr
        return result.error


class Sent(NamedTuple):
    """An event as a client sends it."""

    body: bytes
    disclosures: bytes


class Office:
    """A register whose people have logins: `keeper` is the server's own, `as_` the others."""

    def __init__(self, url, mark):
        self.url = url
        self.mark = mark
        self.keeper = Shell(url)
        self._sessions = {}

    def settle(self):
        """Register the people, and grant each a login."""
        furnished(self.keeper)
        self.keeper("org", "add", "quang-ninh", "--name", "Quảng Ninh")
        for code, name, org, role in (
            ("nga", "Vũ Nga", "mofa", "secretariat"),
            ("hoa", "Đỗ Hoa", "quang-ninh", "desk"),
        ):
            self.keeper("person", "add", code, "--name", name, "--org", org, "--role", role)
        for code in PEOPLE:
            self.keeper("db", "grant", code, "--login", self.login(code))

    def login(self, code):
        return f"{code}_{self.mark}"

    def url_of(self, code):
        if code is None:
            return self.url
        return self.url.replace("://casework@", f"://{self.login(code)}@")

    def as_(self, code):
        """Return the command line of somebody."""
        return Somebody(self.url_of(code))

    def raw(self, code):
        """Return a connection of the driver's own, in which each statement is by itself."""
        return pgserver.connected(self.url_of(code))

    def sql(self, code, statement, *values):
        """Return the rows of a statement of somebody, in the session they have for these."""
        session = self._sessions.get(code)
        if session is None or session.closed:
            session = self._sessions[code] = self.raw(code)
        try:
            cursor = session.execute(statement, values)
        except psycopg.Error:
            session.rollback()
            raise
        return cursor.fetchall() if cursor.description else []

    def close(self):
        """End the sessions of everybody."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def denied(self, code, statement, *values):
        """Return the SQLSTATE with which the server refuses a statement."""
        with pytest.raises(psycopg.Error) as caught:
            self.sql(code, statement, *values)
        return caught.value.sqlstate

    def case(self, state="proposed", *, owner="mofa", proposer="vufo", title="Rules for offices"):
        """Make a case and take it to a state, by the keeper."""
        run = self.keeper
        ref = run.json("propose", "--title", title, "--proposer", proposer)["ref"]
        if state != "proposed":
            run("assign", ref, "--owner", owner, "--due", "2099-12-31")
        if state in {"under_study", "resolved"}:
            run("advance", ref)
        if state == "resolved":
            run("advance", ref, "--outcome", "explained", "--answer", "Circular 3")
        return ref

    def head(self):
        with self.keeper.store().reading() as connection:
            return audit_log.head(connection)

    def act(self, code, verb, subject, changes, **words):
        """Return an act as a modified program would make it: in anybody's name."""
        with self.keeper.store().reading() as connection:
            actor = load(connection, Person, code)
            if not isinstance(subject, tuple):
                subject = load(connection, subject[0], subject[1])
            return Desk(connection, actor, self.login(code), TODAY).act(
                verb, subject, changes, **words
            )

    def event(self, made, /, **changed):
        """Return the event of an act, with what is to be `changed` in its body."""
        at = changed.pop("recorded_at", stamp(datetime.now(UTC)))
        salts = audit.fresh_salts()
        sent = Sent(*audit.write(made.told(), salts=salts, recorded_at=at, tool="mine"))
        if changed:
            body = {**audit.parsed(sent.body), **changed}
            sent = sent._replace(body=audit.canonical(body))
        return sent

    def send(self, code, *events):
        """Send events as somebody; return why they were refused, None when they were not.

        None sends as who keeps the server, who may act for anybody, and is bound by the rules.
        """
        ((why,),) = self.sql(
            code,
            "SELECT why FROM casework_record(%s::text[], %s::text[])",
            [one.body.decode() for one in events],
            [one.disclosures.decode() for one in events],
        )
        return why

    def refuses(self, code, *events):
        """Return why events were refused, once that nothing but the refusal was recorded."""
        before = self.head()
        why = self.send(code, *events)
        assert why is not None
        after = self.head()
        assert after.size == before.size + 1
        last = self.events()[-1]
        assert (last["act"], last["actor"], last["key"]) == ("refused", code, code)
        assert last["note"] == why
        return why

    def events(self):
        return self.keeper.json("audit", "log")

    def rule(self, part, **values):
        """Let the server hold other values in a part of its rules than the program has there."""
        held = json.loads(edition.rules())
        held[part] |= values
        text = json.dumps(held, ensure_ascii=False).replace("'", "''")
        pgserver.ask(
            self.url,
            "CREATE OR REPLACE FUNCTION casework_rules() RETURNS jsonb LANGUAGE sql IMMUTABLE"
            f" AS $rules$ SELECT '{text}'::jsonb $rules$",
        )
