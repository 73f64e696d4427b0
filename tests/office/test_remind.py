"""Reminders: who is written to, once for each level and due date, by files and by a real server."""

import email
import email.policy
import socket
import ssl
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Address

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from alembic import command
from alembic.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from casework.store import upgrades
from casework.system import files

DAY = date(2023, 12, 3)
FROM = ("--from", "register@office.example")


def at(day):
    return time_machine.travel(f"{day}T02:00:00+00:00", tick=True)


@pytest.fixture
def desk(office, case):
    """An office on DAY with an overdue case of mofa, whose desk and mailbox can be written to."""
    office("org", "edit", "mofa", "--email", "desk@mofa.example")
    office("person", "edit", "lan", "--email", "lan@mofa.example")
    office(
        *["person", "add", "sec", "--name", "S", "--org", "mofa", "--role", "secretariat"],
        "--email",
        "sec@office.example",
    )
    case("assigned", ref="A.1", due="2023-11-30", title="Rules for offices")
    with at(DAY):
        yield office


def letters(folder):
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted(folder.glob("*.eml"))
    ]


def remind(office, folder, *words):
    return office.json("remind", *FROM, "--to", folder, *words)


def addresses(message, header="to"):
    return sorted(one.addr_spec for one in message[header].addresses)


def test_an_owner_gets_one_letter_at_its_mailbox_and_its_people(desk, tmp_path):
    head = desk.head()
    rows = remind(desk, tmp_path)
    (letter,) = letters(tmp_path)
    text = letter.get_body(("plain",)).get_content()

    assert addresses(letter) == ["desk@mofa.example", "lan@mofa.example"]
    assert addresses(letter, "from") == ["register@office.example"]
    assert letter["auto-submitted"] == "auto-generated"
    assert "1 overdue" in letter["subject"].casefold()
    assert "A.1  Rules for offices" in text
    assert "2023-11-30 (3 days late)" in text
    foot = " ".join(text.split())
    assert f"{head.size} events, root {head.root}" in foot
    assert f"last recorded {head.recorded_at}, origin {head.origin}" in foot
    assert rows[0] | {"to": None} == {
        "owner": "mofa",
        "to": None,
        "very_overdue": 0,
        "overdue": 1,
        "due_soon": 0,
        "no_owner": 0,
        "ended": False,
        "successor": None,
    }


def test_nothing_is_said_twice_however_often_it_runs(desk, tmp_path):
    remind(desk, tmp_path)
    head = desk.head()
    again = remind(desk, tmp_path)

    assert again == []
    assert len(letters(tmp_path)) == 1
    assert desk.head() == head


def test_each_level_is_said_once_and_a_new_due_date_begins_anew(desk, tmp_path):
    said = []
    for day in ("2023-12-03", "2023-12-30", "2023-12-31", "2024-01-05", "2024-02-01"):
        with at(day):
            said.append([(row["overdue"], row["very_overdue"]) for row in remind(desk, tmp_path)])
    with at("2024-02-02"):
        desk("extend", "A.1", "--due", "2024-02-10", "--reason", "asked for time")
        (soon,) = remind(desk, tmp_path)
    with at("2024-02-11"):
        (late,) = remind(desk, tmp_path)

    assert said == [[(1, 0)], [], [(0, 1)], [], []]
    assert (soon["due_soon"], soon["overdue"]) == (1, 0)
    assert late["overdue"] == 1


@pytest.mark.parametrize(
    ("days", "levels"),
    [
        (15, []),
        (14, ["due_soon"]),
        (0, ["due_soon"]),
        (-1, ["overdue"]),
        (-30, ["overdue"]),
        (-31, ["very_overdue"]),
    ],
)
def test_how_urgent_a_case_is_goes_by_whole_days(office, case, tmp_path, days, levels):
    office("org", "edit", "mofa", "--email", "desk@mofa.example")
    case("assigned", due=DAY + timedelta(days))
    with at(DAY):
        rows = remind(office, tmp_path)

    found = [name for row in rows for name in row if name not in {"owner", "to"} and row[name]]
    assert found == levels


