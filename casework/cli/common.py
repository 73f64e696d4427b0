"""What every command shares: global options, the open store, dates, and what an act says."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from unicodedata import normalize

import click

from casework.cli.typed import TEXT
from casework.dates.meaning import AHEAD, BY, COMING, ON, SINCE, UNTIL
from casework.errors import AwayError, CaseworkError, UnavailableError, UsageError
from casework.kept import sparing

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from casework.audit.event import Event
    from casework.cases import Why
    from casework.connections import Connection
    from casework.dates import Typed, Use
    from casework.db import Standby, Store
    from casework.ledger import Desk
    from casework.queries import Done

F = TypeVar("F", bound=Callable[..., Any])

DRY = "dry run: nothing was changed"
"""What a dry run says."""

FORMATS = ("table", "json", "ndjson", "csv")

MOST = 2**53
"""The greatest whole number that canonical JSON has."""

TRIES = 5
PAUSE = 0.2
"""How often a command is begun that met another one, and for how long it rests, in seconds."""

FAILOVER = 60.0
LONGEST_PAUSE = 4.0
"""For how many seconds one of several servers is waited for, and the longest pause of it."""

KEY_LIMIT = 200
"""How many characters an idempotency key may have."""


@dataclass(slots=True)
class Settings:
    """The global options of one run, wherever on the line they stood."""

    db: str | None = None
    read_from: str = "primary"
    by: str | None = None
    format: str = "table"
    lang: str = "en"
    color: str = "auto"
    quiet: bool = False
    debug: bool = False
    idempotency_key: str | None = None
    what: str = ""
    """Which command runs, and on what."""
    given: dict[str, Any] = field(default_factory=dict)
    """What else it was given, by the names of its parameters; of a file its digest."""
    kept: bool = False
    """Whether something of this run was recorded."""
    unsure: bool = False
    """Whether something of it may have been, by a commit that got no answer."""
    consumed: bool = False
    """Whether standard input was read, which is not there a second time."""
    told_age: bool = False
    """Whether it was said how old the data of a standby is."""
    told_dates: set[tuple[str, date]] = field(default_factory=set)
    """Which days it was said that dates mean."""
    made: str = ""
    """The key of a command that was given none: each time it is begun again it is the same."""
    done: list[str] = field(default_factory=list)
    """What this run has done for good, as it is told where its result cannot be printed."""

    def open(self) -> Store:
        """Open the store that was named, or the default one."""
        from casework.db import default_url, open_store

        tell = self.tell if self.format == "table" else None
        aged = self._tell_age if self.read_from == "standby" else None
        return open_store(self.db or default_url(), tell, aged)

    def place(self) -> str:
        """Return where a store is to be made or changed; raises UsageError of a standby."""
        from casework.db import default_url

        self._refuse_standby()
        return self.db or default_url()

    def file(self) -> Path | None:
        """Return the file of the store that was named, None where none was or it is a server's."""
        from casework.addresses import sqlite_file
        from casework.db import default_url

        try:
            return sqlite_file(self.db or default_url())
        except CaseworkError:
            # Whoever opens it is told; a command that needs no store works without one.
            return None

    def _refuse_standby(self) -> None:
        if self.read_from == "standby":
            raise UsageError(
                "a standby answers questions and reports; this command writes",
                "leave --read-from out",
            )

    def _tell_age(self, found: Standby) -> None:
        """Say once how old the data of a standby is."""
        told = "read from a standby, which cannot tell how old its data is"
        if found.whole:
            told = "read from a standby, which has all that its primary sent it"
        elif found.at is not None:
            told = (
                f"read from a standby: as of {found.at:%Y-%m-%dT%H:%M:%SZ}, {found.seconds} s ago"
            )
        if not self.told_age:
            self.tell(told)
        self.told_age = True

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to the store that sees one moment."""
        with self.open().reading() as connection:
            yield connection

    @contextmanager
    def desk(self, *, dry_run: bool = False) -> Iterator[Desk]:
        """Give a write transaction in the name of who acts; a dry run leaves nothing behind.

        Raises DoneAlready for a command that was done before under the same key.
        """
        from casework import directory
        from casework.audit.event import Command as Known
        from casework.errors import NotAllowedError
        from casework.ledger import Desk
        from casework.text import optional
        from casework.words import word

        self._refuse_standby()
        given = optional(self.idempotency_key, "the idempotency key", KEY_LIMIT)
        self.made = self.made or os.urandom(16).hex()
        key = given or self.made
        store, enforced = self.open(), False
        try:
            with store.writing() as connection:
                enforced = connection.login is not None
                day = office_day(connection)
                actor = directory.actor(connection, self.by)
                if given or self.unsure:
                    self._refuse_done(connection, key, actor.code)
                connection.command = Known(key, self.what, self.given_bytes())
                desk = Desk(connection, actor, directory.login_of(connection), day)
                yield desk
                if dry_run:
                    connection.rollback()
        except AwayError as error:
            self.unsure = self.unsure or error.unsure
            raise
        except CaseworkError as error:
            if (given or self.unsure) and not isinstance(error, (UnavailableError, UsageError)):
                # It may be its own first time that stands in its way, which has come through since.
                with store.reading() as connection:
                    actor = directory.actor(connection, self.by)
                    self._refuse_done(connection, key, actor.code)
            if enforced and not dry_run and isinstance(error, NotAllowedError):
                self._record_refusal(store, error.message)
            raise
        for code in desk.asked:
            self.tell(f"{word('needs_second', self.lang)}: casework request confirm {code}")
        if dry_run:
            self.tell(DRY)
        else:
            self.kept, self.made = True, ""
            self.done += [_event(*one, key) for one in desk.connection.recorded]

    def given_bytes(self) -> bytes:
        """Return what the command was given as canonical bytes."""
        from casework.audit.event import canonical

        return canonical(self.given)

    def _record_refusal(self, store: Store, why: str) -> None:
        """Record what was tried: its own transaction is undone with it."""
        from casework import ledger

        with store.writing() as connection:
            ledger.refused(connection, f"{self.what}: {why}")

    def _refuse_done(self, connection: Connection, key: str, actor: str) -> None:
        """Raise DoneAlready when this command was done, ConflictError when another one was.

        The same command with another option or text is another one. A key is its actor's own:
        what somebody else takes for one stands in nobody's way.
        """
        from casework import queries
        from casework.errors import ConflictError

        done = queries.done(connection, key, actor)
        if done is None:
            return
        if done.what != self.what:
            raise ConflictError(
                f"the idempotency key {key} is that of another command: {done.what}",
                "give each command a key of its own; nothing was changed",
            )
        if not queries.given_the_same(connection, done, self.given_bytes()):
            raise ConflictError(
                f"the idempotency key {key} is that of the same command, {done.what}, given"
                f" something else, by {done.first.actor} at {done.first.recorded_at}",
                "give each command a key of its own; nothing was changed",
            )
        raise DoneAlready(done, queries.events_between(connection, done.first.seq, done.last))

    def say_how_to_repeat(self, error: CaseworkError) -> None:
        """Give an error a hint with the key of what may have been recorded by an earlier try."""
        if self.unsure and isinstance(error, UnavailableError):
            key = self.idempotency_key or self.made
            error.hint = (
                "it may have been recorded or not: repeat it with"
                f" --idempotency-key {key}, and it is done once"
            )

    def tell_date(self, name: str, day: date) -> None:
        """Say to a reader, once, which day a date is that was not typed as one."""
        from casework.words import long_date, word

        if self.format == "table" and (name, day) not in self.told_dates:
            self.told_dates.add((name, day))
            self.tell(f"{word(name, self.lang)}: {long_date(day, self.lang)}")

    def tell(self, message: str, *, whole: bool = False) -> None:
        """Say something beside the result, on standard error; folded, unless it stays `whole`."""
        if self.quiet:
            return
        lines = message.split("\n")
        if not whole and sys.stderr is not None and sys.stderr.isatty():
            from casework.cli.layout import indented

            room = shutil.get_terminal_size().columns
            lines = [part for line in lines for part in indented(line, room)]
        click.echo("\n".join(lines), err=True)


def _event(first: int, last: int, what: str, key: str) -> str:
    """Say which events were recorded, and under which key they are not recorded again."""
    numbers = f"event {first}" if first == last else f"events {first} to {last}"
    return f"{numbers}: {what}; its --idempotency-key is {key}"


class _Printed:
    """Standard output, and whether anything was printed there."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.anything = False

    def write(self, text: str) -> int:
        """Write a text."""
        self.anything = self.anything or bool(text)
        return int(self._stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class DoneAlready(Exception):  # noqa: N818 - no error: what was asked for is so
    """A command that is repeated with its key was done the first time."""

    def __init__(self, done: Done, events: list[Event]) -> None:
        super().__init__()
        self.done = done
        self.events = events


def settings() -> Settings:
    """Return the settings of the command that runs."""
    root = click.get_current_context().find_root()
    if not isinstance(root.obj, Settings):
        root.obj = Settings()
    return root.obj


def _set(_: click.Context, param: click.Parameter, value: Any) -> None:
    if value is None or value is False:
        return
    if param.name == "json":
        settings().format = "json"
    elif param.name is not None:
        setattr(settings(), param.name, value)


def _options(*, hidden: bool) -> list[click.Parameter]:
    def option(*names: str, **attrs: Any) -> click.Option:
        return click.Option(names, expose_value=False, callback=_set, hidden=hidden, **attrs)

    env: Any = (lambda _: None) if hidden else (lambda name: name)
    return [
        option(
            "--db",
            metavar="URL-OR-PATH",
            envvar=env("CASEWORK_DB"),
            help="The store: a SQLite file, or postgresql+psycopg://…  [env: CASEWORK_DB]",
        ),
        option(
            "--read-from",
            type=click.Choice(("primary", "standby")),
            help="Which server answers questions; a standby's data may be old, and says so.",
        ),
        option(
            "--by",
            metavar="PERSON",
            envvar=env("CASEWORK_BY"),
            help="Who acts; by default who is linked to your login.  [env: CASEWORK_BY]",
        ),
        option("--format", type=click.Choice(FORMATS), help="How results are printed."),
        option("--json", is_flag=True, help="Short for --format json."),
        option(
            "--lang",
            type=click.Choice(("en", "vi")),
            envvar=env("CASEWORK_LANG"),
            help="The language of headings and words.  [env: CASEWORK_LANG]",
        ),
        option(
            "--color",
            type=click.Choice(("auto", "always", "never")),
            help="Colour; auto heeds NO_COLOR and terminals.",
        ),
        option("-q", "--quiet", is_flag=True, help="Say nothing beside the result."),
        option("--debug", is_flag=True, help="Show the traceback of an error."),
    ]


GLOBAL_OPTIONS = _options(hidden=False)
_EVERYWHERE = _options(hidden=True)


def _watched() -> AbstractContextManager[None]:
    """Return a block of which a terminal is shown how far it has come."""
    chosen = settings()
    if chosen.quiet or sys.stderr is None or not sys.stderr.isatty():
        return nullcontext()
    from casework.cli.progress import shown

    return shown(chosen.lang)


def _with_global(own: list[click.Parameter]) -> list[click.Parameter]:
    taken = {name for parameter in own for name in parameter.opts}
    return [*own, *(option for option in _EVERYWHERE if taken.isdisjoint(option.opts))]


def _pauses(chosen: Settings) -> Callable[[CaseworkError], float | None]:
    """Return what tells how long to rest before a command is begun again; None: not at all.

    A command that met another one is begun TRIES times; one that lost its server, for FAILOVER
    seconds: but not where what it did may be kept and it has no key to be known by.
    """
    met, away, since = 0, 0, 0.0

    def pause(error: CaseworkError) -> float | None:
        nonlocal met, away, since
        from random import uniform

        # By chance, so that two that met do not meet again.
        if error.passing:
            met += 1
            return uniform(0, PAUSE) if met < TRIES else None  # noqa: S311
        if not isinstance(error, AwayError) or (error.unsure and not chosen.unsure):
            return None
        if not away:
            since = time.monotonic()
            chosen.tell(f"waiting for the server, up to {FAILOVER:.0f} seconds: {error.message}")
        away += 1
        rest = uniform(0.5, 1) * min(PAUSE * 2**away, LONGEST_PAUSE)  # noqa: S311
        return rest if time.monotonic() + rest < since + FAILOVER else None

    return pause


def _path(ctx: click.Context) -> tuple[str, ...]:
    """Return the words of a command, however the program itself was started."""
    return () if ctx.parent is None else (*_path(ctx.parent), str(ctx.info_name))


def _given(params: dict[str, Any]) -> dict[str, Any]:
    """Return what a command was given as plain values, dates in the words they were typed in."""
    return {
        name: _plainly(value)
        for name, value in params.items()
        if name != "dry_run" and value is not None and value is not False and value != ()
    }


def _plainly(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plainly(one) for one in value]
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) <= MOST):
        return value
    # Bytes that are no text are told as what they are: what they are refused for comes later.
    return str(getattr(value, "words", value)).encode(errors="backslashreplace").decode()


