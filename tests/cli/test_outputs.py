"""No output replaces the register, a signing key or what was signed; what is replaced keeps its
rights. The outputs are found from the program's own commands."""

import errno
import hashlib
import io
import os
import shlex
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import click
import pytest
from command_tree import commands
from offices import OFFICE, Contents, Shell

from casework.errors import UnavailableError
from casework.log import note, tree
from casework.system import files, places, protected


def ending(words, option):
    """Return how a file must end that a command writes."""
    return ".xlsx" if option == "--output" else ".jsonl" if words == ("export",) else ""


def takes_path(parameter):
    return isinstance(parameter.type, (click.Path, click.File))


def outputs():
    """Return the words before each path that a command writes to, of every command."""
    found = []
    for words, command in commands():
        for parameter in command.params:
            name = max(parameter.opts, key=len)
            writes = (
                name in {"--to", "--output"}
                or words in {("export",), ("demo",), ("db", "backup"), ("db", "copy")}
                or (isinstance(parameter.type, click.File) and "w" in parameter.type.mode)
            )
            # A reply is put into its folder by what puts a letter of assignment there.
            if takes_path(parameter) and writes and words != ("letter", "reply"):
                found.append((words, name if name.startswith("-") else None))
    return found


def line(words, option, path, *, office):
    """Return a whole command line that writes to a path."""
    given = {
        ("remind",): ["--from", "office@office.example"],
        ("letter", "assignment"): ["--from", "office@office.example"],
        ("paper", "issue"): ["progress"],
        ("audit", "witness"): [office.submission, "--name", "inspectorate", "--vkey", office.vkey],
        ("db", "copy"): ["--trial"],
        ("show",): ["CASE.001"],
        ("history",): ["CASE.001"],
    }.get(words, [])
    command = dict(commands())[words]
    forced = ["--force"] if any("--force" in one.opts for one in command.params) else []
    return [*words, *given, *([option, path] if option else [path]), *forced]


def _with_a_late_case(shell):
    shell("propose", "--title", "Rules", "--proposer", "hcmc-pc", "--effective", "2021-12-13")
    late = ["--due", "2022-06-30", "--effective", "2022-01-10"]
    shell("assign", "CASE.001", "--owner", "mofa", *late)
    shell("org", "edit", "mofa", "--email", "mofa@office.example")
    shell("office", "set", "--name", "Ban", "--series", "BC")


AHEAD = Contents(
    "ahead",
    OFFICE,
    lambda shell: shell("conference", "add", "NFAC-30", "--date", "2050-12-13",
                        "--previous", "NFAC-20"),
)  # fmt: skip
LATE = Contents("late", AHEAD, _with_a_late_case)


