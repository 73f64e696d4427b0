"""A log's key and its name: after a loss, in a copy for trial, on another machine."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from casework.log import keyring, note
from casework.system import places

sqlite_only = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def own_state(monkeypatch, tmp_path):
    monkeypatch.setenv("CASEWORK_STATE", str(tmp_path / "state"))


@pytest.fixture
def account(monkeypatch, tmp_path):
    """A function that turns to another account or machine, with files of its own."""

    def turn(name):
        monkeypatch.setenv("CASEWORK_STATE", str(tmp_path / name))

    return turn


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def on(shell, path):
    return type(shell)(str(path))


def signed_size(path):
    return note.parse(path.read_text(encoding="utf-8")).size


@pytest.fixture
def restored(office, case, new_store, out):
    """The register of Monday, taken back after it was signed for on Tuesday, and in its place."""
    office("person", "deactivate", "chi", "--reason", "left")
    case(ref="A.1")
    office("db", "backup", out / "monday.db")
    case(ref="A.2")
    office("audit", "checkpoint", "--to", out / "tuesday.txt")
    back = type(office)(new_store(empty=True))
    done = back.run("db", "restore", out / "monday.db", "--json")
    assert done.json["missing"] == 1
    assert "audit loss" in done.stderr
    back.run("db", "moved")
    return back


def propose(shell, ref):
    shell("propose", "--title", "T", "--proposer", "hcmc-pc", "--ref", ref)


def test_a_loss_is_rehearsed_without_a_word_in_the_log(restored):
    before = restored.head()
    rehearsed = restored.run("audit", "loss", "--reason", "the disk failed", "--dry-run", "--json")

    assert rehearsed.exit_code == 0, rehearsed.stderr
    assert rehearsed.json["origin"] != rehearsed.json["before"]
    assert restored.head() == before
    restored.refused(7, "audit", "checkpoint")


# --- a backup is always made -----------------------------------------------------------------


def test_a_backup_is_made_where_the_log_cannot_be_signed_and_says_why(restored, out):
    propose(restored, "B.1")
    for name in ("wednesday.db", "thursday.db"):
        done = restored.run("db", "backup", out / name, "--json")
        assert done.exit_code == 0, done.stderr
        assert done.json["checkpoint"] is None
        assert "was signed" in done.stderr
        assert "audit loss" in done.stderr
        assert not (out / f"{name}.checkpoint").exists()
        assert on(restored, out / name).head() == restored.head()
    restored("db", "backup", out / "thursday.db", "--force")
    restored.refused(7, "audit", "checkpoint")
    restored.refused(7, "audit", "export", "--to", out / "evidence")


def test_one_that_is_replaced_leaves_no_checkpoint_of_the_copy_before(restored, out):
    done = restored.run("db", "backup", out / "monday.db", "--force")

    assert done.exit_code == 0
    assert not (out / "monday.db.checkpoint").exists()


def test_a_checkpoint_that_cannot_be_kept_leaves_the_backup(office, out, monkeypatch):
    office("audit", "checkpoint")
    monkeypatch.setattr(keyring, "keep", lambda *_: (_ for _ in ()).throw(outside_full()))
    done = office.run("db", "backup", out / "b.db", "--json")

    assert done.exit_code == 0
    assert done.json["checkpoint"] is None
    assert on(office, out / "b.db").json("audit", "verify")["ok"] is True


def outside_full():
    from casework.errors import UnavailableError

    return UnavailableError("the state cannot be written: No space left on device")


@sqlite_only
def test_without_a_home_no_copy_is_begun(office, out, monkeypatch):
    for name in ("CASEWORK_STATE", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "relative")
    for words in (["db", "backup", out / "b.db"], ["audit", "checkpoint"]):
        error = office.refused(8, *words)
        assert "set HOME" in error["hint"]
    assert list(out.iterdir()) == []


# --- a loss ----------------------------------------------------------------------------------


def test_a_loss_is_recorded_and_signing_goes_on_under_another_name(restored, out):
    before = restored.json("audit", "status")
    propose(restored, "B.1")
    size = restored.head().size
    told = restored.json("audit", "loss", "--reason", "the disk failed", "--document", "12/BC")
    after = restored.json("audit", "status")

    assert told["before"] == before["origin"] != after["origin"] == told["origin"]
    assert before["origin"].split(".")[0] in after["origin"]
    assert told["signed"] == signed_size(out / "tuesday.txt")
    (event,) = restored.json("audit", "log", "--act", "loss")
    assert (event["reason"], event["document"]) == ("the disk failed", "12/BC")
    (entry,) = event["changes"]["origins"][1]
    why, origin, covered, root, found, held, left, consent = entry
    assert (why, origin, consent) == ("lone-loss", before["origin"], "")
    assert (int(covered), int(found)) == (signed_size(out / "tuesday.txt"), size)
    assert root == note.parse((out / "tuesday.txt").read_text("utf-8")).root.hex()
    assert len(held) == 64
    assert int(left) == signed_size(out / "monday.db.checkpoint")

    done = restored.run("audit", "checkpoint", "--to", out / "wednesday.txt")
    assert done.exit_code == 0, done.stderr
    assert "lost" in done.stderr
    assert note.parse((out / "wednesday.txt").read_text("utf-8")).origin == after["origin"]
    assert restored.json("audit", "verify", "--checkpoint", out / "wednesday.txt")["signed_by"]
    backup = restored.json("db", "backup", out / "later.db")
    assert backup["checkpoint"] == str(out / "later.db.checkpoint")


def test_the_keys_of_both_names_are_one(restored):
    old = restored("audit", "key").stdout.strip()
    restored("audit", "loss", "--reason", "the disk failed")
    restored("audit", "checkpoint")
    new = restored("audit", "key").stdout.strip()

    assert old != new
    assert note.VerifierKey.parse(old).public == note.VerifierKey.parse(new).public


def test_a_checkpoint_of_the_old_name_verifies_what_is_left_and_says_what_is_not(restored, out):
    restored("audit", "loss", "--reason", "the disk failed")
    kept = restored.json("audit", "verify", "--checkpoint", out / "monday.db.checkpoint")
    assert kept["covered"] == signed_size(out / "monday.db.checkpoint")
    assert kept["signed_by"]

    gone = restored.refused(7, "audit", "verify", "--checkpoint", out / "tuesday.txt")
    assert "the disk failed" in gone["message"]
    assert str(kept["covered"]) in gone["hint"]
    told = restored.run("audit", "verify", "--checkpoint", out / "tuesday.txt", "--lang", "vi")
    assert re.search(r"ghi ngày \d\d/\d\d/\d{4} \(sự kiện", told.stderr), told.stderr


@pytest.fixture
def of_two_names(restored, out):
    """Bundles of a log that goes on after a loss, and a function that checks them by itself."""
    propose(restored, "B.1")
    old = restored("audit", "key").stdout.strip()
    restored("audit", "loss", "--reason", "the disk failed")
    restored("audit", "checkpoint")
    new = restored("audit", "key").stdout.strip()
    restored("audit", "export", "--to", out / "whole")
    restored("audit", "export", "B.1", "--to", out / "part")

    def check(folder, checkpoint, *keys):
        words = [str(folder), "--checkpoint", str(checkpoint)]
        words += [word for key in keys for word in ("--key", key)]
        file = folder / "verify_bundle.py"
        done = subprocess.run(
            [sys.executable, "-I", file, *words], capture_output=True, text=True, encoding="utf-8"
        )
        return done.returncode, done.stdout + done.stderr

    return old, new, check


def test_a_bundle_follows_its_log_to_the_one_it_goes_on_from(of_two_names, out):
    old, new, check = of_two_names
    for keys in ([new], [new, old], [old, new]):
        code, told = check(out / "whole", out / "monday.db.checkpoint", *keys)
        assert (code, "IN ORDER, WHOLE LOG" in told) == (0, True), told
        assert f"the log {old.partition('+')[0]} ended with event" in told
        assert f"(loss): {new.partition('+')[0]} goes on from it" in told

    code, told = check(out / "whole", out / "tuesday.txt", new)
    assert code == 1
    assert "its first" in told
    assert "(loss)" in told


def test_a_bundle_that_cannot_say_what_its_log_goes_on_from_says_so(of_two_names, out):
    old, new, check = of_two_names
    code, told = check(out / "part", out / "monday.db.checkpoint", new)
    assert (code, "no event here says that" in told) == (2, True), told
    code, told = check(out / "whole", out / "monday.db.checkpoint", old)
    assert code == 1
    assert "has not signed" in told


def signed_as(key, size, root):
    text = note.Checkpoint(key.name, size, root).text
    return f"{text}\n{key.sign(text)}"


def test_what_was_signed_under_the_old_name_after_the_loss_was_lost(of_two_names, out):
    old, new, check = of_two_names
    (path,) = (one for one in places.keys().iterdir() if one.name == f"{old.split(chr(43))[0]}.key")
    key = note.SigningKey.parse(path.read_text("utf-8"))
    whole = note.parse((out / "whole" / "checkpoint.txt").read_text("utf-8"))
    for size in (whole.size, whole.size + 9):
        (out / "late.txt").write_text(signed_as(key, size, whole.root), encoding="utf-8")
        code, told = check(out / "whole", out / "late.txt", new)
        assert (code, f"not all of the {size} events" in told) == (1, True), told
    stranger = note.SigningKey.generate(key.name, note.ED25519)
    (out / "late.txt").write_text(signed_as(stranger, 1, whole.root), encoding="utf-8")
    code, told = check(out / "whole", out / "late.txt", new)
    assert (code, "has not signed" in told) == (1, True)


def test_nothing_lost_is_no_loss(office, case):
    case()
    office("audit", "checkpoint")
    office.refused(4, "audit", "loss", "--reason", "to begin anew")


def test_a_checkpoint_kept_elsewhere_shows_a_loss_too(restored, out, account):
    account("elsewhere")
    restored.refused(4, "audit", "loss", "--reason", "the disk failed")
    told = restored.json(
        "audit", "loss", "--reason", "the disk failed", "--checkpoint", out / "tuesday.txt"
    )

    assert told["signed"] == signed_size(out / "tuesday.txt")
    forged = note.SigningKey.generate(told["origin"], note.ED25519)
    text = note.Checkpoint(told["origin"], 9999, b"\x01" * 32).text
    (out / "forged.txt").write_text(f"{text}\n{forged.sign(text)}", encoding="utf-8")
    restored.refused(7, "audit", "loss", "--reason", "made up", "--checkpoint", out / "forged.txt")


def test_a_second_person_consents_where_there_is_one_who_may(restored):
    restored("person", "add", "hai", "--name", "Hai", "--org", "mofa", "--role", "secretariat")
    restored.refused(4, "audit", "loss", "--reason", "the disk failed")
    restored.refused(6, "audit", "loss", "--reason", "it failed", "--consent", "lan")
    restored.refused(6, "audit", "loss", "--reason", "it failed", "--consent", "registrar")
    told = restored.json("audit", "loss", "--reason", "it failed", "--consent", "hai")

    assert "lone" not in told["origin"]
    assert restored.run("audit", "checkpoint").stderr.count("lost") == 0
    assert restored.json("audit", "status")["unwitnessed_loss"] is False


def test_where_the_policy_asks_a_second_person_the_loss_waits(restored):
    words = ["--org", "mofa", "--role", "secretariat", "--login", "hai"]
    restored("person", "add", "hai", "--name", "Hai", *words)
    restored("policy", "four-eyes", "on", "--reason", "as decided")
    before = restored.json("audit", "status")["origin"]
    restored("audit", "loss", "--reason", "the disk failed")
    assert restored.json("audit", "status")["origin"] == before
    restored.refused(7, "audit", "checkpoint")


def test_a_lone_loss_is_told_until_a_witness_has_signed(restored, out, account):
    restored("audit", "loss", "--reason", "the disk failed")
    found = restored.json("audit", "findings")
    assert found[0]["rule"] == "events-lost"
    assert "the disk failed" in json.dumps(found[0])

    restored("audit", "submit", "--to", out / "asked.txt")
    assert restored.json("audit", "status")["unwitnessed_loss"] is True
    key = restored("audit", "key").stdout.strip()
    account("inspectorate")
    words = ["--name", "inspectorate", "--vkey", key, "--to", out / "answered.txt"]
    restored("audit", "witness", out / "asked.txt", *words)
    account("state")
    accept(restored, out / "answered.txt", account)
    assert restored.json("audit", "status")["unwitnessed_loss"] is False
    assert "lost" not in restored.run("audit", "checkpoint").stderr
    assert restored.json("audit", "findings")[0]["rule"] == "events-lost"


def accept(shell, file, account):
    """Accept a checkpoint, with the witness's key where that is asked for."""
    account("inspectorate")
    (path,) = (path for path in places.keys().iterdir() if path.name == "inspectorate.key")
    vkey = str(note.SigningKey.parse(path.read_text("utf-8")).verifier)
    account("state")
    done = shell.run("audit", "accept", file)
    if done.exit_code:
        shell("audit", "accept", file, "--vkey", vkey)


