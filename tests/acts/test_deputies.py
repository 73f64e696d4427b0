"""Who is away, and who stands in for them, in both names; on both engines."""

import json
from copy import deepcopy
from datetime import datetime

import pytest
import time_machine
from forging import read_log, verdict
from offices import settled, strict_office

from casework.errors import IntegrityFailure

FIRST, LAST = "2026-03-02", "2026-03-06"
DAYS = ("--from", FIRST, "--to", LAST)
ANSWER = ("--outcome", "explained", "--answer", "Circular 3")
FOR_LAN = ("--by", "minh", "--for", "lan")


def on(day, hour=9):
    """Stop the clock on a day at the office."""
    return time_machine.travel(datetime.fromisoformat(f"{day}T{hour:02}:00:00+07:00"), tick=False)


@pytest.fixture
def ref(office, case):
    """A case under study that is mofa's, whose desk, lan, is away for a week; minh stands in."""
    with on("2026-02-27"):
        found = case("under_study", due="2026-12-31")
        office("person", "away", "lan", *DAYS, "--deputy", "minh", "--by", "lan")
    return found


def test_a_deputy_acts_in_both_names_and_it_is_told_everywhere(office, ref, tmp_path):
    with on("2026-03-03"):
        left = office.json("answer", ref, *ANSWER, *FOR_LAN)
        told = office.json("history", ref)[-1]
        logged = office.json("audit", "log", "--case", ref)[-1]
        read = office("history", ref).stdout
        office("audit", "checkpoint", "--to", tmp_path / "note")
        office("audit", "export", ref, "--to", tmp_path / "bundle")
        office("export", tmp_path / "cases.jsonl")

    assert (left["answered_by"], left["outcome"]) == ("minh", "explained")
    assert (told["act"], told["actor"], told["deputy_of"]) == ("answer", "minh", "lan")
    assert logged["deputy_of"] == "lan"
    assert "by minh (root) for lan" in read.replace(f"({logged['login']})", "(root)")
    assert '"deputy_of":"lan"' in (tmp_path / "bundle" / "events.jsonl").read_text("utf-8")
    exported = (tmp_path / "cases.jsonl").read_text("utf-8").splitlines()
    history = next(one for one in map(json.loads, exported) if one["ref"] == ref)["history"]
    assert history[-1]["deputy_of"] == "lan"
    assert "deputy_of" not in history[0]
    office("audit", "verify")
    office("audit", "replay")


@pytest.mark.parametrize(
    ("day", "code"), [("2026-03-01", 6), (FIRST, 0), (LAST, 0), ("2026-03-07", 6)]
)
def test_it_begins_and_ends_by_itself(office, ref, day, code):
    with on(day, hour=0), on(day, hour=23):
        if code:
            error = office.refused(code, "answer", ref, *ANSWER, *FOR_LAN)
            assert f"lan is not away on {day}" in error["message"]
        else:
            office("answer", ref, *ANSWER, *FOR_LAN)
    office("audit", "verify")


def test_in_their_own_name_a_deputy_has_their_own_rights_and_is_told_so(office, ref):
    with on(LAST):
        error = office.refused(6, "answer", ref, *ANSWER, "--by", "minh")
        other = office.refused(
            6, "reassign", ref, "--owner", "vufo", "--reason", "theirs", "--by", "minh"
        )

    assert error["hint"] == f"you stand in for lan until {LAST}: with --for lan you may do this"
    # Neither of them may do that.
    assert "--for" not in other["hint"]


def test_in_both_names_the_rights_are_those_of_the_one_away(office, ref):
    office("person", "away", "chi", "--to", "+9d", "--deputy", "registrar")

    error = office.refused(6, "note", ref, "seen", "--for", "chi")

    assert "chi may not note case" in error["message"]
    office("note", ref, "seen")
    office("org", "add", "quang-ninh", "--name", "Quảng Ninh", "--for", "chi")


