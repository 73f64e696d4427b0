"""Evidence bundles of a real register: what they hold, what they never hold, what they catch."""

import json
import shutil
import subprocess
import sys
from datetime import date

import pytest
from bundles import NEVER, exported, signed, signing_key, verdict
from click.testing import CliRunner
from sqlalchemy import delete, insert, select, update

from casework.cli.evidence import export as command
from casework.errors import (
    ConflictError,
    IntegrityFailure,
    NotFoundError,
    UnavailableError,
    UsageError,
)
from casework.log import note, tree, verify_bundle, verify_page
from casework.log.event import canonical
from casework.proof import evidence
from casework.questions import audit_log
from casework.store import schema

FILES = {
    "README.txt",
    "checkpoint.txt",
    "disclosed.jsonl",
    "events.jsonl",
    "history.html",
    "history.txt",
    "proofs.jsonl",
    "verify_bundle.py",
}


def numbers(folder):
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["seq"] for line in lines]


# --- what a bundle is --------------------------------------------------------------------------


def test_a_bundle_of_the_whole_log_is_in_order(office, two, tmp_path):
    made = exported(office, tmp_path / "bundle")
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            tmp_path / "bundle" / "verify_bundle.py",
            tmp_path / "bundle",
            "--key",
            str(signing_key(office).verifier),
        ],
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:2] == [f"case {ref}: 4 events" for ref in two]
    assert made.root == office.head().root
    assert made.events == made.size == office.head().size
    assert (made.cases, made.withheld, made.later) == (2, 0, 0)
    assert {path.name for path in (tmp_path / "bundle").iterdir()} == FILES
    assert numbers(tmp_path / "bundle") == list(range(made.size))


def test_a_bundle_of_one_case_discloses_it_and_no_other(office, two, tmp_path):
    first, second = two
    folder = tmp_path / "bundle"
    made = exported(office, folder, first.casefold())
    held = b"".join(path.read_bytes() for path in sorted(folder.iterdir()))

    assert verdict(office, folder) == 0
    assert (made.events, made.cases) == (4, 1)
    assert b"Rules for offices" in held
    # The owner is named, as in the page people read.
    assert "Bộ Ngoại giao".encode() in held
    for word in (NEVER, second, f"for {second}", "Văn Minh", "vufo"):
        assert word.encode() not in held, word


def test_a_bundle_of_several_cases_holds_each_whole(office, two, tmp_path):
    made = exported(office, tmp_path / "bundle", *reversed(two), two[0])

    assert verdict(office, tmp_path / "bundle") == 0
    assert (made.events, made.cases) == (8, 2)


def test_the_same_log_gives_the_same_bundle(office, two, tmp_path):
    text = signed(office)
    for name in ("one", "other"):
        exported(office, tmp_path / name, two[0], checkpoint=text)

    for file in FILES:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


def test_a_reference_never_becomes_a_file_name(office, case, tmp_path):
    refs = [case(ref=ref) for ref in ("a.b.c", "CON-1", "đề-nghị", "x" * 60)]
    for number, ref in enumerate(refs):
        exported(office, tmp_path / str(number), ref)

        assert {path.name for path in (tmp_path / str(number)).iterdir()} == FILES


def test_the_read_me_says_what_is_proved_in_both_languages_and_names_no_machine(
    office, two, tmp_path
):
    exported(office, tmp_path / "whole")
    exported(office, tmp_path / "part", two[0])
    whole, part = (
        (tmp_path / name / "README.txt").read_text(encoding="utf-8") for name in ("whole", "part")
    )

    for text, english, vietnamese in (
        (whole, "the whole log", "toàn bộ nhật ký cho đến"),
        (part, "complete from\n  its first event to the last one shown", "đầy đủ từ sự kiện"),
    ):
        assert english in text
        assert vietnamese in text
        assert "must come from elsewhere" in text
        assert "Phải lấy khóa từ nơi khác" in text
        for local in (str(tmp_path), "{files", "{proved", "{tag", two[0]):
            assert local not in text


