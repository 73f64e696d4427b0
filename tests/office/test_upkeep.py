"""Looking after a store: a backup of either engine is a register, verified before it is kept."""

import errno
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile

import pytest

from casework.errors import ConflictError
from casework.office import maintenance
from casework.proof import evidence, inspection
from casework.store import contention
from casework.system.files import whole_text


@pytest.fixture
def out(tmp_path):
    """A folder that holds nothing else."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def other(shell, new_store):
    """A function that gives the command line on a place without a register, on the same engine."""
    return lambda: type(shell)(new_store(empty=True))


def on(shell, path):
    return type(shell)(str(path))


def test_a_backup_is_the_register_event_by_event(rich, out):
    told = rich.json("db", "backup", out / "b.db")
    copy = on(rich, out / "b.db")

    assert told["log_root"] == rich.head().root == copy.head().root
    assert copy.json("audit", "verify")["ok"] is True
    assert copy.json("audit", "log") == rich.json("audit", "log")
    assert copy.json("list") == rich.json("list")
    assert stat.S_IMODE((out / "b.db").stat().st_mode) == 0o600
    assert [path.name for path in sorted(out.iterdir())] == ["b.db", "b.db.checkpoint"]


def test_its_checkpoint_covers_it_and_what_comes_after(rich, out):
    rich("db", "backup", out / "b.db")
    given = ["audit", "verify", "--checkpoint", out / "b.db.checkpoint"]
    rich("note", "NFAC-20.002", "written after the backup")

    assert on(rich, out / "b.db").json(*given)["ok"] is True
    assert rich.json(*given)["ok"] is True


def test_a_backup_never_replaces_a_file(rich, out):
    (out / "b.db").write_text("mine")
    rich.refused(5, "db", "backup", out / "b.db")
    rich.refused(8, "db", "backup", out / "nowhere" / "b.db")

    assert (out / "b.db").read_text() == "mine"
    assert [path.name for path in out.iterdir()] == ["b.db"]


def test_neither_is_the_file_of_a_checkpoint_replaced_unless_told_to(rich, out):
    rich("db", "backup", out / "b.db")
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    rich("note", "NFAC-20.002", "after the backup")
    (out / "c.db.checkpoint").write_text("mine")
    rich.refused(5, "db", "backup", out / "b.db")
    rich.refused(5, "db", "backup", out / "c.db")

    assert {path.name: path.read_bytes() for path in out.glob("b.db*")} == first
    assert [path.name for path in out.glob("c.db*")] == ["c.db.checkpoint"]
    rich("db", "backup", out / "b.db", "--force")
    assert on(rich, out / "b.db").head() == rich.head()
    given = ["audit", "verify", "--checkpoint", out / "b.db.checkpoint"]
    assert str(rich.head().size) in rich(*given).stdout


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_writers_do_not_wait_while_the_copy_is_verified(rich, out, monkeypatch):
    monkeypatch.setattr(contention, "LIMIT", 0.2)
    verified = maintenance.check

    def writes_first(copy, **use):
        rich("note", "NFAC-20.002", "written while the copy is verified")
        return verified(copy, **use)

    monkeypatch.setattr(maintenance, "check", writes_first)
    told = rich.json("db", "backup", out / "b.db")

    assert told["log_size"] == rich.head().size - 1


@pytest.mark.parametrize(
    "words", [["db", "check"], ["audit", "verify"], ["audit", "replay"], ["audit", "export"]]
)
def test_writers_do_not_wait_while_a_large_register_is_read(rich, out, monkeypatch, words):
    rich("audit", "key")
    monkeypatch.setattr(maintenance, "LARGE", 0)
    monkeypatch.setattr(contention, "LIMIT", 0.2)
    monkeypatch.setattr(tempfile, "tempdir", str(out))
    size = rich.head().size
    read = []

    def writes_first(module, name):
        asked = getattr(module, name)

        def ask(connection, *rest, **more):
            read.append(connection)
            rich("note", "NFAC-20.002", "written while the register is read")
            return asked(connection, *rest, **more)

        monkeypatch.setattr(module, name, ask)

    writes_first(inspection, "differences" if words[-1] == "replay" else "verify")
    writes_first(evidence, "export")
    to = ["--to", out / "bundle"] if words[-1] == "export" else []
    told = rich.json(*words, *to)

    assert len(read) == 1
    assert told.get("size", told.get("log_size", size)) == size
    assert rich.head().size == size + 1
    assert [path.name for path in out.iterdir()] == [path.name for path in out.glob("bundle")]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_wrong_with_a_large_register_is_told_of_it(rich, out, monkeypatch):
    monkeypatch.setattr(maintenance, "LARGE", 0)
    monkeypatch.setattr(tempfile, "tempdir", str(out))
    rich.sql("DROP TABLE case_link")
    error = rich.refused(7, "audit", "verify")

    assert "case_link" in error["message"]
    assert list(out.iterdir()) == []


def test_a_backup_is_made_where_a_file_has_one_name_only(rich, out, monkeypatch):
    def refused(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    rich("db", "backup", out / "b.db")
    (out / "c.db").write_text("mine")
    rich.refused(5, "db", "backup", out / "c.db")

    assert on(rich, out / "b.db").head() == rich.head()
    assert (out / "c.db").read_text() == "mine"


@pytest.mark.parametrize("link", [os.link, None])
def test_a_name_that_somebody_took_meanwhile_is_not_replaced(out, monkeypatch, link):
    def unknown(*_):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "link", link or unknown)
    with pytest.raises(ConflictError), whole_text(out / "b.db") as ours:
        ours.write(str((out / "b.db").write_text("mine")))

    assert (out / "b.db").read_text() == "mine"
    assert [path.name for path in out.iterdir()] == ["b.db"]


def test_a_store_that_does_not_verify_is_not_backed_up(rich, out):
    rich.sql("UPDATE \"case\" SET title = 'another' WHERE ref = '003-21'")
    error = rich.refused(7, "db", "backup", out / "b.db")

    assert "003-21" in error["message"]
    assert list(out.iterdir()) == []


def test_a_backup_is_taken_while_others_write(shell, out):
    shell("org", "add", "o", "--name", "O")
    code = (
        "import sys; from click.testing import CliRunner; from casework.cli import casework\n"
        "for n in range(40):\n"
        "    words = ['--db', sys.argv[1], 'propose', '--title', 'T', '--proposer', 'o']\n"
        "    assert CliRunner().invoke(casework, words).exit_code == 0\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, shell.url]) as writer:
        sizes = []
        while writer.poll() is None:
            sizes.append(shell.json("db", "backup", out / f"{len(sizes)}.db")["log_size"])
    assert writer.returncode == 0
    assert len(shell.json("list")) == 40
    assert sizes == sorted(sizes)


def test_a_register_comes_back_from_its_backup_on_either_engine(rich, other, out):
    rich("db", "backup", out / "b.db")
    back = other()
    told = back.json("db", "restore", out / "b.db")
    lite = on(rich, out / "again.db")
    lite("db", "restore", out / "b.db")

    assert told["missing"] == 0
    for store in (back, lite):
        assert store.head() == rich.head()
        assert store.json("audit", "verify")["ok"] is True
        assert store.json("list") == rich.json("list")
    back("note", "NFAC-20.002", "life goes on")
    assert back.json("audit", "verify")["ok"] is True


def test_a_register_is_never_overwritten_by_a_backup(rich, new_store, out):
    rich("db", "backup", out / "b.db")
    error = type(rich)(new_store()).refused(5, "db", "restore", out / "b.db")

    assert "register" in error["message"]


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE \"case\" SET title = 'another' WHERE ref = '003-21'",
        "DELETE FROM disclosure WHERE seq = 9",
        "UPDATE log_head SET size = size - 1",
    ],
)
def test_a_copy_that_does_not_verify_is_not_restored(rich, other, out, harm):
    rich("db", "backup", out / "b.db")
    on(rich, out / "b.db").sql(harm)
    back = other()

    assert back.run("db", "restore", out / "b.db").exit_code == 7
    assert back.head() is None


def test_what_an_old_backup_lacks_is_told_and_it_cannot_be_signed_for(rich, other, out):
    rich("db", "backup", out / "b.db")
    rich("note", "NFAC-20.002", "after the backup")
    rich("note", "NFAC-20.002", "and again")
    rich("audit", "checkpoint", "--to", out / "later.txt")
    back = other()
    done = back.run("db", "restore", out / "b.db", "--json")

    assert done.exit_code == 0
    assert done.json["missing"] == 2
    assert "2 events" in done.stderr
    assert back.run("audit", "checkpoint").exit_code == 7


def test_a_copy_with_another_past_than_was_signed_for_is_refused(rich, other, out):
    rich("db", "backup", out / "b.db")
    forged = on(rich, out / "b.db")
    forged("note", "NFAC-20.002", "only in the copy")
    rich("note", "NFAC-20.002", "only in the register")
    rich("audit", "checkpoint", "--to", out / "later.txt")
    back = other()

    assert back.run("db", "restore", out / "b.db").exit_code == 7
    assert back.head() is None


@pytest.mark.parametrize("words", [["backup", "missing/b.db"], ["restore", "missing.db"]])
def test_what_is_not_there_is_named(rich, words, out, monkeypatch):
    monkeypatch.chdir(out)

    assert "missing" in rich.refused(8, "db", *words)["message"]


def test_check_finds_a_damaged_page_and_a_lost_reference(rich, out):
    assert rich.json("db", "check")["log_size"] == rich.head().size
    rich("db", "backup", out / "b.db")
    broken = on(rich, out / "b.db")
    broken.sql("DELETE FROM organisation WHERE code = 'vufo'")
    lost = broken.run("db", "check")
    with sqlite3.connect(out / "b.db") as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'ix_event_effective_on'"
        ).fetchone()
    connection.close()
    with (out / "b.db").open("r+b") as file:
        file.seek((root - 1) * size + 8)
        file.write(b"\xff" * 40)
    damaged = broken.run("db", "check")

    assert (lost.exit_code, damaged.exit_code) == (7, 7)
    assert "organisation" in lost.stderr
    assert "Traceback" not in damaged.stderr
