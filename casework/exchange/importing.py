"""Cases as a source reports them, made into acts: all of a file, or nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from casework import beside, compiled, queries
from casework.dates import length, parse_date
from casework.directory import allow, code
from casework.errors import CaseworkError, UsageError
from casework.exchange.columns import (
    BY_NAME,
    COLUMNS,
    HISTORY,
    LISTS,
    NO,
    OWN,
    YES,
    Column,
    value_of,
)
from casework.exchange.denials import denies
from casework.exchange.history import told_acts
from casework.exchange.reading import rows_of
from casework.ledger import Desk, draft, load, record_drafts
from casework.officers import stranger
from casework.progress import steps
from casework.records import COLLECTIVE, Case, Conference, Intake, Organisation, Person, plain
from casework.rows import ref_parts
from casework.text import TITLE_LIMIT, clean, fold, fold_code
from casework.workflow import BASES, CLOSING_OUTCOMES, PRECISIONS, Outcome, State, target

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    from casework.audit import event as audit
    from casework.connections import Connection
    from casework.exchange.reading import Row
    from casework.exchange.sources import Source
    from casework.ledger import Draft

T = TypeVar("T")

BATCH = 100
"""How many rows are written at a time."""

SENT = 50
"""How many rows a worker sends at a time: a part of a batch, or a file that breaks off would have
been written to another row than in one process."""

LONG = 1 << 19
"""From how many bytes of a file on a second process takes less time than it costs."""

IDENTITY = ("title", "proposer", "conference")
"""What a case is known again by, beside its reference."""

SHOWN = 20
"""How many bad rows an error shows."""

VALUE_SHOWN = 60
"""How many characters of a bad value an error shows."""

LABEL = "reported by {name}"

AGREED_ONLY = State.UNDER_STUDY
AGREED_MARKS = frozenset(
    ("open_resolved", "under_implementation", "in_progress", "closure_requested")
)
"""Other registers' states of a case that is agreed to and not done.

"Open Resolved" is a United States inspector general's, the others are those of the United
Nations' Board of Auditors, for whom a request for closure is a claim until the Board confirms it.
"""

REMEMBERED = 4096
"""How many values of each column are remembered: read once, however many rows have them."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: rows read, cases made, cases that were there already; blank rows."""

    rows: int
    created: int
    skipped: int
    blank: int = 0
    doubted: tuple[str, ...] = ()
    """The cases made whose rows deny what they claim."""
    repeated: bool = False
    """The very same file had been imported before."""


@dataclass(slots=True)
class _Faults:
    """The bad rows of a file: how many there are, and what the first of them say."""

    file: str
    count: int = 0
    shown: list[str] = field(default_factory=list)

    def note(self, plans: Iterable[_Plan]) -> None:
        for plan in plans:
            if plan.fault is not None:
                self.count += 1
                if len(self.shown) < SHOWN:
                    self.shown.append(f"{self.file}, row {plan.number}, {plan.fault}")

    def refuse(self, rows: int) -> None:
        """Raise UsageError where there is any."""
        if self.count:
            more = f"\n… and {self.count - len(self.shown)} more"
            raise UsageError(
                f"{self.count} of {rows} rows cannot be imported:\n"
                + "\n".join(self.shown)
                + (more if self.count > len(self.shown) else ""),
                "correct the file and import it again; nothing was imported",
            )


class _BadCell(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, column: str, value: Any, fault: str) -> None:
        super().__init__(fault)
        self.column = column
        self.value = value
        self.fault = fault


