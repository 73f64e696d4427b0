"""A list that is imported again with news in it: told, and on request made into acts."""

import csv
import io

import pytest

FIRST = {
    "ref": "A.1",
    "title": "Rules for offices",
    "proposer": "vufo",
    "conference": "",
    "state": "assigned",
    "owner": "mofa",
    "due": "2022-12-30",
    "proposed_on": "2021-12-13",
    "assigned_on": "2022-01-10",
}
ENDED = FIRST | {
    "state": "resolved",
    "outcome": "implemented",
    "answer": "Circular 3 is in force",
    "study_on": "2022-02-01",
    "resolved_on": "2022-11-01",
}


def table(*rows):
    file = io.StringIO()
    writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


@pytest.fixture
def listed(office):
    """A register that took in a list of one case."""
    office("import", "-", input=table(FIRST))
    return office


def acts(office, ref="A.1"):
    return [event["act"] for event in office.json("history", ref)]


def test_what_a_row_says_otherwise_is_counted_and_listed_field_by_field(listed):
    before = listed.head()
    done = listed.json("import", "-", input=table(ENDED))
    said = listed("import", "-", input=table(ENDED))

    assert (done["created"], done["skipped"], done["differing"]) == (0, 1, 1)
    assert done["differences"][0] == {
        "row": 2,
        "ref": "A.1",
        "field": "state",
        "registered": "assigned",
        "file": "resolved",
    }
    assert {one["field"] for one in done["differences"]} == {
        *("state", "outcome", "answer", "study_on", "resolved_on")
    }
    assert "rows that differ from the register: 1" in said.stdout
    assert "  A.1  state: assigned → resolved\n" in said.stdout
    assert "--update" in said.stderr
    assert listed.head() == before


def test_an_update_makes_the_acts_a_person_would_have_made(listed):
    done = listed.json("import", "-", "--update", input=table(ENDED))
    shown = listed.json("show", "A.1")

    assert done["acts"] == [{"ref": "A.1", "act": "study"}, {"ref": "A.1", "act": "resolve"}]
    assert (done["updated"], done["skipped"]) == (1, 0)
    assert (shown["state"], shown["outcome"]) == ("resolved", "implemented")
    assert (shown["study_on"], shown["resolved_on"]) == ("2022-02-01", "2022-11-01")
    assert shown["resolved_by"] == "registrar"
    assert listed.json("history", "A.1")[-1]["reason"] == "reported by standard input"
    assert listed.json("history", "A.1")[-1]["reported"] is None
    assert listed.json("import", "-", "--update", input=table(ENDED)) == {
        "rows": 1,
        "created": 0,
        "skipped": 1,
    }
    assert listed.json("audit", "verify")["ok"] is True


@pytest.mark.parametrize("untold", [["study_on"], ["assigned_on"], ["assigned_on", "study_on"]])
@pytest.mark.parametrize("state", ["proposed", "assigned"])
def test_a_step_whose_day_is_not_told_is_where_a_new_case_would_have_it(new_office, untold, state):
    at_first = ("ref", "title", "proposer", "proposed_on")
    first = FIRST if state == "assigned" else {name: FIRST[name] for name in at_first}
    ended = {name: value for name, value in ENDED.items() if name not in untold}
    updated, new = new_office(), new_office()
    updated("import", "-", input=table(first))
    updated("import", "-", "--update", input=table(ended))
    new("import", "-", input=table(ended if state == "proposed" else FIRST | ended))
    days = ("state", "proposed_on", "assigned_on", "study_on", "resolved_on", "outcome", "answer")

    one, other = (office.json("show", "A.1") for office in (updated, new))
    assert [one[name] for name in days] == [other[name] for name in days]
    updated("audit", "verify")


@pytest.mark.parametrize("due", ["+30d", "30 ngày làm việc", "quý 4/2022", "trước NFAC-21"])
def test_an_update_keeps_how_a_due_date_is_counted(new_office, due):
    at_first = {name: FIRST[name] for name in ("ref", "title", "proposer", "proposed_on")}
    given = FIRST | {"due": due}
    updated, new = new_office(), new_office()
    for office in (updated, new):
        office("holiday", "import")
    updated("import", "-", input=table(at_first))
    updated("import", "-", "--update", input=table(given))
    new("import", "-", input=table(given))
    kept = ("due", "due_rule", "due_from", "due_precision", "due_words")

    one, other = (office.json("show", "A.1") for office in (updated, new))
    assert [one[name] for name in kept] == [other[name] for name in kept]
    assert "differing" not in updated.json("import", "-", input=table(given | {"source": ""}))


