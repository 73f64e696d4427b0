"""What an inspector would ask about: rules read through the log once, in its order.

A finding is a question, not an accusation. The rules stand in one table at the end, each with its
identifier, what it means and does not mean in both languages, and the function that judges.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from casework.audit.event import fold
from casework.calendar import DEFAULT_ZONE
from casework.records import Case, Person, shape
from casework.words import LANGUAGES, word
from casework.workflow import Outcome, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from casework.audit.event import Event

REPEATS = "repeats"
PROGRESS = frozenset(
    ("state", "owner", "officer", "coordinating", "due", "outcome", "answer", "document")
)
"""Fields a change of which shows that a case under study is being dealt with."""


class Words(NamedTuple):
    """A text in both languages."""

    en: str
    vi: str

    def said(self, lang: str) -> str:
        """Return the text in a language."""
        return self[LANGUAGES.index(lang)]


NOTE = Words(
    "a finding is a question, not an accusation; --explain RULE says what each rule means",
    "mỗi phát hiện là một câu hỏi, không phải lời buộc tội; --explain RULE giải thích từng quy tắc",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is too long, in calendar days (`clock_back_seconds`: in seconds), and what is asked.

    `zone` is the office's time zone, in which the day an act was recorded is told. `as_of` leaves
    out acts that took effect after that day. `lang` is the language of the findings' texts.
    """

    recorded_late_days: int = 30
    idle_days: int = 180
    reassigned_late_days: int = 30
    clock_back_seconds: int = 0
    zone: str = DEFAULT_ZONE
    as_of: date | None = None
    lang: str = "en"


DEFAULTS = Settings()


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


@dataclass(frozen=True, slots=True)
class Rule:
    """A question put to every act, to every act on a case there is, or to every case at the end.

    `says` are the sentences of its findings, by what exactly was found.
    """

    title: Words
    explanation: Words
    says: Mapping[str, Words]
    on_act: Callable[[Event, _Mark, _Log], Iterator[_Hit]] | None = None
    on_case: Callable[[_Step, _Log], Iterator[_Hit]] | None = None
    at_end: Callable[[_Known, _Log], Iterator[_Hit]] | None = None
    told_too: bool = False

    def explain(self, settings: Settings = DEFAULTS) -> str:
        """Return what the rule means and does not mean, with the limits it is asked with."""
        limits = {name: f"{n:,}" for name, n in asdict(settings).items() if isinstance(n, int)}
        return self.explanation.said(settings.lang).format_map(limits)


def find(events: Iterable[Event], settings: Settings, day: date) -> Iterator[Finding]:
    """Yield what the rules find in the whole log, given from its first event.

    `day` is the day on which it is asked how long a case has been idle. First come the findings
    on acts, in the order of the log; then those on how cases stand at its end, in the order of
    the last event behind each. What is remembered grows with cases and people, not with events.
    """
    log = _Log(settings, day)
    for event in events:
        mark = log.mark(event)
        if settings.as_of is None or mark.on <= settings.as_of:
            step = log.step(event, mark)
            yield from _on_act(event, mark, step, log)
            log.remember_case(event, mark, step)
        # Logins and the order of recording are the log's own, whatever day is asked about.
        log.remember(event)
    yield from sorted(_at_end(log), key=lambda found: found.seqs[-1])


def _on_act(event: Event, mark: _Mark, step: _Step | None, log: _Log) -> Iterator[Finding]:
    ref = event.key if event.kind == Case.kind else None
    for name, rule in RULES.items():
        # An act a source told of was not done by whoever imported it, and what it says of days
        # and people cannot be checked here: only that it is told is in question. The clock is
        # judged on such events too, because their recording was done here.
        if mark.source is not None and not rule.told_too:
            continue
        hits: list[_Hit] = []
        if rule.on_act is not None:
            hits += rule.on_act(event, mark, log)
        if rule.on_case is not None and step is not None:
            hits += rule.on_case(step, log)
        for hit in hits:
            yield hit.finding(name, ref, log.settings.lang)


def _at_end(log: _Log) -> Iterator[Finding]:
    for name, rule in RULES.items():
        if rule.at_end is not None:
            for known in log.cases.values():
                for hit in rule.at_end(known, log):
                    yield hit.finding(name, known.case.ref, log.settings.lang)


# --- what is remembered ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mark:
    """What is remembered of an event; not the event itself, whose texts may be long.

    `done` is the day the act was done.
    """

    seq: int
    actor: str
    login: str | None
    on: date
    recorded: date
    done: date
    source: str | None


