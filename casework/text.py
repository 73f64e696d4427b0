"""User text: how it is taken in, compared and shown."""

import re
import unicodedata

from casework.errors import UsageError

TITLE_LIMIT = 10_000
TEXT_LIMIT = 100_000

_MARKS = re.compile("[\u0300-\u036f]+")
# C0, DEL and C1 controls; bidirectional marks, embeddings, overrides and isolates; invisible
# separators and tags. Zero-width joiners stay: they hold emoji and some scripts together.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_DELETE = 0x7F


def clean(value: str, what: str, limit: int = TEXT_LIMIT) -> str:
    """Return user text as it is stored: NFC, without surrounding white space.

    `what` names the field in messages; `limit` counts characters. Raises UsageError for text
    that is empty, too long, holds U+0000 (PostgreSQL cannot store it) or is not Unicode text
    (a lone surrogate, which is how undecodable bytes of a command line arrive).
    """
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise UsageError(f"{what} is not valid Unicode text", "write it in UTF-8") from None
    value = value.strip()
    if not value:
        raise UsageError(f"{what} is empty", f"give {what} some text")
    if len(value) > limit:
        raise UsageError(
            f"{what} has {len(value):,} characters; at most {limit:,} are kept",
            "shorten it, or put the long text into --source or --answer",
        )
    if "\x00" in value:
        raise UsageError(f"{what} holds a NUL character", "remove it")
    return value


def optional(value: str | None, what: str, limit: int = TEXT_LIMIT) -> str | None:
    """Return cleaned text, None for text that was not given."""
    return None if value is None else clean(value, what, limit)


def fold(value: str) -> str:
    """Return the key under which text is looked up: no case, no diacritics, đ as d.

    White space of any kind (NBSP too) counts as one space.
    """
    if not value.isascii():
        value = _MARKS.sub("", unicodedata.normalize("NFKD", value))
        value = value.replace("đ", "d").replace("Đ", "d")
    return " ".join(value.casefold().split())


def visible(value: str) -> str:
    """Return text safe for a terminal: control, escape and bidirectional characters shown.

    C0 controls become their Unicode pictures (ESC is shown as ␛), all else ``<U+202E>``.
    """
    return value if value.isprintable() else _UNSAFE.sub(_picture, value)


def _picture(match: re.Match[str]) -> str:
    point = ord(match.group())
    if point < ord(" "):
        return chr(0x2400 + point)
    return "␡" if point == _DELETE else f"<U+{point:04X}>"
