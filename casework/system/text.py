"""User text: cleaning, comparing and showing it."""

import json
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from casework.errors import UsageError
from casework.words import Name, Text

TITLE_LIMIT = 10_000
TEXT_LIMIT = 100_000

SHOWN = 60
"""How many characters of a value, of a name or of a line a message shows."""

WITHHELD = "[withheld]"
"""Replaces a text that is withheld from a reader; no user text can be equal to it."""

_MARKS = re.compile("[\u0300-\u036f]+")
_BEYOND_MARKS = re.compile("[^\x00-\x7f\u0300-\u036f]")
# C0, DEL and C1 controls; bidirectional marks, embeddings, overrides and isolates; invisible
# separators and tags; what is no character. Zero-width joiners stay: they hold emoji and some
# scripts together.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)
_DELETE = 0x7F
INVISIBLE = frozenset(
    "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
"""Invisible characters; at the edge of a text they come from copying."""
_PRINTABLE = bytes(range(ord(" "), _DELETE))

# A spreadsheet runs a cell that begins like this as a formula. An apostrophe in front keeps it
# text; one is also put before a text that begins with apostrophes itself, so that reading can
# take away exactly what writing added.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")

# Vietnamese letters with a mark of their own follow the plain one; tones only break ties, in the
# order of dictionaries: level, grave, hook, tilde, acute, dot below.
_LETTER_MARKS = {"\u0306": "1", "\u0302": "2", "\u031b": "3"}
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}


def clean(value: str, what: str | Text, limit: int = TEXT_LIMIT) -> str:
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
            raise UsageError("text.not-unicode", what=_named(what)) from None
    value = value.strip()
    if not value:
        raise UsageError("text.empty", what=_named(what))
    if len(value) > limit:
        raise UsageError("text.too-long", what=_named(what), length=len(value), limit=limit)
    if "\x00" in value:
        raise UsageError("text.nul", what=_named(what))
    if value == WITHHELD:
        raise UsageError("text.withheld", what=_named(what))
    return value


def trimmed(value: str) -> str:
    """Return text without white space and invisible characters at its edges."""
    start, end = 0, len(value)
    while start < end and (value[start] in INVISIBLE or value[start].isspace()):
        start += 1
    while start < end and (value[end - 1] in INVISIBLE or value[end - 1].isspace()):
        end -= 1
    return value[start:end]


def shortened(text: str) -> str:
    """Return a text for a message: its first `SHOWN` characters, and a sign where more follow."""
    return f"{text[:SHOWN]}…" if len(text) > SHOWN else text


def as_json(value: object) -> str:
    """Return a value for a message as JSON writes it, shortened."""
    return shortened(json.dumps(value, ensure_ascii=False, default=str))


def _named(what: str | Text) -> Text:
    """Return the name of a field for messages."""
    return what if isinstance(what, Text) else Name(what)


def optional(value: str | None, what: str | Text, limit: int = TEXT_LIMIT) -> str | None:
    """Return cleaned text; None if none was given."""
    return None if value is None else clean(value, what, limit)


ALIKE = {
    **dict.fromkeys("Ððꝺ\u0189\u0256", "d"),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u2032", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f«»", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
}
"""Variants that keyboards, word processors and older encodings write, and the plain character.

They include an Icelandic or African D for the Vietnamese one, curved quotes, dashes of every
length, and invisible characters.
"""
_ANY_ALIKE = re.compile(f"[{''.join(ALIKE)}]")


def spelt(word: str) -> str:
    """Return the normalised spelling of a word of a list: ``Under study`` is ``under-study``."""
    return "-".join(word.casefold().replace("_", " ").replace("-", " ").split())


def fold(value: str) -> str:
    """Return the key under which text is looked up: no case, no diacritics, đ as d.

    White space of any kind (NBSP too) counts as one space; quotes and dashes of every form count as
    the plain ones, Ð (U+00D0) as Đ.
    """
    if not value.isascii():
        value = _unmarked(value, alike=True)
    return _one_spaced(value.casefold())


# An import asks several times for the key of each reference.
@lru_cache(maxsize=1024)
def fold_code(value: str) -> str:
    """Return the key of a reference: like `fold`, but similar characters stay different.

    References that differ only in such a character belong to two cases.
    """
    if not value.isascii():
        value = _unmarked(value, alike=False)
    return _one_spaced(value.casefold())


def _one_spaced(value: str) -> str:
    """Return text with one space for white space of any kind, and none at its edges."""
    # Of white space only the blank is printable, and most texts have single ones.
    if value.isprintable() and "  " not in value and value.strip(" ") == value:
        return value
    return " ".join(value.split())


def _unmarked(value: str, *, alike: bool) -> str:
    """Return text without diacritics, with `alike` characters replaced by the plain one."""
    value = unicodedata.normalize("NFKD", value).replace("đ", "d").replace("Đ", "d")
    beyond = _BEYOND_MARKS.search(value)
    if beyond and alike:
        # What had kept marks apart may be gone: they are put in their order once more.
        value = unicodedata.normalize("NFKD", _ANY_ALIKE.sub(lambda one: ALIKE[one[0]], value))
        beyond = _BEYOND_MARKS.search(value)
    # Vietnamese has nothing else that is not ASCII, which takes a fifth of the time.
    return _MARKS.sub("", value) if beyond else value.encode("ascii", "ignore").decode()


def sort_key(value: str) -> tuple[str, str, str]:
    """Return the key that puts names in the order of a Vietnamese dictionary.

    A Ă Â B C D Đ E Ê … O Ô Ơ … U Ư …; tones and case matter only between names that are otherwise
    the same. The machine's locale has no say.
    """
    letters: list[str] = []
    tones: list[str] = []
    for character in unicodedata.normalize("NFD", value.casefold().replace("đ", "d\u0306")):
        if not unicodedata.combining(character):
            letters += [character, "0"]
            tones.append("0")
        elif letters and character in _LETTER_MARKS:
            letters[-1] = _LETTER_MARKS[character]
        elif letters and character in _TONES:
            tones[-1] = _TONES[character]
    return "".join(letters), "".join(tones), value


def guarded(words: str) -> str:
    """Return text as a cell that no spreadsheet takes for a formula and that keeps its edges."""
    return f"'{words}" if _FORMULA.match(words) or _edged(words) else words


def unguarded(written: str) -> str:
    """Return the text of a cell; the reverse of `guarded`."""
    if not written.startswith("'"):
        return written
    return written[1:] if _FORMULA.match(written) or _edged(written) else written


def _edged(words: str) -> bool:
    """Return whether a text begins (after apostrophes) or ends with an invisible character."""
    text = words.lstrip("'")
    return bool(text) and (text[0] in INVISIBLE or text[-1] in INVISIBLE)


def visible(value: str) -> str:
    """Return text safe for a terminal: control, escape and bidirectional characters shown.

    C0 controls become their Unicode pictures (ESC is shown as ␛), everything else ``<U+202E>``.
    """
    return value if value.isprintable() else _UNSAFE.sub(_picture, value)


def all_visible(values: Sequence[str]) -> bool:
    """Return whether `visible` would leave all of these texts unchanged."""
    whole = "".join(values)
    if whole.isascii():
        # Several times as fast as to ask Unicode's tables of each character.
        return not whole.encode().translate(None, delete=_PRINTABLE)
    return whole.isprintable()


def _picture(match: re.Match[str]) -> str:
    point = ord(match.group())
    if point < ord(" "):
        return chr(0x2400 + point)
    return "␡" if point == _DELETE else f"<U+{point:04X}>"
