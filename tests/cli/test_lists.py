"""Lists: how they are narrowed, put in order, grouped and shown."""

import csv
import io
import json
from datetime import timedelta

import pytest

from casework.store.filters import SORTS
from casework.system.clock import DEFAULT_ZONE, today

pytestmark = pytest.mark.usefixtures("same_day")

DAY = today(DEFAULT_ZONE)


def on(days):
    return (DAY + timedelta(days)).isoformat()


ROWS = [
    {"ref": "A.1", "title": "Ảnh", "proposer": "vufo"},
    {
        "ref": "A.2",
        "title": "Bến cảng",
        "proposer": "mofa",
        "owner": "mofa",
        "state": "assigned",
        "due": "2022-06-30",
        "with": ["vufo", "hcmc-pc"],
        "conference": "NFAC-21",
    },
    {
        "ref": "A.10",
        "title": "Đường",
        "proposer": "hcmc-pc",
        "owner": "vufo",
        "state": "under study",
        "due": on(20),
    },
    {
        "ref": "B.1",
        "title": "Cầu",
        "proposer": "hcmc-pc",
        "owner": "mofa",
        "state": "resolved",
        "due": on(10),
        "outcome": "implemented",
        "answer": "Done",
        "resolved_on": "2022-03-01",
    },
]


@pytest.fixture
def register(office):
    rows = [{"proposed_on": "2021-01-03"} | row for row in ROWS]
    rows[1]["assigned_on"] = rows[2]["assigned_on"] = rows[3]["assigned_on"] = "2021-02-01"
    office("import", "-", input="\n".join(map(json.dumps, rows)))
    return office


def refs(office, *words):
    return " ".join(one["ref"] for one in office.json("list", *words))


FILTERS = [
    ("--open", "A.1 A.2 A.10"),
    ("--resolved", "B.1"),
    ("--no-owner", "A.1"),
    ("--no-due", "A.1"),
    ("--no-with", "A.1 A.10 B.1"),
    ("--with vufo", "A.2"),
    ("--with hcmc-pc --open", "A.2"),
    ("--no-outcome --no-conference", "A.1 A.10"),
    ("--not-overdue", "A.1 A.10 B.1"),
    ("--on-hold", ""),
    ("--not-on-hold --owner mofa", "A.2 B.1"),
    ("--due-within 30d", "A.10"),
    ("--due-within 19d", ""),
    ("--due-before today", "A.2"),
    ("--changed-since yesterday", "A.1 A.2 A.10 B.1"),
    ("--changed-since 2099-01-01", ""),
    ("--outcome implemented --outcome explained", "B.1"),
]


def test_every_way_to_narrow_a_list_finds_its_cases_on_every_day_that_is_asked_of(register):
    for words, found in FILTERS:
        assert refs(register, *words.split()) == found, words
    for words, _ in FILTERS:
        then = ("--as-of", "2021-01-10", "--known-at", "today")
        state = {one["state"] for one in register.json("list", *words.split(), *then)}
        assert state <= {"proposed"}, words
    assert refs(register, "--no-owner", "--as-of", "2021-01-10") == "A.1 A.2 A.10 B.1"
    assert refs(register, "--no-owner", "--known-at", "2020-01-01") == ""


def test_days_are_counted_from_the_day_that_is_asked_of(register):
    assert refs(register, "--due-within", "30d", "--as-of", "2022-06-15") == "A.2"
    assert refs(register, "--due-within", "10d", "--as-of", "2022-06-15") == ""
    assert refs(register, "--due-before", "today", "--as-of", "2022-06-30") == ""
    assert refs(register, "--due-before", "tomorrow", "--as-of", "2022-06-30") == "A.2"


def test_what_was_recorded_since_is_what_an_act_was_recorded_of(register):
    now = register.json("history", "A.1")[-1]["recorded_at"]
    register("note", "A.10", "seen")
    register("edit", "A.2", "--title", "Cảng")
    later = register.json("history", "A.2")[-1]["recorded_at"]

    assert refs(register, "--changed-since", register.json("history", "A.10")[-1]["recorded_at"])
    assert refs(register, "--where", f"changed>{later}") == ""
    assert refs(register, "--where", f"changed>={later}") == "A.2"
    assert refs(register, "--where", f"changed>{now} changed<{later}") == "A.10"
    assert refs(register, "--changed-since", later, "--known-at", now) == ""
    assert refs(register, "--where", "not changed:today") == ""
    assert "Thursday" in register.run("list", "--changed-since", "26/11/2026").stderr


ORDERS = [
    ("ref", "A.1 A.2 A.10 B.1"),
    ("-ref", "B.1 A.10 A.2 A.1"),
    ("due", "A.2 B.1 A.10 A.1"),
    ("-due", "A.10 B.1 A.2 A.1"),
    ("owner,-due", "B.1 A.2 A.10 A.1"),
    ("-owner,due", "A.10 A.2 B.1 A.1"),
    ("-state", "B.1 A.10 A.2 A.1"),
    ("title", "A.1 A.2 B.1 A.10"),
    ("-title", "A.10 B.1 A.2 A.1"),
    ("owner,-title", "B.1 A.2 A.10 A.1"),
    ("proposer,-ref", "B.1 A.10 A.2 A.1"),
    ("state-since , ref", None),
    ("late-cause,conference,priority", "A.2 A.1 A.10 B.1"),
]


