"""Any acts in the order of their effect, against a plain model of what the register should be."""

from datetime import date, timedelta

from hypothesis import Phase, settings, stateful
from hypothesis import strategies as st
from hypothesis.stateful import rule

from casework.acts import actors, cases, conferences, organisations, people
from casework.acts.cases import Why
from casework.errors import CaseworkError
from casework.kinds.records import Conference
from casework.ledger.ledger import Desk
from casework.proof import inspection
from casework.questions import audit_log, listing, lookup, tallying
from casework.store import db
from casework.store.filters import Filter

FIRST, TODAY = date(2022, 1, 3), date(2024, 6, 30)
ORGS = {"mofa": "ministry", "vufo": "union", "hcmc": "peoples-committee", "all": "collective"}
PEOPLE = {
    "registrar": ("secretariat", None),
    "lan": ("desk", "mofa"),
    "minh": ("desk", "hcmc"),
    "tuan": ("desk", "vufo"),
    "thanh": ("inspector", "all"),
    "chi": ("admin", "mofa"),
}
# From which states, by their initials, each verb is possible.
POSSIBLE = {"assign": "p", "advance": "au", "answer": "u", "return": "au", "close": "pa"}
POSSIBLE |= {"reopen": "r", "reassign": "au", "extend": "au", "coordinate": "pau"}
POSSIBLE |= {"edit": "paur", "link": "paur", "note": "paur", "hold": "au", "resume": "au"}
MOVES_NOTHING = {"edit", "note", "coordinate", "link"}
WAIT_FOR_THE_CLOCK = {"advance", "return", "close", "extend", "hold"}
CLOSING = ("superseded", "duplicate", "transferred", "withdrawn", "not-accepted")
RESOLVED = ("outcome", "answer", "resolved_on")
UNANSWERED = dict.fromkeys(("outcome", "answer", "answered_by", "answered_on"))
NEW = {"state": "proposed", "title": "T", "version": 1, "extensions": 0, "reopened": 0, "links": ()}
NEW |= {"held_since": None, "holds": ()}
NEW |= dict.fromkeys(("owner", "due", "original_due", "assigned_on", "study_on", "resolved_by"))
NEW |= UNANSWERED | dict.fromkeys((*RESOLVED, *(f"first_{name}" for name in RESOLVED)))

body = st.sampled_from(["mofa", "mofa", "vufo", "vufo", "hcmc", "all"])
bodies = st.lists(st.sampled_from(list(ORGS)), max_size=2, unique=True).map(tuple)
# What somebody wants to do. Mostly it is possible, and by the secretariat.
wish = st.fixed_dictionaries(
    {
        "case": st.integers(0, 9),
        "verb": st.integers(0, 99),
        "any": st.sampled_from([False, False, False, True]),
        "who": st.sampled_from(["registrar"] * 6 + list(PEOPLE)),
        "days": st.sampled_from([0, 1, 4, 9, 16, 25, 0, 1, 4, 9, -2, 5000]),
        "reason": st.sampled_from(["as asked"] * 7 + [None]),
        "title": st.sampled_from(["T", "U"]),
        "body": body,
        "bodies": bodies,
        "longer": st.sampled_from([30, 90, 200, 400, 30, 90, 0, -5]),
        "outcome": st.sampled_from(["implemented", "explained", *CLOSING]),
        "answer": st.sampled_from(["Circular 3", "Quyết định 7", None]),
        "remove": st.sampled_from([False, False, True]),
    }
)
directory_wish = st.fixed_dictionaries(
    {
        "who": st.sampled_from(["chi", "chi", "lan"]),
        "conference": st.sampled_from(["NFAC-20", "NFAC-21"]),
        "body": body,
        "days": st.integers(0, 3),
        "end": st.sampled_from([False, False, True]),
        "heir": st.none() | body,
    }
)


def may(who, verb, case):
    role, office = PEOPLE[who]
    owns = role == "desk" and office == case["owner"]
    if verb == "note" and role == "desk":
        return owns or office == case["proposer"] or office in case["coordinating"]
    if verb in {"return", "advance"}:
        owns = owns and case["state"] == "assigned"
    return role == "secretariat" or (owns and verb in {"advance", "answer", "return"})


