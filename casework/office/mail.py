"""Letters as mail: composed in one language, written to files or passed to a mail server."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING, Literal, NamedTuple

from casework.acts.actors import mailbox
from casework.acts.reminders import Level
from casework.errors import CaseworkError, UnavailableError, UsageError
from casework.kinds.records import Person
from casework.office.letters import Body, Group, Row, Writing, as_html, as_text, line
from casework.office.mail_headers import LETTERS
from casework.papers.formatting import tied_to
from casework.questions import audit_log, lookup
from casework.questions.working_calendar import working_calendar
from casework.system.clock import now
from casework.system.files import make_folder, whole_file
from casework.system.text import visible
from casework.words import in_language, said, short_date, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from casework.acts.reminders import Letter
    from casework.kinds.listed import Listed
    from casework.kinds.records import Case
    from casework.questions.addressees import Addressee
    from casework.store.connections import Connection

Send = Callable[[str | None, EmailMessage], dict[str, str]]
"""Sends a message; returns the refused addresses, with the server's answers.

Raises `Undelivered` if no address was accepted.
"""

_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>", re.DOTALL)

SECONDS = 30
"""The seconds that a mail server may take for each answer."""


class Undelivered(CaseworkError):  # noqa: N818 - what became of a letter
    """A letter reached nobody; `refused` says why for each address."""

    def __init__(self, refused: dict[str, str]) -> None:
        super().__init__("mail.none-taken")
        self.refused = refused


class Server(NamedTuple):
    """A mail server and its connection settings; without a user there is no login."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None


ANSWER_DAYS = 5
"""The working days that a letter allows for an answer that is already late."""


def written(connection: Connection, sender: str, lang: str, *, draft: bool = False) -> Writing:
    """Return who writes a letter, when, and of which log; raises UsageError without an address."""
    day = lookup.office_day(connection)
    return Writing(
        sender=sender_of(sender),
        day=day,
        by=working_calendar(connection).add(day, ANSWER_DAYS),
        head=audit_log.head(connection),
        lang=lang,
        office=lookup.office(connection),
        draft=draft,
        names={
            "owner": lookup.names(connection),
            "officer": lookup.other_names(connection).get(Person.kind, {}),
        },
    )


def compose(letter: Letter, writing: Writing) -> EmailMessage:
    """Return a reminder as a message in one language."""
    lang = writing.lang
    return message(letter.to, _subject(letter, lang), _reminder(letter, writing), writing)


def message(to: Iterable[Addressee], subject: str, body: Body, writing: Writing) -> EmailMessage:
    """Return a letter as a message: plain text and HTML.

    A draft is marked as unsent (X-Unsent), so that mail programs open it for sending.
    """
    lang, made = writing.lang, EmailMessage(policy=LETTERS)
    made["From"] = writing.sender
    addresses = [
        Address(line(in_language(one.name, one.name_vi, lang)), addr_spec=one.email) for one in to
    ]
    if addresses:
        made["To"] = addresses
    made["Subject"] = subject
    made["Date"] = format_datetime(now())
    made["Message-ID"] = make_msgid(domain=writing.sender.domain)
    if writing.draft:
        made["X-Unsent"] = "1"
    else:
        made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    made["Content-Language"] = lang
    made.set_content(as_text(body), cte="quoted-printable")
    made.add_alternative(as_html(body, lang), subtype="html", cte="quoted-printable")
    return made


def sender_of(words: str) -> Address:
    """Return the sender: an address, or a name with one, such as ``Office <office@host.example>``.

    Raises UsageError if it is neither.
    """
    named = _NAMED.fullmatch(words.strip())
    name, address = (named["name"], named["address"]) if named else ("", words.strip())
    return Address(line(name.strip().strip('"')), addr_spec=mailbox(address) or "")


def _name(letter: Letter, lang: str) -> str:
    if letter.owner is None:
        return word("no_owner", lang)
    return line(in_language(letter.name, letter.name_vi, lang))


def _ended(letter: Letter, lang: str) -> str:
    """Return the words about an owner that no longer exists, for the secretariat."""
    if letter.heir is None:
        return word("owner_ended", lang)
    code, name, name_vi = letter.heir
    told = line(in_language(name, name_vi, lang))
    return word("owner_taken_over", lang).format(heir=f"{told} ({code})")


def _subject(letter: Letter, lang: str) -> str:
    levels = [level for level, _ in letter.cases]
    counts = [f"{levels.count(one)} {word(one, lang).lower()}" for one in Level if one in levels]
    return f"{word('reminder', lang)}: {', '.join(counts)} – {_name(letter, lang)}"


def _reminder(letter: Letter, writing: Writing) -> Body:
    lang = writing.lang
    told = [_ended(letter, lang)] if letter.ended else []
    told += stands_in(letter.to, writing)
    asked = "ask.owner" if letter.owner is not None and not letter.ended else "ask.secretariat"
    return Body(
        greeting=writing.words("greeting", name=_greeted(letter, lang)),
        opening=(writing.words("opening", name=_name(letter, lang)), *told),
        groups=tuple(_groups(letter, writing)),
        asked=(writing.words(asked),),
        signed=writing.signed(),
        foot=foot(writing),
    )


