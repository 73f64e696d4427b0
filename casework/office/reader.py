"""The page that reads printed sheets, with the key of a register inside."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from casework.errors import RefusedError
from casework.questions import lookup

if TYPE_CHECKING:
    from casework.store.connections import Connection

PLACE = '<meta name="casework-key" content="">'
"""The placeholder of the key in it."""


def reader(connection: Connection) -> bytes:
    """Return the page with the public key of this log; raises RefusedError if there is none."""
    key = lookup.register(connection).signing_key
    if key is None:
        raise RefusedError("paper.no-key")
    page = _page().read_text("utf-8")
    before, _, after = page.partition(PLACE)
    return f'{before}{PLACE[:-2]}{escape(key)}">{after}'.encode()


def _page() -> Path:
    """Return the path of the page, in the wheel or in the checkout."""
    inside = Path(__file__).parents[1] / "_bundled" / "reader.html"
    return inside if inside.is_file() else Path(__file__).parents[2] / "docs" / "reader.html"
