"""Histories told by a file: checked like acts made here; and files with any damage at all."""

import hashlib
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.acts import actors
from casework.errors import CaseworkError
from casework.exchange.importing import import_cases
from casework.exchange.sources import Source
from casework.ledger.ledger import Desk
from casework.proof import inspection
from casework.system.clock import DEFAULT_ZONE, today

# The told case was proposed (event 0), assigned (1), studied (2) and resolved (3).
ORDERS = {
    "no proposal": [1, 2, 3],
    "a proposal only later": [1, 0, 2, 3],
    "an act missing": [0, 2, 3],
    "an act twice": [0, 1, 1, 2, 3],
}
# Which event, and what is put into it; None takes a member out.
FAULTS = {
    "an act nobody knows": (2, {"act": "steal"}),
    "an act that is not possible": (2, {"act": "reopen"}),
    "closed though it was studied": (3, {"act": "close"}),
    "no name of the act": (1, {"act": None}),
    "no actor": (1, {"actor": None}),
    "half a character for an actor": (1, {"actor": "\ud800"}),
    "no changes": (1, {"changes": None}),
    "changes in a list": (1, {"changes": ["owner"]}),
    "a NUL in a note": (1, {"note": "a\0b"}),
    "no date": (1, {"effective_on": None}),
    "a date that is none": (1, {"effective_on": "2022-02-30"}),
    "a date in the future": (3, {"effective_on": "2999-01-01"}),
    "a date before the last move": (2, {"effective_on": "2021-12-20"}),
    "half a change": (1, {"owner": ["mofa"]}),
    "changes that are none": (1, {"changes": 5}),
    "no time": (1, {"recorded_at": None}),
    "a day for a time": (1, {"recorded_at": "2026-01-31"}),
    "a time without a zone": (1, {"recorded_at": "2026-01-31T08:00:00"}),
    "a time that is none": (1, {"recorded_at": "2026-02-30T08:00:00Z"}),
    "a number for a time": (1, {"recorded_at": 5}),
    "a time still to come": (1, {"recorded_at": "2999-01-01T00:00:00Z"}),
    "a list for an actor": (1, {"actor": ["lan"]}),
    "a number for a reason": (1, {"reason": 5}),
    "a document's date that is none": (1, {"document": "7/QĐ", "document_date": "soon"}),
    "a document's date without a document": (1, {"document_date": "2022-01-01"}),
    "a deputy who is a number": (1, {"deputy_of": 5}),
    "a form nobody knows": (1, {"v": 3}),
    "another value before": (3, {"state": ["assigned", "resolved"]}),
    "an unknown state": (2, {"state": ["assigned", "Open Resolved"]}),
    "no owner": (1, {"owner": None}),
    "no outcome": (3, {"outcome": None}),
    "another title in the row": (None, {"title": "Another"}),
    "another owner in the row": (None, {"owner": "vufo"}),
}
# Values a case cannot have, told by the last act.
WRONG = {
    "colour": "red",
    "version": 9,
    "officer": "nobody",
    "resolved_by": "nobody",
    "first_outcome": "fixed",
    "due_basis": "guessed",
    "first_answer": 5,
    "first_resolved_on": "soon",
    "extensions": 1.5,
    "reopened": "x",
    "theme": "abc",
    "instruments": [["a"]],
    "coordinating": ["nobody"],
    "links": [["repeats", "NOPE"]],
}
WORSE = [
    ("extensions", True),
    ("extensions", 10**30),
    ("first_answer", "a\0b"),
    ("first_answer", "\ud800"),
    ("links", [["hates", "A.1"]]),
    ("links", [["repeats"]]),
    ("original_due", "2023-12-31"),
]
LISTS = {"theme", "instruments", "coordinating", "links"}
COUNTS = {"extensions", "reopened"}


@pytest.fixture
def told(office, case):
    """Give a function that returns a case with its history as an export tells them."""
    case("resolved", ref="A.1")
    line = office("export", "-", "--format", "ndjson").stdout

    def again():
        found = json.loads(line) | {"ref": "B.1"}
        return found, found["history"]

    return again


