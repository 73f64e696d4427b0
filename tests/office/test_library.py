"""casework as a library: the example of its page, and what a script may ask; on both engines."""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from threading import Thread

import pytest

import casework
from casework.acts import notices
from casework.errors import (
    ConflictError,
    NotAllowedError,
    NotFoundError,
    SeveralError,
    UnavailableError,
    UsageError,
)
from casework.kinds.choices import State
from casework.office.demo import build

ROOT = Path(__file__).parents[2]


@pytest.fixture
def register(office):
    return casework.open(office.url)


NOTED = {"library.md": "A new date was asked for.", "library.vi.md": "Đã hỏi thời hạn mới."}
"""The note that the example of each page leaves."""


def examples(page):
    """Return what a page shows in Python: the register used, and a deputy's session."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    first, second = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return first, second


@pytest.mark.parametrize("page", NOTED)
def test_the_example_of_the_page_runs_and_is_short(tmp_path, page):
    example, _ = examples(page)
    # Nothing is due before the day of the act, which is today.
    assert example.count("30/6/2027") == 1
    example = example.replace("30/6/2027", "30/6/2087")
    build(tmp_path / "casework-demo")
    said = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    lines = said.stdout.splitlines()

    assert len([line for line in example.splitlines() if line]) <= 10
    assert re.fullmatch(r"000-02(?: is|:) assigned, (?:due )?2087-06-30", lines[0])
    assert lines[1] == "003-07 mofa 2021-11-30"
    assert re.fullmatch(r"[1-9]\d*(?: are overdue before NFAC-21)?", lines[-1])
    assert said.stderr == ""
    assert notes(tmp_path / "casework-demo" / "register.db") == {NOTED[page]}


@pytest.mark.parametrize("page", NOTED)
def test_the_example_of_a_deputy_acts_in_both_names(office, case, page):
    _, example = examples(page)
    office("person", "away", "lan", "--to", "2099-12-31", "--deputy", "minh")
    ref = case("assigned")

    exec(example.replace('"register.db"', repr(office.url)).replace("000-08", ref))

    last = office.json("history", ref)[-1]
    assert (last["actor"], last["deputy_of"], last["act"]) == ("minh", "lan", "note")


def notes(path):
    """Return the notes that the example of the page has left on the cases it was for."""
    register = casework.open(str(path), by="registrar")
    found = register.cases(owner="mofa", overdue=True)
    return {register.history(one.ref)[-1].note for one in found}


def test_importing_it_imports_nothing_else():
    code = (
        "import sys; before = set(sys.modules); import casework\n"
        "print(sorted(set(sys.modules) - before))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout == "['casework']\n"


def test_it_needs_no_command_line():
    code = "import sys, casework; casework.Register; print('click' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout == "False\n"


def test_it_has_no_other_names():
    with pytest.raises(AttributeError, match="no attribute 'close'"):
        casework.close  # noqa: B018


@pytest.mark.parametrize("target", ["missing.db", "ftp://x/y"])
def test_what_is_no_register_is_refused_at_once(tmp_path, monkeypatch, target):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((UnavailableError, UsageError)):
        casework.open(target)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_register_is_refused_at_once(tmp_path):
    (tmp_path / "other.db").write_bytes(b"")
    with pytest.raises(UnavailableError):
        casework.open(str(tmp_path / "other.db"))


def test_the_register_is_the_one_the_environment_names(office, monkeypatch):
    monkeypatch.setenv("CASEWORK_DB", office.url)

    assert casework.open().cases() == []


def test_a_script_does_and_asks_what_the_command_line_does(office, case, register):
    first, late = case(title="Rules for offices"), case("assigned", due="2022-06-30")
    left = register.do("assign", first, owner="Bộ Ngoại giao", due="2099-12-31")

    assert left.case.state is State.ASSIGNED
    assert register.case(first.lower()) == left.case
    assert [one.ref for one in register.overdue()] == [late]
    assert register.overdue(as_of=date(2022, 6, 30)) == []
    assert register.overdue(owner="vufo") == []
    assert [one.ref for one in register.cases(owner="mofa", sort="due")] == [late, first]
    assert [one.ref for one in register.cases(state="Assigned", text="van phong")] == [
        one["ref"] for one in office.json("list", "--state", "assigned", "--text", "van phong")
    ]
    assert [one.act for one in register.history(first)] == ["propose", "assign"]
    assert register.report("overdue").as_json() == office.json("report", "overdue")


def test_a_script_does_an_act_on_many_cases_or_on_none(office, case, register):
    refs = [case() for _ in range(3)]
    given = {"owner": "mofa", "due": "2099-12-31"}
    rehearsed = register.do_many("assign", refs, dry_run=True, **given)
    assert [one.case.state for one in rehearsed] == [State.ASSIGNED] * 3
    assert register.cases(state="assigned") == []

    left = register.do_many("assign", [f"{refs[0]}-003"], key="k1", **given)
    again = register.do_many("assign", [f"{refs[0]}-003"], key="k1", **given)

    assert [one.case.ref for one in left] == [one.case.ref for one in again] == refs
    assert [(one.done, two.done.first.actor) for one, two in zip(left, again, strict=True)] == [
        (None, "registrar")
    ] * 3
    before = office.head()
    with pytest.raises(SeveralError) as raised:
        register.do_many("advance", [*refs, "none"])
    assert [one.ref for one in raised.value.refusals] == ["none"]
    with pytest.raises(ConflictError):
        register.do_many("assign", refs[:2], key="k1", **given)
    for refused, asked in (
        (NotFoundError, {"where": "state:resolved"}),
        (UsageError, {}),
        (UsageError, {"where": "state:"}),
    ):
        with pytest.raises(refused):
            register.do_many("advance", **asked)
    with pytest.raises(NotFoundError):
        register.do_many("advance", [])
    with pytest.raises(UsageError):
        register.do_many("propose", refs, title="T", proposer="mofa")
    assert office.head() == before


def test_cases_are_asked_for_as_they_stood(case, register):
    ref = case("resolved")
    (then,) = register.cases(as_of=date(2022, 1, 15))

    assert (then.ref, then.state) == (ref, State.ASSIGNED)
    assert register.case(ref).state is State.RESOLVED


@pytest.mark.parametrize(
    "wanted",
    [
        {"colour": "red"},
        {"state": "asigned"},
        {"state": 7},
        {"sort": "colour"},
        {"limit": 0},
        {"limit": "3"},
        {"limit": True},
        {"overdue": "yes"},
        {"due_before": 7},
        {"text": ""},
        {"text": 7},
        {"theme": 7},
        {"owner": 7},
    ],
)
def test_what_cases_cannot_be_asked_for_by_is_refused(register, wanted):
    with pytest.raises(UsageError) as caught:
        register.cases(**wanted)

    assert re.search(r"\{\w+\}|wanted\.", "".join(caught.value.told("vi"))) is None


def test_an_unknown_name_is_refused(register):
    with pytest.raises(NotFoundError):
        register.cases(owner="Nobody")
    with pytest.raises(NotFoundError):
        register.case("X.1")
    with pytest.raises(NotFoundError):
        register.report("frame")


def test_who_acts_is_chosen_when_it_is_opened(office, case):
    ref = case("assigned")
    lan = casework.open(office.url, by="lan")

    assert "answer" not in [one.name for one in lan.offers(ref)]
    offered = ["advance", "return", "note", "extend", "contest"]
    assert [one.name for one in lan.offers(ref)] == offered
    assert lan.offers() == []
    lan.do("advance", ref)
    with pytest.raises(NotAllowedError):
        lan.do("hold", ref, reason="R")
    assert str(lan.do("extend", ref, due="2099-12-31", reason="R").case.asked_due) == "2099-12-31"
    assert [one.actor for one in lan.history(ref)][-1] == "lan"


def test_what_is_to_be_said_comes_as_values(office, case):
    ref, told = case(), []
    register = casework.Register(office.url, tell=told.append)
    register.do("assign", ref, owner="mofa", due="31/12/2098", dry_run=True)

    assert told == [notices.DateMeant(name="due", day=date(2098, 12, 31)), notices.Rehearsed()]


def test_acts_of_several_threads_are_all_kept(office, case, register):
    refs = [case() for _ in range(4)]
    threads = [
        Thread(target=register.do, args=("note", ref), kwargs={"words": f"on {ref}"})
        for ref in refs
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert [office.json("history", ref)[-1]["note"] for ref in refs] == [
        f"on {one}" for one in refs
    ]
    office("audit", "verify")
