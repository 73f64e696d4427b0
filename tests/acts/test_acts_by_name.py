"""Acts by name: what each takes, what it leaves, and whom it is offered to; on both engines."""

import inspect
import re
from datetime import date, datetime

import click
import pytest
from command_tree import commands
from offices import strict_office

from casework.acts import notices
from casework.acts.by_name import ACTS, CHOICES, Form, at_desk, do, read
from casework.acts.cases import Why
from casework.acts.offers import offered
from casework.acts.session import Session
from casework.errors import CaseworkError, ConflictError, NotFoundError, RefusedError, UsageError
from casework.kinds.choices import State
from casework.kinds.records import Case, Person
from casework.questions import lookup

WHY = {"reason", "document", "document_date", "effective", "if_version"}
NO_FIELDS = {"dry_run", "as_it_was", "not_ours", "help", "where", "view", "yes", "template"}
CALLED = {"put-back", "note", "link", "correct", "contest"}
CALLED |= {"grant-time", "refuse-time", "withdraw-time", "verdict"}
"""Acts whose commands take their fields in another shape."""


@pytest.fixture
def told():
    return []


@pytest.fixture
def act(office, told):
    """A function that does an act by name, as a face would that is no command line."""

    def done(name, ref=None, /, *, by=None, key=None, dry_run=False, **given):
        session = Session(target=office.url, by=by, key=key, tell=told.append, for_reader=True)
        return do(session, name, ref, given, dry_run=dry_run)

    return done


@pytest.mark.parametrize("name", ACTS)
def test_an_act_takes_what_its_function_takes(name):
    takes = inspect.signature(ACTS[name].does).parameters
    own = {
        one.name: one.default is one.empty
        for one in takes.values()
        if one.name not in {"desk", "ref", "why", "said"}
    }
    # What describes a recommendation is said of it as one, and checked as such.
    described = {one.short for one in Case.fields if one.option} if "said" in takes else set()
    fields = {one.name: one.must for one in ACTS[name].fields if one.name not in WHY}

    assert {one: must for one, must in fields.items() if one not in described | {"ref"}} == own
    assert described <= fields.keys()
    assert takes["why"].annotation == Why.__name__
    assert ("ref" in fields) is not ACTS[name].on_case


@pytest.mark.parametrize("name", [name for name in ACTS if name not in CALLED])
def test_an_act_takes_what_its_command_takes(name):
    command = dict(commands())[(name,)]
    takes = {
        str(option.name): option.required
        for option in command.params
        if option.expose_value and option.name not in NO_FIELDS
    }

    assert {one.name: one.must for one in ACTS[name].fields} == takes
    words = [one.name for one in command.params if isinstance(one, click.Argument)]
    assert words == (["ref"] if ACTS[name].on_case else [])


def test_a_case_is_taken_through_its_life_by_names(office, act):
    made = act("propose", title="Rules for offices", proposer="hcmc-pc", theme="law").case
    ref = made.ref
    act("assign", ref, owner="Ministry of Foreign Affairs", due="2099-12-31", coordinating=["vufo"])
    act("advance", ref)
    act("answer", ref, by="lan", outcome="Partly implemented", answer="Circular 3")
    left = act("advance", ref, document="3/TT")

    assert made.theme == ("law",)
    assert (left.case.state, left.case.outcome) == (State.RESOLVED, "partly-implemented")
    assert left.case.coordinating == ("vufo",)
    told = [(one["act"], one["actor"]) for one in office.json("history", ref)]
    assert told == [
        ("propose", "registrar"),
        ("assign", "registrar"),
        ("study", "registrar"),
        ("answer", "lan"),
        ("resolve", "registrar"),
    ]


def test_what_the_command_line_did_under_a_key_is_not_done_again(office, case):
    ref = case()
    office("assign", ref, "--owner", "mofa", "--due", "2099-12-31", "--idempotency-key", "k1")
    before = office.head()
    given = {"ref": ref, "owner": "mofa", "due": "2099-12-31", "basis": "set"}
    session = Session(target=office.url, key="k1", what=f"assign {ref}", given=given)
    left = do(session, "assign", ref, {"owner": "mofa", "due": "2099-12-31"})

    assert left.done.first.actor == "registrar"
    assert (left.case.ref, left.case.state) == (ref, State.ASSIGNED)
    assert office.head() == before


