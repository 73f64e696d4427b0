"""What a bundle proves: the whole log, whole cases, or a part; and who can take something away."""

import json
import shutil
import subprocess
import sys

import pytest
from bundles import exported, signed, signing_key, verdict

from casework.log import note, tree, verify_bundle, verify_page, verify_signed
from casework.log.event import canonical
from casework.proof import evidence
from casework.questions import audit_log

WHOLE, CASES, PART = (
    "IN ORDER, WHOLE LOG: ",
    "IN ORDER, CASES WHOLE: ",
    "IN ORDER, A PART: later events of these cases may exist; ",
)


@pytest.fixture
def bundle(office, two, tmp_path):
    """A bundle of two cases, with the office's list of where they end."""
    exported(office, tmp_path / "bundle", *two, key=signing_key(office))
    return tmp_path / "bundle"


@pytest.fixture
def says(office, capsys):
    """Give a function that checks a bundle: its exit code, and the last line it said."""

    def check(folder, *words):
        code = verdict(office, folder, *words)
        out, err = capsys.readouterr()
        return code, (out or err).splitlines()[-1]

    return check


def hide(folder, wanted):
    """Take events out of a bundle as whoever holds it can: their hashes stand for them."""
    kept, hidden = {"events.jsonl": b"", "disclosed.jsonl": b""}, []
    events = (folder / "events.jsonl").read_bytes().splitlines()
    values = (folder / "disclosed.jsonl").read_bytes().splitlines()
    for body, told in zip(events, values, strict=True):
        event = json.loads(body)
        if wanted(event):
            seq, digest = event["seq"], tree.leaf_hash(body).hex()
            hidden.append({"from": seq, "hash": digest, "to": seq + 1})
        else:
            kept["events.jsonl"] += body + b"\n"
            kept["disclosed.jsonl"] += told + b"\n"
    proofs = [json.loads(line) for line in (folder / "proofs.jsonl").read_bytes().splitlines()]
    proofs = sorted(proofs + hidden, key=lambda one: one["from"])
    (folder / "proofs.jsonl").write_bytes(b"".join(canonical(one) + b"\n" for one in proofs))
    for name, data in kept.items():
        (folder / name).write_bytes(data)
    for name, page in verify_page.PAGES.items():
        (folder / name).write_bytes(page(folder))
    assert hidden


def end_of(folder, ref):
    """Tell of the last event of a case in a bundle."""
    lines = (folder / "events.jsonl").read_bytes().splitlines()
    last = max(one["seq"] for one in map(json.loads, lines) if one["key"] == ref)
    return lambda event: event["seq"] == last


# --- the three verdicts ------------------------------------------------------------------------


def test_a_whole_log_is_called_whole(office, two, tmp_path, says):  # noqa: ARG001 - made before
    made = exported(office, tmp_path / "whole", key=signing_key(office))

    assert made.proves == "whole log"
    assert not (tmp_path / "whole" / "cases.txt").exists()
    for words in ([], ["--whole"], ["--cases-whole"]):
        code, told = says(tmp_path / "whole", *words)
        assert (code, told.startswith(WHOLE)) == (0, True)


def test_cases_whose_ends_were_signed_are_whole(bundle, says):
    assert says(bundle)[1].startswith(CASES)
    assert says(bundle, "--cases-whole")[0] == 0
    assert says(bundle, "--whole")[0] == 1


def test_what_could_not_be_signed_is_a_part(office, two, tmp_path, says):
    other = note.SigningKey.generate(signing_key(office).name, note.ED25519)
    for name, key in (("none", None), ("other", other)):
        made = exported(office, tmp_path / name, two[0], key=key)

        assert made.proves == "a part"
        assert says(tmp_path / name)[0] == 0
        assert says(tmp_path / name)[1].startswith(PART)
        for words in (["--whole"], ["--cases-whole"]):
            assert says(tmp_path / name, *words)[0] == 1


def test_the_read_me_says_whom_that_binds(office, two, tmp_path):
    exported(office, tmp_path / "whole")
    exported(office, tmp_path / "part", two[0])
    exported(office, tmp_path / "cases", two[0], key=signing_key(office))
    for name in ("whole", "part", "cases"):
        text = (tmp_path / name / "README.txt").read_text(encoding="utf-8")
        assert "binds whoever hands the folder on, not the office that signs" in text
        assert "ràng buộc người trao lại thư mục này, không ràng buộc cơ quan ký" in text
        assert ("cases.txt  " in text) == (name == "cases")


