"""`audit verify`: whatever changes behind the program's back is found, and named."""

import json
from contextlib import contextmanager
from datetime import date, timedelta
from operator import itemgetter
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offices import RICH, Contents
from sqlalchemy import (
    JSON,
    Date,
    Integer,
    LargeBinary,
    create_engine,
    delete,
    exc,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.pool import NullPool

from casework.errors import IntegrityFailure
from casework.kinds import choices
from casework.kinds.choices import BASES, PRECISIONS, Outcome, Role, State
from casework.kinds.forms import DAY_KINDS, DAY_STATUSES
from casework.log import tree
from casework.log.event import canonical
from casework.proof import inspection
from casework.store import schema
from casework.store.connections import Core, Lite
from casework.store.statements import named

TABLES = schema.metadata.tables
DECIDED = ("confirmed", "refused")
WORDS = tuple(word for words in choices.CHOICES.values() for word in words)
CHOICES = (
    *WORDS,
    *State,
    *Outcome,
    *BASES,
    *Role,
    *PRECISIONS,
    *DAY_KINDS,
    *DAY_STATUSES,
    *DECIDED,
)
REFUSED = "refused by the database"


def grow(shell):
    """Add what the rich register lacks: letters, a paper, an import, decisions of two people."""
    shell("org", "edit", "mofa", "--email", "desk@mofa.example")
    for person in ("lan", "hoa"):
        shell("person", "edit", person, "--email", f"{person}@mofa.example")
    with TemporaryDirectory() as letters:
        shell("remind", "--from", "register@office.example", "--to", letters)
        shell("office", "set", "--series", "BC-BTK")
        shell("paper", "issue", "progress", "--output", f"{letters}/progress.html")
    shell("import", "-", input=b"title,proposer\nImported,vufo\n")
    shell("person", "add", "van", "--name", "Vân", "--org", "mofa", "--role", "secretariat")
    ref = shell.json("propose", "--title", "Asked to be closed", "--proposer", "vufo")["ref"]
    shell("policy", "four-eyes", "on", "--reason", "Decision 12")
    shell("close", ref, "--outcome", "withdrawn", "--reason", "they said", "--by", "van")
    shell("request", "refuse", f"{ref}.R1", "--reason", "not yet")
    shell("policy", "four-eyes", "off", "--reason", "Decision 13", "--by", "van")
    shell("request", "confirm", "register.R1")


EVERYTHING = Contents("everything", RICH, grow)
"""A register with rows in every table."""


@pytest.fixture
def contents(contents):
    return EVERYTHING if contents is RICH else contents


@contextmanager
def behind(shell):
    """Give a connection past triggers and foreign keys; what is done on it is undone."""
    lite = "://" not in shell.url
    given = {"connect_args": {"isolation_level": None}} if lite else {}
    url = f"sqlite:///{shell.url}" if lite else shell.url
    engine = create_engine(url, poolclass=NullPool, **given)
    with engine.connect() as connection:
        start = "BEGIN" if lite else "SET LOCAL session_replication_role = replica"
        connection.exec_driver_sql(start)
        yield connection
        connection.rollback()


def verdict(shell, *statements, on=None):
    """Return what verification says once statements were run behind its back: None for nothing.

    With `on`, a connection of `behind`, many can be asked for one after the other.
    """
    if on is None:
        with behind(shell) as connection:
            return verdict(shell, *statements, on=connection)
    with undone(on) as connection:
        triggers = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        lite = connection.dialect.name == "sqlite"
        held = connection.exec_driver_sql(triggers).all() if lite else []
        for name, _ in held:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        try:
            for statement in statements:
                connection.execute(text(statement) if isinstance(statement, str) else statement)
        except (exc.IntegrityError, exc.DataError):
            return REFUSED
        for _, sql in held:
            connection.exec_driver_sql(sql)
        try:
            inspection.verify(known(connection))
        except IntegrityFailure as failure:
            return failure.message
        except Exception as crash:  # noqa: BLE001 - reported beside what was not found
            return f"crashed: {crash!r}"
    return None


@contextmanager
def undone(connection):
    """Undo what is done within the block, and no more."""
    connection.exec_driver_sql("SAVEPOINT here")
    try:
        yield connection
    finally:
        connection.exec_driver_sql("ROLLBACK TO here")
        connection.exec_driver_sql("RELEASE here")


def known(connection):
    """Return the connection as the program speaks to that engine."""
    if connection.dialect.name == "sqlite":
        return Lite(connection.connection.driver_connection)
    return Core(connection, named)


def all_rows(shell):
    with shell.store().engine.begin() as connection:
        found = {one: connection.execute(select(one)).mappings().all() for one in TABLES.values()}
    assert all(found.values())
    return found


def others(column, value, rows):
    """Return plausible other values of a cell, the likeliest to be admitted first."""
    if isinstance(column.type, Date):
        found = [value + timedelta(1) if value else date(2020, 2, 2)]
    elif isinstance(column.type, Integer):
        found = [7] if value is None else [value + 1, value + 1000]
    elif column.foreign_keys:
        target = next(iter(column.foreign_keys)).column
        found = [row[target.name] for row in rows[target.table]]
    elif isinstance(column.type, LargeBinary):
        found = [bytes([value[0] ^ 1]) + value[1:]]
    elif isinstance(column.type, JSON):
        found = [[*value, "x"]]
    else:
        found = [f"{value or ''}x", *map(str, CHOICES)]
    return [other for other in found if other != value]


def place(table, row):
    """Return what a message about a row must name."""
    if table is schema.log_head:
        return "head of the log"
    if table.info:
        return table.name
    key = row[table.primary_key.columns[0].name]
    return f"event {key}" if table in {schema.event, schema.disclosure} else str(key)


def changes(rows, column, *, few=False):
    """Yield rows of a column's table, each with the statements that change it one way.

    Of `few` there is one for each column, of a row that has a value where there is one.
    """
    table = column.table
    full = [row for row in rows[table] if row[column.name] is not None]
    empty = [row for row in rows[table] if row[column.name] is None]
    for row in (*full[-1:], *empty[:1])[: 1 if few else None]:
        same_row = [key == row[key.name] for key in table.primary_key.columns]
        change = update(table).where(*same_row)
        yield (
            row,
            [change.values({column: other}) for other in others(column, row[column.name], rows)],
        )
        if column.nullable and row[column.name] is not None and not few:
            yield row, [change.values({column: None})]


def test_any_column_of_any_row_that_is_changed_is_found_and_named(rich, much):
    rows = all_rows(rich)
    # The rows are compared by the same code on both engines, where the server's are read slowly.
    few = much("://" in rich.url, False)

    wrong, unchanged = [], set()
    columns = [column for table in TABLES.values() for column in table.columns]
    columns = columns[:: 3 if few else 1]
    with behind(rich) as on:
        for column in columns:
            unchanged.add(str(column))
            for row, statements in changes(rows, column, few=few):
                said = (verdict(rich, statement, on=on) for statement in statements)
                said = next((one for one in said if one != REFUSED), REFUSED)
                if said != REFUSED:
                    unchanged.discard(str(column))
                    if said is None or place(column.table, row) not in said:
                        wrong.append((str(column), place(column.table, row), said))

    assert wrong == []
    assert unchanged == {"log_head.id", "register.name"} & {*map(str, columns)}


def test_a_value_of_another_kind_than_its_columns_is_found(rich):
    if "://" in rich.url:
        pytest.skip("PostgreSQL keeps no value of another kind")
    rows = all_rows(rich)

    wrong = {}
    columns = [column for table in TABLES.values() for column in table.columns]
    with behind(rich) as on:
        for column in columns:
            table = column.table
            # Of the derived rows of one record, more than one: they are compared without an order.
            full = [row for row in rows[table] if row[column.name] is not None]
            for row in [*full[:1], *full[-1:]] if table.info else full[-1:]:
                same_row = [key == row[key.name] for key in table.primary_key.columns]
                as_bytes = literal_column(f'CAST("{column.name}" AS BLOB)')
                change = update(table).where(*same_row).values({column: as_bytes})
                said = verdict(rich, change, on=on)
                bytes_anyway = isinstance(column.type, LargeBinary)
                if (said is None) != bytes_anyway or "crashed" in (said or ""):
                    wrong[str(column)] = said

    assert wrong.keys() <= {"log_head.id", "register.name"}
    assert set(wrong.values()) <= {REFUSED}


def test_any_row_that_is_added_or_removed_is_found_and_named(rich):
    found = {}
    for table, rows in all_rows(rich).items():
        same_row = [key == rows[0][key.name] for key in table.primary_key.columns]
        gone = delete(table).where(*same_row)
        found[f"{table.name} removed", place(table, rows[0])] = verdict(rich, gone)
        key = [*table.primary_key.columns][-1].name
        row = dict(rows[-1]) | {key: 999 if isinstance(rows[-1][key], int) else "ghost"}
        row |= {name: value for name, value in UNIQUE.items() if name in row}
        named = table.name if table.info else str(row[key])
        found[f"{table.name} added", named] = verdict(rich, insert(table).values(row))
    stray = insert(schema.name_key).values(kind="intake", folded="ghost", code="ghost")
    found["name of nothing added", "name_key"] = verdict(rich, stray)

    wrong = {what: said for what, said in found.items() if said is None or what[1] not in said}
    only_one = [("log_head added", "999"), ("register added", "ghost")]
    assert wrong == dict.fromkeys(only_one, REFUSED)


UNIQUE = {"ref_key": "ghost", "login": "ghost", "number": 999, "command": None}


def test_events_that_are_moved_or_cut_off_are_found(rich):
    rows = all_rows(rich)
    *events, end = sorted(rows[schema.event], key=itemgetter("seq"))
    last = end["seq"]
    cut = [f"DELETE FROM {name} WHERE seq = {last}" for name in ("disclosure", "event")]
    size = f"UPDATE log_head SET size = {last}"
    peaks = []
    for seq, row in enumerate(events):
        tree.append(peaks, seq, bytes(row["leaf"]))
    head = update(schema.log_head).values(
        size=last, peaks=b"".join(peaks), root=tree.root_hash(peaks)
    )
    swap = [
        f"UPDATE {name} SET seq = {new} WHERE seq = {old}"
        for name in ("event", "disclosure")
        for old, new in ((20, 999), (21, 20), (999, 21))
    ]
    middle = [f"DELETE FROM {name} WHERE seq = 20" for name in ("disclosure", "event")]

    assert "event 20 is missing" in verdict(rich, *middle)
    assert f"not that of its {last} events" in verdict(rich, *cut)
    assert f"not that of its {last} events" in verdict(rich, *cut, size)
    assert f"{end['kind']} {end['key']}" in verdict(rich, *cut, head)
    assert "event 20: it was written as event 21" in verdict(rich, *swap)
    assert verdict(rich) is None


def test_a_log_rewritten_from_an_event_on_is_found_by_its_head(rich):
    body = json.loads(bytes(all_rows(rich)[schema.event][5]["body"]))
    forgeries = [
        {},
        [],
        1,
        "x",
        {"v": 1, "kind": "case"},
        body | {"changes": 3},
        body | {"seq": "5"},
    ]

    for forged in map(canonical, [*forgeries, body | {"actor": "nobody"}]):
        change = update(schema.event).where(schema.event.c.seq == 5)
        said = verdict(rich, change.values(body=forged, leaf=tree.leaf_hash(forged)))
        assert said is not None
        assert not said.startswith("crashed"), forged


def test_a_value_that_its_column_cannot_hold_is_found_or_was_refused(rich):
    wrong = []
    for column in [column for table in TABLES.values() for column in table.columns]:
        if isinstance(column.type, Date | JSON | Integer):
            said = verdict(rich, f"UPDATE \"{column.table.name}\" SET {column.name} = '{{x'")
            if said is None or said.startswith("crashed"):
                wrong.append((str(column), said))

    assert wrong == []


def flip(whole, bit):
    place, bit = divmod(bit % (8 * len(whole)), 8)
    return whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :]


def test_any_stored_bit_of_the_log_that_flips_is_found(rich):
    rows = all_rows(rich)
    cells = [(schema.log_head, name, rows[schema.log_head][0]) for name in ("peaks", "root")] * 20
    cells += [(schema.event, name, row) for row in rows[schema.event] for name in ("body", "leaf")]
    cells += [(schema.disclosure, "body", row) for row in rows[schema.disclosure]]

    @settings(max_examples=60)
    @given(st.sampled_from(cells), st.integers(0, 1 << 20))
    def check(cell, bit):
        table, name, row = cell
        key = table.primary_key.columns[0]
        change = update(table).where(key == row[key.name])
        said = verdict(rich, change.values({name: flip(bytes(row[name]), bit)}))
        assert place(table, row) in said

    check()
