"""Print results on standard output: tables for people, JSON and CSV for programs."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any

import click

from casework.cli.layout import (
    GAP,
    NARROWEST,
    breadth,
    broken,
    fitted,
    folded,
    indented,
    longest,
    padded,
    wide_as,
    width,
)
from casework.kinds import records
from casework.system.platforms import colours
from casework.system.text import WITHHELD, visible
from casework.words import Kind, Verb, Written, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.cli.looks import Looks, Style
    from casework.cli.settings import Settings
    from casework.system.spooled import Rows

_EVEN = re.compile("[ -\u02ff\u1e00-\u1eff\u2010-\u2027]*")
"""Text in Latin letters, including Vietnamese ones, each one column wide."""

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d:\d\d\S*))?")

DATED = records.DATED | {
    *("effective_on", "recorded_at", "today", "last_recorded", "holds"),
    *("then_due", "now_due", "granted_on", "was", "since", "until"),
}
"""Columns with days or time stamps."""

_STATES = frozenset({"backed_up", "keys_backed_up", "readable_by", "synchronised_by"})
"""The values of doctor that are shown in words or as a day."""

_IN_WORDS = records.SHOWN_IN_WORDS | _STATES | {"kind", "why"}
_VERBS = frozenset({"act", "verb"})
_KINDS = frozenset({"kind", "subject_kind"})

PARAGRAPHED = frozenset(
    {"answer", "first_answer", "summary", "source", "note", "reason", "wording"}
)
"""Texts that may have several paragraphs; in others a line break is shown as a symbol."""

LISTED = frozenset({"keep"})
"""Lists of files, each on its own line, whatever the width."""

Page = Sequence[Sequence[str]]
"""Some rows of a table, by column; at least one."""

Pages = Callable[[], Iterable[Page]]

LINES = 1024
"""How many lines of a table are printed at a time, so that a long one is not in memory."""


def coloured(settings: Settings) -> bool:
    """Return whether to use colours: by the option, the environment, or the terminal.

    NO_COLOR comes first, then FORCE_COLOR and CLICOLOR_FORCE, of which 0 turns it off too;
    CLICOLOR=0 and TERM=dumb turn them off on a terminal.
    """
    told = os.environ.get
    if settings.color != "auto" or told("NO_COLOR"):
        return settings.color == "always"
    if forced := told("FORCE_COLOR") or told("CLICOLOR_FORCE"):
        return forced != "0"
    plain = told("TERM") == "dumb" or told("CLICOLOR") == "0"
    return not plain and sys.stdout.isatty() and colours()


def echo(settings: Settings, text: str = "", **style: Any) -> None:
    """Print a line of a result."""
    if style and coloured(settings):
        click.echo(click.style(text, **style), color=True)
    else:
        click.echo(text, color=False)


def print_json(value: Any) -> None:
    """Print one JSON value, indented."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_record(settings: Settings, values: dict[str, Any]) -> None:
    """Print one record in the format that was asked for."""
    if settings.format == "json":
        print_json(values)
    elif settings.format == "table":
        print_fields(settings, values)
    else:
        print_rows(settings, [values], ())


def print_rows(
    settings: Settings,
    rows: Iterable[dict[str, Any]],
    columns: Sequence[str],
    *,
    fit: str = "",
    looks: Looks | None = None,
    heads: Mapping[str, str] | None = None,
) -> None:
    """Print rows in the format that was asked for.

    JSON, NDJSON and CSV hold every member of a row; a table holds `columns`, and on a terminal
    the column `fit` is wrapped so that the table is no wider than the terminal. `looks` says how
    rows of a table are highlighted. `heads` gives the word for the heading of a column whose own
    name means something else. `columns` are the header of a CSV that has no rows.
    """
    if settings.format != "table":
        from casework.cli.data import texts

        for text in texts(settings.format, rows, columns):
            # As it is: for a file or a program, nothing is taken out of the text.
            click.echo(text, nl=False, color=True)
        return
    from casework.system.spooled import kept

    headings = [word((heads or {}).get(column, column), settings.lang) for column in columns]
    shown = kept(
        [cell(row.get(column), settings.lang, column) for column in columns] for row in rows
    )
    print_table(settings, headings, shown, columns.index(fit) if fit else None, looks)


def dated(value: str, lang: str) -> str:
    """Return a day or a time stamp in the form of the language; anything else unchanged."""
    found = _DAY.fullmatch(value) if lang == "vi" else None
    if found is None:
        return value
    year, month, day, time = found.groups()
    return f"{day}/{month}/{year}" + (f" {time}" if time else "")