def test_who_is_away_themselves_stands_in_for_nobody(office, ref):
    with on("2026-02-27"):
        error = office.refused(4, "person", "away", "minh", "--to", "2026-03-02", "--deputy", "lan")
        office("person", "away", "minh", "--from", "2026-03-04", "--to", "+60d", "--deputy", "chi")
    with on("2026-03-03"):
        office("answer", ref, *ANSWER, *FOR_LAN)
    with on("2026-03-04"):
        refused = office.refused(6, "answer", ref, *ANSWER, *FOR_LAN)
        # Nor does somebody else stand in through them.
        office.refused(6, "answer", ref, *ANSWER, "--by", "chi", "--for", "lan")

    assert "lan is away too, from 2026-03-02 to 2026-03-06" in error["message"]
    assert "minh is away too, until 2026-04-28" in refused["message"]


def test_one_deputy_of_two_acts_for_the_one_that_is_named(office, ref):
    """The absences overlap: each has its own rights and its own days."""
    with on("2026-02-27"):
        office("person", "away", "registrar", "--from", "2026-03-05", "--to", "2026-03-10",
               "--deputy", "minh")  # fmt: skip
    move = ("reassign", ref, "--owner", "vufo", "--reason", "theirs", "--by", "minh")
    with on("2026-03-04"):
        office.refused(6, *move, "--for", "registrar")
    with on("2026-03-06"):
        office("answer", ref, *ANSWER, *FOR_LAN)
        assert "lan may not reassign" in office.refused(6, *move, "--for", "lan")["message"]
        office("note", ref, "Both are away", "--by", "minh", "--for", "registrar")
    with on("2026-03-09"):
        office.refused(6, "note", ref, "Lan is back", *FOR_LAN)
        office(*move, "--for", "registrar")

    told = [(one["act"], one["deputy_of"]) for one in office.json("history", ref)[-3:]]
    assert told == [("answer", "lan"), ("note", "registrar"), ("reassign", "registrar")]
    office("audit", "verify")


def test_a_chain_of_deputies_ends_with_the_first_who_is_away(office, ref):
    """Lan stands in for van, and is away herself for a part of that; minh stands in for lan."""
    with on("2026-02-27"):
        office("person", "add", "van", "--name", "Vân", "--org", "mofa", "--role", "secretariat")
        error = office.refused(4, "person", "away", "van", "--from", "2026-03-06", "--to",
                               "2026-03-12", "--deputy", "lan")  # fmt: skip
        office("person", "back", "lan")
        office("person", "away", "van", "--from", "2026-03-04", "--to", "2026-03-12",
               "--deputy", "lan")  # fmt: skip
        office("person", "away", "lan", *DAYS, "--deputy", "minh")
    note = ("note", ref, "For Van", "--for", "van")
    with on("2026-03-05"):
        for code in ("lan", "minh"):
            office.refused(6, *note, "--by", code)
        office("note", ref, "For Lan", *FOR_LAN)
    with on("2026-03-09"):
        office.refused(6, *note, "--by", "minh")
        office(*note, "--by", "lan")

    assert "lan is away too, from 2026-03-02 to 2026-03-06" in error["message"]
    office("audit", "verify")