def test_the_command_signs_the_list_with_the_key_kept_here_and_says_when_it_cannot(
    office, two, tmp_path, monkeypatch
):
    done = office("audit", "export", two[0], "--to", tmp_path / "one")
    assert "proves: cases whole" in done.stdout
    key = office("audit", "key").stdout.strip()
    assert verify_bundle.main([str(tmp_path / "one"), "--key", key, "--cases-whole"]) == 0
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another office"))
    words = ["--checkpoint", tmp_path / "one" / "checkpoint.txt"]
    done = office("audit", "export", two[0], "--to", tmp_path / "two", *words)
    assert "proves: a part" in done.stdout
    assert "cannot show" in done.stderr
    told = office.json("audit", "export", "--to", tmp_path / "three", *words)
    assert told["proves"] == "whole log"


# --- what is taken away without any key --------------------------------------------------------


def test_the_end_of_a_case_cannot_be_hidden_behind_its_hash(bundle, two, says):
    hide(bundle, end_of(bundle, two[0]))

    code, told = says(bundle)
    assert (code, "ends with other events" in told) == (1, True)
    (bundle / "cases.txt").unlink()
    assert says(bundle)[1].startswith(PART)
    assert says(bundle, "--cases-whole")[0] == 1


def test_a_case_cannot_be_dropped(bundle, two, says):
    hide(bundle, lambda event: event["key"] == two[1])

    assert says(bundle)[0] == 1
    (bundle / "cases.txt").unlink()
    assert says(bundle)[1].startswith(PART)
    assert says(bundle, "--cases-whole")[0] == 1


def test_a_whole_log_whose_tail_was_cut_is_a_part(office, two, tmp_path, says):  # noqa: ARG001
    exported(office, tmp_path / "whole", key=signing_key(office))
    last = office.head().size - 1
    hide(tmp_path / "whole", lambda event: event["seq"] == last)

    code, told = says(tmp_path / "whole")
    assert (code, told.startswith(PART)) == (0, True)
    assert says(tmp_path / "whole", "--whole")[0] == 1
    assert says(tmp_path / "whole", "--cases-whole")[0] == 1


def listed(office, ends, *keys, size=None):
    """Return a signed list of cases, as the office would sign it for its log or a start of it."""
    read = note.parse(signed(office, size))
    text = verify_bundle.list_of_cases(read, ends)
    return f"{text}\n" + "".join(key.sign(text) for key in keys)


def test_a_list_is_of_this_size_and_root_and_signed_by_the_logs_own_key(
    office, two, bundle, says, tmp_path
):
    key = signing_key(office)
    stranger = note.SigningKey.generate(key.name, note.ED25519)
    ends = {ref: office.json("history", ref)[-1]["seq"] for ref in two}
    path = bundle / "cases.txt"
    right = listed(office, ends, key)
    assert path.read_text(encoding="utf-8") == right
    others = {
        "another size": listed(office, ends, key, size=office.head().size - 1),
        "another key": listed(office, ends, stranger),
        "no key": listed(office, ends, stranger).partition("\n\n")[0] + "\n\n",
        "a case more": listed(office, ends | {"X": 1}, key),
        "a case less": listed(office, {two[0]: ends[two[0]]}, key),
        "an earlier end": listed(office, ends | {two[0]: ends[two[0]] - 1}, key),
        "a changed line": right.replace(f'"last":{ends[two[0]]}', '"last":1'),
        "a checkpoint": (bundle / "checkpoint.txt").read_text(encoding="utf-8"),
        "nothing": "",
    }
    for what, text in others.items():
        path.write_text(text, encoding="utf-8")
        assert says(bundle)[0] in {1, 2}, what
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    assert says(bundle)[0] == 2


def test_a_list_survives_what_mail_does_to_its_lines(bundle, says):
    text = (bundle / "cases.txt").read_text(encoding="utf-8")
    for data in (
        ("\ufeff" + text.replace("\n", "\r\n")).encode(),
        "".join(f"> {line}\n" for line in text.splitlines()).encode(),
        text.encode("utf-16"),
    ):
        (bundle / "cases.txt").write_bytes(data)
        assert says(bundle, "--cases-whole")[0] == 0


