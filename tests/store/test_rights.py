"""Rights on a shared register: valid credentials, and whatever program or SQL one likes."""

import json
import re
import uuid
from dataclasses import replace
from datetime import date, timedelta

import pgserver
import pytest
from offices import Shell
from shared import PEOPLE, TODAY, Somebody, psycopg

from casework.acts import actors
from casework.kinds.choices import Role, State
from casework.kinds.records import Case, Digest, Intake, Organisation, Person, Request
from casework.ledger.ledger import Desk
from casework.log import event as audit
from casework.questions import audit_log
from casework.rules.changes import CHANGES
from casework.rules.workflow import OTHER_ACTS, REOPENS, RULES, TRANSITIONS
from casework.store import schema
from casework.store.door import edition
from casework.store.loading import load

pytestmark = pytest.mark.usefixtures("same_day")


def of(kind, key):
    return [kind, key]


# --- the rules are one table -----------------------------------------------------------------


def test_the_server_holds_the_rules_of_the_program(shared):
    assert shared.sql("lan", "SELECT casework_rules()") == [(json.loads(edition.rules()),)]


def test_canonical_bytes_are_the_same_on_both_sides(shared):
    words = "".join(map(chr, [*range(1, 0x250), 0x2028, 0xFEFF, 0x1F600, 0x10FFFF]))
    values = [
        {"z": [1, -7, None, True, []], "a": {}, "b_1": words, "é": "ưởng"},
        [[["2026-01-01", "2026-01-05"]], {"commitment": "00"}, "", 2**53 - 1],
    ]
    for value in values:
        with pgserver.connected(shared.url) as connection:
            ((text,),) = connection.execute(
                "SELECT casework_canonical(%s::jsonb)", (json.dumps(value),)
            ).fetchall()
        assert text.encode() == audit.canonical(value)


NO_RULES = (
    "CREATE OR REPLACE FUNCTION casework_rules() RETURNS jsonb LANGUAGE sql IMMUTABLE"
    " AS 'SELECT ''{}''::jsonb'"
)


def test_check_finds_rules_that_were_changed_and_tables_laid_open(shared):
    shared.keeper("db", "check")
    for change, found in (
        ('ALTER TABLE "case" DISABLE ROW LEVEL SECURITY', "may read all of the table case"),
        (NO_RULES, "are not this program's"),
    ):
        pgserver.ask(shared.url, change)
        error = json.loads(shared.keeper.run("db", "check", "--json").stderr)["error"]
        assert error["exit"] == 7
        assert found in error["message"]


# --- tables and functions --------------------------------------------------------------------

TABLES = [*schema.metadata.tables, "alembic_version"]


@pytest.mark.parametrize("code", PEOPLE)
def test_no_login_writes_a_table(shared, code):
    first = pgserver.ask(
        shared.url, "SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attnum = 1"
    )
    columns = {table.strip('"'): column for table, column in first}
    for table in TABLES:
        column = columns[table]
        for statement in (
            f'INSERT INTO "{table}" DEFAULT VALUES',
            f'UPDATE "{table}" SET "{column}" = "{column}"',
            f'DELETE FROM "{table}"',
            f'TRUNCATE "{table}"',
            f'SELECT * FROM "{table}" FOR UPDATE',
            f'BEGIN; LOCK TABLE "{table}" IN EXCLUSIVE MODE',
            f'ALTER TABLE "{table}" DISABLE TRIGGER ALL',
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
            f'DROP TABLE "{table}"',
            f'CREATE TRIGGER mine BEFORE INSERT ON "{table}" EXECUTE FUNCTION casework_refuse()',
            f'CREATE POLICY mine ON "{table}" USING (true)',
        ):
            assert shared.denied(code, statement) == "42501", statement


def test_a_login_calls_the_doors_and_nothing_behind_them(shared):
    with pgserver.connected(shared.url) as connection:
        named = connection.execute(
            "SELECT oid::regprocedure::text, has_function_privilege(%s, oid, 'EXECUTE')"
            " FROM pg_proc WHERE starts_with(proname, 'casework_')",
            (shared.login("lan"),),
        ).fetchall()

    assert {name.replace(",", ", ") for name, may in named if may} == {
        *edition.DOORS,
    }
    assert len(named) > len(edition.DOORS)


def test_the_tables_belong_to_a_role_nobody_logs_in_as(shared):
    owners = pgserver.ask(
        shared.url,
        "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND relnamespace = 'public'::regnamespace"
        " UNION SELECT proowner::regrole::text FROM pg_proc"
        " WHERE starts_with(proname, 'casework_')",
    )
    logs_in = pgserver.ask(
        shared.url, f"SELECT rolcanlogin FROM pg_roles WHERE rolname = '{edition.OWNER}'"
    )

    assert owners == [(edition.OWNER,)]
    assert logs_in == [(False,)]


def test_every_function_that_runs_as_the_owner_looks_only_here(shared):
    found = pgserver.ask(
        shared.url,
        "SELECT proname, proconfig FROM pg_proc WHERE starts_with(proname, 'casework_')"
        " AND prosecdef",
    )

    assert len(found) > 5
    for name, settings in found:
        assert settings == ["search_path=public, pg_temp"], name


# --- who one is ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE casework_owner",
        "SET SESSION AUTHORIZATION casework",
        "GRANT casework_owner TO {me}",
        "ALTER ROLE {me} SUPERUSER",
        "ALTER ROLE {me} BYPASSRLS",
        "ALTER ROLE {me} CREATEROLE",
        "CREATE ROLE mine LOGIN",
        "CREATE FUNCTION public.casework_me() RETURNS person LANGUAGE sql AS 'SELECT NULL'",
        "CREATE OR REPLACE FUNCTION casework_keeps() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "ALTER FUNCTION casework_keeps() RESET ALL",
        "CREATE SCHEMA mine",
        "CREATE TABLE public.mine (n int)",
        "SET session_replication_role = replica",
        "ALTER DATABASE postgres SET search_path = mine",
    ],
)
@pytest.mark.parametrize("code", ["lan", "chi", "nga"])
def test_no_login_becomes_somebody_else(shared, code, statement):
    assert shared.denied(code, statement.format(me=shared.login(code))) == "42501"


