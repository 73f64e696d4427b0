"""Commands as the log has them: what each has done, under its key and in whose name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from casework.log import event as audit
from casework.questions import reading
from casework.questions.audit_log import events_between
from casework.store import compiled

if TYPE_CHECKING:
    from casework.log.reading import Event
    from casework.store.connections import Connection


class Done(NamedTuple):
    """What a command has done: its first and last event, and what the first one says."""

    first: Event
    last: int

    @property
    def what(self) -> str:
        """The command, and what it was done on."""
        said = (self.first.command or {}).get("what", "")
        found = audit.SEALED.fullmatch(said)
        return found[1] if found else said


def done(connection: Connection, command: str, actor: str) -> Done | None:
    """Return what the command with this key has done; None if nothing."""
    row = connection.first(compiled.OF_COMMAND, command=command, actor=actor)
    return None if row is None else Done(reading.told(connection, row[0], row[1]), row[2])


def given_the_same(connection: Connection, done: Done, given: bytes) -> bool:
    """Return whether a command had the same arguments as now.

    If that is not known, because the log is old or a value was erased, the answer is yes.
    """
    found = audit.SEALED.fullmatch((done.first.command or {}).get("what", ""))
    if found is None:
        return True
    from casework.log.verify import commitments

    _, count, seal = found.groups()
    first, last = done.first.seq, done.first.seq + int(count) - 1
    rows = connection.rows(compiled.EVENTS_BETWEEN, first=first, last=last)
    told = [(audit.parsed(body), bytes(disclosures)) for body, disclosures in rows]
    whole = all(
        {path for path, _ in commitments(body)} == audit.parsed(opened).keys()
        for body, opened in told
    )
    if not whole or len(told) != int(count):
        return True
    return audit.seal(given, [opened for _, opened in told]) == seal


def last_command(connection: Connection, actor: str) -> list[Event]:
    """Return the events somebody recorded last, with one command or one batch.

    The lines of a batch are commands whose keys differ only in the number at the end.
    """
    last = connection.value(compiled.LAST_BY, actor=actor)
    if last is None:
        return []
    first, key, _ = connection.first(compiled.COMMAND_OF, until=last) or (last, "", actor)
    batch, number = _line(key)
    while number:
        before = connection.first(compiled.COMMAND_OF, until=first - 1)
        if before is None or before[2] != actor or _line(before[1])[0] != batch:
            break
        first = before[0]
    return events_between(connection, first, last)


def _line(key: str) -> tuple[str, str]:
    """Return the key of a batch and the number of a line, which is empty for other commands."""
    batch, slash, number = key.rpartition("/")
    return (batch, number) if slash and number.isdecimal() else (key, "")
