"""Whatever is declared private can be erased: a token in every such place, and none afterwards."""

import json
from pathlib import Path
from shlex import split

import pytest
from sqlalchemy import select

from casework.acts import actors, people, redactions
from casework.kinds.records import KINDS, shape
from casework.ledger.ledger import Desk
from casework.log.event import PRIVATE_WORDS
from casework.rules.changes import CHANGES
from casework.rules.workflow import REGISTERING
from casework.store import schema
from casework.system import platforms
from casework.system.text import fold

WHY = ("--basis", "Law 91/2025/QH15, art. 14", "--consent", "chi")
# So long that no digest and no salt of the register holds it by chance.
TOKEN = "Zqxwvkjh"
LOGIN = "zqxwvkjhlogin"


@pytest.fixture
def login(monkeypatch):
    """A function that sets the login the next commands run under."""

    def become(name):
        monkeypatch.setattr(actors, "os_login", lambda: name)

    return become


@pytest.fixture
def planted(office, login, tmp_path):
    """A register with a token in every private field and word of every kind of record.

    It is told which kinds have no such word: nothing else may lack one.
    """
    me = platforms.login()
    zed = ("--name", f"{TOKEN}zed", "--org", "mofa", "--role", "secretariat")
    office("person", "add", "zed", *zed, "--login", LOGIN)
    login(LOGIN)
    office("person", "edit", "chi", "--login", "second")
    t = TOKEN
    for words in (
        f"person add zoe --name '{t}one Two' --name-vi '{t}vi Hai' --org mofa",
        f"person edit zoe --email {t}@x.example",
        f"person edit zoe --login {t}login --reason '{t}reason'",
        "org add zo --name Z --email office@x.example",
        f"org edit zo --name Zo --reason '{t}reason'",
        "conference add ZC-1 --number 1 --date 2020-01-01",
        f"conference move ZC-1 --date 2020-02-01 --reason '{t}reason'",
        f"holiday add 2020-03-04 --name N --reason '{t}reason'",
        f"office set --name N --signatory '{t}signatory' --reason '{t}reason'",
        "office set --series BC",
        f"paper issue progress --output {tmp_path}/issued.html",
        f"paper withdraw 1 --reason '{t}reason'",
        "cause add zc --name N --objective yes",
        f"cause retire zc --reason '{t}reason'",
        f"view save zv --text '{t}listing' --shared --reason '{t}reason'",
        f"template save zt --text '{t}wording' --shared --reason '{t}reason'",
        f"propose --ref Z.1 --title '{t}title' --proposer zo --effective 2020-01-05",
        f"edit Z.1 --title-vi '{t}vi' --summary '{t}summary' --words '{t}words'",
        f"edit Z.1 --source '{t}source' --reason '{t}reason'",
        "assign Z.1 --owner mofa --due 2021-01-01 --effective 2020-01-06",
        "advance Z.1 --effective 2020-01-07",
        f"note Z.1 '{t}note' --effective 2020-01-07",
        f"advance Z.1 --outcome explained --answer '{t}answer' --effective 2020-01-08",
        f"reopen Z.1 --reason '{t}reason' --effective 2020-01-09",
        f"answer Z.1 --outcome explained --answer '{t}again' --effective 2020-01-10",
        f"policy four-eyes on --reason '{t}reason'",
        f"advance Z.1 --outcome explained --answer '{t}waits' --effective 2020-01-11",
    ):
        office(*split(words))
    with office.store().writing() as connection:
        # No command gives offices; the seeds and the library do.
        desk = Desk(connection, actors.actor(connection, None), LOGIN, today())
        offices = ({"title": f"{t}office", "from": "2020"},)
        people.add_person(desk, "zu", name=f"{t}zu", org="mofa", offices=offices)
    login("second")
    office("request", "refuse", "Z.1.R1", "--reason", f"{t}reason", "--by", "chi")
    request = office.json("request", "list")
    assert request == []
    office("policy", "four-eyes", "off", "--reason", f"{t}reason", "--by", "chi")
    login(LOGIN)
    office("request", "confirm", "register.R1")
    rows = tmp_path / f"{t}file.csv"
    rows.write_text("title,proposer\nOne,zo\n")
    # Whoever reports cases is named in clear.
    office("import", str(rows), "--reported-by", "the office")
    office("org", "edit", "mofa", "--email", "mofa@x.example")
    office("remind", "--from", "office@x.example", "--to", str(tmp_path / "letters"))
    login(me)
    return office


