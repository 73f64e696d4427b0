"""The server folds and judges as the program does: two implementations, one table of rules."""

import itertools
import json
import shutil
import uuid
from datetime import date, timedelta
from functools import partial
from types import SimpleNamespace

import pgserver
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from offices import HOLIDAYS, desk_of

from casework.acts import by_name
from casework.acts.together import at_one_moment, refused_at_end, tried
from casework.errors import CaseworkError, NotAllowedError
from casework.kinds.records import Case, plain, shape
from casework.ledger import inserting, ledger
from casework.log import reading as audit
from casework.proof import inspection
from casework.rules.changes import CHANGES
from casework.rules.timeline import timeline
from casework.store import compiled, db, record_rows, timelines

pytest.importorskip("psycopg")

FIRST = date(2022, 4, 25)
"""The days of the tests lie around a holiday of the register."""

some_day = st.integers(0, 14).map(lambda days: (FIRST + timedelta(days)).isoformat())
FEW = {
    "state": ["proposed", "assigned", "under_study", "resolved"],
    "owner": [None, "mofa", "vufo"],
    "officer": [None, "lan"],
    "outcome": [None, "explained", "withdrawn"],
    "first_outcome": [None, "explained"],
    "answer": [None, "A", "B"],
    "due_basis": [None, "set"],
    "due_rule": [None, "+5wd", "+5wd>wd", "+9d>wd", "+1m", "+1w>wd"],
    "answered_by": [None, "nga", "lan"],
    "resolved_by": [None, "nga", "lan"],
    "reported": [None],
}
LISTS = {
    "coordinating": ["mofa", "vufo", "hcmc-pc"],
    "theme": ["roads", "schools"],
    "instruments": ["No. 1"],
    "links": [["repeats", "D.1"], ["follows", "D.2"]],
}
NUMBERS = ("extensions", "reopened")


def values_of(name):
    """Return what a field may be, as an event has it."""
    if name in LISTS:
        return st.lists(st.sampled_from(LISTS[name]), max_size=3)
    if name == "holds":
        return st.lists(st.lists(some_day, min_size=2, max_size=2), max_size=2)
    if name in NUMBERS:
        return st.integers(0, 2)
    if name in shape(Case.kind).dates:
        return some_day if name.startswith(("state", "proposed")) else st.none() | some_day
    return st.sampled_from(FEW.get(name, [None, "x"]))


VERBS = sorted(CHANGES.keys() - {"propose", "note"})
MOST = [*VERBS, *["correct"] * 8, *["assign", "extend", "hold", "resume", "resolve", "reopen"] * 2]
FIELDS = {verb: st.lists(st.sampled_from(sorted(CHANGES[verb])), max_size=6) for verb in VERBS}
VALUES = {name: values_of(name) for name in shape(Case.kind).start}
MEMBERS = st.fixed_dictionaries(
    {
        "v": st.sampled_from([1, 2]),
        "effective_on": some_day,
        "actor": st.sampled_from(["nga", "lan"]),
        "reason": st.sampled_from([None, "r"]),
    },
    optional={"reported": st.just({"source": "a list"})},
)
HOW = st.sampled_from(["amends", "strikes", "", ""])


@st.composite
def stories(draw):
    """Draw the events of a case, which may do anything, in the order of their recording."""
    told = []
    for number in range(draw(st.integers(3, 9))):
        verb = draw(st.sampled_from(MOST)) if number else "propose"
        one = {"seq": 3 + 2 * number, "version": number + 1, "act": verb, "key": "A-1",
               "kind": "case", **draw(MEMBERS)}  # fmt: skip
        day = one["effective_on"]
        names = sorted({*draw(FIELDS[verb])}) if number else ["state", "state_since", "proposed_on"]
        how = draw(HOW) if verb == "correct" and one["v"] == 2 else ""
        if how:
            one[how] = draw(st.sampled_from([it["seq"] for it in told] + [4]))
        # What is struck may be anything but, mostly, what makes the case.
        if one.get("strikes") == 3 and draw(st.booleans()):
            one["strikes"] = 4
        names = names if how != "strikes" else ()
        new = {name: draw(VALUES[name]) for name in names}
        if draw(st.integers(0, 3)):
            new |= {name: day for name in names if CHANGES[verb].get(name) == "day"}
        one["changes"] = {name: [draw(VALUES[name]), new[name]] for name in names}
        told.append(one)
    told[0]["changes"] |= {
        "title": [None, "T"], "proposer": [None, "vufo"], "state": [None, "proposed"],
    }  # fmt: skip
    return told


