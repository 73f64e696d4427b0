"""Format the values of a paper for people, in its language, independent of the locale."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from casework.errors import UsageError
from casework.papers.layout import needs
from casework.papers.model import NAMED, Column
from casework.system.progress import steps
from casework.system.text import all_visible, visible
from casework.words import short_date, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from casework.papers.layout import Needs
    from casework.papers.model import Fact, Paper, Section, Share

NUMBERS = frozenset({"count", "days"})
"""The kinds of columns with numbers, which are right-aligned."""

ROWS = 10_000
"""The most rows of a paper with pages: some 300 pages.

A PDF of that size takes a gigabyte of memory, a Word document a sixth of that.
"""

REMEMBERED = 500
"""How many formatted values of a column are cached."""


def number(value: int, lang: str) -> str:
    """Return a number with thousands separators: 21,914 in English, 21.914 in Vietnamese."""
    words = f"{value:,}"
    return words.replace(",", ".") if lang == "vi" else words


def share(value: Share, lang: str) -> str:
    """Return a rate with numerator and denominator: ``16,051/16,274 = 98.63 %``."""
    return f"{fraction(value, lang)} = {percent(value, lang)}"


def fraction(value: Share, lang: str) -> str:
    """Return numerator and denominator of a rate: ``16,051/16,274``."""
    return f"{number(value.part, lang)}/{number(value.whole, lang)}"


def percent(value: Share, lang: str) -> str:
    """Return a rate in per cent, rounded half up to two places; none if the denominator is 0."""
    if value.hundredths is None:
        return word("no_rate", lang)
    return f"{places(value.hundredths, ',' if lang == 'vi' else '.')} %"


def places(hundredths: int, mark: str = ".") -> str:
    """Return hundredths as a decimal number with two places."""
    return f"{hundredths // 100}{mark}{hundredths % 100:02}"


def shower(column: Column, paper: Paper, *, plain: bool = False) -> Callable[[Any], str]:
    """Return the function that formats the cells of a column, with unsafe characters made visible.

    With `plain`, dates and organisations are shown as ISO days and codes.
    """
    lang, lacking = paper.lang, column.lacking
    puts: dict[str, Callable[[Any], str]] = {
        "date": lambda value: short_date(value, lang),
        "count": lambda value: number(value, lang),
        "days": lambda value: number(value, lang) if value else "",
        "share": lambda value: share(value, lang),
        "word": lambda value: word(value, lang),
    }
    put = puts.get(column.kind)
    if column.kind in NAMED:
        kind = column.kind
        put = visible if plain else lambda value: visible(paper.name(kind, value))
    if put is None:
        return lambda value: lacking if value is None else visible(value)
    return _Known(put, lacking).__getitem__


def shown(column: Column, values: list[Any], paper: Paper, *, plain: bool = False) -> list[str]:
    """Return the cells of a column as `shower` shows them, all at once."""
    if column.kind in {"text", "code"} and None not in values and all_visible(values):
        return values
    return list(map(shower(column, paper, plain=plain), values))


class _Known(dict[Any, str]):
    """A cache of formatted values, because days, codes and counts repeat."""

    def __init__(self, put: Callable[[Any], str], lacking: str) -> None:
        super().__init__({None: lacking})
        self._put, self._lacking = put, lacking

    def __missing__(self, value: Any) -> str:
        if len(self) >= REMEMBERED:
            # A column of ever new values must not take memory for all of them.
            self.clear()
            self[None] = self._lacking
        shown = self[value] = self._put(value)
        return shown


def refuse_long(paper: Paper) -> None:
    """Raise UsageError if a paper has too many rows for pages."""
    rows = sum(len(section.rows) for section in paper.sections)
    if rows > ROWS:
        raise UsageError("paper.too-long", most=ROWS, rows=rows)


def sentence(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def ended(text: str) -> str:
    """Return a text as a sentence: with a capital letter, and a full stop if it has no end."""
    said = sentence(text.rstrip())
    return said if said.endswith((".", "!", "?", ":", ";", "…")) else f"{said}."


def numbered(section: Section) -> bool:
    """Return whether the rows of a section are numbered: all except those with their own names.

    The parts of a balance have names.
    """
    return section.columns[section.used()[0]].kind != "word"


def columns_of(section: Section, lang: str) -> list[Column]:
    """Return the columns of a section that a document shows; the first one numbers its rows."""
    used = [section.columns[i] for i in section.used()]
    named = word("part", lang)
    columns = [replace(one, heading=sentence(one.heading or named)) for one in used]
    if numbered(section):
        columns.insert(0, Column("stt", word("row_number", lang), "count"))
    return columns


def table(section: Section, paper: Paper) -> tuple[list[Column], Iterator[list[str]]]:
    """Return the columns of a section that a document shows, and its rows as words."""
    rows = words_of(steps(section.rows, "writing", len(section.rows)), section, paper)
    return columns_of(section, paper.lang), rows


def words_of(
    rows: Iterable[tuple[Any, ...]], section: Section, paper: Paper
) -> Iterator[list[str]]:
    """Return rows of a section as words, of the columns that a document shows.

    What is one of the program's own words begins with a capital letter, as texts do.
    """
    used = section.used()
    put = [_written(section.columns[i], paper) for i in used]
    told = ([show(row[i]) for show, i in zip(put, used, strict=True)] for row in rows)
    if not numbered(section):
        return told
    places = (number(place, paper.lang) for place in count(1))
    return ([place, *row] for place, row in zip(places, told, strict=False))


def _written(column: Column, paper: Paper) -> Callable[[Any], str]:
    """Return the function that formats the cells of a column of a document."""
    put = shower(column, paper)
    return (lambda value: sentence(put(value))) if column.kind == "word" else put


def noted(section: Section) -> str:
    """Return the note of a section as a sentence; empty without one."""
    return ended(section.note) if section.note else ""


def needed(section: Section, paper: Paper) -> list[Needs]:
    """Return the widths that the columns of a section need in a document."""
    last = [totals(section, paper)] if section.total is not None else []
    rows = chain(last, words_of(section.rows, section, paper))
    return needs(columns_of(section, paper.lang), rows)


def total(section: Section, paper: Paper) -> list[str]:
    """Return the cells of a section's total as words; the first one is a word already."""
    first, *rest = section.used()
    values = section.total or ()
    cells = [shower(section.columns[i], paper)(values[i]) for i in rest]
    return [str(values[first]), *cells]


