"""Do many acts, one a line, from a file or a pipe in one process."""

from __future__ import annotations

import io
import json
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from casework.acts.lines import Act, Line, lines
from casework.acts.many import lock
from casework.acts.notices import Notice, Recorded
from casework.acts.session import DoneAlready
from casework.acts.together import at_one_moment, keeping, refusal, refused_at_end, tried
from casework.cli.notices import worded
from casework.cli.options import writes
from casework.cli.output import cell, echo, print_rows
from casework.cli.running import Command
from casework.cli.settings import Settings, settings
from casework.cli.several import print_case
from casework.cli.wording import of_click, told
from casework.errors import CaseworkError, Refusal, SeveralError, UsageError
from casework.words import Choice, Text, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casework.acts.session import Session
    from casework.ledger.ledger import Desk
    from casework.questions.commands import Done

NOUNS = {"org": ("add", "edit"), "person": ("add", "edit"), "conference": ("add",)}
"""The commands allowed in a line besides acts on cases."""

ALONE = ("redact", "batch", "undo")
"""The commands on cases that are not allowed in a batch: they ask, or cannot be undone."""


@dataclass(slots=True)
class Told:
    """The result of a line: its output, when it was done before, or why it was refused."""

    line: int
    act: str = ""
    ref: str | None = None
    printed: str = ""
    before: Done | None = None
    refused: CaseworkError | None = None
    notices: list[Notice] = field(default_factory=list)

    def refuse(self, error: CaseworkError) -> None:
        """Record that the line was refused."""
        self.refused, self.printed, self.notices = error, "", []

    @property
    def named(self) -> str:
        """The act and its case, as far as known."""
        return " ".join(filter(None, (self.act, self.ref)))


