"""Commands on the user's configuration: list it with the origin of each value, and change it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from casework.cli.output import print_rows
from casework.cli.running import Noun
from casework.cli.settings import Settings, settings
from casework.errors import CaseworkError, NotFoundError, UnavailableError, UsageError
from casework.system import configuration, platforms
from casework.system.configuration import ALIASES, KEYS, Told
from casework.words import word

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = {"register": "db", "by": "by", "lang": "lang", "format": "format", "color": "color"}
"""The global option that sets a key for one command, by key."""


@click.group("config", cls=Noun)
def config_() -> None:
    """Set once what counts for every command."""


@config_.command("list")
@click.option("--show-origin", is_flag=True)
def list_(*, show_origin: bool) -> None:
    """List what is set.

    \b
    Example:
      casework config list --show-origin
    """
    chosen = settings()
    if chosen.configured.wrong is not None:
        raise chosen.configured.wrong
    rows = [_row(key, _effective(key)) for key in KEYS]
    for name, words in chosen.configured.aliases.items():
        line = chosen.configured.lines.get(f"{ALIASES}.{name}", 0)
        rows.append(_row(f"{ALIASES}.{name}", Told(words, line=line)))
    origin = ("origin",) if show_origin else ()
    print_rows(chosen, rows, ("key", "value", *origin), fit="value", heads={"origin": "value_from"})


def _row(key: str, told: Told) -> dict[str, Any]:
    chosen = settings()
    origin = told.variable or word("default", chosen.lang)
    if told.line:
        origin = f"{chosen.configured.file}:{told.line}"
    return {"key": key, "value": told.value, "origin": origin}


def _effective(key: str) -> Told:
    """Return the value of a key, including options on the command line."""
    name = OPTIONS.get(key)
    context = click.get_current_context()
    while name is not None and context is not None:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            return Told(str(getattr(settings(), name)), f"--{name}")
        context = context.parent  # type: ignore[assignment]
    told = settings().configured.told(key, _default(key))
    # The system names a language by a locale.
    return told._replace(value=settings().lang) if key == "lang" else told


def _default(key: str) -> str | None:
    """Return the default of a key."""
    if key == "register":
        return _store()
    there = platforms.PAGER if shutil.which(platforms.PAGER) else None
    own = {name: str(getattr(Settings(), name)) for name in ("format", "color")}
    return {**own, "editor": platforms.EDITOR, "pager": there}.get(key)


def _store() -> str | None:
    from casework.system import places

    try:
        return str(places.store())
    except CaseworkError:
        return None


@config_.command("get")
@click.argument("key")
def get(key: str) -> None:
    """Print what KEY is set to.

    \b
    Example:
      casework config get register
    """
    chosen = settings()
    if key.startswith(f"{ALIASES}."):
        value = chosen.configured.aliases.get(key.partition(".")[2])
    else:
        if key not in KEYS:
            configuration.check(key, "")
        value = _effective(key).value
    if value is None:
        raise NotFoundError("config.not-set", key=key)
    click.echo(value, color=False)


@config_.command("set")
@click.argument("key")
@click.argument("value")
def set_(key: str, value: str) -> None:
    """Set KEY to VALUE in the file.

    \b
    Example:
      casework config set alias.late "list --overdue --sort due"
    """
    if key == "register" and "://" not in value:
        from casework.store.sqlite_file import file_of

        if (file := file_of(value)) is not None:
            value = str(file.absolute())
    put(key, value)


def put(key: str, value: str) -> None:
    """Write a key into the file and say so; raises UsageError if it cannot be set."""
    configuration.check(key, value)
    if key == "columns":
        from casework.reports.cards import members_of

        members_of(value)
    if key.startswith(f"{ALIASES}."):
        from casework.cli import COMMANDS
        from casework.cli.aliases import refuse_useless

        aliases = settings().configured.aliases
        refuse_useless(key.partition(".")[2], value, aliases, COMMANDS)
    file = _file()
    held = _held(file)
    table, name = _table(held, key, make=True)
    table[name] = value
    _keep(file, held)
    _tell("config.set", file=file, key=key, value=value)


@config_.command("unset")
@click.argument("key")
def unset(key: str) -> None:
    """Take KEY out of the file.

    \b
    Example:
      casework config unset lang
    """
    take_out(key)


def take_out(key: str) -> None:
    """Remove a key from the file and say so; raises NotFoundError if it is not there."""
    file = _file()
    held = _held(file)
    table, name = _table(held, key)
    if name not in table:
        raise NotFoundError("config.not-in-file", key=key, file=file)
    del table[name]
    if key.startswith(f"{ALIASES}.") and not table:
        del held[ALIASES]
    _keep(file, held)
    _tell("config.unset", file=file, key=key)


def _file() -> Path:
    file = settings().configured.file
    if file is None:
        raise UnavailableError("config.no-place", variable=configuration.VARIABLE)
    return file


def _held(file: Path) -> Any:
    """Return the file with its comments; raises UsageError if it is not TOML."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    from casework.system.files import read_text

    try:
        return tomlkit.parse(read_text(file) if file.exists() else "")
    except TOMLKitError:
        raise settings().configured.wrong or UsageError("config.no-table") from None


def _table(held: Any, key: str, *, make: bool = False) -> tuple[Any, str]:
    """Return the table of a key, and its name there."""
    name = key.removeprefix(f"{ALIASES}.")
    if name == key:
        return held, key
    if make and not isinstance(held.get(ALIASES), dict):
        import tomlkit

        held[ALIASES] = tomlkit.table()
    return held.get(ALIASES, {}), name


def _keep(file: Path, held: Any) -> None:
    from casework.system.files import keep

    keep(file, held.as_string())


def _tell(text: str, /, **values: object) -> None:
    told = settings().said(text, **values)
    settings().done.append(told)
    click.echo(told, color=False)
