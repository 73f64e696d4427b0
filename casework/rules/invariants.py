"""Invariants of cases: no sequence of acts leads to a case that breaks one.

Each row of the table is data. `broken` checks a record; `condition` gives the same rule in SQL, for
CHECK constraints and for the server's own check.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache, lru_cache
from itertools import compress, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.kinds.choices import CLOSING_OUTCOMES, Outcome, State
from casework.words import Choice, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from casework.kinds.records import Case


class Form(StrEnum):
    """The forms of invariants; `fields` and `states` are those of the row."""

    TOGETHER = "together"
    """All of the fields have a value, or none has."""
    JUST_IN = "just in"
    """The field has a value in these states, and in no other."""
    ONLY_IN = "only in"
    """The field has a value in no other state."""
    NEEDED_IN = "needed in"
    """The field has a value in these states."""
    WITH = "with"
    """The first field has a value only where the second one has."""
    AMONG = "among"
    """In these states, if the second field has no value, the first is one of `values`."""
    DISTINCT = "distinct"
    """The list has no duplicates."""
    APART = "apart"
    """The first field is not in the list of the second one."""
    OTHERS = "others"
    """No pair in the list names the record itself."""
    IN_ORDER = "in order"
    """Each span of the list ends no earlier than it begins, and begins after the one before."""


class Invariant(NamedTuple):
    """An invariant of every case; the text ``rule.ID`` states it.

    `check` names the CHECK constraint that enforces it too.
    """

    id: str
    form: Form
    fields: tuple[str, ...]
    states: tuple[State, ...] = ()
    values: tuple[str, ...] = ()
    check: str | None = None
    told: bool = True
    """Whether it also holds for reported acts, which earlier versions imported unchecked."""

    @property
    def says(self) -> Text:
        """The text of the invariant."""
        return Text(f"rule.{self.id}", values=Choice(self.values))


P, A, U, R = State.PROPOSED, State.ASSIGNED, State.UNDER_STUDY, State.RESOLVED
GIVEN = (A, U, R)


def _row(
    name: str, form: Form, fields: str, states: tuple[State, ...] = (), **more: Any
) -> Invariant:
    return Invariant(id=name, form=form, fields=tuple(fields.split()), states=states, **more)


# fmt: off
INVARIANTS = (
    _row("resolved-day", Form.JUST_IN, "resolved_on", (R,), check="resolved"),
    _row("original-due", Form.TOGETHER, "due original_due", check="original_due"),
    _row("due-rule", Form.TOGETHER, "due_rule due_from", check="due_rule"),
    _row("held", Form.ONLY_IN, "held_since", (A, U), check="held"),
    _row("asked", Form.ONLY_IN, "asked_due", (A, U)),
    _row("reply", Form.TOGETHER, "asked_due reply_by"),
    _row("verdict", Form.ONLY_IN, "verdict", (R,)),
    _row("verdict-day", Form.TOGETHER, "verdict verdict_on"),
    _row("contested", Form.ONLY_IN, "contested_on", (A, U)),
    _row("owner", Form.NEEDED_IN, "owner", (A, U)),
    _row("assigned-day", Form.NEEDED_IN, "assigned_on", (A, U)),
    _row("study-day", Form.NEEDED_IN, "study_on", (U,)),
    _row("outcome", Form.NEEDED_IN, "outcome", (R,)),
    _row("owner-early", Form.ONLY_IN, "owner", GIVEN),
    _row("assigned-early", Form.ONLY_IN, "assigned_on", GIVEN),
    _row("study-early", Form.ONLY_IN, "study_on", (U, R)),
    _row("outcome-early", Form.ONLY_IN, "outcome", (U, R)),
    _row("answer-early", Form.ONLY_IN, "answer", (U, R)),
    _row("answered-by-early", Form.ONLY_IN, "answered_by", (U, R)),
    _row("answered-early", Form.ONLY_IN, "answered_on", (U, R)),
    _row("resolver", Form.ONLY_IN, "resolved_by", (R,)),
    _row("closed", Form.AMONG, "outcome study_on", (R,),
         values=tuple(map(str, CLOSING_OUTCOMES))),
    _row("officer", Form.WITH, "officer owner"),
    _row("basis", Form.WITH, "due_basis due"),
    _row("precision", Form.WITH, "due_precision due"),
    _row("rule", Form.WITH, "due_rule due"),
    _row("extensions", Form.WITH, "extensions due"),
    _row("late-cause", Form.WITH, "late_cause due"),
    _row("reopened", Form.TOGETHER, "reopened first_resolved_on"),
    _row("coordinating-twice", Form.DISTINCT, "coordinating"),
    _row("owner-coordinates", Form.APART, "owner coordinating", told=False),
    _row("themes-twice", Form.DISTINCT, "theme"),
    _row("instruments-twice", Form.DISTINCT, "instruments"),
    _row("links-twice", Form.DISTINCT, "links"),
    _row("itself", Form.OTHERS, "links"),
    _row("holds", Form.IN_ORDER, "holds"),
)
# fmt: on
"""The invariants of every case, in the order in which they are checked."""

CHECKED = {one.check: one for one in INVARIANTS if one.check is not None}
"""The invariants that a CHECK constraint enforces too, by its name."""

_LISTED = {Form.DISTINCT, Form.APART, Form.OTHERS, Form.IN_ORDER}
_OF_LISTS = tuple(one for one in INVARIANTS if one.form in _LISTED)
_OF_VALUES = tuple(one for one in INVARIANTS if one.form not in _LISTED)
_LOOKED_AT = tuple(sorted({name for one in _OF_LISTS for name in one.fields}))
"""The fields that invariants of lists look at."""

_LISTS = ("coordinating", "theme", "instruments", "links", "holds")
_TOLD = tuple(dict.fromkeys(name for one in _OF_VALUES for name in one.fields))
_BY_LIST = {name: tuple(one for one in _OF_LISTS if one.fields[-1] == name) for name in _LISTS}
"""The invariants of each list; they are skipped if it is empty."""

_told, _lists, _looked_at = (itemgetter(*names) for names in (_TOLD, _LISTS, _LOOKED_AT))


def broken(case: Case, *, lists: bool = True) -> tuple[Invariant, ...]:
    """Return the invariants that a case breaks; nothing if it is in order.

    Without `lists`, invariants of lists are skipped.
    """
    held = vars(case)
    # Of most fields only whether they have a value is asked: few answers serve all cases.
    found = _by_presence(held["state"], held["outcome"], (*compress(_TOLD, _told(held)),))
    if not lists or _lists(held) == _NO_LISTS:
        return found
    return found + tuple(_of_lists(held))


def moved_lists(before: Case, after: Case) -> bool:
    """Return whether two states of a case can differ in the result of invariants of lists."""
    return bool(_looked_at(vars(before)) != _looked_at(vars(after)))


_NO_LISTS: tuple[tuple[()], ...] = ((),) * len(_LISTS)


@lru_cache(maxsize=4096)
def _by_presence(
    state: State, outcome: Outcome | None, present: tuple[str, ...]
) -> tuple[Invariant, ...]:
    held: dict[str, Any] = dict.fromkeys(_TOLD) | dict.fromkeys(present, True)
    held |= {"state": state, "outcome": outcome}
    return tuple(one for one in _OF_VALUES if not _IS[one.form](held, one))


def _of_lists(held: Mapping[str, Any]) -> Iterator[Invariant]:
    for name in _LISTS:
        if held[name]:
            for one in _BY_LIST[name]:
                if not _IS[one.form](held, one):
                    yield one


# --- each form, asked of a record ------------------------------------------------------------


def _together(held: Mapping[str, Any], one: Invariant) -> bool:
    return len({bool(held[name]) for name in one.fields}) == 1


def _just_in(held: Mapping[str, Any], one: Invariant) -> bool:
    return bool(held[one.fields[0]]) == (held["state"] in one.states)


def _only_in(held: Mapping[str, Any], one: Invariant) -> bool:
    return not held[one.fields[0]] or held["state"] in one.states


def _needed_in(held: Mapping[str, Any], one: Invariant) -> bool:
    return bool(held[one.fields[0]]) or held["state"] not in one.states


def _with(held: Mapping[str, Any], one: Invariant) -> bool:
    return not held[one.fields[0]] or bool(held[one.fields[1]])


def _among(held: Mapping[str, Any], one: Invariant) -> bool:
    said, unless = (held[name] for name in one.fields)
    return held["state"] not in one.states or bool(unless) or not said or said in one.values


def _distinct(held: Mapping[str, Any], one: Invariant) -> bool:
    values = held[one.fields[0]]
    return len(set(values)) == len(values)


def _apart(held: Mapping[str, Any], one: Invariant) -> bool:
    return held[one.fields[0]] not in held[one.fields[1]]


def _others(held: Mapping[str, Any], one: Invariant) -> bool:
    return all(other != held["ref"] for _, other in held[one.fields[0]])


def _in_order(held: Mapping[str, Any], one: Invariant) -> bool:
    spans = held[one.fields[0]]
    # A hold whose beginning was taken out has no first day.
    each = all(first is None or first <= last for first, last in spans)
    return each and all(
        after[0] is None or before[1] <= after[0] for before, after in pairwise(spans)
    )


_IS: Mapping[Form, Callable[[Mapping[str, Any], Invariant], bool]] = {
    Form.TOGETHER: _together,
    Form.JUST_IN: _just_in,
    Form.ONLY_IN: _only_in,
    Form.NEEDED_IN: _needed_in,
    Form.WITH: _with,
    Form.AMONG: _among,
    Form.DISTINCT: _distinct,
    Form.APART: _apart,
    Form.OTHERS: _others,
    Form.IN_ORDER: _in_order,
}


# --- each form, worded in SQL ----------------------------------------------------------------


def condition(one: Invariant, of: Callable[[str], str] = str) -> str:
    """Return an invariant as a SQL condition on a row, with the names of its columns.

    `of` gives what stands for a column. Invariants of lists are written for PostgreSQL only.
    """
    names = [of(name) for name in one.fields]
    counts = [name in _COUNTS for name in one.fields]
    has, lacks = [*map(_has, names, counts)], [*map(_lacks, names, counts)]
    states = f"{of('state')} IN ({_quoted(one.states)})"
    if len(one.states) == 1:
        states = f"{of('state')} = '{one.states[0]}'"
    words = {
        Form.TOGETHER: " = ".join(f"({lacking})" for lacking in lacks),
        Form.JUST_IN: f"({states}) = ({has[0]})",
        Form.ONLY_IN: f"{lacks[0]} OR {states}",
        Form.NEEDED_IN: f"{has[0]} OR NOT {states}",
        Form.WITH: f"{lacks[0]} OR {has[-1]}",
        Form.AMONG: f"NOT {states} OR {has[-1]} OR {lacks[0]}"
        f" OR {names[0]} IN ({_quoted(one.values)})",
    }
    return words.get(one.form) or _OF_LIST[one.form].format(*names, ref=of("ref"))


_OF_LIST: Mapping[Form, str] = {
    Form.DISTINCT: "(SELECT count(*) = count(DISTINCT item) FROM"
    " jsonb_array_elements({0}::jsonb) AS item)",
    Form.APART: "{0} IS NULL OR NOT {1}::jsonb ? {0}",
    Form.OTHERS: "NOT EXISTS (SELECT FROM jsonb_array_elements({0}::jsonb) AS item"
    " WHERE item ->> 1 = {ref})",
    Form.IN_ORDER: "NOT EXISTS (SELECT FROM (SELECT item ->> 0 AS first, item ->> 1 AS last,"
    " lag(item ->> 1) OVER (ORDER BY place) AS before"
    " FROM jsonb_array_elements({0}::jsonb) WITH ORDINALITY AS one (item, place)) AS span"
    " WHERE last < first OR first < before)",
}
"""Conditions on columns that are lists, for PostgreSQL only."""

_COUNTS = {"extensions", "reopened"}
"""The fields that are numbers; zero means that they have no value."""


def _has(name: str, counts: bool) -> str:
    return f"{name} <> 0" if counts else f"{name} IS NOT NULL"


def _lacks(name: str, counts: bool) -> str:
    return f"{name} = 0" if counts else f"{name} IS NULL"


def _quoted(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_FUNCTION = """-- What a case is otherwise than every case is: made from `invariants.INVARIANTS`.
CREATE FUNCTION casework_broken(moved jsonb, told boolean, lists boolean) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    -- Without a query, which takes longer than all that is asked here.
    found text[] := array_remove(ARRAY[
@values@
    ], NULL);
