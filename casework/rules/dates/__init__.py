"""Dates as people type them, in Vietnamese and English: one grammar for every option and file.

Dates are read in two pure steps. `parse` reads the text; `Typed.on` says which day it means for a
use (`Use`) in its context (`Around`): today, working days, conferences. A date that could mean two
days is refused with UsageError; so are dates of the lunar calendar and years before 1900.

Callers with an open store use `due_dates.settle`, which supplies the context.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from casework.errors import UsageError
from casework.rules.dates.counting import (
    ONWARDS,
    WORKING,
    add_months,
    length,
    month_end,
    month_start,
    moved,
)
from casework.rules.dates.meaning import (
    AHEAD,
    BY,
    COMING,
    FIRST_YEAR,
    HINT,
    ISO,
    ON,
    SINCE,
    UNTIL,
    Around,
    Day,
    Span,
    Typed,
    Use,
)
from casework.system.text import clean
from casework.words import Text

__all__ = [
    "AHEAD",
    "BY",
    "COMING",
    "HINT",
    "ON",
    "ONWARDS",
    "SINCE",
    "UNTIL",
    "WORKING",
    "Around",
    "Day",
    "Span",
    "Typed",
    "Use",
    "add_months",
    "length",
    "month_end",
    "month_start",
    "moved",
    "parse",
    "parse_date",
]

WORDS_LIMIT = 100


def parse_date(text: str) -> date:
    """Read a calendar date, ISO 8601 ``YYYY-MM-DD``.

    Raises UsageError for anything else, for days that do not exist, and for years before 1900.
    """
    word = text.strip()
    if not ISO.fullmatch(word):
        raise UsageError("date.invalid", word=word)
    try:
        day = date.fromisoformat(word)
    except ValueError:
        why = Text("date.why.not-there")
        raise UsageError("date.invalid-because", word=word, reason=why) from None
    if day.year < FIRST_YEAR:
        raise UsageError("date.too-early", word=word, first_year=FIRST_YEAR)
    return day


def parse(text: str) -> Typed:
    """Read a date in any form; raises UsageError if it is not a date or could mean two days."""
    words = clean(text, "name.date", WORDS_LIMIT)
    if ISO.fullmatch(words):
        span = Span(*[parse_date(words)] * 2)
        return Typed(find=lambda *_: span, span=span, words=words)
    # Most dates are ISO 8601, and need none of this.
    from casework.rules.dates.forms import read

    typed = replace(read(words), words=words)
    typed.fixed()
    return typed