@dataclass(slots=True)
class _Known:
    """A case as it stands, without its texts, and the events that made it so."""

    case: Case
    proposed: _Mark
    moved: _Mark
    ended: _Mark
    progress: _Mark
    due_set: _Mark | None = None
    answered: _Mark | None = None
    owner: str | None = None
    links: dict[str, _Mark] = field(default_factory=dict)

    def remember(self, step: _Step) -> None:
        mark, before, after = step.mark, step.before, step.after
        self.case = after
        if before.state != after.state:
            self.moved = mark
        if _resolution(before) != _resolution(after):
            self.ended = mark
        if before.due != after.due:
            self.due_set = mark
        if step.event.act == "answer":
            self.answered = mark
        elif step.event.act in {"return", "reopen"}:
            self.answered = None
        if step.event.act != "redact" and not PROGRESS.isdisjoint(step.event.changes):
            self.progress = max(self.progress, mark, key=lambda one: one.on)
        # A case that was returned has no owner for a while; the last one is kept, so that its
        # going to another one is seen.
        self.owner = after.owner or self.owner


@dataclass(frozen=True, slots=True)
class _Step:
    """An act on a case there is: the case before and after it, and what was known till then."""

    event: Event
    mark: _Mark
    before: Case
    after: Case
    known: _Known


@dataclass(slots=True)
class _Log:
    """The log as far as it has been read."""

    settings: Settings
    day: date
    cases: dict[str, _Known] = field(default_factory=dict)
    repeated_by: dict[str, set[str]] = field(default_factory=dict)
    logins: dict[str, tuple[str, int]] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    last: tuple[int, str] = (-1, "")

    def mark(self, event: Event) -> _Mark:
        on = date.fromisoformat(event.effective_on)
        at = datetime.fromisoformat(event.recorded_at)
        recorded = at.astimezone(ZoneInfo(self.settings.zone)).date()
        return _Mark(
            seq=event.seq,
            actor=event.actor,
            login=event.login,
            on=on,
            recorded=recorded,
            # A correction takes effect on the day of what it corrects, which says nothing of
            # when somebody thought of it.
            done=recorded if event.act == "correct" else on,
            source=str(event.reported["source"]) if event.reported else None,
        )

    def step(self, event: Event, mark: _Mark) -> _Step | None:
        known = self.cases.get(event.key) if event.kind == Case.kind else None
        if known is None:
            return None
        return _Step(event, mark, known.case, _folded(known.case, event), known)

    def remember_case(self, event: Event, mark: _Mark, step: _Step | None) -> None:
        if step is not None:
            known, old = step.known, _repeats(step.before)
            known.remember(step)
        elif event.kind == Case.kind and event.version == 1:
            case, old = _folded(None, event), set()
            due_set = mark if case.due else None
            known = self.cases[case.ref] = _Known(case, mark, mark, mark, mark, due_set)
        else:
            return
        new = _repeats(known.case)
        for earlier in old - new:
            del known.links[earlier]
            self.repeated_by[earlier].discard(known.case.ref)
        for earlier in new - old:
            known.links[earlier] = mark
            self.repeated_by.setdefault(earlier, set()).add(known.case.ref)

    def remember(self, event: Event) -> None:
        self.last = (event.seq, event.recorded_at)
        if event.kind == Person.kind and "login" in event.changes:
            old, _ = self.logins.pop(event.key, (None, None))
            if old is not None:
                self.holders.pop(old, None)
            login = event.changes["login"][1]
            if login is not None:
                self.logins[event.key] = (login, event.seq)
                self.holders[login] = event.key


def _folded(case: Case | None, event: Event) -> Case:
    """Return a case after an event, without the texts, of which no rule asks."""
    private = shape(Case.kind).private
    changes = {name: pair for name, pair in event.changes.items() if name not in private}
    after = fold(case, replace(event, changes=changes))
    if not isinstance(after, Case):
        raise TypeError(after)
    return after


def _resolution(case: Case) -> str | None:
    return case.outcome if case.state is State.RESOLVED else None


def _repeats(case: Case) -> set[str]:
    return {ref for relation, ref in case.links if relation == REPEATS}


