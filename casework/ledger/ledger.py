"""The ledger: the only code that writes the register.

Every change is an act. Recording an act writes its row (if the version is still the one it was
decided on), one audit event and the head of the log, in the caller's transaction.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casework import __version__
from casework.errors import ConflictError, NotAllowedError, UsageError
from casework.kinds.records import Case, Record, Request, shape
from casework.ledger import gate
from casework.ledger.judging import refuse_unlawful, stale
from casework.ledger.placing import place
from casework.log import event as audit
from casework.log import tree
from casework.store import compiled, failures, record_rows
from casework.store.loading import SERVER, lock_head, lock_records
from casework.store.record_rows import fill
from casework.system.clock import now, stamp
from casework.system.text import fold_code, optional

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from casework.kinds.records import Person
    from casework.store.connections import Connection


Placed = tuple["Mapping[str, Any]", dict[str, int]]
"""An act as `Act.told` gives it, with the number of its event and of the record's previous event.

A server assigns these numbers itself; then they are missing.
"""

SEALED_WITH = 100
"""The most events of a command that are sealed with its arguments; an import makes more."""

_DOOR = "SELECT why, first FROM casework_record(?::text[], ?::text[])"
_LATER = "SELECT why, first FROM casework_record(?::text[], ?::text[], true)"
_TAKING = "SELECT NULL, casework_take(?::text[], ?::text[], true)"
"""The server's function that takes events; it returns the first number, or why it refuses.

Those of a batch it judges at the end of the transaction.
"""

TOOL = f"casework {__version__}"


@dataclass(frozen=True, slots=True)
class Desk:
    """An open write transaction in the name of one person.

    `login` is the login of the command, whoever the `actor` is. `deputy_of` is the person away for
    whom the actor is the deputy. `asked` has the codes of requests that were made instead of acts
    that need a second person.
    """

    connection: Connection
    actor: Person
    login: str
    today: date
    deputy_of: Person | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def entitled(self) -> Person:
        """The person whose rights apply."""
        return self.deputy_of or self.actor

    @property
    def eyes(self) -> set[str]:
        """The codes of the actor and of the person they are the deputy of."""
        return {self.actor.code, self.entitled.code}

    def act(
        self,
        verb: str,
        subject: Record | tuple[str, str],
        changes: Mapping[str, Any],
        *,
        effective_on: date | None = None,
        reason: str | None = None,
        document: str | None = None,
        document_date: date | None = None,
        note: str | None = None,
        reported: Mapping[str, Any] | None = None,
        redacts: Sequence[tuple[int, str]] = (),
        amends: int | None = None,
        strikes: int | None = None,
    ) -> audit.Act:
        """Return an act of the desk's actor on a record, or on the kind and key of a new one.

        Raises UsageError if reason, document or note is not text, or a document date is given
        without a document or lies in the future.
        """
        if document_date is not None:
            if document is None:
                raise UsageError("document.date-of-none", day=document_date)
            if document_date > self.today:
                raise UsageError("document.date-ahead", day=document_date, today=self.today)
        if isinstance(subject, Record):
            kind, key, before = subject.kind, subject.key, subject
            stood = vars(subject)
            changes = {k: v for k, v in changes.items() if v != stood[k]}
        else:
            kind, key = subject
            before = None
            start = shape(kind).start
            # Nothing a field starts with is true: not none, nor an empty list, nor zero.
            changes = {k: v for k, v in changes.items() if v or v != start[k]}
        return audit.Act(
            verb=verb,
            kind=kind,
            key=key,
            before=before,
            changes=changes,
            actor=self.actor.code,
            login=self.login,
            effective_on=effective_on or self.today,
            reason=optional(reason, "name.reason"),
            document=optional(document, "name.document"),
            document_date=document_date,
            deputy_of=getattr(self.deputy_of, "code", None),
            note=optional(note, "name.note"),
            reported=reported,
            redacts=tuple(redacts),
            amends=amends,
            strikes=strikes,
        )

    def record(self, *acts: audit.Act) -> Record:
        """Record acts, or make requests for those that need a second person.

        Returns the record after the last act, or the unchanged record if a request was made.
        """
        return record(self.connection, acts, self._ask)[-1]

    def _ask(self, code: str, values: Mapping[str, Any]) -> audit.Act:
        """Return the act that requests something from a second person, under a code."""
        self.asked.append(code)
        away = getattr(self.deputy_of, "code", None)
        who = {"asked_by": self.actor.code, "asked_for": away, "asked_on": self.today}
        return self.act("ask", (Request.kind, code), {**values, **who})


def record(
    connection: Connection, given: Sequence[audit.Act], ask: gate.Ask | None = None
) -> list[Record]:
    """Write acts: their rows, their events and the head. Returns the record after each act.

    With `ask`, an act that needs a second person becomes a request, and its record is returned
    unchanged; without it NotAllowedError is raised. Raises RefusedError if the rules do not allow
    an act, and ConflictError if a record has changed since the act was decided. Acts on one record
    must be chained: the `before` of each is the `after` of the one before it.
    """
    owed = len(connection.put_off())
    place(connection, given)
    refuse_unlawful(connection, given)
    acts = gate.passed(connection, given, ask)
    if acts != [*given] and (unlawful := connection.put_off()[owed:]):
        # What is only asked for is confirmed by itself.
        raise unlawful[0].why
    _write(connection, acts)
    return [
        act.after() if one is act else act.stood or act.after()
        for act, one in zip(given, acts, strict=True)
    ]


def _write(connection: Connection, acts: Sequence[audit.Act]) -> None:
    told = [act.told() for act in acts]
    if connection.engine == SERVER:
        _hold(connection, acts)
        hand_over(connection, told)
        return
    previous = _write_rows(connection, acts)
    append(connection, told, previous)
    for act in acts:
        if act.redacts:
            _erase(connection, act.redacts)
        if act.moves:
            # Imported here: few acts take effect before others.
            from casework.store import timelines

            timelines.write_moves(connection, act.moves)


def enter(connection: Connection, act: audit.Act) -> None:
    """Record the program's own act, which no person may do: the rules of the register."""
    if connection.engine == SERVER:
        _hold(connection, [act])
        hand_over(connection, [act.told()], ours=True)
    else:
        record(connection, [act])


