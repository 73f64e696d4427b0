"""The commands list and search."""

from __future__ import annotations

from contextlib import closing, nullcontext
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from casework.cli.dates import instant
from casework.cli.fields import asking
from casework.cli.looks import Looks
from casework.cli.options import earlier
from casework.cli.output import cell, print_rows, say
from casework.cli.running import Command
from casework.cli.settings import settings, wrong_usage
from casework.cli.telling import struck_words
from casework.cli.typed import Word
from casework.cli.views import narrowed, narrows, options_of, viewed
from casework.cli.written import give_rows, heed, writes_file
from casework.kinds.choices import State
from casework.kinds.records import Case, shape
from casework.store.filters import COUNTED
from casework.system.spooled import kept
from casework.words import Verb, has, said, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date
    from pathlib import Path

    from casework.cli.options import F
    from casework.kinds.records import Request
    from casework.papers.model import Paper
    from casework.questions.struck import Struck
    from casework.reports.context import Frame
    from casework.store.connections import Connection
    from casework.store.filters import Filter
    from casework.system.spooled import Rows

LIMIT = click.IntRange(min=1, max=10**9)
"""The type of `--limit`."""

COLUMNS = ("ref", "title", "state", "owner", "due", "days_late")


def usual_columns() -> tuple[str, ...]:
    """Return the default columns of a list: the configured ones, or these.

    Raises UsageError for an unknown column.
    """
    from casework.reports.cards import members_of

    named = settings().configured.values.get("columns")
    return members_of(named) if named else COLUMNS


class Order(click.ParamType[str]):
    """A sort order: fields separated by commas, with a hyphen for descending order."""

    name = "order"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Return the fields; raises UsageError for an unknown one."""
        from casework.questions.wanted import order_of

        return order_of(str(value))


class Columns(click.ParamType[tuple[str, ...]]):
    """The members of a case to show, separated by commas, in order."""

    name = "columns"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        """Return the members; raises UsageError for an unknown one."""
        from casework.reports.cards import members_of

        return value if isinstance(value, tuple) else members_of(str(value))


class Shown(NamedTuple):
    """How a list is shown: its columns, if chosen, and its groups.

    With `output` it is written to a file, which `force` allows to be replaced.
    """

    columns: tuple[str, ...] | None = None
    group_by: str | None = None
    output: Path | None = None
    force: bool = False


def showing(f: F) -> F:
    """Declare the options that say how a list is shown."""
    f = click.option("--group-by", type=Word(COUNTED))(f)
    f = click.option("--columns", type=Columns(), metavar="F,F")(f)
    return click.option("--sort", type=Order(), metavar="F,-F", default="ref", show_default=True)(f)


class _Listing(Command):
    """The command `list`; typed options override those of a view."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, and remember them."""
        ctx.meta[__name__] = [*args]
        return super().parse_args(ctx, args)

    def readied(self, ctx: click.Context) -> Callable[[], Any]:
        """Take the options of the named view, then those that were typed."""
        name = ctx.params.pop("view")
        if name is not None:
            # It may stand in the register, which what was typed says.
            options = [*options_of(name), *ctx.meta[__name__]]
            ctx.params.clear()
            super().parse_args(ctx, options)
            del ctx.params["view"]
        return super().readied(ctx)


@click.command("list", cls=_Listing)
@viewed
@asking
@showing
@click.option("--limit", type=LIMIT, metavar="N")
@click.option("--count-by", type=Word(COUNTED))
@writes_file
@earlier
def list_(
    as_of: date | None,
    known_at: str | None,
    count_by: str | None,
    columns: tuple[str, ...] | None,
    group_by: str | None,
    output: Path | None,
    *,
    force: bool,
    **wanted: Any,
) -> None:
    """List cases.

    \b
    Example:
      casework list --owner mofa --overdue --sort due
      casework list --open --due-within 30d --columns ref,title,officer,due
      casework list --where "owner:mofa and (overdue or due<2026-12-31)" --group-by state
      casework list --overdue --count-by owner
      casework list --conference NFAC-22 --output cases.xlsx
    """
    heed(output)
    if count_by is None:
        _list((as_of, known_at), wanted, Shown(columns, group_by, output, force))
        return
    if wanted["limit"] or columns or group_by or output:
        raise wrong_usage("list.count-by")
    from casework.questions import listing

    with (
        settings().reading() as connection,
        _stood(connection, as_of, known_at) as then,
    ):
        day = _asked(connection, as_of)
        named = _filter(connection, then, wanted, day, known_at)
        found = listing.counted(then, count_by, named, day)
    chosen = settings()
    # To a reader a row has a name; to a program none is none.
    nobody = _nobody(count_by, chosen.lang) if chosen.format == "table" else None
    rows = [{count_by: nobody if key is None else key, "cases": cases} for key, cases in found]
    print_rows(settings(), rows, (count_by, "cases"))


