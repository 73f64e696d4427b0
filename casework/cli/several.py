"""Do acts on one case, several, or all that a filter finds; show them and ask first."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from casework.cli.settings import settings, wrong_usage
from casework.cli.typed import STANDARD_INPUT, TEXT, listed_on_standard_input, may_ask
from casework.cli.views import narrowed, narrows
from casework.errors import NotFoundError
from casework.words import Verb, in_language, weekday, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from casework.acts.by_name import Left
    from casework.acts.many import Cases, Many
    from casework.cli.options import F
    from casework.kinds.records import Case, Request
    from casework.log.reading import Event
    from casework.questions.choosing import Chosen

    Taken = Callable[[click.Context, click.Parameter, tuple[str, ...]], None]

CALLED_OFF = 130
"""The exit code if the user says no, as after Ctrl-C."""

_REF_AND_TEXT = 2

YES = frozenset({"y", "yes", "c", "co"})
"""The answers that mean yes, in either language, without diacritics."""


def on_cases(f: F) -> F:
    """Declare the cases of an act: references, ranges, a list or a filter."""
    return _declared(f, "REF...", take)


def with_text(f: F) -> F:
    """Declare the same for a note: one reference and its text, or several and ``--text``."""
    f = click.option("--text", type=TEXT, metavar="T", expose_value=False, callback=_take_text)(f)
    return _declared(f, "REF... [TEXT]", _take_note)


def _declared(f: F, metavar: str, taken: Taken) -> F:
    def take_words(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> None:
        if ctx.resilient_parsing:
            ctx.params["ref"] = value
        else:
            taken(ctx, param, value)

    more: dict[str, Any] = {
        "nargs": -1,
        "metavar": metavar,
        "expose_value": False,
        "callback": take_words,
    }
    f = click.option("--yes", is_flag=True)(f)
    return click.argument("ref", **more)(narrows(f, "many.where"))


def _take_text(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    # An option that was not typed is heard of after the words, and says nothing.
    if value is not None:
        ctx.params["text"] = value


def _take_note(ctx: click.Context, param: click.Parameter, words: tuple[str, ...]) -> None:
    """Take the cases of a note, and its text if it is the second word."""
    refs, text = words, ctx.params.get("text")
    if text is None and words:
        if len(words) > _REF_AND_TEXT:
            raise wrong_usage("note.text-of-several")
        refs, text = words[:1], words[1] if len(words) == _REF_AND_TEXT else None
        text = text and TEXT.convert(text, param, ctx)
    take(ctx, param, refs)
    if text is None:
        # It can be written in an editor, as what the option takes.
        option = next(one for one in ctx.command.params if one.name == "text")
        more = {"param_hint": "'TEXT'", "param_type": param.param_type_name}
        raise click.MissingParameter(ctx=ctx, param=option, **more)
    ctx.params["text"] = text


def take(ctx: click.Context, param: click.Parameter, words: tuple[str, ...]) -> None:
    """Take the references of cases: a single one as `ref`, otherwise all as `refs`.

    ``-`` means those listed on standard input.
    """
    if not (ctx.params.get("where") is ctx.params.get("view") is None):
        if words:
            raise wrong_usage("many.refs-and-filter")
        return
    if not words:
        raise click.MissingParameter(ctx=ctx, param=param, param_hint="'REF'")
    if len(words) == 1 and words[0] != STANDARD_INPUT:
        ctx.params["ref"] = words[0]
        return
    found: list[str] = []
    for one in words:
        found += listed_on_standard_input(ctx) if one == STANDARD_INPUT else [one]
    ctx.params["refs"] = tuple(found)


def do(
    name: str,
    /,
    *,
    dry_run: bool,
    yes: bool,
    view: str | None,
    where: str | None,
    ref: str | None = None,
    refs: tuple[str, ...] | None = None,
    **given: Any,
) -> None:
    """Do an act on the chosen cases, and print the results."""
    where = narrowed(view, where)
    if where is not None and (ref is not None or refs is not None):
        raise wrong_usage("many.refs-and-filter")
    if ref is not None:
        try:
            do_one(name, ref, given, dry_run=dry_run)
        except NotFoundError as error:
            _refuse_no_range(ref, error)
            refs = (ref,)
        else:
            return
    from casework.acts.many import Cases

    _do_many(name, Cases(refs, where), given, dry_run=dry_run, yes=yes)


def do_one(name: str, ref: str | None, given: dict[str, Any], *, dry_run: bool) -> None:
    """Do an act on one case, or one that creates a case, and print the result."""
    from casework.acts.by_name import perform

    print_left(perform(settings().session, name, ref, given, dry_run=dry_run))


def answered(name: str, named: dict[str, Any], said: dict[str, Any], *, dry_run: bool) -> None:
    """Answer one or several requests for time in the same way, all or none."""
    codes = named.get("codes")
    given = {key: one for key, one in said.items() if key not in {"code", "codes"}}
    if codes is None:
        do_one(name, named["code"], given, dry_run=dry_run)
        return
    from casework.acts.by_name import Left, at_desk, read
    from casework.acts.owners import answer_all

    chosen, values = settings(), read(name, given)
    if given.get("if_version") is not None:
        raise wrong_usage("many.if-version")
    with chosen.desk(dry_run=dry_run) as desk:
        done = answer_all(desk, codes, lambda desk, code: at_desk(desk, name, code, values))
        found = [Left(chosen.session.shown(desk.connection, one), desk.today) for one in done]
    print_all(found)


def _refuse_no_range(ref: str, error: NotFoundError) -> None:
    """Raise the error for a reference, unless it is a range of cases."""
    from casework.questions import choosing, lookup

    # A case may be called like a range, and hardly any act is done on one.
    if choosing.BETWEEN not in ref:
        raise error
    with settings().session.reading() as connection:
        if lookup.case_ref(connection, ref) is not None:
            raise error
        for _, wrong in choosing.named(connection, (ref,)).faults:
            raise wrong from None


def _do_many(name: str, cases: Cases, given: dict[str, Any], *, dry_run: bool, yes: bool) -> None:
    from casework.acts.many import perform_many

    chosen, asked = settings(), not (yes or dry_run)
    agreed = _agreed(name, cases, given) if asked and may_ask(click.get_current_context()) else None

    def allow(found: Chosen) -> None:
        if asked and agreed is None and _several(cases, len(found.refs) + len(found.faults)):
            raise wrong_usage("many.yes")

    found = perform_many(
        chosen.session, name, cases, given, dry_run=dry_run, agreed=agreed, allow=allow
    )
    _tell_holes(found)
    if chosen.format == "table" and dry_run:
        _print_changes(found)
    else:
        print_all(found.left)


def _several(cases: Cases, count: int) -> bool:
    """Return whether to ask before an act: always for a filter."""
    return cases.where is not None or count > 1


def _agreed(name: str, cases: Cases, given: dict[str, Any]) -> Many:
    """Return what an act would do, after the user has seen it and agreed.

    The question is asked once, even if the command is retried.
    """
    from casework.acts.many import rehearsed

    chosen, meta = settings(), click.get_current_context().meta
    if (known := meta.get(__name__)) is not None:
        return known  # type: ignore[no-any-return]
    found = rehearsed(chosen.session, name, cases, given)
    if _several(cases, len(found.left)):
        _tell_holes(found)
        show_on_terminal(lambda: _print_changes(found))
        ask(chosen.said("many.ask", act=Verb(name), count=len(found.left)))
    meta[__name__] = found
    return found


def show_on_terminal(printing: Callable[[], None]) -> None:
    """Print a table on the terminal of the question, whatever the output format."""
    chosen = settings()
    wanted, chosen.format = chosen.format, "table"
    try:
        with redirect_stdout(sys.stderr):
            printing()
    finally:
        chosen.format = wanted


def ask(question: str) -> None:
    """Ask on a terminal; end the command without doing anything unless the answer is yes."""
    from casework.system.text import fold

    chosen = settings()
    said = click.prompt(question, default="", show_default=False, prompt_suffix=" ", err=True)
    if fold(said) not in YES:
        chosen.tell(chosen.said("hint.nothing-changed"))
        raise click.exceptions.Exit(CALLED_OFF)


def _tell_holes(found: Many) -> None:
    chosen = settings()
    if found.holes:
        chosen.tell(chosen.said("many.holes", refs=found.holes))


def _print_changes(found: Many) -> None:
    """Print the changes of each case, and the requests for a second person."""
    from casework.cli.output import cell, print_table

    lang = settings().lang
    headings = [word(column, lang) for column in ("ref", "title", "changes")]
    rows = [
        [one.case.ref, cell(_title(one.case, lang), lang), _changes(told)]
        for one, told in zip(found.left, found.told, strict=True)
    ]
    if any(one.waiting for one in found.left):
        headings.append(word("waiting", lang))
        for row, one in zip(rows, found.left, strict=True):
            row.append(Verb(one.waiting.verb).said(lang) if one.waiting else "")
    print_table(settings(), headings, rows, fit=1)


def _title(case: Case, lang: str) -> str:
    return in_language(case.title, case.title_vi, lang)


def _changes(events: Iterable[Event]) -> str:
    """Return the changes of acts, from → to, without those that are the same for all."""
    from casework.cli.telling import fact_told
    from casework.questions.history import facts

    found = [one for event in events for one in facts(event) if one.changed or one.name == "note"]
    return "; ".join(" ".join(fact_told(one).split("\n")) for one in found)


def print_all(found: Iterable[Left]) -> None:
    """Print cases after acts: one line each, or for programs as `list` does."""
    chosen = settings()
    if chosen.format == "table":
        for left in found:
            print_left(left)
        return
    from casework.cli.output import print_rows
    from casework.reports.cards import MEMBERS, case_json

    rows = (case_json(one.case, one.today, waiting=one.waiting) for one in found)
    print_rows(chosen, rows, MEMBERS)


def print_left(left: Left) -> None:
    """Print the result of an act."""
    print_case(left.case, left.today, left.waiting, left.struck)


def print_case(
    case: Case,
    today: date,
    waiting: Request | None = None,
    struck: Mapping[str, Any] | None = None,
) -> None:
    """Print a case after an act, or unchanged while the act waits."""
    from casework.cli.output import cell, print_record

    chosen = settings()
    if chosen.format != "table":
        from casework.reports.cards import case_json

        values = case_json(case, today, waiting=waiting)
        print_record(chosen, values | ({"struck": struck} if struck else {}))
        return
    if struck:
        from casework.cli.telling import struck_words

        line = chosen.said("case.line.struck", ref=case.ref, **struck_words(struck))
        click.echo(line, color=False)
        return
    parts = [case.ref, cell(case.state, chosen.lang, "state")]
    if case.owner:
        parts.append(chosen.said("case.line.owner", owner=case.owner))
    if case.due:
        day = weekday(case.due, chosen.lang)
        parts.append(chosen.said("case.line.due", day=case.due, weekday=day))
    if case.asked_due:
        asked = {"day": case.asked_due, "reply": case.reply_by}
        parts.append(chosen.said("case.line.asked", **asked))
    if case.contested_on:
        parts.append(chosen.said("case.line.contested", day=case.contested_on))
    if case.held_since:
        parts.append(chosen.said("case.line.held", day=case.held_since))
    if case.outcome:
        parts.append(cell(case.outcome, chosen.lang, "outcome"))
    click.echo("  ".join(parts), color=False)