NOTHING = dict.fromkeys(("amends", "strikes", "reported", "reason", "note"))


def by_program(told, calendar):
    """Return what the program makes of events: each step, the days that moved, what is wrong."""
    known = timeline([SimpleNamespace(**{**NOTHING, **one}) for one in told], calendar)
    steps = [
        [step.seq, step.entry.day, {k: plain(v) for k, v in vars(step.after).items()}]
        for step in known.steps
    ]
    for _, _, record in steps:
        del record["version"]
    moved = {str(seq): day for seq, day in known.moves().items()}
    return steps, moved, sorted([seq, rule] for seq, rule in known.faults())


ASKED = """
    WITH one AS (SELECT casework_timeline('case', %s::jsonb) AS known),
    moved AS (
        SELECT step ->> 'seq' AS seq, step -> 'day' AS day
        FROM one, jsonb_array_elements(known -> 'steps') AS step
        WHERE step ->> 'day' <> known -> 'events' -> (step ->> 'place')::int ->> 'effective_on'
        UNION ALL SELECT jsonb_object_keys(known -> 'struck'), 'null' FROM one
    )
    SELECT
        (SELECT coalesce(jsonb_agg(jsonb_build_array(
            step -> 'seq', step -> 'day', step -> 'after') ORDER BY place), '[]')
         FROM jsonb_array_elements(known -> 'steps') WITH ORDINALITY AS it (step, place)),
        (SELECT coalesce(jsonb_object_agg(seq, day), '{}') FROM moved),
        (SELECT coalesce(jsonb_agg(jsonb_build_array(seq, id) ORDER BY seq, id), '[]')
         FROM casework_faults(known))
    FROM one
"""


def by_server(connection, told):
    ((found,),) = [connection.execute(ASKED, [json.dumps(told)]).fetchall()]
    return found


def test_a_server_folds_and_judges_any_events_as_the_program_does(shared, much):
    seen = {"moved": 0, "unlawful": 0}
    shared.keeper("holiday", "add", "2022-05-02", "--name", "Off")
    shared.keeper("holiday", "add", "2022-05-07", "--name", "Made up", "--kind", "working")
    with pgserver.connected(shared.url) as connection, shared.keeper.store().reading() as reading:
        calendar = timelines.calendar_of(reading)
        assert not calendar().works(date(2022, 5, 2))

        @settings(
            max_examples=much(120, 600),
            suppress_health_check=[*HealthCheck],
            phases=[Phase.generate],
        )
        @given(stories())
        def check(told):
            expected = by_program(told, calendar)
            assert by_server(connection, told) == expected
            _, moved, faults = expected
            seen["moved"] += bool(moved)
            seen["unlawful"] += bool(faults)

        check()
    assert min(seen.values()) > 0, seen


def told_by(*acts):
    """Return the events of a case: each act with its day, what it changes, and what it amends."""
    first = {
        "state_since": [None, "2022-04-25"],
        "proposed_on": [None, "2022-04-25"],
        "state": [None, "proposed"],
        "title": [None, "T"],
        "proposer": [None, "vufo"],
    }
    made = [("propose", "2022-04-25", first), *acts]
    return [
        {"seq": 3 + 2 * number, "version": number + 1, "act": act, "key": "A-1", "kind": "case",
         "v": 2, "effective_on": day, "actor": "nga", "reason": "r", "changes": changes,
         **dict(*more)}
        for number, (act, day, changes, *more) in enumerate(made)
    ]  # fmt: skip


