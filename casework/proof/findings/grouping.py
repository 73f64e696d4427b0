"""Group findings for a reader: one line for each act, what matters most first.

The weight of a rule is its place in `BY_WEIGHT`: first what touches the log itself, then whether a
decision stands on something, then delays, then who typed and when. Rules that are ROUTINE find acts
by the dozen wherever papers are entered after they were signed; they are counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from casework.proof.findings.rules import BY_WEIGHT, ROUTINE
from casework.system.spooled import kept, ordered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casework.proof.findings import Finding
    from casework.system.spooled import Rows

SHOWN = 5
"""How many acts of a rule are listed where not all are."""

WEIGHT = {rule: place for place, rule in enumerate(BY_WEIGHT)}


@dataclass(frozen=True, slots=True)
class Asked:
    """An act, or how a case stands: its weightiest finding, and what other rules ask about it."""

    first: Finding
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grouped:
    """What is listed, of how many acts in all, and how often each rule found something.

    `rest` has the counts of the rules of which not every finding has a line of its own.
    """

    listed: Rows[Asked]
    acts: int
    counts: Mapping[str, int]
    rest: Mapping[str, int]


def grouped(found: Rows[Finding], *, whole: bool = False) -> Grouped:
    """Return findings with one line for each act, in order of weight, then in that of the log.

    Of each rule SHOWN acts are listed, of those that are ROUTINE none; all of them with `whole`.
    What is in memory does not grow with the findings.
    """
    lines = ordered(_by_act(found), _weight)
    listed = lines if whole else kept(_few(lines))
    counted, told = Counter(one.rule for one in found), Counter(one.first.rule for one in listed)
    counts = {rule: counted[rule] for rule in BY_WEIGHT if counted[rule]}
    rest = {rule: count for rule, count in counts.items() if count > told[rule]}
    return Grouped(listed, len(lines), counts, rest)


def _weight(line: Asked) -> tuple[int, int]:
    return WEIGHT[line.first.rule], line.first.seqs[-1]


def _by_act(found: Rows[Finding]) -> Iterator[Asked]:
    # How a case stands is no act, though one lies behind it.
    apart = ordered(found, lambda one: (*_act(one), WEIGHT[one.rule]))
    for _, those in groupby(apart, _act):
        first, *rest = those
        yield Asked(first, tuple(dict.fromkeys(one.rule for one in rest if one.rule != first.rule)))


def _act(one: Finding) -> tuple[int, str, bool]:
    return one.seqs[-1], one.ref or "", one.actor is None


def _few(lines: Iterable[Asked]) -> Iterator[Asked]:
    for rule, those in groupby(lines, lambda line: line.first.rule):
        for number, line in enumerate(those):
            if number < SHOWN and rule not in ROUTINE:
                yield line
