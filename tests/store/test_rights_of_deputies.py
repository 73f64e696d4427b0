"""Deputies on a shared register: what the server lets them read and record, and until when."""

from dataclasses import replace
from datetime import timedelta

import pytest
from shared import TODAY

from casework.kinds.records import Case, Person, Request
from casework.log import event as audit

pytestmark = pytest.mark.usefixtures("same_day")


@pytest.fixture
def away(shared):
    """A register where lan of mofa is away for a while, and hoa of quang-ninh stands in."""
    shared.ref = shared.case("under_study")
    ends = (TODAY + timedelta(9)).isoformat()
    shared.as_("lan")("person", "away", "lan", "--to", ends, "--deputy", "hoa")
    return shared


def of(kind, key):
    return [kind, key]


def noting(office, actor, deputy_of="lan"):
    """Return the act by which somebody notes something on the case, in another's name too."""
    made = office.act(actor, "note", of(Case, office.ref), {}, note="seen")
    return replace(made, deputy_of=deputy_of)


def leaving(office, key, first, last, deputy, actor="nga"):
    """Return the act by which somebody says that a person is away."""
    changes = {"away_from": first, "away_to": last, "deputy": deputy}
    return office.act(actor, "away", of(Person, key), changes)


def test_a_deputy_reads_and_answers_what_the_one_away_does_and_only_so_long(away):
    hoa = away.as_("hoa")
    assert [one["ref"] for one in hoa.json("list")] == [away.ref]
    error = hoa.refused_(6, "answer", away.ref, "--outcome", "explained", "--answer", "Circular 3")
    assert "--for lan" in error["hint"]
    other = hoa.refused_(6, "reassign", away.ref, "--owner", "vufo", "--reason", "theirs")
    assert other["hint"].startswith("on this server everybody acts under their own login")
    hoa("answer", away.ref, "--outcome", "explained", "--answer", "Circular 3", "--for", "lan")
    event = away.keeper.json("history", away.ref)[-1]
    assert (event["act"], event["actor"], event["deputy_of"]) == ("answer", "hoa", "lan")

    away.as_("lan")("person", "back", "lan")

    assert hoa.json("list") == []
    hoa.refused_(6, "note", away.ref, "seen", "--for", "lan")
    hoa.refused_(3, "note", away.ref, "seen")
    away.keeper("audit", "verify")


def test_a_deputy_of_the_secretariat_reads_the_whole_register(shared):
    shared.case("assigned", owner="vufo")
    hoa = shared.as_("hoa")
    assert hoa.json("list") == []
    shared.as_("nga")("person", "away", "nga", "--to", "+9d", "--deputy", "hoa")

    assert len(hoa.json("list")) == 1
    hoa("propose", "--title", "New", "--proposer", "vufo", "--for", "nga")
    hoa.refused_(6, "propose", "--title", "New", "--proposer", "vufo")
    # With `away_to` as it stands only today counts.
    shared.keeper("person", "away", "hoa", "--to", "+1d", "--deputy", "lan")
    assert hoa.json("list") == []
    hoa.refused_(6, "propose", "--title", "New", "--proposer", "vufo", "--for", "nga")


def test_the_server_refuses_an_event_in_the_name_of_somebody_else(away):
    for forged in (
        noting(away, "hoa", "ghost"),
        noting(away, "hoa", "chi"),
        noting(away, "hoa", "hoa"),
    ):
        assert "does not stand in for" in away.refuses("hoa", away.event(forged)), forged.deputy_of
    assert "does not stand in for" in away.refuses("minh", away.event(noting(away, "minh")))
    assert "may not note" in away.refuses("hoa", away.event(noting(away, "hoa", None)))
    for value in ("", 7, None, ["lan"]):
        why = away.refuses("hoa", away.event(noting(away, "hoa"), deputy_of=value))
        assert "deputy_of" in why, value
    assert away.send("hoa", away.event(noting(away, "hoa"))) is None


@pytest.mark.parametrize(
    ("first", "last"), [(-9, -1), (1, 9), (-9, 0)], ids=["over", "to come", "last day"]
)
def test_the_days_of_an_absence_are_the_server_s(shared, first, last):
    shared.ref = shared.case("assigned")
    days = TODAY + timedelta(first), TODAY + timedelta(last)
    assert shared.send("nga", shared.event(leaving(shared, "lan", *days, "hoa"))) is None

    sent = shared.event(noting(shared, "hoa"))

    if last:
        assert "does not stand in for" in shared.refuses("hoa", sent) or not first <= 0 <= last
    else:
        assert shared.send("hoa", sent) is None


