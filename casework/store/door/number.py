"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 37
DIGEST = "bd50a01e118928d58285d8c5683bcfe3c573fd905c159642ae94e424996c8976"
# [[[end]]]
