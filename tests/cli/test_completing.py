"""A Tab gives values: references, codes, fields and the outcomes that are allowed; or nothing."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
import time_machine
from click.shell_completion import get_completion_class

from casework.cli import COMPLETE, casework, completing
from casework.cli.settings import Settings
from casework.kinds.choices import CLOSING_OUTCOMES, Outcome
from casework.questions import beginning
from casework.system.configuration import Configuration

COMMAND = Path(sys.executable).with_name("casework")
EMPTY = ["show", "assign X --owner", "list --conference", "close X --outcome", "org edit"]


def tab(url, line, shell="zsh", lang="en"):
    """Return what a shell is told of the last word of a line, each with its help."""
    completing.offer()
    found = get_completion_class(shell)
    one = found(casework, {"obj": Settings(db=url, lang=lang)}, "casework", COMPLETE)
    *words, typed = line.split(" ")
    return [(item.value, item.help) for item in one.get_completions(words, typed)]


def offered(*args, **more):
    return [value for value, _ in tab(*args, **more)]


def test_references_begin_as_typed_whatever_their_case(office):
    for number in (1, 2, 10):
        office(
            "propose", "--title", f"T{number}", "--proposer", "vufo", "--ref", f"NFAC-9.{number}"
        )

    assert tab(office.url, "show nfac-9.1") == [("NFAC-9.1", "T1"), ("NFAC-9.10", "T10")]
    assert offered(office.url, "audit log --case NFAC-9.2") == ["NFAC-9.2"]
    assert offered(office.url, "link NFAC-9.1 --repeats nfac-9.") == [
        *("NFAC-9.1", "NFAC-9.10", "NFAC-9.2")
    ]
    assert offered(office.url, "audit export NFAC-9.1 NFAC-9.1") == ["NFAC-9.10"]
    assert offered(office.url, "show nothing") == []


def test_of_very_many_references_the_last_one_is_told_too(office, monkeypatch):
    monkeypatch.setattr(beginning, "MOST", 3)
    for number in range(5):
        office("propose", "--title", "T", "--proposer", "vufo", "--ref", f"Z{number}.1")

    # What a shell writes of these is what all five have in common.
    assert offered(office.url, "show z") == ["Z0.1", "Z1.1", "Z4.1"]


def test_codes_are_of_the_kind_an_option_takes(office):
    office("cause", "add", "opinions", "--name", "Opinions came late", "--objective", "no")

    assert tab(office.url, "assign X --owner mo") == [("mofa", "Ministry of Foreign Affairs")]
    assert tab(office.url, "assign X --owner mo", lang="vi") == [("mofa", "Bộ Ngoại giao")]
    assert offered(office.url, "list --conference nfac-20") == ["NFAC-20"]
    assert offered(office.url, "report overdue --before n") == offered(
        office.url, "conference show n"
    )
    assert offered(office.url, "list --late-cause op") == ["opinions"]
    assert offered(office.url, "audit log --actor reg") == ["registrar"]
    assert offered(office.url, "--by reg") == ["registrar"]
    assert offered(office.url, "assign X --by reg") == ["registrar"]
    for line in ("org show vu", "person add x --org vu", "org end x --successor vu"):
        assert offered(office.url, line) == ["vufo"], line
    # What is to be new is nobody's code yet.
    assert offered(office.url, "org add vu") == []


def test_a_name_is_found_where_no_code_begins_so(office):
    assert offered(office.url, "list --owner ngo") == []
    assert offered(office.url, "list --owner bộ") == ["mofa"]
    assert offered(office.url, "list --owner BO", shell="bash") == ["mofa"]
    # bash would write what several have in common, here nothing, over what was typed.
    several = ("list", "--owner", "c")
    assert {"central"} == set(offered(office.url, " ".join(several)))
    office("org", "edit", "vufo", "--alias", "Bốn phương")
    assert offered(office.url, "list --owner bo") == ["mofa", "vufo"]
    assert offered(office.url, "list --owner bo", shell="bash") == []


def test_the_outcomes_are_those_the_command_may_give(office):
    office("propose", "--title", "T", "--proposer", "vufo", "--ref", "A.1")
    closing, every = [*map(str, CLOSING_OUTCOMES)], [*map(str, Outcome)]

    assert offered(office.url, "close --outcome ") == closing
    assert offered(office.url, "close A.1 --outcome ") == closing
    assert offered(office.url, "close A.1 --outcome with") == ["withdrawn"]
    assert offered(office.url, "answer --outcome ") == every
    assert offered(office.url, "answer A.1 --outcome ") == []
    assert offered(office.url, "advance A.1 --outcome ") == []
    office("assign", "A.1", "--owner", "mofa", "--due", "2099-01-01")
    assert offered(office.url, "advance A.1 --outcome ") == []
    office("advance", "A.1")
    assert offered(office.url, "advance A.1 --outcome ") == every
    assert offered(office.url, "answer a.1 --outcome=impl") == ["implemented"]
    assert offered(office.url, "answer a.1 --outcome = impl") == ["implemented"]
    assert offered(office.url, "close A.1 --outcome ") == []
    # As a filter any of its words will do.
    assert offered(office.url, "list --state und") == ["under-study"]


def test_fields_and_acts_are_those_there_are(office):
    assert offered(office.url, "correct A.1 --field du") == ["due", "due_basis", "due_words"]
    assert "title" in offered(office.url, "redact A.1 --field ")
    assert "state" not in offered(office.url, "redact A.1 --field ")
    assert "state" in offered(office.url, "audit log --field ")
    assert offered(office.url, "audit log --act reas") == ["reassign"]


def test_orders_columns_and_queries_are_completed_part_by_part(office):
    def of(option, typed):
        completing.offer()
        zsh = get_completion_class("zsh")
        one = zsh(casework, {"obj": Settings(db=office.url)}, "casework", COMPLETE)
        return [item.value for item in one.get_completions(["list", option], typed)]

    assert of("--sort", "owner,-du") == ["owner,-due"]
    assert "due" in of("--sort", "")
    assert of("--sort", "-original") == ["-original_due"]
    assert of("--columns", "ref,tit") == ["ref,title", "ref,title_vi"]
    assert of("--where", "owner:mo") == ["owner:mofa"]
    begun = of("--where", "overdue and (not own")
    assert "overdue and (not owner:mofa" in begun
    assert all(one.startswith("overdue and (not owner:") for one in begun)
    assert of("--where", "state:under") == ["state:under-study"]
    assert set(of("--where", "no-o")) > {"no-owner", "no-officer", "no-outcome"}
    assert of("--where", "titl") == ["title:", "title-vi:"]
    assert of("--where", "over") == ["overdue"]
    assert of("--where", "open changed-s") == ["open changed-since:"]
    assert of("--where", "nothing:x") == []
    assert "owner:mofa no-due" in of("--where", "owner:mofa ")


def test_views_are_completed_by_their_names(office):
    completing.offer()
    configured = Configuration(aliases={"late": "list --overdue", "o": "status"})
    chosen = Settings(db=office.url, configured=configured)
    one = get_completion_class("fish")(casework, {"obj": chosen}, "casework", COMPLETE)

    for words in (["list", "--view"], ["view", "drop"]):
        assert [item.value for item in one.get_completions(words, "")] == ["late"]
    office("view", "save", "open", "--open", "--shared")
    office("view", "save", "late", "--open", "--shared")
    found = one.get_completions(["list", "--view"], "")
    assert {item.value: item.help for item in found} == {
        "late": "list --overdue",
        "open": "--open",
    }


def test_papers_are_completed_by_their_numbers_the_newest_first(office, tmp_path):
    office("office", "set", "--name", "Ban", "--series", "BC-BTK")
    for year in (2025, 2026):
        with time_machine.travel(f"{year}-03-01", tick=False):
            for number in (1, 2)[: year - 2024]:
                to = tmp_path / f"{year}-{number}.html"
                office("paper", "issue", "progress", "--output", to)
    every = [("02/BC-BTK", "progress 2026-03-01"), ("01/BC-BTK", "progress 2026-03-01")]
    every.append(("1/2025", "progress 2025-03-01"))

    for line in ("paper show ", "paper withdraw ", "paper diff ", "paper diff 1 "):
        assert tab(office.url, line) == every
    assert offered(office.url, "paper show 0") == ["02/BC-BTK", "01/BC-BTK"]
    assert offered(office.url, "paper show 1") == ["01/BC-BTK", "1/2025"]
    assert offered(office.url, "paper show 02/bc") == ["02/BC-BTK"]
    assert office.json("paper", "show", "1/2025")["as_of"] == "2025-03-01"
    assert offered(office.url, "paper issue prog") == ["progress"]


def test_reports_take_the_words_of_queries_and_periods(office):
    assert offered(office.url, "report progress --where owner:mo") == ["owner:mofa"]
    assert offered(office.url, "paper issue overdue --where state:under") == ["state:under-study"]
    assert offered(office.url, "note X --for reg") == ["registrar"]
    assert offered(office.url, "verdict X sat") == ["satisfied"]
    for one in offered(office.url, "report progress --period "):
        office("report", "progress", "--period", "2021" + one[4:])
    with time_machine.travel("2026-03-01", tick=False):
        assert offered(office.url, "report progress --period 2025-Q4") == ["2025-Q4"]


def test_what_waits_for_a_second_person_is_told_by_its_code(office):
    office("propose", "--title", "T", "--proposer", "vufo", "--ref", "A.1")
    office("person", "add", "nga", "--name", "Nga", "--org", "central", "--role", "secretariat")
    office("person", "edit", "nga", "--login", "nga")
    office("policy", "four-eyes", "on", "--reason", "R")
    office("close", "A.1", "--outcome", "withdrawn", "--reason", "R")

    assert tab(office.url, "request confirm a") == [("A.1.R1", "close A.1")]
    assert offered(office.url, "request show b") == []


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_a_secret_title_is_not_told(office, lang):
    said = ("--title", "Hidden", "--title-vi", "Giấu", "--proposer", "vufo", "--ref", "S.1")
    office("propose", *said, "--secrecy", "secret")

    for line in ("show S", "--with-secret show S"):
        assert tab(office.url, line, lang=lang) == [("S.1", "[withheld]")]


def test_no_answer_is_no_error_and_makes_no_store(tmp_path, capsys):
    nowhere, broken = tmp_path / "none" / "r.db", tmp_path / "broken.db"
    broken.write_text("no register")
    for url in (str(nowhere), str(broken), "postgresql://127.0.0.1:1/none", "bad://x"):
        for line in EMPTY:
            asked = line + (" " if not line.endswith("edit") else " x")
            outcomes = "outcome" in line
            assert offered(url, asked) in ([[]] if not outcomes else [[], []]), (url, line)

    assert capsys.readouterr() == ("", "")
    assert not nowhere.parent.exists()
    assert broken.read_text() == "no register"


def commands(command=casework, path=()):
    context = click.Context(casework)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))
        else:
            yield (*path, name), found


NEVER = {
    *("conference add code", "org add code", "person add code", "cause add code"),
    "propose ref",
}
"""Parameters called as a code is that name something new."""


def test_no_parameter_that_takes_a_code_is_forgotten():
    called = {"REF", "ORG", "PERSON", "C", "CONF", "CODE", "VERB"}
    forgotten, known = [], 0
    for path, command in commands():
        for one in command.params:
            takes = str(one.metavar).strip("[].…") in called or one.name in {"ref", "refs", "code"}
            if takes and f"{' '.join(path)} {one.name}" not in NEVER:
                known += 1
                if completing.taken(path, one) is None:
                    forgotten.append((path, one.name))

    assert forgotten == []
    assert known > 60


def test_a_tab_imports_no_sqlalchemy(office, engine):
    if engine != "sqlite":
        pytest.skip("PostgreSQL is spoken to by it")
    asked = {"COMP_WORDS": "casework org show mof", "COMP_CWORD": "3", "CASEWORK_DB": office.url}
    code = (
        "import atexit, sys; from casework.cli import casework\n"
        "atexit.register(lambda: print('sqlalchemy' in sys.modules, file=sys.stderr))\n"
        "casework()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | asked | {COMPLETE: "bash_complete"},
        capture_output=True,
        text=True,
    )

    assert (done.stdout, done.stderr) == ("plain,mofa\n", "False\n")


def test_what_is_installed_is_made_with_its_folders_and_read_once(shell, tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    start = home / ".bashrc"
    start.write_text("alias l=ls")
    for _ in range(2):
        told = shell("completion", "bash", "--install").stdout
    script = home / "data" / "casework" / "completion.bash"

    assert str(script) in told
    assert start.read_text() == f'alias l=ls\nsource "{script}"\n'
    assert "bash_complete" in script.read_text()
    shell("completion", "fish", "--install")
    assert (home / ".config/fish/completions/casework.fish").is_file()
    assert not (home / ".config/fish/config.fish").exists()
    assert "Out-String" in shell.refused(2, "completion", "powershell", "--install")["hint"]
    start.unlink()
    start.mkdir()
    assert shell.refused(8, "completion", "bash", "--install")["code"] == "unavailable"
