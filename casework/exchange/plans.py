"""Plan the acts that make the case of each row, or say what is wrong with the row."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import CaseworkError
from casework.exchange.cells import BadCell, Cells, call_by_number, fault, spell_out
from casework.exchange.columns import BY_NAME, COLUMN_OF, HISTORY, value_of
from casework.exchange.history import told_acts
from casework.exchange.known import Known, Registered
from casework.exchange.reading import rows_of
from casework.exchange.steps import DUES, steps_of
from casework.kinds.choices import State
from casework.kinds.records import COLLECTIVE, Case, Conference, Organisation, Person, plain
from casework.ledger.drafting import draft
from casework.questions import lookup, reading
from casework.questions.due_dates import prepared
from casework.rules import lawful
from casework.rules.dates import Typed
from casework.rules.implied import EXPORTED, Around
from casework.rules.owning import stranger
from casework.store import compiled
from casework.store.record_rows import STRUCK, ref_parts
from casework.system.text import fold, fold_code
from casework.words import Choice, Kind, Text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from datetime import date

    from casework.exchange.columns import Layout
    from casework.exchange.reading import Row
    from casework.exchange.sources import Source
    from casework.ledger.drafting import Draft
    from casework.ledger.ledger import Desk
    from casework.log import event as audit
    from casework.store.connections import Unseen

IDENTITY = ("title", "proposer", "conference")
"""The fields that identify a case, besides its reference."""

MENDED = (
    *("state_since", "due", "original_due", "due_words", "due_basis", "due_precision", "due_rule"),
    *("due_from", "extensions", "owner", "officer"),
    *("assigned_on", "study_on", "resolved_on", "document"),
)
"""The fields in which implied acts may differ from an exported case."""


class Plan(NamedTuple):
    """The plan of a row: a draft, or what is wrong with it.

    `ref`, folded to `key`, is None if the cells are unreadable. `identity` is the title, proposer
    and conference (if any) that identify a case; `given` has the reference and these as they are in
    the row. `links` are relations and other cases; nobody here stands for a `doubted` outcome.
    `said` has the values of a row whose case exists, by column, in the form of files; a `double`
    was recognised by identity only. A row without a reference may be `like` an earlier row, whose
    number is given. `due` is the due date as typed.
    """

    number: int
    ref: str | None
    key: str = ""
    identity: tuple[Any, ...] = ()
    given: tuple[Any, ...] = ()
    fault: Text | None = None
    draft: Draft | None = None
    links: tuple[tuple[str, str], ...] = ()
    doubted: bool = False
    said: dict[str, Any] | None = None
    double: bool = False
    like: int | None = None
    due: str = ""

    @property
    def blank(self) -> bool:
        """Return whether its row is empty."""
        return self.ref is None and self.fault is None

    def again(self, there: Registered, start: int, hides: Unseen, *, renames: bool) -> Plan:
        """Return the plan of a row whose case exists: it creates none.

        The identity must be the same, unless the row `renames` the case; then the title or the
        proposer is enough.
        """
        plan = self._replace(fault=None, draft=None, links=())
        if there.first_event >= start:
            return plan._replace(fault=fault("ref", self.given[0], Text("cell.twice")))
        held = (there.title, there.proposer, there.conference)
        if renames and (self.identity[0] == held[0] or self.identity[1] == held[1]):
            return plan
        for name, new, given, old in zip(
            IDENTITY, self.identity, self.given[1:], held, strict=True
        ):
            if given is not None and new not in {None, old}:
                told = reading.value(hides, (Case.kind, there.ref), name, old)
                return plan._replace(
                    fault=fault(name, given, Text("cell.case-has", ref=there.ref, old=told))
                )
        return plan

    def struck(self, ref: str) -> Plan:
        """Return the plan of a row whose case was struck out here: it creates none.

        A row with the same values is skipped, any other is refused.
        """
        plan = self._replace(fault=None, draft=None, links=())
        if self.fault is None and self.draft is not None and STRUCK in self.draft[0]:
            return plan
        return plan._replace(fault=fault("ref", self.given[0], Text("cell.struck", ref=ref)))


@dataclass(slots=True)
class Plans:
    """Turns rows into drafts. It holds the directory in memory and needs no store.

    Rows that are probably doubles are refused or matched to the existing case, unless `doubles`
    allows both.
    """

    desk: Desk
    label: str
    source: Source
    cells: Cells
    around: Around
    known: Known
    layout: Layout
    doubles: bool
    parents: dict[str, str | None]
    """The parent of each organisation."""
    orgs: dict[str, str | None]
    """The organisation of each person."""
    numbers: dict[str | None, int]
    """The highest number used under each conference, and outside conferences."""
    spelt: list[str] = field(default_factory=list)
    """The columns of the present row whose values came from other cells."""
    asked: dict[str, int] | None = field(default=None)
    """The highest number that rows of the file use, under each stem of references."""

    @classmethod
    def of(
        cls,
        desk: Desk,
        label: str,
        source: Source,
        hides: Unseen,
        layout: Layout,
        *,
        doubles: bool,
    ) -> Plans:
        """Return the planner for a file at a desk, with what its store has."""
        connection = desk.connection
        known: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for kind, folded, found in connection.rows(compiled.ALL_NAMES):
            if fold(found) == folded:
                known[kind][folded] = [found]
            elif folded not in known[kind] or fold(known[kind][folded][0]) != folded:
                known[kind][folded].append(found)
        organisations = lookup.directory(connection, Organisation)
        conferences = lookup.directory(connection, Conference)
        call_by_number(known[Conference.kind], ((one.code, one.number) for one in conferences))
        days = {one.code: one.date for one in conferences}
        bodies = {org.code: org for org in organisations}
        cells = Cells(known, prepared(connection, desk.today), desk.today, bodies)
        collectives = {org.code for org in organisations if org.org_kind == COLLECTIVE}
        return cls(
            desk,
            label,
            source,
            cells,
            Around(desk.today, desk.actor.code, days, collectives),
            Known((tuple(row) for row in connection.rows(compiled.IDENTITIES)), hides.cases),
            layout,
            doubles,
            parents={org.code: org.parent for org in organisations},
            orgs={one.code: one.org for one in lookup.directory(connection, Person)},
            numbers={
                code: ref_parts(lookup.next_ref(connection, code))[1] - 1 for code in (None, *days)
            },
        )

    def all(self) -> Generator[Plan]:
        """Yield the plan of each row of the file."""
        with closing(rows_of(self.source, self.layout)) as rows:
            yield from map(self.plan, rows)

    def plan(self, row: Row) -> Plan:
        """Return the plan of a row, if its case is new."""
        if row.blank:
            return Plan(row.number, None)
        ref: str | None = None
        identity: tuple[Any, ...] = ()
        given: tuple[Any, ...] = ()
        values: dict[str, Any] = {}
        try:
            values = self.values(row)
            identity = tuple(map(values.get, IDENTITY))
            given = tuple(map(row.values.get, ("ref", *IDENTITY)))
            ref, double = self.ref(values.pop("ref", None), *identity)
            key = fold_code(ref)
            if (there := self.known.refs.get(key)) is not None:
                due = values.get("due")
                said = self.said(row, values)
                typed = due.words if isinstance(due, Typed) else ""
                held = Plan(row.number, there, key, identity, given)
                return held._replace(said=said, double=double, due=typed)
            acts = self.acts(ref, values, row.values.get(HISTORY))
        except BadCell as bad:
            wrong = bad.told(row.values)
            return Plan(row.number, ref, fold_code(ref or ""), identity, given, wrong)
        left: Any = acts[-1].after()
        first = row.number if given[0] else self.known.earlier_row(row.number, *identity)
        like = None if self.doubles or first == row.number else first
        return Plan(
            row.number,
            ref,
            key,
            identity,
            given,
            draft=draft(acts),
            links=left.links,
            doubted=left.doubted,
            like=like,
        )

    def values(self, row: Row) -> dict[str, Any]:
        """Return the values of a row."""
        if row.fault is not None:
            raise BadCell(*row.fault)
        self.cells.on = self._proposed_on(row)
        values = self.cells.values(row.values)
        self.spelt = spell_out(values)
        if "title" not in values:
            # A case is called by one title at least; the Vietnamese one then stands for both.
            if "title_vi" not in values:
                raise BadCell("title", "", "cell.needs-title")
            values["title"] = values["title_vi"]
        if "proposer" not in values:
            raise BadCell("proposer", "", "cell.needs-proposer")
        if values.get("owner") in values.get("with", ()):
            # As when it is assigned: an owner does not coordinate its own case.
            values["with"] = tuple(org for org in values["with"] if org != values["owner"])
        return values

    def _proposed_on(self, row: Row) -> date:
        """Return the day a row's case was proposed; its names are looked up on that day."""
        readers, cells = self.cells.readers, row.values
        if (told := cells.get("proposed_on")) is not None:
            day: date = readers["proposed_on"](told)
            return day
        held = self.around.opening_days.get(
            readers["conference"](cells["conference"]) if "conference" in cells else ""
        )
        return min(self.around.today, held) if held else self.around.today

    def ref(
        self, given: str | None, title: str, proposer: str, conference: str | None
    ) -> tuple[str, bool]:
        """Return the reference of a row's case, and whether it was recognised by identity only.

        Raises BadCell for a row that is probably a double of a case.
        """
        if given is not None:
            other = None if self.doubles else self.known.misspelt(given)
            if other is not None:
                raise BadCell("ref", given, "cell.likely", other=other)
            return given, False
        if not self.doubles:
            alike = self.known.alike(title, proposer, conference)
            if len(alike) == 1:
                return alike[0], True
            if alike:
                raise BadCell("title", title, "cell.could-be", alike=Choice(alike[:10]))
        return self.number(conference), False

    def said(self, row: Row, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values of a row for an existing case, in the form of files."""
        with suppress(BadCell):
            # What a new case would lack may stand in the register.
            steps_of(values, self.around, self.cells)
        for name in DUES:
            if isinstance(typed := values.get(name), Typed):
                values[name] = self.cells.due(name, typed, self.desk.today).day
        named = [name for name in (*row.values, *self.spelt) if name in values]
        return {name: _plain(name, values[name]) for name in named}

    def acts(self, ref: str, values: dict[str, Any], told: list[Any] | None) -> list[audit.Act]:
        """Return the acts that create a case, from the values or the history of its row."""
        return list(self.history(ref, values)) if told is None else self.told(ref, values, told)

    def number(self, conference: str | None) -> str:
        """Return the next reference that neither a case nor a row of the file uses."""
        if self.asked is None:
            self.asked = _asked(self.source, self.layout)
        stem = f"{conference or 'CASE'}."
        highest = max(self.numbers[conference], self.asked.get(fold_code(stem), 0))
        self.numbers[conference] = highest + 1
        return f"{stem}{highest + 1:03d}"

    def told(self, ref: str, values: dict[str, Any], told: list[Any]) -> list[audit.Act]:
        """Return the acts of a history, which must lead to the values of the row."""
        try:
            acts = told_acts(self.desk, ref, told, self.label)
        except CaseworkError as error:
            raise BadCell(HISTORY, ref, error.what) from None
        for act in acts:
            self.check_codes(act)
        last: Any = acts[-1].after()
        for name, value in values.items():
            column = BY_NAME[name]
            doubt = column.holds == "doubt"
            said = value
            if isinstance(value, Typed):
                said = self.cells.due(name, value, last.assigned_on or last.proposed_on).day
            if said != (value_of(last, column) if doubt else getattr(last, column.field)):
                raise BadCell(name, value, "cell.history-ends")
        return acts

    def check_officer(self, values: dict[str, Any]) -> None:
        """Refuse an officer who is not of the owner, except in resolved cases."""
        person, owner = values.get("officer"), values.get("owner")
        if person is None or owner is None or values.get("state") is State.RESOLVED:
            return
        if wrong := stranger(person, self.orgs.get(person), owner, self.parents):
            raise BadCell("officer", person, wrong)

    def check_codes(self, act: audit.Act) -> None:
        """Refuse a reported act that names an unknown record, or a collective as owner."""
        for one in Case.fields:
            if one.refers is None:
                continue
            value = act.changes.get(one.name)
            for found in value if isinstance(value, tuple) else (value,):
                if found is not None and [found] != self.cells.known[one.refers].get(fold(found)):
                    raise BadCell(HISTORY, found, "cell.no-code", kind=Kind(one.refers))
        if act.changes.get("owner") in self.around.collectives:
            raise BadCell(HISTORY, act.changes["owner"], "cell.collective")

    def history(self, ref: str, values: dict[str, Any]) -> Iterator[audit.Act]:
        """Yield the acts that lead to the state of a row."""
        self.check_officer(values)
        reported = {"source": self.label}
        subject: Any = (Case.kind, ref)
        day = self.desk.today
        for verb, day, changes in steps_of(values, self.around, self.cells):
            if verb == "propose":
                changes["reported"] = self.label
            act = self.desk.act(verb, subject, changes, effective_on=day, reported=reported)
            subject = _lawful(act, values)
            yield act
        if EXPORTED in values and (changes := _mended(subject, values)):
            day = max(day, values[EXPORTED])
            act = self.desk.act("correct", subject, changes, effective_on=day, reported=reported)
            _lawful(act, values)
            yield act


def _lawful(act: audit.Act, values: dict[str, Any]) -> Any:
    """Return the case after an act; raises BadCell if the act is impossible."""
    wrong = lawful.fault(lawful.Step.of(act))
    if wrong is not None:
        name = COLUMN_OF.get(wrong.field or "", "state")
        raise BadCell(name, values.get(name, ""), "cell.error", error=wrong.says)
    return act.after()


def _mended(case: Case, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values in which an exported row differs from the acts that it implies."""
    told = {BY_NAME[name].field: value for name, value in values.items()}
    return {
        name: told[name] for name in MENDED if name in told and told[name] != getattr(case, name)
    }


def _plain(name: str, value: Any) -> Any:
    if BY_NAME[name].holds == "Spans":
        return ["/".join(span) for span in value]
    if BY_NAME[name].holds == "doubt":
        return value
    return str(value) if isinstance(value, int) else plain(value)


def _asked(source: Source, layout: Layout) -> dict[str, int]:
    highest: dict[str, int] = {}
    for row in rows_of(source, layout):
        if isinstance(ref := row.values.get("ref"), str):
            stem, number = ref_parts(ref)
            highest[stem] = max(number, highest.get(stem, 0))
    return highest
