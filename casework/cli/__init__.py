"""The command line: parse, ask one act or question, print.

No SQL, no rules and no sentences of its own belong here, and nothing another face would need too.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casework import __version__
from casework.cli.options import GLOBAL_OPTIONS
from casework.cli.settings import Settings
from casework.errors import CaseworkError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from click.shell_completion import CompletionItem

INTERRUPTED = 130

COMPLETE = "_CASEWORK_COMPLETE"
"""The variable by which a shell's script asks what a line may go on with."""

# Commands are imported when they are run, so that help and completion stay light; a test holds
# the short texts here against the commands' own.
SECTIONS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Start": {
        "init": ("store", "Make a new register."),
        "demo": ("store", "Make a register to try things in, and show what it tells."),
        "doctor": ("store", "Tell how the program and the store are set up."),
        "completion": ("store", "Print the completion script of a shell."),
    },
    "Cases": {
        "propose": ("cases", "Register a recommendation."),
        "assign": ("cases", "Give a proposed case its owner and its due date."),
        "advance": ("cases", "Take a case its next step forward."),
        "answer": ("cases", "Note what the owner answered, for the secretariat to confirm."),
        "return": ("cases", "Send a case one step back."),
        "close": ("cases", "End a case that was not studied."),
        "reopen": ("cases", "Take a resolved case up again, or put back one closed by mistake."),
        "reassign": ("cases", "Give a case another owner; its due date stays."),
        "extend": ("cases", "Move the due date on; the original one is kept."),
        "hold": ("due", "Stop the clock of a case."),
        "resume": ("due", "Let the clock of a case on hold run again."),
        "edit": ("cases", "Correct what a recommendation says or whose it is."),
        "coordinate": ("cases", "Add or remove coordinating organisations."),
        "link": ("cases", "Link a case to an earlier one."),
        "note": ("cases", "Add a note; it changes nothing."),
        "correct": (
            "cases",
            "Correct what was recorded wrongly; the wrong value stays readable in the log.",
        ),
        "redact": (
            "redact",
            "Erase personal data for good; that it was erased, by whom and why stays.",
        ),
    },
    "Four eyes": {
        "request": ("request", "Decide what waits for a second person."),
        "policy": ("request", "Tell, or set, what the register asks of whoever decides."),
    },
    "Questions": {
        "list": ("questions", "List cases."),
        "show": ("questions", "Show one case."),
        "history": ("questions", "Show everything that was done on a case."),
        "search": ("questions", "Find cases by words, in either language, without diacritics."),
        "due": ("due", "Due dates: where they come from."),
        "report": ("report", "Make a report."),
        "remind": ("remind", "Write to each owner what is due soon and what is overdue."),
    },
    "Register": {
        "conference": ("conference", "Conferences: the clock the register goes by."),
        "holiday": ("holiday", "Holidays and make-up days: what working days are counted by."),
        "org": ("directory", "Organisations that propose, own and coordinate."),
        "person": ("directory", "People who take part."),
    },
    "Trust and transport": {
        "audit": ("audit", "Read and verify the audit log."),
        "import": ("transport", "Import cases from CSV or JSON Lines: all of them or none."),
        "export": ("transport", "Export cases to CSV or JSON Lines."),
        "db": ("store", "Look after the store itself."),
    },
}
COMMANDS = {name: where for section in SECTIONS.values() for name, where in section.items()}