# --- what is found ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Hit:
    """What a function found: which of its rule's sentences to say, with which facts."""

    says: str
    behind: tuple[_Mark | int | None, ...]
    by: _Mark | None
    on: date
    facts: Mapping[str, Any]
    ref: str | None = None

    def finding(self, name: str, ref: str | None, lang: str) -> Finding:
        facts = {key: _shown(value, lang) for key, value in self.facts.items()}
        if self.by is not None:
            facts |= {"actor": self.by.actor, "when": _shown(self.by, lang)}
        seqs = {one.seq if isinstance(one, _Mark) else one for one in self.behind}
        return Finding(
            rule=name,
            ref=self.ref or ref,
            seqs=tuple(sorted(seq for seq in seqs if seq is not None)),
            on=self.on,
            actor=self.by.actor if self.by is not None else None,
            text=RULES[name].says[self.says].said(lang).format_map(facts),
        )


def _act(says: str, mark: _Mark, *behind: _Mark | int | None, **facts: Any) -> _Hit:
    """Return what was found in an act, and what lies behind it."""
    return _Hit(says, (*behind, mark), mark, mark.recorded, facts)


def _shown(value: Any, lang: str) -> str:
    match value:
        case _Mark(on=on, recorded=recorded):
            late = Words(" (recorded {})", " (ghi ngày {})").said(lang).format(recorded)
            return f"{on}{late if recorded != on else ''}"
        case timedelta(days=days):
            return Words(f"{days:,} day{'' if days == 1 else 's'}", f"{days:,} ngày").said(lang)
        case State():
            return word(value, lang)
    return str(value)


def _what(event: Event) -> str:
    return event.act if event.kind == Case.kind else f"{event.act} ({event.kind} {event.key})"


def _self_confirmed(step: _Step, _: _Log) -> Iterator[_Hit]:
    mark, answered = step.mark, step.known.answered
    if step.event.act != "resolve" or answered is None or answered.source is not None:
        return
    if answered.actor == mark.actor:
        yield _act("person", mark, answered, answered=answered)
    elif mark.login is not None and mark.login == answered.login:
        facts = {"answerer": answered.actor, "answered": answered, "login": mark.login}
        yield _act("login", mark, answered, **facts)


def _unsupported(step: _Step, log: _Log) -> Iterator[_Hit]:
    before, after, answered = step.before, step.after, step.known.answered
    if before.state is State.RESOLVED or after.state is not State.RESOLVED:
        return
    facts = {"outcome": word(str(after.outcome), log.settings.lang), "paper": after.document}
    lacks_paper = after.document is None
    if step.event.act == "close":
        if lacks_paper:
            yield _act("closed", step.mark, **facts)
    elif answered is None:
        yield _act("neither" if lacks_paper else "answer", step.mark, **facts)
    elif lacks_paper:
        yield _act("document", step.mark, answered, **facts)


def _extended_late(step: _Step, _: _Log) -> Iterator[_Hit]:
    old, new, done = step.before.due, step.after.due, step.mark.done
    # By whatever verb: to assign a returned case anew, or to correct its due date, moves it too.
    if old is not None and new is not None and old < new and old < done:
        yield _act("late", step.mark, step.known.due_set, old=old, new=new, n=done - old)


def _recorded_late(event: Event, mark: _Mark, log: _Log) -> Iterator[_Hit]:
    late = mark.recorded - mark.on
    if late.days > log.settings.recorded_late_days:
        yield _act("late", mark, what=_what(event), on=mark.on, recorded=mark.recorded, n=late)


def _back_dated(event: Event, mark: _Mark, _: _Log) -> Iterator[_Hit]:
    back = mark.recorded - mark.on
    if back.days > 0:
        yield _act("back", mark, what=_what(event), on=mark.on, recorded=mark.recorded, n=back)


def _idle(known: _Known, log: _Log) -> Iterator[_Hit]:
    moved, last, limit = known.moved, known.progress, log.settings.idle_days
    # That a state is only told by a source is in question as such; how long it lasts, it tells.
    if known.case.state is not State.UNDER_STUDY or moved.source is not None:
        return
    if (idle := log.day - last.on).days > limit:
        told = {"since": moved.on, "last": last.on, "n": idle, "day": log.day}
        on = last.on + timedelta(limit + 1)
        yield _Hit("idle", (moved, last), None, on, told | {"owner": known.case.owner})


def _reopened(step: _Step, log: _Log) -> Iterator[_Hit]:
    before, ended = step.before, step.known.ended
    if before.state is State.RESOLVED and step.after.state is not State.RESOLVED:
        outcome = word(str(before.outcome), log.settings.lang)
        yield _act("reopened", step.mark, ended, outcome=outcome, ended=before.resolved_on)