def cell(value: Any, lang: str, column: str = "") -> str:
    """Return a value for a table, with unsafe characters made visible."""
    if value == WITHHELD:
        return word("withheld", lang)
    if type(value) is str and not column:
        return visible(value)
    if value is None or value == []:
        return ""
    if isinstance(value, list):
        inner = column if column in DATED else ""
        return ", ".join(cell(item, lang, inner) for item in value)
    if isinstance(value, dict):
        return ", ".join(
            f"{word(name, lang)} {cell(item, lang, name)}" for name, item in value.items()
        )
    said = _in_words(value, lang, column)
    return dated(said, lang) if column in DATED | _STATES else said


def _in_words(value: Any, lang: str, column: str) -> str:
    """Return a single value for a column, in words if it is one of a list."""
    if value == records.REDACTED:
        return word("redacted", lang)
    if isinstance(value, bool):
        return word("yes" if value else "no", lang)
    if column in _VERBS:
        return Verb(str(value)).said(lang)
    if column in _KINDS and value in records.KINDS:
        return Kind(str(value)).said(lang)
    if column in records.WRITTEN:
        return visible(Written(str(value)).said(lang))
    return word(str(value), lang) if column in _IN_WORDS else visible(str(value))


def print_table(
    settings: Settings,
    headings: Sequence[str],
    rows: Rows[Sequence[str]],
    fit: int | None,
    looks: Looks | None = None,
) -> None:
    """Print a table; columns of numbers are right-aligned.

    Piped, every row is one line, however long.
    """
    from casework.system.spooled import lots

    def pages() -> Iterable[Page]:
        return ([*zip(*lot, strict=True)] for lot in lots(rows))

    right = [True] * len(headings)
    for page in pages():
        right = [so and _are_numbers(column) for so, column in zip(right, page, strict=True)]
    print_columns(settings, headings, pages, fit, right, looks)


def print_columns(
    settings: Settings,
    headings: Sequence[str],
    pages: Pages,
    fit: int | None,
    right: Sequence[bool],
    looks: Looks | None = None,
) -> None:
    """Print a table given in pages; the columns in `right` are right-aligned.

    The pages are iterated more than once, because widths are only known after the last one.
    """
    cells = [0] * len(headings)
    some = False
    for page in pages():
        some = True
        cells = [max(wide, _widest(column)) for wide, column in zip(cells, page, strict=True)]
    if not some:
        settings.tell(word("none", settings.lang))
        return
    widths = [max(width(heading), cell) for heading, cell in zip(headings, cells, strict=True)]
    heads: Iterable[Sequence[str]] = [headings]
    if sys.stdout.isatty():
        room = breadth()
        widths = fitted(headings, cells, partial(_longest_word, pages), room, fit)
        if wide_as(widths) > room:
            _print_stacked(settings, headings, pages, fit, looks)
            return
        heads = broken(headings, widths)
        if not _stands_out(settings, looks):
            whole, pages = pages, lambda: (_broken(page, widths) for page in whole())
    pads = [str.rjust if to_right else str.ljust for to_right in right]
    for head in heads:
        echo(settings, GAP.join(map(padded, head, widths, pads)).rstrip(), bold=True)
    if looks is not None and _stands_out(settings, looks):
        _print_looking(settings, pages, widths, right, looks)
        return
    for page in pages():
        _print_page(settings, page, widths, right)


def _stands_out(settings: Settings, looks: Looks | None) -> bool:
    """Return whether any row of a table has a style."""
    return looks is not None and (looks.grouped or coloured(settings))


def _print_looking(
    settings: Settings, pages: Pages, widths: Sequence[int], right: Sequence[bool], looks: Looks
) -> None:
    """Print the rows of a table in their styles, below the headings of groups."""
    pads = [str.rjust if to_right else str.ljust for to_right in right]
    rows = (row for page in pages() for row in zip(*page, strict=True))
    for number, (row, (group, style)) in enumerate(zip(rows, looks.each(), strict=True)):
        if group is not None:
            echo(settings, "\n" * bool(number) + group, bold=True)
        lines = broken(row, widths) if sys.stdout.isatty() else [row]
        for line in lines:
            echo(settings, GAP.join(map(padded, line, widths, pads)).rstrip(), **style)