def test_a_list_never_passes_as_a_checkpoint_nor_the_other_way_round(office, bundle, says):
    text = (bundle / "cases.txt").read_text(encoding="utf-8")
    first, second = text.splitlines()[:2]

    # An origin holds no blank, and the second line of a checkpoint is a number.
    assert " " in first
    assert second == signing_key(office).name
    shutil.copy(bundle / "cases.txt", bundle / "checkpoint.txt")
    assert says(bundle)[0] == 2
    with pytest.raises(Exception, match="not a signed checkpoint"):
        note.parse(text)


def test_cases_are_listed_by_whatever_they_are_called(office, case, tmp_path, says):
    refs = [case(ref=ref) for ref in ("Z.9", "a.10", "a.9", "đề-nghị", "ÖĐ", "1-1")]
    exported(office, tmp_path / "bundle", *refs, key=signing_key(office))

    assert says(tmp_path / "bundle")[1].startswith(CASES)
    odd = {"a b": 3, '"': 4, "> x": 5, "— a b": 6, "\u2028": 7, "\n\n": 8}
    read = note.parse(signed(office))
    text = f"{(lines := verify_bundle.list_of_cases(read, odd))}\n{signing_key(office).sign(lines)}"
    for data in (text, text.replace("\n", "\r\n")):
        found = verify_signed.LIST.fullmatch(verify_signed.unmangled(data.encode()))
        assert found[1] == lines


# --- the program beside the evidence -----------------------------------------------------------

LIES = "print('IN ORDER, WHOLE LOG: all is well')\nraise SystemExit(0)\n"
IMPORTED = (
    *("argparse", "base64", "bisect", "collections", "datetime", "hashlib", "itertools", "json"),
    *("os", "pathlib", "re", "stat", "sre_compile", "struct", "typing", "unicodedata", "random"),
    *("sitecustomize", "usercustomize", "locale", "gettext", "shutil", "types", "enum", "decimal"),
)


def put_lies(folder):
    for name in IMPORTED:
        (folder / f"{name}.py").write_text(LIES, encoding="utf-8")
    (folder / "json").mkdir()
    (folder / "json" / "__init__.py").write_text(LIES, encoding="utf-8")


def run(words, cwd, **env):
    command = [sys.executable, *map(str, words)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=cwd, env=env or None
    )
    return done.returncode, done.stdout, done.stderr


def test_no_module_is_taken_from_the_folder_of_the_program_nor_of_the_evidence(
    office, bundle, tmp_path
):
    key = str(signing_key(office).verifier)
    own, here = tmp_path / "own", tmp_path / "here"
    for folder in (own, here):
        folder.mkdir()
    shutil.copy(bundle / "verify_bundle.py", own)
    (bundle / "events.jsonl").write_bytes(b"{}\n")
    for folder in (own, here, bundle):
        put_lies(folder)
    for cwd, words in {
        bundle: ["verify_bundle.py", "."],
        own: ["verify_bundle.py", bundle],
        here: [own / "verify_bundle.py", bundle],
    }.items():
        for flags in ([], ["-I"], ["-P"], ["-E"], ["-S"], ["-s"]):
            code, out, err = run([*flags, *words, "--key", key], cwd)
            assert (code, out) == (1, ""), (cwd, flags, err)
            assert "NOT IN ORDER" in err, flags


def test_it_still_finds_a_right_bundle_in_order_there(office, bundle):
    put_lies(bundle)
    key = str(signing_key(office).verifier)
    code, out, err = run(["verify_bundle.py", ".", "--key", key, "--cases-whole"], bundle)

    assert (code, err) == (0, "")
    assert "all is well" not in out
    assert CASES in out


def test_help_and_wrong_words_need_nothing_from_there_either(bundle):
    put_lies(bundle)

    assert "IN ORDER, WHOLE" not in run(["verify_bundle.py", "--help"], bundle)[1]
    assert run(["verify_bundle.py", "--nonsense"], bundle)[0] == 2


def test_the_hashes_that_stand_for_events_are_those_of_the_register(office, bundle, two):
    # What `hide` does by hand is what an export does: else these tests would prove nothing.
    hide(bundle, lambda event: event["key"] == two[1])
    with office.store().reading() as connection:
        leaves = audit_log.leaves(connection)
    for line in (bundle / "proofs.jsonl").read_bytes().splitlines():
        one = json.loads(line)
        assert line + b"\n" == evidence._proof(evidence.Stretches(leaves), one["from"], one["to"])