@pytest.fixture
def office(tmp_path, sqlite_templates, monkeypatch):
    """A register with a signing key, a submission for a witness, and its store's bytes."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shell = Shell(str(shutil.copy(sqlite_templates(LATE), tmp_path / "register.db")))
    shell("audit", "submit", "--to", tmp_path / "submission.txt")
    shell.submission = tmp_path / "submission.txt"
    shell.vkey = shell("audit", "key").stdout.strip()
    return shell


def known(folder):
    """Return a digest of every file in a folder, and what its other entries are.

    SQLite leaves an empty journal beside a store that was written, undone or not.
    """
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else stat.filemode(path.lstat().st_mode)
        for path in sorted(folder.rglob("*"))
        if not path.name.endswith("-journal") or path.stat().st_size or path.is_dir()
    }


LIKE_LIST = {("show",), ("history",), ("audit", "findings"), ("audit", "log")}
"""Commands whose file is written by what writes that of list."""


def different():
    """Return the outputs of which no other is the same way to a file."""
    return [one for one in outputs() if one[0] not in LIKE_LIST]


WAYS = ("plain", "link", "hard link", "relative", "dotted", "journal", "wal", "shm", "key", "state")


def led_to(way, office, folder, ending, monkeypatch):
    """Return a path with this ending that leads to what must be kept."""
    store = folder / f"store{ending or '.db'}"
    Path(office.url).rename(store)
    office.url = str(store)
    if way == "plain":
        return store
    if way in {"journal", "wal", "shm"}:
        made = Path(f"{store}-{way}")
        if ending:
            # Where the ending is fixed a link leads there.
            made.touch()
            (folder / f"beside{ending}").symlink_to(made)
            return folder / f"beside{ending}"
        return made
    if way == "relative":
        monkeypatch.chdir(folder)
        return Path(store.name)
    if way == "dotted":
        return folder / ".." / folder.name / store.name
    target = {"key": places.keys, "state": places.checkpoints}.get(way, lambda: folder)()
    kept = store if target == folder else next(one for one in target.rglob("*") if one.is_file())
    if way == "hard link":
        os.link(kept, folder / f"other{ending}")
    else:
        (folder / f"other{ending}").symlink_to(kept)
    return folder / f"other{ending}"


def ids(one):
    return " ".join(one[0]) if isinstance(one, tuple) else str(one)


def test_what_is_like_list_declares_its_file_as_list_does():
    declared = {
        words: {type(one.type) for one in command.params if "--output" in one.opts}
        for words, command in commands()
        if words in LIKE_LIST | {("list",)}
    }

    assert len(declared) == len(LIKE_LIST) + 1
    assert {kind for kinds in declared.values() for kind in kinds} == declared[("list",)]


def test_the_outputs_are_all_found():
    found = {words for words, _ in outputs()}

    assert {
        ("export",),
        ("remind",),
        ("demo",),
        ("db", "backup"),
        ("audit", "checkpoint"),
        ("audit", "submit"),
        ("audit", "witness"),
        ("audit", "export"),
        ("report", "overdue"),
        ("report", "progress"),
        ("report", "review"),
        ("list",),
        ("audit", "log"),
    } <= found
    # Whatever takes a path and is not among them only reads, or is tried below.
    readers = {
        (words, max(one.opts, key=len))
        for words, command in commands()
        for one in command.params
        if takes_path(one) and words not in found
    }
    lists = [("import",), *((noun, "import") for noun in ("org", "person", "conference"))]
    assert readers <= {
        *((words, name) for words in lists for name in ("file", "--errors", "--template")),
        (("batch",), "file"),
        (("holiday", "import"), "file"),
        (("audit", "verify"), "--checkpoint"),
        (("audit", "accept"), "file"),
        (("audit", "key"), "--key"),
        (("audit", "loss"), "--checkpoint"),
        (("db", "restore"), "file"),
        (("paper", "check"), "file"),
        (("letter", "reply"), "--to"),
    }, readers


@pytest.mark.parametrize("words", [["import"], ["org", "import"]], ids=" ".join)
def test_neither_refused_rows_nor_a_template_replace_what_must_be_kept(office, tmp_path, words):
    (tmp_path / "rows.csv").write_text("code,title\n/,\n")
    before = known(tmp_path)

    for option in (["--errors"], ["--template"]):
        told = office.run(*words, tmp_path / "rows.csv", *option, office.url, "--force")
        assert told.exit_code in {2, 5}, told.stderr
    assert known(tmp_path) == before


@pytest.mark.parametrize("output", outputs(), ids=ids)
def test_every_output_works_on_a_path_of_its_own(office, tmp_path, output):
    words, option = output
    path = tmp_path / f"new{ending(words, option)}"
    office(*line(words, option, path, office=office))

    assert path.exists()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("output", different(), ids=ids)
def test_no_output_replaces_what_must_be_kept(office, tmp_path, output, way, monkeypatch):
    words, option = output
    folder = tmp_path / "kept here"
    folder.mkdir()
    path = led_to(way, office, folder, ending(words, option), monkeypatch)
    before = known(tmp_path)

    told = office.run(*line(words, option, path, office=office))

    assert told.exit_code in {2, 5}, (shlex.join(map(str, words)), told.stderr)
    assert known(tmp_path) == before


def test_a_backup_replaces_an_earlier_copy_but_no_other_register(office, tmp_path, sqlite_template):
    office("db", "backup", tmp_path / "b.db")
    first = (tmp_path / "b.db").read_bytes()
    office("note", "CASE.001", "after the backup")
    office("db", "backup", tmp_path / "b.db", "--force")
    assert (tmp_path / "b.db").read_bytes() != first

    Shell(str(tmp_path / "b.db"))("note", "CASE.001", "written into the copy", "--by", "registrar")
    shutil.copy(sqlite_template, tmp_path / "other.db")
    Shell(str(tmp_path / "other.db"))("org", "add", "moj", "--name", "Ministry of Justice")
    for name in ("b.db", "other.db"):
        before = (tmp_path / name).read_bytes()
        error = office.refused(5, "db", "backup", tmp_path / name, "--force")
        assert "events that are not in this one" in error["message"]
        assert (tmp_path / name).read_bytes() == before


def test_a_key_kept_elsewhere_is_never_replaced(office, tmp_path):
    (made,) = places.keys().iterdir()
    elsewhere = shutil.copy(made, tmp_path / "stick.txt")
    office.refused(5, "audit", "checkpoint", "--to", elsewhere, "--force")

    assert Path(elsewhere).read_bytes() == made.read_bytes()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask():
    """A function that sets the umask, which is set back after the test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def test_what_is_made_for_others_can_be_read_by_them(office, tmp_path, umask):
    for given, wanted in ((0o022, 0o644), (0o002, 0o664), (0o077, 0o600)):
        umask(given)
        folder = tmp_path / f"{given:o}"
        folder.mkdir()
        office("report", "overdue", "--output", folder / "paper.docx")
        office("export", folder / "cases.csv")
        office("audit", "checkpoint", "--to", folder / "checkpoint.txt")
        office("db", "backup", folder / "b.db")
        office("remind", "--from", "a@office.example", "--soon", 3650, "--to", folder / "letters")
        papers = [one for one in folder.rglob("*") if one.is_file() and one.name != "b.db"]
        assert {mode(one) for one in papers} == {wanted}, papers
        assert mode(folder / "b.db") == 0o600
        office("audit", "export", "--to", folder / "evidence")
        assert mode(folder / "evidence" / "README.txt") == wanted
        assert mode(folder / "evidence" / "disclosed.jsonl") == 0o600
        office("note", "CASE.001", "so that the next letter has something new to say")
    own = [*places.keys().rglob("*"), *places.checkpoints().rglob("*")]
    assert {mode(one) for one in own if one.is_file()} == {0o600}


