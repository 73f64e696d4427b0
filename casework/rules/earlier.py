"""The rules of released versions, by which the events recorded under them are judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_WAITING = (
    *("asked", "reply", "contested", "asked-already", "not-asked", "asked-later"),
    *("contested-already", "not-contested", "ends"),
)
"""The rules on what an owner asks for."""

_VERDICT = ("verdict", "verdict-day")
"""The rules on what a proposer says of a resolution."""

_DEPUTIES = ("law.stands-in", "law.absence")
"""The rules on who stands in for somebody who is away."""

_PAPERS = ("law.number",)
"""The rule on the numbers of issued papers."""

_UNASKED = (
    *("law.circle-again", "law.asked-out"),
    *("law.amends", "law.strikes", "law.strikes-how", "law.document-date"),
    *("law.collective", "law.owner-day", "law.officer"),
    *("late-cause-needed", "late-cause-retired"),
    *("law.asker", "law.otherwise-about", "law.two", "law.created", "law.paper-log"),
)
"""The rules that verification did not ask, and not every way to record an act did."""

EARLIER: Mapping[str, frozenset[str]] = {
    # Of schema 0024, before papers had an office, owners asked for more time, proposers judged
    # resolutions, people had deputies, and numbers were asked to run without a gap.
    "4d7a77a2354d83edccc559f2d2b74697101978fe4a35033a4ad7395edeb3853c": frozenset(
        (*_WAITING, *_VERDICT, *_DEPUTIES, *_PAPERS, *_UNASKED)
    ),
    # Of schema 0027, before proposers judged resolutions, people had deputies, and numbers were
    # asked to run without a gap.
    "33bcde188e25135a0e7c3a2304a4cea30fb63f0f0981f67e71f3d9b622a674a9": frozenset(
        (*_VERDICT, *_DEPUTIES, *_PAPERS, *_UNASKED)
    ),
    # Of schema 0034, when the wording of what is so of every case was part of the digest.
    "863286587acd4c8ed2313752aaa3f3bf772205d7a84c0f5c73a0efe4e8c51a0d": frozenset(_UNASKED),
    # Of version 0.9.0, which verified act by act what it had judged together.
    "52ddcfa38dc3f9ef40050e190559b701c719ef918f1167d746e1260bb471f97f": frozenset(_UNASKED),
}
"""The rules of released versions by digest: the ids of today's rules that they lacked.

An event recorded under them cannot break those rules.
"""