def refusals(office, lines):
    """Return what was said of each line that was not refused as it ought to have been."""
    before = office.head()
    wrong = {}
    for name, line in lines.items():
        result = office.run("import", "-", "--json", input=json.dumps(line).encode())
        expected = "1 of 1 row cannot be imported:\nstandard input, row 1, "
        if result.exit_code != 2 or expected not in result.error["message"]:
            wrong[name] = f"exit {result.exit_code}: {result.stderr[:200]}"
    return wrong | ({} if office.head() == before or wrong else {"something": "was imported"})


def test_a_history_that_is_told_right_is_taken(office, told):
    line, events = told()

    office("import", "-", input=json.dumps(line).encode())

    assert [event["act"] for event in office.json("history", "B.1")] == [e["act"] for e in events]
    assert office.json("audit", "verify")["ok"] is True


def test_who_is_not_known_in_a_history_is_named(office, told):
    line, events = told()
    events[-1]["changes"]["resolved_by"] = [None, "nobody"]
    refused = office.run("import", "-", input=json.dumps(line).encode())

    assert refused.exit_code == 2
    assert "history: 'nobody': no person has this code" in refused.stderr


def test_a_history_that_breaks_the_chain_or_the_workflow_is_refused(office, told):
    lines = {}
    for name, order in ORDERS.items():
        line, events = told()
        lines[name] = line | {"history": [events[number] for number in order]}
    for name, (number, members) in FAULTS.items():
        line, events = told()
        for member, value in members.items():
            place = line if number is None else events[number]
            if number is not None and member in place["changes"]:
                place = place["changes"]
                line.pop(member, None)
            place[member] = value
            if value is None:
                del place[member]
        lines[name] = line

    assert refusals(office, lines) == {}


@pytest.mark.parametrize(
    ("member", "value", "why"),
    [
        ("recorded_at", None, "act 1 of the history: recorded_at is missing"),
        ("recorded_at", "soon", "act 1 of the history: recorded_at is not a time stamp, such as "),
        ("effective_on", 5, "act 1 of the history: effective_on is not a date"),
        ("actor", {}, "act 1 of the history: actor is not text"),
        ("changes", [], "act 1 of the history: changes is not an object"),
        ("changes", {"owner": 5}, "act 1 of the history: changes does not give an old and a new "),
        ("reasn", "r", "act 1 of the history: no act has a member reasn"),
        ("act", ["assign"], "history: 'B.1': act 1 of the history: act is not text"),
        ("changes", {"state": [["x"], "y"]}, 'from ["x"], it was "proposed"'),
        ("changes", {"owner": [None, [None]]}, "assign: owner is not text: [null]"),
        (None, "assign", "act 1 of the history is not an object"),
    ],
)
def test_what_is_wrong_with_an_act_is_said_in_words(office, told, member, value, why):
    line, events = told()
    if member is None:
        events[1] = value
    else:
        events[1][member] = value

    assert why in office.refused(2, "import", "-", input=json.dumps(line).encode())["message"]


def test_an_act_may_say_that_it_has_no_format(office, told):
    line, events = told()
    for event in events:
        event["v"] = None

    office("import", "-", input=json.dumps(line).encode())

    assert office.json("audit", "verify")["ok"] is True


def test_a_history_that_tells_what_a_case_cannot_be_is_refused(office, told):
    lines = {}
    for number, (name, value) in enumerate([*WRONG.items(), *WORSE]):
        line, events = told()
        start = [] if name in LISTS else 0 if name in COUNTS else None
        for event in events[:-1]:
            start = event["changes"].get(name, [start, start])[1]
        events[-1]["changes"][name] = [start, value]
        line.pop("basis" if name == "due_basis" else name, None)
        lines[f"{name}: {value!r}"] = line | {"ref": f"B.{number}"}

    assert refusals(office, lines) == {}


def test_a_collective_does_not_own_a_case_by_having_owned_it_elsewhere(office, told):
    line, events = told()
    line["owner"] = events[1]["changes"]["owner"][1] = "central"

    assert refusals(office, {"central": line}) == {}


@pytest.mark.parametrize("name", [b"caf\xe9.csv", 'Ngoại vụ; số 1, "a"\n.csv'.encode()])
def test_a_file_may_be_called_anything(office, tmp_path, name):
    file = os.fsencode(tmp_path) + b"/" + name
    file = Path(os.fsdecode(file))
    file.write_bytes(b"title,proposer\nT,vufo\n")

    result = office.run("import", file)

    assert result.exit_code == 0, result.stderr
    assert office.json("audit", "verify")["ok"] is True


