"""The table of acts on cases by name: which fields each takes, and the function that does it.

The command line, web forms and acts on many cases take the fields from here and do an act with one
call. A field is given as its value, or as the text that somebody typed.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.acts import cases, corrections, owners, resolved
from casework.acts.cases import Why
from casework.acts.notices import CountedTo, DateMeant, NotWorked
from casework.acts.sealing import sealable
from casework.acts.session import DoneAlready
from casework.errors import NotFoundError, UsageError
from casework.kinds.choices import BASES, Outcome
from casework.kinds.choices import CHOICES as WORDS
from casework.kinds.forms import RELATIONS
from casework.kinds.records import Case
from casework.questions import lookup, working_calendar
from casework.questions.due_dates import settle
from casework.rules import deadlines
from casework.rules.dates import BY, ON, Typed, Use, parse
from casework.system.text import SHOWN, as_json, spelt
from casework.words import Choice, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casework.acts.session import Session
    from casework.kinds.field import Field as Described
    from casework.kinds.records import Request
    from casework.ledger.ledger import Desk
    from casework.questions.commands import Done
    from casework.store.connections import Connection


class Form(StrEnum):
    """The form of a field's value."""

    TEXT = "text"
    CODE = "code"
    """The code, or a name, of something the register knows."""
    CODES = "codes"
    DAY = "day"
    DUE = "due"
    OUTCOME = "outcome"
    BASIS = "basis"
    RELATION = "relation"
    VERDICT = "verdict"
    NUMBER = "number"
    MARK = "mark"
    """Yes or no."""


class Field(NamedTuple):
    """A field of an act: its name, the form of its value, and whether it is required."""

    name: str
    form: Form = Form.TEXT
    must: bool = False


class Named(NamedTuple):
    """An act: its function, its fields, and whether it is done on an existing case."""

    does: Callable[..., Case]
    fields: tuple[Field, ...]
    on_case: bool = True


_WHY = (
    Field("reason"),
    Field("document"),
    Field("effective", Form.DAY),
    Field("if_version", Form.NUMBER),
)
_MUST_WHY = (Field("reason", must=True), *_WHY[1:])
_GIVES_TIME = (*_MUST_WHY, Field("document_date", Form.DAY))
"""Of an act that gives time: from when it counts among what the register showed."""
_GIVES_TIME_FOR = (*_WHY, Field("document_date", Form.DAY))
"""Of an act that gives time that was asked for, which has its reason already."""
_OTHERS = Field("coordinating", Form.CODES)
_OFFICER = Field("officer", Form.CODE)
_OWNER = Field("owner", Form.CODE, must=True)
_BASIS = Field("basis", Form.BASIS)
_LATE = Field("late_cause", Form.CODE)


def _described(*, new: bool) -> tuple[Field, ...]:
    """Return the fields that describe a recommendation; those in `wanted` are required."""
    return tuple(Field(one.short, _form(one), must=new and one.wanted) for one in Case.describing)


def _form(one: Described) -> Form:
    if one.many:
        return Form.CODES
    return Form.CODE if one.refers else Form.TEXT


ACTS: Mapping[str, Named] = {
    "propose": Named(
        cases.propose,
        (*_described(new=True), Field("ref"), _OTHERS, *_WHY),
        on_case=False,
    ),
    "edit": Named(cases.edit, (*_described(new=False), *_WHY)),
    "assign": Named(
        cases.assign,
        (_OWNER, Field("due", Form.DUE, must=True), _OTHERS, _OFFICER, _BASIS, _LATE, *_WHY),
    ),
    "advance": Named(
        cases.advance, (Field("outcome", Form.OUTCOME), Field("answer"), _LATE, *_WHY)
    ),
    "answer": Named(
        cases.answer, (Field("outcome", Form.OUTCOME, must=True), Field("answer", must=True), *_WHY)
    ),
    "return": Named(cases.send_back, _MUST_WHY),
    "contest": Named(owners.contest, _MUST_WHY),
    "uphold": Named(owners.uphold, _MUST_WHY),
    "close": Named(cases.close, (Field("outcome", Form.OUTCOME, must=True), _LATE, *_MUST_WHY)),
    "reopen": Named(cases.reopen, (Field("owner", Form.CODE), *_MUST_WHY)),
    "put-back": Named(cases.put_back, _MUST_WHY),
    "reassign": Named(cases.reassign, (_OWNER, _OTHERS, _OFFICER, *_MUST_WHY)),
    "extend": Named(
        owners.extend,
        (Field("due", Form.DUE, must=True), _BASIS, _LATE, Field("ask", Form.MARK), *_GIVES_TIME),
    ),
    "grant-time": Named(owners.grant, (Field("due", Form.DUE), _LATE, *_GIVES_TIME_FOR)),
    "refuse-time": Named(owners.refuse, _MUST_WHY),
    "withdraw-time": Named(owners.withdraw, _WHY),
    "verdict": Named(resolved.verdict, (Field("verdict", Form.VERDICT, must=True), *_WHY)),
    "hold": Named(cases.hold, _GIVES_TIME),
    "resume": Named(cases.resume, _WHY),
    "coordinate": Named(
        cases.coordinate, (Field("add", Form.CODES), Field("remove", Form.CODES), *_WHY)
    ),
    "link": Named(
        cases.link,
        (
            Field("other", Form.CODE, must=True),
            Field("relation", Form.RELATION, must=True),
            Field("remove", Form.MARK),
            *_WHY,
        ),
    ),
    "note": Named(cases.note, (Field("words", must=True), *_WHY[2:])),
    "correct": Named(
        corrections.put_right,
        (
            *(Field("field"), Field("to")),
            *(Field("event", Form.NUMBER), Field("strike", Form.MARK)),
            *_GIVES_TIME,
        ),
    ),
}
"""The acts on cases by the names they are asked for by."""


