"""What went wrong in systems that do this job: days, deadlines, owners, organisations.

The ids are those of the list of pitfalls this register was designed against.
"""

import csv
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy.exc
import time_machine
from click.testing import CliRunner

from casework.cli import casework
from casework.words import word


def at(moment):
    return time_machine.travel(datetime.fromisoformat(moment), tick=False)


@pytest.mark.parametrize(
    ("clock", "late"), [("2026-08-23T16:30:00+00:00", 0), ("2026-08-23T22:00:00+00:00", 1)]
)
def test_t2_a_case_is_overdue_from_midnight_at_the_office_and_everywhere_alike(
    office, case, tmp_path, clock, late
):
    with at("2026-01-15T00:00:00+00:00"):
        ref = case("assigned", due="2026-08-23")
    with at(clock):
        shown = office.json("show", ref)
        listed = office.json("list", "--overdue")
        report = office.json("report", "overdue")
        office("report", "overdue", "--output", tmp_path / "report.csv")
        code = office.run("report", "overdue", "--fail-on-overdue").exit_code
    written = csv.DictReader((tmp_path / "report.csv").read_text("utf-8-sig").splitlines())

    assert (shown["overdue"], shown["days_overdue"]) == (bool(late), late)
    assert [one["ref"] for one in listed] == [ref] * late
    assert [one["days_overdue"] for one in report["overdue"]] == [1] * late
    assert [row["ref"] for row in written if row["section"] == "overdue"] == [ref] * late
    assert report["totals"]["open_overdue"] == late
    assert code == (10 if late else 0)


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_t3_a_case_belongs_to_the_day_it_is_at_the_office(office, machine_zone, zone):
    machine_zone(zone)
    with at("2026-03-02T23:30:00+07:00"):
        made = office.json("propose", "--title", "Late in the evening", "--proposer", "vufo")
        event = office.json("history", made["ref"])[0]

    assert made["proposed_on"] == "2026-03-02"
    assert event["effective_on"] == "2026-03-02"
    assert event["recorded_at"] == "2026-03-02T16:30:00.000000Z"


def test_t10_reassigning_never_moves_the_deadline(office, case):
    ref = case("under_study", due="2022-12-31")
    office("reassign", ref, "--owner", "vufo", "--reason", "holds the draft")
    moving = office.refused(
        2, "reassign", ref, "--owner", "mofa", "--reason", "back", "--due", "2030-01-01"
    )
    hidden = office.refused(2, "extend", ref, "--due", "2030-01-01")
    shown = office.json("show", ref)

    assert "--due" in moving["message"]
    assert "--reason" in hidden["message"]
    assert (shown["due"], shown["original_due"]) == ("2022-12-31", "2022-12-31")
    assert (shown["owner"], shown["extensions"]) == ("vufo", 0)


def test_t10_sending_a_case_out_again_does_not_extend_it_without_a_reason(office, case):
    ref = case("assigned", due="2022-12-31")
    office("return", ref, "--reason", "not ours", "--effective", "2022-02-01")
    again = ["assign", ref, "--owner", "vufo", "--effective", "2022-02-02", "--due"]
    error = office.refused(4, *again, "2023-12-31")
    reasoned = office.json(*again, "2023-12-31", "--reason", "heard again", "--dry-run")
    kept = office.json(*again, "2022-12-31")

    assert "reason" in error["message"]
    assert (reasoned["original_due"], reasoned["extensions"]) == ("2022-12-31", 1)
    assert (kept["due"], kept["extensions"]) == ("2022-12-31", 0)


def test_t12_a_case_without_owner_past_due_stands_under_no_owner(office, case):
    ref = case("assigned", due="2022-12-31")
    office("return", ref, "--reason", "not ours", "--effective", "2022-02-01")
    report = office.json("report", "overdue", "--as-of", "2023-01-02")
    orphan = report["by_owner"][-1]

    assert [(one["ref"], one["days_overdue"]) for one in report["no_owner"]] == [(ref, 2)]
    assert [one["ref"] for one in report["overdue"]] == [ref]
    assert (orphan["owner"], orphan["open_overdue"]) == (None, 1)


@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Ho_Chi_Minh"])
def test_t17_days_overdue_count_on_across_a_change_of_clocks(tmp_path, machine_zone, zone):
    def ask(*words):
        done = CliRunner().invoke(casework, ["--db", str(tmp_path / "r.db"), *words])
        assert done.exit_code == 0, done.stderr
        return done.stdout

    machine_zone("Europe/Paris")
    with at("2026-01-15T12:00:00+00:00"):
        ask("init", "--zone", zone)
        ask("org", "add", "mofa", "--name", "Ministry")
        ask("propose", "--title", "T", "--proposer", "mofa", "--ref", "A.1")
        ask("assign", "A.1", "--owner", "mofa", "--due", "2026-03-27")
    counted = []
    for day in (28, 29, 30, 31):
        for hour in (0, 12, 23):
            local = datetime(2026, 3, day, hour, 59, tzinfo=ZoneInfo(zone))
            with at(local.astimezone(UTC).isoformat()):
                counted.append(json.loads(ask("show", "A.1", "--json"))["days_overdue"])

    assert counted == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


