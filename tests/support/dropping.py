"""A program in which one place does not see one property of one row of a kind's table.

A place is a module that reads rows. `uses` finds which properties each reads; `tried` runs the
tests of derivation in a process in which one of them reads as if the row did not say it.
"""

import importlib
import json
import os
import pkgutil
import sys
from pathlib import Path

import pytest

ABSENT = {
    "default": None,
    "refers": None,
    "private": False,
    "unique": False,
    "wanted": False,
    "option": None,
    "each": None,
    "once": False,
    "called": None,
    "file": None,
    "told": False,
    "correct": False,
    "filter": None,
    "sort": False,
    "counted": False,
    "search": None,
    "naming": False,
    "shown": None,
}
"""What a property reads as where a row does not say it."""

TESTS = Path(__file__).parents[1] / "kinds" / "test_kinds_derived.py"
WORDS = (
    *("-q", "-x", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider", "--no-header"),
    *("--tb=no", "-k", "not postgresql", str(TESTS)),
)
OWN = "casework.kinds.field"
CALLED = {}
"""The names of the rows, by their numbers."""


def reader(frame):
    """Return the module that asked for a property, past what a row computes of itself."""
    while frame.f_globals["__name__"] == OWN:
        frame = frame.f_back
    return frame.f_globals["__name__"]


def watched(seen):
    """Let each property of a row be read through `seen`: (row, property, place, value) -> value."""
    from casework.kinds.field import Field

    numbers = {}

    def read(name):
        member = vars(Field)[name]

        def value(self):
            number = numbers.setdefault(id(self), len(numbers))
            said = member.__get__(self)
            CALLED[number] = getattr(self, "name", "")
            return seen(number, name, reader(sys._getframe(1)), said)

        setattr(Field, name, property(value, member.__set__))

    def begun(self):
        numbers[id(self)] = len(numbers)

    Field.__init__ = begun
    for name in ABSENT:
        read(name)


def everything():
    """Import the whole program, so that all that is derived is."""
    import casework

    for one in pkgutil.walk_packages(casework.__path__, "casework."):
        if not one.name.endswith("__main__"):
            importlib.import_module(one.name)


EQUIVALENT = {
    # A key is asked for whatever else its row says; it is measured with nothing.
    ("ref", "sort", "casework.rules.query"),
    # Only dates and numbers are compared; a text that is sorted is asked for by its words.
    ("title", "sort", "casework.rules.query"),
    # A list may be without a value, and so may a field whose default is none.
    ("coordinating", "default", "casework.questions.wanted"),
    ("theme", "default", "casework.questions.wanted"),
    ("coordinating", "default", "casework.cli.fields"),
    # A list has no foreign key: its values have theirs in the table that is derived from it.
    ("coordinating", "refers", "casework.store.schema"),
    # A query asks for these by their values, and so not among the texts.
    ("ref", "search", "casework.rules.query"),
    ("theme", "search", "casework.rules.query"),
}
"""What changes nothing that anybody could see, with the reason: field, property, place."""


def _counts(name, place, said):
    """Tell whether it is of consequence that a place does not see what a property says.

    Of a default the records know everything, the log what goes without saying or is withheld, and
    any other place only whether it is a list.
    """
    if name != "default" or place == "casework.kinds.record":
        return True
    return said == () or (place == "casework.kinds.records" and said in {0, ""})


def uses():
    """Return each (row, property, place, name) whose row, of that name, says the property."""
    found = set()

    def seen(number, name, place, said):
        if place.startswith("casework.") and said != ABSENT[name] and _counts(name, place, said):
            found.add((number, name, place))
        return said

    watched(seen)
    everything()
    pytest.main([*WORDS])
    named = ((*one, CALLED[one[0]]) for one in sorted(found))
    return [one for one in named if (one[3], *one[1:3]) not in EQUIVALENT]


def tried(number, name, place, _=None):
    """Return whether the tests of derivation pass where a place does not see a property."""

    def seen(of, asked, by, said):
        return ABSENT[name] if (of, asked, by) == (number, name, place) else said

    watched(seen)
    try:
        return pytest.main([*WORDS]) == pytest.ExitCode.OK
    except (Exception, SystemExit):  # noqa: BLE001 - whatever it cannot do is found
        return False


def forked(work):
    """Return what a function gives in a process of its own, which knows nothing of the program."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - for good
        try:
            said = json.dumps(work())
        except (Exception, SystemExit):  # noqa: BLE001
            said = "false"
        os.write(writes, said.encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return json.loads(said)
