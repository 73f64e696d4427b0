"""What the tests of papers share."""

import pytest


@pytest.fixture
def engine():
    """On SQLite only: the engine has no say in how a paper looks."""
    return "sqlite"
