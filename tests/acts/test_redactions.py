"""`redact`: the value is gone for good, what was done about it stays, and the log verifies."""

import json
import random
from datetime import date
from pathlib import Path
from shlex import split

import pytest
from sqlalchemy import select

from casework.acts import actors, organisations, people, redactions
from casework.ledger.ledger import Desk
from casework.log import verify_bundle
from casework.log.event import canonical
from casework.store import schema
from casework.system import platforms
from casework.system.text import fold

BASIS = "--basis 'Law 91/2025/QH15' --consent chi"
SECRET = "Ông Xuân Thủy"
"""A name that stands in every private text of the case below."""


@pytest.fixture
def named(office, case):
    """A reopened case that names somebody in each of its texts; its reference."""
    ref = case("under_study", ref="A.1")
    for command in (
        f"edit {ref} --title '{SECRET} asks' --title-vi '{SECRET} hỏi' --summary 'For {SECRET}'",
        f"edit {ref} --words 'when {SECRET} retires' --source 'letter of {SECRET}'",
        f"note {ref} 'telephoned {SECRET}'",
        f"answer {ref} --outcome explained --answer 'told {SECRET}'",
        f"advance {ref}",
        f"reopen {ref} --reason 'as {SECRET} complained'",
    ):
        office(*split(command))
    return ref


def redact(office, words, code=0):
    words = split(f"redact {words}")
    return office.refused(code, *words) if code else office(*words)


def rows_holding(shell, word):
    """Return the tables in which a value holds a word, as it is or folded."""
    sought = {form.encode() for form in (word, fold(word), json.dumps(word)[1:-1])}
    found = set()
    with shell.store().engine.begin() as connection:
        for table in schema.metadata.tables.values():
            for row in connection.execute(select(table)):
                held = (v if isinstance(v, bytes) else str(v).encode() for v in map(plain, row))
                if any(form in value for value in held for form in sought):
                    found.add(table.name)
    return found


def plain(value):
    return bytes(value) if isinstance(value, memoryview) else value


def bytes_of_store(shell):
    """Return all bytes of a SQLite store: the file and whatever SQLite keeps beside it."""
    path = Path(shell.url)
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def erase_everything(office, ref):
    """Redact each private field of a case, and the private words of its events."""
    words = [
        (name, event["seq"])
        for event in office.json("history", ref)
        for name in ("note", "reason")
        if event.get(name)
    ]
    for field in ("title", "title_vi", "summary", "due_words", "source", "answer"):
        redact(office, f"{ref} --field {field} {BASIS}")
    for name, seq in words:
        redact(office, f"{ref} --field {name} --event {seq} {BASIS}")


def test_what_was_redacted_stands_in_no_row_and_in_no_byte_of_the_file(office, named):
    assert rows_holding(office, SECRET) == {"case", "disclosure"}

    erase_everything(office, named)

    assert rows_holding(office, SECRET) == set()
    if "://" not in office.url:
        held = bytes_of_store(office)
        assert b"registrar" in held
        assert SECRET.encode() not in held
        assert fold(SECRET).encode() not in held


def test_rows_that_sqlite_moved_to_other_pages_leave_no_copy_behind(shell):
    if "://" in shell.url:
        pytest.skip("PostgreSQL's files are the server's")
    chance = random.Random(1)
    numbers = chance.sample(range(300), 300)

    def acting(connection):
        person = actors.actor(connection, None)
        return Desk(connection, person, platforms.login(), date(2026, 1, 1))

    def name(number):
        return f"secret{number:04d}x{'n' * chance.randrange(90)}"

    with shell.store().writing() as connection:
        desk = acting(connection)
        organisations.add_organisation(desk, "mofa", name="MoFA")
        people.add_person(desk, "chi", name="Chi", org="mofa", role="admin")
    for start in range(0, 300, 25):
        with shell.store().writing() as connection:
            for number in numbers[start : start + 25]:
                person = {"name": name(number), "name_vi": name(number), "login": f"l{number}"}
                people.add_person(acting(connection), f"p{number}", org="mofa", **person)
    for number in chance.sample(numbers, 100):
        with shell.store().writing() as connection:
            people.edit_person(acting(connection), f"p{number}", name=f"{name(number)}+")
    erased = chance.sample(numbers, 150)
    for number in erased:
        with shell.store().writing() as connection:
            person = f"p{number}"
            redactions.redact_person(acting(connection), person, basis="B", consent="chi")

    held = bytes_of_store(shell)
    assert [n for n in erased if f"secret{n:04d}x".encode() in held] == []
    assert shell.json("audit", "verify")["ok"]