class Command(click.Command):
    """A command that also takes the global options, after its name."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, once it is known which days were typed."""
        given = {option: ctx.params.get(str(option.name)) for option in self.params}
        typed: dict[click.Parameter, Any] = {
            option: value
            for option, value in given.items()
            if isinstance(option.type, Day)
            and not isinstance(option.type, Due)
            and value is not None
            and not isinstance(value, int)
        }
        chosen = settings()
        # A key is that of one command on one thing; other words may be private, and are not kept.
        named = (str(ctx.params[name]) for name in ("ref", "code") if ctx.params.get(name))
        # As the log takes texts: white space is that between words.
        chosen.what = normalize("NFC", " ".join(" ".join((*_path(ctx), *named)).split()))
        chosen.given = _given(ctx.params)
        chosen.consumed = chosen.consumed or "-" in ctx.params.values()
        pauses = _pauses(chosen)
        printed: Any = _Printed(sys.stdout)
        with redirect_stdout(printed), sparing(chosen.file):
            while True:
                try:
                    if typed:
                        ctx.params |= _days(typed)
                        typed = {}
                    with _watched():
                        return super().invoke(ctx)
                except DoneAlready as already:
                    from casework.cli.output import print_done

                    return print_done(chosen, already.done, already.events)
                except CaseworkError as error:
                    left = chosen.kept or chosen.consumed or printed.anything
                    pause = None if left else pauses(error)
                    if pause is None:
                        chosen.say_how_to_repeat(error)
                        raise
                    time.sleep(pause)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its own parameters, its help option, and the global ones."""
        return _with_global(super().get_params(ctx))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say where the options are told that every command takes."""
        formatter.write_paragraph()
        formatter.write_text("It takes the global options too; see casework --help.")


