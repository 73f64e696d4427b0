"""An import whose rows a second process plans: the same register, the same refusals, no remains."""

import csv
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import counted

from casework.exchange import importing
from casework.exchange.plans import Plans
from casework.questions import audit_log
from casework.system import second_process

# As in test_beside.py.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* multi-threaded:DeprecationWarning")

STATES = ("proposed", "assigned", "under_study", "resolved")
DAYS = ("proposed_on", "assigned_on", "study_on", "resolved_on")
COUNT = 30


def made_up(number, chance):
    """Return a row of chance, with a reference or without."""
    reached = chance.randrange(4)
    row = {"title": f"Đề án số {number}", "proposer": chance.choice(["vufo", "hcmc-pc"])}
    row |= {
        name: f"2022-0{place + 1}-1{number % 10}" for place, name in enumerate(DAYS[: reached + 1])
    }
    if chance.random() < 0.6:
        row["ref"] = f"X.{number}"
    if chance.random() < 0.5:
        row["conference"] = chance.choice(["NFAC-20", "NFAC-21"])
    if reached:
        row |= {"owner": "mofa", "due": chance.choice(["2023-01-31", "2024-12-31"])}
        row["original_due"] = "2023-01-31"
    if reached == 3:
        row |= {"outcome": "implemented", "answer": "Thông tư số 3"}
    if chance.random() < 0.4:
        row |= {"with": "central; vufo", "theme": "mốt; hai; a\\;b", "summary": "Tóm tắt"}
    return row | {"state": STATES[reached]}


ROWS = [made_up(number, random.Random(number)) for number in range(COUNT)]


