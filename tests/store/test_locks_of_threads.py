"""What a server or a script does in several threads: no thread takes another one's lock away."""

import subprocess
import sys
import threading

import pytest

import casework
from casework.acts import cases
from casework.acts.session import Session
from casework.questions import lookup
from casework.store import db

TRIES = (
    "import sqlite3, sys\n"
    "one = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0.2)\n"
    "try:\n"
    "    one.execute('BEGIN IMMEDIATE')\n"
    "    print('taken')\n"
    "except sqlite3.OperationalError as error:\n"
    "    print(error)\n"
)


def another_process(url):
    """Return what another process gets that wants to write."""
    said = subprocess.run([sys.executable, "-c", TRIES, url], capture_output=True, text=True)
    return said.stdout.strip()


def read(url):
    with Session(target=url).reading() as connection:
        return lookup.register(connection)


OPENS = {
    "the store": db.open_store,
    "a library": lambda url: casework.open(url).cases(),
    "a session": read,
}


@pytest.mark.parametrize("opens", OPENS)
def test_a_writer_keeps_its_lock_while_another_thread_opens_the_store(office, case, opens):
    if office.url.startswith("postgresql"):
        pytest.skip("only a file has locks of a process")
    ref = case()
    kept = []
    with Session(target=office.url).desk() as desk:
        assert another_process(office.url) == "database is locked"
        thread = threading.Thread(target=lambda: kept.append([OPENS[opens](office.url)]))
        thread.start()
        thread.join()
        assert kept
        assert another_process(office.url) == "database is locked"
        cases.note(desk, ref, "kept")

    assert another_process(office.url) == "taken"
    office("audit", "verify")
