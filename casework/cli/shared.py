"""What is kept under a name, by a user or with ``--shared`` by the register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.options import writes
from casework.cli.output import print_record, print_rows
from casework.cli.settings import settings, wrong_usage
from casework.cli.typed import TEXT
from casework.errors import UnavailableError
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from casework.cli.options import F
    from casework.kinds.record import Record
    from casework.ledger.ledger import Desk
    from casework.questions.named import Named


def shared(f: F) -> F:
    """Declare ``--shared``, and what an act on the register may say."""
    f = click.option("--reason", type=TEXT, metavar="TEXT")(writes(f))
    return click.option("--shared", is_flag=True)(f)


def refuse_of_an_act(kind: str, reason: str | None, *, dry_run: bool) -> None:
    """Refuse what only an act on the register takes; raises UsageError."""
    if reason is not None or dry_run or settings().idempotency_key is not None:
        raise wrong_usage(f"named.of-your-own.{kind}")


def do(act: Callable[[Desk], Record], *, dry_run: bool) -> None:
    """Do an act on what the register keeps under a name, and print what it left."""
    from casework.questions.named import text_of

    with settings().desk(dry_run=dry_run) as desk:
        left: Any = act(desk)
    if settings().format != "table":
        from casework.kinds.records import plain

        print_record(settings(), {name: plain(value) for name, value in vars(left).items()})
        return
    line = settings().said(f"named.line.{left.kind}", name=left.code, value=text_of(left))
    click.echo(line, color=False)


def drop_named(
    kind: type[Named],
    name: str,
    forget: Callable[[str], None],
    reason: str | None,
    *,
    shared: bool,
    dry_run: bool,
) -> None:
    """Drop what is kept under a name: by an act of the register, otherwise the user's own."""
    if not shared:
        refuse_of_an_act(kind.kind, reason, dry_run=dry_run)
        forget(name)
        return

    def dropped(desk: Desk) -> Record:
        from casework.acts import named

        return named.drop(desk, kind, name, reason=reason)

    do(dropped, dry_run=dry_run)


def print_all(kind: type[Named], own: Mapping[str, str]) -> None:
    """Print the user's `own` texts, and those of the register, by their names."""
    chosen = settings()
    rows = [*_rows(kind, own)]
    if chosen.format == "table":
        for row in rows:
            place = "hidden" if row["hidden"] else row["kept_in"]
            row["kept_in"] = word(f"view_{place}", chosen.lang)
            row["value"] = row["value"].split("\n")[0]
    hidden = () if chosen.format == "table" else ("hidden",)
    print_rows(chosen, rows, ("name", "kept_in", "value", *hidden), fit="value")


def _rows(kind: type[Named], own: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    from casework.questions.named import in_use, text_of
    from casework.system.text import fold

    kept: list[Any] = []
    try:
        with settings().reading() as connection:
            kept = in_use(connection, kind)
    except UnavailableError as error:
        # The user's own are known without a register.
        settings().tell(settings().said(f"named.no-register.{kind.kind}", why=error.what))
    found = [(name, "yours", value) for name, value in own.items()]
    found += [(one.code, "register", text_of(one)) for one in kept]
    for name, place, value in sorted(found, key=lambda one: (fold(one[0]), one[1] == "register")):
        hidden = place == "register" and name in own
        yield {"name": name, "kept_in": place, "value": value, "hidden": hidden}