def totals(section: Section, paper: Paper) -> list[str]:
    """Return the same for a document, which has row numbers."""
    first, *cells = total(section, paper)
    return [*([""] if numbered(section) else []), sentence(first), *cells]


def fact(one: Fact, lang: str, *, iso: bool = False, named: bool = False) -> str:
    """Return a fact of the heading as words; with `iso` its dates stay in ISO form.

    `named` shows the name instead of the code.
    """
    days = "en" if iso and lang == "en" else lang
    said = one.name if named and one.name else one.value
    match said:
        case datetime():
            value = f"{short_date(said.date(), days)} {said:%H:%M:%S}Z"
        case date():
            value = short_date(said, days)
        case _:
            value = visible(said)
    return f"{one.label} {value}" + (f" ({short_date(one.day, days)})" if one.day else "")


def opening(paper: Paper) -> str:
    """Return the facts of the heading as the beginning of a document's text."""
    said: list[str] = []
    for one in paper.facts:
        words = fact(one, paper.lang, named=True)
        if one.follows and said:
            said[-1] += f" {words}"
        else:
            said.append(words)
    return sentence("; ".join(said))


def heading(paper: Paper, *, iso: bool = False) -> str:
    """Return the paper's title with its facts, in one line."""
    return f"{paper.title}: {', '.join(fact(one, paper.lang, iso=iso) for one in paper.facts)}"


def log_lines(paper: Paper) -> tuple[str, str]:
    """Return the lines that tie a paper to its log, for a terminal."""
    from casework.system.clock import stamp

    return tied_to(paper.size, paper.root, stamp(paper.written), paper.origin, paper.lang)


def log_line(paper: Paper) -> str:
    """Return the same in one line."""
    return ", ".join(log_lines(paper))


def tied_to(
    size: int, root: str, recorded: str | None, origin: str | None, lang: str
) -> tuple[str, str]:
    """Return the words for a log: its size and root, and when and where it was last written."""
    events = f"{size} {word('events', lang)}, {word('root', lang)} {root}"
    written = f"{word('last_recorded', lang)} {recorded}"
    return f"{word('log', lang)}: {events}", f"{written}, {word('origin', lang)} {origin}"
