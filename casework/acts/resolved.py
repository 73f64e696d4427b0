"""The proposer's verdict on a resolved case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.acts.cases import NO_WHY, begun, done
from casework.rules.asked import Given

if TYPE_CHECKING:
    from casework.acts.cases import Why
    from casework.kinds.records import Case
    from casework.ledger.ledger import Desk


def verdict(desk: Desk, ref: str, *, verdict: str, why: Why = NO_WHY) -> Case:
    """Record what the proposer says of the resolution: satisfied, not or silent.

    The proposer's people record it themselves, or the secretariat does. A later verdict replaces
    it, and reopening the case removes it.
    """
    case, day = begun(desk, "verdict", ref, why)
    return done(desk, case, "verdict", why, day, Given(verdict=verdict))