# --- copies for trial, and moves -------------------------------------------------------------


@sqlite_only
def test_a_copy_made_by_hand_cannot_be_signed_and_harms_nothing(office, case, out):
    case()
    office("audit", "checkpoint")
    shutil.copy(office.url, out / "trial.db")
    trial = on(office, out / "trial.db")
    propose(trial, "TRIAL.1")
    done = trial.run("db", "backup", out / "copy.db", "--json")
    assert (done.exit_code, done.json["checkpoint"]) == (0, None)
    assert "db moved" in done.stderr
    assert "--trial" in done.stderr
    error = trial.refused(5, "audit", "checkpoint")
    assert "db moved" in error["hint"]
    assert "db copy" in error["hint"]

    office("audit", "checkpoint")
    case()
    assert office.json("db", "backup", out / "real.db")["checkpoint"]


def test_a_copy_for_trial_has_a_log_of_its_own(office, case, out):
    case()
    office("audit", "checkpoint", "--to", out / "real.txt")
    before = office.json("audit", "status")
    told = office.json("db", "copy", out / "trial.db", "--trial", "--by", "registrar")
    trial = on(office, out / "trial.db")
    assert office.json("audit", "status") == before
    assert told["origin"] == trial.json("audit", "status")["origin"] != before["origin"]
    assert before["origin"].split(".")[0] in told["origin"]
    assert trial.json("audit", "verify", "--checkpoint", out / "real.txt")["ok"] is True

    trial("note", office.json("list")[0]["ref"], "a trial", "--by", "registrar")
    trial("audit", "checkpoint", "--by", "registrar")
    trial("db", "backup", out / "of-trial.db", "--by", "registrar")
    keys = {shell("audit", "key").stdout for shell in (office, trial)}
    assert len({note.VerifierKey.parse(key.strip()).public for key in keys}) == 2
    case()
    office("audit", "checkpoint", "--to", out / "later.txt")
    trial.refused(7, "audit", "verify", "--checkpoint", out / "later.txt")
    assert office.json("db", "backup", out / "b.db")["checkpoint"]