def import_cases(desk: Desk, source: Source, label: str | None = None) -> Imported:
    """Import a file of cases; `label` says who reports them, by default the file.

    Raises UsageError naming every bad row, the first twenty shown. A case that is registered
    already is left as it is. Importing the same file again creates nothing.
    """
    allow(desk, Intake, "import", "import cases")
    if load(desk.connection, Intake, source.digest) is not None:
        full = blank = 0
        for row in rows_of(source):
            full, blank = (full, blank + 1) if row.blank else (full + 1, blank)
        return Imported(full, 0, full, blank, repeated=True)
    label = LABEL.format(name=source.name) if label is None else clean(label, "the reporter")
    start = queries.head(desk.connection).size
    rows = created = blank = 0
    faults = _Faults(source.name)
    linked: dict[str, int] = {}
    doubted: list[str] = []
    with _planned(_Plans.of(desk, label, source)) as plans:
        for batch in _batches(steps(plans, "importing")):
            said = [plan for plan in batch if not plan.blank]
            rows, blank = rows + len(said), blank + len(batch) - len(said)
            settled = list(_settled(said, _registered(desk.connection, said), start))
            faults.note(settled)
            # The case it is linked to may come later in the file.
            linked |= {str(plan.ref): plan.number for plan in settled if plan.links}
            drafts = [plan.draft for plan in settled if plan.draft is not None]
            created += len(drafts)
            doubted += [str(plan.ref) for plan in settled if plan.draft and plan.doubted]
            if drafts and not faults.count:
                record_drafts(desk.connection, drafts)
    if not faults.count and (lost := queries.lost_link(desk.connection)) is not None:
        fault = f"{HISTORY}: {lost[1]!r}: it is no case"
        faults.note([_Plan(linked[lost[0]], lost[0], fault=fault)])
    faults.refuse(rows)
    if created:
        file = {"name": source.name, "rows": rows, "created": created}
        desk.record(desk.act("import", (Intake.kind, source.digest), file))
    return Imported(rows, created, rows - created, blank, tuple(doubted))


@contextmanager
def _planned(plans: _Plans) -> Iterator[Iterator[_Plan]]:
    """Give what each row of a file comes to, in order; of a long file a second process makes it."""
    if plans.source.size < LONG or not beside.possible():
        with closing(plans.all()) as made:
            yield made
        return
    # No named tuple goes through a pipe.
    with beside.running(lambda: map(_bare, _batches(plans.all(), SENT))) as told:
        yield map(_Plan._make, chain.from_iterable(told))


def _bare(batch: list[_Plan]) -> list[tuple[Any, ...]]:
    return [tuple(plan) for plan in batch]


def _settled(
    batch: Iterable[_Plan], registered: dict[str, _Registered], start: int
) -> Iterator[_Plan]:
    """Yield plans as they stand once it is known which cases there are.

    A case whose first event is not before `start` was made by the file itself.
    """
    for plan in batch:
        if plan.ref is None:
            yield plan
        elif (there := registered.get(plan.key)) is not None:
            yield plan.against(there, start)
        else:
            registered[plan.key] = _Registered._make((plan.ref, *plan.identity, start))
            yield plan


def _registered(connection: Connection, batch: Iterable[_Plan]) -> dict[str, _Registered]:
    """Return the cases that have the references of a batch, by their folded reference."""
    keys = json.dumps([plan.key for plan in batch if plan.ref is not None])
    found = connection.rows(compiled.REGISTERED, ref_keys=keys)
    return {row[0]: _Registered(*row[1:]) for row in found}


def _asked(source: Source) -> dict[str, int]:
    highest: dict[str, int] = {}
    for row in rows_of(source):
        if isinstance(ref := row.values.get("ref"), str):
            stem, number = ref_parts(ref)
            highest[stem] = max(number, highest.get(stem, 0))
    return highest


def _fault(column: str, given: Any, fault: str) -> str:
    return f"{column}: {_shown(given)}: {fault}"


def _shown(value: Any) -> str:
    """Return a value for a message: as it stands in the file, if it is not long."""
    if isinstance(value, str):
        return repr(f"{value[:VALUE_SHOWN]}…" if len(value) > VALUE_SHOWN else value)
    text = repr(plain(value))
    return f"{text[:VALUE_SHOWN]}…" if len(text) > VALUE_SHOWN else text


