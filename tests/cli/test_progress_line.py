"""How far long work has come: in one line of a terminal, never in a pipe, and gone at the end."""

import os
import pty
import re
import subprocess
import sys
import time

import pytest

from casework.cli import progress
from casework.words import word

# The command line as it is, but for how long it waits before it says how far it has come.
PROGRAM = (
    "import sys; from casework.cli import progress; progress.PATIENCE = {patience};"
    " progress.PAUSE = 0; from casework.cli import casework; casework(sys.argv[1:])"
)


def command(office, words, patience):
    return [sys.executable, "-c", PROGRAM.format(patience=patience), "--db", office.url, *words]


def on_a_terminal(office, *words, patience=0.0):
    """Return the exit code, what was printed, and what the terminal was sent beside it."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command(office, words, patience),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as done:
        os.close(theirs)
        sent = b""
        while block := _read(ours):
            sent += block
        printed = done.stdout.read()
    os.close(ours)
    return done.returncode, printed.decode(), sent.decode()


def _read(terminal):
    try:
        return os.read(terminal, 65_536)
    except OSError:
        # Linux says EIO when nobody has the other end open any more.
        return b""


def left(sent):
    """Return the lines a terminal shows in the end: a carriage return goes back to the start."""
    lines = []
    for line in sent.replace("\r\n", "\n").split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip())
    return [line for line in lines if line]


on_a_file = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""Of a line that is the same on either engine."""


@pytest.fixture
def many(tmp_path):
    path = tmp_path / "many.csv"
    rows = [f"A.{number},Rules,hcmc-pc,2021-12-13" for number in range(1, 1_201)]
    path.write_text("\n".join(["ref,title,proposer,proposed_on", *rows, ""]))
    return path


@on_a_file
@pytest.mark.parametrize("lang", ["en", "vi"])
def test_a_terminal_is_told_how_far_work_has_come_and_keeps_nothing_of_it(office, many, lang):
    code, printed, sent = on_a_terminal(office, "import", many, "--lang", lang)
    thousand = {"en": "1,200", "vi": "1.200"}[lang]

    told = {
        "en": "1200 created, 0 skipped, of 1200 rows",
        "vi": "tạo 1200, bỏ qua 0, trong 1200 dòng",
    }
    assert (code, printed) == (0, f"{told[lang]}\n")
    assert re.search(rf"\r{word('importing', lang)}: 1\b", sent)
    assert f"{word('importing', lang)}: {thousand}" in sent
    assert "\n" not in sent
    assert left(sent) == []


@pytest.mark.parametrize(
    ("words", "key", "of"),
    [
        (["audit", "verify"], "verifying", " / "),
        (["audit", "replay"], "comparing", ""),
        (["db", "check"], "verifying", " / "),
        (["export", "FILE.jsonl"], "exporting", ""),
        (["db", "backup", "FILE.db"], "verifying", " / "),
        (["report", "overdue", "--output", "FILE.xlsx"], "writing", " / 1"),
        (["report", "overdue", "--output", "FILE.docx"], "writing", " / 1"),
    ],
)
def test_so_it_is_with_all_that_may_be_long(office, case, tmp_path, words, key, of):
    case("assigned", ref="A.1")
    words = [word.replace("FILE", str(tmp_path / "file")) for word in words]
    code, _, sent = on_a_terminal(office, *words)

    assert code == 0
    assert re.search(rf"\r{word(key)}: \d+{of}", sent)
    assert [line for line in left(sent) if word(key) in line] == []


def test_a_copy_of_a_store_is_told_in_pages_or_rows_and_the_way_back_in_rows(office, tmp_path):
    code, _, sent = on_a_terminal(office, "db", "backup", tmp_path / "copy.db")
    way_back = ["db", "restore", tmp_path / "copy.db", "--db", tmp_path / "new.db"]
    restored, _, said = on_a_terminal(office, *way_back)
    pages, rows = word("copying_pages"), word("copying")
    copied = rf"\r{rows}: \d" if office.url.startswith("postgresql") else rf"\r{pages}: \d+ / \d+"

    assert (code, restored) == (0, 0)
    assert re.search(copied, sent)
    assert re.search(rf"\r{rows}: \d", said)
    assert [line for line in left(sent) + left(said) if rows in line or pages in line] == []


