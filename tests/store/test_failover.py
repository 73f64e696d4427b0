"""Several servers behind one URL: commands outlive the loss of one, and are done once."""

import atexit
import gc
import json
import os
import select
import socket
import threading
import time
from contextlib import closing, contextmanager, suppress

import pgserver
import pools
import pytest
from click.testing import CliRunner
from offices import Result, Shell, furnished

from casework.acts import resting
from casework.cli import casework
from casework.cli.settings import Settings
from casework.store import connections
from casework.store.db import Store

pytest.importorskip("psycopg")

COMMIT = b"COMMIT\0"


@pytest.fixture
def register(pg_server, pg_template):
    """Give the URL of a register with a small directory on the server."""
    name = f"failover_{os.urandom(6).hex()}"
    pgserver.ask(pg_server, f"CREATE DATABASE {name} TEMPLATE {pg_template}")
    url = pgserver.database(pg_server, name)
    furnished(Shell(url))
    yield url
    pgserver.ask(pg_server, f"DROP DATABASE {name} WITH (FORCE)")


def port_of(url):
    return int(url.rpartition("/")[0].rpartition(":")[2])


def among(url, *ports):
    """Return the URL of the same register behind several ports of this machine."""
    scheme, _, rest = url.partition("://")
    user, _, place = rest.partition("@")
    hosts = "&".join(f"host=127.0.0.1:{port}" for port in ports)
    return f"{scheme}://{user}@/{place.partition('/')[2]}?{hosts}"


def closed_port():
    """Return a port where nobody listens, and nobody else can until these tests end."""
    taken = socket.socket()
    atexit.register(taken.close)
    taken.bind(("127.0.0.1", 0))
    return taken.getsockname()[1]


class Relay:
    """A way to a server that is cut as `cut` says, as often as there are `cuts` left.

    It is asked with what the client sends; true lets that through, and then cuts the connection
    before any answer; None cuts at once. `lost` is called before a cut that hides an answer.
    """

    def __init__(self, port, cut, cuts, lost=None):
        self._to, self._cut, self.cuts, self._lost = port, cut, cuts, lost
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client):
        with client, socket.create_connection(("127.0.0.1", self._to)) as server:
            pairs = {client: server, server: client}
            while True:
                for one in select.select(list(pairs), [], [])[0]:
                    said = one.recv(65536)
                    if not said:
                        return
                    verdict = self._cut(said) if one is client and self.cuts else False
                    if verdict is not False:
                        self.cuts -= 1
                    if verdict is None:
                        return
                    pairs[one].sendall(said)
                    if verdict:
                        # The server has done it when it has answered; nobody hears.
                        server.recv(65536)
                        if self._lost is not None:
                            self._lost()
                        return

    def close(self):
        self._listening.close()


@contextmanager
def relay(url, cut, cuts=1, lost=None):
    with closing(Relay(port_of(url), cut, cuts, lost)) as one:
        yield one


def after_commit(said):
    return COMMIT in said


def after_recording():
    """Cut the commit of what writes: a report reads in transactions of its own before."""
    recorded = []

    def cut(said):
        recorded.extend([said] if b"casework_record(" in said else [])
        return bool(recorded) and COMMIT in said

    return cut


def before_commit(said):
    return None if COMMIT in said else False


def run(url, *words, input=None):
    found = CliRunner().invoke(casework, ["--db", url, *map(str, words)], input=input)
    return Result(found.exit_code, found.stdout, found.stderr)


def key_told(lost):
    """Return the key with which a command is repeated that may have been recorded."""
    hint = json.loads(lost.stderr.splitlines()[-1])["error"]["hint"]
    assert "may have been recorded or not" in hint
    return hint.partition("--idempotency-key ")[2].partition(",")[0]


def titles(register):
    return [one["title"] for one in Shell(register).json("list")]


PROPOSE = ("propose", "--title", "Rules", "--proposer", "mofa", "--ref", "F.1")


def test_every_command_finds_the_one_of_several_that_writes(register):
    url = among(register, closed_port(), port_of(register))
    told = run(url, *PROPOSE)
    shown = run(url, "show", "F.1", "--json")

    assert (told.exit_code, told.stderr) == (0, "")
    assert shown.json["title"] == "Rules"
    assert run(url, "audit", "verify").exit_code == 0


