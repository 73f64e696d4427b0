"""Verification of stored events: a log in order, and all that makes it not so. No database."""

import json
import re

import pytest

from casework.errors import IntegrityFailure
from casework.log import tree
from casework.log.event import canonical, commitment
from casework.log.verify import Stored, check_leaves, check_log, commitments

HINT = "compare with a copy of the store or a checkpoint kept elsewhere"
SALT = "0f" * 16
COLUMNS = ("kind", "key", "act", "actor", "effective_on", "recorded_at", "fields", "command")


def stored(seq, values=None, **more):
    """Return an event that commits to some values, by path, as a store would hold it."""
    values = {"login": "root"} if values is None else values
    sealed = {path: {"commitment": commitment(SALT, value)} for path, value in values.items()}
    changes = {"owner": [None, "mofa"], "due": [None, "2026-01-01"]}
    for path, held in sealed.items():
        name, _, place = path.partition(".")
        if place:
            changes.setdefault(name, [None, None])[int(place)] = held
    body = {
        "act": "assign",
        "actor": "lan",
        "changes": changes,
        "effective_on": "2026-01-01",
        "key": "A.1",
        "kind": "case",
        "prev": -1,
        "recorded_at": f"2026-01-01T00:00:0{seq}.000000Z",
        "seq": seq,
        "tool": "casework",
        "v": 1,
        "version": 1,
        **{path: held for path, held in sealed.items() if "." not in path},
        **more,
    }
    return of(body, {path: [SALT, value] for path, value in values.items()})


def of(body, disclosed):
    """Return a body and its disclosures with the leaf and the columns that belong to them."""
    stored_body = canonical(body)
    names = f",{','.join(sorted(body.get('changes', {})))},"
    said = body | {"fields": names, "command": body.get("command", {}).get("key")}
    columns = tuple(map(said.get, COLUMNS))
    leaf = tree.leaf_hash(stored_body)
    return Stored(body.get("seq", 0), stored_body, leaf, canonical(disclosed), COLUMNS, columns)


def opened(event):
    return json.loads(event.body), json.loads(event.disclosures)


LOG = [stored(seq) for seq in range(5)]
LEAVES = [event.leaf for event in LOG]


def refused(log, covered=None):
    """Return message and hint of a log that is not in order."""
    with pytest.raises(IntegrityFailure) as failure:
        check_log(log, covered)
    return failure.value.message, failure.value.hint


def test_a_log_in_order_has_its_size_and_its_peaks():
    assert check_log(LOG) == (5, tree.peaks_of(LEAVES))
    assert check_log([]) == (0, [])
    assert check_leaves([LEAVES]) == (5, tree.peaks_of(LEAVES))


def test_a_private_field_that_was_empty_commits_to_nothing():
    first = stored(1, {"title.1": "now it has one"})

    assert [path for path, _ in commitments(opened(first)[0])] == ["title.1"]
    assert check_log([LOG[0], first])[0] == 2


def test_a_stored_event_cannot_be_changed_between_two_checks():
    for name in Stored._fields:
        with pytest.raises(AttributeError):
            setattr(LOG[0], name, None)


def both(log, covered):
    """Check a log in both ways; return what each makes of what must be covered."""
    leaves = [tree.leaf_hash(event.body) for event in log]
    for spans in ([leaves], [leaves[:2], leaves[2:]], [[leaf] for leaf in leaves]):
        yield lambda spans=spans: check_leaves(spans, covered)
    yield lambda: check_log(log, covered)


@pytest.mark.parametrize("size", range(6))
def test_a_log_contains_what_was_covered_at_any_size(size):
    for check in both(LOG, (size, tree.subtree_hash(LEAVES[:size]))):
        assert check() == (5, tree.peaks_of(LEAVES))
    for check in both(LOG, (size, b"\xab" * 32)):
        with pytest.raises(IntegrityFailure) as failure:
            check()
        assert failure.value.message == (
            f"the first {size} events are not those that were seen: their root is"
            f" {tree.subtree_hash(LEAVES[:size]).hex()}, it was {'ab' * 32}"
        )
        assert failure.value.hint == "the log was rewritten; compare with what others keep"


def test_a_log_shorter_than_what_was_covered_is_told_so():
    for check in both(LOG, (6, tree.subtree_hash(LEAVES))):
        with pytest.raises(IntegrityFailure) as failure:
            check()
        assert failure.value.message == "the log has 5 events, but one of 6 was seen"
        assert failure.value.hint == (
            "an older copy may have been restored; compare with what others keep"
        )


def test_a_log_in_spans_may_be_empty():
    assert check_leaves([]) == (0, [])
    assert check_leaves([], (0, tree.EMPTY_ROOT)) == (0, [])


COMMAND = {"key": "k-1", "what": "assign A.1"}
FULL = stored(
    1,
    {"login": "root", "note": "n", "reason": "r", "title.0": "a", "title.1": "b"},
    command=COMMAND,
)
BODY, VALUES = opened(FULL)


def without(name):
    return {key: value for key, value in BODY.items() if key != name}


