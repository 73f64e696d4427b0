"""Rows that are too many for memory stand in a file, and read as a list of them would."""

import errno
import tempfile
from random import Random

import pytest

from casework.errors import UnavailableError
from casework.system import spooled


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Let memory hold few rows."""
    monkeypatch.setattr(spooled, "KEPT", 10)
    monkeypatch.setattr(spooled, "LOT", 7)
    monkeypatch.setattr(spooled, "TOGETHER", 3)


@pytest.mark.parametrize("count", [0, 1, 10, 11, 20, 21, 95])
def test_kept_rows_are_those_that_were_given_as_often_as_they_are_read(count):
    given = [(number, f"Kiến nghị {number}", None) for number in range(count)]
    found = spooled.kept(iter(given))

    assert [*found] == [*found] == given
    assert len(found) == count
    assert bool(found) == bool(count)
    assert isinstance(found, list) == (count <= 10)
    assert [*zip(found, found, strict=True)] == [(one, one) for one in given]


@pytest.mark.parametrize("count", [0, 9, 10, 11, 57, 200])
def test_rows_come_in_the_order_of_their_key_and_else_as_they_came(count):
    chance = Random(count)
    given = [(chance.randrange(8), number) for number in range(count)]
    found = spooled.ordered(iter(given), lambda one: one[0])

    assert [*found] == sorted(given, key=lambda one: one[0])
    assert len(found) == count


@pytest.mark.parametrize("count", [7, 40])
def test_what_is_made_of_rows_is_what_would_be_made_of_a_list(count):
    given = list(range(count))
    found = spooled.kept(given)
    odd = spooled.chosen(found, lambda one: one % 2)
    whole = spooled.joined(odd, spooled.mapped(found, str))

    assert [*odd] == given[1::2]
    assert [*whole] == [*given[1::2], *map(str, given)]
    assert len(whole) == len(given[1::2]) + count
    assert spooled.same(found, given)
    assert not spooled.same(found, given[::-1])
    assert not spooled.same(found, given[:-1])
    assert [len(lot) for lot in spooled.lots(found, 6)][:-1] == [6] * ((count - 1) // 6)


def test_the_file_goes_with_the_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened, make = [], tempfile.TemporaryFile

    def noted(**named):
        opened.append(make(**named))
        return opened[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", noted)
    found = spooled.kept(range(30))
    (file,) = opened

    assert not file.closed
    del found
    assert file.closed
    assert list(tmp_path.iterdir()) == []


def test_where_the_file_cannot_be_written_the_folder_is_named(monkeypatch):
    def full(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)

    with pytest.raises(UnavailableError, match="temporary files: No space left on device"):
        spooled.kept(range(11))
    assert spooled.kept(range(10)) == [*range(10)]
