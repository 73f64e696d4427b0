"""What went wrong with names, marks of other registers and unattended runs.

The ids are those of the list of pitfalls this register was designed against.
"""

import csv
import io
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from offices import alike

STEPS = {
    "title": "Rules for offices",
    "proposer": "vufo",
    "owner": "mofa",
    "proposed_on": "2021-12-13",
    "assigned_on": "2022-01-10",
    "study_on": "2022-02-01",
    "due": "2022-12-31",
}
DONE = STEPS | {"state": "resolved", "outcome": "implemented", "resolved_on": "2022-11-01"}


def table(*rows):
    file = io.StringIO()
    writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


# --- T23: organisations that were merged -----------------------------------------------------


@pytest.fixture
def merged(office, case):
    """Two departments with cases, merged into a third one in March 2023."""
    for code in ("dfs", "dpko"):
        office("org", "add", code, "--name", f"Department {code.upper()}", "--kind", "unit")
    case("assigned", ref="A.1", owner="dfs", due="2022-06-30")
    case("resolved", ref="A.2", owner="dfs")
    case("assigned", ref="A.3", owner="dpko", due="2022-07-31")
    case("assigned", ref="A.4", owner="mofa", due="2022-07-31")
    office("org", "add", "dos", "--name", "Department of Operational Support", "--kind", "unit")
    for code in ("dfs", "dpko"):
        office("org", "end", code, "--on", "2023-02-28", "--successor", "dos", "--reason", "merged")
    return office


@pytest.mark.parametrize("report", ["overdue", "progress"])
def test_t23_as_then_shows_who_was_there_and_as_now_the_successor(merged, report):
    ask = ["report", report, "--as-of", "2022-12-01"]
    then, now = merged.json(*ask), merged.json(*ask, "--successors")
    shown = merged(*ask, "--successors", "--format", "csv").stdout

    assert [(one["owner"], one["cases"]) for one in then["by_owner"]] == [
        ("dfs", 2),
        ("dpko", 1),
        ("mofa", 1),
    ]
    assert [(one["owner"], one["cases"]) for one in now["by_owner"]] == [("dos", 3), ("mofa", 1)]
    assert now["totals"] == then["totals"]
    assert now["totals"]["cases"] == sum(one["cases"] for one in now["by_owner"])
    assert "dpko" not in shown or report == "overdue"
    merged.refused(2, *ask, "--successors", "--owner", "dfs")


def test_t23_a_successor_of_a_successor_stands_for_both(merged):
    merged("org", "add", "one", "--name", "One Department", "--kind", "unit")
    merged("org", "end", "dos", "--on", "2024-12-31", "--successor", "one", "--reason", "again")
    found = merged.json("report", "progress", "--successors")["by_owner"]
    vietnamese = merged("report", "progress", "--successors", "--lang", "vi").stdout

    assert [(one["owner"], one["cases"]) for one in found] == [("mofa", 1), ("one", 3)]
    assert "one" in vietnamese


def test_t23_what_has_the_same_name_is_not_the_same_and_a_group_owns_nothing(merged):
    merged("org", "add", "mission-a", "--name", "Field Mission", "--kind", "mission")
    alike(merged, "mission-b", "Field Mission")
    merged("org", "add", "all-missions", "--name", "All missions", "--kind", "collective")
    words = ["--title", "T", "--proposer", "vufo", "--ref", "A.5", "--effective", "2022-01-10"]
    merged("propose", *words)
    give = ["assign", "A.5", "--due", "2022-12-31", "--effective", "2022-01-10", "--owner"]
    both = merged.refused(5, *give, "field mission")
    merged.refused(4, *give, "all missions")
    merged(*give, "mission-b")

    assert "mission-a, mission-b" in both["message"]
    owners = [one["owner"] for one in merged.json("report", "progress", "--successors")["by_owner"]]
    assert owners == ["dos", "mission-b", "mofa"]


# --- T19, T31, T32: what other registers say -------------------------------------------------


