"""Answers that deny their own outcome: a case called done while its work goes on."""

from __future__ import annotations

import re

from casework.system.text import fold

_GOING_ON = (
    r"(?:under (?:active )?implementation|in progress|on-?going|under ?way"
    r"|being (?:implemented|prepared|drafted|finali[sz]ed|carried out))"
)
_UNDONE_VI = (
    r"(?:dang|chua)(?: (?:duoc|the|con|tiep tuc|trong qua trinh|trong giai doan|khan truong|to chuc"
    r"|phoi hop))*"
    r" (?:thuc hien|trien khai|hoan thanh|xu ly|nghien cuu|xay dung|soan thao|xem xet|lam|xong)"
)

_UNDONE = re.compile(
    rf"\b(?:{_GOING_ON}"
    r"|not (?:(?:yet|been|fully|entirely|completely|quite) )*"
    r"(?:implemented|completed|finished|done|carried out)"
    r"|yet to be \w+|remains? to be \w+"
    r"|(?:will|shall|is to|are to|is expected to|are expected to) be (?:fully )?"
    r"(?:implemented|completed|finished|done|carried out)"
    rf"|{_UNDONE_VI}"
    r"|se (?:duoc |som |tiep tuc |co ban )*(?:hoan thanh|thuc hien|trien khai|ban hanh|xong))\b"
)
"""What an answer says, folded, when the work it speaks of goes on or is still to come."""

_SETTLED = re.compile(
    rf"\b(?:(?:was|were|had been) (?:still )?{_GOING_ON}"
    rf"|(?:no|nothing|none)\b[^.,;:!?]{{0,60}}? (?:{_GOING_ON}|not (?:yet )?\w+)"
    rf"|(?:no longer|not) (?:still )?{_GOING_ON}"
    rf"|truoc (?:day|do|kia)[^.;!?]{{0,60}}? {_UNDONE_VI}"
    rf"|khong (?:con|co)\b[^.;!?]{{0,60}}? {_UNDONE_VI})\b"
)
"""What speaks of the same as over: how it once was, or that nothing of the kind is left."""


def denies(answer: str) -> bool:
    """Tell whether an answer says that what it is about is not done.

    It goes by words, so that it asks a question and decides nothing: what is past or denied itself
    does not count, as far as words tell.
    """
    return _UNDONE.search(_SETTLED.sub(" ", fold(answer))) is not None