class Noun(click.Group):
    """A group of commands on one kind of thing; it takes the global options too."""

    command_class = Command
    group_class = type

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its help option and the global ones."""
        return _with_global(super().get_params(ctx))


class Day(click.ParamType[Any]):
    """A date in any of its forms, for one use; the command is given the day it is."""

    name = "date"

    def __init__(self, use: Use = ON) -> None:
        self.use = use

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the date as it was typed; raises UsageError for what is none, or not meant."""
        from casework.dates import parse

        if not isinstance(value, str):
            return value
        typed = parse(value)
        typed.refuse_period(self.use)
        return typed


class Due(Day):
    """A due date in any of its forms, as it was typed: its verb counts it from the act's day."""


def _days(typed: dict[click.Parameter, Typed]) -> dict[str, date]:
    """Return the days of a command's dates, and say which they are where they were not ISO.

    The store is asked only where words alone do not tell.
    """
    chosen = settings()
    uses = {option: option.type.use for option in typed if isinstance(option.type, Day)}
    known = {option: one.fixed(uses[option]) for option, one in typed.items()}
    with chosen.reading() if None in known.values() else nullcontext() as connection:
        found = {
            str(option.name): known[option] or _asked(connection, one, uses[option])
            for option, one in typed.items()
        }
    for option, one in typed.items():
        if not one.iso:
            chosen.tell_date(_heading(option), found[str(option.name)])
    return found


