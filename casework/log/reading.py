"""Read events: open their disclosed commitments, and apply them to their record.

Reading checks less than verification does: it makes sure that every member has a value of its type,
so that a changed store never makes a question crash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from casework.errors import IntegrityFailure, Text, quoted
from casework.kinds.records import KINDS, shape, typed
from casework.log.event import FORMAT, FORMATS, parsed, sealable
from casework.system.text import SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casework.kinds.records import Record

Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Event:
    """An audit event in which every commitment that is still disclosed is opened."""

    seq: int
    prev: int
    act: str
    kind: str
    key: str
    version: int
    actor: str
    login: str | None
    effective_on: str
    recorded_at: str
    changes: Mapping[str, list[Any]]
    reason: str | None
    document: str | None
    note: str | None
    reported: Mapping[str, Any] | None
    redacts: list[list[Any]]
    command: Mapping[str, str] | None
    amends: int | None = None
    strikes: int | None = None
    document_date: str | None = None
    deputy_of: str | None = None
    v: int = FORMAT

    def as_json(self) -> dict[str, Any]:
        """Return the event as the command line prints it."""
        return {name: getattr(self, name) for name in TOLD}


TOLD = tuple(name for name in Event.__slots__ if name != "v")
"""The members of an event, by name."""


def read(body: bytes, disclosures: bytes) -> Event:
    """Return the event in stored bytes, without values that are no longer disclosed.

    Raises IntegrityFailure for bytes that are not an event; only a damaged store has such.
    """
    try:
        return _read(parsed(body), parsed(disclosures))
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise IntegrityFailure(
            "event.unreadable", "hint.changed-outside", error=quoted(error)
        ) from None


def _read(stored: Any, opened: Any) -> Event:
    check_members(stored)

    def value(path: str, held: Any, otherwise: Any = None) -> Any:
        if isinstance(held, dict) and "commitment" in held:
            return opened[path][1] if path in opened else otherwise
        return held

    changes, form = stored["changes"], shape(stored["kind"])
    for name in changes.keys() & sealable(stored["kind"]):
        withheld = form.withheld.get(name)
        changes[name] = [
            value(f"{name}.{place}", held, withheld) for place, held in enumerate(changes[name])
        ]
    check_changes(stored["kind"], changes)
    login, reason, note, document = (
        value(word, stored.get(word)) for word in ("login", "reason", "note", "document")
    )
    check_words(login, reason, note, document)
    return Event(
        seq=stored["seq"],
        prev=stored["prev"],
        act=stored["act"],
        kind=stored["kind"],
        key=stored["key"],
        version=stored["version"],
        actor=stored["actor"],
        login=login,
        effective_on=stored["effective_on"],
        recorded_at=stored["recorded_at"],
        changes=changes,
        reason=reason,
        document=document,
        note=note,
        reported=stored.get("reported"),
        redacts=stored.get("redacts") or [],
        command=stored.get("command"),
        amends=stored.get("amends"),
        strikes=stored.get("strikes"),
        document_date=stored.get("document_date"),
        deputy_of=stored.get("deputy_of"),
        v=stored.get("v") or FORMATS[0],
    )


def fold(record: Record | None, event: Event) -> Record:
    """Return the record after an event; every replay consists of this step.

    Raises IntegrityFailure if the event does not lead to a record of its kind.
    """
    try:
        return _fold(record, event)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise IntegrityFailure(
            "event.no-record", "hint.changed-outside", seq=event.seq, error=quoted(error)
        ) from None


def _fold(record: Record | None, event: Event) -> Record:
    values = {name: typed(event.kind, name, new) for name, (_, new) in event.changes.items()}
    if record is not None:
        return record.changed(values)
    return KINDS[event.kind].made(event.key, values)


# --- the types of its members ------------------------------------------------------------------

_MUST = {
    **dict.fromkeys(("seq", "prev", "version"), int),
    **dict.fromkeys(("act", "actor", "effective_on", "key", "kind", "recorded_at"), str),
    "changes": dict,
}
_TYPES = [*_MUST.values()]
_MAY = {
    "deputy_of": str,
    "document_date": str,
    "reported": dict,
    "redacts": list,
    "command": dict,
    "amends": int,
    "strikes": int,
}

PAIR = 2
"""The length of a change: the value before and the value after."""


@lru_cache(maxsize=4096)
def _is_day(value: Any) -> bool:
    # Imported here: most commands read no event.
    from casework.log.verify_lines import is_day

    return is_day(value)


def check_members(stored: Any) -> None:
    """Raise TypeError or ValueError for a value without the members of an event and their types."""
    if type(stored) is not dict:
        raise TypeError(Text("event.no-object"))
    said = stored.get
    if [type(said(name)) for name in _MUST] != _TYPES:
        wrong = next(name for name, kind in _MUST.items() if type(said(name)) is not kind)
        raise TypeError(_wrong(wrong, said(wrong)))
    for name in stored.keys() & _MAY.keys():
        if stored[name] is not None and type(stored[name]) is not _MAY[name]:
            raise TypeError(_wrong(name, stored[name]))
    for name in ("effective_on", "document_date"):
        if stored.get(name) is not None and not _is_day(stored[name]):
            raise ValueError(_wrong(name, stored[name]))
    if stored["kind"] not in KINDS:
        raise ValueError(_wrong("kind", stored["kind"]))
    told = said("reported")
    if told is not None and not is_report(told):
        raise TypeError(_wrong("reported", told))
    if not _are_places(said("redacts") or ()):
        raise TypeError(_wrong("redacts", stored["redacts"]))


def is_report(value: Mapping[str, Any]) -> bool:
    """Return whether a value names the source of an act and, if given, its record there."""
    return _is_text(value.get("source")) and _is_told(value.get("told"))


def _are_places(values: Iterable[Any]) -> bool:
    if not values:
        return True
    from casework.log.verify_lines import is_place

    return all(map(is_place, values))


def check_words(*words: Any) -> None:
    """Raise TypeError if a login, note or reason is present and not text."""
    for word in words:
        if word is not None and type(word) is not str:
            raise TypeError(Text("event.text-is", value=_shown(word)))


def check_changes(kind: str, changes: Mapping[str, Any]) -> None:
    """Raise TypeError for changes that are not pairs of values of this kind's fields."""
    known = checks_of(kind)
    for name, pair in changes.items():
        if name not in known or type(pair) is not list or len(pair) != PAIR:
            raise TypeError(Text("event.changes-by", name=name, value=_shown(pair)))
        is_right = known[name]
        if not (is_right(pair[0]) and is_right(pair[1])):
            raise TypeError(_wrong(name, pair))


