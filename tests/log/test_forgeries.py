"""Whoever holds the store and its real key rewrites the log: one checkpoint kept elsewhere tells.

Each forgery is as good as one can be made: every hash, column and row is made anew, what this
machine kept of the log is gone, and the real key signs the result. Nothing in the store shows it.
"""

import json
import shutil

import pytest
from forging import read_log, write_log

from casework.log.event import commitment


@pytest.fixture
def saved(office, case, tmp_path, monkeypatch):
    """A register with some history, and a checkpoint of it kept elsewhere; the checkpoint."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    case("resolved", ref="A.1")
    case("under_study", ref="A.2")
    for text in ("first", "second", "third"):
        office("note", "A.2", text)
    path = tmp_path / "elsewhere.txt"
    office("audit", "checkpoint", "--to", path)
    office("note", "A.2", "after it was saved")
    return path


def notes(entries):
    """Return the places of the notes, which are in the log before the checkpoint but for one."""
    return [place for place, (body, _) in enumerate(entries) if body["act"] == "note"]


def edited(entries):
    entries[notes(entries)[0]][0]["actor"] = "lan"


def another_text(entries):
    body, values = entries[notes(entries)[0]]
    values["note"][1] = "never said"
    body["note"] = {"commitment": commitment(*values["note"])}


def another_time(entries):
    entries[notes(entries)[0]][0]["recorded_at"] = "2090-01-01T00:00:00.000000Z"


def another_outcome(entries):
    body, _ = next(one for one in entries if one[0]["act"] == "resolve")
    body["changes"]["outcome"][1] = "explained"


def another_day(entries):
    entries[notes(entries)[0]][0]["effective_on"] = "2023-01-01"


def dropped(entries):
    del entries[notes(entries)[0]]


def a_case_dropped(entries):
    entries[:] = [one for one in entries if one[0]["key"] != "A.1"]


def another_history_of_the_same_length(entries):
    for body, values in (entries[place] for place in notes(entries)):
        values["note"][1] = "all of it was otherwise"
        body["note"] = {"commitment": commitment(*values["note"])}


def inserted(entries):
    place = notes(entries)[0]
    body, values = json.loads(json.dumps(entries[place]))
    # A command is known by its key, which the log may hold once.
    body["command"]["key"] = body["command"]["key"][::-1]
    entries.insert(place, (body, values))


def reordered(entries):
    first, second, *_ = notes(entries)
    entries[first], entries[second] = entries[second], entries[first]


def cut(entries):
    del entries[notes(entries)[1] :]


def sign_anew(office, tmp_path, name="forged.txt"):
    """Sign with the real key once what this machine kept of the log is gone; return the file."""
    shutil.rmtree(tmp_path / "state")
    office("audit", "checkpoint", "--to", tmp_path / name)
    return tmp_path / name


def refused_by(office, saved):
    """Return what verification says with the saved checkpoint, however it is given."""
    size, root = saved.read_text("utf-8").split("\n")[1:3]
    typed = ["--size", size, "--root", note_root(root)]
    for more in ([], ["--log-only"]):
        told = office.refused(7, "audit", "verify", "--checkpoint", saved, *more)
        assert office.refused(7, "audit", "verify", *typed, *more)["message"] == told["message"]
    return told["message"]


def note_root(encoded):
    from casework.log import note

    return note.decode(encoded).hex()


@pytest.mark.parametrize(
    "forge",
    [
        *(edited, another_outcome, another_text, another_day, another_time, dropped),
        *(inserted, reordered, another_history_of_the_same_length),
    ],
)
def test_a_rewritten_log_is_in_order_by_itself_and_refused_by_the_checkpoint(
    office, saved, tmp_path, forge
):
    assert office.json("audit", "verify", "--checkpoint", saved)["ok"]
    entries = read_log(office)
    forge(entries)
    write_log(office, entries)

    assert office.json("audit", "verify")["ok"]
    assert office.json("audit", "replay")["differences"] == []
    error = office.refused(7, "audit", "checkpoint")
    forged = sign_anew(office, tmp_path)
    assert office.json("audit", "verify", "--checkpoint", forged)["ok"]
    assert "signed for" in error["message"]
    assert "are not those that were seen" in refused_by(office, saved)


@pytest.mark.parametrize("forge", [cut, a_case_dropped])
def test_a_log_whose_tail_was_cut_is_refused_by_the_checkpoint(office, saved, tmp_path, forge):
    entries = read_log(office)
    forge(entries)
    write_log(office, entries)

    assert office.json("audit", "verify")["ok"]
    error = office.refused(7, "audit", "checkpoint")
    forged = sign_anew(office, tmp_path)
    assert office.json("audit", "verify", "--checkpoint", forged)["ok"]
    assert "was signed" in error["message"]
    assert "was seen" in refused_by(office, saved)


def test_an_old_backup_that_was_restored_and_went_on_is_refused_by_the_checkpoint(
    office, saved, tmp_path
):
    entries = read_log(office)
    cut(entries)
    write_log(office, entries)
    for number in range(9):
        office("note", "A.2", f"another history {number}")

    assert office.json("audit", "verify")["ok"]
    sign_anew(office, tmp_path)
    assert "are not those that were seen" in refused_by(office, saved)


def test_a_log_under_another_key_is_refused_by_the_checkpoint_and_by_the_old_key(
    office, saved, tmp_path
):
    old = office("audit", "key").stdout.strip()
    entries = read_log(office)
    (tmp_path / "data").rename(tmp_path / "old-keys")
    # Not even a forger gets another key without an act; what was there is taken out again.
    office("audit", "key", "new", "--reason", "so that nobody knows the old one")
    new = sign_anew(office, tmp_path)

    assert office("audit", "key").stdout.strip() != old
    # The log says which key was its own before; whoever checks goes by the one they were told.
    assert office.json("audit", "verify", "--checkpoint", saved)["ok"]
    by_old = office.refused(7, "audit", "verify", "--checkpoint", new, "--vkey", old)
    assert "not signed by" in by_old["message"]
    assert office.json("audit", "verify", "--checkpoint", saved, "--vkey", old)["ok"]
    edited(entries)
    write_log(office, entries)
    rewritten = office.refused(7, "audit", "verify", "--checkpoint", saved, "--vkey", old)
    assert "are not those that were seen" in rewritten["message"]


def test_a_log_under_another_origin_is_refused_by_the_checkpoint(office, saved):
    assert office.json("audit", "verify", "--checkpoint", saved)["ok"]
    entries = read_log(office)
    body, _ = next(one for one in entries if one[0]["kind"] == "register")
    body["changes"]["origin"][1] = "another.casework"
    write_log(office, entries)

    assert office.json("audit", "verify")["ok"]
    told = office.refused(7, "audit", "verify", "--checkpoint", saved)
    assert "another.casework" in told["message"]


def test_a_text_that_was_erased_without_an_act_is_found_without_a_checkpoint(office, saved):
    entries = read_log(office)
    entries[notes(entries)[0]][1].clear()
    write_log(office, entries)

    told = office.refused(7, "audit", "verify")
    assert f"event {notes(entries)[0]}" in told["message"]
    assert office.refused(7, "audit", "verify", "--checkpoint", saved)["message"] == told["message"]


def test_the_log_alone_is_hashed_and_rows_are_not_looked_at(office, saved):
    found = office.json("audit", "verify", "--log-only", "--checkpoint", saved)
    office.sql("UPDATE \"case\" SET owner = 'vufo'")

    whole = office("audit", "verify", "--log-only").stdout
    assert (found["records"], found["ok"]) == (None, True)
    assert found["covered"] == found["size"] - 1
    assert "the rows were not checked" in whole
    office.refused(7, "audit", "verify")
    for statement, said in (
        ("UPDATE event SET body = leaf WHERE seq = 3", "the head of the log is not that"),
        ("UPDATE log_head SET size = size - 1", "the head of the log is not that"),
        ("DELETE FROM event WHERE seq = 3", "23 events are there from 0 to 23"),
    ):
        office.sql(statement)
        assert said in office.refused(7, "audit", "verify", "--log-only")["message"]
