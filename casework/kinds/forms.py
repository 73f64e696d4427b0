"""The types of the fields of records and the members of events.

A field names its type in its annotation (`records`), a member of an event in `event.MEMBERS`; this
module defines the types. Other checks, such as whether a code exists, are made elsewhere. A value
that does not fit its type is never accepted from any program: a server checks every event.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from casework.kinds.choices import BASES, CHOICES, PRECISIONS, Outcome, Role, State
from casework.system.text import TEXT_LIMIT, TITLE_LIMIT, fold, spelt
from casework.words import LANGUAGES, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What annotations call them. To Python all of them are texts, but for lists.
Title: TypeAlias = str
Term: TypeAlias = str
"""A title that is compared by code point, like a code."""
Verbatim: TypeAlias = str
Code: TypeAlias = str
Key: TypeAlias = str
NewCode: TypeAlias = str
NewKey: TypeAlias = str
Login: TypeAlias = str
Mailbox: TypeAlias = str
Hash: TypeAlias = str
Day: TypeAlias = str
Ending: TypeAlias = str
Basis: TypeAlias = str
Precision: TypeAlias = str
OrganisationKind: TypeAlias = str
Certainty: TypeAlias = str
ConferenceFormat: TypeAlias = str
DayKind: TypeAlias = str
DayStatus: TypeAlias = str
Decided: TypeAlias = str
YesNo: TypeAlias = str
Response: TypeAlias = str
Whose: TypeAlias = str
Verdict: TypeAlias = str
Secrecy: TypeAlias = str
"""A degree of secrecy (Law on Protection of State Secrets 2018, article 8), or none."""
Due: TypeAlias = date
"""A last day: if a period is given, its last day is meant."""
CountRule: TypeAlias = str
"""How a due date is counted, such as +30wd."""
Links: TypeAlias = tuple[tuple[str, str], ...]
Spans: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of ISO dates: from the first, up to but not including the second."""
Origins: TypeAlias = tuple[tuple[str, ...], ...]
Reminded: TypeAlias = tuple[tuple[str, str, str], ...]
Offices: TypeAlias = "tuple[Mapping[str, Any], ...]"

Form = dict[str, Any]
"""A type as JSON: `is` names it, the other members give its limits."""

CODE_LIMIT = 64
KEY_LIMIT = 100
"""The greatest length of a key that the program makes from a code."""

GREATEST = 2**53 - 1
"""The greatest whole number that every JSON reader preserves (RFC 8259, section 6)."""

COLUMN = 2**31 - 1
"""The greatest number that a column of either engine can hold."""

EARLIEST, LATEST = "1800-01-01", "9999-12-31"
"""The first and the last day that the register accepts."""

EVENT_LIMIT = 16 << 20
"""The greatest size in bytes of an event, or of its disclosed values."""

ORGANISATION_KINDS = (
    "government",
    "ministry",
    "unit",
    "peoples-committee",
    "party-body",
    "mission",
    "locality",
    "union",
    "collective",
    "international",
    "other",
)

CERTAINTIES = ("printed", "inferred", "outside", "year-only", "unknown")
"""Where the date of a conference is known from, or how much of it is unknown."""

CONFERENCE_FORMATS = ("in-person", "online", "hybrid")

DAY_KINDS = ("off", "working")
DAY_STATUSES = ("official", "projected")
"""Whether a day off was officially decided, or is only expected by a calendar."""

DECIDED = ("confirmed", "refused")
RELATIONS = ("repeats", "relates-to")
"""How a case may be linked to an earlier one."""

LOSS, LONE, TRIAL = ENDS = ("loss", "lone-loss", "trial")
"""Why a log goes on under another name; a lone loss had the word of only one person."""

COUNT = "^(0|[1-9][0-9]{0,15})$"
"""A whole number that is written in a list of texts."""


def text(most: int, like: str | None = None) -> Form:
    """Return the type of a text: NFC, not empty, without white space around it.

    `most` counts characters; `like` is an expression both Python and PostgreSQL understand.
    """
    return {"is": "text", "most": most} | ({"like": like} if like else {})


def whole(least: int = 0, most: int = GREATEST) -> Form:
    """Return the type of a whole number."""
    return {"is": "integer", "least": least, "most": most}


def one_of(values: Iterable[str]) -> Form:
    """Return the type of one of these words."""
    return {"is": "word", "among": [str(value) for value in values]}


def list_of(item: Form) -> Form:
    """Return the type of a list."""
    return {"is": "list", "of": item}


def tuple_of(*items: Form) -> Form:
    """Return the type of a list with a fixed number of values, each of its own type."""
    return {"is": "tuple", "of": list(items)}


def members(known: dict[str, Form], needed: Iterable[str] = ()) -> Form:
    """Return the type of an object with exactly these members."""
    return {"is": "object", "members": known, "needed": list(needed)}


