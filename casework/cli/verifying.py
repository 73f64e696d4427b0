"""The commands audit verify and audit replay."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casework.cli.output import print_record
from casework.cli.running import Command
from casework.cli.settings import settings, wrong_usage
from casework.cli.typed import TEXT
from casework.system.processes import processors
from casework.system.text import visible
from casework.words import Text

if TYPE_CHECKING:
    from casework.kinds.records import Paper
    from casework.store.connections import Connection


class _Root(click.ParamType[bytes]):
    name = "hex"

    def convert(self, value: Any, param: Any, ctx: Any) -> bytes:
        if isinstance(value, str):
            digits = value.replace(" ", "").casefold()
            if not re.fullmatch(r"[0-9a-f]{64}", digits, re.ASCII):
                self.fail(settings().said("audit.root", value=value), param, ctx)
            return bytes.fromhex(digits)
        return bytes(value)


@click.command("verify", cls=Command)
@click.option("--checkpoint", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--vkey", metavar="KEY")
@click.option("--size", type=click.IntRange(min=0), metavar="N")
@click.option("--root", type=_Root(), metavar="HEX")
@click.option("--code", "codes", multiple=True, type=TEXT, metavar="TEXT")
@click.option("--log-only", is_flag=True)
def verify(
    checkpoint: Path | None,
    vkey: str | None,
    size: int | None,
    root: bytes | None,
    codes: tuple[str, ...],
    *,
    log_only: bool,
) -> None:
    """Check that the log is what was hashed, and that every row is what the log says.

    \b
    Example:
      casework audit verify
      casework audit verify --checkpoint kept-elsewhere.txt
      casework audit verify --code @codes.txt
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
        paper = _sheet_of(connection, codes)
    if settings().format != "table":
        records = None if log_only else found.records
        values = {"size": found.size, "root": found.root, "records": records, "ok": True}
        seen = {"covered": covered[0] if covered else None, "signed_by": signed_by}
        seen["sheet"] = None if paper is None else paper.full_number
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
    if paper is not None:
        told = {"number": paper.full_number, "day": paper.issued_on}
        click.echo(chosen.said("audit.vouches", **told))
    click.echo(chosen.said("audit.root-is", root=found.root))


def _sheet_of(connection: Connection, codes: tuple[str, ...]) -> Paper | None:
    """Return the paper whose sheet has these codes; None without codes."""
    if not codes:
        return None
    from casework.office.issuing import proved

    return proved(connection, codes)[0]


@click.command("replay", cls=Command)
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
