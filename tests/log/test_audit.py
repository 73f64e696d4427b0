"""The log's arithmetic: canonical bytes; what stands in an event, and what does not."""

import json
import os
import pwd
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offices import SCENARIO
from sqlalchemy import select

from casework.errors import IntegrityFailure
from casework.kinds.records import plain
from casework.log import tree
from casework.log.event import canonical, commitment, parsed
from casework.log.verify import check_log, commitments
from casework.proof.passing import stored_events
from casework.store import compiled, schema

PRIVATE_OPTIONS = {"--title", "--title-vi", "--summary", "--words", "--answer", "--reason"}


def stored(shell):
    """Return body and disclosures of every event, oldest first."""
    query = (
        select(schema.event.c.body, schema.disclosure.c.body)
        .join(schema.disclosure, schema.disclosure.c.seq == schema.event.c.seq)
        .order_by(schema.event.c.seq)
    )
    with shell.store().engine.begin() as connection:
        return [(bytes(body), bytes(told)) for body, told in connection.execute(query)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": [True, False, None], "": {}}, '{"":{},"a":[true,false,null],"b":1}'),
        ({"aa": 1, "a_c": 2, "_": 3, "a": 4}, '{"_":3,"a":4,"a_c":2,"aa":1}'),
        ({"n": [0, -1, 9007199254740991]}, '{"n":[0,-1,9007199254740991]}'),
        (['\0\b\t\n\f\r\x1f"\\/\x7f'], r'["\u0000\b\t\n\f\r\u001f\"\\/' + '\x7f"]'),
        ({"t": "Bộ Ngoại giao\u2028😀<&>"}, '{"t":"Bộ Ngoại giao\u2028😀<&>"}'),
    ],
    ids=["order", "code-points", "integers", "escapes", "text"],
)
def test_canonical_bytes_are_those_of_rfc_8785(value, expected):
    assert canonical(value) == expected.encode()


texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc_", max_size=4), inner),
)


@given(values)
def test_canonical_bytes_are_those_python_itself_writes_and_reads(value):
    form = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}

    assert canonical(value) == json.dumps(value, **form).encode()
    assert parsed(canonical(value)) == value


@pytest.mark.parametrize("number", [1.5, 1.0, float("nan"), float("inf")])
def test_a_record_holds_no_floats(number):
    with pytest.raises(TypeError, match="float"):
        plain(("a", number))


def test_every_commitment_opens_with_its_own_salt_and_value_only(rich):
    opened = []
    for body, told in stored(rich):
        disclosed = json.loads(told)
        for path, digest in commitments(json.loads(body)):
            salt, value = disclosed.pop(path)
            opened.append((salt, value, digest))
        assert disclosed == {}

    assert len(opened) > len(SCENARIO)
    assert len({salt for salt, _, _ in opened}) == len(opened)
    for (salt, value, digest), (other_salt, other, _) in pairwise(opened):
        assert commitment(salt, value) == digest
        assert commitment(other_salt, value) != digest
        assert value == other or commitment(salt, other) != digest


def test_no_two_of_many_commitments_of_one_command_have_the_same_salt(office):
    cases = [{"ref": f"X.{number}", "title": "T", "proposer": "vufo"} for number in range(120)]
    office("import", "-", input="\n".join(map(json.dumps, cases)))

    salts = [salt for _, told in stored(office) for salt, _ in json.loads(told).values()]

    assert len(salts) > 2 * len(cases)
    assert len(set(salts)) == len(salts)


def test_one_value_told_twice_has_two_commitments_that_do_not_show_it(shell):
    shell("org", "add", "mofa", "--name", "MoFA")
    for person in ("lan", "minh"):
        shell("person", "add", person, "--name", "Nguyễn Lan", "--org", "mofa")

    bodies = [json.loads(body) for body, _ in stored(shell)[-2:]]

    first, second = (body["changes"]["name"][1]["commitment"] for body in bodies)
    assert first != second


def private_texts():
    """Return what the scenario's commands say that the log must not hold in clear."""
    for words in SCENARIO:
        person = words[0] == "person"
        names = PRIVATE_OPTIONS | ({"--name", "--name-vi", "--login"} if person else set())
        names |= {"--source"} if words[0] == "propose" else set()
        # A text that begins with @ is written with two, which else means a file.
        given = (said for name, said in pairwise(words) if name in names)
        yield from (said[1:] if said.startswith("@@") else said for said in given)
        if words[0] == "note":
            yield words[2]


def test_private_text_stands_in_no_event_but_history_tells_it(rich):
    bodies = b"\n".join(body for body, _ in stored(rich))
    refs = [case["ref"] for case in rich.json("list")]
    told = [event for ref in refs for event in rich.json("history", ref)]
    told += rich.json("audit", "log")
    shown = json.dumps(told, ensure_ascii=False)
    login = pwd.getpwuid(os.getuid()).pw_name

    texts = [*private_texts(), login]

    assert len(texts) > 50
    for text in texts:
        written = json.dumps(text, ensure_ascii=False)
        assert written.encode() not in bodies, text
        assert len(text) < 8 or text.encode() not in bodies, text
        assert written in shown, text


def test_each_event_holds_canonical_bytes_its_leaf_and_its_place(rich):
    columns = schema.event.c
    with rich.store().engine.begin() as connection:
        rows = connection.execute(select(schema.event).order_by(columns.seq)).all()

    last = {}
    for seq, row in enumerate(rows):
        body = json.loads(bytes(row.body))
        assert canonical(body) == bytes(row.body)
        assert tree.leaf_hash(bytes(row.body)) == bytes(row.leaf)
        assert (body["seq"], body["v"]) == (seq, 2)
        assert body["prev"] == last.get((body["kind"], body["key"]), -1)
        last[body["kind"], body["key"]] = seq
    assert (
        rich.json("audit", "verify")["root"]
        == tree.subtree_hash([bytes(row.leaf) for row in rows]).hex()
    )


def test_any_bit_of_an_event_or_of_what_it_discloses_that_flips_is_found(shell):
    shell("org", "add", "mofa", "--name", "MoFA")
    shell("propose", "--title", "Tựa đề", "--summary", "Text", "--proposer", "mofa", "--ref", "A.1")
    with shell.store().reading() as connection:
        *before, event = stored_events(connection, compiled.STORED)

    missed = []
    for part in ("body", "leaf", "disclosures"):
        whole = getattr(event, part)
        for bit in range(8 * len(whole)):
            flipped = bytearray(whole)
            flipped[bit // 8] ^= 1 << bit % 8
            try:
                check_log([*before, event._replace(**{part: bytes(flipped)})])
                missed.append((part, bytes(flipped)))
            except IntegrityFailure as failure:
                named = f"event {event.seq}" in failure.message
                missed += [] if named else [failure.message]

    assert missed == []
