"""Writers that meet, and writers that die: no acknowledged act is lost, no half act is kept."""

import os
import subprocess
import sys
import time
from pathlib import Path

import processes

import casework

ROOT = Path(casework.__file__).parents[1]

WRITER = """
import sys
from casework.cli import casework

url, count, *words = sys.argv[1:]
for number in range(int(count)):
    try:
        casework.main(["--db", url, *(word.replace("{}", str(number)) for word in words)])
    except SystemExit as end:
        print("acknowledged" if end.code == 0 else "failed", number, flush=True)
"""


def writer(url, count, *words):
    """Start a process that repeats a command and says each time whether it was acknowledged."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url, str(count), *words],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def how_many(office):
    return 8 if office.store().engine.dialect.name == "sqlite" else 4


def notes(office, ref):
    return [event["note"] for event in office.json("history", ref) if event["act"] == "note"]


def said(lines, word):
    return [int(line.split()[1]) for line in lines if line.startswith(word)]


def check(office, ref):
    """Verify the log, and that its numbers have no gap."""
    log = office.json("audit", "log")

    assert [event["seq"] for event in log] == list(range(office.head().size))
    assert office.json("audit", "verify")["ok"] is True
    assert len(office.json("history", ref)) == office.json("show", ref)["version"]


def test_every_note_of_many_writers_is_there_once(office, case):
    ref, each, many = case("assigned"), 5, how_many(office)
    writers = [writer(office.url, each, "note", ref, f"w{number}-{{}}") for number in range(many)]
    told = [one.communicate(timeout=processes.LONG) for one in writers]

    for out, err in told:
        assert said(out.splitlines(), "acknowledged") == list(range(each)), err
    expected = [f"w{number}-{time}" for number in range(many) for time in range(each)]
    assert sorted(notes(office, ref)) == expected
    check(office, ref)


def test_proposals_made_at_once_are_numbered_without_gap(office):
    each, many = 3, how_many(office)
    words = ["propose", "--proposer", "mofa", "--conference", "NFAC-20", "--title"]
    writers = [writer(office.url, each, *words, f"w{number}-{{}}") for number in range(many)]
    told = [one.communicate(timeout=processes.LONG) for one in writers]
    cases = office.json("list")

    for out, err in told:
        assert said(out.splitlines(), "acknowledged") == list(range(each)), err
    assert [one["ref"] for one in cases] == [
        f"NFAC-20.{number:03d}" for number in range(1, many * each + 1)
    ]
    assert len({one["title"] for one in cases}) == many * each
    check(office, "NFAC-20.001")


def test_a_writer_that_is_killed_leaves_a_store_that_verifies(office, case):
    ref, attempts = case("assigned"), 4
    acknowledged = []
    for attempt in range(attempts):
        doomed = writer(office.url, 100_000, "note", ref, f"w{attempt}-{{}}")
        lines = [doomed.stdout.readline() for _ in range(2 + 4 * attempt)]
        time.sleep(0.003 * attempt)
        doomed.kill()
        rest, _ = doomed.communicate(timeout=processes.LONG)
        done = said([*lines, *rest.splitlines()], "acknowledged")
        acknowledged += [f"w{attempt}-{number}" for number in done]
        check(office, ref)
    office("note", ref, "alive")
    kept = notes(office, ref)

    assert doomed.returncode == -9
    assert len(acknowledged) >= attempts
    assert [note for note in kept if note in acknowledged] == acknowledged
    # Of each that was killed, at most one note was kept that nobody was told of.
    assert len(kept) == len(set(kept)) <= len(acknowledged) + attempts + 1
    assert kept[-1] == "alive"


def test_a_writer_waits_for_the_one_before_it(office, case):
    ref = case("assigned")
    with office.store().writing() as connection:
        connection.change("UPDATE log_head SET size = size")
        waiting = writer(office.url, 1, "note", ref, "patient")
        processes.said(waiting.stderr, "waiting for")
        # Asked here: a file that this process opened and closed would lose its locks (POSIX).
        assert connection.told("SELECT count(*) FROM event WHERE act = 'note'") == [(0,)]
    out, err = waiting.communicate(timeout=processes.LONG)

    assert waiting.returncode == 0, err
    assert said(out.splitlines(), "acknowledged") == [0], (out, err)
    assert notes(office, ref) == ["patient"]
