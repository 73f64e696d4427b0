"""Events that were damaged and hashed anew: every command answers, or says 7, and none says 1."""

import json

import pytest
from sqlalchemy import select, update

from casework.errors import IntegrityFailure
from casework.log import reading, tree
from casework.log.event import canonical
from casework.store import schema


@pytest.fixture
def put(office, case):
    """Give a function that puts bytes in the place of the last event, and makes all hashes right.

    The last event is a note on case A.1; what is put there may be bytes, or made of its value.
    """
    case("under_study", ref="A.1")
    office("note", "A.1", "first")
    office("note", "A.1", "last")

    def change(made):
        log = schema.event.c
        with office.store().engine.connect() as connection:
            connection.execution_options(casework_writes=True)
            triggers = office._disarm(connection)
            rows = connection.execute(select(log.seq, log.body).order_by(log.seq)).all()
            seq, body = rows[-1]
            body = made if isinstance(made, bytes) else made(json.loads(bytes(body)))
            leaves = [tree.leaf_hash(bytes(one)) for _, one in rows[:-1]] + [tree.leaf_hash(body)]
            peaks = tree.peaks_of(leaves)
            is_last = log.seq == seq
            connection.execute(
                update(schema.event).where(is_last).values(body=body, leaf=leaves[-1])
            )
            head = {"peaks": b"".join(peaks), "root": tree.root_hash(peaks)}
            connection.execute(update(schema.log_head).values(**head))
            for trigger in triggers:
                connection.exec_driver_sql(trigger)
            connection.commit()

    return change


def with_members(**members):
    return lambda body: canonical(body | members)


def without(*names):
    return lambda body: canonical({k: v for k, v in body.items() if k not in names})


DEEP = b"[" * 100_000 + b"]" * 100_000
NO_EVENTS = {
    "a list": b"[]",
    "no JSON": b"no JSON",
    "empty": b"",
    "binary": bytes(range(256)),
    "null": b"null",
    "a number": b"1",
    "a text": b'"text"',
    "hardly anything": b'{"kind":"case"}',
    "nested deep": DEEP,
    "nested deep in a member": b'{"act":' + DEEP + b"}",
    "nested in the tool": lambda body: json.dumps(
        body | {"tool": json.loads("[" * 300 + "]" * 300)}, sort_keys=True, separators=(",", ":")
    ).encode(),
    "a number too long": lambda body: canonical(body).replace(b'"seq":', b'"seq":1' + b"0" * 400),
    "a tool without end": lambda body: canonical(body | {"tool": 1}).replace(
        b'"tool":1', b'"tool":1' + b"0" * 400
    ),
    "64 bits": lambda body: canonical(body | {"tool": 1}).replace(
        b'"tool":1', b'"tool":18446744073709551616'
    ),
    "a fraction": with_members(version=1.5),
    "no format": without("v"),
    "another format": with_members(v=3),
    "no act": without("act"),
    "an act that is a list": with_members(act=["note"]),
    "an unknown kind": with_members(kind="ghost"),
    "a kind that is a list": with_members(kind=["case"]),
    "an actor that is nothing": with_members(actor=None),
    "a login that is a number": with_members(login=7),
    "a note that is an object": with_members(note={"a": 1}),
    "a note that is a list": with_members(note=[]),
    "a commitment that is none": with_members(note={"commitment": 5}),
    "a reason that is true": with_members(reason=True),
    "a document that is a number": with_members(document=7),
    "a command that is a word": with_members(command="zz"),
    "no changes": with_members(changes=None),
    "changes in a list": with_members(changes=[]),
    "a change that is no pair": with_members(changes={"due": "2022-01-01"}),
    "a change of three": with_members(changes={"due": [None, None, None]}),
    "a field there is not": with_members(changes={"ghost": [None, 1]}),
    "a day that is none": with_members(changes={"due": [None, "tomorrow"]}),
    "a day that is a number": with_members(changes={"due": [None, 5]}),
    "an answer that is a number": with_members(changes={"answer": [None, 5]}),
    "an answer that is an object": with_members(changes={"answer": [None, {"a": 1}]}),
    "an owner in a list": with_members(changes={"owner": ["mofa", ["mofa"]]}),
    "a state there is not": with_members(changes={"state": ["under_study", "asleep"]}),
    "a state that is a list": with_members(changes={"state": ["under_study", []]}),
    "a number as text": with_members(changes={"extensions": [0, "1"]}),
    "links of one": with_members(changes={"links": [[], [["repeats"]]]}),
    "links that are a number": with_members(changes={"links": [[], 5]}),
    "links that are nothing": with_members(changes={"links": [[], None]}),
    "holds of no days": with_members(changes={"holds": [[], [["a", "b"]]]}),
    "an effective day that is none": with_members(effective_on="infinity"),
    "an effective day in words": with_members(effective_on="tomorrow"),
    "an effective day that is a number": with_members(effective_on=20220101),
    "a time that is a number": with_members(recorded_at=5),
    "no time": without("recorded_at"),
    "a teller that is a word": with_members(reported="me"),
    "a teller without source": with_members(reported={}),
    "what was told in a list": with_members(reported={"source": "x", "told": []}),
    "what is erased in words": with_members(redacts="all"),
    "what is erased in pairs of one": with_members(redacts=[[1]]),
}
ASKING = [
    ["history", "A.1"],
    ["show", "A.1"],
    ["list", "--json"],
    ["audit", "log"],
    ["audit", "log", "--case", "A.1"],
    ["audit", "findings"],
    ["audit", "replay"],
    ["audit", "status"],
    ["audit", "verify"],
    ["audit", "verify", "--log-only"],
    ["db", "check"],
    ["doctor", "--json"],
    ["export", "-", "--format", "ndjson"],
    ["due", "explain", "A.1"],
    ["report", "overdue"],
    ["report", "overdue", "--as-of", "2022-03-01"],
    ["report", "slippage"],
    ["report", "progress"],
    ["report", "workload"],
    ["report", "forecast"],
    ["report", "review", "--of", "NFAC-20"],
    ["report", "diff", "--as-of", "2022-03-01", "--known-at", "2022-03-01"],
    ["search", "rules"],
]
MUST_SAY = (["audit", "verify"], ["db", "check"])
UNREAD = ("tool", "format", "64 bits", "commitment")
"""What only verification looks at."""