def test_a_copy_needs_to_say_what_for_and_never_replaces(office, out):
    office.refused(2, "db", "copy", out / "trial.db")
    (out / "trial.db").write_text("mine")
    office.refused(5, "db", "copy", out / "trial.db", "--trial")
    assert (out / "trial.db").read_text() == "mine"


@sqlite_only
def test_a_register_that_was_moved_is_signed_at_its_new_place(office, case, out):
    case()
    office("audit", "checkpoint")
    shutil.copy(office.url, out / "here.db")
    moved = on(office, out / "here.db")
    moved.refused(5, "audit", "checkpoint")
    told = moved.json("db", "moved")
    assert told["former_place"] == office.url
    moved("audit", "checkpoint")
    assert moved.json("audit", "status")["signed_at"] == str(out / "here.db")
    office.refused(5, "audit", "checkpoint")


@sqlite_only
def test_what_lacks_events_is_not_the_register_that_was_moved(office, case, out):
    case()
    shutil.copy(office.url, out / "old.db")
    case()
    office("audit", "checkpoint")
    on(office, out / "old.db").refused(7, "db", "moved")


@sqlite_only
def test_another_name_of_the_same_file_is_no_other_place(office, case, out):
    case()
    office("audit", "checkpoint")
    (out / "link.db").symlink_to(office.url)
    on(office, out / "link.db")("audit", "checkpoint")


