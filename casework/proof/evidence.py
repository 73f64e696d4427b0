"""Evidence bundles: the log, or the events of some cases, as text files that anybody can check.

A bundle is a folder that includes its verifier (`casework.log.verifier`). It holds events as they
were hashed, the private values they commit to, the RFC 6962 hash of every part of the log that is
not shown, and the signed root to which all of them lead.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_left
from collections import deque
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from textwrap import fill
from typing import TYPE_CHECKING, BinaryIO

from casework.errors import IntegrityFailure, RefusedError, UsageError
from casework.kinds.records import Case, Request
from casework.log import (
    note,
    tree,
    verifier,
    verify_bundle,
    verify_lines,
    verify_page,
    verify_signed,
)
from casework.log.event import COMMITMENT_TAG, canonical, in_clear, parsed
from casework.log.verify import HINT
from casework.proof.naming import Told, naming, requests_on
from casework.questions import audit_log, lookup, reading
from casework.store import compiled
from casework.system import platforms
from casework.system.progress import steps
from casework.system.text import TITLE_LIMIT, clean, fold_code
from casework.words import Kind, Text, quoted, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from casework.log.note import Checkpoint, SigningKey
    from casework.store.connections import Connection, Unseen

PAGE = """\
HỒ SƠ CHỨNG CỨ / EVIDENCE BUNDLE

=== Tiếng Việt ===

{}
=== English ===

