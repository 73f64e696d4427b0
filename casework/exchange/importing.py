"""Import cases that a source reports, as acts: all of a file or nothing."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casework.acts.actors import allow
from casework.errors import NotFoundError, RefusedError, UsageError
from casework.exchange.cells import fault
from casework.exchange.columns import CASES, HISTORY
from casework.exchange.known import Registered
from casework.exchange.plans import Plan, Plans
from casework.exchange.reading import rows_of
from casework.exchange.sources import STANDARD_INPUT
from casework.exchange.updating import Difference, Update, differences, refused, shown
from casework.kinds.records import Case, Intake
from casework.ledger.drafting import record_drafts
from casework.questions import audit_log, lookup
from casework.questions.reading import withheld
from casework.rules.linking import circles
from casework.store import compiled
from casework.store.loading import load
from casework.system.progress import steps
from casework.system.spooled import lots
from casework.system.text import clean
from casework.words import Lines, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from casework.exchange.columns import Layout
    from casework.exchange.sources import Source
    from casework.ledger.ledger import Desk
    from casework.store.connections import Connection, Unseen

BATCH = 100
"""How many rows are written at a time."""

SHOWN = 20
"""How many invalid rows an error shows."""

LABEL = "reported by {name}"
BY_DIGEST = "reported by file {digest:.12}"
"""The label of a file by its digest, because file names may contain private data."""


@dataclass(slots=True)
class Imported:
    """What an import did.

    `skipped` rows created nothing, because their case exists; `differences` lists where they differ
    from the register. `doubles` are rows without a reference and the cases they are probably about;
    `alike` has new cases whose rows have the identity of another row; `doubted` has new cases whose
    rows deny what they claim; `acts` were done on existing cases; `repeated` says that the same
    file was imported before.
    """

    rows: int = 0
    created: int = 0
    blank: int = 0
    doubted: list[str] = field(default_factory=list)
    doubles: list[tuple[int, str]] = field(default_factory=list)
    alike: list[tuple[int, str, int]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    acts: list[tuple[str, str]] = field(default_factory=list)
    repeated: bool = False

    @property
    def updated(self) -> int:
        """How many existing cases were changed."""
        return len({ref for ref, _ in self.acts})

    @property
    def differing(self) -> int:
        """How many rows differ from the register."""
        return len({one.row for one in self.differences})

    @property
    def skipped(self) -> int:
        """How many rows neither created nor changed anything."""
        return self.rows - self.created - self.updated


@dataclass(slots=True)
class _Faults:
    """The invalid rows of a file: their faults, their number, and the first of them."""

    file: Text
    rows: dict[int, Text] = field(default_factory=dict)
    count: int = 0
    shown: list[Text] = field(default_factory=list)

    def note(self, plans: Iterable[Plan]) -> None:
        for plan in plans:
            if plan.fault is not None:
                self.add(plan.number, plan.fault)

    def add(self, row: int, what: str | Text) -> None:
        self.count += 1
        self.rows.setdefault(row, what if isinstance(what, Text) else Text(what))
        if len(self.shown) < SHOWN:
            self.shown.append(Text("import.fault", file=self.file, row=row, what=what))

    def refuse(self, rows: int) -> None:
        """Raise UsageError if there are any."""
        if self.count:
            shown = Lines(self.shown, left_out=self.count - len(self.shown))
            error = UsageError("import.faults", count=self.count, rows=rows, shown=shown)
            error.rows = self.rows
            raise error


def import_cases(
    desk: Desk,
    source: Source,
    label: str | None = None,
    *,
    update: bool = False,
    doubles: bool = False,
    layout: Layout = CASES,
    unseen: Callable[[Connection], Unseen] = withheld,
) -> Imported:
    """Import a file of cases; `label` names the source, by default the file.

    An existing case is left as it is, and the differences of its row are reported; with `update`
    they become acts of the actor. A row without a reference means the case with its title, proposer
    and conference; with `doubles` it creates another one. Importing the same file again creates
    nothing. No text of `unseen` cases is reported, and no row is matched to them by title.

    Raises UsageError, which counts all invalid rows and shows the first twenty, and RefusedError
    for rows that no act may apply.
    """
    allow(desk, Intake, "import")
    known = load(desk.connection, Intake, source.digest)
    if known is not None and not update:
        return _repeated(source, layout)
    label = _label(source) if label is None else clean(label, "name.reporter")
    hides = unseen(desk.connection)
    run = _Run(desk, source.called, label, hides, update=update)
    with closing(Plans.of(desk, label, source, hides, layout, doubles=doubles).all()) as plans:
        for batch in lots(steps(plans, "importing"), BATCH):
            run.take(batch)
    done = run.finished()
    # The file itself may have raised a degree.
    hides = unseen(desk.connection)
    done.differences = [shown(hides, one) for one in done.differences]
    if done.created:
        # It ends what was told: only what stands before it, by the same person, was told of.
        file: dict[str, Any] = {"name": source.name, "rows": done.rows, "created": done.created}
        if known is not None:
            file["created"] += known.created
        desk.record(desk.act("import", known or (Intake.kind, source.digest), file))
    return done


def _label(source: Source) -> str:
    """Return the default source of a file's cases: the file, by its digest."""
    if source.name == STANDARD_INPUT:
        return LABEL.format(name=source.name)
    return BY_DIGEST.format(digest=source.digest)


