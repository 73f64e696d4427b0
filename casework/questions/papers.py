"""Issued papers, found by number or by file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from casework.errors import NotFoundError
from casework.kinds.records import Paper
from casework.questions.lookup import directory
from casework.system.text import TITLE_LIMIT, clean, fold

if TYPE_CHECKING:
    from casework.store.connections import Connection

_WORDS = re.compile(r"(?P<number>[0-9]{1,9})(?:/(?:(?P<year>[0-9]{4})|(?P<series>.+)))?")
"""How people refer to a paper: by number, with the year, or as printed."""


def papers(connection: Connection) -> list[Paper]:
    """Return the issued papers in the order of their numbers."""
    found = directory(connection, Paper)
    return sorted(found, key=lambda one: (one.issued_on.year, one.paper_number))


def find_paper(connection: Connection, words: str) -> Paper:
    """Return a paper by its number: 5, 05/BC-BNG, 5/2026, or its code.

    If papers of several years have the number, it is the latest. Raises NotFoundError.
    """
    said = clean(words, "name.paper-number", TITLE_LIMIT)
    found = [one for one in papers(connection) if one.code == said or _is_called(one, said)]
    if not found:
        raise NotFoundError("paper.not-found", words=said)
    return found[-1]


def _is_called(paper: Paper, words: str) -> bool:
    named = _WORDS.fullmatch(words)
    if named is None or int(named["number"]) != paper.paper_number:
        return False
    if named["year"] is not None:
        return int(named["year"]) == paper.issued_on.year
    return named["series"] is None or fold(named["series"]) == fold(paper.number_series)


def with_digest(connection: Connection, digest: str) -> Paper | None:
    """Return the paper whose file has this SHA-256; None if there is none."""
    return next((one for one in papers(connection) if one.digest == digest), None)
