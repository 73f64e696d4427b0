"""Templates of texts: the user's own files, or those of the register, by name.

Files are in the folder `templates` next to the configuration, as ``NAME.txt``. A name in braces is
replaced by a value of the case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.errors import NotFoundError, UnavailableError
from casework.words import Choice, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from casework.cli.settings import Settings


def _folder() -> Path | None:
    """Return where the user's own are kept; None for an account without a home folder."""
    from casework.system.configuration import place

    file = place()
    return None if file is None else file.parent / "templates"


def names() -> list[str]:
    """Return the names of the user's own templates."""
    kept = _folder()
    found: Iterator[Path] = iter(()) if kept is None else kept.glob("*.txt")
    return sorted(one.stem for one in found if one.is_file())


def own() -> dict[str, str]:
    """Return the user's own templates by their names."""
    return {name: _read(name) for name in names()}


def _read(name: str) -> str:
    from casework.system.files import read_text

    kept = _folder()
    return "" if kept is None else read_text(kept / f"{name}.txt").replace("\r\n", "\n").rstrip()


def save_own(name: str, text: str) -> Path:
    """Keep a text as the user's own; raises UsageError for a name that no file can have."""
    from casework.acts.actors import code
    from casework.system import files

    kept = _folder()
    if kept is None:
        raise UnavailableError("place.no-home")
    file = kept / f"{code(name, 'name.code')}.txt"
    files.keep(file, f"{text}\n")
    return file


def drop_own(name: str) -> None:
    """Forget one of the user's own; raises NotFoundError for one there is none of."""
    kept, known = _folder(), names()
    if kept is None or name not in known:
        raise _unknown(name, known)
    (kept / f"{name}.txt").unlink()


def found(chosen: Settings, name: str) -> tuple[str, str]:
    """Return a template and where it is kept: the user's own, else the register's.

    Raises NotFoundError for one there is none of.
    """
    from casework.acts.notices import NameHidden
    from casework.kinds.records import Template
    from casework.questions.named import in_use, known

    mine, there, shared = names(), list[str](), None
    try:
        with chosen.reading() as connection:
            shared = known(connection, Template, name)
            if shared is None and name not in mine:
                there = [one.code for one in in_use(connection, Template)]
    except UnavailableError:
        # The user's own are known without a register.
        if name not in mine:
            raise
    if name in mine:
        if shared is not None:
            chosen.session.tell_reader(NameHidden(kind=Template.kind, name=name))
        return _read(name), "yours"
    if shared is None:
        raise _unknown(name, dict.fromkeys((*mine, *there)))
    return shared.wording, "register"


def present(chosen: Settings, typed: Mapping[str, Any]) -> str:
    """Return the text a template has where it is to be kept; empty for a new one."""
    from casework.kinds.records import Template
    from casework.questions.named import known

    name = typed["name"]
    if not typed.get("shared"):
        return _read(name) if name in names() else ""
    with chosen.reading() as connection:
        shared = known(connection, Template, name)
    return "" if shared is None else shared.wording


def _unknown(name: str, known: Iterable[str]) -> NotFoundError:
    there = [*known]
    hint = (
        Text("answer-template.known", known=Choice(there))
        if there
        else Text("answer-template.none")
    )
    return NotFoundError("answer-template.unknown", hint, name=name)


def filled(text: str, case: Mapping[str, Any], lang: str) -> str:
    """Return a template with the names in braces replaced by values of a case.

    Raises UsageError for an unknown name in braces.
    """
    from casework.cli.output import dated
    from casework.questions.named import OF_A_CASE, fill

    told = dict(case) | ({"title": case["title_vi"] or case["title"]} if lang == "vi" else {})
    said = {name: told[name] and dated(str(told[name]), lang) for name in OF_A_CASE}
    return fill(text, said)
