"""Stored events that are in order, told at little cost.

Most events of a log are alike: the same members of the same types, the same fields changed. What is
asked of those is asked once (`_is_known`, `_plan`); of an event only its values are looked at, each
of which must be what its bytes, its columns and its commitments make of it. An event that is
otherwise in anything is not refused here: whoever asked looks at it member by member.
"""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache, partial
from hashlib import sha256
from operator import eq, itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from casework.kinds.records import KINDS, plain, shape, typed
from casework.log import verify_lines
from casework.log.event import (
    COMMITMENT_TAG,
    FORMATS,
    SALT_BYTES,
    WORDS,
    canonical,
    parsed,
    sealable,
)
from casework.log.reading import checks_of, is_report
from casework.proof.placing import Logged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from casework.log.verify import Stored

T = TypeVar("T")

_NEEDED = {
    **dict.fromkeys(("act", "actor", "effective_on", "key", "kind", "recorded_at", "tool"), str),
    **dict.fromkeys(("prev", "seq", "v", "version"), int),
    "changes": dict,
}
_MAY: Mapping[str, frozenset[type]] = {
    **dict.fromkeys(WORDS, frozenset((str, dict))),
    "command": frozenset((dict,)),
    "deputy_of": frozenset((str,)),
    "document_date": frozenset((str,)),
    "reported": frozenset((dict,)),
}
"""What most events say; what amends, strikes out or erases is looked at member by member."""

_LISTED = {list}


class Sealed(NamedTuple):
    """A value of a change that stands in an event as a commitment, and of which types it may be."""

    name: str
    place: int
    path: str
    types: frozenset[type]


class Plan(NamedTuple):
    """What must be done with the values of some fields, as their types are in an event.

    `checked` are those that must be of a form, by the place in their change, and `become` those
    that a record holds otherwise. `listed` is how the event's column names the fields.
    """

    sealed: tuple[Sealed, ...]
    checked: tuple[tuple[str, int, Callable[[Any], bool]], ...]
    become: tuple[tuple[str, int, Callable[[Any], Any]], ...]
    listed: str


def screened(events: Sequence[Stored]) -> list[Logged | None]:
    """Return events that are in order, with what they give; None for one to be looked at.

    What is done with each is done with all of them before the next: in a processor's caches there
    is room for one thing at a time.
    """
    bodies, stored = [one.body for one in events], [one.disclosures for one in events]
    try:
        said, opened = [*map(parsed, bodies)], [*map(parsed, stored)]  # type: ignore[arg-type]
        told = [*map(eq, map(canonical, said), bodies)], [*map(eq, map(canonical, opened), stored)]
        leaves = [sha256(b"\0" + body).digest() for body in bodies]
    except _ODD:
        if len(events) == 1:
            return [None]
        return [one for event in events for one in screened([event])]
    each = zip(events, said, opened, leaves, *told, strict=True)
    formed = [
        _tried(_formed, event, body, values)
        if leaf == event.leaf and body_told and stored_told
        else None
        for event, body, values, leaf, body_told, stored_told in each
    ]
    return [None if one is None else _tried(_with_values, one) for one in formed]


