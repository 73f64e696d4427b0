"""The shapes of answers that scripts rely on: names and types of JSON members, NDJSON, CSV."""

import csv
import io
import json
import re
from shlex import split

import pytest

TEXT, NUMBER = str, int
SHOW = {
    "ref": TEXT,
    "title": TEXT,
    "title_vi": TEXT,
    "state": TEXT,
    "conference": TEXT,
    "proposer": TEXT,
    "owner": TEXT,
    "officer": TEXT,
    "coordinating": list,
    "due": TEXT,
    "original_due": TEXT,
    "due_words": TEXT,
    "extensions": NUMBER,
    "overdue": bool,
    "days_overdue": NUMBER,
    "outcome": TEXT,
    "answer": TEXT,
    "version": NUMBER,
    "proposed_on": TEXT,
    "assigned_on": TEXT,
    "resolved_on": TEXT,
    "links": list,
}
ALWAYS = {"ref", "title", "state", "proposer", "proposed_on"}
HISTORY = {
    "seq": NUMBER,
    "act": TEXT,
    "actor": TEXT,
    "effective_on": TEXT,
    "recorded_at": TEXT,
    "changes": dict,
    "reason": TEXT,
    "document": TEXT,
}
TOTALS = split(
    "cases resolved resolved_on_time resolved_late open open_in_time open_overdue open_no_due"
)
SECTIONS = ("overdue", "due_before_horizon", "no_owner", "no_due_date", "by_owner")
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
IMPORTED = "title,proposer\nT,vufo\n"
ANSWERS = [
    "list",
    "search rules",
    "show {}",
    "history {}",
    "audit log",
    "org list",
    "org show mofa",
    "person list",
    "person show lan",
    "conference list",
    "conference show NFAC-20",
    "report overdue",
    "report progress",
    "audit verify",
    "doctor",
    "note {} text",
    "import -",
]


@pytest.fixture
def engine():
    """On SQLite only: the engine has no say in how a command line is read and answered."""
    return "sqlite"


@pytest.fixture
def cases(office, case):
    """One case in each state, the last one with everything a case can have."""
    refs = [case("proposed"), case("assigned", due="2022-03-31"), case("under_study", owner="vufo")]
    ref = office.json(
        *split(
            "propose --title Rules --title-vi 'Quy chế' --conference NFAC-20 --proposer hcmc-pc"
        ),
        *split("--words soon --effective 2021-12-13"),
    )["ref"]
    office(
        *split(f"assign {ref} --owner mofa --due 2022-06-30 --with vufo --officer lan"),
        *split("--effective 2022-01-10"),
    )
    office(*split(f"advance {ref} --effective 2022-02-01"))
    office(*split(f"extend {ref} --due 2022-12-31 --reason R --document D --effective 2022-02-01"))
    office(*split(f"link {ref} --repeats {refs[0]}"))
    office(*split(f"advance {ref} --outcome explained --answer A"))
    return [*refs, ref]


def test_show_and_list_give_every_member_of_the_contract_with_its_type(office, cases):
    listed = office.json("list")
    shown = [office.json("show", ref) for ref in cases]

    assert [one["ref"] for one in listed] == cases
    for one in [*listed, *shown]:
        assert one.keys() >= SHOW.keys()
        for name, form in SHOW.items():
            nullable = form is TEXT and name not in ALWAYS
            assert type(one[name]) is form or (nullable and one[name] is None), name
    assert [one["state"] for one in shown] == ["proposed", "assigned", "under_study", "resolved"]
    full = {name: value for name, value in shown[-1].items() if name in SHOW}
    assert [name for name, value in full.items() if value in (None, [], "")] == []
    for name in ("due", "original_due", "proposed_on", "assigned_on", "resolved_on"):
        assert ISO_DAY.fullmatch(full[name]), name
    assert full["links"] == [{"relation": "repeats", "ref": cases[0]}]


def test_history_gives_every_member_of_the_contract_with_its_type_oldest_first(office, cases):
    events = office.json("history", cases[-1])

    assert [event["act"] for event in events] == split("propose assign study extend link resolve")
    assert [event["seq"] for event in events] == sorted({event["seq"] for event in events})
    for event in events:
        assert event.keys() >= HISTORY.keys()
        for name, form in HISTORY.items():
            nullable = name in {"reason", "document"}
            assert type(event[name]) is form or (nullable and event[name] is None), name
        assert all(len(pair) == 2 for pair in event["changes"].values())
    assert events[3]["changes"]["due"] == ["2022-06-30", "2022-12-31"]
    assert (events[3]["reason"], events[3]["document"]) == ("R", "D")


def test_the_overdue_report_gives_every_member_of_the_contract_and_its_totals_balance(
    office, cases
):
    report = office.json(*split("report overdue --as-of 2099-01-01 --until 2099-12-31"))

    head = {"as_of", "known_at", "horizon", "totals", "log", *SECTIONS}
    assert report.keys() >= head
    assert all(type(report[name]) is list for name in SECTIONS)
    assert (report["as_of"], report["known_at"]) == ("2099-01-01", None)
    assert report["horizon"] == {"conference": None, "date": "2099-12-31"}
    last = office.json("audit", "log")[-1]
    status = office.json("audit", "status")
    assert report["log"] == {
        "size": last["seq"] + 1,
        "root": status["root"],
        "recorded_at": last["recorded_at"],
        "origin": status["origin"],
    }
    assert [one["ref"] for one in report["overdue"]] == cases[1:3]
    for tally in [report["totals"], *report["by_owner"]]:
        assert tally.keys() >= set(TOTALS)
        assert tally["cases"] == tally["resolved"] + tally["open"]
        on_time, late = tally["resolved_on_time"], tally["resolved_late"]
        assert tally["resolved"] == on_time + late + tally["resolved_no_due"]
        in_time, late = tally["open_in_time"], tally["open_overdue"]
        assert tally["open"] == in_time + late + tally["open_no_due"]
    for name in TOTALS:
        assert report["totals"][name] == sum(tally[name] for tally in report["by_owner"])
    assert report["totals"]["cases"] == len(cases)


def test_ndjson_is_one_object_a_line(office, cases):
    texts = _printed(office, "ndjson", cases[0])

    assert [line for line, text in texts.items() if not _is_ndjson(text)] == []


def test_csv_is_a_header_and_rows_as_long(office, cases):
    texts = _printed(office, "csv", cases[0])

    assert [line for line, text in texts.items() if not _is_csv(text)] == []


def _printed(office, form, ref):
    return {
        line: office(*split(line.format(ref)), "--format", form, input=IMPORTED).stdout
        for line in ANSWERS
    }


def _is_ndjson(text):
    try:
        return {type(json.loads(line)) for line in text.splitlines()} == {dict}
    except ValueError:
        return False


def _is_csv(text):
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    names = all(re.fullmatch(r"[a-z_]+", name) for name in header)
    return names and bool(rows) and {len(row) for row in rows} == {len(header)}


def test_an_answer_without_rows_is_still_an_answer_in_every_format(office, case):
    case("proposed")
    header = {line: _header(office, line) for line in ("list", "search rules", "audit log")}

    assert office.json("list", "--state", "resolved") == []
    assert office("list", "--state", "resolved", "--format", "ndjson").stdout == ""
    assert _header(office, "list --state resolved") == header["list"]
    assert _header(office, "search nothing") == header["search rules"]
    assert _header(office, "audit log --act resolve") == header["audit log"]


def _header(office, line):
    return office(*split(line), "--format", "csv").stdout.partition("\n")[0]
