"""What every case is: each invariant broken on purpose, in a record and in SQL."""

import sqlite3
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standings import BROKEN, DAY, LATER, LAWFUL, PROPOSED

from casework.kinds.choices import CLOSING_OUTCOMES, Outcome, State
from casework.kinds.records import Case
from casework.rules.invariants import CHECKED, INVARIANTS, Form, broken, condition


@pytest.mark.parametrize("case", LAWFUL)
def test_a_case_as_verbs_leave_it_is_in_order(case):
    assert broken(case) == ()


def test_every_invariant_is_broken_below():
    assert sorted(BROKEN) == sorted(one.id for one in INVARIANTS)
    assert len({str(one.says) for one in INVARIANTS}) == len(INVARIANTS)


@pytest.mark.parametrize("name", BROKEN)
def test_a_case_that_could_not_have_come_about_is_named(name):
    case, changes = BROKEN[name]

    assert [one.id for one in broken(case.but(**changes))] == [name]


def test_holds_that_overlap_are_no_holds():
    spans = (("2022-01-03", "2022-01-06"), ("2022-01-05", "2022-01-07"))

    assert [one.id for one in broken(PROPOSED.but(holds=spans))] == ["holds"]


@pytest.mark.parametrize("form", Form)
def test_every_form_has_a_row(form):
    assert form in {one.form for one in INVARIANTS}


OF_VALUES = [one for one in INVARIANTS if "jsonb" not in condition(one)]
COLUMNS = sorted({name for one in OF_VALUES for name in one.fields} | {"state"})


def values(name):
    match name:
        case "state":
            return st.sampled_from(State)
        case "outcome":
            return st.none() | st.sampled_from((*CLOSING_OUTCOMES, Outcome.EXPLAINED))
        case "extensions" | "reopened":
            return st.integers(0, 1)
    dated = {one.name for one in Case.fields if "date" in one.type}
    return st.none() | st.sampled_from([DAY, LATER] if name in dated else ["a", "b"])


@given(st.fixed_dictionaries({name: values(name) for name in COLUMNS}))
def test_sql_says_of_a_row_what_is_said_of_its_record(held):
    wrong = {one.id for one in broken(PROPOSED.but(**held))}
    with sqlite3.connect(":memory:") as store:
        asked = ", ".join(f"({condition(one)}) AS '{one.id}'" for one in OF_VALUES)
        given = ", ".join(f"? AS {name}" for name in COLUMNS)
        found = store.execute(
            f"SELECT {asked} FROM (SELECT {given})",
            [str(value) if isinstance(value := held[name], date) else value for name in COLUMNS],
        )
        said = dict(zip([one.id for one in OF_VALUES], next(iter(found)), strict=True))
    store.close()

    assert {name for name, true in said.items() if not true} == wrong


def test_the_checks_of_the_table_are_those_of_the_first_migrations():
    assert {name: condition(one) for name, one in CHECKED.items()} == {
        "resolved": "(state = 'resolved') = (resolved_on IS NOT NULL)",
        "original_due": "(due IS NULL) = (original_due IS NULL)",
        "due_rule": "(due_rule IS NULL) = (due_from IS NULL)",
        "held": "held_since IS NULL OR state IN ('assigned', 'under_study')",
    }
