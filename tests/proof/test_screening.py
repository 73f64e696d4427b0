"""The quick look at an event: what it takes for in order is in order, and read as it is read."""

import json

import pytest

from casework.kinds.records import typed
from casework.log import tree
from casework.log.event import canonical
from casework.log.reading import read
from casework.log.verify import check_event
from casework.proof.passing import stored_events
from casework.proof.screening import screened
from casework.store import compiled

ODD = (None, "", "x", 5, -1, True, 1.5, 2**60, [], ["x"], [1.5], {}, {"commitment": "0" * 64})
ODD_DAYS = ("2020-13-01", "20200101", "2020-01-01", "2020-01-01T00:00:00.000000Z")


@pytest.fixture
def engine():
    """On SQLite only: what is looked at are bytes."""
    return "sqlite"


def agree(event):
    """Tell whether the quick look takes an event, and check that it is in order if so."""
    (one,) = screened([event])
    if one is None:
        return False
    checked = check_event(event)
    assert (one.said, one.opened, []) == tuple(checked)
    told = read(event.body, event.disclosures)
    assert one.gives == {
        name: typed(told.kind, name, new) for name, (_, new) in told.changes.items()
    }
    assert one.stood == {
        name: typed(told.kind, name, old) for name, (old, _) in told.changes.items()
    }
    for word in ("login", "reason", "note", "document"):
        assert one.words().get(word) == getattr(told, word)
    return True


def forged(event, said, opened):
    """Return an event that says something else, hashed again, with its columns."""
    body, columns = canonical(said), []
    for name in event.names:
        value = said.get(name)
        if name == "fields":
            changed = said["changes"] if isinstance(said.get("changes"), dict) else ()
            value = f",{','.join(sorted(changed))},"
        elif name == "command":
            value = value.get("key") if isinstance(value, dict) else None
        columns.append(value)
    return event._replace(
        body=body,
        leaf=tree.leaf_hash(body),
        disclosures=canonical(opened),
        columns=tuple(columns),
    )


def otherwise(event):
    """Yield events like one, each with another value in one place."""
    said, opened = json.loads(event.body), json.loads(event.disclosures)
    for value in (*ODD, *ODD_DAYS):
        for name in (*said, "strikes", "unknown"):
            yield forged(event, said | {name: value}, opened)
        for name, pair in said["changes"].items():
            for place in range(2):
                odd = [*pair]
                odd[place] = value
                yield forged(event, said | {"changes": said["changes"] | {name: odd}}, opened)
            yield forged(event, said | {"changes": said["changes"] | {name: value}}, opened)
        for path, (salt, held) in opened.items():
            for pair in ([salt, value], [value, held], {salt: 1, "root": 2}, [salt, held, value]):
                yield forged(event, said, opened | {path: pair})
        yield forged(event, said, opened | {"title.0": ["0f" * 16, value]})
    for path in opened:
        yield forged(event, said, {name: pair for name, pair in opened.items() if name != path})


def test_what_is_taken_for_in_order_is_in_order_and_read_as_it_is_read(rich):
    with rich.store().reading() as connection:
        events = [*stored_events(connection, compiled.STORED)]
    taken = [event for event in events if agree(event)]
    assert len(taken) > 0.8 * len(events)

    each = {tuple(event.columns[index] for index in (0, 2)): event for event in taken}
    tried = wrong = 0
    for event in each.values():
        for other in otherwise(event):
            tried += 1
            # What is taken although it is not in order raises here.
            wrong += not agree(other)
    assert tried > 5_000
    assert wrong > 0.75 * tried
    for part in ("body", "leaf", "disclosures"):
        for flipped in flips(getattr(taken[-1], part)):
            assert screened([taken[-1]._replace(**{part: flipped})]) == [None]


def flips(whole):
    """Yield bytes of which one has another bit."""
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 8
        yield bytes(flipped)
