"""What is read from a path is a file: no pipe, device or folder, and never endless."""

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from casework.errors import NotFoundError, UsageError
from casework.system import files

READERS = (
    ("import", "{}"),
    ("holiday", "import", "{}"),
    ("audit", "witness", "{}", "--name", "w"),
    ("audit", "accept", "{}"),
    ("audit", "verify", "--checkpoint", "{}"),
    ("audit", "export", "--to", "made", "--checkpoint", "{}"),
    ("audit", "export", "--to", "made", "--since", "{}"),
    ("audit", "checkpoint", "--key", "{}"),
)
"""Every command that reads a file it is given, but those that take a store."""


def readers(test):
    """Run a test with each of these commands; a path is read before a store is asked for much."""
    one_engine = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
    return one_engine(
        pytest.mark.parametrize("words", READERS, ids=lambda words: " ".join(words[:3]))(test)
    )


posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files in folders")


def at(words, path):
    return [word.replace("{}", str(path)) for word in words]


@posix
@readers
def test_a_pipe_that_nobody_writes_to_is_refused_at_once(office, tmp_path, words):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    error = office.refused(2, *at(words, pipe))
    assert error["message"] == f"{pipe} is a pipe, not a file"


@posix
@readers
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/random", "/dev/tty"])
def test_a_device_is_refused(office, words, device):
    error = office.refused(2 if "--key" not in words else 8, *at(words, device))
    assert device in error["message"]


@readers
def test_a_folder_is_refused(office, tmp_path, words):
    assert str(tmp_path) in office.refused(2, *at(words, tmp_path))["message"]


@readers
def test_a_name_that_no_file_can_have_is_refused(office, words):
    error = office.refused(2, *at(words, "n" * 300))
    assert error["message"].startswith("no file can have the name 'nnn")
    assert len(error["message"]) < 200


@posix
@readers
def test_links_in_a_circle_are_refused(office, tmp_path, words):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    error = office.refused(2, *at(words, loop))
    assert error["message"] == f"the links at {loop} form a circle"


@readers
def test_a_file_that_is_not_there_is_not_found(office, tmp_path, words):
    office.refused(3, *at(words, tmp_path / "none"))
    office.refused(3, *at(words, Path(__file__) / "below"))


@readers
def test_an_empty_file_is_refused(office, tmp_path, words):
    empty = tmp_path / "empty"
    empty.touch(mode=0o600)
    office.refused(2, *at(words, empty))


def test_a_pipe_put_in_the_place_of_a_file_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("text")
    seen = path.stat()
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(Path, "stat", lambda *_, **__: seen)
    with pytest.raises(UsageError, match="is a pipe"):
        files.open_regular(path)


def test_text_is_read_without_its_mark_and_only_as_long_as_it_may_be(tmp_path):
    path = tmp_path / "note"
    path.write_bytes(b"\xef\xbb\xbfTi\xe1\xba\xbfng Vi\xe1\xbb\x87t\r\n")
    assert files.read_text(path) == "Tiếng Việt\r\n"
    path.write_bytes(b"x" * 11)
    assert files.read_text(path, 11) == "x" * 11
    with pytest.raises(UsageError, match="longer than 10 bytes"):
        files.read_text(path, 10)


def test_what_is_no_text_is_refused_with_its_byte(tmp_path):
    path = tmp_path / "note"
    path.write_bytes("Tê".encode("cp1258"))
    with pytest.raises(UsageError, match="byte 2 is 0xea"):
        files.read_text(path)


@pytest.mark.parametrize("name", ["missing", "file/below"])
def test_whether_something_is_there_is_told_of_any_path(tmp_path, name):
    (tmp_path / "file").touch()
    assert files.is_there(tmp_path / "file")
    assert not files.is_there(tmp_path / name)
    with pytest.raises(NotFoundError):
        files.read_bytes(tmp_path / name)
    with pytest.raises(UsageError):
        files.is_there(tmp_path / ("n" * 300))
    with pytest.raises(UsageError):
        files.is_there(Path("a\0b"))


@posix
def test_a_store_that_is_no_file_is_refused_at_once(tmp_path):
    from casework.cli import casework

    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        done = CliRunner().invoke(casework, ["--db", str(path), "list"])
        assert done.exit_code == 8
        assert "is not a file, so it is not a store" in done.stderr