BROKEN = {
    "missing": (LOG[2], "event 1 is missing; the next one is 2"),
    "another leaf": (
        FULL._replace(leaf=LEAVES[0]),
        "event 1: its bytes are not those that were hashed",
    ),
    "spaces": (
        FULL._replace(body=b" " + FULL.body, leaf=tree.leaf_hash(b" " + FULL.body)),
        "event 1: its body is not canonical",
    ),
    "a list": (Stored(1, b"[]", tree.leaf_hash(b"[]"), b"{}", (), ()),
               "event 1: its body is not canonical"),
    "no JSON": (Stored(1, b"x", tree.leaf_hash(b"x"), b"{}", (), ()),
                "event 1: its body is not canonical"),
    "nested": (Stored(1, b"[" * 99_999, tree.leaf_hash(b"[" * 99_999), b"{}", (), ()),
               "event 1: its body is not canonical"),
    "another format": (of(BODY | {"v": 3}, VALUES), "event 1: its format is not known"),
    "no format": (of(without("v"), VALUES), "event 1: its format is not known"),
    "another kind": (of(BODY | {"kind": "x"}, VALUES), "event 1: its format is not known"),
    "another number": (
        of(BODY | {"seq": 4}, VALUES)._replace(seq=1),
        "event 1: it was written as event 4",
    ),
    "no number": (
        of(without("seq"), VALUES)._replace(seq=1),
        "event 1: its seq is null",
    ),
    "no changes": (
        of(without("changes"), VALUES)._replace(columns=()),
        "event 1: its changes is null",
    ),
    "no disclosures": (
        FULL._replace(disclosures=None),
        "event 1: its disclosures are missing",
    ),
    "disclosures not canonical": (
        FULL._replace(disclosures=FULL.disclosures + b"\n"),
        "event 1: its disclosures are not canonical",
    ),
    "never committed to": (
        of(BODY, VALUES | {"owner.1": [SALT, "mofa"], "x": [SALT, 1]}),
        "event 1: owner.1, x was never committed to",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_event_in_its_place_is_named(what):
    event, message = BROKEN[what]

    assert refused([LOG[0], event, *LOG[2:]]) == (message, HINT)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_that_says_otherwise_is_named_with_both_values(name):
    columns = tuple(
        "other" if own == name else value for own, value in zip(COLUMNS, FULL.columns, strict=True)
    )
    said = dict(zip(COLUMNS, FULL.columns, strict=True))[name]

    message, hint = refused([LOG[0], FULL._replace(columns=columns)])
    assert message == f"event 1, column {name}: the log says {said}, the column says other"
    assert hint == HINT


def test_an_event_that_begins_no_command_names_none():
    columns = tuple(
        "k-1" if own == "command" else value
        for own, value in zip(COLUMNS, LOG[1].columns, strict=True)
    )
    message, _ = refused([LOG[0], LOG[1]._replace(columns=columns)])

    assert message == "event 1, column command: the log says None, the column says k-1"
    assert check_log([LOG[0], FULL])[0] == 2


def test_every_commitment_is_found_with_its_path():
    assert [path for path, _ in commitments(BODY)] == [
        "login", "note", "reason", "title.0", "title.1",
    ]  # fmt: skip
    assert {digest for _, digest in commitments(BODY)} == {
        commitment(SALT, value) for _, value in VALUES.values()
    }


@pytest.mark.parametrize("path", VALUES)
@pytest.mark.parametrize(
    "forged",
    [
        [SALT, "other"],
        ["00" * 16, "root"],
        [SALT],
        [SALT, "a", "b"],
        "x",
        1,
        [1, "b"],
        ["zz" * 16, "b"],
    ],
    ids=str,
)
def test_what_does_not_open_its_commitment_is_named(path, forged):
    event = of(BODY, VALUES | {path: forged})

    message, hint = refused([LOG[0], event])
    assert (message, hint) == (f"event 1: {path} is not what was committed to", HINT)


def test_a_salt_is_written_in_one_way():
    for salt in (SALT.upper(), f"0f {SALT[2:]}", SALT[2:], f"{SALT}0f"):
        note = {"commitment": commitment(salt, "root")}
        event = of(BODY | {"login": note}, VALUES | {"login": [salt, "root"]})

        message, _ = refused([LOG[0], event])
        assert message == "event 1: login is not what was committed to", salt


def redaction(seq, *places):
    return stored(seq, redacts=[list(place) for place in places])


def test_what_is_gone_needs_a_redaction_that_says_so():
    less = {path: pair for path, pair in VALUES.items() if path not in {"note", "title.1"}}
    gone = of(BODY, less)
    log = [LOG[0], gone, *LOG[2:4]]

    assert refused(log) == ("event 1: note is gone, and no redaction says so", HINT)
    told = redaction(4, (1, "note"))
    assert refused([*log, told])[0] == "event 1: title.1 is gone, and no redaction says so"
    for wrong in ((0, "note"), (1, "reason")):
        message = refused([*log, redaction(4, (1, "note"), (1, "title.1"), wrong)])[0]
        assert message == f"event {wrong[0]}: {wrong[1]} was erased by event 4, yet it is disclosed"
    both_told = redaction(4, (1, "note"), (1, "title.1"))
    assert check_log([*log, both_told])[0] == 5


def test_a_redaction_of_what_comes_later_redacts_nothing():
    gone = of(BODY | {"seq": 2}, {})
    places = [(2, path) for path in VALUES]

    message = refused([LOG[0], redaction(1, *places), gone])[0]
    assert re.fullmatch(r"event 2: \S+ was erased by event 1, yet it is disclosed", message)
