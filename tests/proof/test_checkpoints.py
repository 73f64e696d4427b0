"""Checkpoints, and the second office that witnesses them: by files alone."""

import os
import shutil
from pathlib import Path

import pytest

from casework.log import note


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A function that turns to another office: its own keys, and its own memory of what it saw."""

    def turn(name):
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / name / "data"))
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / name / "state"))

    turn("ministry")
    return turn


@pytest.fixture
def signed(office, case, elsewhere, tmp_path):
    """A register with one case and a checkpoint of it; the checkpoint's path."""
    elsewhere("ministry")
    case("assigned")
    path = tmp_path / "kept-elsewhere.txt"
    office("audit", "checkpoint", "--to", path)
    return path


def test_a_checkpoint_is_a_signed_note_of_origin_size_and_root(office, signed):
    told = note.parse(signed.read_text(encoding="utf-8"))
    key = note.VerifierKey.parse(office("audit", "key").stdout)

    status = office.json("audit", "status")
    assert (told.origin, told.size) == (status["origin"], status["size"])
    assert told.root.hex() == status["root"]
    assert told.by(key) is not None


@pytest.mark.usefixtures("signed")
def test_a_checkpoint_that_cannot_be_kept_leaves_nothing_behind(office, tmp_path, monkeypatch):
    before = {path for path in tmp_path.rglob("*") if path.is_file()}

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    office.refused(8, "audit", "checkpoint")

    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before


def test_the_signing_key_is_in_a_file_only_its_owner_reads(office, signed, tmp_path):
    (key,) = (tmp_path / "ministry" / "data").rglob("*.key")

    assert signed.exists()
    assert key.stat().st_mode & 0o077 == 0
    *_, secret = key.read_text(encoding="utf-8").strip().split("+", 4)
    assert len(secret) > 40
    if "://" not in office.url:
        assert secret.encode() not in Path(office.url).read_bytes()
    key.chmod(0o644)
    office.refused(8, "audit", "checkpoint")


def test_a_log_that_grew_still_contains_what_a_checkpoint_covered(office, case, signed):
    covered = office.json("audit", "status")
    case("resolved")

    by_file = office.json("audit", "verify", "--checkpoint", signed)
    typed = ["--size", covered["size"], "--root", covered["root"]]
    by_hand = office.json("audit", "verify", *typed)
    assert by_file["covered"] == by_hand["covered"] == covered["size"] < by_file["size"]
    assert by_file["signed_by"] == covered["origin"]
    office.refused(7, "audit", "verify", "--size", covered["size"], "--root", "ab" * 32)
    office.refused(7, "audit", "verify", "--size", 9999, "--root", covered["root"])
    office.refused(2, "audit", "verify", "--size", 1)


def test_a_checkpoint_of_another_log_or_with_a_changed_signature_is_refused(
    office, signed, new_store, tmp_path
):
    other = type(office)(new_store())
    text = signed.read_text(encoding="utf-8")
    head, _, last = text.rpartition(" ")
    spoiled = tmp_path / "spoiled.txt"
    flipped = last[:20] + ("A" if last[20] != "A" else "B") + last[21:]
    spoiled.write_text(f"{head} {flipped}", encoding="utf-8")

    assert "log" in other.refused(7, "audit", "verify", "--checkpoint", signed)["message"]
    assert "signature" in office.refused(7, "audit", "verify", "--checkpoint", spoiled)["message"]
    spoiled.write_bytes(b"\xff\x00" * 10)
    office.refused(2, "audit", "verify", "--checkpoint", spoiled)
    office.refused(3, "audit", "verify", "--checkpoint", tmp_path / "absent.txt")


def test_an_older_copy_of_the_store_is_not_signed_for(office, case, elsewhere, tmp_path):
    if "://" in office.url:
        pytest.skip("a copy of the file is what goes back in time")
    elsewhere("ministry")
    case("assigned")
    shutil.copy(office.url, tmp_path / "old.db")
    case("assigned")
    office("audit", "checkpoint")
    shutil.copy(tmp_path / "old.db", office.url)

    shorter = office.refused(7, "audit", "checkpoint")
    case("assigned")
    case("assigned")
    forked = office.refused(7, "audit", "checkpoint")
    assert "was signed" in shorter["message"]
    assert "signed for" in forked["message"]


