"""What is given as checkpoint, submission, proof or bundle and is none: one line, an exit code."""

import shutil

import pytest

from casework.log import verify_bundle

FILES = ("events.jsonl", "disclosed.jsonl", "proofs.jsonl", "checkpoint.txt")
NESTED = b"[" * 200_000 + b"]" * 200_000
BAD = {
    "empty": b"",
    "binary": bytes(range(256)) * 64,
    "zeros": bytes(5_000),
    "huge": b"A" * (3 << 20),
    "one huge line": b'{"a":"' + b"x" * (20 << 20) + b'"}\n',
    "deeply nested": NESTED,
    "deeply nested and named": b'{"from":' + NESTED + b"}\n",
    "another text": "Kính gửi: Bộ Ngoại giao\n\n— chào\n".encode(),
    "UTF-16": "old 0\n\n".encode("utf-16"),
    "a number too long": b"old " + b"9" * 10_000 + b"\n\n",
    "not a number": b"NaN\n",
    "too large a number": b"1e999\n",
}


@pytest.fixture
def evidence(office, case, tmp_path):
    """A register, and what it gives to others: its paths."""
    case("resolved", ref="A.1")
    office("audit", "submit", "--to", tmp_path / "submission.txt")
    office("audit", "checkpoint", "--to", tmp_path / "checkpoint.txt")
    office("audit", "export", "A.1", "--to", tmp_path / "bundle")
    return tmp_path


def commands(office, file, folder):
    key = office("audit", "key").stdout.strip()
    yield ["audit", "verify", "--checkpoint", file]
    yield ["audit", "witness", file, "--name", "inspectorate", "--vkey", key]
    yield ["audit", "accept", file]
    yield ["audit", "export", "--to", folder / "new", "--checkpoint", file]
    yield ["audit", "export", "--to", folder / "new", "--since", file]


def refuses(office, words):
    """Tell whether a command fails in one line and a hint, with an exit code of its own."""
    before = office.head()
    result = office.run(*words)
    told = result.stderr.splitlines()
    own = result.exit_code in {2, 3, 7, 8}
    short = told and len(told) <= 5 and all(len(line) < 500 for line in told)
    return own and short and result.stdout == "" and office.head() == before


def test_what_is_no_checkpoint_and_no_submission_is_refused(office, evidence):
    file = evidence / "given.txt"
    for what, given in BAD.items():
        file.write_bytes(given)
        for words in commands(office, file, evidence):
            assert refuses(office, words), (what, words)
    assert not (evidence / "new").exists()


@pytest.mark.parametrize("name", ["checkpoint.txt", "submission.txt"])
def test_a_file_that_was_cut_is_refused_wherever_it_was_cut(office, evidence, name):
    whole = (evidence / name).read_bytes()
    file = evidence / "given.txt"
    for end in range(0, len(whole) - 1, 41):
        file.write_bytes(whole[:end])
        for words in commands(office, file, evidence):
            assert refuses(office, words), (end, words)
    file.write_bytes(whole[:-2])
    assert all(refuses(office, words) for words in commands(office, file, evidence))


def test_a_folder_and_a_file_that_is_not_there_are_refused(office, evidence):
    for file in (evidence, evidence / "nothing"):
        assert all(refuses(office, words) for words in commands(office, file, evidence)), file


def test_a_bundle_with_such_a_file_is_refused_by_its_verifier(office, evidence, capfd):
    words = [str(evidence / "bundle"), "--key", office("audit", "key").stdout.strip()]
    for path in (evidence / "bundle" / name for name in FILES):
        true = path.read_bytes()
        for what, given in BAD.items():
            path.write_bytes(given)
            code = verify_bundle.main(words)
            out, err = capfd.readouterr()
            assert (code in {1, 2}, out, err.count("\n")) == (True, "", 1), (path.name, what)
            verdict = ("CANNOT BE CHECKED: ", "NOT IN ORDER: ")[code == 1]
            assert err.startswith(verdict), (path.name, what)
            assert len(err) < 500, (path.name, what)
            if (path.name, what) == ("checkpoint.txt", "empty"):
                assert err == f"{verdict}checkpoint.txt is no signed checkpoint\n"
        path.write_bytes(true)
    assert verify_bundle.main(words) == 0


def test_a_bundle_that_lacks_a_file_or_is_none_is_refused(office, evidence, capfd):
    key = office("audit", "key").stdout.strip()
    bundle = evidence / "bundle"
    for name in FILES:
        shutil.copytree(bundle, evidence / "less" / name)
        (evidence / "less" / name / name).unlink()
        assert verify_bundle.main([str(evidence / "less" / name), "--key", key]) == 2
    assert verify_bundle.main([str(evidence / "nothing"), "--key", key]) == 2
    assert verify_bundle.main([str(bundle / "events.jsonl"), "--key", key]) == 2
    assert "Traceback" not in capfd.readouterr().err
