"""Where the program keeps files of its own, and what it says where no such place is known."""

import json

import pytest
from click.testing import CliRunner

from casework.cli import casework
from casework.errors import UnavailableError
from casework.system import places

PLACES = (places.store, places.keys, places.checkpoints, places.home)


def test_one_variable_names_the_folder_of_keys_and_of_what_was_signed(monkeypatch, tmp_path):
    monkeypatch.setenv("CASEWORK_STATE", str(tmp_path / "stick"))

    assert places.keys() == tmp_path / "stick" / "keys"
    assert places.checkpoints() == tmp_path / "stick" / "checkpoints"
    assert tmp_path / "stick" not in places.store().parents


@pytest.fixture(params=["unknown", "", "relative"])
def homeless(request, monkeypatch):
    """An account that the system knows no home folder of, or tells none that is a whole path."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    if request.param != "unknown":
        monkeypatch.setenv("HOME", request.param)
        return
    pwd = pytest.importorskip("pwd")

    def nobody(_):
        raise KeyError("uid not found")

    monkeypatch.setattr(pwd, "getpwuid", nobody)


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize("place", PLACES)
def test_without_a_home_folder_nothing_is_put_anywhere(place):
    with pytest.raises(UnavailableError) as caught:
        place()

    assert "set HOME" in caught.value.hint


def test_a_folder_of_keys_that_depends_on_where_one_stands_is_refused(monkeypatch):
    monkeypatch.setenv("CASEWORK_STATE", "keys")
    with pytest.raises(UnavailableError):
        places.keys()


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize("words", [["list"], ["init"], ["db", "path"], ["audit", "status"]])
def test_a_command_without_a_store_says_what_to_set(words):
    done = CliRunner().invoke(casework, [*words, "--json"])

    assert done.exit_code == 8, done.stderr
    assert "set HOME" in json.loads(done.stderr)["error"]["hint"]


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_without_a_home_folder_no_completion_is_installed(shell, monkeypatch):
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    done = CliRunner().invoke(casework, ["completion", shell, "--install", "--json"])

    assert done.exit_code == 8, done.stderr
    assert "set HOME" in json.loads(done.stderr)["error"]["hint"]
