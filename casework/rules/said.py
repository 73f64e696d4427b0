"""An event as the rules see it, and what the log held just before it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.rules.amending import NAMES_OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date

    from casework.kinds.records import Case, Organisation, Person, Record, Register, Request
    from casework.rules.lawful import Fault


class Erased(str):
    """An erased text: it existed, but its value is unknown."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return other is not None

    def __ne__(self, other: object) -> bool:
        return other is None

    __hash__ = str.__hash__


ERASED = Erased("[erased]")


class Said(NamedTuple):
    """An event as the rules see it.

    `before` and `after` are the record before and after the event, `changes` has the new values,
    and `words` its reason, note, document and login, if any. `recorded` is the day of recording in
    the register's time zone, None if the time stamp is invalid. `label` names the source of a
    reported act. `made` has the changes of the record, if they are more than the event says.
    `deputy_of` is the person in whose name the actor acted as a deputy. `strange` has the members
    of the event that no event has. `amends` and `strikes` are the numbers of the events it is
    about, `document_date` is the day of its document, and `format` the format it is in.
    """

    seq: int
    verb: str
    kind: str
    key: str
    actor: str
    day: date
    recorded: date | None
    before: Record | None
    after: Record
    changes: Mapping[str, Any]
    words: Mapping[str, Any]
    redacts: Sequence[tuple[int, str]] = ()
    label: str | None = None
    made: Mapping[str, Any] | None = None
    deputy_of: str | None = None
    strange: Sequence[str] = ()
    amends: int | None = None
    strikes: int | None = None
    document_date: str | None = None
    format: int = NAMES_OWN

    @property
    def eyes(self) -> set[str]:
        """The codes of the actor and of the person they were the deputy of."""
        return {self.actor, self.deputy_of or self.actor}


def _nothing(_: str) -> None:
    """Know nobody."""


class Known(NamedTuple):
    """What the log held just before an event.

    `person` is its actor, `away` the one its actor stood in for, `people` gives everybody,
    `register` the register itself; `body`, `person_of`, `parents` and `causes` tell of
    organisations, people, the body above each organisation, and the causes in use. `erasable` has
    the acts of the record's own events by their numbers. `confirmed` is the request, and the event,
    by which a second person confirmed the act just before it, `asker` who asked for it, or for whom
    it was asked, as they stood then. `follows` is what the event just before it erased from, as
    kind and key. An event is `told` where an import told it of a case that it made. Of an act that
    is not the next step of its case, `on_day` is the case as it stood on the act's day, `left` what
    the act by itself left of it, `breaks` what it makes unlawful that was lawful before. `sound`
    says that the case it leaves is known to break no invariant. `numbers` has those of the papers
    that were issued, by their years.
    """

    person: Person | None
    people: Callable[[], Collection[Person]]
    register: Register | None
    erasable: Mapping[int, str]
    confirmed: tuple[Request, Said] | None = None
    asker: Person | None = None
    follows: tuple[str, str] | None = None
    told: bool = False
    on_day: Case | None = None
    breaks: Sequence[Fault] | None = None
    sound: bool = False
    away: Person | None = None
    left: Case | None = None
    body: Callable[[str], Organisation | None] = _nothing
    person_of: Callable[[str], Person | None] = _nothing
    parents: Callable[[], Mapping[str, str | None]] = dict
    causes: Callable[[], Collection[str]] = tuple
    numbers: Mapping[int, Collection[int]] = MappingProxyType({})

    @property
    def two_decide(self) -> bool:
        """Whether decisions then needed a second person."""
        return self.register is not None and self.register.four_eyes is not None