def today():
    from casework.system.clock import DEFAULT_ZONE
    from casework.system.clock import today as at_the_office

    return at_the_office(DEFAULT_ZONE)


def places(office):
    """Return kind, field and number of each private value that holds the token."""
    found = set()
    for event in office.json("audit", "log"):
        private = [(word, event[word]) for word in PRIVATE_WORDS]
        changed = shape(event["kind"]).private & event["changes"].keys()
        private += [(name, event["changes"][name][1]) for name in changed]
        found |= {
            (event["kind"], name, event["seq"])
            for name, value in private
            if value is not None and fold(TOKEN) in fold(json.dumps(value, ensure_ascii=False))
        }
    return found


def holding(office):
    """Return the tables of which a value holds the token."""
    found = set()
    with office.store().engine.begin() as connection:
        for table in schema.metadata.tables.values():
            for row in connection.execute(select(table)):
                for value in row:
                    held = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value)
                    text = held.decode("utf-8", "replace") if isinstance(held, bytes) else held
                    if fold(TOKEN) in fold(text):
                        found.add(table.name)
    return found


def test_what_the_workflow_lets_a_redaction_change_is_what_is_private():
    assert set(CHANGES["redact"]) == shape("case").private
    assert all("redact" in REGISTERING[kind] for kind in KINDS.keys() - {"case"})


def test_a_token_in_every_private_place_of_every_kind_is_gone_after_redaction(planted):
    known = places(planted)
    fields = {(kind, name) for kind, name, _ in known}
    declared = {(kind, name) for kind in KINDS for name in shape(kind).private}
    words = {(kind, "login") for kind in KINDS} | {
        *((kind, "reason") for kind in KINDS.keys() - {"digest", "intake"}),
        ("case", "note"),
    }
    # What is in no such place is not tested: a new private field must be planted above.
    assert fields >= declared | words
    assert holding(planted) == {
        *("disclosure", "case", "person", "name_key", "intake", "request", "office", "view"),
        "template",
    }

    erase(planted, known)

    assert places(planted) == set()
    assert holding(planted) == set()
    if "://" not in planted.url:
        path = Path(planted.url)
        held = b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
        assert b"registrar" in held
        assert not any(form.encode() in held for form in (TOKEN, fold(TOKEN), TOKEN.upper()))
    assert planted.json("audit", "verify")["ok"]
    assert planted.json("audit", "replay")["differences"] == []


def erase(office, known):
    """Erase what holds the token: people whole, all else by the number of its event."""
    for code in ("zoe", "zu", "zed"):
        office("redact", "--person", code, *WHY)
    # The login an act was done under is a word of its event; a person's own is one of theirs.
    done, own = set(), shape("person").private - set(PRIVATE_WORDS)
    for kind, name, seq in sorted(known, key=lambda one: one[2]):
        subject = (kind, name, seq if name in PRIVATE_WORDS else key_of(office, seq))
        if subject in done or (kind == "person" and name in own):
            continue
        done.add(subject)
        result = office.run("redact", "--event", seq, "--field", name, *WHY)
        # The answer and its copy of the first time go together.
        assert result.exit_code == 0 or "no such text to redact" in result.stderr, result.stderr


def key_of(office, seq):
    return next(one["key"] for one in office.json("audit", "log") if one["seq"] == seq)


# --- who is named where ------------------------------------------------------------------------


@pytest.fixture
def named(office, case):
    """A case of which texts name Zoe, and one event of an organisation that does."""
    office(
        "person", "add", "zoe", "--name", "Zoe Quarz", "--org", "mofa", "--email", "zq@x.example"
    )
    office("person", "edit", "zoe", "--name", "Zoë Quarz-Lê")
    ref = case("under_study", ref="Z.1")
    office("note", ref, "telephoned zoe quarz, who agreed")
    office("note", ref, "nobody is named here; a zone is")
    office("answer", ref, "--outcome", "explained", "--answer", "see ZOE QUARZ-LE")
    office("org", "edit", "vufo", "--name-vi", "Liên hiệp", "--reason", "asked zq@x.example")
    return ref


def found(office, *words):
    listed = office.json("redact", "--person", "zoe", "--mentions", *words)
    return [(one["kind"], one["subject"], one["act"], one["field"]) for one in listed]