def day_of(number):
    return f"2022-05-{number:02}"


def moved(old, new, step=1):
    """Return what an extension changes between two days of May."""
    return {"due": [day_of(old), day_of(new)], "extensions": [0, step]}


ASSIGN = ("assign", "2022-04-26", {
    "state": ["proposed", "assigned"], "owner": [None, "mofa"], "due": [None, day_of(10)],
    "original_due": [None, day_of(10)],
})  # fmt: skip
SET_LATER = ("correct", "2022-04-26", {"due": [day_of(10), day_of(25)]}, [("amends", 5)])
RECOUNTED = {
    # what is done once the case was assigned, due on 10 May; how often it was extended then, and
    # the day it was due at first
    "it was extended": ([("extend", "2022-05-01", moved(10, 20))], 1, 10),
    "what was due first was later than that": (
        [("extend", "2022-05-01", moved(10, 20)), SET_LATER], 0, 25),
    "what was due first was not as late as that": (
        [("extend", "2022-05-01", moved(10, 28)), SET_LATER], 1, 25),
    "a source tells of two more": ([("extend", "2022-05-01", moved(10, 20, 2))], 2, 10),
    "a source tells of none": ([("extend", "2022-05-01", moved(10, 20, 0))], 0, 10),
    "a source tells of two, whatever was due": (
        [("extend", "2022-05-01", moved(10, 20, 2)), SET_LATER], 2, 25),
    "an earlier one was found": (
        [("extend", "2022-05-05", moved(10, 20)), ("extend", "2022-05-01", moved(10, 15))], 2, 10),
    "an earlier one that went further was found": (
        [("extend", "2022-05-05", moved(10, 20)), ("extend", "2022-05-01", moved(10, 25))], 1, 10),
    "one was taken out": (
        [("extend", "2022-05-01", moved(10, 20)), ("extend", "2022-05-05", moved(20, 28)),
         ("correct", "2022-05-05", {}, [("strikes", 7)])], 1, 10),
    "a source tells what was due at first": (
        [("extend", "2022-05-01", {**moved(10, 20), "original_due": [day_of(10), day_of(2)]})],
        1, 2),
}  # fmt: skip


@pytest.mark.parametrize("what", RECOUNTED)
def test_how_often_a_case_was_extended_is_counted_again_by_both(shared, what):
    acts, extensions, first = RECOUNTED[what]
    told = told_by(ASSIGN, *acts)
    with pgserver.connected(shared.url) as connection, shared.keeper.store().reading() as reading:
        steps, *_ = expected = by_program(told, timelines.calendar_of(reading))

        assert by_server(connection, told) == expected
    _, _, record = steps[-1]
    assert (record["extensions"], record["original_due"]) == (extensions, day_of(first))


MOVED_LISTS = {
    # the list that a correction gives the proposal, and what is wrong there
    "themes-twice": {"theme": [[], ["a", "a"]]},
    "instruments-twice": {"instruments": [[], ["No. 1", "No. 1"]]},
    "links-twice": {"links": [[], [["follows", "D.2"], ["follows", "D.2"]]]},
    "itself": {"links": [[], [["follows", "A-1"]]]},
}


@pytest.mark.parametrize("wrong", MOVED_LISTS)
def test_a_list_is_judged_where_a_correction_moves_it_by_both(shared, wrong):
    told = told_by(("correct", "2022-04-29", MOVED_LISTS[wrong], [("amends", 3)]))
    with pgserver.connected(shared.url) as connection, shared.keeper.store().reading() as reading:
        *_, faults = expected = by_program(told, timelines.calendar_of(reading))

        assert by_server(connection, told) == expected
    assert faults == [[3, wrong]]


# --- the same acts through both doors ----------------------------------------------------------

