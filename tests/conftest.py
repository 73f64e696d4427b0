"""Stores of both engines, made from one migrated template each, and the command line."""

from __future__ import annotations

import os
import shutil
import signal
import time
import uuid
from contextlib import contextmanager

import pgserver
import pools
import pytest
from bundles import NEVER
from hypothesis import settings as hypothesis_settings
from offices import BARE, OFFICE, RICH, Shell

from casework.store.connections import Lite, Statement
from casework.store.served import Served
from casework.system.clock import DEFAULT_ZONE, today
from casework.system.configuration import KEYS
from casework.system.configuration import VARIABLE as CONFIGURATION

COLLECTED = today(DEFAULT_ZONE)
"""The day at the office on which the tests were collected."""

in_ci = bool(os.environ.get("CI"))
hypothesis_settings.register_profile("casework", deadline=None, derandomize=in_ci)
hypothesis_settings.load_profile("casework")


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="try more cases at random, and longer")


@pytest.fixture(scope="session")
def much(request):
    """A function that chooses how much is tried: the first number, with --long the second."""
    return lambda short, long: long if request.config.getoption("long") else short


def pytest_configure(config):
    """Let a run that is asked to end clear up first, as after Ctrl-C."""
    if not hasattr(config, "workerinput"):
        os.environ[pgserver.RUN] = f"run{os.getpid()}"
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def pytest_sessionfinish(session, exitstatus):
    session.config.cut_off = exitstatus == pytest.ExitCode.INTERRUPTED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """End when the servers of all processes of this run are gone, those that were killed too."""
    if hasattr(config, "workerinput"):
        return
    if getattr(config, "cut_off", False) and config.option.basetemp is None:
        # What failed is kept to be looked at; a run that was cut off has failed in nothing.
        shutil.rmtree(config._tmp_path_factory.getbasetemp(), ignore_errors=True)
    run = f"{os.environ.pop(pgserver.RUN, 'none')}-"
    given_up = time.monotonic() + 60
    while any(pgserver.of_run(run)) and time.monotonic() < given_up:
        pgserver.clear(run)
        time.sleep(0.05)


@pytest.fixture
def recorded(monkeypatch):
    """Give a context in which every statement either engine is sent is listed, with its values."""

    @contextmanager
    def recording():
        sent = []

        def listed(ask):
            def asked(lite, statement, values=()):
                known = isinstance(statement, Statement)
                text, fixed = (statement.text, statement.fixed) if known else (statement, None)
                sent.append((text, {**fixed, **values} if known else values))
                return ask(lite, statement, values)

            return asked

        with monkeypatch.context() as patch:
            for name in ("_ask", "change", "many"):
                patch.setattr(Lite, name, listed(getattr(Lite, name)))
            for name in ("_ask", "_paged", "many"):
                patch.setattr(Served, name, listed(getattr(Served, name)))
            yield sent

    return recording


@pytest.fixture(scope="session", autouse=True)
def _nobodys(tmp_path_factory):
    """What is made once for all tests is made without the settings of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in {key.variable for key in KEYS.values()} & os.environ.keys():
            patch.delenv(name)
        patch.setenv(CONFIGURATION, str(tmp_path_factory.mktemp("nobody") / "config.toml"))
        patch.setenv("LANGUAGE", "en")
        yield


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """No test sees the settings or the register of whoever runs it."""
    for name in list(os.environ):
        if name.startswith("CASEWORK_") and name != "CASEWORK_TEST_PG_URL":
            monkeypatch.delenv(name)
    # A completion that was tried in this process sets it for its server.
    monkeypatch.delenv("PGCONNECT_TIMEOUT", raising=False)
    # Whoever runs the tests may read Vietnamese.
    monkeypatch.setenv("LANGUAGE", "en")
    # Nobody is there to turn pages.
    monkeypatch.setenv("PAGER", "cat")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


@pytest.fixture
def machine_zone(monkeypatch):
    """A function that sets the machine's time zone, which is set back after the test."""

    def change(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield change
    monkeypatch.undo()
    time.tzset()


# --- PostgreSQL ------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _kept():
    with pools.kept():
        yield


@pytest.fixture(scope="session")
def pg_server():
    """Give the URL of a PostgreSQL server, or skip saying how to get one."""
    given = os.environ.get("CASEWORK_TEST_PG_URL")
    if given:
        yield given
        return
    if pgserver.binaries() is None:
        if os.environ.get("CASEWORK_TEST_PG_REQUIRED"):
            pytest.fail(pgserver.NO_SERVER)
        pytest.skip(pgserver.NO_SERVER)
    with pgserver.started() as one:
        yield one.url


@pytest.fixture(scope="session")
def pg_templates(pg_server):
    """A function that returns the database that holds such contents, to be copied."""
    made = {}

    def template(contents):
        if contents not in made:
            below = template(contents.below) if contents.below else "template0"
            made[contents] = name = f"casework_{contents.name}_{uuid.uuid4().hex[:8]}"
            pgserver.copied(pg_server, name, below)
            contents.grow(Shell(pgserver.database(pg_server, name)))
        return made[contents]

    # Made before any test sets a clock of its own.
    template(OFFICE)
    yield template
    for name in made.values():
        pgserver.ask(pg_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory):
    """A function that returns the file that holds such contents, to be copied."""
    made = {}

    def template(contents):
        if contents not in made:
            path = tmp_path_factory.mktemp("template") / f"{contents.name}.db"
            if contents.below:
                shutil.copy(template(contents.below), path)
            contents.grow(Shell(str(path)))
            made[contents] = path
        return made[contents]

    template(OFFICE)
    return template


@pytest.fixture(scope="session")
def pg_template(pg_templates):
    return pg_templates(BARE)


@pytest.fixture(scope="session")
def sqlite_template(sqlite_templates):
    return sqlite_templates(BARE)


@pytest.fixture
def same_day():
    """Skip a test whose file counted days from the one on which it was collected.

    A day at the office begins at 17:00 UTC, and the clock of a server cannot be stopped.
    """
    if today(DEFAULT_ZONE) != COLLECTED:
        pytest.skip("a day began since these tests were collected; run them again")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request):
    """Every test of a register runs on both engines, unless its file overrides this."""
    return request.param


