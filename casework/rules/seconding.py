"""Whether two people decided what two must decide: the request, its confirmation, and the act."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from casework.kinds.records import Case, Person, plain
from casework.rules import guards
from casework.rules.changes import CHANGES, Gives
from casework.rules.lawful import Fault
from casework.rules.rights import who_may
from casework.rules.said import ERASED, Erased
from casework.rules.workflow import parties

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casework.kinds.records import Request
    from casework.rules.said import Known, Said


def of_confirmation(said: Said, request: Request, known: Known) -> Iterator[Fault]:
    """Yield why the person who confirms a request is not a second person."""
    people = known.people()
    if request.eyes.isdisjoint(said.eyes):
        used = said.words.get("login")
        for one in people:
            held = one.login if one.code in request.eyes else None
            if held is not None and held == used and held is not ERASED and used is not ERASED:
                yield _fault("own-login", key=said.key, actor=one.code)
        return
    others = [
        one
        for one in people
        if one.code not in request.eyes and guards.may_decide(one, request.subject_kind)
    ]
    # A server counts hours, of which a day that begins or ends summer time has others.
    waited = 0 if said.recorded is None else (said.recorded - request.asked_on).days
    if others or not said.words.get("reason") or waited < guards.WAIT_DAYS - 1:
        yield _fault("own", key=said.key, actor=said.actor)


def of_second(said: Said, known: Known) -> Iterator[Fault]:
    """Yield why an act that needs a second person has none."""
    made = said.changes if said.made is None else said.made
    if not guards.needs_second(said.kind, said.before, made, erases=bool(said.redacts)):
        return
    request, confirmation = known.confirmed or (None, None)
    if request is None or not guards.is_for(request, said.verb, said.kind, said.key):
        yield _fault("second")
        return
    assert confirmation is not None  # noqa: S101 - for the type checker
    if (confirmation.actor, confirmation.deputy_of) != (said.actor, said.deputy_of):
        yield _fault("second")
    yield from _of_asker(said, known)
    if isinstance(request.what, str) and not isinstance(request.what, Erased):
        yield from _otherwise(said, json.loads(request.what))


def _of_asker(said: Said, known: Known) -> Iterator[Fault]:
    """Yield why whoever asked for an act is not one of the two: they may not do it themselves."""
    asker = known.asker
    of = said.before if isinstance(said.before, Case | Person) else None
    who = who_may(said.verb, said.kind, getattr(of, "state", None)) or ()
    if asker is None or parties(asker, of).isdisjoint(who):
        code = "" if asker is None else asker.code
        yield _fault("asker", actor=code)


def _otherwise(said: Said, asked: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the differences between an act and its request."""
    gives = CHANGES[said.verb] if said.kind == Case.kind else {}
    done = {
        name: value if isinstance(value, Erased) else plain(value)
        for name, value in said.changes.items()
    }
    for name in sorted({*done, *asked["changes"]}):
        same = done.get(name, said) == asked["changes"].get(name, said)
        if not same and gives.get(name) is not Gives.ACTOR:
            yield _fault("otherwise", name, what=name)
    told = {
        "effective_on": said.day.isoformat(),
        "reason": said.words.get("reason"),
        "document": said.words.get("document"),
        "redacts": [list(place) for place in said.redacts],
    }
    for name, value in told.items():
        if value != asked[name]:
            yield _fault("otherwise", name, what=name)
    about = {"amends": said.amends, "strikes": said.strikes, "document_date": said.document_date}
    for name, held in about.items():
        if held != asked.get(name):
            yield _fault("otherwise-about", name, what=name)


def unfinished(request: Request, follows: tuple[str, str, str] | None) -> Fault | None:
    """Return what is wrong if a confirmation is not followed by what was requested."""
    if follows is not None and guards.is_for(request, *follows):
        return None
    return _fault("unfinished", key=request.key)


def _fault(rule: str, field: str | None = None, /, **values: Any) -> Fault:
    return Fault(f"law.{rule}", field, tuple(values.items()))