def test_the_log_still_verifies_replays_and_travels(office, named, tmp_path):
    erase_everything(office, named)

    assert office.json("audit", "verify")["ok"]
    assert office.json("audit", "replay")["differences"] == []
    assert office.json("show", named)["title"] == "[redacted]"
    assert SECRET not in json.dumps(office.json("history", named), ensure_ascii=False)
    earlier = office.json("list", "--as-of", "2022-03-01")
    assert [one["title"] for one in earlier] == ["[redacted]"]
    assert SECRET not in office("export", "-", "--format", "csv").stdout
    made = office.json("audit", "export", named, "--to", tmp_path / "evidence")
    key = office("audit", "key").stdout.strip()
    assert made["withheld"] > 8
    assert verify_bundle.main([str(tmp_path / "evidence"), "--key", key, "--strict"]) == 0
    for path in (tmp_path / "evidence").iterdir():
        assert SECRET.encode() not in path.read_bytes()


def test_the_tombstone_tells_what_was_erased_by_whom_with_whom_and_why(office, named):
    before = office.json("history", named)

    redact(office, f"{named} --field summary {BASIS}")

    *kept, last = office.json("history", named)
    (edited,) = [one["seq"] for one in before if "summary" in one["changes"]]
    assert [one["seq"] for one in kept] == [one["seq"] for one in before]
    assert (last["act"], last["actor"]) == ("redact", "registrar")
    assert last["reason"] == "Law 91/2025/QH15 (consent: chi)"
    assert last["redacts"] == [[edited, "summary.1"]]
    assert office.json("audit", "log", "--act", "redact") == [last]


def test_an_answer_takes_the_copy_with_it_that_reopening_made(office, named):
    redact(office, f"{named} --field first_answer {BASIS}")

    assert "told" not in json.dumps(office.json("history", named))
    redact(office, f"{named} --field answer {BASIS}", code=4)


def test_a_text_written_after_a_redaction_can_be_redacted_too(office, named):
    redact(office, f"{named} --field title {BASIS}")
    office("edit", named, "--title", f"Again {SECRET}")
    redact(office, f"{named} --field title {BASIS}")

    assert "Again" not in json.dumps(office.json("history", named))
    assert office.json("audit", "verify")["ok"]
    redact(office, f"{named} --field title {BASIS}", code=4)


def test_a_person_is_redacted_everywhere_and_keeps_code_and_deeds(office, case):
    ref = case("assigned")
    office("person", "edit", "lan", "--name", "Nguyễn Thị Phong Lan", "--login", "ptlan")
    office("person", "edit", "lan", "--email", "lan@secret.example")
    office("person", "edit", "lan", "--email", "phonglan@secret.example")
    office("note", ref, "seen", "--by", "lan")

    redact(office, f"--person lan {BASIS}")

    assert rows_holding(office, "Thị Lan") | rows_holding(office, "Phong Lan") == set()
    assert rows_holding(office, "ptlan") == set()
    assert rows_holding(office, "secret.example") == set()
    assert office.json("person", "show", "lan")["email"] is None
    assert office.json("history", ref)[-1]["actor"] == "lan"
    assert office.json("audit", "verify")["ok"]
    last = office.json("audit", "log")[-1]
    assert (last["kind"], last["key"], last["act"]) == ("person", "lan", "redact")
    assert len(last["redacts"]) == 7
    redact(office, f"--person lan {BASIS}", code=4)


