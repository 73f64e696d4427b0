"""What is said of a case once it is resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.acts.cases import NO_WHY, begun, done
from casework.rules.asked import Given

if TYPE_CHECKING:
    from casework.acts.cases import Why
    from casework.kinds.records import Case
    from casework.ledger.ledger import Desk


def verdict(desk: Desk, ref: str, *, verdict: str, why: Why = NO_WHY) -> Case:
    """Note what the proposer says of the resolution: satisfied, not, or silent.

    The proposer's people say it themselves, the secretariat for them. A later one takes its place;
    a case that is taken up again has none.
    """
    case, day = begun(desk, "verdict", ref, why)
    return done(desk, case, "verdict", why, day, Given(verdict=verdict))
