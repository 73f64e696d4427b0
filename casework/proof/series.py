"""Write a bundle for each of many cases, and a page that lists them.

The page, index.html, is in both languages and proves nothing: each folder it leads to is a bundle
of its own, with its own verifier. Folders are called by a number and by what of the reference is
safe in the name of a file on every system.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from casework.kinds.choices import State
from casework.proof import evidence
from casework.questions import listing, lookup
from casework.system import platforms
from casework.system.progress import steps
from casework.system.text import WITHHELD, visible
from casework.words import said, short_date, word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from casework.kinds.records import Case
    from casework.log.note import Checkpoint, SigningKey
    from casework.proof.evidence import Bundle
    from casework.store.connections import Connection

PAGE = "index.html"
COMMAND = "python3 verify_bundle.py . --key KEY"
LANGUAGES = ("vi", "en")
"""The languages of the page, in their order."""

COLUMNS = ("ref", "title", "owner", "state", "due", "events")
UNCLEAR = frozenset(("owner", "due", "events"))

_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")
_LONGEST = 40
WHOLE = 24
"""How long a reference may be that is kept in one line."""
_DIGITS = 3

STYLE = """\
body { font: 16px/1.5 "Times New Roman", "Liberation Serif", serif; color: #1a1a1a;
  max-width: 62rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; color: #1f4e79; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #999; padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { background: #e8eef5; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
.r, code { white-space: nowrap; }
@media screen and (max-width: 40rem) {
  thead { position: absolute; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; }
  tr { border: 1px solid #999; margin-bottom: .75rem; }
  td { border: 0; padding: .1rem .5rem; }
  td:empty { display: none; }
  td[data-h]::before { content: attr(data-h) ": "; color: #555; }
}
"""


@dataclass(frozen=True, slots=True)
class Series:
    """What was written: how many bundles, and of all of them together what a `Bundle` says."""

    size: int
    root: str
    bundles: int
    events: int
    disclosed: int
    withheld: int
    later: int
    proves: str


class _Entry(NamedTuple):
    """What the page tells of a bundle: where it begins, its case, and what was written."""

    link: str
    case: Case
    made: Bundle


def export_each(
    connection: Connection,
    refs: Sequence[str],
    inside: Path,
    *,
    checkpoint: str,
    since: str | None = None,
    key: SigningKey | None = None,
) -> Series:
    """Write a bundle for each of these cases, by their exact references, and the page of them all.

    What is in memory does not grow with the cases, but for their references. The rest is as
    `evidence.export` has it, and raises what that raises.
    """
    evidence.refuse_unmakeable(connection, refs, since, key)
    ground = evidence.prepared(connection, checkpoint, since, key)
    total = dict.fromkeys(("events", "disclosed", "withheld", "later"), 0)
    proves = ""
    called = _names(connection)
    with evidence.synced(inside / PAGE, private=True) as page:
        page.write(_head(len(refs), ground.signed).encode())
        for number, case in enumerate(
            steps(listing.in_order(connection, refs), "writing", len(refs)), 1
        ):
            name = folder_name(number, len(refs), case.ref)
            (inside / name).mkdir()
            made = evidence.bundle(ground, [case.ref], inside / name)
            platforms.flush(inside / name)
            entry = _Entry(f"{name}/{_first_page(inside / name)}", case, made)
            page.write(_row(number, entry, called).encode())
            total = {what: count + getattr(made, what) for what, count in total.items()}
            proves = made.proves
        page.write(b"</tbody>\n</table>\n</body>\n</html>\n")
    return Series(
        size=ground.signed.size,
        root=ground.signed.root.hex(),
        bundles=len(refs),
        proves=proves,
        **total,
    )


def _first_page(folder: Path) -> str:
    """Return what of a bundle is read first: its history, where it is not too long for a page."""
    return next(name for name in ("history.html", "README.txt") if (folder / name).exists())


def folder_name(number: int, count: int, ref: str) -> str:
    """Return the folder name of a case: safe on every system, and unique."""
    wide = max(_DIGITS, len(str(count)))
    safe = _UNSAFE.sub("-", ref)[:_LONGEST].strip("-.")
    return f"{number:0{wide}}-{safe}".rstrip("-")


def _names(connection: Connection) -> Callable[[str | None], str]:
    """Return a function that says what an organisation is called, in both languages."""
    known = lookup.names(connection)

    def called(code: str | None) -> str:
        if code is None:
            return ""
        name, name_vi = known.get(code, (code, None))
        return _both(name_vi or name, name)

    return called


def _both(vietnamese: str, english: str) -> str:
    return escape(visible(vietnamese if vietnamese == english else f"{vietnamese} / {english}"))


def _said(key: str, **values: object) -> str:
    return _both(*(said(key, lang, **values) for lang in LANGUAGES))


def _word(code: str) -> str:
    return _both(*(word(code, lang) for lang in LANGUAGES))


def _head(count: int, signed: Checkpoint) -> str:
    heads = "".join(f"<th>{_word(one)}</th>" for one in COLUMNS)
    told = {"count": count, "command": COMMAND, "size": signed.size, "root": signed.root.hex()}
    texts = {lang: escape(said("evidence.index", lang, **told)) for lang in LANGUAGES}
    code = f"<code>{COMMAND}</code>"
    lead = "".join(
        f'<p lang="{lang}">{text.replace(COMMAND, code)}</p>\n' for lang, text in texts.items()
    )
    digest = b64encode(sha256(f"\n{STYLE}".encode()).digest()).decode()
    title = _said("evidence.index.title")
    return (
        '<!DOCTYPE html>\n<html lang="vi">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        f" style-src 'sha256-{digest}'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{lead}"
        f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
    )


def _row(number: int, entry: _Entry, called: Callable[[str | None], str]) -> str:
    case = entry.case
    if case.title == WITHHELD:
        title = _word("withheld")
    else:
        title = _both(case.title_vi or case.title, case.title)
    state = _word(str(case.state))
    if case.state is State.RESOLVED and case.outcome:
        state += f": {_word(str(case.outcome))}"
    due = _both(*(short_date(case.due, lang) for lang in LANGUAGES)) if case.due else ""
    whole = ' class="r"' if len(case.ref) <= WHOLE else ""
    link = f'<a href="{entry.link}"{whole}>{escape(visible(case.ref))}</a>'
    cells = (link, title, called(case.owner), state, due, str(entry.made.events))
    told = zip(COLUMNS, cells, strict=True)
    return f'<tr id="n{number}">{"".join(_cell(name, cell) for name, cell in told)}</tr>\n'


def _cell(name: str, cell: str) -> str:
    """Return a cell; what does not say by itself what it is, says it where there is no heading."""
    marked = f' data-h="{_word(name)}"' if cell and name in UNCLEAR else ""
    return f"<td{marked}>{cell}</td>"