def test_a_copy_with_another_past_is_taken_back_when_that_is_asked_for(
    office, case, new_store, out
):
    office("person", "deactivate", "chi", "--reason", "left")
    ref = case()
    office("db", "backup", out / "b.db")
    copy = on(office, out / "b.db")
    copy("note", ref, "only in the copy", "--by", "registrar")
    office("note", ref, "only in the register")
    office("audit", "checkpoint")
    back = type(office)(new_store(empty=True))
    refused = back.run("db", "restore", out / "b.db")
    assert refused.exit_code == 7
    assert "--other-past" in refused.stderr
    done = back.run("db", "restore", out / "b.db", "--other-past")

    assert done.exit_code == 0, done.stderr
    assert "audit loss" in done.stderr
    assert back.run("audit", "checkpoint").exit_code == 7
    back("audit", "loss", "--reason", "the register is gone")
    back("audit", "checkpoint")


# --- keys ------------------------------------------------------------------------------------


def test_the_first_key_is_an_act_and_no_other_is_made(office, case, account):
    case()
    key = office("audit", "key").stdout.strip()
    office("audit", "checkpoint")
    (event,) = office.json("audit", "log", "--act", "key")
    assert event["changes"]["signing_key"] == [None, key]
    assert office.json("audit", "status")["signing_key"] == key

    account("another")
    error = office.refused(8, "audit", "checkpoint")
    assert key in error["message"]
    assert "audit key new" in error["hint"]
    assert office("audit", "key").stdout.strip() == key
    assert not places.keys().exists()


