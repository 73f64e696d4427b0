"""Filters: each narrows what is asked for, alone and with the others, in every form of a list."""

import json
import sqlite3
from contextlib import closing
from dataclasses import fields

import pytest

from casework.kinds.case import FILTERED
from casework.questions import listing, searching
from casework.store import compiled, db
from casework.store.filters import Filter, Sought, within
from casework.system.clock import today

ROWS = [
    {"ref": "A.1", "title": "Visas", "proposer": "vufo", "conference": "NFAC-20"},
    {
        "ref": "A.2",
        "title": "Roads",
        "proposer": "mofa",
        "owner": "mofa",
        "state": "assigned",
        "due": "2022-06-30",
        "theme": ["transport", "budget"],
        "conference": "NFAC-21",
    },
    {
        "ref": "A.3",
        "title": "Ports",
        "proposer": "hcmc-pc",
        "owner": "vufo",
        "state": "under study",
        "due": "2999-01-01",
        "theme": ["transport"],
    },
]
ONE_OF = {
    "conference": "NFAC-20",
    "proposer": "mofa",
    "owner": "vufo",
    "state": "assigned",
    "theme": "budget",
}
"""A value of each field one may ask for, which one case has."""

NAMES = {one.name for one in FILTERED}

ALONE = [
    *({"among": {name: [value]}} for name, value in ONE_OF.items()),
    {"overdue": True},
    {"where": ("due >", today("Asia/Ho_Chi_Minh"))},
    {"due_before": today("Asia/Ho_Chi_Minh")},
    {"text": [Sought("visas")]},
    {"text": [Sought("none", noted=frozenset({"A.3"}))]},
    {"text": [Sought("none", bodies=frozenset({"hcmc-pc"}))]},
]


@pytest.fixture
def register(office):
    rows = [{"proposed_on": "2021-01-03"} | row for row in ROWS]
    office("import", "-", input="\n".join(map(json.dumps, rows)))
    return office


def asked(office, question):
    with db.open_store(office.url).reading() as connection:
        return list(question(connection))


def listed(office, wanted, day):
    return [case.ref for case in asked(office, lambda at: listing.cases(at, wanted, day))]


def test_every_filter_is_a_condition_and_those_a_list_always_has_are_tried_alone():
    assert set(ONE_OF) <= NAMES <= set(compiled.CONDITIONS)
    narrow = {one.name for one in fields(Filter)} - {"sort", "lang", "limit", "meant"}
    assert {name for given in ALONE for name in given} == narrow


@pytest.mark.parametrize("given", ALONE, ids=str)
def test_every_filter_alone_finds_one_case_in_every_form_of_a_list(register, given):
    day = today("Asia/Ho_Chi_Minh")
    (found,) = listed(register, Filter(**given), day)

    assert listed(register, Filter(**given, sort="title"), day) == [found]
    assert listed(register, Filter(**given, sort="due", limit=1), day) == [found]
    by_state = asked(register, lambda at: listing.counted(at, "state", Filter(**given), day))
    by_owner = asked(register, lambda at: listing.counted(at, "owner", Filter(**given), day))
    assert [cases for _, cases in by_state] == [cases for _, cases in by_owner] == [1]
    best = asked(register, lambda at: searching.best(at, Filter(**given), day))
    assert [case.ref for case in best] == [found]


def test_filters_are_joined_by_and_and_the_values_of_one_by_or(register):
    day = today("Asia/Ho_Chi_Minh")
    transport = {"theme": ["transport"]}

    assert listed(register, Filter(among=transport), day) == ["A.2", "A.3"]
    assert listed(register, Filter(among=transport, overdue=True), day) == ["A.2"]
    assert listed(register, Filter(among=transport | {"owner": ["vufo"]}), day) == ["A.3"]
    states = {"state": ["proposed", "under_study"]}
    assert listed(register, Filter(among=states), day) == ["A.1", "A.3"]
    assert listed(register, Filter(among=states, text=[Sought("s"), Sought("visa")]), day) == [
        "A.1"
    ]
    assert listed(register, Filter(among=states | {"owner": ["mofa"]}), day) == []


HOSTILE = ("' OR 1=1 --", ":value", ":value_0", "x) OR (1=1", "%", "_", "/", "?", "\\", '"')


def test_values_are_bound_whatever_they_say(register):
    day = today("Asia/Ho_Chi_Minh")
    for words in HOSTILE:
        for name in NAMES:
            assert listed(register, Filter(among={name: [words]}), day) == []
        assert listed(register, Filter(text=[Sought(words)]), day) == []
        two = Filter(among={"owner": ["vufo", words]}, text=[Sought("ports"), Sought("port")])
        assert listed(register, two, day) == ["A.3"]