def test_an_act_under_a_key_is_done_once_and_another_text_is_refused(office, act):
    first = act("propose", title="Rules", proposer="mofa", key="k1")
    again = act("propose", title="Rules", proposer="mofa", key="k1")

    assert first.done is None
    assert again.done.first.recorded_at
    assert again.case == first.case
    with pytest.raises(ConflictError):
        act("propose", title="Other rules", proposer="mofa", key="k1")
    assert len(office.json("list")) == 1


def test_a_rehearsed_act_shows_what_it_would_leave(office, case, act, told):
    ref = case()
    before = office.head()
    left = act("assign", ref, owner="mofa", due=date(2099, 12, 31), dry_run=True)

    assert left.case.state is State.ASSIGNED
    assert office.head() == before
    assert told == [notices.Rehearsed()]


def test_an_act_that_needs_a_second_person_leaves_the_case_and_says_what_waits(office, case, act):
    ref = case("under_study")
    strict_office(office)
    left = act("advance", ref, outcome="explained", answer="Decree 6")

    assert left.case.state is State.UNDER_STUDY
    assert left.waiting.subject == ref
    assert [one["code"] for one in office.json("request", "list")] == [left.waiting.code]


def test_what_waits_for_a_second_person_is_asked_for_once_under_its_key(office, case, act):
    ref = case("under_study")
    strict_office(office)
    given = {"outcome": "explained", "answer": "Decree 6", "key": "k1"}
    first, again = act("advance", ref, **given), act("advance", ref, **given)

    assert again.done is not None
    assert (again.case, again.waiting) == (first.case, first.waiting)
    assert len(office.json("request", "list")) == 1


@pytest.mark.parametrize(
    ("name", "ref"), [("note", None), ("note", 7), ("note", b"A.1"), ("propose", "A.1")]
)
def test_the_case_of_an_act_is_one_reference_or_none(office, act, name, ref):
    given = {"words": "W"} if name == "note" else {"title": "T", "proposer": "mofa"}
    before = office.head()
    with pytest.raises(UsageError) as caught:
        act(name, ref, **given)

    assert "{" not in "".join(caught.value.told("vi"))
    assert office.head() == before


def test_which_day_a_date_means_is_told_as_a_value(case, act, told):
    ref = case()
    left = act("assign", ref, owner="mofa", due="31/12/2098", effective="10/1/2022")
    act("note", ref, words="heard")

    assert told[0] == notices.DateMeant(name="due", day=date(2098, 12, 31))
    assert left.case.assigned_on == date(2022, 1, 10)


def test_many_acts_may_be_done_at_one_desk(office, case):
    refs = [case(), case()]
    values = read("assign", {"owner": "mofa", "due": "2099-12-31"})
    size = office.head().size
    with Session(target=office.url, what="assign").desk() as desk:
        left = [at_desk(desk, "assign", ref, values) for ref in refs]

    assert [one.owner for one in left] == ["mofa", "mofa"]
    assert office.head().size == size + 2


@pytest.mark.parametrize(
    ("name", "given", "error"),
    [
        ("asign", {}, NotFoundError),
        ("__class__", {}, NotFoundError),
        ("assign", {"owner": "mofa"}, UsageError),
        ("assign", {"owner": "mofa", "due": None}, UsageError),
        ("assign", {"owner": "mofa", "due": "2099-12-31", "state": "resolved"}, UsageError),
        ("assign", {"owner": "mofa", "due": "2099-12-31", "desk": None}, UsageError),
        ("assign", {"owner": 7, "due": "2099-12-31"}, UsageError),
        ("assign", {"owner": "mofa", "due": 2099}, UsageError),
        ("assign", {"owner": "mofa", "due": datetime(2099, 1, 1)}, UsageError),  # noqa: DTZ001
        ("assign", {"owner": "mofa", "due": "soon"}, UsageError),
        ("assign", {"owner": "mofa", "due": "2099-12-31", "basis": "rumour"}, UsageError),
        ("assign", {"owner": "mofa", "due": "2099-12-31", "effective": "Q2/2022"}, UsageError),
        ("assign", {"owner": "mofa", "due": "2099-12-31", "if_version": True}, UsageError),
        ("assign", {"owner": "mofa", "due": "2099-12-31", "if_version": "one"}, UsageError),
        ("assign", {"owner": "mofa", "due": "2099-12-31", "coordinating": [1]}, UsageError),
        ("assign", {"owner": "mofa", "due": "2099-12-31", "coordinating": {"vufo": 1}}, UsageError),
        ("assign", {"owner": "mofa", "due": "2000-01-01"}, RefusedError),
        ("close", {"outcome": "finished", "reason": "R"}, UsageError),
        ("link", {"other": "X", "relation": "likes"}, UsageError),
        ("link", {"other": "X", "relation": "repeats", "remove": "yes"}, UsageError),
        ("note", {"words": b"bytes"}, UsageError),
        ("note", {"words": "\ud800"}, UsageError),
        ("return", {"reason": ""}, CaseworkError),
    ],
)
def test_what_an_act_does_not_take_is_refused_and_changes_nothing(
    office, case, act, name, given, error
):
    ref = case()
    before = office.head()
    with pytest.raises(error) as caught:
        act(name, ref, **given)

    assert office.head() == before
    for lang in ("en", "vi"):
        message, hint = caught.value.told(lang)
        assert message
        assert not message.startswith("acts.")
        assert re.search(r"\{\w+\}", message + hint) is None