def test_cases_without_an_owner_go_to_the_secretariat(desk, case, tmp_path):
    case("proposed", ref="A.2", title="Nobody's")
    rows = remind(desk, tmp_path)
    letter = next(
        one for one in letters(tmp_path) if "A.2" in one.get_body(("plain",)).get_content()
    )

    assert addresses(letter) == ["sec@office.example"]
    assert [row["no_owner"] for row in rows if row["owner"] is None] == [1]
    assert "A.1" not in letter.get_body(("plain",)).get_content()


def test_an_owner_nobody_can_write_to_is_told_of_to_the_secretariat(desk, case, tmp_path):
    case("assigned", ref="A.3", owner="vufo", due="2023-11-30")
    remind(desk, tmp_path)
    letter = next(
        one for one in letters(tmp_path) if "A.3" in one.get_body(("plain",)).get_content()
    )

    assert addresses(letter) == ["sec@office.example"]


def test_a_case_with_nobody_to_write_to_is_said_aloud_and_tried_again(office, case, tmp_path):
    case("assigned", due="2023-11-30")
    case("proposed")
    with at(DAY):
        head = office.head()
        result = office("remind", *FROM, "--to", tmp_path)
        nothing = letters(tmp_path), office.head()
        office("org", "edit", "mofa", "--email", "desk@mofa.example")
        remind(office, tmp_path)

    owned, unowned = result.stderr.splitlines()
    assert "nobody to write to for 1 case of mofa: casework org edit mofa --email" in owned
    assert "secretariat" in unowned
    assert "casework person edit CODE --email" in unowned
    assert nothing == ([], head)
    assert len(letters(tmp_path)) == 1


def test_of_a_case_on_hold_only_that_nobody_owns_it_is_said(desk, case, tmp_path):
    case("assigned", ref="A.2", due=DAY + timedelta(3))
    for ref in ("A.1", "A.2"):
        desk("hold", ref, "--reason", "waits", "--effective", "2023-11-29")
    case("proposed", ref="A.3")
    held = remind(desk, tmp_path)
    for ref in ("A.1", "A.2"):
        desk("resume", ref, "--reason", "goes on", "--effective", "2023-11-30")
    running = remind(desk, tmp_path)

    assert [(row["owner"], row["no_owner"]) for row in held] == [(None, 1)]
    assert [(row["owner"], row["overdue"] + row["due_soon"]) for row in running] == [("mofa", 2)]


def test_those_who_left_are_not_written_to(desk, tmp_path):
    desk("person", "deactivate", "lan", "--reason", "moved on")
    remind(desk, tmp_path)

    assert addresses(letters(tmp_path)[0]) == ["desk@mofa.example"]


def test_a_dry_run_says_what_would_go_out_and_neither_writes_nor_records(desk, tmp_path):
    head = desk.head()
    rows = remind(desk, tmp_path / "letters", "--dry-run")

    assert rows[0]["overdue"] == 1
    assert not (tmp_path / "letters").exists()
    assert desk.head() == head


def test_a_reminder_stands_in_the_log_without_the_addresses(desk, tmp_path):
    remind(desk, tmp_path)
    event = desk.json("audit", "log", "--act", "remind")[-1]
    raw = b"".join(bytes(row[0]) for row in desk.sql("SELECT body FROM event WHERE act = 'remind'"))

    assert event["changes"]["cases"][1] == [["A.1", "overdue", "2023-11-30"]]
    assert event["changes"]["recipients"][1] == ["mofa", "lan"]
    assert b"@" not in raw
    assert desk.json("audit", "verify")["ok"] is True


def test_a_reminder_taken_out_behind_the_back_is_found(desk, tmp_path):
    remind(desk, tmp_path)
    desk.sql("DELETE FROM reminder")

    assert desk.run("audit", "verify").exit_code == 7


def test_a_letter_speaks_vietnamese(desk, tmp_path):
    desk("edit", "A.1", "--title-vi", "Quy định về văn phòng đại diện", "--reason", "translated")
    desk("--lang", "vi", "remind", *FROM, "--to", tmp_path)
    (letter,) = letters(tmp_path)

    assert "Nhắc việc: 1 quá hạn – Bộ Ngoại giao" in letter["subject"]
    assert "30/11/2023 (3 ngày trễ)" in letter.get_body(("plain",)).get_content()
    assert "A.1  Quy định về văn phòng đại diện" in letter.get_body(("plain",)).get_content()