@click.command("batch", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--each", is_flag=True)
@writes
def batch_(file: str, dry_run: bool, *, each: bool) -> None:
    """Do acts by the line, all of them or none.

    \b
    Example:
      casework batch monday.txt --dry-run
      casework batch monday.txt --idempotency-key monday
      casework batch acts.jsonl --each --json
    """
    from casework.exchange.sources import opened

    with opened(file) as source, source.text() as text:
        asked = list(lines(text))
    if not asked:
        settings().tell(settings().said("batch.none"))
    # What is only rehearsed is tried in one transaction, so that each line sees those before it.
    if each and not dry_run:
        _each(asked)
    else:
        _together(asked, each=each, dry_run=dry_run)


def _together(asked: Sequence[Line], *, each: bool, dry_run: bool) -> None:
    """Do lines in one transaction; with `each` it is a dry run, and refusals are reported."""
    done = [Told(line.number) for line in asked]
    with settings().desk(dry_run=dry_run) as desk:
        lock(desk, map(_ref, asked))
        with nullcontext(_alone) if each else at_one_moment(desk) as begin:
            for place, (one, line) in enumerate(zip(done, asked, strict=True)):
                begin(place)
                left = tried(desk, partial(_do, one, line, desk))
                if isinstance(left, CaseworkError):
                    one.refuse(left)
            for wrong in () if each else refused_at_end(desk):
                done[wrong.place].refuse(wrong.error)
        if not each:
            _raise(done)
    _show(done)
    _raise(done, each=True)


def _alone(place: int) -> None:
    """Do a line that is judged by itself."""


def _ref(line: Line) -> str | None:
    """Return the probable case of a line, to be locked with the others."""
    if isinstance(line.said, Act):
        return line.said.ref
    return line.said[1] if isinstance(line.said, tuple) and len(line.said) > 1 else None


def _each(asked: Sequence[Line]) -> None:
    """Do each line in its own transaction, whatever the results of earlier lines."""
    done: list[Told] = []
    made = _one_by_one(asked, done)
    unread: OSError | None = None
    with keeping(settings().session):
        try:
            _show(made)
        except OSError as error:
            # Nobody reads what is printed; what was asked for is done all the same.
            unread = error
            for _ in _one_by_one(asked[len(done) :], done):
                pass
    _raise(done, each=True)
    if unread is not None:
        raise unread


def _one_by_one(asked: Sequence[Line], done: list[Told]) -> Iterator[Told]:
    """Do lines; yield and keep the result of each."""
    for line in asked:
        one = Told(line.number)
        try:
            _do(one, line, None)
        except CaseworkError as error:
            one.refuse(refusal(error))
        done.append(one)
        yield one


def _raise(done: Sequence[Told], *, each: bool = False) -> None:
    """Raise the error for refused lines, if there are any."""
    refusals = [
        Refusal(place, one.ref, one.refused, one.line)
        for place, one in enumerate(done)
        if one.refused is not None
    ]
    if refusals:
        raise SeveralError(refusals, len(done), each=each)


# --- one line --------------------------------------------------------------------------------


def _do(one: Told, line: Line, desk: Desk | None) -> None:
    """Do a line at a desk or in its own transaction, and note the result."""
    if isinstance(line.said, CaseworkError):
        raise line.said
    outer, out = settings(), io.StringIO()
    own = Settings(lang=outer.lang, quiet=True)
    root = click.Context(click.get_current_context().find_root().command, None, "casework", own)
    with redirect_stdout(out), root:
        try:
            if isinstance(line.said, Act):
                _do_act(one, line.said, own, outer, desk)
            else:
                _do_words(one, line.said, root, outer, desk)
        except DoneAlready as already:
            one.before = already.done
            own_case = (event.key for event in already.events if event.kind == "case")
            one.ref = one.ref or next(own_case, None)
        except click.exceptions.Exit:
            raise UsageError("batch.question", name=one.act) from None
        except click.ClickException as error:
            raise _of_click(error) from None
    one.printed = out.getvalue()


def _part(one: Told, own: Settings, outer: Settings, key: str | None, desk: Desk | None) -> Session:
    """Return the session of a line with the settings `own`."""
    part = outer.session.part(one.line, key=key, desk=desk, tell=one.notices.append)
    own.format = "table" if outer.format == "table" else "json"
    own.use(part)
    return part


def _do_act(one: Told, act: Act, own: Settings, outer: Settings, desk: Desk | None) -> None:
    from casework.acts.by_name import perform
    from casework.acts.sealing import sealable

    one.act, one.ref = act.name, act.ref
    part = _part(one, own, outer, act.key, desk)
    part.what, part.given = one.named, sealable(act.given)
    left = part.attempt(lambda: perform(part, act.name, act.ref, act.given))
    one.ref = left.case.ref
    print_case(left.case, left.today, left.waiting, left.struck)


def _do_words(
    one: Told, words: Sequence[str], root: click.Context, outer: Settings, desk: Desk | None
) -> None:
    own = root.obj
    ctx = _parsed(one, words, root)
    part = _part(one, own, outer, own.idempotency_key, desk)
    command = ctx.command
    assert isinstance(command, Command)  # noqa: S101 - for the type checker
    with ctx:
        part.attempt(command.readied(ctx))


def _parsed(one: Told, words: Sequence[str], root: click.Context) -> click.Context:
    """Return the context of a line's command; raises UsageError for what a line may not contain."""
    from casework.cli.typed import take_standard_input

    ctx, command, rest = root, root.command, [*words]
    if rest[0] == "casework":
        del rest[0]
    while isinstance(command, click.Group):
        if not rest:
            raise UsageError("batch.no-act", acts=Choice(_acts()))
        name, found, rest = command.resolve_command(ctx, rest)
        one.act = f"{one.act} {name}".strip()
        if found is None or not _may_stand(one.act.split(" ")):
            raise UsageError("batch.not-an-act", name=one.act, acts=Choice(_acts()))
        command = found
        if isinstance(command, click.Group):
            ctx = click.Context(command, ctx, name)
    # What the lines come from is no text of one of them.
    take_standard_input(root)
    before = _chosen(root.obj)
    leaf = command.make_context(str(name), rest, ctx)
    named = leaf.params.get("ref") or leaf.params.get("code")
    one.ref = named if isinstance(named, str) else None
    changed = [name for name, value in _chosen(root.obj).items() if value != before[name]]
    if leaf.params.pop("dry_run", False):
        changed.append("dry_run")
    if changed:
        options = [f"--{_CALLED.get(name, name).replace('_', '-')}" for name in changed]
        raise UsageError("batch.for-all", options=options)
    leaf.params["dry_run"] = False
    if "yes" in leaf.params:
        # Whoever gives a batch is not asked again for what it says.
        leaf.params["yes"] = True
    return leaf


def _may_stand(path: Sequence[str]) -> bool:
    """Return whether a command or a group of commands is allowed in a line."""
    from casework.cli import SECTIONS

    first, *rest = path
    if first in NOUNS:
        return not rest or rest[0] in NOUNS[first]
    return first in SECTIONS["cases"] and first not in ALONE


def _acts() -> list[str]:
    """Return the acts allowed in a line."""
    from casework.cli import SECTIONS

    nouns = [f"{noun} {verb}" for noun, verbs in NOUNS.items() for verb in verbs]
    return [*(name for name in SECTIONS["cases"] if name not in ALONE), *nouns]


def _chosen(own: Settings) -> dict[str, Any]:
    """Return the values of the global options."""
    return {name: getattr(own, name) for name in _OF_ALL}


_OF_ALL = (
    *("db", "read_from", "with_secret", "by", "deputy_of", "format", "lang", "color"),
    *("verbose", "debug"),
)
_CALLED = {"deputy_of": "for"}
"""The global options, and those whose names differ from what they set."""


def _of_click(error: click.ClickException) -> UsageError:
    """Return click's error in a line as one of ours."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "casework"
    hint = Text("cli.see-help", path=path)
    return UsageError("batch.misunderstood", hint, what=of_click(error))


# --- what is told of lines -------------------------------------------------------------------


def _show(done: Sequence[Told] | Iterator[Told]) -> None:
    """Print the result of each line as it comes."""
    chosen = settings()
    if chosen.format != "table":
        print_rows(chosen, map(_row, done), ("line", "act", "ref", "result"))
        return
    for one in done:
        _tell(chosen, one)
        if one.refused is not None:
            message, hint = told(one.refused, chosen.lang)
            begun = chosen.said("batch.line", line=one.line, text=message)
            chosen.tell("\n".join(filter(None, (begun, hint and f"  {hint}"))))
        elif one.before is not None:
            first = one.before.first
            at = f"{first.recorded_at}, {word('actor', chosen.lang)} {first.actor}"
            said = f"{one.named}  {word('done_already', chosen.lang)}: {at}"
            echo(chosen, f"{one.line}: {cell(said, chosen.lang)}")
        else:
            for text in one.printed.splitlines():
                echo(chosen, f"{one.line}: {text}")


def _tell(chosen: Settings, one: Told) -> None:
    """Print the notices of a line's session."""
    for notice in one.notices:
        text = worded(notice, chosen.lang)
        if isinstance(notice, Recorded):
            chosen.done.append(text)
        elif chosen.format == "table":
            chosen.tell(chosen.said("batch.line", line=one.line, text=text))


def _row(one: Told) -> dict[str, Any]:
    """Return the result of a line as JSON."""
    chosen = settings()
    _tell(chosen, one)
    row: dict[str, Any] = {"line": one.line, "act": one.act or None, "ref": one.ref}
    if one.refused is not None:
        message, hint = told(one.refused, chosen.lang)
        error = {"code": one.refused.code, "message": message, "hint": hint}
        return row | {"result": "refused", "error": error | {"exit": one.refused.exit}}
    if one.before is not None:
        first = one.before.first
        when = {"recorded_at": first.recorded_at, "actor": first.actor}
        return row | {"result": "done-already", **when}
    left = json.loads(one.printed)
    if isinstance(left, list):
        return row | {"result": "done", "cases": left}
    row["ref"] = left.get("ref", row["ref"])
    return row | {"result": "done", "case" if "state" in left else "record": left}
