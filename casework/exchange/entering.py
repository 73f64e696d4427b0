"""Turn a row of a directory into the acts that create or update its record."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

from casework.acts import conferences, organisations, people
from casework.errors import CaseworkError, RefusedError
from casework.exchange.columns import columns_of
from casework.kinds.records import KINDS, Conference, Organisation, Person, Record, plain
from casework.questions.known import Asked, Held
from casework.store.loading import SERVER, lock_records
from casework.system.text import fold
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casework.ledger.ledger import Desk
    from casework.log.event import Act

Values = dict[str, Any]
"""The values of a row, by column name."""

R = TypeVar("R", bound=Record)

TOGETHER = 500
"""How many acts are recorded at a time."""


class Change(NamedTuple):
    """What a row created or changed: its number, the record, and the values before and after."""

    row: int
    code: str
    name: str
    new: bool
    fields: dict[str, tuple[Any, Any]]


class Rows:
    """The rows of a file with their values, and the rows that name another one."""

    def __init__(self, values: Mapping[int, Values], codes: Mapping[str, int], line: str) -> None:
        """Take the rows by number, the numbers by folded code, and the column that names rows."""
        self._values = values
        self._codes = codes
        self._line = line

    def in_order(self, faults: dict[int, Text]) -> Iterator[int]:
        """Yield the rows, each after the one it names; note rows that form a circle."""
        placed: set[int] = set()
        for number in self._values:
            chain: list[int] = []
            step: int | None = number
            while step is not None and step not in placed and step not in chain:
                chain.append(step)
                step = self._above(step)
            if step in chain:
                for one in chain[chain.index(step) :]:
                    above = str(self._values[one][self._line])
                    faults[one] = Text("directory.circle", column=self._line, above=above)
            placed.update(chain)
            yield from (one for one in reversed(chain) if one not in faults)

    def refuse_named(self, number: int, faults: Mapping[int, Text]) -> None:
        """Raise RefusedError for a row that names a refused one."""
        above = self._values[number].get(self._line)
        row = self._codes.get(fold(above)) if above else None
        if row in faults:
            raise RefusedError("directory.follows-refused", column=self._line, code=above, row=row)

    def _above(self, number: int) -> int | None:
        above = self._values[number].get(self._line)
        found = self._codes.get(fold(above)) if above else None
        return found if found in self._values else None


class Organisations:
    """Organisations: decided against the directory in memory and recorded in batches."""

    line: ClassVar[str] = "parent"

    def __init__(self, desk: Desk, why: str, codes: Iterable[str], *, update: bool) -> None:
        self._desk = desk
        self._why = why
        self._update = update
        if update and desk.connection.engine == SERVER:
            # Records are locked before the head of the log, which looking up names locks.
            there = Asked(desk.connection, Organisation).every()
            ours = [(Organisation.kind, code) for code in sorted({*codes} & there.keys())]
            lock_records(desk.connection, ours)
        self._held = Held(desk.connection, Organisation)
        self._acts: list[Act] = []
        self._last: list[Act] = []
        self._ends: dict[int, tuple[Organisation, Values]] = {}

    def take(self, number: int, values: Values) -> Change | None:
        """Decide the changes of a row; None if there are none. Raises CaseworkError."""
        if "successor" in values and "valid_to" not in values:
            raise RefusedError("directory.successor-alone")
        old = _there(self._held, values["code"])
        return self._new(number, values) if old is None else self._old(number, values, old)

    def _new(self, number: int, values: Values) -> Change:
        given = {name: value for name, value in values.items() if name not in {"code", "successor"}}
        given["name"] = _named(values)
        act = organisations.adding(self._desk, self._held, values["code"], **given)
        left = self._done(act, self._acts)
        if "valid_to" in values:
            self._ends[number] = left, values
            # Whoever takes its name may come before the act that ends it.
            self._held.note(left.but(valid_to=values["valid_to"]))
        return _made(number, left, values)

    def _old(self, number: int, values: Values, old: Organisation) -> Change | None:
        found = differences(old, values)
        if not found:
            return None
        _refuse_differing(found, update=self._update)
        edits = {name: values[name] for name in found if name in _EDITED}
        left = old
        if edits:
            edits["add_aliases"] = edits.pop("aliases", ())
            act = organisations.editing(self._desk, self._held, old, reason=self._why, **edits)
            left = self._done(act, self._acts)
        if "valid_to" in found and old.valid_to is None:
            self._ends[number] = left, values
        else:
            _refuse_rest(differences(left, values))
        return Change(number, left.code, left.name, False, found)

    def _done(self, act: Act, among: list[Act]) -> Any:
        """Add an act to those to be recorded; return the record after it."""
        left: Any = act.after()
        self._held.note(left)
        among.append(act)
        return left

    def finish(self, faults: Mapping[int, Text]) -> Iterator[tuple[int, Text]]:
        """Decide the endings, now that all successors are known; yield those that fail."""
        for number, (old, values) in self._ends.items():
            if number in faults:
                continue
            on, successor = values["valid_to"], values.get("successor")
            why = values.get("source", self._why)
            try:
                act = organisations.ending(
                    self._desk, self._held, old, on=on, successor=successor, reason=why
                )
                _refuse_rest(differences(self._done(act, self._last), values))
            except CaseworkError as error:
                yield number, error.what

    def record(self) -> None:
        """Record what was decided; successors must exist by then."""
        for acts in (self._acts, self._last):
            for start in range(0, len(acts), TOGETHER):
                self._desk.record(*acts[start : start + TOGETHER])


class _OneByOne(Generic[R]):
    """Records of a kind whose rows are done at once, in their order."""

    kind: type[R]

    def __init__(self, desk: Desk, why: str, _: Iterable[str], *, update: bool) -> None:
        self._desk = desk
        self._why = why
        self._update = update
        self._known = Asked(desk.connection, self.kind)

    def finish(self, _: Mapping[int, Text]) -> Iterator[tuple[int, Text]]:
        """Yield nothing, because every row is done at once."""
        return iter(())

    def record(self) -> None:
        """Do nothing, because every row was recorded when it was taken."""


class People(_OneByOne[Person]):
    """People, registered and changed one by one."""

    kind = Person
    line: ClassVar[str] = ""

    def take(self, number: int, values: Values) -> Change | None:
        """Do the acts of a row; raises CaseworkError."""
        old = _there(self._known, values["code"])
        if "ended_on" in values:
            # Whoever acts no more has no login.
            values = {name: value for name, value in values.items() if name != "login"}
        if old is None:
            return self._new(number, values)
        found = differences(old, values)
        if not found:
            return None
        _refuse_differing(found, update=self._update)
        edits = {name: values[name] for name in found if name != "ended_on"}
        asked = len(self._desk.asked)
        left: Any = old
        if edits:
            left = people.edit_person(self._desk, old.code, reason=self._why, **edits)
        left = self._ended(left, values)
        if len(self._desk.asked) == asked:
            _refuse_rest(differences(left, values))
        return Change(number, old.code, old.name, False, found)

    def _new(self, number: int, values: Values) -> Change:
        if "org" not in values:
            raise RefusedError("directory.needs-org")
        given = {name: value for name, value in values.items() if name not in {"code", "ended_on"}}
        given["name"] = _named(values)
        left = people.add_person(self._desk, values["code"], **given)
        self._ended(left, values)
        return _made(number, left, values)

    def _ended(self, left: Any, values: Values) -> Any:
        on = values.get("ended_on")
        if on is None or left.ended_on is not None:
            return left
        return people.deactivate_person(self._desk, left.code, on=on, reason=self._why)


class Conferences(_OneByOne[Conference]):
    """Conferences, registered and moved one by one."""

    kind = Conference
    line: ClassVar[str] = "previous"

    def take(self, number: int, values: Values) -> Change | None:
        """Do the acts of a row; raises CaseworkError."""
        old = _there(self._known, values["code"])
        if old is None:
            given = {name: value for name, value in values.items() if name not in {"code", "date"}}
            given["name"] = values.get("name", values.get("name_vi"))
            day = values.get("date")
            made = conferences.add_conference(self._desk, values["code"], day=day, **given)
            return _made(number, made, values)
        found = differences(old, values)
        if not found:
            return None
        _refuse_differing(found, update=self._update)
        left: Record = old
        if "date" in found:
            day, why = values["date"], self._why
            left, _ = conferences.move_conference(self._desk, old.code, day=day, reason=why)
        _refuse_rest(differences(left, values))
        return Change(number, old.code, old.name or old.code, False, found)


Entering = Organisations | People | Conferences
ENTERING: Mapping[str, type[Entering]] = {
    Organisation.kind: Organisations,
    Person.kind: People,
    Conference.kind: Conferences,
}
"""The class that processes the rows of a file, by kind of record."""

_EDITED = {one.short for one in Organisation.describing if not one.once}


def differences(record: Record, values: Values) -> dict[str, tuple[Any, Any]]:
    """Return the differences between a row and a record, by column; names are only added."""
    fields = _fields(record.kind)
    found = {}
    for name, value in values.items():
        held = getattr(record, fields[name])
        if held == value or _is_vietnamese(record, name, values):
            continue
        if isinstance(value, tuple):
            known = {fold(one) for one in _names(record)}
            value = (*held, *(one for one in value if fold(one) not in known))  # noqa: PLW2901
        if name != "code" and held != value:
            found[name] = plain(held), plain(value)
    return found


def _is_vietnamese(record: Any, name: str, values: Values) -> bool:
    """Return whether the only name of a row is the Vietnamese one that the record has."""
    return name == "name" and "name_vi" not in values and values[name] == record.name_vi


@cache
def _fields(kind: str) -> Mapping[str, str]:
    """Return the fields of a kind by their columns in files."""
    return {column.name: column.field for column in columns_of(KINDS[kind])}


def _names(record: Any) -> Iterator[str]:
    yield from (one for one in (record.code, record.name, record.name_vi) if one)
    yield from record.aliases


def _there(known: Any, code: str) -> Any:
    """Return the record with a code, ignoring case; None if there is none."""
    key = fold(code)
    found = [one for one in known.called(key) if fold(one) == key]
    return known.load(found[0]) if found else None


def _named(values: Values) -> str:
    """Return the name of a new record; a Vietnamese name alone is its name."""
    name: str | None = values.get("name") or values.get("name_vi")
    if name is None:
        raise RefusedError("directory.needs-name")
    return name


def _made(number: int, left: Any, values: Values) -> Change:
    fields = {name: (None, plain(value)) for name, value in values.items() if name != "code"}
    return Change(number, left.code, left.name or left.code, True, fields)


def told(found: Mapping[str, tuple[Any, Any]]) -> str:
    """Return the differences in one line: each column, registered value → value of the row."""
    return "; ".join(f"{name}: {_shown(was)} → {_shown(now)}" for name, (was, now) in found.items())


def _shown(value: Any) -> str:
    if value in (None, []):
        return "–"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _refuse_differing(found: Mapping[str, tuple[Any, Any]], *, update: bool) -> None:
    if not update:
        raise RefusedError("directory.differs", listed=told(found))


def _refuse_rest(found: Mapping[str, tuple[Any, Any]]) -> None:
    """Refuse a row whose differences no act can resolve."""
    if found:
        raise RefusedError("directory.no-act", listed=told(found))
