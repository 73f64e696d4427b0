"""A second verifier, written from the README.txt of a bundle alone, agrees with the first one.

It is tests/data/second_verifier.pl, in Perl: nothing of the program is in it, not even a library.
What it says of events and checkpoints that are odd in one place is in log/test_two_verifiers.py.
"""

import json
import random
import shutil
from pathlib import Path
from shlex import split

import pytest
from bundles import exported, signed, signing_key
from second import by_second

from casework.log import verify_bundle, verify_signed

EARLIER = Path(__file__).parents[1] / "data" / "bundle-without-page"
"""What an earlier version made of a case."""

FILES = ("events.jsonl", "disclosed.jsonl", "proofs.jsonl", "checkpoint.txt", "cases.txt")
SCOPES = {"WHOLE LOG": "WHOLE LOG", "CASES WHOLE": "CASES WHOLE", "A PART": "A PART"}


@pytest.fixture
def engine():
    return "sqlite"


def by_first(key, folders, capfd):
    """Return the same of the program that is in every bundle."""
    found = []
    for folder in folders:
        code = verify_bundle.main([str(folder), "--key", key])
        out = capfd.readouterr().out
        last = out.splitlines()[-1] if code == 0 else ""
        scope = next((scope for scope in SCOPES if f"IN ORDER, {scope}" in last), "NO")
        found.append(scope)
    return found


def changed(data, how):
    """Return the bytes of a file changed in one way, at a place of its own."""
    chance = random.Random(how)
    lines = data.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    place = chance.randrange(len(data))
    ways = {
        "byte": data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :],
        "drop": b"".join(lines[:at] + lines[at + 1 :]),
        "twice": b"".join([*lines[: at + 1], lines[at], *lines[at + 1 :]]),
        "swap": b"".join([*lines[1:], lines[0]]),
        "ends": data.replace(b"\n", b"\r\n"),
        "blank": data.replace(b":", b": ", 1).replace(b"\n", b" x\n", 1),
        "empty": b"",
    }
    return ways[how.rpartition(" ")[2]]


KINDS = ("byte", "drop", "twice", "swap", "ends", "blank", "empty")


def tampered(good, tmp_path):
    """Yield copies of bundles, each with one file changed or taken away."""
    for source in good:
        for name in FILES:
            if not (source / name).exists() or not (source / name).read_bytes():
                continue
            for kind in (*KINDS, "gone"):
                folder = tmp_path / "changed" / f"{source.name} {name} {kind}"
                shutil.copytree(source, folder)
                if kind == "gone":
                    (folder / name).unlink()
                else:
                    data = changed((source / name).read_bytes(), f"{source.name}{name} {kind}")
                    (folder / name).write_bytes(data)
                yield folder


LIVED = (
    'edit {0} --title-vi "Quy chế văn phòng đại diện" --theme "văn phòng" --secrecy none',
    "correct {0} --field due --to 2023-01-31 --reason misread",
    "note {1} 'of another case'",
    "link {0} --relates-to {1}",
    "propose --ref G.1 --title ghost --proposer hcmc-pc --conference NFAC-20",
    "propose --ref S.1 --title 'nobody reads this' --proposer hcmc-pc --secrecy secret",
    "note S.1 'nor this'",
    "person add nga --name Nga --org mofa --role secretariat --login nga-login",
    "person add hoa --name Hoa --org mofa --role admin",
    "person away chi --from 2000-01-01 --to 2999-01-01 --deputy nga",
    "note {0} 'call Mr Smith' --by lan",
    "redact --person lan --basis 'art. 16' --consent hoa --by chi",
    "view save late --overdue --sort due --shared",
    "template save thanks --shared --text 'Cảm ơn {{proposer}}'",
)
"""Acts of many kinds; {0} and {1} are cases."""


def lived(office, two):
    """Take a register through strikes, corrections, a deputy, erasure, and what is secret."""
    office("note", two[0], 'A "quoted"\ttext \\ with\nlines, \x7f and Đề nghị 𝄞')
    for line in LIVED:
        office(*split(line.format(*two)))
    noted = next(one["seq"] for one in office.json("history", two[1]) if one["act"] == "note")
    strike = ("--strike", "--reason", "not this one")
    office("correct", two[1], "--event", noted, *strike)
    office("correct", "G.1", "--event", office.json("history", "G.1")[0]["seq"], *strike)


def bundles(office, two, tmp_path):
    """Return right bundles of every kind."""
    key = signing_key(office)
    made = {
        "whole": ((), {"key": key}),
        "cases": ((*two, "S.1"), {"key": key}),
        "struck": (("G.1",), {"key": key}),
        "part": (two[:1], {}),
        "since": (two[:1], {"key": key, "since": signed(office, 7)}),
    }
    for name, (refs, more) in made.items():
        exported(office, tmp_path / name, *refs, **more)
    return [tmp_path / name for name in made]


def test_both_verifiers_agree_on_bundles_that_are_right_and_on_those_that_were_changed(
    office, two, tmp_path, capfd
):
    lived(office, two)
    good = bundles(office, two, tmp_path)
    key = str(signing_key(office).verifier)
    folders = [*good, *tampered(good[:2], tmp_path)]

    first = by_first(key, folders, capfd)
    second = by_second(key, folders)

    told = zip((folder.name for folder in folders), first, second, strict=True)
    assert {name: (one, other) for name, one, other in told if one != other} == {}
    assert first[: len(good)] == ["WHOLE LOG", *["CASES WHOLE"] * 2, "A PART", "CASES WHOLE"]
    # Ends of lines are no part of them, and whoever takes cases.txt away leaves a part.
    assert 50 < first.count("NO") < len(folders) - len(good)


def test_a_key_of_another_log_is_refused_by_both(office, two, tmp_path, capfd):
    exported(office, tmp_path / "one", *two, key=signing_key(office))
    other = str(signing_key(office, secret=bytes(32)).verifier)

    assert by_first(other, [tmp_path / "one"], capfd) == ["NO"]
    assert by_second(other, [tmp_path / "one"]) == ["NO"]


def test_both_find_a_bundle_of_an_earlier_version_in_order(capfd):
    key = (EARLIER / "key.txt").read_text("ascii").strip()

    assert by_first(key, [EARLIER], capfd) == ["CASES WHOLE"]
    assert by_second(key, [EARLIER]) == ["CASES WHOLE"]


def test_the_specification_is_in_both_languages_and_names_what_is_hashed(office, two, tmp_path):
    exported(office, tmp_path / "one", *two, key=signing_key(office))
    text = (tmp_path / "one" / "README.txt").read_text(encoding="utf-8")
    event = json.loads((tmp_path / "one" / "events.jsonl").read_text("utf-8").splitlines()[0])

    for part in text.split("=== English ==="):
        assert all(name in part for name in ("seq", "prev", "version", "recorded_at", "redacts"))
        assert "casework/field/1 + [0]" in part
        assert verify_signed.CASES in " ".join(part.split())
        assert all(name in part for name in event if name not in {"command", "reported"})
        assert max(map(len, part.splitlines())) <= 110
