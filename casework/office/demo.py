"""Create registers, including the demonstration: the seeds, and some invented years of acts."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.acts import actors, cases, founding, holidays, organisations, people
from casework.acts.conferences import add_conference
from casework.errors import ConflictError
from casework.exchange.calendars import read_calendar
from casework.exchange.directories import import_records
from casework.exchange.importing import import_cases
from casework.exchange.sources import opened
from casework.kinds.records import Organisation, Register
from casework.ledger.ledger import Desk
from casework.questions import audit_log, lookup
from casework.store import db, sqlite_file, upgrades
from casework.store.loading import load
from casework.system import platforms, protected
from casework.system.clock import DEFAULT_ZONE, today
from casework.system.files import make_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from casework.kinds.records import Case

HORIZON = "NFAC-21"
SHOWN_ON = "2023-12-08"
HISTORY_OF = "000-08"
FILE = "register.db"
ILLUSTRATIVE = "illustrative"
NOTICE = (
    "Demonstration: every owner, due date, answer and resolution is illustrative. None stands in"
    " the documents, except that 003-21 was assigned and 002-08 and 002-11 were under way."
)


DIRECTORIES = {"vn": "vn.csv"}
"""The directories of organisations that a new register can start with, and their files."""

_PLAYED: Mapping[str, Callable[..., Case]] = {
    "assign": cases.assign,
    "study": cases.study,
    "answer": cases.answer,
    "resolve": cases.resolve,
    "close": cases.close,
    "return": cases.send_back,
    "reopen": cases.reopen,
    "reassign": cases.reassign,
    "extend": cases.extend,
    "coordinate": cases.coordinate,
    "link": cases.link,
    "note": cases.note,
}
"""The function for each illustrative act."""


class Made(NamedTuple):
    """Whether a register was created, what was there before, and what it starts with.

    `events` is the size of its log, `days` has the holidays and make-up days, and `organisations`
    is the number of organisations.
    """

    register: bool
    before: upgrades.Found
    events: int = 0
    days: Sequence[date] = ()
    organisations: int = 0


def make_register(
    target: str,
    *,
    zone: str = DEFAULT_ZONE,
    notice: str | None = None,
    seeded: bool = False,
    with_holidays: bool = True,
    directory: str | None = None,
    dry_run: bool = False,
) -> Made:
    """Create a register with this program's schema if there is none, all of it or nothing.

    With a `directory`, one of DIRECTORIES, it starts with those organisations; then ConflictError
    is raised if there already is a register.
    """
    with upgrades.migrating(target, dry_run=dry_run) as connection:
        before = upgrades.upgrade(connection, copy=not dry_run)
        if load(connection, Register, "register") is not None:
            if directory is not None:
                raise ConflictError("init.seed-late", path=_seed(DIRECTORIES[directory]))
            entered = founding.enter_rules(connection)
            return Made(register=False, before=before._replace(other_rules=entered))
        day = today(zone)
        # The holidays of Viet Nam come with its rule of how a time limit ends.
        founding.found(
            connection, zone=zone, today=day, notice=notice, next_working_day=with_holidays
        )
        registrar = actors.actor(connection, actors.REGISTRAR)
        desk = Desk(connection, registrar, platforms.login(), day)
        calendar = bundled_calendar() if with_holidays else []
        if calendar:
            holidays.take(desk, calendar)
        known = 0 if directory is None else _take_directory(desk, directory)
        if seeded:
            _load_seeds(desk)
            _play(desk)
        days = [entry.day for entry in calendar]
        return Made(True, before, audit_log.head(connection).size, days, known)


def _take_directory(desk: Desk, name: str) -> int:
    """Register the organisations that come with the program; return their number."""
    with opened(str(_seed(DIRECTORIES[name]))) as source:
        return import_records(desk, Organisation, source).created


def _seed(name: str) -> Path:
    return upgrades.bundled("seeds") / name


def bundled_calendar() -> list[holidays.Entry]:
    """Return the holidays of Viet Nam that come with the program."""
    with opened(str(_seed("holidays.csv"))) as source:
        return read_calendar(source).entries


def build(folder: Path) -> Path:
    """Create the demonstration's register anew in its folder; return the path of its store.

    Raises ConflictError if the folder holds a register that is not a demonstration, and the errors
    of `files.make_folder`.
    """
    path = folder / FILE
    if path.exists():
        with db.open_store(str(path)).reading() as connection:
            if lookup.register(connection).notice != NOTICE:
                raise ConflictError("demo.own-register", path=path)
    made = folder / f".{FILE}.part"
    make_folder(folder)
    protected.refuse(made, over=protected.SQLITE)
    sqlite_file.discard(made)
    try:
        make_register(str(made), notice=NOTICE, seeded=True)
        sqlite_file.discard(path)
        made.rename(path)
    finally:
        sqlite_file.discard(made)
    return path


def _load_seeds(desk: Desk) -> None:
    for org in _lines("organisations"):
        organisations.add_organisation(desk, org.pop("code"), **org)
    for person in _lines("people"):
        people.add_person(desk, person.pop("code"), **person)
    for conference in _lines("conferences"):
        day = conference.pop("date", None)
        add_conference(
            desk, conference.pop("code"), day=date.fromisoformat(day) if day else None, **conference
        )
    with opened(str(_seed("recommendations.jsonl"))) as source:
        import_cases(desk, source, "the five documents")


def _play(desk: Desk) -> None:
    """Do the illustrative acts through the usual verbs, each on its day."""
    for act in _lines("illustrative"):
        why = cases.Why(
            reason=act.pop("reason", None),
            document=act.pop("document", None),
            effective_on=date.fromisoformat(act.pop("on")),
            reported={"source": ILLUSTRATIVE},
        )
        # Who did it is invented as well, and stands in no register.
        del act["by"]
        if "due" in act:
            act["due"] = date.fromisoformat(act["due"])
        _PLAYED[act.pop("verb")](desk, act.pop("ref"), why=why, **act)


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with _seed(f"{name}.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
