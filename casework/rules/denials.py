"""Answers that deny their own outcome: the case is called done while the work goes on."""

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
"""Folded words for work that goes on or is still to come."""

_SETTLED = re.compile(
    rf"\b(?:(?:was|were|had been) (?:still )?{_GOING_ON}"
    rf"|(?:no|nothing|none)\b[^.,;:!?]{{0,60}}? (?:{_GOING_ON}|not (?:yet )?\w+)"
    rf"|(?:no longer|not) (?:still )?{_GOING_ON}"
    rf"|truoc (?:day|do|kia)[^.;!?]{{0,60}}? {_UNDONE_VI}"
    rf"|khong (?:con|co)\b[^.;!?]{{0,60}}? {_UNDONE_VI})\b"
)
"""Folded words for such work that is over, or of which nothing is left."""


def denies(answer: str) -> bool:
    """Return whether an answer says that the matter is not done.

    It looks only at words, so it raises a question and decides nothing. Words about the past, or
    words that are themselves negated, do not count, as far as the text shows.
    """
    return _UNDONE.search(_SETTLED.sub(" ", fold(answer))) is not None
