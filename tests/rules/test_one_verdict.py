"""Each act on a case of each standing, through every door of a register that is a file."""

import io
import json
from datetime import timedelta
from hashlib import sha256

import pytest
from standings import FIRST, MADE, PROPOSE, bare

from casework.acts import four_eyes, recounting
from casework.acts.by_name import at_desk, read
from casework.errors import CaseworkError
from casework.exchange import columns, history
from casework.exchange.importing import import_cases
from casework.exchange.sources import Source
from casework.kinds.choices import State
from casework.kinds.records import Case, Person
from casework.ledger.ledger import Desk
from casework.questions import audit_log, lookup
from casework.rules import lawful
from casework.rules.changes import CHANGES, NOT_BEFORE
from casework.rules.workflow import BACK, FORWARD
from casework.store.loading import load

DAY, TOO_EARLY = FIRST + timedelta(100), FIRST - timedelta(1)
ACTS = sorted(CHANGES.keys() - {"propose", "redact"})
"""What is done on a case that is there; to erase its values is no decision on it."""

CLOSED = (30, "close", "--outcome", "withdrawn", "--reason", "r")
STANDINGS = MADE | {"closed later": [*MADE["assigned"], CLOSED]}
DOUBTED = {
    "title": "T", "proposer": "vufo", "owner": "mofa", "due": "2022-04-03", "state": "resolved",
    "proposed_on": "2022-01-03", "assigned_on": "2022-01-13", "study_on": "2022-01-23",
    "resolved_on": "2022-02-02", "outcome": "implemented", "answer": "under implementation",
}  # fmt: skip
GIVEN = {
    # what each act of `by_name` is given, so that it does what `bare` changes
    "resolve": {"outcome": "explained", "answer": "A"},
    "close": {"outcome": "withdrawn", "reason": "r"},
    "reassign": {"owner": "hcmc-pc", "reason": "r"},
    "answer": {"outcome": "explained", "answer": "C"},
    "edit": {"title": "U"},
    "coordinate": {"add": ["vufo"]},
    "link": {"other": "D.0", "relation": "repeats"},
    "note": {"words": "n"},
    "verdict": {"verdict": "not"},
    "correct": {"field": "document", "to": "No. 9", "reason": "r"},
    **{
        verb: {"reason": "r"}
        for verb in ("return", "reopen", "hold", "refuse-time", "contest", "uphold", *BACK.values())
    },
    **{verb: {} for verb in ("study", "confirm", "resume", "withdraw-time")},
}
CALLED = (
    dict.fromkeys(("study", "resolve", "confirm"), "advance")
    | {"ask-time": "extend"}
    | dict.fromkeys(BACK.values(), "put-back")
)


@pytest.fixture
def engine():
    """What every door does here, a server does again: see test_doors_agree."""
    return "sqlite"


class Register:
    """A register with a case of each standing; what is done in it is undone at once."""

    def __init__(self, office):
        who = ("--name", "Nga", "--org", "mofa", "--role", "secretariat", "--login", "nga")
        office("person", "add", "nga", *who)
        for number, steps in enumerate(STANDINGS.values()):
            ref = f"D.{number}"
            office(*PROPOSE, "--ref", ref)
            for days, verb, *words in steps:
                office(verb, ref, *words, "--effective", FIRST + timedelta(days))
        doubted = json.dumps(DOUBTED | {"ref": "D.99"}).encode()
        office("import", "-", input=doubted)
        self.store = office.store()
        with self.store.reading() as connection:
            self.cases = {name: load(connection, Case, f"D.{number}")
                          for number, name in enumerate(STANDINGS)}  # fmt: skip
            self.cases["doubted"] = load(connection, Case, "D.99")
            self.told = {
                case.ref: history.tell(audit_log.history(connection, case.ref))
                for case in self.cases.values()
            }
            self.today = lookup.office_day(connection)
            self.people = {code: load(connection, Person, code) for code in ("nga", "registrar")}

    def desk(self, connection, code="nga"):
        person = self.people[code]
        return Desk(connection, person, person.login or code, self.today)

    def left(self, do):
        """Return how a case is left, or the error; nothing is kept."""
        with self.store.writing() as connection:
            try:
                return do(self.desk(connection))
            except CaseworkError as error:
                return error
            finally:
                connection.rollback()


def raw(desk, case, verb, day):
    """Return the act as a program without any verb would make it."""
    changes = bare(case, verb, day)
    if verb == "recompute":
        changes = {"due": (case.due or DAY) + timedelta(30)}
    if verb == "correct" and case.state is State.RESOLVED:
        changes = {"answer": None}
    if verb in BACK.values() and case.study_on is None:
        changes |= dict.fromkeys(("outcome", "answer", "document"))
    note = "n" if verb == "note" else None
    return desk.act(verb, case, changes, effective_on=day, reason="r", note=note)


