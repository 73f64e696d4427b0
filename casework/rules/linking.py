"""Find circles of links between cases: a case cannot repeat a case that repeats it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Links = Mapping[str, Sequence[tuple[str, str]]]
    """The links of cases by reference: each is a relation and the linked case."""


class Circle(NamedTuple):
    """Cases each linked to the next, and the last to the first."""

    relation: str
    refs: tuple[str, ...]

    def __str__(self) -> str:
        return f" {self.relation} ".join((*self.refs, self.refs[0]))


def circles(links: Links) -> Iterator[Circle]:
    """Yield circles of links of one relation, at least one from each connected set of cases."""
    for relation in dict.fromkeys(how for found in links.values() for how, _ in found):
        leads = {ref: [to for how, to in found if how == relation] for ref, found in links.items()}
        for refs in _rounds(leads):
            yield Circle(relation, refs)


def _rounds(leads: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Follow each link once, and yield the path each time it returns to a case on it."""
    seen: set[str] = set()
    for start in leads:
        if start in seen:
            continue
        # The way so far, in its order, with the links of each case that are still to be walked.
        way = {start: iter(leads[start])}
        while way:
            here = next(reversed(way))
            seen.add(here)
            to = next(way[here], None)
            if to is None:
                del way[here]
            elif to in way:
                on = list(way)
                yield tuple(on[on.index(to) :])
            elif to not in seen:
                way[to] = iter(leads.get(to, ()))
