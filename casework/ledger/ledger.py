"""The one door: the only code that writes the register.

Every change is an act. Recording it writes the row (checked against the version the act was
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
from casework.ledger.placing import place, refuse_unlawful, stale
from casework.log import event as audit
from casework.log import tree
from casework.store import compiled, failures, record_rows, timelines
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
"""An act as `Act.told` gives it, and where its event stands: its number, and that of its record's
last one before. For a server, which says that itself, nothing."""

SEALED_WITH = 100
"""With up to how many events of a command it is sealed what it was given; an import makes more."""

_DOOR = "SELECT why, first FROM casework_record(?::text[], ?::text[])"
_TAKING = "SELECT NULL, casework_take(?::text[], ?::text[], true)"
"""What takes events: it says why it does not, where that is no error, or the first one's number."""

TOOL = f"casework {__version__}"


@dataclass(frozen=True, slots=True)
class Desk:
    """An open write transaction in the name of one person.

    `login` is the login the command runs under, whoever `actor` says acts. `deputy_of` is the
    person who is away, for whom the actor stands in. `asked` are the codes of requests made instead
    of acts that need a second person.
    """

    connection: Connection
    actor: Person
    login: str
    today: date
    deputy_of: Person | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def entitled(self) -> Person:
        """The person within whose rights is acted."""
        return self.deputy_of or self.actor

    @property
    def eyes(self) -> set[str]:
        """The codes of who acts: the actor, and the one they stand in for."""
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
        """Return an act of this desk's person on a record, or on a new one's kind and key.

        Raises UsageError for a reason, document or note that is not text, and for the date of no
        document, or one that lies ahead.
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
        """Record acts, or ask a second person for those that need one.

        Returns the record the last one leaves: as it stands, where that is asked for.
        """
        return record(self.connection, acts, self._ask)[-1]

    def _ask(self, code: str, values: Mapping[str, Any]) -> audit.Act:
        """Return the act that asks a second person for something, under a code."""
        self.asked.append(code)
        away = getattr(self.deputy_of, "code", None)
        who = {"asked_by": self.actor.code, "asked_for": away, "asked_on": self.today}
        return self.act("ask", (Request.kind, code), {**values, **who})


def record(
    connection: Connection, given: Sequence[audit.Act], ask: gate.Ask | None = None
) -> list[Record]:
    """Write acts: their rows, their events, the head. Returns each act's record afterwards.

    With `ask` a second person is asked for what needs one, and the record returned is as it stands.
    Raises NotAllowedError for that without, RefusedError for an act that no rule allows, and
    ConflictError when a row is no longer at the version its act was decided on. Acts on one record
    must be chained: the next one's `before` is what the one before it left.
    """
    place(connection, given)
    refuse_unlawful(connection, given)
    acts = gate.passed(connection, given, ask)
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
            timelines.write_moves(connection, act.moves)


def enter(connection: Connection, act: audit.Act) -> None:
    """Write an act of the program itself, which nobody has a right to: its rules for a register."""
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
    """Append events to the log; `previous` is the last one of each record that was there before."""
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
    connection.insert("event", ("seq", "body", "leaf", *record_rows.OF_EVENT), events)
    connection.insert("disclosure", ("seq", "body"), disclosures)
    connection.change(
        "UPDATE log_head SET size = ?, peaks = ?, root = ?",
        (size, b"".join(peaks), tree.root_hash(peaks)),
    )


def hand_over(
    connection: Connection, told: Sequence[Mapping[str, Any]], *, ours: bool = False
) -> None:
    """Give the server the events: it checks and numbers each, and writes the rows and the log.

    With `ours` they are the program's own, and only whoever keeps the server can give them. Raises
    NotAllowedError for what the server refuses.
    """
    if not told:
        return
    bodies: list[str] = []
    disclosures: list[str] = []
    for *_, (body, disclosed) in _written(connection, ((one, {}) for one in told)):
        bodies.append(body.decode())
        disclosures.append(disclosed.decode())
    ((refused, first),) = connection.told(_TAKING if ours else _DOOR, (bodies, disclosures))
    if refused is not None:
        why = failures.refusal(refused)
        raise NotAllowedError("ledger.server-refused", "hint.nothing-changed", why=why)
    _note(connection, told, first)
    for one in told:
        # An import makes more records than are worth noting.
        if (subject := (one["kind"], one["key"])) in connection.locked:
            connection.locked[subject] = one["version"]


def _hold(connection: Connection, acts: Sequence[audit.Act]) -> None:
    """Lock the records of acts on the server, which are no longer to be changed by anybody else.

    Raises ConflictError for one that is no longer at the version its act was decided on.
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
    at, salts = stamp(now()), audit.fresh_salts()
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
    """Note what was recorded, from which number on."""
    if told:
        last = told[-1]
        said = f"{last['act']} {last['kind']} {last['key']}"
        connection.recorded.append((first, first + len(told) - 1, said))


def _placed(
    told: Sequence[Mapping[str, Any]], size: int, previous: dict[tuple[str, str], int]
) -> Iterator[Placed]:
    """Yield each act with where its event stands.

    `previous` has the last event of each record that is there, and is kept up.
    """
    for seq, one in enumerate(told, size):
        subject = (one["kind"], one["key"])
        prev, previous[subject] = previous.get(subject, -1), seq
        yield one, {"seq": seq, "prev": prev}


def refused(connection: Connection, what: str) -> None:
    """Have the server record that the one connected tried what they may not do."""
    connection.told("SELECT casework_refused(?)", (what,))


def _erase(connection: Connection, places: Sequence[tuple[int, str]]) -> None:
    """Erase disclosures. The commitments stay, so that the log still verifies without them."""
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


def _split(peaks: bytes) -> list[bytes]:
    return [peaks[i : i + tree.HASH_BYTES] for i in range(0, len(peaks), tree.HASH_BYTES)]


def _write_rows(connection: Connection, acts: Sequence[audit.Act]) -> dict[tuple[str, str], int]:
    """Write each record once, as its last act leaves it; return its last event before that."""
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
    """Write a record that was there, as the last of some acts leaves it, which has that number.

    Returns how many rows were at the version that was there before: one, or none.
    """
    before, after = first.stood, last.after()
    assert before is not None  # noqa: S101 - for the type checker
    if not isinstance(before, Case) or not isinstance(after, Case):
        return record_rows.update(connection, before, after)
    if first.was_out == last.is_out:
        return record_rows.update(connection, before, after)
    # Imported here: it is seldom done.
    from casework.store import struck

    if last.is_out:
        seq = lock_head(connection)[0] + number
        return struck.take_out(connection, before, after, seq)
    return struck.bring_back(connection, after)


def refuse_struck(connection: Connection, refs: Sequence[str]) -> None:
    """Refuse new cases under the references of such as were taken out; raises ConflictError."""
    if refs:
        keys = json.dumps([fold_code(ref) for ref in refs])
        for _, ref in connection.rows(compiled.STRUCK_AMONG, ref_keys=keys):
            raise ConflictError("propose.struck", ref=ref)


def _last_event(connection: Connection, kind: str, key: str) -> int:
    found = connection.value(compiled.LAST_EVENT, kind=kind, key=key)
    return -1 if found is None else int(found)
