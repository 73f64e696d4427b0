"""The names of fields, including the shorter ones used in files and options."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from casework.kinds.records import KINDS, names_of
from casework.system.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORT: Mapping[str, str] = {
    one.called: one.name for kind in KINDS.values() for one in kind.fields if one.called
}
"""The fields with another name in files and options, by that name."""


def field_of(name: str) -> str:
    """Return the field that a full or short name means; an unknown name is returned unchanged."""
    key = fold(name).replace(" ", "_").replace("-", "_")
    return SHORT.get(key, key if key in known() else name)


@cache
def known() -> frozenset[str]:
    """Return the names of all fields that events change."""
    return frozenset(
        name
        for kind, form in KINDS.items()
        for name in names_of(kind)
        if name not in {form.key_field, "version"}
    )
