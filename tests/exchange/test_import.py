"""What arrives in a file: labelled as told, taken once, and in any form a table comes in."""

import csv
import hashlib
import io
from unicodedata import normalize

import pytest
import time_machine

BASE = {"ref": "A.1", "title": "Title", "proposer": "vufo", "proposed_on": "2021-12-13"}
ASSIGNED = BASE | {"state": "assigned", "owner": "mofa", "due": "2022-12-31"}
ASSIGNED |= {"assigned_on": "2022-01-10"}
STUDIED = ASSIGNED | {"state": "under study", "study_on": "2022-02-01"}
ANSWERED = STUDIED | {"outcome": "Explained", "answer": "Decree 6"}
RESOLVED = ANSWERED | {"state": "Resolved", "resolved_on": "2022-11-01"}
CLOSED = BASE | {"state": "resolved", "outcome": "withdrawn", "resolved_on": "2022-01-05"}
EXTENDED = ASSIGNED | {"original_due": "2022-06-30"}


def table(*rows):
    file = io.StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (ASSIGNED, "propose 2021-12-13, assign 2022-01-10"),
        (STUDIED, "propose 2021-12-13, assign 2022-01-10, study 2022-02-01"),
        (ANSWERED, "propose 2021-12-13, assign 2022-01-10, study 2022-02-01, answer 2022-02-01"),
        (RESOLVED, "propose 2021-12-13, assign 2022-01-10, study 2022-02-01, resolve 2022-11-01"),
        (CLOSED, "propose 2021-12-13, close 2022-01-05"),
        (EXTENDED, "propose 2021-12-13, assign 2022-01-10, extend 2022-01-10"),
    ],
    ids=["assigned", "under study", "answered", "resolved", "closed", "extended"],
)
def test_a_case_that_arrives_further_on_gets_the_history_its_row_tells(office, row, told):
    with time_machine.travel("2025-03-04T05:06:07Z", tick=False):
        office("import", "-", "--reported-by", "the ministry", input=table(row))

        events = office.json("history", "A.1")
        shown = office.json("show", "A.1")
        assert ", ".join(f"{event['act']} {event['effective_on']}" for event in events) == told
        assert {event["recorded_at"] for event in events} == {"2025-03-04T05:06:07.000000Z"}
        assert {event["reported"]["source"] for event in events} == {"the ministry"}
        assert shown["reported"] == "the ministry"
        assert shown["state"] == row["state"].casefold().replace(" ", "_")
        for name in ("due", "owner", "proposed_on", "assigned_on", "study_on", "resolved_on"):
            assert shown[name] == row.get(name), name
        assert office.json("audit", "verify")["ok"] is True


def test_a_case_that_arrives_resolved_says_when_how_and_by_whom(office):
    office("import", "-", input=table(RESOLVED, CLOSED | {"ref": "A.2"}))

    for ref, outcome in (("A.1", "explained"), ("A.2", "withdrawn")):
        shown = office.json("show", ref)
        assert shown["outcome"] == outcome
        assert shown["resolved_on"]
        assert shown["resolved_by"] == "registrar"