def _batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


class _Registered(NamedTuple):
    """A case that has a reference a row asks for."""

    ref: str
    title: str
    proposer: str
    conference: str | None
    first_event: int


class _Plan(NamedTuple):
    """What a row comes to: a draft, or what is wrong with it.

    `ref`, folded to `key`, is None where its cells already say nothing that can be read. `identity`
    are the title, proposer and conference (if any) by which a case is known again, `given` the
    reference and these as they stand in the row. A case that `links` is linked to another one, and
    nobody answers for what is `doubted`.
    """

    number: int
    ref: str | None
    key: str = ""
    identity: tuple[Any, ...] = ()
    given: tuple[Any, ...] = ()
    fault: str | None = None
    draft: Draft | None = None
    links: bool = False
    doubted: bool = False

    @property
    def blank(self) -> bool:
        """Tell whether its row says nothing at all."""
        return self.ref is None and self.fault is None

    def against(self, there: _Registered, start: int) -> _Plan:
        """Return the plan of a row whose case is there already: it makes none."""
        plan = self._replace(fault=None, draft=None, links=False)
        if there.first_event >= start:
            return plan._replace(
                fault=_fault("ref", self.given[0], "another row of the file has it too")
            )
        for name, value, given in zip(IDENTITY, self.identity, self.given[1:], strict=True):
            held = getattr(there, name)
            if value not in {None, held}:
                return plan._replace(fault=_fault(name, given, f"case {there.ref} has {held!r}"))
        return plan