def test_an_absence_is_changed_by_saying_what_changes_and_ended_by_coming_back(office, ref):
    with on("2026-03-03"):
        longer = office.json("person", "away", "lan", "--to", "2026-03-13")
        other = office.json("person", "away", "lan", "--deputy", "chi", "--by", "lan")
        office.refused(4, "person", "away", "lan", "--deputy", "chi")
        office.refused(6, "answer", ref, *ANSWER, *FOR_LAN)
        left = office.json("person", "back", "lan", "--reason", "recovered", "--by", "lan")
        office.refused(4, "person", "back", "lan")
        office.refused(6, "answer", ref, *ANSWER, "--by", "chi", "--for", "lan")
    with on("2026-05-04"):
        # What was said of an absence that is over does not go on.
        office.refused(2, "person", "away", "lan", "--to", "+9d")

    said = [(one["away_from"], one["away_to"], one["deputy"]) for one in (longer, other, left)]
    assert said == [
        (FIRST, "2026-03-13", "minh"), (FIRST, "2026-03-13", "chi"), (None, None, None)
    ]  # fmt: skip
    office("audit", "verify")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (4, ("lan", "--from", "2026-03-05", "--to", "2026-03-04", "--deputy", "minh")),
        (4, ("lan", "--from", "2026-02-01", "--to", "2026-02-26", "--deputy", "minh")),
        (4, ("lan", *DAYS, "--deputy", "lan")),
        (4, ("lan", *DAYS, "--deputy", "thanh")),
        (4, ("thanh", *DAYS, "--deputy", "lan")),
        (4, ("lan", *DAYS, "--deputy", "gone")),
        (4, ("gone", *DAYS, "--deputy", "lan")),
        (3, ("lan", *DAYS, "--deputy", "nobody")),
        (3, ("nobody", *DAYS, "--deputy", "lan")),
        (2, ("lan", *DAYS)),
        (2, ("lan", "--from", FIRST, "--deputy", "minh")),
        (2, ("lan", "--from", "March", "--to", LAST, "--deputy", "minh")),
        (6, ("lan", *DAYS, "--deputy", "minh", "--by", "minh")),
        (6, ("lan", *DAYS, "--deputy", "minh", "--by", "thanh")),
        (6, ("chi", *DAYS, "--deputy", "lan", "--by", "lan")),
    ],
)
def test_no_other_absence_is_recorded(office, code, words):
    with on("2026-02-27"):
        office("person", "add", "gone", "--name", "Gone", "--org", "mofa")
        office("person", "deactivate", "gone", "--reason", "left")
        office.refused(code, "person", "away", *words)


@pytest.mark.usefixtures("ref")
def test_nobody_says_in_another_s_name_who_is_away(office):
    with on("2026-03-03"):
        office.refused(6, "person", "away", "lan", "--to", "+60d", *FOR_LAN)
        office.refused(6, "person", "back", "lan", *FOR_LAN)
        office.refused(6, "person", "back", "lan", "--by", "minh")


def test_who_left_has_no_deputy_and_is_none(office, ref):
    with on("2026-03-03"):
        office("person", "deactivate", "lan", "--reason", "left")
        error = office.refused(6, "answer", ref, *ANSWER, *FOR_LAN)

    assert "lan is not away" in error["message"]


def test_a_key_is_that_of_one_command_in_one_name(office, ref):
    key = ("--idempotency-key", "k1")
    with on("2026-03-03"):
        office("person", "away", "registrar", *DAYS, "--deputy", "minh")
        office("answer", ref, *ANSWER, *FOR_LAN, *key)
        office("answer", ref, *ANSWER, *FOR_LAN, *key)
        office.refused(5, "answer", ref, *ANSWER, "--by", "minh", "--for", "registrar", *key)

    assert [one["act"] for one in office.json("history", ref)].count("answer") == 1


def test_what_came_in_tells_in_whose_name_it_was_done(office, ref, new_office, tmp_path):
    with on("2026-03-03"):
        office("answer", ref, *ANSWER, *FOR_LAN)
    office("export", tmp_path / "cases.jsonl")
    other = new_office()
    other("import", tmp_path / "cases.jsonl")
    other("export", tmp_path / "again.jsonl")

    history = [
        json.loads(line)["history"]
        for name in ("cases", "again")
        for line in (tmp_path / f"{name}.jsonl").read_text("utf-8").splitlines()
        if json.loads(line).get("ref") == ref
    ]
    assert history[0] == history[1]
    assert history[0][-1]["deputy_of"] == "lan"
    other("audit", "verify")


