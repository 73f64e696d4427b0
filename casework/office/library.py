"""The library interface: what `import casework` offers scripts, mail gateways and web pages.

Acts are the same, under the same rules and rights, as on the command line. Answers are frozen
records. Errors are those of `casework.errors`; an act that fails has changed nothing.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from casework.acts.session import Session, unheard
from casework.questions import listing, lookup, replay
from casework.questions.audit_log import history
from casework.questions.wanted import filter_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, datetime

    from casework.acts.by_name import Left
    from casework.acts.notices import Notice
    from casework.acts.offers import Offer
    from casework.kinds.records import Case
    from casework.log.reading import Event
    from casework.reports.making import Report
    from casework.store.connections import Connection


class Register:
    """An open register, in the name of one person.

    `target` is a path or a URL, by default that of CASEWORK_DB or of the platform's data folder.
    `by` is the person who acts, by default the one linked to the login. `with_secret` asks for the
    texts of secret cases, which are otherwise withheld, and always from people who may not read
    them. `tell` receives the notices that accompany results (`casework.acts.notices`). `rest` is
    called to wait before an act is retried after a conflict with another writer; None raises the
    error at once.

    The store is opened once, and may be used from several threads. Raises UnavailableError or
    UsageError for anything that is not a register.
    """

    def __init__(
        self,
        target: str | None = None,
        *,
        by: str | None = None,
        with_secret: bool = False,
        tell: Callable[[Notice], None] = unheard,
        rest: Callable[[float], None] | None = time.sleep,
    ) -> None:
        self._by, self._tell, self._rest, self._with_secret = by, tell, rest, with_secret
        self._store = Session(target=target, tell=tell, for_reader=tell is not unheard).open()
        with self._reading():
            pass

    def do(
        self,
        act: str,
        ref: str | None = None,
        /,
        *,
        key: str | None = None,
        dry_run: bool = False,
        **given: Any,
    ) -> Left:
        """Do an act on a case by its name, and return the result.

        `given` are the act's fields (`casework.acts.by_name.ACTS`), as values or as people type
        them: a due date may be ``30/6/2027`` or ``+30wd``. With a `key` the act is done once,
        however often it is repeated. A dry run changes nothing.
        """
        from casework.acts.by_name import do

        return do(self._session(key), act, ref, given, dry_run=dry_run)

    def do_many(
        self,
        act: str,
        refs: Iterable[str] | None = None,
        /,
        *,
        where: str | None = None,
        key: str | None = None,
        dry_run: bool = False,
        **given: Any,
    ) -> list[Left]:
        """Do an act on many cases in one transaction, and return the result for each.

        The cases are given by references and ranges (``NFAC-22.001-020``), or by a query. Raises
        `casework.errors.SeveralError`, which names each case that cannot be changed; then none is
        changed. Everything else is as in `do`.
        """
        from casework.acts.many import do_many

        return do_many(self._session(key), act, refs, given, where=where, dry_run=dry_run)

    def offers(self, ref: str | None = None) -> list[Offer]:
        """Return the acts that the person may do: on a case, or those that need none."""
        from casework.acts.actors import actor
        from casework.acts.offers import offered

        with self._reading() as connection:
            case = None if ref is None else lookup.find_case(connection, ref)
            return offered(actor(connection, self._by), case)

    def case(self, ref: str) -> Case:
        """Return a case as it stands; raises NotFoundError."""
        with self._reading() as connection:
            return lookup.find_case(connection, ref)

    def cases(
        self, *, as_of: date | None = None, known_at: datetime | None = None, **wanted: Any
    ) -> list[Case]:
        """Return the cases that meet conditions, as of the end of a day, by default today.

        `wanted` may have the names in `casework.questions.wanted.KNOWN`: organisations and
        conferences by any of their names, ``text`` as words to search, ``sort`` and ``limit``.
        `known_at` leaves out what was recorded later.
        """
        with (
            self._reading() as connection,
            replay.as_of(connection, as_of, known_at) as then,
        ):
            day = as_of or lookup.office_day(connection)
            named = filter_of(connection, then, wanted, day, known_at=known_at)
            return list(listing.cases(then, named, day))

    def overdue(self, *, as_of: date | None = None, owner: str | None = None) -> list[Case]:
        """Return the cases that are overdue on a day, by default today, the longest first."""
        return self.cases(as_of=as_of, owner=owner, overdue=True, sort="due")

    def history(self, ref: str) -> list[Event]:
        """Return the events of a case, oldest first."""
        with self._reading() as connection:
            return history(connection, lookup.find_any(connection, ref).ref)

    def report(self, name: str, **asked: Any) -> Report:
        """Return a report: ``as_json()`` for programs, ``paper(lang)`` for `casework.papers`.

        `asked` has fields of `casework.reports.question.Question`; the period may be in words.
        """
        from casework.reports.making import made, question

        with self._reading() as connection:
            return made(name, connection, question(connection, **asked))

    def _session(self, key: str | None = None) -> Session:
        heard = self._tell is not unheard
        return Session(
            target=self._store,
            by=self._by,
            with_secret=self._with_secret,
            key=key,
            tell=self._tell,
            for_reader=heard,
            rest=self._rest,
        )

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._session().reading() as connection:
            yield connection


def open(  # noqa: A001 - casework.open reads as what it does
    target: str | None = None,
    *,
    by: str | None = None,
    with_secret: bool = False,
) -> Register:
    """Open a register; see `Register`."""
    return Register(target, by=by, with_secret=with_secret)