def foot(writing: Writing) -> tuple[str, ...]:
    """Return the words for the log that a letter was made from."""
    head = writing.head
    return tied_to(head.size, head.root, head.recorded_at, head.origin, writing.lang)


def _greeted(letter: Letter, lang: str) -> str:
    """Return the greeting: of the owner, or of the secretariat in its place."""
    if letter.owner is None or letter.ended:
        return word("secretariat", lang)
    return _name(letter, lang)


def _groups(letter: Letter, writing: Writing) -> Iterator[Group]:
    """Yield the cases of a reminder by how urgent they are."""
    lang, day = writing.lang, writing.day
    for level in Level:
        rows = [
            Row(
                visible(case.ref),
                writing.title(case.title, case.title_vi),
                (*_told(case, day, lang), *_waits(letter.waiting.get(case.ref), lang)),
            )
            for one, case in letter.cases
            if one is level
        ]
        if rows:
            yield Group(word(level, lang), tuple(rows))


def stands_in(to: Iterable[Addressee], writing: Writing) -> list[str]:
    """Return the words for deputies about why they get the letter."""
    return [_stands_in(one, one.away, writing) for one in to if one.away is not None]


def _stands_in(deputy: Addressee, away: Person, writing: Writing) -> str:
    lang = writing.lang
    names = {
        name: line(in_language(one.name, one.name_vi, lang))
        for name, one in (("deputy", deputy), ("away", away))
    }
    until = "" if away.away_to is None else short_date(away.away_to, lang)
    return writing.words("stands-in", until=until, **names)


def _waits(case: Case | None, lang: str) -> Iterator[str]:
    """Yield the requests of the owner of a case that wait."""
    if case is not None and case.asked_due is not None:
        asked = {"day": case.asked_due, "reply": case.reply_by}
        yield said("case.line.asked", lang, **asked)
    if case is not None and case.contested_on is not None:
        yield said("case.line.contested", lang, day=case.contested_on)


def _told(case: Listed, day: date, lang: str) -> tuple[str, ...]:
    if case.due is None or case.held_since is not None:
        return ()
    return (f"{word('due', lang)} {_due(case.due, day, lang)}",)


def _due(due: date, day: date, lang: str) -> str:
    left = (due - day).days
    told = (
        f"{left} {word('days_left', lang)}"
        if left >= 0
        else f"{-left} {word('days_overdue', lang)}"
    )
    return f"{short_date(due, lang)} ({told})"


@contextmanager
def connected(server: Server) -> Iterator[Send]:
    """Yield a function that passes messages to a mail server.

    Raises UsageError for a name no server can have, and UnavailableError if the server cannot be
    reached, does not offer TLS, or disconnects.
    """
    try:
        # As the system looks it up: this fails for an empty or too long part of the name.
        server.host.encode("idna")
    except UnicodeError:
        raise UsageError("mail.no-host", host=server.host) from None
    where = f"{server.host}:{server.port}"
    try:
        with _session(server) as session:
            yield lambda _, message: _hand_over(session, message)
    except smtplib.SMTPAuthenticationError:
        raise UnavailableError("mail.login-refused", where=where) from None
    except (smtplib.SMTPException, OSError) as error:
        if isinstance(error, smtplib.SMTPResponseException):
            told = _answer(error.smtp_code, error.smtp_error)
        else:
            told = line(str(error))
        raise UnavailableError("mail.failed", where=where, told=told) from None


@contextmanager
def _session(server: Server) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if server.security == "tls":
        session: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=SECONDS, context=context
        )
    else:
        session = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    with session:
        if server.security == "starttls":
            session.starttls(context=context)
        if server.user is not None:
            session.login(server.user, server.password or "")
        yield session


def _hand_over(session: smtplib.SMTP, message: EmailMessage) -> dict[str, str]:
    try:
        return _said(session.send_message(message))
    except smtplib.SMTPRecipientsRefused as error:
        raise Undelivered(_said(error.recipients)) from None


def _said(refused: Mapping[str, tuple[int, bytes]]) -> dict[str, str]:
    return {address: _answer(*said) for address, said in refused.items()}


def _answer(code: int, text: bytes | str) -> str:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {line(words)}"


def into_folder(folder: Path) -> Send:
    """Return a function that writes messages into a folder, as files that mail programs open."""

    def write(org: str | None, message: EmailMessage) -> dict[str, str]:
        # The date of a message has no parts of a second, in which a folder may get several letters.
        name = f"{now():%Y%m%dT%H%M%S%f}-{org or 'no-owner'}.eml"
        make_folder(folder)
        with whole_file(folder / name) as file:
            file.write(message.as_bytes())
        return {}

    return write
