"""A register of every version that was released: its log stays, and it answers the same for ever.

`tests/registers` has a folder for each; `make release` adds the next one. What a later version
calls wrong of the answers of an earlier one stands in `called_wrong.json`, with the reason.
"""

import re
import sqlite3
from contextlib import closing

import ground
import pytest
import released
from offices import Shell

from casework.kinds.records import KINDS
from casework.rules.workflow import acts_on

VERSIONS = released.versions()
ELSEWHERE = {
    ("person", "grant"),  # logins are a server's
    ("person", "revoke"),
    ("person", "refused"),  # and so is what a server refused
    ("register", "trial"),  # it makes another register
    ("register", "rules"),  # an upgrade enters them
}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_register_of_a_released_version_verifies_and_answers_as_it_did(version, new_store):
    wrong = released.changed(Shell(new_store(empty=True)), version)

    listed = [one for one in released.called_wrong() if one["version"] == version]
    assert wrong == {one["asked"]: one["differences"] for one in listed}


def test_what_is_called_wrong_was_answered_and_has_a_reason():
    for one in released.called_wrong():
        assert re.match(r"issue \d+: \w", one["reason"])
        asked = [" ".join(words) for words, _ in released.kept(one["version"])["answers"]]
        assert one["asked"] in asked


@pytest.mark.parametrize("version", VERSIONS)
def test_the_register_of_a_version_is_small_and_has_the_log_that_is_told(version, tmp_path):
    told = released.kept(version)
    ground.old_store(str(tmp_path / "r.db"), version)
    with closing(sqlite3.connect(tmp_path / "r.db")) as file:
        ((size, root),) = file.execute("SELECT size, root FROM log_head")
        ((schema,),) = file.execute("SELECT version_num FROM alembic_version")

    assert (size, root.hex(), schema) == (told["size"], told["root"], told["schema"])
    assert (ground.REGISTERS / version / "register.db.xz").stat().st_size <= 100 * 1024


def test_one_made_now_holds_every_kind_of_record_and_act(tmp_path, monkeypatch):
    released.write(tmp_path / "now")
    monkeypatch.setattr(ground, "REGISTERS", tmp_path)
    monkeypatch.setattr(released, "HERE", tmp_path)
    with closing(sqlite3.connect(tmp_path / "r.db")) as file:
        file.deserialize(ground.kept("now"))
        held = set(file.execute("SELECT kind, act FROM event"))

    there = {(kind, act) for kind in KINDS for act in acts_on(kind)}
    assert there - held == ELSEWHERE
    # What it answered is asked of a copy, and was no accident.
    assert released.versions() == ["now"]
    assert released.changed(Shell(str(tmp_path / "copy.db")), "now") == {}
    assert len(released.kept("now")["answers"]) > 30


def test_an_answer_that_is_not_the_same_is_told():
    was = {"a": [1, {"b": None}], "c": "x"}

    def told(now):
        return list(released.differences(was, now))

    assert told({**was, "new": 1}) == []
    assert told({"a": [1, {"b": 0}], "c": "x"}) == [[".a[1].b", None, 0]]
    assert told({"a": [1], "c": "y"}) == [[".a", [{"b": None}], []], [".c", "x", "y"]]
    assert told({"a": [True, {}]}) == [
        [".a[0]", 1, True], [".a[1].b", None, released.GONE], [".c", "x", released.GONE]
    ]  # fmt: skip
