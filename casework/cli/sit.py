"""Record a session while it is held: one recommendation a line, registered at once."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from casework.cli.lines import refusal
from casework.cli.prompt import asked
from casework.cli.settings import settings
from casework.cli.several import print_left
from casework.cli.shell import Plain, decoded
from casework.errors import CaseworkError, NotFoundError, UsageError
from casework.kinds.records import Conference, Organisation, Person
from casework.questions import lookup
from casework.system.clock import now
from casework.system.text import fold_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.acts.by_name import Left
    from casework.cli.settings import Settings
    from casework.kinds.records import Record
    from casework.store.connections import Connection

MARK = "/"
"""The first character of a line that is about other lines."""

NONE = "-"
"""The word for nobody."""


@dataclass(slots=True)
class Sitting:
    """A session of a conference: the present proposer and speaker, and what was registered."""

    outer: Settings
    conference: str
    zone: ZoneInfo
    proposer: str | None = None
    speaker: str | None = None
    session: str | None = None
    taken: list[str] = field(default_factory=list)
    """The registered references, in order."""
    refused: int = 0
    """The exit code of the first line that was refused."""

    def line(self, text: str) -> bool:
        """Record a line; return whether another one may follow."""
        words = text.strip()
        verb, _, rest = words.removeprefix(MARK).partition(" ")
        try:
            if not words.startswith(MARK):
                self._propose(words)
            elif verb == "end":
                return False
            elif verb in SAYS:
                SAYS[verb](self, rest.strip())
            else:
                raise UsageError("sit.unknown", words=verb, known=[f"{MARK}{one}" for one in SAYS])
        except CaseworkError as error:
            click.echo(refusal(error, self.outer.lang), err=True)
            self.refused = self.refused or error.exit
        return True

    def _propose(self, words: str) -> None:
        """Register a recommendation; ``ORG: text`` names the proposer."""
        if not words:
            return
        proposer, title = self.proposer, words
        before, colon, after = words.partition(":")
        if colon and after.strip():
            # It may be a colon of the text's own.
            with suppress(NotFoundError):
                proposer, title = self._code(Organisation, before), after.strip()
        if proposer is None:
            raise UsageError("sit.whose")
        # In no language: it is kept as it is.
        at = f"{now().astimezone(self.zone):%H:%M}"
        given = {
            "title": title,
            "proposer": proposer,
            "speaker": self.speaker,
            "conference": self.conference,
            "source": ", ".join(filter(None, (self.conference, self.session, at))),
        }
        left = self._done("propose", None, given)
        self.taken.append(left.case.ref)
        self._show(left)

    def by(self, words: str) -> None:
        """Set the proposer of the following lines."""
        self.proposer = None if words == NONE else self._code(Organisation, words)

    def speaks(self, words: str) -> None:
        """Set the speaker."""
        self.speaker = None if words == NONE else self._code(Person, words)

    def sits(self, words: str) -> None:
        """Set the session."""
        self.session = None if words in {"", NONE} else words

    def fix(self, words: str) -> None:
        """Replace the text of the last recommendation, or of a reference."""
        ref, text = self._of(words)
        left = self._done("edit", ref, {"title": text})
        self._print(left)

    def note(self, words: str) -> None:
        """Add a note to the last recommendation, or to a reference."""
        ref, text = self._of(words)
        self._do("note", ref, {"words": text})

    def group(self, words: str) -> None:
        """Link the last recommendation to others as related."""
        with self.outer.reading() as connection:
            others = [self._of_number(connection, one) or one for one in words.split()]
        for other in others:
            self._do("link", self._last(), {"other": other, "relation": "relates-to"})

    def _of(self, words: str) -> tuple[str, str]:
        first, _, rest = words.partition(" ")
        with self.outer.reading() as connection:
            ref = lookup.case_ref(connection, first) if rest else None
            if ref is None and rest:
                if _is_meant(first, self.conference):
                    raise lookup.no_case(connection, first)
                ref = self._numbered(connection, first)
        return (self._last(), words) if ref is None else (ref, rest)

    def _numbered(self, connection: Connection, word: str) -> str | None:
        """Return the case that a number alone means; raises UsageError if it may be of the text."""
        ref = self._of_number(connection, word)
        if ref is None or ref.endswith(f".{word}") or not self.taken:
            return ref
        raise UsageError("sit.number", number=word, ref=ref, last=self._last())

    def _of_number(self, connection: Connection, word: str) -> str | None:
        """Return the case of the conference with a number, with or without leading zeros."""
        if not word.isascii() or not word.isdecimal():
            return None
        return lookup.alike_ref(connection, f"{self.conference}.{word}")

    def _last(self) -> str:
        if not self.taken:
            raise UsageError("sit.nothing-yet")
        return self.taken[-1]

    def _code(self, kind: type[Record], words: str) -> str:
        with self.outer.reading() as connection:
            return lookup.find(connection, kind, words, lookup.office_day(connection)).key

    def _show(self, left: Left) -> None:
        """Print whose recommendation was registered, and report others that resemble it."""
        from casework.questions.resembling import resembling

        case = left.case
        self._print(left)
        with self.outer.reading() as connection:
            alike = [one for one in resembling(connection, case.title) if one.ref != case.ref]
        again = [one.ref for one in alike if one.proposer == case.proposer]
        if again:
            self.outer.tell(self.outer.said("sit.resembles", ref=case.ref, refs=again))

    def _print(self, left: Left) -> None:
        """Print a recommendation, and whose it is."""
        case = left.case
        if self.outer.format == "table":
            own = {"ref": case.ref, "proposer": case.proposer, "title": case.title}
            click.echo(self.outer.said("sit.line", **own), color=False)
        else:
            print_left(left)
        sys.stdout.flush()

    def _do(self, name: str, ref: str, given: dict[str, Any]) -> None:
        """Do an act as a separate command, and print the case."""
        print_left(self._done(name, ref, given))
        sys.stdout.flush()

    def _done(self, name: str, ref: str | None, given: dict[str, Any]) -> Left:
        """Do an act as a separate command."""
        from casework.acts.by_name import do

        own = replace(self.outer, done=[], _session=None)
        own.keep_open(self.outer)
        return do(own.session, name, ref, given)


def _is_meant(word: str, conference: str) -> bool:
    """Return whether a word looks like a reference of a conference, existing or not."""
    return fold_code(word).startswith(fold_code(f"{conference}."))


SAYS: dict[str, Callable[[Sitting, str], None]] = {
    "by": Sitting.by,
    "speaker": Sitting.speaks,
    "session": Sitting.sits,
    "fix": Sitting.fix,
    "note": Sitting.note,
    "group": Sitting.group,
}
"""The words of lines that are not recommendations, except the one that ends the session."""


@click.command("sit", cls=Plain)
@click.argument("conference")
@click.option("--session", metavar="TEXT")
def sit_(conference: str, session: str | None) -> None:
    """Take down a session of CONFERENCE: each line is a recommendation.

    \b
    Example:
      casework sit NFAC-22 --session "Plenary"
    """
    chosen = settings()
    with chosen.reading() as connection:
        day = lookup.office_day(connection)
        code = lookup.find(connection, Conference, conference, day).code
        zone = ZoneInfo(lookup.register(connection).zone)
    sitting = Sitting(chosen, code, zone, session=session)
    if sys.stdin is not None and sys.stdin.isatty():
        chosen.tell(chosen.said("sit.how", mark=MARK, says=[f"{MARK}{one}" for one in SAYS]))
        while (text := asked(f"{code}> ")) is not None and sitting.line(text):
            pass
    elif sys.stdin is not None:
        for text in decoded(sys.stdin):
            if not sitting.line(text):
                break
    if sitting.refused:
        raise click.exceptions.Exit(sitting.refused)
