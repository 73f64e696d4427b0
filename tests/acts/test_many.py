"""Many acts at one desk: all of them or none, and every refusal told; on both engines."""

import random
import sqlite3

import pytest

from casework.acts.by_name import do
from casework.acts.many import Asked, at_one_desk
from casework.acts.session import Session
from casework.errors import (
    ConflictError,
    NotFoundError,
    RefusedError,
    SeveralError,
    UnavailableError,
    UsageError,
)

DUE = {"owner": "mofa", "due": "2099-12-31"}


@pytest.fixture
def many(office):
    """A function that does many acts in one transaction."""

    def done(*acts, by=None, dry_run=False):
        with Session(target=office.url, by=by).desk(dry_run=dry_run) as desk:
            return at_one_desk(desk, [Asked(*one) for one in acts])

    return done


@pytest.fixture
def proposed(office):
    """A function that registers cases outside conferences, and returns their references."""

    def made(count):
        with Session(target=office.url).desk() as desk:
            said = {"proposer": "hcmc-pc"}
            acts = [Asked("propose", None, said | {"title": f"Case {n}"}) for n in range(count)]
            return [one.case.ref for one in at_one_desk(desk, acts)]

    return made


def events(office, ref):
    """Return what the log says of a case, but for where it stands there and when it was told."""
    told = office.json("history", ref)
    return [
        {
            name: value
            for name, value in one.items()
            if name not in {"seq", "prev", "command", "recorded_at", "key"}
        }
        for one in told
    ]


def test_acts_at_one_desk_see_what_those_before_them_left(office, many, proposed):
    (ref,) = proposed(1)

    made = many(("assign", ref, DUE), ("advance", ref.lower(), {}), ("note", ref, {"words": "N"}))

    assert [one.case.state for one in made] == ["assigned", "under_study", "under_study"]
    assert [one.events[0].act for one in made] == ["assign", "study", "note"]
    assert office.json("show", ref)["version"] == 4


def test_every_refusal_is_told_with_its_place_and_nothing_is_done(office, many, proposed):
    refs = proposed(5)
    many(("assign", refs[1], DUE))
    before = office.head()

    with pytest.raises(SeveralError) as raised:
        many(*(("assign", ref, DUE) for ref in [*refs, "none", refs[0]]))

    told = [(one.place, one.ref, type(one.error)) for one in raised.value.refusals]
    assert told == [
        (1, refs[1], RefusedError),
        (5, "none", NotFoundError),
        (6, refs[0], RefusedError),
    ]
    assert (raised.value.exit, office.head()) == (4, before)


def test_the_exit_code_is_that_of_the_refusals_where_they_are_alike(many, proposed):
    refs = proposed(2)

    with pytest.raises(SeveralError) as raised:
        many(*(("assign", ref, DUE) for ref in refs), by="lan")
    assert (raised.value.code, raised.value.exit) == ("not-allowed", 6)

    with pytest.raises(SeveralError) as raised:
        many(("assign", refs[0], {"owner": "mofa"}), ("assign", None, DUE), ("paint", refs[1], {}))
    assert [one.error.exit for one in raised.value.refusals] == [2, 2, 3]
    assert isinstance(raised.value.refusals[1].error, UsageError)
    assert raised.value.exit == 4


def test_a_refused_act_leaves_nothing_behind_for_those_after_it(office, many, proposed):
    """What it was judged on is undone with it: the second act is judged on the case as it stood."""
    ref, other = proposed(2)

    with pytest.raises(SeveralError) as raised:
        many(
            ("assign", ref, DUE),
            ("return", ref, {"reason": "R", "effective": "2001-01-01"}),
            ("advance", ref, {}),
            ("link", ref, {"other": other, "relation": "repeats", "if_version": 1}),
            ("link", ref, {"other": other, "relation": "repeats", "if_version": 3}),
        )

    assert [one.place for one in raised.value.refusals] == [1, 3]
    assert office.json("show", ref)["version"] == 1


def test_cases_are_locked_before_any_act_and_in_one_order(office, many, proposed, recorded):
    """Two that act on the same cases in other orders would else wait for each other."""
    refs = proposed(3)
    with recorded() as sent:
        many(*(("assign", ref, DUE) for ref in reversed(refs)))
    locked = [values[1] for statement, values in sent if "casework_lock(" in statement]
    places = [
        n for n, (one, _) in enumerate(sent) if "casework_record" in one or "casework_lock(" in one
    ]

    if office.url.startswith("postgresql"):
        assert locked[0] == refs
        assert "casework_lock(" in sent[places[0]][0]
    else:
        assert (locked, places) == ([], [])


def test_a_part_of_a_transaction_is_undone_alone(office, proposed):
    """And so is what a server says that it may not do, after which it would take nothing more."""
    ref, other = proposed(2)

    def failing(desk, ref, fails):
        with desk.connection.part():
            at_one_desk(desk, [Asked("assign", ref, DUE)])
            fails()

    def refused():
        raise RefusedError("several.refused")

    with Session(target=office.url, key="k1", what="test").desk() as desk:
        with pytest.raises(RefusedError):
            failing(desk, ref, refused)
        with pytest.raises((ConflictError, UnavailableError, sqlite3.Error)):
            failing(desk, other, lambda: desk.connection.change("INSERT INTO log_head VALUES (1)"))
        (made,) = at_one_desk(desk, [Asked("assign", ref, DUE)])

    assert [event.command["key"] for event in made.events] == ["k1"]
    assert office.json("audit", "verify")["size"] == office.head().size
    assert [one["state"] for one in office.json("list")] == ["assigned", "proposed"]


def test_a_random_set_of_acts_leaves_what_the_single_acts_leave(office, many, proposed, much):
    """The events are the same but for their command; refused ones change nothing."""
    chance, tried = random.Random(17), []
    for _ in range(much(1, 30)):
        together, alone = proposed(8), proposed(8)
        acts = [chance.choice(ACTS) for _ in together]
        early = [number for number in range(8) if chance.random() < 0.3]
        for refs in (together, alone):
            many(*(("assign", refs[number], DUE) for number in early))
        fit = [n for n, (name, given) in enumerate(acts) if fits(office, name, alone[n], given)]

        before = office.head()
        asked = [(name, ref, given) for ref, (name, given) in zip(together, acts, strict=True)]
        if len(fit) < len(acts):
            with pytest.raises(SeveralError) as raised:
                many(*asked)
            refused = {one.place for one in raised.value.refusals}
            assert refused == set(range(8)) - set(fit)
            tried.append(len(refused))
            assert office.head() == before
        many(*(asked[number] for number in fit))
        for number in fit:
            name, given = acts[number]
            do(Session(target=office.url), name, alone[number], given)
        for number in range(8):
            assert events(office, together[number])[1:] == events(office, alone[number])[1:]
    assert 0 < sum(tried) < 8 * len(tried)


def fits(office, name, ref, given):
    """Tell whether a case allows an act that is asked for alone."""
    try:
        do(Session(target=office.url), name, ref, given, dry_run=True)
    except RefusedError:
        return False
    return True


ACTS = [
    ("assign", DUE),
    ("advance", {"effective": "today"}),
    ("extend", {"due": "2100-12-31", "reason": "R", "document": "D"}),
    ("hold", {"reason": "R"}),
    ("return", {"reason": "R"}),
]
"""An assignment, and acts that only an assigned case allows."""
