"""Whether issued papers name the log as it was: its size, and its root at that size."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from casework.log import tree
from casework.rules.lawful import Fault
from casework.store import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casework.kinds.records import Paper
    from casework.store.connections import Connection


def false_roots(
    connection: Connection, papers: Sequence[tuple[int, Paper]]
) -> Iterator[tuple[int, Paper, Fault]]:
    """Yield the papers, each with the number of its event, that name a log there never was.

    Only those in a file: a server takes from any client what a paper says of the log.
    """
    if connection.engine != "sqlite":
        return
    roots = _roots(connection, {paper.log_size for seq, paper in papers if paper.log_size <= seq})
    for seq, paper in papers:
        if roots.get(paper.log_size) != paper.log_root:
            yield seq, paper, Fault("law.paper-log", "log_root", (("size", paper.log_size),))


def _roots(connection: Connection, sizes: set[int]) -> dict[int, str]:
    """Return the roots of the log at some sizes."""
    found, peaks, size, most = dict[int, str](), list[bytes](), 0, max(sizes, default=0)
    with closing(connection.stream(compiled.LEAVES)) as leaves:
        while True:
            if size in sizes:
                found[size] = tree.root_hash(peaks).hex()
            if size >= most or (row := next(leaves, None)) is None:
                return found
            tree.append(peaks, size, bytes(row[0]))
            size += 1