def test_an_act_whose_commit_got_no_answer_is_there_once_and_the_command_succeeds(register):
    with relay(register, after_commit) as way:
        told = run(among(register, way.port, closed_port()), *PROPOSE[:-2], "--json")

    assert way.cuts == 0
    assert told.exit_code == 0, told.stderr
    assert told.json["done_already"] is True
    assert "waiting for the server" in told.stderr
    assert titles(register) == ["Rules"]
    assert [one["key"] for one in told.json["events"]] == [Shell(register).json("list")[0]["ref"]]


ISSUE = ("paper", "issue", "progress", "--idempotency-key", "monday", "--json", "--output")


def test_a_paper_whose_server_dies_with_its_answer_keeps_its_number_and_its_file(tmp_path):
    """The server is killed between the commit and the answer, and comes back."""
    file = tmp_path / "paper.html"
    with pgserver.started() as server:
        pgserver.ask(server.url, "CREATE DATABASE register")
        url = pgserver.database(server.url, "register")
        Shell(url)("init", "--no-holidays")
        furnished(Shell(url))
        Shell(url)("office", "set", "--name", "Ban Thư ký", "--series", "BC-BTK")
        pools.let_go(server.url)

        def dies():
            server.crash()
            server.start()

        with relay(url, after_recording(), lost=dies) as way:
            told = run(among(url, way.port, closed_port()), *ISSUE, file)
        held = file.read_bytes()
        kept = run(url, *ISSUE, file)
        file.unlink()
        again = run(url, *ISSUE, file)
        listed = Shell(url).json("paper", "list")
        checked = Shell(url).json("paper", "check", file)
        verified = run(url, "audit", "verify")

    assert way.cuts == 0
    assert told.exit_code == 0, told.stderr
    assert "waiting for the server" in told.stderr
    assert [one["full_number"] for one in listed] == ["01/BC-BTK"]
    assert told.json["full_number"] == again.json["full_number"]
    assert [one["key"] for one in kept.json["events"]] == [listed[0]["code"]]
    assert checked["full_number"] == "01/BC-BTK"
    assert file.read_bytes() == held
    assert verified.exit_code == 0, verified.stderr


def test_a_paper_of_a_lost_server_is_issued_once_under_the_key_that_is_told(register, tmp_path):
    """One server alone is not waited for: who issues again under the key gets the same paper."""
    file = tmp_path / "paper.html"
    Shell(register)("office", "set", "--name", "Ban Thư ký", "--series", "BC-BTK")
    words = ("paper", "issue", "progress", "--output", file)
    with relay(register, after_recording()) as way:
        url = register.replace(f":{port_of(register)}/", f":{way.port}/")
        lost = run(url, *words, "--json")
    key = key_told(lost)
    again = run(register, *words, "--idempotency-key", key, "--json")

    assert lost.exit_code == 8
    assert again.exit_code == 0, again.stderr
    assert again.json["full_number"] == "01/BC-BTK"
    assert len(Shell(register).json("paper", "list")) == 1
    assert Shell(register).json("paper", "check", file)["full_number"] == "01/BC-BTK"


def test_what_was_done_the_first_time_does_not_stand_in_its_own_way(register):
    """An act that is no longer possible once it is done is not told as refused."""
    Shell(register)(*PROPOSE)
    Shell(register)("assign", "F.1", "--owner", "mofa", "--due", "2099-12-31")
    with relay(register, after_commit) as way:
        told = run(among(register, way.port, closed_port()), "advance", "F.1", "--json")

    assert told.exit_code == 0, told.stderr
    assert [one["act"] for one in told.json["events"]] == ["study"]
    assert Shell(register).json("show", "F.1")["state"] == "under_study"


def test_an_act_that_was_cut_off_before_its_commit_is_begun_again(register):
    with relay(register, before_commit, cuts=2) as way:
        told = run(among(register, way.port, closed_port()), *PROPOSE)

    assert way.cuts == 0
    assert told.exit_code == 0, told.stderr
    assert told.stderr.count("waiting for the server") == 1
    assert titles(register) == ["Rules"]


