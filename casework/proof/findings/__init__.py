"""What an inspector would ask about: rules are put to every act of the log, case by case.

A finding is a question, not an accusation. `rules` judge, `log` remembers what has been read. The
words of a rule have the ids ``finding.RULE.title``, ``.meaning`` and ``.says.WHAT``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from casework.kinds.choices import Outcome, State
from casework.kinds.records import Case
from casework.proof.findings.log import DEFAULTS, Log, Mark, Settings
from casework.proof.findings.rules import FIRST, RULES, Rule
from casework.questions import audit_log
from casework.system.spooled import mapped, ordered
from casework.system.text import WITHHELD
from casework.words import Text, Word, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from casework.log.reading import Event
    from casework.proof.findings.log import Step
    from casework.proof.findings.rules import Hit
    from casework.store.connections import Connection
    from casework.system.spooled import Rows

__all__ = ["DEFAULTS", "FIRST", "RULES", "Finding", "Settings", "explain", "find", "title"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: the numbers of the events behind it, and a sentence with the facts.

    `ref` is None for an act that is not on a case. `on` is the day in the office's zone from which
    it could be found: for an act, the day it was recorded. `actor` is None where nobody's act is
    in question, but the lack of one, the clock, or what a source told.
    """

    rule: str
    ref: str | None
    seqs: tuple[int, ...]
    on: date
    actor: str | None
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the finding as the command line prints it."""
        return asdict(self) | {"seqs": list(self.seqs), "on": self.on.isoformat()}


def title(rule: str, lang: str) -> str:
    """Return what a rule is called in a language."""
    return said(f"finding.{rule}.title", lang)


def explain(rule: str, settings: Settings = DEFAULTS) -> Text:
    """Return what a rule means and does not mean, with the limits it is asked with."""
    limits = {name: n for name, n in asdict(settings).items() if isinstance(n, int)}
    return Text(f"finding.{rule}.meaning", **limits)


def find(
    connection: Connection,
    settings: Settings,
    day: date,
    unlawful: Mapping[int, Text] = MappingProxyType({}),
    known_at: datetime | None = None,
) -> Rows[Finding]:
    """Return what the rules find in the log, as it was known at an instant.

    `unlawful` says of events, by number, why the rules would not have allowed them. `day` is the
    day on which it is asked how long a case has been idle. First come the findings on acts, in the
    order of the log, those of the rules that are FIRST before all others; then those on how cases
    stand at its end, in the order of the last event behind each. What is in memory grows with the
    people, and with the cases that repeat one or are repeated, not with cases and events.
    """
    until = audit_log.known_until(connection, known_at)
    log = Log(settings, day, unlawful)
    log.remember_stamps(audit_log.stamps(connection, until))
    for event in audit_log.of_other_records(connection, until):
        log.logins.remember(event)
    apart = {number: rule for number, rule in enumerate(RULES.items()) if not rule[1].across}
    across = {number: rule for number, rule in enumerate(RULES.items()) if rule[1].across}
    found = chain(
        _judged(audit_log.of_other_records(connection, until), log, apart),
        _judged_apart(audit_log.case_by_case(connection, until), log, apart),
        _judged_together(connection, log, across, until),
    )
    return mapped(ordered(found, itemgetter(0)), itemgetter(1))


Asked = Mapping[int, tuple[str, Rule]]
"""Rules with their names, by their places among all."""

Placed = tuple[tuple[Any, ...], "Finding"]
"""A finding with its place among all."""


def _judged(events: Iterable[Event], log: Log, asked: Asked) -> Iterator[Placed]:
    """Yield what rules find in acts."""
    for event in events:
        mark = log.mark(event)
        if log.settings.as_of is None or mark.on <= log.settings.as_of:
            step = log.step(event, mark)
            yield from _on_act(event, mark, step, log, asked)
            log.remember_case(event, mark, step)


def _judged_apart(events: Iterable[Event], log: Log, asked: Asked) -> Iterator[Placed]:
    """Yield what rules find in the acts on cases, each case by itself, and in how it stands."""
    for _, own in groupby(events, attrgetter("key")):
        log.forget_cases()
        yield from _judged(own, log, asked)
        yield from _at_end(log, asked)
    log.forget_cases()


def _judged_together(
    connection: Connection, log: Log, asked: Asked, until: int
) -> Iterator[Placed]:
    """Yield what is found of cases that repeat one, or are repeated."""
    linked: set[str] = set()
    for event in audit_log.linking(connection, until):
        before, after = event.changes["links"]
        linked.update(ref for held in (before, after) for relation, ref in held or ())
        linked.add(event.key)
    if linked:
        yield from _judged(audit_log.of_some(connection, linked, until), log, asked)
        yield from _at_end(log, asked)


def _on_act(
    event: Event, mark: Mark, step: Step | None, log: Log, asked: Asked
) -> Iterator[Placed]:
    ref = event.key if event.kind == Case.kind else None
    for number, (name, rule) in asked.items():
        # An act a source told of was not done by whoever imported it, and what it says of days
        # and people cannot be checked here: only that it is told is in question. The clock is
        # judged on such events too, because their recording was done here.
        if mark.source is not None and not rule.told_too:
            continue
        hits: list[Hit] = []
        if rule.on_act is not None:
            hits += rule.on_act(event, mark, log)
        if rule.on_case is not None and step is not None:
            hits += rule.on_case(step, log)
        for hit in hits:
            place = (name not in FIRST, False, event.seq, number)
            yield place, _finding(hit, name, ref, log.settings.lang)


def _at_end(log: Log, asked: Asked) -> Iterator[Placed]:
    for number, (name, rule) in asked.items():
        if rule.at_end is not None:
            for known in log.cases.values():
                for hit in rule.at_end(known, log):
                    found = _finding(hit, name, known.case.ref, log.settings.lang)
                    yield (True, True, found.seqs[-1], number, known.proposed.seq), found


def _finding(hit: Hit, name: str, ref: str | None, lang: str) -> Finding:
    facts = {key: _shown(value) for key, value in hit.facts.items()}
    if hit.by is not None:
        facts |= {"actor": hit.by.actor, "when": _shown(hit.by)}
    seqs = {one.seq if isinstance(one, Mark) else one for one in hit.behind}
    return Finding(
        rule=name,
        ref=hit.ref or ref,
        seqs=tuple(sorted(seq for seq in seqs if seq is not None)),
        on=hit.on,
        actor=hit.by.actor if hit.by is not None else None,
        text=said(f"finding.{name}.says.{hit.says}", lang, **facts),
    )


def _shown(value: Any) -> Any:
    match value:
        case Mark(on=on, recorded=recorded) if on != recorded:
            return Text("finding.recorded-later", on=on, recorded=recorded)
        case Mark(on=on):
            return on
        case timedelta(days=days):
            return Text("days", count=days)
        case State() | Outcome():
            return Word(value)
        case str() if value == WITHHELD:
            return Word("withheld")
    return value