@dataclass(slots=True)
class _Plans:
    """Turns rows into drafts. Knows the directory, which is small, and asks no store for more."""

    desk: Desk
    label: str
    source: Source
    known: dict[str, dict[str, list[str]]]
    collectives: set[str]
    parents: dict[str, str | None]
    """The body above each organisation."""
    orgs: dict[str, str | None]
    """The organisation of each person."""
    opening_days: dict[str, date | None]
    numbers: dict[str | None, int]
    """The highest number taken under each conference, and outside of them."""
    asked: dict[str, int] | None = None
    """The highest number that rows of the file ask for, under each stem of references."""
    readers: dict[str, Callable[[Any], Any]] = field(init=False)
    """What reads the cells of each column."""

    def __post_init__(self) -> None:
        self.readers = {column.name: self.reader(column) for column in COLUMNS}

    @classmethod
    def of(cls, desk: Desk, label: str, source: Source) -> _Plans:
        """Return the plans of a file at a desk, whose store is asked what there is."""
        known: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for kind, folded, found in desk.connection.rows(compiled.ALL_NAMES):
            if fold(found) == folded:
                known[kind][folded] = [found]
            elif folded not in known[kind] or fold(known[kind][folded][0]) != folded:
                known[kind][folded].append(found)
        organisations = queries.directory(desk.connection, Organisation)
        days = {one.code: one.date for one in queries.directory(desk.connection, Conference)}
        return cls(
            desk,
            label,
            source,
            known,
            collectives={org.code for org in organisations if org.org_kind == COLLECTIVE},
            parents={org.code: org.parent for org in organisations},
            orgs={one.code: one.org for one in queries.directory(desk.connection, Person)},
            opening_days=days,
            numbers={
                code: ref_parts(queries.next_ref(desk.connection, code))[1] - 1
                for code in (None, *days)
            },
        )

    def all(self) -> Generator[_Plan]:
        """Yield what each row of the file comes to."""
        with closing(rows_of(self.source)) as rows:
            yield from map(self.plan, rows)

    def plan(self, row: Row) -> _Plan:
        """Return what a row comes to if its case is not registered yet."""
        if row.blank:
            return _Plan(row.number, None)
        ref: str | None = None
        identity: tuple[Any, ...] = ()
        given: tuple[Any, ...] = ()
        try:
            values = self.values(row)
            identity = tuple(map(values.get, IDENTITY))
            given = tuple(map(row.values.get, ("ref", *IDENTITY)))
            ref = values.pop("ref", None) or self.number(values.get("conference"))
            acts = self.acts(ref, values, row.values.get(HISTORY))
        except _BadCell as bad:
            fault = _fault(bad.column, row.values.get(bad.column, bad.value), bad.fault)
            return _Plan(row.number, ref, fold_code(ref or ""), identity, given, fault)
        # No column tells of links; a told history may.
        links = HISTORY in row.values and any(act.changes.get("links") for act in acts)
        left: Any = acts[-1].after()
        told = (row.number, ref, fold_code(ref), identity, given, None)
        return _Plan(*told, draft(acts), links, left.doubted)

    def values(self, row: Row) -> dict[str, Any]:
        """Return what the cells of a row say."""
        if row.fault is not None:
            raise _BadCell(*row.fault)
        readers = self.readers
        values = {name: readers[name](cell) for name, cell in row.values.items() if name != HISTORY}
        for name in ("title", "proposer"):
            if name not in values:
                raise _BadCell(name, "", f"a case needs a {name}")
        return values

    def acts(self, ref: str, values: dict[str, Any], told: list[Any] | None) -> list[audit.Act]:
        """Return the acts that make a case, from what its row says or from the history it tells."""
        return list(self.history(ref, values)) if told is None else self.told(ref, values, told)

    def number(self, conference: str | None) -> str:
        """Return the next reference that neither a case nor a row of the file asks for."""
        if self.asked is None:
            self.asked = _asked(self.source)
        stem = f"{conference or 'CASE'}."
        highest = max(self.numbers[conference], self.asked.get(fold_code(stem), 0))
        self.numbers[conference] = highest + 1
        return f"{stem}{highest + 1:03d}"

    def reader(self, column: Column) -> Callable[[Any], Any]:
        """Return what reads a column's cells: it gives the value as the case holds it."""
        name, parse = column.name, self.parser(column)

        def read(given: Any) -> Any:
            try:
                return parse(given, name)
            except CaseworkError as error:
                raise _BadCell(name, given, error.message) from None

        if column.holds in OWN:
            return read
        # Codes, dates and states say the same again and again.
        known = lru_cache(maxsize=REMEMBERED)(read)
        return (lambda given: known(tuple(given))) if column.holds in LISTS else known

    def parser(self, column: Column) -> Callable[[Any, str], Any]:
        """Return what checks and looks up what a cell of a column says, given the column's name."""
        kind = column.names
        if column.holds == "list":
            return partial(self.listed, kind)
        if kind is not None:
            return lambda given, _: self.look_up(kind, given)
        return _PARSERS[column.holds]

    def listed(self, kind: str | None, given: Iterable[str], name: str) -> tuple[str, ...]:
        """Return each of the texts of a list once, as the codes of a kind where they name it."""
        items = [clean(item, name, TITLE_LIMIT) for item in given]
        if kind is not None:
            items = [self.look_up(kind, item) for item in items]
        return tuple(dict.fromkeys(items))

    def look_up(self, kind: str, words: str) -> str:
        codes = self.known[kind].get(fold(words), [])
        if len(codes) == 1:
            return codes[0]
        if codes:
            raise UsageError(f"ambiguous: {', '.join(codes)}")
        from difflib import get_close_matches

        near = get_close_matches(fold(words), self.known[kind], n=1)
        hint = f"; nearest: {self.known[kind][near[0]][0]}" if near else ""
        raise UsageError(f"no {kind} is called that{hint}")

    def told(self, ref: str, values: dict[str, Any], told: list[Any]) -> list[audit.Act]:
        try:
            acts = told_acts(self.desk, ref, told, self.label)
        except (KeyError, TypeError, ValueError, AttributeError, CaseworkError) as error:
            raise _BadCell(HISTORY, ref, f"{error}") from None
        for act in acts:
            self.check_codes(act)
        last: Any = acts[-1].after()
        for name, value in values.items():
            column = BY_NAME[name]
            doubt = column.holds == "doubt"
            if value != (value_of(last, column) if doubt else getattr(last, column.field)):
                raise _BadCell(name, value, "the row's history ends otherwise")
        return acts

    def check_officer(self, values: dict[str, Any]) -> None:
        """Refuse an officer who is not of the owner; who handled what is over may have moved on."""
        person, owner = values.get("officer"), values.get("owner")
        if person is None or owner is None or values.get("state") is State.RESOLVED:
            return
        if fault := stranger(person, self.orgs.get(person), owner, self.parents):
            raise _BadCell("officer", person, fault)

    def check_codes(self, act: audit.Act) -> None:
        """Refuse a told act that names what is not registered here, or a collective as owner."""
        named = {column.field: column.names for column in BY_NAME.values() if column.names}
        named |= {"answered_by": "person", "resolved_by": "person"}
        for field_name, kind in named.items():
            value = act.changes.get(field_name)
            for found in value if isinstance(value, tuple) else (value,):
                if found is not None and [found] != self.known[kind].get(fold(found)):
                    raise _BadCell(HISTORY, found, f"no {kind} has this code")
        if act.changes.get("owner") in self.collectives:
            raise _BadCell(HISTORY, act.changes["owner"], "a collective may not own a case")

    def history(self, ref: str, values: dict[str, Any]) -> Iterator[audit.Act]:
        """Yield the acts that lead to where a row says its case stands."""
        self.check_officer(values)
        steps = _steps(values, self.desk, self.opening_days, self.collectives)
        reported = {"source": self.label}
        subject: Any = (Case.kind, ref)
        state = State.PROPOSED
        for verb, day, changes in steps:
            if verb == "propose":
                changes["reported"] = self.label
            elif verb not in {"extend", "hold", "resume", "answer"}:
                state = target(verb, state, ref)
                changes |= {"state": state, "state_since": day}
            act = self.desk.act(verb, subject, changes, effective_on=day, reported=reported)
            subject = act.after()
            yield act


