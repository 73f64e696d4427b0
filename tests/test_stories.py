"""What a secretariat lives through from the 18th conference to the 21st, command by command.

The recommendations are those of the documents. Dates of deadlines, answers and people who act are
invented for the stories.
"""

import csv
import json
from datetime import datetime
from pathlib import Path

import pytest
import time_machine

SEEDS = Path(__file__).parent.parent / "seeds"
NAMES = ("proposer", "addressee", "owner")


def on(day):
    return time_machine.travel(datetime.fromisoformat(f"{day}T09:00:00+07:00"), tick=True)


def seeds(name):
    lines = (SEEDS / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture
def documents(shell, tmp_path):
    """A function that writes what a document recommends to a file, and registers who is in it."""
    known = set()

    def write(document, *organisations):
        rows = [one for one in seeds("recommendations") if one["ref"].startswith(document)]
        bodies = {one[name] for one in rows for name in NAMES if name in one}
        bodies |= {body for one in rows for body in one.get("with", ())} | set(organisations)
        speakers = [one for one in seeds("people") if one["code"] in {r["speaker"] for r in rows}]
        bodies |= {one["org"] for one in speakers}
        for org in seeds("organisations"):
            if org["code"] in bodies - known:
                words = [word for alias in org["aliases"] for word in ("--alias", alias)]
                named = ("--name", org["name"], "--name-vi", org["name_vi"], "--kind", org["kind"])
                shell("org", "add", org["code"], *named, *words)
        known.update(bodies)
        for person in speakers:
            named = ("--name", person["name"], "--name-vi", person["name_vi"])
            shell("person", "add", person["code"], *named, "--org", person["org"])
        path = tmp_path / f"{document}.jsonl"
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    return write


def conference(shell, number, day, *words):
    previous = ("--previous", f"NFAC-{number - 1}") if number > 18 else ()
    named = ("--number", number, "--date", day, *previous)
    return shell.json("conference", "add", f"NFAC-{number}", *named, *words)


def overdue(shell, *words):
    return shell.json("report", "overdue", *words)


def refs(cases):
    return [one["ref"] for one in cases]


def test_story_1_opening_the_register_before_the_19th(shell):
    with on("2018-07-15"):
        conference(shell, 18, "2016", "--certainty", "year-only")
        added = conference(shell, 19, "2018-08-12", "--format", "in-person")
        told = shell("report", "review", "--of", "NFAC-18", "--for", "NFAC-19").stdout
        vietnamese = shell(
            *("report", "review", "--of", "NFAC-18", "--for", "NFAC-19", "--lang", "vi")
        ).stdout
        review = shell.json("report", "review", "--of", "NFAC-18", "--for", "NFAC-19")
        shown = shell.json("conference", "show", "NFAC-18")

        words = ("conference", "add")
        shell.refused(5, *words, "NFAC-19", "--number", 19, "--date", "2018-08-12")
        shell.refused(2, *words, "NFAC-20", "--number", 20, "--date", "2018-13-12")
        lost = ("--date", "2018-08-13", "--previous", "NFAC-17")
        shell.refused(3, *words, "NFAC-20", "--number", 20, *lost)
        early = ("--date", "2017-01-01", "--previous", "NFAC-19")
        shell.refused(4, *words, "NFAC-20", "--number", 20, *early)

    assert added["format"] == "in-person"
    assert "NFAC-18 (2016, year only)" in told
    assert "0 cases are registered for NFAC-18; nothing can be stated about its results" in told
    assert "NFAC-18 (2016, chỉ biết năm)" in vietnamese
    assert (review["recommendations"], review["balance"]["closing"]) == ([], 0)
    assert (shown["date"], shown["year"], shown["certainty"]) == (None, 2016, "year-only")


def test_story_3_decree_12_assigned_before_the_conference(shell, documents):
    with on("2018-08-13"):
        conference(shell, 18, "2016")
        conference(shell, 19, "2018-08-12")
        shell("import", documents("003"), "--reported-by", "003")
        shell("person", "add", "desk-ngo", "--name", "Desk for foreign NGOs", "--org", "mofa")
        first = shell.json("history", "003-21")
        shell.refused(4, "assign", "003-21", "--owner", "mofa", "--due", "2021-06-30")
        given = ("--due", "2021-06-30", "--reason", "the words: in the future")
        shell("extend", "003-21", *given, "--basis", "set", "--document", "1/BNG")
        shell("coordinate", "003-21", "--with", "vufo")
        done = ("--outcome", "implemented", "--answer", "Done")
        resolved = shell.refused(4, "advance", "003-21", *done)
        shell.refused(4, "extend", "003-21", "--due", "2018-08-01", "--reason", "earlier")
        lead = ("--owner", "Central agencies", "--reason", "theirs")
        shell.refused(4, "reassign", "003-21", *lead)
    with on("2019-01-10"):
        shell("advance", "003-21", "--by", "desk-ngo")
    with on("2021-05-20"):
        shell.refused(2, "extend", "003-21", "--due", "2021-12-01")
        shell.refused(4, "extend", "003-21", "--due", "2021-06-01", "--reason", "earlier")
        later = ("--due", "2021-12-01", "--reason", "consultation of localities")
        shell.refused(6, "hold", "003-21", "--reason", "consultation", "--by", "desk-ngo")
        shell("extend", "003-21", *later)
        case = shell.json("show", "003-21")
        history = shell.json("history", "003-21")

    assert [(one["act"], one["reported"]["source"]) for one in first] == [
        ("propose", "003"),
        ("assign", "003"),
    ]
    assert "its next state is under study" in resolved["message"]
    assert [one["act"] for one in history[2:]] == ["extend", "coordinate", "study", "extend"]
    assert [one["actor"] for one in history[2:]] == [
        "registrar",
        "registrar",
        "desk-ngo",
        "registrar",
    ]
    dues = [one["changes"]["due"] for one in history if "due" in one["changes"]]
    assert dues == [[None, "2021-06-30"], ["2021-06-30", "2021-12-01"]]
    assert (case["state"], case["original_due"], case["due_words"]) == (
        "under_study",
        "2021-06-30",
        "in the future",
    )
    assert case["coordinating"] == ["central-agencies", "local-agencies", "vufo"]


def test_story_7_ten_days_before_the_20th(shell, documents, tmp_path):
    with on("2018-08-13"):
        conference(shell, 18, "2016")
        conference(shell, 19, "2018-08-12")
        shell("import", documents("003"))
        for ref, due in (
            ("003-07", "2021-11-30"),
            ("003-11", "2021-12-03"),
            ("003-12", "2021-12-12"),
            ("003-13", "2021-12-16"),
            ("003-14", "2019-12-31"),
        ):
            shell("assign", ref, "--owner", "mofa", "--due", due)
        shell("extend", "003-21", "--due", "2021-06-30", "--reason", "set by an officer")
    with on("2020-02-03"):
        shell("advance", "003-14")
        done = ("--outcome", "implemented", "--answer", "The guide is out", "--document", "9/BNG")
        shell("advance", "003-14", *done)
    with on("2021-05-20"):
        shell("extend", "003-21", "--due", "2021-12-01", "--reason", "consultation")
    with on("2021-12-03"):
        empty = shell.json("report", "overdue", "--until", "2022-01-01", "--owner", "vufo")
        conference(shell, 20, "2021-12-13", "--format", "hybrid")
        ask = ("--before", "NFAC-20", "--as-of", "2021-12-03")
        before = overdue(shell, *ask)
        files = [tmp_path / f"overdue-{number}.csv" for number in (1, 2)]
        for path in files:
            shell("report", "overdue", *ask, "--output", path)
        on_screen = shell("report", "overdue", *ask, "--format", "csv").stdout
        shell("conference", "move", "NFAC-20", "--date", "2021-12-20", "--reason", "pandemic")
        after = overdue(shell, *ask)
        said = shell("report", "overdue", *ask).stdout
        unknown = shell.refused(3, "report", "overdue", "--before", "NFAC-22")
        shell("conference", "add", "NFAC-21", "--number", 21)
        undated = shell.refused(4, "report", "overdue", "--before", "NFAC-21")
        shell.refused(2, "report", "overdue", "--before", "NFAC-20", "--as-of", "2021-12-21")

    late = {one["ref"]: one for one in before["overdue"]}
    assert {ref: one["days_overdue"] for ref, one in late.items()} == {"003-07": 3, "003-21": 2}
    assert (late["003-21"]["original_due"], late["003-21"]["due"]) == ("2021-06-30", "2021-12-01")
    assert refs(before["due_before_horizon"]) == ["003-11", "003-12"]
    assert refs(after["due_before_horizon"]) == ["003-11", "003-12", "003-13"]
    assert after["horizon"] == {
        "conference": "NFAC-20",
        "date": "2021-12-20",
        "moved_from": "2021-12-13",
    }
    assert "13 December 2021" in said
    assert "between the two: 1: 003-13" in said
    assert len(before["no_due_date"]) == before["totals"]["open_no_due"] == 20
    assert (before["totals"]["resolved_late"], "003-14" in on_screen) == (1, False)
    assert files[0].read_bytes() == files[1].read_bytes()
    rows = list(csv.DictReader(files[0].read_text("utf-8-sig").splitlines()))
    assert {row["ref"] for row in rows if row["section"] == "overdue"} == set(late)
    assert empty["overdue"] == []
    assert "--until" in unknown["hint"]
    assert "conference move NFAC-21" in undated["hint"]


def test_story_8_three_recommendations_five_asks(shell, documents):
    parts = {"HCMC-1": ("000-02", "000-03"), "HCMC-2": ("000-04", "000-05")}
    with on("2021-12-13"):
        shell("conference", "add", "NFAC-19", "--number", 19, "--date", "2018-08-12")
        conference(shell, 20, "2021-12-13", "--format", "hybrid")
        shell("import", documents("003"))
        file = documents("000")
        for ref, title in (
            ("HCMC-1", "Share information and guidance with the city"),
            ("HCMC-2", "Bring events, experts and investors to the city"),
        ):
            heard = ("--title", title, "--conference", "NFAC-20", "--proposer", "hcmc-pc")
            shell("propose", "--ref", ref, *heard, "--speaker", "duong anh duc")
        planned = shell.json("import", file, "--dry-run")
        before = len(shell.json("list", "--conference", "NFAC-20"))
        done = shell.json("import", file)
        for whole, refs_of_parts in parts.items():
            for ref in refs_of_parts:
                shell("link", ref, "--relates-to", whole)
            reason = f"heard as one, asked as {' and '.join(refs_of_parts)}"
            shell("close", whole, "--outcome", "superseded", "--reason", reason)
        shell("link", "000-03", "--repeats", "003-32")
        again = shell.json("import", file)
        asked = shell.json("list", "--conference", "NFAC-20", "--proposer", "hcmc-pc")
        first = shell.json("show", "000-03")
        changed = file.with_name("changed.jsonl")
        changed.write_text(file.read_text("utf-8").replace("Guide the city", "Guide a city"))
        other = shell.refused(2, "import", changed)
        review = shell.json("report", "progress", "--conference", "NFAC-20")
        counts = shell.json("list", "--conference", "NFAC-20", "--count-by", "state")

    assert (planned["created"], before, done["created"]) == (6, 2, 6)
    assert (again["created"], again["skipped"]) == (0, 6)
    open_ones = [one["ref"] for one in asked if one["state"] == "proposed"]
    assert open_ones == ["000-02", "000-03", "000-04", "000-05", "000-08"]
    ended = {one["ref"]: one["outcome"] for one in asked if one["state"] == "resolved"}
    assert ended == dict.fromkeys(parts, "superseded")
    assert {"relation": "repeats", "ref": "003-32"} in first["links"]
    assert "sha256:" in first["source"]
    assert "000-02" in other["message"]
    assert "has 'Guide the city on promotion suited to each foreign market'" in other["message"]
    assert not {"000-06", "000-07"} & {one["ref"] for one in asked}
    assert review["totals"]["cases"] == 8
    assert counts == [{"state": "proposed", "cases": 6}, {"state": "resolved", "cases": 2}]


def test_story_9_the_14th_of_december_is_another_conference(shell, documents):
    shared = "National Conference on Foreign Affairs"
    with on("2021-12-15"):
        shell("conference", "add", "NFAC-19", "--number", 19, "--date", "2018-08-12")
        conference(shell, 20, "2021-12-13", "--alias", shared)
        shell("import", documents("000"))
        before = shell.json("report", "progress", "--conference", "NFAC-20")["totals"]
        shell("conference", "add", "NCFA-2021", "--date", "2021-12-14", "--name", shared)
        file = documents("002")
        shell("import", file, "--reported-by", "002")
        words = ("--title", "T", "--proposer", "hcmc-pc", "--conference", shared)
        both = shell.refused(5, "propose", *words)
        moved = file.with_name("moved.jsonl")
        moved.write_text(file.read_text("utf-8").replace("NCFA-2021", "NFAC-20"), "utf-8")
        mismatch = shell.refused(2, "import", moved)
        later = shell.refused(3, "report", "overdue", "--before", "NFAC-21")
        ours = overdue(shell, "--until", "2022-12-31", "--owner", "hcmc-pc")
        after = shell.json("report", "progress", "--conference", "NFAC-20")["totals"]
        shown = {ref: shell.json("show", ref) for ref in ("002-08", "002-11")}
        history = shell.json("history", "002-11")

    assert (before, before["cases"]) == (after, 6)
    assert {"NCFA-2021", "NFAC-20"} == set(both["message"].rpartition(": ")[2].split(", "))
    assert "case 002-04 has 'NCFA-2021'" in mismatch["message"]
    assert "--until DATE" in later["hint"]
    for case in shown.values():
        assert (case["state"], case["owner"], case["reported"]) == ("under_study", "hcmc-pc", "002")
    assert {one["reported"]["source"] for one in history} == {"002"}
    assert refs(ours["no_due_date"]) == ["002-08", "002-11"]


def test_story_10_offices_of_foreign_localities(shell, documents):
    with on("2021-12-20"):
        shell("conference", "add", "NFAC-19", "--number", 19, "--date", "2018-08-12")
        conference(shell, 20, "2021-12-13")
        conference(shell, 21, "2023-12-18")
        shell("import", documents("000"))
        for code, org, role in (
            ("mofa-law", "mofa", "desk"),
            ("hcmc-desk", "hcmc-pc", "desk"),
            ("sec", "mofa", "secretariat"),
        ):
            shell("person", "add", code, "--name", code, "--org", org, "--role", role)
        helped = ("--with", "ministries", "--by", "sec")
        shell("assign", "000-08", "--owner", "mofa", "--due", "2022-12-31", *helped)
    with on("2022-02-01"):
        shell("advance", "000-08", "--by", "mofa-law")
        letter = ("--outcome", "explained", "--answer", "A circular letter explains it")
        shell.refused(6, "answer", "000-08", *letter, "--by", "hcmc-desk")
        shell("answer", "000-08", *letter, "--by", "mofa-law", "--document", "7/CV")
        shell.refused(6, "advance", "000-08", "--by", "mofa-law")
        shell.refused(4, "reopen", "000-08", "--reason", "it is not resolved", "--by", "sec")
    with on("2022-06-01"):
        shell("advance", "000-08", "--by", "sec")
        objection = "covers one direction only; 'and vice versa' unanswered"
        shell("note", "000-08", objection, "--by", "hcmc-desk")
        shell.refused(2, "reopen", "000-08", "--by", "sec")
        shell.refused(6, "reopen", "000-08", "--reason", "ours", "--by", "hcmc-desk")
        shell("reopen", "000-08", "--reason", "the objection is upheld", "--by", "sec")
    with on("2023-12-08"):
        again = overdue(shell, "--before", "NFAC-21")
        version = shell.json("show", "000-08")["version"]
        decree = ("--outcome", "implemented", "--answer", "The decree covers both directions")
        final = (*decree, "--document", "6/ND-CP", "--by", "sec", "--if-version", version)
        shell.refused(6, "advance", "000-08", *decree, "--by", "hcmc-desk")
        shell("advance", "000-08", *final)
        stale = shell.refused(5, "reopen", "000-08", "--reason", "x", "--if-version", version)
        case, history = shell.json("show", "000-08"), shell.json("history", "000-08")

    (late,) = [one for one in again["overdue"] if one["ref"] == "000-08"]
    assert (late["due"], late["original_due"], late["days_overdue"]) == (
        "2022-12-31",
        "2022-12-31",
        342,
    )
    assert [one["act"] for one in history] == [
        "propose",
        "assign",
        "study",
        "answer",
        "resolve",
        "note",
        "reopen",
        "resolve",
    ]
    ends = [(one["actor"], one["effective_on"]) for one in history if one["act"] == "resolve"]
    assert ends == [("sec", "2022-06-01"), ("sec", "2023-12-08")]
    assert [one["reason"] for one in history if one["act"] == "reopen"] == [
        "the objection is upheld"
    ]
    assert (case["first_resolution"]["outcome"], case["outcome"]) == ("explained", "implemented")
    assert str(version) in stale["message"]
    assert shell.json("audit", "verify")["ok"] is True