def test_nobody_records_in_the_name_of_another(shared):
    ref = shared.case("assigned")
    act = shared.act("nga", "edit", of(Case, ref), {"title": "Mine"})

    assert "cannot act as nga" in shared.refuses("lan", shared.event(act))
    mine = replace(act, actor="lan", login=shared.login("nga"))
    assert "another login" in shared.refuses("lan", shared.event(mine))


def test_settings_of_the_session_do_not_say_who_one_is(shared):
    ref = shared.case()
    act = shared.act("nga", "edit", of(Case, ref), {"title": "Mine"})
    sent = shared.event(act)

    with shared.raw("lan") as connection:
        for name in ("casework.user", "casework.login", "application_name"):
            connection.execute("SELECT set_config(%s, %s, false)", (name, shared.login("nga")))
        ((why,),) = connection.execute(
            "SELECT why FROM casework_record(%s::text[], %s::text[])",
            ([sent.body.decode()], [sent.disclosures.decode()]),
        ).fetchall()

    assert "cannot act as nga" in why


def test_temporary_objects_do_not_shadow_the_register(shared):
    ref = shared.case("assigned")
    sent = shared.event(shared.act("lan", "edit", of(Case, ref), {"title": "Mine"}))
    # Nobody may make any, unless an administrator of the server lets them again.
    name = shared.url.rpartition("/")[2]
    pgserver.ask(shared.url, f"GRANT TEMPORARY ON DATABASE {name} TO PUBLIC")

    with shared.raw("lan") as connection:
        connection.execute("CREATE TEMP TABLE person AS SELECT * FROM public.person")
        connection.execute("UPDATE pg_temp.person SET role = 'secretariat' WHERE code = 'lan'")
        connection.execute("CREATE TEMP TABLE event AS SELECT * FROM public.event")
        connection.execute(
            "CREATE FUNCTION pg_temp.casework_keeps() RETURNS boolean LANGUAGE sql AS 'SELECT true'"
        )
        connection.execute("SET search_path = pg_temp, public, pg_catalog")
        ((why,),) = connection.execute(
            "SELECT why FROM public.casework_record(%s::text[], %s::text[])",
            ([sent.body.decode()], [sent.disclosures.decode()]),
        ).fetchall()
        seen = connection.execute('SELECT count(*) FROM public."case"').fetchall()

    assert "lan may not edit" in why
    assert seen == [(1,)]


# --- what may be read ------------------------------------------------------------------------


def test_a_desk_reads_the_cases_of_its_organisation_only(shared):
    mine = shared.case("assigned", owner="hcmc-pc")
    asked = shared.case(proposer="hcmc-pc")
    beside = shared.case("assigned", owner="mofa")
    shared.keeper("coordinate", beside, "--with", "hcmc-pc")
    hidden = shared.case("resolved", title="Hidden from Ho Chi Minh City")
    visible = {mine, asked, beside}

    assert {ref for (ref,) in shared.sql("minh", 'SELECT ref FROM "case"')} == visible
    keys = shared.sql("minh", "SELECT DISTINCT key FROM event WHERE kind = 'case'")
    assert {key for (key,) in keys} == visible
    told = shared.sql("minh", "SELECT convert_from(body, 'UTF8') FROM disclosure")
    assert told
    assert not any("Hidden" in body for (body,) in told)
    copying = 'COPY (SELECT * FROM "case") TO STDOUT'
    with shared.raw("minh") as connection, connection.cursor().copy(copying) as copied:
        assert b"Hidden" not in b"".join(bytes(block) for block in copied)
    assert shared.denied("minh", "SET row_security = off; SELECT * FROM event") == "42501"
    for statement in (
        "SELECT * FROM casework_lock(ARRAY['case'], ARRAY[%s])",
        "SELECT * FROM casework_lock(ARRAY['case'], ARRAY['none' || %s])",
    ):
        assert shared.denied("minh", statement, hidden) == "CW409"

    assert {row["ref"] for row in shared.as_("minh").json("list")} == visible
    shared.as_("minh").refused(3, "show", hidden)
    shared.as_("minh").refused(3, "history", hidden)
    for code in ("thanh", "chi", "nga"):
        assert len(shared.sql(code, 'SELECT ref FROM "case"')) == 4


def test_a_function_that_leaks_sees_no_hidden_row(shared):
    shared.case(title="Hidden from Ho Chi Minh City")

    with shared.raw("minh") as connection:
        connection.execute(
            "CREATE FUNCTION pg_temp.leak(words text) RETURNS boolean LANGUAGE plpgsql COST 0.0001"
            " AS $$ BEGIN RAISE EXCEPTION 'seen: %', words; END $$"
        )
        rows = connection.execute('SELECT ref FROM "case" WHERE pg_temp.leak(title)').fetchall()
        kinds = connection.execute("SELECT * FROM pg_stats WHERE tablename = 'case'").fetchall()

    assert rows == []
    assert kinds == []


def test_letters_and_imports_are_not_a_desk_s_to_read(shared, tmp_path):
    file = tmp_path / "cases.csv"
    file.write_text("title,proposer\nOne,vufo\n", "utf-8")
    shared.keeper("import", file)

    assert shared.sql("thanh", "SELECT count(*) FROM intake") == [(1,)]
    assert shared.sql("minh", "SELECT count(*) FROM intake") == [(0,)]
    seen = shared.sql("minh", "SELECT DISTINCT kind FROM event WHERE kind IN ('intake', 'digest')")
    assert seen == []


