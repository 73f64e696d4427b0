"""The errors of the program, each with its exit code.

An error has the id of a text in `words` and the values for it; it is put into the reader's language
where it is shown. The text says how things stand and what was asked. Its hint, by default the same
id with ``.hint``, says what to do next; a hint that depends on the interface is worded there
(`cli.wording`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from casework.words import Kind, Quoted, Text, Verb, Word, beginning_with, has, quoted, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "AwayError",
    "CaseworkError",
    "ConflictError",
    "IntegrityFailure",
    "Kind",
    "NotAllowedError",
    "NotFoundError",
    "OverdueFoundError",
    "Quoted",
    "Refusal",
    "RefusedError",
    "SeveralError",
    "Text",
    "UnavailableError",
    "UsageError",
    "Verb",
    "Word",
    "beginning_with",
    "denied",
    "quoted",
]
"""The errors, and the texts used as values in them."""


class CaseworkError(Exception):
    """The base of every error that a user can cause; ``exit`` is the exit code of the process."""

    code: str = "error"
    exit: int = 1

    def __init__(
        self, what: str | Text, hint: str | Text = "", /, *, passing: bool = False, **values: Any
    ) -> None:
        """Set `passing` if the same command may succeed when it is repeated."""
        super().__init__(what, hint)
        self.what = what if isinstance(what, Text) else Text(what, **values)
        self.way_out = (
            hint
            if isinstance(hint, Text)
            else Text(hint or f"{self.what.key}.hint", **self.what.values)
        )
        self.passing = passing
        self.rows: Mapping[int, Text] = {}
        """What is wrong with rows of a file, by row number."""

    def told(self, lang: str = "en") -> tuple[str, str]:
        """Return the message and the hint in a language, without words of one interface."""
        next_step = self.next_step
        return shown(self.what, lang), "" if next_step is None else shown(next_step, lang)

    @property
    def next_step(self) -> Text | None:
        """The hint; None if it depends on the interface, or there is none."""
        return self.way_out if has(self.way_out.key) else None

    @property
    def message(self) -> str:
        """The message in English."""
        return self.told()[0]

    @property
    def hint(self) -> str:
        """The hint in English."""
        return self.told()[1]

    def __str__(self) -> str:
        return self.message


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
    unsure = False
    """Whether the act may have been recorded nevertheless."""


class AwayError(UnavailableError):
    """No server of several accepted the command, or the one that did went away; another may."""

    def __init__(
        self, what: str | Text, hint: str | Text = "", /, *, unsure: bool = False, **values: Any
    ) -> None:
        """Set `unsure` if the commit had been sent."""
        super().__init__(what, hint, **values)
        self.unsure = unsure


class OverdueFoundError(CaseworkError):
    """A report was asked to fail on overdue cases, and found some."""

    code = "overdue"
    exit = 10


class Refusal(NamedTuple):
    """One act of many that cannot be done.

    `place` is its position among the acts, from 0; `ref` is the reference that was given, None for
    an act that is not on a case; `line` is its line in a file, from 1.
    """

    place: int
    ref: str | None
    error: CaseworkError
    line: int | None = None


class SeveralError(RefusedError):
    """Some of many acts cannot be done, so none was done; with `each`, all the others were.

    Its code and exit code are those of all refusals; if they differ, those of a refused act. With
    `each` they are those of the first refusal.
    """

    def __init__(self, refusals: Sequence[Refusal], whole: int, *, each: bool = False) -> None:
        """Take the refusals among a `whole` number of acts; there must be at least one."""
        what = "several.refused-each" if each else "several.refused"
        super().__init__(what, count=len(refusals), whole=whole)
        self.refusals = tuple(refusals)
        self.each = each
        if each or len({one.error.exit for one in refusals}) == 1:
            self.code, self.exit = refusals[0].error.code, refusals[0].error.exit


def denied(error: CaseworkError) -> str:
    """Return what somebody may not do; an empty text if the error has another cause."""
    if isinstance(error, NotAllowedError):
        return error.message
    if isinstance(error, SeveralError):
        first = next(filter(None, (denied(one.error) for one in error.refusals)), "")
        return first and f"{error.message}: {first}"
    return ""