def test_a_list_is_put_in_order_by_several_fields_and_what_is_missing_comes_last(register):
    for order, found in ORDERS:
        asked = refs(register, "--sort", order)
        assert asked == (found or asked), order
        assert refs(register, "--sort", order, "--limit", 2) == " ".join(asked.split()[:2])
        assert refs(register, "--open", "--sort", order).split() == [
            ref for ref in asked.split() if ref != "B.1"
        ]
    for name in SORTS:
        # Beside the title, which no engine knows to order, Python orders as the engines do.
        for way in ("", "-"):
            asked = refs(register, "--sort", f"{way}{name},-ref")
            assert asked == refs(register, "--sort", f"{way}{name},-ref,title"), name
    assert refs(register, "--overdue", "--sort", "due") == "A.2"
    error = register.refused(2, "list", "--sort", "-duee")
    assert "due" in error["hint"]
    register.refused(2, "list", "--sort", "")


def test_a_list_has_the_columns_that_are_asked_for_in_every_format(register):
    asked = ("list", "--columns", "due,ref,with,days-late", "--limit", 2, "--sort", "due")

    found = register.json(*asked)
    assert [list(one) for one in found] == [["due", "ref", "coordinating", "days_late"]] * 2
    shown = register(*asked).stdout.splitlines()
    assert shown[0].split() == ["due", "ref", "coordinating", "days", "late"]
    assert shown[1].split()[:4] == ["2022-06-30", "A.2", "vufo,", "hcmc-pc"]
    rows = list(csv.reader(io.StringIO(register(*asked, "--format", "csv").stdout)))
    assert rows[0] == ["due", "ref", "coordinating", "days_late"]
    assert rows[1][1:3] == ["A.2", "vufo; hcmc-pc"]
    empty = register("list", "--columns", "due,ref", "--on-hold", "--format", "csv").stdout
    assert empty == "due,ref\n"
    assert "due_basis" in register.refused(2, "list", "--columns", "ref,due_basi")["hint"]
    assert register("search", "cảng", "--columns", "ref,owner").stdout.split()[2:] == [
        "A.2",
        "mofa",
    ]


def test_words_of_lists_are_typed_in_either_language(register):
    plain = ("list", "--sort", "-due,owner", "--columns", "ref,owner,days_late", "--group-by")
    said = ("list", "--sort", "-hạn,chủ trì", "--columns", "mã,chu-tri,ngày trễ", "--group-by")

    assert register.json(*said, "trạng-thái") == register.json(*plain, "state")
    given = register.json("list", "--state", "đã giao")
    assert given == register.json("list", "--state", "assigned") != []
    assert register.refused(2, "list", "--state", "đã xong việc")["message"]
    assert register.refused(2, "list", "--sort", "chủ tri1")["hint"] == "nearest: owner"
    for option, typed in {"--sort": "zzz", "--columns": "zzz"}.items():
        told = register.run("--lang", "vi", "list", option, typed).stderr
        assert "hội nghị, bên kiến nghị" in told
        assert "due" not in told


def test_rows_are_grouped_under_headings_and_by_programs_read_in_that_order(register):
    shown = register("list", "--group-by", "owner", "--sort", "-ref").stdout

    heads = [line for line in shown.splitlines() if line.endswith(")")]
    assert heads == ["mofa (2)", "vufo (1)", "No owner (1)"]
    assert [line.split()[0] for line in shown.splitlines() if ".1" in line or ".2" in line] == [
        *("B.1", "A.2"),
        *("A.10", "A.1"),
    ]
    assert "owner" not in shown.splitlines()[0].split()
    assert refs(register, "--group-by", "owner", "--sort", "-ref") == "B.1 A.2 A.10 A.1"
    register.refused(2, "list", "--group-by", "title")
    assert register("list", "--group-by", "state", "--on-hold").stdout == ""
    assert "đã giao (1)" in register("--lang", "vi", "list", "--group-by", "state").stdout


def test_late_cases_are_red_and_resolved_ones_faint_where_there_are_colours(register):
    def lines(*words):
        found = register("--color", "always", "list", *words).stdout.splitlines()
        return {ref: line for line in found for ref in ("A.1 ", "A.2 ", "B.1 ") if ref in line}

    plain, grouped = lines(), lines("--group-by", "state")
    for shown in (plain, grouped):
        assert shown["A.2 "].startswith("\x1b[31m")
        assert shown["B.1 "].startswith("\x1b[2m")
        assert not shown["A.1 "].startswith("\x1b")
    assert "\x1b" not in register("list").stdout
    assert "\x1b" not in register("--color", "never", "list").stdout
