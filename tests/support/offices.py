"""The command line on a store of either engine, and a register with a small directory."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from casework.acts import actors, organisations, people
from casework.acts.conferences import add_conference
from casework.cli import casework
from casework.ledger.ledger import Desk
from casework.office.demo import make_register
from casework.store import db
from casework.system import platforms
from casework.system.clock import DEFAULT_ZONE, today

if TYPE_CHECKING:
    from collections.abc import Callable

SCENARIO = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "rich.jsonl").read_text("utf-8").splitlines()
]
"""The command lines by which a register comes to hold every kind of record and act."""


@dataclass(frozen=True)
class Result:
    """What a command line gave back."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self):
        return json.loads(self.stdout)

    @property
    def error(self):
        return json.loads(self.stderr)["error"]


class Shell:
    """The command line on one store. Called, it expects success; `refused` expects an exit code."""

    def __init__(self, url):
        self.url = url

    def run(self, *words, input=None):
        result = CliRunner().invoke(casework, ["--db", self.url, *map(str, words)], input=input)
        return Result(result.exit_code, result.stdout, result.stderr)

    def __call__(self, *words, input=None):
        result = self.run(*words, input=input)
        assert result.exit_code == 0, f"{words}: {result.stderr}"
        return result

    def json(self, *words, input=None):
        return self(*words, "--json", input=input).json

    def refused(self, code, *words, input=None):
        """Return the error of a command that must fail with this code, and have changed nothing."""
        before = self.head()
        result = self.run(*words, "--json", input=input)
        told = result.stderr + result.stdout
        assert result.exit_code == code, f"{words}: {result.exit_code}\n{told}"
        error = result.error
        assert error["exit"] == code
        assert error["message"]
        assert "Traceback" not in result.stderr
        assert self.head() == before
        return error

    def head(self):
        """Return size and root of the log, None where there is no store."""
        from casework.errors import UnavailableError
        from casework.questions import audit_log

        try:
            with self.store().reading() as connection:
                return audit_log.head(connection)
        except UnavailableError:
            return None

    def store(self):
        return db.open_store(self.url)

    def sql(self, *statements):
        """Run SQL behind the program's back, with triggers and foreign keys out of the way."""
        with self.store().engine.connect() as connection:
            connection.execution_options(casework_writes=True)
            triggers = self._disarm(connection)
            for statement in statements:
                result = connection.exec_driver_sql(statement)
            rows = result.fetchall() if result.returns_rows else []
            for trigger in triggers:
                connection.exec_driver_sql(trigger)
            connection.commit()
        return rows

    def _disarm(self, connection):
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
            return []
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        found = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        triggers = connection.exec_driver_sql(found).fetchall()
        for trigger in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
        return [trigger.sql for trigger in triggers]


def desk_of(connection):
    """Return the desk of whoever runs the tests."""
    actor = actors.actor(connection, None)
    return Desk(connection, actor, platforms.login(), today(DEFAULT_ZONE))


def furnished(shell):
    """Give a register a small directory, in one transaction."""
    with shell.store().writing() as connection:
        desk = desk_of(connection)
        for code, name, name_vi, kind, aliases in (
            ("mofa", "Ministry of Foreign Affairs", "Bộ Ngoại giao", "ministry", ["BNG"]),
            (
                "vufo",
                "Union of Friendship Organizations",
                "Liên hiệp các tổ chức hữu nghị",
                "union",
                [],
            ),
            (
                "hcmc-pc",
                "Ho Chi Minh City People's Committee",
                "Ủy ban nhân dân TP. Hồ Chí Minh",
                "peoples-committee",
                [],
            ),
            ("central", "Central ministries", "Các bộ, ngành Trung ương", "collective", []),
        ):
            organisations.add_organisation(
                desk, code, name=name, name_vi=name_vi, kind=kind, aliases=aliases
            )
        add_conference(desk, "NFAC-20", number=20, day=date(2021, 12, 13))
        add_conference(desk, "NFAC-21", number=21, day=date(2023, 12, 18), previous="NFAC-20")
        for code, name, org, role in (
            ("lan", "Nguyễn Thị Lan", "mofa", "desk"),
            ("minh", "Trần Văn Minh", "hcmc-pc", "desk"),
            ("thanh", "Lê Thanh", "central", "inspector"),
            ("chi", "Phạm Chi", "mofa", "admin"),
        ):
            people.add_person(desk, code, name=name, org=org, role=role)
    return shell


@dataclass(frozen=True, eq=False)
class Contents:
    """What a register holds when a test begins: grown once from another one, and copied then."""

    name: str
    below: "Contents | None"
    grow: "Callable[[Shell], object]"


def play(shell):
    """Play the scenario on a register."""
    for words in SCENARIO:
        shell(*words)


BARE = Contents("bare", None, lambda shell: make_register(shell.url, with_holidays=False))
OFFICE = Contents("office", BARE, furnished)
HOLIDAYS = Contents("holidays", OFFICE, lambda shell: shell("holiday", "import"))
RICH = Contents("rich", BARE, play)


def alike(shell, code, *names, **fields):
    """Register an organisation under names others may bear, as was possible once."""
    with shell.store().writing() as connection:
        desk = desk_of(connection)
        called = {"name": names[0], "aliases": names[1:], **fields}
        desk.record(desk.act("add", ("organisation", code), called))


def strict_office(office):
    """Let decisions of an office need two people: nga asks, the registrar confirms."""
    for code in ("nga", "van"):
        office("person", "add", code, "--name", code.title(), "--org", "mofa", "--role",
               "secretariat", "--login", f"{code}-login")  # fmt: skip
    office("policy", "four-eyes", "on", "--reason", "Decision 12")
    return office


def settled(office, case, state="resolved"):
    """Return a case in a state, decided before the policy asked for two people."""
    office("policy", "four-eyes", "off", "--reason", "for the test", "--by", "nga")
    office("request", "confirm", office.json("request", "list")[0]["code"])
    ref = case(state)
    office("policy", "four-eyes", "on", "--reason", "again")
    return ref