def test_of_people_s_events_a_desk_reads_its_own(shared):
    keys = shared.sql("minh", "SELECT DISTINCT key FROM event WHERE kind = 'person'")

    assert keys == [("minh",)]


# --- what may be written ---------------------------------------------------------------------

ROLE_OF = {"lan": "owner", "minh": "coordinating", "hoa": "proposer", "nga": "secretariat"}
ENOUGH = {
    "assign": {
        "owner": "mofa",
        "due": date(2099, 1, 1),
        "original_due": date(2099, 1, 1),
        "assigned_on": TODAY,
    },
    "study": {"study_on": TODAY},
    "resolve": {"outcome": "explained", "answer": "Circular 3"},
    "answer": {"outcome": "explained", "answer": "Circular 3"},
    "close": {"outcome": "withdrawn", "answer": "They said so"},
    "extend": {"due": date(2100, 1, 1), "extensions": 1},
    "reassign": {"owner": "vufo"},
    "edit": {"title": "Another title"},
    "correct": {"title": "Another title"},
    "coordinate": {"coordinating": ("hcmc-pc", "central")},
    "recompute": {"due": date(2098, 1, 1)},
    "redact": {},
    "ask-time": {"asked_due": date(2100, 1, 1), "reply_by": TODAY},
    **dict.fromkeys(("refuse-time", "withdraw-time"), dict.fromkeys(("asked_due", "reply_by"))),
    "contest": {"contested_on": TODAY},
    "uphold": {"contested_on": None},
    "verdict": {"verdict": "satisfied", "verdict_on": TODAY},
    "hold": {"held_since": TODAY},
    "resume": {"held_since": None, "holds": ((TODAY.isoformat(), TODAY.isoformat()),)},
}
ALL_RULES = [*TRANSITIONS, *OTHER_ACTS]


def _step(office, ref, code, verb, target):
    """Return an act that would be in order if its actor may make it."""
    changes = dict(ENOUGH.get(verb, {}))
    with office.keeper.store().reading() as connection:
        case = load(connection, Case, ref)
    if case.state != target:
        changes |= {"state": State(target), "state_since": TODAY}
    if verb in {"resolve", "close"}:
        changes |= {"resolved_on": TODAY, "resolved_by": code}
    if verb == "confirm":
        changes |= {"resolved_by": code, "reported": None}
    if verb == "answer":
        changes |= {"answered_on": TODAY, "answered_by": code}
    if verb == "return":
        gone = ("owner", "assigned_on") if target == "proposed" else ("study_on",)
        changes |= dict.fromkeys(gone)
    if verb in REOPENS:
        gone = ("resolved_on", "resolved_by", "outcome", "answer")
        first = ("outcome", "answer", "resolved_on")
        changes |= {f"first_{name}": getattr(case, name) for name in first}
        changes |= {"reopened": 1, **dict.fromkeys(gone)}
        changes |= {"study_on": TODAY} if verb == "reopen" else {}
    changes = {name: value for name, value in changes.items() if getattr(case, name) != value}
    words = {"reason": "Because"}
    if verb == "recompute" and case.due is None:
        changes = {}
    if verb == "note":
        words["note"] = "A word"
    if verb == "link":
        changes["links"] = (("repeats", office.other),)
    return office.act(code, verb, of(Case, ref), changes, **words)


def _fit(office, rule):
    """Return a case on which a rule's act is possible."""
    state = {"reopen as proposed": "proposed", "reopen as assigned": "assigned"}.get(rule.verb)
    if rule.verb == "confirm":
        columns = "ref,title,proposer,owner,state,outcome,answer,doubted\n"
        row = "A.1,T,quang-ninh,mofa,resolved,explained,Circular 3,yes\n"
        office.keeper("import", "-", input=columns + row)
        return "A.1"
    ref = office.case(state or rule.source, proposer="quang-ninh")
    if state is not None:
        office.keeper("close", ref, "--outcome", "withdrawn", "--reason", "They said so")
    if rule.verb == "resume":
        office.keeper("hold", ref, "--reason", "waits for a decree")
    if rule.verb in {"refuse-time", "withdraw-time"}:
        office.keeper("extend", ref, "--due", "2100-01-01", "--reason", "hearings", "--ask")
    if rule.verb == "uphold":
        office.keeper("return", ref, "--not-ours", "--reason", "theirs")
    return ref


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: f"{rule.verb}-{rule.source}")
def test_each_rule_binds_whoever_is_none_of_its_parties(shared, rule):
    shared.other = shared.case()
    ref = _fit(shared, rule)
    shared.keeper("coordinate", ref, "--with", "hcmc-pc") if rule.source != "resolved" else None
    unowned = rule.source == "proposed" or rule.verb == "reopen as proposed"
    owned = {"lan": not unowned, "minh": rule.source != "resolved"}

    for code in ("thanh", "chi", "minh", "hoa", "lan", "nga"):
        party = {"chi": "admin"}.get(code) or ROLE_OF.get(code)
        may = party in rule.who and owned.get(code, True)
        sent = shared.event(_step(shared, ref, code, rule.verb, rule.target))
        if not may:
            hidden = not owned.get(code, True)
            said = f"there is no case {ref}" if hidden else f"{code} may not {rule.verb} case {ref}"
            assert said in shared.refuses(code, sent)
        elif code == "nga" or rule.verb == "note":
            assert shared.send(code, sent) is None
    shared.keeper("audit", "replay")


