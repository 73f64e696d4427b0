"""The names of organisations: which one has a name, and on which days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from casework.errors import ConflictError, NotFoundError, RefusedError
from casework.system.text import fold
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from casework.kinds.records import Organisation
    from casework.questions.known import Known


def refuse_borne(
    known: Known[Organisation],
    code: str,
    names: Iterable[str],
    *,
    first: date | None = None,
    last: date | None = None,
) -> None:
    """Refuse names that another organisation has on any day of a span.

    A missing day means unbounded. Another organisation's code is refused on every day, because a
    code is found before any name. Raises ConflictError, which names the other organisation.
    """
    # Two who add the same name at once: the second one waits here, and then sees the first.
    known.keep_still()
    for name in names:
        key = fold(name)
        for other in known.called(key):
            held = None if other == code else known.load(other)
            if held is not None and (fold(other) == key or held.exists(first, last)):
                what, way_out = _what(held, key), _way_out(held, key)
                raise ConflictError("naming.taken", way_out, name=name, what=what, other=other)


def refuse_code_of_name(known: Known[Organisation], code: str) -> None:
    """Refuse a new code that is a name of another organisation; raises ConflictError.

    From then on that name would mean the new organisation.
    """
    for other in known.called(fold(code)):
        raise ConflictError("naming.code-is-name", code=code, other=other)


def without(old: Organisation, aliases: Sequence[str], dropped: Sequence[str]) -> tuple[str, ...]:
    """Return aliases without those to be dropped; raises NotFoundError for an unknown alias.

    Raises RefusedError for a name of the organisation that is not an alias.
    """
    known = {fold(alias) for alias in aliases}
    for name in dropped:
        if fold(name) in known:
            continue
        if fold(name) in {fold(one) for one in (old.name, old.name_vi) if one}:
            raise RefusedError("naming.not-an-alias", name=name, code=old.code)
        raise NotFoundError(
            "naming.no-alias",
            code=old.code,
            name=name,
            aliases=", ".join(aliases) or Text("naming.none"),
        )
    gone = set(map(fold, dropped))
    return tuple(alias for alias in aliases if fold(alias) not in gone)


def _what(org: Organisation, key: str) -> Text:
    if fold(org.code) == key:
        return Text("naming.the-code")
    named = key in {fold(one) for one in (org.name, org.name_vi) if one}
    return Text("naming.a-name" if named else "naming.an-alias")


def _way_out(org: Organisation, key: str) -> Text:
    what = _what(org, key).key
    if what == "naming.the-code":
        return Text("hint.another-name")
    if org.valid_to not in {None, date.max}:
        next_day = (org.valid_to + timedelta(1)).isoformat()
        return Text("naming.begin-later", code=org.code, ended=org.valid_to, next_day=next_day)
    if what == "naming.an-alias":
        return Text("naming.drop-alias", code=org.code)
    return Text("naming.see-org", code=org.code)
