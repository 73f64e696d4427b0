"""Seal the migrations of a release: list the digest of each, so that none is rewritten after it.

`release.py` does it. A migration that was released has run on registers nobody here can reach;
a store made with another text of it would be another store under the same number.
"""

from __future__ import annotations

import hashlib
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


def write() -> None:
    """Write the digests of all migrations there are."""
    text = "".join(f"{known}  {name}\n" for name, known in present().items())
    SEALED.write_text(text, "utf-8")