def test_a_dry_run_shows_the_acts_and_does_none(listed):
    before = listed.head()
    done = listed.json("import", "-", "--update", "--dry-run", input=table(ENDED))

    assert [one["act"] for one in done["acts"]] == ["study", "resolve"]
    assert listed.head() == before


NEWS = {
    "title": ({"title": "Rules for all offices"}, ["edit"]),
    "texts": ({"title_vi": "Quy định", "source": "Minutes", "theme": "visas; work"}, ["edit"]),
    "coordinating": ({"with": "hcmc-pc"}, ["coordinate"]),
    "owner": ({"owner": "hcmc-pc"}, ["reassign"]),
    "a later day": ({"due": "30/6/2999"}, ["extend"]),
    "on hold": ({"held_since": "2022-03-01"}, ["hold"]),
    "studied": ({"state": "under study", "study_on": "2022-02-01"}, ["study"]),
    "answered": (
        {"state": "under study", "outcome": "explained", "answer": "Written"},
        ["study", "answer"],
    ),
    "closed": (
        {"state": "resolved", "outcome": "withdrawn", "answer": "They withdrew it"},
        ["close"],
    ),
    "all of it": (
        {"title_vi": "Quy định", "owner": "hcmc-pc", "due": "2999-01-31", "state": "under study"},
        ["edit", "reassign", "extend", "study"],
    ),
}


@pytest.mark.parametrize("news", NEWS)
def test_each_kind_of_news_becomes_its_act(listed, news):
    changes, expected = NEWS[news]
    done = listed.json("import", "-", "--update", input=table(FIRST | changes))

    assert [one["act"] for one in done["acts"]] == expected
    assert acts(listed) == ["propose", "assign", *expected]
    assert "differing" not in listed.json("import", "-", input=table(FIRST | changes))
    assert listed.json("audit", "verify")["ok"] is True


def test_a_proposed_case_is_assigned_with_its_owner_and_due_date(office):
    new = {name: FIRST[name] for name in ("ref", "title", "proposer", "proposed_on")}
    office("import", "-", input=table(new))
    done = office.json("import", "-", "--update", input=table(FIRST | {"with": "hcmc-pc"}))

    assert [one["act"] for one in done["acts"]] == ["coordinate", "assign"]
    assert office.json("show", "A.1")["assigned_on"] == "2022-01-10"


REFUSED = {
    "backwards": (ENDED, {"state": "assigned", "outcome": "", "answer": "", "study_on": ""}),
    "an earlier day": (FIRST, {"due": "2022-06-30"}),
    "no owner yet": ({"state": "proposed", "owner": "", "due": "", "assigned_on": ""}, {"due": ""}),
    "another decision": (ENDED, {"outcome": "explained"}),
    "another day of study": (ENDED, {"study_on": "2022-03-01"}),
    "an outcome too early": (FIRST, {"outcome": "explained", "answer": "Written"}),
}


@pytest.mark.parametrize("news", REFUSED)
def test_what_the_workflow_refuses_is_refused_whole(office, news):
    first, changes = REFUSED[news]
    office("import", "-", input=table(FIRST | first, FIRST | {"ref": "A.2"}))
    later = FIRST | {"ref": "A.2", "title_vi": "Quy định"}
    row = (FIRST if news == "no owner yet" else FIRST | first) | changes
    if news == "backwards":
        row |= {"resolved_on": ""}
    error = office.refused(4, "import", "-", "--update", input=table(later, row))

    assert "rows of standard input that cannot be taken over: 1" in error["message"]
    assert "row 3, A.1: " in error["message"]


def test_an_update_may_rename_a_case_but_not_make_another_of_it(listed):
    other = FIRST | {"title": "Something else", "proposer": "hcmc-pc"}

    assert "case A.1 has" in listed.refused(2, "import", "-", input=table(other))["message"]
    assert (
        "case A.1 has"
        in listed.refused(2, "import", "-", "--update", input=table(other))["message"]
    )