def test_what_is_replaced_keeps_its_rights_and_a_link_stays_one(office, tmp_path, umask):
    umask(0o022)
    paper = tmp_path / "paper.xlsx"
    paper.write_bytes(b"the last one")
    paper.chmod(0o640)
    (tmp_path / "link.xlsx").symlink_to(paper)
    office("report", "overdue", "--output", tmp_path / "link.xlsx", "--force")

    assert (tmp_path / "link.xlsx").is_symlink()
    assert paper.read_bytes().startswith(b"PK")
    assert mode(paper) == 0o640


def test_in_a_shared_folder_a_paper_has_the_folders_group(office, tmp_path, umask):
    umask(0o002)
    if os.getuid() != 0:
        pytest.skip("only root may give a folder any group")
    share = tmp_path / "share"
    share.mkdir()
    os.chown(share, -1, 4242)
    share.chmod(0o2775)
    office("report", "overdue", "--output", share / "paper.csv")
    assert ((share / "paper.csv").stat().st_gid, mode(share / "paper.csv")) == (4242, 0o664)

    os.chown(share / "paper.csv", -1, 4243)
    office("report", "overdue", "--output", share / "paper.csv", "--force")
    assert (share / "paper.csv").stat().st_gid == 4243


# --- what cannot be written ------------------------------------------------------------------


