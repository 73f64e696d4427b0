"""The locked versions are those the program asks for, each with its hashes."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


def pins(name):
    text = (ROOT / name).read_text("utf-8")
    return dict(re.findall(r"^([\w-]+)==([\w.]+)", text, re.MULTILINE)), text


def test_what_every_platform_can_install_is_locked_alike_and_without_the_extras():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    every, _ = pins("requirements.lock")
    core, text = pins("requirements-core.lock")
    asked = {Requirement(words).name for words in project["dependencies"]}

    assert asked <= core.keys()
    assert core.items() < every.items()
    assert {"cryptography", "cffi", "typst", "psycopg-binary"}.isdisjoint(core)
    for pinned in re.split(r"^(?=[\w-]+==)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in pinned, pinned
    assert "://" not in text


def test_every_dependency_is_locked_within_its_range_and_by_hash():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *extras["postgres"], *extras["pdf"], *extras["cryptography"]]
    text = (ROOT / "requirements.lock").read_text("utf-8")
    locked = dict(re.findall(r"^([\w-]+)==([\w.]+)", text, re.MULTILINE))

    for words in asked:
        wanted = Requirement(words)
        assert wanted.specifier.contains(locked[wanted.name]), words
    for pinned in re.split(r"^(?=[\w-]+==)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in pinned, pinned
    assert "://" not in text