@pytest.mark.usefixtures("two")
def test_a_value_that_was_erased_is_told_as_withheld(office, tmp_path):
    last = office.head().size - 1
    empty = {"sqlite": "X'7b7d'", "postgresql": "'\\x7b7d'"}[office.store().engine.dialect.name]
    office.sql(f"UPDATE disclosure SET body = {empty} WHERE seq = {last}")
    made = exported(office, tmp_path / "bundle")

    assert verdict(office, tmp_path / "bundle") == 0
    assert made.withheld == 2


# --- proofs ------------------------------------------------------------------------------------

LEAVES = [tree.leaf_hash(bytes([number])) for number in range(65)]


def hashes(leaves, shown, places):
    """Return the stretches a bundle hides, with their hashes."""
    gaps = evidence._gaps(0, len(leaves), shown, places)
    return {(lo, hi): tree.subtree_hash(leaves[lo:hi]) for lo, hi in gaps}


def path_to(index, leaves):
    """Return the audit path of a leaf, nearest sibling first (RFC 6962, 2.1.1)."""
    if len(leaves) == 1:
        return []
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return [*path_to(index, left), tree.subtree_hash(right)]
    return [*path_to(index - split, right), tree.subtree_hash(left)]


def test_what_is_given_for_one_event_is_its_inclusion_proof_at_every_size_up_to_65():
    for size in range(1, 66):
        leaves = LEAVES[:size]
        root = tree.subtree_hash(leaves)
        for index in range(size):
            given = hashes(leaves, [index], [])
            path = path_to(index, leaves)

            assert sorted(given.values()) == sorted(path)
            known = given | {(index, index + 1): leaves[index]}
            assert (verify_bundle.tree(0, size, known), known) == (root, {})


def test_what_is_given_from_a_checkpoint_on_is_its_consistency_proof_at_every_size_up_to_65():
    for size in range(1, 66):
        leaves = LEAVES[:size]
        root = tree.subtree_hash(leaves)
        for first in range(1, size + 1):
            given = hashes(leaves, [], [first])
            path = tree.consistency_proof(leaves, first)
            earlier = tree.subtree_hash(leaves[:first])

            # A proof leaves out the earlier root where that is one of the subtrees.
            assert sorted(node for span, node in given.items() if span != (0, first)) == sorted(
                path
            )
            assert verify_bundle.tree(0, size, dict(given)) == root
            assert verify_bundle.tree(0, first, dict(given)) == earlier


# --- checkpoints -------------------------------------------------------------------------------


def test_what_came_after_the_checkpoint_is_left_out_and_counted(office, two, tmp_path):
    text = signed(office)
    office("note", two[0], "later")
    office("note", two[1], "later")
    whole = exported(office, tmp_path / "whole", checkpoint=text)
    part = exported(office, tmp_path / "part", two[0], checkpoint=text)

    assert (whole.size, whole.later, part.events, part.later) == (office.head().size - 2, 2, 4, 1)
    assert verdict(office, tmp_path / "whole") == verdict(office, tmp_path / "part") == 0


def test_a_bundle_of_one_case_proves_growth_from_the_checkpoint_named(office, two, tmp_path):
    total = office.head().size
    kept = tmp_path / "kept.txt"
    for size in (1, 2, 7, 8, total - 1, total):
        early = signed(office, size)
        kept.write_text(early, encoding="utf-8")
        exported(office, tmp_path / str(size), two[0], since=early)

        assert verdict(office, tmp_path / str(size), "--checkpoint", kept) == 0, size


def test_without_that_the_verifier_says_that_it_cannot_tell(office, two, tmp_path):
    (tmp_path / "kept.txt").write_text(signed(office, 10), encoding="utf-8")
    exported(office, tmp_path / "bundle", two[0])

    assert verdict(office, tmp_path / "bundle", "--checkpoint", tmp_path / "kept.txt") == 2


def test_a_case_that_is_younger_than_the_checkpoint_is_refused(office, case, tmp_path):
    text = signed(office)
    ref = case()

    with pytest.raises(UsageError, match=f"{ref} was registered after"):
        exported(office, tmp_path / "bundle", ref, checkpoint=text)
    assert not list(tmp_path.glob("*bundle*"))
    assert not list(tmp_path.glob(".evidence*"))