def _span(words: str) -> tuple[str, str]:
    start, mark, end = words.partition("/")
    if not mark or parse_date(end) < parse_date(start):
        raise UsageError("a hold is written as its first day, a slash, and the day it was over")
    return start, end


def _state(words: str) -> State:
    return AGREED_ONLY if words in AGREED_MARKS else State(_one_of(State, words))


def _rule(words: str) -> str:
    length(words)
    return words


def _one_of(allowed: Iterable[str], word: str) -> str:
    for value in allowed:
        if value == word:
            return value
    raise UsageError(f"one of {', '.join(allowed)} is needed")


_PARSERS: Mapping[str, Callable[[Any, str], Any]] = {
    "text": clean,
    "title": lambda given, name: clean(given, name, TITLE_LIMIT),
    "ref": code,
    "date": lambda given, _: parse_date(given),
    "state": lambda given, _: _state(given.strip().casefold().replace(" ", "_")),
    "outcome": lambda given, _: _one_of(Outcome, given.strip().casefold().replace(" ", "-")),
    "basis": lambda given, _: _one_of(BASES, given.strip().casefold()),
    "precision": lambda given, _: _one_of(PRECISIONS, given.strip().casefold()),
    "doubt": lambda given, _: _one_of((YES, NO), given.strip().casefold()),
    "rule": lambda given, _: _rule(given.strip()),
    "spans": lambda given, _: tuple(_span(item) for item in given),
}

_PROPOSAL = [
    (name, BY_NAME[name].field)
    for name in (
        *("title", "title_vi", "summary", "conference", "proposer", "speaker", "addressee"),
        *("with", "words", "theme", "instruments", "source"),
    )
]
"""The columns of what a case is proposed with, and its fields."""

