"""What can go wrong, each with its exit code.

A message says what is and what was asked; the hint says what to do next.
"""

from typing import ClassVar


class CaseworkError(Exception):
    """The base of every error a user can cause; ``exit`` is the process's exit code."""

    code: ClassVar[str] = "error"
    exit: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "", *, passing: bool = False) -> None:
        """Tell with `passing` that the same command may well succeed when it is repeated."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.passing = passing


class UsageError(CaseworkError):
    """The words of the command, or the rows of a file, are not of the form they must have."""

    code = "usage"
    exit = 2


class NotFoundError(CaseworkError):
    """Nothing in the register has this reference, code or name."""

    code = "not-found"
    exit = 3


class RefusedError(CaseworkError):
    """The workflow or one of its guards does not allow the act."""

    code = "refused"
    exit = 4


class ConflictError(CaseworkError):
    """Somebody else's change, a duplicate, or an ambiguous name stands in the way."""

    code = "conflict"
    exit = 5


class NotAllowedError(CaseworkError):
    """This actor may not do this."""

    code = "not-allowed"
    exit = 6


class IntegrityFailure(CaseworkError):  # noqa: N818 - the exit code's documented name
    """The store is not what its log says it is."""

    code = "integrity"
    exit = 7


class UnavailableError(CaseworkError):
    """The store cannot be opened, or its schema is not this program's."""

    code = "unavailable"
    exit = 8


class AwayError(UnavailableError):
    """No server of several took the command, or the one that did went away: another may.

    With `unsure` what was asked for may have been recorded all the same.
    """

    def __init__(self, message: str, hint: str = "", *, unsure: bool = False) -> None:
        """Tell with `unsure` that the commit was on its way."""
        super().__init__(message, hint)
        self.unsure = unsure


class OverdueFoundError(CaseworkError):
    """A report was asked to fail on overdue cases, and found some."""

    code = "overdue"
    exit = 10