@pytest.mark.usefixtures("ref")
def test_a_deputy_is_told_what_wants_doing_for_the_one_away(office, case):
    with on("2026-02-27"):
        ref = case("assigned", due="2026-12-31")
    with on("2026-03-03"):
        own = office.json("next", "--by", "minh")
        there = office.json("status")["away"]
        shown = office("next", "--by", "minh").stdout
        assert "lan until 2026-03-06 (deputy minh)" in office("status").stdout
    with on("2026-03-07"):
        later = office.json("next", "--by", "minh")

    (step,) = [one for one in own if one["ref"] == ref]
    assert step["deputy_of"] == "lan"
    assert step["command"].endswith(" --for lan")
    assert f"casework advance {ref} --for lan" in shown
    assert there == [
        {"person": "lan", "away_from": FIRST, "away_to": LAST, "deputy": "minh"}
    ]  # fmt: skip
    assert ref not in {one["ref"] for one in later}


@pytest.mark.usefixtures("ref")
def test_letters_to_one_who_is_away_go_to_the_deputy_too_and_say_why(office, tmp_path):
    for code in ("lan", "minh"):
        office("person", "edit", code, "--email", f"{code}@office.example")
    words = ("remind", "--from", "office@office.example", "--soon", "3650", "--dry-run")
    sent = {}
    for day in (LAST, "2026-03-07"):
        with on(day):
            sent[day] = office.json(*words, "--to", tmp_path)
            office("remind", "--from", "o@office.example", "--soon", "3650", "--to", tmp_path / day)

    assert sent[LAST][0]["to"] == ["lan@office.example", "minh@office.example"]
    assert sent["2026-03-07"] == []
    (letter,) = (tmp_path / LAST).iterdir()
    text = letter.read_text("utf-8").replace("=\n", "").replace("\n", " ")
    assert "is away until 2026-03-06, so this letter goes to" in text


# --- two people ------------------------------------------------------------------------------


@pytest.fixture
def strict(office):
    """An office where nga, van and the registrar decide, two at a time; chi stands in for van."""
    strict_office(office)
    office("person", "away", "van", "--to", "+9d", "--deputy", "chi", "--by", "nga")
    office("request", "confirm", "van.R1")
    return office


CLOSE = ("--outcome", "withdrawn", "--reason", "They said so")


def test_who_decides_while_one_is_away_is_decided_by_two(office):
    strict_office(office)

    asked = office("person", "away", "nga", "--to", "+9d", "--deputy", "lan", "--by", "nga")

    assert "casework request confirm nga.R1" in asked.stderr
    assert office.json("person", "show", "nga")["deputy"] is None
    office.refused(6, "request", "confirm", "nga.R1", "--by", "nga")
    office("request", "confirm", "nga.R1", "--by", "van")
    assert office.json("person", "show", "nga")["deputy"] == "lan"
    # A desk decides nothing, and who is back takes a right away.
    office("person", "away", "minh", "--to", "+9d", "--deputy", "chi")
    office("person", "back", "nga", "--by", "nga")
    assert office.json("request", "list") == []
    office("audit", "verify")


@pytest.mark.parametrize(
    ("asks", "confirms", "code"),
    [
        (("--by", "nga"), ("--by", "chi", "--for", "van"), 0),
        (("--by", "chi", "--for", "van"), ("--by", "nga"), 0),
        # One person, by a deputy or as one, is not both eyes.
        (("--by", "van"), ("--by", "chi", "--for", "van"), 6),
        (("--by", "chi", "--for", "van"), ("--by", "van"), 6),
        (("--by", "chi", "--for", "van"), ("--by", "chi", "--for", "van"), 6),
        (("--by", "chi", "--for", "van"), ("--by", "chi"), 6),
    ],
)
def test_nobody_is_both_eyes_through_a_deputy(strict, case, asks, confirms, code):
    ref = case("assigned")
    strict("close", ref, *CLOSE, *asks)
    (waiting,) = strict.json("request", "list")

    if code:
        strict.refused(code, "request", "confirm", f"{ref}.R1", *confirms)
        strict.refused(6, "request", "confirm", f"{ref}.R1", *confirms, "--alone", "--reason", "x")
    else:
        strict("request", "confirm", f"{ref}.R1", *confirms)
        assert strict.json("show", ref)["state"] == "resolved"
    assert waiting["asked_for"] == ("van" if "--for" in asks else None)
    strict("audit", "verify")