@pytest.mark.parametrize("label", ["\udce9", "a\0b", " ", "x" * 200_000])
def test_a_label_that_is_no_text_is_refused(office, label):
    office.refused(2, "import", "-", "--reported-by", label, input=b"title,proposer\nT,vufo\n")


def damaged(data, changes):
    for where, how, byte in changes:
        at = where % len(data)
        piece = {"flip": bytes([data[at] ^ 1 << byte % 8]), "cut": b"", "put": bytes([byte])}[how]
        data = data[:at] + piece + data[at + (how != "put") * (1 + (how == "cut") * byte % 9) :]
        data = data or b"x"
    return data


change = st.tuples(
    st.integers(0, 1 << 20), st.sampled_from(["flip", "flip", "cut", "put"]), st.integers(0, 255)
)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_damaged_file_is_refused_or_leaves_a_register_that_verifies(office, case, form):
    for state in ("assigned", "under_study", "resolved"):
        case(state)
    office("extend", "NFAC-20.001", "--due", "2027-12-31", "--reason", "late")
    office("reopen", "NFAC-20.003", "--reason", "again")
    office("coordinate", "NFAC-20.002", "--with", "vufo")
    whole = office("export", "-", "--format", form).stdout.replace("NFAC-20.0", "X.").encode()
    before = office.head()

    @settings(max_examples=50 if "://" in office.url else 150)
    @given(st.lists(change, min_size=0, max_size=3))
    def check(changes):
        data = damaged(whole, changes)
        source = Source("cases", hashlib.sha256(data).hexdigest(), io.BytesIO(data))
        try:
            with office.store().writing() as connection:
                actor = actors.actor(connection, actors.REGISTRAR)
                import_cases(Desk(connection, actor, "nobody", today(DEFAULT_ZONE)), source)
                inspection.verify(connection)
                connection.rollback()
        except CaseworkError as error:
            assert error.exit in {2, 5}, error.message  # noqa: PT017
            assert changes

    check()
    assert office.head() == before


def linked(**links):
    """Return lines of cases that tell of their links: each `ref="relation other"`, or none."""
    lines = []
    for ref, said in links.items():
        proposed = {"title": [None, ref], "proposer": [None, "vufo"], "state": [None, "proposed"]}
        proposed |= {day: [None, "2022-01-03"] for day in ("state_since", "proposed_on")}
        events = [("propose", proposed)]
        events += [("link", {"links": [[], [said.split()]]})] if said else []
        history = [
            {"act": act, "actor": "nga", "effective_on": "2022-01-03", "changes": changes}
            | {"recorded_at": "2022-01-03T00:00:00Z"}
            for act, changes in events
        ]
        lines.append({"ref": ref, "title": ref, "proposer": "vufo", "history": history})
    return "\n".join(map(json.dumps, lines)).encode()


ROUND = {
    "A repeats B repeats A": {"A": "repeats B", "B": "repeats A"},
    "C relates-to D relates-to E relates-to C": {
        "Z": "relates-to C", "C": "relates-to D", "D": "relates-to E", "E": "relates-to C",
    },
}  # fmt: skip


def test_links_that_lead_round_in_a_file_are_refused_as_the_verb_refuses_them(office):
    office("import", "-", input=linked(X="", Y="repeats X"))
    before = office.head()

    for circle, links in ROUND.items():
        refused = office.run("import", "-", "--json", input=linked(**links))
        assert refused.exit_code == 4, refused.stderr
        row = list(links).index(circle[0]) + 1
        assert f"row {row}, the links {circle} form a circle" in refused.error["message"]
    assert office.head() == before
    # One half of the circle stands in the register: the file cannot change the case that does.
    said = office.json("import", "-", input=linked(Y="repeats X", X="repeats Y", W="repeats Y"))
    assert (said["created"], said["skipped"]) == (1, 2)
    assert office.run("link", "X", "--repeats", "W").exit_code == 4


def test_links_that_lead_nowhere_round_are_taken(office):
    lines = linked(A="repeats B", B="repeats C", C="relates-to A", D="repeats C")

    assert office.json("import", "-", input=lines)["created"] == 4
    assert office.json("audit", "verify")["ok"] is True
