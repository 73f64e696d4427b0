"""What went wrong in systems that do this job: who did it, what is kept, and two at once.

The ids are those of the list of pitfalls this register was designed against.
"""

import json
import os
import pwd
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy.exc
from command_tree import commands

import casework
from casework.questions import lookup

ROOT = Path(casework.__file__).parents[1]


def started(url, *words):
    """Start the command line as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "casework", "--db", url, *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


COME_AND_GO = [
    (["coordinate", "--with", "mofa"], "coordinating", [["vufo"], ["vufo", "mofa"]]),
    (["coordinate", "--without", "vufo"], "coordinating", [["vufo", "mofa"], ["mofa"]]),
    (["link", "--relates-to", "A.3"], "links", [[], [["relates-to", "A.3"]]]),
    (
        ["link", "--repeats", "A.2"],
        "links",
        [[["relates-to", "A.3"]], [["relates-to", "A.3"], ["repeats", "A.2"]]],
    ),
    (
        ["link", "--relates-to", "A.3", "--remove"],
        "links",
        [[["relates-to", "A.3"], ["repeats", "A.2"]], [["repeats", "A.2"]]],
    ),
    (["edit", "--theme", "law"], "theme", [["trade"], ["law"]]),
]


def test_t33_bodies_links_and_themes_come_and_go_by_an_event(office):
    prepared = {"A.1": ["--with", "vufo", "--theme", "trade"], "A.2": [], "A.3": []}
    for ref, more in prepared.items():
        office("propose", "--ref", ref, "--title", ref, "--proposer", "hcmc-pc", *more)
    for words, field, change in COME_AND_GO:
        before = office.json("history", "A.1")
        office(words[0], "A.1", *words[1:])
        after = office.json("history", "A.1")

        assert after[:-1] == before
        assert (after[-1]["act"], after[-1]["changes"]) == (words[0], {field: change})
    office.refused(4, "coordinate", "A.1", "--without", "vufo")
    office.refused(4, "link", "A.1", "--relates-to", "A.3", "--remove")


def test_t34_an_event_says_on_what_by_whom_when_and_from_what_to_what(office, case):
    ref = case("assigned")
    why = ["--reason", "to be heard", "--document", "12/TB", "--effective", "2022-06-01"]
    office("extend", ref, "--due", "2023-12-31", *why)
    event = office.json("history", ref)[-1]

    assert (event["kind"], event["key"], event["act"]) == ("case", ref, "extend")
    assert (event["reason"], event["document"]) == ("to be heard", "12/TB")
    assert event["actor"] == "registrar"
    assert event["login"] == pwd.getpwuid(os.getuid()).pw_name
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event["recorded_at"])
    assert event["changes"] == {"due": ["2022-12-31", "2023-12-31"], "extensions": [0, 1]}


def test_t34_the_environment_cannot_forge_who_acted(office, case, monkeypatch):
    ref = case("under_study")
    office("person", "add", "boss", "--name", "Boss", "--org", "mofa", "--login", "boss")
    for name in ("USER", "LOGNAME", "USERNAME", "LNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "boss")
    office("note", ref, "as myself")
    office("note", ref, "for somebody else", "--by", "lan")
    own, others = office.json("history", ref)[-2:]
    login = pwd.getpwuid(os.getuid()).pw_name

    assert (own["actor"], own["login"]) == ("registrar", login)
    assert (others["actor"], others["login"]) == ("lan", login)


def test_t35_no_command_takes_anything_out_of_the_register(office, case):
    ref = case()
    office("close", ref, "--outcome", "withdrawn", "--reason", "asked no more")
    names = {" ".join(path) for path, _ in commands()}

    assert {"close", "person deactivate", "org end"} <= names
    # A holiday that is removed is withdrawn: its row stays, and so does what was said of it.
    # So are views and templates that are shared; others stand in one's own configuration.
    names -= {"holiday remove", "view drop", "template drop"}
    assert not [
        n for n in names if re.search(r"delete|remove|\brm\b|drop|purge|erase|void|shred", n)
    ]
    assert office.json("list")[0]["ref"] == ref
    assert [one["act"] for one in office.json("history", ref)] == ["propose", "close"]


CHANGES = [
    "DELETE FROM event WHERE seq = 1",
    "DELETE FROM event",
    "UPDATE event SET actor = 'lan' WHERE seq = 1",
    "DELETE FROM disclosure WHERE seq = 1",
    "UPDATE disclosure SET body = body WHERE seq = 1",
    'DELETE FROM "case"',
    "DELETE FROM log_head",
    "DELETE FROM register",
]
REPLACES = {
    "sqlite": [
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 1",
        "REPLACE INTO disclosure SELECT * FROM disclosure WHERE seq = 1",
        "UPDATE OR REPLACE event SET seq = 0 WHERE seq = 1",
        'INSERT OR REPLACE INTO "case" SELECT * FROM "case"',
        "INSERT OR REPLACE INTO log_head SELECT * FROM log_head",
    ],
    "postgresql": [
        "INSERT INTO event SELECT * FROM event ON CONFLICT (seq) DO UPDATE SET actor = 'lan'",
        "TRUNCATE event CASCADE",
        "TRUNCATE disclosure",
        'TRUNCATE "case" CASCADE',
        "TRUNCATE log_head",
    ],
}


def test_t35_sql_can_neither_change_nor_delete_what_is_kept(office, case):
    case("resolved")
    engine = office.store().engine
    before = office.head()
    for statement in [*CHANGES, *REPLACES[engine.dialect.name]]:
        with (
            pytest.raises(sqlalchemy.exc.DBAPIError, match=r"is kept: \w+ is refused"),
            engine.begin() as connection,
        ):
            connection.exec_driver_sql(statement)

    assert office.head() == before
    assert office.json("audit", "verify")["ok"] is True


@pytest.mark.parametrize("attempt", range(2))
def test_t36_of_two_who_saw_the_same_version_exactly_one_writes(office, case, attempt):
    ref = case("assigned")
    before = office.json("show", ref)
    why = ["--reason", "to be heard", "--effective", "2022-06-01"]
    with office.store().writing() as connection:
        # Both find the case taken, so that they go on in the same moment.
        lookup.find_case(connection, ref, lock=True)
        words = ["extend", ref, "--if-version", before["version"], *why, "--json", "--due"]
        writers = [started(office.url, *words, f"2023-0{n}-01") for n in (1, 2)]
        time.sleep(1 + attempt)
    told = [writer.communicate(timeout=60) for writer in writers]
    codes = [writer.returncode for writer in writers]
    after = office.json("show", ref)

    assert sorted(codes) == [0, 5], told
    won, lost = codes.index(0), codes.index(5)
    assert json.loads(told[lost][1])["error"]["code"] == "conflict"
    assert after["due"] == json.loads(told[won][0])["due"] == f"2023-0{won + 1}-01"
    assert (after["version"], after["extensions"]) == (before["version"] + 1, 1)
    assert len(office.json("history", ref)) == after["version"]


def test_t36_an_act_on_an_old_version_is_refused_whoever_wrote_meanwhile(office, case):
    ref = case("assigned")
    version = office.json("show", ref)["version"]
    office("note", ref, "seen by nobody yet")
    error = office.refused(5, "advance", ref, "--if-version", version)
    office("advance", ref, "--if-version", version + 1)

    assert str(version + 1) in error["message"]
    assert office.json("show", ref)["state"] == "under_study"