class Left(NamedTuple):
    """The result of an act: its case as it now stands, and today's date at the office.

    `waiting` is the request that was made instead, if the act needs a second person. `done` says
    when and by whom the act was done before, if the command is repeated with its key. `struck` says
    which event struck out the proposal of the case, who recorded it, and why.
    """

    case: Case
    today: date
    waiting: Request | None = None
    done: Done | None = None
    struck: Mapping[str, Any] | None = None


def do(
    session: Session,
    name: str,
    ref: str | None,
    given: Mapping[str, Any],
    *,
    dry_run: bool = False,
) -> Left:
    """Do an act as the one command of a session. If its key was used before, nothing is done again.

    Raises NotFoundError if there is no such act, UsageError for unknown or missing fields, and the
    errors of the act itself.
    """
    case_of(name, ref)
    session.what = session.what or " ".join(" ".join(filter(None, (name, ref))).split())
    session.given = session.given or sealable(given)
    try:
        return session.attempt(lambda: perform(session, name, ref, given, dry_run=dry_run))
    except DoneAlready as already:
        # Where it was asked for, no event is of the case.
        made = next((one.key for one in already.events if one.kind == Case.kind), str(ref))
        with session.reading() as connection:
            case = lookup.find_any(connection, made)
            waiting = lookup.waiting_on(connection).get(case.ref)
            out = struck_of(connection, case)
            return Left(case, lookup.office_day(connection), waiting, already.done, out)


def perform(
    session: Session,
    name: str,
    ref: str | None,
    given: Mapping[str, Any],
    *,
    dry_run: bool = False,
) -> Left:
    """Do an act at a new desk of a session, and report which day its due date is."""
    values = read(name, given)
    with session.desk(dry_run=dry_run) as desk:
        case = at_desk(desk, name, ref, values)
        if session.for_reader:
            tell_dates(session, desk, case, name, values)
        waiting = lookup.waiting_on(desk.connection).get(case.ref) if desk.asked else None
        shown = session.shown(desk.connection, case)
        out = struck_of(desk.connection, case) if values.get("strike") else None
    return Left(shown, desk.today, waiting, struck=out)


def struck_of(connection: Connection, case: Case) -> Mapping[str, Any] | None:
    """Return who struck out the proposal of a case, when and why; None for any other case."""
    from casework.questions.struck import struck

    out = struck(connection, case.ref)
    return None if out is None else out.told


def at_desk(desk: Desk, name: str, ref: str | None, values: Mapping[str, Any]) -> Case:
    """Do an act at a desk that may do several; the values are as `read` returns them."""
    act = named(name)
    rest = dict(values) | case_of(name, ref)
    days = {
        name: settle(desk.connection, day, desk.today, desk.today, ON).day
        for name in ("effective", "document_date")
        if (day := rest.pop(name, None)) is not None
    }
    why = Why(
        reason=rest.pop("reason", None),
        document=rest.pop("document", None),
        document_date=days.get("document_date"),
        effective_on=days.get("effective"),
        if_version=rest.pop("if_version", None),
    )
    return act.does(desk, why=why, **rest)


