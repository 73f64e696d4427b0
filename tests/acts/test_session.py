"""A session used as it stands, by a face that is no command line; on both engines."""

import subprocess
import sys

import pytest
from processes import until

from casework.acts import cases, notices, resting
from casework.acts import session as sessions
from casework.acts.cases import Why
from casework.acts.session import DoneAlready, Session
from casework.errors import (
    AwayError,
    ConflictError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from casework.questions import lookup
from casework.store import db
from casework.system.text import WITHHELD

LOCKED = 'one.told("SELECT 1 FROM casework_head()")'


@pytest.fixture
def told():
    return []


@pytest.fixture
def face(office, told):
    """A function that makes a session of another face; what each tells is in `told`."""

    def made(**more):
        return Session(target=office.url, tell=told.append, **more)

    return made


def noted(session, ref, words="The draft is there.", **how):
    with session.desk(**how) as desk:
        return cases.note(desk, ref, words)


def notes(office, ref):
    return [one["note"] for one in office.json("history", ref) if one["act"] == "note"]


def test_an_act_is_recorded_in_the_name_of_who_acts_and_told_as_values(office, case, face, told):
    ref = case()
    size = office.head().size
    session = face(what=f"note {ref}")
    left = noted(session, ref)

    assert (left.ref, left.version) == (ref, 2)
    assert office.head().size == size + 1
    assert session.kept
    assert [(one.first, one.last, one.what) for one in told] == [(size, size, f"note case {ref}")]
    assert office.json("history", ref)[-1]["actor"] == "registrar"


def test_somebody_else_acts_by_name(office, case, face):
    ref = case("assigned")
    noted(face(by="lan"), ref)

    assert office.json("history", ref)[-1]["actor"] == "lan"


@pytest.fixture
def away(office, case):
    """A case of mofa's, whose desk, lan, is away; chi, who only inspects, and minh are not."""
    office("person", "away", "lan", "--to", "+9d", "--deputy", "minh")
    return case("assigned")


def test_a_deputy_acts_in_both_names(office, away, face):
    left = noted(face(by="minh", deputy_of="lan"), away)
    told = office.json("history", away)[-1]

    assert left.version == office.json("show", away)["version"]
    assert (told["actor"], told["deputy_of"]) == ("minh", "lan")


@pytest.mark.parametrize(
    ("by", "of"), [("minh", "chi"), ("chi", "lan"), ("lan", "lan"), ("lan", "minh")]
)
def test_nobody_acts_for_whom_they_do_not_stand_in(office, away, face, by, of):
    before = office.head()

    with pytest.raises(NotAllowedError, match=of):
        noted(face(by=by, deputy_of=of), away)
    assert office.head() == before


def test_whom_somebody_stands_in_for_is_somebody(away, face):
    with pytest.raises(NotFoundError):
        noted(face(by="minh", deputy_of="nobody"), away)


def test_the_parts_of_a_command_are_done_in_the_same_name(office, away, face):
    whole = face(by="minh", deputy_of="lan", key="k1")
    with whole.desk() as desk:
        noted(whole.part(1, desk=desk), away, "one")
        noted(whole.part(2, desk=desk), away, "two")
    noted(whole.part(3), away, "three")

    told = [one for one in office.json("history", away) if one["act"] == "note"]
    assert [(one["note"], one["actor"], one["deputy_of"]) for one in told] == [
        (words, "minh", "lan") for words in ("one", "two", "three")
    ]


def test_a_key_in_another_name_is_that_of_another_command(away, face):
    how = {"what": f"note {away}", "given": {"text": "a"}, "key": "k1"}
    noted(face(by="minh", deputy_of="lan", **how), away, "a")

    with pytest.raises(DoneAlready):
        noted(face(by="minh", deputy_of="lan", **how), away, "a")
    with pytest.raises(ConflictError, match="idempotency key k1"):
        noted(face(by="minh", **how), away, "a")


def test_a_deputy_who_asks_is_shown_the_secret_texts_of_the_one_away(office, away, face):
    office("edit", away, "--secrecy", "confidential", "--reason", "Decision 3")
    seen = {}
    for name in (None, "lan"):
        with face(by="minh", deputy_of=name, with_secret=True).reading() as connection:
            seen[name] = lookup.find_case(connection, away).title

    assert seen[None] == WITHHELD
    assert seen["lan"] not in {None, WITHHELD}


def test_a_rehearsal_changes_nothing_and_says_so(office, case, face, told):
    ref = case()
    before = office.head()
    session = face(key="k1")
    left = noted(session, ref, dry_run=True)

    assert left.version == 2
    assert office.head() == before
    assert told == [notices.Rehearsed()]
    assert not session.kept


def test_an_act_under_a_key_is_done_once(office, case, face):
    ref = case()
    for number in range(2):
        session = face(what=f"note {ref}", given={"text": "a"}, key="k1")
        if number == 0:
            noted(session, ref, "a")
            continue
        with pytest.raises(DoneAlready) as caught:
            noted(session, ref, "a")

    assert [one.act for one in caught.value.events] == ["note"]
    assert caught.value.done.first.actor == "registrar"
    assert notes(office, ref) == ["a"]


@pytest.mark.parametrize("other", [{"given": {"text": "b"}}, {"what": "close"}])
def test_another_text_or_command_under_a_key_is_refused(office, case, face, other):
    ref = case()
    how = {"what": f"note {ref}", "given": {"text": "a"}, "key": "k1"}
    noted(face(**how), ref, "a")
    before = office.head()

    with pytest.raises(ConflictError, match="idempotency key k1"):
        noted(face(**(how | other)), ref, "b")
    assert office.head() == before


def test_a_key_is_that_of_the_command_line_too(office, case, face):
    ref = case()
    office("note", ref, "a", "--idempotency-key", "k1")
    how = {"what": f"note {ref}", "key": "k1"}

    with pytest.raises(DoneAlready):
        noted(face(**how, given={"ref": ref, "text": "a"}), ref, "a")
    with pytest.raises(ConflictError):
        noted(face(**how, given={"ref": ref, "text": "b"}), ref, "b")
    assert notes(office, ref) == ["a"]


def test_what_met_another_writer_is_begun_again_as_a_whole(office, case, face):
    ref = case()
    pauses, tries = [], []
    session = face(what=f"note {ref}", rest=pauses.append)

    def work():
        tries.append(session.repeat_with)
        with session.desk() as desk:
            left = cases.note(desk, ref, "once")
            if len(tries) < 3:
                raise ConflictError("two writers met", passing=True)
            return left

    assert session.attempt(work).version == 2
    assert (len(tries), len(pauses)) == (3, 2)
    assert all(0 <= one <= resting.PAUSE for one in pauses)
    assert notes(office, ref) == ["once"]


def test_it_is_begun_no_more_often_than_said(face):
    pauses, tries = [], []

    def work():
        tries.append(1)
        raise ConflictError("two writers met", passing=True)

    with pytest.raises(ConflictError):
        face(rest=pauses.append).attempt(work)
    assert (len(tries), len(pauses)) == (resting.TRIES, resting.TRIES - 1)


@pytest.mark.parametrize(
    ("waits", "kept", "spent"),
    [(False, False, False), (True, True, False), (True, False, True)],
)
def test_what_cannot_be_begun_again_raises_its_first_error(face, waits, kept, spent):
    tries = []
    session = face(rest=pytest.fail if waits else None)
    session.kept = kept

    def work():
        tries.append(1)
        raise ConflictError("two writers met", passing=True)

    with pytest.raises(ConflictError):
        session.attempt(work, spent=lambda: spent)
    assert tries == [1]


def test_a_lost_server_is_waited_for_and_told_once(face, told, monkeypatch):
    clock = iter(range(0, 100, 10))
    monkeypatch.setattr(sessions.time, "monotonic", lambda: float(next(clock)))
    pauses = []

    def work():
        raise AwayError("nobody answers")

    with pytest.raises(AwayError):
        face(rest=pauses.append).attempt(work)
    assert [(type(one), one.seconds, str(one.error)) for one in told] == [
        (notices.ServerAwaited, resting.FAILOVER, "nobody answers")
    ]
    assert len(pauses) == 5
    assert all(0 < one <= resting.LONGEST_PAUSE for one in pauses)


def test_of_what_may_have_been_recorded_the_key_to_repeat_it_with_is_known(office, case, face):
    ref = case()
    session = face(what=f"note {ref}")

    def lost_at_its_commit():
        with session.desk() as desk:
            cases.note(desk, ref, "once")
            raise AwayError("the server went away", unsure=True)

    assert session.repeat_with is None
    with pytest.raises(AwayError):
        lost_at_its_commit()
    assert session.repeat_with
    noted(face(what=f"note {ref}", key=session.repeat_with), ref, "once")
    assert notes(office, ref) == ["once"]
    # It had not come through; had it, its own key would say so.
    with pytest.raises(DoneAlready):
        noted(session, ref, "once")


def test_an_act_that_needs_a_second_person_is_told(office, case, face, told):
    from offices import strict_office

    ref = case("under_study")
    strict_office(office)
    with face().desk() as desk:
        cases.resolve(desk, ref, outcome="explained", answer="Decree 6")
    (waiting,) = office.json("request", "list")

    assert told[0] == notices.SecondNeeded(request=waiting["code"])
    assert office.json("show", ref)["state"] == "under_study"


def test_where_what_is_told_goes_unheard_nothing_is_printed(office, case, capfd):
    ref = case()
    noted(Session(target=office.url), ref)

    assert capfd.readouterr() == ("", "")


def test_a_refusal_changes_nothing(office, case, face, told):
    ref = case()
    before = office.head()
    with pytest.raises(RefusedError), face().desk() as desk:
        cases.study(desk, ref)

    assert office.head() == before
    assert told == []


def test_one_store_that_is_kept_open_serves_many_sessions(office, case):
    ref = case()
    store = db.open_store(office.url)
    for words in ("a", "b"):
        noted(Session(target=store), ref, words)
    with Session(target=store).reading() as connection:
        assert lookup.find_case(connection, ref).version == 3

    assert notes(office, ref) == ["a", "b"]


def test_of_a_file_and_a_store_the_session_knows_the_place(office):
    store = db.open_store(office.url)
    for target in (office.url, store):
        session = Session(target=target)
        assert session.place() == office.url
        assert (session.file() is None) is office.url.startswith("postgresql")


def test_a_standby_records_nothing(office, case):
    ref = case()
    session = Session(target=office.url, standby=True)

    with pytest.raises(UsageError, match="a standby answers questions"):
        noted(session, ref)
    with pytest.raises(UsageError, match="a standby answers questions"):
        session.place()


def test_a_file_has_no_standby(sqlite_template):
    with (
        pytest.raises(UsageError, match="no standby"),
        Session(target=str(sqlite_template), standby=True).reading(),
    ):
        pass


def test_what_a_server_refused_is_recorded_there(shared):
    ref = shared.case("assigned")
    session = Session(target=shared.url_of("lan"), what=f"extend {ref}")
    size = shared.head().size
    with pytest.raises(NotAllowedError), session.desk() as desk:
        cases.extend(desk, ref, due=desk.today, why=Why(reason="More time"))
    (last,) = shared.keeper.json("audit", "log", "--act", "refused")

    assert shared.head().size == size + 1
    assert (last["actor"], last["changes"]) == ("lan", {})
    assert last["note"].startswith(f"extend {ref}: ")


def test_a_rehearsal_that_a_server_refuses_is_not_recorded(shared):
    ref = shared.case("assigned")
    before = shared.head()
    session = Session(target=shared.url_of("lan"))
    with pytest.raises(NotAllowedError), session.desk(dry_run=True) as desk:
        cases.extend(desk, ref, due=desk.today, why=Why(reason="More time"))

    assert shared.head() == before


def test_only_a_reader_is_told_whom_a_writer_waits_for(office, case, told):
    ref = case()
    holds = (
        "import sys; from casework.store import db\n"
        f"with db.open_store({office.url!r}).writing() as one:\n"
        f'    one.told("SELECT 1"); {"" if "postgresql" not in office.url else LOCKED}\n'
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holds], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline()

        def heard(notice):
            told.append(notice)
            if isinstance(notice, notices.WriterWaits):
                process.stdin.close()

        noted(Session(target=office.url, tell=heard, for_reader=True), ref)
    until(lambda: notes(office, ref))

    assert isinstance(told[0], notices.WriterWaits)
    assert str(told[0].message).startswith("waiting for ")