def test_no_value_stands_in_the_text_of_a_statement():
    day = today("Asia/Ho_Chi_Minh")
    wanted = Filter(among={name: ["needle"] for name in NAMES}, text=[Sought("needle")])
    made = compiled.narrowed(compiled.LIST, wanted.conditions(day, ()))

    assert "needle" not in made.text
    assert made.text.count(":value_") == len(NAMES) + 1
    assert {*made.fixed.values()} > {"needle", within("needle")}


def test_a_statement_that_takes_no_conditions_is_not_given_any():
    with pytest.raises(TypeError, match="takes no conditions"):
        compiled.narrowed(compiled.OVERDUE_BY_OWNER, [[("owner", "mofa")]])


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_list_that_cannot_be_read_is_told_of_and_not_passed_over(register):
    register.sql("UPDATE \"case\" SET theme = 'transport' WHERE ref = 'A.2'")

    error = register.run("list", "--theme", "budget", "--json").error

    assert error["exit"] == 7
    assert "audit verify" in error["hint"]


BY_THEME = "ix_case_theme_listed (theme=?)"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("words", "used", "in_order"),
    [
        (["--owner", "mofa", "--limit", "20"], "ix_case_owner (owner=?)", True),
        (["--theme", "transport"], BY_THEME, True),
        (["--theme", "transport", "--limit", "20"], BY_THEME, True),
        (["--theme", "transport", "--overdue", "--limit", "20"], BY_THEME, True),
        (["--theme", "transport", "--where", "theme:budget"], BY_THEME, True),
        (["--theme", "transport", "--sort", "due", "--limit", "20"], BY_THEME, False),
        (["--where", "theme:transport", "--json"], BY_THEME, True),
        (["--where", "theme:transport and theme:budget", "--json"], BY_THEME, False),
    ],
)
def test_owners_and_themes_are_sought_in_an_index(register, recorded, words, used, in_order):
    with recorded() as sent:
        register("list", *words)
    asked = [one for one in sent if 'FROM "case"' in one[0] and "LIMIT" in one[0]]
    with closing(sqlite3.connect(register.url)) as connection:
        (plan,) = (
            [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
            for text, values in asked
        )

    assert any(used in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
    # What stands in the index in the order of the list is read to its limit.
    assert in_order != any("TEMP B-TREE" in step for step in plan), plan


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_server_reads_the_cases_of_a_theme_in_the_order_of_an_index(register, recorded):
    register.sql(
        'INSERT INTO "case" SELECT one.* FROM generate_series(1, 3000) AS number, "case" AS kept,'
        " jsonb_populate_record(kept, jsonb_build_object('ref', 'B.' || number,"
        " 'ref_key', 'b.' || number, 'ref_stem', 'b.', 'ref_number', number)) AS one"
        " WHERE kept.ref = 'A.3'"
    )
    register.sql(
        "INSERT INTO case_theme (ref, theme, ref_stem, ref_number)"
        " SELECT ref, 'transport', ref_stem, ref_number FROM \"case\" WHERE ref_stem = 'b.'"
    )
    register.sql('ANALYZE "case", case_theme')
    with recorded() as sent:
        found = register.json("list", "--theme", "transport", "--limit", "4")
    (asked,) = [one for one in sent if 'FROM "case"' in one[0] and "LIMIT" in one[0]]
    with register.store().reading() as connection:
        rows = connection.driver.execute(f"EXPLAIN {asked[0]}", asked[1]).fetchall()
    plan = "\n".join(row[0] for row in rows)

    assert [one["ref"] for one in found] == ["A.2", "A.3", "B.1", "B.2"]
    assert "ix_case_theme_listed" in plan
    assert "Sort" not in plan
    assert "Seq Scan" not in plan


def test_a_theme_among_other_conditions_narrows_as_it_does_alone(register):
    def found(*words):
        return [one["ref"] for one in register.json("list", *words)]

    assert found("--theme", "transport", "--where", "theme:budget") == ["A.2"]
    assert found("--theme", "transport", "--limit", "1") == ["A.2"]
    assert found("--theme", "transport", "--where", "theme:budget or theme:transport") == [
        "A.2",
        "A.3",
    ]
    assert found("--theme", "transport", "--owner", "vufo") == ["A.3"]
    assert found("--where", "not theme:transport") == ["A.1"]
    assert found("--theme", "Transport") == []


def test_the_themes_of_a_case_are_those_it_has_now(register):
    def found(theme, *more):
        return [one["ref"] for one in register.json("list", "--theme", theme, *more)]

    assert (found("transport"), found("budget")) == (["A.2", "A.3"], ["A.2"])
    register("edit", "A.3", "--theme", "budget", "--theme", "trade")
    assert (found("transport"), found("budget"), found("trade")) == (
        ["A.2"],
        ["A.2", "A.3"],
        ["A.3"],
    )
    assert found("transport", "--as-of", "2022-06-01") == ["A.2", "A.3"]

    register.sql("DELETE FROM case_theme WHERE theme = 'trade'")
    assert "case_theme" in register.refused(7, "audit", "verify")["message"]
    assert "case_theme" in register.refused(7, "db", "check")["message"]