NAMED = [
    ("case", "Z.1", "note", "note"),
    ("case", "Z.1", "answer", "answer"),
    ("organisation", "vufo", "edit", "reason"),
]


@pytest.mark.usefixtures("named")
def test_the_events_that_name_a_person_are_listed_by_number(office):
    assert found(office) == NAMED
    text = office("redact", "--person", "zoe", "--mentions").stdout
    assert "telephoned zoe quarz" in text


@pytest.mark.usefixtures("named")
def test_a_dry_run_lists_them_and_each_can_be_erased_by_its_number(office):
    dry = office.json("redact", "--person", "zoe", "--dry-run", *WHY)
    assert [one["act"] for one in dry["mentions"]] == ["note", "answer", "edit"]
    assert found(office) == NAMED

    for one in dry["mentions"]:
        office("redact", "--event", one["event"], "--field", one["field"], *WHY)

    assert found(office) == []
    assert office.json("audit", "verify")["ok"]
    gone = office("redact", "--person", "zoe", *WHY)
    assert "zoe  [redacted]" in gone.stdout
    assert office.json("person", "show", "zoe")["email"] is None


@pytest.mark.usefixtures("named")
def test_a_redaction_of_a_person_lists_what_stays(office):
    dry = office("redact", "--person", "zoe", *WHY, "--dry-run", "--lang", "vi")
    done = office("redact", "--person", "zoe", *WHY)

    assert "sự kiện khác có nêu tên" in dry.stderr
    assert "telephoned zoe quarz" in done.stdout
    assert "--event N" in done.stderr


def test_a_name_of_one_word_is_found_as_it_is_written(office, case):
    office("person", "add", "an", "--name", "An", "--org", "mofa")
    ref = case("under_study")
    office("note", ref, "an old draft, and one more")
    office("note", ref, "An has the draft")

    listed = office.json("redact", "--person", "an", "--mentions")
    assert [one["text"] for one in listed] == ["An has the draft"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--event 99999 --field reason {}", 3),
        ("--event 3 --field note {}", 4),
        ("--event 3 --field colour {}", 2),
        ("--event 3 {}", 2),
        ("--mentions", 2),
        ("--person zoe --mentions --field name", 2),
        ("--person nobody --mentions", 3),
        ("--event 3 --field reason --basis B", 2),
        ("--event 3 --field reason --consent chi", 2),
        ("--event 3 --field name {} --by lan", 6),
    ],
)
@pytest.mark.usefixtures("named")
def test_what_cannot_be_erased_is_refused(office, words, code):
    given = "--basis 'Law 91/2025/QH15' --consent chi"

    office.refused(code, "redact", *split(words.format(given)))


def test_a_waiting_act_is_decided_before_its_case_is_redacted(office, named, login):
    me = actors.os_login()
    van = ("--name", "Van", "--org", "mofa", "--role", "secretariat", "--login", "second")
    office("person", "add", "van", *van)
    office("policy", "four-eyes", "on", "--reason", "R")
    office("advance", named)
    office("policy", "four-eyes", "off", "--reason", "R")
    login("second")
    office("request", "confirm", "register.R1")
    login(me)

    error = office.refused(4, "redact", named, "--field", "answer", *WHY)
    assert "Z.1.R1" in error["message"]
    seq = next(e["seq"] for e in office.json("audit", "log") if e["kind"] == "request")
    office.refused(4, "redact", "--event", seq, "--field", "what", *WHY)
    office("request", "refuse", "Z.1.R1", "--reason", "R")
    office("policy", "four-eyes", "on", "--reason", "R")
    error = office.refused(4, "redact", "--event", seq, "--field", "what", *WHY)
    assert "with what it was about, case Z.1" in error["message"]


@pytest.mark.usefixtures("named")
def test_a_redaction_sent_to_the_server_sets_nothing(office, monkeypatch):
    if "://" not in office.url:
        pytest.skip("a file has no server")
    erase_ = redactions._erase

    def forged(desk, subject, changes, places, basis, second):
        return erase_(desk, subject, {**changes, "name": "Other"}, places, basis, second)

    monkeypatch.setattr(redactions, "_erase", forged)
    seq = next(e["seq"] for e in office.json("audit", "log") if e["key"] == "vufo" and e["reason"])

    error = office.refused(6, "redact", "--event", seq, "--field", "reason", *WHY)
    assert "cannot set a value" in error["message"]
