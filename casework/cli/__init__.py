"""The command line: parse, ask one act or question, print.

Nothing here contains SQL, rules or texts, or anything that another interface would need too.
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
from casework.cli.helping import Worded, language, short
from casework.cli.language import asked, spoken
from casework.cli.options import GLOBAL_OPTIONS
from casework.cli.settings import Settings
from casework.errors import CaseworkError, SeveralError, UsageError
from casework.system import configuration
from casework.words import Choice, quoted, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from click.shell_completion import CompletionItem

INTERRUPTED = 130

COMPLETE = "_CASEWORK_COMPLETE"
"""The variable with which a shell's script asks for completions."""

# Commands are imported when they are run, so that help and completion stay light.
SECTIONS: Mapping[str, Mapping[str, str]] = {
    "start": {
        "init": "store",
        "demo": "store",
        "doctor": "store",
        "completion": "completion",
        "config": "config",
        "shell": "shell",
        "help": "manual",
        "man": "manual",
    },
    "cases": {
        "propose": "cases",
        "sit": "sit",
        "assign": "cases",
        "advance": "cases",
        "answer": "cases",
        "return": "cases",
        "uphold": "cases",
        "close": "cases",
        "reopen": "cases",
        "verdict": "cases",
        "reassign": "cases",
        "extend": "cases",
        "hold": "due",
        "resume": "due",
        "edit": "cases",
        "coordinate": "cases",
        "link": "cases",
        "note": "cases",
        "correct": "cases",
        "redact": "redact",
        "batch": "batch",
        "undo": "undo",
    },
    "four-eyes": {
        "request": "request",
        "policy": "policy",
    },
    "questions": {
        "status": "today",
        "next": "today",
        "view": "view",
        "template": "template",
        "list": "lists",
        "show": "questions",
        "history": "questions",
        "search": "lists",
        "due": "due",
        "report": "report",
        "paper": "papers",
        "remind": "remind",
        "letter": "letter",
    },
    "register": {
        "conference": "conference",
        "holiday": "holiday",
        "cause": "cause",
        "office": "office",
        "org": "directory",
        "person": "directory",
    },
    "trust": {
        "audit": "audit",
        "import": "transport",
        "export": "transport",
        "db": "store",
    },
}
"""The modules of the commands, by section of the help."""

COMMANDS = {name: module for section in SECTIONS.values() for name, module in section.items()}


