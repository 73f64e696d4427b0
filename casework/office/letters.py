"""The content of letters, and how it is written: as plain text and as HTML."""

from __future__ import annotations

from html import escape
from textwrap import wrap
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from casework.papers.formatting import sentence
from casework.questions.named import fill
from casework.system.text import WITHHELD, visible
from casework.words import in_language, said, short_date, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from email.headerregistry import Address

    from casework.kinds.records import Office
    from casework.questions.audit_log import Head

STYLE = 'style="border:1px solid #999;padding:4px 8px;text-align:left;vertical-align:top"'
"""The style of a cell: mail programs only respect styles in the element itself."""

WIDE = 72
"""The most characters in a line of plain text: it is still whole when somebody quotes it."""

WHOLE, ROOMY = f'{STYLE[:-1]};white-space:nowrap"', f'{STYLE[:-1]};min-width:8em"'
"""The styles of a cell that is not wrapped, and of one that can be read on a telephone."""


class Row(NamedTuple):
    """A case in a letter, and what the letter says about it."""

    ref: str
    title: str
    told: tuple[str, ...] = ()


class Group(NamedTuple):
    """Cases about which a letter says the same."""

    heading: str
    rows: tuple[Row, ...]


class Body(NamedTuple):
    """The content of a letter: recipient, cases, request, signature, and the log."""

    greeting: str
    opening: tuple[str, ...]
    groups: tuple[Group, ...]
    asked: tuple[str, ...]
    signed: tuple[str, ...]
    foot: tuple[str, ...]


class Writing(NamedTuple):
    """Who writes, when, from which log and in which language; `by` is when an answer is due.

    `office` signs, if the register has one. A `draft` is opened for somebody to send it. `template`
    replaces the sentence a letter usually begins with. `names` has the names of people and
    organisations in fields of cases, by field and code.
    """

    sender: Address
    day: date
    by: date
    head: Head
    lang: str
    office: Office | None = None
    draft: bool = False
    names: Mapping[str, Mapping[str, tuple[str, str | None]]] = MappingProxyType({})
    template: str | None = None

    def called(self, field: str, code: str) -> str:
        """Return the name of whom a field names; the code if the name is erased."""
        name, name_vi = self.names.get(field, {}).get(code, (code, None))
        return line(in_language(name, name_vi, self.lang))

    def words(self, key: str, **values: str) -> str:
        """Return a text in the letter's language; it may contain the day, `by` and the sender."""
        days = {"day": short_date(self.day, self.lang), "by": short_date(self.by, self.lang)}
        return said(f"letter.{key}", self.lang, sender=self.sender.addr_spec, **days, **values)

    def opening(
        self, key: str, name: str, told: Mapping[str, str | None], **values: str
    ) -> tuple[str, ...]:
        """Return the paragraphs that a letter to somebody of a `name` begins with.

        `told` is what a template may say of its case. Raises UsageError for one that says more.
        """
        if self.template is None:
            return (self.words(key, **values),)
        day, by = (short_date(one, self.lang) for one in (self.day, self.by))
        text = fill(self.template, {**told, "name": name, "day": day, "by": by})
        return tuple(line(one) for one in text.split("\n") if one.strip())

    def signed(self) -> tuple[str, ...]:
        """Return the lines under a letter: the office and its signatory, or the sender."""
        closing = self.words("closing")
        if self.office is None:
            return closing, line(self.sender.display_name) or word("secretariat", self.lang)
        who = (self.office.name, self.office.signatory_office, self.office.signatory)
        return (closing, *(line(one) for one in who if one))

    def title(self, title: str, title_vi: str | None) -> str:
        """Return the title of a case as one line, or that it is withheld."""
        shown = in_language(title, title_vi, self.lang)
        return word("withheld", self.lang) if shown == WITHHELD else line(shown)


def line(words: str) -> str:
    """Return a text as one line without unsafe characters."""
    return visible(" ".join(words.split()))


def as_text(body: Body) -> str:
    """Return a letter as plain text; only a word that is longer makes a line longer than `WIDE`."""
    lines = [*_wrapped(body.greeting), ""]
    for paragraph in body.opening:
        lines += [*_wrapped(paragraph), ""]
    for group in body.groups:
        lines += [*_wrapped(f"{group.heading} ({len(group.rows)})".upper()), ""]
        for row in group.rows:
            lines += _wrapped(f"{row.ref}  {row.title}", after="  ")
            lines += [part for one in row.told for part in _wrapped(one, "  ", "    ")]
            lines.append("")
    for paragraph in body.asked:
        lines += [*_wrapped(paragraph), ""]
    signed, foot = ([part for one in some for part in _wrapped(one)] for some in body[-2:])
    return "\n".join([*lines, *signed, "", "-- ", *foot, ""])


def _wrapped(text: str, before: str = "", after: str = "") -> list[str]:
    """Return a text as lines; `before` begins the first one, `after` the others."""
    return wrap(
        text,
        WIDE,
        initial_indent=before,
        subsequent_indent=after,
        break_long_words=False,
        break_on_hyphens=False,
    )


def as_html(body: Body, lang: str) -> str:
    """Return the same as one HTML text, its cases in tables."""
    return "".join(_parts(body, lang))


def _parts(body: Body, lang: str) -> Iterator[str]:
    yield f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1"></head>\n<body>\n'
    for paragraph in (body.greeting, *body.opening):
        yield f"<p>{escape(paragraph)}</p>\n"
    for group in body.groups:
        yield f"<h3>{escape(sentence(group.heading))} ({len(group.rows)})</h3>\n"
        yield '<table style="border-collapse:collapse">\n<tr>'
        for name in ("ref", "title", "letter_told"):
            yield f'<th scope="col" {STYLE}>{escape(sentence(word(name, lang)))}</th>'
        yield "</tr>\n"
        for row in group.rows:
            told = "<br>".join(map(escape, row.told))
            yield f"<tr><td {WHOLE}>{escape(row.ref)}</td>"
            yield f"<td {ROOMY}>{escape(row.title)}</td><td {STYLE}>{told}</td></tr>\n"
        yield "</table>\n"
    for paragraph in body.asked:
        yield f"<p>{escape(paragraph)}</p>\n"
    small = ' style="color:#555;font-size:smaller;overflow-wrap:anywhere"'
    for lines, style in ((body.signed, ""), (body.foot, small)):
        yield f"<p{style}>{'<br>'.join(map(escape, lines))}</p>\n"
    yield "</body></html>\n"
