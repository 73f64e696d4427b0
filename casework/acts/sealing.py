"""What a command was given, as the values its key seals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 2**53
"""The greatest whole number that canonical JSON has."""


def sealable(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a command was given as JSON values, dates in the words they were typed in.

    What was left out, or is a mark that is not set, is left out: it may become the same as before
    when a command takes more.
    """
    return {
        name: _plainly(value)
        for name, value in given.items()
        if value is not None and value is not False and value != ()
    }


def _plainly(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plainly(one) for one in value]
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) <= MOST):
        return value
    # Bytes that are no text are told as what they are: what they are refused for comes later.
    return str(getattr(value, "words", value)).encode(errors="backslashreplace").decode()
