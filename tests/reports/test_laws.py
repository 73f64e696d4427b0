"""Laws that every report keeps, on registers that grew at random: all of them ask one timeline.

By default a few small registers on both engines; with --long two hundred of two hundred cases.
"""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace

import chances
import pytest

from casework.acts.session import Session
from casework.questions import audit_log, listing, replay, spans, working_calendar
from casework.questions.lateness import FIELDS
from casework.reports.making import REPORTS, made, question
from casework.rules.lateness import days_overdue
from casework.rules.periods import Period
from casework.store import timelines
from casework.store.filters import Filter
from casework.system.clock import parse_instant

LATER = parse_instant("2100-01-01T00:00:00Z")
TODAY = chances.LAST + timedelta(10)
COUNTS = ("cases", "resolved", "resolved_on_time", "resolved_late", "resolved_no_due",
          "open", "open_in_time", "open_overdue", "open_no_due")  # fmt: skip


def asked(connection, name, **said):
    return made(name, connection, question(connection, **said)).as_json()


def standing(connection, day):
    """Return the cases as `show --as-of` gives them, by reference."""
    with replay.as_of(connection, day, LATER) as then:
        return {one.ref: one for one in listing.cases(then, Filter(), day)}


def days_of(chance, connection):
    """Return days on which something happened, and some on which nothing did."""
    cases = standing(connection, TODAY).values()
    ended = [one.resolved_on for one in cases if one.resolved_on]
    some = [chances.FIRST + timedelta(chance.randrange(1600)) for _ in range(2)]
    return [*chance.sample(ended, min(2, len(ended))), *some]


# --- the laws --------------------------------------------------------------------------------


def today_is_as_of_today(connection, _):
    for name in REPORTS:
        said = {"of": "NFAC-20", "coming": "NFAC-21"} if name == "review" else {}
        day = date(2023, 12, 17) if name == "review" else TODAY
        plain = asked(connection, name, as_of=day, **said)
        again = asked(connection, name, as_of=day, known_at=LATER, **said)
        assert plain | {"known_at": again["known_at"]} == again, name


def each_balance_opens_as_the_last_one_closed(connection, _):
    conferences = ("NFAC-20", "NFAC-21", "NFAC-22")
    reviews = [
        asked(connection, "review", of=of, coming=coming, known_at=LATER)
        for of, coming in pairwise(conferences)
    ]
    for before, after in pairwise(reviews):
        assert before["balance"]["closing"] == after["balance"]["opening"]
    for said in ({}, {"owner": "mofa"}, {"known_at": parse_instant("2025-01-01T00:00:00Z")}):
        left = asked(connection, "progress", as_of=date(2021, 12, 31), **said)["totals"]["open"]
        for half in (f"{year}-H{part}" for year in range(2022, 2026) for part in (1, 2)):
            told = asked(connection, "progress", period=half, **said)
            balance, closing = told["balance"], told["totals"]["open"]
            assert (balance["opening"], balance["closing"]) == (left, closing)
            left = closing


def owners_add_up_to_the_whole(connection, days):
    for day in days:
        for name in ("overdue", "progress"):
            told = asked(connection, name, as_of=day)
            for part in COUNTS:
                assert sum(one[part] for one in told["by_owner"]) == told["totals"][part]
        told = asked(connection, "workload", as_of=day)
        for by in ("by_owner", "by_officer"):
            for part in ("open", "overdue", "on_hold", "no_due_date"):
                assert sum(one[part] for one in told[by]) == told["totals"][part]


def owners_were_late_on_the_days_the_case_was(connection, days):
    calendar = working_calendar.working_calendar(connection)
    for day in days[:1]:
        told = asked(connection, "slippage", as_of=day)
        tenures = {one["ref"]: one["tenures"] for one in told["cases"]}
        for life in spans.lives(connection, FIELDS):
            if not life.steps():
                # Its proposal is struck out.
                assert life.key not in tenures
                continue
            late = sum(
                1
                for eve in _until(life, day)
                if calendar.between(eve, eve + timedelta(1))
                and (case := life.on(eve)) is not None
                and days_overdue(case, eve + timedelta(1))
            )
            found = sum(one["late"] for one in tenures.get(life.key, ()))
            assert life.key not in tenures or found == late, life.key
        for owner in told["by_owner"]:
            own = [one for held in tenures.values() for one in held]
            late = sum(one["late"] for one in own if one["owner"] == owner["owner"])
            assert owner["late"] == late


def _until(life, day):
    first = life.steps()[0].day
    return (first + timedelta(count) for count in range((day - first).days))


def nothing_is_overdue_on_the_day_it_is_resolved(connection, days):
    for day in days:
        cases = standing(connection, day)
        late = {one["ref"] for one in asked(connection, "overdue", as_of=day)["overdue"]}
        assert not late & {ref for ref, one in cases.items() if one.resolved_on == day}
        assert not [one for one in cases.values() if one.resolved_on and one.resolved_on > day]