def test_t19_a_balance_adds_up_and_a_rate_shows_its_fraction_and_how_it_is_rounded(office):
    late = DONE | {"resolved_on": "2023-01-01"}
    rows = [DONE] * 5 + [late] * 2 + [STEPS | {"state": "under study"}] * 3
    rows = [row | {"ref": f"A.{number}", "answer": "Done"} for number, row in enumerate(rows, 1)]
    open_rows = [{k: v for k, v in row.items() if k != "answer"} for row in rows[7:]]
    office("import", "-", input=table(*rows[:7], *open_rows))
    ask = ("report", "progress", "--as-of", "2023-06-01")
    whole = office.json(*ask)["totals"]
    shown = office(*ask).stdout

    assert whole["resolved_on_time"] + whole["resolved_late"] == whole["resolved"] == 7
    assert whole["open_in_time"] + whole["open_overdue"] == whole["open"] == 3
    assert whole["resolved"] + whole["open"] == whole["cases"] == 10
    assert "7/10 = 70.00 %" in shown
    assert "rounded half up" in shown
    asked = min(row["proposed_on"] for row in rows)
    none_resolved = office("report", "progress", "--as-of", asked).stdout
    assert "0/0 = n/a" in none_resolved


@pytest.mark.parametrize(
    "answer",
    [
        "The recommendation is under implementation.",
        "Implementation is IN PROGRESS since May",
        "Not yet implemented: awaits the decree",
        "Bộ đang triển khai thực hiện",
        "Chưa hoàn thành",
        "Đang tiếp tục triển khai",
        "đang trong quá trình thực hiện",
        "The rules are not yet fully implemented",
        "Drafted; work is ongoing.",
        "Sẽ hoàn thành trong quý 4",
    ],
)
def test_t31_a_mark_its_own_note_denies_waits_for_a_named_person(office, answer):
    contradicted = DONE | {"ref": "A.1", "answer": answer}
    both = table(contradicted, DONE | {"ref": "A.2", "answer": "Circular 3"})
    told = office.json("import", "-", input=both)
    arrived = office.json("show", "A.1")
    (flagged,) = (
        one for one in office.json("audit", "findings", "--case", "A.1", "--rule", "reported-only")
    )
    before = office.json("report", "progress")["totals"]
    office("advance", "A.1", "--outcome", "partly-implemented", "--answer", "The decree is out")
    decided = office.json("history", "A.1")[-1]
    after = office.json("report", "progress")["totals"]

    assert told == {"rows": 2, "created": 2, "skipped": 0, "doubted": ["A.1"]}
    assert (arrived["state"], arrived["resolved_on"]) == ("resolved", "2022-11-01")
    assert (arrived["outcome"], arrived["answer"]) == ("implemented", answer)
    assert arrived["resolved_by"] is None
    assert "which also calls it implemented" in flagged["text"]
    assert (before["resolved"], before["rates"]["on_time_of_completed"]["whole"]) == (2, 1)
    assert (before["open_claimed"], after["open_claimed"]) == (1, 0)
    assert (after["resolved"], decided["actor"]) == (2, "registrar")
    assert after["rates"]["on_time_of_completed"]["whole"] == 2
    assert (decided["act"], office.json("show", "A.1")["resolved_by"]) == ("confirm", "registrar")
    assert decided["changes"]["answer"][0] == answer
    assert office.json("audit", "findings", "--case", "A.1", "--rule", "reported-only") == []
    assert office.json("audit", "verify")["ok"] is True


def claims(office, *on):
    """Return which cases are claimed, which are overdue, and the rates, as the reports say it."""
    report = office.json("report", "overdue", *on)
    progress = office.json("report", "progress", *on)
    listed = [one["ref"] for one in report["claimed"]]
    parts = ([progress["totals"]], *(progress[f"by_{by}"] for by in ("owner", "conference")))
    assert [sum(one["open_claimed"] for one in part) for part in parts] == [len(listed)] * 3
    rates = {name: (one["part"], one["whole"]) for name, one in progress["totals"]["rates"].items()}
    return listed, [one["ref"] for one in report["overdue"]], rates


