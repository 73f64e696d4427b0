"""Every member of every kind of event, and every field, of every wrong type: the server refuses."""

import json
import random
import sys
import unicodedata
from contextlib import contextmanager
from datetime import timedelta

import pgserver
import pytest
from shared import TODAY, psycopg

from casework.kinds import forms
from casework.kinds.records import KINDS, Case, Organisation, shape
from casework.log import event as audit
from casework.store.door import edition
from casework.system.text import fold

pytestmark = pytest.mark.usefixtures("same_day")

NEVER = [True, 1.5, {"a": 1}, ["a", 5], 10**400, 2**64]
"""What no member and no field is."""

TEXTS = ["", " a", "a\n", "\u3000a", "a\u0301", 5, [], {}]
WRONG = {
    "text": TEXTS,
    "word": [*TEXTS, "absolve"],
    "date": [
        *TEXTS,
        *("tomorrow", "infinity", "now", "0001-01-01", "1799-12-31", "2027-02-29", "2027-2-1"),
        *(
            "2027-04-31",
            "2027-13-01",
            "20270101",
            "2027-01-01T00:00:00",
            "10000-01-01",
            "٢٠٢٧-٠١-٠١",
        ),
        "2027-01-01\n",
    ],
    "stamp": [
        *TEXTS,
        *("now", "yesterday", "2027-01-01", "2027-01-01T10:00:60.000000Z", "infinity"),
        *(
            "2027-01-01T24:00:00.000000Z",
            "2027-01-01T10:00:00Z",
            "2027-01-01T10:00:00.000000+07:00",
        ),
    ],
    "integer": [-5, 2**53, 2**63, "1", "", [], {}],
    "list": [5, "a", {}, "[]", [5], [None], [""], [["a"]]],
    "tuple": [5, "a", {}, []],
    "map": [5, "a", [], {"a": 5}, {"a": ["b", 5, {}]}],
    "object": [5, "a", [], {"unknown": 1}],
    "any": [],
}


def wrong_for(form):
    """Return values that are not of a type."""
    found = [*NEVER, *WRONG[form["is"]]]
    if form["is"] in {"text", "word"} and "most" in form:
        found.append("x" * (form["most"] + 1))
    if form.get("verbatim"):
        found = [one for one in found if one not in [" a", "a\n", "\u3000a", "a\u0301"]]
    if not form.get("null"):
        found.append(None)
    if form["is"] == "list":
        item = form["of"]
        found += [[one] for one in wrong_for(item) if one is not None]
    return [one for one in found if not (form["is"] == "list" and one == [])]


