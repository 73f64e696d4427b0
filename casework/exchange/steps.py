"""Derive the acts that a row implies, by `rules.implied`, from its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.exchange.cells import BadCell
from casework.exchange.columns import BY_NAME, COLUMN_OF, YES
from casework.rules.dates import Typed
from casework.rules.implied import Implausible, days_of, implied

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from casework.exchange.cells import Cells
    from casework.rules.implied import Around, Facts, Step

Values = dict[str, Any]
"""The values of a row, by column name."""

DUES = ("original_due", "due")
"""The columns about the due date."""


def steps_of(values: Values, around: Around, cells: Cells) -> list[Step]:
    """Return the acts that a row implies, in order of effect; raises BadCell.

    A due date in words is replaced in `values` by a day and how it was counted.
    """
    try:
        facts = _facts(values)
        days = days_of(facts, around)
        if any(isinstance(values.get(name), Typed) for name in DUES):
            _settle_due(values, days, cells)
            facts = _facts(values)
        return implied(facts, days, around)
    except Implausible as wrong:
        raise BadCell(COLUMN_OF[wrong.field], wrong.value, wrong.fault) from None


def _facts(values: Values) -> Facts:
    facts = {BY_NAME[name].field: value for name, value in values.items()}
    if "doubted" in facts:
        facts["doubted"] = facts["doubted"] == YES
    return facts


def _settle_due(values: Values, days: Mapping[str, date], cells: Cells) -> None:
    """Turn a due date in words into a day, counted from the day of assignment."""
    start = days["assigned_on" if "owner" in values else "proposed_on"]
    for name in DUES:
        typed = values.get(name)
        if not isinstance(typed, Typed):
            continue
        by = cells.due(name, typed, start)
        values[name] = by.day
        if name == "due":
            values.setdefault("precision", by.precision)
            if by.words is not None:
                values.setdefault("words", by.words)
            if by.rule is not None and "rule" not in values and "from" not in values:
                values |= {"rule": by.rule, "from": by.start}
