"""A writer that waits says for whom, and gives up in the end."""

import os
import pwd
import subprocess
import sys

import pytest
from processes import LONG, said

from casework.store import contention


def writer(url, *words):
    line = [sys.executable, "-m", "casework", "--db", url, *words]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def holder(office):
    """Return how a message names this process, or its connection to the server."""
    if "://" in office.url:
        return "waiting for casework, process "
    return f"waiting for process {os.getpid()} of {pwd.getpwuid(os.getuid()).pw_name}"


def test_a_writer_says_whom_it_waits_for_and_goes_on(office, case):
    ref = case("assigned")
    with office.store().writing() as connection:
        connection.change("UPDATE log_head SET size = size")
        contention = writer(office.url, "note", ref, "patient")
        told = said(contention.stderr, "waiting for")
    _, err = contention.communicate(timeout=LONG)

    assert contention.returncode == 0, err
    assert told.startswith(holder(office))


def test_a_writer_that_need_not_wait_says_nothing_of_it(office, case):
    ref = case("assigned")
    done = office.run("note", ref, "at once")

    assert "waiting" not in done.stderr


def test_a_writer_gives_up_with_what_to_do(office, case, monkeypatch):
    ref = case("assigned")
    before = office.head()
    monkeypatch.setattr(contention, "LIMIT", 2)
    with office.store().writing() as connection:
        connection.change("UPDATE log_head SET size = size")
        error = office.refused(8, "note", ref, "in vain")

    assert "another writer held the store for 2 seconds" in error["hint"]
    assert office.head() == before


def test_who_is_waited_for_is_told_in_vietnamese_too(tmp_path, monkeypatch):
    file, locks = tmp_path / "r.db", tmp_path / "locks"
    file.touch()
    held = file.stat()
    place = f"{os.major(held.st_dev):02x}:{os.minor(held.st_dev):02x}:{held.st_ino}"
    locks.write_text(f"1: POSIX  ADVISORY  WRITE {os.getpid()} {place} 0 EOF\n")
    monkeypatch.setattr(contention, "LOCKS", locks)
    user = pwd.getpwuid(os.getuid()).pw_name

    told = contention.of_file(file).said("vi")

    assert told == f"đang chờ tiến trình {os.getpid()} của {user}"


@pytest.mark.parametrize("told", ["", "1: POSIX  ADVISORY  WRITE what 00:1:1 0 EOF\n", "\x00\n"])
def test_where_the_system_does_not_tell_it_is_another_writer(tmp_path, monkeypatch, told):
    locks = tmp_path / "locks"
    locks.write_text(told)
    monkeypatch.setattr(contention, "LOCKS", locks)

    assert str(contention.of_file(tmp_path)) == "waiting for another writer"
    monkeypatch.setattr(contention, "LOCKS", tmp_path / "none")
    assert str(contention.of_file(tmp_path)) == "waiting for another writer"