@pytest.fixture
def unsigned(office, tmp_path, sqlite_templates, monkeypatch):
    """A register whose log was never signed, of an account without keys; and a submission."""
    for name in ("STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / "unsigned" / name))
    shell = Shell(str(shutil.copy(sqlite_templates(LATE), tmp_path / "unsigned.db")))
    shell.submission, shell.vkey = office.submission, office.vkey
    return shell


def taken(folder, ending):
    """Return the path of a folder that holds something."""
    found = folder / f"taken{ending}"
    found.mkdir()
    (found / "paper.txt").write_text("mine")
    return found


def under_a_file(folder, ending):
    (folder / "file").write_text("no folder")
    return folder / "file" / f"new{ending}"


UNWRITABLE = {
    "in no folder": lambda folder, ending: folder / "none" / f"new{ending}",
    "under a file": under_a_file,
    "a folder": taken,
    "too long": lambda folder, ending: folder / f"{'n' * 300}{ending}",
    "nobody's": lambda _, ending: Path(f"/proc/new{ending}"),
}
"""Paths at which nobody can write, the superuser neither, by what is the matter with them."""

MAKES_FOLDERS = {("demo",), ("remind",), ("letter", "assignment"), ("man",)}
"""Commands that write into a folder, which they make with those it is in."""


@pytest.mark.parametrize("place", UNWRITABLE)
@pytest.mark.parametrize(
    "output", [one for one in different() if one[0] not in MAKES_FOLDERS], ids=ids
)
def test_a_command_whose_output_cannot_be_written_has_changed_nothing(
    unsigned, tmp_path, output, place
):
    words, option = output
    path = UNWRITABLE[place](tmp_path, ending(words, option))
    before = known(tmp_path)

    told = unsigned.run(*line(words, option, path, office=unsigned))

    assert told.exit_code in {2, 5, 8}, (shlex.join(map(str, words)), told.stderr)
    assert known(tmp_path) == before


@pytest.mark.parametrize("replace", [False, True])
def test_a_name_too_long_for_the_disk_is_refused_whether_or_not_a_file_may_be_replaced(
    tmp_path, replace
):
    with (
        pytest.raises(UnavailableError, match="too long"),
        files.whole_file(tmp_path / ("n" * 300), replace=replace) as file,
    ):
        file.write(b"text")


@pytest.mark.parametrize("name", protected.BESIDE)
def test_a_file_may_be_called_like_the_ending_of_a_companion_of_a_store(tmp_path, name):
    with files.whole_file(tmp_path / name) as file:
        file.write(b"text")

    assert (tmp_path / name).read_bytes() == b"text"


class Full(io.FileIO):
    """A file on a disk that has no room left."""

    def write(self, _):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("words", [("audit", "checkpoint"), ("audit", "submit")], ids=" ".join)
def test_what_a_disk_has_no_room_for_is_not_signed(unsigned, tmp_path, monkeypatch, words):
    into = (*words, "--to", tmp_path / "signed.txt")
    before = known(tmp_path)
    with monkeypatch.context() as full:
        full.setattr(files, "_opened", lambda part, _: io.BufferedWriter(Full(part, "xb")))
        error = unsigned.refused(8, *into)

    assert "No space left" in error["message"]
    assert known(tmp_path) == before
    unsigned(*into)
    assert (tmp_path / "signed.txt").read_text("utf-8").endswith("\n")


@pytest.mark.parametrize("output", outputs(), ids=ids)
def test_a_name_with_a_nul_is_refused_everywhere(unsigned, tmp_path, output):
    words, option = output
    path = tmp_path / f"a\0b{ending(words, option)}"
    before = known(tmp_path)
    told = unsigned.run(*line(words, option, path, office=unsigned))

    assert told.exit_code == 2, (words, told.stderr)
    assert "NUL" in told.stderr
    assert known(tmp_path) == before


@pytest.mark.parametrize("ending", ["checkpoint", "keys"])
def test_a_backup_whose_companions_cannot_be_written_has_changed_nothing(
    unsigned, tmp_path, ending
):
    (tmp_path / f"b.db.{ending}").mkdir()
    before = known(tmp_path)
    unsigned.refused(5, "db", "backup", tmp_path / "b.db", "--with-keys", "--force")

    assert known(tmp_path) == before


def test_evidence_since_another_checkpoint_is_refused_before_anything_is_signed(
    office, unsigned, tmp_path
):
    empty = note.Checkpoint(note.VerifierKey.parse(office.vkey).name, 0, tree.EMPTY_ROOT)
    other = note.Checkpoint(empty.origin, 2, bytes(32))
    key = note.SigningKey.generate(empty.origin, note.ED25519)
    for number, one in enumerate((empty, other, note.Checkpoint("another", 2, bytes(32)))):
        path = tmp_path / f"{number}.txt"
        path.write_text(f"{one.text}\n{key.sign(one.text)}", encoding="utf-8")
        before = known(tmp_path)
        told = unsigned.run("audit", "export", "--to", tmp_path / "bundle", "--since", path)

        assert told.exit_code in {2, 7}, told.stderr
        assert known(tmp_path) == before


def test_a_log_that_cannot_be_signed_gets_no_key(unsigned, tmp_path):
    with closing(sqlite3.connect(unsigned.url)) as driver, driver:
        driver.execute("UPDATE disclosure SET body = ? WHERE length(body) > 2", (b"{}",))
    before = known(tmp_path)
    error = unsigned.refused(7, "audit", "checkpoint")

    assert "no redaction says so" in error["message"]
    assert known(tmp_path) == before


def test_a_witness_that_cannot_keep_its_key_has_seen_nothing(unsigned, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    before = known(tmp_path)
    given = ["--name", "inspectorate", "--vkey", unsigned.vkey]
    unsigned.refused(8, "audit", "witness", unsigned.submission, *given)

    assert known(tmp_path) == before
