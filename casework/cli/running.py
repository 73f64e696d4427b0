"""Run a command: note its arguments, resolve its dates, and retry it if that is safe."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import click
from click.core import ParameterSource

from casework import __version__
from casework.cli.dates import days, typed_days
from casework.cli.helping import Worded, language, path_of
from casework.cli.options import lettered, with_global
from casework.cli.settings import settings, wrong_usage
from casework.cli.typed import WRITTEN
from casework.errors import CaseworkError, UnavailableError, UsageError
from casework.system import tracing
from casework.system.protected import sparing
from casework.words import Text, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from casework.acts.session import Session

    Completing = Callable[
        [click.Command, click.Context, list[str], click.MissingParameter], list[str] | None
    ]


NEED_NO_CONFIGURATION = frozenset({"config", "completion", "help", "man"})
"""The commands that work with a broken configuration, so that it can be fixed."""

_HOW = frozenset({"dry_run", "yes"})
"""Options about how a command is run, not what it does."""


class _Printed:
    """Standard output, with a record of whether anything was printed."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.anything = False

    def write(self, text: str) -> int:
        """Write a text."""
        self.anything = self.anything or bool(text)
        return int(self._stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _written(
    command: click.Command, ctx: click.Context, args: list[str], error: click.MissingParameter
) -> list[str] | None:
    from casework.cli.editing import complete

    return complete(command, ctx, args, error)


class Command(Worded):
    """A command that also takes the global options, after its name.

    `complete` returns a command line with missing parts asked for at a terminal, or None without a
    terminal.
    """

    complete: Completing = staticmethod(_written)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; ask at a terminal for a missing text."""
        while True:
            try:
                rest = super().parse_args(ctx, list(args))
                self._ask_for_begun(ctx)
                return rest  # noqa: TRY300 - what is asked for may be lacking
            except click.MissingParameter as error:
                more = self.complete(self, ctx, args, error)
                if more is None:
                    raise
                args = more

    def _ask_for_begun(self, ctx: click.Context) -> None:
        """Ask for the text that begins with a template, even if it is optional.

        Raises UsageError if all texts were typed.
        """
        typed = ctx.get_parameter_source("template") is ParameterSource.COMMANDLINE
        named = any(one.name == "template" and not one.expose_value for one in self.params)
        if not (typed and named) or WRITTEN in ctx.meta or ctx.resilient_parsing:
            return
        texts = {str(one.name): one for one in self.params if one.name in {"answer", "reason"}}
        begun = texts.get("answer") or texts.get("reason")
        if begun is not None and ctx.params.get(str(begun.name)) is None:
            raise click.MissingParameter(ctx=ctx, param=begun)
        raise wrong_usage("answer-template.and-text")

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command after resolving the typed dates."""
        from casework.acts.session import DoneAlready

        chosen = settings()
        if chosen.configured.wrong is not None and path_of(ctx)[0] not in NEED_NO_CONFIGURATION:
            raise chosen.configured.wrong
        begun, session = self.readied(ctx), chosen.session
        chosen.consumed = chosen.consumed or "-" in ctx.params.values()

        def watched() -> Any:
            with _watched():
                return begun()

        with (
            _printed(ctx) as printed,
            redirect_stdout(printed),
            _traced(session.what),
            sparing(session.file),
        ):
            try:
                return session.attempt(watched, spent=lambda: chosen.consumed or printed.anything)
            except DoneAlready as already:
                from casework.cli.already import print_done

                return print_done(chosen, already.done, already.events)
            except CaseworkError as error:
                _say_how_to_repeat(ctx, session, error)
                _keep_written(ctx)
                raise

    def readied(self, ctx: click.Context) -> Callable[[], Any]:
        """Note the arguments for the idempotency key; return the function to call."""
        from casework.acts.sealing import sealable

        session, typed = settings().session, typed_days(ctx)
        given = {name: value for name, value in ctx.params.items() if name not in _HOW}
        session.what, session.given = _named(ctx), sealable(given)

        def begun() -> Any:
            if typed:
                ctx.params |= days(typed)
                typed.clear()
            return super(Command, self).invoke(ctx)

        return begun

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its own parameters, its help option, and the global ones."""
        return with_global(lettered(super().get_params(ctx)))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write how cases are named, and where the global options are described."""
        formatter.write_paragraph()
        if any(
            isinstance(one, click.Argument) and one.name == "ref" and one.nargs < 0
            for one in self.params
        ):
            formatter.write_text(said("help.refs-epilog", language(ctx)))
            formatter.write_paragraph()
        formatter.write_text(said("help.command-epilog", language(ctx)))


class Noun(Worded, click.Group):
    """A group of commands on one kind of thing; it takes the global options too."""

    command_class = Command
    group_class = type

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its help option and the global ones."""
        return with_global(super().get_params(ctx))


@contextmanager
def _printed(ctx: click.Context) -> Iterator[Any]:
    """Open the stream for the output of a command; a long result is paged."""
    if sys.stdout is not None and sys.stdout.isatty():
        from casework.cli.pager import paged, wanted

        if wanted(path_of(ctx), settings()):
            with paged(settings()) as stream:
                yield _Printed(stream)
            return
    yield _Printed(sys.stdout)


@contextmanager
def _traced(what: str) -> Iterator[None]:
    """Return a block that logs to standard error, if that was asked for."""
    chosen, statements = settings(), tracing.asked()
    if chosen.verbose and chosen.quiet:
        raise UsageError("cli.quiet-and-verbose")
    if not chosen.verbose and not statements:
        yield
        return
    with tracing.printed(verbose=chosen.verbose, sql=statements):
        tracing.say("casework %s: %s", __version__, what)
        yield


def _watched() -> AbstractContextManager[None]:
    """Return a block whose progress is shown on a terminal."""
    chosen = settings()
    if chosen.quiet or chosen.verbose or sys.stderr is None or not sys.stderr.isatty():
        return nullcontext()
    from casework.cli.progress import shown

    return shown(chosen.lang)


def _say_how_to_repeat(ctx: click.Context, session: Session, error: CaseworkError) -> None:
    """Add to an error the key with which to repeat what may have been recorded, if one is taken."""
    key = session.repeat_with
    takes = any("--idempotency-key" in one.opts for one in ctx.command.params)
    if key is not None and takes and isinstance(error, UnavailableError):
        error.way_out = Text("session.repeat", key=key)


def _keep_written(ctx: click.Context) -> None:
    """Keep the text written in an editor for a refused command."""
    if WRITTEN in ctx.meta:
        from casework.cli.editing import keep

        keep(ctx, settings())


def _named(ctx: click.Context) -> str:
    """Return which command runs, and on what."""
    # A key is that of one command on one thing; other words may be private, and are not kept.
    named = (str(ctx.params[name]) for name in ("ref", "code") if ctx.params.get(name))
    # As the log takes texts: white space is that between words.
    return normalize("NFC", " ".join(" ".join((*path_of(ctx), *named)).split()))