def test_another_key_is_made_by_name_and_is_an_act(office, case, out, account):
    case()
    office("audit", "checkpoint", "--to", out / "first.txt")
    first = office("audit", "key").stdout.strip()
    account("another")
    office.refused(2, "audit", "key", "new")
    office("audit", "key", "new", "--reason", "the laptop was stolen")
    second = office("audit", "key").stdout.strip()
    office("audit", "checkpoint", "--to", out / "second.txt")

    assert first != second
    (event,) = office.json("audit", "log", "--act", "renew-key")
    assert event["changes"]["signing_key"] == [first, second]
    assert event["reason"] == "the laptop was stolen"
    # What the old one signed can still be checked, by what the log says of it.
    for name in ("first.txt", "second.txt"):
        assert office.json("audit", "verify", "--checkpoint", out / name)["signed_by"]
    account("state")
    office.refused(5, "audit", "checkpoint")


def test_a_key_made_in_its_place_is_put_beside_the_old_one(office, case):
    case()
    office("audit", "checkpoint")
    office("audit", "key", "new", "--reason", "once a year")

    assert len(list(places.keys().iterdir())) == 2
    office("audit", "checkpoint")


def test_a_key_of_an_earlier_program_goes_on_and_is_recorded(office, case, out):
    case()
    origin = office.json("audit", "status")["origin"]
    old = note.SigningKey.generate(origin, note.ED25519)
    keyring.keep_key(old)
    office("audit", "checkpoint", "--to", out / "c.txt")

    assert note.parse((out / "c.txt").read_text("utf-8")).by(old.verifier)
    assert office.json("audit", "status")["signing_key"] == str(old.verifier)


def test_it_goes_on_signing_where_who_signs_may_not_say_so(office, case, out):
    case()
    old = note.SigningKey.generate(office.json("audit", "status")["origin"], note.ED25519)
    office("person", "add", "ins", "--name", "Ins", "--org", "mofa", "--role", "inspector")
    size = office.head().size
    office.refused(6, "audit", "checkpoint", "--by", "ins")
    keyring.keep_key(old)
    office("audit", "checkpoint", "--to", out / "c.txt", "--by", "ins")

    assert note.parse((out / "c.txt").read_text("utf-8")).by(old.verifier)
    assert office.head().size == size


