"""Check the type of a value from a file, as a server does."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casework.kinds.forms import Form


def wrong(value: Any, form: Form) -> Text | None:
    """Return what is wrong with a JSON value; None if it has the right type."""
    if value is None and form.get("null"):
        return None
    kind = _KINDS[form["is"]]
    if type(value) is not kind:
        return Text("value.missing" if value is None else f"value.not.{form['is']}")
    return _WRONG[form["is"]](value, form)


def _text(words: str, form: Form) -> Text | None:
    if not words:
        return None if form.get("empty") else Text("value.empty")
    if len(words) > form["most"]:
        return Text("value.too-long", most=form["most"])
    if "\x00" in words or not _is_unicode(words):
        return Text("value.not.text")
    if not form.get("verbatim") and words != unicodedata.normalize("NFC", words).strip():
        return Text("value.not-nfc")
    if "like" in form and not _pattern(form["like"]).search(words):
        return Text("value.form")
    return None


def _is_unicode(words: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in words)


@lru_cache(maxsize=32)
def _pattern(like: str) -> re.Pattern[str]:
    return re.compile(like)


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def _date(words: str, form: Form) -> Text | None:
    from datetime import date

    try:
        there = _DAY.match(words) and date.fromisoformat(words)
    except ValueError:
        there = None
    if not there or not form["least"] <= words <= form["most"]:
        return Text("value.no-such-date")
    return None


def _word(words: str, form: Form) -> Text | None:
    return None if words in form["among"] else Text("value.no-such-word")


def _whole(number: int, form: Form) -> Text | None:
    return None if form["least"] <= number <= form["most"] else Text("value.out-of-bounds")


def _list(values: list[Any], form: Form) -> Text | None:
    found = next((why for one in values if (why := wrong(one, form["of"]))), None)
    return found and Text("value.item", wrong=found)


def _tuple(values: list[Any], form: Form) -> Text | None:
    if len(values) != len(form["of"]):
        return Text("value.items", count=len(form["of"]))
    pairs = zip(values, form["of"], strict=True)
    found = next((why for one, item in pairs if (why := wrong(one, item))), None)
    return found and Text("value.item", wrong=found)


_KINDS: Mapping[str, type] = {
    "text": str,
    "word": str,
    "date": str,
    "integer": int,
    "list": list,
    "tuple": list,
}
_WRONG: Mapping[str, Callable[[Any, Form], Text | None]] = {
    "text": _text,
    "word": _word,
    "date": _date,
    "integer": _whole,
    "list": _list,
    "tuple": _tuple,
}
"""The check for each type that a field of a case may have."""
