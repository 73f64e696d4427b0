"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 65
DIGEST = "74e462040e4da78ddc294c5dcd7e29ff9d239338c5c0bb7a1007cc3302488710"
# [[[end]]]
