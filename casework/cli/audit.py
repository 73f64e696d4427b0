"""The audit log."""

from __future__ import annotations

import re
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
from casework.cli.settings import settings, wrong_usage
from casework.cli.signing import signed_now, tell_key
from casework.cli.views import narrowed, narrows
from casework.cli.written import heed, writes_paper
from casework.system.processes import processors
from casework.system.spooled import kept
from casework.system.text import visible
from casework.words import Text, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.errors import CaseworkError
    from casework.log.reading import Event
    from casework.store.connections import Connection


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
        with closing(audit_log.events(connection, wanted)) as every:
            found = every if query is None else _on_cases(connection, query, every)
            if output is None:
                print_events(found, subjects=True)
                return
            from casework.cli.writing import framed_now, give_events

            told, events = framed_now(connection), kept(found)
    give_events(output, told, events, subjects=True, force=force)


def _on_cases(connection: Connection, query: str, found: Iterable[Event]) -> Iterator[Event]:
    """Yield the acts on cases that meet a query now."""
    from casework.kinds.records import Case
    from casework.questions import lookup, narrowing

    day = lookup.office_day(connection)
    refs = narrowing.found(connection, connection, query, day, None)
    return (one for one in found if one.kind == Case.kind and one.key in refs)


def _known_act(connection: Connection, words: str) -> str:
    """Return an act as the log calls it; raises NotFoundError for an unknown one."""
    from casework.questions import audit_log
    from casework.rules.workflow import ACTS
    from casework.system.text import fold

    act = fold(words)
    if act in ACTS or audit_log.any_act(connection, act):
        return act
    raise _no_such("act", words, sorted(ACTS))


def _known_field(words: str) -> str:
    """Return the field a name means; raises NotFoundError for one that no record has."""
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


class _Root(click.ParamType[bytes]):
    name = "hex"

    def convert(self, value: Any, param: Any, ctx: Any) -> bytes:
        if isinstance(value, str):
            digits = value.replace(" ", "").casefold()
            if not re.fullmatch(r"[0-9a-f]{64}", digits, re.ASCII):
                self.fail(settings().said("audit.root", value=value), param, ctx)
            return bytes.fromhex(digits)
        return bytes(value)


F = TypeVar("F", bound=Callable[..., Any])


def gives(f: F) -> F:
    """Declare ``--to`` and ``--force``."""
    return click.option("--to", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")(
        replaces(f)
    )


ROOM = 1 << 16
"""How many bytes a signed text is given before it is signed, so that a full disk stops it there."""


@contextmanager
def _giving(to: Path | None, *, force: bool) -> Iterator[IO[str]]:
    """Give what a signed text is written to, before anything is signed; then say where it is."""
    with text_into(to, force=force, room=ROOM) as out:
        yield out
    if to is not None:
        settings().tell(settings().said("written", to=to), whole=True)


@audit_.command("verify")
@click.option("--checkpoint", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--vkey", metavar="KEY")
@click.option("--size", type=click.IntRange(min=0), metavar="N")
@click.option("--root", type=_Root(), metavar="HEX")
@click.option("--log-only", is_flag=True)
def verify(
    checkpoint: Path | None,
    vkey: str | None,
    size: int | None,
    root: bytes | None,
    *,
    log_only: bool,
) -> None:
    """Check that the log is what was hashed, and that every row is what the log says.

    \b
    Example:
      casework audit verify
      casework audit verify --checkpoint kept-elsewhere.txt
    """
    if (size is None) != (root is None) or (size is not None and checkpoint is not None):
        raise wrong_usage("audit.which")
    from casework.office import maintenance
    from casework.proof import inspection

    covered = None if size is None or root is None else (size, root)
    session = settings().session
    with session.reading() if log_only else maintenance.aside(session.open()) as connection:
        signed_by = None
        if checkpoint is not None:
            from casework.log.note import read_file
            from casework.proof.checkpoints import covered_by

            covered, signed_by = covered_by(connection, read_file(checkpoint), vkey)
        if log_only:
            found = inspection.verify_log(connection, covered)
        else:
            found = inspection.verify(connection, covered, processors=processors())
    if settings().format != "table":
        records = None if log_only else found.records
        values = {"size": found.size, "root": found.root, "records": records, "ok": True}
        seen = {"covered": covered[0] if covered else None, "signed_by": signed_by}
        print_record(settings(), values | seen)
        return
    chosen = settings()
    if log_only:
        click.echo(chosen.said("audit.log-in-order", size=found.size))
    else:
        click.echo(chosen.said("audit.in-order", size=found.size, records=found.records))
    if covered is not None:
        by = signed_by or Text("audit.unknown-key")
        key = "audit.contains" if checkpoint is None else "audit.contains-signed"
        click.echo(chosen.said(key, **{"size": covered[0]} | ({"by": by} if checkpoint else {})))
    click.echo(chosen.said("audit.root-is", root=found.root))


@audit_.command("replay")
def replay() -> None:
    """Rebuild every row from the log and print what differs; nothing is changed.

    \b
    Example:
      casework audit replay
    """
    from casework.errors import IntegrityFailure
    from casework.office import maintenance
    from casework.proof.inspection import differences

    with maintenance.aside(settings().session.open()) as connection:
        found = list(differences(connection))
    if settings().format != "table":
        print_record(settings(), {"differences": [*map(str, found)]})
    else:
        for difference in found:
            click.echo(visible(difference.said(settings().lang)), color=False)
        if not found:
            click.echo(settings().said("audit.rows-in-order"))
    if found:
        raise IntegrityFailure("audit.differences", count=len(found))


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
audit_.add_command(key_)
audit_.add_command(loss)
audit_.add_command(findings)