@pytest.mark.parametrize("verb", sorted({rule.verb for rule in ALL_RULES}))
def test_no_verb_works_from_a_state_the_table_does_not_name(shared, verb):
    shared.other = shared.case()
    for state in State:
        if (verb, state) in RULES:
            continue
        ref = shared.case(state)
        target = next(rule.target for rule in ALL_RULES if rule.verb == verb)
        sent = shared.event(_step(shared, ref, "nga", verb, target))
        assert "is not possible as it stands" in shared.refuses("nga", sent)


def test_no_act_leads_elsewhere_than_its_rule(shared):
    ref = shared.case("assigned")
    for state in ("resolved", "proposed"):
        act = _step(shared, ref, "lan", "study", "under_study")
        jump = replace(act, changes={**act.changes, "state": State(state)})
        assert "leads to the state under_study" in shared.refuses("lan", shared.event(jump))
    stays = replace(act, changes={"study_on": TODAY})
    assert "leads to the state under_study" in shared.refuses("lan", shared.event(stays))


@pytest.mark.parametrize(
    ("verb", "changes"),
    [
        ("study", {"due": date(2100, 1, 1)}),
        ("study", {"owner": "vufo"}),
        ("study", {"study_on": date(2020, 1, 1)}),
        ("study", {"state_since": date(2020, 1, 1)}),
        ("return", {"owner": "vufo"}),
        ("note", {"title": "Mine"}),
        ("study", {"owner": None}),
        ("note", {"due": None, "original_due": None}),
        ("note", {"reported": "somebody"}),
    ],
)
def test_an_owner_changes_no_more_than_its_verb_does(shared, verb, changes):
    ref = shared.case("assigned")
    act = _step(
        shared,
        ref,
        "lan",
        verb,
        {"study": "under_study", "return": "proposed"}.get(verb, "assigned"),
    )
    more = replace(act, changes={**act.changes, **changes})

    why = shared.refuses("lan", shared.event(more))

    if any(name in CHANGES[verb] or name == "reported" for name in changes):
        assert re.search("cannot set|leads to|has no owner yet", why)
    else:
        assert "does not change" in why


def test_no_move_takes_effect_before_the_last_one(shared):
    ref = shared.case("assigned")
    act = _step(shared, ref, "lan", "study", "under_study")
    day = TODAY - timedelta(1)
    earlier = {**act.changes, "state_since": day, "study_on": day}
    sent = shared.event(replace(act, changes=earlier, effective_on=day))

    # As it stood on that day, it had not been assigned.
    assert "is not possible as it stands" in shared.refuses("lan", sent)


@pytest.mark.parametrize(
    ("field", "pair", "why"),
    [
        ("sentence", [None, "guilty"], "a case has no field sentence"),
        ("state", ["proposed", "under_study"], "state was not what the event says it was"),
        ("study_on", ["2020-01-01", TODAY.isoformat()], "study_on was not what the event says"),
        ("state", ["assigned", "under_study", "resolved"], "a case has no field state"),
    ],
)
def test_an_event_changes_what_is_there_from_what_it_is(shared, field, pair, why):
    ref = shared.case("assigned")
    act = _step(shared, ref, "lan", "study", "under_study")
    changes = audit.parsed(shared.event(act).body)["changes"]
    forged = shared.event(act, changes={**changes, field: pair})

    assert why in shared.refuses("lan", forged)


def test_an_answer_is_its_author_s_and_of_its_day(shared):
    ref = shared.case("under_study")
    act = _step(shared, ref, "lan", "answer", "under_study")

    for name, value in (("answered_by", "minh"), ("answered_on", date(2020, 1, 1))):
        forged = replace(act, changes={**act.changes, name: value})
        assert f"cannot set {name}" in shared.refuses("lan", shared.event(forged))
    empty = replace(act, changes={"answered_by": "lan", "answered_on": TODAY})
    assert "needs outcome" in shared.refuses("lan", shared.event(empty))
    assert shared.send("lan", shared.event(act)) is None


def test_a_desk_tells_no_history_and_erases_nothing(shared):
    ref = shared.case("assigned")
    told = shared.act("lan", "note", of(Case, ref), {}, note="So it was", reported={"source": "me"})
    erasing = shared.act("lan", "note", of(Case, ref), {}, note="Gone", redacts=[(3, "title.1")])

    assert "may not record the acts of others" in shared.refuses("lan", shared.event(told))
    assert "cannot erase anything" in shared.refuses("lan", shared.event(erasing))


def test_of_a_case_that_is_here_nobody_tells_what_others_did(shared):
    ref = shared.case("assigned")
    told = shared.act("nga", "note", of(Case, ref), {}, note="So it was", reported={"source": "me"})

    assert "recorded only with a new case" in shared.refuses("nga", shared.event(told))


def test_a_case_on_hold_does_not_move(shared):
    ref = shared.case("assigned")
    shared.keeper("hold", ref, "--reason", "waits for a decree")

    study = _step(shared, ref, "lan", "study", "under_study")
    assert "the case is on hold" in shared.refuses("lan", shared.event(study))


def test_a_refusal_tells_nothing_of_a_hidden_case(shared):
    """Not whether a guess is right, nor its version, nor its state, nor that it is there."""
    ref, none = shared.case("assigned"), "CASE.999"
    act = shared.act("minh", "edit", of(Case, ref), {"title": "Mine"})
    said = set()
    for verb, body in (
        ("edit", {}),
        ("study", {}),
        ("reopen", {}),
        ("edit", {"version": 1}),
        ("edit", {"changes": {"owner": ["mofa", "vufo"]}}),
        ("edit", {"changes": {"owner": ["vufo", "mofa"]}}),
        ("edit", {"changes": {"due": ["2099-12-31", None]}}),
        ("edit", {"key": none}),
    ):
        why = shared.refuses("minh", shared.event(replace(act, verb=verb), **body))
        said.add(why.replace(none, ref))

    assert said == {f"there is no case {ref}"}
    statement = "SELECT * FROM casework_lock(ARRAY[%s], ARRAY[%s])"
    for key in (ref, none):
        assert shared.denied("minh", statement, "case", key) == "CW409"
    # Of these a desk locks none, whether it is there or not.
    for kind, key in (("digest", "x"), ("request", f"{ref}.R1"), ("request", "none")):
        assert shared.denied("minh", statement, kind, key) == "CW403"