{}"""
"""The page that explains a bundle, in both languages."""

WIDTH = 104
"""How many characters a line of it may have, like those of the texts it is made of."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written: the numbers of events, cases and private values.

    Events that only name other records, and what is left out of them, are not counted. `size` and
    `root` are the checkpoint's. `withheld` values were erased from the register; `later` events
    came after the checkpoint and were left out. `proves` is what its verifier says: that it is the
    whole log, that its cases are whole, or that it is a part.
    """

    size: int
    root: str
    events: int
    cases: int
    disclosed: int
    withheld: int
    later: int
    proves: str


@dataclass(frozen=True, slots=True)
class Ground:
    """The basis of bundles: a verified checkpoint of the log, and its tree.

    `key` signs lists of cases; None if the key of the checkpoint is not here.
    """

    connection: Connection
    text: str
    signed: Checkpoint
    earlier: tuple[Checkpoint, ...]
    stretches: Stretches
    key: SigningKey | None


def prepared(
    connection: Connection, checkpoint: str, since: str | None, key: SigningKey | None
) -> Ground:
    """Return the basis of bundles; `checkpoint` and `since` are as in `export`."""
    leaves = audit_log.leaves(connection)
    signed, *earlier = _covered(connection, leaves, checkpoint, since, key)
    if key is not None and signed.by(key.verifier) is None:
        key = None
    return Ground(connection, checkpoint, signed, tuple(earlier), Stretches(leaves), key)


def export(
    connection: Connection,
    refs: Sequence[str],
    inside: Path,
    *,
    checkpoint: str,
    since: str | None = None,
    key: SigningKey | None = None,
) -> Bundle:
    """Write the bundle of these cases, or of the whole log if none is given, into a new folder.

    `checkpoint` is the text of a signed checkpoint of this log, `since` that of an earlier one:
    the bundle then proves that the log grew from there. With the `key` that signed the checkpoint
    a list of where the cases end is signed too; without, later events of them may exist for all
    that the bundle shows. What is withheld on the connection is not disclosed. Raises NotFoundError
    for a case there is none of, RefusedError for events that tell what is withheld in clear,
    UsageError for checkpoints that do not fit, and IntegrityFailure when the log is not what was
    signed.
    """
    ground = prepared(connection, checkpoint, since, key)
    keys = _exact(connection, refs)
    _refuse_clear(connection, keys)
    return bundle(ground, keys, inside)


def bundle(ground: Ground, keys: Sequence[str], inside: Path) -> Bundle:
    """Write one bundle, of cases by exact reference or of the whole log; see `export`."""
    signed = ground.signed
    named = naming(ground.connection, keys, signed.size) if keys else []
    shown, later = _write_events(ground.connection, keys, signed.size, inside, named)
    _refuse_empty(keys, shown.values())
    numbers = sorted([*shown, *(one.seq for one in named)])
    gaps = _gaps(0, signed.size, numbers, [one.size for one in ground.earlier])
    _write(inside / "proofs.jsonl", (_proof(ground.stretches, lo, hi) for lo, hi in gaps))
    _write(inside / "checkpoint.txt", [ground.text.encode()])
    what = "whole"
    if keys:
        what = "cases" if _sign_ends(inside, signed, shown, ground.key) else "part"
    _write(inside / "README.txt", [_page(what).encode()])
    _write(inside / verifier.NAME, [verifier.program().encode()])
    made = _checked(inside, signed, keys, later, ground.key)
    made = replace(made, events=len(shown), withheld=made.withheld - sum(one.left for one in named))
    if made.events <= verify_page.MOST:
        for name, page in verify_page.PAGES.items():
            with synced(inside / name, private=True) as file:
                file.write(page(inside))
    return made


def _page(what: str) -> str:
    """Return the page that explains a bundle, in both languages."""
    files = Text("evidence.readme.cases-file") if what == "cases" else ""
    values = {"files": files, "proved": Text(f"evidence.readme.{what}")}
    form = {
        "tag": COMMITMENT_TAG.decode().strip("\0"),
        "cases": verify_signed.CASES,
        "kinds": _listed(verify_lines.KINDS),
        "acts": _listed(verify_lines.ACTS),
    }
    told = [
        f"{said('evidence.readme', lang, **values)}\n"
        f"{said('evidence.readme.specification', lang, **form)}"
        for lang in ("vi", "en")
    ]
    return PAGE.format(*told)


def _listed(words: Iterable[str]) -> str:
    margin, blank = " " * 4, "\0"
    # An act of several words stays on one line.
    told = ", ".join(one.replace(" ", blank) for one in sorted(words)) + "."
    lines = fill(told, WIDTH, initial_indent=margin, subsequent_indent=margin)
    return lines.replace(blank, " ")


def refuse_unmakeable(
    connection: Connection, refs: Sequence[str], since: str | None, key: SigningKey | None
) -> None:
    """Raise the errors that `export` would raise for its arguments, before anything is signed."""
    if since is not None:
        _held(lookup.register(connection).origin, audit_log.leaves(connection), since, key)
    _refuse_clear(connection, _exact(connection, refs))


def _refuse_clear(connection: Connection, keys: Sequence[str]) -> None:
    """Raise RefusedError for events that contain a withheld text in clear."""
    hides = reading.unseen(connection)
    of_cases = sorted(hides.cases.intersection(keys) if keys else hides.cases)
    subjects = [(Case.kind, ref) for ref in of_cases]
    asked = requests_on(connection, of_cases) if keys else sorted(hides.requests)
    subjects += [(Request.kind, code) for code in asked]
    for kind, key in subjects:
        for body, _ in connection.rows(compiled.EVENTS_OF_RECORD, kind=kind, key=key):
            said = parsed(bytes(body))
            if clear := in_clear(said):
                raise RefusedError(
                    "evidence.in-clear", kind=Kind(kind), key=key, seq=str(said["seq"]), told=clear
                )


def _covered(
    connection: Connection,
    leaves: Sequence[bytes],
    checkpoint: str,
    since: str | None,
    key: SigningKey | None,
) -> list[Checkpoint]:
    """Return the checkpoint, and the earlier one if any, after checking that the log holds them."""
    texts = [text for text in (checkpoint, since) if text is not None]
    origin = lookup.register(connection).origin
    found = [_held(origin, leaves, text, key) for text in texts]
    for one in found:
        if one.size > found[0].size:
            raise UsageError("evidence.newer", size=one.size, bundle=found[0].size)
    return found


def _held(origin: str, leaves: Sequence[bytes], text: str, key: SigningKey | None) -> Checkpoint:
    """Return a checkpoint of this log, after checking that the log holds what it covers.

    A line that claims to be signed by the key must be; without a key it is not checked.
    """
    one = note.parse(text)
    if one.origin != origin:
        raise UsageError("evidence.other-log", origin=one.origin, here=origin)
    if one.size == 0:
        raise UsageError("evidence.covers-none")
    if one.size > len(leaves) or tree.subtree_hash(leaves[: one.size]) != one.root:
        raise IntegrityFailure("evidence.not-held", size=one.size)
    if key is not None:
        one.by(key.verifier)
    return one


def _exact(connection: Connection, refs: Sequence[str]) -> list[str]:
    """Return exact references; raises NotFoundError for the first unknown one."""
    asked = {ref: fold_code(clean(ref, "name.reference", TITLE_LIMIT)) for ref in refs}
    known = dict(connection.rows(compiled.REFS, ref_keys=json.dumps([*asked.values()])))
    return [known.get(key) or lookup.find_any(connection, ref).ref for ref, key in asked.items()]


def _write_events(
    connection: Connection, keys: Sequence[str], size: int, inside: Path, named: Sequence[Told]
) -> tuple[dict[int, str], int]:
    """Write events and their disclosures, and those that name others in their places.

    Returns the numbers of the first, each with its record's key, and how many came later.
    """
    wanted = connection.stream(compiled.EVIDENCE)
    if keys:
        wanted = connection.stream(compiled.EVIDENCE_OF_CASES, refs=json.dumps(list(keys)))
    shown: dict[int, str] = {}
    later = 0
    hides = reading.unseen(connection)
    with (
        synced(inside / "events.jsonl") as events,
        synced(inside / "disclosed.jsonl", private=True) as disclosed,
        closing(wanted) as rows,
    ):
        beside = deque(named)
        for seq, key, body, values in steps(rows, "writing", None if keys else size):
            while beside and beside[0].seq < seq:
                _put(events, disclosed, beside.popleft())
            if seq >= size:
                later += 1
                continue
            shown[seq] = key
            told = bytes(values or b"{}")
            if hides.cases:
                told = _told(bytes(body), told, hides)
            _put(events, disclosed, Told(seq, bytes(body), told))
        for one in beside:
            _put(events, disclosed, one)
    return shown, later


def _put(events: BinaryIO, disclosed: BinaryIO, one: Told) -> None:
    events.write(one.body + b"\n")
    # Both are canonical, and so is what they make: the names are in order.
    disclosed.write(b'{"seq":%d,"values":%s}\n' % (one.seq, one.values))


def _told(body: bytes, values: bytes, hides: Unseen) -> bytes:
    """Return the disclosed values of an event; of a withheld one, only the login."""
    said = parsed(body)
    if said["key"] not in reading.hidden(hides, said["kind"]):
        return values
    return canonical({path: pair for path, pair in parsed(values).items() if path == "login"})


def _refuse_empty(keys: Iterable[str], shown: Iterable[str]) -> None:
    for key in sorted(set(keys).difference(shown)):
        raise UsageError("evidence.case-after", key=key)


def _sign_ends(
    inside: Path, signed: Checkpoint, shown: Mapping[int, str], key: SigningKey | None
) -> bool:
    """Write the signed list of the last event of each case; return whether it could be signed."""
    if key is None:
        return False
    # The numbers come in their order, so that the last one of a case stays.
    text = verify_bundle.list_of_cases(signed, {ref: seq for seq, ref in shown.items()})
    _write(inside / "cases.txt", [f"{text}\n{key.sign(text)}".encode()])
    return True


def _gaps(
    lo: int, hi: int, shown: Sequence[int], places: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Yield the largest subtrees without shown events that do not cross any of the places."""
    first = bisect_left(shown, lo)
    holds = first < len(shown) and shown[first] < hi
    if not holds and not any(lo < place < hi for place in places):
        yield lo, hi
    elif hi - lo > 1:
        # RFC 6962, 2.1: the left part is the largest power of two below the whole.
        middle = lo + (1 << (hi - lo - 1).bit_length() - 1)
        yield from _gaps(lo, middle, shown, places)
        yield from _gaps(middle, hi, shown, places)