DAY = st.integers(0, 20).map(lambda days: FIRST + timedelta(days))
DUE = st.integers(5, 60).map(lambda days: (FIRST + timedelta(days)).isoformat())
OUTCOME = st.sampled_from(["explained", "implemented", "withdrawn"])
OWNER = st.sampled_from(["mofa", "vufo", "hcmc-pc"])
WHY = {"reason": st.just("r")}
RIGHT = {
    "due": DUE,
    "owner": OWNER,
    "outcome": OUTCOME,
    "answer": st.sampled_from(["B", "C", ""]),
    "title": st.sampled_from(["U", "V"]),
    "document": st.sampled_from(["No. 1", ""]),
    **dict.fromkeys(("proposed_on", "assigned_on", "study_on", "resolved_on"), DAY.map(str)),
}


def asked(verb, **given):
    return st.fixed_dictionaries({"verb": st.just(verb), **given})


CORRECT = st.one_of(
    asked("correct", field=st.just(name), to=value, nth=st.none() | st.integers(1, 9), **WHY)
    for name, value in RIGHT.items()
)
STRIKE = asked("correct", strike=st.just(True), nth=st.integers(2, 9), **WHY)
ACTS = st.one_of(
    asked("assign", owner=OWNER, due=DUE | st.just("+5wd"), **WHY),
    asked("advance"),
    asked("advance", outcome=OUTCOME, answer=st.just("A")),
    asked("extend", due=DUE, **WHY),
    asked("hold", **WHY),
    asked("resume"),
    asked("reassign", owner=OWNER, coordinating=st.lists(OWNER, max_size=1), **WHY),
    asked("answer", outcome=OUTCOME, answer=st.sampled_from(["A", "B"])),
    asked("close", outcome=OUTCOME, **WHY),
    asked("return", **WHY),
    asked("reopen", **WHY),
    asked("put-back", **WHY),
    asked("edit", title=st.sampled_from(["T", "U"]), theme=st.lists(st.sampled_from("ab"))),
    asked("coordinate", add=st.lists(OWNER, max_size=2)),
    asked("note", words=st.just("n")),
    CORRECT,
    CORRECT,
    STRIKE,
)
STEPS = st.lists(
    st.tuples(ACTS, st.sampled_from(["next", "next", "next", "any", None]), st.integers(0, 20)),
    min_size=3, max_size=14,
)  # fmt: skip
BEGUN = [
    ({"verb": "assign", "owner": "mofa", "due": "+5wd", "reason": "r"}, "next", 2),
    ({"verb": "advance"}, "next", 1),
]


LEFT_TO_THE_SERVER = (
    (inserting, "_refuse_new"),
    (ledger, "refuse_unlawful"),
)
"""What is judged of an act by the program, and here left to the server."""


class Side:
    """A register, and what becomes of a case in it."""

    def __init__(self, url):
        self.url = url
        self.store = db.open_store(url)

    def do(self, ref, step):
        """Do an act; return by which error it is refused, None where it is not."""
        given = {name: value for name, value in step.items() if name not in {"verb", "nth"}}
        try:
            with self.store.writing() as connection:
                if step.get("nth") is not None:
                    given["event"] = self.numbers(connection, ref).get(step["nth"], 1)
                desk = desk_of(connection)
                on = None if step["verb"] == "propose" else ref
                by_name.at_desk(desk, step["verb"], on, by_name.read(step["verb"], given))
        except CaseworkError as error:
            return error
        return None

    def numbers(self, connection, ref):
        found = connection.rows(compiled.EVENTS_OF_RECORD, kind="case", key=ref)
        return {n: audit.read(bytes(b), bytes(d)).seq for n, (b, d) in enumerate(found, 1)}

    def stands(self, ref):
        """Return the row of a case, what is derived from it, and the days of events that moved."""
        with self.store.reading() as connection:
            row = connection.first(compiled.LOAD["case"], key=ref)
            derived = (
                connection.told('SELECT search, held_days FROM "case" WHERE ref = ?', (ref,)),
                sorted(connection.told("SELECT org FROM case_coordinating WHERE ref = ?", (ref,))),
            )
            places = {seq: n for n, seq in self.numbers(connection, ref).items()}
            moved = connection.rows(compiled.MOVED_DAYS)
            days = {places[seq]: plain(day) for seq, day in moved if seq in places}
        return record_rows.read(Case, row), [[*map(tuple, one)] for one in derived], days

    def differences(self):
        with self.store.reading() as connection:
            return list(inspection.differences(connection))