_DEADLINE = [(name, BY_NAME[name].field) for name in ("basis", "precision", "rule", "from")]
"""The columns and fields that say how a due date was come by."""

_OF_DUE = ("original_due", *(name for name, _ in _DEADLINE))
"""The columns that say nothing without a due date."""

_LAST = {"hold": 1, "resume": 1, "close": 2, "resolve": 2}
"""Of the acts of one day: what comes after the others."""

Step = tuple[str, date, dict[str, Any]]


def _steps(
    values: dict[str, Any], desk: Desk, opening_days: dict[str, date | None], collectives: set[str]
) -> list[Step]:
    """Return verb, effective date and changes of each act a row implies, in order."""
    steps = list(_moves(values, desk, opening_days, collectives))
    if "holds" in values or "held_since" in values:
        steps += _holds(values, desk.today)
        # A day's hold is over before the case is resolved on it, and begins after it was assigned.
        steps.sort(key=lambda step: (step[1], _LAST.get(step[0], 0)))
    return steps


def _moves(
    values: dict[str, Any], desk: Desk, opening_days: dict[str, date | None], collectives: set[str]
) -> Iterator[Step]:
    """Yield the acts a row implies but for its holds."""
    state = values.get("state", State.PROPOSED)
    days = _days(values, state, desk.today, opening_days)
    _check_deadline(values, days)
    owner = values.get("owner")
    if owner in collectives:
        raise _BadCell("owner", owner, "a collective may coordinate a case but not own it")
    if owner is None and state in {State.ASSIGNED, State.UNDER_STUDY}:
        raise _BadCell("owner", "", f"a case that is {state.label} has an owner")
    proposal = {field_name: values[name] for name, field_name in _PROPOSAL if name in values}
    proposed_on = days["proposed_on"]
    proposal["state"] = State.PROPOSED
    proposal["state_since"] = proposal["proposed_on"] = proposed_on
    due = values.get("due")
    first_due = values.get("original_due") or due
    deadline = {"due": due, "original_due": first_due}
    deadline |= {field_name: values[name] for name, field_name in _DEADLINE if name in values}
    holds = values.get("holds", ())
    # What holds gave back was not granted by anybody.
    extended = due is not None and first_due is not None and due > first_due and not holds
    extension = {"due": due, "extensions": 1}
    if owner is None:
        # It was returned, or never given: what is told of its due date is told at once.
        proposal |= deadline | {"holds": holds} | (extension if extended else {})
        yield "propose", proposed_on, proposal
    else:
        if extended or holds:
            deadline["due"] = first_due
        yield "propose", proposed_on, proposal
        assigned_on = days["assigned_on"]
        given = {"owner": owner, "officer": values.get("officer"), "assigned_on": assigned_on}
        yield "assign", assigned_on, given | deadline
        if extended:
            yield "extend", assigned_on, extension
    yield from _ending(values, state, days, desk)


def _holds(values: dict[str, Any], today: date) -> Iterator[Step]:
    """Yield the holds of a case that has an owner; the last one leaves its due date."""
    spans, since = values.get("holds", ()), values.get("held_since")
    days = [date.fromisoformat(day) for span in spans for day in span]
    days += [since] if since else []
    first = values.get("assigned_on") or values.get("proposed_on") or date.min
    last = values.get("resolved_on") or today
    name = "held_since" if since else "holds"
    if days and (days != sorted(days) or days[0] < first or days[-1] > last):
        raise _BadCell(name, values[name], f"holds lie in their order between {first} and {last}")
    if since and values.get("state") not in {State.ASSIGNED, State.UNDER_STUDY}:
        raise _BadCell(
            name, since.isoformat(), "only an assigned case, or one under study, is held"
        )
    if "owner" not in values:
        return
    for number, (start, end) in enumerate(spans, 1):
        held = date.fromisoformat(start)
        yield "hold", held, {"held_since": held}
        over = {"held_since": None, "holds": spans[:number]}
        given = {"due": values["due"]} if number == len(spans) and "due" in values else {}
        yield "resume", date.fromisoformat(end), over | given
    if since:
        yield "hold", since, {"held_since": since}