def by_verb(desk, case, verb, day, _=None):
    """Do the act as a person asks for it, None where a person asks for another one there."""
    changes = bare(case, verb, day)
    if verb == "recompute":
        due = (case.due or DAY) + timedelta(30)
        found = [recounting.Affected(case, due, moved=True)]
        recounting.move(desk, found, reason="r", document=None)
        return load(desk.connection, Case, case.ref)
    due = {"due": changes.get("due"), "reason": "r"}
    given = {
        "assign": due | {"owner": "mofa"},
        "extend": due,
        "ask-time": {"due": changes.get("asked_due"), "reason": "r", "ask": True},
    }.get(verb) or GIVEN[verb]
    if verb == "correct" and case.state is State.RESOLVED:
        given = {"field": "answer", "to": "", "reason": "r"}
    name = CALLED.get(verb, verb)
    return at_desk(desk, name, case.ref, read(name, given | {"effective": day}))


def is_asked_so(case, verb):
    """Tell whether the verb that is typed leads to this act on a case."""
    if verb == "confirm":
        return case.doubted
    if verb in {"study", "resolve"}:
        return FORWARD.get(case.state) == verb
    if verb in BACK.values():
        came = State.PROPOSED if case.assigned_on is None else State.ASSIGNED
        came = came if case.study_on is None else State.UNDER_STUDY
        return case.state is State.RESOLVED and not case.doubted and BACK[came] == verb
    return True


def several(desk, case, verb, day, _):
    """Do the act as one of several at a desk."""
    at_desk(desk, "note", "D.0", read("note", {"words": "before"}))
    left = by_verb(desk, case, verb, day)
    at_desk(desk, "note", "D.1", read("note", {"words": "after"}))
    return left


def asked_for(desk, case, verb, day, register):
    """Do the act where decisions need two people, and confirm it where it does."""
    four_eyes.set_policy(desk, on=True, reason="r")
    by_verb(desk, case, verb, day)
    for code in [*desk.asked]:
        four_eyes.confirm(register.desk(desk.connection, "registrar"), code)
    return load(desk.connection, Case, case.ref)


OTHERS = {"batch": several, "request": asked_for}
ONE_ACT = ("verb", *OTHERS)


def as_told(desk, case, before, act):
    """Tell of a case with an act more; return how it is left."""
    source = {
        "actor": "nga",
        "recorded_at": "2026-01-31T08:00:00Z",
        "reason": act.reason,
        "note": act.note,
    }
    own = {"changes": {name: list(pair) for name, pair in act.pairs().items()}}
    entry = {"act": act.verb, "effective_on": act.effective_on.isoformat(), "v": 1} | own | source
    return history.told_acts(desk, case.ref, [*before, entry], "a list")[-1].after()


def as_row(desk, left):
    """Import a case as a file that a register writes has it; return it."""
    line = json.dumps(
        columns.line(left) | {"ref": "R.1", "state_since": left.state_since.isoformat()}
    )
    file = line.encode()
    import_cases(desk, Source("a file", sha256(file).hexdigest(), io.BytesIO(file)), "a list")
    return load(desk.connection, Case, "R.1")


def verdicts(register, name, verb, day):
    """Return what each door says of an act, and how each leaves the case."""
    case = register.cases[name]
    before = register.told[case.ref]
    left = {"ledger": register.left(lambda desk: desk.record(raw(desk, case, verb, day)))}
    doors = {"verb": by_verb} | (OTHERS if day == DAY else {})
    for door, do in doors.items() if is_asked_so(case, verb) else ():
        left[door] = register.left(lambda desk, do=do: do(desk, case, verb, day, register))
    if day == DAY and verb not in {"correct", "link"} and not case.doubted:
        told = lambda desk: as_told(desk, case, before, raw(desk, case, verb, day))  # noqa: E731
        left["told"] = register.left(told)
    if not isinstance(left["ledger"], CaseworkError):
        left["row"] = register.left(lambda desk: as_row(desk, left["ledger"]))
    return left


SHORT = (
    "proposed",
    "assigned",
    "held",
    "asked",
    "contested",
    "studied",
    "resolved",
    "closed",
    "closed later",
    "doubted",
)
OTHERWISE = dict.fromkeys(("resolved_by", "answered_by", "version", "reply_by"))
"""What a second person, more acts on the case, or the calendar leave otherwise."""


def test_every_door_of_a_file_says_the_same_of_every_act(office, much):
    register = Register(office)
    taken, refused, odd = set(), set(), {}
    for name in much(SHORT, register.cases):
        case = register.cases[name]
        for verb in ACTS:
            for day in (DAY, TOO_EARLY) if verb in NOT_BEFORE else (DAY,):
                left = verdicts(register, name, verb, day)
                step = lawful.Step.of(raw(register.desk(None), case, verb, day))
                here, told = (lawful.fault(step._replace(told=one)) for one in (False, True))
                odd |= {
                    (name, verb, day, door): one
                    for door, one in left.items()
                    if isinstance(one, CaseworkError) is not bool(told if door == "told" else here)
                }
                if "verb" in left:
                    (refused if here else taken).add(verb)
                if "request" in left and here is None:
                    done = [vars(left[door]) | OTHERWISE for door in ONE_ACT]
                    assert done[0] == done[1] == done[2]

    assert odd == {}
    assert taken == refused == {*ACTS}
