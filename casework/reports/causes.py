"""Late cases by cause: their number and their working days."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.kinds.choices import YES
from casework.papers.model import Section
from casework.reports.context import column
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casework.kinds.records import Cause
    from casework.papers.model import Column
    from casework.questions.lateness import Slippage

NATURES = ("objective", "subjective", "no_cause")
"""The nature of a cause: objective, subjective or unknown."""


class Late(NamedTuple):
    """The number of late cases, and their late working days."""

    cases: int
    working_days: int


@dataclass(frozen=True, slots=True)
class Causes:
    """The late cases by the last cause given to each; None for those without a cause.

    Both counts add up: by cause, and by nature.
    """

    known: Mapping[str, Cause]
    by_cause: Mapping[str | None, Late]

    def as_json(self) -> dict[str, Any]:
        """Return both counts under stable names."""
        natures = {name: _json(self.of(name)) for name in NATURES}
        return {
            "late": {**_json(self._sum(self.by_cause)), **natures},
            "by_cause": [
                {"cause": code, **self._told(code), **_json(late)}
                for code, late in self.by_cause.items()
            ],
        }

    def of(self, nature: str) -> Late:
        """Return the late cases whose cause is of this nature."""
        return self._sum(code for code in self.by_cause if self._nature(code) == nature)

    def _sum(self, codes: Iterable[str | None]) -> Late:
        found = [self.by_cause[code] for code in codes]
        return Late(sum(one.cases for one in found), sum(one.working_days for one in found))

    def _nature(self, code: str | None) -> str:
        cause = self.known.get(code or "")
        if cause is None:
            return "no_cause"
        return "objective" if cause.objective == YES else "subjective"

    def _told(self, code: str | None) -> dict[str, str | None]:
        cause = self.known.get(code or "")
        names = ("name", "name_vi", "objective", "whose")
        return {name: None if cause is None else getattr(cause, name) for name in names}

    def sections(self, lang: str) -> Iterator[Section]:
        """Yield both counts as tables, if there is any cause."""
        if not self.known:
            return
        total = self._sum(self.by_cause)
        yield Section(
            key="by_cause",
            heading=word("by_cause", lang),
            columns=[
                column("late_cause", lang, "code"),
                column("name", lang, wide=True, lacking=word("no_cause", lang)),
                column("nature", lang, "word"),
                column("whose", lang, "word"),
                *_counts(lang),
            ],
            rows=[self._row(code, late, lang) for code, late in self.by_cause.items()],
            total=(word("total", lang), "", None, None, *total),
            note=word("by_cause_note", lang),
        )
        yield Section(
            key="by_nature",
            heading=word("by_nature", lang),
            columns=[column("nature", lang, "word", wide=True), *_counts(lang)],
            rows=[(name, *self.of(name)) for name in NATURES],
            total=(word("total", lang), *total),
        )

    def _row(self, code: str | None, late: Late, lang: str) -> tuple[Any, ...]:
        told = self._told(code)
        name = (told["name_vi"] if lang == "vi" else None) or told["name"]
        nature = None if code is None else self._nature(code)
        return (code, name, nature, told["whose"], *late)


def _json(late: Late) -> dict[str, int]:
    return late._asdict()


def _counts(lang: str) -> tuple[Column, ...]:
    return (column("cases", lang, "count"), column("days_of_lateness", lang, "count"))


class LateCases:
    """Counts late cases by cause, one after the other."""

    def __init__(self) -> None:
        """Begin with none."""
        self._cases: Counter[str | None] = Counter()
        self._days: Counter[str | None] = Counter()

    def take(self, one: Slippage) -> None:
        """Count a case if it is late."""
        late = sum(tenure.late for tenure in one.tenures)
        if late or one.overdue or one.late_cause is not None:
            self._cases[one.late_cause] += 1
            self._days[one.late_cause] += late

    def by_cause(self, known: Mapping[str, Cause]) -> Causes:
        """Return the counts by causes in use and given causes, in the order of codes.

        Cases without a cause come last.
        """
        cases, days = self._cases, self._days
        told = [code for code, one in known.items() if code in cases or one.retired_on is None]
        return Causes(known, {code: Late(cases[code], days[code]) for code in (*told, None)})