@pytest.mark.parametrize("what", NO_EVENTS)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_command_says_that_the_store_was_changed_and_none_ends_in_a_defect(
    office, put, what, much
):
    put(NO_EVENTS[what])
    is_read = not any(word in what for word in UNREAD)
    # Each command is asked of some damage, and after each damage some commands.
    begin, step = [*NO_EVENTS].index(what), much(2, 1)
    for words in ASKING[begin % step :: step]:
        result = office.run(*words)
        told = (words, result.exit_code, result.stderr)
        assert result.exit_code in {0, 4, 7}, told
        assert "defect" not in result.stderr
        if "--log-only" not in words and words[:2] in MUST_SAY:
            assert result.exit_code == 7, told
        if is_read and (words[0] in {"history", "export"} or words[1] in {"log", "findings"}):
            assert result.exit_code == 7, told


@pytest.mark.parametrize("made", [b"[]", with_members(changes={"due": [None, 5]})])
def test_what_is_no_event_is_no_event_on_a_server_either(office, put, made):
    put(made)
    for words in (["history", "A.1"], ["audit", "findings"], ["audit", "log"], ["audit", "verify"]):
        office.refused(7, *words)


ODD_TIMES = {
    "a second of sixty": "2026-01-01T00:00:60.000000Z",
    "yesterday": "yesterday",
    "empty": "",
    "no zone": "2026-01-01T00:00:00.000000",
    "beyond all years": "9999-12-31T23:59:59.999999-23:59",
    "a date": "2026-01-01",
}


@pytest.mark.parametrize("at", ODD_TIMES.values(), ids=ODD_TIMES)
def test_a_time_that_is_none_is_named_by_verification_and_stops_no_question(office, put, at):
    put(with_members(recorded_at=at))
    office.sql(f"UPDATE event SET recorded_at = '{at}' WHERE seq = {office.head().size - 1}")
    seq = office.head().size - 1

    assert f"event {seq}" in office.refused(7, "audit", "verify")["message"]
    for words in ASKING:
        if words[0] in {"audit", "db"} and words[1] in {"verify", "check", "replay"}:
            continue
        result = office.run(*words)
        assert result.exit_code in {0, 4}, (words, result.stderr)
    found = [one for one in office.json("audit", "findings") if seq in one["seqs"]]
    assert any(one["rule"] == "clock-back" and "not a time" in one["text"] for one in found)


def test_an_event_whose_time_is_right_is_no_finding(office, put):
    put(with_members())

    assert not [one for one in office.json("audit", "findings") if one["rule"] == "clock-back"]
    office("audit", "verify")


def test_a_table_whose_list_is_nested_without_end_is_a_store_that_was_changed(office, put):
    if "://" in office.url:
        pytest.skip("a server's JSON has a depth of its own")
    assert put is not None
    deep = DEEP.decode()
    office.sql(f"UPDATE \"case\" SET coordinating = '{deep}' WHERE ref = 'A.1'")
    for words in (["list"], ["show", "A.1"], ["audit", "verify"], ["db", "check"]):
        office.refused(7, *words)


def test_reading_says_which_member_is_wrong():
    with pytest.raises(IntegrityFailure, match="its act is None") as error:
        reading.read(canonical(dict.fromkeys(("seq", "prev", "version"), 1)), b"{}")

    assert "without casework" in error.value.hint