def append(
    connection: Connection,
    told: Sequence[Mapping[str, Any]],
    previous: dict[tuple[str, str], int],
) -> None:
    """Append events to the log; `previous` has the last earlier event of each record."""
    size, _, held = lock_head(connection)
    peaks = tree.split(held)
    events: list[tuple[Any, ...]] = []
    disclosures: list[tuple[int, bytes]] = []
    _note(connection, told, size)
    for one, at, key, (body, disclosed) in _written(connection, _placed(told, size, previous)):
        leaf = tree.leaf_hash(body)
        named = (one["kind"], one["key"], one["act"], one["actor"], one["effective_on"])
        events.append(
            (size, body, leaf, *named, at, record_rows.field_list(tuple(one["changes"])), key)
        )
        disclosures.append((size, disclosed))
        tree.append(peaks, size, leaf)
        size += 1
        if connection.batch is not None:
            connection.batch.at = at
    connection.insert("event", ("seq", "body", "leaf", *record_rows.OF_EVENT), events)
    connection.insert("disclosure", ("seq", "body"), disclosures)
    connection.change(
        "UPDATE log_head SET size = ?, peaks = ?, root = ?",
        (size, b"".join(peaks), tree.root_hash(peaks)),
    )


def hand_over(
    connection: Connection, told: Sequence[Mapping[str, Any]], *, ours: bool = False
) -> None:
    """Send events to the server, which checks and numbers each and writes the rows and the log.

    With `ours` they are the program's own, and only the owner of the database may send them. Raises
    NotAllowedError if the server refuses them.
    """
    if not told:
        return
    written = [*_written(connection, ((one, {}) for one in told))]
    bodies = [body.decode() for *_, (body, _) in written]
    disclosures = [disclosed.decode() for *_, (_, disclosed) in written]
    door = _TAKING if ours else _DOOR if connection.batch is None else _LATER
    ((refused, first),) = connection.told(door, (bodies, disclosures))
    if refused is not None:
        why = failures.refusal(refused)
        raise NotAllowedError("ledger.server-refused", "hint.nothing-changed", why=why)
    _note(connection, told, first)
    if (batch := connection.batch) is not None and batch.at is None:
        # The server dates what waited after what it waited for.
        found = connection.told("SELECT recorded_at FROM event WHERE seq = ?", (first,))
        batch.at = found[0][0] if found else written[0][1]
    for one in told:
        # An import makes more records than are worth noting.
        if (subject := (one["kind"], one["key"])) in connection.locked:
            connection.locked[subject] = one["version"]


def _hold(connection: Connection, acts: Sequence[audit.Act]) -> None:
    """Lock the records of acts on the server, so that nobody else can change them.

    Raises ConflictError if a record has changed since its act was decided.
    """
    stood: dict[tuple[str, str], Record | None] = {}
    for act in acts:
        stood.setdefault((act.kind, act.key), act.stood)
    known = {subject: before for subject, before in stood.items() if before is not None}
    lock_records(connection, [subject for subject in known if subject not in connection.locked])
    for subject, before in known.items():
        if connection.locked[subject] != before.version:
            raise stale(before)