def test_one_server_that_is_lost_is_an_error_at_once(register):
    with relay(register, after_commit) as way:
        url = register.replace(f":{port_of(register)}/", f":{way.port}/")
        told = run(url, *PROPOSE, "--json")
    key = key_told(told)
    again = run(register, *PROPOSE, "--idempotency-key", key, "--json")

    assert told.exit_code == 8
    assert "waiting" not in told.stderr
    assert again.json["done_already"] is True
    assert titles(register) == ["Rules"]


def test_when_nobody_answers_the_key_to_repeat_it_with_is_told(register, monkeypatch):
    monkeypatch.setattr(resting, "FAILOVER", 1.5)
    answered = []

    def then_never(said):
        if answered:
            return None
        answered.extend([said] if COMMIT in said else [])
        return COMMIT in said

    with relay(register, then_never, cuts=10_000) as way:
        told = run(among(register, way.port, closed_port()), *PROPOSE, "--json")
    again = run(register, *PROPOSE, "--idempotency-key", key_told(told), "--json")

    assert told.exit_code == 8
    assert again.json["done_already"] is True
    assert titles(register) == ["Rules"]


def test_what_was_read_from_standard_input_is_not_begun_again(register):
    with relay(register, before_commit) as way:
        line = json.dumps({"ref": "F.2", "title": "T", "proposer": "mofa"})
        told = run(among(register, way.port, closed_port()), "import", "-", input=line)

    assert told.exit_code == 8
    assert titles(register) == []


def test_a_password_that_was_read_from_standard_input_is_not_asked_for_again(register):
    Shell(register)("person", "add", "hoa", "--name", "Hoa", "--org", "mofa", "--role", "desk")
    login = f"hoa_{os.urandom(4).hex()}"
    words = ["db", "grant", "hoa", "--login", login, "--password"]
    with relay(register, before_commit) as way:
        told = run(among(register, way.port, closed_port()), *words, input="geheim\n")

    assert way.cuts == 0
    assert told.exit_code == 8, told.stderr
    assert "waiting" not in told.stderr
    assert "--idempotency-key" in told.stderr


def test_what_has_no_key_is_not_begun_again_once_its_commit_was_on_its_way(
    register, pg_server, tmp_path
):
    Shell(register)("db", "backup", tmp_path / "backup.db")
    name = f"failover_{os.urandom(6).hex()}"
    pgserver.ask(pg_server, f"CREATE DATABASE {name}")
    empty = pgserver.database(pg_server, name)
    with relay(empty, after_commit) as way:
        url = among(empty, way.port, closed_port())
        told = run(url, "db", "restore", str(tmp_path / "backup.db"))
    kept = Shell(empty).head() == Shell(register).head()
    pgserver.ask(pg_server, f"DROP DATABASE {name} WITH (FORCE)")

    assert told.exit_code == 8, told
    assert "waiting" not in told.stderr
    assert "may have been recorded or not" in told.stderr
    assert kept