def _repeated(source: Source, layout: Layout) -> Imported:
    done = Imported(repeated=True)
    for row in rows_of(source, layout):
        done.rows += not row.blank
        done.blank += row.blank
    return done


class _Run:
    """The import of one file, batch by batch."""

    def __init__(self, desk: Desk, name: Text, label: str, hides: Unseen, *, update: bool) -> None:
        self._desk = desk
        self._start = audit_log.head(desk.connection).size
        self._hides = hides
        self._label = label
        self._update = update
        self._name = name
        self._done = Imported()
        self._faults = _Faults(name)
        self._refused = _Faults(name)
        self._rows: dict[str, int] = {}
        self._links: dict[str, tuple[tuple[str, str], ...]] = {}

    def take(self, batch: list[Plan]) -> None:
        """Write a batch of rows, unless a row was invalid."""
        said = [plan for plan in batch if not plan.blank]
        done = self._done
        done.rows, done.blank = done.rows + len(said), done.blank + len(batch) - len(said)
        settled = list(self._settled(said, _registered(self._desk.connection, said)))
        self._faults.note(settled)
        # The cases it is linked to may come later in the file.
        for plan in settled:
            if plan.links:
                self._rows[str(plan.ref)] = plan.number
                self._links[str(plan.ref)] = plan.links
        made = [plan for plan in settled if plan.draft is not None]
        done.created += len(made)
        done.alike += [(plan.number, str(plan.ref), plan.like) for plan in made if plan.like]
        done.doubted += [str(plan.ref) for plan in made if plan.doubted]
        if made and not self._faults.count:
            record_drafts(self._desk.connection, [plan.draft for plan in made if plan.draft])
        for plan in settled:
            if plan.said is not None and plan.fault is None:
                self._compare(plan, plan.said)

    def finished(self) -> Imported:
        """Return what was done; raises the errors of all invalid rows."""
        lost = None if self._faults.count else lookup.lost_link(self._desk.connection)
        if lost is not None:
            what = Text("cell.no-case")
            self._faults.add(self._rows[lost[0]], fault(HISTORY, lost[1], what))
        self._faults.refuse(self._done.rows)
        # A case that was there is linked to such alone: a circle lies within the file.
        for circle in circles(self._links):
            self._refused.add(self._rows[circle.refs[0]], Text("import.circle", circle=str(circle)))
        if self._refused.count:
            error = refused(self._refused.shown, self._refused.count, self._name)
            error.rows = self._refused.rows
            raise error
        return self._done

    def _settled(self, batch: Iterable[Plan], registered: dict[str, Registered]) -> Iterator[Plan]:
        """Yield the final plans, once it is known which cases exist."""
        batch = list(batch)
        out = _struck(self._desk.connection, batch)
        for plan in batch:
            if plan.ref is None:
                yield plan
            elif plan.key in out and plan.key not in registered:
                yield plan.struck(out[plan.key])
            elif (there := registered.get(plan.key)) is not None:
                yield plan.again(there, self._start, self._hides, renames=self._update)
            else:
                registered[plan.key] = Registered._make((plan.ref, *plan.identity, self._start))
                yield plan

    def _compare(self, plan: Plan, said: dict[str, Any]) -> None:
        """Note the differences between a row and its case, and do the acts if asked to."""
        case = load(self._desk.connection, Case, str(plan.ref), lock=self._update)
        if case is None:
            return
        if plan.double:
            self._done.doubles.append((plan.number, case.ref))
        found = differences(plan.number, case, said)
        self._done.differences += found
        if not (self._update and found) or self._faults.count:
            return
        update = Update(self._desk, case, said, self._label, plan.due)
        try:
            update.run(found)
            update.refuse_rest(self._hides)
        except (UsageError, RefusedError, NotFoundError) as error:
            self._refused.add(plan.number, Text("list.colon", first=case.ref, then=error.what))
        self._done.acts += [(case.ref, verb) for verb in update.acts]


def _registered(connection: Connection, batch: Iterable[Plan]) -> dict[str, Registered]:
    """Return the cases with references of a batch, by folded reference."""
    keys = json.dumps([plan.key for plan in batch if plan.ref is not None])
    found = connection.rows(compiled.REGISTERED, ref_keys=keys)
    return {row[0]: Registered(*row[1:]) for row in found}


def _struck(connection: Connection, batch: Iterable[Plan]) -> dict[str, str]:
    """Return the references of struck cases in a batch, by their folded form."""
    keys = json.dumps([plan.key for plan in batch if plan.ref is not None])
    return dict(connection.rows(compiled.STRUCK_AMONG, ref_keys=keys))