def _nobody(count_by: str, lang: str) -> str:
    """Return the word for cases without a value of a field."""
    key = f"no_{count_by}"
    return word(key, lang) if has(f"word.{key}") else "–"


@click.command("search", cls=Command)
@click.argument("words", nargs=-1, required=True)
@narrows
@click.option("--columns", type=Columns(), metavar="F,F")
@click.option("--limit", type=LIMIT, metavar="N")
def search_(words: tuple[str, ...], columns: tuple[str, ...] | None, **wanted: Any) -> None:
    """Find cases by words, in either language, without diacritics.

    \b
    Example:
      casework search van phong dai dien
      casework search "văn phòng đại diện" 3/TT
      casework search visa --where "resolved owner:mofa" --columns ref,title,outcome,answer
    """
    from casework.questions import lookup, searching

    wanted["where"] = narrowed(wanted.pop("view"), wanted["where"])
    with settings().reading() as connection:
        day = _asked(connection, None)
        named = _filter(connection, connection, {"text": words, **wanted}, day)
        found = list(searching.best(connection, named, day))
        out = _taken_out(connection, named, wanted["where"])
        _print(found, day, lookup.waiting_on(connection), Shown(columns), out)
    if not (found or out) and any(" " in one.words for one in named.text):
        _tell_phrase(words)


def _taken_out(connection: Connection, named: Filter, query: str | None) -> list[Struck]:
    """Return the struck cases, which are found only by words."""
    from casework.questions import struck

    if query is not None:
        return []
    return list(struck.struck_with(connection, [one.words for one in named.text]))


_MARKS = '"“”„«»'
"""Quotation marks, of English and of Vietnamese texts."""


def _tell_phrase(words: tuple[str, ...]) -> None:
    """Explain quotes if a search with them found nothing."""
    # With its marks the shell would make one phrase of them again.
    apart = " ".join(part.strip(_MARKS) for one in words for part in one.split())
    settings().tell(settings().said("search.phrase", apart=apart))


def _asked(connection: Connection, as_of: date | None) -> date:
    from casework.questions.lookup import office_day

    return as_of or office_day(connection)


def _stood(
    connection: Connection, as_of: date | None, known_at: str | None
) -> AbstractContextManager[Connection]:
    """Return the register as it stood; without a date, the store itself."""
    if as_of is None and known_at is None:
        return nullcontext(connection)
    from casework.questions import replay

    return replay.as_of(connection, as_of, instant(connection, known_at))


def _list(when: tuple[date | None, str | None], wanted: dict[str, Any], shown: Shown) -> None:
    from casework.questions import listing, lookup

    if shown.group_by is not None:
        wanted["sort"] = f"{shown.group_by},{wanted['sort']}"
    with (
        settings().reading() as connection,
        _stood(connection, *when) as then,
    ):
        as_of, known_at = when
        day = _asked(connection, as_of)
        named = _filter(connection, then, wanted, day, known_at)
        with closing(listing.cases(then, named, day)) as found:
            now = as_of is None and known_at is None
            waiting = lookup.waiting_on(connection) if now else {}
            if shown.output is None:
                _print(found, day, waiting, shown)
                return
            from casework.reports.answers import framed

            rows = kept(_rows(found, day, waiting))
            told = framed(connection, then, day, instant(connection, known_at))
    _write(rows, shown, told, asked_for(wanted, settings().lang))


def _write(rows: Rows[dict[str, Any]], shown: Shown, told: Frame, asked: str) -> None:
    """Write cases to a file."""
    from casework.reports.answers import IN_SHEETS, of_cases
    from casework.reports.cards import MEMBERS

    named, by = shown.columns, shown.group_by
    listed = rows if named is None else ({name: row[name] for name in named} for row in rows)
    usual = tuple(one for one in usual_columns() if one != by)
    look: dict[str, Any] = {"more": () if named else IN_SHEETS, "by": by, "asked": asked}

    def paper(lang: str) -> Paper:
        return of_cases(told, lang, rows, named or usual, **look)

    if shown.output is not None:
        give_rows(shown.output, listed, named or MEMBERS, paper, force=shown.force)


