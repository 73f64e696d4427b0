"""The slippage ledger: extensions, lateness in each owner's hands, and spans of being overdue."""

from datetime import date, datetime

import pytest
import time_machine

from casework.questions import lateness


def at(moment):
    return time_machine.travel(datetime.fromisoformat(moment), tick=False)


@pytest.fixture
def ledger(office):
    """A function that asks for the ledger as of a day; returns it by reference."""

    def ask(day, **wanted):
        with office.store().reading() as connection:
            found = list(lateness.ledger(connection, date.fromisoformat(day), **wanted))
        return {one.ref: one for one in found}

    return ask


def test_an_extension_says_who_granted_it_and_whether_the_date_had_passed(office, case, ledger):
    ref = case("assigned", due="2022-03-01")
    reason = ("--reason", "r")
    office("extend", ref, "--due", "2022-06-01", *reason, "--effective", "2022-03-01")
    words = ("--document", "12/TB", "--effective", "2022-06-11")
    office("extend", ref, "--due", "2022-07-01", *reason, *words)
    found = ledger("2022-07-04")[ref]

    assert [(one.old, one.new, one.days_late) for one in found.extensions] == [
        (date(2022, 3, 1), date(2022, 6, 1), 0),
        (date(2022, 6, 1), date(2022, 7, 1), 10),
    ]
    assert [(one.actor, one.document) for one in found.extensions] == [
        ("registrar", None),
        ("registrar", "12/TB"),
    ]
    assert (found.original_due, found.due) == (date(2022, 3, 1), date(2022, 7, 1))
    assert (found.days_late_original, found.days_late) == (125, 3)


def test_lateness_is_that_of_each_owner_in_turn_and_what_came_late_is_inherited(
    office, case, ledger
):
    ref = case("assigned", due="2022-03-01")
    office("reassign", ref, "--owner", "vufo", "--reason", "r", "--effective", "2022-03-11")
    office("advance", ref, "--effective", "2022-03-14")
    found = ledger("2022-03-18")[ref]

    assert [
        (one.owner, one.since, one.until, one.late, one.inherited) for one in found.tenures
    ] == [
        ("mofa", date(2022, 1, 10), date(2022, 3, 11), 8, False),
        ("vufo", date(2022, 3, 11), None, 5, True),
    ]
    assert sum(one.late for one in found.tenures) == 13


def test_a_hand_over_the_day_before_leaves_the_lateness_to_the_new_owner(office, case, ledger):
    ref = case("assigned", due="2022-03-01")
    office("reassign", ref, "--owner", "vufo", "--reason", "r", "--effective", "2022-02-28")
    found = ledger("2022-03-03")[ref]

    assert [(one.owner, one.late, one.inherited) for one in found.tenures] == [
        ("mofa", 0, False),
        ("vufo", 2, False),
    ]


def test_a_resolved_case_was_late_until_the_day_it_was_resolved(case, ledger):
    ref = case("resolved", due="2022-10-28")
    found = ledger("2023-01-01")[ref]
    before = ledger("2022-10-31")[ref]

    assert (found.days_late, found.tenures[0].late) == (4, 2)
    assert found.overdue == (lateness.Span(date(2022, 10, 29), date(2022, 11, 1)),)
    assert (before.days_late, before.resolved_on) == (3, None)
    assert before.overdue == (lateness.Span(date(2022, 10, 29), None),)


def test_t9_two_spans_of_being_overdue_begin_on_the_day_after_each_due_date(office, ledger):
    with at("2015-02-01T02:00:00+00:00"):
        words = ("--title", "T", "--proposer", "vufo", "--effective", "2014-12-31")
        ref = office.json("propose", *words)["ref"]
        office("assign", ref, "--owner", "mofa", "--due", "2015-01-28", "--effective", "2014-12-31")
        office("extend", ref, "--due", "2015-02-27", "--reason", "sent again")
    found = ledger("2015-03-10")[ref]

    assert found.overdue == (
        lateness.Span(date(2015, 1, 29), date(2015, 2, 1)),
        lateness.Span(date(2015, 2, 28), None),
    )
    assert found.overdue[1].first.strftime("%A") == "Saturday"