class Root(Worded, click.Group):
    """The root command: its sections, its lazily imported commands, and its error handler."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command and return it."""
        if cmd_name not in COMMANDS:
            from difflib import get_close_matches

            aliases = ctx.obj.configured.aliases if isinstance(ctx.obj, Settings) else ()
            near = get_close_matches(cmd_name, [*COMMANDS, *aliases])
            if near and not ctx.resilient_parsing:
                raise UsageError("cli.no-such-command", name=cmd_name, near=Choice(near))
            return None
        module = import_module(f"casework.cli.{COMMANDS[cmd_name]}")
        command = getattr(module, f"{cmd_name}_")
        return command if isinstance(command, click.Command) else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the matching commands and options, without importing any command."""
        from click.shell_completion import CompletionItem

        self.dress(ctx)
        found = [
            CompletionItem(name, help=short((name,), language(ctx)))
            for name in COMMANDS
            if name.startswith(incomplete)
        ]
        aliases = ctx.obj.configured.aliases if isinstance(ctx.obj, Settings) else {}
        found += [
            CompletionItem(name, help=words)
            for name, words in aliases.items()
            if name.startswith(incomplete) and name not in COMMANDS
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section, from the table above."""
        lang, wide = language(ctx), max(map(len, COMMANDS))
        for section, commands in SECTIONS.items():
            with formatter.section(said(f"help.section.{section}", lang)):
                formatter.write_dl([(name.ljust(wide), short((name,), lang)) for name in commands])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write where global options may be placed."""
        formatter.write_paragraph()
        formatter.write_text(said("help.epilog", language(ctx)))

    def main(self, args: Any = None, **extra: Any) -> Any:  # type: ignore[override]
        """Run a command line and exit with its documented code."""
        words = list(sys.argv[1:] if args is None else args)
        extra.pop("standalone_mode", None)
        chosen = extra.setdefault("obj", Settings())
        chosen.take(configuration.read(configuration.place()))
        extra.setdefault("default_map", _defaults(chosen))
        # What is wrong with a line is told before the line is read to its end.
        chosen.lang = asked(words) or chosen.lang
        with spoken(chosen.lang):
            code = self._run(words, chosen, extra)
        sys.exit(code if isinstance(code, int) else 0)

    def _run(self, words: list[str], chosen: Settings, extra: dict[str, Any]) -> Any:
        """Run a command line; return its exit code."""
        # A program may be started with its output closed; it then has nowhere to print, no more.
        lost = said("output.closed", chosen.lang) if sys.stdout is None else ""
        if sys.stdout is None:
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
        for stream in (sys.stdout, sys.stderr):
            # Whatever the machine's locale is, what is printed is UTF-8; and it is the same bytes
            # on every system, since what is signed or compared may go through a pipe.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
        try:
            _offer_values()
            extra.setdefault("complete_var", COMPLETE)
            _refuse_nul(words)
            if chosen.configured.aliases:
                from casework.cli.aliases import expanded

                words[:] = expanded(words, chosen.configured.aliases, COMMANDS)
            code = super().main(words, standalone_mode=False, **extra)
            sys.stdout.flush()
        except OSError as error:
            # Whatever else the system refuses a command is told as an error of ours.
            lost = quoted(error).said(chosen.lang)
            code = 0 if chosen.done else _fail(error, words, chosen)
        except Exception as error:  # noqa: BLE001 - the one place where errors become exit codes
            lost, code = "", _fail(error, words, chosen)
        except SystemExit:
            # click's answer to a reader who has closed the pipe; that is no error of ours.
            lost, code = said("output.unread", chosen.lang), 0
        except KeyboardInterrupt:
            click.echo(said("interrupted", chosen.lang), err=True)
            code = INTERRUPTED
        if lost:
            _silence()
            _tell_done(chosen, lost, words)
        return code


def _defaults(chosen: Settings) -> Mapping[str, Any]:
    """Return the defaults of options of single commands, from the configuration."""
    sender = chosen.configured.values.get("mail_from")
    return {"remind": {"sender": sender}} if sender else {}


def _refuse_nul(words: list[str]) -> None:
    """Raise UsageError for a NUL character, which no file or text may contain."""
    for one in words:
        if "\0" in one:
            from casework.system.text import SHOWN

            raise UsageError("text.nul", what=repr(one[:SHOWN]))


def _tell_done(chosen: Settings, lost: str, words: list[str]) -> None:
    """Say on standard error what was done if its result could not be written to standard output."""
    if not chosen.done:
        return
    what = said("output.lost", chosen.lang, why=lost)
    shown = [f"casework: {what}", *(f"  {one}" for one in chosen.done)]
    if _wants_json(words):
        shown = [json.dumps({"done": chosen.done, "message": what}, ensure_ascii=False)]
    # Where nobody reads that either, the exit code still says it.
    with suppress(OSError):
        click.echo("\n".join(shown), err=True)


def _offer_values() -> None:
    """Enable completion of values for a shell that asks."""
    if COMPLETE in os.environ:
        from casework.cli import completing

        completing.offer()


def _fail(error: Exception, words: list[str], chosen: Settings) -> int:
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort):
        click.echo(said("interrupted", chosen.lang), err=True)
        return INTERRUPTED
    if isinstance(error, OSError):
        _silence()
    if isinstance(error, BrokenPipeError):
        return 0
    if "--debug" in words:
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True)
    report = dict(
        zip(("code", "message", "hint", "exit"), _explain(error, chosen.lang), strict=True)
    )
    several = _several(error, chosen.lang)
    if _wants_json(words):
        told = report | several
        click.echo(json.dumps({"error": told}, ensure_ascii=False), err=True)
    else:
        from casework.cli.layout import sentences

        # Of lines that are done one by one, each was told as it came.
        each = [] if getattr(error, "each", False) else [*_listed(several, chosen.lang)]
        message, hint = str(report["message"]).split("\n"), str(report["hint"])
        click.echo("\n".join(sentences([*message, *each, *filter(None, [hint])])), err=True)
    return int(report["exit"])


def _several(error: Exception, lang: str) -> dict[str, list[dict[str, Any]]]:
    """Return the refusals: by case, by line, or by row of a file."""
    from casework.cli.wording import told

    if isinstance(error, CaseworkError) and error.rows:
        rows = error.rows.items()
        return {"rows": [{"row": row, "message": what.said(lang)} for row, what in rows]}
    if not isinstance(error, SeveralError):
        return {}
    cases = []
    for one in error.refusals:
        message, hint = told(one.error, lang)
        # What is wrong with several cases of one line is told of each.
        inner = _listed(_several(one.error, lang), lang)
        message = "\n".join((message, *inner))
        case = {"ref": one.ref, "message": message}
        more = {"hint": hint, "code": one.error.code, "exit": one.error.exit}
        cases.append(case if one.line is None else {"line": one.line} | case | more)
    return {"cases" if error.refusals[0].line is None else "lines": cases}


def _listed(several: Mapping[str, list[dict[str, Any]]], lang: str) -> Iterator[str]:
    """Yield the lines with the refusals of many acts."""
    for case in several.get("cases", ()):
        ref, message = case["ref"], str(case["message"])
        yield from (message if ref in message else f"{ref}: {message}").split("\n")
    for one in several.get("lines", ()):
        yield said("batch.line", lang, line=one["line"], text=one["message"])
        yield from (f"  {line}" for line in one["hint"].split("\n") if line)


def _silence() -> None:
    """Discard standard output after a failure, because Python flushes it at exit."""
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def _explain(error: Exception, lang: str) -> Iterator[Any]:
    from casework.cli.wording import told

    if isinstance(error, CaseworkError):
        yield from (error.code, *told(error, lang), error.exit)
    elif isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "casework"
        hint = said("cli.see-help", lang, path=path)
        yield from ("usage", _of_click(error, path, lang), hint, error.exit_code)
    elif isinstance(error, OSError) and error.errno in {errno.ENAMETOOLONG, errno.ELOOP}:
        from casework.system.text import SHOWN

        # Wherever it was tried: what was typed can name nothing.
        name, why = str(error.filename)[:SHOWN], quoted(error)
        wrong = UsageError("cli.no-file-so-called", name=name, why=why)
        yield from ("usage", *told(wrong, lang), UsageError.exit)
    elif isinstance(error, OSError):
        refused = CaseworkError("cli.system-refused", why=quoted(error))
        yield from ("unexpected", *told(refused, lang), 1)
    else:
        kind = type(error).__name__
        defect = CaseworkError("cli.defect", kind=kind, what=str(error))
        yield from ("unexpected", *told(defect, lang), 1)


def _of_click(error: click.ClickException, path: str, lang: str) -> str:
    """Return click's error in a command line as one of ours."""
    from casework.cli.wording import of_click

    context = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and context and context.parent:
        noun = context.command
        verbs = noun.list_commands(context) if isinstance(noun, click.Group) else []
        return said("cli.which-verb", lang, path=path, verbs=verbs)
    return of_click(error)


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