_ODD = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What comes of reading an event that is not in order."""


def _tried(step: Callable[..., T | None], *given: Any) -> T | None:
    try:
        return step(*given)
    except _ODD:
        return None


class Formed(NamedTuple):
    """An event with the form of its members, and the plan for the values of its changes."""

    said: dict[str, Any]
    opened: dict[str, Any]
    form: Form
    plan: Plan
    old: Sequence[Any]
    new: Sequence[Any]


def _formed(event: Stored, said: dict[str, Any], opened: dict[str, Any]) -> Formed | None:
    """Return an event whose members and columns are in order."""
    form = _form((*said, *map(type, said.values())))
    if (
        form is None
        or said["seq"] != event.seq
        or not -1 <= said["prev"] < event.seq
        or not 1 <= said["version"] <= event.seq + 1
        or not _is_named(said["v"], said["kind"], said["act"], said["actor"], said["tool"])
        or not (said["key"] and _is_moment(said["recorded_at"]) and _is_day(said["effective_on"]))
    ):
        return None
    for name, is_sound in form.asked:
        if not is_sound(said[name]):
            return None
    changes = said["changes"]
    pairs = (*changes.values(),)
    if not _LISTED.issuperset(map(type, pairs)):
        return None
    old, new = zip(*pairs, strict=True) if pairs else _NO_PAIRS
    plan = _plan(said["kind"], (*changes,), (*map(type, old), *map(type, new)))
    if plan is None or not _has_columns(event, said, plan.listed):
        return None
    return Formed(said, opened, form, plan, old, new)


class Form(NamedTuple):
    """What members, by name and then by type, ask of an event that has them.

    `words` are those it says, each with whether it stands there as a commitment; `sealed` is how
    many do. `asked` are members that only some events have, each with what tells of its form.
    """

    words: tuple[tuple[str, bool], ...]
    sealed: int
    asked: tuple[tuple[str, Callable[[Any], bool]], ...]


@lru_cache(maxsize=4096)
def _form(members: tuple[Any, ...]) -> Form | None:
    """Return the form of members by name and then by type, None unless most events have such."""
    half = len(members) // 2
    types = dict(zip(members[:half], members[half:], strict=True))
    more = types.keys() - _NEEDED.keys()
    if any(types.get(name) is not kind for name, kind in _NEEDED.items()) or any(
        types[name] not in _MAY.get(name, ()) for name in more
    ):
        return None
    words = tuple((word, types[word] is dict) for word in WORDS if word in types)
    asked = tuple((name, is_sound) for name, is_sound in _SOUND.items() if name in more)
    return Form(words, sum(sealed for _, sealed in words), asked)


@lru_cache(maxsize=4096)
def _is_named(v: int, kind: str, act: str, actor: str, tool: str) -> bool:
    known = v in FORMATS and kind in KINDS and act in verify_lines.ACTS
    return known and bool(actor and tool)


_is_moment = lru_cache(maxsize=4096)(verify_lines.is_moment)
_is_day = lru_cache(maxsize=4096)(verify_lines.is_day)


def _is_report(told: Any) -> bool:
    if len(told) == 1 and type(told.get("source")) is str:
        return True
    return is_report(told) and verify_lines.sound(told)


_SOUND: Mapping[str, Callable[[Any], bool]] = {
    "command": verify_lines.is_command,
    "deputy_of": bool,
    "document_date": _is_day,
    "reported": _is_report,
}


def _has_columns(event: Stored, said: Mapping[str, Any], listed: str) -> bool:
    of = said["command"]["key"] if "command" in said else None
    derived = (*_columns(said), listed, of)
    return derived == event.columns or derived == (*map(plain, event.columns),)


_columns = itemgetter("kind", "key", "act", "actor", "effective_on", "recorded_at")


def _with_values(event: Formed) -> Logged | None:
    """Read the values of an event; None unless each is what was committed to, and of its type."""
    said, opened, form, plan, old, new = event
    # Of one length, as both are made of the same pairs.
    changes = said["changes"]
    stood, gives = both = dict(zip(changes, old)), dict(zip(changes, new))  # noqa: B905
    for name, place, path, kinds in plan.sealed:
        values = both[place]
        value = values[name] = _opened(values[name], opened[path])
        if type(value) not in kinds:
            return None
    for name, place, check in plan.checked:
        if not check(both[place][name]):
            return None
    for name, place, become in plan.become:
        values = both[place]
        values[name] = become(values[name])
    told = {}
    for word, is_sealed in form.words:
        value = told[word] = _opened(said[word], opened[word]) if is_sealed else said[word]
        if type(value) is not str or not value:
            return None
    # Nothing else is disclosed.
    is_whole = len(opened) == len(plan.sealed) + form.sealed
    return Logged(said, opened, gives, stood, told) if is_whole else None


_NO_PAIRS: tuple[tuple[()], tuple[()]] = ((), ())


def _opened(held: Mapping[str, Any], pair: Any) -> Any:
    """Return a disclosed value; raises ValueError for one that was not committed to."""
    salt, value = pair
    own = bytes.fromhex(salt)
    digest = sha256(COMMITMENT_TAG + own + canonical(value)).hexdigest()
    if (
        held["commitment"] != digest
        or len(held) != 1
        or own.hex() != salt
        or len(own) != SALT_BYTES
        or type(pair) is not list
    ):
        raise ValueError(pair)
    return value


@lru_cache(maxsize=4096)
def _plan(kind: str, names: tuple[str, ...], types: tuple[type, ...]) -> Plan | None:
    """Return what must be done with changes, None where a field is not of such a type."""
    known = _fields(kind)
    sealed, checked, become = [], [], []
    half = len(names)
    for name, *each in zip(names, types[:half], types[half:], strict=True):
        if name not in known:
            return None
        field = known[name]
        for place, held in enumerate(each):
            if held is dict and field.sealed:
                sealed.append(Sealed(name, place, f"{name}.{place}", field.types))
            elif held not in field.types:
                return None
            if field.check is not None and held is not _NONE:
                checked.append((name, place, field.check))
            if field.become is not None and held is not _NONE:
                become.append((name, place, field.become))
    return Plan(tuple(sealed), tuple(checked), tuple(become), f",{','.join(names)},")


_NONE = type(None)


class Field(NamedTuple):
    """What the values of a field are in an event, and what a record makes of them.

    `check` tells whether a value is sound; `become` raises ValueError or KeyError for another one.
    """

    types: frozenset[type]
    check: Callable[[Any], bool] | None
    become: Callable[[Any], Any] | None
    sealed: bool


@cache
def _fields(kind: str) -> dict[str, Field]:
    form, checks, found = shape(kind), checks_of(kind), {}
    for one in KINDS[kind].fields:
        name, sealed = one.name, one.name in sealable(kind)
        if name in form.lists:
            listed = partial(_listed, kind, name, checks[name])
            found[name] = Field(frozenset((list,)), None, listed, sealed)
        elif name in form.dates:
            found[name] = Field(frozenset((str, _NONE)), None, _day, sealed)
        elif name in form.enums:
            known = {str(one): one for one in form.enums[name]}
            found[name] = Field(frozenset((str, _NONE)), None, known.__getitem__, sealed)
        else:
            own = int if one.type.startswith("int") else str
            check = _is_exact if own is int else None
            found[name] = Field(frozenset((own, _NONE)), check, None, sealed)
    return found


def _is_exact(value: int) -> bool:
    return abs(value) <= verify_lines.GREATEST


def _listed(kind: str, name: str, check: Callable[[Any], bool], value: Any) -> Any:
    if value and not (check(value) and verify_lines.sound(value)):
        raise ValueError(value)
    return typed(kind, name, value)


@lru_cache(maxsize=4096)
def _day(value: str) -> date:
    if not verify_lines.is_day(value):
        raise ValueError(value)
    return date.fromisoformat(value)
