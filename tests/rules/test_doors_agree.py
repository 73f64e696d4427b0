"""The same act through every door: verb, told history, correction, raw event. One verdict."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pgserver
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared import TODAY
from standings import BROKEN, FIRST, MADE, PROPOSE, bare

from casework.errors import CaseworkError
from casework.exchange.history import told_acts
from casework.kinds.choices import STEP_OF
from casework.kinds.records import Case, Organisation, Person, plain
from casework.ledger import inserting
from casework.ledger.ledger import Desk
from casework.log import event as audit
from casework.questions import audit_log, lookup
from casework.rules import late_causes, lawful
from casework.rules.changes import CHANGES
from casework.rules.owning import stranger
from casework.rules.timeline import timeline
from casework.rules.workflow import FORWARD, RULES
from casework.store.loading import load
from casework.system.clock import stamp

pytestmark = pytest.mark.usefixtures("same_day")

DAYS = [FIRST + timedelta(days) for days in (-1, 0, 10, 20, 30, 60, 200)]
CAUSES = ("storm", "slow")


class Doors:
    """A register on a server, a case of each standing, and every way to record an act on one."""

    def __init__(self, office):
        self.office, self.nga = office, office.as_("nga")
        for code in CAUSES:
            office.keeper("cause", "add", code, "--name", code, "--objective", "no")
        office.keeper("cause", "retire", "slow", "--reason", "too wide")
        self.refs = {name: self._made(name, steps) for name, steps in MADE.items()}
        self.look()
        self.connection = pgserver.connected(office.url_of("nga"))

    def look(self):
        """See how the register stands now."""
        with self.office.keeper.store().reading() as connection:
            self.cases = {name: load(connection, Case, ref) for name, ref in self.refs.items()}
            self.people = {code: load(connection, Person, code) for code in ("nga", "lan")}
            bodies = lookup.directory(connection, Organisation)
            self.parents = {one.code: one.parent for one in bodies}
            self.events = {
                name: audit_log.history(connection, ref) for name, ref in self.refs.items()
            }
        self.known = {name: timeline(events) for name, events in self.events.items()}

    def _made(self, name, steps):
        ref = f"D.{list(MADE).index(name)}"
        self.office.keeper(*PROPOSE, "--ref", ref)
        for days, verb, *words in steps:
            self.office.keeper(verb, ref, *words, "--effective", FIRST + timedelta(days))
        return ref

    def desk(self):
        return Desk(None, self.people["nga"], self.office.login("nga"), TODAY)

    def follows(self, name, day):
        """Tell whether an act on a day takes effect after all that was done before."""
        return day.isoformat() >= max(one.effective_on for one in self.events[name])

    def stood(self, name, day):
        """Return a case as an act on a day finds it."""
        now = self.cases[name]
        if self.follows(name, day) or (found := self.known[name].on(day)) is None:
            return now
        return found.but(version=now.version)

    def judged(self, name, act):
        """Return what is wrong with an act that has its place among others, None if nothing is."""
        row = self.known[name].row()
        pending = inserting.pending(act, inserting.LAST, row.version + 1)
        after = timeline([*self.events[name], pending])
        return inserting.refusal(self.known[name], after, act, inserting.LAST)

    def act(self, name, verb, changes, day, *, reason="r", reported=None, before=None):
        note = "n" if verb == "note" else None
        return self.desk().act(
            verb, before or self.stood(name, day), changes,
            effective_on=day, reason=reason, note=note, reported=reported,
        )  # fmt: skip

    def sent(self, *acts):
        """Return why the server refuses events, None where it takes them; nothing is kept."""
        bodies, disclosures = [], []
        at, salts = stamp(datetime.now(UTC)), audit.fresh_salts()
        for act in acts:
            body, disclosed = audit.write(act.told(), salts=salts, recorded_at=at, tool="mine")
            bodies.append(body.decode())
            disclosures.append(disclosed.decode())
        with self.connection.transaction(force_rollback=True):
            ((why,),) = self.connection.execute(
                "SELECT why FROM casework_record(%s::text[], %s::text[])", (bodies, disclosures)
            ).fetchall()
        return why

    def raw(self, name, act):
        return self.sent(act)

    def told(self, name, act):
        """Return why a file may not tell of an act, and why a server takes no such event."""
        entries = [
            {"act": one.act, "actor": one.actor, "effective_on": one.effective_on,
             "recorded_at": one.recorded_at, "changes": dict(one.changes), "reason": one.reason,
             "note": one.note}
            for one in self.events[name]
        ]  # fmt: skip
        before = told_acts(self.desk(), "T.1", entries, "a list")
        source = {"source": "a list"}
        told = {
            "actor": "nga",
            "recorded_at": "2026-01-31T08:00:00Z",
            "reason": act.reason,
            "note": act.note,
        }
        changes = {key: list(pair) for key, pair in act.pairs().items()}
        own = {
            "links": tuple((how, "T.1" if it == act.key else it) for how, it in act.after().links)
        }
        if "links" in changes:
            changes["links"][1] = [list(link) for link in own["links"]]
        entry = {"act": act.verb, "effective_on": act.effective_on.isoformat(), "changes": changes}
        try:
            told_acts(self.desk(), "T.1", [*entries, entry | told], "a list")
            file = None
        except CaseworkError as error:
            file = error.message
        changes = act.changes | (own if "links" in act.changes else {})
        changes |= {"reported": "a list"} if "state" in act.changes else {}
        last = self.desk().act(
            act.verb, before[-1].after(), changes,
            effective_on=act.effective_on, reason=act.reason, note=act.note, reported=source,
        )  # fmt: skip
        return file, self.sent(*before, last)

    def fault(self, act, *, told):
        """Return the first rule that an act breaks, by its name, as the server finds it."""
        changes = sorted(act.changes)
        before, after = (
            {key: plain(value) for key, value in vars(one).items()}
            for one in (act.before, act.after())
        )
        words = {"reason": act.reason, "note": act.note}
        ((found,),) = self.office.sql(
            None,
            "SELECT casework_fault(%s, %s, %s, %s::text[], %s, %s, %s, %s)",
            act.verb, json.dumps(before), json.dumps(after), changes,
            act.effective_on.isoformat(), act.actor, json.dumps(words), told,
        )  # fmt: skip
        return found and found[0]

    def expected(self, act):
        """Return what the rules say of an act, and of it where it is told."""
        step = lawful.Step.of(act)._replace(causes=CAUSES[:1])
        here = lawful.fault(step)
        officer = act.after().officer
        if here is None and officer is not None and {"owner", "officer"} & {*act.changes}:
            strange = stranger(officer, self.people["lan"].org, act.after().owner, self.parents)
            here = strange and lawful.Fault("stranger")
        return here, lawful.fault(step._replace(told=True))


@pytest.fixture
def doors(shared):
    made = Doors(shared)
    yield made
    made.connection.close()


some_day = st.sampled_from(DAYS)
VALUES = {
    "state": st.sampled_from(["proposed", "assigned", "under_study", "resolved"]),
    "owner": st.sampled_from([None, "mofa", "vufo", "hcmc-pc"]),
    "officer": st.sampled_from([None, "lan"]),
    "coordinating": st.sampled_from([(), ("vufo",), ("mofa",), ("vufo", "vufo")]),
    "outcome": st.sampled_from([None, "explained", "withdrawn"]),
    "first_outcome": st.sampled_from([None, "explained", "withdrawn"]),
    "answer": st.sampled_from([None, "A"]),
    "first_answer": st.sampled_from([None, "A"]),
    "document": st.sampled_from([None, "No. 1"]),
    "extensions": st.integers(0, 2),
    "reopened": st.integers(0, 2),
    "due_basis": st.sampled_from([None, "set"]),
    "due_precision": st.sampled_from([None, "day"]),
    "due_rule": st.sampled_from([None, "+30d"]),
    "theme": st.sampled_from([(), ("a",), ("a", "a")]),
    "title": st.just("U"),
    "late_cause": st.sampled_from([None, *CAUSES]),
    "answered_by": st.sampled_from([None, "nga", "lan"]),
    "resolved_by": st.sampled_from([None, "nga", "lan"]),
    "links": st.sampled_from([(), (("repeats", "D.0"),), (("follows", "D.1"),) * 2]),
    "holds": st.lists(st.tuples(some_day, some_day), max_size=2).map(
        lambda spans: tuple(tuple(day.isoformat() for day in span) for span in spans)
    ),
    **dict.fromkeys(
        ("state_since", "proposed_on"), some_day
    ),
    **dict.fromkeys(
        ("due", "original_due", "due_from", "held_since", "answered_on", "assigned_on", "study_on",
         "resolved_on", "first_resolved_on", "asked_due", "reply_by", "contested_on"),
        st.none() | some_day,
    ),
}  # fmt: skip


VERBS = sorted(CHANGES.keys() - {"propose", "redact"})
acts = st.fixed_dictionaries(
    {
        "name": st.sampled_from(list(MADE)),
        "verb": st.sampled_from(VERBS),
        "fit": st.sampled_from([True, True, True, False]),
        "pick": st.integers(0, 99),
        "day": st.sampled_from([FIRST + timedelta(60)] * 4 + DAYS),
        "reason": st.sampled_from(["r", "r", "r", None]),
        "other": st.dictionaries(st.sampled_from(sorted(VALUES)), st.none(), max_size=2),
        "keep": st.booleans(),
    }
)


@st.composite
def odd_acts(draw):
    """Draw an act that mostly may be, with up to two fields that it sets to anything."""
    wish = draw(acts)
    if wish["keep"]:
        wish["other"] = {}
    wish["other"] = {name: draw(VALUES[name]) for name in wish["other"]}
    return wish


@pytest.mark.timeout(3600)  # with --long on a machine that is busy
def test_every_door_says_the_same_of_an_act(doors, much):
    seen = {"taken": 0, "refused": 0, "told": 0}

    @settings(max_examples=much(120, 800), suppress_health_check=[HealthCheck.too_slow])
    @given(odd_acts())
    def check(wish):
        name, day = wish["name"], wish["day"]
        case = doors.stood(name, day)
        fit = [verb for verb in VERBS if (verb, case.state) in RULES]
        verb = fit[wish["pick"] % len(fit)] if wish["fit"] else wish["verb"]
        changes = bare(case, verb, day) | wish["other"]
        act = doors.act(name, verb, changes, day, reason=wish["reason"])
        here, told = doors.expected(act)
        if doors.follows(name, day):
            file, event = doors.told(name, act)
            verdicts = {
                "raw": (doors.raw(name, act), here),
                "file": (file, told),
                "told": (event, told),
            }
        elif here is not None and here.id == "stranger":
            return
        else:
            verdicts = {"among others": (doors.raw(name, act), doors.judged(name, act))}
        step = lawful.Step.of(act)._replace(changes=tuple(sorted(act.changes)))
        for is_told in (False, True):
            rule = lawful.fault(step._replace(told=is_told))
            assert doors.fault(act, told=is_told) == (rule and rule.id), act
        for door, (why, rule) in verdicts.items():
            assert (why is None) == (rule is None), f"{door}: {why!r}, but {rule!r}: {act}"
        seen["taken" if here is None else "refused"] += 1
        seen["told"] += here is not None and told is None

    check()
    assert min(seen.values()) > 5, seen


def command(ref, case, verb, changes):
    """Return the words of the command that would do an act, None for one that has none so."""
    why = ("--reason", "r")
    words = {
        "assign": ("--owner", "mofa", "--due", changes.get("due"), *why),
        "study": (),
        "resolve": ("--outcome", "explained", "--answer", "A"),
        "close": ("--outcome", "withdrawn", *why),
        "return": why,
        "reopen": why,
        "reassign": ("--owner", "hcmc-pc", *why),
        "extend": ("--due", changes.get("due"), *why),
        "ask-time": ("--due", changes.get("asked_due"), "--ask", *why),
        "withdraw-time": (),
        "contest": ("--not-ours", *why),
        "uphold": why,
        "hold": why,
        "resume": (),
        "answer": ("--outcome", "explained", "--answer", "C"),
        "edit": ("--title", changes.get("title")),
        "coordinate": ("--with", changes.get("coordinating", ("",))[0]),
        "link": ("--repeats", changes.get("links", (("", ""),))[0][1]),
        "correct": ("--field", *next(iter(changes.items()), ("", ""))[:1], "--to",
                    next(iter(changes.values()), "") or "", *why),
        "verdict": (changes.get("verdict"),),
        "note": ("n",),
    }  # fmt: skip
    if verb not in words or (verb in {"study", "resolve"} and FORWARD.get(case.state) != verb):
        return None
    return (*CALLED.get(verb, (verb,)), ref, *words[verb])


CALLED = {
    **dict.fromkeys(("study", "resolve"), ("advance",)),
    "ask-time": ("extend",),
    "withdraw-time": ("request", "withdraw"),
    "contest": ("return",),
}


CORRECTIONS = {
    "due": [None, FIRST + timedelta(5), FIRST + timedelta(95), FIRST + timedelta(300)],
    "study_on": DAYS,
    "resolved_on": DAYS,
    "assigned_on": DAYS,
    "outcome": [None, "implemented", "withdrawn"],
    "answer": [None, "Another"],
    "document": [None, "No. 9"],
}


@st.composite
def wishes(draw):
    """Draw an act that a command can ask for: on which case, which verb, and since when."""
    name, verb = draw(st.sampled_from(list(MADE))), draw(st.sampled_from(VERBS))
    field = draw(st.sampled_from(list(CORRECTIONS)))
    return name, verb, draw(some_day), field, draw(st.sampled_from(CORRECTIONS[field]))


@pytest.mark.timeout(3600)  # with --long on a machine that is busy
def test_a_command_is_refused_just_where_its_event_is(doors, much):
    seen = {"taken": 0, "refused": 0}

    @settings(max_examples=much(100, 500), suppress_health_check=[HealthCheck.too_slow])
    @given(wishes())
    def check(wish):
        name, verb, day, field, value = wish
        case, ref = doors.stood(name, TODAY if verb == "correct" else day), doors.refs[name]
        changes = bare(case, verb, day)
        if verb == "correct":
            changes = {field: value, **({"state_since": value} if STEP_OF[case.state] == field
                                        else {})}  # fmt: skip
            day = TODAY
        words = command(ref, doors.cases[name], verb, changes)
        if words is None:
            return
        ran = doors.nga.run(*words, "--effective", day, "--dry-run", "--json")
        assert ran.exit_code in {0, 4}, f"{words}: {ran.stderr}"
        if verb == "correct" and field == "due":
            # What follows from another due date the command finds out itself.
            changes |= {"due_basis": value and "set", "due_precision": value and "day"}
            changes |= {"due_rule": None, "due_from": None}
            if case.extensions == 0 or value is None:
                changes |= {"original_due": value, "extensions": 0}
        if verb == "correct" and value is None and case.answered_by and field in lawful.ANSWERED:
            changes |= dict.fromkeys(
                ("outcome", "answer", "document", "answered_by", "answered_on")
            )
        if verb == "correct" and field == "assigned_on" and case.due_from == case.assigned_on:
            return
        why = doors.raw(name, doors.act(name, verb, changes, day))
        assert (why is None) == (ran.exit_code == 0), f"{words} {day}: {why!r}, {ran.stderr!r}"
        seen["refused" if why else "taken"] += 1

    check()
    assert min(seen.values()) > 5, seen


# --- each rule, broken at the server's door -----------------------------------------------------

E, SOON, LATE = (FIRST + timedelta(days) for days in (60, 80, 200))
SAME = {"owner": "mofa", "officer": "lan", "coordinating": ("vufo",)}
OTHER_HOLD = ((FIRST.isoformat(), E.isoformat()),)
ODD = [
    # the rule, on which case, by which act, what is otherwise than the verb has it, on which day
    ("row", "proposed", "study", {}, E),
    ("target", "assigned", "study", {"state": "assigned", "state_since": FIRST + timedelta(10)}, E),
    ("field", "assigned", "hold", {"title": "U"}, E),
    ("since", "assigned", "study", {"state_since": FIRST + timedelta(20)}, E),
    ("day", "assigned", "reassign", {}, FIRST),
    ("day", "held before", "reassign", {}, FIRST + timedelta(25)),
    ("day", "held", "resume", {"holds": ()}, FIRST + timedelta(15)),
    ("day", "proposed", "edit", {}, FIRST - timedelta(1)),
    ("on-hold", "held", "study", {}, E),
    ("on-hold", "held", "extend", {}, E),
    ("on-hold", "held", "hold", {}, E),
    ("not-on-hold", "assigned", "resume", {}, E),
    ("not-doubted", "resolved", "confirm", {"resolved_by": "nga"}, E),
    ("asked-already", "asked", "ask-time", {}, E),
    ("not-asked", "assigned", "refuse-time", {}, E),
    ("not-asked", "contested", "withdraw-time", {}, E),
    ("contested-already", "contested", "contest", {}, E),
    ("not-contested", "asked", "uphold", {}, E),
    ("asked-later", "assigned", "ask-time", {"asked_due": SOON}, E),
    ("asked-later", "studied", "ask-time", {"asked_due": None, "reply_by": None}, E),
    ("ends", "contested", "reassign", {"contested_on": FIRST + timedelta(20)}, E),
    ("original-due-kept", "assigned", "extend", {"original_due": SOON}, E),
    ("unchanged", "assigned", "edit", {"title": "T"}, E),
    ("unchanged", "assigned", "reassign", SAME, E),
    ("value", "studied", "return", {"owner": "vufo", "officer": None}, E),
    ("value-day", "assigned", "study", {"study_on": FIRST + timedelta(20)}, E),
    ("value-actor", "studied", "resolve", {"resolved_by": "lan"}, E),
    ("needs", "assigned", "reassign", None, E),
    ("due-past", "proposed", "assign", {"due": FIRST, "original_due": FIRST}, E),
    ("due-later", "assigned", "extend", {"due": SOON, "extensions": 0}, E),
    ("extensions-count", "assigned", "extend", {"extensions": 2}, E),
    ("extension-reason", "returned", "assign", None, E),
    ("reopened-count", "resolved", "reopen", {"reopened": 2}, E),
    ("first-kept", "resolved", "reopen", {"first_outcome": "withdrawn"}, E),
    ("hold-kept", "held", "resume", {"holds": OTHER_HOLD}, E),
    ("answered", "resolved", "correct", {"answer": None}, E),
    ("steps", "resolved", "correct", {"study_on": FIRST + timedelta(50)}, E),
    ("due-given", "assigned", "correct", {"due": FIRST, "original_due": FIRST}, E),
    ("due-original", "assigned", "correct", {"due": SOON}, E),
    ("late-cause-needed", "studied", "resolve", {}, LATE),
    ("late-cause-retired", "studied", "resolve", {"late_cause": "slow"}, LATE),
    ("late-cause-in-time", "studied", "resolve", {"late_cause": "storm"}, E),
    ("late-cause-never", "resolved", "correct", {"late_cause": "storm"}, E),
]  # fmt: skip


def test_a_server_refuses_what_breaks_any_rule(doors):
    named = set(re.findall(r'_fault\(\s*"([\w-]+)"', Path(lawful.__file__).read_text("utf-8")))
    named |= set(re.findall(r'yield "([\w-]+)"', Path(late_causes.__file__).read_text("utf-8")))
    assert {rule for rule, *_ in ODD} == (named | {one.rule for one in lawful.BEFORE}) - {"first"}

    among_others = {}
    for rule, name, verb, other, day in ODD:
        changes = bare(doors.cases[name], verb, day) | (other or {})
        reason = "r" if other is not None else None
        act = doors.act(name, verb, changes, day, reason=reason, before=doors.cases[name])
        found = lawful.fault(lawful.Step.of(act)._replace(causes=CAUSES[:1]))
        assert found is not None, (rule, name, verb)
        assert found.id == rule
        if doors.follows(name, day):
            assert doors.raw(name, act) is not None, (rule, name, verb)
            continue
        # Out of the order of effect an act is judged by what stood on its day.
        changes = bare(doors.stood(name, day), verb, day) | (other or {})
        own = doors.act(name, verb, changes, day, reason=reason)
        is_taken = doors.raw(name, own) is None
        assert is_taken == (doors.judged(name, own) is None), (rule, name, verb)
        among_others[name, verb] = is_taken
    # On that day the case was on hold, and a case on hold may be reassigned.
    assert among_others == {
        ("assigned", "reassign"): False,
        ("held before", "reassign"): True,
        ("held", "resume"): False,
        ("proposed", "edit"): False,
    }


STRANGE = {
    "a collective": ("assigned", "reassign", {"owner": "central"}, "is a collective"),
    "a body that is gone": ("assigned", "reassign", {"owner": "gone"}, "does not exist on"),
    "an officer of another": (
        "assigned", "reassign", {"owner": "vufo", "officer": "lan"}, "does not work at",
    ),
    "a circle": ("proposed", "link", {"links": (("repeats", "D.1"),)}, "make a circle"),
    "a day to come": (
        "resolved", "correct", {"resolved_on": TODAY + timedelta(1)}, "would lie in the future",
    ),
}  # fmt: skip


def test_a_server_knows_what_the_register_holds_beside_the_case(shared):
    shared.keeper("org", "add", "gone", "--name", "Gone")
    shared.keeper("org", "end", "gone", "--on", FIRST, "--reason", "merged")
    doors = Doors(shared)
    shared.keeper("link", doors.refs["assigned"], "--repeats", doors.refs["proposed"])
    doors.look()

    for name, verb, changes, said in STRANGE.values():
        assert said in str(doors.raw(name, doors.act(name, verb, changes, E)))
    doors.connection.close()


def test_a_server_names_what_a_case_is_otherwise_than_every_case(doors):
    for name, (case, changes) in BROKEN.items():
        held = {key: plain(value) for key, value in vars(case.but(**changes)).items()}
        asked = "SELECT casework_broken(%s::jsonb, false, true)"
        ((found,),) = doors.office.sql(None, asked, json.dumps(held))
        assert found == [name]