def _heading(option: click.Parameter) -> str:
    return max(option.opts, key=len).strip("-").replace("-", "_")


def _asked(connection: Any, typed: Typed, use: Use) -> date:
    from casework.deadlines import settle

    today = office_day(connection)
    return settle(connection, typed, today, today, use).day


def office_day(connection: Connection) -> date:
    """Return which day it is at the office."""
    from casework import queries
    from casework.calendar import today

    return today(queries.register(connection).zone)


class TypedMoment(NamedTuple):
    """A point in time that was typed as a date, and what its option is called."""

    use: Use
    day: Typed
    heading: str


class Moment(click.ParamType[Any]):
    """A point in time, or a date in any of its forms: its first moment, or its last one.

    `instant` reads it once the office's zone is known.
    """

    name = "timestamp"

    def __init__(self, use: Use) -> None:
        self.use = use

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return what was typed; raises UsageError for what is neither."""
        from casework.calendar import is_instant, parse_instant
        from casework.dates import parse

        if not isinstance(value, str):
            return value
        if is_instant(value):
            parse_instant(value)
            return value
        return TypedMoment(self.use, parse(value), _heading(param))


def instant(connection: Connection, typed: Any) -> datetime | None:
    """Return a typed point in time as UTC; without an offset it is in the office's zone."""
    from casework import queries
    from casework.calendar import first_moment, last_moment, parse_instant

    if typed is None:
        return None
    zone = queries.register(connection).zone
    if isinstance(typed, str):
        return parse_instant(typed, zone)
    day = typed.day.fixed(typed.use) or _asked(connection, typed.day, typed.use)
    if not typed.day.iso:
        settings().tell_date(typed.heading, day)
    return first_moment(day, zone) if typed.use is SINCE else last_moment(day, zone)


