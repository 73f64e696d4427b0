"""What a developer relies on: the words of make, the hooks, versions, and sealed migrations."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest

import casework

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "docs"))
import release  # noqa: E402 - they stand beside the documents
import seal  # noqa: E402

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def made(*words):
    """Return the commands that make would run."""
    told = subprocess.run(
        ["make", "-n", "--no-print-directory", "PYTHON=.venv/bin/python", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    return [shlex.split(line) for line in told.stdout.splitlines()]


# --- make --------------------------------------------------------------------------------------


@needs_make
@pytest.mark.parametrize(
    ("asked", "run"),
    [
        ([], ["-n", "auto"]),
        (["T=tests/rules"], ["-n", "0", "tests/rules"]),
        (["K=moon or sun"], ["-n", "0", "-k", "moon or sun"]),
        (["T=a b", "K=moon"], ["-n", "0", "-k", "moon", "a", "b"]),
        (["T=a", "N=2"], ["-n", "2", "a"]),
    ],
)
def test_one_area_is_tested_in_one_process_and_everything_in_all(asked, run):
    assert made("test", *asked) == [[".venv/bin/python", "-m", "pytest", "-q", *run]]


@needs_make
def test_the_quick_tests_are_there():
    (line,) = made("quick")
    places = [word for word in line if word.startswith("tests/")]

    assert len(places) > 5
    assert [place for place in places if not (ROOT / place).exists()] == []
    assert "not postgresql" in line


@needs_make
def test_every_word_of_make_says_what_it_does():
    text = (ROOT / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    told = re.findall(r"^([\w-]+):  ## \w", text, re.MULTILINE)

    assert sorted(told) == sorted(phony.split())


@needs_make
def test_a_commit_is_checked_by_what_make_lint_runs():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    entries = [shlex.split(entry) for entry in re.findall(r"entry: (.*)", hooks)]
    ran = [
        line for entry in entries for line in (made(*entry[1:]) if entry[0] == "make" else [entry])
    ]
    whole = [[word for word in line if word != "."] for line in made("lint")]
    whole = [line for line in whole if line[0] != "make"]

    assert [[word for word in line if word != "--force-exclude"] for line in ran] == whole
    assert re.findall(r"language: (.*)", hooks) == ["system"] * len(entries)
    assert re.findall(r"repo: (.*)", hooks) == ["local"]


# --- versions ----------------------------------------------------------------------------------

HEADING = re.compile(r"^## \[(Unreleased|[\d.]+)\](?: - (.+))?$", re.MULTILINE)
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


@pytest.fixture(scope="module")
def changes():
    return (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_version_is_said_in_one_place_and_is_the_newest_of_the_changelog(changes):
    (unreleased, none), (newest, day), *_ = HEADING.findall(changes)

    assert (unreleased, none) == ("Unreleased", "")
    assert newest == casework.__version__
    assert date.fromisoformat(day)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "casework/__init__.py"


def test_versions_are_told_newest_first_and_their_changes_by_kind(changes):
    told = HEADING.findall(changes)
    numbers = [tuple(map(int, name.split("."))) for name, _ in told[1:]]
    days = [day for _, day in told[1:]]
    assert numbers == sorted(numbers, reverse=True)
    assert days == sorted(days, reverse=True)
    for section in re.split(HEADING.pattern, changes, flags=re.MULTILINE)[3::3]:
        kinds = re.findall(r"^### (.+)$", section, re.MULTILINE)
        assert kinds == [kind for kind in KINDS if kind in kinds]


def test_other_programs_may_check_their_types_against_it():
    assert (ROOT / "casework" / "py.typed").is_file()


# --- migrations --------------------------------------------------------------------------------


def test_no_released_migration_is_rewritten():
    assert len(seal.sealed()) >= 16
    assert seal.changed() == []


def test_released_migrations_are_the_first_ones():
    names = list(seal.sealed())
    assert names == list(seal.present())[: len(names)]


# --- what make release does --------------------------------------------------------------------

CHANGED = """# Changelog

## [Unreleased]

### Fixed

- A fault.
  Told at length.

### Added

- New, too.

**Cases**

- New of cases.

## [0.9.0] - 2026-01-01

About it.

### Added

**Cases**

- One.
- Two.

## [0.8.0] - 2025-01-01

### Added

- Old.
"""
MERGED = """# Changelog

## [Unreleased]

## [0.9.0] - 2026-02-03

About it.

### Added

- New, too.

**Cases**

- One.
- Two.
- New of cases.

### Fixed

- A fault.
  Told at length.

## [0.8.0] - 2025-01-01

### Added

- Old.
"""


def test_what_is_unreleased_becomes_part_of_the_version_that_has_no_tag_yet():
    assert release.folded(CHANGED, "0.9.0", "2026-02-03") == MERGED
    assert release.folded(MERGED, "0.9.0", "2026-02-03") == MERGED


def test_what_is_unreleased_becomes_the_section_of_a_new_version():
    told = release.folded(CHANGED, "0.10.0", "2026-02-03")

    fixed, added = CHANGED.partition("### Fixed")[2].partition("## [0.9.0]")[0].split("### Added")
    section = f"## [0.10.0] - 2026-02-03\n\n### Added{added}### Fixed{fixed}"
    whole = CHANGED.replace(f"### Fixed{fixed}### Added{added}", section)
    assert told == whole
    with pytest.raises(ValueError, match="nothing"):
        release.folded(MERGED, "0.10.0", "2026-02-03")


def test_no_entry_of_the_changelog_is_lost_on_the_way(changes):
    told = release.folded(changes, casework.__version__, "2026-02-03")

    lines = [line for line in changes.splitlines() if not line.startswith("#")]
    after = [line for line in told.splitlines() if not line.startswith("#")]
    assert sorted(filter(None, set(lines))) == sorted(filter(None, set(after)))
    assert [name for name, _ in HEADING.findall(told)] == [
        name for name, _ in HEADING.findall(changes)
    ]


@pytest.mark.parametrize("fault", ["rewritten", "removed", "tagged", "none"])
def test_a_version_is_made_ready_whole_or_not_at_all(fault, tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    monkeypatch.setattr(seal, "MIGRATIONS", tmp_path / "migrations")
    monkeypatch.setattr(seal, "SEALED", tmp_path / "migrations" / "released.sha256")
    monkeypatch.setattr(release, "CHANGELOG", tmp_path / "CHANGELOG.md")
    monkeypatch.setattr(release, "is_tagged", lambda _: fault == "tagged")
    made = []
    monkeypatch.setattr(release, "make_register", lambda: made.append("register"))
    release.CHANGELOG.write_text(CHANGED, "utf-8")
    before = seal.SEALED.read_text("utf-8")
    one = tmp_path / "migrations" / "versions" / "0003_reminders.py"
    new = one.with_name("9999_next.py")
    new.write_text("pass\n", "utf-8")
    if fault == "rewritten":
        one.write_text(one.read_text("utf-8") + "\n", "utf-8")
    elif fault == "removed":
        one.unlink()

    refused = release.main()

    told, after = capsys.readouterr(), seal.SEALED.read_text("utf-8")
    if fault == "none":
        assert not refused
        assert after.startswith(before)
        assert after.endswith(f"\n{seal.digest(new)}  9999_next.py\n")
        assert made == ["register"]
        assert release.CHANGELOG.read_text("utf-8") != CHANGED
    else:
        assert refused
        why = "has its tag" if fault == "tagged" else "changed since: 0003_reminders.py"
        assert why in told.err
        assert (after, made) == (before, [])
        assert release.CHANGELOG.read_text("utf-8") == CHANGED