def test_a_redaction_erases_from_its_own_record_only(shared):
    ref, other = shared.case(), shared.case()
    with shared.keeper.store().reading() as connection:
        (first,) = audit_log.history(connection, other)
    act = shared.act(
        "nga", "redact", of(Case, ref), {}, reason="Decree 13", redacts=[(first.seq, "title.1")]
    )

    assert f"event {first.seq} has no such text to erase" in shared.refuses(
        "nga", shared.event(act)
    )


def test_an_event_is_of_this_moment_and_not_of_a_day_to_come(shared):
    ref = shared.case()
    act = shared.act("nga", "note", of(Case, ref), {}, note="A word")

    early = shared.event(act, recorded_at="2020-01-01T00:00:00.000000Z")
    assert "the clock of this computer" in shared.refuses("nga", early)
    to_come = shared.event(replace(act, effective_on=date(2099, 1, 1)))
    assert "lies in the future" in shared.refuses("nga", to_come)
    for document, dated in ((None, date(2022, 1, 1)), ("7/CV", date(2099, 1, 1))):
        odd = shared.event(replace(act, document=document, document_date=dated))
        assert "the document of" in shared.refuses("nga", odd)


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 1},
        {"v": 3},
        {"mine": 1},
        {"kind": "none"},
        {"kind": "pg_authid"},
        {"recorded_at": "now"},
        {"effective_on": "2026-1-1"},
        {"changes": {"title": [None, "In clear"]}},
        {"changes": {"nothing": [None, "x"]}},
        {"changes": {"owner": ["vufo", "mofa"]}},
        {"changes": {"due": ["2099-12-31", None]}, "act": "extend", "reason": None},
        {"login": None},
        {"note": "in clear"},
    ],
    ids=str,
)
def test_an_event_of_another_form_is_refused(shared, changed):
    ref = shared.case("assigned")
    act = shared.act("nga", "note", of(Case, ref), {}, note="A word")

    assert shared.refuses("nga", shared.event(act, **changed))


@pytest.mark.parametrize("changed", [{"version": 1}, {"version": 9}], ids=str)
def test_an_event_out_of_its_place_is_a_conflict(shared, changed):
    ref = shared.case("assigned")
    sent = shared.event(shared.act("nga", "note", of(Case, ref), {}, note="A word"), **changed)
    before = shared.head()

    with pytest.raises(psycopg.Error) as caught:
        shared.send("nga", sent)

    assert caught.value.sqlstate == "CW409"
    assert shared.head() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b",", b", "),
        (b'{"act"', b'{"act":"edit","act"'),
        (b'"v":2', b'"v":2.0'),
        (b'"act":"note"', b'"act":"n\\u006fte"'),
    ],
    ids=str,
)
def test_bytes_that_are_not_canonical_are_refused(shared, old, new):
    ref = shared.case()
    sent = shared.event(shared.act("nga", "note", of(Case, ref), {}, note="A word"))
    assert old in sent.body

    assert shared.refuses("nga", sent._replace(body=sent.body.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"A word", b"B word"), (b":", b": "), (b"{", b'{"more":["00",1],'), (b'"note"', b'"nota"')],
    ids=str,
)
def test_what_is_disclosed_is_what_was_committed_to(shared, old, new):
    ref = shared.case()
    sent = shared.event(shared.act("nga", "note", of(Case, ref), {}, note="A word"))
    assert old in sent.disclosures

    assert shared.refuses("nga", sent._replace(disclosures=sent.disclosures.replace(old, new, 1)))
    sent = shared.event(shared.act("nga", "note", of(Case, ref), {}, note="A word"))
    assert shared.refuses("nga", sent._replace(disclosures=b"{}"))


def test_nothing_is_disclosed_that_was_not_committed_to(shared):
    ref = shared.case()
    sent = shared.event(shared.act("nga", "note", of(Case, ref), {}, note="A word"))
    more = {**audit.parsed(sent.disclosures), "summary.1": ["00" * audit.SALT_BYTES, "Mine"]}
    forged = sent._replace(disclosures=audit.canonical(more))

    assert "more is disclosed than was committed to" in shared.refuses("nga", forged)


def test_a_private_value_in_clear_or_beside_its_commitment_is_refused(shared):
    ref = shared.case()
    act = shared.act("nga", "edit", of(Case, ref), {"title": "Another title"})
    for bare in (True, False):
        sent = shared.event(act)
        body = audit.parsed(sent.body)
        sealed = body["changes"]["title"][1]
        body["changes"]["title"][1] = "Another title" if bare else {**sealed, "more": 1}
        why = shared.refuses("nga", sent._replace(body=audit.canonical(body)))
        assert "stands in the event in clear" in why


@pytest.mark.parametrize("kind", ["event", "pg_authid", "none"])
def test_only_records_are_locked(shared, kind):
    statement = "SELECT * FROM casework_lock(ARRAY[%s], ARRAY['x'])"

    assert shared.denied("nga", statement, kind) == "CW403"


# --- two people ------------------------------------------------------------------------------


