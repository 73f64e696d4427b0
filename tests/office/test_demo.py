"""The demonstration: what the documents say, and nothing invented that is not labelled so."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from casework.cli import casework
from casework.office.demo import ILLUSTRATIVE, NOTICE


def run(*words):
    done = CliRunner().invoke(casework, [str(word) for word in words])
    assert done.exit_code == 0, f"{words}: {done.stderr}"
    return done


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, run("demo", folder).stdout


@pytest.fixture
def ask(built):
    def question(*words):
        return json.loads(run("--db", built[0] / "register.db", *words, "--json").stdout)

    return question


def history(ask, ref):
    return [(event["act"], event["reported"]["source"]) for event in ask("history", ref)]


def test_the_demonstration_shows_a_report_and_a_history_and_verifies(built, ask):
    shown = built[1]

    assert str(built[0] / "register.db") in shown
    assert "Overdue report: as of 2023-12-08" in shown
    assert "NFAC-21" in shown
    assert "000-08" in shown
    assert NOTICE in shown
    assert ask("audit", "verify")["ok"] is True


def test_the_demonstration_is_the_same_each_time(built, ask, tmp_path):
    first = ask("list"), ask("org", "list"), ask("person", "list"), ask("conference", "list")
    log = [(e["act"], e["key"], e["effective_on"], e["changes"]) for e in ask("audit", "log")[1:]]
    shutil.copytree(built[0], tmp_path / "demo")
    run("demo", tmp_path / "demo")

    def again(*words):
        words = ["--db", tmp_path / "demo" / "register.db", *words, "--json"]
        return json.loads(run(*words).stdout)

    assert (
        again("list"),
        again("org", "list"),
        again("person", "list"),
        again("conference", "list"),
    ) == first
    repeated = again("audit", "log")[1:]
    assert [(e["act"], e["key"], e["effective_on"], e["changes"]) for e in repeated] == log


def test_a_demonstration_that_was_killed_in_the_making_is_made_anew(tmp_path):
    (tmp_path / ".register.db.part").write_bytes(b"half of it")
    run("demo", tmp_path)

    assert {path.name for path in tmp_path.iterdir()} <= {"register.db", "register.db-journal"}
    assert "in order" in run("--db", tmp_path / "register.db", "audit", "verify").stdout


def test_a_folder_with_a_register_of_its_own_is_left_alone(tmp_path):
    run("--db", tmp_path / "register.db", "init")
    before = (tmp_path / "register.db").read_bytes()
    refused = CliRunner().invoke(casework, ["demo", str(tmp_path)])
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "register.db").write_text("Dear Sir,")
    other = CliRunner().invoke(casework, ["demo", str(tmp_path / "letters")])

    assert refused.exit_code == 5
    assert (tmp_path / "register.db").read_bytes() == before
    assert other.exit_code in {5, 8}
    assert (tmp_path / "letters" / "register.db").read_text() == "Dear Sir,"


def test_the_documents_report_fifty_five_cases_three_of_them_under_way(ask):
    cases = ask("list")
    reported = {}
    for case in cases:
        told = history(ask, case["ref"])
        acts = [act for act, source in told if source != ILLUSTRATIVE]

        assert [act for act, _ in told[: len(acts)]] == acts
        reported[case["ref"]] = acts

    assert len(cases) == 55
    assert reported.pop("003-21") == ["propose", "assign"]
    assert reported.pop("002-08") == ["propose", "assign", "study"]
    assert reported.pop("002-11") == ["propose", "assign", "study"]
    assert {tuple(acts) for acts in reported.values()} == {("propose",)}


def test_before_anything_was_invented_no_case_was_due_or_resolved(ask):
    for event in ask("audit", "log"):
        if event["kind"] == "case" and event["reported"]["source"] != ILLUSTRATIVE:
            assert not {"due", "resolved_on", "outcome", "answer"} & event["changes"].keys()
    as_reported = ask("list", "--as-of", "2018-09-09")

    assert len(as_reported) > 20
    assert {case["due"] for case in as_reported} == {None}
    assert {case["state"] for case in as_reported} == {"proposed", "assigned"}


def test_everything_invented_is_labelled(built, ask):
    acts = [event for event in ask("audit", "log") if event["kind"] == "case"]
    invented = [event for event in acts if event["reported"]["source"] == ILLUSTRATIVE]
    cases = ask("list")
    listed = run("--db", built[0] / "register.db", "list")

    assert len(invented) == 57
    assert {event["reported"]["source"] for event in acts} == {ILLUSTRATIVE, "the five documents"}
    for event in invented:
        answer = event["changes"].get("answer", [None, None])[1]
        for words in (event["reason"], event["note"], answer):
            assert words is None or words.startswith("Illustrative:")
        assert event["document"] is None or event["document"].startswith("ILL-")
    touched = {event["key"] for event in invented if event["changes"]}
    for case in cases:
        label = ILLUSTRATIVE if case["ref"] in touched else "the five documents"
        assert case["reported"] == label, case["ref"]
    assert ask("report", "overdue")["notice"] == NOTICE
    assert NOTICE in run("--db", built[0] / "register.db", "show", "000-08").stderr
    assert NOTICE not in listed.stdout


def test_two_conferences_of_one_name_are_two(built, ask):
    codes = {conference["code"]: conference["date"] for conference in ask("conference", "list")}
    words = ["conference", "show", "National Conference on Foreign Affairs", "--json"]
    refused = CliRunner().invoke(casework, ["--db", str(built[0] / "register.db"), *words])
    error = json.loads(refused.stderr)["error"]

    assert (codes["NFAC-20"], codes["NCFA-2021"]) == ("2021-12-13", "2021-12-14")
    assert len(codes) == 6
    assert refused.exit_code == 5
    assert "NFAC-20" in error["message"]
    assert "NCFA-2021" in error["message"]


def test_every_case_says_where_it_stands_in_which_document(ask):
    digests = {}
    for case in ask("list"):
        form = r"(\S+\.txt) sha256:([0-9a-f]{64}) characters (\d+)-(\d+)"
        name, digest, start, end = re.fullmatch(form, case["source"]).groups()
        digests.setdefault(name, set()).add(digest)

        assert int(start) < int(end), case["ref"]
        assert case["ref"][:3] == name[:3]

    assert len(digests) == 5
    assert all(len(one) == 1 for one in digests.values())


@pytest.mark.parametrize("found", [True, False], ids=["on the path", "by its own path"])
def test_what_is_to_be_tried_next_can_be_typed_as_it_stands(tmp_path, found):
    program = Path(sys.executable).with_name("casework")
    env = os.environ | {"PATH": str(program.parent) if found else "/usr/bin"}
    told = subprocess.run([program, "demo"], env=env, cwd=tmp_path, capture_output=True, text=True)
    (*_, search, advance, verify) = told.stdout.splitlines()

    for line in (search, advance, verify):
        assert line.split()[0] == ("casework" if found else str(program))
        again = subprocess.run(line, shell=True, env=env, cwd=tmp_path, capture_output=True)
        assert again.returncode == 0, again.stderr
        assert again.stdout.strip() not in {b"", b"none"}
