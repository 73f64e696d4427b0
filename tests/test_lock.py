"""The locked versions are those the program asks for, each with its hashes."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


def test_every_dependency_is_locked_within_its_range_and_by_hash():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *extras["postgres"], *extras["pdf"]]
    text = (ROOT / "requirements.lock").read_text("utf-8")
    locked = dict(re.findall(r"^([\w-]+)==([\w.]+)", text, re.MULTILINE))

    for words in asked:
        wanted = Requirement(words)
        assert wanted.specifier.contains(locked[wanted.name]), words
    for pinned in re.split(r"^(?=[\w-]+==)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in pinned, pinned
    assert "://" not in text