def test_an_empty_cell_and_a_missing_column_say_nothing(listed):
    listed("edit", "A.1", "--title-vi", "Quy định", "--source", "Minutes")
    row = FIRST | {"title_vi": "", "source": "", "owner": ""}

    assert "differing" not in listed.json("import", "-", input=table(row))
    assert "acts" not in listed.json("import", "-", "--update", input=table(row))


def test_a_second_person_is_asked_for_what_needs_one(listed):
    second = ("--name", "Second", "--org", "mofa", "--role", "secretariat", "--login", "second")
    listed("person", "add", "second", *second)
    listed("policy", "four-eyes", "on", "--reason", "Decision 12")
    done = listed("import", "-", "--update", input=table(ENDED))

    assert listed.json("show", "A.1")["state"] == "under_study"
    assert "casework request confirm A.1.R1" in done.stderr


# --- doubles ---------------------------------------------------------------------------------

A, B, C = ({"title": f"Title {name}", "proposer": "vufo"} for name in "ABC")


def test_a_row_without_a_reference_is_the_case_that_is_there(office):
    office("import", "-", input=table(A, B))
    done = office.json("import", "-", input=table(A, B, C))
    listed = office.json("list")

    assert (done["created"], done["skipped"]) == (1, 2)
    assert done["doubles"] == [{"row": 2, "ref": "CASE.001"}, {"row": 3, "ref": "CASE.002"}]
    assert [one["ref"] for one in listed] == ["CASE.001", "CASE.002", "CASE.003"]


def test_a_row_without_a_reference_may_bring_news(office):
    office("import", "-", input=table(A, B))
    news = A | {"owner": "mofa", "due": "2999-12-31", "state": "assigned"}
    done = office.json("import", "-", "--update", input=table(news, B))

    assert [one["act"] for one in done["acts"]] == ["assign"]
    assert office.json("show", "CASE.001")["owner"] == "mofa"


def test_both_are_made_where_both_are_meant(office):
    office("import", "-", input=table(A))
    done = office.json("import", "-", "--allow-doubles", input=table(A, B))

    assert done == {"rows": 2, "created": 2, "skipped": 0}
    assert len(office.json("list")) == 3


def test_two_rows_that_look_alike_are_named(office):
    done = office.json("import", "-", input=table(A, B, A))
    said = office("import", "-", input=table(C, C)).stdout

    assert done["alike"] == [{"row": 4, "ref": "CASE.003", "like_row": 2}]
    assert "row 3, now CASE.005, is like row 2" in said


def test_a_row_that_may_be_one_of_two_cases_must_say_which(office):
    office("import", "-", input=table(A, A))
    error = office.refused(2, "import", "-", input=table(A, B))

    assert "could be CASE.001 or CASE.002; give its ref" in error["message"]


@pytest.mark.parametrize("written", ["NFAC-20.1", "nfac-20.01", "NFAC-20.0001"])
def test_a_reference_with_other_zeros_is_likely_the_same(office, written):
    office("import", "-", input=table(A | {"ref": "NFAC-20.001"}))
    error = office.refused(2, "import", "-", input=table(B | {"ref": written}))
    office("import", "-", "--allow-doubles", input=table(B | {"ref": written}))

    assert "likely NFAC-20.001, which is registered already" in error["message"]
    assert len(office.json("list")) == 2
    within = [A | {"ref": "X.01"}, B | {"ref": "X.1"}]
    assert "likely X.01" in office.refused(2, "import", "-", input=table(*within))["message"]


