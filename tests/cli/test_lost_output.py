"""What was recorded is said to be recorded, also where nobody can print its result."""

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from casework.errors import UnavailableError
from casework.store.db import Store

FULL = Path("/dev/full")
pytestmark = [
    pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full"),
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]

WRITING = {
    "propose": ["propose", "--title", "Rules", "--proposer", "hcmc-pc"],
    "note": ["note", "{case}", "a note"],
    "edit": ["edit", "{case}", "--title", "Better rules"],
    "assign": ["assign", "{case}", "--owner", "mofa", "--due", "2087-06-30"],
    "close": ["close", "{case}", "--outcome", "withdrawn", "--reason", "taken back"],
    "org": ["org", "add", "moj", "--name", "Ministry of Justice"],
    "person": ["person", "add", "ann", "--name", "Ann", "--org", "mofa"],
    "conference": ["conference", "add", "NFAC-31", "--date", "2051-12-13"],
    "holiday": ["holiday", "add", "2030-06-03", "--name", "A day off"],
    "import": ["import", "{file}"],
    "policy": ["policy", "next-working-day", "on", "--reason", "as decided"],
    "backup": ["db", "backup", "{folder}/b.db"],
    "evidence": ["audit", "export", "--to", "{folder}/evidence"],
}
"""Command lines that write: the key of each is its last word but for their order."""

NO_EVENT = {"backup", "evidence"}


def ran(office, words, **streams):
    """Run a command as a process of its own, with a standard output of its own."""
    return subprocess.run(
        [sys.executable, "-m", "casework", "--db", office.url, *map(str, words)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        **streams,
    )


@pytest.fixture
def filled(case, tmp_path):
    """A function that fills what a command line names."""
    ref = case()
    (tmp_path / "cases.csv").write_text("title,proposer\nMore rules,hcmc-pc\n")
    given = {"case": ref, "file": tmp_path / "cases.csv", "folder": tmp_path}
    return lambda words: [word.format(**given) for word in words]


@pytest.mark.parametrize("name", sorted(WRITING))
def test_what_was_done_is_told_where_the_output_is_full(office, filled, name):
    before = office.head()
    with FULL.open("w") as full:
        done = ran(office, filled(WRITING[name]), stdout=full)

    assert done.returncode == 0, done.stderr
    assert "No space left on device" in done.stderr
    assert "nothing" not in done.stderr
    if name in NO_EVENT:
        return
    assert office.head().size > before.size
    number = office.json("audit", "log")[-1]["seq"]
    assert re.search(rf"events? (\d+ to )?{number}\b", done.stderr), done.stderr
    key = re.search(r"--idempotency-key is (\S+)", done.stderr)[1]
    if name == "propose":
        assert "propose case CASE.001" in done.stderr
        again = ran(office, [*filled(WRITING[name]), "--idempotency-key", key], stdout=None)
        assert again.returncode == 0
        assert office.json("audit", "log")[-1]["seq"] == number


def test_a_closed_output_is_told_too(office, filled):
    words = filled(WRITING["propose"])
    script = 'exec 1>&-; "$@"'
    command = [sys.executable, "-m", "casework", "--db", office.url, *words, "--json"]
    done = subprocess.run(["bash", "-c", script, "-", *command], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stderr)
    assert "it is closed" in told["message"]
    assert "propose case CASE.001" in told["done"][0]


def test_so_is_one_that_nobody_reads(office, filled):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        done = ran(office, filled(WRITING["propose"]), stdout=pipe)

    assert done.returncode == 0
    assert "propose case CASE.001" in done.stderr


def test_where_neither_is_read_the_exit_code_still_says_it(office, filled):
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "casework", "--db", office.url, *filled(WRITING["propose"])],
            stdout=full,
            stderr=full,
        )

    assert done.returncode == 0
    assert len(office.json("list")) == 2


def test_a_question_whose_answer_is_lost_fails(office, filled):
    filled([])
    before = office.head()
    with FULL.open("w") as full:
        done = ran(office, ["list"], stdout=full)

    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert office.head() == before


def test_a_rehearsal_whose_result_is_lost_claims_nothing(office, filled):
    with FULL.open("w") as full:
        done = ran(office, [*filled(WRITING["propose"]), "--dry-run"], stdout=full)

    assert done.returncode == 1
    assert "done, but" not in done.stderr


@pytest.mark.parametrize("takes_a_key", [True, False])
def test_what_may_have_been_recorded_is_repeated_with_a_key_where_one_is_taken(
    office, case, tmp_path, monkeypatch, takes_a_key
):
    office("org", "edit", "mofa", "--email", "desk@mofa.example")
    ref = case("assigned", due="2023-11-30")
    (tmp_path / "letters").mkdir()
    sent = ("--from", "office@example.org", "--to", tmp_path / "letters")
    words = ("note", ref, "text") if takes_a_key else ("remind", *sent)
    writing = Store.writing

    @contextmanager
    def unanswered(self, *given, **named):
        with writing(self, *given, **named) as connection:
            yield connection
        error = UnavailableError("store.no-register", "hint.unsure")
        error.unsure = True
        raise error

    monkeypatch.setattr(Store, "writing", unanswered)
    hint = office.run(*words, "--json").error["hint"]
    monkeypatch.setattr(Store, "writing", writing)

    assert "may have been recorded or not" in hint
    key = re.search(r"repeat it with (--idempotency-key \w+)", hint)
    assert bool(key) is takes_a_key
    if key:
        assert "done already" in office(*words, *key[1].split()).stdout
    else:
        assert office.json(*words, "--dry-run") == []