BEGIN
    IF lists THEN
        found := found || array_remove(ARRAY[
@lists@
        ], NULL);
    END IF;
    RETURN found;
END $$;

-- Whether two states of a case, the first of them NULL at its proposal, can differ in what is so
-- of lists; of an empty one all is.
CREATE FUNCTION casework_moved_lists(stands jsonb, moved jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (@held@)
        AND (@moved@);
END $$;
"""


@cache
def server_function() -> str:
    """Return the server's function that names the invariants broken after an act."""
    rows = {"@values@": _OF_VALUES, "@lists@": _OF_LISTS}
    text = _FUNCTION
    for place, invariants in rows.items():
        text = text.replace(place, ",\n".join(map(_named, invariants)))
    held = (f"moved -> '{name}' <> '[]'" for name in _LISTS)
    differ = (f"stands -> '{name}' IS DISTINCT FROM moved -> '{name}'" for name in _LOOKED_AT)
    text = text.replace("@held@", "\n        OR ".join(held))
    return text.replace("@moved@", "\n        OR ".join(differ))


def _named(one: Invariant) -> str:
    """Return SQL that gives the name of an invariant that is broken, else NULL."""
    unless = "" if one.told else "told OR "
    asked = condition(one, _held)
    return f"        CASE WHEN ({unless}{asked}) IS NOT TRUE THEN '{one.id}' END"


def _held(name: str) -> str:
    return f"(moved ->> '{name}')" + ("::integer" if name in _COUNTS else "")
