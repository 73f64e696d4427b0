"""Issue a report as a paper: make, number, write and record it as one step.

The file is on the disk before the paper is recorded, and gets its name afterwards. A failure before
the commit leaves neither. If the program is ended between the commit and the naming, the file is in
a hidden folder next to its path, and `matching` finds it by its digest.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from hashlib import file_digest, sha256
from importlib import import_module
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from casework.acts import issuing
from casework.acts.origins import all_origins
from casework.acts.session import DoneAlready
from casework.errors import CaseworkError, IntegrityFailure, RefusedError, UnavailableError
from casework.kinds.records import Paper, plain
from casework.log import sheet
from casework.log.keyring import SIGNED, kept
from casework.papers.model import Proof, Share
from casework.proof import checkpoints, heads
from casework.questions import audit_log, lookup, papers
from casework.reports.making import made
from casework.reports.question import again
from casework.system.clock import parse_instant, stamp
from casework.system.files import SMALL, is_there, open_regular, whole_file
from casework.system.spooled import lots
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from datetime import date
    from pathlib import Path

    from casework.acts.session import Session
    from casework.log.keyring import Place
    from casework.log.note import Checkpoint, SigningKey
    from casework.papers import model
    from casework.papers.model import Section
    from casework.reports.making import Report
    from casework.reports.question import Question
    from casework.store.connections import Connection

    Ready = tuple[Checkpoint, list[bytes], Place]

MADE_OTHERWISE = "paper.made-otherwise"
"""The text for a paper whose bytes cannot be made again."""


def issue(
    session: Session,
    name: str,
    asked: Callable[[Connection], Question],
    output: Path,
    *,
    number: int | None = None,
    lang: str,
    template: Path | None = None,
    key: SigningKey | None = None,
    force: bool = False,
    dry_run: bool = False,
) -> Paper:
    """Issue a report as a paper: write its file and record it under the next number.

    A document is made from a `template` if one is given. With the `key` of the log, the sheet gets
    codes that prove it, and a checkpoint of the log is signed.

    Raises RefusedError if there is no number series or the number leaves a gap, ConflictError if
    the number or the file exists, UnavailableError if the file cannot be written, and with a key
    the errors of `checkpoints.checkpoint`. A failure leaves nothing behind, except that a
    checkpoint that was signed for the paper stays noted on this machine; the error says so.
    """
    try:
        with session.rehearsal() as desk:
            planned = issuing.numbered(desk, number)
    except DoneAlready as already:
        if dry_run:
            raise
        # Its number may be recorded and its file lost: the answer to a commit, say, never came.
        return _written_late(
            session, already, name, asked, output, lang, template, key, force=force
        )
    with session.reading() as connection:
        question = asked(connection)
        report = made(name, connection, question)
        ready = None if key is None else _ready(session, connection)
    frame = report.frame
    known = frame.known_at
    said = {
        "report": name,
        "options": question.options(),
        "language": lang,
        "as_of": frame.as_of,
        "known_at": str(frame.head.recorded_at) if known is None else stamp(known),
        "log_size": frame.head.size,
        "log_root": frame.head.root,
    }
    with (
        _told(output) as done,
        _signed(key, None if dry_run else ready) as sign,
        _file(output, force=force, rehearsed=dry_run) as file,
    ):
        paper = replace(report.paper(lang), number=planned.number, issued_on=planned.day)
        if key is not None:
            sign()
            paper, told = _proved(paper, (planned.full, planned.day), key, output)
            said["claims_digest"] = told.mark
        said["digest"] = _write(paper, output, file, template)
        with session.desk(dry_run=dry_run) as desk:
            command = desk.connection.command
            issued = issuing.issue(desk, planned, number, **said)
        done[:] = issued.full_number, "" if command is None else command.key
    return issued


@contextmanager
def _told(output: Path) -> Iterator[list[str]]:
    """Report a file that could not be written although its paper is issued.

    Yields a list for the number of the paper and the key of its command, once they are recorded.
    """
    done: list[str] = []
    try:
        yield done
    except CaseworkError as error:
        if not done:
            raise
        number, key = done
        hint = "paper.no-file-again" if error.what.key == MADE_OTHERWISE else ""
        raise UnavailableError(
            "paper.no-file", hint, number=number, key=key, path=output, why=error.what
        ) from None


def _file(output: Path, *, force: bool, rehearsed: bool) -> AbstractContextManager[IO[bytes]]:
    """Yield the file of a paper, which is named at the end; a dry run has no file."""
    return TemporaryFile() if rehearsed else whole_file(output, replace=force)


def _ready(session: Session, connection: Connection) -> Ready:
    """Return what is signed of the log as it is, because a sheet states its root too."""
    place = checkpoints.place_of(session.open(), connection)
    return *heads.signable(connection, place), place


@contextmanager
def _signed(key: SigningKey | None, ready: Ready | None) -> Iterator[Callable[[], None]]:
    """Yield what signs the checkpoint of a paper, and keeps it outside the store.

    A signature is kept even if the paper then fails, and the failure says so.
    """
    before = None if key is None else kept(key.name, SIGNED)

    def sign() -> None:
        if key is not None and ready is not None:
            checkpoints.signed(key, *ready)

    try:
        yield sign
    except CaseworkError as error:
        if key is not None and kept(key.name, SIGNED) != before:
            hint = error.next_step
            error.way_out = Text("paper.signed", hint=hint) if hint else Text("paper.signed-only")
        raise


def _written_late(
    session: Session,
    already: DoneAlready,
    name: str,
    asked: Callable[[Connection], Question],
    output: Path,
    lang: str,
    template: Path | None,
    key: SigningKey | None,
    *,
    force: bool,
) -> Paper:
    """Write again, with the same bytes, the file of a paper that this command has issued.

    Raises DoneAlready if the file is there, UnavailableError if another one is or if these bytes
    cannot be made again.
    """
    codes = [one.key for one in already.events if one.kind == Paper.kind]
    if not codes:
        raise already
    command = already.done.first.command or {}
    with session.reading() as connection:
        issued = papers.find_paper(connection, codes[0])
    named = (issued.full_number, issued.issued_on)
    with _told(output) as done:
        done[:] = issued.full_number, command.get("key", "")
        if is_there(output) and _digest(output) == issued.digest:
            raise already
        with session.reading() as connection:
            report = _remade(connection, name, asked(connection), issued)
        with whole_file(output, replace=force) as file:
            paper = replace(report.paper(lang), number=issued.paper_number, issued_on=named[1])
            if key is not None:
                paper, _ = _proved(paper, named, key, output)
            if _write(paper, output, file, template) != issued.digest:
                raise UnavailableError(MADE_OTHERWISE)
    return issued


def _remade(connection: Connection, name: str, question: Question, paper: Paper) -> Report:
    """Return the report of a paper as it was when the paper was issued."""
    known = parse_instant(paper.known_at)
    report = made(name, connection, replace(question, as_of=paper.as_of, known_at=known))
    head = audit_log.head_of(connection, paper.log_size, paper.log_root)
    frame = replace(report.frame, known_at=question.known_at, head=head)
    return replace(report, frame=frame)  # type: ignore[type-var]


def _proved(
    paper: model.Paper, named: tuple[str, date], key: SigningKey, output: Path
) -> tuple[model.Paper, sheet.Sheet]:
    """Return a paper with number, day and codes that prove it, and the contents of the codes."""
    from casework.papers.claims import claims

    said = claims(paper, output.suffix.casefold())
    root = (paper.size, bytes.fromhex(paper.root))
    codes, told = sheet.codes_of(key, root, named, said)
    return replace(paper, proof=Proof(codes, len(told.claims), len(said))), told


def _write(paper: model.Paper, output: Path, file: IO[bytes], template: Path | None) -> str:
    """Write a paper to the disk; return its SHA-256."""
    writer = import_module(f"casework.papers.{output.suffix.casefold()[1:]}")
    more = () if template is None else (template,)
    with TemporaryFile() as written:
        writer.write(paper, written, *more)
        written.seek(0)
        digest = file_digest(written, "sha256").hexdigest()
        written.seek(0)
        shutil.copyfileobj(written, file)
    file.flush()
    os.fsync(file.fileno())
    return digest


def _again(paper: Paper) -> Question:
    """Return the question of a paper's report, with its day and what was known then."""
    return again(paper.options, paper.as_of, parse_instant(paper.known_at))


