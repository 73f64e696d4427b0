"""Write answers to files: a case, its history, the log, findings."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from casework.cli.data import INDENT, texts
from casework.cli.output import cell, dated, told_fields
from casework.cli.settings import settings
from casework.cli.telling import shown, source_of, who_did
from casework.cli.written import give_rows, into, put
from casework.system.spooled import kept, mapped
from casework.words import Kind, Verb, said, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from casework.cli.written import Data
    from casework.log.reading import Event
    from casework.papers.model import Column, Paper
    from casework.proof.findings import Finding
    from casework.proof.findings.grouping import Asked
    from casework.questions.history import Fact
    from casework.reports.context import Frame
    from casework.store.connections import Connection
    from casework.system.spooled import Rows


def framed_now(connection: Connection) -> Frame:
    """Return the frame of a paper about the register as it stands."""
    from casework.questions.lookup import office_day
    from casework.reports.answers import framed

    return framed(connection, connection, office_day(connection))


def give_case(
    output: Path, told: Frame, values: dict[str, Any], read: dict[str, Any], *, force: bool
) -> None:
    """Write one case: its `values` for programs, or in words."""
    import json

    whole = json.dumps(values, ensure_ascii=False, indent=INDENT) + "\n"
    data: Data = {
        "json": lambda file: put([whole], file),
        "csv": lambda file: put(texts("csv", [values], ()), file),
    }

    def paper(lang: str) -> Paper:
        names, rows = ("field", "value"), []
        for label, parts in told_fields(read, lang):
            rows += [("" if number else label, one) for number, one in enumerate(parts)]
        return _paper(told, "case_paper", names, rows, subject=values["ref"])

    into(output, data, paper, force=force)


def give_events(
    output: Path,
    told: Frame,
    found: Iterable[Event],
    *,
    subjects: bool = False,
    force: bool,
) -> None:
    """Write audit events; with `subjects`, also the record of each."""
    from casework.log.reading import TOLD
    from casework.questions.history import beside

    events = kept(found)
    more: Mapping[int, Sequence[Fact]] = {} if subjects else beside([*events])
    names = ("effective_on", "act", *(["subject"] if subjects else []), "actor", *_OF_A_FACT)

    def paper(_: str) -> Paper:
        key = "log_paper" if subjects else "history_paper"
        rows = kept(_rows(events, more, subjects=subjects))
        subject = "" if subjects else events and next(iter(events)).key
        return _paper(told, key, names, rows, subject=str(subject or ""), count=len(events))

    give_rows(output, (one.as_json() for one in events), TOLD, paper, force=force)


_OF_A_FACT = ("field", "then", "now", "recorded_at", "seq")


def _rows(
    events: Rows[Event], more: Mapping[int, Sequence[Fact]], *, subjects: bool
) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each fact of an event; the heading is in the first one."""
    from casework.questions.history import facts

    lang = settings().lang
    for event in events:
        source = source_of(event)
        act = Verb(event.act).said(lang) + (f" [{source}]" if source else "")
        of = [f"{Kind(event.kind).said(lang)} {event.key}"] if subjects else []
        what: tuple[Any, ...] = (date.fromisoformat(event.effective_on), act, *of, who_did(event))
        at: tuple[Any, ...] = (dated(f"{event.recorded_at[:19]}Z", lang), event.seq)
        for fact in (*more.get(event.seq, ()), *facts(event)):
            for label, before, after in _lines(fact, lang):
                yield *what, label, before, after, *at
                what, at = (None,) * len(what), (None, None)
        if what[0] is not None:
            yield *what, None, None, None, *at


def _lines(fact: Fact, lang: str) -> Iterator[tuple[str | None, str | None, str | None]]:
    """Yield the facts of an event: one line for each paragraph of the new value."""
    label: str | None = word(fact.name, lang)
    before = shown(fact.name, fact.before).replace("\n", " ") if fact.changed else None
    for line in shown(fact.name, fact.after).split("\n"):
        yield label, before, line
        label = before = None


def give_findings(output: Path, told: Frame, found: Rows[Finding], *, force: bool) -> None:
    """Write findings; in a document one line for each act."""
    from casework.proof.findings.grouping import grouped

    names = ("rule", "ref", "date", "events", "found")

    def paper(lang: str) -> Paper:
        def cells(line: Asked) -> tuple[Any, ...]:
            one, text = line.first, line.first.text
            if line.others:
                text = said("findings.also", lang, text=text, rules=line.others)
            return one.rule, one.ref, one.on, cell([*one.seqs], lang), text

        rows = mapped(grouped(found, whole=True).listed, cells)
        return _paper(told, "findings_paper", names, rows)

    give_rows(output, (one.as_json() for one in found), (), paper, force=force)


_DATES = frozenset({"effective_on", "date"})
_CODES = frozenset({"ref", "rule", "actor"})
_WIDE = frozenset({"value", "now", "found"})


def _paper(
    told: Frame,
    key: str,
    names: Sequence[str],
    rows: Rows[tuple[Any, ...]],
    *,
    subject: str = "",
    count: int | None = None,
) -> Paper:
    """Return a paper with one table with these columns."""
    from casework.papers.model import Fact, Section
    from casework.reports.answers import paper

    lang = settings().lang
    section = Section(
        key=key,
        heading=subject or word(key, lang),
        columns=[_column(name, lang) for name in names],
        rows=rows,
        count=None if key == "case_paper" else len(rows) if count is None else count,
        empty=word("none", lang),
    )
    facts = [Fact(word("case", lang), subject)] if subject else []
    return paper(told, key, lang, [section], *facts)


def _column(name: str, lang: str) -> Column:
    from casework.reports.context import column

    if name == "seq":
        return column(name, lang, "count")
    if name == "recorded_at":
        return column(name, lang, "text", "sheet")
    kind = "date" if name in _DATES else "code" if name in _CODES else "text"
    return column(name, lang, kind, wide=name in _WIDE)  # type: ignore[arg-type]