def test_a_letter_asks_of_whom_by_when_and_is_signed_by_the_office(desk, tmp_path):
    desk("edit", "A.1", "--title", "Rules <b>for</b> offices", "--reason", "as written")
    signs = ("--signatory-office", "Trưởng ban", "--signatory", "Trần Văn A")
    desk("office", "set", "--name", "Ban Thư ký", *signs)
    remind(desk, tmp_path, "--lang", "vi")
    (letter,) = letters(tmp_path)
    text, html = (letter.get_body((one,)).get_content() for one in ("plain", "html"))

    # Sunday, and five working days from it.
    for told in (
        "Kính gửi: Bộ Ngoại giao,",
        "trước hết ngày 08/12/2023",
        "register@office.example",
    ):
        assert told in text
        assert told in html
    assert "Trân trọng,\nBan Thư ký\nTrưởng ban\nTrần Văn A" in text.replace("\r", "")
    assert "Ban Thư ký<br>Trưởng ban<br>Trần Văn A" in html
    assert "Rules &lt;b&gt;for&lt;/b&gt; offices</td>" in html
    assert 'lang="vi"' in html
    assert letter["x-unsent"] is None


def test_a_draft_waits_for_somebody_to_send_it(desk, tmp_path):
    remind(desk, tmp_path, "--draft")
    (letter,) = letters(tmp_path)

    assert (letter["x-unsent"], letter["auto-submitted"]) == ("1", None)
    desk.refused(2, "remind", *FROM, "--smtp", "localhost", "--draft")


def test_a_title_can_neither_add_a_header_nor_hide_anything(desk, case, tmp_path):
    case("assigned", ref="A.4", due="2023-11-30", title="T\nBcc: spy@example.org\n\x1b[2J\u202e")
    desk("org", "edit", "mofa", "--name", "Ministry\nBcc: spy@example.org")
    remind(desk, tmp_path)
    (letter,) = letters(tmp_path)

    assert letter["bcc"] is None
    assert "\nBcc" not in letter.get_body(("plain",)).get_content()
    assert "\x1b" not in letter.get_body(("plain",)).get_content()
    assert "\u202e" not in letter.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    "text", ["lan", "lan@", "@x", "lan@x, spy@y", "lan@x\nBcc: spy@y", "<lan@x>", "lan@bộ.vn"]
)
def test_what_is_no_mail_address_is_refused(office, text):
    office.refused(2, "person", "edit", "lan", "--email", text)
    # Who writes may have a name before an address that stands in brackets.
    written = f"<{text}" if text == "<lan@x>" else text
    office.refused(2, "remind", "--from", written, "--to", "letters")