def test_an_event_says_of_an_absence_what_it_may(shared):
    ends = TODAY + timedelta(9)
    for forged in (
        leaving(shared, "lan", ends, TODAY, "hoa"),
        leaving(shared, "lan", TODAY, ends, "lan"),
        leaving(shared, "lan", TODAY, ends, "ghost"),
        leaving(shared, "lan", TODAY, ends, "thanh"),
        leaving(shared, "thanh", TODAY, ends, "lan"),
        leaving(shared, "lan", TODAY, None, "hoa"),
        leaving(shared, "lan", TODAY, ends, None),
        replace(leaving(shared, "lan", TODAY, ends, "hoa"), verb="edit"),
        replace(leaving(shared, "lan", TODAY, ends, "hoa"), verb="back"),
        shared.act("nga", "away", of(Person, "lan"), {"name": "Another"}),
        shared.act("nga", "back", of(Person, "lan"), {}),
    ):
        assert "says of an absence" in shared.refuses("nga", shared.event(forged)), forged
    own = leaving(shared, "lan", TODAY, ends, "hoa", actor="lan")
    more = replace(own, changes={**own.changes, "org": "vufo"})
    assert "says of an absence" in shared.refuses("lan", shared.event(more))
    others = leaving(shared, "lan", TODAY, ends, "minh", actor="hoa")
    assert "may not away" in shared.refuses("hoa", shared.event(others))
    thanhs = leaving(shared, "thanh", TODAY, ends, "hoa", actor="thanh")
    assert "may not away" in shared.refuses("thanh", shared.event(thanhs))


def test_a_deputy_says_of_nobody_that_they_are_away(away):
    longer = leaving(away, "lan", TODAY, TODAY + timedelta(99), "hoa", actor="hoa")
    sent = away.event(replace(longer, deputy_of="lan"))

    assert "does not stand in for" in away.refuses("hoa", sent)


# --- two people ------------------------------------------------------------------------------


@pytest.fixture
def strict(shared):
    """A register whose decisions need two people; hoa stands in for van, who is away."""
    shared.keeper("person", "add", "van", "--name", "Vân", "--org", "mofa", "--role", "secretariat")
    shared.keeper("person", "away", "van", "--to", "+9d", "--deputy", "hoa")
    shared.keeper("policy", "four-eyes", "on", "--reason", "Decision 12")
    shared.ref = shared.case("assigned")
    return shared


CLOSE = ("--outcome", "withdrawn", "--reason", "They said so")


def confirming(office, code, deputy_of=None):
    decision = {"decided": "confirmed", "decided_by": code, "decided_on": TODAY}
    made = office.act(code, "confirm", of(Request, f"{office.ref}.R1"), decision)
    return replace(made, deputy_of=deputy_of)


def closing(office, code, deputy_of=None):
    changes = {"state": "resolved", "state_since": TODAY, "resolved_on": TODAY}
    changes |= {"resolved_by": code, "outcome": "withdrawn", "answer": "They said so"}
    made = office.act(code, "close", of(Case, office.ref), changes, reason="They said so")
    return replace(made, deputy_of=deputy_of)


def test_a_deputy_is_a_second_person_and_never_both(strict):
    strict.as_("nga")("close", strict.ref, *CLOSE)
    hoa = strict.as_("hoa")
    # Confirmed in one name, and done in the other.
    parted = (
        strict.event(confirming(strict, "hoa", "van")),
        strict.event(closing(strict, "hoa")),
    )
    assert strict.send("hoa", *parted) is not None
    hoa("request", "confirm", f"{strict.ref}.R1", "--for", "van")

    assert strict.keeper.json("show", strict.ref)["state"] == "resolved"
    strict.keeper("audit", "verify")


def test_what_a_deputy_asked_for_neither_of_both_confirms(strict):
    strict.as_("hoa")("close", strict.ref, *CLOSE, "--for", "van")
    (request,) = strict.keeper.json("request", "list")
    assert (request["asked_by"], request["asked_for"]) == ("hoa", "van")

    for code, deputy_of in (("hoa", "van"), ("van", None)):
        events = (
            strict.event(confirming(strict, code, deputy_of)),
            strict.event(closing(strict, code, deputy_of)),
        )
        why = strict.send(None, *events)
        assert "may not confirm" in why
    strict.as_("nga")("request", "confirm", f"{strict.ref}.R1")
    strict.keeper("audit", "verify")


def test_a_request_is_made_in_the_name_it_says(strict):
    what = dict.fromkeys(("document", "reason")) | {
        "changes": {}, "effective_on": "2026-01-01", "redacts": []
    }  # fmt: skip
    asked = {
        "verb": "close", "subject_kind": "case", "subject": strict.ref, "seen": 2,
        "what": audit.canonical(what).decode(),
        "asked_by": "nga", "asked_for": "van", "asked_on": TODAY,
    }  # fmt: skip
    made = strict.act("nga", "ask", (Request.kind, f"{strict.ref}.R1"), asked)

    assert "may not ask" in strict.refuses("nga", strict.event(made))


def test_who_stands_in_for_one_who_decides_is_decided_by_two(strict):
    ends = TODAY + timedelta(9)
    sent = strict.event(leaving(strict, "nga", TODAY, ends, "hoa"))
    assert "needs a second person" in strict.refuses("nga", sent)
    strict.as_("nga")("person", "away", "nga", "--to", "+9d", "--deputy", "hoa")
    strict.keeper("request", "confirm", "nga.R1")
    strict.as_("nga")("person", "back", "nga")

    assert strict.keeper.json("person", "show", "nga")["deputy"] is None
    strict.keeper("audit", "verify")
