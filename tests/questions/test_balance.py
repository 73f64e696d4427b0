"""The report counts what a plain recount counts, and asks the store no more for more cases."""

import json
import shutil
import sqlite3
import uuid
from collections import Counter
from contextlib import closing
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from casework.cli import casework

# Few days, so that what falls on one day often does so with something else.
FIRST, LAST = date(2021, 1, 1), date(2021, 1, 12)
DAYS = st.dates(FIRST, LAST)
TALLY = (
    "cases",
    "resolved",
    "resolved_on_time",
    "resolved_late",
    "resolved_no_due",
    "open",
    "open_in_time",
    "open_overdue",
    "open_no_due",
)


def ask(url, *words, input=None):
    done = CliRunner().invoke(casework, ["--db", str(url), *words, "--json"], input=input)
    assert done.exit_code == 0, f"{words}: {done.stderr}"
    return json.loads(done.stdout)


@st.composite
def rows(draw):
    """Draw a case as a file reports it: who owns it, when each step was, when it is due."""
    steps = sorted(draw(st.lists(DAYS, min_size=4, max_size=4)))
    owner = draw(st.sampled_from([None, "mofa", "vufo", "pc"]))
    state = draw(st.sampled_from(["proposed", "assigned", "under_study", "resolved"]))
    row = {"title": "T", "proposer": "pc", "proposed_on": steps[0]}
    start = steps[0]
    if state in {"assigned", "under_study"}:
        owner = owner or "mofa"
    if owner:
        state = "assigned" if state == "proposed" else state
        start = row["assigned_on"] = steps[1]
        row["owner"] = owner
    if state == "under_study":
        row["study_on"] = steps[2]
    if state == "resolved":
        row |= {"resolved_on": steps[3], "outcome": "implemented" if owner else "withdrawn"}
    if draw(st.booleans()):
        around = [steps[3] + timedelta(days) for days in (-1, 0, 1)]
        row["due"] = max(start, draw(st.sampled_from(around) | DAYS))
    return row | {"state": state}


def standing(row, day):
    """Return owner, due date and day of resolution of a reported case on a day."""
    assigned = row.get("assigned_on", row["proposed_on"]) <= day
    ended = row.get("resolved_on")
    return (
        row.get("owner") if assigned else None,
        row.get("due") if assigned else None,
        ended if ended and ended <= day else None,
    )


def recount(cases, day):
    """Count by owner what the report counts, the plain way."""
    tallies = {}
    for row in cases:
        if row["proposed_on"] > day:
            continue
        owner, due, ended = standing(row, day)
        if ended:
            how = "no_due" if due is None else "on_time" if ended <= due else "late"
            parts = ("cases", "resolved", f"resolved_{how}")
        else:
            how = "no_due" if due is None else "overdue" if due < day else "in_time"
            parts = ("cases", "open", f"open_{how}")
        tallies.setdefault(owner, Counter(dict.fromkeys(TALLY, 0))).update(parts)
    return tallies


@pytest.fixture(scope="module")
def three_bodies(sqlite_template, tmp_path_factory):
    path = tmp_path_factory.mktemp("bodies") / "register.db"
    shutil.copy(sqlite_template, path)
    for code in ("mofa", "vufo", "pc"):
        ask(path, "org", "add", code, "--name", code.upper())
    return path


@settings(max_examples=30)
@given(cases=st.lists(rows(), min_size=4, max_size=16), day=DAYS | st.just(date(2021, 6, 30)))
def test_the_balance_is_what_a_plain_recount_gives_on_any_day(three_bodies, cases, day):
    path = three_bodies.with_name(f"{uuid.uuid4().hex}.db")
    shutil.copy(three_bodies, path)
    named = {f"A.{number}": row for number, row in enumerate(cases, start=1)}
    lines = [json.dumps({"ref": ref, **row}, default=str) for ref, row in named.items()]
    ask(path, "import", "-", input="\n".join(lines))
    on = ["--as-of", day.isoformat()]
    report = ask(path, "report", "overdue", *on)
    overdue = {one["ref"]: one["days_overdue"] for one in report["overdue"]}
    listed = {one["ref"]: one["days_overdue"] for one in ask(path, "list", "--overdue", *on)}
    counts = ask(path, "list", "--overdue", "--count-by", "owner", *on)
    every = ask(path, "list", *on)
    shown = [ask(path, "show", one["ref"], *on) for one in every[:3]]
    tallies = recount(cases, day)
    path.unlink()

    expected = {}
    for ref, row in named.items():
        _, due, ended = standing(row, day)
        if row["proposed_on"] <= day and due and due < day and not ended:
            expected[ref] = (day - due).days
    assert overdue == listed == expected
    assert {one["ref"]: one["days_overdue"] for one in every if one["overdue"]} == expected
    assert all(one["overdue"] == (one["ref"] in expected) for one in shown)
    counted = {one["owner"]: {name: one[name] for name in TALLY} for one in report["by_owner"]}
    assert counted == {owner: dict(tally) for owner, tally in tallies.items()}
    assert {one["owner"]: one["cases"] for one in counts} == {
        owner: tally["open_overdue"] for owner, tally in tallies.items() if tally["open_overdue"]
    }
    total = report["totals"]
    assert total == {name: sum(tally[name] for tally in tallies.values()) for name in TALLY}
    assert total["cases"] == total["resolved"] + total["open"]
    assert total["open"] == total["open_in_time"] + total["open_overdue"] + total["open_no_due"]
    assert [one["ref"] for one in report["no_due_date"]] == [
        one["ref"] for one in every if one["state"] != "resolved" and one["due"] is None
    ]


