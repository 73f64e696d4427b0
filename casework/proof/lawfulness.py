"""Whether every event of a log was one the rules allowed: its law, beside its bytes and its rows.

An event is judged by what the log had just before it, and by the rules that the log says were in
force then. What the events of all other records say is read first, in the order of the log
(`Past`); then the events of each case, one case after the other.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from contextlib import closing
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from casework.errors import IntegrityFailure
from casework.kinds.choices import State
from casework.kinds.records import KINDS, Case, Intake, Paper, Person, Register, Request
from casework.log.event import FORMAT, parsed
from casework.proof.beginnings import Beginnings
from casework.proof.circles import Linked, linked, may_link, wrong_links
from casework.proof.issued import false_roots
from casework.proof.placing import Logged, Placed, by_record, differing
from casework.proof.registered import Registered
from casework.proof.registered import before as _before
from casework.proof.telling import Runs
from casework.rules import law, seconding
from casework.rules.lawful import Step
from casework.rules.numbering import ISSUE
from casework.rules.said import Known, Said
from casework.store import compiled
from casework.system.clock import DEFAULT_ZONE, moment_of
from casework.words import Kind, Text, Verb

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from casework.kinds.records import Record
    from casework.rules.lawful import Fault
    from casework.store.connections import Connection


UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What comes of reading an event that a damaged store has."""


class Unlawful(NamedTuple):
    """An event that the rules of its day did not allow, and why."""

    seq: int
    act: str
    kind: str
    key: str
    why: Fault

    @property
    def says(self) -> Text:
        """What it was, and why it was not allowed."""
        named = {"act": Verb(self.act), "kind": Kind(self.kind), "key": self.key}
        return Text("lawful.event", seq=self.seq, **named, why=self.why.says)


Judged = tuple[Said, "Mapping[str, Any]"]
"""An act as the rules see it, and what is known of its place among others."""


def unlawful(
    connection: Connection, *, earlier: bool = False
) -> tuple[list[Unlawful], list[Unlawful]]:
    """Return the events that no rule allowed: those of an earlier version, and all others.

    They are in the order of the log. An earlier version recorded what stands before the first
    event that enters rules; where only such are asked for, cases that were made later are not
    looked at. Raises IntegrityFailure for a store that was damaged.
    """
    try:
        return _unlawful_of(connection, earlier=earlier)
    except UNREADABLE as error:
        raise IntegrityFailure("event.unreadable", "hint.changed-outside", error=error) from None


def _unlawful_of(connection: Connection, *, earlier: bool) -> tuple[list[Unlawful], list[Unlawful]]:
    past = Past(connection)
    found, links, begun = [*past.unlawful], list[Linked](), Counter[int]()
    with closing(connection.stream(compiled.EVENTS_OF_KIND, kind=Case.kind)) as rows:
        # A register that was founded under rules has nothing of an earlier version.
        for events in () if earlier and past.since == 0 else by_record(rows):
            if not earlier or past.since is None or events[0].seq < past.since:
                found += past.of_case(events)
                links += past.links_of(events)
                if (run := past.runs.made_by(events[0])) is not None:
                    begun[run.last] += 1
    found += past.left(links, begun)
    found.sort(key=lambda one: one.seq)
    since = len(found)
    if past.since is not None:
        since = bisect_left(found, past.since, key=lambda one: one.seq)
    return found[:since], found[since:]


def found_earlier(connection: Connection) -> dict[int, Text]:
    """Return what no rule would have allowed of what an earlier version recorded, by number."""
    before, _ = unlawful(connection, earlier=True)
    return {one.seq: one.why.says for one in before}


def first_unlawful(connection: Connection) -> Unlawful | None:
    """Return the first event that the rules of its day did not allow, None where all were.

    What an earlier version recorded is not judged: `audit findings` names what was unlawful in it.
    """
    _, found = unlawful(connection)
    return next(iter(found), None)