@pytest.fixture
def contents(request):
    """Say what the register holds when the test begins; a file may override it."""
    asked = {"office": OFFICE, "rich": RICH}
    return next((asked[name] for name in asked if name in request.fixturenames), BARE)


@pytest.fixture
def new_store(request, engine, tmp_path):
    """Give a function that makes a register on the engine and returns its URL.

    An `empty` one is a place for a register that nobody has made yet.
    """
    lite = engine == "sqlite"
    templates = request.getfixturevalue("sqlite_templates" if lite else "pg_templates")
    server = None if lite else request.getfixturevalue("pg_server")
    made = []

    def make(contents=BARE, *, empty=False):
        name = f"casework_{uuid.uuid4().hex[:12]}"
        if lite:
            path = tmp_path / f"{name}.db"
            if not empty:
                shutil.copy(templates(contents), path)
            return str(path)
        template = "template0" if empty else templates(contents)
        pgserver.copied(server, name, template)
        made.append(name)
        return pgserver.database(server, name)

    yield make
    for name in made:
        pgserver.ask(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def shell(new_store, contents):
    """The command line on a register that holds what is said, on both engines."""
    return Shell(new_store(contents))


@pytest.fixture
def office(shell):
    """A register with a small directory: what most tests start from."""
    return shell


@pytest.fixture
def rich(shell):
    """A register with every kind of record and act."""
    return shell


@pytest.fixture
def new_office(new_store):
    """A function that makes one more of them."""
    return lambda: Shell(new_store(OFFICE))


@pytest.fixture
def case(office):
    """A function that makes a case and takes it to a state; returns its reference."""

    def make(
        state="proposed", *, ref=None, due="2022-12-31", owner="mofa", title="Rules for offices"
    ):
        words = ["--ref", ref] if ref else []
        made = office.json(
            "propose",
            "--title",
            title,
            "--proposer",
            "hcmc-pc",
            "--conference",
            "NFAC-20",
            "--effective",
            "2021-12-13",
            *words,
        )["ref"]
        if state != "proposed":
            office("assign", made, "--owner", owner, "--due", due, "--effective", "2022-01-10")
        if state in {"under_study", "resolved"}:
            office("advance", made, "--effective", "2022-02-01")
        if state == "resolved":
            office(
                "advance",
                made,
                "--outcome",
                "implemented",
                "--answer",
                "Circular 3",
                "--effective",
                "2022-11-01",
            )
        return made

    return make


@pytest.fixture
def two(office, case):
    """A register with two cases whose acts take turns; returns their references."""
    first, second = case(title="Rules for offices"), case(title=NEVER)
    when = ["--due", "2022-12-31", "--effective", "2022-01-10"]
    for ref in (first, second):
        office("assign", ref, "--owner", "mofa", *when, "--reason", f"for {ref}")
    for ref in (first, second):
        office("advance", ref, "--effective", "2022-02-01")
        office("note", ref, f"a word on {ref}")
    return first, second


@pytest.fixture(scope="session")
def shared_template(pg_server, pg_template):
    """A register on PostgreSQL in which everybody has a login of their own: to be copied."""
    pytest.importorskip("psycopg")
    from shared import PEOPLE, Office

    mark = uuid.uuid4().hex[:8]
    name = f"casework_shared_{mark}"
    pgserver.copied(pg_server, name, pg_template)
    office = Office(pgserver.database(pg_server, name), mark)
    office.settle()
    yield name, mark
    pgserver.ask(pg_server, f"DROP DATABASE {name} WITH (FORCE)")
    for code in PEOPLE:
        pgserver.ask(pg_server, f"DROP ROLE {office.login(code)}")


@pytest.fixture
def shared(pg_server, shared_template):
    """A copy of it."""
    from shared import Office

    template, mark = shared_template
    name = f"casework_{uuid.uuid4().hex[:12]}"
    pgserver.copied(pg_server, name, template)
    office = Office(pgserver.database(pg_server, name), mark)
    yield office
    office.close()
    pgserver.ask(pg_server, f"DROP DATABASE {name} WITH (FORCE)")
