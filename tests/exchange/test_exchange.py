"""Cases out of one register and into another: nothing is lost, nothing is added."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offices import SCENARIO

from casework.exchange.columns import BY_NAME, cell, join, split
from casework.system.text import unguarded

DIRECTORY = [words for words in SCENARIO if words[0] in {"org", "person", "conference", "cause"}]
SMALL = [words for words in DIRECTORY if words[2] in {"gov", "mofa", "vufo", "hoa"}]
PROPOSE = ("propose", "--proposer", "vufo", "--ref", "A.1", "--effective", "2021-12-13", "--title")
ASSIGN = ("assign", "A.1", "--owner", "mofa", "--reason", "so it was", "--effective")
CORRECT = ("correct", "A.1", "--reason", "misread", "--field")
ASK = ("extend", "A.1", "--ask", "--reason", "more is asked", "--due")
RETURN = ("return", "A.1", "--reason", "not ours", "--effective")

MARKED = [word for theme in ("a;b", ";c", "d;", ";;", "a;;b", ";") for word in ("--theme", theme)]

# What a case may have been through, beside what the scenario holds.
HAZARDS = {
    "line breaks": [(*PROPOSE, 'a\r\nb\n\n"c"', "--summary", "one\n'two'\n=three")],
    "a lone carriage return": [(*PROPOSE, "before\rafter")],
    "texts like values": [(*PROPOSE, "00123", "--summary", "NULL", "--words", "'")],
    "marks of a spreadsheet": [(*PROPOSE, "''=x", "--summary", "'@x", "--source", "a,b;c\td")],
    "emoji and joiners": [(*PROPOSE, "👩‍⚖️ ﷽ \u202eabc", "--theme", "ÁÀ", "--theme", "đ")],
    "lists with marks": [(*PROPOSE, "x", *MARKED)],
    "returned after an extension": [
        (*PROPOSE, "x"),
        (*ASSIGN, "2022-01-10", "--due", "2022-06-30"),
        ("extend", "A.1", "--due", "2023-06-30", "--reason", "late", "--effective", "2022-03-01"),
        (*RETURN, "2022-04-01"),
    ],
    "assigned again, due earlier": [
        (*PROPOSE, "x"),
        (*ASSIGN, "2022-01-10", "--due", "2023-06-30"),
        (*RETURN, "2022-04-01"),
        (*ASSIGN, "2022-04-02", "--due", "2022-12-31"),
    ],
    "assigned again after it was due": [
        (*PROPOSE, "x"),
        (*ASSIGN, "2022-01-10", "--due", "2022-03-31"),
        (*RETURN, "2022-04-01"),
        (*ASSIGN, "2022-04-02", "--due", "2022-12-31"),
    ],
    "studied after it was due": [
        (*PROPOSE, "x"),
        (*ASSIGN, "2022-01-10", "--due", "2022-03-31"),
        ("advance", "A.1", "--effective", "2022-05-01"),
        ("advance", "A.1", "--outcome", "superseded", "--answer", "x", "--effective", "2022-05-02"),
    ],
    "corrected": [
        (*PROPOSE, "x"),
        (*ASSIGN, "2022-01-10", "--due", "2023-06-30"),
        ("correct", "A.1", "--field", "due", "--to", "2022-06-30", "--reason", "misread"),
        ("correct", "A.1", "--field", "owner", "--to", "vufo", "--reason", "misread"),
        ("correct", "A.1", "--field", "assigned_on", "--to", "2022-01-12", "--reason", "misread"),
    ],
    "given an owner after it was closed": [
        (*PROPOSE, "x"),
        ("close", "A.1", "--outcome", "withdrawn", "--reason", "r", "--effective", "2022-01-10"),
        ("correct", "A.1", "--field", "owner", "--to", "mofa", "--reason", "it was theirs"),
    ],
    "said to be studied after it was closed": [
        (*PROPOSE, "x"),
        ("close", "A.1", "--outcome", "withdrawn", "--reason", "r", "--effective", "2022-03-10"),
        ("correct", "A.1", "--field", "study_on", "--to", "2022-02-01", "--reason", "it was"),
    ],
    "held before its corrected assignment": [
        (*PROPOSE, "x"),
        (*ASSIGN, "2022-01-10", "--due", "2023-06-30"),
        ("hold", "A.1", "--reason", "r", "--effective", "2022-02-01"),
        (*CORRECT, "assigned_on", "--to", "2022-03-01", "--effective", "2022-03-02"),
    ],
    "time asked for, refused, taken back and given": [
        (*PROPOSE, "x"),
        (*ASSIGN, "2022-01-10", "--due", "2099-06-30"),
        *((*ASK, "2099-12-31"), ("request", "refuse", "A.1", "--reason", "no")),
        *((*ASK, "2099-12-31"), ("request", "withdraw", "A.1")),
        *((*ASK, "2099-12-31"), ("request", "grant", "A.1", "--due", "2099-11-30")),
        (*ASK, "2099-12-31"),
    ],
    "said to be another's, twice": [
        (*PROPOSE, "x"),
        (*ASSIGN, "2022-01-10", "--due", "2099-06-30"),
        *(("return", "A.1", "--not-ours", "--reason", "r"), ("uphold", "A.1", "--reason", "it is")),
        ("return", "A.1", "--not-ours", "--reason", "r"),
    ],
    "extended by a document of a day": [
        (*PROPOSE, "x"),
        (*ASSIGN, "2022-01-10", "--due", "2099-06-30"),
        ("extend", "A.1", "--due", "2099-12-31", "--reason", "r", "--document", "7/QĐ",
         "--document-date", "2022-03-01"),
    ],
    "resolved, with a verdict, and undone": [
        (*PROPOSE, "x", "--priority", "yes", "--response", "accepted"),
        (*ASSIGN, "2022-01-10", "--due", "2099-06-30"),
        ("advance", "A.1"),
        ("advance", "A.1", "--outcome", "implemented", "--answer", "x"),
        ("verdict", "A.1", "silent", "--reason", "nobody wrote"),
        ("note", "A.1", "of the wrong case"),
        ("undo", "A.1", "--reason", "mistaken", "--yes"),
    ],
    "noted by a deputy": [
        (*PROPOSE, "x"),
        ("person", "add", "kim", "--name", "Kim", "--org", "mofa", "--role", "secretariat"),
        ("person", "away", "hoa", "--to", "2099-12-31", "--deputy", "kim"),
        ("note", "A.1", "Mr X wrote", "--by", "kim", "--for", "hoa"),
        ("edit", "A.1", "--summary", "y", "--by", "kim", "--for", "hoa"),
    ],
    "redacted": [
        (*PROPOSE, "x", "--summary", "Mr X asks"),
        ("note", "A.1", "Mr X wrote again"),
        ("redact", "A.1", "--field", "summary", "--basis", "Law 91/2025/QH15", "--consent", "hoa"),
        ("redact", "A.1", "--field", "title", "--basis", "Law 91/2025/QH15", "--consent", "hoa"),
    ],
}  # fmt: skip


@pytest.fixture
def elsewhere(shell, new_store):
    """Give a function that makes another register with the same directory."""

    def make(directory):
        other = type(shell)(new_store())
        for words in directory:
            other(*words)
        return other

    return make


def exported(shell, ending):
    return shell(
        "export", "-", "--format", {"csv": "csv", "jsonl": "ndjson"}[ending]
    ).stdout.encode()


def assert_travels(shell, elsewhere, ending, directory=DIRECTORY):
    """Check that an export, imported, is exported the same; return the register it came into."""
    before = exported(shell, ending)
    other = elsewhere(directory)
    done = other.json("import", "-", input=before)
    assert done == {"rows": done["rows"], "created": done["rows"], "skipped": 0}
    assert exported(other, ending) == before
    assert other.json("audit", "verify")["ok"] is True
    return other


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_an_export_imported_and_exported_again_is_the_same_for_two_generations(
    rich, elsewhere, ending
):
    second = assert_travels(rich, elsewhere, ending)
    third = assert_travels(second, elsewhere, ending)

    assert len(exported(third, ending).splitlines()) > 10
    assert len(third.json("list")) == len(rich.json("list"))


def test_json_lines_carry_everything_a_case_had_been_through(rich, elsewhere):
    other = assert_travels(rich, elsewhere, "jsonl")

    assert exported(other, "csv") == exported(rich, "csv")
    for case in rich.json("list"):
        told = other.json("history", case["ref"])
        happened = rich.json("history", case["ref"])
        for name in ("act", "effective_on", "reason", "note", "document"):
            assert [event[name] for event in told] == [event[name] for event in happened], name
        moved = [[*event["changes"]] for event in happened]
        assert [[n for n in event["changes"] if n != "reported"] for event in told] == moved


@pytest.mark.parametrize("hazard", HAZARDS)
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_case_with_an_odd_history_or_odd_texts_travels(shell, elsewhere, hazard, ending):
    for words in (*SMALL, *HAZARDS[hazard]):
        shell(*words)

    other = assert_travels(shell, elsewhere, ending, SMALL)

    if ending == "csv":
        assert_travels(other, elsewhere, "jsonl", SMALL)


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_secret_case_travels_with_its_texts(shell, elsewhere, ending, tmp_path):
    for words in (*SMALL, (*PROPOSE, "not for all", "--secrecy", "secret"), ("note", "A.1", "n")):
        shell(*words)
    other, file, back = elsewhere(SMALL), tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    shell("export", file, "--with-secret")
    other("import", file)
    other("export", back, "--with-secret")

    assert "not for all" in file.read_text()
    assert back.read_bytes() == file.read_bytes()


def test_a_link_to_a_case_far_down_the_file_travels(shell, elsewhere):
    for words in SMALL:
        shell(*words)
    rows = "".join(f"A.{number},Title,vufo\n" for number in range(1, 602))
    shell("import", "-", input=f"ref,title,proposer\n{rows}".encode())
    shell("link", "A.1", "--relates-to", "A.601")

    assert_travels(shell, elsewhere, "jsonl", SMALL)


def test_a_file_holds_what_standard_output_shows(rich, tmp_path):
    for ending, form in (("csv", "csv"), ("CSV", "csv"), ("jsonl", "jsonl"), ("ndjson", "jsonl")):
        file = tmp_path / f"Ngoại vụ.{ending}"

        said = rich("export", file).stderr

        assert file.read_bytes() == exported(rich, form)
        # JSON Lines hold the case that was struck out, too.
        assert f"{len(rich.json('list')) + (form == 'jsonl')} cases" in said


def test_cells_are_quoted_such_that_no_spreadsheet_runs_them(rich):
    rows = list(csv.DictReader(io.StringIO(exported(rich, "csv").decode(), newline="")))

    titles = {row["ref"]: row["title"] for row in rows}
    assert titles["NFAC-20.002"] == "'=1+1 is how this title begins"
    assert titles["003-21"] == "'Apostrophe first"
    assert list(rows[0]) == list(BY_NAME)
    for value in (value for row in rows for value in row.values()):
        assert not value.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("'=+-@\t\r;")))
def test_a_cell_is_read_as_it_was_written_and_is_no_formula(words):
    written = cell(words)

    assert unguarded(written) == words
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.text("'=;; a\n").map(str.strip).filter(bool), max_size=4))
def test_a_list_in_a_cell_is_read_as_it_was_written_and_is_no_formula(values):
    written = cell(values)

    assert split(unguarded(written)) == values
    assert join(values) == written
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
@pytest.mark.parametrize("folder", ["missing", "file.txt"])
def test_an_export_that_cannot_be_written_leaves_nothing(office, tmp_path, folder, ending):
    (tmp_path / "file.txt").write_text("in the way")

    office.refused(8, "export", tmp_path / folder / f"cases.{ending}")

    assert (tmp_path / "file.txt").read_text() == "in the way"
    assert not (tmp_path / "missing").exists()


def test_an_export_that_fails_half_way_leaves_the_file_that_was_there(office, case, tmp_path):
    case("resolved")
    file = tmp_path / "out" / "cases.jsonl"
    file.parent.mkdir()
    office("export", file)
    before = file.read_bytes()
    junk = "(SELECT leaf FROM event WHERE event.seq = disclosure.seq)"
    office.sql(f"UPDATE disclosure SET body = {junk}")

    assert office.run("export", file).exit_code != 0
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


MEASURE = """
import re, sys
from casework.cli import casework
try:
    casework(sys.argv[1:])