class Past:
    """What the log had of people, of the register, and of requests, before each of its events.

    `unlawful` are the events of other records than cases that no rule allowed; `since` is the
    number of the first event that enters rules, None where there is none. What stands before it
    was recorded by an earlier version. They are judged unless that is done elsewhere.
    """

    def __init__(self, connection: Connection, *, judges: bool = True) -> None:
        self._connection = connection
        self._judges = judges
        self._begun = Beginnings(connection)
        self._records: dict[tuple[str, str], Record] = {}
        self._acts: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
        self._registered = Registered(connection)
        self._registers: list[tuple[int, Register]] = []
        self._zone = DEFAULT_ZONE
        self._numbers: dict[int, set[int]] = defaultdict(set)
        self._papers: list[tuple[int, Paper]] = []
        self._confirmed: dict[int, tuple[Request, Said]] = {}
        self.runs = Runs(connection)
        self.since: int | None = None
        self.unlawful: list[Unlawful] = []
        with closing(connection.stream(compiled.OTHERS)) as rows:
            for body, disclosures in rows:
                self._take(Logged(parsed(bytes(body)), parsed(bytes(disclosures))))
        for seq, (request, confirmation) in self._confirmed.items() if judges else ():
            if (wrong := seconding.unfinished(request, self._subject(seq + 1))) is not None:
                self.unlawful.append(_unlawful(confirmation, wrong))
        for seq, paper, wrong in false_roots(connection, self._papers) if judges else ():
            self.unlawful += self._in_force(Unlawful(seq, ISSUE, Paper.kind, paper.code, wrong))

    # --- other records than cases ------------------------------------------------------------

    def _take(self, event: Logged) -> None:
        """Judge an event of another record than a case, and remember what it says."""
        subject = event.said["kind"], event.said["key"]
        said = self._said(event, self._records.get(subject))
        if self._judges and (wrong := self._wrong(said, self._acts[subject])) is not None:
            self.unlawful.append(_unlawful(said, wrong))
        self._begun.note(*subject, said.seq)
        self._records[subject] = said.after
        self._acts[subject][said.seq] = said.verb
        self._remember(event, said)

    def _remember(self, event: Logged, said: Said) -> None:
        self._registered.note(event, said.after)
        match said.after:
            case Register():
                if not self._registers:
                    self._zone = said.after.zone
                self._registers.append((said.seq, said.after))
                if self.since is None and said.after.rules is not None:
                    self.since = said.seq
            case Paper() if said.before is None:
                self._numbers[said.after.issued_on.year].add(said.after.paper_number)
                self._papers.append((said.seq, said.after))
            case Request() if said.verb == law.CONFIRM and isinstance(said.before, Request):
                self._confirmed[said.seq] = said.before, said
            case Intake() if said.verb == "import":
                self.runs.note(said.seq, said.actor, cast("Intake | None", said.before), said.after)

    def _wrong(self, said: Said, acts: Mapping[int, str]) -> Fault | None:
        wrong = self._wrong_rules(said) or law.wrong(said, self._known(said, acts))
        return wrong or self._begun.unregistered(said.kind, said.changes, said.seq)

    def _wrong_rules(self, said: Said) -> Fault | None:
        rules = said.changes.get(law.RULES)
        return law.unknown(rules) if rules is not None and not law.is_known(rules) else None

    # --- what was known ----------------------------------------------------------------------

    def _said(self, event: Logged, before: Record | None, after: Record | None = None) -> Said:
        said, changes = event.said, event.changes()
        kind = KINDS[said["kind"]]
        if after is None:
            after = kind.made(said["key"], changes) if before is None else before.changed(changes)
        return Said(
            seq=said["seq"],
            verb=said["act"],
            kind=said["kind"],
            key=said["key"],
            actor=said["actor"],
            day=_day(said["effective_on"]),
            recorded=_day_of(said["recorded_at"], self._zone),
            before=before,
            after=after,
            changes=changes,
            words=event.words(),
            redacts=said.get("redacts") or (),
            label=(said.get("reported") or {}).get("source"),
            deputy_of=said.get("deputy_of"),
            strange=event.strange,
            amends=said.get("amends"),
            strikes=said.get("strikes"),
            document_date=said.get("document_date"),
            format=said["v"],
        )

    def _known(
        self, said: Said, erasable: Mapping[int, str], *, told: bool = False, **placed: Any
    ) -> Known:
        follows = None
        if said.kind == Request.kind and said.verb == law.REDACT:
            follows = self._erased(said.seq - 1)
        known, confirmed = self._registered, self._confirmed.get(said.seq - 1)
        return Known(
            person=known.person(said.actor, said.seq),
            people=lambda: known.people(said.seq),
            register=_before(self._registers, said.seq),
            erasable=erasable,
            confirmed=confirmed,
            asker=None if confirmed is None else self._asker(confirmed[0]),
            person_of=lambda code: known.person(code, said.seq),
            body=lambda code: known.body(code, said.seq),
            parents=lambda: known.parents(said.seq),
            causes=lambda: known.causes(said.seq),
            follows=follows,
            told=told,
            numbers=self._numbers,
            away=None if said.deputy_of is None else known.person(said.deputy_of, said.seq),
            **placed,
        )

    def _asker(self, request: Request) -> Person | None:
        """Return who asked for an act, or for whom it was asked, as they stood then."""
        first = min(self._acts[Request.kind, request.key])
        return self._registered.person(request.asked_for or request.asked_by, first)

    def _subject(self, seq: int) -> tuple[str, str, str] | None:
        """Return what an event did, on which record: verb, kind and key."""
        row = self._connection.first(compiled.EVENTS_BETWEEN, first=seq, last=seq)
        if row is None:
            return None
        said = parsed(bytes(row[0]))
        return said["act"], said["kind"], said["key"]

    def _erased(self, seq: int) -> tuple[str, str] | None:
        """Return what an event erased from; of a request, what was asked for of it."""
        act, kind, key = self._subject(seq) or ("", "", "")
        if act != law.REDACT:
            return None
        request = self._records.get((kind, key)) if kind == Request.kind else None
        if isinstance(request, Request):
            return request.subject_kind, request.subject
        return kind, key

    # --- cases -------------------------------------------------------------------------------

    def of_case(
        self, events: list[Logged], left: Sequence[Record] | None = None
    ) -> Iterator[Unlawful]:
        """Yield the events of a case that no rule allowed.

        `left` has the case after each of them, where they simply follow one another.
        """
        acts: dict[int, str] = {}
        run, told = self.runs.told(events)
        unregistered = self._begun.unregistered_in(events, told, 0 if run is None else run.last)
        placed = None if left else Placed(self._connection, events, told)
        if placed is None:
            each = self._followed(events, left or (), told, unregistered)
        else:
            each = self._in_place(events, placed)
        for said, known in each:
            found = self._known(said, acts, told=said.seq in told, **known)
            wrong = law.wrong(said, found)
            if wrong is not None and placed is not None and placed.are_lawful_together(said.seq):
                wrong = law.wrong(said, found._replace(breaks=()))
            if wrong is None and said.seq in told:
                wrong = self._decided_by_import(said, max(told))
            if (wrong := wrong or unregistered.get(said.seq)) is not None:
                yield _unlawful(said, wrong)
            acts[said.seq] = said.verb

    def links_of(
        self, events: Sequence[Logged], left: Sequence[Record] | None = None
    ) -> list[Linked]:
        """Return the links of a case after each event that changed them; `left` is as above."""
        if not may_link(events, left):
            return []
        return linked(self._connection, events, left, self.runs.told(events)[1])

    def left(self, links: Iterable[Linked], begun: Mapping[int, int]) -> Iterator[Unlawful]:
        """Yield what all cases together show: events that link them as none may be, and imports.

        `begun` has the numbers of cases that each import made, by its last event.
        """
        for one, wrong in wrong_links(links, self._registered.waiting):
            yield from self._in_force(Unlawful(one.seq, one.act, Case.kind, one.ref, wrong))
        for run, wrong in self.runs.otherwise(begun):
            yield from self._in_force(Unlawful(run.last, "import", Intake.kind, run.key, wrong))

    def _in_force(self, one: Unlawful) -> Iterator[Unlawful]:
        """Yield an event that breaks a rule, if that was in force then."""
        if not law.is_later_rule(one.why, _before(self._registers, one.seq)):
            yield one

    def _followed(
        self,
        events: list[Logged],
        left: Sequence[Record],
        told: Container[int],
        unregistered: Container[int],
    ) -> Iterator[Judged]:
        """Yield acts of which each is the next step of its case, but for those seen to be allowed.

        None of them erases anything.
        """
        before: Any = None
        for event, after in zip(events, left, strict=True):
            if event.seq in unregistered or not self._is_clear(event, before, after, told):
                yield self._said(event, before, after), _SOUND
            before = after

    def _is_clear(self, event: Logged, before: Any, after: Any, told: Container[int]) -> bool:
        said, changes = event.said, event.changes()
        if not _MORE.isdisjoint(said) or "login" not in said or said["v"] < FORMAT:
            return False
        seq, actor = said["seq"], said["actor"]
        if not self._registered.are_clear(said["act"], after, changes):
            return False
        report = said["reported"] if "reported" in said else None  # noqa: SIM401 - in half the time
        step = Step(
            said["act"], before, after,
            law.fields(changes, report.get("source") if report else None),
            _day(said["effective_on"]), actor, event.words(), seq in told, None, True,
        )  # fmt: skip
        return law.is_clear(
            step,
            changes,
            _day_of(said["recorded_at"], self._zone),
            self._registered.person(actor, seq),
            _before(self._registers, seq),
        )

    def _in_place(self, events: list[Logged], placed: Placed) -> Iterator[Judged]:
        """Yield acts each in its place."""
        before: Record | None = None
        for place, event in enumerate(events):
            if placed.is_next(place):
                said = self._said(event, placed.row(place) or before)
                yield said, _NOTHING
            else:
                said, known = self._placed(event, placed, place)
                yield said, known
            before = said.after

    def _placed(self, event: Logged, placed: Placed, place: int) -> tuple[Said, dict[str, Any]]:
        """Return an act in its place among others, and what is known of it there."""
        stood, left = placed.rows(place)
        said = self._said(event, stood, left)
        made = {**said.changes, **differing(stood, left)}
        known: dict[str, Any] = {"on_day": placed.on_day(place), "breaks": placed.breaks(place)}
        known["left"] = placed.left_alone(place)
        return said._replace(made=made), known

    def _decided_by_import(self, said: Said, last: int) -> Fault | None:
        """Return what is wrong with a decision that is the last of what an import told."""
        decided = said.seq == last and getattr(said.after, "state", None) is State.RESOLVED
        return law.imported_decided() if decided and self._known(said, {}).two_decide else None


_MORE = frozenset(("deputy_of", "document_date"))
"""Members of an event that are asked about one by one."""

_NOTHING: Mapping[str, Any] = {}
_SOUND: Mapping[str, Any] = {"sound": True}


def _unlawful(said: Said, wrong: Fault) -> Unlawful:
    return Unlawful(said.seq, said.verb, said.kind, said.key, wrong)


_day = lru_cache(maxsize=4096)(date.fromisoformat)


@lru_cache(maxsize=4096)
def _day_of(recorded_at: str, zone: str) -> date | None:
    """Return the day of a time stamp at the office, None for one that names no moment."""
    at = moment_of(recorded_at)
    return None if at is None else at.astimezone(ZoneInfo(zone)).date()