def every_report_counts_what_is_shown_of_the_day(connection, days):
    for day in days:
        cases = standing(connection, day)
        still = {ref: one for ref, one in cases.items() if one.state != "resolved"}
        late = {ref: days_overdue(one, day) for ref, one in still.items()}
        late = {ref: count for ref, count in late.items() if count}
        overdue = asked(connection, "overdue", as_of=day)
        load = asked(connection, "workload", as_of=day)
        progress = asked(connection, "progress", as_of=day)
        forecast = asked(connection, "forecast", as_of=day, until=day + timedelta(90))
        slippage = asked(connection, "slippage", as_of=day)
        period = asked(connection, "workload", period=Period(day - timedelta(99), day))
        before = standing(connection, day - timedelta(100)).values()

        assert {one["ref"]: one["days_overdue"] for one in overdue["overdue"]} == late
        assert overdue["totals"] == {name: progress["totals"][name] for name in COUNTS}
        assert (overdue["totals"]["cases"], overdue["totals"]["open"]) == (len(cases), len(still))
        by_owner = Counter(one.owner for one in still.values())
        assert {one["owner"]: one["open"] for one in load["by_owner"]} == by_owner
        assert load["totals"]["overdue"] == len(late)
        assert {one["ref"]: one["days_in_state"] for one in forecast["cases"]} == {
            ref: (day - one.state_since).days for ref, one in still.items()
        }
        for one in slippage["cases"]:
            case = cases[one["ref"]]
            shown = (case.state, case.owner, case.due, case.resolved_on, case.held_since)
            told = ("state", "owner", "due", "resolved_on", "held_since")
            assert [str(value) for value in shown] == [str(one[name]) for name in told]
            counted, listed = case.extensions, len(one["extensions"])
            # A row of a file may tell of several at once.
            assert listed == counted or (listed < counted and told_by_a_row(connection, case.ref))
            assert one["original_due"] == str(case.original_due)
        assert late.keys() <= {one["ref"] for one in slippage["cases"]}
        assert period["balance"]["opening"] == sum(one.state != "resolved" for one in before)
        assert period["balance"]["closing"] == len(still)


def told_by_a_row(connection, ref):
    """Return whether a row of a file told of a case, here or where its history was told."""
    reports = [one.reported for one in audit_log.history(connection, ref) if one.reported]
    return any("source" in one.get("told", one) for one in reports)


LAWS = (
    today_is_as_of_today,
    each_balance_opens_as_the_last_one_closed,
    owners_add_up_to_the_whole,
    owners_were_late_on_the_days_the_case_was,
    nothing_is_overdue_on_the_day_it_is_resolved,
    every_report_counts_what_is_shown_of_the_day,
)


def tried(office, seed, cases, acts=14):
    """Let a register grow, and try every law on it."""
    chance = random.Random(seed)
    chances.grown(office, chance, cases, acts)
    assert office.json("audit", "verify")["ok"] is True
    with Session(target=office.url).reading() as connection:
        days = days_of(chance, connection)
        for law in LAWS:
            law(connection, days)


def test_every_report_keeps_the_laws(office):
    tried(office, 7, 8)


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(200 if metafunc.config.getoption("--long") else 2))


@pytest.mark.timeout(3600)  # with --long on a machine that is busy
def test_registers_grown_at_random_keep_the_laws(new_office, much, engine, seed):
    if much(True, False) and engine != "sqlite":
        pytest.skip("one register on the server stands above; the others are the long form")
    tried(new_office(), seed, much(8, 200), much(14, 8))


def test_what_grows_at_random_has_all_that_a_timeline_knows(office):
    chances.grown(office, random.Random(8), 60)
    acts = [one for one in office.json("audit", "log") if one["kind"] == "case"]
    proposals = {one["seq"] for one in acts if one["act"] == "propose"}
    strikes = {one["seq"]: one["strikes"] for one in acts if one["strikes"] is not None}

    assert proposals & {*strikes.values()}
    assert {*strikes.values()} - proposals - {*strikes}
    assert {*strikes} & {*strikes.values()}
    assert any(one["amends"] is not None for one in acts)
    assert any("links" in one["changes"] for one in acts)
    assert {"ask-time", "refuse-time", "withdraw-time", "contest", "uphold"} <= {
        one["act"] for one in acts
    }
    assert any(one["deputy_of"] for one in acts)
    told = [one for one in acts if one["reported"]]
    assert {one["act"] for one in told} > {"propose", "assign", "correct"}
    assert any(one["amends"] is not None for one in told)
    assert any(one["strikes"] is not None for one in told)
    assert office.json("audit", "verify")["ok"] is True


def _as_recorded(events, calendar):
    """Fold events by their own days alone, as reports did that read events themselves."""
    in_order = sorted(events, key=lambda one: (one.version > 1, one.effective_on, one.seq))
    return timelines.timeline(
        [_plain(one, number) for number, one in enumerate(in_order, start=1)], calendar
    )


def _plain(event, number):
    return replace(event, act="edit" if event.act == "correct" else event.act, amends=None,
                   strikes=None, version=number)  # fmt: skip


def test_a_report_that_reads_events_itself_breaks_them(office, monkeypatch):
    chances.grown(office, random.Random(7), 12)
    apart = SimpleNamespace(made=_as_recorded, calendar_of=timelines.calendar_of)
    monkeypatch.setattr(spans, "timelines", apart)
    broken = []
    with Session(target=office.url).reading() as connection:
        days = days_of(random.Random(7), connection)
        for law in LAWS:
            try:
                law(connection, days)
            except (AssertionError, LookupError):
                broken.append(law.__name__)

    assert broken