COMMANDS = {
    "report": ["report", "overdue", "--until", "2999-01-01"],
    "past report": ["report", "overdue", "--until", "2999-01-01", "--as-of", "2022-06-01"],
    "progress": ["report", "progress"],
    "list": ["list"],
    "search": ["search", "rules"],
    "show": ["show", "A.2"],
    "history": ["history", "A.2"],
    "assign": ["assign", "A.1", "--owner", "mofa", "--due", "2999-01-01", "--dry-run"],
    "export": ["export", "-"],
}


def test_the_number_of_statements_does_not_grow_with_the_cases(office, recorded):
    counts = []
    for first, last in ((1, 5), (6, 50)):
        rows = [
            {
                "ref": f"A.{number}",
                "title": "Rules",
                "proposer": "hcmc-pc",
                "proposed_on": "2022-01-01",
                **(
                    {"owner": "mofa", "state": "assigned", "due": "2022-03-01"}
                    if number > 1
                    else {}
                ),
                "with": ["vufo"],
            }
            for number in range(first, last + 1)
        ]
        office("import", "-", input="\n".join(map(json.dumps, rows)))
        counted = {}
        for name, words in COMMANDS.items():
            with recorded() as sent:
                office(*words)
            counted[name] = len(sent)
        counts.append(counted)

    assert len(office.json("list")) == 50
    assert all(counts[0].values())
    assert counts[1] == counts[0]


def test_an_import_sends_no_statement_per_case(office, recorded):
    counts = []
    for first, last in ((1, 5), (6, 50)):
        rows = [
            {"ref": f"A.{number}", "title": "T", "proposer": "mofa"}
            for number in range(first, last + 1)
        ]
        with recorded() as sent:
            office("import", "-", input="\n".join(map(json.dumps, rows)))
        counts.append(len(sent))

    assert counts[1] == counts[0]


def plans(path, statements):
    with closing(sqlite3.connect(path)) as connection:
        return [
            [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
            for sql, values in statements
        ]


def test_overdue_cases_are_read_from_the_index_that_covers_them(three_bodies, recorded):
    with recorded() as sent:
        ask(three_bodies, "report", "overdue", "--until", "2999-01-01")
    listing = [one for one in sent if '"case".title' in one[0]]
    wanted = [one for one in listing if ".due <" in one[0]]
    odd = [one for one in listing if '"case".held_since IS NOT NULL)' in one[0]]

    *dated, strange = plans(three_bodies, wanted + odd)
    assert len(dated) == 2
    assert "USING COVERING INDEX ix_case_odd" in strange[0], strange
    for plan in dated:
        assert "USING COVERING INDEX ix_case_open (due" in plan[0], plan


@pytest.mark.parametrize(
    "words", [["report", "overdue"], ["list", "--overdue", "--count-by", "owner"]]
)
def test_what_each_owner_has_is_sought_in_an_index_and_no_case_is_looked_at(
    three_bodies, recorded, words
):
    with recorded() as sent:
        ask(three_bodies, *words)
    counting = [one for one in sent if '"case".owner = organisation.code' in one[0]]
    (plan,) = plans(three_bodies, counting)

    of_cases = [step for step in plan if " case " in step]
    assert sum("(owner=? AND state=? AND due<?)" in step for step in of_cases) == 2, plan
    # But for the few that are only claimed to be done, which have an index of their own.
    few = [step for step in of_cases if step.endswith("case USING INDEX ix_case_claimed")]
    assert len(few) == ("report" in words), plan
    sought = [step for step in of_cases if step not in few]
    assert all(step.startswith("SEARCH case USING COVERING INDEX") for step in sought), plan


def test_titles_stand_in_one_order_whatever_the_databases_own_collation(pg_server):
    titles = ["a b", "a-b", "ab", "áb", "Ac", "a_c", "đa", "da", "e", "Z"]
    name = f"casework_{uuid.uuid4().hex[:12]}"
    server = create_engine(pg_server, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(
            f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'vi'"
        )
    url = pg_server.rpartition("/")[0] + "/" + name
    try:
        assert CliRunner().invoke(casework, ["--db", url, "init"]).exit_code == 0
        ask(url, "org", "add", "mofa", "--name", "Ministry")
        lines = [json.dumps({"title": title, "proposer": "mofa"}) for title in titles]
        ask(url, "import", "-", input="\n".join(lines))
        ordered = [one["title"] for one in ask(url, "list", "--sort", "title")]
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        server.dispose()

    assert ordered == ["a b", "a-b", "a_c", "ab", "áb", "Ac", "da", "đa", "e", "Z"]