def test_a_witness_countersigns_what_continues_what_it_saw(office, case, elsewhere, tmp_path):
    asked, answered = tmp_path / "asked.txt", tmp_path / "answered.txt"
    key = office("audit", "key").stdout.strip()
    for number in range(3):
        case("assigned")
        elsewhere("ministry")
        office("audit", "submit", "--to", asked, "--force")
        elsewhere("inspectorate")
        known = ["--vkey", key] if number == 0 else []
        witness = ["audit", "witness", asked, "--name", "inspectorate", *known, "--to", answered]
        told = office(*witness, "--force").stderr
        if number == 0:
            theirs = told.split("whoever checks:\n")[1].split()[0]
        elsewhere("ministry")
        office("audit", "accept", answered, *(["--vkey", theirs] if number == 0 else []))

    status = office.json("audit", "status")
    assert status["witnesses"] == ["inspectorate"]
    assert (status["witnessed"], status["unwitnessed"]) == (status["size"], 0)
    case()
    assert office.json("audit", "status")["unwitnessed"] == 1
    witnessed = note.parse(answered.read_text(encoding="utf-8"))
    assert {one.name for one in witnessed.signatures} == {status["origin"], "inspectorate"}


def test_a_witness_refuses_a_log_it_does_not_know_and_one_that_was_rewritten(
    office, case, elsewhere, tmp_path
):
    asked = tmp_path / "asked.txt"
    case("assigned")
    office("audit", "submit", "--to", asked)
    key = office("audit", "key").stdout.strip()
    witness = ["audit", "witness", asked, "--name", "inspectorate"]
    elsewhere("inspectorate")

    assert "--vkey" in office.refused(2, *witness)["hint"]
    wrong = note.SigningKey.generate(office.json("audit", "status")["origin"], note.ED25519)
    office.refused(7, *witness, "--vkey", wrong.verifier)
    office(*witness, "--vkey", key)
    rewritten = asked.read_text(encoding="utf-8").partition("\n\n")[2]
    case("assigned")
    elsewhere("ministry")
    office("audit", "submit", "--since", note.parse(rewritten).size, "--to", asked, "--force")
    proof = asked.read_text(encoding="utf-8").split("\n")
    proof[1] = note.encode(b"\x01" * 32)
    asked.write_text("\n".join(proof), encoding="utf-8")
    elsewhere("inspectorate")
    assert "continue" in office.refused(7, *witness)["message"]
    asked.write_text("old 0\n\n" + rewritten, encoding="utf-8")
    assert "--since" in office.refused(2, *witness)["hint"]
    asked.write_text("hello", encoding="utf-8")
    office.refused(2, *witness)


def test_a_file_that_is_there_is_replaced_only_when_told_to_and_nothing_is_signed(
    office, case, tmp_path
):
    case("assigned")
    there = tmp_path / "there.txt"
    there.write_text("mine")
    key = office("audit", "key").stdout.strip()
    asked = tmp_path / "asked.txt"
    office("audit", "submit", "--to", asked)
    case("assigned")
    before = office.json("audit", "status")
    witness = ["audit", "witness", asked, "--name", "inspectorate", "--vkey", key, "--to", there]
    for words in (["audit", "checkpoint", "--to", there], ["audit", "submit", "--to", there]):
        assert "--force" in office.refused(5, *words)["hint"]
    office.refused(5, *witness)

    assert there.read_text() == "mine"
    assert office.json("audit", "status") == before
    assert "nothing of this log" not in office(*witness, "--force").stderr
    assert there.read_text().startswith(before["origin"])


def test_what_cannot_be_written_was_not_countersigned(office, case, tmp_path):
    case("assigned")
    key = office("audit", "key").stdout.strip()
    asked = tmp_path / "asked.txt"
    office("audit", "submit", "--to", asked)
    witness = ["audit", "witness", asked, "--name", "inspectorate", "--vkey", key]
    office.refused(8, *witness, "--to", tmp_path / "nowhere" / "back.txt")
    case("assigned")
    office("audit", "submit", "--since", 0, "--to", asked, "--force")

    # Had the first been kept as seen, a submission from the start would be refused.
    assert "inspectorate" in office(*witness).stdout