DAY = Day()
COMING_DAY = Day(COMING)
FIRST_DAY = Day(SINCE)
LAST_DAY = Day(UNTIL)
HORIZON = Day(AHEAD)
DUE = Due(BY)
SINCE_MOMENT = Moment(SINCE)
MOMENT = Moment(UNTIL)


def rehearses(f: F) -> F:
    """Declare ``--dry-run``."""
    return click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing.")(
        f
    )


def writes(f: F) -> F:
    """Declare ``--dry-run`` and ``--idempotency-key``."""
    once = click.option(
        "--idempotency-key",
        metavar="KEY",
        expose_value=False,
        callback=_set,
        help="Do this once, however often it is repeated with the same KEY.",
    )
    return rehearses(once(f))


def replaces(f: F) -> F:
    """Declare ``--force``."""
    return click.option("--force", is_flag=True, help="Replace FILE if it is there.")(f)


def act(*, reason: bool = False) -> Callable[[F], F]:
    """Declare what every act on a case may say of itself; `reason` makes a reason a must."""

    def declare(f: F) -> F:
        f = writes(f)
        f = click.option(
            "--if-version",
            type=int,
            metavar="N",
            help="Refuse when the case is no longer at this version.",
        )(f)
        f = click.option(
            "--effective", type=DAY, metavar="DATE", help="When it took effect; default today."
        )(f)
        f = click.option(
            "--document", type=TEXT, metavar="D", help="Number of the paper that authorises it."
        )(f)
        help_text = "Why." if reason else "Why, if it needs saying."
        return click.option("--reason", type=TEXT, metavar="TEXT", required=reason, help=help_text)(
            f
        )

    return declare


def why(options: dict[str, Any]) -> Why:
    """Take what an act says of itself out of a command's options."""
    from casework.cases import Why

    return Why(
        reason=options.pop("reason"),
        document=options.pop("document"),
        effective_on=options.pop("effective"),
        if_version=options.pop("if_version"),
    )


def earlier(f: F) -> F:
    """Declare ``--as-of`` and ``--known-at``."""
    f = click.option(
        "--known-at",
        type=MOMENT,
        metavar="TIMESTAMP",
        help="Only what had been recorded by then; a date means its last moment.",
    )(f)
    return click.option(
        "--as-of", type=LAST_DAY, metavar="DATE", help="As things stood on that day."
    )(f)