@pytest.mark.parametrize("given", ["", "&target_session_attrs=any"])
def test_a_server_that_only_reads_is_waited_for_until_it_writes(
    register, pg_server, monkeypatch, given
):
    name = register.rpartition("/")[2]
    pgserver.ask(register, f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    tell = Settings.tell

    def promoted(chosen, message):
        tell(chosen, message)
        if message.startswith("waiting for the server"):
            pgserver.ask(pg_server, f"ALTER DATABASE {name} RESET ALL")

    monkeypatch.setattr(Settings, "tell", promoted)
    told = run(among(register, port_of(register), closed_port()) + given, *PROPOSE)

    assert told.exit_code == 0, told.stderr
    assert "read-only" in told.stderr
    assert titles(register) == ["Rules"]


def cut_at(number, words):
    """Return what cuts a connection at the Nth message of the client that has these words."""
    seen = []

    def cut(said):
        seen.extend([said] if words in said else [])
        return None if words in said and len(seen) == number else False

    return cut


# The driver cannot close its cursor on a server that is gone, and says so when it is collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("fetch", "code"), [(1, 0), (3, 8)])
def test_a_question_is_asked_again_but_not_once_a_part_was_printed(
    register, monkeypatch, fetch, code
):
    for number in range(4):
        Shell(register)("propose", "--title", f"T{number}", "--proposer", "mofa")
    monkeypatch.setattr(connections, "PAGE", 1)
    with relay(register, cut_at(fetch, b"FETCH")) as way:
        told = run(among(register, way.port, closed_port()), "list", "--format", "ndjson")
    gc.collect()
    printed = [json.loads(line)["title"] for line in told.stdout.splitlines()]

    assert way.cuts == 0
    assert told.exit_code == code, told.stderr
    assert printed == [f"T{number}" for number in range(4)][: len(printed)]
    assert (len(printed) == 4) is (code == 0)


def test_a_date_that_is_counted_by_the_register_is_asked_for_again(register):
    Shell(register)(*PROPOSE)
    with relay(register, cut_at(1, b"BEGIN")) as way:
        url = among(register, way.port, closed_port())
        told = run(url, "note", "F.1", "text", "--effective", "today")

    assert way.cuts == 0
    assert told.exit_code == 0, told.stderr


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("", ("read-write", "5")),
        ("&connect_timeout=9", ("read-write", "9")),
        ("&target_session_attrs=any&connect_timeout=2", ("any", "2")),
    ],
)
def test_of_several_servers_the_one_that_writes_is_asked_for_unless_the_url_says(
    register, given, sent
):
    url = among(register, port_of(register), closed_port()) + given
    with Store.at(url).engine.connect() as core:
        held = core.connection.driver_connection.info.get_parameters()

    # What is the driver's own default is not told.
    assert (held.get("target_session_attrs", "any"), held["connect_timeout"]) == sent


def test_one_server_is_asked_as_its_url_says(register):
    # One that is kept may have been made under another test's variables.
    pools.let_go(register)
    with Store.at(register).engine.connect() as core:
        held = core.connection.driver_connection.info.get_parameters()

    assert held.keys().isdisjoint({"target_session_attrs", "connect_timeout"})


def test_messages_name_every_server_and_no_password():
    url = "postgresql://lan:geheim@/casework?host=a:5432&host=b&password=geheim"

    assert Store.at(url).name == "postgresql+psycopg://lan:***@/casework on a:5432, b"
    other = "postgresql://lan@/casework?host=a,b&port=5432,5433"
    assert Store.at(other).name == "postgresql+psycopg://lan@/casework on a:5432, b:5433"
    other = "postgresql://lan@/casework?host=a,b"
    assert Store.at(other).name == "postgresql+psycopg://lan@/casework on a, b"


@pytest.mark.parametrize(
    "query", ["host=a:1&host=b:x", "host=a:1&host=b&port=5", "host=a,b&port=5"]
)
def test_hosts_that_cannot_be_read_are_refused(query):
    told = run(f"postgresql://lan:geheim@/casework?{query}", "list")

    assert told.exit_code == 2
    assert "URL cannot be read" in told.stderr
    assert "geheim" not in told.stderr


def test_who_is_refused_for_good_does_not_wait(register):
    url = among(register, closed_port(), port_of(register), closed_port())
    told = run(url.replace("casework@", "nobody_of_that_name@"), "list")

    assert told.exit_code == 8
    assert 'role "nobody_of_that_name" does not exist' in told.stderr
    assert "waiting" not in told.stderr


def test_servers_whose_names_nobody_knows_are_not_waited_for():
    told = run("postgresql://lan@/casework?host=a.invalid&host=b.invalid", "list")

    assert told.exit_code == 8
    assert "waiting" not in told.stderr


def test_nobody_is_waited_for_longer_than_said(monkeypatch):
    monkeypatch.setattr(resting, "FAILOVER", 1.0)
    url = (
        f"postgresql://lan@/casework?host=127.0.0.1:{closed_port()}&host=127.0.0.1:{closed_port()}"
    )
    started = time.monotonic()
    told = run(url, "list")

    assert told.exit_code == 8
    assert "waiting for the server, up to 1 second:" in told.stderr
    assert "Connection refused" in told.stderr
    assert time.monotonic() - started > 0.2
