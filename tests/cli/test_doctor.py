"""Doctor tells what is missing, and how to get it."""

import pytest

from casework.acts import actors
from casework.cli import lacking

SAYS = {
    "pdf": "pip install",
    "mail": "config set mail_from",
    "completion": "casework completion bash --install",
    "signed": "casework audit checkpoint --to FILE",
    "witnessed": "casework audit submit --to FILE",
    "backup": "casework db backup FILE",
}


@pytest.fixture
def engine():
    return "sqlite"


@pytest.fixture
def home(monkeypatch, tmp_path):
    """An account that has set up nothing, on a machine without typst."""
    for name in ("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("CASEWORK_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.setattr(lacking, "find_spec", lambda _: None)
    (tmp_path / "HOME").mkdir()
    return tmp_path


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.usefixtures("home")
def test_all_that_is_missing_is_told_with_the_command_that_gets_it(office, lang):
    told = office.json("doctor", "--lang", lang)["missing"]

    assert told.keys() == SAYS.keys()
    assert all(words in told[name] for name, words in SAYS.items())
    shown = office("doctor", "--lang", lang).stdout
    assert all(f"  {one}\n" in shown for one in told.values())


def test_what_was_got_is_no_longer_missing(office, home, monkeypatch):
    monkeypatch.setattr(lacking, "find_spec", lambda _: object())
    office("config", "set", "mail_from", "a@office.example")
    office("completion", "bash", "--install")
    office("audit", "checkpoint", "--to", home / "c.txt")
    office("db", "backup", home / "b.db")

    assert office.json("doctor")["missing"].keys() == {"witnessed"}
    office("org", "edit", "mofa", "--email", "m@o.example")
    told = office.json("doctor")["missing"]
    assert told.keys() == {"signed", "witnessed"}
    assert told["signed"].startswith("1 event")


@pytest.mark.usefixtures("home")
def test_a_login_that_is_nobodys_is_told(office, monkeypatch):
    monkeypatch.setattr(actors, "os_login", lambda: "stranger")

    assert "--login stranger" in office.json("doctor")["missing"]["login"]


@pytest.mark.usefixtures("home")
def test_in_a_shell_that_is_none_of_ours_nothing_is_told_of_completion(office, monkeypatch):
    monkeypatch.setenv("SHELL", "/usr/bin/tcsh")

    assert "completion" not in office.json("doctor")["missing"]


@pytest.mark.usefixtures("home")
def test_each_file_that_must_be_kept_is_on_its_own_line(office, tmp_path):
    office("audit", "checkpoint", "--to", str(tmp_path / "point.txt"))
    kept = office.json("doctor")["keep"]
    lines = office("doctor").stdout.splitlines()

    assert len(kept) > 1
    assert [line.split()[-1] for line in lines if line.endswith(tuple(kept))] == kept
    assert not any(", " in line for line in lines if any(one in line for one in kept))
