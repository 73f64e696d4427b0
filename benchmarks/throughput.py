"""Acts per second on PostgreSQL, beside a bare psycopg loop that sends the same statements.

Each client is a process with one connection, and each act, a note on the client's own case, a
transaction of its own. The bare loop sends the statements the program sent once, with values made
beforehand: it only puts the version into the event that the server has just told. Both wait for the
same head of the log and the same disk; the rest is what the program itself costs.

The server is started in the folder for temporary files (TMPDIR), with fsync on: in memory the
program weighs most, on a disk what it waits for does.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import sys
import time
from argparse import ArgumentParser
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from string import Template
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import psycopg
from measure import at_least, heading, table

from casework.acts import cases
from casework.acts.session import Session
from casework.store import db
from casework.store.served import Served
from casework.system.clock import now, stamp

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "faults"))
import pgserver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GOAL = 0.7
CLIENTS = (1, 2, 4, 8, 32)
LOGIN = "writer"
WARM = 20
"""Acts before the clock starts: the driver prepares a statement when it is sent the sixth time."""

DOOR = "casework_record"

Sent = list[tuple[str, Any]]


def note(store: db.Store, ref: str) -> None:
    """Add a note as the command of that name does."""
    with Session(target=store, what="note").desk() as desk:
        cases.note(desk, ref, "The draft went to the Ministry of Justice.")


@contextmanager
def by_program(url: str, ref: str) -> Iterator[Callable[[], None]]:
    """Give what adds a note by the program."""
    # The program connects for each command, and so keeps none.
    with db.Store.at(url).keeping() as store:
        yield lambda: note(store, ref)


def sent(url: str, ref: str) -> Sent:
    """Return the statements of one note, and their values."""
    found: Sent = []
    ask = Served._ask  # noqa: SLF001 - nothing else sees every statement

    def kept(connection: Served, statement: str, values: Any) -> Any:
        found.append((statement, values))
        return ask(connection, statement, values)

    with db.Store.at(url).keeping() as store:
        note(store, ref)
        with patch.object(Served, "_ask", kept):
            note(store, ref)
    return found


@contextmanager
def by_hand(url: str, statements: Sent) -> Iterator[Callable[[], None]]:
    """Give what adds a note by the driver alone; it returns how long the server's function took."""
    (_, (bodies, opened)) = next(one for one in statements if DOOR in one[0])
    said = json.loads(bodies[0])
    form = re.sub(r'"version":\d+', '"version":$version', bodies[0])
    form = form.replace(said["command"]["key"], "$key")
    form = Template(form.replace(said["recorded_at"], stamp(now())))
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:

        def act() -> float:
            took = 0.0
            told: dict[str, Any] = {"key": os.urandom(16).hex()}
            for statement, values in statements:
                if DOOR in statement:
                    body = form.substitute(told)
                    started = time.perf_counter()
                    answer = connection.execute(statement, ([body], opened)).fetchall()
                    took = time.perf_counter() - started
                    if answer[0][0] is not None:
                        raise RuntimeError(answer)
                    continue
                cursor = connection.execute(statement, values)
                answer = cursor.fetchall() if cursor.description else []
                if "casework_lock" in statement:
                    told["version"] = answer[0][0] + 1
            connection.execute("COMMIT")
            return took

        yield act


def run(way: Any, arguments: tuple[Any, ...], seconds: float, gate: Any, told: Any) -> None:
    """Add notes for some seconds; tell how many there were, and how long the function took."""
    count, took = 0, 0.0
    with way(*arguments) as act:
        for _ in range(WARM):
            act()
        gate.wait()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            took += act() or 0.0
            count += 1
    told.put((count, took))


def together(way: Any, arguments: list[tuple[Any, ...]], seconds: float) -> tuple[float, float]:
    """Let clients write at once; return acts a second, and seconds of the function for an act."""
    fork = multiprocessing.get_context("fork")
    gate, told = fork.Barrier(len(arguments)), fork.Queue()
    running = [fork.Process(target=run, args=(way, one, seconds, gate, told)) for one in arguments]
    for one in running:
        one.start()
    counts, took = zip(*(told.get(timeout=seconds + 120) for _ in running), strict=True)
    for one in running:
        one.join()
    return sum(counts) / seconds, sum(took) / sum(counts)


def furnish(url: str, clients: int) -> str:
    """Make a register with a case for each client; return the URL of a login that writes."""
    from click.testing import CliRunner

    from casework.cli import casework

    lines = [
        ["init", "--no-holidays"],
        ["org", "add", "mofa", "--name", "Ministry"],
        ["person", "add", LOGIN, "--name", "W", "--org", "mofa", "--role", "secretariat"],
        ["db", "grant", LOGIN],
        *(
            ["propose", "--ref", f"T.{number}", "--title", "T", "--proposer", "mofa"]
            for number in range(clients)
        ),
    ]
    for words in lines:
        done = CliRunner().invoke(casework, ["--db", url, *words])
        if done.exit_code:
            raise RuntimeError(words, done.output)
    # A person has a few sessions; here all clients are one.
    pgserver.ask(url, f"ALTER ROLE {LOGIN} CONNECTION LIMIT -1")
    return url.replace("://casework@", f"://{LOGIN}@")


def main() -> None:
    """Measure and print."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="measured rounds (%(default)s)")
    parser.add_argument("--seconds", type=float, default=4, help="of each of them (%(default)s)")
    parser.add_argument("--clients", type=int, nargs="+", default=list(CLIENTS))
    given = parser.parse_args()
    found: dict[int, list[tuple[float, float, float]]] = {number: [] for number in given.clients}
    with pgserver.started() as server:
        pgserver.ask(server.url, "CREATE DATABASE register")
        url = furnish(pgserver.database(server.url, "register"), max(given.clients))
        refs = [f"T.{number}" for number in range(max(given.clients))]
        recorded = {ref: sent(url, ref) for ref in refs}
        for _ in range(given.runs):
            for number in given.clients:
                mine = [(url, ref) for ref in refs[:number]]
                bare = [(url, recorded[ref]) for ref in refs[:number]]
                program, _ = together(by_program, mine, given.seconds)
                raw, door = together(by_hand, bare, given.seconds)
                found[number].append((program, raw, door))
        asked = (
            "SELECT (pg_total_relation_size('event') + pg_total_relation_size('disclosure'))"
            " / (SELECT size FROM log_head)"
        )
        ((size,),) = pgserver.ask(pgserver.database(server.url, "register"), asked)
    print(heading("Acts a second on PostgreSQL", given.runs))
    print(f"{len(recorded[refs[0]])} statements an act; {size:,} bytes of the log on the server\n")
    rows = []
    for number, rounds in found.items():
        program, raw, door = (median(column) for column in zip(*rounds, strict=True))
        ratio = median(one[0] / one[1] for one in rounds)
        rows.append(
            [
                str(number),
                f"{program:,.0f}",
                f"{raw:,.0f}",
                f"{ratio:.2f}",
                f"{door * 1000:.1f} ms",
                *at_least(ratio, GOAL),
            ]
        )
    headings = ["clients", "casework", "psycopg", "ratio", DOOR, "goal", ""]
    print(table(headings, rows))


if __name__ == "__main__":
    main()