def test_moving_due_dates_is_told_case_by_case(office):
    office("holiday", "import")
    for number in range(3):
        words = ("--ref", f"A.{number}", "--title", "T", "--proposer", "vufo")
        office("propose", *words, "--effective", "2026-01-05")
        given = ("--owner", "mofa", "--due", "+30wd", "--effective", "2026-01-05")
        office("assign", f"A.{number}", *given)
    office("holiday", "add", "2026-01-14", "--name", "Closed", "--reason", "a storm")
    code, printed, sent = on_a_terminal(office, "holiday", "recompute", "--reason", "closed")

    assert code == 0
    assert printed.count("A.") == 3
    assert f"\r{word('recounting')}: 3 / 3" in sent
    assert f"\r{word('moving')}: 3 / 3" in sent


@on_a_file
def test_of_work_that_cannot_tell_how_far_it_has_come_the_beginning_is_told(office, many, tmp_path):
    office("import", many)
    ask = ("report", "overdue", "--output", tmp_path / "paper.pdf")
    code, _, sent = on_a_terminal(office, *ask, patience=60)

    assert code == 0
    assert f"\r{word('setting')}: 2,4" in sent
    assert left(sent)[0] == f"written: {tmp_path / 'paper.pdf'}"
    # Then it says which font the machine had.
    assert [line.split(" in ")[0] for line in left(sent)[1:]] == ["set"]


@on_a_file
def test_an_error_is_told_on_a_line_of_its_own(office, many):
    many.write_text(many.read_text() + "A.1,Other,hcmc-pc,2021-12-13\n")
    code, _, sent = on_a_terminal(office, "import", many)

    assert code == 2
    assert word("importing") in sent
    assert left(sent)[0] == "casework: 1 of 1201 rows cannot be imported:"


@on_a_file
def test_a_pipe_and_who_wants_quiet_are_told_nothing(office, many):
    piped = subprocess.run(command(office, ["import", many], 0), capture_output=True, check=True)
    code, _, quiet = on_a_terminal(office, "audit", "verify", "--quiet")

    assert piped.stderr == b""
    assert (code, quiet) == (0, "")


@on_a_file
def test_short_work_is_not_spoken_of(office, case):
    case("assigned")
    begun = time.monotonic()
    code, _, sent = on_a_terminal(office, "audit", "verify", patience=60)

    assert time.monotonic() - begun < 60
    assert (code, sent) == (0, "")


@on_a_file
def test_nothing_of_it_is_imported_where_nobody_looks(office):
    code = (
        "import sys; from casework.cli import casework\n"
        "try: casework(sys.argv[1:])\n"
        "finally: print('casework.cli.progress' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--db", office.url, "list"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.endswith("False\n")


def test_it_is_told_how_long_it_will_take_yet_once_that_can_be_told(monkeypatch, capsys):
    now = [100.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    line = progress.Line("en")

    def told(seconds, *asked):
        now[0] = 100.0 + seconds
        line(*asked)
        return capsys.readouterr().err.split("\r")[-1].strip()

    assert told(0.0, "writing", 0, 1000) == f"{word('writing')}: 1,000"
    assert told(2.0, "writing", 10, 1000) == f"{word('writing')}: 10 / 1,000  3:18 left"
    assert told(4.0, "writing", 500, 1000).endswith("  0:04 left")
    assert told(6.0, "writing", 1000, 1000).endswith("  0:00 left")
    # Other work begins anew, and of work without an end nothing can be told.
    assert "left" not in told(8.0, "verifying", 5, 1000)
    assert "left" not in told(10.0, "exporting", 5, None)
    assert "left" not in told(12.0, "exporting", 50, None)
