"""The arguments of a command as values that are sealed with its key.

The first event of a command says which one it was, with a digest of its options and texts, so that
a key cannot be used for another text. The digest is keyed with the salts of the command's events:
once a value of them is erased, nobody can find it by trial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 2**53
"""The greatest whole number that canonical JSON has."""


def sealable(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a command as JSON values, with dates as they were typed.

    Arguments that were not given and flags that are off are left out, so that a later version with
    more options seals the same values.
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
