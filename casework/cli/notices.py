"""What a session tells, as the command line words it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.acts.notices import (
    CountedTo,
    DateMeant,
    FromStandby,
    NotWorked,
    Recorded,
    Rehearsed,
    SecondNeeded,
    ServerAwaited,
    WriterWaits,
)
from casework.words import long_date, word

if TYPE_CHECKING:
    from casework.acts.notices import Notice
    from casework.store.db import Standby

DRY = "dry run: nothing was changed"


def worded(notice: Notice, lang: str) -> str:
    """Return the words for what a session tells."""
    match notice:
        case DateMeant(name, day):
            said = f"{word(name, lang)}: {long_date(day, lang)}"
        case CountedTo(day):
            said = f"{word('counted_to', lang)} {long_date(day, lang)}, {word('onwards', lang)}"
        case NotWorked(onwards):
            says = f"{word('not_worked', lang)} {word('next_worked', lang)}"
            said = f"{says} {long_date(onwards, lang)}"
        case SecondNeeded(code):
            said = f"{word('needs_second', lang)}: casework request confirm {code}"
        case Recorded(first, last, what, key):
            numbers = f"event {first}" if first == last else f"events {first} to {last}"
            said = f"{numbers}: {what}; its --idempotency-key is {key}"
        case ServerAwaited(seconds, why):
            said = f"waiting for the server, up to {seconds:.0f} seconds: {why}"
        case FromStandby(standby):
            said = _age(standby)
        case WriterWaits(message):
            said = message
        case Rehearsed():
            said = DRY
    return said


def _age(standby: Standby) -> str:
    """Say how old the data of a standby is."""
    if standby.whole:
        return "read from a standby, which has all that its primary sent it"
    if standby.at is not None:
        at = f"{standby.at:%Y-%m-%dT%H:%M:%SZ}"
        return f"read from a standby: as of {at}, {standby.seconds} s ago"
    return "read from a standby, which cannot tell how old its data is"
