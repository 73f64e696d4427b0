"""The commands status and next: the state of the register, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.lists import LIMIT, called
from casework.cli.looks import Looks
from casework.cli.output import cell, dated, print_json, print_rows, say
from casework.cli.running import Command
from casework.cli.settings import settings
from casework.cli.views import narrowed, narrows
from casework.words import in_language, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.office.today import Standing, Step

COLUMNS = ("why", "ref", "title", "owner", "due", "command")
TOTALS = ("cases", "resolved", "open", "open_in_time", "open_overdue", "open_no_due", "on_hold")


@click.command("next", cls=Command)
@narrows
@click.option("--limit", type=LIMIT, metavar="N", default=20, show_default=True)
def next_(limit: int, view: str | None, where: str | None) -> None:
    """Say what wants doing now, by whoever asks and by their desk.

    \b
    Example:
      casework next
      casework next --by lan --limit 5
      casework next --where "conference:NFAC-22 and not theme:legal"
    """
    from casework.office.today import steps

    chosen = settings()
    query = narrowed(view, where)
    with chosen.reading() as connection:
        found = steps(connection, chosen.by, limit, query)
    looks = Looks()
    for one in found:
        looks.add({"fg": "red"} if one.why == "overdue" else {})
    shown = chosen.format == "table"
    rows = (_row(one, chosen.lang, shown=shown) for one in found)
    more = ("title_vi", "state", "officer", "mine", "request", "deputy_of")
    columns = COLUMNS if shown else (*COLUMNS, *more)
    print_rows(chosen, rows, columns, fit="title", looks=looks)


def _row(one: Step, lang: str, *, shown: bool) -> dict[str, Any]:
    """Return a task as a row; with `shown`, in words."""
    case, request = one.case, one.request
    title = case and in_language(case.title, case.title_vi, lang if shown else "en")
    return {
        "why": _why(one, lang) if shown else one.why,
        "ref": case.ref if case else getattr(request, "subject", None),
        "title": title,
        "owner": case and case.owner,
        "due": case and case.due and case.due.isoformat(),
        "command": _command(one),
        "title_vi": case and case.title_vi,
        "state": case and case.state,
        "officer": case and case.officer,
        "mine": one.mine,
        "request": request and request.code,
        "deputy_of": one.deputy_of,
    }


def _why(one: Step, lang: str) -> str:
    """Return why a task is due, and whether it is the user's own."""
    told = _small(one.why, lang)
    return f"{told} *" if one.mine and one.request is None else told


def _small(name: str, lang: str) -> str:
    """Return a word in lower case, as inside a line."""
    said = word(name, lang)
    return said[:1].lower() + said[1:]


def _command(one: Step) -> str:
    """Return the command for a task."""
    away = f" --for {one.deputy_of}" if one.deputy_of and one.act else ""
    if one.request is not None:
        return f"casework request {one.act} {one.request.code}" + away
    ref = one.case.ref if one.case else ""
    needs = "".join(f" --{name} …" for name in one.needs)
    return f"casework {one.act or 'show'} {ref}{needs}" + away


@click.command("status", cls=Command)
def status_() -> None:
    """Show how the register stands, on one screen.

    \b
    Example:
      casework status
    """
    from casework.office.today import standing

    chosen = settings()
    with chosen.reading() as connection:
        found = standing(connection)
    told = _as_json(found)
    if chosen.format == "json":
        print_json(told)
    elif chosen.format == "table":
        _show(told)
    else:
        print_rows(chosen, [told], tuple(told))


def _as_json(found: Standing) -> dict[str, Any]:
    coming = found.coming.conference
    day = coming and coming.date
    late = sorted(
        ((one.open_overdue, one.key) for one in found.owners if one.open_overdue),
        key=lambda one: (-one[0], one[1] is None, one[1]),
    )
    return {
        "today": found.day.isoformat(),
        "conference": coming
        and {
            "conference": coming.code,
            "date": day and day.isoformat(),
            "days": day and (day - found.day).days,
        },
        "unclear": [one.code for one in found.coming.unclear],
        "totals": {name: getattr(found.totals, name) for name in TOTALS},
        "late": [{"owner": owner, "cases": cases} for cases, owner in late],
        "waiting": [
            {
                "request": one.code,
                "act": one.verb,
                "subject": one.subject,
                "asked_by": one.asked_by,
                "asked_on": one.asked_on.isoformat(),
            }
            for one in found.waiting
        ]
        + [
            {
                "request": one.code,
                "act": one.verb,
                "subject": one.ref,
                "asked_by": one.asked_by,
                "asked_on": one.asked_on.isoformat(),
            }
            for one in found.wishes
        ],
        "log": {
            "size": found.log.size,
            "root": found.log.root,
            "signed": found.log.signed,
            "witnessed": found.log.witnessed,
            "unwitnessed": found.log.unwitnessed,
        },
        "away": [
            {
                "person": one.code,
                "away_from": one.away_from and one.away_from.isoformat(),
                "away_to": one.away_to and one.away_to.isoformat(),
                "deputy": one.deputy,
            }
            for one in found.away
        ],
        "only_for": found.reader,
    }


def _show(told: dict[str, Any]) -> None:
    chosen = settings()
    for name, text in _lines(told):
        red = name == "late" and told["late"]
        style = {"fg": "red"} if red else {}
        say(chosen, f"{word(name, chosen.lang)}: {text}", "", "  ", **style)


def _away(one: dict[str, Any]) -> str:
    """Return who is away until when, and their deputies."""
    until = dated(one["away_to"], settings().lang)
    return settings().said("status.away", who=one["person"], until=until, by=one["deputy"])


def _lines(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the lines of the status: name and text."""
    chosen, lang = settings(), settings().lang
    yield "today", dated(told["today"], lang)
    coming = told["conference"]
    if coming is not None:
        values = {"code": coming["conference"], "day": dated(coming["date"], lang)}
        yield "conference", chosen.said("status.conference", days=coming["days"], **values)
    else:
        unclear = told["unclear"]
        text = chosen.said("status.unclear", codes=unclear, count=len(unclear))
        yield "conference", text if unclear else word("none", lang)
    counts = ", ".join(f"{_small(name, lang)} {told['totals'][name]}" for name in TOTALS[1:])
    reader = told["only_for"]
    only = chosen.said("status.only-for", reader=reader) if reader else ""
    yield "cases", f"{told['totals']['cases']} ({counts}){only}"
    late = [f"{called(one['owner'], 'owner', lang)} {one['cases']}" for one in told["late"]]
    yield "late", ", ".join(late) or word("none", lang)
    waiting = [f"{one['subject']} {cell(one['act'], lang, 'verb')}" for one in told["waiting"]]
    yield "waiting", ", ".join(waiting) or word("none", lang)
    if told["away"]:
        yield "away", ", ".join(map(_away, told["away"]))
    log = told["log"]
    yield "log", chosen.said("status.log", size=log["size"], unwitnessed=log["unwitnessed"])