def test_t8_a_retroactive_hold_does_not_hide_the_days_that_were_shown_as_overdue(
    office, case, ledger
):
    ref = case("assigned", due="2022-01-14")
    with at("2022-01-25T02:00:00+00:00"):
        office("hold", ref, "--reason", "found later", "--effective", "2022-01-12")
    held = ledger("2022-02-10")[ref]
    with at("2022-02-11T02:00:00+00:00"):
        office("resume", ref)
    found = ledger("2022-02-11")[ref]

    assert held.overdue == (lateness.Span(date(2022, 1, 15), date(2022, 1, 25)),)
    assert (held.held_since, held.days_late) == (date(2022, 1, 12), 0)
    assert found.overdue == held.overdue
    assert (found.due, found.tenures[0].late, found.extensions) == (date(2022, 2, 13), 0, ())


def test_a_hold_freezes_the_lateness_there_was(office, case, ledger):
    office("holiday", "add", "2022-04-11", "--name", "Hung Kings")
    ref = case("assigned", due="2022-03-01")
    office("hold", ref, "--reason", "waits", "--effective", "2022-03-08")
    held = ledger("2022-06-01")[ref]
    office("resume", ref, "--effective", "2022-04-07")
    found = ledger("2022-04-12")[ref]

    assert (held.days_late, held.tenures[0].late) == (7, 5)
    assert (found.due, found.days_late, found.tenures[0].late) == (date(2022, 3, 31), 12, 5 + 2)


def test_the_ledger_speaks_of_a_day_and_of_what_was_known(office, case, ledger):
    with at("2022-04-20T02:00:00+00:00"):
        ref = case("assigned", due="2022-03-01")
    with at("2022-05-02T02:00:00+00:00"):
        words = ("--reason", "r", "--effective", "2022-02-20")
        office("extend", ref, "--due", "2022-12-01", *words)
    then = datetime.fromisoformat("2022-05-01T00:00:00+00:00")

    assert ledger("2022-02-01")[ref].due == date(2022, 3, 1)
    assert ledger("2022-04-01")[ref].due == date(2022, 12, 1)
    assert ledger("2022-04-01", known_at=then)[ref].due == date(2022, 3, 1)
    assert ledger("2022-04-01", owner="vufo") == {}
    assert ledger("2022-04-01", owner="mofa") == ledger("2022-04-01")


def test_a_case_without_a_due_date_has_not_slipped(office, case, ledger):
    case("proposed")
    returned = case("assigned", ref="R-1", due="2022-03-01")
    office("return", returned, "--reason", "not ours", "--effective", "2022-03-03")
    found = ledger("2022-03-10")

    assert list(found) == [returned]
    assert [(one.owner, one.late, one.inherited) for one in found[returned].tenures] == [
        ("mofa", 2, False),
        (None, 5, True),
    ]


def test_the_ledger_asks_as_much_for_many_cases_as_for_one(office, case, recorded):
    def statements():
        with recorded() as asked, office.store().reading() as connection:
            found = list(lateness.ledger(connection, date(2023, 1, 1)))
        return len(asked), len(found)

    case("assigned", ref="S-1")
    one = statements()
    for number in range(2, 6):
        case("assigned", ref=f"S-{number}")
    many = statements()

    assert (one[1], many[1]) == (1, 5)
    assert many[0] == one[0] > 0


def test_cases_come_in_the_order_of_their_references(office, case):
    for number in (10, 9, 1):
        case("assigned", ref=f"S-{number}")
    found = office.json("report", "slippage", "--as-of", "2023-06-01")["cases"]

    assert [one["ref"] for one in found] == ["S-1", "S-9", "S-10"]