def _ending(
    values: dict[str, Any], state: State, days: dict[str, date], desk: Desk
) -> Iterator[Step]:
    outcome = values.get("outcome")
    if state is State.PROPOSED or state is State.ASSIGNED:
        if outcome is not None:
            raise _BadCell("outcome", outcome, f"a case that is {state.label} has no outcome yet")
        return
    said = {name: values.get(name) for name in ("outcome", "answer", "document")}
    if state is State.RESOLVED:
        if outcome is None:
            raise _BadCell("outcome", "", "a resolved case has an outcome")
        resolved = {"resolved_on": days["resolved_on"], "resolved_by": desk.actor.code}
        if outcome in CLOSING_OUTCOMES and "study_on" not in values:
            yield "close", days["resolved_on"], said | resolved
            return
        if "owner" not in values:
            raise _BadCell("owner", "", f"a case resolved as {outcome} has had an owner")
        yield "study", days["study_on"], {"study_on": days["study_on"]}
        if _is_doubted(values):
            # The source takes back what it says: nobody here answers for it until somebody decides.
            resolved = {"resolved_on": days["resolved_on"]}
        yield "resolve", days["resolved_on"], said | resolved
        return
    studied = days["study_on"]
    yield "study", studied, {"study_on": studied}
    if any(said.values()):
        answered: dict[str, Any] = {"answered_on": studied}
        if values.get("doubted") != YES:
            answered["answered_by"] = desk.actor.code
        yield "answer", studied, said | answered


def _is_doubted(values: dict[str, Any]) -> bool:
    """Tell whether a row says so itself, or calls implemented what its answer denies."""
    if "doubted" in values:
        return bool(values["doubted"] == YES)
    return values["outcome"] == Outcome.IMPLEMENTED and denies(values.get("answer", ""))


_DAYS = ("proposed_on", "assigned_on", "study_on", "resolved_on")
_REACHED = {State.PROPOSED: 1, State.ASSIGNED: 2, State.UNDER_STUDY: 3, State.RESOLVED: 4}


def _days(
    values: dict[str, Any], state: State, today: date, opening_days: dict[str, date | None]
) -> dict[str, date]:
    """Return the effective date of each step; a step whose date is not told has the one before."""
    held = opening_days.get(values.get("conference", ""))
    day = values.get("proposed_on")
    if day is None:
        told = [values[name] for name in _DAYS if name in values]
        day = min([today, *told, *([held] if held else [])])
    days = {}
    for name in _DAYS:
        given = values.get(name)
        if given is not None and _DAYS.index(name) >= _REACHED[state]:
            raise _BadCell(name, given.isoformat(), f"the case is only {state.label}")
        if given is not None and given < day:
            raise _BadCell(name, given.isoformat(), f"it lies before {day}, the step before it")
        if given is not None and given > today:
            raise _BadCell(name, given.isoformat(), "it lies in the future")
        day = days[name] = given or day
    return days


def _check_deadline(values: dict[str, Any], days: dict[str, date]) -> None:
    due = values.get("due")
    if due is None:
        for name in _OF_DUE:
            if values.get(name):
                raise _BadCell("due", "", f"a case with {name} has a due date")
        return
    if ("rule" in values) != ("from" in values):
        raise _BadCell("rule", values.get("rule", ""), "a rule and the day it counts from")
    for earlier, why in (
        (days["proposed_on"], "the day it was proposed"),
        (values.get("assigned_on"), "the day it was assigned"),
    ):
        if earlier is not None and due < earlier:
            raise _BadCell("due", due.isoformat(), f"it lies before {why}, {earlier}")