def tell_dates(
    session: Session, desk: Desk, case: Case, name: str, values: Mapping[str, Any]
) -> None:
    """Report which day a due date is, and the next working day if nobody works on it."""
    typed = values.get("due")
    # An owner that asks for more time leaves the due date as it is.
    asks = name == "extend" and case.asked_due is not None
    due = case.asked_due if asks else case.due
    if typed is not None and due is not None and not desk.asked:
        _tell_due(session, desk, case, due, typed)
    if name == "correct" and values.get("field"):
        right = getattr(case, values["field"], None)
        if isinstance(right, date) and values["to"] != right.isoformat():
            session.tell_reader(DateMeant(name=values["field"], day=right))


def _tell_due(session: Session, desk: Desk, case: Case, due: date, typed: date | Typed) -> None:
    calendar = working_calendar.working_calendar(desk.connection)
    if isinstance(typed, Typed):
        session.tell_reader(DateMeant(name="due", day=due))
    ended = deadlines.count_ends(case, calendar)
    if deadlines.ends_worked(case) and ended and ended != due:
        session.tell_reader(CountedTo(day=ended))
    if not calendar.works(due):
        session.tell_reader(NotWorked(onwards=calendar.onwards(due)))


def named(name: str) -> Named:
    """Return an act by its name; raises NotFoundError if there is no such act."""
    act = ACTS.get(name)
    if act is None:
        from difflib import get_close_matches

        near = get_close_matches(name, ACTS, n=1) or ACTS
        raise NotFoundError("acts.unknown", name=name, near=Choice(near))
    return act


def case_of(name: str, ref: str | None) -> dict[str, str]:
    """Return the case of an act as a field of it; no field for an act that makes a case.

    Raises NotFoundError if there is no such act, and UsageError if the case is missing, is not a
    reference, or is given to an act that takes none.
    """
    if named(name).on_case is (ref is None):
        wrong = "acts.lacks" if ref is None else "acts.on-no-case"
        raise UsageError(wrong, act=name, field="ref")
    return {} if ref is None else {"ref": value_of(Field("ref", Form.CODE), ref)}


def read(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an act as values of their types; a field that is None was not given.

    Raises NotFoundError if there is no such act, and UsageError for an unknown field, a missing
    one, or a value of the wrong form.
    """
    fields = {one.name: one for one in named(name).fields}
    if unknown := given.keys() - fields:
        raise UsageError("acts.unknown-field", act=name, field=sorted(unknown), known=[*fields])
    found = {key: value_of(fields[key], value) for key, value in given.items() if value is not None}
    if lacking := [key for key, one in fields.items() if one.must and key not in found]:
        raise UsageError("acts.lacks", act=name, field=lacking)
    return found


# --- how a value, or a typed text, is read as a field of an act --------------------------------

CHOICES: Mapping[Form, tuple[str, ...]] = {
    Form.VERDICT: tuple(WORDS["Verdict"]),
    Form.OUTCOME: tuple(Outcome),
    Form.BASIS: BASES,
    Form.RELATION: RELATIONS,
}
"""The words a field takes that has a choice of them."""


def value_of(field: Field, value: Any) -> Any:
    """Return a field's value in its type; raises UsageError if it is not of the field's form."""
    reader = _READERS.get(field.form) or _choice_of(field.form)
    found = reader(value)
    if found is None:
        choices = CHOICES.get(field.form)
        takes = Choice(choices) if choices else Text(f"acts.takes.{field.form}")
        shown = repr(value)[:SHOWN] if isinstance(value, str) else as_json(value)
        raise UsageError("acts.no-value", field=field.name, value=shown, takes=takes)
    return found


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _codes(value: Any) -> tuple[str, ...] | None:
    # One name is no list of letters.
    listed = (value,) if isinstance(value, str) else value
    if not isinstance(listed, tuple | list) or not all(isinstance(one, str) for one in listed):
        return None
    return tuple(listed)


def _date(use: Use) -> Callable[[Any], date | Typed | None]:
    def read(value: Any) -> date | Typed | None:
        typed = parse(value) if isinstance(value, str) else value
        if isinstance(typed, Typed):
            typed.refuse_period(use)
            # A day that is named needs no reading.
            return typed.day or typed
        return typed if isinstance(typed, date) and not isinstance(typed, datetime) else None

    return read


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _mark(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _choice_of(form: Form) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        said = spelt(value) if isinstance(value, str) else ""
        return said if said in CHOICES[form] else None

    return read


_READERS: Mapping[Form, Callable[[Any], Any]] = {
    Form.TEXT: _text,
    Form.CODE: _text,
    Form.CODES: _codes,
    Form.DAY: _date(ON),
    Form.DUE: _date(BY),
    Form.NUMBER: _number,
    Form.MARK: _mark,
}
