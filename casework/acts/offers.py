"""The acts that a person may do on a case now, from the workflow and the person's role in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casework.acts.by_name import ACTS
from casework.kinds.records import Case
from casework.rules.lawful import BEFORE
from casework.rules.workflow import BACK, REGISTERING, RULES, parties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.acts.by_name import Field
    from casework.kinds.records import Person
    from casework.rules.workflow import Party

_BY_VERB = {
    "study": "advance",
    "resolve": "advance",
    "confirm": "advance",
    "ask-time": "extend",
    **dict.fromkeys(BACK.values(), "put-back"),
}
"""The act that does what a row of the workflow says, where it is not called like it."""

ASKED = frozenset({"ask-time", "contest"})
"""What takes a case no step further: it is offered after what does."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An act that somebody may do on a case as it stands, and what the workflow requires for it."""

    name: str
    needs: tuple[str, ...]
    fields: tuple[Field, ...]


def offered(person: Person, case: Case | None = None) -> list[Offer]:
    """Return which acts are offered to a person on a case, or on the register as a whole.

    Offers depend on the state of the case and on the person's role in it; the next step comes
    first. An offered act may still be refused for its values or its day.
    """
    who = parties(person, case)
    found: dict[str, Offer] = {}
    for verb, may, needs in sorted(_rows(case), key=lambda row: row[0] in ASKED):
        name = _BY_VERB.get(verb, verb)
        if name in ACTS and not who.isdisjoint(may):
            found.setdefault(name, Offer(name, needs, ACTS[name].fields))
    return list(found.values())


def _rows(case: Case | None) -> Iterator[tuple[str, tuple[Party, ...], tuple[str, ...]]]:
    """Yield the possible acts on a case as it stands, who may do each, and what it needs."""
    if case is None:
        yield "propose", REGISTERING[Case.kind]["propose"], ("title", "proposer")
        return
    for rule in RULES.values():
        if rule.source == case.state and _stands_ready(rule.verb, case):
            yield rule.verb, rule.who, rule.needs
            if rule.verb == "extend" and case.asked_due is not None:
                yield "grant-time", rule.who, ()


def _stands_ready(verb: str, case: Case) -> bool:
    """Return whether a case has everything an act needs, and nothing that rules it out."""
    return all(
        (getattr(case, one.field) is not None) is one.set for one in BEFORE if one.verb == verb
    )
