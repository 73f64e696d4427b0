"""The tests of derivation find any property of a row that any place does not see.

With --long every property of every row is taken from every place that reads it, one at a time; by
default one is.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
DRIVER = """
import json, sys
import alembic.command, click, sqlalchemy
import dropping

assert dropping.forked(lambda: dropping.tried(-1, "none", "nowhere"))
tried = json.loads(sys.argv[1]) or dropping.forked(dropping.uses)
missed = [one for one in tried if dropping.forked(lambda: dropping.tried(*one))]
print(json.dumps([len(tried), missed]))
"""


@pytest.mark.timeout(7200)
def test_a_property_that_a_place_does_not_see_is_found(much):
    title = 2
    some = [[title, "file", "casework.exchange.columns"]]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps(much(some, None))],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "support")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    count, missed = json.loads(done.stdout)
    assert count >= len(some)
    assert missed == []
