"""The rules of findings: functions that judge an act, or a case at the end of the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from casework.acts.origins import of_list as earlier_of
from casework.kinds.choices import Outcome, State
from casework.kinds.forms import LONE, LOSS
from casework.kinds.records import Case, Paper, Register, Request
from casework.log.reading import fold
from casework.proof.findings.acts import resolution
from casework.proof.findings.repeats import repeats
from casework.rules import numbering
from casework.rules.invariants import broken
from casework.system.clock import moment_of
from casework.words import Kind, Text, Verb, Word, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from casework.log.reading import Event
    from casework.proof.findings.acts import Known, Step
    from casework.proof.findings.log import Log, Mark
    from casework.proof.findings.repeats import Line, Lines, Turn


@dataclass(frozen=True, slots=True)
class Hit:
    """A result of a rule: which of its sentences to use, with which facts."""

    says: str
    behind: tuple[Mark | int | None, ...]
    by: Mark | None
    on: date
    facts: Mapping[str, Any]
    ref: str | None = None


def _act(says: str, mark: Mark, *behind: Mark | int | None, **facts: Any) -> Hit:
    """Return what was found in an act, and what lies behind it."""
    return Hit(says, (*behind, mark), mark, mark.recorded, facts)


def _what(event: Event) -> Text:
    act = Verb(event.act)
    if event.kind == Case.kind:
        return act
    return Text("finding.act-on", act=act, kind=Kind(event.kind), key=event.key)


def _decided_alone(event: Event, mark: Mark, _: Log) -> Iterator[Hit]:
    # Whoever confirms what somebody else asked for gives no reason.
    if event.kind == Request.kind and event.act == "confirm" and event.reason is not None:
        yield _act("alone", mark, request=event.key, reason=event.reason)


def _self_confirmed(step: Step, _: Log) -> Iterator[Hit]:
    mark = step.mark
    answered = step.known.answered_before(mark)
    if step.event.act != "resolve" or answered is None or answered.source is not None:
        return
    if mark.deputy_of is None and answered.eyes == mark.eyes:
        yield _act("person", mark, answered, answered=answered)
    elif not answered.eyes.isdisjoint(mark.eyes):
        # A deputy and the one away are one here: neither sees what the other did with fresh eyes.
        facts = {"answerer": answered.who, "answered": answered, "confirmer": mark.who}
        yield _act("deputy", mark, answered, **facts)
    elif mark.login is not None and mark.login == answered.login:
        facts = {"answerer": answered.actor, "answered": answered, "login": mark.login}
        yield _act("login", mark, answered, **facts)


def _unsupported(step: Step, _: Log) -> Iterator[Hit]:
    before, after, answered = step.before, step.after, step.known.answered_before(step.mark)
    if before.state is State.RESOLVED or after.state is not State.RESOLVED:
        return
    facts = {"outcome": Word(str(after.outcome)), "paper": after.document}
    lacks_paper = after.document is None
    if step.event.act == "close":
        if lacks_paper:
            yield _act("closed", step.mark, **facts)
    elif answered is None:
        yield _act("neither" if lacks_paper else "answer", step.mark, **facts)
    elif lacks_paper:
        yield _act("document", step.mark, answered, **facts)


def _extended_late(step: Step, _: Log) -> Iterator[Hit]:
    if step.event.act == "resume":
        # It gives back days for which the clock stood; that it stood was said by the hold.
        return
    old, new, done = step.before.due, step.after.due, step.mark.done
    # By whatever verb: to assign a returned case anew, or to correct its due date, moves it too.
    if old is not None and new is not None and old < new and old < done:
        yield _act("late", step.mark, step.known.due_set, old=old, new=new, n=done - old)


def _recorded_late(event: Event, mark: Mark, log: Log) -> Iterator[Hit]:
    if log.counts(mark.seq) and log.waited(event, mark) > log.settings.recorded_late_days:
        late = mark.recorded - mark.on
        yield _act("late", mark, what=_what(event), on=mark.on, recorded=mark.recorded, n=late)


def _back_dated(event: Event, mark: Mark, log: Log) -> Iterator[Hit]:
    # What was recorded later than that is found as such.
    if log.counts(mark.seq) and 0 < log.waited(event, mark) <= log.settings.recorded_late_days:
        back = mark.recorded - mark.on
        yield _act("back", mark, what=_what(event), on=mark.on, recorded=mark.recorded, n=back)


def _idle(known: Known, log: Log) -> Iterator[Hit]:
    moved, last, limit = known.moved, known.progress, log.settings.idle_days
    # That a state is only told by a source is in question as such; how long it lasts, it tells.
    if known.case.state is not State.UNDER_STUDY or moved.source is not None:
        return
    if (idle := log.day - last.on).days > limit:
        told = {"since": moved.on, "last": last.on, "n": idle, "day": log.day}
        on = last.on + timedelta(limit + 1)
        yield Hit("idle", (moved, last), None, on, told | {"owner": known.case.owner})


def _unanswered(known: Known, log: Log) -> Iterator[Hit]:
    case = known.case
    if case.asked_due is not None and case.reply_by is not None and case.reply_by < log.day:
        facts = {"owner": case.owner, "asked": case.asked_due, "reply": case.reply_by}
        on = case.reply_by + timedelta(1)
        yield Hit("time", (known.asked or known.moved,), None, on, facts)


def _contested(known: Known, _: Log) -> Iterator[Hit]:
    since = known.case.contested_on
    if since is not None:
        behind = known.contested or known.moved
        yield Hit("owner", (behind,), None, since, {"owner": known.case.owner, "since": since})


def _reopened(step: Step, _: Log) -> Iterator[Hit]:
    before, ended = step.before, step.known.ended
    if before.state is State.RESOLVED and step.after.state is not State.RESOLVED:
        outcome = Word(str(before.outcome))
        yield _act("reopened", step.mark, ended, outcome=outcome, ended=before.resolved_on)


def _reassigned_late(step: Step, log: Log) -> Iterator[Hit]:
    old, new, due = step.known.owner, step.after.owner, step.due
    if None in {old, new} or old == new or due is None or due.day is None:
        return
    if (left := due.day - step.mark.done).days <= log.settings.reassigned_late_days:
        says = "before" if left.days >= 0 else "after"
        facts = {"old": old, "new": new, "due": due.day, "n": abs(left)}
        yield _act(says, step.mark, due.mark, **facts)


def _clock_back(event: Event, mark: Mark, log: Log) -> Iterator[Hit]:
    if moment_of(event.recorded_at) is None:
        yield Hit("none", (mark,), None, mark.recorded, {"seq": mark.seq, "at": event.recorded_at})
    elif mark.seq in log.back:
        seq, was = log.back[mark.seq]
        facts = {"seq": mark.seq, "at": event.recorded_at, "before": seq, "was": was}
        yield Hit("back", (seq, mark), None, mark.recorded, facts)


def _reported_only(known: Known, _: Log) -> Iterator[Hit]:
    moved, answered, state = known.moved, known.answered, known.case.state
    if moved.source is not None and state is not State.PROPOSED:
        facts = {"state": state, "source": Written(moved.source), "since": moved.on}
        claimed = {"outcome": Word(str(known.case.outcome))}
        if state is State.RESOLVED and known.case.doubted:
            yield Hit("doubted", (moved,), None, moved.recorded, facts | claimed)
        elif state is State.UNDER_STUDY and answered is not None and answered.source is not None:
            yield Hit("claimed", (moved, answered), None, moved.recorded, facts | claimed)
        else:
            yield Hit("told", (moved,), None, moved.recorded, facts)


def _repeat_ends(turn: Turn, lines: Lines) -> Iterator[Hit]:
    before, after, mark = turn.before, turn.after, turn.mark
    # What a source tells is not held against whoever imported it.
    if before is None or mark.source is not None:
        return
    if resolution(before) != resolution(after) == Outcome.IMPLEMENTED:
        for ref in sorted(lines.repeated_by.get(turn.ref, ())):
            later = lines.cases[ref]
            facts = {"later": ref, "asked": later.case.proposed_on}
            yield _act("earlier", mark, later.linked(turn.ref), **facts)
    for ref in sorted(repeats(after) - repeats(before)):
        earlier = lines.cases.get(ref)
        if earlier is None or not earlier.implemented_here:
            continue
        if _asked_before_end(turn, lines.cases[turn.ref], earlier):
            facts = {"later": turn.ref, "asked": after.proposed_on}
            yield Hit("earlier", (earlier.ended, mark), earlier.ended, mark.recorded, facts, ref)


def _asked_before_end(turn: Turn, later: Line, earlier: Line) -> bool:
    """Tell whether a later case was asked, or registered, before the earlier one was resolved."""
    ended = earlier.ended
    return turn.after.proposed_on <= ended.on or later.proposed.seq < ended.seq


def _repeat_stands(line: Line, lines: Lines) -> Iterator[Hit]:
    if not line.implemented_here:
        return
    ended = line.ended
    for ref in sorted(repeats(line.case), key=lambda ref: line.linked(ref).seq):
        earlier = lines.cases.get(ref)
        if earlier is not None and earlier.case.state is not State.RESOLVED:
            linked = line.linked(ref)
            facts = {"earlier": ref, "state": earlier.case.state}
            yield Hit("later", (linked, ended), ended, max(linked.recorded, ended.recorded), facts)


def _struck(event: Event, mark: Mark, log: Log) -> Iterator[Hit]:
    struck = log.struck.get(mark.seq)
    if struck is not None and not struck.first:
        said = {"act": Verb(struck.act), "seq": struck.mark.seq, "on": struck.mark.on}
        yield _struck_by(event, mark, struck.mark, what=Text("struck.act", **said))


def _proposal_struck(event: Event, mark: Mark, log: Log) -> Iterator[Hit]:
    struck = log.struck.get(mark.seq)
    if struck is not None and struck.first:
        yield _struck_by(event, mark, struck.mark, on=struck.mark.on)


def _struck_by(event: Event, mark: Mark, struck: Mark, **facts: Any) -> Hit:
    # The reason may be that of `undo`.
    reason = event.reason and Written(event.reason)
    said = {"recorded": mark.recorded, "by": struck.who, "reason": reason}
    return _act("struck", mark, struck, **said, **facts)


def _other_login(event: Event, mark: Mark, log: Log) -> Iterator[Hit]:
    from casework.acts.actors import REGISTRAR

    login = mark.login
    own, linked = log.logins.of(mark.actor, mark.seq)
    if login is None or login == own or mark.actor == REGISTRAR:
        return
    facts = {"what": _what(event), "login": login, "own": own}
    holder = log.logins.holder(login, mark.seq)
    if holder is not None:
        _, given = log.logins.of(holder, mark.seq)
        yield _act("held", mark, given, holder=holder, **facts)
    elif own is not None:
        yield _act("own", mark, linked, **facts)


def _paper_number(event: Event, mark: Mark, log: Log) -> Iterator[Hit]:
    made = fold(None, event) if event.act == numbering.ISSUE else None
    if not isinstance(made, Paper):
        return
    year, number = made.issued_on.year, made.paper_number
    taken = log.numbers.setdefault(year, {})
    facts = {"number": made.full_number, "year": year, "next": numbering.following(taken)}
    if number in taken:
        yield _act("twice", mark, taken[number], **facts)
    elif not numbering.in_turn(number, taken):
        yield _act("gap", mark, **facts)
    taken.setdefault(number, mark)


def _events_lost(event: Event, mark: Mark, _: Log) -> Iterator[Hit]:
    if event.kind != Register.kind or event.act != LOSS:
        return
    entry = earlier_of(event.changes["origins"][1])[-1]
    facts = {
        "covered": entry.covered,
        "left": entry.left,
        "reason": event.reason,
        "consent": entry.consent,
    }
    yield _act("lone" if entry.why == LONE else "two", mark, **facts)


def _unlike(event: Event, mark: Mark, _: Log) -> Iterator[Hit]:
    # Of a case that was there `_left_unlike` asks.
    made = fold(None, event) if event.kind == Case.kind and event.prev < 0 else None
    if isinstance(made, Case):
        for one in broken(made):
            yield _act("broken", mark, rule=one.says)


def _left_unlike(step: Step, _: Log) -> Iterator[Hit]:
    # What a correction leaves is what the act it corrects leaves.
    if step.left is None:
        return
    stood = broken(step.before)
    for one in broken(step.left):
        if one not in stood:
            yield _act("broken", step.mark, rule=one.says)


def _unlawful(event: Event, mark: Mark, log: Log) -> Iterator[Hit]:
    if (why := log.unlawful.get(event.seq)) is not None:
        yield _act("rule", mark, what=_what(event), why=why)


def _key_replaced(event: Event, mark: Mark, _: Log) -> Iterator[Hit]:
    if event.kind == Register.kind and event.act == "renew-key":
        yield _act("key", mark, reason=event.reason)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for every act, every act on an existing case, or every case at the end.

    With `told_too` it is put to acts a source told of as well. Of cases that repeat one or are
    repeated, `on_turn` asks act by act and `at_last` at the end how the others stood.
    """

    on_act: Callable[[Event, Mark, Log], Iterator[Hit]] | None = None
    on_case: Callable[[Step, Log], Iterator[Hit]] | None = None
    at_end: Callable[[Known, Log], Iterator[Hit]] | None = None
    on_turn: Callable[[Turn, Lines], Iterator[Hit]] | None = None
    at_last: Callable[[Line, Lines], Iterator[Hit]] | None = None
    told_too: bool = False


