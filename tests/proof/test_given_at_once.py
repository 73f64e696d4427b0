"""Acts on one case that are given at once: doors and verification ask what all of them leave.

The log has no word of what was given at once: acts of one person, one moment and adjoining numbers
may stand where they are lawful one by one or together.
"""

from copy import deepcopy
from datetime import date

import pytest
from bundles import exported
from bundles import verdict as bundle_verdict
from forging import read_log, write_log
from offices import desk_of

from casework.errors import NotAllowedError, RefusedError
from casework.kinds.choices import State
from casework.ledger import ledger
from casework.proof import lawfulness
from casework.questions import audit_log, lookup

MARCH, JUNE = date(2022, 3, 1), date(2022, 6, 1)


@pytest.fixture
def extended(office, case):
    """A case under study, due at the end of 2022, of which June gave time until March 2023."""
    case("under_study", ref="A.1")
    office("extend", "A.1", "--due", "2023-03-31", "--reason", "r", "--effective", JUNE)
    return office


def at_once(office):
    """Give two acts in one call, of which March asks for more than June gave as it stood."""
    with office.store().writing() as connection:
        desk = desk_of(connection)
        june = audit_log.history(connection, "A.1")[-1]
        case = lookup.find_case(connection, "A.1")
        stood = case.but(due=date(2022, 12, 31), extensions=0)
        earlier = desk.act(
            "extend", stood, {"due": date(2023, 6, 30), "extensions": 1},
            effective_on=MARCH, reason="r",
        )  # fmt: skip
        later = desk.act(
            "correct", case.but(version=case.version + 1), {"due": date(2023, 9, 30)},
            effective_on=JUNE, reason="misread", amends=june.seq,
        )  # fmt: skip
        ledger.record(connection, [earlier, later])


def unlawful(office, entries):
    """Return the number of the first event of a log that the rules did not allow, and why."""
    write_log(office, entries)
    with office.store().reading() as connection:
        found = lawfulness.first_unlawful(connection)
    return found and (found.seq, str(found.why.says))


def test_what_is_given_at_once_verifies_as_it_was_judged(extended, tmp_path, capsys):
    alone = ("extend", "A.1", "--due", "2023-06-30", "--reason", "r", "--effective", MARCH)
    extended.refused(4, *alone)
    at_once(extended)

    assert extended.json("show", "A.1")["due"] == "2023-09-30"
    assert extended.json("audit", "verify")["ok"]
    exported(extended, tmp_path / "bundle", "A.1")
    assert bundle_verdict(extended, tmp_path / "bundle") == 0
    assert "follow one another" not in capsys.readouterr().out


def by_another(entries):
    entries[-1][0]["actor"] = "hoa"


def a_moment_later(entries):
    entries[-1][0]["recorded_at"] = entries[-1][0]["recorded_at"].replace("Z", "1Z")[-27:]


def with_something_of_another_moment_between(entries):
    other = deepcopy(entries[-3])
    other[0]["key"] = "A.2"
    del other[0]["command"]
    entries.insert(-1, other)


def without_the_one_that_makes_it_lawful(entries):
    del entries[-1]


CHANGES = (
    by_another,
    a_moment_later,
    with_something_of_another_moment_between,
    without_the_one_that_makes_it_lawful,
)


def test_an_unlawful_act_is_not_hidden_behind_one_that_was_not_given_with_it(extended, case):
    extended("person", "add", "hoa", "--name", "Hoa", "--org", "mofa", "--role", "secretariat")
    case("proposed", ref="A.2")
    extended("note", "A.2", "n")
    at_once(extended)
    honest = read_log(extended)
    assert unlawful(extended, deepcopy(honest)) is None

    for change in CHANGES:
        entries = deepcopy(honest)
        change(entries)
        seq, why = unlawful(extended, entries)
        assert seq == len(honest) - 2, change.__name__
        assert why == "an extension must move the due date beyond 2023-06-30", change.__name__


def test_an_act_that_there_is_not_on_such_a_case_is_not_hidden_by_striking_it_out(office, case):
    case("proposed", ref="A.1")
    office("note", "A.1", "n")
    entries = read_log(office)
    (note, told), seq = entries[-1], len(entries)
    note = {name: value for name, value in note.items() if name not in {"note", "command"}}
    day, told = note["effective_on"], {"login": told["login"]}
    study = {"state": ["proposed", "under_study"], "state_since": ["2021-12-13", day]}
    why = {"reason": told["login"]}
    struck = {"act": "correct", "strikes": seq, "reason": note["login"]}
    entries.append((note | {"act": "study", "changes": study}, told))
    entries.append((note | struck, told | why))

    seen, why = unlawful(office, entries)

    assert (seen, why) == (seq, "study is not possible when a case is proposed")


def test_single_acts_of_one_moment_are_lawful_one_by_one(office, case):
    # Together they are none: the second leaves nothing for the first to change.
    case("proposed", ref="A.1")
    for day in ("2022-05-01", "2022-04-01"):
        office("edit", "A.1", "--title", "Another", "--effective", day)
    entries = read_log(office)
    entries[-2][0]["recorded_at"] = entries[-1][0]["recorded_at"]

    assert unlawful(office, entries) is None


def test_a_door_asks_of_each_act_whether_there_is_one_on_such_a_case(office, case):
    case("proposed", ref="A.1")
    with office.store().writing() as connection:
        desk, stood = desk_of(connection), lookup.find_case(connection, "A.1")
        changes = {"state": State.UNDER_STUDY, "state_since": MARCH, "study_on": MARCH}
        study = desk.act("study", stood, changes, effective_on=MARCH)
        away = desk.act(
            "correct", stood.but(version=2), {}, reason="r", strikes=audit_log.head(connection)[0]
        )
        with pytest.raises((RefusedError, NotAllowedError)):
            ledger.record(connection, [study, away])
        connection.rollback()