def _written(
    connection: Connection, placed: Iterable[Placed]
) -> Iterator[tuple[Mapping[str, Any], str, str | None, audit.Written]]:
    """Yield each act with its time stamp, the key of its command, and its event."""
    placed = [*placed]
    if not placed:
        return
    batch, salts = connection.batch, audit.fresh_salts()
    at = (batch and batch.at) or stamp(now())
    command, connection.command = connection.command, None

    def event(placed: Placed, command: audit.Command | None = None) -> audit.Written:
        one, where = placed
        return audit.write(one, salts=salts, recorded_at=at, tool=TOOL, command=command, **where)

    first, *rest = placed
    later: Iterable[audit.Written] = (event(one) for one in rest)
    if command is not None and len(placed) <= SEALED_WITH:
        later = list(later)
        command = command._replace(others=tuple(disclosed for _, disclosed in later))
    yield first[0], at, command and command.key, event(first, command)
    for (one, _), written in zip(rest, later, strict=True):
        yield one, at, None, written


def _note(connection: Connection, told: Sequence[Mapping[str, Any]], first: int) -> None:
    """Remember what was recorded, and from which number on."""
    if told:
        last = told[-1]
        said = f"{last['act']} {last['kind']} {last['key']}"
        connection.recorded.append((first, first + len(told) - 1, said))


def _placed(
    told: Sequence[Mapping[str, Any]], size: int, previous: dict[tuple[str, str], int]
) -> Iterator[Placed]:
    """Yield each act with the numbers of its event and of the previous one.

    `previous` has the last event of each record, and is updated.
    """
    for seq, one in enumerate(told, size):
        subject = (one["kind"], one["key"])
        prev, previous[subject] = previous.get(subject, -1), seq
        yield one, {"seq": seq, "prev": prev}


def refused(connection: Connection, what: str) -> None:
    """Have the server record that the connected login tried something it may not do."""
    connection.told("SELECT casework_refused(?)", (what,))


def _erase(connection: Connection, places: Sequence[tuple[int, str]]) -> None:
    """Erase disclosures. The commitments stay, so that the log still verifies."""
    connection.erased = True
    paths: dict[int, list[str]] = {}
    for seq, path in places:
        paths.setdefault(seq, []).append(path)
    held = connection.rows(compiled.DISCLOSURES, seqs=json.dumps(list(paths)))
    left = [(audit.without(bytes(body), paths[seq]), seq) for seq, body in held]
    connection.many("UPDATE disclosure SET body = ? WHERE seq = ?", left)


def start_log(connection: Connection) -> None:
    """Write the head of an empty log."""
    names = ("id", "size", "peaks", "root")
    connection.insert("log_head", names, [[1, 0, b"", tree.EMPTY_ROOT]])


def _write_rows(connection: Connection, acts: Sequence[audit.Act]) -> dict[tuple[str, str], int]:
    """Write each record once, in its final state; return its last earlier event."""
    first: dict[tuple[str, str], audit.Act] = {}
    last: dict[tuple[str, str], tuple[int, audit.Act]] = {}
    for number, act in enumerate(acts):
        subject = (act.kind, act.key)
        first.setdefault(subject, act)
        last[subject] = number, act
    previous: dict[tuple[str, str], int] = {}
    made: list[Record] = []
    for subject, act in first.items():
        number, left = last[subject]
        if (stood := act.stood) is None:
            made.append(left.after())
        else:
            if _write_row(connection, act, left, number) != 1:
                raise stale(stood)
            previous[subject] = _last_event(connection, *subject)
    refuse_struck(connection, [one.key for one in made if isinstance(one, Case)])
    fill(connection, made)
    return previous


def _write_row(connection: Connection, first: audit.Act, last: audit.Act, number: int) -> int:
    """Write an existing record in its state after the last of some acts, whose number is given.

    Returns the number of rows that still had the earlier version: one or none.
    """
    before, after = first.stood, last.after()
    assert before is not None  # noqa: S101 - for the type checker
    if not isinstance(before, Case) or not isinstance(after, Case):
        return record_rows.update(connection, before, after)
    if first.was_out == last.is_out:
        return record_rows.update(connection, before, after)
    # Imported here: it is seldom done.
    from casework.store import struck_rows

    if last.is_out:
        seq = lock_head(connection)[0] + number
        return struck_rows.take_out(connection, before, after, seq)
    return struck_rows.bring_back(connection, after)


def refuse_struck(connection: Connection, refs: Sequence[str]) -> None:
    """Raise ConflictError for new cases under references of cases that were struck out."""
    if refs:
        keys = json.dumps([fold_code(ref) for ref in refs])
        for _, ref in connection.rows(compiled.STRUCK_AMONG, ref_keys=keys):
            raise ConflictError("propose.struck", ref=ref)


def _last_event(connection: Connection, kind: str, key: str) -> int:
    found = connection.value(compiled.LAST_EVENT, kind=kind, key=key)
    return -1 if found is None else int(found)