class Register(stateful.RuleBasedStateMachine):
    """The verbs on a real store, and beside it what they ought to have done."""

    def __init__(self, url):
        super().__init__()
        self.store, self.cases, self.last = db.open_store(url), {}, {}
        self.ended, self.heir, self.held = {}, {}, {"NFAC-20": 0, "NFAC-21": 700}
        with self.store.writing() as connection:
            desk = Desk(connection, actors.actor(connection, "registrar"), "nobody", TODAY)
            for code, kind in ORGS.items():
                organisations.add_organisation(desk, code, name=code, kind=kind)
            for code in ("lan", "minh", "tuan", "thanh", "chi"):
                role, office = PEOPLE[code]
                people.add_person(desk, code, name=code, org=office, role=role)
            for code, days in self.held.items():
                conferences.add_conference(desk, code, day=FIRST + timedelta(days))
            self.size = audit_log.head(connection).size
        for _ in range(2):
            self.propose({"who": "registrar", "days": 0, "body": "vufo", "bodies": ()})

    def attempt(self, expected, who, verb, *args, **given):
        """Do it; a refusal must have the code expected of it. Tell whether it was done."""
        code = 0
        try:
            with self.store.writing() as connection:
                actor = actors.actor(connection, who)
                verb(Desk(connection, actor, "nobody", TODAY), *args, **given)
        except CaseworkError as error:
            code = error.exit
        assert code == expected, f"{who} {verb.__name__} {args} {given}: {code}, not {expected}"
        self.size += not code
        return not code

    @stateful.precondition(lambda self: len(self.cases) < 4)
    @rule(wish=wish)
    def propose(self, wish):
        day, ref = FIRST + timedelta(wish["days"]), f"NFAC-20.{len(self.cases) + 1:03d}"
        expected = 6 if PEOPLE[wish["who"]][0] != "secretariat" else 4 if day > TODAY else 0
        given = {"title": "T", "conference": "NFAC-20", "why": Why(effective_on=day)}
        said = {"proposer": wish["body"], "coordinating": wish["bodies"]}
        if self.attempt(expected, wish["who"], cases.propose, **given, **said):
            self.cases[ref] = NEW | said | {"ref": ref, "state_since": day, "proposed_on": day}

    @rule(wishes=st.lists(wish, min_size=1, max_size=12))
    def act(self, wishes):
        """Do acts on cases and, if they are to be done, in the model what they change."""
        for wish in wishes:
            self.do(wish, list(self.cases.values())[wish["case"] % len(self.cases)])

    @rule(wishes=st.lists(wish, min_size=5, max_size=5))
    def stop_a_clock(self, wishes):
        """Hold a case, act on it, let its clock run again and act on it."""
        running = [case for case in self.cases.values() if case["state"][0] in "au"]
        sure = {"who": "registrar", "reason": "waits"}
        for wish, verb in zip(wishes, ("hold", None, None, "resume", None), strict=True):
            if running:
                case = running[wishes[0]["case"] % len(running)]
                days = {"hold": 3, "resume": 8}.get(verb, wish["days"])
                self.do(wish | (sure if verb else {}) | {"days": days}, case, verb)

    def do(self, wish, case, verb=None):
        """Do one act, the one named or one that is possible."""
        fit = [v for v in POSSIBLE if wish["any"] or case["state"][0] in POSSIBLE[v]]
        verb = verb or fit[wish["verb"] % len(fit)]
        day = min(case["state_since"] + timedelta(wish["days"]), TODAY + timedelta(1))
        if case["proposed_on"] <= day < self.last.get(case["ref"], day):
            # What takes effect before the last act has a model of its own: the timeline.
            return
        changes, refused, given = getattr(self, f"_{verb}")(wish, case, day)
        refused = refused or not case["proposed_on"] <= day <= TODAY or self.stands(verb, case, day)
        expected = 4 if refused else 0
        if not may(wish["who"], verb, case):
            expected = 6
        if case["state"][0] not in POSSIBLE[verb]:
            expected = 4
        why = Why(reason=wish["reason"], effective_on=day)
        call = getattr(cases, "send_back" if verb == "return" else verb)
        if self.attempt(expected, wish["who"], call, case["ref"], why=why, **given):
            case |= changes | {"version": case["version"] + 1}
            self.last[case["ref"]] = day
            case["state_since"] = day if "state" in changes else case["state_since"]
        self.agrees()

    def stands(self, verb, case, day):
        """Tell whether a case's clock stands in the way: now, or until after that day."""
        if case["held_since"] and verb in WAIT_FOR_THE_CLOCK:
            return True
        over = case["holds"] and date.fromisoformat(case["holds"][-1][1])
        return verb not in MOVES_NOTHING and over and day < over

    # What each verb changes, whether it is to be refused, and the words it takes.

    def _edit(self, wish, case, _):
        title = {"title": wish["title"]}
        return title, case["title"] == wish["title"], title

    def _note(self, *_):
        return {}, False, {"words": "A note"}

    def _assign(self, wish, case, day):
        owner, due = wish["body"], day + timedelta(wish["longer"])
        together = dict.fromkeys((*case["coordinating"], *wish["bodies"]))
        others = tuple(body for body in together if body != owner)
        longer = due > (case["due"] or date.max)
        changes = {"owner": owner, "due": due, "coordinating": others, "assigned_on": day}
        changes |= {"original_due": case["original_due"] or due, "state": "assigned"}
        changes["extensions"] = case["extensions"] + longer
        given = {"owner": owner, "due": due, "coordinating": wish["bodies"]}
        unsaid = case["due"] and longer and not wish["reason"]
        return changes, due < day or unsaid or self.cannot_own(owner, day), given

    def cannot_own(self, body, day):
        return body == "all" or self.ended.get(body, day) < day

    def _advance(self, wish, case, day):
        given = {"outcome": wish["answer"] and wish["outcome"], "answer": wish["answer"]}
        if case["state"] == "assigned":
            return {"state": "under_study", "study_on": day}, False, {}
        said = {name: value or case[name] for name, value in given.items()}
        ended = {"state": "resolved", "resolved_on": day, "resolved_by": wish["who"]}
        return said | ended, not said["outcome"], given

    def _answer(self, wish, _, day):
        given = {"outcome": wish["outcome"], "answer": wish["answer"] or "Decree 6"}
        return given | {"answered_by": wish["who"], "answered_on": day}, False, given

    def _return(self, wish, case, _):
        changes = {"state": "proposed", "owner": None, "assigned_on": None}
        if case["state"] == "under_study":
            changes = UNANSWERED | {"state": "assigned", "study_on": None}
        return changes, not wish["reason"], {}

    def _close(self, wish, _, day):
        changes = {"state": "resolved", "outcome": wish["outcome"], "answer": wish["reason"]}
        changes |= {"resolved_on": day, "resolved_by": wish["who"]}
        refused = wish["outcome"] not in CLOSING or not wish["reason"]
        return changes, refused, {"outcome": wish["outcome"]}

    def _reopen(self, wish, case, day):
        changes = UNANSWERED | {"resolved_on": None, "resolved_by": None, "study_on": day}
        if not case["reopened"]:
            changes |= {f"first_{name}": case[name] for name in RESOLVED}
        changes |= {"state": "under_study", "reopened": case["reopened"] + 1}
        # Without an owner nobody could study it: a case that never had one is proposed anew.
        return changes, not wish["reason"] or case["owner"] is None, {}

    def _reassign(self, wish, case, day):
        owner = wish["body"]
        kept = tuple(body for body in case["coordinating"] if body != owner)
        refused = not wish["reason"] or case["owner"] == owner or self.cannot_own(owner, day)
        return {"owner": owner, "coordinating": kept}, refused, {"owner": owner}

    def _extend(self, wish, case, day):
        due = (case["due"] or day) + timedelta(wish["longer"])
        refused = not wish["reason"] or due < day or due <= (case["due"] or date.min)
        changes = {"due": due, "original_due": case["original_due"] or due}
        changes["extensions"] = case["extensions"] + (case["due"] is not None)
        return changes, refused, {"due": due}

    def _hold(self, wish, _, day):
        return {"held_since": day}, not wish["reason"], {}

    def _resume(self, _, case, day):
        start = case["held_since"]
        if start is None or day < start:
            return {}, True, {}
        holds = (*case["holds"], (start.isoformat(), day.isoformat()))
        return {"held_since": None, "holds": holds, "due": case["due"] + (day - start)}, False, {}

    def _coordinate(self, wish, case, _):
        held, remove = case["coordinating"], wish["bodies"] if wish["remove"] else ()
        add = (wish["body"],) if wish["body"] not in remove else ()
        kept = tuple(body for body in dict.fromkeys((*held, *add)) if body not in remove)
        refused = {*remove} - {*held} or case["owner"] in add or kept == held
        return {"coordinating": kept}, refused, {"add": add, "remove": remove}

    def _link(self, wish, case, _):
        other = list(self.cases)[wish["verb"] % len(self.cases)]
        link, links, remove = ("repeats", other), case["links"], wish["remove"]
        led, reached = [other], set()
        while led:
            reached.add(step := led.pop())
            led += [ref for _, ref in self.cases[step]["links"] if ref not in reached]
        circle = case["ref"] in reached
        refused = other == case["ref"] or (circle and not remove) or remove != (link in links)
        after = tuple(kept for kept in links if kept != link) if remove else (*links, link)
        return {"links": after}, refused, {"other": other, "relation": "repeats", "remove": remove}

    @rule(wishes=st.lists(directory_wish, min_size=1, max_size=3))
    def change_the_directory(self, wishes):
        for wish in wishes:
            expected, who, code = 0 if wish["who"] == "chi" else 6, wish["who"], wish["conference"]
            body, days = wish["body"], wish["days"]
            name = f"{body} as of event {self.size}"
            self.attempt(expected, who, organisations.edit_organisation, body, name=name)
            given = {"day": FIRST + timedelta(self.held[code] + days), "reason": "no hall"}
            refused = expected or (0 if days else 4)
            if self.attempt(refused, who, conferences.move_conference, code, **given):
                self.held[code] += days
            if wish["end"]:
                self.end(expected, who, body, FIRST + timedelta(100 * days), wish["heir"])
            self.agrees()

    def end(self, expected, who, body, on, heir):
        heirs = [heir]
        while heirs[-1]:
            heirs.append(self.heir.get(heirs[-1]))
        given = {"on": on, "successor": heir, "reason": "merged"}
        refused = 4 if body in self.ended or body in heirs else 0
        if self.attempt(expected or refused, who, organisations.end_organisation, body, **given):
            self.ended[body], self.heir[body] = on, heir

    def agrees(self):
        """Compare the register with the model."""
        with self.store.reading() as connection:
            found = list(listing.cases(connection, Filter(), TODAY))
            held = {one.code: one.date for one in lookup.directory(connection, Conference)}
            size = audit_log.head(connection).size
            late = {one.ref for one in tallying.overdue(connection, TODAY)}
        assert held == {code: FIRST + timedelta(days) for code, days in self.held.items()}
        assert size == self.size
        assert len(found) == len(self.cases)
        assert late == {
            ref
            for ref, one in self.cases.items()
            if one["state"] != "resolved"
            and (one["due"] or TODAY) < TODAY
            and not one["held_since"]
        }
        for case in found:
            model = self.cases[case.ref]
            assert {name: getattr(case, name) for name in model} == model
            if case.state == "assigned":
                assert case.owner in ORGS
                assert case.due is not None
            if case.state == "resolved":
                assert None not in {case.resolved_on, case.resolved_by, case.outcome}
            assert case.owner not in case.coordinating

    def teardown(self):
        with self.store.reading() as connection:
            verified = inspection.verify(connection)
            told = audit_log.events_of(connection, list(self.cases))
        assert verified.size == self.size
        for ref, events in told.items():
            assert [event.version for event in events] == list(range(1, len(events) + 1))
            assert [event.prev for event in events] == [-1, *(event.seq for event in events[:-1])]
            assert len(events) == self.cases[ref]["version"]
            due = [event.changes.get("original_due", [None])[0] for event in events]
            assert set(due) == {None}


def test_any_sequence_of_acts_leaves_what_a_plain_model_says(shell, new_store, much):
    # A sequence that fails is shown as it is: to shorten it takes longer than all other tests.
    given = settings(phases=[Phase.generate], report_multiple_bugs=False)
    long = settings(given, max_examples=much(6, 24), stateful_step_count=20)
    short = settings(given, max_examples=3, stateful_step_count=8)

    stateful.run_state_machine_as_test(
        lambda: Register(new_store()), settings=short if "://" in shell.url else long
    )