def optional(form: Form) -> Form:
    """Return the same type, but null is allowed."""
    return form | {"null": True}


# What no code has: white space, what is not printed, what ends or opens a path or a quotation.
_NEVER = (
    r"\u0001-\u0020\u007f-\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
    r"/\\\"'<>|*?"
)
CODE = f"^[^{_NEVER}]+$"


def _any_case(word: str) -> str:
    return "".join(f"[{letter.upper()}{letter.lower()}]" for letter in word)


_DEVICES = "|".join(
    [
        *map(_any_case, ("con", "prn", "aux", "nul")),
        f"{_any_case('con')}({_any_case('in')}|{_any_case('out')})[$]",
        f"({_any_case('com')}|{_any_case('lpt')})[0-9¹²³]",
    ]
)
NEW_CODE = f"^(?!({_DEVICES})([.].*)?$)[^:{_NEVER}]*[^.:{_NEVER}]$"
"""Codes become file names: a new code is one that every file system accepts (`platforms.names`)."""

MAILBOX = r"^[A-Za-z0-9.!#$%&*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"
DATE: Form = {"is": "date", "least": EARLIEST, "most": LATEST}
STAMP: Form = {"is": "stamp"}
VERBATIM: Form = {"is": "text", "most": TEXT_LIMIT, "verbatim": True}
"""A text as a system gave it, such as a file name, white space included."""

FORMS: dict[str, Form] = {
    "str": text(TEXT_LIMIT),
    "Title": text(TITLE_LIMIT),
    "Term": text(TITLE_LIMIT),
    "CountRule": text(TITLE_LIMIT),
    "Verbatim": VERBATIM,
    "Code": text(CODE_LIMIT, CODE),
    "Key": text(KEY_LIMIT, CODE),
    "NewCode": text(CODE_LIMIT, NEW_CODE),
    "NewKey": text(KEY_LIMIT, NEW_CODE),
    "Login": text(CODE_LIMIT),
    "Mailbox": text(CODE_LIMIT, MAILBOX),
    "Hash": text(64, "^[0-9a-f]{64}$"),
    "date": DATE,
    "Due": DATE,
    "Day": DATE,
    "int": whole(most=COLUMN),
    "State": one_of(State),
    "Role": one_of(Role),
    "Ending": one_of(Outcome),
    "Basis": one_of(BASES),
    "Precision": one_of(PRECISIONS),
    "OrganisationKind": one_of(ORGANISATION_KINDS),
    "Certainty": one_of(CERTAINTIES),
    "ConferenceFormat": one_of(CONFERENCE_FORMATS),
    "DayKind": one_of(DAY_KINDS),
    "DayStatus": one_of(DAY_STATUSES),
    "Decided": one_of(DECIDED),
    "Links": list_of(tuple_of(one_of(RELATIONS), text(KEY_LIMIT))),
    "Spans": list_of(tuple_of(DATE, DATE)),
    "Origins": list_of(
        tuple_of(
            *(one_of(ENDS), text(TITLE_LIMIT)),
            *(text(16, COUNT), text(64, "^[0-9a-f]{64}$")),
            *(text(16, COUNT), text(64, "^[0-9a-f]{64}$")),
            *(text(16, COUNT), text(CODE_LIMIT) | {"empty": True}),
        )
    ),
    "Reminded": list_of(tuple_of(text(KEY_LIMIT), text(KEY_LIMIT), text(10) | {"empty": True})),
    "Offices": list_of({"is": "map", "of": optional(text(TITLE_LIMIT))}),
    **{name: one_of(words) for name, words in CHOICES.items()},
}
"""The types, by the names used in annotations."""

WORDED = {name for name, form in FORMS.items() if "among" in form}
"""The types whose values are words of a list, shown in the reader's language."""

FREE = {"str", "Title", "Verbatim"}
"""The types of free text; other texts are codes or have a fixed form."""

_LIST = re.compile(r"tuple\[(\w+), \.\.\.\]")


@cache
def form_of(annotation: str) -> Form:
    """Return the type that an annotation names; raises KeyError for an unknown name."""
    name, _, none = annotation.partition(" | ")
    if none:
        return optional(form_of(name))
    if listed := _LIST.fullmatch(name):
        return list_of(form_of(listed[1]))
    return FORMS[name]


def is_free(annotation: str) -> bool:
    """Return whether an annotation names free text, or a list of free texts."""
    name = annotation.partition(" | ")[0]
    listed = _LIST.fullmatch(name)
    return (listed[1] if listed else name) in FREE


def by_spelling(among: Iterable[str]) -> dict[str, str]:
    """Return the words of a list by their spellings: their own, and in words of both languages."""
    listed = [*map(str, among)]
    said = {spelt(fold(word(one, lang))): one for one in listed for lang in LANGUAGES}
    return said | {spelt(one): one for one in listed}
