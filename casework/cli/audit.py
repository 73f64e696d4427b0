"""The audit log."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from casework.cli.dates import MOMENT, SINCE_MOMENT, instant
from casework.cli.evidence import export
from casework.cli.findings import findings
from casework.cli.into import text_into
from casework.cli.keys import KEY_OPTION, key_, loss
from casework.cli.options import replaces
from casework.cli.output import print_record
from casework.cli.questions import print_events
from casework.cli.running import Noun
from casework.cli.settings import settings
from casework.cli.signing import signed_now, tell_key
from casework.cli.verifying import replay, verify
from casework.cli.views import narrowed, narrows
from casework.cli.written import heed, writes_paper
from casework.system.spooled import kept
from casework.words import Text, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casework.errors import CaseworkError
    from casework.store.connections import Alternative, Connection


@click.group("audit", cls=Noun)
def audit_() -> None:
    """Read and verify the audit log."""


@audit_.command("log")
@click.option("--actor", metavar="PERSON")
@click.option("--act", metavar="VERB")
@click.option("--case", "ref", metavar="REF")
@narrows
@click.option("--field", metavar="NAME")
@click.option("--since", type=SINCE_MOMENT, metavar="TIMESTAMP")
@click.option("--until", type=MOMENT, metavar="TIMESTAMP")
@writes_paper
def log(
    actor: str | None,
    act: str | None,
    ref: str | None,
    view: str | None,
    where: str | None,
    field: str | None,
    since: Any,
    until: Any,
    output: Path | None,
    *,
    force: bool,
) -> None:
    """List acts, oldest first.

    \b
    Example:
      casework audit log --act extend --since 2021-12-13
      casework audit log --since monday --output week.xlsx
      casework audit log --where owner:mofa --since monday
    """
    from casework.kinds.records import Person
    from casework.questions import audit_log, lookup

    heed(output)
    query = narrowed(view, where)
    with settings().reading() as connection:
        case = lookup.find_any(connection, ref) if ref else None
        wanted = audit_log.Search(
            kind="case" if case else None,
            key=case.ref if case else None,
            actor=lookup.find(connection, Person, actor).code if actor else None,
            act=act and _known_act(connection, act),
            field=field and _known_field(field),
            since=_stamp(connection, since),
            until=_stamp(connection, until),
        )
        on = None if query is None else _on_cases(connection, query)
        with closing(audit_log.events(connection, wanted, on)) as found:
            if output is None:
                print_events(found, subjects=True)
                return
            from casework.cli.writing import framed_now, give_events

            told, events = framed_now(connection), kept(found)
    give_events(output, told, events, subjects=True, force=force)


def _on_cases(connection: Connection, query: str) -> Sequence[Sequence[Alternative]]:
    """Return what is asked of cases that meet a query now."""
    from casework.questions import lookup, narrowing

    day = lookup.office_day(connection)
    return narrowing.met(connection, connection, query, day, None).conditions


def _known_act(connection: Connection, words: str) -> str:
    """Return the name of an act in the log; raises NotFoundError for an unknown one."""
    from casework.questions import audit_log
    from casework.rules.workflow import ACTS
    from casework.system.text import fold

    act = fold(words)
    if act in ACTS or audit_log.any_act(connection, act):
        return act
    raise _no_such("act", words, sorted(ACTS))


def _known_field(words: str) -> str:
    """Return the field that a name means; raises NotFoundError for an unknown one."""
    from casework.kinds.field_names import SHORT, field_of, known

    field = field_of(words)
    if field in known():
        return field
    raise _no_such("field", words, sorted(known() | SHORT.keys()))


def _no_such(what: str, words: str, there: list[str]) -> CaseworkError:
    from difflib import get_close_matches

    from casework.errors import NotFoundError

    near = get_close_matches(words.casefold(), there, n=3)
    hint = Text("lookup.near-refs", near=near) if near else Text("lookup.one-of", there=there)
    return NotFoundError("lookup.none", hint, kind=Word(what), words=words)


def _stamp(connection: Connection, typed: Any) -> str | None:
    from casework.system.clock import stamp

    moment = instant(connection, typed)
    return None if moment is None else stamp(moment)


F = TypeVar("F", bound=Callable[..., Any])


def gives(f: F) -> F:
    """Declare ``--to`` and ``--force``."""
    return click.option("--to", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")(
        replaces(f)
    )


ROOM = 1 << 16
"""The bytes reserved for a signed text before signing, so that a full disk is noticed first."""


@contextmanager
def _giving(to: Path | None, *, force: bool) -> Iterator[IO[str]]:
    """Open the output of a signed text before anything is signed; afterwards say where it is."""
    with text_into(to, force=force, room=ROOM) as out:
        yield out
    if to is not None:
        settings().tell(settings().said("written", to=to), whole=True)


@audit_.command("checkpoint")
@KEY_OPTION
@gives
def checkpoint(key: Path | None, to: Path | None, *, force: bool) -> None:
    """Sign the log as it is; keep the checkpoint where the store's keeper cannot change it.

    \b
    Example:
      casework audit checkpoint --to checkpoint.txt
    """
    with _giving(to, force=force) as out:
        out.write(signed_now(key).note)


@audit_.command("status")
def status() -> None:
    """Say how much of the log is covered by what is kept outside the store.

    \b
    Example:
      casework audit status
    """
    from dataclasses import asdict

    from casework.proof.checkpoints import status as ask

    with settings().reading() as connection:
        found = ask(connection)
    values = asdict(found) | {"unwitnessed": found.unwitnessed, "witnesses": [*found.witnesses]}
    print_record(settings(), values)


@audit_.command("submit")
@click.option("--since", type=click.IntRange(min=0), metavar="N")
@KEY_OPTION
@gives
def submit(since: int | None, key: Path | None, to: Path | None, *, force: bool) -> None:
    """Write what a witness needs: a checkpoint, and proof that it continues what was seen last.

    \b
    Example:
      casework audit submit --to for-the-witness.txt
    """
    from casework.log import keyring
    from casework.proof import checkpoints

    with settings().reading() as connection:
        # Before anything is signed, or a key made for it.
        checkpoints.refuse_beyond(connection, since or 0)
    with _giving(to, force=force) as out:
        signed = signed_now(key)
        last = keyring.kept(signed.origin, keyring.WITNESSED)
        start = since if since is not None else last.size if last else 0
        with settings().reading() as connection:
            out.write(checkpoints.submission(connection, signed, start))


@audit_.command("witness")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--name", required=True, metavar="NAME")
@click.option("--vkey", metavar="KEY")
@KEY_OPTION
@gives
def witness(
    file: Path, name: str, vkey: str | None, key: Path | None, to: Path | None, *, force: bool
) -> None:
    """Countersign another office's checkpoint, if its log continues what was seen before.

    \b
    Example:
      casework audit witness for-the-witness.txt --name inspectorate --to countersigned.txt
    """
    from casework.log import keyring
    from casework.log.note import COSIGNATURE, SigningKey, VerifierKey, read_file
    from casework.proof import witnessing

    text = read_file(file)
    with _giving(to, force=force) as out:
        known = keyring.signing_key(name, COSIGNATURE, key)
        own = known or SigningKey.generate(name, COSIGNATURE)
        log_key = VerifierKey.parse(vkey) if vkey else None
        answer = witnessing.witness(text, own, log_key, is_new=known is None)
        if known is None:
            tell_key(own)
        out.write(answer.note)


@audit_.command("accept")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--vkey", metavar="KEY")
def accept(file: Path, vkey: str | None) -> None:
    """Keep a checkpoint that came back countersigned.

    \b
    Example:
      casework audit accept countersigned.txt
      casework audit accept countersigned.txt --vkey inspectorate+1f2e3d4c+BHi…
    """
    from casework.acts import witnesses
    from casework.log import keyring
    from casework.log.note import read_file
    from casework.proof import witnessing

    text = read_file(file)
    given = witnesses.parse(vkey) if vkey else None
    with settings().reading() as connection:
        came = witnessing.countersigned(connection, text, given)
        is_new = given is not None and given not in witnesses.known(connection)
    if given is not None and is_new:
        with settings().desk() as desk:
            witnesses.make_known(desk, given)
            keyring.keep_note(came.origin, keyring.WITNESSED, came.note)
    else:
        keyring.keep_note(came.origin, keyring.WITNESSED, came.note)
    others = sorted({signature.name for signature in came.signatures} - {came.origin})
    click.echo(settings().said("audit.witnessed", size=came.size, others=others))


audit_.add_command(export)
audit_.add_command(verify)
audit_.add_command(replay)
audit_.add_command(key_)
audit_.add_command(loss)
audit_.add_command(findings)
