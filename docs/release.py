"""Make a version ready: its section of the changelog, its register, and the seals of migrations.

Run by ``make release``, and again for as long as the version has no tag: what was noted since then
is added to its section. Nothing is changed where something stands in the way.
"""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import seal

import casework

ROOT = Path(__file__).parents[1]
CHANGELOG = ROOT / "CHANGELOG.md"
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")

Parts = dict[str, dict[str, list[str]]]
"""The entries of a section by kind, and in it by what stands in bold above them, if anything."""


def parts(section: str) -> tuple[str, Parts]:
    """Return what a section says before its first kind, and its entries."""
    before, *kinds = re.split(r"^### (.+)\n", section, flags=re.MULTILINE)
    found: Parts = {}
    for kind, text in zip(kinds[::2], kinds[1::2], strict=True):
        plain, *bold = re.split(r"^\*\*(.+)\*\*\n", text, flags=re.MULTILINE)
        heads = ["", *bold[::2]]
        found[kind] = {
            head: _entries(told) for head, told in zip(heads, [plain, *bold[1::2]], strict=True)
        }
    return before.strip("\n"), found


def _entries(told: str) -> list[str]:
    """Return the entries of a list."""
    found = re.split(r"^(?=- )", told, flags=re.MULTILINE)
    return [one.strip("\n") for one in found if one.strip()]


def written(before: str, entries: Parts) -> str:
    """Return a section's text; `parts` reads it."""
    blocks = [before] if before else []
    for kind in sorted(entries, key=KINDS.index):
        blocks.append(f"### {kind}")
        for head, told in entries[kind].items():
            blocks += [f"**{head}**"] * bool(head) + ["\n".join(told)] * bool(told)
    return "".join(f"{block}\n\n" for block in blocks)


def folded(text: str, version: str, day: str) -> str:
    """Return the changelog with what stands under *Unreleased* in the version's section.

    Raises ValueError where there is nothing to release.
    """
    head, unreleased, *rest = re.split(r"^(?=## \[)", text, flags=re.MULTILINE)
    before, entries = parts("")
    if rest and rest[0].startswith(f"## [{version}]"):
        before, entries = parts(rest.pop(0).partition("\n")[2])
    for kind, heads in parts(unreleased.partition("\n")[2])[1].items():
        for bold, told in heads.items():
            entries.setdefault(kind, {"": []}).setdefault(bold, []).extend(told)
    if not entries:
        raise ValueError("nothing stands under Unreleased")
    section = f"## [{version}] - {day}\n\n{written(before, entries)}"
    return "".join([head, "## [Unreleased]\n\n", section, *rest]).rstrip("\n") + "\n"


def is_tagged(version: str) -> bool:
    """Tell whether a version was released."""
    asked = ["git", "tag", "--list", f"v{version}"]
    return bool(subprocess.check_output(asked, cwd=ROOT, text=True).strip())  # noqa: S603


def make_register() -> None:
    """Make the register that later versions must open, and answer as this one does."""
    subprocess.check_call([sys.executable, ROOT / "tests" / "registers" / "released.py"])  # noqa: S603


def main() -> int:
    """Make it ready, or say what stands in the way."""
    version, day = casework.__version__, datetime.now(UTC).date().isoformat()
    if is_tagged(version):
        return _refused(f"v{version} has its tag: change the number in casework/__init__.py")
    if wrong := seal.changed():
        return _refused(f"released, and changed since: {', '.join(wrong)}")
    try:
        text = folded(CHANGELOG.read_text("utf-8"), version, day)
    except ValueError as error:
        return _refused(f"CHANGELOG.md: {error}")
    make_register()
    CHANGELOG.write_text(text, "utf-8")
    seal.write()
    sys.stdout.write(
        f"casework {version}, {day}: CHANGELOG.md, tests/registers/{version} and"
        " migrations/released.sha256 are written; docs/releasing.md tells what comes next\n"
    )
    return 0


def _refused(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
