"""A perfect forger: a log and the rows it makes, written anew so that nothing in them shows it."""

import json
from contextlib import contextmanager
from datetime import date
from functools import reduce
from itertools import groupby

from sqlalchemy import delete, insert, select

from casework.log import reading, tree
from casework.log.event import canonical
from casework.store import record_rows, schema
from casework.store.connections import Core
from casework.store.statements import named


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
        made = [reduce(reading.fold, each, None) for _, each in told]
        record_rows.fill(Core(connection, named), made)
