"""Stores that are not there, not ours or not ready: exit code 8, what to do, nothing touched."""

import sqlite3
from shlex import split

import pytest
from click.testing import CliRunner

from casework.cli import casework

ASK = [
    "list",
    "show A.1",
    "propose --title T --proposer o",
    "import rows.csv",
    "export out.csv",
    "report overdue --output out.json",
    "audit verify",
    "org add o --name O",
    "doctor",
]
MAKE = ["init", "db upgrade"]


def ask(store, line):
    result = CliRunner().invoke(casework, ["--db", str(store), *split(line), "--json"])
    assert result.exit_code == 8, (line, result.exit_code, result.stderr)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def missing(folder):
    return folder / "missing" / "register.db"


def empty(folder):
    path = folder / "empty.db"
    path.touch()
    return path


def words(folder):
    path = folder / "notes.txt"
    path.write_text("Dear colleague,\n" * 500)
    return path


def broken(folder):
    path = folder / "broken.db"
    path.write_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 40)
    return path


def foreign(folder, journal="delete"):
    path = folder / "calendar.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode={journal}")
    connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    connection.commit()
    connection.close()
    return path


def foreign_wal(folder):
    return foreign(folder, "wal")


def folder_itself(folder):
    path = folder / "folder"
    path.mkdir()
    return path


def under_a_file(folder):
    return words(folder) / "register.db"


@pytest.fixture
def here(monkeypatch, tmp_path):
    """An empty folder to stand in, with a file of rows."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "rows.csv").write_text("title,proposer\nT,o\n")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    "make",
    [missing, empty, words, broken, foreign, foreign_wal, folder_itself, under_a_file],
)
def test_what_is_no_store_is_named_and_neither_made_nor_touched(here, make):
    store = make(here)
    before = contents(here)

    for line in ASK:
        error = ask(store, line).stderr
        assert str(store) in error, line
        assert '"hint": ""' not in error, line
        assert contents(here) == before, line


@pytest.mark.parametrize("make", [words, broken, foreign, foreign_wal, folder_itself, under_a_file])
@pytest.mark.parametrize("line", MAKE)
def test_no_register_is_made_where_something_else_is_or_nothing_can_be(here, make, line):
    store = make(here)
    before = contents(here)

    error = ask(store, line).stderr

    assert str(store) in error
    assert "--db" in error
    assert contents(here) == before


@pytest.mark.parametrize("make", [missing, empty])
@pytest.mark.parametrize("line", MAKE)
def test_a_register_is_made_once_and_then_left_as_it_is(here, make, line):
    store = make(here)
    first = CliRunner().invoke(casework, ["--db", str(store), *split(line)])
    made = store.read_bytes()

    again = [CliRunner().invoke(casework, ["--db", str(store), *split(line)]) for line in MAKE]

    assert first.exit_code == 0
    assert "a new register" in first.stdout
    for result in again:
        assert result.exit_code == 0
        assert "a new register" not in result.stdout
    assert store.read_bytes() == made
    assert make is empty or store.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("line", MAKE)
def test_a_dry_run_makes_no_register_and_no_file(here, line):
    path = here / "dry.db"
    result = CliRunner().invoke(casework, ["--db", str(path), *split(line), "--dry-run"])

    assert result.exit_code == 0
    assert "new register" in result.stdout
    assert "dry run" in result.stderr
    assert not path.exists()


@pytest.mark.parametrize("name", [":memory:", "sqlite:///:memory:"])
def test_a_register_in_memory_is_refused_and_no_file_gets_that_name(here, name):
    result = CliRunner().invoke(casework, ["--db", name, "init"])

    assert result.exit_code == 2
    assert "memory" in result.stderr
    assert not (here / ":memory:").exists()


def test_the_place_of_a_store_is_told_as_it_was_written(here):
    store = here / "Hồ sơ 100% #1" / "sổ.db"

    for line in ("init", "init", "db path", "doctor"):
        result = CliRunner().invoke(casework, ["--db", str(store), *split(line)])

        assert result.exit_code == 0
        assert str(store) in result.stdout, line


@pytest.mark.parametrize(
    ("revision", "state", "advice"),
    [("9999", "newer", "install a newer casework"), ("0000", "0000", "casework db upgrade")],
)
def test_a_store_of_another_schema_is_refused_with_what_to_do(
    shell, monkeypatch, tmp_path, revision, state, advice
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("title,proposer\nT,o\n")
    shell.sql(f"UPDATE alembic_version SET version_num = '{revision}'")

    for line in ASK:
        error = shell.refused(8, *split(line))
        assert state in error["message"], line
        assert advice in error["hint"], line
    if revision == "9999":
        assert advice in shell.refused(8, "init")["hint"]
        assert advice in shell.refused(8, "db", "upgrade")["hint"]
    assert not (tmp_path / "out.csv").exists()


def test_a_database_without_a_register_is_refused_with_what_to_do(shell):
    shell.sql("DROP TABLE alembic_version")

    for line in ("list", "org add o --name O"):
        assert "casework init" in shell.refused(8, *split(line))["hint"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://hoa:geheim@127.0.0.1:1/register",
        "postgresql://hoa:geheim@127.0.0.1:1/register",
        "postgresql://127.0.0.1:1/register?user=hoa&password=geheim",
    ],
)
@pytest.mark.parametrize("flag", ["", "--debug"])
@pytest.mark.usefixtures("here")
def test_a_server_that_does_not_answer_is_named_without_its_password(url, flag):
    for line in [*ASK, *MAKE]:
        result = CliRunner().invoke(casework, ["--db", url, *split(line), *split(flag)])

        assert result.exit_code == 8, (line, result.stderr)
        assert result.stdout == ""
        assert "127.0.0.1" in result.stderr
        assert "geheim" not in result.stderr
        assert ("Traceback" in result.stderr) is bool(flag)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://hoa:geheim@127.0.0.1/register",
        "postgresql://hoa:geheim@127.0.0.1:port/register",
        "sqlite://",
        "://",
    ],
)
def test_a_place_that_cannot_be_a_store_is_refused_without_its_password(here, url):
    before = contents(here)

    for line in ("list", "init", "db path"):
        result = CliRunner().invoke(casework, ["--db", url, *split(line), "--json"])

        assert result.exit_code in {2, 8}, result.stderr
        assert "geheim" not in result.stderr
        assert contents(here) == before