def events(office):
    """Yield who sends it, and an event the server would take, of every kind of record."""
    mine = office.case("assigned")
    studied = office.case("under_study")
    new = {"state": "proposed", "state_since": TODAY, "proposed_on": TODAY}
    yield "lan", office.act("lan", "note", [Case, mine], {}, note="A word", document="No. 5")
    yield (
        "lan",
        office.act(
            "lan",
            "answer",
            [Case, studied],
            {
                "outcome": "explained",
                "answer": "Done",
                "document": "No. 5",
                "answered_by": "lan",
                "answered_on": TODAY,
            },
        ),
    )
    cause = {"name": "Storm", "name_vi": "Bão", "objective": "yes"}
    yield "nga", office.act("nga", "add", ("cause", "storm"), cause)
    texts = ("superior", "place", "number_series", "signs_for", "signatory_office", "signatory")
    issuing = {
        **dict.fromkeys(("name", *texts, "filing"), "Ban"),
        **dict.fromkeys(("presented_to", "copied_to"), ("Bộ",)),
    }
    yield "nga", office.act("nga", "add", ("office", "office"), issuing)
    issued = {
        "paper_number": 1,
        "number_series": "BC-BTK",
        "report": "overdue",
        "options": "{}",
        "language": "vi",
        "issued_on": TODAY,
        "as_of": TODAY,
        "known_at": "2026-01-01T00:00:00.000000Z",
        "log_size": 1,
        **dict.fromkeys(("log_root", "digest"), "0" * 64),
        **dict.fromkeys(("presented_to", "copied_to"), ("Bộ",)),
    }
    yield "nga", office.act("nga", "issue", ("paper", f"{TODAY.year}-0001"), issued)
    late = {"listing": "--overdue --sort due", "retired_on": TODAY}
    yield "nga", office.act("nga", "add", ("view", "late"), late)
    text = {"wording": "Under {document}", "retired_on": TODAY}
    yield "nga", office.act("nga", "add", ("template", "decree"), text)
    every = {
        "title": "T",
        "title_vi": "V",
        "summary": "S",
        "source": "P",
        "due_words": "soon",
        "proposer": "vufo",
        "addressee": "mofa",
        "speaker": "lan",
        "coordinating": ("mofa",),
        "theme": ("people",),
        "instruments": ("decree",),
        "due": TODAY,
        "original_due": TODAY,
        "due_basis": "set",
        "due_precision": "day",
        "due_rule": "+30d",
        "due_from": TODAY,
        "extensions": 1,
        "holds": ((TODAY.isoformat(), TODAY.isoformat()),),
        **new,
    }
    yield "nga", office.act("nga", "propose", ("case", "X.1"), every)
    yield (
        "nga",
        office.act(
            "nga", "edit", [Case, mine], {"title": "Another", "theme": ("a", "b")}, reason="r"
        ),
    )
    yield (
        "nga",
        office.act("nga", "link", [Case, mine], {"links": (("repeats", studied),)}),
    )
    yield (
        "nga",
        office.act(
            "nga",
            "add",
            ("organisation", "moj"),
            {
                "name": "Justice",
                "name_vi": "Tư pháp",
                "org_kind": "ministry",
                "aliases": ("MOJ",),
                "parent": "mofa",
                "valid_from": TODAY,
                "source": "S",
                "email": "a@b.vn",
            },
        ),
    )
    yield (
        "nga",
        office.act(
            "nga",
            "add",
            ("person", "an"),
            {
                "name": "An",
                "name_vi": "An",
                "org": "mofa",
                "role": "desk",
                "offices": ({"title": "head"},),
                "email": "a@b.vn",
            },
        ),
    )
    yield (
        "nga",
        office.act(
            "nga",
            "add",
            ("conference", "C-1"),
            {
                "series": "C",
                "number": 1,
                "name": "One",
                "aliases": ("First",),
                "date": TODAY,
                "year": TODAY.year,
                "certainty": "printed",
                "format": "online",
                "place": "Hanoi",
            },
        ),
    )
    yield (
        "nga",
        office.act(
            "nga",
            "add",
            ("holiday", "2031-01-01"),
            {"day_kind": "off", "name": "New Year", "name_vi": "Tết", "status": "official"},
        ),
    )
    yield (
        "nga",
        office.act(
            "nga",
            "remind",
            ("digest", "d1"),
            {
                "owner": "mofa",
                "sent_on": TODAY,
                "recipients": ("lan",),
                "cases": ((mine, "late", TODAY.isoformat()),),
            },
        ),
    )
    yield (
        "nga",
        office.act(
            "nga", "import", ("intake", "ab" * 32), {"name": "a.csv", "rows": 3, "created": 2}
        ),
    )
    yield "nga", asking(office, "nga", [Case, mine], "edit", {"title": "x"})


def asking(office, code, subject, verb, changes):
    """Return the act by which somebody asks a second person for an act."""
    what = {
        "changes": changes,
        "effective_on": TODAY.isoformat(),
        "reason": None,
        "document": None,
        "redacts": [],
    }
    kind, key = subject
    asked = {
        "verb": verb,
        "subject_kind": kind.kind,
        "subject": key,
        "seen": 2,
        "what": audit.canonical(what).decode(),
        "asked_by": code,
        "asked_on": TODAY,
    }
    return office.act(code, "ask", ("request", "R1"), asked)


ATTEMPTS = """
CREATE OR REPLACE FUNCTION attempts(bodies text[], disclosures text[]) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    why text;
BEGIN
    FOR place IN 1 .. cardinality(bodies) LOOP
        BEGIN
            PERFORM casework_take(ARRAY[bodies[place]], ARRAY[disclosures[place]]);
            RAISE EXCEPTION 'taken' USING ERRCODE = 'TAKEN';
        EXCEPTION
            WHEN SQLSTATE 'TAKEN' THEN RETURN NEXT NULL;
            WHEN OTHERS THEN RETURN NEXT SQLERRM;
        END;
    END LOOP;
END $$
"""
"""Tries each event and takes it back: what the door does, but for the record of each refusal."""


def tried(office, code, events):
    """Return why each event is refused that somebody sends, None for one that is taken."""
    with pgserver.connected(office.url) as connection:
        connection.execute(ATTEMPTS)
    bodies, disclosures = zip(*events, strict=True)
    found = office.sql(code, "SELECT attempts(%s::text[], %s::text[])", [*bodies], [*disclosures])
    return [why for (why,) in found]