@pytest.fixture
def strict(shared):
    """A shared register whose decisions need two people, and a case that nga wants closed."""
    shared.keeper("person", "add", "van", "--name", "Vân", "--org", "mofa", "--role", "secretariat")
    shared.keeper("policy", "four-eyes", "on", "--reason", "Decision 12")
    shared.ref = shared.case("assigned")
    closing = _step(shared, shared.ref, "nga", "close", "resolved")
    shared.closing = replace(closing, reason="They said so")
    return shared


def asks(office, code="nga"):
    """Have somebody ask, by the program, for the case to be closed."""
    office.as_(code)("close", office.ref, "--outcome", "withdrawn", "--reason", "They said so")
    return f"{office.ref}.R1"


def confirming(office, code, **more):
    """Return the event by which somebody confirms the request."""
    decision = {"decided": "confirmed", "decided_by": code, "decided_on": TODAY}
    return office.act(code, "confirm", of(Request, f"{office.ref}.R1"), decision | more)


def test_a_decision_without_a_second_person_is_refused(strict):
    assert "needs a second person" in strict.refuses("nga", strict.event(strict.closing))
    told = strict.act(
        "nga",
        "close",
        of(Case, strict.ref),
        strict.closing.changes,
        reason="Because",
        reported={"source": "me"},
    )
    why = strict.send(None, strict.event(told))
    assert "needs a second person" in why


def test_nobody_is_their_own_second_person(strict):
    asks(strict)
    mine = strict.event(confirming(strict, "nga"))

    assert "nga may not confirm request" in strict.refuses(
        "nga", mine, strict.event(strict.closing)
    )


def test_what_is_confirmed_is_what_was_asked_for(strict):
    asks(strict)
    before = strict.head()
    for name, value in (("outcome", "duplicate"), ("answer", "Something else"), ("document", "7")):
        changes = {"answer": "They said so", **strict.closing.changes, "resolved_by": "van"}
        other = replace(strict.closing, actor="van", changes={**changes, name: value})

        # The server's keeper may act for anybody, and is bound by the rules all the same.
        why = confirmed(strict, other)

        assert f"{name} is not what was asked for" in why
    assert strict.head() == before


@pytest.mark.parametrize(
    ("name", "value"),
    [("effective_on", TODAY - timedelta(1)), ("reason", "Another one"), ("document", "CV-7")],
)
def test_when_and_why_is_what_was_asked_for(strict, name, value):
    asks(strict)
    changes = {"answer": "They said so", **strict.closing.changes, "resolved_by": "van"}
    other = replace(strict.closing, actor="van", changes=changes, **{name: value})

    why = confirmed(strict, other)

    # On another day another state stood.
    said = {"effective_on": "state was not what the event says it was"}
    assert said.get(name, f"the {name} of it is not what was asked for") in why


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        ({"redacts": 1}, "what it erases is not what was asked for"),
        (
            {"effective_on": TODAY - timedelta(1)},
            "the effective_on of it is not what was asked for",
        ),
    ],
)
def test_what_is_erased_and_when_is_what_was_asked_for(strict, otherwise, said):
    strict.keeper("edit", strict.ref, "--summary", "One thing", "--by", "nga")
    strict.keeper("edit", strict.ref, "--summary", "Another thing", "--by", "nga")
    law = ["--basis", "the law", "--consent", "van"]
    strict.keeper("redact", strict.ref, "--field", "summary", *law, "--by", "nga")
    with strict.keeper.store().reading() as connection:
        request = load(connection, Request, f"{strict.ref}.R1")
    wanted = audit.parsed(request.what.encode())
    assert len(wanted["redacts"]) > 1
    act = strict.act(
        "van",
        "redact",
        of(Case, strict.ref),
        {"summary": None},
        reason=wanted["reason"],
        document=wanted["document"],
        redacts=[tuple(place) for place in wanted["redacts"][otherwise.get("redacts", 0) :]],
    )
    day = otherwise.get("effective_on", act.effective_on)
    why = confirmed(strict, replace(act, effective_on=day))

    assert said in why


def test_a_confirmation_serves_one_act_and_comes_just_before_it(strict):
    asks(strict)
    changes = {**strict.closing.changes, "resolved_by": "van", "answer": "They said so"}
    act = replace(strict.closing, actor="van", changes=changes)
    why = confirmed(strict, act)
    assert why is None
    strict.keeper("audit", "verify")
    strict.keeper("reopen", strict.ref, "--reason", "again", "--by", "nga")

    with strict.keeper.store().reading() as connection:
        case = load(connection, Case, strict.ref)
    again = strict.act(
        "van",
        "reopen",
        of(Case, case.ref),
        {
            "state": State.UNDER_STUDY,
            "state_since": TODAY,
            "study_on": TODAY,
            "reopened": 1,
            "resolved_on": None,
            "resolved_by": None,
            "outcome": None,
            "answer": None,
        },
        reason="again",
    )
    why = strict.send(None, strict.event(again))
    assert "needs a second person" in why


def confirmed(office, act):
    """Send van's confirmation, and an act just after it, as who keeps the server."""
    first = office.event(confirming(office, "van"))
    return office.send(None, first, office.event(act))


# --- the directory ---------------------------------------------------------------------------


def test_an_administrator_keeps_the_directory_and_no_more(shared):
    chi = shared.as_("chi")
    chi("org", "add", "new-org", "--name", "New")
    chi("person", "add", "new", "--name", "New", "--org", "new-org", "--role", "desk")
    ref = shared.case()

    chi.refused_(6, "person", "edit", "chi", "--role", "secretariat")
    chi.refused_(6, "person", "edit", "nga", "--login", "someone")
    chi.refused_(6, "assign", ref, "--owner", "mofa", "--due", "2099-12-31")
    chi.refused_(6, "db", "grant", "new", "--login", shared.login("new"))


