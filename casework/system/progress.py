"""Report the progress of long work to whoever listens; without a listener it costs nothing."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Listener = Callable[[str, int, int | None], None]
    """Hears what is done, as a key of `words`, to how many, of how many if that is known.

    Of work that cannot tell how far it has come only its beginning is heard, with 0 done. An empty
    key says that this is over.
    """

T = TypeVar("T")

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard(listener: Listener) -> Iterator[None]:
    """Let somebody hear of all work that is begun in the block."""
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
    """Give what is called with how many are done, of how many; the block's end is the work's."""
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