@pytest.mark.parametrize("by", ["lan", "thanh"])
def test_only_the_secretariat_reminds(desk, tmp_path, by):
    desk.refused(6, "remind", *FROM, "--to", tmp_path, "--by", by)

    assert letters(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_named_and_nothing_recorded(desk, tmp_path):
    (tmp_path / "taken").write_text("a file")
    error = desk.refused(8, "remind", *FROM, "--to", tmp_path / "taken" / "letters")

    assert "taken" in error["message"]


def test_what_a_letter_that_failed_leaves_is_said_truly(desk, case, tmp_path, monkeypatch):
    case("assigned", ref="A.2", due="2023-11-30", owner="vufo")
    desk("org", "edit", "vufo", "--email", "desk@vufo.example")
    sent = []

    def once(written, path, **how):
        if sent:
            raise OSError(28, "No space left on device")
        sent.append(path)
        publish(written, path, **how)

    publish = files._publish
    monkeypatch.setattr(files, "_publish", once)
    told = desk.run("remind", *FROM, "--to", tmp_path / "letters", "--json")

    assert told.exit_code == 8
    assert "what was sent is recorded" in told.error["hint"]
    assert len(letters(tmp_path / "letters")) == 1


def test_one_way_to_send_must_be_named(office):
    office.refused(2, "remind", *FROM)
    office.refused(2, "remind", *FROM, "--to", "letters", "--smtp", "localhost")
    for port in ("port", "0", "65536", "9" * 5000):
        office.refused(2, "remind", *FROM, "--smtp", f"localhost:{port}")


# --- a mail server ----------------------------------------------------------------------------


class Inbox:
    """A mail server's mailbox; `unknown` are addresses it refuses, `full` ends it after a few."""

    def __init__(self, unknown=(), full=None):
        self.messages = []
        self.unknown = unknown
        self.full = full

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.unknown:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.full is not None and len(self.messages) >= self.full:
            return "452 mailbox is full"
        self.messages.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


class Serving(Controller):
    """A mail server on whatever port the system gives it."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def serve():
    """A function that starts a mail server on a free port; returns its address."""
    started = []

    def start(inbox, **options):
        controller = Serving(inbox, hostname="127.0.0.1", port=0, **options)
        controller.start()
        started.append(controller)
        return f"127.0.0.1:{controller.port}"

    yield start
    for controller in started:
        controller.stop()


def test_a_mail_server_gets_the_letters(desk, case, serve):
    case("proposed", ref="A.2")
    inbox = Inbox()
    desk("remind", *FROM, "--smtp", serve(inbox), "--security", "none")
    desk("remind", *FROM, "--smtp", serve(inbox), "--security", "none")
    sent = sorted(sorted(to) for to, _ in inbox.messages)

    assert sent == [["desk@mofa.example", "lan@mofa.example"], ["sec@office.example"]]


def test_a_refused_address_is_named_and_the_others_get_their_letter(desk, serve):
    inbox = Inbox(unknown=["lan@mofa.example"])
    server = serve(inbox)
    result = desk.run("remind", *FROM, "--smtp", server, "--security", "none")
    again = desk.run("remind", *FROM, "--smtp", server, "--security", "none")

    assert result.exit_code == 8
    assert "lan@mofa.example (550 no such user)" in result.stderr
    assert [to for to, _ in inbox.messages] == [["desk@mofa.example"]]
    assert again.exit_code == 0


def test_a_letter_that_reached_nobody_is_written_again(desk, case, serve):
    case("proposed", ref="A.2")
    inbox = Inbox(unknown=["lan@mofa.example", "desk@mofa.example"])
    server = serve(inbox)
    result = desk.run("remind", *FROM, "--smtp", server, "--security", "none")
    inbox.unknown = ()
    desk("remind", *FROM, "--smtp", server, "--security", "none")

    assert result.exit_code == 8
    assert len(inbox.messages) == 2
    assert sorted(inbox.messages[1][0]) == ["desk@mofa.example", "lan@mofa.example"]


def test_a_server_that_breaks_off_midway_leaves_the_rest_for_the_next_run(desk, case, serve):
    case("assigned", ref="A.3", owner="vufo", due="2023-11-30")
    inbox = Inbox(full=1)
    server = serve(inbox)
    result = desk.run("remind", *FROM, "--smtp", server, "--security", "none")
    inbox.full = None
    desk("remind", *FROM, "--smtp", server, "--security", "none")
    told = [content.count(b"A.1 ") + 10 * content.count(b"A.3 ") for _, content in inbox.messages]

    assert result.exit_code == 8
    assert "452 mailbox is full" in result.stderr
    assert sorted(told) == [1, 10]


def test_a_server_that_is_not_there_is_named_and_nothing_recorded(desk):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        error = desk.refused(8, "remind", *FROM, "--smtp", place, "--security", "none")

    assert place in error["message"]


@pytest.mark.parametrize("host", ["mail..example", f"{'x' * 64}.example"])
def test_a_name_that_no_server_can_have_is_no_defect(desk, host):
    error = desk.refused(2, "remind", *FROM, "--smtp", f"{host}:25", "--security", "none")

    assert host in error["message"]


def test_a_server_without_tls_is_refused_unless_told_otherwise(desk, serve):
    inbox = Inbox()
    error = desk.refused(8, "remind", *FROM, "--smtp", serve(inbox))

    assert "STARTTLS" in error["message"]
    assert inbox.messages == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that only a client that is told of it trusts."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    host = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(host, critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    return folder


def guarded(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


def test_a_server_with_a_login_is_spoken_to_over_tls(desk, serve, certificate, monkeypatch):
    def login(*about):
        given = about[-1]
        known = given.password == b"secret" and given.login == b"casework"
        return AuthResult(success=known, handled=False)

    inbox = Inbox()
    server = serve(inbox, tls_context=guarded(certificate), authenticator=login)
    words = ["remind", *FROM, "--smtp", server, "--user", "casework"]
    untrusted = desk.refused(8, *words)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    monkeypatch.setenv("CASEWORK_SMTP_PASSWORD", "wrong")
    wrong = desk.refused(8, *words)
    monkeypatch.setenv("CASEWORK_SMTP_PASSWORD", "secret")
    desk(*words)

    assert "certificate" in untrusted["message"]
    assert "login" in wrong["message"]
    assert "wrong" not in str(wrong)
    assert len(inbox.messages) == 1


# --- who is told --------------------------------------------------------------------------------


def test_a_new_owner_is_told_what_the_one_before_was_told(desk, tmp_path):
    desk("org", "edit", "vufo", "--email", "vt@vufo.example")
    told = [remind(desk, tmp_path / "1"), remind(desk, tmp_path / "2")]
    desk("reassign", "A.1", "--owner", "vufo", "--reason", "moved")
    told += [remind(desk, tmp_path / "3"), remind(desk, tmp_path / "4")]
    desk("reassign", "A.1", "--owner", "mofa", "--reason", "back")
    told += [remind(desk, tmp_path / "5")]

    assert [[one["owner"] for one in rows] for rows in told] == [["mofa"], [], ["vufo"], [], []]
    (letter,) = letters(tmp_path / "3")
    assert addresses(letter) == ["vt@vufo.example"]
    desk("audit", "verify")


def test_what_was_of_an_ended_owner_goes_to_the_secretariat_naming_the_successor(desk, tmp_path):
    desk("org", "edit", "vufo", "--email", "vt@vufo.example")
    ends = ["--on", "2023-12-01", "--successor", "vufo", "--reason", "merged"]
    desk("org", "end", "mofa", *ends)
    (row,) = remind(desk, tmp_path)
    (letter,) = letters(tmp_path)

    assert addresses(letter) == ["sec@office.example"]
    assert (row["owner"], row["ended"], row["successor"]) == ("mofa", True, "vufo")
    text = " ".join(letter.get_body(("plain",)).get_content().split())
    assert "its successor is Union of Friendship Organizations (vufo)" in text
    assert remind(desk, tmp_path / "again") == []


def test_an_ended_owner_without_a_successor_is_told_to_the_secretariat_too(desk, tmp_path):
    desk("org", "end", "mofa", "--on", "2023-12-01", "--reason", "dissolved")
    (row,) = remind(desk, tmp_path, "--lang", "vi")
    (letter,) = letters(tmp_path)

    assert addresses(letter) == ["sec@office.example"]
    assert row["successor"] is None
    assert "không còn tồn tại" in letter.get_body(("plain",)).get_content()


def test_an_owner_that_ends_today_is_written_to_still(desk, tmp_path):
    desk("org", "end", "mofa", "--on", str(DAY), "--reason", "dissolved")
    remind(desk, tmp_path)

    assert addresses(letters(tmp_path)[0]) == ["desk@mofa.example", "lan@mofa.example"]


def test_without_an_address_it_is_said_what_is_missing_for_an_ended_owner(desk, tmp_path):
    desk("org", "end", "mofa", "--on", "2023-12-01", "--reason", "dissolved")
    desk("person", "deactivate", "sec", "--reason", "left")
    said = desk("remind", *FROM, "--to", tmp_path).stderr

    assert "mofa, which no longer exists" in said
    assert not list(tmp_path.glob("*.eml"))


def test_what_was_said_before_the_schema_knew_to_whom_is_kept(desk, tmp_path):
    remind(desk, tmp_path)
    was = desk.sql("SELECT ref, level, due, digest, owner FROM reminder")
    with desk.store().engine.connect() as connection:
        connection.execution_options(casework_writes=True)
        config = Config()
        config.set_main_option("script_location", str(upgrades.bundled("migrations")))
        config.attributes["connection"] = connection
        for step in (command.downgrade, command.upgrade):
            step(config, "0010" if step is command.downgrade else "0011")
        connection.commit()

    assert desk.sql("SELECT ref, level, due, digest, owner FROM reminder") == was
    assert [one.owner for one in was] == ["mofa"]