def test_the_label_gives_no_name_of_a_file_and_goes_when_the_case_is_moved_here(office, tmp_path):
    file = tmp_path / "Kiến nghị 2021.csv"
    file.write_bytes(table(STUDIED))
    office("import", file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert office.json("show", "A.1")["reported"] == f"reported by file {digest[:12]}"
    with office.store().reading() as connection:
        bodies = connection.told("SELECT body FROM event")
    assert not [body for (body,) in bodies if b"2021.csv" in bytes(body)]

    office("advance", "A.1", "--outcome", "implemented", "--answer", "Circular 3")

    assert office.json("show", "A.1")["reported"] is None
    assert office.json("history", "A.1")[-1]["reported"] is None


def test_who_owned_an_imported_case_is_found_in_the_log(office):
    office("import", "-", input=table(ASSIGNED))

    found = office.json("audit", "log", "--field", "owner")

    assert [(event["key"], event["changes"]["owner"]) for event in found] == [
        ("A.1", [None, "mofa"])
    ]


@time_machine.travel("2025-03-04T05:06:07Z", tick=False)
def test_a_case_without_a_date_was_proposed_at_its_conference_or_today(office):
    rows = [{"title": title, "proposer": "vufo", "conference": where} for title, where in
            (("a", "NFAC-20"), ("b", ""))]  # fmt: skip

    office("import", "-", input=table(*rows))

    assert office.json("show", "NFAC-20.001")["proposed_on"] == "2021-12-13"
    assert office.json("show", "CASE.001")["proposed_on"] == "2025-03-04"


PLAIN = "title,proposer\nMột,vufo\nTwo,vufo\n"
NAMES = "title,proposer\nMột,Liên hiệp các tổ chức hữu nghị\nTwo,lien hiep cac to chuc huu nghi\n"
FORMS = {
    "plain": PLAIN,
    "BOM": "\ufeff" + PLAIN,
    "CRLF": PLAIN.replace("\n", "\r\n"),
    "semicolons": PLAIN.replace(",", ";"),
    "blank lines": PLAIN.replace("\n", "\n\n,\n"),
    "no last line end": PLAIN.rstrip(),
    "white space": ' title , proposer \n"Một ", vufo\nTwo,\u00a0vufo',
    "quotes": '"title","proposer"\n"Một","vufo"\n"Two","vufo"\n',
    "decomposed": normalize("NFD", PLAIN),
    "names": NAMES,
    "JSON": '\n{"title":"Một","proposer":"VUFO"}\n\n{"owner":null,"proposer":"vufo","title":"Two"}',
    "JSON escapes": r'{"title":"M\u1ed9t","proposer":"vufo","theme":[]}' + "\n"
    r'{"title":"Two","proposer":"union of friendship organizations","answer":""}',
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_table_is_read_in_whatever_form_it_comes(office, form):
    done = office.json("import", "-", input=FORMS[form].encode())

    assert done == {"rows": 2, "created": 2, "skipped": 0}
    cases = office.json("list")
    assert [case["title"] for case in cases] == ["Một", "Two"]
    assert {case["proposer"] for case in cases} == {"vufo"}


def test_a_row_without_a_reference_gets_one_that_no_other_row_asks_for(office):
    office("propose", "--title", "Zero", "--proposer", "vufo", "--conference", "NFAC-20")
    told = [("NFAC-20.002", "two"), ("", "next"), ("NFAC-20.007", "seven"), ("", "last")]
    rows = [{"ref": r, "title": t, "proposer": "vufo", "conference": "NFAC-20"} for r, t in told]

    done = office.json("import", "-", input=table(*rows))

    assert done["created"] == 4
    titles = {case["ref"]: case["title"] for case in office.json("list")}
    assert len(titles) == 5
    assert titles["NFAC-20.002"] == "two"
    assert titles["NFAC-20.007"] == "seven"
    assert {"next", "last"} <= set(titles.values())
    assert office.json("audit", "verify")["ok"] is True


def test_generated_references_go_on_where_the_register_is(office, case):
    case(ref="NFAC-20.009")
    row = {"title": "Ten", "proposer": "vufo", "conference": "NFAC-20"}

    office("import", "-", input=table(row, row | {"title": "Eleven"}))

    assert [case["ref"] for case in office.json("list")] == [
        f"NFAC-20.{n:03d}" for n in (9, 10, 11)
    ]


@pytest.mark.parametrize("again", ["the same file", "the same rows in another file"])
@pytest.mark.parametrize("moved", [False, True], ids=["untouched", "moved on since"])
def test_importing_again_creates_nothing_and_says_so(office, again, moved):
    rows = [ASSIGNED, RESOLVED | {"ref": "A.2"}, BASE | {"ref": "A.3"}]
    office("import", "-", input=table(*rows))
    if moved:
        office("advance", "A.1")
        office("reopen", "a.2", "--reason", "asked again")
        office("note", "A.3", "A note")
    before = office.head()

    rows = rows if again == "the same file" else rows[::-1]
    done = office("import", "-", input=table(*rows))

    said, _, listed = done.stdout.partition("\n")
    assert said == "0 created, 3 skipped, of 3 rows"
    assert ("A.1  state: under_study → assigned" in listed) is (moved and again != "the same file")
    assert bool(listed) is (moved and again != "the same file")
    assert ("was imported before" in done.stderr) is (again == "the same file")
    assert office.head() == before


def test_new_rows_among_known_ones_are_the_only_ones_created(office):
    office("import", "-", input=table(ASSIGNED))

    done = office.json("import", "-", input=table(ASSIGNED, BASE | {"ref": "A.2"}))

    assert done == {"rows": 2, "created": 1, "skipped": 1}
    assert office.json("show", "A.2")["state"] == "proposed"
    assert len(office.json("history", "A.1")) == 2


@pytest.mark.parametrize("person", ["thanh", "lan", "chi"])
def test_only_the_secretariat_imports(office, person):
    error = office.refused(6, "import", "-", "--by", person, input=table(BASE))

    assert person in error["message"]


def test_a_dry_run_tells_what_would_be_created_and_creates_nothing(office):
    before = office.head()

    done = office.json("import", "-", "--dry-run", input=table(BASE, RESOLVED | {"ref": "A.2"}))

    assert done == {"rows": 2, "created": 2, "skipped": 0}
    assert office.head() == before
    assert office.json("list") == []
