"""Papers from lists and other answers."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from casework.kinds.records import REDACTED, SHOWN_IN_WORDS, WRITTEN, Case
from casework.papers.model import Column, Fact, Section
from casework.reports.columns import of_fields
from casework.reports.context import column, frame
from casework.reports.question import Question
from casework.system.spooled import mapped, part
from casework.words import Written, has, said, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from casework.papers.model import Kind, Paper
    from casework.reports.context import Frame
    from casework.store.connections import Connection
    from casework.system.spooled import Rows

NUMBERED = frozenset({"days_overdue", "days_late", "held_days"})
"""The computed members of a case that count days."""

IN_SHEETS = (
    *("conference", "proposer", "officer", "coordinating", "original_due", "extensions"),
    *("outcome", "answer", "document", "proposed_on", "resolved_on"),
)
"""The additional columns of spreadsheets, if no columns are chosen."""

_FIELDS = {one.name: one for one in Case.fields}


def framed(connection: Connection, then: Connection, day: date, known_at: Any = None) -> Frame:
    """Return the frame of a paper that answers a question about a day."""
    return frame(connection, then, day, Question(known_at=known_at, calendar=True))


def paper(told: Frame, key: str, lang: str, sections: Iterable[Section], *facts: Fact) -> Paper:
    """Return an answer as a paper; `words` has its title and subject under its key."""
    sections = [*sections]
    rows = sum(len(one.rows) for one in sections)
    return told.told(key, lang, sections, facts=facts, lead=said(f"lead.{key}", lang, count=rows))


def of_cases(
    told: Frame,
    lang: str,
    rows: Rows[dict[str, Any]],
    columns: Sequence[str],
    *,
    more: Sequence[str] = (),
    by: str | None = None,
    asked: str = "",
) -> Paper:
    """Return a paper of printed cases, in groups if they are listed `by` a field.

    `more` has additional columns of spreadsheets, and `asked` says in words which cases are listed.
    """
    heads = _columns(lang, columns, more)
    table = _table(told, lang, heads)
    if by is None:
        parts = [(word("case_list.cases", lang), rows)]
    else:
        parts = [(_called(told, value, by, lang), one) for value, one in _groups(rows, by)]
    sections = [
        Section(
            key="cases" if by is None else f"{by}-{number}",
            heading=heading,
            columns=heads,
            rows=mapped(found, table),
            count=len(found),
            empty=word("none", lang),
        )
        for number, (heading, found) in enumerate(parts, start=1)
    ]
    facts = [Fact(word("asked", lang), asked)] if asked else []
    count = len(rows)
    return told.told(
        *("case_list", lang, sections),
        facts=facts,
        lead=said("lead.case_list", lang, count=count),
    )


def _groups(rows: Rows[dict[str, Any]], by: str) -> Iterator[tuple[Any, Rows[dict[str, Any]]]]:
    """Yield the rows for each value of a field, which are consecutive."""
    first = 0
    for value, group in groupby(rows, lambda row: row[by]):
        end = first + sum(1 for _ in group)
        yield value, part(rows, first, end)
        first = end


def _called(told: Frame, value: Any, by: str, lang: str) -> str:
    """Return the heading of a group of cases by the value of a field."""
    if value is None:
        return word(f"no_{by}", lang) if has(f"word.no_{by}") else "–"
    names = told.name(str(value), lang)
    return str(_cell(value, by, lang)) if names == value else names


def _columns(lang: str, names: Sequence[str], more: Sequence[str]) -> list[Column]:
    """Return the columns for members of a case, by JSON name; a list is one text."""
    found = []
    for name in (*names, *(one for one in more if one not in names)):
        if name in _FIELDS:
            (one,) = of_fields(lang, [name], **{"sheet" if name not in names else "always": [name]})
            many = _FIELDS[name].many
            found.append(Column(name, one.heading, "text", one.shown) if many else one)
        else:
            counts = name in NUMBERED | {"version"}
            kind: Kind = "days" if name in NUMBERED else "count" if counts else "text"
            found.append(column(name, lang, kind))
    return found


def _table(
    told: Frame, lang: str, columns: Sequence[Column]
) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Return the function that turns a case into a row."""

    def cells(case: Mapping[str, Any]) -> tuple[Any, ...]:
        title = {"title": case["title_vi"] or case["title"]} if lang == "vi" else {}
        return tuple(_typed(title.get(one.key, case[one.key]), one, told, lang) for one in columns)

    return cells


def _typed(value: Any, one: Column, told: Frame, lang: str) -> Any:
    """Return the value of a cell in the type of its column."""
    if value is None or value == []:
        return None
    if value == REDACTED:
        return word("redacted", lang)
    if one.kind == "date":
        return date.fromisoformat(value)
    if one.kind != "text":
        return value
    if one.key == "coordinating":
        value = [told.name(code, lang) for code in value]
    return _cell(value, one.key, lang)


def _cell(value: Any, name: str, lang: str) -> str | None:
    """Return a value in words."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_cell(one, name, lang) for one in value)))
    if isinstance(value, dict):
        told = ((label, _cell(one, label, lang)) for label, one in value.items())
        return ", ".join(f"{word(label, lang)}: {one}" for label, one in told if one)
    if isinstance(value, bool):
        return word("yes" if value else "no", lang)
    if value is None:
        return None
    if name in WRITTEN:
        return Written(str(value)).said(lang)
    return word(value, lang) if name in SHOWN_IN_WORDS else str(value)