def test_a_deputy_gives_neither_of_both_another_role(office):
    office("person", "away", "registrar", "--to", "+9d", "--deputy", "chi")
    for code in ("chi", "registrar"):
        office.refused(
            6, "person", "edit", code, "--role", "inspector", "--by", "chi", "--for", "registrar"
        )
    office("person", "edit", "minh", "--role", "inspector", "--by", "chi", "--for", "registrar")


def test_who_consents_to_an_erasure_is_neither_of_both(office, case):
    ref = case("resolved")
    office("person", "away", "chi", "--to", "+9d", "--deputy", "registrar")
    words = ("redact", ref, "--field", "answer", "--basis", "Decree 13", "--consent", "chi")

    office.refused(6, *words, "--for", "chi")


# --- what a forger would like -----------------------------------------------------------------


def too_late(body):
    body["recorded_at"], body["effective_on"] = "2026-03-06T17:00:01.000000Z", LAST
    return "minh did not stand in for lan on that day"


def for_somebody_who_is_there(body):
    body["deputy_of"] = "chi"
    return "minh did not stand in for chi on that day"


def for_nobody_there_is(body):
    body["deputy_of"] = "ghost"
    return "minh did not stand in for ghost on that day"


def by_another(body):
    body["actor"] = "chi"
    return "chi did not stand in for lan on that day"


def in_no_other_name(body):
    del body["deputy_of"]
    return "minh was not one who may do it: owner, secretariat"


def of_nobody(body):
    body["deputy_of"] = ""
    return "deputy_of"


def of_a_number(body):
    body["deputy_of"] = 7
    return "deputy_of"


FORGERIES = (
    too_late, for_somebody_who_is_there, for_nobody_there_is, by_another, in_no_other_name,
    of_nobody, of_a_number,
)  # fmt: skip


def test_verification_judges_a_deputy_by_the_day_it_was_recorded(office, ref):
    with on("2026-03-03"):
        office("extend", ref, "--due", "2027-02-01", "--reason", "to hear them", *FOR_LAN)
    honest = read_log(office)

    assert verdict(office, deepcopy(honest)) == "in order"
    for forge in FORGERIES[:5]:
        entries = deepcopy(honest)
        said = forge(entries[-1][0])
        assert said in verdict(office, entries), forge.__name__


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("forge", FORGERIES[5:])
def test_in_whose_name_is_a_code(office, ref, forge):
    with on("2026-03-03"):
        office("extend", ref, "--due", "2027-02-01", "--reason", "to hear them", *FOR_LAN)
    entries = read_log(office)
    said = forge(entries[-1][0])

    with pytest.raises((IntegrityFailure, AssertionError)) as caught:
        assert verdict(office, entries) == "in order"
    assert said in str(caught.value)


@pytest.mark.usefixtures("ref")
def test_an_absence_says_only_what_it_may(office):
    with on("2026-03-03"):
        office("person", "away", "lan", "--to", "2026-03-20")
    honest = read_log(office)
    for change in (
        {"away_to": [LAST, "2026-01-01"]},
        {"deputy": ["minh", "lan"]},
        {"deputy": ["minh", "thanh"]},
        {"deputy": ["minh", None]},
        {"role": ["desk", "inspector"], "away_to": [LAST, "2026-03-20"]},
        {},
    ):
        entries = deepcopy(honest)
        entries[-1][0]["changes"] = change
        assert "it says of the absence of lan what it may not" in verdict(office, entries), change
    for more, said in (
        ({"act": "edit"}, "it says of the absence of lan what it may not"),
        ({"actor": "minh", "deputy_of": "lan"}, "minh did not stand in for lan"),
    ):
        entries = deepcopy(honest)
        entries[-1][0].update(more)
        assert said in verdict(office, entries)


