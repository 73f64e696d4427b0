"""Read and write the events of a case as a JSON line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from casework.errors import UsageError
from casework.kinds import forms
from casework.kinds.records import Case, Record, iso, plain, shape, typed
from casework.ledger.inserting import pending
from casework.log.event import MEMBERS
from casework.rules import values
from casework.rules.dates import length
from casework.rules.lawful import Step, fault
from casework.rules.timeline import is_plain, refused_out, taken_out
from casework.store import timelines
from casework.system.clock import moment_of, now
from casework.system.text import SHOWN, as_json, clean
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from casework.ledger.inserting import Pending
    from casework.ledger.ledger import Desk
    from casework.log.event import Act
    from casework.log.reading import Event

_OPTIONAL = ("reason", "document", "document_date", "note")
_NAMES = ("amends", "strikes")
"""The members that name another event of the history, by position."""


def tell(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Return the events of a case for a JSON line.

    An event that came from an imported file is written as it was there, without the label of the
    source. If events amend or strike another one, or were not recorded in order of effect, each
    gives its format and names others by their position in the history, from 0.
    """
    places = {event.seq: place for place, event in enumerate(events)}
    found = [_tell(event) for event in events]
    if not is_plain(events):
        for entry, event in zip(found, events, strict=True):
            entry["v"] = event.v
            for name in _NAMES:
                if (seq := getattr(event, name)) is not None:
                    entry[name] = places[seq]
    return found


def _tell(event: Event) -> dict[str, Any]:
    told: Mapping[str, Any] = (event.reported or {}).get("told") or {}
    entry = {
        "act": event.act,
        "actor": told.get("actor", event.actor),
        "effective_on": event.effective_on,
        "recorded_at": told.get("recorded_at", event.recorded_at),
        "changes": {k: v for k, v in sorted(event.changes.items()) if k != "reported"},
    }
    for name in _OPTIONAL:
        if (value := getattr(event, name)) is not None:
            entry[name] = value
    if away := told.get("deputy_of") if told else event.deputy_of:
        entry["deputy_of"] = away
    source = told.get("source") if told else (event.reported or {}).get("source")
    return entry | ({"reported": source} if source else {})


def told_acts(desk: Desk, ref: str, entries: list[Any], label: str) -> list[Act]:
    """Return the acts of an imported history, each checked against the one before and the workflow.

    Raises UsageError.
    """
    if not entries:
        raise UsageError("history.empty")
    history = _History(desk, ref, label)
    for entry in entries:
        history.add(entry)
    history.close()
    return history.acts


class _History:
    """An imported history: its acts, and the case after each in the order of recording."""

    def __init__(self, desk: Desk, ref: str, label: str) -> None:
        self.acts: list[Act] = []
        self._desk, self._ref, self._label = desk, ref, label
        self._events: list[Pending] = []
        self._last: Record | None = None
        self._plain = True
        self._calendar = timelines.calendar_of(desk.connection)

    def add(self, entry: Any) -> None:
        """Take the next entry; raises UsageError if it is impossible."""
        place = len(self.acts)
        _refuse_form(entry, place)
        others = {name: entry.get(name) for name in _NAMES}
        for other in others.values():
            if other is not None and not (type(other) is int and 0 <= other < place):
                raise UsageError("history.no-place", place=other)
        early = bool(self.acts) and entry["effective_on"] < iso(self.acts[-1].effective_on)
        another = entry["act"] == "correct" or any(one is not None for one in others.values())
        self._plain = self._plain and not early and not another
        stood, was = self._stood(entry, others["amends"])
        act = _act(self._desk, self._ref, stood, was, entry, self._label)
        act.amends, act.strikes = others["amends"], others["strikes"]
        self._note(act, place, _format(entry))
        if self._plain and (wrong := fault(Step.of(act))) is not None:
            raise UsageError("told.unlawful", verb=act.verb, why=wrong.says)
        self.acts.append(act)

    def _stood(
        self, entry: dict[str, Any], amends: int | None
    ) -> tuple[Record | None, Record | None]:
        """Return the case on an entry's day, and the case that its old values belong to."""
        if self._plain or self._last is None:
            return self._last, self._last
        known = timelines.made(self._events, self._calendar)
        step = None if amends is None else known.step_of(amends)
        stood = known.on(date.fromisoformat(entry["effective_on"])) if step is None else step.after
        if stood is None:
            # A day before the first; or none, while the proposal is struck out.
            stood = known.steps[0].after if known.steps else self._last
        stood = stood.but(version=len(self.acts))
        return stood, self._last if _format(entry) == 1 else stood

    def _note(self, act: Act, place: int, v: int) -> None:
        """Note the future event of an act; a correction of format 1 now names what it amends."""
        self._events.append(pending(act, place, place + 1)._replace(v=v))
        if v == 1 and act.verb == "correct":
            known = timelines.made(self._events, self._calendar)
            act.amends = known.amending.get(place)
            self._events[-1] = pending(act, place, place + 1)
        before = self._last
        self._last = act.after() if before is None else before.changed(act.changes)

    def close(self) -> None:
        """Make the last act lead to the result of the whole history; raises UsageError."""
        if self._plain:
            return
        known = timelines.made(self._events, self._calendar)
        for step, wrong in known.faults().values():
            raise UsageError("told.unlawful", verb=step.entry.event.act, why=wrong.says)
        last, left = self.acts[-1], known.row()
        if left is None and (out := taken_out(self._events, self._calendar)) is not None:
            left, striking = out
            last.is_out = striking.seq == len(self.acts) - 1 and not any(refused_out(known))
            left = left if last.is_out else None
        if left is None or last.before is None:
            raise UsageError("history.empty")
        last.place(last.before, left, known.moves())


