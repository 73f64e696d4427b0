"""What is told to whoever hunts a fault: everything that is done, and nothing that is private."""

import logging
import re
import subprocess
import sys

import pytest

from casework.system import tracing

SECRETS = ("Tiếng Vang", "một lời kín", "Nguyễn Bí Mật", "bi.mat@example.vn", "chuyện riêng")
TITLE, NOTE, NAME, MAIL, REASON = SECRETS

ACTS = [
    ["person", "add", "mat", "--name", NAME, "--org", "mofa", "--role", "desk", "--email", MAIL],
    ["propose", "--ref", "A.1", "--title", TITLE, "--proposer", "hcmc-pc"],
    ["assign", "A.1", "--owner", "mofa", "--due", "2099-12-31", "--reason", REASON],
    ["note", "A.1", NOTE],
    ["correct", "A.1", "--field", "title", "--to", f"{TITLE} hai", "--reason", REASON],
]
QUESTIONS = [
    ["show", "A.1"],
    ["history", "A.1"],
    ["list"],
    ["list", "--owner", "mofa"],
    ["search", NOTE],
    ["audit", "log"],
    ["audit", "verify"],
    ["report", "overdue"],
    ["person", "list"],
    ["show", "A.1", "--as-of", "2098-01-01"],
]

STATEMENT = re.compile(
    r"^\[casework\.sql \+\d+ ms\] \d+\.\d\d ms(?:, (\d+) rows?)?(?:, failed)?: (.+)$"
)
DOING = re.compile(r"^\[casework \+\d+ ms\] (.+)$")


@pytest.fixture
def traced(office, monkeypatch):
    """The command line of an office, every statement of which is told."""
    monkeypatch.setenv("CASEWORK_TRACE", "sql")
    return office


def told(result, form):
    return [found for line in result.stderr.splitlines() if (found := form.match(line))]


def test_each_statement_is_told_with_its_time_and_its_rows(traced, case):
    for title in ("one", "two", "three"):
        case(title=title)
    result = traced("list", "--json")

    rows = [(found[1], found[2]) for found in told(result, STATEMENT)]
    assert [count for count, text in rows if 'FROM "case" ORDER BY' in text] == ["3"]
    assert [text for count, text in rows if text.startswith("SELECT") and count is None] == []
    assert len(result.json) == 3
    assert told(result, DOING) == []


def test_the_result_is_the_same_whether_it_is_told_or_not(office, case, monkeypatch):
    ref = case("assigned")
    silent = [office(*words) for words in (["show", ref], ["list"], ["list", "--json"])]
    monkeypatch.setenv("CASEWORK_TRACE", "sql")
    loud = [office("--verbose", *words) for words in (["show", ref], ["list"], ["list", "--json"])]

    assert [one.stdout for one in loud] == [one.stdout for one in silent]
    assert [one.stderr for one in silent] == ["", "", ""]
    assert all(told(one, STATEMENT) and told(one, DOING) for one in loud)


def test_nothing_private_is_told(traced):
    everything = ""
    for words in ACTS + QUESTIONS:
        result = traced("--verbose", *words)
        assert told(result, STATEMENT), words
        everything += result.stderr

    assert [secret for secret in SECRETS if secret.casefold() in everything.casefold()] == []
    assert "str(" in everything


def test_what_is_done_is_told_by_store_transaction_and_time(office):
    result = office("--verbose", "note", "--help")
    assert result.stderr == ""

    read, written = (
        office("list", "--verbose"),
        office("org", "add", "x", "--name", "X", "--verbose"),
    )

    place = office.url.rpartition("/")[2]
    for result, what in ((read, "reading"), (written, "writing")):
        lines = [found[1] for found in told(result, DOING)]
        (begun,) = [line for line in lines if line.startswith(f"{what} in ")]
        assert place in begun
        assert any(re.fullmatch(rf"{what} ended after \d+\.\d ms", line) for line in lines)
        assert told(result, STATEMENT) == []


def test_a_transaction_that_is_undone_says_so(office):
    result = office.run("--verbose", "assign", "NONE.1", "--owner", "mofa", "--due", "2099-01-01")

    assert result.exit_code == 3
    lines = [found[1] for found in told(result, DOING)]
    assert any(line.startswith("writing undone after") for line in lines)
    assert "casework:" in result.stderr.splitlines()[-2] + result.stderr.splitlines()[-1]


