"""The global options of one run, its session, and notices on standard error."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from casework.cli.language import of_the_system
from casework.errors import CaseworkError
from casework.system.configuration import Configuration
from casework.words import VARIABLES, said

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from casework.acts.notices import Notice
    from casework.acts.session import Session
    from casework.ledger.ledger import Desk
    from casework.store.connections import Connection
    from casework.store.db import Store


@dataclass(slots=True)
class Settings:
    """The global options of one run, wherever they were on the line."""

    db: str | None = None
    read_from: str = "primary"
    with_secret: bool = False
    by: str | None = None
    deputy_of: str | None = None
    """The person away, if the actor is their deputy."""
    format: str = "table"
    lang: str = field(default_factory=of_the_system)
    color: str = "auto"
    quiet: bool = False
    no_pager: bool = False
    open: bool = False
    """Whether to open a file after writing it."""
    bom: bool = True
    """Whether a CSV file that is written begins with a byte order mark."""
    template: Path | None = None
    """The office's own Word document that is used as a template."""
    debug: bool = False
    verbose: bool = False
    idempotency_key: str | None = None
    configured: Configuration = field(default_factory=Configuration)
    """The user's configuration."""
    consumed: bool = False
    """Whether standard input was read, which is possible only once."""
    done: list[str] = field(default_factory=list)
    """What this run has recorded, reported if its result cannot be printed."""
    _session: Session | None = None
    _open: tuple[str | None, Store] | None = None
    """A store that stays open between runs, and its name."""

    @property
    def session(self) -> Session:
        """The session of this run, created from the options on first use."""
        if self._session is None:
            from casework.acts.session import Session

            named, kept = self._open or (None, None)
            self._session = Session(
                target=kept if kept is not None and named == self.db else self.db,
                by=self.by,
                deputy_of=self.deputy_of,
                standby=self.read_from == "standby",
                with_secret=self.with_secret,
                key=self.idempotency_key,
                tell=self._hear,
                for_reader=self.format == "table",
                rest=time.sleep,
            )
        return self._session

    def use(self, session: Session) -> None:
        """Make this run a part of another one, with its session."""
        self._session = session

    def keep_open(self, outer: Settings) -> None:
        """Let this run use the store that an outer run keeps open, if it can be opened."""
        if outer._open is None and outer.read_from == "primary":
            with suppress(CaseworkError):
                outer._open = outer.db, outer.session.open()
        self._open = outer._open

    def take(self, configured: Configuration) -> None:
        """Apply the user's configuration; options and variables override it."""
        self.configured = configured
        for name in ("by", "format", "color"):
            setattr(self, name, configured.values.get(name, getattr(self, name)))
        if (register := configured.values.get("register")) is not None:
            self.db = os.path.expanduser(register)  # noqa: PTH111 - it may be a URL
        if not os.environ.get(VARIABLES[0]):
            self.lang = configured.values.get("lang", self.lang)

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a read-only connection to the store."""
        return self.session.reading()

    def desk(self, *, dry_run: bool = False) -> AbstractContextManager[Desk]:
        """Open a write transaction in the actor's name; see `Session.desk`."""
        return self.session.desk(dry_run=dry_run)

    def _hear(self, notice: Notice) -> None:
        """Print a notice of the session."""
        from casework.acts.notices import Recorded
        from casework.cli.notices import worded

        text = worded(notice, self.lang)
        if isinstance(notice, Recorded):
            self.done.append(text)
        else:
            self.tell(text)

    def said(self, key: str, /, **values: Any) -> str:
        """Return a text in the reader's language, by its id."""
        return said(key, self.lang, **values)

    def tell(self, message: str, *, whole: bool = False) -> None:
        """Print a notice on standard error, wrapped to the terminal unless `whole`."""
        if self.quiet:
            return
        lines = message.split("\n")
        if not whole and sys.stderr is not None and sys.stderr.isatty():
            from casework.cli.layout import breadth, indented

            lines = [part for line in lines for part in indented(line, breadth())]
        click.echo("\n".join(lines), err=True)


def wrong_usage(key: str, /, **values: Any) -> click.UsageError:
    """Return the error for arguments that cannot be combined, by the id of its text."""
    return click.UsageError(said(key, settings().lang, **values))


def settings() -> Settings:
    """Return the settings of the running command."""
    root = click.get_current_context().find_root()
    if not isinstance(root.obj, Settings):
        root.obj = Settings()
    return root.obj