def _refuse_form(entry: Any, place: int) -> None:
    """Raise UsageError for an entry that is not an object of the members that `tell` writes."""
    if type(entry) is not dict:
        raise UsageError("history.no-object", place=place)
    if unknown := entry.keys() - _MEMBERS:
        raise UsageError("history.no-member", place=place, name=min(unknown)[:SHOWN])
    for name, form in _FORMS.items():
        value = entry.get(name)
        if value is None and name not in _MUST:
            continue
        why = Text("value.missing") if value is None else form(value)
        if why is not None:
            raise UsageError("history.member", place=place, name=name, why=why)


def _format(entry: dict[str, Any]) -> int:
    """Return the format of an entry; without one it is the first."""
    return int(entry.get("v") or 1)


def _text(value: Any) -> Text | None:
    return None if type(value) is str else Text("value.not.text")


def _day(value: Any) -> Text | None:
    return values.wrong(value, forms.DATE)


def _moment(value: Any) -> Text | None:
    is_one = type(value) is str and moment_of(value) is not None
    return None if is_one else Text("value.not.moment")


def _pairs(value: Any) -> Text | None:
    if type(value) is not dict:
        return Text("value.not.object")
    pairs = value.values()
    is_right = all(type(pair) is list and len(pair) == len(("old", "new")) for pair in pairs)
    return None if is_right else Text("value.not.pairs")


_MUST = ("act", "actor", "effective_on", "recorded_at", "changes")
_FORMS: Mapping[str, Callable[[Any], Text | None]] = {
    "effective_on": _day,
    "recorded_at": _moment,
    "changes": _pairs,
    "document_date": _day,
    "v": lambda value: values.wrong(value, MEMBERS["v"]),
    **dict.fromkeys(("act", "actor", "reason", "document", "note", "deputy_of", "reported"), _text),
}
"""What is wrong with the value of each member of an entry, if anything."""

_MEMBERS = _FORMS.keys() | _NAMES
"""All the members that an entry may have."""


def _act(
    desk: Desk,
    ref: str,
    case: Record | None,
    was: Record | None,
    entry: dict[str, Any],
    label: str,
) -> Act:
    verb, day = entry["act"], date.fromisoformat(entry["effective_on"])
    if day > desk.today:
        raise UsageError("history.future", verb=verb, day=day)
    if (recorded := moment_of(entry["recorded_at"])) and recorded > now():
        raise UsageError("history.future", verb=verb, day=entry["recorded_at"])
    changes = _changes(was, entry["changes"], verb)
    names = ("actor", "recorded_at", *(("deputy_of",) if entry.get("deputy_of") else ()))
    told = {name: clean(entry[name], name) for name in names}
    if entry.get("reported"):
        told["source"] = clean(entry["reported"], "reported")
    if case is None or "state" in changes:
        changes["reported"] = label
    words: dict[str, Any] = {
        name: clean(entry[name], name) for name in _OPTIONAL if entry.get(name) is not None
    }
    if (dated := words.get("document_date")) is not None:
        words["document_date"] = date.fromisoformat(dated)
    act = desk.act(
        verb,
        case if case is not None else (Case.kind, ref),
        changes,
        effective_on=day,
        reported={"source": label, "told": told},
        **words,
    )
    # A redaction tells of a field whose old and new value read the same by now.
    return replace(act, changes=changes)


def _changes(case: Record | None, told: dict[str, list[Any]], verb: str) -> dict[str, Any]:
    form = shape(Case.kind)
    changes = {}
    for name, (old, new) in told.items():
        if name not in form.start or name == "reported":
            raise UsageError("history.no-field", verb=verb, name=name)
        before = plain(getattr(case, name) if case is not None else form.start[name])
        if before != old:
            said, stood = as_json(old), as_json(before)
            raise UsageError("history.other-before", verb=verb, name=name, old=said, before=stood)
        if why := values.wrong(new, form.forms[name]):
            shown = as_json(new)
            raise UsageError("history.value", verb=verb, name=name, why=why, value=shown)
        if name == "due_rule" and new is not None:
            length(new)
        changes[name] = typed(Case.kind, name, new)
    return changes
