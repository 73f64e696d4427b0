"""Witnesses: whose line under a checkpoint counts, and how one becomes known."""

import base64

import pytest

from casework.errors import IntegrityFailure
from casework.log import keyring, note
from casework.log.verify import refuse_silent_erasure

AT = 1_800_000_000


@pytest.fixture
def witness():
    return note.SigningKey.generate("inspectorate", note.COSIGNATURE)


@pytest.fixture
def signed(office, case, tmp_path):
    """A checkpoint of a register with one case; its text."""
    case("assigned", ref="A.1")
    office("audit", "checkpoint", "--to", tmp_path / "cp.txt")
    return (tmp_path / "cp.txt").read_text(encoding="utf-8")


@pytest.fixture
def came(signed, tmp_path):
    """Give a function that writes the checkpoint with more lines under it; the file's path."""

    def write(*lines, text=None):
        path = tmp_path / "came.txt"
        path.write_text((signed if text is None else text) + "".join(lines), encoding="utf-8")
        return path

    return write


def cosigned(signed, key):
    return key.sign(note.parse(signed).text, AT)


def test_a_line_anybody_can_write_makes_no_witness(office, signed, came, witness):
    made_up = f"— inspectorate {base64.b64encode(bytes(range(76))).decode()}\n"
    before = office.json("audit", "status")
    for lines in ([made_up], [cosigned(signed, witness)], []):
        error = office.refused(7, "audit", "accept", came(*lines))
        assert "--vkey" in error["hint"]
    # Its name and the key's id may be right, and the signature is none.
    identity = base64.b64encode(witness.verifier.key_id + bytes(72)).decode()
    forged = came(f"— inspectorate {identity}\n")
    office.refused(7, "audit", "accept", forged, "--vkey", witness.verifier)
    office.refused(7, "audit", "accept", came(made_up), "--vkey", witness.verifier)

    assert office.json("audit", "status") == before
    assert before["witnesses"] == []


def test_a_witness_becomes_known_with_its_key_and_that_is_an_act(office, signed, came, witness):
    path = came(cosigned(signed, witness))
    office("audit", "accept", path, "--vkey", witness.verifier)
    event = office.json("audit", "log", "--act", "witness")[-1]
    status = office.json("audit", "status")

    assert event["changes"]["witnesses"] == [[], [str(witness.verifier)]]
    assert (status["witnesses"], status["witnessed"]) == (["inspectorate"], status["size"] - 1)
    office("audit", "verify")
    office("audit", "accept", path)
    office("audit", "accept", path, "--vkey", witness.verifier)
    assert len(office.json("audit", "log", "--act", "witness")) == 1


def test_a_line_of_somebody_else_beside_it_is_not_kept(office, signed, came, witness):
    stranger = note.SigningKey.generate("stranger", note.COSIGNATURE)
    office(
        *("audit", "accept", came(cosigned(signed, witness), cosigned(signed, stranger))),
        *("--vkey", witness.verifier),
    )

    origin = office.json("audit", "status")["origin"]
    assert office.json("audit", "status")["witnesses"] == ["inspectorate"]
    kept = keyring.kept(origin, keyring.WITNESSED)
    assert [one.name for one in kept.signatures] == [origin, "inspectorate"]


def test_the_logs_own_signature_must_be_there_and_be_its_own(office, signed, came, witness):
    text, _, own = signed.partition("\n\n")
    line = cosigned(signed, witness)
    other = note.SigningKey.generate(note.parse(signed).origin, note.ED25519)
    for lines in ([line], [other.sign(note.parse(signed).text), line]):
        path = came(*lines, text=f"{text}\n\n")
        office.refused(7, "audit", "accept", path, "--vkey", witness.verifier)
    spoiled = own.replace(own[-20:], "A" * 18 + "=\n")
    code = office.run(
        "audit", "accept", came(spoiled, line, text=f"{text}\n\n"), "--vkey", witness.verifier
    ).exit_code
    assert code in {2, 7}
    assert office.json("audit", "status")["witnesses"] == []


def test_what_is_no_key_of_a_witness_makes_none_known(office, signed, came, witness):
    log_key = office("audit", "key").stdout.strip()
    for key in (log_key, "key", f"{witness.verifier}x"):
        office.refused(2, "audit", "accept", came(cosigned(signed, witness)), "--vkey", key)


def test_a_witness_has_one_key(office, signed, came, witness):
    office("audit", "accept", came(cosigned(signed, witness)), "--vkey", witness.verifier)
    other = note.SigningKey.generate("inspectorate", note.COSIGNATURE)

    error = office.refused(
        5, "audit", "accept", came(cosigned(signed, other)), "--vkey", other.verifier
    )
    assert str(witness.verifier) in error["message"]


