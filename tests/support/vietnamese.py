"""English in a text that should be Vietnamese: found by how words are spelled, not by a list."""

import re

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?"
    r"(?:uye|oai|oay|uay|ieu|yeu|uoi|uou|oeo|uya|ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|oo|ua|ue|ui"
    r"|uo|uu|uy|ya|ye|[aeiouy])"
    r"(?:ch|ng|nh|[cmnpt])?"
)
"""A syllable of Vietnamese without its marks: what has no such form is another language's."""

_ALIKE = {
    *("act", "an", "and", "any", "at", "by", "can", "cannot", "come", "done", "due", "found"),
    *("get", "give", "go", "had", "has", "have", "he", "hint", "him", "it", "link", "may"),
    *("me", "move", "must", "no", "none", "not", "note", "off", "on", "one", "open", "or", "out"),
    *("put", "set", "she", "some", "than", "that", "the", "them", "then", "there", "time", "to"),
    *("too", "two", "until", "up", "we", "what", "when", "who", "why", "you"),
}
"""Words of English that are spelled like syllables of Vietnamese, and are none on their own."""

_WORD = re.compile(r"\w+")

TYPED = re.compile(
    # Commands with what follows them in a line or between quotation marks, options, variables.
    r"casework(?: (?:--[a-z-]+(?: \{?\w+\}?)?|[a-z][a-z-]*\b|[A-Z]+\b|\{\w+\}))+|--[a-z][a-z-]*"
    r"|\[env: \w+\]|%\(\w+\)s|\{[^{}]*\}"
    # What is quoted, addresses, paths, names with signs in them, and what stands in capitals.
    r"|'[^'\n]*'|\"[^\"\n]*\"|“[^”\n]*”|\S*[\w}][/\\@=+:.](?=[\w/\\$~])\S*|\w*_\w+|\b[A-Z][A-Z\d/-]+\b"
    r"|\b\w*\d\w*\b|\w+(?:-\w+)+|(?<=\s)\.\w+"
)
"""What is typed, or stands as it is in any language."""

NAMES = {
    *(
        "casework",
        "PostgreSQL",
        "SQLite",
        "Python",
        "Excel",
        "Word",
        "PowerShell",
        "Bash",
        "Windows",
    ),
    *("OpenDocument", "iCalendar", "Lines", "Merkle", "Law", "Latin", "typst", "psycopg", "pip"),
    *("install", "Unicode", "Text", "Comma", "delimited", "byte", "shell", "socket", "trigger"),
    *("Full", "User", "Ctrl", "Shell", "MiB", "GiB", "gzip", "hex", "web", "python", "Brier"),
}
"""Names, and the few words Vietnamese has from English."""


def english(text, *names):
    """Return the English words of a text that are neither typed nor any of these names."""
    found = _WORD.findall(TYPED.sub(" ", text))
    return {word for word in found if _is_english(word) and word not in {*NAMES, *names}}


def _is_english(word):
    plain = word.lower()
    if not word.isascii() or not word.isalpha() or len(word) == 1:
        return False
    return plain in _ALIKE or not _SYLLABLE.fullmatch(plain)