def asked_for(wanted: Mapping[str, Any], lang: str) -> str:
    """Return in words which cases are listed."""
    from casework.questions.wanted import ASKED

    told = []
    for name, value in wanted.items():
        if not value or name in {"sort", "limit"}:
            continue
        bare = name.removeprefix("no_").removeprefix("not_")
        label = word(ASKED[bare].name if bare in ASKED else bare, lang)
        if value is True:
            told.append(label if bare == name else said("list.without", lang, field=label))
            continue
        values = value if isinstance(value, tuple) else (value,)
        told.append(f"{label}: {', '.join(cell(one, lang, name) for one in values)}")
    return "; ".join(told)


def _filter(
    connection: Connection,
    then: Connection,
    wanted: dict[str, Any],
    day: date,
    known_at: str | None = None,
) -> Filter:
    from casework.acts.notices import DateMeant
    from casework.questions.wanted import filter_of

    chosen, known = settings(), instant(connection, known_at)
    found = filter_of(connection, then, wanted, day, known_at=known, lang=chosen.lang)
    for name, meant in found.meant:
        chosen.session.tell_reader(DateMeant(name=name, day=meant))
    return found


def _print(
    found: Iterable[Case],
    day: date,
    waiting: Mapping[str, Request],
    shown: Shown,
    out: Sequence[Struck] | None = None,
) -> None:
    """Print cases: all members, or in tables and with chosen columns some of them.

    `out` has the struck cases, if these are searched too.
    """
    from casework.reports.cards import MEMBERS

    chosen = settings()
    rows = _rows(found, day, waiting)
    if chosen.format != "table":
        if out is not None:
            rows = chain((row | {"struck": None} for row in rows), _struck_rows(out, day))
        if shown.columns is not None:
            rows = ({name: row[name] for name in shown.columns} for row in rows)
        print_rows(chosen, rows, shown.columns or (*MEMBERS, *(() if out is None else ("struck",))))
        return
    for one in out or ():
        said = struck_words(one.told)
        say(chosen, chosen.said("case.line.struck", ref=one.case.ref, **said), "", "    ")
        say(chosen, one.case.title, "    ", "    ")
    if out and not (found := [*found]):
        return
    usual = (one for one in usual_columns() if one != shown.group_by)
    columns = shown.columns or (*usual, *(["waiting"] if waiting else []))
    fit = next((name for name in columns if name in shape(Case.kind).texts), "")
    looks = Looks()
    listed = _told(rows, columns, shown.group_by, looks)
    print_rows(chosen, listed, columns, fit=fit, looks=looks)


def _struck_rows(out: Iterable[Struck], day: date) -> Iterator[dict[str, Any]]:
    from casework.reports.cards import case_json

    return (case_json(one.case, day) | {"struck": one.told} for one in out)


def _rows(
    found: Iterable[Case], day: date, waiting: Mapping[str, Request]
) -> Iterator[dict[str, Any]]:
    from casework.reports.cards import case_json

    return (case_json(case, day, waiting=waiting.get(case.ref)) for case in found)


def _told(
    rows: Iterable[dict[str, Any]], columns: Sequence[str], by: str | None, looks: Looks
) -> Iterator[dict[str, Any]]:
    """Yield rows in words, and record the style of each."""
    lang = settings().lang
    for row in rows:
        looks.add(_style(row), by and called(row[by], by, lang))
        yield _in_words(row, columns, lang)


def called(value: Any, by: str, lang: str) -> str:
    """Return the heading of a group of cases by the value of a field."""
    return _nobody(by, lang) if value is None else cell(value, lang, by)


def _style(row: dict[str, Any]) -> dict[str, Any]:
    """Return the style of a case: late ones are red, resolved ones faint."""
    if row["overdue"]:
        return {"fg": "red"}
    return {"dim": True} if row["state"] == State.RESOLVED else {}


def _in_words(row: dict[str, Any], columns: Sequence[str], lang: str) -> dict[str, Any]:
    """Return a row in the reader's words, with blanks for missing values."""
    row["days_late"] = row["days_late"] or None
    row["waiting"] = row["waiting"] and Verb(row["waiting"]["act"]).said(lang)
    if lang == "vi" and row["title_vi"] and "title_vi" not in columns:
        row["title"] = row["title_vi"]
    return row