def test_a_statement_that_fails_is_told_as_failed(office, caplog):
    caplog.set_level(logging.DEBUG, "casework.sql")
    with pytest.raises(Exception, match="nowhere"), office.store().reading() as connection:
        connection.told("SELECT 'private' FROM nowhere")

    (failed,) = [line for line in caplog.messages if "failed" in line]
    assert failed.endswith("SELECT '…' FROM nowhere")


def test_a_program_that_uses_casework_listens_as_to_any_logger(office, caplog):
    caplog.set_level(logging.DEBUG, "casework")
    with office.store().reading() as connection:
        connection.told("SELECT 1 WHERE 2 < 1")

    statements = [one for one in caplog.records if one.name == "casework.sql"]
    assert any("0 rows: SELECT 1 WHERE 2 < 1" in one.getMessage() for one in statements)
    assert any(one.name == "casework" for one in caplog.records)


def test_after_a_command_nobody_listens(traced):
    traced("--verbose", "list")

    loggers = [logging.getLogger(name) for name in ("casework", "casework.sql")]
    assert [(one.handlers, one.level) for one in loggers] == [([], logging.NOTSET)] * 2


@pytest.mark.parametrize("value", ["SQL", "all", "1", " "])
def test_the_variable_asks_for_statements_and_for_nothing_else(office, monkeypatch, value):
    monkeypatch.setenv("CASEWORK_TRACE", value)
    error = office.refused(2, "list")

    assert repr(value) in error["message"]
    assert "sql" in error["hint"]


def test_nobody_asks_for_silence_and_for_more_words(office):
    for words in (["-q", "list", "--verbose"], ["--verbose", "list", "-q"]):
        assert "--quiet" in office.refused(2, *words)["message"]


def test_a_password_is_told_by_nobody(shared, monkeypatch):
    monkeypatch.setenv("CASEWORK_TRACE", "sql")
    word, login = "rat-kin-9f3", shared.login("lan")
    result = shared.keeper.run(
        "--verbose", "db", "grant", "lan", "--login", login, "--password", input=f"{word}\n{word}\n"
    )

    assert result.exit_code == 0, result.stderr
    assert any("ROLE" in found[2] for found in told(result, STATEMENT))
    assert word not in result.stderr
    assert "SCRAM-SHA-256$" not in result.stderr


def test_who_asks_for_nothing_pays_for_nothing(office):
    if "://" in office.url:
        pytest.skip("the driver of a server imports logging itself")
    code = (
        "import sys; from casework.cli import casework\n"
        f"try: casework(['--db', {office.url!r}, 'list'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'logging' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("SELECT  a,\n  b FROM c", "SELECT a, b FROM c"),
        ("SELECT 'x', a", "SELECT '…', a"),
        ("SELECT 'it''s' || 'b'", "SELECT '…' || '…'"),
        (r"SELECT E'it\'s x', 'y'", "SELECT '…', '…'"),
        (r"SELECT 'a\', 'b'", "SELECT '…', '…'"),
        ("DO $x$ it's $y$ a $x$; SELECT 1", "DO '…'; SELECT 1"),
        ("SELECT 1 -- it's\n, 'x'", "SELECT 1 , '…'"),
        ("SELECT /* it's */ 'x'", "SELECT '…'"),
        ("PASSWORD 'SCRAM-SHA-256$4096:aa'", "PASSWORD '…'"),
        ("SELECT 'never ended", "SELECT '…'"),
        ("SELECT \"a'b\", 'x'", "SELECT \"a'b\", '…'"),
        ("WHERE a = $1 AND b = $2", "WHERE a = $1 AND b = $2"),
    ],
)
def test_no_literal_of_a_statement_is_told(text, shape):
    assert tracing.shape(text) == shape


@pytest.mark.parametrize(
    ("value", "kind"),
    [("mật", "str(3)"), (b"ab", "bytes(2)"), (None, "NoneType"), (7, "int"), ([1, 2], "list(2)")],
)
def test_a_value_is_told_by_what_it_is(value, kind):
    assert tracing.kind(value) == kind
