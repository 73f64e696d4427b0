"""What is set once: where each value comes from, a file that is wrong, aliases."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from casework.cli import COMMANDS, casework
from casework.system import configuration
from casework.system.configuration import KEYS, line_of

COMMENTED = """# Of the office.
lang = "vi"  # as we read

[alias]
late = "list --overdue"  # every Monday
"""


@pytest.fixture
def engine():
    return "sqlite"


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "set" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setenv("CASEWORK_CONFIG", str(path))
    return path


def origins(shell, *words):
    return {
        row["key"]: (row["value"], row["origin"])
        for row in shell.json("config", "list", "--show-origin", *words)
    }


def test_each_value_has_its_origin_and_the_weightiest_counts(shell, file, monkeypatch):
    file.write_text('mail_from = "a@b.example"\n\ncolor = "never"\neditor = "ed"\n')
    monkeypatch.setenv("EDITOR", "nano")
    monkeypatch.setenv("PAGER", "most")

    assert origins(shell)["color"] == ("never", f"{file}:3")
    assert origins(shell, "--color", "always")["color"] == ("always", "--color")
    # The file counts more than what is set for every program, less than what is set for this one.
    assert origins(shell)["editor"] == ("ed", f"{file}:4")
    assert origins(shell)["pager"] == ("most", "PAGER")
    monkeypatch.setenv("CASEWORK_EDITOR", "vim")
    assert origins(shell)["editor"] == ("vim", "CASEWORK_EDITOR")
    assert origins(shell)["register"] == (shell.url, "--db")
    assert origins(shell)["columns"] == (None, "default")
    assert set(origins(shell)) == set(KEYS)
    assert shell("config", "get", "mail_from").stdout == "a@b.example\n"
    # The column has a word of its own: that of the register's origin is the name of its log.
    assert (
        shell("config", "list", "--show-origin", "--lang", "vi")
        .stdout.split("\n")[0]
        .split("  ")[-1]
        .strip()
        == "nguồn"
    )
    assert shell.refused(3, "config", "get", "by")["code"] == "not-found"


@pytest.mark.parametrize(
    ("register", "why"),
    [("~nobody-here/mine.db", "~nobody-here"), (":memory:", "memory"), ("file:mine.db", "file:")],
)
def test_what_can_be_no_register_is_not_set_as_one(shell, file, register, why):
    error = shell.refused(2, "config", "set", "register", register)

    assert why in error["message"]
    assert not file.exists()


def test_what_is_set_counts_for_every_command(office, file, tmp_path, monkeypatch):
    monkeypatch.delenv("LANGUAGE")
    home = tmp_path / "elsewhere.db"
    file.write_text(
        f'register = "{home}"\nlang = "vi"\nformat = "csv"\nmail_from = "x@y.example"\n'
    )

    def run(*words):
        return CliRunner().invoke(casework, words)

    assert run("db", "path").stdout == f"{home}\n"
    assert "không" in run("list").stderr
    assert office("org", "list").stdout.startswith("version,code,name")
    assert office("org", "list", "--json").json[0]["code"] == "central"
    assert office("--json", "org", "list").json[0]["code"] == "central"
    monkeypatch.setenv("CASEWORK_DB", office.url)
    assert run("db", "path").stdout == f"{office.url}\n"
    monkeypatch.setenv("CASEWORK_LANG", "en")
    assert "missing" not in run("remind", "--to", str(tmp_path / "letters"), "--dry-run").stderr


def test_setting_keeps_what_stands_in_the_file(shell, file):
    file.write_text(COMMENTED)
    told = shell("config", "set", "color", "never").stdout
    shell("config", "set", "alias.mine", "list --owner mofa")

    held = file.read_text()
    assert "never" in told
    assert held.startswith('# Of the office.\nlang = "vi"  # as we read\n')
    assert 'late = "list --overdue"  # every Monday\n' in held
    assert configuration.read(file).values == {"lang": "vi", "color": "never"}
    shell("config", "unset", "color")
    shell("config", "unset", "alias.mine")
    assert file.read_text() == COMMENTED
    assert shell.refused(3, "config", "unset", "color")["code"] == "not-found"


def test_without_a_folder_it_is_made_and_a_path_is_kept_whole(shell, tmp_path, monkeypatch):
    monkeypatch.delenv("CASEWORK_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    shell("config", "set", "register", "mine.db")
    made = tmp_path / ".config" / "casework" / "config.toml"

    assert made.read_text() == f'register = "{tmp_path / "mine.db"}"\n'


@pytest.mark.parametrize(
    ("text", "line", "near"),
    [
        ('lang = "vi"\ncolr = "never"\n', 2, "color"),
        ('\n\nlang = "fr"\n', 3, "en"),
        ("format = 3\n", 1, "format"),
        ('by = "lan"\nlang = vi\n', 2, '"vi"'),
        ('by = "lan"\nby = "chi"\n', 2, "delete"),
        ("[alias]\nlate = 3\n", 2, "late"),
        ('alias.late = ""\n', 1, "late"),
        ('alias = "list"\n', 1, "[alias]"),
        ('[aliases]\nlate = "list"\n', 1, "alias"),
        ('register = "mine.db"\n', 1, "mine.db"),
        ('register = "~nobody-here/mine.db"\n', 1, "~nobody-here"),
        ('[alias]\n"a b" = "list"\n', 2, "alias.late"),
        ("lang = [\n", 2, "delete"),
        (f"lang = 'en'\nby = {'9' * 5000}\n", 2, "a number has more than 4,300 digits"),
        (f"lang = 'en'\nby = {'[' * 5000}\n", 2, "lists or objects are nested too deep"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_its_line_and_can_be_mended(
    shell, file, text, line, near
):
    file.write_text(text)
    error = shell.refused(2, "org", "list")

    assert f"{file}, line {line}: " in error["message"]
    assert near in error["message"] + error["hint"]
    assert shell.refused(2, "config", "list")["message"] == error["message"]
    # Help is there all the same, and so is a way to mend it.
    assert shell("org", "list", "--help").stdout
    key = text.partition("=")[0].strip()
    if key in {"format", "register"}:
        shell("config", "unset", key)
        assert shell("org", "list")


@pytest.mark.parametrize("data", [b"\xff\xfe", b"lang = '\xff'\n", b"a" * (9 << 20)])
def test_what_is_no_text_is_refused(shell, file, data):
    file.write_bytes(data)
    assert shell.refused(2, "org", "list")["code"] == "usage"


def test_windows_writes_it_as_well(shell, file):
    file.write_bytes(b'\xef\xbb\xbflang = "en"\r\n[alias]\r\nlate = "org list"\r\n')
    assert "mofa" not in shell("late").stdout
    assert origins(shell)["alias.late"] == ("org list", f"{file}:3")


@pytest.mark.usefixtures("file")
def test_an_alias_stands_for_a_command_line(office):
    office("propose", "--title", "T", "--proposer", "vufo", "--ref", "A.1")
    office("config", "set", "alias.mine", "list --proposer vufo")
    office("config", "set", "alias.json", "mine --json")
    office("config", "set", "alias.khẩn", 'note A.1 "hai  từ"')

    assert "A.1" in office("mine").stdout
    assert [case["ref"] for case in office("json").json] == ["A.1"]
    assert [case["ref"] for case in office("--quiet", "mine", "--json", "--limit", "1").json] == [
        "A.1"
    ]
    office("khẩn")
    assert office.json("history", "A.1")[-1]["note"] == "hai  từ"
    assert "'mine'" not in office.refused(2, "mine", "--ownerr", "x")["message"]
    assert "mine" in office.refused(2, "mien")["message"]


def test_an_alias_hides_no_command_and_leads_to_one(shell, file):
    for name in COMMANDS:
        assert shell.refused(2, "config", "set", f"alias.{name}", "org list")
    for words in ("", "  ", "nothing at all", "--quiet", "list 'x", "late"):
        assert shell.refused(2, "config", "set", "alias.late", words), words
    assert not file.exists()
    # One that came to be a command is that command.
    file.write_text('[alias]\nlist = "org list"\na = "b"\nb = "a"\n')
    assert shell.run("list").stdout == ""
    assert "a → b → a" in shell.refused(2, "a")["message"]


def test_lines_are_found_where_a_key_is_set():
    assert line_of(COMMENTED, "lang") == 2
    assert line_of(COMMENTED, "alias.late") == 5
    assert line_of(COMMENTED, "late") == 0
    assert line_of('alias.late = "x"\n', "alias.late") == 1
    assert line_of('"lang" = "vi"\n', "lang") == 1


def test_without_a_file_nothing_is_imported_to_read_one():
    code = (
        "import sys; from click.testing import CliRunner; from casework.cli import casework\n"
        "CliRunner().invoke(casework, ['--help'])\n"
        "print(json.dumps([name for name in ('tomllib', 'tomlkit', 'platformdirs')"
        " if name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import json; {code}"], capture_output=True, text=True
    )

    assert json.loads(done.stdout) == []


def test_the_folder_is_that_of_the_platform(tmp_path, monkeypatch):
    monkeypatch.delenv("CASEWORK_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert configuration.place() == tmp_path / "xdg" / "casework" / "config.toml"
    # The specification has a relative one ignored.
    monkeypatch.setenv("XDG_CONFIG_HOME", "xdg")
    assert configuration.place() == tmp_path / ".config" / "casework" / "config.toml"
    monkeypatch.setattr("casework.system.platforms.posix.sys.platform", "darwin")
    assert configuration.place() == (
        Path(tmp_path, "Library", "Application Support", "casework", "config.toml")
    )
    monkeypatch.setenv("HOME", "relative")
    assert configuration.place() is None
