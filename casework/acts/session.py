"""A session: who acts on which store, for one command, from the command line or any other program.

A session opens the store, finds out who acts, and does a command once under its key. On a server it
records what was refused. It starts a command again that met another writer or lost its server.
Notices that accompany the result are values (`casework.acts.notices`).
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from casework.acts import resting
from casework.acts.resting import after_losing, after_meeting
from casework.errors import AwayError, CaseworkError, UnavailableError, UsageError, denied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from casework.acts.notices import Notice
    from casework.kinds.records import Record
    from casework.ledger.ledger import Desk
    from casework.log.reading import Event
    from casework.questions.commands import Done
    from casework.store.connections import Connection, Unseen
    from casework.store.db import Store
    from casework.store.served import Standby
    from casework.words import Text

T = TypeVar("T")
R = TypeVar("R", bound="Record")

NAMED = 10
"""Of how many things that were recorded in one transaction each is told by itself."""

KEY_LIMIT = 200
"""How many characters an idempotency key may have."""


class DoneAlready(Exception):  # noqa: N818 - no error: what was asked for is so
    """A command that is repeated with its key was done the first time.

    `done` says when and by whom, `events` is all that it recorded.
    """

    def __init__(self, done: Done, events: list[Event]) -> None:
        super().__init__()
        self.done = done
        self.events = events


def unheard(notice: Notice) -> None:
    """Let what a session tells go unheard."""


class Session:
    """One command of one person on one store. Another command has a session of its own.

    `target` is a path, a URL, or a store that is kept open; None is the default store. `by` is who
    acts, by default whoever is linked to the login; `deputy_of` is who is away, for whom they stand
    in. `key` makes the command one that is done once: `what` says which command it is and on what,
    `given` everything else it was given, as JSON values. Questions go to a standby with `standby`,
    and then nothing can be recorded. `with_secret` asks for the texts of cases with a degree of
    secrecy; they are shown to who may read them.

    `tell` receives the notices that accompany the result; with `for_reader` also those that only a
    person who watches needs: whom a writer waits for, and which days dates mean. `rest` is called
    with the seconds to wait before the command is begun again; without it nothing is begun again,
    and the errors of the first try are raised.
    """

    def __init__(
        self,
        *,
        target: str | Store | None = None,
        by: str | None = None,
        deputy_of: str | None = None,
        standby: bool = False,
        with_secret: bool = False,
        key: str | None = None,
        what: str = "",
        given: dict[str, Any] | None = None,
        tell: Callable[[Notice], None] = unheard,
        for_reader: bool = False,
        rest: Callable[[float], None] | None = None,
    ) -> None:
        self.target, self.by, self.deputy_of = target, by, deputy_of
        self.standby, self.with_secret = standby, with_secret
        self.key, self.what, self.given = key, what, given or {}
        self.tell, self.for_reader, self.rest = tell, for_reader, rest
        self.kept = False
        """Whether something of the command was recorded; it is not begun again then."""
        self.unsure = False
        """Whether something of it may have been recorded, by a commit that got no answer."""
        self.within: Desk | None = None
        """The desk of the command that this one is a part of: it ends the transaction."""
        # The key of a command that was given none: each time it is begun again it is the same.
        self._made = ""
        self._told: set[object] = set()

    def part(
        self,
        number: int,
        *,
        key: str | None = None,
        desk: Desk | None = None,
        tell: Callable[[Notice], None] = unheard,
    ) -> Session:
        """Return the session of one command of many that this one does.

        It is done once under a key of its own, or under this session's and its number. At a `desk`
        of this session it is recorded in its transaction, else in one of its own.
        """
        shared = f"{self.key}/{number}" if self.key else None
        part = Session(
            target=self.target,
            by=self.by,
            deputy_of=self.deputy_of,
            with_secret=self.with_secret,
            key=key or shared,
            tell=tell,
            for_reader=self.for_reader,
            rest=None if desk else self.rest,
        )
        if desk is not None:
            part.within, part.unsure = desk, self.unsure
            part._made = f"{self._made}/{number}"
        return part

    # --- the store ---------------------------------------------------------------------------

    def open(self) -> Store:
        """Open the store; raises UnavailableError or UsageError for what is none."""
        from casework.acts.notices import WriterWaits
        from casework.store.db import Store, default_url, open_store

        if isinstance(self.target, Store):
            return self.target

        def waits(message: Text) -> None:
            self.tell(WriterWaits(message=message))

        return open_store(
            self.target or default_url(),
            waits if self.for_reader else None,
            self._tell_age if self.standby else None,
        )

    def place(self) -> str:
        """Return where a store is to be made or changed; raises UsageError of a standby."""
        self._refuse_standby()
        return self._url()

    def file(self) -> Path | None:
        """Return the file of the store, None where it is a server's or can be none."""
        from casework.store.sqlite_file import file_of

        try:
            return file_of(self._url())
        except CaseworkError:
            # Whoever opens it is told; a command that needs no store works without one.
            return None

    def shown(self, connection: Connection, record: R) -> R:
        """Return a record as who acts is shown it, on a connection that may be told all of it."""
        from casework.questions import reading

        if not self.with_secret:
            return reading.shown(connection, record)
        return reading.record(self.unseen(connection), record)

    def _url(self) -> str:
        from casework.store.db import Store, default_url

        if isinstance(self.target, Store):
            server = self.target.url
            return server.given if server else str(self.target.file)
        return self.target or default_url()

    def _refuse_standby(self) -> None:
        if self.standby:
            raise UsageError("session.standby")

    def _tell_age(self, standby: Standby) -> None:
        from casework.acts.notices import FromStandby

        self._tell_once(FromStandby(standby=standby), FromStandby)

    def tell_rehearsed(self) -> None:
        """Tell that what was done was only rehearsed."""
        from casework.acts.notices import Rehearsed

        self.tell(Rehearsed())

    def tell_reader(self, notice: Notice) -> None:
        """Tell something that only a reader needs; once, however often the command is begun."""
        if self.for_reader:
            self._tell_once(notice, (type(notice), *vars(notice).values()))

    def _tell_once(self, notice: Notice, about: object) -> None:
        if about not in self._told:
            self._told.add(about)
            self.tell(notice)

    # --- transactions ------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to the store that sees one moment.

        Raises NotAllowedError for somebody who asks for secret texts and may read none.
        """
        if self.within is not None:
            yield self.within.connection
            return
        with self.open().reading() as connection:
            if self.with_secret:
                connection.unseen = self.unseen(connection)
            yield connection

    def unseen(self, connection: Connection) -> Unseen:
        """Return what is withheld from who acts, whatever the connection itself may be told."""
        from casework.acts import actors
        from casework.questions import lookup, reading

        if not self.with_secret:
            return reading.withheld(connection)
        who, day = actors.actor(connection, self.by), lookup.office_day(connection)
        away = actors.deputy_of(connection, who, self.deputy_of, day)
        return reading.withheld(connection, away or who)

    @contextmanager
    def desk(self, *, dry_run: bool = False) -> Iterator[Desk]:
        """Give a write transaction in the name of who acts; a dry run leaves nothing behind.

        Raises DoneAlready for a command that was done before under the same key, and ConflictError
        for another command under that key, or the same one that was given something else.
        """
        from casework.acts.notices import Recorded, second_needed

        with self._transaction(undone=dry_run, tried=not dry_run) as desk:
            yield desk
        if desk.asked:
            self.tell(second_needed(desk.asked))
        if self.within is not None:
            return
        if dry_run:
            self.tell_rehearsed()
            return
        self.kept, key = True, self._given_key() or self._made
        self._made = ""
        recorded = desk.connection.recorded
        if len(recorded) > NAMED:
            # Nothing else was recorded between them.
            recorded = [(recorded[0][0], *recorded[-1][1:])]
        for first, last, said in recorded:
            self.tell(Recorded(first=first, last=last, what=said, key=key))

    @contextmanager
    def rehearsal(self) -> Iterator[Desk]:
        """Give the same before it is asked for: it leaves nothing behind, and tells nothing."""
        with self._transaction(undone=True, tried=True) as desk:
            yield desk

    @contextmanager
    def _transaction(self, *, undone: bool, tried: bool) -> Iterator[Desk]:
        """Give a desk whose work is kept or undone; `tried` is what is recorded if it is denied."""
        from casework.acts import actors

        self._refuse_standby()
        given = self._given_key()
        self._made = self._made or os.urandom(16).hex()
        key = given or self._made
        if self.within is not None:
            yield self._seat(replace(self.within, asked=[]), key, again=given or self.unsure)
            return
        store, enforced = self.open(), False
        try:
            with store.writing() as connection:
                enforced = connection.login is not None
                desk = actors.desk(connection, self.by, self.deputy_of)
                yield self._seat(desk, key, again=given or self.unsure)
                if undone:
                    connection.rollback()
        except UnavailableError as error:
            self.unsure = self.unsure or error.unsure
            raise
        except CaseworkError as error:
            if (given or self.unsure) and not isinstance(error, UsageError):
                # It may be its own first time that stands in its way, which has come through since.
                with store.reading() as connection:
                    actor = actors.actor(connection, self.by)
                    self._refuse_done(connection, key, actor.code)
            if enforced and tried and (why := denied(error)):
                self._record_refusal(store, why)
            raise

    def _given_key(self) -> str | None:
        from casework.system.text import optional

        return optional(self.key, "name.idempotency-key", KEY_LIMIT)

    def _seat(self, desk: Desk, key: str, *, again: Any) -> Desk:
        """Return a desk for this command, which was not done before under its key."""
        from casework.log.event import Command

        if again:
            self._refuse_done(desk.connection, key, desk.actor.code)
        desk.connection.command = Command(key, self.what, self._given_bytes())
        return desk

    def _given_bytes(self) -> bytes:
        """Return what the command was given as canonical bytes."""
        from casework.log.event import canonical

        return canonical(self.given | ({"for": self.deputy_of} if self.deputy_of else {}))

    def _record_refusal(self, store: Store, why: str) -> None:
        """Record what was tried: its own transaction is undone with it."""
        from casework.ledger import ledger

        with store.writing() as connection:
            ledger.refused(connection, f"{self.what}: {why}")

    def _refuse_done(self, connection: Connection, key: str, actor: str) -> None:
        """Raise DoneAlready when this command was done, ConflictError when another one was.

        The same command with another option or text is another one. A key is its actor's own:
        what somebody else takes for one stands in nobody's way.
        """
        from casework.errors import ConflictError
        from casework.questions import audit_log, commands

        done = commands.done(connection, key, actor)
        if done is None:
            return
        if done.what != self.what:
            raise ConflictError("session.key-of-another", "hint.own-keys", key=key, what=done.what)
        if not commands.given_the_same(connection, done, self._given_bytes()):
            raise ConflictError(
                "session.key-given-else",
                "hint.own-keys",
                key=key,
                what=done.what,
                actor=done.first.actor,
                recorded_at=done.first.recorded_at,
            )
        raise DoneAlready(done, audit_log.events_between(connection, done.first.seq, done.last))

    # --- beginning again ---------------------------------------------------------------------

    @property
    def repeat_with(self) -> str | None:
        """The key with which the command is done once, though it may have been recorded already.

        None where it is known whether anything was recorded.
        """
        return (self.key or self._made) if self.unsure else None

    def attempt(self, work: Callable[[], T], *, spent: Callable[[], bool] = lambda: False) -> T:
        """Do what a command is, and begin it again where that can help.

        One that met another writer is begun `resting.TRIES` times. One that lost its server is
        begun again for FAILOVER seconds, but not where what it did may be kept and it has no key to
        be known by. Nothing is begun again once something was recorded, or `spent` says that it
        cannot be done twice: its result was shown in part, or what it reads is not there again.
        """
        met, away = 0, 0
        since: float | None = None
        while True:
            try:
                return work()
            except CaseworkError as error:
                if self.rest is None or self.kept or spent():
                    raise
                if error.passing:
                    met += 1
                    pause = after_meeting(met)
                elif isinstance(error, AwayError) and (self.unsure or not error.unsure):
                    since = self._await_server(error) if since is None else since
                    away += 1
                    pause = after_losing(away, since)
                else:
                    raise
                if pause is None:
                    raise
                self.rest(pause)

    def _await_server(self, error: CaseworkError) -> float:
        """Tell that a server is waited for; return the moment, in seconds."""
        from casework.acts.notices import ServerAwaited

        since = time.monotonic()
        self.tell(ServerAwaited(seconds=resting.FAILOVER, error=error))
        return since
