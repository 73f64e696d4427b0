"""Findings: rules applied to every act of the log, case by case, for an inspector's questions.

A finding is a question, not an accusation. How a case stood before and after an act, and how it
stands, its timeline tells: what was struck out is found as that and as nothing else, and what was
corrected as it was corrected. Only how an act was recorded, its event says. `rules` judge, `acts`
and `repeats` tell of cases, `log` remembers what has been read. The words of a rule have the ids
``finding.RULE.title``, ``.meaning`` and ``.says.WHAT``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from casework.kinds.choices import Outcome, State
from casework.kinds.records import Case
from casework.proof.findings.acts import Step, acts, begun, brief, dues, says
from casework.proof.findings.log import DEFAULTS, Log, Mark, Settings
from casework.proof.findings.repeats import Lines, turns
from casework.proof.findings.rules import FIRST, RULES
from casework.questions import audit_log, spans
from casework.store import timelines
from casework.system.spooled import lots, mapped, ordered
from casework.system.text import WITHHELD
from casework.words import Text, Word, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from casework.log.reading import Event
    from casework.proof.findings.acts import Act, Known
    from casework.proof.findings.repeats import Turn
    from casework.proof.findings.rules import Hit, Rule
    from casework.rules.timeline import Timeline
    from casework.rules.working_days import WorkingCalendar
    from casework.store.connections import Connection
    from casework.system.spooled import Rows

__all__ = ["DEFAULTS", "FIRST", "RULES", "Finding", "Settings", "explain", "find", "title"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of a rule: the numbers of its events, and a sentence with the facts.

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
    """Return the title of a rule in a language."""
    return said(f"finding.{rule}.title", lang)


def explain(rule: str, settings: Settings = DEFAULTS) -> Text:
    """Return what a rule means and does not mean, with its limits."""
    limits = {name: n for name, n in asdict(settings).items() if isinstance(n, int)}
    return Text(f"finding.{rule}.meaning", **limits)


def find(
    connection: Connection,
    settings: Settings,
    day: date,
    unlawful: Mapping[int, Text] = MappingProxyType({}),
    known_at: datetime | None = None,
) -> Rows[Finding]:
    """Return the findings in the log, as it was known at an instant.

    `unlawful` says of events, by number, why the rules would not have allowed them. `day` is the
    day on which it is asked how long a case has been idle. First come the findings on acts, in the
    order of the log, those of the rules that are FIRST before all others; then those on how cases
    stand at its end, in the order of the last event behind each. What is in memory grows with the
    directory, and with the cases that repeat one or are repeated, not with cases and events.
    """
    until = audit_log.known_until(connection, known_at)
    log = Log(settings, day, unlawful)
    log.remember_stamps(audit_log.stamps(connection, until))
    for event in audit_log.of_other_records(connection, until):
        log.remember(event)
    calendar = timelines.calendar_of(connection)
    others = audit_log.of_other_records(connection, until)
    found = chain(
        chain.from_iterable(_on_act(event, log.mark(event), log) for event in others),
        _judged_apart(audit_log.case_by_case(connection, until), log, calendar),
        _judged_together(connection, log, calendar, until),
    )
    return mapped(ordered(found, itemgetter(0)), itemgetter(1))


Placed = tuple[tuple[Any, ...], "Finding"]
"""A finding with its place among all."""

Calendar = Callable[[], "WorkingCalendar"]

ON_ACT = [(n, name, one.on_act, one) for n, (name, one) in enumerate(RULES.items()) if one.on_act]
ON_CASE = [
    (n, name, one.on_case, one) for n, (name, one) in enumerate(RULES.items()) if one.on_case
]
AT_END = [(n, name, one.at_end) for n, (name, one) in enumerate(RULES.items()) if one.at_end]
ON_TURN = [(n, name, one.on_turn) for n, (name, one) in enumerate(RULES.items()) if one.on_turn]
AT_LAST = [(n, name, one.at_last) for n, (name, one) in enumerate(RULES.items()) if one.at_last]
"""The rules that ask so, with their places among all."""


def _judged_apart(events: Iterable[Event], log: Log, calendar: Calendar) -> Iterator[Placed]:
    """Yield what rules find in the acts on cases, each case by itself, and in how it stands."""
    for _, own in groupby(events, attrgetter("key")):
        log.struck.clear()
        told: list[Event] = []
        for event in own:
            if says(event):
                told.append(brief(event))
            else:
                yield from _on_act(event, log.mark(event), log)
        if told:
            yield from _on_case(told, timelines.made(told, calendar), log)
    log.struck.clear()


def _on_act(event: Event, mark: Mark, log: Log) -> Iterator[Placed]:
    """Yield what rules find in an act, whatever it was on."""
    if not _asked(mark, log):
        return
    ref = event.key if event.kind == Case.kind else None
    for number, name, found, rule in ON_ACT:
        if _fits(rule, mark):
            for hit in found(event, mark, log):
                yield _of_act(hit, mark, number, name, ref, log)


def _on_case(events: Sequence[Event], known: Timeline, log: Log) -> Iterator[Placed]:
    """Yield what rules find in the acts on a case and in how it stands, as its timeline tells."""
    log.remember_struck(events, known)
    for event in events:
        yield from _on_act(event, log.mark(event, known.days[event.seq]), log)
    case: Known | None = None
    told = [*_acts(events, known, log)]
    due = dues(told)
    for act, mark in told:
        if case is None or act.before is None:
            case = begun(act.after, mark)
            continue
        step = Step(act.event, mark, act.before, act.after, act.left, case, due)
        for number, name, found, rule in ON_CASE:
            if _fits(rule, mark):
                for hit in found(step, log):
                    yield _of_act(hit, mark, number, name, act.after.ref, log)
        case.remember(step)
    if case is not None:
        for number, name, at_end in AT_END:
            for hit in at_end(case, log):
                yield _of_end(hit, case.proposed, number, name, case.case.ref, log)


def _acts(events: Sequence[Event], known: Timeline, log: Log) -> Iterator[tuple[Act, Mark]]:
    """Yield the acts on a case that are asked about, if it was there."""
    for act in acts(events, known):
        mark = log.mark(act.event, act.day)
        if _asked(mark, log):
            yield act, mark
        elif act.before is None:
            return


def _judged_together(
    connection: Connection, log: Log, calendar: Calendar, until: int
) -> Iterator[Placed]:
    """Yield what is found of cases that repeat one, or are repeated."""
    linked: set[str] = set()
    for event in audit_log.linking(connection, until):
        before, after = event.changes["links"]
        linked.update(ref for held in (before, after) for relation, ref in held or ())
        linked.add(event.key)
    taken: list[Turn] = []
    for lot in lots(sorted(linked), spans.KEYS):
        for events in audit_log.events_of(connection, lot).values():
            told = [brief(one) for one in events if one.seq <= until and says(one)]
            if told:
                taken += turns(_acts(told, timelines.made(told, calendar), log))
    yield from _turn_by_turn(sorted(taken, key=lambda turn: turn.mark.seq), log)


def _turn_by_turn(taken: Iterable[Turn], log: Log) -> Iterator[Placed]:
    lines = Lines()
    for turn in taken:
        for number, name, found in ON_TURN:
            for hit in found(turn, lines):
                yield _of_act(hit, turn.mark, number, name, turn.ref, log)
        lines.remember(turn)
    for number, name, at_last in AT_LAST:
        for ref, line in lines.cases.items():
            for hit in at_last(line, lines):
                yield _of_end(hit, line.proposed, number, name, ref, log)


def _asked(mark: Mark, log: Log) -> bool:
    return log.settings.as_of is None or mark.on <= log.settings.as_of


def _fits(rule: Rule, mark: Mark) -> bool:
    # An act a source told of was not done by whoever imported it, and what it says of days and
    # people cannot be checked here: only that it is told is in question. The clock is judged on
    # such events too, because their recording was done here.
    return rule.told_too or mark.source is None


def _of_act(hit: Hit, mark: Mark, number: int, name: str, ref: str | None, log: Log) -> Placed:
    return (name not in FIRST, False, mark.seq, number), _finding(hit, name, ref, log.settings.lang)


def _of_end(hit: Hit, proposed: Mark, number: int, name: str, ref: str, log: Log) -> Placed:
    found = _finding(hit, name, ref, log.settings.lang)
    return (True, True, found.seqs[-1], number, proposed.seq), found


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