def matching(connection: Connection, file: Path) -> Paper | None:
    """Return the paper of a file, byte for byte; None if the file was never issued.

    Raises the errors of `casework.system.files.open_regular`.
    """
    return papers.with_digest(connection, _digest(file))


def _digest(file: Path) -> str:
    """Return the SHA-256 of a file; raises the errors of `open_regular`."""
    digest = sha256()
    with open_regular(file) as held:
        while lot := held.read(SMALL):
            digest.update(lot)
    return digest.hexdigest()


def proved(
    connection: Connection, texts: Iterable[str], issued: Paper | None = None
) -> tuple[Paper, sheet.Sheet]:
    """Return the paper whose sheet has these codes, and their contents.

    The text has one code on each line. `issued` is the expected paper, if known.

    Raises UsageError if the codes cannot be read, and IntegrityFailure if no key of this log signed
    them, the log is another one, no such paper was issued, or it was issued with other claims or
    without codes.
    """
    keys = [
        key
        for origin in all_origins(lookup.register(connection))
        for key in checkpoints.keys_of(connection, origin)
    ]
    codes = (line for text in texts for line in text.split("\n") if line.strip())
    told = sheet.verified(codes, keys)
    checkpoints.refuse_beside(connection, told.size, told.root)
    for one in papers.papers(connection):
        named = (one.full_number, one.issued_on, one.log_size, one.log_root)
        if named == (told.number, told.issued_on, told.size, told.root.hex()):
            _refuse_other(one, told)
            if issued is not None and issued.code != one.code:
                raise IntegrityFailure(
                    "sheet.of-another", number=one.full_number, other=issued.full_number
                )
            return one, told
    raise IntegrityFailure("sheet.no-paper", number=told.number, day=told.issued_on)


