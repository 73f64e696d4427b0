"""The other records that an act names: each of them was in the register before it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from casework.kinds.records import KINDS, Case
from casework.rules.lawful import Fault
from casework.rules.said import ERASED
from casework.words import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LINKS = "links"
"""The field that names other cases, each with its relation."""


@cache
def referring(kind: str) -> Mapping[str, str]:
    """Return the fields of a kind that name other records, and the kind of those."""
    fields = {one.name: one.refers for one in KINDS[kind].fields if one.refers is not None}
    return {**fields, LINKS: Case.kind} if kind == Case.kind else fields


def unregistered(
    kind: str, changes: Mapping[str, Any], is_there: Callable[[str, str], bool]
) -> Fault | None:
    """Return what is wrong with an act that names a record which was not there; None if none.

    `changes` has the new values, `is_there` tells whether there was a record of a kind and key.
    """
    known = referring(kind)
    for name in changes.keys() & known.keys():
        for key in _keys(name, changes[name]):
            if not is_there(known[name], key):
                values = ("of", Kind(known[name])), ("named", key)
                return Fault("law.unregistered", name, values)
    return None


def _keys(name: str, value: Any) -> Iterator[str]:
    if name == LINKS:
        yield from (other for _, other in value)
    elif isinstance(value, tuple):
        yield from value
    elif value is not None and value is not ERASED:
        yield value
