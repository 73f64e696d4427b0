"""What a value may be: the types that the fields of a record and the members of an event have.

A field names its type in its annotation (`records`), a member in `audit.event.MEMBERS`; here stands
what each name means. Whoever takes a value in checks more than this, such as that a code is known;
what breaks this is never taken, by whatever program it comes: a server checks it of every event.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from casework.kinds.choices import BASES, CHOICES, PRECISIONS, Outcome, Role, State
from casework.system.text import TEXT_LIMIT, TITLE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What annotations call them. To Python all of them are texts, but for lists.
Title: TypeAlias = str
Term: TypeAlias = str
"""A title that is compared by code point, as codes are."""
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
"""A day until which something lasts: a period that is named for it ends with its last day."""
CountRule: TypeAlias = str
"""How a due date is counted, such as +30wd."""
Links: TypeAlias = tuple[tuple[str, str], ...]
Spans: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of ISO dates: from the first one, up to but not including the second."""
Origins: TypeAlias = tuple[tuple[str, ...], ...]
Reminded: TypeAlias = tuple[tuple[str, str, str], ...]
Offices: TypeAlias = "tuple[Mapping[str, Any], ...]"

Form = dict[str, Any]
"""A type as JSON has it: `is` says which, the rest what it is bounded by."""

CODE_LIMIT = 64
KEY_LIMIT = 100
"""How long a key is that the program makes of a code."""

GREATEST = 2**53 - 1
"""The greatest whole number that every reader of JSON gives back as it was (RFC 8259, 6)."""

COLUMN = 2**31 - 1
"""The greatest number a column of both engines holds."""

EARLIEST, LATEST = "1800-01-01", "9999-12-31"
"""The first and the last day the register may speak of."""

EVENT_LIMIT = 16 << 20
"""How many bytes an event, or what it discloses, has at most."""

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
"""Where a conference's date comes from: the documents, reasoning, elsewhere; or what lacks."""

CONFERENCE_FORMATS = ("in-person", "online", "hybrid")

DAY_KINDS = ("off", "working")
DAY_STATUSES = ("official", "projected")
"""Whether somebody decided that a day is off, or a calendar expects it."""

DECIDED = ("confirmed", "refused")
RELATIONS = ("repeats", "relates-to")
"""How a case may be linked to an earlier one."""

LOSS, LONE, TRIAL = ENDS = ("loss", "lone-loss", "trial")
"""Why a log goes on under another name; a loss that one person alone spoke for is a lone one."""

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
    """Return the type of a list of as many values as items, each of its own type."""
    return {"is": "tuple", "of": list(items)}


def members(known: dict[str, Form], needed: Iterable[str] = ()) -> Form:
    """Return the type of an object that has no members but these."""
    return {"is": "object", "members": known, "needed": list(needed)}


def optional(form: Form) -> Form:
    """Return the type that is null, too."""
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
"""Codes name files: what is new is also none that a system of files refuses (`platforms.names`)."""

MAILBOX = r"^[A-Za-z0-9.!#$%&*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"
DATE: Form = {"is": "date", "least": EARLIEST, "most": LATEST}
STAMP: Form = {"is": "stamp"}
VERBATIM: Form = {"is": "text", "most": TEXT_LIMIT, "verbatim": True}
"""A text as a system gave it, such as the name of a file: with whatever white space is in it."""

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
"""The types by the names that annotations give them."""

WORDED = {name for name, form in FORMS.items() if "among" in form}
"""The types whose values are words of a list, which people read in their own language."""

FREE = {"str", "Title", "Verbatim"}
"""The types of texts that people write and read; others are codes, or written in a form."""

_LIST = re.compile(r"tuple\[(\w+), \.\.\.\]")


@cache
def form_of(annotation: str) -> Form:
    """Return the type an annotation names; raises KeyError for a name that stands in no table."""
    name, _, none = annotation.partition(" | ")
    if none:
        return optional(form_of(name))
    if listed := _LIST.fullmatch(name):
        return list_of(form_of(listed[1]))
    return FORMS[name]


def is_free(annotation: str) -> bool:
    """Tell whether an annotation names a text that people write, or a list of such texts."""
    name = annotation.partition(" | ")[0]
    listed = _LIST.fullmatch(name)
    return (listed[1] if listed else name) in FREE