finally:
    print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


def test_memory_does_not_grow_with_the_file(shell, tmp_path):
    if "://" in shell.url or not Path("/proc/self/status").exists():
        pytest.skip("measured on SQLite, by Linux")
    shell("org", "add", "vufo", "--name", "Union")
    peaks = []
    for size in (2_000, 20_000):
        file = tmp_path / f"{size}.csv"
        rows = (f"S{size}.{number},Title {number} {'x' * 300},vufo\n" for number in range(size))
        file.write_text("ref,title,proposer\n" + "".join(rows))
        # The peak of this process alone: ru_maxrss would begin with that of its parent.
        command = [sys.executable, "-c", MEASURE, "--db", shell.url, "import", file]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        created, peak = done.stdout.splitlines()
        assert created.startswith(f"{size} created")
        peaks.append(int(peak))

    assert peaks[1] < 1.3 * peaks[0]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_an_export_replaces_a_file_only_when_told_to(office, case, tmp_path, suffix):
    case("assigned", ref="A.1")
    path = tmp_path / f"cases.{suffix}"
    path.write_text("mine")
    error = office.refused(5, "export", path)
    kept = path.read_text()
    office("export", path, "--force")

    assert kept == "mine"
    assert "--force" in error["hint"]
    assert "A.1" in path.read_text("utf-8")