class Root(click.Group):
    """The command itself: its sections, its lazy commands, and its one handler of errors."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now."""
        if cmd_name not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(cmd_name, COMMANDS)
            if near and not ctx.resilient_parsing:
                ctx.fail(f"No such command '{cmd_name}'. Did you mean {' or '.join(near)}?")
            return None
        module = import_module(f"casework.cli.{COMMANDS[cmd_name][0]}")
        command = getattr(module, f"{cmd_name}_")
        return command if isinstance(command, click.Command) else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin so; no command is imported for it."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=text)
            for name, (_, text) in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section, from the table above."""
        wide = max(map(len, COMMANDS))
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl(
                    [(name.ljust(wide), text) for name, (_, text) in commands.items()]
                )

    def main(self, args: Any = None, **extra: Any) -> Any:  # type: ignore[override]
        """Run a command line and exit with its documented code."""
        words = list(sys.argv[1:] if args is None else args)
        extra.pop("standalone_mode", None)
        chosen = extra.setdefault("obj", Settings())
        # A program may be started with its output closed; it then has nowhere to print, no more.
        lost = "it is closed" if sys.stdout is None else ""
        if sys.stdout is None:
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
        for stream in (sys.stdout, sys.stderr):
            # Whatever the machine's locale is, what is printed is UTF-8; and it is the same bytes
            # on every system, since what is signed or compared may go through a pipe.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
        try:
            _offer_powershell()
            extra.setdefault("complete_var", COMPLETE)
            code = super().main(words, standalone_mode=False, **extra)
            sys.stdout.flush()
        except OSError as error:
            # Whatever else the system refuses a command is told as an error of ours.
            lost = error.strerror or str(error)
            code = 0 if chosen.done else _fail(error, words)
        except Exception as error:  # noqa: BLE001 - the one place where errors become exit codes
            lost, code = "", _fail(error, words)
        except SystemExit:
            # click's answer to a reader who has closed the pipe; that is no error of ours.
            lost, code = "nobody reads it", 0
        except KeyboardInterrupt:
            click.echo("interrupted; nothing more was done", err=True)
            code = INTERRUPTED
        if lost:
            _silence()
            _tell_done(chosen, lost, words)
        sys.exit(code if isinstance(code, int) else 0)


def _tell_done(chosen: Settings, lost: str, words: list[str]) -> None:
    """Say on standard error what was done whose result standard output did not take."""
    if not chosen.done:
        return
    what = f"done, but standard output takes no result: {lost}"
    shown = [f"casework: {what}", *(f"  {one}" for one in chosen.done)]
    if _wants_json(words):
        shown = [json.dumps({"done": chosen.done, "message": what}, ensure_ascii=False)]
    # Where nobody reads that either, the exit code still says it.
    with suppress(OSError):
        click.echo("\n".join(shown), err=True)


def _offer_powershell() -> None:
    """Let PowerShell be answered, whose completion click does not know, where it asks."""
    if os.environ.get(COMPLETE, "").startswith("powershell"):
        from casework.cli import powershell

        powershell.offer()


def _fail(error: Exception, words: list[str]) -> int:
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort):
        click.echo("interrupted; nothing more was done", err=True)
        return INTERRUPTED
    if isinstance(error, OSError):
        _silence()
    if isinstance(error, BrokenPipeError):
        return 0
    if "--debug" in words:
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True)
    report = dict(zip(("code", "message", "hint", "exit"), _explain(error), strict=True))
    if _wants_json(words):
        click.echo(json.dumps({"error": report}, ensure_ascii=False), err=True)
    else:
        from casework.cli.layout import sentences

        told = [*str(report["message"]).split("\n"), *filter(None, [str(report["hint"])])]
        click.echo("\n".join(sentences(told)), err=True)
    return int(report["exit"])


def _silence() -> None:
    """Let standard output go nowhere: it has failed, and Python would flush into it at exit."""
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def _explain(error: Exception) -> Iterator[Any]:
    if isinstance(error, CaseworkError):
        yield from (error.code, error.message, error.hint, error.exit)
    elif isinstance(error, click.exceptions.NoArgsIsHelpError) and error.ctx and error.ctx.parent:
        path, noun = error.ctx.command_path, error.ctx.command
        verbs = noun.list_commands(error.ctx) if isinstance(noun, click.Group) else []
        what = f"{path} must be told what to do: {', '.join(verbs)}"
        yield from ("usage", what, f"see {path} --help", error.exit_code)
    elif isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "casework"
        yield from ("usage", error.format_message(), f"see {path} --help", error.exit_code)
    elif isinstance(error, OSError) and error.errno in {errno.ENAMETOOLONG, errno.ELOOP}:
        # Wherever it was tried: what was typed can name nothing.
        what = f"no file can be called {str(error.filename)[:60]!r}…: {error.strerror}"
        yield from ("usage", what, "check the path", UsageError.exit)
    elif isinstance(error, OSError):
        reason = error.strerror or str(error)
        yield from ("unexpected", f"the system refused: {reason}", "nothing more was done", 1)
    else:
        what = f"{type(error).__name__}: {error}"
        hint = "this is a defect of casework; --debug shows where"
        yield from ("unexpected", what, hint, 1)


def _wants_json(words: list[str]) -> bool:
    if "--json" in words:
        return True
    asked = [after for word, after in pairwise(words) if word == "--format"]
    asked += [word.partition("=")[2] for word in words if word.startswith("--format=")]
    return bool(asked) and asked[-1] in {"json", "ndjson"}


@click.command(
    cls=Root,
    name="casework",
    invoke_without_command=True,
    params=[*GLOBAL_OPTIONS],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Global options may stand before or after the command. casework COMMAND --help tells"
    " more.",
)
@click.version_option(__version__, message="casework %(version)s")
@click.pass_context
def casework(ctx: click.Context) -> None:
    """Keep a register of conference recommendations: who owns each, when it is due, who decided.

    \b
    Example:
      casework propose --title "Rules for offices of foreign localities" --proposer hcmc-pc
      casework assign CASE.001 --owner mofa --due 2027-06-30
      casework report overdue --before NFAC-23
    """
    if not isinstance(ctx.obj, Settings):
        ctx.obj = Settings()
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
