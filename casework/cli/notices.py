"""The wording of a session's notices on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.acts.notices import (
    CountedTo,
    DateMeant,
    FromStandby,
    NameHidden,
    NotWorked,
    Recorded,
    SecondNeeded,
    SecondNeededOften,
    ServerAwaited,
    WriterWaits,
)
from casework.cli.wording import told
from casework.words import long_date, said, word

if TYPE_CHECKING:
    from casework.acts.notices import Notice
    from casework.store.served import Standby

NAMED = 20
"""How many requests made together are named; a command lists the others."""


def worded(notice: Notice, lang: str) -> str:
    """Return a notice of a session in words."""
    match notice:
        case DateMeant(name, day):
            text = f"{word(name, lang)}: {long_date(day, lang)}"
        case CountedTo(day):
            text = said("session.counted-to", lang, day=long_date(day, lang))
        case NotWorked(onwards):
            text = said("session.not-worked", lang, onwards=long_date(onwards, lang))
        case SecondNeeded(code):
            text = said("session.needs-second", lang, code=code)
        case SecondNeededOften(requests):
            codes = [*requests[:NAMED], *(["…"] if len(requests) > NAMED else [])]
            text = said("session.need-second", lang, count=len(requests), codes=codes)
        case Recorded(first, last, what, key):
            key_of = "session.recorded" if first == last else "session.recorded-several"
            text = said(key_of, lang, first=first, last=last, what=what, key=key)
        case ServerAwaited(seconds, error):
            why, _ = told(error, lang)
            text = said("session.server-awaited", lang, seconds=round(seconds), why=why)
        case FromStandby(standby):
            text = _age(standby, lang)
        case WriterWaits(message):
            text = message.said(lang)
        case _:
            text = _other(notice, lang)
    return text


def _other(notice: Notice, lang: str) -> str:
    if isinstance(notice, NameHidden):
        return said(f"named.hidden.{notice.kind}", lang, name=notice.name)
    return said("session.rehearsed", lang)


def _age(standby: Standby, lang: str) -> str:
    """Return in words how old the data of a standby is."""
    if standby.whole:
        return said("session.standby-whole", lang)
    if standby.at is not None:
        return said("session.standby-at", lang, at=standby.at, seconds=standby.seconds)
    return said("session.standby-unknown", lang)