def _wrong(name: str, value: Any) -> Text:
    """Return what is wrong with a member of an event."""
    return Text("event.member-is", name=name, value=_shown(value))


def _shown(value: Any) -> str:
    return repr(value)[:SHOWN]


@cache
def checks_of(kind: str) -> dict[str, Check]:
    """Return, for each field of a kind, the function that checks its values."""
    form = shape(kind)
    found: dict[str, Check] = {}
    for one in KINDS[kind].fields:
        if one.name in form.lists:
            plain = str(one.type).startswith("tuple[")
            found[one.name] = _LISTS.get(one.name, _list_of(_is_text if plain else _is_row))
        elif one.name in form.enums:
            found[one.name] = _one_of(list(form.enums[one.name]))
        elif one.name in form.dates:
            found[one.name] = lambda value: value is None or _is_day(value)
        elif str(one.type).startswith("int"):
            found[one.name] = lambda value: value is None or type(value) is int
        else:
            found[one.name] = lambda value: value is None or type(value) is str
    return found


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_told(value: Any) -> bool:
    """Return whether a value can be a source's report of an act: texts by name, or nothing."""
    return value is None or (type(value) is dict and all(map(_is_text, value.values())))


def _one_of(known: Iterable[Any]) -> Check:
    values = {None, *(str(one) for one in known)}
    return lambda value: value in values


def _list_of(check: Check) -> Check:
    return lambda value: type(value) is list and all(map(check, value))


def _is_row(value: Any) -> bool:
    return type(value) is list and all(map(_is_text, value))


def _row_of(length: int, check: Check) -> Check:
    inner = _list_of(check)
    return lambda value: inner(value) and len(value) == length


_LISTS: Mapping[str, Check] = {
    "origins": _list_of(_row_of(8, _is_text)),
    "links": _list_of(_row_of(2, _is_text)),
    "holds": _list_of(_row_of(2, _is_day)),
    "cases": _list_of(_row_of(3, _is_text)),
    "offices": _list_of(lambda value: type(value) is dict),
}
"""The list types that hold anything other than texts or rows of texts."""
