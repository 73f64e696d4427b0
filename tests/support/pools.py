"""Connections to a server that tests keep: the next command on the same register uses them again.

A command makes a connection of its own, for which the server starts a process that has everything
to look up and to compile first: ten times the work of the command. What is tested is the command;
that each makes a connection and closes it is tested where commands are processes.
"""

import os
from contextlib import contextmanager
from unittest.mock import patch

import pgserver
from sqlalchemy import QueuePool
from sqlalchemy.engine import make_url

from casework.store import db
from casework.system import tracing

_made = {}
_server, _ask = db.Store._server, pgserver.ask


def _kept(store, session):
    """Return the engine of a store's server, which is made once.

    One of several servers, or a standby, is chosen anew each time; and who listens to statements
    listens to an engine of its own.
    """
    if store.several or store.aged is not None or tracing.statements() is not None:
        return _server(store, session)
    key = store.url.render_as_string(hide_password=False)
    if key not in _made:
        with patch("sqlalchemy.NullPool", QueuePool):
            _made[key] = _server(store, session)
        _made[key].pool._pre_ping = True
    return _made[key]


def let_go(url=None):
    """Close what is kept of a register, of all on a server by its own database, or of all."""
    for key in [key for key in _made if url is None or _concerns(url, key)]:
        _made.pop(key).dispose()


def _concerns(url, key):
    asked, kept = make_url(url), make_url(key)
    if asked.database in {"postgres", kept.database}:
        return (asked.host, asked.port) == (kept.host, kept.port)
    return False


def _asked(url, statement):
    """Ask a server past the program: what a session of before knows of it may be wrong then."""
    let_go(url)
    return _ask(url, statement)


def _forget():
    """What a fork shares with its parent is its parent's."""
    for engine in _made.values():
        engine.dispose(close=False)
    _made.clear()


@contextmanager
def kept():
    """Let commands in this process use connections again."""
    os.register_at_fork(after_in_child=_forget)
    with patch.object(db.Store, "_server", _kept), patch.object(pgserver, "ask", _asked):
        yield
    let_go()
