"""Templates of texts: the user's own files, by name.

They are in the folder `templates` next to the configuration, as ``NAME.txt``. A name in braces is
replaced by a value of the case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from casework.errors import NotFoundError, UsageError
from casework.words import Choice, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PLACES = ("ref", "title", "owner", "proposer", "conference", "due", "document")
"""The members of a case that may be in braces."""

_PLACE = re.compile(r"\{([^{}\n]*)\}")


def folder() -> Path | None:
    """Return the folder of templates; None for an account without a home folder."""
    from casework.system.configuration import place

    file = place()
    return None if file is None else file.parent / "templates"


def names() -> list[str]:
    """Return the names of the templates."""
    kept = folder()
    found: Iterator[Path] = iter(()) if kept is None else kept.glob("*.txt")
    return sorted(one.stem for one in found if one.is_file())


def template(name: str) -> str:
    """Return a template; raises NotFoundError if it does not exist."""
    from casework.system.files import read_text

    kept, known = folder(), names()
    if kept is None or name not in known:
        there = (
            Text("answer-template.known", known=Choice(known))
            if known
            else Text("answer-template.none")
        )
        where = "" if kept is None else str(kept)
        raise NotFoundError("answer-template.unknown", there, name=name, folder=where)
    return read_text(kept / f"{name}.txt")


def filled(text: str, case: Mapping[str, Any], lang: str) -> str:
    """Return a template with the names in braces replaced by values of a case.

    Raises UsageError for an unknown name in braces.
    """
    from casework.cli.output import dated

    def said(place: re.Match[str]) -> str:
        if place[1] not in PLACES:
            raise UsageError("answer-template.place", place=place[0], known=Choice(PLACES))
        value = case["title_vi"] if place[1] == "title" and lang == "vi" else None
        value = value or case[place[1]]
        return "…" if value is None else dated(str(value), lang)

    return _PLACE.sub(said, text)
