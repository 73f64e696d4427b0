"""Letters as mail: composed in one language, written to files or given to a mail server."""

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
from casework.errors import CaseworkError, UnavailableError
from casework.office.mail_headers import LETTERS
from casework.papers.formatting import day as day_text
from casework.papers.formatting import tied_to
from casework.system.clock import now
from casework.system.files import make_folder, whole_file
from casework.system.text import WITHHELD, visible
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from casework.acts.reminders import Letter
    from casework.questions.audit_log import Head

Send = Callable[["Letter", EmailMessage], dict[str, str]]
"""Sends a letter's message; returns the addresses that were refused, with what was said.

Raises `Undelivered` when no address was taken.
"""

_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>", re.DOTALL)

SECONDS = 30
"""How long a mail server may take for each answer."""


class Undelivered(CaseworkError):  # noqa: N818 - what became of a letter
    """A letter reached nobody; `refused` says why for each address."""

    def __init__(self, refused: dict[str, str]) -> None:
        super().__init__("mail.none-taken")
        self.refused = refused


class Server(NamedTuple):
    """A mail server and how it is spoken to; without a user nobody logs in."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None


def compose(letter: Letter, sender: Address, day: date, head: Head, lang: str) -> EmailMessage:
    """Return a letter as a message: plain text, in one language."""
    message = EmailMessage(policy=LETTERS)
    message["From"] = sender
    if letter.to:
        message["To"] = [
            Address(
                _line(one.name_vi if lang == "vi" and one.name_vi else one.name),
                addr_spec=one.email,
            )
            for one in letter.to
        ]
    message["Subject"] = _subject(letter, lang)
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    message["Content-Language"] = lang
    message.set_content(_text(letter, day, head, lang), cte="quoted-printable")
    return message


def sender_of(words: str) -> Address:
    """Return who writes: a mail address, or a name with one, as ``Office <office@host.example>``.

    Raises UsageError for what is neither.
    """
    named = _NAMED.fullmatch(words.strip())
    name, address = (named["name"], named["address"]) if named else ("", words.strip())
    return Address(_line(name.strip().strip('"')), addr_spec=mailbox(address) or "")


def _line(words: str) -> str:
    """Return a text as one line without unsafe characters."""
    return visible(" ".join(words.split()))


def _name(letter: Letter, lang: str) -> str:
    if letter.owner is None:
        return word("no_owner", lang)
    return _line((letter.name_vi if lang == "vi" else None) or letter.name)


def _ended(letter: Letter, lang: str) -> str:
    """Return what the secretariat is told of an owner that no longer exists."""
    if letter.heir is None:
        return word("owner_ended", lang)
    code, name, name_vi = letter.heir
    told = _line((name_vi if lang == "vi" else None) or name)
    return word("owner_taken_over", lang).format(heir=f"{told} ({code})")


def _subject(letter: Letter, lang: str) -> str:
    levels = [level for level, _ in letter.cases]
    counts = [f"{levels.count(one)} {word(one, lang).lower()}" for one in Level if one in levels]
    return f"{word('reminder', lang)}: {', '.join(counts)} – {_name(letter, lang)}"


def _text(letter: Letter, day: date, head: Head, lang: str) -> str:
    lines = [_name(letter, lang), f"{word('as_of', lang)} {day_text(day, lang)}"]
    if letter.ended:
        lines += ["", _ended(letter, lang)]
    for level in Level:
        cases = [case for one, case in letter.cases if one is level]
        if cases:
            lines += ["", f"{word(level, lang)} ({len(cases)})".upper()]
        for case in cases:
            title = (case.title_vi if lang == "vi" else None) or case.title
            shown = word("withheld", lang) if title == WITHHELD else _line(title)
            lines += ["", f"{visible(case.ref)}  {shown}"]
            if case.due is not None and case.held_since is None:
                lines.append(f"  {word('due', lang)} {_due(case.due, day, lang)}")
    lines += ["", *tied_to(head.size, head.root, head.recorded_at, head.origin, lang)]
    return "\n".join(lines) + "\n"


def _due(due: date, day: date, lang: str) -> str:
    left = (due - day).days
    told = (
        f"{left} {word('days_left', lang)}"
        if left >= 0
        else f"{-left} {word('days_overdue', lang)}"
    )
    return f"{day_text(due, lang)} ({told})"


@contextmanager
def connected(server: Server) -> Iterator[Send]:
    """Give a function that hands messages to a mail server.

    Raises UnavailableError when the server cannot be reached, does not offer TLS, or breaks off.
    """
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
            told = _line(str(error))
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
    return f"{code} {_line(words)}"


def into_folder(folder: Path) -> Send:
    """Return a function that writes a message into a folder, as a file mail programs open."""

    def write(letter: Letter, message: EmailMessage) -> dict[str, str]:
        name = f"{message['Date'].datetime:%Y%m%dT%H%M%S%f}-{letter.owner or 'no-owner'}.eml"
        make_folder(folder)
        with whole_file(folder / name) as file:
            file.write(message.as_bytes())
        return {}

    return write