def test_a_key_that_was_lost_before_it_was_recorded_is_not_made_anew(office, case):
    case()
    old = note.SigningKey.generate(office.json("audit", "status")["origin"], note.ED25519)
    keyring.keep_key(old)
    person = ["person", "add", "ins", "--name", "Ins", "--org", "mofa", "--role", "inspector"]
    office(*person)
    office("audit", "checkpoint", "--by", "ins")
    keyring.key_path(old.name).unlink()

    office.refused(8, "audit", "checkpoint")


def test_doctor_says_what_must_be_kept_and_when_it_was_copied(office, case, out):
    case()
    office("audit", "checkpoint")
    told = office.json("doctor")
    assert told["keys_backed_up"] == told["backed_up"] == "never"
    assert {Path(path).suffix for path in told["keep"]} >= {".key"}
    assert all(Path(path).is_file() for path in told["keep"])
    office("db", "backup", out / "b.db")
    assert office.json("doctor")["keys_backed_up"] == "never"
    office("db", "backup", out / "c.db", "--with-keys")
    told = office.json("doctor")
    assert told["keys_backed_up"].startswith("20")
    assert told["backed_up"].startswith("20")


def test_keys_travel_beside_a_backup_to_another_machine(office, case, out, new_store, account):
    case()
    office("audit", "checkpoint", "--to", out / "before.txt")
    key = office("audit", "key").stdout.strip()
    told = office.json("db", "backup", out / "b.db", "--with-keys")
    assert told["keys"] == str(out / "b.db.keys")
    assert (out / "b.db.keys").stat().st_mode & 0o077 == 0
    office("db", "backup", out / "b.db", "--with-keys", "--force")

    account("new machine")
    there = type(office)(new_store(empty=True))
    done = there.run("db", "restore", out / "b.db", "--with-keys")
    assert done.exit_code == 0, done.stderr
    assert "db moved" in done.stderr
    there.refused(5, "audit", "checkpoint")
    there("db", "moved")
    there("audit", "checkpoint", "--to", out / "after.txt")
    assert there("audit", "key").stdout.strip() == key
    for name in ("before.txt", "after.txt"):
        assert there.json("audit", "verify", "--checkpoint", out / name)["signed_by"]


def test_another_key_that_is_kept_is_not_replaced_by_one_brought_back(
    office, case, out, new_store, account
):
    case()
    office("db", "backup", out / "b.db", "--with-keys")
    origin = office.json("audit", "status")["origin"]
    account("new machine")
    keyring.keep_key(note.SigningKey.generate(origin, note.ED25519))
    there = type(office)(new_store(empty=True))

    assert there.run("db", "restore", out / "b.db", "--with-keys").exit_code == 5
    assert there.head() is None
    (out / "b.db.keys").write_text("not keys")
    assert there.run("db", "restore", out / "b.db", "--with-keys").exit_code == 2


def test_a_backup_whose_keys_cannot_be_kept_is_not_taken_back_without_them(
    office, case, out, new_store, account, tmp_path
):
    case()
    office("db", "backup", out / "b.db", "--with-keys")
    (tmp_path / "file").write_text("no folder")
    account("file")
    there = type(office)(new_store(empty=True))
    there.refused(8, "db", "restore", out / "b.db", "--with-keys")
    assert there.head() is None

    account("new machine")
    assert there.json("db", "restore", out / "b.db", "--with-keys")["keys"]


def test_a_pack_of_keys_puts_nothing_else_anywhere(office, case, out, new_store, account, tmp_path):
    case()
    office("db", "backup", out / "b.db", "--with-keys")
    begin, _, rest = (out / "b.db.keys").read_text("utf-8").partition("\n")
    files = json.loads(rest) | {
        "../evil.key": "x",
        "other.key": "x",
        "../../evil": "x",
        f"{office.json('audit', 'status')['origin']}/../../evil": "x",
    }
    (out / "b.db.keys").write_text(f"{begin}\n{json.dumps(files)}", encoding="utf-8")
    account("new machine")
    there = type(office)(new_store(empty=True))
    there("db", "restore", out / "b.db", "--with-keys")

    assert not [path for path in tmp_path.rglob("*") if "evil" in path.name]
    assert not (places.keys() / "other.key").exists()