def test_t31_what_a_source_claims_and_denies_is_listed_apart_and_in_no_rate(office):
    answer = {"answer": "Đang triển khai"}
    rows = [
        DONE | answer | {"ref": "A.1"},
        DONE | answer | {"ref": "A.2", "due": "2999-12-31"},
        DONE | answer | {"ref": "A.3", "due": ""},
        DONE | {"ref": "A.4", "answer": "Circular 3"},
        STEPS | {"ref": "A.5", "state": "under study", "outcome": "", "resolved_on": ""},
    ]
    office("import", "-", input=table(*rows))
    on = ("--as-of", "2023-06-01")
    claimed, overdue, rates = claims(office, *on)
    before = claims(office, "--as-of", "2022-10-31")[0]
    page = office("report", "progress", *on).stdout
    office("correct", "A.1", "--field", "outcome", "--to", "explained", "--reason", "Misread")
    office("advance", "A.2", "--outcome", "implemented", "--answer", "In force")

    assert (claimed, overdue) == (["A.1", "A.2", "A.3"], ["A.5"])
    assert rates == {
        "completed_of_due": (1, 2),
        "on_time_of_completed": (1, 1),
        "overdue_of_open": (1, 1),
    }
    assert before == []
    assert re.search(r"claimed, not confirmed +3 +2 +0\n", page)
    assert re.search(r"completed, no due date +0\n", page)
    assert re.search(r"not completed, no due date +0\n", page)
    assert "in no rate until somebody here decides: 3" in page
    assert claims(office)[0] == ["A.3"]
    assert office.json("audit", "verify")["ok"] is True


@pytest.mark.parametrize(
    "answer",
    [
        "Completed. No work is in progress any more.",
        "Was in progress until May, finished on 1 June 2022.",
        "Đã hoàn thành; trước đây đang triển khai.",
        "Không còn nội dung nào chưa hoàn thành.",
        "The circular is in force; it is no longer under implementation",
    ],
)
def test_t31_what_speaks_of_work_that_is_over_is_not_doubted(office, answer):
    done = office.json("import", "-", input=table(DONE | {"ref": "A.1", "answer": answer}))

    assert done == {"rows": 1, "created": 1, "skipped": 0}
    assert office.json("show", "A.1")["resolved_by"] == "registrar"


def test_t31_who_imports_is_told_which_rows_are_doubted_and_what_to_do(office):
    rows = [DONE | {"ref": f"A.{n}", "answer": "In progress"} for n in (1, 2)]
    told = office("import", "-", input=table(*rows))

    assert "doubted, called implemented while the answer denies it: 2\n" in told.stdout
    assert "  A.1\n  A.2\n" in told.stdout
    assert "casework advance REF" in told.stderr


def test_t31_only_what_is_doubted_can_be_confirmed_and_only_once(office, case):
    case("resolved", ref="B.1")
    office("import", "-", input=table(DONE | {"ref": "A.1", "answer": "In progress"}))
    office("advance", "A.1")
    shown = office.json("show", "A.1")

    assert (shown["resolved_by"], shown["resolved_on"]) == ("registrar", "2022-11-01")
    assert shown["reported"] is None
    assert "cannot advance" in office.refused(4, "advance", "A.1")["message"]
    assert "cannot advance" in office.refused(4, "advance", "B.1")["message"]
    assert office.json("audit", "verify")["ok"] is True


def test_t31_a_doubted_case_is_taken_up_again_by_who_does_not_confirm_it(office):
    office("import", "-", input=table(DONE | {"ref": "A.1", "answer": "In progress"}))
    office("reopen", "A.1", "--reason", "they are still at it")

    assert office.json("show", "A.1")["state"] == "under_study"
    assert claims(office)[0] == []