@pytest.fixture
def sides(sqlite_templates, pg_templates, pg_server, tmp_path):
    """A register on each engine."""
    path = tmp_path / "side.db"
    shutil.copy(sqlite_templates(HOLIDAYS), path)
    name = f"casework_{uuid.uuid4().hex[:12]}"
    pgserver.copied(pg_server, name, pg_templates(HOLIDAYS))
    yield Side(str(path)), Side(pgserver.database(pg_server, name))
    pgserver.ask(pg_server, f"DROP DATABASE {name} WITH (FORCE)")


def on_day(step, how, days, last):
    day = FIRST + timedelta(days) if how == "any" else last + timedelta(days % 4)
    return step if how is None else step | {"effective": day.isoformat()}, day


@pytest.mark.timeout(3600)  # with --long on a machine that is busy
def test_both_doors_take_and_refuse_the_same_acts(sides, monkeypatch, much):
    seen = {"taken": 0, "by the server": 0}
    numbers = itertools.count(1)
    lite, server = sides

    @settings(
        max_examples=much(8, 400), suppress_health_check=[*HealthCheck], phases=[Phase.generate]
    )
    @given(STEPS)
    def check(steps):
        ref, last = f"H.{next(numbers)}", FIRST
        propose = {"verb": "propose", "ref": ref, "title": "T", "proposer": "vufo"}
        for step, how, days in [(propose, "next", 0), *BEGUN, *steps]:
            dated, day = on_day(step, how if "strike" not in step else None, days, last)
            if step["verb"] == "correct" and how == "next":
                dated.pop("effective", None)
            here = lite.do(ref, dated)
            with monkeypatch.context() as patch:
                for where, name in LEFT_TO_THE_SERVER:
                    patch.setattr(where, name, lambda *_: None)
                there = server.do(ref, dated)
            judged = there is not None and there.exit == 6 and here is not None
            same = (here and here.exit) == (there and there.exit)
            assert same or judged, f"{dated}: {here!r}, {there!r}"
            assert lite.stands(ref) == server.stands(ref), dated
            seen["by the server"] += judged
            if here is None:
                seen["taken"] += 1
                last = max(last, day) if how == "next" else last

    check()
    assert min(seen.values()) > 0, seen
    assert lite.differences() == server.differences() == []