@pytest.mark.parametrize("code", ["lan", "thanh"])
@pytest.mark.parametrize("changes", [{"role": Role.SECRETARIAT}, {"org": "vufo"}, {"login": None}])
def test_desks_and_inspectors_do_not_edit_people(shared, code, changes):
    sent = shared.event(shared.act(code, "edit", of(Person, code), changes))

    assert f"{code} may not edit person {code}" in shared.refuses(code, sent)


def test_nobody_gives_themselves_another_role_or_login(shared):
    for code in ("chi", "nga"):
        for changes in ({"role": Role.DESK}, {"login": "postgres"}):
            sent = shared.event(shared.act(code, "edit", of(Person, code), changes))
            assert re.search("own role|grants logins", shared.refuses(code, sent))
    stolen = shared.event(shared.act("chi", "edit", of(Person, "hoa"), {"login": "chi2"}))
    assert "only the operator of the server grants logins" in shared.refuses("chi", stolen)


@pytest.mark.parametrize(
    ("kind", "verb", "key", "changes"),
    [
        (Organisation, "add", "mine", {"name": "Mine"}),
        (Person, "add", "mine", {"name": "Mine", "role": Role.SECRETARIAT}),
        (
            Case,
            "propose",
            "MINE-1",
            {
                "title": "Mine",
                "proposer": "mofa",
                "state": State.PROPOSED,
                "state_since": TODAY,
                "proposed_on": TODAY,
            },
        ),
        (Intake, "import", "0" * 64, {"name": "file.csv", "rows": 1, "created": 1}),
        (Digest, "remind", "abc", {"sent_on": TODAY}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_only_keepers_register_what_is_new(shared, kind, verb, key, changes):
    for code in ("lan", "thanh"):
        sent = shared.event(shared.act(code, verb, (kind.kind, key), changes))
        assert f"{code} may not {verb} {kind.kind} {key}" in shared.refuses(code, sent)
    if kind in {Case, Intake}:
        sent = shared.event(shared.act("chi", verb, (kind.kind, key), changes))
        assert f"chi may not {verb}" in shared.refuses("chi", sent)
    sent = shared.event(shared.act("nga", verb, (kind.kind, key), changes))
    assert shared.send("nga", sent) is None


# --- the command line of somebody ------------------------------------------------------------


def test_everybody_works_under_their_own_login(shared):
    nga, lan, thanh = map(shared.as_, ("nga", "lan", "thanh"))
    ref = nga.json("propose", "--title", "Văn phòng đại diện", "--proposer", "hcmc-pc")["ref"]
    nga("assign", ref, "--owner", "mofa", "--due", "2099-12-31")
    lan("advance", ref)
    lan("answer", ref, "--outcome", "explained", "--answer", "Thông tư 3")
    nga("advance", ref)

    found = thanh.json("history", ref)
    assert [event["actor"] for event in found] == ["nga", "nga", "lan", "lan", "nga"]
    assert found[2]["login"] == shared.login("lan")
    thanh("audit", "verify")
    assert thanh.json("report", "overdue")


def test_by_is_for_oneself_only(shared):
    ref = shared.case()

    error = shared.as_("lan").refused_(6, "edit", ref, "--title", "Mine", "--by", "nga")

    assert "cannot act as nga" in error["message"]


def test_a_refused_attempt_is_recorded_though_nothing_was_changed(shared):
    ref = shared.case("assigned")
    before = shared.head().size

    shared.as_("lan").refused_(6, "hold", ref, "--reason", "More time")

    *_, last = shared.events()
    assert shared.head().size == before + 1
    assert (last["act"], last["actor"], last["changes"]) == ("refused", "lan", {})
    assert f"hold {ref}" in last["note"]
    assert last["login"] == shared.login("lan")
    shared.keeper("audit", "verify")


def test_a_rehearsed_refusal_is_not_recorded(shared):
    ref, before = shared.case("assigned"), shared.head()

    result = shared.as_("lan").run("hold", ref, "--reason", "More", "--dry-run")

    assert result.exit_code == 6
    assert shared.head() == before


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "verify"),
        ("audit", "verify", "--log-only"),
        ("audit", "replay"),
        ("audit", "checkpoint"),
        ("audit", "export", "--to", "evidence"),
        ("db", "check"),
        ("db", "backup", "copy.db"),
    ],
    ids=" ".join,
)
def test_what_needs_the_whole_register_is_not_a_desk_s(shared, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shared.case()

    error = json.loads(shared.as_("minh").run(*words, "--json").stderr)["error"]

    assert error["exit"] == 6, error
    assert "the whole register" in error["message"]
    assert list(tmp_path.glob("*.db")) == []


def test_a_desk_s_report_says_that_it_is_of_its_cases(shared):
    shared.case("assigned", owner="hcmc-pc")
    shared.case("assigned", owner="mofa")

    told = shared.as_("minh")("report", "overdue")
    whole = shared.as_("thanh")("report", "overdue")

    assert "covers only the cases that" in told.stdout
    assert "may read" not in whole.stdout


# --- logins ----------------------------------------------------------------------------------


def test_a_login_that_is_nobody_s_reads_and_writes_nothing(shared):
    pgserver.ask(shared.url, f"CREATE ROLE stranger_{shared.mark} LOGIN IN ROLE {edition.USERS}")
    stranger = Shell(shared.url.replace("://casework@", f"://stranger_{shared.mark}@"))
    try:
        for words in (("list",), ("propose", "--title", "x", "--proposer", "mofa")):
            error = json.loads(stranger.run(*words, "--json").stderr)["error"]
            assert error["exit"] == 6
            assert "is nobody's in this register" in error["message"]
        with pgserver.connected(stranger.url) as connection:
            for table in schema.metadata.tables:
                assert connection.execute(f'SELECT * FROM "{table}"').fetchall() == []
            for call in ("casework_head()", "casework_lock(ARRAY['person'], ARRAY['nga'])"):
                with pytest.raises(psycopg.Error, match="nobody in this register"):
                    connection.execute(f"SELECT * FROM {call}")
            refused = connection.execute("SELECT why FROM casework_record('{}', '{}')").fetchall()
            assert "nobody in this register" in refused[0][0]
    finally:
        pgserver.ask(shared.url, f"DROP ROLE stranger_{shared.mark}")


def test_a_desk_without_its_organisation_is_told_so(shared):
    with shared.keeper.store().writing() as connection:
        desk = Desk(connection, actors.actor(connection, "registrar"), "keeper", TODAY)
        hoa = load(connection, Person, "hoa")
        desk.record(desk.act("edit", hoa, {"org": None}))

    error = json.loads(shared.as_("hoa").run("list", "--json").stderr)["error"]

    assert error["exit"] == 6
    assert "without an organisation" in error["message"]


@pytest.fixture
def guest(shared):
    """A login of one test alone."""
    login = f"guest_{uuid.uuid4().hex[:8]}"
    shared.keeper("person", "add", "guest", "--name", "Guest", "--org", "mofa")
    shared.keeper("db", "grant", "guest", "--login", login)
    yield Somebody(shared.url.replace("://casework@", f"://{login}@"))
    pgserver.ask(shared.url, f"DROP ROLE {login}")


def test_a_revoked_login_is_out_at_once(shared, guest):
    with pgserver.connected(guest.url) as connection:
        assert connection.execute("SELECT count(*) FROM organisation").fetchall() != [(0,)]
        shared.keeper("db", "revoke", "guest", "--reason", "left")
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT 1")

    error = json.loads(guest.run("list", "--json").stderr)["error"]
    assert error["exit"] == 8
    last = shared.events()[-1]
    assert (last["act"], last["key"], last["reason"]) == ("revoke", "guest", "left")
    shared.keeper.refused(4, "db", "revoke", "guest", "--reason", "again")


def test_an_expired_login_is_nobody_however_it_came_in(shared, guest):
    with pgserver.connected(guest.url) as connection:
        assert connection.execute("SELECT count(*) FROM organisation").fetchall() != [(0,)]
        name = connection.info.user
        pgserver.ask(shared.url, f"ALTER ROLE {name} VALID UNTIL '2026-01-01'")
        assert connection.execute("SELECT count(*) FROM organisation").fetchall() == [(0,)]

    error = guest.refused_(6, "list")

    assert "has expired" in error["message"]


def test_a_login_lasts_until_the_end_of_a_day_to_come(shared):
    shared.keeper("db", "grant", "hoa", "--until", "2099-12-31")
    until = pgserver.ask(
        shared.url,
        f"SELECT rolvaliduntil::date::text FROM pg_roles WHERE rolname = '{shared.login('hoa')}'",
    )

    assert until == [("2100-01-01",)]
    shared.keeper.refused(4, "db", "grant", "hoa", "--until", "2020-01-01")


def test_whoever_left_is_nobody(shared):
    shared.keeper("person", "deactivate", "hoa", "--reason", "left")

    error = json.loads(shared.as_("hoa").run("list", "--json").stderr)["error"]

    assert "is nobody's in this register" in error["message"]


def test_logins_are_not_granted_to_who_administers_the_server(shared):
    error = shared.keeper.refused(6, "db", "grant", "lan", "--login", "casework")

    assert "no rule could bind it" in error["message"]
    assert shared.keeper.json("person", "show", "lan")["login"] == shared.login("lan")


def test_a_rehearsed_grant_makes_no_role(shared):
    shared.keeper("person", "add", "binh", "--name", "Bình", "--org", "mofa")

    words = ("db", "grant", "binh", "--login", f"binh_{shared.mark}", "--dry-run")
    granted = shared.keeper(*words, "--until", "2099-12-31", "--lang", "vi")
    assert "31/12/2099" in granted.stdout

    found = pgserver.ask(shared.url, f"SELECT FROM pg_roles WHERE rolname = 'binh_{shared.mark}'")
    assert found == []


def test_a_rehearsed_revocation_takes_nothing(shared):
    with shared.raw("hoa") as connection:
        words = ("db", "revoke", "hoa", "--reason", "left", "--dry-run", "--lang", "vi")
        assert "đã thu hồi  không" in shared.keeper(*words).stdout
        assert connection.execute("SELECT 1").fetchall() == [(1,)]

    assert shared.as_("hoa").json("list") == []
    assert shared.keeper.json("person", "show", "hoa")["login"] == shared.login("hoa")


def test_a_sqlite_file_has_no_logins(sqlite_template, tmp_path):
    path = tmp_path / "register.db"
    path.write_bytes(sqlite_template.read_bytes())
    shell = Shell(str(path))

    for words in (("grant", "registrar"), ("revoke", "registrar", "--reason", "x")):
        assert "has no logins" in shell.refused(4, "db", *words)["message"]


def test_nobody_changes_their_own_role(office):
    error = office.refused(6, "person", "edit", "registrar", "--role", "admin")

    assert "may not change their own role" in error["message"]


def test_a_key_somebody_else_has_taken_blocks_nobody(shared):
    ref = shared.case("assigned")
    shared.as_("lan")("note", ref, "mine", "--idempotency-key", "nightly-2031")
    words = ("note", ref, "hers", "--idempotency-key", "nightly-2031")
    shared.as_("nga")(*words)

    assert shared.as_("nga").json(*words)["done_already"] is True