def test_t31_a_second_person_confirms_where_the_register_asks_for_one(office):
    office("import", "-", input=table(DONE | {"ref": "A.1", "answer": "In progress"}))
    second = ("--name", "Second", "--org", "mofa", "--role", "secretariat", "--login", "second")
    office("person", "add", "second", *second)
    office("policy", "four-eyes", "on", "--reason", "Decision 12")
    office("advance", "A.1")

    assert claims(office)[0] == ["A.1"]
    assert [one["verb"] for one in office.json("request", "list")] == ["confirm"]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_t31_an_export_comes_back_with_its_doubts_and_no_others(
    office, new_office, tmp_path, ending
):
    rows = [DONE | {"ref": f"A.{n}", "answer": "Work goes on: in progress"} for n in (1, 2)]
    office("import", "-", input=table(*rows))
    office("advance", "A.2")
    office("export", tmp_path / f"out.{ending}")
    other = new_office()
    done = other.json("import", tmp_path / f"out.{ending}")

    assert done == {"rows": 2, "created": 2, "skipped": 0, "doubted": ["A.1"]}
    assert claims(other)[0] == ["A.1"]


def test_t31_what_is_missing_from_the_next_list_is_not_closed_by_that(office):
    first, gone, new = (STEPS | {"ref": f"A.{n}", "state": "under study"} for n in (1, 2, 3))
    office("import", "-", input=table(first, gone))
    before = office.json("show", "A.2")
    office("import", "-", input=table(first, new))

    assert office.json("show", "A.2") == before


@pytest.mark.parametrize(
    "mark", ["Open Resolved", "OPEN RESOLVED", "Under implementation", "Closure requested"]
)
def test_t32_agreed_and_not_done_arrives_as_under_study_and_never_as_resolved(office, mark):
    office("import", "-", input=table(STEPS | {"ref": "A.1", "state": mark}))
    shown = office.json("show", "A.1")

    assert (shown["state"], shown["resolved_on"]) == ("under_study", None)
    assert office.json("report", "progress")["totals"]["resolved"] == 0
    bare = office.refused(2, "import", "-", input=table(STEPS | {"ref": "A.2", "state": "Closed"}))
    assert "'Closed'" in bare["message"]


# --- T39, T40: runs nobody watches -----------------------------------------------------------


def unattended(office, *words, **environment):
    command = Path(sys.executable).with_name("casework")
    return subprocess.run(
        [command, "--db", office.url, *words],
        env=os.environ | environment,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_t39_a_run_nobody_watches_fails_aloud_and_speaks_the_language_it_was_told(office, case):
    case("assigned", due="2022-12-30")
    ask = ("report", "overdue", "--as-of", "2023-12-08", "--lang", "vi")
    said = [
        unattended(office, *ask, LANG=name, LC_ALL=name, LANGUAGE="de")
        for name in ("C", "C.UTF-8", "de_DE.UTF-8", "vi_VN.UTF-8")
    ]
    letters = ("remind", "--from", "a@office.example", "--to", "/dev/null/letters")
    office("org", "edit", "mofa", "--email", "desk@mofa.example")
    failed = unattended(office, *letters)

    assert {one.returncode for one in said} == {0}
    assert len({one.stdout for one in said}) == 1
    assert "quá hạn" in said[0].stdout.decode().casefold()
    assert (failed.returncode, failed.stdout) == (8, b"")
    assert b"/dev/null/letters" in failed.stderr
    assert b"Traceback" not in failed.stderr


def test_t40_a_calendar_is_imported_without_a_network_and_a_malformed_one_changes_nothing(
    shell, tmp_path, monkeypatch
):
    path = tmp_path / "days.csv"
    path.write_text("day,name\n2027-02-10,Tết\n2027-02-30,Tết\n", "utf-8")
    message = shell.refused(2, "holiday", "import", path)["message"]
    path.write_text("day,name\n2027-02-10,Tết\n2027-02-11,Tết\n", "utf-8")

    def no_network(*_):
        raise AssertionError("a calendar is a local file")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    shell("holiday", "import", path)

    assert "2027-02-30" in message
    assert [one["day"] for one in shell.json("holiday", "list")] == ["2027-02-10", "2027-02-11"]