BEGIN = [
    {"verb": "propose", "title": "T", "proposer": "vufo", "effective": "2022-01-03"},
    {"verb": "assign", "owner": "mofa", "due": "2022-06-10", "effective": "2022-01-10"},
    {"verb": "advance", "effective": "2022-02-01"},
]
RESOLVE = {"verb": "advance", "outcome": "implemented", "answer": "x"}
EXTEND = {"verb": "extend", "reason": "x"}
ANSWER = {"verb": "answer", "outcome": "explained"}
CORRECTED = {"verb": "correct", "reason": "x"}
STORIES = {
    # what is done after the case was taken under study, the event that moved to which day, and
    # what the row then says; each act that is refused is marked
    "resolved earlier": (
        [RESOLVE | {"effective": "2022-07-01"},
         CORRECTED | {"field": "resolved_on", "to": "2022-05-20"}],
        {4: "2022-05-20"}, {"state": "resolved", "resolved_on": "2022-05-20", "version": 5},
    ),
    "resolved earlier, and back": (
        [RESOLVE | {"effective": "2022-07-01"},
         CORRECTED | {"field": "resolved_on", "to": "2022-05-20"},
         CORRECTED | {"field": "resolved_on", "to": "2022-07-01"}],
        {}, {"resolved_on": "2022-07-01", "state_since": "2022-07-01"},
    ),
    "resolved before an extension": (
        [EXTEND | {"due": "2022-08-10", "effective": "2022-06-01"},
         RESOLVE | {"effective": "2022-07-01"},
         CORRECTED | {"field": "resolved_on", "to": "2022-05-20", "no": True},
         CORRECTED | {"strike": True, "nth": 4},
         CORRECTED | {"field": "resolved_on", "to": "2022-05-20"}],
        {4: None, 5: "2022-05-20"}, {"due": "2022-06-10", "extensions": 0},
    ),
    "an older extension": (
        [EXTEND | {"due": "2022-08-10", "effective": "2022-04-01"},
         EXTEND | {"due": "2022-09-10", "effective": "2022-03-01", "no": True},
         EXTEND | {"due": "2022-07-10", "effective": "2022-03-01"}],
        {}, {"due": "2022-08-10", "extensions": 2, "original_due": "2022-06-10"},
    ),
    "a due date that was wrong": (
        [EXTEND | {"due": "2022-08-10", "effective": "2022-06-01"},
         CORRECTED | {"field": "due", "to": "2022-07-10", "nth": 2},
         CORRECTED | {"field": "due", "to": "2022-09-10", "nth": 2, "no": True}],
        {}, {"due": "2022-08-10", "extensions": 1, "original_due": "2022-07-10"},
    ),
    "an older answer": (
        [ANSWER | {"answer": "of May", "effective": "2022-05-01"},
         ANSWER | {"answer": "of April", "effective": "2022-04-01"}],
        {}, {"answer": "of May", "answered_on": "2022-05-01"},
    ),
    "resolved before it was answered": (
        [ANSWER | {"answer": "of May", "effective": "2022-05-01"},
         {"verb": "advance", "effective": "2022-04-01", "no": True},
         RESOLVE | {"effective": "2022-04-01", "no": True}],
        {}, {"state": "under_study", "answer": "of May"},
    ),
    "late all the same": (
        [EXTEND | {"due": "2027-06-01", "effective": "2022-06-01"},
         CORRECTED | {"strike": True, "nth": 4},
         CORRECTED | {"strike": True, "nth": 5}],
        {5: None}, {"due": "2027-06-01", "extensions": 1, "version": 6},
    ),
    "nothing left": ([CORRECTED | {"strike": True, "nth": 1, "no": True}], {}, {"version": 3}),
}  # fmt: skip


class Batched(Side):
    """A register to which acts come in batches."""

    def give(self, ref, steps):
        """Do acts in one batch; return the places of those that are refused, and the error."""
        try:
            with self.store.writing() as connection:
                desk, refused = desk_of(connection), []
                with at_one_moment(desk) as begin:
                    for place, step in enumerate(steps):
                        begin(place)
                        left = tried(desk, partial(self.act, desk, ref, step))
                        refused += [place] if isinstance(left, CaseworkError) else []
                    put_off = len(connection.put_off())
                    refused += [one.place for one in refused_at_end(desk)]
                if refused:
                    connection.rollback()
        except CaseworkError as error:
            return error, False
        return sorted(set(refused)), bool(put_off)

    def act(self, desk, ref, step):
        given = {name: value for name, value in step.items() if name not in {"verb", "nth"}}
        if step.get("nth") is not None:
            given["event"] = self.numbers(desk.connection, ref).get(step["nth"], 1)
        by_name.at_desk(desk, step["verb"], ref, by_name.read(step["verb"], given))


UNTIL = st.sampled_from([(FIRST + timedelta(days)).isoformat() for days in (15, 25, 35, 45)])
EARLIER = st.integers(4, 10).map(lambda days: FIRST + timedelta(days))
FOUND = st.tuples(asked("extend", due=UNTIL, **WHY), EARLIER)
AMENDED = st.tuples(
    st.one_of(
        asked("correct", field=st.just("due"), to=UNTIL, nth=st.just(4), **WHY),
        asked("correct", strike=st.just(True), nth=st.just(4), **WHY),
    ),
    st.none(),
)
GIVES_TIME = st.lists(FOUND | AMENDED, min_size=1, max_size=3) | st.tuples(FOUND, AMENDED)
"""What is done on a case that was extended on the tenth day: before that day, and to that act."""


