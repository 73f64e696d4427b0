"""Seal the migrations of a release: list the digest of each, so that none is rewritten after it.

Run by ``make release``. A migration that was released has run on registers nobody here can reach;
a store made with another text of it would be another store under the same number.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

MIGRATIONS = Path(__file__).parents[1] / "migrations"
SEALED = MIGRATIONS / "released.sha256"
"""One line a migration, ``DIGEST  NAME``, as ``sha256sum`` writes and checks them."""


def digest(path: Path) -> str:
    """Return the SHA-256 of a migration's text, with the line endings of the repository."""
    return hashlib.sha256(path.read_text("utf-8").encode()).hexdigest()


def sealed() -> dict[str, str]:
    """Return the digest of each released migration, by the name of its file."""
    lines = SEALED.read_text("utf-8").splitlines() if SEALED.exists() else []
    return {name: known for known, name in (line.split("  ", 1) for line in lines)}


def present() -> dict[str, str]:
    """Return the digest of each migration there is, in their order."""
    return {path.name: digest(path) for path in sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))}


def changed() -> list[str]:
    """Return the released migrations that are no longer what was released."""
    now = present()
    return [name for name, known in sealed().items() if now.get(name) != known]


def main() -> int:
    """Write the list; refuse where a released migration was changed."""
    if wrong := changed():
        print(f"released, and changed since: {', '.join(wrong)}", file=sys.stderr)  # noqa: T201
        return 1
    text = "".join(f"{known}  {name}\n" for name, known in present().items())
    SEALED.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