def test_consent_is_a_second_persons_who_has_a_right_to_it(office, named):
    basis = f"{named} --field summary --basis B --consent"

    assert "second person" in redact(office, f"{basis} registrar", code=6)["message"]
    assert redact(office, f"{basis} lan", code=6)
    assert redact(office, f"{basis} thanh", code=6)
    assert redact(office, f"{basis} nobody", code=3)
    office("person", "deactivate", "chi", "--on", "2026-01-01", "--reason", "left")
    assert "has not left" in redact(office, f"{basis} chi", code=6)["message"]


def test_nobody_consents_to_what_they_do_in_anothers_name(office, named):
    office("person", "add", "hoa", "--name", "Hoa", "--org", "mofa", "--role", "secretariat")
    words = f"{named} --field summary --basis B"

    # The login this runs under is the registrar's.
    redact(office, f"{words} --by hoa --consent registrar", code=6)
    redact(office, f"{words} --by hoa --consent hoa", code=6)
    redact(office, f"{words} --by hoa --consent chi")


def test_a_redaction_itself_cannot_be_redacted(office, named):
    redact(office, f"{named} --field summary {BASIS}")
    seq = office.json("history", named)[-1]["seq"]

    for word in ("reason", "login"):
        redact(office, f"{named} --field {word} --event {seq} {BASIS}", code=4)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("A.1 --field title --basis ' ' --consent chi", 2),
        ("A.1 --field summary {}", 4),
        ("A.1 --field owner {}", 2),
        ("A.1 --field reason {}", 2),
        ("A.1 --field summary --event 1 {}", 2),
        ("A.1 --field note --event 1 {}", 2),
        ("A.1 --field note --event 999 {}", 2),
        ("A.1 {}", 2),
        ("A.1 --person lan {}", 2),
        ("--person lan --field login {}", 2),
        ("--person lan --event 3 {}", 2),
        ("--person nobody {}", 3),
        ("--person lan --by lan {}", 6),
        ("A.9 --field summary {}", 3),
        ("A.1 --field first_answer --by thanh {}", 6),
    ],
)
def test_what_cannot_be_redacted_is_refused_and_nothing_is_changed(office, case, words, code):
    case("under_study", ref="A.1")

    redact(office, words.format(BASIS), code=code)


def test_a_dry_run_of_a_redaction_erases_nothing(office, named):
    redact(office, f"{named} --field summary --dry-run {BASIS}")

    assert office.json("show", named)["summary"] == f"For {SECRET}"


# --- what somebody may try with disclosures ----------------------------------------------------


def disclosed(office, seq):
    with office.store().engine.begin() as connection:
        table = schema.disclosure
        held = connection.scalar(select(table.c.body).where(table.c.seq == seq))
    return json.loads(bytes(held))


def store_disclosed(office, seq, values):
    body = canonical(values).hex()
    literal = f"X'{body}'" if "://" not in office.url else f"'\\x{body}'"
    office.sql(f"UPDATE disclosure SET body = {literal} WHERE seq = {seq}")


def test_swapped_and_invented_disclosures_are_refused_by_verification(office, named):
    (seq,) = [o["seq"] for o in office.json("history", named) if "summary" in o["changes"]]
    true = disclosed(office, seq)
    salt, value = true["summary.1"]
    forgeries = {
        "another value": {**true, "summary.1": [salt, "somebody else's"]},
        "another salt": {**true, "summary.1": ["00" * 16, value]},
        "a salt in capitals": {**true, "summary.1": [salt.upper(), value]},
        "two swapped": {**true, "summary.1": true["title.1"], "title.1": true["summary.1"]},
        "one never committed to": {**true, "owner.1": [salt, value]},
        "one gone without a redaction": {k: v for k, v in true.items() if k != "summary.1"},
    }
    for what, values in forgeries.items():
        store_disclosed(office, seq, values)
        assert f"event {seq}" in office.refused(7, "audit", "verify")["message"], what
    store_disclosed(office, seq, true)
    assert office.json("audit", "verify")["ok"]


def test_a_value_put_back_after_it_was_erased_is_found(office, named):
    (seq,) = [o["seq"] for o in office.json("history", named) if o.get("note")]
    kept = disclosed(office, seq)
    redact(office, f"{named} --field note --event {seq} {BASIS}")

    store_disclosed(office, seq, kept)

    assert "was erased" in office.refused(7, "audit", "verify")["message"]