def test_a_new_case_has_no_version_yet(office):
    words = ("propose", "--title", "T", "--proposer", "vufo")
    error = office.refused(2, *words, "--if-version", 1)

    assert error["message"] == "a new case has no version yet"
    assert error["hint"] == "leave --if-version out"


def test_each_form_of_a_field_has_its_words():
    from casework.words import has

    forms = {field.form for act in ACTS.values() for field in act.fields}

    assert forms == set(Form)
    assert all(form in CHOICES or has(f"acts.takes.{form}") for form in forms)


GIVEN = {
    "propose": {"title": "T", "proposer": "mofa"},
    "edit": {"title": "Other"},
    "assign": {"owner": "mofa", "due": "2099-12-31"},
    "advance": {},
    "answer": {"outcome": "explained", "answer": "A"},
    "close": {"outcome": "withdrawn", "reason": "R"},
    "reassign": {"owner": "vufo", "reason": "R"},
    "extend": {"due": "2099-12-31", "reason": "R"},
    "coordinate": {"add": "vufo"},
    "link": {"other": "OTHER", "relation": "relates-to"},
    "note": {"words": "W"},
    "correct": {"field": "title", "to": "Right", "reason": "R"},
    "resume": {},
    "grant-time": {},
    "withdraw-time": {},
    "verdict": {"verdict": "satisfied"},
}
AS_THEY_STAND = (
    *("proposed", "assigned", "under_study", "resolved", "closed", "held", "doubted"),
    *("asked", "contested"),
)


def standing(office, case, how):
    """Make a case that stands so, and return its reference."""
    if how == "doubted":
        row = "title,proposer,conference,state,owner,outcome,answer\n"
        row += "T,hcmc-pc,NFAC-20,resolved,mofa,implemented,The work goes on\n"
        office("import", "-", input=row)
        return next(one["ref"] for one in office.json("list") if one["title"] == "T")
    came = {"held": "assigned", "asked": "assigned", "contested": "under_study"}
    ref = case((came | {"closed": "proposed"}).get(how, how))
    if how == "asked":
        office("extend", ref, "--due", "2099-12-31", "--reason", "R", "--by", "lan")
    if how == "contested":
        office("return", ref, "--not-ours", "--reason", "R", "--by", "lan")
    if how == "held":
        office("hold", ref, "--reason", "R")
    if how == "closed":
        office("close", ref, "--outcome", "withdrawn", "--reason", "R")
    return ref


@pytest.mark.parametrize("how", AS_THEY_STAND)
def test_what_is_offered_can_be_done_and_nothing_else(office, case, how, act):
    case(ref="OTHER")
    ref = standing(office, case, how)
    before = office.head()
    for by in ("registrar", "lan", "minh", "thanh", "chi"):
        with office.store().reading() as connection:
            person = lookup.find(connection, Person, by)
            offers = [one.name for one in offered(person, lookup.find_case(connection, ref))]
            if "propose" in [one.name for one in offered(person)]:
                offers.append("propose")
        assert len(offers) == len(set(offers))
        done = set()
        for name in ACTS:
            given = GIVEN.get(name, {"reason": "R"})
            if name == "advance" and how in {"under_study", "doubted", "contested"}:
                given = {"outcome": "explained", "answer": "A"}
            if name == "reopen" and how == "closed":
                given = {"owner": "mofa", "reason": "R"}
            try:
                act(name, ref if ACTS[name].on_case else None, by=by, dry_run=True, **given)
            except CaseworkError:
                continue
            done.add(name)
        assert done == set(offers), (how, by)
    assert office.head() == before
