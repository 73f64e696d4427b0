"""A perfect forger: a log and the rows it makes, written anew so that nothing in them shows it."""

import json
from contextlib import contextmanager
from copy import deepcopy
from datetime import date
from functools import reduce
from itertools import groupby

from sqlalchemy import delete, insert, select

from casework.errors import IntegrityFailure
from casework.log import reading, tree
from casework.log.event import canonical, commitment
from casework.proof import inspection
from casework.rules.timeline import is_plain, taken_out
from casework.store import record_rows, schema, timelines
from casework.store.connections import Core
from casework.store.record_rows import STRUCK
from casework.store.statements import named
from casework.store.struck_rows import struck_row

SALT = "0b" * 16


@contextmanager
def unguarded(shell):
    """Give a connection on which the triggers and foreign keys are out of the way, for good."""
    with shell.store().engine.connect() as connection:
        connection.execution_options(casework_writes=True)
        triggers = shell._disarm(connection)
        yield connection
        for trigger in triggers:
            connection.exec_driver_sql(trigger)
        connection.commit()


def read_log(shell):
    """Return the body and the disclosures of every event, as JSON."""
    log, told = schema.event.c, schema.disclosure.c
    query = select(log.body, told.body).join(schema.disclosure, told.seq == log.seq)
    with shell.store().engine.begin() as connection:
        rows = connection.execute(query.order_by(log.seq)).all()
    return [(json.loads(bytes(body)), json.loads(bytes(values))) for body, values in rows]


def write_log(shell, entries):
    """Put another log in the place of the one there is, and the rows it makes."""
    peaks, last, events, disclosures, read = [], {}, [], [], []
    for seq, (body, values) in enumerate(entries):
        subject = body["kind"], body["key"]
        before, version = last.get(subject, (-1, 0))
        body |= {"seq": seq, "prev": before, "version": version + 1}
        last[subject] = seq, version + 1
        stored = canonical(body)
        leaf = tree.leaf_hash(stored)
        tree.append(peaks, seq, leaf)
        row = {"seq": seq, "body": stored, "leaf": leaf}
        row |= {name: body[name] for name in ("kind", "key", "act", "actor", "recorded_at")}
        one = reading.read(stored, canonical(values))
        row |= {"effective_on": date.fromisoformat(body["effective_on"])}
        row |= {"fields": record_rows.field_list(tuple(body["changes"]))}
        row |= {"command": one.command and one.command["key"]}
        events.append(row)
        disclosures.append({"seq": seq, "body": canonical(values)})
        read.append(one)
    key = lambda one: (one.kind, one.key)  # noqa: E731
    told = groupby(sorted(read, key=lambda one: (*key(one), one.seq)), key)
    with unguarded(shell) as connection:
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(delete(table))
        connection.execute(insert(schema.event), events)
        connection.execute(insert(schema.disclosure), disclosures)
        head = {"id": 1, "size": len(events), "peaks": b"".join(peaks)}
        connection.execute(insert(schema.log_head).values(root=tree.root_hash(peaks), **head))
        _write_rows(Core(connection, named), [[*each] for _, each in told])


def _write_rows(core, records):
    """Write the rows that the events of records make, as a ledger would have."""
    plain = [each for each in records if is_plain(each)]
    record_rows.fill(core, [reduce(reading.fold, each, None) for each in plain])
    calendar = timelines.calendar_of(core)
    for each in records:
        if each not in plain:
            known = timelines.made(each, calendar)
            if (row := known.row()) is not None:
                record_rows.fill(core, [row])
            else:
                stood, striking = taken_out(each, calendar)
                core.insert(STRUCK, record_rows.columns(STRUCK), [struck_row(stood, striking.seq)])
            if moves := known.moves():
                timelines.write_moves(core, moves)


def verdict(shell, entries):
    """Return what verification says of another log with its rows."""
    write_log(shell, entries)
    try:
        with shell.store().reading() as connection:
            inspection.verify(connection)
    except IntegrityFailure as failure:
        return failure.message
    return "in order"


def last_of(entries, key):
    """Return the last event of a record, and its number."""
    return next(
        (seq, one) for seq, (one, _) in reversed([*enumerate(entries)]) if one["key"] == key
    )


def sealed(value):
    return {"commitment": commitment(SALT, value)}


def appended(entries, like, **said):
    """Append an event like the last one of a record, but for what it says."""
    _, before = last_of(entries, like)
    body = deepcopy(before)
    for name in ("command", "note", "reason", "document", "redacts", "reported"):
        body.pop(name, None)
    login = ["0c" * 16, "root"]
    body |= {"recorded_at": entries[-1][0]["recorded_at"], "changes": {}}
    body["login"] = {"commitment": commitment(*login)}
    values = {"login": login}
    for name, value in said.items():
        if name in {"note", "reason"}:
            values[name] = [SALT, value]
        body[name] = sealed(value) if name in values else value
    entries.append((body, values))
    return body, values


def private(body, values, name, old, new):
    """Let an event change a private field."""
    pair = []
    for place, value in enumerate((old, new)):
        if value is not None:
            values[f"{name}.{place}"] = [SALT, value]
        pair.append(None if value is None else sealed(value))
    body["changes"][name] = pair
