"""Read the catalogues: one file for each language, in gettext's text format, by id.

The files are read directly, so that no compiled copy can be outdated. A file is split at its ids
when the first text of its language is shown; an entry is parsed when it is needed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_CUT = b'\nmsgid "'
_FORM = ("msgstr", '"')


class Catalogue(dict[str, tuple[str, ...] | None]):
    """The entries of one file: for each id its text, or its singular and plural forms."""

    def __init__(self, source: bytes) -> None:
        super().__init__()
        # Whatever system a translator's editor ran on.
        entries = source.replace(b"\r\n", b"\n").split(_CUT)
        self._entries = dict([entry.split(b'"', 1) for entry in entries[1:]])

    def beginning_with(self, prefix: str) -> dict[str, tuple[str, ...]]:
        """Return the entries whose ids have a prefix."""
        keys = [key.decode() for key in self._entries if key.startswith(prefix.encode())]
        return {key: forms for key in keys if (forms := self[key])}

    def __missing__(self, key: str) -> tuple[str, ...] | None:
        """Parse an entry; None if there is none, or it has no text."""
        # A text that is no id may hold what no file of ours does.
        entry = self._entries.get(key.encode(errors="replace"))
        forms = _forms(entry.decode()) if entry is not None and key else ()
        found = self[key] = forms if any(forms) else None
        return found


def _forms(entry: str) -> tuple[str, ...]:
    """Return the texts of an entry; each may go on over several lines."""
    forms: list[str] = []
    for line in entry.split("\n")[1:]:
        if not line.startswith(_FORM) and not line.startswith("msgid_plural"):
            break
        if line.startswith("msgstr"):
            forms.append("")
        if forms:
            forms[-1] += line[line.index('"') + 1 : line.rindex('"')]
    return tuple(map(_plain, forms))


def _plain(text: str) -> str:
    """Return a text without the escapes of the file."""
    if "\\" not in text:
        return text
    whole = text.replace("\\\\", "\0")
    return whole.replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t").replace("\0", "\\")


@cache
def entries_of(name: str) -> Catalogue:
    """Return the catalogue of a language, or of another file beside it."""
    return Catalogue(Path(__file__).with_name(f"{name}.po").read_bytes())