def test_a_request_says_in_whose_name_it_was_made(strict, case):
    ref = settled(strict, case, "assigned")
    strict("close", ref, *CLOSE, "--by", "chi", "--for", "van")
    entries = read_log(strict)
    entries[-1][0]["changes"]["asked_for"] = [None, "nga"]

    assert "request" in verdict(strict, entries)


def test_what_a_deputy_did_is_found_under_both_names(office, ref):
    with on("2026-03-03"):
        office("note", ref, "A word", *FOR_LAN)
        office("note", ref, 'Not "deputy_of":"lan"', "--by", "minh")
    for code in ("lan", "minh"):
        found = office.json("audit", "log", "--actor", code, "--case", ref)
        assert ("A word", "minh", "lan") in {
            (one.get("note"), one["actor"], one.get("deputy_of")) for one in found
        }
        assert len(found) == {"lan": 1, "minh": 2}[code]
    assert "for lan" in office("audit", "log", "--actor", "lan", "--act", "note").stdout
    assert office.json("audit", "log", "--actor", "registrar", "--act", "note") == []


@pytest.mark.parametrize(
    ("answers", "confirms"),
    [
        (("--by", "van", "--for", "nga"), ("--by", "nga")),
        (("--by", "van"), ("--by", "van", "--for", "nga")),
        (("--by", "nga"), ("--by", "van", "--for", "nga")),
    ],
    ids=" ".join,
)
def test_a_deputy_and_the_one_away_are_one_person_to_the_findings(office, case, answers, confirms):
    """Each under a login of their own: who answers and who confirms are two people."""
    for code in ("nga", "van"):
        office("person", "add", code, "--name", code, "--org", "mofa", "--role", "secretariat")
    with on("2026-02-27"):
        ref = case("under_study", due="2026-12-31")
        office("person", "away", "nga", *DAYS, "--deputy", "van", "--by", "nga")
    with on("2026-03-03"):
        office("answer", ref, *ANSWER, "--document", "3/TT", *answers)
        office("advance", ref, *confirms)
    found = office.json("audit", "findings", "--rule", "self-confirmed")

    (one,) = [one for one in found if one["ref"] == ref]
    assert one["text"].endswith("a deputy and the one away count as one")
    assert "van for nga" in one["text"]


def test_a_batch_is_done_in_somebody_s_name_and_a_shell_line_by_line(office, ref):
    note = f"note {ref} --text"
    lines = [
        f'answer {ref} --outcome explained --answer "Circular 3"',
        json.dumps({"act": "note", "ref": ref, "words": "Ours"}),
    ]
    told = [f"note {ref} Told {' '.join(FOR_LAN)}", f"note {ref} Mine", f"note {ref} Ill --for lan"]
    with on("2026-03-03"):
        office("batch", "-", *FOR_LAN, input="\n".join(lines))
        shell = office.run("shell", "--by", "minh", input="\n".join(told))
        office.run("shell", *FOR_LAN, input=f"note {ref} All")
        own = office.refused(2, "batch", "-", input=f"{note} A --for lan\n{note} B --by minh")
        error = office.refused(3, "batch", "-", "--by", "minh", "--for", "vufo", input=lines[1])

    assert [
        (one["act"], one["actor"], one.get("deputy_of")) for one in office.json("history", ref)[-6:]
    ] == [
        ("answer", "minh", "lan"),
        ("note", "minh", "lan"),
        ("note", "minh", "lan"),
        ("note", "minh", None),
        *(("note", "minh", "lan") for _ in range(2)),
    ]
    assert shell.exit_code == 0
    assert [one["message"] for one in own["lines"]] == [
        f"a line cannot have its own {option}" for option in ("--for", "--by")
    ]
    assert "vufo" in error["message"]