@contextmanager
def trying(office, code):
    """Give a function that sends one event and takes it back; it tells why it was refused."""
    with office.raw(code) as connection:

        def send(body, disclosures):
            try:
                with connection.transaction(force_rollback=True):
                    ((why,),) = connection.execute(
                        "SELECT why FROM casework_record(%s::text[], %s::text[])",
                        ([body], [disclosures]),
                    ).fetchall()
                    return why
            except psycopg.Error as error:
                return f"{error.sqlstate} {error}"

        yield send


def text_of(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def commitment(value):
    digest = audit.sha256(audit.COMMITMENT_TAG + b"\0" * 16 + text_of(value).encode()).hexdigest()
    return {"commitment": digest}, ["00" * 16, value]


def with_field(sent, kind, name, value):
    """Return an event, as text, with another new value of a field."""
    body, opened = audit.parsed(sent.body), audit.parsed(sent.disclosures)
    if name in shape(kind).private and value is not None and value != []:
        body["changes"][name][1], opened[f"{name}.1"] = commitment(value)
    else:
        body["changes"][name][1] = value
        opened.pop(f"{name}.1", None)
    return text_of(body), text_of(opened)


def with_member(sent, name, value):
    body, opened = audit.parsed(sent.body), audit.parsed(sent.disclosures)
    if name in audit.PRIVATE_WORDS and value is not None:
        body[name], opened[name] = commitment(value)
    else:
        body[name] = value
    return text_of(body), text_of(opened)


def without(sent, name):
    body = audit.parsed(sent.body)
    del body[name]
    return text_of(body), sent.disclosures.decode()


ODD_CHANGES = (None, [], 5, "a", {"title": "x"}, {"none": [None, "x"]}, {"title": [1]})
ODD_MEMBERS = (("command", "zz"), ("command", {"key": "k"}), ("reported", []), ("x", 1))
ODD_KEYS = ("", "a b", "a\n", "\u202ea", "a" * 101, "a/b")
NO_FILES = ("a:b", "a.", "nul", "CoM1.txt")


def wrong_members(sent, body):
    for name in {*body} - {"changes"}:
        for value in wrong_for(audit.MEMBERS[name]):
            yield (name, value), with_member(sent, name, value)
    for name in {*body} - {*audit.OPTIONAL}:
        yield (name, "left out"), without(sent, name)
    odd = [*ODD_MEMBERS, *(("changes", value) for value in ODD_CHANGES)]
    if body["version"] == 1:
        named = shape(body["kind"]).forms[KINDS[body["kind"]].key_field]
        names = NO_FILES if named.get("like") == forms.NEW_CODE else ()
        odd += [("key", value) for value in (*ODD_KEYS, *names)]
    for name, value in odd:
        yield (name, value), with_member(sent, name, value)


def wrong_fields(sent, body):
    for name, (_, right) in body["changes"].items():
        for value in wrong_for(shape(body["kind"]).forms[name]):
            if value != right:
                yield (name, value), with_field(sent, body["kind"], name, value)


def wrong_events(sent):
    """Yield what was made wrong, and the event."""
    body = audit.parsed(sent.body)
    yield from wrong_members(sent, body)
    yield from wrong_fields(sent, body)


def test_every_wrong_type_of_every_member_and_field_is_refused(shared):
    sample = [(code, shared.event(act), act.kind) for code, act in events(shared)]
    before = shared.head()
    taken = []
    kinds = set()
    for code, sent, kind in sample:
        kinds.add(kind)
        wrong = [*wrong_events(sent)]
        right = sent.body.decode(), sent.disclosures.decode()
        first, *rest = tried(shared, code, [right, *(event for _, event in wrong)])
        assert first is None, (kind, first)
        found = zip(wrong, rest, strict=True)
        taken += [(kind, *what) for (what, _), why in found if why is None]
        # And some of them by the door itself.
        with trying(shared, code) as send:
            for what, event in wrong[::50]:
                assert send(*event) is not None, (kind, what)

    assert taken == []
    assert kinds == {*KINDS} - {"register"}
    assert shared.head() == before
    shared.keeper("audit", "verify")


def test_an_event_that_was_taken_says_only_what_can_be_read(shared):
    for code, act in events(shared):
        if act.kind != "request":
            assert shared.send(code, shared.event(act)) is None
    for words in (("audit", "verify"), ("audit", "findings"), ("list",), ("db", "check")):
        shared.keeper(*words)
    shared.keeper("history", "X.1")


def test_events_that_are_too_large_are_refused_before_they_are_read(shared):
    sent = shared.event(next(events(shared))[1])
    long = sent.body.decode()[:-1] + " " * forms.EVENT_LIMIT + "}"
    with trying(shared, "lan") as send:
        for body, opened in (
            (long, sent.disclosures.decode()),
            (sent.body.decode(), " " * (forms.EVENT_LIMIT + 1)),
            ("[]", "{}"),
            ("5", "{}"),
            ("null", "{}"),
            ("{}", "{}"),
            ("", "{}"),
            (sent.body.decode(), None),
            (None, "{}"),
        ):
            assert send(body, opened) is not None


@pytest.mark.parametrize("value", ["x", 5, None, [], {}])
def test_nothing_is_asked_of_a_field_there_is_not(shared, value):
    ref = shared.case("assigned")
    act = asking(shared, "nga", [Case, ref], "edit", {"title": "x", "judgement": value})

    assert "nga may not ask" in shared.refuses("nga", shared.event(act))


@pytest.mark.parametrize(("verb", "code"), [("note", "lan"), ("edit", "nga"), ("extend", "nga")])
def test_nothing_is_dated_before_there_was_a_case_or_it_moved(shared, verb, code):
    ref = shared.case("assigned")
    changes = {
        "note": {},
        "edit": {"title": "Other"},
        "extend": {"due": TODAY + timedelta(days=40_000)},
    }[verb]
    early = shared.act(
        code,
        verb,
        [Case, ref],
        changes,
        effective_on=TODAY - timedelta(days=1),
        note="x" if verb == "note" else None,
        reason="r",
    )

    why = shared.refuses(code, shared.event(early))
    # Before it was assigned nothing of it could be extended.
    said = {"extend": "is not possible as it stands"}
    assert said.get(verb, "cannot take effect before") in why


def test_an_erasure_names_what_is_there_to_erase(shared):
    ref = shared.case()
    made = next(one for one in shared.events() if one["key"] == ref)["seq"]
    for places in (
        [(made, "title.1"), (made, "title.1")],
        [(made, "summary.1")],
        [(made, "nothing")],
        [(made + 10_000, "title.1")],
    ):
        act = shared.act(
            "nga", "redact", [Case, ref], {"title": "[redacted]"}, reason="law", redacts=places
        )
        assert "has no such text to erase" in shared.refuses("nga", shared.event(act))
    shared.keeper("audit", "verify")


# --- look-up ---------------------------------------------------------------------------------


def folded(office, texts):
    with pgserver.connected(office.url) as connection:
        rows = connection.execute(
            "SELECT casework_fold(one) FROM unnest(%s::text[]) WITH ORDINALITY AS two (one, n)"
            " ORDER BY n",
            (texts,),
        ).fetchall()
    return [one for (one,) in rows]


def test_the_server_folds_as_the_program_does(shared):
    letters = [
        chr(code)
        for code in range(1, sys.maxunicode + 1)
        if unicodedata.ucd_3_2_0.category(chr(code)) not in {"Cn", "Cs", "Co"}
        # A thousand of these are like eleven thousand.
        and not (0x3400 <= code <= 0xD7A3 and code % 11)
    ]
    chance = random.Random(5)
    mixed = ["".join(chance.choices(letters, k=8)) for _ in range(3_000)]
    vietnamese = ["Bộ Ngoại giao", "ỦY BAN\u00a0nhân dân", "Đắk Lắk", "a\u2028b", "  x\t y ", "ß"]
    texts = [*letters, *mixed, *vietnamese]

    assert folded(shared, texts) == [fold(one) for one in texts]


def test_nobody_diverts_a_name(shared):
    """What a record is found by is made by the server, of the record alone."""
    shared.keeper("org", "add", "moj", "--name", "Ministry of Justice")
    edit = shared.act("chi", "edit", [Organisation, "moj"], {"aliases": ("Justice",)})
    assert shared.send("chi", shared.event(edit)) is None
    ref = shared.case()
    shared.keeper("assign", ref, "--owner", "ministry of foreign affairs", "--due", "2099-12-31")

    assert shared.keeper.json("show", ref)["owner"] == "mofa"
    shared.keeper("audit", "verify")


def test_search_and_reference_are_made_by_the_server(shared):
    ref = shared.keeper.json(
        "propose", "--title", "Quy chế Đối ngoại", "--proposer", "vufo", "--ref", "Ă.0012345678901"
    )["ref"]

    assert [one["ref"] for one in shared.keeper.json("search", "doi ngoai")] == [ref]
    shared.keeper("audit", "verify")


def test_types_are_part_of_the_rules():
    rules = json.loads(edition.rules())
    for kind in KINDS:
        named = {*shape(kind).start, KINDS[kind].key_field}
        assert named == {*rules["kinds"][kind]["forms"]}