def _broken(page: Page, widths: Sequence[int]) -> Page:
    """Return a page with its cells wrapped to their columns."""
    lines = (line for row in zip(*page, strict=True) for line in broken(row, widths))
    return list(zip(*lines, strict=True))


def _longest_word(pages: Pages, place: int) -> int:
    return max((longest(text) for page in pages() for text in set(page[place])), default=0)


def _widest(column: Sequence[str]) -> int:
    return max(map(len if _even(column) else width, column))


def _print_page(
    settings: Settings, columns: Page, widths: Sequence[int], right: Sequence[bool]
) -> None:
    """Print the rows of a page, in columns of these widths."""
    even = [_even(column) for column in columns]
    pads = [str.rjust if to_right else str.ljust for to_right in right]
    # A form for a whole line takes half the time of padding value by value.
    form = GAP.join(
        f"%{'' if to_right else '-'}{wide}s" if plain else "%s"
        for to_right, wide, plain in zip(right, widths, even, strict=True)
    )
    shown = [
        column if plain else [padded(value, wide, pad) for value in column]
        for column, plain, wide, pad in zip(columns, even, widths, pads, strict=True)
    ]
    written = map(form.__mod__, zip(*shown, strict=True))
    while page := [line.rstrip() for line in islice(written, LINES)]:
        echo(settings, "\n".join(page))


def _print_stacked(
    settings: Settings,
    headings: Sequence[str],
    pages: Pages,
    fit: int | None,
    looks: Looks | None,
) -> None:
    """Print a table that is too wide row by row, each value with its heading."""
    plain: Iterable[tuple[str | None, Style]] = repeat((None, {}))
    # "reported by file ..." says what it is.
    told = word("reported", settings.lang)
    rows = (row for page in pages() for row in zip(*page, strict=True))
    for row, (group, style) in zip(rows, looks.each() if looks else plain, strict=False):
        if group is not None:
            say(settings, group, underline=True)
        text, begin = (row[fit], row[0] + GAP) if fit else (row[0], "")
        say(settings, text, begin, GAP, **{"bold": True, **style})
        rest = [
            value if heading == told and _says(value, told) else f"{heading} {value}"
            for place, (heading, value) in enumerate(zip(headings, row, strict=True))
            if value and place not in {0, fit}
        ]
        if rest:
            say(settings, "; ".join(rest), GAP, GAP)


def _says(value: str, heading: str) -> bool:
    """Return whether a value begins with the first word of its heading."""
    return value.split()[:1] == heading.split()[:1]


def _are_numbers(column: Sequence[str]) -> bool:
    return all(not value or value.lstrip("-").isdigit() for value in column)


def _even(column: Sequence[str]) -> bool:
    """Return whether every character of a column is certainly one column wide."""
    whole = "".join(column)
    return whole.isascii() or _EVEN.fullmatch(whole) is not None


def say(settings: Settings, text: str, begin: str = "", then: str = "", **style: Any) -> None:
    """Print a sentence of a result, wrapped to the terminal.

    `begin` and `then` are the prefixes of the first and the other lines.
    """
    if not sys.stdout.isatty():
        echo(settings, begin + text, **style)
        return
    for line in indented(text, breadth(), begin, then):
        echo(settings, line, **style)


def paragraphs(text: str, lang: str) -> list[str]:
    """Return a text with its paragraphs, and with unsafe characters made visible."""
    return [cell(line.rstrip("\r"), lang) for line in text.split("\n")]


def told_fields(values: dict[str, Any], lang: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields of a record that have values: word and value."""
    for name, value in values.items():
        if name in LISTED and isinstance(value, list):
            yield word(name, lang), [cell(one, lang, name) for one in value]
        elif shown := cell(value, lang, name):
            long = name in PARAGRAPHED and isinstance(value, str)
            yield word(name, lang), paragraphs(value, lang) if long else [shown]


def print_fields(settings: Settings, values: dict[str, Any]) -> None:
    """Print one record as names and values, without empty ones."""
    told = [*told_fields(values, settings.lang)]
    wide = max((width(label) for label, _ in told), default=0)
    room = breadth() - wide - len(GAP) if sys.stdout.isatty() else None
    for name, said in told:
        label = name
        for part in said:
            for line in folded(part, max(room, NARROWEST)) if room else [part]:
                whole = f"{label}{' ' * (wide - width(label))}{GAP}{line}"
                click.echo(whole.rstrip(), color=False)
                label = ""
