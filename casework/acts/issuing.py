"""Issue papers under the numbers of the office, withdraw them, and describe the office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from casework.acts.actors import allow, locked, refuse_unchanged
from casework.acts.describing import described, refuse_lacking
from casework.errors import ConflictError, RefusedError, UsageError
from casework.kinds.records import Office, Paper, Record
from casework.questions import lookup
from casework.questions.papers import find_paper, papers
from casework.rules import numbering
from casework.store.loading import load, lock_head
from casework.words import Kind, Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from casework.ledger.ledger import Desk

OFFICE = "office"
"""The code of the one there is."""


def set_office(
    desk: Desk, *, clear: Sequence[str] = (), reason: str | None = None, **said: Any
) -> Record:
    """Set what papers say about the issuing office; the first time, its name is required.

    What is not given stays. `clear` lists the fields to be emptied, by the names of the options.
    """
    fields = described(desk, Office, said, desk.today) | _cleared(clear, said)
    if lookup.office(desk.connection) is None:
        allow(desk, Office, "add")
        refuse_lacking(Office, "office set", fields)
        return desk.record(desk.act("add", (Office.kind, OFFICE), fields, reason=reason))
    allow(desk, Office, "edit")
    act = desk.act("edit", locked(desk, Office, OFFICE), fields, reason=reason)
    refuse_unchanged(act.changes, Text("office.itself", kind=Kind(Office.kind)))
    return desk.record(act)


def _cleared(names: Sequence[str], said: dict[str, Any]) -> dict[str, Any]:
    """Return None for each field to be emptied; raises UsageError for unknown names."""
    known = {(one.each or one.short): one for one in Office.describing if not one.wanted}
    found = [known.get(name.replace("-", "_")) for name in names]
    given = {name for name, value in said.items() if value not in (None, ())}
    for name, one in zip(names, found, strict=True):
        if one is None or one.short in given:
            raise UsageError(
                "office.cannot-clear", name=name, known=[one.replace("_", "-") for one in known]
            )
    return {one.name: one.default for one in found if one is not None}


class Numbered(NamedTuple):
    """The number of a paper, the sign of the office's series, and the day of issue."""

    number: int
    office: Office
    day: date

    @property
    def full(self) -> str:
        """The number as it is printed on the paper, such as 05/BC-BNG."""
        return f"{self.number:02d}/{self.office.number_series}"


def numbered(desk: Desk, wanted: int | None = None) -> Numbered:
    """Return the number of the paper that is issued next, or the one that is `wanted`.

    The numbers of a year run without a gap, whatever the office's sign. Only the first paper in the
    register may have any number, because earlier papers were issued without the register. Raises
    RefusedError if the office has no series or the number leaves a gap, and ConflictError if the
    number is taken.
    """
    allow(desk, Paper, "issue")
    office = lookup.office(desk.connection)
    if office is None or office.number_series is None:
        raise RefusedError("paper.no-series")
    year = desk.today.year
    taken = {one.paper_number: one for one in papers(desk.connection) if one.issued_on.year == year}
    following = numbering.following(taken)
    number = following if wanted is None else wanted
    if number in taken:
        raise ConflictError("paper.taken", number=taken[number].full_number, next=following)
    if not numbering.in_turn(number, taken):
        raise RefusedError("paper.gap", number=number, next=following, year=year)
    return Numbered(number, office, desk.today)


def issue(desk: Desk, planned: Numbered, wanted: int | None, **made: Any) -> Paper:
    """Record a paper under the number planned for it; `made` has its other fields.

    Raises ConflictError if somebody else has taken the number, or the office has changed.
    """
    # Two papers at once would find the same number free: the second one waits here.
    lock_head(desk.connection)
    if numbered(desk, wanted) != planned:
        raise ConflictError("paper.meanwhile", "hint.again", passing=True, number=planned.full)
    said = {
        "paper_number": planned.number,
        "number_series": planned.office.number_series,
        "issued_on": planned.day,
        "presented_to": planned.office.presented_to,
        "copied_to": planned.office.copied_to,
        **made,
    }
    key = numbering.code_of(planned.day.year, planned.number)
    issued = desk.record(desk.act(numbering.ISSUE, (Paper.kind, key), said))
    assert isinstance(issued, Paper)  # noqa: S101 - for the type checker
    return issued


def withdraw(desk: Desk, words: str, *, reason: str) -> Paper:
    """Withdraw a paper; it keeps its number."""
    allow(desk, Paper, "withdraw")
    known = find_paper(desk.connection, words)
    paper = load(desk.connection, Paper, known.code, lock=True) or known
    if paper.recalled_on is not None:
        raise RefusedError(
            "paper.withdrawn-already",
            "hint.nothing-changed",
            number=paper.full_number,
            day=paper.recalled_on,
        )
    act = desk.act(numbering.WITHDRAW, paper, {"recalled_on": desk.today}, reason=reason)
    withdrawn = desk.record(act)
    assert isinstance(withdrawn, Paper)  # noqa: S101 - for the type checker
    return withdrawn