def test_who_may_not_decide_makes_no_witness_known(office, signed, came, witness):
    words = ["audit", "accept", came(cosigned(signed, witness)), "--vkey", witness.verifier]
    office.refused(6, "--by", "lan", *words)

    assert office.json("audit", "status")["witnesses"] == []


def test_two_witnesses_of_one_checkpoint_both_count(office, signed, came, witness):
    second = note.SigningKey.generate("audit-office", note.COSIGNATURE)
    for key in (witness, second, witness):
        office("audit", "accept", came(cosigned(signed, key)), "--vkey", key.verifier)

    assert office.json("audit", "status")["witnesses"] == ["audit-office", "inspectorate"]


def test_a_checkpoint_older_than_the_one_accepted_last_is_not_kept(
    office, case, signed, came, witness, tmp_path
):
    case(ref="A.2")
    office("audit", "checkpoint", "--to", tmp_path / "later.txt")
    later = (tmp_path / "later.txt").read_text(encoding="utf-8")
    path = came(cosigned(later, witness), text=later)
    office("audit", "accept", path, "--vkey", witness.verifier)
    before = office.json("audit", "status")
    second = note.SigningKey.generate("audit-office", note.COSIGNATURE)
    for key, more in ((witness, []), (second, ["--vkey", second.verifier])):
        office.refused(5, "audit", "accept", came(cosigned(signed, key)), *more)

    assert office.json("audit", "status") == before


def test_a_checkpoint_that_travelled_is_accepted(office, signed, came, witness):
    path = came(cosigned(signed, witness))
    text = path.read_text(encoding="utf-8")
    for number, data in enumerate(
        (
            ("\ufeff" + text.replace("\n", "\r\n")).encode(),
            "".join(f"> {line}\n" for line in text.splitlines()).encode(),
            ("\ufeff" + text).encode("utf-16-le"),
            text.rstrip().encode(),
        )
    ):
        path.write_bytes(data)
        office("audit", "accept", path, *([] if number else ["--vkey", witness.verifier]))
        office("audit", "verify", "--checkpoint", path)


def test_a_submission_that_travelled_is_countersigned(office, signed, tmp_path, monkeypatch):
    assert signed
    asked = tmp_path / "asked.txt"
    office("audit", "submit", "--since", 0, "--to", asked)
    text, key = asked.read_text(encoding="utf-8"), office("audit", "key").stdout.strip()
    for number, data in enumerate(
        (
            text.replace("\n", "\r\n").encode(),
            ("\ufeff" + text + "\n\n").encode("utf-16"),
            "".join(f">  {line}\n" for line in text.splitlines()).encode(),
        )
    ):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"witness {number}"))
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / f"witness {number}"))
        asked.write_bytes(data)
        office("audit", "witness", asked, "--name", "centre", "--vkey", key)


def test_a_size_the_log_does_not_have_is_told(office, signed):
    assert signed
    error = office.refused(2, "audit", "submit", "--since", 5_000)

    assert "5000" in error["message"]


@pytest.mark.parametrize("data", [bytes(range(256)), b"\xff\xfe", b"", b"text"])
def test_a_file_that_is_no_key_is_refused(office, signed, tmp_path, data):
    assert signed
    path = tmp_path / "my.key"
    path.write_bytes(data)
    path.chmod(0o600)
    for words in (["key"], ["checkpoint"], ["submit"]):
        error = office.refused(2, "audit", *words, "--key", path)
        assert "\x00" not in error["message"]


# --- what may not be signed for ----------------------------------------------------------------


def test_a_register_whose_private_text_is_gone_is_not_signed_for(office, signed):
    assert signed
    empty = {"sqlite": "X'7b7d'", "postgresql": "'\\x7b7d'"}[office.store().engine.dialect.name]
    last = office.head().size - 1
    office.sql(f"UPDATE disclosure SET body = {empty} WHERE seq = {last}")

    error = office.refused(7, "audit", "checkpoint")
    assert error["message"].startswith(f"event {last}: ")
    assert "no redaction says so" in error["message"]


def test_what_a_redaction_erased_is_signed_for(office, signed):
    assert signed
    office("redact", "A.1", "--field", "title", "--basis", "Law 91", "--consent", "chi")

    office("audit", "checkpoint")


def test_what_is_only_written_like_a_commitment_is_none():
    from casework.log.event import canonical, commitment

    salt = "0f" * 16
    text = '{"commitment":"x"} and {"a":["b"]} {"redacts":[]}'
    body = {
        "changes": {"title": [None, {"commitment": commitment(salt, text)}]},
        "document": text,
        "kind": "case",
    }
    log = [(0, canonical(body), canonical({"title.1": [salt, text]}))]

    refuse_silent_erasure(log)
    with pytest.raises(IntegrityFailure, match=r"event 0: title\.1 is gone"):
        refuse_silent_erasure([(0, log[0][1], b"{}")])
    with pytest.raises(IntegrityFailure, match="missing"):
        refuse_silent_erasure([(0, log[0][1], None)])
