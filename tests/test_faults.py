"""Faults in short: each harness of tests/faults sees its faults survived, and sees real harm.

They run as people run them. What they look for, and how long they take in full, stands in
tests/faults/README.md.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pgserver
import pytest

from casework.errors import UnavailableError

FAULTS = Path(__file__).parent / "faults"
TRACED = ("inject", "powerloss")


@pytest.fixture
def fault():
    """Run a harness; return its exit code and what it printed."""

    def run(name, *words):
        if name in TRACED and shutil.which("strace") is None:
            pytest.skip("no strace: install it (Debian: apt-get install strace)")
        command = [sys.executable, FAULTS / f"{name}.py", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=250)
        if "may not attach" in done.stderr:
            pytest.skip(done.stderr)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def on_server():
    """Skip where no server can be started: the harnesses stop theirs in the middle of its work."""
    if pgserver.binaries() is None:
        pytest.skip(pgserver.NO_SERVER)


def test_every_command_that_writes_survives_calls_that_fail(fault, much):
    code, told = fault("inject", "--every", much("3001", "331"))

    assert code == 0, told
    assert told.splitlines()[-1].endswith(" 0 wrong")


def test_a_demonstration_that_cannot_take_its_name_leaves_nothing(fault):
    code, told = fault("inject", "--only", "demo", "--fault", "rename:error=EIO:when=1")

    assert code == 0, told
    assert told.splitlines()[-1] == "1 faults, 0 wrong"


def test_a_command_without_a_scenario_is_found(monkeypatch):
    import inject

    assert inject.forgotten() == []
    monkeypatch.setattr(inject, "ASKS", inject.ASKS - {"list"})
    monkeypatch.setattr(inject, "WRITES", inject.WRITES.replace("\nnote ", "\nlist "))
    assert inject.forgotten() == ["note"]


def test_no_command_that_only_asks_offers_to_write():
    import click
    import inject

    from casework.cli import casework

    offers = {"dry_run", "output", "folder", "to"}
    for name in inject.ASKS:
        found, context = casework, click.Context(casework)
        for word in name.split():
            found = found.get_command(context, word)
        assert offers.isdisjoint(one.name for one in found.params), name


def test_no_state_a_power_cut_may_leave_is_wrong(fault):
    code, told = fault("powerloss", "--only", "acts", "--acts", "1")

    assert code == 0, told


def test_the_power_cut_finds_what_a_weaker_setting_loses(fault):
    weaker = ("--acts", "1", "--synchronous", "NORMAL", "--until", "acknowledged")
    code, told = fault("powerloss", "--only", "acts", *weaker)

    assert code == 1
    # One event of those that were acknowledged is not there.
    lost = re.search(r"acknowledged : (\d+) events, not \[(\d+)\]", told)
    assert lost is not None, told
    assert int(lost[2]) - int(lost[1]) == 1


@pytest.mark.parametrize("name", ["kills", "upgrades"])
def test_what_was_acknowledged_outlives_a_kill(fault, much, name):
    code, told = fault(name, "--kills", much("4", "12"))

    assert code == 0, told


@pytest.mark.usefixtures("on_server")
@pytest.mark.parametrize(
    "words",
    [
        ["kills", "--kills", "8"],
        ["kills", "--what", "backend", "--kills", "3"],
        ["kills", "--what", "server", "--kills", "2"],
        ["upgrades", "--kills", "3", "--pairs", "2"],
    ],
)
def test_what_was_acknowledged_outlives_a_kill_of_client_backend_or_server(fault, words):
    code, told = fault(*words, "--engine", "postgresql")

    assert code == 0, told


def test_writers_that_meet_lose_nothing_and_without_locks_the_check_sees_it(fault):
    code, told = fault("writers", "--acts", "10")
    bare, seen = fault("writers", "--acts", "30", "--without-locks")

    assert code == 0, told
    assert bare == 1
    assert "began with" in seen


def test_a_change_whose_commit_got_no_answer_is_not_told_as_undone(shell):
    if "://" not in shell.url:
        pytest.skip("for SQLite this is one of the calls that fail above")

    def lost():
        with shell.store().writing() as connection:
            ((backend,),) = connection.told("SELECT pg_backend_pid()")
            pgserver.ask(shell.url, f"SELECT pg_terminate_backend({backend}), pg_sleep(0.2)")

    with pytest.raises(UnavailableError) as caught:
        lost()

    assert "may have been recorded or not" in caught.value.hint
    assert "nothing was changed" not in caught.value.hint


def test_acts_outlive_the_loss_of_the_leader(fault):
    import failover

    if lacking := list(failover.missing()):
        pytest.skip(lacking[0])
    code, told = fault("failover", "--before", "5", "--after", "35")

    assert code == 0, told
    assert "longest gap" in told


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (["w0-0", "w0-1", "w1-0"], []),
        (["w0-0", "w0-1", "w0-2", "w1-0"], []),
        (["w0-0", "w1-0"], ["1 acknowledged notes are lost, as w0-1"]),
        (["w0-0", "w0-1", "w0-1", "w1-0"], ["w0-1 is kept 2 times"]),
        (["w0-1", "w0-0", "w1-0"], ["the notes of w0-0 and after are not in their order"]),
        (["w0-0", "w0-1", "w1-0", "w1-1"], ["kept, and nobody asked for it: ['w1-1']"]),
    ],
)
def test_the_trial_of_a_failover_would_see_what_is_wrong(kept, said):
    import failover

    told = [[("w0-0", 0, 1.0), ("w0-1", 0, 2.0), ("w0-2", 8, 3.0)], [("w1-0", 0, 1.5)]]
    found = list(failover.wrong(told, kept))

    assert found[: len(said)] == said
    assert bool(found) is bool(said)


def test_no_random_command_line_is_a_defect_or_changes_what_it_refused(fault, much):
    code, told = fault("lines", "--lines", much("200", "700"))

    assert code == 0, told
    assert told.splitlines()[-1].endswith(" 0 wrong")
    assert int(told.splitlines()[-1].split()[2]) > 0