def _reassigned_late(step: _Step, log: _Log) -> Iterator[_Hit]:
    old, new, due = step.known.owner, step.after.owner, step.before.due
    if None in {old, new} or old == new or due is None:
        return
    if (left := due - step.mark.done).days <= log.settings.reassigned_late_days:
        says = "before" if left.days >= 0 else "after"
        facts = {"old": old, "new": new, "due": due, "n": abs(left)}
        yield _act(says, step.mark, step.known.due_set, **facts)


def _clock_back(event: Event, mark: _Mark, log: _Log) -> Iterator[_Hit]:
    seq, was = log.last
    if event.recorded_at >= was:
        return
    back = datetime.fromisoformat(was) - datetime.fromisoformat(event.recorded_at)
    if back > timedelta(seconds=log.settings.clock_back_seconds):
        facts = {"seq": mark.seq, "at": event.recorded_at, "before": seq, "was": was}
        yield _Hit("back", (seq, mark), None, mark.recorded, facts)


def _reported_only(known: _Known, _: _Log) -> Iterator[_Hit]:
    moved, state = known.moved, known.case.state
    if moved.source is not None and state is not State.PROPOSED:
        facts = {"state": state, "source": moved.source, "since": moved.on}
        yield _Hit("told", (moved,), None, moved.recorded, facts)


def _repeat_ends(step: _Step, log: _Log) -> Iterator[_Hit]:
    before, after, mark = step.before, step.after, step.mark
    if _resolution(before) != _resolution(after) == Outcome.IMPLEMENTED:
        for ref in sorted(log.repeated_by.get(after.ref, ())):
            later = log.cases[ref]
            facts = {"later": ref, "asked": later.case.proposed_on}
            yield _act("earlier", mark, later.links[after.ref], **facts)
    for ref in sorted(_repeats(after) - _repeats(before)):
        earlier = log.cases.get(ref)
        if earlier is not None and _done_here(earlier) and _asked_before_end(step.known, earlier):
            facts = {"later": after.ref, "asked": after.proposed_on}
            yield _Hit("earlier", (earlier.ended, mark), earlier.ended, mark.recorded, facts, ref)


def _done_here(known: _Known) -> bool:
    """Tell whether an act made here resolved a case as implemented."""
    return known.ended.source is None and _resolution(known.case) == Outcome.IMPLEMENTED


def _asked_before_end(later: _Known, earlier: _Known) -> bool:
    """Tell whether a later case was asked, or registered, before the earlier one was resolved."""
    ended = earlier.ended
    return later.case.proposed_on <= ended.on or later.proposed.seq < ended.seq


def _repeat_stands(known: _Known, log: _Log) -> Iterator[_Hit]:
    if not _done_here(known):
        return
    ended = known.ended
    for ref, linked in known.links.items():
        earlier = log.cases.get(ref)
        if earlier is not None and earlier.case.state is not State.RESOLVED:
            facts = {"earlier": ref, "state": earlier.case.state}
            yield _Hit("later", (linked, ended), ended, max(linked.recorded, ended.recorded), facts)


def _other_login(event: Event, mark: _Mark, log: _Log) -> Iterator[_Hit]:
    from casework.directory import REGISTRAR

    login = mark.login
    own, linked = log.logins.get(mark.actor, (None, None))
    if login is None or login == own or mark.actor == REGISTRAR:
        return
    facts = {"what": _what(event), "login": login, "own": own}
    holder = log.holders.get(login)
    if holder is not None:
        yield _act("held", mark, log.logins[holder][1], holder=holder, **facts)
    elif own is not None:
        yield _act("own", mark, linked, **facts)


# --- the rules -------------------------------------------------------------------------------

