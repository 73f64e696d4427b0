"""How long a session waits before it retries a command, and how often it retries."""

from __future__ import annotations

import time

TRIES = 5
"""How often a command is begun that meets other writers."""

PAUSE = 0.2
LONGEST_PAUSE = 4.0
"""The longest pause of one that met another writer, and of one that lost its server, in seconds."""

FAILOVER = 60.0
"""For how many seconds one of several servers is waited for."""


def after_meeting(met: int) -> float | None:
    """Return the seconds to wait after this many conflicts with another writer; None to give up."""
    from random import uniform

    # By chance, so that two that met do not meet again.
    return uniform(0, PAUSE) if met < TRIES else None  # noqa: S311


def after_losing(away: int, since: float) -> float | None:
    """Return the seconds to wait after a server was lost again; the first loss was at `since`."""
    from random import uniform

    rest = uniform(0.5, 1) * min(PAUSE * 2**away, LONGEST_PAUSE)  # noqa: S311
    return rest if time.monotonic() + rest < since + FAILOVER else None