def table(rows):
    file = io.StringIO()
    writer = csv.DictWriter(file, list(dict.fromkeys(name for row in ROWS for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


@pytest.fixture
def processes(monkeypatch):
    """A function that says how many processes import, however short a file is."""
    monkeypatch.setattr(importing, "LONG", 0)
    monkeypatch.setattr(importing, "BATCH", 4)
    monkeypatch.setattr(importing, "SENT", 2)
    return counted(monkeypatch)


def standing(shell):
    """Return what a register tells: its cases, their histories, and that it verifies."""
    assert shell.json("audit", "verify")["ok"] is True
    with shell.store().reading() as connection:
        events = [event.as_json() for event in audit_log.every_event(connection)]
    for event in events:
        # The directory is made anew in each register, a command has a key of its own.
        what = event["command"] and event["command"]["what"].partition(" #")[0]
        event |= {"recorded_at": None, "command": what}
    return events, shell("export", "-").stdout


def outcome(shell, data, *words):
    """Return what an import says and how it ends."""
    done = shell.run("import", "-", *words, input=data)
    return done.exit_code, done.stdout, done.stderr


def test_two_processes_make_the_register_that_one_makes(office, new_office, processes):
    alone = new_office()
    started = processes(2)
    told = outcome(office, table(ROWS))
    assert len(started) == 1
    processes(1)

    assert told == outcome(alone, table(ROWS))
    assert told[:2] == (0, f"{COUNT} created, 0 skipped, of {COUNT} rows\n")
    assert standing(office) == standing(alone)
    assert started == []


def test_histories_come_in_the_same_by_two_processes(office, new_office, processes):
    alone, third = new_office(), new_office()
    processes(1)
    outcome(alone, table(ROWS))
    alone("link", "X.1", "--relates-to", "X.29")
    lines = alone("export", "-", "--format", "ndjson").stdout.encode()
    assert len(lines) > 10_000
    outcome(third, lines)
    started = processes(2)
    told = outcome(office, lines)

    assert len(started) == 1
    assert told[0] == 0
    assert standing(office) == standing(third)
    assert office("export", "-", "--format", "ndjson").stdout.encode() == lines


def test_a_link_to_a_case_that_is_nowhere_is_refused_in_the_same_words(
    office, new_office, processes
):
    office("import", "-", input=table(ROWS))
    office("link", "X.1", "--relates-to", "X.29")
    lines = office("export", "-", "--format", "ndjson").stdout.splitlines()
    left = "\n".join(line for line in lines if '"ref":"X.29"' not in line).encode()
    fresh = new_office()
    processes(2)
    told = outcome(fresh, left)
    processes(1)

    assert told[0] == 2
    assert "history: 'X.29': it is no case" in told[2]
    assert outcome(fresh, left) == told


def test_what_is_there_already_is_left_as_it_is_by_either(office, new_office, processes):
    alone = new_office()
    first, more = table(ROWS[:11]), table(ROWS[:5] + ROWS[20:])
    for shell, number in ((office, 2), (alone, 1)):
        processes(number)
        outcome(shell, first)
        again = outcome(shell, first)
        assert again[1] == "0 created, 11 skipped, of 11 rows\n"
        assert "was imported before" in again[2]
        before = shell.head()
        assert outcome(shell, more, "--dry-run")[0] == 0
        assert shell.head() == before
    processes(2)
    told = outcome(office, more)
    processes(1)

    assert told == outcome(alone, more)
    assert standing(office) == standing(alone)


BAD = {
    "no title": {"title": ""},
    "no day": {"proposed_on": "yesterweek"},
    "no organisation": {"proposer": "nobody"},
    "no order": {"state": "assigned", "assigned_on": "1999-01-01"},
    "another row's": {"ref": "X.29"},
    "no Unicode": {"title": "T", "theme": "\x00"},
}


@pytest.mark.parametrize("places", [(0,), (3, 4), (17,), (29,), tuple(range(4, 28))])
@pytest.mark.parametrize("fault", BAD)
def test_bad_rows_are_refused_in_the_same_words(office, processes, fault, places):
    rows = [row | (BAD[fault] if place in places else {}) for place, row in enumerate(ROWS)]
    rows[-1] |= {"ref": "X.29"}
    before = office.head()
    started = processes(2)
    told = outcome(office, table(rows), "--dry-run")
    assert len(started) == 1
    processes(1)

    assert outcome(office, table(rows), "--dry-run") == told
    assert told[0] == (0 if fault == "another row's" and places == (29,) else 2)
    assert office.head() == before


@pytest.mark.parametrize(
    "end", [b"\xff", b'"open', b",".join([b"x"] * 99), b'"a" b', b""], ids=repr
)
@pytest.mark.parametrize("count", [0, 3, 4, 5, 30])
def test_a_file_that_breaks_off_is_refused_in_the_same_words(office, processes, count, end):
    data = table(ROWS[:count]) + end
    processes(2)
    told = outcome(office, data, "--dry-run")
    processes(1)

    assert outcome(office, data, "--dry-run") == told
    assert (told[0] == 0) == (end == b"")


def test_lines_that_are_no_cases_are_refused_in_the_same_words(office, processes):
    lines = [json.dumps({"title": "T", "proposer": "vufo"})] * 3
    lines += ['{"\\ud800": 1}', '{"title": "\\ud800", "proposer": "vufo"}', "[]", "{", '{"ref": 1}']
    data = "\n".join(lines).encode()
    processes(2)
    told = outcome(office, data)
    processes(1)

    assert told[0] == 2
    assert "5 of 8 rows" in told[2]
    assert outcome(office, data) == told


def test_a_worker_that_is_killed_has_changed_nothing(office, processes, monkeypatch):
    plan = Plans.plan

    def killed(plans, row):
        if row.number > COUNT / 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return plan(plans, row)

    monkeypatch.setattr(Plans, "plan", killed)
    processes(2)

    error = office.refused(8, "import", "-", input=table(ROWS))
    assert "ended by SIGKILL before its work was done" in error["message"]
    assert "nothing was changed" in error["hint"]


def test_a_short_file_and_one_processor_need_no_second_process(office, monkeypatch):
    monkeypatch.setattr(second_process, "running", None)
    monkeypatch.setattr(second_process, "possible", lambda: True)
    office("import", "-", input=table(ROWS[:10]))
    monkeypatch.setattr(importing, "LONG", 0)
    monkeypatch.setattr(second_process, "possible", lambda: False)
    office("import", "-", input=table(ROWS))


# --- as the operating system runs it ---------------------------------------------------------


@pytest.fixture
def long_import(sqlite_template, tmp_path):
    """The import of a long file, which has begun to write, and its worker; it must not be done."""
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("one processor")
    store = tmp_path / "register.db"
    shutil.copy(sqlite_template, store)
    command = Path(sys.executable).with_name("casework")
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    made = [command, "--db", store, "org", "add", "vufo", "--name", "Union"]
    subprocess.run(made, check=True, capture_output=True)
    file = tmp_path / "long.csv"
    rows = (f"Recommendation {number} {'of many words ' * 20},vufo\n" for number in range(30_000))
    file.write_text("title,proposer\n" + "".join(rows), "utf-8")
    before = store.read_bytes()
    line = [command, "--db", store, "import", file]

    def heed():
        # What a shell starts in the background is deaf to Ctrl-C, and so would the command be.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    started = {"start_new_session": True, "preexec_fn": heed, **said}
    with subprocess.Popen(line, **started) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while not (worker := children.read_text("ascii").split()):
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        # Some of it is written by now.
        journal = Path(f"{store}-journal")
        while not (journal.exists() and journal.stat().st_size):
            time.sleep(0.01)
        yield process, int(worker[0])
    verified = subprocess.run([command, "--db", store, "audit", "verify"], **said)
    assert verified.returncode == 0, verified.stderr
    assert store.read_bytes() == before


def gone(process):
    until = time.monotonic() + 60
    while Path(f"/proc/{process}").exists() and time.monotonic() < until:
        time.sleep(0.01)
    return not Path(f"/proc/{process}").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_import_that_is_interrupted_ends_quietly_with_its_worker(long_import, number):
    process, worker = long_import
    os.killpg(process.pid, number)
    out, told = process.communicate(timeout=60)

    assert process.returncode == 130
    assert out == ""
    assert told.strip() == "interrupted; nothing more was done"
    assert gone(worker)


def test_an_import_that_is_killed_leaves_no_worker(long_import):
    process, worker = long_import
    process.kill()
    process.communicate(timeout=60)

    assert gone(worker)


def test_an_import_whose_worker_is_killed_says_so(long_import):
    process, worker = long_import
    os.kill(worker, signal.SIGKILL)
    out, told = process.communicate(timeout=60)

    assert process.returncode == 8
    assert out == ""
    assert told.splitlines()[0] == (
        "casework: a process of this command was ended by SIGKILL before its work was done"
    )