RULES: Mapping[str, Rule] = {
    "self-confirmed": Rule(
        Words("Confirmed by the one who answered", "Người trả lời tự xác nhận"),
        Words(
            "The owner answers and the secretariat confirms, so that two people look at a case."
            " Here one person did both; or two are named, but both acts were done under one login."
            " It does not mean that the answer is wrong: an office of one person can do no other,"
            " and a colleague may have typed for somebody. Ask what the confirmation rests on."
            " Where nobody had answered before the confirmation, see unsupported.",
            "Cơ quan chủ trì trả lời và ban thư ký xác nhận, để có hai người cùng xem xét. Ở đây"
            " một người làm cả hai việc; hoặc đứng tên hai người nhưng cùng một tài khoản. Điều đó"
            " không có nghĩa câu trả lời là sai: nơi chỉ có một người thì không thể làm khác, và"
            " đồng nghiệp có thể đã nhập hộ. Hãy hỏi việc xác nhận dựa vào đâu. Nếu trước khi xác"
            " nhận chưa có ai trả lời, xem quy tắc unsupported.",
        ),
        {
            "person": Words(
                "{actor} answered on {answered} and confirmed it on {when}: the same person",
                "{actor} trả lời ngày {answered} và xác nhận ngày {when}: cùng một người",
            ),
            "login": Words(
                "{answerer} answered on {answered} and {actor} confirmed it on {when}, both under"
                " the same login, {login}",
                "{answerer} trả lời ngày {answered}, {actor} xác nhận ngày {when}, cùng một tài"
                " khoản {login}",
            ),
        },
        on_case=_self_confirmed,
    ),
    "unsupported": Rule(
        Words(
            "Resolved without an answer or a document",
            "Giải quyết khi không có trả lời hoặc văn bản",
        ),
        Words(
            "The case was resolved, but nobody had noted an answer before it was confirmed, or no"
            " document is named that shows the result, or both. A case closed without study needs"
            " a document only: its reason stands for the answer. It does not mean that nothing was"
            " done: the owner may have answered by telephone, the paper may lie in the file. Ask"
            " to see it.",
            "Vụ việc đã được giải quyết, nhưng trước khi xác nhận chưa ai ghi câu trả lời, hoặc"
            " không nêu văn bản nào cho thấy kết quả, hoặc cả hai. Vụ việc kết thúc không qua"
            " nghiên cứu chỉ cần văn bản: lý do thay cho câu trả lời. Điều đó không có nghĩa là"
            " chưa làm gì: cơ quan chủ trì có thể đã trả lời qua điện thoại, văn bản có thể nằm"
            " trong hồ sơ. Hãy đề nghị cho xem.",
        ),
        {
            "neither": Words(
                "{actor} resolved it as {outcome} on {when}: nobody had answered before, and no"
                " document is named",
                "{actor} xác nhận {outcome} ngày {when}: trước đó chưa ai trả lời và không nêu"
                " văn bản",
            ),
            "answer": Words(
                "{actor} resolved it as {outcome} on {when}, by document {paper}: nobody had"
                " answered before",
                "{actor} xác nhận {outcome} ngày {when}, theo văn bản {paper}: trước đó chưa ai"
                " trả lời",
            ),
            "document": Words(
                "{actor} resolved it as {outcome} on {when}: no document is named",
                "{actor} xác nhận {outcome} ngày {when}: không nêu văn bản",
            ),
            "closed": Words(
                "{actor} closed it as {outcome} on {when}: no document is named",
                "{actor} kết thúc vụ việc với kết quả {outcome} ngày {when}: không nêu văn bản",
            ),
        },
        on_case=_unsupported,
    ),
    "extended-late": Rule(
        Words("Extended after the due date had passed", "Gia hạn khi đã quá hạn"),
        Words(
            "The due date was moved on only after it had passed; one day after is enough. Until"
            " then the case was overdue, from then on it no longer counts as such. An extension"
            " counts on the day it says it took effect (where it says an earlier day than it was"
            " recorded, see back-dated), a corrected due date on the day it was corrected. It does"
            " not mean that the extension was wrong: it may have been asked for in time. Look for"
            " the request and who granted it.",
            "Thời hạn chỉ được lùi sau khi đã qua; chậm một ngày là đủ. Trước đó vụ việc quá hạn,"
            " từ đó không còn bị tính là quá hạn. Việc gia hạn tính theo ngày hiệu lực (nếu ngày"
            " đó sớm hơn ngày ghi sổ, xem quy tắc back-dated), thời hạn được đính chính tính theo"
            " ngày đính chính. Điều đó không có nghĩa việc gia hạn là sai: có thể đã đề nghị đúng"
            " lúc. Hãy tìm văn bản đề nghị và người cho phép.",
        ),
        {
            "late": Words(
                "{actor} moved the due date from {old} to {new} on {when}, {n} after it had passed",
                "{actor} lùi hạn từ {old} đến {new} ngày {when}, sau khi đã quá hạn {n}",
            ),
        },
        on_case=_extended_late,
    ),
    "recorded-late": Rule(
        Words("Recorded long after it took effect", "Ghi sổ muộn"),
        Words(
            "The act was recorded more than {recorded_late_days} days after the day it took effect"
            " (--recorded-late-days). Reports made in between could not know it; --known-at shows"
            " what they showed. It does not mean that it is untrue: papers arrive late, a"
            " correction takes the day of what it corrects, and old files are entered in one go."
            " Ask for the paper that shows the day.",
            "Việc được ghi vào sổ hơn {recorded_late_days} ngày sau ngày hiệu lực"
            " (--recorded-late-days). Các báo cáo lập trong khoảng đó chưa thể biết; --known-at"
            " cho xem chúng đã thể hiện gì. Điều đó không có nghĩa là không đúng sự thật: văn bản"
            " có thể đến muộn, đính chính lấy ngày của nội dung được đính chính, hồ sơ cũ được"
            " nhập một lần. Hãy đề nghị cho xem văn bản ghi ngày.",
        ),
        {
            "late": Words(
                "{actor}: {what} took effect on {on} and was recorded on {recorded}, {n} later",
                "{actor}: {what} có hiệu lực ngày {on}, ghi sổ ngày {recorded}, muộn {n}",
            ),
        },
        on_act=_recorded_late,
    ),
    "back-dated": Rule(
        Words("Dated back", "Đề lùi ngày"),
        Words(
            "The act says that it took effect before the day on which it was recorded, by the"
            " office's time zone; one day is enough, and what was recorded long after is listed"
            " here too. Often that is as it should be: a recommendation is registered after the"
            " conference, a decision after it was signed, a correction for the day of what it"
            " corrects. Ask for the paper that shows the day, above all where the earlier day"
            " makes a case look in time.",
            "Ngày hiệu lực được nêu sớm hơn ngày ghi sổ, theo múi giờ của cơ quan; một ngày là đủ,"
            " và việc ghi rất muộn cũng được nêu ở đây. Thường thì như vậy là đúng: kiến nghị được"
            " đăng ký sau hội nghị, quyết định được ghi sau khi ký, đính chính lấy ngày của nội"
            " dung được đính chính. Hãy đề nghị cho xem văn bản ghi ngày, nhất là khi ngày sớm hơn"
            " làm cho vụ việc có vẻ đúng hạn.",
        ),
        {
            "back": Words(
                "{actor} recorded {what} on {recorded} as of {on}, {n} earlier",
                "{actor} ghi {what} ngày {recorded} với hiệu lực từ {on}, sớm hơn {n}",
            ),
        },
        on_act=_back_dated,
    ),
    "idle": Rule(
        Words("Under study and idle", "Đang nghiên cứu nhưng không có chuyển biến"),
        Words(
            "The case is under study, and for more than {idle_days} days (--idle-days) there was"
            " no answer and no change of its state, owner, officer, coordinating organisations,"
            " due date, outcome or document. Notes, links and edits of wording do not count. It"
            " does not mean that nobody works on it: there may be work of which the register was"
            " not told. Ask the owner where it stands.",
            "Vụ việc đang nghiên cứu, và đã hơn {idle_days} ngày (--idle-days) không có trả lời,"
            " không thay đổi trạng thái, cơ quan chủ trì, cán bộ, cơ quan phối hợp, thời hạn, kết"
            " quả hay văn bản. Ghi chú, liên kết và sửa câu chữ không được tính. Điều đó không có"
            " nghĩa là không ai làm: có thể có việc chưa được ghi vào sổ. Hãy hỏi cơ quan chủ trì"
            " về tình hình.",
        ),
        {
            "idle": Words(
                "under study by {owner} since {since}; nothing has happened since {last}: {n} on"
                " {day}",
                "{owner} nghiên cứu từ {since}; không có chuyển biến từ {last}: {n} tính đến {day}",
            ),
        },
        at_end=_idle,
    ),
    "reopened": Rule(
        Words("Reopened after confirmation", "Mở lại sau khi đã xác nhận"),
        Words(
            "The case had been confirmed as resolved, or closed, and was taken up again. It does"
            " not mean that the first decision was careless: things change, and to reopen a case"
            " openly is better than to leave a wrong answer. Ask what the first confirmation"
            " rested on, and which reports counted the case as resolved.",
            "Vụ việc đã được xác nhận là giải quyết xong, hoặc đã kết thúc, rồi được xem xét lại."
            " Điều đó không có nghĩa quyết định đầu là cẩu thả: tình hình có thể thay đổi, và công"
            " khai mở lại tốt hơn là để một câu trả lời sai. Hãy hỏi lần xác nhận đầu dựa vào đâu,"
            " và những báo cáo nào đã tính vụ việc là giải quyết xong.",
        ),
        {
            "reopened": Words(
                "{actor} reopened it on {when}; it had been resolved as {outcome} on {ended}",
                "{actor} mở lại ngày {when}; trước đó đã giải quyết ngày {ended}: {outcome}",
            ),
        },
        on_case=_reopened,
    ),
    "reassigned-late": Rule(
        Words(
            "Given to another owner close to the due date",
            "Đổi cơ quan chủ trì sát hạn hoặc quá hạn",
        ),
        Words(
            "The case was given to another owner {reassigned_late_days} days or less"
            " (--reassigned-late-days) before it was due, or later: at once, or by returning and"
            " assigning it again. The new owner had little time, or took over a delay. It does"
            " not mean that somebody pushed the case away: tasks change hands. Ask who had it for"
            " most of the time, and do not count the delay against the last owner alone.",
            "Vụ việc được giao cho cơ quan chủ trì khác khi còn {reassigned_late_days} ngày hoặc ít"
            " hơn (--reassigned-late-days), hoặc sau khi quá hạn: giao thẳng, hoặc trả lại rồi"
            " giao lại. Cơ quan mới có ít thời gian, hoặc phải nhận phần chậm trễ. Điều đó không có"
            " nghĩa là có người đẩy việc: nhiệm vụ có thể thay đổi. Hãy hỏi ai giữ vụ việc lâu"
            " nhất, và không chỉ tính sự chậm trễ cho cơ quan cuối cùng.",
        ),
        {
            "before": Words(
                "{actor} gave it from {old} to {new} on {when}, {n} before it was due on {due}",
                "{actor} chuyển từ {old} sang {new} ngày {when}, {n} trước hạn {due}",
            ),
            "after": Words(
                "{actor} gave it from {old} to {new} on {when}, {n} after it was due on {due}",
                "{actor} chuyển từ {old} sang {new} ngày {when}, {n} sau hạn {due}",
            ),
        },
        on_case=_reassigned_late,
    ),
    "clock-back": Rule(
        Words("Clock set back", "Đồng hồ bị lùi"),
        Words(
            "An event bears a time of recording more than {clock_back_seconds} seconds"
            " (--clock-back-seconds) earlier than the event before it, though events are numbered"
            " in the order in which they were written. So a machine's clock was set back, or those"
            " of two machines differ, and the days of recording near this place cannot be relied"
            " on. It says nothing of who acted: clocks are also set right. Where several machines"
            " share a register, allow some seconds.",
            "Một sự kiện có giờ ghi sớm hơn sự kiện trước nó hơn {clock_back_seconds} giây"
            " (--clock-back-seconds), dù các sự kiện được đánh số theo thứ tự ghi. Như vậy đồng hồ"
            " máy đã bị lùi, hoặc đồng hồ của hai máy lệch nhau, và không thể tin ngày ghi ở gần"
            " chỗ đó. Điều đó không nói gì về người thực hiện: cũng có khi đồng hồ được chỉnh cho"
            " đúng. Nếu nhiều máy dùng chung một sổ, nên cho phép lệch vài giây.",
        ),
        {
            "back": Words(
                "event {seq} was recorded at {at}, the event before it, {before}, at {was}",
                "sự kiện {seq} được ghi lúc {at}, còn sự kiện trước nó, {before}, lúc {was}",
            ),
        },
        on_act=_clock_back,
        told_too=True,
    ),
    "reported-only": Rule(
        Words("State known only from a source", "Trạng thái chỉ theo nguồn"),
        Words(
            "The case is assigned, under study or resolved because a source says so, an imported"
            " file or a demonstration, and no act made in this register has moved it since. It"
            " does not mean that the source is wrong, and whoever imported it does not answer for"
            " what it tells: acts told by a source are judged by this rule alone. Ask the source"
            " for its proof. A case that is only proposed is not listed: nothing is claimed of it.",
            "Vụ việc là đã giao, đang nghiên cứu hoặc đã giải quyết vì một nguồn nói như vậy, tệp"
            " được nhập hoặc bản trình diễn, và từ đó chưa có việc nào làm trong sổ này chuyển"
            " trạng thái. Điều đó không có nghĩa nguồn là sai, và người nhập không chịu trách"
            " nhiệm về điều nguồn kể: việc theo nguồn chỉ được xét theo quy tắc này. Hãy đề nghị"
            " nguồn đưa bằng chứng. Vụ việc mới được kiến nghị thì không nêu: chưa có gì được"
            " khẳng định.",
        ),
        {
            "told": Words(
                "{state} since {since} according to a source ({source}); no act made here has"
                " confirmed it",
                "{state} từ {since} theo nguồn ({source}); chưa có việc nào làm ở đây xác nhận",
            ),
        },
        at_end=_reported_only,
    ),
    "repeat-implemented": Rule(
        Words("A repeat recorded as implemented", "Kiến nghị lặp lại được ghi là đã thực hiện"),
        Words(
            "Whoever recommends something again says that it has not been done. So there is a"
            " question when the earlier case is recorded as implemented after it was asked again:"
            " on the day of the later recommendation or after it, or once the later case was"
            " registered or linked. Was it done, or closed because a newer case stands for it?"
            " Then it is superseded, not implemented. There is a question too when the later case"
            " is recorded as implemented while the earlier one is still open: the same thing"
            " cannot be done and not done. It does not mean that nothing was done: the work may"
            " have been finished after the second asking. A later case that is implemented where"
            " the earlier one was superseded is as it should be, and not listed.",
            "Người kiến nghị lại cho biết việc đó chưa được thực hiện. Vì vậy có điều cần hỏi khi"
            " vụ việc trước được ghi là đã thực hiện sau khi đã có kiến nghị lại: từ ngày có kiến"
            " nghị sau, hoặc khi vụ việc sau đã được đăng ký hay liên kết. Đã thực hiện thật, hay"
            " kết thúc vì có vụ việc mới thay thế? Khi đó là được thay thế, không phải đã thực"
            " hiện. Cũng có điều cần hỏi khi vụ việc sau được ghi là đã thực hiện mà vụ việc trước"
            " vẫn chưa xong: cùng một việc không thể vừa xong vừa chưa xong. Điều đó không có"
            " nghĩa là chưa làm gì: công việc có thể hoàn thành sau lần kiến nghị thứ hai. Vụ việc"
            " sau đã thực hiện, còn vụ việc trước được thay thế, thì đúng và không nêu.",
        ),
        {
            "earlier": Words(
                "{actor} recorded it as implemented on {when}, though it was asked again as"
                " {later} on {asked}",
                "{actor} ghi là đã thực hiện ngày {when}, dù đã được kiến nghị lại ngày {asked} ở"
                " {later}",
            ),
            "later": Words(
                "{actor} recorded it as implemented on {when}; {earlier}, which it repeats, is"
                " still {state}",
                "{actor} ghi là đã thực hiện ngày {when}; {earlier} mà nó lặp lại vẫn {state}",
            ),
        },
        on_case=_repeat_ends,
        at_end=_repeat_stands,
    ),
    "other-login": Rule(
        Words("Done under another's login", "Thực hiện bằng tài khoản của người khác"),
        Words(
            "The register notes who acted and under which login of the system. Here the login was"
            " at that time linked to somebody else, or was not the one linked to this person. The"
            " registrar, with whom every register begins, is exempt. It does not mean that"
            " somebody pretended to be another: one colleague often enters what another decided."
            " Ask the person named whether they know of it.",
            "Sổ ghi ai thực hiện và bằng tài khoản nào của hệ thống. Ở đây, vào lúc đó, tài khoản"
            " thuộc về người khác, hoặc không phải tài khoản của người này. Người lập sổ, có từ"
            " khi sổ được mở, được miễn. Điều đó không có nghĩa có người mạo danh: đồng nghiệp"
            " thường nhập hộ điều người khác quyết định. Hãy hỏi người được nêu tên có biết không.",
        ),
        {
            "held": Words(
                "{actor}: {what} on {when} under the login {login}, which is linked to {holder}",
                "{actor}: {what} ngày {when} bằng tài khoản {login} của {holder}",
            ),
            "own": Words(
                "{actor}: {what} on {when} under the login {login}, not {own}, which is linked to"
                " this person",
                "{actor}: {what} ngày {when} bằng tài khoản {login}, không phải {own} của mình",
            ),
        },
        on_act=_other_login,
    ),
}
"""The rules by their identifiers, in the order in which they are put to an act."""