RULES: Mapping[str, Rule] = {
    "events-lost": Rule(on_act=_events_lost),
    "decided-alone": Rule(on_act=_decided_alone),
    "key-replaced": Rule(on_act=_key_replaced),
    "self-confirmed": Rule(on_case=_self_confirmed),
    "unsupported": Rule(on_case=_unsupported),
    "extended-late": Rule(on_case=_extended_late),
    "recorded-late": Rule(on_act=_recorded_late),
    "back-dated": Rule(on_act=_back_dated),
    "idle": Rule(at_end=_idle),
    "time-unanswered": Rule(at_end=_unanswered),
    "owner-contests": Rule(at_end=_contested),
    "reopened": Rule(on_case=_reopened),
    "reassigned-late": Rule(on_case=_reassigned_late),
    "clock-back": Rule(on_act=_clock_back, told_too=True),
    "reported-only": Rule(at_end=_reported_only),
    "repeat-implemented": Rule(on_turn=_repeat_ends, at_last=_repeat_stands),
    "other-login": Rule(on_act=_other_login),
    "paper-number": Rule(on_act=_paper_number),
    "unlawful": Rule(on_act=_unlawful, told_too=True),
    "unlike": Rule(on_act=_unlike, on_case=_left_unlike, told_too=True),
    "proposal-struck": Rule(on_act=_proposal_struck),
    "act-struck": Rule(on_act=_struck),
}
"""The rules by identifier, in the order in which they are applied."""

FIRST = frozenset({"events-lost", "decided-alone"})
"""Rules whose findings come before all others."""

BY_WEIGHT = (
    *("events-lost", "decided-alone", "key-replaced", "unlawful", "unlike"),
    "paper-number",
    *("proposal-struck", "self-confirmed", "unsupported", "repeat-implemented", "reopened"),
    "act-struck",
    *("extended-late", "reassigned-late", "owner-contests", "time-unanswered", "idle"),
    *("other-login", "clock-back", "reported-only", "recorded-late", "back-dated"),
)
"""The rules by importance.

First the log itself, then the basis of decisions, delays, and how acts came into the register.
"""

ROUTINE = frozenset({"reported-only", "recorded-late", "back-dated"})
"""Rules that apply to most acts of an office that records its papers after signing them."""