@pytest.mark.timeout(3600)  # with --long on a machine that is busy
def test_both_doors_judge_a_batch_at_its_end(sides, much):
    """The server judges what the program put off, and both leave what verification takes."""
    seen = {"taken": 0, "put off and taken": 0, "put off and refused": 0}
    numbers = itertools.count(1)
    lite, server = (Batched(side.url) for side in sides)

    @settings(
        max_examples=much(14, 400), suppress_health_check=[*HealthCheck], phases=[Phase.generate]
    )
    @given(UNTIL, st.lists(GIVES_TIME, min_size=1, max_size=2))
    def check(due, batches):
        ref = f"B.{next(numbers)}"
        propose = {"verb": "propose", "ref": ref, "title": "T", "proposer": "vufo"}
        for side in (lite, server):
            begun = [propose, *(step for step, *_ in BEGUN), EXTEND | {"due": due}]
            for step, days in zip(begun, (0, 1, 2, 10), strict=True):
                assert side.do(ref, on_day(step, "any", days, FIRST)[0]) is None
        assert lite.stands(ref) == server.stands(ref)
        for batch in batches:
            steps = [one if day is None else one | {"effective": day.isoformat()}
                     for one, day in batch]  # fmt: skip
            here, there = lite.give(ref, steps), server.give(ref, steps)
            assert here == there, steps
            assert lite.stands(ref) == server.stands(ref), steps
            refused, put_off = here
            if refused:
                seen["put off and refused"] += put_off
            else:
                seen["put off and taken" if put_off else "taken"] += 1

    check()
    assert min(seen.values()) > 0, seen
    for side in (lite, server):
        with side.store.reading() as connection:
            inspection.verify(connection)


def left_unlawful(side, ref, step):
    """Do what a changed client would do: give a batch, and never ask what it comes to."""
    given = {name: value for name, value in step.items() if name not in {"verb", "no"}}
    with side.store.writing() as connection:
        desk = desk_of(connection)
        with at_one_moment(desk):
            by_name.at_desk(desk, step["verb"], ref, by_name.read(step["verb"], given))
            assert len(connection.put_off()) == 1


def test_a_server_lets_no_case_be_unlawful_at_the_end_of_a_transaction(sides):
    _, server = sides
    (steps, *_), ref = STORIES["an older extension"], "S.1"
    for step in [BEGIN[0] | {"ref": ref}, *BEGIN[1:], steps[0]]:
        assert server.do(ref, step) is None
    before = server.stands(ref)

    with pytest.raises(NotAllowedError, match="would not be lawful"):
        left_unlawful(server, ref, steps[1])

    assert (server.differences(), server.stands(ref)) == ([], before)


def test_an_act_in_its_place_is_the_same_through_both_doors(sides, monkeypatch):
    for number, (steps, moved, row) in enumerate(STORIES.values()):
        ref = f"S.{number}"
        for step in [BEGIN[0] | {"ref": ref}, *BEGIN[1:], *steps]:
            given = {name: value for name, value in step.items() if name != "no"}
            refusals = [sides[0].do(ref, given)]
            with monkeypatch.context() as patch:
                for where, name in LEFT_TO_THE_SERVER:
                    patch.setattr(where, name, lambda *_: None)
                refusals.append(sides[1].do(ref, given))
            assert [one is not None for one in refusals] == ["no" in step] * 2, (step, refusals)
        assert sides[0].stands(ref) == sides[1].stands(ref), ref
        record, _, days = sides[1].stands(ref)
        assert days == moved, ref
        assert {name: plain(getattr(record, name)) for name in row} == row
    for side in sides:
        assert side.differences() == []
