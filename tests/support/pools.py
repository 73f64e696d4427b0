"""Connections to a server that tests keep: the next command on the same register uses them again.

A command makes a connection of its own, for which the server starts a process that has everything
to look up and to compile first: ten times the work of the command. What is tested is the command;
that each makes a connection and closes it is tested where commands are processes.
"""

import os
from contextlib import contextmanager
from unittest.mock import patch

import pgserver
import psycopg

from casework.store import addresses, db

_idle = {}
_take, _put_back, _ask = db.Store._take, db.Store._put_back, pgserver.ask


def _taken(store, session):
    """Return a connection that is kept, where one still answers.

    One of several servers, or a standby, is chosen anew each time.
    """
    while not (store.several or store.aged is not None) and _idle.get(store.url.given):
        driver = _idle[store.url.given].pop()
        try:
            driver.execute("SELECT")
        except psycopg.Error:
            driver.close()
        else:
            return driver
    return _take(store, session)


def _kept(store, driver):
    if store.several or store.aged is not None or store.kept is not None:
        _put_back(store, driver)
    else:
        _idle.setdefault(store.url.given, []).append(driver)


def let_go(url=None):
    """Close what is kept of a register, of all on a server by its own database, or of all."""
    for key in [key for key in _idle if url is None or _concerns(url, key)]:
        for driver in _idle.pop(key):
            driver.close()


def _concerns(url, key):
    asked, kept = addresses.server_url(url), addresses.server_url(key)
    if asked.database in {"postgres", kept.database}:
        places = (addresses.connecting(one) for one in (asked, kept))
        one, other = ((place.get("host"), str(place.get("port"))) for place in places)
        return one == other
    return False


def _asked(url, statement):
    """Ask a server past the program: what a session of before knows of it may be wrong then."""
    let_go(url)
    return _ask(url, statement)


def _forget():
    """What a fork shares with its parent is its parent's."""
    for drivers in _idle.values():
        _shared.extend(drivers)
    _idle.clear()


_shared = []
"""Connections of a parent, which its child neither uses nor closes."""


@contextmanager
def kept():
    """Let commands in this process use connections again."""
    os.register_at_fork(after_in_child=_forget)
    with (
        patch.object(db.Store, "_take", _taken),
        patch.object(db.Store, "_put_back", _kept),
        patch.object(pgserver, "ask", _asked),
    ):
        yield
    let_go()