@pytest.mark.usefixtures("two")
def test_checkpoints_that_do_not_fit_are_refused(office, tmp_path):
    right = signed(office)
    other = signed(office, key=note.SigningKey("other.casework", note.ED25519, bytes(32)))
    nothing = signed(office, 0)
    for wrong in ({"checkpoint": other}, {"since": other}, {"since": nothing}, {"since": "no"}):
        with pytest.raises(UsageError):
            exported(office, tmp_path / "bundle", **({"checkpoint": right} | wrong))
    with pytest.raises(UsageError, match="newer than the bundle"):
        exported(office, tmp_path / "bundle", checkpoint=signed(office, 5), since=right)
    assert not (tmp_path / "bundle").exists()


@pytest.mark.usefixtures("two")
def test_a_checkpoint_of_more_than_the_log_holds_gives_no_bundle(office, tmp_path):
    size = office.head().size
    text = signed(office).replace(f"\n{size}\n", f"\n{size + 1}\n")

    with pytest.raises(IntegrityFailure, match=f"the {size + 1} events"):
        exported(office, tmp_path / "bundle", checkpoint=text)


TAMPERED = {
    "a leaf": "UPDATE event SET leaf = body WHERE seq = {seq}",
    "a body": "UPDATE event SET body = leaf WHERE seq = {seq}",
    "a private value": "UPDATE disclosure SET body = leaf FROM event"
    " WHERE event.seq = disclosure.seq AND disclosure.seq = {seq}",
    "values of another event": "UPDATE disclosure SET body = other.body FROM disclosure AS other"
    " WHERE other.seq = {seq} - 1 AND disclosure.seq = {seq}",
    "whose case it is": "UPDATE event SET \"key\" = '{ref}' WHERE \"key\" = '{other}'",
    "an event gone": "DELETE FROM event WHERE seq = {seq}",
}


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=TAMPERED)
def test_a_log_that_is_not_what_was_signed_gives_no_bundle(office, two, tmp_path, statement):
    text = signed(office)
    seq = office.json("history", two[0])[0]["seq"]
    office.sql(statement.format(seq=seq, ref=two[0], other=two[1]))

    with pytest.raises(IntegrityFailure):
        exported(office, tmp_path / "bundle", two[0], checkpoint=text)
    assert list(tmp_path.glob("*bundle*")) == list(tmp_path.glob(".evidence*")) == []


# --- folders -----------------------------------------------------------------------------------


def test_a_folder_that_holds_something_is_left_as_it_is(office, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("full", "file"):
        with pytest.raises(ConflictError):
            exported(office, tmp_path / name)

    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]
    assert (tmp_path / "file").read_text() == "mine"
    assert not list(tmp_path.glob(".evidence*"))


