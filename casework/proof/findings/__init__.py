"""What an inspector would ask about: rules read through the log once, in its order.

A finding is a question, not an accusation. `rules` judge, `log` remembers what has been read. The
words of a rule have the ids ``finding.RULE.title``, ``.meaning`` and ``.says.WHAT``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from casework.kinds.choices import Outcome, State
from casework.kinds.records import Case
from casework.proof.findings.log import DEFAULTS, Log, Mark, Settings
from casework.proof.findings.rules import FIRST, RULES
from casework.system.text import WITHHELD
from casework.words import Text, Word, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from casework.log.event import Event
    from casework.proof.findings.log import Step
    from casework.proof.findings.rules import Hit

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
    events: Iterable[Event],
    settings: Settings,
    day: date,
    unlawful: Mapping[int, Text] = MappingProxyType({}),
) -> Iterator[Finding]:
    """Yield what the rules find in the whole log, given from its first event.

    `unlawful` says of events, by number, why the rules would not have allowed them. `day` is the
    day on which it is asked how long a case has been idle. First come the findings on acts, in the
    order of the log; then those on how cases stand at its end, in the order of the last event
    behind each. What is remembered grows with cases and people, not with events.
    """
    log = Log(settings, day, unlawful)
    for event in events:
        mark = log.mark(event)
        if settings.as_of is None or mark.on <= settings.as_of:
            step = log.step(event, mark)
            yield from _on_act(event, mark, step, log)
            log.remember_case(event, mark, step)
        # Logins and the order of recording are the log's own, whatever day is asked about.
        log.remember(event)
    yield from sorted(_at_end(log), key=lambda found: found.seqs[-1])


def _on_act(event: Event, mark: Mark, step: Step | None, log: Log) -> Iterator[Finding]:
    ref = event.key if event.kind == Case.kind else None
    for name, rule in RULES.items():
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
            yield _finding(hit, name, ref, log.settings.lang)


def _at_end(log: Log) -> Iterator[Finding]:
    for name, rule in RULES.items():
        if rule.at_end is not None:
            for known in log.cases.values():
                for hit in rule.at_end(known, log):
                    yield _finding(hit, name, known.case.ref, log.settings.lang)


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
