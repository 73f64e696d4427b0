"""Report the progress of long work to whoever listens; without a listener it costs nothing."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Listener = Callable[[str, int, int | None], None]
    """Called with the kind of work, as a key of `words`, how much is done, and the total if known.

    Work that cannot measure its progress is reported once, with 0 done. An empty key means that the
    work is over.
    """

T = TypeVar("T")

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard(listener: Listener) -> Iterator[None]:
    """Report all work that begins in the block to a listener."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def steps(items: Iterable[T], what: str, total: int | None = None) -> Iterable[T]:
    """Yield the items and report progress after each."""
    listener = _listener.get()
    return items if listener is None else _told(items, what, total, listener)


@contextmanager
def under_way(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """Yield a function to call with the amount done and the total, until the block ends."""
    listener = _listener.get()
    if listener is None:
        yield lambda _done, _total: None
        return
    try:
        yield partial(listener, what)
    finally:
        listener("", 0, None)


def _told(items: Iterable[T], what: str, total: int | None, listener: Listener) -> Iterator[T]:
    try:
        for done, item in enumerate(items, start=1):
            yield item
            listener(what, done, total)
    finally:
        listener("", 0, None)