# --- dates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "due", "precision"),
    [
        ("30/6/2027", "2027-06-30", "day"),
        ("05/06/2027", "2027-06-05", "day"),
        ("2027-06-30 00:00:00", "2027-06-30", "day"),
        ("2027-06-30T00:00:00", "2027-06-30", "day"),
        ("Quý II/2027", "2027-06-30", "quarter"),
        ("trong tháng 6/2027", "2027-06-30", "month"),
        ("+1m", "2022-02-10", "day"),
        ("trước NFAC-90", "2031-05-05", "day"),
        ("before the next conference", "2023-12-17", "day"),
    ],
)
def test_a_due_date_is_read_as_the_option_reads_it(office, written, due, precision):
    office("conference", "add", "NFAC-90", "--number", "90", "--date", "2031-05-06")
    office("import", "-", input=table(FIRST | {"due": written}))
    office("propose", "--ref", "B.1", *("--title", "T", "--proposer", "vufo"))
    given = ("--owner", "mofa", "--effective", "2022-01-10")
    office("correct", "B.1", "--field", "proposed_on", "--to", "2021-12-13", "--reason", "so")
    option = office.run("assign", "B.1", *given, "--due", written, "--json")
    shown, other = office.json("show", "A.1"), office.json("show", "B.1")

    assert (shown["due"], shown["due_precision"]) == (due, precision)
    assert option.exit_code == 0, option.stderr
    for name in ("due", "due_precision", "due_words", "due_rule", "due_from"):
        assert shown[name] == other[name], name


def test_days_of_the_past_are_read_in_any_form_and_a_period_is_refused(office):
    row = FIRST | {"proposed_on": "13/12/2021", "assigned_on": "ngày 10 tháng 1 năm 2022"}
    office("import", "-", input=table(row))
    shown = office.json("show", "A.1")
    error = office.refused(
        2, "import", "-", input=table(FIRST | {"ref": "A.2", "assigned_on": "Q1/2022"})
    )

    assert (shown["proposed_on"], shown["assigned_on"]) == ("2021-12-13", "2022-01-10")
    assert "assigned_on: 'Q1/2022'" in error["message"]


def test_a_date_that_is_none_is_refused_with_the_forms_there_are(office):
    error = office.refused(2, "import", "-", input=table(FIRST | {"due": "soon 5"}))

    told = "due: 'soon 5': 'soon 5' is not a valid date; write YYYY-MM-DD, 30/6/2027"
    assert told in error["message"]


# --- the file itself -------------------------------------------------------------------------


def test_a_vietnamese_title_alone_is_a_title(office):
    office("import", "-", input="title_vi,proposer\nQuy định,vufo\n".encode())
    shown = office.json("show", "CASE.001")

    assert (shown["title"], shown["title_vi"]) == ("Quy định", "Quy định")
    error = office.refused(2, "import", "-", input=b"summary,proposer\nS,vufo\n")
    assert "a case needs a title, or a title_vi" in error["message"]


def test_every_column_is_explained():
    from casework.exchange.columns import COLUMNS

    assert all(column.meaning for column in COLUMNS)


def test_the_template_has_every_column_that_is_written_and_the_help_names_them(office, tmp_path):
    from casework.exchange.columns import BY_NAME, COLUMNS

    office("import", tmp_path / "cases.csv", "--template")
    header = (tmp_path / "cases.csv").read_text(encoding="utf-8")
    told = " ".join(office("import", "--help").stdout.split())

    assert header == ",".join(one.name for one in COLUMNS if not one.told) + "\n"
    assert ", ".join(BY_NAME) in told
    assert office.json("import", tmp_path / "cases.csv") == {"rows": 0, "created": 0, "skipped": 0}
    office.refused(5, "import", tmp_path / "cases.csv", "--template")
    assert office("import", "-", "--template").stdout == header


def test_a_list_in_vietnamese_is_read_by_the_words_the_register_shows(office):
    listed = (
        "Mã;Nội dung;Bên kiến nghị;Chủ trì;Hạn;Trạng thái;Kết quả;Trả lời;Ngày giải quyết\n"
        "A.1;Quy định;vufo;bộ ngoại giao;30/6/2022;Đã giải quyết;Đã thực hiện;Thông tư 3;1/6/2022\n"
        "A.2;Văn phòng;vufo;BNG;Quý I/2999;đang thực hiện;;;\n"
        "A.3;Du lịch;vufo;;;ĐƯỢC KIẾN NGHỊ;;;\n"
    )
    office("import", "-", input=listed.encode())
    found = [(one["state"], one["owner"], one["outcome"]) for one in office.json("list")]

    assert found == [
        ("resolved", "mofa", "implemented"),
        ("under_study", "mofa", None),
        ("proposed", None, None),
    ]