def test_an_empty_folder_and_one_behind_a_link_are_taken(office, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    exported(office, tmp_path / "link")

    assert verdict(office, tmp_path / "empty") == 0


def test_a_place_that_cannot_be_written_is_named(office, tmp_path):
    for place in (tmp_path / "no" / "such", tmp_path / ("x" * 300)):
        with pytest.raises(UnavailableError, match="cannot be written"):
            exported(office, place)

    assert not list(tmp_path.glob(".evidence*"))


def test_a_case_there_is_none_of_is_named_and_the_nearest_told(office, two, tmp_path):
    with pytest.raises(NotFoundError, match=r"NFAC-20\.999") as error:
        exported(office, tmp_path / "bundle", two[0], "NFAC-20.999")

    assert two[1] in error.value.hint
    assert not (tmp_path / "bundle").exists()


def test_the_number_of_statements_does_not_grow_with_the_bundle(office, two, tmp_path, recorded):
    store = office.store()
    text = signed(office)
    counts = []
    for number, refs in enumerate(([], two[:1], two)):
        inside = tmp_path / str(number)
        inside.mkdir()
        with store.reading() as connection, recorded() as sent:
            evidence.export(connection, refs, inside, checkpoint=text, since=text)
        counts.append(len(sent))

    assert counts[0] == 6
    assert counts[1] == counts[2] <= 13


# --- the command -------------------------------------------------------------------------------


def run(shell, *words):
    return CliRunner().invoke(command, ["--db", shell.url, *map(str, words)])


def test_the_command_writes_a_bundle_by_a_checkpoint_given(office, two, tmp_path):
    early, now = tmp_path / "early.txt", tmp_path / "now.txt"
    early.write_text(signed(office, 5), encoding="utf-8")
    now.write_text(signed(office), encoding="utf-8")
    office("note", two[0], "later")
    words = ["--to", tmp_path / "bundle", "--checkpoint", now, "--since", early]
    done = run(office, two[0], *words)
    told = json.loads(run(office, "--to", tmp_path / "json", *words[2:], "--json").stdout)

    assert done.exit_code == 0, done.output
    assert "events, on 1 case" in done.stdout
    assert "1 later event is left out" in done.stderr
    assert verdict(office, tmp_path / "bundle", "--checkpoint", early) == 0
    assert (told["folder"], told["cases"], told["size"]) == (
        str(tmp_path / "json"),
        2,
        told["events"],
    )


@pytest.mark.usefixtures("two")
def test_the_command_signs_a_checkpoint_when_none_is_given(office, tmp_path):
    done = run(office, "--to", tmp_path / "bundle")
    text = (tmp_path / "bundle" / "checkpoint.txt").read_text(encoding="utf-8")

    assert done.exit_code == 0, done.output
    assert note.parse(text).size == office.head().size


def test_the_command_refuses_what_is_no_checkpoint(office, tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff" * 100)
    for option in ("--checkpoint", "--since"):
        done = run(office, "--to", tmp_path / "bundle", option, tmp_path / "binary")

        assert isinstance(done.exception, UsageError)
    done = run(office, "--to", tmp_path / "bundle", "--since", tmp_path / "none")
    assert isinstance(done.exception, NotFoundError)
    assert not (tmp_path / "bundle").exists()


# --- with the register and the real key in hand ------------------------------------------------


def stored(shell):
    """Return body and disclosures of every event."""
    query = (
        select(schema.event.c.body, schema.disclosure.c.body)
        .join(schema.disclosure, schema.disclosure.c.seq == schema.event.c.seq)
        .order_by(schema.event.c.seq)
    )
    with shell.store().engine.begin() as connection:
        return [(json.loads(body), bytes(told)) for body, told in connection.execute(query)]


def rewrite(shell, events):
    """Replace the log by these events, every number, link, hash and head made right again."""
    last, rows, told, peaks = {}, [], [], []
    for seq, (body, values) in enumerate(events):
        subject = body["kind"], body["key"]
        prev, version = last.get(subject, (-1, 0))
        last[subject] = seq, version + 1
        written = canonical(body | {"seq": seq, "prev": prev, "version": version + 1})
        leaf = tree.leaf_hash(written)
        tree.append(peaks, seq, leaf)
        columns = {name: body[name] for name in ("kind", "key", "act", "actor", "recorded_at")}
        day = date.fromisoformat(body["effective_on"])
        fields = f",{','.join(sorted(body['changes']))},"
        rows.append(columns | {"seq": seq, "body": written, "leaf": leaf, "fields": fields})
        rows[-1]["effective_on"] = day
        told.append({"seq": seq, "body": values})
    head = {"size": len(rows), "peaks": b"".join(peaks), "root": tree.root_hash(peaks)}
    with shell.store().engine.connect() as connection:
        connection.execution_options(casework_writes=True)
        triggers = shell._disarm(connection)
        for table in (schema.disclosure, schema.event):
            connection.execute(delete(table))
        connection.execute(insert(schema.event), rows)
        connection.execute(insert(schema.disclosure), told)
        connection.execute(update(schema.log_head).values(head))
        for trigger in triggers:
            connection.exec_driver_sql(trigger)
        connection.commit()


ATTACKS = {
    "edited": lambda events: [(events[0][0] | {"actor": "lan"}, events[0][1]), *events[1:]],
    "dropped": lambda events: [*events[:-4], *events[-3:]],
    "inserted": lambda events: [*events[:-2], events[-1], *events[-2:]],
    "reordered": lambda events: [*events[:-2], events[-1], events[-2]],
    "tail cut": lambda events: events[:-2],
}


@pytest.fixture
def kept(office, two, tmp_path):  # noqa: ARG001 - it is made before the checkpoint
    """A checkpoint of that register, saved elsewhere before anything is done to it."""
    path = tmp_path / "kept.txt"
    path.write_text(signed(office), encoding="utf-8")
    return path


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_log_rewritten_with_the_real_key_is_caught_by_one_checkpoint_kept_elsewhere(
    office, two, kept, tmp_path, attack
):
    size = office.head().size
    events = attack(stored(office))
    rewrite(office, [*events, *events[-1:] * 3])
    exported(office, tmp_path / "whole")
    exported(office, tmp_path / "part", two[0], since=signed(office, size))

    for bundle in (tmp_path / "whole", tmp_path / "part"):
        assert verdict(office, bundle) == 0
        assert verdict(office, bundle, "--checkpoint", kept) == 1


@pytest.mark.parametrize("attack", ["dropped", "tail cut"])
def test_a_log_that_became_shorter_is_older_than_the_checkpoint_kept(
    office, kept, tmp_path, attack
):
    rewrite(office, ATTACKS[attack](stored(office)))
    exported(office, tmp_path / "bundle")

    assert verdict(office, tmp_path / "bundle") == 0
    assert verdict(office, tmp_path / "bundle", "--checkpoint", kept) == 3


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_old_backup_that_was_restored_is_caught_by_one_checkpoint_kept_elsewhere(
    office, two, tmp_path
):
    backup, kept = tmp_path / "backup.db", tmp_path / "kept.txt"
    shutil.copy(office.url, backup)
    office("note", two[0], "what happened then")
    kept.write_text(signed(office), encoding="utf-8")
    shutil.copy(backup, office.url)
    exported(office, tmp_path / "restored")
    for word in ("what happened instead", "and after"):
        office("note", two[0], word)
    exported(office, tmp_path / "continued")

    assert verdict(office, tmp_path / "restored") == verdict(office, tmp_path / "continued") == 0
    assert verdict(office, tmp_path / "restored", "--checkpoint", kept) == 3
    assert verdict(office, tmp_path / "continued", "--checkpoint", kept) == 1


def test_a_log_with_a_new_key_is_caught_by_one_checkpoint_kept_elsewhere(office, kept, tmp_path):
    new = signing_key(office, secret=bytes(32))
    exported(office, tmp_path / "bundle", checkpoint=signed(office, key=new))

    assert verdict(office, tmp_path / "bundle") == 1
    assert verdict(office, tmp_path / "bundle", key=new) == 0
    assert verdict(office, tmp_path / "bundle", "--checkpoint", kept, key=new) == 1


def test_an_event_left_out_of_a_case_is_missed_though_every_proof_is_right(office, two, tmp_path):
    exported(office, tmp_path / "bundle", two[0])
    bundle = tmp_path / "bundle"
    files = {name: (bundle / name).read_bytes() for name in ("events.jsonl", "disclosed.jsonl")}
    shown = numbers(bundle)
    first = len(shown) - 4
    for name in verify_page.PAGES:
        (bundle / name).unlink()
    with office.store().reading() as connection:
        leaves = audit_log.leaves(connection)
    for at in range(first, first + 4):
        rest = shown[:at] + shown[at + 1 :]
        gaps = evidence._gaps(0, len(leaves), rest, [])
        proofs = b"".join(evidence._proof(evidence.Stretches(leaves), lo, hi) for lo, hi in gaps)
        (bundle / "proofs.jsonl").write_bytes(proofs)
        for name, data in files.items():
            lines = data.splitlines(keepends=True)
            (bundle / name).write_bytes(b"".join(lines[:at] + lines[at + 1 :]))

        # Without its last event the history is still complete up to the last one shown.
        assert verdict(office, bundle) == (0 if at == first + 3 else 1), at
