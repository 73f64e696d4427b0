"""The timeline of one record: corrections, order of effect, the fold, and what it judges."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from casework.kinds.choices import State
from casework.kinds.records import Case
from casework.rules.timeline import is_plain, timeline
from casework.rules.working_days import WorkingCalendar


@dataclass
class Told:
    """An event as the timeline reads it."""

    seq: int
    act: str
    effective_on: str
    changes: dict[str, Any]
    version: int = 2
    kind: str = "case"
    key: str = "A-1"
    actor: str = "hoa"
    reason: str | None = "because"
    note: str | None = None
    reported: Any = None
    amends: int | None = None
    strikes: int | None = None
    v: int = 2
    more: dict[str, Any] = field(default_factory=dict)


def propose(seq=0, day="2022-01-03", **more):
    changes = {
        "title": [None, "T"],
        "proposer": [None, "hcmc"],
        "state": [None, "proposed"],
        "state_since": [None, day],
        "proposed_on": [None, day],
    }
    return Told(seq, "propose", day, changes | more, version=1)


def assign(seq=1, day="2022-01-10", due="2022-06-10"):
    return Told(
        seq,
        "assign",
        day,
        {
            "owner": [None, "mofa"],
            "due": [None, due],
            "original_due": [None, due],
            "due_basis": [None, "set"],
            "due_precision": [None, "day"],
            "state": ["proposed", "assigned"],
            "state_since": ["2022-01-03", day],
            "assigned_on": [None, day],
        },
    )


def study(seq=2, day="2022-02-01"):
    moved = {"state": ["assigned", "under_study"], "state_since": ["2022-01-10", day]}
    return Told(seq, "study", day, moved | {"study_on": [None, day]})


def resolve(seq=3, day="2022-07-01"):
    return Told(
        seq,
        "resolve",
        day,
        {
            "outcome": [None, "implemented"],
            "answer": [None, "done"],
            "state": ["under_study", "resolved"],
            "state_since": ["2022-02-01", day],
            "resolved_on": [None, day],
            "resolved_by": [None, "hoa"],
        },
    )


def extend(seq, day, old, new, extensions=(0, 1)):
    return Told(seq, "extend", day, {"due": [old, new], "extensions": [*extensions]})


def on(told, day):
    return timeline(told).on(date.fromisoformat(day))


STORY = [propose(), assign(), study(), resolve()]


def test_acts_in_order_fold_as_they_were_recorded():
    known = timeline(STORY)

    row = known.row()
    assert is_plain(STORY)
    assert (row.state, row.resolved_on, row.version) == (State.RESOLVED, date(2022, 7, 1), 4)
    assert known.on(date(2022, 1, 2)) is None
    assert known.on(date(2022, 1, 31)).state is State.ASSIGNED
    assert known.on(date(2022, 1, 31)).version == 2
    assert not known.faults()


def test_an_earlier_extension_found_later_leaves_the_later_one_in_force():
    told = [
        propose(),
        assign(),
        extend(2, "2022-04-01", "2022-06-10", "2022-12-01"),
        extend(3, "2022-03-01", "2022-06-10", "2022-09-01"),
    ]

    row = timeline(told).row()

    assert (row.due, row.original_due, row.extensions) == (date(2022, 12, 1), date(2022, 6, 10), 2)
    assert on(told, "2022-03-31").due == date(2022, 9, 1)
    assert on(told, "2022-02-28").due == date(2022, 6, 10)
    assert not timeline(told).faults()


def test_an_earlier_extension_past_the_later_one_would_shorten_it():
    told = [
        propose(),
        assign(),
        extend(2, "2022-04-01", "2022-06-10", "2022-12-01"),
        extend(3, "2022-03-01", "2022-06-10", "2023-09-01"),
    ]

    assert [*timeline(told).faults()] == [(2, "due-later")]


def test_a_corrected_day_is_the_day_of_the_step():
    wrong = Told(
        4,
        "correct",
        "2022-07-01",
        {"resolved_on": ["2022-07-01", "2022-06-01"], "state_since": ["2022-07-01", "2022-06-01"]},
        amends=3,
    )
    again = replace(
        wrong,
        seq=5,
        effective_on="2022-06-01",
        changes={"resolved_on": ["2022-06-01", "2022-05-20"]},
    )

    for told, day in (
        ([*STORY, wrong], date(2022, 6, 1)),
        ([*STORY, wrong, again], date(2022, 5, 20)),
    ):
        known = timeline(told)
        row = known.row()
        assert (row.resolved_on, row.state_since, row.version) == (day, day, len(told))
        assert known.on(day).state is State.RESOLVED
        assert known.on(
            day.replace(day=day.day - 1) if day.day > 1 else date(2022, 5, 31)
        ).state is (State.UNDER_STUDY)
        assert known.moves() == {3: day.isoformat()}


def test_format_one_names_no_event_and_means_the_last_one_that_set_the_field():
    wrong = Told(4, "correct", "2022-07-01", {"answer": ["done", "quite done"]}, v=1)
    later = replace(wrong, effective_on="2022-08-01")

    assert on([*STORY, wrong], "2022-07-01").answer == "quite done"
    assert on([*STORY, later], "2022-07-01").answer == "done"
    assert on([*STORY, later], "2022-08-01").answer == "quite done"


def test_what_is_struck_out_has_not_been_and_may_come_back():
    told = [propose(), assign(), extend(2, "2022-04-01", "2022-06-10", "2022-12-01")]
    struck = Told(3, "correct", "2022-04-01", {}, strikes=2)
    back = Told(4, "correct", "2022-04-01", {}, strikes=3)

    without = timeline([*told, struck])
    assert (without.row().due, without.row().extensions) == (date(2022, 6, 10), 0)
    assert (without.row().version, without.moves()) == (4, {2: None})
    assert timeline([*told, struck, back]).row().due == date(2022, 12, 1)


def test_an_amended_event_keeps_its_place_within_a_day():
    first = Told(2, "edit", "2022-03-01", {"theme": [[], ["roads"]], "summary": [None, "one"]})
    second = Told(3, "edit", "2022-03-01", {"summary": ["one", "two"]})
    right = Told(4, "correct", "2022-03-01", {"summary": ["one", "uno"]}, amends=2)

    row = timeline([propose(), assign(), first, second, right]).row()

    assert (row.summary, row.theme) == ("two", ("roads",))


def test_of_a_list_an_act_adds_and_takes_away():
    joined = Told(2, "coordinate", "2022-04-01", {"coordinating": [[], ["moj"]]})
    earlier = Told(3, "coordinate", "2022-03-01", {"coordinating": [[], ["vufo"]]})
    gone = Told(4, "coordinate", "2022-05-01", {"coordinating": [["moj"], []]}, v=1)

    told = [propose(), assign(), joined, earlier]
    assert timeline(told).row().coordinating == ("vufo", "moj")
    assert on(told, "2022-03-31").coordinating == ("vufo",)
    assert timeline([*told, gone]).row().coordinating == ("vufo",)


def test_a_resumed_clock_gives_its_days_back_to_whatever_was_due():
    hold = Told(2, "hold", "2022-03-01", {"held_since": [None, "2022-03-01"]})
    resume = Told(
        3,
        "resume",
        "2022-03-11",
        {
            "held_since": ["2022-03-01", None],
            "holds": [[], [["2022-03-01", "2022-03-11"]]],
            "due": ["2022-06-10", "2022-06-20"],
        },
    )
    longer = extend(4, "2022-02-01", "2022-06-10", "2022-07-10")

    known = timeline([propose(), assign(), hold, resume, longer], WorkingCalendar)

    assert known.row().due == date(2022, 7, 20)
    assert known.row().holds == (("2022-03-01", "2022-03-11"),)


def test_a_return_found_later_takes_what_a_case_had_by_then():
    answer = Told(
        3,
        "answer",
        "2022-03-01",
        {
            "outcome": [None, "explained"],
            "answer": [None, "because"],
            "answered_by": [None, "hoa"],
            "answered_on": [None, "2022-03-01"],
        },
    )
    moved = {"state": ["under_study", "assigned"], "state_since": ["2022-02-01", "2022-04-01"]}
    returned = Told(4, "return", "2022-04-01", moved | {"study_on": ["2022-02-01", None]})

    # The return was recorded first, when there was no answer it could have taken away.
    told = [propose(), assign(), study(), replace(returned, seq=3), replace(answer, seq=4)]

    row = timeline(told).row()
    assert (row.state, row.answer, row.outcome, row.answered_by) == (State.ASSIGNED,) + (None,) * 3
    assert on(told, "2022-03-02").answer == "because"


def test_organisations_were_there_before_somebody_entered_them():
    made = Told(
        0, "add", "2022-05-01", {"name": [None, "M"]}, version=1, kind="organisation", key="mofa"
    )

    assert on([made], "1999-01-01").name == "M"
    assert isinstance(on([propose()], "2022-01-03"), Case)


@pytest.mark.parametrize("until", ["2022-01-03", "2022-06-30", "2022-07-01", "2023-01-01"])
def test_stretches_are_what_stood_on_their_days(until):
    known, last = timeline(STORY), date.fromisoformat(until)

    stretches = [*known.stands(last)]

    assert stretches[0][0] == date(2022, 1, 3)
    assert stretches[-1][1] == last
    for since, end, record in stretches:
        assert known.on(since).but(version=record.version) == record
        assert since <= end


def test_of_a_person_what_was_recorded_last_holds():
    made = Told(
        0, "add", "2022-01-03", {"name": [None, "Lan"]}, version=1, kind="person", key="lan"
    )
    login = replace(made, seq=1, version=2, act="edit", effective_on="2026-05-01")
    login = replace(login, changes={"login": [None, "lan"]})
    left = replace(login, seq=2, version=3, act="deactivate", effective_on="2025-12-31")
    left = replace(left, changes={"login": ["lan", None], "ended_on": [None, "2025-12-31"]})

    known = timeline([made, login, left])

    assert is_plain([made, login, left])
    assert (known.row().login, known.row().ended_on) == (None, date(2025, 12, 31))
    assert (on([made, login], "2026-05-01").login, on([made, login], "2026-04-30").login) == (
        "lan",
        None,
    )
    assert on([made, login, left], "2026-01-01").ended_on == date(2025, 12, 31)