def _refuse_other(paper: Paper, told: sheet.Sheet) -> None:
    """Refuse codes that the log's key signed but with which the paper was not issued."""
    if paper.claims_digest != told.mark:
        name = "sheet.uncoded" if paper.claims_digest is None else "sheet.never-issued"
        raise IntegrityFailure(name, number=paper.full_number, day=paper.issued_on)


class Otherwise(NamedTuple):
    """A cell that differs between two issues of a report; in a new row `then` is None.

    `row` is the first cell of its row, or `total`. Both values are JSON values.
    """

    section: str
    row: str
    column: str
    then: Any
    now: Any


def differences(connection: Connection, earlier: Paper, later: Paper) -> Iterator[Otherwise]:
    """Yield the differences between a later and an earlier issue of a report.

    Both are made again, each with its own day and what was known then. Raises RefusedError for
    papers of different reports.
    """
    if earlier.report != later.report:
        raise RefusedError(
            "paper.two-reports",
            first=earlier.full_number,
            second=later.full_number,
            reports=[earlier.report, later.report],
        )
    then, now = (
        dict(_cells(made(one.report, connection, _again(one)))) for one in (earlier, later)
    )
    for place in dict.fromkeys((*then, *now)):
        before, after = then.get(place), now.get(place)
        if before != after:
            yield Otherwise(*place, before, after)


def _cells(report: Report) -> Iterator[tuple[tuple[str, str, str], Any]]:
    """Yield the cells of a report, each with its section, row and column."""
    for section in report.paper("en").sections:
        met: Counter[str] = Counter()
        for row in _rows(section):
            name = str(plain(row[0]))
            met[name] += 1
            # A case may have more than one row, such as one for each time it was given more time.
            called = name if met[name] == 1 else f"{name} ({met[name]})"
            for column, cell in zip(section.columns[1:], row[1:], strict=True):
                yield (section.key, called, column.key), _shown(cell)


def _rows(section: Section) -> Iterator[tuple[Any, ...]]:
    for lot in lots(section.rows):
        yield from lot
    if section.total is not None:
        yield ("total", *section.total[1:])


def _shown(cell: Any) -> Any:
    """Return a cell as JSON: a share as its numerator and denominator."""
    return f"{cell.part}/{cell.whole}" if isinstance(cell, Share) else plain(cell)
