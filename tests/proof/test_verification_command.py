"""`audit verify` as a command: its exit code, the triggers, and that it reads only."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from casework.store import schema

AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE \"case\" SET owner = 'vufo'", "case A.1, column owner"),
        ("UPDATE event SET actor = 'lan' WHERE seq = 12", "event 12, column actor"),
        ("DELETE FROM disclosure WHERE seq = 12", "event 12"),
        ("UPDATE log_head SET size = size + 1", "head of the log"),
    ],
)
def test_the_command_exits_with_7_and_names_the_place(office, case, statement, named):
    case("under_study", ref="A.1")
    assert office.json("audit", "verify")["ok"] is True

    office.sql(statement)

    assert named in office.refused(7, "audit", "verify")["message"]


@pytest.mark.parametrize("value", ["'soon'", "x'00'", "CAST(due AS BLOB)"])
@pytest.mark.parametrize("words", [["show", "A.1"], ["list"], ["due", "explain", "A.1"]])
def test_any_command_that_meets_a_value_no_column_holds_names_the_way_on(
    office, case, words, value
):
    if "://" in office.url:
        pytest.skip("PostgreSQL keeps no value of another kind")
    case("under_study", ref="A.1")
    office.sql(f'UPDATE "case" SET due = {value}')

    error = office.refused(7, *words)
    assert "cannot be read" in error["message"]
    assert "audit verify" in error["hint"]
    assert "case: " in office.refused(7, "audit", "verify")["message"]


@pytest.mark.parametrize(
    "statement", ["UPDATE event SET actor = 'lan' WHERE seq = 1", "UPDATE person SET role = 'desk'"]
)
def test_the_process_says_what_is_wrong_in_two_lines(office, statement):
    office.sql(statement)

    command = [sys.executable, "-m", "casework", "--db", office.url, "audit", "verify"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (7, "")
    assert done.stderr.count("\n") == 2, done.stderr


def test_verification_works_where_nothing_can_be_written_and_writes_nothing(office, case):
    case("resolved")
    if "://" in office.url:
        office.sql("DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() ||"
                 " ' SET default_transaction_read_only = on'; END $$")  # fmt: skip
        assert office.json("audit", "verify")["ok"] is True
        return
    if os.getuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root can write anything, and there is no setpriv to be somebody else")
    with tempfile.TemporaryDirectory() as name:
        folder, store = Path(name), Path(name) / "register.db"
        shutil.copy(office.url, store)
        before = store.read_bytes()
        store.chmod(0o444)
        folder.chmod(0o555)
        command = [sys.executable, "-m", "casework", "--db", store, "audit", "verify"]
        words = AS_NOBODY * (os.getuid() == 0)
        done = subprocess.run([*words, *command], capture_output=True, text=True, check=False,
                              env={"PYTHONPATH": os.pathsep.join(sys.path)}, cwd="/")  # fmt: skip
        folder.chmod(0o755)

        assert done.returncode == 0, done.stderr
        assert "in order" in done.stdout
        assert store.read_bytes() == before
        assert [path.name for path in folder.iterdir()] == ["register.db"]


@pytest.mark.parametrize("trigger", sorted(schema.TRIGGERS))
def test_a_trigger_that_is_disabled_or_gone_is_named(shell, trigger):
    ways = [f"DROP TRIGGER {trigger}"]
    if "://" in shell.url:
        table = f'"{trigger.rpartition("_no_")[0]}"'
        ways = [f"ALTER TABLE {table} DISABLE TRIGGER {trigger}", f"{ways[0]} ON {table}"]
    for statement in ways:
        with shell.store().writing() as connection:
            connection.change(statement)

        assert trigger in shell.refused(7, "audit", "verify")["message"]


@pytest.mark.parametrize("more", [[], ["--log-only"]], ids=["every row", "the log only"])
def test_a_file_that_cannot_be_read_to_its_end_is_told_so(office, case, more):
    if "://" in office.url:
        pytest.skip("PostgreSQL looks after its own files")
    case("under_study")
    store, page = Path(office.url), 4096
    with office.store().reading() as connection:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'event'"
        ((root,),) = connection.told(query)
        data = bytearray(store.read_bytes())
    # The last child of the table's root: what is read before it is in order.
    child = int.from_bytes(data[(root - 1) * page + 8 : (root - 1) * page + 12], "big")
    data[(child - 1) * page : child * page] = bytes(page)
    store.write_bytes(data)

    assert "malformed" in office.refused(8, "audit", "verify", *more)["message"]
