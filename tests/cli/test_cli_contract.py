"""What scripts rely on: where options stand, who acts, and what is printed where."""

import json
from shlex import split

import pytest
from click.testing import CliRunner

from casework.cli import casework
from casework.system.platforms import login as os_login


@pytest.fixture
def engine():
    """On SQLite only: the engine has no say in how a command line is read and answered."""
    return "sqlite"


@pytest.mark.parametrize(
    "line",
    [
        "--json list",
        "list --json",
        "--format json list",
        "list --format=json",
        "list --format csv --json",
        "--format csv list --format json",
    ],
)
def test_global_options_stand_before_or_after_the_command_and_the_last_one_counts(office, line):
    office(*split("propose --title T --proposer vufo"))

    assert office(*split(line)).stdout == office("--json", "list").stdout


@pytest.mark.parametrize("line", ["org --json list", "--json org list", "org list --json"])
def test_global_options_may_also_stand_between_a_noun_and_its_verb(office, line):
    assert [org["code"] for org in office(*split(line)).json] == sorted(
        ["central", "hcmc-pc", "mofa", "vufo"]
    )


def test_the_store_is_the_one_named_on_the_line_or_else_by_the_environment(
    office, monkeypatch, tmp_path
):
    def ask(*words):
        return CliRunner().invoke(casework, words)

    monkeypatch.setenv("CASEWORK_DB", office.url)
    missing = str(tmp_path / "missing.db")

    assert ask("conference", "list").exit_code == 0
    assert ask("--db", missing, "conference", "list").exit_code == 8
    assert ask("conference", "list", "--db", missing).exit_code == 8
    assert missing in ask("conference", "--db", missing, "list").stderr
    assert ask("--db", missing, "conference", "list", "--db", office.url).exit_code == 0
    monkeypatch.setenv("CASEWORK_DB", missing)
    assert ask("conference", "list").exit_code == 8


def test_who_acts_is_named_on_the_line_or_else_by_the_environment_or_else_by_the_login(
    office, case, monkeypatch
):
    ref = case("assigned")

    office("note", ref, "by the login")
    monkeypatch.setenv("CASEWORK_BY", "minh")
    office("note", ref, "by the environment")
    office("--by", "lan", "note", ref, "by the line")
    office("note", ref, "by the line", "--by", "Nguyen Thi Lan")

    events = office.json("history", ref)[-4:]
    assert [event["actor"] for event in events] == ["registrar", "minh", "lan", "lan"]
    assert {event["login"] for event in events} == {os_login()}


def test_the_registrar_gives_up_the_login_to_the_person_added_with_it(office, case):
    ref = case()
    office(
        "person",
        "add",
        "hoa",
        "--name",
        "Hoa",
        "--org",
        "mofa",
        "--role",
        "secretariat",
        "--login",
        os_login(),
    )

    office("note", ref, "text")

    assert office.json("history", ref)[-1]["actor"] == "hoa"
    assert office.json("person", "show", "registrar")["login"] is None
    assert office.refused(5, *split("person edit lan --login"), os_login())["message"]
    office(*split("person deactivate hoa --reason left"))
    assert os_login() in office.refused(3, "note", ref, "text")["message"]
    assert "hoa left" in office.refused(6, "note", ref, "text", "--by", "hoa")["message"]


@pytest.mark.parametrize(
    ("line", "code", "exit"),
    [
        ("nope", "usage", 2),
        ("list --nope", "usage", 2),
        ("org", "usage", 2),
        ("show NFAC-20.999", "not-found", 3),
        ("advance NFAC-20.001", "refused", 4),
        ("org add mofa --name M", "conflict", 5),
        ("propose --title T --proposer vufo --by thanh", "not-allowed", 6),
        ("list --db nowhere.db", "unavailable", 8),
        ("report overdue --fail-on-overdue", "overdue", 10),
    ],
)
def test_an_error_is_one_json_object_on_standard_error(office, case, line, code, exit):
    case()
    case("assigned", due="2022-01-31")
    quiet = exit != 10

    for spelling in ("--json", "--format json", "--format=json", "--format ndjson"):
        result = office.run(*split(line), *split(spelling))
        assert result.exit_code == exit
        assert len(result.stderr.splitlines()) == 1
        assert json.loads(result.stderr).keys() == {"error"}
        assert result.error.keys() == {"code", "message", "hint", "exit"}
        assert (result.error["code"], result.error["exit"]) == (code, exit)
        assert result.error["message"]
        assert len(result.error["message"].splitlines()) == 1
        assert (result.stdout == "") is quiet
    # What a report has to say beside comes first.
    plain = office.run(*split(line), "--quiet")
    assert plain.stderr.startswith("casework: ")
    assert plain.exit_code == exit


def test_results_are_json_on_standard_output_while_other_things_are_told_beside(office, tmp_path):
    line = split("propose --title T --proposer vufo --dry-run --json")

    noisy = office(*line)
    assert noisy.json["title"] == "T"
    assert "nothing was changed" in noisy.stderr
    assert office(*line, "--quiet").stderr == ""
    written = office("report", "overdue", "--output", tmp_path / "report.json", "--json")
    assert "report.json" in written.stderr
    assert "log" in json.loads((tmp_path / "report.json").read_text())


def test_a_traceback_is_shown_when_it_is_asked_for_and_only_then(office):
    assert "Traceback" not in office.run("show", "X").stderr
    assert "Traceback" in office.run("show", "X", "--debug").stderr