def test_t20_nothing_that_is_used_can_be_deleted_behind_the_programs_back(office, case):
    case("under_study", ref="A.1")
    office("reassign", "A.1", "--owner", "mofa", "--officer", "lan", "--reason", "hers")
    office("coordinate", "A.1", "--with", "vufo")
    engine = office.store().engine
    for table, column, key in (
        ("organisation", "code", "mofa"),
        ("organisation", "code", "vufo"),
        ("person", "code", "lan"),
        ("conference", "code", "NFAC-20"),
        ("case", "ref", "A.1"),
    ):
        where = f"WHERE {column} = '{key}'"
        for statement, refusal in (
            (f'DELETE FROM "{table}" {where}', "is kept: delete is refused"),
            (f"UPDATE \"{table}\" SET {column} = 'x' {where}", "foreign key"),
        ):
            with (
                pytest.raises(sqlalchemy.exc.DBAPIError, match=f"(?i){refusal}"),
                engine.begin() as connection,
            ):
                connection.exec_driver_sql(statement)

    assert office.json("show", "A.1")["officer"] == "lan"
    assert office.json("audit", "verify")["ok"] is True


def test_t20_a_deactivated_person_keeps_name_and_deeds(office, case):
    ref = case("under_study")
    office("note", ref, "The draft is with us", "--by", "lan")
    gone = office.json("person", "deactivate", "lan", "--reason", "moved on")
    office.refused(6, "note", ref, "One more", "--by", "lan")

    assert gone["name"] == office.json("person", "show", "lan")["name"] == "Nguyễn Thị Lan"
    assert office.json("history", ref)[-1]["actor"] == "lan"
    assert office.json("audit", "log", "--actor", "nguyen thi lan")[-1]["key"] == ref


def test_t21_only_the_present_owner_is_listed_and_former_ones_stand_in_the_history(office, case):
    ref = case("assigned", owner="mofa")
    moved = ["reassign", ref, "--owner", "vufo", "--effective", "2022-05-01"]
    office(*moved, "--reason", "holds the draft")
    owners = [
        (event["changes"]["owner"], event["effective_on"])
        for event in office.json("history", ref)
        if "owner" in event["changes"]
    ]

    assert office.json("list", "--owner", "mofa") == []
    assert [one["ref"] for one in office.json("list", "--owner", "vufo")] == [ref]
    assert owners == [([None, "mofa"], "2022-01-10"), (["mofa", "vufo"], "2022-05-01")]
    assert office.json("list", "--owner", "mofa", "--as-of", "2022-04-30")[0]["ref"] == ref


def test_t22_owner_and_state_events_hold_old_and_new_for_imported_cases_too(office):
    row = {"ref": "A.1", "title": "T", "proposer": "vufo", "state": "under study", "owner": "mofa"}
    office("import", "-", input=json.dumps(row))
    office("reassign", "A.1", "--owner", "vufo", "--reason", "holds the draft")
    found = {
        field: [
            event["changes"][field]
            for event in office.json("audit", "log", "--case", "A.1", "--field", field)
        ]
        for field in ("owner", "state")
    }

    assert found["owner"] == [[None, "mofa"], ["mofa", "vufo"]]
    assert found["state"] == [
        [None, "proposed"],
        ["proposed", "assigned"],
        ["assigned", "under_study"],
    ]


def test_t24_a_joint_case_counts_once_and_its_coordinating_bodies_are_shown(office, case):
    joint, closed = case("assigned", owner="mofa"), case("assigned", owner="hcmc-pc")
    office("coordinate", joint, "--with", "vufo", "--with", "hcmc-pc")
    office("coordinate", closed, "--with", "vufo")
    office("close", closed, "--outcome", "withdrawn", "--reason", "asked no more")
    report = office.json("report", "overdue")
    helps = {one["owner"]: (one["cases"], one["coordinates"]) for one in report["by_owner"]}

    assert helps == {"mofa": (1, 0), "hcmc-pc": (1, 1), "vufo": (0, 1)}
    assert report["totals"]["cases"] == 2
    assert word("coordinates_note") in office("report", "overdue").stdout


def test_t25_open_cases_of_an_ended_organisation_are_orphaned_and_old_names_stay(office, case):
    ref = case("assigned", owner="vufo")
    before = office.json("history", ref)
    office("org", "edit", "vufo", "--name", "Friendship Union", "--reason", "Decree 1")
    office("org", "end", "vufo", "--on", "2022-06-30", "--successor", "mofa", "--reason", "merged")
    renamed = office.json("audit", "log", "--field", "name")[-1]["changes"]["name"]
    orphaned = {
        day: [one["ref"] for one in office.json("report", "overdue", "--as-of", day)["orphaned"]]
        for day in ("2022-06-30", "2022-07-01")
    }
    office("reassign", ref, "--owner", "mofa", "--reason", "the successor")

    assert orphaned == {"2022-06-30": [], "2022-07-01": [ref]}
    assert office.json("report", "overdue")["orphaned"] == []
    assert office.json("history", ref)[: len(before)] == before
    assert renamed == ["Union of Friendship Organizations", "Friendship Union"]
    for name in ("union of friendship organizations", "Friendship Union"):
        assert office.json("org", "show", name)["code"] == "vufo"
