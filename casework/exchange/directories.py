"""Import organisations, people and conferences from a file: all of its rows or none."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casework.acts.actors import allow
from casework.errors import CaseworkError, RefusedError, UsageError
from casework.exchange.cells import BadCell, Cells, call_by_number
from casework.exchange.columns import Layout, columns_of, names_in, refuse_unknown
from casework.exchange.entering import ENTERING, Change, Rows
from casework.exchange.reading import rows_of
from casework.kinds.records import Conference, Organisation, names_of
from casework.questions import lookup
from casework.questions.due_dates import prepared
from casework.rules.dates.meaning import COMING, ON
from casework.store import compiled
from casework.system.progress import steps
from casework.system.text import clean, fold
from casework.words import Lines, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casework.exchange.entering import Entering, Values
    from casework.exchange.reading import Row
    from casework.exchange.sources import Source
    from casework.kinds.records import Record
    from casework.ledger.ledger import Desk

ROWS_LIMIT = 100_000
"""How many rows a file may have: they are all held in memory."""

REASON = "imported from file {digest}"

_YEAR = re.compile(r"\d{4}", re.ASCII)


@dataclass(slots=True)
class Entered:
    """The result of an import: the rows, and what each one created or changed, in order."""

    rows: int = 0
    blank: int = 0
    changes: list[Change] = field(default_factory=list)
    sheet: str | None = None

    @property
    def created(self) -> int:
        """How many records are new."""
        return sum(one.new for one in self.changes)

    @property
    def updated(self) -> int:
        """How many existing records were changed."""
        return len(self.changes) - self.created

    @property
    def unchanged(self) -> int:
        """How many existing records were the same as in the file."""
        return self.rows - len(self.changes)


def layout_of(kind: type[Record], mapped: Mapping[str, str] | None) -> Layout:
    """Return the layout of a file of a kind; `mapped` maps headings to columns.

    Raises UsageError for a column that does not exist.
    """
    columns = {column.name: column for column in columns_of(kind)}
    refuse_unknown(mapped or {}, columns)
    spare = frozenset(names_of(kind.kind)) - {column.field for column in columns.values()}
    return Layout(columns, spare=spare, mapped=mapped or {}, divide=names_in)


def import_records(
    desk: Desk,
    kind: type[Record],
    source: Source,
    *,
    update: bool = False,
    reason: str | None = None,
    mapped: Mapping[str, str] | None = None,
) -> Entered:
    """Import a file of organisations, people or conferences; `reason` says why they change.

    Records equal to their row are left alone. Records that differ are refused, or changed if
    `update` is set; empty cells change nothing. Names in the file are added; none is removed.

    Raises RefusedError, which names every refused row and why; then nothing is changed.
    """
    allow(desk, kind, "add")
    layout = layout_of(kind, mapped)
    done, rows = Entered(), []
    with closing(rows_of(source, layout)) as found:
        for row in found:
            done.blank += row.blank
            if not row.blank:
                rows.append(row)
            if len(rows) > ROWS_LIMIT:
                raise UsageError("directory.rows", name=source.called, limit=ROWS_LIMIT)
    done.rows, done.sheet = len(rows), next(iter(source.sheets), None)
    # Where nobody says why, it is the file, by its digest: its name may say what is private.
    told = reason or REASON.format(digest=source.digest[:12])
    why = clean(told, "name.reason")
    faults: dict[int, Text] = {}
    values = _values(desk, kind, layout, rows, faults)
    codes = {fold(code): row.number for row in rows if (code := row.values.get("code"))}
    named = [one["code"] for one in values.values()]
    entered = ENTERING[kind.kind](desk, why, named, update=update)
    done.changes = _entered(entered, Rows(values, codes, entered.line), values, faults)
    if faults:
        raise refused(faults, len(rows), source.called)
    entered.record()
    return done


def refused(faults: Mapping[int, Text], rows: int, name: Text) -> RefusedError:
    """Return the error for refused rows, with their faults by row number."""
    told = [
        Text("import.fault", file=name, row=no, what=what) for no, what in sorted(faults.items())
    ]
    error = RefusedError("directory.refused", count=len(faults), rows=rows, shown=Lines(told))
    error.rows = dict(faults)
    return error


def _entered(
    entered: Entering, rows: Rows, values: dict[int, Values], faults: dict[int, Text]
) -> list[Change]:
    """Process the rows in an order in which every row comes after those it names."""
    changes: dict[int, Change] = {}
    for number in steps(rows.in_order(faults), "importing", len(values)):
        try:
            rows.refuse_named(number, faults)
            change = entered.take(number, values[number])
        except CaseworkError as error:
            faults[number] = error.what
            continue
        if change is not None:
            changes[number] = change
    faults |= dict(entered.finish(faults))
    return [changes[number] for number in sorted(changes)]


def _values(
    desk: Desk, kind: type[Record], layout: Layout, rows: list[Row], faults: dict[int, Text]
) -> dict[int, Values]:
    """Return the values of each row; note the faults of invalid rows."""
    cells = _cells(desk, kind, layout, rows)
    found: dict[int, Values] = {}
    first: dict[str, int] = {}
    for row in rows:
        try:
            values = _read(row, cells, kind)
            _refuse_twice(values["code"], row.number, first)
        except BadCell as bad:
            faults[row.number] = bad.told(row.values)
        else:
            found[row.number] = values
    return found


def _refuse_twice(code: str, row: int, first: dict[str, int]) -> None:
    other = first.setdefault(fold(code), row)
    if other != row:
        raise BadCell("code", code, "directory.twice", other=other)


def _read(row: Row, cells: Cells, kind: type[Record]) -> Values:
    if row.fault is not None:
        raise BadCell(*row.fault)
    given = dict(row.values)
    year = given.pop("date") if kind.kind == "conference" and _is_year(given.get("date")) else None
    if year is not None:
        given["year"] = year.strip()
    values = cells.values(given)
    if "code" not in values:
        raise BadCell("code", "", "directory.needs-code")
    return values


def _is_year(words: Any) -> bool:
    return isinstance(words, str) and _YEAR.fullmatch(words.strip()) is not None


def _cells(desk: Desk, kind: type[Record], layout: Layout, rows: list[Row]) -> Cells:
    """Return the cell reader; it knows the registered records and those in the file."""
    connection = desk.connection
    known: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one, folded, code in connection.rows(compiled.ALL_NAMES):
        known[one][folded].append(code)
    own = known[kind.kind]
    for row in rows:
        code = row.values.get("code", "").strip()
        for name in filter(None, (row.values.get("name"), row.values.get("name_vi"), code)):
            if code and fold(name) and code not in own[fold(name)]:
                own[fold(name)].append(code)
    numbered = [(one.code, one.number) for one in lookup.directory(connection, Conference)]
    if kind is Conference:
        numbered += _numbered(rows, {fold(code) for code, _ in numbered})
    call_by_number(known[Conference.kind], numbered)
    for folded, codes in own.items():
        # An exact code wins over a name; one of the register over the same of the file.
        exact = [code for code in codes if fold(code) == folded]
        codes[:] = exact[:1] or _once(codes)
    bodies = {org.code: org for org in lookup.directory(connection, Organisation)}
    use = COMING if kind.kind == "conference" else ON
    settle = prepared(connection, desk.today)
    return Cells(known, settle, desk.today, bodies, layout.columns.values(), use)


def _numbered(rows: list[Row], known: set[str]) -> Iterator[tuple[str, int]]:
    """Yield the codes and numbers of the conferences in a file, but for those already known."""
    for row in rows:
        code, number = (str(row.values.get(name, "")).strip() for name in ("code", "number"))
        if code and fold(code) not in known and re.fullmatch(r"\d{1,9}", number, re.ASCII):
            yield code, int(number)


def _once(codes: list[str]) -> Iterator[str]:
    """Yield codes without repeats, ignoring case."""
    return iter({fold(code): code for code in reversed(codes)}.values())