class Stretches:
    """Hashes of parts of a log; those of long parts are cached, because many bundles use them."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """Take the hashes of all leaves."""
        self._leaves = leaves
        self._known: dict[tuple[int, int], bytes] = {}

    def hash_of(self, lo: int, hi: int) -> bytes:
        """Return the hash of a subtree of the log (RFC 6962, 2.1)."""
        if hi - lo <= tree.PAGE:
            return tree.subtree_hash(self._leaves[lo:hi])
        if (lo, hi) not in self._known:
            middle = lo + (1 << (hi - lo - 1).bit_length() - 1)
            halves = self.hash_of(lo, middle), self.hash_of(middle, hi)
            self._known[lo, hi] = tree.node_hash(*halves)
        return self._known[lo, hi]


def _proof(stretches: Stretches, lo: int, hi: int) -> bytes:
    digest = stretches.hash_of(lo, hi).hex()
    return canonical({"from": lo, "hash": digest, "to": hi}) + b"\n"


def _checked(
    inside: Path, signed: Checkpoint, keys: Sequence[str], later: int, key: SigningKey | None
) -> Bundle:
    """Return the contents of a written bundle, after its own verifier has accepted it."""
    try:
        _, last, moments, _, values = verify_bundle.check_contents(inside, signed)
        log = key and verify_signed.read_key(str(key.verifier), verify_signed.LOG)
        proves = verify_bundle.proved(inside, signed, log, last, len(moments))
    except OSError:
        raise
    except Exception as error:
        # Whatever the verifier stumbles over must not be handed out as evidence.
        raise IntegrityFailure("evidence.not-signed-log", HINT, error=quoted(error)) from error
    if keys and {key for kind, key in last if kind == Case.kind} != {*keys}:
        # The columns events are found by are not what is hashed.
        raise IntegrityFailure("evidence.other-records", HINT)
    return Bundle(
        size=signed.size,
        root=signed.root.hex(),
        events=len(moments),
        cases=sum(kind == Case.kind for kind, _ in last),
        disclosed=values[0],
        withheld=sum(values[1:]),
        later=later,
        proves=proves.partition(":")[0].casefold(),
    )


@contextmanager
def synced(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Open a new file, private if asked for, which is on the disk when it is closed."""
    if private:
        platforms.make_private(path)
    with path.open("wb" if private else "xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, parts: Iterable[bytes]) -> None:
    with synced(path) as file:
        file.writelines(parts)
